"""Connected patches of land classes: a lake is one lake, whatever counties, blocks and read windows it lies in.

Cells that touch by a side or a corner belong together. Each square labels its own patches; where two squares meet,
labels are joined, and the parts of a patch by zone and class are added exactly. A patch is known by its first cell in
raster order, so that its name depends on the grid only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
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
    """The patches of one square: where each begins, its area by group, and the labels along the square's border."""

    first: tuple[tuple[int, int], ...]
    parts: Mapping[tuple[int, int], float]
    border: Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Patch:
    """A connected patch: its first cell in raster order, and its area in m2 by (zone, class) group."""

    row: int
    col: int
    parts: Mapping[int, float]

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
    begins = np.empty(count, np.intp)
    begins[flat[inside[::-1]] - 1] = inside[::-1]  # the last one written is the first cell of a patch
    groups, number = np.unique(group, return_inverse=True)
    pair = (flat[cell] - 1) * np.intp(len(groups)) + number.ravel()
    there = np.flatnonzero(np.bincount(pair))
    sums = np.bincount(pair, area)[there]
    pairs = np.column_stack([there // len(groups), groups[there % len(groups)]])
    height, width = square.shape
    row, col = np.nonzero(mask)
    is_border = (row == 0) | (row == height - 1) | (col == 0) | (col == width - 1)
    border = {
        (square.row0 + int(r), square.col0 + int(c)): int(labels[r, c]) - 1
        for r, c in zip(row[is_border], col[is_border], strict=True)
    }
    return SquarePatches(
        tuple((square.row0 + int(at) // width, square.col0 + int(at) % width) for at in begins),
        {(int(label), int(g)): float(total) for (label, g), total in zip(pairs, sums, strict=True)},
        border,
    )


def join(squares: Iterable[SquarePatches]) -> list[Patch]:
    """The patches of the whole grid, in raster order of their first cells; the order of the squares does not matter."""
    given = list(squares)
    offsets = np.cumsum([0, *(len(s.first) for s in given)])
    parent = list(range(int(offsets[-1])))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    border = {at: int(offsets[i]) + label for i, s in enumerate(given) for at, label in s.border.items()}
    for (row, col), node in border.items():
        for at in ((row, col + 1), (row + 1, col - 1), (row + 1, col), (row + 1, col + 1)):
            if at in border:
                parent[root(border[at])] = root(node)
    first: dict[int, tuple[int, int]] = {}
    parts: dict[int, dict[int, list[float]]] = {}
    for i, s in enumerate(given):
        for label, begin in enumerate(s.first):
            key = root(int(offsets[i]) + label)
            first[key] = min(first.get(key, begin), begin)
        for (label, group), area in s.parts.items():
            parts.setdefault(root(int(offsets[i]) + label), {}).setdefault(group, []).append(area)
    found = [
        Patch(*first[key], {group: math.fsum(areas) for group, areas in sorted(by_group.items())})
        for key, by_group in parts.items()
    ]
    return sorted(found, key=lambda patch: (patch.row, patch.col))
