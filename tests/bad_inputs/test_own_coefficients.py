"""Numbers of the study's own that are of another substance or unit than they say.

The published rate of temperate forest is 0.92 t of carbon per hectare and year: 0.92 * 44/12 = 3.373 t of carbon
dioxide, and 0.092 kg per square metre. No market of China paid 250 CNY for a tonne of carbon dioxide; 1200 CNY of the
forest standard are for a tonne of carbon.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from coarse_city import added, of_code, opened

from gep.study.sample.city import write_sample_city


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
