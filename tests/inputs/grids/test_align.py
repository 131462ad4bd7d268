"""A layer on another lattice: hand-worked values, the same bits from every format and window, and the projections' own
coordinates.
"""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from gep.core.errors import InputError
from gep.inputs.grids import reader
from gep.inputs.grids.align import no_overlap_problem, overlaps, resampling_for
from gep.inputs.grids.bilinear import Sample
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.layers import MISSING_CODE, Layer, LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.reader import Reader

WGS84 = pyproj.CRS.from_epsg(4326)
ALBERS = pyproj.CRS.from_proj4("+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m")
UTM50 = pyproj.CRS.from_epsg(32650)
NAN = np.nan


def field(
    values: Any, x0: float = 100.0, y0: float = 40.0, dx: float = 0.5, crs: pyproj.CRS = WGS84, **attrs: Any
) -> xr.DataArray:
    values = np.asarray(values)
    rows, cols = values.shape[-2:]
    y, x = ("lat", "lon") if crs.is_geographic else ("y", "x")
    coords = {y: y0 - dx * (np.arange(rows) + 0.5), x: x0 + dx * (np.arange(cols) + 0.5)}
    dims = (y, x) if values.ndim == 2 else ("month", y, x)
    return xr.DataArray(
        values, dims=dims, coords=coords, attrs={"units": "m", "crs": crs.to_wkt(), **attrs}, name="field"
    )


def layer_of(data: xr.DataArray | Path, kind: Any = "continuous", **more: Any) -> Layer:
    return open_layer(LayerSpec("x", data, **{"units": "m", "nodata": None, **more}), unit="m", kind=kind)


def grid_of(x0: float, y0: float, dx: float, rows: int, cols: int, crs: pyproj.CRS = WGS84) -> Grid:
    return Grid(crs, x0, y0, dx, dx, 0, rows, 0, cols)


def whole(grid: Grid) -> Square:
    return Square(grid.row0, grid.row1, grid.col0, grid.col1)


def on(layer: Layer, grid: Grid) -> Sample:
    return Reader(layer, grid).square(whole(grid))


def same_bits(first: np.ndarray, second: np.ndarray) -> bool:
    return first.shape == second.shape and first.tobytes() == second.tobytes()


# -- the methods, by hand ----------------------------------------------------------------------------------------------


def test_bilinear_two_by_two_onto_four_by_four_by_hand() -> None:
    """Cell centres at 1/4 and 3/4 of a source cell; beyond the outer centres there is only one neighbour, so the value
    stays.
    """
    grid = grid_of(100, 40, 0.25, 4, 4)
    layer = layer_of(field([[0.0, 4.0], [8.0, 12.0]]), resampling="bilinear")
    sample = on(layer, grid)
    assert sample.values == pytest.approx(np.array([[0, 1, 3, 4], [2, 3, 5, 6], [6, 7, 9, 10], [8, 9, 11, 12]], float))
    assert sample.lowest.tolist() == [[0, 0, 4, 4], [0, 0, 4, 4], [8, 8, 12, 12], [8, 8, 12, 12]]
    assert sample.highest.tolist() == sample.lowest.tolist()


def test_a_hole_neither_grows_nor_shrinks() -> None:
    values = np.arange(25.0).reshape(5, 5)
    values[2, 2] = NAN
    grid = grid_of(100, 40, 0.125, 20, 20)
    found = on(layer_of(field(values)), grid).values
    expected = np.zeros((20, 20), bool)
    expected[8:12, 8:12] = True
    assert np.isnan(found).tolist() == expected.tolist()


def test_beside_a_hole_the_valid_neighbours_share_the_weight() -> None:
    """At 3/4 of cell (0, 0): weights 9/16, 3/16, 3/16, 1/16; without the last, (9·0 + 3·4 + 3·8) / 15 = 2.4."""
    found = on(layer_of(field([[0.0, 4.0], [8.0, NAN]])), grid_of(100, 40, 0.25, 4, 4)).values
    assert found[1, 1] == pytest.approx(2.4)
    assert found[0, 0] == 0.0


def test_a_constant_stays_that_very_number() -> None:
    grid = grid_of(100.01, 39.97, 0.0717, 30, 30)
    for method in ("nearest", "bilinear", "average"):
        found = on(layer_of(field(np.full((6, 6), 0.3)), resampling=method), grid).values
        assert np.nanmax(np.abs(found - 0.3)) < 1e-15


def test_average_by_hand_with_overlap_weights() -> None:
    """Cells of 1.5 source cells: (1 + 2/2 + 4/2 + 5/4) / 2.25 and so on."""
    values = np.arange(1.0, 10).reshape(3, 3)
    sample = on(layer_of(field(values), resampling="average"), grid_of(100, 40, 0.75, 2, 2))
    weights = np.array([[1, 0.5, 0], [0, 0.5, 1]])
    assert sample.values == pytest.approx(weights @ values @ weights.T / 2.25)
    assert sample.values[0, 0] == pytest.approx((1 + 2 / 2 + 4 / 2 + 5 / 4) / 2.25)
    assert sample.lowest.tolist() == [[1, 2], [4, 5]]
    assert sample.highest.tolist() == [[5, 6], [8, 9]]


def test_average_needs_half_of_the_cell() -> None:
    values = np.array([[1.0, NAN, 1.0, NAN], [3.0, NAN, NAN, NAN]])
    sample = on(layer_of(field(values)), grid_of(100, 40, 1.0, 1, 2))
    assert sample.values == pytest.approx(
        np.array([[2.0, NAN]]), nan_ok=True
    )  # two of four cells are enough, one is not
    assert sample.lowest == pytest.approx(np.array([[1.0, NAN]]), nan_ok=True)


def test_an_average_hides_no_fill_value() -> None:
    values = np.ones((4, 4))
    values[1, 2] = -9999
    sample = on(layer_of(field(values)), grid_of(100, 40, 1.0, 2, 2))
    assert sample.lowest.tolist() == [[1, -9999], [1, 1]]


def test_same_lattice_is_a_copy_whatever_the_extent() -> None:
    values = np.arange(12.0).reshape(3, 4)
    layer = layer_of(field(values), resampling="average")
    grid = Grid(WGS84, 99.0, 41.0, 0.5, 0.5, 1, 6, 1, 7)
    assert resampling_for(layer, grid) == "none"
    expected = np.full((5, 6), NAN)
    expected[1:4, 1:5] = values
    assert on(layer, grid).values == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("cell", "kind", "asked", "method"),
    [
        (0.5, "continuous", None, "none"),
        (0.5, "class", "nearest", "none"),
        (0.2, "continuous", None, "bilinear"),
        (0.9, "continuous", None, "bilinear"),
        (1.0, "continuous", None, "average"),
        (1.0, "continuous", "nearest", "nearest"),
        (0.2, "class", None, "nearest"),
        (0.6, "class", None, "nearest"),
        (1.0, "class", None, "shares"),
        (0.6, "class", "average", "shares"),
    ],
)
def test_choice_of_method(cell: float, kind: str, asked: str | None, method: str) -> None:
    layer = layer_of(field(np.ones((8, 8))), kind, resampling=asked)
    assert resampling_for(layer, grid_of(100, 40, cell, 4, 4)) == method


def test_choice_of_method_across_projections() -> None:
    kilometre = layer_of(field(np.ones((50, 50), np.float32), 116.5, 39.5, 1 / 120))
    assert resampling_for(kilometre, grid_of(450_000, 4_350_000, 30, 10, 10, UTM50)) == "bilinear"
    assert resampling_for(kilometre, grid_of(450_000, 4_350_000, 2500, 10, 10, UTM50)) == "average"
    assert resampling_for(kilometre, grid_of(450_000, 4_350_000, 1500, 10, 10, UTM50)) == "bilinear"


def test_monthly_layers() -> None:
    values = np.arange(12.0)[:, None, None] + np.arange(4.0).reshape(2, 2)
    grid = grid_of(100, 40, 0.25, 4, 4)
    for method in ("bilinear", "nearest"):
        one = on(layer_of(field(values[0]), resampling=method), grid).values
        found = on(layer_of(field(values), resampling=method), grid).values
        assert found == pytest.approx(one + np.arange(12.0)[:, None, None])
    assert on(layer_of(field(values)), grid_of(100, 40, 1, 1, 1)).values[:, 0, 0] == pytest.approx(np.arange(12) + 1.5)


# -- orientation, the globe, CRS that mean the same --------------------------------------------------------------------


def test_ascending_latitude_equals_descending() -> None:
    da = field(np.random.default_rng(0).random((9, 7)))
    grid = grid_of(100.1, 39.9, 0.13, 20, 20)
    assert same_bits(on(layer_of(da), grid).values, on(layer_of(da[::-1, ::-1]), grid).values)


def test_longitudes_from_0_to_360_are_those_from_minus_180_to_180() -> None:
    values = np.random.default_rng(0).random((18, 36)).astype(np.float32)
    west = field(values, -180, 90, 10)
    east = field(np.roll(values, 18, axis=1), 0, 90, 10)
    for grid in (
        grid_of(-7, 60, 0.7, 10, 20),
        grid_of(171, 60, 0.7, 10, 20),
        grid_of(-125, 60, 3, 10, 10),
        grid_of(350, 60, 0.7, 10, 20),
    ):
        first, second = on(layer_of(west), grid).values, on(layer_of(east), grid).values
        assert not np.isnan(first).any()
        assert np.abs(first - second).max() < 1e-7
        assert overlaps(layer_of(east), grid)


def test_the_same_lattice_across_the_seam_is_copied() -> None:
    values = np.arange(18.0 * 36).reshape(18, 36)
    grid = Grid(WGS84, -180.0, 90.0, 10.0, 10.0, 3, 6, 16, 20)
    layer = layer_of(field(np.roll(values, 18, axis=1), 0, 90, 10))
    assert resampling_for(layer, grid) == "none"
    assert on(layer, grid).values.tolist() == values[3:6, 16:20].tolist()


def test_a_projected_grid_across_the_date_line() -> None:
    values = np.repeat(np.sin(np.radians(np.arange(-179.5, 180)))[None], 180, axis=0)
    grid = grid_of(200_000, 7_000_000, 10_000, 40, 60, pyproj.CRS.from_epsg(32601))  # UTM 1: 180° W to 174° W
    found = on(layer_of(field(values, -180, 90, 1)), grid).values
    assert not np.isnan(found).any()
    assert np.abs(np.diff(found, axis=1)).max() < 0.01


def test_cgcs2000_and_wgs84_are_one() -> None:
    da = field(np.random.default_rng(0).random((9, 7)))
    other = da.assign_attrs(crs="EPSG:4490")
    grid = grid_of(100, 40, 0.25, 18, 14)
    assert same_bits(on(layer_of(da), grid).values, on(layer_of(other), grid).values)
    assert resampling_for(layer_of(other), grid_of(100, 40, 0.5, 4, 4)) == "none"


def test_outside_the_layer_all_is_missing() -> None:
    grid = grid_of(99, 41, 0.3, 12, 12)
    for method in ("nearest", "bilinear", "average"):
        found = on(layer_of(field(np.ones((2, 2))), resampling=method), grid).values
        x, y = grid.x_centres(whole(grid)), grid.y_centres(whole(grid))
        inside = ((y < 40) & (y > 39))[:, None] & (x > 100) & (x < 101)
        if method != "average":
            assert (~np.isnan(found)).tolist() == inside.tolist()
        assert np.nansum(found) > 0
    far = grid_of(-60, -10, 0.3, 12, 12)
    for method in ("nearest", "bilinear", "average"):
        assert np.isnan(on(layer_of(field(np.ones((2, 2))), resampling=method), far).values).all()


def test_no_overlap_says_both_extents() -> None:
    layer = layer_of(field(np.ones((4, 4))))
    assert overlaps(layer, grid_of(101.9, 39, 0.1, 5, 5))
    assert not overlaps(layer, grid_of(102.1, 39, 0.1, 5, 5))
    assert overlaps(layer, grid_of(0, 0, 1_000_000, 10, 10, ALBERS)) is False
    utm = grid_of(450_000, 4_350_000, 30, 10, 10, UTM50)
    assert not overlaps(layer, utm)
    assert overlaps(layer_of(field(np.ones((4, 4)), 116, 40)), utm)
    tiny = layer_of(field(np.ones((2, 2)), 116.4, 39.3, 0.001))
    assert overlaps(tiny, grid_of(0, 5_000_000, 10_000, 100, 100, UTM50))
    problem = no_overlap_problem(layer, utm)
    assert (problem.code, problem.severity) == ("G02", "error")
    assert problem.found == "longitude 100.00 to 102.00, latitude 38.00 to 40.00"
    assert "longitude 116.4" in problem.allowed


# -- across projections ------------------------------------------------------------------------------------------------


def reference(values: np.ndarray, layer: Layer, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per pixel: bilinear value, nearest value, and distance of the position to the nearest cell border, in source
    cells.
    """
    lattice = layer.lattice
    x, y = np.meshgrid(grid.x_centres(whole(grid)), grid.y_centres(whole(grid)))
    sx, sy = pyproj.Transformer.from_crs(grid.crs, layer.crs, always_xy=True).transform(x, y)
    col, row = (sx - lattice.x0) / lattice.dx, (lattice.y0 - sy) / lattice.dy
    i, j = np.floor(row - 0.5).astype(int), np.floor(col - 0.5).astype(int)
    t, u = row - 0.5 - i, col - 0.5 - j
    bilinear = (1 - t) * ((1 - u) * values[i, j] + u * values[i, j + 1]) + t * (
        (1 - u) * values[i + 1, j] + u * values[i + 1, j + 1]
    )
    border = np.minimum(np.abs(row - np.round(row)), np.abs(col - np.round(col)))
    return bilinear, values[np.floor(row).astype(int), np.floor(col).astype(int)], border


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ((ALBERS, 684_000.0, 5_917_000.0, 10_000.0, 150), (WGS84, 116.0, 52.0, 0.05, 120)),
        ((WGS84, 115.5, 40.5, 1 / 120, 300), (UTM50, 430_000.0, 4_400_000.0, 30.0, 700)),
        ((WGS84, 60.0, 60.0, 0.5, 170), (ALBERS, -500_000.0, 4_500_000.0, 20_000.0, 80)),
    ],
)
def test_projected_positions_are_good_to_a_hundredth_of_a_cell(source: Any, target: Any) -> None:
    crs, x0, y0, dx, size = source
    ramp = np.add.outer(3 * np.arange(size), 2.0 * np.arange(size))  # 3 per row, 2 per column: a value is a position
    layer = layer_of(field(ramp, x0, y0, dx, crs))
    grid = grid_of(*target[1:4], target[4], target[4], target[0])
    bilinear, nearest, border = reference(ramp, layer, grid)
    assert resampling_for(layer, grid) == "bilinear"
    sample = on(layer, grid)
    assert np.abs(sample.values - bilinear).max() < 0.01 * 3
    near = on(layer_of(field(ramp, x0, y0, dx, crs), resampling="nearest"), grid).values
    assert (near == nearest)[border > 0.01].all()
    assert same_bits(near, sample.lowest)


def test_average_across_projections_is_near_the_exact_mean() -> None:
    ramp = np.add.outer(3 * np.arange(400), 2.0 * np.arange(400))
    layer = layer_of(field(ramp, 115.8, 40.2, 1 / 400))
    grid = grid_of(420_000, 4_400_000, 2000, 20, 20, UTM50)
    assert resampling_for(layer, grid) == "average"
    sample = on(layer, grid)
    assert (
        np.abs(sample.values - reference(ramp, layer, grid)[0]).max() < 3
    )  # under a ramp the mean is the value at the centre
    assert (sample.lowest < sample.values).all()
    assert (sample.highest > sample.values).all()
    holes = ramp.copy()
    holes[:, 200:] = NAN
    assert 0.2 < np.isnan(on(layer_of(field(holes, 115.8, 40.2, 1 / 400)), grid).values).mean() < 0.9


def test_positions_that_cannot_be_projected_are_missing() -> None:
    layer = layer_of(
        field(np.ones((50, 50)), 0, 5e6, 1e5, pyproj.CRS.from_proj4("+proj=ortho +lat_0=0 +lon_0=0 +datum=WGS84"))
    )
    found = on(layer, grid_of(-180, 80, 1, 160, 360)).values
    assert np.isnan(found[:, :60]).all()
    assert np.isfinite(found[40:60, 185:230]).all()


# -- the same bits from every format, window and thread ----------------------------------------------------------------

ROWS, COLS = 90, 110


def raw_field() -> np.ndarray:
    values = np.random.default_rng(7).integers(-300, 3000, (ROWS, COLS)).astype(np.int16)
    values[20:30, 40:55] = -9999
    return values


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Layer]:
    folder = tmp_path_factory.mktemp("formats")
    da = field(raw_field(), 115.0, 42.0, 0.05, scale_factor=0.1, _FillValue=np.int16(-9999))
    del da.attrs["crs"]
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": ROWS,
        "width": COLS,
        "dtype": "int16",
        "crs": "EPSG:4326",
        "nodata": -9999,
    }
    with rasterio.open(folder / "f.tif", "w", transform=from_origin(115, 42, 0.05, 0.05), **profile) as file:
        file.write(raw_field(), 1)
        file.scales = (0.1,)
    da.to_netcdf(folder / "f3.nc", engine="scipy", format="NETCDF3_CLASSIC")
    da[::-1].to_netcdf(folder / "f4.nc", engine="h5netcdf")
    da.to_zarr(folder / "f.zarr", zarr_format=2)
    data: dict[str, Any] = {name: folder / name for name in ("f.tif", "f3.nc", "f4.nc", "f.zarr")}
    data |= {"numpy": da, "dask": da.chunk(lat=32, lon=17), "transposed": da.T}
    in_memory = {"numpy", "dask", "transposed"}  # where nothing is scaled unless it is said
    return {name: layer_of(item, **({"scale": 0.1} if name in in_memory else {})) for name, item in data.items()}


GRIDS = {
    "none": Grid(WGS84, 115.0, 42.0, 0.05, 0.05, -3, 100, -5, 120),
    "bilinear": grid_of(115.013, 41.987, 0.0173, 200, 300),
    "average": grid_of(114.9, 42.1, 0.123, 40, 50),
    "bilinear projected": grid_of(200_000, 4_600_000, 1_000, 300, 300, UTM50),
    "average projected": grid_of(200_000, 4_600_000, 11_000, 30, 40, UTM50),
}


@pytest.mark.parametrize("case", GRIDS)
def test_every_format_gives_the_same_bits(formats: dict[str, Layer], case: str) -> None:
    grid = GRIDS[case]
    expected = on(formats["f.tif"], grid)
    assert np.isfinite(expected.values).any()
    for name, layer in formats.items():
        assert resampling_for(layer, grid) == case.split()[0]
        found = on(layer, grid)
        for part in ("values", "lowest", "highest"):
            assert same_bits(getattr(found, part), getattr(expected, part)), (name, part)


@pytest.mark.parametrize("case", GRIDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cell_does_not_depend_on_the_square_or_window_that_asks(
    formats: dict[str, Layer], case: str, data: st.DataObject
) -> None:
    grid = GRIDS[case]
    rows = sorted(data.draw(st.tuples(*[st.integers(grid.row0, grid.row1)] * 2).filter(lambda p: p[0] != p[1])))
    cols = sorted(data.draw(st.tuples(*[st.integers(grid.col0, grid.col1)] * 2).filter(lambda p: p[0] != p[1])))
    square = Square(*rows, *cols)
    layer = formats[data.draw(st.sampled_from(["f.tif", "dask"]))]
    full = on(layer, grid)
    reader = Reader(layer, grid)
    if data.draw(st.booleans()):
        reader.load(data.draw(st.sampled_from([square, whole(grid), square._replace(row1=square.row0 + 1)])))
    where = slice(rows[0] - grid.row0, rows[1] - grid.row0), slice(cols[0] - grid.col0, cols[1] - grid.col0)
    found = reader.square(square)
    for part in ("values", "lowest", "highest"):
        assert same_bits(getattr(found, part), getattr(full, part)[where].copy())


@pytest.mark.parametrize("case", GRIDS)
def test_parts_of_a_square_that_needs_too_much_at_once(
    formats: dict[str, Layer], case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = GRIDS[case]
    classes = open_layer(LayerSpec("c", formats["f.tif"].spec.data), unit="1", kind="class")
    expected, shares = on(formats["f.tif"], grid), Reader(classes, grid).shares(whole(grid))
    monkeypatch.setattr(reader, "BLOCK_CELLS", 500)
    monkeypatch.setattr(reader, "RESIDENT_BYTES", 100)
    found, parted = on(formats["f.tif"], grid), Reader(classes, grid).shares(whole(grid))
    assert same_bits(found.values, expected.values)
    assert same_bits(found.highest, expected.highest)
    assert all(same_bits(one, two) for one, two in zip(parted, shares, strict=True))


def test_threads_with_readers_of_their_own(formats: dict[str, Layer]) -> None:
    grid = GRIDS["bilinear projected"]
    expected = on(formats["f.tif"], grid).values
    found: list[np.ndarray] = []

    def work(layer: Layer) -> None:
        found.append(on(pickle.loads(pickle.dumps(layer)), grid).values)

    threads = [
        threading.Thread(target=work, args=(formats[name],)) for name in ("f.tif", "f4.nc", "f.zarr", "dask") * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    assert all(same_bits(values, expected) for values in found)


def test_arrays_are_not_read_as_a_whole_for_every_square() -> None:
    import dask.array

    computed: list[int] = []

    def block(block_info: Any = None) -> np.ndarray:
        computed.append(1)
        return np.ones((10, 10))

    lazy = dask.array.map_blocks(block, chunks=((10,) * 10, (10,) * 10), dtype=float)
    da = xr.DataArray(lazy, dims=("lat", "lon"), coords=field(np.ones((100, 100))).coords, attrs={"units": "m"})
    reader = Reader(layer_of(da), grid_of(100, 40, 0.5, 100, 100))
    computed.clear()
    reader.square(Square(0, 10, 0, 10))
    assert len(computed) == 1
    coarse = Reader(layer_of(da), grid_of(101, 39, 0.05, 900, 900))
    computed.clear()
    for start in range(0, 900, 100):
        coarse.square(Square(start, start + 100, start, start + 100))
    assert len(computed) <= 100


# -- classes -----------------------------------------------------------------------------------------------------------


def test_codes_by_the_cell_that_contains_the_centre() -> None:
    layer = layer_of(field(np.array([[1, 2], [3, 255]], np.uint8)), "class", nodata=255)
    grid = grid_of(99.75, 40, 0.25, 4, 5)
    gone = MISSING_CODE
    expected = [[gone, 1, 1, 2, 2], [gone, 1, 1, 2, 2], [gone, 3, 3, gone, gone], [gone, 3, 3, gone, gone]]
    assert Reader(layer, grid).codes(whole(grid)).tolist() == expected
    cell, code, share = Reader(layer, grid).shares(whole(grid))
    assert code.reshape(4, 5).tolist() == expected
    assert cell.tolist() == list(range(20))
    assert (share == 1).all()


def test_shares_by_hand() -> None:
    """Cells of 2 × 2 source cells; and of 1.5, whose first has 1, 0.5, 0.5 and 0.25 of four source cells."""
    classes = np.array([[1, 1, 2, 9], [1, 3, 2, 2], [5, 5, 6, 6], [5, 5, 6, 7]], np.uint8)
    layer = layer_of(field(classes), "class", nodata=9)
    cell, code, share = Reader(layer, (grid := grid_of(100, 40, 1.0, 2, 2))).shares(whole(grid))
    found = list(zip(cell.tolist(), code.tolist(), share.tolist(), strict=True))
    assert found == [
        (0, 1, 0.75),
        (0, 3, 0.25),
        (1, MISSING_CODE, 0.25),
        (1, 2, 0.75),
        (2, 5, 1.0),
        (3, 6, 0.75),
        (3, 7, 0.25),
    ]
    cell, code, share = Reader(layer, (grid := grid_of(100, 40, 0.75, 1, 1))).shares(whole(grid))
    assert code.tolist() == [1, 3]
    assert share == pytest.approx([2 / 2.25, 0.25 / 2.25])


@given(dx=st.floats(0.7, 3), x0=st.floats(99, 101), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_shares_add_to_one_and_areas_are_kept(dx: float, x0: float, seed: int) -> None:
    classes = np.random.default_rng(seed).integers(0, 5, (12, 12)).astype(np.uint8)
    layer = layer_of(field(classes), "class", nodata=0)
    grid = grid_of(x0, 41, dx, int(12 / dx), int(12 / dx))
    cell, code, share = Reader(layer, grid).shares(whole(grid))
    assert np.bincount(cell, share) == pytest.approx(np.ones(grid.shape[0] * grid.shape[1]))
    if x0 <= 100 and x0 + grid.shape[1] * dx > 106 and 41 - grid.shape[0] * dx < 34:
        for name in range(1, 5):
            assert share[code == name].sum() * dx**2 == pytest.approx((classes == name).sum() * 0.25)


def test_shares_across_projections() -> None:
    classes = (np.add.outer(np.arange(400), np.arange(400)) // 40 % 3 + 1).astype(np.uint8)
    layer = layer_of(field(classes, 115.8, 40.2, 1 / 400), "class")
    grid = grid_of(450_000, 4_400_000, 1500, 20, 20, UTM50)
    cell, code, share = Reader(layer, grid).shares(whole(grid))
    assert np.bincount(cell, share) == pytest.approx(np.ones(400))
    assert set(code.tolist()) == {1, 2, 3}
    assert np.bincount(code, share)[1:] / 400 == pytest.approx([1 / 3] * 3, abs=0.03)


def test_fractions_are_no_class_codes() -> None:
    layer = layer_of(field(np.array([[1.0, 2.5], [NAN, 3.0]])), "class")
    with pytest.raises(InputError, match="whole numbers"):
        Reader(layer, (grid := grid_of(100, 40, 0.5, 2, 2))).codes(whole(grid))
