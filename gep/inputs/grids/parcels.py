"""Parcels: land whose cover changes, and what part of every cell lies in it.

A parcel is a polygon, or cells of a mask that touch each other. A share of it is a share of every cell in it: which
cells change is never drawn by lot.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely
import xarray as xr
from affine import Affine
from geopandas.geodataframe import GeoDataFrame
from geopandas.geoseries import GeoSeries
from numpy.typing import NDArray
from rasterio import features
from shapely.geometry.base import BaseGeometry

from gep.core.errors import InputError, Problem, UsageError, failure, sort_problems
from gep.core.messages import joined, say
from gep.inputs.grids.area import polygon_area
from gep.inputs.grids.arrays import array_header
from gep.inputs.grids.bands import Pick
from gep.inputs.grids.files import READ_ERRORS, is_vector_file
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.polygons import Polygons, read_parcels
from gep.inputs.grids.zones import Mode, Zone, ZoneLayer, zone_cells

SUBJECT = "where"


@dataclass(frozen=True)
class Parcels:
    """The land that changes inside the outline of a study, in the system of its grid; `share` of every cell in it.

    `fraction` takes of a cell on the border what lies inside, `centre` the whole cell where its centre does.
    """

    layer: ZoneLayer
    share: float
    mode: Mode
    problems: tuple[Problem, ...] = ()
    is_rest: bool = False
    """Whether what stays of every cell is meant, in place of what changes."""

    @property
    def shape(self) -> BaseGeometry:
        """All of them as one shape."""
        return self.layer.outline

    @property
    def area(self) -> float:
        """How large they are, m2; the share is not taken of it."""
        return self.layer.outline_area

    def weights(self, grid: Grid, square: Square) -> NDArray[np.float64]:
        """What part of every cell of a square changes, or stays, row by row."""
        cells = zone_cells(self.layer, grid, square, self.mode)
        size = square.shape[0] * square.shape[1]
        inside = np.bincount(cells.cell, cells.fraction, size)
        part = np.asarray(self.share * np.clip(inside, 0.0, 1.0))
        return 1 - part if self.is_rest else part


def parcels_of(
    where: Any, crs: pyproj.CRS, outline: BaseGeometry, *, share: float = 1.0, mode: Mode = "fraction"
) -> Parcels:
    """Parcels from polygons (a file, a frame, a series, a geometry in `crs`), from a mask (a raster file or a DataArray
    of nought and one), or all of the outline (None).

    Raises InputError with everything that is wrong with them: no file, no polygons, no CRS, polygons that overlap or
    lie outside, a mask of other numbers; UsageError for what is none of these.
    """
    if where is None:
        return _in_outline([outline], crs, outline, share, mode, ())
    shapes, problems = shapes_of(where, crs, outline)
    return _in_outline(shapes, crs, outline, share, mode, tuple(problems))


def shapes_of(
    where: Any, crs: pyproj.CRS, outline: BaseGeometry | None = None
) -> tuple[list[BaseGeometry], list[Problem]]:
    """The polygons of parcels in `crs`, and what has to be said of them; see `parcels_of`."""
    findings = Findings(SUBJECT, Path(where).name if isinstance(where, str | Path) else SUBJECT)
    source = _polygons_of(where, crs, findings)
    shapes = [] if source is None else read_parcels(source, crs, outline, findings)
    if findings.errors:
        raise InputError(say("scenario.no_place"), sort_problems(findings.problems))
    return shapes, sort_problems(findings.problems)


def _in_outline(
    shapes: list[BaseGeometry],
    crs: pyproj.CRS,
    outline: BaseGeometry,
    share: float,
    mode: Mode,
    problems: tuple[Problem, ...],
) -> Parcels:
    shape = shapely.intersection(shapely.union_all(shapes), outline)
    area = polygon_area(shape, crs)
    return Parcels(ZoneLayer((Zone(SUBJECT, SUBJECT),), (shape,), (area,), shape, area), share, mode, problems)


def _polygons_of(where: Any, crs: pyproj.CRS, findings: Findings) -> Polygons | None:
    """The polygons that are meant; None, and a problem, where a mask is none."""
    if isinstance(where, BaseGeometry):
        return GeoDataFrame(geometry=[where], crs=crs)
    if isinstance(where, GeoSeries):
        return GeoDataFrame(geometry=where)
    if isinstance(where, xr.DataArray):
        return _of_mask(where, findings)
    if isinstance(where, str | Path):
        path = Path(where)
        if not path.exists():
            findings.problem("grids.F01.no_parcels_there", found=str(path))
            return None
        return _of_file(path, findings) if path.is_file() and not is_vector_file(path) else path
    if isinstance(where, GeoDataFrame):
        return where
    needed = say("core.argument.wanted.where")
    raise UsageError(say("core.argument.of_another_kind", name=SUBJECT, found=type(where).__name__, wanted=needed))


def _of_file(path: Path, findings: Findings) -> GeoDataFrame | None:
    """The cells of a raster that are not nought, as polygons."""
    try:
        with rasterio.open(path) as file:
            band, crs, transform = file.read(1, masked=True), file.crs, file.transform
    except READ_ERRORS as error:
        findings.problem("grids.F01.no_polygons", found=joined([path.name, failure(error, path)], ": ", "："))
        return None
    if crs is None:
        findings.problem("grids.G01.none_of_polygons")
        return None
    return _traced(np.ma.filled(band, 0), transform, pyproj.CRS.from_user_input(crs), findings)


def _of_mask(mask: xr.DataArray, findings: Findings) -> GeoDataFrame | None:
    header = array_header(mask.astype(float) if mask.dtype.kind == "b" else mask, {}, Pick(), findings)
    if header is None or header.lattice is None or header.crs is None:
        return None
    lattice = header.lattice
    plane = np.asarray(mask.transpose(*header.dims[:2]).values).astype(np.float64)
    plane = np.nan_to_num(plane[:: -1 if header.flip_rows else 1, :: -1 if header.flip_cols else 1])
    transform = Affine(lattice.dx, 0.0, lattice.x0, 0.0, -lattice.dy, lattice.y0)
    return _traced(plane, transform, header.crs, findings)


def _traced(plane: NDArray[Any], transform: Affine, crs: pyproj.CRS, findings: Findings) -> GeoDataFrame | None:
    """The borders of the cells that are one."""
    if others := sorted({float(value) for value in np.unique(plane)} - {0.0, 1.0}):
        findings.problem("grids.F01.no_mask", found=", ".join(f"{value:g}" for value in others[:3]))
        return None
    traced = features.shapes(plane.astype(np.uint8), mask=plane == 1, transform=transform)
    return GeoDataFrame(geometry=[shapely.geometry.shape(shape) for shape, _ in traced], crs=crs)
