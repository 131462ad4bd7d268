"""Price indices: a price of one year in the money of another."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from gep.core.data import data_files, line_of, read_csv, renewed
from gep.core.errors import CoefficientError, Problem, UnitError, did_you_mean, problem
from gep.core.messages import Text, say
from gep.core.table_words import column_of
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


@renewed
@cache
def price_index(name: str) -> PriceIndex:
    """A shipped price index by name, chained from its year-on-year changes."""
    paths = {path.stem: path for path in data_files("prices/*.csv")}
    if name not in paths:
        known = list(paths)
        raise CoefficientError(say("standards.unknown_index", name=name, hint=did_you_mean(name, known), known=known))
    rows = [row for _, row in read_csv(paths[name])]
    changes = {int(row["year"]): convert(float(row["value"]), row["unit"], "1") for row in rows}
    return chained(name, changes, rows[0]["source"])


COLUMNS = ("year", "value", "unit", "source")
"""What a table of an index of a study's own must have; it may have those of a shipped index beside."""

LARGEST = 0.5
"""A change of prices in a year beyond which a level (102.9 for 2.9 %) was written."""


def read_index(path: Path, behind: PriceIndex | None) -> tuple[PriceIndex | None, list[Problem]]:
    """The index of a study: changes on the year before from its own table, and for other years those of the index
    `behind` it; None with what is wrong where it cannot be used.
    """
    if not path.is_file():
        return None, [problem("standards.F01.no_such_table", "prices.index", place=path.name)]
    rows = [
        (line, {column_of(heading, COLUMNS): text for heading, text in cells.items()}) for line, cells in read_csv(path)
    ]
    lacking = [column for column in COLUMNS if not rows or column not in rows[0][1]]
    if lacking:
        allowed = ",".join(COLUMNS)
        names = [f"`{column}`" for column in lacking]
        return None, [problem("standards.C20.columns", "prices.index", place=path.name, allowed=allowed, columns=names)]
    own: dict[int, float] = {}
    problems: list[Problem] = []
    for line, row in rows:
        year, change, wrong = _change(row, line_of(path, line))
        if year in own:
            wrong = problem("standards.C20.twice", "prices.index", place=line_of(path, line), found=row["year"])
        problems += [wrong] if wrong else []
        if wrong is None:
            own[year] = change
    changes = {**(behind.changes if behind else {}), **own}
    gaps = sorted(set(range(min(changes), max(changes) + 1)) - set(changes)) if changes else []
    if gaps and not problems:
        problems.append(problem("standards.C20.gap", "prices.index", place=path.name, years=gaps))
    if problems:
        return None, problems
    sources = list(dict.fromkeys(row["source"] for _, row in rows))
    is_mixed = behind is not None and set(behind.changes) - set(own)
    name = f"{path.name} + {behind.name}" if behind and is_mixed else path.name
    about: dict[str, Any] = {"first": min(own), "last": max(own), "sources": sources}
    told = (
        problem("standards.C19.own_and_other_years", "prices.index", place=path.name, index=behind.name, **about)
        if behind and is_mixed
        else problem("standards.C19.own", "prices.index", place=path.name, **about)
    )
    return chained(name, changes, ", ".join(sources)), [told]


def _change(row: Mapping[str, str], place: Text) -> tuple[int, float, Problem | None]:
    """The year and the change of a row, and what is wrong with it."""

    def wrong(key: str, found: str, **values: Any) -> tuple[int, float, Problem]:
        return 0, 0.0, problem(f"standards.C20.{key}", "prices.index", place=place, found=found, **values)

    year = row["year"].removesuffix("年")
    if not re.fullmatch(r"\d{4}", year):
        return wrong("no_year", row["year"])
    try:
        value = float(row["value"])
        change = convert(value, row["unit"], "1")
    except ValueError:
        return wrong("no_number", row["value"])
    except UnitError:
        return wrong("unit", row["unit"])
    if not math.isfinite(change):
        return wrong("no_number", row["value"])
    if abs(change) > LARGEST:
        return wrong("level", f"{row['value']} {row['unit']}", instead=f"{value - 100:g}")
    return (int(year), change, None) if row["source"] else wrong("no_source", say("standards.empty"))


def moved_price(row: Coefficient, index: PriceIndex | None, to_year: int) -> Coefficient:
    """A price row in the money of another year; the row itself where it is not a price, is of that year, or is not to
    be moved (index None).
    """
    if not row.is_price or row.price_year is None or index is None or row.price_year == to_year:
        return row
    return replace(row, value=row.value * index.factor(row.price_year, to_year))
