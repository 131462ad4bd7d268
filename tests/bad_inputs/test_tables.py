"""Tables and units that are wrong: each mistake is refused with its code, none is read in silence."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gep.core.data import read_toml
from gep.core.errors import GepError, UnitError
from gep.core.units import linear
from gep.inputs.tables import read_tables

HEADING = ["zone", "item", "measure", "value", "unit"]
WHEAT = ["1", "crop_products/wheat", "value", 60, "CNY"]
CORN = ["2", "crop_products/corn", "value", 40, "CNY"]
ZONES = {"1": "East", "2": "West"}


def codes(path: Path) -> set[str]:
    return {problem.code for problem in read_tables({"t": path}, ZONES, 2020)[1]}


def csv_of(path: Path, *rows: list[object], separator: str = ",") -> Path:
    path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([WHEAT, CORN, ["1", "crop_products", "value", 60, "CNY"]], "T06"),
        ([WHEAT, CORN, ["_city", "crop_products", "value", 100, "CNY"]], "T06"),
        ([WHEAT, ["_city", "crop_products/wheat", "value", 60, "CNY"]], "D20"),
        (
            [["1", "external_value/crop_products", "value", 6, "CNY"],
             ["_city", "external_value/crop_products", "value", 6, "CNY"]],
            "D20",
        ),
        ([["1", "gdp", "value", 6, "CNY"], ["1", "gdp", "quantity", 7, "CNY"]], "D21"),
        (
            [["1", "travel_cost", "price", 100, "CNY/visit"], ["1", "travel_cost", "quantity", 900, "CNY/visit"]],
            "D21",
        ),
        ([["1", "crop_products/wheat", "value", "１００", "CNY"]], "T03"),
        ([["1", "crop_products/wheat", "value", 6, "/"]], "U02"),
        ([["1", "crop_products/wheat", "value", 6, "()"]], "U02"),
        ([["1", "crop_products/wheat", "value", 6, "9^9^9^9 CNY"]], "U02"),
    ],
)  # fmt: skip
def test_rows_that_contradict_or_cannot_be_read(tmp_path: Path, rows: list[list[object]], code: str) -> None:
    """Findings F1, F5, F6, F22: totals beside parts, one item by two measures, towers of powers."""
    assert codes(csv_of(tmp_path / "t.csv", HEADING, *rows)) == {code}


def test_sound_rows_have_no_problem(tmp_path: Path) -> None:
    statistics, problems = read_tables({"t": csv_of(tmp_path / "t.csv", HEADING, WHEAT, CORN)}, ZONES, 2020)
    assert (problems, sum(row.value or 0 for row in statistics)) == ([], 100)


@pytest.mark.parametrize(
    ("written", "advice", "never"), [("100,5", "100.5", "1005"), ("0,125", "0.125", "0125"), ("1,000", "1.000", "")]
)
def test_the_advice_for_a_comma_never_drops_decimals(tmp_path: Path, written: str, advice: str, never: str) -> None:
    path = csv_of(tmp_path / "t.csv", HEADING, [*WHEAT[:3], written, "CNY"], separator=";")
    (found,) = read_tables({"t": path}, ZONES, 2020)[1]
    assert found.code == "T03"
    assert advice in found.do
    assert not never or never not in found.do


def test_one_heading_twice(tmp_path: Path) -> None:
    """Finding F7."""
    assert codes(csv_of(tmp_path / "t.csv", [*HEADING, "value"], [*WHEAT, 61])) == {"T02"}
    book = Workbook()
    for row in ([*HEADING, "value"], [*WHEAT, 61]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert codes(tmp_path / "t.xlsx") == {"T02"}


@pytest.mark.parametrize(("state", "expected"), [("hidden", set()), ("visible", {"F21"})])
def test_which_sheet(tmp_path: Path, state: str, expected: set[str]) -> None:
    book = Workbook()
    for sheet in (book.active, book.create_sheet("now")):
        sheet.append(HEADING)
        sheet.append(WHEAT)
    book.worksheets[0].sheet_state = state
    book.active = 1
    book.save(tmp_path / "t.xlsx")
    assert codes(tmp_path / "t.xlsx") == expected


def test_the_second_sheet_is_read_where_only_it_fits(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Notes"])
    sheet = book.create_sheet("data")
    sheet.append(HEADING)
    sheet.append(WHEAT)
    sheet["XFD3"] = "stray"
    book.save(tmp_path / "t.xlsx")
    statistics, problems = read_tables({"t": tmp_path / "t.xlsx"}, ZONES, 2020)
    assert (problems, [row.value for row in statistics]) == ([], [60])


def test_a_formula_without_result_and_a_chart_only(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADING)
    book.active.append([*WHEAT[:3], "=3*20", "CNY"])
    book.save(tmp_path / "t.xlsx")
    assert codes(tmp_path / "t.xlsx") == {"F22"}
    chart = Workbook()
    chart.remove(chart.active)
    chart.create_chartsheet("chart")
    chart.save(tmp_path / "c.xlsx")
    assert codes(tmp_path / "c.xlsx") == {"F01"}
    (tmp_path / "b.xlsx").write_bytes(b"PK\3\4 no workbook")
    assert codes(tmp_path / "b.xlsx") == {"F01"}


@pytest.mark.parametrize("text", ["/", "()", "1e400 m", "(" * 5000 + "m" + ")" * 5000, "9^9^9^9 m", "元/"])
def test_a_text_that_is_no_unit(text: str) -> None:
    """Finding F22."""
    with pytest.raises(UnitError):
        linear(text, "m")


def test_units_of_soil_maps_and_markets() -> None:
    assert linear("dg/kg", "g/kg")[0] == 0.1
    assert linear("元/斤", "元/公斤")[0] == 2


def test_brackets_too_deep(tmp_path: Path) -> None:
    """Finding F23."""
    (tmp_path / "gep.toml").write_text("a = " + "[" * 100_000, encoding="utf-8")
    with pytest.raises(GepError):
        read_toml(tmp_path / "gep.toml")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=80), st.lists(st.sampled_from(["1", "_city", "wheat", "crop_products", "=1", ",", "\n", '"']))
)
def test_no_bytes_end_in_a_traceback(raw: bytes, words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "t.csv")
        table.write_bytes(",".join(HEADING).encode() + b"\n" + ",".join(words).encode() + raw)
        statistics, problems = read_tables({"t": table}, ZONES, 2020)
        assert statistics or problems
        project = Path(folder, "gep.toml")
        project.write_bytes(b"a = " + raw)
        with contextlib.suppress(GepError):
            assert isinstance(read_toml(project), dict)
