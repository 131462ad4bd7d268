"""`gep init --from FOLDER`: a project drafted from a folder of data, with what has to be confirmed."""

import re

import projects
import pytest
import typer

from gep.cli import init as command
from gep.inputs.project import read_project
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
    monkeypatch.setattr(typer, "confirm", lambda text, **_: "GCJ-02" in text)
    monkeypatch.setattr(command.sys.stdin, "isatty", lambda: True, raising=False)
    done = gep("init", tmp_path / "new", "--from", data, "--lang", "en")
    assert done.code == 0
    assert not QUESTION.findall(done.out)
    study = completed(tmp_path / "new").study
    assert (study.name, study.year) == ("Our city", 2020)
    assert len(asked) >= 3
    assert "# TO CONFIRM" not in (tmp_path / "new" / "gep.toml").read_text(encoding="utf-8")
