"""The register of published figures: which figure of which year was given out when, and why it was revised since."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gep.core.catalog import named, service_ids
from gep.core.data import line_of, read_csv
from gep.core.errors import InputError, Problem, UnitError, did_you_mean, problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.core.table_words import column_of, folded, ids_of, table_words
from gep.core.units import convert

REGISTER = "revisions.csv"
"""The register beside a project file."""

NEEDED = ("year", "vintage", "date", "value", "unit")
COLUMNS = (*NEEDED, "zone", "service", "reason", "run_id", "note")

VINTAGES = ("preliminary", "first", "final", "benchmark")
"""In the order in which figures are given out; a benchmark may come whenever there is a census."""

REASONS = ("data", "method", "classification", "price", "error")

BREAKING = ("method", "classification")
"""Reasons after which a figure is no longer one of the series it was in."""

TOTAL = "_total"
"""What stands for all services together."""

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[日月]?")


@dataclass(frozen=True)
class Published:
    """A published figure, in CNY. `date` is in days or months, as it is written; `key` says of what it is."""

    year: int
    zone: str
    service: str
    vintage: str
    date: str
    value: float
    reason: str
    run_id: str
    place: Text

    @property
    def key(self) -> tuple[str, str]:
        """Zone and service."""
        return self.zone, self.service


def register_of(path: Path) -> Path:
    """The register of a project file or its folder; the path itself where it is one. Raises InputError where there is
    none.
    """
    file = path / REGISTER if path.is_dir() else path.with_name(REGISTER) if path.suffix == ".toml" else path
    if not file.is_file():
        found = problem("inputs.H01.no_register", "revisions", place=str(file))
        raise InputError(say("inputs.no_register", file=REGISTER), [found])
    return file


def read_published(path: Path) -> tuple[Published, ...]:
    """The rows of a register, by zone, service, year and date. Raises InputError with all that is wrong."""
    rows = [(line, {column_of(name, COLUMNS): text for name, text in cells.items()}) for line, cells in read_csv(path)]
    lacking = [f"`{column}`" for column in NEEDED if not rows or column not in rows[0][1]]
    if lacking:
        found = problem("inputs.H01.columns", "revisions", place=path.name, allowed=", ".join(NEEDED), columns=lacking)
        raise InputError(say("inputs.register_cannot_be", file=path.name), [found])
    read: list[Published] = []
    problems: list[Problem] = []
    for line, cells in rows:
        row, wrong = _published(cells, line_of(path, line))
        problems += wrong
        read += [row] if row else []
    read.sort(key=lambda row: (row.zone, row.service, row.year, row.date))
    problems += _of_histories(read)
    if problems:
        raise InputError(say("inputs.register_cannot_be", file=path.name), problems)
    return tuple(read)


def _published(cells: Mapping[str, str], place: Text) -> tuple[Published | None, list[Problem]]:
    """A row as it is meant, and all that is wrong with it."""
    problems: list[Problem] = []

    def wrong(key: str, name: str, **values: Any) -> None:
        found = cells.get(name) or say("standards.empty")
        problems.append(problem(f"inputs.H01.{key}", f"revisions.{name}", place=place, found=found, **values))

    year = cells["year"].removesuffix("年")
    if not re.fullmatch(r"(19|20|21)\d\d", year):
        wrong("no_year", "year")
    vintage, reason = _word("vintage", cells["vintage"]), _word("reason", cells.get("reason", ""))
    if not vintage:
        wrong("no_vintage", "vintage", known=_words("vintage"))
    if cells.get("reason") and not reason:
        wrong("no_such_reason", "reason", known=_words("reason"))
    day = _day(cells["date"])
    if not day:
        wrong("no_date", "date")
    elif re.fullmatch(r"\d{4}", year) and int(day[:4]) < int(year):
        wrong("too_early", "date", year=year)
    value = _number(cells["value"])
    if value is None:
        wrong("no_number", "value")
    try:
        value = convert(value or 0.0, cells["unit"], "CNY")
    except UnitError:
        wrong("no_money", "unit")
    service = _service(cells.get("service", ""))
    if not service:
        hint = did_you_mean(cells["service"], service_ids())
        wrong("no_service", "service", hint=hint)
    if problems or value is None:
        return None, problems
    zone = cells.get("zone") or CITY
    zone = CITY if folded(zone) in table_words("total")["whole"] else zone
    return Published(int(year), zone, service, vintage, day, value, reason, cells.get("run_id", ""), place), []


def _of_histories(rows: Sequence[Published]) -> list[Problem]:
    """What is wrong with the figures of one year of one thing together: a date or a vintage twice, a revision without a
    reason, a vintage that comes after a later one.
    """
    problems = []
    histories: dict[tuple[str, str, int], list[Published]] = {}
    for row in rows:
        histories.setdefault((*row.key, row.year), []).append(row)
    for history in histories.values():
        for at, row in enumerate(history):
            before = history[:at]
            about: dict[str, Any] = {"subject": "revisions", "place": row.place}
            same = [other for other in before if other.date == row.date]
            same += [o for o in before if o.vintage == row.vintage != "benchmark" and o not in same]
            if same:
                key = "same_date" if same[0].date == row.date else "same_vintage"
                problems.append(problem(f"inputs.H01.{key}", **about, found=row.date, other=same[0].place))
            elif before and not row.reason:
                said = say("inputs.published", date=before[-1].date, place=before[-1].place)
                problems.append(problem("inputs.H01.no_reason", **about, known=_words("reason"), before=said))
            stages = [VINTAGES.index(o.vintage) for o in before if o.vintage != "benchmark"]
            if not same and row.vintage != "benchmark" and stages and VINTAGES.index(row.vintage) < max(stages):
                problems.append(problem("inputs.H01.order", **about, found=say(f"revisions.vintage.{row.vintage}")))
    return problems


def _word(kind: str, text: str) -> str:
    """The vintage or the reason that a word means; nothing for one that means none."""
    known = VINTAGES if kind == "vintage" else REASONS
    if folded(text) in known:
        return folded(text)
    return next(iter(ids_of(kind, text)), "")


def _words(kind: str) -> list[Text]:
    return [say(f"revisions.{kind}.{name}") for name in (VINTAGES if kind == "vintage" else REASONS)]


def _day(text: str) -> str:
    """A date as `2021-06-30`, or `2021-06` where it has no day; nothing for what is none."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return ""
    year, month, day = found.groups()
    try:
        date(int(year), int(month), int(day or 1))
    except ValueError:
        return ""
    return "-".join([year, *(f"{int(part):02d}" for part in (month, day) if part)])


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _service(text: str) -> str:
    """The service that a name means; that of all where it is empty or says so; nothing for a name of none."""
    wanted = folded(text)
    if not wanted or wanted in (TOTAL, *table_words("total")["sum"], *table_words("gross_product")["total"]):
        return TOTAL
    for service in service_ids():
        if wanted in (service, folded(named(service)), folded(named(service).zh)):
            return service
    return ""
