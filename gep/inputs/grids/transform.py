"""From one coordinate system to another, by PROJ."""

from __future__ import annotations

from functools import lru_cache

import pyproj

WGS84 = pyproj.CRS.from_epsg(4326)


@lru_cache(maxsize=64)
def transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """The way from one system to another, x east (longitude) before y north (latitude) in both.

    It is kept, for PROJ takes ten milliseconds to choose among the operations that it knows. Threads may share it.
    """
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
