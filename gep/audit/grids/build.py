"""A printed table read into a grid: its lines, the figures at their crossings, what repeats and what is from and to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gep.audit.cells import Cells
from gep.audit.figures import Figure, read_unit
from gep.audit.grids.blocks import Block, is_figure, is_range
from gep.audit.grids.grid import OPEN, Grid, Line, Unread
from gep.audit.grids.lines import LIKE_THE_REST, column_letter, columns_of, rows_of_block, stub_kinds
from gep.audit.grids.totals import AXES, View
from gep.audit.grids.words import CLASSES, Said, axis_of, is_known_unit, said
from gep.audit.printed import FigureError, Interval, Printed, read_figure, stored_figure, total
from gep.core.messages import Text, say

_OF_ANOTHER_UNIT = frozenset({"share", "rate", "percent", "density", "ratio"})
"""A row of these has a unit of its own, and not that of its columns."""


def grid_of(blocks: Sequence[Block], given: Mapping[str, str] | None = None) -> Grid:
    """The grid of a table and of those that continue it; `given` is what a reviewer says of it."""
    first, given = blocks[0], given or {}
    default = _of_titles(first, given)
    kinds = stub_kinds(first)
    columns = columns_of(first, default)
    if given.get("columns") in CLASSES:
        columns = [_of_kinds(line, [given["columns"]] * len(line.names)) for line in columns]
    name = (
        first.cells.name if first.number == 1 else say("audit.place.block", table=first.cells.name, number=first.number)
    )
    grid = Grid(first.cells, name, first.titles, [], columns)
    grid.column_kinds = tuple(dict.fromkeys(name.kind for line in columns for name in line.names))
    grid.stub_kinds = tuple(axis for column in first.stubs for text in first.heading(column) if (axis := axis_of(text)))
    for block in blocks:
        offset = block.columns[0] - first.columns[0] if block is not first else 0
        _read_block(grid, block, kinds, default, offset)
    _see_errors(grid)
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


# cells ----------------------------------------------------------------------------------------------------------------


def _read_block(grid: Grid, block: Block, kinds: Mapping[int, str], default: Said, offset: int) -> None:
    for line in rows_of_block(block, kinds, offset):
        number = len(grid.rows)
        grid.rows.append(line)
        for at, across in enumerate(grid.columns):
            _read_cell(grid, block, (number, at), (line.at, across.at + offset), default)
    right = [
        column + offset
        for column in kinds
        if kinds[column] == "note" and column > min((line.at for line in grid.columns), default=column)
    ]
    for row, column in ((row, column) for row in block.body for column in right):
        text = block.text(row, column)
        if is_range(text):
            where = place_of(block.cells, row, column, " / ".join(block.heading(column)))
            grid.located[where] = (block.cells, row, column)
            grid.unread.append(Unread(where, text, say("audit.figure.range")))
    grid.no_figures += sum(
        is_figure(block.cells, row, column)
        for row in (*block.headings, *block.body)
        for column in block.columns
        if row in block.headings or column - offset in kinds
    )


_WITH_UNIT = re.compile(r"([-+−–]?\d[\d.,]*)\s*((?=.*[\u3400-\u9fff/])[^\d\s.,%][^%]*)")
"""A figure with its unit: one that is Chinese or has a slash, and no mark of a footnote."""
_IN_BRACKETS = re.compile(r"[(（]\s*(\d[\d.,]*)\s*[)）]")


def _read_cell(grid: Grid, block: Block, at: tuple[int, int], place: tuple[int, int], default: Said) -> None:
    """A cell as a figure of the grid, or unread; a merged figure is counted once, for all lines that it covers."""
    cells, (row, column) = block.cells, place
    raw = cells.rows[row][column] if column < len(cells.rows[row]) else None
    if raw is None or isinstance(raw, bool) or (isinstance(raw, str) and not raw.strip()):
        return
    where = place_of(cells, row, column, _label(grid, at[1], column))
    grid.located[where] = (cells, row, column)
    is_percent = isinstance(raw, str) and bool(re.search(r"\d\s*[%％]\s*$", raw))
    if isinstance(raw, str):
        raw = raw.strip().rstrip("%％") if is_percent else raw.strip()
        if raw.startswith("±"):
            raw = raw.lstrip("± ")
            grid.spreads.add(at)
        elif bracket := _IN_BRACKETS.fullmatch(raw):
            raw = f"-{bracket[1]}"
            grid.in_brackets.add(at)
    own_unit = ""
    if isinstance(raw, str) and (both := _WITH_UNIT.fullmatch(raw)) and is_known_unit(both[2]):
        raw, own_unit = both[1], both[2]
    try:
        printed = printed_of(raw, cells)
    except FigureError as error:
        if is_figure(cells, row, column) or re.match(r"\W{0,3}\d", str(raw).strip()):
            grid.unread.append(Unread(where, str(raw), error.message))
            grid.unread_at.add(at)
        return
    if printed is None:
        return
    unit = _unit(grid.rows[at[0]], grid.columns[at[1]], default, is_percent=is_percent, is_zero=not printed.value)
    unit = own_unit or unit
    grid.figures[at] = Figure(printed, read_unit(unit), where)
    span = 1
    while (row + span, column) in cells.covered and _is_blank(cells, row + span, column) and row + span in block.body:
        span += 1
    if span > 1 and (row, column) in cells.covered:
        grid.spans[at] = ("rows", span)


def _label(grid: Grid, at: int, column: int) -> str:
    """The heading of a column, with its letter where another one is called so."""
    line = grid.columns[at]
    is_alone = column == line.at and sum(other.label == line.label for other in grid.columns) == 1
    return line.label if is_alone else f"{line.label} [{column_letter(column)}]"


def _unit(line: Line, across: Line, default: Said, *, is_percent: bool, is_zero: bool) -> str:
    """The unit of a cell: its row's, its column's, that of a column of units, that of the title for amounts."""
    if is_percent:
        return "%"  # what stands in the cell is nearest
    of_column = "" if line.role in _OF_ANOTHER_UNIT else across.unit
    unit = line.unit or of_column or line.listed_unit or line.unit_above
    role = line.role or across.role
    if unit or role not in ("", "change", "share", "rate"):
        return unit
    if role in ("share", "rate"):
        return "" if is_zero else "%"
    return default.unit


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


# what the lines are together ------------------------------------------------------------------------------------------


def _kinds_of_rows(grid: Grid) -> tuple[str, ...]:
    levels = max((len(line.names) for line in grid.rows), default=0)
    kinds = []
    for level in range(levels):
        names = [line.names[level] for line in grid.rows if len(line.names) > level and line.names[level].text]
        counts = Counter(said(name.text).named or name.kind for name in names if not name.total)
        kind = next((name.kind for name in names if name.kind in CLASSES), "")
        if not kind:
            named, count = next(((k, c) for k, c in counts.most_common() if k in CLASSES), ("", 0))
            kind = named if count >= len(names) * LIKE_THE_REST else OPEN
        kinds.append(kind)
    return tuple(kinds)


def _of_kinds(line: Line, kinds: Sequence[str]) -> Line:
    names = tuple(
        replace(name, kind=kinds[level] if kinds[level] != OPEN else name.kind) for level, name in enumerate(line.names)
    )
    return replace(line, names=names)


def _see_errors(grid: Grid) -> None:
    """A row without a name whose figures all stand in brackets says how far those above it may be off; a column
    without a heading of its own, how far those to its left.
    """
    for axis, lines in ((0, grid.rows), (1, grid.columns)):
        for number, line in enumerate(lines):
            places = {at for at in grid.figures if at[axis] == number}
            is_nameless = not line.total and not (line.names and line.names[-1].text)
            is_of_the_one_before = axis == 1 and number > 0 and line.label == lines[number - 1].label
            if places and places <= grid.in_brackets and (is_nameless or is_of_the_one_before):
                lines[number] = replace(line, role="statistic")
                grid.in_brackets -= places


def _see_repeated(grid: Grid) -> None:
    """A line across that prints one figure over and over within each group prints the figure of the group, as a merged
    cell does. Columns are such groups for a row that says that it is a total.
    """
    for axis in AXES:
        view = View(grid, axis)
        groups: dict[str, list[int]] = {}
        for number, line in enumerate(view.lines):
            if len(line.names) > 1 and line.names[0].text and not line.total:
                groups.setdefault(line.names[0].text, []).append(number)
        several = [lines for lines in groups.values() if len(lines) > 1]
        for across, line in enumerate(view.across if len(several) > 1 else ()):
            figures = [[view.figure(number, across) for number in lines] for lines in several]
            values = [{figure.printed.value for figure in each if figure is not None} for each in figures]
            if (
                (axis == "rows" or line.total)
                and all(None not in each for each in figures)
                and all(len(each) == 1 for each in values)
                and len(set().union(*values)) > 1
                and not all(map(_are_equal_shares, figures))
            ):
                for lines in groups.values():
                    grid.spans |= {view.at(number, across): (axis, 0) for number in lines}
                    grid.spans[view.at(lines[0], across)] = (axis, len(lines))


def _are_equal_shares(figures: Sequence[Figure | None]) -> bool:
    """Whether equal shares of a group make it up: 50 and 50 percent, thrice 33.3."""
    shares = [figure.interval for figure in figures if figure is not None and figure.unit.text in ("%", "percent")]
    return bool(shares) and total(shares).meets(Interval.exact(1))


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
