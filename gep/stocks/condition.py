"""Condition and quality of ecosystems as assets: variables between reference levels, indices of them, how land changed
its class, what an asset is worth. Stocks at a time and their changes: nothing of it is a yearly service.
"""

from __future__ import annotations

import numpy as np

from gep.core.equation import equation

CONDITION = "SEEA Ecosystem Accounting, chapter 5: condition indicators between reference levels"
PATTERN = "HJ 1171-2021, equations 2, 7 and 8"
IMPACT = "HJ 1175-2021, equations A.1 and A.2"
INDEX = "Scientific Reports 2024, s41598-024-73121-4, Table 3: ecosystem asset index"
SEEA = "SEEA Ecosystem Accounting, chapter 10: ecosystem monetary asset account"


@equation(condition_value="1", reference_low="1", reference_high="1", returns="1", source=CONDITION)
def condition_indicator(condition_value, reference_low, reference_high):
    """Where a variable lies between its reference levels: 0 degraded, 1 natural.

        I = (x - low) / (high - low), not below 0, not above 1

    x value of the variable, low and high its levels, all three in the unit of the variable. Where less is better the
    levels are swapped.

    60 between 0 and 80: 0.75; 30 between 100 and 0: 0.7.
    """
    indicator = (condition_value - reference_low) / (reference_high - reference_low)
    return np.minimum(np.maximum(indicator, 0), 1)


@equation(index_part="1", part_weight="1", returns="1", source=CONDITION)
def weighted_part(index_part, part_weight):
    """What an indicator adds to an index.

        P = w I

    I indicator, w its weight; the weights of an index add up to 1.

    0.75 at 0.5: 0.375.
    """
    return index_part * part_weight


@equation(opening_area="km^2", closing_area="km^2", returns="1", source=PATTERN)
def change_of_extent(opening_area, closing_area):
    """By how much the area of a class changed.

        E_V = (U_b - U_a) / U_a

    U_a area at the start, U_b at the end.

    From 100 to 96 km2: -0.04.
    """
    return (closing_area - opening_area) / opening_area


@equation(converted_area="km^2", whole_area="km^2", returns="1", source=PATTERN)
def converted_share(converted_area, whole_area):
    """Which share of land became of another class, or of a class became of one other.

        s = a / A

    a area that changed, A area of which it is a share: of the class it left, of the class it came to, or of all land.

    8 of 100 km2: 0.08.
    """
    return converted_area / whole_area


@equation(change_of_area="1", period="year", returns="1/year", source=IMPACT)
def dynamic_degree(change_of_area, period):
    """How fast the area of a class changed.

        K = E / T

    E change of the area as a share of it, T years between.

    -4 percent in 5 years: -0.8 percent a year.
    """
    return change_of_area / period


@equation(share_of_class="1", share_of_all="1", returns="1", source=IMPACT)
def transfer_intensity(share_of_class, share_of_all):
    """How much of a class left it, beside how much of all land changed its class.

        R = (LU_i / LU_i0) / (LU_0 / LU_00)

    LU_i area that left the class, LU_i0 its area, LU_0 area of all land that changed, LU_00 all land.

    10 of 100 beside 25 of 400: 1.6.
    """
    return share_of_class / share_of_all


@equation(graded_area="km^2", quality_score="1", best_score="1", index_area="km^2", returns="1", source=INDEX)
def asset_index_part(graded_area, quality_score, best_score, index_area):
    """What land of a grade adds to the ecosystem asset index.

        P = A_j j / (m A)

    A_j area of the grade, j its score, m the best score, A area of the class, or of all ecosystems together: then the
    indices of classes add up to that of the whole.

    100 km2 at 5, of 1000 km2, best 5: 0.1.
    """
    return graded_area * quality_score / (best_score * index_area)


@equation(yearly_value="CNY/year", discount_rate="1/year", returns="CNY", source=SEEA)
def perpetual_value(yearly_value, discount_rate):
    """What an asset is worth that yields the same flow for ever.

        V = F / r

    F flow in a year, r discount rate.

    100 CNY a year at 0.05 a year: 2000 CNY.
    """
    return yearly_value / discount_rate


@equation(
    change_at_opening_prices="CNY/year",
    closing_flow="CNY/year",
    closing_flow_at_opening_prices="CNY/year",
    returns="CNY/year",
    source=SEEA,
)
def change_at_mean_prices(change_at_opening_prices, closing_flow, closing_flow_at_opening_prices):
    """A change of quantity at the mean of opening and closing price.

        D = d (1 + V_1 / V_1(p_0)) / 2

    d the change at opening prices, V_1 the closing flow, V_1(p_0) the same at opening prices: their ratio is that of
    the prices.

    30 CNY a year, prices up by a tenth: 31.5 CNY a year.
    """
    return change_at_opening_prices * (1 + closing_flow / closing_flow_at_opening_prices) / 2


@equation(
    opening_value="CNY",
    closing_value="CNY",
    condition_change="CNY",
    conversion_value="CNY",
    returns="CNY",
    source=SEEA,
)
def revaluation(opening_value, closing_value, condition_change, conversion_value):
    """What prices did to the worth of an asset: what is left of its change after quantities.

        R = V_1 - V_0 - D - C

    V_0, V_1 opening and closing value, D what enhancement or degradation did, C what conversion of land did.

    From 1000 to 1100, 30 by condition and -10 by conversion: 80.
    """
    return closing_value - opening_value - condition_change - conversion_value
