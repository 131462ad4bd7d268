"""Tables of documents as cells: merged cells, titles, tables that go on.

| a document prints       | cells have                                      |
|-------------------------|-------------------------------------------------|
| 表4 … 单位：亿元          | rows of one cell above the table                |
| a cell over two columns | its text once, and `covered` for what it covers |
| 续表4, or the next page  | its rows below those of the table that goes on  |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gep.audit.cells import Cells, Line
from gep.audit.grids.blocks import TABLE_NUMBER, blocks_of, is_note
from gep.audit.grids.words import has, split_unit, tidy
from gep.inputs.workbooks import MOST_COLUMNS, Position

MOST_ROWS = 100_000
MOST_CELLS = 1_000_000
"""What the tables of one file may have in all: a report has thousands."""
_LINES_OF_A_TITLE = 4
_LONGEST_TITLE = 160
_RUNNING_HEADS, _LONGEST_HEAD = 4, 60
"""How many lines, of how many letters, stand at the foot of a page and the head of the next."""


class TooLargeError(ValueError):
    """A document with more cells than any report has."""


@dataclass
class Table:
    """A table as a document draws it: the text of a merged cell stands in its first one."""

    rows: list[list[Any]] = field(default_factory=list)
    covered: dict[Position, Any] = field(default_factory=dict)
    page: int = 0
    titles: tuple[str, ...] = ()
    """Its own caption."""

    def text(self, row: int, column: int) -> str:
        cells = self.rows[row]
        value = cells[column] if column < len(cells) else None
        value = self.covered.get((row, column)) if value in (None, "") else value
        return tidy("" if value is None else str(value))

    def texts(self, row: int) -> list[str]:
        """The cells of a row as they are compared."""
        return [self.text(row, column) for column in range(self.width)]

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)

    @property
    def has_figures(self) -> bool:
        """Whether it is a table of figures, and none that lays out a page."""
        filled = [[text for text in self.texts(row) if text] for row in range(len(self.rows))]
        return sum(len(row) > 1 for row in filled) > 1 and any(re.search(r"\d", text) for row in filled for text in row)


class Spread:
    """A table in the making: cells put where rows and columns that others cover leave room, as browsers do."""

    def __init__(self, page: int = 0) -> None:
        self.table = Table(page=page)
        self._taken: set[Position] = set()
        self._cells = 0
        self._column = 0

    def row(self) -> None:
        """Begin a row."""
        self.table.rows.append([])
        self._column = 0

    def cell(self, value: Any, down: int = 1, across: int = 1) -> None:
        """The next cell of the row, over so many rows and columns."""
        row = len(self.table.rows) - 1
        while (row, self._column) in self._taken:
            self._column += 1
        down, across = min(max(down, 1), MOST_ROWS), min(max(across, 1), MOST_COLUMNS - self._column)
        if across < 1:
            return  # beyond what any table is read
        self._cells += down * across
        if self._cells > MOST_CELLS or row >= MOST_ROWS:
            raise TooLargeError
        cells = self.table.rows[row]
        cells += [None] * (self._column + 1 - len(cells))
        cells[self._column] = value
        for below in range(row, row + down):
            for beside in range(self._column, self._column + across):
                self._taken.add((below, beside))
                if down > 1 or across > 1:
                    self.table.covered[below, beside] = value
        self._column += across

    def done(self) -> Table:
        """The table, without what would be covered below its last row and without empty rows at its end."""
        table = self.table
        while table.rows and not any(value not in (None, "") for value in table.rows[-1]):
            table.rows.pop()
        table.covered = {at: value for at, value in table.covered.items() if at[0] < len(table.rows)}
        width = max([table.width, *(column + 1 for _, column in table.covered)])
        table.rows = [[*row, *[None] * (width - len(row))] for row in table.rows]
        return table


def tables_of(file: str, parts: Iterable[str | Table]) -> list[Cells]:
    """The tables of figures of a document, from its lines of text and its tables in the order in which they stand."""
    found: list[Cells] = []
    above: list[str] = []
    last, count = Table(), Counter[int]()
    for part in parts:
        if isinstance(part, str):
            above += filter(None, map(tidy, part.splitlines()))
            continue
        if not part.has_figures:
            continue
        count[part.page] += 1
        titles = [*_titles(above), *part.titles]
        goes_on = any(has("mark", "continued", title) for title in titles) or (
            part.page > 0 and last.page == part.page - 1 and not titles and _are_running_heads(above)
        )
        above = []
        repeated = _repeated(last, part) if found and goes_on else None
        if repeated is None:
            found.append(Cells(file, []))
            last, repeated = part, 0
            found[-1].rows += [[title] for title in titles]
            found[-1].lines = [Line(part.page, count[part.page], 0) for _ in titles]
        _append(found[-1], part, count[part.page], repeated)
        last = replace(last, page=part.page)
    return found


def _are_running_heads(lines: Sequence[str]) -> bool:
    """Whether lines between two tables are no more than the foot of a page and the head of the next."""
    return len(lines) <= _RUNNING_HEADS and not any(is_note(line) or len(line) > _LONGEST_HEAD for line in lines)


def _titles(lines: Sequence[str]) -> list[str]:
    """The title of a table among the lines above it: from its number on, else what states a unit or that it goes on."""
    near: list[str] = []
    for line in reversed(lines[-_LINES_OF_A_TITLE:]):
        if len(line) > _LONGEST_TITLE:
            break
        near.insert(0, line)
        if is_numbered(line):
            return near
    return [line for line in near if has("mark", "continued", line) or _is_unit(line)]


def is_numbered(line: str) -> bool:
    """Whether a line begins with the number of a table: 表4, 续表4, Table 4."""
    return bool(TABLE_NUMBER.match(re.sub(r"^\s*续", "", line)))


def _is_unit(line: str) -> bool:
    rest, unit = split_unit(line)
    return bool(unit) and not rest.strip()


def _repeated(first: Table, part: Table) -> int | None:
    """How many rows of headings a table repeats that goes on another; None where it has headings of its own."""
    if part.width != first.width:
        return None
    count = 0
    while count < min(len(first.rows), len(part.rows)) and first.texts(count) == part.texts(count):
        count += 1
    if count:
        return count
    blocks = blocks_of(Cells("", part.rows, covered=part.covered))
    return None if any(block.headings[0] == 0 for block in blocks) else 0


def _append(cells: Cells, table: Table, number: int, repeated: int = 0) -> None:
    """Put the rows of a table below what is there, without the headings that it repeats."""
    down = len(cells.rows) - repeated
    cells.rows += table.rows[repeated:]
    cells.lines = [*cells.lines, *(Line(table.page, number, row + 1) for row in range(repeated, len(table.rows)))]
    shifted = {(row + down, column): value for (row, column), value in table.covered.items() if row >= repeated}
    cells.covered = {**cells.covered, **shifted}


_RAISED = str.maketrans("0123456789+-−–abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")


def raised(text: str) -> str:
    """A superscript in signs of its own: 10⁸, so that it is not read as 108; a mark of a note, ᵃ."""
    return text.translate(_RAISED)
