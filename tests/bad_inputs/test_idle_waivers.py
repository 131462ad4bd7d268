"""Waivers that let nothing pass are told, by check and by run; those that let something pass are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from coarse_city import added, of_code, opened

from gep.account.from_quantities import account_of
from gep.core.errors import Problem, problem, waivable
from gep.core.errors import idle_waivers as idle
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

pytestmark = pytest.mark.usefixtures("one_pass")

BY = ("Li", "looked at")


def waiving(study: Study, *waivers: str) -> Study:
    return Study.from_spec(replace(study.spec, waivers=dict.fromkeys(waivers, BY)))


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(p.subject, p.severity) for p in of_code(problems, "W02")]


def test_a_misspelt_subject_and_what_is_left_behind_are_told_by_both(sample_city: Path):
    study = waiving(opened(sample_city), "R01/precipitaton", "B20")
    expected = [("B20", "warning"), ("R01/precipitaton", "warning")]
    assert sorted(told(study.check())) == expected
    assert sorted(told(list(study.run(record=False).about.problems))) == expected


def test_a_waiver_that_lets_an_error_pass_is_silent_and_a_misspelt_one_names_what_is_there(tmp_path: Path):
    """An own price of 100 times the published one is an error, as one far from it and as a slip of 100."""
    city = write_sample_city(tmp_path / "city").parent
    added(city / "coefficients.csv", "electricity_price,,,,53,CNY/kWh,,,,2020,survey,,,")
    study = opened(city)
    errors = {(p.code, p.subject) for p in study.check() if p.severity == "error"}
    assert {code for code, _ in errors} == {"C14", "C21"} <= set(waivable())
    for right in ([code for code, _ in errors], [f"{code}/{subject}" for code, subject in errors]):
        assert told(waiving(study, *right).check()) == []
    (found,) = of_code(waiving(study, "C21/electricty_price").check(), "W02")
    assert '"C21/electricity_price"' in found.found
    assert "[waivers]" in found.place
    assert "不起作用" in found.message.zh


def test_check_says_nothing_of_a_waiver_of_figures_and_run_does(sample_city: Path):
    """O10 is of values per head, which a check does not compute."""
    study = waiving(opened(sample_city), "O10/value_per_head")
    assert told(study.check()) == []
    assert told(list(study.run(record=False).about.problems)) == [("O10/value_per_head", "warning")]


@pytest.mark.parametrize(("waiver", "is_idle"), [("B20", False), ("B20/rain", False), ("B20/ran", True), ("R01", True)])
def test_what_is_idle_by_hand(waiver: str, is_idle: bool):
    there = replace(problem("engine.Z06.no_cell", "rain"), code="B20")
    assert [p.subject for p in idle([there], [waiver])] == ([waiver] if is_idle else [])
    assert list(idle([], [waiver], unseen={"B20", "R01"})) == []


def test_a_waiver_of_given_quantities(tmp_path: Path):
    row = {"service": "water_retention", "quantity": 100.0, "unit": "m^3"}
    account = account_of([row], profile="ndrc-2022", year=2020, waivers={"B42/oxygen_release": BY})
    assert told(list(account.about.problems)) == [("B42/oxygen_release", "warning")]
