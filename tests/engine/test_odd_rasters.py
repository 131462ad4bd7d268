"""Rasters of odd shapes and places, from file to area and figure: right to the digits that another way gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
import xarray as xr
from builders import ALPHA, FOREST, LONLAT, STEPPE, block, find, make_study, raster, write_tif, zones
from rasterio import Affine

from gep.account.account import Account
from gep.core.errors import InputError
from gep.inputs.grids.layers import LayerSpec

GEOD = pyproj.Geod(ellps="WGS84")
RAIN, GONE = 500.0, 200.0
DEPTH = (RAIN * (1 - ALPHA[FOREST]) - GONE) / 1000
"""What forest keeps, in m."""


def world(shape: tuple[int, int], **place: Any) -> dict[str, xr.DataArray]:
    """Forest in constant rain."""
    return {
        "land_cover": raster(np.full(shape, FOREST, np.uint8), **place),
        "precipitation": raster(np.full(shape, RAIN, np.float32), "mm/year", **place),
        "evapotranspiration": raster(np.full(shape, GONE, np.float32), "mm/year", **place),
    }


def specs_of(arrays: dict[str, xr.DataArray], folder: Path) -> dict[str, LayerSpec]:
    """The same as GeoTIFFs."""
    return {
        name: LayerSpec(name, write_tif(array, folder / f"{name}.tif"), units=array.attrs.get("units"))
        for name, array in arrays.items()
    }


def account_of(given: dict[str, Any], counties: Any, **more: Any) -> Account:
    layers = {name: layer for name, layer in given.items() if name != "land_cover"}
    return make_study(given["land_cover"], layers, counties, **more).run(threads=2)


def area_of(account: Account) -> float:
    return sum(entry.quantity for entry in account.entries if entry.is_area)


def true_area(polygon: shapely.Polygon) -> float:
    """Of a polygon of parallels and meridians, m2."""
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(polygon, 0.005))[0])


def assert_forest(account: Account, area: float, rel: float) -> None:
    """The land is so large, and what it keeps is its area times a depth."""
    assert area_of(account) == pytest.approx(area, rel=rel)
    (water,) = find(account, service="water_retention", land_class="evergreen_needleleaf")
    assert water.quantity == pytest.approx(area_of(account) * DEPTH, rel=1e-9)


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    """Three rows of cells of 10 m, each 100 m2 where the projection keeps areas; rows of one file are its blocks."""
    place = {"cell": 10.0}
    arrays = world((3, 100_000), **place)
    arrays["precipitation"].values[1, 70_000:] = np.nan
    counties = zones(block(0, 0, 60_000, 3, **place), block(60_000, 0, 100_000, 3, **place))
    account = account_of(specs_of(arrays, tmp_path), counties)
    assert area_of(account) == pytest.approx(300_000 * 100, rel=1e-9)
    west, east = (find(account, service="water_retention", zone=zone)[0] for zone in ("101", "102"))
    assert west.quantity == pytest.approx(180_000 * 100 * DEPTH, rel=1e-9)
    assert east.quantity == pytest.approx((120_000 - 30_000) * 100 * DEPTH, rel=1e-9)
    assert east.coverage == pytest.approx(0.75, rel=1e-9)


def test_a_single_cell(tmp_path: Path) -> None:
    account = account_of(specs_of(world((1, 1)), tmp_path), zones(block(0, 0, 1, 1)))
    assert_forest(account, 1e6, 1e-9)


def test_masks_inside_files_are_gaps(tmp_path: Path) -> None:
    """A mask hides cells of the land cover and of a layer, as nodata would."""
    random = np.random.default_rng(4)
    shape = (600, 700)
    arrays = world(shape)
    arrays["land_cover"].values[:, 300:] = STEPPE
    arrays["precipitation"].values[:] = random.uniform(300, 700, shape)
    masks = {"land_cover": random.random(shape) < 0.98, "precipitation": random.random(shape) < 0.9}
    files = specs_of(arrays, tmp_path)
    for name, mask in masks.items():
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(files[name].data, "r+") as file:
            file.write_mask(mask)
    counties = zones(block(0, 0, 350, 600), block(350, 0, 700, 600))
    masked = account_of(files, counties)
    there = masks["land_cover"][:, :300]
    (forest,) = [e for e in masked.entries if e.is_area and e.land_class == "evergreen_needleleaf"]
    assert forest.quantity == pytest.approx(there.sum() * 1e6, rel=1e-8)
    beside = tmp_path / "beside"
    beside.mkdir()
    arrays["precipitation"].values[~masks["precipitation"]] = np.nan
    arrays["land_cover"].values[~masks["land_cover"]] = 0
    holes = specs_of(arrays, beside)
    write_tif(arrays["land_cover"], beside / "land_cover.tif", nodata=0)
    assert account_of(holes, counties).digest == masked.digest


def test_a_land_cover_that_is_turned_is_refused(tmp_path: Path) -> None:
    arrays = world((4, 4))
    files = specs_of(arrays, tmp_path)
    with rasterio.open(files["land_cover"].data, "r+") as file:
        file.transform = Affine(1000, 100, 4_321_000, 100, -1000, 3_210_000)
    with pytest.raises(InputError) as refused:
        account_of(files, zones(block(0, 0, 4, 4)))
    assert "G03" in {found.code for found in refused.value.problems}


@pytest.mark.parametrize("is_split", [True, False])
def test_longitudes_across_the_date_line(is_split: bool, tmp_path: Path) -> None:
    """A grid from 175 to 185 degrees; the county is cut at the line, or not."""
    place = {"crs": LONLAT, "west": 175.0, "north": 60.0, "cell": 0.05}
    east, west = shapely.box(176, 56, 180, 59), shapely.box(-180, 56, -176, 59)
    county = shapely.MultiPolygon([east, west]) if is_split else shapely.box(176, 56, 184, 59)
    account = account_of(specs_of(world((100, 200), **place), tmp_path), zones(county, crs=LONLAT))
    assert_forest(account, 2 * true_area(east), 1e-8)


def test_a_projected_grid_across_the_date_line(tmp_path: Path) -> None:
    place = {"crs": "EPSG:32601", "west": 200_000.0, "north": 6_600_000.0, "cell": 2000.0}
    east, west = shapely.box(178.5, 58.5, 180, 59), shapely.box(-180, 58.5, -176, 59)
    county = zones(shapely.MultiPolygon([east, west]), crs=LONLAT)
    account = account_of(specs_of(world((100, 300), **place), tmp_path), county, coverage="fraction")
    assert_forest(account, true_area(east) + true_area(west), 1e-5)


@pytest.mark.parametrize("north", [90.0, 91.0])
def test_rows_to_the_pole_and_beyond(north: float, tmp_path: Path) -> None:
    """The cells at the pole are triangles; what a raster has beyond it is nowhere."""
    rows = 20 + round(4 * (north - 90))
    place = {"crs": LONLAT, "west": 0.0, "north": north, "cell": 0.25}
    county = shapely.box(1, 86, 20, 90)
    account = account_of(specs_of(world((rows, 100), **place), tmp_path), zones(county, crs=LONLAT))
    assert_forest(account, true_area(county), 1e-7)


def test_a_grid_around_the_pole(tmp_path: Path) -> None:
    """A cap of 150 km on a stereographic plane, against its area where areas are kept."""
    place = {"crs": "EPSG:3413", "west": -200_000.0, "north": 200_000.0, "cell": 2000.0}
    cap = shapely.Point(0, 0).buffer(150_000, quad_segs=64)
    equal = pyproj.Transformer.from_crs("EPSG:3413", "EPSG:6931", always_xy=True)
    there = shapely.transform(shapely.segmentize(cap, 500), lambda xy: np.column_stack(equal.transform(*xy.T)))
    account = account_of(
        specs_of(world((200, 200), **place), tmp_path), zones(cap, crs="EPSG:3413"), coverage="fraction"
    )
    assert_forest(account, there.area, 1e-6)
