"""What parts from outside the package must pass, as our own do when they are imported, in `gep coefficients check` and
in our tests: units, linearity in the quantity, names in both languages, data with sources, ids that nobody else has.

An equation has proved its units where it was made (`gep.core.proof`). Here services and derivations are held against
the vocabulary, data against the rules of shipped data, all of it against what there is already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from gep.core.catalog import (
    CellComponent,
    Component,
    ComponentOfUnits,
    Derivation,
    ReportedComponent,
    Service,
    ecosystem_ids,
    has_name,
    layer_kinds,
    service_ids,
)
from gep.core.data import data_folders, header_of, owner_of, read_csv, read_toml
from gep.core.errors import GepError, Problem, did_you_mean, failure, problem
from gep.core.messages import Text
from gep.core.parts import Parts, holder_of, origin_of, registered
from gep.core.units import product, same_dimension
from gep.engine.linear import Multiple, multiple_of
from gep.inputs.items import item_units
from gep.plan.wiring import CALENDAR, CELL_ATTRIBUTES, CLASS_ATTRIBUTES
from gep.services import SERVICES
from gep.standards.check import check_folder, check_use
from gep.standards.coefficients import constant_names, read_coefficients, study_input_labels
from gep.standards.equations import equations, equations_in
from gep.standards.profile import PROFILE, coefficient_files

_ID = re.compile(r"[a-z][a-z0-9_]*")

_KEYS = {
    "labels.csv": ("id",),
    "colours.csv": ("id",),
    "layers.csv": ("layer",),
    "items.csv": ("item",),
    "item_names.csv": ("item", "measure"),
    "names.csv": ("id",),
    "study_inputs.csv": ("coefficient",),
    "coefficient_ranges.csv": ("coefficient",),
    "classes.csv": ("ecosystem", "class"),
    "office_inputs.csv": ("kind", "input"),
    "zh.csv": ("en",),
    "seea/services.csv": ("service", "component"),
    "seea/get_classes.csv": ("ecosystem", "class", "get_code"),
    "seea/get_codes.csv": ("code",),
}
"""The tables that data from outside may add rows to, and the columns by which a row is known."""

_SECTIONS = ("sources.toml", "overlaps.toml", "crosswalks/schemes.toml")
"""The files of sections that they may add to."""

_TABLES = ("alternatives/*.csv", "crosswalks/*.csv", "prices/*.csv", f"*/{PROFILE}")
"""Files that are known by their name, or that of their folder."""


# what others have already ---------------------------------------------------------------------------------------------


def claims(parts: Parts) -> dict[str, tuple[Text, str]]:
    """The ids that parts claim and somebody else has: who that is, and the name of the parts where they are such."""
    found = {s.id: _holder(holder_of(s.id)) for s in parts.services if s.id in SERVICES}
    of_parts = {equation.name: name for name, one in registered().items() for equation in equations_in(one.parts)}
    for name in {equation.name for equation in equations_in(parts)}:
        if name in equations() or name in of_parts:
            found[name] = _holder(of_parts.get(name, ""))
    return found | (_claims_of_data(parts.folder) if parts.folder else {})


def _holder(name: str) -> tuple[Text, str]:
    return (origin_of(registered()[name].parts), name) if name else (Text("gep", "gep"), "")


def _claims_of_data(folder: Path) -> dict[str, tuple[Text, str]]:
    found: dict[str, tuple[Text, str]] = {}
    for other in data_folders():
        holder = _holder(owner_of(other))
        for table, columns in _KEYS.items():
            own, theirs = _rows_of(folder / table, columns), _rows_of(other / table, columns)
            found |= {key: holder for key in own.keys() & theirs.keys() if own[key] != theirs[key]}
        for file in _SECTIONS:
            mine, there = (read_toml(p / file) if (p / file).is_file() else {} for p in (folder, other))
            found |= {key: holder for key in mine.keys() & there.keys() if mine[key] != there[key]}
        for pattern in _TABLES:
            found |= dict.fromkeys(_names(folder, pattern) & _names(other, pattern), holder)
    return found


def _rows_of(path: Path, columns: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """The rows of a table by what they are known by."""
    if not path.is_file():
        return {}
    return {"/".join(filter(None, (row.get(column, "") for column in columns))): row for _, row in read_csv(path)}


def _names(folder: Path, pattern: str) -> set[str]:
    return {path.parent.name if path.name == PROFILE else path.stem for path in folder.glob(pattern)}


# data -----------------------------------------------------------------------------------------------------------------


def check_data_of(folder: Path) -> Iterator[Problem]:
    """A folder of data from outside: files that are known, their columns, names in both languages, and the rules of
    shipped data.
    """
    unread = list(_unread(folder))
    yield from unread
    if unread:
        return
    _, problems = check_folder(folder)
    yield from problems
    yield from _nameless(folder)
    profiles = [path.parent for path in folder.glob(f"*/{PROFILE}")]
    files = [file for place in (folder, *profiles) for file in coefficient_files(place)]
    rows = [row for file in files for row in read_coefficients(file)[0]]
    yield from check_use(rows, ())


def _unread(folder: Path) -> Iterator[Problem]:
    """Files that nothing would read, or that cannot be read: other names, other columns than the shipped table has."""
    profiles = {path.parent.name for path in folder.glob(f"*/{PROFILE}")}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".csv", ".toml")):
        name, kind = path.relative_to(folder).as_posix(), path.parent.name
        is_table = path.parent.parent == folder and path.suffix == ".csv"
        of_coefficients = is_table and (kind in ("common", "alternatives") or kind in profiles)
        is_known = name in _KEYS or name in _SECTIONS or (is_table and kind in ("crosswalks", "prices"))
        if not is_known and not of_coefficients and not (path.name == PROFILE and path.parent.parent == folder):
            hint = did_you_mean(name, [*_KEYS, *_SECTIONS])
            yield problem("study.E01.file", name, hint=hint)
        if name in _KEYS or (is_table and kind in ("crosswalks", "prices")):
            yield from _columns(path, name)


def _columns(path: Path, name: str) -> Iterator[Problem]:
    try:
        rows = list(read_csv(path))
    except GepError as error:
        yield from error.problems
        return
    wanted = header_of(name)
    for column in [column for column in wanted if rows and column not in rows[0][1]]:
        yield problem("standards.C01.missing", column, place=name, allowed=",".join(wanted), column=column)


_IN_BOTH = {
    "labels.csv": ("zh", "en"),
    "names.csv": ("zh", "en"),
    "layers.csv": ("label_zh", "label_en"),
    "items.csv": ("label_zh", "label_en"),
    "study_inputs.csv": ("label_zh", "label_en"),
    "classes.csv": ("label_zh", "label_en"),
    "zh.csv": ("zh", "en"),
}


def _nameless(folder: Path) -> Iterator[Problem]:
    for table, columns in _IN_BOTH.items():
        for key, row in _rows_of(folder / table, _KEYS[table]).items():
            if not all(row[column] for column in columns):
                yield problem("study.E01.one_language", key, place=table, columns=list(columns))


# services and derivations ---------------------------------------------------------------------------------------------


def check_service(service: Service) -> Iterator[Problem]:
    """A service whose data are there: its names, its components under every switch, their units, their values."""
    if not _ID.fullmatch(service.id):
        yield problem("study.E01.id", service.id)
    if service.id not in service_ids():
        yield problem("study.E01.no_name", service.id, kind="service")
    if not service.variants and not service.products:
        yield problem("study.E01.no_components", service.id)
    for component in service.variants:
        yield from _check_component(service, component)


def _check_component(service: Service, component: Component) -> Iterator[Problem]:
    subject = f"{service.id}/{component.id}"
    if not _ID.fullmatch(component.id):
        yield problem("study.E01.id", subject)
    if not has_name(component.id):
        yield problem("study.E01.no_name", subject, kind="component")
    if isinstance(component, CellComponent):
        yield from _same(subject, product(component.density.returns, "m^2"), component.unit, component.density.name)
    elif not isinstance(component, ReportedComponent):
        yield from _same(subject, component.total.returns, component.unit, component.total.name)
    extents = [component.extent] if isinstance(component, ComponentOfUnits) else []
    limits = [component.limit] if isinstance(component, CellComponent) and component.limit else []
    for item in [item for item in (*extents, *limits) if item not in item_units()]:
        yield problem("study.E01.no_item", subject, name=item, hint=did_you_mean(item, item_units()))
    yield from _check_money(subject, component)
    for equation in component.equations:
        for argument, unit in equation.units.items():
            if argument != component.quantity:
                yield from _check_argument(subject, component.looked_up(argument), unit)


def _check_money(subject: str, component: Component) -> Iterator[Problem]:
    money = component.money
    if money is None:
        return
    units = money.value.units
    if missing := [name for name in (component.quantity, money.price) if name not in units]:
        yield problem("study.E01.no_argument", subject, equation=money.value.name, names=missing)
        return
    yield from _same(subject, units[component.quantity], component.unit, money.value.name)
    yield from _same(subject, money.value.returns, "CNY/year", money.value.name)
    if money.pricing:
        yield from _same(subject, money.pricing.returns, money.price_unit, money.pricing.name)
    given = [Multiple(np.ones((1, 1))) if name == component.quantity else np.full((1, 1), 3.0) for name in units]
    if multiple_of(money.value.fn, given) is None:
        yield problem("study.E01.not_linear", subject, equation=money.value.name, name=component.quantity)


def _check_argument(subject: str, name: str, unit: str) -> Iterator[Problem]:
    """An argument is a layer or an item in its unit, or has a name in both languages."""
    if name in layer_kinds():
        yield from _same(subject, unit, layer_kinds()[name].unit, name)
    elif name in item_units():
        yield from _same(subject, unit, item_units()[name], name)
    elif not is_called(name):
        yield problem("study.E01.no_name_of_argument", subject, name=name, hint=did_you_mean(name, _known_names()))


def is_called(name: str) -> bool:
    """Whether the argument of an equation has a name for people, or is found without one."""
    return has_name(name) or name in {*constant_names(), *study_input_labels(), *_fixed()}


@cache
def _fixed() -> frozenset[str]:
    return frozenset((*CALENDAR, *CELL_ATTRIBUTES, *CLASS_ATTRIBUTES))


def _known_names() -> Collection[str]:
    return {*layer_kinds(), *item_units(), *constant_names(), *study_input_labels()}


def check_derivation(derivation: Derivation) -> Iterator[Problem]:
    """A derivation whose data are there: the layer that it makes, in its unit, from what is known."""
    subject = derivation.equation.name
    kind = layer_kinds().get(derivation.makes)
    if kind is None:
        hint = did_you_mean(derivation.makes, layer_kinds())
        yield problem("study.E01.no_layer", subject, name=derivation.makes, hint=hint)
    else:
        yield from _same(subject, derivation.equation.returns, kind.unit, derivation.makes)
    for argument, unit in derivation.equation.units.items():
        yield from _check_argument(subject, argument, unit)


def check_ecosystems(parts: Parts) -> Iterator[Problem]:
    """Ecosystems that there are, and services that are ours or among the parts."""
    own = {service.id for service in parts.services}
    for name, services in parts.ecosystems.items():
        if name not in ecosystem_ids():
            yield problem("study.E01.no_ecosystem", name, hint=did_you_mean(name, ecosystem_ids()))
        for service in [service for service in services if service.id not in {*own, *SERVICES}]:
            yield problem("study.E01.service_apart", f"{name}/{service.id}")


def _same(subject: str, unit: str, wanted: str, name: str) -> Iterator[Problem]:
    if not same_dimension(unit, wanted):
        yield problem("study.E01.unit", subject, found=unit, allowed=wanted, name=name)


def attempt(subject: str, check: Callable[[], Iterable[Problem]]) -> list[Problem]:
    """The problems that a check finds; what it raises is one."""
    try:
        return list(check())
    except Exception as error:  # functions of others may raise anything
        return [raised(subject, error)]


def raised(subject: str, error: Exception) -> Problem:
    """What the code of others raised, as a problem."""
    why = error.message if isinstance(error, GepError) else failure(error)
    return problem("study.E01.raises", subject, kind=type(error).__name__, why=why)
