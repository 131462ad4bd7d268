"""The coordinate system of an array, by the conventions of CF and of GDAL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyproj

if TYPE_CHECKING:
    import xarray as xr

MAPPING = "spatial_ref"
"""The coordinate that holds a coordinate system, under the name that most tools look for."""

_TOLD_BY = ("crs_wkt", "spatial_ref", "grid_mapping_name")
"""Attributes by which a coordinate is seen to hold one."""


def mapping_name(array: xr.DataArray) -> str | None:
    """The coordinate that holds the coordinate system of an array, whatever it is called; None where there is none."""
    named = array.encoding.get("grid_mapping") or array.attrs.get("grid_mapping") or ""
    for name in (str(named).split(":")[0].strip(), MAPPING, *map(str, array.coords)):
        if name in array.coords and array.coords[name].ndim == 0 and set(_TOLD_BY) & set(array.coords[name].attrs):
            return name
    return None


def mapping_attributes(
    crs: pyproj.CRS, transform: tuple[float, float, float, float, float, float] | None = None
) -> dict[str, Any]:
    """What the coordinate says of a system, and of the grid (coefficients as `Affine` takes them) as GDAL writes it."""
    told: dict[str, Any] = {**crs.to_cf(), "spatial_ref": crs.to_wkt()}
    if transform:
        dx, skew, west, turn, dy, north = transform
        told["GeoTransform"] = " ".join(map(repr, (west, dx, skew, north, turn, dy)))
    return {name: value for name, value in told.items() if value is not None}
