"""`gep uncertainty`: how sure the figures of a finished run are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.common import (
    JsonOption,
    LanguageOption,
    QuietOption,
    RunArgument,
    ThreadsOption,
    begin,
    options,
    print_json,
    progress_bar,
    told_where_unwritten,
)
from gep.core.messages import say

if TYPE_CHECKING:
    from gep.account.account import Account
    from gep.account.uncertain.result import Uncertainty
    from gep.study.study import Study


def uncertainty(
    folder: RunArgument,
    draws: Annotated[int, typer.Option("--draws", metavar="N")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0)] = 20_261,
    level: Annotated[float, typer.Option("--level", metavar="P")] = 0.95,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=0)] = 50,
    choices: Annotated[bool, typer.Option("--choices")] = False,
    project: Annotated[Path | None, typer.Option("--project", metavar="FILE", show_default=False)] = None,
    threads: ThreadsOption = None,
    pictures: Annotated[bool, typer.Option("--pictures")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """How sure the figures of a finished run are, what drives that, and what is not known. Needs the folder alone;
    the inputs of the run too with --choices, and for what its sums do not tell.
    """
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.core.folders import files_into
    from gep.report.console import console
    from gep.report.uncertainty import show_uncertainty
    from gep.study.again import at_hand
    from gep.study.redrawn import engine_of
    from gep.study.run import SPREADS, UNCERTAINTY, read_run

    account = read_run(folder)
    if choices:
        from gep.report.uncertainty import show_choices
        from gep.study.choices import choices_of

        made = choices_of(account, project, threads, progress_bar)
        if as_json:
            print_json(made.document())
        else:
            show_choices(account, made, console(), language)
        return
    engine = engine_of(account, lambda: at_hand(account, project), threads, progress_bar(say("cli.again")))
    found = account.uncertainty(draws=draws, seed=seed, level=level, engine=engine, runs=runs)
    place = out or folder
    with told_where_unwritten(place):
        place.mkdir(parents=True, exist_ok=True)
        with files_into(place) as new:
            write_sureness(found, new)
            if pictures:
                from gep.report.pictures.spreads import write_spreads

                (new / SPREADS).mkdir()
                write_spreads(account, found, new / SPREADS, language)
    options.left = say("uncertainty.written", path=place / UNCERTAINTY)
    if as_json:
        print_json(found.document())
        return
    show_uncertainty(account, found, console(), language)
    if not quiet:
        console().print(f"\n{options.left.to(language)}", markup=False, soft_wrap=True)


# of a run that is being made ------------------------------------------------------------------------------------------


def sureness_of(study: Study, account: Account, threads: int | None) -> Uncertainty:
    """How sure an account is that was just computed, with each of its figures."""
    from gep.study.redrawn import engine_of

    engine = engine_of(account, lambda: study, threads, progress_bar(say("cli.again").to(options.language)))
    return account.uncertainty(engine=engine, figures=True)


def write_sureness(found: Uncertainty, folder: Path) -> None:
    """Write the table and the document of it."""
    from gep.core.json_text import write_json
    from gep.report.uncertainty import write_uncertainty
    from gep.study.run import SURENESS, UNCERTAINTY

    write_uncertainty(found, folder / UNCERTAINTY)
    write_json(found.document(), folder / SURENESS)


def show_sureness(account: Account, found: Uncertainty) -> None:
    """Say below a result how sure its total is."""
    from gep.report.console import console
    from gep.report.uncertainty import summary_of

    language = options.language
    console().print(f"\n{summary_of(account, found, language)}", markup=False, soft_wrap=True)
