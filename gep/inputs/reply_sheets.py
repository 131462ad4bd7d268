"""One workbook that came back: its hidden sheet, and its other sheets as cells with their places.

As with tables, nothing that a workbook says of itself is trusted: not how far a sheet reaches (what WPS writes of it
differs), not that a formula has a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gep.core.errors import InputError, failure, problem
from gep.core.messages import Text, say
from gep.inputs.form_cells import plain_text
from gep.inputs.forms import HIDDEN, Workbook, words, workbook_of
from gep.inputs.workbooks import (
    MOST_COLUMNS,
    Position,
    column_letter,
    merged_cells,
    open_workbook,
    sheet_cells,
    workbook_failures,
)

MOST_ROWS = 20_000
"""How far down a sheet is read: no form is longer; one that has something below is refused."""


@dataclass(frozen=True)
class Cell:
    """What a cell holds: its value, how it is shown, and whether a formula is without its result."""

    value: Any
    number_format: str = ""
    is_unsolved: bool = False

    @property
    def text(self) -> str:
        return plain_text(self.value)

    @property
    def is_empty(self) -> bool:
        """Whether nobody filled it in: a formula without its result somebody did."""
        return self.value is None and not self.is_unsolved


EMPTY = Cell(None)


@dataclass(frozen=True)
class Sheet:
    """A sheet that is shown: its cells by position, and its merged blocks."""

    file: str
    title: str
    cells: dict[Position, Cell] = field(repr=False)
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def __getitem__(self, position: Position) -> Cell:
        return self.cells.get(position, EMPTY)

    def text(self, position: Position) -> str:
        return self[position].text

    def find(self, key: str) -> Position | None:
        """Where a heading stands, in whatever language; the first from above."""
        names = words(key)
        return min((place for place, cell in self.cells.items() if cell.text in names), default=None)

    def beside(self, key: str) -> Cell:
        """The cell to the right of a heading, or to the right of that where it is merged."""
        place = self.find(key)
        if place is None:
            return EMPTY
        block = self._block(place)
        return self[place[0], (block[3] if block else place[1]) + 1]

    def covering(self, position: Position) -> Cell:
        """The cell that is seen at a place: of a merged block its first."""
        block = self._block(position)
        return self[block[:2]] if block else self[position]

    def _block(self, position: Position) -> tuple[int, int, int, int] | None:
        row, column = position
        return next((b for b in self.merged if b[0] <= row <= b[2] and b[1] <= column <= b[3]), None)

    def rows(self) -> range:
        return range(max((row for row, _ in self.cells), default=-1) + 1)

    def columns(self) -> range:
        return range(max((column for _, column in self.cells), default=-1) + 1)

    def place(self, position: Position) -> Text:
        """A cell for people: file, sheet, and its name there."""
        cell = f"{column_letter(position[1])}{position[0] + 1}"
        return say("office.place.cell", file=self.file, sheet=self.title, cell=cell)

    @property
    def whole(self) -> Text:
        return say("office.place.sheet", file=self.file, sheet=self.title)


@dataclass(frozen=True)
class Reply:
    """A workbook that came back, with what was asked in it."""

    file: str
    asked: Workbook
    sheets: tuple[Sheet, ...]


def read_reply(path: Path) -> Reply:
    """A workbook that came back. Raises InputError where it cannot be read, or is none of ours."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise _refused("office.F50.other_format", path)
    try:
        results, formulas = (open_workbook(path, is_results=is_results) for is_results in (True, False))
        if HIDDEN not in results.sheetnames:
            raise _refused("office.F50.no_form", path)
        record = [[plain_cell(cell) for cell in row] for row in sheet_cells(results, path, HIDDEN, is_values=True)]
        asked = _asked(path, record)
        shown = [sheet.title for sheet in results.worksheets if sheet.sheet_state == "visible"]
        width = MOST_COLUMNS + 2 * len(asked.places) + max((len(form.lines) for form in asked.forms), default=0)
        return Reply(path.name, asked, tuple(_sheet(path, results, formulas, title, width) for title in shown))
    except InputError:
        raise
    except workbook_failures() as error:
        raise _refused("office.F50.unreadable", path, reason=failure(error)) from error


def _asked(path: Path, record: Sequence[Sequence[str]]) -> Workbook:
    try:
        return workbook_of(record)
    except (KeyError, ValueError, IndexError) as error:
        raise _refused("office.F50.other_schema", path) from error


def plain_cell(value: object) -> str:
    """A cell of the hidden sheet, where everything is text."""
    return "" if value is None else str(value)


def _sheet(path: Path, results: Any, formulas: Any, title: str, width: int) -> Sheet:
    cells: dict[Position, Cell] = {}
    beside = zip(*(sheet_cells(book, path, title, most_columns=width) for book in (results, formulas)), strict=True)
    for row, (solved, written) in enumerate(beside):
        if row >= MOST_ROWS and any(cell.value is not None for cell in written):
            raise _refused("office.F50.too_long", path, sheet=title, row=row + 1, most=MOST_ROWS)
        for column, (one, other) in enumerate(zip(solved, written, strict=False)):
            if other.value is None and one.value is None:
                continue
            is_unsolved = one.value is None and other.value is not None
            cells[row, column] = Cell(one.value, getattr(one, "number_format", "") or "", is_unsolved)
    return Sheet(path.name, title, cells, tuple(merged_cells(results, title)))


def _refused(key: str, path: Path, **fields: Any) -> InputError:
    return InputError(say("core.unreadable", path=path.name), [problem(key, path.stem, place=path.name, **fields)])
