"""The stock of every stratum and year, and what is wrong with what tables say of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gep.assets.carbon.density import Densities, Stand, kind_id, place_of
from gep.assets.carbon.tables import PARTS
from gep.assets.figures import Figure, made
from gep.assets.tables import Row
from gep.core.errors import CoefficientError, Problem, problem
from gep.core.messages import Text, say
from gep.core.units import convert
from gep.stocks import carbon

Key = tuple[str, str, str, str]
"""Zone, ecosystem, class and pool."""

WAYS = ("growing_stock", "shrub_cover", "carbon_density", "carbon_stock")

ALIKE = 0.05
"""How near a ratio must come to a factor of units, as a share, to be taken for a slip of them."""


@dataclass(frozen=True)
class Stratum:
    """What stands in a stratum in a year. `density` and `area` are None where the table has but the stock."""

    key: Key
    year: int
    place: Text
    stock: Figure
    area: Figure | None = None
    density: Figure | None = None
    stand: Stand | None = None
    growing_stock: Figure | None = None
    forest_type: str = ""
    is_of_map: bool = False
    """Whether rasters say it: they say then also what came and went."""


Strata = Mapping[tuple[Key, int], Stratum]


def strata_of(
    rows: Sequence[Row], densities: Densities, of_maps: Strata | None = None
) -> tuple[dict[tuple[Key, int], Stratum], list[Problem]]:
    """The strata of a table beside those of rasters, and every problem with them."""
    found: dict[tuple[Key, int], Stratum] = dict(of_maps or {})
    problems: list[Problem] = []
    for row in rows:
        zone, ecosystem, land_class, year = place_of(row)
        key = (zone, ecosystem, land_class, row.text("pool"))
        if (key, year) in found:
            problems.append(problem("carbon.K10.twice", _name(key), place=row.place, found=str(year)))
            continue
        try:
            stratum, wrong = _stratum(row, key, year, densities)
        except CoefficientError as error:
            problems += [_at(one, row.place) for one in error.problems]
            continue
        problems += wrong
        if stratum is not None:
            found[key, year] = stratum
    problems += [*_overlaps(found), *_lacking(found)]
    if not problems:
        problems += _slips(found, densities)
    return found, problems


def _at(one: Problem, place: Text) -> Problem:
    return one if one.place else replace(one, place=place)


def _name(key: Key) -> str:
    return "/".join(part for part in key if part)


def _stratum(row: Row, key: Key, year: int, densities: Densities) -> tuple[Stratum | None, list[Problem]]:
    name, pool, area = _name(key), key[3], row.number("area")
    ways = [way for way in WAYS if row.number(way) is not None]
    problems = []
    if len(ways) > 1:
        problems.append(problem("carbon.K10.ways", name, place=row.place, found=", ".join(ways)))
    if pool == "soil" and ways and (wrong := wrong_depth(row, densities, name)):
        problems.append(wrong)
    if "carbon_stock" not in ways and area is None:
        problems.append(problem("carbon.K10.no_area", name, place=row.place))
    if "growing_stock" in ways and (pool != "tree" or not row.text("forest_type")):
        problems.append(problem("carbon.K10.no_type", name, place=row.place))
    if "shrub_cover" in ways and (pool != "shrub" or row.number("forest_biomass") is None):
        problems.append(problem("carbon.K10.no_forest", name, place=row.place))
    if problems:
        return None, problems
    if "carbon_stock" in ways:
        stock = row.figure("carbon_stock")
        density = (
            made(carbon.density_of_stock, carbon_stock=stock, stratum_area=area) if area and area.value > 0 else None
        )
        return Stratum(key, year, row.place, stock, area, density), []
    assert area is not None
    stand, growing, of = None, row.number("growing_stock"), kind_id(row.text("forest_type"))
    if growing is not None:
        stand = densities.stand(growing, of)
        density = stand.density
    elif (cover := row.number("shrub_cover")) is not None:
        density = densities.shrubs(row.figure("forest_biomass"), cover)
    else:
        density = row.number("carbon_density") or _other_density(row, key, densities)
    if density is None:
        return None, [problem("carbon.K10.no_density", name, place=row.place)]
    stock = made(carbon.carbon_of_stratum, carbon_density=density, stratum_area=area)
    return Stratum(key, year, row.place, stock, area, density, stand, growing, of), []


def _other_density(row: Row, key: Key, densities: Densities) -> Figure | None:
    place, pool = place_of(row), key[3]
    measured = {"tree": densities.of_plots, "soil": densities.of_soil}.get(pool, {}).get(place)
    return measured or densities.of_class(pool, key[2], key[1])


def wrong_depth(row: Row, densities: Densities, name: str) -> Problem | None:
    """That carbon of soil is of no depth, or of another one than the account."""
    depth, wanted = row.number("soil_depth"), densities.section.soil_depth
    value, _, unit = wanted.partition(" ")
    if depth is None:
        return problem("carbon.K10.no_depth", name, place=row.place, wanted=wanted)
    if not math.isclose(depth.to(unit), float(value), rel_tol=1e-9):
        found = f"{depth.to(unit):g} {unit}"
        return problem("carbon.K10.depth", name, place=row.place, found=found, wanted=value)
    return None


def _overlaps(strata: Strata) -> Iterator[Problem]:
    """Pools of a stratum that hold one another."""
    pools: dict[tuple[str, str, str, int], set[str]] = {}
    for (zone, ecosystem, land_class, pool), year in strata:
        pools.setdefault((zone, ecosystem, land_class, year), set()).add(pool)
    for (*where, year), there in pools.items():
        for whole in there & set(PARTS):
            if held := sorted(PARTS[whole] & there):
                yield problem(
                    "carbon.K10.overlap", "/".join(where), place=str(year), whole=whole, found=", ".join(held)
                )


def _lacking(strata: Strata) -> Iterator[Problem]:
    """Strata that are told of in one year and not in another: what is not told is not none."""
    years = years_of(strata)
    keys = {key for key, _ in strata}
    for key in sorted(keys):
        if missing := [year for year in years if (key, year) not in strata]:
            yield problem("carbon.K10.missing_year", _name(key), found=", ".join(map(str, missing)))


def years_of(strata: Strata) -> list[int]:
    """The years of the inventories."""
    return sorted({year for _, year in strata})


def _slips(strata: Strata, densities: Densities) -> Iterator[Problem]:
    """Densities that are off by a factor of units: mu for hectares, carbon dioxide for carbon."""
    factors = {
        "mu": convert(1, "hm^2", "亩"),
        "co2": densities.find("co2_per_carbon", ecosystem="").value,
    }
    for (key, year), stratum in strata.items():
        if stratum.density is None or stratum.stand is not None:
            continue
        published = densities.of_class(key[3], key[2], key[1])
        others = [(say("carbon.published"), published)] if published is not None else []
        for one, other in pairwise(years_of(strata)):
            if other == year and (earlier := strata.get((key, one))) is not None and earlier.density is not None:
                others.append((Text(str(one), str(one)), earlier.density))
        for name, reference in others:
            for slip, factor in factors.items():
                if is_off_by(stratum.density.to(reference.unit), reference.value, factor):
                    yield problem(
                        f"carbon.K16.{slip}",
                        _name(key),
                        place=stratum.place,
                        found=f"{stratum.density.value:.4g}",
                        other=name,
                        reference=f"{reference.to(stratum.density.unit):.4g}",
                    )


def is_off_by(value: float, reference: float, factor: float) -> bool:
    """Whether a number is another one times or over a factor, nearly."""
    if value <= 0 or reference <= 0:
        return False
    return abs(abs(math.log(value / reference)) - math.log(factor)) < ALIKE


def by(strata: Iterable[Stratum], part: int) -> dict[str, list[Stratum]]:
    """Strata by zone, ecosystem, class or pool."""
    found: dict[str, list[Stratum]] = {}
    for stratum in strata:
        found.setdefault(stratum.key[part], []).append(stratum)
    return found
