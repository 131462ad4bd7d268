"""What checks look at: the opened inputs, the plan, and what a pass over the grid found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gep.core.messages import Text, say
from gep.core.units import linear
from gep.engine.sample import longitudes_latitudes
from gep.engine.sums import Sums
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer
from gep.inputs.open import FEW_CELLS, Inputs
from gep.plan.plan import GridPlan

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-9
"""Share of the area below which a difference of sums is rounding and not land."""

CHINA = (73.0, 18.0, 135.5, 54.0)
"""West, south, east and north of a box around China, in degrees: bands read in China say nothing of other places."""

OF_YEARS = ("precipitation", "evapotranspiration", "potential_evapotranspiration", "reference_evapotranspiration")
"""Layers whose months add up to the year; of others the mean of the months stands for the year."""


@dataclass(frozen=True)
class Seen:
    """A study as its checks see it."""

    inputs: Inputs
    plan: GridPlan
    sums: Sums

    @cached_property
    def total(self) -> float:
        """The area that was looked at, in m2."""
        return float(self.sums.area.sum())

    @cached_property
    def scale(self) -> float:
        """By how much an area that was seen stands for more, where only some squares were looked at."""
        if self.is_whole:
            return 1.0
        return self.plan.zones.outline_area / self.total

    @property
    def is_whole(self) -> bool:
        """Whether every square was looked at."""
        return self.sums.seen >= 1

    @cached_property
    def layers(self) -> dict[str, Layer]:
        """The layers that were looked at, by name."""
        return {
            name: layer
            for name, layer in {**self.plan.layers, **self.plan.beside}.items()
            if name in self.sums.sample.layers
        }

    def is_given(self, name: str) -> bool:
        """Whether the layer is one of the study's own and no derived one."""
        return name in self.layers and not isinstance(self.layers[name], DerivedLayer)

    @property
    def names(self) -> list[str]:
        """The layers of the study's own."""
        return [name for name in self.layers if self.is_given(name)]

    # the sample of cells

    @property
    def area(self) -> Array:
        return self.sums.sample.area

    def months(self, name: str) -> Array | None:
        """The values of a layer at the sampled cells, with months before where it has them; None where it is not
        given.
        """
        if name not in self.layers:
            return None
        return self.sums.sample.layers[name].astype(np.float64)

    @cached_property
    def _known(self) -> dict[tuple[str, bool], Array | None]:
        """What months come to, by the layer and whether they add up; many checks ask for it."""
        return {}

    def _of_year(self, name: str, *, adds_up: bool) -> Array | None:
        if (name, adds_up) not in self._known:
            found = self.months(name)
            if found is not None and found.ndim > 1:
                found = np.asarray(found.sum(axis=0) if adds_up else found.mean(axis=0), np.float64)
            self._known[name, adds_up] = found
        return self._known[name, adds_up]

    def means(self, name: str) -> Array | None:
        """The values of a layer at the sampled cells, of months their mean; None where it is not given."""
        return self._of_year(name, adds_up=False)

    def values(self, name: str) -> Array | None:
        """The value of a layer for the year at the sampled cells, in its own unit, or what its months come to where
        only they are given; None where neither is.
        """
        return self._of_year(self.subject(name), adds_up=name in OF_YEARS)

    @cached_property
    def turned(self) -> NDArray[np.intp]:
        """For each sampled cell the one at the same column, as far from the southern border as it is from the northern;
        -1 where that is none of the sample.
        """
        row, col = self.sums.sample.row, self.sums.sample.col
        if not len(row):
            return np.empty(0, np.intp)
        width = int(col.max()) + 1
        place, wanted = row * width + col, (row.min() + row.max() - row) * width + col
        order = np.argsort(place)
        found = order[np.minimum(np.searchsorted(place, wanted, sorter=order), len(order) - 1)]
        return np.where(place[found] == wanted, found, -1)

    def subject(self, name: str) -> str:
        """The layer that stands for a quantity: the given one, of the year or of its months, before a derived one."""
        names = (name, f"monthly_{name}")
        given = [known for known in names if self.is_given(known)]
        return next(iter([*given, *(known for known in names if known in self.layers)]), name)

    def unit_of_year(self, name: str) -> str:
        """The unit of what `values` gives."""
        unit = self.layers[self.subject(name)].unit
        return f"{unit}/year" if self.subject(name) != name and unit == "mm" else unit

    def place(self, name: str) -> str:
        """Where the layer is from."""
        layer = self.layers[self.subject(name)]
        return (
            say("engine.derived_by", equation=layer.equation.name) if isinstance(layer, DerivedLayer) else layer.place
        )

    @property
    def steepness(self) -> Array | None:
        """The slope of the elevation at the sampled cells, in radians; None where no elevation is given."""
        found = self.sums.sample.steepness
        return found.astype(np.float64) if self.is_given("elevation") else None

    @cached_property
    def lonlat(self) -> tuple[Array, Array]:
        """Longitude and latitude of the sampled cells, in degrees."""
        return longitudes_latitudes(self.plan.grid, self.sums.sample)

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of what was sampled."""
        lon, lat = self.lonlat
        return (float(np.median(lon)), float(np.median(lat))) if len(lon) else (np.nan, np.nan)

    @cached_property
    def in_china(self) -> bool:
        """Whether the middle of the city lies in the box around China."""
        (west, south, east, north), (lon, lat) = CHINA, self.middle
        return west <= lon <= east and south <= lat <= north

    def is_of(self, *ecosystems: str) -> NDArray[np.bool_]:
        """Which sampled cells are of some ecosystems."""
        wanted = np.array([ecosystem in ecosystems for ecosystem, _ in self.plan.classes])
        return np.asarray(wanted[self.sums.sample.land_class], np.bool_)


def enough(*fields: Array | None) -> NDArray[np.bool_] | None:
    """Where all of some fields have values; None where one is not given, or too few cells have all."""
    given = [field for field in fields if field is not None]
    if len(given) < len(fields):
        return None
    valid = np.logical_and.reduce([np.isfinite(field) for field in given])
    return valid if valid.sum() >= FEW_CELLS else None


def square_kilometres(area: float) -> float:
    """An area in m2 as people read it."""
    return area * linear("m^2", "km^2")[0]


def check_layer(layer: Layer) -> Text:
    """What to look at where values of a layer are odd."""
    if isinstance(layer, DerivedLayer):
        return say("engine.check_origin", names=list(layer.inputs))
    return say("engine.check_layer", layer=layer.spec.name)
