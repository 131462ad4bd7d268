"""Whether polygons are displaced as public map services of China displace them (GCJ-02).

These services give positions that are moved by 100 to 700 m against WGS84 and CGCS2000, in which rasters are. Files of
them say WGS84 all the same, so that only three things give them away: the columns that such a service writes, an
outline that they fit once they are moved back, and land cover that was cut to the true border.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pyproj
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from shapely.geometry.base import BaseGeometry

from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.inputs.grids.area import densified
from gep.inputs.grids.files import READ_ERRORS, gdal, open_raster
from gep.inputs.grids.layers import Layer
from gep.inputs.grids.places import Place
from gep.inputs.grids.transform import WGS84, transformer

SERVICE_COLUMNS = frozenset({"acroutes", "subFeatureIndex", "childrenNum", "centroid"})
"""Columns that the boundaries of a public map service have, and surveys have not."""

ENOUGH = 3
"""So many of these columns are no accident."""

FITS_BETTER = 0.3
"""What is left of a misfit, as a share of it, if the displacement explains it."""

IN_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""Degrees west, south, east and north: elsewhere nothing is displaced."""

LEAST = 50.0
"""Metres below which nothing is displaced."""

FEW_CELLS = 30
"""Cells of land cover that must lie on the wrong side of the border before it is said."""

MOST_CELLS, MOST_SEEN = 30_000_000, 4_000_000
"""Cells of a raster that is looked at without overviews, and cells that are looked at of any."""

_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
"""Krasovsky's ellipsoid: metres, and the square of the eccentricity."""


def displaced(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a map service shows places of WGS84: degrees east and north, (n,) each.

    The rule itself (GB 20263-2006 requires it) is not published; this is the one that all open software uses, found by
    fitting, and good to about a metre. It serves to recognise a displacement and never to move data.
    """
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + ripple
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + ripple
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    slant = 1 - _ECCENTRICITY * np.sin(np.radians(lat)) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (slant * np.sqrt(slant))
    parallel = _AXIS / np.sqrt(slant) * np.cos(np.radians(lat))
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def check_columns(columns: Sequence[str], place: str) -> Iterator[Problem]:
    """Whether the columns of polygons are those of a public map service."""
    if len(found := sorted(SERVICE_COLUMNS.intersection(columns))) >= ENOUGH:
        yield problem("grids.G10.columns", "zones", place=place, found=listed(found))


def check_outline(zones: BaseGeometry, outline: BaseGeometry, crs: pyproj.CRS, place: str) -> Iterator[Problem]:
    """Whether zones and their outline, in one system, fit only once one of the two is moved as map services do."""
    for which, moved, fixed in (("zones", zones, outline), ("outline", outline, zones)):
        if _explains(moved, fixed, crs):
            key = f"grids.G10.{which}"
            yield problem(key, which, place=place, found=_metres(moved, crs))
            return


def check_land_cover(outline: BaseGeometry, crs: pyproj.CRS, land_cover: Layer) -> Iterator[Problem]:
    """Whether land cover that was cut to a border fits the outline, in the system `crs`, only once that is moved
    back.
    """
    if not isinstance(land_cover.spec.data, Place) or land_cover.header.family != "raster":
        return
    back = _moved(outline, crs, -1)
    seen = None if back is None else _seen(land_cover)
    if back is None or seen is None:
        return
    has_class, transform = seen

    def misfit(geometry: BaseGeometry) -> int:
        there = _in_system(geometry, crs, land_cover.crs)
        is_outside = geometry_mask([there], has_class.shape, transform, all_touched=False)
        return int(np.count_nonzero(is_outside == has_class))

    as_given = misfit(outline)
    if as_given >= FEW_CELLS and misfit(back) < FITS_BETTER * as_given:
        yield problem("grids.G10.land_cover", "zones", place=land_cover.place, found=_metres(outline, crs))


def _seen(land_cover: Layer) -> tuple[NDArray[np.bool_], Affine] | None:
    """Where the land cover has a class, thinned, and the transform of that; None where it has one everywhere, and where
    a look would take long.
    """
    data = land_cover.spec.data
    assert isinstance(data, Place), "the caller has seen to it"
    with open_raster(data) as file, gdal(data):
        band = land_cover.header.pick[0] + 1
        if file.width * file.height > MOST_CELLS and not file.overviews(band):
            return None
        step = max(1, math.ceil(math.sqrt(file.width * file.height / MOST_SEEN)))
        shape = (max(1, file.height // step), max(1, file.width // step))
        try:
            codes = file.read(band, out_shape=shape)
        except READ_ERRORS:  # said of the layer where its cells are read
            return None
        down, along, t = file.height / shape[0], file.width / shape[1], file.transform
        transform = Affine(t.a * along, t.b * down, t.c, t.d * along, t.e * down, t.f)
    missing = land_cover.missing(codes)
    if missing is None or not missing.any() or missing.all():
        return None
    return ~missing, transform


def _explains(moved: BaseGeometry, fixed: BaseGeometry, crs: pyproj.CRS) -> bool:
    """Whether a geometry is the other one, displaced."""
    misfit = shapely.symmetric_difference(moved, fixed).area
    shown = _moved(fixed, crs, 1)
    if misfit == 0 or shown is None:
        return False
    apart = math.dist((moved.centroid.x, moved.centroid.y), (fixed.centroid.x, fixed.centroid.y))
    is_of_size = apart * _metres_per_unit(fixed, crs) > LEAST
    return bool(is_of_size and shapely.symmetric_difference(moved, shown).area < FITS_BETTER * misfit)


def _moved(geometry: BaseGeometry, crs: pyproj.CRS, way: int) -> BaseGeometry | None:
    """A geometry in the system `crs` as map services displace it (`way` 1), or moved back (-1, good to a metre); None
    outside of China.
    """
    there = transformer(crs, WGS84)
    back = transformer(WGS84, crs)
    west, south, east, north = there.transform_bounds(*geometry.bounds)
    if not (IN_CHINA[0] <= west and IN_CHINA[1] <= south and east <= IN_CHINA[2] and north <= IN_CHINA[3]):
        return None

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = (np.asarray(one) for one in there.transform(xy[:, 0], xy[:, 1]))
        shown_lon, shown_lat = displaced(lon, lat)
        return np.column_stack(back.transform(lon + way * (shown_lon - lon), lat + way * (shown_lat - lat)))

    return shapely.make_valid(shapely.transform(densified(geometry, crs), move))


def _in_system(geometry: BaseGeometry, source: pyproj.CRS, target: pyproj.CRS) -> BaseGeometry:
    there = transformer(source, target)
    return shapely.transform(
        densified(geometry, source), lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1]))
    )


def _metres(geometry: BaseGeometry, crs: pyproj.CRS) -> Text:
    """By how much things are displaced there."""
    shown = _moved(geometry, crs, 1)
    assert shown is not None
    here, there = geometry.centroid, shown.centroid
    apart = math.dist((here.x, here.y), (there.x, there.y)) * _metres_per_unit(geometry, crs)
    return say("grids.displaced_by", metres=round(apart, -1))


def _metres_per_unit(geometry: BaseGeometry, crs: pyproj.CRS) -> float:
    """The length of a unit of a system's coordinates, along a parallel where these are degrees."""
    factor = crs.axis_info[0].unit_conversion_factor
    if not crs.is_geographic:
        return float(factor)
    return float(_AXIS * factor * math.cos(geometry.centroid.y * factor))
