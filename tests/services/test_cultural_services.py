"""Cultural services: tourism, recreation, landscape and education, worked by hand and against published accounts."""

import csv

import pytest

from gep.core.catalog import CellComponent, ReportedComponent
from gep.core.data import data_folder
from gep.services.education import EDUCATION, education_value, research_area_value, researched_area
from gep.services.landscape_premium import LANDSCAPE_PREMIUM, landscape_value, whole_premium, yearly_premium
from gep.services.recreation import RECREATION, recreation_value, time_of_resident
from gep.services.tourism import (
    TOURISM,
    cost_of_time,
    cost_of_visit,
    cost_of_visit_by_wage,
    visits_value,
    worth_of_visit,
    worth_of_visit_by_wage,
)


def component(service, **switches):
    (only,) = service.components(service.settings(switches))
    return only


def value(part, quantity, numbers):
    """Quantity times price, the price as the component finds or makes it."""
    pricing = part.money.pricing
    price = pricing(**{name: numbers[name] for name in pricing.arguments}) if pricing else numbers[part.money.price]
    return float(part.money.value(**{part.quantity: quantity, part.money.price: price}))


def coefficient(name, *path):
    with data_folder().joinpath(*path).open(encoding="utf-8") as file:
        (row,) = [r for r in csv.DictReader(file) if r["coefficient"] == name]
    return row


# tourism --------------------------------------------------------------------------------------------------------------

BAIYANGDIAN = {
    "travel_cost": 52.47,
    "time_cost": 343.33,
    "consumer_surplus": 578.03,
    "ecosystem_share": 1.0,
    "travel_time": 20.0,
    "wage": 40.0,
    "time_value_share": 0.3,
    "visit_price": 1970.2,
}
"""Costs per visit as published for 2011; the hours, the wage and their use here are made up."""


def test_C1_baiyangdian_2011():
    """135e4 visits x (52.47 + 343.33 + 578.03) = 1 314 670 500 CNY, printed as 13.15e8; without the surplus 534 330
    000.
    """
    assert visits_value(1_350_000.0, worth_of_visit(52.47, 343.33, 578.03, 1.0)) == pytest.approx(
        1_314_670_500.0, rel=1e-12
    )
    assert visits_value(1_350_000.0, cost_of_visit(52.47, 343.33, 1.0)) == pytest.approx(534_330_000.0, rel=1e-12)
    assert value(component(TOURISM, consumer_surplus="on"), 1_350_000.0, BAIYANGDIAN) == pytest.approx(
        13.15e8, abs=0.005e8
    )


@pytest.mark.parametrize(
    ("switches", "per_visit"),
    [
        ({}, 395.80),  # 52.47 + 343.33: no consumer surplus unless it is asked for
        ({"consumer_surplus": "on"}, 973.83),
        ({"time_cost": "wage"}, 292.47),  # 20 h x 40 CNY/h x 0.3 = 240, + 52.47
        ({"time_cost": "wage", "consumer_surplus": "on"}, 870.50),
        ({"method": "per_visit"}, 1970.2),
        ({"method": "per_visit", "consumer_surplus": "on"}, 1970.2),  # a value per visit is taken as it is
    ],
)
def test_switches_of_tourism_by_hand(switches, per_visit):
    assert value(component(TOURISM, **switches), 1000.0, BAIYANGDIAN) == pytest.approx(1000 * per_visit, rel=1e-12)


def test_only_the_share_of_ecosystems_counts():
    half = BAIYANGDIAN | {"ecosystem_share": 0.5}
    for switches in (
        {},
        {"consumer_surplus": "on"},
        {"time_cost": "wage"},
        {"time_cost": "wage", "consumer_surplus": "on"},
    ):
        part = component(TOURISM, **switches)
        assert value(part, 1000.0, half) == pytest.approx(value(part, 1000.0, BAIYANGDIAN) / 2, rel=1e-14)


def test_time_by_wage_is_the_reported_cost_where_both_agree():
    assert cost_of_time(20.0, 40.0, 0.3) == pytest.approx(240.0, rel=1e-14)
    assert cost_of_visit_by_wage(52.47, 20.0, 40.0, 0.3, 1.0) == cost_of_visit(
        52.47, cost_of_time(20.0, 40.0, 0.3), 1.0
    )
    assert worth_of_visit_by_wage(52.47, 20.0, 40.0, 0.3, 5.0, 1.0) == worth_of_visit(
        52.47, cost_of_time(20.0, 40.0, 0.3), 5.0, 1.0
    )
    assert float(coefficient("time_value_share", "common", "cultural_services.csv")["value"]) == 0.3


def test_origins_apart():
    """Near visitors spend less: 1000 visits at 100 and 200 at 900 CNY are 280 000, not 1200 at the mean of 500."""
    assert component(TOURISM).per == "zone"
    part = component(TOURISM, origins="apart")
    assert (part.extent, part.per) == ("visits", "feature")
    near, far = ({**BAIYANGDIAN, "travel_cost": cost, "time_cost": 0.0} for cost in (100.0, 900.0))
    assert value(part, 1000.0, near) + value(part, 200.0, far) == pytest.approx(280_000.0, rel=1e-14)


def test_tourism_of_published_garze():
    """Table 3 prints 70.6669e8 CNY for 358.68e4 visits: 1970.2 CNY a visit."""
    row = coefficient("visit_price", "cas-2010", "tourism.csv")
    assert (row["value"], row["unit"], row["price_year"]) == ("1970.2", "CNY/visit", "2010")
    assert visits_value(358.68e4, float(row["value"])) == pytest.approx(70.6669e8, rel=1e-4)


# recreation -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "money"),
    [
        ({}, 24_000_000.0),  # 2 000 000 visits at 12 CNY
        ({"visit_price": "time"}, 36_000_000.0),  # 1.5 h x 40 CNY/h x 0.3 = 18 CNY
    ],
)
def test_switch_of_recreation_by_hand(switches, money):
    numbers = {"visit_value": 12.0, "recreation_time": 1.5, "wage": 40.0, "time_value_share": 0.3}
    part = component(RECREATION, **switches)
    assert part.extent == "recreation_visits"
    assert value(part, 2_000_000.0, numbers) == pytest.approx(money, rel=1e-12)


def test_recreation_by_hand():
    assert time_of_resident(1.5, 40.0, 0.3) == pytest.approx(18.0, rel=1e-14)
    assert recreation_value(2_000_000.0, 18.0) == 36_000_000.0


# landscape ------------------------------------------------------------------------------------------------------------


def test_landscape_by_hand():
    """methods.md C3: 1.2e6 m2 x 8000 CNY/m2 x 5 % = 4.8e8 CNY is a capital amount; over 70 years it is 4.8e8 / 70 in
    one of them.
    """
    numbers = {"floor_price": 8000.0, "premium": 0.05, "annuity": 1 / 70, "per_year": 1.0}
    assert yearly_premium(8000.0, 0.05, 1 / 70) == pytest.approx(400 / 70, rel=1e-14)
    assert whole_premium(8000.0, 0.05, 1.0) == pytest.approx(400.0, rel=1e-14)
    assert landscape_value(1.2e6, 400.0) == 4.8e8
    assert value(component(LANDSCAPE_PREMIUM), 1.2e6, numbers) == pytest.approx(4.8e8 / 70, rel=1e-14)
    assert value(component(LANDSCAPE_PREMIUM, premium="capital"), 1.2e6, numbers) == pytest.approx(4.8e8, rel=1e-14)


def test_a_capital_value_counts_whole_only_where_it_is_asked_for():
    assert component(LANDSCAPE_PREMIUM).money.pricing is yearly_premium


# education ------------------------------------------------------------------------------------------------------------


def test_switch_of_education_by_hand():
    visits, area = component(EDUCATION), component(EDUCATION, method="area")
    assert isinstance(visits, ReportedComponent)
    assert visits.extent == "education_visits"
    assert isinstance(area, CellComponent)
    assert area.density is researched_area
    # 30 000 visits at 60 CNY
    assert value(visits, 30_000.0, {"education_visit_value": 60.0}) == 1_800_000.0
    assert education_value(30_000.0, 60.0) == 1_800_000.0
    # 366 km2 or 36 600 hm2, of which a quarter serves research, at 100 CNY/hm2
    assert value(area, 36_600 * area.density(0.25), {"research_value": 100.0}) == 915_000.0
    assert research_area_value(36_600.0, 100.0) == 3_660_000.0
    assert coefficient("research_share", "common", "cultural_services.csv")["value"] == "1"


@pytest.mark.parametrize("service", [TOURISM, RECREATION, LANDSCAPE_PREMIUM, EDUCATION], ids=lambda s: s.id)
def test_no_visit_no_value(service):
    part = component(service)
    assert part.money.value(0.0, 100.0) == 0.0
    assert part.money.value(20.0, 100.0) == 2 * part.money.value(10.0, 100.0) > 0
