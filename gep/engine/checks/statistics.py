"""What the tables report: quantity, price and value against each other, and rows that nothing takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gep.core.catalog import Service
from gep.core.errors import Problem, Severity, problem
from gep.core.messages import Text, joined, say
from gep.core.units import convert
from gep.engine.checks.seen import Seen
from gep.engine.checks.used import known_items, methods_by_item, used_items
from gep.inputs.items import in_unit, product_kind
from gep.inputs.open import Inputs
from gep.inputs.tables import Statistic
from gep.services import SERVICES

ROUNDED = 0.01
"""Share by which quantity times price may miss the reported value, as all three are rounded."""

TIMES = 2.0
"""Factor beyond which neither by-products nor a mean price explain the difference: a unit is wrong, or a zero."""


def disagreements(seen: Seen) -> Iterator[Problem]:
    """Reported values that are not quantity times price."""
    inputs = seen.inputs
    if inputs.profile.kind != "monetary":
        return
    groups: dict[tuple[str, str, str], dict[str, Statistic]] = {}
    used = used_items(inputs)
    for row in inputs.statistics:
        if row.value is not None and row.base in used and row.base in SERVICES and SERVICES[row.base].products:
            groups.setdefault((row.base, row.zone, row.item), {})[row.measure] = row
    for (service, _, _), rows in groups.items():
        if len(rows) == 3 and inputs.settings(service)["valuation_basis"] != "price_times_quantity":
            yield from _disagreement(inputs, SERVICES[service], rows)


def _disagreement(inputs: Inputs, service: Service, rows: Mapping[str, Statistic]) -> Iterator[Problem]:
    """What is to be said of one product of one zone."""
    quantity, price, value = rows["quantity"], rows["price"], rows["value"]
    kind = product_kind(service, quantity.unit, price.unit)
    if kind is None or not value.value:
        return
    amount = in_unit(quantity.value or 0.0, quantity.unit, kind.unit)
    at_price = inputs.numbers.moved(convert(price.value or 0.0, price.unit, kind.price_unit), price)
    computed = float(kind.value(amount, at_price))
    reported = inputs.numbers.moved(in_unit(value.value, value.unit, "CNY/year"), value)
    ratio = computed / reported
    if abs(ratio - 1) > ROUNDED:
        severity: Severity = "warning" if 1 / TIMES <= ratio <= TIMES else "error"
        yield problem(
            "engine.T07.not_the_reported_value",
            value.item,
            place=value.place,
            found=f"{ratio - 1:+.1%}" if severity == "warning" else say("engine.times", ratio=ratio),
            severity=severity,
            computed=computed,
            reported=reported,
            service=service.id,
        )


# rows that nothing takes ----------------------------------------------------------------------------------------------


def unused(seen: Seen) -> Iterator[Problem]:
    """Items of the tables that neither the profile nor a method of the study takes."""
    inputs = seen.inputs
    used = known_items(inputs)
    rows: dict[str, list[Statistic]] = {}
    for row in inputs.statistics:
        if row.base not in used and row.value is not None:
            rows.setdefault(row.base, []).append(row)
    left = {}
    methods = methods_by_item(inputs) if rows else {}
    for item, members in rows.items():
        takers = methods.get(item, [])
        if takers:
            about: dict[str, Any] = {"item": item, "methods": joined(takers, " or ", " 或 "), "count": len(members)}
            yield problem("engine.T25.other_method", item, place=members[0].place, **about)
        else:
            left[item] = members
    if left:
        count = sum(map(len, left.values()))
        names = [Text(f"`{item}`", f"`{item}`") for item in left]
        about = {"items": names, "count": count, "profile": inputs.profile.id}
        yield problem("engine.T25.not_in_profile", "tables", place=next(iter(left.values()))[0].place, **about)
