"""`gep coefficients` and `gep profiles`: look at the data that accounts rest on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import (
    JsonOption,
    Language,
    LanguageOption,
    ProfileOption,
    QuietOption,
    options,
    print_json,
    progress_bar,
)

coefficients_app = typer.Typer(
    help="Look at the coefficients and check them.", no_args_is_help=True, rich_markup_mode=None
)
profiles_app = typer.Typer(
    help="Look at the standards that accounts follow.", no_args_is_help=True, rich_markup_mode=None
)


@coefficients_app.command("list")
def list_coefficients(profile: ProfileOption = "ndrc-2022", as_json: JsonOption = False) -> None:
    """The coefficients of a profile: name, unit, rows, how many are verified."""
    options.as_json = as_json
    from gep.report.console import console, rows_table
    from gep.standards.coefficients import Coefficients
    from gep.standards.profile import load_profile

    rows = Coefficients(load_profile(profile).tables).rows
    listed = []
    for name in sorted({row.name for row in rows}):
        mine = [row for row in rows if row.name == name]
        listed.append(
            {
                "coefficient": name,
                "unit": mine[0].unit,
                "rows": len(mine),
                "verified": sum(row.status == "verified" for row in mine),
            }
        )
    if as_json:
        print_json({"schema": 1, "profile": profile, "coefficients": listed})
        return
    console().print(
        rows_table(
            ("coefficient", "unit", "rows", "verified"),
            [tuple(entry.values()) for entry in listed],
            right=("rows", "verified"),
        )
    )


@coefficients_app.command("show")
def show_coefficient(
    name: Annotated[str, typer.Argument(help="The coefficient, like runoff_coefficient.")],
    ecosystem: Annotated[str, typer.Option("--ecosystem", "-e", help="Only rows of this ecosystem.")] = "",
    profile: ProfileOption = "ndrc-2022",
    as_json: JsonOption = False,
) -> None:
    """The rows of one coefficient: values, units, where they hold, sources, status."""
    options.as_json = as_json
    from dataclasses import asdict

    from gep.core.errors import UsageError, did_you_mean
    from gep.report.coefficients import cited
    from gep.report.console import console, rows_table
    from gep.standards.classes import land_classes
    from gep.standards.coefficients import Coefficients
    from gep.standards.profile import load_profile

    known = Coefficients(load_profile(profile).tables)
    if name not in known.names:
        raise UsageError(
            f"The profile {profile} has no coefficient `{name}`. {did_you_mean(name, known.names)} See `gep "
            "coefficients list`."
        )
    ecosystems = sorted({of for of, _ in land_classes()})
    if ecosystem and ecosystem not in ecosystems:
        raise UsageError(
            f"There is no ecosystem `{ecosystem}`. {did_you_mean(ecosystem, ecosystems)} There are: "
            f"{', '.join(ecosystems)}."
        )
    rows = [row for row in known.rows if row.name == name and (not ecosystem or row.ecosystem in ("", ecosystem))]
    if as_json:
        print_json({"schema": 1, "profile": profile, "coefficient": name, "rows": [asdict(row) for row in rows]})
        return
    out = console()
    if not rows:
        out.print(f"The profile {profile} has no {name} for {ecosystem}.")
        return
    where = ["/".join(part for part in (row.ecosystem, row.land_class) if part) or "any" for row in rows]
    columns = ("where", "value", "unit", "low", "high", "price year", "status", "source", "note")
    cells = [
        (
            place,
            f"{row.value:g}",
            row.unit,
            row.low,
            row.high,
            row.price_year,
            row.status,
            f"{row.source}, {row.locator}",
            row.note,
        )
        for place, row in zip(where, rows, strict=True)
    ]
    kept = [i for i in range(len(columns)) if any(cell[i] not in (None, "") for cell in cells)]
    out.print(
        rows_table(
            [columns[i] for i in kept], [[cell[i] for i in kept] for cell in cells], right=("value", "low", "high")
        )
    )
    for source in dict.fromkeys(row.source for row in rows):
        out.print(f"{source}: {cited(source)}", markup=False, soft_wrap=True)


@coefficients_app.command("compare")
def compare_coefficient(
    name: Annotated[str, typer.Argument(help="The coefficient, like runoff_coefficient.")],
    ecosystem: Annotated[
        str, typer.Option("--ecosystem", "-e", help="Only rows of this ecosystem, and those of any.")
    ] = "",
    region: Annotated[str, typer.Option("--region", "-r", help="Only rows of this region, and those of any.")] = "",
    price_year: Annotated[
        int | None, typer.Option("--price-year", help="Also in the money of this year, by consumer prices.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What the profiles use for one coefficient, and what other documents print for the same place."""
    options.as_json = as_json
    from gep.core.errors import UsageError, did_you_mean
    from gep.report.coefficients import Comparison, known_names, show_comparison
    from gep.report.console import ECOSYSTEMS, console

    names = known_names()
    if name not in names:
        raise UsageError(f"There is no coefficient `{name}`. {did_you_mean(name, names)} See `gep coefficients list`.")
    if ecosystem and ecosystem not in ECOSYSTEMS:
        raise UsageError(
            f"There is no ecosystem `{ecosystem}`. {did_you_mean(ecosystem, ECOSYSTEMS)} There are: "
            f"{', '.join(ECOSYSTEMS)}."
        )
    document = Comparison(name, price_year).document(ecosystem, region)
    if as_json:
        print_json(document)
        return
    show_comparison(document, console(), "en")


@coefficients_app.command("check")
def check_coefficients(
    path: Annotated[Path | None, typer.Argument(help="A table of your own; all shipped data if not given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check coefficient tables, crosswalks and profiles; every problem with file and line."""
    options.as_json = as_json
    from gep.report.console import console, show_problems
    from gep.standards.check import check_data
    from gep.study.folder import problems_document

    rows, problems = check_data(path)
    if as_json:
        print_json(problems_document(problems))
    else:
        show_problems(problems, console())
        console().print(f"{rows} rows checked.")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(4)


@profiles_app.command("list")
def list_profiles(as_json: JsonOption = False) -> None:
    """The shipped profiles."""
    options.as_json = as_json
    from gep.report.console import console, rows_table
    from gep.standards.profile import load_profile, profile_ids

    listed = [load_profile(identifier) for identifier in profile_ids()]
    rows = [
        {
            "id": p.id,
            "level": p.level,
            "kind": p.kind,
            "services": len(p.rules),
            "name_en": p.name_en,
            "name_zh": p.name_zh,
        }
        for p in listed
    ]
    if as_json:
        print_json({"schema": 1, "profiles": rows})
        return
    console().print(
        rows_table(
            ("id", "level", "kind", "services", "name", "名称"),
            [tuple(row.values()) for row in rows],
            right=("services",),
        )
    )


@profiles_app.command("show")
def show_profile(
    identifier: Annotated[str, typer.Argument(metavar="PROFILE", help="The profile, like ndrc-2022.")],
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
) -> None:
    """What a profile counts: the service by ecosystem matrix, methods, what is provisional."""
    options.as_json = as_json
    from gep.report.console import console
    from gep.report.profiles import profile_document, show
    from gep.standards.profile import load_profile

    profile = load_profile(identifier)
    if as_json:
        print_json(profile_document(profile))
        return
    show(profile, console(), lang.value)


@profiles_app.command("diff")
def diff_profiles(
    one: Annotated[str, typer.Argument(metavar="A", help="A profile.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What two profiles differ in, and what it does to the sample city's total, service by service."""
    options.quiet, options.as_json = quiet, as_json
    from gep.report.console import console
    from gep.report.profiles import diff_document, show_diff
    from gep.standards.profile import load_profile
    from gep.study.sample.city import sample_accounts

    profiles = load_profile(one), load_profile(other)
    with progress_bar("Sample city") as progress:
        first, second = sample_accounts((one, other), progress=progress)
    document = diff_document(*profiles, (first, second))
    if as_json:
        print_json(document)
        return
    show_diff(document, console(), lang.value)
