"""Polygons of parcels: the hash that a ticket keeps, the area, and other claims that lie on them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.assets.figures import Figure
from gep.core.errors import InputError, Problem, failure, problem
from gep.core.messages import say

if TYPE_CHECKING:
    from geopandas.geodataframe import GeoDataFrame

GRID = 1e-7
"""Degrees to which borders are rounded before they are hashed: a centimetre, so that a copy has the hash of its
original.
"""

WORLD = "EPSG:4326"


def read_polygons(path: Path, column: str) -> GeoDataFrame:
    """Polygons with a column, in longitude and latitude. Raises InputError (K34)."""
    import pyogrio as untyped
    from pyogrio.errors import DataSourceError

    pyogrio: Any = untyped

    try:
        frame: GeoDataFrame = pyogrio.read_dataframe(path)
    except DataSourceError as error:
        found = problem("parcels.K34.unreadable", path.name, found=failure(error, path))
        raise InputError(say("assets.wrong_tables"), [found]) from error
    wrong = []
    system: object = frame.crs
    if column not in frame.columns:
        wrong.append(problem("parcels.K34.no_column", path.name, found=", ".join(frame.columns), column=column))
    if system is None:
        wrong.append(problem("parcels.K34.no_crs", path.name))
    if not wrong and not frame.geom_type.isin(("Polygon", "MultiPolygon")).all():
        wrong.append(problem("parcels.K34.no_polygon", path.name, found=", ".join(sorted(set(frame.geom_type)))))
    if wrong:
        raise InputError(say("assets.wrong_tables"), wrong)
    frame = frame.to_crs(WORLD)
    frame["geometry"] = frame.geometry.make_valid()
    return frame


def geometry_hash(geometry: Any) -> str:
    """SHA-256 of a border, whichever way round and from whichever corner it was drawn."""
    import shapely

    rounded = shapely.set_precision(geometry, GRID)
    return hashlib.sha256(shapely.to_wkb(shapely.normalize(rounded), byte_order=1)).hexdigest()


def area_of(geometry: Any) -> Figure:
    """The area of a polygon on the ellipsoid."""
    import pyproj

    area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(geometry)
    return Figure(abs(float(area)), "m^2")


def overlaps(parcels: GeoDataFrame, others: GeoDataFrame, *, least: float) -> dict[str, list[tuple[str, float]]]:
    """By parcel the other claims that lie on it, each with the area in m2 that both have, from `least` on."""
    left, right = others.sindex.query(parcels.geometry, predicate="intersects")
    found: dict[str, dict[str, float]] = {}
    for one, other in zip(left, right, strict=True):
        shared = parcels.geometry.iloc[one].intersection(others.geometry.iloc[other])
        area = area_of(shared).value if shared.area > 0 else 0.0
        if np.isfinite(area) and area > least:
            name, claim = str(parcels["parcel"].iloc[one]), str(others["claim"].iloc[other])
            by_claim = found.setdefault(name, {})
            by_claim[claim] = by_claim.get(claim, 0.0) + area
    return {name: sorted(claims.items()) for name, claims in found.items()}


def overlap_problems(found: Mapping[str, list[tuple[str, float]]]) -> list[Problem]:
    """That other claims lie on parcels."""
    return [
        problem("parcels.K34.overlap", name, found=f"{Figure(area, 'm^2').to('hm^2'):.4g} hm²", claim=claim)
        for name, claims in found.items()
        for claim, area in claims
    ]
