"""Polygons of public map services are displaced: what gives them away, and what does not."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from places import DATA
from rasterio.features import rasterize
from shapely.geometry import Point, box

from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.map_shift import check_land_cover, displaced
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.polygons import read_zones

WGS84 = pyproj.CRS.from_epsg(4326)


@pytest.mark.parametrize(
    ("lon", "lat", "shown_lon", "shown_lat"),
    [
        (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
        (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
        (116.404, 39.915, 116.41024449916938, 39.91640428150164),
    ],
)  # pairs that open libraries of the transform agree on
def test_places_are_shown_where_map_services_show_them(lon, lat, shown_lon, shown_lat):
    found = displaced(np.array([lon]), np.array([lat]))
    assert found[0][0] == pytest.approx(shown_lon, abs=1e-6)
    assert found[1][0] == pytest.approx(shown_lat, abs=1e-6)


def shown(geometry):
    return shapely.transform(geometry, lambda xy: np.column_stack(displaced(xy[:, 0], xy[:, 1])))


def county():
    return Point(119.7, 49.2).buffer(0.2, quad_segs=40)


def zones(geometry, **columns):
    west = shapely.intersection(geometry, box(110, 40, 119.7, 60))
    east = shapely.difference(geometry, west)
    return gpd.GeoDataFrame({"code": ["1", "2"], **columns}, geometry=[west, east], crs=WGS84)


def codes(layer):
    return [(problem.code, problem.subject) for problem in layer.problems if problem.code == "G10"]


def test_columns_of_a_map_service_are_known():
    columns = {"acroutes": ["", ""], "subFeatureIndex": [0, 1], "childrenNum": [0, 0], "centroid": ["", ""]}
    assert codes(read_zones(zones(county(), **columns), crs=WGS84, code="code")) == [("G10", "zones")]
    assert codes(read_zones(zones(county(), centroid=["", ""]), crs=WGS84, code="code")) == []


def test_zones_and_outline_in_two_systems_are_told_apart():
    true, moved = county(), shown(county())
    outline = gpd.GeoDataFrame(geometry=[true], crs=WGS84)
    outline_shown = gpd.GeoDataFrame(geometry=[moved], crs=WGS84)
    assert codes(read_zones(zones(moved), crs=WGS84, code="code", outline=outline)) == [("G10", "zones")]
    assert codes(read_zones(zones(true), crs=WGS84, code="code", outline=outline_shown)) == [("G10", "outline")]
    assert codes(read_zones(zones(true), crs=WGS84, code="code", outline=outline)) == []
    assert codes(read_zones(zones(moved), crs=WGS84, code="code", outline=outline_shown)) == []


def test_another_shift_is_not_that_of_map_services():
    outline = gpd.GeoDataFrame(geometry=[county()], crs=WGS84)
    elsewhere = shapely.transform(county(), lambda xy: xy + np.array([-0.002, 0.006]))
    assert codes(read_zones(zones(elsewhere), crs=WGS84, code="code", outline=outline)) == []


def test_outside_of_china_nothing_is_displaced():
    def abroad(geometry):
        return shapely.transform(geometry, lambda xy: xy - np.array([110.0, 0.0]))

    outline = gpd.GeoDataFrame(geometry=[abroad(county())], crs=WGS84)
    west, east = abroad(shown(county()).intersection(box(110, 40, 119.7, 60))), abroad(county()).buffer(0)
    frame = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[west, east.difference(west)], crs=WGS84)
    assert codes(read_zones(frame, crs=WGS84, code="code", outline=outline)) == []


def land_cover(path, geometry, step=0.001):
    west, south, east, north = shapely.buffer(geometry, 0.05).bounds
    rows, cols = round((north - south) / step), round((east - west) / step)
    transform = Affine(step, 0, west, 0, -step, north)
    codes_of = rasterize([(geometry, 2)], (rows, cols), transform=transform, fill=0).astype("uint8")
    with rasterio.open(
        path, "w", driver="GTiff", width=cols, height=rows, count=1, dtype="uint8", nodata=0, crs=WGS84,
        transform=transform,
    ) as file:  # fmt: skip
        file.write(codes_of, 1)
    return open_layer(LayerSpec("land_cover", path), unit="1", kind="class")


def test_land_cover_that_was_cut_to_the_border_gives_it_away(tmp_path):
    cover = land_cover(tmp_path / "cover.tif", county())
    (found,) = check_land_cover(shown(county()), WGS84, cover)
    assert (found.code, found.severity, found.subject) == ("G10", "warning", "zones")
    # by the pair of 116.404, 39.915 a place is moved by 0.0062 x cos(39.9) x 111.3 km = 530 m east: hundreds of metres
    assert 300 < float(found.found.split()[1]) < 900
    assert list(check_land_cover(county(), WGS84, cover)) == []


def test_land_cover_of_the_whole_rectangle_tells_nothing(tmp_path):
    cover = land_cover(tmp_path / "cover.tif", box(119.3, 48.8, 120.1, 49.6))
    assert list(check_land_cover(shown(county()), WGS84, cover)) == []


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_land_cover_that_is_damaged_is_left_to_who_reads_its_cells(tmp_path):
    cover = land_cover(tmp_path / "cover.tif", county())
    data = (tmp_path / "cover.tif").read_bytes()
    (tmp_path / "cover.tif").write_bytes(data[: len(data) // 2])
    with rasterio.open(tmp_path / "cover.tif") as file, pytest.raises(rasterio.errors.RasterioError):
        file.read(1)
    assert list(check_land_cover(shown(county()), WGS84, cover)) == []


def test_real_counties_are_where_their_outline_is():
    folder = DATA / "hulunbuir" / "boundary"
    counties, city = folder / "hulunbuir_counties.geojson", folder / "hulunbuir_city.geojson"
    assert codes(read_zones(counties, crs=WGS84, code="adcode", outline=city)) == []
    moved = gpd.read_file(counties)
    moved.geometry = moved.geometry.map(shown)
    assert codes(read_zones(moved, crs=WGS84, code="adcode", outline=city)) == [("G10", "zones")]
