"""One fixed square of the grid: its pieces by zone and class, every value at them once, tested and added in the same
pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gep.core.units import linear
from gep.engine.sample import CellSample, chosen_squares, is_sampled
from gep.engine.sums import CheckTally, FlowSums, LayerTally, Partial
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.area import cell_areas, latitudes
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.grid import Square
from gep.inputs.grids.layers import MISSING_CODE
from gep.inputs.grids.patches import patches_of_square
from gep.inputs.grids.reader import Reader, Sample
from gep.inputs.grids.zones import zone_cells
from gep.plan.cell_checks import CellCheck
from gep.plan.plan import Array, Flow, GridPlan
from gep.plan.wiring import CalendarInput, CellInput, ClassInput, Computed, Input, LayerInput, TableInput

Number = TypeVar("Number", np.float64, np.bool_)


class Pieces:
    """The pieces of a square: a cell may belong to several zones and hold several classes; each piece has an area and
    one of each.
    """

    def __init__(self, plan: GridPlan, readers: Readers, square: Square) -> None:
        cells = zone_cells(plan.zones, plan.grid, square, plan.mode)
        self.cell, self.zone = cells.cell, cells.zone
        areas = np.broadcast_to(cell_areas(plan.grid, square), square.shape).ravel()
        self.area = areas[self.cell] * cells.fraction
        self.unknown: dict[int, float] = {}
        if not len(self.cell):
            return
        code = (
            self._split_by_shares(readers, square)
            if readers.has_shares
            else readers.land_cover.codes(square).ravel()[self.cell]
        )
        position = np.minimum(np.searchsorted(plan.codes, code), len(plan.codes) - 1)
        is_known = plan.codes[position] == code
        self.land_class = np.where(is_known, plan.class_of_code[position], len(plan.classes) - 1)
        if not is_known.all():
            for value in np.unique(code[~is_known & (code != MISSING_CODE)]):
                self.unknown[int(value)] = float(self.area[code == value].sum())
        self.group = self.zone * len(plan.classes) + self.land_class

    def keep(self, chosen: NDArray[np.intp]) -> None:
        """Forget every other piece."""
        if len(self.cell):
            self.cell, self.zone, self.area = self.cell[chosen], self.zone[chosen], self.area[chosen]
            self.land_class, self.group = self.land_class[chosen], self.group[chosen]

    def _split_by_shares(self, readers: Readers, square: Square) -> NDArray[np.int64]:
        """Cut the pieces further by the classes within each cell, where the class layer is finer than the grid."""
        share_cell, share_code, share = readers.land_cover.shares(square)
        order = np.argsort(share_cell, kind="stable")
        share_cell, share_code, share = share_cell[order], share_code[order], share[order]
        first = np.searchsorted(share_cell, self.cell, side="left")
        count = np.searchsorted(share_cell, self.cell, side="right") - first
        piece = np.repeat(np.arange(len(self.cell)), count)
        within = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
        source = np.repeat(first, count) + within
        self.cell, self.zone, self.area = self.cell[piece], self.zone[piece], self.area[piece] * share[source]
        codes: NDArray[np.int64] = share_code[source]
        return codes


class Readers:
    """The open layers of one thread."""

    def __init__(self, plan: GridPlan) -> None:
        self.land_cover = Reader(plan.land_cover, plan.grid)
        self.has_shares = resampling_for(plan.land_cover, plan.grid) == "shares"
        self.layers = {name: Reader(layer, plan.grid) for name, layer in {**plan.layers, **plan.beside}.items()}
        self._used = [self.land_cover, *(self.layers[name] for name in plan.layers)]
        self.chosen = frozenset(chosen_squares(plan.grid, plan.zones)) if plan.beside else frozenset()

    def load(self, window: Square) -> None:
        """Decode what lies on the grid's own lattice once for the whole window."""
        for reader in self._used:
            reader.load(window)


class Values:
    """Values at the pieces of a square, each computed once."""

    def __init__(self, plan: GridPlan, readers: Readers, pieces: Pieces, square: Square) -> None:
        self.plan, self.readers, self.pieces, self.square = plan, readers, pieces, square
        self._samples: dict[str, Sample] = {}
        self._known: dict[Input, Array] = {}
        self._present: dict[str, NDArray[np.bool_]] = {}

    def sample(self, name: str) -> Sample:
        if name not in self._samples:
            self._samples[name] = self.readers.layers[name].square(self.square)
        return self._samples[name]

    def at_pieces(self, field_of_cells: NDArray[Number]) -> NDArray[Number]:
        if field_of_cells.ndim == 2:
            return field_of_cells.ravel().take(self.pieces.cell)
        months = np.ascontiguousarray(field_of_cells.reshape(len(field_of_cells), -1).T)
        return months.take(self.pieces.cell, axis=0).T  # the months of a piece side by side: so sums of them round

    def present(self, name: str) -> NDArray[np.bool_]:
        """Where a layer has a number, in every month."""
        if name not in self._present:
            field = self.sample(name).values
            self._present[name] = self.at_pieces(np.isfinite(field if field.ndim == 2 else field.sum(axis=0)))
        return self._present[name]

    def __getitem__(self, node: Input) -> Array:
        if node not in self._known:
            self._known[node] = self._compute(node)
        return self._known[node]

    def _compute(self, node: Input) -> Array:
        if isinstance(node, LayerInput):
            return self.at_pieces(self.sample(node.name).values)
        if isinstance(node, ClassInput):
            return self.plan.class_values[node.name, node.unit][self.pieces.land_class]
        if isinstance(node, TableInput):
            return self.plan.zone_values[node.name, node.unit][self.pieces.zone]
        if isinstance(node, CalendarInput):
            return self.plan.calendar[node.name]
        if isinstance(node, CellInput):
            return self.at_pieces(latitudes(self.plan.grid, self.square))
        arguments = zip(node.inputs, node.equation.units.values(), strict=True)
        return np.asarray(node.equation.fn(*(self._in_unit(part, unit) for part, unit in arguments)), dtype=np.float64)

    def _in_unit(self, node: Input, unit: str) -> Array:
        """An input in the unit that an equation declares for it."""
        if isinstance(node, LayerInput):
            scale, offset = linear(self.readers.layers[node.name].layer.unit, unit)
        elif isinstance(node, Computed):
            scale, offset = linear(node.equation.returns, unit)
        else:
            return self[node]
        return self[node] if (scale, offset) == (1.0, 0.0) else self[node] * scale + offset


def compute_square(plan: GridPlan, readers: Readers, square: Square) -> Partial | None:
    """All sums of one square; None where no land of the outline lies in it."""
    pieces = Pieces(plan, readers, square)
    if not len(pieces.cell):
        return None
    area, cells = _add(pieces.group, pieces.area, plan.n_groups), _count(pieces.group, plan.n_groups)
    groups = np.flatnonzero(cells)
    values = Values(plan, readers, pieces, square)
    names = [*plan.layers, *(plan.beside if square in readers.chosen else ())]
    with np.errstate(all="ignore"):
        layers = {name: _tally_layer(plan, values, name) for name in names}
        checks = {
            check.message: _tally_check(check, values) for check in plan.checks if set(check.layers) <= set(names)
        }
        flows = {flow.key: _sum_flow(plan, values, flow, groups) for flow in plan.flows}
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
        groups=groups,
        area=area[groups],
        cells=cells[groups],
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
        found = values.sample(name).values
        flat = found.reshape(*found.shape[:-2], -1)
        with np.errstate(over="ignore"):  # what is beyond float32 is infinite, and no measurement
            return flat[..., cell].astype(np.float32)

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


def _add(group: NDArray[np.intp], weights: Array, n: int) -> Array:
    """Sums by group, in float64 from the first addition on, in the order of the cells."""
    return np.bincount(group, weights, n).astype(np.float64, copy=False)


def _count(group: NDArray[np.intp], n: int) -> Array:
    return np.bincount(group, minlength=n).astype(np.float64)


def evaluate(plan: GridPlan, values: Values, flow: Flow) -> tuple[Array, NDArray[np.bool_]]:
    """The density of a flow at every piece, and where it is counted and has all its layers: elsewhere the density means
    nothing.

    A missing layer makes the cell missing even where the formula would not have looked at it.
    """
    pieces = values.pieces
    density = np.broadcast_to(values[flow.node], pieces.area.shape)
    has_inputs = flow.is_counted[pieces.land_class].copy()
    for layer in plan.layer_names_of(flow):
        has_inputs &= values.present(layer)
    return density, has_inputs


def _sum_flow(plan: GridPlan, values: Values, flow: Flow, groups: NDArray[np.intp]) -> FlowSums:
    """The sums of a flow in the groups that occur."""
    pieces, n = values.pieces, plan.n_groups
    density, has_inputs = evaluate(plan, values, flow)
    valid = np.flatnonzero(has_inputs & np.isfinite(density))
    group, area = pieces.group[valid], pieces.area[valid]
    weighted = density[valid] * area
    with_inputs = np.flatnonzero(has_inputs)
    negative = weighted < 0
    return FlowSums(
        sum=_add(group, flow.counted(weighted), n)[groups],
        valid=_add(group, area, n)[groups],
        cells=_count(group, n)[groups],
        inputs=_add(pieces.group[with_inputs], pieces.area[with_inputs], n)[groups],
        negative=_add(group[negative], weighted[negative], n)[groups],
        negative_area=_add(group[negative], area[negative], n)[groups],
        of_inputs={node.name: _add(group, values[node][valid] * area, n)[groups] for node in _summed_inputs(flow.node)},
    )


def _summed_inputs(root: Computed) -> list[LayerInput | Computed]:
    """The layers and derived layers that go into a flow, without those that have a month axis: their sums explain the
    figure.
    """
    found: dict[str, LayerInput | Computed] = {}

    def walk(node: Computed) -> None:
        for part in node.inputs:
            if isinstance(part, LayerInput | Computed) and not part.name.startswith("monthly_"):
                found.setdefault(part.name, part)
            if isinstance(part, Computed):
                walk(part)

    walk(root)
    return list(found.values())


def _tally_layer(plan: GridPlan, values: Values, name: str) -> LayerTally:
    """How much of the city a layer covers, and every cell's value against what it can be, is usually, and is written
    for missing.
    """
    kind, area = plan.kinds[name], values.pieces.area
    sample = values.sample(name)
    lowest = values.at_pieces(sample.lowest)
    highest = lowest if sample.highest is sample.lowest else values.at_pieces(sample.highest)
    looked_at, is_valid = float(area.sum()), values.present(name)
    valid = looked_at if is_valid.all() else float(area[is_valid].sum())
    is_infinite = np.isinf(lowest) | np.isinf(highest)
    infinite = 0.0 if valid == looked_at else float(area[is_infinite].sum())
    tested = np.isfinite(lowest) & np.isfinite(highest)
    if not tested.any():
        return LayerTally(valid, area=looked_at, infinite=infinite)
    least, most = float(lowest[tested].min()), float(highest[tested].max())
    outside = unusual = 0.0
    fills: dict[float, float] = {}
    if least < kind.low or most > kind.high:
        outside = float(area[tested & ((lowest < kind.low) | (highest > kind.high))].sum())
    if least < kind.usual_low or most > kind.usual_high or outside > 0:
        low, high = max(kind.low, kind.usual_low), min(kind.high, kind.usual_high)
        is_odd = tested & ((lowest < low) | (highest > high))
        unusual = float(area[is_odd].sum())
        for fill in values.readers.layers[name].layer.suspects:
            if not (least <= fill * (1 + 1e-6) and fill * (1 - 1e-6) <= most) and fill > 0:
                continue  # beyond all values of the square
            is_fill = is_odd & (np.isclose(lowest, fill, rtol=1e-6) | np.isclose(highest, fill, rtol=1e-6))
            if is_fill.any():
                fills[fill] = float(area[is_fill].sum())
    return LayerTally(valid, outside, unusual, fills, least, most, looked_at, infinite)


def _tally_check(check: CellCheck, values: Values) -> CheckTally:
    fields = [values[LayerInput(name)] for name in check.layers]
    valid = np.logical_and.reduce([np.isfinite(f) for f in fields])
    area = values.pieces.area
    return CheckTally(float(area[valid].sum()), float(area[valid & check.test(*fields)].sum()))
