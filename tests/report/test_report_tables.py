"""The tables of a report hold the account's own figures: added again from the rows of the account, and closed."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from recomputed import Line, check

from gep.account.account import Account
from gep.core.catalog import named
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import LANGUAGES, in_language, say
from gep.report.tables.book import report_model
from gep.report.tables.model import Cell, ReportTable, number_format, number_text, rounded, text_of

LANGS = ("zh", "en", "zh-en")


@pytest.fixture(scope="module")
def tables(sample_account: Account) -> dict[str, ReportTable]:
    return {table.id: table for table in report_model(sample_account, "zh").tables}


@pytest.fixture(scope="module")
def rows(sample_account: Account) -> pd.DataFrame:
    """The counted rows of the tidy account."""
    frame = sample_account.to_frame()
    return frame[frame["counted"] == 1]


def added(frame: pd.DataFrame, measure: str, **where: str) -> float:
    part = frame[frame["measure"] == measure]
    for column, name in where.items():
        part = part[part[column] == name]
    return math.fsum(part["value"].dropna())


def test_the_summary_is_the_account(tables, rows, sample_account):
    table = tables["T01"]
    by_key = {row.key: row for row in table.rows}
    assert by_key["total"]["value"].value == sample_account.total()
    assert by_key["total"]["category"].text == sample_account.title("en")
    for row in table.rows:
        if row.kind == "category":
            assert row["value"].value == pytest.approx(added(rows, "value", category=row.key), rel=1e-12)
        if row.kind == "item":
            assert row["value"].value == pytest.approx(added(rows, "value", service=row.key), rel=1e-12)
    shares = [row["share"].shown for row in table.rows if row.kind == "category"]
    assert math.fsum(shares) == pytest.approx(100, rel=1e-12)


def test_a_component_has_the_quantity_and_the_price_of_its_rows(tables, rows):
    """Adjustments (`_cap`) belong to the component that they adjust."""
    for row in tables["T01"].rows:
        if row.kind != "component" or row["quantity"].value is None:
            continue
        service, component = row.key.split("/")
        mine = rows[(rows["service"] == service) & rows["component"].str.removesuffix("_cap").eq(component)]
        assert row["quantity"].value == pytest.approx(added(mine, "quantity"), rel=1e-12)
        prices = set(mine[mine["measure"] == "price"]["value"].dropna())
        assert row["price"].value == (prices.pop() if len(prices) == 1 else None)


@pytest.mark.parametrize(("id_", "measure"), [("T02", "quantity"), ("T03", "value")])
def test_ecosystem_types_add_to_the_total(tables, rows, id_, measure):
    table = tables[id_]
    types = [column.id for column in table.columns if column.group]
    assert types
    for row in table.rows:
        if row.kind in ("share", "component"):
            continue
        parts = [row[name].value for name in types if row[name].value is not None]
        assert math.fsum(parts) == pytest.approx(row["total"].value, rel=1e-12)
        if row.kind == "item":
            service = row.key.split("/")[0]
            for name in types:
                mine = rows[rows["component"].str.removesuffix("_cap").eq(row.key.partition("/")[2])]
                found = added(mine if measure == "quantity" else rows, measure, service=service, ecosystem_type=name)
                assert (row[name].value or 0.0) == pytest.approx(found, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("id_", ["T04", "T06"])
def test_counties_add_to_the_city(tables, id_):
    table = tables[id_]
    numbers = [column.id for column in table.columns if not column.is_text and column.id != "rank"]
    *counties, city = table.rows
    assert city.key == CITY
    assert counties[-1].key == UNALLOCATED
    for name in numbers:
        parts = [row[name].value for row in counties if row[name].value is not None]
        assert math.fsum(parts) == pytest.approx(city[name].value, rel=1e-12), name


def test_ranks_follow_the_totals(tables):
    ranked = [row for row in tables["T04"].rows if row["rank"].value is not None]
    by_value = sorted(ranked, key=lambda row: -row["total"].value)
    assert [row["rank"].value for row in by_value] == list(range(1, len(ranked) + 1))


def test_areas_close(tables, sample_account):
    whole = math.fsum(sample_account.areas().values())
    assert tables["T05"].rows[-1]["area"].value == pytest.approx(whole, rel=1e-12)
    closing = tables["T10"].rows[0]
    assert math.fsum(closing[column.id].value for column in tables["T10"].columns[1:-1]) == pytest.approx(whole)
    assert closing["total"].shown == pytest.approx(whole / 1e6)


@pytest.mark.parametrize("id_", ["T13_quantity", "T13_value"])
def test_what_ecosystem_types_supply_adds_to_the_use(tables, id_):
    table = tables[id_]
    *types, whole = [column for column in table.columns if column.id.startswith("supply_")]
    assert types
    for row in table.rows:
        supplied = [row[column.id].value for column in types if row[column.id].value is not None]
        assert row["use"].value == (pytest.approx(math.fsum(supplied), rel=1e-12) if supplied else None), row.key
        assert row[whole.id].value == row["use"].value


def test_every_step_of_the_working_gives_its_result(tables):
    for row in tables["A8"].rows:
        assert check([Line(row.key, str(row["line"].text), row["result"].value)]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_says_everything_in_its_language(sample_account, lang):
    for table in report_model(sample_account, lang).tables:
        for language in LANGUAGES if lang == "zh-en" else (lang,):
            assert table.title(language)
            assert len({column.id for column in table.columns}) == len(table.columns)
            assert all(column.title(language) for column in table.columns)
            numbers = [column for column in table.columns if not column.is_text]
            assert all(text_of(table.cell(row, column), language) for row in table.rows for column in numbers)
            words = [in_language(cell.text, language) for row in table.rows for cell in row.cells.values() if cell.text]
            assert all(words)


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0.125, 2, "0.13"),  # half away from zero, as GB/T 8170's older rule 四舍五入 says, not to even
        (-0.125, 2, "-0.13"),
        (2.675, 2, "2.68"),  # as it is written, not as the nearest binary number lies
        (1234567.891, 2, "1,234,567.89"),
        (-0.001, 2, "0.00"),
    ],
)
def test_numbers_are_rounded_once_and_half_away_from_zero(number, decimals, text):
    assert number_text(number, decimals, "en") == text


def test_a_number_below_the_last_digit_is_no_zero():
    assert text_of(Cell(0.004), "zh") == "…"
    assert text_of(Cell(0.0), "zh") == "0.00"
    assert text_of(Cell(0.005), "zh") == "0.01"
    assert text_of(Cell(standing="not_applicable"), "zh") == "—"
    assert text_of(Cell(standing="missing"), "zh") == "未核算"
    assert text_of(Cell(standing="not_given"), "en") == "not given"
    assert rounded(0.005, 2) == Decimal("0.01")


def test_chinese_prints_no_commas_and_english_does():
    """Beijing's and Shenzhen's releases: 20913.25亿元. English tables group thousands."""
    assert text_of(Cell(1234567.891), "zh") == "1234567.89"
    assert text_of(Cell(1234567.891), "en") == "1,234,567.89"
    assert (number_format(2, "zh"), number_format(2, "en"), number_format(0, "zh")) == ("0.00", "#,##0.00", "0")


# what lacks a part, and what belongs to no county ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def pieces(sample_account: Account) -> Account:
    """The sample city with three services: the cooling of a county has no value, one county's recreation is given for
    the whole area, and soil retention of a county has entries without a value that belong to none.
    """
    entries = []
    for entry in sample_account.entries:
        if entry.service == "recreation" and entry.zone == "990102":
            entry = replace(entry, zone=CITY, zone_name="")
        if entry.service == "climate_regulation" and entry.zone == "990103":
            entry = replace(entry, value=None)
        if entry.service == "soil_retention" and entry.zone == "990101":
            entry = replace(entry, zone=UNALLOCATED, zone_name="", value=None)
        entries.append(entry)
    return sample_account.replace(entries)


def test_a_sum_without_one_of_its_parts_is_marked(pieces):
    tables = report_model(pieces, "en").results
    county, other = ({row.key: row for row in tables["T04"].rows}[code] for code in ("990103", "990102"))
    assert text_of(county["climate_regulation"], "en") == "not accounted"
    assert text_of(county["regulating"], "en").endswith("*")
    assert text_of(county["total"], "en").endswith("*")
    assert not text_of(other["climate_regulation"], "en").endswith("*")
    assert not text_of(county["cultural"], "en").endswith("*")
    assert text_of(tables["T01"].rows[-1]["value"], "en").endswith("*")
    for id_ in ("T01", "T03", "T04", "T05", "T07"):
        assert say("tables.note.lacks_part") in tables[id_].notes, id_


def test_what_cells_without_data_lack_is_told_by_the_coverage(tables):
    """The reservoirs of county C have no evapotranspiration, its other wetlands have: the sums are not marked."""
    assert not [
        row.key for table in tables.values() for row in table.rows if any(c.is_partial for c in row.cells.values())
    ]


def test_a_figure_of_the_whole_area_stands_in_the_row_of_what_no_county_has(pieces):
    rows = report_model(pieces, "en").results["T04"].rows
    given = math.fsum(e.value for e in pieces.counted() if e.service == "recreation" and e.zone == CITY)
    assert given > 0
    (row,) = (row for row in rows if row.key == UNALLOCATED)
    assert row["recreation"].value == pytest.approx(given, rel=1e-12)
    *counties, city = rows
    assert city["total"].value == pytest.approx(pieces.total(), rel=1e-12)
    parts = [row["total"].value for row in counties if row["total"].value is not None]
    assert math.fsum(parts) == pytest.approx(pieces.total(), rel=1e-12)


def test_what_is_missing_in_the_row_of_no_county_is_no_zero(pieces):
    """Nothing is left to allocate of what counties have; entries without a number are missing."""
    rows = report_model(pieces, "en").results["T04"].rows
    (row,) = (row for row in rows if row.key == UNALLOCATED)
    assert row["soil_retention"].value is None
    assert text_of(row["soil_retention"], "en") == "not accounted"
    assert row["crop_products"].value == 0


def test_coverage_is_that_of_the_service_least_covered(sample_account, tables):
    """Of land that counts: services without land have none. County C lacks evapotranspiration on some of its land."""
    shares = {}
    for sums in sample_account.record["sums"]:
        key = (sums["zone"], sums["service"], sums["component"])
        area, valid = shares.get(key, (0.0, 0.0))
        shares[key] = (area + sums["area"], valid + sums["valid_area"])
    rows = {row.key: row for row in tables["T07"].rows}
    for zone in ("990101", "990102", "990103"):
        least = min(valid / area for (of, *_), (area, valid) in shares.items() if of == zone)
        assert rows[zone]["coverage"].value == pytest.approx(least, rel=1e-9)
    assert rows["990103"]["coverage"].value < 0.99
    assert rows[CITY]["coverage"].value < 0.999
    assert say("tables.note.coverage") in tables["T07"].notes


def test_every_price_is_told_as_found_and_as_used(tables, sample_account):
    """7.06 CNY/m3 of 2010 at the prices of 2020; wheat of 2400 CNY/t as it is; a premium of 6 percent is 0.06."""
    rows = [(str(row["name"].text), row) for row in tables["A2"].rows]
    reservoir = next(row for name, row in rows if name == "Cost of a reservoir by volume")
    assert (reservoir["value"].value, reservoir["used"].value) == (7.06, pytest.approx(9.0445, rel=1e-4))
    assert reservoir["index"].text == sample_account.ledger["price_index"]
    of_county = [row for _, row in rows if row["zone"].text == sample_account.zone_name("990101", "en")]
    (wheat,) = (row for row in of_county if row["name"].text == named("wheat"))
    assert (wheat["value"].value, wheat["used"].value, wheat["factor"].value) == (2400.0, 2400.0, None)
    assert not wheat["index"].text
    premium = next(row for name, row in rows if row["value"].value == 6.0)
    assert (premium["unit"].text.zh, premium["used"].value, premium["used_unit"].text) == ("%", 0.06, "1")
    assert not [row["name"].text for _, row in rows if row["name"].text.zh.isascii()]


def test_parameters_hold_the_constants_of_derived_layers(sample_account):
    """HJ 1173-2021, equation A.7: K = (0.2 + 0.3 exp(-0.0256 sa ...)) ...: used on the grid of the soil map."""
    rows = {row.key: row for row in report_model(sample_account, "zh").results["A1"].rows}
    for name, value in (
        ("epic_base", 0.2),
        ("epic_sand", 0.3),
        ("epic_sand_decay", 0.0256),
        ("epic_fines_slope", 22.9),
    ):
        row = rows[f"erodibility_us/{name}"]
        assert row["value"].value == value
        assert "A.7" in row["source"].text.zh
        assert row["name"].text.zh.startswith("土壤可蚀性（EPIC）")
    assert "修正风蚀方程" in rows["monthly_snow_factor/protecting_snow"]["source"].text.zh
    assert len(rows) == len(report_model(sample_account, "zh").results["A1"].rows)
