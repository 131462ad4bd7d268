"""Whole layers in memory: the codes of a land cover, where the cells of one layer lie on another, means over land."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gep.core.errors import UsageError
from gep.core.messages import say
from gep.inputs.grids.headers import Lattice
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.transform import transformer

Cells = NDArray[np.bool_]


def codes_of(cover: Layer) -> NDArray[np.int64]:
    """The codes of the whole land cover, north up."""
    block = _whole(cover)
    return cover.codes(block.raw, block.hidden)


def _whole(layer: Layer) -> Any:
    source = layer.open()
    try:
        return source.read(0, layer.lattice.rows, 0, layer.lattice.cols)
    finally:
        source.close()


def _centres(lattice: Lattice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = lattice.x0 + (np.arange(lattice.cols, dtype=np.float64) + 0.5) * lattice.dx
    y = lattice.y0 - (np.arange(lattice.rows, dtype=np.float64) + 0.5) * lattice.dy
    return x, y


def positions(layer: Layer, lattice: Lattice, crs: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], Cells]:
    """Row and column of another lattice at the centres of a layer's cells, and which lie on it."""
    x, y = np.meshgrid(*_centres(layer.lattice))
    if layer.crs != crs:
        x, y = transformer(layer.crs, crs).transform(x, y)
    with np.errstate(invalid="ignore"):
        row = np.floor((lattice.y0 - np.asarray(y)) / lattice.dy)
        col = np.floor((np.asarray(x) - lattice.x0) / lattice.dx)
        is_inside = (row >= 0) & (row < lattice.rows) & (col >= 0) & (col < lattice.cols)
    return np.where(is_inside, row, 0).astype(np.intp), np.where(is_inside, col, 0).astype(np.intp), is_inside


def on_lattice(layer: Layer, values: NDArray[Any], lead: tuple[str, ...]) -> xr.DataArray:
    x, y = _centres(layer.lattice)
    dims = ("lat", "lon") if layer.crs.is_geographic else ("y", "x")
    coords = dict(zip(dims, (y, x), strict=True))
    return xr.DataArray(values, coords=coords, dims=(*lead, *dims), attrs={"crs": layer.crs.to_wkt()})


def bare_spec(spec: LayerSpec) -> LayerSpec:
    """What is said of a layer's time, and nothing of its file."""
    return LayerSpec(spec.name, spec.data, resampling=spec.resampling, period=spec.period, year=spec.year)


def decoded(layer: Layer) -> NDArray[np.float64]:
    """All values of a layer, NaN where they are missing, north up."""
    block = _whole(layer)
    return layer.decode(block.raw, block.hidden)


def mean_over(layer: Layer, cover: Layer, land: Cells, to: str) -> NDArray[np.float64]:
    """The mean of the cells of a layer whose centres lie on some cells of a land cover: one number, or one for each
    month. Raises UsageError where there is none.
    """
    values = decoded(layer)
    row, col, is_inside = positions(layer, cover.lattice, cover.crs)
    donors = is_inside & land[row, col] & np.isfinite(values if values.ndim == 2 else values.sum(axis=0))
    if not donors.any():
        raise UsageError(say("study.scenario.no_donor", layer=layer.name, to=to))
    return np.asarray(values[..., donors].mean(axis=-1))
