"""What a check is: a question asked of the objects of one room, whose answers are problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gep.core.errors import Problem


@dataclass(frozen=True)
class Check:
    """A function that looks at the objects of its room, and the codes of the problems that it may find.

    The function is small, changes nothing, and returns what it found; rooms list their checks, and `gep.study.checks`
    gathers the lists.
    """

    find: Callable[..., Iterable[Problem]]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Work:
    """A function that opens, plans or computes something, and the codes of the problems that it may find on the way."""

    find: Callable[..., object]
    codes: tuple[str, ...]
