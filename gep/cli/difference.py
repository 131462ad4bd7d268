"""`gep diff`: what differs between two finished runs, and what the change of each figure comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, Language, LanguageOption, QuietOption, options, print_json, progress_bar


def diff(
    first: Annotated[Path, typer.Argument(metavar="RUN_A", help="The folder of a finished run.")],
    second: Annotated[Path, typer.Argument(metavar="RUN_B", help="The folder of another.")],
    project_a: Annotated[
        Path | None,
        typer.Option(
            "--project-a", help="The project file of RUN_A, if its run.log does not name it.", show_default=False
        ),
    ] = None,
    project_b: Annotated[
        Path | None,
        typer.Option(
            "--project-b", help="The project file of RUN_B, if its run.log does not name it.", show_default=False
        ),
    ] = None,
    recompute: Annotated[
        bool,
        typer.Option("--recompute/--no-recompute", help="Split the changes by computing mixtures of the two studies."),
    ] = True,
    sequential: Annotated[
        bool,
        typer.Option(
            "--sequential",
            help="Change boundary, inputs, coefficients, method in this order, instead of averaging over all orders: "
            "fewer computations.",
        ),
    ] = False,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Threads; all cores by default.")] = None,
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What differs between two finished runs, and what the change of each figure comes from: inputs, coefficients,
    method, boundary, code.
    """
    options.quiet, options.as_json = quiet, as_json
    from gep.report.console import console
    from gep.report.difference import show_difference
    from gep.study.change import difference
    from gep.study.run import read_run, zone_names_of

    runs = read_run(first), read_run(second)
    document = difference(
        *runs,
        (project_a, project_b),
        recompute=recompute,
        is_sequential=sequential,
        threads=threads,
        progress=progress_bar,
    )
    if as_json:
        print_json(document)
        return
    names = {**zone_names_of(runs[0], lang.value), **zone_names_of(runs[1], lang.value)}
    show_difference(document, names, console(), lang.value)
