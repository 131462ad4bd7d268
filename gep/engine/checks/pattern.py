"""Layers that no measurement looks like: one value, the same row over and over, a copy of another layer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gep.core.errors import Problem, problem
from gep.core.messages import Text
from gep.core.unit_names import unit_text
from gep.engine.checks.seen import Array, Mask, Seen, check_layer, enough
from gep.inputs.grids.align import meet

MANY_CELLS = 1000
"""Sampled cells from which a pattern is no accident."""

MANY_PLACES = 10
"""Cells of the layer itself from one side of the city to the other, from which values must differ."""

PLAIN = (0.0, 1.0)
"""Values that may well be the same everywhere: a factor that changes nothing, an absence."""

SUN = "radiation"
"""Radiation above the air depends on the latitude alone."""

SAME = (
    {"potential_evapotranspiration", "reference_evapotranspiration"},
    {"precipitation", "runoff_generating_precipitation"},
)
"""Pairs of which a study may give one for the other."""


def one_value(seen: Seen) -> Iterator[Problem]:
    """Layers that have one value everywhere, although they have many cells."""
    for name in seen.names:
        values = seen.means(name)
        valid = _many(seen, name, values)
        if values is None or valid is None:
            continue
        low, high = values[valid].min(), values[valid].max()
        if low == high and low not in PLAIN:
            layer = seen.layers[name]
            number, unit = f"{low:.6g}", unit_text(layer.unit)
            found = number if layer.unit == "1" else Text(f"{number} {unit}", f"{number} {unit.zh}")
            yield problem("engine.R20.one_value", name, place=seen.place(name), found=found, do=check_layer(layer))


def stripes(seen: Seen) -> Iterator[Problem]:
    """Layers whose rows are all the same, or whose columns are."""
    lines = [np.unique(line, return_inverse=True)[1] for line in (seen.sums.sample.row, seen.sums.sample.col)]
    for name in seen.names:
        values = seen.means(name)
        valid = _many(seen, name, values)
        if values is None or valid is None or SUN in name or values[valid].min() == values[valid].max():
            continue
        for along, message in zip(lines, ("engine.R22.columns", "engine.R22.rows"), strict=True):
            if _varies_only_along(along[valid], values[valid]):
                yield problem(message, name, place=seen.place(name), do=check_layer(seen.layers[name]))


def _varies_only_along(line: NDArray[np.intp], values: Array) -> bool:
    """Whether all values of one line are the same, of many lines, which differ."""
    of_line = np.full(line.max() + 1, np.nan)
    of_line[line] = values
    return bool((of_line[line] == values).all()) and len(np.unique(of_line[np.isfinite(of_line)])) > MANY_PLACES


def copies(seen: Seen) -> Iterator[Problem]:
    """Layers that have the same value as another in every cell."""
    of_sample = seen.sums.sample.layers
    fields = {name: of_sample[name] for name in seen.names if _many(seen, name, seen.means(name)) is not None}
    for one, other in combinations(fields, 2):
        first, second = fields[one], fields[other]
        if first.shape != second.shape or {one, other} in SAME:
            continue
        few = (first[..., :MANY_CELLS], second[..., :MANY_CELLS])  # nearly all pairs differ there
        is_same = all(np.array_equal(*pair, equal_nan=True) for pair in (few, (first, second)))
        if is_same and np.nanmin(first) != np.nanmax(first):
            yield problem("engine.R21.copy", f"{one}/{other}", place=seen.place(one), one=one, other=other)


def _many(seen: Seen, name: str, values: Array | None) -> Mask | None:
    """Where a layer has values, if it has many of its own; else None."""
    valid = enough(values)
    if valid is None or valid.sum() < MANY_CELLS:
        return None
    ratio = meet(seen.layers[name], seen.plan.grid).ratio
    across = min(seen.plan.grid.shape) / max(ratio, 1.0)
    return valid if across >= MANY_PLACES else None
