"""The flows of a plan as steps: each value that they need once, for which classes, and how long it is needed; and those
that follow from the class alone, for every class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gep.core.units import linear
from gep.plan.plan import Array, Flow, FlowKey, GridPlan
from gep.plan.wiring import CalendarInput, ClassInput, Computed, Input, LayerInput, leaves


@dataclass(frozen=True)
class Argument:
    """Where an equation takes an argument from: the step, and the way from its unit to that of the argument."""

    step: int
    scale: float = 1.0
    offset: float = 0.0

    @property
    def is_same(self) -> bool:
        """Whether both units are one."""
        return (self.scale, self.offset) == (1.0, 0.0)

    def converted(self, array: Array) -> Array:
        """Values of the step in the unit of the argument."""
        return array if self.is_same else array * self.scale + self.offset


@dataclass(frozen=True, eq=False)
class Step:
    """One value: what it is, from what it is computed, and for which classes any flow needs it.

    `last` is the position of the last flow that needs it; `is_of_class` says that it follows from the class alone.
    """

    node: Input
    arguments: tuple[Argument, ...]
    classes: NDArray[np.bool_]
    last: int
    is_of_class: bool


NO_STEP = -1
"""The step of a flow that counts for no class: its layers may not even be open."""


@dataclass(frozen=True, eq=False)
class FlowSteps:
    """A flow and its position in the plan: the step of its density, the steps whose sums explain it by the name of the
    layer, and its layers.
    """

    flow: Flow
    position: int
    density: int
    summed: Mapping[str, int]
    layers: tuple[str, ...]

    @property
    def is_counted(self) -> bool:
        """Whether it counts for any class."""
        return self.density != NO_STEP


class Steps:
    """All steps of a plan, each after those that it needs; `flows` in the order of the plan."""

    def __init__(self, plan: GridPlan) -> None:
        self._plan = plan
        self._number: dict[Input, int] = {}
        self._nodes: list[Input] = []
        self._arguments: list[tuple[Argument, ...]] = []
        self.flows = tuple(self._of_flow(flow, position) for position, flow in enumerate(plan.flows))
        self.by_key: Mapping[FlowKey, FlowSteps] = {steps.flow.key: steps for steps in self.flows}
        classes = [np.zeros(len(plan.classes), dtype=bool) for _ in self._nodes]
        last = [0] * len(self._nodes)
        for steps in self.flows:
            for number in self.below(steps.density) if steps.is_counted else ():
                classes[number] |= steps.flow.is_counted
                last[number] = steps.position
        self._steps = tuple(map(Step, self._nodes, self._arguments, classes, last, map(_is_of_class, self._nodes)))

    def __getitem__(self, number: int) -> Step:
        return self._steps[number]

    def _of_flow(self, flow: Flow, position: int) -> FlowSteps:
        if not flow.is_counted.any():
            return FlowSteps(flow, position, NO_STEP, {node.name: NO_STEP for node in summed_inputs(flow.node)}, ())
        density = self._add(flow.node)
        summed = {node.name: self._add(node) for node in summed_inputs(flow.node)}
        return FlowSteps(flow, position, density, summed, tuple(self._plan.layer_names_of(flow)))

    def _add(self, node: Input) -> int:
        """The number of the step that gives a value; those that it needs come before it."""
        if node not in self._number:
            arguments: tuple[Argument, ...] = ()
            if isinstance(node, Computed):
                units = node.equation.units.values()
                arguments = tuple(self._argument(part, unit) for part, unit in zip(node.inputs, units, strict=True))
            self._number[node] = len(self._nodes)
            self._nodes.append(node)
            self._arguments.append(arguments)
        return self._number[node]

    def _argument(self, node: Input, unit: str) -> Argument:
        """An input in the unit that an equation declares for it; what is no layer is given in that unit."""
        if isinstance(node, LayerInput):
            return Argument(self._add(node), *linear(self._plan.layers[node.name].unit, unit))
        if isinstance(node, Computed):
            return Argument(self._add(node), *linear(node.equation.returns, unit))
        return Argument(self._add(node))

    def below(self, number: int) -> Iterator[int]:
        """The steps that one rests on, itself among them."""
        seen, waiting = {number}, [number]
        while waiting:
            parts = {argument.step for argument in self._arguments[waiting.pop()]} - seen
            seen |= parts
            waiting += parts
        return iter(seen)


def applied(node: Computed, arguments: list[Array]) -> Array:
    """What an equation gives."""
    return np.asarray(node.equation.fn(*arguments), dtype=np.float64)


class ClassTables:
    """The steps that follow from the class alone, for every class: (n_classes,) or with the months before."""

    def __init__(self, plan: GridPlan, steps: Steps) -> None:
        self._plan, self._steps = plan, steps
        self._known: dict[int, Array] = {}

    def __getitem__(self, number: int) -> Array:
        if number not in self._known:
            node = self._steps[number].node
            if isinstance(node, ClassInput):
                found = self._plan.class_values[node.name, node.unit]
            elif isinstance(node, CalendarInput):
                found = self._plan.calendar[node.name]
            else:
                assert isinstance(node, Computed), "layers, tables and places are not of the class alone"
                with np.errstate(all="ignore"):
                    found = applied(node, [of.converted(self[of.step]) for of in self._steps[number].arguments])
                found = np.broadcast_to(found, (*found.shape[:-1], len(self._plan.classes)))
            self._known[number] = found
        return self._known[number]


def _is_of_class(node: Input) -> bool:
    return all(isinstance(leaf, ClassInput | CalendarInput) for leaf in leaves(node)) and not isinstance(
        node, CalendarInput
    )


def summed_inputs(root: Computed) -> list[LayerInput | Computed]:
    """The layers and derived layers that go into a flow, without those that have a month axis: their sums explain the
    figure.
    """
    found: dict[str, LayerInput | Computed] = {}

    def walk(node: Computed) -> None:
        for part in node.inputs:
            if isinstance(part, LayerInput | Computed) and not part.name.startswith("monthly_"):
                found.setdefault(part.name, part)
            if isinstance(part, Computed):
                walk(part)

    walk(root)
    return list(found.values())
