"""`gep verify`: published accounts recomputed from their own figures."""

from __future__ import annotations

from typing import Annotated

import typer

from gep.commands.common import JsonOption, Language, LanguageOption, QuietOption, options, print_json

MISMATCH = 5
"""The exit code where a published figure is not what our equations make of its inputs."""


def verify(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A shipped case, or the folder of one of your own.", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help="All shipped cases.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the cases and stop.")] = False,
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Recompute published accounts: expected, got, difference in units of the last printed digit, verdict."""
    options.quiet, options.as_json = quiet, as_json
    from gep.errors import UsageError
    from gep.published import case_ids, load_case
    from gep.report.console import console
    from gep.report.verification import show_case, show_cases, show_list
    from gep.verify import verify as recompute

    if listed:
        cases = [load_case(name) for name in case_ids()]
        if as_json:
            print_json({"schema": 1, "cases": [{"id": known.id, "name": known.name, "source": known.citation()} for known in cases]})
        else:
            show_list(cases, console(), lang.value)
        return
    if bool(case) == every:
        raise UsageError(f"Name a case or give --all. There are: {', '.join(case_ids())}.")
    found = [recompute(load_case(name)) for name in (case_ids() if every else [case])]
    if as_json:
        print_json({"schema": 1, "cases": [one.as_dict() for one in found]})
    elif every:
        show_cases(found, console(), lang.value)
    else:
        show_case(found[0], console(), lang.value)
    if any(one.verdict == "fails" for one in found):
        raise typer.Exit(MISMATCH)
