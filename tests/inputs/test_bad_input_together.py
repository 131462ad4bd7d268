"""Several faults of a project at once: each is said, once."""

from __future__ import annotations

from pathlib import Path

import projects
import pytest
from projects import Gep


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "project"


# together -------------------------------------------------------------------------------------------------------------


def test_all_errors_at_once(gep: Gep, place: Path):
    project = projects.write(
        place,
        layers={
            "precipitation": {"units": "mm"},
            "evapotranspiration": {"path": "et.tif"},
            "elevation": {"path": "dem.tif", "units": "m"},
            "ndvi": {"path": "landcover.tif"},
        },
        coefficients={"override": "mine.csv", "more": "none.csv"},
    )
    projects.table(
        place / "mine.csv", "reservoir_cost,,,8,CNY/m^3,,report", heading=projects.COEFFICIENT_HEADING, keep=()
    )
    projects.raster(place / "dem.tif", 500, crs=None)
    projects.table(place / "statistics.csv", "0103,crop_products/rice,quantity,ten,t,2020,,x")
    expected = {
        ("U02", "precipitation"),
        ("F01", "evapotranspiration"),
        ("G01", "elevation"),
        ("U01", "ndvi"),
        ("C03", "reservoir_cost"),
        ("F01", "none"),
        ("T03", "statistics"),
        ("T04", "statistics"),
    }
    for command in ("run", "check"):
        said = gep(command, project, "--json")
        assert said.code == 4
        assert expected <= {(p["code"], p["subject"]) for p in said.document["problems"] if p["severity"] == "error"}
    printed = gep("run", project).err
    assert all(f"{code} error {subject}" in printed or f"{code} error" in printed for code, subject in expected)
    assert not list(Path.cwd().iterdir())


def test_folder_that_holds_something_else(gep: Gep, place: Path, tmp_path: Path):
    project, folder = projects.write(place), tmp_path / "photos"
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"x")
    said = gep("run", project, "--out", folder)
    assert said.code == 2
    assert "holiday.jpg" in said.err
    assert "left as it is" in said.err
    assert [path.name for path in folder.iterdir()] == ["holiday.jpg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "photos", "project"]


@pytest.mark.parametrize("out", ["taken", "taken/inside"])
def test_file_in_place_of_the_folder(gep: Gep, place: Path, out: str):
    Path("taken").write_text("x")
    said = gep("run", projects.write(place), "--out", out)
    assert said.code == 2
    assert "taken" in said.err
    assert Path("taken").read_text() == "x"
