"""`gep forms`: workbooks out to departments, and their replies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.common import (
    INPUT,
    JsonOption,
    LanguageOption,
    QuietOption,
    begin,
    options,
    print_json,
    told_where_unwritten,
)
from gep.cli.help import Command, Group
from gep.core.messages import Text, say

if TYPE_CHECKING:
    from gep.inputs.forms import Workbook

forms_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)

PER_CENT = 100


class CountiesAre(StrEnum):
    """How counties run in a form."""

    rows = "rows"
    columns = "columns"


@forms_app.callback()
def _main(lang: LanguageOption = None) -> None:
    begin(lang)


@forms_app.command("make", cls=Command)
def make_forms(
    what: Annotated[str, typer.Argument(metavar="PROJECT|PROFILE")] = "gep.toml",
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR")] = Path("forms"),
    last: Annotated[Path | None, typer.Option("--last", metavar="RUN", show_default=False)] = None,
    counties: Annotated[CountiesAre, typer.Option("--counties", metavar="rows|columns")] = CountiesAre.columns,
    year: Annotated[int | None, typer.Option("--year", metavar="YEAR", show_default=False)] = None,
    deadline: Annotated[str, typer.Option("--deadline", metavar="DATE", show_default=False)] = "",
    issued: Annotated[str, typer.Option("--issued", metavar="DATE", show_default=False)] = "",
    change: Annotated[float, typer.Option("--change", metavar="PERCENT", min=0)] = 30,
    lang: LanguageOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write one workbook for each department: what it is asked for, with last year's figures beside."""
    from gep.core.parts import known_with
    from gep.standards.profile import profile_ids

    is_profile = what in profile_ids() or (not Path(what).exists() and what in known_with(what, profile_ids))
    language = begin(lang, quiet=quiet, project=None if is_profile else Path(what))
    from gep.core.errors import UsageError
    from gep.core.folders import files_into
    from gep.inputs.forms import file_name
    from gep.report.forms import write_forms

    books = _books_of_profile(what, year) if is_profile else _books_of_project(Path(what), year, last)
    books = [replace(book, deadline=deadline, issued=issued, change=change / PER_CENT) for book in books]
    for book in books:
        if (path := out / file_name(book.department, book.year, language)).exists():
            raise UsageError(say("office.not_empty", path=path))
    with told_where_unwritten(out), files_into(out) as fresh:
        paths = write_forms(books, fresh, language, is_downwards=counties == CountiesAre.columns)
    options.left = say("cli.left.folder", folder=out)
    _print(say("office.forms_written", count=len(paths), folder=out))


def _books_of_profile(profile: str, year: int | None) -> Sequence[Workbook]:
    from gep.core.errors import UsageError
    from gep.standards.profile import load_profile
    from gep.study.forms import Round, workbooks
    from gep.study.needs import needs_of

    if year is None:
        raise UsageError(say("office.no_year"))
    known = load_profile(profile)
    _print(say("office.no_places"))
    return workbooks(Round(known, year, Text(known.name_en, known.name_zh)), needs_of(known))


def _books_of_project(path: Path, year: int | None, last: Path | None) -> Sequence[Workbook]:
    from gep.inputs.open import zones_of
    from gep.standards.profile import load_profile
    from gep.study.forms import places_of, reported_by_project, reported_last_year, round_of, workbooks
    from gep.study.needs import needs_of, services_without_land
    from gep.study.run import read_run
    from gep.study.study import Study

    spec = Study.open(path).spec
    spec = spec.in_year(spec.years[-1]) if spec.years else spec  # of several years the last is collected
    profile = load_profile(spec.profile)
    zones = zones_of(spec.zones)
    around = round_of(replace(spec, year=year or spec.year), profile, places_of(zones))
    around = replace(around, reported=reported_by_project(spec, zones))
    last = last or spec.last_year
    if last is not None:
        account = read_run(last)
        if not account.has_ledger:
            _print(say("office.no_last_statistics", folder=last))
        around = replace(around, last=reported_last_year(account))
    left_out = (*spec.off, *spec.not_applicable, *services_without_land(profile, spec.code))
    return workbooks(around, needs_of(profile, spec.methods, left_out))


@forms_app.command("read", cls=Command)
def read_forms(
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read the workbooks that came back: the tables of the project, who answered, what is lacking."""
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.core.folders import atomic_folder
    from gep.inputs.replies import read_replies
    from gep.report.console import console, show_problems
    from gep.report.replies import check_tables_folder, replies_document, show_replies, write_replies

    tables = out or folder / "tables"
    check_tables_folder(tables)
    replies = read_replies(folder)
    with told_where_unwritten(tables), atomic_folder(tables) as fresh:
        write_replies(replies, fresh, language)
    options.left = say("cli.left.folder", folder=tables)
    if as_json:
        print_json(replies_document(replies))
    else:
        show_replies(replies, console(), language)
        show_problems(
            replies.problems, console(on_error=True), least="error" if quiet else "warning", language=language
        )
        departments = len({one.form.department for one in replies.returns if one.answered and not one.faults})
        counts = {"count": len(replies.answers), "departments": departments, "lacking": len(replies.lacking)}
        _print(say("office.returns.written", folder=tables, **counts))
    if any(found.severity == "error" for found in replies.problems):
        raise typer.Exit(INPUT)


def _print(text: Text) -> None:
    """A line about what was done, unless nothing is to be told."""
    from gep.report.console import console

    if not options.quiet:
        console().print(text.to(options.language), markup=False, highlight=False, soft_wrap=True)
