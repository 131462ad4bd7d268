"""What a pass over the grid adds up: sums of one square, and all of them combined exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gep.inputs.grids.patches import Patch, SquarePatches, join
from gep.plan.plan import Array, Flow, GridPlan


@dataclass
class Partial:
    """Sums of one square: per statistic, an array over (zone, class) groups that occur, or single numbers."""

    groups: NDArray[np.intp]
    tables: dict[str, Array]
    numbers: dict[str, float]
    extremes: dict[str, tuple[float, float]]
    unknown: dict[int, float]
    zone: int
    patches: dict[tuple[str, ...], SquarePatches]


@dataclass(frozen=True)
class Sums:
    """What a pass over the grid found. Tables are (n_zones, n_classes) arrays in float64; areas in m2."""

    tables: Mapping[str, Array]
    numbers: Mapping[str, float]
    extremes: Mapping[str, tuple[float, float]]
    unknown: Mapping[int, float]
    patches: Mapping[tuple[str, ...], Sequence[Patch]] = field(default_factory=dict)

    @property
    def area(self) -> Array:
        return self.tables["area"]

    def of(self, flow: Flow, statistic: str) -> Array:
        """A statistic of a flow: sum, valid, cells, inputs, negative, negative_area, or `in:<name>` for a sum of an
        input.
        """
        return self.tables[f"{flow.key}/{statistic}"]


def combine(plan: GridPlan, partials: Iterable[Partial]) -> Sums:
    """Add partial sums exactly; the order in which they come does not matter."""
    shape = (len(plan.zones.zones), len(plan.classes))
    cells: dict[str, dict[int, list[float]]] = {}
    numbers: dict[str, list[float]] = {}
    unknown: dict[int, list[float]] = {}
    extremes: dict[str, tuple[float, float]] = {}
    patches: dict[tuple[str, ...], list[SquarePatches]] = {kind: [] for kind in plan.patches}
    for partial in partials:
        for kind, found in partial.patches.items():
            patches[kind].append(found)
        for name, table in partial.tables.items():
            column = cells.setdefault(name, {})
            for group, value in zip(partial.groups.tolist(), table.tolist(), strict=True):
                column.setdefault(group, []).append(value)
        for name, number in partial.numbers.items():
            numbers.setdefault(name, []).append(number)
        for code, area in partial.unknown.items():
            unknown.setdefault(code, []).append(area)
        for name, (low, high) in partial.extremes.items():
            least, most = extremes.get(name, (math.inf, -math.inf))
            extremes[name] = min(least, low), max(most, high)
    tables = {}
    for name, column in cells.items():
        table = np.zeros(shape[0] * shape[1])
        for group, values in column.items():
            table[group] = math.fsum(values)
        tables[name] = table.reshape(shape)
    tables.setdefault("area", np.zeros(shape))
    return Sums(
        tables,
        {name: math.fsum(values) for name, values in sorted(numbers.items())},
        extremes,
        {code: math.fsum(values) for code, values in sorted(unknown.items())},
        {kind: join(squares) for kind, squares in patches.items()},
    )
