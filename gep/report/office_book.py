"""Workbooks for offices: made the same for the same content, to be read by Excel, WPS and LibreOffice alike."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from gep.core.letters import width as letters

WRITTEN = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The time that every workbook says it was made at: the clock is no part of its content."""

FONTS = {"zh": "宋体", "en": "Calibri"}
BAND, ENTRY = "#DCE6F1", "#FFFFE0"
"""The colours of headings and of cells to be filled in."""


@contextmanager
def office_book(path: Path, title: str, language: str) -> Iterator[Any]:
    """A workbook to write into, saved at the end."""
    whole = io.BytesIO()
    book = xlsxwriter.Workbook(whole, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "author": "gep", "language": language, "created": WRITTEN})
    book.set_size(2400, 1500)
    yield book
    book.close()
    path.write_bytes(whole.getvalue())


def cell_format(book: Any, language: str, **more: Any) -> Any:
    """The format of a cell in the font of the language."""
    return book.add_format({"font_name": FONTS[language], "font_size": 10, "valign": "vcenter", **more})


def heading_format(book: Any, language: str, **more: Any) -> Any:
    """The format of a heading."""
    look = {"bold": True, "bg_color": BAND, "border": 1, "text_wrap": True, "align": "center"}
    return cell_format(book, language, **{**look, **more})


def height_of(texts: Iterable[tuple[str, float]]) -> float:
    """The height of a row whose cells hold texts in columns of some widths: programs differ in whether they find it."""
    return _LINE * max((_lines(text, width) for text, width in texts), default=1) + 2


def _lines(text: str, width: float) -> int:
    return sum(max(1, -(-letters(line) // max(int(width) - 1, 1))) for line in text.split("\n"))


def set_up_print(sheet: Any, rows: tuple[int, int], width: float, columns: tuple[int, int] | None = None) -> None:
    """Landscape, as wide as one page of A4, or of A3 where the columns are many; of more than that, several pages
    beside each other. Heading rows, and of several pages the first columns, stand on every page.
    """
    sheet.set_landscape()
    sheet.set_paper(_A4 if width <= _FITS_A4 else _A3)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    if width <= _FITS_A3 or columns is None:
        sheet.fit_to_pages(1, 0)
    else:
        sheet.set_print_scale(70)
        sheet.repeat_columns(*columns)
    sheet.repeat_rows(*rows)
    sheet.set_footer("&C&P / &N")


_LINE = 13.5
"""Points of a line of ten-point text."""
_A4, _A3 = 9, 8
_FITS_A4, _FITS_A3 = 170, 300
"""How many letters beside each other are still read on a page."""
