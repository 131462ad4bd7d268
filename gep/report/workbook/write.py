"""Write both workbooks of an account."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from gep.account.account import Account
from gep.account.entries import COLUMNS
from gep.core.messages import Text, joined, say
from gep.report.office import Office
from gep.report.options import ReportOptions
from gep.report.tables.assets import Beside
from gep.report.tables.book import ReportModel, report_model
from gep.report.tables.model import ReportTable
from gep.report.workbook import accessible, front, office, tidy
from gep.report.workbook.book import Book, Properties, Sheet
from gep.report.workbook.words import Words

FONTS = {"zh": "SimSun", "en": "Arial"}
"""Of the office's workbook; the open one has a font without serifs in both languages."""
OPEN_FONTS = {"zh": "Microsoft YaHei", "en": "Arial"}


_LONGEST_NAME = 31
"""Letters of the name of a sheet, by the programs that read it."""


def write(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    """Write `report.xlsx` and `open.xlsx` into a folder that is there. The same account gives the same bytes."""
    model = report_model(account, options.lang, options.shares)
    words = Words(options)
    return [
        _office(model, options.office, words).save(folder / "report.xlsx"),
        _open(model, options.office, words).save(folder / "open.xlsx"),
    ]


def _properties(account: Account, words: Words) -> Properties:
    title = Text(account.title("en"), account.title("zh"))
    return Properties(words.of(title, " "), words.of(front.area_and_year(account), " "), words.tag, account.about.year)


def _office(model: ReportModel, office_: Office, words: Words) -> Book:
    account = model.account
    book = Book(_properties(account, words), font_name=FONTS[words.first], font_size=10)
    about = words.of(front.area_and_year(account), " ")
    names = {key: say(f"workbook.sheet.{key}").to(words.first) for key in ("cover", "readme", "sums", "tidy")}
    first, second = book.sheet(names["cover"]), book.sheet(names["readme"])
    placed = []
    for table in model.tables:
        sheet = book.sheet(say(f"workbook.sheet.{table.id}").to(words.first))
        placed.append((table, office.fill(book, sheet, table, words, about)))
    front.sums(book, book.sheet(names["sums"]), placed, words)
    apart = [_beside(book, account_, table, words) for account_ in model.beside for table in account_.tables]
    _tidy(book, book.sheet(names["tidy"]), account)
    front.cover(book, first, model, office_, words)
    sheets = [(of.name, Text(table.title("en"), table.title("zh"))) for table, of in placed]
    sheets += [(names[key], say(f"workbook.about.{key}")) for key in ("sums", "tidy")]
    sheets += apart
    front.readme(book, second, sheets, words, model.tables[0].notes)
    return book


def _beside(book: Book, account: Beside, table: ReportTable, words: Words) -> tuple[str, Text]:
    """A sheet of an account beside GEP, whose name and second line say so; its name and what it holds."""
    title = say("beside.sheet", number=table.number, title=table.name).to(words.first)
    name = re.sub(r"[\[\]:*?/\\']", " ", title)[:_LONGEST_NAME].strip()
    about = words.of(_about(account), " ")
    office.fill(book, book.sheet(name), replace(table, notes=(account.never_added, *table.notes)), words, about)
    return name, say("beside.account", title=say("beside.title"), about=Text(table.title("en"), table.title("zh")))


def _about(account: Beside) -> Text:
    """What account it is, of where and when, and that it is none of GEP."""
    return joined([say("beside.title"), account.title, account.about], " · ")


def _tidy(book: Book, sheet: Sheet, account: Account) -> None:
    last = tidy.fill(sheet, account, 0, book.form(bold=True), book.form())
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(office.A4)
    sheet.repeat_rows(0, 0)
    sheet.fit_to_pages(1, 0)


def _notes(account: Beside) -> list[Text]:
    return [note for table in account.tables for note in table.notes]


def _open(model: ReportModel, office_: Office, words: Words) -> Book:
    account, tables = model.account, model.tables
    book = Book(_properties(account, words), font_name=OPEN_FONTS[words.first], font_size=11)
    about = words.of(front.area_and_year(account), " / ")
    names = {key: say(f"workbook.sheet.{key}").to(words.first) for key in ("cover", "contents", "notes")}
    first, second, third = (book.sheet(name) for name in names.values())
    notes: dict[str, int] = {}
    apart = [note for beside in model.beside for note in (beside.never_added, *_notes(beside))]
    for note in (*(note for table in tables for note in table.notes), *apart):
        notes.setdefault(note, len(notes) + 1)
    sheets = []
    for table in tables:
        name = accessible.sheet_id(table)
        title = words.of(Text(table.title("en"), table.title("zh")), " / ")
        accessible.fill(book, book.sheet(name), table, words, about, notes, title)
        sheets.append((name, title))
    for beside in model.beside:
        of = words.of(_about(beside), " / ")
        for table in beside.tables:
            title = words.of(Text(table.title("en"), table.title("zh")), " / ")
            said = replace(table, notes=(beside.never_added, *table.notes))
            accessible.fill(book, book.sheet(table.id), said, words, of, notes, title)
            sheets.append((table.id, f"{words.say('beside.title', ' / ')}: {title}"))
    title = words.say("workbook.about.tidy", " / ")
    sheet = book.sheet("T20")
    sheet.text(0, 0, title, book.form(bold=True, font_size=14))
    sheet.text(1, 0, words.say("workbook.open.blank", " "), book.form())
    tidy.fill(sheet, account, 2, book.form(bold=True), book.form())
    sheets.append(("T20", title))
    _open_cover(book, first, account, office_, words)
    accessible.contents(book, second, sheets, words)
    accessible.notes_sheet(book, third, notes, words)
    for sheet in book.sheets:
        accessible.on_paper(sheet)
    return book


def _open_cover(book: Book, sheet: Sheet, account: Account, office_: Office, words: Words) -> None:
    """Title, area and year, profile, status, run, what the office gives: one line a row."""
    about = [*front.about_run(account, office_), *front.about_office(office_)]
    lines = [
        words.of(Text(account.title("en"), account.title("zh")), " / "),
        words.of(front.area_and_year(account), " / "),
        *(f"{words.say(f'workbook.cover.{key}', ' / ')}: {words.of(text, ' / ')}" for key, text in about),
        words.say("workbook.open.two", " / "),
    ]
    sheet.set_column(0, 0, 110)
    for row, text in enumerate(lines):
        form = book.form(bold=True, font_size=16) if row == 0 else book.form(text_wrap=True, valign="top")
        sheet.text(row, 0, text, form)
