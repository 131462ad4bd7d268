"""Rows of a workbook (XLSX): of the one sheet that is shown and has the columns that are needed.

What a workbook says of itself is not trusted: neither how far a sheet reaches, nor that the first sheet is the one a
reader sees, nor that a formula has a result.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.core.errors import BROKEN_FILE, InputError, did_you_mean, failure, problem
from gep.core.messages import say

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

Position = tuple[int, int]
"""Row and column of a cell, from 0."""

MOST_BYTES = 500_000_000
"""What the parts of a workbook may be unpacked: a table of a million rows stays below; a zip bomb does not."""

MOST_COLUMNS = 1024
"""How far to the right a sheet is read; a figure farther out is refused, a stray text is none of its table. It would
make a table of 16,384 columns.
"""


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook by its name."""
    return path.suffix.lower() in (".xlsx", ".xlsm")


def workbook_rows(path: Path, needed: Sequence[str], sheet: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of the sheet that is named, else of that which has the needed columns, as (place, cells by heading).

    Raises InputError where no sheet is shown, several fit, a heading is there twice, or a formula has no result.
    """
    with _told(path):
        rows = _rows_of_sheet(path, needed, sheet)
    yield from rows


def _rows_of_sheet(path: Path, needed: Sequence[str], sheet: str) -> list[tuple[str, dict[str, str]]]:
    results = open_workbook(path, is_results=True)
    shown = shown_sheets(results, path, sheet)
    fitting = [title for title in shown if set(needed) <= set(_heading(results, path, title))]
    if len(fitting) > 1:
        raise several_sheets(path, fitting)
    title = (fitting or shown)[0]
    heading = _heading(results, path, title)
    if twice := sorted({name for name in heading if name and heading.count(name) > 1}):
        raise _refusal("core.T02.columns_twice", path, columns=[f"`{name}`" for name in twice])
    formulas = _values(open_workbook(path, is_results=False), path, title)
    without_result: list[str] = []
    rows: list[tuple[str, dict[str, str]]] = []
    for number, (cells, written) in enumerate(zip(_values(results, path, title), formulas, strict=True), start=1):
        if number == 1 or all(cell is None for cell in written):
            continue
        row = (*cells, *[None] * (len(heading) - len(cells)))
        place = say("inputs.place.row_of_sheet", file=path.name, sheet=title, row=number)
        for name, cell, formula in zip(heading, row, written, strict=False):
            if name and cell is None and formula is not None:
                without_result.append(say("inputs.place.cell_of_row", place=place, column=name))
        rows.append((place, {name: cell_text(cell) for name, cell in zip(heading, row, strict=False) if name}))
    if without_result:
        found = problem(
            "inputs.F22.no_result", path.stem, place=without_result[0], found=None, count=len(without_result)
        )
        raise InputError(say("core.unreadable", path=path.name), [found])
    return rows


def shown_sheets(book: Workbook, path: Path, sheet: str = "") -> list[str]:
    """The sheets that may be meant: the one that is named, else all that are shown. Raises InputError where there is
    none, with the list of sheets.
    """
    titles = [each.title for each in book.worksheets]
    if sheet:
        same = [title for title in titles if title.strip() == sheet.strip()]
        if not same:
            near = did_you_mean(sheet, titles)
            sheets = [f"`{title}`" for title in titles]
            raise _refusal("inputs.F20.no_such_sheet", path, name=sheet, hint=near, sheets=sheets)
        return same
    shown = [each.title for each in book.worksheets if each.sheet_state == "visible"]
    if not shown:
        raise _refusal("inputs.F20.no_sheet", path)
    return shown


def headings_of_sheets(path: Path, sheet: str = "") -> dict[str, list[str]]:
    """The first row of the sheet that is named, else of each that is shown."""
    with _told(path):
        book = open_workbook(path, is_results=True)
        return {title: _heading(book, path, title) for title in shown_sheets(book, path, sheet)}


def no_table_in_sheets(path: Path, titles: Sequence[str]) -> InputError:
    """The error of a workbook of which no sheet is understood."""
    sheets = [f"`{title}`" for title in titles]
    return _refusal("inputs.F20.no_table_in_sheets", path, sheets=sheets, file=path.name)


def several_sheets(path: Path, titles: Sequence[str]) -> InputError:
    """The error of a workbook of which several sheets may be meant."""
    return _refusal("inputs.F21.several_sheets", path, sheets=[f"`{title}`" for title in titles])


def sheet_texts(path: Path, title: str) -> tuple[list[list[str]], dict[Position, Position]]:
    """The cells of a sheet as texts, and of each cell that a merged block covers the one that it belongs to.

    Raises InputError where a formula has no stored result.
    """
    with _told(path):
        return _texts(open_workbook(path, is_results=True), path, title)


def _texts(results: Workbook, path: Path, title: str) -> tuple[list[list[str]], dict[Position, Position]]:
    rows = [[_shown(cell) for cell in row] for row in sheet_cells(results, path, title)]
    without_result = []
    for number, written in enumerate(_values(open_workbook(path, is_results=False), path, title)):
        for column, formula in enumerate(written):
            if formula is not None and not rows[number][column]:
                without_result.append(f"{title}!{column_letter(column)}{number + 1}")
    if without_result:
        raise _refusal("inputs.F22.no_result", path, found=without_result[0], count=len(without_result))
    texts = rows
    while texts and not any(texts[-1]):
        texts.pop()
    width = max((len(row) for row in texts), default=0)
    texts = [[*row, *[""] * (width - len(row))] for row in texts]
    merged: dict[Position, Position] = {}
    for top, left, bottom, right in merged_cells(results, title):
        for row in range(top, min(bottom, len(texts) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                if (row, column) != (top, left):
                    merged[row, column] = (top, left)
                    texts[row][column] = ""
    return texts, merged


def _shown(cell: Any) -> str:
    """A cell as text; of a share that is formatted as a percentage what is shown, a hundred times the number in it."""
    value = cell.value
    if isinstance(value, int | float) and is_percentage(getattr(cell, "number_format", "")):
        return f"{value * 100:g}%"
    return cell_text(value)


def is_percentage(number_format: str) -> bool:
    """Whether a format shows a number a hundred times as large: by a `%` that is no text in quotes or behind a sign."""
    return "%" in re.sub(r'"[^"]*"|[\\_*].|\[[^\]]*\]', "", number_format)


@cache
def workbook_failures() -> tuple[type[Exception], ...]:
    """What the library raises on a workbook that is damaged, or none."""
    from openpyxl.utils.exceptions import InvalidFileException

    return (*BROKEN_FILE, InvalidFileException)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (
        isinstance(value, str) and re.fullmatch(r"\s*[-+\d.,]+\s*", value) is not None
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says of a damaged workbook that it cannot be read. What is no fault of the file is not caught elsewhere."""
    try:
        yield
    except workbook_failures() as error:
        raise _refusal("inputs.F01.no_table", path, error=failure(error)) from error


def column_letter(column: int) -> str:
    """What a spreadsheet program calls a column, counted from 0."""
    from openpyxl.utils.cell import get_column_letter

    return str(get_column_letter(column + 1))


def cell_text(value: Any) -> str:
    """A cell as a CSV would have it: no decimal point behind whole numbers, nothing for an empty cell."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def open_workbook(path: Path, *, is_results: bool) -> Workbook:
    """A workbook with the results of its formulas, or with the formulas. Raises InputError where it is unpacked larger
    than any table.
    """
    from openpyxl.reader.excel import load_workbook

    with zipfile.ZipFile(path) as parts:
        if (size := sum(part.file_size for part in parts.infolist())) > MOST_BYTES:
            raise _refusal("inputs.F20.too_large", path, size=round(size / 1e6), most=round(MOST_BYTES / 1e6))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that no table needs
        return load_workbook(path, read_only=True, data_only=is_results)


def sheet_cells(
    book: Workbook,
    path: Path,
    title: str,
    *,
    is_values: bool = False,
    most_columns: int = MOST_COLUMNS,
    left_out: list[str] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """The cells of a sheet, row by row, as far as there are any: not as far as the sheet says. Raises InputError where
    a figure stands behind the last column that is read, or puts its cell on the list of those `left_out`.
    """
    sheet: Any = book[title]
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=is_values), start=1):
        for column, cell in enumerate(row[most_columns:], start=most_columns):
            if _is_number(cell if is_values else cell.value):
                found, last = f"{title}!{column_letter(column)}{number}", column_letter(most_columns - 1)
                if left_out is None:
                    raise _refusal("inputs.F20.too_wide", path, found=found, most=most_columns, last=last)
                left_out.append(found)
        yield row[:most_columns]


def merged_cells(book: Workbook, title: str) -> Iterator[tuple[int, int, int, int]]:
    """The merged blocks of a sheet: first row and column, last row and column, counted from 0.

    They are read from the sheet itself: openpyxl makes a cell of each one that a block covers, millions of them where a
    sheet is merged to its edge.
    """
    from openpyxl.utils.cell import range_boundaries
    from openpyxl.xml.functions import iterparse

    sheet: Any = book[title]
    with sheet._get_source() as source:
        for _, element in iterparse(source):
            if element.tag.rpartition("}")[2] == "mergeCell":
                left, top, right, bottom = (edge or 1 for edge in range_boundaries(element.get("ref")))
                yield top - 1, left - 1, bottom - 1, right - 1
            element.clear()


def _values(book: Workbook, path: Path, title: str) -> Iterator[tuple[Any, ...]]:
    return sheet_cells(book, path, title, is_values=True)


def _heading(book: Workbook, path: Path, title: str) -> list[str]:
    return [cell_text(cell) for cell in next(_values(book, path, title), ())]


def _refusal(key: str, path: Path, **fields: Any) -> InputError:
    return InputError(say("core.unreadable", path=path.name), [problem(key, path.stem, place=path.name, **fields)])
