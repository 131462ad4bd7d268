"""What values of layers are like in the world, and in China by latitude: the middle of a city is held against these.

A row is of a layer, of the ratio of two layers (`evapotranspiration/precipitation`), or of another number that checks
compute. Beyond `low` and `high` a value is nearly certainly wrong, beyond the typical ones it is unusual. Each row says
where it was read, and whether its band was read there or is a judgement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gep.core.data import data_folder, read_csv
from gep.core.units import dimensions


@dataclass(frozen=True)
class Slip:
    """A factor by which values are off, the layer that alone may be so (empty: any), and the key of its cause."""

    factor: float
    quantity: str
    cause: str

    def may_be_of(self, quantity: str, unit: str) -> bool:
        """Whether a layer in a unit may be off by it: a month stands for the year only of what is per year."""
        return self.quantity in ("", quantity) and (self.cause != "months" or "[accounting_year]" in dimensions(unit))


@cache
def slips() -> tuple[Slip, ...]:
    """The factors that slips of unit, scale and time make."""
    rows = read_csv(data_folder() / "slips.csv")
    return tuple(Slip(float(row["factor"]), row["quantity"], row["cause"]) for _, row in rows)


@dataclass(frozen=True)
class LayerRange:
    """One row: limits in `unit`, for latitudes of the northern hemisphere from `south` to `north` in degrees."""

    quantity: str
    unit: str
    scope: str
    south: float
    north: float
    low: float
    typical_low: float
    typical_high: float
    high: float

    def holds(self, latitude: float, in_china: bool) -> bool:
        """Whether the row says something of a place."""
        return (self.scope == "world" or in_china) and self.south <= latitude < self.north

    @property
    def breadth(self) -> float:
        """How wide a part of the world it is of: the narrowest that holds is taken."""
        return self.north - self.south + (math.inf if self.scope == "world" else 0)


@cache
def layer_ranges() -> Mapping[str, tuple[LayerRange, ...]]:
    """The rows by quantity, the narrowest first."""

    def number(text: str, empty: float) -> float:
        return float(text) if text else empty

    found: dict[str, list[LayerRange]] = {}
    for _, row in read_csv(data_folder() / "layer_ranges.csv"):
        low, high = number(row["low"], -math.inf), number(row["high"], math.inf)
        found.setdefault(row["quantity"], []).append(
            LayerRange(
                row["quantity"],
                row["unit"],
                row["scope"],
                number(row["south"], -90.0),
                number(row["north"], 90.1),
                low,
                number(row["typical_low"], low),
                number(row["typical_high"], high),
                high,
            )
        )
    return {name: tuple(sorted(rows, key=lambda row: row.breadth)) for name, rows in found.items()}


def range_at(quantity: str, latitude: float, *, in_china: bool) -> LayerRange | None:
    """The narrowest row of a quantity that holds at a place; None where nothing is known of it there."""
    return next((row for row in layer_ranges().get(quantity, ()) if row.holds(latitude, in_china)), None)
