import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from gep.core.errors import InputError
from gep.inputs.grids.area import cell_areas, densified, polygon_area, square_area
from gep.inputs.grids.grid import Grid, Square

WGS84_SURFACE = 510_065_621_724_088.4
"""m2, of the WGS 84 ellipsoid: 4 pi times the square of its authalic radius, 6371007.1809 m."""


def grid_at(crs, x0, y0, cell, rows=64, cols=64, row0=0, col0=0):
    return Grid(pyproj.CRS(crs), x0, y0, cell, cell, row0, row0 + rows, col0, col0 + cols)


def whole(grid):
    return Square(grid.row0, grid.row1, grid.col0, grid.col1)


def cell_box(grid, row, col):
    return shapely.box(*grid.square_bounds(Square(row, row + 1, col, col + 1)))


def geographiclib_area(west, south, east, north, steps=400):
    """An area of the ellipsoid between two parallels; their geodesics are kept short, as a parallel is none."""
    polygon = Geodesic.WGS84.Polygon()
    for i in range(steps + 1):
        polygon.AddPoint(south, west + (east - west) * i / steps)
    for i in range(steps + 1):
        polygon.AddPoint(north, east - (east - west) * i / steps)
    return polygon.Compute()[2]


@pytest.mark.parametrize("top", [90.0, 78.5, 53.0, 47.0, 30.0, 0.05, 0.025, 0.0, -0.5, -47.0, -89.95])
def test_geographic_cell_is_the_geodesic_polygon(top):
    grid = grid_at("EPSG:4326", 100.0, top, 0.05, rows=1)
    areas = cell_areas(grid, whole(grid))
    assert areas.shape == (1, 1)
    assert areas[0, 0] == pytest.approx(geographiclib_area(100.0, top - 0.05, 100.05, top), rel=1e-9)


def test_one_arc_second_cells_lose_no_digits():
    # reference/performance.md section 4
    expected = {0.0: 949.774080, 30.0: 825.288567, 47.0: 652.408127, 53.0: 576.500887}
    for latitude, area in expected.items():
        grid = grid_at("EPSG:4326", 0.0, latitude + 0.5 / 3600, 1 / 3600, rows=1, cols=1)
        assert cell_areas(grid, whole(grid))[0, 0] == pytest.approx(area, rel=2e-9)


@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "EPSG:4979"])
def test_the_cells_of_the_earth_are_its_surface(crs):
    grid = grid_at(crs, -180.0, 90.0, 1.0, rows=180, cols=360)
    areas = np.broadcast_to(cell_areas(grid, whole(grid)), grid.shape)
    assert math.fsum(areas.ravel()) == pytest.approx(WGS84_SURFACE, rel=1e-12)


def test_rows_beyond_the_pole_have_no_area():
    grid = grid_at("EPSG:4326", 0.0, 92.0, 1.0, rows=3)
    assert cell_areas(grid, whole(grid))[:2, 0].tolist() == [0.0, 0.0]
    assert cell_areas(grid, whole(grid))[2, 0] > 0


def test_a_sphere_has_no_eccentricity():
    grid = grid_at("+proj=longlat +R=6371000 +no_defs", 0.0, 31.0, 1.0, rows=1)
    by_hand = 6371000.0**2 * math.radians(1) * (math.sin(math.radians(31)) - math.sin(math.radians(30)))
    assert cell_areas(grid, whole(grid))[0, 0] == pytest.approx(by_hand, rel=1e-12)


def test_grads_are_degrees_of_another_size():
    paris = grid_at("EPSG:4807", 0.0, 50.0, 0.1, rows=1)  # NTF (Paris), in grads, Clarke 1880
    clarke = Grid(pyproj.CRS("EPSG:4275"), 0.0, 45.0, 0.09, 0.09, 0, 1, 0, 1)
    assert cell_areas(paris, whole(paris)) == pytest.approx(cell_areas(clarke, whole(clarke)), rel=1e-11)


PROJECTED = {
    "UTM, 3 degrees off the meridian": ("EPSG:32650", 714_000.0, 5_543_000.0, 1000.0),
    "UTM, 9 degrees off the meridian": ("EPSG:32650", 1_140_000.0, 5_600_000.0, 1000.0),
    "Gauss-Kruger CGCS2000": ("EPSG:4549", 380_000.0, 5_300_000.0, 30.0),
    "Albers equal area": ("ESRI:102025", 1_800_000.0, 3_500_000.0, 1000.0),
    "Web Mercator at 50 N": ("EPSG:3857", 1_113_194.0, 6_446_275.0, 1000.0),
    "Mollweide, a projection of the sphere": ("ESRI:54009", 700_000.0, 5_900_000.0, 1000.0),
    "US feet": ("EPSG:2225", 6_800_000.0, 2_400_000.0, 3000.0),
    "prime meridian of Ferro": ("EPSG:31281", 50_000.0, 5_300_000.0, 100.0),
    "polar": ("EPSG:3031", -10_000.0, 10_000.0, 1000.0),
}


@pytest.mark.parametrize("case", PROJECTED)
def test_projected_cell_is_the_geodesic_polygon(case):
    grid = grid_at(*PROJECTED[case])
    areas = cell_areas(grid, whole(grid))
    assert areas.shape == grid.shape
    for row, col in [(0, 0), (15, 17), (40, 63), (63, 1)]:
        assert areas[row, col] == pytest.approx(polygon_area(cell_box(grid, row, col), grid.crs), rel=3e-6)


def test_equal_area_means_equal():
    for crs in ("ESRI:102025", "EPSG:6933", "EPSG:3035"):
        grid = grid_at(crs, 4_300_000.0, 3_000_000.0, 500.0)
        assert cell_areas(grid, whole(grid)) == pytest.approx(np.full(grid.shape, 500.0**2), rel=1e-9)


def test_us_feet_are_converted_once():
    grid = grid_at("EPSG:2225", 6_561_666.666, 2_400_000.0, 100.0)
    foot = 1200 / 3937  # the definition of the US survey foot
    assert cell_areas(grid, whole(grid)) == pytest.approx(np.full(grid.shape, (100 * foot) ** 2), rel=5e-4)


@pytest.mark.parametrize("cell", [30.0, 1000.0, 30_000.0])
def test_a_cell_has_one_area_whoever_asks(cell):
    grid = grid_at("EPSG:32650", 500_000.0, 5_600_000.0, cell, rows=140, cols=150, row0=-50, col0=-70)
    areas = cell_areas(grid, whole(grid))
    for square in (Square(-50, -49, -70, 80), Square(-3, 5, -1, 33), Square(31, 90, 79, 80)):
        part = areas[square.row0 + 50 : square.row1 + 50, square.col0 + 70 : square.col1 + 70]
        np.testing.assert_array_equal(cell_areas(grid, square), part)


def test_threads_do_not_disturb_each_other():
    grid = grid_at("EPSG:32650", 500_000.0, 5_600_000.0, 1000.0, rows=512, cols=512)
    squares = [Square(i, i + 64, j, j + 64) for i in range(0, 512, 64) for j in range(0, 512, 64)]
    with ThreadPoolExecutor(8) as pool:
        for square, areas in zip(squares, pool.map(lambda s: cell_areas(grid, s), squares), strict=True):
            np.testing.assert_array_equal(areas, cell_areas(grid, square))


def test_a_map_of_the_world_has_its_area_and_empty_corners():
    grid = grid_at("ESRI:54009", -18_100_000.0, 9_050_000.0, 100_000.0, rows=181, cols=362)
    areas = cell_areas(grid, whole(grid))
    assert np.isnan(areas[0, 0])
    assert np.nansum(areas) == pytest.approx(WGS84_SURFACE, rel=2e-3)  # cells of the rim are whole or missing


def test_the_cut_of_a_map_does_not_spoil_its_cells():
    grid = grid_at("EPSG:6933", 17_367_530.44 - 64_000.0, 3_000_000.0, 1000.0)  # the eastern edge is the last column's
    assert cell_areas(grid, whole(grid)) == pytest.approx(np.full(grid.shape, 1e6), rel=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:4978", 'LOCAL_CS["site",UNIT["metre",1]]', "rotated"])
def test_other_systems_are_refused(crs):
    rotated = {
        "grid_mapping_name": "rotated_latitude_longitude",
        "grid_north_pole_latitude": 40.0,
        "grid_north_pole_longitude": 10.0,
    }
    grid = Grid(pyproj.CRS.from_cf(rotated) if crs == "rotated" else pyproj.CRS(crs), 0, 0, 1, 1, 0, 2, 0, 2)
    with pytest.raises(InputError, match=r"geographic .* or a projected") as error:
        cell_areas(grid, whole(grid))
    assert [p.code for p in error.value.problems] == ["G01"]
    assert "EPSG:6933" in str(error.value)


def test_a_height_does_not_change_the_area():
    for plane, compound in (("EPSG:4326", "EPSG:4326+5773"), ("EPSG:32650", "EPSG:32650+5773")):
        a, b = grid_at(plane, 116.0, 50.0, 0.5), grid_at(compound, 116.0, 50.0, 0.5)
        np.testing.assert_array_equal(cell_areas(a, whole(a)), cell_areas(b, whole(b)))


def test_polygon_with_a_hole_and_a_part():
    big, hole, other = (
        shapely.box(119, 49, 120, 50),
        shapely.box(119.2, 49.2, 119.4, 49.4),
        shapely.box(121, -1, 122, 1),
    )
    polygon = shapely.MultiPolygon([big.difference(hole), other])
    parts = [geographiclib_area(*g.bounds) for g in (big, hole, other)]
    assert polygon_area(polygon, pyproj.CRS(4326)) == pytest.approx(parts[0] - parts[1] + parts[2], rel=1e-7)


def test_the_direction_of_a_ring_does_not_matter():
    polygon = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)], [[(0.2, 0.2), (0.2, 0.4), (0.4, 0.2)]])
    assert polygon_area(polygon.reverse(), pyproj.CRS(4326)) == pytest.approx(
        polygon_area(polygon, pyproj.CRS(4326)), rel=1e-14
    )


def test_points_and_lines_have_no_area():
    parts = shapely.GeometryCollection([shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])])
    assert polygon_area(parts, pyproj.CRS(4326)) == 0.0
    assert polygon_area(shapely.Polygon(), pyproj.CRS(4326)) == 0.0


def test_a_long_edge_in_web_mercator_is_a_parallel():
    # a rectangle of Web Mercator is bounded by meridians and parallels
    project = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    west, south = project.transform(110, 48)
    east, north = project.transform(120, 52)
    area = polygon_area(shapely.box(west, south, east, north), pyproj.CRS(3857))
    assert area == pytest.approx(geographiclib_area(110, 48, 120, 52, steps=4000), rel=1e-7)


def test_densified_edges_are_about_a_kilometre():
    line = shapely.LineString([(0, 0), (0, 1)])
    assert shapely.get_num_coordinates(densified(line, pyproj.CRS(4326))) == 113  # a degree is 111.3 km
    feet = shapely.LineString([(0, 0), (0, 32808.34)])  # 10 km and a centimetre or so
    assert shapely.get_num_coordinates(densified(feet, pyproj.CRS("EPSG:2225"))) in (11, 12)


def test_a_polygon_needs_a_place_on_earth():
    with pytest.raises(InputError, match="G01"):
        polygon_area(shapely.box(0, 0, 1, 1), pyproj.CRS('LOCAL_CS["site",UNIT["metre",1]]'))


@pytest.mark.parametrize(
    ("crs", "x0", "y0", "cell"),
    [
        ("EPSG:4326", 100.0, 30.0, 0.01),
        ("EPSG:32650", 400_000.0, 4_400_000.0, 30.0),
        ("EPSG:3857", 11_000_000.0, 4_000_000.0, 1000.0),
        ("ESRI:54009", -18_040_000.0, 8_000_000.0, 10_000.0),  # beyond the edge of the map of the world
    ],
)
def test_the_area_of_a_square_is_that_of_its_cells(crs, x0, y0, cell):
    grid = grid_at(crs, x0, y0, cell, rows=100, cols=75, row0=17, col0=-5)
    square = whole(grid)
    cells = np.broadcast_to(cell_areas(grid, square), square.shape)
    np.testing.assert_allclose(square_area(grid, square), cells.sum(), rtol=1e-12)
