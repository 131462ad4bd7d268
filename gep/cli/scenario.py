"""`gep scenario`: what an account would be if some land were other land."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gep.cli.common import (
    JsonOption,
    LanguageOption,
    QuietOption,
    RunArgument,
    ThreadsOption,
    begin,
    of_year,
    print_json,
    progress_bar,
    study_name,
)
from gep.core.messages import say

if TYPE_CHECKING:
    from gep.study.study import Study


class WorthName(StrEnum):
    """What `--worth` takes."""

    damage = "damage"
    benefit = "benefit"


def scenario(
    folder: RunArgument,
    rule: Annotated[str, typer.Argument(metavar="RULE", show_default=False)],
    where: Annotated[Path, typer.Option("--where", "-w", metavar="FILE", show_default=False)],
    to: Annotated[str, typer.Option("--to", metavar="CLASS", show_default=False)] = "",
    share: Annotated[float, typer.Option("--share", metavar="S")] = 1.0,
    values: Annotated[list[str] | None, typer.Option("--set", metavar="LAYER=VALUE", show_default=False)] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="YEAR", show_default=False)] = None,
    worth: Annotated[WorthName | None, typer.Option("--worth", metavar="damage|benefit", show_default=False)] = None,
    years: Annotated[int | None, typer.Option("--years", metavar="N", show_default=False)] = None,
    course: Annotated[str, typer.Option("--course", metavar="step|linear")] = "step",
    ramp: Annotated[int, typer.Option("--ramp", metavar="N")] = 0,
    rate: Annotated[float | None, typer.Option("--rate", metavar="R", show_default=False)] = None,
    project: Annotated[Path | None, typer.Option("--project", metavar="FILE", show_default=False)] = None,
    threads: ThreadsOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What the services of a finished run would be if the land of some polygons were turned by a rule, before and after
    at the same prices; what a damage or a project is worth over years. Needs the inputs of the run.
    """
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.account.course import check_course
    from gep.report.console import console
    from gep.report.scenario import scenario_document, show_scenario, write_scenario
    from gep.report.tables.scenario import ScenarioTables
    from gep.study.scenario import together

    study = _study(folder, project, year)

    def convert() -> Any:
        given = _values(values or [])
        return study.convert(where, to=to, rule=rule, share=share, values=given, coverage="fraction")

    *_, made = together(
        lambda: check_course(years, course, rate, ramp),
        lambda: _check_worth(worth, years),
        convert,
    )
    with progress_bar(study_name(study.spec)) as progress:
        made.accounts(threads=threads, progress=progress)
    valued = made.worth(worth.value, years=years or 1, course=course, ramp=ramp, rate=rate) if worth else None
    tables = ScenarioTables(made, language, valued)
    document = scenario_document(tables)
    if out is not None:
        write_scenario(tables, out, language)
    if as_json:
        print_json(document)
        return
    show_scenario(tables, console(), language)
    if out is not None:
        console().print(say("cli.written", folder=out).to(language), markup=False, soft_wrap=True)


def _study(folder: Path, project: Path | None, year: int | None) -> Study:
    """The study of a finished run, with the inputs that it had; that of a project that has not been run. Of several
    years that of one.
    """
    from gep.study.again import study_of
    from gep.study.run import read_runs
    from gep.study.study import Study

    if project is None and not (folder / "run.json").exists() and (folder.is_file() or (folder / "gep.toml").exists()):
        return of_year(Study.open(folder).by_year(), year, folder)
    runs = {account.about.year: account for account in read_runs(folder)}
    return study_of(of_year(runs, year, folder), project)


def _check_worth(worth: WorthName | None, years: int | None) -> None:
    """Years say over how long something is lost or gained, and what that is."""
    from gep.core.errors import UsageError

    if worth is None and years is not None:
        raise UsageError(say("scenario.years_of_what"))


def _values(given: list[str]) -> dict[str, str]:
    """Layers of the new cover by name. Raises UsageError with all that are none."""
    from gep.core.errors import UsageError
    from gep.core.messages import joined

    pairs = [text.partition("=") for text in given]
    wrong = [say("scenario.no_pair", text=name) for name, sign, value in pairs if not (sign and name and value)]
    if wrong:
        raise UsageError(joined(wrong, "\n"))
    return {name.strip(): value.strip() for name, _, value in pairs}
