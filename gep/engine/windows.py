"""What is read at once: windows of whole squares, chosen from how the rasters are cut into blocks and from the memory
that may be taken. They change how often a block is decoded, and no figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gep.core.errors import Problem, UsageError, problem
from gep.core.messages import say
from gep.inputs.grids.align import meet, resampling_for
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.grid import SQUARE, Grid, Square
from gep.inputs.grids.layers import Layer
from gep.inputs.grids.reader import RESIDENT_BYTES
from gep.plan.plan import GridPlan

MEMORY = 700.0
"""The megabytes that a run may take if nothing is said."""

MEGABYTE = 10**6
AT_REST = 300 * MEGABYTE
"""What the process takes with its libraries, tables and GDAL's cache, as measured on Linux."""
FIELDS = 36
"""Fields of a square in float64 that are in use at once beside the layers themselves, as measured."""

OF_WINDOW = 0.09
"""What it costs to ask for a window, beside what a square of it costs, as measured; beyond four squares nothing is
gained.
"""

TWICE = 2.0
"""Blocks that are decoded so many times are told."""


@dataclass(frozen=True)
class Reading:
    """How the grid is read: by how many threads, in windows of so many rows and columns of cells."""

    threads: int
    rows: int
    cols: int


def check_window(size: int) -> None:
    """Raise UsageError for a read window that is no whole number of squares."""
    if size <= 0 or size % SQUARE:
        raise UsageError(say("engine.bad_window", square=SQUARE, given=size))


def windows(grid: Grid, rows: int, cols: int | None = None) -> list[list[Square]]:
    """The squares of the grid, grouped by read window of so many rows and columns of cells, a square one if nothing is
    said of columns.
    """
    cols = rows if cols is None else cols
    check_window(rows)
    check_window(cols)
    groups: dict[tuple[int, int], list[Square]] = {}
    across = _begin(grid.col0, grid.col1, cols)
    down = _begin(grid.row0, grid.row1, rows)
    for square in grid.squares():
        groups.setdefault(((square.row0 - down) // rows, (square.col0 - across) // cols), []).append(square)
    return list(groups.values())


def _begin(start: int, end: int, size: int) -> int:
    """From where windows of a size are counted: the corner of the lattice, where blocks begin, or that of the grid
    where one window holds all of it.
    """
    first = start // SQUARE * SQUARE
    return first if first + size >= end else 0


def around(squares: Sequence[Square]) -> Square:
    """The smallest block that holds some squares."""
    return Square(
        min(s.row0 for s in squares),
        max(s.row1 for s in squares),
        min(s.col0 for s in squares),
        max(s.col1 for s in squares),
    )


# what a window costs --------------------------------------------------------------------------------------------------


class _Cost:
    """What the blocks of one layer cost, along the rows and along the columns of the grid."""

    def __init__(self, layer: Layer, grid: Grid) -> None:
        self._layer, self._grid = layer, grid
        self._meeting = meet(layer, grid)
        self._resampling = resampling_for(layer, grid)
        self._factors: dict[tuple[bool, int], float] = {}
        has_margin = self._resampling == "bilinear" or (isinstance(layer, DerivedLayer) and layer.of_neighbours)
        self._margin = 1 if has_margin else 0

    @cached_property
    def cell(self) -> float:
        """Bytes of raw values for a cell of the grid."""
        lead = math.prod(self._layer.header.lead)
        return self._layer.dtype.itemsize * lead / self._meeting.ratio**2

    @cached_property
    def is_kept(self) -> bool:
        """Whether it is decoded once for each thread, and held."""
        is_coarse = self._resampling != "none" and self._meeting.ratio > 1
        return is_coarse and self.cell * math.prod(self._grid.shape) <= RESIDENT_BYTES

    def factor(self, rows: int, cols: int) -> float:
        """How many times its blocks are decoded in windows of so many rows and columns."""
        if self._layer.header.block is None or self.is_kept:
            return 1.0
        if not self.fits(rows, cols):
            rows = cols = SQUARE  # as `Reader.load` has it
        return self._along(True, rows) * self._along(False, cols)

    def fits(self, rows: int, cols: int) -> bool:
        """Whether a reader takes a whole window of it at once."""
        height, width = self._grid.shape
        return self.cell * min(rows, height) * min(cols, width) <= 4 * RESIDENT_BYTES

    def _along(self, is_rows: bool, size: int) -> float:
        """How many times the blocks in one direction are decoded: their positions are those along the middle of the
        grid.
        """
        if (is_rows, size) not in self._factors:
            self._factors[is_rows, size] = self._count(is_rows, size)
        return self._factors[is_rows, size]

    def _count(self, is_rows: bool, size: int) -> float:
        grid, lattice, block = self._grid, self._layer.lattice, self._layer.header.block
        assert block is not None
        start, end = (grid.row0, grid.row1) if is_rows else (grid.col0, grid.col1)
        cells = np.array([start, *_between(start, end, size), end], dtype=np.float64)
        middle = np.full(len(cells), (grid.col0 + grid.col1 if is_rows else grid.row0 + grid.row1) / 2)
        row, col = (cells, middle) if is_rows else (middle, cells)
        at = self._meeting.positions(grid.x0 + col * grid.dx, grid.y0 - row * grid.dy)[1 if is_rows else 0]
        if not np.isfinite(at).all():
            return 1.0
        at, length, step = np.round(at, 6), (lattice.rows, lattice.cols)[not is_rows], block[not is_rows]

        def blocks(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
            first = np.clip(np.floor(np.minimum(low, high)) - self._margin, 0, length)
            last = np.clip(np.ceil(np.maximum(low, high)) + self._margin, 0, length)
            return float(np.where(last > first, np.ceil(last / step) - np.floor(first / step), 0).sum())

        return blocks(at[:-1], at[1:]) / max(1.0, blocks(at[:1], at[-1:]))


def _between(start: int, end: int, size: int) -> range:
    """Where windows of a size meet between the first cell and the last."""
    begin = _begin(start, end, size)
    return range(begin + ((start - begin) // size + 1) * size, end, size)


def _costs(plan: GridPlan) -> dict[str, _Cost]:
    layers = {"land_cover": plan.land_cover, **plan.layers}
    return {name: _Cost(layer, plan.grid) for name, layer in layers.items()}


# several plans at once ------------------------------------------------------------------------------------------------

OF_MORE = 0.25
"""The share of the memory for windows that sums and coarse layers of further plans may take."""
MOST_FILES = 512
"""Files that are open at once: many systems allow a process a thousand."""


def at_once(plan: GridPlan, threads: int, memory: float = MEMORY) -> tuple[int, float]:
    """How many plans like this one may be passed over together within the memory, and the megabytes that each beyond
    the first then takes of it.
    """
    arrays = sum(OF_FLOW + len(plan.layer_names_of(flow)) for flow in plan.flows)
    costs = _costs(plan).values()
    kept = sum(cost.cell * math.prod(plan.grid.shape) for cost in costs if cost.is_kept)
    more = 8.0 * plan.n_groups * arrays * PARTS_OF_SUM + threads * kept
    room = OF_MORE * max(0.0, memory * MEGABYTE - AT_REST)
    most = min(1 + room // max(1.0, more), MOST_FILES // (threads * (1 + len(plan.layers))))
    return max(1, int(most)), more / MEGABYTE


OF_FLOW, PARTS_OF_SUM = 6, 3
"""Arrays of a flow beside those of its inputs, and numbers that an exact sum is kept in."""


# the choice -----------------------------------------------------------------------------------------------------------


def choose_reading(
    plan: GridPlan, threads: int, memory: float = MEMORY, *, in_rows_of_squares: bool = False
) -> Reading:
    """As many of the threads as the memory (in megabytes) has room for, and windows in which the fewest blocks are
    decoded again: of those that are alike the smallest.

    Threads are given up before a layer is decoded twice. Where the memory does not hold even one square of one thread,
    that is what is read.
    """
    costs = _costs(plan)
    return _chosen(plan, costs, threads, memory, SQUARE if in_rows_of_squares else None)


def _chosen(plan: GridPlan, costs: dict[str, _Cost], threads: int, memory: float, most_rows: int | None) -> Reading:
    height, width = plan.grid.shape
    best: tuple[tuple[object, ...], Reading] | None = None
    room = memory * MEGABYTE - AT_REST
    of_square = _of_square(plan)
    for rows, cols in product(_sizes(height, plan.grid.row0, most_rows), _sizes(width, plan.grid.col0)):
        there = sum(cost.cell * min(rows, height) * min(cols, width) for cost in costs.values() if not cost.is_kept)
        kept = sum(cost.cell * height * width for cost in costs.values() if cost.is_kept)
        able = max(1, min(threads, int(room // (there + kept + of_square))))
        is_small = there + kept + of_square <= room or (rows, cols) == (SQUARE, SQUARE)
        if not is_small:
            continue
        factors = {name: cost.factor(rows, cols) for name, cost in costs.items()}
        count = math.ceil(height / rows) * math.ceil(width / cols)
        work = sum((1 + factors[name]) * cost.cell for name, cost in costs.items())
        rounds = math.ceil(count / able) / count  # the last windows leave threads without work
        time = work * rounds * (1 + OF_WINDOW / min(4, rows * cols / SQUARE**2))
        rank = (max(factors.values()) >= TWICE, round(time, 9), rows * cols, max(rows, cols))
        if best is None or rank < best[0]:
            best = rank, Reading(able, rows, cols)
    assert best is not None, "one square is always among them"
    return best[1]


def _sizes(length: int, start: int, most: int | None = None) -> Iterator[int]:
    """From one square on, each twice as large, and what holds the whole."""
    whole = math.ceil((start % SQUARE + length) / SQUARE) * SQUARE
    size = SQUARE
    while size < whole and (most is None or size <= most):
        yield size
        size *= 2
    if most is None or whole <= most:
        yield whole


def _of_square(plan: GridPlan) -> float:
    """The bytes that a thread takes to compute a square: each layer in float64, and what is made of them."""
    leads = sum(math.prod(layer.header.lead) for layer in plan.layers.values())
    return 8.0 * SQUARE**2 * (2 * leads + FIELDS)


def decoded_again(plan: GridPlan, memory: float = MEMORY) -> list[Problem]:
    """Information G22 for every layer whose blocks have to be decoded twice or more, whatever windows the memory
    allows. It is made for one thread, so that it does not depend on the machine.
    """
    costs = _costs(plan)
    reading = _chosen(plan, costs, 1, memory, None)
    problems = []
    for name, cost in costs.items():
        layer, factor = ({"land_cover": plan.land_cover, **plan.layers})[name], cost.factor(reading.rows, reading.cols)
        if factor >= TWICE and layer.header.block is not None:
            rows, cols = layer.header.block
            found = say("engine.blocks", rows=rows, cols=cols)
            problems.append(
                problem("engine.G22.again", name, place=layer.place, found=found, times=factor, memory=memory)
            )
    return problems
