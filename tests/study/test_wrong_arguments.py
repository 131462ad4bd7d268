"""Arguments of another kind than a function takes, as people give them: told by name, never by a traceback (findings,
"Python").
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import xarray as xr
from builders import STEPPE, block, constant, make_study, water_layers, zones

import gep
from gep.core.errors import EquationError, ProjectError, UsageError
from gep.core.messages import Text, in_language

SHAPE = (2, 2)
COUNTIES = zones(block(0, 0, 2, 2))
FRAME = pd.DataFrame({"coefficient": ["runoff_coefficient"], "value": [0.05]})
WATER = {"service": "water_retention", "quantity": 1, "unit": "m^3"}


def study(counties: Any = COUNTIES, **given: Any) -> gep.Study:
    layers = given.pop("layers", water_layers(SHAPE))
    return make_study(np.full(SHAPE, STEPPE), layers, counties, of=["water_retention"], **given)


def given(**arguments: Any) -> Callable[[], object]:
    return lambda: study(**arguments)


def quantities(rows: Any = (WATER,), **arguments: Any) -> Callable[[], object]:
    return lambda: gep.account_of(rows, **{"year": 2019, **arguments})


def density(layers: Any, **arguments: Any) -> Callable[[], object]:
    return lambda: gep.ecosystems.forest.compute(layers, **arguments)


def number_as_layer() -> object:
    return study(layers={**water_layers(SHAPE), "precipitation": 1000})


def number_in_a_spec() -> object:
    number: Any = 1000
    spec = gep.LayerSpec("precipitation", number)
    return study(layers={**water_layers(SHAPE), "precipitation": spec})


@pytest.mark.parametrize(
    ("call", "name", "needed"),
    [
        (given(counties=[1]), "zones", "GeoSeries"),
        (given(outline=5), "outline", "GeoDataFrame"),
        (given(profile=5), "profile", "the name of a profile"),
        (given(year="2019"), "year", "a whole number"),
        (given(year=2019.0), "year", "a whole number"),
        (given(year=True), "year", "a whole number"),
        (given(price_year="2019"), "price_year", "a whole number"),
        (given(tables={"population": [1000]}), "tables['population']", "DataFrame"),
        (given(tables={"population": {"101": [1000]}}), "tables['population']", "DataFrame"),
        (given(tables=FRAME), "tables", "a mapping"),
        (given(methods={"water_retention": "keep"}), "methods['water_retention']", "a mapping"),
        (given(methods="keep"), "methods", "a mapping"),
        (given(not_applicable=["tourism"]), "not_applicable", "a mapping"),
        (given(waivers={"R01": "Li"}), "waivers['R01']", "a name and a reason"),
        (given(waivers={"R01": ("Li",)}), "waivers['R01']", "a name and a reason"),
        (given(grid="EPSG:32650"), "grid", "a resolution"),
        (given(scheme_map=[1]), "scheme_map", "a mapping"),
        (given(region=5), "region", "a text"),
        (given(layers=constant(1.0, "mm/year", SHAPE)), "layers", "a mapping"),
        (number_as_layer, "precipitation", "DataArray"),
        (number_in_a_spec, "precipitation", "DataArray"),
        (quantities("water.csv"), "rows", "DataFrame"),
        (quantities(WATER), "rows", "a list of dicts"),
        (quantities(year="2019"), "year", "a whole number"),
        (quantities(year=2019.5), "year", "a whole number"),
        (quantities(profile=None), "profile", "the name of a profile"),
        (density(water_layers(SHAPE)), "layers", "an xarray Dataset"),
        (density(gep.ecosystems, year=2019), "layers", "an xarray Dataset"),
    ],
)
def test_an_argument_of_another_kind(call: Callable[[], object], name: str, needed: str):
    """Finding P1."""
    with pytest.raises(UsageError) as refused:
        call()
    said = refused.value.message
    assert f"`{name}`" in said
    assert needed in said
    assert isinstance(said, Text)
    assert f"`{name}`" in said.zh


@pytest.mark.parametrize("wrong", [np.ones(3), {"runoff_coefficient": np.ones(3)}, {"own": 1j}, 5], ids=str)
def test_coefficients_of_another_kind(wrong: Any):
    for call in (given(coefficients=wrong), quantities(coefficients=wrong)):
        with pytest.raises(UsageError, match="a coefficient is a number"):
            call()


def test_every_wrong_argument_is_told_at_once():
    with pytest.raises(UsageError) as refused:
        study(year="2019", profile=5, region=5, tables=FRAME, methods={"water_retention": "keep"})
    said = refused.value.message
    for name in ("year", "profile", "region", "tables", "methods['water_retention']"):
        assert f"`{name}`" in said
    assert len(said.splitlines()) == 5


def test_layers_of_another_kind_are_told_together():
    layers = {**water_layers(SHAPE), "precipitation": 5, "evapotranspiration": [1]}
    with pytest.raises(UsageError, match=r"`precipitation` is of type int.*\n.*`evapotranspiration` is of type list"):
        study(layers=layers)


def test_a_measure_that_is_none():
    measures: Any = ["quantitty"]
    with pytest.raises(UsageError, match=r"quantity and value.*Did you mean `quantity`") as told:
        study().densities(measures=measures)
    assert "map" not in told.value.message
    assert "地图" not in in_language(told.value.message, "zh")


def test_a_class_of_no_ecosystem_is_told_by_its_argument():
    given: Any = {STEPPE: "grasland/steppe"}
    with pytest.raises(ProjectError, match=r"`scheme_map` .* Did you mean `grassland`") as told:
        study(scheme_map=given).check()
    assert "[land_cover" not in told.value.message + in_language(told.value.message, "zh")


def test_own_rows_of_a_density_map_are_rows():
    layers = xr.Dataset(water_layers(SHAPE))
    for wrong in (np.ones(3), {"runoff_coefficient": np.ones(3)}, [0.05], 5):
        with pytest.raises(UsageError, match="a coefficient is a number"):
            gep.ecosystems.forest.compute(layers, coefficients=wrong)


def test_a_path_as_text_is_a_path(tmp_path: Path):
    """`LayerSpec(data="p.tif")` reads the file, as `Study(layers={...: "p.tif"})` does."""
    path: Any = str(tmp_path / "p.tif")
    spec = gep.LayerSpec("precipitation", path)
    found = study(layers={**water_layers(SHAPE), "precipitation": spec}).check()
    assert [(p.code, p.subject) for p in found if p.severity == "error"] == [("F01", "precipitation")]


def test_what_is_right_is_taken():
    assert study(year=np.int64(2019), waivers={"R01": ["Li", "round numbers"]}).run(record=False).total() is not None
    assert gep.account_of(pd.DataFrame([WATER]), year=np.int32(2019)).total() is not None


# arrays in a notebook -------------------------------------------------------------------------------------------------


def steppe(layers: xr.Dataset, **arguments: Any) -> xr.Dataset:
    return gep.ecosystems.grassland.compute(layers, **{"land_class": "temperate_steppe", **arguments})


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [({"land_class": "temperate_stepe"}, "temperate_steppe"), ({"region": "northeeast"}, "northeast")],
)
def test_a_class_or_region_that_is_not_there(wrong: dict[str, str], meant: str):
    """Broader rows stood in for it."""
    with pytest.raises(UsageError, match=f"Did you mean `{meant}`"):
        steppe(xr.Dataset(water_layers(SHAPE)), **wrong)


@pytest.mark.parametrize("packed", [{"scale_factor": 0.1}, {"add_offset": -273.15}])
def test_stored_numbers_are_no_values(packed: dict[str, float]):
    """A `Study` reads 12000 with a scale of 0.1 as 1200 mm; an equation does not know what it was given."""
    layers = xr.Dataset(water_layers(SHAPE))
    layers["precipitation"].attrs |= packed
    with pytest.raises(EquationError, match=next(iter(packed))):
        steppe(layers)
    layers["precipitation"].attrs |= {"scale_factor": 1, "add_offset": 0}
    assert steppe(layers)["water_retention.retained_water"].notnull().all()


def test_a_map_made_of_no_layer_carries_none_of_its_attributes(tmp_path: Path):
    """Dust of grassland is 120 kg a hectare on each cell, and is still when the map was written and is read again."""
    layers = xr.Dataset(water_layers(SHAPE))
    layers["precipitation"].attrs |= {"scale_factor": 1.0, "valid_max": 60}
    maps = steppe(layers)
    dust = maps["air_purification.dust"]
    assert not {"scale_factor", "valid_max", "crs"} & set(dust.attrs)
    maps.to_netcdf(tmp_path / "maps.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "maps.nc") as again:
        assert again["air_purification.dust"].values == pytest.approx(dust.values)


def test_a_bare_array_beside_arrays_with_names():
    """Dask takes the others apart, and the bare one whole."""
    from gep.services.water_retention import retained_water

    names = retained_water.arguments
    given: dict[str, Any] = {name: constant(0.5, retained_water.units[name], SHAPE) for name in names}
    assert retained_water(**given).shape == SHAPE
    one = next(name for name in names if retained_water.units[name] == "1")
    with pytest.raises(EquationError, match=f"`{one}`"):
        retained_water(**{**given, one: np.full(SHAPE, 0.5)})
    assert retained_water(**{**given, one: 0.5}).shape == SHAPE


@pytest.mark.parametrize("name", ["spatial_ref", "crs", "transverse_mercator"])
def test_a_system_under_any_name(name: str):
    def named(layer: xr.DataArray) -> xr.DataArray:
        wkt = pyproj.CRS(layer.attrs.pop("crs")).to_wkt()
        return layer.assign_coords({name: xr.DataArray(0, attrs={"crs_wkt": wkt})})

    layers = {key: named(layer) for key, layer in water_layers(SHAPE).items()}
    assert "G01" not in {found.code for found in study(layers=layers).check()}


def test_an_account_survives_a_pickle_and_equation_is_one_thing():
    account = study().run(record=False)
    assert pickle.loads(pickle.dumps(account)).digest == account.digest
    assert gep.equation is import_module("gep.core.equation").equation
