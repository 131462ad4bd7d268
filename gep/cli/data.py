"""`gep coefficients` and `gep profiles`: look at the data that accounts rest on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import (
    INPUT,
    CoefficientArgument,
    EcosystemOption,
    JsonOption,
    LanguageOption,
    ProfileOption,
    QuietOption,
    begin,
    print_json,
    progress_bar,
)
from gep.cli.help import Command, Group
from gep.core.messages import say

coefficients_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)
profiles_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)


@coefficients_app.callback()
@profiles_app.callback()
def _main(lang: LanguageOption = None) -> None:
    begin(lang)


@coefficients_app.command("list", cls=Command)
def list_coefficients(
    profile: ProfileOption = "ndrc-2022", lang: LanguageOption = None, as_json: JsonOption = False
) -> None:
    """The coefficients of a profile: name, unit, rows, how many are verified."""
    language = begin(lang, as_json=as_json)
    from gep.report.console import console
    from gep.report.listings import coefficient_entries, show_coefficients
    from gep.standards.profile import load_profile

    listed = coefficient_entries(load_profile(profile))
    if as_json:
        print_json({"schema": 1, "profile": profile, "coefficients": listed})
    else:
        show_coefficients(listed, console(), language)


@coefficients_app.command("show", cls=Command)
def show_coefficient(
    name: CoefficientArgument,
    ecosystem: EcosystemOption = "",
    profile: ProfileOption = "ndrc-2022",
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """The rows of one coefficient: values, units, where they hold, sources, status."""
    language = begin(lang, as_json=as_json)
    from dataclasses import asdict

    from gep.core.errors import UsageError, did_you_mean
    from gep.report.console import console
    from gep.report.listings import show_rows
    from gep.standards.coefficients import Coefficients
    from gep.standards.profile import load_profile

    known = Coefficients(load_profile(profile).tables)
    if name not in known.names:
        hint = did_you_mean(name, known.names)
        raise UsageError(say("cli.no_coefficient_of_profile", profile=profile, name=name, hint=hint))
    _check_ecosystem(ecosystem)
    rows = [row for row in known.rows if row.name == name and (not ecosystem or row.ecosystem in ("", ecosystem))]
    if as_json:
        print_json({"schema": 1, "profile": profile, "coefficient": name, "rows": [asdict(row) for row in rows]})
    elif rows:
        show_rows(rows, console(), language)
    else:
        text = say("cli.no_rows_of_ecosystem", profile=profile, name=name, ecosystem=ecosystem)
        console().print(text.to(language), markup=False)


def _check_ecosystem(ecosystem: str) -> None:
    """Refuse a name that is no ecosystem; nothing means any."""
    from gep.core.catalog import ecosystem_ids
    from gep.core.errors import UsageError, did_you_mean

    if ecosystem and ecosystem not in ecosystem_ids():
        hint = did_you_mean(ecosystem, ecosystem_ids())
        raise UsageError(say("cli.no_ecosystem", name=ecosystem, hint=hint, known=ecosystem_ids()))


@coefficients_app.command("compare", cls=Command)
def compare_coefficient(
    name: CoefficientArgument,
    ecosystem: EcosystemOption = "",
    region: Annotated[str, typer.Option("--region", "-r", metavar="ID", show_default=False)] = "",
    price_year: Annotated[int | None, typer.Option("--price-year", metavar="YEAR", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the profiles use for one coefficient, and what other documents print for the same place."""
    language = begin(lang, as_json=as_json)
    from gep.core.errors import UsageError, did_you_mean
    from gep.core.parts import known_with
    from gep.report.coefficients import Comparison, known_names, show_comparison
    from gep.report.console import console

    names = known_with(name, known_names)
    if name not in names:
        raise UsageError(say("cli.no_coefficient", name=name, hint=did_you_mean(name, names)))
    _check_ecosystem(ecosystem)
    document = Comparison(name, price_year).document(ecosystem, region)
    if as_json:
        print_json(document)
        return
    show_comparison(document, console(), language)


@coefficients_app.command("check", cls=Command)
def check_coefficients(
    path: Annotated[Path | None, typer.Argument(metavar="FILE", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check coefficient tables, crosswalks and profiles; every problem with file and line."""
    language = begin(lang, as_json=as_json)
    from gep.core.errors import sort_problems
    from gep.inputs.office import check_office_inputs
    from gep.report.console import console, show_problems
    from gep.standards.check import check_data
    from gep.study.folder import problems_document

    rows, problems = check_data(path)
    if path is None:
        problems = sort_problems([*problems, *check_office_inputs()])
    if as_json:
        print_json(problems_document(problems))
    else:
        show_problems(problems, console(), language=language)
        console().print(say("cli.rows_checked", count=rows).to(language))
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(INPUT)


def plugins(lang: LanguageOption = None, as_json: JsonOption = False) -> None:
    """What installed packages add to gep: services, derivations, profiles, schemes, and whether they can be used."""
    language = begin(lang, as_json=as_json)
    from gep.report.console import console
    from gep.report.listings import plugin_entries, show_plugins

    entries = plugin_entries()
    if as_json:
        print_json({"schema": 1, "plugins": entries})
    else:
        show_plugins(entries, console(), language)
    if any(entry["problems"] for entry in entries):
        raise typer.Exit(INPUT)


@profiles_app.command("list", cls=Command)
def list_profiles(lang: LanguageOption = None, as_json: JsonOption = False) -> None:
    """The profiles that there are, shipped or of installed packages."""
    language = begin(lang, as_json=as_json)
    from gep.core.parts import load_installed
    from gep.report.console import console
    from gep.report.listings import profile_entry, show_profiles
    from gep.standards.profile import load_profile, profile_ids

    load_installed()
    profiles = [profile_entry(load_profile(identifier)) for identifier in profile_ids()]
    if as_json:
        print_json({"schema": 1, "profiles": profiles})
    else:
        show_profiles(profiles, console(), language)


@profiles_app.command("show", cls=Command)
def show_profile(
    identifier: Annotated[str, typer.Argument(metavar="PROFILE", show_default=False)],
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a profile counts: the service by ecosystem matrix, methods, what is provisional."""
    language = begin(lang, as_json=as_json)
    from gep.report.console import console
    from gep.report.profiles import profile_document, show
    from gep.standards.profile import load_profile

    profile = load_profile(identifier)
    if as_json:
        print_json(profile_document(profile))
        return
    show(profile, console(), language)


@profiles_app.command("diff", cls=Command)
def diff_profiles(
    one: Annotated[str, typer.Argument(metavar="A", show_default=False)],
    other: Annotated[str, typer.Argument(metavar="B", show_default=False)],
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What two profiles differ in, and what it does to the sample city's total, service by service."""
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.report.console import console
    from gep.report.profiles import diff_document, show_diff
    from gep.standards.profile import load_profile
    from gep.study.sample.city import sample_accounts

    profiles = load_profile(one), load_profile(other)
    with progress_bar(say("cli.sample_city").to(language)) as progress:
        first, second = sample_accounts((one, other), progress=progress)
    document = diff_document(*profiles, (first, second))
    if as_json:
        print_json(document)
        return
    show_diff(document, console(), language)
