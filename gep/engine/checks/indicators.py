"""Derived indicators of the tables: one figure against another, or against the land, held to what was ever found.

The two seldom carry the same slip, so that their ratio shows it. Bands are those of `plausible_ranges.csv`; a value
beyond them is told with the factor that would explain it and what makes such a factor. No value is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, joined, say
from gep.core.units import linear
from gep.engine.checks.reported import Amount, Figure, Items, Land, Outputs, Parts, PersonDays, Reported, ValueAdded
from gep.engine.checks.seen import Seen, square_kilometres
from gep.engine.checks.used import used_items
from gep.engine.checks.words import SHOWN, Part, allowed, cause, first_of, how_far, shown
from gep.inputs.items import COSTS, EXTERNAL
from gep.standards.ranges import Bands, Beyond, bands, ranges

MARGIN = 3.0
"""Times by which limits are moved out for a part of a city, for a small one, and for other countries: bands were read
for whole prefectures of China."""

SMALL_AREA, SMALL_POPULATION = 100.0, 10_000.0
"""Square kilometres and persons below which a place is small."""

SEEN = 0.01
"""Share of a zone from which the map is taken to know an ecosystem: below it ponds and gardens are mostly missed."""

Side = Literal["both", "above"]


@dataclass(frozen=True)
class Indicator:
    """An amount `over` another, held to the bands of `quantities` in some `scopes` (all, where none are named).

    `side` tells whether it can be too small at all: a crop may be grown on little of the cropland. `of_places` marks
    one that a part of a city may have far from the whole: its limits are wider there. `is_patchy` marks one of which a
    part may have next to nothing: too little is an error only of the whole.
    """

    id: str
    over: Amount
    under: Amount | None
    quantities: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    side: Side = "both"
    of_places: bool = True
    is_patchy: bool = False

    @cached_property
    def bands(self) -> Bands:
        return bands(self.quantities, ranges(self.quantities[0])[0].unit, self.scopes)

    @property
    def amounts(self) -> tuple[Amount, ...]:
        return (self.over, self.under) if self.under else (self.over,)

    @property
    def is_price(self) -> bool:
        return self.over.kind.startswith("price")

    @property
    def items(self) -> tuple[str, ...]:
        """What it takes from the tables."""
        return tuple(item for amount in self.amounts for item in amount.items)

    def by_zone(self, reported: Reported) -> dict[str, Found]:
        """Its values, in the unit of its bands; none where an amount is missing or zero."""
        over = self.over.by_zone(reported)
        under = self.under.by_zone(reported) if self.under else None
        scale, _ = linear(f"({self.over.unit})/({self.under.unit})" if self.under else self.over.unit, self.bands.unit)
        found = {}
        for zone, figure in over.items():
            if under is None and zone == CITY and not all(reported.rows(item, CITY) for item in self.items):
                continue  # prices and shares of zones do not add up
            below = under.get(zone) if under is not None else Figure(1.0)
            if below and below.amount > 0 and figure.amount > 0:
                ratio = figure.amount / below.amount * scale
                found[zone] = Found(zone, ratio, (figure.place, below.place), figure.slack * below.slack)
        return found

    def beyond(self, found: Found, margin: float = 1.0) -> Beyond | None:
        """How one of its values is outside of its bands, however it was rounded; None where it need not be."""
        beyond = self.bands.beyond(found.value)
        if beyond is None:
            return None
        return self.bands.beyond(found.value / found.slack if beyond.is_above else found.value * found.slack, margin)


class Found(NamedTuple):
    """The value of an indicator in a zone, where its amounts are from, and the factor by which rounding may have moved
    it.
    """

    zone: str
    value: float
    places: tuple[str, ...]
    slack: float = 1.0


POPULATION, GDP = Items(("population",)), Items(("gdp",))
PRIMARY = Outputs(("crop_products", "forestry_products", "livestock_products", "fishery_products"))
WATER_USES = ("domestic_water_use", "industrial_water_use", "agricultural_water_use")
POLLUTANTS = {
    "so2": "so2_emission",
    "nox": "nox_emission",
    "dust": "dust_emission",
    "cod": "cod_load",
    "nh3n": "nh3n_load",
    "tp": "tp_load",
    "tn": "tn_load",
}


def _price(item: str, *quantities: str) -> Indicator:
    return Indicator(item, Items((item,)), None, quantities, of_places=False)


INDICATORS = (
    Indicator("population_density", POPULATION, Land(), ("population_density",)),
    Indicator(
        "gdp_per_head",
        GDP,
        POPULATION,
        ("gdp_per_head",),
        ("prefecture 2020-2022", "prefecture 2010"),
    ),
    Indicator("gdp_per_km2", GDP, Land(), ("gdp_per_km2",)),
    Indicator("primary_output_to_gdp", PRIMARY, GDP, ("ratio/primary_output_over_gdp",), side="above"),
    Indicator(
        "primary_value_added_to_gdp",
        ValueAdded(PRIMARY.items),
        GDP,
        ("ratio/primary_value_added_over_gdp",),
        side="above",
        of_places=False,
    ),
    Indicator(
        "crop_output_per_cropland",
        Outputs(("crop_products",)),
        Land("cropland", least=SEEN),
        ("value/crop_output_per_cropland",),
        of_places=False,
        is_patchy=True,
    ),
    Indicator(
        "forestry_output_per_forest",
        Outputs(("forestry_products",)),
        Land("forest", least=SEEN),
        ("value/forestry_output_per_forest",),
        is_patchy=True,
    ),
    Indicator(
        "livestock_output_per_km2",
        Outputs(("livestock_products",)),
        Land(),
        ("value/livestock_output_per_land",),
        is_patchy=True,
    ),
    Indicator(
        "fishery_output_per_km2",
        Outputs(("fishery_products",)),
        Land(),
        ("value/fishery_output_per_land",),
        is_patchy=True,
    ),
    Indicator(
        "fishery_output_per_water",
        Outputs(("fishery_products",)),
        Land("wetland", least=SEEN),
        ("value/fishery_output_per_water",),
        is_patchy=True,
    ),
    Indicator("visits_per_head", Items(("visits",)), POPULATION, ("visits_per_inhabitant",), is_patchy=True),
    Indicator(
        "recreation_per_head",
        Items(("recreation_visits",)),
        POPULATION,
        ("recreation_visits_per_inhabitant",),
        is_patchy=True,
    ),
    Indicator(
        "education_per_head",
        Items(("education_visits",)),
        POPULATION,
        ("education_visits_per_inhabitant",),
        is_patchy=True,
    ),
    Indicator("floor_area_per_head", Items(("floor_area",)), POPULATION, ("floor_area_per_head",), side="above"),
    Indicator("water_use_per_head", Items(WATER_USES), POPULATION, ("water_use_per_head",)),
    Indicator("domestic_water_per_head", Items(WATER_USES[:1]), PersonDays(), ("domestic_water_per_head",)),
    Indicator(
        "irrigation_per_cropland",
        Items(WATER_USES[2:]),
        Land("cropland", least=SEEN),
        ("irrigation_per_area",),
        side="above",
    ),
    Indicator("water_use_to_gdp", Items(WATER_USES), GDP, ("water_use_per_gdp",)),
    Indicator(
        "generation_per_head", Items(("generation",)), POPULATION, ("electricity_per_head",), ("prefecture",), "above"
    ),
    Indicator(
        "electricity_per_head",
        Items(("electricity_consumption",)),
        POPULATION,
        ("electricity_per_head",),
        ("prefecture",),
    ),
    Indicator(
        "reservoir_depth",
        Items(("reservoir_capacity",)),
        Land("wetland", "reservoir"),
        ("reservoir_depth_from_capacity",),
    ),
    Indicator(
        "reservoir_capacity_per_km2",
        Items(("reservoir_capacity",)),
        Land(),
        ("reservoir_capacity_per_km2",),
        side="above",
    ),
    Indicator("barrier_per_km2", Items(("barrier_length",)), Land(), ("barrier_length_per_km2",), side="above"),
    *(
        indicator
        for name, item in POLLUTANTS.items()
        for indicator in (
            Indicator(f"{name}_per_head", Items((item,)), POPULATION, (f"emission/{name}_per_head",), is_patchy=True),
            Indicator(f"{name}_per_km2", Items((item,)), Land(), (f"emission/{name}_per_km2",), is_patchy=True),
        )
    ),
    *(
        Indicator(f"{cost}/{service}", Parts(cost, service), Outputs((service,)), ("ratio/cost_over_output",))
        for service in PRIMARY.items
        for cost in COSTS
    ),
    *(
        Indicator(
            f"{EXTERNAL}/{service}", Parts(EXTERNAL, service), Outputs((service,)), ("ratio/external_over_output",)
        )
        for service in PRIMARY.items
    ),
    Indicator("generation", Items(("generation",)), None, ("hydropower_generation",), of_places=False, is_patchy=True),
    Indicator("premium", Items(("premium",)), None, ("share/landscape_premium",), of_places=False),
    _price("tariff", "electricity_price"),
    _price("travel_cost", "spending_per_visit", "travel_cost_value_per_visit"),
    _price("time_cost", "spending_per_visit", "travel_cost_value_per_visit"),
    _price("visit_price", "spending_per_visit", "travel_cost_value_per_visit"),
    _price("consumer_surplus", "spending_per_visit", "travel_cost_value_per_visit"),
    _price("visit_value", "recreation_value_per_visit"),
    _price("education_visit_value", "recreation_value_per_visit", "spending_per_visit"),
    _price("floor_price", "price/floor_area"),
    _price("domestic_water_price", "water_price/domestic"),
    _price("industrial_water_price", "water_price/industrial"),
    _price("agricultural_water_price", "water_price/agricultural"),
    _price("water_price", "water_price/domestic", "water_price/industrial", "water_price/agricultural"),
    _price("farmland_product_price", "price/sugarcane", "price/tea_dry"),
    _price("wage", "wage"),
)


@dataclass(frozen=True)
class Off:
    """An indicator that is beyond its bands on one side: where, and by how much at the worst."""

    indicator: Indicator
    found: tuple[Found, ...]
    worst: Found
    beyond: Beyond
    is_certain: bool


def unlike_any_place(seen: Seen) -> Iterator[Problem]:
    """Indicators of the tables that no place has."""
    reported, used = Reported(seen), used_items(seen.inputs)
    yield from told_together([off for each in INDICATORS for off in beyond_bands(each, reported)], reported, used)


def told_together(offs: Sequence[Off], reported: Reported, used: Container[str]) -> Iterator[Problem]:
    """What is said of indicators that are beyond their bands: several that share an item are one problem, of that
    item.
    """
    left = list(offs)
    while left:
        item, several = _most_common(left)
        left = [off for off in left if off not in several]
        yield told(several, reported, used, item)


def _most_common(offs: Sequence[Off]) -> tuple[str, list[Off]]:
    """The item that most indicators have in common, with these; no item where it may as well be another; the first
    indicator alone where they share none.
    """
    counts = Counter(item for off in offs for item in off.indicator.items)
    most = max(counts.values())
    items = [item for item, count in counts.items() if count == most]
    if most == 1:
        return "", [offs[0]]
    return items[0] if len(items) == 1 else "", [off for off in offs if items[0] in off.indicator.items]


def beyond_bands(indicator: Indicator, reported: Reported) -> list[Off]:
    """Where an indicator is above its bands, and where it is below."""
    by_side: dict[bool, list[tuple[Found, Beyond]]] = {}
    for zone, found in indicator.by_zone(reported).items():
        beyond = indicator.beyond(found)
        if beyond and indicator.of_places:
            beyond = indicator.beyond(found, _margin(zone, reported))
        if beyond and (beyond.is_above or indicator.side == "both"):
            by_side.setdefault(beyond.is_above, []).append((found, beyond))
    return [
        Off(
            indicator,
            tuple(found for found, _ in several),
            *max(several, key=lambda each: each[1].times),
            any(
                beyond.is_certain
                for found, beyond in several
                if is_above or not indicator.is_patchy or found.zone == CITY
            ),
        )
        for is_above, several in by_side.items()
    ]


def told(several: Sequence[Off], reported: Reported, used: Container[str], item: str = "") -> Problem:
    """What is said of indicators that are beyond their bands; with an `item` that they share, of this. It is an error
    where one is certainly wrong and something rests on it.
    """

    def is_error(off: Off) -> bool:
        return off.is_certain and all(name.partition("/")[0] in used for name in off.indicator.items)

    first = max(several, key=lambda off: (is_error(off), off.beyond.times))
    indicator = first.indicator
    codes = ("P10", "P11") if indicator.is_price else ("O20", "O21")
    code = codes[0] if is_error(first) else codes[1]
    subject = item or indicator.id
    others = [said(off.indicator) for off in several if off is not first]
    if len(others) > SHOWN:
        others = [*others[:SHOWN], say("indicators.more_indicators", count=len(others) - SHOWN)]
    suspects = [amount for amount in indicator.amounts if not item or item in amount.items]
    return problem(
        f"indicators.{code}.unlike_any",
        subject,
        place=joined(list(dict.fromkeys(place for place in first.worst.places if place)), "; ", "；"),
        found=_shown(first.found, indicator.bands.unit, reported),
        allowed=allowed(indicator.bands, first.beyond),
        what=said(indicator),
        how=how_far(first.beyond),
        others=say("indicators.others", others=others) if others else "",
        cause=cause(
            [found.value for found in _zones(first.found)],
            indicator.bands,
            [part_of(amount, indicator) for amount in suspects],
        ),
        waiver=f"{code}/{subject}",
    )


def part_of(amount: Amount, indicator: Indicator) -> Part:
    """An amount as what is divided, or divides."""
    return Part(amount.kind, amount.says(), amount is indicator.over)


def said(indicator: Indicator) -> Text:
    """What an indicator is, in words."""
    if indicator.under is None:
        return indicator.over.says()
    return say("indicators.ratio", over=indicator.over.says(), under=indicator.under.says())


def _margin(zone: str, reported: Reported) -> float:
    people = reported.item("population").get(zone)
    is_part = zone != CITY or not reported.seen.in_china
    return margin_of(reported.land(zone), people.amount if people else None, is_part=is_part)


def margin_of(area: float, people: float | None, *, is_part: bool) -> float:
    """Times by which limits are moved out for a place of an area in m2 with so many people (None: not known)."""
    is_small = square_kilometres(area) < SMALL_AREA or (people is not None and people < SMALL_POPULATION)
    return MARGIN if is_part or is_small else 1.0


def _zones(several: Sequence[Found]) -> list[Found]:
    """The values of zones; that of the whole area where no zone is beyond."""
    return [found for found in several if found.zone != CITY] or list(several)


def _shown(several: Sequence[Found], unit: str, reported: Reported) -> Text:
    return values_by_zone([(reported.name(found.zone), found.value) for found in _zones(several)], unit)


def values_by_zone(values: Sequence[tuple[Text, float]], unit: str) -> Text:
    """Values by zone, the first of them where there are many."""
    return first_of([say("indicators.in_zone", zone=zone, value=shown(value, unit)) for zone, value in values])
