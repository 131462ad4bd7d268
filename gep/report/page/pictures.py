"""Maps of a run (`maps/*.tif`) as small pictures for the page, in the classes and colours that the maps of the report
have.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from gep.account.account import Account
from gep.core.messages import Text
from gep.core.unit_names import unit_text
from gep.report.pictures.rasters import MapClass, RunMap, maps_folder, read_map

_WIDEST = 450
"""Pixels of the longer side."""
_MOST = 24
"""Maps in a page."""

_NORTH_UP = Affine(2, 0, 0, 0, -2, 0)
"""What a picture without a place is given, for it is no map to measure by."""


@dataclass(frozen=True)
class Picture:
    """A map: what it shows, its unit, its classes from low to high, and the picture itself."""

    name: str
    title: Text
    unit: Text
    classes: tuple[MapClass, ...]
    is_flat: bool
    width: int
    height: int
    address: str


def pictures(account: Account) -> list[Picture]:
    """The maps of quantities that the run has in its folder; none where it has none. Raises UsageError for one that
    cannot be read.
    """
    folder = maps_folder(account)
    paths = sorted(folder.glob("*.tif")) if folder else []
    maps = (read_map(path, account) for path in paths if not path.name.endswith(".value.tif"))
    return [_picture(of) for of in maps if of.classes and not of.is_of_types][:_MOST]


def _picture(of: RunMap) -> Picture:
    index = of.index[np.ix_(*_kept(of))]
    height, width = index.shape
    return Picture(
        of.name, of.title, unit_text(of.unit), of.classes, of.is_flat, width, height, _address(index, of.classes)
    )


def _kept(of: RunMap) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows and columns of a map that its picture has: a step up as long as one to the right, as on the ground."""
    west, south, east, north = of.bounds
    is_degrees = pyproj.CRS(of.crs).is_geographic
    squeeze = max(0.05, math.cos(math.radians((south + north) / 2))) if is_degrees else 1.0
    high, wide = north - south, (east - west) * squeeze
    pixels = min(_WIDEST, max(of.cells.shape)) / max(high, wide)
    sizes = (max(1, round(high * pixels)), max(1, round(wide * pixels)))
    rows, columns = (
        ((np.arange(size) + 0.5) * count / size).astype(np.int64)
        for size, count in zip(sizes, of.cells.shape, strict=True)
    )
    return rows, columns


def _address(index: NDArray[np.int64], classes: tuple[MapClass, ...]) -> str:
    """A picture of classes as the address of data; what has no class is transparent."""
    with MemoryFile() as memory:  # type: ignore[no-untyped-call]  # rasterio has no types
        height, width = index.shape
        with memory.open(driver="PNG", dtype="uint8", count=4, height=height, width=width, transform=_NORTH_UP) as file:
            inks = [(*bytes.fromhex(of_class.colour[1:]), 255) for of_class in classes]
            file.write(np.moveaxis(np.array([*inks, (0, 0, 0, 0)], dtype=np.uint8)[index], 2, 0))
        return f"data:image/png;base64,{base64.b64encode(memory.read()).decode()}"
