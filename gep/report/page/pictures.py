"""Maps of a run (`maps/*.tif`) as small pictures for the page, in a few classes with their limits."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from gep.account.account import Account
from gep.core.messages import Text
from gep.core.unit_names import unit_text

_WIDEST = 420
"""Pixels of the longer side."""
_MOST = 24
"""Maps in a page."""
_CLASSES = 5
COLOURS = ("#FDE725", "#5EC962", "#21918C", "#3B528B", "#440154")
"""Five steps of viridis, light to dark, told apart by colour-blind eyes and in print (matplotlib, CC0)."""


_NORTH_UP = Affine(2, 0, 0, 0, -2, 0)
"""What a picture without a place is given, for it is no map to measure by."""


@dataclass(frozen=True)
class Picture:
    """A map: what it shows, its unit, its classes from low to high, and the picture itself. Of one value has one
    class.
    """

    name: str
    title: Text
    unit: Text
    limits: tuple[tuple[str, str], ...]
    width: int
    height: int
    address: str

    @property
    def is_flat(self) -> bool:
        return len(self.limits) == 1


def pictures(account: Account) -> list[Picture]:
    """The maps of quantities that the run has in its folder; none where it has none."""
    folder = account.about.folder
    if folder is None or not (folder / "maps").is_dir():
        return []
    paths = [path for path in sorted((folder / "maps").glob("*.tif")) if not path.name.endswith(".value.tif")]
    return [picture for path in paths[:_MOST] if (picture := _picture(path)) is not None]


def _picture(path: Path) -> Picture | None:
    """A map as a picture; None where no cell has a value, or where it cannot be read."""
    try:
        with rasterio.open(path) as file:
            scale = max(1.0, max(file.shape) / _WIDEST)
            shape = tuple(max(1, round(side / scale)) for side in file.shape)
            values = file.read(1, out_shape=shape, resampling=Resampling.average, masked=True).filled(np.nan)
            tags: Mapping[str, str] = file.tags()
            title = file.descriptions[0] or path.stem
    except (OSError, RasterioError):
        return None
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    borders = _borders(finite)
    classes = np.where(np.isfinite(values), np.searchsorted(borders[1:-1], np.nan_to_num(values), side="right") + 1, 0)
    unit = unit_text(tags.get("unit", ""))
    return Picture(
        path.stem,
        Text(title, tags.get("description_zh", title)),
        unit if isinstance(unit, Text) else Text(unit, unit),
        tuple((f"{low:.4g}", f"{high:.4g}") for low, high in pairwise(borders)),
        int(values.shape[1]),
        int(values.shape[0]),
        _address(classes.astype(np.uint8)),
    )


def _borders(finite: NDArray[np.floating]) -> list[float]:
    """Limits of classes that hold about as many cells each; one class where all cells have one value."""
    found: Sequence[float] = np.unique(np.quantile(finite, np.linspace(0, 1, _CLASSES + 1))).tolist()
    return [found[0], found[0]] if len(found) == 1 else list(found)


def _address(classes: NDArray[np.uint8]) -> str:
    """A picture of classes as the address of data; class 0 is transparent."""
    with MemoryFile() as memory:  # type: ignore[no-untyped-call]  # rasterio has no types
        height, width = classes.shape
        with memory.open(driver="PNG", dtype="uint8", count=4, height=height, width=width, transform=_NORTH_UP) as file:
            table = np.zeros((_CLASSES + 1, 4), dtype=np.uint8)
            for at, colour in enumerate(COLOURS, start=1):
                table[at] = (*bytes.fromhex(colour[1:]), 255)
            file.write(np.moveaxis(table[classes], 2, 0))
        return f"data:image/png;base64,{base64.b64encode(memory.read()).decode()}"
