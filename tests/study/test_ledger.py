"""The ledger of a run writes down what its figures rest on; it works nothing out again."""

from __future__ import annotations

import numpy as np
import pytest
from builders import LAKE, STEPPE, block, make_study, statistics, water_layers, zones

from gep.inputs.numbers import Numbers

TABLES = statistics(
    ("101", "lake_area/blue", "quantity", 25, "km^2"),
    ("102", "lake_area/blue", "quantity", 75, "km^2"),
    ("_city", "crop_products/wheat", "value", 3, "万元"),
)


def test_the_ledger_asks_for_no_number_again(monkeypatch):
    """Two counties with steppe and a quarter and three quarters of a lake, and a product: quantities, shares and prices
    are those of the account.
    """
    account = make_study(
        np.array([[STEPPE, STEPPE], [LAKE, LAKE]]),
        water_layers((2, 2)),
        zones(block(0, 0, 1, 2), block(1, 0, 2, 2)),
        of=["water_retention", "flood_mitigation", "crop_products"],
        tables={"t": TABLES},
        region="qinghai_tibet",
    ).run()

    def asked(*_: object) -> None:
        raise AssertionError("the ledger asks again")

    for name in ("number", "reported", "result", "series", "price", "moved"):
        monkeypatch.setattr(Numbers, name, asked)
    services = account.ledger["services"]
    lake = services["flood_mitigation"]["components"]["lake"]
    (unit,) = lake["units"]
    assert unit["quantity"] == pytest.approx(172_972_945.9, rel=1e-9)
    assert [f["units"] for f in lake["figures"]] == [
        [{"unit": 0, "share": 0.25, "price": 0}],
        [{"unit": 0, "share": 0.75, "price": 0}],
    ]
    water = services["water_retention"]["components"]["retained_water"]
    entry = next(e for e in account.entries if (e.zone, e.service) == ("101", "water_retention"))
    figure = next(f for f in water["figures"] if f["zone"] == "101")
    assert water["prices"][figure["price"]]["amount"] == entry.price
    (wheat,) = services["crop_products"]["products"]
    assert (wheat["component"], wheat["output"]) == ("wheat", 30_000.0)
