"""Totals of a grid beside their parts, in each line across, under each reading of what the parts are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from gep.audit.figures import Figure
from gep.audit.findings import Comparison
from gep.audit.grids.grid import Axis, Grid, Line
from gep.audit.grids.trees import Relation
from gep.audit.grids.words import is_just
from gep.audit.printed import quotient, total
from gep.core.messages import Text, say

AXES: tuple[Axis, ...] = ("rows", "columns")
_LISTED = 12
_FEWEST_SHARES = 2
_OF_AMOUNTS = frozenset({"", "change", "no_service", "size"})
"""What adds up over places: GDP and people do, though they are no part of a sum of services."""
_SMALL_SHORTFALL = Fraction(1, 20)


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

    def merged(self, across: int) -> dict[int, int]:
        """The lines in which figures stand that are merged along this axis, and over how many."""
        found = {}
        for (row, column), (axis, count) in self.grid.spans.items():
            line, other = (row, column) if self.axis == "rows" else (column, row)
            if axis == self.axis and other == across:
                found[line] = count
        return found

    def figure(self, line: int, across: int) -> Figure | None:
        """The figure there, unless it is merged over several lines, or says how far another may be off."""
        place = self.at(line, across)
        return None if place in self.grid.spans or place in self.grid.spreads else self.grid.figures.get(place)


@dataclass(frozen=True)
class Candidate:
    """A total in one line across, under one reading."""

    view: View
    relation: Relation
    across: int
    parts: tuple[int, ...]
    is_less_taken: bool = False
    """Whether lines that say less are printed without a minus, and taken away."""

    @cached_property
    def _all(self) -> list[Figure]:
        """The total and its parts; those that print no unit are in the one that the others print."""
        found = (self._figure(line) for line in (self.relation.total, *self.parts))
        printed = [figure for figure in found if figure is not None]
        units = {figure.unit.text: figure.unit for figure in printed if figure.unit.text}
        if len(units) != 1:
            return printed
        unit = next(iter(units.values()))
        return [figure if figure.unit.text else replace(figure, unit=unit) for figure in printed]

    def _figure(self, line: int) -> Figure | None:
        figure = self.view.figure(line, self.across)
        is_less = line in self.parts and any(name.is_less for name in self.view.lines[line].names)
        if figure is None or not (self.is_less_taken and is_less and figure.printed.value > 0):
            return figure
        printed = replace(figure.printed, text=f"-{figure.printed.text}", value=-figure.printed.value)
        return replace(figure, printed=printed)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The parts that are printed."""
        return tuple(self._all[1:])

    @property
    def total(self) -> Figure:
        return self._all[0]

    @property
    def is_of_one_kind(self) -> bool:
        """Whether all that is printed is of one kind of unit, so that it can be added."""
        return len({figure.unit.text if figure.unit.is_words else figure.unit.kind for figure in self._all}) == 1

    @property
    def is_repeated(self) -> bool:
        """Whether one figure is printed in all lines: the area of a place beside each of its services."""
        values = {figure.printed.value for figure in self._all}
        return len(self.figures) > 1 and len(values) == 1 and values != {0}

    @property
    def may_be_mean(self) -> bool:
        """Whether a total of no unit that is known, or of a name that says both, lies among its parts, as an index or a
        mean of all does.
        """
        values = [figure.printed.value for figure in self.figures]
        is_open = not self.total.unit.is_known or any(
            is_just("mark", "total_or_mean", name.text) for name in self.view.lines[self.relation.total].names
        )
        return is_open and len(values) > 1 and min(values) <= self.total.printed.value <= max(values)

    @property
    def make(self) -> tuple[object, ...]:
        """What lists of one make share, which are whole together: also whether cells of them are blank."""
        return self.view.axis, self.relation.kind, self.relation.is_inferred, self.has_blanks

    @property
    def has_blanks(self) -> bool:
        """Whether a part is not printed."""
        return len(self.figures) < len(self.parts)

    @property
    def of_total(self) -> tuple[Axis, int]:
        """The line that it is a total in."""
        return self.view.axis, self.relation.total

    @property
    def is_open(self) -> bool:
        """Whether no word says that it is a sum: a price of all services may be a mean of theirs."""
        return self.relation.is_inferred or self.total.unit.is_intensive

    @property
    def has_brackets(self) -> bool:
        """Whether a figure of it stands in brackets."""
        lines = (self.relation.total, *self.parts)
        return any(self.view.at(line, self.across) in self.view.grid.in_brackets for line in lines)

    @property
    def has_unread(self) -> bool:
        return any(self.view.at(part, self.across) in self.view.grid.unread_at for part in self.parts)

    @property
    def has_shares_of_all(self) -> bool:
        """Whether shares beside the parts are those of their sum: then no part lacks."""
        if len(self.figures) < _FEWEST_SHARES or len(self.figures) < len(self.parts):
            return False
        whole = total([figure.interval for figure in self.figures])
        times = self.view.across[self.across].times
        for at, line in enumerate(self.view.across):
            shares = [self.view.figure(part, at) for part in self.parts]
            if line.role not in ("share", "percent") or line.times not in ((), times) or None in shares:
                continue
            made = [quotient(figure.interval, whole) for figure in self.figures]
            if all(s and m and s.interval.meets(m) for s, m in zip(shares, made, strict=True)):
                return True
        return False

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


def parts_named(count: int, kind: str) -> Text:
    """`the 3 services sum to`, by the kind of the parts."""
    known = {"service": "services", "ecosystem": "ecosystems", "category": "categories", "zone": "subregions"}
    return say("audit.sum.parts", count=count, parts=say(f"audit.parts.{known.get(kind, 'lines')}"))


def adds_up(grid: Grid, place: tuple[int, int], figure: Figure) -> bool:
    """Whether figures like this can be added over lines: amounts and changes can, what is per something cannot."""
    role = grid.role(*place)
    if role not in _OF_AMOUNTS or grid.measure(*place) == "price":
        return False
    return figure.unit.is_additive and not figure.unit.is_intensive and figure.unit.text not in ("%", "‰")


def readings_of(view: View, relation: Relation, across: int) -> list[Candidate]:
    """The readings of a total in a line across it, where it and parts of it are printed and may be added."""
    figure = view.figure(relation.total, across)
    if view.merged(across):
        return []  # figures merged over lines are held against those lines
    place = view.at(relation.total, across)
    if figure is None or not (adds_up(view.grid, place, figure) or _is_of_services(view, relation, figure)):
        return []
    found = []
    for reading in relation.readings:
        has_less = any(name.is_less for part in reading for name in view.lines[part].names)
        for is_less_taken in (True, False) if has_less else (False,):
            candidate = Candidate(view, relation, across, reading, is_less_taken)
            if (
                candidate.figures
                and candidate.is_of_one_kind
                and not candidate.is_repeated
                and _one_thing(view, relation, across, figure)
            ):
                found.append(candidate)
    return found


def _is_of_services(view: View, relation: Relation, figure: Figure) -> bool:
    """Whether amounts per area are of the services of one area, which add up; those of several areas do not."""
    kinds = {name.kind for part in relation.readings[0] for name in view.lines[part].names[-1:]}
    return figure.unit.is_intensive and bool(figure.unit.currency) and kinds <= {"service", "category"}


def _one_thing(view: View, relation: Relation, across: int, figure: Figure) -> bool:
    """Whether amounts of the parts are of one thing: quantities of different services are not."""
    place = view.at(relation.total, across)
    if view.grid.measure(*place) != "quantity" or figure.unit.above == ("m^2",):
        return True
    kinds = {name.kind for part in relation.readings[0] for name in view.lines[part].names[-1:]}
    return "service" not in kinds
