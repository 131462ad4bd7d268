"""Land of a study that becomes other land: what its sums are afterwards.

The cells of the parcels are summed as they are and as what they become, each by the part of it that changes, and the
difference is put to the sums of the whole. So a parcel may be smaller than a cell, a share of it is a share of every
cell, land beyond it keeps its sums to the last bit, and rules on totals (caps at emissions) see the sums of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gep.core.catalog import named
from gep.core.errors import InputError, UnitError, UsageError, did_you_mean
from gep.core.messages import Text, joined, listed, say, sentences
from gep.core.unit_names import with_unit
from gep.core.units import convert, linear
from gep.engine.checks import check_sums
from gep.engine.run import run
from gep.engine.sample import touched_squares
from gep.engine.sums import FlowSums, Sums
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.parcels import Parcels
from gep.inputs.grids.patches import Patches
from gep.inputs.grids.places import Place
from gep.inputs.grids.zones import ROUNDING
from gep.inputs.items import product_services
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.inputs.spec import StudySpec
from gep.plan.plan import Array, GridPlan
from gep.plan.planner import StudyPlan
from gep.standards.classes import land_classes
from gep.standards.land_rules import Cell, LandRule, written
from gep.study.given import figure_of, layer_given
from gep.study.whole_layers import codes_of, mean_over

MEAN = "mean"
"""In place of values of a layer: its mean over the land that is of the new class already."""

OF_COVER = (
    *("evapotranspiration", "surface_runoff", "storm_runoff", "vegetation_cover", "ndvi", "leaf_area_index"),
    *("net_primary_production", "net_ecosystem_production", "heterotrophic_respiration", "cover_factor"),
    *("practice_factor", "curve_number", "cooling_season_evapotranspiration", "temperature_difference"),
    *("shannon_index", "root_depth", "stand_height", "net_productivity", "dry_matter_production"),
    *("light_absorption", "water_stress", "crop_coefficient", "erosion_modulus_with", "wind_cover_factor"),
    *("ion_concentration", "carbon_above", "carbon_below", "carbon_soil", "carbon_dead"),
)
"""Layers that follow from what grows on a cell, or are measured over it; with an axis of months or days too."""

Moves = Mapping[tuple[str, Cell, Cell], float]
"""Areas in m2 by zone, class before and class after."""


@dataclass(frozen=True)
class Stale:
    """A given layer that still belongs to the old cover, and the services whose figures rest on it."""

    layer: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class Turned:
    """What of a study becomes other land: by which rule, in which parcels, with which layers of its own (`values`)."""

    rule: LandRule
    parcels: Parcels
    targets: Mapping[Cell, Cell]
    moves: Moves
    before: StudySpec
    """The study, whose legend has the new classes too."""
    after: StudySpec
    """The same with the layers of the new cover, which hold inside the parcels alone."""
    values: Mapping[str, Text]
    stale: tuple[Stale, ...]
    notes: tuple[Text, ...]

    @property
    def area(self) -> float:
        """The area that becomes other land, m2."""
        return math.fsum(self.moves.values())

    @property
    def said(self) -> Text:
        """What becomes of how much land, with what, and what still belongs to the old cover."""
        return sentences(self.said_of_land, *self.warnings)

    @property
    def said_of_land(self) -> Text:
        """What becomes of how much land, with what."""
        hectares = convert(self.area, "m^2", "hm^2")
        parts = [say("scenario.said", rule=self.rule.name, area=f"{hectares:,.2f}", classes=self.named_targets)]
        if self.parcels.share < 1:
            parts.append(say("scenario.share", share=self.parcels.share))
        parts += [say("scenario.replaced", layer=name, what=what) for name, what in self.values.items()]
        return sentences(*parts)

    @property
    def named_targets(self) -> Text:
        """What the land becomes, by the names of its classes."""
        return listed([class_name(cell) for cell in dict.fromkeys(after for _, _, after in self.moves)])

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What the figures do not show: layers of the old cover with what rests on them, and what else stays."""
        stale = [say("scenario.stale", layer=of.layer, services=_named(of.services)) for of in self.stale]
        return (*stale, *self.notes)


def class_name(cell: Cell) -> Text:
    """A class as people call it; as it is written where it has no name."""
    known = land_classes().get(cell)
    return Text(known.label_en, known.label_zh) if known else Text(written(cell), written(cell))


def _named(services: Sequence[str]) -> Text:
    return listed([named(service) for service in services])


# what becomes what ----------------------------------------------------------------------------------------------------


def known_classes(inputs: Inputs) -> set[Cell]:
    """The classes that the legend of a study has."""
    return set(inputs.scheme.by_number().values())


def land_in(plan: GridPlan, parcels: Parcels) -> Array:
    """The area in m2 by zone and class that changes, whatever becomes of it."""
    bare = replace(plan, flows=(), layers={}, beside={}, checks=(), patches=(), parcels=parcels, is_compiled=False)
    return run(bare, squares=touched_squares(plan.grid, parcels.layer)).area


def turned(inputs: Inputs, plan: StudyPlan, rule: LandRule, parcels: Parcels, values: Mapping[str, Any]) -> Turned:
    """What a rule makes of the land of parcels. Raises UsageError for classes and layers that there are not, and where
    nothing changes.
    """
    known = known_classes(inputs)
    rule.check(known)
    area = land_in(plan.plan, parcels)
    zones = [zone.code for zone in plan.plan.zones.zones]
    moves: dict[tuple[str, Cell, Cell], float] = {}
    for c, cell in enumerate(plan.plan.classes):
        target = None if cell == NO_LAND_COVER else rule.target(cell, known)
        if target is not None:
            moves |= {(zones[z], cell, target): float(area[z, c]) for z in np.flatnonzero(area[:, c] > 0).tolist()}
    if not moves:
        there = [written(cell) for c, cell in enumerate(plan.plan.classes) if area[:, c].sum() > 0]
        raise UsageError(say("scenario.nothing_changes", rule=rule.id, there=listed(there or ["—"])))
    targets = {before: after for _, before, after in moves}
    new = {number: written(cell) for number, cell in _codes_of_new(inputs, sorted(set(targets.values()) - known))}
    before = replace(inputs.spec, scheme_map={**inputs.spec.scheme_map, **new})
    layers, said = _layers(inputs, set(targets.values()), values)
    stale = tuple(
        Stale(name, tuple(services))
        for name, services in _resting_on(plan, inputs, set(targets.values())).items()
        if name not in values and without_axis(name) in OF_COVER
    )
    moving = _resting_on(plan, inputs, known)
    notes = list(_notes(inputs, plan, rule, targets, list(new.values())))
    if idle := [name for name in values if name not in moving]:
        notes.append(say("scenario.idle", layers=idle))
    after = replace(before, layers={**before.layers, **layers})
    return Turned(rule, parcels, targets, moves, before, after, said, stale, tuple(notes))


def _codes_of_new(inputs: Inputs, cells: Sequence[Cell]) -> Iterator[tuple[str, Cell]]:
    """Codes for classes that the legend has not: such as the file of land cover cannot hold."""
    assert inputs.land_cover is not None
    dtype = inputs.land_cover.dtype
    most = np.iinfo(dtype).max if dtype.kind in "iu" else np.iinfo(np.int32).max
    first = max([*inputs.scheme.by_number(), int(most)]) + 1
    return ((str(first + number), cell) for number, cell in enumerate(cells))


def _notes(
    inputs: Inputs, plan: StudyPlan, rule: LandRule, targets: Mapping[Cell, Cell], new: Sequence[str]
) -> Iterator[Text]:
    """What the reader has to know of a rule and of what does not change with it."""
    if new:
        yield say("scenario.not_in_legend", rule=rule.id, classes=new)
    own = {(row.ecosystem, row.land_class) for row in inputs.coefficients.rows}
    if bare := sorted({to for of, to in targets.items() if of[0] == to[0] and to[1] and to not in own}):
        yield say("scenario.no_own_rows", classes=listed(map(class_name, bare)))
    if products := [name for name in product_services() if any(row.base == name for row in inputs.statistics)]:
        yield say("scenario.products", services=_named(products))
    patches = {name for kind in plan.plan.patches for name in kind}
    if lakes := sorted(set(map(written, targets.values())) & patches):
        yield say("scenario.patches", classes=lakes)


def without_axis(name: str) -> str:
    """The name of a layer without that of its axis: `ndvi` of `monthly_ndvi`."""
    head, _, rest = name.partition("_")
    return rest if head in ("monthly", "daily", "subdaily") else name


def _resting_on(plan: StudyPlan, inputs: Inputs, classes: set[Cell]) -> Mapping[str, dict[str, None]]:
    """The services whose densities on some classes rest on each given layer, be it by way of a layer that is made of
    it; of a class that the legend has not it is not known before which services count there.
    """
    found: dict[str, dict[str, None]] = {}
    numbers = [number for number, cell in enumerate(plan.plan.classes) if cell in classes]
    for flow in plan.plan.flows:
        if not flow.is_counted[numbers].any() and classes <= set(plan.plan.classes):
            continue
        for name in plan.plan.layer_names_of(flow):
            for given in _given(plan.plan.layers.get(name), name):
                if given in inputs.layers:
                    found.setdefault(given, {})[flow.service] = None
    return found


def _given(layer: Layer | None, name: str) -> Iterator[str]:
    if isinstance(layer, DerivedLayer):
        for key, part in layer.inputs.items():
            yield from _given(part, key)
    else:
        yield name


# layers of the new cover ----------------------------------------------------------------------------------------------


def _layers(
    inputs: Inputs, classes: set[Cell], values: Mapping[str, Any]
) -> tuple[dict[str, LayerSpec], dict[str, Text]]:
    """The layers that hold in the parcels, and what they are; all that is wrong with them at once."""
    found: dict[str, LayerSpec] = {}
    said: dict[str, Text] = {}
    wrong: list[str] = []
    for name, value in values.items():
        try:
            found[name], said[name] = _layer_of(inputs, classes, name, value)
        except UnitError as error:
            wrong.append(say("scenario.values.wrong", name=name, error=error.message))
        except UsageError as error:
            wrong.append(error.message)
    if wrong:
        raise UsageError(joined(wrong, "\n"))
    return found, said


def _layer_of(inputs: Inputs, classes: set[Cell], name: str, value: Any) -> tuple[LayerSpec, Text]:
    if name not in inputs.layers:
        raise UsageError(say("scenario.no_layer", name=name, hint=did_you_mean(name, inputs.layers)))
    layer = inputs.layers[name]
    if isinstance(value, xr.DataArray | Path | Place | LayerSpec) or (isinstance(value, str) and Path(value).is_file()):
        spec = layer_given(name, value)
        return spec, say("scenario.values.layer", place=spec.place)
    if value == MEAN:
        assert inputs.land_cover is not None
        numbers = [number for number, cell in inputs.scheme.by_number().items() if cell in classes]
        there = np.isin(codes_of(inputs.land_cover), numbers)
        mean = mean_over(layer, inputs.land_cover, there, ", ".join(sorted(map(written, classes))))
        return _constant(inputs, layer, mean, layer.unit), say("scenario.values.mean")
    given, unit = figure_of(value, name)
    if given is None or (not unit and layer.unit != "1"):
        raise UsageError(say("scenario.values.no_unit", name=name, unit=layer.unit))
    linear(unit or layer.unit, layer.unit)  # raises for a unit of another dimension
    number = with_unit(f"{given:g}", unit) if unit else f"{given:g}"
    said = say("scenario.values.number", number=number)
    return _constant(inputs, layer, np.asarray(given), unit or layer.unit), said


def _constant(inputs: Inputs, layer: Layer, number: Array, unit: str) -> LayerSpec:
    """A layer that is the same all over the grid, in every month or month by month."""
    assert inputs.grid is not None
    if layer.header.lead and not layer.is_monthly:
        raise UsageError(say("scenario.values.days", name=layer.name))
    west, south, east, north = inputs.grid.bounds
    width, height = (east - west) / 2, (north - south) / 2
    x, y = np.array([west + width / 2, east - width / 2]), np.array([north - height / 2, south + height / 2])
    dims = ("lat", "lon") if inputs.grid.is_geographic else ("y", "x")
    lead = ("month",) if layer.is_monthly else ()
    values = np.broadcast_to(number[..., None, None], (*layer.header.lead, 2, 2))
    attrs = {"crs": inputs.grid.crs.to_wkt(), "units": unit}
    array = xr.DataArray(np.array(values), coords={dims[0]: y, dims[1]: x}, dims=(*lead, *dims), attrs=attrs)
    return LayerSpec(layer.name, array, resampling="nearest", period=layer.spec.period, year=layer.spec.year)


# sums -----------------------------------------------------------------------------------------------------------------


def changed_sums(of: Turned, plan: StudyPlan, after: tuple[Inputs, StudyPlan], sums: Sums) -> Sums:
    """The sums of a study once its land is turned: those that it has, without those of the parcels as they are, with
    those of the parcels as they become. Raises InputError where a layer of the new cover cannot be.
    """
    inputs_after, plan_after = after
    squares = touched_squares(plan.plan.grid, of.parcels.layer)
    only: dict[str, Any] = {"parcels": of.parcels, "patches": (), "beside": {}, "is_compiled": False}
    old, new = replace(plan.plan, **only), replace(plan_after.plan, **only)
    if [flow.key for flow in old.flows] != [flow.key for flow in new.flows]:
        raise UsageError(say("scenario.values.another_way", layers=list(of.values)))
    class_of_code = np.array([_index_after(of, old, number) for number in old.class_of_code.tolist()], dtype=np.intp)
    new = replace(new, class_of_code=class_of_code)
    sums_old, sums_new = (run(one, squares=squares) for one in (old, new))
    wrong = [found for found in check_sums(inputs_after, plan_after.plan, sums_new) if found.severity == "error"]
    if wrong := [found for found in wrong if found.subject in of.values]:
        raise InputError(say("scenario.values.impossible"), wrong)
    patches = {**sums.patches, **_patches_left(of, plan.plan)}
    return replace(_shifted(sums, sums_old, sums_new), patches=patches)


def _patches_left(of: Turned, plan: GridPlan) -> Mapping[tuple[str, ...], Patches]:
    """What is left of the lakes that lose land, lake by lake: what they store is a power of the area of each."""
    kinds = tuple(kind for kind in plan.patches if set(kind) <= set(map(written, of.targets)))
    if not kinds:
        return {}
    rest = replace(of.parcels, is_rest=True)
    bare = replace(plan, flows=(), layers={}, beside={}, checks=(), patches=kinds, parcels=rest, is_compiled=False)
    return run(bare).patches


def _index_after(of: Turned, plan: GridPlan, number: int) -> int:
    """The position of what the class at a position becomes."""
    cell = plan.classes[number]
    return plan.classes.index(of.targets.get(cell, cell))


def _shifted(sums: Sums, old: Sums, new: Sums) -> Sums:
    flows = {
        key: FlowSums(
            sum=_moved(flow.sum, old.flows[key].sum, new.flows[key].sum),
            valid=_moved(flow.valid, old.flows[key].valid, new.flows[key].valid),
            cells=flow.cells,
            inputs=_moved(flow.inputs, old.flows[key].inputs, new.flows[key].inputs),
            negative=_moved(flow.negative, old.flows[key].negative, new.flows[key].negative),
            negative_area=_moved(flow.negative_area, old.flows[key].negative_area, new.flows[key].negative_area),
            of_inputs={
                name: _moved(array, old.flows[key].of_inputs[name], new.flows[key].of_inputs.get(name, array))
                for name, array in flow.of_inputs.items()
            },
        )
        for key, flow in sums.flows.items()
    }
    return replace(sums, area=_moved(sums.area, old.area, new.area), flows=flows)


def _moved(whole: Array, old: Array, new: Array) -> Array:
    """A sum with that of the parcels exchanged; what is left of it by rounding is nothing."""
    found = whole + (new - old)
    return np.where(np.abs(found) <= ROUNDING * np.abs(whole), 0.0, found)
