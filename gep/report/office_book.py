"""Workbooks for offices: made the same for the same content, to be read by Excel, WPS and LibreOffice alike."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

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


def set_up_print(sheet: Any, first: int, last: int) -> None:
    """Landscape on A4, as wide as one page, with the heading rows on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(first, last)
    sheet.set_footer("&C&P / &N")
