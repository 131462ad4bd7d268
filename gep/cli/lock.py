"""`gep data`: what is done with the inputs of a project as files, and what is known of public ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, LanguageOption, ProjectArgument, begin, print_json, told_where_unwritten
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


@data_app.command("products", cls=Command)
def list_products(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)] = "",
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """The public data sets that a layer may name as its `product`; of one its variables, traps, citation, licence."""
    language = begin(lang, as_json=as_json)
    from gep.report.console import console
    from gep.report.listings import product_entries, show_products
    from gep.study.products import describe

    if as_json:
        print_json({"schema": 1, "products": product_entries(name)})
    elif name:
        console().print(describe(name).to(language), markup=False, soft_wrap=True, highlight=False)
    else:
        show_products(console(), language)
