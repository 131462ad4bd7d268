"""What a component provides by accounting units that are no cells: zones that report it, features, connected patches.

Beside it stands what every valuation of a study shares: where an ecosystem occurs, what it is worth, what its rows of
data are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gep.account.entries import Entry, Missing
from gep.account.products import repeated
from gep.core.catalog import Component, ComponentOfUnits, ReportedComponent, UnitComponent
from gep.core.errors import Problem
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.core.units import convert
from gep.engine.sums import Sums
from gep.inputs.items import SITE_AREA, item_unit
from gep.inputs.numbers import Place, Result
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.plan.planner import PlannedComponent, PlannedService, StudyPlan
from gep.plan.units import Unit, reported_units
from gep.standards.coefficients import Found
from gep.standards.rules import Rule


@dataclass(frozen=True)
class ServiceFigures:
    """The entries of one service, how much of its area they rest on, and the rows of data behind them."""

    entries: tuple[Entry, ...]
    coverage: float | None
    area: float
    missing: Missing | None
    used: tuple[Found, ...] = ()
    fallback_area: Mapping[str, float] | None = None
    problems: tuple[Problem, ...] = ()


Key = tuple[str, str, str]
"""Zone, ecosystem and class of an entry."""


@dataclass(frozen=True)
class _Share:
    """What a unit contributes to an entry: its part of the quantity, None where that is not known, and the price of the
    unit.
    """

    quantity: float | None
    price: Result | None


class Valuation:
    """A study after the pass over its grid."""

    def __init__(self, planned: StudyPlan, opened: Inputs, sums: Sums) -> None:
        self.planned, self.opened, self.sums = planned, opened, sums
        self.plan = planned.plan
        self.zones = self.plan.zones.zones
        self.numbers = opened.numbers
        self.is_priced = opened.profile.kind == "monetary"

    def occurs(self, rule: Rule, component: str | None = None, zone: int | None = None) -> bool:
        """Whether any class that the rule counts (for one component, or for any) has area in the city, or in a zone."""
        area = self.sums.area if zone is None else self.sums.area[zone : zone + 1]
        present = [pair for c, pair in enumerate(self.plan.classes) if area[:, c].sum() > 0]
        components = ("", *rule.components) if component is None else (component,)
        return any(
            rule.counted(*pair, component) == "counted"
            for pair in present
            if pair != NO_LAND_COVER
            for component in components
        )

    @property
    def price_basis(self) -> str:
        return "current" if self.opened.price_year == self.opened.spec.year else f"constant:{self.opened.price_year}"

    def value_of(self, component: Component, quantity: float, price: float) -> float:
        money = component.money
        assert money is not None
        amount = convert(quantity, component.unit, money.value.units[component.quantity])
        return float(money.value.fn(**{component.quantity: amount, money.price: price}))

    def unmoved(self, used: Iterable[Found]) -> list[Problem]:
        """Tariffs of another year than the prices of the account."""
        problems = []
        for row in (found.row for found in used):
            if row.price_year not in (None, self.opened.price_year) and row.name in self.opened.profile.unmoved_prices:
                message = (
                    f"The price is of {row.price_year} and is not moved to {self.opened.price_year}: tariffs do not "
                    "follow an index."
                )
                do = "Give the tariff of the price year under [coefficients]."
                found_text = f"{row.value:g} {row.unit}"
                problems.append(
                    Problem("P04", "warning", row.name, message, row.place, found_text, str(self.opened.price_year), do)
                )
        return problems

    # totals of accounting units ---------------------------------------------------------------------------------------

    def from_totals(self, planned: PlannedService, part: PlannedComponent) -> ServiceFigures:
        """A component whose quantity is a figure of the tables, or what an equation makes of totals, unit by unit."""
        component, rule = part.component, planned.rule
        assert isinstance(component, ComponentOfUnits)
        units = self.units(component)
        incomplete, problems = self._zones_without(planned, component, units)
        shares: dict[Key, list[_Share]] = {}
        used: dict[str, Found] = {}
        lacking: dict[str, dict[str, None]] = {}
        names = {zone.code: zone.name for zone in self.zones}
        for unit in units:
            place = self.place_of(rule, component, unit)
            made, missed = self.quantity(component, unit, place)
            quantity = made.amount if made else None
            used |= {row.row.id: row for row in (made.found if made else ())}
            for key, share in self.shares(rule, component, unit).items():
                price, unpriced = self.unit_price(component, price_place(place, key))
                used |= {row.row.id: row for row in (price.found if price else ())}
                missed = [*missed, *unpriced]
                shares.setdefault(key, []).append(_Share(None if quantity is None else quantity * share, price))
            for name in missed:
                lacking.setdefault(name, {})[names.get(unit.name) or unit.name] = None
        rows = tuple(used.values())
        entries = [
            self._entry(planned, component, key, names.get(key[0], ""), parts, rows) for key, parts in shares.items()
        ]
        if lacking:
            what = "; ".join(f"`{name}` for {', '.join(where)}" for name, where in sorted(lacking.items()))
            message = f"{component.id}: not given: {what}. What rests on it has no figure."
            do = "Add it to the tables, or give it under [coefficients]."
            problems.append(Problem("O02", "warning", planned.id, message, "tables", do=do))
            incomplete = Missing(planned.id, "no_input", message, rule.is_required)
        coverage, area = self._covered(rule, component, units)
        least = self.opened.profile.min_coverage
        if coverage is not None and coverage < least and incomplete is None:
            message = (
                f"{component.id}: the {component.extent} that is reported is {coverage:.1%} of the land that counts "
                f"({least:.0%} needed)"
            )
            incomplete = Missing(planned.id, "low_coverage", message, rule.is_required)
        return ServiceFigures(
            tuple(entries), coverage, area, incomplete, rows, problems=(*problems, *self.unmoved(rows))
        )

    def place_of(self, rule: Rule, component: ComponentOfUnits, unit: Unit) -> Place:
        """For what the numbers of a unit are wanted."""
        zone = unit.zones[0] if len(unit.zones) == 1 else ""
        return Place(zone, *self.only_cell(rule, component.id), unit.name if component.per == "feature" else "")

    def _covered(self, rule: Rule, component: ComponentOfUnits, units: Sequence[Unit]) -> tuple[float | None, float]:
        """The share of the land that counts which the units of a component are, and that land; None where they need not
        be all of it.
        """
        counted = [
            c
            for c, pair in enumerate(self.plan.classes)
            if pair != NO_LAND_COVER and rule.counted(*pair, component.id) == "counted"
        ]
        area = math.fsum(self.sums.area[:, counted].ravel().tolist())
        if isinstance(component, ReportedComponent) or not component.covers or area == 0:
            return None, 0.0
        extent = math.fsum(amount for unit in units for amount in unit.parts.values())
        return min(1.0, convert(extent, item_unit(component.extent), "m^2") / area), area

    def shares(self, rule: Rule, component: ComponentOfUnits, unit: Unit) -> dict[Key, float]:
        """How a unit is spread over zones by its extent, and within them over the ecosystems that count."""
        extent = math.fsum(unit.parts.values())
        spread: dict[Key, float] = {}
        for (zone, *pair), amount in unit.parts.items():
            of_zone = amount / extent if extent else 1 / len(unit.parts)
            for ecosystem_and_class, weight in self._attributed(rule, component, zone, pair).items():
                key = (zone, *ecosystem_and_class)
                spread[key] = spread.get(key, 0.0) + of_zone * weight
        return spread

    def units(self, component: ComponentOfUnits) -> list[Unit]:
        """The accounting units of a component: those of the tables, else the connected patches of its classes."""
        reported = reported_units(self.opened.statistics, component)
        if reported or isinstance(component, ReportedComponent) or not component.patches:
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

    def quantity(self, component: ComponentOfUnits, unit: Unit, place: Place) -> tuple[Result | None, list[str]]:
        """The quantity of a unit in the unit of the component, with what it rests on; what is lacking."""
        extent = math.fsum(unit.parts.values())
        of_item = item_unit(component.extent)
        if isinstance(component, ReportedComponent):
            return Result(convert(extent, of_item, component.unit)), []
        renames = {argument: component.looked_up(argument) for argument in component.total.units}
        given = {
            argument: convert(extent, of_item, component.total.units[argument])
            for argument, name in renames.items()
            if name == component.extent
        }
        for argument, equation in component.series.items():
            if self.numbers.reported(argument, component.total.units[argument], place) is None:
                made = self.numbers.series(equation, unit.name)
                if made is not None and math.isnan(made):
                    return None, [f"{', '.join(equation.units)} that add to 1"]
                given |= {argument: made} if made is not None else {}
        result, lacking = self.numbers.result(component.total, place, given, renames)
        if result is None:
            return None, lacking
        return replace(result, amount=convert(result.amount, component.total.returns, component.unit)), []

    def unit_price(self, component: Component, place: Place) -> tuple[Result | None, list[str]]:
        if not self.is_priced or component.money is None:
            return None, []
        return self.numbers.price(component, place)

    def _entry(
        self,
        planned: PlannedService,
        component: ComponentOfUnits,
        key: Key,
        zone_name: str,
        parts: Sequence[_Share],
        used: tuple[Found, ...],
    ) -> Entry:
        """The units of a zone and class as one entry; its price is the mean where they differ in price."""
        zone, ecosystem, land_class = key
        quantities = [part.quantity for part in parts if part.quantity is not None]
        quantity = math.fsum(quantities) if len(quantities) == len(parts) else None
        entry = Entry(
            zone,
            zone_name,
            ecosystem,
            land_class,
            planned.rule.category,
            planned.id,
            component.id,
            quantity,
            component.unit,
            supply_basis="realised",
            method=method_id(
                planned, component.total.name if isinstance(component, UnitComponent) else component.extent
            ),
            clause=planned.rule.clause,
            coefficients=tuple(found.row.id for found in used),
            is_provisional=any(found.row.status == "provisional" for found in used),
        )
        money = component.money
        if not self.is_priced or money is None:
            return entry
        values = [
            self.value_of(component, p.quantity, p.price.amount)
            for p in parts
            if p.quantity is not None and p.price is not None
        ]
        prices = {part.price.amount for part in parts if part.price is not None}
        price = next(iter(prices)) if len(prices) == 1 else None
        if len(prices) > 1 and quantity and len(values) == len(parts):
            price = math.fsum(values) / convert(quantity, component.unit, money.value.units[component.quantity])
        return replace(
            entry,
            price=price,
            price_unit=money.price_unit,
            price_year=max(
                (part.price.price_year for part in parts if part.price and part.price.price_year), default=None
            ),
            value=math.fsum(values) if len(values) == len(parts) else None,
            price_basis=self.price_basis,
            price_concept=money.concept,
        )

    def _zones_without(
        self, planned: PlannedService, component: ComponentOfUnits, units: Sequence[Unit]
    ) -> tuple[Missing | None, list[Problem]]:
        """The zones that hold what a component is counted for and report nothing."""
        reporting = {zone for unit in units for zone in unit.zones}
        rows = [s for s in self.opened.statistics if s.item.partition("/")[0] == component.extent]
        split = {s.item.partition("/")[2] for s in self.opened.statistics if s.item.partition("/")[0] == SITE_AREA}
        of_city = [s for s in rows if s.zone == CITY and s.item.partition("/")[2] not in split]
        problems = [repeated(component.extent)] if CITY not in reporting and of_city else []
        if component.per == "feature" and any(s.item == component.extent for s in rows):
            message = (
                f"{component.id}: `{component.extent}` is reported without the names of its parts, each of which is "
                "computed alone."
            )
            do = f"Write one row per part, `{component.extent}/<name>`, or choose a method that takes them together."
            problems.append(Problem("O02", "warning", planned.id, message, rows[0].place, component.extent, "", do))
            return Missing(planned.id, "no_input", message, planned.rule.is_required), problems
        if component.per == "feature" or not units or CITY in reporting:
            return None, problems
        without = [
            zone.name or zone.code
            for z, zone in enumerate(self.zones)
            if zone.code not in reporting and zone.code != UNALLOCATED and self.occurs(planned.rule, component.id, z)
        ]
        if not without:
            return None, problems
        message = f"{component.id}: {', '.join(without)} report no {component.extent}."
        do = "Add the rows (0 where there is none), or report one figure for `_city`."
        problems.append(
            Problem("O02", "warning", planned.id, message, "tables", f"{len(without)} zones without", "", do)
        )
        return Missing(planned.id, "no_input", message, planned.rule.is_required), problems

    def only_cell(self, rule: Rule, component: str) -> tuple[str, str]:
        """The ecosystem and class that a component is counted for, as far as there is only one."""
        cells = rule.provided_by(component)
        ecosystems = {cell.partition("/")[0] for cell in cells}
        if len(ecosystems) != 1:
            return "", ""
        return ecosystems.pop(), cells[0].partition("/")[2] if len(cells) == 1 else ""

    def _attributed(
        self, rule: Rule, component: Component, zone: str, pair: Sequence[str]
    ) -> dict[tuple[str, str], float]:
        """Which ecosystems a total belongs to: the one it is counted for; of several, by their areas in the zone;
        `_none` where there are none.
        """
        if pair[0]:
            return {(pair[0], pair[1] or NONE): 1.0}
        ecosystem, land_class = self.only_cell(rule, component.id)
        if ecosystem:
            return {(ecosystem, land_class or NONE): 1.0}
        rows = [z for z, known in enumerate(self.zones) if zone in (known.code, CITY)]
        areas: dict[str, list[float]] = {}
        for position, pair_of_class in enumerate(self.plan.classes):
            if pair_of_class != NO_LAND_COVER and rule.is_provider(*pair_of_class, component.id):
                areas.setdefault(pair_of_class[0], []).extend(float(self.sums.area[z, position]) for z in rows)
        sizes = {name: math.fsum(parts) for name, parts in areas.items() if math.fsum(parts) > 0}
        whole = math.fsum(sizes.values())
        return {(name, NONE): size / whole for name, size in sizes.items()} or {(NONE, NONE): 1.0}


def price_place(place: Place, key: Key) -> Place:
    """For what the price of a unit is wanted, in a zone, ecosystem and class that it lies in."""
    zone, ecosystem, land_class = (name if name != NONE else "" for name in key)
    return replace(place, zone=zone, ecosystem=ecosystem, land_class=land_class)


def method_id(planned: PlannedService, equation: str) -> str:
    """Equation and switches, as a result names its method."""
    switches = ";".join(f"{name}={option}" for name, option in planned.settings.items())
    return f"{equation}({switches})" if switches else equation
