"""What a coefficient can be at all: outside of it no study and no source can be right.

Shares of a whole (of rain, of a mass, of soil that is lost) lie between 0 and 1 by what they are, and are listed in
`coefficient_ranges.csv`; what may also be a layer has the physical range of the layer; money is not below zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from gep.core.catalog import layer_kinds
from gep.core.data import data_rows, renewed
from gep.core.errors import Problem, UnitError, problem
from gep.core.messages import say
from gep.core.unit_names import with_unit
from gep.core.units import convert
from gep.standards.coefficients import Coefficient


@dataclass(frozen=True)
class Possible:
    """The limits of a coefficient in `unit`."""

    low: float
    high: float
    unit: str


@renewed
@cache
def coefficient_ranges() -> Mapping[str, Possible]:
    """The limits by coefficient: those of layers, and those that are listed."""
    layers = {kind.name: Possible(kind.low, kind.high, kind.unit) for kind in layer_kinds().values()}
    listed = {
        row["coefficient"]: Possible(float(row["low"] or "-inf"), float(row["high"] or "inf"), row["unit"])
        for _, row in data_rows("coefficient_ranges.csv")
    }
    return {**layers, **listed}


def check_possible(rows: Iterable[Coefficient]) -> Iterator[Problem]:
    """Rows whose value cannot be."""
    for row in rows:
        limits = coefficient_ranges().get(row.name)
        if limits is None and row.is_price:
            limits = Possible(0.0, math.inf, row.unit)
        if limits is None:
            continue
        try:
            value = row.to(limits.unit)
        except UnitError:
            continue  # of another kind of thing: that is said
        if not limits.low <= value <= limits.high:
            yield problem(
                "standards.C17.impossible",
                row.name,
                place=row.place,
                found=with_unit(f"{row.value:g}", row.unit),
                allowed=_range(limits, row.unit),
            )


def _range(limits: Possible, unit: str) -> str:
    """The limits in the unit of a row."""
    low, high = (
        bound if math.isinf(bound) else convert(bound, limits.unit, unit) for bound in (limits.low, limits.high)
    )
    of_unit = "" if unit == "1" else unit
    if math.isinf(high):
        return say("standards.at_least", low=low, unit=of_unit)
    return (
        say("standards.at_most", high=high, unit=of_unit)
        if math.isinf(low)
        else say("standards.between", low=low, high=high, unit=of_unit)
    )
