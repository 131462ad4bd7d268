"""Water purification: what wetlands remove, up to what is discharged."""

import csv
import json
import re
from itertools import product

import pytest
from places import REFERENCE

from gep.core.catalog import CellComponent, ReportedComponent, label
from gep.core.units import convert, same_dimension
from gep.inputs.items import item_units
from gep.services import SERVICES
from gep.services.air_purification import capped
from gep.services.water_purification import (
    WATER_PURIFICATION,
    cod_capacity,
    cod_treatment_cost,
    nh3n_capacity,
    nh3n_treatment_cost,
    tn_capacity,
    tn_treatment_cost,
    tp_capacity,
    tp_treatment_cost,
)
from gep.standards.coefficients import Coefficients
from gep.standards.profile import load_profile

TAGS = {"cod": "COD", "nh3n": "NH3_N", "tn": "nitrogen", "tp": "phosphorus"}


def components(**switches):
    return {c.id: c for c in WATER_PURIFICATION.components(WATER_PURIFICATION.settings(switches))}


def on_wetland(rate, tag, square_kilometres):
    """t a year of a rate in t/(km² a)."""
    return convert(rate * square_kilometres, f"t*{tag}/(km^2*year)*km^2", f"t*{tag}/year")


def test_r7_water_purification():
    """methods.md, vector R7.water_purification: 3 796 800 + 546 875."""
    assert cod_treatment_cost(5424.0, 700.0) == 3_796_800.0
    assert nh3n_treatment_cost(625.0, 875.0) == 546_875.0
    assert cod_treatment_cost(5424.0, 700.0) + nh3n_treatment_cost(625.0, 875.0) == 4_343_675.0


@pytest.mark.shared
def test_the_vector_is_that_of_the_reference():
    if not (REFERENCE / "methods.md").is_file():
        pytest.skip("the reference is not beside this checkout")
    (document,) = re.findall(
        r"## 14\..*?```json\n(.*?)```", (REFERENCE / "methods.md").read_text(encoding="utf-8"), re.DOTALL
    )
    (vector,) = (v for v in json.loads(document) if v["id"] == "R7.water_purification")
    cod, nh3n = vector["inputs"]["prices"]
    value = cod_treatment_cost(vector["inputs"]["COD_t"], cod) + nh3n_treatment_cost(vector["inputs"]["NH3N_t"], nh3n)
    assert value == pytest.approx(vector["expected"]["V"], rel=1e-8)


def test_published_garze():
    """Garzê 2010, table 3, prints 0.0380 and 0.0055 x 10⁸ CNY for the two."""
    assert cod_treatment_cost(5424.0, 700.0) == pytest.approx(0.0380e8, abs=0.00005e8)
    assert nh3n_treatment_cost(625.0, 875.0) == pytest.approx(0.0055e8, abs=0.00005e8)


def test_docstrings_by_hand():
    # made-up rates on 30 km²
    assert on_wetland(cod_capacity(20.0), "COD", 30) == pytest.approx(600.0)
    assert on_wetland(nh3n_capacity(2.0), "NH3_N", 30) == pytest.approx(60.0)
    assert on_wetland(tn_capacity(3.0), "nitrogen", 30) == pytest.approx(90.0)
    assert on_wetland(tp_capacity(0.5), "phosphorus", 30) == pytest.approx(15.0)
    assert tn_treatment_cost(90.0, 1500.0) == 135_000.0
    assert tp_treatment_cost(15.0, 2800.0) == 42_000.0


@pytest.mark.parametrize(
    ("amount", "kind", "extent", "limit", "removed", "value"),
    [
        # 20 t/(km² a) on 30 km² can take 600 t, 420 t are discharged
        ("capped", CellComponent, None, "cod_load", 420.0, 294_000.0),
        ("capacity", CellComponent, None, None, 600.0, 420_000.0),
        ("load", ReportedComponent, "cod_load", None, 420.0, 294_000.0),
    ],
)
def test_switch_amount(amount, kind, extent, limit, removed, value):
    component = components(amount=amount)["cod"]
    assert isinstance(component, kind)
    assert getattr(component, "extent", None) == extent
    assert getattr(component, "limit", None) == limit
    quantity = 420.0 if extent else on_wetland(component.density(20.0), "COD", 30)
    quantity = float(capped(quantity, 420.0)) if limit else quantity
    assert quantity == pytest.approx(removed)
    assert component.money.value(quantity, 700.0) == pytest.approx(value)


def test_a_wetland_that_can_take_less_than_is_discharged():
    assert capped(on_wetland(cod_capacity(10.0), "COD", 30), 420.0) == pytest.approx(300.0)


def test_switch_nitrogen():
    """Ammonia nitrogen is part of total nitrogen. 60 t of it at 875 CNY/t are 52 500 CNY; 90 t of total nitrogen at a
    made-up 1500, 135 000.
    """
    assert list(components()) == ["cod", "nh3n", "tp"]
    assert list(components(nitrogen="tn")) == ["cod", "tn", "tp"]
    assert components()["nh3n"].money.value(60.0, 875.0) == 52_500.0
    assert components(nitrogen="tn")["tn"].money.value(90.0, 1500.0) == 135_000.0


def test_never_both_nitrogens():
    switches = WATER_PURIFICATION.switches
    for chosen in product(*(switch.options for switch in switches.values())):
        assert len({"nh3n", "tn"} & set(components(**dict(zip(switches, chosen, strict=True))))) == 1


def test_what_is_declared_fits_together():
    assert SERVICES["water_purification"] is WATER_PURIFICATION
    for amount, nitrogen in product(("capped", "capacity", "load"), ("nh3n", "tn")):
        for name, component in components(amount=amount, nitrogen=nitrogen).items():
            assert component.unit == f"t*{TAGS[name]}/year"
            assert same_dimension(item_units()[f"{name}_load"], component.unit)
            assert (component.quantity, component.money.price) == component.money.value.arguments
            assert same_dimension(component.money.value.units[component.quantity], component.unit)
            assert label(name, "zh") != name
            assert label(f"{name}_cap", "zh") != f"{name}_cap"


def test_one_pollutant_is_not_another():
    with pytest.raises(Exception, match="COD"):
        nh3n_treatment_cost.at(removed_nh3n="5 t*COD/year", nh3n_cost="875 CNY/(t*NH3_N)")


def test_prices_that_ship():
    """Those of Garzê in money of 2010. Removal rates, and a price of total nitrogen in water, are study inputs."""
    coefficients = Coefficients([(), *load_profile("ndrc-2022").tables])
    prices = {name: coefficients.lookup(name).row for name in ("cod_cost", "nh3n_cost", "tp_cost")}
    assert {name: (row.value, row.price_year, row.source) for name, row in prices.items()} == {
        "cod_cost": (700.0, 2010, "garze-2017"),
        "nh3n_cost": (875.0, 2010, "garze-2017"),
        "tp_cost": (2800.0, 2010, "garze-2017"),
    }
    assert not set(coefficients.names) & {"tn_cost", *(f"{name}_removal" for name in TAGS)}


@pytest.mark.shared
def test_prices_are_those_of_the_reference():
    path = REFERENCE / "coefficients" / "07_water_purification.csv"
    if not path.is_file():
        pytest.skip("the reference is not beside this checkout")
    with path.open(encoding="utf-8") as file:
        theirs = {row["id"]: row for row in csv.DictReader(file)}
    coefficients = Coefficients([(), *load_profile("cas-2010").tables])
    for name, identifier in (("cod_cost", "cod.garze"), ("nh3n_cost", "nh3n.garze"), ("tp_cost", "p.garze")):
        row, reference = coefficients.lookup(name).row, theirs[f"water.cost.{identifier}"]
        assert (row.value, row.price_year) == (float(reference["value"]), int(reference["price_year"]))
        assert (row.status, reference["confirmed"]) == ("verified", "yes")
