"""Flood mitigation: lakes, reservoirs, marshes, vegetation, and the storm layers that are derived."""

import csv
import json
import math
import re

import builders
import numpy as np
import pytest
from builders import by_shipped, rows_of, shipped
from hypothesis import given
from hypothesis import strategies as st
from places import REFERENCE

from gep.core.catalog import ReportedComponent, UnitComponent, label, layer_kinds
from gep.core.units import convert, same_dimension
from gep.derivations import DERIVATIONS
from gep.derivations.storm import (
    log_runoff,
    scs_cn_runoff,
    storm_days_of_daily,
    storm_rain_of_daily,
    storm_runoff_by_coefficient,
    storm_runoff_by_curve_number,
    storm_runoff_by_regression,
)
from gep.inputs.items import item_units
from gep.plan.wiring import Wiring
from gep.services import SERVICES
from gep.services.flood_mitigation import (
    FLOOD_MITIGATION,
    flood_storage_cost,
    lake_storage,
    marsh_storage,
    marsh_storage_of_soil_and_surface,
    reservoir_storage,
    storm_retention,
)

REGIONS = ("qinghai_tibet", "eastern_plain", "mongolia_xinjiang", "yunnan_guizhou", "northeast")


def lake(area, region="qinghai_tibet"):
    return float(by_shipped(lake_storage, "wetland/lake", region=region, lake_area=float(area)))


def components(**switches):
    return {c.id: c for c in FLOOD_MITIGATION.components(FLOOD_MITIGATION.settings(switches))}


def volume(depth, unit, area, area_unit):
    return convert(depth * area, f"{unit}*{area_unit}", "m^3/year")


# vectors --------------------------------------------------------------------------------------------------------------


def test_r5_flood():
    """methods.md, vector R5.flood."""
    held = lake(100)
    reservoir = by_shipped(reservoir_storage, "wetland/reservoir", reservoir_capacity=convert(5000.0, "1e4 m^3", "m^3"))
    marsh = volume(by_shipped(marsh_storage, "wetland/marsh"), "m/year", 20, "km^2")
    vegetation = volume(storm_retention(80.0, 12.0), "mm/year", 10, "km^2")
    assert held == pytest.approx(172_972_945.9, rel=1e-9)
    assert reservoir == pytest.approx(1.75e7, rel=1e-12)
    assert marsh == pytest.approx(6.0e6, rel=1e-12)
    assert vegetation == pytest.approx(680_000.0, rel=1e-12)
    total = math.fsum((held, reservoir, marsh, vegetation))
    assert total == pytest.approx(197_152_945.9, rel=1e-9)
    assert flood_storage_cost(total, 6.11) == pytest.approx(1_204_604_499.0, rel=1e-9)


def test_r5_nonadditive():
    """methods.md, vector R5.nonadditive, in 10⁴ m³."""
    assert (lake(50) + lake(50)) / 1e4 == pytest.approx(21_622.6959, rel=1e-8)
    assert lake(100) / 1e4 == pytest.approx(17_297.29459, rel=1e-9)


def test_r5_scs_cn():
    """methods.md, vector R5.scs_cn: of 100 mm on 1 km² with a curve number of 70."""
    runoff = float(by_shipped(scs_cn_runoff, event_rain=np.float64(100.0), curve_number=np.float64(70.0)))
    assert runoff == pytest.approx(32.71072519, rel=1e-9)
    assert convert(100.0 - runoff, "mm*km^2", "m^3") == pytest.approx(67_289.27481, rel=1e-9)
    # S by itself: 25400 / 70 - 254
    assert shipped("curve_number_scale", "mm") / 70 - shipped("curve_number_offset", "mm") == pytest.approx(
        108.8571429, rel=1e-9
    )


@pytest.mark.shared
def test_vectors_are_those_of_the_reference():
    if not (REFERENCE / "methods.md").is_file():
        pytest.skip("the reference is not beside this checkout")
    (document,) = re.findall(
        r"## 14\..*?```json\n(.*?)```", (REFERENCE / "methods.md").read_text(encoding="utf-8"), re.DOTALL
    )
    vectors = {vector["id"]: vector for vector in json.loads(document)}
    flood, scs = vectors["R5.flood"], vectors["R5.scs_cn"]
    assert lake(flood["inputs"]["lake_km2"]) == pytest.approx(flood["expected"]["lake_m3"], rel=1e-8)
    assert 2 * lake(vectors["R5.nonadditive"]["inputs"]["lakes_km2"][0]) / 1e4 == pytest.approx(
        vectors["R5.nonadditive"]["expected"]["sum_1e4m3"], rel=1e-8
    )
    runoff = by_shipped(
        scs_cn_runoff, event_rain=np.float64(scs["inputs"]["P_mm"]), curve_number=np.float64(scs["inputs"]["CN"])
    )
    assert runoff == pytest.approx(scs["expected"]["Q_mm"], rel=1e-8)


def test_published_garze():
    """Garzê 2010, table 3: 2.43, 0.01 and 6.00 x 10⁸ m³ at 7.06 are printed as 59.56 x 10⁸ CNY in all; the volumes are
    rounded.
    """
    assert sum(flood_storage_cost(q * 1e8, 7.06) for q in (2.43, 0.01, 6.00)) == pytest.approx(59.56e8, rel=1e-3)
    # 6.00 x 10⁸ m³ of marsh at 0.3 m are 2000 km²: the number is in m³, though its formula is labelled 10⁴ m³
    assert volume(by_shipped(marsh_storage, "wetland/marsh"), "m/year", 2000, "km^2") == pytest.approx(6.00e8)


def test_published_baiyangdian():
    """Baiyangdian 2011, by gauge: floods of 0.81 and 1.64 x 10⁸ m³ at 6.11 are printed as 14.97 x 10⁸ CNY."""
    assert flood_storage_cost((0.81 + 1.64) * 1e8, 6.11) == pytest.approx(14.97e8, rel=1e-3)


# lakes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "expected"),
    [  # of a lake of 1 km²: e^b 10⁴ m³
        ("qinghai_tibet", math.exp(6.636) * 1e4),
        ("eastern_plain", math.exp(4.924) * 1e4),
        ("mongolia_xinjiang", math.exp(5.653) * 1e4),
        ("yunnan_guizhou", math.exp(4.904) * 1e4),
        ("northeast", math.exp(5.808) * 1e4),
    ],
)
def test_a_lake_of_one_square_kilometre(region, expected):
    assert lake(1, region) == pytest.approx(expected, rel=1e-14)


def test_a_power_law_of_area():
    for region in REGIONS:
        exponent = shipped("lake_exponent", "1", "wetland/lake", region=region)
        assert lake(200, region) / lake(100, region) == pytest.approx(2**exponent, rel=1e-12)
    assert lake(0) == 0


def test_twice_the_exchanges_hold_twice_as_much():
    once, twice = (by_shipped(lake_storage, region="northeast", lake_area=30.0, exchanges=n) for n in (1.0, 2.0))
    assert twice == 2 * once


def test_a_lake_in_any_unit_is_the_same_lake():
    values = {
        "lake_intercept": 6.636,
        "lake_exponent": 0.678,
        "unit_lake_area": "1 km^2",
        "lake_volume_unit": "1e4 m^3",
    }
    of_km2 = lake_storage.at(lake_area="100 km^2", exchanges="1 1/year", **values).value
    of_hm2 = lake_storage.at(lake_area="10000 hm^2", exchanges="1 1/year", **values).value
    assert of_km2 == pytest.approx(172_972_945.9, rel=1e-9)
    assert of_hm2 == pytest.approx(of_km2, rel=1e-12)


def test_switch_lake_unit():
    per_lake, together = components()["lake"], components(lake_unit="region_total")["lake"]
    assert (per_lake.per, together.per) == ("feature", "all")
    assert per_lake.total is together.total is lake_storage
    assert per_lake.patches == together.patches == ("wetland/lake",)
    assert per_lake.extent == together.extent == "lake_area"
    # two lakes of 50 km²: each by itself 10 811.34795 x 10⁴ m³, together as 100 km² 17 297.29459
    assert lake(50) / 1e4 == pytest.approx(10_811.34795, rel=1e-8)
    assert lake(50 + 50) < lake(50) + lake(50)


def test_switch_lake():
    gauge = components(lake="gauge")["lake"]
    assert isinstance(gauge, ReportedComponent)
    assert (gauge.extent, gauge.per) == ("lake_flood_storage", "zone")
    # what is reported is the quantity: 2.45 x 10⁸ m³ at 7.06
    assert gauge.money.value(2.45e8, 7.06) == pytest.approx(17.297e8)


# reservoirs -----------------------------------------------------------------------------------------------------------


def test_switch_reservoir():
    share, registered = components()["reservoir"], components(reservoir="flood_storage")["reservoir"]
    assert (share.extent, share.total) == ("reservoir_capacity", reservoir_storage)
    assert isinstance(registered, ReportedComponent)
    assert registered.extent == "reservoir_flood_storage"
    # of 5000 x 10⁴ m³ in all, 35 %
    assert share.total(5e7, 0.35) == pytest.approx(1.75e7)


# marshes --------------------------------------------------------------------------------------------------------------

PEAT = {"marsh_soil_depth": 0.4, "marsh_bulk_density": 300.0, "saturated_moisture": 2.4, "natural_moisture": 1.9}


def test_switch_marsh():
    ponding, two_part = components()["marsh"], components(marsh="two_part")["marsh"]
    assert (ponding.density, two_part.density) == (marsh_storage, marsh_storage_of_soil_and_surface)
    given_values = {**PEAT, "water_density": 1000.0, "ponding_depth": 0.3, "fillings": 1.0}
    depths = [c.density(**{name: given_values[name] for name in c.density.arguments}) for c in (ponding, two_part)]
    # 0.3 m; 0.4 x 300 x (2.4 - 1.9) / 1000 + 0.3 = 0.06 + 0.3 m
    assert depths == pytest.approx([0.3, 0.36])
    assert [volume(d, "m/year", 20, "km^2") for d in depths] == pytest.approx([6.0e6, 7.2e6])


def test_a_saturated_marsh_holds_what_stands_on_it():
    full = {**PEAT, "natural_moisture": 2.4, "water_density": 1000.0, "ponding_depth": 0.3, "fillings": 1.0}
    assert marsh_storage_of_soil_and_surface(**full) == marsh_storage(0.3, 1.0)


def test_the_soil_of_a_marsh_is_a_study_input():
    """No bulk density of mineral soil stands in for peat, and no moisture is made up."""
    assert not set(rows_of().names) & {
        "marsh_bulk_density",
        "saturated_moisture",
        "natural_moisture",
        "marsh_soil_depth",
    }
    assert shipped("water_density", "kg/m^3") == 1000


# vegetation -----------------------------------------------------------------------------------------------------------


def test_switch_vegetation():
    assert set(components()) == {"lake", "reservoir", "marsh"}
    for option in ("runoff_coefficient", "log_regression", "scs_cn"):
        found = components(vegetation=option)
        assert list(found) == ["lake", "reservoir", "marsh", "vegetation"]
        assert found["vegetation"].density is storm_retention


@pytest.mark.parametrize(
    ("option", "runoff", "retained"),
    [
        # two storm days of 100 mm; 15 % runs off: 30 mm
        ("runoff_coefficient", 30.0, 170.0),
        # a 8 mm, b 20 mm: 8 ln 100 - 20 = 16.84136149 mm from each day
        ("log_regression", 33.68272298, 166.31727702),
        # curve number 70: 32.71072519 mm from each day
        ("scs_cn", 65.42145038, 134.57854962),
    ],
)
def test_ways_to_storm_runoff_by_hand(option, runoff, retained):
    (way,) = (d.equation for d in DERIVATIONS if d.makes == "storm_runoff" and option in d.options)
    study = {
        "storm_rain": np.float64(200.0),
        "storm_days": np.float64(2.0),
        "storm_runoff_coefficient": 0.15,
        "storm_runoff_slope": 8.0,
        "storm_runoff_offset": 20.0,
        "curve_number": np.float64(70.0),
    }
    found = by_shipped(way, **{name: study[name] for name in way.arguments if name in study})
    assert found == pytest.approx(runoff, rel=1e-9)
    assert storm_retention(200.0, found) == pytest.approx(retained, rel=1e-9)


def test_the_switch_chooses_the_derivation():
    coefficients = (
        "storm_runoff_coefficient",
        "storm_runoff_slope",
        "storm_runoff_offset",
        "unit_rain",
        "one_day",
        "per_year",
    )
    coefficients += ("curve_number", "curve_number_scale", "curve_number_offset", "initial_abstraction")
    made_by = {
        "runoff_coefficient": "storm_runoff_by_coefficient",
        "log_regression": "storm_runoff_by_regression",
        "scs_cn": "storm_runoff_by_curve_number",
    }
    for option, name in made_by.items():
        wiring = Wiring(("storm_rain", "storm_days"), (), coefficients, DERIVATIONS, {"vegetation": option})
        ways, lacking = wiring.connect(storm_retention)
        assert lacking == []
        assert [way.inputs[1].equation.name for way in ways] == [name]
    ways, lacking = Wiring(("storm_rain", "storm_days"), (), coefficients, DERIVATIONS, {"vegetation": "off"}).connect(
        storm_retention
    )
    assert ways == []
    assert [u.name for u in lacking] == ["storm_runoff"]
    ways, _ = Wiring(("storm_rain", "storm_runoff"), (), (), DERIVATIONS, {"vegetation": "scs_cn"}).connect(
        storm_retention
    )
    assert len(ways) == 1, "a map of storm runoff comes before any derivation"


def test_what_vegetation_needs_is_a_study_input():
    assert not set(rows_of().names) & {
        "storm_runoff_coefficient",
        "storm_runoff_slope",
        "storm_runoff_offset",
        "curve_number",
    }


# storms from days -----------------------------------------------------------------------------------------------------


def year_of(*days):
    return np.array([*days, *([0.0] * (365 - len(days)))])


def test_storm_rain_and_storm_days():
    # 60 and 50 mm reach the threshold of 50, 49 does not
    daily = year_of(60.0, 50.0, 49.0)
    assert by_shipped(storm_rain_of_daily, daily_precipitation=daily) == 110.0
    assert by_shipped(storm_days_of_daily, daily_precipitation=daily) == 2.0


def test_the_threshold_is_data():
    daily = year_of(60.0, 50.0, 49.0)
    assert storm_rain_of_daily(daily, 55.0, 1.0) == 60.0
    assert storm_days_of_daily(daily, 30.0, 1.0) == 3.0


def test_a_year_without_storms_has_none_and_is_not_missing():
    dry = year_of(20.0, 49.9)
    assert by_shipped(storm_rain_of_daily, daily_precipitation=dry) == 0
    assert by_shipped(storm_days_of_daily, daily_precipitation=dry) == 0
    none = {"storm_rain": np.float64(0.0), "storm_days": np.float64(0.0)}
    assert by_shipped(storm_runoff_by_curve_number, curve_number=np.float64(70.0), **none) == 0
    assert by_shipped(storm_runoff_by_regression, storm_runoff_slope=8.0, storm_runoff_offset=20.0, **none) == 0
    assert storm_runoff_by_coefficient(0.0, 0.15) == 0


def test_a_missing_day_is_a_missing_year():
    daily = year_of(60.0, np.nan)
    assert np.isnan(by_shipped(storm_rain_of_daily, daily_precipitation=daily))
    assert np.isnan(by_shipped(storm_days_of_daily, daily_precipitation=daily))


def test_storms_from_days_are_a_grid():
    daily = np.stack([year_of(60.0, 70.0), year_of(10.0)], axis=1).reshape(365, 1, 2)
    assert by_shipped(storm_rain_of_daily, daily_precipitation=daily).tolist() == [[130.0, 0.0]]
    assert by_shipped(storm_days_of_daily, daily_precipitation=daily).tolist() == [[2.0, 0.0]]


# runoff of one storm --------------------------------------------------------------------------------------------------


def curve(rain, number):
    with np.errstate(invalid="ignore"):
        return float(by_shipped(scs_cn_runoff, event_rain=np.float64(rain), curve_number=np.float64(number)))


def test_a_small_storm_does_not_run_off():
    # 0.2 S = 21.77 mm for a curve number of 70
    assert curve(21.7, 70) == 0
    assert curve(21.9, 70) > 0


def test_sealed_ground_loses_all_rain():
    assert curve(80, 100) == pytest.approx(80, rel=1e-14)
    assert curve(0, 100) == 0


def test_a_missing_number_is_a_missing_runoff():
    for way, study in (
        (scs_cn_runoff, {"event_rain": np.float64(100), "curve_number": np.float64(np.nan)}),
        (scs_cn_runoff, {"event_rain": np.float64(np.nan), "curve_number": np.float64(70)}),
        (log_runoff, {"event_rain": np.float64(100), "storm_runoff_slope": np.nan, "storm_runoff_offset": 20.0}),
        (
            storm_runoff_by_curve_number,
            {"storm_rain": np.float64(100), "storm_days": np.float64(np.nan), "curve_number": np.float64(70)},
        ),
        (
            storm_runoff_by_curve_number,
            {"storm_rain": np.float64(0), "storm_days": np.float64(0), "curve_number": np.float64(np.nan)},
        ),
    ):
        assert np.isnan(by_shipped(way, **study)), way.name


RAIN = st.just(0.0) | st.floats(1e-100, 500)
"""Millimetres that can be squared: below, the square is no longer a normal float."""


@given(RAIN, st.floats(20, 100))
def test_what_runs_off_is_some_of_the_rain(rain, number):
    assert 0 <= curve(rain, number) <= rain * (1 + 1e-12)


@given(st.floats(0, 500), st.floats(1, 50), st.floats(0, 80))
def test_the_regression_too(rain, slope, offset):
    assert 0 <= float(log_runoff(np.float64(rain), slope, offset, 1.0)) <= rain


def test_log_runoff_by_hand():
    # 8 ln 80 - 20 = 8 x 4.382026635 - 20
    assert log_runoff(80.0, 8.0, 20.0, 1.0) == pytest.approx(15.05621308, rel=1e-9)
    # 8 ln 10 - 20 = -1.58, counted as 0
    assert log_runoff(10.0, 8.0, 20.0, 1.0) == 0
    # 50 ln 5 - 10 = 70.5: no more than the 5 mm that fell
    assert log_runoff(5.0, 50.0, 10.0, 1.0) == 5


def test_the_mean_storm_is_not_the_storms():
    """Storms of 150 and 50 mm against two of 100 mm: curve numbers are convex in rain, the regression concave where
    runoff has begun.
    """
    mean = by_shipped(
        storm_runoff_by_curve_number, storm_rain=np.float64(200), storm_days=np.float64(2), curve_number=np.float64(70)
    )
    assert mean < curve(150, 70) + curve(50, 70)
    by_regression = by_shipped(
        storm_runoff_by_regression,
        storm_rain=np.float64(200),
        storm_days=np.float64(2),
        storm_runoff_slope=8.0,
        storm_runoff_offset=20.0,
    )
    assert by_regression > log_runoff(150.0, 8.0, 20.0, 1.0) + log_runoff(50.0, 8.0, 20.0, 1.0)


def test_a_fraction_of_a_storm_day():
    """Means over years: 0.4 storm days with 40 mm in a year are storms of 100 mm, 0.4 times."""
    found = by_shipped(
        storm_runoff_by_curve_number, storm_rain=np.float64(40), storm_days=np.float64(0.4), curve_number=np.float64(70)
    )
    assert found == pytest.approx(0.4 * 32.71072519, rel=1e-9)


# declarations ---------------------------------------------------------------------------------------------------------


def test_what_is_declared_is_known():
    assert SERVICES["flood_mitigation"] is FLOOD_MITIGATION
    for switches in ({}, {"lake": "gauge", "reservoir": "flood_storage", "marsh": "two_part", "vegetation": "scs_cn"}):
        for component in components(**switches).values():
            assert label(component.id, "zh") != component.id
            assert component.money.concept == "replacement_cost"
            if isinstance(component, ReportedComponent):
                assert same_dimension(item_units()[component.extent], component.unit)
            if isinstance(component, UnitComponent):
                assert same_dimension(component.total.returns, component.unit)
                assert same_dimension(component.total.units[component.extent], item_units()[component.extent])
    for name in ("storm_rain", "storm_days", "storm_runoff"):
        makers = [d for d in DERIVATIONS if d.makes == name]
        assert makers
        assert all(same_dimension(d.equation.returns, layer_kinds()[name].unit) and d.is_provisional for d in makers)
    assert same_dimension(layer_kinds()["curve_number"].unit, "1")


@pytest.mark.shared
def test_rows_are_those_of_the_reference():
    path = REFERENCE / "coefficients" / "09_flood_regulation.csv"
    if not path.is_file():
        pytest.skip("the reference is not beside this checkout")
    with path.open(encoding="utf-8") as file:
        theirs = {row["id"]: float(row["value"]) for row in csv.DictReader(file)}
    long_names = {
        "qinghai_tibet": "qinghai_tibet_plateau",
        "mongolia_xinjiang": "mongolia_xinjiang_plateau",
        "yunnan_guizhou": "yunnan_guizhou_plateau",
        "northeast": "northeast_plain_and_mountains",
    }
    for region in REGIONS:
        identifier = f"flood.lake.{long_names.get(region, region)}"
        assert shipped("lake_exponent", "1", "wetland/lake", region=region) == theirs[f"{identifier}.slope"]
        assert shipped("lake_intercept", "1", "wetland/lake", region=region) == theirs[f"{identifier}.intercept"]
        assert shipped("exchanges", "1/year", "wetland/lake", region=region) == theirs["flood.lake.turnover"]
    assert shipped("flood_share", "1/year", "wetland/reservoir") == theirs["flood.reservoir.share"]
    assert shipped("ponding_depth", "m", "wetland/marsh") == theirs["flood.marsh.depth"]
    assert shipped("storm_day", "mm") == theirs["flood.storm_threshold"]


def test_no_lake_equation_without_a_region():
    assert rows_of().lookup("lake_intercept", "wetland", "lake") is None
    statuses = {region: rows_of().lookup("lake_intercept", "wetland", "lake", region).row.status for region in REGIONS}
    assert statuses == {region: "verified" if region == "qinghai_tibet" else "provisional" for region in REGIONS}


def test_vegetation_that_a_study_chooses_counts_or_is_missing():
    """The profile has no vegetation; a study that chooses it gets it from its layers, or is told what they lack."""
    cover = np.full((4, 4), 1, dtype=np.uint8)
    chosen = {"methods": {"flood_mitigation": {"vegetation": "scs_cn"}}, "of": ("flood_mitigation",)}
    county = builders.zones(builders.block(0, 0, 4, 4))
    account = builders.make_study(cover, {}, county, **chosen).run()
    assert builders.missing(account)["flood_mitigation"] == "no_input"
    layers = {
        "storm_rain": builders.constant(200, "mm/year", (4, 4)),
        "storm_days": builders.constant(2, "day/year", (4, 4)),
        "curve_number": builders.constant(70, "1", (4, 4)),
    }
    account = builders.make_study(cover, layers, county, **chosen).run()
    entry = builders.one(account, component="vegetation")
    assert entry.quantity == pytest.approx(134.57854962 / 1000 * 16e6, rel=1e-6)  # 16 km2
    assert "flood_mitigation" not in builders.missing(account)
