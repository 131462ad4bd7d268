"""Some cells of the grid with the values of all layers at them: what medians, regressions and comparisons of layers
need, kept small however large the grid is.

The cells lie on a lattice of their own that depends on the grid alone, so that neither window nor thread changes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gep.inputs.grids.area import horizontal
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.transform import WGS84, transformer
from gep.inputs.grids.zones import ZoneLayer

MOST_CELLS = 2**16
"""So many cells of the whole grid are kept at most."""

MOST_SQUARES = 16
"""So many squares stand for the whole grid where not every one is looked at."""


@dataclass(frozen=True)
class CellSample:
    """Pieces of some cells: row and column of the cell on the lattice of the grid, zone, land class, area in m2, and
    the value of every layer in its own unit, (n,) or with the months before, NaN where it is missing.
    """

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    zone: NDArray[np.intp]
    land_class: NDArray[np.intp]
    area: NDArray[np.float64]
    layers: Mapping[str, NDArray[np.float32]]
    steepness: NDArray[np.float32]
    """The slope of the elevation from cell to cell, in radians: NaN where that is not given, or no slope with it."""

    def __len__(self) -> int:
        return len(self.row)


def step_of(grid: Grid) -> int:
    """How many cells of the grid lie from one cell of the sample to the next, in rows and columns."""
    cells = math.prod(grid.shape)
    return max(1, math.ceil(math.sqrt(cells / MOST_CELLS)))


def is_sampled(grid: Grid, square: Square, cell: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which pieces of a square belong to the sample: positions in `cell`, the flat number of the cell of each."""
    step = step_of(grid)
    if step == 1:
        return np.arange(len(cell))
    row = np.arange(square.row0, square.row1) % step == 0
    col = np.arange(square.col0, square.col1) % step == 0
    return np.flatnonzero((row[:, None] & col).ravel().take(cell))


def joined(parts: Sequence[CellSample]) -> CellSample:
    """The samples of several squares as one."""
    names = dict.fromkeys(name for part in parts for name in part.layers)

    def values(part: CellSample, name: str) -> NDArray[np.float32]:
        if name in part.layers:
            return part.layers[name]
        lead = next(other.layers[name].shape[:-1] for other in parts if name in other.layers)
        return np.full((*lead, len(part)), np.nan, np.float32)

    def column(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0)

    return CellSample(
        row=column("row").astype(np.int64),
        col=column("col").astype(np.int64),
        zone=column("zone").astype(np.intp),
        land_class=column("land_class").astype(np.intp),
        area=column("area").astype(np.float64),
        layers={name: np.concatenate([values(part, name) for part in parts], axis=-1) for name in names},
        steepness=column("steepness").astype(np.float32),
    )


def longitudes_latitudes(grid: Grid, sample: CellSample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of the centres of the cells, in degrees."""
    x = grid.x0 + (sample.col + 0.5) * grid.dx
    y = grid.y0 - (sample.row + 0.5) * grid.dy
    lonlat = transformer(horizontal(grid.crs), WGS84).transform(x, y)
    return np.asarray(lonlat[0], np.float64), np.asarray(lonlat[1], np.float64)


def touched_squares(grid: Grid, zones: ZoneLayer) -> list[Square]:
    """The squares of the grid that the outline touches."""
    shapely.prepare(zones.outline)
    return [square for square in grid.squares() if zones.outline.intersects(shapely.box(*grid.square_bounds(square)))]


def chosen_squares(grid: Grid, zones: ZoneLayer) -> list[Square]:
    """The squares that stand for the whole grid: all of a small one; else some of those that the outline touches, each
    of the first zones with one, the rest spread evenly.
    """
    touched = touched_squares(grid, zones)
    if len(touched) <= MOST_SQUARES:
        return touched
    places = [geometry.representative_point() for geometry in zones.geometries if not geometry.is_empty]
    some = places[:: max(1, math.ceil(2 * len(places) / MOST_SQUARES))]
    of_zones = [
        square for place in some for square in touched if shapely.box(*grid.square_bounds(square)).intersects(place)
    ]
    free = MOST_SQUARES - len(set(of_zones))
    spread = [touched[round((i + 0.5) * len(touched) / free - 0.5)] for i in range(free)]
    return sorted({*of_zones, *spread})
