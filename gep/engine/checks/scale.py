"""A factor between the values of a layer and what the place can have, with the slip that makes such a factor.

The middle of a layer is held against what is known of places like this one, and the ratio of two layers, which seldom
carry the same slip, against what such a ratio can be. The nearest factor is named with its cause; no value is changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text
from gep.core.units import linear
from gep.derivations.erosion import erosivity_of_annual_rain
from gep.engine.checks.seen import Array, Seen, check_layer, enough
from gep.engine.checks.suspicion import scaled, suspected
from gep.inputs.open import Inputs
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
        scale, offset = linear(seen.unit_of_year(quantity), band.unit)
        off = _compared(quantity, band.unit, band, float(np.median(values[valid])) * scale + offset)
        if off:
            found[name] = off
    return found


def layers_like_no_place(seen: Seen) -> Iterator[Problem]:
    """Layers whose middle no place like this one has."""
    for name, off in layers_out_of_place(seen).items():
        found = problem(
            "engine.U20.median" if off.is_beyond else "engine.U21.median",
            name,
            place=seen.place(name),
            do=check_layer(seen.layers[name]),
            found=_shown(off.median, off.band.unit),
            allowed=_range(off),
            cause=_cause(off.factor),
        )
        is_strong = name in THIN and _is_thin_throughout(seen, name, off)
        yield suspected(found, scaled(seen.inputs, name, off.factor), is_strong=is_strong)


THIN = ("soil_depth",)
"""Layers that are nowhere so thin throughout: single places may be."""

THICKEST = 95
"""The percentile that stands for the thickest places."""


def _is_thin_throughout(seen: Seen, name: str, off: _Off) -> bool:
    """Whether even the thickest places are thinner than the usual ones are by far, and a known factor makes the middle
    a usual one.
    """
    values = seen.values(name)
    valid = enough(values)
    if values is None or valid is None or off.factor is None:
        return False
    scale, offset = linear(seen.unit_of_year(name), off.band.unit)
    return float(np.percentile(values[valid], THICKEST)) * scale + offset < off.band.typical_low / FAR


def ratios_like_no_place(seen: Seen) -> Iterator[Problem]:
    """Pairs of layers whose ratio no place like this one has, where neither is out of place by itself."""
    known = {*layers_out_of_place(seen)}
    for quantity in layer_ranges():
        over, _, under = quantity.partition("/")
        if not under or seen.subject(over) in known or seen.subject(under) in known:
            continue
        off, is_strong = _ratio_off(seen, over, under), False
        if off and over == "rainfall_erosivity":
            off, is_strong = _by_formula(seen, off)
        if off:
            names = [seen.subject(name) for name in (over, under)]
            found = problem(
                "engine.U22.ratio" if off.is_beyond else "engine.U23.ratio",
                "/".join(names),
                place=seen.place(over),
                found=_shown(off.median, off.band.unit),
                allowed=_range(off),
                over=names[0],
                under=names[1],
                cause=_cause(off.factor),
            )
            yield suspected(found, _ratio_corrected(seen, names, off.factor), is_strong=is_strong)


def _by_formula(seen: Seen, off: _Off) -> tuple[_Off, bool]:
    """A ratio of erosivity and rain with the factor that brings the erosivity nearest to what the annual formula makes
    of the rain, and whether it is far from that now and near with it.
    """
    times = _times_formula(seen)
    if times is None:
        return off, False
    unit = seen.unit_of_year("rainfall_erosivity")
    factors = [slip.factor for slip in slips() if slip.may_be_of("rainfall_erosivity", unit)]
    factor = min((each for size in factors for each in (size, 1 / size)), key=lambda each: abs(math.log(times * each)))
    is_clear = abs(math.log(times)) > math.log(FORMULA) > abs(math.log(times * factor))
    return (off._replace(factor=factor), True) if is_clear else (off, False)


def _times_formula(seen: Seen) -> float | None:
    """The erosivity that is given over that of the annual formula; None where it says nothing."""
    given, rain = seen.values("rainfall_erosivity"), seen.values("precipitation")
    valid = enough(given, rain)
    coefficients, units = seen.inputs.coefficients, erosivity_of_annual_rain.units
    numbers = {name: coefficients.lookup(name, "", "") for name in ("erosivity_annual_scale", "unit_annual_rain")}
    if given is None or rain is None or valid is None or not all(numbers.values()):
        return None
    scale, _ = linear(seen.unit_of_year("precipitation"), units["precipitation"])
    wet = rain[valid] * scale
    if float(np.median(wet)) < linear(LEAST_RAIN, units["precipitation"])[0]:
        return None
    known = {name: found.row.to(units[name]) for name, found in numbers.items() if found}
    expected = float(np.median(erosivity_of_annual_rain.fn(precipitation=wet, **known)))
    scale, _ = linear(seen.unit_of_year("rainfall_erosivity"), erosivity_of_annual_rain.returns)
    found = float(np.median(given[valid])) * scale
    return found / expected if found > 0 and expected > 0 else None


FORMULA = 5.0
"""Times by which the erosivity of a place may differ from the formula of annual rain: a judgement. Of the places in the
note of the band, that of the south has 0.9 times the formula, that of the Loess Plateau 1.2 times.
"""

LEAST_RAIN = "250 mm/year"
"""Rain below which the formula says nothing: the desert in that note has a fifth of it. A judgement."""


def _ratio_corrected(seen: Seen, names: Sequence[str], factor: float | None) -> Inputs | None:
    """The inputs with the ratio of two layers times a factor: the slip is taken to be in the upper one where it is
    given.
    """
    over, under = names
    if seen.is_given(over):
        return scaled(seen.inputs, over, factor)
    return scaled(seen.inputs, under, 1 / factor if factor else None)


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
    scale, _ = linear(f"({seen.unit_of_year(over)})/({seen.unit_of_year(under)})", band.unit)
    return _compared(over, seen.unit_of_year(over), band, float(np.median(above[valid] / below[valid])) * scale)


def _band(seen: Seen, quantity: str) -> LayerRange | None:
    return range_at(quantity, seen.middle[1], in_china=seen.in_china)


def _compared(quantity: str, unit: str, band: LayerRange, median: float) -> _Off | None:
    """How a median, of a quantity in a unit or of its ratio, differs from its band; None where it does not, or only by
    as much as an unusual place.
    """
    beyond = not band.low <= median <= band.high
    far = median < band.typical_low / FAR or median > band.typical_high * FAR
    if any(slip.quantity == quantity for slip in slips()):
        far = not band.typical_low <= median <= band.typical_high
    if not beyond and not far:
        return None
    factor = _factor(quantity, unit, band, median)
    return _Off(band, median, factor) if beyond or factor is not None else None


def _factor(quantity: str, unit: str, band: LayerRange, median: float) -> float | None:
    """What to multiply a median by to bring it nearest to the middle of the typical band, of the factors that slips
    make.
    """
    if median <= 0 or band.typical_low <= 0 or not math.isfinite(band.typical_high):
        return None
    middle = math.sqrt(band.typical_low * band.typical_high)
    known = [slip.factor for slip in slips() if slip.may_be_of(quantity, unit)]
    fits = [
        factor
        for size in known
        for factor in (size, 1 / size)
        if band.typical_low / SPREAD <= median * factor <= band.typical_high * SPREAD
    ]
    return min(fits, key=lambda factor: abs(math.log(median * factor / middle)), default=None)


SPREAD = 1.2
"""Times beyond what is usual to which a factor may bring a middle: the place may be somewhat unusual too."""


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
