"""A layer that is said to be of a product takes from it all that is known; what contradicts it is refused."""

import calendar

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine

from gep.core.catalog import layer_kinds
from gep.core.errors import InputError
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.product_layers import layer_of_product, product_of_spec, recalled_facts
from gep.inputs.products import check_product, products

LON, LAT = [119.0, 119.1, 119.2], [49.1, 49.0]
MONTHS = [np.datetime64(f"2020-{month:02d}-01", "ns") for month in range(1, 13)]


def netcdf(path, unit="m", times=MONTHS, dims=("time", "latitude", "longitude"), name="tp", **attrs):
    """A file of one variable, or of several by their values."""
    lengths = {"time": len(times), "latitude": len(LAT), "longitude": len(LON)}
    values = np.full([lengths[dim] for dim in dims], 0.002, "float32")
    variables = {each: (dims, values, {"units": unit, **attrs}) for each in name.split()}
    coords = {"time": times, "latitude": LAT, "longitude": LON}
    coords = {dim: (dim, coords[dim]) for dim in dims}
    xr.Dataset(variables, coords).to_netcdf(path, engine="h5netcdf")
    return path


def raster(path, values, dtype, bands=1, **profile):
    values = np.broadcast_to(np.asarray(values, dtype), (bands, 2, 3))
    with rasterio.open(
        path, "w", driver="GTiff", width=3, height=2, count=bands, dtype=dtype, crs="EPSG:4326",
        transform=Affine(0.1, 0, 119, 0, -0.1, 49.2), **profile,
    ) as file:  # fmt: skip
        file.write(values)
    return path


def opened(name, data, product, **said):
    """A layer as a study opens it."""
    spec = layer_of_product(LayerSpec(name, data, product=product, **said))
    kinds = layer_kinds()
    monthly = kinds.get(f"monthly_{name.removeprefix('monthly_')}")
    kind = kinds.get(name, monthly)
    layer = open_layer(spec, unit=kind.unit, kind=kind.kind, monthly_unit=monthly.unit if monthly else None, year=2020)
    known = product_of_spec(layer.spec)
    assert [p.code for p in check_product(layer, known, known.scheme) if p.severity == "error"] == []
    return layer


def values(layer):
    rows, cols = layer.lattice.rows, layer.lattice.cols
    block = layer.open().read(0, rows, 0, cols)
    return layer.decode(block.raw, block.hidden)


def refused(name, data, product, **said):
    with pytest.raises(InputError) as stopped:
        opened(name, data, product, **said)
    return stopped.value.problems


def test_a_mean_of_a_day_becomes_the_sum_of_its_month(tmp_path):
    layer = opened("precipitation", netcdf(tmp_path / "data.nc"), "era5-land")
    assert layer.header.is_monthly
    found = values(layer)[:, 0, 0]
    assert found[6] == pytest.approx(62)  # July: 0.002 m a day, 31 days
    assert found[1] == pytest.approx(58)  # February 2020 has 29
    assert found == pytest.approx([2 * calendar.monthrange(2020, month)[1] for month in range(1, 13)])


def test_evaporation_that_counts_downwards_is_turned(tmp_path):
    path = netcdf(tmp_path / "data.nc", name="e")
    with xr.load_dataset(path) as data:
        (-data).assign(e=(-data.e).assign_attrs(units="m")).to_netcdf(path, engine="h5netcdf")
    assert values(opened("evapotranspiration", path, "era5-land"))[3, 0, 0] == pytest.approx(60)  # April


def test_of_several_variables_the_one_of_the_layer_is_taken(tmp_path):
    path = netcdf(tmp_path / "data.nc", name="tp e t2m")
    layer = opened("air_temperature", path, "era5-land")
    assert (layer.header.variable, layer.unit) == ("t2m", "K")


def test_files_of_the_store_before_2024_are_packed(tmp_path):
    path = netcdf(tmp_path / "data.nc")
    with xr.load_dataset(path) as data:
        encoding = {"tp": {"dtype": "int16", "scale_factor": 1e-6, "add_offset": 0.02, "_FillValue": -32767}}
        data.to_netcdf(path, engine="h5netcdf", encoding=encoding)
    assert values(opened("precipitation", path, "era5-land"))[6, 0, 0] == pytest.approx(62)


def test_a_rate_is_multiplied_by_the_hours_of_its_month(tmp_path):
    dims = ("time", "longitude", "latitude")  # as its files have them, and from the south
    path = netcdf(tmp_path / "3B-MO.MS.MRG.3IMERG.nc", "mm/hr", dims=dims, name="precipitation")
    with xr.load_dataset(path) as data:
        turned = (data * 0 + 0.1).isel(latitude=slice(None, None, -1))
        turned.precipitation[:, 2, 0] = 0.2  # the east of the southern row
        turned.precipitation.attrs = {"units": "mm/hr", "_FillValue": np.float32(-9999.9)}
        turned.rename(latitude="lat", longitude="lon").to_netcdf(path, engine="h5netcdf", group="Grid")
    layer = opened("precipitation", path, "imerg")
    assert layer.header.variable == "Grid/precipitation"
    june = values(layer)[5]
    assert june == pytest.approx(np.array([[72, 72, 72], [72, 72, 144]]))


@pytest.mark.parametrize(
    ("product", "layer", "file", "dtype", "stored", "unit", "expected"),
    [
        ("mod17a3hgf", "net_primary_production", "npp", "int16", 5000, "g*carbon/(m^2*year)", 500),
        ("mod17", "net_primary_production", "npp", "int16", 32766, "g*carbon/(m^2*year)", np.nan),
        ("mod16a3gf", "evapotranspiration", "et", "uint16", 4321, "mm/year", 432.1),
        ("mod16a3gf", "evapotranspiration", "et", "uint16", 32766, "mm/year", np.nan),
        ("mod16a3gf", "evapotranspiration", "et", "uint16", 65535, "mm/year", np.nan),
        ("mod13", "ndvi", "ndvi", "int16", 5000, "1", 0.5),
        ("mod13", "ndvi", "ndvi", "int16", -3000, "1", np.nan),
        ("soilgrids", "soil_organic_carbon", "soc_0-5cm_mean", "int16", 150, "percent", 1.5),  # 150 dg/kg is 15 g/kg
        ("soilgrids", "soil_clay", "x", "int16", 412, "percent", 41.2),
        ("soilgrids", "bulk_density", "x", "int16", 131, "t/m^3", 1.31),
        ("soilgrids", "soil_sand", "x", "int16", -32768, "percent", np.nan),
        ("cgls-ndvi", "ndvi", "x", "uint8", 200, "1", 0.72),  # 200/250 - 0.08
        ("cgls-ndvi", "ndvi", "x", "uint8", 254, "1", np.nan),
        ("chelsa", "precipitation", "CHELSA_bio12_1981-2010_V.2.1", "uint16", 12000, "mm/year", 1200),
        ("chelsa", "air_temperature", "CHELSA_bio1_1981-2010_V.2.1", "uint16", 2881, "K", 288.1),
        ("mcd15", "leaf_area_index", "x", "uint8", 249, "1", np.nan),  # 24.9 passes the limit of 25
        ("mcd15", "leaf_area_index", "x", "uint8", 42, "1", 4.2),
        ("china-soil-bnu", "soil_depth", "PDEP", "float32", 100, "mm", 1000),  # cm
        ("glo-30", "elevation", "x", "float32", 0, "m", 0),
        ("srtm", "elevation", "N48E119", "int16", -32768, "m", np.nan),
        ("worldclim", "precipitation", "wc2.1_30s_bio_12", "float32", 400, "mm/year", 400),
    ],
)  # fmt: skip
def test_stored_numbers_are_read_as_their_product_has_them(
    tmp_path, product, layer, file, dtype, stored, unit, expected
):
    found = opened(layer, raster(tmp_path / f"{file}.tif", stored, dtype), product)
    assert found.unit == unit
    assert values(found)[0, 0] == pytest.approx(expected, nan_ok=True, rel=1e-6)


def test_the_scale_of_a_version_is_that_of_its_file(tmp_path):
    path = raster(tmp_path / "GLASS01E01.V60.A2020193.tif", 255, "uint8")
    assert refused("leaf_area_index", path, "glass")[0].code == "U13"
    for scale in (0.1, 0.01):
        raster(path, [[255, 40, 40], [40, 40, 40]], "uint8")
        with rasterio.open(path, "r+") as file:
            file.scales = [scale]
        found = values(opened("leaf_area_index", path, "glass"))
        assert np.isnan(found[0, 0])  # 2.55 would pass for a leaf area
        assert found[1, 1] == pytest.approx(40 * scale)


def test_tenths_of_a_millimetre(tmp_path):
    path = raster(tmp_path / "pre_2020.tif", 400, "int16", bands=12)
    found = values(opened("precipitation", path, "china-1km-peng", bands="month"))
    assert found[:, 0, 0].sum() == pytest.approx(480)  # twelve times 40 mm, and no 4800


def test_months_of_mean_years_have_no_other_year(tmp_path):
    path = raster(tmp_path / "wc2.1_30s_srad.tif", 12_000, "uint16", bands=12)
    layer = opened("solar_radiation", path, "worldclim-2", bands="month")
    assert values(layer)[0, 0, 0] == pytest.approx(12)  # kJ are a thousandth of MJ
    assert layer.spec.period == "1970-2000"
    (problem,) = refused("solar_radiation", path, "worldclim-2", bands="month", year=2020)
    assert (problem.code, problem.found, problem.allowed) == ("U13", "year = 2020", "1970-2000")
    raster(path, 65535, "uint16", bands=12)
    assert np.isnan(values(opened("solar_radiation", path, "worldclim-2", bands="month"))).all()


def test_what_lies_beyond_the_edge_is_missing_and_not_dry(tmp_path):
    path = raster(tmp_path / "chirps-v2.0.monthly.tif", 30, "float32", bands=12)
    with rasterio.open(path, "r+") as file:
        file.write(np.where(np.arange(2)[:, None] == 0, -9999, np.full((12, 2, 3), 30)).astype("float32"))
    layer = opened("precipitation", path, "chirps", bands="month")
    block = layer.open().read(-1, 2, 0, 3)  # a row farther north than the file
    found = layer.decode(block.raw, block.hidden)[0]
    assert np.isnan(found[:2]).all()
    assert (found[2] == 30).all()


def packed(tmp_path, name="aet", **attrs):
    path = netcdf(tmp_path / "x.nc", "mm", name=name)
    with xr.load_dataset(path) as data:
        stored = (data * 0 + 400).astype("int16")
        stored[name].attrs = {"units": "mm", **attrs}
        stored.to_netcdf(path, engine="h5netcdf")
    return path


def test_the_scale_of_a_packed_file_is_its_own(tmp_path):
    path = packed(tmp_path, scale_factor=0.1, add_offset=0.0, _FillValue=np.int16(-32768))
    assert values(opened("evapotranspiration", path, "terraclimate"))[0, 0, 0] == pytest.approx(40)
    path = packed(tmp_path)  # as one exports it who leaves the attributes out
    (problem,) = refused("evapotranspiration", path, "terraclimate")
    assert (problem.code, "`scale`" in problem.do) == ("U13", True)
    assert values(opened("evapotranspiration", path, "terraclimate-ee"))[0, 0, 0] == pytest.approx(40)
    path = packed(tmp_path, "pr")
    assert values(opened("precipitation", path, "terraclimate-ee"))[0, 0, 0] == pytest.approx(400)  # rain is not scaled


@pytest.mark.parametrize(
    ("said", "found", "allowed"),
    [
        ({"units": "m"}, "units = m", "m/day"),
        ({"units": "mm/day"}, "units = mm/day", "m/day"),
        ({"scale": 1000}, "scale = 1000", "1"),
        ({"offset": 3.0}, "offset = 3.0", "0"),
        ({"variable": "sro"}, "sro", "tp, total_precipitation"),
    ],
)
def test_what_is_said_beside_a_product_must_agree_with_it(tmp_path, said, found, allowed):
    path = netcdf(tmp_path / "data.nc", name="tp sro")
    (problem,) = refused("precipitation", path, "era5-land", **said)
    assert (problem.code, problem.severity) == ("U13", "error")
    assert (problem.found, problem.allowed) == (found, allowed)
    for agreed in (
        {"units": "m/day"},
        {"units": "mm/day", "scale": 1000},
        {"variable": "tp"},
        {"scale": 1, "offset": 0},
    ):
        assert values(opened("precipitation", path, "era5-land", **agreed))[6, 0, 0] == pytest.approx(62)


def test_codes_that_are_said_must_hold_all_of_the_product(tmp_path):
    path = raster(tmp_path / "npp.tif", 5000, "int16")
    (problem,) = refused("net_primary_production", path, "mod17a3hgf", nodata=32767)
    assert (problem.code, problem.found) == ("U13", "nodata = 32767")
    assert "32761" in problem.allowed
    (problem,) = refused("net_primary_production", path, "mod17a3hgf", nodata="none")
    assert problem.code == "U13"
    known = [*range(32761, 32768)]
    assert values(opened("net_primary_production", path, "mod17a3hgf", nodata=[*known, -32768]))[0, 0] == 500


@pytest.mark.parametrize(
    ("product", "layer", "words"),
    [
        ("era5-lnd", "precipitation", "Did you mean"),
        ("era5-land", "ndvi", "holds no `ndvi`"),
        ("era5-land", "wind_speed", "holds no `wind_speed`"),
        ("hwsd2", "soil_clay", "holds no `soil_clay`"),
        ("mod11", "air_temperature", "holds no `air_temperature`"),
        ("terraclimate", "precipitation", "holds nothing that TerraClimate calls"),
        ("era5-land-hourly", "precipitation", "holds no `precipitation`"),
    ],
)
def test_another_product_than_the_file_is_of_is_refused(tmp_path, product, layer, words):
    (problem,) = refused(layer, netcdf(tmp_path / "data.nc"), product)
    assert problem.code == "U13"
    assert words in str(problem.message)
    if product == "era5-land" and layer == "wind_speed":
        assert "cancel out" in problem.found


def test_two_variables_that_fit_are_named(tmp_path):
    path = raster(tmp_path / "rain.tif", 3, "float32", bands=12)
    (problem,) = refused("precipitation", path, "chirps-v2", bands=None)
    assert (problem.code, 'product = "chirps-v2/precipitation (daily)"' in problem.allowed) == ("U13", True)
    assert values(opened("precipitation", path, "chirps-v2", bands="month"))[0, 0, 0] == 3
    named = opened("precipitation", path, "chirps-v2/precip (monthly)", bands="month")
    assert named.spec.product == "chirps-v2/precip (monthly)"


def test_days_are_no_months(tmp_path):
    days = list(np.arange("2021-01-01", "2022-01-01", dtype="datetime64[D]").astype("datetime64[ns]"))
    (problem,) = refused("precipitation", netcdf(tmp_path / "data.nc", times=days), "era5-land")
    assert (problem.code, problem.found) == ("U13", "365 days")
    (problem,) = refused("precipitation", netcdf(tmp_path / "one.nc", times=MONTHS[:1]), "era5-land")
    assert (problem.code, problem.found) == ("U13", "one field")


@pytest.mark.parametrize(("dtype", "product"), [("float32", "mod17a3hgf"), ("int16", "chelsa/bio1 (1981-2010)")])
def test_a_file_that_was_converted_is_not_converted_again(tmp_path, dtype, product):
    layer = "net_primary_production" if "mod" in product else "air_temperature"
    path = raster(tmp_path / "x.tif", 1, dtype)
    if dtype == "int16":
        assert values(opened(layer, path, product))[0, 0] == pytest.approx(273.15 + 0.1 - 273.15)  # whole as stored
        return
    (problem,) = refused(layer, path, product)
    assert (problem.code, "somebody has converted them" in problem.message) == ("U13", True)


def test_a_file_that_shows_another_product_is_an_error(tmp_path):
    path = raster(tmp_path / "MOD17A3HGF_Gpp_500m.tif", 5000, "uint16")
    spec = layer_of_product(LayerSpec("net_primary_production", path, product="mod17a3hgf"))
    layer = open_layer(spec, unit="g*carbon/(m^2*year)")
    (problem,) = check_product(layer, product_of_spec(spec))
    assert (problem.code, "twice the net production" in problem.message) == ("U11", True)
    path = raster(tmp_path / "soc_0-5cm_mean.tif", 150, "int16")
    layer = open_layer(layer_of_product(LayerSpec("soil_clay", path, product="soilgrids")), unit="percent")
    (problem,) = check_product(layer, product_of_spec(layer.spec))
    assert problem.code == "U11"
    layer = open_layer(layer_of_product(LayerSpec("elevation", path, product="srtm")), unit="m")
    (problem,) = check_product(layer, product_of_spec(layer.spec))
    assert (problem.code, "SoilGrids" in problem.message) == ("U11", True)


def test_an_attribute_that_divides_is_not_multiplied_by(tmp_path):
    path = raster(tmp_path / "MOD13Q1_NDVI.tif", 5000, "int16")
    with rasterio.open(path, "r+") as file:
        file.scales = [10_000.0]
    layer = opened("ndvi", path, "mod13q1")
    assert values(layer)[0, 0] == pytest.approx(0.5)
    assert [p.code for p in layer.problems] == ["U04"]  # that the file says otherwise


def test_a_land_cover_product_brings_its_codes_for_missing(tmp_path):
    path = raster(tmp_path / "ESA_WorldCover_10m_2021_v200_N48E117_Map.tif", 0, "uint8")
    layer = opened("land_cover", path, "worldcover")
    assert layer.missing_values == (0.0,)
    path = raster(tmp_path / "label.tif", 0, "uint8")
    assert opened("land_cover", path, "dynamic-world").missing_values == ()  # 0 is water


def test_what_was_not_read_is_said(tmp_path):
    layer = opened(
        "air_temperature", raster(tmp_path / "tmp.tif", 30, "int16", bands=12), "china-1km-peng", bands="month"
    )
    (problem,) = recalled_facts(layer)
    assert (problem.code, problem.severity) == ("U14", "information")
    assert problem.found == "names of files and variables, the numbers for missing, the licence"
    read = opened("net_primary_production", raster(tmp_path / "npp.tif", 1, "int16"), "mod17a3hgf")
    assert recalled_facts(read) == []


def test_files_that_are_no_rasters_say_what_to_do(tmp_path):
    (tmp_path / "MOD17A3HGF.A2020001.h26v04.061.hdf").write_bytes(b"\x0e\x03\x13\x01" + b"\0" * 60)
    (tmp_path / "cds.zip").write_bytes(b"PK\x03\x04" + b"\0" * 60)
    (found,) = refused("net_primary_production", tmp_path / "MOD17A3HGF.A2020001.h26v04.061.hdf", "mod17")
    assert (found.code, "gdal_translate" in found.do) == ("F01", True)
    (found,) = refused("precipitation", tmp_path / "cds.zip", "era5-land")
    assert (found.code, "unpack it" in found.do) == ("F01", True)


def test_every_data_set_of_the_research_list_is_there():
    wanted = (
        "clcd esa-worldcover dynamic-world mcd12q1 mod16a2gf mod16a3gf mod17a3hgf mod13q1 mod11a2 era5-land-monthly "
        "chirps-v2 worldclim-2.1 terraclimate soilgrids-2.0 hwsd-2 copernicus-glo30 srtm glass gpm-imerg"
    )
    assert set(wanted.split()) <= {product.id for product in products()}
    assert all(product.licence for product in products() if product.id in wanted.split())
