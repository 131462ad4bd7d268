"""The shipped data checked against their own rules, every problem with file and line."""

from __future__ import annotations

from pathlib import Path

from gep.coefficients import check_same_dimension, land_classes, read_coefficients, sources
from gep.crosswalk import CUSTOM, load_scheme, scheme_ids
from gep.data import data_folder, read_csv
from gep.errors import GepError, Problem, UnitError, UsageError, did_you_mean, sort_problems
from gep.profile import coefficient_files, load_profile, profile_ids
from gep.units import parse


def check_data(path: Path | None = None) -> tuple[int, list[Problem]]:
    """How many coefficient rows there are and every problem of them: of one table, or of all shipped data."""
    if path is not None:
        if not path.is_file():
            raise UsageError(f"There is no file {path}.")
        rows, problems = read_coefficients(path, is_shipped=False)
        return len(rows), sort_problems([*problems, *check_same_dimension([rows])])
    problems = [*_check_sources(), *_check_classes(), *_check_vocabulary()]
    count = 0
    for folder in (data_folder(), *(data_folder() / name for name in profile_ids())):
        tables = []
        for file in coefficient_files(folder):
            rows, found = read_coefficients(file)
            tables.append(rows)
            problems.extend(found)
        problems.extend(check_same_dimension(tables))
        count += sum(len(table) for table in tables)
    for what, names, load in (
        ("profile", profile_ids(), load_profile),
        ("crosswalk", [s for s in scheme_ids() if s != CUSTOM], load_scheme),
    ):
        for name in names:
            try:
                loaded = load(name)
            except GepError as error:
                problems.append(Problem("C07", "error", name, f"The {what} cannot be loaded: {error.message}"))
                continue
            if what == "crosswalk":
                problems.extend(_check_scheme(name, loaded))
    return count, sort_problems(problems)


def _check_sources() -> list[Problem]:
    problems = []
    for name, source in sources().items():
        for key in ("title", "authors", "year", "kind"):
            if key not in source:
                problems.append(Problem("C08", "error", name, f"The source has no {key}.", "sources.toml"))
        if not any(key in source for key in ("doi", "number", "publisher", "journal")):
            problems.append(
                Problem("C08", "error", name, "The source names no document: no DOI, number, journal or publisher.", "sources.toml")
            )
    return problems


def _check_classes() -> list[Problem]:
    known = land_classes()
    return [
        Problem(
            "C09", "error", f"{ecosystem}/{name}", f"Its broader class `{land_class.parent}` is not a class of {ecosystem}.", "classes.csv"
        )
        for (ecosystem, name), land_class in known.items()
        if land_class.parent and (ecosystem, land_class.parent) not in known
    ]


def _check_vocabulary() -> list[Problem]:
    problems = []
    for file, column in (("layers.csv", "layer"), ("items.csv", "item")):
        for line, row in read_csv(data_folder() / file):
            try:
                parse(row["unit"])
            except UnitError as error:
                problems.append(Problem(error.code, "error", row[column], error.message, f"{file}, line {line}"))
    return problems


def _check_scheme(name: str, scheme: object) -> list[Problem]:
    problems = []
    known = land_classes()
    for code, pair in getattr(scheme, "classes", {}).items():
        if pair not in known:
            hint = did_you_mean(pair[1], [land_class for ecosystem, land_class in known if ecosystem == pair[0]])
            problems.append(
                Problem("C09", "error", name, f"Code {code}: there is no class `{'/'.join(pair)}`. {hint}".rstrip(), f"{name}.csv")
            )
    return problems
