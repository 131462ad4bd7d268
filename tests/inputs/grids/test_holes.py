"""Holes in zones: what is said grows with their share, and an outline settles whether they belong to the area."""

from __future__ import annotations

import geopandas as gpd
import pyproj
import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from gep.inputs.grids.polygons import read_zones
from gep.inputs.grids.zones import UNALLOCATED, ZoneLayer

WHOLE = box(0, 0, 4, 4)


def ring(side: float) -> BaseGeometry:
    """The whole without a square of so many degrees."""
    return WHOLE.difference(box(1, 1, 1 + side, 1 + side))


def zones(geometry: BaseGeometry, outline: BaseGeometry | None = None) -> ZoneLayer:
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[geometry], crs="EPSG:4326")
    border = None if outline is None else gpd.GeoDataFrame(geometry=[outline], crs="EPSG:4326")
    return read_zones(frame, crs=pyproj.CRS.from_epsg(4326), code="code", outline=border)


@pytest.mark.parametrize(
    ("side", "severity", "words"),
    [
        (0.1, "information", "accounted as `_unallocated`"),  # 0.01 of 16 square degrees
        (0.3, "warning", "0.56%"),  # 0.09 of 16
        (1.0, "error", "nothing says whether they belong to the area"),  # 1 of 16
    ],
)
def test_the_larger_a_hole_the_graver(side, severity, words):
    found = zones(ring(side)).problems
    assert [(p.code, p.severity) for p in found] == [("Z07", severity)]
    assert words in str(found[0])


def test_an_outline_says_that_a_hole_belongs_to_the_area():
    layer = zones(ring(1.0), WHOLE)
    assert [(p.code, p.severity) for p in layer.problems] == [("Z07", "warning")]
    assert [zone.code for zone in layer.zones] == ["a", UNALLOCATED]


def test_an_outline_says_that_a_hole_does_not_belong_to_the_area():
    layer = zones(ring(1.0), ring(1.0))
    assert layer.problems == ()
    assert [zone.code for zone in layer.zones] == ["a"]
