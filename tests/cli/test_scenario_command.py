"""`gep scenario`: a small city whose change can be worked out by hand.

Eight cells of one square kilometre of needle-leaved forest at 1000 mm of rain: a cell that becomes steppe keeps
(0.0452 - 0.0394) m more water, at 10 CNY/m3.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from builders import ALPHA, FOREST, KM2, STEPPE, block, own_coefficients, raster, services_but, write_project, zones
from openpyxl import load_workbook
from projects import Gep

from gep.study.folder import write_run
from gep.study.study import Study

SHAPE = (2, 4)
OF_CELL = (ALPHA[FOREST] - ALPHA[STEPPE]) * KM2 * 10


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenario")
    layers = {name: raster(np.full(SHAPE, of), "mm/year") for name, of in _LAYERS.items()}
    path = write_project(
        folder / "city",
        raster(np.full(SHAPE, FOREST, dtype=np.uint8)),
        layers,
        zones(block(0, 0, 2, 2), block(2, 0, 4, 2)),
    )
    own_coefficients(folder / "city", ("reservoir_cost", "", 10.0, "CNY/m^3", 2019))
    off = "\n".join(f'{name} = {{ off = "not what is tested" }}' for name in services_but("water_retention"))
    rule = '[scenarios.burnt]\nen = "Burnt"\nzh = "过火"\nbecomes = { forest = "grassland/temperate_steppe" }\n'
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[coefficients]\noverride = "own.csv"\n[services]\n{off}\n{rule}', encoding="utf-8")
    write_run(Study.open(path).run(), folder / "run", [f"project {path}"])
    zones(block(0.5, 0, 3, 1)).to_file(folder / "parcel.geojson")
    zones(block(0, 0, 2, 1), block(1, 0, 3, 1)).to_file(folder / "twice.gpkg")
    return folder


_LAYERS = {"precipitation": 1000.0, "evapotranspiration": 600.0}


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, home)


def near(number: float) -> Any:
    """Equal but for the rounding of coordinates in degrees."""
    return pytest.approx(number, rel=1e-6)


def test_as_json_of_a_run_and_of_its_project(gep: Gep):
    said = gep("scenario", "run", "burnt", "--where", "parcel.geojson", "--share", "0.5", "--json")
    assert said.code == 0, said.err
    document = said.document
    assert document["schema"] == "gep.scenario.v1"
    assert document["total"]["change"] == near(0.5 * 2.5 * OF_CELL)
    assert document["by_zone"]["101"]["change"] == near(0.5 * 1.5 * OF_CELL)
    assert {row["zone"]: row["change"] for row in document["rows"]} == {
        "101": near(0.75 * OF_CELL),
        "102": near(0.5 * OF_CELL),
    }
    assert document["stale"] == [{"layer": "evapotranspiration", "services": ["water_retention"]}]
    again = gep("scenario", "city", "burnt", "--where", "parcel.geojson", "--share", "0.5", "--json").document
    assert again == document


def test_damage_over_years(gep: Gep):
    """Linear over four years: 7/8, 5/8, 3/8 and 1/8 of a year, discounted at 3 %."""
    options = ("--worth", "damage", "--years", "4", "--course", "linear", "--rate", "0.03")
    worth = gep("scenario", "run", "burnt", "--where", "parcel.geojson", *options, "--json").document["worth"]
    loss = -2.5 * OF_CELL
    assert worth["year"]["value"] == near(loss)
    assert worth["sum"] == near(2 * loss)
    shares = (7 / 8, 5 / 8, 3 / 8, 1 / 8)
    assert worth["total"]["value"] == near(sum(loss * of / 1.03 ** (k + 1) for k, of in enumerate(shares)))


def test_both_languages_say_what_the_figures_do_not_show(gep: Gep):
    english = gep("scenario", "run", "burnt", "--where", "parcel.geojson").out
    chinese = gep("scenario", "run", "burnt", "--where", "parcel.geojson", "--lang", "zh").out
    assert "Burnt: 250.00 hm² become Temperate steppe." in english
    assert "`evapotranspiration` still belongs to the old cover; on it rests Water retention." in english
    assert "过火：250.00 公顷转为温带草原。" in chinese
    assert "`evapotranspiration` 仍属原土地覆盖，影响水源涵养。" in chinese


def test_files(gep: Gep, tmp_path: Path):
    pytest.importorskip("matplotlib")
    said = gep("scenario", "run", "burnt", "--where", "parcel.geojson", "--out", tmp_path / "out", "--worth", "benefit")
    assert said.code == 0, said.err
    out = tmp_path / "out"
    rows = list(csv.DictReader((out / "S_zone.csv").open(encoding="utf-8-sig")))
    assert {row["key"]: float(row["change"]) for row in rows}["102"] * 1e3 == near(OF_CELL)
    assert "S_worth" in load_workbook(out / "scenario.xlsx").sheetnames
    parcel = json.loads((out / "parcels.geojson").read_text(encoding="utf-8"))["features"][0]
    assert parcel["properties"] == {"rule": "burnt", "share": 1.0}
    assert {path.name for path in (out / "pictures").glob("*.png")} == {"S1.png", "S2.png"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("degrade", "--where", "parcel.geojson"), 2, "Did you mean `degraded`"),
        (("burnt", "--where", "twice.gpkg", "--share", "2"), 4, "Z04"),
        (("burnt", "--where", "twice.gpkg", "--share", "2"), 4, "The share is 2"),
        (("burnt", "--where", "none.geojson", "--rate", "5", "--years", "-1"), 4, "Is 0.05 meant"),
        (("burnt", "--where", "none.geojson"), 4, "relative to the folder you are in"),
        (("burnt", "--where", "parcel.geojson", "--years", "3"), 2, "--worth damage"),
        (("burnt", "--where", "parcel.geojson", "--set", "ndvi"), 2, "not a layer with its value"),
        (("burnt", "--where", "parcel.geojson", "--out", "run"), 2, "Name another folder"),
        (("reforested", "--where", "parcel.geojson"), 2, "changes nothing"),
    ],
)
def test_what_is_refused(gep: Gep, home: Path, arguments: tuple[str, ...], code: int, said: str):
    before = sorted(path.name for path in home.rglob("*"))
    found = gep("scenario", "run", *arguments)
    assert (found.code, said in found.err) == (code, True), found.err
    assert sorted(path.name for path in home.rglob("*")) == before
