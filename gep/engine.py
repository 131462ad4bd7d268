"""From a plan to sums: square by square, every cell read once, tested and integrated in the same pass.

Partial sums belong to a fixed 512-cell square of the grid and are combined by `math.fsum`, which rounds exactly and so does not care for order:
the result is the same bit for bit for every window size, thread count and worker count. See docs/decisions/0002-exact-sums.md.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.catalog import LayerKind
from gep.checks.cells import CellCheck
from gep.errors import UsageError
from gep.grids.align import MISSING_CODE, Reader, Sample, resampling_for
from gep.grids.area import cell_areas, latitudes
from gep.grids.grid import SQUARE, Grid, Square
from gep.grids.layers import Layer
from gep.grids.patches import Patch, SquarePatches, join, patches_of_square
from gep.grids.zones import ZoneLayer, zone_cells
from gep.units import linear
from gep.wiring import CalendarInput, CellInput, ClassInput, Computed, Input, LayerInput, TableInput

Array = NDArray[np.float64]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Flow:
    """One density to integrate, and for which classes. A component has several where classes differ in how an input is derived."""

    service: str
    component: str
    node: Computed
    is_counted: NDArray[np.bool_]
    variant: int = 0
    is_clipped: bool = False

    def counted(self, amount: Array) -> Array:
        """What counts of a density or an amount of cells: all of it, or nothing where it is negative."""
        return np.maximum(amount, 0) if self.is_clipped else amount

    @property
    def key(self) -> str:
        """Under which its sums are kept."""
        return f"{self.service}/{self.component}/{self.variant}"


@dataclass(frozen=True)
class Plan:
    """Everything a window needs to be computed anywhere: paths and numbers, no open files."""

    grid: Grid
    zones: ZoneLayer
    mode: Any
    land_cover: Layer
    codes: NDArray[np.int64]
    class_of_code: NDArray[np.intp]
    classes: tuple[tuple[str, str], ...]
    layers: Mapping[str, Layer] = field(default_factory=dict)
    kinds: Mapping[str, LayerKind] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    class_values: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    zone_values: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    checks: tuple[CellCheck, ...] = ()
    calendar: Mapping[str, Array] = field(default_factory=dict)
    patches: tuple[tuple[str, ...], ...] = ()

    @property
    def n_groups(self) -> int:
        return len(self.zones.zones) * len(self.classes)

    def is_wanted(self, patches: tuple[str, ...]) -> NDArray[np.bool_]:
        """Which classes make patches of a kind (named like wetland/lake)."""
        return np.array(["/".join(pair) in patches for pair in self.classes])

    def layer_names_of(self, flow: Flow) -> list[str]:
        """The layers that a flow rests on."""
        from gep.wiring import leaves

        return [leaf.name for leaf in leaves(flow.node) if isinstance(leaf, LayerInput)]


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
        """A statistic of a flow: sum, valid, cells, inputs, negative, negative_area, or `in:<name>` for a sum of an input."""
        return self.tables[f"{flow.key}/{statistic}"]


# one square --------------------------------------------------------------------------------------------------------------------------


class Pieces:
    """The pieces of a square: a cell may belong to several zones and hold several classes; each piece has an area and one of each."""

    def __init__(self, plan: Plan, readers: Readers, square: Square) -> None:
        cells = zone_cells(plan.zones, plan.grid, square, plan.mode)
        self.cell, self.zone = cells.cell, cells.zone
        areas = np.broadcast_to(cell_areas(plan.grid, square), square.shape).ravel()
        self.area = areas[self.cell] * cells.fraction
        self.unknown: dict[int, float] = {}
        if not len(self.cell):
            return
        code = self._split_by_shares(readers, square) if readers.has_shares else readers.land_cover.codes(square).ravel()[self.cell]
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

    def __init__(self, plan: Plan) -> None:
        self.land_cover = Reader(plan.land_cover, plan.grid)
        self.has_shares = resampling_for(plan.land_cover, plan.grid) == "shares"
        self.layers = {name: Reader(layer, plan.grid) for name, layer in plan.layers.items()}

    def load(self, window: Square) -> None:
        """Decode what lies on the grid's own lattice once for the whole window."""
        for reader in (self.land_cover, *self.layers.values()):
            reader.load(window)


class Values:
    """Values at the pieces of a square, each computed once."""

    def __init__(self, plan: Plan, readers: Readers, pieces: Pieces, square: Square) -> None:
        self.plan, self.readers, self.pieces, self.square = plan, readers, pieces, square
        self._samples: dict[str, Sample] = {}
        self._known: dict[Input, Array] = {}

    def sample(self, name: str) -> Sample:
        if name not in self._samples:
            self._samples[name] = self.readers.layers[name].square(self.square)
        return self._samples[name]

    def at_pieces(self, field_of_cells: Array) -> Array:
        flat = field_of_cells.reshape(*field_of_cells.shape[:-2], -1)
        return flat[..., self.pieces.cell]

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
            scale, offset = linear(self.plan.layers[node.name].unit, unit)
        elif isinstance(node, Computed):
            scale, offset = linear(node.equation.returns, unit)
        else:
            return self[node]
        return self[node] if (scale, offset) == (1.0, 0.0) else self[node] * scale + offset


def compute_square(plan: Plan, readers: Readers, square: Square) -> Partial | None:
    """All sums of one square; None where no land of the outline lies in it."""
    pieces = Pieces(plan, readers, square)
    if not len(pieces.cell):
        return None
    n = plan.n_groups
    tables = {"area": _add(pieces.group, pieces.area, n), "cells": _count(pieces.group, n)}
    values = Values(plan, readers, pieces, square)
    numbers: dict[str, float] = {}
    extremes: dict[str, tuple[float, float]] = {}
    with np.errstate(all="ignore"):
        for name in plan.layers:
            _tally_layer(plan, values, name, numbers, extremes)
        for check in plan.checks:
            _tally_check(check, values, numbers)
        for flow in plan.flows:
            _sum_flow(plan, values, flow, tables)
    groups = np.flatnonzero(tables["cells"])
    by_zone = np.bincount(pieces.zone, pieces.area)
    kept = {name: table[groups] for name, table in tables.items()}
    patches = {
        kind: found
        for kind in plan.patches
        if (found := patches_of_square(square, plan.is_wanted(kind)[pieces.land_class], pieces.cell, pieces.group, pieces.area))
    }
    return Partial(groups, kept, numbers, extremes, pieces.unknown, int(by_zone.argmax()), patches)


def _add(group: NDArray[np.intp], weights: Array, n: int) -> Array:
    """Sums by group, in float64 from the first addition on, in the order of the cells."""
    return np.bincount(group, weights, n).astype(np.float64, copy=False)


def _count(group: NDArray[np.intp], n: int) -> Array:
    return np.bincount(group, minlength=n).astype(np.float64)


def evaluate(plan: Plan, values: Values, flow: Flow) -> tuple[Array, NDArray[np.bool_]]:
    """The density of a flow at every piece, and where it is counted and has all its layers: elsewhere the density means nothing.

    A missing layer makes the cell missing even where the formula would not have looked at it.
    """
    pieces = values.pieces
    density = np.broadcast_to(values[flow.node], pieces.area.shape)
    has_inputs = flow.is_counted[pieces.land_class].copy()
    for layer in plan.layer_names_of(flow):
        field_values = values[LayerInput(layer)]
        has_inputs &= np.isfinite(field_values if field_values.ndim == 1 else field_values.sum(axis=0))
    return density, has_inputs


def _sum_flow(plan: Plan, values: Values, flow: Flow, tables: dict[str, Array]) -> None:
    pieces, n, name = values.pieces, plan.n_groups, flow.key
    density, has_inputs = evaluate(plan, values, flow)
    valid = np.flatnonzero(has_inputs & np.isfinite(density))
    group, area = pieces.group[valid], pieces.area[valid]
    weighted = density[valid] * area
    tables[f"{name}/sum"] = _add(group, flow.counted(weighted), n)
    tables[f"{name}/valid"] = _add(group, area, n)
    tables[f"{name}/cells"] = _count(group, n)
    with_inputs = np.flatnonzero(has_inputs)
    tables[f"{name}/inputs"] = _add(pieces.group[with_inputs], pieces.area[with_inputs], n)
    negative = weighted < 0
    tables[f"{name}/negative"] = _add(group[negative], weighted[negative], n)
    tables[f"{name}/negative_area"] = _add(group[negative], area[negative], n)
    for node in _summed_inputs(flow.node):
        tables[f"{name}/in:{node.name}"] = _add(group, values[node][valid] * area, n)


def _summed_inputs(root: Computed) -> list[LayerInput | Computed]:
    """The layers and derived layers that go into a flow, without those that have a month axis: their sums explain the figure."""
    found: dict[str, LayerInput | Computed] = {}

    def walk(node: Computed) -> None:
        for part in node.inputs:
            if isinstance(part, LayerInput | Computed) and not part.name.startswith("monthly_"):
                found.setdefault(part.name, part)
            if isinstance(part, Computed):
                walk(part)

    walk(root)
    return list(found.values())


def _tally_layer(plan: Plan, values: Values, name: str, numbers: dict[str, float], extremes: dict[str, tuple[float, float]]) -> None:
    """How much of the city a layer covers, and every cell's value against what it can be, is usually, and is written for missing."""
    kind, area = plan.kinds[name], values.pieces.area
    sample = values.sample(name)
    lowest, highest = values.at_pieces(sample.lowest), values.at_pieces(sample.highest)
    present = values.at_pieces(sample.values)
    if lowest.ndim == 2:
        lowest, highest, present = lowest.min(axis=0), highest.max(axis=0), present.sum(axis=0)
    valid = np.isfinite(present)
    numbers[f"layer/{name}/valid"] = float(area[valid].sum())
    tested = np.isfinite(lowest)
    if not tested.any():
        return
    extremes[name] = float(lowest[tested].min()), float(highest[tested].max())
    least, most = extremes[name]
    if least < kind.low or most > kind.high:
        outside = tested & ((lowest < kind.low) | (highest > kind.high))
        numbers[f"layer/{name}/outside"] = float(area[outside].sum())
        for fill in plan.layers[name].suspects:
            is_fill = outside & (np.isclose(lowest, fill, rtol=1e-6) | np.isclose(highest, fill, rtol=1e-6))
            if is_fill.any():
                numbers[f"layer/{name}/fill/{fill!r}"] = float(area[is_fill].sum())
    if least < kind.usual_low or most > kind.usual_high:
        unusual = tested & ((lowest < kind.usual_low) | (highest > kind.usual_high))
        numbers[f"layer/{name}/unusual"] = float(area[unusual].sum())


def _tally_check(check: CellCheck, values: Values, numbers: dict[str, float]) -> None:
    fields = [values[LayerInput(name)] for name in check.layers]
    valid = np.logical_and.reduce([np.isfinite(f) for f in fields])
    area = values.pieces.area
    numbers[f"check/{check.code}/valid"] = float(area[valid].sum())
    numbers[f"check/{check.code}/found"] = float(area[valid & check.test(*fields)].sum())


# all squares -------------------------------------------------------------------------------------------------------------------------


def windows(grid: Grid, size: int) -> list[list[Square]]:
    """The squares of the grid, grouped by read window."""
    if size <= 0 or size % SQUARE:
        raise UsageError(f"The read window must be a multiple of {SQUARE} cells; {size} was given.")
    groups: dict[tuple[int, int], list[Square]] = {}
    for square in grid.squares():
        groups.setdefault((square.row0 // size, square.col0 // size), []).append(square)
    return list(groups.values())


def around(squares: Sequence[Square]) -> Square:
    """The smallest block that holds some squares."""
    return Square(min(s.row0 for s in squares), max(s.row1 for s in squares), min(s.col0 for s in squares), max(s.col1 for s in squares))


def compute_window(plan: Plan, readers: Readers, squares: Sequence[Square]) -> list[Partial]:
    """All sums of the squares of one read window."""
    readers.load(around(squares))
    partials = (compute_square(plan, readers, square) for square in squares)
    return [partial for partial in partials if partial is not None]


def compute_batch(plan: Plan, batch: Sequence[Sequence[Square]]) -> list[Partial]:
    """Several windows in one task: what is sent to a worker. Takes paths and numbers, returns sums."""
    readers = Readers(plan)
    return [partial for squares in batch for partial in compute_window(plan, readers, squares)]


def run(plan: Plan, *, threads: int = 1, window: int = 2 * SQUARE, client: Any = None, progress: Progress | None = None) -> Sums:
    """One pass over the grid, by threads of this machine or by the workers of a dask client."""
    tasks = windows(plan.grid, window)
    partials = _by_client(plan, tasks, client) if client is not None else _by_threads(plan, tasks, threads, progress)
    return combine(plan, partials)


def _by_client(plan: Plan, tasks: list[list[Square]], client: Any) -> Iterator[Partial]:
    size = max(1, min(16, len(tasks) // (2 * max(1, len(client.ncores()))) or 1))
    batches = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    sent = client.scatter(plan, broadcast=True, hash=False)
    for result in client.gather(client.map(lambda batch, plan: compute_batch(plan, batch), batches, plan=sent, pure=False)):
        yield from result


def _by_threads(plan: Plan, tasks: list[list[Square]], threads: int, progress: Progress | None) -> Iterator[Partial]:
    local = threading.local()

    def work(squares: list[Square]) -> list[Partial]:
        if not hasattr(local, "readers"):
            local.readers = Readers(plan)
        return compute_window(plan, local.readers, squares)

    done = 0
    with ThreadPoolExecutor(max(1, threads)) as pool:
        waiting: set[Future[list[Partial]]] = {pool.submit(work, squares) for squares in tasks}
        try:
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    done += 1
                    if progress:
                        progress(done, len(tasks), plan.zones.zones[result[-1].zone].name if result else "")
                    yield from result
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def combine(plan: Plan, partials: Iterable[Partial]) -> Sums:
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
