"""Slips of one table that another table, a layer or a published band gives away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from coarse_city import of_code, opened

from gep.core.errors import InputError, Problem
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

pytestmark = pytest.mark.usefixtures("one_pass")

NEW = {"O20", "O21", "P10", "P11", "B44"}


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_sample_city(tmp_path / "city").parent


def changed(city: Path, item: str, value: Callable[[float], float], measure: str = "[a-z]+") -> Study:
    """The city with the numbers of some rows of its table changed."""
    table = city / "statistics.csv"
    text = table.read_text(encoding="utf-8")
    row = re.compile(rf"(?m)^(\w+,{item},{measure},)([\d.]+)")
    new, count = row.subn(lambda found: f"{found[1]}{value(float(found[2])):.10g}", text)
    assert count == 3
    table.write_text(new, encoding="utf-8")
    return opened(city)


def told(study: Study) -> list[tuple[str, str, str]]:
    return [(p.code, p.subject, p.severity) for p in study.check() if p.code in NEW]


def one(study: Study, code: str) -> Problem:
    (found,) = of_code(study.check(), code)
    return found


def test_a_premium_as_a_share_tagged_percent_stops_the_run(city: Path):
    """A share of 0.06 under the heading percent: 0.06 %, where 5 to 10 % were printed (green-gdp-2013)."""
    study = changed(city, "premium", lambda percent: percent / 100)
    found = one(study, "O20")
    assert (found.subject, found.severity) == ("premium", "error")
    assert "100 times too small" in found.message
    assert "100 倍" in found.message.zh
    with pytest.raises(InputError):
        study.run(record=False)


def test_a_premium_of_five_for_five_hundredths_stops_the_run(city: Path):
    """6 without a unit of its own is 600 % of the price: no share is above one."""
    table = city / "statistics.csv"
    text = table.read_text(encoding="utf-8")
    assert text.count(",percent,") == 3
    table.write_text(text.replace(",percent,", ",1,"), encoding="utf-8")
    assert {p.severity for p in of_code(opened(city).check(), "R01")} == {"error"}


def test_a_premium_as_it_should_be_is_silent_in_percent_and_as_a_share(city: Path):
    assert told(opened(city)) == []
    table = city / "statistics.csv"
    text = re.sub(r"(,premium,quantity,)(\d),percent", r"\g<1>0.0\2,1", table.read_text(encoding="utf-8"))
    assert ",premium,quantity,0.06,1," in text
    table.write_text(text, encoding="utf-8")
    assert told(opened(city)) == []


def test_milk_in_kilograms_adds_more_than_the_gdp(city: Path):
    """14,800 t x 1000 x 3900 CNY/t = 5.77e10 CNY, less some 1.4e8 CNY of consumption, beside a GDP of 1.6e10 CNY."""
    study = changed(city, "livestock_products/milk", lambda tonnes: tonnes * 1000, "quantity")
    found = one(study, "O20")
    assert (found.subject, found.severity) == ("livestock_products", "error")
    with pytest.raises(InputError):
        study.run(record=False)


def test_a_visit_that_costs_a_hundred_times_as_much_is_a_warning(city: Path):
    """16,500 CNY a visit: what visits may cost is reasoned and not read, so that a person has to look."""
    assert told(changed(city, "travel_cost", lambda cost: cost * 100)) == [("P11", "travel_cost", "warning")]


def test_a_station_that_generates_what_a_household_uses(city: Path):
    """2600 kWh a year, as 26 million in 万 kWh would read."""
    study = changed(city, "generation", lambda energy: energy / 1e4)
    assert told(study) == [("O21", "generation", "warning")]
    assert "10,000 times too small" in one(study, "O21").message


def test_cooling_days_given_as_a_month(city: Path):
    """July has a mean of 24.6 °C there: 31 days, of which a tenth is 3.1. 44 days over 33 are 1.3."""
    study = changed(city, "cooling_days", lambda days: days / 33)
    assert told(study) == [("B44", "cooling_days", "warning")]
    found = one(study, "B44")
    assert found.allowed == "at least 3.1 days"
    assert "不少于" in found.allowed.zh


@pytest.mark.parametrize("days", [0.0, 4.0])
def test_days_that_may_be_right_are_silent(city: Path, days: float):
    """None at all, where nobody cools; 4 of the 31 days of July, above a tenth."""
    assert told(changed(city, "cooling_days", lambda _: days)) == []


def test_prices_of_zones_do_not_add_up(city: Path):
    """3000 CNY a visit in each of three counties is no visit of 9000 CNY, which is beyond the band of 8000."""
    assert told(changed(city, "travel_cost", lambda _: 3000)) == []
