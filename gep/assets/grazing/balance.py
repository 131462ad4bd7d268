"""Herds and feed in sheep units, and the balance of a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, made, total
from gep.assets.grazing.pasture import Pasture, Place, mean_capacity, proper_capacity
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.parameters import Parameters
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.stocks.grazing import capacity_of_feed, excess_stocking, overload_rate, stocking

CLASSES = ("potential", "balance", "light_overload", "moderate_overload", "severe_overload")


@dataclass(frozen=True)
class Herd:
    """Animals of one kind in a place, in sheep units."""

    place: Place
    animal: str
    heads: Figure
    factor: Figure
    units: Figure


@dataclass(frozen=True)
class Balance:
    """What a place can feed and what grazes there, `actual`: None where nobody told of herds. `capacity` is that of its
    grass, `feed` what comes from elsewhere; `rate` rests on grass alone, `rate_with_feed` on both.
    """

    area: Figure
    forage: Figure
    season: str
    capacity: Figure
    feed: Figure | None
    actual: Figure | None
    mean: Figure | None

    @property
    def rate(self) -> Figure | None:
        """Overload on grass alone; None where there is no capacity to compare with."""
        return _rate(self.actual, self.capacity)

    @property
    def rate_with_feed(self) -> Figure | None:
        """Overload with feed from elsewhere; None where nothing is said of feed: that is not none."""
        return _rate(self.actual, total([self.capacity, self.feed], "sheep_unit")) if self.feed else None

    @property
    def rate_of_mean(self) -> Figure | None:
        """Overload had the grass grown as in the mean of several years."""
        return _rate(self.actual, self.mean) if self.mean else None

    @property
    def excess(self) -> Figure | None:
        """What would have to leave for the balance, on grass alone."""
        if self.actual is None:
            return None
        return made(excess_stocking, actual_stocking=self.actual, proper_capacity=self.capacity)


def _rate(actual: Figure | None, capacity: Figure) -> Figure | None:
    if actual is None or not capacity.value:
        return None
    return made(overload_rate, actual_stocking=actual, proper_capacity=capacity)


def herds_of(
    rows: Sequence[Row], parameters: Parameters, units: str, year: int | None
) -> tuple[list[Herd], list[Problem]]:
    """Herds in sheep units by the table of factors that `units` names, and everything that is wrong with them."""
    herds: list[Herd] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], object] = {}
    known = list(
        dict.fromkeys(
            row.of for row in parameters.rows("sheep_units_per_head") if row.row.region in ("", units) and row.of
        )
    )
    for row in rows:
        animal = kind_of(row.text("animal"), known)
        factor = row.number("sheep_units_per_head")
        if not animal and factor is None:
            problems.append(unknown_kind("animal", row.text("animal"), known, row.place))
            continue
        key = (row.text("zone"), row.text("herder"), animal or row.text("animal"))
        if key in seen:
            problems.append(problem("grazing.K43.herd_twice", row.text("zone"), place=row.place, first=seen[key]))
            continue
        seen[key] = row.place
        of_year = parameters.find("days_of_year")
        factor = factor or parameters.find("sheep_units_per_head", of=animal, region=units, year=year)
        figure = made(
            stocking,
            heads=row.figure("heads"),
            sheep_units_per_head=factor,
            days_present=row.number("grazing_days") or of_year,
            days_of_year=of_year,
        )
        place = (row.text("zone"), row.text("herder"))
        herds.append(Herd(place, animal or row.text("animal"), row.figure("heads"), factor, figure))
    return herds, problems


def feed_of(rows: Sequence[Row], parameters: Parameters) -> dict[Place, Figure]:
    """What feed from elsewhere keeps, by place."""
    found: dict[Place, list[Figure]] = {}
    for row in rows:
        figure = made(
            capacity_of_feed,
            feed_mass=row.figure("mass"),
            feed_use=row.figure("feed_use"),
            daily_intake=parameters.find("daily_intake", ecosystem="grassland", of="sheep_unit"),
            grazing_days=parameters.find("days_of_year"),
        )
        found.setdefault((row.text("zone"), row.text("herder")), []).append(figure)
    return {place: total(figures, "sheep_unit") for place, figures in found.items()}


def balance_of(pastures: Sequence[Pasture], herds: Sequence[Herd], feed: Figure | None) -> Balance:
    """The balance of a place; the land of several seasons is counted once, as that of the season with the most. Without
    herds it has a capacity alone: none were told of, which is not none.
    """
    season, capacity = proper_capacity(pastures)
    mean = mean_capacity(pastures)
    seasons = dict.fromkeys(pasture.season for pasture in pastures)
    areas, forages = (
        {s: total([getattr(p, name) for p in pastures if p.season == s], unit) for s in seasons}
        for name, unit in (("area", "hm^2"), ("forage", "kg*dry_matter/year"))
    )
    return Balance(
        areas[season],
        forages[season],
        season,
        capacity,
        feed,
        total([herd.units for herd in herds], "sheep_unit") if herds else None,
        mean,
    )


def sum_of(balances: Sequence[Balance]) -> Balance:
    """The balance of several places, from the sums of their animals and capacities: never the mean of their rates."""
    means = [balance.mean for balance in balances if balance.mean]
    feeds = [balance.feed for balance in balances if balance.feed]
    actual = [balance.actual for balance in balances if balance.actual]
    return Balance(
        total([b.area for b in balances], "hm^2"),
        total([b.forage for b in balances], "kg*dry_matter/year"),
        "",
        total([b.capacity for b in balances], "sheep_unit"),
        total(feeds, "sheep_unit") if len(feeds) == len(balances) else None,
        total(actual, "sheep_unit") if len(actual) == len(balances) else None,
        total(means, "sheep_unit") if len(means) == len(balances) else None,
    )


def class_of(rate: Figure | None, parameters: Parameters) -> str:
    """The class of a rate; empty where there is no rate. A limit belongs to the class above it."""
    if rate is None:
        return ""
    for name in CLASSES[:-1]:
        if rate.value < parameters.find("overload_limit", ecosystem="grassland", of=name).to("1"):
            return name
    return CLASSES[-1]


def count_of_classes(classes: Mapping[Place, str]) -> dict[str, int]:
    """How many places are of each class."""
    return {name: sum(found == name for found in classes.values()) for name in CLASSES}


def without_herds(pastures: Sequence[Place], herds: Sequence[Place]) -> list[Problem]:
    """Places that stand in one table and not in the other: a herd without pasture, a pasture without herd."""
    found = [problem("grazing.K43.no_pasture", _name(place)) for place in dict.fromkeys(herds) if place not in pastures]
    return found + [
        problem("grazing.K43.no_herd", _name(place)) for place in dict.fromkeys(pastures) if place not in herds
    ]


def _name(place: Place) -> str:
    return " / ".join(part for part in place if part)
