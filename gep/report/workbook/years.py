"""The tables of a comparison of years, or of revisions, as a workbook, as an office files them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from gep.core.messages import Text, say
from gep.report.options import ReportOptions
from gep.report.tables.changes import ChangeTables
from gep.report.tables.model import ReportTable
from gep.report.workbook import office
from gep.report.workbook.book import MOST_LETTERS_OF_A_NAME, Book, Properties
from gep.report.workbook.words import Words
from gep.report.workbook.write import FONTS


def write_years(
    tables: ChangeTables,
    made: Iterable[ReportTable],
    path: Path,
    options: ReportOptions,
    drawn: Sequence[Path] = (),
) -> Path:
    """Write the tables of a comparison into a workbook, and behind them its pictures."""
    comparison = tables.comparison
    account = comparison.path[-1]
    area = Text(account.zone_name("_city", "en"), account.zone_name("_city", "zh"))
    about = say("years.book", area=area, base=comparison.base_year, year=comparison.year)
    return write_tables(made, about, comparison.year, path, options, drawn)


def write_tables(
    made: Iterable[ReportTable],
    about: Text,
    year: int,
    path: Path,
    options: ReportOptions,
    drawn: Sequence[Path] = (),
) -> Path:
    """Write tables into a workbook, a sheet each, then pictures. The same tables give the same bytes."""
    words = Words(options)
    said = words.of(about, " ")
    book = Book(Properties(said, said, words.tag, year), font_name=FONTS[words.first], font_size=10)
    for table in made:
        office.fill(book, book.sheet(table.id[:MOST_LETTERS_OF_A_NAME]), table, words, said)
    for picture in drawn:
        sheet = book.sheet(picture.stem[:MOST_LETTERS_OF_A_NAME])
        sheet.insert_image(0, 0, str(picture), {"description": f"{said}: {picture.stem}", "object_position": 3})
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 1)
    return book.save(path)
