"""What a layer is: one raster of a project, opened by its header, with its unit and missing values settled once.

A layer's raw values become canonical ones (in the unit of the equations) by one scale and one offset, fixed here. What
the project says about scale, offset, nodata and unit replaces what the file says; it is never applied on top of it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pyproj
from numpy.typing import NDArray
from rasterio.errors import RasterioIOError

from gep.core import units
from gep.core.errors import InputError, Problem, UnitError
from gep.inputs.grids.bands import AXIS_WORDS, Findings, Pick
from gep.inputs.grids.sources import (
    Header,
    Lattice,
    array_engine,
    file_hash,
    gdal,
    open_dataset,
    open_raster,
    read_header,
)

if TYPE_CHECKING:
    import xarray as xr

Kind = Literal["continuous", "class"]

RESAMPLINGS = ("nearest", "bilinear", "average")

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
    """What the project says of a layer: where it is, and whatever replaces what the file says (None: the file's)."""

    name: str
    data: Path | xr.DataArray
    units: str | None = None
    scale: float | None = None
    offset: float | None = None
    nodata: float | str | None = None
    band: int | None = None
    bands: str | None = None
    variable: str | None = None
    resampling: str | None = None
    period: str = ""
    year: int | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """An opened layer: its header and how raw values become canonical ones. It holds no open file and may be pickled.

    `missing_values` are all raw values that mean "no value", `nodata` the first of them; NaN always does. `suspects`
    are well-known fill numbers that nothing declares, as canonical values: one of them among the data is hardly a
    measurement.
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

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def place(self) -> str:
        """The file's name without its folder."""
        return self.spec.data.name if isinstance(self.spec.data, Path) else "DataArray"

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

    def open(self, period: int | None = None) -> Source:
        """A reader of raw blocks, for one thread; `period` as in Source."""
        return Source(self.spec.data, self.header, self.name, period)

    def missing(self, raw: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Which raw values are declared as missing: compared before scaling, in the dtype of the file. None: none can
        be.
        """
        found: NDArray[np.bool_] | None = None
        for value in self.missing_values:
            number = _in_dtype(value, raw.dtype)
            if number is not None and not math.isnan(value):
                here = raw == number
                found = here if found is None else found | here
        return found

    def decode(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Raw values as canonical ones, NaN where missing or hidden."""
        values = raw.astype(np.float64)
        if self.scale != 1:
            values *= self.scale
        if self.offset != 0:
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
                do = "Is this the class raster? If so, write it with whole codes."
                problem = Problem(
                    "L01", "error", self.name, "Class codes must be whole numbers.", found=f"{odd.flat[0]:g}", do=do
                )
                raise InputError(f"The layer `{self.name}` holds no classes.", [problem])
        codes = raw.astype(np.int64)
        for here in (is_missing, hidden):
            if here is not None:
                codes[here] = MISSING_CODE
        return codes

    def describe(self) -> dict[str, Any]:
        """The header in short, for the run record: no folder of the user's, so that the record does not depend on where
        the files lie.
        """
        header = self.header
        return {
            "name": self.name,
            "file": self.place,
            "kind": self.kind,
            "variable": header.variable,
            "bands": [i + 1 for i in ((header.pick[0], header.pick[-1]) if header.is_daily else header.pick)],
            "monthly": header.is_monthly,
            **({"daily": True} if header.axis == "day" else {}),
            **({"steps_per_day": header.steps_per_day} if header.axis == "hour" else {}),
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

    def fingerprint(self) -> str:
        """SHA-256 of the file (of a Zarr store: of all its files), or of the coordinates and values of a DataArray."""
        digest = hashlib.sha256()
        data = self.spec.data
        if isinstance(data, Path) and not data.is_dir():
            return file_hash(data)
        if not isinstance(data, Path):
            for piece in _pieces(data):
                digest.update(piece)
        else:
            for path in sorted(
                (p for p in data.rglob("*") if p.is_file()), key=lambda p: p.relative_to(data).as_posix()
            ):
                digest.update(path.relative_to(data).as_posix().encode() + b"\0")
                _update(digest, path)
        return digest.hexdigest()


def _update(digest: Any, path: Path) -> None:
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)


def _pieces(array: xr.DataArray) -> Iterator[bytes]:
    """The bytes of an array in the order of its cells, whatever its chunks."""
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

    def walk(part: xr.DataArray) -> Iterator[bytes]:
        if part.ndim > 2:
            for i in range(part.shape[0]):
                yield from walk(part[i])
            return
        sizes = part.chunks[0] if part.chunks else (256,) * -(-part.shape[0] // 256)
        start = 0
        for size in sizes:
            rows = part[start : start + size]
            values = rows.data.compute(scheduler="synchronous") if rows.chunks is not None else rows.values
            yield np.ascontiguousarray(values, dtype=native).tobytes()
            start += size

    yield from walk(array)


def lonlat_extent(crs: pyproj.CRS, bounds: tuple[float, float, float, float]) -> str:
    """Bounds in any CRS as longitudes and latitudes that can be looked up on a map."""
    west, south, east, north = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform_bounds(
        *bounds, densify_pts=21
    )
    return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"


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


class Source:
    """Reads raw blocks of one layer, north up and west to east. One for each thread.

    After column `period` comes column 0, round the globe; None: the layer ends where it ends.
    """

    def __init__(self, data: Path | xr.DataArray, header: Header, name: str, period: int | None = None) -> None:
        if header.lattice is None:
            raise ValueError("a layer without a lattice cannot be read")
        self._header, self._name, self._lattice, self._period = header, name, header.lattice, period
        self._file = data.name if isinstance(data, Path) else "DataArray"
        self._dataset: Any = None
        if not isinstance(data, Path):
            self._array: xr.DataArray | None = data
        elif header.family == "raster":
            self._array, self._dataset = None, open_raster(data)
        else:
            self._dataset = open_dataset(data, array_engine(data) or "h5netcdf")
            self._array = self._dataset[header.variable]

    def close(self) -> None:
        if self._dataset is not None:
            self._dataset.close()

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
        header, lattice = self._header, self._lattice
        rows = (lattice.rows - row1, lattice.rows - row0) if header.flip_rows else (row0, row1)
        cols = (lattice.cols - col1, lattice.cols - col0) if header.flip_cols else (col0, col1)
        turn = (..., slice(None, None, -1 if header.flip_rows else 1), slice(None, None, -1 if header.flip_cols else 1))
        try:
            raw, hidden = (
                self._read_raster(rows, cols)
                if self._array is None
                else (self._read_array(self._array, rows, cols), None)
            )
        except (RasterioIOError, OSError, RuntimeError, ValueError) as error:
            problem = Problem(
                "F01",
                "error",
                self._name,
                "The file opens but part of it cannot be read: it is damaged or cut short.",
                self._file,
                str(error).splitlines()[0],
                do="Copy or download it again.",
            )
            raise InputError(f"{self._name}: {self._file} cannot be read.", [problem]) from error
        return raw[turn], None if hidden is None else hidden[turn]

    def _read_raster(
        self, rows: tuple[int, int], cols: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        bands = [band + 1 for band in self._header.pick]
        index = bands if self._header.axis else bands[0]
        with gdal():
            raw = self._dataset.read(index, window=(rows, cols))
            hidden = self._dataset.read_masks(index, window=(rows, cols)) == 0 if self._header.is_masked else None
        return raw, hidden

    def _read_array(self, array: xr.DataArray, rows: tuple[int, int], cols: tuple[int, int]) -> NDArray[Any]:
        y, x, lead = self._header.dims
        where: dict[str, Any] = {str(dim): 0 for dim in array.dims} | {y: slice(*rows), x: slice(*cols)}
        if lead:
            pick, is_run = self._header.pick, self._header.pick == tuple(range(len(self._header.pick)))
            where[lead] = (slice(len(pick)) if is_run else list(pick)) if self._header.axis else pick[0]
        part = array.isel(where).transpose(*([lead] if self._header.axis else []), y, x)
        values = np.asarray(part.data.compute(scheduler="synchronous") if part.chunks is not None else part.values)
        if values.dtype.kind == "i" and self._header.dtype.kind == "u":
            values = values.astype(values.dtype.newbyteorder("=")).view(self._header.dtype)
        return values.astype(self._header.dtype, copy=False)


# -- opening -----------------------------------------------------------------------------------------------------------


def open_layer(
    spec: LayerSpec,
    *,
    unit: str,
    kind: Kind = "continuous",
    monthly_unit: str | None = None,
    daily_unit: str | None = None,
    subdaily_unit: str | None = None,
) -> Layer:
    """Open a layer by its header alone, with everything about it settled or every error of it raised at once.

    `unit` is the canonical unit, `monthly_unit`, `daily_unit` and `subdaily_unit` those of a layer that has an axis of
    months, days or steps of days (None: the same). Raises InputError with all problems found; warnings and information
    stay with the layer.
    """
    findings = Findings(spec.name, spec.data.name if isinstance(spec.data, Path) else "DataArray")
    _check_resampling(spec, kind, findings)
    pick = Pick(spec.band, spec.bands, spec.variable, may_have_axis=kind == "continuous")
    header = read_header(spec.data, pick, findings)
    if header is None:
        if kind == "continuous" and spec.units is not None:
            _convert(
                spec.units, (subdaily_unit, daily_unit, monthly_unit, unit), findings
            )  # so that it is said together with the rest
        raise _refused(findings)
    if kind == "class" and header.axis:
        findings.error(
            "F02",
            f"Classes of {'twelve' if header.is_monthly else 'single'} {AXIS_WORDS[header.axis]} cannot be used.",
            found=f"{len(header.pick)} bands",
            allowed="one band of class codes",
            do="Choose one with `band`.",
        )
    target = {"month": monthly_unit, "day": daily_unit, "hour": subdaily_unit}.get(header.axis or "") or unit
    missing = _missing_values(spec, header, kind, findings)
    scale, offset = _raw_to_unit(spec, header, kind, findings)
    if kind == "continuous":
        unit_scale, unit_offset = _unit_of_layer(spec, header, target, findings)
        scale, offset = scale * unit_scale, offset * unit_scale + unit_offset
    if findings.has_error or header.crs is None or header.lattice is None:
        raise _refused(findings)
    return Layer(
        spec=spec,
        kind=kind,
        unit=target if kind == "continuous" else "1",
        header=header,
        crs=header.crs,
        lattice=header.lattice,
        scale=scale,
        offset=offset,
        missing_values=missing,
        suspects=_suspects(header.dtype, missing, scale, offset) if kind == "continuous" else (),
        problems=tuple(findings.problems),
    )


def _refused(findings: Findings) -> InputError:
    return InputError(f"The layer `{findings.subject}` cannot be used.", findings.problems)


def _check_resampling(spec: LayerSpec, kind: Kind, findings: Findings) -> None:
    if spec.resampling is not None and spec.resampling not in RESAMPLINGS:
        findings.error(
            "G06",
            "This resampling is not known.",
            found=spec.resampling,
            allowed=", ".join(RESAMPLINGS),
            do="Correct `resampling`, or leave it out.",
        )
    elif spec.resampling == "bilinear" and kind == "class":
        findings.error(
            "G06",
            "Class codes cannot be interpolated.",
            found="bilinear",
            allowed="nearest, or average for area shares",
            do="Leave it out.",
        )


def _in_dtype(value: float, dtype: np.dtype[Any]) -> Any:
    """The number in that dtype, None where it has no such number (-9999 in a byte)."""
    if dtype.kind in "iub":
        if not math.isfinite(value) or value != int(value):
            return None
        low, high = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
        return dtype.type(int(value)) if low <= value <= high else None
    with np.errstate(over="ignore"):
        number = dtype.type(value)
    return None if np.isinf(number) and math.isfinite(value) else number


def _missing_values(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> tuple[float, ...]:
    """The raw values that mean missing: the project's, else the file's."""
    declared = header.nodata
    if spec.nodata is not None:
        given = _given_nodata(spec.nodata, findings)
        said = f"the file says {_listed(declared)}, gep.toml says {_listed(given)}"
        if declared and not _same_numbers(given, declared, header.dtype):
            findings.add(
                "N04",
                "warning",
                "The nodata value of gep.toml replaces the file's.",
                found=said,
                do="Remove one of them if they should agree.",
            )
        declared = given
    unable = [value for value in declared if _in_dtype(value, header.dtype) is None]
    if unable and spec.nodata is not None:
        findings.add(
            "N04",
            "warning",
            f"The nodata value cannot occur in {header.dtype} cells.",
            found=_listed(tuple(unable)),
            do="Correct `nodata`.",
        )
    is_told = bool(declared) or header.is_masked or spec.nodata is not None
    if kind == "continuous" and header.dtype.kind in "iu" and not is_told:
        findings.add(
            "N01",
            "warning",
            "No nodata value is declared: every cell counts as a measurement.",
            found=f"{header.dtype} without nodata",
            do='Give `nodata = …`, or `nodata = "none"` if every cell has a value.',
        )
    return declared


def _given_nodata(nodata: float | str, findings: Findings) -> tuple[float, ...]:
    if isinstance(nodata, str):
        if nodata.strip().lower() == "none":
            return ()
        try:
            nodata = float(nodata)
        except ValueError:
            findings.error(
                "N04",
                "The nodata value is not a number.",
                found=nodata,
                allowed='a number, or "none"',
                do="Correct `nodata`.",
            )
            return ()
    return (float(nodata),)


def _same_numbers(first: tuple[float, ...], second: tuple[float, ...], dtype: np.dtype[Any]) -> bool:
    def plain(values: tuple[float, ...]) -> set[str]:
        return {str(_in_dtype(value, dtype)) for value in values}

    return plain(first) == plain(second)


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.10g}" for value in values) or "none"


def _raw_to_unit(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> tuple[float, float]:
    """Scale and offset from raw values to the layer's own unit."""
    for name, given, of_file, neutral in (
        ("scale", spec.scale, header.scale, 1.0),
        ("offset", spec.offset, header.offset, 0.0),
    ):
        if kind == "class" and (given if given is not None else of_file) != neutral:
            findings.add(
                "U04",
                "warning",
                f"Class codes are not scaled: `{name}` is not applied.",
                found=given or of_file,
                do="Remove it if it is a mistake.",
            )
        elif given is not None and of_file != neutral and not math.isclose(given, of_file, rel_tol=1e-6):
            found = f"the file says {of_file:.10g}, gep.toml says {given:.10g}"
            findings.add(
                "U04",
                "warning",
                f"The {name} of gep.toml replaces the file's; the two are not multiplied.",
                found=found,
                do="Remove it to use the file's.",
            )
    if kind == "class":
        return 1.0, 0.0
    scale = header.scale if spec.scale is None else float(spec.scale)
    offset = header.offset if spec.offset is None else float(spec.offset)
    if scale == 0 or not (math.isfinite(scale) and math.isfinite(offset)):
        findings.error(
            "U04",
            "Scale and offset must be finite numbers, and scale not zero.",
            found=f"scale {scale:g}, offset {offset:g}",
            do="Correct them.",
        )
        return 1.0, 0.0
    return scale, offset


def _unit_of_layer(spec: LayerSpec, header: Header, target: str, findings: Findings) -> tuple[float, float]:
    """Scale and offset from the layer's unit to the canonical one."""
    text = header.unit if spec.units is None else spec.units
    if text is None:
        findings.error(
            "U01",
            "Neither the file nor gep.toml says in what unit the values are.",
            found="no unit",
            allowed=f"a unit that can be turned into {target}",
            do=f'Look it up in the description of the data, and write for example `units = "{target}"`.',
        )
        return 1.0, 0.0
    if spec.units is not None and header.unit is not None and not _means_the_same(spec.units, header.unit):
        found = f"the file says `{header.unit}`, gep.toml says `{spec.units}`"
        findings.add(
            "U05",
            "warning",
            "The unit of gep.toml replaces the file's.",
            found=found,
            do="Remove `units` if the file is right.",
        )
    return _convert(text, (target,), findings, by_file=spec.units is None)


def _means_the_same(first: str, second: str) -> bool:
    try:
        return first.strip() == second.strip() or units.linear(second, first) == (1.0, 0.0)
    except UnitError:
        return False


def _convert(
    text: str, targets: Sequence[str | None], findings: Findings, *, by_file: bool = False
) -> tuple[float, float]:
    """`units.linear`, with its refusal among the findings; where the axis is not known yet any of the units will do."""
    target = targets[-1]
    for option in filter(None, targets):
        try:
            return units.linear(text, option)
        except UnitError as error:
            refusal = error
    message = refusal.message if not by_file else f"The file's unit does not fit. {refusal.message}"
    do = f'Give the unit that the values have in gep.toml, like `units = "{target}"`.'
    findings.error(
        refusal.code, message, found=text or "empty text", allowed=f"a unit that can be turned into {target}", do=do
    )
    return 1.0, 0.0


def _suspects(dtype: np.dtype[Any], missing: tuple[float, ...], scale: float, offset: float) -> tuple[float, ...]:
    """Fill numbers that the dtype has and nothing declares, by the same arithmetic as `Layer.decode`, so that they
    compare equal.
    """
    declared = {str(_in_dtype(value, dtype)) for value in missing}
    numbers = [
        number for value in FILLS if (number := _in_dtype(value, dtype)) is not None and str(number) not in declared
    ]
    found = []
    for number in dict.fromkeys(numbers):
        value = float(number)
        value = value * scale if scale != 1 else value
        found.append(value + offset if offset != 0 else value)
    return tuple(value for value in dict.fromkeys(found) if math.isfinite(value))
