"""Tables as yearbooks and departments print them, made by code: what is read of them, and what is refused where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

from gep.core.errors import Problem
from gep.inputs.table_files import TableFile
from gep.inputs.tables import Statistic, read_tables

ZONES = {"331102": ("莲都区", "Liandu"), "331121": ("青田县", "Qingtian"), "331122": ("缙云县", "Jinyun")}
AREA = ("丽水市", "Lishui")


def read(source: Any, year: int = 2023, zones: Any = ZONES) -> tuple[list[Statistic], list[Problem]]:
    return read_tables({"t": source}, zones, year, AREA)


def csv_of(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", encoding=encoding)
    return path


def book_of(
    path: Path, sheets: dict[str, Sequence[Sequence[Any]]], merged: dict[str, Sequence[str]] | None = None
) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for block in (merged or {}).get(title, ()):
            sheet.merge_cells(block)
    book.save(path)
    return path


def said(rows: Sequence[Statistic]) -> set[tuple[str, str, str, float | None, str]]:
    return {(row.zone, row.item, row.measure, row.value, row.unit) for row in rows}


def codes(problems: Sequence[Problem]) -> set[str]:
    return {problem.code for problem in problems}


def one(problems: Sequence[Problem], code: str) -> Problem:
    (found,) = [problem for problem in problems if problem.code == code]
    return found


# what is read ---------------------------------------------------------------------------------------------------------

YEARBOOK = [
    ["5-12  各县（市、区）主要农产品产量和产值", None, None, None, None, None],
    ["（2023年）", None, None, None, None, None],
    ["地　区", "粮　食", None, "茶　叶", None, "年末常住人口\n（万人）"],
    [None, "产量\n（吨）", "产值\n（万元）", "产量\n（吨）", "产值\n（万元）", None],
    ["全　市", 600, 180, 6.5, 60, 60],
    ["莲都区", 100, 30, 1.5, 10, 10],
    ["青田县", 200, 60, 2, 20, 20],
    ["缙云县", 300, 90, 3, 30, 30],
    ["注：产值按现价计算。", None, None, None, None, None],
]
MERGED = ["A1:F1", "A2:F2", "A3:A4", "B3:C3", "D3:E3", "F3:F4", "A9:F9"]
OF_YEARBOOK = {
    (zone, item, measure, value, unit)
    for zone, values in (
        ("331102", (100, 30, 1.5, 10, 10)),
        ("331121", (200, 60, 2, 20, 20)),
        ("331122", (300, 90, 3, 30, 30)),
    )
    for (item, measure, unit), value in zip(
        (
            ("crop_products/grain", "quantity", "吨"),
            ("crop_products/grain", "value", "万元"),
            ("crop_products/tea", "quantity", "吨"),
            ("crop_products/tea", "value", "万元"),
            ("population", "quantity", "万人"),
        ),
        values,
        strict=True,
    )
}


def test_a_table_of_a_yearbook(tmp_path: Path):
    """Title and year above, two heading rows with merged blocks, spaces in names, a total row, a note."""
    path = book_of(tmp_path / "yearbook.xlsx", {"5-12": YEARBOOK}, {"5-12": MERGED})
    rows, problems = read(path)
    assert said(rows) == OF_YEARBOOK
    assert {row.year for row in rows} == {2023}
    assert rows[0].place == "yearbook.xlsx, sheet 5-12, cell B6"
    assert [(p.code, p.severity) for p in problems] == [("T30", "information")]
    assert "表中的 5 个合计不计入" in problems[0].in_language("zh")


def test_its_sheet_among_others(tmp_path: Path):
    """Without `sheet` the only one that is a table; of two the key says which, and the message lists both."""
    cover = [["丽水统计年鉴 2024"], ["农业篇"]]
    path = book_of(tmp_path / "b.xlsx", {"封面": cover, "5-12": YEARBOOK}, {"5-12": MERGED})
    assert said(read(path)[0]) == OF_YEARBOOK
    path = book_of(tmp_path / "c.xlsx", {"2022": YEARBOOK, "2023": YEARBOOK})
    refused = one(read(path)[1], "F21")
    assert "`2022`, `2023`" in refused.message
    assert "`sheet`" in refused.do
    assert said(read(TableFile(path, "2023"))[0]) == OF_YEARBOOK
    missing = one(read(TableFile(path, "2032"))[1], "F20")
    assert missing.allowed == "one of `2022`, `2023`"
    assert "没有工作表 `2032`。是否应为 `2023`" in missing.in_language("zh")


def test_zones_across_with_units_beside_the_items(tmp_path: Path):
    rows, problems = read(
        csv_of(
            tmp_path / "t.csv",
            """指标,计量单位,全市,莲都区,青田县,缙云县
            一、地区生产总值,亿元,60,10,20,30
            二、农林牧渔业产值,,,,,
            农业总产值（现价）,万元,600,100,200,300
            # 茶叶产值,万元,60,10,20,30
            三、旅游人次,万人次,6,1,2,3""",
        ).rename(tmp_path / "u.csv"),
        zones=ZONES,
    )
    assert "T31" in codes(problems)  # 农林牧渔业产值 is no item of an account
    assert one(problems, "T31").place == "u.csv, line 3, column 1"
    rows, problems = read(TableFile(tmp_path / "u.csv", ignored=("二、农林牧渔业产值",)))
    assert codes(problems) == {"T30"}
    assert {(row.item, row.measure) for row in rows} == {
        ("gdp", "value"),
        ("crop_products", "value"),
        ("visits", "quantity"),
    }
    assert sum(row.value or 0 for row in rows if row.item == "gdp") == 60


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_years_across(tmp_path: Path, encoding: str):
    """The year of the account is taken, and said; of another year nothing."""
    text = """各县区粮食产量,,,
        单位：吨,,,
        ,2021年,2022年,2023年
        莲都区,1,2,3
        青田县,4,5,6"""
    path = csv_of(tmp_path / "t.csv", text, encoding)
    rows, problems = read(path)
    assert said(rows) == {
        ("331102", "crop_products/grain", "quantity", 3, "吨"),
        ("331121", "crop_products/grain", "quantity", 6, "吨"),
    }
    assert "表中有 2021、2022、2023 年的数据，采用 2023 年" in one(problems, "T30").in_language("zh")
    rows, problems = read(path, year=2019)
    assert rows == []
    assert codes(problems) == {"T31"}
    assert "none for 2019" in problems[0].message


def test_one_other_year_is_told_as_before(tmp_path: Path):
    rows, problems = read(csv_of(tmp_path / "t.csv", "地区,2021年粮食产量（吨）\n莲都区,1\n青田县,2"))
    assert [row.year for row in rows] == [2021, 2021]
    assert codes(problems) == {"T01"}


def test_figures_of_the_whole_area_only(tmp_path: Path):
    """A total that no zone is beside is the figure of the whole area; else the project says of which zone all are."""
    path = csv_of(tmp_path / "t.csv", "指标,单位,2023年,比上年增长(%)\n常住人口,万人,250,0.4\n地区生产总值,亿元,2000,5")
    rows, problems = read(path)
    assert rows == []
    refused = one(problems, "T02")
    assert "do not say the zone" in refused.message
    assert '{ path = "…", zone = "…" }' in refused.do
    rows, problems = read(TableFile(path, given={"zone": "_city"}))
    assert said(rows) == {("_city", "population", "quantity", 250, "万人"), ("_city", "gdp", "value", 2000, "亿元")}
    assert "`比上年增长(%)`" in one(problems, "T30").message
    whole = csv_of(tmp_path / "w.csv", "地区,渔业总产值（万元）,粮食产量（吨）\n全市,90,6\n莲都区,,2\n青田县,,4")
    rows, _ = read(whole)
    assert ("_city", "fishery_products", "value", 90, "万元") in said(rows)
    assert ("_city", "crop_products/grain", "quantity", 6, "吨") not in said(rows)


def test_a_total_is_compared_and_left_out(tmp_path: Path):
    """600 + 1 in rounded thousands is no fault, 66 for 60 is one; a price and a share have no sum."""
    text = """地区,粮食产量（千吨）,茶叶产值（万元）,茶叶价格（元/公斤）,空调开放天数（天）
        合计,6.1,66,80,100
        莲都区,1.0,10,80,90
        青田县,2.0,20,90,100
        缙云县,3.0,30,70,110"""
    rows, problems = read(csv_of(tmp_path / "t.csv", text))
    assert len(rows) == 12
    wrong = one(problems, "T32")
    assert (wrong.severity, wrong.place) == ("warning", "t.csv, line 2, column 3")
    assert "合计为 66，按地区的 3 个分项之和为 60" in wrong.in_language("zh")


def test_signs_for_no_figure_are_missing(tmp_path: Path):
    rows, problems = read(csv_of(tmp_path / "t.csv", "地区,茶叶产量（吨）\n莲都区,—\n青田县,…\n缙云县,"))
    assert [row.value for row in rows] == [None, None, None]
    told = {problem.severity: problem.in_language("zh") for problem in problems if problem.code == "T33"}
    assert "不足最小单位：此处按缺失处理，不按零计" in told["warning"]
    assert "`—` 按缺失处理，不按零计" in told["information"]


def test_a_continued_table_and_one_in_two_halves(tmp_path: Path):
    text = """单位：吨,,,,,
        地区,粮食产量,,地区,粮食产量,
        莲都区,1,,缙云县,3,
        青田县,2,,,,"""
    rows, problems = read(csv_of(tmp_path / "halves.csv", text))
    assert {(row.zone, row.value) for row in rows} == {("331102", 1), ("331121", 2), ("331122", 3)}
    assert problems == []
    text = """各县区粮食产量,
        单位：吨,
        地区,产量
        莲都区,1
        续表,
        地区,产量
        青田县,2"""
    rows, problems = read(csv_of(tmp_path / "continued.csv", text))
    assert said(rows) == {
        ("331102", "crop_products/grain", "quantity", 1, "吨"),
        ("331121", "crop_products/grain", "quantity", 2, "吨"),
    }


def test_frames_and_english(tmp_path: Path):
    """A frame with levels of columns, and headings in English."""
    columns = pd.MultiIndex.from_tuples(
        [("County", ""), ("Wheat output (t)", "2022"), ("Wheat output (t)", "2023"), ("GDP (10^8 CNY)", "2023")]
    )
    rows, _ = read(pd.DataFrame([["Liandu", 1.0, 2.0, 3.0], ["Qingtian", 4.0, 5.0, 6.0]], columns=columns))
    assert said(rows) == {
        ("331102", "crop_products/wheat", "quantity", 2, "t"),
        ("331121", "crop_products/wheat", "quantity", 5, "t"),
        ("331102", "gdp", "value", 3, "10^8 CNY"),
        ("331121", "gdp", "value", 6, "10^8 CNY"),
    }


def test_chinese_words_in_a_long_table(tmp_path: Path):
    """Everything that has an id may be named: zone, item, product, measure; a product of no list keeps its name."""
    text = """地区,指标,计量,数值,单位,年份,价格年份,来源
        莲都,农业产品/小麦,产量,1.2,万吨,2023,,年鉴
        Qingtian,小麦,单价,2.4,元/公斤,2023,2022,年鉴
        331122,农业产品/早稻,数量,5,吨,2023,,年鉴
        全市,中间消耗/农业产品/小麦,价值,7,万元,2023,2023,年鉴"""
    rows, problems = read(csv_of(tmp_path / "t.csv", text))
    assert problems == []
    assert [(row.zone, row.item, row.measure, row.price_year) for row in rows] == [
        ("331102", "crop_products/wheat", "quantity", None),
        ("331121", "crop_products/wheat", "price", 2022),
        ("331122", "crop_products/早稻", "quantity", None),
        ("_city", "intermediate_consumption/crop_products/wheat", "value", 2023),
    ]
    assert rows[0].source == "年鉴"


# what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "place", "en", "zh"),
    [
        (
            "地区,粮食产量（吨）,播种面积（公顷）\n莲都区,1,2",
            "T31",
            "line 1, column 3",
            "heading `播种面积(公顷)` is not understood",
            "表头 `播种面积(公顷)` 无法识别",
        ),
        (
            "地区,中药材产量（吨）\n莲都区,1",
            "T05",
            "line 1, column 2",
            "crop_products/medicinal, forestry_products/medicinal",
            "可指多项：农业产品/中药材、林业产品/中药材",
        ),
        ("地区,粮食产量（吨）\n庆元县,1", "T04", "line 2, column 2", "no zone `庆元县`", "没有分区 `庆元县`"),
        ("地区,粮食产量（吨）\n莲都区,约100", "T03", "line 2, column 2", "not a number", "不是数值"),
        ('地区,粮食产量（吨）\n莲都区,"1,234"', "T03", "line 2, column 2", "may part thousands", "可能是千位分隔符"),
        ("地区,粮食产量\n莲都区,1", "U01", "line 2, column 2", "the unit is missing", "缺少单位"),
        ("地区,粮食产量（公顷）\n莲都区,1", "U02", "line 2, column 2", "t, m^3 or head", "t、m^3 或 head"),
        (
            "指标,单位,莲都区（吨）\n粮食产量,万吨,1",
            "T31",
            "line 2, column 3",
            "two different things of this figure: unit",
            "说明不一致：单位",
        ),
        ("地区,产量（吨）\n莲都区,1", "T02", "line 2, column 2", "does not say the item", "未说明指标"),
        ("地区,粮产量（吨）\n莲都区,1", "T31", "line 1, column 2", "`粮食产量`", "是否应为 `粮食产量`"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, code: str, place: str, en: str, zh: str):
    rows, problems = read(csv_of(tmp_path / "t.csv", text))
    assert {row.place for row in rows} <= {"t.csv, line 2, column 2"} - {place and f"t.csv, {place}"}
    found = one(problems, code)
    assert found.severity == "error"
    assert place in found.place
    assert en in found.in_language("en")
    assert zh in found.in_language("zh")


def test_a_figure_in_a_merged_block_is_refused(tmp_path: Path):
    rows = [["地区", "粮食产量（吨）"], ["莲都区", 1], ["青田县", None]]
    _, problems = read(book_of(tmp_path / "t.xlsx", {"a": rows}, {"a": ["B2:B3"]}))
    assert one(problems, "T31").place == "t.xlsx, sheet a, cell B3"


def test_a_formula_without_a_result_is_refused(tmp_path: Path):
    rows = [["地区", "粮食产量（吨）"], ["莲都区", "=1+1"]]
    _, problems = read(book_of(tmp_path / "t.xlsx", {"a": rows}))
    assert one(problems, "F22").found == "a!B2"


def test_a_share_in_the_format_of_a_percentage_is_refused(tmp_path: Path):
    """The cell shows 12% and stores 0.12: below a heading with % nobody knows which is meant."""
    book = Workbook()
    book.active.append(["地区", "景观溢价比例（%）", "比上年增长（%）"])
    book.active.append(["莲都区", 0.12, 0.5])
    for cell in ("B2", "C2"):
        book.active[cell].number_format = "0%"
    book.save(tmp_path / "t.xlsx")
    rows, problems = read(tmp_path / "t.xlsx")
    assert rows == []
    assert one(problems, "T03").found == "12%"


def test_a_sheet_that_may_be_meant_and_is_broken(tmp_path: Path):
    """It may be this year's: the other is not taken in its place until the project says so."""
    rows = [["地区", "粮食产量（吨）"], ["莲都区", 3]]
    path = book_of(tmp_path / "t.xlsx", {"2022": rows, "2023": [rows[0], ["莲都区", "=1+1"]]})
    assert codes(read(path)[1]) == {"F22"}
    assert said(read(TableFile(path, "2022"))[0]) == {("331102", "crop_products/grain", "quantity", 3, "吨")}


def test_a_code_of_the_whole_area_beside_its_total(tmp_path: Path):
    text = "代码,地区,粮食产量（吨）,渔业总产值（万元）\n331100,全市,3,9\n331102,莲都区,1,\n331121,青田县,2,"
    rows, problems = read(csv_of(tmp_path / "t.csv", text))
    assert {(row.zone, row.item, row.value) for row in rows if row.value is not None} == {
        ("331102", "crop_products/grain", 1),
        ("331121", "crop_products/grain", 2),
        ("_city", "fishery_products", 9),
    }
    assert codes(problems) == {"T30"}


def test_a_zone_that_is_the_whole_study(tmp_path: Path):
    """A study of one county has its name: its figures are of the zone."""
    path = csv_of(tmp_path / "t.csv", "地区,粮食产量（吨）\n莲都区,1")
    rows, _ = read_tables({"t": path}, {"331102": "莲都区"}, 2023, ("莲都区",))
    assert [row.zone for row in rows] == ["331102"]


def test_a_name_that_two_zones_share_is_refused_with_both(tmp_path: Path):
    zones = {"1": "鼓楼区", "2": "鼓楼区"}
    _, problems = read(csv_of(tmp_path / "t.csv", "地区,粮食产量（吨）\n鼓楼区,1"), zones=zones)
    assert "鼓楼区` may mean several things: 1, 2" in one(problems, "T05").message


def test_a_workbook_without_a_table_lists_its_sheets(tmp_path: Path):
    sheets = {"甲": [["地区", "什么"], ["某地", 1]], "乙": [["地区", "多少"], ["某地", 2]]}
    found = one(read(book_of(tmp_path / "t.xlsx", sheets))[1], "F20")
    assert "`甲`、`乙`" in found.in_language("zh")
    assert 'sheet = "…"' in found.do
