"""How sure accounts beside GEP are: exact variances, shared numbers, one seed one answer, errors that cannot be."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from small_asset_account import small_account

from gep.account.propagation import half_widths, uncertainty_of_range
from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.carbon.account import carbon_account
from gep.assets.figures import exact, given, made, negative, total
from gep.assets.parameters import Parameters, read_parameters
from gep.assets.tables import Column, read_table
from gep.core.errors import UsageError
from gep.core.json_text import in_both_languages, write_with_chinese
from gep.core.messages import Text
from gep.inputs.assets import CarbonSection
from gep.report.assets import write_accounts
from gep.report.tables.assets import report_table, sure_said, sure_tables
from gep.stocks import carbon

HEADER = "coefficient,ecosystem,of,region,value,unit,from_year,low,high,spread,price_year,source,locator,status,note"
AREAS = (Column("zone"), Column("area", "number", "hm^2", least=0))
DENSITY = "carbon_density,,,,40,t*carbon/hm^2,,30,50,{spread},,me,p. 1,verified,"
DRAWS = 4000


def rows(tmp_path, *lines):
    path = tmp_path / "own.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    found, problems = read_parameters(path, is_shipped=False)
    assert not problems
    return Parameters(found, ())


def stocks(areas, density):
    """Each county's area by one density, and the whole, as an account of one table."""
    read = read_table(pd.DataFrame(areas), AREAS, "areas.csv")
    assert not read.problems
    found = {
        row.text("zone"): made(carbon.carbon_of_stratum, carbon_density=density, stratum_area=row.figure("area"))
        for row in read.rows
    }
    lines = [Line({"zone": Text(zone, zone)}, {"stock": figure}) for zone, figure in found.items()]
    whole = total(found.values(), "t*carbon")
    lines.append(Line({"zone": Text("all", "合计")}, {"stock": whole}, kind="total"))
    measure = Measure("stock", Text("stock", "储量"), "t*carbon")
    table = AssetTable("stock", Text("Stock", "储量"), (("zone", Text("zone", "地区")),), (measure,), tuple(lines))
    return AssetAccount("stock", Text("Stock", "储量"), Text("A city", "某市"), (table,), Text("never", "不得"))


def half_width(found, line):
    interval = found.by_figure["stock", line, "stock"]
    return (interval.upper - interval.lower) / 2


def test_one_parameter_is_one_number_in_all_counties(tmp_path):
    """40 ± u t/hm² of 100 and 300 hm²: u(sum) = 400 u = u(A) + u(B), not the root of 100² + 300² times u."""
    density = rows(tmp_path, DENSITY.format(spread="normal")).find("carbon_density")
    areas = [{"zone": "A", "area [hm2]": 100}, {"zone": "B", "area [hm2]": 300}]
    found = stocks(areas, density).uncertainty(draws=DRAWS)
    standard = uncertainty_of_range(30, 50, "normal")
    assert standard == pytest.approx(20 / (2 * 1.959964), rel=1e-6)
    first, second, whole = (half_width(found, line) for line in range(3))
    assert whole == pytest.approx(first + second, rel=1e-9)
    assert whole == pytest.approx(400 * standard * half_widths(0.95), rel=0.01)
    (head,) = found.heads
    assert (head.interval.value, head.gum.upper) == (16000, pytest.approx(16000 + 400 * 10, rel=1e-6))
    assert [(str(driver.name), driver.total) for driver in head.drivers] == [("Carbon per area", pytest.approx(1))]
    assert [(str(one.name), one.reason, one.figures) for one in found.unknown] == [("area, areas.csv", "no_range", 3)]


def test_the_variance_of_a_linear_account(tmp_path):
    """Areas 100 ± 5 and 300 ± 12 hm² at 40 t/hm²: u² = 40² (5² + 12²) = 520², cells being independent."""
    density = exact(40, "t*carbon/hm^2", Text("here", "此处"))
    areas = [
        {"zone": "A", "area [hm2]": 100, "area_error [hm2]": 5},
        {"zone": "B", "area [hm2]": 300, "area_error [hm2]": 12},
    ]
    found = stocks(areas, density).uncertainty(draws=DRAWS)
    (head,) = found.heads
    exact_half = half_widths(0.95) * 520
    assert head.gum.upper - head.gum.value == pytest.approx(exact_half, rel=1e-6)
    assert half_width(found, 2) == pytest.approx(exact_half, rel=0.03)
    assert head.is_sum
    assert (found.ranges, found.unknown) == (2, ())
    (driver,) = head.drivers  # the cells of a column are told together
    assert (str(driver.name), driver.total) == ("area, areas.csv", pytest.approx(1))


def test_errors_as_shares_in_chinese_headings():
    """4 % of 250 hm² are 10 hm²."""
    table = pd.DataFrame([{"地区": "A", "面积（公顷）": 250, "面积相对误差（%）": 4}])
    (row,) = read_table(table, AREAS).stop_on_errors()
    assert row.figure("area").error.standard == pytest.approx(10)
    assert row.figure("area").document()["standard_error"] == pytest.approx(10)


def test_correlated_cells(tmp_path):
    """Fully correlated errors of 5 and 12 add to 17."""
    areas = [
        {"zone": "A", "area [hm2]": 100, "area_error [hm2]": 5},
        {"zone": "B", "area [hm2]": 300, "area_error [hm2]": 12},
    ]
    account = stocks(areas, exact(40, "t*carbon/hm^2", Text("here", "此处")))
    figures = account.tables[0].lines[-1].figures["stock"].behind()
    names = sorted(str(figure.place) for figure in figures if figure.error)
    found = account.uncertainty(draws=DRAWS, correlations=[(names, 1.0)])
    (head,) = found.heads
    assert head.gum.upper - head.gum.value == pytest.approx(half_widths(0.95) * 40 * 17, rel=1e-6)


def test_one_seed_one_answer(tmp_path):
    density = rows(tmp_path, DENSITY.format(spread="triangular")).find("carbon_density")
    areas = [{"zone": "A", "area [hm2]": 100, "area_error [hm2]": 5}]
    written = []
    for number, seed in enumerate((1, 1, 2)):
        account = stocks(areas, density)
        folder = tmp_path / str(number)
        folder.mkdir()
        files = write_accounts([account.with_intervals(account.uncertainty(draws=500, seed=seed))], folder)
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_an_error_common_to_both_years_cancels(tmp_path):
    """Of one density and areas of 100 and 110 hm² the change follows 10 hm² of it."""
    density = rows(tmp_path, DENSITY.format(spread="normal")).find("carbon_density")
    before, after = (
        made(carbon.carbon_of_stratum, carbon_density=density, stratum_area=given(area, "hm^2", Text(str(area), "")))
        for area in (100, 110)
    )
    account = small_account()
    (table,) = account.tables
    change = Line({"zone": Text("A", "甲")}, {"change": total([after, negative(before)], "t*carbon")})
    measure = Measure("change", Text("change", "变化"), "t*carbon")
    one = AssetTable("change", table.title, table.labels, (measure,), (change,))
    found = AssetAccount("change", account.title, account.name, (one,), account.never_added).uncertainty(draws=DRAWS)
    interval = found.by_figure["change", 0, "change"]
    assert interval.upper - interval.lower == pytest.approx(2 * 10 * 10, rel=0.02)


def test_nothing_known_is_no_interval(tmp_path):
    found = small_account().uncertainty(draws=200)
    assert (found.by_figure, found.heads, found.figures) == ({}, (), 1)
    assert [(str(one.name), one.share) for one in found.unknown] == [("here", 1.0)]
    assert "no interval" in sure_said(found.document())[0]
    frame = small_account().with_intervals(found).table("extent").to_dataframe()
    assert list(frame) == ["zone", "area", "lost"]


def test_carbon_of_inventories(tmp_path):
    """A density of 40 ± 2 t/hm² on 100 hm²: 4000 ± 200, as tC; as CO2 it is 44/12 times as much."""
    where = {"zone": "A", "ecosystem": "forest", "class": "larch", "pool": "tree", "year": 2020}
    row = {**where, "area [hm2]": 100, "density [t*carbon/hm2]": 40, "density_error [t*carbon/hm2]": 2}
    account = carbon_account({"stocks": pd.DataFrame([row])}, CarbonSection(stocks="-")).account
    sure = account.with_intervals(account.uncertainty(draws=DRAWS))
    frame = sure.table("stock").to_dataframe()
    last = frame.iloc[-1]
    assert last["carbon_stock"] == pytest.approx(4000)
    assert last["carbon_stock_upper"] - last["carbon_stock_lower"] == pytest.approx(2 * 1.959964 * 200, rel=0.02)
    assert last["as_co2_upper"] == pytest.approx(last["carbon_stock_upper"] * 44 / 12, rel=1e-3)
    path = tmp_path / "carbon.json"
    write_with_chinese(sure.document(), path)
    record = in_both_languages(json.loads(path.read_text("utf-8")))
    table = next(one for one in record["tables"] if one["id"] == "stock")
    assert any(column.id == "carbon_stock_upper" for column in report_table(table).columns)
    heads, *_, unknown = sure_tables(record["uncertainty"])
    assert heads.columns[0].title("zh") == "结果"
    assert "95%" in heads.name.to("zh")
    assert unknown.rows
    assert math.isclose(record["uncertainty"]["heads"][0]["value"], 4000)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"area [hm2]": 100, "area_error [hm2]": -5}, "above zero"),
        ({"area [hm2]": 100, "area_error [hm2]": 0}, "Unknown is not zero"),
        ({"area [hm2]": 0, "area_relative_error [%]": 5}, "zero"),
        ({"area [hm2]": 100, "area_error [hm2]": 5, "area_relative_error [%]": 5}, "Two headings"),
        ({"area [hm2]": 100, "area_error [t]": 5}, "t"),
        ({"area [hm2]": 100, "area_error [hm2]": "five"}, "five"),
        ({"area [hm2]": "", "area_error [hm2]": 5}, "no number beside"),
    ],
)
def test_errors_that_cannot_be(cells, said):
    columns = (AREAS[0], Column("area", "number", "hm^2", least=0, is_needed=False))
    (wrong,) = read_table(pd.DataFrame([{"zone": "A", **cells}]), columns).problems
    assert wrong.severity == "error"
    assert said in f"{wrong}"
    assert wrong.as_dict()["zh"]["message"] != wrong.as_dict()["message"]


def test_a_range_that_leaves_out_its_value_is_refused(tmp_path):
    path = tmp_path / "own.csv"
    upside_down = "carbon_density,,,,40,t*carbon/hm^2,,50,30,,,me,p. 1,verified,"
    outside = "carbon_fraction,,,,0.5,t*carbon/t*dry_matter,,0.6,0.7,,,me,p. 1,verified,"
    path.write_text("\n".join([HEADER, upside_down, outside]) + "\n", encoding="utf-8")
    found, problems = read_parameters(path, is_shipped=False)
    assert found == []
    assert len({str(problem.place) for problem in problems}) == 2


@pytest.mark.parametrize(
    "asked",
    [{"draws": 5}, {"level": 1.0}, {"correlations": [(("here", "there"), 0.5)]}, {"correlations": [(("here",), 2.0)]}],
)
def test_what_cannot_be_asked(asked):
    with pytest.raises(UsageError):
        small_account().uncertainty(**asked)


def test_draws_of_a_row_stay_within_its_range(tmp_path):
    density = rows(tmp_path, DENSITY.format(spread="uniform")).find("carbon_density")
    found = stocks([{"zone": "A", "area [hm2]": 100}], density).uncertainty(draws=DRAWS, level=0.9)
    interval = found.by_figure["stock", 0, "stock"]
    assert np.allclose((interval.lower, interval.upper), (3100, 4900), rtol=0.002)  # 5 and 95 % of 3000 to 5000
