"""Which loop adds the cells up, and compiled ones kept on disk."""

from __future__ import annotations

import hashlib
import importlib.util
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gep.core.errors import UsageError
from gep.core.messages import say
from gep.plan.plan import GridPlan

CACHE = "GEP_CACHE"
"""The environment variable that names the folder for compiled loops."""

WORTHWHILE = 2**22
"""Cells of a grid from which a compiled loop is used by itself: what it saves there pays for loading it."""

LOOP = "compiled"
"""What an account that it added up is marked with."""

Loop = Literal["auto", "numpy", "compiled"]
LOOPS: tuple[Loop, ...] = ("auto", "numpy", "compiled")


def choose_loop(plan: GridPlan, loop: Loop = "auto") -> GridPlan:
    """The plan for the compiled loop, or for numpy. Raises UsageError where numba is asked for and not installed."""
    if loop not in LOOPS:
        raise UsageError(say("engine.bad_loop", given=loop, loops=LOOPS))
    is_there = importlib.util.find_spec("numba") is not None
    if loop == "compiled" and not is_there:
        raise UsageError(say("engine.no_numba"))
    is_large = math.prod(plan.grid.shape) >= WORTHWHILE
    return replace(plan, is_compiled=loop == "compiled" or (loop == "auto" and is_there and is_large))


@lru_cache(maxsize=64)
def module_of(source: str) -> ModuleType:
    """The module of a loop, from a file beside which numba keeps what it compiled."""
    name = f"gep_loop_{hashlib.sha256(source.encode()).hexdigest()[:20]}"
    path = _folder() / f"{name}.py"
    if not path.exists() or path.read_text() != source:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        fresh.write_text(source)
        fresh.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class CompiledLoop:
    """A compiled loop that only reads what it is given."""

    def __init__(self, source: str) -> None:
        self._loop = module_of(source).loop
        self._known: dict[tuple[object, ...], Callable[..., None]] = {}

    def __call__(self, given: Sequence[Any], lying: Sequence[NDArray[Any]], made: Sequence[NDArray[Any]]) -> None:
        """With what it is `given`, arrays that are `lying` anyhow in memory, and those that it adds to."""
        key = tuple((of.dtype, of.ndim) if isinstance(of, np.ndarray) else type(of) for of in (*given, *lying, *made))
        if key not in self._known:
            self._known[key] = self._compiled(given, lying, made)
        assert all(of.flags.c_contiguous for of in (*given, *made) if isinstance(of, np.ndarray))
        self._known[key](*given, *lying, *made)

    def _compiled(
        self, given: Sequence[Any], lying: Sequence[NDArray[Any]], made: Sequence[NDArray[Any]]
    ) -> Callable[..., None]:
        """Compiled once, or taken from the disk, wherever arrays are cut from and whether or not they may be written
        to.
        """
        import numba

        kind_of: Callable[[Any], Any] = numba.typeof
        read = [of.copy(readonly=True) if isinstance(of, numba.types.Array) else of for of in map(kind_of, given)]
        read += [kind_of(array).copy(readonly=True, layout="A") for array in lying]
        signature = (*read, *map(kind_of, made))
        self._loop.compile(signature)
        compiled: Callable[..., None] = self._loop.get_overload(signature)
        return compiled


def _folder() -> Path:
    """Where compiled loops are kept: what the variable names, else the user's cache, else a folder of this process."""
    given = os.environ.get(CACHE)
    home = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gep"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="gep-loops-"))
    return home if os.access(home, os.W_OK) else Path(tempfile.mkdtemp(prefix="gep-loops-"))
