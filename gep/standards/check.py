"""The shipped data checked against their own rules, every problem with file and line."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gep.core.catalog import service_ids
from gep.core.data import data_folder, data_rows, line_of, read_csv, read_toml, renewed
from gep.core.errors import GepError, Problem, UnitError, UsageError, did_you_mean, problem, sort_problems
from gep.core.messages import Text, say
from gep.core.parts import derivations_of, registered
from gep.core.units import parse, same_dimension
from gep.derivations import DERIVATIONS
from gep.services import SERVICES
from gep.standards.classes import land_classes, parents
from gep.standards.coefficient_ranges import check_possible
from gep.standards.coefficients import (
    Coefficient,
    check_same_dimension,
    check_same_place,
    read_coefficients,
    sources,
)
from gep.standards.overlaps import overlaps
from gep.standards.profile import PROFILE, coefficient_files, load_profile
from gep.standards.ranges import check_ranges
from gep.standards.schemes import Scheme, load_scheme

SEEA_SERVICES, SEEA_CLASSES, SEEA_CODES = "seea/services.csv", "seea/get_classes.csv", "seea/get_codes.csv"


def check_data(path: Path | None = None) -> tuple[int, list[Problem]]:
    """How many coefficient rows there are and every problem of them: of one table, or of all shipped data."""
    if path is None:
        count, problems = check_folder(data_folder())
        return count, sort_problems([*problems, *_check_whole_seea(data_folder()), *check_ranges()])
    if not path.is_file():
        raise UsageError(say("standards.no_file", path=path))
    rows, problems = read_coefficients(path, is_shipped=False)
    return len(rows), sort_problems([*problems, *check_same_dimension([rows]), *check_possible(rows)])


def check_folder(folder: Path) -> tuple[int, list[Problem]]:
    """The coefficient rows and the problems of a folder of the data: the shipped one, or one from outside."""
    problems = [
        *_check_sources(folder),
        *_check_classes(folder),
        *_check_vocabulary(folder),
        *_check_seea(folder),
        *_check_overlaps(folder),
    ]
    profiles = sorted(path.parent for path in folder.glob(f"*/{PROFILE}"))
    count = 0
    by_default: dict[str, Coefficient] = {}
    for place in (folder, *profiles):
        tables = _read_tables(coefficient_files(place), problems)
        problems.extend(check_same_dimension(tables))
        problems.extend(check_same_place(row for table in tables for row in table))
        for row in (row for table in tables for row in table):
            count += 1
            by_default.setdefault(row.name, row)
            problems.extend(check_possible([row]))
    files = sorted((folder / "alternatives").glob("*.csv"))
    alternatives = [row for table in _read_tables(files, problems) for row in table]
    problems += [*check_same_dimension([by_default.values(), alternatives]), *check_use(alternatives, by_default)]
    problems += [*check_possible(alternatives), *_check_profiles(profiles), *_check_schemes(folder)]
    return count + len(alternatives), problems


def _read_tables(files: Iterable[Path], problems: list[Problem]) -> list[list[Coefficient]]:
    """The rows of some tables; what is wrong with them is put to the problems."""
    tables = []
    for file in files:
        rows, found = read_coefficients(file)
        tables.append(rows)
        problems.extend(found)
    return tables


def _check_profiles(folders: Iterable[Path]) -> Iterator[Problem]:
    for folder in folders:
        try:
            profile = load_profile(folder)
        except GepError as error:
            yield problem("standards.C07.profile", folder.name, why=error.message)
        else:
            yield from _check_source(folder.name, profile.source)


def _check_schemes(folder: Path) -> Iterator[Problem]:
    for name in sorted(path.stem for path in (folder / "crosswalks").glob("*.csv")):
        try:
            scheme = load_scheme(name)
        except GepError as error:
            yield problem("standards.C07.scheme", name, why=error.message)
        else:
            yield from _check_scheme(scheme)


def _check_source(subject: str, source: str, place: str = "") -> Iterator[Problem]:
    if source not in sources():
        hint = did_you_mean(source, sources())
        yield problem("standards.C08.unknown", subject, place=place, source=source, hint=hint)


def check_use(rows: Iterable[Coefficient], known: Collection[str]) -> Iterator[Problem]:
    """Rows that nothing would ever look up, or of another kind of thing than the equation that takes them; `known` are
    the names of rows that something does look up.
    """
    arguments = argument_units()
    for row in rows:
        if row.name in known:
            continue
        if row.name not in arguments:
            hint = did_you_mean(row.name, {*known, *arguments})
            yield problem("standards.C10.unused", row.name, place=row.place, hint=hint)
        elif not same_dimension(row.unit, arguments[row.name]):
            wanted = arguments[row.name]
            yield problem("standards.U02.equation", row.name, place=row.place, found=row.unit, allowed=wanted)


@renewed
@cache
def argument_units() -> Mapping[str, str]:
    """The unit of every name that an equation may look up, whatever switches are chosen."""
    equations = [derivation.equation for derivation in (*DERIVATIONS, *derivations_of(registered()))]
    renamed: dict[str, str] = {}
    for component in (component for service in SERVICES.values() for component in service.variants):
        equations += component.equations
        renamed.update(
            {
                component.wiring[name]: equation.units[name]
                for equation in component.equations
                for name in equation.units
                if name in component.wiring
            }
        )
    return {**{name: unit for equation in equations for name, unit in equation.units.items()}, **renamed}


def _check_sources(folder: Path) -> Iterator[Problem]:
    for name, source in _sections(folder, "sources.toml").items():
        for key in ("title", "authors", "year", "kind"):
            if key not in source:
                yield problem("standards.C08.without", name, place="sources.toml", field=key)
        if not any(key in source for key in ("doi", "number", "publisher", "journal")):
            yield problem("standards.C08.no_document", name, place="sources.toml")


def _sections(folder: Path, file: str) -> Mapping[str, Any]:
    return read_toml(folder / file) if (folder / file).is_file() else {}


def _rows(folder: Path, table: str) -> Iterator[tuple[Text, dict[str, str]]]:
    """The rows of a table of a folder with their places, where the folder has it."""
    if (folder / table).is_file():
        for line, row in read_csv(folder / table):
            yield line_of(Path(table), line), row


def _check_classes(folder: Path) -> Iterator[Problem]:
    for _, row in _rows(folder, "classes.csv"):
        ecosystem, name = row["ecosystem"], row["class"]
        parent = land_classes()[ecosystem, name].parent
        if parent and (ecosystem, parent) not in land_classes():
            subject = f"{ecosystem}/{name}"
            yield problem("standards.C09.parent", subject, place="classes.csv", parent=parent, ecosystem=ecosystem)


def _check_overlaps(folder: Path) -> Iterator[Problem]:
    """Overlaps name services, components and sources that exist."""
    flows = {f"{s.id}/{c.id}" for s in SERVICES.values() for c in s.variants} | set(service_ids())
    for overlap in (overlaps()[name] for name in _sections(folder, "overlaps.toml")):
        for flow in overlap.flows:
            if flow not in flows:
                hint = did_you_mean(flow, flows)
                yield problem("standards.C13.flow", overlap.id, place="overlaps.toml", flow=flow, hint=hint)
        yield from _check_source(overlap.id, overlap.source, "overlaps.toml")


def _check_vocabulary(folder: Path) -> Iterator[Problem]:
    for file, column in (
        ("layers.csv", "layer"),
        ("items.csv", "item"),
        ("study_inputs.csv", "coefficient"),
        ("coefficient_ranges.csv", "coefficient"),
    ):
        for place, row in _rows(folder, file):
            try:
                parse(row["unit"])
            except UnitError as error:
                yield problem(f"standards.{error.code}.row", row[column], place=place, why=error.message)


def _check_scheme(scheme: Scheme) -> Iterator[Problem]:
    known = land_classes()
    for code, pair in scheme.classes.items():
        if pair not in known:
            hint = did_you_mean(pair[1], [land_class for ecosystem, land_class in known if ecosystem == pair[0]])
            name = "/".join(pair)
            yield problem("standards.C09.code", scheme.id, place=f"{scheme.id}.csv", code=code, name=name, hint=hint)


def _check_seea(folder: Path) -> Iterator[Problem]:
    """The crosswalks to SEEA EA: every place in them is known."""
    yield from _check_seea_services(folder)
    yield from _check_seea_classes(folder)


def _check_seea_services(folder: Path) -> Iterator[Problem]:
    placed = set()
    for place, row in _rows(folder, SEEA_SERVICES):
        subject = "/".join(name for name in (row["service"], row["component"]) if name)
        if (row["service"], row["component"]) in placed:
            yield problem("standards.C09.two_rows", subject, place=place)
        placed.add((row["service"], row["component"]))
        for what, name, known in (
            ("service", row["service"], service_ids()),
            ("section", row["section"], ("provisioning", "regulating", "cultural", "abiotic", "none")),
            ("standing", row["standing"], ("final", "intermediate", "abiotic", "none")),
            ("source", row["source"], sources()),
        ):
            yield from _one_of(what, name, known, subject, place)
        if (row["standing"] in ("final", "intermediate")) != bool(
            row["seea_id"] and row["seea_name_en"] and row["seea_name_zh"]
        ):
            yield problem("standards.C09.reference_name", subject, place=place)


def _check_whole_seea(folder: Path) -> Iterator[Problem]:
    """Every service and every land class has a place in the crosswalks."""
    placed = {(row["service"], row["component"]) for _, row in _rows(folder, SEEA_SERVICES)}
    for service in [row["id"] for _, row in _rows(folder, "labels.csv") if row["kind"] == "service"]:
        if (service, "") not in placed:
            yield problem("standards.C09.service_without_row", service, place=SEEA_SERVICES)
    classes = {(row["ecosystem"], row["class"]) for _, row in _rows(folder, SEEA_CLASSES)}
    for pair in [(row["ecosystem"], row["class"]) for _, row in _rows(folder, "classes.csv")]:
        if not classes & {pair, *((pair[0], parent) for parent in parents(*pair))}:
            name = "/".join(part for part in pair if part)
            yield problem("standards.C09.class_without_row", name, place=SEEA_CLASSES)


def _check_seea_classes(folder: Path) -> Iterator[Problem]:
    """The crosswalk of land classes to functional groups: both are known, and shares add up."""
    own, codes = set(), {row["code"] for _, row in data_rows(SEEA_CODES)}
    for place, row in _rows(folder, SEEA_CODES):
        if row["code"] in own:
            yield problem("standards.C09.two_rows", row["code"], place=place)
        own.add(row["code"])
        yield from _one_of("source", row["source"], sources(), row["code"], place)
    shares: dict[tuple[str, str], list[float]] = {}
    for place, row in _rows(folder, SEEA_CLASSES):
        pair = (row["ecosystem"], row["class"])
        subject = "/".join(name for name in pair if name)
        shares.setdefault(pair, []).append(float(row["share"]))
        yield from _one_of("group", row["get_code"], codes, subject, place)
        yield from _one_of("confidence", row["confidence"], ("high", "medium", "low"), subject, place)
        if pair not in land_classes():
            yield problem("standards.C09.no_class", subject, place=place)
    for pair, parts in shares.items():
        if pair in land_classes() and (math.fsum(parts) != 1 or min(parts) <= 0):
            name, total = "/".join(part for part in pair if part), math.fsum(parts)
            yield problem("standards.C09.shares", name, place=SEEA_CLASSES, total=total)


def _one_of(what: str, name: str, known: Collection[str], subject: str, place: Text) -> Iterator[Problem]:
    if name not in known:
        hint = did_you_mean(name, known)
        yield problem(f"standards.C09.unknown_{what}", subject, place=place, name=name, hint=hint)
