"""What a profile needs of a study: every figure, product, price and layer that its services look up.

Nothing is listed by hand. The services that the profile counts, under the methods that hold, say which names they look
up; derivations say from what a layer can be made instead; the coefficients say what has a default. What departments
call these things, and who has them, is in `gep.inputs.office`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from gep.core.catalog import CellComponent, Component, Derivation, Service, UnitComponent, layer_kinds
from gep.core.data import data_folder, read_csv
from gep.core.equation import Equation
from gep.core.messages import Text, joined, say
from gep.engine.checks.used import INDICATORS
from gep.inputs.items import COMPARED, COSTS, EXTERNAL, item_label, item_units, items_with_parts
from gep.inputs.office import OfficeInput, office_input, office_inputs
from gep.plan.own_grid import CELL_SIDES
from gep.plan.ways import Sources
from gep.plan.wiring import CALENDAR, CELL_ATTRIBUTES, CLASS_ATTRIBUTES, MONTHS
from gep.services import SERVICES
from gep.services.biomass import NET_OF
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficients, study_inputs
from gep.standards.profile import Profile
from gep.standards.rules import Rule

Degree = Literal["required", "conditional", "optional"]
"""How much a thing is needed: in any case; where something else is not given; not at all, for there is a default."""

_GIVEN = (*CLASS_ATTRIBUTES, *CALENDAR, *MONTHS, *CELL_ATTRIBUTES, *CELL_SIDES, "days_per_year")
"""Arguments that follow from the calendar, the cells and the land cover."""

LAND_COVER, ZONES, COAST = "land_cover", "zones", "coast"


@dataclass(frozen=True)
class Need:
    """One thing that is needed: its id, whether it is a layer, a figure of tables or a coefficient, for which services,
    and, where not in any case, when. `is_of_features` marks a figure that is of lakes or stands by name, of which a
    county has several. `office` is what departments call it and who has it.
    """

    id: str
    kind: Literal["figure", "layer", "coefficient", "zones"]
    degree: Degree
    services: tuple[str, ...] = ()
    condition: Text = field(default=Text("", ""))
    is_of_features: bool = False

    @property
    def office(self) -> OfficeInput | None:
        return office_input(self.id, is_layer=self.kind == "layer")


def needs_of(
    profile: Profile, methods: Mapping[str, Mapping[str, str]] | None = None, left_out: tuple[str, ...] = ()
) -> list[Need]:
    """Everything that a profile needs under the methods chosen, without the services that a study leaves out: zones and
    land cover first, then figures and layers in the order in which departments are asked.
    """
    sources = Sources(profile, (), Coefficients(profile.tables), methods or {})
    found: dict[tuple[str, str], Need] = {}
    for need in _all(sources, left_out):
        key = (need.id, need.kind)
        found[key] = _together(found[key], need) if key in found else need
    order = list(office_inputs())
    position = {key: number for number, key in enumerate(order)}
    return sorted(found.values(), key=lambda need: _rank(need, position))


def services_without_land(profile: Profile, area: str) -> tuple[str, ...]:
    """The services of coasts where an area, by the six digits of its code, lies in a province without any; nothing
    where the code is another.
    """
    provinces = {row["code"] for _, row in read_csv(data_folder() / "coastal_provinces.csv")}
    if not re.fullmatch(r"\d{6}", area) or area[:2] in provinces:
        return ()
    return tuple(name for name, rule in profile.rules.items() if _is_of_coast(rule))


def _is_of_coast(rule: Rule) -> bool:
    cells = [*rule.cells(), *(cell for part in rule.components for cell in rule.cells(part))]
    return bool(cells) and all(COAST in (cell.ecosystem, *_twins(cell.land_class)) for cell in cells)


def _twins(land_class: str) -> list[str]:
    """The ecosystems that have a class of this name: mangrove is counted with wetland or with the coast."""
    return [ecosystem for ecosystem, name in land_classes() if name and name == land_class]


def _rank(need: Need, position: Mapping[tuple[str, bool], int]) -> tuple[int, int]:
    office = need.office
    place = position[office.id, need.kind == "layer"] if office else len(position)
    return (("zones", "figure", "layer", "coefficient").index(need.kind), place)


def _together(one: Need, other: Need) -> Need:
    """The same thing needed twice: as much as by the stronger of the two; the conditions of equals, one after the
    other.
    """
    degrees = get_args(Degree)
    first, second = sorted((one, other), key=lambda need: degrees.index(need.degree))
    services = tuple(dict.fromkeys((*one.services, *other.services)))
    if first.degree != second.degree or second.condition in first.condition:
        return replace(first, services=services, is_of_features=one.is_of_features and other.is_of_features)
    condition = joined([text for text in (first.condition, second.condition) if text], "; ", "；")
    is_of_features = one.is_of_features and other.is_of_features
    return replace(first, services=services, condition=condition, is_of_features=is_of_features)


def _all(sources: Sources, left_out: tuple[str, ...]) -> Iterator[Need]:
    yield Need(ZONES, "zones", "required")
    yield Need(LAND_COVER, "layer", "required")
    for name in INDICATORS:
        yield Need(name, "figure", "optional", (), say("office.need.indicator"))
    for name in COMPARED:
        yield Need(name, "figure", "optional", (), say("office.need.compared"))
    for rule in sources.profile.rules.values():
        service = SERVICES.get(rule.service)
        if service is None or rule.service in left_out or sources.why_off(rule):
            continue
        if sources.profile.imports:
            yield Need(f"{EXTERNAL}/{service.id}", "figure", "required", (service.id,))
        yield from _of_products(sources, rule, service) if service.products else _of_service(sources, rule, service)


def _of_products(sources: Sources, rule: Rule, service: Service) -> Iterator[Need]:
    """Products with their prices, or the output of the branch; costs where the valuation takes them off."""
    degree: Degree = "required" if rule.is_required else "optional"
    yield Need(service.id, "figure", "conditional", (service.id,), say("office.need.output"))
    for office in office_inputs().values():
        if office.standing == "product" and office.id.startswith(f"{service.id}/"):
            yield Need(office.id, "figure", degree, (service.id,), say("office.need.product"))
    net = NET_OF.get(sources.settings[service.id]["valuation_basis"])
    for name in net.arguments if net else ():
        if name in COSTS:
            yield Need(f"{name}/{service.id}", "figure", degree, (service.id,))


def _of_service(sources: Sources, rule: Rule, service: Service) -> Iterator[Need]:
    rule, components = sources.wanted(rule, service)
    for component in components:
        walk = _Walk(sources, service.id, "required" if rule.is_required and rule.cells(component.id) else "optional")
        is_of_features = not isinstance(component, CellComponent) and component.per == "feature"
        for need in walk.component(component):
            need = replace(need, is_of_features=is_of_features and need.id in items_with_parts())
            yield replace(need, condition=say("office.need.not_required")) if _is_bare(need) else need


def _is_bare(need: Need) -> bool:
    return need.degree == "optional" and not need.condition


@dataclass(frozen=True)
class _Walk:
    """The names that one component of a service looks up, down to what must be given."""

    sources: Sources
    service: str
    degree: Degree
    seen: dict[str, None] = field(default_factory=dict)

    def component(self, component: Component) -> Iterator[Need]:
        if isinstance(component, CellComponent):
            yield from self.equation(component.density, component.wiring)
            if component.limit:
                yield self._need(component.limit, "figure")
        else:
            if isinstance(component, UnitComponent) and component.patches:
                yield Need(component.extent, "figure", "optional", (self.service,), say("office.need.or_patches"))
            else:
                yield self._need(component.extent, "figure")
            for name, equation in component.series.items() if isinstance(component, UnitComponent) else ():
                for part in equation.units:
                    yield self._need(part, "figure", say("office.need.for", name=_name(component.looked_up(name))))
        if component.money and self.sources.profile.kind == "monetary":
            prices = component.money.pricing.units if component.money.pricing else (component.money.price,)
            for argument in prices:
                yield from self.number(component.looked_up(argument))
        if isinstance(component, UnitComponent):
            for argument in component.total.units:
                name = component.looked_up(argument)
                yield from self.number(name) if name != component.extent and argument not in component.series else ()

    def equation(self, equation: Equation, renames: Mapping[str, str] | None = None) -> Iterator[Need]:
        """All that an equation on cells looks up."""
        for argument in equation.units:
            yield from self.name((renames or {}).get(argument, argument))

    def number(self, name: str) -> Iterator[Need]:
        """A number of a total: of the tables, or of the coefficients."""
        if name in item_units():
            has_default = name in self.sources.coefficients.names
            yield (
                Need(name, "figure", "optional", (self.service,), say("office.need.default"))
                if has_default
                else self._need(name, "figure")
            )
        else:
            yield from self._coefficient(name)

    def name(self, name: str, making: Text | None = None) -> Iterator[Need]:
        """What an argument on cells needs: a layer, what it can be made from, a figure by zone, a coefficient."""
        if name in _GIVEN or name in self.seen:
            return
        self.seen[name] = None
        makers = list(self.sources.wiring(self.service).makers(name))
        other = self._other_service(name)
        if other is not None:
            yield from self.equation(other)
        elif name in layer_kinds():
            yield self._layer(name, makers, making)
            if name in item_units():
                yield self._need(name, "figure", say("office.need.or_layer"))
            for maker in makers:
                yield from self._made(maker, name)
        elif makers:
            for maker in makers:
                yield from self._made(maker, name)
        elif name in item_units():
            yield self._need(name, "figure", making)
        else:
            yield from self._coefficient(name, making)

    def _made(self, maker: Derivation, name: str) -> Iterator[Need]:
        names = [*maker.equation.units] if not maker.of_neighbours else [maker.of_neighbours]
        for part in names:
            yield from self.name(part, say("office.need.for", name=_name(name)))

    def _other_service(self, name: str) -> Equation | None:
        return self.sources.quantities.get(name)

    def _layer(self, name: str, makers: list[Derivation], making: Text | None) -> Need:
        if name in self.sources.coefficients.names:
            return Need(name, "layer", "optional", (self.service,), say("office.need.default"))
        if any(self._needs_nothing(maker) for maker in makers):
            return Need(name, "layer", "optional", (self.service,), say("office.need.made"))
        if makers:
            ways = [self._way(maker) for maker in makers]
            condition = say("office.need.or_made", ways=joined(list(dict.fromkeys(ways)), "; or ", "；或"))
            return self._need(name, "layer", condition)
        return self._need(name, "layer", making)

    def _parts(self, maker: Derivation) -> list[str]:
        """What a derivation takes that somebody must give: not the calendar, nor what the profile has."""
        names = [maker.of_neighbours] if maker.of_neighbours else [*maker.equation.units]
        known = self.sources.coefficients.names
        return [name for name in names if name not in _GIVEN and (name in layer_kinds() or name not in known)]

    def _needs_nothing(self, maker: Derivation) -> bool:
        return not self._parts(maker)

    def _way(self, maker: Derivation) -> Text:
        return joined([_name(part) for part in self._parts(maker)], " and ", "、")

    def _coefficient(self, name: str, making: Text | None = None) -> Iterator[Need]:
        """A number of the profile needs nobody; one that it has not is the study's to give, one that departments know
        better may be.
        """
        if name not in self.sources.coefficients.names and name in study_inputs():
            yield self._need(name, "coefficient", making)
        elif (known := office_input(name)) and known.id == name:
            yield Need(name, "coefficient", "optional", (self.service,), say("office.need.default"))

    def _need(self, name: str, kind: Literal["figure", "layer", "coefficient"], when: Text | None = None) -> Need:
        """A need of this component; with a condition where something else may stand in its place."""
        degree: Degree = "conditional" if when and self.degree == "required" else self.degree
        return Need(name, kind, degree, (self.service,), when or Text("", ""))


def _name(identifier: str) -> Text:
    """What a layer or a figure is called."""
    kind = layer_kinds().get(identifier)
    if kind:
        return Text(kind.label_en, kind.label_zh)
    return item_label(identifier) if identifier in item_units() else Text(f"`{identifier}`", f"`{identifier}`")
