"""For scripts that kill runs: an interpreter that has loaded all that a run needs and opened nothing, to fork from."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable


def preloaded(run: Callable[[], object]) -> float:
    """Load what a run loads, which is done by a child and seen from it; how long the second one took, in seconds.

    What is loaded stays as it is: children that went through it for garbage would copy all of it.
    """
    given, told = os.pipe()
    if os.fork() == 0:
        run()
        began = time.perf_counter()
        run()
        found = {"lasts": time.perf_counter() - began, "modules": [name for name in sys.modules if name != "__main__"]}
        with os.fdopen(told, "w") as out:
            json.dump(found, out)
        os._exit(0)
    os.close(told)
    with os.fdopen(given) as answer:
        found = json.load(answer)
    os.wait()
    for name in found["modules"]:
        with contextlib.suppress(ImportError):  # of names that compiled modules make up
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    return float(found["lasts"])
