"""What a loop over cells interpolates by itself is what a reader gives, to the last bit: along axes and aslant, beside
holes and beyond the layer's border.
"""

import math
from types import SimpleNamespace

import numpy as np
import pyproj
import pytest
import xarray as xr

from gep.engine.prelude import PRELUDE
from gep.inputs.grids.bilinear import Axes, Mesh
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.reader import Reader

WGS84 = pyproj.CRS.from_epsg(4326)
UTM50 = pyproj.CRS.from_epsg(32650)
MONTHS = 12


def reader_on(crs: pyproj.CRS, months: int, *, is_infinite: bool = False) -> Reader:
    """A layer of half degrees with holes, of which the grid lies partly beyond."""
    values = np.random.default_rng(3).uniform(-5, 40, (months, 8, 9))
    values[:, 2, 3] = np.nan
    values[0, 5, 5:] = np.nan
    values[-1, 6, 1] = np.inf if is_infinite else 1.0
    coords = {"lat": 40.0 - 0.5 * (np.arange(8) + 0.5), "lon": 115.0 + 0.5 * (np.arange(9) + 0.5)}
    attributes = {"units": "m", "crs": WGS84.to_wkt()}
    data = xr.DataArray(values, dims=("month", "lat", "lon"), coords=coords, attrs=attributes, name="field")
    layer = open_layer(LayerSpec("x", data if months > 1 else data[0], units="m"), unit="m", kind="continuous")
    if crs is WGS84:
        grid = Grid(crs, 115.3, 39.9, 0.11, 0.13, 0, 30, 0, 42)
    else:
        grid = Grid(crs, 330_000.0, 4_420_000.0, 9_000.0, 9_000.0, 0, 40, 0, 46)
    return Reader(layer, grid)


def functions():
    """Those that a compiled loop calls, for one number at a time."""
    known = {"numba": SimpleNamespace(njit=lambda **_: lambda made: made)}
    exec(PRELUDE.replace("import numba\n", ""), known)
    return SimpleNamespace(**known)


@pytest.mark.parametrize("months", [1, MONTHS])
@pytest.mark.parametrize("crs", [WGS84, UTM50], ids=["axes", "aslant"])
@pytest.mark.parametrize("is_infinite", [False, True])
def test_cell_by_cell(crs, months, is_infinite):
    reader, call = reader_on(crs, months, is_infinite=is_infinite), functions()
    grid = reader.grid
    square = Square(3, grid.row1, 2, grid.col1)
    with np.errstate(all="ignore"):
        expected = reader.square(square)
    assert reader.is_coarse
    assert np.isnan(expected.values).any()
    assert np.isfinite(expected.values).any()
    coarse = reader.coarse(square)
    place = coarse.place
    assert isinstance(place, Axes if crs is WGS84 else Mesh)
    of_cells = place.arrays()
    values = expected.values.reshape(months, *square.shape)
    for row, col in np.ndindex(*square.shape):
        if isinstance(place, Axes):
            above, holds, down = (of[row] for of in of_cells[:3])
            left, beside, right = (of[col] for of in of_cells[3:])
            at, own = above + left, holds + beside
        else:
            at, own, down, right = call.placed(row, col, *of_cells, place.width)
        assert own == coarse.own(np.array([row]), np.array([col]))
        assert np.array_equal(coarse.lowest[own], expected.lowest[row, col], equal_nan=True)
        assert np.array_equal(coarse.highest[own], expected.highest[row, col], equal_nan=True)
        where = (coarse.values, at, own, down, right, place.width)
        with np.errstate(all="ignore"):
            plain = [call.between(*where, m) for m in range(months)]
            mended = [call.mended_month(*where, m) for m in range(months)]
        assert np.array_equal(mended, values[:, row, col], equal_nan=True)
        if coarse.is_whole[at]:
            assert np.isfinite(plain).all()
            assert plain == mended


@pytest.mark.parametrize("months", [1, MONTHS])
@pytest.mark.parametrize("crs", [WGS84, UTM50], ids=["axes", "aslant"])
def test_some_cells(crs, months):
    reader = reader_on(crs, months)
    square = Square(3, reader.grid.row1, 2, reader.grid.col1)
    row, col = np.divmod(np.arange(0, math.prod(square.shape), 7), square.shape[1])
    expected = reader.square(square).values[..., row, col]
    assert np.array_equal(reader.coarse(square).at(row, col), expected, equal_nan=True)


EXTREMES = (0.0, -0.0, math.inf, -math.inf, math.nan, 1000.0, -1000.0, 709.9, -745.2, 5e-324, 1e-310, 1.0)


def test_exponentials_and_logarithms():
    """Against those of the standard library, which are right to the last digit but for half a unit of it."""
    call, draw = functions(), np.random.default_rng(1)
    for x in (*draw.uniform(-708, 709, 2000), *draw.uniform(-1, 1, 2000)):
        assert call.exp(x) == pytest.approx(math.exp(x), rel=1e-15)
    for x in (*10 ** draw.uniform(-307, 308, 2000), *draw.uniform(0.5, 2, 2000), *(1 + draw.uniform(-1e-9, 1e-9, 200))):
        assert call.log(x) == pytest.approx(math.log(x), rel=1e-15)
    with np.errstate(all="ignore"):
        for x in map(np.float64, EXTREMES):
            np.testing.assert_allclose(call.exp(x), np.exp(x), rtol=1e-15)
            np.testing.assert_allclose(call.log(x), np.log(x), rtol=1e-15)
