"""What of a plan is drawn cell by cell: the flows behind each map with what it says of itself, and the numbers that a
flow has at the pieces of a square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from gep.core.arguments import check_measures
from gep.core.catalog import CellComponent, Component, Measure, ecosystem_ids, named, service_ids
from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import Text, joined, listed, say
from gep.core.units import linear, product
from gep.engine.values import Values
from gep.inputs.numbers import Place
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.plan.plan import Flow, GridPlan
from gep.plan.planner import ServicePlan, StudyPlan

Array = NDArray[np.float64]

HECTARE = "hm^2"
MONEY = "CNY/year"
VALUE_UNIT = f"CNY/({HECTARE}*year)"

ECOSYSTEMS = "ecosystems"
"""The map of ecosystem types: 1 and up in the order of the code list."""
ALL_VALUES = "services.value"
"""The map of the values of all services that have one."""


@dataclass(frozen=True, eq=False)
class Part:
    """A flow on a map; with prices by zone and class, what a hectare of it is worth."""

    flow: Flow
    component: CellComponent
    prices: Array | None = None

    def number(self, density: Array, zone: NDArray[np.intp], land_class: NDArray[np.intp]) -> Array:
        """What the map shows of a density."""
        if self.prices is None:
            return density
        money, quantity = self.component.money, self.component.quantity
        assert money is not None
        amount, _ = linear(product(self.flow.node.equation.returns, HECTARE), money.value.units[quantity])
        factor, _ = linear(money.value.returns, MONEY)
        worth = money.value.fn(**{quantity: density * amount, money.price: self.prices[zone, land_class]})
        return np.asarray(worth, dtype=np.float64) * factor


@dataclass(frozen=True, eq=False)
class Map:
    """One file: its name, what it shows, and of what it is made."""

    name: str
    unit: str
    description: Text
    tags: Mapping[str, str]
    parts: tuple[Part, ...]

    @cached_property
    def is_disjoint(self) -> bool:
        """Whether no class is counted by two of its parts, so that each cell shows one number."""
        return bool(np.sum([part.flow.is_counted for part in self.parts], axis=0).max() <= 1)

    @property
    def is_of_classes(self) -> bool:
        """Whether it shows what cells are, not how much there is on them."""
        return not self.parts


def maps_of(
    study_plan: StudyPlan, inputs: Inputs, what: Sequence[Measure], services: Sequence[str] | None, run_id: str
) -> list[Map]:
    check_measures(what)
    if isinstance(services, str):
        raise UsageError(say("engine.services_as_list", services=services))
    by_id = {service.id: service for service in study_plan.services}
    for name in services or ():
        _check_service(name, by_id)
    spec, profile = inputs.spec, inputs.profile
    common = {
        "study": spec.name,
        "study_zh": spec.name_zh,
        "year": str(spec.year),
        "profile": profile.id,
        "level": profile.level,
        "run_id": run_id,
        "software": f"gep {version('gep')}",
    }
    maps: list[Map] = []
    for service in study_plan.services:
        if services is not None and service.id not in services:
            continue
        if "quantity" in what:
            maps += _quantity_maps(service, common)
        if "value" in what and profile.kind == "monetary":
            maps += _value_map(service, study_plan.plan, inputs, common)
    if services is None and maps:
        maps += list(_overviews(tuple(maps), common))
    return maps


def _overviews(maps: Sequence[Map], common: Mapping[str, str]) -> Iterator[Map]:
    """What cells are, and what they are worth together."""
    names = {f"class_{code}": name for code, name in enumerate(ecosystem_ids(), start=1)}
    border = say("engine.largest_piece")
    of_cells = {"border_cells": str(border), "border_cells_zh": border.zh}
    yield Map(ECOSYSTEMS, "1", say("engine.map_of_ecosystems"), {**common, **of_cells, **names}, ())
    values = [made for made in maps if made.tags["measure"] == "value"]
    if values:
        services = [made.name.partition(".")[0] for made in values]
        shown = listed(named(service) for service in services)
        tags = {"measure": "value", "services": ",".join(services), "price_year": values[0].tags["price_year"]}
        parts = tuple(part for made in values for part in made.parts)
        yield Map(
            ALL_VALUES, VALUE_UNIT, say("engine.map_of_values", services=shown), {**common, **of_cells, **tags}, parts
        )


def _check_service(name: str, by_id: Mapping[str, ServicePlan]) -> None:
    if name not in service_ids():
        raise UsageError(say("engine.no_service", name=name, hint=did_you_mean(name, service_ids())))
    service = by_id.get(name)
    if service is None or not any(_flows(service, part.component) for part in service.components):
        reason = service.detail if service and service.detail else say("engine.not_on_cells")
        raise UsageError(say("engine.no_map", name=name, reason=reason))


def _flows(service: ServicePlan, component: Component) -> list[Flow]:
    """The flows of a component that any class is counted for."""
    return [
        flow
        for part in service.components
        if part.component is component
        for flow in part.flows
        if flow.is_counted.any()
    ]


def _on_cells(service: ServicePlan) -> list[CellComponent]:
    return [part.component for part in service.components if isinstance(part.component, CellComponent)]


def _quantity_maps(service: ServicePlan, common: Mapping[str, str]) -> Iterator[Map]:
    for component in _on_cells(service):
        flows = _flows(service, component)
        if flows:
            equation = flows[0].node.equation
            tags = _tags(service, "quantity", [component], common) | {"equation": equation.name}
            parts = tuple(Part(flow, component) for flow in flows)
            what = "_capacity" if component.limit else ""
            description = say(
                "engine.map_of_capacity" if component.limit else "engine.map_of",
                service=named(service.id),
                of=named(component.id),
            )
            yield Map(f"{service.id}.{component.id}{what}", equation.returns, description, tags, parts)


def _value_map(service: ServicePlan, plan: GridPlan, inputs: Inputs, common: Mapping[str, str]) -> Iterator[Map]:
    parts: list[Part] = []
    components: list[CellComponent] = []
    for component in _on_cells(service):
        if component.limit or component.money is None:
            # what counts is known by county only: a map of the capacity in money would show many times the account
            continue
        flows = _flows(service, component)
        prices = _prices(component, flows, plan, inputs)
        if np.isfinite(prices).any():
            parts += [Part(flow, component, prices) for flow in flows]
            components.append(component)
    if parts:
        tags = _tags(service, "value", components, common) | {"price_year": str(inputs.price_year)}
        description = say("engine.map_of", service=named(service.id), of=say("engine.value"))
        yield Map(f"{service.id}.value", VALUE_UNIT, description, tags, tuple(parts))


def _prices(component: CellComponent, flows: Sequence[Flow], plan: GridPlan, inputs: Inputs) -> Array:
    """The price of a component by zone and class; NaN where it is not counted or has none. Only zones of which the
    tables report something that goes into the price have one of their own.
    """
    assert component.money is not None
    pricing = component.money.pricing
    items = {component.looked_up(name) for name in (pricing.units if pricing else (component.money.price,))}
    own = {row.zone for row in inputs.statistics if row.item in items}
    prices = np.full((len(plan.zones.zones), len(plan.classes)), np.nan)
    for position, (ecosystem, land_class) in enumerate(plan.classes):
        if (ecosystem, land_class) == NO_LAND_COVER or not any(flow.is_counted[position] for flow in flows):
            continue

        def of_zone(zone: str, ecosystem: str = ecosystem, land_class: str = land_class) -> float:
            price, _ = inputs.numbers.price(component, Place(zone, ecosystem, land_class))
            return price.amount if price else np.nan

        prices[:, position] = of_zone("")
        for number, zone in enumerate(plan.zones.zones):
            if zone.code in own:
                prices[number, position] = of_zone(zone.code)
    return prices


def _tags(
    service: ServicePlan, measure: Measure, components: Sequence[CellComponent], common: Mapping[str, str]
) -> dict[str, str]:
    unseen: list[Text] = []
    if any(component.limit for component in components):
        unseen.append(say("engine.before_caps"))
    if any(component.clip == "ecosystem" for component in components):
        unseen.append(say("engine.before_clipping"))
    of_units = [part.component.id for part in service.components if not isinstance(part.component, CellComponent)]
    if of_units and measure == "value":
        unseen.append(say("engine.without_units", names=of_units))
    texts = {
        "service": Text(service.id, named(service.id).zh),
        "border_cells": say("engine.largest_piece"),
        "rules_on_totals": joined(unseen, "; ", "；"),
    }
    return {
        **common,
        "measure": measure,
        "components": ", ".join(component.id for component in components),
        **{key: str(text) for key, text in texts.items()},
        **{f"{key}_zh": text.zh for key, text in texts.items()},
    }


def plan_of_maps(plan: GridPlan, maps: Sequence[Map]) -> GridPlan:
    """The plan with the flows and layers of some maps alone."""
    drawn = {part.flow.key for made in maps for part in made.parts}
    flows = tuple(flow for flow in plan.flows if flow.key in drawn)
    needed = {name for flow in flows for name in plan.layer_names_of(flow)}
    layers = {name: layer for name, layer in plan.layers.items() if name in needed}
    return replace(plan, layers=layers, flows=flows)


def numbers_at(values: Values, part: Part, complete: dict[tuple[str, ...], NDArray[np.bool_]]) -> Array:
    """What a part shows at the pieces of its classes: NaN where nothing, or where one of its layers is missing.
    `complete` keeps which pieces have some layers, for the next part.
    """
    pieces, steps = values.pieces, values.steps.by_key[part.flow.key]
    of_classes = values.part(part.flow.is_counted)
    density, piece = part.flow.counted(values.density(steps, of_classes)), of_classes.piece
    number = part.number(density, pieces.zone[piece], pieces.land_class[piece])
    is_shown = np.isfinite(number)
    if gaps := values.gaps(steps):
        if gaps not in complete:
            complete[gaps] = np.logical_and.reduce([values.present(name) for name in gaps])
        is_shown &= complete[gaps][piece]
    return number if is_shown.all() else np.where(is_shown, number, np.nan)
