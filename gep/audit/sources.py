"""Files as people have them: which reader reads which, and which table of them is meant.

CSV, TSV, pasted text, Markdown     pasted
XLSX                                cells
ODS, ODT, DOCX, HTML                markup (the extra `audit`)
PDF                                 pdf (the extra `audit`)
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from gep.audit.cells import Cells, Read, sheets
from gep.audit.documents import TooLargeError
from gep.audit.grids.blocks import blocks_of
from gep.core.errors import MissingFeatureError, UsageError
from gep.core.messages import Text, joined, say

TEXTS = (".csv", ".tsv", ".txt", ".md", ".markdown")
MOST_BYTES = 500_000_000
"""What a file may be: an account of a province by county stays far below."""
_OLD = (".xls", ".doc", ".wps", ".et", ".ppt")
_SUFFIXES = {
    **dict.fromkeys((".xlsx", ".xlsm"), "xlsx"),
    **dict.fromkeys((".ods", ".odt"), "odf"),
    **dict.fromkeys((".docx", ".docm"), "docx"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    ".pdf": "pdf",
}
_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "content.xml": "odf"}
"""By what a zipped file holds, what it is."""


@dataclass(frozen=True)
class Choice:
    """Which tables of a file are meant: all, where nothing is said."""

    sheet: str = ""
    pages: range = range(0)
    table: int = 0

    def __bool__(self) -> bool:
        return bool(self.sheet or self.pages or self.table)

    def among(self, tables: Sequence[Cells], name: str) -> list[Cells]:
        """The tables that are meant. Raises UsageError where there are none, with the list of what there is."""
        found = [cells for cells in tables if self._is_meant(cells)]
        if self.table and not any(cells.lines for cells in found):
            found = [only for cells in found if (only := _only(cells, self.table)) is not None]
        if not found:
            there = [entry for cells in tables for entry in _entries(cells)]
            raise UsageError(say("audit.choice.none", file=name, choice=self._said(), there=joined(there, "\n  ")))
        if self.table and len(found) > 1:
            listed = joined([cells.name for cells in found], "\n  ")
            raise UsageError(say("audit.choice.several", file=name, choice=self._said(), there=listed))
        return found

    def _is_meant(self, cells: Cells) -> bool:
        if self.sheet and cells.sheet.strip() != self.sheet.strip():
            return False
        if self.pages and not any(line.page in self.pages for line in cells.lines):
            return False
        return not (self.table and cells.lines) or cells.lines[0].table == self.table

    def _said(self) -> Text:
        pages = f"{self.pages.start}-{self.pages.stop - 1}" if len(self.pages) > 1 else str(self.pages.start)
        options = (("--sheet", self.sheet), ("--page", self.pages and pages), ("--table", self.table))
        return joined([f"{option} {value}" for option, value in options if value], " ")


ALL_TABLES = Choice()


def read_pages(text: str) -> range:
    """`3` or `3-5` as pages. Raises UsageError for anything else."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*(?:[-–]\s*(\d{1,5})\s*)?", text)
    pages = range(int(match[1]), int(match[2] or match[1]) + 1) if match else range(0)
    if not pages or not pages.start:
        raise UsageError(say("audit.choice.pages", found=text))
    return pages


def _numbered(cells: Cells) -> dict[int, list[Any]]:
    """The blocks of a sheet or of a text, each with those that go on it, by the number that its name has."""
    tables: dict[int, list[Any]] = {}
    for block in blocks_of(cells):
        if block.continues and tables:
            tables[max(tables)].append(block)
        else:
            tables[block.number] = [block]
    return tables


def _entries(cells: Cells) -> Iterator[Text]:
    """A line for each table that there is, with its title."""
    if cells.lines:
        title = next((str(row[0]) for row, line in zip(cells.rows, cells.lines, strict=True) if not line.row), "")
        yield _entry(cells.name, title)
        return
    for number, blocks in _numbered(cells).items():
        yield _entry(say("audit.place.block", table=cells.name, number=number), " ".join(blocks[0].titles[:1]))


def _entry(name: str, title: str) -> Text:
    return say("audit.choice.entry", table=name, title=title[:80]) if title else joined([name], "")


def _only(cells: Cells, number: int) -> Cells | None:
    """A sheet with nothing but one of its tables, which stays where it is."""
    tables = _numbered(cells)
    if number not in tables:
        return None
    ends = {key: max(max(block.body) for block in blocks) for key, blocks in tables.items()}
    first = max((end + 1 for key, end in ends.items() if key < number), default=0)
    rows = [row if first <= at <= ends[number] else [] for at, row in enumerate(cells.rows)]
    covered = {at: value for at, value in cells.covered.items() if first <= at[0] <= ends[number]}
    return replace(cells, rows=rows, covered=covered)


# readers --------------------------------------------------------------------------------------------------------------


def tables_of_file(file: Path, name: str, read: Read, choice: Choice, *, is_alone: bool) -> list[Cells]:
    """The tables of a file that is no plain text; none where it cannot be read, which is said.

    Raises MissingFeatureError where its reader is not installed and the file `is_alone`.
    """
    kind = _kind(file)
    if kind is None:
        is_old = file.suffix.lower() in _OLD
        read.skip(name, say("audit.skipped.old_format" if is_old else "audit.skipped.other_kind"))
        return []
    if kind == "xlsx":
        return list(sheets(file, name, read))
    try:
        module = import_module("gep.audit.pdf" if kind == "pdf" else "gep.audit.markup")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("gep."):
            raise
        missing = MissingFeatureError.of(name, "audit")
        if is_alone:
            raise missing from error
        read.skip(name, joined(missing.args[:1], ""))
        return []
    readers: dict[str, Callable[[], list[Cells]]] = {
        "pdf": lambda: module.pdf_tables(file, name, read, choice.pages),
        "docx": lambda: module.docx_tables(file, name),
        "odf": lambda: module.open_document_tables(file, name, read),
        "html": lambda: module.html_tables(file, name, read),
    }
    told = len(read.skipped)
    try:
        tables = readers[kind]()
    except (TooLargeError, MemoryError):
        read.skip(name, say("audit.skipped.too_large"))
    except module.FAILURES as error:
        said = next((each for each in error.args if isinstance(each, Text)), None)
        read.skip(name, said or say("audit.skipped.damaged"))
    else:
        if not tables and len(read.skipped) == told:
            read.skip(name, say("audit.skipped.no_table"))
        return tables
    return []


def _kind(file: Path) -> str | None:
    """What a file is, by its name; by what is in it where it has the name of an old format, as pages that are exported
    as `.xls` have.
    """
    suffix = file.suffix.lower()
    if suffix not in _OLD:
        return _SUFFIXES.get(suffix)
    with file.open("rb") as source:
        start = source.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"pk") and zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as parts:
            return next((kind for part, kind in _PARTS.items() if part in parts.namelist()), None)
    return "html" if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")) else None
