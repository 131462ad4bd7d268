"""The zones that a run leaves to be drawn: simple, small, and with no gap between neighbours."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from builders import block, make_study, water_layers, zones
from reading import seal
from shapely import MultiPolygon, Polygon, box

import gep
from gep.core.errors import UsageError
from gep.inputs.grids.zones import Zone, ZoneLayer
from gep.study.folder import write_run
from gep.study.shapes import read_shapes, write_shapes, zone_shapes

DEGREES = pyproj.CRS("EPSG:4326")


def layer(**geometries: Polygon | MultiPolygon) -> ZoneLayer:
    shapes = tuple(geometries.values())
    names = tuple(Zone(code, code) for code in geometries)
    return ZoneLayer(names, shapes, tuple(0.0 for _ in shapes), shapely.union_all(shapes), 0.0)


def halves(vertices: int) -> ZoneLayer:
    """Two halves of a square of a degree, with a border as ragged as coasts are."""
    y = np.linspace(0, 1, vertices)
    x = 0.5 + 0.05 * np.sin(9 * y) + 0.002 * np.sin(5000 * y)
    border = list(zip(x.tolist(), y.tolist(), strict=True))
    west = Polygon([(0, 0), *border, (0, 1)])
    east = Polygon([(1, 0), *border, (1, 1)])
    return layer(west=west, east=east)


def test_neighbours_keep_one_border():
    given = halves(60_000)
    shapes = zone_shapes(given, DEGREES)
    assert shapely.coverage_is_valid(list(shapes.values()))
    assert shapely.union_all(list(shapes.values())).area == pytest.approx(1, abs=1e-9)
    assert shapely.get_num_coordinates(list(shapes.values())).sum() < 10_000
    for shape, was in zip(shapes.values(), given.geometries, strict=True):
        assert shape.is_valid
        assert shape.area == pytest.approx(was.area, rel=0.01)


def test_specks_are_left_out_but_no_zone_is():
    islands = [box(2 + i / 1e3, 2, 2 + i / 1e3 + 1e-5, 2 + 1e-5) for i in range(500)]
    square = Polygon(box(0, 0, 1, 1).exterior, [box(0.5, 0.5, 0.50001, 0.50001).exterior, box(0, 0, 0.1, 0.1).exterior])
    shapes = zone_shapes(layer(mainland=MultiPolygon([square, *islands]), rock=islands[0]), DEGREES)
    assert shapely.get_num_geometries(shapes["mainland"]) == 1
    assert shapes["mainland"].area == pytest.approx(1 - 0.01)
    assert shapely.get_num_geometries(shapes["rock"]) == 1


def test_they_lie_where_the_zones_lie():
    # a corner of zone 50 of UTM: 500 km east is its central meridian, 117°; 0 m north the equator
    utm = layer(a=box(500_000, 0, 600_000, 100_000))
    west, south, _, _ = zone_shapes(utm, pyproj.CRS("EPSG:32650"))["a"].bounds
    assert (west, south) == (pytest.approx(117, abs=1e-4), pytest.approx(0, abs=1e-4))


def test_rings_turn_as_geojson_asks(tmp_path):
    square = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    write_shapes(zone_shapes(layer(a=square), DEGREES), {"a": ("甲", "A")}, tmp_path / "z")
    document = json.loads((tmp_path / "z").read_text(encoding="utf-8"))
    (feature,) = document["features"]
    assert feature["properties"] == {"code": "a", "name_zh": "甲", "name_en": "A"}
    shell, hole = feature["geometry"]["coordinates"][0]
    assert shapely.is_ccw(shapely.linearrings(shell))
    assert not shapely.is_ccw(shapely.linearrings(hole))


# of a run -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def account():
    codes = np.full((2, 4), 3)
    counties = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
    return make_study(codes, water_layers((2, 4)), counties, of=("water_retention",)).run()


@pytest.fixture
def folder(account, tmp_path) -> Path:
    write_run(account, tmp_path / "run")
    return tmp_path / "run"


def test_what_is_read_is_what_was_made(account, folder):
    assert set(account.shapes) == {"101", "102"}
    assert dict(gep.read_run(folder).shapes) == dict(account.shapes)
    assert dict(pickle.loads(pickle.dumps(account)).shapes) == dict(account.shapes)
    assert shapely.coverage_is_valid(list(account.shapes.values()))


def test_a_run_without_them_has_none(folder):
    (folder / "zones.geojson").unlink()
    assert gep.read_run(folder).shapes == {}


def test_changed_ones_are_refused(folder):
    path = folder / "zones.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"101"', '"109"'), encoding="utf-8")
    with pytest.raises(UsageError, match="not as the run wrote it"):
        _ = gep.read_run(folder).shapes
    seal(folder)
    assert "109" in gep.read_run(folder).shapes


@pytest.mark.parametrize(
    "coordinates",
    [[[[[0, 0], [1, 1]]]], [[]], [[[[0, 0], [1, 1], ["1", 0], [0, 0]]]], [[[[0, 0, 0], [1, 1, 0], [1, 0, 0]]]], {}],
    ids=["two points", "no ring", "text", "three dimensions", "no list"],
)
def test_what_is_no_polygon_is_refused(tmp_path, coordinates):
    feature = {
        "type": "Feature",
        "properties": {"code": "a", "name_zh": "", "name_en": ""},
        "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
    }
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"zones\.geojson"):
        read_shapes(path)
