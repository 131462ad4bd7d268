"""What physics and the other zones leave no choice in: each mistake with its code, what is right in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from builders import LONLAT, block, constant, make_study, raster, water_layers, zones
from coarse_city import of_code

from gep.core.errors import Problem
from gep.engine.checks import check_sums
from gep.engine.run import run
from gep.plan.planner import make_plan
from gep.study.study import Study

SHAPE = (40, 40)
ROWS = np.linspace(0.9, 1.1, 40)[:, np.newaxis] + np.linspace(0, 0.01, 40)
"""Factors that differ from cell to cell."""
FOUR = zones(*(block(10 * i, 0, 10 * i + 10, 40) for i in range(4)))


def study(more: Mapping[str, xr.DataArray], codes: np.ndarray | None = None) -> Study:
    """1600 km2 in four zones, half forest and half steppe."""
    halves = np.where(np.arange(1600).reshape(SHAPE) % 2, 1, 2).astype(np.uint8)
    layers = {**water_layers(SHAPE, 500.0, 400.0), **more}
    return make_study(halves if codes is None else codes, layers, FOUR, of=("water_retention",))


def told(of: Study, code: str) -> list[tuple[str, str]]:
    return [(found.subject, found.severity) for found in of_code(of.check(), code)]


def partly(share: float, high: float, low: float) -> xr.DataArray:
    """One number over the first rows, another over the rest, in mm."""
    return raster(np.where(np.arange(40)[:, np.newaxis] < 40 * share, high, low) * ROWS, "mm/year")


@pytest.mark.parametrize(
    ("runoff", "severities"),
    [
        (partly(1.0, 50, 50), []),  # 400 + 50 of 500 mm
        (partly(0.3, 200, 50), []),  # a valley that water flows into
        (partly(0.7, 200, 50), ["warning"]),
        (partly(1.0, 200, 200), ["error"]),  # 400 + 200 of 500 mm
    ],
)
def test_runoff_and_evapotranspiration_above_the_rain(runoff: xr.DataArray, severities: list[str]):
    assert told(study({"surface_runoff": runoff}), "B21") == [("surface_runoff", each) for each in severities]


@pytest.mark.parametrize(("under_forest", "severities"), [(5, []), (40, ["error"])])
def test_erosion_under_forest_above_that_of_open_land(under_forest: float, severities: list[str]):
    layers = {
        "erosion_modulus_with": raster(under_forest * ROWS, "t/(hm^2*year)"),
        "erosion_modulus_without": raster(20 * ROWS, "t/(hm^2*year)"),
    }
    assert told(study(layers), "B22") == [("erosion_modulus_with", each) for each in severities]


@pytest.mark.parametrize(("factor", "is_told"), [(1.0, False), (3.0, False), (20.0, True), (1 / 10, True)])
def test_a_zone_of_another_unit_than_all_others(factor: float, is_told: bool):
    """Three counties alike, the fourth a tile of another scale: eight times is the limit."""
    values = 500 * ROWS * np.where(np.arange(40) < 10, factor, 1.0)
    rain = {"precipitation": raster(values, "mm/year"), "evapotranspiration": raster(0.5 * values, "mm/year")}
    found = of_code(study(rain).check(), "R23")
    assert sorted(each.subject for each in found) == (["evapotranspiration", "precipitation"] if is_told else [])
    assert {each.severity for each in found} <= {"error"}


@pytest.mark.parametrize(("others", "is_told"), [(16, True), (160, False)])
def test_a_class_with_nearly_all_of_the_land(others: int, is_told: bool):
    """One and ten percent of other land."""
    codes = np.full(1600, 1, np.uint8)
    codes[:others] = 2
    assert bool(told(study({}, codes.reshape(SHAPE)), "L20")) == is_told


def test_a_zone_without_any_value_of_a_layer_that_covers_the_rest():
    """Two of a hundred columns."""
    values = np.linspace(0.4, 0.6, 10_000).reshape(100, 100)
    layers = water_layers((100, 100), 500.0, 400.0)
    two = zones(block(0, 0, 2, 100), block(2, 0, 100, 100))

    def found() -> list[Problem]:
        given = {**layers, "ndvi": raster(values, "1")}
        of = make_study(np.full((100, 100), 1, np.uint8), given, two, of=("water_retention",))
        return of_code(of.check(), "N17")

    assert found() == []
    values[:, :2] = np.nan
    (told_,) = found()
    assert (told_.subject, told_.severity) == ("ndvi", "warning")
    assert "in 1 zone:" in told_.message


@pytest.mark.parametrize(("unit", "is_told"), [("degree", True), ("radian", False)])
def test_slopes_below_1_57_that_are_said_to_be_degrees(unit: str, is_told: bool):
    """Slopes of 12 to 30 degrees are 0.2 to 0.53 in radians; no elevation is there to tell."""
    slope = raster(np.linspace(0.2, 0.53, 1600).reshape(SHAPE), unit)
    found = told(study({"slope": slope}), "U26")
    assert found == ([("slope", "warning")] if is_told else [])


@pytest.mark.parametrize(("degrees", "is_told"), [(11.0, False), (30.0, True), (-15.0, True)])
def test_a_temperature_that_is_not_of_the_place(degrees: float, is_told: bool):
    """At 110.4 E, 35 N and 500 m: 58.447 - 0.745 x 35 - 4.76 x 0.5 - 0.157 x 110.4 = 12.7 degrees."""
    where = {"crs": LONLAT, "west": 110.0, "north": 35.4, "cell": 0.02}
    layers = {
        "precipitation": raster(500 * ROWS, "mm/year", **where),
        "evapotranspiration": raster(400 * ROWS, "mm/year", **where),
        "air_temperature": raster(degrees + 0.1 * ROWS, "degC", **where),
        "elevation": raster(500 + 10 * ROWS, "m", **where),
    }
    county = zones(block(0, 0, 40, 40, west=110.0, north=35.4, cell=0.02), crs=LONLAT)
    cover = raster(np.full(SHAPE, 1, np.uint8), **where)
    of = make_study(cover, layers, county, of=("water_retention",))
    assert told(of, "B31") == ([("air_temperature", "error")] if is_told else [])


def test_a_check_of_some_squares_says_so():
    of = study({"ndvi": raster(0.5 * ROWS, "1"), "elevation": constant(100, "m", SHAPE)})
    plan = make_plan(of.inputs).plan
    sums = run(plan)
    assert of_code(check_sums(of.inputs, plan, sums), "N16") == []
    (found,) = of_code(check_sums(of.inputs, plan, replace(sums, seen=0.25)), "N16")
    assert (found.severity, found.share) == ("information", 0.25)
