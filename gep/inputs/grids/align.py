"""How a layer lies to the grid of the study, and by which method it comes to it.

Layers stay on their own lattice and are brought to the grid square by square, by a method that has a name:

    none      the same lattice: cells are copied
    nearest   the source cell that contains the centre
    bilinear  between the four source cells around the centre
    average   the mean of the source cells within the cell, weighted by overlap
    shares    class layers: the area share of each class within the cell

Here is found where cells fall; `reader` gives the values of any square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray

from gep.core.errors import Problem, problem
from gep.inputs.grids.grid import Grid
from gep.inputs.grids.headers import Lattice
from gep.inputs.grids.layers import Layer, lonlat_extent
from gep.inputs.grids.transform import system, transformer

Floats = NDArray[np.float64]

MOST_CELLS = 5 * 10**10
"""Cells of a grid beyond which it is taken for a slip: five times China at 30 m, or half a day of a whole machine. A
judgement, as are the next two.
"""
MOST_IN_CELL = 2**27
"""Cells of a layer in one cell of the grid, which are read at once: a degree of 10 m cells."""
HALF = 0.02
"""How near to a half the offset of two grids must be, in cells: coordinates are printed to some digits."""
MOST_OF_LAYER = 20 * MOST_CELLS
"""Cells of a layer on the whole grid."""

LATTICE_TOLERANCE = 1e-6
PARALLEL_TOLERANCE = 1e-3
"""In cells: of the same lattice, of coordinates taken as they are."""


@dataclass(frozen=True, eq=False)
class Meeting:
    """How a layer's lattice lies to a grid. Positions on the layer are in its cells, from its north-west corner.

    `transformer` is None where the axes are parallel, `x0` is the layer's, moved by whole turns to the grid's side of
    the globe, and `period` the number of columns in a turn (None: the layer does not repeat).
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
        cols = (
            [max(grid.col0, -col), min(grid.col1, lattice.cols - col)]
            if self.period is None
            else [grid.col0, grid.col1]
        )
        off_x = [(grid.x0 + c * grid.dx - self.x0) / lattice.dx - (c + col) for c in cols]
        off_y = [(lattice.y0 - grid.y0 + r * grid.dy) / lattice.dy - (r + row) for r in rows]
        sizes = [grid.dx / lattice.dx - 1, grid.dy / lattice.dy - 1]
        return max(map(abs, sizes + off_x + off_y)) <= LATTICE_TOLERANCE

    @property
    def shift(self) -> tuple[int, int]:
        """What to add to a row and column of the grid to get the layer's, if both are the same lattice."""
        lattice = self.layer.lattice
        return round((lattice.y0 - self.grid.y0) / lattice.dy), round((self.grid.x0 - self.x0) / lattice.dx)


def meet(layer: Layer, grid: Grid) -> Meeting:
    """Find out how a layer lies to a grid."""
    of_grid = grid.crs.srs, grid.bounds, (grid.dx, grid.dy)
    return Meeting(layer, grid, *_meet(layer.crs.srs, layer.lattice, *of_grid))


_Bounds = tuple[float, float, float, float]
_Found = tuple[pyproj.Transformer | None, float | None, float | None, float, int | None, float]


@lru_cache(maxsize=512)
def _meet(crs: str, lattice: Lattice, of_grid: str, bounds: _Bounds, cell: tuple[float, float]) -> _Found:
    """What a meeting says beside layer and grid: found once, and not by each thread for each layer."""
    source, target = system(crs), system(of_grid)
    west, south, east, north = bounds
    there = None if source == target else transformer(target, source)
    if there is not None and _changes_nothing(there, lattice, bounds, source.is_geographic, target.is_geographic):
        there = None
    middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
    half = np.array([-0.5, 0.5, 0, 0]), np.array([0, 0, -0.5, 0.5])
    around = middle[0] + half[0] * cell[0], middle[1] + half[1] * cell[1]
    if there is not None:
        middle, around = there.transform(*middle), there.transform(*around)
    centre, turn, x0, period = None, None, lattice.x0, None
    if source.is_geographic:
        turn = round(2 * math.pi / source.axis_info[0].unit_conversion_factor, 9)
        centre = float(middle[0][0]) if np.isfinite(middle[0][0]) else 0.0
        x0 += turn * round((centre - lattice.x0 - lattice.cols * lattice.dx / 2) / turn)
        columns = turn / lattice.dx
        period = round(columns) if abs(columns - round(columns)) < PARALLEL_TOLERANCE else None
    (across_x, _, down_x), (across_y, _, down_y) = np.diff(np.where(np.isfinite(around), around, np.nan))
    area = abs(across_x * down_y - down_x * across_y)  # of a grid cell, in units of the layer's CRS
    ratio = math.sqrt(lattice.dx * lattice.dy / area) if np.isfinite(area) and area > 0 else 1.0
    return there, centre, turn, x0, period, ratio


def _changes_nothing(
    there: pyproj.Transformer, lattice: Lattice, bounds: _Bounds, from_degrees: bool, to_degrees: bool
) -> bool:
    """Whether both CRS give the same coordinates on this grid (WGS84 and CGCS2000; one projection under two names)."""
    if from_degrees != to_degrees:
        return False
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    to_x, to_y = there.transform(x, y)
    off_x, off_y = np.abs(to_x - x) / lattice.dx, np.abs(to_y - y) / lattice.dy
    if from_degrees:
        whole = 360 / lattice.dx
        off_x = np.abs(off_x - whole * np.round(off_x / whole))
    return bool(np.maximum(off_x, off_y).max() < PARALLEL_TOLERANCE)


def resampling_for(layer: Layer, grid: Grid) -> str:
    """The method by which a layer comes to a grid: "none", "nearest", "bilinear", "average" or "shares".

    On the grid's own lattice "none"; else what the project says; else, for classes, "shares" where the source cell's
    side is at most three quarters of the grid cell's and "nearest" otherwise; for continuous layers "average" where it
    is at most half ("bilinear" would skip source cells) and "bilinear" otherwise. The sides are those of squares of
    equal area, in the layer's CRS at the centre of the grid.
    """
    meeting = meet(layer, grid)
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
        turns = [0] if meeting.period is None else [-meeting.period, 0, meeting.period]
        is_beside = any(col.max() + turn > 0 and col.min() + turn < lattice.cols for turn in turns)
        return bool(row.max() > 0 and row.min() < lattice.rows and is_beside)
    if ((row > 0) & (row < lattice.rows) & (np.mod(col, meeting.period or math.inf) < lattice.cols)).any():
        return True
    west, south, east, north = lattice.bounds  # a layer that is small against the grid: its points on the grid
    x, y = np.meshgrid(np.linspace(west, east, 33), np.linspace(south, north, 33))
    back_x, back_y = transformer(layer.crs, grid.crs).transform(x, y)
    west, south, east, north = grid.bounds
    if grid.is_geographic:
        back_x = back_x - 360 * np.round((back_x - (west + east) / 2) / 360)
    return bool(((back_x > west) & (back_x < east) & (back_y > south) & (back_y < north)).any())


def no_overlap_problem(layer: Layer, grid: Grid) -> Problem:
    """Error G02: the layer lies elsewhere."""
    found, needed = lonlat_extent(layer.crs, layer.lattice.bounds), lonlat_extent(grid.crs, grid.bounds)
    return problem("grids.G02.elsewhere", layer.name, place=layer.place, found=found, needed=needed)


def too_many_cells(grid: Grid, land_cover: Layer, *, is_own: bool) -> Problem | None:
    """Error G20: the grid has more cells than can be meant; `is_own` where the project gives its resolution."""
    rows, cols = grid.shape
    if rows * cols <= MOST_CELLS:
        return None
    subject, place = ("study.grid", "") if is_own else ("land_cover", land_cover.place)
    return problem(
        "grids.G20.own" if is_own else "grids.G20.of_land_cover",
        subject,
        place=place,
        most=float(MOST_CELLS),
        rows=rows,
        cols=cols,
        cell=grid.dx,
        unit=grid.crs.axis_info[0].unit_name,
        system=grid.crs.name,
    )


def too_fine(layer: Layer, grid: Grid) -> Problem | None:
    """Error G20: so many cells of the layer lie in one cell of the grid, or in all of them, that its header cannot be
    right.
    """
    ratio = meet(layer, grid).ratio
    in_cell = ratio**-2 if ratio > 0 else math.inf
    if in_cell <= MOST_IN_CELL and in_cell * math.prod(grid.shape) <= MOST_OF_LAYER:
        return None
    cell = f"{layer.lattice.dx:g} × {layer.lattice.dy:g} {layer.crs.axis_info[0].unit_name}"
    return problem("grids.G20.of_layer", layer.name, place=layer.place, cell=cell, count=in_cell)


def half_a_cell_off(layer: Layer, other: Layer) -> Problem | None:
    """Warning G21: the cells of the two are of one size and half a cell off each other, along rows and columns. The
    coordinates of centres were taken for those of corners in one of them.
    """
    one, two = layer.lattice, other.lattice
    if layer.crs != other.crs or not math.isclose(one.dx, two.dx) or not math.isclose(one.dy, two.dy):
        return None
    off = ((one.x0 - two.x0) / two.dx, (one.y0 - two.y0) / two.dy)
    if any(abs(part % 1 - 0.5) > HALF for part in off):
        return None
    return problem("grids.G21.half_a_cell", layer.name, place=layer.place, other=other.name)
