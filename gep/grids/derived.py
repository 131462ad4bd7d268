"""Layers that are computed from other layers on those layers' own grid, and come to the grid of the study like any layer.

So a slope is made from real neighbours and metric cell sizes, and a climate of twelve months is worked out once per climate cell: results depend
neither on blocks nor on interpolation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from gep.grids.layers import Block, Layer
from gep.grids.sources import Lattice
from gep.units import linear

Array = NDArray[np.float64]

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
    header = replace(first.header, is_monthly=False, dtype=np.dtype(np.float64), unit=unit, scale=1.0, offset=0.0, nodata=())
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
        layer = self._layer
        margin = 1 if layer.of_neighbours else 0
        fields: dict[str, Any] = {}
        for name, source in self._sources.items():
            block = source.read(row0 - margin, row1 + margin, col0 - margin, col1 + margin)
            scale, offset = linear(layer.inputs[name].unit, layer.equation.units.get(name, layer.inputs[name].unit))
            fields[name] = layer.inputs[name].decode(block.raw, block.hidden) * scale + offset
        if layer.of_neighbours:
            fields = self._neighbours(next(iter(fields.values())), row0, row1)
        else:
            lead = max(field.ndim for field in fields.values())
            days = next((field.shape[0] for field in fields.values() if field.ndim == lead and lead == 3), 0)
            for name, constant in layer.constants.items():
                fields[name] = _calendar_months(days) if name == "calendar_month" else constant
        with np.errstate(all="ignore"):
            out = np.asarray(layer.equation.fn(**{name: fields[name] for name in layer.equation.arguments}), dtype=np.float64)
        scale, offset = linear(layer.equation.returns, layer.unit)
        return Block(np.broadcast_to(out * scale + offset, (row1 - row0, col1 - col0)), None, row0, col0)

    def _neighbours(self, field: Array, row0: int, row1: int) -> dict[str, Any]:
        height, width = field.shape[0] - 2, field.shape[1] - 2
        around: dict[str, Any] = {name: field[1 + i : 1 + i + height, 1 + j : 1 + j + width] for name, (i, j) in _STEPS.items()}
        around["north_west"] = around["north_west"] + 0 * field[1:-1, 1:-1]  # a cell that is missing itself has no slope
        wide, high = cell_sizes(self._layer.crs, self._layer.lattice, row0, row1)
        return {**around, "cell_width": wide[:, None], "cell_height": high[:, None], **self._layer.constants}


def _calendar_months(days: int) -> Array:
    """The month of each day of a year of 365 or 366 days, along a leading axis."""
    year = np.datetime64("2001-01-01") if days == 365 else np.datetime64("2004-01-01")
    dates = year + np.arange(days)
    months = dates.astype("datetime64[M]").astype(int) % 12 + 1
    return months.astype(np.float64).reshape(-1, 1, 1)
