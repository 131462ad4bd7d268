"""Forms of the sample city, and a person who fills them in with openpyxl."""

from __future__ import annotations

import contextlib
import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook

from gep.cli.app import main

PEOPLE = {"填报人": "王芳", "审核人": "李强", "填报日期": "2021-08-30"}


@dataclass(frozen=True)
class Call:
    """What a command ended with, and what it printed and complained of."""

    exit_code: int
    output: str


def call(*words) -> Call:
    """A command in Chinese."""
    said, before = io.StringIO(), sys.argv
    sys.argv = ["gep", *map(str, words), "--lang", "zh"]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), pytest.raises(SystemExit) as stop:
            main()
    finally:
        sys.argv = before
    return Call(stop.value.code, said.getvalue())


def statistics_of(path: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    """The rows of a table: value and unit by zone, item and measure."""
    with path.open(encoding="utf-8") as file:
        return {(r["zone"], r["item"], r["measure"]): (r["value"], r["unit"]) for r in csv.DictReader(file)}


class Form:
    """A sheet of figures, found by what a person sees: codes of figures at the left, counties above."""

    def __init__(self, sheet):
        self.sheet = sheet
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        corner = next(cell for cell in cells if cell.value == "指标代码")
        self.is_downwards = any(c.value == "指标名称" and c.row == corner.row for c in cells)
        self.lines, self.places = {}, {}
        for cell in cells:
            along, across = (cell.column, cell.row) if self.is_downwards else (cell.row, cell.column)
            if along == (corner.column if self.is_downwards else corner.row) and ":" in str(cell.value):
                self.lines[cell.value] = across
        for cell in cells:
            if cell.value == "本年值":
                name, code = (
                    sheet.cell(
                        *(cell.row - up, cell.column) if self.is_downwards else (cell.row, cell.column - up)
                    ).value
                    for up in (2, 1)
                )
                place = "_city" if name == "全市" else str(code)
                self.places[place] = cell.column if self.is_downwards else cell.row
        self.headings = {
            c.value: c.column if self.is_downwards else c.row
            for c in cells
            if c.value in ("计量单位", "备注", "数据来源/依据")
        }

    def cell(self, code, place):
        """The cell of a line under a county, or under a heading."""
        line, column = self.lines[code], self.places.get(place) or self.headings[place]
        return self.sheet.cell(line, column) if self.is_downwards else self.sheet.cell(column, line)

    def sign(self):
        """Who filled it in, and when."""
        for row in self.sheet.iter_rows(max_row=3):
            for cell in row:
                if cell.value in PEOPLE:
                    self.sheet.cell(cell.row, cell.column + 1).value = PEOPLE[cell.value]


def forms_of(book) -> list[Form]:
    return [
        Form(sheet) for sheet in book.worksheets if any(c.value == "指标代码" for r in sheet.iter_rows() for c in r)
    ]


def fill(folder: Path, table: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Fill every form with the figures of a table, as they stand there; what was filled in."""
    rows, filled = statistics_of(table), {}
    for path in sorted(folder.glob("*.xlsx")):
        book = load_workbook(path)
        for form in forms_of(book):
            form.sign()
            for code in form.lines:
                item, _, measure = code.rpartition(":")
                for place in form.places:
                    if (row := rows.get((place, item, measure))) is not None:
                        form.cell(code, place).value = float(row[0])
                        filled[place, item, measure] = row
        book.save(path)
    return filled


# one reply that a person changed --------------------------------------------------------------------------------------

WATER, AIR, FARMS, SITES = (
    "07-水利局-2020.xlsx",
    "06-生态环境局-2020.xlsx",
    "01-统计局-2020.xlsx",
    "11-文旅局-2020.xlsx",
)
SO2 = "so2_emission:quantity"


def loads(form: Form, but=()):
    """Fill in all of the form of emissions, but for some cells."""
    for number, code in enumerate(form.lines, start=1):
        for place in ("990101", "990102", "990103"):
            if (code, place) not in but:
                form.cell(code, place).value = 10 * number


def rows(folder, name="statistics.csv"):
    encoding = "utf-8" if name == "statistics.csv" else "utf-8-sig"
    with (folder / "tables" / name).open(encoding=encoding) as file:
        return list(csv.DictReader(file))


def codes(folder):
    """The codes of what is told of replies."""
    return [row["代码"] for row in rows(folder, "problems.csv")]


def figures(folder):
    return {(row["zone"], row["item"]): row["value"] for row in rows(folder)}
