"""Products of the tables: their prices, given or implied, and yields on cropland, held to what was ever found."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from gep.core.data import data_folder, read_csv
from gep.core.errors import Problem, UnitError, problem
from gep.core.messages import Text, say
from gep.core.units import convert, linear, same_dimension
from gep.engine.checks.indicators import SEEN, Indicator, Off, beyond_bands, told, told_together
from gep.engine.checks.reported import Figure, Land, Pasture, Reported, output_of, total
from gep.engine.checks.seen import Seen
from gep.engine.checks.suspicion import suspected, with_figures
from gep.engine.checks.used import used_items
from gep.engine.checks.words import shown
from gep.inputs.items import in_unit, product_unit
from gep.inputs.tables import Statistic
from gep.services import SERVICES
from gep.standards.ranges import ranges
from gep.standards.table_slips import Kind, kind_of

SMALLEST = 1e4
"""CNY per year: statistics of counties are printed in 万元, and a product that earns less is not printed."""


@dataclass(frozen=True)
class _Names:
    """What a product may be called, and the quantities of the bands of its price, of its yield on cropland, and of its
    heads per area.
    """

    names: tuple[str, ...]
    prices: tuple[str, ...]
    yields: tuple[str, ...]
    densities: tuple[str, ...]


@cache
def _known() -> tuple[_Names, ...]:
    rows = read_csv(data_folder() / "product_names.csv")
    return tuple(
        _Names(
            tuple(row["names"].split("|")),
            *(tuple(row[column].split()) for column in ("prices", "yields", "densities")),
        )
        for _, row in rows
    )


def names_of(product: str) -> _Names | None:
    """What is known of a product by its name, which may say more before it in Chinese (冬小麦); None: nothing."""
    wanted = product.lower().replace("_", " ").strip()
    for known in _known():
        if wanted in known.names or any(len(name) > 1 and _ends(wanted, name) for name in known.names):
            return known
    return None


def _ends(product: str, name: str) -> bool:
    return not name.isascii() and product.endswith(name)


ANY = ("price/sugarcane", "price/tea_dry")
"""The cheapest and the dearest product of the land, per tonne: between them is what is not known by name."""


@dataclass(frozen=True)
class Price:
    """The price of a product in the unit of its band: as given, else its value over its quantity."""

    item: str
    unit: str

    @property
    def kind(self) -> Kind:
        return kind_of(self.unit)

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item,)

    def says(self) -> Text:
        return say("indicators.price_of", item=self.item)

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        prices = {zone: _price(members, self.unit) for zone, members in reported.products[self.item].items()}
        return {zone: price for zone, price in prices.items() if price is not None}


def _price(members: Mapping[str, Statistic], unit: str) -> Figure | None:
    try:
        if price := members.get("price"):
            return Figure(convert(price.value or 0.0, price.unit, unit), price.place)
        value, quantity = members.get("value"), members.get("quantity")
        if value and quantity and quantity.value:
            amount = in_unit(quantity.value, quantity.unit, unit.removeprefix("CNY/") + "/year")
            return Figure(
                in_unit(value.value or 0.0, value.unit, "CNY/year") / amount, value.place, _slack(value, quantity)
            )
    except UnitError:  # a price per head where the band is per tonne
        return None
    return None


def _slack(over: Statistic, under: Statistic) -> float:
    """The factor by which a quotient of two printed figures may be off: no figure is off by all of itself."""
    return max((1 + one.rounding) / (1 - other.rounding) for one, other in ((over, under), (under, over)))


@dataclass(frozen=True)
class Quantity:
    """The quantity of a product in tonnes."""

    item: str
    unit: str = "t/year"
    kind: Kind = "amount"

    @property
    def items(self) -> tuple[str, ...]:
        return (self.item,)

    def says(self) -> Text:
        return say("indicators.quantity_of", item=self.item)

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        return {
            zone: Figure(in_unit(row.value or 0.0, row.unit, self.unit), row.place)
            for zone, members in reported.products[self.item].items()
            if (row := members.get("quantity")) and product_unit(row.base, "quantity", row.unit) == self.unit
        }


def prices_and_yields(seen: Seen) -> Iterator[Problem]:
    """Prices that no market has, and yields that no field has."""
    reported, used = Reported(seen), used_items(seen.inputs)
    for item in reported.products:
        service, _, name = item.partition("/")
        if service not in SERVICES:
            continue  # a cost
        known = names_of(name or service)
        for price in _prices(item):
            yield from (told([off], reported, used) for off in beyond_bands(price, reported))
        if known and known.yields and service == "crop_products":
            crop = Indicator(
                item, Quantity(item), Land("cropland", least=SEEN), known.yields, side="above", of_places=False
            )
            yield from (told([off], reported, used) for off in beyond_bands(crop, reported))


def _prices(item: str) -> list[Indicator]:
    """The price of a product, per each of what the bands of such products are per: a tonne, a head."""
    service, _, name = item.partition("/")
    known = names_of(name or service)
    return [
        Indicator(item, Price(item, ranges(quantities[0])[0].unit), None, quantities, of_places=False)
        for quantities in _by_unit(known.prices if known else ANY)
    ]


ANIMALS = "livestock_products"

GRAZING = "livestock/sheep_units_per_grassland"
"""The band of animals that eat grass. A head is a sheep unit at the least, so that heads are too few and never too
many."""


def heads_per_area(seen: Seen) -> Iterator[Problem]:
    """Animals that no land has, by name: per land area, and grazing ones together per land that feeds them. Of those
    sold in a year the most that is known of stocks holds, which is a margin above any stock.
    """
    reported, used = Reported(seen), used_items(seen.inputs)
    herds: dict[tuple[str, str], list[str]] = {}
    for item in reported.products:
        service, _, name = item.partition("/")
        known = names_of(name) if service == ANIMALS else None
        for band in known.densities if known and Herds((item,)).by_zone(reported) else ():
            herds.setdefault((band, "" if band == GRAZING else item), []).append(item)
    offs: list[Off] = []
    for (band, _), items in herds.items():
        land = Pasture(least=SEEN) if band == GRAZING else Land()
        offs += beyond_bands(Indicator(ANIMALS, Herds(tuple(items)), land, (band,), side="above"), reported)
    yield from told_together(offs, reported, used)


@dataclass(frozen=True)
class Herds:
    """Heads of some kinds of animals."""

    items: tuple[str, ...]
    unit: str = "head"
    kind: Kind = "count"

    def says(self) -> Text:
        return say("indicators.heads_of", items=[Text(f"`{item}`", f"`{item}`") for item in self.items])

    def by_zone(self, reported: Reported) -> Mapping[str, Figure]:
        found: dict[str, list[Figure]] = {}
        for item in self.items:
            for zone, members in reported.products[item].items():
                row = members.get("quantity")
                if row and product_unit(row.base, "quantity", row.unit) == "head/year":
                    heads = in_unit(row.value or 0.0, row.unit, "head/year")
                    found.setdefault(zone, []).append(Figure(heads, row.place))
        return reported.with_whole({zone: total(figures) for zone, figures in found.items()})


def _by_unit(prices: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Quantities of bands by what they are measured in: a price per tonne is not held to one per head."""
    found: list[list[str]] = []
    for name in prices:
        unit = ranges(name)[0].unit
        same = next((several for several in found if same_dimension(ranges(several[0])[0].unit, unit)), None)
        if same is None:
            found.append([name])
        else:
            same.append(name)
    return [tuple(several) for several in found]


def smaller_than_printed(seen: Seen) -> Iterator[Problem]:
    """Output of products below what statistics of a county print."""
    reported = Reported(seen)
    outputs = {item: _outputs(item, by_zone) for item, by_zone in reported.products.items()}
    small = {item: _small(of_zones) for item, of_zones in outputs.items()}
    whole = {  # services all of whose products are as small, on land that is no village
        service
        for service in {item.partition("/")[0] for item in outputs}
        if all(small[item].keys() == outputs[item].keys() for item in outputs if item.partition("/")[0] == service)
        and math.fsum(reported.land(zone) for zone in reported.zones) > linear(VILLAGE, "m^2")[0]
    }
    for item, zones in small.items():
        if not zones:
            continue
        zone, output = next(iter(zones.items()))
        service = item.partition("/")[0]
        told = problem(
            "indicators.O24.smaller_than_printed",
            item,
            place=output.place,
            found=say("indicators.in_zone", zone=reported.name(zone), value=shown(output.amount, "CNY")),
            zones=[reported.name(code) for code in zones],
            smallest=SMALLEST,
        )
        slipped = [
            of_price[0]
            for other, by_zone in reported.products.items()
            for code, members in by_zone.items()
            if code in small[other] and (other == item or (service in whole and other.partition("/")[0] == service))
            if (of_price := [members[name] for name in ("value", "price") if name in members])
        ]
        ten_thousand, _ = linear("万CNY", "CNY")
        is_strong = service in whole and not _has_its_price(item, zones, reported)
        yield suspected(told, with_figures(seen.inputs, slipped, ten_thousand), is_strong=is_strong)


def _has_its_price(item: str, zones: Container[str], reported: Reported) -> bool:
    """Whether a product has a price that such products have, given or between its value and its quantity, in any of
    some zones: half a tonne of fish for half a 万元 is little fish, and no 万元 taken for CNY.
    """
    return any(
        found.zone in zones and not price.beyond(found)
        for price in _prices(item)
        for found in price.by_zone(reported).values()
    )


VILLAGE = "100 km^2"
"""Land below which a study may be of a village or a park, whose products may well be small: a judgement."""


def _outputs(item: str, by_zone: Mapping[str, Mapping[str, Statistic]]) -> dict[str, Figure]:
    """What a product earns by zone, where it does."""
    service = item.partition("/")[0]
    found = {zone: output_of(service, members) for zone, members in by_zone.items() if service in SERVICES}
    return {zone: output for zone, output in found.items() if output and output.amount}


def _small(outputs: Mapping[str, Figure]) -> dict[str, Figure]:
    """Those that statistics of a county would not print."""
    return {zone: output for zone, output in outputs.items() if output.amount < SMALLEST}
