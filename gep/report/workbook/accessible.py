"""Tables by the rules of accessible spreadsheets (UK Government Analysis Function, Releasing statistics in
spreadsheets): one table a sheet and marked as one, one row of unique headings with units, no merged cells, no frozen
panes, no colour, no blank cells; notes on a sheet of their own, shorthand in square brackets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gep.core.letters import lines, width
from gep.core.messages import Text, say
from gep.report.tables.model import Cell, Column, ReportTable, Row
from gep.report.workbook.book import Book, Sheet, link_to, number_form
from gep.report.workbook.words import Words

_WIDEST = 60

HEADING_ROW = 3
"""The row of the headings on every sheet of a table."""

SHORTHAND = {"not_applicable": "[z]", "missing": "[x]", "not_given": "[x]", "low": "[low]", "partial": "[i]"}
"""What stands in place of a number, as British statistics write it."""


def sheet_id(table: ReportTable) -> str:
    """The name of the sheet of a table: `T01`, `T13a`, `A6`."""
    return {"T13_quantity": "T13a", "T13_value": "T13b"}.get(table.id, table.id)


def fill(
    book: Book, sheet: Sheet, table: ReportTable, words: Words, about: str, notes: Mapping[str, int], title: str
) -> None:
    """Write a table: title in A1, what it is about and its notes in A2, its shorthand in A3, then the table."""
    kinds = {row.kind for row in table.rows}
    headings = _headings(table, words, has_kinds=len(kinds) > 1)
    numbers = " ".join(words.say("workbook.open.note", " ", number=notes[note]) for note in table.notes)
    sheet.text(0, 0, title, book.form(bold=True, font_size=14))
    sheet.text(1, 0, " ".join(filter(None, (about, numbers))), book.form())
    sheet.text(2, 0, words.say("workbook.open.shorthand", " "), book.form())
    last = HEADING_ROW + max(len(table.rows), 1)
    sheet.add_table(
        HEADING_ROW,
        0,
        last,
        len(headings) - 1,
        {
            "name": f"table_{sheet_id(table)}",
            "style": None,
            "autofilter": False,
            "columns": [
                {"header": heading, "header_format": book.form(text_wrap=True, valign="top", bold=True)}
                for heading in headings
            ],
        },
    )
    are_numbers = [not column.is_text for column in table.columns]
    if len(kinds) > 1:
        are_numbers.insert(table.labels, False)
    for at, row in enumerate(table.rows, HEADING_ROW + 1):
        cells = [_cell(table, row, column, words) for column in table.columns]
        if len(kinds) > 1:
            cells.insert(table.labels, words.say(f"workbook.open.kind.{row.kind}", " "))
        for number, cell in enumerate(cells):
            _write(book, sheet, at, number, cell, words, are_numbers[number])
        tallest = max((len(lines(cell, _WIDEST - 4)) for cell in cells if isinstance(cell, str)), default=1)
        if tallest > 1:
            sheet.set_row(at, 16.0 * min(tallest, 25))
    if not table.rows:
        for number in range(len(headings)):
            sheet.text(last, number, SHORTHAND["not_applicable"])
    _widths(sheet, table, headings, words, len(kinds) > 1)
    sheet.set_row(HEADING_ROW, 15.0 * max(len(lines(heading, 24)) for heading in headings))


def on_paper(sheet: Sheet) -> None:
    """A4 across, as wide as a page: it is made for screens, and some print it."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _headings(table: ReportTable, words: Words, *, has_kinds: bool) -> list[str]:
    """One heading a column, each once: those that share one have it before their own."""
    found = [_heading(table, column, words) for column in table.columns]
    if has_kinds:
        found.insert(table.labels, words.say("workbook.open.kind", " / "))
    doubled = {heading for heading in found if found.count(heading) > 1}
    ids = [column.id for column in table.columns]
    if has_kinds:
        ids.insert(table.labels, "kind")
    return [f"{heading} [{id_}]" if heading in doubled else heading for heading, id_ in zip(found, ids, strict=True)]


def _heading(table: ReportTable, column: Column, words: Words) -> str:
    own = column if column.unit or column.is_text or not table.unit else _with_unit(column, table.unit)
    if not column.group:
        return words.heading(own, " / ")
    of = say("workbook.open.group", group=column.group, heading=Text(own.title("en"), own.title("zh")))
    return words.of(of, " / ")


def _with_unit(column: Column, unit: Text) -> Column:
    """A column that has the unit of its table; a rank has none."""
    return column if column.id == "rank" else Column(column.id, column.heading, unit, column.group)


def _cell(table: ReportTable, row: Row, column: Column, words: Words) -> Cell | str:
    cell = table.cell(row, column)
    if cell.text is not None:
        return words.of(cell.text, " / ") or SHORTHAND["not_applicable"]
    return cell if cell.value is not None else SHORTHAND[cell.standing]


def _write(book: Book, sheet: Sheet, row: int, column: int, cell: Cell | str, words: Words, is_number: bool) -> None:
    if isinstance(cell, str):
        align = "right" if is_number else "left"
        sheet.text(row, column, cell, book.form(text_wrap=True, valign="top", align=align))
        return
    shown = number_form(cell, words.first, SHORTHAND["low"], f" {SHORTHAND['partial']}")
    form = book.form(num_format=shown, align="right", valign="top")
    sheet.number(row, column, cell.shown or 0.0, form)


def _widths(sheet: Sheet, table: ReportTable, headings: Sequence[str], words: Words, has_kinds: bool) -> None:
    columns: list[Column | None] = list(table.columns)
    if has_kinds:
        columns.insert(table.labels, None)
    for at, (column, heading) in enumerate(zip(columns, headings, strict=True)):
        wide = min(width(heading), 24)
        if column is not None and column.is_text:
            texts = [words.of(table.cell(row, column).text or "", " / ") for row in table.rows]
            wide = max([wide, *(width(text) for text in texts)])
        sheet.set_column(at, at, min(max(wide + 2, 10), _WIDEST))


def contents(book: Book, sheet: Sheet, sheets: Sequence[tuple[str, str]], words: Words) -> None:
    """The list of sheets with links."""
    sheet.text(0, 0, words.say("workbook.open.contents", " / "), book.form(bold=True, font_size=14))
    sheet.text(1, 0, words.say("workbook.open.contents_about", " "), book.form())
    _listed(
        book,
        sheet,
        (words.say("workbook.open.sheet", " / "), words.say("workbook.open.title", " / ")),
        sheets,
        2,
        "contents",
    )
    for row, (name, _) in enumerate(sheets, 3):
        sheet.write_url(row, 0, link_to(name), book.form(font_color="#0B0C6B", underline=1), name)


def notes_sheet(book: Book, sheet: Sheet, notes: Mapping[str, int], words: Words) -> None:
    """The notes of all tables, and what shorthand means."""
    sheet.text(0, 0, words.say("workbook.open.notes", " / "), book.form(bold=True, font_size=14))
    sheet.text(1, 0, words.say("workbook.open.notes_about", " "), book.form())
    rows = [
        (words.say("workbook.open.note", " ", number=number), words.of(note, " / ")) for note, number in notes.items()
    ]
    meanings = ("not_applicable", "missing", "low", "partial")
    rows += [(SHORTHAND[standing], words.say(f"workbook.open.means.{standing}", " / ")) for standing in meanings]
    _listed(
        book,
        sheet,
        (words.say("workbook.open.mark", " / "), words.say("workbook.open.meaning", " / ")),
        rows,
        2,
        "notes",
    )


def _listed(
    book: Book, sheet: Sheet, headings: tuple[str, str], rows: Sequence[tuple[str, str]], top: int, name: str
) -> None:
    """A table of two columns of texts."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    options = {"name": f"table_{name}", "style": None, "autofilter": False}
    bold = book.form(bold=True)
    columns = [{"header": heading, "header_format": bold} for heading in headings]
    sheet.add_table(top, 0, top + len(rows), 1, {**options, "columns": columns})
    for row, cells in enumerate(rows, top + 1):
        for column, text in enumerate(cells):
            sheet.text(row, column, text, book.form(text_wrap=True, valign="top"))
        sheet.set_row(row, 16.0 * len(lines(cells[1], 104)))
