"""What a component provides by cells: integrals of its density, rules on totals, prices, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gep.account.basis import (
    Basis,
    CellRecord,
    ComponentFigures,
    Fallback,
    Key,
    method_id,
    said_of,
    said_of_class,
    value_of,
)
from gep.account.entries import STOCK, Entry, Missing
from gep.account.products import repeated
from gep.account.rules import cap, clip
from gep.core.catalog import CellComponent
from gep.core.errors import Problem, problem
from gep.core.keys import CITY, NONE
from gep.core.messages import Text, say
from gep.core.unit_names import unit_name
from gep.core.units import convert, product, ucum
from gep.engine.sums import Statistic as SumOfFlow
from gep.inputs.items import in_unit, item_measures, item_unit
from gep.inputs.numbers import Place, Result
from gep.inputs.tables import Statistic
from gep.plan.plan import Flow
from gep.plan.planner import ComponentPlan, Reason, ServicePlan
from gep.plan.wiring import coefficients_of, derivations_of


def figures_of_cells(
    basis: Basis, service_plan: ServicePlan, part: ComponentPlan, component: CellComponent
) -> ComponentFigures:
    """The entries of a component that is integrated over cells; none where it cannot be computed."""
    rows = rows_of_limit(basis.inputs.statistics, component)
    if not part.flows:
        return ComponentFigures(CellRecord(rows))
    limits, problems, incomplete = _limits(basis, service_plan, component, rows)
    entries = [entry for flow in part.flows for entry in _integrals(basis, service_plan, part, component, flow)]
    prices, lacking = _prices(basis, component, entries)
    if component.limit:
        entries = cap(entries, service_plan.id, component.id, limits)
    if component.clip == "ecosystem":
        entries = clip(entries, service_plan.id, component.id)
    if service_plan.service and service_plan.service.is_stock:
        entries = [replace(entry, is_counted=False, supply_basis=STOCK) for entry in entries]
    counted = [(entry.zone, entry.ecosystem, entry.land_class) for entry in entries if entry.is_held]
    unpriced = list(dict.fromkeys(name for key in counted for name in lacking.get(key, ())))
    of_prices = {f.row.id: f for key in counted if (price := prices.get(key)) for f in price.found}
    entries = [_valued(basis, component, entry, prices) for entry in entries]
    area = math.fsum(float(basis.sums.area[:, flow.is_counted].sum()) for flow in part.flows)
    valid = _sum(basis, part, "valid")
    of_cells = [row for pair, rows in part.found.items() for row in rows if _area_of(basis, pair) > 0]
    return ComponentFigures(
        CellRecord(rows, prices),
        tuple(entries),
        min(1.0, valid / area) if area > 0 else None,
        area,
        _why_missing(basis, service_plan, part, area, valid)
        or incomplete
        or _priceless(service_plan, component, unpriced),
        (*of_prices.values(), *(of_cells if counted else ())),
        _fallbacks(basis, part) if counted else {},
        (
            *_no_price(unpriced),
            *basis.unmoved(of_prices.values()),
            *problems,
            *_negative(basis, service_plan, part, component, area),
            *(_no_coefficient(basis, service_plan, part, area) if counted else ()),
        ),
    )


def rows_of_limit(statistics: Iterable[Statistic], component: CellComponent) -> tuple[Statistic, ...]:
    """The figures of the tables that limit a component."""
    return tuple(
        row
        for row in statistics
        if row.item == component.limit and row.measure in item_measures(row.item) and row.value is not None
    )


# physical flows -------------------------------------------------------------------------------------------------------


def _integrals(
    basis: Basis, service_plan: ServicePlan, part: ComponentPlan, component: CellComponent, flow: Flow
) -> Iterator[Entry]:
    """One entry per zone and counted class that occurs, with the integral of the density; None where no cell is
    valid.
    """
    unit_of_sum = product(flow.node.equation.returns, "m^2")
    total, valid = basis.sums.of(flow, "sum"), basis.sums.of(flow, "valid")
    derivations = derivations_of(flow.node)
    for z, zone in enumerate(basis.zones):
        for c, (ecosystem, land_class) in enumerate(basis.plan.classes):
            area = float(basis.sums.area[z, c])
            if not flow.is_counted[c] or area == 0:
                continue
            found = part.found.get((ecosystem, land_class), ())
            yield Entry(
                zone.code,
                zone.name,
                ecosystem,
                land_class or NONE,
                service_plan.rule.category,
                service_plan.id,
                component.id,
                convert(float(total[z, c]), unit_of_sum, component.unit) if valid[z, c] > 0 else None,
                component.unit,
                supply_basis="realised",
                coverage=min(1.0, float(valid[z, c]) / area),
                method=method_id(service_plan, flow.node.equation.name),
                clause=service_plan.rule.clause,
                coefficients=tuple(row.row.id for row in found),
                derivations=tuple(derivation.equation.name for derivation in derivations),
                is_estimated=any(derivation.is_provisional for derivation in derivations),
                is_provisional=any(row.row.status == "provisional" for row in found),
            )


def _limits(
    basis: Basis, service_plan: ServicePlan, component: CellComponent, rows: Sequence[Statistic]
) -> tuple[Mapping[str, float], list[Problem], Missing | None]:
    """What each zone (or `_city` alone) limits a component to, and which zones do not say."""
    if not component.limit:
        return {}, [], None
    limits = {row.zone: in_unit(row.value or 0.0, row.unit, item_unit(row.item)) for row in rows}
    by_zone = {zone: limit for zone, limit in limits.items() if zone != CITY}
    if CITY in limits and not by_zone:
        return limits, [], None
    repeats = [repeated(component.limit)] if CITY in limits else []
    without = basis.zones_without(by_zone)
    if not by_zone or not without:
        return by_zone, repeats, None
    zones = basis.called(without)
    found = problem(
        "account.O02.no_limit",
        service_plan.id,
        place=say("account.tables"),
        zones=zones,
        item=component.limit,
        count=len(zones),
    )
    missing = Missing(service_plan.id, "no_input", found.message, service_plan.rule.is_required)
    return by_zone, [*repeats, found], missing


def check_limits(basis: Basis, service_plan: ServicePlan, component: CellComponent) -> list[Problem]:
    """What the tables do not say of the limit of a component."""
    return _limits(basis, service_plan, component, rows_of_limit(basis.inputs.statistics, component))[1]


def _sum(basis: Basis, part: ComponentPlan, statistic: SumOfFlow) -> float:
    """A statistic of all flows of a component over all zones and classes, exactly rounded."""
    return math.fsum(value for flow in part.flows for value in basis.sums.of(flow, statistic).ravel().tolist())


def _area_of(basis: Basis, pair: tuple[str, str]) -> float:
    return float(basis.sums.area[:, basis.plan.classes.index(pair)].sum())


# what is missing ------------------------------------------------------------------------------------------------------


def _why_missing(
    basis: Basis, service_plan: ServicePlan, part: ComponentPlan, counted: float, valid: float
) -> Missing | None:
    least = basis.inputs.profile.min_coverage
    if counted == 0 or valid / counted >= least:
        return None
    if lost := not_made(basis, part):
        detail = say("account.not_made", what=list(lost), share=valid / counted, least=least)
        return Missing(service_plan.id, "no_input", detail, service_plan.rule.is_required)
    without = _without_coefficient(basis, part)
    numbers = {"share": valid / counted, "least": least, "classes": without}
    is_for_coefficients = without and _sum(basis, part, "inputs") / counted >= least
    if is_for_coefficients:
        detail = say("account.no_coefficient", **numbers)
    elif without:
        detail = say("account.low_coverage_without_coefficient", **numbers)
    else:
        detail = say("account.low_coverage", **numbers)
    if len(service_plan.components) > 1:
        detail = say("account.of_component", component=said_of(part.component), detail=detail)
    reason: Reason = "no_coefficient" if is_for_coefficients else "low_coverage"
    return Missing(service_plan.id, reason, detail, service_plan.rule.is_required)


def _priceless(service_plan: ServicePlan, component: CellComponent, unpriced: Sequence[str]) -> Missing | None:
    if not unpriced:
        return None
    detail = say("account.no_price", component=said_of(component), prices=list(unpriced))
    return Missing(service_plan.id, "no_coefficient", detail, service_plan.rule.is_required)


def _without_coefficient(basis: Basis, part: ComponentPlan) -> list[Text]:
    """The classes that have their layers and lack a coefficient, after the pass over the cells."""

    def is_without(flow: Flow, c: int) -> bool:
        return bool(basis.sums.of(flow, "inputs")[:, c].sum() > 0 and basis.sums.of(flow, "valid")[:, c].sum() == 0)

    return _classes_without(basis, part, is_without)


def check_coefficients(basis: Basis, service_plan: ServicePlan, part: ComponentPlan) -> list[Problem]:
    """That land has no figure as no row gives it a coefficient, told before anything is computed."""

    def is_without(flow: Flow, c: int) -> bool:
        needed = set(coefficients_of(flow.node, {}))
        values = (values[c] for (name, _), values in basis.plan.class_values.items() if name in needed)
        return float(basis.sums.area[:, c].sum()) > 0 and any(math.isnan(value) for value in values)

    without = [] if not_made(basis, part) else _classes_without(basis, part, is_without)
    return _told_without(service_plan, part, without)


def _classes_without(basis: Basis, part: ComponentPlan, is_without: Callable[[Flow, int], bool]) -> list[Text]:
    """The classes that lack a coefficient; with the regions for which there is one."""
    names = []
    for c, pair in enumerate(basis.plan.classes):
        for flow in part.flows:
            if flow.is_counted[c] and is_without(flow, c):
                needed = set(coefficients_of(flow.node, {}))
                regions = dict.fromkeys(
                    row.region
                    for row in basis.inputs.coefficients.rows
                    if row.name in needed and (row.ecosystem, row.land_class) == pair and row.region
                )
                name = said_of_class(*pair)
                names.append(say("account.rows_of_regions", name=name, regions=list(regions)) if regions else name)
    return names


def not_made(basis: Basis, part: ComponentPlan) -> dict[Text, list[Text]]:
    """The layers that are lacking, with what they are made from, and the classes that have no coefficient instead."""
    found: dict[Text, dict[Text, None]] = {}
    for (name, _), values in basis.plan.class_values.items():
        text = part.not_made.get(name)
        if text is None:
            continue
        for c, pair in enumerate(basis.plan.classes):
            is_counted = any(flow.is_counted[c] for flow in part.flows)
            if is_counted and math.isnan(values[c]) and _area_of(basis, pair) > 0:
                found.setdefault(text, {})[said_of_class(*pair)] = None
    return {text: list(classes) for text, classes in found.items()}


def check_made(basis: Basis, service_plan: ServicePlan, part: ComponentPlan) -> list[Problem]:
    """That land has no figure as a layer is lacking; the same for every component of a service."""
    return [
        problem("account.N20.not_made", service_plan.id, what=what, classes=classes)
        for what, classes in not_made(basis, part).items()
    ]


def _no_coefficient(basis: Basis, service_plan: ServicePlan, part: ComponentPlan, counted: float) -> list[Problem]:
    if lost := check_made(basis, service_plan, part):
        return lost
    return _told_without(service_plan, part, _without_coefficient(basis, part) if counted > 0 else [])


def _told_without(service_plan: ServicePlan, part: ComponentPlan, classes: Sequence[Text]) -> list[Problem]:
    if not classes:
        return []
    return [problem("account.C12.no_coefficient", service_plan.id, component=said_of(part.component), classes=classes)]


def _negative(
    basis: Basis, service_plan: ServicePlan, part: ComponentPlan, component: CellComponent, counted: float
) -> list[Problem]:
    """What is to be said of cells that come out below zero."""
    amount, area = _sum(basis, part, "negative"), _sum(basis, part, "negative_area")
    if amount == 0 or counted == 0:
        return []
    unit = product(part.flows[0].node.equation.returns, "m^2")
    negative, total = (convert(number, unit, component.unit) for number in (amount, _sum(basis, part, "sum")))
    share = area / counted
    printed: dict[str, Any] = {
        "total": total,
        "unit": Text(ucum(component.unit), unit_name(ucum(component.unit), "zh")),
        "area_share": share,
    }
    if component.clip == "cell":
        of_component: dict[str, Any] = {"component": said_of(component), "with_them": total + negative}
        return [problem("account.B03.clipped_cells", service_plan.id, share=share, **printed, **of_component)]
    has_switch = service_plan.service is not None and "negative" in service_plan.service.switches
    return [
        problem(
            "account.B03.negative_cells",
            service_plan.id,
            do=say("account.switch_of_negative", service=service_plan.id) if has_switch else None,
            share=share,
            negative=negative,
            without_them=total - negative,
            **printed,
        )
    ]


def _fallbacks(basis: Basis, part: ComponentPlan) -> dict[Fallback, float]:
    """The area where a class took a value that is not its own."""
    areas: dict[Fallback, float] = {}
    for pair, rows in part.found.items():
        area = _area_of(basis, pair)
        for found in rows:
            if found.is_fallback and area > 0:
                areas[Fallback(*pair, found.row.id)] = area
    return areas


# money ----------------------------------------------------------------------------------------------------------------


def _prices(
    basis: Basis, component: CellComponent, entries: Iterable[Entry]
) -> tuple[dict[Key, Result | None], dict[Key, Sequence[str]]]:
    """The price of every entry, and what is lacking where there is none. Under a physical profile there are none."""
    prices: dict[Key, Result | None] = {}
    lacking: dict[Key, Sequence[str]] = {}
    if not basis.is_priced or component.money is None:
        return prices, lacking
    for entry in entries:
        key = entry.zone, entry.ecosystem, entry.land_class
        place = Place(entry.zone, entry.ecosystem, entry.land_class.replace(NONE, ""))
        prices[key], lacking[key] = basis.numbers.price(component, place)
    return prices, lacking


def check_prices(basis: Basis, part: ComponentPlan, component: CellComponent) -> list[Problem]:
    """What lacks for a price on land that was seen: that of a class, unless a table gives one of a zone."""
    if not basis.is_priced or component.money is None:
        return []
    area = basis.sums.area
    unpriced: dict[str, None] = {}
    for c, pair in enumerate(basis.plan.classes):
        if not area[:, c].any() or not any(flow.is_counted[c] for flow in part.flows):
            continue
        if basis.numbers.price(component, Place(CITY, *pair))[0] is None:
            there = [zone for zone, of_zone in zip(basis.zones, area, strict=True) if of_zone[c] > 0]
            unpriced |= dict.fromkeys(
                name for zone in there for name in basis.numbers.price(component, Place(zone.code, *pair))[1]
            )
    return _no_price(unpriced)


def _no_price(lacking: Iterable[str]) -> list[Problem]:
    return [problem("account.C04.no_price", name) for name in lacking]


def _valued(basis: Basis, component: CellComponent, entry: Entry, prices: Mapping[Key, Result | None]) -> Entry:
    """An entry with its price and value, where it is counted and there is one."""
    price = prices.get((entry.zone, entry.ecosystem, entry.land_class))
    money = component.money
    if price is None or money is None or not entry.is_counted:
        return entry
    rows = [found.row for found in price.found]
    return replace(
        entry,
        price=price.amount,
        price_unit=money.price_unit,
        price_year=price.price_year,
        value=None if entry.quantity is None else value_of(component, entry.quantity, price.amount),
        price_basis=basis.price_basis,
        price_concept=money.concept,
        coefficients=(*entry.coefficients, *(row.id for row in rows)),
        is_provisional=entry.is_provisional or any(row.status == "provisional" for row in rows),
    )
