"""Commands that look at the folder of a finished run: `gep explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, Language, LanguageOption, options, print_json


def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a finished run, as `gep run` wrote it.")],
    zone: Annotated[str, typer.Argument(help="Code or name of a zone; _city is the whole area.")],
    service: Annotated[str, typer.Argument(help="A service, like water_retention or 水源涵养.")],
    ecosystem: Annotated[
        str, typer.Argument(help="An ecosystem, or a class of it, like forest/mixed; all if not given.")
    ] = "",
    show_all: Annotated[
        bool, typer.Option("--all", help="Take apart every class, not the largest of each component only.")
    ] = False,
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
) -> None:
    """Take a figure apart: formula, numbers put in, coefficients, price, rules; or say why it is empty. Needs the
    folder alone.
    """
    options.as_json = as_json
    from gep.report.console import console
    from gep.report.explanation import show_explanation
    from gep.study.run import read_run

    document = read_run(folder).explain(service, zone, ecosystem)
    if as_json:
        print_json(document)
        return
    show_explanation(document, console(), lang.value, show_all=show_all)
