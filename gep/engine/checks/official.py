"""What the statistics say of the land itself, beside what polygons and land cover make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.core.unit_names import with_unit
from gep.engine.checks.reported import Reported
from gep.engine.checks.seen import Seen, square_kilometres
from gep.engine.checks.words import first_of
from gep.inputs.items import in_unit, item_unit
from gep.inputs.tables import Statistic
from gep.standards.ranges import Beyond, bands, ranges

AREA, FOREST_COVERAGE = "land_area", "forest_coverage"

OFFICIAL_AREA = "ratio/official_area_over_map"

UNITS = {"m^2": "m2", "亩": "mu", "hm^2": "hm2", "km^2": "km2", "万亩": "10000_mu", "万公顷": "10000_hm2"}
"""Units in which land is counted, with the keys of their names."""

CLOSE = 0.05
"""Share by which a figure in another unit may miss the area of the polygon to be explained by that unit."""

LEAST = 0.05
"""Share of the land by which the forest of two sources has to differ before it is said: maps miss small woods."""


class _Off(NamedTuple):
    """An official area that is not that of the polygon: the row, the name of the zone, the polygon in m2, how often it
    goes into the official one, and how far that is beyond what borders and the sea explain.
    """

    row: Statistic
    zone: Text
    polygon: float
    times: float
    beyond: Beyond | None

    @property
    def unit_meant(self) -> Text | None:
        """The unit in which the number that stands there would be the area of the polygon, where it is not."""
        for unit, key in UNITS.items() if self.beyond else ():
            if abs(in_unit(self.row.value or 0.0, unit, "m^2") / self.polygon - 1) <= CLOSE:
                return say(f"engine.unit_of_land.{key}")
        return None

    @property
    def is_wrong(self) -> bool:
        """Whether a unit explains it, or land is far more than the polygon: less of it than that may the outline of a
        coast have, which reaches out to sea.
        """
        is_of_no_place = self.beyond is not None and self.beyond.is_certain and self.beyond.is_above
        return self.unit_meant is not None or is_of_no_place


def areas(seen: Seen) -> Iterator[Problem]:
    """Official areas that are not those of the polygons: of another unit or place, or by more than borders explain."""
    (band,) = ranges(OFFICIAL_AREA)
    _, typical_low, typical_high, _ = (limit or 0.0 for limit in band.limits("1"))
    of_kind = bands([OFFICIAL_AREA], "1")
    reported, zones = Reported(seen), seen.plan.zones
    polygons = {zone.code: float(area) for zone, area in zip(zones.zones, zones.areas, strict=True)}
    polygons[CITY] = zones.outline_area
    off = []
    for row in seen.inputs.statistics:
        polygon = polygons.get(row.zone, 0.0)
        if row.item == AREA and row.value and polygon > 0:
            times = in_unit(row.value, row.unit, "m^2") / polygon
            if not typical_low <= times <= typical_high:
                off.append(_Off(row, reported.name(row.zone), polygon, times, of_kind.beyond(times)))
    for code, wrong in (("A20", False), ("A21", True)):
        here = [one for one in off if one.is_wrong == wrong]
        if not here:
            continue
        units = {text for one in here if (text := one.unit_meant)}
        yield problem(
            f"engine.{code}.official_area",
            AREA,
            place=here[0].row.place,
            found=first_of([_said(one) for one in here]),
            allowed=say("engine.times_of_polygon", low=typical_low, high=typical_high),
            cause=say("engine.as_if_in", unit=next(iter(units))) if len(units) == 1 else "",
        )


def _said(off: _Off) -> Text:
    official = with_unit(f"{off.row.value:g}", off.row.unit)
    return say("engine.official_beside_polygon", zone=off.zone, official=official, area=square_kilometres(off.polygon))


def forest(seen: Seen) -> Iterator[Problem]:
    """Official forest coverage far from the forest of the land cover, with and without its shrub: the map is of another
    year, place or legend, or the rate is not a percentage.
    """
    (band,) = ranges("ratio/forest_cover_over_map")
    low, _, _, high = (limit or 0.0 for limit in band.limits("1"))
    reported = Reported(seen)
    said, place = [], ""
    for row in seen.inputs.statistics:
        if row.item != FOREST_COVERAGE or row.value is None or not (land := reported.land(row.zone)):
            continue
        official = in_unit(row.value, row.unit, item_unit(FOREST_COVERAGE))
        least = reported.land(row.zone, "forest") / land
        most = least + reported.land(row.zone, "shrub") / land
        is_less, is_more = official < least * low, official > most * high
        if (is_less and least - official >= LEAST) or (is_more and official - most >= LEAST):
            place = place or row.place
            said.append(say("engine.forest_beside_map", zone=reported.name(row.zone), official=official, map=least))
    if said:
        yield problem(
            "engine.A22.forest_coverage", FOREST_COVERAGE, place=place, found=first_of(said), low=low, high=high
        )
