"""What the grid makes of the zones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from gep.core.catalog import named
from gep.core.errors import Problem, problem
from gep.core.keys import UNALLOCATED
from gep.core.messages import Text, say
from gep.engine.checks.seen import ROUNDING, Array, Seen, check_layer, square_kilometres
from gep.engine.checks.words import SHOWN
from gep.inputs.grids.area import horizontal
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer
from gep.inputs.open import FEW_CELLS
from gep.inputs.project import PROJECT
from gep.plan.wiring import LayerInput, leaves
from gep.standards.layer_ranges import range_at

MISSTATED = 0.001
"""Share by which centres may misstate the area of a zone before it is said."""


def small_zones(seen: Seen) -> Iterator[Problem]:
    """Zones whose figures rest on a handful of cells, or on none, and centres that misstate areas."""
    inputs, plan, sums = seen.inputs, seen.plan, seen.sums
    wrong = {code: by for code, by in inputs.misstatement.items() if abs(by) > MISSTATED and code != UNALLOCATED}
    if plan.mode == "centre" and wrong:
        worst = max(wrong, key=lambda code: abs(wrong[code]))
        yield problem("engine.G08.centres", "zones", count=len(wrong), zone=worst, by=wrong[worst], threshold=MISSTATED)
    cell = float(sums.area.sum()) / float(sums.cells.sum())
    for index, zone in enumerate(plan.zones.zones):
        area = float(sums.area[index].sum()) if seen.is_whole else plan.zones.areas[index]
        count = area / cell
        name = zone.name or zone.code
        if zone.code != UNALLOCATED and 0 < count < FEW_CELLS:
            yield problem("engine.G05.few_cells", zone.code, zone=name, count=count, fewest=FEW_CELLS)
        if count == 0 and zone.code != UNALLOCATED:
            yield problem("engine.G05.no_cell", zone.code, zone=name)


def areas_by_two_ways(seen: Seen) -> Iterator[Problem]:
    """Zones, and all of them together, whose cells have another area than their polygons: the sum of the parts of cells
    that lie in them on one hand, the geodesic area within their borders on the other.
    """
    zones, plan = seen.plan.zones, seen.plan
    if plan.mode != "fraction" or not seen.is_whole:
        return  # what centres misstate is told by itself
    of_cells = seen.sums.area.sum(axis=1).tolist()
    pairs = [(zone.code, *areas) for zone, *areas in zip(zones.zones, of_cells, zones.areas, strict=True)]
    for code, cells, polygons in [*pairs, ("zones", math.fsum(of_cells), zones.outline_area)]:
        if not abs(cells - polygons) <= MISSTATED * polygons + ROUNDING * zones.outline_area:
            yield problem(
                "engine.A10.cells" if code != "zones" else "engine.A10.outline",
                code,
                found=say("engine.square_kilometres", area=square_kilometres(cells)),
                allowed=say("engine.square_kilometres", area=square_kilometres(polygons)),
            )


PLANE = 0.01
"""Share by which areas in the plane of a system may differ from those on the ellipsoid before it is said: a judgement.
In their own zones UTM and Gauss-Kruger stay below 0.2 %."""


def areas_in_the_plane(seen: Seen) -> Iterator[Problem]:
    """A system whose plane has other areas than the ellipsoid: Web Mercator, UTM far from its meridian. Every figure
    here is of the ellipsoid, and those of a GIS that counts cells or measures in the plane are not.
    """
    zones, crs = seen.plan.zones, horizontal(seen.plan.grid.crs)
    if not crs.is_projected:
        return
    metres = [axis.unit_conversion_factor for axis in crs.axis_info[:2]]
    ratio = float(zones.outline.area) * math.prod(metres) / zones.outline_area
    if abs(ratio - 1) > PLANE:
        yield problem(
            "engine.G23.areas_in_the_plane",
            "study.grid",
            ratio=ratio,
            system=crs.name,
            area=square_kilometres(zones.outline_area),
        )


DIGITS = 6
"""Of an administrative code of China (GB/T 2260): two each of province, prefecture and county."""


def code_of_another_place(seen: Seen) -> Iterator[Problem]:
    """A code of the study that is of none of its zones: their codes begin as that of the prefecture they are in."""
    code = seen.inputs.spec.code
    zones = [zone.code for zone in seen.plan.zones.zones if zone.code != UNALLOCATED]
    if len(code) != DIGITS or not all(text.isdecimal() and len(text) >= DIGITS for text in (code, *zones)):
        return
    level = next(end for end in (2, 4, 6) if set(code[end:]) <= {"0"})
    if not any(zone.startswith(code[:level]) for zone in zones):
        yield problem(
            "engine.Z08.code_of_another_place",
            "study.code",
            place=PROJECT,
            found=code,
            allowed=say("engine.one_like", code=f"{zones[0][:level]:0<{DIGITS}}"),
            zones=zones[:SHOWN],
        )


def without_values(seen: Seen) -> Iterator[Problem]:
    """Zones in which a layer that covers the rest has no value at all."""
    threshold, zone = seen.inputs.profile.min_coverage, seen.sums.sample.zone
    for name in seen.names:
        tally, values = seen.sums.layers[name], seen.months(name)
        if values is None or tally.valid < threshold * tally.area:
            continue  # a layer that covers too little is said as a whole
        is_valid = np.isfinite(values if values.ndim == 1 else values.sum(axis=0))
        cells, valid = np.bincount(zone), np.bincount(zone, is_valid)
        empty = [seen.plan.zones.zones[index] for index in np.flatnonzero((cells >= FEW_CELLS) & (valid == 0))]
        if empty := [found for found in empty if found.code != UNALLOCATED]:
            yield problem(
                "engine.N17.without_values",
                name,
                place=seen.place(name),
                do=check_layer(seen.layers[name]),
                count=len(empty),
                zones=[found.name or found.code for found in empty],
            )


COVERED, NOTABLE = 0.5, 0.01
"""Share of an ecosystem of a zone that has to have values, and share of the land that rests on a layer from which what
has none is a warning. Limits of this project."""


def ecosystems_without_values(seen: Seen) -> Iterator[Problem]:
    """Ecosystems of single zones in which a layer that covers the rest has hardly a value, where figures rest on it."""
    threshold, sample = seen.inputs.profile.min_coverage, seen.sums.sample
    ecosystems, of_class = np.unique([ecosystem for ecosystem, _ in seen.plan.classes], return_inverse=True)
    place = sample.zone * len(ecosystems) + of_class[sample.land_class]
    for name in seen.names:
        tally, values = seen.sums.layers[name], seen.months(name)
        rests = _rests_on(seen, name)[sample.land_class]
        if values is None or not rests.any() or tally.valid < threshold * tally.area:
            continue  # a layer that covers too little is said as a whole
        is_valid = np.isfinite(values if values.ndim == 1 else values.sum(axis=0))
        cells, valid = np.bincount(place[rests]), np.bincount(place[rests], is_valid[rests])
        is_said = np.bincount(sample.zone, is_valid) == 0  # of the zone
        empty: list[tuple[str, Text]] = []
        without = 0.0
        for at in np.flatnonzero((cells >= FEW_CELLS) & (valid < COVERED * cells)).tolist():
            index, ecosystem = divmod(at, len(ecosystems))
            if not is_said[index]:
                zone = seen.plan.zones.zones[index]
                known_as = Text(zone.name or zone.code, zone.name_zh or zone.name or zone.code)
                empty.append((str(ecosystems[ecosystem]), known_as))
                without += float(sample.area[rests & (place == at) & ~is_valid].sum())
        if empty:
            share = without / float(sample.area[rests].sum())
            of = dict.fromkeys(ecosystem for ecosystem, _ in empty)
            zones = list(dict.fromkeys(zone for _, zone in empty))
            yield problem(
                "engine.N23.ecosystem_without_values",
                name,
                severity="warning" if share >= NOTABLE else "information",
                place=seen.place(name),
                do=check_layer(seen.layers[name]),
                share=share,
                ecosystems=[named(ecosystem) for ecosystem in of],
                count=len(zones),
                zones=zones[:SHOWN],
                part=share,
            )


def _rests_on(seen: Seen, name: str) -> NDArray[np.bool_]:
    """Which classes have a figure that rests on a layer, be it by a derived one."""
    plan = seen.plan
    found = np.zeros(len(plan.classes), bool)
    for flow in plan.flows:
        inputs = {leaf.name for leaf in leaves(flow.node) if isinstance(leaf, LayerInput)}
        if name in _with_origins(plan.layers[used] for used in inputs if used in plan.layers):
            found |= np.asarray(flow.is_counted, bool)
    return found


def _with_origins(layers: Iterable[Layer]) -> set[str]:
    """The names of layers, and of all that derived ones are made from."""
    found: set[str] = set()
    for layer in layers:
        found.add(layer.name)
        if isinstance(layer, DerivedLayer):
            found |= _with_origins(layer.inputs.values())
    return found


COMPARED = (
    "precipitation",
    "evapotranspiration",
    "potential_evapotranspiration",
    "net_primary_production",
    "bulk_density",
    "wind_speed",
)
"""Layers that are about the same in the neighbouring zones of a city."""

ALIKE, FEWEST_ZONES = 3.0, 3
"""How far the others may lie apart (times), and how many they must be, for one to stand out."""


def unlike_the_others(seen: Seen) -> Iterator[Problem]:
    """A zone whose values are many times those of all others: a tile of another unit or scale."""
    band = range_at("zone_over_others", 0.0, in_china=False)
    assert band is not None
    for quantity in COMPARED:
        values, name = seen.values(quantity), seen.subject(quantity)
        if values is None or not seen.is_given(name):
            continue
        medians = _medians(seen, values)
        for index, median in medians.items():
            others = [other for of, other in medians.items() if of != index]
            if len(others) < FEWEST_ZONES or min(others) <= 0 or max(others) > ALIKE * min(others):
                continue
            times = median / float(np.median(others))
            if not band.low <= times <= band.high:
                zone = seen.plan.zones.zones[index]
                yield problem(
                    "engine.R23.zone",
                    name,
                    place=seen.place(quantity),
                    do=check_layer(seen.layers[name]),
                    zone=zone.name or zone.code,
                    times=times,
                )


def _medians(seen: Seen, values: Array) -> dict[int, float]:
    """The middle of a layer in each zone that has enough cells."""
    zone, is_valid = seen.sums.sample.zone, np.isfinite(values)
    found = {int(index): values[is_valid & (zone == index)] for index in np.unique(zone)}
    return {index: float(np.median(of)) for index, of in found.items() if len(of) >= FEW_CELLS}
