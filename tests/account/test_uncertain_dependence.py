"""Numbers that are wrong together: draws, the law of propagation and shares of variance obey what is said of them.

The steppe of `test_uncertainty`: V = (P (1 - c) - E) A p, with 1.2 m of rain, 0.7 m of evapotranspiration, c = 0.1.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import STEPPE, block, make_study, water_layers, zones

from gep.account.uncertain.dependence import Dependence, dependence_of
from gep.account.uncertain.variables import latin_hypercube
from gep.core.errors import UsageError
from gep.inputs.correlated import Correlation, matrix_of

RAIN, LOST = "layers.precipitation", "layers.evapotranspiration"
U_RAIN, U_LOST = 60.0, 30.0
AREA, PRICE = 4e6, 10.0
ERRORS = {"precipitation": {"standard_error": U_RAIN}, "evapotranspiration": {"standard_error": U_LOST}}


@pytest.fixture(scope="module")
def steppe():
    runoff = {"value": 0.1, "unit": "1"}
    return make_study(
        np.full((2, 2), STEPPE),
        water_layers((2, 2), 1200.0),
        zones(block(0, 0, 2, 2)),
        of=["water_retention"],
        coefficients={
            "runoff_coefficient": {"grassland": runoff},
            "reservoir_cost": {"value": PRICE, "unit": "CNY/m^3", "price_year": 2019},
        },
    ).run()


@pytest.mark.parametrize("rho", [-1.0, 0.0, 0.5, 1.0])
def test_draws_and_the_law_of_propagation_obey_a_correlation(steppe, rho):
    """u^2 = (0.9 u_P)^2 + u_E^2 - 2 rho 0.9 u_P u_E, of normal numbers: as in the vector i.correlated_sum."""
    rain, lost = 0.9 * U_RAIN / 1000, U_LOST / 1000
    u = math.sqrt(max(0.0, rain**2 + lost**2 - 2 * rho * rain * lost)) * AREA * PRICE
    found = steppe.uncertainty(draws=4000, layers=ERRORS, correlations=[((RAIN, LOST), rho)])
    assert found.samples["total", ""].std() == pytest.approx(u, rel=0.02)
    assert (found.gum.upper - found.gum.value) / 1.959964 == pytest.approx(u, rel=1e-6)
    names = [driver.name for driver in found.drivers]
    assert names == ([f"{LOST} + {RAIN}"] if rho else [RAIN, LOST])


def test_correlated_numbers_swing_together(steppe):
    """1.96 times the uncertainty of both on either side, as they are normal."""
    found = steppe.uncertainty(draws=2000, layers=ERRORS, correlations=[((RAIN, LOST), 0.8)])
    low, high = found.swings[f"{LOST} + {RAIN}"]
    u = math.sqrt(0.054**2 + 0.03**2 - 2 * 0.8 * 0.054 * 0.03) * AREA * PRICE
    assert (low, high) == pytest.approx((-1.96 * u, 1.96 * u), rel=0.1)


def test_what_is_not_correlated_is_drawn_as_before(steppe):
    alone = steppe.uncertainty(draws=500, layers=ERRORS)
    again = steppe.uncertainty(draws=500, layers=ERRORS, correlations=[((RAIN, LOST), 0.0)])
    assert np.array_equal(alone.samples["total", ""], again.samples["total", ""])


def test_every_number_keeps_its_slices():
    """A Latin hypercube stays one, and the correlation of the normal scores is what was said."""
    from scipy.special import ndtri

    shares = latin_hypercube(2000, 3, 1)
    matrix = matrix_of("abc", [Correlation(("a", "b"), 0.7), Correlation(("b", "c"), -0.2)])
    made = Dependence(("a", "b", "c"), matrix).correlated(shares)
    assert np.array_equal(np.sort(made, axis=0), np.sort(shares, axis=0))
    assert np.corrcoef(ndtri(made).T) == pytest.approx(matrix, abs=0.05)


def test_what_is_fully_correlated_is_one_number():
    shares = latin_hypercube(500, 3, 1)
    made = Dependence(("a", "b", "c"), np.ones((3, 3))).correlated(shares)
    assert np.ptp(np.ceil(made * 500), axis=1).max() == 0


@pytest.mark.parametrize(
    ("correlations", "words"),
    [
        ([((RAIN, LOST), 1.5)], "between -1 and 1"),
        ([((RAIN,), 0.5)], "two numbers"),
        ([((RAIN, "layers.evapotranspirations"), 0.5)], "Did you mean `layers.evapotranspiration`"),
        ([((RAIN, LOST), 0.5), ((LOST, RAIN), 0.6)], "Two correlations"),
        ([((RAIN, RAIN), 0.5)], "Two correlations"),
    ],
)
def test_correlations_that_are_none(steppe, correlations, words):
    with pytest.raises(UsageError, match=words):
        steppe.uncertainty(draws=200, layers=ERRORS, correlations=correlations)


def test_correlations_that_contradict_each_other():
    """a like b, b like c, a against c: 1 + 2 abc - a2 - b2 - c2 is below zero."""
    given = [Correlation(("a", "b"), 0.9), Correlation(("b", "c"), 0.9), Correlation(("a", "c"), -0.9)]
    with pytest.raises(UsageError, match="eigenvalue"):
        dependence_of("abc", given, "abc", {})


def test_a_number_of_cells_that_are_computed_again_goes_with_none_that_is_not():
    with pytest.raises(UsageError, match="--runs 0"):
        dependence_of("ab", [Correlation(("a", "b"), 0.5)], "ab", {"a": None})
