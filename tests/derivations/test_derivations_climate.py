"""Radiation and evapotranspiration made from temperatures, latitude and soil: worked numbers of FAO-56, InVEST's water
yield, physical sense.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from builders import (
    FOREST,
    NORTH,
    SIDE,
    STEPPE,
    WEST,
    block,
    by_shipped,
    constant,
    exactly,
    make_study,
    one,
    own_coefficients,
    raster,
    rows_of,
    zones,
)

from gep.derivations.radiation import (
    monthly_mean_of_extremes,
    monthly_radiation_above_air,
    monthly_reference_of_radiation,
    monthly_reference_of_range,
    monthly_solar_of_range,
)
from gep.derivations.water import crop_coefficient_of_leaf_area, evapotranspiration_fu, evapotranspiration_fu_awc
from gep.plan.wiring import months_of

# radiation above the air ----------------------------------------------------------------------------------------------


def above_air(latitude: float, day: float) -> float:
    return float(by_shipped(monthly_radiation_above_air, latitude=math.radians(latitude), monthly_day_of_year=day))


def test_ra_of_example_8_of_fao_56():
    found = above_air(-20.0, 246)
    assert round(found, 1) == 32.2  # the book
    assert found == pytest.approx(32.19, abs=0.005)  # methods.md 5b


@pytest.mark.parametrize("latitude", [-85, -60, -20, 0, 35, 49.2, 66.5, 80])
@pytest.mark.parametrize("day", [15, 172, 246, 355])
def test_ra_is_the_sun_on_a_plane_summed_over_the_day(latitude, day):
    """Independently: the sine of the sun's height, where it is above the horizon, integrated over the hours."""
    angle = 2 * math.pi * day / 365
    declination, distance = 0.409 * math.sin(angle - 1.39), 1 + 0.033 * math.cos(angle)
    hours = (np.arange(200_000) + 0.5) / 200_000 * 2 * np.pi - np.pi
    phi = math.radians(latitude)
    height = math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * np.cos(hours)
    expected = 0.0820 * 24 * 60 * distance * np.maximum(height, 0).mean()
    assert above_air(latitude, day) == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_ra_is_zero_in_polar_night_and_smooth_in_polar_day():
    assert above_air(80, 355) == 0
    assert above_air(-80, 172) == 0
    assert above_air(90, 355) == 0
    angle = 2 * math.pi * 172 / 365
    midsummer = (
        0.0820
        * 24
        * 60
        * (1 + 0.033 * math.cos(angle))
        * math.sin(math.radians(80))
        * math.sin(0.409 * math.sin(angle - 1.39))
    )
    assert above_air(80, 172) == exactly(midsummer)  # the sun does not set: arccos is cut at pi


def test_ra_of_months_and_cells_is_a_table():
    latitudes = np.radians([-20.0, 0.0, 50.0])
    days = np.array(months_of(2019)["monthly_day_of_year"])[:, None]
    found = by_shipped(monthly_radiation_above_air, latitude=latitudes, monthly_day_of_year=days)
    assert found.shape == (12, 3)
    assert found[6, 2] == exactly(above_air(50.0, days[6, 0]))
    assert found[5, 2] > found[11, 2]  # June in the north
    assert found[5, 0] < found[11, 0]  # and in the south


# what temperatures tell -----------------------------------------------------------------------------------------------

ZERO = 273.15


def reference(mean: float, swing: float, radiation: float, days: float = 1.0) -> float:
    given = {
        "monthly_air_temperature": mean + ZERO,
        "monthly_maximum_temperature": ZERO + swing,
        "monthly_minimum_temperature": ZERO,
    }
    return float(
        by_shipped(
            monthly_reference_of_range, **given, monthly_extraterrestrial_radiation=radiation, monthly_length=days
        )
    )


def test_et0_hargreaves_worked_number():
    assert reference(20.7, 11.8, 40.6) == pytest.approx(5.04, abs=0.005)  # methods.md 5b
    assert reference(20.7, 11.8, 40.6) == pytest.approx(0.0023 * 38.5 * math.sqrt(11.8) * 40.6 / 2.45, rel=1e-9)
    assert reference(20.7, 11.8, 40.6, days=30) == pytest.approx(151.2, abs=0.05)


def test_et0_is_never_below_zero():
    assert reference(-17.9, 10, 5) == 0
    assert reference(-40, 10, 5) == 0
    assert reference(-17.7, 10, 5) > 0


def test_rs_hargreaves_inland_and_on_the_coast():
    given = {
        "monthly_maximum_temperature": 300.0,
        "monthly_minimum_temperature": 284.0,
        "monthly_extraterrestrial_radiation": 40.0,
    }
    assert by_shipped(monthly_solar_of_range, **given) == exactly(0.16 * 4 * 40)
    assert by_shipped(monthly_solar_of_range, **given, radiation_adjustment=0.19) == exactly(0.19 * 4 * 40)


def test_et0_from_solar_radiation():
    given = {"monthly_air_temperature": 20.2 + ZERO, "monthly_length": 30.0}
    assert by_shipped(monthly_reference_of_radiation, **given, monthly_solar_radiation=24.5) == pytest.approx(
        30 * 0.0135 * 38 * 10
    )
    assert (
        by_shipped(
            monthly_reference_of_radiation, **{**given, "monthly_air_temperature": 250.0}, monthly_solar_radiation=24.5
        )
        == 0
    )


def test_both_forms_of_hargreaves_agree_but_for_their_numbers():
    """With solar radiation made from the swing of temperatures the forms differ by 0.0023 / (0.0135 x 0.16), 6.5 per
    cent, whatever the weather.
    """
    for mean, swing, radiation in ((5.0, 6.0, 20.0), (20.0, 12.0, 38.0), (31.0, 17.0, 41.0)):
        extremes = {"monthly_maximum_temperature": 300.0 + swing, "monthly_minimum_temperature": 300.0}
        solar = by_shipped(monthly_solar_of_range, **extremes, monthly_extraterrestrial_radiation=radiation)
        from_solar = by_shipped(
            monthly_reference_of_radiation,
            monthly_air_temperature=mean + ZERO,
            monthly_solar_radiation=solar,
            monthly_length=1.0,
        )
        assert reference(mean, swing, radiation) / from_solar == pytest.approx(0.0023 / (0.0135 * 0.16), rel=1e-9)


def test_a_highest_temperature_below_the_lowest_is_missing():
    with np.errstate(invalid="ignore"):
        assert math.isnan(
            by_shipped(monthly_solar_of_range, **SWAPPED, monthly_extraterrestrial_radiation=np.float64(30))
        )


SWAPPED = {"monthly_maximum_temperature": np.float64(280), "monthly_minimum_temperature": np.float64(290)}


def test_mean_of_extremes():
    assert monthly_mean_of_extremes(300.0, 280.0) == 290


# evapotranspiration with soil water, as in InVEST ---------------------------------------------------------------------


def fu_awc(**given: Any) -> Any:
    return by_shipped(evapotranspiration_fu_awc, **given)


SOIL = {"soil_depth": 1500.0, "root_depth": 2000.0, "plant_available_water": 0.12, "seasonality": 8.0}


def test_et_fu_awc_worked_number():
    """w = 1.25 + 8 x 180 / 900 = 2.85 (methods.md 5b); with PET = P the curve is 2 - 2^(1/w)."""
    found = fu_awc(precipitation=900.0, potential_evapotranspiration=900.0, **SOIL, is_vegetated=1.0)
    assert found == exactly(900 * (2 - 2 ** (1 / 2.85)))
    assert found == evapotranspiration_fu(900.0, 900.0, 2.85, 1.0)


def test_the_parameter_is_capped_at_5_and_no_less_than_that_of_bare_soil():
    dry = fu_awc(
        precipitation=300.0, potential_evapotranspiration=900.0, **SOIL, is_vegetated=1.0
    )  # 1.25 + 8 x 180 / 300 = 6.05
    assert dry == exactly(evapotranspiration_fu(300.0, 900.0, 5.0, 1.0))
    for changes in ({"root_depth": 0.0}, {"plant_available_water": 0.0}, {"seasonality": 0.0}):
        bare = fu_awc(precipitation=900.0, potential_evapotranspiration=900.0, **{**SOIL, **changes}, is_vegetated=1.0)
        assert bare == exactly(900 * (2 - 2 ** (1 / 1.25)))


def test_roots_go_no_deeper_than_the_soil():
    shallow = fu_awc(
        precipitation=900.0, potential_evapotranspiration=700.0, **{**SOIL, "root_depth": 700.0}, is_vegetated=1.0
    )
    assert shallow == exactly(evapotranspiration_fu(900.0, 700.0, 1.25 + 8 * 0.12 * 700 / 900, 1.0))


def invest_water_yield(kc, et0, rain, roots, soil, pawc, vegetated, z):
    """Annual water yield of a cell as the InVEST User Guide prints it, in plain Python: millimetres, soil and roots in
    millimetres.
    """
    pet = kc * et0
    if not vegetated:
        return rain - min(pet, rain)
    omega = min(z * min(soil, roots) * pawc / rain + 1.25, 5.0)
    share = 1 + pet / rain - (1 + (pet / rain) ** omega) ** (1 / omega)
    return (1 - min(share, pet / rain)) * rain


def test_water_yield_is_that_of_invest_on_random_cells():
    draw = random.Random(20190823)
    cells = [
        {
            "kc": draw.uniform(0.1, 1.3),
            "et0": draw.uniform(100, 2500),
            "rain": draw.uniform(20, 3500),
            "roots": draw.uniform(0, 6000),
            "soil": draw.uniform(50, 4000),
            "pawc": draw.uniform(0, 0.45),
            "vegetated": draw.random() < 0.7,
            "z": draw.uniform(1, 30),
        }
        for _ in range(2000)
    ]
    column = {name: np.array([float(cell[name]) for cell in cells]) for name in cells[0]}
    found = column["rain"] - fu_awc(
        precipitation=column["rain"],
        potential_evapotranspiration=column["kc"] * column["et0"],
        soil_depth=column["soil"],
        root_depth=column["roots"],
        plant_available_water=column["pawc"],
        seasonality=column["z"],
        is_vegetated=column["vegetated"],
    )
    expected = [invest_water_yield(**cell) for cell in cells]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert {cell["vegetated"] for cell in cells} == {True, False}


def test_no_rain_no_yield():
    with np.errstate(divide="ignore", invalid="ignore"):
        found = fu_awc(
            precipitation=np.zeros(2),
            potential_evapotranspiration=np.full(2, 800.0),
            **SOIL,
            is_vegetated=np.array([1.0, 0.0]),
        )
    assert found.tolist() == [0, 0]


@pytest.mark.parametrize("vegetated", [1.0, 0.0])
@pytest.mark.parametrize("potential", [0.0, 300.0, 900.0, 2500.0])
def test_more_rain_never_gives_less_yield(vegetated, potential):
    rain = np.linspace(1, 4000, 4000)
    evaporated = fu_awc(
        precipitation=rain, potential_evapotranspiration=np.full(4000, potential), **SOIL, is_vegetated=vegetated
    )
    assert (np.diff(rain - evaporated) > -1e-9).all()
    assert (evaporated <= np.minimum(rain, potential) + 1e-9).all()
    assert (evaporated >= 0).all()


def test_a_missing_soil_makes_the_cell_missing_where_plants_grow():
    found = fu_awc(
        precipitation=900.0, potential_evapotranspiration=900.0, **{**SOIL, "soil_depth": np.nan}, is_vegetated=1.0
    )
    assert np.isnan(found)


# crop coefficients ----------------------------------------------------------------------------------------------------


def test_crop_coefficient_from_leaf_area():
    leaves = np.array([[1.5]] * 6 + [[0.0]] * 6)
    demand = np.array([[100.0]] * 6 + [[50.0]] * 6)
    given = {"monthly_leaf_area_index": leaves, "monthly_reference_evapotranspiration": demand}
    assert by_shipped(crop_coefficient_of_leaf_area, **given, is_vegetated=1.0).tolist() == [exactly(0.5 * 600 / 900)]
    assert np.isnan(by_shipped(crop_coefficient_of_leaf_area, **given, is_vegetated=0.0)).all()
    full = by_shipped(
        crop_coefficient_of_leaf_area, **{**given, "monthly_leaf_area_index": np.full((12, 1), 7.0)}, is_vegetated=1.0
    )
    assert full.tolist() == [1.0]  # 3 and more: closed


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("forest/evergreen_needleleaf", 1.0),  # FAO-56, table 12
        ("wetland/marsh", 1.1),  # InVEST: wetlands 1 to 1.2
        ("wetland/forest_swamp", 1.1),
        ("wetland/lake", 0.9),  # deep water 0.7 to 1.1
        ("wetland/pond", 1.0),  # shallow water
        ("desert/bare", 0.5),
        ("other/bare", 0.5),
        ("urban/green", 0.6),
        ("grassland/temperate_steppe", None),  # changes with the season: no value for the year is printed
        ("cropland/paddy", None),
        ("forest/deciduous_broadleaf", None),
        ("urban/built_up", None),
        ("wetland/river", None),
    ],
)
def test_crop_coefficients_are_those_printed_for_the_year(where, value):
    ecosystem, _, land_class = where.partition("/")
    found = rows_of().lookup("crop_coefficient", ecosystem, land_class)
    assert (found.row.value if found else None) == value


# through a study ------------------------------------------------------------------------------------------------------

SHAPE = (3, 4)
COUNTY = zones(block(0, 0, 4, 3))
KM2 = SHAPE[0] * SHAPE[1]


def monthly(value: float, unit: str, shape: tuple[int, int] = SHAPE, **more: Any) -> Any:
    return raster(np.full((12, *shape), float(value)), unit, **more)


def retained(tmp_path: Any, layers: dict[str, Any], cover: int = FOREST, **options: str) -> Any:
    """Rain less evapotranspiration in mm, as the study gives it, with the entry it stands in."""
    rows = [("seasonality", "", 8.0, "1"), ("runoff_coefficient", "", 0.0, "1")]
    own = own_coefficients(tmp_path, *rows)
    methods = {"water_retention": options} if options else {}
    study = make_study(
        np.full(SHAPE, cover), layers, COUNTY, of=("water_retention",), coefficients={"own": own}, methods=methods
    )
    entry = one(study.run(), service="water_retention", component="retained_water")
    return entry.quantity / (KM2 * 1e3), entry


def soil_layers() -> dict[str, Any]:
    return {
        "soil_depth": constant(1.5, "m", SHAPE),
        "root_depth": constant(200, "cm", SHAPE),
        "plant_available_water": constant(12, "percent", SHAPE),
        "precipitation": constant(900, "mm/year", SHAPE),
    }


def test_the_water_balance_by_each_option(tmp_path):
    layers = {**soil_layers(), "potential_evapotranspiration": constant(900, "mm/year", SHAPE)}
    by_awc, entry = retained(tmp_path, layers, evapotranspiration="fu_awc")
    assert by_awc == pytest.approx(900 * (2 ** (1 / 2.85) - 1), rel=1e-9)
    assert "evapotranspiration_fu_awc" in entry.derivations
    by_default, entry = retained(tmp_path, layers)
    assert by_default == pytest.approx(900 * (2 ** (1 / 2.6) - 1), rel=1e-9)
    assert "evapotranspiration_fu" in entry.derivations


def test_potential_evapotranspiration_is_that_of_the_reference_times_the_class(tmp_path):
    layers = {**soil_layers(), "reference_evapotranspiration": constant(900, "mm/year", SHAPE)}
    assert retained(tmp_path, layers, evapotranspiration="fu_awc")[0] == pytest.approx(
        900 * (2 ** (1 / 2.85) - 1), rel=1e-9
    )  # Kc 1


def year_of_reference(latitude: float, mean: float, swing: float) -> float:
    """The twelve months of FAO-56, equations 21 to 25 and 52, in plain Python."""
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    total, before, phi = 0.0, 0, math.radians(latitude)
    for days in lengths:
        angle = 2 * math.pi * (before + (days + 1) // 2) / 365
        declination = 0.409 * math.sin(angle - 1.39)
        sunset = math.acos(-math.tan(phi) * math.tan(declination))
        height = sunset * math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.sin(
            sunset
        )
        above = 24 * 60 / math.pi * 0.0820 * (1 + 0.033 * math.cos(angle)) * height
        total += days * 0.0023 * (mean + 17.8) * math.sqrt(swing) * above / 2.45
        before += days
    return total


def test_three_temperatures_give_the_water_balance(tmp_path):
    """Only rain and temperatures are given: radiation follows from where the cells lie, between 51.9 and 52.0 degrees
    north.
    """
    layers = {
        **soil_layers(),
        "monthly_maximum_temperature": monthly(26.0, "degC"),
        "monthly_minimum_temperature": monthly(14.0, "degC"),
    }
    found, entry = retained(tmp_path, layers, evapotranspiration="fu_awc")
    north = (
        52.0 + (NORTH - 3_210_000.0 - 1.5 * SIDE) / 111_270
    )  # the projection is centred at 52 degrees, where a degree has 111.27 km
    x = year_of_reference(north, 20.0, 12.0) / 900
    assert found == pytest.approx(900 * ((1 + x**2.85) ** (1 / 2.85) - x), rel=1e-5)
    expected = {
        "evapotranspiration_fu_awc",
        "potential_of_reference",
        "annual_reference_evapotranspiration",
        "monthly_reference_of_range",
        "monthly_mean_of_extremes",
        "monthly_radiation_above_air",
    }
    assert set(entry.derivations) == expected


@pytest.mark.parametrize("cell", [1000.0, 4000.0])
def test_months_flow_from_derivation_to_derivation_on_any_grid(tmp_path, cell):
    """On the grid of the study and on a coarse one, whose months are worked out there: the same constant climate, the
    same water.
    """
    shape = SHAPE if cell == SIDE else (3, 4)
    where = {} if cell == SIDE else {"cell": cell, "west": WEST - cell, "north": NORTH + cell}
    layers = {
        "precipitation": constant(900, "mm/year", SHAPE),
        "monthly_maximum_temperature": monthly(26.0, "degC", shape, **where),
        "monthly_minimum_temperature": monthly(14.0, "degC", shape, **where),
        "monthly_extraterrestrial_radiation": monthly(30.0, "MJ/(m^2*day)", shape, **where),
    }
    x = 365 * 0.0023 * 37.8 * math.sqrt(12) * 30 / 2.45 / 900
    assert retained(tmp_path, layers)[0] == pytest.approx(900 * ((1 + x**2.6) ** (1 / 2.6) - x), rel=1e-9)


def test_leaf_area_gives_steppe_its_crop_coefficient(tmp_path):
    layers = {
        "precipitation": constant(900, "mm/year", SHAPE),
        "monthly_reference_evapotranspiration": monthly(75.0, "mm"),
        "monthly_leaf_area_index": monthly(1.5, "1"),
    }
    found, entry = retained(tmp_path, layers, STEPPE)
    x = 0.5 * 900 / 900
    assert found == pytest.approx(900 * ((1 + x**2.6) ** (1 / 2.6) - x), rel=1e-9)
    assert "crop_coefficient_of_leaf_area" in entry.derivations
    found, entry = retained(tmp_path, layers, FOREST)  # conifers have a value of their own
    assert found == pytest.approx(900 * (2 ** (1 / 2.6) - 1), rel=1e-9)
    assert "crop_coefficient_of_leaf_area" not in entry.derivations
