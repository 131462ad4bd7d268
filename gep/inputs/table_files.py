"""Where a table of statistics comes from, and its rows: long ones by their headings, others by their layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from gep.core.data import csv_cells, read_csv
from gep.core.errors import InputError, Problem, problem
from gep.core.messages import say
from gep.inputs.cells import Cells, cells_of_csv, cells_of_frame, cells_of_sheet
from gep.inputs.headings import Words
from gep.inputs.layout import Layout, read_layout
from gep.inputs.totals import lacking, without_totals
from gep.inputs.workbooks import (
    cell_text,
    headings_of_sheets,
    is_workbook,
    no_table_in_sheets,
    several_sheets,
    workbook_rows,
)

COLUMNS = ("zone", "item", "measure", "value", "unit", "year", "price_year", "source")


NEEDED = ("zone", "item", "measure", "value", "unit")


Row = tuple[str, dict[str, str]]
"""Where a row stands, and its cells by column."""


@dataclass(frozen=True)
class TableFile:
    """A table of a project: its file, the sheet of a workbook that is meant, what holds for all figures where the table
    does not say it (by column), and headings that are to be left out.
    """

    path: Path
    sheet: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


TableSource = str | Path | pd.DataFrame | TableFile
"""Where a table comes from: a file, or a frame that is read already."""


def path_of(source: TableSource) -> Path | None:
    """The file of a table; None of a frame."""
    if isinstance(source, TableFile):
        return source.path
    return Path(source) if isinstance(source, str | Path) else None


def file_name(source: TableSource, name: str) -> str:
    """What a table is called in messages: by its file, or by its name in the project."""
    path = path_of(source)
    return path.name if path else name


def read_rows(path: Path, sheet: str = "") -> Iterator[Row]:
    """Rows of a CSV or of the sheet of an XLSX that has the columns, as (place, cells by heading)."""
    if is_workbook(path):
        yield from workbook_rows(path, NEEDED, sheet)
    else:
        for line, cells in read_csv(path):
            yield say("inputs.place.line", file=path.name, line=line), cells


def table_rows(source: TableSource, name: str, words: Words) -> tuple[list[Row], list[Problem]]:
    """The rows of a table with the columns of statistics, and what is said of how it was read.

    Raises InputError where the file cannot be read, or nothing says which of its sheets is meant.
    """
    meant = source if isinstance(source, TableFile) else TableFile(path_of(source) or Path(name))
    if isinstance(source, pd.DataFrame):
        if _is_long([str(column) for column in source.columns]):
            return _rows_of_frame(source, name), []
        layout = read_layout(cells_of_frame(source, name), words, {}, name)
        return _of_layout(layout, name) if layout else (_rows_of_frame(source, name), [])
    path = meant.path
    if path.is_dir():
        raise _unreadable(problem("inputs.F01.folder", name, place=path.name))
    if not path.is_file():
        raise _unreadable(problem("inputs.F01.no_such_table", name, place=path.name))
    if path.suffix.lower() == ".xls":
        raise _unreadable(problem("inputs.F01.old_workbook", name, place=path.name))
    try:
        return _rows_of_file(meant, name, words)
    except InputError as error:
        raise InputError(error.message, [replace(found, subject=name) for found in error.problems]) from error


def _unreadable(found: Problem) -> InputError:
    return InputError(say("inputs.unreadable_table", table=found.subject), [found])


def _is_long(headings: Sequence[str]) -> bool:
    """Whether a table has the columns of statistics by their names in the program: one row is one figure."""
    return "value" in headings and bool({"zone", "item"} & set(headings))


def _rows_of_frame(frame: pd.DataFrame, name: str) -> list[Row]:
    return [
        (
            say("inputs.place.row", table=name, row=index),
            {str(k): cell_text(None if v != v else v) for k, v in row.items()},
        )
        for index, row in enumerate(frame.to_dict("records"), 1)
    ]


def _rows_of_file(meant: TableFile, name: str, words: Words) -> tuple[list[Row], list[Problem]]:
    sheets = _sheets(meant)
    if any(_is_long(headings) for headings in sheets.values()):
        rows = [(place, _completed(cells, meant.given)) for place, cells in read_rows(meant.path, meant.sheet)]
        return rows, []
    read = {title: read_layout(_cells(meant.path, title), words, meant.given, name) for title in sheets}
    layouts = {title: layout for title, layout in read.items() if layout}
    with_figures = {title: layout for title, layout in layouts.items() if layout.figures} or layouts
    if not with_figures:
        return list(read_rows(meant.path, meant.sheet)), []  # what it lacks is said of its first row
    if len(with_figures) > 1:
        is_one = any(layout.figures for layout in with_figures.values())
        raise several_sheets(meant.path, list(with_figures)) if is_one else no_table_in_sheets(meant.path, list(sheets))
    return _of_layout(next(iter(with_figures.values())), name)


def _completed(cells: dict[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row with what the project says where the table does not."""
    return {**cells, **{column: value for column, value in given.items() if not cells.get(column)}}


def _sheets(meant: TableFile) -> dict[str, list[str]]:
    """The first row of each sheet that may be meant; of a text file, its own."""
    if is_workbook(meant.path):
        return headings_of_sheets(meant.path, meant.sheet)
    try:
        return {"": csv_cells(meant.path)[0][1]}
    except IndexError:
        return {}


def _cells(path: Path, title: str) -> Cells:
    return cells_of_sheet(path, title) if title else cells_of_csv(path)


def _of_layout(layout: Layout, name: str) -> tuple[list[Row], list[Problem]]:
    """Rows of the figures of a layout, without totals and with what is said of them."""
    figures, said = without_totals(layout.figures, name)
    problems = [*layout.problems, *said]
    if layout.derived:
        names = [f"`{text}`" for text in layout.derived]
        place = layout.figures[0].place if layout.figures else ""
        problems.append(problem("inputs.T30.derived_left_out", name, place=place, names=names))
    for axis in ("zone", "item"):
        if without := [figure for figure in figures if not figure.address.get(axis)]:
            problems.append(lacking(without, axis, name))
    complete = [figure for figure in figures if figure.address.get("zone") and figure.address.get("item")]
    blank = dict.fromkeys(COLUMNS, "")
    return [(figure.place, {**blank, **figure.address, "value": figure.text}) for figure in complete], problems
