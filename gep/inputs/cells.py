"""A table as a person sees it: cells in rows and columns, with blocks that are merged, and where each cell stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from gep.core.data import csv_cells
from gep.core.messages import Text, say
from gep.inputs.workbooks import Position, cell_text, column_letter, sheet_texts


@dataclass(frozen=True)
class Cells:
    """The cells of a table as texts. A cell that a merged block covers is empty; `merged` has the one it belongs to."""

    table: str
    texts: Sequence[Sequence[str]]
    merged: Mapping[Position, Position] = field(default_factory=dict)
    sheet: str = ""
    lines: Sequence[int] = ()
    """The lines of a text file that the rows are; none of a workbook or a frame."""
    is_frame: bool = False
    is_turned: bool = False

    @cached_property
    def width(self) -> int:
        """How many columns there are."""
        return max((len(row) for row in self.texts), default=0)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.texts)

    def own(self, row: int, column: int) -> str:
        """What stands in a cell itself."""
        return self.texts[row][column] if column < len(self.texts[row]) else ""

    def text(self, row: int, column: int) -> str:
        """What a cell shows: of one that a merged block covers, what the block does."""
        return self.own(*self.merged.get((row, column), (row, column)))

    def place(self, row: int, column: int) -> Text:
        """Where a cell stands, as a spreadsheet program or an editor says it."""
        if self.is_turned:
            row, column = column, row
        if self.is_frame:
            return say("inputs.place.row_and_column", table=self.table, row=row, column=column + 1)
        if self.lines:
            return say("inputs.place.line_and_column", file=self.table, line=self.lines[row], column=column + 1)
        cell = f"{column_letter(column)}{row + 1}"
        return say("inputs.place.cell", file=self.table, sheet=self.sheet, cell=cell)

    def filled(self, row: int) -> list[int]:
        """The columns of a row in which something stands."""
        return [column for column in range(self.width) if self.own(row, column)]

    def turned(self) -> Cells:
        """The same table with its rows as columns; of a text file or frame, the lines no longer number its rows."""
        texts = [[self.own(row, column) for row in range(self.height)] for column in range(self.width)]
        merged = {(c, r): (c0, r0) for (r, c), (r0, c0) in self.merged.items()}
        return replace(self, texts=texts, merged=merged, is_turned=True)


def cells_of_csv(path: Path) -> Cells:
    """The cells of a text file."""
    rows = csv_cells(path)
    return Cells(path.name, [row for _, row in rows], lines=[line for line, _ in rows])


def cells_of_sheet(path: Path, title: str) -> Cells:
    """The cells of a sheet of a workbook. Raises InputError where a formula has no stored result."""
    texts, merged = sheet_texts(path, title)
    return Cells(path.name, texts, merged, title)


def cells_of_frame(frame: pd.DataFrame, name: str) -> Cells:
    """The cells of a frame: its columns as the heading, by as many rows as they have levels."""
    named: list[Any] = frame.columns.tolist()
    columns: list[tuple[Any, ...]] = [column if isinstance(column, tuple) else (column,) for column in named]
    levels = max((len(column) for column in columns), default=1)
    heading = [[_text(column[level]) if level < len(column) else "" for column in columns] for level in range(levels)]
    rows = [[_text(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return Cells(name, [*heading, *rows], is_frame=True)


def _text(value: object) -> str:
    return cell_text(None if value != value else value)
