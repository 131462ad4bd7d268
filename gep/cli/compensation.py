"""`gep compensation`: what damage to a parcel comes to in tonnes and in money, and the statement of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.accounts import command_of
from gep.cli.common import JsonOption, LanguageOption, ProjectArgument, begin
from gep.cli.credits import FileOption, tell_statement
from gep.cli.help import Command, Group

compensation_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)


@compensation_app.callback()
def _main(lang: LanguageOption = None) -> None:
    begin(lang)


compensation_app.command("account", cls=Command)(command_of("compensation"))


@compensation_app.command("statement", cls=Command)
def statement(
    case: Annotated[str, typer.Argument(metavar="CASE", show_default=False)],
    project: ProjectArgument = Path("gep.toml"),
    out: FileOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """The statement of a case, with its alternatives."""
    begin(lang, as_json=as_json, project=project)
    from gep.assets.compensation.account import damages_of
    from gep.assets.compensation.statement import statement_of
    from gep.assets.context import Context

    found, _ = damages_of(Context.of(project))
    tell_statement(statement_of(found, case), out)
