"""What is read at once: chosen from blocks, threads and memory, and without a trace in the figures."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from builders import EQUAL_AREA, FOREST, LAKE, LONLAT, STEPPE, block, make_study, raster, zones
from rasterio.transform import from_origin

from gep.engine.windows import Reading, around, choose_reading, decoded_again, windows
from gep.inputs.grids.layers import LayerSpec
from gep.plan.plan import GridPlan
from gep.plan.planner import make_plan

BLOCKS = {
    "tiles": {"tiled": True, "blockxsize": 512, "blockysize": 512},
    "odd tiles": {"tiled": True, "blockxsize": 208, "blockysize": 336},
    "rows": {"blockysize": 1},
    "strips": {"blockysize": 300},
    "one block": {"blockysize": 100_000},
}


def write(array: xr.DataArray, path: Path, blocks: str) -> Path:
    """The array of `raster` as a compressed GeoTIFF, cut into blocks."""
    y, x = (array[dim].values for dim in array.dims[-2:])
    cell = float(x[1] - x[0]) if len(x) > 1 else 1000.0
    form = {"driver": "GTiff", "count": 1, "height": len(y), "width": len(x), "dtype": array.dtype}
    place = {"crs": array.attrs["crs"], "transform": from_origin(x[0] - cell / 2, y[0] + cell / 2, cell, cell)}
    cut = dict(BLOCKS[blocks])
    if "tiled" not in cut:
        cut["blockysize"] = min(cut["blockysize"], len(y))
    with rasterio.open(path, "w", **form, **place, compress="deflate", zlevel=1, **cut) as file:
        file.write(array.values, 1)
    return path


def world(rows: int, cols: int, **place: Any) -> dict[str, xr.DataArray]:
    """Forest, steppe and a lake with rain that differs from cell to cell; `place` as of `raster`."""
    random = np.random.default_rng(rows + cols)
    cover = random.choice(np.array([FOREST, STEPPE], dtype=np.uint8), (rows, cols))
    cover[rows // 2, : cols // 2] = LAKE
    rain, gone = random.uniform(300, 700, (rows, cols)), np.full((rows, cols), 250.0)
    of_layers = {"precipitation": rain, "evapotranspiration": gone}
    layers = {name: raster(values, "mm/year", **place) for name, values in of_layers.items()}
    return {"land_cover": raster(cover, **place), **layers}


def study_of(arrays: dict[str, xr.DataArray], folder: Path, blocks: dict[str, str], **place: Any):
    """A study of files; `blocks` by layer, or for all under an empty name."""
    specs = {}
    for name, array in arrays.items():
        path = write(array, folder / f"{name}.tif", blocks.get(name, blocks.get("", "tiles")))
        specs[name] = LayerSpec(name, path, units=array.attrs.get("units"))
    return make_study(specs.pop("land_cover"), specs, counties_of(arrays, **place))


def counties_of(arrays: dict[str, xr.DataArray], crs: str = EQUAL_AREA, **place: float):
    """Two counties side by side, or one of a single column."""
    rows, cols = arrays["land_cover"].shape
    west = block(0, 0, cols - cols // 3, rows, **place)
    both = [west, block(cols - cols // 3, 0, cols, rows, **place)] if cols > 2 else [west]
    return zones(*both, crs=crs)


@pytest.fixture(scope="module")
def arrays() -> dict[str, xr.DataArray]:
    return world(1030, 1040)


@pytest.fixture(scope="module")
def digest(arrays) -> str:
    layers = {name: array for name, array in arrays.items() if name != "land_cover"}
    return make_study(arrays["land_cover"], layers, counties_of(arrays)).run(threads=1, window=512, record=False).digest


@pytest.mark.parametrize(
    "blocks",
    [
        {"": "strips"},
        {"": "rows"},
        {"": "odd tiles"},
        {"": "one block"},
        {"land_cover": "rows", "precipitation": "odd tiles", "evapotranspiration": "strips"},
    ],
    ids=["strips", "rows", "odd tiles", "one block", "mixed"],
)
def test_blocks_threads_and_memory_do_not_change_a_bit(blocks, arrays, digest, tmp_path):
    study = study_of(arrays, tmp_path, blocks)
    plan, asked = make_plan(study.inputs).plan, ((1, 1.0), (3, 320.0), (2, 4000.0))
    ways = {choose_reading(plan, threads, memory=memory): (threads, memory) for threads, memory in asked}
    assert len(ways) > 1  # what is read in the same way is read once
    for threads, memory in ways.values():
        assert study.run(threads=threads, memory=memory, record=False).digest == digest
    assert study.run(threads=2, window=512, record=False).digest == digest


LONG = {"crs": LONLAT, "west": 40.0, "north": 50.0, "cell": 0.002}


@pytest.mark.parametrize(("rows", "cols", "place"), [(1, 1, {}), (2, 1, {}), (64, 20_000, LONG)])
def test_grids_of_odd_shapes(rows, cols, place, tmp_path):
    arrays = world(rows, cols, **place)
    found = set()
    for blocks in ("rows", "one block"):
        (tmp_path / blocks).mkdir()
        study = study_of(arrays, tmp_path / blocks, {"": blocks}, **place)
        found |= {
            study.run(threads=threads, memory=memory, record=False).digest
            for threads, memory in ((1, 1.0), (3, 2000.0))
        }
    assert len(found) == 1


# the choice -----------------------------------------------------------------------------------------------------------


def plan_of(rows: int, cols: int, block: tuple[int, int] | None, *, of: str = "") -> GridPlan:
    """A plan of rasters of some size and blocks that are nowhere: only headers are looked at. `of` one layer alone."""
    small = world(8, 8)
    layers = {name: array for name, array in small.items() if name != "land_cover"}
    plan = make_plan(make_study(small["land_cover"], layers, zones(block_of(8, 8))).inputs).plan

    def enlarged(layer, is_cut):
        lattice = layer.lattice._replace(rows=rows, cols=cols)
        dtype = np.dtype(np.uint8 if layer.kind == "class" else np.float32)
        header = replace(layer.header, lattice=lattice, dtype=dtype, block=block if is_cut else (512, 512))
        return replace(layer, lattice=lattice, header=header)

    grid = replace(plan.grid, row0=0, row1=rows, col0=0, col1=cols)
    enlarged_layers = {name: enlarged(layer, of in ("", name)) for name, layer in plan.layers.items()}
    return replace(plan, grid=grid, land_cover=enlarged(plan.land_cover, not of), layers=enlarged_layers)


def block_of(rows: int, cols: int):
    return block(0, 0, cols, rows)


def test_tiles_are_read_a_few_at_a_time():
    """Of 9 bytes a cell four tiles fit at once; with little room each is read by itself."""
    plan = plan_of(10_240, 10_240, (512, 512))
    assert choose_reading(plan, 2) == Reading(2, 1024, 1024)
    assert choose_reading(plan, 2, memory=300 + 2 * (84 + 3)) == Reading(2, 512, 512)


def test_strips_are_read_across_the_whole_width():
    reading = choose_reading(plan_of(10_240, 10_240, (8, 10_240)), 2)
    assert reading == Reading(2, 512, 10_240)
    assert decoded_again(plan_of(10_240, 10_240, (8, 10_240))) == []


def test_large_tiles_are_read_whole():
    reading = choose_reading(plan_of(10_240, 10_240, (2048, 2048)), 2)
    assert (reading.rows, reading.cols) == (2048, 2048)


def test_threads_are_given_up_before_a_layer_is_decoded_twice():
    """A window of the whole width is of 512 x 100 000 cells of 9 bytes, so 461 MB: two of them do not fit in 1 GB."""
    plan = plan_of(10_240, 100_000, (8, 100_000))
    assert choose_reading(plan, 4, memory=1000.0) == Reading(1, 512, 100_352)
    assert choose_reading(plan, 2, memory=2000.0) == Reading(2, 512, 100_352)


def test_what_is_decoded_again_is_told_with_how_often():
    """In 700 MB there is room for no window of the whole width: of 256 strips each is decoded once per window
    across.
    """
    plan = plan_of(10_240, 100_000, (8, 100_000), of="precipitation")
    (found,) = decoded_again(plan)
    assert (found.code, found.severity, found.subject) == ("G22", "information", "precipitation")
    reading = choose_reading(plan, 1)
    across = math.ceil(100_000 / reading.cols)
    assert across >= 2
    assert f"{across:.1f} times" in found.message
    assert f"{across:.1f} 次" in found.message.zh
    assert decoded_again(plan, memory=4000.0) == []


def test_blocks_that_lie_beside_the_windows_are_counted():
    """Tiles of 336 x 208 in windows of one square. Of eight squares along an axis, 512 columns touch three or four of
    the twenty tiles across, 27 together, and 512 rows two or three of the thirteen down, 20 together.
    """
    plan = plan_of(4096, 4096, (336, 208))
    told = decoded_again(plan, memory=1.0)  # nothing but one square has room
    assert [found.subject for found in told] == ["land_cover", "precipitation", "evapotranspiration"]
    assert all(f"{27 / 20 * 20 / 13:.1f} times" in found.message for found in told)
    assert decoded_again(plan) == []  # in larger windows fewer lie across a border


def test_no_memory_reads_one_square():
    assert choose_reading(plan_of(10_240, 10_240, (512, 512)), 8, memory=1.0) == Reading(1, 512, 512)


@pytest.mark.parametrize(("row0", "col0"), [(0, 0), (-100, -700), (513, 1023)])
@pytest.mark.parametrize(("rows", "cols"), [(512, 512), (512, 2048), (1024, 512), (4096, 4096)])
def test_every_square_is_in_one_window(row0, col0, rows, cols):
    grid = replace(plan_of(8, 8, None).grid, row0=row0, row1=row0 + 2000, col0=col0, col1=col0 + 1500)
    found = windows(grid, rows, cols)
    assert sorted(square for window in found for square in window) == sorted(grid.squares())
    for window in found:
        (height, width) = around(window).shape
        assert height <= rows
        assert width <= cols


def test_one_window_holds_a_grid_that_begins_beside_the_lattice():
    grid = replace(plan_of(8, 8, None).grid, row0=-100, row1=900, col0=-700, col1=1500)
    assert len(windows(grid, 1536, 2560)) == 1
