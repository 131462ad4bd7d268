"""Tables as cells: text in its encodings, sheets of workbooks with merged cells and numbers as they are shown; what was
read, how, and what was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.audit.figures import Row
from gep.core.errors import InputError, Problem, failure, problem
from gep.core.messages import Text, say
from gep.inputs.workbooks import (
    column_letter,
    is_percentage,
    merged_cells,
    open_workbook,
    sheet_cells,
    workbook_failures,
)

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

_MOST_ROWS = 100_000


@dataclass(frozen=True)
class Skipped:
    """A file or a sheet that was left out, and why."""

    file: str
    reason: Text

    def said(self) -> Text:
        """The file with the reason."""
        return say("audit.skipped.file", file=self.file, reason=self.reason)

    def as_dict(self) -> dict[str, str]:
        """It as a JSON object, the reason in both languages."""
        return {"file": self.file, "reason": self.reason, "reason_zh": self.reason.zh}


@dataclass
class Read:
    """What was read: rows, how it was read where that is not plain, what could not be read, and files that are no
    accounts.
    """

    rows: list[Row] = field(default_factory=list)
    tables: list[Cells] = field(default_factory=list)
    """Tables of another shape than one figure of each measure a row."""
    sheets: list[Cells] = field(default_factory=list)
    """All tables that were looked at, in order."""
    located: dict[str, tuple[Cells, int, int]] = field(default_factory=dict)
    """By the place of a figure, the table and the cell that it stands in."""
    readings: list[Text] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, name: str, reason: Text) -> None:
        """Leave a file or a sheet out, and say so."""
        self.skipped.append(Skipped(name, reason))


@dataclass(frozen=True)
class Line:
    """Where a row of a table of a document is printed."""

    page: int
    """0 where a document has no pages."""
    table: int
    """Which table of the document, or of the page, it is of."""
    row: int
    """0 for a title above the table."""


@dataclass
class Cells:
    """A table of texts with the names of its cells. Numbers that a workbook stores in binary are kept as such."""

    file: str
    rows: list[list[Any]]
    sheet: str = ""
    covered: Mapping[tuple[int, int], Any] = field(default_factory=dict)
    """What a merged cell shows in the cells that it covers."""
    has_decimal_commas: bool = False
    lines: Sequence[Line] = ()
    """Where each row of a table of a document is printed."""

    @property
    def account(self) -> str:
        """What belongs together: the tables of a folder, the sheets of a workbook, the tables of a document."""
        return self.file if self.is_workbook or self.lines else str(Path(self.file).parent)

    def text(self, row: int, column: int) -> str:
        value = self.raw(row, column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, date) and value.month == value.day == 1:
            value = value.year  # a year that a spreadsheet took for a day
        return "" if value is None else str(value).strip()

    def raw(self, row: int, column: int) -> Any:
        cells = self.rows[row]
        value = cells[column] if column < len(cells) else None
        return self.covered.get((row, column)) if value in (None, "") else value

    @property
    def is_workbook(self) -> bool:
        return bool(self.sheet)

    @property
    def name(self) -> str:
        """What the table is called: its file, with the sheet, or with the page and its number."""
        if self.is_workbook:
            return say("audit.place.sheet", file=self.file, sheet=self.sheet)
        return self._on(self.lines[0]) if self.lines else self.file

    def _on(self, line: Line) -> Text:
        key = "audit.place.table_on_page" if line.page else "audit.place.table"
        return say(key, file=self.file, page=line.page, number=line.table)

    def line(self, row: int) -> Text:
        """Where a row is."""
        if self.lines:
            return say("audit.place.row", table=self._on(self.lines[row]), number=self.lines[row].row)
        return say("audit.place.row" if self.is_workbook else "audit.place.line", table=self.name, number=row + 1)

    def place(self, row: int, column: int, measure: str) -> Text:
        """Where a cell is."""
        if not self.is_workbook:
            return say("audit.place.column", line=self.line(row), column=word(measure))
        return say("audit.place.cell", table=self.name, cell=f"{column_letter(column)}{row + 1}")


def word(column: str) -> Text:
    """What a measure, or a column that is filled down, is called; and a formula."""
    return say(f"audit.measure.{column}")


# files ----------------------------------------------------------------------------------------------------------------


def decoded(raw: bytes, name: str, read: Read) -> str | None:
    """Text in UTF-8, UTF-16 with its mark, or GBK; None where it is none of these."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        read.readings.append(say("audit.read.utf_16", table=name))
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        read.skip(name, say("audit.skipped.no_text"))
        return None
    read.readings.append(say("audit.read.gbk", table=name))
    return text


def sheets(file: Path, name: str, read: Read) -> Iterator[Cells]:
    """The sheets of a workbook as far as tables reach; none where it cannot be read, which is said."""
    failures: tuple[type[Exception], ...] = (InputError, *workbook_failures())
    try:
        book, formulas = open_workbook(file, is_results=True), open_workbook(file, is_results=False)
        tables = [_table(book, formulas, file, sheet.title, name, read) for sheet in book.worksheets]
    except failures as error:
        read.skip(name, say("audit.skipped.no_workbook", error=failure(error)))
        return
    yield from tables


def _table(book: Workbook, formulas: Workbook, file: Path, title: str, name: str, read: Read) -> Cells:
    """A sheet as it is shown; formulas whose result it does not hold are told, for it was never opened in a program
    that computes them.
    """
    filled: dict[tuple[int, int], Any] = {}
    far: list[str] = []
    values, written = (
        islice(sheet_cells(either, file, title, left_out=far), _MOST_ROWS) for either in (book, formulas)
    )
    for row, (cells, sources) in enumerate(zip(values, written, strict=False)):
        for column, (cell, source) in enumerate(zip(cells, sources, strict=False)):
            if cell.value is not None:
                filled[row, column] = _formatted(cell.value, str(cell.number_format))
            elif isinstance(source.value, str) and source.value.startswith("="):
                table = say("audit.place.sheet", file=name, sheet=title)
                place = say("audit.place.cell", table=table, cell=source.coordinate)
                found = source.value
                read.unreadable.append(problem("audit.A01.formula", word("formula"), place=place, found=found))
    if far:
        count = len(dict.fromkeys(far))
        read.readings.append(say("audit.read.far_cell", file=name, cell=far[0], count=count))
    height, width = (max((at[i] for at in filled), default=-1) + 1 for i in (0, 1))
    rows = [[filled.get((row, column)) for column in range(width)] for row in range(height)]
    covered = {
        (row, column): filled.get((top, left))
        for top, left, bottom, right in merged_cells(book, title)
        for row in range(top, min(bottom + 1, height))
        for column in range(left, min(right + 1, width))
    }
    return Cells(name, rows, title, covered)


def _formatted(value: Any, number_format: str) -> Any:
    decimals = re.search(r"0\.(0+)", number_format)
    return shown(value, len(decimals[1]) if decimals else 0, is_percent=is_percentage(number_format))


def shown(value: Any, decimals: int, *, is_percent: bool) -> Any:
    """A number as its format shows it: 3.5 as 3.50, 0.125 as 12.5%. Digits that a format hides stay."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if is_percent:
        percent = Fraction(repr(value)) * 100
        text = f"{float(percent):.{decimals}f}"
        return (text if Fraction(text) == percent else repr(float(percent))) + "%"
    text = f"{value:.{decimals}f}"
    return text if decimals and float(text) == value else value
