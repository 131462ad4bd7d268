"""Shares that add as they are shown, and what stands below the total."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document

from gep.account.account import Account
from gep.core.catalog import CATEGORIES, label
from gep.core.keys import NONE
from gep.core.messages import say
from gep.report.document import write as document
from gep.report.options import ReportOptions
from gep.report.page.content import Body
from gep.report.tables.book import report_model
from gep.report.tables.facts import Facts
from gep.report.tables.model import text_of
from gep.report.tables.shares import largest_remainder
from gep.report.tables.totals import summary


@pytest.mark.parametrize(
    ("parts", "whole", "decimals", "shown"),
    [
        # 33.333 each: all rounded down to 33.3 leave 0.1, which the first of equals gets
        ((100 / 3, 100 / 3, 100 / 3), "100.0", 1, ("33.4", "33.3", "33.3")),
        # remainders 0.066, 0.017, 0.017: 19.5 + 39.9 + 40.5 = 99.9
        ((19.566, 39.917, 40.517), "100.0", 1, ("19.6", "39.9", "40.5")),
        ((0.4, 0.4, 99.2), "100", 0, ("1", "0", "99")),
        ((), "0", 0, ()),
    ],
)
def test_the_largest_remainders_get_the_last_digits(parts, whole, decimals, shown):
    assert largest_remainder(parts, Decimal(whole), decimals) == [Decimal(text) for text in shown]


def printed(cell) -> Decimal:
    """A share as people read it; nothing for one too small to show, or none."""
    text = text_of(cell, "zh")
    return Decimal(text) if text[0].isdigit() else Decimal(0)


def printed_shares(table, kind):
    return [printed(row["share"]) for row in table.rows if row.kind == kind]


def test_adjusted_shares_add_as_they_are_printed_and_stay_what_they_are(sample_account: Account):
    plain = {table.id: table for table in report_model(sample_account, "zh").tables}
    found = {table.id: table for table in report_model(sample_account, "zh", "adjusted").tables}
    for id_ in ("T01", "T03"):
        assert sum(printed_shares(found[id_], "category")) == sum(printed_shares(found[id_], "item")) == 100
        for row, before in zip(found[id_].rows, plain[id_].rows, strict=True):
            assert row["value"] == before["value"]
            assert row["share"].value == before["share"].value
            if row["share"].shown is not None:
                assert abs(printed(row["share"]) - Decimal(row["share"].shown)) < Decimal("0.01")
    types = [column.id for column in found["T03"].columns if column.group]
    row = next(row for row in found["T03"].rows if row.kind == "share")
    assert sum(printed(row[name]) for name in types) == 100
    assert found["T07"].rows == plain["T07"].rows


def test_no_table_says_both_that_shares_are_adjusted_and_that_they_are_not(sample_account: Account):
    for shares, others in (("as_is", "adjusted"), ("adjusted", "as_is")):
        wrong = say(f"tables.note.rounding_{others}")
        assert not any(wrong in table.notes for table in report_model(sample_account, "zh", shares).tables)


@pytest.mark.parametrize("make", ["bulletin.docx", "report.html"])
def test_every_output_prints_shares_that_add_where_it_is_asked_for(sample_account: Account, tmp_path: Path, make):
    """Shares with one decimal in the bulletin, with two on the page: each of its categories add to 100."""
    options = ReportOptions("zh", "adjusted")
    if make == "report.html":
        body = Body(sample_account, "zh", options)
        assert sum(printed_shares(body.tables["T01"].table, "category")) == 100
        return
    document.write(sample_account, tmp_path, options)
    (table,) = Document(str(tmp_path / make)).tables
    names = [label(category, "zh") for category in CATEGORIES]
    shares = [Decimal(row.cells[2].text) for row in table.rows if row.cells[0].text in names]
    assert len(shares) == 3
    assert sum(shares) == 100


def test_what_is_potential_and_what_comes_from_outside_stand_below_the_total(sample_account: Account):
    """50 t of NOx could be taken up, and no emissions are told; 1.5 亿元 of the crops come from elsewhere."""
    air = next(entry for entry in sample_account.flows if entry.component == "nox")
    potential = replace(air, quantity=50.0, unit="t", value=None, is_counted=False, supply_basis="potential")
    crops = next(entry for entry in sample_account.flows if entry.service == "crop_products")
    outside = replace(
        crops,
        ecosystem=NONE,
        component="from_outside",
        quantity=None,
        unit="",
        price=None,
        price_unit="",
        value=-1.5e8,
        origin="imported_from_outside",
    )
    rest = [entry for entry in sample_account.entries if entry.base != "nox"]
    account = sample_account.replace([*rest, potential, outside])
    table = summary(Facts(account, "zh"))
    assert [row.kind for row in table.rows[-3:]] == ["total", "memo", "memo"]
    total, of_air, of_crops = table.rows[-3:]
    assert total["value"].value == account.total()
    assert [text_of(of_air[name], "zh") for name in ("service", "component", "quantity", "value")] == [
        "空气净化",
        "氮氧化物",
        "50.00",
        "—",
    ]
    assert (text_of(of_crops["service"], "zh"), text_of(of_crops["value"], "zh")) == ("农业产品", "1.50")
