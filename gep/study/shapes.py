"""The zones of a run as simple polygons to draw (`zones.geojson`): what a page and a map show without the zone file.

They are no borders to measure by: areas are those of the account. Neighbours share every vertex, as whole zones are
simplified together (Visvalingam and Whyatt, `shapely.coverage_simplify`), in EPSG:4326 by RFC 7946.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gep.core.errors import UsageError, failure
from gep.core.messages import say
from gep.inputs.grids.transform import WGS84, transformer
from gep.inputs.grids.zones import ZoneLayer
from gep.study.documents import of_form, read_json

_FINENESS = 2000
"""Parts of the diagonal of the area that can still be told apart on a screen or a page."""
_MOST_POINTS = 10_000
"""Vertices of all zones, some 200 kB."""
_POINTS_OF_A_ZONE = 40
"""Vertices that each of very many zones may have."""


def zone_shapes(layer: ZoneLayer, crs: pyproj.CRS) -> dict[str, BaseGeometry]:
    """The polygons of zones by code, in longitude and latitude, as simple as a page can show them. What is smaller than
    a dot is left out, but for the largest part of each zone.
    """
    to_degrees = transformer(crs, WGS84)
    kept = [(zone.code, shape) for zone, shape in zip(layer.zones, layer.geometries, strict=True) if not shape.is_empty]
    shapes = shapely.transform(
        np.array([shape for _, shape in kept], dtype=object),
        lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])),
    )
    west, south, east, north = shapely.total_bounds(shapes)
    diagonal = math.hypot(east - west, north - south)
    tolerance = diagonal / _FINENESS
    decimals = max(0, math.ceil(-math.log10(tolerance / 50)))
    simple = _simplified(shapes, tolerance, diagonal)
    return {
        code: shapely.orient_polygons(
            shapely.transform(MultiPolygon(_polygons(shape)), lambda xy: _rounded(xy, decimals))
        )
        for (code, _), shape in zip(kept, simple, strict=True)
    }


def _simplified(shapes: NDArray[np.object_], tolerance: float, diagonal: float) -> NDArray[np.object_]:
    """The shapes with no more vertices than they may have, coarser where there are many."""
    most = max(_MOST_POINTS, _POINTS_OF_A_ZONE * len(shapes))
    while True:
        bare = np.array([_without_specks(shape, tolerance**2) for shape in shapes], dtype=object)
        simple: NDArray[np.object_] = shapely.coverage_simplify(bare, tolerance)
        if shapely.get_num_coordinates(simple).sum() <= most or tolerance > diagonal / 10:
            return simple
        tolerance *= 1.5


def _without_specks(shape: BaseGeometry, least: float) -> MultiPolygon:
    """A shape without parts and holes below an area; its largest part stays."""
    polygons = sorted(_polygons(shape), key=lambda polygon: polygon.area, reverse=True)
    kept = [polygons[0], *(polygon for polygon in polygons[1:] if polygon.area >= least)]
    return MultiPolygon([_without_holes(polygon, least) for polygon in kept])


def _without_holes(polygon: Polygon, least: float) -> Polygon:
    return Polygon(polygon.exterior, [hole for hole in polygon.interiors if Polygon(hole).area >= least])


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]


def _rounded(xy: NDArray[np.float64], decimals: int) -> NDArray[np.float64]:
    """Coordinates that are written with so many decimals and read back as the same numbers."""
    return np.array([[round(x, decimals), round(y, decimals)] for x, y in xy.tolist()]).reshape(-1, 2)


# the file -------------------------------------------------------------------------------------------------------------

_Ring = list[tuple[float, float]]


class _Shape(TypedDict):
    type: Literal["MultiPolygon"]
    coordinates: list[list[_Ring]]


class _ZoneProperties(TypedDict):
    code: str
    name_zh: str
    name_en: str


class _Feature(TypedDict):
    type: Literal["Feature"]
    properties: _ZoneProperties
    geometry: _Shape


class _Features(TypedDict):
    """zones.geojson."""

    type: Literal["FeatureCollection"]
    features: list[_Feature]


def write_shapes(shapes: Mapping[str, BaseGeometry], names: Mapping[str, tuple[str, str]], path: Path) -> None:
    """Shapes as GeoJSON, one zone a line, with their codes and their names in Chinese and English."""
    lines = []
    for code, shape in shapes.items():
        zh, en = names[code]
        geometry: _Shape = {"type": "MultiPolygon", "coordinates": shapely.geometry.mapping(shape)["coordinates"]}
        properties: _ZoneProperties = {"code": code, "name_zh": zh, "name_en": en}
        feature: _Feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    text = ",\n".join(lines)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{text}\n]}}\n', encoding="utf-8")


def read_shapes(path: Path) -> dict[str, BaseGeometry]:
    """The shapes of a run by code. Raises UsageError where the file holds none."""
    document = of_form(path, read_json(path), _Features)
    try:
        return {
            feature["properties"]["code"]: MultiPolygon(
                [Polygon(shell, holes) for shell, *holes in feature["geometry"]["coordinates"]]
            )
            for feature in document["features"]
        }
    except (ValueError, IndexError, shapely.errors.ShapelyError) as error:
        raise UsageError(say("study.documents.unreadable", path=path, error=failure(error))) from error
