"""Accounts beside GEP as they are printed and written."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.console import Console
from small_asset_account import small_account

from gep.report.assets import show_accounts, show_figure, write_accounts
from gep.report.tables.assets import report_table
from gep.report.tables.model import text_of


def printed(show):
    out = io.StringIO()
    show(Console(file=out, width=100, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize(("language", "words"), [("en", ("area (hm²)", "not known")), ("zh", ("面积（公顷）", "不详"))])
def test_printed(language, words):
    text = printed(lambda out: show_accounts([small_account()], out, language))
    assert all(word in text for word in (*words, "15.00"))


def test_a_figure_taken_apart():
    text = printed(lambda out: show_figure(small_account(), "extent", "A", "area", out, "en"))
    assert "150000 m²" in text
    assert "given: here" in text


def test_written(tmp_path):
    paths = write_accounts([small_account()], tmp_path)
    assert [path.name for path in paths] == ["extent.json", "extent_extent.csv"]
    assert json.loads(paths[0].read_text(encoding="utf-8"))["schema"] == "gep.assets/1"
    (row,) = csv.DictReader(paths[1].open(encoding="utf-8"))
    assert float(row["area [hm^2]"]) == pytest.approx(15)
    assert row["lost [hm^2]"] == "not known"


def test_as_reports_render_it():
    table = report_table(small_account().document()["tables"][0])
    (row,) = table.rows
    assert [text_of(table.cell(row, column), "zh") for column in table.columns] == ["甲", "15.00", "不详"]
