"""Temperature against elevation and place, slopes against elevation, and layers that lie upside down.

Air cools as it rises, everywhere: where the temperature of a hilly city does not fall with its elevation, one of the
two layers is turned, shifted, or in another unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.engine.checks.seen import Array, Mask, Seen, check_layer, enough
from gep.engine.checks.suspicion import scaled, suspected
from gep.engine.checks.suspicion import turned as upright
from gep.inputs.grids.align import meet
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.standards.layer_ranges import range_at, slips

RELIEF = 300.0
"""Metres from the low to the high places of a city, from which temperature shows them."""

PLACES = 20
"""Blocks of cells from which a line through temperature and elevation is drawn."""

ENDS = (5, 95)
"""Percentiles between which relief is measured."""

STEEP, FLAT = 3.0, 1 / 20
"""Times by which the mean of slopes may exceed, or fall below, that of the slopes of the elevation: coarse slopes are
flatter, by as much as twenty times; none is three times as steep."""

RIGHT_ANGLE = math.pi / 2


def temperature_against_elevation(seen: Seen) -> Iterator[Problem]:
    """A temperature that does not fall with height as it does everywhere."""
    temperature, height = seen.values("air_temperature"), seen.values("elevation")
    valid = enough(temperature, height)
    if temperature is None or height is None or valid is None or not seen.is_given("elevation"):
        return
    band = range_at("lapse_rate", seen.middle[1], in_china=seen.in_china)
    blocks = _blocks(seen, valid, [temperature, height, seen.lonlat[1]], ("air_temperature", "elevation"))
    if band is None or len(blocks[0]) < PLACES or np.ptp(np.percentile(blocks[1], ENDS)) < RELIEF:
        return
    kilometres = blocks[1] * linear("m", "km")[0]
    terms = np.column_stack([np.ones_like(kilometres), kilometres, blocks[2]])
    rate = float(np.linalg.lstsq(terms - terms.mean(axis=0) * [0, 1, 1], blocks[0], rcond=None)[0][1])
    if band.low <= rate <= band.high:
        return
    subject = seen.subject("air_temperature")
    feet = next(slip.factor for slip in slips() if slip.cause == "feet")
    in_feet = band.low <= rate * feet <= band.high
    found = problem(
        "engine.B30.feet" if in_feet else "engine.B30.lapse_rate",
        f"elevation/{subject}",
        place=f"{seen.place('elevation')}, {seen.place('air_temperature')}",
        found=say("engine.lapse_rate", rate=rate),
        allowed=say("engine.lapse_rates", low=band.low, high=band.high),
        temperature=subject,
    )
    yield suspected(found, scaled(seen.inputs, "elevation", 1 / feet) if in_feet else None)


def temperature_of_the_place(seen: Seen) -> Iterator[Problem]:
    """A temperature that is not that of the longitude, latitude and elevation of the city (known of China)."""
    temperature, height = seen.values("air_temperature"), seen.values("elevation")
    band = range_at("temperature_residual", seen.middle[1], in_china=seen.in_china)
    valid = enough(temperature, height)
    if temperature is None or height is None or valid is None or band is None or not seen.is_given("elevation"):
        return
    degrees, zero = linear(seen.layers[seen.subject("air_temperature")].unit, "degC")
    (lon, lat), kilometres = seen.lonlat, height * linear("m", "km")[0]
    expected = _expected_in_china(lon[valid], lat[valid], kilometres[valid])
    found = float(np.median(temperature[valid] * degrees + zero))
    residual = found - float(np.median(expected))
    if not band.low <= residual <= band.high:
        yield problem(
            "engine.B31.not_of_the_place",
            seen.subject("air_temperature"),
            place=seen.place("air_temperature"),
            found=say("engine.degrees", value=found),
            allowed=say("engine.degrees_about", value=found - residual, within=band.high),
        )


def _expected_in_china(lon: Array, lat: Array, kilometres: Array) -> Array:
    """The mean temperature of a year in degrees Celsius at a place in China: a plane through 34,649 cells of WorldClim
    1.4 (1960-1990) within China, whose residuals `layer_ranges.csv` has.
    """
    constant, by_latitude, by_height, by_longitude = CHINA_PLANE
    return constant + by_latitude * lat + by_height * kilometres + by_longitude * lon


CHINA_PLANE = (58.447, -0.745, -4.76, -0.157)
"""Degrees Celsius at the origin, per degree of latitude, per kilometre, per degree of longitude."""


def _blocks(seen: Seen, valid: Mask, fields: list[Array], names: tuple[str, ...]) -> list[Array]:
    """Means of fields over blocks as large as the cells of the coarsest of some layers."""
    size = max(1.0, *(meet(seen.layers[seen.subject(name)], seen.plan.grid).ratio for name in names))
    side = max(1, math.ceil(size))
    row, col = seen.sums.sample.row[valid] // side, seen.sums.sample.col[valid] // side
    _, at = np.unique(np.stack([row, col]), axis=1, return_inverse=True)
    count = np.bincount(at.ravel())
    return [np.bincount(at.ravel(), field[valid]) / count for field in fields]


# slopes ---------------------------------------------------------------------------------------------------------------


def slopes(seen: Seen) -> Iterator[Problem]:
    """Slopes in another unit than is said: all below a right angle in radians though said to be degrees, or far from
    the slopes of the elevation.
    """
    given, of_elevation = seen.values("slope"), seen.steepness
    valid = enough(given)
    if given is None or valid is None or not seen.is_given("slope") or seen.sums.layers["slope"].outside > 0:
        return
    layer, most = seen.layers["slope"], seen.sums.layers["slope"].highest
    unit = layer.spec.units or layer.header.unit or layer.unit
    place, do = seen.place("slope"), check_layer(layer)
    both = enough(given, of_elevation)
    is_comparable = both is not None and meet(seen.layers["elevation"], seen.plan.grid).ratio <= 1
    if is_comparable and of_elevation is not None:
        mean, expected = (float(np.tan(field[both]).mean()) for field in (given, of_elevation))
        times = mean / expected if expected > 0 else math.inf
        if not FLAT <= times <= STEEP:
            shown = [_degrees(math.atan(value)) for value in (mean, expected)]
            cause: Text = say(f"engine.cause.{'radians' if times < 1 else 'slope_percent'}")
            told = problem(
                "engine.U25.slope",
                "slope",
                place=place,
                found=say("engine.mean_slope", value=shown[0]),
                allowed=say("engine.slope_of_elevation", value=shown[1]),
                do=do,
                cause=cause,
            )
            yield suspected(told, _of_radians(seen) if times < 1 else None)
            return
    if most > 0 and most <= linear("degree", "rad")[0] * RIGHT_ANGLE and unit != layer.unit:
        found = say("engine.steepest", value=_degrees(most))
        told = problem("engine.U26.radians", "slope", place=place, found=found, do=do)
        yield suspected(told, _of_radians(seen))


def _of_radians(seen: Seen) -> Inputs | None:
    """The inputs with a slope in radians that is said to be in degrees."""
    return scaled(seen.inputs, "slope", _degrees(1.0))


def _degrees(angle: float) -> float:
    return angle * linear("rad", "degree")[0]


# upside down ----------------------------------------------------------------------------------------------------------

ALIKE, LEFT, LEFT_OF_ALL = 0.5, 0.75, 0.95
"""How well a turned layer must go with another (a correlation), what share of the variance that is not explained as it
lies may then be left, and what share in the mean of all others."""

CLEARLY_LEFT, CLEARLY_LEFT_OF_ALL = 0.5, 0.75
"""The same of a layer that is turned beyond doubt."""

PARTNERS = {
    "air_temperature": ("elevation",),
    "precipitation": ("evapotranspiration", "net_primary_production", "ndvi", "vegetation_cover", "elevation"),
    "evapotranspiration": ("precipitation", "net_primary_production", "ndvi", "vegetation_cover"),
    "net_primary_production": ("ndvi", "vegetation_cover", "evapotranspiration", "precipitation"),
    "ndvi": ("vegetation_cover", "net_primary_production", "evapotranspiration", "precipitation"),
    "vegetation_cover": ("ndvi", "net_primary_production", "evapotranspiration", "precipitation"),
}
"""What a layer goes with: more rain, more growth, more evaporation; higher, more rain."""


def upside_down(seen: Seen) -> Iterator[Problem]:
    """Layers that go with the others far better when their rows are read from south to north."""
    turned = seen.turned
    if not len(turned):
        return
    for name, partners in PARTNERS.items():
        if not seen.is_given(seen.subject(name)):
            continue
        gains = [gain for partner in partners if (gain := _gain(seen, name, partner, turned)) is not None]
        if _is_turned(gains):
            subject = seen.subject(name)
            found = problem(
                "engine.R24.upside_down",
                subject,
                place=seen.place(name),
                do=check_layer(seen.layers[subject]),
                partners=[seen.subject(p) for p in partners if seen.values(p) is not None],
            )
            yield suspected(found, upright(seen.inputs, subject), is_strong=_is_clear(gains))


def _is_turned(gains: Sequence[tuple[float, float]]) -> bool:
    """Whether the partners of a layer say that it is turned: one of them strongly, and all of them together."""
    least, of_all = _left(gains)
    return least < LEFT and of_all < LEFT_OF_ALL


def _is_clear(gains: Sequence[tuple[float, float]]) -> bool:
    """Whether they leave hardly another explanation."""
    least, of_all = _left(gains)
    return least < CLEARLY_LEFT and of_all < CLEARLY_LEFT_OF_ALL


def _left(gains: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The least that is left with one of the partners that go well with a turned layer, and the mean of all."""
    least = min((left for left, alike in gains if alike > ALIKE), default=1.0)
    return least, math.prod(left for left, _ in gains) ** (1 / len(gains)) if gains else 1.0


def _witnesses(gains: Sequence[tuple[float, float]]) -> int:
    """How many partners go well with a turned layer, and clearly better than as it lies. A land cover has few classes,
    which the mirror image of one layer may fit by chance, or because that one is turned.
    """
    return sum(alike > ALIKE and left < CLEARLY_LEFT_OF_ALL for left, alike in gains)


OF_LAND = ("ndvi", "vegetation_cover", "net_primary_production", "evapotranspiration", "elevation", "air_temperature")
"""What differs from one class of land to another."""


def land_cover_upside_down(seen: Seen) -> Iterator[Problem]:
    """Land cover whose classes tell far more of vegetation, height and warmth when its rows are read from south to
    north.
    """
    turned = seen.turned
    if not len(turned):
        return
    land_class = seen.sums.sample.land_class
    is_land = land_class != seen.plan.classes.index(NO_LAND_COVER)
    both = (turned >= 0) & is_land & is_land[turned]
    gains, partners = [], []
    for name in OF_LAND:
        values = seen.values(name) if seen.is_given(seen.subject(name)) else None
        valid = None if values is None else enough(np.where(both, values, np.nan))
        if values is None or valid is None:
            continue
        lies, turns = (_of_classes(values[valid], classes[valid]) for classes in (land_class, land_class[turned]))
        if lies < 1:
            gains.append(((1 - turns) / (1 - lies), math.sqrt(turns)))
            partners.append(seen.subject(name))
    if gains and _is_turned(gains):
        place = seen.inputs.land_cover.place if seen.inputs.land_cover else ""
        found = problem("engine.R24.land_cover", "land_cover", place=place, partners=partners)
        is_strong = _is_clear(gains) and _witnesses(gains) > 1
        yield suspected(found, upright(seen.inputs, "land_cover"), is_strong=is_strong)


def _of_classes(values: Array, classes: NDArray[np.intp]) -> float:
    """The share of the variance of some values that the means of their classes explain."""
    _, position = np.unique(classes, return_inverse=True)
    means = np.bincount(position, values) / np.bincount(position)
    whole = float(np.square(values - values.mean()).sum())
    return max(0.0, 1 - float(np.square(values - means[position]).sum()) / whole) if whole > 0 else 0.0


def _gain(seen: Seen, name: str, partner: str, turned: NDArray[np.intp]) -> tuple[float, float] | None:
    """What is left of the variance that a layer does not explain of another, once it is turned, and how well the two
    then go together; None where nothing can be said.
    """
    values, other = seen.values(name), seen.values(partner)
    if values is None or other is None:
        return None
    flipped = np.where(turned >= 0, values[turned], np.nan)
    valid = enough(values, flipped, other)
    if valid is None:
        return None
    lies, turns = (_correlation(field[valid], other[valid]) for field in (values, flipped))
    if not (math.isfinite(turns) and math.isfinite(lies)) or abs(lies) >= 1:
        return None
    return (1 - turns**2) / (1 - lies**2), abs(turns)


def _correlation(one: Array, other: Array) -> float:
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(one, other)[0, 1])
