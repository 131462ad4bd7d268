"""Derivations that are computed on the grid of their layers, before they come to the grid of the study: those of
neighbours and days, those that must not be averaged first, and those of coarse layers that share one lattice.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from gep.core.catalog import layer_kinds
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.derived import DerivedLayer, derive, resolution, share_lattice
from gep.inputs.grids.layers import Layer
from gep.inputs.open import Inputs
from gep.plan.wiring import CALENDAR, CLASS_ATTRIBUTES, OF_DAYS, ClassInput, Computed, LayerInput
from gep.standards.coefficients import Coefficients

COARSER_BY_ROUNDING = 1.001
"""A grid of one arc second may be a hair above its nominal size in metres."""


@dataclass(frozen=True)
class _FineTerrain:
    """A layer that an elevation grid must be fine for: the service whose switch `terrain` accepts a coarse one, and
    the message that then says what comes of it.
    """

    layer: str
    service: str
    message: str


OF_FINE_TERRAIN = (
    _FineTerrain("slope", "soil_retention", "plan.G09.coarse_slope"),
    _FineTerrain("squared_relief", "sand_fixation", "plan.G09.coarse_relief"),
)

CELL_SIDES = {"terrain_cell_size": "elevation", "upslope_cell_size": "upslope_area"}
"""Constants that are the side of the cells of a layer."""


def cell_sides(layers: Mapping[str, Layer]) -> dict[str, float]:
    """The constants that follow from the layers given, in metres."""
    return {name: resolution(layers[layer]) for name, layer in CELL_SIDES.items() if layer in layers}


def coarse_terrain(
    elevation: Layer | None,
    given: Container[str],
    coefficients: Coefficients,
    settings: Callable[[str], Mapping[str, str]],
) -> tuple[dict[str, Text], list[Problem]]:
    """Why a slope or a relief is not derived from this elevation (empty where it may be), and a warning of a coarse one
    that is accepted in words. What is `given` is not derived.
    """
    found = coefficients.lookup("terrain_resolution_limit")
    if elevation is None or found is None:
        return {}, []
    cell, limit = resolution(elevation), found.row.to("m")
    reasons: dict[str, Text] = {}
    problems: list[Problem] = []
    for fine in OF_FINE_TERRAIN if cell > limit * COARSER_BY_ROUNDING else ():
        if fine.layer in given:
            continue
        if settings(fine.service)["terrain"] == "accept_coarse":
            problems.append(
                problem(
                    fine.message,
                    fine.layer,
                    place=elevation.place,
                    layer=fine.layer,
                    service=fine.service,
                    cell=cell,
                    limit=limit,
                )
            )
        else:
            reasons[fine.layer] = say("plan.terrain_too_coarse", service=fine.service, cell=cell, limit=limit)
    return reasons, problems


class OwnGrids:
    """The layers that derivations make on the grids of their own layers: `derived`, by name."""

    def __init__(self, inputs: Inputs, constants: Mapping[str, float]) -> None:
        self.derived: dict[str, DerivedLayer] = {}
        self._inputs, self._constants = inputs, constants
        self._made: dict[tuple[str, str], DerivedLayer] = {}

    def localise(self, way: Computed) -> LayerInput | None:
        """A derivation as a layer, where it can and should be computed on the grid of its layers."""
        if way.derivation is None:
            return None
        name = way.derivation.makes
        layers = {leaf.name: self._layer(leaf.name) for leaf in way.inputs if isinstance(leaf, LayerInput)}
        numbers = self._numbers(way)
        if not layers or numbers is None or len(layers) + len(numbers) != len(way.inputs):
            return None
        if not self._belongs_there(way, layers) or not share_lattice(list(layers.values())):
            return None
        if name not in layer_kinds():
            return None
        key = name, way.equation.name
        if key not in self._made:
            self._made[key] = self._derive(way, layers, numbers)
        if self.derived.setdefault(name, self._made[key]) is not self._made[key]:
            return None  # the same layer made another way: that one is computed cell by cell
        before = [d for leaf in way.inputs if isinstance(leaf, LayerInput) for d in leaf.derivations]
        return LayerInput(name, (*before, way.derivation))

    def _derive(self, way: Computed, layers: Mapping[str, Layer], numbers: Mapping[str, float]) -> DerivedLayer:
        assert way.derivation is not None
        name = way.derivation.makes
        of_neighbours = bool(way.derivation.of_neighbours)
        return derive(name, layer_kinds()[name].unit, way.equation, layers, numbers, of_neighbours=of_neighbours)

    def _belongs_there(self, way: Computed, layers: Mapping[str, Layer]) -> bool:
        assert way.derivation is not None
        return (
            bool(way.derivation.of_neighbours)
            or way.derivation.on_own_grid
            or any(name.startswith(OF_DAYS) for name in layers)
            or self._is_coarse(layers)
        )

    def _is_coarse(self, layers: Mapping[str, Layer]) -> bool:
        """Whether layers are interpolated to the grid, so that it matters where an equation is evaluated."""
        grid = self._inputs.grid
        assert grid is not None
        return all(resampling_for(layer, grid) == "bilinear" for layer in layers.values())

    def _layer(self, name: str) -> Layer:
        return self._inputs.layers[name] if name in self._inputs.layers else self.derived[name]

    def _numbers(self, way: Computed) -> dict[str, float] | None:
        """The coefficients of a derivation, where each is the same everywhere."""
        numbers = {leaf.name: self._number(leaf) for leaf in way.inputs if isinstance(leaf, ClassInput)}
        found = {name: number for name, number in numbers.items() if number is not None}
        return found if len(found) == len(numbers) else None

    def _number(self, leaf: ClassInput) -> float | None:
        """A coefficient that is the same everywhere; None where it depends on the class."""
        if leaf.name in CALENDAR:
            return 0.0  # filled in along the day axis
        if leaf.name in self._constants:
            return self._constants[leaf.name]
        if leaf.name in CLASS_ATTRIBUTES:
            return None
        rows, spec = self._inputs.coefficients, self._inputs.spec
        found = rows.lookup(leaf.name, "", "", spec.region, spec.year)
        return found.row.to(leaf.unit) if found and leaf.name not in rows.of_some_ecosystem else None
