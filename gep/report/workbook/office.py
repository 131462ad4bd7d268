"""Tables as a Chinese office files them: title and unit line, a heading of two rows, frozen labels, notes below, ready
to print on A4.

Numbers stand in the unit that the table shows, to their last digit; a number format rounds them. Cells are merged in
the title and in headings only, so that a table can be filtered and read by programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from gep.core.letters import lines, width
from gep.core.messages import Text, say
from gep.report.tables.model import EMPTY, Column, ReportTable, Row
from gep.report.workbook.book import Book, Sheet, Styles, number_form
from gep.report.workbook.words import Words

A4 = 9
"""The number of the paper in workbooks."""

_NARROWEST, _WIDEST, _NUMBER = 7, 46, 12
_NARROWEST_WORDS = 16
_PAGE, _MOST = 155, 240
"""Columns of letters on a page of A4 across at the scale of print below, and those that are made to fit on one."""
_LABELS = 64
"""Columns of letters that the labels of a wide table may have on each of its pages."""
_SCALE = 72
_LINE = 15.0
"""Height of a line in points."""

_GREY = "#8A8A8A"
_FILLS = {"head": "#E9EEF4", "category": "#F4F6F8", "total": "#E9EEF4"}


@dataclass(frozen=True)
class Placed:
    """Where a table stands on its sheet."""

    name: str
    first_row: int
    """The row of the sheet on which the first row of the table stands."""


def fill(book: Book, sheet: Sheet, table: ReportTable, words: Words, about: str) -> Placed:
    """Write a table: `about` is the area, the year and the prices, in the line below the title."""
    widths = _on_a_page(table, [_width(table, column, words) for column in table.columns])
    for at, columns in enumerate(widths):
        sheet.set_column(at, at, columns)
    breaks = _breaks(widths, table)
    first = _title(book, sheet, table, words, about, breaks[0] if breaks else len(widths))
    first = _headings(book, sheet, table, words, first, widths)
    for at in range(len(table.rows)):
        _row(book, sheet, table, at, first, words, widths)
    left = table.labels if breaks else 0
    wide = sum(widths[left : breaks[0] if breaks else None])
    _notes(book, sheet, table, words, first + len(table.rows), left, wide)
    sheet.freeze_panes(first, table.labels if sum(widths[: table.labels]) <= 60 else 1)
    _print(sheet, first, table.labels, breaks)
    return Placed(str(sheet.name), first)


def _width(table: ReportTable, column: Column, words: Words) -> int:
    heading = width(words.heading(column))
    if not column.is_text:
        return max(_NUMBER, min(heading + 2, 18))
    rows = table.rows if table.labels == 1 else [row for row in table.rows if not _is_label_alone(table, row)]
    found = [width(words.cell(table.cell(row, column).text or "")) for row in rows]
    return max(_NARROWEST, min(max([heading, *found], default=0) + 2, _WIDEST))


def _on_a_page(table: ReportTable, widths: list[int]) -> list[int]:
    """The widths with the widest columns of words narrowed until a table fits on a page: its lines are broken, and not
    its rows. In a table that is mostly numbers only its labels are, and no further than leaves room beside them.
    """
    words = [at for at, column in enumerate(table.columns) if column.is_text]
    is_of_words = len(words) * 2 >= len(widths)
    narrowed = words if is_of_words else list(range(table.labels))
    fitted, least = list(widths), 0 if is_of_words else _LABELS
    while sum(fitted) > _MOST and sum(fitted[at] for at in narrowed) > least:
        widest = max(narrowed, key=lambda at: fitted[at])
        if fitted[widest] <= _NARROWEST_WORDS:
            break
        fitted[widest] -= 1
    return fitted


def _is_label_alone(table: ReportTable, row: Row) -> bool:
    """Whether the first of several labels is the only one, as that of a total: it may reach over the others."""
    first, *others = (_said(table, row, number) for number in range(table.labels))
    return bool(first) and bool(others) and not any(others)


def _breaks(widths: list[int], table: ReportTable) -> list[int]:
    """The columns before which a new page begins, the labels standing on each; none where all fit on one. Columns that
    share a heading stay together where they can.
    """
    groups = [column.group for column in table.columns]
    if sum(widths) <= _MOST:
        return []
    labels, found, taken, at = sum(widths[: table.labels]), list[int](), 0, 0
    while at < len(widths):
        if taken > labels and taken + widths[at] > _PAGE:
            start = at
            while groups[at] and groups[start - 1] == groups[at] and start > (found[-1] if found else table.labels) + 1:
                start -= 1
            is_kept = start > (found[-1] if found else table.labels) + 1
            at = start if is_kept else at
            found.append(at)
            taken = labels
        taken += widths[at]
        at += 1
    return found


def _title(book: Book, sheet: Sheet, table: ReportTable, words: Words, about: str, columns: int) -> int:
    """The title over the columns of the first page, and below it what it is about and the unit; the next row."""
    title = words.of(Text(table.title("en"), table.title("zh")))
    is_whole = columns == len(table.columns)
    align = "center" if is_whole else "left"  # on several pages it begins over the labels, which stand on each
    form = book.form(bold=True, font_size=14, align=align, valign="vcenter", text_wrap=is_whole)
    if is_whole and columns > 1:
        sheet.merge_range(0, 0, 0, columns - 1, "", form)
    sheet.text(0, 0, title, form)
    sheet.set_row(0, 24.0 * len(title.split("\n")))
    sheet.text(1, 0, about, book.form(align="left"))
    if table.unit:
        sheet.text(1, columns - 1, words.say("workbook.unit", " ", unit=table.unit), book.form(align="right"))
    return 2


def _headings(book: Book, sheet: Sheet, table: ReportTable, words: Words, top: int, widths: list[int]) -> int:
    """One row of headings, or two where columns share one; the row below them."""
    form = book.form(bold=True, align="center", valign="vcenter", text_wrap=True, border=1, bg_color=_FILLS["head"])
    texts = [words.heading(column) for column in table.columns]
    below = top + 1 if table.has_groups else top
    at = 0
    for group, members in groupby(table.columns, key=lambda column: column.group):
        count = len(list(members))
        if group and count > 1:
            sheet.merge_range(top, at, top, at + count - 1, "", form)
        if group:
            sheet.text(top, at, words.of(group), form)
        for column in range(at, at + count):
            if group or not table.has_groups:
                sheet.text(below, column, texts[column], form)
            else:
                sheet.merge_range(top, column, below, column, "", form)
                sheet.text(top, column, texts[column], form)
        at += count
    sheet.set_row(below, _LINE * max(map(_height, texts, widths)) + 4)
    if table.has_groups:
        sheet.set_row(top, _LINE * max(len(words.of(column.group).split("\n")) for column in table.columns) + 4)
    return below + 1


def _height(text: str, columns: int) -> int:
    return len(lines(text, columns))


# rows -----------------------------------------------------------------------------------------------------------------


def _row(book: Book, sheet: Sheet, table: ReportTable, at: int, top: int, words: Words, widths: list[int]) -> None:
    row, look, tallest = table.rows[at], _look(table.rows[at]), 1
    is_alone = _is_label_alone(table, row)
    repeated = 0 if at == 0 else _repeated(table, row, table.rows[at - 1])
    for number, column in enumerate(table.columns):
        cell = table.cell(row, column)
        if cell.text is None and cell.value is not None:
            form = book.form(num_format=number_form(cell, words.first), align="right", **look)
            sheet.number(top + at, number, cell.shown or 0.0, form)
            continue
        if cell.text is None:
            sheet.text(top + at, number, words.standing(cell), book.form(align="right", **look))
            continue
        text, of_label = words.cell(cell.text), dict[str, object](look)
        if is_alone and number < table.labels:
            of_label |= {
                "left": 0 if number else 1,
                "right": 1 if number == table.labels - 1 else 0,
                "text_wrap": False,
            }
        else:
            tallest = max(tallest, _height(text, widths[number]))
            of_label["text_wrap"] = True
        if number < repeated:
            of_label["font_color"] = _GREY
        of_label["indent"] = row.level if number == 0 and table.labels == 1 else 0
        of_label["align"] = "center" if column.id.endswith("unit") else "left" if column.is_text else "right"
        sheet.text(top + at, number, text, book.form(**of_label))
    if tallest > 1:
        sheet.set_row(top + at, _LINE * min(tallest, 26))


def _repeated(table: ReportTable, row: Row, above: Row) -> int:
    """How many labels say again what stands above them."""
    if table.labels == 1 or row.kind in ("category", "total"):
        return 0
    same = 0
    while same < table.labels - 1 and _said(table, row, same) == _said(table, above, same) != "":
        same += 1
    return same


def _said(table: ReportTable, row: Row, column: int) -> str:
    return table.cell(row, table.columns[column]).text or ""


def _look(row: Row) -> Styles:
    """Borders for every row; bold and shaded subtotals and totals, which their labels say too."""
    look = {"border": 1, "border_color": "#B0B0B0", "valign": "vcenter"}
    if row.kind in _FILLS:
        return {**look, "bold": True, "bg_color": _FILLS[row.kind]}
    return look


# below and on paper ---------------------------------------------------------------------------------------------------


def _notes(book: Book, sheet: Sheet, table: ReportTable, words: Words, top: int, left: int, wide: int) -> None:
    """Numbered notes, each line in a row of its own: nothing is merged, and nothing is cut off on paper. Where labels
    stand on every page the notes begin beside them, so that only the first page has them.
    """
    form, row = book.form(align="left", font_size=9), top
    for number, note in enumerate(table.notes, 1):
        lead = say("workbook.notes") if number == 1 else EMPTY
        for language in words.languages:
            text = f"{lead.to(language)}{say('workbook.numbered', number=number, text=note).to(language)}"
            for line in lines(text, max(wide - 4, 40)):
                sheet.text(row, left, line, form)
                row += 1


def _print(sheet: Sheet, below_headings: int, labels: int, breaks: list[int]) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.repeat_rows(0, below_headings - 1)
    sheet.set_footer("&C&P / &N")
    if breaks:
        sheet.set_print_scale(_SCALE)
        sheet.set_v_pagebreaks(breaks)
        sheet.repeat_columns(0, labels - 1)
    else:
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
