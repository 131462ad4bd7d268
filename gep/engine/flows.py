"""The sums of flows in one square, by the groups of zone and class that occur in it."""

from __future__ import annotations

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


class _Counted:
    """Pieces over which flows are summed, and what goes into them."""

    def __init__(self, part: Part, groups: Groups, where: Where) -> None:
        self._groups, self._where = groups, None if where is None else np.flatnonzero(where)
        self.group, self.area = groups.number[self.of(part.group)], self.of(part.area)
        self.total = self.sum(self.area)
        self.cells = np.bincount(self.group, minlength=groups.count).astype(np.float64)
        self.of_steps: dict[int, Array] = {}
        """Steps times area, by their number."""

    def of(self, values: NDArray[Value]) -> NDArray[Value]:
        """What of an array of the part stands at these pieces."""
        return values if self._where is None else values[self._where]

    def sum(self, weights: Array, where: Where = None) -> Array:
        """Sums by group, in float64 from the first addition on, in the order of the cells."""
        group = self.group if where is None else self.group[where]
        return np.bincount(group, weights, self._groups.count).astype(np.float64, copy=False)


class FlowsOfSquare:
    """Sums one flow after the other, in the order of the plan. What several have in common is summed once."""

    def __init__(self, values: Values, groups: Groups) -> None:
        self._values, self._groups = values, groups
        self._counted: dict[tuple[bytes, tuple[str, ...]], tuple[Where, _Counted]] = {}

    def sums(self) -> dict[FlowKey, FlowSums]:
        """By the key of the flow."""
        found = {}
        for position, steps in enumerate(self._values.steps.flows):
            found[steps.flow.key] = self.sum(steps)
            self._values.forget(position)
        return found

    def sum(self, steps: FlowSteps) -> FlowSums:
        """Of one flow."""
        flow, nothing = steps.flow, np.zeros(self._groups.count)
        part = self._values.part(flow.is_counted)
        if not part.size:
            return FlowSums.of_nothing(nothing, steps.summed)
        has_inputs, counted = self._with_inputs(steps, part)
        inputs = counted.total
        density = self._values.density(steps, part)
        is_known = np.isfinite(density)
        if not counted.of(is_known).all():
            counted = _Counted(part, self._groups, is_known if has_inputs is None else has_inputs & is_known)
        weighted = counted.of(density) * counted.area
        is_negative = weighted < 0
        is_any = bool(is_negative.any())
        return FlowSums(
            sum=counted.sum(flow.counted(weighted)),
            valid=counted.total,
            cells=counted.cells,
            inputs=inputs,
            negative=counted.sum(weighted[is_negative], is_negative) if is_any else nothing,
            negative_area=counted.sum(counted.area[is_negative], is_negative) if is_any else nothing,
            of_inputs={name: self._of_step(number, part, counted) for name, number in steps.summed.items()},
        )

    def _with_inputs(self, steps: FlowSteps, part: Part) -> tuple[Where, _Counted]:
        """The pieces of a flow that have all its layers.

        A missing layer makes the cell missing even where the formula would not have looked at it.
        """
        gaps = self._values.gaps(steps)
        key = steps.flow.is_counted.tobytes(), gaps
        if key not in self._counted:
            has_inputs = self._values.has_all(gaps, part)
            self._counted[key] = has_inputs, _Counted(part, self._groups, has_inputs)
        return self._counted[key]

    def _of_step(self, number: int, part: Part, counted: _Counted) -> Array:
        if number not in counted.of_steps:
            counted.of_steps[number] = counted.sum(counted.of(self._values.at(number, part)) * counted.area)
        return counted.of_steps[number]
