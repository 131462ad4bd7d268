"""Products that statistics count: crops, timber, animals, fish, valued by output, by price times quantity, by value
added or by resource rent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gep.account.entries import Entry
from gep.core.catalog import ProductKind, Service
from gep.core.errors import Problem
from gep.core.keys import CITY
from gep.core.units import convert
from gep.inputs.items import in_unit, product_unit
from gep.inputs.numbers import Numbers
from gep.inputs.tables import Statistic
from gep.services.biomass import resource_rent, value_added

Members = Mapping[str, Statistic]

NET_OF = {"value_added": value_added, "resource_rent": resource_rent}
"""Valuation bases that take costs off the output, and how."""


def product_entries(
    service: Service, about: Entry, basis: str, numbers: Numbers, names: Mapping[str, str], price_basis: str
) -> tuple[list[Entry], list[Problem]]:
    """One entry per zone and product. `about` carries what all of them share."""
    groups, problems = _of_service(service, numbers)
    is_priced = numbers.profile.kind == "monetary"
    entries: dict[tuple[str, str], Entry] = {}
    for (zone, item), members in groups.items():
        entry = replace(about, zone=zone, zone_name=names.get(zone, ""), component=item.partition("/")[2] or service.id)
        entry = _with_quantity(entry, service, members)
        if is_priced:
            entry, found = _with_output(entry, service, members, basis, numbers)
            problems += found
            entry = replace(entry, price_basis=price_basis, price_concept="market")
        entries[zone, item] = replace(entry, supply_basis="realised")
    if is_priced and basis in NET_OF:
        entries, found = _net(entries, service.id, basis, numbers)
        problems += found
    return list(entries.values()), problems


def _of_service(
    service: Service, numbers: Numbers
) -> tuple[dict[tuple[str, str], dict[str, Statistic]], list[Problem]]:
    """The figures of a service's products by zone and item, each under its measure."""
    return _without_repeats(_grouped(s for s in numbers.statistics if s.service == service.id))


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
class Traced:
    """What the figure of a product rests on: its rows by measure, how it is valued, and the costs that are
    taken off.
    """

    zone: str
    component: str
    members: Members
    kind: ProductKind | None
    output: Entry
    costs: Mapping[str, Cost | None] = field(default_factory=dict)


def traced_products(service: Service, basis: str, numbers: Numbers) -> list[Traced]:
    """What the entries of `product_entries` rest on, one for each."""
    groups, _ = _of_service(service, numbers)
    outputs = {
        (zone, item): _with_output(
            _with_quantity(Entry(zone, "", "", ""), service, members), service, members, basis, numbers
        )[0]
        for (zone, item), members in groups.items()
    }
    arguments = NET_OF[basis].arguments[1:] if basis in NET_OF else ()
    return [
        Traced(
            zone,
            item.partition("/")[2] or service.id,
            members,
            _kind(service, members),
            outputs[zone, item],
            {cost: _cost(cost, zone, item, outputs, service.id, numbers) for cost in arguments},
        )
        for (zone, item), members in groups.items()
    ]


def _with_quantity(entry: Entry, service: Service, members: Members) -> Entry:
    row, kind = members.get("quantity"), _kind(service, members)
    if row is None or kind is None:
        return entry
    return replace(
        entry, quantity=None if row.value is None else in_unit(row.value, row.unit, kind.unit), unit=kind.unit
    )


def _with_output(
    entry: Entry, service: Service, members: Members, basis: str, numbers: Numbers
) -> tuple[Entry, list[Problem]]:
    """Price and output of a product: as reported, or quantity times price."""
    kind, price_row, value_row = _kind(service, members), members.get("price"), members.get("value")
    price, price_unit, value = None, "", None
    problems: list[Problem] = []
    method = kind.value.name if kind else "reported"
    if price_row and kind and price_row.value is not None:
        price_unit = kind.value.units[kind.value.arguments[1]]
        price = numbers.moved(convert(price_row.value, price_row.unit, price_unit), price_row)
        if entry.quantity is not None:
            value = float(kind.value(entry.quantity, price))
    if value_row and value_row.value is not None and basis != "price_times_quantity":
        reported = numbers.moved(in_unit(value_row.value, value_row.unit, "CNY/year"), value_row)
        problems = _compared(value, reported, service, value_row)
        value, method = reported, "reported"
    years = {row.price_year for row in (price_row, value_row) if row and row.price_year}
    return replace(
        entry, price=price, price_unit=price_unit, price_year=max(years, default=None), value=value, method=method
    ), problems


def _net(
    entries: dict[tuple[str, str], Entry], service: str, basis: str, numbers: Numbers
) -> tuple[dict[tuple[str, str], Entry], list[Problem]]:
    """What is left of the output after costs, product by product.

    A cost that is reported for the whole service is spread over the products that have none of their own, in proportion
    to their output.
    """
    equation = NET_OF[basis]
    result: dict[tuple[str, str], Entry] = {}
    lacking: dict[str, list[str]] = {}
    for (zone, item), entry in entries.items():
        value = None
        if entry.value is not None:
            costs = {cost: _cost(cost, zone, item, entries, service, numbers) for cost in equation.arguments[1:]}
            for cost in (name for name, found in costs.items() if found is None):
                lacking.setdefault(cost, []).append(f"{entry.component} in {entry.zone_name or zone}")
            amounts = [found.amount for found in costs.values() if found]
            if len(amounts) == len(costs):
                value = float(equation.fn(entry.value, *amounts))
        result[zone, item] = replace(
            entry, value=value, price=None, price_unit="", method=f"{entry.method}+{equation.name}"
        )
    problems = [
        Problem(
            "O02",
            "warning",
            service,
            f"{basis} needs `{cost}`, which is not given for {', '.join(where)}.",
            "tables",
            do=f"Add rows `{cost}/{service}` or `{cost}/{service}/<product>`, or choose another valuation_basis.",
        )
        for cost, where in lacking.items()
    ]
    return result, problems


def _cost(
    cost: str, zone: str, item: str, entries: Mapping[tuple[str, str], Entry], service: str, numbers: Numbers
) -> Cost | None:
    """A cost of a product: its own, or its part of the cost of the service."""
    rows = {
        s.item.partition("/")[2]: s for s in numbers.statistics if s.zone == zone and s.item.partition("/")[0] == cost
    }
    row = rows.get(item, rows.get(service))
    if row is None or row.value is None:
        return None
    amount = numbers.moved(in_unit(row.value, row.unit, "CNY/year"), row)
    if item in rows and item != service:
        return Cost(amount, row)
    outputs = [e.value for (z, i), e in entries.items() if z == zone and (i == service or i not in rows)]
    if any(output is None for output in outputs):
        return None
    total = math.fsum(output for output in outputs if output is not None)
    mine = entries[zone, item].value
    return Cost(amount * mine / total, row, mine, total) if mine is not None and total else None


def _grouped(rows: Iterable[Statistic]) -> dict[tuple[str, str], dict[str, Statistic]]:
    groups: dict[tuple[str, str], dict[str, Statistic]] = {}
    for row in rows:
        groups.setdefault((row.zone, row.item), {})[row.measure] = row
    return groups


def _without_repeats(
    groups: dict[tuple[str, str], dict[str, Statistic]],
) -> tuple[dict[tuple[str, str], dict[str, Statistic]], list[Problem]]:
    """Without the figure of the whole area where its zones report the same item: it would count twice."""
    by_zone = {item for zone, item in groups if zone != CITY}
    twice = [(zone, item) for zone, item in groups if zone == CITY and item in by_zone]
    return {key: members for key, members in groups.items() if key not in twice}, [repeated(item) for _, item in twice]


def repeated(item: str) -> Problem:
    """What is said where an item is reported for the zones and for the whole area."""
    message = "Reported for the zones and for the whole area: only the zones are counted."
    return Problem("T08", "warning", item, message, "tables", do="Remove the `_city` rows.")


def _kind(service: Service, members: Members) -> ProductKind | None:
    quantity, price = members.get("quantity"), members.get("price")
    for kind in service.products:
        if quantity and product_unit(service.id, "quantity", quantity.unit) == kind.unit:
            return kind
        if (
            not quantity
            and price
            and product_unit(service.id, "price", price.unit) == kind.value.units[kind.value.arguments[1]]
        ):
            return kind
    return None


def _compared(computed: float | None, reported: float, service: Service, row: Statistic) -> list[Problem]:
    """A warning where quantity times price is not the reported value."""
    if computed is None or reported == 0 or abs(computed / reported - 1) <= 0.01:
        return []
    message = (
        f"Quantity times price is {computed:,.0f} CNY; the reported value is {reported:,.0f} CNY. The reported "
        "value counts."
    )
    do = f"Correct the table, or set {service.id}.valuation_basis."
    return [
        Problem("T07", "warning", row.item, message, row.place, f"{computed / reported - 1:+.1%}", "within 1 %", do)
    ]
