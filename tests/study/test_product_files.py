"""Samples of public data sets have the layout of their files, and are opened as layers; a folder of them is a study."""

import json
import math
import re
import shutil
import time

import h5py
import numpy as np
import pytest
import rasterio
import xarray as xr
from places import ROOT
from typer.testing import CliRunner

import gep
from gep.cli.app import app
from gep.core.messages import say
from gep.inputs.survey import survey
from gep.standards.schemes import load_scheme
from gep.study.crate import crate
from gep.study.draft import make_draft, project_text
from gep.study.sample.city import write_sample_city
from gep.study.sample.products import sampled_products

OF_FOLDER = "clcd era5-land mod16a3gf mod17a3hgf soilgrids glo-30"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of product files of the land of the sample city, and its counties."""
    folder = tmp_path_factory.mktemp("data")
    for name in OF_FOLDER.split():
        gep.products.sample(name, folder)
    city = write_sample_city(tmp_path_factory.mktemp("city")).parent
    shutil.copy(city / "counties.geojson", folder)
    return folder


@pytest.fixture(scope="module")
def rain(tmp_path_factory):
    """Five products of the same rain, each as its producer stores it."""
    folder = tmp_path_factory.mktemp("rain")
    for name in ("era5-land/tp", "chirps", "worldclim/prec", "terraclimate/ppt", "imerg"):
        gep.products.sample(name, folder)
    return folder


# layouts --------------------------------------------------------------------------------------------------------------


def test_there_is_a_sample_of_what_everybody_uses():
    wanted = (
        "clcd esa-worldcover dynamic-world mcd12q1 mod16a3gf mod16a2gf mod17a3hgf mod13q1 mod11a2 era5-land-monthly "
        "chirps-v2 worldclim-2.1 terraclimate soilgrids-2.0 hwsd-2 copernicus-glo30 srtm glass gpm-imerg"
    )
    assert set(sampled_products()) == set(wanted.split())


def test_tiles_are_called_after_their_corners(data, tmp_path):
    names = sorted(path.name for path in data.glob("Copernicus*"))
    assert len(names) == 4  # the city lies where 42° N crosses 117° E
    for path in data.glob("Copernicus*"):
        lat, lon = map(int, re.fullmatch(r"Copernicus_DSM_COG_10_N(\d\d)_00_E(\d{3})_00_DEM\.tif", path.name).groups())
        with rasterio.open(path) as file:
            west, south, east, north = file.bounds
            half = 0.5 / 3600  # its grid is shifted by half a cell
            assert lon - 1e-9 <= west + half < east + half <= lon + 1 + 1e-9
            assert lat - 1e-9 <= south - half < north - half <= lat + 1 + 1e-9
            assert (file.dtypes, file.nodata, file.crs.to_epsg()) == (("float32",), None, 4326)
    (path,) = gep.products.sample("mod17", tmp_path)
    with rasterio.open(path) as file:
        h = math.floor((file.bounds.left + 20015109.354) / 1111950.5197)
        v = math.floor((10007554.677 - file.bounds.top) / 1111950.5197)
        assert f".h{h:02}v{v:02}.061_Npp_500m" in path.name
        assert file.res == pytest.approx((463.3127, 463.3127), rel=1e-6)
        stored = file.read(1)
        assert stored[stored >= 32761].size  # towns and waters are codes


def test_files_are_laid_out_as_their_producers_do(rain, data):
    with h5py.File(next(rain.glob("3B-MO*"))) as file:
        grid = file["Grid/precipitation"]
        lon, lat = file["Grid/lon"][:], file["Grid/lat"][:]
        assert grid.shape == (1, len(lon), len(lat))
        assert lat[0] < lat[-1]
        assert grid.attrs["_FillValue"][0] == np.float32(-9999.9)
    with xr.open_dataset(data / "era5-land-monthly_2020.nc") as file:
        assert file.tp.dims == ("valid_time", "latitude", "longitude")
        assert {"number", "expver"} <= set(file.coords)
        assert (file.tp.attrs["units"], file.e.attrs["units"]) == ("m", "m")
        assert float(file.e.max()) < 0
        assert np.allclose(file.latitude * 10, np.round(file.latitude * 10))  # nodes at tenths of a degree
    with xr.open_dataset(next(rain.glob("TerraClimate*")), mask_and_scale=False) as file:
        assert (file.ppt.dtype, file.ppt.attrs["scale_factor"]) == ("int16", 0.1)


def test_a_number_of_a_file_is_what_the_layer_says(rain):
    """Unpacked here by hand: metres a day, millimetres an hour, tenths."""
    with xr.open_dataset(rain / "era5-land-monthly_2020.nc") as file:
        july = float(file.tp[6].mean()) * 31 * 1000
    opened = gep.products.open(rain / "era5-land-monthly_2020.nc")
    assert float(opened.monthly_precipitation[6].mean()) == pytest.approx(july, rel=1e-6)
    with h5py.File(next(rain.glob("3B-MO*.20200701*"))) as file:
        july = float(file["Grid/precipitation"][:].mean()) * 24 * 31
    opened = gep.products.open(rain / "3B-MO*.HDF5", product="imerg")
    assert float(opened.monthly_precipitation[6].mean()) == pytest.approx(july, rel=1e-6)
    with xr.open_dataset(next(rain.glob("TerraClimate*"))) as file:
        july = float(file.ppt[6].mean())
    opened = gep.products.open(next(rain.glob("TerraClimate*")))
    assert float(opened.monthly_precipitation[6].mean()) == pytest.approx(july, rel=1e-6)


def test_five_products_of_one_rain_agree(rain):
    places = {
        "era5-land": "era5*.nc", "chirps": "chirps*.tif", "worldclim": "wc2.1*.tif", "terraclimate": "Terra*.nc",
        "imerg": "3B-MO*.HDF5",
    }  # fmt: skip
    sums = {}
    for product, pattern in places.items():
        found = sorted(rain.glob(pattern))
        layer = gep.products.open(rain / pattern if len(found) > 1 else found[0], product=product, year=2020)
        assert layer.monthly_precipitation.attrs["units"] == "mm"
        assert layer.monthly_precipitation.chunks
        at_city = layer.monthly_precipitation.sel(lat=41.98, lon=116.98, method="nearest")
        sums[product] = float(at_city.sum())
    assert max(sums.values()) / min(sums.values()) < 1.3  # cells of 1 to 11 km of hilly land; a unit is 10 or more
    assert 300 < min(sums.values()) < 600


def test_a_map_brings_its_legend(tmp_path):
    gep.products.sample("worldcover", tmp_path)
    cover = gep.products.open(tmp_path / "*.tif").land_cover
    assert (cover.attrs["scheme"], cover.dtype) == ("esa-worldcover", "uint8")
    assert set(np.unique(cover)) <= set(load_scheme("esa-worldcover").by_number())
    assert "CC-BY 4.0" in cover.attrs["licence"]


# a folder -------------------------------------------------------------------------------------------------------------

PAGE = ROOT / "docs" / "products.md"


@pytest.mark.skipif(not PAGE.is_file(), reason="the documentation is not beside the tests")
def test_from_a_folder_to_an_interval_in_fifteen_lines(data, tmp_path, monkeypatch):
    """The code of the page, in a folder that has what its first block makes."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(data)
    (tmp_path / "city").symlink_to(data)
    first, *blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert all(f'"{name}"' in first for name in OF_FOLDER.split())
    script = blocks[-1].strip()
    assert len(script.splitlines()) <= 15
    names = {"gep": gep}
    for block in blocks[:-1]:
        exec(compile(block, str(PAGE), "exec"), names)
    start = time.perf_counter()
    exec(compile(script, str(PAGE), "exec"), names)
    assert time.perf_counter() - start < 60
    assert (tmp_path / "interval.png").stat().st_size > 5000
    values = names["values"]
    assert values.sizes["draw"] == 500
    water = values.sel(service="water_retention")
    quantity = water / names["costs"]
    assert np.allclose(quantity, float(quantity.mean()))  # value is quantity times cost
    assert float(values.sel(service="carbon_sequestration").std("draw")) == pytest.approx(0, abs=1e-6)


def test_what_may_be_meant_twice_is_asked(data):
    with pytest.raises(gep.UsageError) as stopped:
        gep.products.open_folder(data)
    said = str(stopped.value)
    for words in ("evapotranspiration", "as mod16a3gf", "as era5-land-monthly", "by its name", "choose"):
        assert words in said
    with pytest.raises(gep.UsageError, match="No file of the folder is `chirps`"):
        gep.products.open_folder(data, choose={"precipitation": "chirps"})


def test_the_folder_is_found_as_a_study_takes_it(data):
    found = gep.products.open_folder(data, choose={"evapotranspiration": "era5-land"})
    assert found["land_cover"].product == "clcd"
    assert gep.Study(**found, zones=str(data / "counties.geojson"), year=2020).spec.scheme == "clcd"
    assert found["layers"]["elevation"].data.name.startswith("Copernicus_DSM_COG_10_N4*")
    assert found["layers"]["monthly_evapotranspiration"].variable == "e"


def test_a_first_project_names_the_products(data):
    text = project_text(make_draft(survey(data), name="city", profile="ndrc-2022", lang="en"), data, "en")
    for line in ('product = "clcd"', 'product = "era5-land-monthly"', 'product = "soilgrids-2.0"', "N4*_00_DEM.tif"):
        assert line in text
    assert "scale =" not in text
    assert "units =" not in text


def test_record_and_crate_cite_what_was_used(data, tmp_path):
    found = gep.products.open_folder(data, choose={"evapotranspiration": "mod16a3gf"})
    account = gep.Study(**found, zones=str(data / "counties.geojson"), year=2020, name="Sample City").run()
    about = account.record["inputs"]["net_primary_production"]["product"]
    assert (about["id"], about["licence"]) == ("mod17a3hgf", "open, no restriction")
    assert "10.5067/MODIS/MOD17A3HGF.061" in about["citation"]
    document = crate(account, tmp_path)
    entities = {entity["@id"]: entity for entity in document["@graph"]}
    files = [entity for entity in entities.values() if entity["@type"] == "File"]
    (file,) = [entity for entity in files if entity["name"].startswith("MOD17A3HGF")]
    assert "Running and Zhao" in entities[file["citation"]["@id"]]["creditText"]
    assert entities[file["license"]["@id"]]["name"] == "open, no restriction"
    json.dumps(document)


# words ----------------------------------------------------------------------------------------------------------------


def test_products_are_described_in_both_languages():
    text = gep.products.describe("mod16a2gf")
    assert "never stretched to eight" in text
    assert "5 天" in text.zh
    for name in ("era5-land", "hwsd2", "glass"):
        assert "provisional" in gep.products.describe(name)
        assert "暂定" in gep.products.describe(name).zh
    table = gep.products.list()
    assert {"product", "variable", "layer", "unit", "scale", "licence", "recalled"} <= set(table.columns)
    with pytest.raises(gep.UsageError, match="Did you mean"):
        gep.products.describe("era5-lnd")


def test_the_command_lists_and_describes_products():
    def printed(*words):
        done = CliRunner().invoke(app, ["data", "products", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "esa-worldcover" in printed("--lang", "en")
    assert "乘以各月天数" in printed("era5-land", "--lang", "zh")
    (row, *_) = json.loads(printed("mod17", "--json"))["products"]
    assert (row["variable"], row["scale"], row["missing"]) == ("Npp_500m", 0.0001, "32761:32767")


def test_what_is_no_layer_says_why(tmp_path):
    gep.products.sample("mod11", tmp_path)
    with pytest.raises(gep.UsageError) as stopped:
        gep.products.open(next(tmp_path.glob("*.tif")))
    assert str(say("products.trap.surface_temperature")) in str(stopped.value)


def test_a_year_of_composites_is_their_sum(tmp_path):
    """45 periods of 8 days and one of 5 (2021), each the sum of its days: 1 mm a day is 365 mm."""
    gep.products.sample("mod16a2", tmp_path, year=2021)
    for number, path in enumerate(sorted(tmp_path.glob("MOD16A2GF*")), start=1):
        with rasterio.open(path, "r+") as file:
            stored = np.full((file.height, file.width), 80 if number < 46 else 50, "int16")
            stored[0, 0] = 32766 if number == 7 else 80
            file.write(stored, 1)
    total = gep.products.open(tmp_path / "MOD16A2GF*.tif").evapotranspiration
    assert total.attrs["units"] == "mm/year"
    assert np.isnan(total[0, 0])
    assert np.unique(total.values.ravel()[1:]) == pytest.approx(365)
    path.unlink()
    with pytest.raises(gep.UsageError, match="45 files"):
        gep.products.open(tmp_path / "MOD16A2GF*.tif")
