"""Samples, joined estimates and tickets of parcels: the vectors of the reference under their ids."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors
from hypothesis import given as examples
from hypothesis import strategies as st

from gep.assets.parcels import sampling
from gep.assets.parcels.sampling import Estimate, Sample
from gep.core.units import convert
from gep.stocks import parcels

PATH = Path(__file__).with_name("parcel_vectors.json")
VECTORS = vectors(PATH)
CHECKS, of_vector = checks()


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str):
    holds(VECTORS[name], CHECKS[name])


@pytest.mark.shared
def test_the_vectors_are_those_of_the_reference():
    are_of_the_reference(PATH, "c")


@of_vector("c.changkou")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    area = convert(i["A_mu"], "亩", "hm^2")
    per_area = parcels.ticket_per_area(i["Q_t"], area, 1.0)
    return {"A_ha": area, "t_per_mu": convert(per_area, "t*CO2/hm^2", "t*CO2/亩"), "t_per_ha": per_area}


@of_vector("c.jiangle")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "t_per_mu": i["Q_t"] / i["A_mu"],
        "price": i["V_yuan"] / i["sold_t"],
        "share_sold_pct": 100 * i["sold_t"] / i["Q_t"],
    }


@of_vector("c.stratified_plots")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sampling.stratified([Sample(s["A"], s["n"], s["mean"], s["s"]) for s in i["strata"]])
    area = sum(s["A"] for s in i["strata"])
    assert found.freedom == i["df"]
    assert sampling.student(0.9, found.freedom) == pytest.approx(i["t_90"], abs=5e-7)
    half = found.half_width(0.9, i["t_90"])
    return {
        "mean": found.mean,
        "SE": found.error,
        "half_width": half,
        "rel_pct": 100 * half / found.mean,
        "total": found.mean * area,
        "total_half_width": half * area,
    }


@of_vector("c.sample_size")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    weights, deviations = zip(*i["w_s"], strict=True)
    raw = sampling.plots_needed(weights, deviations, i["E"], i["t"])
    return {"n_raw": raw, "n": math.ceil(raw), "share": sampling.allocation(weights, deviations)}


@of_vector("c.sample_size_finite")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    raw = sampling.plots_needed(i["N_h"], i["s"], i["E"], i["t"], are_plots=True)
    return {"n_raw": raw, "n": math.ceil(raw)}


@of_vector("c.fusion_independent")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sampling.join([Estimate(x, u) for x, u in zip(i["x"], i["u"], strict=True)])
    assert found.agrees
    estimate = found.estimate
    return {"weights": list(found.weights), "mean": estimate.mean, "u": estimate.error, "chi2": found.chi2}


@of_vector("c.double_sampling")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sampling.double_sampling(i["n"], i["ybar"], i["xbar"], i["Xbar"], i["b"], i["s2"], i["r2"], i["N2"])
    return {"y_lr": found.mean, "var": found.error**2, "SE": found.error}


@of_vector("c.double_sampling_tool14")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sampling.double_sampling(i["n"], 0, 0, 0, 0, i["s2"], i["rho2"], i["n"] / i["alpha"])
    return {"var": found.error**2}


@of_vector("c.tool14_definition")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sampling.stratified([Sample(1, i["n"], i["mean"], i["s"])])
    half = found.half_width(0.9, i["t"])
    return {"SEM": found.error, "half_width": half, "U_pct": 100 * half / found.mean}


@of_vector("c.ticket")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    removal = i["C1_tCO2"] - i["C0_tCO2"]
    return {"ticket_t": parcels.ticket_quantity(removal - i["U_deduction"], 0.0, i["fire_t"], i["already_claimed_t"])}


# what holds of any numbers --------------------------------------------------------------------------------------------


def test_regression_of_a_straight_line_has_its_mean():
    """y = 2 x + 1 in every plot: the mean at X = 12 is 25, and of infinitely many places no error is left."""
    x = [8.0, 9.0, 10.0, 13.0]
    found = sampling.regression([2 * v + 1 for v in x], x, 12.0, math.inf)
    assert (found.mean, found.error) == (pytest.approx(25, rel=1e-12), pytest.approx(0, abs=1e-6))


def test_a_map_that_is_right_everywhere_but_for_a_shift():
    found = sampling.model_assisted(50, [41.0, 52.0, 63.0], [40.0, 51.0, 62.0])
    assert (found.mean, found.error) == (51, 0)


def test_a_whole_stratum_that_was_measured_has_no_error():
    assert sampling.stratified([Sample(1, 10, 5, 2, 10)]).error == 0


def test_estimates_that_disagree_are_not_joined():
    """(10 - 20)² / 2 = 50 is far above 3.84."""
    found = sampling.join([Estimate(10, 1), Estimate(20, 1.5)])
    assert not found.agrees
    assert (found.estimate.mean, found.weights) == (10, (1.0, 0.0))


def test_a_negative_weight_leaves_the_best_alone():
    """Errors 1 and 3 with a correlation of 0.9: w_2 = (1 - 2.7) / (1 + 9 - 5.4) is negative."""
    covariance = np.array([[1.0, 2.7], [2.7, 9.0]])
    found = sampling.join([Estimate(10, 1), Estimate(11, 3)], covariance)
    assert found.is_single
    assert found.estimate == Estimate(10, 1)


def test_change_of_permanent_plots():
    first, last = Estimate(40, 3, 20), Estimate(44, 4, 18)
    assert sampling.change(first, last, 0) == Estimate(4, 5, 18)
    assert sampling.change(first, last, 1).error == pytest.approx(1, rel=1e-12)


@examples(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0.1, 1e3)), min_size=2, max_size=5))
def test_joined_is_never_less_sure_than_the_best(parts: list[tuple[float, float]]):
    found = sampling.join([Estimate(x, u) for x, u in parts])
    assert found.estimate.error <= min(u for _, u in parts) * (1 + 1e-9)
    assert sum(found.weights) == pytest.approx(1, rel=1e-9)
