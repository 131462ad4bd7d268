"""Days that need cooling, held to the months that are warm enough for one, and to those that are hot."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.engine.checks.reported import Figure, Reported
from gep.engine.checks.seen import Array, Seen
from gep.engine.checks.words import first_of
from gep.plan.wiring import months_of
from gep.standards.ranges import bands, ranges

ITEM = "cooling_days"

TEMPERATURE = "air_temperature"


def cooled_when_cold(seen: Seen) -> Iterator[Problem]:
    """More days that need cooling than the months have that are warm enough; where no month is known, more than the
    hottest cities have.
    """
    reported = Reported(seen)
    figures = reported.item(ITEM)
    if not figures:
        return
    warm = _warm_days(seen)
    hottest = bands([ITEM], "day/year").high
    most = warm if warm is not None else hottest
    over = {zone: figure for zone, figure in figures.items() if most is not None and figure.amount > most}
    if not over:
        return
    (band,) = ranges("cooling_month")
    yield problem(
        "indicators.B41.more_than_anywhere" if warm is None else "indicators.B41.cold_months",
        ITEM,
        place=next(iter(over.values())).place,
        found=first_of([_said(reported, zone, figure) for zone, figure in over.items()]),
        allowed=say("indicators.warm_days", days=most),
        least=band.low,
    )


def left_hot(seen: Seen) -> Iterator[Problem]:
    """Hardly a day that needs cooling where whole months are hot: days given as weeks or months, or of a part of the
    summer. Zero days say that nobody cools.
    """
    reported = Reported(seen)
    figures = reported.item(ITEM)
    hot = _hot_days(seen) if figures else {}
    (share,) = ranges("share/cooling_days_of_hot_months")
    least = {zone: (share.low or 0.0) * days for zone, days in hot.items()}
    under = {zone: figure for zone, figure in figures.items() if 0 < figure.amount < least.get(zone, 0.0)}
    if not under:
        return
    (band,) = ranges("hot_month")
    yield problem(
        "indicators.B44.hot_months",
        ITEM,
        place=next(iter(under.values())).place,
        found=first_of([_said(reported, zone, figure) for zone, figure in under.items()]),
        allowed=say("indicators.hot_days", days=max(least[zone] for zone in under)),
        least=band.low,
    )


def _said(reported: Reported, zone: str, figure: Figure) -> Text:
    return say("indicators.days_cooled", zone=reported.name(zone), days=figure.amount)


def _warm_days(seen: Seen) -> float | None:
    """The days of the months whose mean temperature somewhere in the city allows for a hot day; None where no month
    is known.
    """
    months = _months(seen)
    if months is None:
        return None
    least = _least(seen, "cooling_month")
    is_warm = [bool(np.isfinite(month).any()) and float(np.nanmax(month)) >= least for month in months]
    return float(np.sum(_lengths(seen)[is_warm]))


def _hot_days(seen: Seen) -> dict[str, float]:
    """The days of the months that are hot in the mean of a zone, and of the whole area; nothing where no month is
    known.
    """
    months = _months(seen)
    if months is None:
        return {}
    least, zone = _least(seen, "hot_month"), seen.sums.sample.zone
    places = {code.code: zone == index for index, code in enumerate(seen.plan.zones.zones)}
    found = {}
    for code, is_here in {**places, CITY: np.ones(len(zone), bool)}.items():
        here = months[:, is_here & np.isfinite(months).all(axis=0)]
        if here.size:
            found[code] = float(np.sum(_lengths(seen)[here.mean(axis=1) >= least]))
    return found


def _months(seen: Seen) -> Array | None:
    """The temperature of the months at the sampled cells; None where no month is known."""
    months = seen.months(seen.subject(TEMPERATURE))
    return months if months is not None and months.ndim == 2 and len(months) == len(_lengths(seen)) else None


def _lengths(seen: Seen) -> Array:
    return np.asarray(months_of(seen.inputs.spec.year)["monthly_length"])


def _least(seen: Seen, quantity: str) -> float:
    """The lowest temperature of a kind of month, in the unit of the layer."""
    (band,) = ranges(quantity)
    scale, offset = linear(band.unit, seen.layers[seen.subject(TEMPERATURE)].unit)
    return (band.low or 0.0) * scale + offset
