"""`gep verify`: published accounts recomputed from their own figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.common import (
    MISMATCH,
    JsonOption,
    LanguageOption,
    QuietOption,
    begin,
    of_year,
    options,
    print_json,
    progress_bar,
    study_name,
)
from gep.core.messages import say

if TYPE_CHECKING:
    from gep.account.account import Account


def verify(
    case: Annotated[str, typer.Argument(metavar="CASE", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all")] = False,
    listed: Annotated[bool, typer.Option("--list")] = False,
    project: Annotated[Path | None, typer.Option("--project", metavar="PATH", show_default=False)] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="YEAR", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Recompute published accounts: expected, got, difference in units of the last printed digit, verdict."""
    begin(lang, as_json=as_json, quiet=quiet, project=project)
    from gep.audit.cases import case_ids
    from gep.core.errors import UsageError

    if listed:
        _list_cases()
    elif bool(case) == every:
        raise UsageError(say("cli.name_a_case", cases=case_ids()))
    else:
        _verify(case_ids() if every else [case], every, project, year)


def _list_cases() -> None:
    from gep.audit.cases import case_ids, load_case
    from gep.report.console import console
    from gep.report.verification import show_list

    cases = [load_case(name) for name in case_ids()]
    if options.as_json:
        print_json(
            {
                "schema": 1,
                "cases": [{"id": known.id, "name": known.name, "source": known.citation()} for known in cases],
            }
        )
    else:
        show_list(cases, console(), options.language)


def _verify(names: list[str], every: bool, project: Path | None, year: int | None) -> None:
    from dataclasses import replace

    from gep.audit.cases import COMPARISON, load_case
    from gep.audit.comparison import compare
    from gep.audit.verify import verify as recompute
    from gep.core.errors import UsageError
    from gep.report.console import console
    from gep.report.verification import show_case, show_cases, show_comparison

    cases = [load_case(name) for name in names]
    if project and COMPARISON not in {one.kind for one in cases}:
        raise UsageError(say("cli.project_of_a_comparison", case=names[0]))
    if year is not None and not project:
        raise UsageError(say("cli.year_without_project"))
    ours = _our_account(project, year) if project else None
    comparisons = {one.id: compare(one, ours) for one in cases if ours and one.kind == COMPARISON}
    found = [recompute(one) for one in cases]
    found = [replace(one, beside=comparisons.get(one.case.id)) for one in found]
    if options.as_json:
        print_json({"schema": 1, "cases": [one.as_dict() for one in found]})
    else:
        if every:
            show_cases(found, console(), options.language)
        else:
            show_case(found[0], console(), options.language)
        for comparison in comparisons.values():
            show_comparison(comparison, console(), options.language)
    if any(one.verdict == "fails" for one in found):
        raise typer.Exit(MISMATCH)


def _our_account(path: Path, year: int | None) -> Account:
    """The account to compare with: that of a finished run, or that of a project, computed now; of several years that of
    one.
    """
    from gep.study.run import read_runs
    from gep.study.study import Study

    is_project = not path.is_dir() or (path / "gep.toml").is_file()
    by_year: dict[int, Account | Study] = {}
    if is_project:
        by_year |= Study.open(path / "gep.toml" if path.is_dir() else path).by_year()
    else:
        by_year |= {account.about.year: account for account in read_runs(path)}
    study = of_year(by_year, year, path)
    if not isinstance(study, Study):
        return study
    with progress_bar(study_name(study.spec)) as progress:
        return study.run(progress=progress)
