"""Equations of money that belong to no one service: the value of an area, of an asset, and what a change of value comes
from.
"""

from __future__ import annotations

import numpy as np

from gep.core.equation import equation

SEEA = "United Nations, SEEA Ecosystem Accounting (2021), chapter 10"
TRANSFER = "Value transfer by unit area (equivalent factors): doi 10.5846/stxb201603140453"


@equation(area="hm^2", unit_value="CNY/(hm^2*year)", correction="1", returns="CNY/year", source=TRANSFER)
def area_value(area, unit_value, correction):
    """Value of what an area provides, at a value per area that is taken over from elsewhere.

        V = A v k

    A area, v value of one hectare in a year, k correction for local conditions (1 where there is none).

    100 hm² at 6406.5 CNY/hm² and 0.92: 589 398 CNY.
    """
    return area * unit_value * correction


@equation(
    flow="CNY/year",
    discount_rate="1/year",
    asset_life="year",
    payment_interval="year",
    returns="CNY",
    source=SEEA,
    points={"discount_rate": (0, 0.02, 0.1)},
)
def net_present_value(flow, discount_rate, asset_life, payment_interval):
    """What an asset is worth that yields the same flow every year of its life, paid at the end of each interval.

        V = F (1 - (1 + r d)^(-n/d)) / r

    F flow in a year, r discount rate, n life of the asset, d interval between payments.

    100 CNY a year for 2 years at 0.1 a year: 100/1.1 + 100/1.21 = 173.5537 CNY; at 0 a year, F n: 200 CNY.
    """
    growth = discount_rate * payment_interval
    discounted = (1 - (1 + growth) ** (-asset_life / payment_interval)) / np.where(growth == 0, 1, growth)
    return np.where(growth == 0, flow * asset_life, flow * payment_interval * discounted)


@equation(opening_value="CNY", closing_value="CNY", ratio="1", other_ratio="1", returns="CNY", source=SEEA)
def contribution(opening_value, closing_value, ratio, other_ratio):
    """The part of a change of value that comes from one of its three factors: its price, its extent, or its flow per
    extent.

        C = ((g - 1) V0 (2 + h) + (1 - 1/g) V1 (2 + 1/h)) / 6

    V0, V1 value at opening and closing; g closing over opening of the factor, h of one of the two others. It is the
    mean over the six orders in which three factors can change one after the other; the three contributions add up to V1
    - V0. For h = 1 (no change of extent) and a price that goes from p0 to p1 it is (q0 + q1)/2 (p1 - p0): a
    revaluation.

    20 t at 25 CNY become 19 t at 26 CNY on the same extent: the price accounts for (26/25 - 1) 500/2 + (1 - 25/26)
    494/2 = 10 + 9.5 = 19.5 CNY.
    """
    # 1 + 2 is the number of factors: each stands first, in the middle and last in two of the six orders
    return (
        (ratio - 1) * opening_value * (2 + other_ratio) + (1 - 1 / ratio) * closing_value * (2 + 1 / other_ratio)
    ) / (2 * (1 + 2))


@equation(share="1", growth="1", returns="1", source="Fujian Statistical Yearbook 2020, Table 2-7")
def contribution_points(share, growth):
    """What a part adds to the growth of a whole, in percentage points.

        p = s g

    s share of the part in the change of the whole at comparable prices, g growth of the whole.

    74.1 percent of a growth of 14.3 percent: 10.5963 percentage points.
    """
    return share * growth
