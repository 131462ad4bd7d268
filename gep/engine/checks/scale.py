"""A factor between the values of a layer and what the place can have, with the slip that makes such a factor.

The middle of a layer is held against what is known of places like this one, and the ratio of two layers, which seldom
carry the same slip, against what such a ratio can be. The nearest factor is named with its cause; no value is changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text
from gep.core.units import linear
from gep.engine.checks.seen import Array, Seen, check_layer, enough
from gep.plan.cell_checks import EVAPORATES_MORE
from gep.standards.layer_ranges import LayerRange, layer_ranges, range_at, slips

FAR = 2.0
"""Times beyond the typical band from which a factor is looked for: nearer, an unusual place explains it."""


class _Off(NamedTuple):
    """A median that is not like its band: what to multiply it by, None where no known factor fits."""

    band: LayerRange
    median: float
    factor: float | None

    @property
    def is_beyond(self) -> bool:
        return not self.band.low <= self.median <= self.band.high


def layers_out_of_place(seen: Seen) -> dict[str, _Off]:
    """The given layers whose middle is not like those of places like this one, by name."""
    found = {}
    for quantity in layer_ranges():
        values = seen.values(quantity)
        name = seen.subject(quantity)
        if values is None or not seen.is_given(name) or seen.sums.layers[name].outside > 0:
            continue  # what is outside of the possible is said already
        band = _band(seen, quantity)
        valid = enough(values)
        if band is None or valid is None:
            continue
        scale, offset = linear(_unit_of_year(seen, quantity), band.unit)
        off = _compared(quantity, band, float(np.median(values[valid])) * scale + offset)
        if off:
            found[name] = off
    return found


def layers_like_no_place(seen: Seen) -> Iterator[Problem]:
    """Layers whose middle no place like this one has."""
    for name, off in layers_out_of_place(seen).items():
        yield problem(
            "engine.U20.median" if off.is_beyond else "engine.U21.median",
            name,
            place=seen.place(name),
            do=check_layer(seen.layers[name]),
            found=_shown(off.median, off.band.unit),
            allowed=_range(off),
            cause=_cause(off.factor),
        )


def ratios_like_no_place(seen: Seen) -> Iterator[Problem]:
    """Pairs of layers whose ratio no place like this one has, where neither is out of place by itself."""
    known = {*layers_out_of_place(seen)}
    for quantity in layer_ranges():
        over, _, under = quantity.partition("/")
        if not under or seen.subject(over) in known or seen.subject(under) in known:
            continue
        off = _ratio_off(seen, over, under)
        if off:
            names = [seen.subject(name) for name in (over, under)]
            yield problem(
                "engine.U22.ratio" if off.is_beyond else "engine.U23.ratio",
                "/".join(names),
                place=seen.place(over),
                found=_shown(off.median, off.band.unit),
                allowed=_range(off),
                over=names[0],
                under=names[1],
                cause=_cause(off.factor),
            )


def exceeds_nearly_everywhere(seen: Seen) -> bool:
    """Whether evapotranspiration exceeds rain over nearly all of the area: said by itself."""
    tally = seen.sums.checks.get(EVAPORATES_MORE.message)
    return tally is not None and tally.valid > 0 and tally.found / tally.valid > NEARLY_ALL


NEARLY_ALL = 0.9
"""A share of the area that is nearly all of it."""


def _ratio_off(seen: Seen, over: str, under: str) -> _Off | None:
    if (over, under) == ("evapotranspiration", "precipitation") and exceeds_nearly_everywhere(seen):
        return None
    above, below, band = seen.values(over), seen.values(under), _band(seen, f"{over}/{under}")
    if band is None or not any(seen.is_given(seen.subject(name)) for name in (over, under)):
        return None
    valid = enough(above, below)
    if above is None or below is None or valid is None:
        return None
    if any(seen.sums.layers[seen.subject(name)].outside > 0 for name in (over, under)):
        return None
    valid &= below > 0
    if not valid.any():
        return None
    scale, _ = linear(f"({_unit_of_year(seen, over)})/({_unit_of_year(seen, under)})", band.unit)
    return _compared(over, band, float(np.median(above[valid] / below[valid])) * scale)


def _band(seen: Seen, quantity: str) -> LayerRange | None:
    return range_at(quantity, seen.middle[1], in_china=seen.in_china)


def _unit_of_year(seen: Seen, name: str) -> str:
    """The unit of what `Seen.values` gives."""
    unit = seen.layers[seen.subject(name)].unit
    return f"{unit}/year" if seen.subject(name) != name and unit == "mm" else unit


def _compared(quantity: str, band: LayerRange, median: float) -> _Off | None:
    """How a median differs from its band; None where it does not, or only by as much as an unusual place."""
    beyond = not band.low <= median <= band.high
    far = median < band.typical_low / FAR or median > band.typical_high * FAR
    if any(slip.quantity == quantity for slip in slips()):
        far = not band.typical_low <= median <= band.typical_high
    if not beyond and not far:
        return None
    factor = _factor(quantity, band, median)
    return _Off(band, median, factor) if beyond or factor is not None else None


def _factor(quantity: str, band: LayerRange, median: float) -> float | None:
    """What to multiply a median by to bring it nearest to the middle of the typical band, of the factors that slips
    make.
    """
    if median <= 0 or band.typical_low <= 0 or not math.isfinite(band.typical_high):
        return None
    middle = math.sqrt(band.typical_low * band.typical_high)
    known = [slip.factor for slip in slips() if slip.quantity in ("", quantity)]
    fits = [
        factor
        for size in known
        for factor in (size, 1 / size)
        if band.typical_low <= median * factor <= band.typical_high
    ]
    return min(fits, key=lambda factor: abs(math.log(median * factor / middle)), default=None)


def _cause(factor: float | None) -> Text:
    if factor is None:
        return say("engine.cause.unknown")
    size = max(factor, 1 / factor)
    cause = min(slips(), key=lambda slip: abs(slip.factor - size)).cause
    which = "small" if factor > 1 else "large"
    return say(f"engine.cause.{which}", times=size, cause=say(f"engine.cause.{cause}"))


def _shown(value: float, unit: str) -> Text:
    return say("engine.median_of", value=value, unit="" if unit == "1" else unit_text(unit))


def _range(off: _Off) -> Text:
    band, unit = off.band, "" if off.band.unit == "1" else unit_text(off.band.unit)
    if off.is_beyond:
        return say("engine.range.between", least=f"{band.low:g}", most=f"{band.high:g}", unit=unit)
    usual = say("engine.range.between", least=f"{band.typical_low:g}", most=f"{band.typical_high:g}", unit=unit)
    return say("engine.usually", range=usual)


def months_against_year(seen: Seen) -> Iterator[Problem]:
    """Layers given by month and for the year that do not agree."""
    for name in seen.names:
        year, months = seen.months(name), seen.months(f"monthly_{name}")
        if year is None or months is None or year.ndim != 1 or months.ndim != 2 or seen.layers[name].unit != "mm/year":
            continue
        total: Array = months.sum(axis=0)
        valid = enough(year, total)
        if valid is None or not (total[valid] > 0).all():
            continue
        ratio = float(np.median(year[valid] / total[valid]))
        if abs(ratio - 1) > UNEQUAL:
            yield problem(
                "engine.U24.months",
                f"{name}/monthly_{name}",
                place=seen.place(name),
                year=name,
                months=f"monthly_{name}",
                ratio=ratio,
                severity="error" if abs(math.log(ratio)) > math.log(FAR) else "warning",
            )


UNEQUAL = 0.1
"""Share by which a year and the sum of its months may differ: they may be of two products, or of several years."""
