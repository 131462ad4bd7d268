"""From opened inputs to a plan for the engine: which services can be computed, from what, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gep.catalog import Component, LayerKind, Service, layer_kinds
from gep.checks.cells import CELL_CHECKS
from gep.coefficients import Found, is_vegetated
from gep.derivations import DERIVATIONS
from gep.engine import Flow, Plan
from gep.errors import GepError
from gep.opening import NO_LAND_COVER, Opened
from gep.profile import Rule
from gep.services import SERVICES
from gep.tables import item_by_zone, item_units
from gep.wiring import CLASS_ATTRIBUTES, ClassInput, Computed, LayerInput, TableInput, Wiring, derivations_of, leaves

Array = NDArray[np.float64]
Reason = Literal["no_input", "no_coefficient", "off", "low_coverage", "no_equation"]


@dataclass(frozen=True)
class PlannedComponent:
    """A component of a service with the flow that gives its quantity (None where it comes from tables or cannot be computed)."""

    component: Component
    flow: Flow | None
    found: Mapping[tuple[str, str], tuple[Found, ...]] = field(default_factory=dict)


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
class Planned:
    """The plan for the engine and what it means for each service of the profile."""

    plan: Plan
    services: tuple[PlannedService, ...]


def make_plan(opened: Opened, *, all_layers: bool = False) -> Planned:
    """Decide what is computed. With `all_layers` every given layer is read and tested, whether a service needs it or not (what `check` does)."""
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
    flows = tuple(c.flow for s in services for c in s.components if c.flow)
    needed = {leaf.name for flow in flows for leaf in leaves(flow.node) if isinstance(leaf, LayerInput)}
    if all_layers:
        needed = set(opened.layers)
    checks = tuple(check for check in CELL_CHECKS if set(check.layers) <= needed)
    plan = Plan(
        grid=opened.grid,
        zones=opened.zones,
        mode=opened.mode,
        land_cover=opened.land_cover,
        codes=codes,
        class_of_code=class_of_code,
        classes=classes,
        layers={name: layer for name, layer in opened.layers.items() if name in needed},
        kinds={name: kind_of(name) for name in needed},
        flows=flows,
        class_values=planner.class_values,
        zone_values=planner.zone_values,
        checks=checks,
    )
    return Planned(plan, services)


def kind_of(layer: str) -> LayerKind:
    """What the vocabulary says of a layer as it is named among inputs."""
    return layer_kinds()[layer]


class _Planner:
    def __init__(self, opened: Opened, classes: tuple[tuple[str, str], ...]) -> None:
        self.opened = opened
        self.classes = classes
        self.class_values: dict[str, Array] = {}
        self.zone_values: dict[str, Array] = {}
        self._found: dict[str, dict[tuple[str, str], Found]] = {}

    def service(self, rule: Rule) -> PlannedService:
        spec = self.opened.spec
        service = SERVICES.get(rule.service)
        if rule.service in spec.not_applicable:
            return PlannedService(rule, service, detail=spec.not_applicable[rule.service], is_applicable=False)
        if rule.service in spec.off:
            return PlannedService(rule, service, reason="off", detail=spec.off[rule.service])
        if rule.off:
            return PlannedService(rule, service, reason="off", detail=rule.off)
        if service is None:
            return PlannedService(rule, service, reason="no_equation", detail="this version of gep has no equation for it yet")
        settings = self.opened.settings(service.id)
        if service.products:
            return self._from_tables(rule, service, settings)
        planned, lacking = [], []
        for component in service.components(settings):
            result, missed = self._component(rule, service, component, settings)
            planned.append(result)
            lacking.extend(missed)
        if lacking:
            return PlannedService(rule, service, tuple(planned), settings, "no_input", "; ".join(dict.fromkeys(lacking)))
        return PlannedService(rule, service, tuple(planned), settings)

    def _from_tables(self, rule: Rule, service: Service, settings: Mapping[str, str]) -> PlannedService:
        if any(s.service == service.id for s in self.opened.statistics):
            return PlannedService(rule, service, (), settings)
        detail = f"no rows of `{service.id}` or `{service.id}/<product>` in the tables"
        return PlannedService(rule, service, (), settings, "no_input", detail)

    def _component(
        self, rule: Rule, service: Service, component: Component, settings: Mapping[str, str]
    ) -> tuple[PlannedComponent, list[str]]:
        lacking = []
        if component.limit and not item_by_zone(self.opened.statistics, component.limit):
            lacking.append(f"`{component.limit}` is not in the tables")
        if component.density is None:
            return PlannedComponent(component, None), lacking
        wiring = Wiring(
            layers=tuple(self.opened.layers),
            items=tuple(item for item in item_units() if item_by_zone(self.opened.statistics, item)),
            coefficients=self.opened.coefficients.names,
            derivations=DERIVATIONS,
            methods=settings,
        )
        node, unfound = wiring.connect(component.density, component.wiring)
        if node is None:
            coefficients = {row.name for row in self.opened.coefficients.rows}
            words = [u.detail if u.name not in coefficients else f"{u.name} has no coefficient" for u in unfound]
            return PlannedComponent(component, None), [*lacking, *words]
        for leaf in leaves(node):
            self._fill(leaf)
        flow = Flow(service.id, component.id, node, self._counted(rule, component, node))
        return PlannedComponent(component, flow, self._rows_used(node, flow)), lacking

    def _fill(self, leaf: object) -> None:
        """Put the numbers of a coefficient by class, or of a table item by zone, into the plan."""
        if isinstance(leaf, ClassInput) and leaf.name not in self.class_values:
            if leaf.name in CLASS_ATTRIBUTES:
                self.class_values[leaf.name] = np.array([is_vegetated(*pair) for pair in self.classes])
                return
            found = self.look_up(leaf.name)
            self.class_values[leaf.name] = np.array(
                [found[pair].row.to(leaf.unit) if pair in found else np.nan for pair in self.classes], dtype=np.float64
            )
        if isinstance(leaf, TableInput) and leaf.name not in self.zone_values:
            assert self.opened.zones is not None
            numbers = item_by_zone(self.opened.statistics, leaf.name)
            self.zone_values[leaf.name] = np.array([numbers.get(zone.code, np.nan) for zone in self.opened.zones.zones], dtype=np.float64)

    def look_up(self, name: str) -> dict[tuple[str, str], Found]:
        """The rows of a coefficient by class."""
        if name not in self._found:
            spec = self.opened.spec
            found = {
                pair: self.opened.coefficients.lookup(name, *pair, spec.region, spec.year) for pair in self.classes if pair != NO_LAND_COVER
            }
            self._found[name] = {pair: row for pair, row in found.items() if row}
        return self._found[name]

    def _counted(self, rule: Rule, component: Component, node: Computed) -> NDArray[np.bool_]:
        names = [leaf.name for leaf in leaves(node) if isinstance(leaf, ClassInput) and leaf.name not in CLASS_ATTRIBUTES]

        def is_counted(pair: tuple[str, str]) -> bool:
            if pair == NO_LAND_COVER:
                return False
            how = rule.counted(*pair, component.id)
            return how == "counted" or (how == "if_supplied" and self._is_supplied(pair, names))

        return np.array([is_counted(pair) for pair in self.classes])

    def _is_supplied(self, pair: tuple[str, str], names: Iterable[str]) -> bool:
        """Whether the study's own coefficients say what a class needs, the profile's filling in the rest."""
        own = {row.place for row in self.opened.coefficients.tables[0]}
        rows = [self.look_up(name).get(pair) for name in names]
        return all(rows) and any(found and found.row.place in own and found.matched != "any" for found in rows)

    def _rows_used(self, node: Computed, flow: Flow) -> dict[tuple[str, str], tuple[Found, ...]]:
        names = [leaf.name for leaf in leaves(node) if isinstance(leaf, ClassInput) and leaf.name not in CLASS_ATTRIBUTES]
        return {
            pair: tuple(found for name in names if (found := self.look_up(name).get(pair)))
            for pair, counted in zip(self.classes, flow.is_counted, strict=True)
            if counted
        }


def derivation_names(planned: PlannedComponent) -> tuple[str, ...]:
    """The derivations behind a component, as results name them."""
    return tuple(d.equation.name for d in derivations_of(planned.flow.node)) if planned.flow else ()
