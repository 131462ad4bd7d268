"""A comparison of years: as it is printed, and the files that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account.changes import Comparison
from gep.account.uncertain.change import ChangesUncertainty
from gep.core.errors import MissingFeatureError, UsageError, failure
from gep.core.folders import files_into
from gep.core.json_text import write_json
from gep.core.messages import in_language, say
from gep.report.options import ReportOptions
from gep.report.pictures.canvas import write_table
from gep.report.tables.changes import SERIES_ENDS, ChangeTables
from gep.report.tables.model import Column, Lang, ReportTable, text_of
from gep.study.extent import LandChange

MOST_ROWS = 30
"""Zones that are printed; the tables have all."""

_LEAST_OF_TEXT = 8
_BETWEEN = 3
"""Letters between two columns."""

DOCUMENT, BOOK = "compare.json", "compare.xlsx"
RETIRED = ("T08*.csv", "T10.csv", "T11.csv")
"""Tables that an earlier writing may have made and this one does not."""


def show_comparison(
    comparison: Comparison,
    out: Console,
    language: Lang,
    land: LandChange | None = None,
    intervals: ChangesUncertainty | None = None,
) -> None:
    """Print what the years say: by service, ecosystem and zone, the land of the whole area where it was looked at, the
    totals of all years, and what is to be said.
    """
    tables = ChangeTables(comparison, language, land, intervals)
    found = [*(tables.change(key) for key in ("service", "ecosystem", "zone")), *tables.of_land()]
    for table in found:
        unit = in_language(table.unit, language)
        titled = say("tables.heading_with_unit", heading=table.title(language), unit=unit).to(language)
        out.print(f"[bold]{escape(titled)}[/bold]", soft_wrap=True)
        print_table(table, out, language, MOST_ROWS)
        out.print()
    if len(comparison.accounts) > 2:
        out.print(_series(comparison, tables, language))
        out.print()
    for note in dict.fromkeys(note for table in found for note in table.notes):
        out.print(f"[dim]{escape(in_language(note, language))}[/dim]", soft_wrap=True)


def print_table(table: ReportTable, out: Console, language: str, most: int | None = None) -> None:
    """Print a table, of its items so many: wider than the terminal where its numbers need it, for none is cut."""
    made = _printed_table(table, language, most)
    least = sum(column.min_width or 0 for column in made.columns) + _BETWEEN * (len(made.columns) - 1)
    out.print(made, width=max(out.width, least), crop=False)


def _printed_table(table: ReportTable, language: str, most: int | None) -> Table:
    found = Table(show_edge=False, pad_edge=False)
    columns = [column for column in table.columns if column.id != "remark"]  # which the notes tell
    for column in columns:
        is_of_table = column.unit == table.unit
        title = in_language(column.heading, language) if is_of_table else column.title(language)
        found.add_column(
            escape(title),
            justify="left" if column.is_text else "right",
            overflow="fold",  # Chinese has no blanks to break a heading at, and nothing is cut
            min_width=_LEAST_OF_TEXT if column.is_text else _width(table, column, language),
        )
    items: int = 0
    was_sum: bool | None = None
    for row in table.rows:
        items += row.kind == "item"
        if row.kind == "item" and most is not None and items > most:
            continue
        is_sum = row.kind in ("total", "memo")
        if was_sum not in (None, is_sum):
            found.add_section()
        found.add_row(*(escape(text_of(table.cell(row, column), language)) for column in columns))
        was_sum = is_sum
    return found


def _width(table: ReportTable, column: Column, language: str) -> int:
    """How wide the numbers of a column are: headings are broken, numbers are not."""
    return max((cell_len(text_of(table.cell(row, column), language)) for row in table.rows), default=0)


def _series(comparison: Comparison, tables: ChangeTables, language: str) -> Table:
    found = Table(show_edge=False, pad_edge=False)
    unit, intervals = in_language(tables.units.money_unit, language), tables.intervals
    found.add_column(say("years.column.year").to(language))
    titles = [say(f"years.series.{key}", base=comparison.money_year) for key in ("current", "constant")]
    if intervals:
        titles += [say(f"years.series.{end}", level=f"{intervals.level:.0%}") for end in SERIES_ENDS]
    for title in titles:
        heading = say("tables.heading_with_unit", heading=title.to(language), unit=unit)
        found.add_column(heading.to(language), justify="right")
    for row in comparison.series:
        money = tables.units.money
        cells = [money(value, "not_applicable") for value in (row.value, row.constant)]
        cells += [money(end) for end in intervals.series[row.year][1:]] if intervals else []
        found.add_row(str(row.year), *(text_of(cell, language) for cell in cells))
    return found


def write_comparison(
    comparison: Comparison, land: LandChange, folder: Path, lang: Lang, intervals: ChangesUncertainty | None = None
) -> list[Path]:
    """Write the tables of a comparison as CSV and as a workbook, its charts, its document as JSON into a folder: all of
    them or nothing. Without the extra `report` there are neither workbook nor charts, without a font no charts.
    """
    if (folder / "run.json").exists():
        raise UsageError(say("years.into_a_run", folder=folder))
    tables = ChangeTables(comparison, lang, land, intervals)
    try:
        with files_into(folder, RETIRED) as fresh:
            found = list(tables.all())
            made = [write_table(table, fresh / f"{table.id}.csv") for table in found]
            more = {"uncertainty": intervals.document()} if intervals else {}
            write_json({**comparison.document(), **more}, fresh / DOCUMENT)
            drawn = _pictures(tables, fresh, lang)
            made += [fresh / DOCUMENT, *_book(tables, found, drawn, fresh, lang), *drawn]
            names = [path.relative_to(fresh) for path in made]
    except OSError as error:
        raise UsageError(say("making.not_written", folder=folder, error=failure(error))) from error
    return [folder / name for name in names]


def _book(
    tables: ChangeTables, found: Sequence[ReportTable], drawn: Sequence[Path], folder: Path, lang: Lang
) -> list[Path]:
    try:
        from gep.report.workbook.years import write_years
    except ModuleNotFoundError:
        return []
    shown = [path for path in drawn if path.suffix == ".png"]
    return [write_years(tables, found, folder / BOOK, ReportOptions(lang), shown)]


def _pictures(tables: ChangeTables, folder: Path, lang: Lang) -> list[Path]:
    from gep.report.pictures.change import change_charts
    from gep.report.pictures.change_maps import change_maps
    from gep.report.pictures.write import write_pictures

    made = chain(change_charts(tables), change_maps(tables))
    try:
        return write_pictures(made, folder, ReportOptions(lang).languages, tables.comparison.year)
    except (ImportError, MissingFeatureError):
        return []
