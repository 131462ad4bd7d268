"""`gep demo`: the account of the synthetic sample city; with `--years` three years of it, set beside each other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from gep.cli.accounts import made_beside
from gep.cli.common import (
    JsonOption,
    LanguageOption,
    MapsOption,
    QuietOption,
    ReportOption,
    ThreadsOption,
    begin,
    options,
    print_json,
)
from gep.cli.computing import compute, unwritten_told
from gep.core.messages import say

OUT, OUT_OF_YEARS = Path("gep-demo"), Path("gep-demo-years")
COMPARED = "compare"
"""The folder of the comparison, below that of the years."""


def demo(
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    years: Annotated[bool, typer.Option("--years")] = False,
    maps: MapsOption = False,
    with_report: ReportOption = False,
    threads: ThreadsOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute the account of the embedded sample city."""
    begin(lang, as_json=as_json, quiet=quiet)
    if years:
        _years(out or OUT_OF_YEARS, threads, maps, with_report=with_report)
        return
    from gep.assets.sample import add_to_sample_city
    from gep.study.folder import check_folder
    from gep.study.sample.city import write_sample_city
    from gep.study.study import Study

    out = out or OUT
    check_folder(out)
    with unwritten_told(), TemporaryDirectory(prefix="gep-") as folder:
        project = add_to_sample_city(write_sample_city(Path(folder)), has_maps=True)
        beside = made_beside(project)
        account = compute(Study.open(project), out, threads, None, maps, with_report=with_report, beside=beside)
    if as_json:
        print_json(account.summary())


def _years(out: Path, threads: int | None, maps: bool, *, with_report: bool) -> None:
    """The three years, each into its folder, and what they say together."""
    from gep.account.accounts import Accounts
    from gep.core.errors import UsageError
    from gep.report.console import console
    from gep.report.years import show_comparison, write_comparison
    from gep.study.extent import land_change
    from gep.study.folder import check_folder
    from gep.study.run import read_runs
    from gep.study.sample.years import FIRST, changes, write_sample_years
    from gep.study.study import Study

    folders = {year: out / str(year) for year in (FIRST, *(change.year for change in changes()))}
    if (out / "run.json").exists():
        raise UsageError(say("cli.years_into_a_run", folder=out))
    for folder in folders.values():
        check_folder(folder)
    with unwritten_told(), TemporaryDirectory(prefix="gep-") as place:
        project = write_sample_years(Path(place), language=options.language)
        for year, study in Study.open(project).by_year().items():
            compute(study, folders[year], threads, None, maps, with_report=with_report, is_shown=False)
        accounts: Accounts = read_runs(out)
        comparison = accounts.compare(FIRST)
        land = land_change(comparison, (project, project))
        write_comparison(comparison, land, out / COMPARED, options.language)
    if options.as_json:
        runs = [{"year": a.about.year, "folder": str(folders[a.about.year]), **a.summary()} for a in accounts]
        print_json({"schema": 1, "years": list(folders), "runs": runs, "comparison": comparison.document()})
        return
    told = console()
    told.print(say("sample.changed.all").to(options.language), markup=False, soft_wrap=True)
    for change in changes():
        for sentence in change.said:
            told.print(f"  {sentence.to(options.language)}", markup=False, highlight=False, soft_wrap=True)
    told.print()
    show_comparison(comparison, told, options.language, land)
    for key in ("cli.written", "cli.next_years"):
        told.print(say(key, folder=out).to(options.language), markup=False, soft_wrap=True)
