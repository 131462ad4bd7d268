"""One fixed square of the grid: its pieces by zone and class, every value at them once, tested and added in the same
pass.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gep.engine.flows import FlowsOfSquare, Groups
from gep.engine.fused import FusedSquare, Kernel
from gep.engine.pieces import Pieces
from gep.engine.readers import Readers
from gep.engine.sample import CellSample, is_sampled, joined
from gep.engine.sums import CheckTally, FlowSums, LayerTally, Partial, all_of_check, all_of_layer
from gep.engine.values import Values
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.grid import Square
from gep.inputs.grids.patches import patches_of_square
from gep.inputs.grids.reader import Shared
from gep.plan.cell_checks import CellCheck
from gep.plan.plan import Array, FlowKey, GridPlan


class Squares:
    """Computes squares of a plan with the open layers of one thread; by the compiled loop where the plan says so."""

    def __init__(self, plan: GridPlan, shared: Shared | None = None) -> None:
        self._plan, self._readers = plan, Readers(plan, shared)
        self._kernel = Kernel(plan, self._readers) if plan.is_compiled else None
        layers = {name: math.prod(layer.header.lead) for name, layer in plan.layers.items()}
        self._numbers = sum(layers.values())  # of a cell
        self._held = sum(layers[name] for name in self._kernel.held) if self._kernel else self._numbers
        self._wanted = {kind: plan.is_wanted(kind) for kind in plan.patches}

    def load(self, window: Square) -> None:
        """Read what lies in a window in one go."""
        self._readers.load(window)

    def let_go(self) -> None:
        """Let go of what was read of the last window for this plan alone."""
        self._readers.let_go()

    def compute(self, square: Square) -> Partial | None:
        """All sums of one square; None where no land of the outline lies in it."""
        pieces = Pieces.of_square(self._plan, self._readers, square)
        if not len(pieces.cell):
            return None
        groups = Groups(pieces, self._plan.n_groups)
        flows = self._readers.steps.flows
        adding = self._kernel.begin(groups) if self._kernel else FlowsOfSquare(flows, groups)
        names = [*self._plan.layers, *(self._plan.beside if square in self._readers.chosen else ())]
        with np.errstate(all="ignore"):
            strips = [self._strip(values, adding, names, square) for values in self._strips(square, pieces, self._held)]
            sums = adding.sums()
            if adding.left:
                by_numpy = FlowsOfSquare(adding.left, groups)
                for values in self._strips(square, pieces, self._numbers):
                    by_numpy.add(values)
                sums |= by_numpy.sums()
        return self._partial(square, pieces, groups, sums, strips)

    def _strips(self, square: Square, pieces: Pieces, numbers: int) -> Iterator[Values]:
        """The values of a square by strips of rows, of which some fit into memory with so many numbers for a cell."""
        height, width = square.shape
        rows = min(height, max(LEAST_ROWS, STRIP_BYTES // (width * 2 * 8 * max(1, numbers))))
        for first in range(0, height, rows):
            strip = Square(square.row0 + first, min(square.row0 + first + rows, square.row1), square.col0, square.col1)
            here = pieces
            if rows < height:
                start, end = first * width, (first + rows) * width
                here = pieces.some(np.flatnonzero((pieces.cell >= start) & (pieces.cell < end)), start)
            if len(here.cell):
                yield Values(self._plan, self._readers, here, strip)

    def _strip(
        self, values: Values, adding: FlowsOfSquare | FusedSquare, names: Sequence[str], square: Square
    ) -> _Strip:
        """What is found of layers in a strip, while its pieces are added to the flows."""
        plan, sample = self._plan, _sample(self._plan, values, names, square)
        if isinstance(adding, FlowsOfSquare):
            layers = {name: _tally_layer(plan, values, name) for name in names}
            checks = {check.message: _tally_check(check, values) for check in _checks(plan, names)}
            adding.add(values)
            return _Strip(layers, checks, sample)
        adding.add(values)
        layers = {name: adding.tally(name) or _tally_layer(plan, values, name) for name in names}
        checks = {check.message: adding.check(check) or _tally_check(check, values) for check in _checks(plan, names)}
        return _Strip(layers, checks, sample)

    def _partial(
        self,
        square: Square,
        pieces: Pieces,
        groups: Groups,
        flows: Mapping[FlowKey, FlowSums],
        strips: Sequence[_Strip],
    ) -> Partial:
        """What was found in a square, with its lakes."""
        first = strips[0]
        classes = groups.there % pieces.n_classes
        patches = {
            kind: patches_of_square(square, wanted[pieces.land_class], pieces.cell, pieces.group, pieces.area)
            for kind, wanted in self._wanted.items()
            if wanted[classes].any()
        }
        return Partial(
            groups=groups.there,
            area=groups.area,
            cells=groups.cells,
            flows=flows,
            layers={name: all_of_layer([strip.layers[name] for strip in strips]) for name in first.layers},
            checks={name: all_of_check([strip.checks[name] for strip in strips]) for name in first.checks},
            unknown=pieces.unknown,
            zone=int(np.bincount(groups.there // pieces.n_classes, groups.area).argmax()),
            square=square,
            sample=joined([strip.sample for strip in strips]),
            patches={kind: found for kind, found in patches.items() if found},
        )


STRIP_BYTES, LEAST_ROWS = 48 * 2**20, 64
"""What layers of a strip may hold in memory, twice over; fewer rows than these are not worth the calls."""


@dataclass(frozen=True)
class _Strip:
    """What is found of layers in a strip of a square."""

    layers: Mapping[str, LayerTally]
    checks: Mapping[str, CheckTally]
    sample: CellSample


def _checks(plan: GridPlan, names: Collection[str]) -> list[CellCheck]:
    """The checks between layers that are there."""
    return [check for check in plan.checks if set(check.layers) <= set(names)]


def _sample(plan: GridPlan, values: Values, names: Collection[str], square: Square) -> CellSample:
    """The cells of a strip of a square that are kept one by one, with the values of layers."""
    pieces, strip = values.pieces, values.square
    chosen = is_sampled(plan.grid, strip, pieces.cell)
    cell = pieces.cell[chosen]
    row, col = np.divmod(cell, strip.shape[1])

    def at_cells(name: str) -> NDArray[np.float32]:
        with np.errstate(over="ignore"):  # what is beyond float32 is infinite, and no measurement
            return values.at_cells(name, cell).astype(np.float32)

    return CellSample(
        row=row + strip.row0,
        col=col + strip.col0,
        zone=pieces.zone[chosen],
        land_class=pieces.land_class[chosen],
        area=pieces.area[chosen],
        layers={name: at_cells(name) for name in names},
        steepness=_steepness(plan, values, names, square).ravel()[cell].astype(np.float32),
    )


def _steepness(plan: GridPlan, values: Values, names: Collection[str], square: Square) -> Array:
    """The slope of the elevation from cell to cell of a strip, in radians, where slopes are given to compare it with:
    NaN elsewhere. Rows beside the strip, but not beside the square, are looked at.
    """
    strip, layers = values.square, values.readers.layers
    is_given = {"slope", "elevation"} <= {*names} and not isinstance(layers["slope"].layer, DerivedLayer)
    if not is_given or min(square.shape) == 1:
        return np.full(strip.shape, np.nan)
    around = strip._replace(row0=max(strip.row0 - 1, square.row0), row1=min(strip.row1 + 1, square.row1))
    elevation = values.sample("elevation") if around == strip else layers["elevation"].square(around)
    side = np.sqrt(cell_areas(plan.grid, around))
    down, right = np.gradient(elevation.values)
    slope = np.arctan(np.hypot(down, right) / side)
    return np.asarray(slope[strip.row0 - around.row0 :][: strip.shape[0]], np.float64)


def _tally_layer(plan: GridPlan, values: Values, name: str) -> LayerTally:
    """How much of the city a layer covers, and every cell's value against what it can be, is usually, and is written
    for missing.
    """
    kind = plan.kinds[name]
    if values.is_apart(name):
        coarse, held = values.coarse(name), values.area_of_sources(name)
        is_held = held > 0
        area, lowest, highest = held[is_held], coarse.lowest[is_held], coarse.highest[is_held]
        looked_at = float(values.pieces.area.sum())
        is_number = np.isfinite(lowest)
        valid = looked_at if is_number.all() else float(area[is_number].sum())
    else:
        sample, area = values.sample(name), values.pieces.area
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
