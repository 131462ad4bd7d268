"""Parts of a sum that are parts of each other: broadleaf and coniferous forest under forest."""

from __future__ import annotations

from collections.abc import Sequence

from gep.audit.printed import Interval, total

SHARP = 10
"""That a sum fits is no chance where all that it can be is so many times less than it is."""


def outermost(parts: Sequence[Interval | None]) -> list[int]:
    """The numbers of the parts that are not summed up by one above or below them already.

    From the end on for what stands above its own parts, so that these are what is left of their own; then from the
    start for what stands below. None is a part that is not printed.
    """
    left = list(range(len(parts)))
    for at in reversed(range(len(parts))):
        position = left.index(at) if at in left else -1
        if position >= 0 and (count := _count(parts, at, left[position + 1 :])):
            del left[position + 1 : position + 1 + count]
    position = 0
    while position < len(left):
        if count := _count(parts, left[position], left[:position][::-1]):
            del left[position - count : position]
            position -= count
        position += 1
    return left


def _count(parts: Sequence[Interval | None], whole: int, others: Sequence[int]) -> int:
    """How many of the others, from the nearest on, sum to a whole; 0 for none."""
    wanted = parts[whole]
    if wanted is None or wanted.low <= 0 <= wanted.high:
        return 0
    added: list[Interval] = []
    for other in others:
        part = parts[other]
        if part is None or part.low <= 0:
            return 0
        added.append(part)
        computed = total(added)
        if len(added) > 1 and computed.meets(wanted) and computed.width * SHARP <= abs(wanted.middle):
            return len(added)
        if computed.low > wanted.high:
            return 0
    return 0
