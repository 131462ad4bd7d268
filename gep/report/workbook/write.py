"""Write both workbooks of an account."""

from __future__ import annotations

from pathlib import Path

from gep.account.account import Account
from gep.account.entries import COLUMNS
from gep.core.messages import Text, say
from gep.report.options import ReportOptions
from gep.report.tables.book import report_tables
from gep.report.tables.model import ReportTable
from gep.report.workbook import accessible, front, office, tidy
from gep.report.workbook.book import Book, Properties, Sheet
from gep.report.workbook.words import Words

FONTS = {"zh": "SimSun", "en": "Arial"}
"""Of the office's workbook; the open one has a font without serifs in both languages."""
OPEN_FONTS = {"zh": "Microsoft YaHei", "en": "Arial"}


def write(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    """Write `report.xlsx` and `open.xlsx` into a folder that is there. The same account gives the same bytes."""
    tables = report_tables(account, options.lang, options.shares)
    words = Words(options)
    return [
        _office(account, tables, words).save(folder / "report.xlsx"),
        _open(account, tables, words).save(folder / "open.xlsx"),
    ]


def _properties(account: Account, words: Words) -> Properties:
    title = Text(account.title("en"), account.title("zh"))
    return Properties(words.of(title, " "), words.of(front.area_and_year(account), " "), words.tag, account.about.year)


def _office(account: Account, tables: tuple[ReportTable, ...], words: Words) -> Book:
    book = Book(_properties(account, words), font_name=FONTS[words.first], font_size=10)
    about = words.of(front.area_and_year(account), " ")
    names = {key: say(f"workbook.sheet.{key}").to(words.first) for key in ("cover", "readme", "sums", "tidy")}
    first, second = book.sheet(names["cover"]), book.sheet(names["readme"])
    placed = []
    for table in tables:
        sheet = book.sheet(say(f"workbook.sheet.{table.id}").to(words.first))
        placed.append((table, office.fill(book, sheet, table, words, about)))
    front.sums(book, book.sheet(names["sums"]), placed, words)
    _tidy(book, book.sheet(names["tidy"]), account)
    front.cover(book, first, account, {table.id: table for table in tables}, words)
    sheets = [(of.name, Text(table.title("en"), table.title("zh"))) for table, of in placed]
    sheets += [(names[key], say(f"workbook.about.{key}")) for key in ("sums", "tidy")]
    front.readme(book, second, sheets, words, tables[0].notes)
    return book


def _tidy(book: Book, sheet: Sheet, account: Account) -> None:
    last = tidy.fill(sheet, account, 0, book.form(bold=True), book.form())
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(office.A4)
    sheet.repeat_rows(0, 0)
    sheet.fit_to_pages(1, 0)


def _open(account: Account, tables: tuple[ReportTable, ...], words: Words) -> Book:
    book = Book(_properties(account, words), font_name=OPEN_FONTS[words.first], font_size=11)
    about = words.of(front.area_and_year(account), " / ")
    names = {key: say(f"workbook.sheet.{key}").to(words.first) for key in ("cover", "contents", "notes")}
    first, second, third = (book.sheet(name) for name in names.values())
    notes: dict[str, int] = {}
    for note in (note for table in tables for note in table.notes):
        notes.setdefault(note, len(notes) + 1)
    sheets = []
    for table in tables:
        name = accessible.sheet_id(table)
        title = words.of(Text(table.title("en"), table.title("zh")), " / ")
        accessible.fill(book, book.sheet(name), table, words, about, notes, title)
        sheets.append((name, title))
    title = words.say("workbook.about.tidy", " / ")
    sheet = book.sheet("T20")
    sheet.text(0, 0, title, book.form(bold=True, font_size=14))
    sheet.text(1, 0, words.say("workbook.open.blank", " "), book.form())
    tidy.fill(sheet, account, 2, book.form(bold=True), book.form())
    sheets.append(("T20", title))
    _open_cover(book, first, account, words)
    accessible.contents(book, second, sheets, words)
    accessible.notes_sheet(book, third, notes, words)
    for sheet in book.sheets:
        accessible.on_paper(sheet)
    return book


def _open_cover(book: Book, sheet: Sheet, account: Account, words: Words) -> None:
    """Title, area and year, profile, state, run: one line a row."""
    about = account.about
    lines = [
        words.of(Text(account.title("en"), account.title("zh")), " / "),
        words.of(front.area_and_year(account), " / "),
        *(
            f"{words.say(f'workbook.cover.{key}', ' / ')}: {words.of(text, ' / ')}"
            for key, text in (
                ("profile", say("workbook.profile", profile=about.profile, level=say(f"tables.status.{about.level}"))),
                ("state", say("workbook.draft")),
                ("run", about.run_id),
                ("program", say("workbook.version", version=str(account.record.get("gep", "")))),
            )
        ),
        words.say("workbook.open.two", " / "),
    ]
    sheet.set_column(0, 0, 110)
    for row, text in enumerate(lines):
        form = book.form(bold=True, font_size=16) if row == 0 else book.form(text_wrap=True, valign="top")
        sheet.text(row, 0, text, form)
