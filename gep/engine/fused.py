"""The inner pass as one compiled loop over the pieces of a square (extra `fast`).

It reads layers that lie on the grid's lattice as the file stores them, and adds every flow in the order of the pieces,
as the numpy path does: only exp, log, powers and sums over months may differ, in their last digits. What it cannot tell
from its own sums (a group where a density is a number at some pieces only, a layer with values out of range) is left to
numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.engine.flows import Groups
from gep.engine.loop import CompiledLoop
from gep.engine.readers import Readers
from gep.engine.scalar import MONTHS
from gep.engine.source import AREA, COUNT, PER_FLOW, PER_LAYER, PER_SET, Field, LoopWriter, missing_numbers
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
        self._loop = CompiledLoop(writer.source)
        self._constants = self._packed()
        known = {name for name, field in self.layout.fields.items() if field.kind != "cells"}
        self.held = [name for name in plan.layers if name not in known]
        """The layers that are held in memory cell by cell."""

    def _packed(self) -> tuple[NDArray[Any], ...]:
        """The arrays that are the same for every square."""
        layout, n_classes, n_zones = self.layout, len(self._plan.classes), len(self._plan.zones.zones)
        layers = [self._readers.layers[name].layer for name in layout.fields]
        numbers = [missing_numbers(layer) for layer in layers]
        missing = np.full((len(layers), max([1, *map(len, numbers)])), np.nan)
        for row, of_layer in zip(missing, numbers, strict=True):
            row[: len(of_layer)] = of_layer
        return (
            layout.bits(n_classes),
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

    def run(self, values: Values, group: NDArray[np.intp], sums: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        """Add the pieces of a strip to the sums; what was found of layers and checks."""
        pieces, layout = values.pieces, self.layout
        tested = np.zeros((len(layout.fields), PER_LAYER))
        found = np.zeros((len(layout.checks), 2))
        coarse = {name: values.coarse(name) for name, field in layout.fields.items() if field.kind == "coarse"}
        places = {layout.fields[name].place: of_layer for name, of_layer in coarse.items()}
        held = [np.zeros(len(places[place].values)) for place in sorted(places)]
        latitude = latitudes(self._plan.grid, values.square).ravel() if layout.has_latitude else np.zeros(0)
        of_pieces = (pieces.cell, pieces.land_class, pieces.zone, group, pieces.area)
        given: list[Any] = [*of_pieces, values.square.shape[1], MONTHS, *self._constants, latitude]
        for place in sorted(places):
            given += [*places[place].place.arrays(), places[place].place.width]
        for names in layout.stacks.values():
            of_place = [coarse[name] for name in names]
            given += [np.concatenate([of.values for of in of_place], axis=1)]
            given += [np.logical_and.reduce([of.is_whole for of in of_place])]
        given += [coarse[name].values for name in layout.single]
        lying = [self._layer(values, name, field) for name, field in layout.fields.items() if field.kind != "coarse"]
        self._loop(given, lying, (*held, *sums, tested, found))
        keys = {field.place: self._readers.layers[name].lattice_key for name, field in layout.fields.items()}
        values.held |= {keys[place]: area for place, area in zip(sorted(places), held, strict=True)}
        return tested, found

    def _layer(self, values: Values, name: str, field: Field) -> NDArray[Any]:
        """A layer as the loop gets it: as it lies in memory, or (months, cells), of which there is one without a month
        axis.
        """
        if field.kind == "plain":
            return self._readers.layers[name].plain(values.square)
        found = values.sample(name).values
        return np.ascontiguousarray(found.reshape(MONTHS if field.has_months else 1, -1), np.float64)

    def is_usual(self, name: str, lowest: float, highest: float) -> bool:
        """Whether all values of a layer are what it usually has."""
        kind = self._plan.kinds[name]
        return lowest >= max(kind.low, kind.usual_low) and highest <= min(kind.high, kind.usual_high)


class FusedSquare:
    """What the loop adds up over the strips of a square."""

    def __init__(self, kernel: Kernel, flows: Sequence[FlowSteps], groups: Groups) -> None:
        self._kernel, self._layout, self._flow_steps, self._groups = kernel, kernel.layout, flows, groups
        layout = kernel.layout
        self._whole = np.zeros((groups.count, PER_SET + len(layout.summed)))
        self._shared = np.zeros((groups.count, PER_SET * len(layout.sets) + len(layout.beside)))
        self._flows = np.zeros((groups.count, PER_FLOW * len(layout.flows)))
        self._summed: dict[FlowKey, FlowSums] = {}

    def add(self, values: Values) -> None:
        """Go on with the pieces of a strip."""
        group = self._groups.number[values.pieces.group]
        self._tested, self._found = self._kernel.run(values, group, (self._whole, self._shared, self._flows))
        self._zone, self._land_class = np.divmod(self._groups.there, values.pieces.n_classes)
        self._area = float(values.pieces.area.sum())

    @property
    def left(self) -> list[FlowSteps]:
        """The flows that numpy has to sum: that are not written, or have a group with a density at some pieces only."""
        found = self.sums()
        return [steps for steps in self._flow_steps if steps.flow.key not in found]

    def sums(self) -> dict[FlowKey, FlowSums]:
        """The sums of the others, by their keys."""
        if not self._summed:
            written = [steps for steps in self._flow_steps if steps.flow.key in self._layout.forms]
            found = {steps.flow.key: self._sums(steps) for steps in written}
            self._summed = {key: sums for key, sums in found.items() if sums is not None}
        return dict(self._summed)

    def _of_set(self, steps: FlowSteps) -> tuple[Array, Array]:
        """The area and the pieces where all layers of a flow are, for its classes."""
        is_counted = steps.flow.is_counted[self._land_class]
        area, cells = (
            np.where(is_counted, self._whole[:, whole] + self._shared[:, beside], 0.0)
            for whole, beside in zip((AREA, COUNT), self._layout.columns_of_set(steps.layers), strict=True)
        )
        return area, cells

    def _of_flow(self, steps: FlowSteps, area: Array, cells: Array) -> tuple[Array, Array, Array, Array]:
        """What of a flow is not negative, at how many pieces it is no number, and what of it is negative, over which
        area.
        """
        layout, form = self._layout, self._layout.forms[steps.flow.key]
        factor = _of_groups(form.factor, self._zone, self._land_class)
        factor = np.where(steps.flow.is_counted[self._land_class], factor, 0.0)
        is_number = np.isfinite(factor)
        factor = np.where(is_number, factor, 0.0)
        nothing = np.zeros(self._groups.count)
        if form.of is None:
            is_negative = factor < 0
            positive, negative = (np.where(is_negative == of, factor * area, 0.0) for of in (False, True))
            return positive, np.where(is_number, nothing, cells), negative, np.where(is_negative, area, 0.0)
        first = PER_FLOW * layout.flows[form.of, layout.sets[steps.layers]]
        positive, bad, negative, negative_area = self._flows[:, first : first + PER_FLOW].T
        is_there = is_number & (factor > 0)
        return (
            positive * factor,
            np.where(is_number, bad, cells),
            negative * factor,
            np.where(is_there, negative_area, 0.0),
        )

    def _sums(self, steps: FlowSteps) -> FlowSums | None:
        """Those of a flow; None where the loop cannot tell: a group with a density at some pieces only, or an infinite
        sum.
        """
        area, cells = self._of_set(steps)
        positive, bad, negative, negative_area = self._of_flow(steps, area, cells)
        if ((bad > 0) & (bad != cells)).any() or not (np.isfinite(positive) & np.isfinite(negative)).all():
            return None
        is_known = steps.flow.is_counted[self._land_class] & (bad == 0)
        return FlowSums(
            sum=positive if steps.flow.is_clipped else positive + negative,
            valid=np.where(is_known, area, 0.0),
            cells=np.where(is_known, cells, 0.0),
            inputs=area,
            negative=negative,
            negative_area=negative_area,
            of_inputs={
                name: np.where(is_known, self._of_step(steps.layers, number), 0.0)
                for name, number in steps.summed.items()
            },
        )

    def _of_step(self, layers: tuple[str, ...], number: int) -> Array:
        """The sum of a step where a set of layers is whole."""
        layout = self._layout
        return self._whole[:, layout.column_of_step(number)] + self._shared[:, layout.column_beside(layers, number)]

    def tally(self, name: str) -> LayerTally | None:
        """How a layer lies over the last strip; None where the loop did not test it, or some of it is not usual."""
        field = self._layout.fields.get(name)
        if field is None or field.kind != "plain":
            return None
        valid, infinite, lowest, highest = self._tested[field.number].tolist()
        if not self._kernel.is_usual(name, lowest, highest):
            return None
        return LayerTally(valid, infinite=infinite, lowest=lowest, highest=highest, area=self._area)

    def check(self, check: CellCheck) -> CheckTally | None:
        """Over what area of the last strip a check can be made, and its answer is yes; None where it was not asked."""
        row = self._layout.checks.get(check.message)
        return None if row is None else CheckTally(*self._found[row].tolist())


def _of_groups(factor: Array, zone: NDArray[np.intp], land_class: NDArray[np.intp]) -> Array:
    """Numbers by zone and class, or the same for all of these, at groups."""
    table = np.atleast_2d(factor)
    zones, classes = table.shape
    found: Array = table[zone if zones > 1 else 0, land_class if classes > 1 else 0]
    return found


def _stacked(arrays: Sequence[Array], shape: tuple[int, ...]) -> Array:
    return np.ascontiguousarray(arrays, np.float64) if arrays else np.zeros((0, *shape))
