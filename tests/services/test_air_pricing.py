"""Air purification: what is removed under each switch, fluoride, and the environmental protection tax as a price."""

import csv
import json
import re
from itertools import product

import pytest
from places import REFERENCE

from gep.core.catalog import CellComponent, ReportedComponent, label
from gep.core.data import data_folder
from gep.core.units import convert, same_dimension
from gep.inputs.items import item_units
from gep.services.air_purification import (
    AIR_PURIFICATION,
    capped,
    dust_tax_price,
    fluoride_capacity,
    fluoride_tax_price,
    fluoride_treatment_cost,
    nox_tax_price,
    so2_capacity,
    so2_tax_price,
    so2_treatment_cost,
)
from gep.standards.coefficients import Coefficients, read_coefficients
from gep.standards.profile import load_profile

TAGS = {"so2": "SO2", "nox": "NOx", "dust": "dust", "fluoride": "fluoride"}


def components(**switches):
    return {c.id: c for c in AIR_PURIFICATION.components(AIR_PURIFICATION.settings(switches))}


def shipped(region=""):
    coefficients = Coefficients([(), *load_profile("ndrc-2022").tables])
    return lambda name, unit: coefficients.lookup(name, region=region, year=2020).row.to(unit)


def tax_price(pollutant, region=""):
    pricing = components(price="pollution_tax")[pollutant].money.pricing
    find = shipped(region)
    return pricing(**{name: find(name, unit) for name, unit in pricing.units.items()})


def test_r6_air():
    """methods.md, vector R6.air, through the components: 88.65 kg/(hm² a) on 10 km², 60 t emitted, 1200 CNY/t."""
    inputs, expected = (
        {"q": 88.65, "A_km2": 10.0, "emission": 60.0, "price": 1200.0},
        {"capped": 72_000.0, "capacity": 106_380.0},
    )
    for amount, value in expected.items():
        component = components(amount=amount)["so2"]
        quantity = convert(component.density(inputs["q"]) * inputs["A_km2"], "kg*SO2/(hm^2*year)*km^2", component.unit)
        assert quantity == pytest.approx(88.65, rel=1e-8)
        quantity = float(capped(quantity, inputs["emission"])) if component.limit else quantity
        assert component.money.value(quantity, inputs["price"]) == pytest.approx(value, rel=1e-8)


@pytest.mark.shared
def test_the_vector_is_that_of_the_reference():
    if not (REFERENCE / "methods.md").is_file():
        pytest.skip("the reference is not beside this checkout")
    (document,) = re.findall(
        r"## 14\..*?```json\n(.*?)```", (REFERENCE / "methods.md").read_text(encoding="utf-8"), re.DOTALL
    )
    (air,) = (v for v in json.loads(document) if v["id"] == "R6.air")
    capacity = convert(
        so2_capacity(air["inputs"]["q_kg_hm2"]) * air["inputs"]["A_km2"], "kg*SO2/(hm^2*year)*km^2", "t*SO2/year"
    )
    assert so2_treatment_cost(capacity, air["inputs"]["price"]) == pytest.approx(
        air["expected"]["V_capacity"], rel=1e-8
    )
    assert capped(capacity, air["inputs"]["emission_t"]) == air["expected"]["Q_t"]


@pytest.mark.parametrize(
    ("amount", "kind", "extent", "limit"),
    [
        ("capped", CellComponent, None, "{}_emission"),
        ("capacity", CellComponent, None, None),
        ("emission", ReportedComponent, "{}_emission", None),
    ],
)
def test_switch_amount(amount, kind, extent, limit):
    """What is emitted is removed: an extent of the tables, without an equation. 60 t at 1200 CNY/t are 72 000 CNY."""
    found = components(amount=amount)
    assert list(found) == ["so2", "nox", "dust", "fluoride"]
    for name, component in found.items():
        assert isinstance(component, kind)
        assert getattr(component, "extent", None) == (extent and extent.format(name))
        assert getattr(component, "limit", None) == (limit and limit.format(name))
    assert components(amount="emission")["so2"].money.value(60.0, 1200.0) == 72_000.0


def test_published_garze():
    """Garzê 2010 takes what is emitted as removed: 1137 t SO2, 2772 t NOx and 941 t of dust at 1200, 630 and
    150 CNY/t.
    """
    find = shipped()
    found = components(amount="emission")
    values = [
        found[name].money.value(amount, find(f"{name}_cost", f"CNY/(t*{TAGS[name]})"))
        for name, amount in (("so2", 1137.0), ("nox", 2772.0), ("dust", 941.0))
    ]
    assert values == pytest.approx([1_364_400.0, 1_746_360.0, 141_150.0])


def test_what_is_declared_fits_together():
    for amount, price in product(("capped", "capacity", "emission"), ("treatment_cost", "pollution_tax")):
        for name, component in components(amount=amount, price=price).items():
            assert component.unit == f"t*{TAGS[name]}/year"
            assert same_dimension(item_units()[f"{name}_emission"], component.unit)
            assert (component.quantity, component.money.price) == component.money.value.arguments
            assert component.money.pricing is None or component.money.pricing.returns == component.money.price_unit
            assert component.money.concept == ("tax_or_fee" if price == "pollution_tax" else "replacement_cost")
            assert label(name, "zh") != name
            assert label(f"{name}_cap", "zh") != f"{name}_cap"


# tax ------------------------------------------------------------------------------------------------------------------


def test_tax_prices_by_hand():
    # 1.2 CNY per equivalent of 0.95 kg: 1.2 / 0.00095 CNY/t
    assert so2_tax_price(1.2, 0.00095) == pytest.approx(1263.157895, rel=1e-9)
    assert nox_tax_price(1.2, 0.00095) == pytest.approx(1263.157895, rel=1e-9)
    assert dust_tax_price(1.2, 0.004) == pytest.approx(300.0)
    assert fluoride_tax_price(1.2, 0.00087) == pytest.approx(1379.310345, rel=1e-9)


def test_an_equivalent_is_given_in_kilograms():
    price = so2_tax_price.at(
        air_tax_rate="1.2 CNY/pollution_equivalent", so2_equivalent="0.95 kg*SO2/pollution_equivalent"
    )
    assert price.value == pytest.approx(1263.157895, rel=1e-9)
    assert price.to("CNY/(kg*SO2)").magnitude == pytest.approx(1.263157895, rel=1e-9)


@pytest.mark.parametrize(
    ("pollutant", "region", "price"),
    [
        ("so2", "", 1.2 / 0.95 * 1000),
        ("dust", "", 300.0),
        ("so2", "beijing", 12 / 0.95 * 1000),
        ("nox", "inner_mongolia", 2.4 / 0.95 * 1000),
        ("dust", "sichuan", 975.0),  # 3.9 CNY and 4 kg
        ("so2", "no_such_province", 1.2 / 0.95 * 1000),  # the lowest rate that the law allows
    ],
)
def test_switch_price(pollutant, region, price):
    """60 t of sulphur dioxide: 72 000 CNY by what treatment costs; by the lowest tax 60 x 1263.157895 = 75
    789.47 CNY.
    """
    assert components()[pollutant].money.pricing is None
    assert tax_price(pollutant, region) == pytest.approx(price, rel=1e-12)
    if (pollutant, region) == ("so2", ""):
        component = components(price="pollution_tax")["so2"]
        assert component.money.value(60.0, tax_price("so2")) == pytest.approx(75_789.47368, rel=1e-9)
        assert components()["so2"].money.value(60.0, 1200.0) == 72_000.0


@pytest.mark.shared
def test_rates_and_equivalents_are_those_of_the_reference():
    path = REFERENCE / "coefficients" / "06_air_purification.csv"
    if not path.is_file():
        pytest.skip("the reference is not beside this checkout")
    with path.open(encoding="utf-8") as file:
        theirs = {row["id"]: row for row in csv.DictReader(file)}
    rows = {(r.name, r.region): r for table in load_profile("ndrc-2022").tables for r in table}
    law = theirs["air.tax.rate"]
    national = rows["air_tax_rate", ""]
    assert (national.value, national.low, national.high, national.price_year) == (
        float(law["value"]),
        float(law["low"]),
        float(law["high"]),
        int(law["price_year"]),
    )
    provinces = {region: row for (name, region), row in rows.items() if name == "air_tax_rate" and region}
    for region, row in provinces.items():
        reference = theirs[f"air.tax.prov.{region}"]
        assert (row.value, row.price_year, row.status) == (
            float(reference["value"]),
            int(reference["price_year"]),
            "provisional",
        ), region
    # two provinces tax dust otherwise than sulphur dioxide: one rate for all would be wrong there
    left_out = {identifier.split(".")[-1] for identifier in theirs if identifier.startswith("air.tax.prov.")} - set(
        provinces
    )
    assert left_out == {"shandong", "hubei"}
    for name in ("so2", "nox", "dust"):
        assert rows[f"{name}_equivalent", ""].value == float(theirs[f"air.tax.equiv.{name}"]["value"])


# fluoride -------------------------------------------------------------------------------------------------------------


def test_fluoride_by_hand():
    # 4.65 kg/(hm² a) on 10 km² = 1000 hm²: 4.65 t, at 0.69 CNY/kg 3208.5 CNY
    quantity = convert(fluoride_capacity(4.65) * 10, "kg*fluoride/(hm^2*year)*km^2", "t*fluoride/year")
    assert quantity == pytest.approx(4.65)
    assert fluoride_treatment_cost(quantity, convert(0.69, "CNY/(kg*fluoride)", "CNY/(t*fluoride)")) == pytest.approx(
        3208.5
    )


def test_fluoride_is_a_substance_of_its_own():
    assert same_dimension("kg*fluoride/hm^2", "t*fluoride/km^2")
    assert not same_dimension("t*fluoride", "t*SO2")
    assert not same_dimension("t*fluoride", "t")


def test_fluoride_is_of_the_forest_standard():
    """No row of it in the national list; those of the forest standard are recalled."""
    assert not {row.name for table in load_profile("ndrc-2022").tables for row in table} & {
        "fluoride_uptake",
        "fluoride_cost",
    }
    rows, problems = read_coefficients(data_folder() / "forest-gbt38582" / "air_purification.csv")
    assert problems == []
    found = {(r.name, r.land_class): (r.value, r.status) for r in rows if r.name.startswith("fluoride")}
    assert found == {
        ("fluoride_uptake", "broadleaf"): (4.65, "provisional"),
        ("fluoride_uptake", "needleleaf"): (0.5, "provisional"),
        ("fluoride_cost", ""): (0.69, "provisional"),
    }
