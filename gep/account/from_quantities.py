"""An account of quantities that are known already: valued by a profile, without rasters.

    account = gep.account_of(frame, profile="cas-2010", year=2010, name="Garzê")

Each row says how much a service provides (`quantity`, `unit`), or, for products, what it is worth (`value`, in `unit`).
So a published account can be recomputed from its own quantities, and quantities that another program computed can be
valued by a standard.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gep.account.account import Account
from gep.account.entries import About, Entry, Missing
from gep.core.catalog import CellComponent, Component, Service, service_ids
from gep.core.errors import InputError, Problem, ProjectError, UnitError, did_you_mean
from gep.core.keys import CITY, NONE
from gep.core.units import convert, same_dimension
from gep.inputs.items import in_unit
from gep.inputs.numbers import Numbers, Place
from gep.services import SERVICES
from gep.standards.classes import unknown_ecosystem
from gep.standards.coefficients import Coefficient, Coefficients, check_same_dimension
from gep.standards.overlaps import check_overlaps
from gep.standards.profile import Profile, load_profile
from gep.standards.rules import check_methods

COLUMNS = ("zone", "ecosystem", "class", "service", "component", "quantity", "value", "unit")


@dataclass(frozen=True)
class _Given:
    """One row: a quantity of a component, or the value of a product."""

    place: Place
    service: Service
    component: Component | None
    name: str
    amount: float


def account_of(
    rows: Any,
    *,
    profile: str | Profile = "ndrc-2022",
    year: int,
    price_year: int | None = None,
    name: str = "Account of given quantities",
    name_zh: str = "",
    region: str = "",
    methods: Mapping[str, Mapping[str, str]] | None = None,
    coefficients: Iterable[Coefficient] = (),
) -> Account:
    """The account of quantities that are given, row by row, at the prices of a profile.

    `rows` is a data frame or a list of mappings with the columns service, component (where the service has several),
    quantity or value, unit, and, as far as they are known, zone (`_city` if left out), ecosystem and class. What a
    profile derives in proportion from a given quantity (sediment from retained soil, restored area from sand) is
    derived, unless it is given itself. What is not given is missing: write 0 where a service or a component of it does
    not occur. Raises InputError with everything that is wrong.
    """
    profile = load_profile(profile) if isinstance(profile, str) else profile
    own = tuple(coefficients)
    for service, switches in (methods or {}).items():
        if service not in profile.rules:
            raise ProjectError(
                f"methods: {profile.id} counts no service `{service}`. {did_you_mean(service, profile.rules)}".rstrip()
            )
        check_methods(service, switches, "methods")
    problems = check_same_dimension([*profile.tables, own])
    numbers = Numbers(profile, Coefficients([own, *profile.tables]), (), region, year, price_year or year)
    chosen = {
        service: SERVICES[service].settings({**rule.methods, **(methods or {}).get(service, {})})
        for service, rule in profile.rules.items()
        if service in SERVICES
    }
    given = []
    for number, row in enumerate(rows.to_dict("records") if hasattr(rows, "to_dict") else rows, start=1):
        read, found = _read(row, f"row {number}", profile, chosen)
        given += [read] if read else []
        problems += found
    keys = [(g.place, g.service.id, g.name) for g in given]
    problems += [
        Problem("T06", "error", key[1], f"{key[2]} is given twice.", key[0].zone)
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]
    problems += [
        Problem(
            "T06",
            "error",
            service,
            "It is given for zones and for `_city`, the sum of all: it would count twice.",
            CITY,
        )
        for service in dict.fromkeys(g.service.id for g in given)
        if {(g.place.zone == CITY) for g in given if g.service.id == service} == {True, False}
    ]
    if any(p.severity == "error" for p in problems):
        raise InputError(f"{name}: the quantities cannot be used.", problems)
    entries, flows = [], []
    for item in [*given, *_derived(given, chosen, numbers)]:
        entry, found = _entry(item, profile, numbers)
        entries.append(entry)
        problems += found
        flows += (
            [f"{entry.service}/{entry.component}" if item.component else entry.service]
            if entry.value is not None
            else []
        )
    if profile.kind == "monetary":
        problems += check_overlaps(dict.fromkeys(flows), profile.overlaps)
    if any(p.severity == "error" for p in problems):
        raise InputError(f"{name}: the quantities cannot be used.", problems)
    about = About(
        name,
        year,
        profile.id,
        profile.level,
        profile.kind,
        price_year or year,
        name_zh=name_zh,
        missing=tuple(_not_given(entries, profile, chosen, methods or {})),
        problems=tuple(dict.fromkeys(problems)),
    )
    return Account(entries, about)


def _read(
    row: Mapping[str, Any], place: str, profile: Profile, chosen: Mapping[str, Mapping[str, str]]
) -> tuple[_Given | None, list[Problem]]:
    cells = {key: "" if value is None or value != value else value for key, value in row.items()}

    def wrong(message: str, code: str = "T05", *, found: str = "", allowed: str = "") -> tuple[None, list[Problem]]:
        return None, [
            Problem(code, "error", str(cells.get("service", "")) or "quantities", message, place, found, allowed)
        ]

    if unknown := [key for key in cells if key not in COLUMNS]:
        return wrong(
            f"There is no column `{unknown[0]}`. {did_you_mean(str(unknown[0]), COLUMNS)}".rstrip(),
            allowed=", ".join(COLUMNS),
        )
    service_id = str(cells.get("service", ""))
    if service_id not in chosen:
        if service_id in service_ids():
            return wrong(f"The profile {profile.id} does not count it.")
        return wrong(f"There is no service `{service_id}`. {did_you_mean(service_id, service_ids())}".rstrip())
    service = SERVICES[service_id]
    where = Place(str(cells.get("zone", "") or CITY), str(cells.get("ecosystem", "")), str(cells.get("class", "")))
    if unknown_place := unknown_ecosystem(where.ecosystem, where.land_class):
        return wrong(unknown_place)
    if cells.get("quantity", "") != "" and cells.get("value", "") != "":
        return wrong("Give `quantity` or `value`, not both: `unit` belongs to one of them.", "T03")
    measure = "quantity" if cells.get("quantity", "") != "" else "value"
    try:
        amount = float(cells.get(measure, ""))
    except ValueError:
        return wrong("Neither `quantity` nor `value` is a number.", "T03", found=str(cells.get(measure, "")))
    if not math.isfinite(amount):
        return wrong(f"`{measure}` is not finite.", "T03", found=str(amount))
    name, unit = str(cells.get("component", "")), str(cells.get("unit", ""))
    if service.products or measure == "value":
        if not service.products or measure != "value":
            return wrong("Products are given as `value`, all else as `quantity`.")
        try:
            return _Given(where, service, None, name or service_id, in_unit(amount, unit, "CNY/year")), []
        except UnitError as error:
            return wrong(error.message, error.code, found=unit, allowed="CNY")
    rule = profile.rules[service_id]
    components = [c for c in service.components(chosen[service_id]) if not rule.only or c.id in rule.only]
    known = {c.id: c for c in components}
    if not name and len(known) == 1:
        (name,) = known
    if name not in known:
        said = f"`{name}` is no component of it here." if name else "Which component is it?"
        return wrong(f"{said} {did_you_mean(name, known)}".rstrip(), allowed=", ".join(known))
    try:
        return _Given(where, service, known[name], name, in_unit(amount, unit, known[name].unit)), []
    except UnitError as error:
        return wrong(f"{name}: {error.message}", error.code, found=unit, allowed=known[name].unit.replace("/year", ""))


def _derived(given: list[_Given], chosen: Mapping[str, Mapping[str, str]], numbers: Numbers) -> list[_Given]:
    """The components that follow in proportion from a given one of the same service and place, and are not given
    themselves.
    """
    made = []
    there = {(g.place, g.service.id, g.name) for g in given}
    for source in given:
        rule = numbers.profile.rules[source.service.id]
        for component in source.service.components(chosen[source.service.id]) if source.component else ():
            is_known = (source.place, source.service.id, component.id) in there
            if is_known or not isinstance(component, CellComponent) or (rule.only and component.id not in rule.only):
                continue
            assert source.component is not None
            unit = component.density.units.get(
                source.name
            )  # another flow may go by the name of an argument: a depth is no heat
            if unit is None or not same_dimension(source.component.unit, f"({unit})*m^2"):
                continue
            # a density equation that is linear in the flow holds for totals too: of one square metre
            flow = convert(source.amount, source.component.unit, f"({unit})*m^2")
            result, lacking = numbers.result(component.density, source.place, {source.name: flow})
            if result is not None and not lacking:
                amount = convert(result.amount, f"({component.density.returns})*m^2", component.unit)
                made.append(_Given(source.place, source.service, component, component.id, amount))
    return made


def _not_given(
    entries: Iterable[Entry], profile: Profile, chosen: Mapping[str, Mapping[str, str]], methods: Mapping[str, Any]
) -> Iterator[Missing]:
    """The services of the profile, and their components that count, of which no row says anything."""
    is_priced = profile.kind == "monetary"
    known = {
        (e.service, e.component)
        for e in entries
        if not is_priced or e.value is not None or e.component in _unpriced(e.service, chosen)
    }
    services = {service for service, _ in known}
    for id_, rule in profile.rules.items():
        if rule.off and id_ not in methods:
            continue
        if id_ not in services:
            yield Missing(id_, "no_equation" if id_ not in chosen else "no_input", "not given", rule.is_required)
        elif not SERVICES[id_].products:
            components = [c for c in SERVICES[id_].components(chosen[id_]) if not rule.only or c.id in rule.only]
            lacking = [c.id for c in components if (c.money or not is_priced) and (id_, c.id) not in known]
            if lacking:
                yield Missing(
                    id_, "no_input", f"{', '.join(lacking)}: not given (0 where there is none)", rule.is_required
                )


def _unpriced(service: str, chosen: Mapping[str, Mapping[str, str]]) -> set[str]:
    return {c.id for c in SERVICES[service].components(chosen[service]) if c.money is None}


def _entry(item: _Given, profile: Profile, numbers: Numbers) -> tuple[Entry, list[Problem]]:
    rule, component = profile.rules[item.service.id], item.component
    basis = "current" if numbers.price_year == numbers.year else f"constant:{numbers.price_year}"
    about: dict[str, Any] = {
        "zone": item.place.zone,
        "zone_name": "",
        "ecosystem": item.place.ecosystem or NONE,
        "land_class": item.place.land_class or NONE,
        "category": rule.category,
        "service": item.service.id,
        "component": item.name,
        "supply_basis": "realised",
        "clause": rule.clause,
        "method": "given",
    }
    if component is None:
        return Entry(**about, value=item.amount, price_basis=basis, price_concept="market"), []
    about |= {"quantity": item.amount, "unit": component.unit}
    money = component.money
    if money is None or profile.kind != "monetary":
        return Entry(**about), []
    price, lacking = numbers.price(component, item.place)
    about |= {"price_basis": basis, "price_concept": money.concept}
    if price is None:
        message = "There is no price: the quantity has no value."
        return Entry(**about), [
            Problem("C04", "warning", name, message, do="Give one with coefficients=.") for name in lacking
        ]
    amount = convert(item.amount, component.unit, money.value.units[component.quantity])
    value = float(money.value.fn(**{component.quantity: amount, money.price: price.amount}))
    rows = [found.row for found in price.found]
    return Entry(
        **about,
        price=price.amount,
        price_unit=money.price_unit,
        price_year=price.price_year,
        value=value,
        coefficients=tuple(row.id for row in rows),
        is_provisional=any(row.status == "provisional" for row in rows),
    ), []
