"""Commands that look at the folder of a finished run: `gep explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from gep.cli.common import JsonOption, LanguageOption, RunArgument, begin, print_json


def explain(
    folder: RunArgument,
    zone: Annotated[str, typer.Argument(metavar="ZONE", show_default=False)],
    service: Annotated[str, typer.Argument(metavar="SERVICE", show_default=False)],
    ecosystem: Annotated[str, typer.Argument(metavar="ECOSYSTEM", show_default=False)] = "",
    show_all: Annotated[bool, typer.Option("--all")] = False,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a figure apart: formula, numbers put in, coefficients, price, rules; or say why it is empty. Needs the
    folder alone.
    """
    language = begin(lang, as_json=as_json)
    from gep.report.console import console
    from gep.report.explanation import show_explanation
    from gep.study.run import read_run

    document = read_run(folder).explain(service, zone, ecosystem)
    if as_json:
        print_json(document)
        return
    show_explanation(document, console(), language, show_all=show_all)
