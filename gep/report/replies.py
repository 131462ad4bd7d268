"""What is written of replies: the table of the figures, the return list, what is lacking, what is to be checked."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from gep.core.errors import UsageError
from gep.core.messages import in_language, no_formula, say, visible
from gep.inputs.office import department_name
from gep.inputs.replies import Replies, Return
from gep.inputs.reply_forms import Answer
from gep.inputs.table_files import COLUMNS
from gep.report.console import rows_table
from gep.report.office_book import cell_format, heading_format, height_of, office_book, set_up_print

STATISTICS, RETURNS, LACKING, PROBLEMS = "statistics.csv", "returns.csv", "lacking.csv", "problems.csv"
BOOK = "returns.xlsx"
FILES = (STATISTICS, RETURNS, LACKING, PROBLEMS, BOOK)

_RETURNS = {
    "department": 26,
    "number": 12,
    "lines": 9,
    "issued": 13,
    "deadline": 13,
    "date": 13,
    "state": 9,
    "faults": 9,
    "prepared": 12,
    "checked": 12,
    "figures": 9,
    "answered": 9,
    "lacking": 9,
    "file": 34,
}
_LACKING = {"department": 26, "number": 12, "label": 40, "place": 16, "place_name": 24}
_PROBLEMS = {"severity": 10, "code": 8, "where": 44, "message": 60, "found": 28, "do": 60}


def check_tables_folder(folder: Path) -> None:
    """Raise UsageError for a folder that holds something else: it is replaced as a whole."""
    if folder.exists() and (not folder.is_dir() or {path.name for path in folder.iterdir()} - set(FILES)):
        raise UsageError(say("office.not_ours", folder=folder))


def write_replies(replies: Replies, folder: Path, language: str) -> None:
    """Write all of it into a folder: the table of the project as it is read, the lists for people in a language, as
    CSV and together as a workbook.
    """
    with (folder / STATISTICS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_statistic(answer, language) for answer in replies.answers)
    lists = (
        (RETURNS, "returns", _RETURNS, list(_return_rows(replies.returns, language))),
        (LACKING, "lacking", _LACKING, list(_lacking_rows(replies, language))),
        (PROBLEMS, "problems", _PROBLEMS, list(_problem_rows(replies, language))),
    )
    for name, _, columns, rows in lists:
        with (folder / name).open(
            "w", encoding="utf-8-sig", newline=""
        ) as file:  # Excel takes it for UTF-8 by its mark
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_headings(columns, language))
            writer.writerows([_safe(cell) for cell in row] for row in rows)
    title = say("office.returns.title", year=replies.year).to(language)
    with office_book(folder / BOOK, title, language) as book:
        for _, key, columns, rows in lists:
            _sheet(book, key, title, columns, rows, language)


def _statistic(answer: Answer, language: str) -> list[Any]:
    value = int(answer.value) if answer.value.is_integer() else repr(answer.value)
    source = visible(in_language(answer.source, language))
    row = (answer.zone, answer.item, answer.measure, value, answer.unit, answer.year, answer.price_year, source)
    return ["" if cell is None else cell for cell in row]


def _return_rows(returns: Iterable[Return], language: str) -> Iterator[list[Any]]:
    for one in returns:
        texts = {
            **one.form._asdict(),
            "department": department_name(one.form.department).to(language),
            "state": say(f"office.returns.state_{one.state}").to(language),
        }
        yield [texts[key] if key in texts else getattr(one, key) for key in _RETURNS]


def _lacking_rows(replies: Replies, language: str) -> Iterator[list[Any]]:
    for lack in replies.lacking:
        names = [lack.label.to(language), lack.place, lack.place_name.to(language)]
        yield [department_name(lack.department).to(language), lack.number, *names]


def _problem_rows(replies: Replies, language: str) -> Iterator[list[Any]]:
    for found in replies.problems:
        severity = say(f"core.severity.{found.severity}").to(language)
        texts = [in_language(text, language) for text in (found.place, found.message, found.found, found.do)]
        yield [severity, found.code, *texts]


def _headings(columns: Iterable[str], language: str) -> list[str]:
    return [say(f"office.returns.{column}").to(language) for column in columns]


def _safe(cell: Any) -> Any:
    return no_formula(cell) if isinstance(cell, str) else cell


def _sheet(
    book: Any, key: str, title: str, columns: dict[str, int], rows: Sequence[Sequence[Any]], language: str
) -> None:
    sheet = book.add_worksheet(say(f"office.returns.sheet.{key}").to(language))
    body = cell_format(book, language, border=1, text_wrap=True)
    sheet.write(0, 0, title, cell_format(book, language, bold=True, font_size=14))
    for column, (heading, width) in enumerate(zip(_headings(columns, language), columns.values(), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write(1, column, heading, heading_format(book, language))
    for number, row in enumerate(rows, start=2):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, visible(cell), body)
            else:
                sheet.write_number(number, column, cell, body)
        sheet.set_row(number, height_of(zip(map(str, row), columns.values(), strict=True)))
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, 1 + len(rows), len(columns) - 1)
    set_up_print(sheet, (1, 1), sum(columns.values()))


def show_replies(replies: Replies, out: Console, language: str) -> None:
    """Print the return list."""
    shown = (
        "department",
        "number",
        "lines",
        "figures",
        "answered",
        "lacking",
        "faults",
        "state",
        "prepared",
        "checked",
        "date",
    )
    headings = _headings(shown, language)
    place = list(_RETURNS)
    rows = [[row[place.index(key)] for key in shown] for row in _return_rows(replies.returns, language)]
    out.print(f"[bold]{escape(say('office.returns.title', year=replies.year).to(language))}[/bold]")
    out.print(rows_table(headings, rows, right=headings[2:7]))


def replies_document(replies: Replies) -> dict[str, Any]:
    """The return list as JSON, with the problems."""
    from dataclasses import asdict

    from gep.study.folder import problems_document

    return {
        **problems_document(replies.problems),
        "year": replies.year,
        "returns": [{**asdict(one), "form": one.form._asdict()} for one in replies.returns],
        "lacking": [asdict(lack) for lack in replies.lacking],
        "figures": len(replies.answers),
    }
