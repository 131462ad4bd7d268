"""What a reply says twice, of others, or outside of its cells is told with its place: nothing of it is passed over."""

import pytest
from filled_forms import AIR, FARMS, SO2, Form, codes, figures, forms_of, loads, rows


def put(form: Form, column: int, head: tuple, value) -> str:
    """A column of one's own: three cells at its head, and a figure in the line of SO2; the name of that cell."""
    corner = next(cell.row for row in form.sheet.iter_rows() for cell in row if cell.value == "指标代码")
    for step, text in enumerate(head):
        form.sheet.cell(corner + step, column).value = text
    cell = form.sheet.cell(form.lines[SO2], column)
    cell.value = value
    return cell.coordinate


def refused(reading, folder, code, place, *texts):
    assert reading.exit_code == 4, reading.output
    assert codes(folder) == [code]
    told = [(row["位置"], row["问题"]) for row in rows(folder, "problems.csv")]
    assert any(place in where and all(text in what for text in texts) for where, what in told), told
    assert rows(folder) == []


def test_a_sheet_that_was_copied(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        copy = book.copy_worksheet(form.sheet)
        copy.title = "分县指标 (2)"
        Form(copy).cell(SO2, "990101").value = 41

    folder, reading = reply(AIR, change)
    refused(
        reading, folder, "T51", f"{AIR}，工作表“分县指标 (2)”", "表 GEP-06-1 有多张工作表", "`分县指标`、`分县指标 (2)`"
    )


@pytest.mark.parametrize("number", ["GEP-07-1", None])
def test_a_sheet_of_another_form(reply, number):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        copy = book.copy_worksheet(form.sheet)
        copy.title = "另一张"
        cell = next(cell for row in copy.iter_rows(max_row=3) for cell in row if cell.value == "GEP-06-1")
        cell.value = number

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", f"{AIR}，工作表“另一张”", "不属于本工作簿要求填报的表")


def test_a_form_of_another_year(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        next(cell for row in form.sheet.iter_rows(max_row=3) for cell in row if cell.value == "2020").value = "2019"

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", f"{AIR}，工作表“分县指标”", "与要求填报的 2020 年不同")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (("乙县（合成）", "990102", "本年值"), "“乙县（合成）”重复出现且有数字"),
        (("丁县", "990199", "本年值"), "未要求填报的栏目中有数字：`丁县`"),
        (("丁县", "990199", None), "未要求填报的栏目中有数字：`丁县`"),
        ((None, None, None), "未要求填报的栏目中有数字：`—`"),
    ],
)
def test_a_column_that_nobody_asked_for(reply, head, said):
    cells = []

    def change(book):
        (form,) = forms_of(book)
        loads(form)
        cells.append(put(form, form.sheet.max_column + 1, head, 77))

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", f"{AIR}，分县指标!{cells[0]}", said)


@pytest.mark.parametrize(
    ("head", "value"),
    [
        (("乙县（合成）", "990102", "本年值"), None),
        (("丁县", "990199", "本年值"), None),
        (("合计", None, "本年值"), 12),
        (("合计", None, None), 12),
        (("比上年增长（%）", None, None), 5.2),
        (("序号", None, None), 4),
        (("说明", None, None), "已与统计局核对"),
    ],
)
def test_what_people_put_beside_figures_is_no_fault(reply, head, value):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        put(form, form.sheet.max_column + 1, head, value)

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    assert len(figures(folder)) == 18


def test_the_name_of_another_figure_beside_a_code(reply):
    cells = []

    def change(book):
        (form,) = forms_of(book)
        loads(form)
        cell = form.sheet.cell(form.lines[SO2], 2)
        cell.value = form.sheet.cell(form.lines["nox_emission:quantity"], 2).value
        cells.append(cell.coordinate)

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", f"分县指标!{cells[0]}", "代码对应“二氧化硫排放量”", "名称为 `氮氧化物排放量")


def test_a_name_that_nobody_asked_for_beside_a_code(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.sheet.cell(form.lines[SO2], 2).value = "二噁英排放量"

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", "分县指标!B", "代码与名称不符", "`二噁英排放量`")


def test_a_unit_behind_the_name_is_no_contradiction(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.sheet.cell(form.lines[SO2], 2).value = "二氧化硫排放量（吨）"

    _, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output


def test_the_name_of_another_county_above_a_code(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        for row in form.sheet.iter_rows():
            for cell in row:
                if cell.value == "甲县（合成）":
                    cell.value = "丙县（合成）"

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", f"{AIR}，分县指标!", "代码对应“甲县（合成）”，名称为 `丙县(合成)`")


def test_a_heading_that_is_there_twice(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        put(form, form.sheet.max_column + 1, ("计量单位", None, None), "万吨")

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T51", f"{AIR}，分县指标!", "该表头出现两次")


def test_heads_of_counties_that_are_merged(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        for row in form.sheet.iter_rows():
            for cell in row:
                if cell.value == "甲县（合成）":
                    name, code = cell.coordinate, cell.offset(1).coordinate
                    cell.value = "甲县（合成）"
                    cell.offset(1).value = None
                    cell.value = "990101"
                    form.sheet.merge_cells(f"{name}:{code}")
                    return

    folder, reading = reply(AIR, change)
    assert reading.exit_code == 0, reading.output
    assert len(figures(folder)) == 18


def test_a_line_of_formulas_without_results(reply):
    """All cells of a line: none of them may pass for empty."""

    def change(book):
        (form,) = forms_of(book)
        loads(form)
        for place in ("990101", "990102", "990103"):
            form.cell(SO2, place).value = "=1+1"

    folder, reading = reply(AIR, change)
    refused(reading, folder, "T50", f"{AIR}，分县指标!", "没有保存计算结果")


def added(book, *lines):
    """Lines of the form of more lines."""
    sheet = book["补充指标"]
    head = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "指标")
    for row, texts in enumerate(lines, start=1):
        for column, text in enumerate(texts):
            sheet.cell(head.row + row, head.column + column).value = text


def test_a_product_that_has_lines_of_its_own(reply):
    """`其他产品` named 小麦 is the wheat of the other form: both would be added."""

    def change(book):
        (form,) = forms_of(book)
        form.cell("crop_products/wheat:quantity", "990101").value = 5000
        form.cell("crop_products/wheat:price", "990101").value = 2400
        added(book, ("农业产品（其他产品）：产量", "小麦", "甲县（合成）", "吨", 5000))

    folder, reading = reply(FARMS, change)
    refused(reading, folder, "T51", f"{FARMS}，补充指标!B", "“小麦”在表 GEP-01-1 中已有单独的行，会重复计算")


def test_a_product_of_the_whole_area_and_of_a_county(reply):
    def change(book):
        added(
            book,
            ("农业产品（其他产品）：产量", "枸杞", "乙县（合成）", "吨", 80),
            ("农业产品（其他产品）：产量", "枸杞", "全市", "吨", 100),
        )

    folder, reading = reply(FARMS, change)
    refused(reading, folder, "T52", f"{FARMS}，补充指标!E", "“枸杞”同时填了全市数和乙县（合成）")


def test_a_formula_without_its_result_in_an_added_line(reply):
    def change(book):
        added(book, ("农业产品（其他产品）：产量", "枸杞", "乙县（合成）", "吨", "=40*2"))

    folder, reading = reply(FARMS, change)
    refused(reading, folder, "T50", f"{FARMS}，补充指标!E", "没有保存计算结果")


def test_what_stands_below_the_reach_of_a_form(reply):
    def change(book):
        (form,) = forms_of(book)
        loads(form)
        form.sheet.cell(20_500, 2).value = "二噁英排放量"

    _, reading = reply(AIR, change)
    assert reading.exit_code == 4
    assert "F50" in reading.output
    assert "工作表 `分县指标` 的第 20500 行有内容；报表只读取到第 20000 行" in reading.output
