"""Coefficients as data: rows with a value, a unit and a source; how they are checked and how the right one is found."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from gep.core.data import (
    MORE_CELLS,
    data_files,
    data_rows,
    data_sections,
    line_of,
    owner_of,
    read_csv,
    renewed,
    shown_heading,
)
from gep.core.errors import CoefficientError, Problem, ProjectError, UnitError, did_you_mean, problem
from gep.core.messages import Text, say
from gep.core.parts import found_with
from gep.core.table_words import column_of, folded, ids_of
from gep.core.translation import translated
from gep.core.units import convert, dimensions, same_dimension
from gep.standards.classes import class_id, ecosystem_id, parents, unknown_ecosystem

COLUMNS = (
    "coefficient",
    "ecosystem",
    "class",
    "region",
    "value",
    "unit",
    "from_year",
    "low",
    "high",
    "price_year",
    "source",
    "locator",
    "status",
    "note",
    "spread",
)
OPTIONAL = ("spread",)
"""Columns that a shipped table need not have."""

SPREADS = ("uniform", "triangular", "normal", "lognormal")
"""How a number is distributed between `low` and `high`; of the last two the range holds 95 % of the probability.
Uniform where nothing is said: of a number that is known to lie between two, and no more (JCGM 101:2008, 6.4.2).
"""


STATUSES = ("verified", "provisional")


_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?")


RowKey = tuple[str, str, str, str, int | None]
"""Name, ecosystem, class, region and first year of a row."""


@dataclass(frozen=True)
class Coefficient:
    """One value with its unit, where it holds, and where it was read. Empty ecosystem, class or region means any.

    `locator`, `note` and `place` are for people, in both languages.
    """

    name: str
    ecosystem: str
    land_class: str
    region: str
    value: float
    unit: str
    from_year: int | None
    low: float | None
    high: float | None
    price_year: int | None
    source: str
    locator: str
    status: str
    note: str
    place: str
    spread: str = ""

    @property
    def key(self) -> RowKey:
        """What no two rows of one table may share."""
        return self.name, self.ecosystem, self.land_class, self.region, self.from_year

    @cached_property
    def id(self) -> str:
        """How the row is called in a run record: name and where it holds."""
        where = "/".join(part for part in (self.ecosystem, self.land_class) if part)
        return "@".join(part for part in (f"{self.name}[{where}]" if where else self.name, self.region) if part)

    @property
    def is_price(self) -> bool:
        return "[currency]" in dimensions(self.unit)

    def to(self, unit: str) -> float:
        """The value in another unit."""
        return convert(self.value, self.unit, unit)


@dataclass(frozen=True)
class Found:
    """The row that a lookup settled on, and how it came to it."""

    row: Coefficient
    matched: str  # "class", "parent class", "ecosystem" or "any"

    @property
    def is_fallback(self) -> bool:
        """Whether a class took a value that is not its own."""
        return self.matched in ("parent class", "ecosystem")


@renewed
@cache
def study_inputs() -> Mapping[str, Text]:
    """Coefficients that have no default that could be defended, or only for some places, and why: a study must give
    them.
    """
    return {row["coefficient"]: translated(row["reason"]) for _, row in data_rows("study_inputs.csv")}


@renewed
@cache
def study_input_units() -> Mapping[str, str]:
    """The units of these."""
    return {row["coefficient"]: row["unit"] for _, row in data_rows("study_inputs.csv")}


@renewed
@cache
def study_input_labels() -> Mapping[str, Text]:
    """What these are called."""
    rows = [row for _, row in data_rows("study_inputs.csv")]
    return {row["coefficient"]: Text(row["label_en"], row["label_zh"]) for row in rows}


@renewed
@cache
def constant_names() -> Mapping[str, Text]:
    """What other coefficients and arguments of equations are called: constants of fits, units, neighbours of a cell."""
    return {row["id"]: Text(row["en"], row["zh"]) for _, row in data_rows("names.csv")}


@renewed
@cache
def sources() -> Mapping[str, Mapping[str, object]]:
    """The original documents, by id."""
    return data_sections("sources.toml")


class Coefficients:
    """Tables of rows, the study's own first, then the profile's, then those of the profiles it extends.

    A study's row wins over every row of a profile that it could stand for: what a study says of forest holds for all
    its forest classes. Within one table the most specific row wins: class, then broader class, then ecosystem, then
    any; of equals, the one of the region; of these, the latest that is in force in the year.
    """

    def __init__(self, tables: Iterable[Iterable[Coefficient]]) -> None:
        self.tables = tuple(tuple(table) for table in tables)
        self._found: dict[tuple[str, str, str, str, int | None], Found | None] = {}
        self._by_place: tuple[dict[tuple[str, str, str], list[Coefficient]], ...] = tuple({} for _ in self.tables)
        for by_place, table in zip(self._by_place, self.tables, strict=True):
            for row in table:
                by_place.setdefault((row.name, row.ecosystem, row.land_class), []).append(row)

    @cached_property
    def rows(self) -> tuple[Coefficient, ...]:
        return tuple(row for table in self.tables for row in table)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({row.name for row in self.rows}))

    @cached_property
    def of_some_ecosystem(self) -> frozenset[str]:
        """The coefficients that have rows for some ecosystems only."""
        return frozenset(row.name for row in self.rows if row.ecosystem)

    def lookup(
        self, name: str, ecosystem: str = "", land_class: str = "", region: str = "", year: int | None = None
    ) -> Found | None:
        """The row that holds for a class of an ecosystem in a region and a year, or None. What was asked before is
        known: there may be many lakes.
        """
        key = (name, ecosystem, land_class, region, year)
        if key not in self._found:
            self._found[key] = self._look_up(*key)
        return self._found[key]

    def _look_up(self, name: str, ecosystem: str, land_class: str, region: str, year: int | None) -> Found | None:
        ladder = [(ecosystem, land_class, "class")] if land_class else []
        ladder += [(ecosystem, parent, "parent class") for parent in parents(ecosystem, land_class)]
        ladder += [(ecosystem, "", "ecosystem" if land_class else "class")] if ecosystem else []
        ladder += [("", "", "any")]
        # a study's row at any step wins over a profile's; within the profile and those it extends, the step counts
        # before the table
        for tables in (self._by_place[:1], self._by_place[1:]):
            for step_ecosystem, step_class, matched in ladder:
                for by_place in tables:
                    rows = by_place.get((name, step_ecosystem, step_class))
                    if rows and (row := _best(rows, region, year)):
                        return Found(row, matched)
        return None


@lru_cache(maxsize=64)  # asked for each row of each table
def regions_of(text: str) -> tuple[str, ...]:
    """The regions that a study lies in: lake regions and provinces are regions of different coefficients, so there may
    be several, with commas.
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _best(rows: Iterable[Coefficient], region: str, year: int | None) -> Coefficient | None:
    regions = regions_of(region)
    matching = [
        row
        for row in rows
        if row.region in ("", *regions) and (row.from_year is None or year is None or row.from_year <= year)
    ]
    return max(
        matching,
        key=lambda row: (row.region in regions, row.from_year if row.from_year is not None else -math.inf),
        default=None,
    )


def read_coefficients(path: Path, *, is_shipped: bool = True) -> tuple[list[Coefficient], list[Problem]]:
    """The rows of one table, and every problem in it with its line. A row with a problem is left out.

    Args:
        path: a CSV with the columns of coefficients.
        is_shipped: whether each source must be one of the shipped documents; a table of one's own names any.
    """
    rows: list[Coefficient] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str, str, str, int | None], int] = {}
    if not path.is_file():
        return [], [problem("standards.F01.no_such_table", path.stem, place=path.name)]
    lines = [(line, named_cells(cells)) for line, cells in read_csv(path)]
    if not lines and not is_shipped:
        return [], [problem("standards.C01.no_rows", path.stem, place=path.name)]
    header = set(lines[0][1]) - {MORE_CELLS} if lines else set(COLUMNS)
    for column in COLUMNS:
        if column in OPTIONAL:
            continue
        if column not in header and (is_shipped or column in ("coefficient", "value", "unit", "source", "ecosystem")):
            allowed = ",".join(COLUMNS)
            problems.append(
                problem("standards.C01.missing", column, place=line_of(path, 1), allowed=allowed, column=column)
            )
    for column in header - set(COLUMNS):
        hint = did_you_mean(column, COLUMNS)
        shown = shown_heading(column)
        problems.append(problem("standards.C01.unknown", shown, place=line_of(path, 1), column=shown, hint=hint))
    if problems:
        return [], problems
    for line, cells in lines:
        texts = {column: cells.get(column, "") for column in COLUMNS}
        row, found = read_row(texts, path.stem, line_of(path, line), is_shipped=is_shipped)
        if MORE_CELLS in cells:
            subject, more = cells["coefficient"] or path.stem, cells[MORE_CELLS]
            found.append(problem("standards.C01.more_cells", subject, place=line_of(path, line), found=more))
        if row and row.key in seen:
            found.append(problem("standards.C02.same_line", row.id, place=line_of(path, line), line=seen[row.key]))
        problems.extend(found)
        if row and not found:
            seen[row.key] = line
            rows.append(row)
    return rows, problems


@dataclass(frozen=True)
class _Cells:
    """A row of a table as it is read, and what is found wrong with it."""

    texts: Mapping[str, str]
    subject: str
    place: Text
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.texts[column]

    def wrong(self, what: str, found: str | None = None, **values: Any) -> None:
        self.problems.append(problem(f"standards.C03.{what}", self.subject, place=self.place, found=found, **values))

    def number(self, column: str) -> float | None:
        if not self[column]:
            return None
        try:
            value = float(self[column])
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        self.wrong("no_number", self[column], column=column)
        return None

    def year(self, column: str) -> int | None:
        year = self.number(column)
        if year is not None and not year.is_integer():
            self.wrong("no_year", self[column], column=column)
        return None if year is None else int(year)


def named_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """A row by the names of the columns that its headings mean (`参数`, `数值`), with ids in place of the names of
    ecosystems, classes, coefficients and states.
    """
    texts: dict[str, str] = {}
    for heading, text in cells.items():
        column = column_of(heading, COLUMNS)
        texts[heading if column in texts else column] = text
    for column, written in (("coefficient", coefficient_id), ("ecosystem", ecosystem_id), ("status", _status)):
        if texts.get(column):
            texts[column] = written(texts[column])
    if texts.get("class"):
        texts["class"] = class_id(texts.get("ecosystem", ""), texts["class"])
    return texts


def _status(text: str) -> str:
    found = ids_of("status", text)
    return found[0] if len(found) == 1 else text


@renewed
@cache
def _coefficients_by_name() -> Mapping[str, str]:
    """The ids of the coefficients that studies supply, by their names in Chinese and English."""
    labels = study_input_labels().items()
    return {folded(text): name for name, label in labels for text in (label.zh, str(label))}


def coefficient_id(name: str) -> str:
    """The id of a coefficient by its name (`总氮治理成本`); the name itself where none has it."""
    return name if _IDENTIFIER.fullmatch(name) else _coefficients_by_name().get(folded(name), name)


def read_row(
    texts: Mapping[str, str], table: str, place: Text, *, is_shipped: bool
) -> tuple[Coefficient | None, list[Problem]]:
    """The row that the texts of all columns say, and what is wrong with it; `table` is told where it has no name."""
    cells = _Cells(texts, texts["coefficient"] or table, place)
    if not _IDENTIFIER.fullmatch(cells["coefficient"]):
        cells.wrong("name", cells["coefficient"] or say("standards.empty"))
    value, low, high = cells.number("value"), cells.number("low"), cells.number("high")
    from_year, price_year = cells.year("from_year"), cells.year("price_year")
    if not cells["value"]:
        cells.wrong("no_value")
    _check_range(cells, value, low, high)
    if _is_price(cells) and price_year is None:
        cells.wrong("price_year")
    _check_where(cells)
    _check_origin(cells, is_shipped)
    if cells.problems or value is None:
        return None, cells.problems
    row = Coefficient(
        cells["coefficient"],
        cells["ecosystem"],
        cells["class"],
        cells["region"],
        value,
        cells["unit"],
        from_year,
        low,
        high,
        price_year,
        cells["source"],
        translated(cells["locator"]),
        cells["status"] or "provisional",
        translated(cells["note"]),
        cells.place,
        cells["spread"],
    )
    return row, cells.problems


def _check_range(cells: _Cells, value: float | None, low: float | None, high: float | None) -> None:
    """That a range is one, holds its value, and has a distribution that can be."""
    spread = cells["spread"]
    if low is not None and high is not None and low > high:
        cells.wrong("low_above_high", low=low, high=high)
    elif value is not None and not (-math.inf if low is None else low) <= value <= (math.inf if high is None else high):
        ends = ("-∞" if low is None else low), ("∞" if high is None else high)
        cells.wrong("range", value=value, low=ends[0], high=ends[1])
    elif bool(cells["low"]) != bool(cells["high"]) and not spread:
        cells.wrong("one_end", cells["low"] or cells["high"], there="low" if cells["low"] else "high")
    if spread and spread not in SPREADS:
        cells.wrong("spread", spread, hint=did_you_mean(spread, SPREADS), allowed_words=list(SPREADS))
    elif spread and (low is None or high is None):
        cells.wrong("spread_without_range", spread)
    elif spread == "lognormal" and low is not None and low <= 0:
        cells.wrong("lognormal", low=low)


def _is_price(cells: _Cells) -> bool:
    """Whether the unit is one of money; a problem where it is none at all."""
    try:
        return "[currency]" in dimensions(cells["unit"])
    except UnitError as error:
        cells.problems.append(
            problem(
                f"standards.{error.code}.row",
                cells.subject,
                place=cells.place,
                found=cells["unit"],
                why=error.message,
            )
        )
        return False


def _check_where(cells: _Cells) -> None:
    if unknown := unknown_ecosystem(cells["ecosystem"], cells["class"]):
        cells.wrong("place", why=unknown)
    elif cells["class"] and not _IDENTIFIER.fullmatch(cells["class"]):
        cells.wrong("class", cells["class"])


def _check_origin(cells: _Cells, is_shipped: bool) -> None:
    """A shipped value says where it was read, and whether it was; one of a study says at least of whom it is."""
    if cells["status"] not in STATUSES and (is_shipped or cells["status"]):
        cells.wrong("status", cells["status"] or say("standards.empty"))
    if not cells["source"] or (is_shipped and not cells["locator"]):
        cells.wrong("no_source")
    elif is_shipped and cells["source"] not in sources():
        cells.wrong("source", cells["source"], hint=did_you_mean(cells["source"], sources()))


def check_same_dimension(tables: Iterable[Iterable[Coefficient]]) -> list[Problem]:
    """Rows of one name must measure one kind of thing: that of the first of them, or that which is told of what a study
    must give.
    """
    problems: list[Problem] = []
    told = study_input_units()
    first: dict[str, tuple[str, str]] = {}
    for row in (row for table in tables for row in table):
        other, where = first.get(row.name, (told.get(row.name, row.unit), "study_inputs.csv"))
        if same_dimension(other, row.unit):
            first.setdefault(row.name, (row.unit, row.place))
        else:
            problems.append(
                problem(
                    "standards.U02.same_name",
                    row.name,
                    place=row.place,
                    found=row.unit,
                    unit=row.unit,
                    other=other,
                    where=where,
                )
            )
    return problems


def check_same_place(rows: Iterable[Coefficient]) -> list[Problem]:
    """Rows of several tables that count as one must not share a key: nothing would say which of them holds."""
    problems: list[Problem] = []
    first: dict[tuple[str, str, str, str, int | None], Coefficient] = {}
    for row in rows:
        known = first.setdefault(row.key, row)
        if known is not row:
            problems.append(problem("standards.C02.same_place", row.id, place=row.place, where=known.place))
    return problems


CHOSEN = "@"
"""How the name of a set of alternatives begins where a study may also give the path of a table."""


def alternative_files() -> list[Path]:
    """The tables of published values that no profile uses by default."""
    return data_files("alternatives/*.csv")


@renewed
@cache
def load_alternatives() -> Mapping[str, tuple[Coefficient, ...]]:
    """The published values beside those of the profiles, by the name of their set."""
    return _by_set((path.stem, path) for path in alternative_files())


@renewed
@cache
def _rows_of_profiles() -> Mapping[str, tuple[Coefficient, ...]]:
    """What each profile has in its own folder, by the id of the profile."""
    folders = [path.parent for path in data_files("*/profile.toml")]
    return _by_set((folder.name, path) for folder in folders for path in sorted(folder.glob("*.csv")))


def _sets() -> Mapping[str, tuple[Coefficient, ...]]:
    return {**_rows_of_profiles(), **load_alternatives()}


def set_parts(choice: str) -> str:
    """The name of the parts from outside that a chosen set (`@set`) is of; empty where it is shipped."""
    name = choice.removeprefix(CHOSEN).partition("/")[0]
    places = [*data_files(f"alternatives/{name}.csv"), *data_files(f"{name}/profile.toml")]
    return next((owner for path in places if (owner := owner_of(path))), "")


def _by_set(tables: Iterable[tuple[str, Path]]) -> Mapping[str, tuple[Coefficient, ...]]:
    sets: dict[str, tuple[Coefficient, ...]] = {}
    problems: list[Problem] = []
    for name, path in tables:
        rows, found = read_coefficients(path)
        sets[name] = (*sets.get(name, ()), *rows)
        problems.extend(found)
    if problems:
        raise CoefficientError(say("standards.coefficients_with_errors"), problems)
    return sets


def chosen_alternatives(choice: str) -> tuple[Coefficient, ...]:
    """The rows that a study chooses by `@set`, or by `@set/coefficient` where it wants one name of the set only.

    What one profile uses is an alternative to another: the id of a profile names the rows of its own tables.
    """
    name, _, coefficient = choice.removeprefix(CHOSEN).partition("/")
    found_with(name, _sets)
    sets = _sets()
    if name not in sets:
        hint = did_you_mean(name, sets) or say("standards.there_are", known=list(sets))
        raise ProjectError(say("standards.unknown_set", name=name, hint=hint))
    rows = tuple(row for row in sets[name] if coefficient in ("", row.name))
    if not rows:
        names = sorted({row.name for row in sets[name]})
        hint = did_you_mean(coefficient, names) or say("standards.it_has", known=names)
        raise ProjectError(say("standards.not_in_set", set=name, name=coefficient, hint=hint))
    return rows


def fingerprint(rows: Iterable[Coefficient]) -> str:
    """sha256 over what rows say, wherever they stand."""
    lines = sorted(
        "|".join(map(str, (*row.key, row.value.hex(), row.unit, row.price_year, row.source, row.status)))
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
