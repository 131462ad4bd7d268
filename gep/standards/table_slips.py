"""The factors that slips make in tables of statistics, by what is counted: 万元 written for 亿元, persons for 万人."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from gep.core.data import data_folder, read_csv
from gep.core.units import dimensions

Kind = Literal["amount", "count", "money", "price", "price of mass", "land"]
"""What a figure is: of money, of heads, a price, of land as the map has it, an amount of anything else."""


@dataclass(frozen=True)
class TableSlip:
    """A factor by which figures of a kind (all, where it is empty) are off, and the key of its cause."""

    factor: float
    of: Kind | Literal[""]
    cause: str


@cache
def table_slips() -> tuple[TableSlip, ...]:
    """Every factor that is known."""
    rows = read_csv(data_folder() / "table_slips.csv")
    return tuple(TableSlip(float(row["factor"]), cast(Kind, row["of"]), row["cause"]) for _, row in rows)


def kind_of(unit: str) -> Kind:
    """The kind of a figure in a unit."""
    powers = dimensions(unit)
    if powers.get("[currency]"):
        others = {name for name in powers if name not in ("[currency]", "[accounting_year]")}
        is_of_mass = "[mass]" in others and "[length]" not in others  # energy has both
        return "price of mass" if is_of_mass else "price" if others else "money"
    return "count" if COUNTED & set(powers) else "amount"


COUNTED = frozenset({"[person]", "[visit]", "[head]"})


SPREAD = 3.0
"""Times beyond what is usual to which a factor may bring a value: the place may be somewhat unusual too."""

NEAR = math.log(12.0)
"""How much farther from the middle of what is usual a second explanation may lead than the first."""

COARSE = 1000.0
"""Factors from here on are of units, and each may be meant; of smaller ones only the nearest is."""


def slips_between(value: float, typical: tuple[float, float], kind: Kind) -> list[TableSlip]:
    """The slips of a kind that explain a value that is not usual, the likeliest first: those whose factor brings it
    nearest to the middle of what is usual. None where no factor brings it there.
    """
    low, high = typical
    middle = math.sqrt(low * high)
    put_right = {
        slip: value / slip.factor if value > high else value * slip.factor
        for slip in table_slips()
        if kind != "land" and slip.of in ("", kind, kind.partition(" ")[0])
    }
    away = {
        slip: abs(math.log(other / middle))
        for slip, other in put_right.items()
        if low / SPREAD <= other <= high * SPREAD
    }
    ordered = sorted(away, key=away.__getitem__)
    return [
        slip
        for slip in ordered
        if slip is ordered[0]
        or (min(slip.factor, ordered[0].factor) >= COARSE and away[slip] <= away[ordered[0]] + NEAR)
    ]
