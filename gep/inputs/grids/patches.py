"""Connected patches of land classes: a lake is one lake, whatever counties, blocks and read windows it lies in.

Cells that touch by a side or a corner belong together. Each square labels its own patches; where two squares meet,
labels are joined, and the parts of a patch by zone and class are added exactly. A patch is known by its first cell in
raster order, so that its name depends on the grid only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gep.inputs.grids.grid import Square

_TOUCHING = np.ones((3, 3), dtype=int)


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


def patches_of_square(
    square: Square,
    is_wanted: NDArray[np.bool_],
    cell: NDArray[np.intp],
    group: NDArray[np.intp],
    area: NDArray[np.float64],
) -> SquarePatches | None:
    """The patches that the wanted pieces of a square form; None where there are none."""
    if not is_wanted.any():
        return None
    cell, group, area = cell[is_wanted], group[is_wanted], area[is_wanted]
    mask = np.zeros(square.shape, dtype=bool)
    mask.ravel()[cell] = True
    labels, count = ndimage.label(mask, structure=_TOUCHING)
    flat = labels.ravel()
    inside = np.flatnonzero(flat)
    first = np.empty(count, np.int64)
    first[flat[inside[::-1]] - 1] = inside[::-1]  # the last one written is the first cell of a patch
    groups, number = np.unique(group, return_inverse=True)
    pair = (flat[cell] - 1) * np.intp(len(groups)) + number.ravel()
    there = np.flatnonzero(np.bincount(pair))
    height, width = square.shape
    row, col = np.divmod(inside, width)
    is_border = (row == 0) | (row == height - 1) | (col == 0) | (col == width - 1)
    at_border = row[is_border] + square.row0, col[is_border] + square.col0, flat[inside[is_border]] - 1
    return SquarePatches(
        first=np.column_stack([first // width + square.row0, first % width + square.col0]),
        number=there // len(groups),
        group=groups[there % len(groups)],
        area=np.bincount(pair, area)[there].astype(np.float64, copy=False),
        border=np.column_stack(at_border),
    )


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


def join(squares: Iterable[SquarePatches]) -> list[Patch]:
    """The patches of the whole grid, in raster order of their first cells; the order of the squares does not matter."""
    given = list(squares)
    if not given:
        return []
    together = side_by_side(given)
    whole = _wholes(len(together.first), _neighbours(together.border))
    begins = np.lexsort((together.first[:, 1], together.first[:, 0]))  # in raster order
    _, first_seen = np.unique(whole[begins], return_index=True)
    order = np.sort(first_seen)
    rank = np.empty(len(whole), dtype=np.int64)
    rank[whole[begins[order]]] = np.arange(len(order))
    patch = rank[whole[together.number]]
    in_order = np.lexsort((together.group, patch))
    patch, group, area = patch[in_order], together.group[in_order], together.area[in_order]
    start = np.flatnonzero(np.diff(patch, prepend=-1) | np.diff(group, prepend=-1))
    found = [Patch(row, col, {}) for row, col in together.first[begins[order]].tolist()]
    for i, j in zip(start.tolist(), [*start[1:].tolist(), len(patch)], strict=True):
        found[patch[i]].parts[int(group[i])] = math.fsum(area[i:j].tolist())
    return found


def _neighbours(border: NDArray[np.int64]) -> list[tuple[int, int]]:
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
    return [(one, other) for one, other in np.unique(np.concatenate(pairs), axis=0).tolist() if one != other]


def _wholes(count: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """One number for all parts of a patch."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in pairs:
        parent[root(other)] = root(one)
    return np.array([root(node) for node in range(count)], dtype=np.int64)
