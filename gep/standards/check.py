"""The shipped data checked against their own rules, every problem with file and line."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from gep.core.catalog import service_ids
from gep.core.data import data_folder, read_csv
from gep.core.errors import GepError, Problem, UnitError, UsageError, did_you_mean, sort_problems
from gep.core.units import parse, same_dimension
from gep.derivations import DERIVATIONS
from gep.services import SERVICES
from gep.standards.classes import land_classes, parents
from gep.standards.coefficients import (
    Coefficient,
    alternative_files,
    check_same_dimension,
    check_same_place,
    read_coefficients,
    sources,
)
from gep.standards.overlaps import overlaps
from gep.standards.profile import coefficient_files, load_profile, profile_ids
from gep.standards.schemes import CUSTOM, load_scheme, scheme_ids


def check_data(path: Path | None = None) -> tuple[int, list[Problem]]:
    """How many coefficient rows there are and every problem of them: of one table, or of all shipped data."""
    if path is not None:
        if not path.is_file():
            raise UsageError(f"There is no file {path}.")
        rows, problems = read_coefficients(path, is_shipped=False)
        return len(rows), sort_problems([*problems, *check_same_dimension([rows])])
    problems = [*_check_sources(), *_check_classes(), *_check_vocabulary(), *_check_seea(), *_check_overlaps()]
    count = 0
    shipped: dict[str, Coefficient] = {}
    for folder in (data_folder(), *(data_folder() / name for name in profile_ids())):
        tables: list[list[Coefficient]] = []
        for file in coefficient_files(folder):
            rows, found = read_coefficients(file)
            tables.append(rows)
            problems.extend(found)
        problems.extend(check_same_dimension(tables))
        problems.extend(check_same_place(row for table in tables for row in table))
        count += sum(len(table) for table in tables)
        for row in (row for table in tables for row in table):
            shipped.setdefault(row.name, row)
    alternatives, found = _read_alternatives()
    count += len(alternatives)
    problems += [*found, *check_same_dimension([shipped.values(), alternatives]), *_check_use(alternatives, shipped)]
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
            elif (source := getattr(loaded, "source", "")) not in sources():
                problems.append(
                    Problem(
                        "C08",
                        "error",
                        name,
                        f"There is no source `{source}`. {did_you_mean(source, sources())}".rstrip(),
                    )
                )
    return count, sort_problems(problems)


def _read_alternatives() -> tuple[list[Coefficient], list[Problem]]:
    """The rows of all sets that stand beside the profiles, and the problems of their tables."""
    rows: list[Coefficient] = []
    problems: list[Problem] = []
    for file in alternative_files():
        read, found = read_coefficients(file)
        rows.extend(read)
        problems.extend(found)
    return rows, problems


def _check_use(alternatives: Iterable[Coefficient], shipped: Mapping[str, Coefficient]) -> Iterator[Problem]:
    """Alternatives that nothing would ever look up, or of another kind of thing than the equation that takes them."""
    arguments = argument_units()
    for row in alternatives:
        if row.name in shipped:
            continue
        if row.name not in arguments:
            hint = did_you_mean(row.name, {*shipped, *arguments})
            yield Problem(
                "C10", "error", row.name, f"Nothing uses a coefficient of this name. {hint}".rstrip(), row.place
            )
        elif not same_dimension(row.unit, arguments[row.name]):
            message = "It does not measure the kind of thing that the equation takes."
            yield Problem("U02", "error", row.name, message, row.place, row.unit, arguments[row.name])


def argument_units() -> dict[str, str]:
    """The unit of every name that an equation may look up, whatever switches are chosen."""
    equations = [derivation.equation for derivation in DERIVATIONS]
    renamed: dict[str, str] = {}
    for component in (component for service in SERVICES.values() for component in service.variants()):
        parts = (component.density, component.total, component.value, component.pricing, *component.series.values())
        own = [equation for equation in parts if equation]
        equations += own
        renamed.update(
            {component.wiring[name]: e.units[name] for e in own for name in e.units if name in component.wiring}
        )
    return {**{name: unit for equation in equations for name, unit in equation.units.items()}, **renamed}


def _check_sources() -> list[Problem]:
    problems = []
    for name, source in sources().items():
        for key in ("title", "authors", "year", "kind"):
            if key not in source:
                problems.append(Problem("C08", "error", name, f"The source has no {key}.", "sources.toml"))
        if not any(key in source for key in ("doi", "number", "publisher", "journal")):
            problems.append(
                Problem(
                    "C08",
                    "error",
                    name,
                    "The source names no document: no DOI, number, journal or publisher.",
                    "sources.toml",
                )
            )
    return problems


def _check_classes() -> list[Problem]:
    known = land_classes()
    return [
        Problem(
            "C09",
            "error",
            f"{ecosystem}/{name}",
            f"Its broader class `{land_class.parent}` is not a class of {ecosystem}.",
            "classes.csv",
        )
        for (ecosystem, name), land_class in known.items()
        if land_class.parent and (ecosystem, land_class.parent) not in known
    ]


def _check_overlaps() -> list[Problem]:
    """Overlaps name services, components and sources that exist."""
    flows = {f"{s.id}/{c.id}" for s in SERVICES.values() for c in s.variants()} | set(service_ids())
    problems = []
    for overlap in overlaps().values():
        for flow in overlap.flows:
            if flow not in flows:
                problems.append(
                    Problem(
                        "C13",
                        "error",
                        overlap.id,
                        f"There is no flow `{flow}`. {did_you_mean(flow, flows)}",
                        "overlaps.toml",
                    )
                )
        if overlap.source not in sources():
            hint = did_you_mean(overlap.source, sources())
            problems.append(
                Problem("C08", "error", overlap.id, f"There is no source `{overlap.source}`. {hint}", "overlaps.toml")
            )
    return problems


def _check_vocabulary() -> list[Problem]:
    problems = []
    for file, column in (("layers.csv", "layer"), ("items.csv", "item"), ("study_inputs.csv", "coefficient")):
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
                Problem(
                    "C09",
                    "error",
                    name,
                    f"Code {code}: there is no class `{'/'.join(pair)}`. {hint}".rstrip(),
                    f"{name}.csv",
                )
            )
    return problems


def _check_seea() -> list[Problem]:
    """The crosswalks to SEEA EA: every service and every land class has a place in them, and every place is known."""
    folder = data_folder() / "seea"
    problems = []

    def wrong(file: str, line: int, subject: str, message: str) -> None:
        problems.append(Problem("C09", "error", subject, message, f"seea/{file}" + (f", line {line}" if line else "")))

    def one_of(file: str, line: int, subject: str, what: str, name: str, known: Collection[str]) -> None:
        if name not in known:
            wrong(file, line, subject, f"There is no {what} `{name}`. {did_you_mean(name, known)}".rstrip())

    placed = set()
    for line, row in read_csv(folder / "services.csv"):
        place = ("services.csv", line, "/".join(name for name in (row["service"], row["component"]) if name))
        if (row["service"], row["component"]) in placed:
            wrong(*place, "It has two rows.")
        placed.add((row["service"], row["component"]))
        one_of(*place, "service", row["service"], service_ids())
        one_of(*place, "section", row["section"], ("provisioning", "regulating", "cultural", "abiotic", "none"))
        one_of(*place, "standing", row["standing"], ("final", "intermediate", "abiotic", "none"))
        one_of(*place, "source", row["source"], sources())
        if (row["standing"] in ("final", "intermediate")) != bool(
            row["seea_id"] and row["seea_name_en"] and row["seea_name_zh"]
        ):
            wrong(*place, "A final or intermediate service, and no other, has an id and names in the reference list.")
    for service in service_ids():
        if (service, "") not in placed:
            wrong("services.csv", 0, service, "The service has no row.")
    codes = set()
    for line, row in read_csv(folder / "get_codes.csv"):
        if row["code"] in codes:
            wrong("get_codes.csv", line, row["code"], "It has two rows.")
        codes.add(row["code"])
        one_of("get_codes.csv", line, row["code"], "source", row["source"], sources())
    shares: dict[tuple[str, str], list[float]] = {}
    for line, row in read_csv(folder / "get_classes.csv"):
        pair = (row["ecosystem"], row["class"])
        place = ("get_classes.csv", line, "/".join(name for name in pair if name))
        shares.setdefault(pair, []).append(float(row["share"]))
        one_of(*place, "functional group", row["get_code"], codes)
        one_of(*place, "confidence", row["confidence"], ("high", "medium", "low"))
        if pair not in land_classes():
            wrong(*place, "There is no such land class.")
    for pair in land_classes():
        name = "/".join(part for part in pair if part)
        broader = [(pair[0], parent) for parent in parents(*pair)]
        if not shares.keys() & {pair, *broader}:
            wrong("get_classes.csv", 0, name, "The land class has no row, and no broader class has one.")
        elif pair in shares and (math.fsum(shares[pair]) != 1 or min(shares[pair]) <= 0):
            wrong(
                "get_classes.csv",
                0,
                name,
                f"Its shares add up to {math.fsum(shares[pair]):g}; they are above 0 and add up to 1.",
            )
    return problems
