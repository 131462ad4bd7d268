"""Connected patches of land classes: a lake is one lake, whatever counties, blocks and read windows it lies in.

Cells that touch by a side or a corner belong together. Each square labels its own patches; where two squares meet,
labels are joined, and the parts of a patch by zone and class are added exactly. A patch is known by its first cell in
raster order, so that its name depends on the grid only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from gep.inputs.grids.grid import Square

PATCH = "patch_"
"""How the name of a patch begins."""


@dataclass(frozen=True)
class SquarePatches:
    """The patches of one square, or of several, numbered from 0."""

    first: NDArray[np.int64]
    """Row and column where each begins."""
    number: NDArray[np.int64]
    """Of each part by group, which patch it is of; then its group, and its area in m2."""
    group: NDArray[np.int64]
    area: NDArray[np.float64]
    border: NDArray[np.int64]
    """Row, column and patch of the cells along the border of a square."""


@dataclass(frozen=True)
class Patch:
    """A connected patch: its first cell in raster order, and its area in m2 by (zone, class) group."""

    row: int
    col: int
    parts: dict[int, float]

    @property
    def name(self) -> str:
        return f"{PATCH}r{self.row}_c{self.col}"

    @property
    def area(self) -> float:
        return math.fsum(self.parts.values())


@dataclass(frozen=True, eq=False)
class Patches(Sequence[Patch]):
    """Connected patches in raster order of their first cells: `first` has row and column of each, `start` and the next
    number where its groups and their areas in m2 lie.
    """

    first: NDArray[np.int64]
    start: NDArray[np.int64]
    group: NDArray[np.int64]
    area: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)

    def __iter__(self) -> Iterator[Patch]:
        start, group, area = self.start.tolist(), self.group.tolist(), self.area.tolist()
        for (row, col), begin, end in zip(self.first.tolist(), start[:-1], start[1:], strict=True):
            yield Patch(row, col, dict(zip(group[begin:end], area[begin:end], strict=True)))

    @overload
    def __getitem__(self, number: int) -> Patch: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Patch]: ...
    def __getitem__(self, number: int | slice) -> Patch | Sequence[Patch]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        row, col = self.first[number].tolist()
        here = slice(*self.start[range(len(self))[number] :][:2].tolist())
        return Patch(row, col, dict(zip(self.group[here].tolist(), self.area[here].tolist(), strict=True)))


def patches_of_square(
    square: Square,
    is_wanted: NDArray[np.bool_],
    cell: NDArray[np.intp],
    group: NDArray[np.intp],
    area: NDArray[np.float64],
) -> SquarePatches | None:
    """The patches that the wanted pieces of a square form; None where there are none. Pieces are in the order of the
    cells.
    """
    wanted = np.flatnonzero(is_wanted)
    if not wanted.size:
        return None
    cell, group, area = cell.take(wanted), group.take(wanted), area.take(wanted)
    height, width = square.shape
    patch, first = _labels(cell, width)
    groups, number = _numbered(group)
    there, pair = _numbered(patch * len(groups) + number)
    row, col = np.divmod(cell, width)
    at_border = np.flatnonzero((row == 0) | (row == height - 1) | (col == 0) | (col == width - 1))
    at_border = at_border[np.diff(cell[at_border], prepend=-1) > 0]  # a cell may be of several pieces
    border = row[at_border] + square.row0, col[at_border] + square.col0, patch[at_border]
    return SquarePatches(
        first=np.column_stack([first // width + square.row0, first % width + square.col0]),
        number=there // len(groups),
        group=groups[there % len(groups)],
        area=np.bincount(pair, area).astype(np.float64, copy=False),
        border=np.column_stack(border),
    )


def _labels(cell: NDArray[np.intp], width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The patch of each of some cells in order, numbered by first cells; and those first cells.

    Runs of cells along a row are joined with those of the row before that they touch.
    """
    place = cell + cell // width  # no run goes over the end of a row
    begins = np.flatnonzero(np.diff(place, prepend=-2) > 1)
    start, stop = place[begins], place[np.append(begins[1:], len(place)) - 1] + 1
    # cells above a run that touch it: from one before to one behind, in the row before
    above, below = np.searchsorted(stop, start - width - 1), np.searchsorted(start, stop - width - 1, "right")
    touched = np.maximum(below - above, 0)
    run = np.repeat(np.arange(len(start)), touched)
    other = np.arange(len(run)) - np.repeat(np.cumsum(touched) - touched, touched) + np.repeat(above, touched)
    whole = _wholes(len(start), other, run)
    is_first = whole == np.arange(len(whole))
    number = (np.cumsum(is_first) - 1)[whole]
    return np.repeat(number, np.diff(np.append(begins, len(cell)))), cell[begins[is_first]].astype(np.int64)


def _numbered(values: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The values that occur, in order, and which of them each is; without a sort where a table is small."""
    low = int(values.min())
    size = int(values.max()) - low + 1
    if size > 4 * len(values) + 1024:
        found, number = np.unique(values, return_inverse=True)
        return found.astype(np.int64), number.ravel()
    is_there = np.zeros(size, np.bool_)
    is_there[values - low] = True
    return np.flatnonzero(is_there) + low, (np.cumsum(is_there) - 1).take(values - low)


def side_by_side(squares: Sequence[SquarePatches]) -> SquarePatches:
    """The patches of several squares as those of one, none of them joined."""
    before = np.cumsum([0, *(len(square.first) for square in squares)])
    row, col, at_border = np.concatenate([square.border for square in squares]).T
    return SquarePatches(
        first=np.concatenate([square.first for square in squares]),
        number=np.concatenate([square.number + start for start, square in zip(before, squares, strict=False)]),
        group=np.concatenate([square.group for square in squares]),
        area=np.concatenate([square.area for square in squares]),
        border=np.column_stack([row, col, at_border + np.repeat(before[:-1], [len(s.border) for s in squares])]),
    )


def join(squares: Iterable[SquarePatches]) -> Patches:
    """The patches of the whole grid, in raster order of their first cells; the order of the squares does not matter."""
    given = list(squares)
    if not given:
        nothing = np.zeros(0, np.int64)
        return Patches(nothing.reshape(0, 2), np.zeros(1, np.int64), nothing, np.zeros(0))
    together = side_by_side(given)
    whole = _wholes(len(together.first), *_neighbours(together.border))
    begins = np.lexsort((together.first[:, 1], together.first[:, 0]))  # in raster order
    _, first_seen = np.unique(whole[begins], return_index=True)
    order = np.sort(first_seen)
    rank = np.empty(len(whole), dtype=np.int64)
    rank[whole[begins[order]]] = np.arange(len(order))
    patch = rank[whole[together.number]]
    in_order = np.lexsort((together.group, patch))
    patch, group, area = patch[in_order], together.group[in_order], together.area[in_order]
    start = np.flatnonzero(np.diff(patch, prepend=-1) | np.diff(group, prepend=-1))
    end = np.append(start[1:], len(patch))
    added = area[start]
    for part in np.flatnonzero(end - start > 1).tolist():  # of several squares
        added[part] = math.fsum(area[start[part] : end[part]].tolist())
    of_patch = np.searchsorted(patch[start], np.arange(len(order) + 1))
    return Patches(together.first[begins[order]], of_patch, group[start], added)


def _neighbours(border: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs of patches of which cells along borders touch."""
    row, col, number = border.T
    across = int(col.max(initial=0) - col.min(initial=0)) + 3
    place = row * across + col
    order = np.argsort(place)
    place, number = place[order], number[order]
    pairs = []
    for step in (1, across - 1, across, across + 1):
        at = np.minimum(np.searchsorted(place, place + step), len(place) - 1)
        touches = place[at] == place + step
        pairs.append(np.column_stack([number[touches], number[at[touches]]]))
    one, other = np.concatenate(pairs).T
    return one, other


def _wholes(count: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for all parts of a patch: that of its first. `one` and `other` are parts side by side."""
    whole = np.arange(count)
    while (apart := whole[one] != whole[other]).any():
        one, other = one[apart], other[apart]
        np.minimum.at(whole, np.maximum(whole[one], whole[other]), np.minimum(whole[one], whole[other]))
        while ((further := whole[whole]) != whole).any():
            whole = further
    return whole
