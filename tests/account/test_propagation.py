"""Section i of accounts2.md, every vector under its id; the IPCC trend by hand; what is no uncertainty."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import REFERENCE
from vectors import flatten

from gep.account import propagation as p
from gep.core.errors import UsageError

ACCOUNTS = REFERENCE / "accounts2.md"
KINDS = {"rectangular": "uniform", "triangular": "triangular", "95% normal": "normal"}


def vectors():
    if not ACCOUNTS.is_file():
        return {}
    text = ACCOUNTS.read_text(encoding="utf-8")
    (document,) = re.findall(r"## i\. .*?```json\n(.*?)```", text, re.DOTALL)
    return {entry["id"]: entry for entry in json.loads(document)}


def sum_independent(x, U_pct):
    half = p.half_width_of_sum(x, np.divide(U_pct, 100))
    return {"total": sum(x), "U_abs": half, "U_pct": 100 * half / sum(x)}


def product(U_pct):
    return {"U_pct": p.relative_of_product(U_pct)}


def shared_coefficient(A_ha, D_tC_ha, U_D_pct, U_A_pct):
    area = sum(A_ha)
    of_area = p.half_width_of_sum(A_ha, U_A_pct) / area
    of_each = [p.relative_of_product((U_D_pct, u)) for u in U_A_pct]
    return {
        "total": D_tC_ha * area,
        "U_pct_right": p.relative_of_product((U_D_pct, of_area)),
        "U_pct_if_independent": p.half_width_of_sum(A_ha, of_each) / area,
    }


def correlated_sum(u, rho):
    return {"u_sum": p.combined((1, 1), u, ((1, rho), (rho, 1))), "u_diff": p.of_change(*u, rho)}


def trend(C0, C1, U0, U1, rho):
    of_change = [p.of_change(U0, U1, r) for r in rho]
    return {"change": C1 - C0, "U_change": of_change, "significant": [u < C1 - C0 for u in of_change]}


def sobol_product(mean, cv):
    shares = p.shares_of_product(cv)
    return {
        "var_total": p.variance_of_product(mean, cv),
        "first_order": shares.first,
        "sum_first": shares.first.sum(),
        "total_order": shares.total,
    }


def lognormal_interval(mean, cv):
    of = p.lognormal_of(mean, cv)
    low, median, high = of.quantile((0.025, 0.5, 0.975))
    return {"sigma_ln": of.sigma, "mu_ln": of.mu, "p2_5": low, "median": median, "p97_5": high}


def value(Q, u_Q, p_, u_p):
    u, share = p.of_value(Q, u_Q, p_, u_p)
    return {"V": Q * p_, "u": u, "share_Q": share}


CHECKS = {
    "i.sum_independent": sum_independent,
    "i.product": product,
    "i.shared_coefficient": shared_coefficient,
    "i.correlated_sum": correlated_sum,
    "i.trend": trend,
    "i.sobol_product": sobol_product,
    "i.sobol_sum": lambda u, total: {"share": p.shares_of_sum(u)},
    "i.lognormal_interval": lognormal_interval,
    "i.range_to_u": lambda low, high, kind: {"u": [p.uncertainty_of_range(low, high, KINDS[k]) for k in kind]},
    "i.value": lambda Q, u_Q, u_p, **more: value(Q, u_Q, more["p"], u_p),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(vectors()) or ["none"])
def test_vector(name):
    if not ACCOUNTS.is_file():
        pytest.skip("the reference is not beside this checkout")
    entry = vectors()[name]
    computed = CHECKS[name](**entry["inputs"])
    assert set(computed) == set(entry["expected"]), "every number of the vector is computed"
    for key, expected in entry["expected"].items():
        assert flatten(computed[key]) == pytest.approx(flatten(expected), rel=1e-9), key


def test_trend_of_two_categories_by_hand():
    """60 + 40 become 66 + 34: A_1 = (66 * 100 - 60 * 100) / 100^2 = 0.06, A_2 = -0.06; B = 0.66 and 0.34, twice."""
    found = p.of_trend((60, 40), (66, 34), (0.1, 0.2), (0.05, 0.03))
    a, b = (0.06 * 0.1) ** 2 + (0.06 * 0.2) ** 2, 2 * ((0.66 * 0.05) ** 2 + (0.34 * 0.03) ** 2)
    assert found == pytest.approx(math.sqrt(a + b), rel=1e-12)


def test_an_error_common_to_both_years_leaves_the_trend_of_one_category():
    assert p.of_trend((100,), (106,), (0.3,), (0.0,)) == 0


@pytest.mark.parametrize(
    ("correlations", "words"),
    [
        ([[1, 0.5]], "as many rows as columns"),
        ([[1, 2], [2, 1]], "no correlations"),
        ([[1, 0.2], [0.3, 1]], "no correlations"),
        ([[2, 0], [0, 1]], "no correlations"),
        ([[1, math.nan], [math.nan, 1]], "no correlations"),
        ([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], "no correlations"),
    ],
)
def test_what_is_no_matrix_of_correlations(correlations, words):
    with pytest.raises(UsageError, match=words):
        p.combined(np.ones(len(correlations)), np.ones(len(correlations)), correlations)


def test_a_negative_uncertainty_is_none():
    with pytest.raises(UsageError, match="not below zero"):
        p.combined((1, 1), (1, -1))


@given(st.lists(st.floats(0.001, 1e3), min_size=1, max_size=6))
def test_full_correlation_adds_up_and_none_adds_in_squares(uncertainties):
    n = len(uncertainties)
    assert p.combined(np.ones(n), uncertainties, np.ones((n, n))) == pytest.approx(sum(uncertainties), rel=1e-9)
    assert p.combined(np.ones(n), uncertainties, np.eye(n)) == pytest.approx(math.hypot(*uncertainties), rel=1e-12)
