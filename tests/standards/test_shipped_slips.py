"""The shipped data with one slip in them: `gep coefficients check` names it, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from other_data import data_in

from gep.core.data import data_folder, read_csv
from gep.core.errors import Problem
from gep.standards import check, schemes
from gep.standards.overlaps import overlaps

Change = Callable[[list[dict[str, str]]], object]


def told() -> list[Problem]:
    return check.check_data()[1]


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    """A copy of the shipped data, from which profiles and schemes are read."""
    copy = tmp_path / "coefficients"
    shutil.copytree(data_folder(), copy)
    with data_in(copy):
        yield copy


PROFILE = {"id": '"cas-2010"', "name_zh": '"甲"', "name_en": '"A"', "level": '"verified"', "kind": '"physical"'}


@pytest.mark.parametrize(
    ("keys", "services", "said"),
    [
        ({"extends": '"nowhere-2020"'}, "", "nowhere-2020"),
        ({"id": '"cas"'}, "", "name of its folder, `cas-2010`"),
        ({"id": ""}, "", "profile.toml"),
        ({"name_zh": '""'}, "", "the key `name_zh` is missing"),
        ({"level": '"sure"'}, "", "level can be verified"),
        ({"kind": '"money"'}, "", "kind can be monetary"),
        ({"imports": '"all"'}, "", "imports can be declared"),
        ({"imprts": '"declared"'}, "", "Did you mean `imports`"),
        ({"min_coverage": '"most"'}, "", "`min_coverage` must be a number"),
        ({"without": '"tourism"'}, "", "`without` must be a list of texts"),
        ({"unmoved_prices": "[5]"}, "", "`unmoved_prices` must be a list of texts"),
        ({"services": "3"}, "", "`services` must be a table"),
        ({}, "[services]\nwater_retention = 3", "service water_retention must be a table"),
        ({}, "[services.water_retenton]\ncategory = 'regulating'", "water_retenton"),
        ({}, "[services.water_retention]\ncounts = [1]", "`counts` must be a list of texts"),
        ({}, "[services.water_retention]\nrequired = 'no'", "`required` must be true or false"),
        (
            {},
            "[services.air_purification]\ncategory = 'regulating'\ncomponents.so2 = ['forest']",
            "component so2 must be a table",
        ),
    ],
)
def test_a_profile_that_cannot_be_loaded(copied: Path, keys: dict[str, str], services: str, said: str):
    """A profile of a province is data, and read as any other: no slip in it ends in a traceback."""
    lines = [f"{key} = {value}" for key, value in {**PROFILE, **keys}.items()]
    (copied / "cas-2010" / "profile.toml").write_text("\n".join([*lines, services]), encoding="utf-8")
    found = [problem for problem in told() if problem.code == "C07"]
    assert ("cas-2010", "error") in {(problem.subject, problem.severity) for problem in found}
    assert said in next(str(problem) for problem in found if problem.subject == "cas-2010")


def test_a_scheme_that_cannot_be_loaded(copied: Path):
    """A heading twice: which of the two columns holds the class?"""
    table = copied / "crosswalks" / "clcd.csv"
    heading, *rows = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([f"{heading},class", *(f"{row},dryland" for row in rows)]), encoding="utf-8")
    assert [(problem.code, problem.subject) for problem in told()] == [("C07", "clcd")]


def changed(monkeypatch: pytest.MonkeyPatch, name: str, change: Change) -> None:
    """The rows of one shipped table as a slip of the pen would leave them."""

    def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
        rows = [dict(row) for _, row in read_csv(path)]
        if path.match(name):
            change(rows)
        yield from enumerate(rows, 2)

    monkeypatch.setattr(check, "read_csv", rows_of)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("seea/services.csv", lambda rows: rows[0].update(service="water_retenton"), "water_retenton"),
        ("seea/services.csv", lambda rows: rows[0].update(section="regulatin"), "regulatin"),
        ("seea/services.csv", lambda rows: rows[0].update(standing="finl"), "finl"),
        ("seea/services.csv", lambda rows: rows[0].update(source="nobody-1900"), "nobody-1900"),
        ("seea/services.csv", lambda rows: rows.append(rows[0]), "two rows"),
        ("seea/services.csv", lambda rows: rows.clear(), "water_retention"),
        ("seea/get_codes.csv", lambda rows: rows.append(rows[0]), "two rows"),
        ("seea/get_classes.csv", lambda rows: rows[0].update(get_code="Z9.9"), "Z9.9"),
        ("seea/get_classes.csv", lambda rows: rows[0].update(confidence="hihg"), "hihg"),
        ("seea/get_classes.csv", lambda rows: rows[0].update({"class": "bambo"}), "bambo"),
        ("seea/get_classes.csv", lambda rows: rows[0].update(share="0.5"), "0.5"),
        ("seea/get_classes.csv", lambda rows: rows.clear(), "forest"),
    ],
)
def test_a_crosswalk_with_a_slip(monkeypatch: pytest.MonkeyPatch, name: str, change: Change, said: str):
    changed(monkeypatch, name, change)
    found = told()
    assert {(problem.code, problem.severity) for problem in found} == {("C09", "error")}
    assert any(said in str(problem) for problem in found), found


def test_a_service_whose_seea_service_is_not_named(monkeypatch: pytest.MonkeyPatch):
    def change(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row["standing"] == "final")["seea_id"] = ""

    changed(monkeypatch, "seea/services.csv", change)
    assert [problem.code for problem in told()] == ["C09"]


def test_a_class_below_one_that_is_not_there_and_a_code_of_no_class(monkeypatch: pytest.MonkeyPatch):
    """Of the classes a parent, of a scheme the class of a code."""
    known = dict(check.land_classes())
    pair, land_class = next((pair, of) for pair, of in known.items() if of.parent)
    known[pair] = replace(land_class, parent="brodleaf")
    monkeypatch.setattr(check, "land_classes", lambda: known)
    assert ("C09", "/".join(pair)) in {(problem.code, problem.subject) for problem in told()}
    monkeypatch.undo()
    scheme = schemes.load_scheme("clcd")
    monkeypatch.setattr(check, "load_scheme", lambda name: replace(scheme, id=name, classes={"7": ("forest", "bambo")}))
    found = [problem for problem in told() if problem.subject == "clcd"]
    assert [problem.code for problem in found] == ["C09"]
    assert "bamboo" in found[0].message


def test_an_overlap_of_a_flow_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    name, overlap = next(iter(overlaps().items()))
    misspelt = replace(overlap, flows=(*overlap.flows[:-1], overlap.flows[-1] + "x"))
    monkeypatch.setattr(check, "overlaps", lambda: {**overlaps(), name: misspelt})
    (found,) = told()
    assert (found.code, found.severity, found.subject) == ("C13", "error", name)
    assert f"`{overlap.flows[-1]}`" in found.message  # did you mean the one without an x
