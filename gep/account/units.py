"""What a component provides by accounting units that are no cells: zones that report it, features, patches."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gep.account.basis import (
    Basis,
    ComponentFigures,
    Key,
    Shares,
    UnitRecord,
    method_id,
    only_cell,
    said_of,
    value_of,
)
from gep.account.entries import Entry, Missing
from gep.account.products import repeated
from gep.core.catalog import ComponentOfUnits, ReportedComponent, UnitComponent
from gep.core.each import Each
from gep.core.errors import Problem, problem
from gep.core.keys import CITY, NONE
from gep.core.messages import Text, joined, listed, say
from gep.core.units import convert
from gep.inputs.grids.patches import PATCH, Patch
from gep.inputs.items import SITE_AREA, item_unit
from gep.inputs.numbers import Number, Numbers, Place, Result
from gep.inputs.open import NO_LAND_COVER
from gep.plan.planner import ServicePlan
from gep.plan.units import Unit, reported_units
from gep.standards.coefficients import Found
from gep.standards.rules import Rule


def figures_of_units(basis: Basis, service_plan: ServicePlan, component: ComponentOfUnits) -> ComponentFigures:
    """The entries of a component whose quantity is a figure of the tables, or what an equation makes of totals, unit by
    unit.
    """
    seen = _Seen()
    record = _record_of_units(basis, service_plan.rule, component, seen)
    used = tuple(seen.used.values())
    entries = tuple(_entry(basis, service_plan, component, key, parts, used) for key, parts in record.shares.items())
    said = (
        _twice(basis, component, seen),
        _without_figures(basis, service_plan, component, seen),
        _lacking(basis, service_plan, component, seen),
    )
    problems = [found for found in said if found]
    incomplete = said[2] or said[1]
    missing = (
        Missing(service_plan.id, "no_input", incomplete.message, service_plan.rule.is_required) if incomplete else None
    )
    coverage, area = _covered(basis, service_plan.rule, component, seen)
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


@dataclass
class _Seen:
    """What is found of the units of a component while they pass, each once: there may be hundreds of thousands."""

    zones: set[str] = field(default_factory=set)
    extents: array[float] = field(default_factory=lambda: array("d"))
    """Of the parts of all units."""
    used: dict[str, Found] = field(default_factory=dict)
    """The rows of coefficients behind them."""
    lacking: dict[str, dict[str, None]] = field(default_factory=dict)
    """What is lacking, with the units that lack it."""


def _record_of_units(basis: Basis, rule: Rule, component: ComponentOfUnits, seen: _Seen) -> UnitRecord:
    """Every unit with its quantity and what the entries take of it."""
    units, names, coming = _units(basis, component)
    record = UnitRecord(units, names)
    cell, renames = only_cell(rule, component.id), _renames(component)
    prices: dict[tuple[Place, Key], tuple[Result | None, Sequence[str]]] = {}
    for number, unit in enumerate(coming):
        extent, zones = math.fsum(unit.parts.values()), unit.zones
        seen.zones.update(zones)
        seen.extents.extend(unit.parts.values())
        feature = unit.name if component.per == "feature" else ""
        place = basis.numbers.settled(Place(zones[0] if len(zones) == 1 else "", *cell, feature))
        quantity, missed = _quantity(basis.numbers, component, unit.name, extent, place, renames)
        if record.add(extent, quantity, missed) and quantity:
            seen.used.update({found.row.id: found for found in quantity.found})
        for key, share in _shares(basis, rule, component, unit, extent).items():
            if (place, key) not in prices:  # thousands of lakes have the same few
                prices[place, key] = _unit_price(basis, component, place, key)
                price, _ = prices[place, key]
                seen.used.update({found.row.id: found for found in (price.found if price else ())})
            price, unpriced = prices[place, key]
            missed = [*missed, *unpriced]
            record.shares.setdefault(key, Shares()).add(number, share, quantity, price)
        for name in missed:
            seen.lacking.setdefault(name, {})[unit.name] = None
    return record


# units ----------------------------------------------------------------------------------------------------------------


def _units(basis: Basis, component: ComponentOfUnits) -> tuple[Sequence[Unit], Sequence[str], Iterator[Unit]]:
    """The accounting units of a component: those of the tables, else the connected patches of its classes; their names;
    and all of them in turn, which is how patches are made the fastest.
    """
    reported = reported_units(basis.inputs.statistics, component)
    patches = basis.sums.patches.get(component.patches, ()) if isinstance(component, UnitComponent) else ()
    if reported or not patches:
        return reported, [unit.name for unit in reported], iter(reported)
    scale, codes = convert(1.0, "m^2", item_unit(component.extent)), [zone.code for zone in basis.zones]
    keys = [(code, *pair) for code in codes for pair in basis.plan.classes]

    def unit_of(patch: Patch) -> Unit:
        return Unit(patch.name, {keys[group]: area * scale for group, area in patch.parts.items()})

    if component.per == "all":
        merged: dict[Key, list[float]] = {}
        for patch in patches:
            for key, extent in unit_of(patch).parts.items():
                merged.setdefault(key, []).append(extent)
        whole = Unit("_all", {key: math.fsum(extents) for key, extents in merged.items()})
        return [whole], [whole.name], iter([whole])
    count = len(patches)
    names = Each(lambda number: patches[number].name, count)
    return Each(lambda number: unit_of(patches[number]), count), names, map(unit_of, patches)


def _renames(component: ComponentOfUnits) -> Mapping[str, str]:
    """Under which name each argument of the equation on totals is looked up."""
    if isinstance(component, ReportedComponent):
        return {}
    return {argument: component.looked_up(argument) for argument in component.total.units}


def _quantity(
    numbers: Numbers, component: ComponentOfUnits, name: str, extent: float, place: Place, renames: Mapping[str, str]
) -> tuple[Result | None, Sequence[str]]:
    """The quantity of a unit in the unit of the component, with what it rests on beside its extent; what is lacking."""
    of_item = item_unit(component.extent)
    if isinstance(component, ReportedComponent):
        return Result(convert(extent, of_item, component.unit)), []
    given = {
        argument: convert(extent, of_item, component.total.units[argument])
        for argument, looked_up in renames.items()
        if looked_up == component.extent
    }
    made: dict[str, Number] = {}
    for argument, equation in component.series.items():
        if numbers.reported(argument, component.total.units[argument], place) is None:
            amount = numbers.series(equation, name)
            if amount is not None and math.isnan(amount):
                return None, [say("account.shares_of_one", names=list(equation.units))]
            made |= {argument: Number(amount)} if amount is not None else {}
    given |= {argument: number.amount for argument, number in made.items()}
    result, lacking = numbers.result(component.total, place, given, renames)
    if result is None:
        return None, lacking
    amount = convert(result.amount, component.total.returns, component.unit)
    if not made:
        return result._replace(amount=amount), []
    others = {**dict(result.arguments), **made}
    arguments = tuple((argument, others[argument]) for argument in component.total.units if argument in others)
    return result._replace(amount=amount, arguments=arguments), []


def _unit_price(
    basis: Basis, component: ComponentOfUnits, place: Place, key: Key
) -> tuple[Result | None, Sequence[str]]:
    """The price of a unit in a zone, ecosystem and class that it lies in; what is lacking."""
    if not basis.is_priced or component.money is None:
        return None, []
    zone, ecosystem, land_class = (name if name != NONE else "" for name in key)
    return basis.numbers.price(component, place._replace(zone=zone, ecosystem=ecosystem, land_class=land_class))


# where a unit belongs -------------------------------------------------------------------------------------------------


def _shares(basis: Basis, rule: Rule, component: ComponentOfUnits, unit: Unit, extent: float) -> dict[Key, float]:
    """How a unit is spread over zones by its extent, and within them over the ecosystems that count."""
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


def _covered(basis: Basis, rule: Rule, component: ComponentOfUnits, seen: _Seen) -> tuple[float | None, float]:
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
    extent = math.fsum(seen.extents)
    return min(1.0, convert(extent, item_unit(component.extent), "m^2") / area), area


# entries --------------------------------------------------------------------------------------------------------------


def _entry(
    basis: Basis,
    service_plan: ServicePlan,
    component: ComponentOfUnits,
    key: Key,
    parts: Shares,
    used: Sequence[Found],
) -> Entry:
    """The units of a zone and class as one entry; its price is the mean where they differ in price."""
    zone, ecosystem, land_class = key
    quantity = math.fsum(parts.quantity) if parts.is_known else None
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
    amounts = [known.amount for known in parts.prices if known is not None]
    price = amounts[0] if len({*amounts}) == 1 else None
    value = None
    if parts.is_known and len(amounts) == len(parts.prices):
        pairs = zip(parts.quantity, parts.price, strict=True)
        value = math.fsum(value_of(component, part, amounts[position]) for part, position in pairs)
        if len({*amounts}) > 1 and quantity:
            price = value / convert(quantity, component.unit, money.value.units[component.quantity])
    return replace(
        entry,
        price=price,
        price_unit=money.price_unit,
        price_year=max((known.price_year for known in parts.prices if known and known.price_year), default=None),
        value=value,
        price_basis=basis.price_basis,
        price_concept=money.concept,
    )


# what is missing ------------------------------------------------------------------------------------------------------


def _twice(basis: Basis, component: ComponentOfUnits, seen: _Seen) -> Problem | None:
    """What is said where the whole area is reported beside its zones, and no `site_area` splits it."""
    statistics = basis.inputs.statistics
    split = {s.part for s in statistics if s.base == SITE_AREA}
    is_of_city = any(s.zone == CITY and s.base == component.extent and s.part not in split for s in statistics)
    return repeated(component.extent) if is_of_city and CITY not in seen.zones else None


def _without_figures(
    basis: Basis, service_plan: ServicePlan, component: ComponentOfUnits, seen: _Seen
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
    reporting = seen.zones
    if not reporting or CITY in reporting:
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


def _lacking(basis: Basis, service_plan: ServicePlan, component: ComponentOfUnits, seen: _Seen) -> Problem | None:
    """What the equations of some units lack."""
    if not seen.lacking:
        return None
    together: dict[tuple[str, ...], list[str]] = {}
    for name, units in sorted(seen.lacking.items()):
        together.setdefault(tuple(units), []).append(f"`{name}`")
    parts = [say("account.lacking_for", names=names, places=_called(basis, of)) for of, names in together.items()]
    what = joined(parts, "; ", "；")
    return problem(
        "account.O02.not_given", service_plan.id, place=say("account.tables"), component=said_of(component), what=what
    )
