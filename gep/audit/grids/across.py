"""The same thing in two tables: totals that both print, and two decompositions of one total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gep.audit.figures import Figure
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid
from gep.audit.grids.totals import adds_up
from gep.audit.printed import Interval, total
from gep.core.messages import say


@dataclass(frozen=True)
class _Whole:
    """What a table has altogether at a time: the total that it prints, else the sum of its parts."""

    grid: Grid
    place: tuple[int, int]
    interval: Interval
    figures: tuple[Figure, ...]
    over: str
    is_printed: bool


def across_checks(grids: Sequence[Grid]) -> Iterator[Check]:
    """Totals of one account that two of its tables print, by year; where none is printed, that two sums differ."""
    by_account: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids:
        by_account[grid.account].append(grid)
    for mine in by_account.values():
        for number, grid in enumerate(mine):
            for other in mine[number + 1 :]:
                yield from _between(grid, other)


def _between(grid: Grid, other: Grid) -> Iterator[Check]:
    first, second = _wholes(grid), _wholes(other)
    common = [key for key in first if key in second and key[0]]
    pairs = [(first[key], second[key]) for key in common]
    printed = [(a, b) for a, b in pairs if a.is_printed and b.is_printed]
    comparisons = [_twice(a, b) for a, b in printed]
    held = sum(comparison.holds for comparison in comparisons)
    for comparison in comparisons:
        if comparison.holds or (held * 2 >= len(comparisons) and len(comparisons) > 1):
            yield comparison.check()
        elif held or len(comparisons) == 1:
            yield comparison.check(verdict="cannot_tell", why=say("audit.across.other_scope"))
    summed = [(a, b) for a, b in pairs if not (a.is_printed and b.is_printed) and a.over != b.over]
    if summed and grid.table != other.table and not any(a.interval.meets(b.interval) for a, b in summed):
        a, b = summed[0]
        yield _twice(a, b).check(verdict="cannot_tell", why=say("audit.across.decompositions", table=other.table))
    elif summed and all(a.interval.meets(b.interval) for a, b in summed):
        yield from (_twice(a, b).check() for a, b in summed)


def _twice(a: _Whole, b: _Whole) -> Comparison:
    row = b.grid.address(*b.place)
    figure = b.figures[0] if b.is_printed else a.figures[0] if a.is_printed else None
    if figure is None:
        figure = a.figures[0]
        formula = " + ".join(part.printed.text for part in a.figures[:12])
        return Comparison(
            "cross_table",
            a.grid.address(*a.place),
            figure,
            b.interval,
            (*a.figures, *b.figures),
            formula,
            say("audit.across.sums"),
        )
    against = a if b.is_printed else b
    formula = say("audit.twice.elsewhere", figure=str(against.figures[0]), place=against.figures[0].place)
    return Comparison("twice", row, figure, against.interval, against.figures, formula, say("audit.twice.what"))


def _wholes(grid: Grid) -> dict[tuple[object, ...], _Whole]:
    """By time, kind of unit and role, all that a table has together."""
    found: dict[tuple[object, ...], _Whole] = {}
    parts: dict[tuple[object, ...], list[tuple[tuple[int, int], Figure]]] = defaultdict(list)
    if grid.is_transition:
        return {}
    for row, column, figure in grid.cells_read():
        place = (row, column)
        if place in grid.spans or not adds_up(grid, place, figure) or grid.role(*place) or not figure.unit.currency:
            continue
        line, across = grid.rows[row], grid.columns[column]
        key: tuple[object, ...] = (grid.times(row, column), figure.unit.kind)
        over = next((name.kind for name in (*line.names[-1:], *across.names[-1:]) if name.kind), "")
        is_row_total = all(name.total or not name.text for name in line.names) and bool(line.names)
        is_column_total = all(name.total or not name.text for name in across.names)
        if is_row_total and is_column_total and (line.total or across.total):
            found.setdefault(key, _Whole(grid, place, figure.interval, (figure,), over, True))
        elif not line.total and not across.total:
            parts[key].append((place, figure))
    for key, members in parts.items():
        if key not in found and len(members) > 1 and not any(line.total for line in (*grid.rows, *grid.columns)):
            figures = tuple(figure for _, figure in members)
            first = members[0][0]
            names = (*grid.rows[first[0]].names[-1:], *grid.columns[first[1]].names[-1:])
            over = next((name.kind for name in names if name.kind), "")
            found[key] = _Whole(grid, first, total([figure.interval for figure in figures]), figures, over, False)
    return found
