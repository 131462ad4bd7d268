"""A study with other values in one of its layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import xarray as xr

from gep.inputs.grids.layers import LayerSpec
from gep.study.study import Study

Change = Callable[[np.ndarray], np.ndarray]


def array(study: Study, name: str) -> xr.DataArray:
    """The values of a layer of the city in its own unit, on its own grid, NaN where they are missing."""
    layer = study.inputs.land_cover if name == "land_cover" else study.inputs.layers.get(name)
    layer = layer or study.inputs.layers[f"monthly_{name}"]
    lattice = layer.lattice
    block = layer.open().read(0, lattice.rows, 0, lattice.cols)
    values = layer.decode(block.raw, block.hidden)
    rows, cols = np.arange(lattice.rows) + 0.5, np.arange(lattice.cols) + 0.5
    found = xr.DataArray(
        values,
        dims=("month", "y", "x") if values.ndim == 3 else ("y", "x"),
        coords={"y": lattice.y0 - rows * lattice.dy, "x": lattice.x0 + cols * lattice.dx},
        attrs={"units": layer.unit},
    )
    return (
        found.rio.write_crs(layer.crs)
        if hasattr(found, "rio")
        else found.assign_coords(spatial_ref=xr.DataArray(0, attrs={"crs_wkt": layer.crs.to_wkt()}))
    )


def changed(study: Study, name: str, change: Change, units: str | None = None) -> Study:
    """The city with other values in a layer, said to be in the same unit or in another."""
    found = array(study, name)
    found = found.copy(data=change(found.values))
    spec = LayerSpec(name, found, units=units or found.attrs["units"], year=2020)
    if name == "land_cover":
        return Study.from_spec(replace(study.spec, land_cover=replace(spec, units=None, nodata=0.0)))
    return Study.from_spec(replace(study.spec, layers={**study.spec.layers, name: spec}))


def times(factor: float) -> Change:
    return lambda values: values * factor
