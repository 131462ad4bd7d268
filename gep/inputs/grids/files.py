"""Files as they lie on the disk: of which kind, of which parts, with which hash; and nothing that lies elsewhere.

GDAL opens addresses on the network as willingly as files, also where a file only names them (a VRT, a description of a
map service under the name of a raster). So a raster is opened by drivers of a list, what a mosaic consists of is read
from it and must be files of this machine, and vector files are told by their first bytes before anything opens them.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast
from xml.etree import ElementTree as ET

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import Interleaving
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader

from gep.core.errors import failure
from gep.core.folders import files_below
from gep.core.messages import Text, joined, say
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.mosaic import description_of
from gep.inputs.grids.places import Place, Tiles
from gep.inputs.grids.remote import REMOTE_DRIVERS, Remote, settings_of

GDAL_CACHE = 32 * 2**20
"""Bytes, for a process: windows read each block once, so more would only hold what nobody asks for again. GDAL takes a
twentieth of the memory by itself.
"""

RASTER_DRIVERS = (
    *("GTiff", "VRT", "HFA", "AAIGrid", "AIG", "EHdr", "ENVI", "SRTMHGT", "netCDF", "HDF5", "HDF5Image", "HDF4"),
    *("HDF4Image", "GRIB", "GPKG", "JP2OpenJPEG", "PNG", "JPEG", "BMP", "RST", "SAGA", "GSAG", "GSBG", "GS7BG"),
    *("USGSDEM", "DTED", "PCRaster", "ILWIS", "RRASTER", "XYZ", "BAG", "GRASSASCIIGrid"),
)
"""The drivers that may open a raster: none of them follows an address of its own accord."""

MOST_IN_BLOCK = 2**30
"""Bytes of one block (a tile, a strip, a chunk) of a raster. A judgement: common ones are of some hundred kilobytes,
and a header that is damaged can announce any size.
"""

READ_ERRORS = (RasterioError, CPLE_BaseError, OSError, RuntimeError, ValueError, OverflowError, MemoryError)
"""What libraries raise on a file that is not what it should be; text of another encoding is a ValueError."""


class Stamp(NamedTuple):
    """By what a file that was written to since is known, without reading it."""

    inode: int
    size: int
    modified: int
    changed: int


def stamp(path: Path) -> Stamp:
    """The present stamp of a file."""
    about = path.stat()
    return Stamp(about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def file_hash(path: Path) -> str:
    """SHA-256 of a file. Many layers may be read from one, so a file that has not been written since is not read
    again.
    """
    return _file_hash(path, stamp(path))


@lru_cache(maxsize=4096)
def _file_hash(path: Path, _: Stamp) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_hash(parts: Iterable[Path]) -> str:
    """SHA-256 of a file; of several that are one, of their hashes and of where each lies among the others: the same
    wherever the whole lies, and another where two parts of one name have changed places.
    """
    parts = [part.absolute() for part in parts]
    if len(parts) == 1:
        return file_hash(parts[0])
    try:
        above = Path(os.path.commonpath([part.parent for part in parts]))
        names = [part.relative_to(above).as_posix() for part in parts]
    except ValueError:  # on two drives
        names = [part.as_posix() for part in parts]
    lines = sorted(f"{name} {file_hash(part)}" for name, part in zip(names, parts, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def first_bytes(path: Path, count: int = 64) -> bytes:
    """How a file begins; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except (OSError, ValueError):  # no path has a character of number 0
        return b""


def array_engine(path: Path) -> str | None:
    """The xarray engine that reads this file, by its first bytes; None where GDAL does."""
    if path.is_dir():
        marks = ("zarr.json", ".zgroup", ".zarray", ".zmetadata")
        return "zarr" if path.suffix == ".zarr" or any((path / mark).exists() for mark in marks) else None
    start = first_bytes(path)
    if start.startswith((b"CDF\x01", b"CDF\x02")):
        return "scipy"
    return "h5netcdf" if start.startswith(b"\x89HDF") else None


_KINDS = (
    (b"CDF\x05", "cdf5"),
    (b"PK\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"version https://git-lfs", "pointer"),
)
"""How files begin that are taken for rasters and cannot be read as such."""

_FORMATS = (
    (b"\x0e\x03\x13\x01", "HDF4", "HDF4"),
    (b"GRIB", "GRIB", "GRIB"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000", "JP2OpenJPEG"),
    (b"msid", "MrSID", "MrSID"),
)
"""How files of rasters begin, what the format is called, and GDAL's driver for it, which many builds leave out."""

_BARE = (".bil", ".bip", ".bsq", ".dat", ".flt", ".raw")
"""How files of nothing but cells are called, which a header beside them (.hdr) describes."""

_SERVICE = re.compile(rb"<(GDAL_WMS|WMS|WMTS|WCS|OGRWFS|Capabilities|GDALTileIndexDataset|MRF_META)", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"<(!doctype html|html|head|body)\b", re.IGNORECASE)
_NOT_OF_RASTERS = {"archive", "pointer", "service", "web_page", "empty"}


def what_to_do(path: Path, wanted: Literal["raster", "polygons"] = "raster") -> Text:
    """What to do about a file that is not what is wanted, by how it begins."""
    kind = _kind_of(path)
    if wanted == "polygons" and kind not in _NOT_OF_RASTERS:
        return say("grids.it_is.no_polygons")
    if kind:
        return say(f"grids.it_is.{kind}")
    start = first_bytes(path)
    for mark, name, driver in _FORMATS:
        if start.startswith(mark):
            is_known = driver in _drivers()
            return say("grids.it_is.damaged" if is_known else "grids.it_is.no_driver", format=name, driver=driver)
    if path.suffix.lower() in _BARE and not _has_header(path):
        return say("grids.it_is.without_header", name=path.stem)
    return say("grids.it_is.unknown")


def _has_header(path: Path) -> bool:
    """Whether a header lies beside a file of bare cells: `rain.hdr` or `rain.dat.hdr`."""
    return any(beside.is_file() for beside in (path.with_suffix(".hdr"), path.with_name(f"{path.name}.hdr")))


def _kind_of(path: Path) -> str | None:
    """The kind of a file that nothing can be read from, None where that is not known."""
    start = first_bytes(path, 4096) if path.is_file() else b""
    if not start:
        return "empty" if path.is_file() else None
    by_mark = next((kind for mark, kind in _KINDS if start.startswith(mark)), None)
    if by_mark or not start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return by_mark
    if _SERVICE.search(start):
        return "service"
    return "web_page" if _WEB_PAGE.search(start) else None


def unreadable(path: Path, error: BaseException, findings: Findings, *, is_one_of_many: bool = False) -> None:
    """Add the error F01: the file is no raster, and why; with its name where the place of the layer is not its own."""
    why = failure(error, path)
    found = joined([path.name, why], ": ", "：") if is_one_of_many else why
    findings.problem("grids.F01.no_raster", found=found, do=what_to_do(path))


# -- rasters that GDAL reads -------------------------------------------------------------------------------------------


def gdal(data: object = None) -> AbstractContextManager[Any]:
    """GDAL's settings, to be entered in the thread that reads: it fetches nothing from a network but the object, where
    the data are one.
    """
    settings = {"GDAL_CACHEMAX": GDAL_CACHE, "CPL_VSIL_CURL_ALLOWED_FILENAME": "none", "GDAL_VRT_ENABLE_PYTHON": "NO"}
    if isinstance(data, Remote):
        settings |= settings_of(data)
    env = rasterio.Env(**settings)  # type: ignore[no-untyped-call]  # rasterio declares no types
    return cast("AbstractContextManager[Any]", env)


@cache
def _drivers() -> list[str]:
    """Those of the list that this GDAL has."""
    with rasterio.Env() as env:  # type: ignore[no-untyped-call]  # rasterio declares no types
        there = set(env.drivers())
    return [name for name in RASTER_DRIVERS if name in there]


def open_raster(data: Place) -> Any:
    """The open dataset: one for each thread, since a GDAL handle may not be shared."""
    if isinstance(data, Tiles):
        with gdal(data), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            return DatasetReader(description_of(data), driver=["VRT"], sharing=False)
    is_remote = isinstance(data, Remote)
    drivers = [name for name in _drivers() if name in REMOTE_DRIVERS or not is_remote]
    with gdal(data), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said by us, as G01
        return DatasetReader(data.path if isinstance(data, Remote) else str(data), driver=drivers, sharing=False)


def is_number(dtype: str) -> bool:
    """Whether cells of a kind of GDAL's are real numbers."""
    return dtype in _REAL


_REAL = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64")


def check_blocks(dataset: Any, findings: Findings) -> bool:
    """Whether every block (a tile, a strip) of an open raster can be held in memory, as GDAL does to give one cell of
    it; error F01 for one that cannot.
    """
    beside = dataset.count if dataset.interleaving == Interleaving.pixel else 1
    widest = np.dtype("c16").itemsize
    return all(
        check_block((rows, cols), beside * (np.dtype(dtype).itemsize if is_number(dtype) else widest), findings)
        for (rows, cols), dtype in dict.fromkeys(zip(dataset.block_shapes, dataset.dtypes, strict=True))
    )


def check_block(shape: Sequence[int], bytes_of_cell: int, findings: Findings) -> bool:
    """Whether a block of cells can be held in memory; error F01 where it cannot."""
    size = math.prod(shape) * bytes_of_cell
    if size <= MOST_IN_BLOCK:
        return True
    found = say("grids.block", cells=" × ".join(map(str, shape)), size=float(size))
    findings.problem("grids.F01.block", found=found, most=float(MOST_IN_BLOCK))
    return False


def is_mosaic(path: Path) -> bool:
    """Whether a file is a VRT: a description of a raster that lies in other files."""
    return path.is_file() and first_bytes(path, 4096).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<VRTDataset")


def check_mosaic(path: Path, findings: Findings, above: tuple[Path, ...] = ()) -> bool:
    """Whether all files that a mosaic consists of are there, on this machine; each that is not is an error."""
    try:
        sources = list(_sources(path))
    except (ET.ParseError, OSError, UnicodeDecodeError, ValueError) as error:
        findings.problem("grids.F01.no_raster", found=failure(error, path), do=say("grids.it_is.unknown"))
        return False
    elsewhere = [text for text, source in sources if source is None]
    missing = [source.name for _, source in sources if source is not None and not source.is_file()]
    if elsewhere:
        findings.problem("grids.F41.elsewhere", found=elsewhere[0][:200])
        return False
    if missing:
        found = say("grids.tiles", tiles=missing[:5], count=len(missing), of=len(sources))
        findings.problem("grids.F01.no_tile", found=found)
        return False
    for source in dict.fromkeys(source for _, source in sources if source is not None):
        start = first_bytes(source, 4096).lstrip(b"\xef\xbb\xbf \r\n\t")
        if is_mosaic(source):
            if source in above or not check_mosaic(source, findings, (*above, path)):
                return False
        elif start.startswith((b"<", b"{")) or ".gti." in source.name.lower():
            findings.problem("grids.F41.elsewhere", found=source.name)
            return False
        elif not _check_blocks_of_tile(source, findings):
            return False
    return True


def _check_blocks_of_tile(path: Path, findings: Findings) -> bool:
    try:
        with open_raster(path) as dataset:
            return check_blocks(dataset, findings)
    except READ_ERRORS:
        return True  # raw cells, which the mosaic describes; what is damaged is said where it is read


_NO_SOURCES = {"Metadata", "MDI", "Description", "CategoryNames", "ColorTable", "GDALRasterAttributeTable", "UnitType"}
_SUBDATASET = re.compile(r'^[A-Za-z0-9_]+:"?(?P<path>[^"]+?)"?(:[^:/\\"]*)*$')


def _sources(path: Path) -> Iterator[tuple[str, Path | None]]:
    """What a mosaic names as its sources, and the file that is meant; None where it is no file of this machine."""

    def file_of(text: str, is_relative: bool) -> Path | None:
        plain = Path(path.parent / text if is_relative else text)
        if "/vsi" in text or "://" in text or text.lstrip().startswith(("<", "{", "\\\\")):
            return None
        part = _SUBDATASET.match(text)
        if part and not plain.exists() and len(text.partition(":")[0]) > 1:
            plain = path.parent / part["path"] if is_relative else Path(part["path"])
        return plain

    def walk(element: ET.Element) -> Iterator[tuple[str, Path | None]]:
        tag = element.tag.rpartition("}")[2]
        if tag in _NO_SOURCES or tag.upper().endswith("SRS"):
            return
        text = (element.text or "").strip()
        is_source = tag.lower().endswith("filename") or tag in ("SourceDataset", "SrcDataSource")
        if text and (is_source or "/vsi" in text or "://" in text):
            is_relative = "1" in (element.get("relativeToVRT"), element.get("relativetoVRT"))
            yield text, file_of(text, is_relative)
        for value in element.attrib.values():
            if "/vsi" in value or "://" in value:
                yield value, None
        for child in element:
            yield from walk(child)

    yield from walk(ET.fromstring(path.read_bytes()))


@lru_cache(maxsize=4096)
def _listed(path: Path, _: Stamp, __: Stamp) -> frozenset[Path]:
    """What GDAL reads of a raster and of what lies beside it, while neither the file nor its folder is another."""
    with open_raster(path) as dataset:
        return frozenset(Path(name) for name in dataset.files)


def raster_parts(path: Path | Tiles) -> list[Path]:
    """All files that a raster is read from: a mosaic's tiles, what stands beside a TIFF, all of a Zarr store.

    Overviews are left out: they are never read, and a look at the raster in a GIS makes them.
    """
    if isinstance(path, Tiles):
        return list(dict.fromkeys(part for tile in path.files for part in raster_parts(tile)))
    if array_engine(path) is not None:
        return files_below(path) if path.is_dir() else [path]
    parts = {path}
    try:
        parts |= _listed(path, stamp(path), stamp(path.parent))
        if is_mosaic(path):
            for _, source in _sources(path):
                if source is not None and source != path:
                    parts |= set(raster_parts(source))
    except (*READ_ERRORS, ET.ParseError):
        pass  # said where its header is read
    beside = [part for part in parts if part.is_file() and part.suffix.lower() != ".ovr"]
    return sorted(beside, key=lambda part: (part != path, str(part)))


# -- polygons ----------------------------------------------------------------------------------------------------------

_OF_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SIDECARS = (".xml", ".qmd", ".qpj", ".qix", ".sbn", ".sbx", ".txt", ".md", *_OF_SHAPEFILE[1:])
_VECTOR_MARKS = (b"SQLite format 3", b"\x00\x00\x27\x0a", b"fgb", b"PAR1", b"{")
_OF_MAPINFO = (".tab", ".mif")
_JSON_SPACE = b"\xef\xbb\xbf \r\n\t\x1e"


def is_vector_file(path: Path) -> bool:
    """Whether a file holds polygons itself, by how it begins: not a description of where to fetch them."""
    if path.is_dir():
        return path.suffix.lower() == ".gdb"
    if zipfile.is_zipfile(path):
        return _is_zip_of_polygons(path)
    return _holds_polygons(first_bytes(path, 4096), path.suffix)


def _holds_polygons(start: bytes, suffix: str) -> bool:
    plain = start.lstrip(_JSON_SPACE)
    if plain.startswith(b"<"):
        return b"<kml" in plain[:1024]
    return plain.startswith(_VECTOR_MARKS) or start.startswith(_VECTOR_MARKS) or suffix.lower() in _OF_MAPINFO


def _is_zip_of_polygons(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            held = [name for name in names if Path(name).suffix.lower() not in _SIDECARS]
            for name in held:
                with archive.open(name) as file:
                    if not _holds_polygons(file.read(4096), Path(name).suffix):
                        return False
    except (OSError, RuntimeError, ValueError, zipfile.BadZipFile):
        return False
    return bool(held)


def polygon_parts(path: Path) -> list[Path]:
    """All files that polygons are read from: a shapefile with what stands beside it, all of a geodatabase."""
    if path.is_dir():
        return files_below(path) if is_vector_file(path) else []
    if path.suffix.lower() == ".shp" and path.parent.is_dir():
        beside = [part for part in path.parent.iterdir() if part.stem == path.stem and part != path]
        return [path, *sorted(part for part in beside if part.suffix.lower() in _OF_SHAPEFILE)]
    log = path.with_name(f"{path.name}-wal")  # what was written to a GeoPackage and not yet put in
    return [path, log] if log.is_file() else [path]
