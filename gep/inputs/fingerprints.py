"""What a result depends on, as hashes and versions: the code, the libraries, the files that were read."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypedDict

import pandas as pd
import pyproj
import rasterio
import shapely
from geopandas.geodataframe import GeoDataFrame

from gep.core.errors import Problem, problem
from gep.core.messages import say
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.files import Stamp, file_hash, files_hash, polygon_parts, raster_parts, stamp
from gep.inputs.grids.layers import Layer
from gep.inputs.grids.places import Tiles
from gep.inputs.grids.remote import Remote, RemoteError, RemoteStamp, remote_stamp
from gep.inputs.product_layers import product_of_spec
from gep.inputs.spec import CoefficientSource, StudySpec
from gep.inputs.table_files import TableFile, TableSource
from gep.standards.coefficients import CHOSEN, fingerprint

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
    """A file by name, size and hash, a frame by its hash, or a published set by the name that it is chosen by. Where it
    is of several files (a shapefile, a mosaic) `files` has the hash of each, and `sha256` is over all of them. An
    object on a server has its address and is `known_by` what the server tells of it; a hash only if it was read whole.
    A raster that is said to be of a `product` has its citation and licence, and what of its facts nobody read.
    """

    file: str | None
    bytes: int
    sha256: str | None
    files: dict[str, str]
    choice: str
    reading: dict[str, str]
    address: str
    known_by: str
    product: dict[str, str]


def table_record(source: TableSource) -> FileRecord:
    """Name, size and hash of a table, with what the project says to read it."""
    if not isinstance(source, TableFile):
        return file_record(source)
    record = file_record(source.path)
    record["reading"] = {"sheet": source.sheet, **source.given, **dict.fromkeys(source.ignored, "ignored")}
    return record


def file_record(source: str | Path | pd.DataFrame | None) -> FileRecord:
    """Name, size and hash of a file, or the hash of a frame; nothing of nothing."""
    if source is None:
        return {}
    if isinstance(source, str | Path):
        path = Path(source)
        if not path.exists():
            return {"file": path.name, "sha256": None}
        return {"file": path.name, **parts_record(polygon_parts(path))}
    system, frame = "", pd.DataFrame(source)
    if isinstance(source, GeoDataFrame):
        system, frame = source.crs.to_wkt() if source.crs else "", pd.DataFrame(source.to_wkb(hex=True))
    text = f"{system}\n{frame.to_csv(index=False)}"
    return {"file": None, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def coefficient_table_record(source: CoefficientSource) -> FileRecord:
    """A table of the study's own as a file, a published set by the name that it is chosen by, rows by their hash."""
    if isinstance(source, tuple):
        return {"file": None, "sha256": fingerprint(source)}
    return {"choice": str(source)} if str(source).startswith(CHOSEN) else file_record(source)


def layer_record(layer: Layer) -> FileRecord:
    """Size and hash of the files of a layer, and its product; the hash alone where it was made or is an array."""
    record = _content(layer)
    product = None if isinstance(layer, DerivedLayer) else product_of_spec(layer.spec)
    if product is not None:
        record["product"] = {
            "id": product.id,
            "variable": product.variable,
            "title": str(product.title),
            "title_zh": product.title.zh,
            "citation": product.citation,
            "licence": product.licence,
            "status": product.status,
            "recalled": " ".join(product.recalled),
        }
    return record


def _content(layer: Layer) -> FileRecord:
    data = layer.spec.data
    if isinstance(data, Path | Tiles) and not isinstance(layer, DerivedLayer):
        return parts_record(raster_parts(data))
    if isinstance(data, Remote) and not isinstance(layer, DerivedLayer):
        stamp, content = layer.remote_content(data)
        sha256 = content if layer.spec.sha256 else None
        return {"address": data.address, "bytes": stamp.size, "known_by": str(stamp), "sha256": sha256}
    return {"sha256": layer.fingerprint()}


def parts_record(parts: Sequence[Path]) -> FileRecord:
    """Size and hash of a file; of several that are one input the hash of all, and of each."""
    if len(parts) == 1:
        return {"bytes": parts[0].stat().st_size, "sha256": file_hash(parts[0])}
    record: FileRecord = {"sha256": files_hash(parts)}
    if len(parts) <= _MOST_LISTED:
        record["files"] = {part.name: file_hash(part) for part in parts}
    return record


_MOST_LISTED = 100
"""So many parts are listed with their hashes; a store of more is known by the hash of all."""


# whether files are those that were read -------------------------------------------------------------------------------


def input_files(spec: StudySpec) -> dict[str, list[Path]]:
    """All files that a study points to and that are there, by the key of the project that names them."""
    rasters = {"land_cover": spec.land_cover, **{f"layers.{name}": layer for name, layer in spec.layers.items()}}
    found = {key: raster_parts(layer.data) for key, layer in rasters.items() if isinstance(layer.data, Path | Tiles)}
    for key, polygons in (("zones", spec.zones.data), ("zones.outline", spec.zones.outline)):
        if isinstance(polygons, str | Path):
            found[key] = polygon_parts(Path(polygons))
    tables: dict[str, object] = {f"tables.{name}": table for name, table in spec.tables.items()}
    tables |= {f"coefficients.{name}": table for name, table in spec.coefficients.items()}
    for key, table in tables.items():
        if isinstance(table, TableFile):
            found[key] = [table.path]
        elif isinstance(table, str | Path) and not str(table).startswith(CHOSEN):
            found[key] = [Path(table)]
    return {key: [part for part in parts if part.is_file()] for key, parts in found.items()}


def remote_inputs(spec: StudySpec) -> dict[str, tuple[Remote, str]]:
    """The objects on servers that a study points to, by the key of the project that names them, each with the hash that
    is declared of it.
    """
    rasters = {"land_cover": spec.land_cover, **{f"layers.{name}": layer for name, layer in spec.layers.items()}}
    return {key: (layer.data, layer.sha256) for key, layer in rasters.items() if isinstance(layer.data, Remote)}


Stamps = Mapping[Path | Remote, tuple[str, Stamp | RemoteStamp]]
"""How input files and objects were, with the key that names each."""


def stamps(spec: StudySpec) -> Stamps:
    """How every input file and object is now; of an object that is not to be had nothing, which is said where it is
    opened.
    """
    files: dict[Path | Remote, tuple[str, Stamp | RemoteStamp]] = {
        part: (key, stamp(part)) for key, parts in input_files(spec).items() for part in parts
    }
    for key, (remote, _) in remote_inputs(spec).items():
        with suppress(RemoteError):
            files[remote] = key, remote_stamp(remote)
    return files


def changes_since(before: Stamps) -> list[Problem]:
    """Error F40 for every file and object that is not as it was; F46 for an object that is no longer to be had."""
    problems = []
    for path, (key, then) in before.items():
        try:
            now = remote_stamp(path) if isinstance(path, Remote) else stamp(path)
        except RemoteError as error:
            problems.append(error.problem(key.removeprefix("layers."), path.name))
            continue
        except OSError:
            problems.append(problem("inputs.F40.gone", key.removeprefix("layers."), place=path.name))
            continue
        if now != then:
            found = say("inputs.bytes_then_and_now", then=then.size, now=now.size)
            if isinstance(path, Remote):
                found = say("inputs.object_then_and_now", then=str(then), now=str(now))
            problems.append(problem("inputs.F40.changed", key.removeprefix("layers."), place=path.name, found=found))
    return problems
