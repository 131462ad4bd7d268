"""`gep compare --uncertainty`: intervals in the document, the tables, the workbook and the chart."""

from __future__ import annotations

import csv

import openpyxl
import projects
import pytest

from gep.report.tables.model import Units, text_of
from gep.standards.profile import load_profile

FEW = {
    name: {"off": "not what is tested"}
    for name in load_profile("ndrc-2022").rules
    if name not in ("water_retention", "forestry_products")
}
OWN = "coefficient,ecosystem,class,value,unit,low,high,price_year,source\n"
OWN += "runoff_coefficient,forest,,0.04,1,0.02,0.06,,survey\n"


@pytest.fixture
def gep(tmp_path, monkeypatch, capsys):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def test_the_interval_of_a_change(gep, tmp_path):
    """20 % more rain on the same land: the change of the forest follows the runoff in a fifth of the rain alone."""
    for year, rain in ((2020, 1000.0), (2021, 1200.0)):
        folder = tmp_path / str(year)
        study = {"year": year, "price_year": year}
        project = projects.write(folder, study=study, services=FEW, coefficients={"own": "own.csv"})
        projects.raster(folder / "precipitation.tif", rain)
        (folder / "own.csv").write_text(OWN, encoding="utf-8")
        assert gep("run", project, "--out", f"run-{year}").code == 0
    plain = gep("compare", "run-2020", "run-2021", "--json").document
    ended = gep("compare", "run-2020", "run-2021", "--json", "--uncertainty", "--out", "out")
    assert ended.code == 0, ended.err
    document = ended.document
    assert {key: of for key, of in document.items() if key != "uncertainty"} == plain
    found = document["uncertainty"]
    assert found["common"] == ["runoff_coefficient[forest]"]
    total, forest = found["total"], found["by_ecosystem"]["forest"]
    assert total["upper"] - total["lower"] == pytest.approx(forest["upper"] - forest["lower"], rel=1e-9)
    # of runoff between 0.0201 and 0.0599 a fifth of the rain loses that; the level of the year all of the rain
    level = found["series"][-1]
    assert (level["upper"] - level["lower"]) / (total["upper"] - total["lower"]) == pytest.approx(6.0, rel=1e-3)
    assert total["value"] == pytest.approx(plain["total"]["value_at_base_prices"] - plain["total"]["base_value"])
    out = tmp_path / "here/out"
    with (out / "T08_ecosystem.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}
    assert float(rows["forest"]["change_lower"]) == pytest.approx(forest["lower"] / 1e8)
    assert rows["shrub"]["change_lower"] == ""
    if (out / "compare.xlsx").exists():
        cells = [cell.value for row in openpyxl.load_workbook(out / "compare.xlsx")["T08"] for cell in row]
        assert any("95%" in str(cell) for cell in cells)


def test_a_narrow_interval_is_shown_with_its_width():
    """438.627 million CNY between 438.63 and 438.72 are 4.39, 4.39 and 4.39 亿元 at two decimals: no width at all."""
    units = Units("zh")
    shown = [text_of(cell, "zh") for cell in units.interval((438_627_000.0, 438_630_000.0, 438_720_000.0))]
    assert shown == ["4.38627", "4.38630", "4.38720"]
    wide = [text_of(cell, "zh") for cell in units.interval((439e6, 379e6, 499e6))]
    assert wide == ["4.39", "3.79", "4.99"]
    same = [text_of(cell, "zh") for cell in units.interval((4e8, 4e8, 4e8))]
    assert same == ["4.00", "4.00", "4.00"]
    assert [cell.standing for cell in units.interval((4e8, None, None))[1:]] == ["not_given", "not_given"]
