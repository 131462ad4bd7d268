"""A layer on the grid of the study: where its cells fall, and the values of any square.

Layers stay on their own lattice and are brought to the grid square by square, by a method that has a name:

    none      the same lattice: cells are copied
    nearest   the source cell that contains the centre
    bilinear  between the four source cells around the centre
    average   the mean of the source cells within the cell, weighted by overlap
    shares    class layers: the area share of each class within the cell

Missing cells neither grow nor shrink by interpolation: a cell is missing exactly where the source cell that contains its centre is; elsewhere
the valid ones of the four neighbours share the weight. An average needs valid source cells on at least half of the cell. Outside the layer
everything is missing. Where the axes of layer and grid are parallel, rows and columns are looked up separately and average and shares
are exact; elsewhere centres are projected on a mesh and interpolated (to better than a hundredth of a source cell), and average and
shares are taken from a fixed sub-grid of at most 16 × 16 points per cell.

A cell's value depends on nothing but the layer and the grid: the mesh is anchored to the lattice, and every step works cell by cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from gep.errors import InputError, Problem
from gep.grids.grid import Grid, Square
from gep.grids.layers import Layer

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MISSING_CODE = int(np.iinfo(np.int64).min)
"""Stands for "no class here" among class codes: no file has it."""

LATTICE_TOLERANCE = 1e-6
PARALLEL_TOLERANCE = 1e-3
MESH_TOLERANCE = 5e-3
"""In cells: of the same lattice, of coordinates taken as they are, of coordinates interpolated on the mesh."""

RESIDENT_BYTES = 64 * 2**20
BLOCK_CELLS = 2**23
FINEST_POINTS = 16
VALID_SHARE = 0.5


# -- how layer and grid lie to each other -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Meeting:
    """How a layer's lattice lies to a grid. Positions on the layer are in its cells, from its north-west corner.

    `transformer` is None where the axes are parallel, `x0` is the layer's, moved by whole turns to the grid's side of the globe, and
    `period` the number of columns in a turn (None: the layer does not repeat).
    """

    layer: Layer
    grid: Grid
    transformer: pyproj.Transformer | None
    centre: float | None
    turn: float | None
    x0: float
    period: int | None
    ratio: float

    def positions(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Column and row position of points of the grid's CRS; NaN where the point cannot be projected."""
        lattice = self.layer.lattice
        if self.transformer is not None:
            x, y = (np.where(np.isfinite(v), v, np.nan) for v in self.transformer.transform(x, y))
            if self.centre is not None and self.turn is not None:
                x = x - self.turn * np.round((x - self.centre) / self.turn)
        return (x - self.x0) / lattice.dx, (lattice.y0 - y) / lattice.dy

    def sample(self, count: int) -> tuple[Floats, Floats]:
        """Positions of count × count points spread over the grid's extent, its border included."""
        west, south, east, north = self.grid.bounds
        x, y = np.meshgrid(np.linspace(west, east, count), np.linspace(north, south, count))
        return self.positions(x, y)

    @property
    def is_same_lattice(self) -> bool:
        grid, lattice = self.grid, self.layer.lattice
        if self.transformer is not None:
            return False
        row, col = self.shift
        rows = [max(grid.row0, -row), min(grid.row1, lattice.rows - row)]
        cols = [max(grid.col0, -col), min(grid.col1, lattice.cols - col)] if self.period is None else [grid.col0, grid.col1]
        off_x = [(grid.x0 + c * grid.dx - self.x0) / lattice.dx - (c + col) for c in cols]
        off_y = [(lattice.y0 - grid.y0 + r * grid.dy) / lattice.dy - (r + row) for r in rows]
        alike = abs(grid.dx / lattice.dx - 1) < LATTICE_TOLERANCE and abs(grid.dy / lattice.dy - 1) < LATTICE_TOLERANCE
        return alike and max(map(abs, off_x + off_y)) <= LATTICE_TOLERANCE

    @property
    def shift(self) -> tuple[int, int]:
        """What to add to a row and column of the grid to get the layer's, if both are the same lattice."""
        lattice = self.layer.lattice
        return round((lattice.y0 - self.grid.y0) / lattice.dy), round((self.grid.x0 - self.x0) / lattice.dx)


def meet(layer: Layer, grid: Grid) -> Meeting:
    """Find out how a layer lies to a grid."""
    lattice = layer.lattice
    west, south, east, north = grid.bounds
    transformer = None if layer.crs == grid.crs else pyproj.Transformer.from_crs(grid.crs, layer.crs, always_xy=True)
    if transformer is not None and _changes_nothing(transformer, layer, grid):
        transformer = None
    middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
    half = np.array([-0.5, 0.5, 0, 0]), np.array([0, 0, -0.5, 0.5])
    around = middle[0] + half[0] * grid.dx, middle[1] + half[1] * grid.dy
    if transformer is not None:
        middle, around = transformer.transform(*middle), transformer.transform(*around)
    centre, turn, x0, period = None, None, lattice.x0, None
    if layer.crs.is_geographic:
        turn = round(2 * math.pi / layer.crs.axis_info[0].unit_conversion_factor, 9)
        centre = float(middle[0][0]) if np.isfinite(middle[0][0]) else 0.0
        x0 += turn * round((centre - lattice.x0 - lattice.cols * lattice.dx / 2) / turn)
        columns = turn / lattice.dx
        period = round(columns) if abs(columns - round(columns)) < PARALLEL_TOLERANCE else None
    ex, ey = np.diff(around[0])[[0, 2]], np.diff(around[1])[[0, 2]]
    cell = abs(ex[0] * ey[1] - ex[1] * ey[0])  # area of a grid cell, in units of the layer's CRS
    ratio = math.sqrt(lattice.dx * lattice.dy / cell) if np.isfinite(cell) and cell > 0 else 1.0
    return Meeting(layer, grid, transformer, centre, turn, x0, period, ratio)


def _changes_nothing(transformer: pyproj.Transformer, layer: Layer, grid: Grid) -> bool:
    """Whether both CRS give the same coordinates on this grid (WGS84 and CGCS2000; one projection under two names)."""
    if layer.crs.is_geographic != grid.crs.is_geographic:
        return False
    west, south, east, north = grid.bounds
    x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    to_x, to_y = transformer.transform(x, y)
    off_x, off_y = np.abs(to_x - x) / layer.lattice.dx, np.abs(to_y - y) / layer.lattice.dy
    if layer.crs.is_geographic:
        whole = 360 / layer.lattice.dx
        off_x = np.abs(off_x - whole * np.round(off_x / whole))
    return bool(np.maximum(off_x, off_y).max() < PARALLEL_TOLERANCE)


def resampling_for(layer: Layer, grid: Grid) -> str:
    """The method by which a layer comes to a grid: "none", "nearest", "bilinear", "average" or "shares".

    On the grid's own lattice "none"; else what the project says; else, for classes, "shares" where the source cell's side is at most three
    quarters of the grid cell's and "nearest" otherwise; for continuous layers "average" where it is at most half ("bilinear" would skip
    source cells) and "bilinear" otherwise. The sides are those of squares of equal area, compared in the layer's CRS at the centre of the grid.
    """
    return _method(meet(layer, grid))


def _method(meeting: Meeting) -> str:
    layer = meeting.layer
    if meeting.is_same_lattice:
        return "none"
    if layer.spec.resampling is not None:
        return "shares" if layer.kind == "class" and layer.spec.resampling == "average" else layer.spec.resampling
    if layer.kind == "class":
        return "shares" if meeting.ratio <= 0.75 else "nearest"
    return "average" if meeting.ratio <= 0.5 * (1 + 1e-6) else "bilinear"


def overlaps(layer: Layer, grid: Grid) -> bool:
    """Whether any of the layer lies on the extent of the grid."""
    meeting, lattice = meet(layer, grid), layer.lattice
    col, row = meeting.sample(33)
    if meeting.transformer is None:
        spans = [(float(col.min()), float(col.max()))]
        if meeting.period is not None:
            spans = [(a + k * meeting.period, b + k * meeting.period) for a, b in spans for k in (-1, 0, 1)]
        return bool(row.max() > 0 and row.min() < lattice.rows and any(b > 0 and a < lattice.cols for a, b in spans))
    inside = (row > 0) & (row < lattice.rows) & (np.mod(col, meeting.period or math.inf) < lattice.cols) & ((col > 0) | (meeting.period is not None))
    if inside.any():
        return True
    west, south, east, north = lattice.bounds  # a layer that is small against the grid: its points on the grid
    x, y = np.meshgrid(np.linspace(west, east, 33), np.linspace(south, north, 33))
    back_x, back_y = pyproj.Transformer.from_crs(layer.crs, grid.crs, always_xy=True).transform(x, y)
    west, south, east, north = grid.bounds
    if grid.is_geographic:
        back_x = back_x - 360 * np.round((back_x - (west + east) / 2) / 360)
    return bool(((back_x > west) & (back_x < east) & (back_y > south) & (back_y < north)).any())


def no_overlap_problem(layer: Layer, grid: Grid) -> Problem:
    """Error G02: the layer lies elsewhere."""
    place = layer.spec.data.name if hasattr(layer.spec.data, "name") and layer.spec.data.name else "DataArray"
    return Problem(
        "G02",
        "error",
        layer.name,
        "The layer does not touch the area of the account.",
        str(place),
        _extent(layer.crs, layer.lattice.bounds),
        f"some of {_extent(grid.crs, grid.bounds)}",
        "Check that this is the right file, that x and y are not exchanged, and that its coordinate system is the one it is labelled with.",
    )


def _extent(crs: pyproj.CRS, bounds: tuple[float, float, float, float]) -> str:
    west, south, east, north = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform_bounds(*bounds, densify_pts=21)
    return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"


# -- arithmetic on blocks -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sample:
    """A layer on one square: (h, w), or (12, h, w) if monthly; canonical unit, NaN = missing.

    `lowest` and `highest` are the least and the greatest source value that went into a cell (under bilinear, that of the source cell which
    contains the centre): ranges and fill numbers are tested on these, since an average hides them. They may be the same array.
    """

    values: Floats
    lowest: Floats
    highest: Floats


class _Block(NamedTuple):
    """Raw cells of the layer from row `row0` and column `col0` (which may lie outside it); `outside` also holds what a mask hides."""

    raw: NDArray[Any]
    outside: NDArray[np.bool_] | None
    row0: int
    col0: int

    def part(self, row0: int, row1: int, col0: int, col1: int) -> _Block | None:
        rows, cols = self.raw.shape[-2:]
        if row0 < self.row0 or col0 < self.col0 or row1 > self.row0 + rows or col1 > self.col0 + cols:
            return None
        where = (..., slice(row0 - self.row0, row1 - self.row0), slice(col0 - self.col0, col1 - self.col0))
        return _Block(self.raw[where], None if self.outside is None else self.outside[where], row0, col0)


class _Overlap(NamedTuple):
    """Which source cells along one axis overlap which target cells, by how much: sorted by target, then source."""

    target: Integers
    source: Integers
    weight: Floats
    first: Integers
    end: Integers

    def matrix(self, origin: int, size: int) -> csr_matrix:
        starts = np.concatenate([[0], np.cumsum(self.end - self.first)])
        return csr_matrix((self.weight, self.source - origin, starts), shape=(len(self.first), size))


def _overlap(edges: Floats) -> _Overlap:
    first, end = np.floor(edges[:-1]).astype(np.int64), np.ceil(edges[1:]).astype(np.int64)
    count = end - first
    target = np.repeat(np.arange(len(first)), count)
    source = np.arange(len(target)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    weight = np.minimum(edges[target + 1], source + 1) - np.maximum(edges[target], source)
    return _Overlap(target, source, weight, first, end)


def _bilinear(values: Floats, row: Floats, col: Floats) -> tuple[Floats, Floats]:
    """Interpolated and containing source value at positions in `values` (2-D): `row` and `col` are 1-D axes, or 2-D and of one shape."""
    top, left = np.floor(row - 0.5), np.floor(col - 0.5)
    down, right = row - 0.5 - top, col - 0.5 - left
    i, j = top.astype(np.intp), left.astype(np.intp)
    if row.ndim == 1:
        across = values[:, j]
        across += right * (values[:, j + 1] - across)
        out = across[i]
        out += down[:, None] * (across[i + 1] - out)
        source = values[np.floor(row).astype(np.intp)[:, None], np.floor(col).astype(np.intp)]
    else:
        flat, width = np.ascontiguousarray(values).ravel(), values.shape[1]
        at = i * width + j
        out, lower = flat[at], flat[at + width]
        out += right * (flat[at + 1] - out)
        lower += right * (flat[at + width + 1] - lower)
        out += down * (lower - out)
        source = flat[np.floor(row).astype(np.intp) * width + np.floor(col).astype(np.intp)]
    if np.isnan(values).any():
        bad = np.nonzero(np.isnan(out) & ~np.isnan(source))
        y, x = (bad[0], bad[1]) if row.ndim == 1 else (bad, bad)
        out[bad] = _renormalised(values, i[y], j[x], down[y], right[x])
    return out, source


def _renormalised(values: Floats, i: NDArray[np.intp], j: NDArray[np.intp], down: Floats, right: Floats) -> Floats:
    """The mean of the valid ones of four neighbours, by their bilinear weights."""
    total, weights = np.zeros(len(i)), np.zeros(len(i))
    for di, wi in ((0, 1 - down), (1, down)):
        for dj, wj in ((0, 1 - right), (1, right)):
            value = values[i + di, j + dj]
            weight = np.where(np.isnan(value), 0.0, wi * wj)
            total += weight * np.nan_to_num(value, nan=0.0)
            weights += weight
    return total / weights


def _average(values: Floats, rows: _Overlap, cols: _Overlap, row0: int, col0: int) -> tuple[Floats, Floats, Floats]:
    """Overlap-weighted mean, least and greatest of the valid source cells of each target cell."""
    down, across = rows.matrix(row0, values.shape[0]), cols.matrix(col0, values.shape[1])

    def summed(field: Floats) -> Floats:
        return np.ascontiguousarray((across @ (down @ field).T).T)

    valid = ~np.isnan(values)
    weight, whole = summed(valid.astype(np.float64)), summed(np.ones_like(values))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = summed(np.where(valid, values, 0.0)) / weight
    mean[weight < VALID_SHARE * whole * (1 - 1e-9)] = np.nan

    def extreme(function: np.ufunc) -> Floats:
        padded = np.pad(values, ((0, 1), (0, 1)), constant_values=np.nan)  # reduceat needs an index past the last run
        down_cells = function.reduceat(padded, np.stack([rows.first, rows.end], 1).ravel() - row0, axis=0)[::2]
        out = function.reduceat(down_cells, np.stack([cols.first, cols.end], 1).ravel() - col0, axis=1)[:, ::2].copy()
        out[np.isnan(mean)] = np.nan
        return out

    return mean, extreme(np.fmin), extreme(np.fmax)


# -- reading ------------------------------------------------------------------------------------------------------------------------------


class Reader:
    """Gives a layer on the squares of a grid. One for each thread: it holds an open file."""

    def __init__(self, layer: Layer, grid: Grid) -> None:
        self.layer, self.grid = layer, grid
        self._meeting = meet(layer, grid)
        self.resampling = _method(self._meeting)
        self._source = layer.open()
        self._mesh_step = _mesh_step(self._meeting) if self._meeting.transformer is not None else 0
        self._points = min(FINEST_POINTS, max(2, math.ceil(1 / self._meeting.ratio - 1e-6)))
        self._resident: _Block | None = None
        self._is_started = False

    def close(self) -> None:
        self._source.close()

    def load(self, window: Square) -> None:
        """Read what the squares of a window need in one go; only the speed changes. A window too large for memory is left for later."""
        if not (self._is_started and self._resident is not None and self._is_coarse):
            self._resident = self._read_if_small(self._needed(window), 4 * RESIDENT_BYTES)

    def square(self, square: Square) -> Sample:
        """The values of a continuous layer on a square."""
        return self._split(square, self._sample, _joined)

    def codes(self, square: Square) -> Integers:
        """The class code of every cell, by the source cell that contains its centre; MISSING_CODE where there is none."""
        return self._split(square, self._codes, np.concatenate)

    def shares(self, square: Square) -> tuple[Integers, Integers, Floats]:
        """Area shares of the classes in the cells of a square: flat cell number, class code and share, sorted by cell and code.

        The shares of a cell add to 1; what is missing has MISSING_CODE. A layer that is not finer than the grid has one class per cell.
        """
        if self.resampling != "shares":
            codes = self.codes(square).ravel()
            return np.arange(codes.size), codes, np.ones(codes.size)
        return self._split(square, self._shares, lambda parts, axis: _joined_shares(parts, axis, square))

    # blocks

    @property
    def _is_coarse(self) -> bool:
        return self._meeting.ratio > 1 and self.resampling != "none"

    def _block(self, needed: tuple[int, int, int, int]) -> _Block:
        if not self._is_started and self._is_coarse and self._resident is None:
            col, row = self._meeting.sample(33)
            self._resident = self._read_if_small(self._reach(row, col, 4), RESIDENT_BYTES)
        self._is_started = True
        return (self._resident.part(*needed) if self._resident is not None else None) or self._read(*needed)

    def _read_if_small(self, needed: tuple[int, int, int, int], limit: int) -> _Block | None:
        row0, row1, col0, col1 = needed
        size = (row1 - row0) * (col1 - col0) * self.layer.dtype.itemsize * (12 if self.layer.is_monthly else 1)
        return self._read(*needed) if size <= limit else None

    def _read(self, row0: int, row1: int, col0: int, col1: int) -> _Block:
        """A block that may reach beyond the layer, and round the globe."""
        lattice, period = self.layer.lattice, self._meeting.period
        months = (12,) if self.layer.is_monthly else ()
        shape = (*months, row1 - row0, col1 - col0)
        if row0 >= 0 and row1 <= lattice.rows and col0 >= 0 and col1 <= lattice.cols:
            return _Block(*self._source.read(row0, row1, col0, col1), row0, col0)
        raw, outside = np.zeros(shape, self.layer.dtype), np.ones(shape, np.bool_)
        top, bottom, col = max(row0, 0), min(row1, lattice.rows), col0
        while col < col1 and top < bottom:
            start = col % period if period is not None else col
            run = min(col1 - col, period - start) if period is not None else col1 - col
            left, right = max(start, 0), min(start + run, lattice.cols)
            if left < right:
                where = (..., slice(top - row0, bottom - row0), slice(col - col0 + left - start, col - col0 + right - start))
                raw[where], hidden = self._source.read(top, bottom, left, right)
                outside[where] = False if hidden is None else hidden
            col += run
        return _Block(raw, outside, row0, col0)

    def _reach(self, row: Floats, col: Floats, margin: int) -> tuple[int, int, int, int]:
        """The block of source cells around positions, cut to the layer and one cell around it."""
        lattice = self.layer.lattice
        row, col = row[np.isfinite(row)], col[np.isfinite(col)]
        if not (row.size and col.size):
            return -3, 0, -3, 0
        row0, row1 = (int(math.floor(min(max(v, -2), lattice.rows + 1))) for v in (row.min() - margin, row.max() + margin))
        low, high = (-2, lattice.cols + 1) if self._meeting.period is None else (-math.inf, math.inf)
        col0, col1 = (int(math.floor(min(max(v, low), high))) for v in (col.min() - margin, col.max() + margin))
        return row0 - 1, row1 + 2, col0 - 1, col1 + 2

    def _needed(self, square: Square) -> tuple[int, int, int, int]:
        if self.resampling == "none":
            row, col = self._meeting.shift
            return square.row0 + row, square.row1 + row, square.col0 + col, square.col1 + col
        if self._meeting.transformer is None:
            return self._reach(*self._edges(square), 0)
        col, row = self._nodes(square)
        return self._reach(row, col, 0)

    def _split(self, square: Square, one: Any, join: Any) -> Any:
        """Do a square in parts where it needs too many source cells at once."""
        row0, row1, col0, col1 = self._needed(square)
        (height, width), cells = square.shape, (row1 - row0) * (col1 - col0) * (12 if self.layer.is_monthly else 1)
        if self.resampling == "none" or cells <= BLOCK_CELLS or max(height, width) == 1:
            return one(square, (row0, row1, col0, col1))
        middle = (square.row0 + square.row1) // 2 if height > 1 else (square.col0 + square.col1) // 2
        halves = (
            (square._replace(row1=middle), square._replace(row0=middle)) if height > 1 else (square._replace(col1=middle), square._replace(col0=middle))
        )
        return join([self._split(half, one, join) for half in halves], axis=-2 if height > 1 else -1)

    # positions

    def _edges(self, square: Square) -> tuple[Floats, Floats]:
        """Positions of the row and column edges of a square, on parallel axes; rounded so that a hair's breadth is no overlap."""
        grid = self.grid
        x = grid.x0 + np.arange(square.col0, square.col1 + 1) * grid.dx
        y = grid.y0 - np.arange(square.row0, square.row1 + 1) * grid.dy
        col, row = self._meeting.positions(x, y)
        return np.round(row, 9), np.round(col, 9)

    def _nodes(self, square: Square) -> tuple[Floats, Floats]:
        """Column and row positions of the mesh nodes around a square: cell corners at multiples of the mesh step, counted from the lattice."""
        step, grid = self._mesh_step, self.grid
        x = grid.x0 + np.arange(square.col0 // step, (square.col1 - 1) // step + 2) * step * grid.dx
        y = grid.y0 - np.arange(square.row0 // step, (square.row1 - 1) // step + 2) * step * grid.dy
        return self._meeting.positions(*np.meshgrid(x, y))

    def _between_nodes(self, nodes: tuple[Floats, Floats], square: Square, down: float, right: float) -> tuple[Floats, Floats]:
        """Row and column position of the point at (down, right) within every cell, both from 0 to 1."""
        step = self._mesh_step
        rows, cols = np.arange(square.row0, square.row1), np.arange(square.col0, square.col1)
        i, j = rows // step - square.row0 // step, cols // step - square.col0 // step
        t, u = ((rows % step + down) / step)[:, None], (cols % step + right) / step
        found = []
        for node in (nodes[1], nodes[0]):
            across = node[:, j] + u * (node[:, j + 1] - node[:, j])
            position = across[i]
            position += t * (across[i + 1] - position)
            found.append(position)
        return found[0], found[1]

    def _centres(self, square: Square) -> tuple[Floats, Floats]:
        """Row and column positions of the cell centres: two axes where parallel, else two fields."""
        if self._meeting.transformer is None:
            col, row = self._meeting.positions(self.grid.x_centres(square), self.grid.y_centres(square))
            return np.round(row, 9), np.round(col, 9)
        return self._between_nodes(self._nodes(square), square, 0.5, 0.5)

    def _in_block(self, row: Floats, col: Floats, needed: tuple[int, int, int, int]) -> tuple[Floats, Floats]:
        """Positions counted from a block's corner; what lies far outside the layer, or nowhere, goes to the block's margin, which is outside."""
        row0, row1, col0, col1 = needed
        row, col = row - row0, col - col0
        if not (row.min() >= 0.5 and row.max() < row1 - row0 - 0.5 and col.min() >= 0.5 and col.max() < col1 - col0 - 0.5):  # NaN included
            row, col = np.where(np.isnan(row), 0.5, row), np.where(np.isnan(col), 0.5, col)
            row, col = np.clip(row, 0.5, row1 - row0 - 0.75), np.clip(col, 0.5, col1 - col0 - 0.75)
        return row, col

    # the methods

    def _decoded(self, needed: tuple[int, int, int, int]) -> Floats:
        block = self._block(needed)
        return self.layer.decode(block.raw, block.outside)

    def _sample(self, square: Square, needed: tuple[int, int, int, int]) -> Sample:
        values = self._decoded(needed)
        if self.resampling == "none":
            return Sample(values, values, values)
        fields = values if values.ndim == 3 else values[None]
        if self.resampling == "average":
            if self._meeting.transformer is None:
                rows, cols = (_overlap(edges) for edges in self._clipped_edges(square, needed))
                found = [_average(field, rows, cols, needed[0], needed[2]) for field in fields]
            else:
                found = [self._average_of_points(field, square, needed) for field in fields]
            out = [np.stack(part) if values.ndim == 3 else part[0] for part in zip(*found, strict=True)]
            return Sample(out[0], out[1], out[2])
        row, col = self._in_block(*self._centres(square), needed)
        if self.resampling == "nearest":
            i, j = np.floor(row).astype(np.intp), np.floor(col).astype(np.intp)
            picked = values[..., i[:, None], j] if i.ndim == 1 else values[..., i, j]
            return Sample(picked, picked, picked)
        pairs = [_bilinear(field, row, col) for field in fields]
        out = [np.stack(part) if values.ndim == 3 else part[0] for part in zip(*pairs, strict=True)]
        return Sample(out[0], out[1], out[1])

    def _clipped_edges(self, square: Square, needed: tuple[int, int, int, int]) -> tuple[Floats, Floats]:
        """Edges within the block: a cell that lies wholly beyond the layer becomes a full cell of its margin, which is missing."""
        row, col = self._edges(square)
        row0, row1, col0, col1 = needed
        return _squeezed(row, row0, row1), _squeezed(col, col0, col1)

    def _average_of_points(self, values: Floats, square: Square, needed: tuple[int, int, int, int]) -> tuple[Floats, Floats, Floats]:
        total, count = np.zeros(square.shape), np.zeros(square.shape)
        lowest, highest = np.full(square.shape, np.nan), np.full(square.shape, np.nan)
        for row, col in self._points_of(square, needed):
            value = values[row, col]
            valid = ~np.isnan(value)
            count += valid
            total += np.where(valid, value, 0.0)
            np.fmin(lowest, value, out=lowest)
            np.fmax(highest, value, out=highest)
        gone = count < VALID_SHARE * self._points**2
        for field in (lowest, highest, total):
            field[gone] = np.nan
        return total / np.where(gone, 1.0, count), lowest, highest

    def _points_of(self, square: Square, needed: tuple[int, int, int, int]) -> Any:
        """For each point of the fixed sub-grid of a cell: row and column of the source cell it falls into, for all cells."""
        nodes, count = self._nodes(square), self._points
        for a in range(count):
            for b in range(count):
                row, col = self._in_block(*self._between_nodes(nodes, square, (a + 0.5) / count, (b + 0.5) / count), needed)
                yield np.floor(row).astype(np.intp), np.floor(col).astype(np.intp)

    # classes

    def _classes(self, needed: tuple[int, int, int, int]) -> Integers:
        """Class codes of a block, MISSING_CODE where missing."""
        block = self._block(needed)
        raw, gone = block.raw, self.layer.missing(block.raw)
        if raw.dtype.kind == "f":
            absent = ~np.isfinite(raw)
            gone = absent if gone is None else gone | absent
            raw = np.where(gone, 0, raw)
            if (odd := raw[raw != np.rint(raw)]).size:
                name, do = self.layer.name, "Is this the class raster? If so, write it with whole codes."
                problem = Problem("L01", "error", name, "Class codes must be whole numbers.", found=f"{odd.flat[0]:g}", do=do)
                raise InputError(f"The layer `{name}` holds no classes.", [problem])
        codes = raw.astype(np.int64)
        for here in (gone, block.outside):
            if here is not None:
                codes[here] = MISSING_CODE
        return codes

    def _codes(self, square: Square, needed: tuple[int, int, int, int]) -> Integers:
        codes = self._classes(needed)
        if self.resampling == "none":
            return codes
        row, col = (np.floor(position).astype(np.intp) for position in self._in_block(*self._centres(square), needed))
        return codes[row[:, None], col] if row.ndim == 1 else codes[row, col]

    def _shares(self, square: Square, needed: tuple[int, int, int, int]) -> tuple[Integers, Integers, Floats]:
        codes = self._classes(needed)
        names, numbered = np.unique(codes, return_inverse=True)
        numbered = numbered.reshape(codes.shape)
        size, kinds = square.shape[0] * square.shape[1], len(names)
        table = np.zeros(size * kinds)
        if self._meeting.transformer is None:
            rows, cols = (_overlap(edges) for edges in self._clipped_edges(square, needed))
            for i in range(square.shape[0]):  # a row of cells at a time, so that memory stays small
                here = slice(*np.searchsorted(rows.target, [i, i + 1]))
                key = cols.target * kinds + numbered[rows.source[here] - needed[0]][:, cols.source - needed[2]]
                weight = rows.weight[here, None] * cols.weight
                width = square.shape[1] * kinds
                table[i * width : (i + 1) * width] = np.bincount(key.ravel(), weight.ravel(), width)
        else:
            cell = np.arange(size).reshape(square.shape) * kinds
            for row, col in self._points_of(square, needed):
                table[(cell + numbered[row, col]).ravel()] += 1  # one point per cell, so no index comes twice
        shares = table.reshape(size, kinds)
        shares /= shares.sum(axis=1, keepdims=True)
        where, kind = np.nonzero(shares)
        return where, names[kind], shares[where, kind]


def _squeezed(edges: Floats, low: int, high: int) -> Floats:
    """Edges cut to [low, high] without a cell of width nought: those beyond keep a whole source cell at the margin, where all is missing."""
    if edges[0] >= low and edges[-1] <= high:
        return edges
    raise NotImplementedError


def _mesh_step(meeting: Meeting) -> int:
    """The widest mesh, in cells of the grid, on which interpolated positions are good everywhere on its extent."""
    grid = meeting.grid
    rows, cols = np.linspace(grid.row0, grid.row1, 9), np.linspace(grid.col0, grid.col1, 9)
    for step in (32, 16, 8, 4, 2):

        def at(down: float, right: float, step: int = step) -> Floats:
            x = grid.x0 + (cols // step + right) * step * grid.dx
            y = grid.y0 - (rows // step + down) * step * grid.dy
            return np.stack(meeting.positions(*np.meshgrid(x, y)))

        corner, east, south, opposite = at(0, 0), at(0, 1), at(1, 0), at(1, 1)
        errors = [at(0, 0.5) - (corner + east) / 2, at(0.5, 0) - (corner + south) / 2, at(0.5, 0.5) - (corner + east + south + opposite) / 4]
        worst = np.abs(np.stack(errors))
        if np.isfinite(worst).any() and np.nanmax(worst) < MESH_TOLERANCE:
            return step
    return 1


def _joined(parts: list[Sample], axis: int) -> Sample:
    values, lowest, highest = (np.concatenate([getattr(part, name) for part in parts], axis=axis) for name in ("values", "lowest", "highest"))
    return Sample(values, lowest, highest)


def _joined_shares(parts: list[tuple[Integers, Integers, Floats]], axis: int, square: Square) -> tuple[Integers, Integers, Floats]:
    raise NotImplementedError
