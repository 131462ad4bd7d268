"""What the tables report: quantity, price and value against each other, and rows that nothing takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gep.core.catalog import CellComponent, Component, Service, UnitComponent
from gep.core.errors import Problem, Severity, problem
from gep.core.messages import Text, joined, say
from gep.core.units import convert
from gep.derivations import DERIVATIONS
from gep.engine.checks.seen import Seen
from gep.inputs.items import COSTS, EXTERNAL, SITE_AREA, in_unit, product_kind
from gep.inputs.open import Inputs
from gep.inputs.tables import Statistic
from gep.services import SERVICES
from gep.services.biomass import NET_OF

ROUNDED = 0.01
"""Share by which quantity times price may miss the reported value, as all three are rounded."""

TIMES = 2.0
"""Factor beyond which neither by-products nor a mean price explain the difference: a unit is wrong, or a zero."""

DENOMINATORS = ("population", "gdp")
"""Items of every account, for its indicators."""


def disagreements(seen: Seen) -> Iterator[Problem]:
    """Reported values that are not quantity times price."""
    inputs = seen.inputs
    if inputs.profile.kind != "monetary":
        return
    groups: dict[tuple[str, str, str], dict[str, Statistic]] = {}
    for row in inputs.statistics:
        if row.value is not None and _is_counted(inputs, row.base) and SERVICES[row.base].products:
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


def _is_counted(inputs: Inputs, service: str) -> bool:
    """Whether a service is one of the profile, and neither it nor the study leaves it out."""
    rule, spec = inputs.profile.rules.get(service), inputs.spec
    is_off = rule is None or (rule.off and service not in spec.methods)
    return not is_off and service in SERVICES and service not in {*spec.off, *spec.not_applicable}


# rows that nothing takes ----------------------------------------------------------------------------------------------


def unused(seen: Seen) -> Iterator[Problem]:
    """Items of the tables that neither the profile nor a method of the study takes."""
    inputs = seen.inputs
    used = _used(inputs)
    rows: dict[str, list[Statistic]] = {}
    for row in inputs.statistics:
        if row.base not in used and row.value is not None:
            rows.setdefault(row.base, []).append(row)
    left = {}
    for item, members in rows.items():
        takers = _takers(inputs, item)
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


def _used(inputs: Inputs) -> set[str]:
    """The items that an account of the profile may take, and those of services that the study itself leaves out."""
    used = {*DENOMINATORS, SITE_AREA, *(name for d in DERIVATIONS for name in d.equation.units)}
    used |= {EXTERNAL} if inputs.profile.imports else set()
    for service in inputs.profile.rules:
        if service in SERVICES and not (inputs.profile.rules[service].off and service not in inputs.spec.methods):
            used |= _items_of(inputs, SERVICES[service], inputs.settings(service))
    return used


def _items_of(inputs: Inputs, service: Service, settings: Mapping[str, str]) -> set[str]:
    """All that a service looks up under some methods."""
    if service.products:
        net = NET_OF.get(settings["valuation_basis"])
        return {service.id, *(net.arguments if net else ())}
    rule = inputs.profile.rules.get(service.id)
    only = rule.only if rule else ()
    return {
        name
        for component in service.components(settings)
        if not only or component.id in only
        for name in _names(component)
    }


def _names(component: Component) -> set[str]:
    """The names that a component looks up."""
    names = {component.looked_up(name) for equation in component.equations for name in equation.units}
    if isinstance(component, CellComponent):
        return names | ({component.limit} if component.limit else set())
    series = component.series if isinstance(component, UnitComponent) else {}
    return names | {component.extent} | {name for equation in series.values() for name in equation.units}


def _takers(inputs: Inputs, item: str) -> list[Text]:
    """The methods of services of the profile under which an item is taken."""
    found = []
    for id_, rule in inputs.profile.rules.items():
        service = SERVICES.get(id_)
        if service is None or (item in COSTS and not service.products):
            continue
        settings = inputs.settings(id_)
        for name, switch in service.switches.items():
            for option in switch.options:
                if item in _items_of(inputs, service, {**settings, name: option}):
                    written = f'{rule.service}.{name} = "{option}"'
                    found.append(Text(written, written))
    return found if item not in COSTS else found[:1]
