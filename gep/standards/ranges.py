"""What a quantity can plausibly be: bands of `plausible_ranges.csv`, each with its source or its reasoning."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, cast, get_args

from gep.core.data import data_folder, line_of, read_csv
from gep.core.errors import Problem, UnitError, did_you_mean, problem
from gep.core.units import convert, parse, same_dimension
from gep.standards.coefficients import sources

TABLE = "plausible_ranges.csv"

LIMITS = ("low", "typical_low", "typical_high", "high")

Status = Literal["verified", "judgement"]


@dataclass(frozen=True)
class Range:
    """A band for a quantity in a scope. A limit that is None does not exist on that side.

    Beyond `low` and `high` a value is nearly certainly wrong, beyond `typical_low` and `typical_high` it is unusual.
    `year` is the year or period that the band is of, as its source has it. `status` is `verified` where the typical
    band was read in the source, or computed from its data, and `judgement` where it is reasoned; `note` has the
    reasoning. `low` and `high` are margins by judgement unless `note` says otherwise.
    """

    quantity: str
    unit: str
    scope: str
    low: float | None
    typical_low: float | None
    typical_high: float | None
    high: float | None
    year: str
    source: str
    locator: str
    status: Status
    note: str

    def limits(self, unit: str) -> tuple[float | None, float | None, float | None, float | None]:
        """`low`, `typical_low`, `typical_high` and `high` in another unit."""
        low, typical_low, typical_high, high = (
            None if limit is None else convert(limit, self.unit, unit)
            for limit in (self.low, self.typical_low, self.typical_high, self.high)
        )
        return low, typical_low, typical_high, high


def ranges(quantity: str) -> tuple[Range, ...]:
    """The bands of a quantity in all scopes, in the order of the table; none where it has none."""
    return _by_quantity().get(quantity, ())


@cache
def _by_quantity() -> Mapping[str, tuple[Range, ...]]:
    found: dict[str, tuple[Range, ...]] = {}
    for _, row in read_csv(data_folder() / TABLE):
        band = _range(row)
        found[band.quantity] = (*found.get(band.quantity, ()), band)
    return found


def _range(row: Mapping[str, str]) -> Range:
    low, typical_low, typical_high, high = (float(row[name]) if row[name] else None for name in LIMITS)
    return Range(
        quantity=row["quantity"],
        unit=row["unit"],
        scope=row["scope"],
        low=low,
        typical_low=typical_low,
        typical_high=typical_high,
        high=high,
        year=row["year"],
        source=row["source"],
        locator=row["locator"],
        status=cast(Status, row["status"]),
        note=row["note"],
    )


CERTAIN: Mapping[Status, float] = {"verified": 2.0, "judgement": 10.0}
"""Times beyond a limit from which a value is held to be wrong, and not only unlike others: the usual values of the one
were read, and its limits are margins around them; the other is reasoned. A published account of Garze is 1.2 times
beyond a limit of the first kind.
"""


@dataclass(frozen=True)
class Beyond:
    """A value outside of what was ever found: how many times, the limit, and the band that the limit is of."""

    times: float
    limit: float
    is_above: bool
    band: Range

    @property
    def is_certain(self) -> bool:
        """Whether it is wrong and not only unlike others: beyond a band that was read, or far beyond a judgement."""
        return self.times >= CERTAIN[self.band.status]


@dataclass(frozen=True)
class Bands:
    """Bands of one kind as one, in one unit: what is outside of all of them is outside."""

    rows: tuple[Range, ...]
    unit: str

    @cached_property
    def _limits(self) -> list[tuple[float | None, float | None, float | None, float | None]]:
        return [row.limits(self.unit) for row in self.rows]

    @cached_property
    def low(self) -> float | None:
        """The lowest limit; None where a row has none."""
        lows = [low for low, _, _, _ in self._limits]
        return None if None in lows else min((low for low in lows if low is not None), default=None)

    @cached_property
    def high(self) -> float | None:
        """The highest limit; None where a row has none."""
        highs = [high for _, _, _, high in self._limits]
        return None if None in highs else max((high for high in highs if high is not None), default=None)

    @cached_property
    def typical(self) -> tuple[float, float] | None:
        """Between what a value usually lies, where both ends are known and above zero."""
        lows = [low for _, low, _, _ in self._limits if low]
        highs = [high for _, _, high, _ in self._limits if high]
        return (min(lows), max(highs)) if lows and highs else None

    def beyond(self, value: float, margin: float = 1.0) -> Beyond | None:
        """How a positive value is outside of all bands, each limit moved out by a factor `margin`; None where it is
        not.
        """
        if self.high is not None and value > self.high * margin:
            row = self._row(3, self.high)
            return Beyond(value / (self.high * margin), self.high * margin, True, row)
        if self.low is not None and 0 < value < self.low / margin:
            row = self._row(0, self.low)
            return Beyond(self.low / margin / value, self.low / margin, False, row)
        return None

    def _row(self, place: int, limit: float) -> Range:
        return next(row for row, limits in zip(self.rows, self._limits, strict=True) if limits[place] == limit)


def bands(quantities: Iterable[str], unit: str, scopes: Iterable[str] = ()) -> Bands:
    """The bands of quantities that are measured in a unit, in some scopes (all, where none are named). Rows that give
    no limit but a value to compare with are left out.
    """
    wanted = set(scopes)
    found = [
        row
        for quantity in quantities
        for row in ranges(quantity)
        if (row.scope in wanted or not wanted) and not (row.low is None and row.high is None)
    ]
    return Bands(tuple(row for row in found if same_dimension(row.unit, unit)), unit)


def check_ranges(path: Path | None = None) -> Iterator[Problem]:
    """What breaks a rule in the shipped bands, or in another table of bands, with its line.

    Units are known; limits are finite and in order; a verified band names a source that leads to a document, and one
    without a source is a judgement that gives its reasoning; no quantity has two bands in one scope.
    """
    path = path or data_folder() / TABLE
    seen: set[tuple[str, str]] = set()
    for line, row in read_csv(path):
        place = line_of(path, line)
        subject = f"{row['quantity']} ({row['scope']})"
        if (row["quantity"], row["scope"]) in seen:
            yield problem("standards.C16.two_rows", subject, place=place)
        seen.add((row["quantity"], row["scope"]))
        try:
            parse(row["unit"])
        except UnitError as error:
            yield problem(f"standards.{error.code}.row", subject, place=place, why=error.message)
        if not _are_in_order(row):
            yield problem("standards.C16.limits", subject, place=place, found=", ".join(row[name] for name in LIMITS))
        if row["source"] and row["source"] not in sources():
            hint = did_you_mean(row["source"], sources())
            yield problem("standards.C08.unknown", subject, place=place, source=row["source"], hint=hint)
        if row["status"] not in get_args(Status):
            yield problem("standards.C16.status", subject, place=place, found=row["status"])
        elif row["status"] == "verified" and not (row["source"] and row["locator"]):
            yield problem("standards.C16.verified", subject, place=place)
        elif row["status"] == "judgement" and not row["note"]:
            yield problem("standards.C16.judgement", subject, place=place)


def _are_in_order(row: Mapping[str, str]) -> bool:
    """Whether the limits are finite numbers, at least one, none below the one before it."""
    try:
        limits = [float(row[name]) for name in LIMITS if row[name]]
    except ValueError:
        return False
    return bool(limits) and all(map(math.isfinite, limits)) and limits == sorted(limits)
