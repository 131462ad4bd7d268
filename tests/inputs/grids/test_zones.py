import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st
from places import SHARED
from shapely import affinity, box

from gep.core.errors import InputError
from gep.inputs.grids.area import cell_areas, polygon_area
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.polygons import read_zones
from gep.inputs.grids.zones import OUTSIDE, UNALLOCATED, Zone, ZoneLayer, choose_mode, sole_zone, zone_cells

LONLAT = pyproj.CRS("EPSG:4326")
UTM = pyproj.CRS("EPSG:32650")
HULUNBUIR = SHARED / "data" / "hulunbuir" / "boundary"
RHINE = SHARED / "data" / "rhine" / "boundary"


def needs_shared(test):
    return pytest.mark.shared(
        pytest.mark.skipif(not HULUNBUIR.exists(), reason="the real boundaries are not beside the checkout")(test)
    )


def frame(geometries, codes=None, crs="EPSG:4326", **columns):
    codes = [f"z{i}" for i in range(len(geometries))] if codes is None else codes
    return gpd.GeoDataFrame({"code": codes, **columns}, geometry=list(geometries), crs=crs)


def read(geometries, codes=None, *, crs=LONLAT, outline=None, **columns):
    border = None if outline is None else frame([outline], crs=crs)
    return read_zones(frame(geometries, codes, crs=crs, **columns), crs=crs, code="code", outline=border)


def layer_of(*geometries, crs=LONLAT):
    """A layer as it stands, without reading: for geometries that need no repair."""
    outline = shapely.union_all(geometries)
    zones = tuple(Zone(f"z{i}", f"zone {i}") for i in range(len(geometries)))
    areas = tuple(polygon_area(g, crs) for g in geometries)
    return ZoneLayer(zones, geometries, areas, outline, polygon_area(outline, crs))


def unit_grid(rows, cols, crs=LONLAT, cell=1.0, x0=0.0, y0=None):
    return Grid(crs, x0, float(rows) * cell if y0 is None else y0, cell, cell, 0, rows, 0, cols)


def grid_over(layer, cell, crs=LONLAT):
    """A grid whose lattice starts far from the layer, as that of a world map does."""
    west, south, east, north = layer.outline.bounds
    x0, y0 = (-180.0, 90.0) if crs.is_geographic else (0.0, 1e7)
    return Grid(
        crs,
        x0,
        y0,
        cell,
        cell,
        math.floor((y0 - north) / cell),
        math.ceil((y0 - south) / cell),
        math.floor((west - x0) / cell),
        math.ceil((east - x0) / cell),
    )


def whole(grid):
    return Square(grid.row0, grid.row1, grid.col0, grid.col1)


def dense(layer, grid, square, mode="fraction"):
    """The cells as one array (zone, row, column)."""
    result = np.zeros((len(layer.zones), *square.shape))
    cells = zone_cells(layer, grid, square, mode)
    result.reshape(len(layer.zones), -1)[cells.zone, cells.cell] = cells.fraction
    return result


def by_zone(layer, grid, mode="fraction"):
    """Area in m2 of each zone, from its cells."""
    total = np.zeros(len(layer.zones))
    for square in grid.squares():
        cells = zone_cells(layer, grid, square, mode)
        areas = np.broadcast_to(cell_areas(grid, square), square.shape).ravel()
        total += np.bincount(cells.zone, weights=areas[cells.cell] * cells.fraction, minlength=total.size)
    return total


def by_exactextract(layer, grid):
    """The same as `dense` over the extent of the grid, by another program (in single precision)."""
    west, south, east, north = grid.bounds
    raster = NumPyRasterSource(
        np.zeros(grid.shape), xmin=west, ymin=south, xmax=east, ymax=north, srs_wkt=grid.crs.to_wkt()
    )
    polygons = gpd.GeoDataFrame(geometry=list(layer.geometries), crs=grid.crs)
    table = exact_extract(raster, polygons, ["cell_id", "coverage"], output="pandas")
    result = np.zeros((len(layer.zones), *grid.shape))
    for zone, (cells, coverage) in enumerate(zip(table["cell_id"], table["coverage"], strict=True)):
        result[zone].ravel()[np.asarray(cells, dtype=np.intp)] = coverage
    return result


def by_overlay(layer, grid, square):
    """The same by GEOS, one cell at a time."""
    result = np.zeros((len(layer.zones), *square.shape))
    for i in range(square.shape[0]):
        for j in range(square.shape[1]):
            cell = box(
                *grid.square_bounds(Square(square.row0 + i, square.row0 + i + 1, square.col0 + j, square.col0 + j + 1))
            )
            result[:, i, j] = shapely.area(shapely.intersection(np.array(layer.geometries), cell)) / cell.area
    return result


def centre_points(grid):
    return shapely.points(*np.meshgrid(grid.x_centres(whole(grid)), grid.y_centres(whole(grid))))


def clear_centres(geometry, grid):
    """Which cell centres are not on its border."""
    return shapely.distance(geometry.boundary, centre_points(grid)) > 1e-9


def stars(low=0.0, high=12.0):
    """Star polygons, some with a hole, anywhere round a grid of 12 by 12 unit cells; corners often on lines and centres
    of cells.
    """

    @st.composite
    def build(draw):
        count = draw(st.integers(3, 12))
        radii = np.array(draw(st.lists(st.floats(0.4, 7.0), min_size=count, max_size=count)))
        turn = draw(st.floats(0, 6.28))
        x, y = draw(st.floats(low, high)), draw(st.floats(low, high))
        angles = turn + np.linspace(0, 2 * np.pi, count, endpoint=False)
        points = np.column_stack([x + radii * np.cos(angles), y + radii * np.sin(angles)])
        if draw(st.booleans()):
            points = np.round(points * 2) / 2
        star = shapely.make_valid(shapely.Polygon(points))
        if draw(st.booleans()):
            star = star.difference(affinity.translate(affinity.scale(star, 0.5, 0.5), 0.25, 0))
        polygons = [g for g in shapely.get_parts(shapely.get_parts(star)) if g.area > 1e-6]
        return shapely.union_all(polygons) if polygons else box(x, y, x + 1, y + 1)

    return build()


class TestFractions:
    def test_by_hand(self):
        # a rectangle of 2.5 by 1.25 cells, from column 0.25 to 2.75 and from row 0.5 to 1.75 of a grid of 3 rows
        layer = layer_of(box(0.25, 1.25, 2.75, 2.5))
        cells = zone_cells(layer, unit_grid(3, 4), Square(0, 3, 0, 4), "fraction")
        assert cells.cell.tolist() == [0, 1, 2, 4, 5, 6]
        assert cells.zone.tolist() == [0] * 6
        assert cells.fraction == pytest.approx([0.75 * 0.5, 0.5, 0.75 * 0.5, 0.75 * 0.75, 0.75, 0.75 * 0.75], abs=1e-15)
        assert cells.cell.dtype == cells.zone.dtype == np.intp
        assert cells.fraction.dtype == np.float64

    def test_two_zones_in_a_cell_are_sorted(self):
        cells = zone_cells(
            layer_of(box(0.25, 0, 2, 1), box(0, 0, 0.25, 1)), unit_grid(1, 2), Square(0, 1, 0, 2), "fraction"
        )
        assert cells.cell.tolist() == [0, 0, 1]
        assert cells.zone.tolist() == [0, 1, 0]
        assert cells.fraction.tolist() == [0.75, 0.25, 1.0]

    def test_a_hole_and_a_part(self):
        ring = box(0, 0, 4, 4).difference(box(1, 1, 2.5, 3))
        layer = layer_of(ring.union(box(5, 0, 5.5, 0.5)))
        result = dense(layer, unit_grid(4, 6), Square(0, 4, 0, 6))[0]
        assert result.tolist() == [
            [1, 1, 1, 1, 0, 0],
            [1, 0, 0.5, 1, 0, 0],
            [1, 0, 0.5, 1, 0, 0],
            [1, 1, 1, 1, 0, 0.25],
        ]

    def test_zones_that_claim_too_much_share_the_cell(self):
        cells = zone_cells(
            layer_of(box(0, 0, 1, 1), box(0.5, 0, 1, 1)), unit_grid(1, 2), Square(0, 1, 0, 2), "fraction"
        )
        assert cells.fraction == pytest.approx([2 / 3, 1 / 3])

    @settings(max_examples=80, deadline=None)
    @given(stars())
    def test_equal_to_an_overlay(self, star):
        layer, grid = layer_of(star), unit_grid(12, 12)
        np.testing.assert_allclose(dense(layer, grid, whole(grid)), by_overlay(layer, grid, whole(grid)), atol=2e-9)

    @settings(max_examples=80, deadline=None)
    @given(stars())
    def test_equal_to_exactextract(self, star):
        # exactextract 0.3 loses whole cells of some polygons with corners on the lattice, where GEOS agrees with us:
        # move them off it
        star = affinity.translate(affinity.rotate(star, 10), 0.0271828, 0.0314159)
        layer, grid = layer_of(star), unit_grid(12, 12)
        np.testing.assert_allclose(dense(layer, grid, whole(grid)), by_exactextract(layer, grid), atol=1e-6)

    @settings(max_examples=80, deadline=None)
    @given(stars(-3, 15), st.integers(1, 11), st.integers(1, 11))
    def test_a_square_cut_in_four_gives_the_same_cells(self, star, row, col):
        layer, grid = layer_of(star), unit_grid(12, 12)
        for mode in ("fraction", "centre"):
            result = dense(layer, grid, whole(grid), mode)
            for r in (slice(0, row), slice(row, 12)):
                for c in (slice(0, col), slice(col, 12)):
                    part = dense(layer, grid, Square(r.start, r.stop, c.start, c.stop), mode)
                    np.testing.assert_allclose(part, result[:, r, c], rtol=0, atol=2e-9 if mode == "fraction" else 0)

    @settings(max_examples=80, deadline=None)
    @given(stars(), st.floats(0, 1), st.booleans())
    def test_a_border_moves_land_and_makes_none(self, star, at, upright):
        west, south, east, north = star.bounds
        x, y = west + at * (east - west), south + at * (north - south)
        half = box(west - 1, south - 1, x, north + 1) if upright else box(west - 1, south - 1, east + 1, y)
        parts = [g for g in (star.intersection(half), star.difference(half)) if g.area > 1e-6]
        whole_layer, cut_layer, grid = layer_of(star), layer_of(*parts), unit_grid(12, 12)
        fractions = dense(cut_layer, grid, whole(grid)).sum(axis=0)
        np.testing.assert_allclose(fractions, dense(whole_layer, grid, whole(grid))[0], atol=1e-5)
        centres = dense(cut_layer, grid, whole(grid), "centre").sum(axis=0)
        clear = clear_centres(
            star, grid
        )  # GEOS rounds the corners that the border makes: an oblique edge moves by the last digit
        assert (centres == dense(whole_layer, grid, whole(grid), "centre")[0])[clear].all()

    @pytest.mark.parametrize(("crs", "cell"), [(LONLAT, 0.05), (UTM, 5000.0)])
    @needs_shared
    def test_equal_to_exactextract_on_the_counties(self, crs, cell):
        layer = read_zones(HULUNBUIR / "hulunbuir_counties.geojson", crs=crs, code="adcode")
        grid = grid_over(layer, cell, crs)
        result = np.zeros((len(layer.zones), *grid.shape))
        for square in grid.squares():
            rows = slice(square.row0 - grid.row0, square.row1 - grid.row0)
            cols = slice(square.col0 - grid.col0, square.col1 - grid.col0)
            result[:, rows, cols] = dense(layer, grid, square)
        np.testing.assert_allclose(result, by_exactextract(layer, grid), atol=2e-6)
        assert result.sum(axis=0).max() <= 1 + 1e-15

    @pytest.mark.parametrize(
        ("folder", "name", "code"), [(HULUNBUIR, "hulunbuir_counties", "adcode"), (RHINE, "rhine_subbasins", "zone")]
    )
    @needs_shared
    def test_cells_add_up_to_the_geodesic_areas(self, folder, name, code):
        layer = read_zones(folder / f"{name}.geojson", crs=LONLAT, code=code)
        np.testing.assert_allclose(by_zone(layer, grid_over(layer, 0.05)), layer.areas, rtol=1e-4)
        assert math.fsum(layer.areas) == pytest.approx(layer.outline_area, rel=1e-9)

    @needs_shared
    def test_cells_add_up_on_a_projected_grid(self):
        layer = read_zones(HULUNBUIR / "hulunbuir_counties.geojson", crs=UTM, code="adcode")
        np.testing.assert_allclose(by_zone(layer, grid_over(layer, 2000.0, UTM)), layer.areas, rtol=1e-4)

    @needs_shared
    def test_areas_are_those_of_the_file(self):
        # `area_km2` (data/data.md) is printed to 0.01 km2 and takes an edge for a geodesic; here it is straight in
        # longitude and latitude, which moves the long straight borders of the steppe by up to 4 parts in 100,000
        path = HULUNBUIR / "hulunbuir_counties.geojson"
        layer = read_zones(
            path, crs=LONLAT, code="adcode", name="name_zh", outline=HULUNBUIR / "hulunbuir_city.geojson"
        )
        table = gpd.read_file(path).set_index("adcode")["area_km2"]
        expected = {str(code): area for code, area in table.items()}
        assert {z.code: a / 1e6 for z, a in zip(layer.zones, layer.areas, strict=True)} == pytest.approx(
            expected, rel=5e-5, abs=0.01
        )
        assert layer.zones[0] == Zone("150702", "海拉尔区")
        assert layer.problems == ()


class TestCentres:
    def test_by_hand(self):
        layer = layer_of(box(0.25, 1.25, 2.75, 2.6))
        cells = zone_cells(layer, unit_grid(3, 4), Square(0, 3, 0, 4), "centre")
        assert cells.cell.tolist() == [0, 1, 2, 4, 5, 6]
        assert cells.fraction.tolist() == [1.0] * 6

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_a_centre_on_a_shared_border_goes_to_the_first_zone(self, order):
        upright = [box(0, 0, 1.5, 3), box(1.5, 0, 3, 3)]
        level = [box(0, 0, 3, 1.5), box(0, 1.5, 3, 3)]
        grid = unit_grid(3, 3)
        for pair, on_border in ((upright, (slice(None), 1)), (level, (1, slice(None)))):
            result = dense(layer_of(*(pair[i] for i in order)), grid, whole(grid), "centre")
            assert result.sum(axis=0).tolist() == np.ones((3, 3)).tolist()
            assert result[0][on_border].tolist() == [1, 1, 1]

    def test_corners_on_centres(self):
        diamond = shapely.Polygon([(2.5, 0.5), (4.5, 2.5), (2.5, 4.5), (0.5, 2.5)])
        grid = unit_grid(5, 5)
        expected = [[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]]
        assert dense(layer_of(diamond), grid, whole(grid), "centre")[0].tolist() == expected

    @settings(max_examples=80, deadline=None)
    @given(stars())
    def test_equal_to_points_in_polygon(self, star):
        layer, grid = layer_of(star), unit_grid(12, 12)
        result = dense(layer, grid, whole(grid), "centre")[0].astype(bool)
        points = centre_points(grid)
        assert (result == shapely.intersects(star, points))[clear_centres(star, grid)].all()

    @needs_shared
    def test_one_zone_a_cell(self):
        layer = read_zones(HULUNBUIR / "hulunbuir_counties.geojson", crs=LONLAT, code="adcode")
        grid = grid_over(layer, 0.02)
        for square in grid.squares():
            cells = zone_cells(layer, grid, square, "centre")
            assert (np.diff(cells.cell) > 0).all()
            assert (cells.fraction == 1).all()


class TestSquares:
    def test_a_square_inside_one_zone(self):
        layer = layer_of(box(0, 0, 5, 10), box(5, 0, 10, 10))
        grid = unit_grid(10, 20)
        assert sole_zone(layer, grid, Square(2, 4, 6, 9)) == 1
        assert sole_zone(layer, grid, Square(2, 4, 12, 14)) == OUTSIDE
        assert sole_zone(layer, grid, Square(2, 4, 4, 6)) is None
        for mode in ("centre", "fraction"):
            cells = zone_cells(layer, grid, Square(2, 4, 6, 9), mode)
            assert cells.cell.tolist() == list(range(6))
            assert cells.zone.tolist() == [1] * 6
            assert cells.fraction.tolist() == [1.0] * 6
            assert zone_cells(layer, grid, Square(2, 4, 12, 14), mode).cell.size == 0

    @settings(max_examples=80, deadline=None)
    @given(stars(-3, 15))
    def test_a_square_without_a_border_is_what_its_cells_say(self, star):
        layer, grid = layer_of(star), unit_grid(12, 12)
        result = by_overlay(layer, grid, whole(grid))[0]
        for row in range(0, 12, 2):
            for col in range(0, 12, 2):
                sole = sole_zone(layer, grid, Square(row, row + 2, col, col + 2))
                if sole is not None:
                    assert result[row : row + 2, col : col + 2] == pytest.approx(
                        np.full((2, 2), float(sole != OUTSIDE))
                    )

    @pytest.mark.parametrize("mode", ["centre", "fraction"])
    def test_land_outside_the_outline_never_appears(self, mode):
        layer = read([box(0, 0, 5, 10), box(5, 0, 10, 10)], outline=box(2, 3, 8, 7))
        grid = unit_grid(10, 10)
        expected = np.zeros((10, 10))
        expected[3:7, 2:8] = 1
        assert dense(layer, grid, whole(grid), mode).sum(axis=0).tolist() == expected.tolist()


class TestChooseMode:
    def test_borders_on_the_lattice_need_no_fractions(self):
        layer = layer_of(box(0, 0, 0.5, 1), box(0.5, 0, 1, 1))
        mode, misstatement = choose_mode(layer, unit_grid(10, 10, cell=0.1), "auto")
        assert mode == "centre"
        assert misstatement == pytest.approx({"z0": 0, "z1": 0}, abs=1e-5)

    def test_misstatement_by_hand(self):
        # a zone 7.6 cells wide has the centres of 8: 0.4 / 7.6 too many; its neighbour 2 of 2.4
        layer = layer_of(box(0, 0, 0.76, 1), box(0.76, 0, 1, 1))
        grid = unit_grid(10, 10, cell=0.1)
        expected = {"z0": 0.4 / 7.6, "z1": -0.4 / 2.4}
        assert choose_mode(layer, grid, "auto") == ("fraction", pytest.approx(expected, abs=1e-4))
        assert choose_mode(layer, grid, "centre") == ("centre", pytest.approx(expected, abs=1e-4))
        assert choose_mode(layer, grid, "auto", threshold=0.2)[0] == "centre"
        assert choose_mode(layer, grid, "fraction") == ("fraction", {})

    def test_what_is_in_no_zone_does_not_decide(self):
        layer = read([box(0, 0, 1, 1).difference(box(0.41, 0.41, 0.42, 0.42))])
        mode, misstatement = choose_mode(layer, unit_grid(10, 10, cell=0.1), "auto")
        assert mode == "centre"
        assert misstatement[UNALLOCATED] == -1.0

    @pytest.mark.parametrize(("crs", "cell"), [(LONLAT, 0.01), (UTM, 1000.0)])
    @needs_shared
    def test_misstatement_is_that_of_the_cells(self, crs, cell):
        layer = read_zones(HULUNBUIR / "hulunbuir_counties.geojson", crs=crs, code="adcode")
        grid = grid_over(layer, cell, crs)
        _, misstatement = choose_mode(layer, grid, "auto")
        np.testing.assert_allclose(
            list(misstatement.values()), by_zone(layer, grid, "centre") / np.array(layer.areas) - 1, atol=1e-12
        )


class TestCodes:
    @pytest.mark.parametrize(
        ("codes", "texts"),
        [
            ([150703, 150702], ["150702", "150703"]),
            ([150702.0, 150703.0], ["150702", "150703"]),
            (["0101", " 0102 "], ["0101", "0102"]),
            (["10", "9"], ["10", "9"]),
            (["甲", "乙"], ["乙", "甲"]),
        ],
    )
    def test_codes_are_text(self, codes, texts):
        layer = read([box(0, 0, 1, 1), box(1, 0, 2, 1)], codes)
        assert [z.code for z in layer.zones] == texts

    def test_geometries_follow_their_codes(self):
        layer = read([box(0, 0, 1, 1), box(1, 0, 3, 1)], ["b", "a"])
        assert layer.geometries[0].equals(box(1, 0, 3, 1))
        assert layer.areas[0] == pytest.approx(2 * layer.areas[1], rel=1e-6)

    def test_names(self):
        table = frame(
            [box(0, 0, 1, 1), box(1, 0, 2, 1)], ["a", "b"], county=["Hailar", None], zh=["海拉尔区", "满洲里市"]
        )
        layer = read_zones(table, crs=LONLAT, code="code", name="county", name_zh="zh")
        assert layer.zones == (Zone("a", "Hailar", "海拉尔区"), Zone("b", "b", "满洲里市"))

    def test_rows_of_one_code_are_one_zone(self):
        layer = read([box(0, 0, 1, 1), box(3, 0, 4, 1), box(1, 0, 2, 1)], ["a", "a", "b"])
        assert [z.code for z in layer.zones] == ["a", "b"]
        assert layer.geometries[0].area == 2
        assert [(p.code, p.severity, p.subject) for p in layer.problems] == [("Z02", "information", "a")]
        assert "rows 1, 2" in layer.problems[0].message


class TestOutline:
    def test_a_hole_is_unallocated(self):
        layer = read([box(0, 0, 4, 4).difference(box(1, 1, 2, 2))])
        assert [z.code for z in layer.zones] == ["z0", UNALLOCATED]
        assert layer.geometries[1].equals(box(1, 1, 2, 2))
        assert math.fsum(layer.areas) == pytest.approx(layer.outline_area, rel=1e-12)
        grid = unit_grid(4, 4)
        assert dense(layer, grid, whole(grid))[1].sum() == 1

    def test_unallocated_is_last_whatever_the_codes(self):
        layer = read([box(0, 0, 4, 4).difference(box(1, 1, 2, 2)), box(4, 0, 5, 4)], ["abc", "xyz"])
        assert [z.code for z in layer.zones] == ["abc", "xyz", UNALLOCATED]

    def test_a_gap_between_neighbours_is_closed(self):
        layer = read([box(0, 0, 1, 1), box(1.00001, 0, 2, 1)])  # 1 m
        assert layer.outline.symmetric_difference(box(0, 0, 2, 1)).area == pytest.approx(0, abs=1e-9)
        assert layer.zones[-1].code == UNALLOCATED
        assert layer.areas[-1] / layer.outline_area == pytest.approx(0.5e-5, rel=0.01)

    def test_a_bay_and_a_junction_stay_open(self):
        bay = box(0, 0, 1, 1).difference(box(0.4, 0.5, 0.41, 1))
        notch = shapely.Polygon([(1, 0), (2, 0), (2, 1), (1.2, 1), (1, 0.4)])
        layer = read([bay, notch])
        assert layer.outline.symmetric_difference(bay.union(notch)).area == 0
        assert [z.code for z in layer.zones] == ["z0", "z1"]

    @needs_shared
    def test_the_union_of_real_counties_is_their_city(self):
        path = HULUNBUIR / "hulunbuir_counties.geojson"
        layer = read_zones(path, crs=LONLAT, code="adcode")
        city = read_zones(path, crs=LONLAT, code="adcode", outline=HULUNBUIR / "hulunbuir_city.geojson")
        assert len(layer.zones) == len(city.zones) == 14
        assert layer.outline_area == pytest.approx(city.outline_area, rel=1e-12)

    def test_land_beyond_the_outline_is_information(self):
        layer = read([box(0, 0, 1, 1), box(1, 0, 3, 1)], outline=box(0, 0, 2, 1))
        assert layer.outside_area == pytest.approx(polygon_area(box(2, 0, 3, 1), LONLAT), rel=1e-9)
        assert [z.code for z in layer.zones] == ["z0", "z1"]

    def test_the_outline_may_hold_more_than_the_zones(self):
        layer = read([box(0, 0, 1, 1)], outline=box(0, 0, 1, 2))
        assert [z.code for z in layer.zones] == ["z0", UNALLOCATED]

    def test_a_zone_outside_the_outline_is_left_out_with_a_warning(self):
        layer = read([box(0, 0, 1, 1), box(5, 0, 6, 1)], outline=box(0, 0, 1, 1))
        assert [z.code for z in layer.zones] == ["z0"]
        assert [(p.code, p.severity, p.subject) for p in layer.problems] == [("Z06", "warning", "z1")]

    def test_slivers_of_digitising_go_to_the_first_zone(self):
        layer = read([box(0, 0, 1 + 1e-8, 1), box(1, 0, 2, 1)])
        assert layer.geometries[0].intersection(layer.geometries[1]).area == 0
        assert math.fsum(layer.areas) == pytest.approx(layer.outline_area, rel=1e-12)


class TestSystems:
    def test_equal_datums_keep_their_coordinates(self):
        layer = read_zones(frame([box(119, 49, 120, 50)], crs="EPSG:4490"), crs=LONLAT, code="code")
        assert layer.outline.bounds == pytest.approx((119, 49, 120, 50), abs=1e-6)

    def test_the_axes_are_east_then_north(self):
        layer = read_zones(frame([box(116.9, 49, 117.1, 50)]), crs=UTM, code="code")
        west, south, east, north = layer.outline.bounds
        assert west < 500_000 < east  # the central meridian is 117 E
        assert south == pytest.approx(5_427_000, abs=5000)
        assert north == pytest.approx(5_538_000, abs=5000)

    def test_long_edges_stay_in_their_place(self):
        # a parallel is curved in UTM: two corners alone would misplace its middle by kilometres
        square = box(114, 49, 120, 50)
        layer = read_zones(frame([square]), crs=UTM, code="code")
        assert layer.areas[0] == pytest.approx(polygon_area(square, LONLAT), rel=1e-6)

    def test_a_projected_file_on_a_geographic_grid(self):
        square = box(500_000, 5_400_000, 600_000, 5_500_000)
        layer = read_zones(frame([square], crs=UTM), crs=LONLAT, code="code")
        assert layer.areas[0] == pytest.approx(polygon_area(square, UTM), rel=1e-7)

    @pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
    def test_files(self, tmp_path, suffix):
        path = tmp_path / f"zones.{suffix}"
        frame([box(0, 0, 1, 1), box(1, 0, 2, 1)], ["0101", "0102"]).to_file(path)
        layer = read_zones(str(path), crs=LONLAT, code="code", outline=path)
        assert [z.code for z in layer.zones] == ["0101", "0102"]


def errors_of(*args, **keys):
    with pytest.raises(InputError) as caught:
        read_zones(*args, **{"crs": LONLAT, "code": "code", **keys})
    return {p.code: str(p) for p in caught.value.problems}


class TestErrors:
    def test_f01_no_file(self, tmp_path):
        errors = errors_of(tmp_path / "none.gpkg", place="[zones] path")
        assert list(errors) == ["F01"]
        assert "none.gpkg" in errors["F01"]
        assert "[zones] path" in errors["F01"]
        assert "Correct the path" in errors["F01"]

    def test_f01_not_a_vector_file(self, tmp_path):
        path = tmp_path / "zones.geojson"
        for content in ("no json", "code\n1\n"):
            path.write_text(content)
            error = errors_of(path)["F01"]
            assert "holds no polygons" in error
            assert "complete shapefile" in error
            assert "GeoTIFF" not in error

    def test_g01_no_system(self):
        assert ".prj" in errors_of(frame([box(0, 0, 1, 1)], crs=None))["G01"]

    def test_g01_metres_called_degrees(self):
        error = errors_of(frame([box(500_000, 5_400_000, 600_000, 5_500_000)]))["G01"]
        assert "another coordinate reference system" in error
        assert "500000" in error

    def test_z01_no_such_column(self):
        error = errors_of(frame([box(0, 0, 1, 1)], adcode=["1"], name_zh=["甲"]), code="adcod")["Z01"]
        assert "Did you mean `adcode`" in error
        assert "`name_zh`" in error
        assert "geometry" not in error

    def test_z02_no_code(self):
        boxes = [box(i, 0, i + 1, 1) for i in range(4)]
        assert "rows 2, 3, 4" in errors_of(frame(boxes, ["a", "", None, "  "]))["Z02"]
        assert "row 2" in errors_of(frame(boxes[:2], [1.0, float("nan")]))["Z02"]

    def test_z02_reserved_code(self):
        error = errors_of(frame([box(0, 0, 1, 1)], ["_city"]))["Z02"]
        assert "_city" in error
        assert "reserved" in error

    def test_z02_one_code_with_two_names(self):
        table = frame([box(0, 0, 1, 1), box(1, 0, 2, 1)], ["a", "a"], label=["Hailar", "Manzhouli"])
        error = errors_of(table, name="label")["Z02"]
        assert "`Hailar` and `Manzhouli` in rows 1, 2" in error
        assert "own code" in error

    def test_z03_no_polygons(self, tmp_path):
        assert "Point in row 2" in errors_of(frame([box(0, 0, 1, 1), shapely.Point(0, 0)]))["Z03"]
        assert "LineString" in errors_of(frame([shapely.LineString([(0, 0), (1, 1)])]))["Z03"]
        assert "none in row 1" in errors_of(frame([None, box(0, 0, 1, 1)]))["Z03"]
        assert "no rows" in errors_of(frame([]))["Z03"]
        table = tmp_path / "zones.gpkg"
        pyogrio.write_dataframe(pd.DataFrame({"code": ["1"]}), table)
        assert "without geometry" in errors_of(table)["Z03"]

    def test_z04_overlap(self):
        table = frame([box(0, 0, 1, 1), box(0.9, 0, 2, 1)], ["a", "b"], label=["Hailar", "Manzhouli"])
        error = errors_of(table, name="label")["Z04"]
        assert "`a` (Hailar) and `b` (Manzhouli)" in error
        area = polygon_area(box(0.9, 0, 1, 1), LONLAT) / 1e6
        assert f"{area:.6g} km2, 0.1 of the smaller zone" in error

    def test_z04_of_every_pair(self):
        boxes = [box(0, 0, 2, 1), box(1, 0, 3, 1), box(2.5, 0, 4, 1)]
        with pytest.raises(InputError) as caught:
            read(boxes)
        assert [(p.code, p.subject) for p in caught.value.problems] == [("Z04", "z0"), ("Z04", "z1")]

    def test_z05_repair_is_a_warning(self):
        bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
        layer = read([bow, box(2, 0, 3, 1)])
        assert [(p.code, p.severity, p.share) for p in layer.problems] == [("Z05", "warning", 0.5)]
        assert "row 1" in layer.problems[0].message
        assert layer.geometries[0].area == pytest.approx(0.5)

    def test_z06_an_outline_elsewhere(self):
        error = errors_of(frame([box(0, 0, 1, 1)]), outline=frame([box(5, 5, 6, 6)]))["Z06"]
        assert "[0, 0, 1, 1]" in error
        assert "[5, 5, 6, 6]" in error

    def test_all_problems_at_once(self, tmp_path):
        table = frame([box(0, 0, 1, 1), shapely.Point(0, 0)], ["a", ""])
        assert set(errors_of(table, outline=tmp_path / "none.shp")) == {"F01", "Z02", "Z03"}
        assert set(errors_of(table, name="label", outline=frame([box(0, 0, 1, 1)], crs=None))) == {"G01", "Z01", "Z03"}
