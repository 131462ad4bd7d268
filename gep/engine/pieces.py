"""The pieces of a square by zone and class, and the same class by class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gep.engine.readers import Readers
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.grid import Square
from gep.inputs.grids.zones import zone_cells
from gep.plan.plan import Array, GridPlan

Number = TypeVar("Number", np.float64, np.bool_)
Value = TypeVar("Value", bound=np.generic)
Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of a square: a cell may belong to several zones and hold several classes; each piece has an area and
    one of each. `cell` is the flat number in the square.
    """

    cell: Positions
    zone: Positions
    land_class: Positions
    area: Array
    n_classes: int
    unknown: Mapping[int, float] = field(default_factory=dict)
    """The area of codes of land cover that the scheme does not know, m2."""

    @classmethod
    def of_square(cls, plan: GridPlan, readers: Readers, square: Square) -> Pieces:
        """All pieces of a square that lie in a zone."""
        cells = zone_cells(plan.zones, plan.grid, square, plan.mode)
        cell, zone = cells.cell, cells.zone
        if not len(cell):
            nowhere = np.zeros(0, np.intp)
            return cls(nowhere, nowhere, nowhere, np.zeros(0), len(plan.classes))
        areas = np.broadcast_to(cell_areas(plan.grid, square), square.shape).ravel()
        n_classes, is_all = len(plan.classes), plan.mode == "centre" and len(cell) == areas.size
        area = areas if is_all else areas[cell]
        if plan.mode == "fraction":
            area = area * cells.fraction
        if readers.has_shares:
            source, code, share = _shares(readers, square, cell)
            cell, zone, area = cell[source], zone[source], area[source] * share
            land_class = plan.class_of(code)
        else:
            land_class = _classes(plan, readers, square)
            land_class = land_class if is_all else land_class[cell]
        unknown = {}
        if land_class.max() == n_classes:
            strange = land_class == n_classes
            land_class = np.where(strange, n_classes - 1, land_class)
            if not readers.has_shares:
                code = readers.land_cover.codes(square).ravel()[cell]
            unknown = {int(value): float(area[code == value].sum()) for value in np.unique(code[strange])}
        pieces = cls(cell, zone, land_class, area, n_classes, unknown)
        return pieces if plan.parcels is None else pieces.weighted(plan.parcels.weights(plan.grid, square))

    def weighted(self, weight: Array) -> Pieces:
        """With the part of each cell that is summed; those of which it is none are left out."""
        part = weight[self.cell]
        there = part > 0
        cell, zone, land_class = self.cell[there], self.zone[there], self.land_class[there]
        return Pieces(cell, zone, land_class, self.area[there] * part[there], self.n_classes, self.unknown)

    def some(self, chosen: Positions, first_cell: int = 0) -> Pieces:
        """Some of them, their cells counted from `first_cell`."""
        return Pieces(
            self.cell[chosen] - first_cell,
            self.zone[chosen],
            self.land_class[chosen],
            self.area[chosen],
            self.n_classes,
        )

    @cached_property
    def is_whole(self) -> bool:
        """Whether they are cells from the first on, each once."""
        return bool(self.cell[-1] == self.cell.size - 1 and (self.cell == np.arange(self.cell.size)).all())

    @cached_property
    def group(self) -> Positions:
        """The group of zone and class of each."""
        return self.zone * self.n_classes + self.land_class

    def take(self, field_of_cells: NDArray[Number], cell: Positions | None = None) -> NDArray[Number]:
        """A field of the square at its pieces, or at some cells: the months of one side by side, so that their sums
        round alike wherever it lies.
        """
        if field_of_cells.ndim == 2:
            flat = field_of_cells.ravel()
            if cell is None and self.is_whole and flat.size == self.cell.size:
                return flat
            return flat.take(self.cell if cell is None else cell)
        cell = self.cell if cell is None else cell
        months = np.ascontiguousarray(field_of_cells.reshape(len(field_of_cells), -1).T)
        return months.take(cell, axis=0).T

    @cached_property
    def by_class(self) -> Positions:
        """The positions of the pieces class by class, each class in the order of the cells."""
        narrow = np.min_scalar_type(self.n_classes)  # few digits are sorted in few passes
        return np.argsort(self.land_class.astype(narrow), kind="stable")

    @cached_property
    def cell_by_class(self) -> Positions:
        """Their cells in that order, as all that follows."""
        return self.cell.take(self.by_class)

    @cached_property
    def zone_by_class(self) -> Positions:
        return self.zone.take(self.by_class)

    @cached_property
    def area_by_class(self) -> Array:
        return self.area.take(self.by_class)

    @cached_property
    def group_by_class(self) -> Positions:
        return self.group.take(self.by_class)

    @cached_property
    def of_class(self) -> Positions:
        """How many pieces each class has."""
        return np.bincount(self.land_class, minlength=self.n_classes)


def _classes(plan: GridPlan, readers: Readers, square: Square) -> Positions:
    """The class of every cell of a square, looked up by the numbers of the file where those can be counted."""
    numbers, table = readers.land_cover.numbers(square), plan.class_of_number
    if numbers is None or table is None:
        return plan.class_of(readers.land_cover.codes(square).ravel())
    raw, hidden = numbers
    found = table.take(raw.view(raw.dtype.str.replace("i", "u")).ravel())
    if hidden is not None:
        found[hidden.ravel()] = len(plan.classes) - 1
    return found


def _shares(
    readers: Readers, square: Square, cell: Positions
) -> tuple[Positions, NDArray[np.int64], NDArray[np.float64]]:
    """The pieces cut further by the classes within each cell, where the class layer is finer than the grid: the piece
    that each is cut from, its code and its share.
    """
    share_cell, share_code, share = readers.land_cover.shares(square)
    order = np.argsort(share_cell, kind="stable")
    share_cell, share_code, share = share_cell[order], share_code[order], share[order]
    first = np.searchsorted(share_cell, cell, side="left")
    count = np.searchsorted(share_cell, cell, side="right") - first
    piece = np.repeat(np.arange(len(cell)), count)
    within = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    source = np.repeat(first, count) + within
    return piece, share_code[source], share[source]


AT_ONCE = 4
"""Classes that take turns: with more of them putting them so costs what is gained."""


class Part:
    """The pieces of some classes, class by class. An array of the part has them along its last axis."""

    def __init__(self, pieces: Pieces, classes: NDArray[np.bool_]) -> None:
        self._pieces = pieces
        self.count = np.where(classes, pieces.of_class, 0)
        self.size = int(self.count.sum())
        self._runs_in: dict[int, list[slice]] = {}
        self._runs = _runs(pieces.of_class.cumsum() - pieces.of_class, self.count)

    def from_other(self, array: Array, other: Part) -> Array:
        """What stands in an array of another part, of more classes; an array that is the same everywhere stays."""
        if other is self or array.ndim == 0 or array.shape[-1] != other.size:
            return array
        key = id(other)  # the parts of a square live as long as it does
        if key not in self._runs_in:
            self._runs_in[key] = _runs(other.count.cumsum() - other.count, self.count)
        return joined(array, self._runs_in[key])

    def of_table(self, table: Array) -> Array:
        """The numbers of the classes at the pieces."""
        found = np.empty((*table.shape[:-1], self.size))
        end = self.count.cumsum()
        for number in np.flatnonzero(self.count).tolist():
            found[..., end[number] - self.count[number] : end[number]] = table[..., number, None]
        return found

    def by_turns(self, array: NDArray[Value], times: NDArray[Value] | None = None) -> NDArray[Value]:
        """An array of pieces, or a product of two, in an order to add it in: several classes by turns, each in its
        order. An addition waits for the one before where both are of one group; sums are the same to the last bit.
        """
        found = np.empty(self.size, array.dtype)
        for source, target in self._turns:
            if times is None:
                found[target] = array[source]
            else:
                np.multiply(array[source], times[source], out=found[target])
        return found

    @cached_property
    def _turns(self) -> list[tuple[slice, slice]]:
        """What goes where for that."""
        ends = self.count.cumsum()
        wanted = self.size * np.arange(1, AT_ONCE) / AT_ONCE
        nearest = np.abs(ends - wanted[:, None]).argmin(axis=1)
        bounds = sorted({0, *ends[nearest].tolist(), self.size})
        lanes = [range(start, stop) for start, stop in pairwise(bounds)]
        turns, done = [], 0
        while lanes:
            count, step = min(map(len, lanes)), len(lanes)
            end = done + count * step
            for number, lane in enumerate(lanes):
                turns.append((slice(lane[0], lane[0] + count), slice(done + number, end, step)))
            lanes = [lane[count:] for lane in lanes if len(lane) > count]
            done = end
        return turns

    @cached_property
    def piece(self) -> Positions:
        """Their positions among all pieces."""
        return joined(self._pieces.by_class, self._runs)

    @cached_property
    def cell(self) -> Positions:
        """Their cells, by flat number."""
        return joined(self._pieces.cell_by_class, self._runs)

    @cached_property
    def zone(self) -> Positions:
        return joined(self._pieces.zone_by_class, self._runs)

    @cached_property
    def area(self) -> Array:
        """Their areas, m2."""
        return joined(self._pieces.area_by_class, self._runs)

    @cached_property
    def group(self) -> Positions:
        return joined(self._pieces.group_by_class, self._runs)


def _runs(begin: Positions, count: Positions) -> list[slice]:
    """Where the pieces of the classes that have any lie, neighbours taken together."""
    runs: list[slice] = []
    there = count > 0
    for start, stop in zip(begin[there].tolist(), (begin + count)[there].tolist(), strict=True):
        if runs and runs[-1].stop == start:
            start = runs.pop().start
        runs.append(slice(start, stop))
    return runs


def joined(array: NDArray[Value], runs: list[slice]) -> NDArray[Value]:
    """Some runs of the last axis, one after the other, in the layout that the array has in memory: months stay side by
    side. A view where there is one run.
    """
    if len(runs) == 1:
        return array[..., runs[0]]
    return np.concatenate([array[..., run] for run in runs] or [array[..., :0]], axis=-1)
