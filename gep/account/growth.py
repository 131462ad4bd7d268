"""How values of several years are set beside each other: constant prices, chains, growth, contributions to it, indices,
effects of factors, links between old and new series, revisions. Numbers in, numbers out.

Symbols: Q quantities, P prices, V = Q P values; 0 an earlier year, 1 a later one. Shares and growth are ratios, not
percent. Sums are exact and rounded once; nothing is rounded for show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from gep.core.data import read_toml
from gep.core.errors import AccountError
from gep.core.messages import say
from gep.core.units import linear

Amounts = Sequence[float]
"""Quantities, prices or values, one for each item, in one order."""


@cache
def least_growth() -> float:
    """The growth, up or down, below which shares in it are not told: a judgement, in `growth.toml`."""
    bound = read_toml(Path(__file__).with_suffix(".toml"))["least_growth"]
    return float(bound["value"]) * linear(bound["unit"], "1")[0]


# constant prices ------------------------------------------------------------------------------------------------------


def value_at(quantities: Amounts, prices: Amounts) -> float:
    """V = sum Q P: with the prices of a base year, a value at constant prices of a fixed base.

    110 at 6, 48 at 20 and 12 at 100: 2820.
    """
    return math.fsum(q * p for q, p in zip(quantities, prices, strict=True))


def deflated(value: float, index: float) -> float:
    """V / I: a value at the prices of the base year, of which only an index I of its prices since then is known.

    140 at an index of 1.12: 125.
    """
    return value / index


def linked(value: float, overlap_new: float, overlap_old: float) -> float:
    """V(old base) = V(new base) V_ov(old) / V_ov(new): a value of a new base in the series of an old one, by the year
    that both have. Growth is kept; parts that are linked one by one do not add up.

    166.67 on a base on which the common year is 140, and was 125: 148.81.
    """
    return value * overlap_old / overlap_new


def growth(before: float, after: float) -> float | None:
    """V_1 / V_0 - 1; None where the earlier value is not above zero, and growth has no meaning."""
    return (after - before) / before if before > 0 else None


def implicit_deflator(current: float, constant: float) -> float:
    """Current over constant prices: what prices did."""
    return current / constant


# chains ---------------------------------------------------------------------------------------------------------------


def links(quantities: Sequence[Amounts], prices: Sequence[Amounts]) -> list[float]:
    """l_t = sum Q_t P_t-1 / V_t-1: how volumes changed from each year to the next, at the prices of the earlier one."""
    years = list(zip(quantities, prices, strict=True))
    return [value_at(later, then) / value_at(earlier, then) for (earlier, then), (later, _) in pairwise(years)]


def chained(first: float, factors: Amounts) -> list[float]:
    """C_t = V_0 l_1 ... l_t: the volumes of a chain in the money of its first year.

    The volumes of parts that are chained one by one do not add up to that of the whole: the gap is told, not spread.
    """
    found = [first]
    for factor in factors:
        found.append(found[-1] * factor)
    return found


def compounded(points: Amounts, volumes: Amounts) -> float:
    """sum_t points_t C_t-1 / C_0: contributions of single years as one to the growth of the chain volume C over all of
    them, which those of all parts add up to.
    """
    return value_at(points, [volume / volumes[0] for volume in volumes[:-1]])


# contributions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contribution:
    """What a part adds to the growth of a whole: its share in the change, and percentage points as a ratio; None where
    one cannot be told.
    """

    share: float | None
    points: float | None


def contribution(before: float, after: float, whole_before: float, whole_after: float) -> Contribution:
    """Share = change of the part over that of the whole; points = share times growth, which is the change of the part
    over what the whole was: the official form (贡献率, 拉动百分点), at constant prices as a rule.

    (`gep.services.money.contribution_points` where a share is given.) Where the whole grew by less than
    `least_growth`, or did not, there are points only.
    """
    whole, total = growth(whole_before, whole_after), whole_after - whole_before
    share = (after - before) / total if total and whole is not None and abs(whole) >= least_growth() else None
    return Contribution(share, None if whole is None else (after - before) / whole_before)


# effects of factors ---------------------------------------------------------------------------------------------------


def bennet(quantity: tuple[float, float], price: tuple[float, float]) -> tuple[float, float]:
    """What quantity and price did to a value: dQ mean(P) and dP mean(Q). No residual, no order, zero and negative
    amounts allowed.

    From 100 at 6 to 110 at 6.5: 62.5 and 52.5.
    """
    (q0, q1), (p0, p1) = quantity, price
    return (q1 - q0) * (p0 + p1) / 2, (p1 - p0) * (q0 + q1) / 2


def laspeyres_paasche(quantity: tuple[float, float], price: tuple[float, float]) -> tuple[float, float]:
    """Quantity at old prices, price on new quantities: dQ P_0 and dP Q_1. No residual, but one order of two.

    From 100 at 6 to 110 at 6.5: 60 and 55.
    """
    (q0, q1), (p0, p1) = quantity, price
    return (q1 - q0) * p0, (p1 - p0) * q1


def of_three(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> list[float]:
    """What each of three factors did to their product: the mean over the six orders in which they can change (Shapley),
    which for two factors is that of Bennet.

        effect of a = da ((b_0 c_0 + b_1 c_1) / 3 + (b_0 c_1 + b_1 c_0) / 6)

    No residual, no order, zero and negative amounts allowed: `gep.services.money.contribution` is the same mean in the
    ratios of SEEA EA, which have neither. From 2 x 3 x 5 to 4 x 3 x 5: 30, 0 and 0.
    """
    factors = (one, two, three)
    found = []
    for at, (before, after) in enumerate(factors):
        (b0, b1), (c0, c1) = (factor for other, factor in enumerate(factors) if other != at)
        found.append((after - before) * ((b0 * c0 + b1 * c1) / 3 + (b0 * c1 + b1 * c0) / 6))
    return found


def logarithmic_mean(one: float, other: float) -> float:
    """L(x, y) = (x - y) / ln(x / y), and x where both are the same."""
    return one if one == other else (one - other) / math.log(one / other)


def lmdi(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """L(V_1, V_0) ln(x_1 / x_0): what each factor x of a product V did to it (area, amount per area, price), without
    residual for any number of factors.

    Of a factor that is zero in one year the limit is taken: what came or went with it is its effect, in equal parts
    where several are zero at once. Raises AccountError for negative factors, which have no logarithm: see `of_three`.
    """
    if min(*before, *after) < 0:
        raise AccountError(say("years.negative_factor"))
    first, last = math.prod(before), math.prod(after)
    is_zero = [x0 == 0 or x1 == 0 for x0, x1 in zip(before, after, strict=True)]
    if any(is_zero):
        change = last - first
        absent = sum(is_zero) if change else 1
        return [change / absent if zero else 0.0 for zero in is_zero]
    mean = logarithmic_mean(last, first)
    return [mean * math.log(x1 / x0) for x0, x1 in zip(before, after, strict=True)]


def lmdi_of_sum(before: Sequence[Amounts], after: Sequence[Amounts]) -> tuple[list[float], list[float]]:
    """The effects of factors on a sum of products, one for each item (ecosystem): added, as changes of the sum, and
    multiplied, as factors of it: exp(sum_i L(V_i1, V_i0) / L(V_1, V_0) ln(x_i1 / x_i0)).
    """
    effects = [lmdi(x0, x1) for x0, x1 in zip(before, after, strict=True)]
    added = [math.fsum(of_factor) for of_factor in zip(*effects, strict=True)]
    first, last = (math.fsum(map(math.prod, items)) for items in (before, after))
    mean = logarithmic_mean(last, first)
    return added, [math.exp(effect / mean) for effect in added]


def made_to_sum(parts: Sequence[float], change: float) -> list[float]:
    """Effects as they are told: what they lack of the change, for they were rounded, is put on the smallest of them
    that is not zero, where the digits are finest. Their exact sum is the change, but where each of them is so much
    larger than the change that its last digit is too coarse: then they miss it by less than that digit.
    """
    found = list(parts)
    at = min(range(len(found)), key=lambda place: abs(found[place]) or math.inf)
    found[at] = math.fsum([change, *(-part for place, part in enumerate(found) if place != at)])
    return found


# indices --------------------------------------------------------------------------------------------------------------


def laspeyres(q0: Amounts, q1: Amounts, p0: Amounts) -> float:
    """Quantities at the prices of the earlier year: sum Q_1 P_0 / sum Q_0 P_0."""
    return value_at(q1, p0) / value_at(q0, p0)


def paasche(q0: Amounts, q1: Amounts, p1: Amounts) -> float:
    """Quantities at the prices of the later year: sum Q_1 P_1 / sum Q_0 P_1."""
    return value_at(q1, p1) / value_at(q0, p1)


def fisher(q0: Amounts, q1: Amounts, p0: Amounts, p1: Amounts) -> float:
    """The root of Laspeyres times Paasche."""
    return math.sqrt(laspeyres(q0, q1, p0) * paasche(q0, q1, p1))


def tornqvist(q0: Amounts, q1: Amounts, p0: Amounts, p1: Amounts) -> float:
    """exp(sum of mean share in value times ln(Q_1 / Q_0))."""
    first, last = value_at(q0, p0), value_at(q1, p1)
    shares = [(a * b / first + c * d / last) / 2 for a, b, c, d in zip(q0, p0, q1, p1, strict=True)]
    return math.exp(value_at(shares, [math.log(after / before) for before, after in zip(q0, q1, strict=True)]))


# revisions ------------------------------------------------------------------------------------------------------------


def trend(first: float, last: float, count: int) -> list[float]:
    """T_t = Y_0 (Y_N / Y_0)^(t / N): the same growth every year between two benchmarks, of so many years with both."""
    return [first * (last / first) ** (t / (count - 1)) for t in range(count)]


def back_cast(old: Amounts, last: float) -> list[float]:
    """An old series between two benchmarks on the level of a new last one, by the deviation from its trend
    (趋势离差法): Y*_t = Y_t / T_t times the new trend. The first benchmark stays.

    It is a calculation and no observation, and has to be labelled so.
    """
    trends = zip(old, trend(old[0], old[-1], len(old)), trend(old[0], last, len(old)), strict=True)
    return [value / then * now for value, then, now in trends]


def back_cast_parts(
    old: Mapping[str, Amounts], last: Mapping[str, float], *, first: Literal["parts", "total"] = "parts"
) -> dict[str, list[float]]:
    """The series of parts on the level of new last ones: each by itself, and their total is their sum; or the total
    first, and each year's parts in proportion to what they come to by themselves.
    """
    parts = {name: back_cast(series, last[name]) for name, series in old.items()}
    if first == "parts":
        return parts
    totals = [math.fsum(year) for year in zip(*old.values(), strict=True)]
    wanted = back_cast(totals, math.fsum(last.values()))
    sums = [math.fsum(year) for year in zip(*parts.values(), strict=True)]
    return {
        name: [value * total / whole for value, total, whole in zip(series, wanted, sums, strict=True)]
        for name, series in parts.items()
    }


@dataclass(frozen=True)
class Revisions:
    """Revisions, later less earlier figure, in short: their mean, mean size, root mean square, and the share of those
    upward.
    """

    mean: float
    mean_absolute: float
    root_mean_square: float
    share_upward: float


def revisions(changes: Amounts) -> Revisions:
    """How figures were revised. Of 2, -1, 3 and 0.5: 1.125, 1.625, 1.887 and three quarters."""
    count = len(changes)
    return Revisions(
        math.fsum(changes) / count,
        math.fsum(map(abs, changes)) / count,
        math.sqrt(math.fsum(change**2 for change in changes) / count),
        sum(change > 0 for change in changes) / count,
    )


def before_revision(revised: float, uplift: float) -> float:
    """What a figure was before a revision by a share. 159878 after 16.8 percent more: 136882."""
    return revised / (1 + uplift)
