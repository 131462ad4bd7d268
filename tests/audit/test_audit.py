"""Published accounts checked from their own figures: the real ones against the reference's list of contradictions, then
tables made by hand.
"""

import csv
import json
import re
import shutil

import projects
import pytest
from openpyxl import Workbook
from places import REFERENCE

from gep.audit.audit import audit
from gep.audit.figures import read_unit
from gep.core.errors import InputError, UsageError

PUBLISHED = REFERENCE / "published"
needs_reference = pytest.mark.skipif(
    not PUBLISHED.exists(), reason="the published accounts of ../shared are not at hand"
)
HEADINGS = [
    *("region", "subregion", "year", "ecosystem_type", "service_category", "service", "indicator"),
    *("quantity", "quantity_unit", "unit_price", "price_unit", "value", "value_unit", "source_table", "note"),
]


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def write(path, rows, headings=HEADINGS, encoding="utf-8"):
    """A table of dictionaries as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(**cells):
    """A row of the tidy format for Testland 2020."""
    return {"region": "Testland", "year": "2020", **cells}


def fails(found, kind=None):
    return [check for check in found.fails if kind in (None, check.kind)]


# the published accounts -----------------------------------------------------------------------------------------------

# which finding shows which row of inconsistencies.csv; rows that no table shows have the reason instead
SHOWN = {
    ("ganzi_2010", "marsh flood storage formula"): "the formula is in the text, not in a table",
    ("altai_forest_2014", "water conservation unit price"): lambda c: (
        c.kind == "implied_price" and "Siberian fir 37.4" in c.arithmetic
    ),
    ("altai_forest_2014", "service totals by forest farm"): lambda c: (
        c.kind == "sum" and "7 subregions sum to 612 " in c.sentence
    ),
    ("altai_forest_2014", "tree stands of Table 2 vs Table 3"): lambda c: (
        c.kind == "cross_table" and "620931.75" in c.sentence
    ),
    ("baiyangdian_2011", "reservoir unit cost"): lambda c: (
        c.cause and c.cause.id == "unit_mismatch" and "flood mitigation" in c.subject
    ),
    ("china_forest_assets_2010", "indirect value"): "the figure of the text is in no table",
    ("shenzhen_equivalent_factor_2002_2010", "city totals of Table 5"): lambda c: (
        c.kind == "sum" and "333.03" in c.sentence
    ),
    ("shenzhen_equivalent_factor_2002_2010", "land-type values"): lambda c: (
        c.cause and c.cause.id == "systematic" and "179.816" in c.arithmetic
    ),
    ("seealand_stylised_example", "Lake revaluation"): lambda c: c.kind == "revaluation" and "4525.33" in c.arithmetic,
    ("seealand_stylised_example", "Seagrass degradation"): lambda c: (
        c.kind == "revaluation" and "18532.3" in c.arithmetic
    ),
    ("china_national", "ecosystem shares"): lambda c: (
        c.kind == "share" and c.cause.id == "other_denominator" and "66.17 and 66.32" in c.cause.text
    ),
    ("headline_totals", "Guangxi"): "headline_totals.csv is not in the tidy format, and restores the unit",
    ("headline_totals", "Jiangle 2018"): "headline_totals.csv is not in the tidy format",
    ("headline_totals", "Jiangle 2015-2018"): "headline_totals.csv is not in the tidy format",
    ("headline_totals", "Hainan"): "headline_totals.csv is not in the tidy format",
}


@needs_reference
def test_every_contradiction_that_tables_show_is_found():
    with (PUBLISHED / "inconsistencies.csv").open(encoding="utf-8") as file:
        wanted = [line for line in csv.DictReader(file) if line["severity"] in ("inconsistent", "unit")]
    found = {
        case: audit(PUBLISHED / case).fails for case in {line["case"] for line in wanted} if (PUBLISHED / case).is_dir()
    }
    shown = 0
    for line in wanted:
        matches = [
            test for (case, what), test in SHOWN.items() if case == line["case"] and line["what"].startswith(what)
        ]
        assert matches, line["what"]
        test = matches[-1]
        if not isinstance(test, str):
            assert any(test(check) for check in found[line["case"]]), line["what"]
            shown += 1
    assert (len(wanted), shown) == (15, 9)  # the counts of the README


CONTRADICTORY = {
    "altai_forest_2014",
    "baiyangdian_2011",
    "china_national",
    "seealand_stylised_example",
    "shenzhen_equivalent_factor_2002_2010",
}


def cases():
    return sorted(path.name for path in PUBLISHED.iterdir() if path.is_dir()) if PUBLISHED.exists() else []


@needs_reference
@pytest.mark.parametrize("case", cases())
def test_nothing_is_raised_where_all_identities_hold(case):
    found = audit(PUBLISHED / case)
    assert bool(found.fails) == (case in CONTRADICTORY), [check.sentence for check in found.fails]


@needs_reference
def test_what_fails_is_what_the_reference_says_does_not_hold():
    """Shenzhen: the twelve products and two sums of identities.csv; China: the three shares; nothing else."""
    for case in ("shenzhen_equivalent_factor_2002_2010", "china_national"):
        with (PUBLISHED / case / "identities.csv").open(encoding="utf-8") as file:
            broken = [line["kind"] for line in csv.DictReader(file) if line["holds"] != "yes"]
        assert sorted(check.kind for check in audit(PUBLISHED / case).fails) == sorted(broken)


@needs_reference
def test_a_folder_of_cases_keeps_them_apart():
    """Two accounts of Shenzhen do not mix; what is no account is listed."""
    found = audit(PUBLISHED)
    assert {check.cells[0].split("/")[0] for check in found.fails} == CONTRADICTORY
    assert "headline_totals.csv" in {entry.file for entry in found.skipped}


# identities worked by hand --------------------------------------------------------------------------------------------


def test_quantity_times_price(tmp_path):
    """150 × 3.6 = 540; the area-free product of 2.00 km2 and 5 yuan per ha is 1000 yuan."""
    path = write(
        tmp_path / "a.csv",
        [
            row(
                service="water",
                quantity="150",
                quantity_unit="1e8 m3",
                unit_price="3.6",
                price_unit="CNY/m3",
                value="540",
                value_unit="1e8 CNY",
            ),
            row(
                service="pests",
                quantity="2.00",
                quantity_unit="km2",
                unit_price="5",
                price_unit="元/公顷",
                value="1000",
                value_unit="元",
            ),
        ],
    )
    found = audit(path)
    assert found.counts() == {"holds": 2, "fails": 0, "cannot_tell": 0, "warning": 0}


@pytest.mark.parametrize(
    ("value", "unit", "cause"),
    [
        ("540", "1e4 CNY", "unit_power_of_ten"),  # 万元 for 亿元
        ("5400", "1e8 CNY", "unit_power_of_ten"),
        ("-540.00", "1e8 CNY", "sign"),
        ("541.00", "1e8 CNY", "digit"),
    ],
)
def test_the_likely_cause_of_a_wrong_product(tmp_path, value, unit, cause):
    cells = {"quantity": "150.00", "quantity_unit": "1e8 m3", "unit_price": "3.60", "price_unit": "CNY/m3"}
    found = audit(write(tmp_path / "a.csv", [row(service="water", value=value, value_unit=unit, **cells)]))
    (check,) = found.fails
    assert check.cause.id == cause
    assert check.cells[0] == "a.csv, line 2, value"


def test_a_product_that_needs_a_rounded_price_cannot_be_told(tmp_path):
    """150 × 3.6 = 540, printed 538: within 3.55 to 3.65, but not with 3.6 itself."""
    cells = {"quantity": "150.00", "quantity_unit": "m3", "unit_price": "3.6", "price_unit": "CNY/m3"}
    found = audit(write(tmp_path / "a.csv", [row(service="water", value="538", value_unit="CNY", **cells)]))
    (check,) = found.cannot_tell
    assert "only if the price was rounded" in check.sentence
    assert not found.fails


def test_a_value_without_a_unit_is_told_which_it_would_be(tmp_path):
    """10.00e8 m3 × 7.06 yuan/m3 = 70.60e8 yuan."""
    cells = {"quantity": "10.00", "quantity_unit": "亿m3", "unit_price": "7.06", "price_unit": "元/m3"}
    (check,) = audit(write(tmp_path / "a.csv", [row(service="water", value="70.60", **cells)])).cannot_tell
    assert "no unit is printed for its value; the numbers agree if that is 1e8 CNY" in check.sentence


def test_a_price_per_tonne_of_carbon_on_carbon_dioxide(tmp_path):
    """44 t CO2 are 12 t C: at 1000 yuan per t C they are worth 12 000 yuan, not 44 000."""
    cells = {
        "quantity": "44.000",
        "quantity_unit": "t CO2",
        "unit_price": "1000",
        "price_unit": "CNY/t C",
        "value_unit": "CNY",
    }
    assert not audit(write(tmp_path / "a.csv", [row(service="carbon", value="12000", **cells)])).fails
    (check,) = audit(write(tmp_path / "b.csv", [row(service="carbon", value="44000", **cells)])).fails
    assert check.cause.id == "carbon_or_co2"


def test_unit_values_of_another_table_serve_every_year(tmp_path):
    """100 ha × 1234.5 yuan/ha = 123 450 yuan; 110 ha make 135 795."""
    write(
        tmp_path / "prices.csv",
        [
            {
                "region": "Testland",
                "ecosystem_type": "forest",
                "service_category": "ALL",
                "service": "ALL",
                "unit_price": "1234.5",
                "price_unit": "CNY/ha",
            }
        ],
    )
    rows = [
        {"region": "Testland", "year": year, "ecosystem_type": "forest", "service": name, **cells}
        for year, area, value in (("2010", "100.00", "123450"), ("2020", "110.00", "145795"))
        for name, cells in (
            ("", {"indicator": "extent", "quantity": area, "quantity_unit": "ha"}),
            ("ALL", {"value": value, "value_unit": "CNY"}),
        )
    ]
    write(tmp_path / "values.csv", rows)
    (check,) = audit(tmp_path).fails
    assert "135795" in check.sentence
    assert "145795" in check.sentence


def test_unit_values_without_areas_cannot_be_told(tmp_path):
    path = write(
        tmp_path / "a.csv", [row(ecosystem_type="forest", service="food", unit_price="5", price_unit="CNY/ha")]
    )
    (check,) = audit(path).cannot_tell
    assert "no area" in check.sentence


def cross_table(values=None):
    """Two services by two ecosystems, with both kinds of totals: 10.5 + 20.5 = 31, 1.25 + 2.25 = 3.5, 34.5 in all."""
    cells = {
        ("forest", "water"): "10.50",
        ("grassland", "water"): "20.50",
        ("forest", "soil"): "1.25",
        ("grassland", "soil"): "2.25",
    }
    cells |= {
        ("ALL", "water"): "31.00",
        ("ALL", "soil"): "3.50",
        ("forest", "ALL"): "11.75",
        ("grassland", "ALL"): "22.75",
        ("ALL", "ALL"): "34.50",
    }
    cells |= values or {}
    same = {"value_unit": "1e8 CNY", "source_table": "T1"}
    return [
        row(ecosystem_type=e, service_category="ALL" if s == "ALL" else "regulating", service=s, value=v, **same)
        for (e, s), v in cells.items()
    ]


def test_rows_and_columns_sum_to_their_totals(tmp_path):
    found = audit(write(tmp_path / "a.csv", cross_table()))
    assert not found.fails
    assert sum(check.kind == "sum" for check in found.holds) == 6


def test_one_wrong_cell_is_named(tmp_path):
    """20.50 printed as 26.50 breaks its row and its column, and only that cell explains both."""
    found = audit(write(tmp_path / "a.csv", cross_table({("grassland", "water"): "26.50"})))
    assert {check.cause.id for check in found.fails} == {"cell"}
    assert "20.5 instead of 26.50 in a.csv, line 3, value" in found.fails[0].cause.text
    assert "若为 20.5" in found.fails[0].sentence.zh


def test_a_list_that_may_go_on_cannot_be_told(tmp_path):
    rows = [
        row(ecosystem_type="ALL", service_category="regulating", service="water", value="50.0", value_unit="CNY"),
        row(ecosystem_type="ALL", service_category="regulating", service="soil", value="20.0", value_unit="CNY"),
        row(ecosystem_type="ALL", service_category="regulating", service="ALL", value="100.0", value_unit="CNY"),
    ]
    found = audit(write(tmp_path / "a.csv", rows))
    assert not found.fails
    assert "may not be printed" in found.cannot_tell[0].sentence
    rows[-1]["note"] = "published total"
    assert (
        len(audit(write(tmp_path / "b.csv", rows)).fails) == 1
    )  # the table says that it is the total of what it lists
    rows[-1] |= {"note": "", "value": "60.0"}
    assert len(audit(write(tmp_path / "c.csv", rows)).fails) == 1  # parts cannot be more than the whole


def of_groups(total, amounts):
    """Grass of a country and of groups of its provinces, one row each."""
    return [
        row(subregion=name, ecosystem_type="grassland", service="grass", quantity=amount, quantity_unit="1e4 t")
        for name, amount in {"ALL": total, **amounts}.items()
    ]


@pytest.mark.parametrize("names", [("23 main provinces", "six pastoral provinces"), ("23个重点省份", "六大牧区")])
def test_groups_that_may_overlap_are_no_parts(tmp_path, names):
    """92 and 58 of 100: the second group may lie within the first. A group of 105 is more than all there is."""
    rows = of_groups("100.0", dict(zip(names, ("92.0", "58.0"), strict=True)))
    (check,) = audit(write(tmp_path / "a.csv", rows)).cannot_tell
    assert "may overlap" in check.sentence
    rows = of_groups("100.0", dict(zip(names, ("105.0", "58.0"), strict=True)))
    assert len(audit(write(tmp_path / "b.csv", rows)).fails) == 1


def test_groups_that_add_up_elsewhere_are_parts(tmp_path):
    """60 + 40 = 100 and 30 + 20 = 50: then 75 + 40 of 100 is a slip."""
    groups = ("3 northern counties", "4 southern counties")
    rows = [
        line | {"year": year}
        for year, total, *amounts in (
            ("2018", "100.0", "60.0", "40.0"),
            ("2019", "50.0", "30.0", "20.0"),
            ("2020", "100.0", "75.0", "40.0"),
        )
        for line in of_groups(total, dict(zip(groups, amounts, strict=True)))
    ]
    (check,) = audit(write(tmp_path / "a.csv", rows)).fails
    assert "75.0 + 40.0" in check.arithmetic


@pytest.mark.parametrize(("period", "count"), [("2024-01-01/12-11", 0), ("2024-01-01", 1), ("2024-01-01 00:00:00", 1)])
def test_a_period_of_a_year_is_not_the_year(tmp_path, period, count):
    """What was traded until 11 December is less than what was traded in the year; the first of January is a year."""
    rows = [
        row(service="market", indicator="volume", quantity=amount, quantity_unit="1e8 t CO2", source_table=source)
        | {"year": year}
        for year, amount, source in ((period, "1.55", "daily"), ("2024", "1.89", "yearly"))
    ]
    assert len(audit(write(tmp_path / "a.csv", rows)).fails) == count


def test_shares_densities_heads_gdp_and_growth(tmp_path):
    """GEP 200 in 2010, 250 in 2020 (+25 %), of which water 40 %; 500 km2, 2 million people, GDP 125: 0.5 per km2, 12500
    a head, 2.0 times GDP.
    """
    base = {"ecosystem_type": "ALL", "value_unit": "1e8 CNY"}
    every = {"service_category": "ALL", "service": "ALL"}
    rows = [
        {"region": "Testland", "year": "2010", **base, **every, "value": "200.0"},
        row(**base, **every, value="250.0"),
        row(**base, service_category="regulating", service="water", value="100.0", note="share 40.0 %"),
        row(ecosystem_type="ALL", indicator="extent", quantity="500.0", quantity_unit="km2"),
        row(indicator="population", quantity="200.00", quantity_unit="万人"),
        row(indicator="GDP", value="125.0", value_unit="1e8 CNY"),
        row(ecosystem_type="ALL", **every, indicator="GEP per area", value="0.500", value_unit="1e8 CNY/km2"),
        row(ecosystem_type="ALL", **every, indicator="GEP per head", value="12500", value_unit="CNY/person"),
        row(ecosystem_type="ALL", **every, indicator="GEP/GDP", value="2.00", value_unit="ratio"),
        row(ecosystem_type="ALL", **every, indicator="GEP change 2010-2020", value="25.0", value_unit="%"),
    ]
    found = audit(write(tmp_path / "a.csv", rows))
    assert not found.fails
    assert {check.kind for check in found.holds} >= {"share", "density", "gdp", "growth"}
    for line, wrong in (
        (2, {"note": "share 42.0 %"}),
        (6, {"value": "0.600"}),
        (7, {"value": "12900"}),
        (8, {"value": "2.10"}),
        (9, {"value": "26.0"}),
    ):
        changed = [entry | wrong if number == line else entry for number, entry in enumerate(rows)]
        assert len(audit(write(tmp_path / "b.csv", changed)).fails) == 1, wrong


def test_opening_and_changes_make_closing(tmp_path):
    """100 + 5 - 12 = 93."""
    rows = [
        row(ecosystem_type="forest", indicator=name, quantity=amount, quantity_unit="ha")
        for name, amount in (
            ("opening extent", "100.0"),
            ("expansion", "5.0"),
            ("reduction", "12.0"),
            ("closing extent", "93.0"),
        )
    ]
    assert not audit(write(tmp_path / "a.csv", rows)).fails
    rows[-1]["quantity"] = "83.0"
    (check,) = audit(write(tmp_path / "b.csv", rows)).fails
    assert check.kind == "balance"


def test_carbon_dioxide_and_oxygen_of_carbon(tmp_path):
    """12 t C make 44 t CO2 and release 32 t O2; 33 t CO2 contradict the carbon, 90 t O2 are only remarkable."""

    def amounts(dioxide, oxygen):
        return [
            row(service="carbon and oxygen", indicator=unit, quantity=amount, quantity_unit=unit)
            for unit, amount in (("t C", "12.00"), ("t CO2", dioxide), ("t O2", oxygen))
        ]

    assert len(audit(write(tmp_path / "a.csv", amounts("44.00", "32.00"))).holds) == 2
    assert [check.kind for check in audit(write(tmp_path / "b.csv", amounts("33.00", "24.00"))).fails] == [
        "stoichiometry"
    ]
    odd = audit(write(tmp_path / "c.csv", amounts("44.00", "90.00")))
    assert not odd.fails
    assert odd.findings[0].verdict == "warning"


def test_the_same_figure_twice(tmp_path):
    cell = {"ecosystem_type": "ALL", "service_category": "regulating", "service": "water", "value_unit": "1e8 CNY"}
    rows = [row(**cell, value="399.60", source_table="T3"), row(**cell, value="399.6", source_table="T4")]
    assert not audit(write(tmp_path / "a.csv", rows)).fails
    rows[1]["value"] = "396.9"
    (check,) = audit(write(tmp_path / "b.csv", rows)).fails
    assert check.kind == "twice"


def test_what_is_unlikely_warns_and_does_not_fail(tmp_path):
    rows = [
        row(ecosystem_type="forest", indicator="extent", quantity="10.0", quantity_unit="ha"),
        row(ecosystem_type="forest", service="carbon", indicator="fixed", quantity="90000", quantity_unit="t CO2"),
        row(ecosystem_type="forest", service="rent", value="-5.0", value_unit="CNY", note="2005 prices"),
        row(ecosystem_type="forest", service="other", value="5.0", value_unit="CNY", note="prices of 2015"),
    ]
    found = audit(write(tmp_path / "a.csv", rows))
    assert not found.fails
    assert {check.kind for check in found.findings} == {"bound", "negative", "price_year"}


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
    assert problem.place == "a.csv, line 2, value"
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
    assert not re.search(r"[A-Za-z]{4,}", said), said


def test_what_is_no_account_is_said_in_chinese(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        audit(tmp_path / "a.csv")
    assert "没有可识别格式的核算表" in caught.value.in_language("zh")
    assert "a.csv：表头不符合整洁格式" in caught.value.in_language("zh")


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
    assert problem.place == "a.xlsx, sheet Sheet, cell B4"


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
    for name in ("a.csv: its headings", "b.pdf: neither CSV", "c.xlsx: not a workbook"):
        assert name in caught.value.message


# our own accounts and the command line --------------------------------------------------------------------------------


def test_a_run_of_ours_audits_clean(gep, tmp_path):
    projects.write(tmp_path / "project")
    assert gep("run", tmp_path / "project" / "gep.toml", "--out", tmp_path / "run", "--quiet").code == 0
    result = gep("audit", tmp_path / "run", "--json")
    document = json.loads(result.out)
    assert result.code == 0
    assert document["schema"] == 1
    assert {"product", "run"} <= {check["kind"] for check in document["holds"]}
    assert not [finding for finding in document["findings"] if finding["verdict"] == "fails"]
    summary = tmp_path / "run" / "summary.json"
    edited = json.loads(summary.read_text(encoding="utf-8"))
    edited["total"]["value"] += 1.0
    summary.write_text(json.dumps(edited), encoding="utf-8")
    assert gep("audit", tmp_path / "run").code == 5


@pytest.fixture
def our_run(gep, tmp_path):
    """A finished run of ours."""
    projects.write(tmp_path / "project")
    assert gep("run", tmp_path / "project" / "gep.toml", "--out", tmp_path / "run", "--maps", "--quiet").code == 0
    return tmp_path / "run"


def test_the_other_files_of_a_run_are_not_what_was_skipped(gep, our_run):
    assert {path.name for path in our_run.iterdir()} >= {"ledger.json", "run.log", "maps"}
    (our_run / "letter.pdf").write_bytes(b"%PDF")
    (our_run.parent / "run.json").write_text("{}", encoding="utf-8")  # beside no account
    document = json.loads(gep("audit", our_run, "--json").out)
    assert [skipped["file"] for skipped in document["skipped"]] == ["letter.pdf"]
    document = json.loads(gep("audit", our_run.parent, "--json").out)
    skipped = {one["file"] for one in document["skipped"]}
    assert {"run/letter.pdf", "run.json"} <= skipped
    assert not {file for file in skipped if file.startswith("run/")} - {"run/letter.pdf"}


@pytest.mark.parametrize("name", ["summary.json", "run.json"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_that_is_damaged_is_refused_as_everywhere(gep, our_run, name, language):
    (our_run / name).write_text("{", encoding="utf-8")
    said = gep("audit", our_run, "--lang", language)
    explained = gep("explain", our_run, "_city", "water_retention", "--lang", language)
    assert said.code == explained.code == 2
    assert said.err == explained.err
    assert name in said.err


def test_every_run_of_a_folder_that_is_damaged_is_named(our_run):
    shutil.copytree(our_run, our_run.parent / "second")
    for folder in ("run", "second"):
        (our_run.parent / folder / "run.json").unlink()
    with pytest.raises(UsageError) as error:
        audit(our_run.parent)
    said = error.value.message.splitlines()
    assert [line.partition(" is only a part")[0] for line in said] == [
        str(our_run.parent / folder) for folder in ("run", "second")
    ]


def test_the_sums_of_a_run_have_names_in_both_languages(our_run):
    subjects = [check.subject for check in audit(our_run).holds if check.kind == "run"]
    assert "total of water retention" in [subject.lower() for subject in subjects]
    assert "水源涵养合计" in [subject.zh for subject in subjects]
    assert not [subject for subject in subjects if "by_" in subject.zh or "by_" in subject]


def test_the_command_line(gep, tmp_path):
    path = write(tmp_path / "a.csv", cross_table({("grassland", "water"): "26.50"}))
    result = gep("audit", str(path))
    assert result.code == 5
    for text in ("Fails", "in the last digit", "20.5 instead of", "10.50 + 26.50 = 37"):
        assert text in result.out
    said = gep("audit", str(path), "--lang", "zh").out
    assert said.startswith(f"{path}：9 行")
    assert "若为 20.5" in said
    assert gep("audit", str(write(tmp_path / "b.csv", cross_table()))).code == 0
    assert gep("audit", str(tmp_path / "nothing.csv")).code == 2
    (tmp_path / "c.txt").write_text("nothing", encoding="utf-8")
    assert gep("audit", str(tmp_path / "c.txt")).code == 4
