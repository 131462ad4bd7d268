"""Tables of HTML, DOCX and OpenDocument files, from their markup. Needs lxml (the extra `audit`).

Such files come from anywhere: nothing is loaded from elsewhere, no entity is put in, and what is unpacked has a limit.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from gep.audit.cells import Cells, Read, decoded, shown, word
from gep.audit.documents import MOST_ROWS, Spread, Table, TooLargeError, raised, tables_of
from gep.core.errors import problem
from gep.core.messages import say
from gep.inputs.workbooks import MOST_COLUMNS

FAILURES = (etree.LxmlError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, RecursionError, NotImplementedError)
"""How a file that is damaged, encrypted or none of its kind shows itself."""
MOST_BYTES = 100_000_000
"""What the text of a document may be unpacked."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFFICE, _TABLE, _TEXT, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "style")
)
_XML = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True}


def _xml(file: Path, part: str) -> Any:
    """A part of a zipped document. Raises ValueError where it declares entities, TooLargeError where it is larger than
    any text.
    """
    with zipfile.ZipFile(file) as parts:
        if parts.getinfo(part).file_size > MOST_BYTES:
            raise TooLargeError
        with parts.open(part) as source:
            raw = source.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TooLargeError
    root = etree.fromstring(raw, etree.XMLParser(**_XML))
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError(say("audit.skipped.entities"))
    return root


def _number(text: str | None, default: int = 1) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else default


# DOCX -----------------------------------------------------------------------------------------------------------------


def docx_tables(file: Path, name: str) -> list[Cells]:
    """The tables of a DOCX."""
    root = _xml(file, "word/document.xml")
    return tables_of(name, _word_parts(root))


_NOT_SHOWN = {f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}


def _word_parts(element: Any) -> Iterator[str | Table]:
    for child in element:
        if child.tag in _NOT_SHOWN:
            continue
        if child.tag == f"{_W}tbl":
            yield _word_table(child)
            for nested in (each for each in child.iter(f"{_W}tbl") if each is not child):
                yield _word_table(nested)
        elif child.tag == f"{_W}p":
            yield _word_text(child)
            for boxed in child.iterfind(f".//{_W}txbxContent"):
                yield from _word_parts(boxed)
        else:
            yield from _word_parts(child)


def _own(element: Any, tag: str, holder: str) -> Iterator[Any]:
    """The parts of a table that are not those of a table within it."""
    for each in element.iter(tag):
        if next(each.iterancestors(holder)) is element:
            yield each


def _word_table(table: Any) -> Table:
    """Cells that go on the one above (`vMerge`) are counted, so that it covers them."""
    rows: list[list[tuple[int, int, Any, bool]]] = []
    for row in _own(table, f"{_W}tr", f"{_W}tbl"):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            continue
        column = _number(_value(row, "trPr", "gridBefore"), 0)
        cells = []
        for cell in _own(row, f"{_W}tc", f"{_W}tr"):
            across = _number(_value(cell, "tcPr", "gridSpan"))
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            goes_on = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
            cells.append((column, across, cell, goes_on))
            column += across
        rows.append(cells)
    going_on = [{column for column, _, _, goes_on in cells if goes_on} for cells in rows]
    spread = Spread()
    for number, cells in enumerate(rows):
        spread.row()
        at = 0
        for column, across, cell, goes_on in cells:
            if goes_on and number and (number, column) in spread.table.covered:
                at = column + across
                continue
            for _ in range(min(column, MOST_COLUMNS) - at):
                spread.cell(None)
            down = 1
            while number + down < len(rows) and column in going_on[number + down]:
                down += 1
            spread.cell("\n".join(_word_text(p) for p in _own(cell, f"{_W}p", f"{_W}tc")).strip(), down, across)
            at = column + across
    return spread.done()


def _value(element: Any, *path: str) -> str | None:
    found = element.find("/".join(f"{_W}{name}" for name in path))
    return None if found is None else found.get(f"{_W}val")


def _word_text(paragraph: Any) -> str:
    """What a paragraph shows: nothing deleted or hidden, superscripts as signs of their own."""
    texts = []
    for run in paragraph.iter(f"{_W}r"):
        holder = next(run.iterancestors(f"{_W}p"))
        if holder is not paragraph or any(above.tag in _NOT_SHOWN for above in run.iterancestors()):
            continue
        if run.find(f"{_W}rPr/{_W}vanish") is not None:
            continue
        signs = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
        text = "".join(each.text or "" if each.tag == f"{_W}t" else signs.get(each.tag, "") for each in run)
        texts.append(raised(text) if _value(run, "rPr", "vertAlign") == "superscript" else text)
    return "".join(texts)


# OpenDocument ---------------------------------------------------------------------------------------------------------


def open_document_tables(file: Path, name: str, read: Read) -> list[Cells]:
    """The sheets of an ODS, or the tables of an ODT."""
    root = _xml(file, "content.xml")
    body = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
    styles = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        if (properties := style.find(f"{_STYLE}text-properties")) is not None
        and re.match(r"super|[1-9]", properties.get(f"{_STYLE}text-position", ""))
    }
    if body is None:
        return tables_of(name, _odt_parts(root, styles))
    found = []
    for sheet in body.iterfind(f"{_TABLE}table"):
        table = _odf_table(sheet, styles)
        title = sheet.get(f"{_TABLE}name", "")
        found.append(Cells(name, table.rows, title, table.covered))
        for cell in sheet.iter(f"{_TABLE}table-cell"):
            if (
                cell.get(f"{_TABLE}formula")
                and cell.get(f"{_OFFICE}value-type") is None
                and not _odf_text(cell, styles)
            ):
                formula = cell.get(f"{_TABLE}formula")
                place = say("audit.place.sheet", file=name, sheet=title)
                read.unreadable.append(problem("audit.A01.formula", word("formula"), place=place, found=formula))
    return found


def _odt_parts(root: Any, styles: set[str]) -> Iterator[str | Table]:
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    for element in body.iter(f"{_TEXT}p", f"{_TEXT}h", f"{_TABLE}table") if body is not None else ():
        if element.tag == f"{_TABLE}table":
            yield _odf_table(element, styles)
        elif not any(above.tag == f"{_TABLE}table" for above in element.iterancestors()):
            yield _odf_text(element, styles)


def _odf_table(table: Any, styles: set[str]) -> Table:
    """Rows and cells that stand for several alike are repeated as far as anything stands behind them."""
    rows = list(_own(table, f"{_TABLE}table-row", f"{_TABLE}table"))
    lines: list[tuple[int, list[tuple[Any, int]]]] = []
    for row in rows:
        cells = [
            (cell, _number(cell.get(f"{_TABLE}number-columns-repeated")))
            for cell in row
            if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
        ]
        while cells and len(cells[-1][0]) == 0 and not cells[-1][0].get(f"{_TABLE}number-columns-spanned"):
            if cells[-1][0].tag != f"{_TABLE}table-cell":
                break
            cells.pop()
        lines.append((_number(row.get(f"{_TABLE}number-rows-repeated")), cells))
    while lines and not lines[-1][1]:
        lines.pop()
    spread = Spread()
    for repeated, cells in lines:
        drawn = [
            (
                _odf_value(cell, styles),
                _number(cell.get(f"{_TABLE}number-rows-spanned")),
                _number(cell.get(f"{_TABLE}number-columns-spanned")),
                min(times, MOST_COLUMNS),
            )
            for cell, times in cells
            if cell.tag != f"{_TABLE}covered-table-cell"
        ]
        for _ in range(min(repeated, MOST_ROWS)):
            spread.row()
            for value, down, across, times in drawn:
                for _ in range(times):
                    spread.cell(value, down, across)
    return spread.done()


def _odf_value(cell: Any, styles: set[str]) -> Any:
    """A cell as it is shown; a number with the digits that its format hides."""
    text = _odf_text(cell, styles)
    kind, stored = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_OFFICE}value")
    if kind == "date" and re.fullmatch(r"\d{4}-01-01.*", cell.get(f"{_OFFICE}date-value", "")):
        return date(int(cell.get(f"{_OFFICE}date-value")[:4]), 1, 1)
    if kind not in ("float", "currency", "percentage") or not stored:
        return text or None
    decimals = re.search(r"\d[.,](\d+)\D*$", text)
    is_parted = re.sub(r"\D", "", text) == stored.lstrip("-")  # 1.234 may be a thousand and more
    count = len(decimals[1]) if decimals and not is_parted else 0
    return shown(float(stored), count, is_percent=kind == "percentage")


def _odf_text(element: Any, styles: set[str]) -> str:
    """What a paragraph, or a cell of several, shows: no comments, no notes, nothing deleted."""
    texts: list[str] = []

    def walk(node: Any, is_raised: bool) -> None:
        def add(text: str | None) -> None:
            spaced = re.sub(r"\s+", " ", text or "")
            texts.append(raised(spaced) if is_raised else spaced)

        add(node.text)
        for child in node:
            if child.tag in (f"{_OFFICE}annotation", f"{_TEXT}note", f"{_TEXT}tracked-changes", f"{_TABLE}table"):
                pass
            elif child.tag == f"{_TEXT}s":
                texts.append(" " * min(_number(child.get(f"{_TEXT}c")), MOST_COLUMNS))
            elif child.tag in (f"{_TEXT}line-break", f"{_TEXT}tab"):
                texts.append("\n" if child.tag == f"{_TEXT}line-break" else " ")
            else:
                if child.tag == f"{_TEXT}p" and texts:
                    texts.append("\n")
                walk(child, is_raised or child.get(f"{_TEXT}style-name") in styles)
            add(child.tail)

    walk(element, False)
    return "".join(texts).strip()


# HTML -----------------------------------------------------------------------------------------------------------------

_BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "figure", "br", "hr", "dt", "dd"})
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "svg", "select", "button"})


def html_tables(file: Path, name: str, read: Read) -> list[Cells]:
    """The tables of a page."""
    raw = file.read_bytes()
    declared = re.search(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", raw[:4096], re.IGNORECASE)
    text: str | None
    try:
        text = raw.decode(declared[1].decode("ascii").replace("gb2312", "gb18030")) if declared else None
    except (UnicodeDecodeError, LookupError):
        text = None
    text = decoded(raw, name, read) if text is None else text
    if not text:
        return []
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    root = etree.fromstring(text, etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True))
    return tables_of(name, _html_parts(root)) if root is not None else []


def _html_parts(root: Any) -> Iterator[str | Table]:
    """Lines between tables, and tables; one within another comes after it."""
    text = ""
    walk = etree.iterwalk(root, events=("start", "end"))
    depth = 0
    for event, element in walk:
        if event == "start":
            if _is_unseen(element):
                walk.skip_subtree()
                continue
            if element.tag == "table":
                yield text
                text = ""
                table = _html_table(element)
                yield table
                depth += 1
                continue
            if depth == 0:
                text += ("\n" if element.tag in _BLOCKS else "") + (element.text or "")
        else:
            if element.tag == "table":
                depth -= 1
            if depth == 0:
                text += ("\n" if element.tag in _BLOCKS else "") + (element.tail or "")
    yield text


def _html_table(table: Any) -> Table:
    spread = Spread()
    for row in _own(table, "tr", "table"):
        if _is_unseen(row):
            continue
        spread.row()
        for cell in row.iterchildren("td", "th"):
            down, across = (_number(cell.get(name, "").strip()) for name in ("rowspan", "colspan"))
            spread.cell(_html_text(cell), down, across)
    done = spread.done()
    caption = table.find("caption")
    done.titles = tuple(filter(None, _html_text(caption).splitlines())) if caption is not None else ()
    return done


def _is_unseen(element: Any) -> bool:
    return element.tag in _UNSEEN or bool(
        re.search(r"display\s*:\s*none", element.get("style", "")) or element.get("hidden") is not None
    )


def _html_text(cell: Any) -> str:
    """What a cell shows, without a table within it."""
    texts: list[str] = []
    heights: list[bool] = [False]

    def add(text: str | None) -> None:
        spaced = re.sub(r"[ \t\r\n\f]+", " ", text or "")
        texts.append(raised(spaced) if heights[-1] else spaced)

    walk = etree.iterwalk(cell, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if element is not cell and (element.tag == "table" or _is_unseen(element)):
                walk.skip_subtree()
                continue
            if element.tag in _BLOCKS:
                texts.append("\n")
            heights.append(heights[-1] or element.tag == "sup")
            add(element.text)
        else:
            if element is cell:
                break
            if not (element.tag == "table" or _is_unseen(element)):
                heights.pop()
                texts += ["\n"] * (element.tag in _BLOCKS and element.tag != "br")
            add(element.tail)
    lines = (re.sub(r" +", " ", line).strip() for line in "".join(texts).split("\n"))
    return "\n".join(filter(None, lines))
