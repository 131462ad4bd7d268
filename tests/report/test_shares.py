"""Shares that add as they are shown, and what stands below the total."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gep.account.account import Account
from gep.core.keys import NONE
from gep.report.tables.book import report_tables
from gep.report.tables.facts import Facts
from gep.report.tables.model import rounded, text_of
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


def shown_shares(table, kind):
    return [rounded(row["share"].shown, 2) for row in table.rows if row.kind == kind and row["share"].shown is not None]


def test_adjusted_shares_add_as_they_are_shown(sample_account: Account):
    plain = {table.id: table for table in report_tables(sample_account, "zh")}
    found = {table.id: table for table in report_tables(sample_account, "zh", "adjusted")}
    for id_ in ("T01", "T03"):
        assert sum(shown_shares(found[id_], "category")) == sum(shown_shares(found[id_], "item")) == 100
        assert found[id_].notes[-1] not in plain[id_].notes
        for row, before in zip(found[id_].rows, plain[id_].rows, strict=True):
            assert row["value"] == before["value"]
            if row["share"].shown is not None:
                assert abs(row["share"].shown - before["share"].shown) < 0.01
    types = [column.id for column in found["T03"].columns if column.group]
    row = next(row for row in found["T03"].rows if row.kind == "share")
    assert sum(rounded(row[name].shown, 2) for name in types) == 100
    assert found["T07"] == plain["T07"]


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
