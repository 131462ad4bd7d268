"""What a form lets a person do: fill in what is asked, choose a unit, and nothing else."""

import csv
import json
from dataclasses import replace
from shutil import copytree

import pytest
from filled_forms import call, forms_of
from openpyxl import load_workbook

from gep.account.account import Account
from gep.core.messages import Text
from gep.inputs.forms import HIDDEN, Axes, Workbook, factor, record_rows, workbook_of
from gep.standards.profile import load_profile
from gep.study.forms import Known, Round, product_label, reported_last_year, workbooks
from gep.study.needs import needs_of

PLACES = (("110101", Text("East", "东区")), ("110102", Text("West", "西区")))


@pytest.fixture(scope="module", params=["columns", "rows"])
def book(request, sample_city, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    words = ("--counties", request.param, "--deadline", "2021-09-30", "--issued", "2021-08-01")
    assert call("forms", "make", sample_city, "--out", folder, *words).exit_code == 0
    return load_workbook(folder / "06-生态环境局-2020.xlsx")


def test_entries_are_open_and_all_else_is_locked(book):
    (form,) = forms_of(book)
    assert form.sheet.protection.sheet
    assert len(form.lines) == 6
    for code in form.lines:
        for place in ("990101", "990102", "990103", "_city", "备注", "数据来源/依据", "计量单位"):
            assert not form.cell(code, place).protection.locked
        first = form.cell(code, "990101")
        code_cell = form.sheet.cell(first.row, 1) if form.is_downwards else form.sheet.cell(5, first.column)
        assert code_cell.value == code
        assert code_cell.protection.locked


def test_no_code_of_the_program_stands_in_a_form(book):
    """The whole area has its name and the code of the study, products their Chinese names: 核桃, not walnuts."""
    texts = {str(cell.value) for sheet in book if sheet.sheet_state == "visible" for row in sheet for cell in row}
    assert {"全市", "990000"} <= texts
    assert not [text for text in texts if text.startswith("_")]


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("walnuts", "核桃", "Walnuts"),
        ("fish", "鱼类", "Fish"),
        ("冬小麦", "冬小麦", "冬小麦"),
        ("winter_wheat", "小麦", "winter wheat"),
        ("pomelo", "pomelo", "pomelo"),
    ],
)
def test_a_product_is_called_as_in_the_account(name, zh, en):
    assert (product_label(name).zh, product_label(name)) == (zh, en)


def test_the_head_says_which_form_of_whom_and_until_when(book):
    (form,) = forms_of(book)
    texts = [cell.value for row in form.sheet.iter_rows(max_row=3) for cell in row if cell.value is not None]
    for head, value in (
        ("表号", "GEP-06-1"),
        ("填报部门", "生态环境局"),
        ("核算年份", "2020"),
        ("截止日期", "2021-09-30"),
        ("下发日期", "2021-08-01"),
    ):
        assert texts[texts.index(head) + 1] == value
    assert {"填报人", "审核人", "填报日期"} <= set(texts)


def test_cells_take_numbers_and_two_words(book):
    (form,) = forms_of(book)
    cell = form.cell("so2_emission:quantity", "990101")
    (rule,) = [one for one in form.sheet.data_validations.dataValidation if cell.coordinate in one.sqref]
    assert rule.type == "custom"
    assert f"{cell.coordinate}>=0" in rule.formula1
    assert "未报" in rule.formula1
    assert "不适用" in rule.formula1
    unit = form.cell("so2_emission:quantity", "计量单位")
    (choice,) = [one for one in form.sheet.data_validations.dataValidation if unit.coordinate in one.sqref]
    assert choice.formula1 == '"吨,万吨"'


def test_what_was_asked_is_hidden(book):
    assert book[HIDDEN].sheet_state == "veryHidden"
    rows = [["" if cell is None else str(cell) for cell in row] for row in book[HIDDEN].iter_rows(values_only=True)]
    asked = workbook_of(rows)
    assert (asked.department, asked.year, asked.profile) == ("ecology_environment", 2020, "ndrc-2022")
    assert [code for code, _ in asked.places] == ["990101", "990102", "990103", "_city"]
    assert asked.forms[0].lines[3].item == "so2_emission"
    assert {one.department for one in asked.asked} >= {"statistics", "water", "compiler"}


def test_nothing_is_hidden_from_excel_or_wps(book):
    for sheet in book.worksheets:
        assert len(sheet.title) <= 31
        assert not set("[]:*?/\\") & set(sheet.title)


# what is asked of whom ------------------------------------------------------------------------------------------------


def books(**known):
    profile = load_profile("ndrc-2022")
    around = Round(profile, 2024, Text("City", "某市"), "110100", PLACES, **known)
    return {book.department: book for book in workbooks(around, needs_of(profile))}


def lines(book: Workbook):
    found = [(line.code, (form.kind, line)) for form in book.forms for line in form.lines]
    return dict(reversed(found))  # the form that asks for a thing before the one that lets others be added


def test_the_usual_products_are_asked_for_where_nothing_is_known():
    asked = lines(books()["statistics"])
    assert asked["crop_products/grain:quantity"][1].units == ("10^4 t", "t")
    assert asked["crop_products/grain:price"][1].units == ("CNY/t",)
    assert asked["crop_products/grain:value"][1].units == ("10^4 CNY", "10^8 CNY")
    assert asked["livestock_products/slaughtered:price"][1].units == ("CNY/head",)
    assert asked["crop_products:value"][0] == "counties"


def test_products_that_were_reported_take_their_place():
    wheat = {
        ("crop_products/冬小麦", "quantity"): [Known("110101", 5.0, "万吨")],
        ("crop_products/冬小麦", "price"): [Known("_city", 2.4, "元/千克")],
    }
    asked = lines(books(reported=wheat)["statistics"])
    assert "crop_products/grain:quantity" not in asked
    assert asked["crop_products/冬小麦:quantity"][1].units == ("10^4 t", "t")  # 万吨, as the list writes it
    assert asked["crop_products/冬小麦:price"][1].units == ("元/千克", "CNY/t")
    assert asked["crop_products/冬小麦:price"][0] == "area"
    assert "forestry_products/timber:quantity" not in asked  # of another department, and still the usual one
    assert "forestry_products/timber:quantity" in lines(books(reported=wheat)["forestry_grassland"])


def test_last_years_figures_come_in_the_unit_of_the_line():
    last = {("so2_emission", "quantity"): [Known("110102", 0.165, "万吨"), Known("110101", 410.0, "t")]}
    line = lines(books(last=last)["ecology_environment"])["so2_emission:quantity"][1]
    assert line.units == ("10^4 t", "t")
    assert line.last == {"110102": 0.165, "110101": pytest.approx(0.041)}


def test_a_run_without_a_ledger_has_people_and_output(sample_account):
    run = replace(sample_account.about, make_ledger=None)
    known = reported_last_year(Account(sample_account.entries, run))
    assert set(known) == {("population", "quantity"), ("gdp", "value")}
    by_county = {figure.place: figure for figure in known["gdp", "value"]}
    assert (by_county["990101"].value, by_county["990101"].unit) == (pytest.approx(23.4), "10^8 CNY")


def test_limits_are_in_the_unit_of_the_line():
    asked = books()
    days, premium = (
        lines(asked["meteorology"])["cooling_days:quantity"][1],
        lines(asked["compiler"])["premium:quantity"][1],
    )
    assert (days.low, days.high) == (0, 366)
    assert (premium.low, premium.units[0]) == (0, "percent")


def test_features_are_asked_for_by_name():
    asked = books(reported={("lake_area/镜湖", "quantity"): [Known("110101", 2.5, "km^2")]})["water"]
    kind, line = lines(asked)["lake_area:quantity"]
    (more,) = [form for form in asked.forms if form.kind == "more"]
    assert kind == "more"
    assert [(thing.line, thing.name, thing.place, thing.unit) for thing in more.named] == [
        (line, "镜湖", "110101", "km^2")
    ]


def test_a_hidden_sheet_is_read_as_it_was_written():
    for book in books().values():
        again = workbook_of(list(record_rows(book, "zh")))
        assert [form.number for form in again.forms] == [form.number for form in book.forms]
        for one, other in zip(again.forms, book.forms, strict=True):
            assert [(a.code, a.units, a.label.zh) for a in one.lines] == [
                (b.code, b.units, b.label.zh) for b in other.lines
            ]
    with pytest.raises(ValueError, match="2"):
        workbook_of([["schema", "2"]])


def test_tables_lie_both_ways():
    assert Axes(True).cell(3, 1) == (3, 1)
    assert Axes(False).cell(3, 1) == (1, 3)


@pytest.mark.parametrize(
    ("one", "other", "times"),
    [
        ("10^4 t", "t", 1e4),
        ("CNY/year", "10^8 CNY", 1e-8),
        ("10^8 CNY", "CNY/year", 1e8),
        ("t", "m^3", None),
        ("万元", "10^4 CNY", 1),
    ],
)
def test_what_a_figure_is_in_another_unit(one, other, times):
    assert factor(one, other) == (times if times is None else pytest.approx(times))


def test_a_form_reads_the_tables_as_a_run_does(sample_city, tmp_path):
    """Counties by their English names and the area by that of the study ask for the same as their codes do."""
    zones = json.loads((sample_city / "counties.geojson").read_text(encoding="utf-8"))["features"]
    names = {zone["properties"]["code"]: zone["properties"]["name_en"] for zone in zones}
    with (sample_city / "statistics.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    rows = [row for row in rows if row[1] != "so2_emission"]
    whole = dict.fromkeys(heading, "") | {"item": "so2_emission", "measure": "quantity", "value": "2350", "unit": "t"}
    for folder, spelled in (("codes", {}), ("names", {**names, "_city": "Sample City (synthetic)"})):
        copytree(sample_city, tmp_path / folder)
        written = [*rows, list((whole | {"zone": "_city", "year": "2020"}).values())]
        with (tmp_path / folder / "statistics.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heading, *([spelled.get(row[0], row[0]), *row[1:]] for row in written)])
    for folder in ("codes", "names"):
        made = call("forms", "make", tmp_path / folder, "--out", tmp_path / folder / "forms")
        assert made.exit_code == 0, made.output
    one, other = (sorted((tmp_path / folder / "forms").iterdir()) for folder in ("codes", "names"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
