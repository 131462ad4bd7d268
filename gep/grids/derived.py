"""Layers that are computed from other layers on those layers' own grid, and come to the grid of the study like any layer.

So a slope is made from real neighbours and metric cell sizes, and a climate of twelve months is worked out once per climate cell: results depend
neither on blocks nor on interpolation.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from gep.grids.layers import Block, Layer
from gep.grids.sources import Lattice
from gep.units import linear

Array = NDArray[np.float64]

STRIP_VALUES = 2**22
"""Values of one input that are worked on at a time: a year of days is too much to hold for a whole window."""

NEIGHBOURS = ("north_west", "north", "north_east", "west", "east", "south_west", "south", "south_east")
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

    With `of_neighbours` the equation takes the eight neighbours of each cell of the only input, and the cell's width and height in metres; a cell
    without one of its neighbours is missing.
    """

    equation: Any = None
    inputs: Mapping[str, Layer] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    of_neighbours: bool = False

    def open(self, period: int | None = None) -> _DerivedSource:  # type: ignore[override]
        """A reader of computed blocks, for one thread."""
        return _DerivedSource(self, period)

    def decode(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> Array:
        """Computed values are canonical already, NaN where an input is missing."""
        return np.asarray(raw, dtype=np.float64)

    def describe(self) -> dict[str, Any]:
        """The header in short: what it was made of, by which equation."""
        about = super().describe()
        return {**about, "file": None, "derived_by": self.equation.name, "from": list(self.inputs), "constants": dict(self.constants)}

    def fingerprint(self) -> str:
        """sha256 of the fingerprints of what it was made of."""
        parts = [f"{name} {layer.fingerprint()}" for name, layer in sorted(self.inputs.items())]
        return hashlib.sha256("\n".join([self.equation.name, *parts, repr(sorted(self.constants.items()))]).encode()).hexdigest()


def derive(
    name: str, unit: str, equation: Any, inputs: Mapping[str, Layer], constants: Mapping[str, float], *, of_neighbours: bool = False
) -> DerivedLayer:
    """The layer that an equation makes on the grid of its inputs, which must share one lattice."""
    first = next(iter(inputs.values()))
    header = replace(first.header, axis=None, pick=(), dtype=np.dtype(np.float64), unit=unit, scale=1.0, offset=0.0, nodata=())
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
    """The lowest and the highest day of a daily layer, on its own grid: what its values are tested by.

    Days never come to the grid of the study, only what is made of them. In all it says of itself it is the daily layer.
    """

    days: Layer | None = None

    def open(self, period: int | None = None) -> _ExtremesSource:  # type: ignore[override]
        """A reader of the two extremes, for one thread."""
        assert self.days is not None
        return _ExtremesSource(self.days, period)

    def decode(self, raw: NDArray[Any], hidden: NDArray[np.bool_] | None = None) -> Array:
        """Extremes are canonical already, NaN where any day is missing."""
        return np.asarray(raw, dtype=np.float64)

    def describe(self) -> dict[str, Any]:
        """The header of the daily layer in short."""
        assert self.days is not None
        return self.days.describe()


def daily_extremes(layer: Layer) -> DailyExtremes:
    """What stands for a daily layer where its values are tested."""
    same = {f.name: getattr(layer, f.name) for f in fields(Layer)}
    header = replace(layer.header, axis="day", pick=(0, 1), dtype=np.dtype(np.float64))
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


def cell_sizes(crs: pyproj.CRS, lattice: Lattice, row0: int, row1: int) -> tuple[Array, Array]:
    """Width and height in metres of the cells of some rows: geodesic on a geographic grid."""
    count = row1 - row0
    if not crs.is_geographic:
        metre = float(crs.axis_info[0].unit_conversion_factor)
        return np.full(count, lattice.dx * metre), np.full(count, lattice.dy * metre)
    degree = float(np.degrees(crs.axis_info[0].unit_conversion_factor))
    geod = crs.get_geod() or pyproj.Geod(ellps="WGS84")
    north = (lattice.y0 - np.arange(row0, row1) * lattice.dy) * degree
    south = north - lattice.dy * degree
    middle, zero = np.clip((north + south) / 2, -90, 90), np.zeros(count)
    _, _, width = geod.inv(zero, middle, zero + lattice.dx * degree, middle)
    _, _, height = geod.inv(zero, np.clip(south, -90, 90), zero, np.clip(north, -90, 90))
    return np.asarray(width), np.asarray(height)


def resolution(layer: Layer) -> float:
    """Side of a typical cell of a layer in metres: along the meridian on a geographic grid."""
    middle = layer.lattice.rows // 2
    _, height = cell_sizes(layer.crs, layer.lattice, middle, middle + 1)
    return float(height[0])


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
        end = max(col1, col0 + 2)  # numpy sums the days of a single cell in another order than those of several
        strips = _strips(self._layer.inputs.values(), row0, row1, end - col0)
        parts = [self._computed(top, bottom, col0, end)[:, : col1 - col0] for top, bottom in strips]
        return Block(np.concatenate(parts) if len(parts) > 1 else parts[0], None, row0, col0)

    def _inputs(self, row0: int, row1: int, col0: int, col1: int) -> dict[str, Any]:
        """Every input in the unit that the equation declares for it."""
        found: dict[str, Any] = {}
        for name, source in self._sources.items():
            layer = self._layer.inputs[name]
            scale, offset = linear(layer.unit, self._layer.equation.units.get(name, layer.unit))
            found[name] = _decoded(layer, source, row0, row1, col0, col1) * scale + offset
        return found

    def _computed(self, row0: int, row1: int, col0: int, col1: int) -> Array:
        inputs = self._inputs(row0, row1, col0, col1)
        days = next((values.shape[0] for values in inputs.values() if values.ndim == 3), 0)
        for name, constant in self._layer.constants.items():
            inputs[name] = _calendar_months(days) if name == "calendar_month" else constant
        return self._evaluate(inputs, (row1 - row0, col1 - col0))

    def _of_neighbours(self, row0: int, row1: int, col0: int, col1: int) -> Array:
        inputs = self._inputs(row0 - 1, row1 + 1, col0 - 1, col1 + 1)
        return self._evaluate(self._neighbours(next(iter(inputs.values())), row0, row1), (row1 - row0, col1 - col0))

    def _evaluate(self, inputs: Mapping[str, Any], shape: tuple[int, int]) -> Array:
        layer = self._layer
        with np.errstate(all="ignore"):
            out = np.asarray(layer.equation.fn(**{name: inputs[name] for name in layer.equation.arguments}), dtype=np.float64)
        scale, offset = linear(layer.equation.returns, layer.unit)
        return np.broadcast_to(out * scale + offset, shape)

    def _neighbours(self, field: Array, row0: int, row1: int) -> dict[str, Any]:
        height, width = field.shape[0] - 2, field.shape[1] - 2
        around: dict[str, Any] = {name: field[1 + i : 1 + i + height, 1 + j : 1 + j + width] for name, (i, j) in _STEPS.items()}
        around["north_west"] = around["north_west"] + 0 * field[1:-1, 1:-1]  # a cell that is missing itself has no slope
        wide, high = cell_sizes(self._layer.crs, self._layer.lattice, row0, row1)
        return {**around, "cell_width": wide[:, None], "cell_height": high[:, None], **self._layer.constants}


class _ExtremesSource:
    """Reads the lowest and the highest day of blocks of a daily layer."""

    def __init__(self, layer: Layer, period: int | None) -> None:
        self._layer, self._source = layer, layer.open(period)

    def close(self) -> None:
        self._source.close()

    def read(self, row0: int, row1: int, col0: int, col1: int) -> Block:
        parts = []
        for top, bottom in _strips([self._layer], row0, row1, col1 - col0):
            days = _decoded(self._layer, self._source, top, bottom, col0, col1)
            parts.append(np.stack([days.min(axis=0), days.max(axis=0)]))
        return Block(np.concatenate(parts, axis=1), None, row0, col0)


def _decoded(layer: Layer, source: Any, row0: int, row1: int, col0: int, col1: int) -> Array:
    """Canonical values, the fields of an axis one after the other in memory, so that sums along it are made in one order whatever the block."""
    block = source.read(row0, row1, col0, col1)
    return np.ascontiguousarray(layer.decode(block.raw, block.hidden))


def _strips(layers: Iterable[Layer], row0: int, row1: int, width: int) -> Iterator[tuple[int, int]]:
    """Rows, cut where an input has many fields: cells know nothing of each other, so that the cut changes no number."""
    depth = max(math.prod(layer.header.lead) for layer in layers)
    step = max(1, STRIP_VALUES // (depth * width))
    for row in range(row0, row1, step):
        yield row, min(row + step, row1)


def _calendar_months(days: int) -> Array:
    """The month of each day of a year of 365 or 366 days, along a leading axis."""
    year = np.datetime64("2001-01-01") if days == 365 else np.datetime64("2004-01-01")
    dates = year + np.arange(days)
    months = dates.astype("datetime64[M]").astype(int) % 12 + 1
    return months.astype(np.float64).reshape(-1, 1, 1)
