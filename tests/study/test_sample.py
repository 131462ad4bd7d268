"""The synthetic sample city: the same from the same seed, a landscape and not noise, sound as an input, and never taken
for a place.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import projects
import pytest
import rasterio
import xarray as xr
from projects import Gep
from rasterio.features import geometry_mask

from gep.account.account import Account
from gep.core.errors import Problem
from gep.inputs.items import item_units
from gep.inputs.project import read_project
from gep.inputs.tables import item_by_zone
from gep.study.sample import city as sample
from gep.study.sample import landscape as sample_landscape
from gep.study.study import Study

RASTERS = ("climate.nc", "counties.geojson", "elevation.tif", "evapotranspiration.tif", "land_cover.tif", "ndvi.tif")
RASTERS += ("net_primary_production.tif", "soil.tif", "vegetation_cover.tif")
TEXTS = ("gep.toml", "statistics.csv", "coefficients.csv", "README.txt")
ECOSYSTEMS = {"forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert"}
SYNTHETIC = "synthetic"


@pytest.fixture(scope="module")
def city(sample_city: Path) -> Path:
    return sample_city


@pytest.fixture(scope="module")
def account(sample_account: Account) -> Account:
    return sample_account


@pytest.fixture(scope="module")
def problems(city: Path) -> list[Problem]:
    return Study.open(city).check()


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def read(path: Path, band: int = 1) -> np.ndarray:
    """The values of a GeoTIFF as a reader of the file would take them: scaled, NaN where missing."""
    with rasterio.open(path) as file:
        raw = file.read(band)
        values = raw * file.scales[band - 1] + file.offsets[band - 1]
        return values if file.nodata is None else np.where(raw == file.nodata, np.nan, values)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# from a seed ----------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_files(city: Path, tmp_path: Path, drawn_anew):
    sample.write_sample_city(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*RASTERS, *TEXTS}
    assert [name for name in (*RASTERS, *TEXTS) if (tmp_path / name).read_bytes() != (city / name).read_bytes()] == []


def test_another_seed_gives_another_city(city: Path, tmp_path: Path):
    sample.write_sample_city(tmp_path, seed=1)
    assert [name for name in RASTERS if (tmp_path / name).read_bytes() == (city / name).read_bytes()] == []
    assert [name for name in TEXTS if (tmp_path / name).read_bytes() != (city / name).read_bytes()] == []


@pytest.mark.parametrize("seed", [3, 99])
def test_every_class_occurs_whatever_the_seed(seed: int):
    cover = sample_landscape.make_landscape(np.random.default_rng(seed)).land_cover
    margin = sample_landscape.MARGIN
    assert set(np.unique(cover[margin:-margin, margin:-margin])) == set(sample_landscape.CLASSES)


def test_it_is_small(city: Path):
    assert sum(path.stat().st_size for path in city.iterdir()) < 2e6


def test_a_study_without_a_folder_is_the_same_city(account: Account):
    assert sample.open_sample_city().run().digest == account.digest


# a landscape ----------------------------------------------------------------------------------------------------------


def test_every_class_occurs_and_has_a_meaning(city: Path):
    codes = set(np.unique(read(city / "land_cover.tif")).astype(int).tolist())
    assert codes == set(sample_landscape.CLASSES)
    meanings = Study.open(city).inputs.scheme.by_number()
    assert {meanings[code][0] for code in codes} == {*ECOSYSTEMS, "other"}
    wanted = {
        ("wetland", "lake"),
        ("wetland", "river"),
        ("wetland", "reservoir"),
        ("wetland", "marsh"),
        ("cropland", "paddy"),
    }
    assert wanted <= {meanings[code] for code in codes}


def test_each_county_has_every_ecosystem(account: Account):
    areas = {names: area for names, area, _ in account.by("zone", "ecosystem", measure="area")}
    assert {zone for zone, _ in areas} == {code for code, _, _ in sample_landscape.COUNTIES}
    for code, _, _ in sample_landscape.COUNTIES:
        assert {ecosystem for zone, ecosystem in areas if zone == code and areas[zone, ecosystem] > 0} >= ECOSYSTEMS


def test_a_lake_lies_in_two_counties(city: Path):
    counties = gpd.read_file(city / "counties.geojson")
    with rasterio.open(city / "land_cover.tif") as file:
        lakes = file.read(1) == sample_landscape.LAKE
        counties = counties.to_crs(file.crs)
        inside = [geometry_mask([county], lakes.shape, file.transform, invert=True) for county in counties.geometry]
    cells = [int((lakes & county).sum()) for county in inside]
    assert min(cells) > 500  # the third county has a lake of its own
    seam = np.zeros_like(lakes)
    seam[1:] = inside[0][:-1] & inside[1][1:]
    assert (seam & lakes).any()


def test_classes_lie_in_patches_and_not_as_noise(city: Path):
    cover = read(city / "land_cover.tif")
    same = np.mean([np.mean(cover[1:] == cover[:-1]), np.mean(cover[:, 1:] == cover[:, :-1])])
    shares = np.unique(cover, return_counts=True)[1] / cover.size
    assert np.sum(shares**2) < 0.15  # what neighbours of a random map would share
    assert same > 0.9


def test_elevation_is_wider_than_the_land_cover_and_its_slopes_are_slopes(city: Path):
    with rasterio.open(city / "elevation.tif") as wide, rasterio.open(city / "land_cover.tif") as file:
        assert wide.bounds.left < file.bounds.left
        assert wide.bounds.right > file.bounds.right
        assert wide.bounds.bottom < file.bounds.bottom
        assert wide.bounds.top > file.bounds.top
        assert wide.res == file.res == (30.0, 30.0)
    slope = sample_landscape.slope_of(read(city / "elevation.tif"))
    assert np.quantile(slope, 0.5) < 5
    assert 10 < np.quantile(slope, 0.9) < 25
    assert slope.max() < 70


def test_waters_are_level_and_lie_low(city: Path):
    cover, elevation = read(city / "land_cover.tif"), read(city / "elevation.tif")[20:-20, 20:-20]
    reservoir = elevation[cover == sample_landscape.RESERVOIR]
    assert np.ptp(reservoir) < 0.5
    plain = np.isin(cover, (sample_landscape.LAKE, sample_landscape.RIVER))
    assert np.median(elevation[plain]) < np.median(elevation[~plain])


# sound inputs ---------------------------------------------------------------------------------------------------------


def test_check_finds_no_error_and_no_contradiction(problems: list[Problem]):
    assert [str(p) for p in problems if p.severity == "error"] == []
    wrong = ("B01", "B02", "N01", "N02", "N03", "R01", "R02", "U01", "U03", "G04", "G05", "T01", "T07", "O02")
    steep = "squared_relief"  # its mountains leave the range of the roughness fit, which is then cut at 1 and said
    assert [str(p) for p in problems if p.code in wrong and not p.subject.startswith(steep)] == []


def test_evapotranspiration_is_below_rain_and_missing_over_open_water(city: Path):
    evaporated, cover = read(city / "evapotranspiration.tif"), read(city / "land_cover.tif")
    assert (np.isnan(evaporated) == np.isin(cover, sample_landscape.WATERS)).all()
    with xr.open_dataset(city / "climate.nc", engine="h5netcdf") as climate:
        rain = climate["precipitation"].sum("time")
        demand = climate["potential_evapotranspiration"].sum("time")
        assert float(np.nanmax(evaporated)) < float(rain.max())
        assert bool((climate["water_evaporation"] > demand).all())


def test_soil_adds_to_a_hundred(city: Path):
    total = sum(read(city / "soil.tif", band) for band in (1, 2, 3))
    assert np.abs(total - 100).max() < 1e-9


def test_climate_is_stored_as_real_products_are(city: Path):
    with xr.open_dataset(city / "climate.nc", engine="h5netcdf", mask_and_scale=False) as climate:
        assert (np.diff(climate["lat"]) > 0).all()
        assert climate["time"].dt.month.values.tolist() == list(range(1, 13))
        assert {variable.dtype for variable in climate.data_vars.values()} == {np.dtype("int16")}
        assert all("scale_factor" in variable.attrs for variable in climate.data_vars.values())
        assert climate["wind_speed"].attrs["units"] == "m s-1"
    with xr.open_dataset(city / "climate.nc", engine="h5netcdf") as climate:
        assert bool((climate["maximum_temperature"] > climate["mean_temperature"]).all())
        assert climate["mean_temperature"].mean(("lat", "lon")).values.argmax() == 6  # July


def test_every_table_row_is_of_every_county(city: Path):
    zones: dict[tuple[str, str], set[str]] = {}
    for row in rows(city / "statistics.csv"):
        zones.setdefault((row["item"], row["measure"]), set()).add(row["zone"])
    counties = {code for code, _, _ in sample_landscape.COUNTIES}
    assert {key: found for key, found in zones.items() if found != counties} == {}


def test_every_item_there_is_has_a_figure_in_every_county(city: Path):
    """Quantities, and prices and values too: an item is read under the measure that it is reported by."""
    statistics = Study.open(city).inputs.statistics
    counties = {code for code, _, _ in sample_landscape.COUNTIES}
    reported = {item for item in item_units() if item_by_zone(statistics, item)}
    assert {item: set(item_by_zone(statistics, item)) for item in reported} == dict.fromkeys(reported, counties)
    assert item_by_zone(statistics, "gdp")["990102"] == pytest.approx(118.6e8)
    assert item_by_zone(statistics, "visits")["990101"] == pytest.approx(185_000)
    assert item_by_zone(statistics, "travel_cost")["990103"] == 210


def test_an_item_under_a_wrong_measure_is_an_error(city: Path, tmp_path: Path):
    sample.write_sample_city(tmp_path)
    text = (city / "statistics.csv").read_text(encoding="utf-8")
    (tmp_path / "statistics.csv").write_text(text.replace("travel_cost,price", "travel_cost,value"), encoding="utf-8")
    found = [problem for problem in Study.open(tmp_path).inputs.problems if problem.severity == "error"]
    assert [problem.code for problem in found] == ["T05"] * 3
    assert "travel_cost is a price" in found[0].message


def test_what_can_be_computed_is_computed(account: Account):
    """No service lacks an input, and none a coefficient: what is still missing has no equation yet, or is off in the
    profile.
    """
    assert {missing.reason for missing in account.about.missing} <= {"no_equation", "off"}
    assert account.by("zone", "service")


# never taken for a place ----------------------------------------------------------------------------------------------


def test_everything_says_that_it_is_synthetic(city: Path, account: Account):
    study = read_project(city / "gep.toml").study
    assert SYNTHETIC in study.name
    assert "合成" in study.name_zh
    counties = gpd.read_file(city / "counties.geojson")
    assert counties["name_en"].str.contains(SYNTHETIC).all()
    assert counties["name_zh"].str.contains("合成").all()
    for path in city.glob("*.tif"):
        with rasterio.open(path) as file:
            assert SYNTHETIC in file.tags()["TITLE"]
    with xr.open_dataset(city / "climate.nc", engine="h5netcdf") as climate:
        assert SYNTHETIC in climate.attrs["title"]
    assert {row["source"] for row in rows(city / "statistics.csv")} == {SYNTHETIC}
    for row in rows(city / "coefficients.csv"):
        assert row["source"] == SYNTHETIC
        assert row["status"] == "provisional"
        assert "invented" in row["note"]
    assert SYNTHETIC in (city / "README.txt").read_text(encoding="utf-8").lower()
    assert SYNTHETIC in account.about.name


# gep demo, gep init ---------------------------------------------------------------------------------------------------


def test_demo_writes_a_run_and_prints_its_tables(gep: Gep, account: Account):
    said = gep("demo")
    assert said.code == 0
    assert said.out.startswith("Sample City (synthetic) 2020")
    summary = json.loads(Path("gep-demo/summary.json").read_text(encoding="utf-8"))
    assert SYNTHETIC in summary["study"]["name"]
    assert "合成" in summary["study"]["name_zh"]
    assert summary["digest"] == account.digest
    assert {"account.csv", "summary.json", "run.json", "run.log"} <= {path.name for path in Path("gep-demo").iterdir()}
    assert [path.name for path in Path().iterdir()] == ["gep-demo"]
    asked = {"carbon_stock.json", "grazing.json", "condition.json"}
    assert asked <= {path.name for path in Path("gep-demo/assets").iterdir()}
    assert all(word in said.out for word in ("beside GEP", "carbon stocks", "Grass-livestock balance"))


def test_demo_as_json_and_in_chinese(gep: Gep):
    said = gep("demo", "--json", "--out", "there", "--threads", "1")
    assert said.code == 0
    assert said.document["study"]["name"] == "Sample City (synthetic)"
    assert said.document == json.loads(Path("there/summary.json").read_text(encoding="utf-8"))
    again = gep("demo", "--lang", "zh", "-o", "there", "--quiet")
    assert again.code == 0
    assert again.out.startswith("示例市（合成数据） 2020")
    assert again.err == ""


def test_demo_leaves_a_folder_of_something_else_alone(gep: Gep):
    Path("gep-demo").mkdir()
    Path("gep-demo/mine.txt").write_text("mine", encoding="utf-8")
    said = gep("demo")
    assert said.code == 2
    assert "mine.txt" in said.err
    assert [path.name for path in Path("gep-demo").iterdir()] == ["mine.txt"]


def test_init_writes_a_project_that_runs_at_once(gep: Gep, account: Account):
    said = gep("init", "new/city")
    assert said.code == 0
    assert SYNTHETIC in said.out
    folder = Path("new/city")
    assert {path.name for path in folder.iterdir()} == {*RASTERS, *TEXTS, "assets"}
    text = (folder / "gep.toml").read_text(encoding="utf-8")
    for section in (
        "study",
        "zones",
        "land_cover",
        "land_cover.map",
        "tables",
        "services",
        "coefficients",
        "methods",
        "waivers",
    ):
        assert f"\n[{section}]" in text
    run = gep("run", folder, "--out", "result", "--json")
    assert run.code == 0
    assert run.document["digest"] == account.digest


def test_init_takes_a_profile_and_an_empty_folder(gep: Gep):
    Path("empty").mkdir()
    assert gep("init", "empty", "--profile", "hj1173-2021").code == 0
    assert read_project(Path("empty")).study.profile == "hj1173-2021"


def test_init_refuses_a_folder_that_is_not_empty(gep: Gep):
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine", encoding="utf-8")
    said = gep("init", "full")
    assert said.code == 2
    assert "full" in said.err
    assert [path.name for path in Path("full").iterdir()] == ["mine.txt"]
    assert gep("init", "full/mine.txt").code == 2


def test_init_refuses_an_unknown_profile(gep: Gep):
    said = gep("init", "new", "--profile", "ndrc-2020")
    assert said.code == 3
    assert "ndrc-2022" in said.err
    assert not Path("new").exists()


def test_a_provisional_row_without_a_locator_ends_its_source_once(account):
    said = {p.subject: p.do for p in account.about.problems if p.code == "P01"}
    assert said["slope_length"] == "Source: synthetic."
    assert said["slope_length"].zh == "来源：synthetic。"
