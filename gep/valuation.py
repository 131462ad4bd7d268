"""From sums to entries: physical quantities, rules on totals, prices, values, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gep.account import CITY, NONE, UNALLOCATED, About, Account, Entry, Missing
from gep.catalog import Component, ProductKind, Service
from gep.coefficients import Coefficient, Found, PriceIndex, moved_price, price_index
from gep.engine import Flow, Sums
from gep.errors import CoefficientError, InputError, Problem
from gep.opening import NO_LAND_COVER, Opened
from gep.passes import cap, clip
from gep.planning import Planned, PlannedComponent, PlannedService
from gep.profile import Rule
from gep.tables import Statistic, in_unit, item_by_zone, product_unit
from gep.units import convert, product, ucum
from gep.wiring import coefficients_of, derivations_of

_ECOSYSTEM_OF_PRODUCTS = {
    "crop_products": "cropland",
    "forestry_products": "forest",
    "livestock_products": "grassland",
    "fishery_products": "wetland",
}


@dataclass(frozen=True)
class Valued:
    """The entries of one service, how much of its area they rest on, and the rows of data behind them."""

    entries: tuple[Entry, ...]
    coverage: float | None
    area: float
    missing: Missing | None
    used: tuple[Found, ...] = ()
    fallback_area: Mapping[str, float] | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Price:
    """The unit price of a component in the money of the price year, and the row that it comes from."""

    amount: float
    unit: str
    found: Found


def make_account(planned: Planned, opened: Opened, sums: Sums, about: Mapping[str, Any]) -> tuple[Account, list[Valued]]:
    """The account of a pass over the grid. `about` carries what the study says beside the figures."""
    valuer = _Valuer(planned, opened, sums)
    valued = [valuer.service(service) for service in planned.services]
    entries = [*valuer.areas(), *(entry for v in valued for entry in v.entries)]
    missing = tuple(v.missing for v in valued if v.missing)
    return Account(entries, About(missing=missing, **about)), valued


class _Valuer:
    def __init__(self, planned: Planned, opened: Opened, sums: Sums) -> None:
        self.planned, self.opened, self.sums = planned, opened, sums
        self.plan = planned.plan
        self.zones = self.plan.zones.zones
        self.is_priced = opened.profile.kind == "monetary"

    def areas(self) -> Iterable[Entry]:
        """One entry per zone, ecosystem and class that occurs."""
        for z, zone in enumerate(self.zones):
            for c, (ecosystem, land_class) in enumerate(self.plan.classes):
                if self.sums.area[z, c] > 0:
                    yield Entry(zone.code, zone.name, ecosystem, land_class or NONE, quantity=float(self.sums.area[z, c]), unit="m^2")

    def service(self, planned: PlannedService) -> Valued:
        """Entries of one service, and why it is missing where it is."""
        if planned.service is None or planned.reason in ("off", "no_equation") or not planned.is_applicable:
            is_needed = planned.rule.is_required and planned.is_applicable and self._occurs(planned.rule)
            missing = Missing(planned.id, planned.reason, planned.detail, is_needed) if planned.reason else None
            return Valued((), None, 0.0, missing)
        if planned.service.products:
            return self._products(planned, planned.service)
        parts = [self._component(planned, planned.service, component) for component in planned.components]
        return self._joined(planned, parts)

    def _occurs(self, rule: Rule, component: str | None = None) -> bool:
        """Whether any class that the rule counts (for one component, or for any) has area in the city."""
        present = [pair for c, pair in enumerate(self.plan.classes) if self.sums.area[:, c].sum() > 0]
        components = ("", *rule.components) if component is None else (component,)
        return any(rule.counted(*pair, component) == "counted" for pair in present if pair != NO_LAND_COVER for component in components)

    def _joined(self, planned: PlannedService, parts: Sequence[Valued]) -> Valued:
        """The components of a service as one: it covers as much as the least of them."""
        shares = [part.coverage for part in parts if part.coverage is not None]
        coverage = min(shares, default=None)
        area = max((part.area for part in parts), default=0.0)
        missing = next((part.missing for part in parts if part.missing), None)
        lacking = [detail for part in planned.components if self._occurs(planned.rule, part.component.id) for detail in part.lacking]
        if lacking:
            missing = Missing(planned.id, "no_input", "; ".join(dict.fromkeys(lacking)), planned.rule.is_required)
        fallback: dict[str, float] = {}
        for part in parts:
            for key, value in (part.fallback_area or {}).items():
                fallback[key] = max(fallback.get(key, 0.0), value)
        return Valued(
            tuple(entry for part in parts for entry in part.entries),
            coverage,
            area,
            missing,
            tuple(dict.fromkeys(found for part in parts for found in part.used)),
            fallback,
            tuple(problem for part in parts for problem in part.problems),
        )

    # physical flows ---------------------------------------------------------------------------------------------------------------

    def _component(self, planned: PlannedService, service: Service, part: PlannedComponent) -> Valued:
        rule, component = planned.rule, part.component
        limits, found, incomplete = self._limits(service, component, rule)
        if not part.flows:
            entries = self._emissions(planned, component, limits) if component.limit and component.density is None else []
            priced, used, problems = self._price(rule, component, entries)
            return Valued(tuple(priced), None, 0.0, incomplete, tuple(used), problems=(*found, *problems))
        entries = [entry for flow in part.flows for entry in self._integrals(planned, part, flow)]
        if component.limit:
            entries = cap(entries, service.id, component.id, limits)
        if component.clip:
            entries = clip(entries, service.id, component.id)
        entries, used, problems = self._price(rule, component, entries)
        counted = math.fsum(float(self.sums.area[:, flow.is_counted].sum()) for flow in part.flows)
        valid = self._sum(part, "valid")
        coverage = min(1.0, valid / counted) if counted > 0 else None
        missing = self._why_missing(planned, part, counted, valid) or incomplete
        is_counted = any(entry.is_counted for entry in entries)
        if is_counted:
            used += [row for pair, rows in part.found.items() for row in rows if self._area_of(pair) > 0]
        problems += [*found, *self._negative(service, part, counted)]
        if is_counted:
            problems += self._no_coefficient(service, part, counted)
        fallbacks = self._fallbacks(part) if is_counted else {}
        return Valued(tuple(entries), coverage, counted, missing, tuple(used), fallbacks, tuple(problems))

    def _limits(self, service: Service, component: Component, rule: Rule) -> tuple[dict[str, float], list[Problem], Missing | None]:
        """What each zone (or `_city` alone) limits a component to, and which zones do not say."""
        if not component.limit:
            return {}, [], None
        limits = item_by_zone(self.opened.statistics, component.limit)
        by_zone = {zone: limit for zone, limit in limits.items() if zone != CITY}
        if CITY in limits and not by_zone:
            return limits, [], None
        repeats = [_repeat(component.limit)] if CITY in limits else []
        without = [zone.name or zone.code for zone in self.zones if zone.code not in by_zone and zone.code != UNALLOCATED]
        if not by_zone or not without:
            return by_zone, repeats, None
        message = f"{', '.join(without)} report no {component.limit}: what is removed there is not counted."
        do = "Add the rows, or report one figure for `_city`."
        problem = Problem("O02", "warning", service.id, message, "tables", f"{len(without)} zones without", "", do)
        return by_zone, [*repeats, problem], Missing(service.id, "no_input", message, rule.is_required)

    def _sum(self, part: PlannedComponent, statistic: str) -> float:
        """A statistic of all flows of a component over all zones and classes, exactly rounded."""
        return math.fsum(value for flow in part.flows for value in self.sums.of(flow, statistic).ravel().tolist())

    def _area_of(self, pair: tuple[str, str]) -> float:
        return float(self.sums.area[:, self.plan.classes.index(pair)].sum())

    def _integrals(self, planned: PlannedService, part: PlannedComponent, flow: Flow) -> list[Entry]:
        """One entry per zone and counted class that occurs, with the integral of the density; None where no cell is valid."""
        component = part.component
        unit_of_sum = product(flow.node.equation.returns, "m^2")
        total, valid = self.sums.of(flow, "sum"), self.sums.of(flow, "valid")
        is_estimated = any(d.is_provisional for d in derivations_of(flow.node))
        entries = []
        for z, zone in enumerate(self.zones):
            for c, (ecosystem, land_class) in enumerate(self.plan.classes):
                area = float(self.sums.area[z, c])
                if not flow.is_counted[c] or area == 0:
                    continue
                quantity = convert(float(total[z, c]), unit_of_sum, component.unit) if valid[z, c] > 0 else None
                entries.append(
                    Entry(
                        zone.code,
                        zone.name,
                        ecosystem,
                        land_class or NONE,
                        planned.rule.category,
                        planned.id,
                        component.id,
                        quantity,
                        component.unit,
                        supply_basis="realised",
                        coverage=min(1.0, float(valid[z, c]) / area),
                        method=_method(planned, flow.node.equation.name),
                        clause=planned.rule.clause,
                        coefficients=tuple(found.row.id for found in part.found.get((ecosystem, land_class), ())),
                        derivations=tuple(d.equation.name for d in derivations_of(flow.node)),
                        is_estimated=is_estimated,
                        is_provisional=any(f.row.status == "provisional" for f in part.found.get((ecosystem, land_class), ())),
                    )
                )
        return entries

    def _emissions(self, planned: PlannedService, component: Component, limits: Mapping[str, float]) -> list[Entry]:
        """Entries that equal what is emitted, of no ecosystem in particular."""
        names = {zone.code: zone.name for zone in self.zones}
        return [
            Entry(
                zone,
                names.get(zone, ""),
                NONE,
                NONE,
                planned.rule.category,
                planned.id,
                component.id,
                amount,
                component.unit,
                supply_basis="realised",
                coverage=1.0,
                method=_method(planned, component.limit),
                clause=planned.rule.clause,
            )
            for zone, amount in limits.items()
        ]

    def _why_missing(self, planned: PlannedService, part: PlannedComponent, counted: float, valid: float) -> Missing | None:
        if counted == 0 or valid / counted >= self.opened.profile.min_coverage:
            return None
        without = self._without_coefficient(part)
        has_inputs = self._sum(part, "inputs")
        where = f"{part.component.id}: " if len(planned.components) > 1 else ""
        if without and has_inputs / counted >= self.opened.profile.min_coverage:
            detail = f"{where}no coefficient for {', '.join(without)}; the rest is {valid / counted:.1%} of the area that counts"
            return Missing(planned.id, "no_coefficient", detail, planned.rule.is_required)
        detail = f"{where}valid inputs cover {valid / counted:.1%} of the area that counts ({self.opened.profile.min_coverage:.0%} needed)"
        if without:
            detail += f"; no coefficient for {', '.join(without)}"
        return Missing(planned.id, "low_coverage", detail, planned.rule.is_required)

    def _without_coefficient(self, part: PlannedComponent) -> list[str]:
        """The classes that have their layers and lack a coefficient; with the regions for which there is one."""
        named = []
        for c, pair in enumerate(self.plan.classes):
            for flow in part.flows:
                if flow.is_counted[c] and self.sums.of(flow, "inputs")[:, c].sum() > 0 and self.sums.of(flow, "valid")[:, c].sum() == 0:
                    needed = set(coefficients_of(flow.node, {}))
                    rows = [
                        row
                        for row in self.opened.coefficients.rows
                        if row.name in needed and (row.ecosystem, row.land_class) == pair and row.region
                    ]
                    regions = ", ".join(dict.fromkeys(row.region for row in rows))
                    named.append(
                        "/".join(name for name in pair if name)
                        + (f" (rows for the regions {regions}: set `region` in [study])" if regions else "")
                    )
        return named

    def _no_coefficient(self, service: Service, part: PlannedComponent, counted: float) -> list[Problem]:
        without = self._without_coefficient(part)
        if not without or counted == 0:
            return []
        message = f"{part.component.id}: no coefficient for {', '.join(without)}; this land is missing, not zero."
        return [Problem("C12", "warning", service.id, message, do="Give the rows under [coefficients].")]

    def _negative(self, service: Service, part: PlannedComponent, counted: float) -> list[Problem]:
        amount, area = self._sum(part, "negative"), self._sum(part, "negative_area")
        if amount == 0 or counted == 0:
            return []
        unit = product(part.flows[0].node.equation.returns, "m^2")
        negative, total = (convert(number, unit, part.component.unit) for number in (amount, self._sum(part, "sum")))
        printed = ucum(part.component.unit)
        message = f"The total of {total:,.4g} {printed} holds negative cells of {negative:,.4g}; without them it would be {total - negative:,.4g}."
        do = f"The switch {service.id}.negative says what becomes of them." if "negative" in service.switches else ""
        return [Problem("B03", "warning", service.id, message, "", f"{area / counted:.1%} of the area that counts", "", do, area / counted)]

    def _fallbacks(self, part: PlannedComponent) -> dict[str, float]:
        """Area by "class <- row" where a class took a value that is not its own."""
        areas: dict[str, float] = {}
        for pair, rows in part.found.items():
            area = self._area_of(pair)
            for found in rows:
                if found.is_fallback and area > 0:
                    areas[f"{'/'.join(n for n in pair if n)} <- {found.row.id}"] = area
        return areas

    # money -----------------------------------------------------------------------------------------------------------------------------

    def _price(self, rule: Rule, component: Component, entries: list[Entry]) -> tuple[list[Entry], list[Found], list[Problem]]:
        """Put price and value to entries. Under a physical profile there are none."""
        if not self.is_priced or component.value is None:
            return entries, [], []
        priced, used, problems = [], {}, {}
        for entry in entries:
            if not entry.is_counted:
                priced.append(entry)
                continue
            ecosystem = "" if entry.ecosystem == NONE else entry.ecosystem
            land_class = "" if entry.land_class == NONE else entry.land_class
            price = price_of(self.opened, component, ecosystem, land_class)
            if price is None:
                problems[component.price] = Problem(
                    "C04",
                    "warning",
                    component.price,
                    "There is no price: the quantity has no value.",
                    "",
                    "no row",
                    "",
                    "Give one under [coefficients].",
                )
                priced.append(entry)
                continue
            used[price.found.row.id] = price.found
            row = price.found.row
            if row.price_year not in (None, self.opened.price_year) and row.name in self.opened.profile.unmoved_prices:
                message = f"The price is of {row.price_year} and is not moved to {self.opened.price_year}: tariffs do not follow an index."
                do = "Give the tariff of the price year under [coefficients]."
                found_text = f"{row.value:g} {row.unit}"
                problems[row.name] = Problem("P04", "warning", row.name, message, row.place, found_text, str(self.opened.price_year), do)
            priced.append(self._valued(entry, component, price))
        return priced, list(used.values()), list(problems.values())

    def _valued(self, entry: Entry, component: Component, price: Price) -> Entry:
        assert component.value is not None
        opened, row = self.opened, price.found.row
        value = None
        if entry.quantity is not None:
            quantity = convert(entry.quantity, component.unit, component.value.units[component.quantity])
            value = float(component.value(**{component.quantity: quantity, component.price: price.amount}))
        basis = "current" if opened.price_year == opened.spec.year else f"constant:{opened.price_year}"
        return replace(
            entry,
            price=price.amount,
            price_unit=price.unit,
            price_year=row.price_year,
            value=value,
            price_basis=basis,
            price_concept=component.concept,
            coefficients=(*entry.coefficients, row.id),
            is_provisional=entry.is_provisional or row.status == "provisional",
        )

    # tables ---------------------------------------------------------------------------------------------------------------------------

    def _products(self, planned: PlannedService, service: Service) -> Valued:
        rows = [s for s in self.opened.statistics if s.service == service.id]
        if not rows:
            nothing = Missing(planned.id, planned.reason or "no_input", planned.detail, planned.rule.is_required)
            return Valued((), None, 0.0, nothing if self._occurs(planned.rule) else None)
        basis = planned.settings["valuation_basis"]
        entries: list[Entry] = []
        grouped, problems = _without_repeats(_grouped(rows))
        for (zone, item), members in grouped.items():
            entry, found = self._product(planned, service, zone, item, members, basis)
            entries.append(entry)
            problems += found
        covered = {e.zone for e in entries if e.value is not None or (not self.is_priced and e.quantity is not None)}
        zones = [zone for zone in self.zones if zone.code != UNALLOCATED]
        without = [] if CITY in covered else [zone.name or zone.code for zone in zones if zone.code not in covered]
        names = {zone.code: zone.name or zone.code for zone in self.zones}
        empty = [f"{e.component} in {names.get(e.zone, e.zone)}" for e in entries if (e.value if self.is_priced else e.quantity) is None]
        missing: Missing | None = None
        if empty:
            message = f"no value for {', '.join(empty)}"
            do = "Fill in quantity and price, or the value; write 0 where there is none."
            problems.append(
                Problem(
                    "O02",
                    "warning",
                    service.id,
                    f"The table is incomplete: {message}.",
                    "tables",
                    f"{len(empty)} of {len(entries)} rows",
                    "",
                    do,
                )
            )
            missing = Missing(planned.id, "no_input", message, planned.rule.is_required)
        if without:
            message = f"no figure for {', '.join(without)}"
            problems.append(
                Problem(
                    "O02",
                    "warning",
                    service.id,
                    f"The table is incomplete: {message}.",
                    "tables",
                    f"{len(without)} of {len(zones)} zones",
                    "",
                    "Add the rows; write 0 where there is none.",
                )
            )
            missing = Missing(planned.id, "no_input", message, planned.rule.is_required)
        incomplete = {e.zone for e in entries if (e.value if self.is_priced else e.quantity) is None}
        full = [
            zone for zone in zones if (zone.name or zone.code) not in without and zone.code not in incomplete and CITY not in incomplete
        ]
        coverage = len(full) / len(zones) if zones else None
        return Valued(tuple(entries), coverage, 0.0, missing, problems=tuple(problems))

    def _product(
        self, planned: PlannedService, service: Service, zone: str, item: str, members: Mapping[str, Statistic], basis: str
    ) -> tuple[Entry, list[Problem]]:
        names = {z.code: z.name for z in self.zones}
        quantity_row, price_row, value_row = members.get("quantity"), members.get("price"), members.get("value")
        quantity, unit, price, price_unit, value = None, "", None, "", None
        kind = _kind(service, quantity_row, price_row)
        problems: list[Problem] = []
        if quantity_row and kind:
            unit = kind.unit
            quantity = None if quantity_row.value is None else in_unit(quantity_row.value, quantity_row.unit, unit)
        if self.is_priced:
            if price_row and kind and price_row.value is not None:
                price_unit = kind.value.units[kind.value.arguments[1]]
                price = self._moved(convert(price_row.value, price_row.unit, price_unit), price_row)
                if quantity is not None:
                    value = float(kind.value(quantity, price))
            if value_row and value_row.value is not None and basis == "gross_output":
                reported = self._moved(in_unit(value_row.value, value_row.unit, "CNY/year"), value_row)
                problems = _compared(value, reported, service, value_row)
                value = reported
        years = {row.price_year for row in (price_row, value_row) if row and row.price_year}
        basis_text = "current" if self.opened.price_year == self.opened.spec.year else f"constant:{self.opened.price_year}"
        entry = Entry(
            zone,
            names.get(zone, ""),
            _ECOSYSTEM_OF_PRODUCTS[service.id],
            NONE,
            planned.rule.category,
            service.id,
            item.partition("/")[2] or service.id,
            quantity,
            unit,
            price,
            price_unit,
            max(years, default=None),
            value,
            price_basis=basis_text if self.is_priced else "",
            price_concept="market" if self.is_priced else "",
            supply_basis="realised",
            coverage=None,
            method=_method(planned, "reported" if value_row and basis == "gross_output" else kind.value.name if kind else "reported"),
            clause=planned.rule.clause,
        )
        return entry, problems

    def _moved(self, amount: float, row: Statistic) -> float:
        """A reported price or value in the money of the price year; taken as of the accounting year where the table does not say."""
        from_year = row.price_year or row.year or self.opened.spec.year
        if from_year == self.opened.price_year or not self.opened.profile.price_index:
            return amount
        try:
            return amount * price_index(self.opened.profile.price_index).factor(from_year, self.opened.price_year)
        except CoefficientError as error:
            raise InputError(
                "A price cannot be moved to the price year.", [Problem("C05", "error", row.item, error.message, row.place)]
            ) from error


def price_of(opened: Opened, component: Component, ecosystem: str, land_class: str) -> Price | None:
    """What a unit of a component is worth in a class, in the unit that its value equation declares; None where it has no price."""
    if component.value is None:
        return None
    found = opened.coefficients.lookup(component.price, ecosystem, land_class, opened.spec.region, opened.spec.year)
    if found is None:
        return None
    unit = component.value.units[component.price]
    return Price(moved_price(found.row, _index(opened, found.row), opened.price_year).to(unit), unit, found)


def _index(opened: Opened, row: Coefficient) -> PriceIndex | None:
    """The index that moves a price, or None where it stays as it is."""
    profile = opened.profile
    if not profile.price_index or row.name in profile.unmoved_prices or row.price_year == opened.price_year:
        return None
    try:
        index = price_index(profile.price_index)
        index.factor(row.price_year or 0, opened.price_year)
    except CoefficientError as error:
        raise InputError(
            "A price cannot be moved to the price year.", [Problem("C05", "error", row.name, error.message, row.place)]
        ) from error
    return index


def _method(planned: PlannedService, equation: str) -> str:
    """Equation and switches, as a result names its method."""
    switches = ";".join(f"{name}={option}" for name, option in planned.settings.items())
    return f"{equation}({switches})" if switches else equation


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
    repeated = [(zone, item) for zone, item in groups if zone == CITY and item in by_zone]
    problems = [_repeat(item) for _, item in repeated]
    return {key: members for key, members in groups.items() if key not in repeated}, problems


def _repeat(item: str) -> Problem:
    message = "Reported for the zones and for the whole area: only the zones are counted."
    return Problem("T08", "warning", item, message, "tables", do="Remove the `_city` rows.")


def _kind(service: Service, quantity: Statistic | None, price: Statistic | None) -> ProductKind | None:
    for kind in service.products:
        if quantity and product_unit(service.id, "quantity", quantity.unit) == kind.unit:
            return kind
        if not quantity and price and product_unit(service.id, "price", price.unit) == kind.value.units[kind.value.arguments[1]]:
            return kind
    return None


def _compared(computed: float | None, reported: float, service: Service, row: Statistic) -> list[Problem]:
    """A warning where quantity times price is not the reported value."""
    if computed is None or reported == 0 or abs(computed / reported - 1) <= 0.01:
        return []
    message = f"Quantity times price is {computed:,.0f} CNY; the reported value is {reported:,.0f} CNY. The reported value counts."
    return [
        Problem(
            "T07",
            "warning",
            row.item,
            message,
            row.place,
            f"{computed / reported - 1:+.1%}",
            "within 1 %",
            f"Correct the table, or set {service.id}.valuation_basis.",
        )
    ]
