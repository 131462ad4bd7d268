"""What tables report of each zone and of the whole area, and the land it lies on, as amounts that can be divided."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from gep.core.catalog import named
from gep.core.errors import UnitError
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import Text, joined, say
from gep.core.units import convert
from gep.engine.checks.seen import Seen
from gep.inputs.items import COSTS, in_unit, item_label, item_measures, item_unit, product_unit
from gep.inputs.tables import Statistic
from gep.plan.wiring import days_of
from gep.standards.table_slips import Kind, kind_of


class Figure(NamedTuple):
    """An amount, and where it is from: empty for what the map has; the factor by which it may be off for having been
    rounded.
    """

    amount: float
    place: str = ""
    slack: float = 1.0


@dataclass(frozen=True)
class Reported:
    """The tables of a study beside its land."""

    seen: Seen

    @cached_property
    def zones(self) -> list[str]:
        """The codes of the zones of the file."""
        return [zone.code for zone in self.seen.plan.zones.zones if zone.code != UNALLOCATED]

    @cached_property
    def places(self) -> list[str]:
        """The zones, and the whole area."""
        return [*self.zones, CITY]

    @cached_property
    def _names(self) -> Mapping[str, Text]:
        zones = {zone.code: zone for zone in self.seen.plan.zones.zones}
        return {code: Text(zone.name or code, zone.name_zh or zone.name or code) for code, zone in zones.items()} | {
            CITY: say("indicators.whole_area")
        }

    def name(self, zone: str) -> Text:
        """What people call a zone."""
        return self._names[zone]

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], list[Statistic]]:
        rows: dict[tuple[str, str], list[Statistic]] = {}
        for row in self.seen.inputs.statistics:
            if row.value is not None:
                rows.setdefault((row.base, row.zone), []).append(row)
        return rows

    def rows(self, base: str, zone: str) -> list[Statistic]:
        """The rows of an item and its parts, or of the products of a service."""
        return self._rows.get((base, zone), [])

    def with_whole(self, by_zone: Mapping[str, Figure]) -> Mapping[str, Figure]:
        """Figures by zone with that of the whole area: as reported, else the sum of the zones where all report."""
        if CITY in by_zone or not self.zones or not all(zone in by_zone for zone in self.zones):
            return by_zone
        return {**by_zone, CITY: total(by_zone[zone] for zone in self.zones)}

    def item(self, base: str) -> Mapping[str, Figure]:
        """An item with its parts, in its unit, by zone."""
        if base not in self._items:
            self._items[base] = {
                zone: Figure(math.fsum(_amount(row) for row in rows), rows[0].place)
                for zone in self.places
                if (rows := [row for row in self.rows(base, zone) if row.measure in item_measures(row.item)])
            }
        return self._items[base]

    @cached_property
    def _items(self) -> dict[str, Mapping[str, Figure]]:
        return {}

    @cached_property
    def products(self) -> Mapping[str, Mapping[str, Mapping[str, Statistic]]]:
        """The rows of products by measure: of each item, by zone."""
        found: dict[str, dict[str, dict[str, Statistic]]] = {}
        for row in self.seen.inputs.statistics:
            if row.value is not None and not item_unit(row.item):
                found.setdefault(row.item, {}).setdefault(row.zone, {})[row.measure] = row
        return found

    def output(self, service: str) -> Mapping[str, Figure]:
        """The output of the products of a service in CNY per year by zone: values, and quantities times prices."""
        if service not in self._outputs:
            found: dict[str, list[Figure]] = {}
            for item, by_zone in self.products.items():
                for zone, members in by_zone.items() if item.partition("/")[0] == service else ():
                    if (value := output_of(service, members)) is not None:
                        found.setdefault(zone, []).append(value)
            self._outputs[service] = {zone: total(figures) for zone, figures in found.items()}
        return self._outputs[service]

    @cached_property
    def _outputs(self) -> dict[str, Mapping[str, Figure]]:
        return {}

    @cached_property
    def _land(self) -> Mapping[str, Mapping[tuple[str, str], float]]:
        """Areas in m2 by zone, and in it by ecosystem and class; where only some squares were looked at, those of the
        zone by the shares that were seen.
        """
        plan, sums = self.seen.plan, self.seen.sums
        found: dict[str, dict[tuple[str, str], float]] = {}
        for index, zone in enumerate(plan.zones.zones):
            seen = float(sums.area[index].sum())
            scale = 1.0 if self.seen.is_whole or not seen else plan.zones.areas[index] / seen
            found[zone.code] = {pair: float(sums.area[index, c]) * scale for c, pair in enumerate(plan.classes)}
        return found

    def land(self, zone: str, ecosystem: str = "", land_class: str = "") -> float:
        """The area of a zone, or of an ecosystem or a class of it, in m2."""
        if zone == CITY:
            return math.fsum(self.land(code, ecosystem, land_class) for code in self._land)
        if not ecosystem and not self.seen.is_whole:
            return float(self.seen.plan.zones.areas[[z.code for z in self.seen.plan.zones.zones].index(zone)])
        return math.fsum(
            area
            for (of, named), area in self._land[zone].items()
            if ecosystem in ("", of) and land_class in ("", named)
        )


def _amount(row: Statistic) -> float:
    return in_unit(row.value or 0.0, row.unit, item_unit(row.item))


def output_of(service: str, members: Mapping[str, Statistic]) -> Figure | None:
    """The output of a product in CNY per year: its value, else quantity times price; None where neither is given."""
    if value := members.get("value"):
        return Figure(in_unit(value.value or 0.0, value.unit, "CNY/year"), value.place)
    quantity, price = members.get("quantity"), members.get("price")
    if quantity is None or price is None:
        return None
    try:
        unit = product_unit(service, "quantity", quantity.unit)
        per_unit = convert(price.value or 0.0, price.unit, f"CNY/({unit.removesuffix('/year')})")
    except UnitError:  # a price per head beside a quantity in tonnes is said elsewhere
        return None
    return Figure(in_unit(quantity.value or 0.0, quantity.unit, unit) * per_unit, quantity.place)


# what indicators divide -----------------------------------------------------------------------------------------------


class Amount(Protocol):
    """An amount of each zone and of the whole area."""

    @property
    def unit(self) -> str: ...

    @property
    def items(self) -> tuple[str, ...]:
        """The items, or services of products, that it is made of."""

    @property
    def kind(self) -> Kind: ...

    def says(self) -> Text:
        """What people call it."""

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        """The amounts that there are."""


@dataclass(frozen=True)
class Items:
    """Items of the tables, together; all of them have to be reported."""

    items: tuple[str, ...]

    @property
    def unit(self) -> str:
        return item_unit(self.items[0])

    @property
    def kind(self) -> Kind:
        return kind_of(self.unit)

    def says(self) -> Text:
        return joined([item_label(item) for item in self.items], " + ")

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        each = [reported.item(item) for item in self.items]
        found = {
            zone: total(figures[zone] for figures in each)
            for zone in reported.places
            if all(zone in figures for figures in each)
        }
        return reported.with_whole(found)


@dataclass(frozen=True)
class Parts:
    """What is reported of an item for a service and its products."""

    item: str
    service: str

    @property
    def items(self) -> tuple[str, ...]:
        return (f"{self.item}/{self.service}",)

    @property
    def unit(self) -> str:
        return item_unit(self.items[0])

    @property
    def kind(self) -> Kind:
        return kind_of(self.unit)

    def says(self) -> Text:
        return say("indicators.of_service", item=item_label(self.item), service=named(self.service))

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        found = {
            zone: total(Figure(_amount(row), row.place) for row in rows)
            for zone in reported.places
            if (rows := [row for row in reported.rows(self.item, zone) if self._is_of(row)])
        }
        return reported.with_whole(found)

    def _is_of(self, row: Statistic) -> bool:
        return row.part.partition("/")[0] == self.service


@dataclass(frozen=True)
class Outputs:
    """The output of the products of services; those of which nothing is reported are left out."""

    items: tuple[str, ...]
    unit: str = "CNY/year"
    kind: Kind = "money"

    def says(self) -> Text:
        return say("indicators.output", services=joined([named(item) for item in self.items], " + "))

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        each = [figures for item in self.items if (figures := reported.output(item))]
        found = {
            zone: total(figures[zone] for figures in each if zone in figures)
            for zone in reported.places
            if any(zone in figures for figures in each)
        }
        return reported.with_whole(found)


@dataclass(frozen=True)
class ValueAdded:
    """What services add to GDP: the output of their products less what producing it consumes, of those services of
    which a zone reports both. What is consumed can only lower it, so that a value too large is one of the output.
    """

    items: tuple[str, ...]
    unit: str = "CNY/year"
    kind: Kind = "money"

    def says(self) -> Text:
        return say("indicators.value_added", services=joined([named(item) for item in self.items], " + "))

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        found: dict[str, list[Figure]] = {}
        for service in self.items:
            consumed = Parts(COSTS[0], service).by_zone(reported)
            for zone, output in Outputs((service,)).by_zone(reported).items():
                if zone in consumed:
                    found.setdefault(zone, []).append(output._replace(amount=output.amount - consumed[zone].amount))
        return {zone: total(figures) for zone, figures in found.items()}


@dataclass(frozen=True)
class PersonDays:
    """Days that people live in the year."""

    items: tuple[str, ...] = ("population",)
    unit: str = "person*day/year"
    kind: Kind = "count"

    def says(self) -> Text:
        return item_label("population")

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        days = days_of(reported.seen.inputs.spec.year)
        people = Items(self.items).by_zone(reported)
        return {zone: Figure(figure.amount * days, figure.place) for zone, figure in people.items()}


@dataclass(frozen=True)
class Land:
    """Land of the map: all, an ecosystem, or a class. Of one that makes up less than a share `least` of a zone nothing
    is said: coarse maps miss ponds and gardens.
    """

    ecosystem: str = ""
    land_class: str = ""
    least: float = 0.0
    unit: str = "m^2"
    items: tuple[str, ...] = ()
    kind: Kind = "land"

    def says(self) -> Text:
        return say(f"indicators.land.{self.land_class or self.ecosystem or 'zone'}")

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        areas = {zone: reported.land(zone, self.ecosystem, self.land_class) for zone in reported.places}
        return {
            zone: Figure(area)
            for zone, area in areas.items()
            if area > 0 and (not self.least or area >= self.least * reported.land(zone))
        }


@dataclass(frozen=True)
class Pasture:
    """Land that feeds animals: grassland, and cropland for its straw and fodder. Of less than a share `least` of a zone
    nothing is said: there animals are fed from elsewhere.
    """

    least: float = 0.0
    unit: str = "m^2"
    items: tuple[str, ...] = ()
    kind: Kind = "land"

    def says(self) -> Text:
        return say("indicators.land.pasture")

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        areas = {zone: reported.land(zone, "grassland") + reported.land(zone, "cropland") for zone in reported.places}
        return {zone: Figure(area) for zone, area in areas.items() if area > self.least * reported.land(zone)}


def total(figures: Iterable[Figure]) -> Figure:
    """Figures together, at the place of the first."""
    found = list(figures)
    return Figure(math.fsum(figure.amount for figure in found), found[0].place)
