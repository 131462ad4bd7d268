"""`gep.ecosystems.<ecosystem>.compute` as `Study.densities` has it: classes, values, numbers of one's own, a slope of
an elevation, and what is the same everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import xarray as xr
from builders import (
    ALPHA,
    BAMBOO,
    CLASSES,
    EQUAL_AREA,
    FOREST,
    LAKE,
    LONLAT,
    STEPPE,
    block,
    constant,
    make_study,
    raster,
    shipped,
    water_layers,
    zones,
)

import gep
from gep.core.errors import InputError, UsageError
from gep.standards.prices import price_index

SHAPE = (6, 8)
WATER, VALUE = "water_retention.retained_water", "water_retention.value"
SOIL = "soil_retention.retained_soil"
ALPHA_MIXED = 0.0352


def water(**more: xr.DataArray) -> xr.Dataset:
    return xr.Dataset(water_layers(SHAPE, 1000.0, 600.0) | more)


def forest(layers: xr.Dataset, **more: Any) -> xr.Dataset:
    return gep.ecosystems.forest.compute(layers, **{"land_class": "mixed", **more})


def everywhere(density: xr.DataArray, value: float) -> None:
    np.testing.assert_allclose(density, np.full(SHAPE, value), rtol=1e-12)


# as a study has it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crs", ["EPSG:32650", LONLAT])
def test_the_same_as_a_study_of_the_same_arrays(crs: str):
    """Every layer, the slope made of an elevation with its neighbours, every class of forest."""
    rng = np.random.default_rng(5)
    at = {"crs": crs, "west": 500_000.0, "north": 4_300_000.0, "cell": 30.0}
    if crs == LONLAT:
        at |= {"west": 117.0, "north": 38.0, "cell": 0.0003}

    def layer(low: float, high: float, unit: str) -> xr.DataArray:
        return raster(rng.uniform(low, high, SHAPE), unit, **at)

    layers = {
        "precipitation": layer(600, 900, "mm/year"),
        "evapotranspiration": layer(300, 500, "mm/year"),
        "elevation": layer(100, 130, "m"),
        "rainfall_erosivity": layer(1000, 3000, "MJ*mm/(hm^2*hour*year)"),
        "soil_erodibility": layer(0.02, 0.04, "t*hm^2*hour/(hm^2*MJ*mm)"),
        "vegetation_cover": layer(0.2, 0.9, "1"),
    }
    codes = rng.choice([FOREST, BAMBOO, LAKE], SHAPE).astype(np.uint8)
    whole = block(0.2, 0.2, SHAPE[1] - 0.2, SHAPE[0] - 0.2, **{key: value for key, value in at.items() if key != "crs"})
    study = make_study(raster(codes, **at), layers, zones(whole, crs=crs), coefficients={})
    by_study = study.densities().compute()
    cover = raster(codes, **at).assign_attrs(flag_values=list(CLASSES), flag_meanings=" ".join(CLASSES.values()))
    found = gep.ecosystems.forest.compute(xr.Dataset(layers), land_class=cover, year=2019)
    lazy = gep.ecosystems.forest.compute(
        xr.Dataset(layers).chunk(dict(zip(cover.dims, (4, 3), strict=True))), land_class=cover, year=2019
    )
    is_forest = np.isin(codes, [FOREST, BAMBOO])
    compared = 0
    for name, density in found.items():
        if name in by_study:
            np.testing.assert_allclose(density, by_study[name].where(is_forest), rtol=1e-12, err_msg=str(name))
            assert density.attrs["units"] == by_study[name].attrs["units"]
            compared += 1
        np.testing.assert_allclose(lazy[name].compute(), density, rtol=1e-12)
    assert {WATER, VALUE, SOIL} <= set(found)
    assert compared >= 6
    assert np.isfinite(found[SOIL].values[1:-1, 1:-1][is_forest[1:-1, 1:-1]]).any()
    assert np.isnan(found[SOIL].values[0]).all()  # no slope where a neighbour is missing


def test_an_elevation_that_lies_nowhere_has_no_slope():
    bare = xr.Dataset({"elevation": xr.DataArray(np.ones(SHAPE), dims=("y", "x"), attrs={"units": "m"})})
    missing = forest(bare).attrs["missing"]
    assert "does not say where its cells lie" in missing


def test_a_coarse_elevation_has_no_slope_but_by_choice():
    """1 km, where slopes need 100 m: as in a run."""
    coarse = water(elevation=constant(100, "m", SHAPE))
    assert "accept_coarse" in forest(coarse).attrs["missing"]


# classes --------------------------------------------------------------------------------------------------------------


def test_several_classes_lie_along_a_dimension():
    found = forest(water(), land_class=["mixed", "evergreen_needleleaf"])
    assert found[WATER].dims == ("land_class", "y", "x")
    everywhere(found[WATER].sel(land_class="mixed"), 1000 * (1 - ALPHA_MIXED) - 600)
    everywhere(found[WATER].sel(land_class="evergreen_needleleaf"), 1000 * (1 - ALPHA[FOREST]) - 600)
    assert found[WATER].attrs["units"] == "mm year-1"


def test_a_map_of_classes_chooses_cell_by_cell():
    names = np.full(SHAPE, "mixed", dtype=object)
    names[0], names[1] = "forest/evergreen_needleleaf", "cropland/paddy"
    expected = np.full(SHAPE, 1000 * (1 - ALPHA_MIXED) - 600)
    expected[0], expected[1] = 1000 * (1 - ALPHA[FOREST]) - 600, np.nan
    texts = constant(0, "", SHAPE).copy(data=names)
    np.testing.assert_allclose(forest(water(), land_class=texts)[WATER], expected, rtol=1e-12)
    numbers = xr.zeros_like(texts, dtype=int)
    numbers[0], numbers[1] = 7, 9
    legend = {"flag_values": [0, 7, 9], "flag_meanings": "mixed forest/evergreen_needleleaf cropland/paddy"}
    found = forest(water(), land_class=numbers.assign_attrs(legend))
    np.testing.assert_allclose(found[WATER], expected, rtol=1e-12)
    with pytest.raises(UsageError, match="flag_values"):
        forest(water(), land_class=numbers)
    with pytest.raises(UsageError, match="Did you mean `mixed`"):
        forest(water(), land_class=texts.where(texts != "mixed", "mixd"))


# values ---------------------------------------------------------------------------------------------------------------


def test_values_are_at_the_price_of_the_class():
    """364.8 mm at 10 CNY/m³: 3.648 CNY on a square metre."""
    price = {"reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2019}}
    found = forest(water(), year=2019, coefficients=price)
    everywhere(found[VALUE], 3.648)
    assert (found[VALUE].attrs["units"], found[VALUE].attrs["currency"]) == ("m-2 year-1", "CNY")
    assert found[VALUE].attrs["price_year"] == "2019"
    assert VALUE not in forest(water(), year=2019, measures=["quantity"])
    assert set(forest(water(), year=2019, measures=["value"])) >= {VALUE}
    assert WATER not in forest(water(), year=2019, measures=["value"])


def test_values_need_the_year():
    found = forest(water())
    assert VALUE not in found
    assert f"{WATER}.value: it depends on the year: say year=" in found.attrs["missing"]


def test_a_price_of_another_year_is_moved():
    """By the index of the profile."""
    index = price_index(gep.load_profile("ndrc-2022").price_index)
    price = {"reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2018}}
    found = forest(water(), year=2019, coefficients=price)
    everywhere(found[VALUE], 3.648 * index.factor(2018, 2019))


# numbers of one's own -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"runoff_coefficient": 0.1},
        {"runoff_coefficient": "10 percent"},
        {"runoff_coefficient": {"forest": 0.1}},
        {"runoff_coefficient": {"forest/mixed": 0.1, "forest": 0.9}},
        {"runoff_coefficient": {"forest/mixed": {"value": 10, "unit": "percent", "source": "a survey"}}},
        {"runoff_coefficient": xr.DataArray([0.1, 0.9], dims="class", coords={"class": ["forest/mixed", "forest"]})},
        pd.DataFrame({"coefficient": ["runoff_coefficient"], "value": [0.1], "unit": ["1"]}),
        pd.DataFrame({"参数": ["runoff_coefficient"], "数值": [10], "单位": ["percent"], "source": [None]}),
    ],
    ids=str,
)
def test_coefficients_in_terms_of_python(given: Any):
    everywhere(forest(water(), coefficients=given)[WATER], 300.0)


def test_coefficients_that_vary_give_densities_that_vary():
    """Three draws of runoff in two scenarios of the price: the dimensions of what is made of them."""
    runoff = xr.DataArray([0.0, 0.1, 0.2], dims="draw", coords={"draw": [1, 2, 3]})
    price = xr.DataArray(
        [10.0, 20.0], dims="scenario", coords={"scenario": ["low", "high"]}, attrs={"units": "CNY/m^3"}
    )
    own = {"runoff_coefficient": runoff, "reservoir_cost": {"value": price, "price_year": 2019}}
    found = forest(water(), year=2019, coefficients=own)
    assert found[WATER].sizes == {"draw": 3, "y": 6, "x": 8}
    for draw, depth in ((1, 400.0), (2, 300.0), (3, 200.0)):
        everywhere(found[WATER].sel(draw=draw), depth)
        for scenario, of in (("low", 10.0), ("high", 20.0)):
            everywhere(found[VALUE].sel(draw=draw, scenario=scenario), depth / 1000 * of)
    assert "draw" not in found["air_purification.so2"].dims


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"runof_coefficient": 0.1}, "Did you mean `runoff_coefficient`"),
        ({"runoff_coefficient": "0.1 mm"}, "coefficients['runoff_coefficient']"),
        ({"reservoir_cost": "8 CNY/m^3"}, "price_year"),
        ({"runoff_coefficient": {"forrest": 0.1}}, "coefficients['runoff_coefficient']['forrest']"),
        ({"runoff_coefficient": {"value": 0.1, "regoin": ""}}, "Did you mean `region`"),
        ({"runoff_coefficient": xr.DataArray([0.1, np.nan], dims="draw")}, "not a number"),
        ({"runoff_coefficient": 5}, "coefficients['runoff_coefficient']"),
    ],
    ids=str,
)
def test_a_coefficient_that_cannot_be(given: Any, said: str):
    with pytest.raises(InputError) as refused:
        forest(water(), coefficients=given)
    assert said in str(refused.value)


def test_every_wrong_coefficient_is_told_at_once():
    with pytest.raises(InputError) as refused:
        forest(water(), coefficients={"runof_coefficient": 0.1, "reservoir_cost": "8 CNY/m^3"})
    assert len(refused.value.problems) == 2


# what depends on no layer ---------------------------------------------------------------------------------------------


def test_what_depends_on_no_layer_is_the_same_everywhere():
    monthly = xr.Dataset({"monthly_precipitation": raster(np.ones((12, *SHAPE)), "mm")}).chunk({"x": 4})
    found = forest(monthly)["air_purification.so2"]
    assert found.dims == ("y", "x")
    assert found.chunks is not None
    everywhere(found, shipped("so2_uptake", "kg*SO2/(hm^2*year)", "forest/mixed"))
    draws = xr.DataArray([1.0, 2.0], dims="draw", attrs={"units": "kg*SO2/(hm^2*year)"})
    varied = forest(monthly, coefficients={"so2_uptake": draws})["air_purification.so2"]
    assert varied.dims == ("draw", "y", "x")
    everywhere(varied.isel(draw=1), 2.0)


def test_nothing_of_a_layer_but_its_place_is_kept():
    layers = water()
    layers["precipitation"].attrs |= {"scale_factor": 1.0, "valid_max": 60, "history": "ours"}
    layers = layers.assign_coords(crs_of_grid=xr.DataArray(0, attrs={"crs_wkt": "…", "grid_mapping_name": "x"}))
    found = forest(layers)
    for density in found.values():
        assert not {"scale_factor", "valid_max", "history", "crs"} & set(density.attrs)
        assert density.encoding == {"grid_mapping": "crs_of_grid"}
    assert "crs_of_grid" in found.coords


def test_a_system_in_an_attribute_becomes_a_coordinate():
    """As it stands in those of `rioxarray` of old; a result has none of the attributes, and keeps its place."""
    found = forest(water())[WATER]
    assert found.encoding == {"grid_mapping": "spatial_ref"}
    assert pyproj.CRS.from_cf(found.spatial_ref.attrs) == pyproj.CRS(EQUAL_AREA)


def test_steppe_and_forest_have_their_own():
    assert STEPPE in ALPHA
    found = gep.ecosystems.grassland.compute(water(), land_class="temperate_steppe")
    everywhere(found[WATER], 1000 * (1 - ALPHA[STEPPE]) - 600)
