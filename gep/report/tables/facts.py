"""The figures of an account by everything that a table asks for, added once and exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from gep.account.account import Account
from gep.account.entries import Entry
from gep.account.record import Indicator, ServiceCoverage
from gep.core.catalog import CATEGORIES, ecosystem_ids, label, named, service_ids
from gep.core.errors import Problem
from gep.core.keys import CITY, NONE, UNALLOCATED, MatrixCell
from gep.core.messages import Text, listed, say
from gep.core.units import linear, ucum
from gep.report.tables.model import Cell, Lang, Scale, Shares, Standing, Units, total_of

ANY = ""
"""Stands for all ecosystems, zones or components."""

_Key = tuple[str, str, str, str]
"""Service, component, ecosystem type and county, of which each but the first may be any."""

SMALL = linear("亿元", "CNY")[0]


class Facts:
    """An account as tables see it. `services` are those that it has figures of and those that it lacks and the profile
    requires, in the order of the code list.
    """

    def __init__(self, account: Account, lang: Lang, shares: Shares = "as_is") -> None:
        self.account, self.lang, self.shares = account, lang, shares
        total = account.total()
        code = account.about.code
        is_county = len(code) == 6 and code.isdigit() and not code.endswith("00")
        self.units = Units(lang, is_small=total is not None and (abs(total) < SMALL or is_county))
        self._numbers: dict[str, dict[_Key, list[float | None]]] = {"value": {}, "quantity": {}}
        self._gaps: set[tuple[str, _Key]] = set()
        self._units: dict[tuple[str, str], str] = {}
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        for entry in account.flows:
            if entry.is_counted:
                self._entries.setdefault((entry.service, entry.base), []).append(entry)
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        """Put an entry under all that asks for it, a missing number as None."""
        if entry.unit:
            self._units[entry.service, entry.base] = ucum(entry.unit)
        for zone in (_county(entry.zone), ANY):
            for ecosystem in (entry.ecosystem, ANY):
                for component in (entry.base, ANY):
                    key = (entry.service, component, ecosystem, zone)
                    if self.is_monetary and (entry.is_priced or entry.value is not None):
                        self._put("value", key, entry.value, entry)
                    if entry.unit and component:
                        self._put("quantity", key, entry.quantity, entry)

    def _put(self, measure: str, key: _Key, number: float | None, entry: Entry) -> None:
        """Remember a number, and where one is missing that no lack of data on cells accounts for: what such cells lack
        is told by the coverage.
        """
        self._numbers[measure].setdefault(key, []).append(number)
        if number is None and entry.coverage != 0:
            self._gaps.add((measure, key))

    # what there is ----------------------------------------------------------------------------------------------------

    @property
    def is_monetary(self) -> bool:
        return self.account.about.kind == "monetary"

    @cached_property
    def title(self) -> Text:
        """What the total may be called."""
        return Text(self.account.title("en"), self.account.title("zh"))

    @cached_property
    def title_of_area(self) -> Text:
        """The name of the whole area."""
        return Text(self.account.zone_name(CITY, "en"), self.account.zone_name(CITY, "zh"))

    @property
    def column_of_total(self) -> Text:
        """What a column of totals may be called."""
        return say("tables.column.gep" if self.account.is_complete else "tables.column.partial")

    def translated(self, text: str) -> str | Text:
        """A text of the shipped data with its Chinese, as the ledger has it."""
        chinese = self.account.ledger.get("zh", {}).get(text)
        return Text(text, chinese) if chinese else text

    @cached_property
    def lacking(self) -> list[str]:
        """The services that the profile requires and that have no full figure."""
        return list(dict.fromkeys(missing.service for missing in self.account.about.missing if missing.is_required))

    @cached_property
    def notes_by_key(self) -> Mapping[str, Text]:
        """What is to be read under every table of results, by what it is about: source, prices, rounding, what is
        missing, what is provisional.
        """
        about = self.account.about
        found = {"source": say("tables.note.source", profile=about.profile, run=about.run_id)}
        if self.is_monetary:
            basis = "current" if about.price_year == about.year else "constant"
            found["prices"] = say(f"tables.note.{basis}", year=about.price_year)
        found["rounding"] = say(f"tables.note.rounding_{self.shares}")
        if self.lacking:
            found["partial"] = say("tables.note.partial", services=listed(named(name) for name in self.lacking))
        if about.level == "provisional":
            found["provisional"] = say("tables.note.provisional", profile=about.profile)
        return found

    @property
    def notes(self) -> tuple[Text, ...]:
        """All of them."""
        return tuple(self.notes_by_key.values())

    @cached_property
    def services(self) -> list[str]:
        present = {service for service, _ in self._entries}
        known = service_ids()
        return [*(s for s in known if s in present.union(self.lacking)), *sorted(present - set(known))]

    @cached_property
    def categories(self) -> dict[str, list[str]]:
        """The services of each category that has any."""
        found: dict[str, list[str]] = {category: [] for category in CATEGORIES}
        for service in self.services:
            found.setdefault(self.category(service), []).append(service)
        return {category: services for category, services in found.items() if services}

    def category(self, service: str) -> str:
        """The category in which the account counts a service."""
        entries = next((entries for (of, _), entries in self._entries.items() if of == service), None)
        if entries:
            return entries[0].category
        if self.account.has_ledger and service in self.account.ledger["services"]:
            return self.account.ledger["services"][service]["category"]
        return NONE

    def components(self, service: str) -> list[str]:
        """The components of a service that have figures."""
        return [component for of, component in self._entries if of == service]

    @cached_property
    def potential(self) -> dict[tuple[str, str], list[Entry]]:
        """What ecosystems could provide and what is not counted, by service and component."""
        found: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.account.flows:
            if not entry.is_counted and entry.supply_basis == "potential":
                found.setdefault((entry.service, entry.base), []).append(entry)
        return found

    @staticmethod
    def unit_of(entries: Iterable[Entry]) -> str:
        """The unit of the quantities of one component as results write it; nothing where it has none."""
        return next((entry.written_unit for entry in entries if entry.unit), "")

    def unit(self, service: str, component: str) -> str:
        """The unit of a quantity as results write it; nothing where a component has no quantity."""
        return self._units.get((service, component), "")

    @cached_property
    def ecosystems(self) -> list[str]:
        """The ecosystem types that the area has or that provide something, and what belongs to none."""
        present = {entry.ecosystem for entry in self.account.entries}
        known = [name for name in ecosystem_ids() if name in present]
        return [*known, *sorted(present - {*known, NONE}), *([NONE] if self._is_unattributed else [])]

    @cached_property
    def _is_unattributed(self) -> bool:
        return any(entry.ecosystem == NONE for entry in self.account.flows)

    @cached_property
    def zones(self) -> list[str]:
        """The counties by code, and last what belongs to none of them."""
        return [*self.counties, UNALLOCATED]

    @cached_property
    def counties(self) -> list[str]:
        """The counties by code."""
        present = {_county(entry.zone) for entry in self.account.entries} | set(self.account.about.zone_names)
        return sorted(present - {UNALLOCATED, *_NO_COUNTY})

    def zone_text(self, zone: str) -> Text:
        """The name of a zone in both languages."""
        if zone == CITY:
            return self.title_of_area
        if zone == UNALLOCATED:
            return Text(label(zone, "en"), label(zone, "zh"))
        return Text(self.account.zone_name(zone, "en"), self.account.zone_name(zone, "zh"))

    # figures ----------------------------------------------------------------------------------------------------------

    def value(
        self, services: str | Iterable[str], component: str = ANY, ecosystem: str = ANY, zone: str = ANY
    ) -> float | None:
        """Value in CNY of some services; None where none of them has one."""
        return total_of(self._all("value", services, component, ecosystem, zone))

    def quantity(self, service: str, component: str, ecosystem: str = ANY, zone: str = ANY) -> float | None:
        """Quantity of a component in its unit."""
        return total_of(self._all("quantity", service, component, ecosystem, zone))

    def money(
        self,
        services: str | Sequence[str],
        component: str = ANY,
        ecosystem: str = ANY,
        zone: str = ANY,
        standing: Standing = "missing",
    ) -> Cell:
        """The same value as a cell, which says whether it lacks a part. Of what has a value in counties alone, nothing
        is left to allocate.
        """
        return self._cell("value", self.units.of_money, services, component, ecosystem, zone, standing)

    def amount(
        self, service: str, component: str, ecosystem: str = ANY, zone: str = ANY, standing: Standing = "missing"
    ) -> Cell:
        """A quantity as a cell, in the scale of the whole area."""
        return self._cell("quantity", self.scale(service, component), service, component, ecosystem, zone, standing)

    def _cell(
        self,
        measure: str,
        scale: Scale,
        services: str | Sequence[str],
        component: str,
        ecosystem: str,
        zone: str,
        standing: Standing,
    ) -> Cell:
        names = [services] if isinstance(services, str) else services
        found = self._all(measure, names, component, ecosystem, zone)
        if zone == UNALLOCATED and not found:
            is_elsewhere = total_of(self._all(measure, names, component, ecosystem, ANY)) is not None
            return scale.cell(0.0 if is_elsewhere else None, standing)
        is_partial = any(self._lacks_a_part(measure, name, component, ecosystem, zone) for name in names)
        return scale.cell(total_of(found), standing, is_partial=is_partial)

    def _lacks_a_part(self, measure: str, service: str, component: str, ecosystem: str, zone: str) -> bool:
        """Whether a service has no full figure, of those that are defined for an ecosystem type, or one of its
        components none here.
        """
        if service in self.lacking and (ecosystem == ANY or self.standing(service, ecosystem) == "missing"):
            return True
        for part in self.components(service) if component == ANY else [component]:
            key = (service, part, ecosystem, zone)
            numbers = self._numbers[measure].get(key)
            if numbers and ((measure, key) in self._gaps or total_of(numbers) is None):
                return True
        return False

    def scale(self, service: str, component: str) -> Scale:
        """The scale at which a quantity is read, by that of the whole area."""
        return self.units.scale_of([self.quantity(service, component)], self.unit(service, component) or "1")

    def _all(
        self, measure: str, services: str | Iterable[str], component: str, ecosystem: str, zone: str
    ) -> list[float | None]:
        names = [services] if isinstance(services, str) else services
        numbers = self._numbers[measure]
        return [number for name in names for number in numbers.get((name, component, ecosystem, zone), ())]

    # shares -----------------------------------------------------------------------------------------------------------

    @cached_property
    def has_shares(self) -> bool:
        """Whether shares of the total mean something: there is one, and no service takes away from it."""
        return bool(self.account.total()) and all((self.value(service) or 0.0) >= 0 for service in self.services)

    def share(self, value: float | None, among: Iterable[float | None] = ()) -> float | None:
        """A value as a share of the total; None where shares mean nothing, be it that one of those beside it is
        negative.
        """
        total = self.account.total()
        if value is None or not total or not self.has_shares or any((beside or 0.0) < 0 for beside in among):
            return None
        return value / total

    # of the area ------------------------------------------------------------------------------------------------------

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """What is known of each zone and of the whole area (`_city`) by area, head and GDP; nothing of a physical
        account.
        """
        return {row["zone"]: row for row in self.account.indicators()}

    @cached_property
    def coverage_of_services(self) -> Mapping[str, ServiceCoverage]:
        """The services that rest on land, with the share of it on which all their inputs are there."""
        found = self.account.about.coverage.get("services", {})
        return {name: of for name, of in found.items() if of["counted_m2"] and of["share"] is not None}

    def coverage(self, zone: str) -> float | None:
        """That share in a zone, of the service where it is least."""
        of_services = self.coverage_of_services.values()
        if zone == CITY:
            return min((of["share"] for of in of_services if of["share"] is not None), default=None)
        return min((part[zone] for of in of_services for part in of["zones"].values() if zone in part), default=None)

    @cached_property
    def waivers(self) -> Mapping[str, tuple[str, str]]:
        """Who answers for what was found and why, by the code of the problem or by code and subject."""
        given = self.account.record.get("study", {}).get("waivers", {})
        return {key: (by, reason) for key, (by, reason) in sorted(given.items())}

    def waiver(self, problem: Problem) -> tuple[str, str] | None:
        """Who answers for a problem, and why."""
        return self.waivers.get(f"{problem.code}/{problem.subject}") or self.waivers.get(problem.code)

    def zones_of(self, service: str) -> list[str]:
        """The whole area and each zone that a service has an entry in."""
        zones = {entry.zone for part in self.components(service) for entry in self._entries[service, part]}
        return [CITY, *(zone for zone in self.zones if zone in zones)]

    def price(self, service: str, component: str) -> tuple[float, str] | None:
        """The price of a component and its unit, where it is one and the same everywhere."""
        found = {
            (entry.price, ucum(entry.price_unit))
            for entry in self._entries[service, component]
            if entry.price is not None and entry.price_unit and not entry.is_adjustment
        }
        return next(iter(found)) if len(found) == 1 else None

    def has_price(self, service: str, component: str) -> bool:
        """Whether a component has prices at all."""
        return any(entry.price is not None and entry.price_unit for entry in self._entries[service, component])

    def per_head(self, service: str, component: str) -> float | None:
        """Quantity of a component for each resident of the whole area; None where one of both is not known."""
        city = self.indicators.get(CITY)
        if city is None:  # a physical account has no indicators
            return None
        amount, population = self.quantity(service, component), city["population"]
        return amount / population if amount is not None and population else None

    def area(self, ecosystem: str = ANY, zone: str = ANY) -> float | None:
        """Area in m2."""
        return self._areas.get((ecosystem, zone))

    @cached_property
    def _areas(self) -> dict[tuple[str, str], float]:
        parts: dict[tuple[str, str], list[float]] = {}
        for (zone, ecosystem, _), area in self.account.areas().items():
            for key in ((ecosystem, _county(zone)), (ecosystem, ANY), (ANY, _county(zone)), (ANY, ANY)):
                parts.setdefault(key, []).append(area)
        return {key: math.fsum(areas) for key, areas in parts.items()}

    def standing_of_value(self, service: str, component: str) -> Standing:
        """Why a component has no value: none is meant, or it is missing."""
        return "missing" if any(entry.is_priced for entry in self._entries[service, component]) else "not_applicable"

    def standing(self, service: str, ecosystem: str, component: str = ANY) -> Standing:
        """Why a cell of the matrix has no number: the profile does not define it, or it is missing."""
        if not self.account.has_ledger:
            return "not_applicable"
        about = self.account.ledger["services"].get(service)
        if about is None:
            return "not_applicable"
        parts = about["components"]
        cells: Sequence[str] = about["counts"]
        if component in parts:
            cells = parts[component]["counts"]
        return "missing" if any(MatrixCell(cell).ecosystem == ecosystem for cell in cells) else "not_applicable"


_NO_COUNTY = (CITY, NONE)


def _county(zone: str) -> str:
    """The row of counties that a figure stands in: one of the whole area belongs to none of them."""
    return UNALLOCATED if zone in _NO_COUNTY else zone
