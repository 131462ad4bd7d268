"""How sure a change is: what is the same number in both years cancels, what is of a year does not.

The steppe of `test_uncertainty` in two years, with 1200 and with 1260 mm of rain: V = (P (1 - c) - E) A p, c = 0.1.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from builders import STEPPE, block, make_study, water_layers, zones

from gep.account.changes import compare_years
from gep.account.uncertain.change import uncertainty_of_change, uncertainty_of_comparison

AREA, PRICE = 6e6, 10.0
RUNOFF = {"value": 0.1, "unit": "1", "low": 0.05, "high": 0.15}
ERRORS = {"layers": {name: {"relative_error": 0.05} for name in ("precipitation", "evapotranspiration")}}


def year(number, rain, errors=None, price=PRICE):
    """The account of a year at its own prices; with errors of layers as a project says them."""
    account = make_study(
        np.full((2, 3), STEPPE),
        water_layers((2, 3), rain),
        zones(block(0, 0, 2, 2), block(2, 0, 3, 2)),
        of=["water_retention"],
        coefficients={
            "runoff_coefficient": {"grassland": RUNOFF},
            "reservoir_cost": {"value": price, "unit": "CNY/m^3", "price_year": 2019},
        },
    ).run()
    record = account.record
    if errors:
        record = {**record, "study": {**record["study"], "uncertainty": errors}}
    return account.replace(year=number, price_year=number, record=record)


def ends(interval):
    return interval.lower, interval.upper


def test_a_comparison_has_the_interval_of_its_change_at_constant_prices():
    """0.06 (1 - c) m at 10 CNY, though the second year has 11: the width is that of 0.06 c, in all counties alike."""
    comparison = compare_years([year(2019, 1200.0), year(2020, 1260.0, price=11.0)])
    found = uncertainty_of_comparison(comparison, draws=2000)
    change, half = 0.06 * 0.9 * AREA * PRICE, 0.06 * 0.0475 * AREA * PRICE
    assert found.change.change.value == pytest.approx(change)
    assert ends(found.change.change) == pytest.approx((change - half, change + half), rel=1e-3)
    by_zone = found.change.by["zone"]
    assert ends(by_zone["101"]) == pytest.approx((4 / 6 * (change - half), 4 / 6 * (change + half)), rel=1e-3)
    wide = found.change.if_independent
    assert wide.upper - wide.lower > 10 * half
    for rain, level in zip((1.2, 1.26), found.series.values(), strict=True):
        value, width = (rain * 0.9 - 0.7) * AREA * PRICE, rain * 0.0475 * AREA * PRICE
        assert ends(level) == pytest.approx((value - width, value + width), rel=1e-3)
    document = json.loads(json.dumps(found.document()))
    assert (document["is_significant"], document["total"]["value"]) == (True, pytest.approx(change))
    assert [one["year"] for one in document["series"]] == [2019, 2020]


def test_at_current_prices_the_change_is_that_of_both():
    comparison = compare_years([year(2019, 1200.0), year(2020, 1260.0, price=11.0)], prices="current")
    found = uncertainty_of_comparison(comparison, draws=500)
    assert found.change.change.value == pytest.approx(((1.26 * 0.9 - 0.7) * 11 - (1.2 * 0.9 - 0.7) * 10) * AREA)


def test_a_layer_is_common_where_it_is_the_same_file():
    """The same evapotranspiration in both years, other rain: of both 5 % are said."""
    found = uncertainty_of_change(
        year(2019, 1200.0, ERRORS), year(2020, 1260.0, ERRORS).replace(price_year=2019), draws=4000
    )
    assert sorted(found.common) == ["layers.evapotranspiration", "runoff_coefficient[grassland]"]
    # 5 % of 1.08 and of 1.134 m, independent; c moves 0.06 m; the loss is the same and cancels
    u = np.sqrt((0.05 * 1.08) ** 2 + (0.05 * 1.134) ** 2 + (0.06 * 0.1) ** 2 / 12) * AREA * PRICE
    half = (found.change.upper - found.change.lower) / 2
    assert half == pytest.approx(1.96 * u, rel=0.05)
    assert found.is_significant is False


def test_nothing_known_is_no_interval():
    account = year(2019, 1200.0)
    ledger = json.loads(json.dumps(account.ledger))
    for row in ledger["coefficients"].values():
        row["low"] = row["high"] = None
    plain = account.replace(make_ledger=lambda: ledger)
    found = uncertainty_of_change(plain, plain, draws=500)
    assert (ends(found.change), found.is_significant) == ((None, None), None)
