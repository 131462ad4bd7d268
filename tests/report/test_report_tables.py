"""The tables of a report hold the account's own figures: added again from the rows of the account, and closed."""

from __future__ import annotations

import math
from decimal import Decimal

import pandas as pd
import pytest
from recomputed import Line, check

from gep.account.account import Account
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import LANGUAGES
from gep.report.tables.book import report_tables
from gep.report.tables.model import Cell, ReportTable, number_text, rounded, text_of

LANGS = ("zh", "en", "zh-en")


@pytest.fixture(scope="module")
def tables(sample_account: Account) -> dict[str, ReportTable]:
    return {table.id: table for table in report_tables(sample_account, "zh")}


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


def test_supply_is_use(tables):
    for id_ in ("T13_quantity", "T13_value"):
        for row in tables[id_].rows:
            assert row["use"].value == row["not_allocated"].value


def test_every_step_of_the_working_gives_its_result(tables):
    for row in tables["A8"].rows:
        assert check([Line(row.key, str(row["line"].text), row["result"].value)]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_says_everything_in_its_language(sample_account, lang):
    for table in report_tables(sample_account, lang):
        for language in LANGUAGES if lang == "zh-en" else (lang,):
            assert table.title(language)
            assert len({column.id for column in table.columns}) == len(table.columns)
            assert all(column.title(language) for column in table.columns)
            assert all(text_of(row[column.id], language) is not None for row in table.rows for column in table.columns)


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
    assert number_text(number, decimals) == text


def test_a_number_below_the_last_digit_is_no_zero():
    assert text_of(Cell(0.004), "zh") == "…"
    assert text_of(Cell(0.0), "zh") == "0.00"
    assert text_of(Cell(0.005), "zh") == "0.01"
    assert text_of(Cell(standing="not_applicable"), "zh") == "—"
    assert text_of(Cell(standing="missing"), "zh") == "未核算"
    assert text_of(Cell(standing="not_given"), "en") == "not given"
    assert rounded(0.005, 2) == Decimal("0.01")
