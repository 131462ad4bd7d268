"""`gep data`: what is done with the inputs of a project as files."""

from __future__ import annotations

from pathlib import Path

import typer

from gep.cli.common import LanguageOption, ProjectArgument, begin, told_where_unwritten
from gep.cli.help import Command, Group
from gep.core.messages import say

data_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)


@data_app.callback()
def _main(lang: LanguageOption = None) -> None:
    begin(lang)


@data_app.command("lock", cls=Command)
def lock(project: ProjectArgument = Path("gep.toml"), lang: LanguageOption = None) -> None:
    """Write the hash of every input file beside the project; `check` and `run` hold them."""
    language = begin(lang, project=project)
    from gep.inputs.lock import LOCK, write_lock
    from gep.report.console import console
    from gep.study.study import Study

    folder = project if project.is_dir() else project.parent
    spec = Study.open(project).spec
    with told_where_unwritten(folder / LOCK):
        path = write_lock(spec, folder)
    console().print(say("cli.locked", path=path).to(language), markup=False, soft_wrap=True)
