"""Factors of the soil loss equation and layers of vegetation, made from other layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from builders import (
    by_shipped,
    exactly,
    printed,
    shipped,
)
from days_of_rain import LEAP_MONTHS, half_month

from gep.derivations.erosion import (
    cover_factor_by_bands,
    cover_factor_of_dryland,
    erodibility_epic,
    erodibility_hj,
    erodibility_uncorrected,
    erosivity_of_annual_rain,
    erosivity_of_monthly_rain,
    erosivity_zhang_2002,
    sand_of_the_rest,
)
from gep.derivations.terrain import (
    length_factor,
    length_factor_by_steps,
    length_times_steepness,
    slope_length_of_cell,
    steepness_factor,
)
from gep.derivations.vegetation import (
    annual_air_temperature,
    cover_of_leaf_area,
    cover_of_ndvi,
    production_less_respiration,
    production_of_climate,
    production_of_stands,
    rate_of_class,
    respiration_of_soil,
    share_of_production,
)
from gep.derivations.water import (
    annual_precipitation,
    evapotranspiration_fu,
    evapotranspiration_zhang,
)

# slope length and steepness -------------------------------------------------------------------------------------------


def test_steepness_factor_vector_r2():
    slope = np.radians([0.5, 3, 5, 8, 15, 30])
    expected = [0.1242465834, 0.5952283274, 0.9712820217, 1.838108096, 4.708137088, 9.5988]
    assert by_shipped(steepness_factor, slope=slope) == printed(expected)


@pytest.mark.parametrize(
    ("limit", "above"),
    [(5.14, lambda s: 16.8 * s - 0.5), (10.20, lambda s: 21.9 * s - 0.96), (28.81, lambda _: 9.5988)],
)
def test_a_range_of_slope_holds_its_lower_limit(limit, above):
    slope = np.radians(limit)
    assert float(by_shipped(steepness_factor, slope=slope)) == exactly(above(math.sin(slope)))


def test_length_factor_vector_r2():
    factor = by_shipped(length_factor, slope=np.radians([3, 8, 15]), slope_length=50.0)
    assert factor == printed([1.397771133, 1.591452305, 1.696285357])
    exponent = np.log(factor) / math.log(50 / 22.13)
    assert exponent == printed([0.4108495898, 0.5700568694, 0.6483229099])
    assert exponent / (1 - exponent) == printed([0.6973594226, 1.325889005, 1.843517614])  # beta


def test_level_ground_has_length_factor_one_and_steepness_of_the_offset():
    assert by_shipped(length_factor, slope=0.0, slope_length=50.0) == 1
    assert float(by_shipped(steepness_factor, slope=0.0)) == 0.03


@pytest.mark.parametrize(
    ("percent", "exponent"),
    [(0.5, 0.2), (1.001, 0.3), (2, 0.3), (3.001, 0.4), (5, 0.4), (8.999, 0.4), (9.001, 0.5), (40, 0.5)],
)
def test_the_exponent_of_slope_length_by_steps(percent, exponent):
    factor = by_shipped(length_factor_by_steps, slope=math.atan(percent / 100), slope_length=50.0)
    assert float(factor) == exactly((50 / 22.13) ** exponent)


def test_length_and_steepness_and_the_length_of_a_cell():
    assert length_times_steepness(1.696285357, 4.708137088) == exactly(1.696285357 * 4.708137088)
    sides = np.array([30.0, 121.9, 122.0, 900.0])
    assert by_shipped(slope_length_of_cell, terrain_cell_size=sides).tolist() == [30.0, 121.9, 122.0, 122.0]


# erodibility ----------------------------------------------------------------------------------------------------------


def test_erodibility_vector_r2():
    epic = by_shipped(erodibility_epic, soil_sand=0.4, soil_silt=0.4, soil_clay=0.2, soil_organic_carbon=0.015)
    assert epic == printed(0.2604396271)
    assert by_shipped(erodibility_uncorrected, erodibility_us=epic) == printed(0.03429989889)
    assert by_shipped(erodibility_hj, erodibility_us=epic) == printed(0.01586876185)


def epic_in_plain_python(sand: float, silt: float, clay: float, carbon: float) -> float:
    """HJ 1173-2021, equation A.7, in per cent, as printed."""
    rest = 1 - sand / 100
    texture = 0.2 + 0.3 * math.exp(-0.0256 * sand * (1 - silt / 100))
    organic = 1 - 0.25 * carbon / (carbon + math.exp(3.72 - 2.95 * carbon))
    return texture * (silt / (clay + silt)) ** 0.3 * organic * (1 - 0.7 * rest / (rest + math.exp(-5.51 + 22.9 * rest)))


@pytest.mark.parametrize("soil", [(10, 30, 60, 0.3), (85, 10, 5, 0.1), (20, 70, 10, 4), (33, 33, 34, 12)])
def test_erodibility_by_the_formula_as_printed(soil):
    sand, silt, clay, carbon = (part / 100 for part in soil)
    epic = by_shipped(erodibility_epic, soil_sand=sand, soil_silt=silt, soil_clay=clay, soil_organic_carbon=carbon)
    assert epic == exactly(epic_in_plain_python(*soil))
    assert by_shipped(erodibility_hj, erodibility_us=epic) == exactly(
        (-0.01383 + 0.51575 * epic_in_plain_python(*soil)) * 0.1317
    )


def test_the_correction_of_erodibility_is_cut_at_zero():
    turn = 0.01383 / 0.51575  # 0.02682
    found = by_shipped(erodibility_hj, erodibility_us=np.array([0, 0.0268, turn + 1e-6, np.nan]))
    assert found[:2].tolist() == [0, 0]
    assert found[2] == pytest.approx(0.51575e-6 * 0.1317, rel=1e-6)
    assert np.isnan(found[3])


def test_soil_of_sand_alone_has_no_erodibility():
    # the formula divides by silt plus clay
    with np.errstate(invalid="ignore"):
        assert math.isnan(
            by_shipped(
                erodibility_epic,
                soil_sand=np.float64(1),
                soil_silt=np.float64(0),
                soil_clay=0.0,
                soil_organic_carbon=0.01,
            )
        )


def test_sand_is_what_silt_and_clay_leave():
    assert sand_of_the_rest(np.array([0.4, 0.0, 0.7]), np.array([0.2, 0.0, 0.4])).tolist() == [exactly(0.4), 1.0, 0.0]


# erosivity ------------------------------------------------------------------------------------------------------------


def year_of_rain(days: dict[int, float], length: int = 365, background: float = 0.0) -> Any:
    """A column of daily rain, by the number of the day from 1."""
    rain = np.full((length, 1), background)
    for day, depth in days.items():
        rain[day - 1, 0] = depth
    return rain


def test_erosivity_of_half_months_vector_r2():
    assert half_month(year_of_rain({200: 15, 201: 30, 220: 50}))[0] == printed(519.6337917)  # July, August
    assert half_month(year_of_rain({10: 15, 11: 30, 330: 50}))[0] == printed(409.2924531)  # January, November


def test_both_seasons_add_up():
    summer, winter = {200: 15, 201: 30, 220: 50}, {10: 15, 11: 30, 330: 50}
    assert half_month(year_of_rain({**summer, **winter}))[0] == printed(519.6337917 + 409.2924531)


def test_the_erosive_day_begins_at_its_threshold():
    assert half_month(year_of_rain({200: 12}))[0] == exactly(0.3937 * 12**1.7265)
    assert half_month(year_of_rain({200: 11.999999}))[0] == 0


@pytest.mark.parametrize(
    ("day", "leap_day", "alpha"),
    [
        (120, 121, 0.3101),  # 30 April
        (121, 122, 0.3937),  # 1 May
        (273, 274, 0.3937),  # 30 September
        (274, 275, 0.3101),  # 1 October
    ],
)
def test_the_warm_season_is_may_to_september_by_the_calendar(day, leap_day, alpha):
    assert half_month(year_of_rain({day: 20}))[0] == exactly(alpha * 20**1.7265)
    assert half_month(year_of_rain({leap_day: 20}, 366), LEAP_MONTHS)[0] == exactly(alpha * 20**1.7265)


def test_a_year_without_erosive_rain_has_erosivity_zero():
    for rain in (year_of_rain({}), year_of_rain({}, background=5.0)):
        assert half_month(rain)[0] == 0
        assert by_shipped(erosivity_zhang_2002, daily_precipitation=rain)[0] == 0


def test_a_missing_day_makes_the_year_missing():
    for days in ({200: np.nan, 201: 30}, {1: np.nan}):
        assert np.isnan(half_month(year_of_rain(days))[0])
        assert np.isnan(by_shipped(erosivity_zhang_2002, daily_precipitation=year_of_rain(days))[0])


def zhang_2002(daily: list[float], threshold: float = 12) -> float:
    """The model of 2002 in plain Python."""
    erosive = [depth for depth in daily if depth >= threshold]
    if not erosive:
        return 0.0
    b = 0.8363 + 18.144 / (sum(erosive) / len(erosive)) + 24.455 / sum(erosive)
    return 21.586 * b**-7.1891 * sum(depth**b for depth in erosive)


def test_the_model_of_2002_by_an_independent_computation():
    random = np.random.default_rng(3)
    rain = random.gamma(0.4, 12.0, (365, 5)) * (random.random((365, 5)) < 0.4)
    rain[:, 4] = 0
    rain[17, 4] = 12  # one day at the threshold
    expected = [zhang_2002(column.tolist()) for column in rain.T]
    assert min(expected) > 0
    assert by_shipped(erosivity_zhang_2002, daily_precipitation=rain) == printed(expected)
    assert by_shipped(erosivity_zhang_2002, daily_precipitation=year_of_rain({1: 15, 2: 30, 3: 50}))[
        0
    ] == pytest.approx(581.26, abs=0.005)


MONTHLY_RAIN = np.array([5, 10, 20, 40, 80, 120, 150, 130, 90, 40, 15, 5], dtype=float)


def test_erosivity_of_monthly_rain_vector_r2():
    assert MONTHLY_RAIN.sum() == 705
    metric = by_shipped(erosivity_of_monthly_rain, monthly_precipitation=MONTHLY_RAIN, erosivity_monthly_scale=1.735)
    assert metric == printed(122.1284447)
    # 17.02 turns the same sum, in US customary units, into MJ mm/(hm2 h a): decision 0008
    assert by_shipped(erosivity_of_monthly_rain, monthly_precipitation=MONTHLY_RAIN) == printed(
        122.1284447 / 1.735 * 17.02
    )


def test_monthly_rain_of_none_and_of_one_month():
    months = np.zeros((12, 2))
    months[6, 1] = 100.0
    found = by_shipped(erosivity_of_monthly_rain, monthly_precipitation=months)
    assert found.tolist() == [0, exactly(17.02 * 10 ** (1.5 * math.log10(100**2 / 100) - 0.8188))]
    months[3, 0] = np.nan
    assert np.isnan(by_shipped(erosivity_of_monthly_rain, monthly_precipitation=months)[0])


def test_erosivity_of_annual_rain():
    assert by_shipped(erosivity_of_annual_rain, precipitation=500.0) == pytest.approx(1562.416, abs=1e-3)
    assert by_shipped(erosivity_of_annual_rain, precipitation=0.0) == 0


# cover factor ---------------------------------------------------------------------------------------------------------


TABLE_A1 = {
    "forest": (0.10, 0.08, 0.06, 0.02, 0.004, 0.001),
    "shrub": (0.40, 0.22, 0.14, 0.085, 0.040, 0.011),
    "grassland": (0.45, 0.24, 0.15, 0.09, 0.043, 0.011),
    "cropland/tree_orchard": (0.42, 0.23, 0.14, 0.089, 0.042, 0.011),
    "cropland/shrub_orchard": (0.40, 0.22, 0.14, 0.087, 0.042, 0.011),
    "cropland/orchard": (0.42, 0.23, 0.14, 0.089, 0.042, 0.011),
}
"""HJ 1173-2021, table A.1; an orchard of unknown kind is taken as one of trees."""

BANDS = ((0, 9.999), (10, 29.999), (30, 49.999), (50, 69.999), (70, 89.999), (90, 100))
"""Each band holds its lower limit."""


@pytest.mark.parametrize("where", TABLE_A1)
def test_cover_factor_by_class_and_band(where):
    for factor, band in zip(TABLE_A1[where], BANDS, strict=True):
        for percent in (*band, sum(band) / 2):
            assert by_shipped(cover_factor_by_bands, where, vegetation_cover=percent / 100) == factor, percent


def test_a_limit_of_a_band_is_in_the_upper_band_however_it_is_written():
    # 0.7 is less than 70 x 0.01 in double precision, and less still in single precision
    for percent in (10, 30, 50, 70, 90):
        for cover in (
            percent / 100,
            percent * 0.01,
            float(np.float32(percent / 100)),
            float(np.float32(percent) * np.float32(0.01)),
        ):
            assert (
                by_shipped(cover_factor_by_bands, "forest", vegetation_cover=cover)
                == TABLE_A1["forest"][(percent + 10) // 20]
            )


def test_missing_cover_has_no_cover_factor():
    assert np.isnan(by_shipped(cover_factor_by_bands, "forest", vegetation_cover=np.nan))
    assert np.isnan(by_shipped(cover_factor_of_dryland, "cropland/dryland", vegetation_cover=np.nan))


def test_cover_factor_of_dryland_vector_r2():
    cover = np.array([0.5, 0.05, 0.03])
    found = by_shipped(cover_factor_of_dryland, "cropland/dryland", vegetation_cover=cover)
    assert found == printed([0.4001128474, 0.9951128474, 1])
    raw = [0.4001128474, 0.9951128474, 1.127112853]  # what the cut at 1 hides
    a, b = (shipped(name, "1", "cropland/dryland") for name in ("cover_dryland_a", "cover_dryland_b"))
    assert a - b * np.log10(cover) == printed(raw)


def test_cover_factor_of_dryland_at_no_and_full_cover():
    assert by_shipped(cover_factor_of_dryland, "cropland/dryland", vegetation_cover=np.array([0.0, 1.0])) == exactly(
        [1, 0.221]
    )


def test_fixed_cover_factors():
    fixed = {
        "cropland/paddy": 0,
        "wetland/marsh": 0,
        "urban/green": 0.01,
        "urban/residential": 0.01,
        "desert/gobi": 0.7,
    }
    assert {where: shipped("cover_factor", "1", where) for where in fixed} == fixed


# vegetation -----------------------------------------------------------------------------------------------------------


def test_cover_of_ndvi():
    ndvi = np.array([0.5, -0.3, 0.05, 0.95, 1.0, np.nan])
    assert cover_of_ndvi(ndvi, 0.05, 0.95)[:5].tolist() == [exactly(0.5), 0, 0, exactly(1), 1]
    assert np.isnan(cover_of_ndvi(ndvi, 0.05, 0.95)[5])


def test_cover_of_leaf_area():
    months = np.full((12, 2), 2.0)
    months[:6, 1] = 0.0  # bare for half the year
    found = by_shipped(cover_of_leaf_area, monthly_leaf_area_index=months)
    assert found == exactly([1 - math.exp(-1), (1 - math.exp(-1)) / 2])


def test_production_of_climate():
    dry_matter = [
        min(3000 / (1 + math.exp(1.315 - 0.119 * t)), 3000 * (1 - math.exp(-0.000664 * p)))
        for t, p in [(5, 500), (-5, 2000)]
    ]
    assert dry_matter[0] == pytest.approx(847.5, abs=0.05)  # rain is what limits
    assert 3000 / (1 + math.exp(1.315 - 0.119 * 5)) == pytest.approx(982.1, abs=0.1)
    found = by_shipped(
        production_of_climate, air_temperature=np.array([278.15, 268.15]), precipitation=np.array([500.0, 2000.0])
    )
    assert found == printed([amount * 72 / 162 for amount in dry_matter])
    assert found[0] == pytest.approx(376.7, abs=0.05)


def test_production_of_climate_is_missing_without_warmth_or_rain():
    found = by_shipped(
        production_of_climate, air_temperature=np.array([np.nan, 280.0]), precipitation=np.array([500.0, np.nan])
    )
    assert np.isnan(found).all()


def test_respiration_of_soil_vector_r8():
    warm = np.full(12, 20 + 273.15)
    assert by_shipped(
        respiration_of_soil, "forest", monthly_air_temperature=warm, monthly_precipitation=np.full(12, 100.0)
    ) == printed(12 * 29.69655171)


def test_respiration_in_frost_and_without_rain():
    monthly = [0.22 * (math.exp(0.0912 * t) + math.log(0.3145 * p + 1)) * 30 * 0.465 for t, p in [(-10, 0), (25, 200)]]
    warmth = np.array([263.15] * 7 + [298.15] * 5)
    rain = np.array([0.0] * 7 + [200.0] * 5)
    found = by_shipped(respiration_of_soil, "forest", monthly_air_temperature=warmth, monthly_precipitation=rain)
    assert found == pytest.approx(7 * monthly[0] + 5 * monthly[1], rel=1e-12)


def test_net_ecosystem_production():
    assert production_less_respiration(500, 320) == 180
    assert production_less_respiration(300, 320) == -20
    assert share_of_production(1000 * 72 / 162, 0.2) == printed(88.88888889)  # vector R8.alpha_drymatter
    assert rate_of_class(24.8) == 24.8
    assert by_shipped(production_of_stands, net_productivity=10.0, soil_carbon_rate=0.0) == printed(
        4.44501
    )  # vector R8.lyt per hm2
    assert by_shipped(production_of_stands, net_productivity=10.0, soil_carbon_rate=0.5) == printed(4.94501)


def test_means_and_sums_of_months():
    assert by_shipped(annual_air_temperature, monthly_air_temperature=np.repeat([270.0, 290.0], 6)) == exactly(280)
    assert by_shipped(annual_precipitation, monthly_precipitation=MONTHLY_RAIN) == 705


# evapotranspiration ---------------------------------------------------------------------------------------------------


def test_evapotranspiration_by_fu():
    assert float(
        by_shipped(evapotranspiration_fu, precipitation=600.0, potential_evapotranspiration=900.0, is_vegetated=1)
    ) == pytest.approx(490.326, abs=5e-4)


@pytest.mark.parametrize(("where", "ratio"), [("forest", 0.857143), ("grassland", 0.724138), ("cropland", 0.724138)])
def test_evapotranspiration_by_zhang(where, ratio):
    found = by_shipped(
        evapotranspiration_zhang, where, precipitation=600.0, potential_evapotranspiration=900.0, is_vegetated=1
    )
    assert float(found) / 600 == pytest.approx(ratio, abs=5e-7)


@pytest.mark.parametrize("equation", [evapotranspiration_fu, evapotranspiration_zhang])
def test_evapotranspiration_of_bare_ground_is_bounded_by_rain_and_demand(equation):
    rain, demand = np.array([600.0, 900.0, 0.0, 100.0]), np.array([900.0, 600.0, 500.0, 0.0])
    with np.errstate(all="ignore"):
        found = by_shipped(equation, "forest", precipitation=rain, potential_evapotranspiration=demand, is_vegetated=0)
    assert found.tolist() == [600, 600, 0, 0]
