"""`gep init --from FOLDER`: a project drafted from a folder of data, with what has to be confirmed."""

import re

import projects
import pytest
import typer
from filled_forms import call
from openpyxl import Workbook

from gep.cli import init as command
from gep.inputs.project import read_project
from gep.inputs.spec import spec_of_project
from gep.inputs.tables import read_tables
from gep.study.sample.city import write_sample_city

QUESTION = re.compile(r"^To confirm, \[([\w.]+)\] ?(\w*): ", re.MULTILINE)


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The files of the sample city without its project file."""
    folder = tmp_path_factory.mktemp("city")
    write_sample_city(folder)
    (folder / "gep.toml").unlink()
    return folder


def completed(folder):
    """The drafted project once its codes are assigned, which nobody can guess."""
    path = folder / "gep.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('# 21 = "ecosystem/class"', '21 = "grassland"'), encoding="utf-8")
    return read_project(folder)


def test_a_project_is_drafted(gep, data, tmp_path):
    done = gep("init", tmp_path / "new", "--from", data, "--no-input", "--lang", "en")
    assert done.code == 0
    project = completed(tmp_path / "new")
    assert (project.land_cover.scheme, project.zones.code) == ("custom", "code")
    assert {"elevation", "ndvi", "monthly_precipitation", "soil_sand"} <= set(project.layers)
    assert (tmp_path / "new" / project.tables["statistics"]).resolve() == data / "statistics.csv"
    assert ("land_cover", "scheme") in QUESTION.findall(done.out)
    text = (tmp_path / "new" / "gep.toml").read_text(encoding="utf-8")
    assert len(re.findall("^# TO CONFIRM[ :](?!marks)", text, re.MULTILINE)) == len(QUESTION.findall(done.out))


def test_the_folder_of_the_data_may_take_it(gep, data, tmp_path):
    (tmp_path / "copy").mkdir()
    for file in data.iterdir():
        (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    assert gep("init", tmp_path / "copy", "--from", tmp_path / "copy", "--no-input").code == 0
    assert completed(tmp_path / "copy").land_cover.path == "land_cover.tif"


def test_a_project_that_is_there_stays(gep, data, tmp_path):
    (tmp_path / "gep.toml").write_text("mine")
    done = gep("init", tmp_path, "--from", data, "--no-input", "--lang", "en")
    assert (done.code, (tmp_path / "gep.toml").read_text()) == (2, "mine")
    assert "is there already" in done.err


@pytest.mark.parametrize(("name", "said"), [("nowhere", "There is no folder"), ("empty", "Nothing that an account")])
def test_a_folder_without_data_is_said(gep, tmp_path, name, said):
    (tmp_path / "empty").mkdir()
    done = gep("init", tmp_path / "new", "--from", tmp_path / name, "--no-input", "--lang", "en")
    assert (done.code, said in done.err, (tmp_path / "new").exists()) == (2, True, False)


def test_at_a_terminal_it_is_asked(gep, data, tmp_path, monkeypatch):
    asked = []

    def prompt(text, default, **_):
        asked.append(text)
        return {"year": "2020", "name": "Our city"}.get(text.partition("] ")[2].partition(":")[0], default)

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(typer, "confirm", lambda text, **_: True)  # all that has no key
    monkeypatch.setattr(command.sys.stdin, "isatty", lambda: True, raising=False)
    done = gep("init", tmp_path / "new", "--from", data, "--lang", "en")
    assert done.code == 0
    assert not QUESTION.findall(done.out)
    study = completed(tmp_path / "new").study
    assert (study.name, study.year) == ("Our city", 2020)
    assert len(asked) >= 3
    assert "# TO CONFIRM" not in (tmp_path / "new" / "gep.toml").read_text(encoding="utf-8")


YEARBOOK = {
    "说明": [["本资料由统计局提供。"], ["常住人口为年末数。"]],
    "1-1": [
        ["1-1 人口和地区生产总值（2020年）"],
        ["地区", "常住人口（万人）", "地区生产总值（亿元）"],
        ["甲县（合成）", 4.6, 23.4],
        ["乙县（合成）", 15.8, 118.6],
        ["丙县（合成）", 3.9, 17.9],
        ["合计", 24.3, 159.9],
    ],
    "5-2": [
        ["5-2 主要农产品产量"],
        ["指标", "单位", "甲县（合成）", "乙县（合成）", "丙县（合成）"],
        ["小麦产量", "吨", 5200, 6900, 4800],
        ["玉米产量", "万吨", 0.91, 1.12, 0.86],
    ],
}
"""Tables as a yearbook prints them: counties down, counties across, and a sheet of words."""


@pytest.fixture(scope="module")
def office(data, tmp_path_factory):
    """The data of an office: maps, a yearbook, a table whose unit nobody wrote, a form that came back."""
    folder = tmp_path_factory.mktemp("office")
    for file in data.iterdir():
        if file.name != "statistics.csv":
            (folder / file.name).write_bytes(file.read_bytes())
    book = Workbook()
    book.remove(book.active)
    for title, rows in YEARBOOK.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / "统计年鉴.xlsx")
    for department in ("水利局", "水文站"):
        (folder / department).mkdir()
        (folder / department / "水利统计.csv").write_text(
            "地区,水库总库容\n甲县（合成）,0\n乙县（合成）,0\n丙县（合成）,1850\n", encoding="utf-8"
        )
    assert call("forms", "make", "ndrc-2022", "--year", "2020", "--out", folder / "报表").exit_code == 0
    return folder


def test_tables_as_offices_have_them(gep, office, tmp_path):
    done = gep("init", tmp_path / "new", "--from", office, "--no-input", "--lang", "zh")
    assert done.code == 0, done.err
    project = completed(tmp_path / "new")
    tables = spec_of_project(project, tmp_path / "new").tables
    assert list(tables) == ["水利统计", "水利统计_2", "统计年鉴_1_1", "统计年鉴_5_2"]
    assert [(table.path.name, table.sheet) for name, table in tables.items() if "年鉴" in name] == [
        ("统计年鉴.xlsx", "1-1"),
        ("统计年鉴.xlsx", "5-2"),
    ]
    statistics, problems = read_tables(
        {name: table for name, table in tables.items() if "年鉴" in name},
        {"990101": "甲县（合成）", "990102": "乙县（合成）", "990103": "丙县（合成）"},
        2020,
    )
    assert {found.severity for found in problems} <= {"information"}
    read = {(row.zone, row.item): (row.value, row.unit) for row in statistics}
    assert read["990102", "population"] == (15.8, "万人")
    assert read["990103", "crop_products/maize"] == (0.86, "万吨")
    text = (tmp_path / "new" / "gep.toml").read_text(encoding="utf-8")
    assert "# 推测：按年鉴式表格读出 6 个数字：`population`、`gdp`" in text
    assert "部门报送表：请用 `gep forms read` 汇总成表" in text
    assert re.search(r"待确认，?.*\[tables\.水利统计\].*unit.*单位", done.out)


def test_an_answer_about_a_table_is_written(gep, office, tmp_path, monkeypatch):
    answers = {"unit": "万立方米", "year": "2020"}
    monkeypatch.setattr(
        typer, "prompt", lambda text, default, **_: next((a for k, a in answers.items() if f"] {k}" in text), default)
    )
    monkeypatch.setattr(typer, "confirm", lambda text, **_: True)
    monkeypatch.setattr(command.sys.stdin, "isatty", lambda: True, raising=False)
    done = gep("init", tmp_path / "new", "--from", office, "--lang", "en")
    assert done.code == 0, done.err
    tables = spec_of_project(completed(tmp_path / "new"), tmp_path / "new").tables
    assert tables["水利统计"].given == {"unit": "万立方米"}
