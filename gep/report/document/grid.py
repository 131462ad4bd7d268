"""A table of a report as a table of Word: heads that repeat, widths by what stands in the columns, and parts of a table
that is wider than the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from gep.core.letters import width as letters
from gep.core.messages import Text, in_language
from gep.report.document.elements import Alignment, Element, paragraph, run, w
from gep.report.tables.model import Cell, Column, ReportTable, Row, text_of

_EM = 88
"""Half of a letter of a cell, the width of a Latin one, in twentieths of a point."""
_DIGIT = 114
"""A digit in the widest of the fonts that stand in for a missing one: a number broken over two lines reads as two."""
_BOLD, _LONGEST_OF_HEAD = 104, 10
"""The same of a head, which is bold; a word of so many letters is not broken."""
_WORD = 124
"""The same of a word that stands for a number, in the widest of bold fonts: it is not broken either."""
_PADDING = 130
_LEAST, _LONGEST, _LONGEST_OF_TOTAL = 4, 36, 18
"""Letters: the name of a total is longer than those above it and takes several lines, or the column is too wide."""
_MORE = 8
"""Of a text that is longer, a letter in so many: a sentence of ten lines takes more of the width than a word."""
_SHORT = 9
"""Letters of a column of words that gives no way: what it has is short."""
_KEPT_ROWS, _LAST_ROWS = 12, 4
"""A table of no more rows stays on one page; the last rows of a longer one do, so that no total stands alone."""
_OF_LABELS = 45
"""Percent of a page that names of rows take at most where a table is wider: their words run over several lines, or a
part would hold a column or two."""
_SHADE = {"category": "EAF0F7", "total": "DCE6F1"}


@dataclass(frozen=True)
class GridCell:
    """What stands in a cell of a page: a text by language, how far it is set in, whether it is a number."""

    text: str
    is_number: bool = False
    level: int = 0


@dataclass(frozen=True)
class GridRow:
    """A row, and what kind it is."""

    cells: tuple[GridCell, ...]
    kind: str = "item"


@dataclass(frozen=True)
class Grid:
    """Heads, groups above them (empty where none), rows, and how many columns name the rows."""

    heads: tuple[str, ...]
    groups: tuple[str, ...]
    rows: tuple[GridRow, ...]
    labels: int = 1


def both(text: str, languages: Sequence[str]) -> str:
    """A text in every language, one below the other."""
    return "\n".join(dict.fromkeys(in_language(text, language) for language in languages))


def grid_of(table: ReportTable, languages: Sequence[str], columns: Sequence[Column]) -> Grid:
    """A table of the report, or some of its columns, as it is printed."""
    rows = tuple(
        GridRow(tuple(_cell(table, row, column, languages) for column in columns), row.kind) for row in table.rows
    )
    heads = tuple("\n".join(dict.fromkeys(column.title(language) for language in languages)) for column in columns)
    return Grid(heads, tuple(both(column.group, languages) for column in columns), rows, table.labels)


def _cell(table: ReportTable, row: Row, column: Column, languages: Sequence[str]) -> GridCell:
    cell = table.cell(row, column)
    if cell.text is not None:
        return GridCell(both(cell.text, languages), is_number=not column.is_text)
    return number_cell(cell, languages)


def number_cell(cell: Cell, languages: Sequence[str]) -> GridCell:
    """A number, or in every language why there is none."""
    said = languages[:1] if cell.value is not None else languages
    return GridCell("\n".join(dict.fromkeys(text_of(cell, language) for language in said)), is_number=True)


def simple(heads: Sequence[Text], rows: Sequence[Sequence[str]], languages: Sequence[str], labels: int = 1) -> Grid:
    """A table of words; what looks like a number stands to the right."""
    made = tuple(
        GridRow(tuple(GridCell(text := both(cell, languages), is_number=_is_number(text)) for cell in row))
        for row in rows
    )
    return Grid(tuple(both(head, languages) for head in heads), ("",) * len(heads), made, labels)


def _is_number(text: str) -> bool:
    return bool(text) and text[0].isdigit() and text.replace(",", "").replace(".", "").isdigit()


def parts_of(grid: Grid, width: int) -> list[tuple[Grid, list[int]]]:
    """The grid with the widths of its columns; in several parts, each with the columns that name the rows, where its
    numbers do not fit beside each other.
    """
    needed = [_needed(grid, at) for at in range(len(grid.heads))]
    numbers = {at for at in range(len(needed)) if all(row.cells[at].is_number for row in grid.rows)}
    labels = range(grid.labels)
    if sum(needed) <= width or not numbers.issuperset(range(grid.labels, len(needed))):
        short = {at for at, size in enumerate(needed) if size <= _PADDING + _SHORT * _EM}
        return [(grid, _fitted(needed, numbers | short, width))]
    whole = sum(needed[at] for at in labels)
    taken = min(whole, width * _OF_LABELS // 100)
    needed[: grid.labels] = [needed[at] * taken // whole for at in labels]
    found: list[list[int]] = [[]]
    room = width - taken
    for at in range(grid.labels, len(needed)):
        if found[-1] and needed[at] > room:
            found.append([])
            room = width - taken
        found[-1].append(at)
        room -= needed[at]
    parts = [[*labels, *part] for part in found]
    return [(_columns(grid, part), _fitted([needed[at] for at in part], set(), width)) for part in parts]


def _fitted(needed: Sequence[int], numbers: Collection[int], width: int) -> list[int]:
    """Widths that fill the line. Where they do not fit, words give way to numbers."""
    whole = sum(needed)
    kept = sum(needed[at] for at in numbers)
    if whole <= width or not numbers or width - kept < width // 4:
        return [size * width // whole for size in needed]
    return [size if at in numbers else size * (width - kept) // (whole - kept) for at, size in enumerate(needed)]


def _columns(grid: Grid, columns: Sequence[int]) -> Grid:
    return Grid(
        tuple(grid.heads[at] for at in columns),
        tuple(grid.groups[at] for at in columns),
        tuple(GridRow(tuple(row.cells[at] for at in columns), row.kind) for row in grid.rows),
        grid.labels,
    )


def _needed(grid: Grid, at: int) -> int:
    """The width of a column: a number is never broken, words are."""
    longest = _LEAST * _EM
    for row in grid.rows:
        cell = row.cells[at]
        length = letters(cell.text)
        longest_word = _LONGEST_OF_TOTAL if row.kind == "total" else _LONGEST + length // _MORE
        if not cell.is_number:
            needed = _EM * min(length, longest_word)
        elif any(letter.isdigit() for letter in cell.text):
            needed = _DIGIT * (length + 2 * cell.level)
        else:  # why there is no number, in words that may run over two lines
            needed = _WORD * max((letters(word) for word in cell.text.split()), default=0)
        longest = max(longest, needed)
    head = max(letters(word) for line in grid.heads[at].split("\n") for word in line.split(" ") or [""])
    return _PADDING + max(longest, _BOLD * min(head, _LONGEST_OF_HEAD))


def word_table(grid: Grid, widths: Sequence[int], languages: Sequence[str], described: str) -> Element:
    """The grid as an element `w:tbl`, between lines above and below, with the head repeated on every page."""
    borders = w(
        "tblBorders", w("top", val="single", sz=12, color="000000"), w("bottom", val="single", sz=12, color="000000")
    )
    borders.append(w("insideH", val="single", sz=2, color="BFBFBF"))
    margins = w("tblCellMar", *(w(side, w=60, type_="dxa") for side in ("left", "right")))
    look = w("tblPr", w("tblW", w=sum(widths), type_="dxa"), w("jc", val="center"), borders)
    look.extend([w("tblLayout", type_="fixed"), margins, w("tblLook", val="0620"), w("tblDescription", val=described)])
    table = w("tbl", look, w("tblGrid", *(w("gridCol", w=size) for size in widths)))
    for head in _heads(grid, widths, languages):
        table.append(head)
    is_kept = len(grid.rows) <= _KEPT_ROWS
    for at, row in enumerate(grid.rows, 1):
        is_last = at > len(grid.rows) - _LAST_ROWS
        table.append(_row(row, widths, languages, (is_kept or is_last) and at < len(grid.rows)))
    return table


def _heads(grid: Grid, widths: Sequence[int], languages: Sequence[str]) -> Iterator[Element]:
    has_groups = any(grid.groups)
    if has_groups:
        cells, at = [], 0
        for group, members in groupby(grid.groups):
            count = len(list(members))
            if group:
                cells.append(_head(group, sum(widths[at : at + count]), languages, span=count))
            else:
                cells += [_head(grid.heads[at + i], widths[at + i], languages, merge="restart") for i in range(count)]
            at += count
        yield w("tr", w("trPr", w("cantSplit"), w("tblHeader")), *cells)
    lower = [
        _head(
            "" if has_groups and not group else head,
            size,
            languages,
            merge="continue" if has_groups and not group else "",
        )
        for head, group, size in zip(grid.heads, grid.groups, widths, strict=True)
    ]
    yield w("tr", w("trPr", w("cantSplit"), w("tblHeader")), *lower)


def _head(text: str, width: int, languages: Sequence[str], span: int = 1, merge: str = "") -> Element:
    look = w("tcPr", w("tcW", w=width, type_="dxa"))
    if span > 1:
        look.append(w("gridSpan", val=span))
    if merge:
        look.append(w("vMerge", val=merge))
    look.extend([w("tcBorders", w("bottom", val="single", sz=6, color="000000")), w("vAlign", val="center")])
    return w("tc", look, _lines(text, languages, "center", is_bold=True, is_kept=True))


def _row(row: GridRow, widths: Sequence[int], languages: Sequence[str], is_kept: bool) -> Element:
    made = w("tr", w("trPr", w("cantSplit")))
    is_bold = row.kind in ("category", "total")
    for cell, width in zip(row.cells, widths, strict=True):
        look = w("tcPr", w("tcW", w=width, type_="dxa"))
        if shade := _SHADE.get(row.kind):
            look.append(w("shd", val="clear", color="auto", fill=shade))
        look.append(w("vAlign", val="center"))
        align: Alignment = "right" if cell.is_number else "left"
        made.append(w("tc", look, _lines(cell.text, languages, align, is_bold, is_kept)))
    return made


def _lines(
    text: str, languages: Sequence[str], align: Alignment, is_bold: bool = False, is_kept: bool = False
) -> Element:
    """The text of a cell; of two lines in two languages the second is the English one."""
    lines = text.split("\n")
    if len(languages) > 1 and len(lines) > 1:
        runs = [run(lines[0], "zh", is_bold=is_bold), run("\n" + "\n".join(lines[1:]), "en", is_bold=is_bold)]
    else:
        runs = [run(text, languages[0], is_bold=is_bold)]
    return paragraph(*runs, style="Cell", align=align, keep_with_next=is_kept)


_ARROW = 300


def flow(steps: Sequence[str], width: int, languages: Sequence[str]) -> Element:
    """Steps in boxes with arrows between them."""
    box = (width - _ARROW * (len(steps) - 1)) // len(steps)
    sizes = [size for at in range(len(steps)) for size in ((_ARROW, box) if at else (box,))]
    look = w("tblPr", w("tblW", w=sum(sizes), type_="dxa"), w("jc", val="center"), w("tblLayout", type_="fixed"))
    cells = []
    for at, step in enumerate(steps):
        if at:
            cells.append(_boxed("→", _ARROW, languages, is_box=False))
        cells.append(_boxed(step, box, languages, is_box=True))
    return w("tbl", look, w("tblGrid", *(w("gridCol", w=size) for size in sizes)), w("tr", *cells))


def _boxed(text: str, width: int, languages: Sequence[str], is_box: bool) -> Element:
    look = w("tcPr", w("tcW", w=width, type_="dxa"))
    if is_box:
        sides = ("top", "left", "bottom", "right")
        look.append(w("tcBorders", *(w(side, val="single", sz=6, color="1F3864") for side in sides)))
        look.append(w("shd", val="clear", color="auto", fill="EAF0F7"))
    look.append(w("vAlign", val="center"))
    return w("tc", look, _lines(text, languages, "center"))
