"""Layers that are computed from other layers on those layers' own grid, and come to the grid of the study like any
layer.

So a slope is made from real neighbours and metric cell sizes, and a climate of twelve months is worked out once per
climate cell: results depend neither on blocks nor on interpolation. A layer whose name begins with `monthly_` gets
twelve fields. What is made of days, or of steps of days, by month is made month by month: its equation takes the days
of one month.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyproj
from numpy.typing import NDArray

from gep.core.equation import Equation
from gep.core.units import linear
from gep.inputs.grids.area import mesh_axis
from gep.inputs.grids.bands import AXIS_OF, STEPS_OF_YEAR, YEAR_LENGTHS
from gep.inputs.grids.headers import Lattice
from gep.inputs.grids.layers import Block, BlockSource, Layer, LayerRecord, Needed
from gep.inputs.grids.transform import WGS84, transformer

Array = NDArray[np.float64]

MONTHS = 12

READ_VALUES, STRIP_VALUES = 2**26, 2**22
"""Values of one input that are read at a time, and worked on: a year of days is too much to hold for a whole window."""

_STEPS = {
    "north_west": (-1, -1),
    "north": (-1, 0),
    "north_east": (-1, 1),
    "west": (0, -1),
    "east": (0, 1),
    "south_west": (1, -1),
    "south": (1, 0),
    "south_east": (1, 1),
}


@dataclass(frozen=True, eq=False)
class DerivedLayer(Layer):
    """A layer that an equation makes from layers that share one lattice, and from constants.

    With `of_neighbours` the equation takes each cell of the only input (`centre`), its eight neighbours, and the cell's
    width and height in metres; a cell without one of its neighbours is missing.
    """

    equation: Equation = field(kw_only=True)
    inputs: Mapping[str, Layer] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    of_neighbours: bool = False

    @property
    def content_key(self) -> Hashable:
        """What is equal where two layers are made alike of the same: values of inputs rather than raw blocks."""
        made = id(self.equation), self.unit, self.of_neighbours, tuple(sorted(self.constants.items()))
        inputs = tuple((name, _values_key(layer)) for name, layer in sorted(self.inputs.items()))
        return super().content_key, self.crs.to_wkt(), self.lattice, made, inputs

    def open(self, period: int | None = None) -> BlockSource:
        """A reader of computed blocks, for one thread."""
        return _DerivedSource(self, period)

    def decode(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> Array:
        """Computed values are canonical already, NaN where an input is missing."""
        return np.asarray(raw, dtype=np.float64)

    def describe(self) -> LayerRecord:
        """The header in short: what it was made of, by which equation."""
        about = super().describe()
        return {
            **about,
            "file": None,
            "derived_by": self.equation.name,
            "from": list(self.inputs),
            "constants": dict(self.constants),
        }

    def fingerprint(self) -> str:
        """sha256 of the fingerprints of what it was made of."""
        parts = [f"{name} {layer.fingerprint()}" for name, layer in sorted(self.inputs.items())]
        return hashlib.sha256(
            "\n".join([self.equation.name, *parts, repr(sorted(self.constants.items()))]).encode()
        ).hexdigest()


def _values_key(layer: Layer) -> Hashable:
    """What is equal where two layers have the same values."""
    packing = layer.unit, layer.scale, layer.offset, layer.by_field, layer.valid, repr(layer.missing_values)
    return layer.content_key, packing


def derive(
    name: str,
    unit: str,
    equation: Equation,
    inputs: Mapping[str, Layer],
    constants: Mapping[str, float],
    *,
    of_neighbours: bool = False,
) -> DerivedLayer:
    """The layer that an equation makes on the grid of its inputs, which must share one lattice."""
    first = next(iter(inputs.values()))
    axis = AXIS_OF.get(name.partition("_")[0])
    if axis not in (None, "month"):
        raise ValueError(f"{name} cannot be derived: only twelve months can, or one value for the year")
    pick = tuple(range(MONTHS)) if axis else ()
    header = replace(
        first.header, axis=axis, pick=pick, dtype=np.dtype(np.float64), unit=unit, scale=1.0, offset=0.0, nodata=()
    )
    periods = dict.fromkeys(layer.spec.period or str(layer.spec.year or "") for layer in inputs.values())
    spec = replace(
        first.spec,
        name=name,
        units=unit,
        scale=None,
        offset=None,
        nodata=None,
        band=None,
        bands=None,
        variable=None,
        period=", ".join(p for p in periods if p),
    )
    return DerivedLayer(
        spec=spec,
        kind="continuous",
        unit=unit,
        header=header,
        crs=first.crs,
        lattice=first.lattice,
        scale=1.0,
        offset=0.0,
        missing_values=(),
        suspects=(),
        equation=equation,
        inputs=inputs,
        constants=constants,
        of_neighbours=of_neighbours,
    )


@dataclass(frozen=True, eq=False)
class DailyExtremes(Layer):
    """The lowest and the highest of the days, or steps of days, of a daily layer on its own grid: what its values are
    tested by.

    Days never come to the grid of the study, only what is made of them. In all it says of itself it is the daily layer.
    """

    days: Layer = field(kw_only=True)

    @property
    def content_key(self) -> Hashable:
        """That of the values of the daily layer."""
        return super().content_key, _values_key(self.days)

    def open(self, period: int | None = None) -> BlockSource:
        """A reader of the two extremes, for one thread."""
        return _ExtremesSource(self, period)

    def decode(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> Array:
        """Extremes are canonical already, NaN where any day is missing."""
        return np.asarray(raw, dtype=np.float64)

    def describe(self) -> LayerRecord:
        """The header of the daily layer in short."""
        return self.days.describe()


def daily_extremes(layer: Layer) -> DailyExtremes:
    """What stands for a daily layer where its values are tested."""
    same = {f.name: getattr(layer, f.name) for f in fields(Layer)}
    header = replace(layer.header, pick=(0, 1), dtype=np.dtype(np.float64))
    return DailyExtremes(**{**same, "header": header}, days=layer)


def daily_inputs(layer: Layer) -> dict[str, Layer]:
    """The daily layers that a derived layer rests on, by name."""
    found: dict[str, Layer] = {}
    for name, part in layer.inputs.items() if isinstance(layer, DerivedLayer) else ():
        found |= {name: part} if part.is_daily else daily_inputs(part)
    return found


def share_lattice(layers: list[Layer]) -> bool:
    """Whether layers lie on one lattice, cell for cell."""
    return all(layer.crs == layers[0].crs and layer.lattice == layers[0].lattice for layer in layers[1:])


NODE_STEP = 32
"""Cells between the nodes at which the scale of a projection is worked out: anchored to the lattice, so that no block
changes a cell.
"""


def cell_sizes(crs: pyproj.CRS, lattice: Lattice, row0: int, row1: int, col0: int, col1: int) -> tuple[Array, Array]:
    """True width and height in metres of the cells of a block, measured along the ellipsoid: (h, 1) on a geographic
    grid, (h, w) on a projected one.

    On a projected grid lengths are measured at nodes every NODE_STEP cells and interpolated: a map's metre is not the
    ground's (in EPSG:3857 at 42 degrees north it is a third longer).
    """
    if crs.is_geographic:
        rows = np.arange(row0, row1, dtype=np.float64)
        width, height = _lengths(crs, lattice, rows + 0.5, np.full(row1 - row0, 0.5))
        return width[:, None], height[:, None]
    (i, rows, t), (j, cols, u) = mesh_axis(row0, row1, NODE_STEP), mesh_axis(col0, col1, NODE_STEP)
    row, col = np.meshgrid(rows + 0.5, cols + 0.5, indexing="ij")
    sizes = []
    for node in _lengths(crs, lattice, row, col):
        down = node[i] + t[:, None] * (node[i + 1] - node[i])
        sizes.append(down[:, j] + u * (down[:, j + 1] - down[:, j]))
    return sizes[0], sizes[1]


def _lengths(crs: pyproj.CRS, lattice: Lattice, row: Array, col: Array) -> tuple[Array, Array]:
    """Geodesic width and height of cells whose centres lie at these row and column positions of a lattice."""
    x, y = lattice.x0 + col * lattice.dx, lattice.y0 - row * lattice.dy
    geodetic = crs.geodetic_crs or WGS84
    to_degrees = transformer(crs, geodetic)
    unit = float(np.degrees(geodetic.axis_info[0].unit_conversion_factor))
    geod = crs.get_geod() or pyproj.Geod(ellps="WGS84")

    def length(across: float, down: float) -> Array:
        (lon1, lat1), (lon2, lat2) = (to_degrees.transform(x + half * across, y + half * down) for half in (-0.5, 0.5))
        lat1, lat2 = (np.clip(np.asarray(lat) * unit, -90, 90) for lat in (lat1, lat2))
        return np.asarray(geod.inv(np.asarray(lon1) * unit, lat1, np.asarray(lon2) * unit, lat2)[2])

    return length(lattice.dx, 0.0), length(0.0, lattice.dy)


def resolution(layer: Layer) -> float:
    """Side of a typical cell of a layer in metres on the ground, down the map."""
    row, col = layer.lattice.rows // 2, layer.lattice.cols // 2
    _, height = cell_sizes(layer.crs, layer.lattice, row, row + 1, col, col + 1)
    return float(height[0, 0])


class _DerivedSource:
    """Computes blocks of a derived layer from blocks of its inputs."""

    def __init__(self, layer: DerivedLayer, period: int | None) -> None:
        self._layer = layer
        self._sources = {name: part.open(period) for name, part in layer.inputs.items()}

    def close(self) -> None:
        for source in self._sources.values():
            source.close()

    def read(self, row0: int, row1: int, col0: int, col1: int) -> Block:
        if self._layer.of_neighbours:
            return Block(self._of_neighbours(row0, row1, col0, col1), None, row0, col0)
        return _kept.block(self._layer, self._read, (row0, row1, col0, col1))

    def _read(self, row0: int, row1: int, col0: int, col1: int) -> Block:
        end = max(col1, col0 + 2)  # numpy sums the days of a single cell in another order than those of several
        parts = []
        for strip in _strips(self._layer.inputs, self._sources, (row0, row1, col0, end)):
            parts.append(self._computed({name: self._in_unit(name, values) for name, values in strip.items()}))
        return Block(np.concatenate(parts, axis=-2)[..., : col1 - col0], None, row0, col0)

    def _in_unit(self, name: str, values: Array) -> Array:
        """An input in the unit that the equation declares for it."""
        layer = self._layer.inputs[name]
        scale, offset = linear(layer.unit, self._layer.equation.units.get(name, layer.unit))
        return values * scale + offset

    def _computed(self, inputs: Mapping[str, Array]) -> Array:
        layer = self._layer
        shape = next(iter(inputs.values())).shape[-2:]
        days = {name: len(inputs[name]) for name, part in layer.inputs.items() if part.is_daily}
        fields = dict(inputs)
        if "calendar_month" in layer.constants:
            days["calendar_month"] = next(iter(days.values()))
            fields["calendar_month"] = _calendar_months(days["calendar_month"])
        known: dict[str, Array | float] = {**layer.constants, **fields}
        if not (layer.is_monthly and days):
            return self._evaluate(known, (*layer.header.lead, *shape))
        by_name = {name: _month_bounds(count) for name, count in days.items()}
        by_name |= {name: list(range(MONTHS + 1)) for name, part in layer.inputs.items() if part.is_monthly}
        months = []
        for month in range(MONTHS):
            cut = {name: fields[name][bounds[month] : bounds[month + 1]] for name, bounds in by_name.items()}
            months.append(self._evaluate({**known, **cut}, (1, *shape)))
        return np.concatenate(months)

    def _of_neighbours(self, row0: int, row1: int, col0: int, col1: int) -> Array:
        ((name, source),) = self._sources.items()
        block = source.read(row0 - 1, row1 + 1, col0 - 1, col1 + 1)
        field = self._in_unit(name, self._layer.inputs[name].decode(block.raw, block.hidden))
        return self._evaluate(self._neighbours(field, (row0, row1, col0, col1)), (row1 - row0, col1 - col0))

    def _evaluate(self, inputs: Mapping[str, Array | float], shape: tuple[int, ...]) -> Array:
        layer = self._layer
        with np.errstate(all="ignore"):
            out = np.asarray(
                layer.equation.fn(**{name: inputs[name] for name in layer.equation.arguments}), dtype=np.float64
            )
        scale, offset = linear(layer.equation.returns, layer.unit)
        return np.broadcast_to(out * scale + offset, shape)

    def _neighbours(self, field: Array, block: Needed) -> dict[str, Array | float]:
        height, width = field.shape[0] - 2, field.shape[1] - 2
        around = {name: field[1 + i : 1 + i + height, 1 + j : 1 + j + width] for name, (i, j) in _STEPS.items()}
        centre = field[1:-1, 1:-1]
        around["north_west"] = around["north_west"] + 0 * centre  # a cell that is missing itself has no slope
        wide, high = cell_sizes(self._layer.crs, self._layer.lattice, *block)
        return {**around, "centre": centre, "cell_width": wide, "cell_height": high, **self._layer.constants}


class _ExtremesSource:
    """Reads the lowest and the highest of the days of blocks of a daily layer."""

    def __init__(self, layer: DailyExtremes, period: int | None) -> None:
        self._layer, self._days, self._source = layer, layer.days, layer.days.open(period)

    def close(self) -> None:
        self._source.close()

    def read(self, row0: int, row1: int, col0: int, col1: int) -> Block:
        return _kept.block(self._layer, self._read, (row0, row1, col0, col1))

    def _read(self, row0: int, row1: int, col0: int, col1: int) -> Block:
        parts = []
        for strip in _strips({"days": self._days}, {"days": self._source}, (row0, row1, col0, col1)):
            parts.append(np.stack([strip["days"].min(axis=0), strip["days"].max(axis=0)]))
        return Block(np.concatenate(parts, axis=1), None, row0, col0)


class _Kept:
    """The last block of every layer that rests on days, for all threads: a year of days is worked through once, by one
    of them.
    """

    def __init__(self) -> None:
        self._lock = RLock()  # a derived layer may rest on another
        self._blocks: WeakKeyDictionary[Layer, Block] = WeakKeyDictionary()

    def block(self, layer: Layer, read: Callable[..., Block], needed: Needed) -> Block:
        """The block of a layer, kept or read."""
        if not (isinstance(layer, DailyExtremes) or daily_inputs(layer)):
            return read(*needed)
        with self._lock:
            kept = self._blocks.get(layer)
            found = kept.part(*needed) if kept else None
            if found is None:
                found = self._blocks[layer] = read(*needed)
            return found


_kept = _Kept()


def _strips(
    layers: Mapping[str, Layer], sources: Mapping[str, BlockSource], needed: Needed
) -> Iterator[dict[str, Array]]:
    """The canonical values of all inputs, in strips of rows where they have many fields: cells know nothing of each
    other, so no number changes.

    The fields of an axis lie one after the other in memory, so that sums along it are made in one order.
    """
    row0, row1, col0, col1 = needed
    values_of_row = max(math.prod(layer.header.lead) for layer in layers.values()) * (col1 - col0)
    for top, bottom in _cut(row0, row1, READ_VALUES // values_of_row):
        blocks = {name: source.read(top, bottom, col0, col1) for name, source in sources.items()}
        for first, last in _cut(top, bottom, STRIP_VALUES // values_of_row):
            strips = {name: block.part(first, last, col0, col1) for name, block in blocks.items()}
            yield {
                name: np.ascontiguousarray(layers[name].decode(*strip[:2])) for name, strip in strips.items() if strip
            }


def _cut(start: int, end: int, step: int) -> Iterator[tuple[int, int]]:
    for at in range(start, end, max(1, step)):
        yield at, min(at + max(1, step), end)


def _calendar_months(count: int) -> Array:
    """The month of each day of a year of 365 or 366 days, or of each of its steps, along a leading axis."""
    days, per_day = STEPS_OF_YEAR[count]
    dates = np.datetime64(f"{YEAR_LENGTHS[days]}-01-01") + np.arange(days)
    months = dates.astype("datetime64[M]").astype(int) % MONTHS + 1
    return np.repeat(months, per_day).astype(np.float64).reshape(-1, 1, 1)


def _month_bounds(count: int) -> list[int]:
    """Where the months begin among the days of a year, or their steps, and where the last one ends."""
    return [int(start) for start in np.searchsorted(_calendar_months(count).ravel(), np.arange(1, MONTHS + 2))]
