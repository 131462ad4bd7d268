"""How years are set beside each other: the vectors of the reference under their ids, and what holds of any numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import REFERENCE

from gep.account import growth
from gep.core.errors import AccountError
from gep.services.money import contribution, contribution_points

WRITTEN = Path(__file__).with_name("growth_vectors.json").read_text(encoding="utf-8")
VECTORS = {vector["id"]: vector for vector in json.loads(WRITTEN)}
CHECKS: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {}


def of_vector(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def keep(check: Callable[..., Any]) -> Callable[..., Any]:
        CHECKS[name] = check
        return check

    return keep


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str):
    vector = VECTORS[name]
    computed = CHECKS[name](vector["inputs"])
    assert set(computed) == set(vector["expected"])
    for key, expected in vector["expected"].items():
        assert computed[key] == pytest.approx(expected, rel=1e-9, abs=1e-9), key


@pytest.mark.shared
def test_the_vectors_are_those_of_the_reference():
    path = REFERENCE / "accounts2.md"
    if not path.is_file():
        pytest.skip("the reference is not beside this checkout")
    (document,) = re.findall(r"\n## h\..*?```json\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    assert json.loads(document) == json.loads(WRITTEN)


@of_vector("h.two_year")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    names = list(i["q0"])
    q0, q1, p0, p1 = ([i[key][name] for name in names] for key in ("q0", "q1", "p0", "p1"))
    first, last, constant = growth.value_at(q0, p0), growth.value_at(q1, p1), growth.value_at(q1, p0)
    parts = {
        name: growth.contribution(a * c, b * c, first, constant)
        for name, a, b, c in zip(names, q0, q1, p0, strict=True)
    }
    lmdi = {name: growth.lmdi((a, c), (b, d)) for name, a, b, c, d in zip(names, q0, q1, p0, p1, strict=True)}
    bennet = {name: growth.bennet((a, b), (c, d)) for name, a, b, c, d in zip(names, q0, q1, p0, p1, strict=True)}
    return {
        "V0": first,
        "V1": last,
        "growth_current_pct": 100 * growth.growth(first, last),
        "Laspeyres_Q": growth.laspeyres(q0, q1, p0),
        "Paasche_Q": growth.paasche(q0, q1, p1),
        "Fisher_Q": growth.fisher(q0, q1, p0, p1),
        "Tornqvist_Q": growth.tornqvist(q0, q1, p0, p1),
        "growth_constant_pct": 100 * growth.growth(first, constant),
        "points": {name: 100 * part.points for name, part in parts.items()},
        "share_pct": {name: 100 * part.share for name, part in parts.items()},
        "LMDI_q": {name: effects[0] for name, effects in lmdi.items()},
        "LMDI_p": {name: effects[1] for name, effects in lmdi.items()},
        "LMDI_sum": math.fsum(effect for effects in lmdi.values() for effect in effects),
        "Bennet_q": {name: effects[0] for name, effects in bennet.items()},
        "Bennet_p": {name: effects[1] for name, effects in bennet.items()},
        "Bennet_sum": math.fsum(effect for effects in bennet.values() for effect in effects),
    }


@of_vector("h.chain_fixed")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    quantities, prices = i["Q"], i["P"]
    current = [growth.value_at(q, p) for q, p in zip(quantities, prices, strict=True)]
    fixed = [growth.value_at(q, prices[0]) for q in quantities]
    link = growth.links(quantities, prices)
    chain = growth.chained(current[0], link)
    points = [
        growth.contribution(q1 * p1, q2 * p1, current[1], growth.value_at(quantities[2], prices[1])).points
        for q1, q2, p1 in zip(quantities[1], quantities[2], prices[1], strict=True)
    ]
    return {
        "current": current,
        "fixed_base": fixed,
        "link": link,
        "chain": chain,
        "chain_gap": chain[2] - fixed[2],
        "growth_y2_fixed_pct": 100 * growth.growth(fixed[1], fixed[2]),
        "growth_y2_chain_pct": 100 * growth.growth(chain[1], chain[2]),
        "points_y2_chain": [100 * of for of in points],
        "implicit_deflator": [growth.implicit_deflator(v, c) for v, c in zip(current, chain, strict=True)],
    }


@of_vector("h.fujian_1988")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    points = [100 * contribution_points(share / 100, i["growth_pct"] / 100) for share in i["share_pct"]]
    return {"points": points, "sum_share": math.fsum(i["share_pct"])}


@of_vector("h.trend_ratio_revision")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    old, last = i["old"], i["benchmark_last_new"]
    before = growth.trend(i["benchmark_first"], old[-1], len(old))
    revised = growth.back_cast(old, last)
    steps = len(old) - 1
    return {
        "trend_old": before,
        "ratio": [value / then for value, then in zip(old, before, strict=True)],
        "trend_new": growth.trend(i["benchmark_first"], last, len(old)),
        "revised": revised,
        "closed_form": [value * (last / old[-1]) ** (t / steps) for t, value in enumerate(old)],
        "revision_pct": [100 * (now / then - 1) for then, now in zip(old, revised, strict=True)],
    }


@of_vector("h.gdp_2004_revision")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    old = growth.before_revision(i["new_1e8"], i["uplift_pct"] / 100)
    return {"old_1e8": old, "diff_1e8": i["new_1e8"] - old}


@of_vector("h.lmdi_published_test")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    added, multiplied = growth.lmdi_of_sum(i["X0"], i["X1"])
    values = [math.fsum(map(math.prod, i[year])) for year in ("X0", "X1")]
    return {"V": values, "additive": added, "sum": math.fsum(added), "multiplicative": multiplied}


@of_vector("h.cpi_rebase")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    at_2015 = growth.deflated(i["V2020_current"], i["index_2015_2020"])
    at_2020 = growth.deflated(i["V2024_current"], i["index_2020_2024"])
    linked = growth.linked(at_2020, i["V2020_current"], at_2015)
    real = growth.growth(i["V2015"], linked)
    return {
        "V2020_at2015": at_2015,
        "V2024_at2020": at_2020,
        "V2024_at2015": linked,
        "real_growth_2015_2024_pct": 100 * real,
    }


@of_vector("h.revision_statistics")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    found = growth.revisions(i["revisions_pct"])
    assert found.share_upward == 0.75
    return {"mean": found.mean, "mean_abs": found.mean_absolute, "rms": found.root_mean_square}


# what the text of the reference says besides -------------------------------------------------------------------------


def test_points_of_years_compound_to_the_growth_of_the_chain():
    inputs = VECTORS["h.chain_fixed"]["inputs"]
    quantities, prices = inputs["Q"], inputs["P"]
    current = [growth.value_at(q, p) for q, p in zip(quantities, prices, strict=True)]
    chain = growth.chained(current[0], growth.links(quantities, prices))
    of_parts = [
        [
            (later[n] - earlier[n]) * p[n] / v
            for (earlier, later), p, v in zip(pairwise(quantities), prices, current, strict=False)
        ]
        for n in range(2)
    ]
    together = [growth.compounded(points, chain) for points in of_parts]
    assert math.fsum(together) == pytest.approx(chain[-1] / chain[0] - 1, rel=1e-12)


def test_shares_are_not_told_of_hardly_any_growth():
    assert growth.contribution(10, 20, 1000, 1004.9) == growth.Contribution(None, 0.01)
    assert growth.contribution(10, 20, 1000, 1005.1).share == pytest.approx(10 / 5.1)
    assert growth.contribution(10, 20, 1000, 995.1).share is None
    assert growth.contribution(10, 20, 1000, 1000) == growth.Contribution(None, 0.01)
    assert growth.contribution(10, 20, 0, 10) == growth.Contribution(None, None)


def test_old_price_and_new_quantity_leave_nothing():
    assert growth.laspeyres_paasche((100, 110), (6, 6.5)) == (60, 55)


def test_what_comes_or_goes_is_the_effect_of_what_was_zero():
    assert growth.lmdi((0, 5, 2), (3, 5, 2)) == [30, 0, 0]
    assert growth.lmdi((3, 5, 2), (0, 0, 2)) == [-15, -15, 0]
    assert growth.lmdi((0, 5, 2), (3, 0, 2)) == [0, 0, 0]
    near_zero = growth.lmdi((1e-290, 5, 2), (3, 5, 2))
    assert near_zero == pytest.approx([30, 0, 0])
    with pytest.raises(AccountError, match="of_three"):
        growth.lmdi((-1, 5), (2, 5))


def test_total_first_or_parts_first():
    old, last = {"a": [10.0, 30.0, 40.0], "b": [20.0, 20.0, 20.0]}, {"a": 50.0, "b": 20.0}
    parts = growth.back_cast_parts(old, last)
    assert parts["a"] == pytest.approx([10, 30 * math.sqrt(1.25), 50])
    assert parts["b"] == pytest.approx([20, 20, 20])
    total = growth.back_cast_parts(old, last, first="total")
    sums = [math.fsum(year) for year in zip(*total.values(), strict=True)]
    assert sums == pytest.approx([30, 50 * math.sqrt(70 / 60), 70])
    assert total["a"][1] / total["b"][1] == pytest.approx(parts["a"][1] / parts["b"][1])


AMOUNT = st.floats(-1e9, 1e9, allow_subnormal=False)
POSITIVE = st.floats(1e-3, 1e6)
PAIR = st.tuples(AMOUNT, AMOUNT)


@given(PAIR, PAIR, PAIR)
def test_three_effects_are_the_change_whatever_the_order(one: Any, two: Any, three: Any):
    found = growth.of_three(one, two, three)
    change = math.prod(x[1] for x in (one, two, three)) - math.prod(x[0] for x in (one, two, three))
    size = math.prod(max(map(abs, x)) for x in (one, two, three))
    assert math.fsum(found) == pytest.approx(change, rel=1e-9, abs=1e-14 * size + 1e-300)
    assert growth.of_three(three, one, two) == pytest.approx([found[2], found[0], found[1]], abs=1e-14 * size)
    back = growth.of_three(one[::-1], two[::-1], three[::-1])
    assert back == [-effect for effect in found]


def test_the_mean_over_six_orders_is_that_of_seea_in_ratios():
    area, amount, price = (2.0, 4.0), (3.0, 4.0), (5.0, 6.0)
    ratios = [after / before for before, after in (area, amount, price)]
    expected = [contribution(30.0, 96.0, ratios[n], ratios[(n + 1) % 3]) for n in range(3)]
    assert growth.of_three(area, amount, price) == pytest.approx(expected)


@given(PAIR, PAIR)
def test_a_third_factor_that_stays_leaves_two(quantity: Any, price: Any):
    area = (1.0, 1.0)
    assert growth.of_three(area, quantity, price)[1:] == pytest.approx(list(growth.bennet(quantity, price)), rel=1e-12)


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=2, max_size=5))
def test_logarithmic_effects_are_the_change(factors: list[tuple[float, float]]):
    before, after = zip(*factors, strict=True)
    found = growth.lmdi(before, after)
    first, last = math.prod(before), math.prod(after)
    assert math.fsum(found) == pytest.approx(last - first, rel=1e-9, abs=1e-9 * max(first, last))


@given(AMOUNT, AMOUNT, st.lists(st.floats(-2, 2), min_size=2, max_size=2))
def test_effects_as_told_make_the_change_to_the_last_bit(first: float, last: float, shares: list[float]):
    """Effects that are off by their rounding, as they come out of the equations."""
    change = last - first
    parts = [share * change for share in shares]
    parts.append(change - sum(parts))
    told = growth.made_to_sum(parts, change)
    smallest = min((abs(part) for part in told if part), default=0.0)
    if smallest < abs(change):
        assert math.fsum(told) == change
    assert abs(math.fsum([*told, -change])) <= math.ulp(smallest)
    assert told == pytest.approx(parts, abs=1e-15 * max(map(abs, [*parts, change])))


def test_nothing_that_changed_has_no_effects():
    assert growth.made_to_sum([0.0, 0.0, 0.0], 0.0) == [0.0, 0.0, 0.0]
