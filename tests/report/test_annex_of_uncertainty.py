"""A7 and what the report says of uncertainty: there where it was asked for of this run, and only there."""

from __future__ import annotations

import json

import openpyxl
import projects
import pytest

from gep.core.errors import UsageError
from gep.report.make import make_report
from gep.report.options import ReportOptions
from gep.report.tables.book import ReportModel
from gep.report.uncertainty import said_of_layers
from gep.standards.profile import load_profile
from gep.study.run import read_run


@pytest.fixture
def gep(tmp_path, monkeypatch, capsys):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def run(gep, tmp_path):
    errors = {"tables": {"crop_products": {"relative_error": 0.1}}}
    kept = ("water_retention", "crop_products", "forestry_products")
    off = {name: {"off": "not what is tested"} for name in load_profile("ndrc-2022").rules if name not in kept}
    project = projects.write(tmp_path / "city", uncertainty=errors, services=off)
    assert gep("run", project, "--out", "run").code == 0
    return tmp_path / "here/run"


def tables_of(run):
    return {table.id: table for table in ReportModel(read_run(run), "en").tables}


def test_the_annex_has_the_numbers_of_the_command(gep, run):
    assert "A7" not in tables_of(run)
    found = gep("uncertainty", run, "--draws", 500, "--json").document
    table = tables_of(run)["A7"]
    rows = {row.key: row for row in table.rows}
    for end in ("value", "lower", "upper"):
        assert rows["total"][end].value == found["total"][end]
        assert rows["service/crop_products"][end].value == found["by_service"]["crop_products"][end]
    assert rows["service/forestry_products"]["lower"].value is None
    first = {driver["name"]: driver["first"] for driver in found["drivers"]}
    assert rows["number/tables.crop_products"]["first"].value == first["tables.crop_products"]
    order = list(tables_of(run))
    assert order.index("A7") == order.index("A6") + 1


def test_workbook_and_document_have_it(gep, run):
    pytest.importorskip("docx")
    from docx import Document

    assert gep("uncertainty", run, "--draws", 500).code == 0
    made = make_report(read_run(run), run, ["xlsx", "docx"], ReportOptions("zh"))
    assert {"report.xlsx", "open.xlsx", "report.docx"} <= {file["file"] for file in made.files}
    assert "A7" in openpyxl.load_workbook(run / "open.xlsx").sheetnames
    words = "\n".join(paragraph.text for paragraph in Document(str(run / "report.docx")).paragraphs)
    assert "未知部分未计入区间" in words
    assert "本次运行未计算不确定性区间" not in words


def test_what_is_of_another_run_is_not_shown_and_what_is_damaged_is_told(gep, run):
    assert gep("uncertainty", run, "--draws", 500).code == 0
    path = run / "uncertainty.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "run_id": "of another"}), encoding="utf-8")
    assert "A7" not in tables_of(run)
    for text in (json.dumps({**document, "total": 3}), "{}", "{"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=r"uncertainty\.json .*`gep uncertainty` writes this file anew"):
            tables_of(run)


def test_that_cells_of_a_layer_are_wrong_together_is_said_of_layers_alone():
    """Of areas by points on the ground each class has a multiple of its own."""
    found = said_of_layers(["layers.precipitation", "runoff_coefficient[forest]", "layers.land_cover[forest]"])
    assert found is not None
    assert "完全相关" in found.zh
    assert "降水量" in found.zh
    assert "Land cover" not in found
    assert said_of_layers(["tables.crop_products", "layers.land_cover[forest]"]) is None
