"""A printed table as a grid: lines of rows and of columns that say what their figures are of, and the figures.

Every cell that prints a number ends as one of three: a figure with its full address, no figure (a heading, a year, the
number of a row), or unread, with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from gep.audit.cells import Cells
from gep.audit.figures import ALL, Figure, Row, read_unit
from gep.audit.grids.blocks import Block, is_figure
from gep.audit.grids.words import CLASSES, Said, axis_of, said, split_unit, tidy
from gep.audit.printed import FigureError, Printed, read_figure, stored_figure
from gep.core.messages import Text, joined, say

_T = TypeVar("_T")
OPEN = "name"
"""The kind of a name that could be one of anything."""
_LONGEST_NAME = 30
"""A column whose texts are longer than this on average holds remarks, no names."""
_OF_ANOTHER_UNIT = frozenset({"share", "rate", "percent", "density", "ratio"})
"""A row of these has a unit of its own, and not that of its columns."""
_LIKE_THE_REST = 0.5
"""An axis of whose names so many are of one class is of that class throughout."""


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
    block: int = 0
    listed_unit: str = ""
    """The unit that a column of units says."""

    @property
    def series(self) -> tuple[object, ...]:
        """What lines share whose figures may add up. A name may have `value` in it, as 美学价值 has; units tell values
        from what is none.
        """
        measure = "" if self.measure == "value" else self.measure
        return measure, self.role, self.times, self.is_annual

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
    spans: dict[tuple[int, int], int] = field(default_factory=dict)
    """How many row lines a merged figure stands for."""
    located: dict[str, tuple[Cells, int, int]] = field(default_factory=dict)
    """By its place, the cell of a figure in the sheet."""
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


# building -------------------------------------------------------------------------------------------------------------


def grid_of(blocks: Sequence[Block], given: Mapping[str, str] | None = None) -> Grid:
    """The grid of a table and of those that continue it; `given` is what a reviewer says of it."""
    first, given = blocks[0], given or {}
    default = _of_titles(first, given)
    kinds = _stub_kinds(first)
    columns, column_kinds = _columns(first, default)
    if given.get("columns") in CLASSES:
        columns = [_of_kinds(line, [given["columns"]] * len(line.names)) for line in columns]
    name = (
        first.cells.name if first.number == 1 else say("audit.place.block", table=first.cells.name, number=first.number)
    )
    grid = Grid(first.cells, name, first.titles, [], columns, column_kinds=column_kinds)
    grid.stub_kinds = tuple(axis for column in first.stubs for text in first.heading(column) if (axis := axis_of(text)))
    for block in blocks:
        offset = block.columns[0] - first.columns[0] if block is not first else 0
        _read_rows(grid, block, kinds, default, offset)
    grid.row_kinds = _kinds_of_rows(grid)
    if given.get("rows") in CLASSES:
        grid.row_kinds = (*grid.row_kinds[:-1], given["rows"])
    grid.rows = [_of_kinds(line, grid.row_kinds) for line in grid.rows]
    _see_repeated(grid)
    _see_transition(grid)
    return grid


def _of_titles(block: Block, given: Mapping[str, str]) -> Said:
    """What titles, and headings above labels, say of all figures: a unit, a year, a measure."""
    found = Said()
    texts = [*block.titles, *(text for column in block.stubs for text in block.heading(column))]
    for text in texts:
        each = said(re.sub(r"^\s*(?:附?表|table|tab\.)\s*[\d.\-]+\s*[:：]?", "", text, flags=re.IGNORECASE))
        units = [part for part in re.split(r"[、，,;；]", each.unit) if part]
        unit = units[0] if units else ""
        if text in block.titles:
            is_of_prices = each.measure == "price" and not read_unit(unit).is_intensive  # values made with coefficients
            found = replace(
                found,
                measure=found.measure or ("" if is_of_prices else each.measure),
                times=found.times or (each.times if len(each.times) == 1 else ()),
            )
        found = replace(found, unit=found.unit or unit)
    if "unit" in given:
        found = replace(found, unit=given["unit"])
    if "measure" in given:
        found = replace(found, measure=given["measure"])
    if "year" in given:
        found = replace(found, times=(given["year"],))
    return found


def _stub_kinds(block: Block) -> dict[int, str]:
    """What each column of labels holds: a class, `year`, `unit`, `note`, `number`, or names of anything."""
    kinds: dict[int, str] = {}
    for column in block.stubs:
        heading = block.heading(column)
        kind = next((found for text in reversed(heading) if (found := axis_of(text))), "")
        if column > block.columns[0] and block.heading(column) == block.heading(column - 1) and kind:
            kind = "service" if kind in ("category", "service") else kind
            if kinds.get(column - 1) == kind:
                kinds[column - 1] = "category" if kind == "service" else "zone"
        texts = [block.text(row, column) for row in block.body if block.text(row, column)]
        is_right = column > min((c for c in block.columns if c not in block.stubs), default=column)
        is_prose = bool(texts) and not kind and sum(map(len, texts)) > _LONGEST_NAME * len(texts)
        if kind not in ("unit", "note", "number") and (is_right or is_prose):
            kinds[column] = "note"
            continue
        if kind in ("", "item", "zone", "year", "category") and texts:
            kind = _kind_by_likeness(texts, kind)
        kinds[column] = kind or OPEN
    return kinds


def _kind_by_likeness(texts: Sequence[str], kind: str) -> str:
    every = [said(text) for text in texts]
    if all(each.times and each.is_bare for each in every):
        return "year"
    counts = Counter(each.named for each in every if each.named)
    if kind:
        return kind
    named, count = counts.most_common(1)[0] if counts else ("", 0)
    return named if count >= len(texts) * _LIKE_THE_REST else OPEN


def _columns(block: Block, default: Said) -> tuple[list[Line], tuple[str, ...]]:
    figures = [column for column in block.columns if column not in block.stubs]
    paths = {column: [said(text) for text in block.heading(column)] for column in figures}
    axes = {column: [axis_of(text) for text in block.heading(column)] for column in figures}
    depth = max((len(path) for path in paths.values()), default=0)
    lines: list[Line] = []
    levels: list[list[Said]] = []
    for column in figures:
        names: list[Name] = []
        measure = role = unit = ""
        times: tuple[str, ...] = ()
        is_annual = False
        said_axis = ""
        for each, axis in zip(paths[column], axes[column], strict=True):
            if axis in (*CLASSES, "year") and not each.measure and each is not paths[column][-1]:
                said_axis = axis if axis in CLASSES else ""
                unit = each.unit or unit
                continue
            if re.fullmatch(r"[(（]?\d{1,2}[)）]?(?:=.*)?", each.text) and depth > 1:
                continue  # the number of the column
            measure, role = each.measure or measure, each.role or role
            unit, times = each.unit or unit, each.times or times
            is_annual = is_annual or each.is_annual
            if each.total or not each.is_bare:
                text = each.name or each.text
                names.append(Name(said_axis or each.named or OPEN, text, each.total, each.is_part))
        levels.append(paths[column])
        label = " / ".join(block.heading(column)) or column_letter(column)
        lines.append(
            Line(column, label, tuple(names), measure or default.measure, role, times or default.times, unit, is_annual)
        )
    lines = _with_what_all_share(_without_constants(lines), has_units=_has_units(block))
    kinds = Counter(name.kind for line in lines for name in line.names if name.kind != OPEN)
    kind, count = kinds.most_common(1)[0] if kinds else (OPEN, 0)
    named = sum(1 for line in lines if any(not name.total for name in line.names))
    if kind != OPEN and count >= named * _LIKE_THE_REST:
        lines = [
            replace(
                line,
                names=tuple(
                    replace(name, kind=kind if name.kind == OPEN or name.total else name.kind) for name in line.names
                ),
            )
            for line in lines
        ]
    return lines, tuple(dict.fromkeys(name.kind for line in lines for name in line.names))


def _with_what_all_share(lines: list[Line], *, has_units: bool = False) -> list[Line]:
    """Amounts and changes whose heading leaves out the unit or the measure have that of the others, where those have
    one; a total without a year is of the year that all others have.
    """
    amounts = [line for line in lines if not line.role]
    unit = "" if has_units else _only({line.unit for line in amounts} - {""}) or ""
    measure = _only({line.measure for line in amounts} - {""}) or ""
    times = _only({line.times for line in amounts if not line.total}) or ()
    return [
        line
        if line.role not in ("", "change")
        else replace(
            line,
            unit=line.unit or unit,
            measure=line.measure or measure,
            times=line.times or (times if line.total else ()),
        )
        for line in lines
    ]


def _has_units(block: Block) -> bool:
    """Whether a column of units says the unit of each row."""
    return any(axis_of(text) == "unit" for column in block.stubs for text in block.heading(column))


def _only(found: set[_T]) -> _T | None:
    """The one that there is, if it is one."""
    return next(iter(found)) if len(found) == 1 else None


def _without_constants(lines: list[Line]) -> list[Line]:
    """Lines without a name that all of them have: it tells nothing apart."""
    if len(lines) < 2:
        return lines
    common = set(lines[0].names).intersection(*(line.names for line in lines[1:]))
    return [replace(line, names=tuple(name for name in line.names if name not in common)) for line in lines]


def column_letter(column: int) -> str:
    """The letter of a column, from 0 on."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(column + 1)


def _read_rows(grid: Grid, block: Block, kinds: dict[int, str], default: Said, offset: int) -> None:
    lines = [_row_line(grid, block, row, texts, kinds, default, offset) for row, texts in _labels(block, kinds, offset)]
    for line in _with_what_all_share(lines):
        number = len(grid.rows)
        grid.rows.append(line)
        for at, across in enumerate(grid.columns):
            _read_cell(grid, block, (number, at), (line.at, across.at + offset), default)
    grid.no_figures += sum(
        is_figure(block.cells, row, column)
        for row in (*block.headings, *block.body)
        for column in block.columns
        if row in block.headings or column - offset in kinds
    )


_ABOVE = -1
"""In place of a column: the name that stands in a row of its own above some rows."""


def _labels(block: Block, kinds: Mapping[int, str], offset: int) -> Iterator[tuple[int, dict[int, str]]]:
    """The labels of each row, what is written once for several rows in each of them.

    A total below the last group that the other groups do not have is of all groups.
    """
    columns = [_ABOVE, *(column for column in kinds if kinds[column] not in ("note", "number", "unit"))]
    inner = columns[-1]
    above: dict[int, str] = {}
    rows: list[tuple[int, dict[int, str]]] = []
    for row in block.body:
        texts = {column: block.text(row, column + offset) for column in columns if column != _ABOVE}
        texts = {_ABOVE: block.groups.get(row, ""), **texts}
        for at, column in enumerate(columns[:-1]):
            if not texts[column]:
                texts[column] = above.get(column, "")
            elif above.get(column) != texts[column]:
                above = {outer: above[outer] for outer in columns[:at] if outer in above} | {column: texts[column]}
        rows.append((row, texts))
    totals = [texts for _, texts in rows if said(texts[inner]).total == "total"]
    for column in columns[:-1]:
        groups = Counter(texts[column] for texts in totals)
        names = dict.fromkeys(texts[column] for _, texts in rows if texts[column])
        *others, last = [groups[name] for name in names] if names else [0]
        if totals and kinds.get(column) != "year" and last > max(others, default=0):
            totals[-1][column] = ""
    yield from rows


def _row_line(
    grid: Grid, block: Block, row: int, texts: dict[int, str], kinds: dict[int, str], default: Said, offset: int
) -> Line:
    names: list[Name] = []
    measure = role = unit = listed = ""
    times: tuple[str, ...] = ()
    is_annual = False
    if block.groups:
        each = said(texts[_ABOVE])
        times = each.times if each.is_bare else ()
        if not (each.is_bare and each.times):
            names.append(Name(each.named or OPEN, each.name, each.total))
    last = next((column for column in reversed(list(texts)) if texts[column]), None)
    for column, text in texts.items():
        if column == _ABOVE:
            continue
        if not text:
            names.append(Name(kinds[column], ""))
            continue
        each = said(text)
        measure, role = each.measure or measure, each.role or role
        times, unit = each.times or times, each.unit or unit
        is_annual = is_annual or each.is_annual
        if kinds[column] == "year" and each.is_bare:
            continue
        if each.is_bare and not each.total:
            names.append(Name(kinds[column], ""))
        else:
            raw = block.cells.raw(row, column + offset)
            indent = len(raw) - len(raw.lstrip(" \u3000\t")) if isinstance(raw, str) and column == last else 0
            is_category = each.named == "category" and kinds[column] != "category"
            kind = kinds[column] if kinds[column] != OPEN else each.named or OPEN
            name = each.name or text
            names.append(Name(kind, name, each.total, each.is_part, indent, is_category, each.is_less))
    for column in kinds:
        if kinds[column] == "unit" and block.text(row, column + offset):
            listed = block.text(row, column + offset)
    label = " / ".join(dict.fromkeys(texts[column] for column in texts if texts[column] and column != _ABOVE))
    return Line(row, label, tuple(names), measure, role, times, unit, is_annual, block.number, listed)


def _read_cell(grid: Grid, block: Block, at: tuple[int, int], place: tuple[int, int], default: Said) -> None:
    cells, (row, column) = block.cells, place
    raw = cells.rows[row][column] if column < len(cells.rows[row]) else None  # a merged figure is counted once
    if raw is None or isinstance(raw, bool) or (isinstance(raw, str) and not raw.strip()):
        return
    where = place_of(cells, row, column, grid.columns[at[1]].label)
    grid.located[where] = (cells, row, column)
    is_percent = isinstance(raw, str) and bool(re.search(r"\d\s*[%％]\s*$", raw))
    try:
        printed = printed_of(raw.strip().rstrip("%％") if is_percent and isinstance(raw, str) else raw, cells)
    except FigureError as error:
        if is_figure(cells, row, column) or re.match(r"\W{0,3}\d", str(raw).strip()):
            grid.unread.append(Unread(where, str(raw), error.message))
            grid.unread_at.add(at)
        return
    if printed is None:
        return
    line, across = grid.rows[at[0]], grid.columns[at[1]]
    role = line.role or across.role
    of_column = "" if line.role in _OF_ANOTHER_UNIT else across.unit
    unit = line.unit or of_column or line.listed_unit or ("%" if is_percent else "")
    if not unit:
        unit = "%" if role in ("share", "rate") and printed.value else default.unit if role in ("", "change") else ""
    grid.figures[at] = Figure(printed, read_unit(unit), where)
    span = 1
    while (row + span, column) in cells.covered and _is_blank(cells, row + span, column) and row + span in block.body:
        span += 1
    if span > 1 and (row, column) in cells.covered:
        grid.spans[at] = span


def _is_blank(cells: Cells, row: int, column: int) -> bool:
    return column >= len(cells.rows[row]) or cells.rows[row][column] in (None, "")


def place_of(cells: Cells, row: int, column: int, label: str) -> Text:
    """Where a cell is: by its letter in a workbook, by its heading in a text."""
    if cells.is_workbook:
        return say("audit.place.cell", table=cells.name, cell=f"{column_letter(column)}{row + 1}")
    return say("audit.place.column", line=cells.line(row), column=label or column_letter(column))


def printed_of(raw: Any, cells: Cells) -> Printed | None:
    """A cell as a figure: text has its digits, a number of a workbook has those that it needs."""
    if isinstance(raw, int):
        return read_figure(str(raw))
    if isinstance(raw, float):
        return stored_figure(raw)
    text = str(raw)
    if cells.has_decimal_commas and re.fullmatch(r"\s*-?[\d.]+,\d+\s*", text):
        text = text.replace(".", "").replace(",", ".")
    return read_figure(text)


# kinds ----------------------------------------------------------------------------------------------------------------


def _kinds_of_rows(grid: Grid) -> tuple[str, ...]:
    levels = max((len(line.names) for line in grid.rows), default=0)
    kinds = []
    for level in range(levels):
        names = [line.names[level] for line in grid.rows if len(line.names) > level and line.names[level].text]
        counts = Counter(said(name.text).named or name.kind for name in names if not name.total)
        kind = next((name.kind for name in names if name.kind in CLASSES), "")
        if not kind:
            named, count = next(((k, c) for k, c in counts.most_common() if k in CLASSES), ("", 0))
            kind = named if count >= len(names) * _LIKE_THE_REST else OPEN
        kinds.append(kind)
    return tuple(kinds)


def _of_kinds(line: Line, kinds: Sequence[str]) -> Line:
    names = tuple(
        replace(name, kind=kinds[level] if kinds[level] != OPEN else name.kind) for level, name in enumerate(line.names)
    )
    return replace(line, names=names)


def _see_repeated(grid: Grid) -> None:
    """A column that prints one figure over and over within each group prints the figure of the group, as a merged cell
    does.
    """
    groups: dict[str, list[int]] = {}
    for number, line in enumerate(grid.rows):
        if len(line.names) > 1 and line.names[0].text and not line.total:
            groups.setdefault(line.names[0].text, []).append(number)
    several = [rows for rows in groups.values() if len(rows) > 1]
    if len(several) < 2:
        return
    for column in range(len(grid.columns)):
        figures = [[grid.figures.get((row, column)) for row in rows] for rows in several]
        values = [{figure.printed.value for figure in each if figure is not None} for each in figures]
        if (
            all(None not in each for each in figures)
            and all(len(each) == 1 for each in values)
            and len(set().union(*values)) > 1
        ):
            for rows in groups.values():
                grid.spans |= {(row, column): 0 for row in rows} | {(rows[0], column): len(rows)}


def _see_transition(grid: Grid) -> None:
    """Rows and columns of one set of names are from and to."""
    rows = {line.names[-1].text for line in grid.rows if line.names and not line.total}
    columns = {line.names[-1].text for line in grid.columns if line.names and not line.total}
    common = rows & columns
    grid.is_transition = len(common) >= 3 and len(common) * 2 >= len(rows | columns)
    if grid.is_transition:  # the years of a matrix say which axis is from and which is to
        grid.rows, grid.columns = (
            [replace(line, times=()) if line.key or line.total else line for line in lines]
            for lines in (grid.rows, grid.columns)
        )


def unit_in(text: str) -> str:
    """The unit that a text states, or empty."""
    return split_unit(tidy(text))[1]
