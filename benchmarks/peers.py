"""The same sums as people compute them without an engine: xarray with whole arrays in memory, and xarray over dask.

The equations are those of the plan, called on DataArrays in the units they declare; zones are drawn on the grid once;
flows are added by zone and class. Nothing is tested, counted or explained.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import rasterio
import xarray as xr
from rasterio.features import rasterize
from rasterio.windows import Window

from benchmarks.floor import WINDOW, rasters
from gep.core.units import linear
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.grid import Square
from gep.plan.plan import Flow, FlowKey, GridPlan
from gep.plan.wiring import ClassInput, Computed, Input, LayerInput

DIMS = ("y", "x")


class _Raster:
    """A raster as an array that is read where it is asked for, missing cells as NaN where its numbers are floats."""

    def __init__(self, path: Path) -> None:
        self._path, self._local = path, threading.local()
        with rasterio.open(path) as file:
            self.shape, self.dtype, self._nodata = file.shape, np.dtype(file.dtypes[0]), file.nodata
        self.ndim = 2

    def __getitem__(self, where: tuple[slice, slice]) -> np.ndarray:
        if not hasattr(self._local, "file"):
            self._local.file = rasterio.open(self._path, sharing=False)
        found = self._local.file.read(1, window=Window.from_slices(*where, *self.shape))
        if self.dtype.kind == "f":
            found[found == self._nodata] = np.nan
        return found

    def array(self, is_lazy: bool) -> xr.DataArray:
        """The whole of it, or an array of dask in the windows in which it is read."""
        if is_lazy:
            return xr.DataArray(da.from_array(self, chunks=WINDOW, lock=False, asarray=False), dims=DIMS)
        rows, cols = self.shape
        return xr.DataArray(self[slice(0, rows), slice(0, cols)], dims=DIMS)


def sums(plan: GridPlan, project: Path, *, is_lazy: bool, threads: int = 1) -> dict[FlowKey, np.ndarray]:
    """The sums of every flow by zone and class: of arrays in memory, or lazily in chunks by threads of dask."""
    layers = {name: _Raster(path).array(is_lazy) for name, path in rasters(project).items()}
    cover = layers.pop("land_cover")
    of_code = np.full(256, len(plan.classes) - 1)
    of_code[plan.codes[plan.codes < 256]] = plan.class_of_code[plan.codes < 256]
    classes = _looked_up(of_code, cover)
    with rasterio.open(rasters(project)["land_cover"]) as file:
        shapes = [(geometry, number) for number, geometry in enumerate(plan.zones.geometries)]
        zone = rasterize(shapes, out_shape=file.shape, fill=-1, dtype="int16", transform=file.transform)
    area = np.broadcast_to(cell_areas(plan.grid, Square(0, zone.shape[0], 0, zone.shape[1])), zone.shape)
    zones, areas = xr.DataArray(zone, dims=DIMS), xr.DataArray(area, dims=DIMS)
    if is_lazy:
        zones, areas = zones.chunk(WINDOW), areas.chunk(WINDOW)
    with np.errstate(all="ignore"):
        found = _densities(plan, layers, classes)
        tables = {flow.key: _added(plan, flow, found[flow.key], zones, classes, areas) for flow in plan.flows}
        with dask.config.set(scheduler="threads", num_workers=threads):
            tables = dict(zip(tables, dask.compute(*tables.values()), strict=True))
    shape = (len(plan.zones.zones), len(plan.classes))
    return {key: np.asarray(table).reshape(shape) for key, table in tables.items()}


def _applied(function: Any, *arrays: Any) -> Any:
    return xr.apply_ufunc(function, *arrays, dask="parallelized", output_dtypes=[np.float64])


def _looked_up(table: np.ndarray, places: xr.DataArray) -> xr.DataArray:
    return xr.apply_ufunc(lambda at: table[at], places, dask="parallelized", output_dtypes=[table.dtype])


def _densities(plan: GridPlan, layers: Mapping[str, xr.DataArray], classes: xr.DataArray) -> dict[FlowKey, Any]:
    """The density of every flow; what two flows have in common is computed once."""
    known: dict[Input, Any] = {}

    def value(node: Input) -> Any:
        if node not in known:
            if isinstance(node, LayerInput):
                known[node] = layers[node.name].astype(np.float64)
            elif isinstance(node, ClassInput):
                known[node] = _looked_up(np.asarray(plan.class_values[node.name, node.unit], np.float64), classes)
            elif isinstance(node, Computed):
                units = node.equation.units.values()
                arguments = [in_unit(part, unit) for part, unit in zip(node.inputs, units, strict=True)]
                known[node] = _applied(node.equation.fn, *arguments)
            else:
                raise NotImplementedError(f"{node}: not an input of the projects that peers are measured on")
        return known[node]

    def in_unit(node: Input, unit: str) -> Any:
        given = plan.layers[node.name].unit if isinstance(node, LayerInput) else None
        given = node.equation.returns if isinstance(node, Computed) else given
        scale, offset = linear(given, unit) if given else (1.0, 0.0)
        array = value(node)
        return array if (scale, offset) == (1.0, 0.0) else array * scale + offset

    return {flow.key: value(flow.node) for flow in plan.flows}


def _added(plan: GridPlan, flow: Flow, density: Any, zones: Any, classes: Any, areas: Any) -> Any:
    """The sums of a density by group: at once, or as an array of dask that is still to be computed."""

    def add(density: np.ndarray, zone: np.ndarray, land_class: np.ndarray, area: np.ndarray) -> np.ndarray:
        is_counted = (zone >= 0) & np.isfinite(density) & flow.is_counted[land_class]
        group = zone[is_counted].astype(np.intp) * len(plan.classes) + land_class[is_counted]
        amount = flow.counted(density[is_counted] * area[is_counted])
        return np.bincount(group, amount, plan.n_groups)[None, None]

    parts = [xr.broadcast(density, zones)[0].data, zones.data, classes.data, areas.data]
    if not dask.is_dask_collection(parts[1]):
        return add(*parts)
    chunks = (*((1,) * count for count in parts[1].numblocks), plan.n_groups)
    return da.map_blocks(add, *parts, dtype=np.float64, chunks=chunks, new_axis=2).sum(axis=(0, 1))
