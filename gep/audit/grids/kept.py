"""Identities that no word says and that a table keeps: retained = potential - actual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations

from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid
from gep.audit.grids.unsaid import FEWEST_LINES, SHARE_OF_LINES
from gep.audit.nesting import SHARP
from gep.core.messages import say

_MOST_COLUMNS = 8


def kept_checks(grid: Grid) -> Iterator[Check]:
    """A column that is the difference or the sum of two others in most rows: retained = potential - actual."""
    if grid.is_transition or any(line.total for line in grid.columns) or len(grid.rows) < FEWEST_LINES:
        return
    families: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for column, line in enumerate(grid.columns):
        if line.role or len(line.times) > 1 or not line.names:
            continue
        units = {grid.figures[at].unit.text for r in range(len(grid.rows)) if (at := (r, column)) in grid.figures}
        if len(units) == 1:
            families[line.times, units.pop()].append(column)
    for columns in families.values():
        if not 3 <= len(columns) <= _MOST_COLUMNS:
            continue
        done: set[frozenset[int]] = set()
        for a, b, c in permutations(columns, 3):
            if b > c or frozenset((a, b, c)) in done:
                continue
            rows = [r for r in range(len(grid.rows)) if all((r, x) in grid.figures for x in (a, b, c))]
            found = [_line_sum(grid, r, a, b, c) for r in rows]
            held = [each for each in found if each.holds and each.computed.width * SHARP <= abs(each.computed.middle)]
            trivial = sum(any(f.printed.value == 0 for f in each.parts) for each in found)
            if len(held) >= FEWEST_LINES and len(held) >= len(found) * SHARE_OF_LINES and trivial * 2 < len(found):
                done.add(frozenset((a, b, c)))
                yield from (each.check() for each in found)


def _line_sum(grid: Grid, row: int, whole: int, first: int, second: int) -> Comparison:
    figure, a, b = (grid.figures[row, column] for column in (whole, first, second))
    what = say("audit.sum.columns", first=grid.columns[first].label, second=grid.columns[second].label)
    computed = a.interval + b.interval
    return Comparison(
        "sum", grid.address(row, whole), figure, computed, (a, b), f"{a.printed.text} + {b.printed.text}", what
    )
