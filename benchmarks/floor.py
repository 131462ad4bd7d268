"""The read floor: every layer of a project decoded once, in windows of 1024 cells, and nothing computed.

As a process of its own: `python -m benchmarks.floor PROJECT THREADS`.
"""

from __future__ import annotations

import sys
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

WINDOW = 1024


def rasters(project: Path) -> dict[str, Path]:
    """The rasters of a project by the name of the layer, land cover first."""
    document = tomllib.loads(project.read_text(encoding="utf-8"))
    layers = {"land_cover": document["land_cover"], **document["layers"]}
    return {name: project.parent / layer["path"] for name, layer in layers.items()}


def read_all(project: Path, threads: int) -> None:
    """Decode them, each thread with files and buffers of its own."""
    paths = list(rasters(project).values())
    shapes = []
    for path in paths:
        with rasterio.open(path) as file:
            shapes.append(file.shape)
    local = threading.local()

    def read(number: int, row: int, col: int) -> None:
        files = local.__dict__.setdefault("files", {})
        buffers = local.__dict__.setdefault("buffers", {})
        if number not in files:
            files[number] = rasterio.open(paths[number], sharing=False)
        file, (rows, cols) = files[number], shapes[number]
        shape = min(WINDOW, rows - row), min(WINDOW, cols - col)
        key = (shape, file.dtypes[0])
        if key not in buffers:
            buffers[key] = np.empty(*key)
        file.read(1, window=Window(col, row, *shape[::-1]), out=buffers[key])

    def read_window(task: list[tuple[int, int, int]]) -> None:
        with rasterio.Env(GDAL_CACHEMAX=64 * 2**20):
            for number, row, col in task:
                read(number, row, col)

    tasks: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for number, (rows, cols) in enumerate(shapes):
        for row in range(0, rows, WINDOW):
            for col in range(0, cols, WINDOW):
                tasks.setdefault((row, col), []).append((number, row, col))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read_window, tasks.values()))


if __name__ == "__main__":
    read_all(Path(sys.argv[1]), int(sys.argv[2]))
