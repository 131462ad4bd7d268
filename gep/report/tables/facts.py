"""The figures of an account by everything that a table asks for, added once and exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property

from gep.account.account import Account
from gep.account.entries import Entry
from gep.core.catalog import CATEGORIES, ecosystem_ids, label, named, service_ids
from gep.core.keys import CITY, NONE, UNALLOCATED, MatrixCell
from gep.core.messages import Text, listed, say
from gep.core.units import linear, ucum
from gep.report.tables.model import Lang, Standing, Units

ANY = ""
"""Stands for all ecosystems, zones or components."""

SMALL = linear("亿元", "CNY")[0]


class Facts:
    """An account as tables see it. `services` are those that it has figures of and those that it lacks and the profile
    requires, in the order of the code list.
    """

    def __init__(self, account: Account, lang: Lang) -> None:
        self.account, self.lang = account, lang
        total = account.total()
        code = account.about.code
        is_county = len(code) == 6 and code.isdigit() and not code.endswith("00")
        self.units = Units(lang, is_small=total is not None and (abs(total) < SMALL or is_county))
        self._values: dict[tuple[str, str, str, str], list[float]] = {}
        self._quantities: dict[tuple[str, str, str, str], list[float]] = {}
        self._units: dict[tuple[str, str], str] = {}
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        for entry in account.flows:
            if entry.is_counted:
                self._entries.setdefault((entry.service, entry.base), []).append(entry)
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        if entry.unit:
            self._units[entry.service, entry.base] = ucum(entry.unit)
        for zone in (entry.zone, ANY):
            for ecosystem in (entry.ecosystem, ANY):
                for component in (entry.base, ANY):
                    key = (entry.service, component, ecosystem, zone)
                    if entry.value is not None:
                        self._values.setdefault(key, []).append(entry.value)
                    if entry.quantity is not None and entry.unit and component:
                        self._quantities.setdefault(key, []).append(entry.quantity)

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
    def notes(self) -> tuple[Text, ...]:
        """What is to be read under every table of results: prices, rounding, what is missing, what is provisional."""
        about = self.account.about
        found = [say("tables.note.source", profile=about.profile, run=about.run_id)]
        if self.is_monetary:
            basis = "current" if about.price_year == about.year else "constant"
            found.append(say(f"tables.note.{basis}", year=about.price_year))
        found.append(say("tables.note.rounding"))
        lacking = [missing for missing in about.missing if missing.is_required]
        if lacking:
            found.append(say("tables.note.partial", services=listed(named(missing.service) for missing in lacking)))
        if about.level == "provisional":
            found.append(say("tables.note.provisional", profile=about.profile))
        return tuple(found)

    @cached_property
    def services(self) -> list[str]:
        present = {service for service, _ in self._entries}
        lacking = {missing.service for missing in self.account.about.missing if missing.is_required}
        known = service_ids()
        return [*(s for s in known if s in present | lacking), *sorted(present - set(known))]

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
        """The counties by code; what belongs to none of them last."""
        present = {entry.zone for entry in self.account.entries} | set(self.account.about.zone_names)
        return [*sorted(present - {UNALLOCATED, CITY}), UNALLOCATED, *([CITY] if CITY in present else [])]

    def zone_text(self, zone: str) -> Text:
        """The name of a zone in both languages."""
        if zone in (UNALLOCATED, CITY):
            return Text(label(zone, "en"), label(zone, "zh"))
        return Text(self.account.zone_name(zone, "en"), self.account.zone_name(zone, "zh"))

    # figures ----------------------------------------------------------------------------------------------------------

    def value(
        self, services: str | Iterable[str], component: str = ANY, ecosystem: str = ANY, zone: str = ANY
    ) -> float | None:
        """Value in CNY of some services; None where none of them has one."""
        names = [services] if isinstance(services, str) else services
        return _sum(value for name in names for value in self._values.get((name, component, ecosystem, zone), ()))

    def quantity(self, service: str, component: str, ecosystem: str = ANY, zone: str = ANY) -> float | None:
        """Quantity of a component in its unit."""
        return _sum(self._quantities.get((service, component, ecosystem, zone), ()))

    def has_figure(self, service: str, zone: str) -> bool:
        """Whether a service has anything in a zone."""
        return any(entry.zone == zone for part in self.components(service) for entry in self._entries[service, part])

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
        city = next((row for row in self.account.indicators() if row["zone"] == CITY), None)
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
            for key in ((ecosystem, zone), (ecosystem, ANY), (ANY, zone), (ANY, ANY)):
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


def _sum(values: Iterable[float]) -> float | None:
    given = list(values)
    return math.fsum(given) if given else None
