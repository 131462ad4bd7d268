"""Two layers of the sample city with their paths exchanged: an error by the names that its files bear, whatever their
values pass for, and by their units where no name tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import builders
import numpy as np
import pytest
import rasterio
from coarse_city import of_code, opened

from gep.core.errors import Problem
from gep.inputs.exchanged import check_names
from gep.inputs.grids.layers import LayerSpec
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

LAYERS = (
    *("precipitation", "air_temperature", "maximum_temperature", "potential_evapotranspiration", "wind_speed"),
    *("snow_depth", "rainfall_erosivity", "water_evaporation", "rain_days", "storm_runoff"),
    *("runoff_generating_precipitation", "evapotranspiration", "elevation", "soil_sand", "soil_silt", "soil_clay"),
    *("soil_organic_carbon", "bulk_density", "soil_calcium_carbonate", "vegetation_cover", "ndvi"),
    "net_primary_production",
)
LOOK_ALIKE = (
    ("precipitation", "potential_evapotranspiration"),
    ("rainfall_erosivity", "water_evaporation"),
    ("storm_runoff", "runoff_generating_precipitation"),
    ("soil_sand", "soil_clay"),
    ("soil_organic_carbon", "soil_calcium_carbonate"),
    ("soil_sand", "vegetation_cover"),
)
"""Of which every value is one that the other can have: nothing but the names tells."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample_city(tmp_path_factory.mktemp("files") / "city").parent


def exchanged(layers: Mapping[str, LayerSpec], one: str, other: str) -> dict[str, LayerSpec]:
    """The layers with the files of two exchanged: what the project says of units stays where it is."""

    def given(layer: str, file: str) -> LayerSpec:
        of = layers[file]
        return replace(layers[layer], data=of.data, variable=of.variable, band=of.band)

    return {**layers, one: given(one, other), other: given(other, one)}


def found(city: Path, one: str, other: str) -> list[Problem]:
    study = opened(city)
    spec = replace(study.spec, layers=exchanged(study.spec.layers, one, other))
    return list(Study.from_spec(spec).inputs.problems)


@pytest.mark.parametrize(("one", "other"), [*pairwise(LAYERS), *LOOK_ALIKE])
def test_two_paths_exchanged(city: Path, one: str, other: str):
    problems = found(city, one, other)
    assert {(p.subject, p.severity) for p in of_code(problems, "U12")} == {(one, "error"), (other, "error")}
    assert not [p for p in problems if p.code in ("U01", "U02", "U05", "F02")]  # they go with their cause
    assert all("Exchange `path`" in p.do for p in of_code(problems, "U12"))


def test_who_answers_for_the_names_is_told_of_the_units(city: Path):
    """Nothing gets through with the names: the units that do not fit stay errors, and say what may be the cause."""
    study = opened(city)
    layers = exchanged(study.spec.layers, "elevation", "evapotranspiration")
    spec = replace(study.spec, layers=layers, waivers={"U12": ("a name", "old names")})
    told = {p.subject: p for p in of_code(list(Study.from_spec(spec).inputs.problems), "U02")}
    assert set(told) == {"elevation", "evapotranspiration"}
    assert all(p.severity == "error" and "are the two paths swapped?" in p.do for p in told.values())


def test_the_sample_city_bears_its_own_names(city: Path):
    assert of_code(list(opened(city).inputs.problems), "U12") == []


def test_units_tell_where_no_name_does(city: Path, tmp_path: Path):
    """Both files without a name: the unit of each is one of the other layer."""
    specs = dict(opened(city).spec.layers)
    for number, layer in enumerate(("elevation", "evapotranspiration")):
        path = tmp_path / f"raster_{number}.tif"
        with rasterio.open(specs[layer].data) as file, rasterio.open(path, "w", **file.profile) as copy:
            copy.write(file.read())
            copy.units, copy.scales = file.units, file.scales
        specs[layer] = replace(specs[layer], data=path)
    spec = replace(opened(city).spec, layers=exchanged(specs, "elevation", "evapotranspiration"))
    problems = list(Study.from_spec(spec).inputs.problems)
    assert of_code(problems, "U12") == []
    told = {p.subject: p.do for p in of_code(problems, "U02")}
    assert set(told) == {"elevation", "evapotranspiration"}
    assert all("are the two paths swapped?" in do for do in told.values())


def names(**files: str) -> list[tuple[str, str]]:
    specs = {layer: LayerSpec(layer, Path(file)) for layer, file in files.items()}
    return [(p.subject, p.severity) for p in check_names(specs)]


def test_a_name_alone_is_asked_after():
    """It may be that of a stand-in: rain for the rain that makes runoff."""
    assert names(runoff_generating_precipitation="precipitation.tif") == [
        ("runoff_generating_precipitation", "warning")
    ]
    assert names(precipitation="precipitation.tif", evapotranspiration="wc_bio12.tif") == []


@pytest.mark.parametrize(
    ("rain", "evaporation", "is_told"),
    [
        ("et_2020.tif", "pre_2020.tif", True),
        ("实际蒸散.tif", "降水量.tif", True),
        ("pre_2020.tif", "et_2020.tif", False),
        ("et_2020.tif", "layer2.tif", False),
        ("rain_minus_et.tif", "pre_and_et.tif", False),
    ],
)
def test_usual_words_tell_of_two_that_are_exchanged(rain: str, evaporation: str, is_told: bool):
    told = names(precipitation=rain, evapotranspiration=evaporation)
    assert told == ([("precipitation", "error"), ("evapotranspiration", "error")] if is_told else [])


def test_arrays_bear_the_name_of_what_they_were_made_from():
    import xarray as xr

    array = xr.DataArray([[1.0]], dims=("y", "x"), name="evapotranspiration")
    assert list(check_names({"precipitation": LayerSpec("precipitation", array)})) == []


def test_rain_and_evapotranspiration_exchanged_as_arrays():
    """Finding F16: 500 mm of rain and 400 mm of evapotranspiration, given for one another: no name tells, but hardly a
    place evaporates more than rains on it everywhere.
    """
    counties = builders.zones(builders.block(0, 0, 2, 2))
    cover = np.full((2, 2), builders.STEPPE)
    for rain, evaporation, is_error in ((400.0, 500.0, True), (500.0, 400.0, False)):
        layers = builders.water_layers((2, 2), rain, evaporation)
        study = builders.make_study(cover, layers, counties, of=["water_retention"], waivers={})
        told = of_code(study.check(), "B20")
        assert [p.severity for p in told] == (["error"] if is_error else [])
        assert all("precipitation" in str(p) and "evapotranspiration" in str(p) for p in told)
        assert all("exchanged" in str(p) for p in told)
