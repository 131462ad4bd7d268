"""What a raster file or DataArray says of itself: its header, read without its cells.

What differs between formats ends here. What leaves is the same for all: a north-up `Lattice`, where the cells stand in
the file, and what the file says about scale, nodata and unit. Nothing is scaled or masked on the way, so that it
happens once.
"""

from __future__ import annotations

import hashlib
import re
import threading
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast
from weakref import WeakValueDictionary

import numpy as np
import pyproj
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

from gep.core.data import written
from gep.core.errors import did_you_mean, failure
from gep.core.messages import joined, listed, say
from gep.core.units import linear
from gep.inputs.grids.bands import (
    STEPS_OF_YEAR,
    Axis,
    Pick,
    axis_along,
    axis_of_labels,
    axis_words,
    choose,
    labels_along,
)
from gep.inputs.grids.findings import Findings

if TYPE_CHECKING:
    import xarray as xr

GDAL_CACHE = 64 * 2**20
"""Bytes: GDAL's own default is a twentieth of the memory, for each process."""

X_NAMES = ("x", "lon", "longitude", "long", "easting", "projection_x_coordinate")
Y_NAMES = ("y", "lat", "latitude", "northing", "projection_y_coordinate")


class Lattice(NamedTuple):
    """A north-up lattice of `rows` × `cols` cells; x0, y0 is its north-west corner, dx and dy are positive."""

    x0: float
    y0: float
    dx: float
    dy: float
    rows: int
    cols: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north."""
        return self.x0, self.y0 - self.rows * self.dy, self.x0 + self.cols * self.dx, self.y0


@dataclass(frozen=True)
class Header:
    """What a file or DataArray says about itself; `crs` and `lattice` are None where that was an error.

    `pick` counts from zero along the bands or along the dimension `dims[2]`; with an axis January, or its first day or
    hour, comes first.
    """

    family: Literal["raster", "array"]
    crs: pyproj.CRS | None
    lattice: Lattice | None
    flip_rows: bool
    flip_cols: bool
    dtype: np.dtype[Any]
    axis: Axis | None
    pick: tuple[int, ...]
    scale: float
    offset: float
    nodata: tuple[float, ...]
    unit: str | None
    is_masked: bool = False
    variable: str | None = None
    dims: tuple[str, str, str | None] = ("", "", None)
    is_crs_assumed: bool = False

    @property
    def is_monthly(self) -> bool:
        return self.axis == "month"

    @property
    def is_daily(self) -> bool:
        """Whether it holds the days of a year, or several steps of each."""
        return self.axis in ("day", "hour")

    @property
    def steps_per_day(self) -> int:
        """How many fields a day has; 0 where there are no days."""
        return STEPS_OF_YEAR.get(len(self.pick), (0, 0))[1] if self.is_daily else 0

    @property
    def lead(self) -> tuple[int, ...]:
        """The shape of a block before its rows and columns: twelve months, the days of a year or their steps, or
        nothing.
        """
        return (len(self.pick),) if self.axis else ()


def read_header(data: Path | xr.DataArray, pick: Pick, findings: Findings) -> Header | None:
    """The header of a file or DataArray; None, and an error among the findings, where there is none to be had."""
    if not isinstance(data, Path):
        return _array_header(data, {}, pick, findings)
    if not data.exists():
        siblings = [p.name for p in data.parent.iterdir()] if data.parent.is_dir() else []
        near = did_you_mean(data.name, siblings) if siblings else say("grids.no_folder", folder=data.parent.name)
        findings.problem("grids.F01.no_such_file", found=data.name, hint=near)
        return None
    engine = array_engine(data)
    if engine is None:
        return _raster_header(data, pick, findings)
    return _dataset_header(data, engine, pick, findings)


def array_engine(path: Path) -> str | None:
    """The xarray engine that reads this file, by its first bytes; None where GDAL does."""
    if path.is_dir():
        marks = ("zarr.json", ".zgroup", ".zarray", ".zmetadata")
        return "zarr" if path.suffix == ".zarr" or any((path / mark).exists() for mark in marks) else None
    start = _first_bytes(path)
    if start.startswith((b"CDF\x01", b"CDF\x02")):
        return "scipy"
    return "h5netcdf" if start.startswith(b"\x89HDF") else None


def file_hash(path: Path) -> str:
    """SHA-256 of a file. Many layers may be read from one, so a file that has not been written since (of the same
    inode, size and time of change) is not read again.
    """
    return _file_hash(path, written(path))


@lru_cache(maxsize=1024)
def _file_hash(path: Path, _: tuple[int, int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError:
        return b""


def _unreadable(path: Path, error: Exception, findings: Findings) -> None:
    start = _first_bytes(path) if path.is_file() else b""
    reason = f"{error}\n".splitlines()[0].replace(str(path), path.name).replace(f"{path.parent}", "")
    if start.startswith(b"version https://git-lfs"):
        do = say("grids.it_is_a_pointer")
    elif start.lstrip()[:1] == b"<":
        do = say("grids.it_is_a_web_page")
    elif not start and path.is_file():
        do = say("grids.it_is_empty")
    else:
        do = say("grids.look_at_it")
    findings.problem("grids.F01.no_raster", found=reason, do=do)


# -- rasters that GDAL reads -------------------------------------------------------------------------------------------


def gdal() -> AbstractContextManager[Any]:
    """GDAL's settings, to be entered in the thread that reads."""
    settings = rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE)  # type: ignore[no-untyped-call]  # rasterio declares no types
    return cast("AbstractContextManager[Any]", settings)


def open_raster(path: Path) -> Any:
    """The open dataset: one for each thread, since a GDAL handle may not be shared."""
    with gdal(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said by us, as G01
        return rasterio.open(path, sharing=False)


def _raster_header(path: Path, pick: Pick, findings: Findings) -> Header | None:
    try:
        dataset = open_raster(path)
    except RasterioIOError as error:
        _unreadable(path, error, findings)
        return None
    with dataset:
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
        chosen = choose(labels, axis_of_labels(labels), pick, findings)
        if chosen is None:
            return None
        return _header_of_raster(dataset, *chosen, findings)


def _header_of_raster(dataset: Any, bands: tuple[int, ...], axis: Axis | None, findings: Findings) -> Header:
    first = bands[0]
    if dataset.count > 1:
        label, place = dataset.descriptions[first], findings.place
        if axis:
            findings.place = say("grids.place.axis", place=place, count=len(bands), axis=axis_words(axis))
        elif label:
            findings.place = say("grids.place.described_band", place=place, band=first + 1, label=label)
        else:
            findings.place = say("grids.place.band", place=place, band=first + 1)
    crs = _usable_crs(dataset.crs.to_wkt() if dataset.crs else None, findings)
    a, b, c, d, e, f = tuple(dataset.transform)[:6]
    lattice = None
    if abs(b) > 1e-9 * abs(a) or abs(d) > 1e-9 * abs(e):
        findings.problem("grids.G03.rotated", transform=[f"{number:g}" for number in (a, b, c, d, e, f)])
    else:
        west, north = min(c, c + a * dataset.width), max(f, f + e * dataset.height)
        lattice = _tidied(west, north, abs(a), abs(e), dataset.height, dataset.width)
    nodata = dataset.nodatavals[first]
    return Header(
        family="raster",
        crs=crs,
        lattice=lattice,
        flip_rows=e > 0,
        flip_cols=a < 0,
        dtype=np.dtype(dataset.dtypes[first]),
        axis=axis,
        pick=bands,
        scale=float(dataset.scales[first]),
        offset=float(dataset.offsets[first]),
        nodata=() if nodata is None else (float(nodata),),
        unit=dataset.units[first] or None,
        is_masked=rasterio.enums.MaskFlags.per_dataset in dataset.mask_flag_enums[first],
    )


def _usable_crs(definition: Any, findings: Findings) -> pyproj.CRS | None:
    """The horizontal CRS, or None and error G01."""
    try:
        crs = pyproj.CRS.from_user_input(definition) if definition else None
    except pyproj.exceptions.CRSError as error:
        findings.problem("grids.G01.not_understood", error=failure(error), found=str(definition)[:80])
        return None
    if crs is not None and crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs is None or not (crs.is_geographic or crs.is_projected):
        findings.problem("grids.G01.none_in_raster", found=say("grids.none") if crs is None else crs.name)
        return None
    return crs


# -- the lattice -------------------------------------------------------------------------------------------------------


def _tidy(value: float, tolerance: float) -> float:
    """The simple ratio or decimal that a number stands for, within the tolerance; else the number."""
    for limit in (1, 10, 100, 1000, 14400):
        candidate = float(Fraction(value).limit_denominator(limit))
        if abs(candidate - value) <= tolerance:
            return candidate
    return next(
        (rounded for digits in range(3, 15) if abs((rounded := round(value, digits)) - value) <= tolerance), value
    )


def _tidied(
    west: float, north: float, dx: float, dy: float, rows: int, cols: int, noise: tuple[float, float] = (0.0, 0.0)
) -> Lattice:
    """The lattice in plain numbers, so that the same grid in two formats (edges here, float32 centres there) is the
    same to the last bit.

    Nothing moves by more than a billionth of a cell, or by the rounding of the coordinates themselves (`noise`).
    """

    def axis(edge: float, step: float, count: int, rounding: float) -> tuple[float, float]:
        slack = max(1e-9 * step, rounding, 4 * float(np.spacing(abs(edge) + step * count)))
        return _tidy(edge, slack), _tidy(step, slack / count)

    (x0, dx), (y0, dy) = axis(west, dx, cols, noise[0]), axis(north, dy, rows, noise[1])
    return Lattice(x0, y0, dx, dy, rows, cols)


class _Axis(NamedTuple):
    lower: float
    upper: float
    step: float
    is_ascending: bool
    noise: float


def _fit_axis(coordinate: xr.DataArray, step_if_single: float | None, findings: Findings) -> _Axis | None:
    """Edges and step of a regular axis of cell centres, or None and error G03."""
    name, values = str(coordinate.name), np.asarray(coordinate.values)
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        findings.problem("grids.G03.no_list_of_numbers", name=name, count=values.ndim)
        return None
    rounding = float(np.spacing(np.abs(values).max())) if values.dtype.kind == "f" else 0.0
    centres = values.astype(np.float64) * _number(coordinate.attrs.get("scale_factor", 1)) + _number(
        coordinate.attrs.get("add_offset", 0)
    )
    if str(coordinate.attrs.get("units", "")).strip() in {"km", "kilometer", "kilometre"}:
        metres, _ = linear("km", "m")
        centres, rounding = centres * metres, rounding * metres
    if len(centres) == 1 and step_if_single is None:
        findings.problem("grids.G03.single_value", name=name, found=str(centres[0]))
        return None
    signed = (centres[-1] - centres[0]) / (len(centres) - 1) if len(centres) > 1 else step_if_single or 0.0
    step = abs(float(signed))
    off = np.abs(centres - (centres[0] + signed * np.arange(len(centres))))
    if not np.isfinite(centres).all() or step == 0 or rounding > 0.1 * step or off.max() > 1e-3 * step + rounding:
        gaps = np.abs(np.diff(centres[np.isfinite(centres)]))
        steps = say("grids.steps", least=gaps.min(), most=gaps.max()) if len(gaps) else say("grids.no_numbers")
        findings.problem("grids.G03.uneven", name=name, found=steps)
        return None
    lower, upper = float(centres.min()) - step / 2, float(centres.max()) + step / 2
    return _Axis(lower, upper, step, bool(signed > 0), 2 * rounding)


# -- NetCDF, Zarr, DataArrays ------------------------------------------------------------------------------------------


class _OpenDatasets(threading.local):
    """The datasets that layers of this thread hold open: to open one takes as long as it has variables, and a file of
    many variables serves many layers.
    """

    def __init__(self) -> None:
        self.by_file: WeakValueDictionary[tuple[Path, tuple[int, int, int]], xr.Dataset] = WeakValueDictionary()


_open = _OpenDatasets()


def shared_dataset(path: Path, engine: str) -> xr.Dataset:
    """The file as `open_dataset` opens it, once for all layers that this thread reads from it."""
    if path.is_dir():  # its own time of change does not tell of the files inside
        return open_dataset(path, engine)
    key = path, written(path)
    dataset = _open.by_file.get(key)
    if dataset is None:
        dataset = _open.by_file[key] = open_dataset(path, engine)
    return dataset


def open_dataset(path: Path, engine: str) -> xr.Dataset:
    """The file as it is: nothing scaled, masked, decoded or cached."""
    import xarray as xr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about consolidated metadata and undecoded times: neither concerns a user
        return xr.open_dataset(
            path, engine=engine, mask_and_scale=False, decode_times=False, decode_coords="all", cache=False
        )


def _without_cells(path: Path, engine: str) -> xr.Dataset:
    """Names, attributes and axes of a file that is closed again."""
    with open_dataset(path, engine) as dataset:
        return dataset


@lru_cache(maxsize=64)
def _without_cells_of_file(path: Path, engine: str, _: tuple[int, int, int]) -> xr.Dataset:
    return _without_cells(path, engine)


def _dataset_header(path: Path, engine: str, pick: Pick, findings: Findings) -> Header | None:
    try:
        dataset = _without_cells(path, engine) if path.is_dir() else _without_cells_of_file(path, engine, written(path))
    except Exception as error:  # each engine has its own kinds of failure
        _unreadable(path, error, findings)
        return None
    names = [str(name) for name, variable in dataset.data_vars.items() if _horizontal(variable) is not None]
    if pick.variable is None and len(names) != 1:
        if names:
            findings.problem("grids.F02.several_variables", found=listed(names), first=names[0])
        else:
            found = ", ".join(f"{n}({', '.join(map(str, v.dims))})" for n, v in dataset.data_vars.items())
            findings.problem("grids.F02.no_plane", found=found)
        return None
    variable = pick.variable or names[0]
    if variable not in dataset.data_vars:
        near = did_you_mean(variable, names)
        findings.problem("grids.F03.no_such_variable", variable=variable, found=listed(names), hint=near)
        return None
    findings.place = say("grids.place.variable", place=findings.place, variable=variable)
    return _array_header(dataset[variable], dataset.attrs, pick, findings, variable)


def _is_axis(array: xr.DataArray, dim: str, names: Sequence[str], words: Sequence[str], axis: str) -> bool:
    attrs = array.coords[dim].attrs if dim in array.coords else {}
    said = {str(attrs.get("standard_name", "")).lower(), str(attrs.get("units", "")).lower()}
    return dim.lower() in names or not said.isdisjoint(words) or str(attrs.get("axis", "")).upper() == axis


def _horizontal(array: xr.DataArray) -> tuple[str, str] | None:
    """The y and the x dimension, by name first and by what CF attributes say of them."""
    dims = [str(dim) for dim in array.dims]
    x = [
        d
        for d in dims
        if _is_axis(array, d, X_NAMES, ("longitude", "projection_x_coordinate", "degrees_east", "degree_east"), "X")
    ]
    y = [
        d
        for d in dims
        if _is_axis(array, d, Y_NAMES, ("latitude", "projection_y_coordinate", "degrees_north", "degree_north"), "Y")
    ]
    return (y[0], x[0]) if len(x) == 1 and len(y) == 1 else None


def _array_header(
    array: xr.DataArray, file_attrs: dict[Any, Any], pick: Pick, findings: Findings, variable: str | None = None
) -> Header | None:
    axes = _horizontal(array)
    if axes is None or array.dtype.kind not in "iufb":
        found = ", ".join([*(f"{dim} ({size})" for dim, size in array.sizes.items()), str(array.dtype)])
        findings.problem("grids.G03.unclear_dimensions" if axes is None else "grids.F01.no_numbers", found=found)
        return None
    leading = [str(dim) for dim, size in array.sizes.items() if dim not in axes and size > 1]
    if len(leading) > 1:
        found = ", ".join(f"{dim} ({array.sizes[dim]})" for dim in leading)
        findings.problem("grids.F02.too_many_dimensions", found=found)
        return None
    lead = leading[0] if leading else None
    chosen = choose(labels_along(array, lead), axis_along(array, lead), pick, findings)
    if chosen is None:
        return None
    fields, axis = chosen
    if lead and axis:
        along = axis_words(axis)
        findings.place = say("grids.place.along", place=findings.place, count=len(fields), axis=along, dim=lead)
    elif lead:
        findings.place = say("grids.place.one_of", place=findings.place, dim=lead, number=fields[0] + 1)
    lattice, flip_rows, flip_cols = _array_lattice(array, axes, findings)
    crs, is_assumed = _array_crs(array, file_attrs, axes, findings)
    unsigned = str(array.attrs.get("_Unsigned", "")).lower() == "true" and array.dtype.kind == "i"
    dtype = np.dtype(f"u{array.dtype.itemsize}") if unsigned else array.dtype.newbyteorder("=")
    fills = [np.ravel(array.attrs[key]) for key in ("_FillValue", "missing_value") if key in array.attrs]
    nodata = [_raw_number(value, dtype) for fill in fills for value in fill]
    unit = array.attrs.get("units")
    return Header(
        family="array",
        crs=crs,
        lattice=lattice,
        flip_rows=flip_rows,
        flip_cols=flip_cols,
        dtype=dtype,
        axis=axis,
        pick=fields,
        scale=_number(array.attrs.get("scale_factor", 1)),
        offset=_number(array.attrs.get("add_offset", 0)),
        nodata=tuple(dict.fromkeys(value for value in nodata if value is not None)),
        unit=None if unit is None or not str(unit).strip() else str(unit),
        variable=variable,
        dims=(*axes, lead),
        is_crs_assumed=is_assumed,
    )


def _number(value: Any) -> float:
    """A number of an attribute; one stored as float32 is the decimal that its author wrote (0.1, not 0.10000000149)."""
    scalar = np.ravel(value)[0]
    return float(str(scalar))


def _raw_number(value: Any, dtype: np.dtype[Any]) -> float | None:
    """A fill value as a number; a signed byte that stands for an unsigned one (`_Unsigned`) is turned over."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return (
        number + float(2 ** (8 * dtype.itemsize))
        if dtype.kind == "u" and number < 0 and np.asarray(value).dtype.kind == "i"
        else number
    )


def _array_lattice(array: xr.DataArray, axes: tuple[str, str], findings: Findings) -> tuple[Lattice | None, bool, bool]:
    missing = [dim for dim in axes if dim not in array.coords]
    if missing:
        findings.problem("grids.G03.no_coordinates", dims=joined(missing, " and ", "、"))
        return None, False, False
    steps = [
        abs(float(array[dim][-1] - array[dim][0])) / (array.sizes[dim] - 1) for dim in axes if array.sizes[dim] > 1
    ]
    y, x = (_fit_axis(array.coords[dim], steps[0] if steps else None, findings) for dim in axes)
    if x is None or y is None:
        return None, False, False
    lattice = _tidied(x.lower, y.upper, x.step, y.step, array.sizes[axes[0]], array.sizes[axes[1]], (x.noise, y.noise))
    return lattice, y.is_ascending, not x.is_ascending


def _array_crs(
    array: xr.DataArray, file_attrs: dict[Any, Any], axes: tuple[str, str], findings: Findings
) -> tuple[pyproj.CRS | None, bool]:
    """The CRS of the grid mapping or of the attributes; a lon/lat array without one is taken as WGS84, and says so."""
    mapping = str(array.encoding.get("grid_mapping") or array.attrs.get("grid_mapping") or "").split(":")[0].strip()
    for name in (mapping, "spatial_ref", "crs"):
        if name and name in array.coords and array.coords[name].ndim == 0 and array.coords[name].attrs:
            attrs = array.coords[name].attrs
            if text := attrs.get("crs_wkt") or attrs.get("spatial_ref"):
                return _usable_crs(text, findings), False
            if "grid_mapping_name" in attrs:
                try:
                    return _usable_crs(pyproj.CRS.from_cf(attrs), findings), False
                except (pyproj.exceptions.CRSError, KeyError):
                    return _usable_crs(f"grid mapping {attrs['grid_mapping_name']}", findings), False
    if definition := array.attrs.get("crs") or file_attrs.get("crs"):
        return _usable_crs(definition, findings), False
    x_attrs = array.coords[axes[1]].attrs if axes[1] in array.coords else {}
    said = f"{axes[1]} {x_attrs.get('standard_name', '')} {x_attrs.get('units', '')}".lower()
    if not re.search(r"\blon|longitude|degrees?_east", said):
        return _usable_crs(None, findings), False
    findings.problem("grids.G04.taken_as_wgs84")
    return pyproj.CRS.from_epsg(4326), True
