"""Whatever the ranges: draws of an account that is linear in its numbers have the exact variance, one seed gives one
result, and correlations do what the law of propagation says.

Two classes in three counties: V = sum (P (1 - c) - E) A p, linear in the runoff c of each.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from builders import FOREST, STEPPE, block, make_study, water_layers, zones
from hypothesis import given, settings
from hypothesis import strategies as st

RAIN, PRICE = 1.2, 10.0
VALUES = {"forest": 0.2, "grassland": 0.1}
NAMES = {name: f"runoff_coefficient[{name}]" for name in VALUES}
SLOPES = {"forest": 4e6 * RAIN * PRICE, "grassland": 2e6 * RAIN * PRICE}
"""What one of runoff takes from the value: the rain on four and on two square kilometres."""


@pytest.fixture(scope="module")
def account():
    return make_study(
        np.array([[FOREST, FOREST, STEPPE]] * 2),
        water_layers((2, 3), RAIN * 1000),
        zones(block(0, 0, 1, 2), block(1, 0, 2, 2), block(2, 0, 3, 2)),
        of=["water_retention"],
        coefficients={
            "runoff_coefficient": {name: {"value": value, "unit": "1"} for name, value in VALUES.items()},
            "reservoir_cost": {"value": PRICE, "unit": "CNY/m^3", "price_year": 2019},
        },
    ).run()


def ranged(account, ranges):
    """The account with ranges of its numbers, as its ledger would have them."""
    ledger = copy.deepcopy(account.ledger)
    for name, (low, high, spread) in ranges.items():
        ledger["coefficients"][NAMES[name]] |= {"low": low, "high": high, "spread": spread}
    return account.replace(make_ledger=lambda: ledger)


def variance(value, low, high, spread):
    """Of the distribution, by its formula."""
    if spread == "uniform":
        return (high - low) ** 2 / 12
    if spread == "triangular":
        return (low**2 + high**2 + value**2 - low * high - low * value - high * value) / 18
    return ((high - low) / (2 * 1.959963985)) ** 2


def range_of(value):
    below, above = st.floats(0.01, value), st.floats(0.01, 0.5)
    spreads = st.sampled_from(["uniform", "triangular", "normal"])
    return st.builds(lambda down, up, spread: (value - down, value + up, spread), below, above, spreads)


ranges = st.fixed_dictionaries({name: range_of(value) for name, value in VALUES.items()})


@settings(max_examples=25)
@given(ranges, st.integers(0, 2**31))
def test_a_linear_account_has_the_exact_variance(account, given_ranges, seed):
    found = ranged(account, given_ranges).uncertainty(draws=1000, seed=seed)
    exact = sum(SLOPES[name] ** 2 * variance(VALUES[name], *of) for name, of in given_ranges.items())
    assert found.is_sum
    assert found.samples["total", ""].var() == pytest.approx(exact, rel=0.15)  # of independent numbers in one sample
    half = found.gum.upper - found.gum.value
    assert half == pytest.approx(1.959963985 * math.sqrt(exact), rel=1e-6)
    for name, driver in {of.name: of for of in found.drivers}.items():
        of = next(key for key, known in NAMES.items() if known == name)
        assert driver.first == pytest.approx(
            SLOPES[of] ** 2 * variance(VALUES[of], *given_ranges[of]) / exact, abs=0.01
        )


@settings(max_examples=10)
@given(ranges, st.integers(0, 2**31))
def test_one_seed_gives_one_result(account, given_ranges, seed):
    first, again = (ranged(account, given_ranges).uncertainty(draws=200, seed=seed, figures=True) for _ in range(2))
    assert first.document() == again.document()
    assert list(first.rows()) == list(again.rows())
    assert first.by_figure == again.by_figure


@settings(max_examples=25)
@given(ranges, st.floats(-1, 1))
def test_correlations_obey_the_law_of_propagation(account, given_ranges, rho):
    """u^2 = (s1 u1)^2 + (s2 u2)^2 + 2 rho s1 u1 s2 u2; where both are normal the draws have it too."""
    wide = {name: (low, high, "normal") for name, (low, high, _) in given_ranges.items()}
    parts = [SLOPES[name] * math.sqrt(variance(VALUES[name], *of)) for name, of in wide.items()]
    exact = parts[0] ** 2 + parts[1] ** 2 + 2 * rho * parts[0] * parts[1]
    found = ranged(account, wide).uncertainty(draws=1000, correlations=[(tuple(NAMES.values()), rho)])
    scale = sum(parts)
    assert (found.gum.upper - found.gum.value) / 1.959963985 == pytest.approx(math.sqrt(exact), abs=1e-6 * scale)
    assert found.samples["total", ""].std() == pytest.approx(math.sqrt(exact), abs=0.05 * scale)
