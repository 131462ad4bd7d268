"""Sums within a grid: every total against its parts, and figures that are merged over several lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
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
from gep.core.messages import Text, say

_SEVERAL = 2
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
        yield from _merged(view)
    yield from _judged(candidates)


class _Lists:
    """How many of the lists of a table add up: by their make, by their unit, under each reading of a total."""

    def __init__(self, candidates: Sequence[list[Candidate]]) -> None:
        self.of_make: dict[tuple[object, ...], list[bool]] = defaultdict(list)
        self.of_unit: dict[tuple[object, ...], list[bool]] = defaultdict(list)
        self.of_reading: dict[tuple[object, ...], list[bool]] = defaultdict(list)
        self.nested: dict[tuple[object, ...], dict[tuple[int, ...], None]] = defaultdict(dict)
        """The ways in which a line across shows lines of a total that are parts of others."""
        self.of_column: dict[tuple[object, ...], list[bool]] = defaultdict(list)
        self.held_of: Counter[tuple[str, int]] = Counter()
        """In how many lines across a line is the sum of others."""
        self.has_negatives_in_brackets = False
        """Whether a list with a figure in brackets adds up: such figures are negative."""
        for readings in candidates:
            if any(reading.has_brackets and reading.comparison.holds for reading in readings):
                self.has_negatives_in_brackets = True
            first, holds = readings[0], any(reading.comparison.holds for reading in readings)
            self.of_make[first.make].append(holds)
            self.of_unit[first.make, first.total.unit.text].append(holds)
            self.of_column[_column(first)].append(holds)
            self.held_of[first.of_total] += holds
            for reading in readings:
                self.of_reading[_way(reading)].append(reading.comparison.holds)
                self.nested[reading.of_total].update(dict.fromkeys(_without_nested(reading)))

    def are_whole(self, first: Candidate) -> bool:
        """Whether most lists of this make add up."""
        return _are_most(self.of_make[first.make], _OF_BLANKS if first.has_blanks else _HALF)

    def are_others_whole(self, first: Candidate) -> bool:
        """Whether all other lists in the line across of one that does not add up do: subtotals below a total."""
        held = self.of_column[_column(first)]
        return sum(held) >= _SEVERAL and sum(held) == len(held) - 1 and not first.has_blanks

    def are_whole_of_unit(self, first: Candidate) -> bool:
        """Whether most of those in this unit do."""
        return _are_most(self.of_unit[first.make, first.total.unit.text], _HALF)

    def left(self, readings: Sequence[Candidate]) -> Sequence[Candidate]:
        """The readings that most of the lines across keep, else all."""
        kept = [r for r in readings if _are_most(self.of_reading[_way(r)], _HALF)]
        return kept or readings

    def of_one_sign(self, readings: Sequence[Candidate]) -> Sequence[Candidate]:
        """Where lines say less, the readings that take them away, unless more lines across add them up as printed."""
        taken = [reading for reading in readings if reading.is_less_taken]
        twins = {reading.parts for reading in taken}
        printed = [reading for reading in readings if reading.parts in twins and not reading.is_less_taken]
        held = [max((sum(self.of_reading[_way(r)]) for r in some), default=0) for some in (taken, printed)]
        left_out = printed if held[0] >= held[1] else taken
        return [reading for reading in readings if reading not in left_out]

    def outer(self, candidate: Candidate) -> list[Candidate]:
        """A total of what is left without nested lines, in each way that a line across shows."""
        ways = (way for way in self.nested[candidate.of_total] if set(way) < set(candidate.parts))
        return [replace(candidate, parts=way) for way in ways]


def _column(reading: Candidate) -> tuple[object, ...]:
    return reading.view.grid.table, reading.view.axis, reading.across


def _way(reading: Candidate) -> tuple[object, ...]:
    return reading.of_total, reading.parts, reading.is_less_taken


def _are_most(held: Sequence[bool], share: Fraction) -> bool:
    return len(held) > 1 and sum(held) >= len(held) * share


def _judged(candidates: Sequence[list[Candidate]]) -> Iterator[Check]:
    """A total holds if it does under one reading. It fails if it fails under all that are left: those that most of the
    lines across keep, else all.
    """
    lists = _Lists(candidates)
    for readings in map(lists.of_one_sign, candidates):
        holding = next((reading for reading in readings if reading.comparison.holds), None)
        if holding is not None:
            yield holding.comparison.check()
        elif lists.are_whole(readings[0]) or not readings[0].is_open:
            yield _failing(lists, readings)


def _failing(lists: _Lists, readings: Sequence[Candidate]) -> Check:
    """A total that holds under no reading: fails, unless something can explain it."""
    is_said = readings[0].relation.kind.endswith("net") and not readings[0].relation.is_inferred
    is_whole = (
        lists.are_whole(readings[0])
        or lists.are_others_whole(readings[0])
        or readings[0].relation.kind.endswith("net")
        or any(reading.has_shares_of_all for reading in readings)
    )
    nearest = min(lists.left(readings), key=lambda reading: abs(reading.comparison.units_off))
    outer = [] if is_whole else lists.outer(nearest)
    why: Text | None = None
    if (
        nearest.may_be_mean
        and not is_said
        and not lists.are_whole_of_unit(nearest)
        and lists.held_of[nearest.of_total] < _SEVERAL
    ):
        why = say("audit.sum.may_be_mean")
    elif nearest.has_unread:
        why = say("audit.sum.unread")
    elif nearest.has_brackets and not lists.has_negatives_in_brackets:
        why = say("audit.sum.brackets")
    elif outer:
        nearest = next((each for each in outer if each.comparison.holds), outer[0])
        why = None if nearest.comparison.holds else say("audit.sum.nested")
    elif not (is_whole or not nearest.is_short or nearest.lacks_next_to_nothing or _is_of_land(nearest)):
        why = say("audit.sum.lacking", parts=say("audit.parts.lines"))
    return nearest.comparison.check(verdict="cannot_tell", why=why) if why else nearest.comparison.check()


def _is_of_land(candidate: Candidate) -> bool:
    """Whether it says how land is divided up: such a table has all of it."""
    return len(candidate.figures) >= 3 and candidate.total.unit.kind == (("m^2",), ())


def _without_nested(candidate: Candidate) -> list[tuple[int, ...]]:
    """The parts without those that a neighbour sums up already, in each way to see them so."""
    figures = [candidate.view.figure(part, candidate.across) for part in candidate.parts]
    ways = outermost([figure.interval if figure else None for figure in figures])
    return [tuple(candidate.parts[number] for number in way) for way in ways]


# figures merged over several lines ------------------------------------------------------------------------------------


def _merged(view: View) -> Iterator[Check]:
    """A figure that is merged over several lines is their total in the line across of the same heading; the merged
    figures and those beside totals add up too.
    """
    grid = view.grid
    for across, own in enumerate(view.across):
        spans = view.merged(across)
        if not spans:
            continue
        alike = (
            number
            for number, line in enumerate(view.across)
            if number != across and (line.series, line.unit) == (own.series, own.unit)
        )
        twin = next(alike, None)
        groups: list[Figure] = []
        for line in range(len(view.lines)):
            figure = grid.figures.get(view.at(line, across))
            span = spans.get(line, 1)
            if figure is None or not span:
                continue  # it stands in the first line of its group
            within = [view.at(other, twin) for other in range(line, line + span)] if twin is not None else []
            parts = [grid.figures[at] for at in within if at in grid.figures]
            address = grid.address(*view.at(line, across))
            if view.lines[line].total:
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
