"""Stocks of carbon from rasters: land covers of years with a density for each class and pool, or maps of densities.

Cells that have the same classes in all years make a piece of land; its carbon at each time is its area times the
density there. Between two times land that moves to another class carries the density that it had, as a line of area, or
of reclassification where the project says that such a change is better data and no change of land (`[extent]`). What
the land then holds more is growth, and what it holds less a disturbance; of what was reclassified, a reappraisal.

Stocks are multiples of one small power of two of a tonne, so that every sum of them is exact: accounts close to the
last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from gep.assets.account import AssetTable, Line, Measure
from gep.assets.carbon.changes import Period
from gep.assets.carbon.density import DENSITY, Densities, ecosystem_id
from gep.assets.carbon.strata import Key, Stratum, wrong_depth
from gep.assets.carbon.tables import POOLS
from gep.assets.figures import Figure, given, made, negative, total
from gep.assets.ground import NOT_MAPPED, Ground, Land, Piece, land_name, land_path, open_map
from gep.assets.kinds import unknown_kind
from gep.assets.rows import kind_name
from gep.assets.tables import Row
from gep.core.errors import InputError, Problem, did_you_mean, problem
from gep.core.messages import Text, say
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.standards.classes import class_id, parents
from gep.stocks import carbon
from gep.study.extent import smallest_unit

STOCK = "t*carbon"
NO_STOCKS = {
    "t*carbon/(hm^2*year)": "carbon.K18.flow",
    "t*CO2/(hm^2*year)": "carbon.K18.flow",
    "t*dry_matter/(hm^2*year)": "carbon.K18.flow",
    "t*CO2/hm^2": "carbon.K18.co2",
    "t*dry_matter/hm^2": "carbon.K18.biomass",
}
"""What maps are often of that are given as carbon that stands."""

FEW = 0.001
"""A share of the land without a density that is not worth a word: slivers at the border of a raster."""

MapSpecs = Mapping[str, Mapping[int, LayerSpec]]
"""Rasters of densities by pool and year."""


@dataclass(frozen=True)
class OfMaps:
    """What rasters say: strata by key and year, what moved in each period, land without a density by class, pool and
    year, and what is said of it.
    """

    strata: Mapping[tuple[Key, int], Stratum]
    moved: Mapping[Period, Mapping[tuple[Key, str], list[Figure]]]
    uncovered: Mapping[tuple[Land, str], Mapping[int, Figure]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def open_density_maps(specs: MapSpecs, ground: Ground) -> dict[str, dict[int, Layer]]:
    """The maps of densities, each in carbon per area, for every year of the land covers.

    Raises InputError with everything that is wrong: a flow of a year, carbon dioxide or biomass given as carbon (K18),
    land elsewhere (G02).
    """
    years = ground.years
    problems: list[Problem] = []
    found: dict[str, dict[int, Layer]] = {}
    for pool, by_year in specs.items():
        if pool not in POOLS:
            problems.append(unknown_kind("density_maps", pool, POOLS, Text("gep.toml", "gep.toml")))
        if missing := sorted(set(years) ^ set(by_year)):
            problems.append(problem("carbon.K18.years", pool, found=", ".join(map(str, missing)), years=list(years)))
        for year, spec in by_year.items():
            try:
                found.setdefault(pool, {})[year] = open_map(spec, DENSITY, NO_STOCKS, ground.grid)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(say("assets.wrong_tables"), problems)
    return found


@dataclass
class _Held:
    """What pieces of land hold of a pool at each time: None where no density is known."""

    pool: str
    pieces: Sequence[Piece]
    stocks: list[tuple[Figure | None, ...]]


class TableDensities:
    """Carbon per area of classes: of a table, that of the year and the class first; else of rows of parameters."""

    def __init__(self, rows: Sequence[Row], densities: Densities, ground: Ground) -> None:
        self._densities, self.problems = densities, list[Problem]()
        self._of: dict[tuple[str, str, str, int], Figure] = {}
        known = set(ground.lands)
        for row in rows:
            ecosystem = ecosystem_id(row.text("ecosystem"))
            of = class_id(ecosystem, row.text("land_class")) if row.text("land_class") else ""
            key = (row.text("pool"), ecosystem, of, row.whole("year") or 0)
            if of and (ecosystem, of) not in known:
                there = sorted(name for e, name in known if e == ecosystem and name)
                hint = did_you_mean(of, there)
                self.problems.append(problem("carbon.K18.no_class", of, place=row.place, there=there, hint=hint))
            elif key[3] and key[3] not in ground.years:
                found, years = str(key[3]), list(ground.years)
                self.problems.append(
                    problem("carbon.K18.no_cover", row.text("pool"), place=row.place, found=found, years=years)
                )
            elif key[0] == "soil" and (wrong := wrong_depth(row, densities, "/".join(key[:3]))):
                self.problems.append(wrong)
            elif key in self._of:
                self.problems.append(problem("carbon.K10.twice", "/".join(key[:3]), place=row.place, found=str(key[3])))
            else:
                self._of[key] = row.figure("carbon_density")

    @property
    def pools(self) -> list[str]:
        """The pools of the table."""
        return list(dict.fromkeys(pool for pool, *_ in self._of))

    def of(self, pool: str, land: Land, year: int) -> Figure | None:
        """What holds for a class in a year; None where nothing does."""
        ecosystem, name = land
        names = dict.fromkeys((name, *parents(ecosystem, name), ""))
        keys = [(pool, ecosystem, of, at) for of in names for at in (year, 0)]
        found = next((self._of[key] for key in keys if key in self._of), None)
        if found is None and pool in self._densities.section.density_rows:
            return self._densities.of_land(pool, ecosystem, name)
        return found


def stocks_of_maps(ground: Ground, rows: Sequence[Row], densities: Densities, maps: MapSpecs) -> OfMaps:
    """The strata of rasters. Raises InputError where a map is no map of densities."""
    layers = open_density_maps(maps, ground)
    table = TableDensities(rows, densities, ground)
    problems = list(table.problems)
    pools = list(dict.fromkeys([*table.pools, *densities.section.density_rows]))
    problems += [
        unknown_kind("density_rows", pool, POOLS, Text("gep.toml", "gep.toml"))
        for pool in densities.section.density_rows
        if pool not in POOLS
    ]
    problems += [problem("carbon.K18.two_densities", pool) for pool in pools if pool in layers]
    if not pools and not layers:
        problems.append(problem("carbon.K18.no_density", "densities"))
    if any(found.severity == "error" for found in problems):
        return OfMaps({}, {}, problems=tuple(problems))
    held = []
    if pools:
        pieces = ground.pieces()
        held += [_of_table(pool, pieces, table, ground) for pool in pools]
    held += [_of_layers(pool, layers[pool], ground) for pool in layers]
    exact = _exact(held)
    uncovered = _uncovered(exact, ground)
    problems += _questions(uncovered, exact, ground)
    return OfMaps(_strata(exact, ground), _moved(exact, ground), uncovered, tuple(problems))


def _area(piece: Piece, place: Text) -> Figure:
    return given(piece.area, "m^2", place)


def _of_table(pool: str, pieces: Sequence[Piece], table: TableDensities, ground: Ground) -> _Held:
    def stock(piece: Piece, at: int, year: int) -> Figure | None:
        density = table.of(pool, piece.lands[at], year)
        if density is None:
            return None
        area = _area(piece, ground.place(year))
        return made(carbon.carbon_of_stratum, carbon_density=density, stratum_area=area)

    stocks = [tuple(stock(piece, at, year) for at, year in enumerate(ground.years)) for piece in pieces]
    return _Held(pool, pieces, stocks)


def _of_layers(pool: str, layers: Mapping[int, Layer], ground: Ground) -> _Held:
    """Land of no class is held apart: its carbon is of no ecosystem."""
    pieces = ground.pieces([layers[year] for year in ground.years])

    def stock(piece: Piece, at: int, year: int) -> Figure | None:
        mean = piece.means[at]
        if mean is None or piece.lands[at] == NOT_MAPPED:
            return None
        density = given(mean, DENSITY, say("ground.map", file=layers[year].place, year=year))
        area = _area(piece, ground.place(year))
        return made(carbon.carbon_of_stratum, carbon_density=density, stratum_area=area)

    stocks = [tuple(stock(piece, at, year) for at, year in enumerate(ground.years)) for piece in pieces]
    return _Held(pool, pieces, stocks)


def _exact(held: Sequence[_Held]) -> list[_Held]:
    """The same with stocks as whole multiples of one unit, of which sums need no rounding."""
    whole = math.fsum(abs(figure.value) for one in held for row in one.stocks for figure in row if figure is not None)
    unit = smallest_unit(whole)

    def rounded(figure: Figure | None) -> Figure | None:
        return None if figure is None else replace(figure, value=round(figure.value / unit) * unit)

    return [replace(one, stocks=[tuple(map(rounded, row)) for row in one.stocks]) for one in held]


def _key(pool: str, zone: str, land: Land) -> Key:
    return zone, land[0], land_path(land), pool


def _strata(held: Sequence[_Held], ground: Ground) -> dict[tuple[Key, int], Stratum]:
    """A stratum for each zone, class and pool that has carbon in some year, in every year."""
    parts: dict[tuple[Key, int], list[tuple[Piece, Figure]]] = {}
    for one in held:
        for piece, stocks in zip(one.pieces, one.stocks, strict=True):
            for at, (year, stock) in enumerate(zip(ground.years, stocks, strict=True)):
                if stock is not None:
                    parts.setdefault((_key(one.pool, piece.zone, piece.lands[at]), year), []).append((piece, stock))
    keys = sorted({key for key, _ in parts})
    return {
        (key, year): _stratum(key, year, parts.get((key, year), []), ground) for key in keys for year in ground.years
    }


def _stratum(key: Key, year: int, parts: Sequence[tuple[Piece, Figure]], ground: Ground) -> Stratum:
    place = ground.place(year)
    if not parts:
        none, nothing = given(0, "m^2", place), given(0, STOCK, place)
        return Stratum(key, year, place, nothing, none, is_of_map=True)
    area = total([_area(piece, place) for piece, _ in parts], "m^2")
    stock = total([figure for _, figure in parts], STOCK)
    of = {id(density): density for _, figure in parts for density in [dict(figure.parts)["carbon_density"]]}
    density = (
        next(iter(of.values()))
        if len(of) == 1
        else made(carbon.density_of_stock, carbon_stock=stock, stratum_area=area)
    )
    return Stratum(key, year, place, stock, area, density, is_of_map=True)


def _moved(held: Sequence[_Held], ground: Ground) -> dict[Period, dict[tuple[Key, str], list[Figure]]]:
    found: dict[Period, dict[tuple[Key, str], list[Figure]]] = {}
    for at, (first, last) in enumerate(pairwise(ground.years)):
        lines: dict[tuple[Key, str], list[Figure]] = {}
        for one in held:
            for piece, stocks in zip(one.pieces, one.stocks, strict=True):
                for key, line, amount in _lines(one.pool, piece, at, stocks, ground):
                    lines.setdefault((key, line), []).append(amount)
        found[Period(first, last)] = lines
    return found


def _lines(
    pool: str, piece: Piece, at: int, stocks: Sequence[Figure | None], ground: Ground
) -> Iterator[tuple[Key, str, Figure]]:
    """What a piece of land means for the lines between two times."""
    opening, closing = stocks[at], stocks[at + 1]
    before, after = piece.lands[at], piece.lands[at + 1]
    giver, taker = (_key(pool, piece.zone, land) for land in (before, after))
    is_other_ecosystem = before[0] != after[0]
    is_redrawn = is_other_ecosystem and ground.transitions.kind(before[0], after[0]) == "reappraisal"
    went, came = ("reclassified_out", "reclassified_in") if is_redrawn else ("area_out", "area_in")
    if before != after or opening is None or closing is None:
        carried = closing if opening is None else opening
        if opening is not None:
            yield giver, went, negative(opening)
        if closing is not None and carried is not None:
            yield taker, came, carried
    if opening is None or closing is None:
        return
    change = total([closing, negative(opening)], STOCK)
    if change.value:
        up, down = ("reappraised_up", "reappraised_down") if is_redrawn else ("growth", "disturbance")
        yield taker, up if change.value > 0 else down, change


# land without a density -----------------------------------------------------------------------------------------------


def _uncovered(held: Sequence[_Held], ground: Ground) -> dict[tuple[Land, str], dict[int, Figure]]:
    parts: dict[tuple[Land, str], dict[int, list[Figure]]] = {}
    for one in held:
        for piece, stocks in zip(one.pieces, one.stocks, strict=True):
            for at, (year, stock) in enumerate(zip(ground.years, stocks, strict=True)):
                if stock is None:
                    of_land = parts.setdefault((piece.lands[at], one.pool), {})
                    of_land.setdefault(year, []).append(_area(piece, ground.place(year)))
    return {key: {year: total(of_year.get(year, []), "m^2") for year in ground.years} for key, of_year in parts.items()}


def _questions(
    uncovered: Mapping[tuple[Land, str], Mapping[int, Figure]], held: Sequence[_Held], ground: Ground
) -> Iterator[Problem]:
    """Of how much of the land a pool is not told."""
    for one in held:
        whole = math.fsum(piece.area for piece in one.pieces)
        for year in ground.years:
            lacking = {land: areas[year].value for (land, pool), areas in uncovered.items() if pool == one.pool}
            share = math.fsum(lacking.values()) / whole if whole else 0.0
            if share > FEW:
                largest = sorted((land for land, area in lacking.items() if area), key=lambda land: -lacking[land])
                yield problem(
                    "carbon.K19.uncovered",
                    one.pool,
                    place=str(year),
                    found=f"{100 * share:.3g} %",
                    share=share,
                    classes=[land_name(land) for land in largest[:5]],
                )


def uncovered_table(uncovered: Mapping[tuple[Land, str], Mapping[int, Figure]], years: Sequence[int]) -> AssetTable:
    """Land in none of the stocks, since no density of it is known: by class and pool, a column for each year."""
    lines = [
        Line(
            {"land_class": land_name(land), "pool": kind_name(pool)},
            {str(year): areas[year] for year in years},
            key=f"{'/'.join(filter(None, land))}/{pool}",
        )
        for (land, pool), areas in sorted(uncovered.items())
    ]
    measures = tuple(Measure(str(year), Text(str(year), str(year)), "hm^2", 0) for year in years)
    headings = tuple((part, say(f"carbon.column.{part}")) for part in ("land_class", "pool"))
    return AssetTable("uncovered", say("carbon.table.uncovered"), headings, measures, tuple(lines))
