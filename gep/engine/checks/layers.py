"""What every cell of a layer was tested for: fill values, what is possible, what is usual, coverage."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from gep.core.catalog import LayerKind
from gep.core.errors import Problem, UnitError, problem
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text
from gep.core.units import linear
from gep.engine.checks.scale import exceeds_nearly_everywhere, layers_out_of_place
from gep.engine.checks.seen import Seen, check_layer
from gep.engine.checks.suspicion import scaled, suspected
from gep.engine.sums import LayerTally
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer
from gep.inputs.open import Inputs
from gep.plan.cell_checks import EVAPORATES_MORE

SCALES = (0.0001, 0.001, 0.004, 0.01, 0.1, 10.0, 100.0, 1000.0)
"""Factors by which rasters are commonly stored as whole numbers."""

MOSTLY = 0.5
"""A share of the area above which unusual values point to a wrong scale rather than to an unusual place."""

FEW = 0.001
"""A share of the area below which unusual values are a note: a ridge or a quarry, and no total that they could move."""


@dataclass(frozen=True)
class Shown:
    """Values of a layer in the unit that its user gave them in, which need not be the one that equations use."""

    unit: str
    scale: float
    offset: float
    low: float
    high: float

    def of(self, value: float) -> float:
        return (value - self.offset) / self.scale

    def range(self, low: float, high: float) -> Text:
        unit = "" if self.unit == "1" else unit_text(self.unit)
        least, most = (f"{self.of(value):.6g}" for value in (low, high))
        if math.isinf(low):
            return say("engine.range.or_less", most=most, unit=unit)
        if math.isinf(high):
            return say("engine.range.or_more", least=least, unit=unit)
        return say(
            "engine.range.everywhere" if least == most else "engine.range.between", least=least, most=most, unit=unit
        )

    @property
    def found(self) -> Text:
        return self.range(self.low, self.high)


def shown_as(layer: Layer, low: float, high: float) -> Shown:
    """How values of a layer are shown to its user."""
    unit = layer.spec.units or layer.header.unit or layer.unit
    try:
        scale, offset = linear(unit, layer.unit)
    except UnitError:
        unit, scale, offset = layer.unit, 1.0, 0.0
    return Shown(unit, scale, offset, low, high)


def _number(value: float) -> str:
    """A number as it is written into a project file."""
    return repr(float(value)).removesuffix(".0")


def _scale_that_fits(kind: LayerKind, layer: Layer, shown: Shown) -> float | None:
    """The `scale` to give so that all values are usual: the one that changes them least, None where none does."""
    if isinstance(layer, DerivedLayer) or layer.by_field or layer.offset != shown.offset:
        return None  # with an offset of the file's own, scale alone would not be the answer
    stored = layer.scale / shown.scale
    low, high = shown.of(shown.low), shown.of(shown.high)
    fits = [
        scale
        for scale in SCALES
        if shown.of(kind.usual_low) <= low * scale and high * scale <= shown.of(kind.usual_high)
    ]
    powers_of_ten = [scale for scale in fits if math.log10(scale).is_integer()]  # units differ by these, too
    return stored * min(powers_of_ten or fits, key=lambda scale: abs(math.log(scale))) if fits else None


def tests_of_cells(seen: Seen) -> Iterator[Problem]:
    """What the tests of every cell of every layer found: fill values, infinite ones, ranges, coverage."""
    out_of_place = layers_out_of_place(seen)
    for name, layer in seen.layers.items():
        tally = seen.sums.layers[name]
        if tally.valid == 0:
            do = check_layer(layer) if isinstance(layer, DerivedLayer) else say("engine.check_file")
            yield problem("engine.N05.only_missing", name, place=seen.place(name), do=do, share=1.0)
        else:
            yield from _of_layer(seen, name, layer, tally, out_of_place)


def _of_layer(
    seen: Seen, name: str, layer: Layer, tally: LayerTally, out_of_place: Container[str]
) -> Iterator[Problem]:
    kind, total, place = seen.plan.kinds[name], tally.area, seen.place(name)
    shown = shown_as(layer, tally.lowest, tally.highest)
    if tally.fills:
        share = sum(tally.fills.values()) / total
        found = [_number(layer.stored(fill)) for fill in tally.fills]
        declared = [_number(value) for value in layer.missing_values if math.isfinite(value)]
        nodata = found[0] if len(found) + len(declared) == 1 else f"[{', '.join([*declared, *found])}]"
        yield problem(
            "engine.N02.fill",
            name,
            place=place,
            share=share,
            raw=found,
            count=len(found),
            nodata=nodata,
            layer=layer.spec.name,
            part=share,
        )
    if tally.infinite > 0:
        share = tally.infinite / total
        yield problem("engine.N15.infinite", name, place=place, do=check_layer(layer), share=share, part=share)
    if tally.outside > 0 and not tally.fills:
        share = tally.outside / total
        mending = _mending(kind, layer, shown) if tally.outside / tally.valid > MOSTLY else None
        told = problem(
            "engine.R01.all_outside" if tally.outside >= tally.valid else "engine.R01.some_outside",
            name,
            place=place,
            allowed=shown.range(kind.low, kind.high),
            do=mending.says if mending else check_layer(layer),
            share=share,
            values=shown.found,
            part=share,
        )
        yield suspected(told, mending.of(seen.inputs, name) if mending else None)
    if tally.outside == 0 and not tally.fills and name not in out_of_place:
        yield from _unusual(seen.inputs, kind, layer, tally, place, shown, total)
    share, threshold = tally.valid / total, seen.inputs.profile.min_coverage
    if share < threshold:
        yield problem("engine.N03.layer", name, place=place, share=1 - share, covered=share, threshold=threshold)


@dataclass(frozen=True)
class _Mending:
    """What to say in the project file, and what canonical values would be with it: times a factor, plus a shift."""

    says: Text
    factor: float
    shift: float = 0.0

    def of(self, inputs: Inputs, name: str) -> Inputs | None:
        """The inputs with it."""
        return scaled(inputs, name, self.factor, self.shift)


def _mending(kind: LayerKind, layer: Layer, shown: Shown) -> _Mending | None:
    """What would make all values usual: the unit that the file itself gives, else a scale, which whole numbers are
    stored with and which the unit of others may hide; None where neither does.
    """
    own = _own_unit_that_fits(kind, layer, shown)
    if own is not None:
        says = say("engine.say_own_unit", unit=layer.header.unit or "", given=shown.unit, layer=layer.spec.name)
        factor = own[0] / shown.scale
        return _Mending(says, factor, own[1] - shown.offset * factor)
    scale = _scale_that_fits(kind, layer, shown)
    if scale is None:
        return None
    key = "engine.say_scale" if layer.header.dtype.kind in "iu" else "engine.say_unit_or_scale"
    says = say(key, scale=scale, unit=shown.unit, layer=layer.spec.name)
    return _Mending(says, scale * shown.scale / layer.scale)


def _own_unit_that_fits(kind: LayerKind, layer: Layer, shown: Shown) -> tuple[float, float] | None:
    """Scale and offset from the unit of a file that the project replaces by one in which the values are not usual,
    where they are in its own.
    """
    own = layer.header.unit
    if isinstance(layer, DerivedLayer) or own is None or layer.spec.units in (None, own):
        return None
    try:
        scale, offset = linear(own, layer.unit)
    except UnitError:
        return None
    low, high = (shown.of(value) * scale + offset for value in (shown.low, shown.high))
    return (scale, offset) if kind.usual_low <= low and high <= kind.usual_high else None


def _unusual(
    inputs: Inputs, kind: LayerKind, layer: Layer, tally: LayerTally, place: str, shown: Shown, total: float
) -> Iterator[Problem]:
    if tally.unusual <= 0:
        return
    share = tally.unusual / total
    usual = say("engine.usually", range=shown.range(kind.usual_low, kind.usual_high))
    mending = _mending(kind, layer, shown) if tally.unusual / tally.valid > MOSTLY else None
    if mending is not None:
        about: dict[str, Any] = {"found": shown.found, "allowed": usual, "do": mending.says, "share": share}
        told = problem("engine.U03.most_unusual", kind.name, place=place, **about)
        yield suspected(told, mending.of(inputs, kind.name))
        return
    yield problem(
        "engine.R02.some_unusual",
        kind.name,
        severity="information" if share < FEW else "warning",
        place=place,
        allowed=usual,
        do=check_layer(layer),
        share=share,
        values=shown.found,
        part=share,
    )


def between_layers(seen: Seen) -> Iterator[Problem]:
    """What was asked of every cell of several layers."""
    for check in seen.plan.checks:
        tally = seen.sums.checks[check.message]
        if check == EVAPORATES_MORE and exceeds_nearly_everywhere(seen):
            continue  # said as what it then is, an error
        if tally.found > 0:
            yield check.problem(tally.found / tally.valid)
