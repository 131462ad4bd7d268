"""Tiles as one raster, and twelve files as the months of a year: a description that GDAL reads them by (a VRT), made in
memory and never written, of files whose every header was looked at.

Tiles lie on one grid, are stored alike, and agree where they overlap; what no tile covers is missing, also where their
numbers have none for that. GDAL opens a tile when a window needs it and reads its blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
from rasterio.dtypes import dtype_rev, typename_fwd
from rasterio.io import DatasetReader
from rasterio.windows import Window

from gep.core.data import written
from gep.core.messages import listed, say
from gep.inputs.grids.bands import along_labels, month_order, times_of_labels
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.places import Tiles

TILE_DRIVERS = ("GTiff", "HFA", "AAIGrid", "SRTMHGT", "EHdr", "ENVI", "JP2OpenJPEG", "PNG")
"""The drivers that may open a tile: none of them leads to another file of cells, let alone to the network."""

ASTRAY = 1e-2
"""Share of a cell by which a tile may lie beside the grid of the others: corners are written with some decimals."""

AT_ONCE = 2**22
"""Cells of an overlap that are compared at once."""


class Tile(NamedTuple):
    """What the header of a tile says."""

    path: Path
    crs: str
    transform: tuple[float, ...]
    rows: int
    cols: int
    dtypes: tuple[str, ...]
    nodata: tuple[float | None, ...]
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    units: tuple[str | None, ...]
    descriptions: tuple[str | None, ...]
    block: tuple[int, int]

    @property
    def cell(self) -> tuple[float, float]:
        return self.transform[0], -self.transform[4]

    @property
    def is_upright(self) -> bool:
        a, b, _, d, e, _ = self.transform
        return a > 0 and e < 0 and b == 0 and d == 0


class Placed(NamedTuple):
    """A tile, and where it begins on the grid of all."""

    tile: Tile
    row0: int
    col0: int


def open_tile(path: Path) -> Any:
    """A tile, opened by none but the drivers of the list."""
    return DatasetReader(str(path), driver=list(TILE_DRIVERS), sharing=False)


def check_tiles(tiles: Tiles, findings: Findings) -> bool:
    """Whether files are the tiles of one raster, or the months of one; everything that says otherwise is found."""
    if not tiles.files:
        findings.problem("grids.F47.none", found=tiles.pattern)
        return False
    found = _tiles(tiles)
    before = len(findings.errors)
    for name, values in _alike(found):
        groups: dict[object, list[Tile]] = {}
        for tile, value in zip(found, values, strict=True):
            groups.setdefault(value, []).append(tile)
        if len(groups) > 1:
            shown = [
                say("grids.of_tiles", value=str(value), count=len(of), first=of[0].path.name)
                for value, of in groups.items()
            ]
            what = say(f"grids.tiles_differ.{name}")
            findings.problem("grids.F47.differ", found=listed(shown[:6]), what=what, count=len(found))
    if len(findings.errors) > before or _months(found):
        return len(findings.errors) == before
    if len([*_placed(found, findings)]) == len(found) and (apart := _apart(tiles, _written(tiles))):
        names, differing, cells = apart
        findings.problem("grids.F47.overlap", found=listed(names), differing=differing, cells=cells)
    return len(findings.errors) == before


def _alike(found: Sequence[Tile]) -> Iterator[tuple[str, list[object]]]:
    """What must be the same of all tiles, with the value of each. Cells are those of a grid if they differ by less than
    shows along a tile.
    """
    first = found[0]

    def cell(tile: Tile) -> tuple[float, float]:
        sides = zip(tile.cell, first.cell, (tile.cols, tile.rows), strict=True)
        is_same = all(abs(side - other) * count <= ASTRAY * other for side, other, count in sides)
        return first.cell if is_same else tile.cell

    yield "upright", [tile.is_upright for tile in found]
    yield "crs", [tile.crs for tile in found]
    yield "cell", [cell(tile) for tile in found]
    yield "bands", [len(tile.dtypes) for tile in found]
    yield "dtype", [" ".join(dict.fromkeys(tile.dtypes)) for tile in found]
    yield "nodata", [str(tile.nodata[0]) for tile in found]
    yield "scale", [(tile.scales, tile.offsets) for tile in found]
    yield "units", [tile.units for tile in found]


def _placed(found: Sequence[Tile], findings: Findings | None = None) -> Iterator[Placed]:
    """The tiles on the grid of all; an error for one that lies between its cells."""
    dx, dy = found[0].cell
    west, north = min(tile.transform[2] for tile in found), max(tile.transform[5] for tile in found)
    for tile in found:
        col, row = (tile.transform[2] - west) / dx, (north - tile.transform[5]) / dy
        if max(abs(col - round(col)), abs(row - round(row))) <= ASTRAY:
            yield Placed(tile, round(row), round(col))
        elif findings is not None:
            astray = say("grids.astray", col=col - round(col), row=row - round(row))
            findings.problem("grids.F47.astray", found=astray, tile=tile.path.name)


@lru_cache(maxsize=64)
def _apart(tiles: Tiles, _: tuple[tuple[int, int, int], ...]) -> tuple[tuple[str, str], int, int] | None:
    """Two tiles that have other values of one cell, with how many differ of how many: two rasters, not one. Each
    overlap is read once, as long as no tile is written to.
    """
    for one, other in combinations(_placed(_tiles(tiles)), 2):
        rows = max(one.row0, other.row0), min(one.row0 + one.tile.rows, other.row0 + other.tile.rows)
        cols = max(one.col0, other.col0), min(one.col0 + one.tile.cols, other.col0 + other.tile.cols)
        if rows[0] >= rows[1] or cols[0] >= cols[1]:
            continue
        if differing := _differing(one, other, rows, cols):
            names = (one.tile.path.name, other.tile.path.name)
            return names, differing, (rows[1] - rows[0]) * (cols[1] - cols[0])
    return None


def _differing(one: Placed, other: Placed, rows: tuple[int, int], cols: tuple[int, int]) -> int:
    """How many cells of an overlap differ, of the first strip in which any do."""
    step = max(1, AT_ONCE // (cols[1] - cols[0]))
    with open_tile(one.tile.path) as first, open_tile(other.tile.path) as second:
        for top in range(rows[0], rows[1], step):
            height = min(step, rows[1] - top)
            values = []
            for place, file in ((one, first), (other, second)):
                window = Window(cols[0] - place.col0, top - place.row0, cols[1] - cols[0], height)
                values.append(file.read(window=window, masked=True))
            here, there = values
            is_told = ~(np.ma.getmaskarray(here) | np.ma.getmaskarray(there))
            is_told &= ~(np.isnan(here.data) | np.isnan(there.data)) if here.dtype.kind == "f" else True
            if count := int(np.count_nonzero((here.data != there.data) & is_told)):
                return count
    return 0


def _months(found: Sequence[Tile]) -> list[tuple[str, Tile]]:
    """Twelve files of one place whose names are the months, with what each is to be called; nothing otherwise."""
    if len(found) != 12 or len({(tile.transform, tile.rows, tile.cols) for tile in found}) > 1:
        return []
    stems = [tile.path.stem for tile in found]
    times = times_of_labels(stems)
    by_time = month_order([month for _, month in times]) if len({year for year, _ in times}) == 1 else None
    along = along_labels(stems, "month")
    order = by_time or (along.order if along and along.axis == "month" else None)
    if order is None or len(found[0].dtypes) > 1:
        return []
    year = f"{times[0][0]}-" if by_time else ""
    return [
        (f"{year}{number:02d} month {number}" if year else f"month {number}", found[at])
        for number, at in enumerate(order, start=1)
    ]


# headers --------------------------------------------------------------------------------------------------------------


def _written(tiles: Tiles) -> tuple[tuple[int, int, int], ...]:
    return tuple(written(path) for path in tiles.files)


def _tiles(tiles: Tiles) -> list[Tile]:
    return [_tile(path, known) for path, known in zip(tiles.files, _written(tiles), strict=True)]


@lru_cache(maxsize=4096)
def _tile(path: Path, _: tuple[int, int, int]) -> Tile:
    with open_tile(path) as file:
        return Tile(
            path.absolute(),
            file.crs.to_wkt() if file.crs else "",
            tuple(file.transform)[:6],
            file.height,
            file.width,
            tuple(file.dtypes),
            tuple(_plain(value) for value in file.nodatavals),
            tuple(file.scales),
            tuple(file.offsets),
            tuple(file.units),
            tuple(file.descriptions),
            file.block_shapes[0],
        )


def _plain(nodata: float | None) -> float | None:
    return None if nodata is None else float(nodata)


# the description ------------------------------------------------------------------------------------------------------


def description_of(tiles: Tiles) -> str:
    """The VRT of tiles that were found to be one raster, or of twelve months."""
    return _described(tiles, _written(tiles))


@lru_cache(maxsize=64)
def _described(tiles: Tiles, _: tuple[tuple[int, int, int], ...]) -> str:
    found = _tiles(tiles)
    if months := _months(found):
        bands = [(name, [Placed(tile, 0, 0)], 1) for name, tile in months]
        rows, cols = found[0].rows, found[0].cols
        west, north = found[0].transform[2], found[0].transform[5]
    else:
        placed = list(_placed(found))
        names = found[0].descriptions
        bands = [(name or "", placed, number) for number, name in enumerate(names, start=1)]
        rows = max(place.row0 + place.tile.rows for place in placed)
        cols = max(place.col0 + place.tile.cols for place in placed)
        west = min(tile.transform[2] for tile in found)
        north = max(tile.transform[5] for tile in found)
    first, (dx, dy) = found[0], found[0].cell
    root = ET.Element("VRTDataset", rasterXSize=str(cols), rasterYSize=str(rows))
    if first.crs:
        ET.SubElement(root, "SRS", dataAxisToSRSAxisMapping="1,2").text = first.crs
    ET.SubElement(root, "GeoTransform").text = ", ".join(repr(float(v)) for v in (west, dx, 0, north, 0, -dy))
    for number, (name, places, of_tile) in enumerate(bands, start=1):
        index = of_tile - 1
        told = {"dataType": _type(first.dtypes[index]), "band": str(number)}
        band = ET.SubElement(root, "VRTRasterBand", told)
        for tag, value in (
            ("Description", name),
            ("UnitType", first.units[index]),
            ("Offset", repr(first.offsets[index])),
            ("Scale", repr(first.scales[index])),
        ):
            if value:
                ET.SubElement(band, tag).text = value
        nodata = first.nodata[index]
        if nodata is not None:
            ET.SubElement(band, "NoDataValue").text = _text(nodata)
        for place in places:
            _add_source(band, place, of_tile, nodata)
    _add_mask(root, bands[0][1])
    return ET.tostring(root, encoding="unicode")


def _add_source(band: ET.Element, place: Placed, of_tile: int, nodata: float | None) -> ET.Element:
    """A tile as a source of a band: what is missing in it does not hide what another has."""
    tile = place.tile
    source = ET.SubElement(band, "ComplexSource" if nodata is not None else "SimpleSource")
    ET.SubElement(source, "SourceFilename", relativeToVRT="0").text = str(tile.path)
    ET.SubElement(source, "SourceBand").text = str(of_tile)
    size = {"RasterXSize": str(tile.cols), "RasterYSize": str(tile.rows), "DataType": _type(tile.dtypes[0])}
    block = {"BlockXSize": str(tile.block[1]), "BlockYSize": str(tile.block[0])}
    ET.SubElement(source, "SourceProperties", {**size, **block})
    whole = {"xSize": str(tile.cols), "ySize": str(tile.rows)}
    ET.SubElement(source, "SrcRect", {"xOff": "0", "yOff": "0", **whole})
    ET.SubElement(source, "DstRect", {"xOff": str(place.col0), "yOff": str(place.row0), **whole})
    if nodata is not None:
        ET.SubElement(source, "NODATA").text = _text(nodata)
    return source


def _add_mask(root: ET.Element, places: Sequence[Placed]) -> None:
    """A mask that shows what any tile covers, whatever its numbers are: their 0 times, plus 255."""
    mask = ET.SubElement(ET.SubElement(root, "MaskBand"), "VRTRasterBand", dataType="Byte")
    for place in places:
        source = _add_source(mask, place, 1, math.nan)
        source.remove(source[-1])
        ET.SubElement(source, "ScaleOffset").text = "255"
        ET.SubElement(source, "ScaleRatio").text = "0"


def _type(dtype: str) -> str:
    """What GDAL calls a type of cells."""
    return str(typename_fwd[dtype_rev[dtype]])


def _text(number: float) -> str:
    return "nan" if math.isnan(number) else f"{number!r}".removesuffix(".0")
