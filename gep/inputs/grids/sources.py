"""What a raster file or DataArray says of itself: its header, read without its cells.

What differs between formats ends here. What leaves is the same for all: a north-up `Lattice`, where the cells stand in
the file, and what the file says about scale, nodata and unit. Nothing is scaled or masked on the way, so that it
happens once.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import rasterio

from gep.core.errors import did_you_mean
from gep.core.messages import listed, say
from gep.inputs.grids.arrays import array_header, dataset_header
from gep.inputs.grids.bands import Axis, Pick, along_labels, axis_words, choose, times_of_labels
from gep.inputs.grids.files import (
    READ_ERRORS,
    array_engine,
    check_blocks,
    check_mosaic,
    first_bytes,
    gdal,
    is_mosaic,
    is_number,
    open_raster,
    unreadable,
    what_to_do,
)
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.headers import Header, Lattice, tidied, usable_crs
from gep.inputs.grids.mosaic import check_tiles
from gep.inputs.grids.places import Place, Tiles
from gep.inputs.grids.remote import Remote, RemoteError, remote_stamp, why_unread

if TYPE_CHECKING:
    import xarray as xr


def read_header(data: Place | xr.DataArray, pick: Pick, findings: Findings) -> Header | None:
    """The header of a file or DataArray; None, and an error among the findings, where there is none to be had."""
    if isinstance(data, Remote):
        return _remote_header(data, pick, findings)
    if isinstance(data, Tiles):
        return _header_of_tiles(data, pick, findings)
    if not isinstance(data, Path):
        return array_header(data, {}, pick, findings)
    if not data.exists():
        siblings = [p.name for p in data.parent.iterdir()] if data.parent.is_dir() else []
        near = did_you_mean(data.name, siblings) if siblings else say("grids.no_folder", folder=data.parent.name)
        findings.problem("grids.F01.no_such_file", found=data.name, hint=near)
        return None
    engine = array_engine(data)
    if first_bytes(data).startswith(b"CDF\x05"):
        findings.problem("grids.F01.no_raster", found="CDF-5", do=what_to_do(data))
        return None
    if engine is None:
        return _raster_header(data, pick, findings)
    return dataset_header(data, engine, pick, findings)


# -- rasters that GDAL reads -------------------------------------------------------------------------------------------


def _raster_header(path: Path, pick: Pick, findings: Findings) -> Header | None:
    if is_mosaic(path) and not check_mosaic(path, findings):
        return None
    try:
        with open_raster(path) as dataset:
            return _header_of_file(dataset, pick, findings)
    except UnicodeDecodeError:
        findings.problem("grids.F01.no_text")
    except READ_ERRORS as error:
        unreadable(path, error, findings)
    return None


def _header_of_tiles(tiles: Tiles, pick: Pick, findings: Findings) -> Header | None:
    try:
        with gdal(tiles):
            if not check_tiles(tiles, findings):
                return None
        for path in tiles.files:
            with open_raster(path) as tile:
                if not check_blocks(tile, findings):
                    return None
        with open_raster(tiles) as dataset, gdal(tiles):
            return _header_of_file(dataset, pick, findings)
    except READ_ERRORS as error:
        broken = next((path for path in tiles.files if path.name in str(error)), tiles.files[0])
        unreadable(broken, error, findings, is_one_of_many=True)
    return None


def _remote_header(remote: Remote, pick: Pick, findings: Findings) -> Header | None:
    try:
        remote_stamp(remote)  # so that what the server says is said before GDAL says something else
        with open_raster(remote) as dataset, gdal(remote):
            return _header_of_file(dataset, pick, findings)
    except RemoteError as error:
        findings.problem(f"grids.F46.{error.key}", found=error.found)
    except READ_ERRORS:
        of_server = why_unread(remote, "no_raster", remote.name)
        findings.problem(f"grids.F46.{of_server.key}", found=of_server.found)
    return None


def _header_of_file(dataset: Any, pick: Pick, findings: Findings) -> Header | None:
    if dataset.count == 0:
        names = "; ".join(name.rsplit(":", 1)[-1] for name in dataset.subdatasets)
        findings.problem("grids.F02.container", found=names)
        return None
    labels = [text or "" for text in dataset.descriptions]
    if pick.variable is not None and pick.band is None:
        if pick.variable not in labels:
            near = did_you_mean(pick.variable, filter(None, labels))
            findings.problem(
                "grids.F03.no_such_description", variable=pick.variable, found="; ".join(labels), hint=near
            )
            return None
        pick = Pick(band=labels.index(pick.variable) + 1)
    chosen = choose(labels, along_labels(labels, pick.bands), pick, findings)
    if chosen is None:
        return None
    return _header_of_raster(dataset, *chosen, findings)


def _header_of_raster(dataset: Any, bands: tuple[int, ...], axis: Axis | None, findings: Findings) -> Header | None:
    first = bands[0]
    if dataset.count > 1:
        label, place = dataset.descriptions[first], findings.place
        if axis:
            findings.place = say("grids.place.axis", place=place, count=len(bands), axis=axis_words(axis))
        elif label:
            findings.place = say("grids.place.described_band", place=place, band=first + 1, label=label)
        else:
            findings.place = say("grids.place.band", place=place, band=first + 1)
    of_band = str(dataset.dtypes[first])
    if not is_number(of_band):
        findings.problem("grids.F01.no_numbers", found=of_band)
        return None
    if not check_blocks(dataset, findings):
        return None
    _check_alike(dataset, bands, findings)
    crs, lattice = _place_of_raster(dataset, findings)
    packings = tuple((float(dataset.scales[band]), float(dataset.offsets[band])) for band in bands)
    nodata = dataset.nodatavals[first]
    return Header(
        family="raster",
        crs=crs,
        lattice=lattice,
        flip_rows=dataset.transform.e > 0,
        flip_cols=dataset.transform.a < 0,
        dtype=np.dtype(of_band),
        axis=axis,
        pick=bands,
        scale=packings[0][0],
        offset=packings[0][1],
        by_field=packings if len(set(packings)) > 1 else (),
        nodata=() if nodata is None else (float(nodata),),
        unit=dataset.units[first] or None,
        valid=_valid_of_tags(dataset, first),
        times=times_of_labels([dataset.descriptions[band] or "" for band in bands]),
        is_masked=rasterio.enums.MaskFlags.per_dataset in dataset.mask_flag_enums[first],
        block=None if dataset.driver == "VRT" else dataset.block_shapes[first],  # a mosaic's are those of its tiles
    )


def _check_alike(dataset: Any, bands: tuple[int, ...], findings: Findings) -> None:
    """Bands that are one layer are of one kind, unit and missing value; their scales may differ."""
    for name, values in (("dtype", dataset.dtypes), ("nodata", dataset.nodatavals), ("units", dataset.units)):
        found = {str(values[band]): band + 1 for band in reversed(bands)}  # a NaN is not equal to itself; its text is
        if len(found) > 1:
            listing = [say("grids.of_band", value=value, band=band) for value, band in sorted(found.items())]
            findings.problem(f"grids.F44.{name}", found=listed(listing[:6]))


def _place_of_raster(dataset: Any, findings: Findings) -> tuple[pyproj.CRS | None, Lattice | None]:
    """Where the cells of a raster lie: its system and its lattice, None where that is an error."""
    transform = tuple(dataset.transform)[:6]
    a, b, c, d, e, f = transform
    has_place = transform != (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    if not has_place and (dataset.gcps[0] or dataset.rpcs is not None):
        option = "" if dataset.gcps[0] else " -rpc"
        findings.problem("grids.G03.control_points", count=len(dataset.gcps[0]), option=option)
        return None, None
    crs = usable_crs(dataset.crs.to_wkt() if dataset.crs else None, findings)
    shown = [f"{number:g}" for number in transform]
    if not all(map(math.isfinite, transform)) or (a, b) == (0, 0) or (d, e) == (0, 0) or a * e == b * d:
        findings.problem("grids.G03.no_cell", transform=shown)
    elif not has_place and crs is not None:
        findings.problem("grids.G03.no_place")
    elif abs(b) > 1e-9 * abs(a) or abs(d) > 1e-9 * abs(e):
        findings.problem("grids.G03.rotated", transform=shown)
    else:
        west, north = min(c, c + a * dataset.width), max(f, f + e * dataset.height)
        try:
            return crs, tidied(west, north, abs(a), abs(e), dataset.height, dataset.width)
        except OverflowError:
            findings.problem("grids.G03.no_cell", transform=shown)
    return crs, None


def _valid_of_tags(dataset: Any, band: int) -> tuple[float, float] | None:
    """The range of valid whole numbers that GDAL carried over from a product's own format as a tag."""
    if np.dtype(dataset.dtypes[band]).kind not in "iu":
        return None  # values that were turned into another unit; the tag is of the stored ones
    tags = dataset.tags() | dataset.tags(band + 1)
    text = str(tags.get("valid_range", "")).strip("{}[]() ")
    try:
        low, high = (float(part) for part in re.split(r"[,\s]+", text))
    except ValueError:
        return None
    return (low, high) if low < high else None
