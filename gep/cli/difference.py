"""`gep diff`: what differs between two finished runs, and what the change of each figure comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, LanguageOption, QuietOption, ThreadsOption, begin, print_json, progress_bar


def diff(
    first: Annotated[Path, typer.Argument(metavar="RUN_A", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="RUN_B", show_default=False)],
    project_a: Annotated[Path | None, typer.Option("--project-a", metavar="FILE", show_default=False)] = None,
    project_b: Annotated[Path | None, typer.Option("--project-b", metavar="FILE", show_default=False)] = None,
    recompute: Annotated[bool, typer.Option("--recompute/--no-recompute")] = True,
    sequential: Annotated[bool, typer.Option("--sequential")] = False,
    threads: ThreadsOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What differs between two finished runs, and what the change of each figure comes from: inputs, coefficients,
    method, boundary, code.
    """
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.report.console import console
    from gep.report.difference import show_difference
    from gep.study.change import difference
    from gep.study.run import read_run, zone_names_of

    runs = read_run(first), read_run(second)
    found = difference(
        *runs,
        (project_a, project_b),
        recompute=recompute,
        is_sequential=sequential,
        threads=threads,
        progress=progress_bar,
    )
    if as_json:
        print_json(found.document())
        return
    names = {**zone_names_of(runs[0], language), **zone_names_of(runs[1], language)}
    show_difference(found, names, console(), language)
