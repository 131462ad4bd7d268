"""Carbon, oxygen and local climate, through a study and by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import block, codes_of, find, missing, one, own_coefficients, raster, zones
from one_forest import (
    CARBON,
    CLIMATE,
    CODE,
    DRY,
    KWH,
    NEP,
    NPP,
    ONE_FOREST,
    OXYGEN,
    TEN_FORESTS_AND_A_LAKE,
    account_of,
    amounts,
    approx,
    carbon,
    days,
    everywhere,
    printed,
    row_of,
    water,
)

from gep.account.account import Account
from gep.core.errors import InputError
from gep.standards.profile import load_profile

# carbon sequestration -------------------------------------------------------------------------------------------------


def fixed(account: Account) -> float | None:
    return one(account, component="carbon_dioxide").quantity


def test_carbon_vector_r8_through_an_account(tmp_path):
    own = own_coefficients(tmp_path, ("carbon_price", "", 29.57, "CNY/(t*CO2)", 2019))
    account = carbon(everywhere(ONE_FOREST, net_ecosystem_production=(180.0, NEP)), coefficients={"own": own})
    assert fixed(account) == approx(660)
    assert account.total() == approx(19516.2)
    assert one(account, component="carbon_dioxide").unit == "t*CO2/year"


def test_a_price_per_t_of_carbon_is_not_one_per_t_of_carbon_dioxide(tmp_path):
    own = own_coefficients(tmp_path, ("carbon_price", "", 29.57, "CNY/(t*carbon)", 2019))
    with pytest.raises(InputError) as caught:
        carbon(everywhere(ONE_FOREST, net_ecosystem_production=(180.0, NEP)), coefficients={"own": own})
    assert "U02" in {p.code for p in caught.value.problems}


def test_production_in_dry_matter_is_not_one_in_carbon():
    with pytest.raises(InputError) as caught:
        carbon(everywhere(ONE_FOREST, net_primary_production=(1000.0, DRY)))
    assert "U02" in {p.code for p in caught.value.problems}


def test_share_of_dry_matter_vector_r8_through_an_account(tmp_path):
    own = own_coefficients(tmp_path, ("nep_ratio", "forest", 0.2, "1"))
    account = carbon(everywhere(ONE_FOREST, net_primary_production=(1000 * 72 / 162, NPP)), coefficients={"own": own})
    assert fixed(account) == printed(325.9259259)


def test_the_price_that_is_shipped_is_of_2022():
    # the index ends before 2022 or has it; either way a study of 2022 prices takes the price as printed
    account = carbon(everywhere(ONE_FOREST, net_ecosystem_production=(180.0, NEP)), price_year=2022)
    assert account.total() == approx(660 * 55.93)


def test_carbon_is_net_ecosystem_production_by_molar_masses():
    random = np.random.default_rng(13)
    shape = (5, 6)
    nep = random.uniform(-300, 600, shape)
    cover = random.choice([CODE["evergreen_needleleaf"], CODE["temperate_steppe"]], shape).astype(np.uint8)
    account = carbon({"net_ecosystem_production": raster(nep, NEP)}, cover)
    for name in ("evergreen_needleleaf", "temperate_steppe"):
        expected = math.fsum(nep[cover == CODE[name]]) * 44 / 12  # g/m2 is t/km2
        assert amounts(account, "carbon_dioxide")[name] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("option", "expected"), [("keep", (180 - 50) * 44 / 12), ("clip", 180 * 44 / 12)])
def test_switch_negative_of_carbon(option, expected):
    cover = row_of("evergreen_needleleaf", "evergreen_needleleaf")
    account = carbon(
        {"net_ecosystem_production": raster([[180.0, -50.0]], NEP)}, cover, methods={CARBON: {"negative": option}}
    )
    assert fixed(account) == approx(expected)
    assert ("B03" in codes_of(account)) is (option == "keep")


def monthly_climate(cover: Any) -> dict[str, Any]:
    return {
        "air_temperature": raster(np.full((12, *cover.shape), 20.0), "degC"),
        "precipitation": raster(np.full((12, *cover.shape), 100.0), "mm"),
    }


@pytest.mark.parametrize(
    ("option", "own", "expected"),
    [
        ("nep", (), 0.25003 * 600 * 44 / 12),
        ("npp_alpha", (), 0.25003 * 600 * 44 / 12),
        ("rate", (), 0.92 * 100 * 44 / 12),
        (
            "forest_standard",
            (
                ("net_productivity", "forest", 10.0, "t*dry_matter/(hm^2*year)"),
                ("soil_carbon_rate", "forest", 0.0, "t*carbon/(hm^2*year)"),
            ),
            444.501 * 44 / 12,
        ),
        (
            "forest_standard",
            (
                ("net_productivity", "forest", 10.0, "t*dry_matter/(hm^2*year)"),
                ("soil_carbon_rate", "forest", 0.5, "t*carbon/(hm^2*year)"),
            ),
            (444.501 + 50) * 44 / 12,
        ),
    ],
)
def test_switch_carbon(tmp_path, option, own, expected):
    coefficients = {"own": own_coefficients(tmp_path, *own)} if own else {}
    layers = everywhere(ONE_FOREST, net_primary_production=(600.0, NPP))
    account = carbon(layers, methods={CARBON: {"carbon": option}}, coefficients=coefficients)
    assert fixed(account) == approx(expected)


@pytest.mark.parametrize(("option", "expected"), [("nep", 600 - 12 * 29.69655171), ("npp_alpha", 0.25003 * 600)])
def test_production_less_respiration_comes_before_a_share(option, expected):
    layers = {**everywhere(ONE_FOREST, net_primary_production=(600.0, NPP)), **monthly_climate(ONE_FOREST)}
    account = carbon(layers, methods={CARBON: {"carbon": option}})
    assert fixed(account) == printed(expected * 44 / 12)
    assert ("respiration_of_soil" in one(account, component="carbon_dioxide").derivations) is (option == "nep")


def test_a_forest_standard_without_stands_is_missing():
    account = carbon(
        everywhere(ONE_FOREST, net_primary_production=(600.0, NPP)), methods={CARBON: {"carbon": "forest_standard"}}
    )
    assert missing(account)[CARBON] == "no_input"


def test_net_ecosystem_production_that_is_given_comes_first():
    layers = everywhere(ONE_FOREST, net_primary_production=(600.0, NPP), net_ecosystem_production=(180.0, NEP))
    for option in ("nep", "npp_alpha", "rate", "forest_standard"):
        assert fixed(carbon(layers, methods={CARBON: {"carbon": option}})) == approx(660)


REGIONS = {
    "eastern_plain": 56.67,
    "northeast": 4.49,
    "mongolia_xinjiang": 30.26,
    "yunnan_guizhou": 20.08,
    "qinghai_tibet": 12.57,
}


@pytest.mark.parametrize("region", REGIONS)
def test_the_region_chooses_the_rate_of_lakes(region):
    cover = row_of("evergreen_needleleaf", "lake", "marsh")
    production = raster([[600.0, np.nan, np.nan]], NPP)  # products have none over water
    account = carbon({"net_primary_production": production}, cover, region=region)
    assert amounts(account, "carbon_dioxide") == {
        "evergreen_needleleaf": approx(0.25003 * 600 * 44 / 12),
        "lake": approx(REGIONS[region] * 44 / 12),
        "marsh": approx(24.8 * 44 / 12),
    }
    assert CARBON not in missing(account)


def test_lakes_without_a_region_have_no_rate():
    cover = row_of("evergreen_needleleaf", "lake")
    account = carbon(everywhere(cover, net_primary_production=(600.0, NPP)), cover)
    assert amounts(account, "carbon_dioxide") == {"evergreen_needleleaf": approx(0.25003 * 600 * 44 / 12), "lake": None}
    assert missing(account)[CARBON] == "no_coefficient"


def test_crops_and_reservoirs_are_not_counted_unless_supplied(tmp_path):
    cover = row_of("evergreen_needleleaf", "dryland", "paddy", "reservoir", "green")
    layers = everywhere(cover, net_primary_production=(600.0, NPP))
    assert amounts(carbon(layers, cover), "carbon_dioxide").keys() == {"evergreen_needleleaf"}
    own = own_coefficients(
        tmp_path, ("carbon_rate", "wetland/reservoir", 10.0, NEP), ("carbon_rate", "cropland/dryland", 10.0, NEP)
    )
    found = amounts(carbon(layers, cover, coefficients={"own": own}), "carbon_dioxide")
    assert found == {
        "evergreen_needleleaf": approx(0.25003 * 600 * 44 / 12),
        "reservoir": approx(10 * 44 / 12),
        "dryland": approx(10 * 44 / 12),
    }


def test_missing_production_is_missing_and_does_not_fall_to_the_rate():
    cover = row_of("evergreen_needleleaf", "evergreen_needleleaf")
    account = carbon({"net_primary_production": raster([[600.0, np.nan]], NPP)}, cover)
    entry = one(account, component="carbon_dioxide")
    assert entry.quantity == approx(0.25003 * 600 * 44 / 12)
    assert entry.coverage == approx(0.5)
    assert entry.derivations == ("share_of_production",)
    assert missing(account)[CARBON] == "low_coverage"


def test_production_of_climate_is_named_as_such():
    layers = everywhere(ONE_FOREST, air_temperature=(5.0, "degC"), precipitation=(500.0, "mm/year"))
    account = carbon(layers)
    entry = one(account, component="carbon_dioxide")
    npp = 3000 * (1 - math.exp(-0.000664 * 500)) * 72 / 162
    assert entry.quantity == approx(0.25003 * npp * 44 / 12)
    assert "production_of_climate" in entry.derivations
    assert entry.is_estimated
    (problem,) = (p for p in account.about.problems if p.code == "P03" and p.subject == "net_primary_production")
    assert "Miami" in problem.message
    frame = account.to_frame()
    row = frame[(frame.service == CARBON) & (frame.measure == "quantity")].iloc[0]
    assert "production_of_climate" in row.derivation_id


def test_without_any_production_there_is_the_rate_of_the_class():
    cover = row_of("evergreen_needleleaf", "temperate_steppe", "marsh")
    account = carbon({}, cover)
    expected = {"evergreen_needleleaf": 92.0, "temperate_steppe": 49.02, "marsh": 24.8}
    assert amounts(account, "carbon_dioxide") == {name: approx(rate * 44 / 12) for name, rate in expected.items()}


# oxygen release -------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_oxygen(monkeypatch):
    """The default profile with oxygen on: a standard that counts it."""
    profile = load_profile("ndrc-2022")
    rule = replace(profile.rules[OXYGEN], off="")
    monkeypatch.setattr(
        "gep.inputs.open.load_profile", lambda _: replace(profile, rules={**profile.rules, OXYGEN: rule})
    )


ON_PURPOSE = {"D01": ("the test", "both flows are wanted")}
"""Flows that overlap are refused unless somebody answers for them."""


@pytest.mark.usefixtures("with_oxygen")
def test_oxygen_vector_r9_through_an_account(tmp_path):
    own = own_coefficients(tmp_path, ("oxygen_price", "", 1000.0, "CNY/(t*O2)", 2019))
    layers = everywhere(ONE_FOREST, net_ecosystem_production=(180.0, NEP))
    account = account_of((OXYGEN, CARBON), ONE_FOREST, layers, coefficients={"own": own}, waivers=ON_PURPOSE)
    assert one(account, service=OXYGEN).quantity == approx(480)
    assert one(account, service=OXYGEN).value == approx(480_000)
    assert one(account, service=CARBON).quantity == approx(660)


@pytest.mark.usefixtures("with_oxygen")
@pytest.mark.parametrize(("option", "expected"), [("nep_linked", 0.25003 * 600 * 32 / 12), ("npp_linked", 1606.5)])
def test_switch_oxygen(option, expected):
    layers = everywhere(ONE_FOREST, net_primary_production=(600.0, NPP))
    account = account_of(OXYGEN, ONE_FOREST, layers, methods={OXYGEN: {"oxygen": option}})
    assert one(account, service=OXYGEN).quantity == approx(expected)


@pytest.mark.usefixtures("with_oxygen")
def test_oxygen_of_a_source_of_carbon_follows_the_switch_of_carbon():
    cover = row_of("evergreen_needleleaf", "evergreen_needleleaf")
    layers = {"net_ecosystem_production": raster([[180.0, -60.0]], NEP)}
    kept = account_of((OXYGEN, CARBON), cover, layers, waivers=ON_PURPOSE)
    clipped = account_of((OXYGEN, CARBON), cover, layers, methods={CARBON: {"negative": "clip"}}, waivers=ON_PURPOSE)
    assert one(kept, service=OXYGEN).quantity == approx(120 * 32 / 12)
    assert one(clipped, service=OXYGEN).quantity == approx(180 * 32 / 12)


def test_oxygen_is_off_by_default():
    account = account_of((OXYGEN, CARBON), ONE_FOREST, everywhere(ONE_FOREST, net_ecosystem_production=(180.0, NEP)))
    assert missing(account)[OXYGEN] == "off"
    assert not find(account, service=OXYGEN)


# local climate regulation ---------------------------------------------------------------------------------------------


def climate(layers: dict[str, Any], cover: Any = TEN_FORESTS_AND_A_LAKE, **more: Any) -> Account:
    return account_of(CLIMATE, cover, layers, **more)


@pytest.mark.parametrize(
    ("water_eer", "evaporation", "total", "value"),
    [("off", 680555555.6, 810480555.6, 421449888.9), ("on", 226851851.9, 356776851.9, 185523963.0)],
)
def test_climate_vector_r10_through_an_account(tmp_path, water_eer, evaporation, total, value):
    own = own_coefficients(
        tmp_path,
        ("transpiration_heat", "forest", 119.1, "kJ/(m^2*day)"),
        ("humidifier_energy", "", 120.0, "kWh/m^3"),
        ("electricity_price", "", 0.52, "CNY/kWh", 2019),
    )
    account = climate(
        water(),
        tables=days(z101=90),
        coefficients={"own": own},
        methods={CLIMATE: {"water_eer": water_eer, "humidify": "on", "season": "annual"}},
        waivers=ON_PURPOSE,
    )
    found = {e.component: e.quantity for e in find(account, service=CLIMATE)}
    assert found == {
        "transpiration": printed(9_925_000),
        "evaporation": printed(evaporation),
        "humidification": printed(120e6),
    }
    assert sum(found.values()) == printed(total)
    assert account.total() == printed(value)


@pytest.mark.parametrize(
    ("methods", "evaporation"),
    [
        ({}, 0.2 * 1000 * 2450 / 3),
        ({"season": "annual"}, 1000 * 2450 / 3),
        ({"water_eer": "off"}, 0.2 * 1000 * 2450),
        ({"water_eer": "off", "season": "annual"}, 1000 * 2450),
    ],
)
def test_switches_water_eer_and_season(methods, evaporation):
    # 73 days are a fifth of the year
    account = climate(water(), tables=days(z101=73), methods={CLIMATE: methods})
    assert one(account, component="evaporation").quantity == approx(evaporation * 1e6 / KWH)
    assert one(account, component="transpiration").quantity == approx(2837.27 * 73 / 3 * 10e6 / KWH)


@pytest.mark.parametrize(("season", "depth"), [("cooling", 0.2), ("annual", 1.0)])
def test_switch_humidify(season, depth):
    methods = {CLIMATE: {"humidify": "on", "season": season}}
    account = climate(water(), tables=days(z101=73), methods=methods, waivers=ON_PURPOSE)
    assert one(account, component="humidification").quantity == approx(depth * 125 * 1e6)
    assert not find(climate(water(), tables=days(z101=73)), component="humidification")


@pytest.mark.parametrize(("season", "depth"), [("cooling", 0.1), ("annual", 0.5)])
def test_switch_method_et_raster(season, depth):
    layers = {**water(), **everywhere(TEN_FORESTS_AND_A_LAKE, evapotranspiration=(500.0, "mm/year"))}
    account = climate(layers, tables=days(z101=73), methods={CLIMATE: {"method": "et_raster", "season": season}})
    assert one(account, component="transpiration").quantity == approx(depth * 1000 * 2450 / 3 * 10e6 / KWH)


def test_heat_of_each_ecosystem():
    cover = row_of("evergreen_needleleaf", "open", "temperate_steppe", "lake", "dryland", "green")
    account = climate(water(cover), cover, tables=days(z101=30))
    heat = {"evergreen_needleleaf": 2837.27, "open": 1300.95, "temperate_steppe": 969.83}
    assert amounts(account, "transpiration") == {name: approx(g * 30 / 3 * 1e6 / KWH) for name, g in heat.items()}
    assert amounts(account, "evaporation").keys() == {"lake"}


def test_evaporation_of_the_cooling_season_that_is_given_is_not_derived():
    layers = {**water(), **everywhere(TEN_FORESTS_AND_A_LAKE, cooling_season_evaporation=(400.0, "mm/year"))}
    account = climate(layers, tables=days(z101=73))
    entry = one(account, component="evaporation")
    assert entry.quantity == approx(0.4 * 1000 * 2450 / 3 * 1e6 / KWH)
    assert (entry.derivations, entry.is_estimated) == ((), False)


def test_cooling_days_come_from_the_table_by_county():
    cover = row_of("evergreen_needleleaf", "evergreen_needleleaf", "lake", "lake")
    counties = zones(block(0, 0, 1, 1), block(1, 0, 3, 1), block(3, 0, 4, 1))
    account = climate(water(cover), cover, counties=counties, tables=days(z101=30, z102=60, z103=0))
    unit = 1e6 / KWH / 3
    assert one(account, component="transpiration", zone="101").quantity == approx(2837.27 * 30 * unit)
    assert one(account, component="transpiration", zone="102").quantity == approx(2837.27 * 60 * unit)
    assert one(account, component="evaporation", zone="102").quantity == approx(60 / 365 * 1000 * 2450 * unit)
    assert one(account, component="evaporation", zone="103").quantity == 0  # a cold county, and no gap
    assert CLIMATE not in missing(account)


def test_a_year_has_no_such_number_of_cooling_days():
    with pytest.raises(InputError) as refused:
        climate(water(), tables=days(_city=380))
    (problem,) = (p for p in refused.value.problems if p.code == "R01")
    assert (problem.found, problem.allowed) == ("380 day", "0 to 366 day/year")


def test_a_region_without_rows_is_said():
    account = climate(water(), tables=days(_city=30), region="nowhere")
    (problem,) = (p for p in account.about.problems if p.code == "C11")
    assert (problem.severity, problem.subject, problem.found) == ("warning", "study.region", "nowhere")
    assert account.totals("zone") == climate(water(), tables=days(_city=30)).totals("zone")


def test_a_county_without_cooling_days_is_missing_and_not_zero():
    cover = row_of("evergreen_needleleaf", "lake", "evergreen_needleleaf")
    account = climate(water(cover), cover, counties=zones(block(0, 0, 2, 1), block(2, 0, 3, 1)), tables=days(z101=30))
    assert one(account, component="transpiration", zone="102").quantity is None
    assert missing(account)[CLIMATE] == "low_coverage"


def test_cooling_days_of_the_city_hold_in_every_county():
    cover = row_of("evergreen_needleleaf", "lake", "evergreen_needleleaf")
    counties = zones(block(0, 0, 2, 1), block(2, 0, 3, 1))
    account = climate(water(cover), cover, counties=counties, tables=days(_city=30, z102=60))
    assert one(account, component="transpiration", zone="101").quantity == approx(2837.27 * 30 / 3 * 1e6 / KWH)
    assert one(account, component="transpiration", zone="102").quantity == approx(2837.27 * 60 / 3 * 1e6 / KWH)


def test_cooling_days_as_a_layer_and_from_monthly_temperature():
    hot_months = np.full((12, *TEN_FORESTS_AND_A_LAKE.shape), 20.0)
    hot_months[5:8] = 31.0
    for layers, number in (
        (everywhere(TEN_FORESTS_AND_A_LAKE, cooling_days=(40.0, "day/year")), 40),
        ({"monthly_maximum_temperature": raster(hot_months, "degC")}, 3 * 365 / 12),
    ):
        account = climate({**water(), **layers})
        assert one(account, component="transpiration").quantity == approx(2837.27 * number / 3 * 10e6 / KWH)
        is_rough = number != 40
        assert ("cooling_days_of_monthly" in one(account, component="transpiration").derivations) is is_rough
        assert [p.subject for p in account.about.problems if (p.code, p.severity) == ("P03", "warning")] == [
            "cooling_days"
        ] * is_rough


def test_cooling_days_counted_from_daily_temperature():
    hottest = np.full((365, *TEN_FORESTS_AND_A_LAKE.shape), 20.0)
    hottest[150:190] = 31.0
    hottest[200] = 26.0  # not above 26
    account = climate({**water(), "daily_maximum_temperature": raster(hottest, "degC").rename(month="day")})
    assert one(account, component="transpiration").quantity == approx(2837.27 * 40 / 3 * 10e6 / KWH)
    assert one(account, component="transpiration").derivations == ("cooling_days_of_daily",)


@pytest.mark.parametrize(("year", "length"), [(2019, 365), (2020, 366), (1900, 365), (2000, 366)])
def test_a_leap_year_has_a_day_more(year, length):
    """A yearly sum of evaporation is spread over the days the year has: 1 m/year and 73 days."""
    account = climate(water(), tables=days(z101=73), year=year)
    evaporated = 73 / length * 1e6  # m3 of the one km2 of lake
    energy = evaporated * 1000 * 2450 / 3 / 3600  # kWh: 2450 kJ/kg, EER 3
    assert one(account, component="evaporation").quantity == approx(energy)


def test_without_cooling_days_the_service_is_missing():
    account = climate(water())
    assert missing(account)[CLIMATE] == "no_input"
    assert "`cooling_days`" in next(m.detail for m in account.about.missing if m.service == CLIMATE)
    assert not find(account, service=CLIMATE)


def test_the_tariff_is_not_moved_by_consumer_prices():
    assert one(climate(water(), tables=days(z101=73)), component="transpiration").price == 0.53
