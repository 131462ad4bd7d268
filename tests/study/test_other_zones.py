"""Statistics of counties beside `--zones` of a park: left out with a word, or shared by area.

The two counties of the small project are 20 columns of cells each. The park is the eastern half of the western county
and the western quarter of the eastern one, from top to bottom: in a row of cells of one latitude areas are as columns.
"""

from __future__ import annotations

import json
from pathlib import Path

import projects
import pytest
from projects import Gep

from gep.study.study import Study

WEST_SHARE, EAST_SHARE = 1 / 2, 1 / 4
ROWS = (
    "0101,crop_products/wheat,quantity,10000,t,2020,,x",
    "0101,crop_products/wheat,price,2000,CNY/t,2020,2020,x",
    "0102,crop_products/wheat,quantity,4,万t,2020,,x",
    "0102,crop_products/wheat,price,3000,CNY/t,2020,2020,x",
    "0101,livestock_products,value,10,万元,2020,2020,x",
    "0102,livestock_products,value,20,万元,2020,2020,x",
    "0101,visits,quantity,1000,人次,2020,,x",
    "0101,cooling_days,quantity,90,day,2020,,x",
    "0102,cooling_days,quantity,120,day,2020,,x",
    "_city,fishery_products,value,600,万元,2020,2020,x",
)


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = projects.write(tmp_path / "project")
    projects.table(tmp_path / "project" / "statistics.csv", *ROWS, keep=())
    return path


@pytest.fixture
def park(project: Path) -> Path:
    west, east = projects.WEST + 10 * projects.CELL, projects.WEST + 25 * projects.CELL
    south, north = projects.NORTH - projects.ROWS * projects.CELL, projects.NORTH
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    feature = {
        "type": "Feature",
        "properties": {"code": "P1", "name_zh": "公园", "name_en": "Park"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = project.parent / "park.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_they_are_left_out_with_a_word(project: Path, park: Path):
    study = Study.open(project).with_zones(park)
    assert study.inputs.statistics == ()
    (told,) = [problem for problem in study.inputs.problems if problem.code == "T34"]
    assert (told.severity, "10 figures" in told.message) == ("warning", True)
    assert "未予采用" in told.in_language("zh")


def test_they_are_shared_by_area(project: Path, park: Path):
    """By hand: wheat 1/2 + 4/4 = 1.5 万t at (0.5*2000 + 1*3000)/1.5 CNY/t, animals 10/2 + 20/4 = 10 万元; days are
    the mean by area of 2/3 and 1/3; fish of the whole area by 15 of 40 columns; visits are not given for the east.
    """
    inputs = Study.open(project).with_zones(park, "area").inputs
    found = {(row.zone, row.item, row.measure): row for row in inputs.statistics}
    wheat = found["P1", "crop_products/wheat", "quantity"]
    assert (wheat.value, wheat.unit) == (pytest.approx(1e4 * WEST_SHARE + 4e4 * EAST_SHARE, rel=1e-6), "t/year")
    price = (0.5 * 2000 + 1 * 3000) / 1.5
    assert found["P1", "crop_products/wheat", "price"].value == pytest.approx(price, rel=1e-6)
    assert found["P1", "livestock_products", "value"].value == pytest.approx(10e4, rel=1e-6)
    assert found["P1", "cooling_days", "quantity"].value == pytest.approx(90 * 2 / 3 + 120 / 3, rel=1e-6)
    assert found["_city", "fishery_products", "value"].value == pytest.approx(600e4 * 15 / 40, rel=1e-6)
    assert found["P1", "visits", "quantity"].value is None
    told = {problem.key for problem in inputs.problems if problem.code == "T34"}
    assert told == {"inputs.T34.shared", "inputs.T34.lacking"}


def test_every_output_says_so(gep: Gep, project: Path, park: Path):
    left = gep("run", project, "--zones", park, "-o", "left", "--json")
    assert left.code == 0, left.err
    assert [problem["severity"] for problem in left.of("T34", "warning")] == ["warning"]
    livestock = next(m for m in left.document["missing"] if m["service"] == "livestock_products")
    assert "of other zones than those of the account" in livestock["detail"]
    shared = gep("run", project, "--zones", park, "-o", "shared", "--share-statistics", "area", "--json")
    assert shared.code == 0, shared.err
    assert "livestock_products" not in {m["service"] for m in shared.document["missing"]}
    assert shared.document["by_service"]["livestock_products"] == pytest.approx(10e4, rel=1e-6)
    assert any("shared by the area in common" in problem["message"] for problem in shared.of("T34", "warning"))
    record = json.loads(Path("shared/run.json").read_text(encoding="utf-8"))
    assert record["zones"]["of_tables"]["sharing"] == "area"
    said = gep("run", project, "--share-statistics", "area")
    assert (said.code, "--zones FILE" in said.err) == (2, True)


def test_the_zones_of_the_tables_are_themselves(project: Path):
    """Polygons with the codes of the counties take what the tables report of them."""
    study = Study.open(project)
    same = study.with_zones(study.spec.zones.data)
    assert same.inputs.statistics == study.inputs.statistics
    assert [problem for problem in same.inputs.problems if problem.code == "T34"] == []
