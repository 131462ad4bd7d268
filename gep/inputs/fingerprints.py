"""What a result depends on, as hashes and versions: the code, the libraries, the files that were read."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypedDict

import pandas as pd
import pyproj
import rasterio
import shapely
from geopandas.geodataframe import GeoDataFrame

from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.files import Stamp, file_hash, files_hash, polygon_parts, raster_parts, stamp
from gep.inputs.grids.layers import Layer
from gep.inputs.spec import StudySpec
from gep.standards.coefficients import CHOSEN

PACKAGES = (
    "numpy",
    "scipy",
    "xarray",
    "pandas",
    "pint",
    "rasterio",
    "pyproj",
    "shapely",
    "geopandas",
    "h5netcdf",
    "pyarrow",
)
"""What figures, or the bytes of the files, may depend on."""


@cache
def code_fingerprint() -> str:
    """sha256 over the program's own source: two checkouts of one version need not be the same program."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).as_posix()):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))  # Git may write either
    return digest.hexdigest()


@cache
def environment() -> Mapping[str, str]:
    """Versions of Python, of the packages, and of the libraries that read rasters and draw borders."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # an extra that is not installed
    return {
        **found,
        "GDAL": rasterio.__gdal_version__,
        "PROJ": pyproj.proj_version_str,
        "GEOS": shapely.geos_version_string,
    }


class FileRecord(TypedDict, total=False):
    """A file by name, size and hash, a frame by its hash, or a published set by the name that it is chosen by."""

    file: str | None
    bytes: int
    sha256: str | None
    choice: str


def file_record(source: str | Path | pd.DataFrame | None) -> FileRecord:
    """Name, size and hash of a file, or the hash of a frame; nothing of nothing."""
    if source is None:
        return {}
    if isinstance(source, str | Path):
        path = Path(source)
        return (
            {"file": path.name, "bytes": path.stat().st_size, "sha256": file_hash(path)}
            if path.is_file()
            else {"file": path.name, "sha256": None}
        )
    system, frame = "", pd.DataFrame(source)
    if isinstance(source, GeoDataFrame):
        system, frame = source.crs.to_wkt() if source.crs else "", pd.DataFrame(source.to_wkb(hex=True))
    text = f"{system}\n{frame.to_csv(index=False)}"
    return {"file": None, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def coefficient_table_record(source: Path | str) -> FileRecord:
    """A table of the study's own as a file, a published set by the name that it is chosen by."""
    return {"choice": str(source)} if str(source).startswith(CHOSEN) else file_record(source)


def file_size(layer: Layer) -> FileRecord:
    """How large the file of a layer is; nothing where it was made, is an array, or is a folder."""
    data = layer.spec.data
    return (
        {"bytes": data.stat().st_size}
        if isinstance(data, Path) and data.is_file() and not isinstance(layer, DerivedLayer)
        else {}
    )
