"""Between the four source cells around a centre: values, and what a loop over cells interpolates by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.inputs.grids.align import Floats
from gep.inputs.grids.layers import Needed

STRIP = 2**12
"""Points that are interpolated at a time."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A layer on one square: (h, w), or (12, h, w) if monthly; canonical unit, NaN = missing.

    `lowest` and `highest`, of shape (h, w), are the least and the greatest source value that went into a cell in any
    month (under bilinear, that of the source cell which contains the centre), NaN where one of them is missing: ranges
    and fill numbers are tested on these, since an average hides them. They may be the same array.
    """

    values: Floats
    lowest: Floats
    highest: Floats


class Bilinear:
    """Interpolated and containing source value at positions on a layer: 1-D axes, or fields of one shape. Where they
    lie among the source cells is found once for all months.

    The blocks start at source row `row0` and column `col0` and are `width` cells wide; only whole numbers are counted
    from there, so that no rounding depends on it.
    """

    def __init__(self, row: Floats, col: Floats, row0: int, col0: int, width: int) -> None:
        top, left = np.floor(row - 0.5), np.floor(col - 0.5)
        self._down, self._right = row - 0.5 - top, col - 0.5 - left
        self._i, self._j = top.astype(np.intp) - row0, left.astype(np.intp) - col0
        own_i, own_j = np.floor(row).astype(np.intp) - row0, np.floor(col).astype(np.intp) - col0
        self._has_axes = row.ndim == 1
        self._own = (own_i[:, None] if self._has_axes else own_i) * width + own_j
        if not self._has_axes:
            self._at = self._i * width + self._j
            self._below = self._at + width

    def __call__(self, values: Floats) -> Sample:
        """Of a field, or of one for each month. The least and the greatest source value are looked for among the source
        cells, of which there are fewer.
        """
        months = values if values.ndim == 3 else values[None]
        out = self._along_axes(months) if self._has_axes else self._at_points(months)
        if np.isnan(months).any():
            self._mend(out, months)
        lowest = months.min(axis=0).ravel().take(self._own)
        highest = lowest if values.ndim == 2 else months.max(axis=0).ravel().take(self._own)
        return Sample(out if values.ndim == 3 else out[0], lowest, highest)

    def _along_axes(self, months: Floats) -> Floats:
        """By columns and then by rows."""
        i, j = self._i, self._j
        out = np.empty((len(months), len(i), len(j)))
        for field, found in zip(months, out, strict=True):
            across = field[:, j]
            across += self._right * (field[:, j + 1] - across)
            np.take(across, i, axis=0, out=found)
            found += self._down[:, None] * (across[i + 1] - found)
        return out

    def _at_points(self, months: Floats) -> Floats:
        """The months of a point side by side, some points at a time, which stay near the processor."""
        flat = np.ascontiguousarray(months.reshape(len(months), -1).T)
        at, below = self._at.ravel(), self._below.ravel()
        right, down = self._right.reshape(-1, 1), self._down.reshape(-1, 1)
        found = np.empty((at.size, len(months)))
        for start in range(0, at.size, STRIP):
            here = slice(start, start + STRIP)
            out, lower = flat.take(at[here], axis=0, out=found[here], mode="clip"), flat.take(below[here], axis=0)
            out += right[here] * (flat.take(at[here] + 1, axis=0) - out)
            lower += right[here] * (flat.take(below[here] + 1, axis=0) - lower)
            lower -= out
            lower *= down[here]
            out += lower
        return found.T.reshape(len(months), *self._at.shape)

    def _mend(self, out: Floats, months: Floats) -> None:
        """Where some of the four neighbours are missing, but not the source cell itself: the mean of the others."""
        for field, found in zip(months, out, strict=True):
            bad = np.nonzero(np.isnan(found) & ~np.isnan(field.ravel().take(self._own)))
            y, x = bad if self._has_axes else (bad, bad)
            found[bad] = renormalised(field, self._i[y], self._j[x], self._down[y], self._right[x])


def renormalised(values: Floats, i: NDArray[np.intp], j: NDArray[np.intp], down: Floats, right: Floats) -> Floats:
    """The mean of the valid ones of four neighbours, by their bilinear weights."""
    total, weights = np.zeros(len(i)), np.zeros(len(i))
    for di, wi in ((0, 1 - down), (1, down)):
        for dj, wj in ((0, 1 - right), (1, right)):
            value = values[i + di, j + dj]
            weight = np.where(np.isnan(value), 0.0, wi * wj)
            total += weight * np.nan_to_num(value, nan=0.0)
            weights += weight
    return total / weights


# -- for a loop that interpolates by itself ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Axes:
    """How the cells of a square lie among the source cells of a block, rows and columns apart: positions of their
    centres within the block.
    """

    needed: Needed
    row: Floats
    col: Floats

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """For every row the flat number of the source cell above and of the one that holds it, and how far down it
        lies; the same for columns.
        """
        row0, _, col0, _ = self.needed
        found: list[NDArray[Any]] = []
        for position, first, step in ((self.row, row0, self.width), (self.col, col0, 1)):
            before = np.floor(position - 0.5)
            own = np.floor(position)
            found += [(before.astype(np.intp) - first) * step, (own.astype(np.intp) - first) * step]
            found.append(position - 0.5 - before)
        return tuple(found)

    @property
    def width(self) -> int:
        """Columns of the block."""
        return self.needed[3] - self.needed[2]

    def positions(self, row: NDArray[np.intp], col: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Of some cells, by their rows and columns in the square."""
        return self.row[row], self.col[col]


@dataclass(frozen=True, eq=False)
class Mesh:
    """The same where they lie aslant: row and column positions at the nodes of a mesh, and for every row and column of
    cells the node before it and how far beyond it lies, in parts of the mesh.
    """

    needed: Needed
    nodes: tuple[Floats, Floats]
    rows: tuple[NDArray[np.intp], Floats]
    cols: tuple[NDArray[np.intp], Floats]

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Nodes, rows and columns; between which positions the block is known, and where it begins."""
        row0, row1, col0, col1 = self.needed
        known = np.array([row0 + INNER[0], row1 - INNER[1], col0 + INNER[0], col1 - INNER[1]])
        return (*self.nodes, *self.rows, *self.cols, known, np.array([row0, col0]))

    @property
    def width(self) -> int:
        """Columns of the block."""
        return self.needed[3] - self.needed[2]

    def positions(self, row: NDArray[np.intp], col: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Of some cells, by their rows and columns in the square."""
        (i, t), (j, u) = ((of[0][at], of[1][at]) for of, at in ((self.rows, row), (self.cols, col)))
        found = []
        for node in self.nodes:
            upper, lower = (node[at, j] + u * (node[at, j + 1] - node[at, j]) for at in (i, i + 1))
            found.append(upper + t * (lower - upper))
        row_of, col_of = in_block(found[0][:, None], found[1][:, None], self.needed)
        return row_of.ravel(), col_of.ravel()


@dataclass(frozen=True, eq=False)
class Coarse:
    """The source cells around a square as a loop over cells takes them: (cells, months), of which there is one where
    the layer has none. Which of them are whole: themselves and their neighbours to the right and below; and their least
    and greatest values of all months.
    """

    values: Floats
    is_whole: NDArray[np.bool_]
    lowest: Floats
    highest: Floats
    place: Axes | Mesh
    is_monthly: bool

    @classmethod
    def of_block(cls, values: Floats, place: Axes | Mesh) -> Coarse:
        """From the canonical values of a block, (h, w) or (12, h, w)."""
        months = values if values.ndim == 3 else values[None]
        lowest = months.min(axis=0)
        highest = lowest if len(months) == 1 else months.max(axis=0)
        is_number = np.isfinite(lowest) & np.isfinite(highest)
        is_whole = np.zeros(is_number.shape, bool)
        is_whole[:-1, :-1] = is_number[:-1, :-1] & is_number[1:, :-1] & is_number[:-1, 1:] & is_number[1:, 1:]
        flat = np.ascontiguousarray(months.reshape(len(months), -1).T, np.float64)
        return cls(flat, is_whole.ravel(), lowest.ravel(), highest.ravel(), place, values.ndim == 3)

    def own(self, row: NDArray[np.intp], col: NDArray[np.intp]) -> NDArray[np.intp]:
        """The source cells that hold some cells of the square, by flat number."""
        row0, _, col0, _ = self.place.needed
        row_of, col_of = (np.floor(position).astype(np.intp) for position in self.place.positions(row, col))
        return (row_of - row0) * self.place.width + col_of - col0

    def at(self, row: NDArray[np.intp], col: NDArray[np.intp]) -> Floats:
        """Values at some cells of the square: (n,) or (12, n)."""
        row0, row1, col0, _ = self.place.needed
        row_of, col_of = self.place.positions(row, col)
        found = Bilinear(row_of[:, None], col_of[:, None], row0, col0, self.place.width)
        months = self.values.T.reshape(-1, row1 - row0, self.place.width)
        return found(months).values[..., 0] if self.is_monthly else found(months[0]).values[:, 0]


INNER = (0.5, 0.75)
"""How far within a block positions lie at least, from its first and from its last row or column."""


def in_block(row: Floats, col: Floats, needed: Needed) -> tuple[Floats, Floats]:
    """Positions within a block; those that the reader left out go to its border, which lies outside the layer."""
    row0, row1, col0, col1 = needed
    low, high, west, east = row0 + INNER[0], row1 - INNER[1], col0 + INNER[0], col1 - INNER[1]
    if not (
        row.min() >= low and row.max() <= high and col.min() >= west and col.max() <= east
    ):  # so too if there is a NaN
        if row.ndim == 2:
            is_nowhere = np.isnan(row) | np.isnan(col)
            row, col = np.where(is_nowhere, low, row), np.where(is_nowhere, west, col)
        row, col = np.clip(row, low, high), np.clip(col, west, east)
    return row, col
