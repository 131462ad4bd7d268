"""From sums to entries: physical quantities, rules on totals, prices, values, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gep.account.account import Account
from gep.account.entries import About, Entry, Missing
from gep.account.products import product_entries, repeated
from gep.account.rules import cap, clip, deduct
from gep.account.units import ServiceFigures, Valuation, method_id
from gep.core.catalog import CellComponent, ComponentOfUnits, Service, label
from gep.core.errors import Problem
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.core.units import convert, product, ucum
from gep.engine.sums import Statistic, Sums
from gep.inputs.items import EXTERNAL, in_unit, item_unit
from gep.inputs.numbers import Place, Result
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.inputs.tables import item_by_zone
from gep.plan.plan import Flow
from gep.plan.planner import PlannedComponent, PlannedService, StudyPlan
from gep.plan.wiring import coefficients_of, derivations_of
from gep.standards.coefficients import Found
from gep.standards.rules import Rule


def make_account(
    planned: StudyPlan, opened: Inputs, sums: Sums, about: Mapping[str, Any]
) -> tuple[Account, list[ServiceFigures]]:
    """The account of a pass over the grid. `about` carries what the study says beside the figures."""
    valuer = _Valuer(planned, opened, sums)
    valued = [valuer.service(service) for service in planned.services]
    entries = [*valuer.areas(), *(entry for v in valued for entry in v.entries)]
    deducted, undeclared, problems = valuer.from_outside(valued)
    entries += deducted
    missing = tuple(m for m in (*(v.missing for v in valued), undeclared) if m)
    return Account(entries, About(missing=missing, problems=tuple(problems), **about)), valued


class _Valuer(Valuation):
    """The entries of every service."""

    def areas(self) -> Iterable[Entry]:
        """One entry per zone, ecosystem and class that occurs."""
        for z, zone in enumerate(self.zones):
            for c, (ecosystem, land_class) in enumerate(self.plan.classes):
                if self.sums.area[z, c] > 0:
                    yield Entry(
                        zone.code,
                        zone.name,
                        ecosystem,
                        land_class or NONE,
                        quantity=float(self.sums.area[z, c]),
                        unit="m^2",
                    )

    def service(self, planned: PlannedService) -> ServiceFigures:
        """Entries of one service, and why it is missing where it is."""
        if planned.service is None or planned.reason in ("off", "no_equation") or not planned.is_applicable:
            is_needed = planned.rule.is_required and planned.is_applicable and self.occurs(planned.rule)
            missing = Missing(planned.id, planned.reason, planned.detail, is_needed) if planned.reason else None
            return ServiceFigures((), None, 0.0, missing)
        if planned.service.products:
            return self._products(planned, planned.service)
        parts = [self._component(planned, planned.service, component) for component in planned.components]
        valued = self._joined(planned, parts)
        if valued.entries or valued.missing or not planned.rule.is_required or self._can_occur(planned.rule):
            return valued
        cells = ", ".join(
            dict.fromkeys(cell for name in ("", *planned.rule.components) for cell in planned.rule.provided_by(name))
        )
        detail = (
            f"no class of the land cover is of {cells}: map a code in [land_cover.map], or declare it not "
            "applicable in [services]"
        )
        return replace(valued, missing=Missing(planned.id, "no_input", detail))

    def _can_occur(self, rule: Rule) -> bool:
        """Whether the land cover has a class that the rule counts, so that its absence says something."""
        pairs = [pair for pair in self.plan.classes if pair != NO_LAND_COVER]
        return any(
            rule.counted(*pair, component) == "counted" for pair in pairs for component in ("", *rule.components)
        )

    def _joined(self, planned: PlannedService, parts: Sequence[ServiceFigures]) -> ServiceFigures:
        """The components of a service as one: it covers as much as the least of them."""
        shares = [part.coverage for part in parts if part.coverage is not None]
        coverage = min(shares, default=None)
        area = max((part.area for part in parts), default=0.0)
        missing = next((part.missing for part in parts if part.missing), None)
        lacking = [
            detail
            for part in planned.components
            if self.occurs(planned.rule, part.component.id)
            for detail in part.lacking
        ]
        if lacking:
            missing = Missing(planned.id, "no_input", "; ".join(dict.fromkeys(lacking)), planned.rule.is_required)
        fallback: dict[str, float] = {}
        for part in parts:
            for key, value in (part.fallback_area or {}).items():
                fallback[key] = max(fallback.get(key, 0.0), value)
        return ServiceFigures(
            tuple(entry for part in parts for entry in part.entries),
            coverage,
            area,
            missing,
            tuple(dict.fromkeys(found for part in parts for found in part.used)),
            fallback,
            tuple(problem for part in parts for problem in part.problems),
        )

    def from_outside(self, valued: Sequence[ServiceFigures]) -> tuple[list[Entry], Missing | None, list[Problem]]:
        """What comes from ecosystems outside the area, taken off where the profile asks for it; what is not
        declared.
        """
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
                of_service = Entry(
                    row.zone, name, NONE, NONE, counted[service].category, service, price_basis=self.price_basis
                )
                deducted.append(deduct(of_service, amount))
        zones = {row.zone for row in rows}
        without = (
            [z.name or z.code for z in self.zones if z.code not in zones and z.code != UNALLOCATED]
            if CITY not in zones
            else []
        )
        if not without:
            return deducted, None, problems
        detail = (
            f"`{EXTERNAL}/<service>` is not declared for {', '.join(without)} (0 where nothing comes from outside "
            "the area)"
        )
        return deducted, Missing(EXTERNAL, "no_input", detail), problems

    # physical flows ---------------------------------------------------------------------------------------------------

    def _component(self, planned: PlannedService, service: Service, part: PlannedComponent) -> ServiceFigures:
        rule, component = planned.rule, part.component
        if isinstance(component, ComponentOfUnits):
            return self.from_totals(planned, part)
        if not part.flows:
            return ServiceFigures((), None, 0.0, None)
        limits, found, incomplete = self._limits(service, component, rule)
        entries = [entry for flow in part.flows for entry in self._integrals(planned, part, flow)]
        if component.limit:
            entries = cap(entries, service.id, component.id, limits)
        if component.clip == "ecosystem":
            entries = clip(entries, service.id, component.id)
        entries, used, problems = self._price(component, entries)
        counted = math.fsum(float(self.sums.area[:, flow.is_counted].sum()) for flow in part.flows)
        valid = self._sum(part, "valid")
        coverage = min(1.0, valid / counted) if counted > 0 else None
        unpriced = [problem.subject for problem in problems if problem.code == "C04"]
        priceless = Missing(
            planned.id, "no_coefficient", f"{component.id}: no price: {', '.join(unpriced)}", rule.is_required
        )
        missing = self._why_missing(planned, part, counted, valid) or incomplete or (priceless if unpriced else None)
        is_counted = any(entry.is_counted for entry in entries)
        if is_counted:
            used += [row for pair, rows in part.found.items() for row in rows if self._area_of(pair) > 0]
        problems += [*found, *self._negative(service, part, counted)]
        if is_counted:
            problems += self._no_coefficient(service, part, counted)
        fallbacks = self._fallbacks(part) if is_counted else {}
        return ServiceFigures(tuple(entries), coverage, counted, missing, tuple(used), fallbacks, tuple(problems))

    def _limits(
        self, service: Service, component: CellComponent, rule: Rule
    ) -> tuple[dict[str, float], list[Problem], Missing | None]:
        """What each zone (or `_city` alone) limits a component to, and which zones do not say."""
        if not component.limit:
            return {}, [], None
        limits = item_by_zone(self.opened.statistics, component.limit)
        by_zone = {zone: limit for zone, limit in limits.items() if zone != CITY}
        if CITY in limits and not by_zone:
            return limits, [], None
        repeats = [repeated(component.limit)] if CITY in limits else []
        without = [
            zone.name or zone.code for zone in self.zones if zone.code not in by_zone and zone.code != UNALLOCATED
        ]
        if not by_zone or not without:
            return by_zone, repeats, None
        message = f"{', '.join(without)} report no {component.limit}: what is removed there is not counted."
        do = "Add the rows, or report one figure for `_city`."
        problem = Problem("O02", "warning", service.id, message, "tables", f"{len(without)} zones without", "", do)
        return by_zone, [*repeats, problem], Missing(service.id, "no_input", message, rule.is_required)

    def _sum(self, part: PlannedComponent, statistic: Statistic) -> float:
        """A statistic of all flows of a component over all zones and classes, exactly rounded."""
        return math.fsum(value for flow in part.flows for value in self.sums.of(flow, statistic).ravel().tolist())

    def _area_of(self, pair: tuple[str, str]) -> float:
        return float(self.sums.area[:, self.plan.classes.index(pair)].sum())

    def _integrals(self, planned: PlannedService, part: PlannedComponent, flow: Flow) -> list[Entry]:
        """One entry per zone and counted class that occurs, with the integral of the density; None where no cell is
        valid.
        """
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
                        method=method_id(planned, flow.node.equation.name),
                        clause=planned.rule.clause,
                        coefficients=tuple(found.row.id for found in part.found.get((ecosystem, land_class), ())),
                        derivations=tuple(d.equation.name for d in derivations_of(flow.node)),
                        is_estimated=is_estimated,
                        is_provisional=any(
                            f.row.status == "provisional" for f in part.found.get((ecosystem, land_class), ())
                        ),
                    )
                )
        return entries

    def _why_missing(
        self, planned: PlannedService, part: PlannedComponent, counted: float, valid: float
    ) -> Missing | None:
        if counted == 0 or valid / counted >= self.opened.profile.min_coverage:
            return None
        without = self._without_coefficient(part)
        has_inputs = self._sum(part, "inputs")
        where = f"{part.component.id}: " if len(planned.components) > 1 else ""
        if without and has_inputs / counted >= self.opened.profile.min_coverage:
            detail = (
                f"{where}no coefficient for {', '.join(without)}; the rest is {valid / counted:.1%} of the area "
                "that counts"
            )
            return Missing(planned.id, "no_coefficient", detail, planned.rule.is_required)
        detail = (
            f"{where}valid inputs cover {valid / counted:.1%} of the area that counts "
            f"({self.opened.profile.min_coverage:.0%} needed)"
        )
        if without:
            detail += f"; no coefficient for {', '.join(without)}"
        return Missing(planned.id, "low_coverage", detail, planned.rule.is_required)

    def _without_coefficient(self, part: PlannedComponent) -> list[str]:
        """The classes that have their layers and lack a coefficient; with the regions for which there is one."""
        named = []
        for c, pair in enumerate(self.plan.classes):
            for flow in part.flows:
                if (
                    flow.is_counted[c]
                    and self.sums.of(flow, "inputs")[:, c].sum() > 0
                    and self.sums.of(flow, "valid")[:, c].sum() == 0
                ):
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
        share = area / counted
        if part.flows[0].is_clipped:
            message = (
                f"{part.component.id}: cells that come out negative count as zero; with them {total:,.4g} {printed} "
                f"would be {total + negative:,.4g}."
            )
            do = "The equation does not hold there: look at the inputs of these cells."
            return [
                Problem(
                    "B03", "warning", service.id, message, "", f"{share:.1%} of the area that counts", "", do, share
                )
            ]
        message = (
            f"The total of {total:,.4g} {printed} holds negative cells of {negative:,.4g}; without them it would be "
            f"{total - negative:,.4g}."
        )
        do = f"The switch {service.id}.negative says what becomes of them." if "negative" in service.switches else ""
        return [
            Problem("B03", "warning", service.id, message, "", f"{share:.1%} of the area that counts", "", do, share)
        ]

    def _fallbacks(self, part: PlannedComponent) -> dict[str, float]:
        """Area by "class <- row" where a class took a value that is not its own."""
        areas: dict[str, float] = {}
        for pair, rows in part.found.items():
            area = self._area_of(pair)
            for found in rows:
                if found.is_fallback and area > 0:
                    areas[f"{'/'.join(n for n in pair if n)} <- {found.row.id}"] = area
        return areas

    # money ------------------------------------------------------------------------------------------------------------

    def _price(self, component: CellComponent, entries: list[Entry]) -> tuple[list[Entry], list[Found], list[Problem]]:
        """Put price and value to entries. Under a physical profile there are none."""
        if not self.is_priced or component.money is None:
            return entries, [], []
        priced: list[Entry] = []
        used: dict[str, Found] = {}
        problems: dict[str, Problem] = {}
        for entry in entries:
            if not entry.is_counted:
                priced.append(entry)
                continue
            price, lacking = self.numbers.price(
                component, Place(entry.zone, entry.ecosystem, entry.land_class.replace(NONE, ""))
            )
            for name in lacking:
                message = "There is no price: the quantity has no value."
                problems[name] = Problem(
                    "C04", "warning", name, message, "", "no row", "", "Give one under [coefficients]."
                )
            if price is None:
                priced.append(entry)
                continue
            used |= {found.row.id: found for found in price.found}
            priced.append(self._valued(entry, component, price))
        return priced, list(used.values()), [*problems.values(), *self.unmoved(used.values())]

    def _valued(self, entry: Entry, component: CellComponent, price: Result) -> Entry:
        money = component.money
        assert money is not None
        rows = [found.row for found in price.found]
        return replace(
            entry,
            price=price.amount,
            price_unit=money.price_unit,
            price_year=price.price_year,
            value=None if entry.quantity is None else self.value_of(component, entry.quantity, price.amount),
            price_basis=self.price_basis,
            price_concept=money.concept,
            coefficients=(*entry.coefficients, *(row.id for row in rows)),
            is_provisional=entry.is_provisional or any(row.status == "provisional" for row in rows),
        )

    # tables -----------------------------------------------------------------------------------------------------------

    def _products(self, planned: PlannedService, service: Service) -> ServiceFigures:
        rows = [s for s in self.opened.statistics if s.service == service.id]
        if not rows:
            nothing = Missing(planned.id, planned.reason or "no_input", planned.detail, planned.rule.is_required)
            return ServiceFigures((), None, 0.0, nothing if self.occurs(planned.rule) else None)
        names = {zone.code: zone.name for zone in self.zones}
        ecosystem, _ = self.only_cell(planned.rule, "")
        about = Entry("", "", ecosystem or NONE, NONE, planned.rule.category, service.id, clause=planned.rule.clause)
        entries, problems = product_entries(
            service, about, planned.settings["valuation_basis"], self.numbers, names, self.price_basis
        )
        entries = [replace(entry, method=method_id(planned, entry.method)) for entry in entries]
        covered = {e.zone for e in entries if e.value is not None or (not self.is_priced and e.quantity is not None)}
        zones = [zone for zone in self.zones if zone.code != UNALLOCATED]
        without = [] if CITY in covered else [zone.name or zone.code for zone in zones if zone.code not in covered]
        names = {zone.code: zone.name or zone.code for zone in self.zones}
        empty = [
            f"{e.component} in {names.get(e.zone, e.zone)}"
            for e in entries
            if (e.value if self.is_priced else e.quantity) is None
        ]
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
            zone
            for zone in zones
            if (zone.name or zone.code) not in without and zone.code not in incomplete and CITY not in incomplete
        ]
        coverage = len(full) / len(zones) if zones else None
        return ServiceFigures(tuple(entries), coverage, 0.0, missing, problems=tuple(problems))
