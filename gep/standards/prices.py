"""Price indices: a price of one year in the money of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from gep.core.data import data_files, read_csv, renewed
from gep.core.errors import CoefficientError, did_you_mean
from gep.core.messages import say
from gep.core.units import convert
from gep.standards.coefficients import Coefficient


@dataclass(frozen=True)
class PriceIndex:
    """A chain of yearly price changes, to express a price of one year in the money of another: p_t = p_b I_t / I_b.
    Behind its last year prices stay as they were: I_t is then the last level that is known.
    """

    name: str
    levels: Mapping[int, float]
    source: str
    changes: Mapping[int, float] = field(default_factory=dict)

    def factor(self, from_year: int, to_year: int) -> float:
        """What a price of `from_year` is multiplied by to be in the money of `to_year`."""
        last = max(self.levels)
        from_year, to_year = min(from_year, last), min(to_year, last)
        if from_year == to_year:
            return 1.0
        for year in (from_year, to_year):
            if year not in self.levels:
                first = min(self.levels)
                raise CoefficientError(
                    say("standards.index_without_year", index=self.name, year=year, first=first, last=last)
                )
        return self.levels[to_year] / self.levels[from_year]


def chained(name: str, changes: Mapping[int, float], source: str) -> PriceIndex:
    """The index of changes on the year before, as shares; its first year is the one before the first change."""
    level, levels = 1.0, {min(changes) - 1: 1.0}
    for year in sorted(changes):
        level *= 1 + changes[year]
        levels[year] = level
    return PriceIndex(name, levels, source, changes)


def _shipped() -> dict[str, Path]:
    return {path.stem: path for path in data_files("prices/*.csv")}


def is_shipped(name: str) -> bool:
    """Whether an index of this name comes with the package, and is not a study's own."""
    return name in _shipped()


@renewed
@cache
def price_index(name: str) -> PriceIndex:
    """A shipped price index by name, chained from its year-on-year changes."""
    paths = _shipped()
    if name not in paths:
        known = list(paths)
        raise CoefficientError(say("standards.unknown_index", name=name, hint=did_you_mean(name, known), known=known))
    rows = [row for _, row in read_csv(paths[name])]
    changes = {int(row["year"]): convert(float(row["value"]), row["unit"], "1") for row in rows}
    return chained(name, changes, rows[0]["source"])


@dataclass(frozen=True)
class OwnIndices:
    """The price indices that a study gives: the general one, before that of the profile, and those of groups of prices,
    by what follows them: a price, an item of the tables (with all its parts) or a service.
    """

    general: PriceIndex | None = None
    of_groups: Mapping[str, PriceIndex] = field(default_factory=dict)

    def of_group(self, name: str) -> PriceIndex | None:
        """The index of a group that a price or an item is in: by its own name, else by what it is a part of."""
        while name:
            if name in self.of_groups:
                return self.of_groups[name]
            name = name.rpartition("/")[0]
        return None


def moved_price(row: Coefficient, index: PriceIndex | None, to_year: int) -> Coefficient:
    """A price row in the money of another year; the row itself where it is not a price, is of that year, or is not to
    be moved (index None).
    """
    if not row.is_price or row.price_year is None or index is None or row.price_year == to_year:
        return row
    return replace(row, value=row.value * index.factor(row.price_year, to_year))
