"""Tables and parameters of accounts beside GEP: headings with units in both languages, nothing assumed, every fault
with its place; figures that say what they rest on.
"""

from __future__ import annotations

import pandas as pd
import pytest
from small_asset_account import small_account

from gep.assets.figures import given, made, negative, total
from gep.assets.parameters import Parameters, read_parameters, shipped_parameters
from gep.assets.tables import Column, read_table
from gep.core.errors import AccountError, CoefficientError, InputError, UnitError
from gep.core.messages import Text
from gep.services.carbon_sequestration import fixed_carbon_dioxide

COLUMNS = (
    Column("zone"),
    Column("area", "number", "hm^2", least=0),
    Column("year", "year", is_needed=False),
)
HERE = Text("here", "此处")


def codes(found):
    return sorted(problem.code for problem in found.problems)


@pytest.mark.parametrize("heading", ["area [hm2]", "area (ha)", "面积（公顷）", "面积 [hm^2]"])
def test_headings_of_both_languages(heading):
    read = read_table(pd.DataFrame({"旗县": ["A"], heading: [15]}), COLUMNS)
    assert read.problems == ()
    assert read.rows[0].figure("area").value == 15


@pytest.mark.parametrize(
    ("heading", "number", "most", "range_"),
    [
        ("share [%]", 850, 1, "0 % to 100 %"),
        ("share [1]", 8.5, 1, "0 to 1"),
        ("area [m2]", -1, None, "0 m2 or more"),
    ],
)
def test_a_range_is_told_in_the_unit_of_the_heading(heading, number, most, range_):
    name = heading.split(" ")[0]
    column = Column(name, "number", "1" if name == "share" else "hm^2", least=0, most=most)
    (found,) = read_table(pd.DataFrame({heading: [number]}), (column,)).problems
    assert (found.code, str(found.allowed)) == ("K02", range_)


def test_what_is_said_twice_has_the_place_of_its_own_row(tmp_path):
    (path := tmp_path / "a.csv").write_text("zone,面积（亩）\nA,15\nB,15\nC,\n", encoding="utf-8")
    rows = read_table(path, (COLUMNS[0], Column("area", "number", "hm2", is_needed=False))).rows
    assert [row.amount("area") for row in rows] == [pytest.approx(1, rel=1e-12)] * 2 + [None]
    places = [str(row.figure("area").place) for row in rows[:2]]
    assert ["line 2" in place for place in places] == [True, False]
    assert all("面积（亩）" in place for place in places)


def test_mu_is_no_hectare():
    """1 mu is a fifteenth of a hectare, by its definition."""
    read = read_table(pd.DataFrame({"zone": ["A"], "面积（万亩）": [1.5]}), COLUMNS)
    assert read.rows[0].figure("area").value == pytest.approx(1.5e4 / 15, rel=1e-12)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"zone": ["A"], "area": [1]}, ["U01"]),
        ({"zone": ["A"], "area [t*carbon]": [1]}, ["U02"]),
        ({"zone": ["A"], "area [foo]": [1]}, ["U02"]),
        ({"zone": ["A"]}, ["K02"]),
        ({"zone": ["A"], "area [hm2]": [1], "colour": [2]}, ["K02"]),
        ({"zone": ["A"], "area [hm2]": [1], "面积（亩）": [2]}, ["K02"]),
        ({"zone": ["A", ""], "area [hm2]": ["x", None]}, ["K02", "K02", "K02"]),
        ({"zone": ["A"], "area [hm2]": [-1]}, ["K02"]),
        ({"zone": ["A"], "area [hm2]": [1], "year": [20.5]}, ["K02"]),
        ({"zone": [], "area [hm2]": []}, ["K02"]),
    ],
)
def test_what_is_wrong_is_told(frame, code):
    assert codes(read_table(pd.DataFrame(frame), COLUMNS)) == code


def test_a_fault_has_its_place_and_stops():
    read = read_table(pd.DataFrame({"zone": ["A", "B"], "area [hm2]": [1, "x"]}), COLUMNS, "plots")
    (found,) = read.problems
    assert (found.place, found.found) == ("plots, row 2, column area [hm2]", "x")
    assert len(read.rows) == 1
    with pytest.raises(InputError):
        read.stop_on_errors()


def test_one_line_a_cause():
    """A misspelt heading is no missing column too; a table in the place of another is told as that, in both languages;
    a unit that does not fit leaves its column told, whatever the language of the heading.
    """
    misspelt = read_table(pd.DataFrame({"zone": ["A"], "aera [hm2]": [1]}), COLUMNS)
    assert [p.subject for p in misspelt.problems] == ["aera [hm2]"]
    assert "`area`" in misspelt.problems[0].do
    wrong_unit = read_table(pd.DataFrame({"旗县": ["A"], "面积 [t]": [1]}), COLUMNS)
    assert [p.code for p in wrong_unit.problems] == ["U02"]
    (swapped,) = read_table(pd.DataFrame({"animal": ["A"], "heads [head]": [1]}), COLUMNS, "herds.csv").problems
    assert "another table" in swapped.message
    assert "面积" in swapped.in_language("zh")
    assert "zone" not in swapped.in_language("zh").replace("herds.csv", "")


def test_words_and_dates():
    columns = (Column("zone", among=("north", "south")), Column("year", "date"))
    read = read_table(pd.DataFrame({"zone": ["nort", "south"], "year": ["2023-06-30", "June"]}), columns)
    assert codes(read) == ["K02", "K02"]
    assert "north" in str(read.problems[0].message)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError):
        read_table(tmp_path / "none.csv", COLUMNS)


def parameters(tmp_path, *lines):
    head = "coefficient,ecosystem,of,region,value,unit,from_year,low,high,price_year,source,locator,status,note"
    path = tmp_path / "own.csv"
    path.write_text("\n".join([f"{head},above,up_to,bound_unit", *lines]) + "\n", encoding="utf-8")
    return read_parameters(path, is_shipped=False)


def test_a_row_by_kind_region_year_and_range(tmp_path):
    rows, problems = parameters(
        tmp_path,
        "ratio,,pines,,0.5,1,,,,,me,p. 1,verified,,,50,m^3/hm^2",
        "ratio,,pines,,0.4,1,,,,,me,p. 1,verified,,50,,m^3/hm^2",
        "ratio,,,,0.3,1,,,,,me,p. 2,provisional,,,,",
        "rate,,pines,china,2,1,2010,,,,me,p. 3,verified,,,,",
        "rate,,pines,china,3,1,2020,,,,me,p. 3,verified,,,,",
    )
    assert problems == []
    table = Parameters(rows, ())
    at = [table.find("ratio", of="pines", at=given(v, "m^3/hm^2", HERE)).value for v in (50, 50.1)]
    assert at == [0.5, 0.4]
    assert table.find("ratio", of="larch").value == 0.3
    assert table.find("rate", of="pines", region="china", year=2015).value == 2
    assert table.lookup("rate", of="pines", region="other") is None
    with pytest.raises(CoefficientError) as error:
        table.find("rate", of="larch")
    assert "`pines`" in str(error.value)


@pytest.mark.parametrize(
    "line",
    [
        "ratio,,pines,,0.5,1,,,,,me,p. 1,verified,,,50,",
        "ratio,,pines,,0.5,1,,,,,me,p. 1,verified,,60,50,m^3/hm^2",
        "ratio,,pines,,0.5,foo,,,,,me,p. 1,verified,,,,",
        "ratio,,pines,,0.5,1,,,,,,p. 1,verified,,,,",
        "ratio,,pines,,0.5,1,,,,,me,p. 1,verified,,x,,m^3/hm^2",
        "ratio,,pines,,0.5,1,,,,,me,p. 1,verified,,,1,foo",
    ],
)
def test_wrong_rows(tmp_path, line):
    rows, problems = parameters(tmp_path, line)
    assert rows == []
    assert len(problems) == 1


def test_the_shipped_rows_are_sound():
    keys = [parameter.key for parameter in shipped_parameters()]
    assert len(keys) == len(set(keys))


def test_a_figure_says_what_it_rests_on(tmp_path):
    rows, _ = parameters(tmp_path, "co2_per_carbon,,,,3.5,t*CO2/(t*carbon),,,,,me,p. 9,provisional,,,,")
    ratio = Parameters(rows, ()).find("co2_per_carbon")
    rate = given(2, "t*carbon/(hm^2*year)", HERE)
    found = made(fixed_carbon_dioxide, net_ecosystem_production=rate, co2_per_carbon=ratio)
    assert found.to("t*CO2/(hm^2*year)") == pytest.approx(7, rel=1e-12)
    assert [row.row.name for row in found.parameters()] == ["co2_per_carbon"]
    document = found.document()
    assert document["arguments"]["co2_per_carbon"]["parameter"]["locator"] == "p. 9"
    assert document["arguments"]["net_ecosystem_production"]["place"] == "here"


def test_carbon_is_never_added_to_carbon_dioxide():
    with pytest.raises(UnitError):
        total([given(1, "t*carbon", HERE), given(1, "t*CO2", HERE)], "t*carbon")
    both = total([given(1, "t", HERE), negative(given(250, "kg", HERE))], "t")
    assert both.value == 0.75


def test_an_account_as_frame_and_document():
    frame = small_account().table("extent").to_dataframe("zh")
    assert frame.to_dict("records") == [{"zone": "甲", "area": pytest.approx(15), "lost": "不详"}]
    document = small_account().document()
    assert document["tables"][0]["rows"][0]["values"] == {"area": pytest.approx(15), "lost": None}
    assert small_account().explain("extent", "A", "area")["figure"]["place"] == "here"


@pytest.mark.parametrize(
    ("table", "line", "measure"), [("x", "A", "area"), ("extent", "B", "area"), ("extent", "A", "lost")]
)
def test_what_there_is_not(table, line, measure):
    with pytest.raises(AccountError):
        small_account().explain(table, line, measure)
