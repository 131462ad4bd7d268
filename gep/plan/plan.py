"""What the engine is to do, as paths and numbers: flows to integrate, layers to read, checks to make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.core.catalog import LayerKind
from gep.inputs.grids.grid import Grid
from gep.inputs.grids.layers import MISSING_CODE, Layer
from gep.inputs.grids.zones import Mode, ZoneLayer
from gep.plan.cell_checks import CellCheck
from gep.plan.wiring import Computed, LayerInput, leaves

if TYPE_CHECKING:
    from gep.inputs.grids.parcels import Parcels  # which loads readers of polygons

Array = NDArray[np.float64]


class FlowKey(NamedTuple):
    """What a flow is known by."""

    service: str
    component: str
    variant: int


@dataclass(frozen=True)
class Flow:
    """One density to integrate, and for which classes. A component has several where classes differ in how an input is
    derived.
    """

    service: str
    component: str
    node: Computed
    is_counted: NDArray[np.bool_]
    variant: int = 0
    is_clipped: bool = False

    def counted(self, amount: Array) -> Array:
        """What counts of a density or an amount of cells: all of it, or nothing where it is negative."""
        return np.maximum(amount, 0) if self.is_clipped else amount

    @property
    def key(self) -> FlowKey:
        """Under which its sums are kept."""
        return FlowKey(self.service, self.component, self.variant)


@dataclass(frozen=True)
class GridPlan:
    """Everything a window needs to be computed anywhere: paths and numbers, no open files."""

    grid: Grid
    zones: ZoneLayer
    mode: Mode
    land_cover: Layer
    codes: NDArray[np.int64]
    class_of_code: NDArray[np.intp]
    classes: tuple[tuple[str, str], ...]
    layers: Mapping[str, Layer] = field(default_factory=dict)
    beside: Mapping[str, Layer] = field(default_factory=dict)
    """Layers that no flow rests on: they are tested, and compared with the others, on some squares only."""
    kinds: Mapping[str, LayerKind] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    class_values: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    zone_values: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    checks: tuple[CellCheck, ...] = ()
    calendar: Mapping[str, Array] = field(default_factory=dict)
    patches: tuple[tuple[str, ...], ...] = ()
    parcels: Parcels | None = None
    """Where only some land is summed, that land: each cell by the part of it that lies there."""
    is_compiled: bool = False
    """Whether squares are computed by a compiled loop (extra `fast`)."""

    @cached_property
    def class_of_number(self) -> NDArray[np.intp] | None:
        """The class of every number that the file of land cover can hold, by its bits without a sign: beyond the last
        class what the scheme does not know. None where the file can hold too many.
        """
        dtype = self.land_cover.dtype
        if dtype.kind not in "iu" or dtype.itemsize > 2:
            return None
        unsigned = np.arange(2 ** (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
        return self.class_of(self.land_cover.codes(unsigned.view(dtype.newbyteorder("="))))

    def class_of(self, codes: NDArray[np.int64]) -> NDArray[np.intp]:
        """The classes of codes of land cover: the last where they are missing, beyond it where they are unknown."""
        position = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        absent = np.where(codes == MISSING_CODE, len(self.classes) - 1, len(self.classes))
        return np.where(self.codes[position] == codes, self.class_of_code[position], absent)

    @property
    def n_groups(self) -> int:
        return len(self.zones.zones) * len(self.classes)

    def is_wanted(self, patches: tuple[str, ...]) -> NDArray[np.bool_]:
        """Which classes make patches of a kind (named like wetland/lake)."""
        return np.array(["/".join(pair) in patches for pair in self.classes])

    def layer_names_of(self, flow: Flow) -> list[str]:
        """The layers that a flow rests on."""
        return [leaf.name for leaf in leaves(flow.node) if isinstance(leaf, LayerInput)]
