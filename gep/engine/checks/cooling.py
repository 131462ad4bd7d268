"""Days that need cooling, held to the months that are warm enough for one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.engine.checks.reported import Figure, Reported
from gep.engine.checks.seen import Seen
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


def _said(reported: Reported, zone: str, figure: Figure) -> Text:
    return say("indicators.days_cooled", zone=reported.name(zone), days=figure.amount)


def _warm_days(seen: Seen) -> float | None:
    """The days of the months whose mean temperature somewhere in the city allows for a hot day; None where no month
    is known.
    """
    subject = seen.subject(TEMPERATURE)
    months = seen.months(subject)
    lengths = months_of(seen.inputs.spec.year)["monthly_length"]
    if months is None or months.ndim != 2 or len(months) != len(lengths):
        return None
    (band,) = ranges("cooling_month")
    scale, offset = linear(band.unit, seen.layers[subject].unit)
    least = (band.low or 0.0) * scale + offset
    is_warm = [bool(np.isfinite(month).any()) and float(np.nanmax(month)) >= least for month in months]
    return float(np.sum(np.asarray(lengths)[is_warm]))
