"""`check` and `run` say the same of what tables lack, by component."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from coarse_city import checked_and_run, of_code, opened, without_rows

from gep.core.catalog import named
from gep.core.errors import Problem
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

OF_COUNTY = ("cod_load", "barrier_length", "so2_emission", "fishery_products/fish")

pytestmark = pytest.mark.usefixtures("one_pass")


def test_a_county_without_rows_is_told_by_both_and_a_lost_component_by_its_name(tmp_path: Path):
    """Finding F19."""
    city = write_sample_city(tmp_path / "city").parent
    for item in OF_COUNTY:
        assert without_rows(city / "statistics.csv", f"^990102,{item},")
    assert without_rows(city / "statistics.csv", "^[^,]*,nh3n_load,") == 3
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    assert not account.is_complete
    told = of_code(checked, "O02")
    assert {p.subject for p in told} == {
        "air_purification",
        "fishery_products",
        "noise_attenuation",
        "water_purification",
    }
    assert told == of_code(ran, "O02")
    (lost,) = [p for p in of_code(checked, "O01") if p.subject == "water_purification"]
    assert lost.message.startswith("nh3n of it will not be accounted")
    assert lost.message.zh.startswith(f"其中 {named('nh3n').zh}")


def test_money_of_other_years_is_told_by_both(tmp_path: Path):
    """The shipped tariff is of 2010, and the GDP of the city is given in prices of 2015; the account is of 2020."""
    city = write_sample_city(tmp_path / "city").parent
    table = city / "statistics.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(re.sub(r"(?m)^(\w+,gdp,value,[\d.]+,亿元,2020),2020", r"\1,2015", text), encoding="utf-8")
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    for code, subjects in {"P04": {"electricity_price"}, "T11": {"990101", "990102", "990103"}}.items():
        assert {p.subject for p in of_code(checked, code)} == subjects
        assert of_code(checked, code) == of_code(ran, code)
    assert [row["value_to_gdp"] for row in account.indicators()] == [None] * 4
    assert "2015" in of_code(checked, "T11")[0].message


OF_FIGURES = {"B03", "B40", "C06", "O10", "O11", "P01", "P03"}
"""Codes of what only figures show, or the coefficients that they took."""


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"profile": "cas-2010"},
        {"profile": "hj1173-2021"},
        {"tables": {}},
        {"without": "precipitation"},
        {"without": "elevation"},
        {"without": "wind_speed"},
        {"off": {"tourism": "counted by another office", "ecological_energy": "no stations"}},
    ],
    ids=str,
)
def test_a_check_says_of_services_what_a_run_says(sample_city: Path, change: dict[str, Any]):
    """The same services are missing, as severely, those that are off by choice among them."""
    spec, asked = opened(sample_city).spec, dict(change)
    layers = {name: layer for name, layer in spec.layers.items() if name != asked.pop("without", None)}
    study = Study.from_spec(replace(spec, layers=layers, **asked))
    account = study.run(record=False)

    def told(problems: Iterable[Problem]) -> set[tuple[str, str, str]]:
        return {(p.code, p.subject, p.severity) for p in problems if p.code not in OF_FIGURES}

    checked, ran = told(study.check(every_cell=True)), told(account.about.problems)
    assert checked - ran == set()
    assert ran - checked <= {("O02", "flood_mitigation", "warning")}  # of lakes in pieces, which the cells show
