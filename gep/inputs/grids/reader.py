"""The values of a layer on any square of the grid, by the methods that `align` names.

Missing cells neither grow nor shrink by interpolation: a cell is missing exactly where the source cell that contains
its centre is; elsewhere the valid ones of the four neighbours share the weight. An average needs valid source cells on
at least half of the cell. Outside the layer everything is missing. Where the axes of layer and grid are parallel, rows
and columns are looked up separately and average and shares are exact; elsewhere centres are projected on a mesh and
interpolated (to better than a hundredth of a source cell), and average and shares are taken from a fixed sub-grid of at
most 16 × 16 points per cell.

A cell's value depends on nothing but the layer and the grid: the mesh is anchored to the lattice, and every step works
cell by cell.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.inputs.grids.align import Floats, Meeting, meet, resampling_for
from gep.inputs.grids.bilinear import Axes, Bilinear, Coarse, Mesh, Sample, in_block
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.headers import Lattice
from gep.inputs.grids.layers import Block, BlockSource, Layer, Needed, Source, in_dtype
from gep.inputs.grids.transform import wkt

if TYPE_CHECKING:
    import xarray as xr

Integers = NDArray[np.int64]

MESH_TOLERANCE = 5e-3
"""In source cells: how far a position interpolated on the mesh may be from the true one."""

RESIDENT_BYTES, BLOCK_CELLS, FINEST_POINTS, VALID_SHARE = 64 * 2**20, 2**23, 16, 0.5


# -- arithmetic on blocks ----------------------------------------------------------------------------------------------


class _Overlap(NamedTuple):
    """Which source cells along one axis overlap which target cells, by how much: sorted by target, then source."""

    target: Integers
    source: Integers
    weight: Floats
    share: Floats
    first: Integers
    end: Integers

    def matrix(self, origin: int, size: int) -> Any:
        from scipy.sparse import csr_matrix  # which few grids need, and takes long to load

        starts = np.concatenate([[0], np.cumsum(self.end - self.first)])
        return csr_matrix((self.weight, self.source - origin, starts), shape=(len(self.first), size))


def _overlap(edges: Floats) -> _Overlap:
    first, end = np.floor(edges[:-1]).astype(np.int64), np.ceil(edges[1:]).astype(np.int64)
    count = end - first
    target = np.repeat(np.arange(len(first)), count)
    source = np.arange(len(target)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    weight = np.minimum(edges[target + 1], source + 1) - np.maximum(edges[target], source)
    return _Overlap(target, source, weight, weight / np.diff(edges)[target], first, end)


LatticeKey = tuple[str, Lattice]
"""What layers have in common whose cells lie at the same places."""


@dataclasses.dataclass
class Held:
    """An open layer, with what of it is in memory: all of a coarse one, and the last window."""

    source: BlockSource
    home: Block | None = None
    window: Block | None = None
    readers: int = 0


@dataclasses.dataclass
class Shared:
    """What the readers of a thread on one grid find out once: positions of the cells of a square among those of a
    lattice, by the lattice and the block, the last square's place on each, the width of the mesh between which they are
    found, and open layers with the blocks that were read of them.
    """

    positions: dict[tuple[LatticeKey, Needed], tuple[Square, Bilinear]] = dataclasses.field(default_factory=dict)
    places: dict[LatticeKey, tuple[Square, Axes | Mesh]] = dataclasses.field(default_factory=dict)
    steps: dict[LatticeKey, int] = dataclasses.field(default_factory=dict)
    held: dict[Hashable, Held] = dataclasses.field(default_factory=dict)

    def step(self, key: LatticeKey, meeting: Meeting) -> int:
        """The mesh of a lattice, in cells of the grid."""
        if key not in self.steps:
            self.steps[key] = _mesh_step(meeting)
        return self.steps[key]

    def open(self, layer: Layer, period: int | None) -> Held:
        """A layer, opened once for all readers that read the same of the same file."""
        key = layer.content_key, period
        if key not in self.held:
            self.held[key] = Held(layer.open(period))
        self.held[key].readers += 1
        return self.held[key]


def _average(values: Floats, rows: _Overlap, cols: _Overlap, row0: int, col0: int) -> Sample:
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
        out = values
        for axis, overlap, origin in ((0, rows, row0), (1, cols, col0)):
            runs = [
                np.minimum(overlap.first + k, overlap.end - 1) - origin
                for k in range((overlap.end - overlap.first).max())
            ]
            field, out = out, np.take(out, runs[0], axis)
            for run in runs[1:]:
                function(out, np.take(field, run, axis), out=out)
        return np.where(np.isnan(mean), np.nan, out)

    return Sample(mean, extreme(np.fmin), extreme(np.fmax))


# -- reading -----------------------------------------------------------------------------------------------------------


class Reader:
    """Gives a layer on the squares of a grid. One for each thread: it holds an open file.

    Readers with one `shared` find the positions of cells once where their layers have the same lattice, and read once
    what is the same part of the same file.
    """

    def __init__(self, layer: Layer, grid: Grid, shared: Shared | None = None) -> None:
        self.layer, self.grid = layer, grid
        self._shared = Shared() if shared is None else shared
        self.lattice_key: LatticeKey = wkt(layer.crs), layer.lattice
        self._meeting = meet(layer, grid)
        self.resampling = resampling_for(layer, grid)
        self._held = self._shared.open(layer, self._meeting.period)
        self._months = math.prod(layer.header.lead)
        self._mesh_step = 0 if self.has_axes else self._shared.step(self.lattice_key, self._meeting)
        self._points = min(FINEST_POINTS, max(2, math.ceil(1 / self._meeting.ratio - 1e-6)))

    def close(self) -> None:
        self._held.source.close()

    def let_go(self) -> None:
        """Let go of the window, unless other readers hold it too."""
        if self._held.readers == 1:
            self._held.window = None

    def pending(self, window: Square) -> xr.DataArray | None:
        """What `load` would have dask compute of the layer; None where that is nothing."""
        needed = self._needed(window)
        if (
            self._cached(needed)
            or self._bytes(needed) > 4 * RESIDENT_BYTES
            or not isinstance(self._held.source, Source)
        ):
            return None
        return self._held.source.pending(*needed)

    def take(self, window: Square, values: Any) -> None:
        """Hold what `pending` has become, in place of loading the window."""
        source, needed = self._held.source, self._needed(window)
        assert isinstance(source, Source), "nothing else has anything pending"
        self._held.window = source.block_of(values, needed[0], needed[2])

    def load(self, window: Square) -> None:
        """Read what the squares of a window need in one go; only the speed changes. Too large a window is left to its
        squares.
        """
        needed = self._needed(window)
        if self._cached(needed) is None:
            is_small = self._bytes(needed) <= 4 * RESIDENT_BYTES
            self._held.window = self._held.source.read(*needed) if is_small else None

    def square(self, square: Square) -> Sample:
        """The values of a continuous layer on a square."""
        parts = [(part, self._sample(part, needed)) for part, needed in self._parts(square)]
        if len(parts) == 1:
            return parts[0][1]
        shape = (*parts[0][1].values.shape[:-2], *square.shape)
        out = Sample(np.empty(shape), np.empty(square.shape), np.empty(square.shape))
        for part, sample in parts:
            where = _within(part, square)
            out.values[..., *where], out.lowest[where], out.highest[where] = (
                sample.values,
                sample.lowest,
                sample.highest,
            )
        return out

    @property
    def is_plain(self) -> bool:
        """Whether the numbers of the file are those of the cells, but for nodata, scale and offset."""
        layer = self.layer
        is_packed_alike = not layer.by_field and layer.valid is None
        return self.resampling == "none" and is_packed_alike and self._hole is not None

    @property
    def _hole(self) -> float | None:
        """The number of the file that can stand for missing: of whole numbers there may be none."""
        kind, size = self.layer.dtype.kind, self.layer.dtype.itemsize
        if kind == "f":
            return math.nan if size in (4, 8) else None
        numbers = (in_dtype(value, self.layer.dtype) for value in self.layer.missing_values)
        return next((float(number) for number in numbers if number is not None), None) if size <= 4 else None

    def plain(self, square: Square) -> NDArray[Any]:
        """The numbers of the file on a square, of a layer that `is_plain`, as they lie in memory; what a mask hides has
        a number that stands for missing.
        """
        block = self._block(self._needed(square))
        raw = block.raw if block.raw.dtype.isnative else block.raw.astype(block.raw.dtype.newbyteorder("="))
        if block.hidden is not None and block.hidden.any():
            raw = np.where(block.hidden, np.array(self._hole, raw.dtype), raw)
        return raw

    def is_at_hand(self, square: Square) -> bool:
        """Whether it is plain, with one number for a cell, and what is on the square was read already."""
        return self.is_plain and not self.layer.header.lead and self._cached(self._needed(square)) is not None

    @property
    def is_coarse(self) -> bool:
        """Whether cells lie between source cells, from which they are interpolated."""
        return self.resampling == "bilinear"

    @property
    def has_axes(self) -> bool:
        """Whether rows and columns of cells lie along those of the layer."""
        return self._meeting.transformer is None

    def coarse(self, square: Square) -> Coarse:
        """The source cells around a square of a layer that `is_coarse`, and how the cells lie among them."""
        place = self.place(square)
        return Coarse.of_block(self.layer.decode(*self._block(place.needed)[:2]), place)

    def place(self, square: Square) -> Axes | Mesh:
        """How the cells of a square lie among the source cells around it."""
        found_for, found = self._shared.places.get(self.lattice_key, (None, None))
        if found is None or found_for != square:
            found = self._place(square, self._needed(square))
            self._shared.places[self.lattice_key] = square, found
        return found

    def _place(self, square: Square, needed: Needed) -> Axes | Mesh:
        if self.has_axes:
            return Axes(needed, *in_block(*self._centres(square), needed))
        nodes, step = self._nodes(square), self._mesh_step
        rows = np.arange(square.row0, square.row1, dtype=np.float64) + 0.5
        cols = np.arange(square.col0, square.col1, dtype=np.float64) + 0.5
        i, t = _between(rows, square.row0 // step, nodes[0].shape[0], step)
        j, u = _between(cols, square.col0 // step, nodes[0].shape[1], step)
        return Mesh(needed, nodes, (i, t), (j, u))

    def numbers(self, square: Square) -> tuple[NDArray[Any], NDArray[np.bool_] | None] | None:
        """The numbers of the file at cells, and which a mask hides; None where the cells are not those of the file."""
        return self._block(self._needed(square))[:2] if self.resampling == "none" else None

    def codes(self, square: Square) -> Integers:
        """The class code of every cell, by the source cell that contains its centre; MISSING_CODE where there
        is none.
        """
        out = np.empty(square.shape, np.int64)
        for part, needed in self._parts(square):
            out[_within(part, square)] = self._codes(part, needed)
        return out

    def shares(self, square: Square) -> tuple[Integers, Integers, Floats]:
        """Area shares of the classes in the cells of a square: flat cell number, class code and share, sorted by cell
        and code.

        The shares of a cell add to 1; what is missing has MISSING_CODE. A layer that is not finer than the grid has one
        class per cell.
        """
        if self.resampling != "shares":
            codes = self.codes(square).ravel()
            return np.arange(codes.size), codes, np.ones(codes.size)
        found = []
        for part, needed in self._parts(square):
            cell, code, share = self._shares(part, needed)
            row, col = np.divmod(cell, part.shape[1])
            found.append(
                ((row + part.row0 - square.row0) * square.shape[1] + col + part.col0 - square.col0, code, share)
            )
        cell, code, share = (np.concatenate(pieces) for pieces in zip(*found, strict=True))
        order = np.lexsort((code, cell)) if len(found) > 1 else slice(None)
        return cell[order], code[order], share[order]

    # blocks

    def _block(self, needed: Needed) -> Block:
        """The block, from memory if it is there. A coarse layer is read once for the whole grid; the rest as it is
        asked for.
        """
        found = self._cached(needed)
        if found is None and self._held.home is None and self._meeting.ratio > 1 and self.resampling != "none":
            col, row = self._meeting.sample(33)
            whole = self._reach(row, col, 4)
            if self._bytes(whole) <= RESIDENT_BYTES:
                self._held.home = self._held.source.read(*whole)
                found = self._cached(needed)
        return found or self._held.source.read(*needed)

    def _cached(self, needed: Needed) -> Block | None:
        parts = (block.part(*needed) for block in (self._held.home, self._held.window) if block is not None)
        return next((part for part in parts if part is not None), None)

    def _bytes(self, needed: Needed) -> int:
        row0, row1, col0, col1 = needed
        return (row1 - row0) * (col1 - col0) * self.layer.dtype.itemsize * self._months

    def _reach(self, row: Floats, col: Floats, margin: int) -> Needed:
        """The block of source cells around positions, cut to a margin around the layer.

        Positions beyond that margin, or nowhere (NaN), are later sent to the block's first or last row, which then lies
        outside the layer.
        """
        lattice, is_somewhere = self.layer.lattice, np.isfinite(row) & np.isfinite(col)
        if not is_somewhere.all():
            row, col = row[is_somewhere], col[is_somewhere]
            if not row.size:
                return -3, 0, -3, 0
        row0, row1 = (math.floor(min(max(v, -2), lattice.rows + 1)) for v in (row.min() - margin, row.max() + margin))
        low, high = (-2, lattice.cols + 1) if self._meeting.period is None else (-math.inf, math.inf)
        col0, col1 = (math.floor(min(max(v, low), high)) for v in (col.min() - margin, col.max() + margin))
        return (row0 - 1 if is_somewhere.all() else -3), row1 + 2, col0 - 1, col1 + 2

    def _needed(self, square: Square) -> Needed:
        """The source cells that a square needs."""
        if self.resampling == "none":
            row, col = self._meeting.shift
            return square.row0 + row, square.row1 + row, square.col0 + col, square.col1 + col
        if self._meeting.transformer is not None:
            step = (
                self._mesh_step
            )  # between nodes positions are bilinear, so their extremes lie on nodes and on the square's border
            rows, cols = (
                np.array([start, *range(start // step * step + step, end, step), end], dtype=np.float64)
                for start, end in ((square.row0, square.row1), (square.col0, square.col1))
            )
            return self._reach(*self._on_mesh(self._nodes(square), square, rows, cols), 0)
        row_edges, col_edges = self._edges(square)
        if self.resampling in {"average", "shares"}:
            (top, bottom), (left, right) = row_edges[[0, -1]], col_edges[[0, -1]]
            return math.floor(top), math.ceil(bottom), math.floor(left), math.ceil(right)
        return self._reach(*np.meshgrid(row_edges[[0, -1]], col_edges[[0, -1]]), 0)

    def _parts(self, square: Square) -> Iterator[tuple[Square, Needed]]:
        """The square, or its parts where it needs too many source cells at once, each with the source cells that it
        needs.
        """
        needed = self._needed(square)
        (height, width), cells = square.shape, (needed[1] - needed[0]) * (needed[3] - needed[2]) * self._months
        if self.resampling == "none" or cells <= BLOCK_CELLS or max(height, width) == 1:
            yield square, needed
        elif height > 1:
            middle = (square.row0 + square.row1) // 2
            yield from self._parts(square._replace(row1=middle))
            yield from self._parts(square._replace(row0=middle))
        else:
            middle = (square.col0 + square.col1) // 2
            yield from self._parts(square._replace(col1=middle))
            yield from self._parts(square._replace(col0=middle))

    # positions

    def _edges(self, square: Square) -> tuple[Floats, Floats]:
        """Positions of the row and column edges of a square, on parallel axes; rounded so that a hair's breadth is no
        overlap.
        """
        grid = self.grid
        x = grid.x0 + np.arange(square.col0, square.col1 + 1, dtype=np.float64) * grid.dx
        y = grid.y0 - np.arange(square.row0, square.row1 + 1, dtype=np.float64) * grid.dy
        col, row = self._meeting.positions(x, y)
        return np.round(row, 9), np.round(col, 9)

    def _nodes(self, square: Square) -> tuple[Floats, Floats]:
        """Row and column positions of the mesh nodes around a square: cell corners at multiples of the mesh step on the
        lattice.
        """
        step, grid = self._mesh_step, self.grid
        x = grid.x0 + np.arange(square.col0 // step, (square.col1 - 1) // step + 2) * step * grid.dx
        y = grid.y0 - np.arange(square.row0 // step, (square.row1 - 1) // step + 2) * step * grid.dy
        col, row = self._meeting.positions(*np.meshgrid(x, y))
        return row, col

    def _on_mesh(
        self, nodes: tuple[Floats, Floats], square: Square, rows: Floats, cols: Floats
    ) -> tuple[Floats, Floats]:
        """Source row and column position of points at `rows` × `cols` of the grid, by bilinear interpolation between
        the nodes.
        """
        step = self._mesh_step
        i, t = _between(rows, square.row0 // step, nodes[0].shape[0], step)
        j, u = _between(cols, square.col0 // step, nodes[0].shape[1], step)
        found = []
        for node in nodes:
            across = node[:, j] + u * (node[:, j + 1] - node[:, j])
            position = across[i]
            position += t[:, None] * (across[i + 1] - position)
            found.append(position)
        return found[0], found[1]

    def _within_cells(
        self, square: Square, nodes: tuple[Floats, Floats], down: float, right: float
    ) -> tuple[Floats, Floats]:
        """Source position of the point at (down, right) of every cell of a square, both from 0 to 1."""
        rows = np.arange(square.row0, square.row1, dtype=np.float64) + down
        cols = np.arange(square.col0, square.col1, dtype=np.float64) + right
        return self._on_mesh(nodes, square, rows, cols)

    def _centres(self, square: Square) -> tuple[Floats, Floats]:
        """Source row and column position of the cell centres: two axes where parallel, else two fields."""
        if self._meeting.transformer is None:
            col, row = self._meeting.positions(self.grid.x_centres(square), self.grid.y_centres(square))
            return np.round(row, 9), np.round(col, 9)
        return self._within_cells(square, self._nodes(square), 0.5, 0.5)

    # values

    def _sample(self, square: Square, needed: Needed) -> Sample:
        values = self.layer.decode(*self._block(needed)[:2])
        if self.resampling == "none":
            return _as_found(values)
        if self.resampling == "average":
            return _per_month(values, self._averaging(square, needed))
        if self.resampling == "bilinear":
            return self._bilinear(square, needed)(values)
        return _as_found(values[..., *_cells_at(*self._centres(square), needed)])

    def _bilinear(self, square: Square, needed: Needed) -> Bilinear:
        key = self.lattice_key, needed
        found_for, found = self._shared.positions.get(key, (None, None))
        if found is None or found_for != square:
            row, col = in_block(*self._centres(square), needed)
            found = Bilinear(row, col, needed[0], needed[2], needed[3] - needed[2])
            for other in [other for other, (seen, _) in self._shared.positions.items() if seen != square]:
                del self._shared.positions[other]
            self._shared.positions[key] = square, found
        return found

    def _averaging(self, square: Square, needed: Needed) -> Callable[[Floats], Sample]:
        if self._meeting.transformer is None:
            rows, cols = (_overlap(edges) for edges in self._edges(square))
            return partial(_average, rows=rows, cols=cols, row0=needed[0], col0=needed[2])
        return partial(self._average_of_points, square=square, needed=needed)

    def _average_of_points(self, values: Floats, square: Square, needed: Needed) -> Sample:
        total, count = np.zeros(square.shape), np.zeros(square.shape)
        lowest, highest = np.full(square.shape, np.nan), np.full(square.shape, np.nan)
        for row, col in self._points_of(square, needed):
            value = values[row, col]
            is_valid = ~np.isnan(value)
            count += is_valid
            total += np.where(is_valid, value, 0.0)
            np.fmin(lowest, value, out=lowest)
            np.fmax(highest, value, out=highest)
        is_missing = count < VALID_SHARE * self._points**2
        for field in (lowest, highest, total):
            field[is_missing] = np.nan
        return Sample(total / np.maximum(count, 1), lowest, highest)

    def _points_of(self, square: Square, needed: Needed) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """For each point of the fixed sub-grid of a cell: row and column in the block of the source cell it falls into,
        for all cells.
        """
        nodes, count = self._nodes(square), self._points
        for a, b in product(range(count), repeat=2):
            yield _cells_at(*self._within_cells(square, nodes, (a + 0.5) / count, (b + 0.5) / count), needed)

    # classes

    def _codes(self, square: Square, needed: Needed) -> Integers:
        codes = self.layer.codes(*self._block(needed)[:2])
        if self.resampling == "none":
            return codes
        return codes[_cells_at(*self._centres(square), needed)]

    def _shares(self, square: Square, needed: Needed) -> tuple[Integers, Integers, Floats]:
        codes = self.layer.codes(*self._block(needed)[:2])
        names, numbered = np.unique(codes, return_inverse=True)
        numbered, kinds = numbered.reshape(codes.shape), len(names)
        height, width = square.shape
        table = np.zeros(height * width * kinds)
        if self._meeting.transformer is None:
            rows, cols = (_overlap(edges) for edges in self._edges(square))
            for i in range(height):  # a row of cells at a time, so that memory stays small
                here = slice(*np.searchsorted(rows.target, [i, i + 1]))
                key = cols.target * kinds + numbered[rows.source[here] - needed[0]][:, cols.source - needed[2]]
                weight = rows.share[here, None] * cols.share
                table[i * width * kinds : (i + 1) * width * kinds] = np.bincount(
                    key.ravel(), weight.ravel(), width * kinds
                )
        else:
            cell = np.arange(height * width).reshape(square.shape) * kinds
            for row, col in self._points_of(square, needed):
                table[(cell + numbered[row, col]).ravel()] += 1  # one point per cell at a time, so no index comes twice
            table /= self._points**2
        shares = table.reshape(height * width, kinds)
        where, kind = np.nonzero(shares)
        return where, names[kind], shares[where, kind]


def _within(part: Square, square: Square) -> tuple[slice, slice]:
    return slice(part.row0 - square.row0, part.row1 - square.row0), slice(
        part.col0 - square.col0, part.col1 - square.col0
    )


def _between(at: Floats, first: int, count: int, step: int) -> tuple[NDArray[np.intp], Floats]:
    """Mesh cell and position within it, of points along one axis of the grid; `first` is the number of the
    first node.
    """
    cell = np.minimum(np.floor(at / step).astype(np.intp), first + count - 2)
    return cell - first, (at - cell * step) / step


def _cells_at(row: Floats, col: Floats, needed: Needed) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column in the block of the source cells that contain the positions, as indices of one pair of shapes."""
    row, col = in_block(row, col, needed)
    i, j = np.floor(row).astype(np.intp) - needed[0], np.floor(col).astype(np.intp) - needed[2]
    return (i[:, None] if i.ndim == 1 else i), j


def _as_found(values: Floats) -> Sample:
    """Source values themselves."""
    return (
        Sample(values, values, values) if values.ndim == 2 else Sample(values, values.min(axis=0), values.max(axis=0))
    )


def _per_month(values: Floats, method: Callable[[Floats], Sample]) -> Sample:
    if values.ndim == 2:
        return method(values)
    out: Floats | None = None
    for month, field in enumerate(values):
        of_month = method(field)
        if out is None:
            out = np.empty((len(values), *of_month.values.shape))
            lowest, highest = of_month.lowest.copy(), of_month.highest.copy()
        else:
            np.minimum(lowest, of_month.lowest, out=lowest)
            np.maximum(highest, of_month.highest, out=highest)
        out[month] = of_month.values
    assert out is not None, "a year has months"
    return Sample(out, lowest, highest)


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
        errors = [
            at(0, 0.5) - (corner + east) / 2,
            at(0.5, 0) - (corner + south) / 2,
            at(0.5, 0.5) - (corner + east + south + opposite) / 4,
        ]
        worst = np.abs(np.stack(errors))
        if np.isfinite(worst).any() and np.nanmax(worst) < MESH_TOLERANCE:
            return step
    return 1
