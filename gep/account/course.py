"""What a yearly loss or gain comes to over several years: how land recovers or a project grows, and what money of later
years is worth now. Amounts are added up as they are; only money is discounted, and only where a rate is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import Text, joined, say
from gep.core.units import convert

Course = Literal["step", "linear"]
COURSES: tuple[Course, ...] = get_args(Course)


def lost(years: int, course: Course = "step") -> tuple[float, ...]:
    """The share of a yearly loss that is suffered in each of `years` until land has recovered.

    `step`: 1, all of it until the last year; `linear`: 1 - (2 k - 1) / (2 T) in year k of T, what is lacking in the
    middle of the year, T / 2 in all. For T = 20: 0.975, 0.925, …, 0.025, together 10.
    """
    if course == "step":
        return (1.0,) * years
    return tuple(1 - (2 * year - 1) / (2 * years) for year in range(1, years + 1))


def reached(years: int, ramp: int = 0) -> tuple[float, ...]:
    """The share of a yearly gain that a project has reached in each of `years` after it: min(k / T, 1) in year k where
    it takes T years (`ramp`), all of it from the first year on where it takes none.
    """
    return tuple(min(year / ramp, 1.0) if ramp else 1.0 for year in range(1, years + 1))


def present_value(yearly: float, shares: Sequence[float], rate: float = 0.0) -> float:
    """What money of several years is worth at the beginning of the first: sum of V s_k / (1 + r)^k, paid at the end of
    each year k. 500 CNY a year over 5 years at 0.03 are 2289.85.
    """
    return yearly * math.fsum(share / (1 + rate) ** year for year, share in enumerate(shares, start=1))


def check_course(years: int | None, course: str, rate: float | None, ramp: int = 0) -> None:
    """Raise UsageError with everything that is wrong: no years or negative ones, a course that there is not, a rate
    that is negative or one in percent.
    """
    wrong: list[Text] = []
    if years is not None and years < 1:
        wrong.append(say("scenario.years", name="years", years=years))
    if ramp < 0:
        wrong.append(say("scenario.years", name="ramp", years=ramp))
    if course not in COURSES:
        hint = did_you_mean(course, COURSES)
        wrong.append(say("scenario.no_course", course=course, hint=hint, known=list(COURSES)))
    if rate is not None and not 0 <= rate < 1:
        key = "percent" if rate >= 1 and math.isfinite(rate) else "no_rate"
        wrong.append(say(f"scenario.{key}", rate=rate, share=convert(rate, "percent", "1")))
    if (rate is not None or ramp) and years is None:
        wrong.append(say("scenario.no_years"))
    if wrong:
        raise UsageError(joined(wrong, "\n"))
