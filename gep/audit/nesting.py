"""Parts of a sum that are parts of each other: broadleaf and coniferous forest under forest."""

from __future__ import annotations

from collections.abc import Sequence

from gep.audit.printed import Interval, total

SHARP = 10
"""That a sum fits is no chance where all that it can be is so many times less than it is."""


def outermost(parts: Sequence[Interval | None]) -> list[list[int]]:
    """The parts that are not summed up by a neighbour already, by their numbers: each way to see them so; empty where
    none is. None is a part that is not printed.

    Whether one part is the sum of the next two can be chance. From the start on, the first that fits is taken; from the
    end on, what stands above its own parts finds what is left of those, so that parts may have parts.
    """
    every = list(range(len(parts)))
    ways = [_without_parts(parts, every), _without_parts(parts, every[::-1])]
    return [way for number, way in enumerate(ways) if len(way) < len(parts) and way not in ways[:number]]


def _without_parts(parts: Sequence[Interval | None], order: Sequence[int]) -> list[int]:
    left = sorted(order)
    for whole in order:
        if whole not in left:
            continue
        at = left.index(whole)
        if count := _count(parts, whole, left[at + 1 :]):
            del left[at + 1 : at + 1 + count]
        elif count := _count(parts, whole, left[:at][::-1]):
            del left[at - count : at]
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
