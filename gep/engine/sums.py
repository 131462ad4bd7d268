"""What a pass over the grid adds up: sums of one square, and of all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from gep.engine.sample import CellSample, joined
from gep.inputs.grids.grid import Square
from gep.inputs.grids.patches import Patches, SquarePatches
from gep.plan.plan import Array, Flow, FlowKey

Key = TypeVar("Key", int, float)
Statistic = Literal["sum", "valid", "cells", "inputs", "negative", "negative_area"]


@dataclass(frozen=True)
class FlowSums:
    """What is added up of a flow, by group: of one square the (zone, class) groups that occur in it, of all of them an
    array (n_zones, n_classes). Areas in m2, the others in the unit of the density times m2.
    """

    sum: Array
    """The density, where it is valid: what counts of it."""
    valid: Array
    """The area where the density is valid."""
    cells: Array
    """The pieces of cells there."""
    inputs: Array
    """The area that has all layers, whether it has its coefficients or not."""
    negative: Array
    """The density where it is negative."""
    negative_area: Array
    """The area where it is."""
    of_inputs: Mapping[str, Array]
    """The layers that go into the density, given and derived, where it is valid: by name."""

    @classmethod
    def of_nothing(cls, zeros: Array, inputs: Iterable[str]) -> FlowSums:
        """Of a flow that no piece counts for."""
        return cls(zeros, zeros, zeros, zeros, zeros, zeros, dict.fromkeys(inputs, zeros))

    def arrays(self) -> Iterator[Array]:
        """All of them, in a fixed order."""
        yield from (self.sum, self.valid, self.cells, self.inputs, self.negative, self.negative_area)
        yield from self.of_inputs.values()


@dataclass(frozen=True)
class LayerTally:
    """How a layer lies over the city: areas in m2, and the lowest and the highest value in its own unit (infinite the
    wrong way round where there is none).
    """

    valid: float = 0.0
    outside: float = 0.0
    """Where it is outside of what is possible."""
    unusual: float = 0.0
    fills: Mapping[float, float] = field(default_factory=dict)
    """Where a value stands that is written for missing elsewhere: the area by value."""
    lowest: float = math.inf
    highest: float = -math.inf
    area: float = 0.0
    """The area that was looked at."""
    infinite: float = 0.0
    """Where it is infinite, which counts as missing."""


@dataclass(frozen=True)
class CheckTally:
    """Over what area a check of cells can be made, and over what area its answer is yes: m2."""

    valid: float = 0.0
    found: float = 0.0


@dataclass(frozen=True, kw_only=True)
class _Added:
    """What is added up, of one square or of all: arrays by group, areas in m2.

    `layers` is by the name of the layer, `checks` by the code of the check, `unknown` by the code of land cover.
    """

    area: Array
    cells: Array
    flows: Mapping[FlowKey, FlowSums]
    layers: Mapping[str, LayerTally]
    checks: Mapping[str, CheckTally]
    unknown: Mapping[int, float]

    def arrays(self) -> Iterator[Array]:
        """All arrays, in a fixed order."""
        yield from (self.area, self.cells)
        for of_flow in self.flows.values():
            yield from of_flow.arrays()


@dataclass(frozen=True, kw_only=True)
class Partial(_Added):
    """Sums of one square, by the groups that occur in it; `zone` is the one that has most of it."""

    groups: NDArray[np.intp]
    zone: int
    square: Square
    sample: CellSample
    patches: Mapping[tuple[str, ...], SquarePatches]


@dataclass(frozen=True, kw_only=True)
class Sums(_Added):
    """What a pass over the grid found: float64 arrays (n_zones, n_classes)."""

    patches: Mapping[tuple[str, ...], Patches] = field(default_factory=dict)
    sample: CellSample = field(default_factory=partial(joined, ()))
    seen: float = 1.0
    """The share of the squares of the grid that were looked at."""

    def of(self, flow: Flow, statistic: Statistic) -> Array:
        """A statistic of a flow by zone and class."""
        found: Array = getattr(self.flows[flow.key], statistic)
        return found

    def of_inputs(self, flow: Flow) -> Mapping[str, Array]:
        """The sums of what goes into a flow, by the name of the layer."""
        return self.flows[flow.key].of_inputs


def _by_key(parts: Iterable[Mapping[Key, float]]) -> dict[Key, float]:
    """Numbers by key, added exactly."""
    found: dict[Key, list[float]] = {}
    for part in parts:
        for key, number in part.items():
            found.setdefault(key, []).append(number)
    return {key: math.fsum(numbers) for key, numbers in found.items()}


def all_of_layer(tallies: Sequence[LayerTally]) -> LayerTally:
    """How a layer lies over several parts of the city."""
    return LayerTally(
        math.fsum(tally.valid for tally in tallies),
        math.fsum(tally.outside for tally in tallies),
        math.fsum(tally.unusual for tally in tallies),
        dict(sorted(_by_key(tally.fills for tally in tallies).items(), key=lambda fill: f"{fill[0]!r}")),
        min((tally.lowest for tally in tallies), default=math.inf),
        max((tally.highest for tally in tallies), default=-math.inf),
        math.fsum(tally.area for tally in tallies),
        math.fsum(tally.infinite for tally in tallies),
    )


def all_of_check(tallies: Sequence[CheckTally]) -> CheckTally:
    """Over what area of several parts a check can be made, and its answer is yes."""
    return CheckTally(math.fsum(tally.valid for tally in tallies), math.fsum(tally.found for tally in tallies))
