"""The grid of a study: a lattice in one CRS, cut into fixed squares.

A square belongs to the grid, not to how it is read: sums are made per square, so neither the read window nor the number
of threads can change a result.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyproj
from numpy.typing import NDArray

SQUARE = 512
"""Cells along the side of a square: part of the definition of a result (decision 0002)."""


class Square(NamedTuple):
    """A block of the grid: rows `row0` to `row1`, columns `col0` to `col1` (ends excluded), in cells from the lattice's
    origin.
    """

    row0: int
    row1: int
    col0: int
    col1: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.row1 - self.row0, self.col1 - self.col0


@dataclass(frozen=True)
class Grid:
    """A north-up lattice: cell (row, col) covers x0 + col dx to x0 + (col+1) dx and y0 - (row+1) dy to y0 - row dy.

    `row0 … col1` is the extent that is computed; it may lie anywhere on the lattice, negative indices included, so that
    a city that reaches beyond its land-cover raster is still covered. dx and dy are positive, in units of the CRS.
    """

    crs: pyproj.CRS = field(compare=False)
    x0: float
    y0: float
    dx: float
    dy: float
    row0: int
    row1: int
    col0: int
    col1: int
    scales: dict[tuple[float, ...], NDArray[np.float64]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Areal scales that were computed, by the first and last rows and columns that they are of: see `area`."""

    def __post_init__(self) -> None:
        if not (self.dx > 0 and self.dy > 0):
            raise ValueError("a grid needs positive cell sizes")

    @property
    def is_geographic(self) -> bool:
        return bool(self.crs.is_geographic)

    @property
    def shape(self) -> tuple[int, int]:
        return self.row1 - self.row0, self.col1 - self.col0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the computed extent, in the CRS."""
        return self.square_bounds(Square(self.row0, self.row1, self.col0, self.col1))

    def squares(self) -> Iterator[Square]:
        """Every fixed square that touches the extent, in raster order, clipped to the extent. Corners lie at multiples
        of SQUARE.
        """
        for i in range(math.floor(self.row0 / SQUARE), math.ceil(self.row1 / SQUARE)):
            for j in range(math.floor(self.col0 / SQUARE), math.ceil(self.col1 / SQUARE)):
                yield Square(
                    max(i * SQUARE, self.row0),
                    min((i + 1) * SQUARE, self.row1),
                    max(j * SQUARE, self.col0),
                    min((j + 1) * SQUARE, self.col1),
                )

    def square_bounds(self, square: Square) -> tuple[float, float, float, float]:
        """West, south, east and north of a square, in the CRS."""
        return (
            self.x0 + square.col0 * self.dx,
            self.y0 - square.row1 * self.dy,
            self.x0 + square.col1 * self.dx,
            self.y0 - square.row0 * self.dy,
        )

    def square_transform(self, square: Square) -> tuple[float, float, float, float, float, float]:
        """The six affine coefficients of a square (as rasterio's Affine takes them)."""
        return (self.dx, 0.0, self.x0 + square.col0 * self.dx, 0.0, -self.dy, self.y0 - square.row0 * self.dy)

    def x_centres(self, square: Square) -> NDArray[np.float64]:
        """X of the cell centres of a square, one per column."""
        return self.x0 + (np.arange(square.col0, square.col1, dtype=np.float64) + 0.5) * self.dx

    def y_centres(self, square: Square) -> NDArray[np.float64]:
        """Y of the cell centres of a square, one per row."""
        return self.y0 - (np.arange(square.row0, square.row1, dtype=np.float64) + 0.5) * self.dy
