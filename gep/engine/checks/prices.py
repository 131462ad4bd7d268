"""Prices of a year that the price index does not reach, and tariffs that follow none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.core.unit_names import with_unit
from gep.engine.checks.seen import Seen
from gep.inputs.open import Inputs
from gep.inputs.tables import Statistic
from gep.plan.plan import Flow, GridPlan
from gep.services import SERVICES
from gep.standards.coefficients import Found
from gep.standards.prices import PriceIndex


class _Priced(NamedTuple):
    """A price or a value in money of a year."""

    name: str
    year: int
    place: str


def prices(seen: Seen) -> Iterator[Problem]:
    """Prices that cannot be moved to the price year, or only to the last year of the index: those of the tables, and
    those of what is computed.
    """
    inputs, plan = seen.inputs, seen.plan
    if inputs.profile.kind != "monetary":
        return
    by_index: dict[str, tuple[PriceIndex, list[_Priced]]] = {}
    for price in _priced(inputs, plan):
        index = inputs.numbers.index_of(price.name)
        if index and price.year != inputs.price_year:
            by_index.setdefault(index.name, (index, []))[1].append(price)
    for index, moved in by_index.values():
        yield from _cannot_all_move(index, moved, inputs.price_year)


def _cannot_all_move(index: PriceIndex, moved: list[_Priced], to_year: int) -> Iterator[Problem]:
    """What of the prices that follow an index it does not reach."""
    first, last = min(index.levels), max(index.levels)
    if to_year < first:
        price, *more = moved
        about = say("engine.price_of_year", name=price.name, year=price.year, place=price.place)
        found = say("engine.and_more", first=about, count=len(more)) if more else about
        yield _cannot_move("engine.C05.price_year", "study.price_year", index, to_year, "gep.toml", found)
        return
    for price in moved:
        if price.year < first:
            found = Text(f"{price.year}", f"{price.year}")
            yield _cannot_move("engine.C05.year_of_price", price.name, index, to_year, price.place, found, price.year)
    if beyond := [price for price in moved if max(price.year, to_year) > last]:
        found = listed(dict.fromkeys(f"{price.name} ({price.year})" for price in beyond))
        year = max(to_year, *(price.year for price in beyond))
        yield _cannot_move("engine.C05.beyond", "study.price_year", index, to_year, "gep.toml", found, year)


def unmoved(seen: Seen) -> Iterator[Problem]:
    """Tariffs of the tables in money of another year: they follow no index."""
    inputs = seen.inputs
    profile, to_year = inputs.profile, inputs.price_year
    if profile.kind != "monetary":
        return
    for row in inputs.statistics:
        year = price_year_of(row, inputs)
        is_unmoved = row.base in profile.unmoved_prices and not inputs.price_indices.of_group(row.item)
        if is_unmoved and row.value is not None and year != to_year:
            found, allowed = with_unit(f"{row.value:g}", row.unit), str(to_year)
            about: dict[str, Any] = {"year": year, "price_year": to_year}
            yield problem("engine.P04.tariff", row.item, place=row.place, found=found, allowed=allowed, **about)


def gdp_of_other_prices(seen: Seen) -> Iterator[Problem]:
    """Gross domestic product in other prices than the account: a ratio to it would be one of two price levels."""
    for row in rows_of_other_prices(seen.inputs):
        then, now = str(price_year_of(row, seen.inputs)), str(seen.inputs.price_year)
        yield problem(
            "engine.T11.gdp_of_other_prices", row.zone, place=row.place, found=then, allowed=now, then=then, now=now
        )


def rows_of_other_prices(inputs: Inputs) -> list[Statistic]:
    """The rows of gross domestic product in money of another year than the account."""
    return [row for row in inputs.statistics if row.item == "gdp" and price_year_of(row, inputs) != inputs.price_year]


def price_year_of(row: Statistic, inputs: Inputs) -> int:
    """The year in whose money a row is: as given, else its own year, else that of the account."""
    return row.price_year or row.year or inputs.spec.year


def _cannot_move(
    message: str, subject: str, index: PriceIndex, to_year: int, place: str, found: Text, year: int = 0
) -> Problem:
    first, last = min(index.levels), max(index.levels)
    return problem(
        message, subject, place=place, found=found, index=index.name, first=first, last=last, year=year, to_year=to_year
    )


def _priced(inputs: Inputs, plan: GridPlan) -> list[_Priced]:
    """Every price and value that counts and follows the price index."""
    profile, spec = inputs.profile, inputs.spec
    rows: dict[_Priced, None] = {}
    for row in inputs.statistics:
        rule = profile.rules.get(row.base)
        is_counted = rule and not rule.off and row.base not in {*spec.off, *spec.not_applicable}
        if is_counted and row.measure != "quantity" and row.value is not None:
            rows[_Priced(row.item, price_year_of(row, inputs), row.place)] = None
    for flow in plan.flows:
        for row_of_class in (found.row for found in price_rows(inputs, plan, flow)):
            year = row_of_class.price_year
            if row_of_class.is_price and year:
                rows[_Priced(row_of_class.name, year, row_of_class.place)] = None
    return list(rows)


def price_rows(inputs: Inputs, plan: GridPlan, flow: Flow) -> Iterator[Found]:
    """The coefficients that price a flow, for each class that counts."""
    components = SERVICES[flow.service].components(inputs.settings(flow.service))
    money = next(component.money for component in components if component.id == flow.component)
    for pair, is_counted in zip(plan.classes, flow.is_counted, strict=True):
        if money and is_counted:
            found = inputs.coefficients.lookup(money.price, *pair, inputs.spec.region, inputs.spec.year)
            if found:
                yield found
