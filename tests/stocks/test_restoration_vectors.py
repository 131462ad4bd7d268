"""Restoration: the vectors of the reference."""

from __future__ import annotations

from pathlib import Path

import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors

from gep.assets.figures import given, made, total
from gep.assets.parameters import Parameters
from gep.assets.restoration.cohorts import carbon_in
from gep.assets.restoration.decline import class_of, index_of
from gep.assets.restoration.effect import State
from gep.assets.rows import kinds
from gep.core.messages import Text
from gep.core.units import convert
from gep.stocks import restoration
from gep.stocks.carbon import yearly_sink

PATH = Path(__file__).with_name("restoration_vectors.json")
VECTORS = vectors(PATH)
CHECKS, of_vector = checks()
HERE = Text("vector", "算例")


def figure(value, unit="1"):
    return given(value, unit, HERE)


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name):
    holds(VECTORS[name], CHECKS[name])


@pytest.mark.shared
def test_the_vectors_are_those_of_the_reference():
    are_of_the_reference(PATH, "g")


@of_vector("g.areas")
def _(i):
    units = {"ha": "hm^2", "km2": "km^2"}
    return {name: [convert(area, "1e4*chinese_mu", unit) for area in i["mu_1e4"]] for name, unit in units.items()}


@of_vector("g.cohorts")
def _(i):
    survival, rate, ramp = (
        figure(i["survival"]),
        figure(i["g_tC_ha_yr"], "t*carbon/(hm^2*year)"),
        figure(i["ramp_yr"], "year"),
    )
    factor = Parameters().find("co2_per_carbon")

    def carbon(year):
        cohorts = [
            (of, made(restoration.surviving_area, treated_area=figure(area, "hm^2"), survival=survival))
            for of, area in i["cohorts"]
        ]
        return total([carbon_in(area, rate, ramp, of, year) for of, area in cohorts], "t*carbon/year")

    sums = [carbon(year) for year in i["year"]]
    sinks = [made(yearly_sink, yearly_carbon=each, co2_per_carbon=factor).value for each in sums]
    return {"tC": [each.value for each in sums], "tCO2": sinks}


def state(treated, control):
    values = dict(zip(("treated_before", "treated_after"), treated, strict=True))
    values |= dict(zip(("control_before", "control_after"), control, strict=True))
    return State("p", "x", "1", {end: figure(value) for end, value in values.items()}, {}, {})


@of_vector("g.baci")
def _(i):
    of = state(i["treated"], i["control"])
    assert of.called == "effect"
    on_land = of.on(figure(i["A_km2"], "km^2"))
    return {"effect": of.result.value, "effect_area": on_land.to("km^2"), "naive": of.change("treated").value}


@of_vector("g.gap_is_not_effect")
def _(i):
    (inside, *_), (outside, *_) = i["inside"], i["outside"]
    ends = {"treated_after": figure(i["inside"][1]), "control_after": figure(i["outside"][1])}
    gap = State("p", "x", "1", ends, {}, {})
    assert gap.called == "gap"
    return {
        "gap_end": gap.result.value,
        "gap_start": restoration.gap_of_a_year(inside, outside),
        "effect": state(i["inside"], i["outside"]).result.value,
    }


@of_vector("g.degradation")
def _(i):
    found = {}
    for name, ecosystem, now, before in (("GDI", "grassland", "GCR", "GCR_max"), ("FDI", "forest", "BD", "BD_max")):
        index = index_of(ecosystem, figure(i[now]), figure(i[before]))
        of = class_of(ecosystem, index, Parameters())
        found |= {name: index.to("percent"), f"{name}_class": f"{kinds()[of]} ({kinds()[of].zh})"}
    return found


@of_vector("g.overlap")
def _(i):
    claims = sum(convert(area, "chinese_mu", "hm^2") for area in i["claimed_mu"])
    union = claims - convert(i["overlap_mu"], "chinese_mu", "hm^2")
    overlap = restoration.overlap_of_claims(claims, union)
    assert convert(overlap, "hm^2", "chinese_mu") == pytest.approx(i["overlap_mu"])
    return {"union_mu": convert(union, "hm^2", "chinese_mu"), "union_ha": union}


@of_vector("g.cost")
def _(i):
    cost = i["cost_yuan"]
    assert restoration.cost_per_service(cost, i["dGEP_yuan"]) == pytest.approx(cost / i["dGEP_yuan"])
    return {
        "yuan_per_t": restoration.cost_per_carbon_dioxide(cost, i["dtCO2"]),
        "benefit_cost": restoration.services_per_cost(i["dGEP_yuan"], cost),
    }
