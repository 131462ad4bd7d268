"""What stands before and behind the tables of the office's workbook: cover, the list of sheets with the key to the
symbols, and the sheet on which sums are held against totals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.format import Format

from gep.account.account import Account
from gep.core.letters import lines
from gep.core.messages import Text, say
from gep.report.office import Office
from gep.report.tables.book import ReportModel
from gep.report.tables.model import Cell, ReportTable, Row
from gep.report.tables.uncertainty import interval_of, sureness_of
from gep.report.workbook.book import Book, Sheet, cell_name, link_to, number_form, quoted
from gep.report.workbook.office import A4, Placed
from gep.report.workbook.sums import Sum, sums_of
from gep.report.workbook.words import Words

_SYMBOLS = ("not_applicable", "low", "missing", "not_given", "partial")


def area_and_year(account: Account) -> Text:
    """The area, the accounting year and the prices."""
    about = account.about
    name = Text(about.name, about.name_zh or about.name)
    if about.kind == "physical":
        return say("workbook.area_and_year", name=name, year=about.year)
    basis = "current" if about.price_year == about.year else "constant"
    prices = say(f"workbook.prices.{basis}", year=about.price_year)
    return say("workbook.area_year_prices", name=name, year=about.year, prices=prices)


def about_run(account: Account, office: Office) -> list[tuple[str, str]]:
    """Profile, status, run and program, by their keys in the catalogue."""
    about = account.about
    level = say(f"tables.status.{about.level}")
    return [
        ("profile", say("workbook.profile", profile=about.profile, level=level)),
        ("state", office.status),
        ("run", about.run_id or "—"),
        ("program", say("workbook.version", version=str(account.record.get("gep", "")))),
    ]


def about_office(office: Office) -> list[tuple[str, str]]:
    """Who issues it, when, and whom to ask, as the office has given them."""
    return [(name, given) for name in ("issuer", "date", "contact") if (given := office.setting(name))]


def cover(book: Book, sheet: Sheet, model: ReportModel, office: Office, words: Words) -> None:
    """Title, area, year, profile, status, headline figures, run, and slots for the office."""
    account, row = model.account, 1
    sheet.set_column(0, 0, 3)
    sheet.set_column(1, 1, 46)
    sheet.set_column(2, 2, 20)
    sheet.set_column(3, 3, 46)
    big = book.form(bold=True, font_size=20)
    for language in words.languages:
        sheet.text(row, 1, account.title(language), big)
        sheet.set_row(row, 30)
        row += 1
    sheet.text(row, 1, words.of(area_and_year(account), " "), book.form(font_size=12))
    row += 2
    given = dict(about_office(office))
    slots = [(name, given.get(name, say("workbook.slot"))) for name in ("issuer", "date", "contact")]
    facts = [*about_run(account, office), *slots]
    label, plain = book.form(bold=True, valign="top"), book.form(valign="top", align="left")
    for key, text in facts:
        sheet.text(row, 1, words.say(f"workbook.cover.{key}", " "), label)
        sheet.text(row, 2, words.of(text, " "), plain)
        row += 1
    row += 1
    sheet.text(row, 1, words.say("workbook.cover.headline", " "), book.form(bold=True, font_size=12))
    for name, cell, unit in _headline(model.results):
        row += 1
        sheet.text(row, 1, words.of(name, " "), book.form(border=1, text_wrap=True))
        sheet.set_row(row, 15.0 * len(lines(words.of(name, " "), 42)))
        form = number_form(cell, words.first)
        sheet.number(row, 2, cell.shown or 0.0, book.form(border=1, num_format=form, align="right"))
        sheet.text(row, 3, words.of(unit, " "), book.form(border=1, indent=1))
    found = sureness_of(account)
    if found and (interval := interval_of(model.facts, found)):
        row += 1
        name = words.of(say("document.headline.interval", level=f"{found['level']:.0%}"), " ")
        sheet.text(row, 1, name, book.form(border=1, text_wrap=True))
        sheet.set_row(row, 15.0 * len(lines(name, 42)))
        sheet.text(row, 2, words.of(interval, " "), book.form(border=1, align="right"))
        sheet.text(row, 3, "", book.form(border=1))
    note = model.facts.notes_by_key.get("partial")
    if note:
        row += 2
        sheet.merge_range(row, 1, row, 3, "", book.form(text_wrap=True, valign="top"))
        sheet.text(row, 1, words.of(note), book.form(text_wrap=True, valign="top"))
        sheet.set_row(row, 15.0 * (len(lines(words.of(note), 100)) + 1))
    _on_paper(sheet)


def _headline(tables: Mapping[str, ReportTable]) -> list[tuple[str, Cell, str]]:
    """The total, the categories, and what they are per km2, per head and against GDP, as the tables have them."""
    found: list[tuple[str, Cell, str]] = []
    summary = tables["T01"]
    value = next((column for column in summary.columns if column.id == "value"), None)
    if value is not None:
        rows = sorted(
            (row for row in summary.rows if row.kind in ("total", "category")), key=lambda r: r.kind != "total"
        )
        found += [(row["category"].text or "", row["value"], value.unit) for row in rows]
    indicators = tables.get("T07")
    if indicators and indicators.rows:
        whole: Row = indicators.rows[-1]
        of_whole = ("value_per_km2", "value_per_head", "value_to_gdp")
        found += [(c.heading, whole[c.id], c.unit) for c in indicators.columns if c.id in of_whole]
    return [(name, cell, unit) for name, cell, unit in found if cell.shown is not None]


def readme(book: Book, sheet: Sheet, sheets: Sequence[tuple[str, Text]], words: Words, notes: Sequence[Text]) -> None:
    """The list of sheets with links, the key to the symbols, units, how to check, and the notes of all tables."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, _WIDE)
    strong, plain = book.form(bold=True, valign="top"), book.form(text_wrap=True, valign="top")
    sheet.text(0, 0, words.say("workbook.readme.title", " "), book.form(bold=True, font_size=14))
    row = 2
    sheet.text(row, 0, words.say("workbook.readme.sheets", " "), strong)
    for name, what in sheets:
        row += 1
        sheet.write_url(row, 0, link_to(name), book.form(font_color="#1F4E79", underline=1), name)
        _wrapped(sheet, row, words.of(what, " "), plain)
    row += 2
    sheet.text(row, 0, words.say("workbook.readme.symbols", " "), strong)
    for standing in _SYMBOLS:
        row += 1
        sheet.text(row, 0, words.of(say(f"tables.symbol.{standing}"), " "), plain)
        _wrapped(sheet, row, words.say(f"workbook.symbol.{standing}"), plain)
    for key in ("rounding", "units", "check", "replay"):
        row += 1
        sheet.text(row, 0, words.say(f"workbook.readme.{key}", " "), strong)
        _wrapped(sheet, row, words.say(f"workbook.readme.{key}_text"), plain)
    for number, note in enumerate(notes):
        row += 1
        if number == 0:
            sheet.text(row, 0, words.say("workbook.readme.notes", " "), strong)
        _wrapped(sheet, row, words.of(note), plain)
    _on_paper(sheet)


_WIDE = 100
"""The column of texts of the readme."""


def _wrapped(sheet: Sheet, row: int, text: str, form: Format) -> None:
    """A text in the column of texts, the row as high as its lines: not every program sees to that."""
    sheet.text(row, 1, text, form)
    sheet.set_row(row, 15.0 * len(lines(text, _WIDE - 4)))


def _on_paper(sheet: Sheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_footer("&C&P / &N")
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)


# sums held against totals ---------------------------------------------------------------------------------------------


_CLOSE = 1e-9
"""What a sum may be off, as a share of its total: programs add in another order."""


@dataclass(frozen=True)
class _Added:
    """A sum with its numbers."""

    table: ReportTable
    placed: Placed
    sum: Sum

    def numbers(self) -> tuple[float, float]:
        """What the parts add to, and the total."""
        table = self.table
        shown = [
            table.rows[row][table.columns[column].id].shown or 0.0 for row, column in (self.sum.total, *self.sum.parts)
        ]
        return math.fsum(shown[1:]), shown[0]

    def formulas(self) -> tuple[str, str]:
        """The same as formulas of cells."""
        first, sheet = self.placed.first_row, quoted(self.placed.name)
        (row, column), parts = self.sum.total, self.sum.parts
        areas = ",".join(f"{sheet}!{area}" for area in _areas([(first + r, c) for r, c in parts]))
        return f"=SUM({areas})", f"={sheet}!{cell_name(first + row, column)}"


def _areas(cells: Sequence[tuple[int, int]]) -> list[str]:
    """Cells by name, those that follow each other in a column or a row as one area."""
    runs: list[list[tuple[int, int]]] = []
    for row, column in cells:
        if runs:
            (first_row, first_column), (last_row, last_column) = runs[-1][0], runs[-1][-1]
            is_below = column == last_column == first_column and row == last_row + 1
            is_beside = row == last_row == first_row and column == last_column + 1
            if is_below or is_beside:
                runs[-1].append((row, column))
                continue
        runs.append([(row, column)])
    return [cell_name(*run[0]) + (f":{cell_name(*run[-1])}" if len(run) > 1 else "") for run in runs]


def sums(book: Book, sheet: Sheet, tables: Sequence[tuple[ReportTable, Placed]], words: Words) -> None:
    """Every total beside what its parts add to: formulas on the cells of the tables, with their results."""
    found = [_Added(table, placed, sum_) for table, placed in tables for sum_ in sums_of(table)]
    head = book.form(bold=True, border=1, text_wrap=True, align="center", bg_color="#E9EEF4")
    keys = ("table", "of", "by", "parts", "total", "difference", "verdict")
    for column, (key, columns) in enumerate(zip(keys, (28, 26, 26, 20, 20, 14, 12), strict=True)):
        sheet.set_column(column, column, columns)
        sheet.text(3, column, words.say(f"workbook.sums.{key}"), head)
    holds, fails = words.say("workbook.sums.holds", " "), words.say("workbook.sums.fails", " ")
    number, text = book.form(border=1, num_format="#,##0.00####"), book.form(border=1, text_wrap=True)
    count = 0
    for row, added in enumerate(found, 4):
        parts, total = added.numbers()
        sum_formula, total_formula = added.formulas()
        is_off = abs(total - parts) > _CLOSE * max(1.0, abs(total))
        count += is_off
        sheet.text(row, 0, added.placed.name, text)
        sheet.text(row, 1, words.of(added.sum.of, " "), text)
        sheet.text(row, 2, words.of(added.sum.by, " "), text)
        sheet.write_formula(row, 3, sum_formula, number, parts)
        sheet.write_formula(row, 4, total_formula, number, total)
        sheet.write_formula(row, 5, f"=ROUND(E{row + 1}-D{row + 1},6)", number, round(total - parts, 6) + 0.0)
        test = f'=IF(ABS(E{row + 1}-D{row + 1})<={_CLOSE!r}*MAX(1,ABS(E{row + 1})),"{holds}","{fails}")'
        sheet.write_formula(row, 6, test, text, fails if is_off else holds)
    sheet.text(0, 0, words.say("workbook.sums.title", " "), book.form(bold=True, font_size=14))
    sheet.text(1, 0, words.say("workbook.sums.about", " "))
    sheet.text(2, 0, words.say("workbook.sums.count", " ", count=len(found)), book.form(bold=True))
    sheet.text(2, 5, words.say("workbook.sums.off", " "), book.form(bold=True, align="right"))
    last = max(len(found) + 4, 5)
    sheet.write_formula(2, 6, f'=COUNTIF(G5:G{last},"{fails}")', book.form(bold=True), count)
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.repeat_rows(3, 3)
    sheet.set_footer("&C&P / &N")
    sheet.fit_to_pages(1, 0)
