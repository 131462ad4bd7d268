"""The tables of a scenario as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gep.core.messages import Text, say
from gep.report.options import ReportOptions
from gep.report.tables.model import ReportTable
from gep.report.tables.scenario import ScenarioTables
from gep.report.workbook import office
from gep.report.workbook.book import MOST_LETTERS_OF_A_NAME, Book, Properties
from gep.report.workbook.words import Words
from gep.report.workbook.write import FONTS


def write_scenario_book(
    tables: ScenarioTables, made: Iterable[ReportTable], path: Path, options: ReportOptions
) -> Path:
    """Write the tables into a workbook, a sheet each. The same scenario gives the same bytes."""
    words, account = Words(options), tables.before
    area = Text(account.zone_name("_city", "en"), account.zone_name("_city", "zh"))
    about = words.of(say("scenario.book", area=area, rule=tables.turned.rule.name), " ")
    book = Book(Properties(about, about, words.tag, account.about.year), font_name=FONTS[words.first], font_size=10)
    for table in made:
        office.fill(book, book.sheet(table.id[:MOST_LETTERS_OF_A_NAME]), table, words, about)
    return book.save(path)
