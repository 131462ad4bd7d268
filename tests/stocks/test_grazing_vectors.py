"""Grass-livestock balance: the vectors of the reference."""

from __future__ import annotations

from pathlib import Path

import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors

from gep.assets.figures import given
from gep.assets.grazing.balance import class_of
from gep.assets.parameters import Parameters
from gep.core.messages import Text
from gep.core.units import convert
from gep.stocks import grazing

PATH = Path(__file__).with_name("grazing_vectors.json")
VECTORS = vectors(PATH)
CHECKS, of_vector = checks()


def rate_class(rate):
    return class_of(given(rate, "1", Text("", "")), Parameters()).removesuffix("_overload")


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name):
    holds(VECTORS[name], CHECKS[name])


@pytest.mark.shared
def test_the_vectors_are_those_of_the_reference():
    are_of_the_reference(PATH, "f")


@of_vector("f.npp_to_capacity")
def _(i):
    found = {}
    for steppe, production in i["NPP_gC_m2"].items():
        grown = grazing.forage_of_production(production, i["CF"], i["S_ug"][steppe])
        per_km2 = grazing.forage_of_area(grown * convert(1, "g/m^2", "kg/hm^2"), convert(1, "km^2", "hm^2"))
        # sheep units at an eighth of what a head of cattle eats: the factor of the paper, 14.4 / 1.8
        sheep = grazing.carrying_capacity(per_km2, 1, i["U"][steppe], i["I_kg_d"] / 8, i["D_d"])
        cattle = grazing.heads_of(sheep, 8)
        found[steppe] = {"yield_g_m2": grown, "LCC_cattle_per_km2": cattle, "LCC_sheep_per_km2": sheep}
    return found


@of_vector("f.xilingol_classes")
def _(i):
    rates = [grazing.overload_rate(a, p) for a, p in zip(i["actual_1e6"], i["proper_1e6"], strict=True)]
    return {"rate_pct": [round(100 * rate, 4) for rate in rates], "cls": [rate_class(rate) for rate in rates]}


@of_vector("f.sheep_units")
def _(i):
    return {"SU": sum(grazing.stocking(i["heads"][a], f, 365, 365) for a, f in i["factor"].items())}


@of_vector("f.gannan_1995")
def _(i):
    return {"rate_pct": 100 * grazing.overload_rate(i["actual_1e4"], i["theoretical_1e4"])}


@of_vector("f.with_supplement")
def _(i):
    feed = grazing.capacity_of_feed(i["feed_kg"], i["use"], i["I"], i["days"])
    rate = grazing.overload_rate(i["actual_SU"], i["grass_SU_year"] + feed)
    return {"feed_SU": feed, "total": i["grass_SU_year"] + feed, "rate_pct": 100 * rate, "cls": rate_class(rate)}


@of_vector("f.two_seasons")
def _(i):
    warm, cold = (
        grazing.carrying_capacity(grazing.forage_of_area(i["yield_kg_ha"], i["A_ha"] * share), 1, use, i["I"], days)
        for share, use, days in zip(i["share"], i["U"], i["days"], strict=True)
    )
    return {"warm_SU": warm, "cold_SU": cold, "capacity_SU": min(warm, cold)}


@of_vector("f.national_implied_rate")
def _(i):
    per_unit = i["hay_1e4_t"] / i["capacity_1e4_SU"]
    return {
        "hay_per_SU_t": per_unit,
        "ration_t": convert(i["I"] * i["days"], "kg", "t"),
        "edible_times_utilisation": grazing.implied_use(i["I"], i["days"], convert(per_unit, "t", "kg")),
    }


@of_vector("f.overload_weights")
def _(i):
    rates = zip(i["all"], i["pastoral"], i["semi_pastoral"], strict=True)
    return {"weight_pastoral": [grazing.weight_between(*of) for of in rates]}


@of_vector("f.approved_area")
def _(i):
    capacity = grazing.approved_capacity(
        convert(i["A_mu"], "chinese_mu", "hm^2"), convert(i["mu_per_SU"], "chinese_mu", "hm^2")
    )
    rate = grazing.overload_rate(i["herd_SU"], capacity)
    excess = grazing.excess_stocking(i["herd_SU"], capacity)
    return {
        "capacity_SU": capacity,
        "rate_pct": 100 * rate,
        "reward_withheld": bool(100 * rate > i["allowed_pct"]),
        "excess_SU": excess,
        "fine_exact_yuan": grazing.fine_for_overload(excess, i["fine_yuan_SU"]),
    }
