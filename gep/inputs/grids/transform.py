"""From one coordinate system to another, by PROJ.

A system is known by its definition, as pickling knows it: PROJ takes a tenth of a millisecond to say one in words or to
compare two, and each thread makes its own of each object.
"""

from __future__ import annotations

from functools import lru_cache

import pyproj

WGS84 = pyproj.CRS.from_epsg(4326)


@lru_cache(maxsize=256)
def system(definition: str) -> pyproj.CRS:
    """The system of a definition: one for all layers that have it."""
    return pyproj.CRS.from_user_input(definition)


@lru_cache(maxsize=256)
def _wkt(definition: str) -> str:
    return system(definition).to_wkt()


def wkt(crs: pyproj.CRS) -> str:
    """A system in words."""
    return _wkt(crs.srs)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(system(source), system(target), always_xy=True)


def transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """The way from one system to another, x east (longitude) before y north (latitude) in both.

    It is kept, for PROJ takes ten milliseconds to choose among the operations that it knows. Threads may share it.
    """
    return _transformer(source.srs, target.srs)
