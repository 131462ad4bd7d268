"""What a component provides by accounting units that are no cells: zones that report it, features, patches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gep.account.basis import (
    Basis,
    ComponentFigures,
    Key,
    Share,
    UnitFigures,
    UnitRecord,
    method_id,
    only_cell,
    said_of,
    value_of,
)
from gep.account.entries import Entry, Missing
from gep.account.products import repeated
from gep.core.catalog import ComponentOfUnits, ReportedComponent, UnitComponent
from gep.core.errors import Problem, problem
from gep.core.keys import CITY, NONE
from gep.core.messages import Text, joined, listed, say
from gep.core.units import convert
from gep.inputs.grids.patches import PATCH
from gep.inputs.items import SITE_AREA, item_unit
from gep.inputs.numbers import Numbers, Place, Result
from gep.inputs.open import NO_LAND_COVER
from gep.plan.planner import ServicePlan
from gep.plan.units import Unit, reported_units
from gep.standards.coefficients import Found
from gep.standards.rules import Rule


def figures_of_units(basis: Basis, service_plan: ServicePlan, component: ComponentOfUnits) -> ComponentFigures:
    """The entries of a component whose quantity is a figure of the tables, or what an equation makes of totals, unit by
    unit.
    """
    units = _units(basis, component)
    record, used, lacking = _record_of_units(basis, service_plan.rule, component, units)
    entries = tuple(_entry(basis, service_plan, component, key, parts, used) for key, parts in record.shares.items())
    said = (
        _twice(basis, component, units),
        _without_figures(basis, service_plan, component, units),
        _lacking(basis, service_plan, component, lacking),
    )
    problems = [found for found in said if found]
    incomplete = said[2] or said[1]
    missing = (
        Missing(service_plan.id, "no_input", incomplete.message, service_plan.rule.is_required) if incomplete else None
    )
    coverage, area = _covered(basis, service_plan.rule, component, units)
    least = basis.inputs.profile.min_coverage
    if coverage is not None and coverage < least and missing is None:
        detail = say(
            "account.low_coverage_of_units",
            component=said_of(component),
            item=component.extent,
            share=coverage,
            least=least,
        )
        missing = Missing(service_plan.id, "low_coverage", detail, service_plan.rule.is_required)
    return ComponentFigures(record, entries, coverage, area, missing, used, problems=(*problems, *basis.unmoved(used)))


def _record_of_units(
    basis: Basis, rule: Rule, component: ComponentOfUnits, units: Sequence[Unit]
) -> tuple[UnitRecord, tuple[Found, ...], Mapping[str, Sequence[str]]]:
    """Every unit with its quantity and what the entries take of it; the rows of coefficients behind them; and what is
    lacking, with the units that lack it.
    """
    figures: list[UnitFigures] = []
    shares: dict[Key, list[Share]] = {}
    used: dict[str, Found] = {}
    lacking: dict[str, dict[str, None]] = {}
    prices: dict[tuple[Place, Key], tuple[Result | None, Sequence[str]]] = {}
    renames = _renames(component)
    for number, unit in enumerate(units):
        place = basis.numbers.settled(_place_of(rule, component, unit))
        quantity, missed = _quantity(basis.numbers, component, unit, place, renames)
        figures.append(UnitFigures(unit, quantity, tuple(missed)))
        used.update({found.row.id: found for found in (quantity.found if quantity else ())})
        for key, share in _shares(basis, rule, component, unit).items():
            if (place, key) not in prices:  # thousands of lakes have the same few
                prices[place, key] = _unit_price(basis, component, place, key)
                price, _ = prices[place, key]
                used.update({found.row.id: found for found in (price.found if price else ())})
            price, unpriced = prices[place, key]
            missed = [*missed, *unpriced]
            shares.setdefault(key, []).append(
                Share(number, share, quantity.amount * share if quantity else None, price)
            )
        for name in missed:
            lacking.setdefault(name, {})[unit.name] = None
    record = UnitRecord(tuple(figures), {key: tuple(parts) for key, parts in shares.items()})
    return record, tuple(used.values()), {name: list(lacking[name]) for name in sorted(lacking)}


# units ----------------------------------------------------------------------------------------------------------------


def _units(basis: Basis, component: ComponentOfUnits) -> list[Unit]:
    """The accounting units of a component: those of the tables, else the connected patches of its classes."""
    reported = reported_units(basis.inputs.statistics, component)
    if reported or isinstance(component, ReportedComponent) or not component.patches:
        return reported
    scale = convert(1.0, "m^2", item_unit(component.extent))
    units = []
    for patch in basis.sums.patches.get(component.patches, ()):
        parts: dict[Key, float] = {}
        for group, area in patch.parts.items():
            zone, position = divmod(group, len(basis.plan.classes))
            ecosystem, land_class = basis.plan.classes[position]
            parts[basis.zones[zone].code, ecosystem, land_class] = area * scale
        units.append(Unit(patch.name, parts))
    if component.per == "all" and units:
        merged: dict[Key, list[float]] = {}
        for unit in units:
            for key, extent in unit.parts.items():
                merged.setdefault(key, []).append(extent)
        return [Unit("_all", {key: math.fsum(extents) for key, extents in merged.items()})]
    return units


def _place_of(rule: Rule, component: ComponentOfUnits, unit: Unit) -> Place:
    """For what the numbers of a unit are wanted."""
    zones = unit.zones
    zone = zones[0] if len(zones) == 1 else ""
    return Place(zone, *only_cell(rule, component.id), unit.name if component.per == "feature" else "")


def _renames(component: ComponentOfUnits) -> Mapping[str, str]:
    """Under which name each argument of the equation on totals is looked up."""
    if isinstance(component, ReportedComponent):
        return {}
    return {argument: component.looked_up(argument) for argument in component.total.units}


def _quantity(
    numbers: Numbers, component: ComponentOfUnits, unit: Unit, place: Place, renames: Mapping[str, str]
) -> tuple[Result | None, Sequence[str]]:
    """The quantity of a unit in the unit of the component, with what it rests on; what is lacking."""
    extent = math.fsum(unit.parts.values())
    of_item = item_unit(component.extent)
    if isinstance(component, ReportedComponent):
        return Result(convert(extent, of_item, component.unit)), []
    given = {
        argument: convert(extent, of_item, component.total.units[argument])
        for argument, name in renames.items()
        if name == component.extent
    }
    for argument, equation in component.series.items():
        if numbers.reported(argument, component.total.units[argument], place) is None:
            made = numbers.series(equation, unit.name)
            if made is not None and math.isnan(made):
                return None, [say("account.shares_of_one", names=list(equation.units))]
            given |= {argument: made} if made is not None else {}
    result, lacking = numbers.result(component.total, place, given, renames)
    if result is None:
        return None, lacking
    return replace(result, amount=convert(result.amount, component.total.returns, component.unit)), []


def _unit_price(
    basis: Basis, component: ComponentOfUnits, place: Place, key: Key
) -> tuple[Result | None, Sequence[str]]:
    """The price of a unit in a zone, ecosystem and class that it lies in; what is lacking."""
    if not basis.is_priced or component.money is None:
        return None, []
    zone, ecosystem, land_class = (name if name != NONE else "" for name in key)
    return basis.numbers.price(component, place._replace(zone=zone, ecosystem=ecosystem, land_class=land_class))


# where a unit belongs -------------------------------------------------------------------------------------------------


def _shares(basis: Basis, rule: Rule, component: ComponentOfUnits, unit: Unit) -> dict[Key, float]:
    """How a unit is spread over zones by its extent, and within them over the ecosystems that count."""
    extent = math.fsum(unit.parts.values())
    spread: dict[Key, float] = {}
    for (zone, *pair), amount in unit.parts.items():
        of_zone = amount / extent if extent else 1 / len(unit.parts)
        for ecosystem_and_class, weight in _attributed(basis, rule, component, zone, pair).items():
            key = (zone, *ecosystem_and_class)
            spread[key] = spread.get(key, 0.0) + of_zone * weight
    return spread


def _attributed(
    basis: Basis, rule: Rule, component: ComponentOfUnits, zone: str, pair: Sequence[str]
) -> dict[tuple[str, str], float]:
    """Which ecosystems a total belongs to: the one it is counted for; of several, by their areas in the zone; `_none`
    where there are none.
    """
    if pair[0]:
        return {(pair[0], pair[1] or NONE): 1.0}
    ecosystem, land_class = only_cell(rule, component.id)
    if ecosystem:
        return {(ecosystem, land_class or NONE): 1.0}
    rows = [z for z, known in enumerate(basis.zones) if zone in (known.code, CITY)]
    areas: dict[str, list[float]] = {}
    for position, pair_of_class in enumerate(basis.plan.classes):
        if pair_of_class != NO_LAND_COVER and rule.is_provider(*pair_of_class, component.id):
            areas.setdefault(pair_of_class[0], []).extend(float(basis.sums.area[z, position]) for z in rows)
    sizes = {name: math.fsum(parts) for name, parts in areas.items() if math.fsum(parts) > 0}
    whole = math.fsum(sizes.values())
    return {(name, NONE): size / whole for name, size in sizes.items()} or {(NONE, NONE): 1.0}


def _covered(
    basis: Basis, rule: Rule, component: ComponentOfUnits, units: Sequence[Unit]
) -> tuple[float | None, float]:
    """The share of the land that counts which the units of a component are, and that land; None where they need not be
    all of it.
    """
    if isinstance(component, ReportedComponent) or not component.covers:
        return None, 0.0
    counted = [
        c
        for c, pair in enumerate(basis.plan.classes)
        if pair != NO_LAND_COVER and rule.counted(*pair, component.id) == "counted"
    ]
    area = math.fsum(basis.sums.area[:, counted].ravel().tolist())
    if area == 0:
        return None, 0.0
    extent = math.fsum(amount for unit in units for amount in unit.parts.values())
    return min(1.0, convert(extent, item_unit(component.extent), "m^2") / area), area


# entries --------------------------------------------------------------------------------------------------------------


def _entry(
    basis: Basis,
    service_plan: ServicePlan,
    component: ComponentOfUnits,
    key: Key,
    parts: Sequence[Share],
    used: Sequence[Found],
) -> Entry:
    """The units of a zone and class as one entry; its price is the mean where they differ in price."""
    zone, ecosystem, land_class = key
    quantities = [part.quantity for part in parts if part.quantity is not None]
    quantity = math.fsum(quantities) if len(quantities) == len(parts) else None
    entry = Entry(
        zone,
        basis.zone_names.get(zone, ""),
        ecosystem,
        land_class,
        service_plan.rule.category,
        service_plan.id,
        component.id,
        quantity,
        component.unit,
        supply_basis="realised",
        method=method_id(
            service_plan, component.total.name if isinstance(component, UnitComponent) else component.extent
        ),
        clause=service_plan.rule.clause,
        coefficients=tuple(found.row.id for found in used),
        is_provisional=any(found.row.status == "provisional" for found in used),
    )
    money = component.money
    if not basis.is_priced or money is None:
        return entry
    values = [
        value_of(component, part.quantity, part.price.amount)
        for part in parts
        if part.quantity is not None and part.price is not None
    ]
    prices = {part.price.amount for part in parts if part.price is not None}
    price = next(iter(prices)) if len(prices) == 1 else None
    if len(prices) > 1 and quantity and len(values) == len(parts):
        price = math.fsum(values) / convert(quantity, component.unit, money.value.units[component.quantity])
    return replace(
        entry,
        price=price,
        price_unit=money.price_unit,
        price_year=max((part.price.price_year for part in parts if part.price and part.price.price_year), default=None),
        value=math.fsum(values) if len(values) == len(parts) else None,
        price_basis=basis.price_basis,
        price_concept=money.concept,
    )


# what is missing ------------------------------------------------------------------------------------------------------


def _twice(basis: Basis, component: ComponentOfUnits, units: Sequence[Unit]) -> Problem | None:
    """What is said where the whole area is reported beside its zones, and no `site_area` splits it."""
    statistics = basis.inputs.statistics
    split = {s.part for s in statistics if s.base == SITE_AREA}
    is_of_city = any(s.zone == CITY and s.base == component.extent and s.part not in split for s in statistics)
    is_counted = any(CITY in unit.zones for unit in units)
    return repeated(component.extent) if is_of_city and not is_counted else None


def _without_figures(
    basis: Basis, service_plan: ServicePlan, component: ComponentOfUnits, units: Sequence[Unit]
) -> Problem | None:
    """What the tables do not say by its parts, or the zones that hold what a component is counted for and report
    nothing.
    """
    about: dict[str, Any] = {"component": said_of(component), "item": component.extent}
    if component.per == "feature":
        whole = next((s for s in basis.inputs.statistics if s.item == component.extent), None)
        if whole is None:
            return None
        return problem("account.O02.parts_without_names", service_plan.id, place=whole.place, **about)
    reporting = {zone for unit in units for zone in unit.zones}
    if not units or CITY in reporting:
        return None
    position = {zone.code: z for z, zone in enumerate(basis.zones)}
    without = basis.called(
        zone for zone in basis.zones_without(reporting) if basis.occurs(service_plan.rule, component.id, position[zone])
    )
    if not without:
        return None
    return problem(
        "account.O02.zones_without",
        service_plan.id,
        place=say("account.tables"),
        zones=without,
        count=len(without),
        **about,
    )


NAMED = 5
"""Zones or features that are named; of more, the count is said."""


def _called(basis: Basis, units: Sequence[str]) -> Text:
    """Zones and features by their names; patches of the land cover, which have none, by their count."""
    if all(unit.startswith(PATCH) for unit in units):
        return say("account.patches", count=len(units))
    shown = listed(basis.called(units[:NAMED]))
    return say("account.and_others", names=shown, count=len(units) - NAMED) if len(units) > NAMED else shown


def _lacking(
    basis: Basis, service_plan: ServicePlan, component: ComponentOfUnits, lacking: Mapping[str, Sequence[str]]
) -> Problem | None:
    """What the equations of some units lack."""
    if not lacking:
        return None
    together: dict[tuple[str, ...], list[str]] = {}
    for name, units in lacking.items():
        together.setdefault(tuple(units), []).append(f"`{name}`")
    parts = [say("account.lacking_for", names=names, places=_called(basis, of)) for of, names in together.items()]
    what = joined(parts, "; ", "；")
    return problem(
        "account.O02.not_given", service_plan.id, place=say("account.tables"), component=said_of(component), what=what
    )
