"""Numbers of the study's own that are of another substance or unit than they say.

The published rate of temperate forest is 0.92 t of carbon per hectare and year: 0.92 * 44/12 = 3.373 t of carbon
dioxide, and 0.092 kg per square metre. No market of China paid 250 CNY for a tonne of carbon dioxide; 1200 CNY of the
forest standard are for a tonne of carbon. Of forest as a whole no runoff is published; of its evergreen broadleaf class
it is 4.65 % (Gong et al. 2017, table 2), a share of 0.0465.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pytest
from coarse_city import added, checked_and_run, of_code, opened

from gep.core.errors import Problem
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

pytestmark = pytest.mark.usefixtures("one_pass")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_sample_city(tmp_path / "city").parent


Case = tuple[str, str, str]
CASES: tuple[Case, ...] = (
    ("carbon_rate,forest,,,3.373,t*carbon/(hm^2*year),,,,,survey,,,", "C21", "二氧化碳"),
    ("carbon_rate,forest,,,0.092,t*carbon/(hm^2*year),,,,,survey,,,", "C21", "错一位"),
    ("carbon_rate,forest,,,0.92,t*carbon/(hm^2*year),,,,,survey,,,", "", ""),
    ("carbon_rate,forest,,,1.3,t*carbon/(hm^2*year),,,,,survey,,,", "", ""),
    ("carbon_rate,forest,,,337.3,g*carbon/(m^2*year),,,,,survey,,,", "C21", "二氧化碳"),
    ("runoff_coefficient,forest,,,0.0465,percent,,,,,survey,,,", "C21", "百分"),
    ("runoff_coefficient,forest,,,4.65,percent,,,,,survey,,,", "", ""),
    ("runoff_coefficient,forest,,,0.0465,1,,,,,survey,,,", "", ""),
    ("runoff_coefficient,forest,,,3.2,percent,,,,,survey,,,", "", ""),
    ("carbon_price,,,,1200,CNY/(t*CO2),,,,2020,survey,,,", "P12", "每吨碳"),
    ("carbon_price,,,,95.96,CNY/(t*CO2),,,,2024,survey,,,", "", ""),
)


def coefficient(row: str) -> str:
    return row.partition(",")[0]


def batches(rows: Sequence[str]) -> list[list[str]]:
    """Rows that may stand in one table: those of one coefficient take its place, and are in one after the other."""
    of = [[row for row in rows if coefficient(row) == name] for name in dict.fromkeys(map(coefficient, rows))]
    return [[row for row in batch if row] for batch in zip_longest(*of, fillvalue="")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """What a check says of the number of each row."""
    found = {}
    for batch in batches([row for row, *_ in CASES]):
        city = write_sample_city(tmp_path_factory.mktemp("city") / "city").parent
        added(city / "coefficients.csv", *batch)
        problems = [each for each in opened(city).check() if each.code in ("C21", "P12")]
        found |= {row: [each for each in problems if coefficient(row) in each.subject] for row in batch}
        assert problems == [each for each in problems if any(each in found[row] for row in batch)]
    return found


@pytest.mark.parametrize(("row", "code", "cause"), CASES)
def test_a_number_of_another_substance_is_asked_after(told, row, code, cause):
    assert [found.code for found in told[row]] == ([code] if code else [])
    assert all(cause in found.in_language("zh") for found in told[row])


def test_the_sample_city_has_none(city):
    problems = opened(city).check()
    assert of_code(problems, "C21") == of_code(problems, "P12") == []


PRICES: dict[str, dict[str, str]] = {
    "electricity_price,,,,53,CNY/kWh,,,,2020,survey,,,": {"C14": "error", "C21": "error"},
    "reservoir_cost,,,,70600,CNY/m^3,,,,2010,survey,,,": {"C14": "error", "C21": "error"},
    "reservoir_cost,,,,70.6,CNY/m^3,,,,2010,survey,,,": {"C21": "warning"},
    "so2_cost,,,,0.7,CNY/(t*SO2),,,,2020,survey,,,": {"C14": "error"},
    "reservoir_cost,,,,9.2,CNY/m^3,,,,2020,survey,,,": {},
}


@pytest.mark.parametrize("batch", batches([*PRICES]), ids=lambda batch: "; ".join(batch))
def test_a_price_a_hundred_times_the_published_one_stops_a_run(city, batch):
    """The published ones are 0.53 CNY/kWh, 7.06 CNY/m3 and 630 or more CNY/t. A total was 33 and 867 times the right
    one with exit 0; what is ten times as much may be chance.
    """
    added(city / "coefficients.csv", *batch)
    study = opened(city)
    checked, ran, account = checked_and_run(study)
    expected = {(coefficient(row), code): severity for row in batch for code, severity in PRICES[row].items()}
    for problems in (checked, ran):
        assert {(p.subject, p.code): p.severity for p in problems if p.code in ("C14", "C21")} == expected
    assert (account is None) == ("error" in expected.values())
    if account is None:
        waivers = dict.fromkeys({code for _, code in expected}, ("Li", "a survey"))
        waived = Study.from_spec(replace(study.spec, waivers=waivers)).check()
        assert {p.severity for p in waived if p.code in waivers} == {"warning"}
