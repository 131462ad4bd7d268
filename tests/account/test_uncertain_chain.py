"""How sure chained and linked changes are: every draw has its chain, with the same numbers in all years.

Water kept by six square kilometres of steppe, (P (1 - c) - E) A at p CNY, c between 0.05 and 0.15, and wheat of known
tonnes: C = (W1 p0 + T1 q0) (W2 p1 + T2 q1) / (W1 p1 + T1 q1), worked out here by itself.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import STEPPE, block, make_study, statistics, water_layers, zones

from gep.account.changes import compare_years
from gep.account.uncertain.change import uncertainty_of_comparison
from gep.core.errors import UsageError
from gep.report.tables.changes import ChangeTables

AREA, GONE = 6e6, 0.7
RUNOFF = {"value": 0.1, "unit": "1", "low": 0.05, "high": 0.15}
RAIN = {2019: 1.2, 2020: 1.6, 2021: 1.3}
COST = {2019: 10.0, 2020: 14.0, 2021: 15.0}
WHEAT = {2019: (20_000.0, 2000.0), 2020: (15_000.0, 2500.0), 2021: (24_000.0, 1500.0)}
LEAST, MOST = 0.0525, 0.1475
"""Between these lie 95 % of c."""


def year(number, *, wheat=True, rain=None, range_of_cost=0.0, errors=None):
    """The account of a year at its own prices."""
    amount, price = WHEAT[number]
    rows = [
        ("101", "crop_products/wheat", "quantity", amount, "t"),
        ("101", "crop_products/wheat", "price", price, "CNY/t"),
    ]
    cost = {"value": COST[number], "unit": "CNY/m^3", "price_year": number}
    if range_of_cost:
        cost |= {"low": COST[number] * (1 - range_of_cost), "high": COST[number] * (1 + range_of_cost)}
    account = make_study(
        np.full((2, 3), STEPPE),
        water_layers((2, 3), 1000 * (rain or RAIN[number]), 1000 * GONE),
        zones(block(0, 0, 3, 2)),
        of=["water_retention", "crop_products"] if wheat else ["water_retention"],
        coefficients={"runoff_coefficient": {"grassland": RUNOFF}, "reservoir_cost": cost},
        year=number,
        price_year=number,
        **({"tables": {"statistics": statistics(*rows)}} if wheat else {}),
    ).run()
    if errors is None:
        return account
    record = account.record
    return account.replace(record={**record, "study": {**record["study"], "uncertainty": {"tables": errors}}})


@pytest.fixture(scope="module")
def years():
    return [year(number) for number in RAIN]


def water(number, c):
    return (RAIN[number] * (1 - c) - GONE) * AREA


def chained(c, cost=COST, price=None):
    """What both services make of a year in money of the first, and what the first was."""
    of_wheat = price or {number: q for number, (_, q) in WHEAT.items()}
    tonnes = {number: t for number, (t, _) in WHEAT.items()}

    def at(number, prices):
        return water(number, c) * cost[prices] + tonnes[number] * of_wheat[prices]

    return at(2020, 2019) * at(2021, 2020) / at(2020, 2020), at(2019, 2019)


def ends(interval):
    return interval.lower, interval.upper


def test_a_chain_has_the_interval_of_the_only_number_that_moves_it(years):
    """The change falls as c rises, so its quantiles are those of c: at 0.1475 and at 0.0525."""
    comparison = compare_years(years, prices="chain")
    found = uncertainty_of_comparison(comparison)
    change = [last - first for last, first in map(chained, (MOST, 0.1, LEAST))]
    assert found.change.change.value == pytest.approx(change[1], rel=1e-9)
    assert comparison.total.value_at_base_prices == pytest.approx(chained(0.1)[0], rel=1e-9)
    assert ends(found.change.change) == pytest.approx((change[0], change[2]), rel=1e-3)
    assert found.change.common == ("runoff_coefficient[grassland]",)
    # of water alone the chain is that of its amounts: (W2 - W0) p0, in which only the rain between them runs off
    of_water = [(RAIN[2021] - RAIN[2019]) * (1 - c) * AREA * COST[2019] for c in (MOST, LEAST)]
    assert ends(found.change.by["service"]["water_retention"]) == pytest.approx(of_water, rel=1e-3)
    assert ends(found.change.by["service"]["crop_products"]) == (None, None)
    levels = [chained(c)[0] for c in (MOST, LEAST)]
    assert ends(found.series[2021]) == pytest.approx(levels, rel=1e-3)
    middle = [water(2020, c) * COST[2019] + WHEAT[2020][0] * WHEAT[2019][1] for c in (MOST, LEAST)]
    assert ends(found.series[2020]) == pytest.approx(middle, rel=1e-3)
    # the gap: the whole less water and wheat, each chained by itself
    gaps = [chained(c)[0] - water(2021, c) * COST[2019] - WHEAT[2021][0] * WHEAT[2019][1] for c in (MOST, 0.1, LEAST)]
    assert found.change.gap.value == pytest.approx(comparison.gap) == pytest.approx(gaps[1])
    assert sorted(ends(found.change.gap)) == pytest.approx(sorted((gaps[0], gaps[2])), rel=1e-3)


def test_a_new_base_in_the_middle_is_the_same_chain(years):
    linked = uncertainty_of_comparison(compare_years(years, links=[2020]), draws=500)
    chain = uncertainty_of_comparison(compare_years(years, prices="chain"), draws=500)
    assert linked.document() == chain.document()


def test_prices_of_a_year_are_the_same_in_both_ends_of_its_link():
    """Prices of each year are wrong by themselves: 20 % of the cost, 10 % of that of wheat. Drawn here once more, from
    another generator.
    """
    errors = {"crop_products:price": {"relative_error": 0.1}}
    accounts = [year(number, range_of_cost=0.2, errors=errors) for number in RAIN]
    random = np.random.default_rng(7)
    c = random.uniform(0.05, 0.15, 40_000)
    cost = {number: p * random.uniform(0.8, 1.2, c.size) for number, p in COST.items()}
    price = {number: q * random.normal(1, 0.1, c.size) for number, (_, q) in WHEAT.items()}
    last, first = chained(c, cost, price)
    found = uncertainty_of_comparison(compare_years(accounts, prices="chain"))
    expected = np.quantile(last - first, (0.025, 0.975))
    width = expected[1] - expected[0]
    assert ends(found.change.change) == pytest.approx(tuple(expected), abs=0.03 * width)
    fixed = uncertainty_of_comparison(compare_years(accounts))
    constant = (water(2021, c) - water(2019, c)) * cost[2019] + (WHEAT[2021][0] - WHEAT[2019][0]) * price[2019]
    expected = np.quantile(constant, (0.025, 0.975))
    width = expected[1] - expected[0]
    assert ends(fixed.change.change) == pytest.approx(tuple(expected), abs=0.03 * width)
    apart = fixed.change.if_independent
    assert apart.upper - apart.lower > 3 * width


def test_no_chain_goes_through_a_year_without_value():
    """0.79 m of rain less 0.7 m: below zero where more than 0.114 run off."""
    accounts = [year(number, wheat=False, rain=rain) for number, rain in ((2019, 1.2), (2020, 0.79), (2021, 1.3))]
    comparison = compare_years(accounts, prices="chain")
    assert comparison.total.value_at_base_prices > 0
    with pytest.raises(UsageError, match=r"2019, 2020 .*--prices constant"):
        uncertainty_of_comparison(comparison, draws=200)
    assert uncertainty_of_comparison(compare_years(accounts), draws=200).change.change.lower


def test_a_part_without_a_chain_is_named(tmp_path):
    """Water of 2020 passes zero on some draws; with wheat beside it the total does not."""
    accounts = [year(number, rain=rain) for number, rain in ((2019, 1.2), (2020, 0.79), (2021, 1.3))]
    comparison = compare_years(accounts, prices="chain")
    found = uncertainty_of_comparison(comparison, draws=200)
    assert ("service", "water_retention") in found.change.broken
    assert ends(found.change.by["service"]["water_retention"]) == (None, None)
    assert found.change.gap is None
    assert all(map(math.isfinite, ends(found.change.change)))
    table = ChangeTables(comparison, "en", intervals=found).change("service")
    assert any("Water retention" in note and "linked" in note for note in map(str, table.notes))
