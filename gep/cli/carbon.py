"""`gep carbon`: stocks of carbon and the yearly sink, parcels and tickets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.accounts import ExplainOption, OutOption, show_section
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
from gep.cli.help import Command, Group
from gep.core.messages import say

carbon_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)


@carbon_app.callback()
def _main(lang: LanguageOption = None) -> None:
    begin(lang)


@carbon_app.command("account", cls=Command)
def account(
    project: ProjectArgument = Path("gep.toml"),
    explain: ExplainOption = "",
    out: OutOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Stocks of carbon, what changed them, and the yearly sink of a project."""
    language = begin(lang, as_json=as_json, quiet=quiet, project=project)
    from gep.assets.carbon.account import of_project
    from gep.assets.carbon.feed import stop_on_both, write_sink
    from gep.assets.context import Context
    from gep.assets.needs import told
    from gep.core.errors import UsageError
    from gep.core.folders import files_into
    from gep.report.assets import show_accounts, show_figure, write_accounts
    from gep.report.console import console

    context = Context.of(project)
    section = context.project.assets.carbon
    if section is None:
        raise UsageError(told(context))
    stop_on_both(context, section)
    made = of_project(context, section)
    if explain:
        table, _, rest = explain.partition("/")
        line, _, measure = rest.rpartition("/")
        if as_json:
            print_json(made.account.explain(table, line, measure))
        else:
            show_figure(made.account, table, line, measure, console(), language)
        return
    fed = None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with told_where_unwritten(out), files_into(out) as fresh:
            write_accounts([made.account], fresh)
            if section.feeds:
                parameters = context.parameters(section)
                fed = write_sink(made.balances, parameters, context.year, str(say("carbon.title")), fresh).name
        options.left = say("carbon.written", folder=out)
    if as_json:
        print_json(made.account.document())
        return
    show_accounts([made.account], console(), language)
    if out is not None and not quiet:
        console().print(say("carbon.written", folder=out).to(language), markup=False, soft_wrap=True)
        if fed:
            console().print(say("carbon.fed", path=out / fed).to(language), markup=False, soft_wrap=True)


@carbon_app.command("parcel", cls=Command)
def parcel(
    project: ProjectArgument = Path("gep.toml"),
    explain: ExplainOption = "",
    out: OutOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Carbon of the parcels of a project: estimates, plots that are needed, removals."""
    show_section("parcels", project, out, explain, lang, as_json=as_json, quiet=quiet)


@carbon_app.command("ticket", cls=Command)
def ticket(
    of: Annotated[str, typer.Argument(metavar="PARCEL", show_default=False)],
    project: Annotated[Path, typer.Option("--project", metavar="PROJECT")] = Path("gep.toml"),
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", show_default=False)] = None,
    record: Annotated[Path | None, typer.Option("--record", metavar="FILE", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """The carbon ticket of a parcel: its statement, and the record that is kept with it."""
    begin(lang, as_json=as_json, quiet=quiet, project=project)
    from gep.assets.context import Context
    from gep.assets.parcels.account import of_project
    from gep.cli.credits import tell_statement
    from gep.core.errors import UsageError, did_you_mean
    from gep.core.folders import atomic_file
    from gep.core.json_text import write_json
    from gep.report.console import console, show_problems

    context = Context.of(project)
    section = context.project.assets.parcels
    if section is None:
        raise UsageError(say("parcels.no_section"))
    made = of_project(context, section)
    found = next((one for one in made.tickets if one.parcel == of), None)
    if found is None:
        show_problems(made.account.problems, console(), language=options.language)
        hint = did_you_mean(of, [one.parcel for one in made.tickets])
        raise UsageError(say("parcels.no_ticket", parcel=of, hint=hint))
    if record is not None:
        with told_where_unwritten(record):
            record.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(record) as place:
                write_json(found.record(), place)
    tell_statement(found.statement(), out)
    if not as_json and not quiet:
        show_problems(made.account.problems, console(), language=options.language)
