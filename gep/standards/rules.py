"""What a profile says of one service: the cells of the matrix that count, the methods, whether it must be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gep.core.catalog import CATEGORIES, service_ids
from gep.core.errors import ProjectError, did_you_mean
from gep.core.keys import MatrixCell
from gep.core.messages import Text, say
from gep.core.translation import translated
from gep.services import SERVICES
from gep.standards.classes import land_classes, parents

Counted = Literal["counted", "if_supplied"]

Kind = Literal["text", "number", "switch", "texts", "table"]
"""What a value of a profile may be."""

_TYPES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "switch": (bool,),
    "texts": (list,),
    "table": (dict,),
}

_CELL_KEYS: dict[str, Kind] = {"counts": "texts", "if_supplied": "texts"}

SERVICE_KEYS: dict[str, Kind] = {
    **_CELL_KEYS,
    "only": "texts",
    "category": "text",
    "required": "switch",
    "clause": "text",
    "off": "text",
    "note": "text",
    "methods": "table",
    "components": "table",
    "constant_prices": "text",
}

CONSTANT_PRICES = ("base_price", "deflator")
"""How a value is put at constant prices: its quantity at the price of the base year, or divided by its price index."""


def check_keys(table: Any, keys: Mapping[str, Kind], place: Text) -> None:
    """Raise ProjectError for what is no table, a key that there is not, or a value of another kind than its key has."""
    if not isinstance(table, dict):
        raise ProjectError(say("standards.no_table", place=place))
    for key, value in table.items():
        if key not in keys:
            raise ProjectError(say("standards.unknown_key", place=place, key=key, hint=did_you_mean(key, keys)))
        of_texts = value if isinstance(value, list) else []
        if not isinstance(value, _TYPES[keys[key]]) or not all(isinstance(each, str) for each in of_texts):
            wanted = say(f"standards.kind.{keys[key]}")
            raise ProjectError(say("standards.other_kind", place=place, key=key, wanted=wanted))


@dataclass(frozen=True)
class Rule:
    """What a profile says of one service: in which cells of the matrix it counts, whether it must be there, and by
    which methods.

    `only` names the components that the standard has, where it has not all of them. `clause`, `off` (why it is not
    counted) and `note` are for people, in both languages. `constant_prices` is one of `CONSTANT_PRICES`; a value
    without a quantity is divided by its index in any case.
    """

    service: str
    category: str
    is_required: bool
    clause: str = ""
    counts: tuple[MatrixCell, ...] = ()
    if_supplied: tuple[MatrixCell, ...] = ()
    off: str = ""
    note: str = ""
    methods: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, Mapping[str, tuple[MatrixCell, ...]]] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    constant_prices: str = CONSTANT_PRICES[0]

    def counted(self, ecosystem: str, land_class: str, component: str = "") -> Counted | None:
        """Whether a class counts, counts only if the study supplies what it needs, or does not count."""
        cells = self.components.get(component, {})
        names = _cells_of(ecosystem, land_class)
        if names & set(cells.get("counts", self.counts)):
            return "counted"
        if names & set(cells.get("if_supplied", self.if_supplied)):
            return "if_supplied"
        return None

    def provided_by(self, component: str = "") -> tuple[MatrixCell, ...]:
        """The cells that a total belongs to which no map places: those that count, or, where none does, those that a
        study may supply.
        """
        own = self.components.get(component, {})
        return own.get("counts", self.counts) or own.get("if_supplied", self.if_supplied)

    def is_provider(self, ecosystem: str, land_class: str, component: str = "") -> bool:
        """Whether a class is in one of the cells that such a total belongs to."""
        return bool(_cells_of(ecosystem, land_class) & set(self.provided_by(component)))

    def cells(self, component: str = "") -> tuple[MatrixCell, ...]:
        """All cells of the matrix that may count for a component."""
        own = self.components.get(component, {})
        return (*own.get("counts", self.counts), *own.get("if_supplied", self.if_supplied))


def _cells_of(ecosystem: str, land_class: str) -> set[str]:
    """The cells of a matrix that a class lies in: its own, those of its broader classes, that of its ecosystem."""
    return {ecosystem, *(f"{ecosystem}/{name}" for name in (land_class, *parents(ecosystem, land_class)) if name)}


def _rule(profile: str, service: str, table: Mapping[str, Any]) -> Rule:
    place = say("standards.place.service", profile=profile, service=service)
    if service not in service_ids():
        hint = did_you_mean(service, service_ids())
        raise ProjectError(say("standards.unknown_service", place=place_of(profile), service=service, hint=hint))
    if table.get("category") not in CATEGORIES:
        raise ProjectError(say("standards.unknown_category", place=place, known=CATEGORIES))
    for name, cells in table.get("components", {}).items():
        check_keys(cells, _CELL_KEYS, say("standards.place.component", place=place, component=name))
    components = {
        name: {key: tuple(map(MatrixCell, cells)) for key, cells in cell_lists.items()}
        for name, cell_lists in table.get("components", {}).items()
    }
    rule = Rule(
        service,
        table["category"],
        bool(table.get("required", True)),
        translated(table.get("clause", "")),
        tuple(map(MatrixCell, table.get("counts", ()))),
        tuple(map(MatrixCell, table.get("if_supplied", ()))),
        translated(table.get("off", "")),
        translated(table.get("note", "")),
        dict(table.get("methods", {})),
        components,
        tuple(table.get("only", ())),
        table.get("constant_prices", CONSTANT_PRICES[0]),
    )
    if rule.constant_prices not in CONSTANT_PRICES:
        raise ProjectError(say("standards.not_one_of", place=place, key="constant_prices", known=CONSTANT_PRICES))
    ecosystems = {ecosystem for ecosystem, _ in land_classes()}
    for cell in (
        *rule.counts,
        *rule.if_supplied,
        *(c for lists in components.values() for cells in lists.values() for c in cells),
    ):
        if cell.ecosystem not in ecosystems or (cell.land_class and cell.pair not in land_classes()):
            raise ProjectError(say("standards.unknown_cell", place=place, cell=cell))
    check_methods(service, rule.methods, place_of(profile))
    return rule


def place_of(profile: str) -> Text:
    """A profile in a message."""
    return say("standards.place.profile", profile=profile)


def check_methods(service: str, methods: Mapping[str, str], place: str) -> None:
    """Raise ProjectError for a switch or an option that the service does not have."""
    if service not in SERVICES:
        return  # its switches come with its equations
    switches = SERVICES[service].switches
    for name, option in methods.items():
        if name not in switches:
            there = list(switches) or say("standards.none")
            what = {"place": place, "service": service, "switch": name}
            hint = did_you_mean(name, switches)
            raise ProjectError(say("standards.unknown_switch", known=there, hint=hint, **what))
        if option not in switches[name].options:
            options = switches[name].options
            what = {"place": place, "service": service, "switch": name, "option": option}
            hint = did_you_mean(str(option), options)
            raise ProjectError(say("standards.unknown_option", known=options, hint=hint, **what))


def settings_of(service: str, rule: Rule | None, methods: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Every switch of a service: the study's choice among `methods`, the profile's, or the default."""
    return SERVICES[service].settings({**(rule.methods if rule else {}), **methods.get(service, {})})
