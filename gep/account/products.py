"""Products that statistics count: crops, timber, animals, fish, valued by output, by price times quantity, by value
added or by resource rent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gep.account.entries import Entry
from gep.core.catalog import ProductKind, Service
from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.core.units import convert
from gep.inputs.items import in_unit, product_kind
from gep.inputs.numbers import Numbers
from gep.inputs.tables import Statistic
from gep.services.biomass import NET_OF

Members = Mapping[str, Statistic]
"""The figures of a product by measure: quantity, price, value."""

Item = tuple[str, str]
"""A zone and an item that it reports: `crop_products/wheat`."""

MONEY = "CNY/year"


@dataclass(frozen=True)
class Cost:
    """What is taken off the output of a product: a figure of its own, or its part, `output / outputs`, of the figure of
    the service.
    """

    amount: float
    row: Statistic
    output: float | None = None
    outputs: float | None = None


@dataclass(frozen=True)
class ProductFigures:
    """The entry of a product with what it rests on: its rows by measure, how it is valued, its output, and the costs
    that are taken off, None where one is not given.
    """

    entry: Entry
    members: Members
    kind: ProductKind | None
    output: float | None
    costs: Mapping[str, Cost | None] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    """How the project spreads the product over ecosystems; one entry of that of the profile where it says nothing."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entry of the product, or one of each ecosystem that it is spread over: Q_e = Q s_e and V_e = V s_e."""
        if not self.shares:
            return (self.entry,)
        return tuple(
            replace(
                self.entry,
                ecosystem=ecosystem,
                quantity=None if self.entry.quantity is None else self.entry.quantity * share,
                value=None if self.entry.value is None else self.entry.value * share,
            )
            for ecosystem, share in self.shares.items()
        )


def figures_of_products(
    service: Service, about: Entry, basis: str, numbers: Numbers, names: Mapping[str, str], price_basis: str
) -> tuple[list[ProductFigures], list[Problem]]:
    """One product per zone and item, valued on a basis. `about` carries what the entries of all of them share."""
    groups, problems = _without_repeats(_grouped(s for s in numbers.statistics if s.base == service.id))
    is_priced = numbers.profile.kind == "monetary"
    entries: dict[Item, Entry] = {}
    outputs: dict[Item, Entry] = {}
    for (zone, item), members in groups.items():
        entry = replace(
            about,
            zone=zone,
            zone_name=names.get(zone, ""),
            component=next(iter(members.values())).part or service.id,
            supply_basis="realised",
        )
        entries[zone, item] = entry = _with_quantity(entry, service, members)
        output = _with_output(entry, service, members, basis, numbers)
        outputs[zone, item] = replace(output, price_basis=price_basis, price_concept="market")
    costs = {
        (zone, item): {name: _cost(name, zone, item, outputs, service.id, numbers) for name in _costs_of(basis)}
        for zone, item in groups
    }
    if is_priced:
        entries, found = _net(outputs, costs, service.id, basis) if basis in NET_OF else (outputs, [])
        problems += found
    return [
        ProductFigures(entries[key], members, _kind(service, members), outputs[key].value, costs[key])
        for key, members in groups.items()
    ], problems


def _with_quantity(entry: Entry, service: Service, members: Members) -> Entry:
    row, kind = members.get("quantity"), _kind(service, members)
    if row is None or kind is None:
        return entry
    return replace(
        entry, quantity=None if row.value is None else in_unit(row.value, row.unit, kind.unit), unit=kind.unit
    )


def _with_output(entry: Entry, service: Service, members: Members, basis: str, numbers: Numbers) -> Entry:
    """Price and output of a product: as reported, or quantity times price."""
    kind, price_row, value_row = _kind(service, members), members.get("price"), members.get("value")
    price, price_unit, value = None, "", None
    method = kind.value.name if kind else "reported"
    if price_row and kind and price_row.value is not None:
        price_unit = kind.price_unit
        price = numbers.moved(convert(price_row.value, price_row.unit, price_unit), price_row)
        if entry.quantity is not None:
            value = float(kind.value(entry.quantity, price))
    if value_row and value_row.value is not None and basis != "price_times_quantity":
        value, method = numbers.moved(in_unit(value_row.value, value_row.unit, MONEY), value_row), "reported"
    years = {row.price_year for row in (price_row, value_row) if row and row.price_year}
    return replace(
        entry, price=price, price_unit=price_unit, price_year=max(years, default=None), value=value, method=method
    )


def _costs_of(basis: str) -> tuple[str, ...]:
    """The costs that a basis takes off the output."""
    return NET_OF[basis].arguments[1:] if basis in NET_OF else ()


def _net(
    outputs: Mapping[Item, Entry], costs: Mapping[Item, Mapping[str, Cost | None]], service: str, basis: str
) -> tuple[dict[Item, Entry], list[Problem]]:
    """What is left of the output after costs, product by product.

    A cost that is reported for the whole service is spread over the products that have none of their own, in proportion
    to their output.
    """
    equation = NET_OF[basis]
    result: dict[Item, Entry] = {}
    lacking: dict[str, list[Text]] = {}
    for key, entry in outputs.items():
        value = None
        if entry.value is not None:
            for name in (name for name, cost in costs[key].items() if cost is None):
                lacking.setdefault(name, []).append(product_in(entry, entry.zone_name or entry.zone))
            amounts = [cost.amount for cost in costs[key].values() if cost]
            if len(amounts) == len(costs[key]):
                value = float(equation.fn(entry.value, *amounts))
        result[key] = replace(entry, value=value, price=None, price_unit="", method=f"{entry.method}+{equation.name}")
    problems = [
        problem(
            "account.O02.cost_not_given",
            service,
            place=say("account.tables"),
            basis=basis,
            cost=cost,
            products=where,
            service=service,
        )
        for cost, where in lacking.items()
    ]
    return result, problems


def product_in(entry: Entry, zone: str) -> Text:
    """A product with the zone that it is of."""
    return say("account.product_in", product=entry.component, zone=zone)


def _cost(
    cost: str, zone: str, item: str, outputs: Mapping[Item, Entry], service: str, numbers: Numbers
) -> Cost | None:
    """A cost of a product: its own, or its part of the cost of the service."""
    rows = {s.part: s for s in numbers.statistics if s.zone == zone and s.base == cost}
    row = rows.get(item, rows.get(service))
    if row is None or row.value is None:
        return None
    amount = numbers.moved(in_unit(row.value, row.unit, MONEY), row)
    if item in rows and item != service:
        return Cost(amount, row)
    shared = [e.value for (z, i), e in outputs.items() if z == zone and (i == service or i not in rows)]
    if any(output is None for output in shared):
        return None
    total = math.fsum(output for output in shared if output is not None)
    mine = outputs[zone, item].value
    return Cost(amount * mine / total, row, mine, total) if mine is not None and total else None


def _grouped(rows: Iterable[Statistic]) -> dict[Item, dict[str, Statistic]]:
    groups: dict[Item, dict[str, Statistic]] = {}
    for row in rows:
        groups.setdefault((row.zone, row.item), {})[row.measure] = row
    return groups


def _without_repeats(
    groups: dict[Item, dict[str, Statistic]],
) -> tuple[dict[Item, dict[str, Statistic]], list[Problem]]:
    """Without the figure of the whole area where its zones report the same item: it would count twice."""
    by_zone = {item for zone, item in groups if zone != CITY}
    twice = [(zone, item) for zone, item in groups if zone == CITY and item in by_zone]
    return {key: members for key, members in groups.items() if key not in twice}, [repeated(item) for _, item in twice]


def repeated(item: str) -> Problem:
    """What is said where an item is reported for the zones and for the whole area."""
    return problem("account.T08.reported_twice", item, place=say("account.tables"))


def _kind(service: Service, members: Members) -> ProductKind | None:
    units = {measure: row.unit for measure, row in members.items()}
    return product_kind(service, units.get("quantity"), units.get("price"))
