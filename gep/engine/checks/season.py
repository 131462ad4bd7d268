"""Months of a layer against each other and against the season: twelve copies of one month, summer in January.

Away from the tropics the Sun decides which months are warm: bands in another order than the calendar show in the
temperature, if in nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gep.core.errors import Problem, problem
from gep.core.messages import say
from gep.engine.checks.pattern import MANY_CELLS
from gep.engine.checks.seen import Seen, check_layer, enough

TEMPERATURES = ("monthly_air_temperature", "monthly_maximum_temperature", "monthly_minimum_temperature")

SEASONAL = 25.0
"""Degrees of latitude from which summers are warmer than winters everywhere: a judgement; near the equator rain decides
which months are warm."""

SUMMER = (5, 6, 7, 8, 9)
"""Months of which one is the warmest north of it; six months later south of it. Seas delay the heat by two months."""

MONTHS = 12

ALIKE = 0.01
"""How far months that are one pattern times a number may miss it, as files round: a judgement."""


def summer_in_winter(seen: Seen) -> Iterator[Problem]:
    """Temperatures whose warmest month is none of the summer: the months stand in another order."""
    latitude = seen.middle[1]
    if not abs(latitude) > SEASONAL:
        return
    summer = [(month - 1 + (0 if latitude > 0 else MONTHS // 2)) % MONTHS + 1 for month in SUMMER]
    for name in TEMPERATURES:
        months = seen.months(name)
        if months is None or not seen.is_given(name) or enough(months.mean(axis=0)) is None:
            continue
        means = np.nanmean(months, axis=1)
        warmest = int(np.argmax(means)) + 1
        if warmest not in summer and np.ptp(means) > 0:
            yield problem(
                "engine.B32.summer_in_winter",
                name,
                place=seen.place(name),
                found=say(f"engine.month.{warmest}"),
                allowed=say(
                    "engine.months_from_to",
                    first=say(f"engine.month.{summer[0]}"),
                    last=say(f"engine.month.{summer[-1]}"),
                ),
            )


def copied_months(seen: Seen) -> Iterator[Problem]:
    """Layers of which two months are the same in every cell. Months that are alike everywhere (no snow in summer) say
    nothing, nor do those of one pattern times a number for each month, of which two may be equal.
    """
    for name in seen.names:
        months = seen.sums.sample.layers[name]
        if months.ndim == 1 or len({month.tobytes() for month in months}) == MONTHS:
            continue
        if np.isfinite(months).all(axis=0).sum() < MANY_CELLS:
            continue
        varied = [month for month in months if np.nanmin(month) != np.nanmax(month)]
        copies = len(varied) - len({month.tobytes() for month in varied})
        is_whole = copies == MONTHS - 1
        if is_whole or (copies and not _is_one_pattern(np.array(varied, np.float64))):
            yield problem(
                "engine.R25.all_months" if is_whole else "engine.R25.some_months",
                name,
                place=seen.place(name),
                count=copies + 1,
                do=check_layer(seen.layers[name]),
            )


def _is_one_pattern(months: NDArray[np.float64]) -> bool:
    """Whether months (month, cell) are one field of cells times a number for each month."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = months / np.nanmean(months, axis=1, keepdims=True)
    return bool(np.nanmax(np.ptp(shape, axis=0)) < ALIKE)
