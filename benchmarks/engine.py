"""How fast the engine goes on one machine: a synthetic grid of square tiles, water retention and air purification, by
threads and windows.

python benchmarks/engine.py [cells along a side]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine
from shapely import box

from gep import LayerSpec, Study


def write(path: Path, values: np.ndarray, nodata: float) -> Path:
    """A tiled GeoTIFF on an equal-area grid of 30 m cells."""
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": values.dtype.name,
    }
    profile |= {"crs": "EPSG:6933", "transform": Affine(30, 0, 9_000_000, 0, -30, 5_500_000), "nodata": nodata}
    profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "zstd", "zstd_level": 1}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def made_study(folder: Path, side: int) -> Study:
    """A study of two zones on a grid of so many cells along a side: rain, evapotranspiration, land cover."""
    rng = np.random.default_rng(1)
    cover = write(folder / "cover.tif", rng.choice(np.array([1, 2, 4, 8], np.uint8), (side, side)), 0)
    rain = write(folder / "rain.tif", rng.uniform(300, 600, (side, side)).round(1).astype(np.float32), -9999)
    et = write(folder / "et.tif", rng.uniform(200, 500, (side, side)).round(1).astype(np.float32), -9999)
    west, north, size = 9_000_000, 5_500_000, side * 30
    halves = [
        box(west, north - size, west + size / 2, north),
        box(west + size / 2, north - size, west + size, north),
    ]
    layers = {
        key: LayerSpec(key, path, units="mm/year")
        for key, path in (("precipitation", rain), ("evapotranspiration", et))
    }
    return Study(
        layers=layers,
        land_cover=cover,
        scheme="clcd",
        scheme_map={2: "forest/mixed"},
        zones=gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=halves, crs="EPSG:6933"),
        year=2019,
    )


if __name__ == "__main__":
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 4096
    with tempfile.TemporaryDirectory() as name:
        digests = set()
        for threads, window in ((1, 1024), (2, 512), (2, 1024), (2, 2048)):
            study = made_study(Path(name), side)
            start = perf_counter()
            account = study.run(threads=threads, window=window)
            took = perf_counter() - start
            digests.add(account.digest)
            print(
                f"{side} x {side}, {threads} threads, window {window:5}: {took:6.2f} s, "
                f"{side * side / took / 1e6:5.1f} Mpx/s"
            )
        print("one digest" if len(digests) == 1 else f"{len(digests)} DIGESTS")
