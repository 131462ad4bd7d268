"""Published accounts are recomputed to their printed digits, and a case that is wrong says so."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import projects
import pytest
from places import DATA, ROOT
from projects import Gep

from gep.account.account import Account
from gep.account.entries import About, Entry, Missing
from gep.account.seea import supply_table
from gep.audit.amounts import Amount, evaluate
from gep.audit.cases import case_ids, load_case
from gep.audit.comparison import compare
from gep.audit.printed import Interval
from gep.audit.verify import account, verify
from gep.core.errors import ProjectError
from gep.core.keys import NONE
from gep.services.money import area_value, contribution, net_present_value
from gep.study.folder import write_run

CASES = (
    "altai_forest_2014",
    "australia_2020_21",
    "baiyangdian_2011",
    "beijing_2020_2023",
    "forestry_carbon_deals_2017_2025",
    "fujian_growth_contributions_1980_2009",
    "gansu_forest_carbon_2016",
    "garze_2010",
    "greater_khingan_carbon_2008",
    "huanghua_soil_retention_2011",
    "inner_mongolia_2019",
    "inner_mongolia_forest_carbon_2016",
    "inner_mongolia_grassland_carbon_2020",
    "jiajiyu_2012",
    "jiangsu_2013",
    "national_carbon_market_2021_2024",
    "national_grassland_monitoring_2007_2016",
    "netherlands_2013_2022",
    "seealand",
    "shenzhen_2020",
    "xilingol_forage_livestock_2000_2015",
    "yinchuan_1980_2018",
)


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def copy(tmp_path: Path):
    """A shipped case in a folder of its own, with one text in one of its files replaced."""

    def make(name: str, file: str = "", old: str = "", new: str = "") -> Path:
        folder = tmp_path / name
        shutil.copytree(str(files("gep.audit") / "published" / name), folder)
        if file:
            text = (folder / file).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"`{old}` stands {text.count(old)} times in {file}"
            (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return make


# the shipped cases ----------------------------------------------------------------------------------------------------


def test_the_cases_that_are_shipped():
    assert set(CASES) <= set(case_ids())


@pytest.mark.parametrize("name", CASES)
def test_a_case_holds(name: str):
    found = verify(load_case(name))
    assert found.cells
    assert [cell.id for cell in found.cells if cell.verdict == "fails"] == []


@pytest.mark.parametrize("name", case_ids())
def test_a_case_names_its_document_and_no_copy_of_it(name: str):
    folder = files("gep.audit") / "published" / name
    case = load_case(name)
    source = case.file.source
    assert source.title
    assert source.authors
    assert source.doi or source.number or source.publisher
    assert case.file.about
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir()]
    assert not any(
        "http" in text or re.search(r"(?<![\w.)²³])/(?:\w+/){2,}", text) for text in texts
    )  # an address, a path of a machine


def texts_of(case):
    """All that a case says for people, as its outputs show it; titles of documents stay citations."""
    file = case.file
    yield from (case.name, file.about, *(table.locator for table in case.tables.values()))
    yield from (text for block in file.recompute for text in (block.says, block.note))
    yield from (exemption.reason for exemption in file.exception)
    yield from (gap.says for gap in file.gap)
    columns = {"accounts": ("year", "land", "method", "status")}
    for table in case.tables.values():
        for line in table.rows:
            yield from (line.said(column) for column in columns.get(table.id, ("note", "locator")))


@pytest.mark.parametrize("name", case_ids())
def test_a_case_says_everything_in_chinese_too(name: str):
    """Names of standards, numbers and names in quotation marks stay as they are."""
    for text in texts_of(load_case(name)):
        assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", re.sub(r"`[^`]*`|“[^”]*”", "", text.zh)), text
        assert re.search(r"[\u3400-\u9fff]", text.zh) or not re.search(r"[a-z]{2,}", text), text


@pytest.mark.parametrize("name", case_ids())
def test_a_case_is_shown_in_chinese(gep: Gep, name: str):
    said = gep("verify", name, "--lang", "zh")
    assert (said.code, said.err) == (0, "")
    words = said.out.splitlines()
    assert words[0] == load_case(name).name.zh
    assert not any(re.search(r"[.;:!?] [A-Z]?[a-z]+ [a-z]+", line) for line in words if not line.startswith("来源"))


def test_a_text_without_its_chinese_reads_as_it_is(copy):
    folder = copy("inner_mongolia_2019", "case.toml", 'says_zh = "各类别的比重"', "")
    block = next(block for block in load_case(str(folder)).blocks if block.id == "share")
    assert (block.says, block.says.zh) == ("share of a category", "share of a category")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("altai_forest_2014", 15),
        ("fujian_growth_contributions_1980_2009", 4),
        ("garze_2010", 6),
        ("inner_mongolia_forest_carbon_2016", 2),
        ("jiajiyu_2012", 3),
        ("seealand", 2),
        ("yinchuan_1980_2018", 2),
        ("jiangsu_2013", 1),
        ("xilingol_forage_livestock_2000_2015", 16),
        ("national_grassland_monitoring_2007_2016", 2),
    ],
)
def test_published_figures_that_do_not_follow_are_explained(name: str, count: int):
    """Altai: 15 of the 63 identities of the reference; SEEALand: the two cells of its workbook that are known to be
    wrong.
    """
    cells = [cell for cell in verify(load_case(name)).cells if cell.verdict == "does_not_follow"]
    assert len(cells) == count
    assert all(len(cell.note) > 40 for cell in cells)


@pytest.mark.parametrize(
    ("cell", "allowed"),
    [
        ("account/regulating/water conservation/water conserved/value", (0.005 * 7.06 + 0.00005) / 0.0001),
        (
            "account/regulating/carbon sequestration and oxygen release/carbon dioxide fixed/value",
            (0.005 * 380 + 0.00005) / 0.0001,
        ),
        ("categories/cultural", (0.005 + 0.005) / 0.01),
        ("by_ecosystem/landscape recreation", (4 * 0.005 + 0.005) / 0.01),
        ("area", (8 * 0.005 + 0.005) / 0.01),
    ],
)
def test_what_is_allowed_follows_from_the_printed_digits(cell: str, allowed: float):
    """Garzê: half of the last digit of the quantity at its exact price, or of every part of a sum, and of the figure
    itself.
    """
    found = next(one for one in verify(load_case("garze_2010")).cells if one.id == cell)
    assert found.digits_allowed == pytest.approx(allowed)


# the equations of this module, by hand --------------------------------------------------------------------------------


def test_the_value_of_an_area():
    assert area_value(100.0, 6406.5, 0.92) == pytest.approx(589_398)
    assert area_value.at("1 km^2", "2 CNY/(m^2*year)", 1).value == pytest.approx(2e6)


def test_the_net_present_value_of_a_flow():
    assert net_present_value(100.0, 0.1, 2.0, 1.0) == pytest.approx(100 / 1.1 + 100 / 1.21)
    by_the_year = sum(21_000 / 1.02**year for year in range(1, 101))
    assert net_present_value(21_000.0, 0.02, 100.0, 1.0) == pytest.approx(by_the_year)
    twice_a_year = sum(
        50 / 1.05**half for half in range(1, 5)
    )  # 50 CNY at the end of every half year, at 5 % for the half
    assert net_present_value(100.0, 0.1, 2.0, 0.5) == pytest.approx(twice_a_year)
    assert net_present_value(100.0, 0.0, 2.0, 0.5) == pytest.approx(200)  # nothing is discounted


def test_the_account_of_seealand_as_the_supply_table_of_seea():
    """The total and the ecosystem types of the published supply table, by the fold that reports use."""
    table = supply_table(account(load_case("seealand"), "account"))
    assert table.loc["final_total", "Total"] == pytest.approx(83_125)
    assert table.loc["final_total", "Forest"] == pytest.approx(19_650)
    assert table.loc["final_total", "Wetland"] == pytest.approx(26_050 + 1_200)  # lake and wetland
    assert table.loc["final_total", "Coast"] == pytest.approx(12_350)  # seagrass


def test_what_a_factor_contributes():
    """Forest wood of SEEALand by hand: 150 m3 at 60 on 40 ha become 120 m3 at 65 on 38 ha."""
    opening, closing, price, extent = 9000.0, 7800.0, 65 / 60, 38 / 40
    flow = (120 / 38) / (150 / 40)
    # the mean over the six orders in which price, extent and flow per extent can change
    others = [150, 150, 150 * extent, 150 * flow, 120, 120]  # what is bought when the price changes
    assert contribution(opening, closing, price, extent) == pytest.approx((65 - 60) * sum(others) / 6)
    parts = [
        contribution(opening, closing, one, other) for one, other in ((price, extent), (extent, price), (flow, price))
    ]
    assert sum(parts) == pytest.approx(closing - opening)
    assert contribution(500.0, 494.0, 26 / 25, 1.0) == pytest.approx(19.5)


def test_what_an_equation_can_be_between_the_digits_of_its_arguments():
    """2.5 hm2 (2.45 to 2.55) at 4 CNY/hm2 (3.5 to 4.5): 8.575 to 11.475 CNY."""
    arguments = {
        "area": Amount(2.5, Interval(Fraction("2.45"), Fraction("2.55")), "hm^2"),
        "unit_value": Amount(4.0, Interval(Fraction("3.5"), Fraction("4.5")), "CNY/(hm^2*year)"),
        "correction": Amount(1.0, Interval.exact(1), "1"),
    }
    found = evaluate(area_value, arguments)
    assert found.number == pytest.approx(10)
    assert (float(found.interval.low), float(found.interval.high)) == (pytest.approx(8.575), pytest.approx(11.475))


def test_a_unit_is_converted_exactly():
    amount = Amount(1.5, Interval(Fraction("1.45"), Fraction("1.55")), "1e8*CNY/year").to("1e6*CNY/year")
    assert amount == Amount(150.0, Interval(Fraction(145), Fraction(155)), "1e6*CNY/year")


# the command ----------------------------------------------------------------------------------------------------------


def test_all_cases_by_the_command(gep: Gep):
    said = gep("verify", "--all")
    assert said.code == 0
    assert all(name in said.out for name in case_ids())
    assert "0 fail" in said.out


def test_one_case_shows_every_cell(gep: Gep):
    said = gep("verify", "inner_mongolia_2019")
    assert said.code == 0
    for text in ("44760.75", "share/regulating", "75.35", "percent", "press conference", "5 cells: 5 hold"):
        assert text in said.out
    assert "相符" in gep("verify", "inner_mongolia_2019", "--lang", "zh").out


def test_as_json(gep: Gep):
    document = gep("verify", "beijing_2020_2023", "--json").document
    assert document["schema"] == 1
    (case,) = document["cases"]
    assert (case["id"], case["verdict"], len(case["cells"])) == ("beijing_2020_2023", "holds", 8)
    cell = next(cell for cell in case["cells"] if cell["id"] == "total/2020")
    assert cell["expected"] == "3475.97"
    assert cell["got"] == pytest.approx(344.17 + 898.62 + 2233.18)
    assert cell["low"] == pytest.approx(3475.97 - 0.015)
    assert (cell["unit"], cell["verdict"]) == ("1e8*CNY/year", "holds")
    assert cell["digits_off"] == pytest.approx(0, abs=1e-6)


def test_all_as_json_names_every_case(gep: Gep):
    said = gep("verify", "--all", "--json")
    assert said.code == 0
    assert [case["id"] for case in said.document["cases"]] == case_ids()


def test_a_case_that_is_not_there(gep: Gep):
    said = gep("verify", "garze")
    assert said.code == 2
    assert "Did you mean `garze_2010`?" in said.err
    said = gep("verify", "garze", "--json")
    assert said.code == 2
    assert "garze_2010" in said.document["error"]


def test_nothing_to_verify_is_a_usage_error_that_lists_the_cases(gep: Gep):
    said = gep("verify")
    assert said.code == 2
    assert "seealand" in said.err
    assert gep("verify", "garze_2010", "--all").code == 2
    assert "黄骅" in gep("verify", "--list", "--lang", "zh").out


# what is wrong is found -----------------------------------------------------------------------------------------------


def test_a_changed_digit_fails(gep: Gep, copy):
    folder = copy("inner_mongolia_2019", "categories.csv", "ALL,44760.75", "ALL,44760.85")
    said = gep("verify", folder)
    assert said.code == 5
    assert "What fails" in said.out
    assert "total (press conference): Expected 44760.85" in said.out
    document = gep("verify", folder, "--json")
    assert document.code == 5
    (cell,) = [cell for cell in document.document["cases"][0]["cells"] if cell["verdict"] == "fails"]
    assert (cell["id"], round(cell["digits_off"])) == ("total", -10)


def test_a_changed_quantity_of_an_account_fails(copy):
    """321.49e8 m3 of water become 322.49: value, service, category and total move by 7.06e8 CNY."""
    found = verify(load_case(str(copy("garze_2010", "table3_services.csv", "quantity,321.49", "quantity,322.49"))))
    wrong = {cell.id for cell in found.cells if cell.verdict == "fails"}
    assert "account/regulating/water conservation/water conserved/value" in wrong
    assert "account/regulating/water conservation/value" in wrong
    assert all(name.startswith("account/") for name in wrong)


def test_a_coefficient_of_the_case_replaces_that_of_the_profile(gep: Gep, copy):
    """At 26 USD in place of 25 the 425 t of CO2 are worth 425 USD more."""
    found = verify(load_case(str(copy("seealand", "coefficients.csv", "carbon_price,,,,25", "carbon_price,,,,26"))))
    wrong = {cell.id: cell.got - float(cell.expected) for cell in found.cells if cell.verdict == "fails"}
    assert wrong["account/value"] == pytest.approx(425)
    assert wrong["account/climate/value"] == pytest.approx(425)
    assert wrong["account/seagrass/climate/price"] == pytest.approx(1)
    said = gep(
        "verify",
        copy(
            "garze_2010",
            "case.toml",
            'account = { profile = "cas-2010", year = 2010 }',
            'account = { profile = "cas-2010", year = 2010, override = "none.csv" }',
        ),
    )
    assert said.code == 3
    assert "none.csv" in said.err


def test_an_exception_that_is_no_more_needed_is_an_error(gep: Gep, copy):
    said = gep(
        "verify", copy("garze_2010", "table4_ecosystems.csv", "products,grassland,22.07", "products,grassland,22.08")
    )
    assert said.code == 5
    assert "providers/grassland" in said.out
    assert "The exception is stale" in said.out


def test_an_exception_for_no_cell_is_an_error(gep: Gep, copy):
    said = gep("verify", copy("garze_2010", "case.toml", 'cell = "area_share/forest"', 'cell = "area_share/forrest"'))
    assert said.code == 3
    assert "Did you mean `area_share/forest`" in said.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("about =", "abuot =", "There is no key `abuot`. Did you mean `about`?"),
        ("[source]", "[source", "is not valid TOML"),
        ('sum = "value"', 'sum = "valu"', "There is no column `valu` in the table categories. Did you mean `value`?"),
        ('sum = "value"\n', "", "It must hold exactly one of sum,"),
        (
            'sum = "value"\nover = "category"\ncells = 1',
            'sum = "value"\nover = "category"\ncells = 2',
            "It makes 1 cell; the case says 2.",
        ),
        ('file = "change.csv"', 'file = "changes.csv"', "There is no file changes.csv"),
        (
            'units = { value = "1e8*CNY/year", share = "percent" }',
            'units = { value = "1e8*CNY/year", share = "km" }',
            "cannot be turned into",
        ),
        ('keys = ["category"]', "keys = 3", "[tables.categories]): `keys` should be a list. Found: 3"),
        ('ratio = ["value", ', 'ratio = ["value", "share", ', "[[recompute]] share: ratio"),
        (
            '    { table = "categories", column = "value", at = { category = "ALL" }, less',
            '    { table = "categories", colum = "value", at = { category = "ALL" }, less',
            "There is no key `colum`. Did you mean `column`",
        ),
        ('keys = ["category"]', 'keys = ["categories"]', "There is no column `categories`. Did you mean `category`?"),
        ('id = "share"', 'id = "total"', "The id `total` is given twice."),
        ('title = "Gross', 'titel = "Gross', "There is no key `titel`. Did you mean `title`"),
        (
            'table = "categories"\nsum',
            'table = "category"\nsum',
            "There is no table `category`. Did you mean `categories`?",
        ),
        (
            '{ category = "ALL" } }]\ngives',
            '{ category = "all" } }]\ngives',
            "0 rows of the table categories have category = all",
        ),
    ],
)
def test_a_bad_case_says_what_is_wrong(gep: Gep, copy, old: str, new: str, said: str):
    found = gep("verify", copy("inner_mongolia_2019", "case.toml", old, new))
    assert found.code == 3
    assert said in " ".join(found.err.split())


def test_a_bad_case_is_told_in_chinese(copy):
    for old, new, said in (
        ("about =", "abuot =", "没有 `abuot` 这一项。"),
        ('keys = ["category"]', "keys = 3", "`keys` 应为列表。发现：3。"),
        ('sum = "value"', 'sum = "valu"', "表 categories 中没有列 `valu`。"),
        ('sum = "value"', 'sum = "value"\nequation = "area_value"', "只能含有下列之一：sum、same"),
    ):
        folder = copy("inner_mongolia_2019", "case.toml", old, new)
        with pytest.raises(ProjectError) as caught:
            load_case(str(folder))
        assert {problem.code for problem in caught.value.problems} == {"V01"}
        words = caught.value.in_language("zh")
        assert said in words
        assert not re.search(r"[a-z]{2,} [a-z]{2,}", words), words
        shutil.rmtree(folder)


def test_what_is_not_printed_makes_no_cell(gep: Gep, copy):
    """A dash is no figure: there is one share less, which the case must know of."""
    said = gep("verify", copy("inner_mongolia_2019", "categories.csv", "3125.30,6.98", "3125.30,—"))
    assert said.code == 3
    assert "It makes 2 cells; the case says 3." in said.err


def test_all_that_breaks_the_schema_is_said_at_once(gep: Gep, copy):
    folder = copy("inner_mongolia_2019", "case.toml", "about =", "abuot =")
    text = (folder / "case.toml").read_text(encoding="utf-8").replace("locator", "locatr")
    (folder / "case.toml").write_text(text, encoding="utf-8")
    said = gep("verify", folder).err
    for problem in ("`about` is missing", "There is no key `abuot`", "There is no key `locatr`", "[tables.change]"):
        assert problem in said


def test_a_share_of_nothing_is_an_error_with_its_place(gep: Gep, copy):
    said = gep("verify", copy("inner_mongolia_2019", "categories.csv", "ALL,44760.75", "ALL,0"))
    assert said.code == 3
    assert "[[recompute]] share" in said.err
    assert "the divisor may be zero" in said.err


def test_a_bad_figure_says_where(gep: Gep, copy):
    found = gep("verify", copy("inner_mongolia_2019", "categories.csv", "3125.30", "3125.3o"))
    assert found.code == 3
    assert "`3125.3o` is not a number" in found.err
    assert "categories, line 2" in found.err


def test_only_equations_of_ours_are_called(gep: Gep, copy):
    for name in ("os:getcwd", "no_such_equation", "gep.services.money:area_value"):
        folder = copy("jiajiyu_2012")
        text = (
            (folder / "case.toml")
            .read_text(encoding="utf-8")
            .replace('equation = "area_value"', f'equation = "{name}"')
        )
        (folder / "case.toml").write_text(text, encoding="utf-8")
        found = gep("verify", folder)
        assert found.code == 3
        assert f"There is no equation `{name}`" in found.err
        shutil.rmtree(folder)


def test_the_case_of_the_documentation_works(tmp_path: Path):
    """The table and the case.toml that docs/add-a-case.md shows."""
    page = ROOT / "docs" / "add-a-case.md"
    if not page.is_file():
        pytest.skip("the documentation is not beside the tests")
    blocks = page.read_text(encoding="utf-8").split("```")[1::2]
    table, case, exception = (block.partition("\n")[2] for block in blocks)
    (tmp_path / "services.csv").write_text(table, encoding="utf-8")
    (tmp_path / "case.toml").write_text(case, encoding="utf-8")
    assert [(cell.id, cell.verdict) for cell in verify(load_case(str(tmp_path))).cells] == [
        ("water/water", "holds"),
        ("total", "holds"),
    ]
    (tmp_path / "case.toml").write_text(case + exception, encoding="utf-8")
    assert verify(load_case(str(tmp_path))).verdict == "fails"  # it does follow


# our account beside published ones ------------------------------------------------------------------------------------

HULUNBUIR = DATA / "hulunbuir" / "gep.toml"
real_data = pytest.mark.skipif(not HULUNBUIR.is_file(), reason="the real rasters are not beside the checkout")


def test_without_an_account_of_ours_a_comparison_says_what_it_needs(gep: Gep):
    said = gep("verify", "hulunbuir")
    assert said.code == 0
    assert "needs an account of ours: gep verify hulunbuir --project gep.toml" in said.out
    (case,) = gep("verify", "hulunbuir", "--json").document["cases"]
    assert (case["verdict"], case["comparison"]) == ("cannot_tell", None)
    assert {cell["verdict"] for cell in case["cells"]} == {"holds"}


def made_up(code: str = "150700") -> Account:
    """An account of made-up figures: 1000 km2 of forest with 1e9 m3 of water at 5 CNY, 500 km2 of grassland with less
    than none, and a cap that does not count.
    """

    def water(ecosystem: str, value: float, **others: Any) -> Entry:
        about = {"service": "water_retention", "component": "retained_water", "price_basis": "current"}
        return Entry("1", "One", ecosystem, NONE, "regulating", **about, value=value, **others)

    entries = [
        Entry("1", "One", "forest", NONE, quantity=1e9, unit="m^2"),
        Entry("1", "One", "grassland", NONE, quantity=5e8, unit="m^2"),
        water("forest", 5e9, quantity=1e9, unit="m^3/year"),
        replace(water("forest", 7e9), component="retained_water_cap", is_counted=False),
        water("grassland", -1e9),
    ]
    missing = (Missing("soil_retention", "no_input", "no slope"),)
    return Account(entries, About("Made up", 2019, "ndrc-2022", price_year=2019, code=code, missing=missing))


def written(folder: Path, code: str = "150700") -> Path:
    write_run(made_up(code), folder)
    return folder


def test_the_gap_of_water_by_hand():
    """Published 1646.94e8 CNY for 170.96e8 m3 on 837.02e4 hm2; ours 50e8 CNY for 10e8 m3 on 1e5 hm2."""
    comparison = compare(load_case("hulunbuir"), made_up())
    water, soil = (next(gap for gap in comparison.gaps if gap.id == name) for name in ("water", "soil"))
    assert (water.published, water.ours) == (1646.94, pytest.approx(50))
    assert water.at_our_price == pytest.approx(1646.94e8 / 5)
    assert water.quantity_at_our_price == pytest.approx(170.96 * 5)
    price, extent = 5 / (1646.94 / 170.96), 1e5 / 837.02e4
    depth = (1e9 / 1e5) / (170.96e8 / 837.02e4)
    assert price * extent * depth == pytest.approx(50 / 1646.94)
    by_price = (price - 1) * 1646.94 * (1 / 3 + extent / 6 + depth / 6 + extent * depth / 3)
    assert water.contributions["price"] == pytest.approx(by_price)
    assert sum(water.contributions.values()) == pytest.approx(50 - 1646.94)
    assert (soil.ours, soil.difference) == (None, -760.11)
    assert soil.remarks == ("Soil retention, no input: no slope",)


def test_the_bridge_leads_from_total_to_total():
    comparison = compare(load_case("hulunbuir"), made_up())
    steps = dict(comparison.bridge("state_forest_2018"))
    assert steps["published"] == 6159.74
    assert steps["biodiversity"] == -1246.95
    assert steps["not_by_service"] == pytest.approx(-(6159.74 - 1646.94 - 1071.75 - 1024.98 - 1246.95))
    assert steps["only_ours"] == pytest.approx(-10)  # the grassland
    assert sum(steps.values()) == pytest.approx(comparison.our_total()) == pytest.approx(40)


def test_an_account_of_another_place_is_refused(gep: Gep, tmp_path: Path):
    said = gep("verify", "hulunbuir", "--project", written(tmp_path / "run", code="110000"))
    assert said.code == 2
    assert "is of the study 150700; this account is of 110000" in said.err
    assert gep("verify", "hulunbuir", "--project", tmp_path).code == 2
    assert gep("verify", "garze_2010", "--project", tmp_path / "run").code == 2


def test_a_comparison_shows_gaps_bridge_and_what_is_unverified(gep: Gep, tmp_path: Path):
    said = gep("verify", "hulunbuir", "--project", written(tmp_path / "run"))
    assert said.code == 0
    for text in (
        "unverified",
        "9,800.25",
        "-1,596.94",
        "Missing in ours: Soil retention",
        "1,646.94",
        "From the total of state_forest_2018 to ours",
    ):
        assert text in said.out, text
    assert "公布时未分项" in gep("verify", "hulunbuir", "--project", tmp_path / "run", "--lang", "zh").out


@pytest.mark.shared
@real_data
def test_the_real_account_of_hulunbuir_beside_published_ones(gep: Gep):
    said = gep("verify", "hulunbuir", "--project", HULUNBUIR, "--json")
    assert said.code == 0
    (case,) = said.document["cases"]
    assert case["verdict"] == "compared"
    comparison = case["comparison"]
    assert comparison["ours"]["complete"] is False
    gaps = {gap["id"]: gap for gap in comparison["gaps"]}
    assert gaps["study"]["published"] == pytest.approx(9800.25)
    assert gaps["study"]["ours"] == pytest.approx(comparison["ours"]["total"]["value"] / 1e8)
    assert gaps["water"]["ours"] < gaps["water"]["published"]
    assert sum(gaps["water"]["contributions"].values()) == pytest.approx(gaps["water"]["difference"])
    assert gaps["biodiversity"]["ours"] is None
    assert any("soil" in m["service"] for m in comparison["ours"]["missing"])
