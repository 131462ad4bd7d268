"""Carbon credits: what a project may issue, what a conservative estimate is, what credits are worth.

Credits are tonnes of CO2 equivalent that somebody may own. They are a part of a sink that was sold or may be, never
something beside it.
"""

from __future__ import annotations

import numpy as np

from gep.core.equation import equation

TOOL14 = "AR-TOOL14 v04.2, appendix 2"
GS403 = "Gold Standard 403 v2.1"
CCER = "CCER-14-001-V01"
NPRT = "Verra AFOLU Non-Permanence Risk Tool v4.2"
TRADE = "Quantity times price"


@equation(half_width="t*CO2", estimate="t*CO2", returns="1", source="AR-TOOL14 v04.2, section 8.1.1")
def relative_half_width(half_width, estimate):
    """How uncertain an estimate is: the half-width of its 90 % interval over the estimate.

        U = w / m

    9 t CO2 of 60 t CO2: 0.15.
    """
    return half_width / estimate


@equation(estimate="t*CO2", half_width="t*CO2", uncertainty_discount="1", returns="t*CO2", source=TOOL14)
def conservative_removal(estimate, half_width, uncertainty_discount):
    """A removal of the project as it may be used: less a share of its half-width.

        m' = m - d w

    w half-width at 90 %, d discount for the class of U = w / m.

    60 t CO2 with a half-width of 9 and a discount of 0.25: 57.75 t CO2.
    """
    return estimate - uncertainty_discount * half_width


@equation(estimate="t*CO2", half_width="t*CO2", uncertainty_discount="1", returns="t*CO2", source=TOOL14)
def conservative_baseline(estimate, half_width, uncertainty_discount):
    """A removal of the baseline as it may be used: with a share of its half-width added.

        m' = m + d w

    60 t CO2 with a half-width of 9 and a discount of 0.25: 62.25 t CO2.
    """
    return estimate + uncertainty_discount * half_width


@equation(estimate="t*CO2", relative_half_width="1", precision_limit="1", returns="t*CO2", source=f"{GS403}, 3.11.5")
def precise_removal(estimate, relative_half_width, precision_limit):
    """A removal less the points by which its uncertainty exceeds the limit.

        m' = m (1 - max(0, U - U0))

    100 t CO2 at 23 % where 20 % are allowed: 97 t CO2.
    """
    return estimate * (1 - np.maximum(relative_half_width - precision_limit, 0))


@equation(
    project_removal="t*CO2",
    project_emission="t*CO2",
    baseline_removal="t*CO2",
    leakage="t*CO2",
    returns="t*CO2",
    source="AR-ACM0003, equation of net removals",
)
def net_removal(project_removal, project_emission, baseline_removal, leakage):
    """What a project removed beyond its baseline, net of its own emissions and of what it moved elsewhere.

        ER = dC_p - E - dC_b - LK

    20000 t CO2 without emissions, baseline 4000, leakage 1500: 14500 t CO2.
    """
    return project_removal - project_emission - baseline_removal - leakage


@equation(net_removal="t*CO2", nonpermanence_deduction="1", returns="t*CO2", source=CCER)
def lasting_removal(net_removal, nonpermanence_deduction):
    """A net removal less the part that may not last.

        CDR = ER (1 - K)

    12000 t CO2 at a deduction of 0.1: 10800 t CO2.
    """
    return net_removal * (1 - nonpermanence_deduction)


@equation(project_removal="t*CO2", baseline_removal="t*CO2", buffer_share="1", returns="t*CO2", source=NPRT)
def risk_buffer(project_removal, baseline_removal, buffer_share):
    """Credits that go to the buffer: a share of the net change of stock, before leakage. They cannot be traded.

        B = r (dC_p - dC_b)

    20000 less 4000 t CO2 at 0.15: 2400 t CO2.
    """
    return (project_removal - baseline_removal) * buffer_share


@equation(net_removal="t*CO2", buffer_share="1", returns="t*CO2", source=f"{GS403}, product requirements 11.1.1")
def unit_buffer(net_removal, buffer_share):
    """Credits that go to the buffer, as a share of those issued.

        B = r ER

    1000 t CO2 at 0.2: 200 t CO2.
    """
    return net_removal * buffer_share


@equation(net_removal="t*CO2", credits_to_buffer="t*CO2", returns="t*CO2", source=TRADE)
def credits_after_buffer(net_removal, credits_to_buffer):
    """Credits that may be traded.

        Q = ER - B

    14500 less 2400 t CO2: 12100 t CO2.
    """
    return net_removal - credits_to_buffer


@equation(risk_score="1", risk_mitigation="1", returns="1", source=f"{NPRT}, section 2.4")
def natural_risk(risk_score, risk_mitigation):
    """The rating of one natural risk. Ratings of all of them add up.

        N = LS M

    4 with one measure (0.5): 2.
    """
    return risk_score * risk_mitigation


@equation(removal="t*CO2", period="year", returns="t*CO2/year", source="Stock difference over the years between")
def interpolated_removal(removal, period):
    """What a removal measured over several years is in one of them: interpolated, and said to be.

        q = Q / n

    40500 t CO2 over 5 years: 8100 t CO2/a.
    """
    return removal / period


@equation(credits="t*CO2", credit_price="CNY/(t*CO2)", returns="CNY", source=TRADE)
def credit_value(credits, credit_price):
    """What credits are worth at a price.

        V = Q p

    30000 t CO2 at 50 CNY/t: 1500000 CNY.
    """
    return credits * credit_price


@equation(value="CNY", credits="t*CO2", returns="CNY/(t*CO2)", source="Value over volume")
def mean_price(value, credits):
    """The mean price of trades: their value over their volume, never a mean of closing prices.

        p = V / Q

    2990000 CNY for 260000 t CO2: 11.5 CNY/t.
    """
    return value / credits


@equation(value="CNY", credit_price="CNY/(t*CO2)", returns="t*CO2", source=TRADE)
def credits_of_value(value, credit_price):
    """How many credits a sum of money buys at a price.

        Q = V / p

    3100000 CNY at 80 CNY/t: 38750 t CO2.
    """
    return value / credit_price


@equation(foreign_price="USD/(t*CO2)", exchange_rate="CNY/USD", returns="CNY/(t*CO2)", source=TRADE)
def converted_price(foreign_price, exchange_rate):
    """A price in another currency at the rate of the day.

        p = p_f x

    4.5 USD/t at 7.1 CNY/USD: 31.95 CNY/t.
    """
    return foreign_price * exchange_rate


@equation(value="CNY", price_rise="1", returns="CNY", source="Rise over the start price")
def start_value(value, price_rise):
    """What an auction began at, from its final value and the rise.

        V0 = V / (1 + g)

    2990000 CNY after a rise of 0.15: 2600000 CNY.
    """
    return value / (1 + price_rise)


@equation(
    credit_price="CNY/(t*CO2)",
    discount_rate="1/year",
    delivery="year",
    payment_interval="year",
    returns="CNY/(t*CO2)",
    source="Present value",
    points={"discount_rate": (0, 0.02, 0.1)},
)
def forward_price(credit_price, discount_rate, delivery, payment_interval):
    """A price at delivery, as it compares with one today. A forward sale is recognised on delivery.

        p0 = p / (1 + r d)^(n/d)

    r discount rate, n years until delivery, d interval of compounding.

    60 CNY/t in 3 years at 0.05 a year, compounded yearly: 51.83 CNY/t.
    """
    return credit_price / (1 + discount_rate * payment_interval) ** (delivery / payment_interval)


@equation(surrendered="t*CO2", offset_limit="1", returns="t*CO2", source="Ministry of Ecology and Environment 2021")
def most_offsets(surrendered, offset_limit):
    """The most credits that may stand for allowances to be surrendered.

        Q = s A

    1000000 t CO2 at 5 %: 50000 t CO2.
    """
    return surrendered * offset_limit


@equation(
    opening_value="CNY",
    closing_value="CNY",
    value_in="CNY",
    value_out="CNY",
    returns="CNY",
    source="SEEA EA 2021, chapter 10",
)
def price_effect(opening_value, closing_value, value_in, value_out):
    """What prices alone changed: the rest, once what came in and went out is counted at the value of its deal.

        R = V1 - (V0 + I - O)

    540000 CNY, 1750000 in, 1425000 out, 962000 at the end: 97000 CNY.
    """
    return closing_value - (opening_value + value_in - value_out)


@equation(sold="t*CO2", opening="t*CO2", closing="t*CO2", returns="1", source="Sales over the mean holding")
def turnover(sold, opening, closing):
    """How often a holding was sold in a period.

        f = 2 S / (Q0 + Q1)

    21000 t CO2 of 12000 at the beginning and 18500 at the end: 1.377.
    """
    return 2 * sold / (opening + closing)


@equation(potential="t*CO2", probability="1", returns="t*CO2", source="Expected quantity")
def pipeline(potential, probability):
    """Credits that may come of a project, times how likely that is thought to be. There is no default of it.

        E = P w

    100000 t CO2 at 0.6: 60000 t CO2.
    """
    return potential * probability
