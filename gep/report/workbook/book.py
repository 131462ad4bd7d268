"""A workbook whose bytes follow from its content alone, with numbers to their last digit and text that stays text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from gep.core.messages import visible
from gep.report.tables.model import Cell, figure_of, number_format, symbol

LONGEST = 16_383
"""Letters of a cell: half of the 32,767 units that there may be, for an emoji takes two."""

MOST_LETTERS_OF_A_NAME = 31
"""Of a sheet."""


class Sheet(Worksheet):
    """A sheet whose numbers are written so that reading gives the same float, where the library writes 16 digits."""

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        attributes_text = "".join(f' {key}="{escape(str(value))}"' for key, value in attributes)
        self.fh.write(f"<c{attributes_text}><v>{number!r}</v></c>")  # type: ignore[attr-defined]  # it declares none

    def text(self, row: int, column: int, text: str, form: Format | None = None) -> None:
        """A text as a text, whatever it begins with; control letters are shown and not obeyed."""
        shown = visible(text)
        if len(shown) > LONGEST:
            shown = f"{shown[: LONGEST - 1]}…"
        if shown or form is not None:
            self.write_string(row, column, shown, form) if shown else self.write_blank(row, column, None, form)

    def number(self, row: int, column: int, number: float, form: Format | None = None) -> None:
        """A number to its last digit."""
        self.write_number(row, column, number, form)


@dataclass(frozen=True)
class Properties:
    """What a document says of itself."""

    title: str
    subject: str
    language: str
    year: int


class Book:
    """A workbook in memory, and the formats that its cells share."""

    def __init__(self, properties: Properties, **font: Any) -> None:
        self._file = io.BytesIO()
        self._properties = properties
        self._font = font
        self._book = Workbook(self._file, {"in_memory": True, "strings_to_urls": False})
        self._book.set_properties(
            {
                "title": properties.title,
                "subject": properties.subject,
                "author": "gep",
                "created": datetime(properties.year, 12, 31),
            }
        )
        self._book.formats[0].set_font_name(font.get("font_name", "Arial"))
        self._book.formats[0].set_font_size(font.get("font_size", 10))
        self.sheets: list[Sheet] = []
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def sheet(self, name: str) -> Sheet:
        """A new sheet."""
        sheet = self._book.add_worksheet(name, Sheet)
        assert isinstance(sheet, Sheet)
        self.sheets.append(sheet)
        return sheet

    def form(self, **properties: Any) -> Format:
        """The format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({**self._font, **properties})
        return self._formats[key]

    def save(self, path: Path) -> Path:
        """Write the file, with the language of the document, which the library does not know."""
        self._book.close()
        self._file.seek(0)
        language = f"<dc:language>{escape(self._properties.language)}</dc:language></cp:coreProperties>"
        with zipfile.ZipFile(self._file) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for about in source.infolist():
                content = source.read(about)
                if about.filename == "docProps/core.xml":
                    content = content.replace(b"</cp:coreProperties>", language.encode("utf-8"))
                fixed = zipfile.ZipInfo(about.filename, (1980, 1, 1, 0, 0, 0))
                fixed.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(fixed, content)
        return path


def number_form(cell: Cell, language: str, low: str = "", partial: str = "") -> str:
    """How the number of a cell is shown: rounded, as it is printed where that is another number, or as a symbol that
    stands for one too small to show; with a mark behind a sum that lacks a part. Both are those of tables where none
    are given.
    """
    low, partial = low or symbol("low", language), partial or symbol("partial", language)
    mark = f'"{partial}"' if cell.is_partial else ""
    if cell.is_below_shown:
        return ";".join([f'"{low}"{mark}'] * 3)
    if cell.printed is not None:
        return ";".join([f'"{figure_of(cell, language)}"{mark}'] * 3)
    return number_format(cell.decimals, language) + mark


def column_name(column: int) -> str:
    """The letters of a column, the first being 0."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """A cell by its name: `C5`."""
    return f"{column_name(column)}{row + 1}"


def quoted(sheet: str) -> str:
    """The name of a sheet as formulas have it."""
    return "'" + sheet.replace("'", "''") + "'"


def link_to(sheet: str) -> str:
    """A link within the workbook."""
    return f"internal:{quoted(sheet)}!A1"


Styles = Mapping[str, Any]
