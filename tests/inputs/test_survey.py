"""A look at a folder: what each file is taken for, what has to be asked, and the project file that comes of it."""

import tomllib

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box

from gep.core.messages import say
from gep.inputs.project import read_project
from gep.inputs.survey import survey
from gep.study.draft import ASKED, make_draft, project_text


def raster(path, values, dtype="float32", labels=(), **profile):
    values = np.atleast_3d(np.asarray(values, dtype)) if np.ndim(values) == 2 else np.asarray(values, dtype)
    bands = values.reshape((-1, *values.shape[-2:])) if values.shape[-1] != 1 else values[..., 0][None]
    with rasterio.open(
        path, "w", driver="GTiff", width=bands.shape[2], height=bands.shape[1], count=len(bands), dtype=dtype,
        crs="EPSG:4326", transform=Affine(0.1, 0, 119, 0, -0.1, 49), **profile,
    ) as file:  # fmt: skip
        file.write(bands)
        for number, label in enumerate(labels, start=1):
            file.set_band_description(number, label)
    return path


def ramp(low, high, dtype="float32"):
    return np.linspace(low, high, 30 * 40).reshape(30, 40).astype(dtype)


def only(folder):
    (guess,) = survey(folder)
    return guess


@pytest.mark.parametrize(
    ("name", "values", "dtype", "layer", "keys", "is_in_doubt"),
    [
        ("年降水量_2020.tif", ramp(300, 700), "float32", "precipitation", {"units": "mm/year", "year": 2020}, True),
        ("annual_pre.tif", ramp(3000, 7000), "int16", "precipitation", {"units": "mm/year", "scale": 0.1}, True),
        ("pre.tif", ramp(2500, 5500), "int16", "precipitation", {"units": "mm/year"}, True),
        ("dem.tif", ramp(200, 1400), "int16", "elevation", {"units": "m"}, True),
        ("mean_temp.tif", ramp(-5, 3), "float32", "air_temperature", {"units": "degC"}, True),
        ("mean_temp.tif", ramp(268, 276), "float32", "air_temperature", {"units": "K"}, True),
        ("bulk_density.tif", ramp(1100, 1500), "int16", "bulk_density", {"units": "kg/m^3"}, True),
        ("clay.tif", ramp(0.1, 0.4), "float32", "soil_clay", {"units": "1"}, True),
        ("ndvi_max.tif", ramp(2000, 9000), "int16", "ndvi", {"units": "1", "scale": 0.0001}, True),
        ("MOD17A3HGF_Npp_2020.tif", ramp(2000, 6000), "int16", "net_primary_production",
         {"product": "mod17a3hgf", "year": 2020}, False),
        ("MOD17A3HGF.A2020001.h26v04.061_Npp_500m.tif", ramp(2000, 6000), "int16", "net_primary_production",
         {"product": "mod17a3hgf", "year": 2020}, False),
        ("土壤侵蚀_可蚀性.tif", ramp(0.02, 0.06), "float32", "soil_erodibility",
         {"units": "t*hm^2*h/(hm^2*MJ*mm)"}, True),
    ],
)  # fmt: skip
def test_a_raster_is_known_by_name_and_values(tmp_path, name, values, dtype, layer, keys, is_in_doubt):
    raster(tmp_path / name, values, dtype)
    guess = only(tmp_path)
    assert (guess.role, guess.name, guess.keys) == ("layer", layer, keys)
    assert bool(guess.doubts) == is_in_doubt


def test_of_several_readings_that_fit_one_is_asked(tmp_path):
    raster(tmp_path / "pre.tif", ramp(2500, 5500), "int16")  # a wet place in mm, or a dry one in tenths
    assert "`mm/year` or `mm/year` × 0.1" in only(tmp_path).doubts[0].question


def test_a_unit_of_the_file_is_believed_if_the_values_fit_it(tmp_path):
    path = raster(tmp_path / "precipitation.tif", ramp(300, 700))
    with rasterio.open(path, "r+") as file:
        file.set_band_unit(1, "mm/year")
    assert (only(tmp_path).keys, only(tmp_path).doubts) == ({}, ())
    with rasterio.open(path, "r+") as file:
        file.set_band_unit(1, "m/year")
    assert [doubt.key for doubt in only(tmp_path).doubts] == ["units"]


def test_a_number_that_stands_apart_is_asked_after(tmp_path):
    values = ramp(300, 700)
    values[:5] = -9999
    raster(tmp_path / "precipitation_2019.tif", values)
    guess = only(tmp_path)
    assert guess.keys["nodata"] == -9999
    assert "nodata" in [doubt.key for doubt in guess.doubts]


def test_codes_of_a_product_need_no_question(tmp_path):
    values = ramp(2000, 6000, "int16")
    values[:5], values[5:7] = 32766, 32762
    raster(tmp_path / "MOD17A3HGF_Npp_2020.tif", values, "int16")
    guess = only(tmp_path)
    assert guess.keys == {"product": "mod17a3hgf", "year": 2020}  # which brings its codes along
    assert guess.doubts == ()


def test_twelve_bands_are_months(tmp_path):
    months = np.stack([ramp(5 + 10 * m, 30 + 10 * m) for m in range(12)])
    raster(tmp_path / "prec_monthly.tif", months)
    guess = only(tmp_path)
    assert (guess.name, guess.keys["bands"]) == ("monthly_precipitation", "month")
    assert "bands" in [doubt.key for doubt in guess.doubts]
    assert only(tmp_path).keys["units"] == "mm"


def test_bands_are_layers_of_their_own(tmp_path):
    bands = np.stack([ramp(20, 60), ramp(10, 50), ramp(5, 20)])
    raster(tmp_path / "soil.tif", bands, labels=("sand", "silt", "colour"))
    found = {guess.name or guess.role: guess.keys.get("band") for guess in survey(tmp_path)}
    assert found == {"soil_sand": 1, "soil_silt": 2, "unknown": None}


def test_land_cover_is_known_by_its_codes(tmp_path):
    codes = np.random.default_rng(0).choice([10, 30, 40, 50, 60, 80, 90, 95], (30, 40))  # 95 is of WorldCover alone
    raster(tmp_path / "landcover_2021.tif", codes, "uint8")
    guess = only(tmp_path)
    assert (guess.role, guess.keys) == ("land_cover", {"scheme": "esa-worldcover", "year": 2021})
    assert [doubt.key for doubt in guess.doubts] == ["scheme"]


def test_polygons_and_their_columns(tmp_path):
    frame = gpd.GeoDataFrame(
        {"PAC": [150702, 150703], "NAME": ["海拉尔区", "扎赉诺尔区"], "SHAPE_Area": [1.0, 2.0]},
        geometry=[box(119, 48, 120, 49), box(120, 48, 121, 49)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "counties.gpkg")
    frame.dissolve().to_file(tmp_path / "city.geojson")
    guesses = {guess.role: guess for guess in survey(tmp_path)}
    assert guesses["zones"].keys == {"code": "PAC", "name": "NAME"}
    assert guesses["outline"].path.name == "city.geojson"


def test_tables_are_known_by_their_columns(tmp_path):
    (tmp_path / "statistics.csv").write_text("zone,item,measure,value,unit\n1,visits,quantity,3,visit\n")
    (tmp_path / "own.csv").write_text("coefficient,value,unit,source\ncarbon_price,60,CNY/(t*CO2),survey\n")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    roles = {guess.path.name: guess.role for guess in survey(tmp_path)}
    assert roles == {"statistics.csv": "table", "own.csv": "coefficients", "notes.csv": "unknown"}


def test_what_cannot_be_read_stops_nothing(tmp_path):
    (tmp_path / "broken.tif").write_bytes(b"II*\0 no more")
    (tmp_path / "broken.nc").write_bytes(b"\x89HDF\r\n\x1a\n")
    (tmp_path / "broken.geojson").write_text("{")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\3\4")
    assert {guess.role for guess in survey(tmp_path)} == {"unknown"}


@pytest.fixture
def folder(tmp_path):
    raster(tmp_path / "landcover_2021.tif", np.random.default_rng(0).choice([10, 30, 95], (30, 40)), "uint8")
    raster(tmp_path / "dem.tif", ramp(200, 1400), "int16")
    raster(tmp_path / "other_dem.tif", ramp(200, 1400), "int16")
    boxes = [box(119, 46, 121, 49), box(121, 46, 123, 49)]
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=boxes, crs="EPSG:4326").to_file(tmp_path / "zones.geojson")
    return tmp_path


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_draft_is_a_project_file(folder, language):
    draft = make_draft(survey(folder), name='a "city" \\', profile="ndrc-2022", lang=language)
    (folder / "gep.toml").write_text(project_text(draft, folder, language), encoding="utf-8")
    project = read_project(folder / "gep.toml")
    assert (project.study.name, project.study.year) == ('a "city" \\', 2021)
    assert project.land_cover.path == "landcover_2021.tif"
    assert list(project.layers) == ["elevation"]
    assert [guess.path.name for guess in draft.unused] == ["other_dem.tif"]
    assert {(q.section, q.key) for q in draft.questions} == {
        ("study", "name"), ("study", "year"), ("zones", ""), ("land_cover", "scheme"), ("land_cover", ""),
        ("layers.elevation", "units"),
    }  # fmt: skip


def test_an_answer_settles_a_question(folder):
    draft = make_draft(survey(folder), name="city", profile="ndrc-2022", lang="en")
    for question in draft.questions:
        draft = draft.answered(question, {"year": 2022, "units": "cm"}.get(question.key, question.answer))
    document = tomllib.loads(project_text(draft, folder, "en"))
    assert (document["study"]["year"], document["layers"]["elevation"]["units"]) == (2022, "cm")
    assert "TO CONFIRM" not in project_text(draft, folder, "en").replace("TO CONFIRM marks", "")


def test_what_nothing_in_a_project_can_tell_is_asked(tmp_path):
    """Whatever the files say of themselves: the whole year, organic carbon, knots, a tenth of the snow, a shift."""
    raster(tmp_path / "landcover_2021.tif", np.random.default_rng(0).choice([10, 30, 95], (30, 40)), "uint8")
    for name in ("npp", "soil_organic_carbon", "snow_depth", "wind_speed", "precipitation", "elevation"):
        raster(tmp_path / f"{name}.tif", ramp(1, 30), "float32")
    (tmp_path / "statistics.csv").write_text("zone,item,measure,value,unit,year\n1,population,quantity,1,person,2021\n")
    draft = make_draft(survey(tmp_path), name="city", profile="ndrc-2022", lang="en")
    asked = [str(question.question) for question in draft.questions]
    for words in ("Half", "whole year, and net", "organic matter", "knots", "water equivalent", "January", "mirrored"):
        assert any(words in text for text in asked), words
    assert any("last year's run only" in text for text in asked)
    assert len([text for text in asked if str(say("survey.ask.snow_depth")) == text]) == 1
    assert not [q for q in draft.questions if q.section == "layers.elevation" and not q.key]
    zh = project_text(draft, tmp_path, "zh")
    assert all(say(f"survey.ask.{name}").zh in zh for name in ASKED)


def test_a_folder_without_the_indispensable_says_so(tmp_path):
    raster(tmp_path / "dem.tif", ramp(200, 1400), "int16")
    draft = make_draft(survey(tmp_path), name="city", profile="ndrc-2022", lang="en")
    assert draft.lacks == ["zones", "land_cover"]
    assert "No file of polygons was found" in project_text(draft, tmp_path, "en")
