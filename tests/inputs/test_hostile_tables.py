"""Tables in which a figure could be booked to a wrong zone, item or year, or twice, or be lost: each is read right or
refused. The expected rows are those that a person reads off the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from gep.core.data import data_folder, read_csv
from gep.core.errors import Problem
from gep.inputs import table_files
from gep.inputs.form_cells import figure_of
from gep.inputs.names import listed_products, named_items, shown_item
from gep.inputs.table_files import TableFile
from gep.inputs.tables import Statistic, read_tables

ZONES = {"331102": ("莲都区", "Liandu"), "331121": ("青田县", "Qingtian"), "331122": ("缙云县", "Jinyun")}
LIANDU, QINGTIAN, JINYUN = ZONES
GRAIN, WHEAT, MAIZE, TEA, FARMING = (
    "crop_products/grain",
    "crop_products/wheat",
    "crop_products/maize",
    "crop_products/tea",
    "crop_products",
)


def read(folder: Path, text: str, zones: Any = ZONES, **meant: Any) -> tuple[list[Statistic], list[Problem]]:
    path = folder / "t.csv"
    path.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", encoding="utf-8")
    return read_tables({"t": TableFile(path, **meant)}, zones, 2023, ("丽水市", "Lishui"))


def figures(rows: Sequence[Statistic]) -> set[tuple[str, str, float | None]]:
    assert len({(row.zone, row.item, row.measure) for row in rows}) == len(rows)
    return {(row.zone, row.item, row.value) for row in rows}


def keys(problems: Sequence[Problem]) -> set[str]:
    return {problem.key.removeprefix("inputs.") for problem in problems if problem.severity != "information"}


def one(problems: Sequence[Problem], key: str) -> Problem:
    (found,) = [problem for problem in problems if problem.key == f"inputs.{key}"]
    return found


# rows that number the columns -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zones", "expected"),
    [
        (
            "地区,粮食产量（吨）,茶叶产量（吨）\nA,1,2\nB,3,4",
            {"A": "A", "B": "B"},
            {("A", GRAIN, 1), ("A", TEA, 2), ("B", GRAIN, 3), ("B", TEA, 4)},
        ),
        (
            "代码,粮食产量（吨）,茶叶产量（吨）\n1,2,3\n4,5,6",
            {"1": "甲县", "4": "乙县"},
            {("1", GRAIN, 2), ("1", TEA, 3), ("4", GRAIN, 5), ("4", TEA, 6)},
        ),
        (
            "地区,粮食产量（吨）,茶叶产量（吨）\n甲,1,2\n莲都区,3,4",
            ZONES,
            {(LIANDU, GRAIN, 3), (LIANDU, TEA, 4)},
        ),
        (
            "地区,粮食产量（吨）,茶叶产量（吨）\n,（1）,（2）\n莲都区,3,4",
            ZONES,
            {(LIANDU, GRAIN, 3), (LIANDU, TEA, 4)},
        ),
        (
            "粮食产量,,\n单位：吨,,\n莲都区,青田县,缙云县\n1,2,3",
            ZONES,
            {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), (JINYUN, GRAIN, 3)},
        ),
    ],
)
def test_a_row_of_figures_is_no_row_of_column_numbers(tmp_path: Path, text: str, zones: Any, expected: set[Any]):
    rows, problems = read(tmp_path, text, zones)
    assert keys(problems) == set()
    assert figures(rows) == expected


def test_figures_that_look_like_numbers_of_columns_are_not_dropped(tmp_path: Path):
    """The name of the county is lacking in the row: it is refused, not passed over."""
    _, problems = read(tmp_path, "地区,粮食产量（吨）,茶叶产量（吨）\n莲都区,3,4\n,1,2")
    assert one(problems, "T02.lacks_of_figures").place == "t.csv, line 3, column 2"


# totals ---------------------------------------------------------------------------------------------------------------


def test_rows_of_the_whole_area_behind_groups_of_counties(tmp_path: Path):
    text = """指标,单位,数值
        莲都区,,
        粮食产量,吨,1
        青田县,,
        粮食产量,吨,2
        全市,,
        粮食产量,吨,3
        渔业总产值,万元,9"""
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), ("_city", "fishery_products", 9)}


def test_a_sum_without_figures_behind_groups_is_refused(tmp_path: Path):
    """`合计` may be the empty total of the county above or begin the rows of the city."""
    text = "指标,单位,数值\n莲都区,,\n粮食产量,吨,1\n合计,,\n茶叶产量,吨,3"
    _, problems = read(tmp_path, text)
    refused = one(problems, "T31.total_of_what")
    assert refused.place == "t.csv, line 4, column 1"
    assert "无法判断以下各行是否属于全部地区" in refused.in_language("zh")


def test_zones_below_items_with_their_total(tmp_path: Path):
    """The heading says `指标`, its cells are items in lines of their own and zones."""
    text = """指标,数值
        粮食产量（吨）,
        莲都区,1
        青田县,2
        全市,3
        茶叶产量（吨）,
        合计,7
        莲都区,3
        青田县,4"""
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), (LIANDU, TEA, 3), (QINGTIAN, TEA, 4)}


def test_subtotals_are_those_of_the_counties_beside_them(tmp_path: Path):
    text = "地区,粮食产量（吨）\n莲都区,1\n小计,1\n青田县,2\n缙云县,3\n小计,5\n合计,6"
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), (JINYUN, GRAIN, 3)}
    _, problems = read(tmp_path, text.replace("小计,5", "小计,9"))
    assert one(problems, "T32.no_sum").place == "t.csv, line 6, column 2"


def test_a_subtotal_without_figures_beside_it_is_not_the_city(tmp_path: Path):
    rows, problems = read(tmp_path, "地区,粮食产量（吨）\n莲都区,\n青田县,\n小计,5")
    assert {row.value for row in rows} == {None}
    assert one(problems, "T02.lacks_of_figures").found == "5"


def test_totals_down_and_across(tmp_path: Path):
    """1 + 2 = 3, 4 + 5 = 9; 5 + 7 = 12; the last total across is 13."""
    text = "地区,粮食产值（万元）,茶叶产值（万元）,合计（万元）\n合计,5,7,12\n莲都区,1,2,3\n青田县,4,5,9"
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (LIANDU, TEA, 2), (QINGTIAN, GRAIN, 4), (QINGTIAN, TEA, 5)}
    _, problems = read(tmp_path, text.replace("4,5,9", "4,5,19"))
    assert one(problems, "T32.no_sum").place == "t.csv, line 4, column 4"
    _, problems = read(tmp_path, text.replace("5,7,12", "5,7,22"))
    assert one(problems, "T32.no_sum").place == "t.csv, line 2, column 4"


def test_totals_of_the_same_word_in_both_rows_of_headings(tmp_path: Path):
    """The last column is the total of both products in both counties: 1 + 2 + 3 + 4."""
    text = """单位：万元,,,,,,,,,
        ,粮食产值,,,茶叶产值,,,合计,,
        ,莲都区,青田县,合计,莲都区,青田县,合计,莲都区,青田县,合计
        2023,1,2,3,3,4,7,4,6,10"""
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), (LIANDU, TEA, 3), (QINGTIAN, TEA, 4)}


def test_a_total_of_years_is_not_taken_for_the_year(tmp_path: Path):
    rows, problems = read(tmp_path, "粮食产量,\n单位：吨,\n地区,2022—2023年合计\n莲都区,5")
    assert rows == []
    assert keys(problems) != set()


def test_a_total_in_another_unit_is_compared_in_one(tmp_path: Path):
    text = "指标,单位,数值\n莲都区,,\n粮食产值,万元,1\n茶叶产值,万元,2\n合计,元,{}"
    assert keys(read(tmp_path, text.format(30000))[1]) == set()
    assert keys(read(tmp_path, text.format(50000))[1]) == {"T32.no_sum"}


def test_groups_of_items_and_the_group_of_their_total(tmp_path: Path):
    """`合计` without figures begins the totals where the counties below it come again; the last item keeps its own."""
    text = """,2023
        粮食产值（万元）,
        莲都区,1
        青田县,2
        茶叶产值（万元）,
        莲都区,3
        青田县,4
        合计（万元）,
        莲都区,4
        青田县,6"""
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), (LIANDU, TEA, 3), (QINGTIAN, TEA, 4)}


def test_a_row_of_units_and_years_without_heading(tmp_path: Path):
    """`单位` names its row, not the column below it; years in a column without heading are those of the rows."""
    rows, problems = read(tmp_path, ",粮食产量,茶叶产量\n单位,吨,吨\n莲都区,1,2")
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (LIANDU, TEA, 2)}
    rows, problems = read(tmp_path, "粮食产量,,\n单位：吨,,\n,,数值\n莲都区,2022,1\n,2023,2")
    assert keys(problems) == set()
    assert [(row.zone, row.value, row.year) for row in rows] == [(LIANDU, 2, 2023)]


# parts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["其中：", "# ", "其中:", "1、"])
def test_marked_zones_count(tmp_path: Path, mark: str):
    rows, problems = read(tmp_path, f"地区,粮食产量（吨）\n全市,6\n{mark}莲都区,1\n青田县,2\n{mark}缙云县,3")
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 1), (QINGTIAN, GRAIN, 2), (JINYUN, GRAIN, 3)}


@pytest.mark.parametrize(
    "text",
    [
        "指标,单位,莲都区\n粮食产量,吨,100\n其中：小麦产量,吨,60\n玉米产量,吨,40\n茶叶产量,吨,5",
        "指标,单位,莲都区\n粮食产量,吨,100\n其中：,,\n小麦产量,吨,60\n玉米产量,吨,40\n茶叶产量,吨,5",
        "地区,粮食产量（吨）,其中：小麦产量（吨）,玉米产量（吨）,茶叶产量（吨）\n莲都区,100,60,40,5",
        "地区,粮食产量（吨）,比上年增长（%）,#小麦（吨）,茶叶产量（吨）\n莲都区,100,2,60,5",
        "地区,粮食产量（吨）,其中：,,茶叶产量（吨）\n,,小麦,玉米,\n莲都区,100,60,40,5",
        "地区,粮食产量（吨）,,,茶叶产量（吨）\n,合计,其中：小麦,玉米,\n莲都区,100,60,40,5",
        "地区,指标,数值（吨）\n莲都区,粮食产量,100\n,其中：小麦产量,60\n,玉米产量,40\n,茶叶产量,5",
        "指标,地区,数值（吨）\n粮食产量,莲都区,100\n其中：小麦产量,莲都区,60\n玉米产量,莲都区,40\n茶叶产量,莲都区,5",
        "指标,数值（吨）\n粮食产量,\n莲都区,100\n其中：小麦产量,\n莲都区,60\n玉米产量,\n莲都区,40\n茶叶产量,\n莲都区,5",
    ],
)
def test_of_which_holds_for_all_parts_behind_it(tmp_path: Path, text: str):
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, GRAIN, 100), (LIANDU, TEA, 5)}


def test_parts_of_what_is_no_item_count(tmp_path: Path):
    """Agriculture as a whole is no item: its parts are what there is, and those of farming are parts of farming."""
    text = """指标,单位,莲都区
        农林牧渔业总产值,万元,100
        其中：农业总产值,万元,60
        # 粮食产值,万元,50
        林业总产值,万元,30
        牧业总产值,万元,10"""
    rows, problems = read(tmp_path, text, ignored=("农林牧渔业总产值",))
    assert keys(problems) == set()
    assert figures(rows) == {
        (LIANDU, FARMING, 60),
        (LIANDU, "forestry_products", 30),
        (LIANDU, "livestock_products", 10),
    }


def test_a_product_of_no_list_behind_parts_is_refused(tmp_path: Path):
    text = "指标,单位,莲都区\n粮食产量,吨,100\n其中：小麦产量,吨,60\n农业产品/青稞,吨,40"
    _, problems = read(tmp_path, text)
    assert "农业产品/青稞" in one(problems, "T31.part_or_not").in_language("zh")


@pytest.mark.parametrize(
    "text",
    [
        "地区,粮食产量（吨）,小麦产量（吨）\n莲都区,100,60",
        "地区,肉类产量（吨）,猪肉产量（吨）\n莲都区,100,60",
        "地区,粮食产量（吨）,大豆产量（吨）\n莲都区,100,60",
        "zone,item,measure,value,unit\n331102,crop_products/grain,quantity,9,t\n331102,crop_products/rice,quantity,9,t",
    ],
)
def test_an_aggregate_beside_its_parts_counts_twice(tmp_path: Path, text: str):
    _, problems = read(tmp_path, text)
    assert keys(problems) == {"T06.whole_and_parts"}


def test_a_total_of_a_product_and_its_parts(tmp_path: Path):
    """Parts that add up count; where they do not, what is lacking would be lost, and nobody knows what it is."""
    text = "地区,粮食产量（吨）,,\n,合计,小麦,玉米\n莲都区,100,60,40"
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert figures(rows) == {(LIANDU, WHEAT, 60), (LIANDU, MAIZE, 40)}
    _, problems = read(tmp_path, text.replace("60,40", "60,30"))
    refused = one(problems, "T31.total_and_parts")
    assert (refused.severity, refused.place) == ("error", "t.csv, line 3, column 2")
    assert "农业产品/粮食的合计为 100，其 2 个分项之和为 90" in refused.in_language("zh")
    rows, problems = read(tmp_path, "指标,单位,莲都区\n农业总产值合计,万元,100\n林业总产值,万元,9")
    assert figures(rows) == {(LIANDU, FARMING, 100), (LIANDU, "forestry_products", 9)}


def test_a_total_of_items_is_compared(tmp_path: Path):
    text = "指标,单位,莲都区,青田县\n粮食产值,万元,1,1\n茶叶产值,万元,2,2\n合计,万元,3,9"
    rows, problems = read(tmp_path, text)
    assert len(figures(rows)) == 4
    wrong = one(problems, "T32.no_sum")
    assert wrong.place == "t.csv, line 4, column 4"
    assert "合计为 9，按指标的 2 个分项之和为 3" in wrong.in_language("zh")


# what is said above a table -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "given", "key"),
    [
        ("单位：万吨", {"unit": "吨"}, "T31.against_title"),
        ("单位：吨", {"unit": "t"}, ""),
        ("2022年", {"year": "2023"}, "T31.against_title"),
        ("2022年", {"year": "2022"}, "T01.rows"),
        ("粮食产量", {"item": "茶叶"}, "T31.against_title"),
        ("农业", {"item": "粮食"}, ""),
        ("丽水统计年鉴2024", {"year": "2023"}, ""),
        ("2021年和2022年", {}, "T31.two_titles"),
        ("2021—2022年", {}, "T31.two_titles"),
        ("2021年和2022年", {"year": "2022"}, "T31.against_title"),
    ],
)
def test_the_project_against_a_title(tmp_path: Path, title: str, given: Mapping[str, str], key: str):
    rest = {"unit": "吨", "item": "粮食", "measure": "产量"}
    if "单位" in title:
        rest.pop("unit")
    if "粮食" in title:
        rest.pop("item")
    _, problems = read(tmp_path, f"{title},\n地区,数值\n莲都区,1", given={**rest, **given})
    assert keys(problems) - {"T01.rows"} == {key} - {"T01.rows", ""}
    assert ("T01.rows" in keys(problems)) == ("2022" in given.values())


def test_a_title_that_is_wrong_can_be_left_out(tmp_path: Path):
    rows, problems = read(
        tmp_path,
        "2022年各县粮食产量,\n地区,产量（吨）\n莲都区,1",
        given={"year": "2023", "item": "粮食"},
        ignored=("2022年各县粮食产量",),
    )
    assert keys(problems) == set()
    assert [(row.value, row.year) for row in rows] == [(1, 2023)]


@pytest.mark.parametrize(
    ("title", "year", "price_year"),
    [
        ("2023年农业总产值（按2020年价格计算）", 2023, 2020),
        ("按2020年不变价格计算的农业总产值", None, 2020),
        ("2023年农业总产值（2020年不变价）", 2023, 2020),
        ("2023年农业总产值（2020年价）", 2023, 2020),
        ("农业总产值（2023年）", 2023, None),
        ("2023年农业产值", 2023, None),
        ("农业总产值（按现价计算）", None, None),
    ],
)
def test_years_and_price_years_of_titles(tmp_path: Path, title: str, year: int | None, price_year: int | None):
    rows, problems = read(tmp_path, f"{title},\n单位：万元,\n地区,农业总产值\n莲都区,1")
    assert keys(problems) == set()
    assert [(row.item, row.year, row.price_year) for row in rows] == [(FARMING, year, price_year)]


def test_price_years_of_headings(tmp_path: Path):
    text = "地区,2023年农业总产值（按2020年可比价格计算）（万元）,林业总产值（2019年价格）（万元）\n莲都区,1,2"
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert [(row.year, row.price_year) for row in rows] == [(2023, 2020), (None, 2019)]


# names and marks ------------------------------------------------------------------------------------------------------


def test_one_product_by_two_names_is_there_twice(tmp_path: Path):
    text = "地区,指标,数值,单位\n莲都区,crop_products/小麦,1,吨\n莲都区,crop_products/wheat,1,吨"
    rows, problems = read(tmp_path, f"{text}\n莲都区,crop_products/小麦产量,1,吨")
    assert [row.item for row in rows] == [WHEAT]
    assert [problem.key for problem in problems] == ["inputs.T06.twice"] * 2


@pytest.mark.parametrize(
    ("heading", "is_left_out"),
    [
        ("人均旅行费用（元/人次）", False),
        ("粮食平均价格（元/公斤）", False),
        ("粮食产量比上年增长（%）", True),
        ("1、比上年增长", True),
        ("粮食产量（比上年±%）", True),
        ("人均粮食产量（公斤）", True),
        ("2023年比2022年增长%", True),
        ("单位面积产量（公斤/亩）", True),
        ("占全市比重（%）", True),
        ("Wheat output growth (%)", True),
        ("Average yield", True),
    ],
)
def test_words_of_growth_and_means(tmp_path: Path, heading: str, is_left_out: bool):
    _, problems = read(tmp_path, f"地区,茶叶产量（吨）,{heading}\n莲都区,1,2")
    assert keys(problems) == set()
    assert bool([p for p in problems if p.key == "inputs.T30.derived_left_out"]) == is_left_out


@pytest.mark.parametrize("heading", ["Wheat output in Frankfurt (t)", "自然增长林产品（吨）", "Rankine cycle heat"])
def test_a_word_of_growth_within_a_heading_drops_nothing(tmp_path: Path, heading: str):
    _, problems = read(tmp_path, f"地区,茶叶产量（吨）,{heading}\n莲都区,1,2")
    assert keys(problems) == {"T31.heading"}


def test_marks_of_footnotes(tmp_path: Path):
    text = """地区①,粮食产量^1（吨）,茶叶产量*（吨）,猪肉产量注1（吨）
        莲都区①,123①,12*,5
        青田县^1,1^1,2注1,3[2]
        缙云县注1,1,2,3"""
    rows, problems = read(tmp_path, text)
    assert keys(problems) == set()
    assert {(row.zone, row.value) for row in rows if row.item == GRAIN} == {(LIANDU, 123), (QINGTIAN, 1), (JINYUN, 1)}
    assert {(row.zone, row.value) for row in rows if row.item == TEA} == {(LIANDU, 12), (QINGTIAN, 2), (JINYUN, 2)}
    _, problems = read(tmp_path, "地区,粮食产量（吨）\n莲都区,10^4")
    assert keys(problems) == {"T03.no_number"}


# workbooks ------------------------------------------------------------------------------------------------------------


def sheet(path: Path, rows: Sequence[Sequence[Any]], formats: Mapping[str, str] | None = None) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    book.save(path)
    return path


def test_many_columns_are_all_read_and_too_many_refused(tmp_path: Path):
    """300 counties across were cut at 256; what stands behind the last column that is read is not cut in silence."""
    zones = {str(1000 + index): f"第{index}县" for index in range(300)}
    rows = [["指标", "单位", *zones.values()], ["粮食产量", "吨", *range(1, 301)]]
    read_rows, problems = read_tables({"t": sheet(tmp_path / "t.xlsx", rows)}, zones, 2023)
    assert problems == []
    assert {row.zone: row.value for row in read_rows} == {code: n for n, code in enumerate(zones, start=1)}
    far = [["地区", "粮食产量（吨）"], ["莲都区", 1, *[None] * 1022, 7]]
    _, problems = read_tables({"t": sheet(tmp_path / "far.xlsx", far)}, ZONES, 2023)
    refused = one(problems, "F20.too_wide")
    assert (refused.place, refused.found) == ("far.xlsx", "Sheet!AMK2")
    assert "AMJ 列之后还有数值" in refused.in_language("zh")


def test_a_percent_sign_that_is_text_of_a_format(tmp_path: Path):
    """The cell shows 12% and stores 12: nothing is a hundred times as large."""
    rows = [["地区", "景观溢价比例（%）"], ["莲都区", 12]]
    for number_format in ('0"%"', "0\\%"):
        found, problems = read_tables({"t": sheet(tmp_path / "t.xlsx", rows, {"B2": number_format})}, ZONES, 2023)
        assert problems == []
        assert [(row.value, row.unit) for row in found] == [(12, "%")]
        assert figure_of(12, number_format, "percent", ()) == 12
    assert figure_of(0.12, "0.0%", "percent", ()) == pytest.approx(12)


def test_a_damaged_workbook_is_told_and_a_fault_of_ours_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = sheet(tmp_path / "t.xlsx", [["地区", "粮食产量（吨）"], ["莲都区", 1]])
    data = path.read_bytes()
    for broken in (b"no zip", data[: len(data) // 2]):
        (tmp_path / "b.xlsx").write_bytes(broken)
        _, problems = read_tables({"t": tmp_path / "b.xlsx"}, ZONES, 2023)
        assert [(p.key, p.place) for p in problems] == [("inputs.F01.no_table", "b.xlsx")]

    def fails(*_: Any) -> None:
        raise TypeError("a slip in the code")

    monkeypatch.setattr(table_files, "read_layout", fails)
    with pytest.raises(TypeError, match="a slip in the code"):
        read_tables({"t": path}, ZONES, 2023)


def test_what_a_message_calls_a_product_a_table_may_call_it_too() -> None:
    """A product that has a Chinese label is read by it, so that a message can be followed."""
    labels = {row["id"] for _, row in read_csv(data_folder() / "labels.csv") if row["kind"] == "product"}
    assert labels <= {item.partition("/")[2] for item in listed_products()}
    for item in listed_products():
        assert [name.item for name in named_items(shown_item(item).zh)] == [item]
