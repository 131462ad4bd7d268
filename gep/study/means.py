"""What the equations behind a density give at the means of their inputs: beside the mean of the cells itself, it shows
what averaging makes of a figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gep.core.units import linear
from gep.engine.sums import Sums
from gep.plan.plan import Flow, GridPlan
from gep.plan.wiring import ClassInput, Computed, Input, LayerInput, TableInput

Array = NDArray[np.float64]


def nodes_of(flow: Flow) -> dict[str, Computed]:
    """The equations of a flow by the name of what they make, the root first; of several that make the same, the one
    whose sum is kept.
    """
    found = {flow.node.name: flow.node}

    def walk(node: Computed) -> None:
        for part in node.inputs:
            if isinstance(part, Computed):
                found.setdefault(part.name, part)
                walk(part)

    walk(flow.node)
    return found


def at_means_of(plan: GridPlan, sums: Sums, flow: Flow) -> dict[str, Array]:
    """What every equation of a flow gives at the area-weighted means of its inputs, by zone (all together last) and
    class.

    Only where all of them have a mean: not those of monthly layers, whose sums are not kept.
    """
    valid = _with_all(sums.of(flow, "valid"))
    results: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        means = {name: _with_all(table) / valid for name, table in sums.of_inputs(flow).items()}
        for name, node in nodes_of(flow).items():
            found = [
                _mean(plan, part, unit, means)
                for part, unit in zip(node.inputs, node.equation.units.values(), strict=True)
            ]
            arguments = [np.broadcast_to(mean, valid.shape).ravel() for mean in found if mean is not None]
            if len(arguments) == len(found):
                results[name] = np.broadcast_to(node.equation.fn(*arguments), valid.size).reshape(valid.shape)
    return results


def in_unit_of(plan: GridPlan, node: LayerInput | Computed, unit: str) -> tuple[float, float]:
    """Scale and offset from the unit of a layer or of what an equation makes to another."""
    return linear(plan.layers[node.name].unit if isinstance(node, LayerInput) else node.equation.returns, unit)


def _mean(plan: GridPlan, node: Input, unit: str, means: Mapping[str, Array]) -> Array | None:
    if isinstance(node, LayerInput | Computed):
        if node.name not in means:
            return None
        scale, offset = in_unit_of(plan, node, unit)
        return means[node.name] if (scale, offset) == (1.0, 0.0) else means[node.name] * scale + offset
    if isinstance(node, ClassInput):
        return plan.class_values[node.name, node.unit][None, :]
    if isinstance(node, TableInput):
        return np.append(plan.zone_values[node.name, node.unit], np.nan)[:, None]
    return None


def _with_all(table: Array) -> Array:
    """A table by zone and class with a last row for all zones together, exactly rounded."""
    return np.vstack([table, [math.fsum(column) for column in table.T.tolist()]])
