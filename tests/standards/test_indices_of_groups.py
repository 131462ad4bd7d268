"""Price indices of a study's own by groups of prices, and levels with their base: worked by hand."""

from __future__ import annotations

import re
import tomllib
from io import StringIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from builders import DRYLAND, block, make_study, statistics, zones
from places import ROOT
from rich.console import Console

from gep.account.changes import compare_years
from gep.core.errors import InputError
from gep.inputs.project import read_project
from gep.inputs.spec import spec_of_project
from gep.inputs.tables import Statistic
from gep.report.explanation import show_explanation
from gep.standards.index_tables import read_indices
from gep.standards.prices import PriceIndex, price_index

BOOK = "Zhejiang statistical yearbook"


def table(folder: Path, *rows: str, heading: str = "index,year,value,unit,source") -> Path:
    path = folder / "indices.csv"
    path.write_text("".join(f"{row}\n" for row in (heading, *rows)), encoding="utf-8")
    return path


def general(folder: Path, *rows: str) -> PriceIndex:
    found, problems = read_indices(table(folder, *(f",{row},{BOOK}" for row in rows)), None)
    assert [one.severity for one in problems] == ["information"], problems
    return found[""]


# tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["previous year=100", "上年=100", "上年＝100", "previous year = 100"])
def test_a_level_on_the_year_before_is_a_change(tmp_path: Path, unit: str):
    index = general(tmp_path, f"2020,102.5,{unit}", f"2021,98,{unit}")
    assert index.factor(2019, 2021) == pytest.approx(1.025 * 0.98)


def test_levels_of_a_base_year_are_ratios(tmp_path: Path):
    index = general(tmp_path, "2015,100,2015=100", "2016,104,2015=100", "2017,109.2,2015年=100")
    assert index.factor(2016, 2017) == pytest.approx(1.05)
    assert index.factor(2015, 2017) == pytest.approx(1.092)
    implied = general(tmp_path, "2016,104,2015=100")
    assert implied.factor(2015, 2016) == pytest.approx(1.04)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["2020,0,previous year=100"], "above zero"),
        (["2020,-3,2015=100", "2021,4,2015=100"], "above zero"),
        (["2020,-100,percent"], "above zero"),
        (["2020,103.1,index"], "base of this index is not told"),
        (["2020,103.1,"], "base of this index is not told"),
        (["2020,103.1,1"], "base of this index is not told"),
        (["2020,103.1,percent"], "the year before as 100 may be meant"),
        (["2020,101,2015=100", "2021,102,2016=100"], "several bases"),
        (["2020,101,2015=100", "2021,1,percent"], "several bases"),
        (["2015,101,2015=100", "2016,102,2015=100"], "In its base year an index is 100"),
        (["2020,120,2015=100"], "A single level"),
        (["2018,110,2015=100", "2020,120,2015=100"], "has no change for 2019"),
        (["2020,2,percent", "2020,3,percent"], "given twice"),
        (["2020,2,m"], "is a share"),
    ],
)
def test_what_cannot_be_an_index_is_said(tmp_path: Path, rows: list[str], said: str):
    found, problems = read_indices(table(tmp_path, *(f",{row},{BOOK}" for row in rows)), None)
    assert found == {}
    assert {one.code for one in problems} == {"C20"}
    assert said in problems[0].message


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path):
    rows = [f"ppi,2020,0,上年=100,{BOOK}", f"ppi,20,2,percent,{BOOK}", "wages,2021,5,percent,"]
    _, problems = read_indices(table(tmp_path, *rows), None)
    assert [one.code for one in problems] == ["C20"] * 3
    assert [str(one.place)[-1] for one in problems] == ["2", "3", "4"]


# groups ---------------------------------------------------------------------------------------------------------------

INDICES = [f"farm,2020,10,percent,{BOOK}", f"farm,2021,20,percent,{BOOK}", f"wheat,2020,50,percent,{BOOK}"]
GROUPS = {"farm": ["crop_products"], "wheat": ["crop_products/wheat"]}


def sold(folder: Path, year: int = 2019, price_year: int = 2020, *, of: Any = None, rows: Any = INDICES, **more: Any):
    """The account of wheat and rice, a million each in money of its year, in that of another."""
    cells = (("_city", f"crop_products/{name}", "value", 1e6, "CNY") for name in ("wheat", "rice"))
    given = {"index": table(folder, *rows), "groups": GROUPS if of is None else of}
    cover, county = np.full((4, 6), DRYLAND), zones(block(0, 0, 6, 4))
    tables = {"t": statistics(*cells, price_year=year)}
    about = {"year": year, "price_year": price_year, "price_index": given, **more}
    return make_study(cover, {}, county, of=["crop_products"], tables=tables, **about)


def test_each_price_follows_the_index_of_its_group(tmp_path: Path):
    """Rice by 10 %, wheat, which is named itself, by 50 %."""
    account = sold(tmp_path).run()
    assert account.total() == pytest.approx(1e6 * (1.1 + 1.5))
    assert account.ledger["followed"] == {
        "crop_products": "indices.csv: farm",
        "crop_products/wheat": "indices.csv: wheat",
    }
    levels = account.ledger["price_levels"]["indices.csv: farm"]
    assert levels == pytest.approx({"2019": 1.0, "2020": 1.1, "2021": 1.32})
    assert account.record["study"]["price_groups"] == {"farm": ["crop_products"], "wheat": ["crop_products/wheat"]}
    out = Console(file=StringIO(), width=200)
    show_explanation(account.explain("crop_products"), out, "en")
    assert "indices.csv: wheat" in out.file.getvalue()
    assert "indices.csv: farm" in out.file.getvalue()


def test_behind_its_last_year_each_index_stays_and_is_named(tmp_path: Path):
    """Of 2021 farm is 1.1 x 1.2, wheat still 1.5."""
    account = sold(tmp_path, price_year=2021).run()
    assert account.total() == pytest.approx(1e6 * (1.32 + 1.5))
    (told,) = [one for one in account.about.problems if one.code == "C05"]
    assert "indices.csv: wheat ends with 2020" in told.message
    assert told.found == "crop_products/wheat (2019)"


def test_groups_are_part_of_what_a_run_is(tmp_path: Path):
    other = {"farm": ["crop_products/rice"], "wheat": ["crop_products/wheat"]}
    first, second = sold(tmp_path).run(), sold(tmp_path, of=other).run()
    assert first.total() == second.total()
    assert first.about.run_id != second.about.run_id


def test_values_without_a_quantity_are_deflated_by_the_index_of_their_group(tmp_path: Path):
    """A million each in 2019 and 2020: at prices of 2019 rice is 1/1.1 and wheat 1/1.5 of a million."""
    accounts = [sold(tmp_path, year, year).run() for year in (2019, 2020)]
    found = compare_years(accounts)
    assert found.total.value_at_base_prices == pytest.approx(1e6 / 1.1 + 1e6 / 1.5)
    assert found.total.growth_current == 0


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"farm": ["crop_products"]}, "No price follows the index wheat"),
        ({**GROUPS, "wage": ["tourism"]}, "has no rows of `wage`"),
        ({**GROUPS, "farm": ["crop_product"]}, "Did you mean `crop_products`"),
        ({**GROUPS, "farm": ["crop_products/wheat"]}, "it cannot follow two indices"),
        ({"farm": ["water_retention"], "wheat": ["flood_mitigation"]}, "have the price `reservoir_cost` in common"),
    ],
)
def test_groups_that_cannot_be_are_told(tmp_path: Path, groups: dict[str, list[str]], said: str):
    with pytest.raises(InputError) as raised:
        sold(tmp_path, of=groups).run()
    told = [one for one in raised.value.problems if one.code == "C20"]
    assert said in "\n".join(f"{one.message} {one.do}" for one in told)


def test_a_tariff_follows_an_index_where_one_is_named(tmp_path: Path):
    """Of a table, in money of 2019: it follows no index of consumer prices, and its own by 10 %."""
    rows = [f"power,2020,10,percent,{BOOK}"]
    numbers = sold(tmp_path, rows=rows, of={"power": ["tariff"]}).inputs.numbers
    tariff = Statistic("_city", "tariff", "price", 0.4, "CNY/kWh", 2019, None, "Tariff book", "t.csv:2")
    assert numbers.moved(0.4, tariff) == pytest.approx(0.44)
    without = sold(tmp_path, rows=[f",2020,10,percent,{BOOK}"], of={}).inputs.numbers
    assert without.moved(0.4, tariff) == 0.4


def test_a_project_file_names_groups(tmp_path: Path):
    text = """
        [study]
        name = "City"
        year = 2020
        [zones]
        path = "zones.gpkg"
        code = "code"
        [land_cover]
        path = "cover.tif"
        scheme = "clcd"
        [prices]
        index = "indices.csv"
        [prices.groups]
        farm = ["crop_products", "livestock_products"]
    """
    (tmp_path / "gep.toml").write_text(dedent(text), encoding="utf-8")
    spec = spec_of_project(read_project(tmp_path), tmp_path)
    assert spec.price_index == tmp_path / "indices.csv"
    assert spec.price_groups == {"farm": ("crop_products", "livestock_products")}


@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="the documentation is not beside the tests")
def test_the_indices_of_the_page_are_read(tmp_path: Path):
    text = (ROOT / "docs" / "years.md").read_text(encoding="utf-8")
    _, project = re.findall(r"^```toml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    (rows,) = re.findall(r"^```text\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    found, problems = read_indices(table(tmp_path, heading=rows), price_index("cpi_china"))
    assert {one.severity for one in problems} == {"information"}
    assert {name for name in found if name} == set(tomllib.loads(project)["prices"]["groups"])
    assert found["producers"].factor(2020, 2021) == pytest.approx(109.4 / 101.2)
    assert found["farm_products"].factor(2019, 2021) == pytest.approx(1.123 * 0.978)
    assert found[""].factor(2024, 2025) == pytest.approx(1.001)
