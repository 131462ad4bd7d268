"""What is possible but unlikely: amounts beyond wide physical bounds, negative services, figures and prices of other
years. Warnings, never failures.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from gep.account.entries import ADJUSTMENTS
from gep.audit.figures import ALL, Figure, Row
from gep.audit.findings import Check
from gep.audit.products import areas_of
from gep.audit.ratios import heads_of
from gep.core.messages import listed, say

_PRICE_YEAR = re.compile(
    r"(?:prices? (?:of|in)|constant|at)\s+((?:19|20)\d\d)(?:\s+(?:constant\s+)?prices?)?|"
    r"((?:19|20)\d\d)\s+(?:constant\s+)?prices?|((?:19|20)\d\d)\s*年?(?:不变价|可比价|价格)",
    re.IGNORECASE,
)
_USED_FOR = re.compile(r"((?:19|20)\d\d)\b[^;；]*\bused for\s+((?:19|20)\d\d)", re.IGNORECASE)


def sense_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Every figure that a reviewer would look at twice."""
    yield from _only_words(rows)
    yield from _beyond_bounds(rows)
    yield from _negative(rows)
    yield from _price_years(rows)
    yield from _other_years(rows)


def _only_words(rows: Sequence[Row]) -> Iterator[Check]:
    """Figures whose unit is no unit: they are compared with each other, and with nothing else."""
    found: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for row in rows:
        for figure in (row.quantity, row.price, row.value):
            if figure and figure.unit.is_words:
                found[row.table, figure.unit.text].append(figure)
    for (table, text), figures in found.items():
        sentence = say("audit.sense.words", table=table, unit=text, count=len(figures))
        yield Check("unit", "cannot_tell", table, tuple(figure.place for figure in figures), text, sentence)


@dataclass(frozen=True)
class _Bound:
    """What an amount `of` something per area or per head cannot well exceed in a year."""

    id: str
    of: str
    per: str
    high: float
    substance: str = ""


@cache
def _bounds() -> Sequence[_Bound]:
    given = tomllib.loads((files("gep.audit") / "bounds.toml").read_text(encoding="utf-8"))
    return tuple(_Bound(**bound) for bound in given["bound"])


def _beyond_bounds(rows: Sequence[Row]) -> Iterator[Check]:
    areas, heads = areas_of(rows), heads_of(rows)
    for row in rows:
        where = row.where
        for figure in (row.quantity, row.value):
            if figure is None or figure.unit.is_words or figure.unit.remark == "stock":
                continue
            area = next((found[0] for name in (row.ecosystem, ALL, "") if (found := areas.get((*where, name)))), None)
            sizes = {"m^2": area, "person": next(iter(heads.get(where, ())), None)}
            for bound in _bounds():
                if check := _bound_check(row, figure, sizes[bound.per], bound):
                    yield check


def _bound_check(row: Row, figure: Figure, size: Figure | None, bound: _Bound) -> Check | None:
    unit = figure.unit
    if unit.above != (bound.of,) or (bound.substance and unit.substances[0] != bound.substance):
        return None
    amount = figure.interval.low
    if unit.below == (bound.per,):
        formula = str(figure)
    elif not unit.below and size is not None and size.interval.low > 0:
        amount, formula = amount / size.interval.high, f"{figure} / {size}"
    else:
        return None
    if amount <= Fraction(bound.high):
        return None
    cells = (figure.place, *([size.place] if size and not unit.below else []))
    arithmetic = say(
        "audit.sense.above",
        formula=formula,
        amount=f"{float(amount):.4g}",
        unit=f"{bound.of}/{bound.per}",
        bound=f"{bound.high:g}",
    )
    sentence = say("audit.finding", subject=row.label(), finding=say(f"audit.bound.{bound.id}"))
    return Check("bound", "warning", row.label(), cells, arithmetic, sentence)


def _negative(rows: Sequence[Row]) -> Iterator[Check]:
    """Services below zero, one finding for each service of a table. What a rule takes off an account of ours is no
    service.
    """
    found: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for row in rows:
        if (
            row.service not in ("", ALL)
            and row.value
            and row.value.interval.high < 0
            and not row.indicator.endswith(ADJUSTMENTS)
        ):
            found[row.table, row.service].append(row.value)
    for (_, service), figures in found.items():
        shown = listed(figure.printed.text for figure in figures[:5])
        sentence = say("audit.sense.negative", service=service, count=len(figures))
        yield Check("negative", "warning", service, tuple(figure.place for figure in figures), shown, sentence)


def _price_years(rows: Sequence[Row]) -> Iterator[Check]:
    """Prices of several years in one account of one year."""
    found: dict[tuple[str, ...], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        remarks = " ; ".join([row.note, *(figure.unit.remark for figure in (row.price, row.value) if figure)])
        for match in _PRICE_YEAR.finditer(remarks):
            found[row.account, row.region, row.year][next(year for year in match.groups() if year)].append(row)
    for (_, region, year), by_year in found.items():
        others = {name: mine for name, mine in by_year.items() if name != year[:4]}
        if len(by_year) > 1 or others:
            cells = tuple(row.place for mine in by_year.values() for row in mine)
            years, account = sorted(by_year), region or say("audit.subject.account")
            sentence = say("audit.sense.price_years", account=account, year=year, years=years)
            yield Check("price_year", "warning", region, cells, listed(years), sentence)


def _other_years(rows: Sequence[Row]) -> Iterator[Check]:
    for row in rows:
        match = _USED_FOR.search(row.note)
        if match:
            sentence = say("audit.sense.other_year", subject=row.label(), used=match[1], year=match[2])
            yield Check("other_year", "warning", row.label(), (row.place,), row.note, sentence)
