"""Statistics of zones beside polygons that are no zones of the tables: a park or a basin that lies in some counties.

What the tables report of a zone that is asked for, by its code or by its land, counts as it is. The rest is left out,
or shared by area on request:

    amount   V_t = sum over s of V_s A(s and t) / A(s)
    price    P_t = (sum over s of P_s Q_s A(s and t) / A(s)) / Q_t
    others   X_t = (sum over s of X_s A(s and t)) / (sum over s of A(s and t))

with s a zone of the tables, t a polygon, A an area on the ellipsoid, Q the quantity of the product of which P is the
price. What one of the zones does not give is missing for the polygon, as is any amount of one that reaches beyond the
zones, and what zones give in kinds of units or for price years that are not the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from gep.core.errors import Problem, problem
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import say
from gep.core.units import linear, same_dimension
from gep.inputs.grids.area import polygon_area
from gep.inputs.grids.polygons import polygonal
from gep.inputs.grids.zones import ZoneLayer
from gep.inputs.items import adds_up, in_unit, item_unit, product_unit, shown_measure
from gep.inputs.names import shown_item, shown_zone
from gep.inputs.tables import Statistic

Sharing = Literal["", "area"]
"""How statistics of other zones are shared: not at all, or by the area that two zones have in common."""

SAME = 1e-3
"""Share of an area below which two editions of a border differ."""

Overlaps = Mapping[str, Mapping[str, float]]
"""Of each polygon, the area in m2 that it has in common with each zone of the tables."""


@dataclass(frozen=True)
class Lands:
    """The areas of the zones of the tables and of the polygons that are `asked` for, and what they have in common;
    `_city` is the whole of both.
    """

    areas: Mapping[str, float]
    asked: Mapping[str, float]
    overlaps: Overlaps

    @classmethod
    def of(cls, own: ZoneLayer, asked: ZoneLayer, crs: pyproj.CRS) -> Lands:
        """The lands of two partitions in one system."""
        mine, theirs = _geometries(own), _geometries(asked)
        areas, of_asked = (
            {code: area for code, geometry in of.items() if (area := polygon_area(geometry, crs)) > 0}
            for of in (mine, theirs)
        )
        overlaps = {
            polygon: {
                code: area
                for code, geometry in mine.items()
                if code in areas
                and (code == CITY) == (polygon == CITY)
                and (area := polygon_area(polygonal(shapely.intersection(geometry, other)), crs)) > 0
            }
            for polygon, other in theirs.items()
            if polygon in of_asked
        }
        return cls(areas, of_asked, overlaps)

    def is_same(self, zone: str, polygon: str) -> bool:
        """Whether a zone of the tables and a polygon are one piece of land."""
        return self.share(zone, polygon) > 1 - SAME

    def share(self, zone: str, polygon: str) -> float:
        """The land in common, as a share of the larger of a zone and a polygon."""
        common = self.overlaps[polygon].get(zone, 0.0)
        return min(common / self.areas[zone], common / self.asked[polygon])

    def beyond(self, polygon: str) -> float:
        """The share of a polygon that lies in no zone of the tables."""
        return 1 - math.fsum(self.overlaps[polygon].values()) / self.asked[polygon]


def _geometries(layer: ZoneLayer) -> dict[str, BaseGeometry]:
    zones = {zone.code: g for zone, g in zip(layer.zones, layer.geometries, strict=True) if zone.code != UNALLOCATED}
    return {**zones, CITY: layer.outline}


def of_other_zones(
    statistics: Sequence[Statistic], own: ZoneLayer, asked: ZoneLayer, crs: pyproj.CRS, sharing: Sharing
) -> tuple[list[Statistic], list[Statistic], list[Problem]]:
    """The statistics of the polygons that are asked for, those that are left out, and what is said of it."""
    lands = Lands.of(own, asked, crs)
    direct = {code: code for code in lands.overlaps if code not in lands.areas}
    direct |= {
        zone: polygon for polygon, common in lands.overlaps.items() for zone in common if lands.is_same(zone, polygon)
    }
    others = [row for row in statistics if row.zone not in direct]
    kept, problems = _renamed(statistics, direct)
    if not others:
        return kept, [], problems
    place, count = others[0].place, len(others)
    problems += [
        problem("inputs.T34.same_code", "zones", found=f"{lands.share(code, code):.1%}", code=code)
        for code in sorted({row.zone for row in others} & {*lands.overlaps} - {CITY})
    ]
    items = [shown_item(item) for item in dict.fromkeys(row.base for row in others)]
    if not sharing:
        return kept, others, [problem("inputs.T34.left_out", "zones", place=place, count=count, items=items), *problems]
    by: dict[tuple[str, str], set[str]] = {}
    for row in kept:
        by.setdefault((row.zone, row.item), set()).add(row.measure)
    shared = [
        each
        for each in _shared(others, lands)
        if not _is_given(each.row, by.get((each.row.zone, each.row.item), set()))
    ]
    problems.insert(0, problem("inputs.T34.shared", "zones", place=place, count=count, items=items))
    for why in ("lacking", "unlike", "beyond"):
        if lacking := [each for each in shared if each.why == why]:
            named = [shown_item(item) for item in dict.fromkeys(each.row.item for each in lacking)]
            polygons = {each.row.zone: f"{each.row.zone} ({lands.beyond(each.row.zone):.1%})" for each in lacking}
            first = lacking[0].row.place
            problems.append(
                problem(f"inputs.T34.{why}", "zones", place=first, items=named, polygons=list(polygons.values()))
            )
    return [*kept, *(each.row for each in shared)], [], problems


def _renamed(statistics: Sequence[Statistic], direct: Mapping[str, str]) -> tuple[list[Statistic], list[Problem]]:
    """The rows of zones that are asked for, by the codes of the polygons; of two for one polygon the first."""
    found: dict[tuple[str, str, str], Statistic] = {}
    problems = []
    for row in statistics:
        if row.zone not in direct:
            continue
        zone = direct[row.zone]
        first = found.setdefault((zone, row.item, row.measure), replace(row, zone=zone))
        if first.place != row.place:
            problems.append(
                problem(
                    "inputs.T06.twice",
                    "zones",
                    place=row.place,
                    zone=shown_zone(zone),
                    item=shown_item(row.item),
                    measure=shown_measure(row.measure),
                    first=first.place,
                )
            )
    return list(found.values()), problems


def _is_given(row: Statistic, measures: Collection[str]) -> bool:
    """Whether a shared figure would stand beside the same one, or money beside amounts, that the polygon has itself."""
    return row.measure in measures or "value" in measures or (row.measure == "value" and "quantity" in measures)


Why = Literal["", "lacking", "unlike", "beyond"]


class _Shared(NamedTuple):
    """A figure of a polygon, and why it is missing, if it is."""

    row: Statistic
    why: Why


def _shared(rows: Sequence[Statistic], lands: Lands) -> Iterator[_Shared]:
    """The rows of zones as rows of the polygons that they have land in common with."""
    by_item: dict[tuple[str, str], dict[str, Statistic]] = {}
    for row in rows:
        by_item.setdefault((row.item, row.measure), {})[row.zone] = row
    for polygon, common in lands.overlaps.items():
        land = math.fsum(common.values())
        near = {zone: area for zone, area in common.items() if area > SAME * land}
        for (item, measure), by_zone in by_item.items():
            here = {zone: by_zone[zone] for zone in near if zone in by_zone}
            if not here:
                continue
            weights = {zone: area / lands.areas[zone] for zone, area in near.items()}
            quantities = {zone: row for zone, row in by_item.get((item, "quantity"), {}).items() if zone in near}
            value, why = _value(here, measure, near, weights, quantities)
            if not why and lands.beyond(polygon) > SAME and measure != "price" and adds_up(item):
                value, why = None, "beyond"
            first = next(iter(here.values()))
            where = say("inputs.place.shared", place=first.place, count=len(here), zone=polygon)
            source = say("inputs.shared_source", source=first.source)
            unit = unit_of(first)
            yield _Shared(replace(first, zone=polygon, value=value, unit=unit, source=source, place=where), why)


def unit_of(row: Statistic) -> str:
    """The unit in which figures of several zones are put together."""
    return item_unit(row.item) or product_unit(row.base, row.measure, row.unit)


def _amount(row: Statistic) -> float:
    assert row.value is not None
    unit = unit_of(row)
    if row.measure == "price" and not item_unit(row.item):
        return row.value * linear(row.unit, unit)[0]
    return in_unit(row.value, row.unit, unit)


def _value(
    rows: Mapping[str, Statistic],
    measure: str,
    near: Mapping[str, float],
    weights: Mapping[str, float],
    quantities: Mapping[str, Statistic],
) -> tuple[float | None, Why]:
    """A figure of a polygon from those of the zones that it lies in, and why there is none."""
    item = next(iter(rows.values())).item
    if measure == "price" and not item_unit(item):
        return _price(rows, near, weights, quantities)
    if set(rows) != set(near) or any(row.value is None for row in rows.values()):
        return None, "lacking"
    if not _are_alike(rows.values()):
        return None, "unlike"
    if measure != "price" and adds_up(item):
        return math.fsum(_amount(row) * weights[zone] for zone, row in rows.items()), ""
    return _mean({zone: _amount(row) for zone, row in rows.items()}, near), ""


def _price(
    rows: Mapping[str, Statistic],
    near: Mapping[str, float],
    weights: Mapping[str, float],
    quantities: Mapping[str, Statistic],
) -> tuple[float | None, Why]:
    """The price of a product: that which all zones have, else the mean over the quantities that it is the price of."""
    produced = {zone: _amount(row) * weights[zone] for zone, row in quantities.items() if row.value is not None}
    needed = [zone for zone in near if produced.get(zone, 1.0) > 0] or list(rows)
    if any(zone not in rows or rows[zone].value is None for zone in needed):
        return None, "lacking"
    if not _are_alike(rows[zone] for zone in needed):
        return None, "unlike"
    prices = {zone: _amount(rows[zone]) for zone in needed}
    if len(set(prices.values())) == 1:
        return prices[needed[0]], ""
    if any(zone not in produced for zone in needed):
        return None, "lacking"
    per, of = unit_of(rows[needed[0]]), {unit_of(quantities[zone]) for zone in needed}
    if len(of) > 1 or not same_dimension(f"({per})*({next(iter(of))})", "CNY/year"):
        return None, "unlike"
    return _mean(prices, produced if any(produced[zone] for zone in needed) else near), ""


def _mean(amounts: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return math.fsum(amount * weights[zone] for zone, amount in amounts.items()) / math.fsum(
        weights[zone] for zone in amounts
    )


def _are_alike(rows: Iterable[Statistic]) -> bool:
    """Whether figures can be put together: in one kind of unit, and money of one price year."""
    return len({(unit_of(row), row.price_year) for row in rows}) == 1


def names_of(own: ZoneLayer | None, asked: ZoneLayer) -> dict[str, tuple[str, str, str]]:
    """What the zones of the tables and those of the account are called, by code. A code or a name that both have is of
    the tables.
    """
    of_tables = {zone.code: (zone.name, zone.name_zh, zone.name_en) for zone in (own.zones if own else ())}
    taken = {name for names in of_tables.values() for name in names}

    def free(name: str) -> str:
        return "" if name in taken else name

    polygons = {zone.code: (free(zone.name), free(zone.name_zh), free(zone.name_en)) for zone in asked.zones}
    return {**polygons, **of_tables}
