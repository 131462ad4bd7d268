"""From inputs to a plan for the engine: which services can be computed, from what, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gep.core.catalog import (
    CellComponent,
    Component,
    ComponentOfUnits,
    ReportedComponent,
    Service,
    UnitComponent,
    layer_kinds,
)
from gep.core.errors import GepError, Problem
from gep.core.keys import CITY
from gep.core.messages import Text, joined, say
from gep.core.parts import needed
from gep.core.units import linear
from gep.inputs.grids.derived import daily_extremes, daily_inputs
from gep.inputs.grids.layers import Layer
from gep.inputs.items import item_units
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.inputs.tables import item_by_zone
from gep.plan.cell_checks import CELL_CHECKS
from gep.plan.own_grid import OwnGrids, cell_sides, coarse_terrain
from gep.plan.plan import Flow, GridPlan
from gep.plan.units import reported_units
from gep.plan.ways import Cell, Sources, plan_density
from gep.plan.wiring import CLASS_ATTRIBUTES, ClassInput, LayerInput, TableInput, days_of, leaves, months_of
from gep.standards.classes import is_vegetated
from gep.standards.coefficients import Coefficients, Found
from gep.standards.overlaps import check_overlaps
from gep.standards.rules import Rule
from gep.standards.schemes import Scheme

Array = NDArray[np.float64]
Reason = Literal["no_input", "no_coefficient", "off", "low_coverage", "no_equation"]


@dataclass(frozen=True)
class ComponentPlan:
    """A component of a service with the flows that give its quantity (none where it comes from tables or cannot be
    computed).
    """

    component: Component
    flows: tuple[Flow, ...] = ()
    found: Mapping[Cell, tuple[Found, ...]] = field(default_factory=dict)
    lacking: tuple[Text, ...] = ()
    not_made: Mapping[str, Text] = field(default_factory=dict)
    """What would make a layer for which only some classes have a coefficient, by its name."""


@dataclass(frozen=True)
class ServicePlan:
    """A service of the profile: what will be computed, or the reason why nothing will be."""

    rule: Rule
    service: Service | None
    components: tuple[ComponentPlan, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    reason: Reason | None = None
    detail: str = ""
    is_applicable: bool = True

    @property
    def id(self) -> str:
        return self.rule.service


@dataclass(frozen=True)
class StudyPlan:
    """The plan for the engine, what it means for each service of the profile, and what must be said about it."""

    plan: GridPlan
    services: tuple[ServicePlan, ...]
    problems: tuple[Problem, ...] = ()


def make_plan(inputs: Inputs, *, all_layers: bool = False) -> StudyPlan:
    """Decide what is computed. With `all_layers` every given layer is read and tested on every square that is looked
    at, whether a service needs it or not (what `check` does).
    """
    if inputs.land_cover is None or inputs.zones is None or inputs.grid is None:
        raise GepError(say("plan.nothing_to_plan"))
    needed(inputs.parts)
    codes, class_of_code, classes = _classes(inputs.scheme)
    planner = _Planner(inputs, classes)
    services = tuple(planner.service(rule) for rule in inputs.profile.rules.values())
    parts = [part for service in services for part in service.components]
    flows = tuple(flow for part in parts for flow in part.flows)
    layers = _layers(inputs, planner.own_grids.derived, flows, all_layers=all_layers)
    every = _layers(inputs, planner.own_grids.derived, flows, all_layers=True)
    beside = {name: layer for name, layer in every.items() if name not in layers}
    given = dict.fromkeys(chain.from_iterable(leaves(flow.node) for flow in flows))
    plan = GridPlan(
        grid=inputs.grid,
        zones=inputs.zones,
        mode=inputs.mode,
        land_cover=inputs.land_cover,
        codes=codes,
        class_of_code=class_of_code,
        classes=classes,
        layers=layers,
        beside=beside,
        kinds={name: layer_kinds()[name] for name in every},
        flows=flows,
        class_values={
            (leaf.name, leaf.unit): _by_class(planner.sources, classes, leaf)
            for leaf in given
            if isinstance(leaf, ClassInput)
        },
        zone_values={(leaf.name, leaf.unit): _by_zone(inputs, leaf) for leaf in given if isinstance(leaf, TableInput)},
        checks=tuple(check for check in CELL_CHECKS if set(check.layers) <= set(every)),
        calendar={name: np.array(days)[:, None] for name, days in months_of(inputs.spec.year).items()},
        patches=tuple(dict.fromkeys(kind for part in parts if (kind := _patches(part.component)))),
    )
    # a coarse terrain that nothing rests on is no matter
    problems = [problem for problem in planner.problems if problem.subject in layers]
    if inputs.profile.kind == "monetary":
        problems += check_overlaps(_flows_of_total(services), inputs.profile.overlaps)
    return StudyPlan(plan, services, tuple(dict.fromkeys(problems)))


def _classes(scheme: Scheme) -> tuple[NDArray[np.int64], NDArray[np.intp], tuple[Cell, ...]]:
    """The codes of the land cover, the position of the class of each, and the classes, that of no land cover last."""
    numbers = scheme.by_number()
    classes = (*sorted(set(numbers.values())), NO_LAND_COVER)
    codes = np.array(sorted(numbers), dtype=np.int64)
    position = {pair: index for index, pair in enumerate(classes)}
    return codes, np.array([position[numbers[int(code)]] for code in codes], dtype=np.intp), classes


def _layers(
    inputs: Inputs, derived: Mapping[str, Layer], flows: Sequence[Flow], *, all_layers: bool
) -> dict[str, Layer]:
    """The layers to read: those that flows rest on, or all that are given."""
    needed = {leaf.name for flow in flows for leaf in leaves(flow.node) if isinstance(leaf, LayerInput)}
    if all_layers:
        needed |= {name for name, layer in inputs.layers.items() if not layer.is_daily}
    layers = {name: layer for name, layer in {**inputs.layers, **derived}.items() if name in needed}
    return layers | _tested_days(inputs, layers, all_layers=all_layers)


def _tested_days(inputs: Inputs, layers: Mapping[str, Layer], *, all_layers: bool) -> dict[str, Layer]:
    """What stands for the daily layers: they do not come to the grid, but a fill number among their days would be lost
    in a sum.
    """
    used = {name for layer in layers.values() for name in daily_inputs(layer)}
    days = {name: layer for name, layer in inputs.layers.items() if layer.is_daily and (all_layers or name in used)}
    return {name: daily_extremes(layer) for name, layer in days.items()}


def _by_class(sources: Sources, classes: Sequence[Cell], leaf: ClassInput) -> Array:
    """The numbers of a coefficient, or of another property, by class; NaN where a class has none."""
    if leaf.name in CLASS_ATTRIBUTES:
        return np.array([is_vegetated(*cell) for cell in classes])
    if leaf.name in sources.constants:
        return np.full(len(classes), sources.constants[leaf.name])
    return values_by_class(sources.coefficients, classes, leaf.name, leaf.unit, sources.region, sources.year)


def values_by_class(
    coefficients: Coefficients, classes: Sequence[Cell], name: str, unit: str, region: str, year: int | None
) -> Array:
    """The numbers of a coefficient by class, in a unit; NaN where a class has none."""
    found = [coefficients.lookup(name, *cell, region, year) if cell != NO_LAND_COVER else None for cell in classes]
    return np.array([row.row.to(unit) if row else np.nan for row in found], dtype=np.float64)


def _by_zone(inputs: Inputs, leaf: TableInput) -> Array:
    """The figures of a table item by zone. What goes into a density is no total: what holds for the whole area holds in
    every zone.
    """
    assert inputs.zones is not None
    figures = item_by_zone(inputs.statistics, leaf.name)
    of_city = figures.get(CITY, np.nan)
    scale, offset = linear(item_units()[leaf.name], leaf.unit)
    return np.array([figures.get(zone.code, of_city) for zone in inputs.zones.zones], dtype=np.float64) * scale + offset


def _patches(component: Component) -> tuple[str, ...]:
    """The classes whose connected patches may be the features of a component."""
    return component.patches if isinstance(component, UnitComponent) else ()


def _flows_of_total(services: Sequence[ServicePlan]) -> list[str]:
    """The flows that a total would hold: what is computed and has a price."""
    active = [s for s in services if s.service and s.is_applicable and s.reason is None]
    products = [s.id for s in active if s.service and s.service.products]
    return products + [f"{s.id}/{part.component.id}" for s in active for part in s.components if part.component.money]


class _Planner:
    """What becomes of each service of a study."""

    def __init__(self, inputs: Inputs, classes: Sequence[Cell]) -> None:
        self.inputs, self.classes = inputs, classes
        constants = {**cell_sides(inputs.layers), "days_per_year": days_of(inputs.spec.year)}
        refused, self.problems = coarse_terrain(
            inputs.layers.get("elevation"), inputs.layers, inputs.coefficients, inputs.settings
        )
        self.own_grids = OwnGrids(inputs, constants)
        self.sources = Sources(
            inputs.profile,
            tuple(inputs.layers),
            inputs.coefficients,
            inputs.spec.methods,
            inputs.spec.region,
            inputs.spec.year,
            tuple(item for item in item_units() if item_by_zone(inputs.statistics, item)),
            constants,
            refused,
            self.own_grids.localise,
        )

    def service(self, rule: Rule) -> ServicePlan:
        """A service of the profile, with the reason where it is not computed."""
        spec, service = self.inputs.spec, self.sources.services.get(rule.service)
        if rule.service in spec.not_applicable:
            return ServicePlan(rule, service, detail=spec.not_applicable[rule.service], is_applicable=False)
        if rule.service in spec.off:
            return ServicePlan(rule, service, reason="off", detail=spec.off[rule.service])
        if off := self.sources.why_off(rule):
            return ServicePlan(rule, service, reason="off", detail=off)
        if service is None:
            return ServicePlan(rule, service, reason="no_equation", detail=say("plan.no_equation"))
        settings = self.sources.settings[service.id]
        rule, components = self.sources.wanted(rule, service)
        component_plans = () if service.products else tuple(self._component(rule, service, part) for part in components)
        lacking = dict.fromkeys(text for part in component_plans for text in part.lacking)
        if service.products and not any(row.base == service.id for row in self.inputs.statistics):
            lacking = dict.fromkeys([say("plan.no_rows", service=service.id)])
        if not lacking:
            return ServicePlan(rule, service, component_plans, settings)
        return ServicePlan(rule, service, component_plans, settings, "no_input", joined(list(lacking), "; ", "；"))

    def _component(self, rule: Rule, service: Service, component: Component) -> ComponentPlan:
        if not isinstance(component, CellComponent):
            return ComponentPlan(component, lacking=tuple(self._lacking_of_totals(rule, component)))
        lacking = []
        if component.limit and not item_by_zone(self.inputs.statistics, component.limit):
            lacking.append(say("plan.not_in_tables", item=component.limit))
        cells = [cell for cell in self.classes if cell != NO_LAND_COVER]
        density = plan_density(self.sources, rule, service, component, cells)
        flows: list[Flow] = []
        found: dict[Cell, tuple[Found, ...]] = {}
        for variant, way in enumerate(density.ways):
            mask = np.array([density.chosen.get(cell) == variant for cell in self.classes])
            if mask.any() or (variant == 0 and not density.chosen):
                flows.append(Flow(service.id, component.id, way, mask, variant, component.clip == "cell"))
            found |= {cell: self.sources.rows_of(way, cell) for cell in cells if density.chosen.get(cell) == variant}
        wiring = self.sources.wiring(service.id)
        stand_ins = {
            leaf.name: text
            for way in density.ways
            for leaf in leaves(way)
            if isinstance(leaf, ClassInput) and leaf.name in layer_kinds()
            if (text := wiring.not_made(leaf.name, leaf.unit))
        }
        return ComponentPlan(component, tuple(flows), found, (*lacking, *density.unfound), stand_ins)

    def _lacking_of_totals(self, rule: Rule, component: ComponentOfUnits) -> list[Text]:
        """Why a component that is made of totals of accounting units cannot be computed."""
        if not reported_units(self.inputs.statistics, component) and not _patches(component):
            part = "/<name>" if component.per == "feature" else ""
            return [say("plan.not_in_tables", item=f"{component.extent}{part}")]
        if isinstance(component, ReportedComponent):
            return []
        reported = {row.base for row in self.inputs.statistics}
        lacking = []
        for argument in component.total.units:
            name = component.looked_up(argument)
            made = component.series[argument].units if argument in component.series else {}
            if name != component.extent and not {name, *made} & reported and not self._has_row(rule, component, name):
                lacking.append(self._no_number(name))
        return lacking

    def _has_row(self, rule: Rule, component: Component, name: str) -> bool:
        pairs = [*(cell.pair for cell in rule.cells(component.id)), ("", "")]
        return any(self.sources.look_up(name, pair) for pair in pairs)

    def _no_number(self, name: str) -> Text:
        """That nothing gives a number, with the regions that rows are of."""
        rows = [row for row in self.inputs.coefficients.rows if row.name == name and row.region]
        if not rows:
            return say("plan.no_number", name=name)
        return say("plan.no_number_here", name=name, regions=list(dict.fromkeys(row.region for row in rows)))
