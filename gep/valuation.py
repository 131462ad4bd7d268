"""From sums to entries: physical quantities, rules on totals, prices, values, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gep.account import CITY, NONE, UNALLOCATED, About, Account, Entry, Missing
from gep.catalog import Component, Service, label
from gep.coefficients import Found
from gep.engine import Flow, Sums
from gep.errors import Problem
from gep.opening import NO_LAND_COVER, Opened
from gep.passes import cap, clip, deduct
from gep.planning import Planned, PlannedComponent, PlannedService
from gep.products import product_entries, repeated
from gep.profile import Rule
from gep.tables import EXTERNAL, in_unit, item_by_zone, item_unit
from gep.totals import Place, Result, Unit, reported_units
from gep.units import convert, product, ucum
from gep.wiring import coefficients_of, derivations_of


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


def make_account(planned: Planned, opened: Opened, sums: Sums, about: Mapping[str, Any]) -> tuple[Account, list[Valued]]:
    """The account of a pass over the grid. `about` carries what the study says beside the figures."""
    valuer = _Valuer(planned, opened, sums)
    valued = [valuer.service(service) for service in planned.services]
    entries = [*valuer.areas(), *(entry for v in valued for entry in v.entries)]
    deducted, undeclared, problems = valuer.from_outside(valued)
    entries += deducted
    missing = tuple(m for m in (*(v.missing for v in valued), undeclared) if m)
    return Account(entries, About(missing=missing, problems=tuple(problems), **about)), valued


class _Valuer:
    def __init__(self, planned: Planned, opened: Opened, sums: Sums) -> None:
        self.planned, self.opened, self.sums = planned, opened, sums
        self.plan = planned.plan
        self.zones = self.plan.zones.zones
        self.numbers = opened.numbers
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

    def _occurs(self, rule: Rule, component: str | None = None, zone: int | None = None) -> bool:
        """Whether any class that the rule counts (for one component, or for any) has area in the city, or in a zone."""
        area = self.sums.area if zone is None else self.sums.area[zone : zone + 1]
        present = [pair for c, pair in enumerate(self.plan.classes) if area[:, c].sum() > 0]
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

    def from_outside(self, valued: Sequence[Valued]) -> tuple[list[Entry], Missing | None, list[Problem]]:
        """What comes from ecosystems outside the area, taken off where the profile asks for it; what is not declared."""
        if not (self.opened.profile.imports and self.is_priced):
            return [], None, []
        rows = [s for s in self.opened.statistics if s.item.startswith(f"{EXTERNAL}/") and s.value is not None]
        counted = {entry.service: entry for v in valued for entry in v.entries if entry.value is not None}
        deducted, problems = [], []
        for row in rows:
            service = row.item.partition("/")[2]
            amount = self.numbers.moved(in_unit(row.value or 0.0, row.unit, item_unit(row.item)), row)
            if service not in counted and amount:
                message = f"{label(service, 'en')} is not counted: nothing is taken off."
                problems.append(Problem("T12", "warning", row.item, message, row.place))
                continue
            if service in counted:
                name = next((zone.name for zone in self.zones if zone.code == row.zone), "")
                of_service = Entry(row.zone, name, NONE, NONE, counted[service].category, service, price_basis=self._basis)
                deducted.append(deduct(of_service, amount))
        zones = {row.zone for row in rows}
        without = [z.name or z.code for z in self.zones if z.code not in zones and z.code != UNALLOCATED] if CITY not in zones else []
        if not without:
            return deducted, None, problems
        detail = f"`{EXTERNAL}/<service>` is not declared for {', '.join(without)} (0 where nothing comes from outside the area)"
        return deducted, Missing(EXTERNAL, "no_input", detail), problems

    # physical flows ---------------------------------------------------------------------------------------------------------------

    def _component(self, planned: PlannedService, service: Service, part: PlannedComponent) -> Valued:
        rule, component = planned.rule, part.component
        if component.extent:
            return self._from_totals(planned, part)
        if not part.flows:
            return Valued((), None, 0.0, None)
        limits, found, incomplete = self._limits(service, component, rule)
        entries = [entry for flow in part.flows for entry in self._integrals(planned, part, flow)]
        if component.limit:
            entries = cap(entries, service.id, component.id, limits)
        if component.clip:
            entries = clip(entries, service.id, component.id)
        entries, used, problems = self._price(component, entries)
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
        repeats = [repeated(component.limit)] if CITY in limits else []
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

    # totals of accounting units -----------------------------------------------------------------------------------------------------------

    def _from_totals(self, planned: PlannedService, part: PlannedComponent) -> Valued:
        """A component whose quantity is a figure of the tables, or what an equation makes of totals, unit by unit."""
        component, rule = part.component, planned.rule
        units = self._units(component)
        incomplete, problems = self._zones_without(planned, component, units)
        rows: dict[tuple[str, str, str], list[tuple[float, Result | None, str]]] = {}
        used: dict[str, Found] = {}
        lacking: dict[str, str] = {}
        names = {zone.code: zone.name for zone in self.zones}
        ecosystem, land_class = self._only_cell(rule, component.id)
        for unit in units:
            zone = unit.zones[0] if len(unit.zones) == 1 else ""
            place = Place(zone, ecosystem, land_class, unit.name if component.per == "feature" else "")
            quantity, found, missed = self._quantity(component, unit, place)
            used |= {row.row.id: row for row in found}
            where = names.get(unit.name) or unit.name
            lacking |= dict.fromkeys(missed, where)
            extent = math.fsum(unit.parts.values())
            for (zone_of_part, *pair), amount in unit.parts.items():
                share = amount / extent if extent else 1 / len(unit.parts)
                for (of_ecosystem, of_class), weight in self._attributed(rule, component, zone_of_part, pair).items():
                    of_part = replace(
                        place, zone=zone_of_part, ecosystem=of_ecosystem.replace(NONE, ""), land_class=of_class.replace(NONE, "")
                    )
                    price, unpriced = self._unit_price(component, of_part)
                    lacking |= dict.fromkeys(unpriced, where)
                    used |= {row.row.id: row for row in (price.found if price else ())}
                    if quantity is not None:
                        rows.setdefault((zone_of_part, of_ecosystem, of_class), []).append((quantity * share * weight, price, unit.name))
                    else:
                        rows.setdefault((zone_of_part, of_ecosystem, of_class), []).append((math.nan, price, unit.name))
        entries = [
            self._entry_of_units(planned, component, key, names.get(key[0], ""), parts, tuple(used.values())) for key, parts in rows.items()
        ]
        if lacking:
            what = ", ".join(f"`{name}` ({where})" for name, where in sorted(lacking.items()))
            message = f"{component.id}: {what} is not given; what rests on it has no figure."
            problems.append(
                Problem("O02", "warning", planned.id, message, "tables", do="Add it to the tables, or give it under [coefficients].")
            )
            incomplete = Missing(planned.id, "no_input", message, rule.is_required)
        problems += self._unmoved(used.values())
        return Valued(tuple(entries), None, 0.0, incomplete, tuple(used.values()), problems=tuple(problems))

    def _units(self, component: Component) -> list[Unit]:
        """The accounting units of a component: those of the tables, else the connected patches of its classes."""
        reported = reported_units(self.opened.statistics, component)
        if reported or not component.patches:
            return reported
        scale = convert(1.0, "m^2", item_unit(component.extent))
        units = []
        for patch in self.sums.patches.get(component.patches, ()):
            parts: dict[tuple[str, str, str], float] = {}
            for group, area in patch.parts.items():
                zone, position = divmod(group, len(self.plan.classes))
                parts[self.zones[zone].code, *self.plan.classes[position]] = area * scale
            units.append(Unit(patch.name, parts))
        if component.per == "all" and units:
            merged: dict[tuple[str, str, str], list[float]] = {}
            for unit in units:
                for key, extent in unit.parts.items():
                    merged.setdefault(key, []).append(extent)
            return [Unit("_all", {key: math.fsum(extents) for key, extents in merged.items()})]
        return units

    def _quantity(self, component: Component, unit: Unit, place: Place) -> tuple[float | None, tuple[Found, ...], list[str]]:
        """The quantity of a unit in the unit of the component; the rows it rests on; what is lacking."""
        extent = math.fsum(unit.parts.values())
        of_item = item_unit(component.extent)
        if component.total is None:
            return convert(extent, of_item, component.unit), (), []
        renames = {argument: component.wiring.get(argument, argument) for argument in component.total.units}
        given = {
            argument: convert(extent, of_item, component.total.units[argument])
            for argument, name in renames.items()
            if name == component.extent
        }
        for argument, equation in component.series.items():
            if self.numbers.number(argument, component.total.units[argument], place) is None:
                made = self.numbers.series(equation, unit.name)
                given |= {argument: made} if made is not None else {}
        result, lacking = self.numbers.result(component.total, place, given, renames)
        if result is None:
            return None, (), lacking
        return convert(result.amount, component.total.returns, component.unit), result.found, []

    def _unit_price(self, component: Component, place: Place) -> tuple[Result | None, list[str]]:
        if not self.is_priced or component.value is None:
            return None, []
        return self.numbers.price(component, place)

    def _entry_of_units(
        self,
        planned: PlannedService,
        component: Component,
        key: tuple[str, str, str],
        zone_name: str,
        parts: Sequence[tuple[float, Result | None, str]],
        used: tuple[Found, ...],
    ) -> Entry:
        """The units of a zone and class as one entry; its price is the mean where they differ in price."""
        zone, ecosystem, land_class = key
        quantities = [quantity for quantity, _, _ in parts]
        quantity = None if any(math.isnan(q) for q in quantities) else math.fsum(quantities)
        how = component.total.name if component.total else component.extent
        entry = Entry(
            zone,
            zone_name,
            ecosystem,
            land_class or NONE,
            planned.rule.category,
            planned.id,
            component.id,
            quantity,
            component.unit,
            supply_basis="realised",
            method=_method(planned, how),
            clause=planned.rule.clause,
            coefficients=tuple(found.row.id for found in used),
            is_provisional=any(found.row.status == "provisional" for found in used),
        )
        if not self.is_priced or component.value is None:
            return entry
        values = [
            None if price is None or math.isnan(quantity) else self._value(component, quantity, price.amount)
            for quantity, price, _ in parts
        ]
        known = [value for value in values if value is not None]
        prices = {price.amount for _, price, _ in parts if price is not None}
        unit_price = None
        if len(prices) == 1:
            (unit_price,) = prices
        elif prices and quantity:
            in_value_unit = convert(quantity, component.unit, component.value.units[component.quantity])
            unit_price = math.fsum(known) / in_value_unit
        return replace(
            entry,
            price=unit_price,
            price_unit=component.value.units[component.price],
            price_year=max((price.price_year for _, price, _ in parts if price and price.price_year), default=None),
            value=math.fsum(known) if len(known) == len(values) else None,
            price_basis=self._basis,
            price_concept=component.concept,
        )

    def _zones_without(self, planned: PlannedService, component: Component, units: Sequence[Unit]) -> tuple[Missing | None, list[Problem]]:
        """The zones that hold what a component is counted for and report nothing."""
        reporting = {zone for unit in units for zone in unit.zones}
        rows = [s for s in self.opened.statistics if s.item.partition("/")[0] == component.extent]
        problems = [repeated(component.extent)] if CITY not in reporting and any(s.zone == CITY for s in rows) else []
        if component.per == "feature" and any(s.item == component.extent for s in rows):
            message = f"{component.id}: `{component.extent}` is reported without the names of its parts, each of which is computed alone."
            do = f"Write one row per part, `{component.extent}/<name>`, or choose a method that takes them together."
            problems.append(Problem("O02", "warning", planned.id, message, rows[0].place, component.extent, "", do))
            return Missing(planned.id, "no_input", message, planned.rule.is_required), problems
        if component.per == "feature" or not units or CITY in reporting:
            return None, problems
        without = [
            zone.name or zone.code
            for z, zone in enumerate(self.zones)
            if zone.code not in reporting and zone.code != UNALLOCATED and self._occurs(planned.rule, component.id, z)
        ]
        if not without:
            return None, problems
        message = f"{component.id}: {', '.join(without)} report no {component.extent}."
        do = "Add the rows (0 where there is none), or report one figure for `_city`."
        problems.append(Problem("O02", "warning", planned.id, message, "tables", f"{len(without)} zones without", "", do))
        return Missing(planned.id, "no_input", message, planned.rule.is_required), problems

    def _only_cell(self, rule: Rule, component: str) -> tuple[str, str]:
        """The ecosystem and class that a component is counted for, as far as there is only one."""
        cells = rule.cells(component)
        ecosystems = {cell.partition("/")[0] for cell in cells}
        if len(ecosystems) != 1:
            return "", ""
        return ecosystems.pop(), cells[0].partition("/")[2] if len(cells) == 1 else ""

    def _attributed(self, rule: Rule, component: Component, zone: str, pair: Sequence[str]) -> dict[tuple[str, str], float]:
        """Which ecosystems a total belongs to: the one it is counted for; of several, by their areas in the zone; `_none` where there are none."""
        if pair[0]:
            return {(pair[0], pair[1] or NONE): 1.0}
        ecosystem, land_class = self._only_cell(rule, component.id)
        if ecosystem:
            return {(ecosystem, land_class or NONE): 1.0}
        rows = [z for z, known in enumerate(self.zones) if zone in (known.code, CITY)]
        areas: dict[str, list[float]] = {}
        for position, pair_of_class in enumerate(self.plan.classes):
            if pair_of_class != NO_LAND_COVER and rule.counted(*pair_of_class, component.id):
                areas.setdefault(pair_of_class[0], []).extend(float(self.sums.area[z, position]) for z in rows)
        sizes = {name: math.fsum(parts) for name, parts in areas.items() if math.fsum(parts) > 0}
        whole = math.fsum(sizes.values())
        return {(name, NONE): size / whole for name, size in sizes.items()} or {(NONE, NONE): 1.0}

    # money -----------------------------------------------------------------------------------------------------------------------------

    @property
    def _basis(self) -> str:
        return "current" if self.opened.price_year == self.opened.spec.year else f"constant:{self.opened.price_year}"

    def _value(self, component: Component, quantity: float, price: float) -> float:
        assert component.value is not None
        amount = convert(quantity, component.unit, component.value.units[component.quantity])
        return float(component.value.fn(**{component.quantity: amount, component.price: price}))

    def _price(self, component: Component, entries: list[Entry]) -> tuple[list[Entry], list[Found], list[Problem]]:
        """Put price and value to entries. Under a physical profile there are none."""
        if not self.is_priced or component.value is None:
            return entries, [], []
        priced: list[Entry] = []
        used: dict[str, Found] = {}
        problems: dict[str, Problem] = {}
        for entry in entries:
            if not entry.is_counted:
                priced.append(entry)
                continue
            price, lacking = self.numbers.price(component, Place(entry.zone, entry.ecosystem, entry.land_class.replace(NONE, "")))
            for name in lacking:
                message = "There is no price: the quantity has no value."
                problems[name] = Problem("C04", "warning", name, message, "", "no row", "", "Give one under [coefficients].")
            if price is None:
                priced.append(entry)
                continue
            used |= {found.row.id: found for found in price.found}
            priced.append(self._valued(entry, component, price))
        return priced, list(used.values()), [*problems.values(), *self._unmoved(used.values())]

    def _unmoved(self, used: Iterable[Found]) -> list[Problem]:
        """Tariffs of another year than the prices of the account."""
        problems = []
        for row in (found.row for found in used):
            if row.price_year not in (None, self.opened.price_year) and row.name in self.opened.profile.unmoved_prices:
                message = f"The price is of {row.price_year} and is not moved to {self.opened.price_year}: tariffs do not follow an index."
                do = "Give the tariff of the price year under [coefficients]."
                found_text = f"{row.value:g} {row.unit}"
                problems.append(Problem("P04", "warning", row.name, message, row.place, found_text, str(self.opened.price_year), do))
        return problems

    def _valued(self, entry: Entry, component: Component, price: Result) -> Entry:
        assert component.value is not None
        rows = [found.row for found in price.found]
        return replace(
            entry,
            price=price.amount,
            price_unit=component.value.units[component.price],
            price_year=price.price_year,
            value=None if entry.quantity is None else self._value(component, entry.quantity, price.amount),
            price_basis=self._basis,
            price_concept=component.concept,
            coefficients=(*entry.coefficients, *(row.id for row in rows)),
            is_provisional=entry.is_provisional or any(row.status == "provisional" for row in rows),
        )

    # tables ---------------------------------------------------------------------------------------------------------------------------

    def _products(self, planned: PlannedService, service: Service) -> Valued:
        rows = [s for s in self.opened.statistics if s.service == service.id]
        if not rows:
            nothing = Missing(planned.id, planned.reason or "no_input", planned.detail, planned.rule.is_required)
            return Valued((), None, 0.0, nothing if self._occurs(planned.rule) else None)
        names = {zone.code: zone.name for zone in self.zones}
        ecosystem, _ = self._only_cell(planned.rule, "")
        about = Entry("", "", ecosystem or NONE, NONE, planned.rule.category, service.id, clause=planned.rule.clause)
        entries, problems = product_entries(service, about, planned.settings["valuation_basis"], self.numbers, names, self._basis)
        entries = [replace(entry, method=_method(planned, entry.method)) for entry in entries]
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


def _method(planned: PlannedService, equation: str) -> str:
    """Equation and switches, as a result names its method."""
    switches = ";".join(f"{name}={option}" for name, option in planned.settings.items())
    return f"{equation}({switches})" if switches else equation
