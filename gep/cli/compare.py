"""`gep compare`: finished runs of several years beside each other."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gep.cli.common import JsonOption, LanguageOption, QuietOption, begin, print_json
from gep.core.messages import say


class PricesName(StrEnum):
    """What `--prices` takes."""

    current = "current"
    constant = "constant"
    chain = "chain"


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", show_default=False)],
    base: Annotated[int | None, typer.Option("--base", metavar="YEAR", show_default=False)] = None,
    prices: Annotated[PricesName, typer.Option("--prices", metavar="current|constant|chain")] = PricesName.constant,
    link: Annotated[list[int] | None, typer.Option("--link", metavar="YEAR", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    project_a: Annotated[Path | None, typer.Option("--project-a", metavar="FILE", show_default=False)] = None,
    project_b: Annotated[Path | None, typer.Option("--project-b", metavar="FILE", show_default=False)] = None,
    uncertainty: Annotated[bool, typer.Option("--uncertainty")] = False,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What finished runs of several years say together: growth, contributions to it, and what changes come from."""
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.report.console import console
    from gep.study.run import read_runs

    comparison = read_runs(runs).compare(base, prices.value, sorted(link or ()))
    document: dict[str, Any] = {**comparison.document()}  # what cannot be compared is said before anything is written
    intervals = None
    if uncertainty:
        from gep.account.uncertain.change import uncertainty_of_comparison

        intervals = uncertainty_of_comparison(comparison)
        document["uncertainty"] = intervals.document()
    land = None
    if out is not None:
        from gep.report.years import write_comparison
        from gep.study.extent import land_change

        land = land_change(comparison, (project_a, project_b))
        write_comparison(comparison, land, out, language, intervals)
    if as_json:
        print_json(document)
    else:
        from gep.report.years import show_comparison

        show_comparison(comparison, console(), language, land, intervals)
        if out is not None:
            console().print(say("cli.written", folder=out).to(language), markup=False, soft_wrap=True)
