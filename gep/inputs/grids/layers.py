"""What a layer is: one raster of a project, read in raw blocks.

Raw values become canonical ones (in the unit of the equations) by one scale and one offset, settled when it is opened.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired, Protocol, TypedDict

import numpy as np
import pyproj
from numpy.typing import NDArray

from gep.core.errors import InputError, Problem, failure, problem
from gep.core.messages import Text, say
from gep.inputs.grids.arrays import StoredVariable, name_in_group, open_dataset
from gep.inputs.grids.files import READ_ERRORS, array_engine, files_hash, gdal, open_raster, raster_parts
from gep.inputs.grids.grid import SQUARE
from gep.inputs.grids.headers import Header, Lattice
from gep.inputs.grids.places import Place, Tiles, place_of
from gep.inputs.grids.remote import Remote, RemoteError, RemoteStamp, remote_hash, remote_stamp, why_unread
from gep.inputs.grids.transform import WGS84, transformer

if TYPE_CHECKING:
    import xarray as xr

Kind = Literal["continuous", "class"]

MISSING_CODE = int(np.iinfo(np.int64).min)
"""Stands for "no class here" among class codes: no file has it."""


FILLS = (
    -999.0,
    -9999.0,
    -99999.0,
    -32767.0,
    -32768.0,
    32767.0,
    65535.0,
    *(float(code) for code in range(32761, 32767)),  # MODIS: unclassified, urban, wetland, snow, barren, water
    *(float(code) for code in range(65529, 65535)),  # the same in unsigned numbers
    -2147483648.0,
    2147483647.0,
    1e20,
    9.969209968386869e36,  # NetCDF's own for floats
    -3.4028234663852886e38,
    3.4028234663852886e38,
    -1.7976931348623157e308,
    1.7976931348623157e308,
)
"""Numbers that data producers write where there is no value. 255 is not among them: a full byte may well be meant."""


@dataclass(frozen=True, eq=False)
class LayerSpec:
    """Where a layer is, and whatever replaces what the file says of itself (None: the file's).

    >>> rain = gep.LayerSpec("precipitation", "rain.nc", units="mm/year", variable="tp", scale=0.1)  # doctest: +SKIP
    >>> gep.Study(layers={"precipitation": rain}, land_cover="clcd.tif", ...)                        # doctest: +SKIP

    Args:
        name: the layer, of the vocabulary in the reference.
        data: a path, a pattern of tiles, an address on a server, or a DataArray.
        units: the unit of a stored number once it is scaled, `"mm/year"`.
        scale: what a stored number is multiplied by.
        offset: what is added then, in `units`.
        nodata: every stored number that means no value; `"none"` where all numbers are values.
        band: the band of a file that has several, from 1.
        bands: what the bands of a file with no axis of time are, "month", "day" or "hour".
        variable: the variable of a NetCDF or Zarr file.
        resampling: how it is brought to the grid of the study, "nearest", "bilinear" or "average", where the rule for
            its kind and cell does not fit.
        period: the years that a mean of several is of, as text, `"2011-2020"`.
        year: the year that the data are of.
        sha256: the hash that the file must have.
        product: the public data set that it is of, which says unit, scale and missing values: `gep.products.list()`.
    """

    name: str
    data: Place | xr.DataArray
    units: str | None = None
    scale: float | None = None
    offset: float | None = None
    nodata: float | str | Sequence[float] | None = None
    band: int | None = None
    bands: str | None = None
    variable: str | None = None
    resampling: str | None = None
    period: str = ""
    year: int | None = None
    sha256: str = ""
    product: str = ""

    def __post_init__(self) -> None:
        """A path or an address may be given as text."""
        given: Any = self.data
        if isinstance(given, str):
            object.__setattr__(self, "data", place_of(given))

    @property
    def place(self) -> str:
        """The file's name without its folder."""
        return self.data.name if isinstance(self.data, Place) else "DataArray"


class LayerRecord(TypedDict("_From", {"from": list[str]}, total=False)):
    """The header of a layer in short, as the run record has it; of a derived layer with what it was made of."""

    name: str
    file: str | None
    kind: Kind
    variable: str | None
    bands: list[int]
    monthly: bool
    daily: NotRequired[bool]
    steps_per_day: NotRequired[int]
    crs: str
    crs_assumed: bool
    shape: list[int]
    cell: list[float]
    bounds: list[float]
    dtype: str
    nodata: list[float | str]
    unit: str
    unit_found: str | None
    scale: float
    offset: float
    scales: NotRequired[list[float]]
    offsets: NotRequired[list[float]]
    valid: NotRequired[list[float | str]]
    period: str
    year: int | None
    derived_by: NotRequired[str]
    constants: NotRequired[dict[str, float]]


@dataclass(frozen=True, eq=False)
class Layer:
    """An opened layer: its header and how raw values become canonical ones. It holds no open file and may be pickled.

    `missing_values` are all raw values that mean "no value", `nodata` the first of them; NaN always does. `suspects`
    are well-known fill numbers that nothing declares, as canonical values: one of them among the data is hardly a
    measurement. Where fields (months) have scales of their own, `by_field` has scale and offset of each, and `scale`
    and `offset` are those of the first. Raw values outside of `valid` are missing.
    """

    spec: LayerSpec
    kind: Kind
    unit: str
    header: Header
    crs: pyproj.CRS
    lattice: Lattice
    scale: float
    offset: float
    missing_values: tuple[float, ...]
    suspects: tuple[float, ...]
    problems: tuple[Problem, ...] = field(default=())
    by_field: tuple[tuple[float, float], ...] = ()
    valid: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def place(self) -> str:
        """The file's name without its folder."""
        return self.spec.place

    @property
    def is_monthly(self) -> bool:
        return self.header.is_monthly

    @property
    def is_daily(self) -> bool:
        """Whether it holds the days of a year, or several steps of each: such a layer is worked out on its own grid
        only.
        """
        return self.header.is_daily

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.header.dtype

    @property
    def nodata(self) -> float | None:
        return self.missing_values[0] if self.missing_values else None

    @property
    def content_key(self) -> Hashable:
        """What is equal where two layers have the same raw blocks; how these become values is no part of it."""
        data = self.spec.data
        bare = replace(
            self.header, scale=1.0, offset=0.0, nodata=(), unit=None, by_field=(), valid=None, times=(), crs=None
        )
        return type(self), self.name, data if isinstance(data, Place) else id(data), bare

    def open(self, period: int | None = None) -> BlockSource:
        """A reader of raw blocks, for one thread; `period` as in Source."""
        return Source(self.spec.data, self.header, self.name, period)

    def missing(self, raw: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Which raw values are declared as missing: compared before scaling, in the dtype of the file. None: none can
        be.
        """
        found: NDArray[np.bool_] | None = None
        for value in self.missing_values:
            number = in_dtype(value, raw.dtype)
            if number is not None and not math.isnan(value):
                here = raw == number
                found = here if found is None else found | here
        if self.valid is not None:
            here = (raw < self.valid[0]) | (raw > self.valid[1])
            found = here if found is None else found | here
        return found

    def stored(self, value: float) -> float:
        """The number of the file that a canonical value stands for: of several that might be, one that is written for
        missing.
        """
        numbers = [(value - offset) / scale for scale, offset in self.by_field or ((self.scale, self.offset),)]
        known = [fill for number in numbers for fill in FILLS if math.isclose(number, fill, rel_tol=1e-6)]
        return known[0] if known else numbers[0]

    def decode(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Raw values as canonical ones, NaN where missing or hidden."""
        values = raw.astype(np.float64)
        if self.by_field:
            packing = np.array(self.by_field).reshape(-1, 2, 1, 1)
            values = values * packing[:, 0] + packing[:, 1]
        elif self.scale != 1:
            values *= self.scale
        if self.offset != 0 and not self.by_field:
            values += self.offset
        for gone in (self.missing(raw), hidden):
            if gone is not None:
                np.copyto(values, np.nan, where=gone)
        return values

    def codes(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Raw values as class codes, MISSING_CODE where missing or hidden."""
        is_missing = self.missing(raw)
        if raw.dtype.kind == "f":
            is_absent = ~np.isfinite(raw)
            is_missing = is_absent if is_missing is None else is_missing | is_absent
            raw = np.where(is_missing, 0, raw)
            if (odd := raw[raw != np.rint(raw)]).size:
                found = problem("grids.L01.not_whole", self.name, found=f"{odd.flat[0]:g}")
                raise InputError(say("grids.no_classes", layer=self.name), [found])
        codes = raw.astype(np.int64)
        for here in (is_missing, hidden):
            if here is not None:
                codes[here] = MISSING_CODE
        return codes

    def describe(self) -> LayerRecord:
        """The header in short, for the run record: no folder of the user's, so that the record does not depend on where
        the files lie.
        """
        header = self.header
        record: LayerRecord = {
            "name": self.name,
            "file": self.place,
            "kind": self.kind,
            "variable": header.variable,
            "bands": [i + 1 for i in ((header.pick[0], header.pick[-1]) if header.is_daily else header.pick)],
            "monthly": header.is_monthly,
            "crs": _crs_name(self.crs),
            "crs_assumed": header.is_crs_assumed,
            "shape": [self.lattice.rows, self.lattice.cols],
            "cell": [self.lattice.dx, self.lattice.dy],
            "bounds": list(self.lattice.bounds),
            "dtype": str(self.dtype),
            "nodata": [value if math.isfinite(value) else str(value) for value in self.missing_values],
            "unit": self.unit,
            "unit_found": self.spec.units or header.unit,
            "scale": self.scale,
            "offset": self.offset,
            "period": self.spec.period,
            "year": self.spec.year,
        }
        if self.by_field:
            record["scales"], record["offsets"] = ([packing[i] for packing in self.by_field] for i in (0, 1))
        if self.valid:
            record["valid"] = [value if math.isfinite(value) else str(value) for value in self.valid]
        if header.axis == "day":
            record["daily"] = True
        if header.axis == "hour":
            record["steps_per_day"] = header.steps_per_day
        return record

    def remote_content(self, remote: Remote) -> tuple[RemoteStamp, str]:
        """What a server tells of an object, and what it is known by: its hash where the project declares one, for which
        it is read as a whole; else its address with what the server tells.
        """
        try:
            stamp = remote_stamp(remote)
            return stamp, remote_hash(remote) if self.spec.sha256 else f"{remote.address}, {stamp}"
        except RemoteError as error:
            raise error.refusal(self.name, self.place) from error

    def fingerprint(self) -> str:
        """SHA-256 of the file, of all files that the layer is read from where there are several, or of the coordinates
        and values of a DataArray; of an object on a server what its server knows it by, see `remote_content`.
        """
        data = self.spec.data
        if isinstance(data, Path | Tiles):
            return files_hash(raster_parts(data))
        if isinstance(data, Remote):
            return self.remote_content(data)[1]
        digest = hashlib.sha256()
        for piece in _pieces(data):
            digest.update(piece)
        return digest.hexdigest()


def _pieces(array: xr.DataArray) -> Iterator[bytes]:
    """What the hash of an array is taken of, whatever its chunks: its kind and coordinates, then the hashes of its
    squares, in their order. No more than some chunks are in memory at once.
    """
    native = array.dtype.newbyteorder("=")
    yield f"{native.str} {array.dims} {array.shape}".encode()
    for dim in array.dims:
        if dim in array.coords:
            coordinate = array.coords[dim].values
            yield f"{dim} {coordinate.dtype.str}".encode()
            yield (
                np.ascontiguousarray(coordinate).tobytes()
                if coordinate.dtype.kind != "O"
                else str(coordinate.tolist()).encode()
            )
    sizes = [1] * max(0, array.ndim - 2) + [SQUARE] * min(2, array.ndim)
    squares: dict[tuple[int, ...], bytes] = {}
    for first, block in _cut(array, _at_once(array, sizes)):
        for within, square in _cut(computed(block), sizes):
            where = tuple(map(sum, zip(first, within, strict=True)))
            squares[where] = hashlib.sha256(np.ascontiguousarray(square, dtype=native).tobytes()).digest()
    yield from (squares[where] for where in sorted(squares))


def _cut(array: Any, sizes: Sequence[int]) -> Iterator[tuple[tuple[int, ...], Any]]:
    """The parts of an array of some size, each with where it begins."""
    for begin in product(*(range(0, length, size) for length, size in zip(array.shape, sizes, strict=True))):
        yield begin, array[tuple(slice(start, start + size) for start, size in zip(begin, sizes, strict=True))]


HASHED_AT_ONCE = 64 * 2**20
"""Bytes of an array that are hashed at once. A judgement: some chunks of common size."""


def _at_once(array: xr.DataArray, sizes: Sequence[int]) -> list[int]:
    """How much of each dimension is computed at once: whole squares, and whole chunks as far as memory allows."""
    chunks = [max(lengths) for lengths in array.chunks] if array.chunks is not None else sizes
    lengths = [-(-chunk // size) * size for chunk, size in zip(chunks, sizes, strict=True)]
    for dim, size in enumerate(sizes):
        there = math.prod(min(length, whole) for length, whole in zip(lengths, array.shape, strict=True))
        over = -(-there * array.dtype.itemsize // HASHED_AT_ONCE)
        if over > 1:
            lengths[dim] = max(size, lengths[dim] // over // size * size)
    return lengths


def computed(array: xr.DataArray) -> NDArray[Any]:
    """The values of an array, or of a part of one: by the thread that asks, where they are yet to be computed."""
    return np.asarray(array.data.compute(scheduler="synchronous") if array.chunks is not None else array.values)


def in_dtype(value: float, dtype: np.dtype[Any]) -> Any:
    """The number in that dtype, None where it has no such number (-9999 in a byte)."""
    if dtype.kind in "iub":
        if not math.isfinite(value) or value != int(value):
            return None
        low, high = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
        return dtype.type(int(value)) if low <= value <= high else None
    with np.errstate(over="ignore"):
        number = dtype.type(value)
    return None if np.isinf(number) and math.isfinite(value) else number


def lonlat_extent(crs: pyproj.CRS, bounds: tuple[float, float, float, float]) -> Text:
    """Bounds in any CRS as longitudes and latitudes that can be looked up on a map."""
    west, south, east, north = transformer(crs, WGS84).transform_bounds(*bounds, densify_pts=21)
    return say("grids.extent", west=west, south=south, east=east, north=north)


def _crs_name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.name)


# -- blocks ------------------------------------------------------------------------------------------------------------


Needed = tuple[int, int, int, int]
"""A block of source cells: first row, end row, first column, end column."""


class Block(NamedTuple):
    """Raw cells of a layer from row `row0` and column `col0`, which may lie outside it; `hidden` where they do, or
    where a mask says so.
    """

    raw: NDArray[Any]
    hidden: NDArray[np.bool_] | None
    row0: int
    col0: int

    def part(self, row0: int, row1: int, col0: int, col1: int) -> Block | None:
        """The block within this one, None where it reaches beyond."""
        rows, cols = self.raw.shape[-2:]
        if row0 < self.row0 or col0 < self.col0 or row1 > self.row0 + rows or col1 > self.col0 + cols:
            return None
        where = (..., slice(row0 - self.row0, row1 - self.row0), slice(col0 - self.col0, col1 - self.col0))
        return Block(self.raw[where], None if self.hidden is None else self.hidden[where], row0, col0)


class BlockSource(Protocol):
    """What gives blocks of a layer, read or computed; one for each thread."""

    def read(self, row0: int, row1: int, col0: int, col1: int) -> Block: ...

    def close(self) -> None: ...


class Source:
    """Reads raw blocks of one layer, north up and west to east. One for each thread.

    After column `period` comes column 0, round the globe; None: the layer ends where it ends.
    """

    def __init__(self, data: Place | xr.DataArray, header: Header, name: str, period: int | None = None) -> None:
        if header.lattice is None:
            raise ValueError("a layer without a lattice cannot be read")
        self._header, self._name, self._lattice, self._period = header, name, header.lattice, period
        self._data = data
        self._dataset: Any = None
        self._array: xr.DataArray | None = None
        self._variable: StoredVariable | None = None
        try:
            self._open(data)
        except (*READ_ERRORS, KeyError) as error:
            raise self._stopped(failure(error, data if isinstance(data, Path) else None)) from error

    def _open(self, data: Place | xr.DataArray) -> None:
        header = self._header
        if not isinstance(data, Place):
            self._array = data
        elif not isinstance(data, Path) or header.family == "raster":
            self._dataset = open_raster(data)
            if (self._dataset.height, self._dataset.width) != (self._lattice.rows, self._lattice.cols):
                raise ValueError(say("grids.other_size", rows=self._dataset.height, cols=self._dataset.width))
        elif (engine := array_engine(data)) == "h5netcdf" and header.variable is not None:
            self._variable = StoredVariable(data, header.variable)
        else:
            self._dataset = open_dataset(data, engine or "h5netcdf", header.variable)
            self._array = self._dataset[name_in_group(header.variable)]

    def close(self) -> None:
        if self._dataset is not None:
            self._dataset.close()
        self._array = self._dataset = self._variable = None

    def read(self, row0: int, row1: int, col0: int, col1: int) -> Block:
        """A block, (h, w), or with months or days before it, that may reach beyond the layer."""
        lattice, period = self._lattice, self._period
        if row0 >= 0 and row1 <= lattice.rows and col0 >= 0 and col1 <= lattice.cols:
            return Block(*self._inside(row0, row1, col0, col1), row0, col0)
        shape = (*self._header.lead, row1 - row0, col1 - col0)
        raw, hidden = np.zeros(shape, self._header.dtype), np.ones(shape, np.bool_)
        top, bottom, col = max(row0, 0), min(row1, lattice.rows), col0
        while col < col1 and top < bottom:
            start = col % period if period is not None else col
            run = min(col1 - col, period - start) if period is not None else col1 - col
            left, right = max(start, 0), min(start + run, lattice.cols)
            if left < right:
                where = (
                    ...,
                    slice(top - row0, bottom - row0),
                    slice(col - col0 + left - start, col - col0 + right - start),
                )
                raw[where], masked = self._inside(top, bottom, left, right)
                hidden[where] = False if masked is None else masked
            col += run
        return Block(raw, hidden, row0, col0)

    def _inside(self, row0: int, row1: int, col0: int, col1: int) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Raw values, and what a mask in the file hides (None: nothing)."""
        rows, cols = self._stored(row0, row1, col0, col1)
        try:
            if self._variable is not None:
                raw, hidden = self._numbers(self._variable.read(self._place(rows, cols), self._order)), None
            elif self._array is not None:
                raw, hidden = self._numbers(computed(self._part(self._array, rows, cols))), None
            else:
                raw, hidden = self._read_raster(rows, cols)
        except READ_ERRORS as error:
            reason = failure(error.__cause__ or error)
            window = say("grids.window", row0=rows[0] + 1, row1=rows[1], col0=cols[0] + 1, col1=cols[1])
            raise self._stopped(say("grids.at_window", reason=reason, window=window)) from error
        return raw[self._turn], None if hidden is None else hidden[self._turn]

    def _stopped(self, reason: str) -> InputError:
        """What is said of a file that cannot be read on, or of a server that gives no more."""
        place = self._data.name if isinstance(self._data, Place) else "DataArray"
        if isinstance(self._data, Remote):
            return why_unread(self._data, "unread", reason).refusal(self._name, place)
        found = problem("grids.F01.damaged", self._name, place=place, found=reason)
        return InputError(say("grids.damaged", layer=self._name, file=place), [found])

    def _read_raster(
        self, rows: tuple[int, int], cols: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        bands = [band + 1 for band in self._header.pick]
        index = bands if self._header.axis else bands[0]
        with gdal(self._data):
            raw = self._dataset.read(index, window=(rows, cols))
            hidden = self._dataset.read_masks(index, window=(rows, cols)) == 0 if self._header.is_masked else None
        return raw, hidden

    def pending(self, row0: int, row1: int, col0: int, col1: int) -> xr.DataArray | None:
        """A block of an array that is yet to be computed, as it lies in the array; None of any other layer, and of a
        block that reaches beyond it.
        """
        lattice = self._lattice
        is_inside = row0 >= 0 and row1 <= lattice.rows and col0 >= 0 and col1 <= lattice.cols
        if self._array is None or self._array.chunks is None or not is_inside:
            return None
        return self._part(self._array, *self._stored(row0, row1, col0, col1))

    def block_of(self, values: Any, row0: int, col0: int) -> Block:
        """The block that a pending one has become."""
        return Block(self._numbers(np.asarray(values))[self._turn], None, row0, col0)

    def _stored(self, row0: int, row1: int, col0: int, col1: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """The rows and columns of a block as they are numbered in the file."""
        header, lattice = self._header, self._lattice
        rows = (lattice.rows - row1, lattice.rows - row0) if header.flip_rows else (row0, row1)
        return rows, (lattice.cols - col1, lattice.cols - col0) if header.flip_cols else (col0, col1)

    @property
    def _turn(self) -> tuple[Any, ...]:
        """From the order of the file to north up and west to east."""
        rows, cols = (slice(None, None, -1 if flip else 1) for flip in (self._header.flip_rows, self._header.flip_cols))
        return ..., rows, cols

    def _place(self, rows: tuple[int, int], cols: tuple[int, int]) -> dict[str, int | slice | list[int]]:
        """Where rows and columns lie along the dimensions of the array, with all months or days of the layer; of a
        dimension that is none of them the first.
        """
        y, x, lead = self._header.dims
        where: dict[str, int | slice | list[int]] = {y: slice(*rows), x: slice(*cols)}
        if lead:
            pick, is_run = self._header.pick, self._header.pick == tuple(range(len(self._header.pick)))
            where[lead] = (slice(len(pick)) if is_run else list(pick)) if self._header.axis else pick[0]
        return where

    @property
    def _order(self) -> list[str]:
        """The dimensions of a block."""
        y, x, lead = self._header.dims
        return [*([lead] if self._header.axis and lead else []), y, x]

    def _part(self, array: xr.DataArray, rows: tuple[int, int], cols: tuple[int, int]) -> xr.DataArray:
        return array.isel({str(dim): 0 for dim in array.dims} | self._place(rows, cols)).transpose(*self._order)

    def _numbers(self, values: NDArray[Any]) -> NDArray[Any]:
        """Computed values in the type that the header says."""
        if values.dtype.kind == "i" and self._header.dtype.kind == "u":
            values = values.astype(values.dtype.newbyteorder("=")).view(self._header.dtype)
        return values.astype(self._header.dtype, copy=False)
