"""The source of the compiled loop of a plan, written from its steps and the equations' own functions.

Per piece: load the layers and test them, compute each step for the classes that need it, add up what flows have in
common where all their layers are, and every flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.engine.readers import Readers
from gep.engine.scalar import INDENT, MONTHS, PRELUDE, CannotCompileError, Value, Writer
from gep.engine.steps import FlowSteps
from gep.inputs.grids.layers import Layer, in_dtype
from gep.plan.cell_checks import CellCheck
from gep.plan.plan import Array, FlowKey, GridPlan
from gep.plan.wiring import CalendarInput, CellInput, Computed, LayerInput, TableInput

SUM, BAD, NEGATIVE, NEGATIVE_AREA, PER_FLOW = range(5)
"""What is added of a flow by group: what counts of it, at how many pieces it is no number though it has all its layers,
and what is negative.
"""
VALID, INFINITE, LOWEST, HIGHEST, PER_LAYER = range(5)
"""What is found of a layer as the file stores it: areas, and its range."""


OF_PIECES = ("cell", "land_class", "zone", "group", "area")
OF_PLAN = ("need", "of_class", "of_class_and_month", "of_month", "of_zone", "missing", "packing")
GIVEN = (*OF_PIECES, *OF_PLAN, "latitude")
"""What the loop is given before the layers."""


class Field(NamedTuple):
    """A layer as the loop gets it: as the file stores it (`is_plain`), as numbers in its own unit, or with months."""

    number: int
    is_plain: bool
    has_months: bool


@dataclass
class Layout:
    """What the loop is given and gives, in which order.

    `sets` numbers the sets of layers that flows rest on, `summed` the steps that are summed where such a set is whole,
    by set and step; `flows` the flows that the loop computes and `checks` the checks that it makes. `need` tells by
    mask for which classes something is wanted; then come tables by class, by class and month, by month and by zone.
    """

    fields: Mapping[str, Field]
    sets: dict[tuple[str, ...], int] = field(default_factory=dict)
    summed: dict[tuple[int, int], int] = field(default_factory=dict)
    flows: dict[FlowKey, int] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    need: dict[bytes, int] = field(default_factory=dict)
    of_class: list[Array] = field(default_factory=list)
    of_class_and_month: list[Array] = field(default_factory=list)
    of_month: list[Array] = field(default_factory=list)
    of_zone: list[Array] = field(default_factory=list)
    has_latitude: bool = False

    def columns_of_set(self, layers: tuple[str, ...]) -> tuple[int, int]:
        """Of the area and the number of pieces where a set of layers is whole."""
        return 2 * self.sets[layers], 2 * self.sets[layers] + 1

    def column_of_step(self, layers: tuple[str, ...], number: int) -> int:
        """Of the sum of a step there."""
        return 2 * len(self.sets) + self.summed[self.sets[layers], number]

    def mask(self, classes: NDArray[np.bool_]) -> int:
        """The number of a set of classes."""
        return self.need.setdefault(classes.tobytes(), len(self.need))


def missing_numbers(layer: Layer) -> list[float]:
    """The numbers of the file that stand for missing."""
    numbers = [in_dtype(value, layer.dtype) for value in layer.missing_values]
    return [float(number) for number in numbers if number is not None and number == number]


class LoopWriter:
    """Writes the loop of a plan: `source`, and the `layout` of what it takes and gives."""

    def __init__(self, plan: GridPlan, readers: Readers) -> None:
        self._plan, self._steps, self._tables = plan, readers.steps, readers.tables
        self._layers = {name: readers.layers[name].layer for name in plan.layers}
        self.layout = Layout(
            {
                name: Field(number, readers.layers[name].is_plain, bool(layer.header.lead))
                for number, (name, layer) in enumerate(self._layers.items())
            }
        )
        self._values: dict[int, Value | None] = {}
        """The text of each step; None where it cannot be written."""
        self._body = Writer()
        for name in self._layers:
            self._load(name)
        for check in plan.checks:
            self._check(check)
        self._compute()
        flows = [flow for flow in self._steps.flows if flow.is_counted and self._is_written(flow)]
        self._add_sets(flows)
        for flow in flows:
            self._add_flow(flow)
        self.source = self._whole()

    def _whole(self) -> str:
        body = self._body
        layers = "".join(f"layer_{field.number}, " for field in self.layout.fields.values())
        lines = [
            "@numba.njit(cache=True, nogil=True, error_model='numpy')",
            f"def loop({', '.join(GIVEN)}, {layers}shared, flows, tested, found):",
            *(f"{INDENT}{name} = np.empty({MONTHS})" for name in body.of_months),
            f"{INDENT}for i in range(cell.size):",
            *(
                2 * INDENT + line
                for line in ("j = cell[i]", "c = land_class[i]", "z = zone[i]", "g = group[i]", "a = area[i]")
            ),
            *(2 * INDENT + line for line in body.lines),
        ]
        return "\n\n".join([PRELUDE, "\n".join(lines)]) + "\n"

    def _load(self, name: str) -> None:
        """The value of a layer at a piece, and whether it is one."""
        body, layer = self._body, self._layers[name]
        number, is_plain, has_months = self.layout.fields[name]
        value, is_valid = f"value_{number}", f"is_valid_{number}"
        if has_months:
            body.add(f"{value} = 0.0")
            with body.under(f"for m in range({MONTHS}):"):
                body.add(f"{value} += layer_{number}[j, m]")
        else:
            body.add(f"{value} = np.float64(layer_{number}[j])")
        if not is_plain:
            body.add(f"{is_valid} = math.isfinite({value})")
            return
        if tests := [f"{value} == missing[{number}, {k}]" for k in range(len(missing_numbers(layer)))]:
            with body.under(f"if {' or '.join(tests)}:"):
                body.add(f"{value} = math.nan")
        if (layer.scale, layer.offset) != (1, 0):
            body.add(f"{value} = {value} * packing[{number}, 0] + packing[{number}, 1]")
        body.add(f"{is_valid} = math.isfinite({value})")
        with body.under(f"if {is_valid}:"):
            body.add(f"tested[{number}, {VALID}] += a")
            for sign, column in (("<", LOWEST), (">", HIGHEST)):
                with body.under(f"if {value} {sign} tested[{number}, {column}]:"):
                    body.add(f"tested[{number}, {column}] = {value}")
        with body.under(f"elif {value} == {value}:"):
            body.add(f"tested[{number}, {INFINITE}] += a")

    def _check(self, check: CellCheck) -> None:
        """A check between layers, where none of them has months."""
        body, fields = self._body, [self.layout.fields.get(name) for name in check.layers]
        numbers = [field.number for field in fields if field is not None and not field.has_months]
        if len(numbers) < len(fields):
            return
        row = self.layout.checks[check.message] = len(self.layout.checks)
        with body.under(f"if {' and '.join(f'is_valid_{number}' for number in numbers)}:"):
            body.add(f"found[{row}, 0] += a")
            answer = body.function(check.test, [Value(f"value_{number}") for number in numbers])
            with body.under(f"if {answer.text}:"):
                body.add(f"found[{row}, 1] += a")

    def _compute(self) -> None:
        """The steps, each for the classes that need it."""
        wanted = {number for flow in self._steps.flows if flow.is_counted for number in self._steps.below(flow.density)}
        for number in sorted(wanted):
            node = self._steps[number].node
            is_computed = isinstance(node, Computed) and not self._steps[number].is_of_class
            self._values[number] = self._computed(number) if is_computed else self._given(number)

    def _computed(self, number: int) -> Value | None:
        step, body = self._steps[number], self._body
        assert isinstance(step.node, Computed), "what is given is read"
        arguments: list[Value] = []
        for argument in step.arguments:
            value = self._values[argument.step]
            if value is None:
                return None
            text = value.text if argument.is_same else f"({value.text} * {argument.scale!r} + {argument.offset!r})"
            arguments.append(value._replace(text=text))
        with body.under(f"if need[{self.layout.mask(step.classes)}, c]:"):
            start = len(body.lines)
            try:
                return body.keep(body.function(step.node.equation.fn, arguments), "step")
            except CannotCompileError:
                body.lines[start:] = []
                body.add("pass")
                return None

    def _given(self, number: int) -> Value:
        """A step that is read from an array."""
        step, layout = self._steps[number], self.layout
        node = step.node
        if isinstance(node, LayerInput):
            field = layout.fields[node.name]
            return Value(f"layer_{field.number}[j, m]", True) if field.has_months else Value(f"value_{field.number}")
        if isinstance(node, TableInput):
            layout.of_zone.append(self._plan.zone_values[node.name, node.unit])
            return Value(f"of_zone[{len(layout.of_zone) - 1}, z]")
        if isinstance(node, CalendarInput):
            layout.of_month.append(self._plan.calendar[node.name].ravel())
            return Value(f"of_month[{len(layout.of_month) - 1}, m]", True)
        if isinstance(node, CellInput):
            layout.has_latitude = True
            return Value("latitude[j]")
        assert step.is_of_class
        table = self._tables[number]
        if table.ndim == 1:
            layout.of_class.append(table)
            return Value(f"of_class[{len(layout.of_class) - 1}, c]")
        layout.of_class_and_month.append(table.T)
        return Value(f"of_class_and_month[{len(layout.of_class_and_month) - 1}, c, m]", True)

    def _is_written(self, flow: FlowSteps) -> bool:
        found = [self._values[number] for number in (flow.density, *flow.summed.values())]
        return all(value is not None and not value.has_months for value in found)

    def _add_sets(self, flows: list[FlowSteps]) -> None:
        """Areas, pieces and sums of layers where all layers of a flow are, which flows have in common."""
        body, layout = self._body, self.layout
        for flow in flows:
            place = layout.sets.setdefault(flow.layers, len(layout.sets))
            for number in flow.summed.values():
                layout.summed.setdefault((place, number), len(layout.summed))
        for layers, place in layout.sets.items():
            tests = [f"is_valid_{layout.fields[name].number}" for name in layers]
            body.add(f"has_all_{place} = {' and '.join(tests) or 'True'}")
            area, count = layout.columns_of_set(layers)
            with body.under(f"if has_all_{place}:"):
                body.add(f"shared[g, {area}] += a")
                body.add(f"shared[g, {count}] += 1.0")
                for number in (number for where, number in layout.summed if where == place):
                    value = self._values[number]
                    assert value is not None, "the flow is written"
                    with body.under(f"if need[{layout.mask(self._steps[number].classes)}, c]:"):
                        body.add(f"shared[g, {layout.column_of_step(layers, number)}] += {value.text} * a")

    def _add_flow(self, flow: FlowSteps) -> None:
        body, layout, value = self._body, self.layout, self._values[flow.density]
        assert value is not None, "the flow is written"
        first = PER_FLOW * layout.flows.setdefault(flow.flow.key, len(layout.flows))
        mask = layout.mask(flow.flow.is_counted)
        with body.under(f"if has_all_{layout.sets[flow.layers]} and need[{mask}, c]:"):
            body.add(f"amount = {value.text} * a")
            with body.under(f"if not math.isfinite({value.text}):"):
                body.add(f"flows[g, {first + BAD}] += 1.0")
            with body.under("elif amount < 0:"):
                if not flow.flow.is_clipped:
                    body.add(f"flows[g, {first + SUM}] += amount")
                body.add(f"flows[g, {first + NEGATIVE}] += amount")
                body.add(f"flows[g, {first + NEGATIVE_AREA}] += a")
            with body.under("else:"):
                body.add(f"flows[g, {first + SUM}] += amount")
