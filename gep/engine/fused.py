"""The inner pass as one compiled loop over the pieces of a square (extra `fast`).

It reads layers that lie on the grid's lattice as the file stores them, and adds every flow in the order of the pieces,
as the numpy path does: only exp, log, powers and sums over months may differ, in their last digits. What it cannot tell
from its own sums (a group where a density is a number at some pieces only, a layer with values out of range) is left to
numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.engine.flows import Groups
from gep.engine.loop import module_of
from gep.engine.readers import Readers
from gep.engine.scalar import MONTHS
from gep.engine.source import BAD, HIGHEST, LOWEST, PER_FLOW, PER_LAYER, Field, LoopWriter, missing_numbers
from gep.engine.steps import FlowSteps
from gep.engine.sums import CheckTally, FlowSums, LayerTally
from gep.engine.values import Values
from gep.inputs.grids.area import latitudes
from gep.plan.cell_checks import CellCheck
from gep.plan.plan import Array, FlowKey, GridPlan


class Kernel:
    """The compiled loop of a plan, with the tables that it reads."""

    def __init__(self, plan: GridPlan, readers: Readers) -> None:
        self._plan, self._readers = plan, readers
        writer = LoopWriter(plan, readers)
        self.layout = writer.layout
        self._loop: Callable[..., None] = module_of(writer.source).loop
        self._constants = self._packed()

    def _packed(self) -> tuple[NDArray[Any], ...]:
        """The arrays that are the same for every square."""
        layout, n_classes, n_zones = self.layout, len(self._plan.classes), len(self._plan.zones.zones)
        need = np.array([np.frombuffer(mask, np.bool_) for mask in layout.need]).reshape(-1, n_classes)
        layers = [self._readers.layers[name].layer for name in layout.fields]
        numbers = [missing_numbers(layer) for layer in layers]
        missing = np.full((len(layers), max([1, *map(len, numbers)])), np.nan)
        for row, of_layer in zip(missing, numbers, strict=True):
            row[: len(of_layer)] = of_layer
        return (
            need,
            _stacked(layout.of_class, (n_classes,)),
            _stacked(layout.of_class_and_month, (n_classes, MONTHS)),
            _stacked(layout.of_month, (MONTHS,)),
            _stacked(layout.of_zone, (n_zones,)),
            missing,
            np.array([(layer.scale, layer.offset) for layer in layers], np.float64).reshape(-1, 2),
        )

    def begin(self, groups: Groups) -> FusedSquare:
        """The sums of a square before there are any."""
        return FusedSquare(self, self._readers.steps.flows, groups)

    def run(self, values: Values, group: NDArray[np.intp], shared: Array, flows: Array) -> tuple[Array, Array]:
        """Add the pieces of a strip to the sums by set of layers and by flow; what was found of layers and checks."""
        pieces, layout = values.pieces, self.layout
        tested = np.zeros((len(layout.fields), PER_LAYER))
        tested[:, LOWEST], tested[:, HIGHEST] = np.inf, -np.inf
        found = np.zeros((len(layout.checks), 2))
        latitude = latitudes(self._plan.grid, values.square).ravel() if layout.has_latitude else np.zeros(0)
        layers = [self._layer(values, name, field) for name, field in layout.fields.items()]
        of_pieces = (pieces.cell, pieces.land_class, pieces.zone, group, pieces.area)
        self._loop(*of_pieces, *self._constants, latitude, *layers, shared, flows, tested, found)
        return tested, found

    def _layer(self, values: Values, name: str, field: Field) -> NDArray[Any]:
        """A layer as the loop gets it: (cells,) or (cells, months)."""
        if field.is_plain:
            return self._readers.layers[name].plain(values.square).ravel()
        found = values.sample(name).values
        if field.has_months:
            return np.ascontiguousarray(found.reshape(MONTHS, -1).T)
        return np.ascontiguousarray(found).ravel()

    def is_usual(self, name: str, lowest: float, highest: float) -> bool:
        """Whether all values of a layer are what it usually has."""
        kind = self._plan.kinds[name]
        return lowest >= max(kind.low, kind.usual_low) and highest <= min(kind.high, kind.usual_high)


class FusedSquare:
    """What the loop adds up over the strips of a square."""

    def __init__(self, kernel: Kernel, flows: Sequence[FlowSteps], groups: Groups) -> None:
        self._kernel, self._layout, self._flow_steps, self._groups = kernel, kernel.layout, flows, groups
        layout = kernel.layout
        self._shared = np.zeros((groups.count, 2 * len(layout.sets) + len(layout.summed)))
        self._flows = np.zeros((groups.count, PER_FLOW * len(layout.flows)))

    def add(self, values: Values) -> None:
        """Go on with the pieces of a strip."""
        group = self._groups.number[values.pieces.group]
        self._tested, self._found = self._kernel.run(values, group, self._shared, self._flows)
        self._land_class = self._groups.there % values.pieces.n_classes
        self._area = float(values.pieces.area.sum())

    @property
    def left(self) -> list[FlowSteps]:
        """The flows that numpy has to sum: that are not written, or have a group with a density at some pieces only."""
        return [
            steps for steps in self._flow_steps if steps.flow.key not in self._layout.flows or self._is_mixed(steps)
        ]

    def sums(self) -> dict[FlowKey, FlowSums]:
        """The sums of the others, by their keys."""
        left = {steps.position for steps in self.left}
        return {steps.flow.key: self._sums(steps) for steps in self._flow_steps if steps.position not in left}

    def _of_flow(self, steps: FlowSteps) -> Array:
        first = PER_FLOW * self._layout.flows[steps.flow.key]
        return self._flows[:, first : first + PER_FLOW].T.copy()

    def _is_mixed(self, steps: FlowSteps) -> bool:
        bad = self._of_flow(steps)[BAD]
        cells = self._shared[:, self._layout.columns_of_set(steps.layers)[1]]
        return bool(((bad > 0) & (bad != cells)).any())

    def _sums(self, steps: FlowSteps) -> FlowSums:
        layout, is_counted = self._layout, steps.flow.is_counted[self._land_class]
        area, cells = (np.where(is_counted, self._shared[:, at], 0.0) for at in layout.columns_of_set(steps.layers))
        total, bad, negative, negative_area = self._of_flow(steps)
        is_known = is_counted & (bad == 0)
        of_steps = {
            name: self._shared[:, layout.column_of_step(steps.layers, step)] for name, step in steps.summed.items()
        }
        return FlowSums(
            sum=total,
            valid=np.where(is_known, area, 0.0),
            cells=np.where(is_known, cells, 0.0),
            inputs=area,
            negative=negative,
            negative_area=negative_area,
            of_inputs={name: np.where(is_known, sums, 0.0) for name, sums in of_steps.items()},
        )

    def tally(self, name: str) -> LayerTally | None:
        """How a layer lies over the last strip; None where the loop did not test it, or some of it is not usual."""
        field = self._layout.fields.get(name)
        if field is None or not field.is_plain:
            return None
        valid, infinite, lowest, highest = self._tested[field.number].tolist()
        if not self._kernel.is_usual(name, lowest, highest):
            return None
        return LayerTally(valid, infinite=infinite, lowest=lowest, highest=highest, area=self._area)

    def check(self, check: CellCheck) -> CheckTally | None:
        """Over what area of the last strip a check can be made, and its answer is yes; None where it was not asked."""
        row = self._layout.checks.get(check.message)
        return None if row is None else CheckTally(*self._found[row].tolist())


def _stacked(arrays: Sequence[Array], shape: tuple[int, ...]) -> Array:
    return np.ascontiguousarray(arrays, np.float64) if arrays else np.zeros((0, *shape))
