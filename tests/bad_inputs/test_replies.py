"""Replies as they come back: what a person does to a form is read, or told with its file, sheet and cell in Chinese."""

import re
import shutil
import zipfile

import pytest
from filled_forms import AIR, FARMS, SITES, SO2, WATER, call, codes, figures, forms_of, loads, rows
from openpyxl import Workbook, load_workbook

# what is read ---------------------------------------------------------------------------------------------------------


def test_pasted_text_is_read_as_the_number_it_is(reply):
    written = {"990101": "\u3000４１０ ", "990102": "1,650", "990103": "290 吨"}

    def change(book):
        (form,) = forms_of(book)
        loads(form)
        for place, text in written.items():
            form.cell(SO2, place).value = text

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    read = figures(folder)
    assert [read[place, "so2_emission"] for place in written] == ["410", "1650", "290"]


def test_columns_may_be_moved_and_rows_put_in(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.cell(SO2, "990102").value = 1650
        sheet = form.sheet
        merged = [str(block) for block in sheet.merged_cells.ranges]
        for block in merged:
            sheet.unmerge_cells(block)
        first, last = form.places["990101"], form.places["990103"]
        for row in range(1, sheet.max_row + 1):  # two counties change places
            one, other = sheet.cell(row, first), sheet.cell(row, last)
            one.value, other.value = other.value, one.value
        sheet.insert_rows(form.lines[SO2])
        sheet.cell(form.lines[SO2], 2).value = "以下为大气污染物"
        end = sheet.max_row + 1
        sheet.cell(end, 2).value = "合计"
        sheet.cell(end, first).value = 123
        sheet.insert_rows(1, 2)

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    read = figures(folder)
    assert read["990102", "so2_emission"] == "1650"
    assert len(read) == 18


def test_a_line_whose_code_was_lost_is_known_by_its_name(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.sheet.cell(form.lines[SO2], 1).value = None

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    assert figures(folder)["990101", "so2_emission"] == "40"  # the fourth line


def test_blank_is_missing_and_zero_is_zero(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form, but=[(SO2, "990101"), (SO2, "990103")])
        form.cell(SO2, "990102").value = 0
        form.cell(SO2, "990103").value = "未报"

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    read = figures(folder)
    assert read["990102", "so2_emission"] == "0"
    assert not {("990101", "so2_emission"), ("990103", "so2_emission")} & read.keys()
    assert [(row["指标名称"], row["地区"]) for row in rows(folder, "lacking.csv")] == [
        ("二氧化硫排放量", "甲县（合成）"),
        ("二氧化硫排放量", "丙县（合成）"),
    ]
    (answered,) = [row for row in rows(folder, "returns.csv") if row["表号"] == "GEP-06-1"]
    assert (answered["状态"], answered["指标数"], answered["应填数"], answered["已填数"], answered["缺报数"]) == (
        "已报",
        "6",
        "18",
        "16",
        "2",
    )


def test_what_does_not_apply_is_not_lacking(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.cell(SO2, "990101").value = "不适用"

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0
    assert rows(folder, "lacking.csv") == []
    assert ("990101", "so2_emission") not in figures(folder)


def test_another_unit_may_be_chosen(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.cell(SO2, "计量单位").value = "万吨"
        form.cell(SO2, "990102").value = 0.165

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    row = next(row for row in rows(folder) if (row["zone"], row["item"]) == ("990102", "so2_emission"))
    assert (row["value"], row["unit"]) == ("0.165", "10^4 t")


def test_a_sheet_that_says_it_is_smaller_than_it_is(reply, tmp_path):
    """What WPS writes of the reach of a sheet may be one cell."""

    def change(book):
        (form,) = forms_of(book)
        loads(form)

    folder, _ = reply(AIR, change)
    path = folder / AIR
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    changed = {name: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', text) for name, text in parts.items()}
    assert changed != parts
    with zipfile.ZipFile(path, "w") as new:
        for name, text in changed.items():
            new.writestr(name, text)
    assert call("forms", "read", folder).exit_code == 0
    assert len(figures(folder)) == 18


def test_a_lake_and_a_product_that_no_form_lists(reply):
    def lake(book):
        sheet = book["补充指标"]
        head = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "指标")
        for column, text in enumerate(("湖泊面积", "镜湖", "990102 乙县（合成）", "平方公里", "2.5", "水利普查")):
            sheet.cell(head.row + 1, head.column + column).value = text

    def product(book):
        sheet = book["补充指标"]
        head = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "指标")
        for row, (what, unit, value) in enumerate((("产量", "吨", 80), ("生产者价格", "元/吨", 30000)), start=1):
            texts = (f"农业产品（其他产品）：{what}", "枸杞", "乙县（合成）", unit, value)
            for column, text in enumerate(texts):
                sheet.cell(head.row + row, head.column + column).value = text

    folder, reading = reply(WATER, lake)
    assert reading.exit_code == 0, reading.output
    (row,) = rows(folder)
    assert [row[key] for key in ("zone", "item", "value", "unit", "source")] == [
        "990102",
        "lake_area/镜湖",
        "2.5",
        "km^2",
        "水利局，表 GEP-07-3：水利普查",
    ]
    (folder / WATER).unlink()
    folder, reading = reply(FARMS, product)
    assert reading.exit_code == 0, reading.output
    assert [(row["item"], row["measure"], row["value"], row["unit"], row["price_year"]) for row in rows(folder)] == [
        ("crop_products/枸杞", "quantity", "80", "t", ""),
        ("crop_products/枸杞", "price", "30000", "CNY/t", "2020"),
    ]


# what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "why"),
    [("—", "也可能表示“不掌握”"), ("10-20", "区间"), ("410万吨", "其他单位"), ("12,5", "两种读法"), (-3, "负数")],
)
def test_a_cell_that_can_mean_two_things_is_told_with_its_place(reply, written, why):
    cells = []

    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.cell(SO2, "990102").value = written
        cells.append(form.cell(SO2, "990102").coordinate)

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 4
    assert f"{AIR}，分县指标!{cells[0]}" in reading.output
    assert "二氧化硫排放量" in reading.output
    assert why in reading.output
    assert rows(folder) == []  # none of a department's figures where one is at fault
    (sent_back,) = [row for row in rows(folder, "returns.csv") if row["表号"] == "GEP-06-1"]
    assert (sent_back["状态"], sent_back["错误数"]) == ("退回", "1")
    (told,) = rows(folder, "problems.csv")
    assert (told["代码"], told["位置"]) == ("T50", f"{AIR}，分县指标!{cells[0]}")


def test_all_faults_are_told_at_once(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.cell(SO2, "990101").value = "约400"
        form.cell("nox_emission:quantity", "990102").value = "=1+1"
        form.cell("cod_load:quantity", "计量单位").value = "公里"

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 4
    assert codes(folder) == ["T50"] * 3
    for text in ("不是确数", "没有保存计算结果", "计量单位不适用", "3 个错误"):
        assert text in reading.output


def test_a_merged_cell_over_two_counties(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        one, other = form.cell(SO2, "990101"), form.cell(SO2, "990102")
        form.sheet.merge_cells(f"{one.coordinate}:{other.coordinate}")

    folder, reading = reply(AIR, change)
    assert (reading.exit_code, codes(folder)) == (4, ["T52"])
    assert "合并单元格覆盖了 2 个数字" in reading.output


def test_the_whole_area_beside_some_counties(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form, but=[(SO2, "990103")])
        form.cell(SO2, "_city").value = 2350

    folder, reading = reply(AIR, change)
    assert (reading.exit_code, codes(folder)) == (4, ["T52"])
    assert "填了全市数和部分县，缺丙县（合成）" in reading.output


def test_the_whole_area_alone_and_beside_all_counties(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form, but=[(SO2, "990101"), (SO2, "990102"), (SO2, "990103")])
        form.cell(SO2, "_city").value = 2350
        form.cell("cod_load:quantity", "_city").value = 99  # the counties say 10 each

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    assert codes(folder) == ["T54"]
    assert "各县合计 30，全市 99" in reading.output
    read = figures(folder)
    assert read["_city", "so2_emission"] == "2350"
    assert ("_city", "cod_load") not in read


def test_what_cannot_be_is_told(reply):
    def change(book):
        (form,) = forms_of(book)
        for place in ("990101", "990102", "990103"):
            form.cell("cooling_days:quantity", place).value = 380

    folder, reading = reply("10-气象局-2020.xlsx", change)
    assert reading.exit_code == 4
    assert set(codes(folder)) == {"T50"}
    assert "不可能如此" in reading.output


def test_a_line_that_nobody_asked_for(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        row = form.sheet.max_row + 1
        form.sheet.cell(row, 2).value = "二噁英排放量"
        form.sheet.cell(row, form.places["990101"]).value = 3

    folder, reading = reply(AIR, change)
    assert (reading.exit_code, codes(folder)) == (4, ["T51"])
    assert "未要求填报的行中有数字：`二噁英排放量`" in reading.output


def test_a_county_whose_head_is_gone(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        column = form.places["990102"]
        for row in range(1, form.sheet.max_row + 1):
            if form.sheet.cell(row, column).value == "990102":
                form.sheet.cell(row, column).value = None

    folder, reading = reply(AIR, change)
    assert (reading.exit_code, codes(folder)) == (4, ["T51"])
    assert "缺少乙县（合成）的栏目" in reading.output


def test_workbooks_that_are_no_replies(sent, tmp_path):
    shutil.copy(sent / AIR, tmp_path)
    Workbook().save(tmp_path / "别的.xlsx")
    (tmp_path / "坏的.xlsx").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "旧的.xls").write_bytes(b"old")
    (tmp_path / "~$打开的.xlsx").write_bytes(b"lock")
    shutil.copy(sent / WATER, tmp_path / "水利局（副本）.xlsx")
    shutil.copy(sent / WATER, tmp_path)
    reading = call("forms", "read", tmp_path)
    assert reading.exit_code == 4
    for text in (
        "别的.xlsx",
        "缺少记录填报内容的隐藏工作表",
        "坏的.xlsx",
        "工作簿无法读取",
        "旧的.xls",
        "另存为 .xlsx",
    ):
        assert text in reading.output
    assert set(codes(tmp_path)) == {"F50"}
    assert "同一部门还有另一份报表" in reading.output
    assert "打开的" not in reading.output
    assert "Traceback" not in reading.output


def test_who_did_not_answer_is_listed(sent, tmp_path):
    shutil.copy(sent / AIR, tmp_path)
    assert call("forms", "read", tmp_path).exit_code == 0
    states = {row["部门"]: row["状态"] for row in rows(tmp_path, "returns.csv")}
    assert states["水利局"] == "未报"  # no workbook
    assert states["生态环境局"] == "未报"  # an empty one
    assert len(states) == 12


def test_a_formula_in_the_name_of_a_person_harms_nobody(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        head = next(cell for row in form.sheet.iter_rows(max_row=3) for cell in row if cell.value == "填报人")
        form.sheet.cell(head.row, head.column + 1).value = "=HYPERLINK(0)"
        form.sheet.cell(head.row, head.column + 1).data_type = "s"

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    (row,) = [row for row in rows(folder, "returns.csv") if row["表号"] == "GEP-06-1"]
    assert not row["填报人"].startswith("=")


def test_a_product_without_a_price_is_told(reply):
    def change(book):
        (form,) = forms_of(book)
        for place in ("990101", "990102"):
            form.cell("crop_products/wheat:quantity", place).value = 5000
        form.cell("crop_products/wheat:price", "990101").value = 2400

    folder, reading = reply(FARMS, change)
    assert reading.exit_code == 0, reading.output
    assert codes(folder) == ["T53"]
    assert "“小麦：产量”在乙县（合成）没有价格" in reading.output


def test_a_product_of_before_lacks_where_neither_price_nor_output_came(reply):
    def change(book):
        (form,) = forms_of(book)
        form.cell("crop_products/wheat:quantity", "990101").value = 5000
        form.cell("crop_products/wheat:price", "990101").value = 2400
        form.cell("crop_products/wheat:quantity", "990102").value = "不适用"

    folder, reading = reply(FARMS, change)
    assert reading.exit_code == 0, reading.output
    lacking = {(row["指标名称"], row["行政区划代码"]) for row in rows(folder, "lacking.csv")}
    assert ("小麦：产量", "990103") in lacking
    assert not {("小麦：产量", "990101"), ("小麦：产量", "990102")} & lacking
    assert ("蔬菜：产值", "990101") in lacking


def test_a_figure_far_from_last_years_is_asked_about(sample_city, sample_account, tmp_path):
    from gep.study.folder import write_run

    write_run(sample_account, tmp_path / "last", [])
    forms = tmp_path / "forms"
    assert call("forms", "make", sample_city, "--out", forms, "--last", tmp_path / "last").exit_code == 0
    book = load_workbook(forms / SITES)
    (form,) = forms_of(book)
    form.cell("visits:quantity", "990101").value = 185000  # persons, in a line of 万人次: last year 18.5
    form.cell("visits:quantity", "990102").value = 50  # last year 42
    book.save(forms / SITES)
    reading = call("forms", "read", forms)
    assert reading.exit_code == 0
    assert codes(forms) == ["T54"]
    assert "甲县（合成）的“旅游人次”与上年的 18.5 相差较大" in reading.output
    assert "乙县（合成）的“旅游人次”" not in reading.output


def test_a_folder_of_other_things_is_not_replaced(sent, tmp_path):
    shutil.copy(sent / AIR, tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    reading = call("forms", "read", tmp_path, "--out", tmp_path / "mine")
    assert reading.exit_code == 2
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert call("forms", "read", tmp_path / "nowhere").exit_code == 2
    (tmp_path / "empty").mkdir()
    assert call("forms", "read", tmp_path / "empty").exit_code == 2
