"""Soil retention, carbon, oxygen and climate regulation: the vectors, every switch, and which input each class takes,
through small accounts.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import builders
import numpy as np
import pytest
import xarray as xr
from builders import block, codes_of, constant, find, missing, one, own_coefficients, raster, statistics, zones

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

CLASSES = {
    1: "forest/evergreen_needleleaf",
    2: "grassland/temperate_steppe",
    3: "cropland/dryland",
    4: "wetland/lake",
    5: "wetland/marsh",
    6: "cropland/paddy",
    7: "urban/green",
    8: "desert/gobi",
    9: "shrub/open",
    10: "cropland/shrub_orchard",
    11: "wetland/reservoir",
}
CODE = {where.partition("/")[2]: code for code, where in CLASSES.items()}
make_study = partial(builders.make_study, scheme_map=CLASSES)

SOIL, CARBON, OXYGEN, CLIMATE = "soil_retention", "carbon_sequestration", "oxygen_release", "climate_regulation"

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


def printed(value: Any) -> Any:
    """Equal to the digits that the vectors print."""
    return pytest.approx(value, rel=1e-9)


def on_the_ground(value: Any) -> Any:
    """Equal but for the projection of the grid, whose metres are those of the ground to better than one in a
    million.
    """
    return pytest.approx(value, rel=1e-6)


def approx(value: Any) -> Any:
    """Equal but for rounding: the area of a cell is known to a few parts in 10^12."""
    return pytest.approx(value, rel=2e-11)


def row_of(*classes: str) -> Any:
    """Land cover in one row of square kilometres."""
    return np.array([[CODE[name] for name in classes]], dtype=np.uint8)


def everywhere(cover: Any, **layers: tuple[float, str]) -> dict[str, Any]:
    """The same number of every layer on all cells."""
    return {name: constant(*pair, cover.shape) for name, pair in layers.items()}


def widened(values: Any) -> Any:
    """With a column more in the east, outside every county: the side of a cell cannot be told from one cell."""
    return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, 1)], mode="edge")


def widened_layer(layer: xr.DataArray) -> xr.DataArray:
    wide = raster(widened(layer.values), layer.attrs["units"])
    return wide.rename(dict(zip(wide.dims, layer.dims, strict=True)))


def account_of(
    service: str | tuple[str, ...], cover: Any, layers: dict[str, Any], counties: Any = None, **more: Any
) -> Account:
    rows, cols = cover.shape
    counties = zones(block(0, 0, cols, rows)) if counties is None else counties
    given = {name: widened_layer(layer) if layer.shape[-2:] == cover.shape else layer for name, layer in layers.items()}
    of = (service,) if isinstance(service, str) else service
    return make_study(widened(cover), given, counties, of=of, **more).run()


def amounts(account: Account, component: str) -> dict[str, float | None]:
    return {e.land_class: e.quantity for e in find(account, component=component)}


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


ONE_FOREST = row_of("evergreen_needleleaf")


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


KWH = 3600.0
"""kJ per kWh."""


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


# carbon sequestration -------------------------------------------------------------------------------------------------


def carbon(layers: dict[str, Any], cover: Any = ONE_FOREST, **more: Any) -> Account:
    return account_of(CARBON, cover, layers, **more)


NEP, NPP, DRY = "g*carbon/(m^2*year)", "g*carbon/(m^2*year)", "g*dry_matter/(m^2*year)"


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

TEN_FORESTS_AND_A_LAKE = row_of(*["evergreen_needleleaf"] * 10, "lake")


def days(**by_zone: float) -> dict[str, Any]:
    """Cooling days by zone: days(z101=90)."""
    rows = [(zone.removeprefix("z"), "cooling_days", "quantity", number, "day") for zone, number in by_zone.items()]
    return {"statistics": statistics(*rows)}


def climate(layers: dict[str, Any], cover: Any = TEN_FORESTS_AND_A_LAKE, **more: Any) -> Account:
    return account_of(CLIMATE, cover, layers, **more)


def water(cover: Any = TEN_FORESTS_AND_A_LAKE) -> dict[str, Any]:
    return everywhere(cover, water_evaporation=(1.0, "m/year"))


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
        (("runoff_coefficient", "forest", 2.7, "1"), "published: 0 to 0.192"),  # a share above one
        (("reservoir_cost", "", 6110.0, "CNY/m^3", 2005), "published: 7.06"),
        (("reservoir_cost", "", 0.006, "CNY/m^3", 2005), "published: 7.06"),
    ],
)
def test_a_coefficient_unlike_every_published_one_is_asked_after(tmp_path, row, said):
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    account = account_of("water_retention", cover, layers, coefficients={"own": own_coefficients(tmp_path, row)})
    (problem,) = [p for p in account.about.problems if p.code == "C14"]
    assert (problem.severity, problem.subject) == ("warning", row[0])
    assert said in problem.allowed


def test_a_negative_coefficient_is_an_error_where_no_published_one_is(tmp_path):
    cover = row_of("evergreen_needleleaf")
    layers = everywhere(cover, precipitation=(500.0, "mm/year"), evapotranspiration=(300.0, "mm/year"))
    own = own_coefficients(tmp_path, ("reservoir_cost", "", -7.0, "CNY/m^3", 2010))
    with pytest.raises(InputError, match="C14"):
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
