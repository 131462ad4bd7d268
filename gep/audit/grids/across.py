"""The same thing in two tables: totals that both print, two decompositions of one total, and what it changed by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from gep.audit.figures import Figure
from gep.audit.findings import Check, Comparison, shown, untold
from gep.audit.grids.grid import Grid, Line
from gep.audit.grids.totals import adds_up
from gep.audit.printed import Interval, total
from gep.core.messages import say

_LISTED = 12
Key = tuple[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]]
"""A time, and the kind of unit."""


@dataclass(frozen=True)
class _Whole:
    """What a table has altogether at a time: the total that it prints, else the sum of its parts."""

    grid: Grid
    place: tuple[int, int]
    interval: Interval
    figures: tuple[Figure, ...]
    over: str
    """Of what it is the total: services, ecosystems."""
    is_printed: bool

    @property
    def formula(self) -> str:
        """Its parts as a sum; a printed total with its place."""
        if self.is_printed:
            return say("audit.twice.elsewhere", figure=str(self.figures[0]), place=self.figures[0].place)
        texts = [figure.printed.text for figure in self.figures]
        return " + ".join(texts[:_LISTED]) + (" + …" if len(texts) > _LISTED else "")


def across_checks(grids: Sequence[Grid]) -> Iterator[Check]:
    """Totals of one account that two of its tables give, by year, and their difference where a matrix prints it."""
    by_account: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids:
        by_account[grid.account].append(grid)
    for mine in by_account.values():
        wholes = [_wholes(grid) for grid in mine]
        for first, second in combinations(wholes, 2):
            yield from _printed_twice(first, second)
            yield from _decomposed(first, second)
        for grid in mine:
            yield from _gained(grid, wholes)


def _printed_twice(first: Mapping[Key, _Whole], second: Mapping[Key, _Whole]) -> Iterator[Check]:
    """Where most years agree, one that does not fails. Tables that share no figure may be of different places."""
    pairs = [(first[key], second[key]) for key in first if key in second]
    pairs = [(a, b) for a, b in pairs if a.is_printed and b.is_printed]
    compared = [_twice(a, b) for a, b in pairs]
    held = sum(comparison.holds for comparison in compared)
    for (a, b), comparison in zip(pairs, compared, strict=True):
        if comparison.holds or (len(compared) > 1 and held * 2 >= len(compared)):
            yield comparison.check()
        elif held or (len(compared) == 1 and a.over != b.over and _time(a)):
            yield comparison.check(verdict="cannot_tell", why=say("audit.across.other_scope"))


def _time(whole: _Whole) -> tuple[str, ...]:
    return whole.grid.times(*whole.place)


def _twice(a: _Whole, b: _Whole) -> Comparison:
    """A printed total beside what another table gives for it."""
    row, figure = b.grid.address(*b.place), b.figures[0]
    return Comparison("twice", row, figure, a.interval, a.figures, a.formula, say("audit.twice.what"))


def _decomposed(first: Mapping[Key, _Whole], second: Mapping[Key, _Whole]) -> Iterator[Check]:
    """Two decompositions of one total, one of them at least without the total itself."""
    pairs = [(first[key], second[key]) for key in first if key in second and key[0]]
    pairs = [(a, b) for a, b in pairs if a.over != b.over and not (a.is_printed and b.is_printed)]
    held = [a.interval.meets(b.interval) for a, b in pairs]
    if not any(held):
        pairs, held = pairs[:1], held[:1]  # tables that never agree are told once
    for (a, b), is_same in zip(pairs, held, strict=True):
        if a.is_printed:
            a, b = b, a
        if b.is_printed and (is_same or sum(held) * 2 >= len(held) > 1):
            yield _twice(a, b).check()
        elif is_same:
            figures = (*a.figures, *b.figures)
            cells = tuple(figure.place for figure in figures)
            yield Check("cross_table", "holds", a.grid.address(*a.place).label(), cells, f"{a.formula} = {b.formula}")
        else:
            yield _differing(a, b)


def _differing(a: _Whole, b: _Whole) -> Check:
    """Two sums that differ, of which nothing says that they are of the same place."""
    unit = a.figures[0]
    why = say(
        "audit.across.decompositions",
        table=a.grid.table,
        first=f"{shown(a.interval, unit)} {unit.unit.text}".strip(),
        count=len(a.figures),
        other=b.grid.table,
        second=f"{shown(b.interval, unit)} {unit.unit.text}".strip(),
        count_of_other=len(b.figures),
    )
    whole = a.grid.whole(_time(a))
    return untold("cross_table", whole, (*a.figures, *b.figures), f"{a.formula} ≠ {b.formula}", why)


def _gained(matrix: Grid, wholes: Sequence[Mapping[Key, _Whole]]) -> Iterator[Check]:
    """All that a matrix from × to gains and loses is the change of the total that another table prints."""
    grand = _grand_total(matrix) if matrix.is_transition else None
    if grand is None or not matrix.figures[grand].unit.currency:
        return
    compared = list(filter(None, (_change(matrix, grand, each) for each in wholes)))
    holding = next((comparison for comparison in compared if comparison.holds), None)
    if holding is not None:
        yield holding.check()
    elif compared:
        yield compared[0].check(verdict="cannot_tell", why=say("audit.across.other_scope"))


def _change(matrix: Grid, grand: tuple[int, int], wholes: Mapping[Key, _Whole]) -> Comparison | None:
    """The last total of another table less its first, of the years of the matrix where it says them."""
    figure, period = matrix.figures[grand], matrix.times(*grand)
    ends = [
        wholes[key].figures[0]
        for key in sorted(key for key in wholes if len(key[0]) == 1 and (len(period) < 2 or key[0][0] in period))
        if wholes[key].is_printed and key[1] == figure.unit.kind
    ]
    if len(ends) < 2:
        return None
    first, last = ends[0], ends[-1]
    formula, what = f"{last.printed.text} - {first.printed.text}", say("audit.growth.what")
    return Comparison(
        "growth", matrix.address(*grand), figure, last.interval - first.interval, (first, last), formula, what
    )


def _is_of_all(line: Line) -> bool:
    return all(name.total or not name.text for name in line.names)


def _grand_total(grid: Grid) -> tuple[int, int] | None:
    """The cell of the total of all rows and all columns."""
    return next(
        (
            (row, column)
            for row, column, _ in grid.cells_read()
            if grid.rows[row].total == grid.columns[column].total == "total"
        ),
        None,
    )


def _wholes(grid: Grid) -> dict[Key, _Whole]:
    """By time and kind of unit, all the money that a table has together."""
    found: dict[Key, _Whole] = {}
    parts: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    if grid.is_transition:
        return {}
    for row, column, figure in grid.cells_read():
        place = (row, column)
        if place in grid.spans or not adds_up(grid, place, figure) or grid.role(*place) or not figure.unit.currency:
            continue
        line, across = grid.rows[row], grid.columns[column]
        key = (grid.times(row, column), figure.unit.kind)
        is_total = bool(line.total or across.total)
        if is_total and line.names and _is_of_all(line) and _is_of_all(across):
            found.setdefault(key, _Whole(grid, place, figure.interval, (figure,), _over(grid, place), True))
        elif not is_total:
            parts[key].append(place)
    if any(line.total for line in (*grid.rows, *grid.columns)):
        return found
    for key, places in parts.items():
        if len(places) > 1:
            figures = tuple(grid.figures[place] for place in places)
            whole = total([figure.interval for figure in figures])
            found[key] = _Whole(grid, places[0], whole, figures, _over(grid, places[0]), False)
    return found


def _over(grid: Grid, place: tuple[int, int]) -> str:
    """Of what the lines of a cell are names: services, ecosystems."""
    names = (*grid.rows[place[0]].names[-1:], *grid.columns[place[1]].names[-1:])
    return next((name.kind for name in names if name.kind), "")
