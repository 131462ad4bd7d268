"""Published accounts checked from their own figures: the real ones against the reference's list of contradictions, then
tables made by hand.
"""

import csv
import json

import projects
import pytest
from places import REFERENCE
from tables_of_accounts import cross_table, row, write

from gep.audit.audit import audit

PUBLISHED = REFERENCE / "published"
needs_reference = pytest.mark.skipif(
    not PUBLISHED.exists(), reason="the published accounts of ../shared are not at hand"
)


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


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
    jixi = "headline_totals.csv, line 19, gep"  # 47.39 + 261.89 + 44.91 = 354.19, printed 354.15
    assert {check.cells[0].split("/")[0] for check in found.fails} == {*CONTRADICTORY, jixi}
    assert "identities_all.csv" in {entry.file for entry in found.skipped}


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


def test_the_command_line(gep, tmp_path):
    path = write(tmp_path / "a.csv", cross_table({("grassland", "water"): "26.50"}))
    result = gep("audit", str(path))
    assert result.code == 5
    for text in ("Fails", "in the last digit", "20.5 instead of", "10.50 + 26.50 = 37"):
        assert text in result.out
    said = gep("audit", str(path), "--lang", "zh").out
    assert said.startswith(f"{path}：4 个恒等关系成立，2 个不成立")
    assert "读取 9 个数字，其中 9 个参与检验" in said
    assert "若为 20.5" in said
    assert gep("audit", str(write(tmp_path / "b.csv", cross_table()))).code == 0
    assert gep("audit", str(tmp_path / "nothing.csv")).code == 2
    (tmp_path / "c.txt").write_text("nothing", encoding="utf-8")
    assert gep("audit", str(tmp_path / "c.txt")).code == 4


def test_a_total_that_is_not_that_of_its_parts_fails_where_their_shares_are_of_their_sum(tmp_path):
    """10 + 20 + 10 = 40, of which 25, 50 and 25 percent; without the shares, one part may not be printed."""
    rows = [["服务", "价值(亿元)", "占比(%)"], ["水", "10.0", "25"], ["碳", "20.0", "50"], ["土", "10.0", "25"]]
    total = ["合计", "48.0", "100"]
    for name, table in (("with", [*rows, total]), ("without", [line[:2] for line in [*rows, total]])):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
    assert [check.subject for check in fails(audit(tmp_path / "with.csv"), "sum")] == ["total"]
    assert fails(audit(tmp_path / "without.csv")) == []


def test_products_without_any_unit_fail_only_where_most_hold_as_they_stand(tmp_path):
    """10 × 2.5 = 25 and 20 × 2 = 40; in tonnes, yuan per kg and thousand yuan they may be 25 000 and 40 000."""
    heading = ["品种", "产量", "价格", "产值"]
    tables = {
        "as they stand": [["小麦", "10", "2.5", "25"], ["玉米", "20", "2.0", "40"], ["大豆", "30", "2.0", "70"]],
        "in another unit": [
            ["小麦", "10", "2.5", "25000"],
            ["玉米", "20", "2.0", "40000"],
            ["大豆", "30", "2.0", "60"],
        ],
    }
    found = {}
    for name, rows in tables.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heading, *rows])
        found[name] = audit(tmp_path / f"{name}.csv")
    assert [check.subject for check in fails(found["as they stand"])] == ["大豆"]
    assert fails(found["in another unit"]) == []
