"""What each land class gets of a component on cells: counted or not, and by which way of finding its arguments.

A run on files and `gep.ecosystems.<ecosystem>.compute` on arrays both plan here, from the names of what they have: no
file is open for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from gep.core.catalog import CellComponent, Component, Derivation, Service
from gep.core.equation import Equation
from gep.core.messages import Text, joined
from gep.core.parts import derivations_of, holder_of
from gep.core.translation import translated
from gep.derivations import DERIVATIONS
from gep.plan.wiring import Computed, LayerInput, Wiring, choose_way, coefficients_of, quantities_of
from gep.services import SERVICES
from gep.standards.coefficients import Coefficients, Found
from gep.standards.profile import Profile
from gep.standards.rules import Rule, settings_of

Cell = tuple[str, str]
"""An ecosystem and a class of it."""


@dataclass(frozen=True, eq=False)
class Sources:
    """What planning knows of a study: the names of its layers and table items, its coefficients (its own before those
    of the profile), and what it chooses.

    `year` is None where arrays are of no year. `constants`, `refused` and `localise` are those of `Wiring`.
    """

    profile: Profile
    layers: tuple[str, ...]
    coefficients: Coefficients
    methods: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    region: str = ""
    year: int | None = None
    items: tuple[str, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, Text] = field(default_factory=dict)
    localise: Callable[[Computed], LayerInput | None] = lambda _: None

    @cached_property
    def settings(self) -> Mapping[str, Mapping[str, str]]:
        """Every switch of every service: the study's choice, the profile's, or the default."""
        return {name: settings_of(name, self.profile.rules.get(name), self.methods) for name in self.services}

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """The services that have equations: ours, and those of the parts from outside that hold for the profile."""
        return {name: service for name, service in SERVICES.items() if holder_of(name) in ("", *self.profile.parts)}

    @cached_property
    def derivations(self) -> tuple[Derivation, ...]:
        """What may make a layer: by ways of ours first, then by those of the parts that hold."""
        return (*DERIVATIONS, *derivations_of(self.profile.parts))

    @cached_property
    def quantities(self) -> Mapping[str, Equation]:
        return quantities_of(self.services.values(), self.settings)

    @cached_property
    def _wirings(self) -> dict[str, Wiring]:
        return {}

    def wiring(self, service: str) -> Wiring:
        """Where the arguments of a service may come from: its own switches come before those of others."""
        if service not in self._wirings:
            self._wirings[service] = self._wiring(service)
        return self._wirings[service]

    def _wiring(self, service: str) -> Wiring:
        others = {name: option for settings in self.settings.values() for name, option in settings.items()}
        return Wiring(
            layers=self.layers,
            items=self.items,
            coefficients=self.coefficients.names,
            derivations=self.derivations,
            methods={**others, **self.settings[service]},
            quantities=self.quantities,
            refused=self.refused,
            constants=self.constants,
            localise=self.localise,
        )

    def look_up(self, name: str, cell: Cell) -> Found | None:
        """The row of a coefficient that holds for a class."""
        return self.coefficients.lookup(name, *cell, self.region, self.year)

    def coefficients_of(self, way: Computed) -> list[str]:
        """The coefficients that a way needs."""
        return coefficients_of(way, self.constants)

    def rows_of(self, way: Computed, cell: Cell) -> tuple[Found, ...]:
        """The rows that a way rests on for a class."""
        return tuple(row for name in self.coefficients_of(way) if (row := self.look_up(name, cell)))

    def why_off(self, rule: Rule) -> Text | None:
        """Why a profile leaves a service out; None where it does not, or where the study chooses a method of the
        service: to choose one is to want it.
        """
        return translated(rule.off) if rule.off and rule.service not in self.methods else None

    def wanted(self, rule: Rule, service: Service) -> tuple[Rule, tuple[Component, ...]]:
        """The components of a service that count, and the rule under the methods of the study: a component that only
        they bring in is counted where the profile would take it if supplied.
        """
        components = service.components(self.settings[service.id])
        usual = {component.id for component in service.components(service.settings(rule.methods))}
        brought_in = {
            component.id: {"counts": rule.cells(component.id), "if_supplied": ()}
            for component in components
            if component.id not in usual
        }
        kept = tuple(component for component in components if not rule.only or component.id in rule.only)
        return replace(rule, components={**rule.components, **brought_in}), kept


@dataclass(frozen=True)
class DensityPlan:
    """The ways to compute the density of a component, and which of them each class takes.

    Classes that do not count are not in `chosen`. `unsupplied` are those that would count if the study gave the
    coefficients itself, and does not. Without any way `unfound` says why.
    """

    ways: tuple[Computed, ...]
    chosen: Mapping[Cell, int]
    unsupplied: tuple[Cell, ...] = ()
    unfound: tuple[Text, ...] = ()

    @property
    def reason(self) -> Text:
        """Why there is no way, as one text."""
        return joined(list(dict.fromkeys(self.unfound)), "; ", "；")


def plan_density(
    sources: Sources, rule: Rule, service: Service, component: CellComponent, cells: Sequence[Cell]
) -> DensityPlan:
    """How the density of a component is computed for each of some classes that counts."""
    ways, unfound = sources.wiring(service.id).connect(component.density, component.wiring)
    if not ways:
        return DensityPlan((), {}, (), tuple(missed.detail for missed in unfound))
    own, needs = set(sources.coefficients.tables[0]), [sources.coefficients_of(way) for way in ways]
    chosen: dict[Cell, int] = {}
    unsupplied = []
    for cell in cells:
        counted = rule.counted(*cell, component.id)
        if counted is None:
            continue

        def look_up(name: str, cell: Cell = cell) -> Found | None:
            return sources.look_up(name, cell)

        choice = choose_way(needs, look_up, own, is_own=counted == "if_supplied")
        if choice is None:
            unsupplied.append(cell)
        else:
            chosen[cell] = choice
    return DensityPlan(tuple(ways), chosen, tuple(unsupplied))
