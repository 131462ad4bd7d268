"""Numbers of the study's own that are of another substance or unit than they say.

The published rate of temperate forest is 0.92 t of carbon per hectare and year: 0.92 * 44/12 = 3.373 t of carbon
dioxide, and 0.092 kg per square metre. No market of China paid 250 CNY for a tonne of carbon dioxide; 1200 CNY of the
forest standard are for a tonne of carbon. Of forest as a whole no runoff is published; of its evergreen broadleaf class
it is 4.65 % (Gong et al. 2017, table 2), a share of 0.0465.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from coarse_city import added, checked_and_run, of_code, opened

from gep.study.sample.city import write_sample_city
from gep.study.study import Study


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_sample_city(tmp_path / "city").parent


@pytest.mark.parametrize(
    ("row", "code", "cause"),
    [
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
    ],
)
def test_a_number_of_another_substance_is_asked_after(city, row, code, cause):
    added(city / "coefficients.csv", row)
    problems = opened(city).check()
    told = [found for found in problems if found.code in ("C21", "P12")]
    assert [found.code for found in told] == ([code] if code else [])
    assert all(cause in found.in_language("zh") for found in told)


def test_the_sample_city_has_none(city):
    problems = opened(city).check()
    assert of_code(problems, "C21") == of_code(problems, "P12") == []


@pytest.mark.parametrize(
    ("row", "severities"),
    [
        ("electricity_price,,,,53,CNY/kWh,,,,2020,survey,,,", {"C14": "error", "C21": "error"}),
        ("reservoir_cost,,,,70600,CNY/m^3,,,,2010,survey,,,", {"C14": "error", "C21": "error"}),
        ("reservoir_cost,,,,70.6,CNY/m^3,,,,2010,survey,,,", {"C21": "warning"}),
        ("so2_cost,,,,0.7,CNY/(t*SO2),,,,2020,survey,,,", {"C14": "error"}),
        ("reservoir_cost,,,,9.2,CNY/m^3,,,,2020,survey,,,", {}),
    ],
)
def test_a_price_a_hundred_times_the_published_one_stops_a_run(city, row, severities):
    """The published ones are 0.53 CNY/kWh, 7.06 CNY/m3 and 630 or more CNY/t. A total was 33 and 867 times the right
    one with exit 0; what is ten times as much may be chance.
    """
    added(city / "coefficients.csv", row)
    checked, _, account = checked_and_run(opened(city))
    told = {found.code: found.severity for found in checked if found.code in ("C14", "C21")}
    assert told == severities
    assert (account is None) == ("error" in severities.values())
    if account is None:
        waivers = dict.fromkeys(severities, ("Li", "a survey"))
        spec = replace(opened(city).spec, waivers=waivers)
        assert {p.severity for p in Study.from_spec(spec).check() if p.code in severities} == {"warning"}
