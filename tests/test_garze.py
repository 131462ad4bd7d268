"""The account of Garzê Prefecture for 2010 (doi 10.5846/stxb201607011362), valued again from its published quantities under `cas-2010`.

Each published value must lie within the interval that the printed digits of its quantity and price imply: the tolerance of identities.csv.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

import gep
from gep.account import Account
from gep.services.soil_retention import kept_nitrogen, kept_phosphorus, kept_sediment
from gep.units import convert

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "reference" / "published" / "ganzi_2010"
pytestmark = pytest.mark.shared

FLOWS = {
    "domestic water use": ("water_supply", "domestic", "wetland"),
    "industrial water use": ("water_supply", "industrial", "wetland"),
    "agricultural water use": ("water_supply", "agricultural", "wetland"),
    "hydropower generation": ("ecological_energy", "generation", "wetland"),
    "water conserved": ("water_retention", "retained_water", ""),
    "avoided sedimentation": ("soil_retention", "sediment", ""),
    "avoided N non-point pollution": ("soil_retention", "nitrogen", ""),
    "avoided P non-point pollution": ("soil_retention", "phosphorus", ""),
    "sand fixed": ("sand_fixation", "retained_sand", ""),
    "lake storage": ("flood_mitigation", "lake", "wetland"),
    "reservoir storage": ("flood_mitigation", "reservoir", "wetland"),
    "marsh storage": ("flood_mitigation", "marsh", "wetland"),
    "SO2 purified": ("air_purification", "so2", ""),
    "NOx purified": ("air_purification", "nox", ""),
    "industrial dust purified": ("air_purification", "dust", ""),
    "COD purified": ("water_purification", "cod", "wetland"),
    "NH3-N purified": ("water_purification", "nh3n", "wetland"),
    "carbon dioxide fixed": ("carbon_sequestration", "carbon_dioxide", ""),
    "oxygen released": ("oxygen_release", "oxygen", ""),
    "vegetation transpiration cooling": ("climate_regulation", "transpiration", ""),
    "water surface evaporation cooling": ("climate_regulation", "evaporation", "wetland"),
    "forest pest control area": ("pest_control", "pest_recovered_forest", "forest"),
    "grassland pest control area": ("pest_control", "pest_recovered_grassland", "grassland"),
    "visitors": ("tourism", "visits", ""),
}
"""What the paper's indicators are here: service, component, and the ecosystem that decides the price."""

BRANCHES = {
    "agricultural": "crop_products",
    "forestry": "forestry_products",
    "livestock": "livestock_products",
    "fishery": "fishery_products",
}
UNITS = {"1e8 m3": "亿m^3", "1e8 kWh": "亿kWh", "1e4 t": "万t", "t": "t", "1e8 t CO2": "亿t", "1e8 t O2": "亿t", "1e4 ha": "万hm^2"}
UNITS["1e4 person-visits"] = "万人次"


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    if not PUBLISHED.is_dir():
        pytest.skip("the published accounts are not beside this checkout")
    with (PUBLISHED / "table3_services.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tolerances() -> dict[str, float]:
    with (PUBLISHED / "identities.csv").open(encoding="utf-8") as file:
        return {row["identity_id"]: float(row["tolerance"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def account(table) -> Account:
    rows = []
    for row in table:
        if row["indicator"] in FLOWS:
            service, component, ecosystem = FLOWS[row["indicator"]]
            of = {"service": service, "component": component, "ecosystem": ecosystem}
            rows.append({**of, "quantity": float(row["quantity"]), "unit": UNITS[row["quantity_unit"]]})
        elif row["indicator"] == "net output value":
            branch = BRANCHES[row["service"].partition(" ")[0]]
            rows.append({"service": branch, "value": float(row["value"]), "unit": "亿元"})
    # the electricity that is printed for water surfaces holds the humidifier already
    of_water = {"climate_regulation": {"humidify": "off"}}
    return gep.account_of(rows, profile="cas-2010", year=2010, name="Garzê", methods=of_water)


def valued(account: Account, service: str, *components: str) -> float:
    """The value in 10^8 CNY of some components of a service, or of all."""
    return math.fsum(
        e.value for e in account.entries if e.service == service and e.value is not None and (not components or e.component in components)
    ) / convert(1, "亿元", "CNY")  # fmt: skip


def test_every_indicator_of_the_paper_is_here(table):
    printed = {row["indicator"] for row in table if row["quantity"]}
    assert printed == set(FLOWS)


@pytest.mark.parametrize("indicator", [name for name in FLOWS if name not in ("sand fixed", "visitors")])
def test_published_values(account, table, tolerances, indicator):
    service, component, _ = FLOWS[indicator]
    published = next(float(row["value"]) for row in table if row["indicator"] == indicator)
    assert valued(account, service, component) == pytest.approx(published, abs=tolerances[f"T3.qp.{indicator}"])


def test_sand_becomes_restored_area(account, table, tolerances):
    published = next(float(row["value"]) for row in table if row["indicator"] == "sand fixed")
    area = next(e.quantity for e in account.entries if e.component == "restored_area")
    assert area / 1e6 == pytest.approx(60.89, abs=0.005)  # km2, as the text prints
    assert valued(account, "sand_fixation", "restored_area") == pytest.approx(published, abs=tolerances["T3.qp.sand"])


def test_visits_at_the_value_that_the_paper_implies(account, table):
    """358.68e4 visits, known to 0.005e4, at 1970.2 CNY (70.6669e8 over the visits, rounded to a tenth)."""
    published = next(float(row["value"]) for row in table if row["indicator"] == "visitors")
    allowed = published * (0.005 / 358.68 + 0.05 / 1970.2)
    assert valued(account, "tourism") == pytest.approx(published, abs=allowed)


SERVICES = {
    "water resources": ("water_supply",), "hydropower": ("ecological_energy",), "water conservation": ("water_retention",),
    "soil retention": ("soil_retention",), "sandstorm prevention": ("sand_fixation",), "flood mitigation": ("flood_mitigation",),
    "air purification": ("air_purification",), "water purification": ("water_purification",),
    "carbon sequestration and oxygen release": ("carbon_sequestration", "oxygen_release"), "climate regulation": ("climate_regulation",),
    "pest control": ("pest_control",), "landscape recreation": ("tourism",), "agricultural products": ("crop_products",),
    "forestry products": ("forestry_products",), "livestock products": ("livestock_products",), "fishery products": ("fishery_products",),
}  # fmt: skip


def allowed_for(table: list[dict[str, str]], tolerances: dict[str, float], name: str) -> float:
    """Half of the last digit of the subtotal, and the tolerances of the products that make it."""
    parts = [row["indicator"] for row in table if row["service"] == name and row["quantity"]]
    of_sand_and_visits = {"sand fixed": tolerances["T3.qp.sand"], "visitors": 70.6669 * (0.005 / 358.68 + 0.05 / 1970.2)}
    return 0.005 + sum(of_sand_and_visits.get(part) or tolerances[f"T3.qp.{part}"] for part in parts)


@pytest.mark.parametrize("name", SERVICES)
def test_published_services(account, table, tolerances, name):
    published = next(float(row["value"]) for row in table if row["service"] == name and row["indicator"] == "service total")
    found = sum(valued(account, service) for service in SERVICES[name])
    assert found == pytest.approx(published, abs=allowed_for(table, tolerances, name))


def test_published_total(account, table, tolerances):
    allowed = 0.005 + sum(allowed_for(table, tolerances, name) for name in SERVICES)
    assert account.total() / 1e8 == pytest.approx(7545.59, abs=allowed)
    assert account.about.level == "verified"
    assert (account.title(), account.about.missing) == ("GEP of Garzê 2010", ())
    assert not any(e.is_provisional for e in account.entries)


def test_soil_makes_the_printed_sediment_and_nutrients(tolerances):
    """38.86e8 t of soil: 10.03e8 m3 of sediment, 1437.94e4 t of nitrogen, 419.72e4 t of phosphorus."""
    (soil,) = (row for row in [38.86])
    made = gep.account_of(
        [{"service": "soil_retention", "component": "retained_soil", "quantity": soil, "unit": "亿t"}], profile="cas-2010", year=2010
    )
    amounts = {e.component: e.quantity for e in made.entries}
    assert amounts["sediment"] / 1e8 == pytest.approx(10.03, abs=tolerances["X.soil.sed"])
    assert amounts["nitrogen"] / 1e4 == pytest.approx(1437.94, abs=tolerances["X.soil.N"])
    assert amounts["phosphorus"] / 1e4 == pytest.approx(419.72, abs=tolerances["X.soil.P"])
    assert {kept_sediment.name, kept_nitrogen.name, kept_phosphorus.name}  # the equations behind them are those of a run


def test_the_published_cooling_follows_from_its_areas(table):
    """Forest, shrubland and grassland of table 1 at the electricity per area that the profile has: 2799.10e8 kWh."""
    with (PUBLISHED / "table1_extent.csv").open(encoding="utf-8") as file:
        areas = {row["ecosystem_type"]: float(row["quantity"]) for row in csv.DictReader(file)}
    rows = gep.load_profile("cas-2010").tables[0]
    per_area = {row.ecosystem: row.value for row in rows if row.name == "transpiration_electricity"}
    total = sum(areas[name] * 1e6 * per_area[name] for name in ("forest", "shrub", "grassland")) / 1e8
    # half of the last digit of the coefficients (0.00005 of forest and shrubland, 0.0005 of grassland) on their areas
    allowed = (5e-5 * (areas["forest"] + areas["shrub"]) + 5e-4 * areas["grassland"]) * 1e6 / 1e8
    assert total == pytest.approx(2799.10, abs=allowed)
