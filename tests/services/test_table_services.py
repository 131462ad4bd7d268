"""Services whose quantities come from tables: coasts, noise, water supply, ecological energy."""

import csv
import json
import re

import pytest
from places import REFERENCE

from gep.core.catalog import ReportedComponent, UnitComponent, label
from gep.core.data import data_folder
from gep.core.units import same_dimension
from gep.inputs.items import item_units
from gep.services import SERVICES
from gep.services.coastal_protection import COASTAL_PROTECTION, COASTS, seawall_price_of_capital, seawall_spared
from gep.services.ecological_energy import ECOLOGICAL_ENERGY, generation_value
from gep.services.noise_attenuation import NOISE_ATTENUATION, barrier_spared, quiet_value
from gep.services.water_supply import (
    WATER_SUPPLY,
    agricultural_water_value,
    domestic_water_value,
    industrial_water_value,
    supplied_water,
    taken_water_value,
)
from gep.standards.coefficients import Coefficients, read_coefficients
from gep.standards.profile import load_profile

TABLE_SERVICES = (COASTAL_PROTECTION, NOISE_ATTENUATION, WATER_SUPPLY, ECOLOGICAL_ENERGY)


def components(service, **switches):
    return {c.id: c for c in service.components(service.settings(switches))}


def shipped(name, unit, profile="cas-2010"):
    return Coefficients([(), *load_profile(profile).tables]).lookup(name, year=2010).row.to(unit)


def is_shipped(name):
    return any(name in Coefficients([(), *load_profile(p).tables]).names for p in ("ndrc-2022", "cas-2010"))


@pytest.mark.parametrize("service", TABLE_SERVICES, ids=lambda s: s.id)
def test_what_is_declared_fits_together(service):
    assert SERVICES[service.id] is service
    for settings in [{}, *({name: option} for name, switch in service.switches.items() for option in switch.options)]:
        for name, component in components(service, **settings).items():
            assert label(name, "zh") != name
            assert isinstance(component, ReportedComponent | UnitComponent)
            assert (component.quantity, component.money.price) == component.money.value.arguments
            assert same_dimension(component.money.value.units[component.quantity], component.unit)
            assert same_dimension(component.money.value.returns, "CNY/year")
            total = component.total if isinstance(component, UnitComponent) else None
            assert same_dimension(total.returns if total else item_units()[component.extent], component.unit)
            for argument, unit in total.units.items() if total else ():
                assert argument == "per_year" or same_dimension(item_units()[argument], unit)
            assert component.money.pricing is None or component.money.pricing.returns == component.money.price_unit


@pytest.mark.shared
def test_vectors_are_those_of_the_reference():
    if not (REFERENCE / "methods.md").is_file():
        pytest.skip("the reference is not beside this checkout")
    (document,) = re.findall(
        r"## 14\..*?```json\n(.*?)```", (REFERENCE / "methods.md").read_text(encoding="utf-8"), re.DOTALL
    )
    vectors = {vector["id"]: vector for vector in json.loads(document)}
    coast, noise = vectors["R4.coastal"], vectors["R11.noise"]
    assert seawall_spared(coast["inputs"]["length_km"], coast["inputs"]["cost"]) == pytest.approx(
        coast["expected"]["V"], rel=1e-8
    )
    assert barrier_spared(noise["inputs"]["km"], noise["inputs"]["cost"]) == pytest.approx(
        noise["expected"]["V"], rel=1e-8
    )


# coasts ---------------------------------------------------------------------------------------------------------------


def test_r4_coastal():
    """methods.md, vector R4.coastal: 12.5 km at 2 000 000 CNY/(km a)."""
    assert seawall_spared(12.5, 2.0e6) == 2.5e7


def test_a_component_for_every_kind_of_coast():
    found = components(COASTAL_PROTECTION)
    assert tuple(found) == COASTS == ("mangrove", "salt_marsh", "seagrass", "reef", "natural_shore")
    assert {name: c.extent for name, c in found.items()} == {name: f"{name}_coast_length" for name in COASTS}


def test_switch_cost_basis():
    """A wall of 40 000 000 CNY/km that lasts 20 years and needs no upkeep: 2 000 000 CNY/(km a), or all of it in one
    year.
    """
    annual, capital = (components(COASTAL_PROTECTION, cost_basis=basis)["mangrove"] for basis in ("annual", "capital"))
    assert annual.money.pricing is None
    assert capital.money.pricing is seawall_price_of_capital
    price = capital.money.pricing(4.0e7, shipped("per_year", "1/year"))
    assert price == 4.0e7
    assert annual.money.value(12.5, 4.0e7 / 20) == 2.5e7
    assert capital.money.value(12.5, price) == 5.0e8
    assert annual.money.price == capital.money.price == "seawall_cost"


def test_a_sea_wall_has_no_published_price():
    assert not is_shipped("seawall_cost")
    assert not is_shipped("seawall_capital_cost")


# noise ----------------------------------------------------------------------------------------------------------------


def test_r11_noise():
    """methods.md, vector R11.noise: 30 km at 400 000 CNY/(km a)."""
    assert barrier_spared(30.0, 400_000.0) == 12_000_000.0


def test_switch_method_of_noise():
    """30 km of green belt at 400 000 CNY/(km a), or 500 dB(A) at a made-up 8 CNY/(dB(A) a)."""
    (belt,) = components(NOISE_ATTENUATION).values()
    (quiet,) = components(NOISE_ATTENUATION, method="decibel").values()
    assert (belt.extent, belt.unit, belt.money.value) == ("barrier_length", "km", barrier_spared)
    assert (quiet.extent, quiet.unit, quiet.money.value) == ("noise_reduction", "dBA", quiet_value)
    assert belt.money.value(30.0, 400_000.0) == 12_000_000.0
    assert quiet.money.value(500.0, 8.0) == 4000.0


def test_the_price_of_a_barrier_is_of_the_forest_standard():
    assert not is_shipped("noise_cost")
    assert not is_shipped("noise_price")
    (row,), problems = read_coefficients(data_folder() / "forest-gbt38582" / "noise_attenuation.csv")
    assert problems == []
    assert (row.name, row.value, row.unit, row.price_year, row.status) == (
        "noise_cost",
        400_000.0,
        "CNY/(km*year)",
        2005,
        "provisional",
    )


# water ----------------------------------------------------------------------------------------------------------------


def test_switch_method_of_water():
    uses = components(WATER_SUPPLY)
    assert {name: (c.extent, c.money.price) for name, c in uses.items()} == {
        "domestic": ("domestic_water_use", "domestic_water_price"),
        "industrial": ("industrial_water_use", "industrial_water_price"),
        "agricultural": ("agricultural_water_use", "agricultural_water_price"),
    }
    (balance,) = components(WATER_SUPPLY, method="balance").values()
    assert (balance.extent, balance.total, balance.money.price) == ("water_inflow", supplied_water, "water_price")
    assert {c.money.concept for c in (*uses.values(), balance)} == {"market"}
    # 10, 20 and 100 x 10⁶ m³ at 2.6, 3.6 and 0.07: 26 + 72 + 7 = 105 x 10⁶ CNY
    used = [
        uses[name].money.value(q, p)
        for name, q, p in (("domestic", 1e7, 2.6), ("industrial", 2e7, 3.6), ("agricultural", 1e8, 0.07))
    ]
    assert used == pytest.approx([2.6e7, 7.2e7, 7.0e6])
    # or what a lake leaves: 125 x 10⁶ m³ at a made-up 0.5 CNY/m³
    assert balance.money.value(balance.total(300e6, 50e6, 120e6, 90e6, 80e6, 95e6, 1.0), 0.5) == pytest.approx(62.5e6)


def test_the_balance_of_a_lake_by_hand():
    # in 10⁶ m³: 300 + 50 - 120 - 90 - (95 - 80)
    assert supplied_water(300.0, 50.0, 120.0, 90.0, 80.0, 95.0, 1.0) == 125.0
    # what is drawn from storage is supplied too
    assert supplied_water(300.0, 50.0, 120.0, 90.0, 95.0, 80.0, 1.0) == 155.0
    # figures that do not fit together show
    assert supplied_water(100.0, 0.0, 150.0, 20.0, 80.0, 80.0, 1.0) == -70.0


def test_published_baiyangdian():
    """Baiyangdian 2011: 0.98 x 10⁸ m³ at 0.5 CNY/m³ are printed as 0.49 x 10⁸ CNY."""
    assert taken_water_value(0.98e8, 0.5) == pytest.approx(0.49e8)


def test_published_garze_water():
    """Garzê 2010, table 3: printed 3.5400, 540.6113 and 1.2117 x 10⁸ CNY, of rounded quantities."""
    values = [
        domestic_water_value(1.36e8, shipped("domestic_water_price", "CNY/m^3")),
        industrial_water_value(150.17e8, shipped("industrial_water_price", "CNY/m^3")),
        agricultural_water_value(17.31e8, shipped("agricultural_water_price", "CNY/m^3")),
    ]
    assert values == pytest.approx([3.536e8, 540.612e8, 1.2117e8], rel=1e-12)
    assert values == pytest.approx([3.54e8, 540.6113e8, 1.2117e8], rel=2e-3)


# energy ---------------------------------------------------------------------------------------------------------------


def test_published_garze_energy():
    """Garzê 2010, table 3: 95.3 x 10⁸ kWh at 0.53 CNY/kWh are printed as 50.5090 x 10⁸ CNY."""
    (component,) = components(ECOLOGICAL_ENERGY).values()
    assert (component.extent, component.money.price, component.money.concept) == ("generation", "tariff", "market")
    assert generation_value(95.3e8, shipped("tariff", "CNY/kWh")) == pytest.approx(50.509e8, rel=1e-12)


@pytest.mark.shared
def test_prices_are_those_of_the_reference():
    folder = REFERENCE / "coefficients"
    if not folder.is_dir():
        pytest.skip("the reference is not beside this checkout")
    theirs = {}
    for file in ("07_water_purification.csv", "08_climate_regulation.csv", "12_pest_noise_coast_leisure.csv"):
        with (folder / file).open(encoding="utf-8") as lines:
            theirs |= {row["id"]: row for row in csv.DictReader(lines)}
    rows = {r.name: r for table in load_profile("cas-2010").tables for r in table}
    rows |= {r.name: r for r in read_coefficients(data_folder() / "forest-gbt38582" / "noise_attenuation.csv")[0]}
    for name, identifier in (
        ("domestic_water_price", "water.price.garze.domestic"),
        ("industrial_water_price", "water.price.garze.industrial"),
        ("agricultural_water_price", "water.price.garze.agricultural"),
        ("tariff", "elec.garze"),
        ("noise_cost", "noise.lyt1721"),
    ):
        reference = theirs[identifier]
        assert (rows[name].value, rows[name].price_year) == (float(reference["value"]), int(reference["price_year"])), (
            name
        )
        assert (rows[name].status == "verified") == (reference["confirmed"] == "yes"), name
