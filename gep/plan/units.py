"""Accounting units that are no cells, as the tables report them: zones, and features that may lie in several zones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gep.core.catalog import ComponentOfUnits, ReportedComponent
from gep.core.keys import CITY
from gep.inputs.items import SITE_AREA, in_unit, item_measures, item_unit
from gep.inputs.tables import Statistic

Part = tuple[str, str, str]
"""Where a part of a unit lies: zone, ecosystem and class, the latter two empty where they are not known."""


@dataclass(frozen=True)
class Unit:
    """An accounting unit that is not a cell: a zone, or a feature; how much of it lies in each zone, and in each class
    where that is known.
    """

    name: str
    parts: Mapping[Part, float]

    @property
    def zones(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(zone for zone, _, _ in self.parts))


def reported_units(statistics: Iterable[Statistic], component: ComponentOfUnits) -> list[Unit]:
    """The units that the tables report the extent of: zones, features, or everything together; the extent in the item's
    unit.
    """
    statistics = list(statistics)
    unit = item_unit(component.extent)
    figures: dict[str, dict[Part, float]] = {}
    for row in statistics:
        if row.base != component.extent or row.value is None or row.measure not in item_measures(row.item):
            continue
        name = row.zone if component.per == "zone" else row.part if component.per == "feature" else "_all"
        is_of_ecosystem = isinstance(component, ReportedComponent) and component.parts_are_ecosystems
        key = (row.zone, row.part if is_of_ecosystem else "", "")
        by_zone = figures.setdefault(name, {})
        by_zone[key] = by_zone.get(key, 0.0) + in_unit(row.value, row.unit, unit)
    if component.per == "feature":
        areas = _site_areas(statistics)
        return [Unit(name, _placed(parts, areas.get(name, {}))) for name, parts in figures.items() if name]
    if CITY in {zone for parts in figures.values() for zone, _, _ in parts}:
        figures = _without_city(figures)
    return [Unit(name, parts) for name, parts in figures.items()]


def _site_areas(statistics: Iterable[Statistic]) -> dict[str, dict[str, float]]:
    """How features lie in zones: their areas by name and zone."""
    found: dict[str, dict[str, float]] = {}
    for row in statistics:
        if row.base == SITE_AREA and row.value is not None and row.zone != CITY:
            found.setdefault(row.part, {})[row.zone] = in_unit(row.value, row.unit, item_unit(row.item))
    return found


def _placed(parts: dict[Part, float], areas: Mapping[str, float]) -> dict[Part, float]:
    """A feature that is reported for the whole area, in its zones by area where that is known."""
    whole = math.fsum(areas.values())
    if {zone for zone, _, _ in parts} != {CITY} or not whole:
        return parts
    extent = math.fsum(parts.values())
    return {(zone, "", ""): extent * area / whole for zone, area in areas.items()}


def _without_city(
    figures: dict[str, dict[Part, float]],
) -> dict[str, dict[Part, float]]:
    """Without the figure of the whole area where its zones report too: it would count twice."""
    zones = {zone for parts in figures.values() for zone, _, _ in parts}
    if zones == {CITY}:
        return figures
    kept = {name: {key: value for key, value in parts.items() if key[0] != CITY} for name, parts in figures.items()}
    return {name: parts for name, parts in kept.items() if parts}
