"""Figures of counties for polygons beside them, by hand: counties A and B are squares of 10 km side by side, P is the
eastern half of A and the western quarter of B. Areas in the plane of the CRS are as those on the ellipsoid.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyproj
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from gep.core.errors import Problem
from gep.inputs.grids.zones import Zone, ZoneLayer
from gep.inputs.other_zones import names_of, of_other_zones
from gep.inputs.tables import Statistic

CRS = pyproj.CRS(6933)
KM = 1000.0
WHEAT = "crop_products/wheat"
EXACT = pytest.approx


def box(west: float, east: float, south: float = 0, north: float = 10) -> BaseGeometry:
    return shapely.box(west * KM, south * KM, east * KM, north * KM)


def layer(names: Mapping[str, str] | None = None, **zones: BaseGeometry) -> ZoneLayer:
    outline = shapely.union_all(list(zones.values()))
    return ZoneLayer(
        tuple(Zone(code, (names or {}).get(code, code)) for code in zones),
        tuple(zones.values()),
        tuple(zone.area for zone in zones.values()),
        outline,
        outline.area,
    )


COUNTIES = layer(A=box(0, 10), B=box(10, 20))
PARK = layer(P=box(5, 12.5))


def row(zone: str, item: str, measure: str, value: float | None, unit: str, price_year: int | None = None) -> Statistic:
    return Statistic(zone, item, measure, value, unit, 2023, price_year, "yearbook", f"{zone} {item} {measure}")


def shared(
    *rows: Statistic, asked: ZoneLayer = PARK, own: ZoneLayer = COUNTIES
) -> tuple[dict[tuple[str, str, str], float | None], list[Problem]]:
    found, left, problems = of_other_zones(rows, own, asked, CRS, "area")
    assert left == []
    assert len({(s.zone, s.item, s.measure) for s in found}) == len(found)
    return {(s.zone, s.item, s.measure): s.value for s in found}, problems


def keys(problems: list[Problem]) -> set[str]:
    return {problem.key.removeprefix("inputs.T34.") for problem in problems}


def test_a_product_that_one_of_the_counties_does_not_give_is_missing():
    """Tea is not given for B: whether none grows there nobody says; wheat is 10/2 + 8/4."""
    found, problems = shared(
        row("A", WHEAT, "quantity", 10, "t"),
        row("B", WHEAT, "quantity", 8, "t"),
        row("A", "crop_products/tea", "quantity", 4, "t"),
    )
    assert found["P", WHEAT, "quantity"] == EXACT(7, rel=1e-6)
    assert found["P", "crop_products/tea", "quantity"] is None
    assert keys(problems) == {"shared", "lacking"}


def test_a_price_is_of_its_own_tonnes():
    """B sells what A does at no known price: that of A is none of it. Where B sells nothing it is."""
    rows = (row("A", WHEAT, "quantity", 10, "t"), row("A", WHEAT, "price", 2000, "CNY/t", 2023))
    found, problems = shared(*rows, row("B", WHEAT, "quantity", 8, "t"))
    assert found["P", WHEAT, "price"] is None
    assert keys(problems) == {"shared", "lacking"}
    found, _ = shared(*rows, row("B", WHEAT, "quantity", 0, "t"))
    assert found["P", WHEAT, "price"] == 2000
    assert found["P", WHEAT, "quantity"] == EXACT(5, rel=1e-6)
    priced = row("B", WHEAT, "price", 3, "元/公斤", 2023)
    found, _ = shared(*rows, row("B", WHEAT, "quantity", 8, "t"), priced)
    assert found["P", WHEAT, "price"] == EXACT((5 * 2000 + 2 * 3000) / 7, rel=1e-6)
    found, _ = shared(rows[1], priced)  # without quantities no mean is that of what is sold
    assert found["P", WHEAT, "price"] is None


def test_a_price_per_tonne_is_not_weighted_by_heads():
    pigs = "livestock_products/pigs"
    found, problems = shared(
        row("A", pigs, "quantity", 10, "头"),
        row("B", pigs, "quantity", 8, "头"),
        row("A", pigs, "price", 20, "元/公斤", 2023),
        row("B", pigs, "price", 30, "元/公斤", 2023),
    )
    assert found["P", pigs, "price"] is None
    assert "unlike" in keys(problems)


def test_money_of_two_price_years_is_not_added():
    found, problems = shared(row("A", WHEAT, "value", 10, "万元", 2020), row("B", WHEAT, "value", 8, "万元", 2023))
    assert found["P", WHEAT, "value"] is None
    assert keys(problems) == {"shared", "unlike"}
    (told,) = [problem for problem in problems if problem.key.endswith("unlike")]
    assert "价格年份不一致" in told.in_language("zh")


def test_one_county_by_money_and_one_by_tonnes_is_missing_and_told():
    found, problems = shared(
        row("A", WHEAT, "quantity", 10, "t"),
        row("A", WHEAT, "price", 2000, "CNY/t", 2023),
        row("B", WHEAT, "value", 8, "万元", 2023),
    )
    assert set(found.values()) == {None}
    assert keys(problems) == {"shared", "lacking"}


def test_a_polygon_beyond_the_counties():
    """Half of the park lies west of A: what that half has is not known; days are those of the land that is known."""
    rows = (row("A", WHEAT, "quantity", 10, "t"), row("A", "cooling_days", "quantity", 90, "day"))
    found, problems = shared(*rows, asked=layer(P=box(-5, 5)))
    assert found == {("P", WHEAT, "quantity"): None, ("P", "cooling_days", "quantity"): EXACT(90)}
    (told,) = [problem for problem in problems if problem.key.endswith("beyond")]
    assert "P (50.0%)" in told.message
    assert "不在数据表的分区之内" in told.in_language("zh")


def test_a_code_is_not_land():
    """A polygon with the code of a county that is other land does not take its figures; one that is the same land with
    another code does.
    """
    rows = (row("A", WHEAT, "quantity", 10, "t"), row("B", WHEAT, "quantity", 8, "t"))
    for asked in (layer(A=box(12, 13)), layer(A=box(2, 3))):
        found, problems = shared(*rows, asked=asked)
        assert found["A", WHEAT, "quantity"] == EXACT((8 if asked.outline.bounds[0] > 10 * KM else 10) / 10, rel=1e-6)
        assert "same_code" in keys(problems)
    kept, left, problems = of_other_zones(rows, COUNTIES, layer(A=box(12, 13)), CRS, "")
    assert (kept, [s.zone for s in left]) == ([], ["A", "B"])
    assert keys(problems) == {"left_out", "same_code"}
    kept, left, problems = of_other_zones(rows, COUNTIES, layer(X=box(0, 10)), CRS, "")
    assert [(s.zone, s.value) for s in kept] == [("X", 10)]
    assert [s.zone for s in left] == ["B"]


def test_what_the_polygon_reports_itself_stands_before_what_is_shared():
    rows = (row("A", WHEAT, "quantity", 10, "t"), row("B", WHEAT, "quantity", 8, "t"))
    found, _ = shared(*rows, row("P", WHEAT, "price", 2500, "CNY/t", 2023))
    assert found == {("P", WHEAT, "quantity"): EXACT(7, rel=1e-6), ("P", WHEAT, "price"): 2500}
    found, _ = shared(*rows, row("P", WHEAT, "value", 3, "万元", 2023))
    assert found == {("P", WHEAT, "value"): 3}


def test_names_of_counties_and_polygons():
    """A table names counties: a code or a name that a polygon has too is theirs."""
    own = layer({"1": "西县", "2": "东县"}, **{"1": box(0, 10), "2": box(10, 20)})
    asked = layer({"1": "公园", "9": "西县"}, **{"1": box(2, 3), "9": box(4, 5)})
    assert names_of(own, asked) == {"1": ("西县", "", ""), "2": ("东县", "", ""), "9": ("", "", "")}
    assert names_of(None, asked)["1"][0] == "公园"
