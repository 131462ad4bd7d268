"""What a quantity can plausibly be: bands of `plausible_ranges.csv`, each with its source or its reasoning."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from gep.core.data import data_folder, line_of, read_csv
from gep.core.errors import Problem, UnitError, did_you_mean, problem
from gep.core.units import convert, parse
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
