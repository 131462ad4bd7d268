"""A zone beside its fellows: a figure that is a multiple of what the other zones of the city have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import say
from gep.core.units import convert
from gep.engine.checks.reported import Figure, Reported
from gep.engine.checks.seen import Seen
from gep.engine.checks.used import used_items
from gep.engine.checks.words import times_text
from gep.inputs.items import in_unit, item_label, item_unit, item_units, product_unit
from gep.inputs.tables import Statistic

FEWEST = 3
"""Zones of which one can be held to the middle of the others."""


@dataclass(frozen=True)
class _Limits:
    """Times above or below the median of the other zones from which a figure is asked after, and is refused."""

    asked: float
    refused: float


AMOUNT = _Limits(30.0, 3000.0)
"""Of an amount, per head and per square kilometre alike: the one that differs less counts."""

PRICE = _Limits(10.0, 100.0)
"""Of a price, which the counties of one city share."""

DIFFERENT = frozenset({"population", "gdp"})
"""Items whose density differs from county to county more than any limit here: bands hold them."""

INTENSIVE = frozenset({"1", "1/year", "day/year", "dBA", "t/(hm^2*year)", "h/visit"})
"""Units of what does not grow with a zone: not put beside its land and its people."""


def unlike_their_fellows(seen: Seen) -> Iterator[Problem]:
    """Figures of one zone that are far from those of the others."""
    reported, used = Reported(seen), used_items(seen.inputs)
    for (item, measure), figures in _series(reported).items():
        limits = PRICE if measure == "price" else AMOUNT
        times = _times(reported, measure, figures)
        zone = max(times, key=lambda of: max(times[of], 1 / times[of]), default="")
        size = max(times[zone], 1 / times[zone]) if zone else 1.0
        if size < limits.asked:
            continue  # the others are held to a middle that the worst one moves
        code = "O22" if size >= limits.refused and item.partition("/")[0] in used else "O23"
        said = times_text(size)
        yield problem(
            f"indicators.{code}.unlike_fellows",
            item,
            place=figures[zone].place,
            found=say("indicators.times_above" if times[zone] > 1 else "indicators.times_below", times=said),
            allowed=say(
                "indicators.price_times" if measure == "price" else "indicators.amount_times", times=limits.asked
            ),
            zone=reported.name(zone),
            item=item_label(item) if item in item_units() else item,
            waiver=f"O22/{item}",
        )


def _series(reported: Reported) -> dict[tuple[str, str], dict[str, Figure]]:
    """Figures above zero by zone, of each item and measure that enough zones report."""
    series: dict[tuple[str, str], dict[str, Figure]] = {}
    for row in reported.seen.inputs.statistics:
        if row.value and row.zone != CITY and row.item not in DIFFERENT and item_unit(row.item) not in INTENSIVE:
            series.setdefault((row.item, row.measure), {})[row.zone] = Figure(_in_one_unit(row), row.place)
    return {of: figures for of, figures in series.items() if len(figures) >= FEWEST}


def _in_one_unit(row: Statistic) -> float:
    """A figure in a unit that all zones share."""
    value = row.value or 0.0
    if unit := item_unit(row.item):
        return in_unit(value, row.unit, unit)
    unit = product_unit(row.base, row.measure, row.unit)
    return convert(value, row.unit, unit) if row.measure == "price" else in_unit(value, row.unit, unit)


def _times(reported: Reported, measure: str, figures: Mapping[str, Figure]) -> dict[str, float]:
    """How many times the median of the others each zone has: of its amount per area or per head, whichever is nearer
    to theirs; of a price as it is.
    """
    if measure == "price":
        return _to_others({zone: figure.amount for zone, figure in figures.items()})
    people = reported.item("population")
    bases = [{zone: reported.land(zone) for zone in figures}]
    if all(zone in people for zone in figures):
        bases.append({zone: people[zone].amount for zone in figures})
    ratios = [
        _to_others({zone: figures[zone].amount / base[zone] for zone in figures if base[zone] > 0}) for base in bases
    ]
    common = set.intersection(*(set(ratio) for ratio in ratios))
    found = {}
    for zone in common:
        of_zone = [ratio[zone] for ratio in ratios]
        if all(ratio > 1 for ratio in of_zone) or all(ratio < 1 for ratio in of_zone):
            found[zone] = min(of_zone, key=lambda ratio: max(ratio, 1 / ratio))
    return dict(sorted(found.items()))


def _to_others(values: Mapping[str, float]) -> dict[str, float]:
    """Each value over the median of the others."""
    if len(values) < FEWEST:
        return {}
    ranked = sorted(values, key=values.__getitem__)
    ranks = {zone: rank for rank, zone in enumerate(ranked)}
    middle = (len(values) - 2) // 2, (len(values) - 1) // 2  # of all but one

    def of_others(zone: str) -> float:
        low, high = (values[ranked[at + (at >= ranks[zone])]] for at in middle)
        return (low + high) / 2

    return {zone: value / of_others(zone) for zone, value in values.items()}
