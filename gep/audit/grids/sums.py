"""Sums within a grid: every total against its parts, and figures that are merged over several lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from gep.audit.figures import Figure, Row
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid
from gep.audit.grids.totals import AXES, Candidate, View, parts_named, readings_of
from gep.audit.grids.trees import relations_of
from gep.audit.grids.unsaid import inferred, nested
from gep.audit.nesting import outermost
from gep.audit.printed import total
from gep.core.messages import say

_HALF, _OF_BLANKS = Fraction(1, 2), Fraction(3, 4)
"""Lists of a table are whole where so many of them add up; more where blanks may stand for what is not known."""


def sum_checks(grid: Grid) -> Iterator[Check]:
    """Every total of a grid against its parts."""
    candidates: list[list[Candidate]] = []
    for axis in AXES:
        view = View(grid, axis)
        relations = [*relations_of(view.lines), *inferred(view)]
        relations += nested(view, relations)
        for relation in relations:
            for across in range(len(view.across)):
                if readings := readings_of(view, relation, across):
                    candidates.append(readings)
        yield from _merged(view) if axis == "rows" else ()
    yield from _judged(candidates)


def _judged(candidates: Sequence[list[Candidate]]) -> Iterator[Check]:
    """A total holds if it does under one reading. It fails if it fails under all that are left: those that most of the
    lines across keep, else all.
    """
    held: dict[tuple[object, ...], list[bool]] = defaultdict(list)
    kept: dict[tuple[object, ...], dict[tuple[int, ...], list[bool]]] = defaultdict(lambda: defaultdict(list))
    for readings in candidates:
        first = readings[0]
        make = first.make
        held[make].append(any(reading.comparison.holds for reading in readings))
        for reading in readings:
            kept[first.view.axis, first.relation.total][reading.parts].append(reading.comparison.holds)
    nested_ways: dict[tuple[object, ...], dict[tuple[int, ...], None]] = defaultdict(dict)
    for readings in candidates:
        for each in (way for reading in readings for way in _without_nested(reading)):
            nested_ways[each.view.axis, each.relation.total][each.parts] = None
    for readings in candidates:
        first = readings[0]
        make = first.make
        holding = next((reading for reading in readings if reading.comparison.holds), None)
        if holding is not None:
            yield holding.comparison.check()
            continue
        of_total = kept[first.view.axis, first.relation.total]
        left = [r for r in readings if sum(of_total[r.parts]) * 2 >= len(of_total[r.parts]) > 1] or readings
        nearest = min(left, key=lambda reading: abs(reading.comparison.units_off))
        share = _OF_BLANKS if make[-1] else _HALF
        is_whole = len(held[make]) > 1 and sum(held[make]) >= len(held[make]) * share
        if nearest.has_unread:
            yield nearest.comparison.check(verdict="cannot_tell", why=say("audit.sum.unread"))
        elif first.is_open and not is_whole:
            continue
        elif not is_whole and (outer := _outer(nearest, nested_ways[first.view.axis, first.relation.total])):
            if found := next((each for each in outer if each.comparison.holds), None):
                yield found.comparison.check()
            else:
                yield outer[0].comparison.check(verdict="cannot_tell", why=say("audit.sum.nested"))
        elif is_whole or not nearest.is_short or nearest.lacks_next_to_nothing or _is_of_land(nearest):
            yield nearest.comparison.check()
        else:
            yield nearest.comparison.check(
                verdict="cannot_tell", why=say("audit.sum.lacking", parts=say("audit.parts.lines"))
            )


def _is_of_land(candidate: Candidate) -> bool:
    """Whether it says how land is divided up: such a table has all of it."""
    return len(candidate.figures) >= 3 and candidate.total.unit.kind == (("m^2",), ())


def _outer(candidate: Candidate, ways: Iterable[tuple[int, ...]]) -> list[Candidate]:
    """A total of what is left without nested lines, in each way that a line across shows."""
    return [replace(candidate, parts=way) for way in ways if set(way) < set(candidate.parts)]


def _without_nested(candidate: Candidate) -> list[Candidate]:
    """The parts without those that a neighbour sums up already, in each way to see them so."""
    figures = [candidate.view.figure(part, candidate.across) for part in candidate.parts]
    ways = outermost([figure.interval if figure else None for figure in figures])
    return [replace(candidate, parts=tuple(candidate.parts[number] for number in way)) for way in ways]


# figures merged over several lines ------------------------------------------------------------------------------------


def _merged(view: View) -> Iterator[Check]:
    """A figure that is merged over several rows is their total in the column of the same heading; the merged figures
    and those beside totals add up too.
    """
    grid = view.grid
    for column in sorted({column for _, column in grid.spans}):
        twin = next(
            (
                number
                for number, line in enumerate(grid.columns)
                if number != column
                and (line.series, line.unit) == (grid.columns[column].series, grid.columns[column].unit)
            ),
            None,
        )
        groups: list[Figure] = []
        for row in range(len(grid.rows)):
            figure = grid.figures.get((row, column))
            if figure is None:
                continue
            span = grid.spans.get((row, column), 1)
            if not span:
                continue  # it stands in the first row of its group
            is_total = bool(grid.rows[row].total)
            parts = (
                [grid.figures[at] for r in range(row, row + span) if (at := (r, twin)) in grid.figures]
                if twin is not None
                else []
            )
            address = grid.address(row, column)
            if is_total:
                if len(groups) > 1:
                    yield _sum(address, figure, groups, "category")
                if parts:
                    yield _sum(address, figure, parts, "name")
                continue
            groups.append(figure)
            if parts:
                yield _sum(address, figure, parts, "service")


def _sum(address: Row, figure: Figure, parts: Sequence[Figure], kind: str) -> Check:
    shown = " + ".join(part.printed.text for part in parts)
    computed = total([part.interval for part in parts])
    return Comparison("sum", address, figure, computed, tuple(parts), shown, parts_named(len(parts), kind)).check()
