"""How wide texts are where a Chinese letter takes two columns, and where their lines break."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=65_536)  # tables measure the same words many times
def width(text: str) -> int:
    """Columns that the longest line of a text takes; a Chinese letter takes two."""
    return max(sum(2 if is_wide(letter) else 1 for letter in line) for line in text.split("\n"))


def is_wide(letter: str) -> bool:
    """Whether a letter takes two columns."""
    return unicodedata.east_asian_width(letter) in "WF"


def lines(text: str, columns: int) -> list[str]:
    """A text in lines of at most so many columns, broken at spaces and between Chinese letters."""
    found = []
    for line in text.split("\n"):
        rest = line
        while width(rest) > columns:
            at = _break(rest, columns)
            found.append(rest[:at].rstrip())
            rest = rest[at:].lstrip()
        found.append(rest)
    return found


_CLOSING = "，。、；：）”》！？,.;:)]"


def _break(text: str, columns: int) -> int:
    """Where a line ends: behind the last space or Chinese letter that fits."""
    taken = best = 0
    for at, letter in enumerate(text):
        taken += 2 if is_wide(letter) else 1
        if taken > columns:
            return at if letter == " " else best or max(at, 1)
        follows = text[at + 1] if at + 1 < len(text) else ""
        if letter == " " or (is_wide(letter) and follows not in _CLOSING):
            best = at + 1
    return len(text)
