"""The shipped data checked against their own rules, every problem with file and line."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from gep.core.catalog import service_ids
from gep.core.data import data_folder, line_of, read_csv
from gep.core.errors import GepError, Problem, UnitError, UsageError, did_you_mean, problem, sort_problems
from gep.core.messages import Text, say
from gep.core.units import parse, same_dimension
from gep.derivations import DERIVATIONS
from gep.services import SERVICES
from gep.standards.classes import land_classes, parents
from gep.standards.coefficient_ranges import check_possible
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
from gep.standards.ranges import check_ranges
from gep.standards.schemes import CUSTOM, Scheme, load_scheme, scheme_ids


def check_data(path: Path | None = None) -> tuple[int, list[Problem]]:
    """How many coefficient rows there are and every problem of them: of one table, or of all shipped data."""
    if path is not None:
        if not path.is_file():
            raise UsageError(say("standards.no_file", path=path))
        rows, problems = read_coefficients(path, is_shipped=False)
        return len(rows), sort_problems([*problems, *check_same_dimension([rows]), *check_possible(rows)])
    problems = [
        *_check_sources(),
        *_check_classes(),
        *_check_vocabulary(),
        *_check_seea(),
        *_check_overlaps(),
        *check_ranges(),
    ]
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
        problems.extend(check_possible(row for table in tables for row in table))
        count += sum(len(table) for table in tables)
        for row in (row for table in tables for row in table):
            shipped.setdefault(row.name, row)
    alternatives, found = _read_alternatives()
    count += len(alternatives)
    problems += [*found, *check_same_dimension([shipped.values(), alternatives]), *_check_use(alternatives, shipped)]
    problems += check_possible(alternatives)
    return count, sort_problems([*problems, *_check_profiles(), *_check_schemes()])


def _check_profiles() -> Iterator[Problem]:
    for name in profile_ids():
        try:
            profile = load_profile(name)
        except GepError as error:
            yield problem("standards.C07.profile", name, why=error.message)
        else:
            yield from _check_source(name, profile.source)


def _check_schemes() -> Iterator[Problem]:
    for name in (name for name in scheme_ids() if name != CUSTOM):
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
            yield problem("standards.C10.unused", row.name, place=row.place, hint=hint)
        elif not same_dimension(row.unit, arguments[row.name]):
            wanted = arguments[row.name]
            yield problem("standards.U02.equation", row.name, place=row.place, found=row.unit, allowed=wanted)


@cache
def argument_units() -> Mapping[str, str]:
    """The unit of every name that an equation may look up, whatever switches are chosen."""
    equations = [derivation.equation for derivation in DERIVATIONS]
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


def _check_sources() -> Iterator[Problem]:
    for name, source in sources().items():
        for key in ("title", "authors", "year", "kind"):
            if key not in source:
                yield problem("standards.C08.without", name, place="sources.toml", field=key)
        if not any(key in source for key in ("doi", "number", "publisher", "journal")):
            yield problem("standards.C08.no_document", name, place="sources.toml")


def _check_classes() -> Iterator[Problem]:
    known = land_classes()
    for (ecosystem, name), land_class in known.items():
        if land_class.parent and (ecosystem, land_class.parent) not in known:
            yield problem(
                "standards.C09.parent",
                f"{ecosystem}/{name}",
                place="classes.csv",
                parent=land_class.parent,
                ecosystem=ecosystem,
            )


def _check_overlaps() -> Iterator[Problem]:
    """Overlaps name services, components and sources that exist."""
    flows = {f"{s.id}/{c.id}" for s in SERVICES.values() for c in s.variants} | set(service_ids())
    for overlap in overlaps().values():
        for flow in overlap.flows:
            if flow not in flows:
                hint = did_you_mean(flow, flows)
                yield problem("standards.C13.flow", overlap.id, place="overlaps.toml", flow=flow, hint=hint)
        yield from _check_source(overlap.id, overlap.source, "overlaps.toml")


def _check_vocabulary() -> Iterator[Problem]:
    for file, column in (
        ("layers.csv", "layer"),
        ("items.csv", "item"),
        ("study_inputs.csv", "coefficient"),
        ("coefficient_ranges.csv", "coefficient"),
    ):
        for line, row in read_csv(data_folder() / file):
            try:
                parse(row["unit"])
            except UnitError as error:
                yield problem(
                    f"standards.{error.code}.row", row[column], place=line_of(Path(file), line), why=error.message
                )


def _check_scheme(scheme: Scheme) -> Iterator[Problem]:
    known = land_classes()
    for code, pair in scheme.classes.items():
        if pair not in known:
            hint = did_you_mean(pair[1], [land_class for ecosystem, land_class in known if ecosystem == pair[0]])
            name = "/".join(pair)
            yield problem("standards.C09.code", scheme.id, place=f"{scheme.id}.csv", code=code, name=name, hint=hint)


def _check_seea() -> Iterator[Problem]:
    """The crosswalks to SEEA EA: every service and every land class has a place in them, and every place is known."""
    yield from _check_seea_services()
    codes = set()
    for line, row in read_csv(data_folder() / "seea" / "get_codes.csv"):
        place = line_of(Path("seea/get_codes.csv"), line)
        if row["code"] in codes:
            yield problem("standards.C09.two_rows", row["code"], place=place)
        codes.add(row["code"])
        yield from _one_of("source", row["source"], sources(), row["code"], place)
    yield from _check_seea_classes(codes)


def _check_seea_services() -> Iterator[Problem]:
    placed = set()
    for line, row in read_csv(data_folder() / "seea" / "services.csv"):
        subject = "/".join(name for name in (row["service"], row["component"]) if name)
        place = line_of(Path("seea/services.csv"), line)
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
    for service in service_ids():
        if (service, "") not in placed:
            yield problem("standards.C09.service_without_row", service, place="seea/services.csv")


def _check_seea_classes(codes: Collection[str]) -> Iterator[Problem]:
    shares: dict[tuple[str, str], list[float]] = {}
    for line, row in read_csv(data_folder() / "seea" / "get_classes.csv"):
        pair = (row["ecosystem"], row["class"])
        subject, place = "/".join(name for name in pair if name), line_of(Path("seea/get_classes.csv"), line)
        shares.setdefault(pair, []).append(float(row["share"]))
        yield from _one_of("group", row["get_code"], codes, subject, place)
        yield from _one_of("confidence", row["confidence"], ("high", "medium", "low"), subject, place)
        if pair not in land_classes():
            yield problem("standards.C09.no_class", subject, place=place)
    for pair in land_classes():
        name = "/".join(part for part in pair if part)
        broader = [(pair[0], parent) for parent in parents(*pair)]
        if not shares.keys() & {pair, *broader}:
            yield problem("standards.C09.class_without_row", name, place="seea/get_classes.csv")
        elif pair in shares and (math.fsum(shares[pair]) != 1 or min(shares[pair]) <= 0):
            total = math.fsum(shares[pair])
            yield problem("standards.C09.shares", name, place="seea/get_classes.csv", total=total)


def _one_of(what: str, name: str, known: Collection[str], subject: str, place: Text) -> Iterator[Problem]:
    if name not in known:
        hint = did_you_mean(name, known)
        yield problem(f"standards.C09.unknown_{what}", subject, place=place, name=name, hint=hint)
