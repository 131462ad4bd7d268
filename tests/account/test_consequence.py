"""By what an account would change: quotients by hand, and what is no quotient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from builders import block, constant, make_study, zones

from gep.account.consequence import Amounts, as_of_whole_zones, consequence_of, with_consequences
from gep.account.last_year import Amount
from gep.core.errors import problem
from gep.core.keys import CITY
from gep.engine.checks.suspicion import scaled, suspected
from gep.engine.run import run
from gep.plan.planner import make_plan


def amounts(*, lacking: tuple[str, ...] = (), unit: str = "CNY", **services: Mapping[str, float]) -> Amounts:
    """Services by zone: their values, or quantities in a unit."""
    component = "" if unit == "CNY" else "amount"
    of = {
        (service, component): {
            zone: Amount(value, unit) for zone, value in {**by_zone, CITY: math.fsum(by_zone.values())}.items()
        }
        for service, by_zone in services.items()
    }
    total = None if component else math.fsum(each[CITY].value for each in of.values())
    return Amounts(of, total, {}, frozenset(lacking))


def test_quotients_by_hand():
    """60 + 40 and 20: then 90 + 40 and 20, 150 over 120, 130 over 100, 90 over 60."""
    now = amounts(water_retention={"A": 60.0, "B": 40.0}, tourism={"A": 20.0})
    then = amounts(water_retention={"A": 90.0, "B": 40.0}, tourism={"A": 20.0})
    found = consequence_of(now, then)
    assert found.says == (
        "If so, the right figures would be, times those of now: total 1.25, Water retention 1.3, "
        "Water retention of A 1.5."
    )
    assert found.most == pytest.approx(0.5)
    assert consequence_of(then, now).most == pytest.approx(0.5)  # 60 are two thirds of 90


@pytest.mark.parametrize(("now", "then"), [(0.0, 50.0), (50.0, 0.0), (-50.0, 50.0), (50.0, -1.0)])
def test_what_comes_from_nothing_or_turns_its_sign_is_told_by_its_amounts(now, then):
    of = [amounts(sand_fixation={"A": value}, tourism={"A": 100.0}) for value in (now, then)]
    found = consequence_of(*of)
    assert found.most == math.inf
    assert f"Sand fixation {then:g} CNY instead of {now:g} CNY" in found.says
    assert "inf" not in found.says
    assert "防风固沙由" in found.says.zh


def test_a_service_that_only_one_of_them_has():
    """No land of it is nothing of it; no figure for want of data is not nothing."""
    without = amounts(tourism={"A": 100.0})
    having = amounts(tourism={"A": 100.0}, sand_fixation={"A": 50.0})
    assert consequence_of(without, having).most == math.inf
    assert consequence_of(having, without).most == math.inf
    lacking = amounts(tourism={"A": 100.0}, lacking=("sand_fixation",))
    assert consequence_of(lacking, having).most == 0.0


def test_traces_from_nothing_do_not_matter():
    of = [amounts(sand_fixation={"A": value}, tourism={"A": 1000.0}) for value in (0.0, 1.0)]
    assert consequence_of(*of).most == 0.0


def test_what_is_left_of_sources_and_sinks_has_no_quotient():
    """100 - 99.9 and 100 - 100.1: the sum turns its sign, and each zone changes by two thousandths."""
    of = [amounts(carbon_sequestration={"A": 100.0, "B": b}, tourism={"A": 1.0}) for b in (-99.9, -100.1)]
    assert consequence_of(*of).most == 0.0


def test_a_total_next_to_nothing_is_told_by_its_amounts():
    """1000 - 999 and 1500 - 999: 1 and 501 CNY."""
    of = [amounts(water_retention={"A": value}, carbon_sequestration={"A": -999.0}) for value in (1000.0, 1500.0)]
    assert "total 501 CNY instead of 1 CNY, Water retention 1.5" in consequence_of(*of).says


def test_quantities_are_weighed_where_nothing_has_a_value():
    of = [amounts(unit="t/year", soil_retention={"A": value, "B": 100.0}) for value in (10.0, 15.0)]
    found = consequence_of(*of)
    assert found.total is None
    assert found.most == pytest.approx(0.5)
    assert "Soil retention of A 1.5" in found.says


def test_each_component_is_weighed_by_itself():
    """Tonnes of one and of another pollutant are no sum."""
    of = []
    for so2 in (10.0, 15.0):
        air = {name: {place: Amount(t, "t/year") for place in ("A", CITY)} for name, t in (("so2", so2), ("nox", 2.0))}
        of.append(Amounts({("air_purification", name): each for name, each in air.items()}, None, {}, frozenset()))
    assert consequence_of(*of).says.endswith("Air purification (Sulphur dioxide) 1.5.")


def test_a_physical_account_is_weighed():
    """Erosion is the product of its factors: with twice the erosivity twice the soil is kept."""
    shape = (20, 20)
    layers = {
        "rainfall_erosivity": constant(1000, "MJ*mm/(hm^2*h*year)", shape),
        "soil_erodibility": constant(0.02, "t*hm^2*h/(hm^2*MJ*mm)", shape),
        "slope_length_steepness": constant(1, "1", shape),
        "cover_factor": constant(0.1, "1", shape),
    }
    study = make_study(
        np.full(shape, 1, np.uint8),
        layers,
        zones(block(0, 0, *shape)),
        of=("soil_retention",),
        profile="hj1173-2021",
    )
    found = suspected(
        problem("engine.R20.one_value", "rainfall_erosivity"), scaled(study.inputs, "rainfall_erosivity", 2.0)
    )
    (weighed,) = with_consequences([found], study.inputs, 1)
    assert weighed.message.endswith("times those of now: Soil retention 2.")


def test_squares_stand_for_the_zones_that_they_are_of():
    """Three fourths of a zone, half of another and nothing of a third: of constant layers the sums are those of all."""
    layers = {
        name: constant(value, "mm/year", (12, 12))
        for name, value in (("precipitation", 900.0), ("evapotranspiration", 500.0))
    }
    strips = zones(*(block(4 * i, 0, 4 * i + 4, 12) for i in range(3)))
    study = make_study(np.full((12, 12), 1, np.uint8), layers, strips, of=("water_retention",))
    plan = make_plan(study.inputs).plan
    whole = run(plan)
    part = np.array([0.75, 0.5, 0.0])[:, np.newaxis]
    flows = {key: replace(of, sum=of.sum * part, valid=of.valid * part) for key, of in whole.flows.items()}
    seen = as_of_whole_zones(replace(whole, area=whole.area * part, flows=flows, seen=0.5), plan.zones.areas)
    np.testing.assert_allclose(seen.area, whole.area, rtol=1e-6)
    for key, of in whole.flows.items():
        np.testing.assert_allclose(seen.flows[key].sum, of.sum, rtol=1e-6)
