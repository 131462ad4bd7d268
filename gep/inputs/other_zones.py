"""Statistics of zones beside polygons that are no zones of the tables: a park or a basin that lies in some counties.

What the tables report of a zone that is asked for counts as it is. The rest is left out, or shared by area on request:

    amount   V_t = sum over s of V_s A(s and t) / A(s)
    others   P_t = (sum over s of P_s w_s) / (sum over s of w_s)

with s a zone of the tables, t a polygon, A an area on the ellipsoid, w_s the shared quantity of the product where P is
its price and all quantities are given, else A(s and t). An amount that one of the zones does not give is missing for
the polygon.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from gep.core.errors import Problem, UnitError, problem
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import say
from gep.core.units import linear
from gep.inputs.grids.area import polygon_area
from gep.inputs.grids.polygons import polygonal
from gep.inputs.grids.zones import ZoneLayer
from gep.inputs.items import adds_up, in_unit, item_unit, product_services, product_unit
from gep.inputs.tables import Statistic

Sharing = Literal["", "area"]
"""How statistics of other zones are shared: not at all, or by the area that two zones have in common."""

SAME = 1e-3
"""Share of an area below which two editions of a border differ."""

Overlaps = Mapping[str, Mapping[str, float]]
"""Of each polygon, the area in m2 that it has in common with each zone of the tables."""


@dataclass(frozen=True)
class Lands:
    """The areas of the zones of the tables and what polygons have in common with them; `_city` is the whole of both."""

    areas: Mapping[str, float]
    overlaps: Overlaps

    @classmethod
    def of(cls, own: ZoneLayer, asked: ZoneLayer, crs: pyproj.CRS) -> Lands:
        """The lands of two partitions in one system."""
        mine, theirs = _geometries(own), _geometries(asked)
        areas = {code: polygon_area(geometry, crs) for code, geometry in mine.items()}
        overlaps = {
            polygon: {
                code: area
                for code, geometry in mine.items()
                if (code == CITY) == (polygon == CITY)
                and (area := polygon_area(polygonal(shapely.intersection(geometry, other)), crs)) > 0
            }
            for polygon, other in theirs.items()
        }
        return cls(areas, overlaps)

    def is_same(self, whole: float) -> bool:
        """Whether the two wholes are one area, of which the second has an area."""
        common = self.overlaps[CITY].get(CITY, 0.0)
        return min(common / self.areas[CITY], common / whole) > 1 - SAME


def _geometries(layer: ZoneLayer) -> dict[str, BaseGeometry]:
    zones = {zone.code: g for zone, g in zip(layer.zones, layer.geometries, strict=True) if zone.code != UNALLOCATED}
    return {**zones, CITY: layer.outline}


def of_other_zones(
    statistics: Sequence[Statistic], own: ZoneLayer, asked: ZoneLayer, crs: pyproj.CRS, sharing: Sharing
) -> tuple[list[Statistic], list[Statistic], list[Problem]]:
    """The statistics of the polygons that are asked for, those that are left out, and what is said of it."""
    lands = Lands.of(own, asked, crs)
    direct = {zone.code for zone in asked.zones} | ({CITY} if lands.is_same(asked.outline_area) else set())
    kept = [row for row in statistics if row.zone in direct]
    others = [row for row in statistics if row.zone not in direct]
    if not others:
        return kept, [], []
    place, count = others[0].place, len(others)
    items = [f"`{item}`" for item in dict.fromkeys(row.base for row in others)]
    if not sharing:
        left = problem("inputs.T34.left_out", "zones", place=place, count=count, items=items)
        return kept, others, [left]
    shared = [row for row in _shared(others, lands) if (row.zone, row.item) not in {(k.zone, k.item) for k in kept}]
    told = problem("inputs.T34.shared", "zones", place=place, count=count, items=items)
    lacking = list(dict.fromkeys(f"`{row.item}`" for row in shared if row.value is None))
    partly = [problem("inputs.T34.lacking", "zones", place=place, items=lacking)] if lacking else []
    return [*kept, *shared], [], [told, *partly]


def _shared(rows: Sequence[Statistic], lands: Lands) -> Iterator[Statistic]:
    """The rows of zones as rows of the polygons that they have land in common with."""
    by_item: dict[tuple[str, str], dict[str, Statistic]] = {}
    for row in rows:
        by_item.setdefault((row.item, row.measure), {})[row.zone] = row
    reporting: dict[str, set[str]] = {}
    for row in rows:
        reporting.setdefault(row.base, set()).add(row.zone)
    for polygon, common in lands.overlaps.items():
        land = math.fsum(common.values())
        near = [zone for zone, area in common.items() if area > SAME * land]
        for (item, measure), by_zone in by_item.items():
            base = item.partition("/")[0]
            here = {zone: by_zone[zone] for zone in near if zone in by_zone}
            if not here:
                continue
            needed = reporting[base] & set(near) if base in product_services() else set(near)
            without = set(near) - reporting[base] if base in product_services() else needed - set(here)
            value: float | None = None
            if not without and all(row.value is not None for row in here.values()):
                weights = {zone: common[zone] / lands.areas[zone] for zone in here}
                value = _value(here, measure, weights, common, by_item.get((item, "quantity"), {}))
            first = next(iter(here.values()))
            where = say("inputs.place.shared", place=first.place, count=len(here), zone=polygon)
            source = say("inputs.shared_source", source=first.source)
            unit = unit_of(first)
            yield replace(first, zone=polygon, value=value, unit=unit, source=source, place=where)


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
    weights: Mapping[str, float],
    common: Mapping[str, float],
    quantities: Mapping[str, Statistic],
) -> float | None:
    """A figure of a polygon from those of the zones that it lies in; None where they cannot be put together."""
    try:
        amounts = {zone: _amount(row) for zone, row in rows.items()}
    except UnitError:
        return None
    if len({unit_of(row) for row in rows.values()}) > 1:
        return None
    if measure != "price" and adds_up(next(iter(rows.values())).item):
        return math.fsum(amounts[zone] * weights[zone] for zone in rows)
    by: Mapping[str, float] = common
    if measure == "price" and all(zone in quantities and quantities[zone].value is not None for zone in rows):
        by = {zone: _amount(quantities[zone]) * weights[zone] for zone in rows}
    total = math.fsum(by[zone] for zone in rows)
    return math.fsum(amounts[zone] * by[zone] for zone in rows) / total if total else None


def names_of(layers: Iterable[ZoneLayer]) -> dict[str, tuple[str, str, str]]:
    """What the zones of several partitions are called, by code."""
    return {zone.code: (zone.name, zone.name_zh, zone.name_en) for layer in layers for zone in layer.zones}
