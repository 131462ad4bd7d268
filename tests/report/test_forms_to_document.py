"""From forms out to the report in Word, by the commands alone: what people wrote is what the document prints."""

from __future__ import annotations

import re
import shutil
import zipfile
from itertools import cycle
from pathlib import Path

import docx
import pytest
from coarse_city import edited
from filled_forms import call, forms_of, statistics_of
from openpyxl import load_workbook
from openpyxl.comments import Comment

from gep.study.run import read_run

FARMS = "01-统计局-2020.xlsx"
WHEAT, PRICE, VISITS = "crop_products/wheat:quantity", "crop_products/wheat:price", "visits:quantity"
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
SPELLINGS = (
    lambda number: number,
    lambda number: f"\u3000{number:,} ",
    lambda number: f"{number:,}\u00a0".translate(FULL_WIDTH),
    lambda number: f"\u200b{number}",
)
"""A number as it is typed, and as it is pasted from a document, a web page and another system."""


def filled_by_people(folder: Path, table: Path) -> None:
    """Every figure of a table in its form, as people leave a workbook: pasted texts, merged cells, drafts, comments."""
    rows, spelled = statistics_of(table), cycle(SPELLINGS)
    for path in sorted(folder.glob("*.xlsx")):
        book = load_workbook(path)
        for form in forms_of(book):
            form.sign()
            for code in form.lines:
                item, _, measure = code.rpartition(":")
                for place in form.places:
                    if (row := rows.get((place, item, measure))) is not None:
                        form.cell(code, place).value = next(spelled)(float(row[0]))
            form.sheet.merge_cells("A1:F1")
            first = form.cell(next(iter(form.lines)), "备注")
            form.sheet.merge_cells(f"{first.coordinate}:{first.offset(1).coordinate}")
            first.value, first.comment = "与年鉴一致", Comment("已核对", "王芳")
        draft = book.create_sheet("草稿")
        draft["B3"], draft["C3"] = "小麦", 99999
        book.save(path)


def changed_in_file(path: Path, change) -> None:
    """The sheets of a workbook as another program would have written them."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, text in parts.items():
            new.writestr(name, change(text) if name.startswith("xl/worksheets/") else text)


def changed_by_hand(folder: Path) -> str:
    """Other figures than those of the table: of wheat by a formula, whose cell comes out; an added product; visits."""
    book = load_workbook(folder / FARMS)
    (form,) = forms_of(book)
    wheat = form.cell(WHEAT, "990101")
    wheat.value = "=5000+1000"
    form.cell(PRICE, "990101").value = "２，５００ 元/吨"
    more = book["补充指标"]
    head = next(cell for row in more.iter_rows() for cell in row if cell.value == "指标")
    lines = (("产量", "吨", "８０"), ("生产者价格", "元/吨", "30,000"))
    for row, (what, unit, value) in enumerate(lines, start=1):
        texts = (f"农业产品（其他产品）：{what}", "枸杞", "990102 乙县（合成）", unit, value, "县农业农村局")
        for column, text in enumerate(texts):
            more.cell(head.row + row, head.column + column).value = text
    book.save(folder / FARMS)
    tourism = next(folder.glob("11-*.xlsx"))
    book = load_workbook(tourism)
    (form,) = forms_of(book)
    form.cell(VISITS, "990101").value = "２０．５万人次"
    book.save(tourism)
    return wheat.coordinate


@pytest.fixture(scope="module")
def chain(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project, of its forms, of its run and its document."""
    folder = tmp_path_factory.mktemp("chain")
    project, forms = folder / "project", folder / "forms"
    shutil.copytree(sample_city, project)
    edited(project / "gep.toml", 'grid = "land_cover"  ', 'grid = { crs = "EPSG:32650", resolution = 300 }')
    assert call("forms", "make", project, "--out", forms).exit_code == 0
    filled_by_people(forms, project / "statistics.csv")
    formula = changed_by_hand(forms)
    refused = call("forms", "read", forms, "--out", folder / "tables")
    assert refused.exit_code == 4, refused.output
    assert f"{FARMS}，分县指标!{formula}" in refused.output
    assert "没有保存计算结果" in refused.output
    assert not {key for key in statistics_of(folder / "tables" / "statistics.csv") if "crop_products" in key[1]}

    def as_a_program(text: bytes) -> bytes:
        """With the result of the formula, and a reach of one cell, as WPS writes it."""
        text = re.sub(rb"<f>5000\+1000</f><v\s*(/>|></v>)", b"<f>5000+1000</f><v>6000</v>", text)
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', text)

    for path in forms.glob("*.xlsx"):
        changed_in_file(path, as_a_program)
    read = call("forms", "read", forms, "--out", folder / "tables")
    assert read.exit_code == 0, read.output
    (project / "statistics.csv").unlink()
    edited(project / "gep.toml", 'statistics = "statistics.csv"', 'statistics = "../tables/statistics.csv"')
    run = call("run", project, "--out", folder / "run")
    assert run.exit_code == 0, run.output
    report = call("report", folder / "run", "--docx")
    assert report.exit_code == 0, report.output
    return folder


def test_the_tables_hold_what_was_written(chain: Path, sample_city: Path):
    """All as the table of the city has it, but for what was changed by hand."""
    before, read = statistics_of(sample_city / "statistics.csv"), statistics_of(chain / "tables" / "statistics.csv")
    changed = {
        ("990101", "crop_products/wheat", "quantity"): 6000,
        ("990101", "crop_products/wheat", "price"): 2500,
        ("990102", "crop_products/枸杞", "quantity"): 80,
        ("990102", "crop_products/枸杞", "price"): 30000,
        ("990101", "visits", "quantity"): 20.5,
    }
    expected = {key: float(value) for key, (value, _) in before.items() if key in read} | changed
    assert {key: float(value) for key, (value, _) in read.items()} == expected
    assert len(read) > 100


def test_the_account_counts_them(chain: Path):
    account = read_run(chain / "run")
    values: dict[str, float] = {}
    for entry in account.entries:
        if entry.service == "crop_products" and entry.value is not None:
            values[entry.zone] = values.get(entry.zone, 0.0) + entry.value
    # t CNY/t of wheat, maize, rice, fruit, and the output of vegetables
    county_a = 6000 * 2500 + 9100 * 2150 + 1150 * 2900 + 6200 * 4600 + 53_000_000
    county_b = 6900 * 2400 + 11200 * 2150 + 4300 * 2900 + 4100 * 4600 + 98_000_000 + 80 * 30000
    assert values["990101"] == pytest.approx(county_a)  # 119,420,000
    assert values["990102"] == pytest.approx(county_b)  # 172,370,000
    visits = [e.quantity for e in account.entries if e.service == "tourism" and e.zone == "990101" and e.quantity]
    assert sum(visits) == pytest.approx(205_000)


def rows_of(document, *columns: str) -> dict[str, list[str]]:
    """The rows of a table of counties, by their names, under some of its headings."""
    for table in document.tables:
        heading, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        if heading[0] == "地区" and set(columns) <= set(heading):
            places = [heading.index(column) for column in columns]
            return {row[0]: [row[place] for place in places] for row in rows}
    raise AssertionError(columns)


def test_the_document_prints_them(chain: Path):
    document = docx.Document(str(chain / "run" / "report.docx"))
    crops = rows_of(document, "小麦（万吨）", "枸杞（吨）", "价值量（亿元）")
    assert crops["甲县（合成）"] == ["0.60", "未核算", "1.19"]  # of which nothing was reported there: missing, not zero
    assert crops["乙县（合成）"] == ["0.69", "80.00", "1.72"]
    assert rows_of(document, "旅游人次（万人次）")["甲县（合成）"] == ["20.50"]
