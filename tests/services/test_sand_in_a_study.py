"""Sand fixation through a study: where it counts, from wind to weather, by months and days."""

from __future__ import annotations

import calendar
import math
from typing import Any

import builders
import numpy as np
import pytest
import rasterio
import xarray as xr
from builders import (
    DRYLAND,
    FOREST,
    LAKE,
    NORTH,
    SIDE,
    STEPPE,
    WEST,
    block,
    codes_of,
    constant,
    exactly,
    find,
    missing,
    one,
    printed,
    raster,
    shipped,
    zones,
)
from wind import FACTORS, carries, eroded

from gep.derivations.wind_weather import (
    erosive_wind,
    erosive_wind_of_days,
    erosive_wind_of_steps,
)
from gep.engine.run import run
from gep.inputs.grids.derived import derive
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.plan.planner import make_plan
from gep.plan.wiring import Computed, LayerInput
from gep.study.study import Study

SHAPE = (8, 12)
COARSE = 4 * SIDE
COUNTY = zones(block(0, 0, 12, 8))
AREA_KM2 = 96


# the standard in plain Python -----------------------------------------------------------------------------------------


def kept(product: float, cover: float, distance: float = 50.0) -> float:
    return max(0.0, eroded(product, distance) - eroded(product * cover, distance))


# through a study: the service -----------------------------------------------------------------------------------------


def monthly(values: Any, units: str, shape: tuple[int, int] = SHAPE, **more: Any) -> xr.DataArray:
    return raster(
        np.broadcast_to(np.asarray(values, dtype=float).reshape(-1, 1, 1), (12, *shape)).copy(), units, **more
    )


def factor_layers(**changed: Any) -> dict[str, Any]:
    units = {"weather_factor": "kg/(m*year)"}
    given = {name: constant(value, units.get(name, "1"), SHAPE) for name, value in FACTORS.items()}
    return {name: layer for name, layer in {**given, **changed}.items() if layer is not None}


def sand_study(layers: dict[str, Any], cover: Any = STEPPE, **more: Any) -> Study:
    """A city of cells of a kilometre: relief is made from elevation as coarse, which has to be accepted."""
    cover = np.full(SHAPE, cover) if isinstance(cover, int) else cover
    chosen = more.pop("methods", {}).get("sand_fixation", {})
    methods = {"sand_fixation": {"terrain": "accept_coarse", **chosen}}
    return builders.make_study(
        cover, layers, more.pop("counties", COUNTY), of=("sand_fixation",), methods=methods, **more
    )


def sand_of(study: Study, **wanted: Any) -> float:
    """Tonnes a year."""
    return math.fsum(
        e.quantity for e in find(study.run(), service="sand_fixation", component="retained_sand", **wanted)
    )


def choosing(**switches: str) -> dict[str, Any]:
    return {"methods": {"sand_fixation": switches}}


def test_sand_area_and_money():
    """96 km2 of the vector: 4819.907182 t/km2; by 1.28 t/m3 and 0.1 m an area; at 3.75 CNY/m2 in prices of 2010."""
    account = sand_study(factor_layers(), price_year=2010).run()
    sand, area = one(account, component="retained_sand"), one(account, component="restored_area")
    assert sand.quantity == printed(4819.907182 * AREA_KM2)
    assert (sand.unit, sand.value) == ("t/year", None)
    assert area.quantity == printed(4819.907182 * AREA_KM2 / 1.28 / 0.1)
    assert area.unit == "m^2/year"
    assert area.price == exactly(3.75)
    assert area.value == exactly(area.quantity * 3.75)
    assert area.price_concept == "replacement_cost"
    assert (sand.coverage, area.coverage) == (1, 1)


def test_the_switch_of_the_equation():
    assert sand_of(sand_study(factor_layers(), **choosing(equation="closed"))) == printed(1298.979789 * AREA_KM2)
    account = sand_study(factor_layers(), price_year=2010, **choosing(equation="closed")).run()
    assert one(account, component="restored_area").value == printed(1298.979789 * AREA_KM2 / 0.128 * 3.75)


def test_the_switch_of_cover():
    covered = factor_layers(wind_cover_factor=None, vegetation_cover=constant(30, "percent", SHAPE))
    assert sand_of(sand_study(covered)) == printed(kept(4.8, math.exp(-0.1151 * 30)) * 1000 * AREA_KM2)
    by_canopy = kept(4.8, math.exp(-5.614 * 0.3**0.7366)) * 1000 * AREA_KM2
    assert sand_of(sand_study(covered, **choosing(cover="canopy"))) == printed(by_canopy)


def test_classes_have_their_own_cover_coefficient():
    cover = np.full(SHAPE, STEPPE)
    cover[:, :4], cover[:, 4:6], cover[0, 11] = FOREST, DRYLAND, LAKE
    covered = factor_layers(wind_cover_factor=None, vegetation_cover=constant(0.1, "1", SHAPE))
    account = sand_study(covered, cover).run()
    for ecosystem, a, cells in (("forest", 0.1535, 32), ("cropland", 0.0438, 16), ("grassland", 0.1151, 47)):
        (entry,) = find(account, component="retained_sand", ecosystem=ecosystem)
        assert entry.quantity == printed(kept(4.8, math.exp(-10 * a)) * 1000 * cells)
    assert find(account, service="sand_fixation", ecosystem="wetland") == []


def test_the_switch_of_roughness():
    """A plane that rises 20 m per km: a range of 40 m in 2000 m, Kr 0.16; its slope is taken as given."""
    rows, cols = SHAPE
    plane = np.broadcast_to(20.0 * np.arange(cols + 2), (rows + 2, cols + 2)).copy()
    wide = {"west": WEST - SIDE, "north": NORTH + SIDE}
    layers = factor_layers(
        surface_roughness_factor=None, elevation=raster(plane, "m", **wide), slope=constant(60, "degree", SHAPE)
    )
    assert sand_of(sand_study(layers)) == pytest.approx(
        kept(6 * 0.8714679671, 0.2) * 1000 * AREA_KM2, rel=1e-6
    )  # the ground's metres
    assert sand_of(sand_study(layers, **choosing(roughness="cos_slope"))) == printed(
        kept(6 * 0.5, 0.2) * 1000 * AREA_KM2
    )
    account = sand_study(layers).run()
    assert {"squared_relief_of_neighbours", "ridge_of_relief", "roughness_of_ridges"} <= set(
        one(account, component="retained_sand").derivations
    )


def test_cells_beyond_the_peak_count_as_zero_and_are_told(tmp_path):
    weather = np.full(SHAPE, FACTORS["weather_factor"])
    weather[:, 3:6] = 20000.0
    study = sand_study(factor_layers(weather_factor=raster(weather, "kg/(m*year)")), price_year=2010)
    account = study.run()
    kept_here = 4819.907182 * (AREA_KM2 - 24)
    entry = one(account, component="retained_sand")
    assert (entry.quantity, entry.coverage) == (printed(kept_here), 1)
    assert one(account, component="restored_area").quantity == printed(kept_here / 0.128)
    told = sorted((p for p in account.about.problems if p.code == "B03"), key=lambda p: p.message, reverse=True)
    assert [p.message.partition(":")[0] for p in told] == ["retained_sand", "restored_area"]
    assert "25.0% of the area that counts" in told[0].found
    assert f"{kept_here + (eroded(4800) - eroded(960)) * 24e3:,.4g}" in told[0].message
    study.maps(tmp_path)
    with rasterio.open(tmp_path / "sand_fixation.retained_sand.tif") as file:
        picture = file.read(1, masked=True)
    assert (picture.min(), picture.max()) == (0, pytest.approx(4.819907182))
    with rasterio.open(tmp_path / "sand_fixation.value.tif") as file:
        assert file.read(1, masked=True).min() == 0


def test_nothing_is_said_where_no_cell_is_cut():
    assert "B03" not in {p.code for p in sand_study(factor_layers()).run().about.problems}


def test_relief_of_coarse_elevation_is_refused_or_accepted_in_words():
    """The cells of the study are a kilometre wide; decision 0007 allows 100 m."""
    rows, cols = SHAPE
    plane = np.broadcast_to(20.0 * np.arange(cols + 2), (rows + 2, cols + 2)).copy()
    layers = factor_layers(
        surface_roughness_factor=None, elevation=raster(plane, "m", west=WEST - SIDE, north=NORTH + SIDE)
    )
    (lacking,) = [
        m
        for m in sand_study(layers, **choosing(terrain="refuse_coarse")).run().about.missing
        if m.service == "sand_fixation"
    ]
    for words in ("squared_relief", "1,000 m", 'sand_fixation.terrain = "accept_coarse"'):
        assert words in lacking.detail
    (warning,) = [p for p in sand_study(layers).run().about.problems if p.code == "G09"]
    assert (warning.subject, warning.severity, warning.allowed) == ("squared_relief", "warning", "100 m or finer")
    sloping = {**layers, "slope": constant(0, "degree", SHAPE)}
    account = sand_study(sloping, **choosing(roughness="cos_slope")).run()  # a slope that is given needs no elevation
    assert "G09" not in {p.code for p in account.about.problems}
    assert one(account, component="retained_sand").quantity == printed(kept(6, 0.2) * 1000 * AREA_KM2)


def test_relief_comes_from_real_neighbours():
    """Without elevation around the area its outermost cells have no relief, and are missing."""
    layers = factor_layers(surface_roughness_factor=None, elevation=constant(100, "m", SHAPE))
    account = sand_study(layers).run()
    assert one(account, component="retained_sand").coverage == exactly(60 / 96)


def test_ridge_roughness_may_be_given():
    layers = factor_layers(surface_roughness_factor=None, terrain_roughness_ridge=constant(1.6, "mm", SHAPE))
    assert sand_of(sand_study(layers)) == printed(kept(6 * 0.8714679671, 0.2) * 1000 * AREA_KM2)


# through a study: where it counts -------------------------------------------------------------------------------------


def test_it_counts_everywhere_unless_a_layer_says_otherwise():
    region = np.ones(SHAPE)
    region[:, 3:] = 0
    assert sand_of(sand_study(factor_layers(wind_erosion_region=raster(region, "1")))) == printed(4819.907182 * 24)
    account = sand_study(factor_layers(wind_erosion_region=raster(np.zeros(SHAPE), "1"))).run()
    entry = one(account, component="retained_sand")
    assert (entry.quantity, entry.coverage) == (0, 1)


def test_a_table_item_or_a_coefficient_says_where_it_counts(tmp_path):
    counties = zones(block(0, 0, 6, 8), block(6, 0, 12, 8))
    table = builders.statistics(
        ("101", "wind_erosion_region", "quantity", 1.0, "1"), ("102", "wind_erosion_region", "quantity", 0.0, "1")
    )
    study = sand_study(factor_layers(), counties=counties, tables={"region": table})
    assert sand_of(study, zone="101") == printed(4819.907182 * 48)
    assert sand_of(study, zone="102") == 0
    own = builders.own_coefficients(tmp_path, ("wind_erosion_region", "", 0.0, "1"))
    assert sand_of(sand_study(factor_layers(), coefficients={"own": own})) == 0


def test_a_distance_of_the_study(tmp_path):
    own = builders.own_coefficients(tmp_path, ("downwind_distance", "", 30.0, "m"))
    assert sand_of(sand_study(factor_layers(), coefficients={"own": own})) == printed(
        kept(4.8, 0.2, 30.0) * 1000 * AREA_KM2
    )


def test_the_standard_has_no_distance(tmp_path):
    study = sand_study(
        factor_layers(), profile="hj1173-2021", off={"water_retention": "not tested", "soil_retention": "not tested"}
    )
    account = study.run()
    (lacking,) = [m for m in account.about.missing if m.service == "sand_fixation"]
    assert (lacking.reason, lacking.detail) == (
        "no_input",
        "`downwind_distance` (m) is not given (a study's own number: the standard gives no number; programs use 50 m)",
    )
    own = builders.own_coefficients(tmp_path, ("downwind_distance", "", 50.0, "m"))
    with_one = sand_study(
        factor_layers(),
        profile="hj1173-2021",
        off={"water_retention": "x", "soil_retention": "x"},
        coefficients={"own": own},
    )
    assert sand_of(with_one) == printed(4819.907182 * AREA_KM2)


# through a study: from wind to weather --------------------------------------------------------------------------------


def days_of(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def daily(values: np.ndarray, units: str, year: int = 2019, cell: float = COARSE) -> xr.DataArray:
    field = raster(values, units, cell=cell).rename(month="time")
    return field.assign_coords(
        time=np.datetime64(f"{year}-01-01", "ns") + np.arange(len(values)) * np.timedelta64(1, "D")
    )


def subdaily(values: np.ndarray, units: str, steps: int, year: int = 2019) -> xr.DataArray:
    field = raster(values, units, cell=COARSE).rename(month="time")
    return field.assign_coords(
        time=np.datetime64(f"{year}-01-01", "ns") + np.arange(len(values)) * np.timedelta64(1440 // steps, "m")
    )


SOIL = {"soil_sand": 60.0, "soil_silt": 25.0, "soil_clay": 15.0, "soil_organic_matter": 1.2}
SNOW = [80.0, 30, 10, *[0] * 8, 40]
DEMAND = [20.0, 25, 60, 110, 160, 180, 170, 150, 100, 60, 30, 20]
RAIN = [2.0, 3, 5, 12, 30, 60, 90, 70, 35, 12, 5, 3]
RAIN_DAYS = [2.0, 2, 3, 4, 6, 10, 12, 10, 7, 4, 3, 2]
WARMTH = [-18.0, -14, -3, 7, 14, 19, 21, 19, 12, 4, -8, -16]


def weather_layers(**changed: Any) -> dict[str, Any]:
    """Everything that the chain needs, but the wind: flat land 1000 m high."""
    wide = {"west": WEST - SIDE, "north": NORTH + SIDE}
    given = {
        **{name: constant(value, "percent", SHAPE) for name, value in SOIL.items()},
        "elevation": constant(1000, "m", (10, 14), **wide),
        "vegetation_cover": constant(20, "percent", SHAPE),
        "air_temperature": monthly(WARMTH, "degC"),
        "precipitation": monthly(RAIN, "mm"),
        "potential_evapotranspiration": monthly(DEMAND, "mm"),
        "rain_days": monthly(RAIN_DAYS, "day"),
        "snow_depth": monthly(SNOW, "mm"),
    }
    return {name: layer for name, layer in {**given, **changed}.items() if layer is not None}


def weather_by_hand(
    wind_of_month: list[float], year: int = 2019, snow: list[float] | None = None, rain_days: list[float] | None = None
) -> float:
    """HJ 1173-2021, A.17, month by month, in kg/m: mean u (u - ut)^2 at 2 m of each month in, 1000 m above the sea."""
    total = 0.0
    for month, wind in enumerate(wind_of_month):
        days = calendar.monthrange(year, month + 1)[1]
        density = 348 * (1.013 - 0.1183 + 0.0048) / (WARMTH[month] + 273.15)
        wetness = max(0.0, (DEMAND[month] - RAIN[month] * (rain_days or RAIN_DAYS)[month] / days) / DEMAND[month])
        free = (snow or [0.0 if depth > 25.4 else 1.0 for depth in SNOW])[month]
        total += wind * days * density / 9.8 * wetness * free
    return total


def sand_by_hand(weather: float) -> float:
    """Tonnes on the 96 km2: EF and SCF of the vector, flat ground, grass with a cover of 20 %."""
    return kept(weather * 0.50152 * 0.3975763744, math.exp(-0.1151 * 20)) * 1000 * AREA_KM2


def nearest(array: xr.DataArray, name: str = "wind_speed") -> LayerSpec:
    return LayerSpec(name, array, resampling="nearest")


@pytest.mark.parametrize("year", [2019, 2020])
def test_the_chain_from_daily_wind(year):
    """Days of all kinds of wind, the same everywhere; the numbers of days of the months matter in leap years too."""
    speeds = (np.random.default_rng(7).weibull(2, days_of(year)) * 4).round(2)
    given = daily(speeds[:, None, None] * np.ones((1, 2, 3)), "m/s", year)
    at, means = 0, []
    for month in range(1, 13):
        count = calendar.monthrange(year, month)[1]
        means.append(sum(carries(u) for u in speeds[at : at + count].tolist()) / count)
        at += count
    weather = weather_by_hand(means, year)
    assert 1 < weather * 0.50152 * 0.3975763744 < 62
    study = sand_study(weather_layers(wind_speed=given), year=year)
    account = study.run()
    entry = one(account, component="retained_sand")
    assert entry.quantity == printed(sand_by_hand(weather))
    assert entry.coverage == 1
    assert {
        "erosive_wind_of_days",
        "monthly_wind_factor_of_mean",
        "weather_factor_of_months",
        "erodible_fraction",
    } <= set(entry.derivations)
    assert entry.is_provisional
    notes = {p.subject: p.message for p in account.about.problems if p.code == "P03"}
    assert "too small" in notes["monthly_erosive_wind"]
    assert "daily_wind_speed" in study.inputs.layers


def test_cells_have_their_own_wind():
    speeds = np.array([[[6.0, 7, 8], [7.5, 0, 6.5]]]) * np.ones((365, 1, 1))
    found = sand_of(sand_study(weather_layers(wind_speed=nearest(daily(speeds, "m/s")))))
    by_hand = [sand_by_hand(weather_by_hand([carries(u)] * 12)) / 6 for u in speeds[0].ravel().tolist()]
    assert by_hand[4] == 0
    assert found == printed(math.fsum(by_hand))


def test_months_of_constant_wind_are_days_of_constant_wind():
    by_month = sand_of(sand_study(weather_layers(wind_speed=monthly(7, "m/s"))))
    by_day = sand_of(sand_study(weather_layers(wind_speed=daily(np.full((365, 2, 3), 7.0), "m/s"))))
    assert by_month == printed(by_day)
    assert by_month == printed(sand_by_hand(weather_by_hand([carries(7)] * 12)))
    account = sand_study(weather_layers(wind_speed=monthly(7, "m/s"))).run()
    notes = {p.subject: p.message for p in account.about.problems if p.code == "P03"}
    assert "far too small" in notes["monthly_erosive_wind"]


def test_months_on_a_coarse_grid_are_worked_out_there():
    """The threshold belongs to the wind of a climate cell, not to what interpolation makes of it."""
    speeds = np.ones((12, 1, 1)) * np.array([[6.0, 7, 8], [7.5, 0, 6.5]])
    coarse = raster(speeds, "m/s", cell=COARSE)
    study = sand_study(weather_layers(wind_speed=nearest(coarse)))
    assert (
        "monthly_erosive_wind" not in make_plan(study.inputs).plan.layers
    )  # nearest cells: there is nothing to interpolate
    by_hand = [sand_by_hand(weather_by_hand([carries(u)] * 12)) / 6 for u in speeds[0].ravel().tolist()]
    assert sand_of(study) == printed(math.fsum(by_hand))
    between = make_plan(sand_study(weather_layers(wind_speed=coarse)).inputs).plan
    assert between.layers["monthly_erosive_wind"].header.lead == (12,)
    found = between.layers["monthly_erosive_wind"].open().read(0, 2, 0, 3).raw
    assert found[6].ravel().tolist() == exactly([carries(u) for u in speeds[0].ravel().tolist()])


def test_calm_years_keep_no_sand():
    """Wind that never passes the threshold: no sand, and nothing is missing."""
    for wind in (daily(np.full((365, 2, 3), 6.2), "m/s"), monthly(6.2, "m/s"), monthly(0, "m/s")):
        account = sand_study(weather_layers(wind_speed=wind)).run()
        for entry in find(account, service="sand_fixation"):
            assert (entry.quantity, entry.coverage) == (0, 1)
        assert missing(account).get("sand_fixation") is None


def test_wind_of_another_height(tmp_path):
    own = builders.own_coefficients(tmp_path, ("wind_height", "", 2.0, "m"))
    study = sand_study(weather_layers(wind_speed=monthly(5.5, "m/s")), coefficients={"own": own})
    assert sand_of(study) == printed(sand_by_hand(weather_by_hand([5.5 * 0.25] * 12)))


def test_the_switch_of_the_wind():
    """Daily and monthly wind side by side: the finer one counts unless the other is chosen."""
    both = weather_layers(
        daily_wind_speed=daily(np.full((365, 2, 3), 7.0), "m/s"), monthly_wind_speed=monthly(6.5, "m/s")
    )
    by_day, by_month = (sand_by_hand(weather_by_hand([carries(u)] * 12)) for u in (7.0, 6.5))
    assert sand_of(sand_study(both)) == printed(by_day)
    assert sand_of(sand_study(both, **choosing(wind="daily"))) == printed(by_day)
    assert sand_of(sand_study(both, **choosing(wind="monthly"))) == printed(by_month)
    account = sand_study(both, **choosing(wind="subdaily")).run()
    assert missing(account)["sand_fixation"] == "no_input"


def test_rain_days_and_snow_out_of_days():
    """Days of rain and snow on a coarse grid: counted there, month by month."""
    day = np.arange(365)
    rain = np.where(day % 5 == 0, 4.0, np.where(day % 5 == 1, 0.9, 0.0))  # every fifth day wet by the threshold of 1 mm
    snow = np.where((day < 59) & (day % 2 == 0), 40.0, 5.0)
    dates = [(int(d.astype("datetime64[M]").astype(int)) % 12) for d in np.datetime64("2019-01-01") + day]
    wet_days = [
        float(sum(1 for d, m in zip(day, dates, strict=True) if m == month and d % 5 == 0)) for month in range(12)
    ]
    covered = [
        sum(1 for d, m in zip(day, dates, strict=True) if m == month and d < 59 and d % 2 == 0) for month in range(12)
    ]
    free = [1 - count / calendar.monthrange(2019, month + 1)[1] for month, count in enumerate(covered)]
    layers = weather_layers(
        rain_days=None,
        snow_depth=None,
        precipitation=None,
        monthly_precipitation=monthly(RAIN, "mm"),
        daily_precipitation=daily(rain[:, None, None] * np.ones((1, 2, 3)), "mm"),
        daily_snow_depth=daily(snow[:, None, None] * np.ones((1, 2, 3)), "mm"),
        wind_speed=daily(np.full((365, 2, 3), 7.0), "m/s"),
    )
    assert sand_of(sand_study(layers)) == printed(
        sand_by_hand(weather_by_hand([carries(7)] * 12, snow=free, rain_days=wet_days))
    )


def test_rain_days_are_needed():
    account = sand_study(weather_layers(rain_days=None, wind_speed=monthly(7, "m/s"))).run()
    assert missing(account)["sand_fixation"] == "no_input"
    (lacking,) = [m for m in account.about.missing if m.service == "sand_fixation"]
    assert "`monthly_rain_days`" in lacking.detail or "`daily_precipitation`" in lacking.detail


def test_a_land_without_snow_may_say_so(tmp_path):
    own = builders.own_coefficients(tmp_path, ("monthly_snow_factor", "", 1.0, "1"))
    layers = weather_layers(snow_depth=None, wind_speed=monthly(7, "m/s"))
    expected = sand_by_hand(weather_by_hand([carries(7)] * 12, snow=[1.0] * 12))
    assert sand_of(sand_study(layers, coefficients={"own": own})) == printed(expected)
    assert missing(sand_study(layers).run())["sand_fixation"] == "no_input"


def test_carbonate_counts_where_it_is_given():
    layers = weather_layers(wind_speed=monthly(7, "m/s"), soil_calcium_carbonate=constant(10, "percent", SHAPE))
    weather = weather_by_hand([carries(7)] * 12)
    expected = kept(weather * (0.50152 - 0.095) * 0.3975763744, math.exp(-0.1151 * 20)) * 1000 * AREA_KM2
    assert sand_of(sand_study(layers)) == printed(expected)


def test_a_day_without_wind_data_makes_the_cell_missing():
    given = np.full((365, 2, 3), 7.0)
    given[40, 0, 0] = np.nan
    account = sand_study(weather_layers(wind_speed=nearest(daily(given, "m/s")))).run()
    assert one(account, component="retained_sand").coverage == exactly(80 / 96)


def test_a_fill_number_in_one_day_of_wind_is_an_error():
    given = np.full((365, 2, 3), 7.0)
    given[40, 0, 0] = -9999.0
    assert "N02" in codes_of(
        p for p in sand_study(weather_layers(wind_speed=daily(given, "m/s"))).check() if p.severity == "error"
    )


def test_windows_and_strips_do_not_change_a_bit(monkeypatch):
    speeds = np.random.default_rng(2).weibull(2, (365, 2, 3)) * 6
    study = sand_study(weather_layers(wind_speed=daily(speeds, "m/s")))
    first = run(make_plan(study.inputs).plan)
    monkeypatch.setattr("gep.inputs.grids.derived.READ_VALUES", 5000)
    monkeypatch.setattr("gep.inputs.grids.derived.STRIP_VALUES", 400)
    second = run(make_plan(study.inputs).plan, threads=2, window=512)
    assert [table.tobytes() for table in first.arrays()] == [table.tobytes() for table in second.arrays()]


# steps of days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [2, 8, 24])
def test_days_written_as_steps_carry_the_same(steps):
    """The same daily series, each day repeated: the same erosive wind of every month."""
    days = np.random.default_rng(11).weibull(2, (365, 2, 3)) * 6
    constants = {name: shipped(name, erosive_wind.units[name]) for name in erosive_wind.units if name != "wind_speed"}
    of_days = open_layer(LayerSpec("daily_wind_speed", daily(days, "m/s")), unit="m/s")
    of_steps = open_layer(
        LayerSpec("subdaily_wind_speed", subdaily(np.repeat(days, steps, axis=0), "m/s", steps)), unit="m/s"
    )
    first = derive("monthly_erosive_wind", "m^3/s^3", erosive_wind_of_days, {"daily_wind_speed": of_days}, constants)
    second = derive(
        "monthly_erosive_wind", "m^3/s^3", erosive_wind_of_steps, {"subdaily_wind_speed": of_steps}, constants
    )
    np.testing.assert_allclose(second.open().read(0, 2, 0, 3).raw, first.open().read(0, 2, 0, 3).raw, rtol=1e-12)
    assert (first.open().read(0, 2, 0, 3).raw > 0).any()


HAS_STEPS = bool(Computed(erosive_wind_of_steps, (LayerInput("subdaily_wind_speed"),)).days)


@pytest.mark.skipif(not HAS_STEPS, reason="the wiring does not know steps of days yet")
def test_the_chain_from_hourly_wind():
    """Half of each day at 9 m/s, half calm: the daily mean of 4.5 m/s carries nothing, the hours do."""
    hours = np.tile([9.0, 0.0], 365)[:, None, None] * np.ones((1, 2, 3))
    study = sand_study(weather_layers(wind_speed=subdaily(hours, "m/s", 2)))
    assert sand_of(study) == printed(sand_by_hand(weather_by_hand([carries(9) / 2] * 12)))
    assert sand_of(sand_study(weather_layers(wind_speed=daily(np.full((365, 2, 3), 4.5), "m/s")))) == 0
    plan = make_plan(study.inputs).plan
    assert plan.layers["subdaily_wind_speed"].header.lead == (2,)
    assert plan.layers["monthly_erosive_wind"].header.lead == (12,)
    broken = hours.copy()
    broken[5, 0, 0] = -9999.0
    problems = sand_study(weather_layers(wind_speed=subdaily(broken, "m/s", 2))).check()
    assert ("N02", "subdaily_wind_speed") in {(p.code, p.subject) for p in problems if p.severity == "error"}
