"""What is wrong with a project, and what its user is told: by `gep run` and by `gep check`, in words and as JSON.

Each case breaks one thing of a sound project. Nothing may end in a traceback or as an internal error, and nothing may
be written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
import xarray as xr
from projects import Gep


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "project"


def words(problem: dict[str, Any]) -> str:
    return " | ".join(str(problem[key]) for key in ("subject", "place", "message", "found", "allowed", "do"))


def listing(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def refused(gep: Gep, project: Path, problem: str, *essential: str, code: int = 4, run_says: bool = True) -> None:
    """Both `run` and `check` stop with this problem and these words, as JSON and in words, and leave nothing behind."""
    before = listing(project.parent.parent)
    for command in ("run", "check") if run_says else ("check",):
        said = gep(command, project, "--json")
        assert said.code == code, said.err or said.out
        document = said.document
        assert document["schema"] == 1
        assert document["counts"]["error"] == len([p for p in document["problems"] if p["severity"] == "error"]) > 0
        matching = [words(p) for p in said.of(problem)]
        assert any(all(word in text for word in essential) for text in matching), (matching, said.out)
        if command == "run":
            assert document["error"]
        printed = gep(command, project)
        text = printed.err + printed.out
        assert printed.code == code
        assert f"{problem} error" in text
        assert "Traceback" not in text
        assert "Internal error" not in text
        assert ".." not in text.replace("…", "")
        for word in essential:
            assert word in text
    assert listing(project.parent.parent) == before


def test_the_project_is_sound(gep: Gep, place: Path):
    said = gep("check", projects.write(place), "--json")
    assert said.code == 0
    assert said.document["counts"]["error"] == 0
    # the rain and the evaporation of the test project are one number each, which no real layer is; of most services it
    # has no inputs
    assert {p["code"] for p in said.document["problems"] if p["severity"] == "warning"} == {"C12", "O01", "R20"}


# gep.toml -------------------------------------------------------------------------------------------------------------


def test_no_project_file(gep: Gep, tmp_path: Path):
    refused(gep, tmp_path / "nowhere" / "gep.toml", "F01", "There is no such file", "gep.toml", code=3)


def test_no_project_file_in_this_folder(gep: Gep):
    said = gep("run")
    assert said.code == 3
    assert "gep.toml" in said.err
    assert said.out == ""


def edited(place: Path, old: str, new: str, encoding: str = "utf-8") -> Path:
    project = projects.write(place)
    text = project.read_text(encoding="utf-8")
    assert old in text
    project.write_bytes(text.replace(old, new, 1).encode(encoding))
    return project


@pytest.mark.parametrize(
    ("old", "new", "essential"),
    [
        ("year = 2020", "year = ", ("line 5", "not valid TOML", "year =")),
        ('path = "landcover.tif"', 'path = "data\\landcover.tif"', ("not valid TOML", "write / in place of \\")),
        ('name = "Testcity"', "name = “Testcity”", ("not valid TOML", "line 2", "plain ASCII")),
    ],
)
def test_toml_syntax(gep: Gep, place: Path, old: str, new: str, essential: tuple[str, ...]):
    refused(gep, edited(place, old, new), "P02", *essential, code=3)


def test_project_file_in_another_encoding(gep: Gep, place: Path):
    refused(gep, edited(place, "Testcity", "Testcity", "gbk"), "P02", "UTF-8", code=3)


def test_project_file_with_byte_order_mark_is_read(gep: Gep, place: Path):
    assert gep("check", edited(place, "Testcity", "Testcity", "utf-8-sig")).code == 0


@pytest.mark.parametrize(
    ("changes", "essential"),
    [
        ({"layer": {"precipitation": {}}}, ("no key `layer` in gep.toml", "Did you mean `layers` or `years`?")),
        ({"study": {"yaer": 2020}}, ("no key `yaer` in [study]", "Did you mean `year`?", "line 8")),
        (
            {"layers": {"precipitation": {"unit": "mm"}}},
            ("no key `unit` in [layers.precipitation]", "Did you mean `units`?"),
        ),
        ({"zones": None}, ("section [zones] is missing", "`path` and `code`")),
        ({"study": {"year": None}}, ("key `year` is missing", "[study]")),
        ({"study": {"year": "二〇二〇"}}, ("`year` must be a whole number", "二〇二〇")),
        ({"study": {"name": ""}}, ("`name` is empty",)),
        ({"layers": {"precipitation": "p.tif"}}, ("must be a table", "[layers.precipitation]")),
        ({"layers": {"precipitation": {"nodata": "abc"}}}, ("`nodata`", 'a list of numbers, or "none"')),
        ({"layers": {"precipitation": {"resampling": "cubic"}}}, ("`resampling` cannot be 'cubic'", "bilinear")),
        ({"zones": {"coverage": "center"}}, ("`coverage` cannot be 'center'", "Did you mean `centre`?")),
        ({"study": {"grid": "utm"}}, ("The grid is not understood", "land_cover")),
        ({"study": {"grid": {"crs": "EPSG:6933", "res": 1}}}, ("no key `res` in [study.grid]",)),
        ({"study": {"grid": {"crs": "EPSG:4326", "resolution": 1000}}}, ("counts in degrees", "EPSG:6933")),
        ({"layers": {"precipitaton": {"path": "p.tif"}}}, ("no layer `precipitaton`", "Did you mean `precipitation`")),
        ({"layers": {"land_cover": {"path": "p.tif"}}}, ("Land cover stands in [land_cover]",)),
        ({"study": {"profile": "ndrc-2023"}}, ("no profile `ndrc-2023`", "Did you mean `ndrc-2022`?")),
        ({"land_cover": {"scheme": "clcdd"}}, ("no land-cover scheme `clcdd`", "Did you mean `clcd`?")),
        ({"land_cover": {"map": {"2": "forrest/mixed"}}}, ("no ecosystem `forrest`", "Did you mean `forest`?")),
        ({"land_cover": {"map": {"forest": "forest"}}}, ("a code is a whole number",)),
        ({"land_cover": {"scheme": "custom", "map": None}}, ("`custom`", "[land_cover.map]")),
        (
            {"services": {"soil_retension": {"off": "x"}}},
            ("no service `soil_retension`", "Did you mean `soil_retention`"),
        ),
        ({"services": {"soil_retention": {}}}, ("`not_applicable` and `off`",)),
        ({"methods": {"water_retntion": {"negative": "keep"}}}, ("no service `water_retntion`", "`water_retention`")),
        (
            {"methods": {"water_retention": {"negativ": "keep"}}},
            ("no method switch `negativ`", "Did you mean `negative`?"),
        ),
        (
            {"methods": {"water_retention": {"negative": "clip_cells"}}},
            ("cannot be `clip_cells`", "Did you mean `clip_cell`"),
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[0],
)
def test_what_the_project_file_says(gep: Gep, place: Path, changes: dict[str, Any], essential: tuple[str, ...]):
    refused(gep, projects.write(place, **changes), "P02", *essential, code=3)


def test_grid_without_such_a_crs(gep: Gep, place: Path):
    changes = {"grid": {"crs": "EPSG:99999", "resolution": 1000}}
    refused(
        gep, projects.write(place, study=changes), "G01", "EPSG:99999", "is not a coordinate reference system", code=3
    )


def test_everything_wrong_in_the_project_file_is_said_at_once(gep: Gep, place: Path):
    project = projects.write(
        place, study={"yaer": 1, "year": "x"}, zones={"coverage": "middle"}, extra={"a": 1}, land_cover=None
    )
    problems = gep("check", project, "--json").of("P02")
    assert {p["subject"] for p in problems} == {"study.yaer", "study.year", "zones.coverage", "extra", "land_cover"}


# files ----------------------------------------------------------------------------------------------------------------


def without(project: Path, name: str) -> Path:
    (project.parent / name).unlink()
    return project


def test_no_land_cover_file(gep: Gep, place: Path):
    refused(
        gep, without(projects.write(place), "landcover.tif"), "F01", "land_cover", "does not exist", "landcover.tif"
    )


def test_near_file_name(gep: Gep, place: Path):
    project = projects.write(place, layers={"precipitation": {"path": "precipitatoin.tif"}})
    refused(gep, project, "F01", "does not exist", "Did you mean `precipitation.tif`?")


@pytest.mark.parametrize("layer", ["land_cover", "precipitation"])
def test_text_named_tif(gep: Gep, place: Path, layer: str):
    project = projects.write(place)
    (place / f"{layer.replace('_', '')}.tif").write_text("no raster")
    refused(gep, project, "F01", layer, "not a raster that can be read", "GeoTIFF")


@pytest.mark.parametrize("file", ["counties.geojson", "statistics.csv"])
def test_vector_or_table_given_as_layer(gep: Gep, place: Path, file: str):
    refused(gep, projects.write(place, layers={"precipitation": {"path": file}}), "F01", file, "raster")


def test_raster_given_as_zones(gep: Gep, place: Path):
    refused(gep, projects.write(place, zones={"path": "landcover.tif"}), "F01", "zones", "GeoPackage")


def test_table_given_as_zones(gep: Gep, place: Path):
    refused(gep, projects.write(place, zones={"path": "statistics.csv"}), "F01", "no polygons", "shapefile")


@pytest.mark.parametrize(
    "changes",
    [
        {"land_cover": {"path": "."}},
        {"layers": {"precipitation": {"path": "."}}},
        {"zones": {"path": "."}},
        {"tables": {"statistics": "."}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_folder_in_place_of_a_file(gep: Gep, place: Path, changes: dict[str, Any]):
    refused(gep, projects.write(place, **changes), "F01")


# layers ---------------------------------------------------------------------------------------------------------------


def with_raster(place: Path, name: str, values: Any, changes: dict[str, Any] | None = None, **how: Any) -> Path:
    project = projects.write(place, **(changes or {}))
    projects.raster(place / f"{name}.tif", values, **how)
    return project


def test_no_crs(gep: Gep, place: Path):
    refused(gep, with_raster(place, "precipitation", 1000, crs=None), "G01", "no coordinate system", "gdal_edit.py")


def test_no_overlap(gep: Gep, place: Path):
    refused(
        gep,
        with_raster(place, "precipitation", 1000, west=10.0),
        "G02",
        "does not touch",
        "longitude 10.00",
        "longitude 100.00",
    )


def test_wrong_band(gep: Gep, place: Path):
    refused(gep, projects.write(place, layers={"precipitation": {"band": 3}}), "F03", "no band 3", "a band from 1 to 1")


def test_several_bands(gep: Gep, place: Path):
    stack = np.full((3, projects.ROWS, projects.COLS), 1000.0)
    project = with_raster(place, "precipitation", stack, descriptions=("low", "mean", "high"))
    refused(gep, project, "F02", "several bands", "2 mean", "band = 1")


def test_wrong_variable(gep: Gep, place: Path):
    project = projects.write(place, layers={"precipitation": {"path": "rain.nc", "variable": "precipitaton"}})
    lat = projects.NORTH - (np.arange(projects.ROWS) + 0.5) * projects.CELL
    lon = projects.WEST + (np.arange(projects.COLS) + 0.5) * projects.CELL
    field = (("lat", "lon"), np.full((projects.ROWS, projects.COLS), 1000.0))
    xr.Dataset({"precipitation": field, "temperature": field}, coords={"lat": lat, "lon": lon}).to_netcdf(
        place / "rain.nc", engine="h5netcdf"
    )
    refused(gep, project, "F03", "no variable `precipitaton`", "Did you mean `precipitation`?")


@pytest.mark.parametrize(
    ("unit", "code", "essential"),
    [
        (None, "U01", ("in what unit", 'units = "mm/year"')),
        ("mm", "U02", ("`mm` cannot be turned into `mm/year`", "write it per year: `mm/year`")),
        ("t", "U02", ("`t` cannot be turned into `mm/year`",)),
        ("mm/month", "U02", ("ambiguous at `month`", 'bands = "month"')),
        ("ton", "U02", ("ambiguous at `ton`", "`t`")),
        ("milimeter/year", "U02", ("no unit `milimeter`", "`millimeter`")),
    ],
)
def test_unit_of_a_layer(gep: Gep, place: Path, unit: str | None, code: str, essential: tuple[str, ...]):
    refused(gep, projects.write(place, layers={"precipitation": {"units": unit}}), code, "precipitation", *essential)


def test_layer_without_a_value(gep: Gep, place: Path):
    refused(
        gep,
        with_raster(place, "precipitation", np.nan),
        "N05",
        "no value anywhere inside the outline",
        "precipitation.tif",
    )


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_undeclared_fill_value(gep: Gep, place: Path, dtype: str):
    rain = np.full((projects.ROWS, projects.COLS), 1000.0)
    rain[:6] = -9999  # a fifth of the rows
    project = with_raster(place, "precipitation", rain, dtype=dtype, nodata=None)
    refused(gep, project, "N02", "The value -9999", "nodata = -9999", "[layers.precipitation]", "of the area")


def test_values_that_cannot_be(gep: Gep, place: Path):
    et = np.full((projects.ROWS, projects.COLS), 600.0)
    et[:3] = 7777  # a tenth of the rows; more evaporates nowhere than 5000 mm a year
    refused(
        gep,
        with_raster(place, "evapotranspiration", et),
        "R01",
        "600 to 7777 mm/year",
        "-100 to 5000 mm/year",
        "Some values",
    )


def test_values_that_cannot_be_are_shown_in_the_users_unit(gep: Gep, place: Path):
    """Tenths of a degree taken for degrees: 120 degC is no annual mean, 12 degC is."""
    tenths = np.linspace(120, 180, projects.ROWS * projects.COLS).reshape(projects.ROWS, projects.COLS)
    project = with_raster(
        place,
        "t",
        tenths,
        {"layers": {"air_temperature": {"path": "t.tif", "units": "degC"}}},
        dtype="int16",
        nodata=-999,
    )
    refused(gep, project, "R01", "120 to 180 degC", "scale = 0.1", run_says=False)


def test_a_scale_that_the_place_excludes_is_an_error(gep: Gep, place: Path):
    said = gep("check", with_raster(place, "precipitation", 10000.0), "--json")
    assert said.code == 4
    (problem,) = said.of("U20", "error")
    assert problem["subject"] == "precipitation"
    assert "10,000 mm/year" in problem["found"]


def test_waived_by_name_and_reason(gep: Gep, place: Path, tmp_path: Path):
    waiver = {code: {"by": "Li Ming", "reason": "irrigated oasis"} for code in ("R01", "B20")}
    project = with_raster(place, "evapotranspiration", 7000.0, {"waivers": waiver})
    said = gep("run", project, "--out", tmp_path / "out", "--json")
    assert said.code == 0
    (problem,) = said.of("R01", "warning")
    assert "Waived by Li Ming: irrigated oasis" in problem["message"]
    assert gep("check", project).code == 0


def test_waiver_needs_a_name_and_a_reason(gep: Gep, place: Path):
    refused(gep, projects.write(place, waivers={"R01": {"by": "Li Ming"}}), "P02", "`reason` is missing", code=3)


# land cover -----------------------------------------------------------------------------------------------------------


def test_codes_without_a_class(gep: Gep, place: Path):
    cover = projects.landscape()
    cover[:, :4] = 77  # 4 of 40 columns: a tenth of 1281.6 km2
    project = with_raster(place, "landcover", cover, dtype="uint8", nodata=0)
    refused(
        gep,
        project,
        "L01",
        "The code 77 is not in the scheme clcd",
        "128.2 km²",
        "10.00%",
        "[land_cover.map]",
        "landcover.tif",
    )
    assert not gep("check", project, "--json").of("N03", "warning"), (
        "what has an unknown code is not without land cover"
    )


def test_wrong_scheme(gep: Gep, place: Path):
    project = with_raster(place, "landcover", projects.landscape() + 100, dtype="uint8", nodata=0)
    refused(gep, project, "L01", "the land cover of another scheme", "scheme")


def test_land_cover_of_fractions(gep: Gep, place: Path):
    refused(gep, with_raster(place, "landcover", projects.landscape() + 0.5), "L01", "whole numbers", "1.5")


def test_slip_in_a_class_is_a_warning(gep: Gep, place: Path):
    said = gep("check", projects.write(place, land_cover={"map": {"2": "forest/evergren_broadleaf"}}), "--json")
    (problem,) = said.of("L02", "warning")
    assert 'Did you mean "forest/evergreen_broadleaf"?' in problem["message"]


# zones ----------------------------------------------------------------------------------------------------------------


def test_zone_file_missing(gep: Gep, place: Path):
    refused(gep, without(projects.write(place), "counties.geojson"), "F01", "zones", "does not exist")


def test_zones_without_the_column(gep: Gep, place: Path):
    refused(
        gep, projects.write(place, zones={"code": "adcode"}), "Z01", "`adcode`", "`name_zh`", "Did you mean `code`?"
    )


def test_zones_overlap(gep: Gep, place: Path):
    project = projects.write(place)
    projects.counties(place / "counties.geojson", overlap=0.05)  # of 0.2 degrees: a quarter
    refused(gep, project, "Z04", "`0101` (西县) and `0102` (东县) overlap", "0.25 of the smaller zone")


def test_zones_elsewhere(gep: Gep, place: Path):
    project = projects.write(place)
    projects.counties(place / "counties.geojson", shift=10)
    refused(gep, project, "G02", "land_cover", "does not touch the area", "longitude 110.00")


def test_zones_without_a_code(gep: Gep, place: Path):
    project = projects.write(place)
    projects.counties(place / "counties.geojson", codes=("0101", ""))
    refused(gep, project, "Z02", "no code", "row 2")


# tables ---------------------------------------------------------------------------------------------------------------


RICE = "0101,crop_products/rice,quantity"
FIRST = f"statistics.csv, line {len(projects.STATISTICS) + 2}"
"""Where the first row that a test adds stands: the heading is line 1."""


@pytest.mark.parametrize(
    ("row", "code", "essential"),
    [
        (f"{RICE},100,km2,2020,,x", "U02", ("`km2` cannot be the unit of a product's quantity", "t, m^3 or head")),
        (f"{RICE},100,,2020,,x", "U01", ("the unit is missing",)),
        ("0101,population,quantity,100,t,2020,,x", "U02", ("`t` cannot be turned into `person`",)),
        (f"{RICE},约100,t,2020,,x", "T03", ("`value` is not a number", "约100")),
        (f'{RICE},"1,234.5",t,2020,,x', "T03", ("separators", "Write 1234.5")),
        (f"{RICE},1_234,t,2020,,x", "T03", ("separators", "Write 1234")),
        (f"{RICE},1,234,t,2020,,x", "T02", ("more cells than the heading", "without separators")),
        (f"{RICE},100,t,2020年,,x", "T03", ("`year` is not a year", "2020年")),
        (f"{RICE},-100,t,2020,,x", "T10", ("cannot be negative", "-100")),
        ("101,crop_products/rice,quantity,100,t,2020,,x", "T04", ("no zone `101`", "Did you mean `0101`?")),
        (",crop_products/rice,quantity,100,t,2020,,x", "T04", ("The zone is not given",)),
        ("0101,crop_product/rice,quantity,100,t,2020,,x", "T05", ("no item `crop_product/rice`", "`crop_products`")),
        ("0101,so2_emission/power,quantity,100,t,2020,,x", "T05", ("Write `so2_emission`",)),
        ("0101,population,price,100,person,2020,,x", "T05", ("population is a quantity",)),
        (
            "0101,crop_products/rice,quantities,100,t,2020,,x",
            "T05",
            ("no measure `quantities`", "Did you mean `quantity`?"),
        ),
        ("0101,so2_emission,quantity,100,t,2020,,x", "T06", ("twice", "line 2")),
    ],
)
def test_row_of_a_table(gep: Gep, place: Path, row: str, code: str, essential: tuple[str, ...]):
    project = projects.write(place)
    projects.table(place / "statistics.csv", row)
    refused(gep, project, code, FIRST, *essential)


def test_no_such_table(gep: Gep, place: Path):
    refused(gep, without(projects.write(place), "statistics.csv"), "F01", "no such table", "statistics.csv")


def test_table_without_a_column(gep: Gep, place: Path):
    project = projects.write(place)
    projects.table(place / "statistics.csv", heading=projects.HEADING.replace("measure", "measures"))
    refused(gep, project, "T02", "lacks the column `measure`", "Did you mean `measures`?")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.csv", bytes(range(256)) * 4),
        ("s.xlsx", b"zone,item"),
        ("s.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)),
    ],
)
def test_file_that_is_no_table(gep: Gep, place: Path, name: str, content: bytes):
    project = projects.write(place, tables={"statistics": name})
    (place / name).write_bytes(content)
    refused(gep, project, "F01", "statistics", name, "XLSX")


def test_empty_table_is_a_warning(gep: Gep, place: Path):
    project = projects.write(place)
    projects.table(place / "statistics.csv", keep=())
    (problem,) = gep("check", project, "--json").of("T09", "warning")
    assert "no rows" in problem["message"]


def test_name_that_two_zones_share_is_no_zone(gep: Gep, place: Path):
    project = projects.write(place)
    (place / "counties.geojson").write_text(
        (place / "counties.geojson").read_text(encoding="utf-8").replace("西县", "东县"), encoding="utf-8"
    )
    projects.table(place / "statistics.csv", "东县,crop_products/rice,quantity,100,t,2020,,x")
    refused(gep, project, "T04", "`东县` may be several zones: 0101, 0102")


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_tables_as_spreadsheets_save_them(gep: Gep, place: Path, tmp_path: Path, encoding: str, separator: str):
    project = projects.write(place)
    expected = gep("run", project, "-o", tmp_path / "a", "--json").document["digest"]
    text = (place / "statistics.csv").read_text(encoding="utf-8").replace(",", separator).replace("0101", "西县")
    (place / "statistics.csv").write_text(text, encoding=encoding)
    said = gep("run", project, "-o", tmp_path / "b", "--json")
    assert said.code == 0, said.out
    assert said.document["digest"] == expected


# coefficients and prices ----------------------------------------------------------------------------------------------


def with_coefficients(place: Path, *rows: str) -> Path:
    project = projects.write(place, coefficients={"override": "mine.csv"})
    projects.table(place / "mine.csv", *rows, heading=projects.COEFFICIENT_HEADING, keep=())
    return project


@pytest.mark.parametrize(
    ("row", "essential"),
    [
        ("runoff_coefficient,forrest,,5,percent,,report", ("no ecosystem `forrest`", "Did you mean `forest`?")),
        ("runoff_coefficient,forest,,five,percent,,report", ("`value` is not a number", "five")),
        ("reservoir_cost,,,8,CNY/m^3,,report", ("price_year",)),
        ("runoff_coefficient,forest,,5,percent,,", ("needs a source",)),
    ],
)
def test_row_of_an_override(gep: Gep, place: Path, row: str, essential: tuple[str, ...]):
    refused(gep, with_coefficients(place, row), "C03", "mine.csv, line 2", *essential)


def test_no_such_override(gep: Gep, place: Path):
    refused(gep, projects.write(place, coefficients={"override": "mine.csv"}), "F01", "mine.csv", "no such file")


def test_override_that_is_no_text(gep: Gep, place: Path):
    project = projects.write(place, coefficients={"override": "mine.csv"})
    (place / "mine.csv").write_bytes(bytes(range(256)))
    refused(gep, project, "F01", "mine.csv", "not text")


@pytest.mark.parametrize(
    ("row", "essential"),
    [
        ("runof_coefficient,forest,,5,percent,,report", "Did you mean `runoff_coefficient`"),
        ("runoff_coefficient,forest,evergren_broadleaf,5,percent,,report", "Did you mean `evergreen_broadleaf`"),
    ],
)
def test_override_without_effect_is_a_warning(gep: Gep, place: Path, row: str, essential: str):
    (problem,) = gep("check", with_coefficients(place, row), "--json").of("C10", "warning")
    assert essential in problem["message"]
    assert problem["place"] == "mine.csv, line 2"


def test_price_year_that_the_index_does_not_reach(gep: Gep, place: Path):
    """The index begins with the change of 1990 over 1989."""
    refused(gep, projects.write(place, study={"price_year": 1985}), "C05", "covers 1989 to", "1985", "price_year")


def test_price_of_a_year_that_the_index_does_not_reach(gep: Gep, place: Path):
    project = projects.write(place)
    projects.table(place / "statistics.csv", "0101,crop_products/rice,value,1,亿元,2020,1980,x")
    refused(gep, project, "C05", FIRST, "1980", "covers 1989 to")


# what still goes wrong ------------------------------------------------------------------------------------------------


def test_errors_of_zones_and_tables_are_said_beside_those_of_land_cover(gep: Gep, place: Path):
    project = projects.write(place, zones={"code": "adcode"})
    (place / "landcover.tif").unlink()
    projects.table(place / "statistics.csv", f"{RICE},ten,t,2020,,x")
    assert {"F01", "Z01", "T03"} <= {p["code"] for p in gep("check", project, "--json").document["problems"]}


def test_check_lists_everything_beside_an_override_of_the_wrong_dimension(gep: Gep, place: Path):
    project = with_coefficients(place, "runoff_coefficient,forest,,5,kg,,report")
    refused(gep, project, "U02", "mine.csv, line 2", "`kg` does not measure the same kind of thing as `percent`")


def test_check_lists_everything_beside_land_cover_of_fractions(gep: Gep, place: Path):
    project = with_raster(place, "landcover", projects.landscape() + 0.5, {"layers": {"ndvi": {"path": "t.tif"}}})
    assert {"L01", "F01"} <= {p["code"] for p in gep("check", project, "--json").document["problems"]}
