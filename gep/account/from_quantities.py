"""An account of quantities that are known already: valued by a profile, without rasters.

    account = gep.account_of(frame, profile="cas-2010", year=2010, name="Garzê")

Each row says how much a service provides (`quantity`, `unit`), or, for products, what it is worth (`value`, in `unit`).
So a published account can be recomputed from its own quantities, and quantities that another program computed can be
valued by a standard.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from types import NoneType
from typing import Any

from gep.account.account import Account
from gep.account.basis import row_record, said_of, said_of_class, value_of
from gep.account.checks.balance import unlike_molar_masses
from gep.account.entries import STOCK, About, Entry, Missing
from gep.core.arguments import check_argument, check_waivers_given
from gep.core.catalog import CellComponent, Component, Service, service_ids
from gep.core.errors import (
    InputError,
    Problem,
    ProjectError,
    UnitError,
    check_waivers,
    did_you_mean,
    idle_waivers,
    problem,
    waived,
)
from gep.core.keys import CITY, NONE
from gep.core.messages import Text, say
from gep.core.units import convert, same_dimension
from gep.inputs.items import in_unit
from gep.inputs.numbers import Numbers, Place
from gep.plan.planner import Reason
from gep.services import SERVICES
from gep.standards.classes import parents, unknown_ecosystem
from gep.standards.coefficient_ranges import check_possible
from gep.standards.coefficients import Coefficient, Coefficients, check_same_dimension
from gep.standards.given import rows_given
from gep.standards.overlaps import check_overlaps
from gep.standards.profile import Profile, load_profile
from gep.standards.rules import check_methods

COLUMNS = ("zone", "ecosystem", "class", "service", "component", "quantity", "value", "unit")


@dataclass(frozen=True)
class _Row:
    """One row: a quantity of a component, or the value of a product."""

    place: Place
    service: Service
    component: Component | None
    name: str
    amount: float


def account_of(
    rows: Any,
    *,
    profile: str | Path | Profile = "ndrc-2022",
    year: int,
    price_year: int | None = None,
    name: str = "",
    name_zh: str = "",
    region: str = "",
    methods: Mapping[str, Mapping[str, str]] | None = None,
    coefficients: Any = (),
    waivers: Mapping[str, tuple[str, str]] | None = None,
) -> Account:
    """The account of quantities that are given, row by row, at the prices of a profile.

    What a profile derives in proportion from a given quantity (sediment from retained soil, restored area from sand) is
    derived, unless it is given itself. What is not given is missing: write 0 where a service or a component of it does
    not occur.

    >>> water = {"service": "water_retention", "quantity": 1.2, "unit": "亿立方米"}
    >>> account = account_of([water], profile="cas-2010", year=2010, name="A county")
    >>> account.totals("service")
    {'water_retention': 847200000.0}

    Args:
        rows: a DataFrame or a list of mappings with the columns service, component (where the service has several),
            quantity or (of products) value, unit, and, as far as they are known, zone (`_city`, the whole area, if left
            out), ecosystem and class.
        profile: the standard: an id, a folder, or what `load_profile` gives.
        year: the accounting year.
        price_year: in whose year's money values are; the accounting year if not given.
        name: what the account is of; `name_zh` in Chinese.
        name_zh: the Chinese name.
        region: the region whose coefficients are preferred.
        methods: switches by service.
        coefficients: the account's own, in any form that `Study` takes.
        waivers: problems that may pass, by code, each with who says so and why.

    Raises:
        InputError: with everything that is wrong with the rows and the coefficients.
    """
    check_argument("profile", profile, "profile", str, Path, Profile)
    check_argument("year", year, "year", Integral)
    check_argument("price_year", price_year, "year", Integral, NoneType)
    check_argument("methods", methods, "mapping", Mapping, NoneType)
    check_waivers_given(waivers or {})
    profile = load_profile(profile)
    given_rows = rows_given(coefficients)
    own = tuple(given_rows.rows)
    title = say("account.title_of_given")
    name, name_zh = name or str(title), name_zh if name else name_zh or title.zh
    chosen = _settings(profile, methods or {})
    numbers = Numbers(profile, Coefficients([own, *profile.tables]), (), region, year, price_year or year)
    let_pass = waivers or {}
    problems = [*given_rows.problems, *check_same_dimension([*profile.tables, own]), *check_possible(own)]
    problems += check_waivers(let_pass)
    given, refused = _read_all(rows, profile, chosen)
    problems += [*refused, *_twice(given)]
    _stop_on_errors(name, problems := waived(problems, let_pass))
    derived, found = _derived(given, chosen, numbers)
    _stop_on_errors(name, problems := [*problems, *found])
    priced = [_entry(item, profile, numbers) for item in (*given, *derived)]
    entries = [entry for entry, _ in priced]
    problems += [one for _, found in priced for one in found]
    problems += unlike_molar_masses(entries, chosen.get("oxygen_release", {}), {CITY: say("indicators.whole_area")})
    if profile.kind == "monetary":
        problems += check_overlaps(dict.fromkeys(_flows_of_total(entries)), profile.overlaps)
    _stop_on_errors(name, problems := waived([*problems, *idle_waivers(problems, let_pass)], let_pass))
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
    account = Account(entries, about)
    return account.replace(record={**account.record, "coefficients": _used(entries, [own, *profile.tables])})


def _read_all(rows: Any, profile: Profile, chosen: Mapping[str, Mapping[str, str]]) -> tuple[list[_Row], list[Problem]]:
    """The rows that can be read, and what is wrong with the others."""
    given: list[_Row] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows.to_dict("records") if hasattr(rows, "to_dict") else rows, start=1):
        check_argument("rows", row, "quantities", Mapping)
        try:
            given.append(_read(row, say("account.row", number=number), profile, chosen))
        except _Refused as refused:
            problems.append(refused.problem)
    return given, problems


def _used(entries: Sequence[Entry], tables: Sequence[Sequence[Coefficient]]) -> list[Any]:
    """The rows of coefficients behind entries, of the first table that has each, by their ids."""
    used = {identifier for entry in entries for identifier in entry.coefficients}
    rows_by_id = {row.id: row for table in reversed(tables) for row in table if row.id in used}
    return [row_record(row) for _, row in sorted(rows_by_id.items())]


def _settings(profile: Profile, methods: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The switches of every service of a profile. Raises ProjectError for methods of what it does not count."""
    for service, switches in methods.items():
        if service not in profile.rules:
            hint = did_you_mean(service, profile.rules)
            raise ProjectError(say("account.methods_of_no_service", profile=profile.id, service=service, hint=hint))
        check_methods(service, switches, "methods")
    return {
        service: SERVICES[service].settings({**rule.methods, **methods.get(service, {})})
        for service, rule in profile.rules.items()
        if service in SERVICES
    }


def _flows_of_total(entries: Iterable[Entry]) -> Iterator[str]:
    """The flows that a total holds, as overlaps name them."""
    for entry in entries:
        if entry.value is not None:
            yield entry.service if SERVICES[entry.service].products else f"{entry.service}/{entry.component}"


def _twice(given: Sequence[_Row]) -> Iterator[Problem]:
    """What is given more than once, as it is, as a sum, or as a part of what is given too."""
    counted = Counter((g.place, g.service.id, g.name) for g in given)
    for (place, service, name), count in counted.items():
        if count > 1:
            yield problem("account.T06.given_twice", service, place=place.zone, name=name)
        for wider in (outer for outer in _around(place) if (outer, service, name) in counted):
            about: dict[str, Any] = {"name": name, "part": _said_of_land(place), "whole": _said_of_land(wider)}
            yield problem("account.T06.part_and_whole", service, place=place.zone, **about)
    for service in dict.fromkeys(g.service.id for g in given):
        if {(g.place.zone == CITY) for g in given if g.service.id == service} == {True, False}:
            yield problem("account.T06.zones_and_whole", service, place=CITY)


def _around(place: Place) -> Iterator[Place]:
    """The places of a zone that a place lies in: broader classes, the ecosystem, all land."""
    if place.land_class:
        for wider in (*parents(place.ecosystem, place.land_class), ""):
            yield place._replace(land_class=wider)
    if place.ecosystem:
        yield place._replace(ecosystem="", land_class="")


def _said_of_land(place: Place) -> Text:
    """The land of a place in a message."""
    return said_of_class(place.ecosystem, place.land_class) if place.ecosystem else say("account.all_land")


def _stop_on_errors(name: str, problems: Sequence[Problem]) -> None:
    if any(p.severity == "error" for p in problems):
        raise InputError(say("account.unusable_quantities", name=name), problems)


class _Refused(Exception):
    """A row that cannot be used, and why."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.problem = found


def _read(row: Mapping[str, Any], place: str, profile: Profile, chosen: Mapping[str, Mapping[str, str]]) -> _Row:
    """What a row gives. Raises _Refused where it cannot be used."""
    cells = {key: "" if value is None or value != value else value for key, value in row.items()}
    subject = str(cells.get("service", "")) or "quantities"

    def refused(key: str, **values: Any) -> _Refused:
        return _Refused(problem(key, subject, place=place, **values))

    if unknown := [str(key) for key in cells if key not in COLUMNS]:
        hint = did_you_mean(unknown[0], COLUMNS)
        raise refused("account.T05.no_such_column", allowed=", ".join(COLUMNS), column=unknown[0], hint=hint)
    service_id = str(cells.get("service", ""))
    if service_id not in chosen:
        if service_id in service_ids():
            raise refused("account.T05.not_in_profile", profile=profile.id)
        hint = did_you_mean(service_id, service_ids())
        raise refused("account.T05.no_such_service", service=service_id, hint=hint)
    service = SERVICES[service_id]
    where = Place(str(cells.get("zone", "") or CITY), str(cells.get("ecosystem", "")), str(cells.get("class", "")))
    if unknown_place := unknown_ecosystem(where.ecosystem, where.land_class):
        raise refused("account.T05.no_such_place", detail=unknown_place)
    if cells.get("quantity", "") != "" and cells.get("value", "") != "":
        raise refused("account.T03.both_given")
    measure = "quantity" if cells.get("quantity", "") != "" else "value"
    try:
        amount = float(cells.get(measure, ""))
    except ValueError:
        raise refused("account.T03.no_number", found=str(cells.get(measure, ""))) from None
    if not math.isfinite(amount):
        raise refused("account.T03.not_finite", found=str(amount), measure=measure)
    if bool(service.products) != (measure == "value"):
        raise refused("account.T05.products_as_value")
    name, unit = str(cells.get("component", "")), str(cells.get("unit", ""))
    component, wanted = None, "CNY/year"
    if not service.products:
        only = profile.rules[service_id].only
        known = {c.id: c for c in service.components(chosen[service_id]) if not only or c.id in only}
        if not name and len(known) == 1:
            (name,) = known
        if name not in known:
            key = "account.T05.no_such_component" if name else "account.T05.which_component"
            raise refused(key, allowed=", ".join(known), name=name, hint=did_you_mean(name, known))
        component, wanted = known[name], known[name].unit
    try:
        return _Row(where, service, component, name or service_id, in_unit(amount, unit, wanted))
    except UnitError as error:
        key = "account.U01.unit_of_quantity" if error.code == "U01" else "account.U02.unit_of_quantity"
        allowed = wanted.replace("/year", "")
        raise refused(key, found=unit, allowed=allowed, name=name or service_id, detail=error.message) from None


def _derived(
    given: list[_Row], chosen: Mapping[str, Mapping[str, str]], numbers: Numbers
) -> tuple[list[_Row], list[Problem]]:
    """The components that follow in proportion from a given one of the same service and place, and are not given
    themselves, there or for land that the place is a part of; an error where one is given for a part of the place.
    """
    made, problems = [], []
    there = {(g.place, g.service.id, g.name) for g in given}
    parts = {(outer, g.service.id, g.name): g.place for g in given for outer in _around(g.place)}
    for source in given:
        rule = numbers.profile.rules[source.service.id]
        for component in source.service.components(chosen[source.service.id]) if source.component else ():
            is_known = any(
                (place, source.service.id, component.id) in there for place in (source.place, *_around(source.place))
            )
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
            if part := parts.get((source.place, source.service.id, component.id)):
                about: dict[str, Any] = {"part": _said_of_land(part), "whole": _said_of_land(source.place)}
                of: dict[str, Any] = {"name": component.id, "source": source.name}
                problems.append(
                    problem("account.T06.derived_beside_part", source.service.id, place=part.zone, **about, **of)
                )
            elif result is not None and not lacking:
                amount = convert(result.amount, f"({component.density.returns})*m^2", component.unit)
                made.append(_Row(source.place, source.service, component, component.id, amount))
    return made, problems


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
            reason: Reason = "no_equation" if id_ not in chosen else "no_input"
            yield Missing(id_, reason, say("account.not_given"), rule.is_required)
        elif not SERVICES[id_].products:
            components = [c for c in SERVICES[id_].components(chosen[id_]) if not rule.only or c.id in rule.only]
            lacking = [c for c in components if (c.money or not is_priced) and (id_, c.id) not in known]
            if lacking:
                detail = say("account.components_not_given", components=[said_of(c) for c in lacking])
                yield Missing(id_, "no_input", detail, rule.is_required)


def _unpriced(service: str, chosen: Mapping[str, Mapping[str, str]]) -> set[str]:
    return {c.id for c in SERVICES[service].components(chosen[service]) if c.money is None}


def _entry(item: _Row, profile: Profile, numbers: Numbers) -> tuple[Entry, list[Problem]]:
    rule, component = profile.rules[item.service.id], item.component
    basis = "current" if numbers.price_year == numbers.year else f"constant:{numbers.price_year}"
    entry = Entry(
        item.place.zone,
        "",
        item.place.ecosystem or NONE,
        item.place.land_class or NONE,
        rule.category,
        item.service.id,
        item.name,
        is_counted=not item.service.is_stock,
        supply_basis=STOCK if item.service.is_stock else "realised",
        clause=rule.clause,
        method="given",
    )
    if component is None:
        return replace(entry, value=item.amount, price_basis=basis, price_concept="market"), []
    entry = replace(entry, quantity=item.amount, unit=component.unit)
    money = component.money
    if money is None or profile.kind != "monetary":
        return entry, []
    price, lacking = numbers.price(component, item.place)
    entry = replace(entry, price_basis=basis, price_concept=money.concept)
    if price is None:
        return entry, [problem("account.C04.no_price_given", name) for name in lacking]
    rows = [found.row for found in price.found]
    return replace(
        entry,
        price=price.amount,
        price_unit=money.price_unit,
        price_year=price.price_year,
        value=value_of(component, item.amount, price.amount),
        coefficients=tuple(row.id for row in rows),
        is_provisional=any(row.status == "provisional" for row in rows),
    ), []
