"""The sums of flows in one square, by the groups of zone and class that occur in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gep.engine.pieces import Part, Pieces
from gep.engine.steps import FlowSteps
from gep.engine.sums import FlowSums
from gep.engine.values import Values
from gep.plan.plan import Array, FlowKey

Value = TypeVar("Value", bound=np.generic)
Where = NDArray[np.bool_] | None
"""At which pieces of a part; None for all of them."""


class Groups:
    """The groups that occur in a square, numbered from 0, with their areas in m2 and their pieces counted."""

    def __init__(self, pieces: Pieces, n_groups: int) -> None:
        cells = np.bincount(pieces.group, minlength=n_groups)
        self.there: NDArray[np.intp] = np.flatnonzero(cells)
        self.count = len(self.there)
        self.cells = cells[self.there].astype(np.float64)
        self.area: Array = np.bincount(pieces.group, pieces.area, n_groups)[self.there].astype(np.float64, copy=False)
        self.number = np.cumsum(cells > 0) - 1
        """By group."""
        self.all = np.arange(self.count)


class _Counted:
    """Pieces over which flows are summed, and what goes into them. Sums go on from those of the strips before, as if
    all pieces were added one by one; what several flows have in common is summed once.

    All pieces of the part are added; those that are not meant are a group of their own, which nobody asks for.
    """

    def __init__(self, part: Part, groups: Groups, where: Where) -> None:
        self._part, self._groups, self._where = part, groups, where
        number = groups.number.take(part.group)
        self._group = number if where is None else np.where(where, number, groups.count)
        self._by_turns = part.by_turns(self._group)
        self._known: dict[tuple[object, int], tuple[Array | None, Array]] = {}

    def are_all(self, is_so: NDArray[np.bool_]) -> bool:
        """Whether something is so at all of them."""
        return bool((is_so if self._where is None else is_so | ~self._where).all())

    def weighted(self, values: Array) -> Array:
        """Values at the pieces of the part times area, as `sum` needs them."""
        return self._part.by_turns(np.broadcast_to(values, (self._part.size,)), self._part.area)

    def sum(self, weights: Array, before: Array | None) -> Array:
        """Sums by group of what has been put by turns."""
        return self._summed(self._by_turns, weights, before)

    def common(self, what: object, before: Array | None, weights: Callable[[], Array]) -> Array:
        """A sum that other flows may need too, by what it is of and what it goes on from."""
        key = what, id(before)
        if key not in self._known:
            self._known[key] = before, self.sum(weights(), before)  # what is kept keeps its id
        return self._known[key][1]

    def areas(self, before: Array | None) -> Array:
        """Their area, m2."""
        return self.common("area", before, lambda: self._part.by_turns(self._part.area))

    def cells(self, before: Array | None) -> Array:
        """How many they are."""
        key = "cells", id(before)
        if key not in self._known:
            count = np.bincount(self._by_turns, minlength=self._groups.count)[: self._groups.count].astype(np.float64)
            self._known[key] = before, count if before is None else before + count
        return self._known[key][1]

    def some(self, where: NDArray[np.bool_], values: Array | None, before: Array | None) -> Array:
        """The sum of values times area, or of area, over some of them, of which there may be none."""
        if not where.any():
            return np.zeros(self._groups.count) if before is None else before
        area = self._part.area[where]
        return self._summed(self._group[where], area if values is None else values[where] * area, before)

    def _summed(self, group: NDArray[np.intp], weights: Array, before: Array | None) -> Array:
        """Sums by group, in float64 from the first addition on, each in the order of the cells."""
        if before is not None:
            group, weights = np.concatenate([self._groups.all, group]), np.concatenate([before, weights])
        count = self._groups.count
        return np.bincount(group, weights, count)[:count].astype(np.float64, copy=False)


class FlowsOfSquare:
    """Sums flows over the strips of a square, one after the other, in the order of the plan."""

    left: Sequence[FlowSteps] = ()
    """Flows that it cannot sum: there are none."""

    def __init__(self, flows: Sequence[FlowSteps], groups: Groups) -> None:
        self._flows, self._groups = flows, groups
        self._sums: dict[FlowKey, FlowSums] = {}

    def add(self, values: Values) -> None:
        """Go on with the pieces of a strip."""
        counted: dict[tuple[bytes, tuple[str, ...]], tuple[Where, _Counted]] = {}
        for steps in self._flows:
            part = values.part(steps.flow.is_counted)
            if part.size:
                gaps = values.gaps(steps)
                key = steps.flow.is_counted.tobytes(), gaps
                if key not in counted:
                    has_inputs = values.has_all(gaps, part)
                    counted[key] = has_inputs, _Counted(part, self._groups, has_inputs)
                self._sums[steps.flow.key] = self._added(values, steps, part, *counted[key])
            values.forget(steps.position)

    def sums(self) -> dict[FlowKey, FlowSums]:
        """By the key of the flow."""
        nothing = np.zeros(self._groups.count)
        return {
            steps.flow.key: self._sums.get(steps.flow.key) or FlowSums.of_nothing(nothing, steps.summed)
            for steps in self._flows
        }

    def _added(
        self, values: Values, steps: FlowSteps, part: Part, has_inputs: Where, with_inputs: _Counted
    ) -> FlowSums:
        """The sums of a flow with those of a strip; `with_inputs` are the pieces that have all its layers.

        A missing layer makes the cell missing even where the formula would not have looked at it.
        """
        flow, before = steps.flow, self._sums.get(steps.flow.key)
        density = values.density(steps, part)
        is_known, counted = np.isfinite(density), with_inputs
        if not counted.are_all(is_known):
            counted = _Counted(part, self._groups, is_known if has_inputs is None else has_inputs & is_known)
        is_negative = density < 0

        def of_step(name: str, number: int) -> Array:
            return counted.common(
                number,
                before.of_inputs[name] if before else None,
                lambda: counted.weighted(values.at(number, part)),
            )

        return FlowSums(
            sum=counted.sum(flow.counted(counted.weighted(density)), before.sum if before else None),
            valid=counted.areas(before.valid if before else None),
            cells=counted.cells(before.cells if before else None),
            inputs=with_inputs.areas(before.inputs if before else None),
            negative=counted.some(is_negative, density, before.negative if before else None),
            negative_area=counted.some(is_negative, None, before.negative_area if before else None),
            of_inputs={name: of_step(name, number) for name, number in steps.summed.items()},
        )
