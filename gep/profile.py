"""What a standard counts, and how: read from `coefficients/<profile>/profile.toml`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gep.catalog import CATEGORIES, service_ids
from gep.coefficients import Coefficient, land_classes, parents, read_coefficients
from gep.data import data_folder, pick, read_toml
from gep.errors import Problem, ProjectError, did_you_mean
from gep.overlaps import overlaps
from gep.services import SERVICES

Counted = Literal["counted", "if_supplied"]

_SERVICE_KEYS = {"only", "category", "required", "clause", "counts", "if_supplied", "off", "note", "methods", "components"}
_PROFILE_KEYS = {
    "id",
    "name_zh",
    "name_en",
    "extends",
    "without",
    "level",
    "kind",
    "source",
    "min_coverage",
    "price_index",
    "unmoved_prices",
    "note",
    "provisional",
    "overlaps",
    "imports",
    "services",
}


_MERGED = ("services", "provisional", "extends", "without")
"""Keys that a profile does not simply take from the one it extends."""


@dataclass(frozen=True)
class Rule:
    """What a profile says of one service: in which cells of the matrix it counts, whether it must be there, and by which methods.

    `only` names the components that the standard has, where it has not all of them.
    """

    service: str
    category: str
    is_required: bool
    clause: str = ""
    counts: tuple[str, ...] = ()
    if_supplied: tuple[str, ...] = ()
    off: str = ""
    note: str = ""
    methods: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    only: tuple[str, ...] = ()

    def counted(self, ecosystem: str, land_class: str, component: str = "") -> Counted | None:
        """Whether a class counts, counts only if the study supplies what it needs, or does not count."""
        cells = self.components.get(component, {})
        names = _cells_of(ecosystem, land_class)
        if names & set(cells.get("counts", self.counts)):
            return "counted"
        if names & set(cells.get("if_supplied", self.if_supplied)):
            return "if_supplied"
        return None

    def provided_by(self, component: str = "") -> tuple[str, ...]:
        """The cells that a total belongs to which no map places: those that count, or, where none does, those that a study may supply."""
        own = self.components.get(component, {})
        return own.get("counts", self.counts) or own.get("if_supplied", self.if_supplied)

    def is_provider(self, ecosystem: str, land_class: str, component: str = "") -> bool:
        """Whether a class is in one of the cells that such a total belongs to."""
        return bool(_cells_of(ecosystem, land_class) & set(self.provided_by(component)))

    def cells(self, component: str = "") -> tuple[str, ...]:
        """All cells of the matrix that may count for a component."""
        own = self.components.get(component, {})
        return (*own.get("counts", self.counts), *own.get("if_supplied", self.if_supplied))


def _cells_of(ecosystem: str, land_class: str) -> set[str]:
    """The cells of a matrix that a class lies in: its own, those of its broader classes, that of its ecosystem."""
    return {ecosystem, *(f"{ecosystem}/{name}" for name in (land_class, *parents(ecosystem, land_class)) if name)}


@dataclass(frozen=True)
class Profile:
    """A standard as data: its services, prices, coefficient tables and level of trust."""

    id: str
    name_zh: str
    name_en: str
    level: str
    kind: Literal["monetary", "physical"]
    source: str
    min_coverage: float
    price_index: str
    unmoved_prices: tuple[str, ...]
    provisional: tuple[str, ...]
    note: str
    rules: Mapping[str, Rule]
    tables: tuple[tuple[Coefficient, ...], ...]
    folders: tuple[str, ...]
    sha256: str
    imports: str = ""
    """Whether the study must declare what comes from ecosystems outside its area (`declared`), or not (empty)."""
    overlaps: Mapping[str, str] = field(default_factory=dict)
    """Why flows that overlap are counted together, by id of the overlap."""


def profile_ids() -> list[str]:
    """The shipped profiles."""
    return sorted(path.parent.name for path in data_folder().glob("*/profile.toml"))


def load_profile(identifier: str) -> Profile:
    """A shipped profile by id, with those that it extends behind it."""
    pick(identifier, profile_ids(), "profile")
    chain = _chain(identifier)
    problems: list[Problem] = []
    tables: list[tuple[Coefficient, ...]] = []
    for folder in [*(data_folder() / document["id"] for document in chain), data_folder()]:
        rows: list[Coefficient] = []
        for path in coefficient_files(folder):
            read, found = read_coefficients(path)
            rows.extend(read)
            problems.extend(found)
        tables.append(tuple(rows))
    if problems:
        raise ProjectError(f"The shipped data of profile {identifier} have errors.", problems)
    top: dict[str, Any] = {}
    for document in reversed(chain):
        top.update({key: value for key, value in document.items() if key not in _MERGED})
    own = chain[0]
    if top.get("imports", "") not in ("", "declared"):
        raise ProjectError(f"Profile {identifier}: imports can be `declared`, or left out.")
    return Profile(
        id=identifier,
        name_zh=top["name_zh"],
        name_en=top["name_en"],
        level=top["level"],
        kind=top["kind"],
        source=top.get("source", ""),
        min_coverage=float(top.get("min_coverage", 0.95)),
        price_index=top.get("price_index", ""),
        unmoved_prices=tuple(top.get("unmoved_prices", ())),
        provisional=tuple(own.get("provisional", ())),
        note=top.get("note", ""),
        rules=_rules(identifier, chain),
        tables=tuple(tables),
        folders=tuple(document["id"] for document in chain),
        sha256=hashlib.sha256(repr(chain).encode()).hexdigest(),
        imports=top.get("imports", ""),
        overlaps=_explanations(identifier, top.get("overlaps", {})),
    )


def with_numbers_of(rules: Profile, numbers: Profile) -> Profile:
    """A profile that counts as one does, with the coefficients and the price index of another."""
    return replace(rules, tables=numbers.tables, price_index=numbers.price_index, unmoved_prices=numbers.unmoved_prices)


def coefficient_files(folder: Path) -> list[Path]:
    """The coefficient tables of a profile's folder, or, of the data folder itself, those common to all."""
    return sorted((folder / "common" if folder == data_folder() else folder).glob("*.csv"))


def _chain(identifier: str) -> list[dict[str, Any]]:
    """The profile's document and those it extends, the most special first."""
    chain: list[dict[str, Any]] = []
    while identifier:
        if identifier in [document["id"] for document in chain]:
            raise ProjectError(f"Profile {identifier} extends itself.")
        document = read_toml(data_folder() / pick(identifier, profile_ids(), "profile") / "profile.toml")
        for key in set(document) - _PROFILE_KEYS:
            raise ProjectError(f"Profile {identifier}: unknown key `{key}`. {did_you_mean(key, _PROFILE_KEYS)}")
        chain.append(document)
        identifier = document.get("extends", "")
    return chain


def _explanations(identifier: str, given: Mapping[str, str]) -> dict[str, str]:
    """Why overlapping flows are counted: as the profile says, or the nearest that it extends and that says anything."""
    for name in given:
        if name not in overlaps():
            raise ProjectError(f"Profile {identifier}: there is no overlap `{name}`. {did_you_mean(name, overlaps())}".rstrip())
    return dict(given)


def _rules(identifier: str, chain: list[dict[str, Any]]) -> dict[str, Rule]:
    """The services of a profile: those of the profiles that it extends, changed key by key and without those it leaves out, in report order."""
    tables: dict[str, dict[str, Any]] = {}
    for document in reversed(chain):
        for service, table in document.get("services", {}).items():
            tables[service] = {**tables.get(service, {}), **table}
        for service in document.get("without", ()):
            tables.pop(pick(service, list(tables), "inherited service"), None)
    rules = {service: _rule(identifier, service, table) for service, table in tables.items()}
    return {service: rules[service] for service in service_ids() if service in rules}


def _rule(profile: str, service: str, table: Mapping[str, Any]) -> Rule:
    for key in set(table) - _SERVICE_KEYS:
        raise ProjectError(f"Profile {profile}, service {service}: unknown key `{key}`. {did_you_mean(key, _SERVICE_KEYS)}")
    if service not in service_ids():
        raise ProjectError(f"Profile {profile}: there is no service `{service}`. {did_you_mean(service, service_ids())}")
    if table.get("category") not in CATEGORIES:
        raise ProjectError(f"Profile {profile}, service {service}: the category must be one of {', '.join(CATEGORIES)}.")
    components = {
        name: {key: tuple(cells) for key, cells in cell_lists.items()} for name, cell_lists in table.get("components", {}).items()
    }
    rule = Rule(
        service,
        table["category"],
        bool(table.get("required", True)),
        table.get("clause", ""),
        tuple(table.get("counts", ())),
        tuple(table.get("if_supplied", ())),
        table.get("off", ""),
        table.get("note", ""),
        dict(table.get("methods", {})),
        components,
        tuple(table.get("only", ())),
    )
    ecosystems = {ecosystem for ecosystem, _ in land_classes()}
    for cell in (*rule.counts, *rule.if_supplied, *(c for lists in components.values() for cells in lists.values() for c in cells)):
        ecosystem, _, land_class = cell.partition("/")
        if ecosystem not in ecosystems or (land_class and (ecosystem, land_class) not in land_classes()):
            raise ProjectError(f"Profile {profile}, service {service}: there is no ecosystem or class `{cell}`.")
    check_methods(service, rule.methods, f"Profile {profile}")
    return rule


def check_methods(service: str, methods: Mapping[str, str], place: str) -> None:
    """Raise ProjectError for a switch or an option that the service does not have."""
    if service not in SERVICES:
        return  # its switches come with its equations
    switches = SERVICES[service].switches
    for name, option in methods.items():
        if name not in switches:
            there = ", ".join(switches) or "none"
            raise ProjectError(
                f"{place}: {service} has no method switch `{name}`. {did_you_mean(name, switches)} There are: {there}.".replace("  ", " ")
            )
        if option not in switches[name].options:
            options = switches[name].options
            raise ProjectError(
                f"{place}: `{service}.{name}` cannot be `{option}`. {did_you_mean(str(option), options)} It is one of: {', '.join(options)}.".replace(
                    "  ", " "
                )
            )
