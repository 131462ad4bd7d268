"""Stocks stand beside the flows of a year: told, explained, read back, and in no total."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import FOREST, STEPPE, block, codes_of, make_study, missing, raster, water_layers, zones
from rich.console import Console

import gep
from gep.core.errors import InputError
from gep.core.units import parse
from gep.report.result import show_account
from gep.services import SERVICES
from gep.services.carbon_storage import present_value_of_stock_change
from gep.study.folder import write_run

COVER = np.array([[FOREST, FOREST, STEPPE, STEPPE]])
COUNTIES = zones(block(0, 0, 2, 1), block(2, 0, 4, 1))
POOLS = {
    "carbon_above": {"forest": "60 t*carbon/hm^2", "grassland": "2 t*carbon/hm^2"},
    "carbon_below": {"forest": "15 t*carbon/hm^2", "grassland": "8 t*carbon/hm^2"},
    "carbon_soil": {"forest": "120 t*carbon/hm^2", "grassland": "95 t*carbon/hm^2"},
    "carbon_dead": {"forest": "7 t*carbon/hm^2", "grassland": "0 t*carbon/hm^2"},
}
IN_FOREST, IN_STEPPE = 202 * 200.0, 105 * 200.0  # t on two square kilometres each
PRICE = {"reservoir_cost": {"value": 6, "unit": "CNY/m^3", "price_year": 2019}}


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profiles") / "with-stock"
    folder.mkdir()
    lines = ['id = "with-stock"', 'name_zh = "含碳储量"', 'name_en = "With stock"', 'extends = "ndrc-2022"', ""]
    lines += ["[services.carbon_storage]", 'category = "regulating"', "required = false"]
    lines += ['counts = ["forest", "grassland"]']
    (folder / "profile.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def study(profile: Any, coefficients: dict[str, Any] | None = None, **more: Any) -> gep.Study:
    own = {**PRICE, **(POOLS if coefficients is None else coefficients)}
    of = {"of": ["water_retention", "carbon_storage"], "profile": profile, "coefficients": own}
    return make_study(COVER, water_layers(COVER.shape), COUNTIES, **{**of, **more})


@pytest.fixture(scope="module")
def account(profile: Path) -> Any:
    return study(profile).run()


def test_a_stock_is_in_no_total(profile, account):
    without = study("ndrc-2022", {}).run()
    assert account.total() == without.total()
    assert account.totals("service") == without.totals("service")
    assert account.by("service", measure="quantity").cells == without.by("service", measure="quantity").cells
    assert "carbon_storage" not in account.summary()["quantities"]
    assert "stocks" not in without.summary()


def test_stocks_by_pool_and_zone(account):
    by_zone = {key[0]: (value, unit) for key, value, unit in account.by("zone", measure="stock")}
    assert by_zone == {
        "101": (pytest.approx(IN_FOREST, rel=1e-9), "t{carbon}"),
        "102": (pytest.approx(IN_STEPPE, rel=1e-9), "t{carbon}"),
    }
    by_pool = {key[0]: value for key, value, _ in account.by("component", measure="stock")}
    assert by_pool["soil_carbon"] == pytest.approx((120 + 95) * 200, rel=1e-9)
    assert account.summary()["stocks"]["carbon_storage/soil_carbon"]["unit"] == "t{carbon}"
    assert len(account.by("service", measure="stock")) == 1


def test_its_rows_say_that_they_do_not_count(account):
    rows = [row for row in account.rows() if row["service"] == "carbon_storage"]
    assert {(row["measure"], row["counted"], row["supply_basis"]) for row in rows} == {("quantity", 0, "stock")}
    assert len(rows) == 8


def test_a_run_that_is_read_back_has_the_same_stocks(account, tmp_path):
    write_run(account, tmp_path / "run")
    read = gep.read_run(tmp_path / "run")
    assert read.by("component", measure="stock").cells == account.by("component", measure="stock").cells
    assert read.digest == account.digest
    with (tmp_path / "run" / "account.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["service"] == "carbon_storage"]
    assert {row["counted"] for row in rows} == {"0"}


def test_it_is_explained(account):
    figure = account.explain("carbon_storage", "101")["figure"]
    assert sum(of["value"] for of in figure["quantities"]) == pytest.approx(IN_FOREST, rel=1e-9)
    assert figure["empty"] is None
    assert figure["value"] is None


def test_the_terminal_shows_it_apart(account):
    out = Console(width=140, record=True, file=io.StringIO())
    show_account(account, out, "en")
    text = out.export_text()
    after = text.index("Stocks at the time of the land cover, in no total of the year")
    assert text.index("Water retention") < after < text.index("Carbon in soil")


def test_a_pool_without_a_density_leaves_the_stock_missing_and_the_account_complete(profile):
    lacking = {name: of for name, of in POOLS.items() if name != "carbon_dead"}
    account = study(profile, lacking).run()
    assert missing(account)["carbon_storage"] == "no_input"
    of_class = {**POOLS, "carbon_dead": {"forest": "7 t*carbon/hm^2"}}
    account = study(profile, of_class).run()
    assert missing(account)["carbon_storage"] == "no_coefficient"
    assert "C12" in codes_of(account)
    known = {key[0] for key, _, _ in account.by("ecosystem", measure="stock")}
    assert known == {"forest", "grassland"}  # the other pools of the steppe


@pytest.mark.parametrize("density", ["220 t*CO2/hm^2", "60 t*carbon", "60 t*carbon/(hm^2*year)", 60.0])
def test_carbon_dioxide_a_total_or_a_flow_is_no_density(profile, density):
    with pytest.raises(InputError) as wrong:
        study(profile, {**POOLS, "carbon_above": {"forest": density}}).run()
    assert "U02" in codes_of(wrong.value.problems)


def test_a_map_comes_before_the_coefficient(profile):
    soil = raster(np.array([[100.0, 140.0, 90.0, 110.0]]), "t*carbon/hm^2")
    account = study(profile).with_layers(carbon_soil=soil).run()
    by_pool = {key[0]: value for key, value, _ in account.by("component", measure="stock")}
    assert by_pool["soil_carbon"] == pytest.approx(44_000, rel=1e-6)
    assert by_pool["above_ground_carbon"] == pytest.approx(12_400, rel=1e-9)


def test_a_stock_that_is_given_is_in_no_total_either(profile):
    water = {"service": "water_retention", "component": "retained_water", "ecosystem": "forest", "unit": "m^3"}
    rows = [
        {**water, "zone": "101", "quantity": 1e6},
        {"service": "carbon_storage", "component": "soil_carbon", "zone": "101", "ecosystem": "forest", "quantity": 5e4}
        | {"unit": "t*carbon"},
    ]
    account = gep.account_of(rows, name="Test", year=2019, profile=profile, coefficients=PRICE)
    assert account.total() == pytest.approx(6e6)
    assert [cell[1:] for cell in account.by("component", measure="stock")] == [(5e4, "t{carbon}")]


def test_what_a_stock_says_of_itself():
    """No price, no year in its unit, one dimension for all of its pools."""
    stocks = [service for service in SERVICES.values() if service.is_stock]
    assert [service.id for service in stocks] == ["carbon_storage"]
    for component in (part for service in stocks for part in service.variants):
        assert component.money is None
        assert "[accounting_year]" not in str(parse(component.unit).dimensionality)


def test_the_worth_of_a_change():
    """InVEST's sum over the years, written out: 1000 t over 3 years at 180, r 4.5 %, c 1.5 %."""
    given = {"carbon_stock_price": 180.0, "change_years": 3.0, "payment_interval": 1.0}
    by_hand = 180 * 1000 / 3 * sum(1 / (1.045**t * 1.015**t) for t in range(3))
    found = present_value_of_stock_change(stock_change=1000.0, discount_rate=0.045, price_fall=0.015, **given)
    assert found == pytest.approx(by_hand, rel=1e-12)
    flat = present_value_of_stock_change(stock_change=1000.0, discount_rate=0.0, price_fall=0.0, **given)
    assert flat == pytest.approx(180_000, rel=1e-12)
