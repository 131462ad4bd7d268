"""How accounts of others are read: tables of many shapes, headings, units."""

import re

import projects
import pytest
from openpyxl import Workbook
from tables_of_accounts import cross_table, row, write

from gep.audit.audit import audit
from gep.audit.figures import read_unit
from gep.core.errors import InputError, UsageError


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


# reading --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "factor", "above", "below"),
    [
        ("亿元", 10**8, ("CNY",), ()),
        ("1e4 CNY/ha/yr", 1, ("CNY",), ("m^2",)),
        ("10^4 m3", 10**4, ("m^3",), ()),
        ("10⁸ m³", 10**8, ("m^3",), ()),
        ("万元/(km²·a)", 0.01, ("CNY",), ("m^2",)),
        ("1e8 CNY (stock)", 10**8, ("CNY",), ()),
        ("CNY/t (printed; used per m3)", 1, ("CNY",), ("t",)),
        ("billion CNY", 10**9, ("CNY",), ()),
        ("万人次", 10**4, ("visit",), ()),
        ("dwellings", 1, ("dwelling",), ()),
    ],
)
def test_printed_units(text, factor, above, below):
    unit = read_unit(text)
    assert (float(unit.factor), unit.above, unit.below) == (factor, above, below)


def test_a_unit_of_words_makes_its_row_cannot_tell(tmp_path):
    cells = {"quantity": "2", "quantity_unit": "m3", "unit_price": "3", "price_unit": "CNY/m3"}
    found = audit(
        write(
            tmp_path / "a.csv", [row(service="water", value="99", value_unit="as printed (1e9 CNY inferred)", **cells)]
        )
    )
    assert not found.fails
    assert any("only words" in check.sentence for check in found.cannot_tell)


def test_figures_as_people_type_them(tmp_path):
    """Thousands separators and full-width digits: 1,500 × 2 = 3000."""
    cells = {"quantity": "1,500", "quantity_unit": "m3", "unit_price": "２", "price_unit": "CNY/m3"}
    found = audit(write(tmp_path / "a.csv", [row(service="water", value="3 000", value_unit="CNY", **cells)]))
    assert len(found.holds) == 1
    assert any("thousands separators" in text and "line 2, quantity" in text for text in found.readings)
    assert any("full-width" in text for text in found.readings)


def test_a_figure_that_could_be_two_is_named_with_its_cell(tmp_path):
    path = write(
        tmp_path / "a.csv",
        [row(service="water", value="1,23", value_unit="CNY"), row(service="soil", value="2.0", value_unit="CNY")],
    )
    (problem,) = audit(path).unreadable
    assert (problem.code, problem.place) == ("A01", "a.csv, line 2, value")
    assert "may part thousands or decimals" in problem.message


def test_gbk_chinese_headings_and_units_in_headings(tmp_path):
    headings = ["地区", "年份", "生态系统类型", "服务", "实物量（万立方米）", "单价(元/立方米)", "价值量（万元）"]
    rows = [
        dict(zip(headings, cells, strict=True))
        for cells in (("某市", "2020", "森林", "水源涵养", "150.0", "3.6", "540.0"),)
    ]
    found = audit(write(tmp_path / "a.csv", rows, headings, encoding="gbk"))
    assert len(found.holds) == 1
    assert any("GBK" in text for text in found.readings)
    assert any("the unit of value is read from its heading: 万元" in text for text in found.readings)


def test_a_workbook_with_merged_cells_a_title_and_a_row_of_units(tmp_path):
    """A title above, units below the headings, the region merged down, numbers stored as numbers: 10 × 2 = 20, 30 × 2 =
    690 fails.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = "表3"
    for line in (
        ["GEP of Testland"],
        ["region", "year", "ecosystem_type", "service", "quantity", "unit_price", "value"],
        [None, None, None, None, "m3", "CNY/m3", "CNY"],
        ["Testland", 2020, "forest", "water", 10, 2, 20],
        [None, 2020, "grassland", "water", 30, 2, 690],
    ):
        sheet.append(line)
    sheet.merge_cells("A4:A5")
    sheet.merge_cells("A1:G1")
    book.create_sheet("notes").append(["nothing here"])
    book.save(tmp_path / "a.xlsx")
    found = audit(tmp_path / "a.xlsx")
    (check,) = found.fails
    assert check.cells == ("a.xlsx, sheet 表3, cell G5", "a.xlsx, sheet 表3, cell E5", "a.xlsx, sheet 表3, cell F5")
    assert any("row 2" in text for text in found.readings)
    assert any("merged" in text for text in found.readings)
    assert found.skipped[0].file == "a.xlsx, sheet notes"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_table_of_a_report(tmp_path, kind):
    """Categories written once, subtotals, a total in the first column: 74.13 + 4.56 = 78.69, not 78.96; 4.15 + 78.69 +
    37.50 = 120.34.
    """
    lines = [
        ["某市2022年生态产品总值核算结果", "", "", "", "", "", ""],
        ["指标类别", "核算指标", "功能量", "单位", "单价", "单价单位", "价值量（亿元）"],
        ["物质供给", "农业产品", "12.30", "万吨", "2400", "元/吨", "2.95"],
        ["", "林业产品", "", "", "", "", "1.20"],
        ["", "小计", "", "", "", "", "4.15"],
        ["调节服务", "水源涵养", "10.50", "亿立方米", "7.06", "元/立方米", "74.13"],
        ["", "固碳", "120.00", "万吨", "380", "元/吨", "4.56"],
        ["", "小计", "", "", "", "", "78.96"],
        ["文化服务", "旅游康养", "1,250", "万人次", "300", "元/人次", "37.50"],
        ["合计", "", "", "", "", "", "120.34"],
    ]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines), encoding="gbk")
    else:
        book = Workbook()
        for line in lines:
            book.active.append([cell or None for cell in line])
        for merged in ("A1:G1", "A3:A5", "A6:A8", "A10:F10"):
            book.active.merge_cells(merged)
        book.save(path)
    found = audit(path)
    assert len(found.fails) == 2
    assert all(check.cause.id == "cell" and "78.69 instead of 78.96" in check.cause.text for check in found.fails)
    assert sum(check.kind == "product" for check in found.holds) == 4


MESSY = (
    "某市核算表（单位：万元）",
    "地区;年份;生态系统类型;服务;实物量（万立方米）;单价(元/立方米);价值量;经办人",
    "某市;2020;森林;水源涵养;150,0;3,6;540,0;甲",
    ";2020;草地;水源涵养;1.2.3;3,6;54１;",
    ";2020;合计;水源涵养;;;700,0;",
)


def test_everything_is_said_in_chinese(gep, tmp_path):
    """What is wrong, how it was read, what could not be read and what was left out: no English word but names."""
    (tmp_path / "t.csv").write_text("\n".join(MESSY), encoding="gbk")
    (tmp_path / "t.pdf").write_bytes(b"%PDF")
    (tmp_path / "u.csv").write_text("\n".join(SOUND["a hierarchy of forests"]), encoding="utf-8")
    result = gep("audit", tmp_path, "--lang", "zh")
    said = result.out.replace(str(tmp_path), "")
    assert result.code == 5
    assert "各生态系统（2 项）之和为 1081 万元" in said
    assert "“54１”读作 541（全角字符）" in said
    assert not re.search(r"[A-Za-z]{4,}", re.sub("“[^”]*”", "", said)), said


def test_what_is_no_account_is_said_in_chinese(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        audit(tmp_path / "a.csv")
    assert "没有可识别格式的核算表" in caught.value.in_language("zh")
    assert "a.csv：表头无法识别" in caught.value.in_language("zh")


def test_a_cell_shows_the_digits_of_its_format(tmp_path):
    """3.5 shown as 3.50 is known to half a hundredth: 3.50 × 200.00 = 700.00, and 701.00 is wrong."""
    book = Workbook()
    sheet = book.active
    sheet.append(["service", "quantity (m3)", "unit_price (CNY/m3)", "value (CNY)"])
    sheet.append(["water", 3.5, 200, 701])
    for cell in sheet[2][1:]:
        cell.number_format = "#,##0.00"
    book.save(tmp_path / "a.xlsx")
    assert len(audit(tmp_path / "a.xlsx").fails) == 0  # 3.505 × 200 = 701
    sheet["D2"] = 702
    book.save(tmp_path / "a.xlsx")
    (check,) = audit(tmp_path / "a.xlsx").fails
    assert "printed 702.00" in check.arithmetic


def test_a_stray_figure_far_to_the_right_is_told_and_left_out(tmp_path):
    book = Workbook()
    for line in (["service", "value (CNY)"], ["water", 10], ["soil", 20], ["total", 30]):
        book.active.append(line)
    book.active["XFD2000"] = 1
    book.save(tmp_path / "a.xlsx")
    found = audit(tmp_path / "a.xlsx")
    assert len(found.holds) == 1
    assert any("the first in Sheet!XFD2000" in text for text in found.readings)


def test_a_cell_that_is_shown_in_percent_is_a_share(tmp_path):
    """0.7 shown as 70.0% is 70.0 of 100.0; 25.0% is not 20.0 of it. A share is of the year of the column before it."""
    book = Workbook()
    for line in (
        ["服务", "2015年(亿元)", "占比", "2020年(亿元)", "占比"],
        ["供给服务", 20.0, 0.25, 36.0, 0.3],
        ["调节服务", 70.0, 0.7, 72.0, 0.6],
        ["文化服务", 10.0, 0.1, 12.0, 0.1],
        ["合计", 100.0, 1.0, 120.0, 1.0],
    ):
        book.active.append(line)
    for _, *numbers in book.active.iter_rows(min_row=2):
        for cell in numbers:
            cell.number_format = "0.0%" if cell.column in (3, 5) else "0.0"
    book.save(tmp_path / "a.xlsx")
    found = audit(tmp_path / "a.xlsx")
    assert (found.tally.read, found.tally.checked) == (16, 16)
    assert [check.cells[0] for check in found.fails] == ["a.xlsx, sheet Sheet, cell C2"]


SOUND = {
    "a unit left out": (
        "服务,实物量,实物量单位,单价,单价单位,价值量",
        "水源涵养,100,m3,5.00,元/m3,500",
    ),
    "persons for visits": (
        "服务,实物量,实物量单位,单价,单价单位,价值量,价值量单位",
        "旅游,30.00,万人次,500,元/人,1.50,亿元",
    ),
    "a price in plain yuan": (
        "服务,实物量,实物量单位,单价,单价单位,价值量,价值量单位",
        "固碳,200,t,5,元,1000,元",
    ),
    "kilowatt hours": (
        "服务,实物量,实物量单位,单价,单价单位,价值量,价值量单位",
        "气候调节,2.00,亿千瓦时,0.53,元/kW·h,1.06,亿元",
    ),
    "rows within a row": (
        "服务类别,服务,价值量（亿元）",
        "调节,水源涵养,17.00",
        "调节,其中：水库,6.00",
        "调节,固碳,0.50",
        "调节,小计,17.50",
    ),
    "a grand total below subtotals": (
        "年份,服务类别,服务,价值量(亿元)",
        "2020,调节服务,水源涵养,17.00",
        "2020,,固碳,0.50",
        "2020,,小计,17.50",
        "2020,文化服务,旅游,2.50",
        "2020,,小计,2.50",
        "2020,,合计,20.00",
    ),
    "a hierarchy of forests": (
        "region,year,ecosystem_type,indicator,quantity,quantity_unit",
        "X,2020,forest,extent,100.0,ha",
        "X,2020,broadleaf forest,extent,60.0,ha",
        "X,2020,coniferous forest,extent,40.0,ha",
        "X,2020,wetland,extent,20.0,ha",
        "X,2020,ALL,extent,120.0,ha",
    ),
    "depths of counties": (
        "region,subregion,year,service,indicator,quantity,quantity_unit",
        "X,全市,2020,water,precipitation,800,mm",
        "X,甲县,2020,water,precipitation,900,mm",
        "X,乙县,2020,water,precipitation,700,mm",
    ),
    "growth of one service": (
        "region,year,service_category,service,indicator,value,value_unit",
        "X,2015,regulating,water,,60.0,CNY",
        "X,2020,regulating,water,,72.0,CNY",
        "X,2015,ALL,ALL,,100.0,CNY",
        "X,2020,ALL,ALL,,150.0,CNY",
        "X,2020,regulating,water,change 2015-2020,20.0,%",
        "X,2020,ALL,ALL,average annual growth 2015-2020,8.45,%",
    ),
    "current and constant prices": (
        "region,year,service_category,service,value,value_unit",
        "X,2020,ALL,ALL,100.0,亿元 (当年价)",
        "X,2020,ALL,ALL,92.0,亿元 (2015年不变价)",
    ),
    "two products of one name": (
        "region,year,service,quantity,quantity_unit,unit_price,price_unit,value,value_unit,note",
        "X,2020,农产品,5.00,万t,6000,元/t,3.00,亿元,粮食",
        "X,2020,农产品,2.00,万t,3000,元/t,0.60,亿元,蔬菜",
    ),
    "a grand total below counties": (
        "年份,区县,服务,价值量(亿元)",
        "2020,甲县,水源涵养,17.00",
        "2020,,固碳,0.50",
        "2020,乙县,水源涵养,18.00",
        "2020,,固碳,0.70",
        "2020,,合计,36.20",
    ),
    "a source below the table": (
        "服务,价值量(亿元)",
        "水源涵养,1.20",
        "固碳,0.50",
        "合计,1.70",
        "数据来源：统计年鉴,2020",
    ),
    "percent cells": (
        "region,year,service,indicator,value,value_unit",
        "X,2015,ALL,,100.0,CNY",
        "X,2020,ALL,,150.0,CNY",
        "X,2020,ALL,growth 2015-2020,50.0%,",
    ),
    "a stock of carbon": (
        "region,year,service,quantity,quantity_unit",
        "X,2020,carbon storage,5000.0,t C",
        "X,2020,carbon sequestration,367.0,t CO2",
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_condemned_for_what_it_leaves_unsaid(tmp_path, name):
    (tmp_path / "a.csv").write_text("\n".join(SOUND[name]), encoding="utf-8")
    assert not audit(tmp_path / "a.csv").fails


UNREADABLE_PART = "服务,价值量(亿元)\n水源涵养,10.0\n固碳,{}\n合计,35.0"


@pytest.mark.parametrize("text", ["约25", "<0.5", "——", "1,5"])
def test_a_part_that_cannot_be_read_leaves_its_sum_open(tmp_path, text):
    (tmp_path / "a.csv").write_text(UNREADABLE_PART.format(f'"{text}"'), encoding="utf-8")
    assert not audit(tmp_path / "a.csv").fails


DEGENERATE = {
    "a share of nothing": (
        "region,year,service_category,service,value,value_unit,note",
        "X,2020,ALL,ALL,0,CNY,",
        "X,2020,reg,water,20.0,CNY,share 0 %",
    ),
    "growth from nothing": (
        "region,year,service,indicator,value,value_unit",
        "X,2015,ALL,,0,CNY",
        "X,2020,ALL,,150.0,CNY",
        "X,2020,ALL,change 2015-2020,20.0,%",
    ),
    "a number without end": (
        "service,value,value_unit",
        "water,1e400,CNY",
        "soil,2,10^400 t",
        "air,3,USD/0 t",
        "sun,1e99999999,CNY",
    ),
    "a unit without a number": (
        "service,quantity,quantity_unit,unit_price,price_unit,value,value_unit",
        "water,1,,2,/,3,万",
    ),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_figures_are_no_traceback(gep, tmp_path, name):
    (tmp_path / "a.csv").write_text("\n".join(DEGENERATE[name]), encoding="utf-8")
    assert gep("audit", tmp_path / "a.csv").code in (0, 5)


def test_a_damaged_workbook_does_not_hide_the_other_files(tmp_path):
    write(tmp_path / "good.csv", cross_table())
    book = Workbook()
    book.save(tmp_path / "bad.xlsx")
    raw = (tmp_path / "bad.xlsx").read_bytes()
    (tmp_path / "bad.xlsx").write_bytes(raw[: len(raw) // 2])
    found = audit(tmp_path)
    assert len(found.holds) == 6
    assert [entry.file for entry in found.skipped] == ["bad.xlsx"]


def test_a_formula_without_a_result_is_said(tmp_path):
    book = Workbook()
    for line in (["service", "value (CNY)"], ["water", 10], ["soil", 20], ["total", "=SUM(B2:B3)"]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    (problem,) = audit(tmp_path / "a.xlsx").unreadable
    assert (problem.code, problem.place) == ("A01", "a.xlsx, sheet Sheet, cell B4")


def test_an_unknown_unit_is_no_failure(tmp_path):
    cells = {"quantity": "2", "quantity_unit": "blorps", "unit_price": "3", "price_unit": "CNY/m3"}
    found = audit(write(tmp_path / "a.csv", [row(service="water", value="99", value_unit="CNY", **cells)]))
    assert not found.fails
    assert "blorps" in found.cannot_tell[0].sentence


def test_nothing_to_read(tmp_path):
    with pytest.raises(UsageError, match="There is no file"):
        audit(tmp_path / "nowhere")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF")
    (tmp_path / "c.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError, match="holds no account") as caught:
        audit(tmp_path)
    for name in ("a.csv: its headings", "b.pdf: damaged", "c.xlsx: not a workbook"):
        assert name in caught.value.message


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("表1（单位：万元）,,\n甲组,丁组,戊组\n乙组,1,2\n丙组,3,4\n", "measure=value, unit=万元, header_rows=1"),
        ("Xyz,P,Q\nabc,1,2\ndef,3,4\n", "measure=value, header_rows=1"),
    ],
)
def test_the_map_that_is_offered_has_the_unit_of_the_table(tmp_path, text, offered):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        audit(tmp_path / "a.csv")
    assert offered in str(caught.value)
    assert "1e8 CNY" not in str(caught.value)
