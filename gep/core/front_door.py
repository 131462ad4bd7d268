"""What a lower room asks of a higher one, through the front door: a public name of `gep`, which it must not import.

An account is written as a report on request (`account.report`), and the report knows the account. The front door
(`gep/__init__`) alone knows all rooms: it says once how its names are found, and a room below may ask it for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_finders: list[Callable[[str], Any]] = []


def open_door(find: Callable[[str], Any]) -> None:
    """Let rooms ask for public names. `find` gives what a name stands for."""
    _finders[:] = [find]


def public(name: str) -> Any:
    """What a public name stands for."""
    return _finders[0](name)
