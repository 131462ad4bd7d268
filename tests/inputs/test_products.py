"""Public data sets are recognised by name and storage, and read as their documents say or refused."""

import numpy as np
import pytest
import rasterio
from affine import Affine
from places import REFERENCE

from gep.core.catalog import layer_kinds
from gep.core.data import data_folder, read_csv
from gep.core.units import linear
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.products import check_product, products
from gep.standards.schemes import scheme_ids


def raster(path, dtype="int16", **profile):
    with rasterio.open(
        path, "w", driver="GTiff", width=4, height=3, count=1, dtype=dtype, crs="EPSG:4326",
        transform=Affine(0.1, 0, 119, 0, -0.1, 49), **profile,
    ) as file:  # fmt: skip
        file.write(np.ones((1, 3, 4), dtype))
    return path


def found(path, layer, unit, scheme="", **spec):
    kind = "class" if layer == "land_cover" else "continuous"
    opened = open_layer(LayerSpec(layer, path, units=None if kind == "class" else unit, **spec), unit=unit, kind=kind)
    return [(p.code, p.severity) for p in check_product(opened, scheme=scheme)]


def test_every_row_can_be_read():
    for product in products():
        assert product.file or product.names
        assert product.citation
        assert product.status in ("verified", "provisional")
        if product.layer and product.layer != "land_cover":
            linear(product.unit, product.unit)
            assert product.layer in layer_kinds()
        if product.scheme:
            assert product.scheme in scheme_ids()


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="needs ../shared/reference")
def test_rows_say_what_the_reference_says():
    of_reference = {(row["product"], row["variable"]): row for _, row in read_csv(REFERENCE / "products.csv")}
    compared = 0
    for product in products():
        row = of_reference.get((product.id, product.variable))
        if row is None or product.scale is None:
            continue
        try:
            scale = float(row["scale_factor"])
        except ValueError:
            continue
        compared += 1
        assert row["maps_to"] == product.layer or "part_of_wind" in product.traps  # whose means give no wind speed
        assert scale == pytest.approx(abs(product.scale))  # evaporation counts downwards: its sign is turned
        assert set(row["licence"].split()) == set(product.licence.split())
    assert compared > 40


@pytest.mark.parametrize(
    ("name", "dtype", "layer", "unit", "reading"),
    [
        ("MOD16A3GF_2020_ET_500m.tif", "uint16", "evapotranspiration", "mm/year", {"scale": 0.1}),
        ("MOD17A3HGF.061_Npp_500m.tif", "int16", "net_primary_production", "kg*carbon/(m^2*year)", {"scale": 1e-4}),
        ("MOD13Q1_NDVI_2020.tif", "int16", "ndvi", "1", {"scale": 1e-4}),
        ("clay_0-5cm_mean.tif", "int16", "soil_clay", "percent", {"scale": 0.1}),
        ("soc_0-5cm_mean.tif", "int16", "soil_organic_carbon", "percent", {"scale": 0.01}),
        ("bdod_0-5cm_mean.tif", "int16", "bulk_density", "t/m^3", {"scale": 0.01}),
        ("CHELSA_bio1_1981-2010_V.2.1.tif", "uint16", "air_temperature", "degC", {"scale": 0.1, "offset": -273.15}),
        ("c_gls_NDVI300_2020.tif", "uint8", "ndvi", "1", {"scale": 0.004, "offset": -0.08}),
        ("wc_10m_bio1.tif", "int16", "air_temperature", "degC", {"scale": 0.1}),
    ],
)  # fmt: skip
def test_a_product_without_its_scale_is_an_error(tmp_path, name, dtype, layer, unit, reading):
    path = raster(tmp_path / name, dtype)
    canonical = layer_kinds()[layer].unit
    for wrong in ({}, {"scale": reading["scale"] * 10}):
        spec = LayerSpec(layer, path, units=unit, **wrong)
        problems = list(check_product(open_layer(spec, unit=canonical)))
        assert [(p.code, p.severity) for p in problems] == [("U10", "error")]
        assert f"`scale = {reading['scale']:.10g}`" in problems[0].do
    right = open_layer(LayerSpec(layer, path, units=unit, **reading), unit=canonical)
    assert list(check_product(right)) == []


def test_the_same_reading_in_another_unit_is_right(tmp_path):
    path = raster(tmp_path / "soc_0-5cm_mean.tif")  # DN / 10 is g/kg, DN / 100 is percent
    assert found(path, "soil_organic_carbon", "percent", scale=0.01) == []
    spec = LayerSpec("soil_organic_carbon", path, units="g/kg", scale=0.1)
    assert list(check_product(open_layer(spec, unit="percent"))) == []


def test_decimals_may_have_been_scaled_already(tmp_path):
    path = raster(tmp_path / "MOD16A3GF_2020_ET_500m.tif", "float32")
    assert found(path, "evapotranspiration", "mm/year") == []


def test_a_file_of_no_known_name_says_nothing(tmp_path):
    assert found(raster(tmp_path / "et.tif"), "evapotranspiration", "mm/year") == []


@pytest.mark.parametrize(
    ("name", "dtype", "layer", "unit"),
    [
        ("MOD17A3HGF_Gpp_500m.tif", "uint16", "net_primary_production", "g*carbon/(m^2*year)"),
        ("MOD11A2_LST_Day_1km.tif", "uint16", "air_temperature", "K"),
        ("MOD13Q1_EVI.tif", "int16", "ndvi", "1"),
        ("HWSD2.tif", "uint16", "soil_clay", "percent"),
        ("MOD16A3GF_PET_500m.tif", "uint16", "evapotranspiration", "mm/year"),
    ],
)
def test_a_product_of_something_else_is_an_error(tmp_path, name, dtype, layer, unit):
    assert found(raster(tmp_path / name, dtype), layer, unit) == [("U11", "error")]


def test_a_legend_of_another_product_is_an_error(tmp_path):
    path = raster(tmp_path / "ESA_WorldCover_10m_2021_v200_N48E117_Map.tif", "uint8", nodata=0)
    assert found(path, "land_cover", "1", "clcd") == [("L10", "error")]
    assert found(path, "land_cover", "1", "esa-worldcover") == []
    assert found(path, "land_cover", "1", "custom") == []


def test_rates_and_daily_means_are_no_sums(tmp_path):
    import xarray as xr

    path = tmp_path / "era5.nc"
    data = np.full((12, 3, 4), 0.003, "float32")
    coords = {"month": range(1, 13), "latitude": [49.0, 48.9, 48.8], "longitude": [119.0, 119.1, 119.2, 119.3]}
    xr.Dataset({"tp": (("month", "latitude", "longitude"), data, {"units": "m"})}, coords).to_netcdf(path)
    opened = open_layer(LayerSpec("precipitation", path), unit="mm/year", monthly_unit="mm")
    (problem,) = check_product(opened)
    assert (problem.code, problem.allowed) == ("U10", "m/day")
    assert "mean of a day" in problem.do


def test_missing_numbers_of_a_type():
    by_id = {product.id + "/" + product.variable: product for product in products()}
    codes = by_id["mod17a3hgf/Npp_500m"].missing_in(np.dtype("int16"))
    assert codes == (32761.0, 32762.0, 32763.0, 32764.0, 32765.0, 32766.0, 32767.0)
    lai = by_id["mcd15a3h/Lai_500m"]
    assert lai.missing_in(np.dtype("uint8")) == tuple(float(code) for code in range(249, 256))
    assert data_folder().joinpath("products.csv").is_file()


def test_codes_of_a_product_are_looked_for_in_its_cells(tmp_path):
    path = raster(tmp_path / "MOD17A3HGF_Npp.tif")
    unit = "g*carbon/(m^2*year)"
    spec = LayerSpec("net_primary_production", path, units="kg*carbon/(m^2*year)", scale=0.0001, nodata=32767)
    suspects = open_layer(spec, unit=unit).suspects
    assert pytest.approx(min(suspects, key=lambda value: abs(value - 3276.6))) == 3276.6
    assert not any(value == pytest.approx(3276.7) for value in suspects)  # declared
