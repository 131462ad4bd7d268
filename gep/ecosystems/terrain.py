"""What is made of the neighbours of a cell, for arrays in a notebook: a slope of an elevation that says where its cells
lie, by the code that a run makes it with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gep.core.catalog import layer_kinds
from gep.core.errors import InputError
from gep.core.messages import Text, in_language, say
from gep.core.parts import derivations_of, registered
from gep.core.units import cf_attributes
from gep.derivations import DERIVATIONS
from gep.inputs.grids.derived import DerivedLayer, derive
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.open import open_layer
from gep.plan.own_grid import CELL_SIDES, cell_sides, coarse_terrain
from gep.plan.wiring import Computed, LayerInput
from gep.standards.coefficients import Coefficients


@dataclass(frozen=True)
class Terrain:
    """The layers of which neighbours or the size of cells matter, opened, or why they cannot be; what was made of them
    by name.
    """

    arrays: Mapping[str, xr.DataArray]
    layers: Mapping[str, Layer]
    reasons: Mapping[str, Text]
    made: dict[str, xr.DataArray] = field(default_factory=dict)

    @classmethod
    def of(cls, layers: xr.Dataset) -> Terrain:
        """The terrain among some arrays."""
        arrays = {name: layers[name] for name in CELL_SIDES.values() if name in layers.data_vars}
        opened: dict[str, Layer] = {}
        reasons: dict[str, Text] = {}
        for name, array in arrays.items():
            try:
                opened[name] = open_layer(LayerSpec(name, array), unit=layer_kinds()[name].unit)
            except InputError as error:
                message = error.problems[0].message
                reasons[name] = Text(message, in_language(message, "zh"))
        return cls(arrays, opened, reasons)

    @property
    def constants(self) -> dict[str, float]:
        """What follows from the size of cells, in metres."""
        return cell_sides(self.layers)

    def refused(
        self, given: Sequence[str], coefficients: Coefficients, settings: Callable[[str], Mapping[str, str]]
    ) -> dict[str, Text]:
        """Why something is not made of an elevation: it is too coarse, or nobody knows where its cells lie."""
        around = dict.fromkeys(
            d.makes for d in (*DERIVATIONS, *derivations_of(registered())) if d.of_neighbours in self.reasons
        )
        reason = self.reasons.get("elevation")
        unplaced = {name: say("plan.needs_place", reason=reason) for name in around} if reason else {}
        coarse, _ = coarse_terrain(self.layers.get("elevation"), given, coefficients, settings)
        return {name: why for name, why in {**unplaced, **coarse}.items() if name not in given}

    def localise(self, way: Computed) -> LayerInput | None:
        """A derivation of neighbours as a layer, where its array can be opened."""
        ((source, *_), derivation) = way.inputs, way.derivation
        if derivation is None or derivation.of_neighbours not in self.layers or not isinstance(source, LayerInput):
            return None
        name = derivation.makes
        if name not in self.made:
            layer, kind = self.layers[source.name], layer_kinds()[name]
            made = derive(name, kind.unit, way.equation, {source.name: layer}, {}, of_neighbours=True)
            self.made[name] = _array_of(made, self.arrays[source.name])
        return LayerInput(name, (derivation,))


def _array_of(layer: DerivedLayer, like: xr.DataArray) -> xr.DataArray:
    """A derived layer as an array beside the one that it is made of: chunk by chunk where that is lazy."""
    dims = layer.header.dims[:2]
    plane = like.isel({dim: 0 for dim in like.dims if dim not in dims}, drop=True).transpose(*dims)
    if plane.chunks is None:
        values: Any = _block(layer, (0, plane.shape[0]), (0, plane.shape[1]))
    else:
        import dask.array as da

        values = da.map_blocks(  # type: ignore[no-untyped-call]  # dask declares no types
            partial(_of_chunk, layer), chunks=plane.chunks, dtype=np.float64, meta=np.empty((0, 0))
        )
    return xr.DataArray(values, dims=dims, coords=plane.coords, attrs=cf_attributes(layer.unit))


def _of_chunk(layer: DerivedLayer, block_info: Any = None) -> NDArray[np.float64]:
    return _block(layer, *block_info[None]["array-location"])


def _block(layer: DerivedLayer, rows: tuple[int, int], cols: tuple[int, int]) -> NDArray[np.float64]:
    """Some rows and columns of a derived layer, counted and turned as those of the array that it is made of."""
    header, lattice = layer.header, layer.lattice
    down = (lattice.rows - rows[1], lattice.rows - rows[0]) if header.flip_rows else rows
    across = (lattice.cols - cols[1], lattice.cols - cols[0]) if header.flip_cols else cols
    source = layer.open()
    try:
        found = layer.decode(source.read(*down, *across).raw)
    finally:
        source.close()
    return found[:: -1 if header.flip_rows else 1, :: -1 if header.flip_cols else 1]
