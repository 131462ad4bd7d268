"""Sums of squares as they come, added exactly, and kept small however many they are.

Each addition keeps what it rounds off (Knuth's two-sum) and adds that to a next number, so that a few numbers have
exactly the sum of all that came; in the end they are rounded once, as `math.fsum` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gep.engine.sample import CellSample, joined
from gep.engine.sums import CheckTally, FlowSums, LayerTally, Partial, Sums
from gep.inputs.grids.grid import SQUARE, Square
from gep.inputs.grids.patches import SquarePatches, join, side_by_side
from gep.plan.plan import Array, FlowKey, GridPlan

Column = tuple[NDArray[np.intp], Array]
"""Where the numbers of a square stand in a table, and the numbers."""

MOST_APART, MOST_SQUARES = 48 * 2**20, 256
"""Bytes of the sums of squares that are kept one by one, and their number."""


# adding ---------------------------------------------------------------------------------------------------------------


def exact(size: int, columns: Iterable[Column]) -> list[Array]:
    """Arrays whose sum is exactly that of some columns: most of the time one, or two."""
    parts: list[Array] = []
    with np.errstate(all="ignore"):
        for where, numbers in columns:
            left = numbers
            for part in parts:
                here = part[where]
                part[where], left = _two_sum(here, left)
                if not np.isfinite(left).all():
                    left = np.where(np.isfinite(left), left, 0.0)  # nothing is lacking of what is infinite
                if not left.any():
                    break
            else:
                if left.any():
                    parts.append(np.zeros(size))
                    parts[-1][where] = left
    return parts


def rounded(size: int, parts: Sequence[Array]) -> Array:
    """The sum of some arrays, rounded once, to even where it lies in the middle of two numbers; infinite where one of
    them is.
    """
    if len(parts) < 2:
        return parts[0].copy() if parts else np.zeros(size)
    there = [part.copy() for part in parts]
    with np.errstate(all="ignore"):
        is_done = False
        while not is_done:  # until each is so small beside the one before it that their sum rounds to that
            is_done = True
            for i in range(len(there) - 1, 0, -1):
                high, low = _two_sum(there[i - 1], there[i])
                is_done &= bool(np.array_equal(high, there[i - 1], equal_nan=True))
                there[i - 1], there[i] = high, low
        total, low = there[0], there[1]
        if len(there) > 2:
            further = total + 2 * low
            is_half = (low * np.sign(there[2]) > 0) & (further - total == 2 * low)
            total = np.where(is_half, further, total)
        return np.where(np.isfinite(parts[0]), total, parts[0])


def _two_sum(one: Array, other: Array) -> tuple[Array, Array]:
    """The rounded sum, and what it lacks."""
    total = one + other
    of_other = total - one
    return total, (one - (total - of_other)) + (other - of_other)


def _grown(parts: list[float], number: float) -> list[float]:
    """Numbers of which the last is the largest, and none is rounded off another; their sum is that of all that came."""
    kept = []
    for part in parts:
        if abs(number) < abs(part):
            number, part = part, number
        total = number + part
        if low := part - (total - number):
            kept.append(low)
        number = total
    return [*kept, number]


# what is kept ---------------------------------------------------------------------------------------------------------


@dataclass
class Gathered:
    """The sums of some squares, and which they are: those without land among them."""

    squares: set[Square] = field(default_factory=set)
    sums: list[Partial] = field(default_factory=list)
    size: int = 0
    """The bytes of those that came since they were last put together."""

    def add(self, squares: Iterable[Square], partials: Sequence[Partial]) -> None:
        """Take what a window came to."""
        self.squares.update(squares)
        self.sums += partials
        self.size += sum(map(_size, partials))
        if self.size > MOST_APART or len(self.sums) > MOST_SQUARES:
            self.put_together()

    def put_together(self) -> None:
        """Hold as few numbers as have the same sum."""
        self.sums, self.size = put_together(self.sums), 0


def _size(partial: Partial) -> int:
    return sum(array.nbytes for array in {id(array): array for array in partial.arrays()}.values())


def put_together(partials: Sequence[Partial]) -> list[Partial]:
    """A few sums that together are exactly those of some squares."""
    if len(partials) < 2:
        return list(partials)
    groups = np.unique(np.concatenate([partial.groups for partial in partials]))
    where = [np.searchsorted(groups, partial.groups) for partial in partials]
    tables = _tables(partials, lambda columns: exact(len(groups), columns), where)
    numbers: dict[_Name, list[float]] = {}
    for name, number in _all_numbers(partials):
        numbers[name] = _grown(numbers.get(name, []), number)
    extremes, nothing = _extremes(partials), np.zeros(len(groups))
    first = replace(
        min(partials, key=lambda partial: partial.square),
        groups=groups,
        sample=_in_order(joined([partial.sample for partial in partials])),
        patches={kind: side_by_side(squares) for kind, squares in _patches(partials).items()},
    )
    count = max([*(len(parts) for parts in tables), *(len(parts) for parts in numbers.values())])
    together = []
    for i in range(count):
        arrays = (parts[i] if i < len(parts) else nothing for parts in tables)
        of_i = {name: parts[i] for name, parts in numbers.items() if i < len(parts)}
        part = replace(first, **_filled(first.flows, arrays), **_tallies(of_i, extremes))
        together.append(replace(part, sample=joined([]), patches={}) if i else part)
    return together


def combine(plan: GridPlan, partials: Iterable[Partial], seen: float = 1.0) -> Sums:
    """Add partial sums exactly; the order in which they come does not matter. `seen` is the share of the squares that
    they are of.
    """
    partials = list(partials)
    shape = len(plan.zones.zones), len(plan.classes)
    if partials:

        def table(columns: Iterable[Column]) -> Array:
            return rounded(plan.n_groups, exact(plan.n_groups, columns)).reshape(shape)

        arrays = iter(_tables(partials, table, [partial.groups for partial in partials]))
        added = _filled(partials[0].flows, arrays)
    else:
        zeros = np.zeros(shape)
        added = {"area": zeros, "cells": zeros, "flows": {f.key: FlowSums.of_nothing(zeros, ()) for f in plan.flows}}
    numbers: dict[_Name, list[float]] = {}
    for name, number in _all_numbers(partials):
        numbers.setdefault(name, []).append(number)
    found = _tallies({name: math.fsum(parts) for name, parts in numbers.items()}, _extremes(partials))
    layers, checks = found["layers"], found["checks"]
    patches = _patches(partials)
    return Sums(
        **added,
        layers={name: layers.get(name, LayerTally()) for name in (*plan.layers, *plan.beside)},
        checks={check.message: checks.get(check.message, CheckTally()) for check in plan.checks},
        unknown=dict(sorted(found["unknown"].items())),
        patches={kind: join(patches.get(kind, [])) for kind in plan.patches},
        sample=_in_order(joined([partial.sample for partial in partials])),
        seen=seen,
    )


# arrays by group

Table = TypeVar("Table")


def _tables(
    partials: Sequence[Partial], make: Callable[[Iterable[Column]], Table], where: Sequence[NDArray[np.intp]]
) -> list[Table]:
    """What is made of each array of some sums, in their order; once of arrays that several flows share."""
    made: dict[tuple[int, ...], Table] = {}
    tables = []
    for arrays in zip(*(partial.arrays() for partial in partials), strict=True):
        key = tuple(map(id, arrays))
        if key not in made:
            made[key] = make(zip(where, arrays, strict=True))
        tables.append(made[key])
    return tables


def _filled(flows: Mapping[FlowKey, FlowSums], arrays: Iterator[Array]) -> dict[str, Any]:
    """What has other arrays in the place of those of `Partial.arrays`."""
    area, cells = next(arrays), next(arrays)
    of_flows = {}
    for key, flow in flows.items():
        of_flows[key] = FlowSums(
            sum=next(arrays),
            valid=next(arrays),
            cells=next(arrays),
            inputs=next(arrays),
            negative=next(arrays),
            negative_area=next(arrays),
            of_inputs={name: next(arrays) for name in flow.of_inputs},
        )
    return {"area": area, "cells": cells, "flows": of_flows}


# numbers by name

_Name = tuple[str, Any, Any]
"""Of what it is, of which layer, check or code, and which of its numbers."""

_AREAS = ("valid", "outside", "unusual", "area", "infinite")


def _all_numbers(partials: Iterable[Partial]) -> Iterator[tuple[_Name, float]]:
    for partial in partials:
        for name, tally in partial.layers.items():
            for what in _AREAS:
                yield ("layer", name, what), getattr(tally, what)
            for value, area in tally.fills.items():
                yield ("fill", name, value), area
        for code, check in partial.checks.items():
            yield ("check", code, "valid"), check.valid
            yield ("check", code, "found"), check.found
        for number, area in partial.unknown.items():
            yield ("unknown", number, ""), area


def _tallies(numbers: Mapping[_Name, float], extremes: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """The tallies that some numbers are of."""
    of_layers: dict[str, dict[str, Any]] = {
        name: {"lowest": lowest, "highest": highest, "fills": {}} for name, (lowest, highest) in extremes.items()
    }
    of_checks: dict[str, dict[str, Any]] = {}
    unknown: dict[int, float] = {}
    for (kind, name, what), number in sorted(numbers.items(), key=lambda named: f"{named[0][2]!r}"):
        if kind == "layer":
            of_layers[name][what] = number
        elif kind == "fill":
            of_layers[name]["fills"][what] = number
        elif kind == "check":
            of_checks.setdefault(name, {})[what] = number
        else:
            unknown[name] = number
    return {
        "layers": {name: LayerTally(**found) for name, found in of_layers.items()},
        "checks": {code: CheckTally(**found) for code, found in of_checks.items()},
        "unknown": unknown,
    }


def _extremes(partials: Iterable[Partial]) -> dict[str, tuple[float, float]]:
    """The lowest and the highest value of each layer."""
    found: dict[str, tuple[float, float]] = {}
    for partial in partials:
        for name, tally in partial.layers.items():
            lowest, highest = found.get(name, (math.inf, -math.inf))
            found[name] = min(lowest, tally.lowest), max(highest, tally.highest)
    return found


# cells and patches


def _in_order(sample: CellSample) -> CellSample:
    """The cells square by square, as the squares follow each other in the grid."""
    order = np.lexsort((sample.col // SQUARE, sample.row // SQUARE))
    columns = {f.name: getattr(sample, f.name)[order] for f in fields(CellSample) if f.name != "layers"}
    return CellSample(**columns, layers={name: values[..., order] for name, values in sample.layers.items()})


def _patches(partials: Iterable[Partial]) -> dict[tuple[str, ...], list[SquarePatches]]:
    found: dict[tuple[str, ...], list[SquarePatches]] = {}
    for partial in partials:
        for kind, squares in partial.patches.items():
            found.setdefault(kind, []).append(squares)
    return found
