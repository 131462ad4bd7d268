"""Tables of price indices that a study gives: yearly changes or levels of one index, or of several by their name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gep.core.data import line_of, read_csv
from gep.core.errors import Problem, UnitError, problem
from gep.core.messages import Text, listed, say
from gep.core.table_words import column_of, folded, table_words
from gep.core.units import convert
from gep.standards.prices import PriceIndex, chained

COLUMNS = ("year", "value", "unit", "source")
"""What a table of an index of a study's own must have; it may have those of a shipped index beside."""

NAME = "index"
"""The column that says of which index a row is, in a table of several."""

GENERAL = ""
"""The index of all prices that have none of their own."""

LARGEST = 0.5
"""A change of prices in a year beyond which a level (102.9 for 2.9 %) was written."""

_BASE = re.compile(r"(?P<what>.+?)\s*=\s*100")


@dataclass(frozen=True)
class _Row:
    """A row that can be used: the change on the year before, or a level with its base year at 100."""

    year: int
    value: float
    base: int | None
    source: str
    place: Text


def read_indices(path: Path, behind: PriceIndex | None) -> tuple[dict[str, PriceIndex], list[Problem]]:
    """The indices of a study by name, the general one under an empty name: changes on the year before from its own
    table, and, of the general one, for other years those of the index `behind` it. None of them where anything in the
    table is wrong.
    """
    if not path.is_file():
        return {}, [problem("standards.F01.no_such_table", "prices.index", place=path.name)]
    rows = [
        (line, {column_of(heading, (*COLUMNS, NAME)): text for heading, text in cells.items()})
        for line, cells in read_csv(path)
    ]
    lacking = [column for column in COLUMNS if not rows or column not in rows[0][1]]
    if lacking:
        allowed = ",".join(COLUMNS)
        names = [f"`{column}`" for column in lacking]
        return {}, [problem("standards.C20.columns", "prices.index", place=path.name, allowed=allowed, columns=names)]
    by_name: dict[str, list[_Row]] = {}
    problems: list[Problem] = []
    for line, cells in rows:
        row, wrong = _row(cells, line_of(path, line))
        own = by_name.setdefault(cells.get(NAME, GENERAL), [])
        if row and any(row.year == other.year for other in own):
            wrong = problem("standards.C20.twice", "prices.index", place=row.place, found=cells["year"])
        problems += [wrong] if wrong else []
        own += [row] if row else []
    if problems:
        return {}, problems
    found: dict[str, PriceIndex] = {}
    for name, own in by_name.items():
        index, said = _index(name, own, path, behind if name == GENERAL else None)
        problems += said
        if index:
            found[name] = index
    return (found if len(found) == len(by_name) else {}), problems


def _index(
    name: str, rows: Sequence[_Row], path: Path, behind: PriceIndex | None
) -> tuple[PriceIndex | None, list[Problem]]:
    """An index of its rows, with what is told of it; None with what is wrong with them together."""
    bases = dict.fromkeys(row.base for row in rows)
    if len(bases) > 1:
        said = listed(say("standards.base_before") if base is None else f"{base}=100" for base in bases)
        return None, [problem("standards.C20.bases", "prices.index", place=path.name, index=name, found=said)]
    own, wrong = _changes(rows, path)
    if wrong:
        return None, [wrong]
    changes = {**(behind.changes if behind else {}), **own}
    if gaps := sorted(set(range(min(changes), max(changes) + 1)) - set(changes)):
        return None, [problem("standards.C20.gap", "prices.index", place=path.name, years=gaps)]
    sources = list(dict.fromkeys(row.source for row in rows))
    is_mixed = behind is not None and set(behind.changes) - set(own)
    about: dict[str, Any] = {"place": path.name, "first": min(own), "last": max(own), "sources": sources}
    if name:
        told = problem("standards.C19.of_group", "prices.index", index=name, **about)
    elif behind and is_mixed:
        told = problem("standards.C19.own_and_other_years", "prices.index", index=behind.name, **about)
    else:
        told = problem("standards.C19.own", "prices.index", **about)
    called = f"{path.name} + {behind.name}" if behind and is_mixed else path.name
    return chained(f"{path.name}: {name}" if name else called, changes, ", ".join(sources)), [told]


def _changes(rows: Iterable[_Row], path: Path) -> tuple[dict[int, float], Problem | None]:
    """The changes on the year before; of levels those between years that follow each other, the base year among them
    where it is next to one.
    """
    given = {row.year: row for row in rows}
    base = next(iter(given.values())).base
    if base is None:
        return {year: row.value for year, row in given.items()}, None
    levels = {year: row.value for year, row in given.items()}
    if not math.isclose(levels.get(base, 1.0), 1.0):
        row, found = given[base], f"{convert(levels[base], '1', 'percent'):g}"
        return {}, problem("standards.C20.base_level", "prices.index", place=row.place, found=found)
    if {base - 1, base + 1} & set(levels):
        levels[base] = 1.0
    changes = {year: level / levels[year - 1] - 1 for year, level in levels.items() if year - 1 in levels}
    if len(changes) < len(levels) - 1 or not changes:
        gaps = sorted(set(range(min(levels), max(levels) + 1)) - set(levels))
        key = "gap" if gaps else "one_level"
        return {}, problem(f"standards.C20.{key}", "prices.index", place=path.name, years=gaps)
    return changes, None


def _row(row: Mapping[str, str], place: Text) -> tuple[_Row | None, Problem | None]:
    """A row as it is meant, or what is wrong with it."""

    def wrong(key: str, found: str, **values: Any) -> tuple[None, Problem]:
        return None, problem(f"standards.C20.{key}", "prices.index", place=place, found=found, **values)

    year, unit = row["year"].removesuffix("年"), row["unit"].strip()
    if not re.fullmatch(r"\d{4}", year):
        return wrong("no_year", row["year"])
    try:
        number = float(row["value"])
    except ValueError:
        return wrong("no_number", row["value"])
    if not math.isfinite(number):
        return wrong("no_number", row["value"])
    written = f"{row['value']} {unit}".strip()
    is_level, base = _base(unit)
    is_bare = not unit or folded(unit) in table_words("index_base")["none"]
    if is_bare and abs(number) > LARGEST:
        return wrong("no_base", written)
    try:
        value = convert(number, "percent" if is_level else unit, "1")
    except UnitError:
        return wrong("unit", unit)
    if value <= (0.0 if is_level else -1.0):
        return wrong("not_positive", written)
    change = value - 1 if is_level else value
    if abs(change) > LARGEST and base is None:
        return wrong("level", written, instead=f"{convert(value - 1, '1', unit) if not is_level else change:g}")
    if not row["source"]:
        return wrong("no_source", say("standards.empty"))
    return _Row(int(year), change if base is None else value, base, row["source"], place), None


def _base(unit: str) -> tuple[bool, int | None]:
    """Whether a unit says what a level has at 100 (`2015=100`), and the year; no year where that is the year before."""
    said = _BASE.fullmatch(folded(unit))
    if said is None:
        return False, None
    what = said["what"].removesuffix("年")
    if re.fullmatch(r"\d{4}", what):
        return True, int(what)
    return said["what"] in table_words("index_base")["before"], None
