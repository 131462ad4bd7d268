"""Sums within a grid: totals against their parts by words, totals that only arithmetic shows, nested lines, means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from gep.audit.figures import Figure
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid, Line
from gep.audit.grids.trees import Relation, relations_of
from gep.audit.printed import Interval, total
from gep.core.messages import say

Axis = Literal["rows", "columns"]
AXES: tuple[Axis, ...] = ("rows", "columns")
_LISTED = 12
_SMALL_SHORTFALL = Fraction(1, 20)
FEWEST_LINES, SHARE_OF_LINES = 3, Fraction(3, 5)
"""An identity that no word says is taken as meant where it holds in so many lines, and so much of them."""
_SHARP = 10
_HALF, _OF_BLANKS = Fraction(1, 2), Fraction(3, 4)
"""Lists of a table are whole where so many of them add up; more where blanks may stand for what is not known."""


@dataclass(frozen=True)
class View:
    """A grid seen along one axis: lines that add up, and lines across."""

    grid: Grid
    axis: Axis

    @property
    def lines(self) -> list[Line]:
        return self.grid.rows if self.axis == "rows" else self.grid.columns

    @property
    def across(self) -> list[Line]:
        return self.grid.columns if self.axis == "rows" else self.grid.rows

    def at(self, line: int, across: int) -> tuple[int, int]:
        """The cell of a line and one across it."""
        return (line, across) if self.axis == "rows" else (across, line)

    def figure(self, line: int, across: int) -> Figure | None:
        """The figure there, unless it is merged over several lines."""
        place = self.at(line, across)
        return None if place in self.grid.spans else self.grid.figures.get(place)


@dataclass(frozen=True)
class Candidate:
    """A total in one line across, under one reading."""

    view: View
    relation: Relation
    across: int
    parts: tuple[int, ...]

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        found = (self.view.figure(part, self.across) for part in self.parts)
        return tuple(figure for figure in found if figure is not None)

    @property
    def total(self) -> Figure:
        figure = self.view.figure(self.relation.total, self.across)
        assert figure is not None
        return figure

    @property
    def make(self) -> tuple[object, ...]:
        """What lists of one make share, which are whole together: also whether cells of them are blank."""
        has_blanks = len(self.figures) < len(self.parts)
        return self.view.axis, self.relation.kind, self.relation.is_inferred, has_blanks

    @property
    def has_unread(self) -> bool:
        return any(self.view.at(part, self.across) in self.view.grid.unread_at for part in self.parts)

    @cached_property
    def comparison(self) -> Comparison:
        texts = [figure.printed.text for figure in self.figures]
        shown = " + ".join(texts[:_LISTED]) + (" + …" if len(texts) > _LISTED else "")
        kinds = {name.kind for part in self.parts for name in self.view.lines[part].names[-1:]}
        what = parts_named(len(self.figures), kinds.pop() if len(kinds) == 1 else "name")
        row = self.view.grid.address(*self.view.at(self.relation.total, self.across))
        computed = total([figure.interval for figure in self.figures])
        return Comparison("sum", row, self.total, computed, self.figures, shown, what)

    @property
    def is_short(self) -> bool:
        """Whether the parts leave something for one that is not printed; with negative ones, either side does."""
        gap = self.total.interval.gap(self.comparison.computed)
        return gap > 0 or (gap != 0 and any(figure.printed.value < 0 for figure in self.figures))

    @property
    def lacks_next_to_nothing(self) -> bool:
        gap = abs(self.total.interval.gap(self.comparison.computed))
        smallest = min((abs(figure.interval.middle) for figure in self.figures), default=Fraction(0))
        return len(self.figures) > 1 and gap < smallest and gap < abs(self.total.interval.middle) * _SMALL_SHORTFALL


def parts_named(count: int, kind: str):
    """`the 3 services sum to`, by the kind of the parts."""
    known = {"service": "services", "ecosystem": "ecosystems", "category": "categories", "zone": "subregions"}
    return say("audit.sum.parts", count=count, parts=say(f"audit.parts.{known.get(kind, 'lines')}"))


def adds_up(grid: Grid, place: tuple[int, int], figure: Figure) -> bool:
    """Whether figures like this can be added over lines: amounts and changes can, what is per something cannot."""
    role = grid.role(*place)
    if role not in ("", "change") or grid.measure(*place) == "price":
        return False
    return figure.unit.is_additive and not figure.unit.is_intensive and figure.unit.text not in ("%", "‰")


def sum_checks(grid: Grid) -> Iterator[Check]:
    """Every total of a grid against its parts."""
    candidates: list[list[Candidate]] = []
    for axis in AXES:
        view = View(grid, axis)
        relations = [*relations_of(view.lines), *_inferred(view)]
        relations += _nested(view, relations)
        for relation in relations:
            for across in range(len(view.across)):
                if readings := _readings(view, relation, across):
                    candidates.append(readings)
        yield from _merged(view) if axis == "rows" else ()
    yield from _judged(candidates)


def _readings(view: View, relation: Relation, across: int) -> list[Candidate]:
    """The readings of a total in a line across it, where it and parts of it are printed and may be added."""
    figure = view.figure(relation.total, across)
    if view.axis == "rows" and any(column == across for _, column in view.grid.spans):
        return []  # figures merged over rows are held against those rows
    if figure is None or not adds_up(view.grid, view.at(relation.total, across), figure):
        return []
    found = []
    for reading in relation.readings:
        candidate = Candidate(view, relation, across, reading)
        parts = candidate.figures
        kinds = {part.unit.kind if not part.unit.is_words else part.unit.text for part in parts}
        own = figure.unit.kind if not figure.unit.is_words else figure.unit.text
        has_units = bool(figure.unit.text) and all(part.unit.text for part in parts)
        if parts and (kinds == {own} or not has_units) and _one_thing(view, relation, across, figure):
            found.append(candidate)
    return found


def _one_thing(view: View, relation: Relation, across: int, figure: Figure) -> bool:
    """Whether amounts of the parts are of one thing: quantities of different services are not."""
    place = view.at(relation.total, across)
    if view.grid.measure(*place) != "quantity" or figure.unit.above == ("m^2",):
        return True
    kinds = {name.kind for part in relation.readings[0] for name in view.lines[part].names[-1:]}
    return "service" not in kinds


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
        elif first.relation.is_inferred and not is_whole:
            continue
        elif not is_whole and (alone := _without_nested(nearest)) is not None:
            if alone.comparison.holds:
                yield alone.comparison.check()
            else:
                yield alone.comparison.check(verdict="cannot_tell", why=say("audit.sum.nested"))
        elif is_whole or not nearest.is_short or nearest.lacks_next_to_nothing or _is_of_land(nearest):
            yield nearest.comparison.check()
        else:
            yield nearest.comparison.check(
                verdict="cannot_tell", why=say("audit.sum.lacking", parts=say("audit.parts.lines"))
            )


def _is_of_land(candidate: Candidate) -> bool:
    """Whether it says how land is divided up: such a table has all of it."""
    return len(candidate.figures) >= 3 and candidate.total.unit.kind == (("m^2",), ())


def _without_nested(candidate: Candidate) -> Candidate | None:
    """The parts without those that a neighbour sums up already; None if there are none."""
    view, parts = candidate.view, list(candidate.parts)
    position = 0
    while position < len(parts):
        children = _children(view, parts, position, candidate.across)
        if children:
            del parts[children]
        else:
            position += 1
    if len(parts) == len(candidate.parts):
        return None
    return Candidate(view, candidate.relation, candidate.across, tuple(parts))


def _children(view: View, parts: Sequence[int], position: int, across: int) -> slice | None:
    figure = view.figure(parts[position], across)
    whole = figure.interval if figure is not None else None
    if whole is None or whole.low <= 0 <= whole.high:
        return None
    for step in (1, -1):
        added: list[Interval] = []
        at = position + step
        while 0 <= at < len(parts):
            part = view.figure(parts[at], across)
            if part is None:
                break
            added.append(part.interval)
            is_sharp = total(added).width * _SHARP <= abs(whole.middle) and all(each.low > 0 for each in added)
            if len(added) > 1 and is_sharp and total(added).meets(whole):
                return slice(position + 1, at + 1) if step > 0 else slice(at, position)
            at += step
    return None


# totals that no word says ---------------------------------------------------------------------------------------------


def _inferred(view: View) -> list[Relation]:
    """A line with a year, or with nothing, in place of a name, at an end of lines with names, is tried as their sum."""
    found: list[Relation] = []
    for group in _groups(view.lines):
        if len(group) < 3:
            continue
        plain = [number for number in group if _is_nameless(view.lines[number])]
        named = [number for number in group if not _is_nameless(view.lines[number]) and not view.lines[number].total]
        if len(plain) != 1 or len(named) < 2 or any(view.lines[number].total for number in group):
            continue
        relation = Relation(plain[0], (tuple(named),), "inferred", is_inferred=True)
        held = [
            readings[0].comparison.holds
            for across in range(len(view.across))
            if (readings := _readings(view, relation, across))
        ]
        if (
            sum(held) >= min(FEWEST_LINES, len(view.across))
            and sum(held) >= len(held) * SHARE_OF_LINES
            and sum(held) > 1
        ):
            found.append(relation)
    return found


def _is_nameless(line: Line) -> bool:
    return not line.role and not (line.names and line.names[-1].text)


def _groups(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Lines that stand together: those of one outer name, in order."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, line in enumerate(lines):
        if line.role in ("", "change"):
            outer = tuple(name.text for name in line.names[:-1])
            groups.setdefault((outer, line.role), []).append(number)
    yield from groups.values()


# nested lines ---------------------------------------------------------------------------------------------------------


def _nested(view: View, known: Sequence[Relation]) -> list[Relation]:
    """Lines that are the sum of those right below them, in two columns at least: parents before their children.

    One column may be chance. From the end on, so that a parent is tried on what is left at the top.
    """
    if known or any(line.total for line in view.lines):
        return []
    found: list[Relation] = []
    numbers = [number for number, line in enumerate(view.lines) if line.role == "" and line.names]
    series = {view.lines[number].series for number in numbers}
    if len(series) != 1 or len(numbers) < 4:
        return []
    columns = [across for across in range(len(view.across)) if _is_additive(view, numbers, across)]
    if len(columns) < 2:
        return []
    top: list[int] = []
    for number in reversed(numbers):
        count = _count_of_children(view, number, top, columns)
        if count:
            found.append(Relation(number, (tuple(top[:count]),), f"nested:{number}", is_inferred=True))
            del top[:count]
        top.insert(0, number)
    return [Relation(r.total, r.readings, "nested", True) for r in found]


def _is_additive(view: View, numbers: Sequence[int], across: int) -> bool:
    figures = [(number, view.figure(number, across)) for number in numbers]
    printed = [(number, figure) for number, figure in figures if figure is not None]
    return len(printed) * 2 > len(numbers) and all(
        adds_up(view.grid, view.at(number, across), figure) for number, figure in printed
    )


def _count_of_children(view: View, number: int, top: Sequence[int], columns: Sequence[int]) -> int:
    for count in range(2, len(top) + 1):
        held = [_sums_to(view, number, top[:count], across) for across in columns]
        known = [each for each in held if each is not None]
        if len(known) > 1 and all(known):
            return count
    return 0


def _sums_to(view: View, number: int, parts: Sequence[int], across: int) -> bool | None:
    whole = view.figure(number, across)
    figures = [figure for part in parts if (figure := view.figure(part, across)) is not None]
    if whole is None or len(figures) < 2:
        return None
    added = total([figure.interval for figure in figures])
    is_sharp = added.width * _SHARP <= abs(whole.interval.middle)
    return bool(is_sharp and added.meets(whole.interval))


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


def _sum(address, figure: Figure, parts: Sequence[Figure], kind: str) -> Check:
    shown = " + ".join(part.printed.text for part in parts)
    computed = total([part.interval for part in parts])
    return Comparison("sum", address, figure, computed, tuple(parts), shown, parts_named(len(parts), kind)).check()
