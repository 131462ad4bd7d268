"""Soil retention, carbon, oxygen and climate regulation: the vectors, every switch, and which input each class takes,
through small accounts.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import builders
import numpy as np
import pytest
import xarray as xr
from builders import block, codes_of, constant, find, missing, one, own_coefficients, raster, statistics, zones
from one_forest import (
    CARBON,
    CLIMATE,
    CODE,
    KWH,
    NPP,
    ONE_FOREST,
    SOIL,
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
from gep.derivations.vegetation import production_of_stands, share_of_production
from gep.services.carbon_sequestration import carbon_value, fixed_carbon_dioxide, positive_fixed_carbon_dioxide
from gep.services.climate_regulation import (
    electricity_value,
    evaporation_cooling,
    evaporation_heat,
    humidification,
    transpiration_cooling,
)
from gep.services.oxygen_release import oxygen_of_carbon, oxygen_of_production, oxygen_value
from gep.services.soil_retention import (
    dredging_saved,
    kept_nitrogen,
    kept_phosphorus,
    kept_sediment,
    nitrogen_treatment_saved,
    phosphorus_treatment_saved,
    retained_soil,
)
from gep.standards.coefficients import Coefficients
from gep.standards.profile import load_profile

EROSIVITY, ERODIBILITY = "MJ*mm/(hm^2*h*year)", "t*hm^2*h/(hm^2*MJ*mm)"
POTENTIAL = 718.7709599
"""R K L S of vector R2.soil_retention in t/(hm2 a); of a cell of a square kilometre 100 times as much."""

CPI = {
    2011: 5.5539,
    2012: 2.61952,
    2013: 2.62105,
    2014: 1.92164,
    2015: 1.43702,
    2016: 2.0,
    2017: 1.59314,
    2018: 2.07479,
    2019: 2.89923,
}
"""Change of consumer prices in China in percent of the year before (World Bank, FP.CPI.TOTL.ZG)."""


def on_the_ground(value: Any) -> Any:
    """Equal but for the projection of the grid, whose metres are those of the ground to better than one in a
    million.
    """
    return pytest.approx(value, rel=1e-6)


def soil_layers(cover: Any, **changes: Any) -> dict[str, Any]:
    usual = {
        "rainfall_erosivity": (3000.0, EROSIVITY),
        "soil_erodibility": (0.03, ERODIBILITY),
        "slope": (15.0, "degree"),
        "slope_length": (50.0, "m"),
        "vegetation_cover": (40.0, "percent"),
    }
    given = {name: pair for name, pair in {**usual, **changes}.items() if pair is not None}
    return {name: constant(*pair, cover.shape) if isinstance(pair, tuple) else pair for name, pair in given.items()}


def soil(changes: dict[str, Any] | None = None, cover: Any = ONE_FOREST, **more: Any) -> Account:
    return account_of(SOIL, cover, soil_layers(cover, **(changes or {})), **more)


def per_hectare(account: Account) -> float:
    """Retained soil of the only class on its only square kilometre."""
    quantity = one(account, component="retained_soil").quantity
    assert quantity is not None
    return quantity / 100


# vectors, by the equations --------------------------------------------------------------------------------------------


def test_soil_retention_vector_r2_by_equations():
    kept = retained_soil(3000, 0.03, 1.696285357 * 4.708137088, 0.06, 1)
    assert retained_soil(3000, 0.03, 1.696285357 * 4.708137088, 0, 1) == printed(POTENTIAL)
    assert POTENTIAL - kept == pytest.approx(43.12625759, rel=1e-8)
    assert kept == printed(675.6447023)
    soil_kept = 100 * kept
    assert soil_kept == printed(67564.47023)
    sediment, nitrogen, phosphorus = (
        kept_sediment(soil_kept, 0.24, 1.25),
        kept_nitrogen(soil_kept, 0.0037),
        kept_phosphorus(soil_kept, 0.00108),
    )
    assert (sediment, nitrogen, phosphorus) == printed((12972.37828, 249.9885399, 72.96962785))
    values = (
        dredging_saved(sediment, 19.76),
        nitrogen_treatment_saved(nitrogen, 875),
        phosphorus_treatment_saved(phosphorus, 2800),
    )
    assert values == printed((256334.1949, 218739.9724, 204314.958))
    assert sum(values) == printed(679389.1252)


def test_carbon_and_oxygen_vectors_r8_r9_by_equations():
    carbon = fixed_carbon_dioxide(180.0, 44 / 12)
    assert carbon == printed(660)
    assert carbon_value(carbon, 29.57) == printed(19516.2)
    assert printed(5322.6) == 180 * 29.57  # what the same price would give if it were per t of carbon
    assert positive_fixed_carbon_dioxide(-50.0, 44 / 12) == 0
    assert fixed_carbon_dioxide(share_of_production(1000 * 72 / 162, 0.2), 44 / 12) == printed(325.9259259)
    stands = 100 * production_of_stands(10.0, 1.63, 0.2727, 0.0)
    assert stands == printed(444.501)
    assert stands * 44 / 12 == pytest.approx(1630, rel=1.1e-4)  # 1.63 B A, but for the rounding of 27.27 %
    assert oxygen_of_carbon(660.0, 32 / 44) == printed(480)
    assert oxygen_value(480.0, 1000.0) == 480_000
    assert oxygen_of_production(600.0, 72 / 162, 1.19) == printed(1606.5)
    assert oxygen_of_production(600.0, 72 / 162, 192 / 162) == printed(1600)


def test_climate_vector_r10_by_equations():
    vegetation = transpiration_cooling(119.1, 90.0, 3.0) * 10e6 / KWH
    heat = evaporation_heat(1.0, 1000.0, 2450.0) * 1e6 / KWH
    cooling = evaporation_cooling(1.0, 1000.0, 2450.0, 3.0) * 1e6 / KWH
    humid = humidification(1.0, 120.0) * 1e6
    assert (vegetation, heat, cooling, humid) == printed((9_925_000, 680555555.6, 226851851.9, 120e6))
    totals = vegetation + heat + humid, vegetation + cooling + humid
    assert totals == printed((810480555.6, 356776851.9))
    assert [electricity_value(total, 0.52) for total in totals] == printed([421449888.9, 185523963.0])


def test_garze_2010_as_published():
    shipped = Coefficients([(), *load_profile("ndrc-2022").tables])

    def number(name: str, unit: str) -> float:
        found = shipped.lookup(name)
        assert found
        return found.row.to(unit)

    as_published = partial(pytest.approx, rel=2e-4)
    kept = 38.86  # 1e8 t
    sediment = kept_sediment(kept, number("sedimentation_fraction", "1"), 0.93)
    assert sediment == pytest.approx(10.0283871, rel=1e-8)
    assert sediment == as_published(10.03)
    assert dredging_saved(sediment, number("dredging_cost", "CNY/m^3")) == as_published(156.2555)
    nitrogen = kept_nitrogen(kept, number("nitrogen_content", "t*nitrogen/t"))
    assert nitrogen == as_published(0.143794)
    assert nitrogen_treatment_saved(nitrogen, number("nitrogen_cost", "CNY/(t*nitrogen)")) == as_published(125.8199)
    phosphorus = kept_phosphorus(kept, number("phosphorus_content", "t*phosphorus/t"))
    assert phosphorus == as_published(0.041972)
    assert phosphorus_treatment_saved(phosphorus, number("phosphorus_cost", "CNY/(t*phosphorus)")) == as_published(
        117.5226
    )
    tariff = number("electricity_price", "CNY/kWh")
    assert electricity_value(2799.1, tariff) == as_published(1483.5208)
    assert electricity_value(1272.35, tariff) == as_published(674.3433)


# soil retention -------------------------------------------------------------------------------------------------------


def test_soil_retention_vector_r2_through_an_account(tmp_path):
    own = own_coefficients(
        tmp_path,
        ("bulk_density", "", 1.25, "t/m^3"),
        ("dredging_cost", "", 19.76, "CNY/m^3", 2019),
        ("nitrogen_cost", "", 875.0, "CNY/(t*nitrogen)", 2019),
        ("phosphorus_cost", "", 2800.0, "CNY/(t*phosphorus)", 2019),
    )
    account = soil(coefficients={"own": own})
    entries = {e.component: e for e in find(account, service=SOIL)}
    expected = {
        "retained_soil": 67564.47023,
        "sediment": 12972.37828,
        "nitrogen": 249.9885399,
        "phosphorus": 72.96962785,
    }
    assert {name: e.quantity for name, e in entries.items()} == {name: printed(q) for name, q in expected.items()}
    assert (entries["sediment"].value, entries["nitrogen"].value, entries["phosphorus"].value) == printed(
        (256334.1949, 218739.9724, 204314.958)
    )
    assert entries["retained_soil"].value is None
    assert account.total() == printed(679389.1252)


def test_sediment_nitrogen_and_phosphorus_follow_the_soil_in_every_row():
    random = np.random.default_rng(7)
    shape = (6, 8)
    cover = random.choice(
        [CODE[name] for name in ("evergreen_needleleaf", "temperate_steppe", "dryland", "gobi")], shape
    ).astype(np.uint8)
    layers = soil_layers(
        cover,
        rainfall_erosivity=raster(random.uniform(100, 9000, shape), EROSIVITY),
        slope=raster(random.uniform(0, 60, shape), "degree"),
        vegetation_cover=raster(random.uniform(0, 1, shape), "1"),
    )
    account = account_of(SOIL, cover, layers, zones(block(0, 0, 5, 6), block(5, 0, 8, 6)))
    soils = {(e.zone, e.land_class): e.quantity for e in find(account, component="retained_soil")}
    assert len(soils) == 8
    for component, share in (("sediment", 0.24 / 1.3), ("nitrogen", 0.0037), ("phosphorus", 0.00108)):
        for entry in find(account, component=component):
            assert entry.quantity == pytest.approx(soils[entry.zone, entry.land_class] * share, rel=1e-13)


def test_prices_of_2010_are_moved_by_consumer_prices():
    factor = math.prod(1 + change / 100 for change in CPI.values())
    for component, price in (("sediment", 15.58), ("nitrogen", 875.0), ("phosphorus", 2800.0)):
        assert one(soil(), component=component).price == approx(price * factor)


def test_bulk_density_may_be_a_layer():
    assert one(soil({"bulk_density": (0.93, "g/cm^3")}), component="sediment").quantity == printed(
        67564.47023 * 0.24 / 0.93
    )


CHOSEN_COVER = {
    "evergreen_needleleaf": 0.06,
    "open": 0.14,
    "temperate_steppe": 0.15,
    "shrub_orchard": 0.14,
    "dryland": 0.221 - 0.595 * math.log10(0.4),
    "paddy": 0,
    "marsh": 0,
    "green": 0.01,
    "gobi": 0.7,
}
"""The cover factor of each class at a vegetation cover of 40 %."""


def test_each_class_takes_its_own_cover_factor():
    account = soil(cover=row_of(*CHOSEN_COVER))
    assert amounts(account, "retained_soil") == {
        name: printed(100 * POTENTIAL * (1 - factor)) for name, factor in CHOSEN_COVER.items()
    }
    made = {
        e.land_class: set(e.derivations) & {"cover_factor_by_bands", "cover_factor_of_dryland"}
        for e in find(account, component="retained_soil")
    }
    bands, logarithm = {"cover_factor_by_bands"}, {"cover_factor_of_dryland"}
    for name in CHOSEN_COVER:
        is_banded = name in ("evergreen_needleleaf", "open", "temperate_steppe", "shrub_orchard")
        assert made[name] == (bands if is_banded else logarithm if name == "dryland" else set()), name


def test_classes_with_a_fixed_cover_factor_need_no_vegetation_cover():
    cover = row_of("evergreen_needleleaf", "temperate_steppe", "paddy", "green")
    account = soil({"vegetation_cover": raster([[0.4, np.nan, np.nan, np.nan]], "1")}, cover)
    assert amounts(account, "retained_soil") == {
        "evergreen_needleleaf": printed(94 * POTENTIAL),
        "temperate_steppe": None,
        "paddy": printed(100 * POTENTIAL),
        "green": printed(99 * POTENTIAL),
    }


def test_open_water_and_built_land_hold_no_soil():
    assert amounts(soil(cover=row_of("lake", "reservoir", "evergreen_needleleaf")), "retained_soil").keys() == {
        "evergreen_needleleaf"
    }


@pytest.mark.parametrize(
    ("option", "rain", "erosivity", "derivation"),
    [
        ("best", constant(500.0, "mm/year", (1, 1)), 0.0534 * 500**1.6548, "erosivity_of_annual_rain"),
        ("best", raster(np.full((12, 1, 1), 50.0), "mm"), 0.0534 * 600**1.6548, "erosivity_of_annual_rain"),
        ("annual", constant(500.0, "mm/year", (1, 1)), 0.0534 * 500**1.6548, "erosivity_of_annual_rain"),
        (
            "wischmeier_monthly",
            raster(np.full((12, 1, 1), 50.0), "mm"),
            17.02 * 12 * 10 ** (1.5 * math.log10(50**2 / 600) - 0.8188),
            "erosivity_of_monthly_rain",
        ),
    ],
)
def test_switch_erosivity(option, rain, erosivity, derivation):
    account = soil({"rainfall_erosivity": None, "precipitation": rain}, methods={SOIL: {"erosivity": option}})
    assert per_hectare(account) == printed(POTENTIAL / 3000 * erosivity * 0.94)
    assert derivation in one(account, component="retained_soil").derivations
    assert one(account, component="retained_soil").is_estimated
    assert "rainfall_erosivity" in {p.subject for p in account.about.problems if p.code == "P03"}


def summer_storms() -> xr.DataArray:
    """A year of days with 15, 30 and 50 mm in July and August."""
    rain = np.zeros((365, 1, 1))
    rain[[199, 200, 219], 0, 0] = 15.0, 30.0, 50.0
    return raster(rain, "mm").rename(month="day")


@pytest.mark.parametrize(
    ("option", "erosivity", "derivation"),
    [
        ("best", 519.6337917, "erosivity_of_daily_rain"),
        ("hj_half_month", 519.6337917, "erosivity_of_daily_rain"),
        ("zhang2002", 581.2559955, "erosivity_zhang_2002"),  # worked out in test_derivations
        ("annual", 0.0534 * 95**1.6548, "erosivity_of_annual_rain"),
    ],
)
def test_switch_erosivity_with_daily_rain(option, erosivity, derivation):
    account = soil(
        {"rainfall_erosivity": None, "precipitation": summer_storms()}, methods={SOIL: {"erosivity": option}}
    )
    assert per_hectare(account) == printed(POTENTIAL / 3000 * erosivity * 0.94)
    assert derivation in one(account, component="retained_soil").derivations
    assert one(account, component="retained_soil").is_estimated is (option in ("zhang2002", "annual"))


@pytest.mark.parametrize("option", ["hj_half_month", "zhang2002"])
def test_erosivity_of_the_standard_does_not_fall_back_to_annual_rain(option):
    account = soil(
        {"rainfall_erosivity": None, "precipitation": (500.0, "mm/year")}, methods={SOIL: {"erosivity": option}}
    )
    assert missing(account)[SOIL] == "no_input"
    detail = next(m.detail for m in account.about.missing if m.service == SOIL)
    assert "`rainfall_erosivity`" in detail
    assert "`daily_precipitation`" in detail
    assert not find(account, service=SOIL)


def test_erosivity_that_is_given_is_not_derived():
    account = soil({"precipitation": (500.0, "mm/year")})
    assert per_hectare(account) == printed(675.6447023)
    assert not {d for d in one(account, component="retained_soil").derivations if d.startswith("erosivity")}


TEXTURE = {
    "soil_sand": (40.0, "percent"),
    "soil_silt": (40.0, "percent"),
    "soil_clay": (20.0, "percent"),
    "soil_organic_carbon": (1.5, "percent"),
}


@pytest.mark.parametrize(("option", "erodibility"), [("hj_epic", 0.01586876185), ("epic_only", 0.03429989889)])
def test_switch_erodibility(option, erodibility):
    account = soil({"soil_erodibility": None, **TEXTURE}, methods={SOIL: {"erodibility": option}})
    assert per_hectare(account) == printed(675.6447023 / 0.03 * erodibility)


@pytest.mark.parametrize(("option", "length"), [("hj_1d", 1.696285357), ("step_m", (50 / 22.13) ** 0.5)])
def test_switch_slope_length(option, length):
    # a slope of 15 degrees is one of 26.8 %: the last step
    account = soil(methods={SOIL: {"slope_length": option}})
    assert per_hectare(account) == printed(3000 * 0.03 * length * 4.708137088 * 0.94)


@pytest.mark.parametrize(("practice", "kept"), [(None, 0.94), ((0.5, "1"), 0.97), ((50.0, "percent"), 0.97)])
def test_support_practice_is_none_unless_given(practice, kept):
    assert per_hectare(soil({"practice_factor": practice})) == printed(POTENTIAL * kept)


def test_switch_cover_and_practice_have_one_option():
    account = soil(methods={SOIL: {"cover": "hj_table", "practice": "none"}})
    assert per_hectare(account) == printed(675.6447023)


@pytest.mark.parametrize("terrain", ["refuse_coarse", "accept_coarse"])
def test_switch_terrain(terrain):
    # a plane of 15 degrees in cells of a kilometre: one cell of the study with all its neighbours
    cells = np.mgrid[:5, :5][1] * 1000 * math.tan(math.radians(15))
    elevation = raster(cells, "m", west=builders.WEST - 2000, north=builders.NORTH + 2000)
    account = soil({"slope": None, "elevation": elevation}, methods={SOIL: {"terrain": terrain}})
    if terrain == "refuse_coarse":
        assert missing(account)[SOIL] == "no_input"
        assert not find(account, service=SOIL)
        assert "G09" not in codes_of(account)
    else:
        assert per_hectare(account) == on_the_ground(675.6447023)
        assert "G09" in codes_of(account)
        assert SOIL not in missing(account)


def test_a_slope_length_of_the_study_comes_before_the_side_of_a_cell(tmp_path):
    cells = np.mgrid[:40, :40][1] * 50 * math.tan(math.radians(15))
    elevation = raster(cells, "m", cell=50.0, west=builders.WEST - 500, north=builders.NORTH + 500)
    own = own_coefficients(tmp_path, ("slope_length", "", 22.13, "m"))
    without = soil({"slope": None, "slope_length": None, "elevation": elevation})
    assert per_hectare(without) == on_the_ground(675.6447023)
    account = soil({"slope": None, "slope_length": None, "elevation": elevation}, coefficients={"own": own})
    assert per_hectare(account) == on_the_ground(675.6447023 / 1.696285357)  # L is 1
    assert "slope_length_of_cell" not in one(account, component="retained_soil").derivations


def test_a_cover_factor_of_the_study_comes_before_the_table(tmp_path):
    own = own_coefficients(tmp_path, ("cover_factor", "forest", 0.5, "1"))
    assert per_hectare(soil(coefficients={"own": own})) == printed(POTENTIAL * 0.5)


def test_the_physical_profile_has_soil_without_value():
    cover = row_of("evergreen_needleleaf", "green")
    account = account_of(SOIL, cover, soil_layers(cover), profile="hj1173-2021")
    # the standard has no bulk density and no contents: the soil alone can be said
    assert one(account, component="retained_soil", land_class="evergreen_needleleaf").quantity == printed(67564.47023)
    assert all(e.value is None for e in find(account, service=SOIL))


# together -------------------------------------------------------------------------------------------------------------


def test_a_gap_in_one_layer_takes_only_the_services_that_need_it():
    cover = row_of(*["evergreen_needleleaf"] * 6)

    def with_gap(value: float, unit: str, *cells: int) -> Any:
        values = np.full(cover.shape, value)
        values[0, list(cells)] = np.nan
        return raster(values, unit)

    layers = soil_layers(
        cover,
        rainfall_erosivity=with_gap(3000.0, EROSIVITY, 0),
        vegetation_cover=with_gap(0.4, "1", 1),
        net_primary_production=with_gap(600.0, NPP, 2),
        precipitation=with_gap(1200.0, "mm/year", 3),
        evapotranspiration=with_gap(700.0, "mm/year", 3),
        cooling_days=with_gap(30.0, "day/year", 4, 5),
        water_evaporation=(1.0, "m/year"),
    )
    account = account_of((SOIL, CARBON, CLIMATE, "water_retention"), cover, layers)
    cells = {"retained_soil": 4, "sediment": 4, "nitrogen": 4, "phosphorus": 4, "carbon_dioxide": 5, "transpiration": 4}
    for component, number in cells.items():
        assert one(account, component=component).coverage == approx(number / 6), component
    assert one(account, service="water_retention").coverage == approx(5 / 6)
    assert one(account, component="retained_soil").quantity == printed(4 * 67564.47023)
    assert one(account, component="carbon_dioxide").quantity == approx(5 * 0.25003 * 600 * 44 / 12)
    assert one(account, component="transpiration").quantity == approx(4 * 2837.27 * 30 / 3 * 1e6 / KWH)


def test_the_account_adds_up_the_services():
    cover = row_of("evergreen_needleleaf", "temperate_steppe", "lake")
    layers = {**soil_layers(cover), **water(cover), **everywhere(cover, net_primary_production=(600.0, NPP))}
    account = account_of(
        (SOIL, CARBON, CLIMATE), cover, layers, tables=days(z101=30), region="northeast", price_year=2019
    )
    by_hand = math.fsum(e.value for e in account.entries if e.value is not None)
    assert account.total() == approx(by_hand)
    assert {e.service for e in account.entries if e.value is not None} == {SOIL, CARBON, CLIMATE}
    assert not {SOIL, CARBON, CLIMATE} & missing(account).keys()


def test_cropland_counts_what_its_soil_fixes_if_the_study_says_how_much(tmp_path):
    """0.5 t C/(hm2 a) on 100 hm2 of dry land, straw returned: 50 t C, times 44/12."""
    cover = row_of("evergreen_needleleaf", "dryland")
    layers = everywhere(cover, net_primary_production=(400.0, NPP))
    assert {e.ecosystem for e in find(account_of(CARBON, cover, layers), service=CARBON)} == {"forest"}
    own = own_coefficients(tmp_path, ("carbon_rate", "cropland", 0.5, "t*carbon/(hm^2*year)"))
    account = account_of(CARBON, cover, layers, coefficients={"own": own})
    amounts_by_ecosystem = {e.ecosystem: e.quantity for e in find(account, service=CARBON)}
    assert amounts_by_ecosystem == {
        "forest": on_the_ground(0.25003 * 400 * 44 / 12),
        "cropland": on_the_ground(50 * 44 / 12),
    }


# figures that look wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("reservoir_cost", "", 611.0, "CNY/m^3", 2005), "published: 7.06"),
        (("reservoir_cost", "", 0.08, "CNY/m^3", 2005), "published: 7.06"),
    ],
)
def test_a_coefficient_unlike_every_published_one_is_asked_after(tmp_path, row, said):
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    account = account_of("water_retention", cover, layers, coefficients={"own": own_coefficients(tmp_path, row)})
    (problem,) = [p for p in account.about.problems if p.code == "C14"]
    assert (problem.severity, problem.subject) == ("warning", row[0])
    assert said in problem.allowed


@pytest.mark.parametrize("cost", [6110.0, 0.006])
def test_a_coefficient_a_hundred_times_beyond_every_published_one_is_an_error(tmp_path, cost):
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    own = own_coefficients(tmp_path, ("reservoir_cost", "", cost, "CNY/m^3", 2005))
    with pytest.raises(InputError, match="C14 error"):
        account_of("water_retention", cover, layers, coefficients={"own": own})


@pytest.mark.parametrize(
    "row",
    [("reservoir_cost", "", -7.0, "CNY/m^3", 2010), ("runoff_coefficient", "forest", 2.7, "1")],  # a share above one
)
def test_a_coefficient_that_cannot_be_is_an_error(tmp_path, row):
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    own = own_coefficients(tmp_path, row)
    with pytest.raises(InputError, match="C17"):
        account_of("water_retention", cover, layers, coefficients={"own": own})


def test_a_service_without_a_price_is_missing():
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, net_primary_production=(600.0, NPP))
    account = carbon(layers, cover, methods={CARBON: {"price_basis": "carbon"}})
    assert one(account, component="carbon_dioxide").value is None
    assert missing(account)[CARBON] == "no_coefficient"
    assert account.title() == "Sum of accounted services (partial)"


def test_ordinary_coefficients_are_not_asked_after(tmp_path):
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    own = own_coefficients(
        tmp_path, ("runoff_coefficient", "forest", 5.0, "percent"), ("reservoir_cost", "", 8.0, "CNY/m^3", 2020)
    )
    assert "C14" not in codes_of(account_of("water_retention", cover, layers, coefficients={"own": own}))


def test_an_area_larger_than_its_zone_is_asked_after():
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    for area, is_said in ((1.005, False), (1.02, True)):
        tables = {"lakes": statistics(("101", "lake_area/hulun", "quantity", area, "km^2"))}
        account = account_of("water_retention", cover, layers, tables=tables)
        assert ("T13" in codes_of(account)) is is_said
