"""Mistakes in the rasters of a city, one at a time: each is stopped or flagged, with its code.

The city is the sample city on cells of 300 m, with the layers that the mistakes concern.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from changed_layers import Change, array, changed, times

from gep.core.errors import InputError, Problem
from gep.inputs.grids.layers import LayerSpec
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

LAYERS = (
    "precipitation",
    "air_temperature",
    "potential_evapotranspiration",
    "rainfall_erosivity",
    "evapotranspiration",
    "elevation",
    "soil_organic_carbon",
    "bulk_density",
    "vegetation_cover",
    "ndvi",
    "net_primary_production",
)


OF_TABLES = ("crop_products", "forestry_products", "livestock_products", "fishery_products", "tourism", "recreation")
OF_TABLES += ("landscape_premium", "noise_attenuation", "air_purification", "water_purification", "flood_mitigation")
OF_OTHER_LAYERS = ("climate_regulation", "sand_fixation", "soil_retention")
"""Services of the profile that want what the city below is without: tables, or heat of days, wind and texture."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The sample city without its tables, and with the layers above."""
    study = Study.open(write_sample_city(tmp_path_factory.mktemp("city") / "city"))
    layers = {name: study.spec.layers[name] for name in LAYERS}
    return Study.from_spec(replace(study.spec, layers=layers, tables={}, grid=("EPSG:32650", 200.0)))


@pytest.fixture(scope="module")
def clean(city: Study) -> dict[tuple[str, str], Problem]:
    """What is said of the city as it is."""
    return told(city)


def added(study: Study, name: str, units: str, of: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Study:
    """The city with one more layer on the cells of its evapotranspiration."""
    found = array(study, "evapotranspiration")
    rows, cols = np.mgrid[0 : found.shape[0], 0 : found.shape[1]]
    values = of(rows / found.shape[0], cols / found.shape[1])
    found = found.copy(data=values).assign_attrs(units=units)
    spec = LayerSpec(name, found, units=units, year=2020)
    return Study.from_spec(replace(study.spec, layers={**study.spec.layers, name: spec}))


def told(study: Study) -> dict[tuple[str, str], Problem]:
    """What a check says that is no information, by code and subject."""
    try:
        problems = study.check()
    except InputError as error:
        problems = list(error.problems)
    return {(p.code, p.subject): p for p in problems if p.severity != "information"}


def patch(number: float) -> Change:
    """A few cells hold another number."""

    def change(values: np.ndarray) -> np.ndarray:
        values = values.copy()
        rows, cols = values.shape[-2:]
        values[..., rows // 2 - 2 : rows // 2 + 2, cols // 2 - 2 : cols // 2 + 2] = number
        return values

    return change


def upside_down(values: np.ndarray) -> np.ndarray:
    return values[..., ::-1, :]


class Mistake(NamedTuple):
    """What is done to a layer, and the code, severity and subject that it must be told with."""

    layer: str
    change: Change
    code: str
    severity: str
    subject: str = ""
    units: str | None = None


MISTAKES: Mapping[str, Mistake] = {
    "precipitation in m said to be mm": Mistake(
        "precipitation", times(1 / 1000), "B20", "error", "evapotranspiration/precipitation"
    ),
    "precipitation in 0.1 mm": Mistake("precipitation", times(10), "U20", "error", "monthly_precipitation"),
    "precipitation of a month for the year": Mistake(
        "precipitation", times(1 / 12), "B20", "error", "evapotranspiration/precipitation"
    ),
    "evapotranspiration of a month for the year": Mistake("evapotranspiration", times(1 / 12), "U20", "error"),
    "evapotranspiration in 0.1 mm": Mistake(
        "evapotranspiration", times(10), "B20", "error", "evapotranspiration/precipitation"
    ),
    "a fill code of MOD16": Mistake("evapotranspiration", patch(32766), "N02", "error"),
    "a patch of -9999": Mistake("evapotranspiration", patch(-9999), "N02", "error"),
    "infinite cells": Mistake("evapotranspiration", patch(np.inf), "N15", "warning"),
    "a patch of negative rain": Mistake("precipitation", patch(-50), "R01", "error", "monthly_precipitation"),
    "production in carbon dioxide": Mistake(
        "net_primary_production", times(44 / 12), "U22", "error", "net_primary_production/monthly_precipitation"
    ),
    "erosivity of a month": Mistake(
        "rainfall_erosivity", times(1 / 12), "U23", "warning", "rainfall_erosivity/monthly_precipitation"
    ),
    "bulk density in kg/m3": Mistake("bulk_density", times(1000), "R01", "error"),
    "NDVI as digital numbers": Mistake("ndvi", lambda values: (values + 0.08) / 0.004, "R01", "error"),
    "cover in percent said to be a share": Mistake("vegetation_cover", times(100), "R01", "error"),
    "kelvins said to be degrees Celsius": Mistake(
        "air_temperature", times(1), "R01", "error", "monthly_air_temperature", "degC"
    ),
    "elevation in feet": Mistake("elevation", times(3.2808), "B30", "error", "elevation/monthly_air_temperature"),
    "a temperature upside down": Mistake("air_temperature", upside_down, "R24", "warning", "monthly_air_temperature"),
    "rain upside down": Mistake("precipitation", upside_down, "R24", "warning", "monthly_precipitation"),
    "production upside down": Mistake("net_primary_production", upside_down, "R24", "warning"),
    "a layer with one value": Mistake("ndvi", lambda values: np.full_like(values, 0.4), "R20", "warning"),
    "a striped layer": Mistake(
        "ndvi", lambda values: np.broadcast_to(values[250], values.shape).copy(), "R22", "warning"
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_layer_is_told(city, clean, name):
    mistake = MISTAKES[name]
    found = told(changed(city, mistake.layer, mistake.change, mistake.units))
    key = (mistake.code, mistake.subject or mistake.layer)
    assert key not in clean
    assert key in found, sorted(found)
    assert found[key].severity == mistake.severity
    assert found[key].message.zh != found[key].message


ADDED = {
    "plant-available water in percent": (
        "plant_available_water", "1", lambda y, x: 10 + 8 * x, "R01", "error", "plant_available_water"),
    "soil depth in cm": ("soil_depth", "mm", lambda y, x: 90 + 80 * x, "U21", "warning", "soil_depth"),
    "root depth in m": ("root_depth", "mm", lambda y, x: 0.7 + 0.5 * y, "U20", "error", "root_depth"),
    "erodibility in US units": (
        "soil_erodibility", "t*hm^2*h/(hm^2*MJ*mm)", lambda y, x: 7.59 * (0.018 + 0.004 * x), "U20", "error",
        "soil_erodibility"),
    "cover factor above one": ("cover_factor", "1", lambda y, x: 1.2 + 0.1 * x, "R01", "error", "cover_factor"),
    "crop coefficient a hundredfold": (
        "crop_coefficient", "1", lambda y, x: 80 + 30 * x, "R01", "error", "crop_coefficient"),
    "slope in radians said to be degrees": (
        "slope", "degree", lambda y, x: np.deg2rad(1 + 20 * (0.5 + 0.5 * np.sin(9 * x) * np.cos(7 * y))), "U25",
        "error", "slope"),
    "slope in percent said to be degrees": (
        "slope", "degree", lambda y, x: 100 * np.tan(np.deg2rad(1 + 20 * (0.5 + 0.5 * np.sin(9 * x) * np.cos(7 * y)))),
        "U25", "error", "slope"),
}  # fmt: skip


def test_a_depth_is_no_month_of_a_year(city):
    """Soil of 530 to 570 mm in centimetres: ten times, somewhat thinner than usual, and not twelve times."""
    found = told(added(city, "soil_depth", "mm", lambda y, x: 53 + 4 * x))["U21", "soil_depth"]
    assert "10 times too small" in found.message
    assert "month" not in found.message


@pytest.mark.parametrize("name", ADDED)
def test_a_mistake_in_one_more_layer_is_told(city, name):
    layer, units, of, code, severity, subject = ADDED[name]
    found = told(added(city, layer, units, of))
    assert (code, subject) in found, sorted(found)
    assert found[code, subject].severity == severity


def test_right_layers_are_not_told(city, clean):
    slope = added(city, "slope", "degree", lambda y, x: 1 + 20 * (0.5 + 0.5 * np.sin(9 * x) * np.cos(7 * y)))
    found = told(added(slope, "soil_depth", "mm", lambda y, x: 900 + 800 * x * y))
    assert {*found} - {*clean} == set()
    assert {code for code, _ in clean if code != "O01"} <= {"R02", "G05", "G08"}
    assert {subject for code, subject in clean if code == "O01"} == {*OF_TABLES, *OF_OTHER_LAYERS}


def test_land_cover_of_no_said_year_is_told(city):
    spec = city.spec.land_cover
    assert ("T15", "land_cover") in told(Study.from_spec(replace(city.spec, land_cover=replace(spec, year=None))))


def test_forest_and_cropland_exchanged_are_told(city):
    exchange = dict.fromkeys(("11", "12", "13"), "cropland/dryland") | dict.fromkeys(("51", "53", "54"), "forest/mixed")
    exchange = {**city.spec.scheme_map, **exchange}
    found = told(Study.from_spec(replace(city.spec, scheme_map=exchange)))
    assert ("L21", "land_cover") in found, sorted(found)


def test_two_names_for_one_layer_are_told(city):
    copy = LayerSpec("vegetation_cover", array(city, "ndvi").clip(0, 1), units="1", year=2020)
    ndvi = LayerSpec("ndvi", array(city, "ndvi").clip(0, 1), units="1", year=2020)
    layers: dict[str, Any] = {**city.spec.layers, "vegetation_cover": copy, "ndvi": ndvi}
    assert ("R21", "ndvi/vegetation_cover") in {
        (code, "/".join(sorted(subject.split("/")))) for code, subject in told(
            Study.from_spec(replace(city.spec, layers=layers)))}  # fmt: skip


def test_a_run_says_what_a_check_says(city):
    wrong = changed(city, "evapotranspiration", times(1 / 12))
    with pytest.raises(InputError) as stopped:
        wrong.run(record=False)
    errors = {(p.code, p.subject, str(p.message)) for p in stopped.value.problems if p.severity == "error"}
    assert errors == {(p.code, p.subject, str(p.message)) for p in wrong.check() if p.severity == "error"}
    assert {code for code, *_ in errors} == {"U20"}
