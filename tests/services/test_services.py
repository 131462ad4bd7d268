import json
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import REFERENCE

from gep.account.entries import Entry
from gep.account.rules import cap, clip
from gep.core.catalog import CellComponent, UnitComponent
from gep.core.units import convert, same_dimension
from gep.derivations import DERIVATIONS
from gep.derivations.water import annual_precipitation, evapotranspiration_fu, evapotranspiration_zhang
from gep.services import SERVICES
from gep.services.air_purification import (
    capped,
    dust_capacity,
    dust_treatment_cost,
    nox_capacity,
    nox_treatment_cost,
    so2_capacity,
    so2_treatment_cost,
)
from gep.services.biomass import animal_value, product_value, timber_value
from gep.services.water_retention import (
    WATER_RETENTION,
    positive_retained_water,
    positive_retained_water_of_runoff,
    reservoir_storage_cost,
    retained_water,
    retained_water_of_runoff,
)

METHODS = REFERENCE / "methods.md"


def volume(depth, area, area_unit):
    """m3 of a depth in mm over an area."""
    return convert(depth * area, f"mm/year*{area_unit}", "m^3/year")


# water retention ------------------------------------------------------------------------------------------------------


def test_r1_water_retention():
    """methods.md, vector R1.water_retention."""
    forest = {"precipitation": 1200.0, "evapotranspiration": 700.0, "runoff_coefficient": 0.0452}  # 1 km2
    steppe = {"precipitation": 500.0, "evapotranspiration": 520.0, "runoff_coefficient": 0.0394}  # half a km2
    kept = [volume(retained_water(**forest), 1e6, "m^2"), volume(retained_water(**steppe), 5e5, "m^2")]
    assert kept == pytest.approx([445_760.0, -19_850.0], rel=1e-8)
    assert sum(kept) == pytest.approx(425_910.0, rel=1e-8)
    assert reservoir_storage_cost(sum(kept), 6.11) == pytest.approx(2_602_310.1, rel=1e-8)
    clipped = volume(positive_retained_water(**forest), 1e6, "m^2") + volume(
        positive_retained_water(**steppe), 5e5, "m^2"
    )
    assert clipped == pytest.approx(445_760.0, rel=1e-8)
    assert reservoir_storage_cost(clipped, 6.11) == pytest.approx(2_723_593.6, rel=1e-8)


def test_r1_forest_form():
    """methods.md, vector R1.forest_form: G = 10 A (P - E - C), A in hm2, is the same balance with the runoff given as a
    depth.
    """
    assert volume(retained_water_of_runoff(1200.0, 700.0, 54.24), 100.0, "hm^2") == pytest.approx(445_760.0, rel=1e-8)


def test_both_forms_are_one_balance():
    rain = np.array([0.0, 300.0, 800.0])
    np.testing.assert_allclose(
        retained_water(rain, np.array([10.0, 250.0, 500.0]), 0.25),
        retained_water_of_runoff(rain, np.array([10.0, 250.0, 500.0]), rain / 4),
    )


def test_water_retention_of_published_garze():
    """methods.md, vector CHK.garze_2010: 321.49e8 m3 at 7.06 yuan are printed as 2269.7074e8 yuan, of rounded
    inputs.
    """
    assert reservoir_storage_cost(321.49e8, 7.06) == pytest.approx(2269.7074e8, rel=2e-4)


def density_of(**switches):
    (component,) = WATER_RETENTION.components(WATER_RETENTION.settings(switches))
    return component


@pytest.mark.parametrize(
    ("switches", "equation", "wiring", "clip_level"),
    [
        ({}, retained_water, {}, None),
        ({"negative": "clip_cell"}, positive_retained_water, {}, None),
        ({"negative": "clip_type"}, retained_water, {}, "ecosystem"),
        ({"runoff": "raster"}, retained_water_of_runoff, {}, None),
        ({"runoff": "raster", "negative": "clip_cell"}, positive_retained_water_of_runoff, {}, None),
        ({"runoff": "storm"}, retained_water_of_runoff, {"surface_runoff": "storm_runoff"}, None),
        (
            {"precipitation": "runoff_generating"},
            retained_water,
            {"precipitation": "runoff_generating_precipitation"},
            None,
        ),
    ],
)
def test_switches_of_water_retention(switches, equation, wiring, clip_level):
    component = density_of(**switches)
    assert component.density is equation
    assert dict(component.wiring) == wiring
    assert component.clip == clip_level


@pytest.mark.parametrize(
    ("switches", "millimetres"),
    [
        # a cell with 500 mm of rain, 520 mm of evapotranspiration, 3.94 % or 19.7 mm of runoff: 500 - 19.7 - 520
        ({}, -39.7),
        ({"negative": "clip_cell"}, 0.0),
        ({"negative": "clip_type"}, -39.7),  # its total is clipped later, by county and ecosystem
        ({"runoff": "raster"}, -39.7),
        ({"runoff": "raster", "negative": "clip_cell"}, 0.0),
        # storm runoff of 12 mm: 500 - 12 - 520
        ({"runoff": "storm"}, -32.0),
        # of the rain, 560 mm generate runoff (a made-up map): 560 (1 - 0.0394) - 520
        ({"precipitation": "runoff_generating"}, 17.936),
    ],
)
def test_switches_of_water_retention_by_hand(switches, millimetres):
    given_layers = {
        "precipitation": 500.0,
        "runoff_generating_precipitation": 560.0,
        "evapotranspiration": 520.0,
        "runoff_coefficient": 0.0394,
        "surface_runoff": 19.7,
        "storm_runoff": 12.0,
    }
    component = density_of(**switches)
    values = {name: given_layers[component.looked_up(name)] for name in component.density.arguments}
    assert component.density(**values) == pytest.approx(millimetres, abs=1e-12)


def test_an_option_chooses_how_evapotranspiration_is_derived():
    assert WATER_RETENTION.settings({})["evapotranspiration"] == "fu"
    by_name = {d.equation.name for d in DERIVATIONS if d.makes == "evapotranspiration"}
    assert {"evapotranspiration_fu", "evapotranspiration_zhang"} <= by_name


# air purification -----------------------------------------------------------------------------------------------------


def test_r6_air():
    """methods.md, vector R6.air."""
    capacity = convert(so2_capacity(88.65) * 10, "kg*SO2/(hm^2*year)*km^2", "t*SO2/year")
    assert capacity == pytest.approx(88.65, rel=1e-8)
    assert capped(capacity, 60.0) == 60.0
    assert so2_treatment_cost(60.0, 1200.0) == pytest.approx(72_000.0)
    assert so2_treatment_cost(capacity, 1200.0) == pytest.approx(106_380.0, rel=1e-8)


def test_the_other_pollutants():
    # 6 kg/hm2 on 10 km2 = 1000 hm2: 6 t at 630 CNY/t; 10 110 kg/hm2: 10 110 t at 150 CNY/t
    assert convert(nox_capacity(6.0) * 10, "kg*NOx/(hm^2*year)*km^2", "t*NOx/year") == pytest.approx(6.0)
    assert nox_treatment_cost(6.0, 630.0) == 3780.0
    assert convert(dust_capacity(10_110.0) * 10, "kg*dust/(hm^2*year)*km^2", "t*dust/year") == pytest.approx(10_110.0)
    assert dust_treatment_cost(10_110.0, 150.0) == 1_516_500.0


# every service --------------------------------------------------------------------------------------------------------


def option_sets(service):
    """Every single option of every switch, the others at their defaults."""
    yield service.settings({})
    for name, switch in service.switches.items():
        for option in switch.options:
            yield service.settings({name: option})


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.id)
def test_components_fit_together(service):
    """The integral of the density is of the dimension of the quantity that the value equation takes, and the price is
    one of its arguments.
    """
    for settings in option_sets(service):
        for component in service.components(settings):
            if isinstance(component, CellComponent):
                assert same_dimension(f"({component.density.returns})*m^2", component.unit), (settings, component.id)
            arguments = {argument for equation in component.equations for argument in equation.arguments}
            assert set(component.wiring) <= arguments - {component.quantity}, (settings, component.id)
            if isinstance(component, UnitComponent):
                assert same_dimension(component.total.returns, component.unit), (settings, component.id)
            if component.money is not None and component.money.pricing is not None:
                assert same_dimension(component.money.pricing.returns, component.money.price_unit), (
                    settings,
                    component.id,
                )
            if component.money is not None:
                assert same_dimension(component.money.value.units[component.quantity], component.unit), (
                    settings,
                    component.id,
                )
                assert component.money.price in component.money.value.units
                assert same_dimension(component.money.value.returns, "CNY/year")
    for kind in service.products:
        assert kind.value.units[kind.value.arguments[0]] == kind.unit
        assert same_dimension(kind.value.returns, "CNY/year")


def test_products_by_hand():
    assert product_value(1000.0, 2400.0) == 2_400_000.0
    assert timber_value(500.0, 800.0) == 400_000.0
    assert animal_value(2000.0, 1500.0) == 3_000_000.0


@pytest.mark.shared
def test_vectors_are_those_of_the_reference():
    """The numbers above, read again from methods.md section 14."""
    if not METHODS.is_file():
        pytest.skip("the reference is not beside this checkout")
    (document,) = re.findall(r"## 14\..*?```json\n(.*?)```", METHODS.read_text(encoding="utf-8"), re.DOTALL)
    vectors = {vector["id"]: vector for vector in json.loads(document)}
    water = vectors["R1.water_retention"]
    quantities = [
        volume(retained_water(c["P_mm"], c["ET_mm"], c["alpha"]), c["A_m2"], "m^2") for c in water["inputs"]["cells"]
    ]
    assert quantities == pytest.approx(water["expected"]["Q_m3"], rel=1e-8)
    assert reservoir_storage_cost(math.fsum(quantities), water["inputs"]["price_yuan_per_m3"]) == pytest.approx(
        water["expected"]["V_keep_yuan"], rel=1e-8
    )
    forest = vectors["R1.forest_form"]
    depth = retained_water_of_runoff(forest["inputs"]["P_mm"], forest["inputs"]["E_mm"], forest["inputs"]["C_mm"])
    assert volume(depth, forest["inputs"]["A_hm2"], "hm^2") == pytest.approx(forest["expected"]["G_m3"], rel=1e-8)
    air = vectors["R6.air"]
    capacity = convert(
        so2_capacity(air["inputs"]["q_kg_hm2"]) * air["inputs"]["A_km2"], "kg*SO2/(hm^2*year)*km^2", "t*SO2/year"
    )
    removed = capped(capacity, air["inputs"]["emission_t"])
    assert (capacity, removed) == pytest.approx((air["expected"]["capacity_t"], air["expected"]["Q_t"]), rel=1e-8)
    assert so2_treatment_cost(removed, air["inputs"]["price"]) == pytest.approx(air["expected"]["V"], rel=1e-8)


# derivations of evapotranspiration ------------------------------------------------------------------------------------


def fu(precipitation, potential, omega=2.6, is_vegetated=1.0):
    with np.errstate(all="ignore"):
        return float(
            evapotranspiration_fu(
                np.float64(precipitation), np.float64(potential), np.float64(omega), np.float64(is_vegetated)
            )
        )


def zhang(precipitation, potential, w=2.0, is_vegetated=1.0):
    with np.errstate(all="ignore"):
        return float(
            evapotranspiration_zhang(
                np.float64(precipitation), np.float64(potential), np.float64(w), np.float64(is_vegetated)
            )
        )


def test_et_fu():
    """methods.md section 5b: P 600, PET 900, w 2.6: ET/P = 0.817210, ET = 490.326 mm."""
    assert fu(600, 900) == pytest.approx(490.326, abs=5e-4)
    assert fu(600, 900) / 600 == pytest.approx(0.817210, abs=5e-7)


def test_et_zhang():
    """methods.md section 5b: x 1.5: 0.857143 for w 2.0, 0.724138 for w 0.5."""
    assert zhang(600, 900, 2.0) / 600 == pytest.approx(0.857143, abs=5e-7)
    assert zhang(600, 900, 0.5) / 600 == pytest.approx(0.724138, abs=5e-7)
    # (1 + 2 1.5) / (1 + 2 1.5 + 1/1.5) = 4 / 4.6667
    assert zhang(600, 900, 2.0) / 600 == pytest.approx(4 / (4 + 2 / 3), rel=1e-14)


@pytest.mark.parametrize("curve", [fu, zhang])
def test_no_rain_no_evapotranspiration(curve):
    assert curve(0, 900) == 0
    assert curve(0, 900, is_vegetated=0) == 0
    assert curve(0, 0) == 0


@pytest.mark.parametrize("curve", [fu, zhang])
def test_no_demand_no_evapotranspiration(curve):
    assert curve(600, 0) == 0
    assert curve(600, 0, is_vegetated=0) == 0


@pytest.mark.parametrize("curve", [fu, zhang])
def test_where_nothing_grows_it_is_the_smaller_of_rain_and_demand(curve):
    assert curve(600, 900, is_vegetated=0) == 600
    assert curve(900, 600, is_vegetated=0) == 600
    assert curve(900, 600, math.nan, is_vegetated=0) == 600, "no parameter is needed there"


@pytest.mark.parametrize("curve", [fu, zhang])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_missing_stays_missing(curve, position):
    values = [600.0, 900.0, 2.0]
    values[position] = math.nan
    assert math.isnan(curve(*values))


@pytest.mark.parametrize("curve", [fu, zhang])
@pytest.mark.parametrize("values", [(math.nan, 900.0), (600.0, math.nan), (math.nan, 0.0), (0.0, math.nan)])
def test_missing_stays_missing_where_nothing_grows(curve, values):
    assert math.isnan(curve(*values, is_vegetated=0))


rains = st.just(0.0) | st.floats(1e-6, 6000)
demands = st.just(0.0) | st.floats(1e-6, 3500)


@given(rains, demands, st.floats(1.1, 5))
def test_fu_stays_within_rain_and_demand(precipitation, potential, omega):
    assert -1e-9 <= fu(precipitation, potential, omega) <= min(precipitation, potential)


@given(rains, demands, st.floats(0, 2))
def test_zhang_stays_within_rain_and_demand(precipitation, potential, w):
    assert 0 <= zhang(precipitation, potential, w) <= min(precipitation, potential)


def test_the_curves_work_on_arrays_with_every_edge_at_once():
    rain = np.array([0.0, 0.0, 600.0, 600.0, np.nan, 600.0])
    demand = np.array([0.0, 900.0, 0.0, 900.0, 900.0, 900.0])
    vegetated = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(
            evapotranspiration_fu(rain, demand, 2.6, vegetated), [0, 0, 0, 490.326, np.nan, 600], rtol=1e-6
        )
        np.testing.assert_allclose(
            evapotranspiration_zhang(rain, demand, 2.0, vegetated),
            [0, 0, 0, 600 * 4 / (4 + 2 / 3), np.nan, 600],
            rtol=1e-12,
        )


def test_a_year_lacks_what_a_month_lacks():
    monthly = np.full((12, 2), 50.0)
    monthly[6, 1] = np.nan
    np.testing.assert_array_equal(annual_precipitation(monthly, 1.0), [600.0, np.nan])


# rules on totals ------------------------------------------------------------------------------------------------------


def removed(zone, quantity, land_class="mixed", component="so2", ecosystem="forest", service="air_purification"):
    return Entry(
        zone,
        zone,
        ecosystem,
        land_class,
        "regulating",
        service,
        component,
        quantity,
        "t*SO2/year",
        method="so2_capacity",
    )


def total(entries, component="so2"):
    """What an account would count: the entries of a component and their adjustments."""
    return math.fsum(
        e.quantity for e in entries if e.component.startswith(component) and e.is_counted and e.quantity is not None
    )


COUNTIES = [removed("a", 100.0), removed("b", 50.0)]
"""methods.md 9.4: two counties with (capacity, emission) = (100, 40) and (50, 120)."""


def test_cap_county_by_county():
    """40 + 50 = 90, not the 150 of the city as a whole."""
    result = cap(COUNTIES, "air_purification", "so2", {"a": 40.0, "b": 120.0})
    assert total(result) == pytest.approx(90.0, rel=1e-14)
    assert {e.zone: e.quantity for e in result if e.component == "so2_cap"} == {"a": pytest.approx(-60.0)}
    assert {e.zone: e.quantity for e in result if e.component == "so2"} == {"a": 100.0, "b": 50.0}, (
        "what was measured stays visible"
    )


def test_cap_of_the_whole_city():
    """min(100 + 50, 40 + 120) = 150: nothing is taken away."""
    result = cap(COUNTIES, "air_purification", "so2", {"_city": 160.0})
    assert total(result) == 150.0
    assert [e for e in result if e.component == "so2_cap"] == []


def test_cap_of_the_whole_city_is_spread_over_its_counties():
    result = cap(COUNTIES, "air_purification", "so2", {"_city": 75.0})
    adjustments = {e.zone: e.quantity for e in result if e.component == "so2_cap"}
    assert adjustments == {"a": pytest.approx(-50.0), "b": pytest.approx(-25.0)}


def test_cap_is_spread_in_proportion_over_the_rows_of_a_county():
    rows = [
        removed("a", 60.0, "mixed"),
        removed("a", 30.0, "sparse"),
        removed("a", 10.0, "steppe", ecosystem="grassland"),
    ]
    result = cap(rows, "air_purification", "so2", {"a": 50.0})
    adjustments = {e.land_class: e.quantity for e in result if e.component == "so2_cap"}
    assert adjustments == {"mixed": pytest.approx(-30.0), "sparse": pytest.approx(-15.0), "steppe": pytest.approx(-5.0)}
    assert all(e.method == "so2_capacity+cap" for e in result if e.component == "so2_cap")


def test_a_county_without_a_limit_is_not_counted():
    result = cap(COUNTIES, "air_purification", "so2", {"a": 40.0})
    (b,) = [e for e in result if e.zone == "b"]
    assert (b.quantity, b.is_counted, b.supply_basis) == (50.0, False, "potential")
    assert total(result) == pytest.approx(40.0, rel=1e-14)


def test_a_county_that_emits_nothing_has_nothing_removed():
    result = cap(COUNTIES, "air_purification", "so2", {"a": 0.0, "b": 120.0})
    assert total([e for e in result if e.zone == "a"]) == 0.0


def test_cap_leaves_other_flows_and_missing_figures_alone():
    rows = [
        *COUNTIES,
        removed("a", 1000.0, component="nox"),
        removed("a", 1000.0, service="water_retention"),
        removed("a", None, "sparse"),
    ]
    result = cap(rows, "air_purification", "so2", {"a": 40.0, "b": 120.0})
    assert [e for e in result if e.component == "nox"] == [rows[2]]
    assert [e for e in result if e.service == "water_retention"] == [rows[3]]
    assert [e.quantity for e in result if e.land_class == "sparse"] == [None], (
        "missing stays missing and gets no adjustment"
    )


tons = st.just(0.0) | st.floats(1e-6, 1e9)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), tons), min_size=1, max_size=12),
    st.dictionaries(st.sampled_from("abc"), tons),
)
def test_after_the_cap_no_county_exceeds_its_limit_or_its_capacity(rows, limits):
    entries = [removed(zone, quantity, f"class_{i}") for i, (zone, quantity) in enumerate(rows)]
    result = cap(entries, "air_purification", "so2", limits)
    assert all(e.quantity <= 0 for e in result if e.component == "so2_cap")
    for zone in {zone for zone, _ in rows}:
        after = total([e for e in result if e.zone == zone])
        if zone not in limits:
            assert after == 0
            continue
        capacity = math.fsum(quantity for z, quantity in rows if z == zone)
        slack = 1e-12 * capacity  # the adjustments are floats
        assert after <= limits[zone] + slack
        assert after <= capacity
        assert after == pytest.approx(min(limits[zone], capacity), rel=1e-12, abs=slack)


def water(zone, ecosystem, land_class, quantity):
    return Entry(
        zone, zone, ecosystem, land_class, "regulating", "water_retention", "retained_water", quantity, "m^3/year"
    )


def test_clip_by_county_and_ecosystem():
    """By hand: steppe and meadow of county a net to -20 and count as zero; forest nets to 30 and stays, its negative
    class included.
    """
    rows = [
        water("a", "grassland", "steppe", -50.0),
        water("a", "grassland", "meadow", 30.0),
        water("a", "forest", "mixed", 40.0),
        water("a", "forest", "sparse", -10.0),
        water("b", "grassland", "steppe", 70.0),
        water("b", "forest", "mixed", None),
    ]
    result = clip(rows, "water_retention", "retained_water")
    adjustments = {
        (e.zone, e.ecosystem, e.land_class): e.quantity for e in result if e.component == "retained_water_clip"
    }
    assert adjustments == {("a", "grassland", "steppe"): 50.0, ("a", "grassland", "meadow"): -30.0}
    assert (
        math.fsum(e.quantity for e in result if e.quantity is not None) == 100.0
    )  # 30 of forest in a, 70 of steppe in b
    assert result[: len(rows)] == rows, "what was measured stays visible"


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["forest", "shrub"]), st.floats(-1e9, 1e9)),
        min_size=1,
        max_size=10,
    )
)
def test_after_the_clip_no_total_is_negative(rows):
    entries = [water(zone, ecosystem, f"class_{i}", quantity) for i, (zone, ecosystem, quantity) in enumerate(rows)]
    result = clip(entries, "water_retention", "retained_water")
    for key in {(zone, ecosystem) for zone, ecosystem, _ in rows}:
        before = math.fsum(q for zone, ecosystem, q in rows if (zone, ecosystem) == key)
        after = math.fsum(e.quantity for e in result if (e.zone, e.ecosystem) == key)
        assert after == max(before, 0.0)
