"""From opened inputs to a plan for the engine: which services can be computed, from what, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from gep.core.units import linear
from gep.derivations import DERIVATIONS
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.derived import DerivedLayer, daily_extremes, daily_inputs, derive, resolution, share_lattice
from gep.inputs.grids.layers import Layer
from gep.inputs.items import item_units
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.inputs.tables import item_by_zone
from gep.plan.cell_checks import CELL_CHECKS
from gep.plan.plan import Flow, GridPlan
from gep.plan.units import reported_units
from gep.plan.wiring import (
    CALENDAR,
    CLASS_ATTRIBUTES,
    OF_DAYS,
    ClassInput,
    Computed,
    LayerInput,
    TableInput,
    Wiring,
    choose_way,
    coefficients_of,
    days_of,
    leaves,
    months_of,
    quantities_of,
)
from gep.services import SERVICES
from gep.standards.classes import is_vegetated
from gep.standards.coefficients import Found
from gep.standards.overlaps import check_overlaps
from gep.standards.rules import Rule

COARSER_BY_ROUNDING = 1.001
"""A grid of one arc second may be a hair above its nominal size in metres."""

OF_FINE_TERRAIN = {
    "slope": ("soil_retention", "slopes are far too gentle, and what rests on them is far too small"),
    "squared_relief": (
        "sand_fixation",
        "the relief of a wider neighbourhood is another figure, and the roughness factor that rests on it",
    ),
}
"""Layers that an elevation grid must be fine for: the service whose switch `terrain` accepts a coarse one, and what
comes of it.
"""


Array = NDArray[np.float64]
Reason = Literal["no_input", "no_coefficient", "off", "low_coverage", "no_equation"]


@dataclass(frozen=True)
class PlannedComponent:
    """A component of a service with the flows that give its quantity (none where it comes from tables or cannot be
    computed).
    """

    component: Component
    flows: tuple[Flow, ...] = ()
    found: Mapping[tuple[str, str], tuple[Found, ...]] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedService:
    """A service of the profile: what will be computed, or the reason why nothing will be."""

    rule: Rule
    service: Service | None
    components: tuple[PlannedComponent, ...] = ()
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
    services: tuple[PlannedService, ...]
    problems: tuple[Problem, ...] = ()


def make_plan(opened: Inputs, *, all_layers: bool = False) -> StudyPlan:
    """Decide what is computed. With `all_layers` every given layer is read and tested, whether a service needs it or
    not (what `check` does).
    """
    if opened.land_cover is None or opened.zones is None or opened.grid is None:
        raise GepError("Land cover and zones are needed before anything can be planned.")
    numbers = opened.scheme.by_number()
    pairs = sorted(set(numbers.values()))
    classes = (*pairs, NO_LAND_COVER)
    codes = np.array(sorted(numbers), dtype=np.int64)
    position = {pair: index for index, pair in enumerate(classes)}
    class_of_code = np.array([position[numbers[int(code)]] for code in codes], dtype=np.intp)
    planner = _Planner(opened, classes)
    services = tuple(planner.service(rule) for rule in opened.profile.rules.values())
    flows = tuple(flow for s in services for c in s.components for flow in c.flows)
    needed = {leaf.name for flow in flows for leaf in leaves(flow.node) if isinstance(leaf, LayerInput)}
    if all_layers:
        needed |= {name for name, layer in opened.layers.items() if not layer.is_daily}
    layers = {name: layer for name, layer in {**opened.layers, **planner.derived}.items() if name in needed}
    layers |= _tested_days(opened, layers, all_layers=all_layers)
    checks = tuple(check for check in CELL_CHECKS if set(check.layers) <= set(layers))
    plan = GridPlan(
        grid=opened.grid,
        zones=opened.zones,
        mode=opened.mode,
        land_cover=opened.land_cover,
        codes=codes,
        class_of_code=class_of_code,
        classes=classes,
        layers=layers,
        kinds={name: layer_kinds()[name] for name in layers},
        flows=flows,
        class_values=planner.class_values,
        zone_values=planner.zone_values,
        checks=checks,
        calendar={name: np.array(days)[:, None] for name, days in months_of(opened.spec.year).items()},
        patches=tuple(
            dict.fromkeys(
                part.component.patches
                for service in services
                for part in service.components
                if isinstance(part.component, UnitComponent) and part.component.patches
            )
        ),
    )
    problems = [
        p for p in planner.problems if p.code != "G09" or p.subject in layers
    ]  # a coarse terrain that nothing rests on is no matter
    if opened.profile.kind == "monetary":
        problems += check_overlaps(_valued_flows(services), opened.profile.overlaps)
    return StudyPlan(plan, services, tuple(dict.fromkeys(problems)))


def _wanting(rule: Rule, service: Service, settings: Mapping[str, str]) -> Rule:
    """The rule under the methods of a study: a component that only they bring in is counted where the profile would
    take it if supplied.
    """
    usual = {component.id for component in service.components(service.settings(rule.methods))}
    components = dict(rule.components)
    for component in service.components(settings):
        if component.id not in usual:
            components[component.id] = {"counts": rule.cells(component.id), "if_supplied": ()}
    return replace(rule, components=components)


def _valued_flows(services: Sequence[PlannedService]) -> list[str]:
    """The flows that a total would hold: what is computed and has a price."""
    active = [s for s in services if s.service and s.is_applicable and s.reason is None]
    products = [s.id for s in active if s.service and s.service.products]
    return products + [f"{s.id}/{part.component.id}" for s in active for part in s.components if part.component.money]


def _tested_days(opened: Inputs, layers: Mapping[str, Layer], *, all_layers: bool) -> dict[str, Layer]:
    """What stands for the daily layers: they do not come to the grid, but a fill number among their days would be lost
    in a sum.
    """
    used = {name for layer in layers.values() for name in daily_inputs(layer)}
    days = {name: layer for name, layer in opened.layers.items() if layer.is_daily and (all_layers or name in used)}
    return {name: daily_extremes(layer) for name, layer in days.items()}


class _Planner:
    def __init__(self, opened: Inputs, classes: tuple[tuple[str, str], ...]) -> None:
        self.opened = opened
        self.classes = classes
        self.class_values: dict[tuple[str, str], Array] = {}
        self.zone_values: dict[tuple[str, str], Array] = {}
        self.derived: dict[str, DerivedLayer] = {}
        self.problems: list[Problem] = []
        self._found: dict[str, dict[tuple[str, str], Found]] = {}
        self._localised: dict[str, DerivedLayer] = {}
        self._settings = {name: opened.settings(name) for name in SERVICES}
        self._refused = self._coarse_terrain()
        sides = {"terrain_cell_size": "elevation", "upslope_cell_size": "upslope_area"}
        self._constants = {
            name: resolution(opened.layers[layer]) for name, layer in sides.items() if layer in opened.layers
        }
        self._constants["days_per_year"] = days_of(opened.spec.year)

    def service(self, rule: Rule) -> PlannedService:
        spec = self.opened.spec
        service = SERVICES.get(rule.service)
        if rule.service in spec.not_applicable:
            return PlannedService(rule, service, detail=spec.not_applicable[rule.service], is_applicable=False)
        if rule.service in spec.off:
            return PlannedService(rule, service, reason="off", detail=spec.off[rule.service])
        if rule.off and rule.service not in spec.methods:  # to choose a method of a service is to want it
            return PlannedService(rule, service, reason="off", detail=rule.off)
        if service is None:
            return PlannedService(
                rule, service, reason="no_equation", detail="this version of gep has no equation for it yet"
            )
        settings = self.opened.settings(service.id)
        rule = _wanting(rule, service, settings)
        if service.products:
            return self._from_tables(rule, service, settings)
        planned, lacking = [], []
        for component in (c for c in service.components(settings) if not rule.only or c.id in rule.only):
            result, missed = self._component(rule, service, component, settings)
            planned.append(result)
            lacking.extend(missed)
        if lacking:
            return PlannedService(
                rule, service, tuple(planned), settings, "no_input", "; ".join(dict.fromkeys(lacking))
            )
        return PlannedService(rule, service, tuple(planned), settings)

    def _from_tables(self, rule: Rule, service: Service, settings: Mapping[str, str]) -> PlannedService:
        if any(s.service == service.id for s in self.opened.statistics):
            return PlannedService(rule, service, (), settings)
        detail = f"no rows of `{service.id}` or `{service.id}/<product>` in the tables"
        return PlannedService(rule, service, (), settings, "no_input", detail)

    def _component(
        self, rule: Rule, service: Service, component: Component, settings: Mapping[str, str]
    ) -> tuple[PlannedComponent, list[str]]:
        if not isinstance(component, CellComponent):
            lacking = self._lacking_of_totals(rule, component)
            return PlannedComponent(component, lacking=tuple(lacking)), lacking
        lacking = []
        if component.limit and not item_by_zone(self.opened.statistics, component.limit):
            lacking.append(f"`{component.limit}` is not in the tables")
        ways, unfound = self._wiring(service).connect(component.density, component.wiring)
        if not ways:
            lacking += [u.detail for u in unfound]
            return PlannedComponent(component, lacking=tuple(lacking)), lacking
        for leaf in (leaf for way in ways for leaf in leaves(way)):
            self._fill(leaf)
        how = [rule.counted(*pair, component.id) if pair != NO_LAND_COVER else None for pair in self.classes]
        chosen = [
            self._way_for(pair, ways, is_own=counted == "if_supplied") if counted else None
            for pair, counted in zip(self.classes, how, strict=True)
        ]
        flows, found = [], {}
        for variant, way in enumerate(ways):
            mask = np.array([choice == variant for choice in chosen])
            if mask.any() or (variant == 0 and not any(choice is not None for choice in chosen)):
                flows.append(Flow(service.id, component.id, way, mask, variant, component.clip == "cell"))
                names = self._coefficients_of(way)
                for pair in (pair for pair, is_here in zip(self.classes, mask, strict=True) if is_here):
                    found[pair] = tuple(row for name in names if (row := self.look_up(name).get(pair)))
        return PlannedComponent(component, tuple(flows), found, tuple(lacking)), lacking

    def _lacking_of_totals(self, rule: Rule, component: ComponentOfUnits) -> list[str]:
        """Why a component that is made of totals of accounting units cannot be computed."""
        has_patches = isinstance(component, UnitComponent) and component.patches
        if not reported_units(self.opened.statistics, component) and not has_patches:
            part = "/<name>" if component.per == "feature" else ""
            return [f"`{component.extent}{part}` is not in the tables"]
        if isinstance(component, ReportedComponent):
            return []
        lacking = []
        reported = {s.item.partition("/")[0] for s in self.opened.statistics}
        for argument in component.total.units:
            name = component.looked_up(argument)
            made = [a for equation in (component.series.get(argument),) if equation for a in equation.units]
            if name != component.extent and not {name, *made} & reported and not self._has_row(rule, component, name):
                regions = dict.fromkeys(
                    row.region for row in self.opened.coefficients.rows if row.name == name and row.region
                )
                where = f" (rows for the regions {', '.join(regions)}: set `region` in [study])" if regions else ""
                lacking.append(f"`{name}` is not in the tables, and no coefficient gives it{where}")
        return lacking

    def _has_row(self, rule: Rule, component: Component, name: str) -> bool:
        spec = self.opened.spec
        cells = [cell.partition("/") for cell in rule.cells(component.id)]
        return any(
            self.opened.coefficients.lookup(name, cell[0], cell[2], spec.region, spec.year)
            for cell in [*cells, ("", "", "")]
        )

    def _wiring(self, service: Service) -> Wiring:
        others: dict[str, str] = {}
        for settings in self._settings.values():
            others.update(settings)
        return Wiring(
            layers=tuple(self.opened.layers),
            items=tuple(item for item in item_units() if item_by_zone(self.opened.statistics, item)),
            coefficients=self.opened.coefficients.names,
            derivations=DERIVATIONS,
            methods={**others, **self._settings[service.id]},
            quantities=quantities_of(SERVICES.values(), self._settings),
            refused=self._refused,
            constants=self._constants,
            localise=self._localise,
        )

    def _way_for(self, pair: tuple[str, str], ways: Sequence[Computed], *, is_own: bool) -> int | None:
        return choose_way(
            ways,
            lambda name: self.look_up(name).get(pair),
            set(self.opened.coefficients.tables[0]),
            self._constants,
            is_own=is_own,
        )

    def _coefficients_of(self, way: Computed) -> list[str]:
        return coefficients_of(way, self._constants)

    def _coarse_terrain(self) -> dict[str, str]:
        """Why a slope or a relief is not derived from this elevation; empty where it may be. A coarse one accepted in
        words is warned about.
        """
        elevation = self.opened.layers.get("elevation")
        limit = self.opened.coefficients.lookup("terrain_resolution_limit")
        if elevation is None or limit is None:
            return {}
        found, allowed = resolution(elevation), limit.row.to("m")
        if found <= allowed * COARSER_BY_ROUNDING:
            return {}
        reasons = {}
        for layer, (service, consequence) in OF_FINE_TERRAIN.items():
            if layer in self.opened.layers:
                continue
            if self._settings[service]["terrain"] == "accept_coarse":
                message = f"{layer} is made from an elevation grid of {found:,.0f} m; {consequence}."
                do = f"Use an elevation grid of 30 m or so. Accepted by `{service}.terrain`."
                self.problems.append(
                    Problem(
                        "G09",
                        "warning",
                        layer,
                        message,
                        elevation.place,
                        f"{found:,.0f} m",
                        f"{allowed:g} m or finer",
                        do,
                    )
                )
            else:
                reasons[layer] = (
                    f"it is not made from an elevation grid of {found:,.0f} m: {allowed:g} m or finer is needed, "
                    f'or {service}.terrain = "accept_coarse"'
                )
        return reasons

    def _localise(self, way: Computed) -> LayerInput | None:
        """A derivation on the grid of its layers, as a layer: where it needs neighbours, days, or where all it needs
        shares one coarse grid.
        """
        if way.derivation is None:
            return None
        inputs = {leaf.name: self._layer(leaf.name) for leaf in way.inputs if isinstance(leaf, LayerInput)}
        constants = {leaf.name: self._constant(leaf) for leaf in way.inputs if isinstance(leaf, ClassInput)}
        is_daily = any(name.startswith(OF_DAYS) for name in inputs)
        if (
            not inputs
            or len(inputs) + len(constants) != len(way.inputs)
            or any(value is None for value in constants.values())
        ):
            return None
        if not (
            way.derivation.of_neighbours
            or way.derivation.on_own_grid
            or is_daily
            or self._is_coarse(list(inputs.values()))
        ) or not share_lattice(list(inputs.values())):
            return None
        name = way.derivation.makes
        if name not in layer_kinds():
            return None
        key = f"{name}:{way.equation.name}"
        if key not in self._localised:
            numbers = {name: value for name, value in constants.items() if value is not None}
            self._localised[key] = derive(
                name,
                layer_kinds()[name].unit,
                way.equation,
                inputs,
                numbers,
                of_neighbours=bool(way.derivation.of_neighbours),
            )
        if self.derived.setdefault(name, self._localised[key]) is not self._localised[key]:
            return None  # the same layer made another way: that one is computed cell by cell
        before = [d for leaf in way.inputs if isinstance(leaf, LayerInput) for d in leaf.derivations]
        return LayerInput(name, (*before, way.derivation))

    def _layer(self, name: str) -> Layer:
        return self.opened.layers[name] if name in self.opened.layers else self.derived[name]

    def _is_coarse(self, layers: list[Layer]) -> bool:
        """Whether layers are interpolated to the grid, so that it matters where an equation is evaluated."""
        assert self.opened.grid is not None
        return all(resampling_for(layer, self.opened.grid) == "bilinear" for layer in layers)

    def _constant(self, leaf: ClassInput) -> float | None:
        """A coefficient that is the same everywhere; None where it depends on the class."""
        if leaf.name in CALENDAR:
            return 0.0  # filled in along the day axis
        if leaf.name in self._constants:
            return self._constants[leaf.name]
        if leaf.name in CLASS_ATTRIBUTES:
            return None
        rows = [row for row in self.opened.coefficients.rows if row.name == leaf.name]
        found = self.opened.coefficients.lookup(leaf.name, "", "", self.opened.spec.region, self.opened.spec.year)
        return found.row.to(leaf.unit) if found and not any(row.ecosystem for row in rows) else None

    def _fill(self, leaf: object) -> None:
        """Put the numbers of a coefficient by class, or of a table item by zone, into the plan."""
        if isinstance(leaf, ClassInput) and (leaf.name, leaf.unit) not in self.class_values:
            if leaf.name in CLASS_ATTRIBUTES:
                self.class_values[leaf.name, leaf.unit] = np.array([is_vegetated(*pair) for pair in self.classes])
                return
            if leaf.name in self._constants:
                self.class_values[leaf.name, leaf.unit] = np.full(len(self.classes), self._constants[leaf.name])
                return
            found = self.look_up(leaf.name)
            self.class_values[leaf.name, leaf.unit] = np.array(
                [found[pair].row.to(leaf.unit) if pair in found else np.nan for pair in self.classes], dtype=np.float64
            )
        if isinstance(leaf, TableInput) and (leaf.name, leaf.unit) not in self.zone_values:
            assert self.opened.zones is not None
            numbers = item_by_zone(self.opened.statistics, leaf.name)
            of_city = numbers.get(
                CITY, np.nan
            )  # what goes into a density is no total: what holds for the whole area holds in every zone
            in_item_unit = np.array(
                [numbers.get(zone.code, of_city) for zone in self.opened.zones.zones], dtype=np.float64
            )
            scale, offset = linear(item_units()[leaf.name], leaf.unit)
            self.zone_values[leaf.name, leaf.unit] = in_item_unit * scale + offset

    def look_up(self, name: str) -> dict[tuple[str, str], Found]:
        """The rows of a coefficient by class."""
        if name not in self._found:
            spec = self.opened.spec
            found = {
                pair: self.opened.coefficients.lookup(name, *pair, spec.region, spec.year)
                for pair in self.classes
                if pair != NO_LAND_COVER
            }
            self._found[name] = {pair: row for pair, row in found.items() if row}
        return self._found[name]
