"""Condition, quality, pattern and worth of ecosystems: the vectors of the reference."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors

from gep.account.growth import growth
from gep.assets.condition.pattern import Pattern
from gep.assets.condition.quality import asset_index, grade_of, quality_index
from gep.assets.figures import given, total
from gep.assets.kinds import kind_of
from gep.assets.parameters import Parameters
from gep.assets.rows import kinds
from gep.core.messages import Text
from gep.services.money import net_present_value
from gep.stocks import condition

PATH = Path(__file__).with_name("condition_vectors.json")
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
    are_of_the_reference(PATH, "j")


@of_vector("j.eqi")
def _(i):
    index = quality_index(figure(i["rLAI"]), figure(i["rFVC"]), figure(i["rGPP"]), Parameters())
    grade = grade_of(index, "quality_limit", Parameters())
    return {"EQI": index.to("1") * 100, "cls": kinds()[grade].zh}


@of_vector("j.pattern")
def _(i):
    names = i["order"]
    pattern = Pattern(
        {
            (before, after): figure(area, "km^2")
            for before, row in zip(names, i["matrix_km2"], strict=True)
            for after, area in zip(names, row, strict=True)
        }
    )
    return {
        "begin": [pattern.opening(name).value for name in names],
        "end": [pattern.closing(name).value for name in names],
        "EV_pct": [pattern.change(name).to("percent") for name in names],
        "converted": [pattern.left(name).value for name in names],
        "EC_pct": pattern.comprehensive.to("percent"),
        "A_f_to_g": pattern.went("forest", "grass").value,
        "B_from_forest_in_grass": pattern.comes("forest", "grass").value,
    }


@of_vector("j.dynamic")
def _(i):
    change = condition.change_of_extent(i["Ua"], i["Ub"])
    one, of_one, every, whole = i["LU"]
    shares = condition.converted_share(one, of_one), condition.converted_share(every, whole)
    return {"K_T_pct_yr": 100 * condition.dynamic_degree(change, i["T"]), "R_T": condition.transfer_intensity(*shares)}


@of_vector("j.condition_index")
def _(i):
    indicators = [float(condition.condition_indicator(*of)) for of in zip(i["x"], i["low"], i["high"], strict=True)]
    parts = [condition.weighted_part(*of) for of in zip(indicators, i["w"], strict=True)]
    return {"indicators": indicators, "index": math.fsum(parts)}


@of_vector("j.asset_index")
def _(i):
    land = {kind_of(name, list(kinds())): figure(area, "km^2") for name, area in i["area_km2"].items()}
    scores = {
        name: Parameters().find("quality_score", of=kind_of(name, list(kinds())), region="china").value
        for name in i["score"]
    }
    assert scores == i["score"]
    return {"index": asset_index(land, total(list(land.values()), "km^2"), Parameters()).to("percent")}


@of_vector("j.shannan")
def _(i):
    return {"sum": math.fsum(i["parts"])}


@of_vector("j.qinghai")
def _(i):
    return {"growth_pct": 100 * growth(*i["index"])}


@of_vector("j.npv")
def _(i):
    flow = i["flows"][0]
    worth = float(net_present_value(flow, i["r"], len(i["flows"]), 1))
    return {"NPV": worth, "perpetuity": condition.perpetual_value(flow, i["r"])}


@of_vector("j.asset_account")
def _(i):
    rest = condition.revaluation(i["V0"], i["V1"], i["dq_at_p0"], i["conversions"])
    return {"enhancement": i["dq_at_p0"], "conversion": i["conversions"], "revaluation": rest}
