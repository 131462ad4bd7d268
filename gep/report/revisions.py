"""Revisions of published figures: as they are printed, and the files that are made of them."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from gep.account.revisions import First, Register
from gep.core.errors import UsageError, failure
from gep.core.folders import files_into
from gep.core.json_text import write_json
from gep.core.messages import in_language, say
from gep.report.options import ReportOptions
from gep.report.pictures.canvas import write_table
from gep.report.tables.model import Lang
from gep.report.tables.revisions import RevisionTables
from gep.report.years import print_table

DOCUMENT, BOOK = "revisions.json", "revisions.xlsx"
RETIRED = ("T09*.csv",)
"""Tables that an earlier writing may have made and this one does not."""


def show_revisions(register: Register, first: First | None, out: Console, language: Lang) -> None:
    """Print every revision, what they were on the whole, and series that were back-cast."""
    tables = RevisionTables(register, language, first)
    for table in tables.all():
        if table.rows:
            unit = in_language(table.unit, language)
            title = table.title(language)
            titled = say("tables.heading_with_unit", heading=title, unit=unit).to(language) if unit else title
            out.print(f"[bold]{escape(titled)}[/bold]", soft_wrap=True)
            print_table(table, out, language)
            out.print(f"[dim]{escape(in_language(table.notes[0], language))}[/dim]", soft_wrap=True)
            out.print()
    for note in tables.notes:
        out.print(escape(in_language(note, language)), soft_wrap=True)


def write_revisions(register: Register, first: First | None, folder: Path, lang: Lang) -> list[Path]:
    """Write the tables as CSV and as a workbook, and the document as JSON into a folder: all of them or nothing.
    Without the extra `report` there is no workbook.
    """
    if (folder / "run.json").exists():
        raise UsageError(say("years.into_a_run", folder=folder))
    tables = list(RevisionTables(register, lang, first).all())
    try:
        with files_into(folder, RETIRED) as fresh:
            made = [write_table(table, fresh / f"{table.id}.csv") for table in tables]
            write_json(register.document(first), fresh / DOCUMENT)
            made.append(fresh / DOCUMENT)
            try:
                from gep.report.workbook.years import write_tables
            except ModuleNotFoundError:
                pass
            else:
                year = max(row.year for row in register.rows)
                made.append(write_tables(tables, say("revisions.book"), year, fresh / BOOK, ReportOptions(lang)))
            names = [path.relative_to(fresh) for path in made]
    except OSError as error:
        raise UsageError(say("making.not_written", folder=folder, error=failure(error))) from error
    return [folder / name for name in names]
