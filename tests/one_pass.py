"""A pass over the same cells by the same plan comes to the same, whatever tables and prices are beside them: a file of
tests about these need not wait for it each time.

A file asks for it by `pytestmark = pytest.mark.usefixtures("one_pass")`; the fixture is in `conftest.py`. What is
asserted of passes themselves (of threads, windows, workers, two runs that must agree) is not asserted there.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gep.account import consequence
from gep.engine.run import run
from gep.engine.sums import Sums
from gep.plan.plan import GridPlan
from gep.study import computed, study

CALLERS = (study, computed, consequence)
"""Who asks for passes."""

KEPT = 32
"""Passes that are remembered: of the sample city each has some megabytes."""

_known: OrderedDict[bytes, Sums] = OrderedDict()


def content(path: Path) -> list[tuple[str, bytes]]:
    """What a file holds, or a folder, wherever it lies."""
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return [(file.relative_to(path.parent).as_posix(), hashlib.blake2b(file.read_bytes()).digest()) for file in files]


class _OfContent(pickle.Pickler):
    """Writes down what files hold in place of where they lie."""

    def reducer_override(self, obj: Any) -> Any:
        return (content, (content(obj),)) if isinstance(obj, Path) and obj.exists() else NotImplemented


def key(plan: GridPlan, options: dict[str, Any]) -> bytes:
    """All that a pass depends on."""
    written = io.BytesIO()
    _OfContent(written).dump((plan, options))
    return hashlib.blake2b(written.getbuffer()).digest()


def run_once(plan: GridPlan, *, progress: Callable[..., object] | None = None, **options: Any) -> Sums:
    """`gep.engine.run.run`; of what was summed before, without being computed again, to the same bits."""
    if progress or options.get("client") or options.get("kept"):
        return run(plan, progress=progress, **options)
    of = key(plan, options)
    if of not in _known:
        _known[of] = run(plan, **options)
        for array in _known[of].arrays():
            array.flags.writeable = False
        while len(_known) > KEPT:
            _known.popitem(last=False)
    _known.move_to_end(of)
    return _known[of]
