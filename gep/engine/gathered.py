"""Sums of squares as they come, added exactly, and kept small however many they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from gep.engine.exact import ExactTable, grown
from gep.engine.sample import CellSample, joined
from gep.engine.sums import CheckTally, FlowSums, LayerTally, Partial, Sums
from gep.inputs.grids.grid import SQUARE, Square
from gep.inputs.grids.patches import SquarePatches, join, side_by_side
from gep.plan.plan import Array, FlowKey, GridPlan

MOST_APART = 256
"""Numbers, samples and lakes of so many squares are kept one by one."""

SEEN = 512
"""So many numbers of an array are looked at before it is held against others."""

_Name = tuple[str, Any, Any]
"""Of what a number is, of which layer, check or code, and which of its numbers."""


class Gathered:
    """The sums of some squares, and which they are: those without land among them. Of `n_groups`, a square has some.

    Arrays that were alike in every square that came are one row of a table.
    """

    def __init__(self, n_groups: int) -> None:
        self.squares: set[Square] = set()
        self._n_groups = n_groups
        self._table = ExactTable(0, n_groups)
        self._rows: list[int] = []
        """The row of each array, in the order of `Partial.arrays`."""
        self._flows: dict[FlowKey, tuple[str, ...]] = {}
        """What goes into each flow."""
        self._numbers: dict[_Name, list[float]] = {}
        self._ranges: dict[str, tuple[float, float]] = {}
        """The lowest and the highest value of each layer."""
        self._samples: list[CellSample] = []
        self._patches: dict[tuple[str, ...], list[SquarePatches]] = {}

    def add(self, squares: Iterable[Square], partials: Iterable[Partial]) -> None:
        """Take what a window came to."""
        self.squares.update(squares)
        for partial in partials:
            self._add(partial)

    def _add(self, partial: Partial) -> None:
        arrays = list(partial.arrays())
        if not self._rows:
            self._table, self._rows = ExactTable(len(arrays), self._n_groups), [0] * len(arrays)
            self._table.used = 1
            self._flows = {key: tuple(flow.of_inputs) for key, flow in partial.flows.items()}
        self._table.add(partial.groups, np.stack(self._by_row(arrays)))
        for name, number in _all_numbers(partial):
            parts = self._numbers.setdefault(name, [])
            parts.append(number)
            if len(parts) > MOST_APART:
                self._numbers[name] = _few(parts)
        for layer, tally in partial.layers.items():
            lowest, highest = self._ranges.get(layer, (math.inf, -math.inf))
            self._ranges[layer] = min(lowest, tally.lowest), max(highest, tally.highest)
        self._samples.append(partial.sample)
        if len(self._samples) > MOST_APART:
            self._samples = [joined(self._samples)]
        for kind, found in partial.patches.items():
            of_kind = self._patches.setdefault(kind, [])
            of_kind.append(found)
            if len(of_kind) > MOST_APART:
                of_kind[:] = [side_by_side(of_kind)]

    def _by_row(self, arrays: Sequence[Array]) -> list[Array]:
        """One array for each row; those that were alike until now and are not any more get rows of their own."""
        found: dict[int, Array] = {}
        seen: dict[tuple[int, bytes], list[int]] = {}
        for number, array in enumerate(arrays):
            row = self._rows[number]
            rows = seen.setdefault((row, array[:: 1 + len(array) // SEEN].tobytes()), [])
            own = next((one for one in rows if _are_alike(found[one], array)), None)
            if own is None:
                own = row if row not in found else self._table.copy_row(row)
                found[own] = array
                rows.append(own)
            self._rows[number] = own
        return [found[row] for row in range(self._table.used)]

    def sums(self, plan: GridPlan, seen: float = 1.0) -> Sums:
        """What all of them add up to; `seen` is the share of the squares that they are of. It is asked for once, in the
        end.
        """
        shape = len(plan.zones.zones), len(plan.classes)
        if self._rows:
            table = self._table.rounded()
            added = self._filled(table[row].reshape(shape) for row in self._rows)
        else:
            zeros = np.zeros(shape)
            added = {
                "area": zeros,
                "cells": zeros,
                "flows": {f.key: FlowSums.of_nothing(zeros, ()) for f in plan.flows},
            }
        found = _tallies({name: math.fsum(parts) for name, parts in self._numbers.items()}, self._ranges)
        layers, checks = found["layers"], found["checks"]
        return Sums(
            **added,
            layers={name: layers.get(name, LayerTally()) for name in (*plan.layers, *plan.beside)},
            checks={check.message: checks.get(check.message, CheckTally()) for check in plan.checks},
            unknown=dict(sorted(found["unknown"].items())),
            patches={kind: join(self._patches.get(kind, [])) for kind in plan.patches},
            sample=_in_order(joined(self._samples)),
            seen=seen,
        )

    def _filled(self, arrays: Iterator[Array]) -> dict[str, Any]:
        """Arrays as those of `Partial.arrays`."""
        area, cells, of_flows = next(arrays), next(arrays), {}
        for key, inputs in self._flows.items():
            of_flows[key] = FlowSums(
                sum=next(arrays),
                valid=next(arrays),
                cells=next(arrays),
                inputs=next(arrays),
                negative=next(arrays),
                negative_area=next(arrays),
                of_inputs={name: next(arrays) for name in inputs},
            )
        return {"area": area, "cells": cells, "flows": of_flows}


def _are_alike(one: Array, other: Array) -> bool:
    """Whether two arrays of which some numbers are alike are so everywhere."""
    return one is other or len(one) < SEEN or np.array_equal(one, other)


def _few(numbers: Sequence[float]) -> list[float]:
    """As few as have the same sum."""
    parts: list[float] = []
    for number in numbers:
        parts = grown(parts, number)
    return parts


# numbers by name

_AREAS = ("valid", "outside", "unusual", "area", "infinite")


def _all_numbers(partial: Partial) -> Iterator[tuple[_Name, float]]:
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


def _in_order(sample: CellSample) -> CellSample:
    """The cells square by square, as the squares follow each other in the grid."""
    order = np.lexsort((sample.col // SQUARE, sample.row // SQUARE))
    columns = {f.name: getattr(sample, f.name)[order] for f in fields(CellSample) if f.name != "layers"}
    return CellSample(**columns, layers={name: values[..., order] for name, values in sample.layers.items()})
