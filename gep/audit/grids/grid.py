"""A printed table as a grid: lines of rows and of columns that say what their figures are of, and the figures.

Every cell that prints a number ends as one of three: a figure with its full address, no figure (a heading, a year, the
number of a row), or unread, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from gep.audit.cells import Cells
from gep.audit.figures import ALL, Figure, Row
from gep.core.messages import Text, joined, say

Axis = Literal["rows", "columns"]
OPEN = "name"
"""The kind of a name that could be one of anything."""


@dataclass(frozen=True)
class Name:
    """What a line is of, on one level of its labels: `ecosystem` 森林, or a total over it."""

    kind: str
    text: str
    total: str = ""
    is_part: bool = False
    indent: int = 0
    is_category: bool = False
    is_less: bool = False
    is_net: bool = False
    """Whether it says that it is what is left when something is taken away."""


@dataclass(frozen=True)
class Line:
    """A row or a column of figures."""

    at: int
    """Its row or column in the sheet."""
    label: str
    names: tuple[Name, ...] = ()
    measure: str = ""
    role: str = ""
    times: tuple[str, ...] = ()
    unit: str = ""
    is_annual: bool = False
    since: str = ""
    """The year with which its changes are compared."""
    block: int = 0
    listed_unit: str = ""
    """The unit that a column of units says."""
    unit_above: str = ""
    """The unit that a row above it says, for all below."""

    @property
    def series(self) -> tuple[object, ...]:
        """What lines share whose figures may add up. A name may have `value` in it, as 美学价值 has; units tell values
        from what is none.
        """
        measure = "" if self.measure == "value" else self.measure
        return measure, self.role, self.times, self.is_annual, self.since

    @property
    def total(self) -> str:
        """Whether it is a total on one of its levels: the outermost that is."""
        return next((name.total for name in self.names if name.total), "")

    @property
    def key(self) -> tuple[str, ...]:
        """Its names as they are compared."""
        return tuple(name.text for name in self.names if name.text and not name.total)


@dataclass(frozen=True)
class Unread:
    """A number that could not be read, and why."""

    place: Text
    text: str
    reason: Text


@dataclass
class Grid:
    """A table: its lines, its figures by row and column, what could not be read."""

    cells: Cells
    table: str
    titles: tuple[str, ...]
    rows: list[Line]
    columns: list[Line]
    figures: dict[tuple[int, int], Figure] = field(default_factory=dict)
    """By number of the row line and of the column line."""
    spans: dict[tuple[int, int], tuple[Axis, int]] = field(default_factory=dict)
    """Along which axis, and for how many lines of it, a merged figure stands; for none where it is said again."""
    located: dict[str, tuple[Cells, int, int]] = field(default_factory=dict)
    """By its place, the cell of a figure in the sheet."""
    spreads: set[tuple[int, int]] = field(default_factory=set)
    """Figures that say how far another may be off: `±6.50`."""
    in_brackets: set[tuple[int, int]] = field(default_factory=set)
    """Figures that stand in brackets, as negative ones do, and as what does not count may."""
    unread: list[Unread] = field(default_factory=list)
    unread_at: set[tuple[int, int]] = field(default_factory=set)
    no_figures: int = 0
    stub_kinds: tuple[str, ...] = ()
    row_kinds: tuple[str, ...] = ()
    column_kinds: tuple[str, ...] = ()
    is_transition: bool = False

    @cached_property
    def account(self) -> str:
        return self.cells.account

    def role(self, row: int, column: int) -> str:
        """What the figure of a cell is: empty for an amount."""
        if (row, column) in self.spreads:
            return "statistic"
        return self.rows[row].role or self.columns[column].role

    def measure(self, row: int, column: int) -> str:
        """Of what it is an amount."""
        measure = self.rows[row].measure or self.columns[column].measure
        figure = self.figures.get((row, column))
        if measure in ("", "quantity") and figure is not None:
            if figure.unit.currency:
                return "price" if figure.unit.is_intensive else "value"
            if figure.unit.above == ("m^2",) and not figure.unit.below:
                return "area"
        return measure

    def times(self, row: int, column: int) -> tuple[str, ...]:
        """Its year, or the two years of its period."""
        return self.rows[row].times or self.columns[column].times

    def names(self, row: int, column: int) -> tuple[str, ...]:
        """What it is of, apart from time, measure and role."""
        return (*self.rows[row].key, "|", *self.columns[column].key)

    def address(self, row: int, column: int) -> Row:
        """The figure of a cell as a row of an account: what it is called in a sentence."""
        found: dict[str, str] = {}
        for name in (*self.rows[row].names, *self.columns[column].names):
            slot = {"zone": "subregion", "category": "category", "service": "service", "ecosystem": "ecosystem"}.get(
                name.kind, "indicator"
            )
            text = ALL if name.total and slot != "indicator" else name.text
            if found.get(slot) in (None, "", ALL):
                found[slot] = text
        role, times = self.role(row, column), self.times(row, column)
        if role and role != "percent":
            found["indicator"] = joined(
                [*filter(None, [found.get("indicator")]), say(f"audit.role.{role}")], ", ", "，"
            )
        line = self.rows[row]
        plain = Row(self.cells.line(line.at), self.table, self.account, year="—".join(times), position=line.at)
        slots: dict[str, Any] = {**found}
        return replace(plain, **slots)

    def whole(self, times: tuple[str, ...]) -> Row:
        """All of the table at a time, as a row of an account."""
        return Row(self.table, self.table, self.account, year="—".join(times))

    def cells_read(self) -> Iterator[tuple[int, int, Figure]]:
        """Every figure with its lines."""
        for (row, column), figure in self.figures.items():
            yield row, column, figure
