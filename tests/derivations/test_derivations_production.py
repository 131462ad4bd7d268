"""Net primary production from light (CASA) and from dry matter: cells worked by hand, an independent computation, and
the way through a study.
"""

from __future__ import annotations

import calendar
import math
from typing import Any

import numpy as np
import pytest
from builders import (
    DRYLAND,
    FOREST,
    SAVANNA,
    block,
    by_shipped,
    constant,
    make_study,
    one,
    own_coefficients,
    raster,
    rows_of,
    zones,
)

from gep.derivations.vegetation import (
    monthly_absorption_by_line,
    monthly_absorption_by_two_indices,
    monthly_growth_by_water,
    production_of_dry_matter,
    production_of_light,
    share_of_production,
    temperature_of_peak,
)
from gep.engine.steps import summed_inputs
from gep.plan.planner import make_plan
from gep.plan.wiring import Computed, Input

# light taken up -------------------------------------------------------------------------------------------------------


def test_fpar_by_a_line_in_ndvi():
    ndvi = np.array([[0.5], [0.9], [0.05], [0.075], [0.0751], [-0.3], [0.0]] + [[np.nan]] * 5)
    found = by_shipped(monthly_absorption_by_line, monthly_ndvi=ndvi)[:, 0]
    assert found[:7] == pytest.approx([0.5361, 0.9, 0, 0, 1.16 * 0.0751 - 0.0439, 0, 0])
    assert np.isnan(found[7:]).all()


def test_fpar_as_the_mean_of_two_indices():
    """NDVI 0.5 between 0 and 0.8: f = 0.001 + 0.949 x 5/8 and, for SR 3 between 1 and 9, 0.001 + 0.949 x 2/8."""
    limits = {"lowest_ndvi": 0.0, "highest_ndvi": 0.8}
    found = by_shipped(monthly_absorption_by_two_indices, monthly_ndvi=np.array([0.5, 0.0, 0.8, -0.2, 0.99]), **limits)
    assert found == pytest.approx([(0.594125 + 0.23825) / 2, 0.001, 0.95, 0.001, 0.95], rel=1e-12)


def test_greener_never_takes_up_less():
    ndvi = np.linspace(-0.3, 0.99, 500)
    for found in (
        by_shipped(monthly_absorption_by_line, monthly_ndvi=ndvi),
        by_shipped(monthly_absorption_by_two_indices, monthly_ndvi=ndvi, lowest_ndvi=0.05, highest_ndvi=0.85),
    ):
        assert (np.diff(found) >= 0).all()
        assert found.min() >= 0
        assert found.max() <= 0.95


# what limits growth ---------------------------------------------------------------------------------------------------


def test_the_best_temperature_is_that_of_the_greenest_month():
    ndvi, warmth = np.full((12, 3), 0.2), np.arange(12.0)[:, None] + [[270.0, 280.0, 290.0]]
    ndvi[6, 0], ndvi[3:5, 1] = 0.7, 0.6
    ndvi[2, 2] = np.nan
    with np.errstate(invalid="ignore"):
        found = temperature_of_peak(ndvi, warmth)
    assert found[:2].tolist() == [276.0, 283.5]  # the mean of months that share the highest
    assert np.isnan(found[2])
    assert temperature_of_peak(np.array([[0.2], [0.7], [0.5]]), np.array([[280.0], [290.0], [300.0]])).tolist() == [
        290.0
    ]


def test_water_stress_runs_from_a_half_to_one():
    actual = np.array([30.0, 0.0, 60.0, 70.0, -5.0, 4.0, np.nan, 30.0])
    potential = np.array([60.0, 60.0, 60.0, 60.0, 60.0, 0.0, 60.0, np.nan])
    found = by_shipped(
        monthly_growth_by_water, monthly_evapotranspiration=actual, monthly_potential_evapotranspiration=potential
    )
    assert found[:6].tolist() == [0.75, 0.5, 1, 1, 0.5, 0.5]
    assert np.isnan(found[6:]).all()


# the model ------------------------------------------------------------------------------------------------------------

ZERO = 273.15
EVEN = {
    "monthly_solar_radiation": np.full((12, 1), 15.0),
    "monthly_length": np.full((12, 1), 30.0),
    "monthly_light_absorption": np.full((12, 1), 0.5),
    "monthly_water_stress": np.full((12, 1), 0.8),
    "monthly_air_temperature": np.full((12, 1), 20.0 + ZERO),
    "optimum_temperature": np.array([20.0 + ZERO]),
    "light_use_efficiency": 0.5,
}


def casa(**changes: Any) -> float:
    return float(by_shipped(production_of_light, **{**EVEN, **changes})[0])


def test_casa_worked_by_hand():
    """12 x 15 x 30 x 0.5 x 0.5 x 0.8 x 0.5 = 540 times T1 = 0.8 + 0.4 - 0.2 = 1 and T2 = 1.1814 / (1.135335 x 1.049787)
    = 0.991224.
    """
    assert casa() == pytest.approx(535.26, abs=0.005)
    assert casa() == pytest.approx(540 * 1.1814 / ((1 + math.exp(-2)) * (1 + math.exp(-3))), rel=1e-9)


def test_a_best_temperature_away_from_20_degrees_costs_production():
    at_10 = casa(optimum_temperature=np.array([10.0 + ZERO]), monthly_air_temperature=np.full((12, 1), 10.0 + ZERO))
    assert at_10 / casa() == pytest.approx(0.8 + 0.2 - 0.05, rel=1e-9)


@pytest.mark.parametrize("away", [10, -13])
def test_growth_is_halved_where_the_source_says(away):
    """About half where a month is 10 degrees too warm or 13 too cold (doi 10.5846/stxb201512162511)."""
    found = casa(monthly_air_temperature=np.full((12, 1), 20.0 + away + ZERO)) / casa()
    assert found == pytest.approx(0.5, abs=0.1)


def test_nothing_grows_at_10_degrees_of_frost():
    cold = np.full((12, 1), -9.9 + ZERO)
    assert casa(monthly_air_temperature=cold) > 0
    assert casa(monthly_air_temperature=cold - 0.1) == 0
    assert math.isnan(casa(monthly_air_temperature=np.full((12, 1), np.nan)))


def casa_in_plain_python(solar, days, taken_up, water, warmth, best, efficiency):
    """The model as chen-j-2017 prints it, month by month, temperatures in degrees Celsius."""
    total = 0.0
    for month in range(12):
        if warmth[month] <= -10:
            continue
        t1 = 0.8 + 0.02 * best - 0.0005 * best**2
        t2 = 1.1814 / (
            (1 + math.exp(0.2 * (best - 10 - warmth[month]))) * (1 + math.exp(0.3 * (-best - 10 + warmth[month])))
        )
        total += solar[month] * days[month] * 0.5 * taken_up[month] * t1 * t2 * water[month] * efficiency
    return total


def test_casa_by_an_independent_computation():
    draw = np.random.default_rng(7)
    n = 50
    solar, taken_up, water = draw.uniform(2, 30, (12, n)), draw.uniform(0, 0.95, (12, n)), draw.uniform(0.5, 1, (12, n))
    warmth, best, efficiency = draw.uniform(-25, 35, (12, n)), draw.uniform(5, 30, n), draw.uniform(0.3, 1.7, n)
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31.0])[:, None]
    found = by_shipped(
        production_of_light,
        monthly_solar_radiation=solar,
        monthly_length=days,
        monthly_light_absorption=taken_up,
        monthly_water_stress=water,
        monthly_air_temperature=warmth + ZERO,
        optimum_temperature=best + ZERO,
        light_use_efficiency=efficiency,
    )
    expected = [
        casa_in_plain_python(solar[:, i], days[:, 0], taken_up[:, i], water[:, i], warmth[:, i], best[i], efficiency[i])
        for i in range(n)
    ]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("forest/evergreen_needleleaf", 1.008),  # doi 10.5846/stxb201511012207, section 2.1
        ("forest/deciduous_broadleaf", 1.044),
        ("shrub/sparse", 0.768),
        ("grassland/temperate_steppe", 0.608),
        ("cropland/dryland", 0.604),
        ("desert/bare", 0.389),
        ("wetland/marsh", 1.667),  # doi 10.5846/stxb201512162511, abstract
        ("forest/mixed", None),  # not printed: a study input
        ("wetland/lake", None),
        ("urban/green", None),
    ],
)
def test_light_use_efficiencies_are_those_printed(where, value):
    ecosystem, _, land_class = where.partition("/")
    found = rows_of().lookup("light_use_efficiency", ecosystem, land_class)
    assert (found.row.value if found else None) == value


# dry matter -----------------------------------------------------------------------------------------------------------


def test_r8_alpha_drymatter():
    """1000 t dry matter, alpha 0.2: 88.889 t C, 325.926 t CO2 (methods.md, vector R8.alpha_drymatter)."""
    carbon = share_of_production(float(by_shipped(production_of_dry_matter, dry_matter_production=1000.0)), 0.2)
    assert carbon == pytest.approx(88.88888889, rel=1e-9)
    assert carbon * 44 / 12 == pytest.approx(325.9259259, rel=1e-9)


# through a study ------------------------------------------------------------------------------------------------------

SHAPE = (3, 4)
COUNTY = zones(block(0, 0, 4, 3))
M2 = SHAPE[0] * SHAPE[1] * 1e6
ALPHA = {"carbon_sequestration": {"carbon": "npp_alpha"}}


def monthly(value: Any, unit: str, shape: tuple[int, int] = SHAPE) -> Any:
    return raster(np.broadcast_to(np.asarray(value, dtype=float).reshape(-1, 1, 1), (12, *shape)).copy(), unit)


def production(layers: dict[str, Any], cover: int = FOREST, **more: Any) -> Any:
    """Net primary production in g C/m2 that stands behind the carbon of a study, with the entry: NEP is the shipped
    share of it.
    """
    account = make_study(
        np.full(SHAPE, cover), layers, COUNTY, of=("carbon_sequestration",), methods=ALPHA, **more
    ).run()
    entry = one(account, service="carbon_sequestration")
    return entry.quantity * 1e6 / M2 * 12 / 44 / 0.25003, entry


NDVI = [0.1, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1]
WARMTH = [-20.0, -15.0, -5.0, 4.0, 12.0, 17.0, 20.0, 18.0, 11.0, 3.0, -8.0, -17.0]
SOLAR = [5.0, 8.0, 12.0, 16.0, 19.0, 21.0, 20.0, 17.0, 13.0, 9.0, 6.0, 4.0]


def casa_layers(**changes: Any) -> dict[str, Any]:
    given = {
        "monthly_ndvi": monthly(NDVI, "1"),
        "monthly_air_temperature": monthly(WARMTH, "degC"),
        "monthly_solar_radiation": monthly(SOLAR, "MJ/(m^2*day)"),
        "monthly_evapotranspiration": monthly(30.0, "mm"),
        "monthly_potential_evapotranspiration": monthly(60.0, "mm"),
        "precipitation": constant(500, "mm/year", SHAPE),
        **changes,
    }
    return {name: layer for name, layer in given.items() if layer is not None}


def expected_casa(efficiency: float, taken_up: list[float] | None = None) -> float:
    lengths = [calendar.monthrange(2019, month)[1] for month in range(1, 13)]
    by_line = [min(1.16 * v - 0.0439, 0.9) if v > 0.075 else 0.0 for v in NDVI]
    return casa_in_plain_python(SOLAR, lengths, taken_up or by_line, [0.75] * 12, WARMTH, 20.0, efficiency)


def test_casa_through_a_study():
    found, entry = production(casa_layers())
    assert found == pytest.approx(expected_casa(1.008), rel=1e-9)
    assert {
        "production_of_light",
        "monthly_absorption_by_line",
        "monthly_growth_by_water",
        "temperature_of_peak",
    } < set(entry.derivations)


def test_radiation_in_watts_is_the_same():
    watts = monthly([v * 1e6 / 86400 for v in SOLAR], "W/m^2")
    assert production(casa_layers(monthly_solar_radiation=watts))[0] == pytest.approx(expected_casa(1.008), rel=1e-9)


def test_limits_of_the_class_change_what_is_taken_up(tmp_path):
    own = own_coefficients(tmp_path, ("lowest_ndvi", "forest", 0.0, "1"), ("highest_ndvi", "forest", 0.8, "1"))
    found, entry = production(casa_layers(), coefficients={"own": own})
    taken_up = [0.001 + 0.949 * (v / 0.8 + ((1 + v) / (1 - v) - 1) / 8) / 2 for v in NDVI]
    assert found == pytest.approx(expected_casa(1.008, taken_up), rel=1e-9)
    assert "monthly_absorption_by_two_indices" in entry.derivations


def test_what_is_given_comes_first_and_the_climate_last():
    given = {
        "net_primary_production": constant(400, "g*carbon/(m^2*year)", SHAPE),
        "dry_matter_production": constant(9, "t*dry_matter/hm^2/year", SHAPE),
    }
    assert production(casa_layers(**given))[0] == pytest.approx(400, rel=1e-9)
    del given["net_primary_production"]
    found, entry = production(casa_layers(**given))
    assert found == pytest.approx(900 * 72 / 162, rel=1e-9)
    assert "production_of_dry_matter" in entry.derivations
    found, entry = production(casa_layers(monthly_evapotranspiration=None))  # without water data: no CASA
    assert "production_of_climate" in entry.derivations
    mean = sum(WARMTH) / 12
    miami = min(3000 / (1 + math.exp(1.315 - 0.119 * mean)), 3000 * (1 - math.exp(-0.000664 * 500))) * 72 / 162
    assert found == pytest.approx(miami, rel=1e-9)


def test_a_class_without_light_use_efficiency_takes_the_climate(tmp_path):
    """Of two classes in one city the one that lacks a number for the model keeps the equation that asks for none."""
    own = own_coefficients(tmp_path, ("nep_ratio", "cropland", 0.25003, "1"))
    known, entry = production(casa_layers(), SAVANNA)
    assert known == pytest.approx(expected_casa(0.608), rel=1e-9)
    assert "production_of_light" in entry.derivations
    account = make_study(
        np.full(SHAPE, DRYLAND),
        casa_layers(),
        COUNTY,
        of=("carbon_sequestration",),
        methods=ALPHA,
        coefficients={"own": own},
        scheme_map={DRYLAND: "forest/mixed"},
    ).run()
    assert "production_of_climate" in one(account, service="carbon_sequestration").derivations


def test_no_sum_is_kept_of_months():
    study = make_study(np.full(SHAPE, FOREST), casa_layers(), COUNTY, of=("carbon_sequestration",), methods=ALPHA)

    def names(node: Input) -> set[str]:
        return {node.name}.union(*(names(part) for part in node.inputs)) if isinstance(node, Computed) else {node.name}

    flows = [flow for flow in make_plan(study.inputs).plan.flows if "light_use_efficiency" in names(flow.node)]
    assert flows
    for flow in flows:
        assert {"monthly_light_absorption", "monthly_water_stress", "monthly_ndvi"} < names(flow.node)
        summed = {node.name for node in summed_inputs(flow.node)}
        assert {"optimum_temperature", "net_primary_production"} < summed
        assert not [name for name in summed if name.startswith("monthly_")]


@pytest.mark.parametrize("month", [0, 6])
def test_a_missing_month_makes_the_cell_missing(month):
    layers = casa_layers()
    layers["monthly_ndvi"].values[month, 1, 2] = np.nan
    account = make_study(np.full(SHAPE, FOREST), layers, COUNTY, of=("carbon_sequestration",), methods=ALPHA).run()
    entry = one(account, service="carbon_sequestration")
    assert entry.quantity * 1e6 / (M2 - 1e6) * 12 / 44 / 0.25003 == pytest.approx(expected_casa(1.008), rel=1e-9)
