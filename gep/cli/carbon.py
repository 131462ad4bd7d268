"""`gep carbon`: stocks of carbon and the yearly sink, parcels and tickets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.accounts import ExplainOption, OutOption, SureOption, command_of, tell_accounts
from gep.cli.common import (
    JsonOption,
    LanguageOption,
    ProjectArgument,
    QuietOption,
    begin,
    options,
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
    uncertainty: SureOption = False,
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
    from gep.report.console import console

    context = Context.of(project)
    section = context.project.assets.carbon
    if section is None:
        raise UsageError(told(context))
    stop_on_both(context, section)
    made = of_project(context, section)
    fed: list[str] = []

    def add_sink(fresh: Path) -> None:
        parameters, title = context.parameters(section), str(say("carbon.title"))
        fed.append(write_sink(made.balances, parameters, context.years, title, fresh).name)

    add = add_sink if section.feeds else None
    tell_accounts([made.account], out, explain, language, as_json=as_json, sure=uncertainty, is_one=True, add=add)
    if out is not None and fed and not quiet and not as_json:
        console().print(say("carbon.fed", path=out / fed[0]).to(language), markup=False, soft_wrap=True)


carbon_app.command("parcel", cls=Command)(command_of("parcels"))


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
    from gep.assets.needs import told
    from gep.assets.parcels.account import of_project
    from gep.cli.credits import tell_statement
    from gep.core.errors import UsageError, did_you_mean
    from gep.core.folders import atomic_file
    from gep.core.json_text import write_json
    from gep.report.console import console, show_problems

    context = Context.of(project)
    section = context.project.assets.parcels
    if section is None:
        raise UsageError(told(context))
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
