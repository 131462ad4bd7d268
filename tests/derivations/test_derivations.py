"""Layers made from others: the vectors of the standards with the shipped numbers, analytic terrain, days of a year, and
other units.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from builders import (
    EQUAL_AREA,
    FOREST,
    LONLAT,
    NORTH,
    WEST,
    block,
    by_shipped,
    codes_of,
    constant,
    exactly,
    find,
    make_study,
    missing,
    one,
    printed,
    raster,
    rows_of,
    shipped,
    zones,
)
from days_of_rain import LEAP_MONTHS, MONTHS, daily, half_month

from gep.derivations.climate import (
    cooling_days_of_daily,
    cooling_days_of_monthly,
    evaporation_of_cooling_days,
    evapotranspiration_of_cooling_days,
)
from gep.derivations.erosion import (
    erosivity_of_daily_rain,
)
from gep.derivations.terrain import (
    slope_of_neighbours,
)
from gep.derivations.water import (
    annual_reference_evapotranspiration,
    potential_of_reference,
)
from gep.inputs.grids.derived import DerivedLayer, derive
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer


def on_the_ground(value: Any) -> Any:
    """Equal but for the projection of the grid, whose metres are those of the ground to better than one in a
    million.
    """
    return pytest.approx(value, rel=1e-6, abs=1e-12)


# days that need cooling -----------------------------------------------------------------------------------------------


def test_cooling_days_of_daily_temperature():
    days = np.full((365, 4), 293.15)
    days[:30, 0] = 300.15  # 27 degC
    days[:30, 1] = 299.15  # 26 degC is not above 26
    days[:, 2] = 310.0
    days[200, 3] = np.nan
    found = by_shipped(cooling_days_of_daily, daily_maximum_temperature=days)
    assert found[:3].tolist() == [30, 0, 365]
    assert np.isnan(found[3])
    assert by_shipped(cooling_days_of_daily, daily_maximum_temperature=np.full((366, 1), 310.0)).tolist() == [366]


def test_cooling_days_of_monthly_temperature():
    months = np.full((12, 3), 280.15)
    months[6:8, 0] = 301.15
    months[:, 1] = 301.15
    months[3, 2] = np.nan
    found = by_shipped(cooling_days_of_monthly, monthly_maximum_temperature=months, days_per_year=365.0)
    assert found[:2].tolist() == [exactly(2 * 365 / 12), exactly(365)]
    assert np.isnan(found[2])


def test_the_share_of_the_year_that_evaporates_on_cooling_days():
    assert by_shipped(
        evaporation_of_cooling_days, water_evaporation=1.0, cooling_days=73.0, days_per_year=365.0
    ) == exactly(0.2)
    assert by_shipped(
        evapotranspiration_of_cooling_days, evapotranspiration=0.5, cooling_days=73.0, days_per_year=365.0
    ) == exactly(0.1)
    assert by_shipped(evaporation_of_cooling_days, water_evaporation=1.0, cooling_days=0.0, days_per_year=365.0) == 0


# slope from elevation -------------------------------------------------------------------------------------------------


def slope_layer(elevation: Any, **more: Any) -> DerivedLayer:
    layer = open_layer(LayerSpec("elevation", elevation, **more), unit="m")
    return derive("slope", "rad", slope_of_neighbours, {"elevation": layer}, {}, of_neighbours=True)


def whole(layer: DerivedLayer) -> Any:
    return layer.open().read(0, layer.lattice.rows, 0, layer.lattice.cols).raw


def plane(rows: int, cols: int, east: float, south: float, cell: float) -> Any:
    """Elevation that rises by so many metres per metre to the east and to the south."""
    row, col = np.mgrid[:rows, :cols]
    return (east * col + south * row) * cell


@pytest.mark.parametrize(("east", "south"), [(0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.25), (0.3, -0.4), (0, 0)])
def test_slope_of_a_plane_on_a_projected_grid(east, south):
    found = whole(slope_layer(raster(plane(6, 8, east, south, 30.0), "m", cell=30.0)))
    assert found[1:-1, 1:-1] == on_the_ground(math.atan(math.hypot(east, south)))


def test_slope_of_a_plane_in_kilometres_and_centimetres():
    metres = plane(6, 8, 0.3, -0.4, 30.0)
    for unit, per_metre in (("km", 1e-3), ("cm", 100.0)):
        found = whole(slope_layer(raster(metres * per_metre, unit, cell=30.0)))
        assert found[1:-1, 1:-1] == on_the_ground(math.atan(0.5))


@pytest.mark.parametrize("latitude", [0, 42, -60])
def test_slope_of_a_plane_in_a_projection_that_stretches(latitude):
    """EPSG:3857 draws a cell at 42 degrees a third wider and higher than it is: its metres are no metres."""
    north = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)) * MAJOR + 105  # the middle of the fourth row
    east = metres_per_degree(latitude)[0] / math.radians(MAJOR)  # metres of the ground per metre of the map
    south = metres_per_degree(latitude)[1] * math.cos(math.radians(latitude)) / math.radians(MAJOR)
    found = whole(
        slope_layer(
            raster(plane(7, 9, 0.3, -0.4, 30.0), "m", crs="EPSG:3857", west=11_000_000.0, north=north, cell=30.0)
        )
    )
    assert found[3, 1:-1] == pytest.approx(math.atan(math.hypot(0.3 / east, 0.4 / south)), rel=1e-5)


MAJOR, FLATTENING = 6378137.0, 1 / 298.257223563


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Along the parallel and along the meridian of WGS84, by the radii of curvature."""
    e2 = FLATTENING * (2 - FLATTENING)
    w = 1 - e2 * math.sin(math.radians(latitude)) ** 2
    along = MAJOR / math.sqrt(w) * math.cos(math.radians(latitude))
    up = MAJOR * (1 - e2) / w**1.5
    return math.radians(along), math.radians(up)


@pytest.mark.parametrize("latitude", [0.0, 35.0, 60.0, -60.0])
def test_slope_on_longitudes_and_latitudes_has_metric_cells(latitude):
    cell, rows, cols = 1 / 3600, 7, 9
    north = latitude + cell * rows / 2
    grid = {"crs": LONLAT, "west": 100.0, "north": north, "cell": cell}
    row, col = np.mgrid[:rows, :cols].astype(float)
    for row_number in (1, 3, 5):
        wide, high = (metres * cell for metres in metres_per_degree(north - (row_number + 0.5) * cell))
        to_east = whole(slope_layer(raster(col * 5, "m", **grid)))[row_number, 1:-1]
        assert to_east == pytest.approx(math.atan(5 / wide), rel=1e-8)
        to_north = whole(slope_layer(raster(row * -5, "m", **grid)))[row_number, 1:-1]
        assert to_north == pytest.approx(math.atan(5 / high), rel=1e-6)
        both = whole(slope_layer(raster(col * 5 + row * 5, "m", **grid)))[row_number, 1:-1]
        assert both == pytest.approx(math.atan(math.hypot(5 / wide, 5 / high)), rel=1e-6)


def test_cells_at_60_north_are_half_as_wide():
    at_60, at_0 = (
        whole(slope_layer(raster(np.mgrid[:5, :5][1] * 1.0, "m", crs=LONLAT, west=100, north=n, cell=0.001)))
        for n in (60, 0)
    )
    assert math.tan(at_60[2, 2]) / math.tan(at_0[2, 2]) == pytest.approx(2, rel=0.003)


def test_slope_by_horn_weighs_the_neighbours():
    # a spike one row above and one column to the right of the middle: dz/dx = 8/(8 x 10), dz/dy = -8/(8 x 10)
    elevation = np.zeros((3, 3))
    elevation[0, 2] = 8.0
    assert whole(slope_layer(raster(elevation, "m", cell=10.0)))[1, 1] == on_the_ground(math.atan(math.hypot(0.1, 0.1)))
    # a spike right above: no slope to the east, twice the weight to the north
    elevation = np.zeros((3, 3))
    elevation[0, 1] = 8.0
    assert whole(slope_layer(raster(elevation, "m", cell=10.0)))[1, 1] == on_the_ground(math.atan(0.2))


def test_slope_is_missing_at_the_frame_and_beside_nodata():
    elevation = plane(9, 10, 0.1, 0.0, 30.0)
    expected = np.zeros(elevation.shape, dtype=bool)
    expected[0], expected[-1], expected[:, 0], expected[:, -1] = True, True, True, True
    expected[3:6, 4:7] = True
    with_nan, with_fill = elevation.copy(), elevation.copy()
    with_nan[4, 5], with_fill[4, 5] = np.nan, -9999.0
    for found in (
        whole(slope_layer(raster(with_nan, "m", cell=30.0))),
        whole(slope_layer(raster(with_fill, "m", cell=30.0), nodata=-9999.0)),
    ):
        assert (np.isnan(found) == expected).all()
        assert found[~expected] == on_the_ground(math.atan(0.1))


@pytest.mark.parametrize("crs", [EQUAL_AREA, LONLAT])
@pytest.mark.parametrize("ascending", [False, True])
def test_blocks_do_not_change_a_bit_of_the_slope(crs, ascending):
    random = np.random.default_rng(11)
    elevation = random.normal(800, 200, (23, 31))
    elevation[7, 9] = np.nan
    grid = {"cell": 30.0} if crs != LONLAT else {"crs": crs, "west": 110.0, "north": 61.0, "cell": 1 / 3600}
    layer = slope_layer(raster(elevation, "m", ascending=ascending, **grid))
    expected = whole(layer)
    assert np.isfinite(expected).sum() == 21 * 29 - 9
    for height, width in ((1, 1), (4, 7), (23, 2), (5, 31)):
        source, found = layer.open(), np.full(expected.shape, -1.0)
        for row in range(0, 23, height):
            for col in range(0, 31, width):
                end_row, end_col = min(row + height, 23), min(col + width, 31)
                found[row:end_row, col:end_col] = source.read(row, end_row, col, end_col).raw
        assert found.tobytes() == expected.tobytes(), (height, width)


def test_beyond_the_elevation_there_is_no_slope():
    layer = slope_layer(raster(plane(5, 5, 0.1, 0, 30.0), "m", cell=30.0))
    block_beyond = layer.open().read(-3, 8, -2, 7).raw
    assert block_beyond.shape == (11, 9)
    assert np.isfinite(block_beyond).sum() == 9
    assert block_beyond[4:7, 3:6] == on_the_ground(math.atan(0.1))


# daily layers, computed on their own grid -----------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "months"), [(365, MONTHS), (366, LEAP_MONTHS)])
def test_the_derived_layer_fills_in_the_calendar(length, months):
    rain = np.random.default_rng(5).gamma(0.3, 20.0, (length, 3, 4))
    constants = {
        name: shipped(name, unit)
        for name, unit in erosivity_of_daily_rain.units.items()
        if name not in ("daily_precipitation", "calendar_month")
    }
    layer = derive(
        "rainfall_erosivity",
        erosivity_of_daily_rain.returns,
        erosivity_of_daily_rain,
        {"daily_precipitation": daily("daily_precipitation", rain, "mm")},
        {**constants, "calendar_month": 0.0},
    )
    expected = half_month(rain.reshape(length, 12), months).reshape(3, 4)
    assert whole(layer) == printed(expected)
    assert whole(layer)[1:2, 2:4].tobytes() == layer.open().read(1, 2, 2, 4).raw.tobytes()


def test_the_derived_layer_counts_days():
    hottest = np.full((365, 2, 2), 290.0)
    hottest[100:140, 0, 1] = 305.0
    hottest[3, 1, 1] = np.nan
    constants = {name: shipped(name, cooling_days_of_daily.units[name]) for name in ("cooling_threshold", "one_day")}
    layer = derive(
        "cooling_days",
        "day/year",
        cooling_days_of_daily,
        {"daily_maximum_temperature": daily("daily_maximum_temperature", hottest, "K")},
        constants,
    )
    assert np.array_equal(whole(layer), [[0, 40], [0, np.nan]], equal_nan=True)


# through a study ------------------------------------------------------------------------------------------------------


SHAPE = (3, 4)
COUNTY = zones(block(0, 0, 4, 3))


def soil_layers(**changes: Any) -> dict[str, Any]:
    """What soil retention needs: erosivity, texture, slope, slope length and cover of the test vectors."""
    given = {
        "rainfall_erosivity": (3000.0, "MJ*mm/(hm^2*h*year)"),
        "soil_sand": (40.0, "percent"),
        "soil_silt": (40.0, "percent"),
        "soil_clay": (20.0, "percent"),
        "soil_organic_carbon": (1.5, "percent"),
        "slope": (15.0, "degree"),
        "slope_length": (50.0, "m"),
        "vegetation_cover": (40.0, "percent"),
        **changes,
    }
    return {
        name: constant(*pair, SHAPE) if isinstance(pair, tuple) else pair
        for name, pair in given.items()
        if pair is not None
    }


def retained(layers: dict[str, Any], **more: Any) -> Any:
    """The retained soil in t/(hm2 a) and the account it stands in."""
    account = make_study(np.full(SHAPE, FOREST), layers, COUNTY, of=("soil_retention",), **more).run()
    entries = find(account, service="soil_retention", component="retained_soil")
    amount = entries[0].quantity if entries and entries[0].quantity is not None else math.nan
    return amount / (100 * SHAPE[0] * SHAPE[1]), account


RETAINED = 3000 * 0.01586876185 * 1.696285357 * 4.708137088 * (1 - 0.06)
"""R, K, L, S and C of the vectors: 357.38 t/(hm2 a)."""


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            name: (share, "1")
            for name, share in {
                "soil_sand": 0.4,
                "soil_silt": 0.4,
                "soil_clay": 0.2,
                "soil_organic_carbon": 0.015,
            }.items()
        },
        {
            "soil_sand": (400.0, "g/kg"),
            "soil_silt": (400.0, "g/kg"),
            "soil_clay": (200.0, "g/kg"),
            "soil_organic_carbon": (15.0, "g/kg"),
        },
        {"soil_sand": None},  # what silt and clay leave
        {"vegetation_cover": (0.4, "1")},
        {"slope": (math.radians(15), "rad"), "slope_length": (0.05, "km")},
    ],
)
def test_the_same_soil_in_other_units(changes):
    assert retained(soil_layers(**changes))[0] == printed(RETAINED)


@pytest.mark.parametrize(
    ("percent", "factor"), [(10, 0.08), (30, 0.06), (50, 0.02), (70, 0.004), (90, 0.001), (0, 0.1), (100, 0.001)]
)
@pytest.mark.parametrize("unit", ["percent", "1"])
def test_band_edges_through_a_study(percent, factor, unit):
    cover = (float(percent), unit) if unit == "percent" else (percent / 100, unit)
    assert retained(soil_layers(vegetation_cover=cover))[0] == printed(RETAINED / 0.94 * (1 - factor))


def test_cover_from_leaf_area_through_a_study():
    months = raster(np.full((12, *SHAPE), 1.0), "1")  # 1 - exp(-0.5) = 39 %
    amount, account = retained(soil_layers(vegetation_cover=None, leaf_area_index=months))
    assert amount == printed(RETAINED)
    assert "cover_of_leaf_area" in one(account, component="retained_soil").derivations
    assert {p.subject for p in account.about.problems if p.code == "P03"} == {"vegetation_cover"}


def dem(cell: float, margin: int, gradient: float = math.tan(math.radians(15))) -> Any:
    """A plane over the study's cells of a kilometre and `margin` cells beyond, rising to the south-east by the given
    gradient.
    """
    rows, cols = (round(n * 1000 / cell) + 2 * margin for n in SHAPE)
    values = plane(rows, cols, 0.6 * gradient, 0.8 * gradient, cell)
    return raster(values, "m", cell=cell, west=WEST - margin * cell, north=NORTH + margin * cell)


@pytest.mark.parametrize("cell", [50.0, 100.0])
def test_elevation_finer_than_the_grid(cell):
    length = cell / 22.13  # no slope length is given: the side of an elevation cell
    amount, account = retained(soil_layers(slope=None, slope_length=None, elevation=dem(cell, 2)))
    assert amount == on_the_ground(RETAINED * (length / (50 / 22.13)) ** 0.6483229099)
    entry = one(account, component="retained_soil")
    assert {"slope_of_neighbours", "slope_length_of_cell"} <= set(entry.derivations)
    assert entry.coverage == 1
    assert "G09" not in codes_of(account)
    assert "slope_length" in {p.subject for p in account.about.problems if p.code == "P03"}


def test_coarse_elevation_is_refused():
    amount, account = retained(soil_layers(slope=None, slope_length=None, elevation=dem(200.0, 2)))
    assert math.isnan(amount)
    assert missing(account)["soil_retention"] == "no_input"
    detail = next(m.detail for m in account.about.missing if m.service == "soil_retention")
    for words in ("slope", "200 m", "100 m or finer", 'soil_retention.terrain = "accept_coarse"'):
        assert words in detail


def test_coarse_elevation_is_accepted_in_words_with_a_warning():
    layers = soil_layers(slope=None, slope_length=None, elevation=dem(200.0, 2))
    amount, account = retained(layers, methods={"soil_retention": {"terrain": "accept_coarse"}})
    assert amount == on_the_ground(RETAINED * (122 / 50) ** 0.6483229099)  # no slope is longer than 122 m
    (warning,) = (p for p in account.about.problems if p.code == "G09")
    assert (warning.severity, warning.found, warning.allowed) == ("warning", "200 m", "100 m or finer")


def test_a_slope_that_is_given_needs_no_fine_elevation():
    amount, account = retained(soil_layers(elevation=dem(200.0, 2)))
    assert amount == printed(RETAINED)
    assert "G09" not in codes_of(account)


def test_potential_of_reference_evapotranspiration():
    # hand: 800 mm x 0.85
    assert potential_of_reference(800.0, 0.85) == exactly(680.0)
    # conifers have 1.00 in every stage of growth (FAO-56, table 12)
    assert by_shipped(
        potential_of_reference, "forest/evergreen_needleleaf", reference_evapotranspiration=800.0
    ) == exactly(800.0)
    assert rows_of().lookup("crop_coefficient", "grassland") is None, (
        "a coefficient that changes with the season has no value for the year"
    )
    # hand: twelve months of 60 mm
    assert by_shipped(
        annual_reference_evapotranspiration, monthly_reference_evapotranspiration=np.full(12, 60.0)
    ) == exactly(720.0)
