"""What pastures yield and can feed, season by season."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, exact, made, total
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.parameters import Parameters
from gep.assets.rows import kind_name
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.stocks.grazing import (
    carrying_capacity,
    forage_of_area,
    forage_of_index,
    forage_of_production,
    forage_with_regrowth,
)

WHOLE_YEAR = "whole_year"

SEASONS = ("growing_season", "warm_season", "spring_autumn", "cold_season", WHOLE_YEAR)

STEPPES = (
    "meadow_steppe",
    "typical_steppe",
    "desert_steppe",
    "temperate_meadow_steppe",
    "temperate_steppe",
    "temperate_desert_steppe",
    "lowland_meadow",
)

Place = tuple[str, str]
"""County and herder; the herder empty where the table names none."""


@dataclass(frozen=True)
class Pasture:
    """A pasture in a season: its land, what grows on it, how many sheep units that feeds; `mean_capacity` is that of
    the mean yield of several years, where it is given.
    """

    place: Place
    steppe: str
    season: str
    area: Figure
    forage: Figure
    capacity: Figure
    mean_capacity: Figure | None


def pastures_of(
    rows: Sequence[Row], parameters: Parameters, region: str, year: int | None
) -> tuple[list[Pasture], list[Problem]]:
    """The pastures of a table with their capacities, and everything that is wrong with it."""
    pastures: list[Pasture] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], Text] = {}
    for row in rows:
        steppe, season = kind_of(row.text("steppe"), STEPPES), kind_of(row.text("season"), SEASONS)
        wrong = [
            unknown_kind(column, row.text(column), among, row.place)
            for column, found, among in (("steppe", steppe, STEPPES), ("season", season, SEASONS))
            if not found
        ]
        key = (row.text("zone"), row.text("herder"), steppe, season)
        if not wrong and key in seen:
            wrong.append(problem("grazing.K41.pasture_twice", row.text("zone"), place=row.place, first=seen[key]))
        seen.setdefault(key, row.place)
        if not wrong:
            made_of = _Pasture(row, steppe, season, parameters, region, year)
            pasture = made_of.pasture()
            wrong = made_of.problems
            if pasture is not None:
                pastures.append(pasture)
        problems += wrong
    return pastures, problems


class _Pasture:
    """A row of pastures while its numbers are looked up."""

    def __init__(
        self, row: Row, steppe: str, season: str, parameters: Parameters, region: str, year: int | None
    ) -> None:
        self.row, self.steppe, self.season, self.region = row, steppe, season, region
        self.parameters, self.year = parameters, year
        self.problems: list[Problem] = []

    def pasture(self) -> Pasture | None:
        growth = self._yield()
        use = self._number("utilisation_rate", f"{self.steppe}/{self.season}")
        days = self._number("grazing_days", self.season)
        intake = self._parameter("daily_intake", "sheep_unit")
        if growth is None or use is None or days is None or intake is None:
            return None
        edible = self.row.number("edible_share") or exact(1, "1", say("grazing.all_edible"))
        area = self.row.figure("area")

        def capacity(of: Figure) -> Figure:
            return made(
                carrying_capacity,
                forage_production=made(forage_of_area, forage_yield=of, grazed_area=area),
                edible_share=edible,
                utilisation_rate=use,
                daily_intake=intake,
                grazing_days=days,
            )

        mean = self.row.number("mean_yield")
        return Pasture(
            (self.row.text("zone"), self.row.text("herder")),
            self.steppe,
            self.season,
            area,
            made(forage_of_area, forage_yield=growth, grazed_area=area),
            capacity(growth),
            capacity(mean) if mean else None,
        )

    def _yield(self) -> Figure | None:
        """The yield: given, from net primary production, or by a fit. One of them, never a mean of other land."""
        given_ones = [name for name in ("forage_yield", "production", "vegetation_index") if self.row.number(name)]
        if len(given_ones) != 1:
            key = "two_yields" if given_ones else "no_yield"
            self.problems.append(problem(f"grazing.K41.{key}", self.row.text("zone"), place=self.row.place))
            return None
        growth = {
            "forage_yield": lambda: self.row.number("forage_yield"),
            "production": self._of_production,
            "vegetation_index": self._of_index,
        }[given_ones[0]]()
        regrowth = self.row.number("regrowth")
        if growth is None or regrowth is None:
            return growth
        return made(forage_with_regrowth, forage_yield=growth, regrowth=regrowth)

    def _of_production(self) -> Figure | None:
        carbon, ratio = self._parameter("carbon_per_forage"), self._parameter("below_above_ratio", self.steppe)
        if carbon is None or ratio is None:
            return None
        return made(
            forage_of_production,
            net_primary_production=self.row.figure("production"),
            carbon_per_forage=carbon,
            below_above_ratio=ratio,
        )

    def _of_index(self) -> Figure | None:
        """By the fit of the year, which the table has to give: none is shipped."""
        scale, exponent = self.row.number("forage_scale"), self.row.number("forage_exponent")
        if scale is None or exponent is None:
            self.problems.append(problem("grazing.K41.no_fit", self.row.text("zone"), place=self.row.place))
            return None
        return made(
            forage_of_index,
            vegetation_index=self.row.figure("vegetation_index"),
            forage_scale=scale,
            forage_exponent=exponent,
        )

    def _number(self, name: str, of: str) -> Figure | None:
        return self.row.number(name) or self._parameter(name, of)

    def _parameter(self, name: str, of: str = "") -> Figure | None:
        found = self.parameters.lookup(name, ecosystem="grassland", of=of, region=self.region, year=self.year)
        if found is None:
            there = list(dict.fromkeys(_where(row.of, row.row.region) for row in self.parameters.rows(name)))
            self.problems.append(
                problem(
                    "grazing.K42.no_number",
                    name,
                    place=self.row.place,
                    of=kind_name(of),
                    region=self.region,
                    there=there,
                )
            )
        return found


def _where(of: str, region: str) -> Text:
    return kind_name("/".join(part for part in (of, region) if part))


def by_place(pastures: Sequence[Pasture]) -> Mapping[Place, list[Pasture]]:
    """Pastures by county and herder, in the order of the table."""
    found: dict[Place, list[Pasture]] = {}
    for pasture in pastures:
        found.setdefault(pasture.place, []).append(pasture)
    return found


def mixed_seasons(pastures: Sequence[Pasture], name: Callable[[Place], str]) -> Iterator[Problem]:
    """Places that have both seasons and a whole year: one land would feed twice."""
    for place, found in by_place(pastures).items():
        seasons = {pasture.season for pasture in found}
        if WHOLE_YEAR in seasons and len(seasons) > 1:
            yield problem("grazing.K41.mixed_seasons", name(place), seasons=[kind_name(s) for s in sorted(seasons)])


def season_days(pastures: Sequence[Pasture]) -> dict[str, float]:
    """How long each season of a place is, by the pasture that is grazed longest in it."""
    found: dict[str, float] = {}
    for pasture in pastures:
        days = dict(pasture.capacity.parts)["grazing_days"].to("day/year")
        found[pasture.season] = max(days, found.get(pasture.season, 0.0))
    return found


def season_capacities(pastures: Sequence[Pasture]) -> dict[str, Figure]:
    """What each season of a place feeds."""
    seasons = dict.fromkeys(pasture.season for pasture in pastures)
    return {season: total([p.capacity for p in pastures if p.season == season], "sheep_unit") for season in seasons}


def proper_capacity(pastures: Sequence[Pasture]) -> tuple[str, Figure]:
    """The season that binds, and what it feeds: animals stay for all seasons, so the least of them decides."""
    return min(season_capacities(pastures).items(), key=lambda item: item[1].value)


def mean_capacity(pastures: Sequence[Pasture]) -> Figure | None:
    """The same with the mean yield of several years; None where a pasture has none."""
    if any(pasture.mean_capacity is None for pasture in pastures):
        return None
    seasons = dict.fromkeys(pasture.season for pasture in pastures)
    return min(
        (
            total([p.mean_capacity for p in pastures if p.season == season and p.mean_capacity], "sheep_unit")
            for season in seasons
        ),
        key=lambda figure: figure.value,
    )
