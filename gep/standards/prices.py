"""Price indices: a price of one year in the money of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from gep.core.data import data_folder, read_csv
from gep.core.errors import CoefficientError, did_you_mean
from gep.core.messages import say
from gep.core.units import convert
from gep.standards.coefficients import Coefficient


@dataclass(frozen=True)
class PriceIndex:
    """A chain of yearly price changes, to express a price of one year in the money of another: p_t = p_b I_t / I_b."""

    name: str
    levels: Mapping[int, float]
    source: str

    def factor(self, from_year: int, to_year: int) -> float:
        """What a price of `from_year` is multiplied by to be in the money of `to_year`."""
        if from_year == to_year:
            return 1.0
        for year in (from_year, to_year):
            if year not in self.levels:
                first, last = min(self.levels), max(self.levels)
                raise CoefficientError(
                    say("standards.index_without_year", index=self.name, year=year, first=first, last=last)
                )
        return self.levels[to_year] / self.levels[from_year]


@cache
def price_index(name: str) -> PriceIndex:
    """A shipped price index by name, chained from its year-on-year changes."""
    path = data_folder() / "prices" / f"{name}.csv"
    if not path.is_file():
        known = [p.stem for p in path.parent.glob("*.csv")]
        raise CoefficientError(say("standards.unknown_index", name=name, hint=did_you_mean(name, known), known=known))
    changes = {int(row["year"]): (float(row["value"]), row["unit"], row["source"]) for _, row in read_csv(path)}
    level, levels = 1.0, {min(changes) - 1: 1.0}
    for year in sorted(changes):
        value, unit, _ = changes[year]
        level *= 1 + convert(value, unit, "1")
        levels[year] = level
    return PriceIndex(name, levels, next(iter(changes.values()))[2])


def moved_price(row: Coefficient, index: PriceIndex | None, to_year: int) -> Coefficient:
    """A price row in the money of another year; the row itself where it is not a price, is of that year, or is not to
    be moved (index None).
    """
    if not row.is_price or row.price_year is None or index is None or row.price_year == to_year:
        return row
    return replace(row, value=row.value * index.factor(row.price_year, to_year))
