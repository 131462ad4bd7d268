"""Hundreds of rows with one fault are one line with a count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from coarse_city import opened

from gep.core.errors import Problem, sort_problems
from gep.inputs.tables import read_tables
from gep.study.study import Study

ITEMS = ("so2_emission", "nox_emission", "dust_emission", "cod_load", "nh3n_load", "tp_load")


def told(*rows: tuple[str, str, str]) -> list[Problem]:
    """The errors of a table of zone, item and unit."""
    table = pd.DataFrame(
        [{"zone": zone, "item": item, "measure": "quantity", "value": 1, "unit": unit} for zone, item, unit in rows]
    )
    return sort_problems(read_tables({"t": table}, {"1": "East"}, 2020)[1])


def test_the_same_fault_in_many_rows_is_one_line():
    (found,) = told(*(("9", "so2_emission", "t") for _ in range(207)))
    assert (found.code, found.place) == ("T04", "t, row 1 and 206 more")
    assert found.place.zh.endswith("另有 206 处")


def test_one_kind_of_fault_in_many_items_is_one_line():
    (found,) = told(*(("1", item, "") for item in ITEMS))
    assert found.code == "U01"
    assert "5 more rows have such a fault" in found.message


def test_a_few_faults_are_told_one_by_one():
    assert len(told(*(("1", item, "") for item in ITEMS[:3]))) == 3
    assert [p.code for p in told(("9", "so2_emission", "t"), ("1", "nox_emission", ""))] == ["T04", "U01"]


def test_what_a_table_without_a_column_would_hold_is_no_fault_of_its_own(sample_city: Path):
    """One error; the services that then lack figures are its consequence, and no warnings."""
    study = opened(sample_city)
    assert not warned(study)
    without = pd.read_csv(sample_city / "statistics.csv").rename(columns={"unit": "einheit"})
    assert [p.code for p in errors(Study.from_spec(replace(study.spec, tables={"t": without})))] == ["T02"]
    assert not warned(Study.from_spec(replace(study.spec, tables={"t": without})))
    assert "crop_products" in warned(Study.from_spec(replace(study.spec, tables={})))


def errors(study: Study) -> list[Problem]:
    return [problem for problem in study.check() if problem.severity == "error"]


def warned(study: Study) -> set[str]:
    """Services of which a warning says that they will not be accounted."""
    return {problem.subject for problem in study.check() if (problem.code, problem.severity) == ("O01", "warning")}
