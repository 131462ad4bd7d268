"""Air purification and products: accounts of small worlds, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from builders import (
    DRYLAND,
    FOREST,
    LAKE,
    STEPPE,
    block,
    codes_of,
    emissions,
    find,
    missing,
    one,
    own_coefficients,
    statistics,
    zones,
)
from small_worlds import approx, make_study

from gep.core.errors import InputError


@pytest.fixture
def cover():
    """County 101: forest and a row of steppe. County 102: forest, and a column of lake."""
    codes = np.full((4, 6), FOREST)
    codes[3, :3] = STEPPE
    codes[:, 5] = LAKE
    return codes


# air purification -----------------------------------------------------------------------------------------------------


@pytest.fixture
def air(tmp_path):
    """Forest that takes up 10 t/km2 of each pollutant: 10 cells in county 101, 5 in county 102; prices of 2019."""
    rows = [
        (f"{name}_uptake", "forest", 100.0, f"kg*{tag}/(hm^2*year)")
        for name, tag in (("so2", "SO2"), ("nox", "NOx"), ("dust", "dust"))
    ]
    rows += [("so2_cost", "", 1200.0, "CNY/(t*SO2)", 2019), ("nox_cost", "", 630.0, "CNY/(t*NOx)", 2019)]
    rows += [("dust_cost", "", 150.0, "CNY/(t*dust)", 2019)]
    own = own_coefficients(tmp_path, *rows)
    cover = np.full((5, 3), FOREST)

    def study(tables=None, **switches):
        return make_study(
            cover,
            {},
            zones(block(0, 0, 2, 5), block(2, 0, 3, 5)),
            coefficients={"own": own},
            tables={} if tables is None else {"emissions": tables},
            methods={"air_purification": switches},
        )

    return study


PLENTY = {"101": 1000.0, "102": 1000.0}


def test_the_cap_is_per_county(air):
    # methods.md 9: (capacity, emission) = (100, 40) and (50, 120): per county 40 + 50 = 90
    account = air(emissions(so2={"101": 40, "102": 120}, nox=PLENTY, dust=PLENTY)).run()
    assert account.quantities()["air_purification", "so2"] == {"value": approx(90), "unit": "t{SO2}"}
    assert account.quantities()["air_purification", "nox"]["value"] == approx(150)
    assert one(account, component="so2", zone="101").quantity == approx(100)
    assert one(account, component="so2_cap", zone="101").quantity == approx(-60)
    assert not find(account, component="so2_cap", zone="102")
    assert account.totals("service") == {"air_purification": approx(90 * 1200 + 150 * 630 + 150 * 150)}
    assert account.totals("zone") == {"101": approx(40 * 1200 + 100 * 780), "102": approx(50 * 1200 + 50 * 780)}
    assert "air_purification" not in missing(account)


def test_an_emission_of_the_whole_city_caps_the_whole_city(air):
    # methods.md 9, at city level: min(150, 160) = 150; and 90 t of 150 t leave 60 % of each
    account = air(emissions(so2={"_city": 160}, nox={"_city": 90}, dust={"_city": 0})).run()
    assert account.quantities()["air_purification", "so2"]["value"] == approx(150)
    assert account.quantities()["air_purification", "nox"]["value"] == approx(90)
    assert one(account, component="nox_cap", zone="101").quantity == approx(-40)
    assert one(account, component="nox_cap", zone="102").quantity == approx(-20)
    assert account.quantities()["air_purification", "dust"]["value"] == pytest.approx(0, abs=1e-9)
    assert "air_purification" not in missing(account)


def test_air_purification_test_vector_r6(tmp_path):
    # q 88.65 kg/(hm2 a) on 10 km2 is 88.65 t; 60 t emitted: 60 t, at 1200 CNY/t 72 000; capacity only: 106 380
    rows = [("so2_uptake", "forest", 88.65, "kg*SO2/(hm^2*year)"), ("so2_cost", "", 1200.0, "CNY/(t*SO2)", 2019)]
    own = own_coefficients(tmp_path, *rows)
    for amount, value in (("capped", 72_000), ("capacity", 106_380), ("emission", 72_000)):
        study = make_study(
            [[FOREST] * 10],
            {},
            zones(block(0, 0, 10, 1)),
            coefficients={"own": own},
            tables={"emissions": emissions(so2={"101": 60})},
            methods={"air_purification": {"amount": amount}},
        )
        values = {name.removesuffix("_cap"): 0.0 for (name,), _, _ in study.run().by("component")}
        for (name,), number, _ in study.run().by("component"):
            values[name.removesuffix("_cap")] += number
        assert values["so2"] == approx(value), amount


def test_capacity_needs_no_emissions(air):
    account = air(amount="capacity").run()
    assert account.totals("zone") == {"101": approx(100 * (1200 + 630 + 150)), "102": approx(50 * (1200 + 630 + 150))}
    assert "air_purification" not in missing(account)


def test_what_is_emitted_is_purified_by_what_is_counted(air):
    table = emissions(so2={"101": 40, "102": 120}, nox={"_city": 10}, dust={"101": 1, "102": 2})
    account = air(table, amount="emission").run()
    amounts = {(e.zone, e.component): e.quantity for e in find(account, service="air_purification")}
    assert amounts == {
        ("101", "so2"): 40,
        ("102", "so2"): 120,
        ("_city", "nox"): 10,
        ("101", "dust"): 1,
        ("102", "dust"): 2,
    }
    assert account.totals("ecosystem") == {"forest": approx(160 * 1200 + 10 * 630 + 3 * 150)}
    assert "air_purification" not in missing(account)


@pytest.mark.parametrize("amount", ["capped", "emission"])
def test_a_county_without_emissions_is_missing(air, amount):
    account = air(emissions(so2={"101": 40}, nox=PLENTY, dust=PLENTY), amount=amount).run()
    assert missing(account)["air_purification"] == "no_input"
    found = next(p for p in account.about.problems if p.code == "O02")
    assert (found.subject, found.severity) == ("air_purification", "warning")
    assert "County 102" in found.message
    assert account.quantities()["air_purification", "so2"]["value"] == approx(40)
    if amount == "capped":  # what could be taken up stays visible
        potential = one(account, component="so2", zone="102")
        assert (potential.quantity, potential.is_counted, potential.value) == (approx(50), False, None)


@pytest.mark.parametrize("amount", ["capped", "emission"])
def test_emissions_of_counties_and_of_the_city_are_not_added(air, amount):
    account = air(emissions(so2={"101": 40, "102": 20, "_city": 60}, nox=PLENTY, dust=PLENTY), amount=amount).run()
    assert account.quantities()["air_purification", "so2"]["value"] == approx(60)
    assert [p.subject for p in account.about.problems if p.code == "T08"] == ["so2_emission"]


def test_without_emissions_the_capacity_is_not_counted(air):
    account = air().run()
    assert missing(account)["air_purification"] == "no_input"
    assert "air_purification" not in account.totals("service")
    assert all(not e.is_counted and e.supply_basis == "potential" for e in find(account, service="air_purification"))


# products -------------------------------------------------------------------------------------------------------------


def products(*rows, **more):
    """An account of a forest and some cropland with a table of products."""
    cover = np.full((4, 6), FOREST)
    cover[0] = DRYLAND
    tables = {"statistics": statistics(*rows, **more.pop("columns", {}))}
    return make_study(cover, {}, zones(block(0, 0, 3, 4), block(3, 0, 6, 4)), tables=tables, **more).run()


def test_reported_output_values():
    account = products(
        ("101", "crop_products/wheat", "value", 5000.0, "万元"),
        ("101", "crop_products/maize", "value", 300.0, "万元"),
        ("102", "crop_products/wheat", "value", 2e6, "CNY"),
    )
    assert account.totals("zone") == {"101": 53e6, "102": 2e6}
    assert account.totals("ecosystem") == {"cropland": 55e6}
    assert account.totals("component") == {"wheat": 52e6, "maize": 3e6}
    assert "crop_products" not in missing(account)
    assert one(account, component="maize").price_concept == "market"


def test_quantity_times_price():
    # 1000 t at 2400 CNY/t; 500 m3 of timber at 800; 2000 head at 1500
    account = products(
        *(
            ("_city", "crop_products/wheat", "quantity", 1000.0, "t"),
            ("_city", "crop_products/wheat", "price", 2.4, "CNY/kg"),
        ),
        *(
            ("_city", "forestry_products/timber", "quantity", 500.0, "m3"),
            ("_city", "forestry_products/timber", "price", 800.0, "CNY/m3"),
        ),
        *(
            ("_city", "livestock_products/sheep", "quantity", 2000.0, "head"),
            ("_city", "livestock_products/sheep", "price", 1500.0, "CNY/head"),
        ),
    )
    expected = {
        "crop_products": approx(2_400_000),
        "forestry_products": approx(400_000),
        "livestock_products": approx(3_000_000),
    }
    assert account.totals("service") == expected
    assert account.totals("zone") == {"_city": approx(5_800_000)}
    assert account.quantities()["livestock_products", "sheep"] == {"value": 2000.0, "unit": "head"}
    assert "crop_products" not in missing(account)


def test_output_that_is_not_quantity_times_price():
    rows = (
        ("_city", "crop_products/wheat", "quantity", 1000.0, "t"),
        ("_city", "crop_products/wheat", "price", 2400.0, "CNY/t"),
        ("_city", "crop_products/wheat", "value", 3e6, "CNY"),
    )
    account = products(*rows)
    assert account.total() == 3e6
    found = next(p for p in account.about.problems if p.code == "T07")
    assert (found.severity, found.found) == ("warning", "-20.0%")
    other = products(*rows, methods={"crop_products": {"valuation_basis": "price_times_quantity"}})
    assert other.total() == approx(2.4e6)
    assert "T07" not in codes_of(other)


def test_a_product_of_another_years_money():
    account = products(("_city", "crop_products/wheat", "value", 1e6, "CNY"), columns={"price_year": 2018})
    assert account.total() == approx(1e6 * 1.0289923)


def test_a_county_without_a_row_is_not_zero():
    account = products(("101", "crop_products/wheat", "value", 5.0, "万元"))
    assert missing(account)["crop_products"] == "no_input"
    found = next(p for p in account.about.problems if p.code == "O02")
    assert (found.severity, found.subject) == ("warning", "crop_products")
    assert "County 102" in found.message
    assert not find(account, service="crop_products", zone="102")
    assert account.about.coverage["services"]["crop_products"]["share"] == 0.5


def test_one_product_without_a_price_leaves_the_service_incomplete():
    rows = (
        ("_city", "crop_products/wheat", "value", 3e6, "CNY"),
        ("_city", "crop_products/rapeseed", "quantity", 1000.0, "t"),
    )
    account = products(*rows)
    assert missing(account)["crop_products"] == "no_input"
    assert "rapeseed" in next(p for p in account.about.problems if p.code == "O02").message


def test_an_empty_cell_is_missing_and_a_zero_is_a_figure():
    empty = products(
        ("101", "crop_products/wheat", "value", 5.0, "万元"), ("102", "crop_products/wheat", "value", None, "万元")
    )
    assert missing(empty)["crop_products"] == "no_input"
    assert one(empty, service="crop_products", zone="102").value is None
    found = next(p for p in empty.about.problems if p.code == "O02")
    assert "County 102" in found.message
    assert empty.about.coverage["services"]["crop_products"]["share"] == 0.5
    zero = products(
        ("101", "crop_products/wheat", "value", 5.0, "万元"), ("102", "crop_products/wheat", "value", 0.0, "万元")
    )
    assert "crop_products" not in missing(zero)
    assert one(zero, service="crop_products", zone="102").value == 0.0


def test_a_city_row_beside_county_rows_does_not_count_twice():
    rows = (("101", "crop_products/wheat", "value", 5.0, "CNY"), ("102", "crop_products/wheat", "value", 6.0, "CNY"))
    assert products(*rows).total() == 11.0
    with pytest.raises(InputError) as stopped:
        products(*rows, ("_city", "crop_products/wheat", "value", 11.0, "CNY"))
    assert [(p.code, p.subject) for p in stopped.value.problems if p.severity == "error"] == [
        ("D20", "crop_products/wheat")
    ]
