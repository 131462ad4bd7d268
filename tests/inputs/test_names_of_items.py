"""One thing has one id, however a table calls it."""

from __future__ import annotations

import pandas as pd
import pytest

from gep.inputs.names import named_items
from gep.inputs.tables import read_tables


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("crop_products/小麦", "crop_products/wheat"),
        ("crop_products/Wheat", "crop_products/wheat"),
        ("crop_products/枸杞", "crop_products/枸杞"),
        ("livestock_products/poultry", "livestock_products/poultry"),  # an id, though birds are called so too
        ("intermediate_consumption/crop_products/小麦", "intermediate_consumption/crop_products/wheat"),
        ("intermediate_consumption/crop_products", "intermediate_consumption/crop_products"),
        ("lake_area/镜湖", "lake_area/镜湖"),
    ],
)
def test_a_product_behind_the_id_of_its_service(text, item):
    assert [name.item for name in named_items(text)] == [item]


def test_one_product_by_two_names_is_there_twice():
    rows = [
        {"zone": "1", "item": f"crop_products/{name}", "measure": "quantity", "value": "80", "unit": "t"}
        for name in ("wheat", "小麦")
    ]
    statistics, problems = read_tables({"t": pd.DataFrame(rows)}, {"1": "甲县"}, 2020)
    assert [row.item for row in statistics] == ["crop_products/wheat"]
    assert [found.key for found in problems] == ["inputs.T06.twice"]
