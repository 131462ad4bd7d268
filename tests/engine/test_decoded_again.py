"""That what G22 tells is what happens: how often the blocks of a file are touched by what a run reads of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from builders import FOREST, NORTH, SIDE, WEST, block, make_study, raster, zones
from rasterio.transform import from_origin

from gep.engine.windows import TWICE, decoded_again
from gep.inputs.grids.layers import LayerSpec, Source
from gep.plan.planner import make_plan

ROWS, COLS = 1030, 700
FORMS = {
    "rows": {"blockysize": 1},
    "strips": {"blockysize": 100},
    "strips over squares": {"blockysize": 700},
    "one block": {"blockysize": ROWS},
    "tiles": {"tiled": True, "blockxsize": 512, "blockysize": 512},
    "small tiles": {"tiled": True, "blockxsize": 208, "blockysize": 336},
    "huge tiles": {"tiled": True, "blockxsize": 1296, "blockysize": 1104},
}
CHUNKS = {"chunk of all": (ROWS, COLS), "long chunks": (30, COLS), "tall chunks": (ROWS, 30), "chunks": (300, 400)}


def field() -> xr.DataArray:
    return raster(np.random.default_rng(8).uniform(400, 900, (ROWS, COLS)).astype(np.float32), "mm/year")


def as_tiff(path: Path, form: str) -> Path:
    place = {"crs": "EPSG:3035", "transform": from_origin(WEST, NORTH, SIDE, SIDE)}
    of = {"driver": "GTiff", "count": 1, "height": ROWS, "width": COLS, "dtype": "float32", "compress": "deflate"}
    with rasterio.open(path, "w", **of, **place, **FORMS[form]) as file:
        file.write(field().values, 1)
    return path


def as_netcdf(path: Path, form: str) -> Path:
    coded = {"precipitation": {"chunksizes": CHUNKS[form], "zlib": True}}
    field().rename("precipitation").to_netcdf(path, engine="h5netcdf", encoding=coded)
    return path


def touched(read: list[tuple[tuple[int, int], tuple[int, int]]], size: tuple[int, int]) -> float:
    """How many times the blocks of a size are touched, in the mean."""
    count = sum(
        math.prod((end - 1) // length - start // length + 1 for (start, end), length in zip(window, size, strict=True))
        for window in read
    )
    return count / (math.ceil(ROWS / size[0]) * math.ceil(COLS / size[1]))


@pytest.mark.parametrize("form", [*FORMS, *CHUNKS])
def test_what_is_told_is_what_is_read(form, tmp_path, monkeypatch):
    path = as_tiff(tmp_path / "x.tif", form) if form in FORMS else as_netcdf(tmp_path / "x.nc", form)
    cover, gone = raster(np.full((ROWS, COLS), FOREST, np.uint8)), raster(np.full((ROWS, COLS), 200.0), "mm/year")
    layers = {"precipitation": LayerSpec("precipitation", path, units="mm/year"), "evapotranspiration": gone}
    study = make_study(cover, layers, zones(block(0, 0, COLS, ROWS)))
    plan = make_plan(study.inputs).plan
    size = plan.layers["precipitation"].header.block
    assert size is not None
    read = []
    inside = Source._inside

    def seen(self, row0, row1, col0, col1):
        if self._name == "precipitation":
            read.append(((row0, row1), (col0, col1)))
        return inside(self, row0, row1, col0, col1)

    monkeypatch.setattr(Source, "_inside", seen)
    for memory in (1.0, 700.0):
        read.clear()
        study.run(threads=1, memory=memory, record=False)
        times, told = touched(read, size), decoded_again(plan, memory=memory)
        assert [found.subject for found in told] == (["precipitation"] if times >= TWICE else [])
        assert all(f"{times:.1f} times" in found.message for found in told)
        assert memory == 1.0 or times == 1.0 or form in ("small tiles", "chunks")
