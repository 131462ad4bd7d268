"""`gep grazing`, `gep restoration`, `gep assets`: accounts beside GEP of a project, shown, written, a figure of them
taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.common import (
    JsonOption,
    LanguageOption,
    ProjectArgument,
    QuietOption,
    begin,
    options,
    print_json,
    told_where_unwritten,
)
from gep.core.messages import say

if TYPE_CHECKING:
    from gep.assets.account import AssetAccount
    from gep.core.errors import Problem

OutOption = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)]
SureOption = Annotated[bool, typer.Option("--uncertainty")]
ExplainOption = Annotated[str, typer.Option("--explain", metavar="TABLE/ROW/MEASURE", show_default=False)]


def made_beside(project: Path, *, intervals: bool = False) -> list[AssetAccount]:
    """The accounts beside GEP that a project asks for, with intervals or without; none loads none of their code. Raises
    what `accounts_of` does, with everything that is wrong.
    """
    from gep.inputs.project import PROJECT, read_project

    asked = read_project(project / PROJECT if project.is_dir() else project).assets
    if asked is None or not asked.model_fields_set:
        return []
    from gep.assets.project import accounts_of

    made = accounts_of(project)
    return [account.with_intervals() for account in made] if intervals else made


def problems_beside(project: Path) -> list[Problem]:
    """What would stop the accounts beside GEP of a project, or is to be asked of them."""
    from gep.core.errors import CoefficientError, InputError, ProjectError

    try:
        return [one for account in made_beside(project) for one in account.problems]
    except (ProjectError, InputError, CoefficientError) as error:
        return list(error.problems)


def write_beside(accounts: Sequence[AssetAccount], year: int, folder: Path) -> None:
    """Write them into the new folder of a run of a year, where they are of that year or of none."""
    from gep.report.assets import write_accounts
    from gep.study.run import ASSETS

    if of_year := [account for account in accounts if account.year in (None, year)]:
        (folder / ASSETS).mkdir()
        write_accounts(of_year, folder / ASSETS)


def is_beside(accounts: Sequence[AssetAccount], year: int, folder: Path) -> bool:
    """Whether the folder of a run of a year holds just these accounts, as they are made now."""
    from tempfile import TemporaryDirectory

    from gep.study.run import ASSETS

    with TemporaryDirectory(prefix="gep-") as place:
        write_beside(accounts, year, Path(place))
        made, there = (
            {path.name: path.read_bytes() for path in (base / ASSETS).glob("*") if path.is_file()}
            for base in (Path(place), folder)
        )
    return made == there


def show_beside(accounts: Sequence[AssetAccount], folder: Path) -> None:
    """Say in short what each account found, and where the whole is."""
    from gep.report.assets import show_in_short
    from gep.report.console import console
    from gep.study.run import ASSETS

    if not accounts:
        return
    show_in_short(accounts, console(), options.language)
    said = say("beside.made", folder=folder, place=folder / ASSETS)
    console().print(said.to(options.language), markup=False, soft_wrap=True)


def show_section(
    section: str,
    project: Path,
    out: Path | None,
    explain: str,
    lang: LanguageOption,
    *,
    sure: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make the accounts of a section of a project (of all, where none is named), show and write them."""
    language = begin(lang, as_json=as_json, quiet=quiet, project=project)
    from gep.assets.context import Context
    from gep.assets.needs import told
    from gep.assets.project import accounts_of, sections_of
    from gep.core.errors import UsageError

    context = Context.of(project)
    there = sections_of(context)
    if not there or (section and section not in there):
        raise UsageError(told(context))
    accounts = accounts_of(context, [section] if section else ())
    tell_accounts(accounts, out, explain, language, sure=sure, as_json=as_json, is_one=bool(section))


def tell_accounts(
    accounts: Sequence[AssetAccount],
    out: Path | None,
    explain: str,
    language: str,
    *,
    as_json: bool,
    sure: bool = False,
    is_one: bool = False,
    add: Callable[[Path], None] | None = None,
) -> None:
    """Show and write accounts, with intervals where they are asked for and with what `add` puts beside them, or take a
    figure of one of them apart.
    """
    from gep.core.folders import files_into
    from gep.report.assets import show_accounts, show_figure, write_accounts
    from gep.report.console import console

    if explain:
        table, _, rest = explain.partition("/")
        line, _, measure = rest.rpartition("/")
        account = next((one for one in accounts if table in [t.id for t in one.tables]), accounts[0])
        if as_json:
            print_json(account.explain(table, line, measure))
        else:
            show_figure(account, table, line, measure, console(), language)
        return
    if sure:
        accounts = [account.with_intervals() for account in accounts]
    if out is not None:
        with told_where_unwritten(out):
            out.mkdir(parents=True, exist_ok=True)
            with files_into(out) as new:
                write_accounts(accounts, new)
                if add is not None:
                    add(new)
        options.left = say("cli.written", folder=out)
    if as_json:
        documents = [account.document() for account in accounts]
        print_json(documents[0] if is_one and len(documents) == 1 else {"accounts": documents})
        return
    show_accounts(accounts, console(), language)
    if out is not None and not options.quiet:
        console().print(say("cli.written", folder=out).to(language), markup=False, soft_wrap=True)


def command_of(section: str) -> Callable[..., None]:
    """The command that makes the accounts of a section of a project; of all sections, where none is named."""

    def command(
        project: ProjectArgument = Path("gep.toml"),
        out: OutOption = None,
        explain: ExplainOption = "",
        uncertainty: SureOption = False,
        lang: LanguageOption = None,
        as_json: JsonOption = False,
        quiet: QuietOption = False,
    ) -> None:
        show_section(section, project, out, explain, lang, sure=uncertainty, as_json=as_json, quiet=quiet)

    return command
