"""What a NetCDF file, a Zarr store or a DataArray says of itself, by the conventions of CF and of the NetCDF guide."""

from __future__ import annotations

import json
import math
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
import pyproj
from numpy.typing import NDArray

from gep.core.errors import BROKEN_FILE, GepError, did_you_mean
from gep.core.messages import joined, listed, say
from gep.core.units import linear, unit_of_attributes
from gep.inputs.grids.bands import Pick, axis_along, axis_words, choose, labels_along, times_along
from gep.inputs.grids.files import Stamp, check_block, stamp, unreadable
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.headers import Header, Lattice, tidied, usable_crs
from gep.inputs.grids.transform import WGS84

if TYPE_CHECKING:
    import xarray as xr

X_NAMES = ("x", "lon", "longitude", "long", "easting", "projection_x_coordinate")
Y_NAMES = ("y", "lat", "latitude", "northing", "projection_y_coordinate")

MOST_ALONG = 5 * 10**7
"""Values of an axis: more than there are metres round the Earth. A header that is damaged can announce any number."""


def open_dataset(path: Path, engine: str, variable: str | None = None) -> xr.Dataset:
    """The group of the file that holds a variable (`Grid/precipitation`; the root without one), as it is: nothing
    scaled, masked, decoded or cached. Coordinates may stand in the groups above.
    """
    *groups, _ = (variable or "").lstrip("/").split("/")
    dataset = _open_group(path, engine, "/".join(groups))
    for depth in reversed(range(len(groups))):
        missing = [dim for dim in dataset.dims if dim not in dataset.coords]
        above = _open_group(path, engine, "/".join(groups[:depth])) if missing else None
        if above is not None:
            dataset = dataset.assign_coords({dim: above[dim] for dim in missing if dim in above.coords})
    return dataset


class _OpenFiles(threading.local):
    """The NetCDF files that layers of this thread hold open: one of many variables serves many layers."""

    def __init__(self) -> None:
        self.by_stamp: WeakValueDictionary[tuple[Path, Stamp], Any] = WeakValueDictionary()


_open = _OpenFiles()


class StoredVariable:
    """A variable of a NetCDF-4 file, read as it is stored. xarray would look at all variables of the file first, which
    takes longer than to read a small city.
    """

    def __init__(self, path: Path, variable: str) -> None:
        from h5netcdf.core import File

        key = path, stamp(path)
        file = _open.by_stamp.get(key)
        if file is None:
            file = _open.by_stamp[key] = File(path, "r")  # type: ignore[no-untyped-call]  # h5netcdf declares none
        self._file = file  # it is closed when the last layer lets go of it
        self._variable = file[variable.lstrip("/")]
        self._dims: tuple[str, ...] = self._variable.dimensions

    def read(self, where: Mapping[str, int | slice | list[int]], order: Sequence[str]) -> NDArray[Any]:
        """What lies at places along dimensions (of one that is not named: the first), the rest in some order."""
        at = [where.get(dim, 0) for dim in self._dims]
        several = {i: place for i, place in enumerate(at) if isinstance(place, list)}
        # HDF5 gives rows of a list in its own order, each once
        values = np.asarray(self._variable[tuple(sorted(set(p)) if isinstance(p, list) else p for p in at)])
        left = [dim for dim, place in zip(self._dims, at, strict=True) if not isinstance(place, int)]
        for i, place in several.items():
            values = values.take(np.unique(place, return_inverse=True)[1], axis=left.index(self._dims[i]))
        return values.transpose([left.index(dim) for dim in order])


def _open_group(path: Path, engine: str, group: str) -> xr.Dataset:
    import xarray as xr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about consolidated metadata and undecoded times: neither concerns a user
        dataset = xr.open_dataset(
            path,
            engine=engine,
            mask_and_scale=False,
            decode_times=False,
            decode_coords="all",
            cache=False,
            group=group or None,
            create_default_indexes=False,  # they hold the axes in memory, of whatever length
        )
    for axis in dataset.coords.values():
        if axis.ndim < 2:
            _check_lengths(axis)
    return dataset


def _check_lengths(array: xr.DataArray) -> None:
    """Raises ValueError where a dimension of an array is too long to be meant: its labels would fill the memory."""
    for name, count in array.sizes.items():
        if count > MOST_ALONG:
            raise ValueError(say("grids.long_axis", name=name, count=count))


def name_in_group(variable: str | None) -> str:
    """A variable's own name, without the groups that it stands in."""
    return (variable or "").rpartition("/")[2]


def _variables_in_groups(path: Path, engine: str) -> list[str]:
    """The variables that have rows and columns, of all groups below the root."""
    if engine == "scipy":
        return []

    found = []
    for group in _groups(path, engine):
        with open_dataset(path, engine, f"{group}/") as dataset:
            found += [f"{group}/{name}" for name, held in dataset.data_vars.items() if _horizontal(held) is not None]
    return found


def _groups(path: Path, engine: str) -> list[str]:
    """The groups below the root of a file or store, by path."""

    def walk(group: Any, above: str) -> Iterator[str]:
        for name, inner in group.groups.items() if engine == "h5netcdf" else group.groups():
            yield f"{above}{name}"
            yield from walk(inner, f"{above}{name}/")

    if engine == "h5netcdf":
        from h5netcdf.legacyapi import Dataset

        with Dataset(path, "r") as file:  # type: ignore[no-untyped-call]  # h5netcdf declares none
            return list(walk(file, ""))
    import zarr

    return list(walk(zarr.open_group(path, mode="r"), ""))


def dataset_header(path: Path, engine: str, pick: Pick, findings: Findings) -> Header | None:
    """The header of a variable of a NetCDF file or Zarr store."""
    group = (pick.variable or "").lstrip("/").rpartition("/")[0]
    try:
        dataset = (
            _without_cells(path, engine, group)
            if path.is_dir()
            else _without_cells_of_file(path, engine, group, stamp(path))
        )
        return _header_in_dataset(dataset, path, engine, pick, findings)
    except (GepError, *BROKEN_FILE) as error:
        unreadable(path, error, findings)
        return None


def _without_cells(path: Path, engine: str, group: str) -> xr.Dataset:
    """Names, attributes and axes of a group of a file that is closed again."""
    with open_dataset(path, engine, f"{group}/") as dataset:
        for axis in dataset.coords.values():
            if axis.ndim < 2:
                axis.load()
        return dataset


@lru_cache(maxsize=64)
def _without_cells_of_file(path: Path, engine: str, group: str, _: Stamp) -> xr.Dataset:
    """The same, once for all layers of a file that was not written since."""
    return _without_cells(path, engine, group)


def _header_in_dataset(dataset: xr.Dataset, path: Path, engine: str, pick: Pick, findings: Findings) -> Header | None:
    own = name_in_group(pick.variable)
    names = [] if own in dataset.data_vars else _planes(dataset)
    if pick.variable is None and len(names) != 1:
        grouped = [] if names else _variables_in_groups(path, engine)
        if names or grouped:
            several = names or grouped
            findings.problem("grids.F02.several_variables", found=listed(several), first=several[0])
        else:
            found = ", ".join(f"{n}({', '.join(map(str, v.dims))})" for n, v in dataset.data_vars.items())
            findings.problem("grids.F02.no_plane", found=found)
        return None
    if pick.variable is not None and own not in dataset.data_vars:
        grouped = _variables_in_groups(path, engine)
        of_name = next((name for name in grouped if name_in_group(name) == own), None)
        if of_name:
            findings.problem("grids.F03.in_a_group", variable=pick.variable, found=listed(grouped), full=of_name)
        else:
            near = did_you_mean(own, names)
            found = listed([*names, *grouped])
            findings.problem("grids.F03.no_such_variable", variable=pick.variable, found=found, hint=near)
        return None
    variable = pick.variable or names[0]
    findings.place = say("grids.place.variable", place=findings.place, variable=variable)
    _check_lengths(dataset[own or variable])
    header = array_header(dataset[own or variable], dataset.attrs, pick, findings, variable)
    if header is not None and engine == "zarr":
        return _without_default_fill(path, header, findings)
    return header


def planes_of_file(path: Path, engine: str) -> list[str]:
    """The variables of a file or store that have rows and columns, with the groups that they stand in."""
    with open_dataset(path, engine) as dataset:
        found = _planes(dataset)
    return found or _variables_in_groups(path, engine)


def _planes(dataset: xr.Dataset) -> list[str]:
    """The variables that have a horizontal plane."""
    return [str(name) for name, variable in dataset.data_vars.items() if _horizontal(variable) is not None]


def _without_default_fill(path: Path, header: Header, findings: Findings) -> Header:
    """A Zarr store of version 2 whose `fill_value` is 0 need not mean that zeros are missing: 0 is what Zarr writes
    where nothing is said. Which of the two holds is asked, not guessed.
    """
    folder = path / str(header.variable)
    try:
        is_old = json.loads((folder / ".zarray").read_text(encoding="utf-8"))["fill_value"] == 0
        attributes = folder / ".zattrs"
        said = json.loads(attributes.read_text(encoding="utf-8")) if attributes.is_file() else {}
    except (OSError, ValueError, KeyError):
        return header
    if is_old and header.nodata == (0.0,) and not {"_FillValue", "missing_value"} & set(said):
        return replace(header, nodata=(), is_fill_unclear=True)
    return header


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


def array_header(
    array: xr.DataArray, file_attrs: dict[Any, Any], pick: Pick, findings: Findings, variable: str | None = None
) -> Header | None:
    axes = _horizontal(array)
    if axes is None or array.dtype.kind not in "iufb":
        found = ", ".join([*(f"{dim} ({size})" for dim, size in array.sizes.items()), str(array.dtype)])
        findings.problem("grids.G03.unclear_dimensions" if axes is None else "grids.F01.no_numbers", found=found)
        return None
    chunk = (array.encoding.get("chunksizes") or array.encoding.get("chunks")) if variable else None
    if chunk and not check_block(chunk, array.dtype.itemsize, findings):
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
    scale, offset = _number(array.attrs.get("scale_factor", 1)), _number(array.attrs.get("add_offset", 0))
    return Header(
        family="array",
        crs=crs,
        lattice=lattice,
        flip_rows=flip_rows,
        flip_cols=flip_cols,
        dtype=dtype,
        axis=axis,
        pick=fields,
        scale=scale,
        offset=offset,
        nodata=tuple(dict.fromkeys(value for value in nodata if value is not None)),
        unit=_unit_of_array(array),
        valid=_valid_of_array(array, dtype, scale, offset) if variable else None,
        times=times_along(array, lead, fields),
        variable=variable,
        dims=(*axes, lead),
        is_crs_assumed=is_assumed,
        block=_block(array, chunk, axes),
    )


def _block(array: xr.DataArray, chunk: Sequence[int] | None, axes: tuple[str, str]) -> tuple[int, int] | None:
    """Rows and columns that are decoded together: a chunk of the file, or of a computed array."""
    if array.chunks is not None:
        chunk = [max(sizes) for sizes in array.chunks]
    if not chunk:
        return None
    rows, cols = (int(chunk[array.get_axis_num(axis)]) for axis in axes)
    return rows, cols


def _unit_of_array(array: xr.DataArray) -> str | None:
    """The unit that the attributes name; None where they do not. Monthly means of what is added up over a day (as
    ERA5 gives rain, by `avgad`) carry the unit of the sum and are per day.
    """
    unit = unit_of_attributes(array.attrs) or ""
    if unit and array.attrs.get("GRIB_stepType") == "avgad" and "day" not in unit and "s**-1" not in unit:
        return f"({unit})/day"
    return unit or None


def _valid_of_array(
    array: xr.DataArray, dtype: np.dtype[Any], scale: float, offset: float
) -> tuple[float, float] | None:
    """The least and the greatest raw value that is no code for missing, by `valid_range`, `valid_min`, `valid_max`.

    They are in stored numbers; real numbers beside stored whole ones are in the values that these stand for.
    """
    both = np.ravel(array.attrs.get("valid_range", ()))
    ends = list(both[:2]) if len(both) == 2 else [array.attrs.get("valid_min"), array.attrs.get("valid_max")]
    limits: list[float | None] = []
    for end in ends:
        number = None if end is None else _raw_number(np.ravel(end)[0], dtype)
        if number is not None and dtype.kind in "iu" and np.asarray(end).dtype.kind == "f" and scale != 0:
            number = (number - offset) / scale if (scale, offset) != (1.0, 0.0) else number
        limits.append(number)
    low, high = limits
    if low is None and high is None:
        return None
    low, high = sorted((-math.inf if low is None else low, math.inf if high is None else high))
    return low, high


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
        fields = [str(name) for name, held in array.coords.items() if held.ndim == 2 and _is_longitude(held)]
        if fields:
            findings.problem("grids.G03.curved", found=fields[0])
            return None, False, False
        findings.problem("grids.G03.no_coordinates", dims=joined(missing, " and ", "、"))
        return None, False, False
    ends = [np.asarray(array.coords[dim].values, dtype=float)[[0, -1]] for dim in axes if array.coords[dim].ndim == 1]
    steps = [
        float(abs(last - first)) / (array.sizes[dim] - 1)
        for dim, (first, last) in zip(axes, ends, strict=True)
        if array.sizes[dim] > 1
    ]
    y, x = (_fit_axis(array.coords[dim], steps[0] if steps else None, findings) for dim in axes)
    if x is None or y is None:
        return None, False, False
    lattice = tidied(x.lower, y.upper, x.step, y.step, array.sizes[axes[0]], array.sizes[axes[1]], (x.noise, y.noise))
    return lattice, y.is_ascending, not x.is_ascending


def _array_crs(
    array: xr.DataArray, file_attrs: dict[Any, Any], axes: tuple[str, str], findings: Findings
) -> tuple[pyproj.CRS | None, bool]:
    """The CRS of the grid mapping or of the attributes; a lon/lat array without one is taken as WGS84, and says so."""
    mapping = str(array.encoding.get("grid_mapping") or array.attrs.get("grid_mapping") or "").split(":")[0].strip()
    for name in (mapping, "spatial_ref", "crs", *map(str, array.coords)):  # any name of CF, where nothing refers to it
        if name in array.coords and array.coords[name].ndim == 0 and array.coords[name].attrs:
            attrs = array.coords[name].attrs
            if text := attrs.get("crs_wkt") or attrs.get("spatial_ref"):
                return usable_crs(text, findings), False
            if "grid_mapping_name" in attrs:
                try:
                    return usable_crs(pyproj.CRS.from_cf(attrs), findings), False
                except (pyproj.exceptions.CRSError, KeyError):
                    return usable_crs(f"grid mapping {attrs['grid_mapping_name']}", findings), False
    if definition := array.attrs.get("crs") or file_attrs.get("crs"):
        return usable_crs(definition, findings), False
    if not (_is_longitude(array.coords[axes[1]]) if axes[1] in array.coords else re.search(r"\blon", axes[1].lower())):
        return usable_crs(None, findings), False
    findings.problem("grids.G04.taken_as_wgs84")
    return WGS84, True


# -- axes --------------------------------------------------------------------------------------------------------------


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
    if len(centres) == 1:
        step = float(step_if_single or 0.0)
        return _Axis(float(centres[0]) - step / 2, float(centres[0]) + step / 2, step, True, 2 * rounding)
    axis = _even(centres, rounding)
    if axis is None and _is_longitude(coordinate) and np.isfinite(centres).all():
        axis = _even(np.unwrap(centres, period=360), rounding)  # from 180 the columns go on at -180
    if axis is None:
        gaps = np.abs(np.diff(centres[np.isfinite(centres)]))
        steps = say("grids.steps", least=gaps.min(), most=gaps.max()) if len(gaps) else say("grids.no_numbers")
        is_shuffled = np.isfinite(centres).all() and _even(np.sort(centres), rounding) is not None
        findings.problem("grids.G03.unsorted" if is_shuffled else "grids.G03.uneven", name=name, found=steps)
    return axis


def _even(centres: NDArray[np.float64], rounding: float) -> _Axis | None:
    """The axis that evenly spaced centres make, None where they are not."""
    signed = float(centres[-1] - centres[0]) / (len(centres) - 1)
    step = abs(signed)
    off = np.abs(centres - (centres[0] + signed * np.arange(len(centres))))
    if not np.isfinite(centres).all() or step == 0 or rounding > 0.1 * step or off.max() > 1e-3 * step + rounding:
        return None
    return _Axis(float(centres.min()) - step / 2, float(centres.max()) + step / 2, step, signed > 0, 2 * rounding)


def _is_longitude(coordinate: xr.DataArray) -> bool:
    said = f"{coordinate.name} {coordinate.attrs.get('standard_name', '')} {coordinate.attrs.get('units', '')}".lower()
    return re.search(r"\blon|longitude|degrees?_east", said) is not None
