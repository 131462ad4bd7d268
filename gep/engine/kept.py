"""What is finished of a pass that is under way, in a file, so that another process can go on where one was killed.

The file begins with a line that says of what inputs, what project and which gep the sums are, and has the hash of the
rest. It is written anew from time to time, and takes its place whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from gep.core.errors import UsageError
from gep.core.folders import atomic_file
from gep.core.messages import Text, listed, say
from gep.engine.gathered import Gathered

SCHEMA = 2

EVERY = 10.0
"""Seconds from one time to the next."""
SHARE = 20
"""So many times as long as it took to write the file the next one waits, that a pass is not slower for it."""

Identity = Mapping[str, str]
"""What a result depends on, each part by a hash of it."""


class Kept:
    """The file of a pass; without `resume` what is there is forgotten.

    `identity` gives nothing as long as it is not known: as long nothing is kept. `named` says what a part of it is.
    """

    def __init__(
        self, path: Path, identity: Callable[[bool], Identity | None], named: Callable[[str], Text], *, resume: bool
    ) -> None:
        self._path, self._identity, self._named, self._resume = path, identity, named, resume
        self._next = monotonic() + EVERY

    def load(self) -> Gathered | None:
        """What an earlier pass came to, if there is one. Raises UsageError for one of other inputs, another
        project or another gep, and for a file that is damaged.
        """
        if not self._resume or not self._path.is_file():
            self.forget()
            return None
        with self._path.open("rb") as file:
            line, content = file.readline(), file.read()
        try:
            header = json.loads(line)
            then: Identity = dict(header["identity"])
            is_whole = header["schema"] == SCHEMA and header["sha256"] == hashlib.sha256(content).hexdigest()
        except (ValueError, KeyError, TypeError):
            is_whole = False
        if not is_whole:
            raise UsageError(say("engine.kept_damaged", path=self._path))
        now = self._identity(True)
        assert now is not None, "it was waited for"
        if changed := [name for name in {**then, **now} if then.get(name) != now.get(name)]:
            what = listed(dict.fromkeys(self._named(name) for name in changed))
            raise UsageError(say("engine.kept_of_other_run", path=self._path, what=what))
        found: Gathered = _Sums(io.BytesIO(content)).load()
        return found

    def keep(self, gathered: Gathered) -> None:
        """Write what there is, where it is time."""
        started = monotonic()
        identity = self._identity(False) if started >= self._next else None
        if identity is None:
            return
        content = pickle.dumps(gathered, protocol=5)
        header = {"schema": SCHEMA, "identity": dict(identity), "sha256": hashlib.sha256(content).hexdigest()}
        try:
            with atomic_file(self._path) as fresh, fresh.open("wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._next = math.inf  # a disk that takes no more: the pass itself does not need the file
            return
        ended = monotonic()
        self._next = ended + max(EVERY, SHARE * (ended - started))

    def forget(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


class _Sums(pickle.Unpickler):
    """Reads sums, and makes nothing else of a file that may come from anyone."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _MADE_OF:
            raise UsageError(say("engine.kept_damaged", path=f"{module}.{name}"))
        return super().find_class(module, name)


_MADE_OF = {
    ("gep.engine.gathered", "Gathered"),
    ("gep.engine.exact", "ExactTable"),
    ("gep.engine.sample", "CellSample"),
    ("gep.inputs.grids.grid", "Square"),
    ("gep.inputs.grids.patches", "SquarePatches"),
    ("gep.plan.plan", "FlowKey"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
}
"""The classes that sums consist of, and what numpy makes its arrays by."""
