"""`gep revisions`: the register of published figures beside a project."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import projects
import pytest
from openpyxl import load_workbook
from projects import Gep

REGISTER = """\
年份,地区,核算项目,版次,公布日期,数值,单位,修订原因,核算编号
2018,,水源涵养,最终核实,2019-10,100,亿元,,a1
2019,,水源涵养,最终核实,2020-10,120,亿元,,a2
2020,,水源涵养,最终核实,2021-10,160,亿元,,a3
2020,,水源涵养,基准修订,2022-10,184,亿元,方法,b3
"""
CAST = 120 * 1.15**0.5
"""Y_1 (Y*_2 / Y_2)^(1/2)."""


@pytest.fixture
def gep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gep:
    (tmp_path / "revisions.csv").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "wrong.csv").write_text(REGISTER.replace("方法", ""), encoding="utf-8")
    return projects.caller(monkeypatch, capsys, tmp_path)


def test_it_is_told_in_both_languages(gep: Gep):
    english, chinese = gep("revisions", ".", "--lang", "en").out, gep("revisions", ".", "--lang", "zh").out
    assert "T09 Revisions of published figures (100 million CNY)" in english
    assert "2018, 2019 are by the old one" in " ".join(english.split())
    assert "表T09 公布数据修订（亿元）" in chinese
    assert "--back-cast parts" in english
    assert "15.00" in english


def test_what_is_back_cast_is_called_so_everywhere(gep: Gep, tmp_path: Path):
    out = gep("revisions", "revisions.csv", "--back-cast", "parts", "--lang", "zh", "--out", "made").out
    assert "推算值，非核算值" in out
    document = json.loads((tmp_path / "made" / "revisions.json").read_text(encoding="utf-8"))
    rows = document["back_cast"]["rows"]
    assert [row["nature"] for row in rows] == ["kept", "back_cast", "published"]
    assert rows[1]["value"] == pytest.approx(CAST * 1e8)
    with (tmp_path / "made" / "T09_back_cast.csv").open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    assert [row["nature_zh"] for row in table] == ["首个基准，不变", "推算值", "公布值"]
    assert float(table[1]["value"]) == pytest.approx(CAST)
    book = load_workbook(tmp_path / "made" / "revisions.xlsx")
    assert book.sheetnames == ["T09", "T09_statistics", "T09_back_cast"]
    cells = [str(cell.value) for row in book["T09_back_cast"].iter_rows() for cell in row if cell.value]
    assert "推算值" in cells
    assert any("趋势离差法" in cell for cell in cells)


def test_as_json(gep: Gep):
    document = gep("revisions", "--json").document
    assert set(document) == {"schema", "revisions", "statistics", "breaks", "back_cast", "notes"}
    (revision,) = document["revisions"]
    assert (revision["reason"], revision["run_id_before"], revision["run_id"]) == ("method", "a3", "b3")
    assert revision["share"] == pytest.approx(0.15)
    (broken,) = document["breaks"]
    assert (broken["old_years"], broken["new_years"]) == ([2018, 2019], [2020])


def test_a_register_that_cannot_be_read_writes_nothing(gep: Gep, tmp_path: Path):
    said = gep("revisions", "wrong.csv", "--out", "made", "--lang", "en")
    assert said.code != 0
    assert "A revision without a reason" in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "made").exists()
    assert "register of published figures" in gep("revisions", "nowhere", "--lang", "en").err
