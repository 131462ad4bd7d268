"""One fixed square of the grid: its pieces by zone and class, every value at them once, tested and added in the same
pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gep.engine.flows import FlowsOfSquare, Groups
from gep.engine.fused import Kernel
from gep.engine.pieces import Pieces
from gep.engine.readers import Readers
from gep.engine.sample import CellSample, is_sampled
from gep.engine.sums import CheckTally, FlowSums, LayerTally, Partial
from gep.engine.values import Values
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.grid import Square
from gep.inputs.grids.patches import patches_of_square
from gep.plan.cell_checks import CellCheck
from gep.plan.plan import Array, FlowKey, GridPlan


class Squares:
    """Computes squares of a plan with the open layers of one thread; by the compiled loop where the plan says so."""

    def __init__(self, plan: GridPlan) -> None:
        self._plan, self._readers = plan, Readers(plan)
        self._kernel = Kernel(plan, self._readers) if plan.is_compiled else None

    def load(self, window: Square) -> None:
        """Read what lies in a window in one go."""
        self._readers.load(window)

    def compute(self, square: Square) -> Partial | None:
        """All sums of one square; None where no land of the outline lies in it."""
        plan = self._plan
        pieces = Pieces(plan, self._readers, square)
        if not len(pieces.cell):
            return None
        groups = Groups(pieces, plan.n_groups)
        values = Values(plan, self._readers, pieces, square)
        names = [*plan.layers, *(plan.beside if square in self._readers.chosen else ())]
        with np.errstate(all="ignore"):
            done = self._kernel.run(values, groups) if self._kernel else None
            layers = {name: (done and done.tally(name)) or _tally_layer(plan, values, name) for name in names}
            checks = {
                check.message: (done and done.check(check)) or _tally_check(check, values)
                for check in plan.checks
                if set(check.layers) <= set(names)
            }
            flows = done.sums() if done else FlowsOfSquare(values, groups).sums()
        return _partial(plan, values, groups, names, flows, layers, checks)


def _partial(
    plan: GridPlan,
    values: Values,
    groups: Groups,
    names: Sequence[str],
    flows: Mapping[FlowKey, FlowSums],
    layers: Mapping[str, LayerTally],
    checks: Mapping[str, CheckTally],
) -> Partial:
    """What was found in a square, with its lakes and its sample."""
    pieces, square = values.pieces, values.square
    by_zone = np.bincount(pieces.zone, pieces.area)
    patches = {
        kind: found
        for kind in plan.patches
        if (
            found := patches_of_square(
                square, plan.is_wanted(kind)[pieces.land_class], pieces.cell, pieces.group, pieces.area
            )
        )
    }
    return Partial(
        groups=groups.there,
        area=groups.area,
        cells=groups.cells,
        flows=flows,
        layers=layers,
        checks=checks,
        unknown=pieces.unknown,
        zone=int(by_zone.argmax()),
        square=square,
        sample=_sample(plan, values, names),
        patches=patches,
    )


def _sample(plan: GridPlan, values: Values, names: Iterable[str]) -> CellSample:
    """The cells of the square that are kept one by one, with the values of layers."""
    pieces, square = values.pieces, values.square
    chosen = is_sampled(plan.grid, square, pieces.cell)
    cell = pieces.cell[chosen]
    row, col = np.divmod(cell, square.shape[1])

    def at_cells(name: str) -> NDArray[np.float32]:
        with np.errstate(over="ignore"):  # what is beyond float32 is infinite, and no measurement
            return values.at_cells(name, cell).astype(np.float32)

    return CellSample(
        row=row + square.row0,
        col=col + square.col0,
        zone=pieces.zone[chosen],
        land_class=pieces.land_class[chosen],
        area=pieces.area[chosen],
        layers={name: at_cells(name) for name in names},
        steepness=_steepness(plan, values, names).ravel()[cell].astype(np.float32),
    )


def _steepness(plan: GridPlan, values: Values, names: Iterable[str]) -> Array:
    """The slope of the elevation from cell to cell of a square, in radians, where slopes are given to compare it with:
    NaN elsewhere.
    """
    height, width = values.square.shape
    is_given = {"slope", "elevation"} <= {*names} and not isinstance(values.readers.layers["slope"].layer, DerivedLayer)
    if not is_given or min(height, width) == 1:
        return np.full(values.square.shape, np.nan)
    elevation = values.sample("elevation").values
    side = np.sqrt(cell_areas(plan.grid, values.square))
    down, right = np.gradient(elevation)
    return np.asarray(np.arctan(np.hypot(down, right) / side), np.float64)


def _tally_layer(plan: GridPlan, values: Values, name: str) -> LayerTally:
    """How much of the city a layer covers, and every cell's value against what it can be, is usually, and is written
    for missing.
    """
    kind, area = plan.kinds[name], values.pieces.area
    sample = values.sample(name)
    lowest = values.pieces.take(sample.lowest)
    highest = lowest if sample.highest is sample.lowest else values.pieces.take(sample.highest)
    looked_at = float(area.sum())
    valid = looked_at if values.is_full(name) else float(area[values.present(name)].sum())
    infinite = 0.0
    tested: NDArray[np.bool_] | None = None  # everywhere
    least, most = float(lowest.min()), float(highest.max())
    if not (math.isfinite(least) and math.isfinite(most)):
        tested = np.isfinite(lowest) & np.isfinite(highest)
        if valid != looked_at:
            infinite = float(area[np.isinf(lowest) | np.isinf(highest)].sum())
        if not tested.any():
            return LayerTally(valid, area=looked_at, infinite=infinite)
        least, most = float(lowest[tested].min()), float(highest[tested].max())

    def area_beyond(low: float, high: float) -> tuple[float, NDArray[np.bool_]]:
        is_beyond = (lowest < low) | (highest > high)
        if tested is not None:
            is_beyond &= tested
        return float(area[is_beyond].sum()), is_beyond

    outside = unusual = 0.0
    fills: dict[float, float] = {}
    if least < kind.low or most > kind.high:
        outside, _ = area_beyond(kind.low, kind.high)
    if least < kind.usual_low or most > kind.usual_high or outside > 0:
        unusual, is_odd = area_beyond(max(kind.low, kind.usual_low), min(kind.high, kind.usual_high))
        for fill in values.readers.layers[name].layer.suspects:
            if not (least <= fill * (1 + 1e-6) and fill * (1 - 1e-6) <= most) and fill > 0:
                continue  # beyond all values of the square
            is_fill = is_odd & (np.isclose(lowest, fill, rtol=1e-6) | np.isclose(highest, fill, rtol=1e-6))
            if is_fill.any():
                fills[fill] = float(area[is_fill].sum())
    return LayerTally(valid, outside, unusual, fills, least, most, looked_at, infinite)


def _tally_check(check: CellCheck, values: Values) -> CheckTally:
    fields = [values.layer(name) for name in check.layers]
    valid = np.logical_and.reduce([np.isfinite(f) for f in fields])
    area = values.pieces.area
    return CheckTally(float(area[valid].sum()), float(area[valid & check.test(*fields)].sum()))
