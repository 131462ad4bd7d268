"""`gep explain`: what is printed computes again to the figure, from the folder alone; and what is said where there is
nothing.
"""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import projects
import pytest
from builders import (
    BAMBOO,
    FOREST,
    STEPPE,
    block,
    make_study,
    own_coefficients,
    statistics,
    water_layers,
    zones,
)
from places import DATA
from projects import Gep
from reading import same_bytes, same_explanations, same_figures, written_and_read
from recomputed import Line, check, lines_of, printed_lines
from shown import named, shown

from gep.account.account import Account
from gep.account.from_quantities import account_of
from gep.core.errors import UsageError
from gep.core.formula import arithmetic, put_in
from gep.services.sand_fixation import retained_sand
from gep.study.folder import write_run
from gep.study.run import read_run
from gep.study.study import Study

SHARED = DATA / "hulunbuir"

CONTRACT = {"schema", "figure", "formula", "steps", "inputs", "coefficients", "price", "passes"}

CITY = (
    ("990101", "water_retention", ""),
    ("990102", "soil_retention", "forest"),
    ("990103", "carbon_sequestration", "grassland"),
    ("990101", "air_purification", ""),  # dust is capped at what is emitted
    ("990101", "flood_mitigation", "wetland"),  # a lake that lies in two counties, marshes, no reservoir: a zero
    ("990102", "climate_regulation", ""),
    ("990101", "sand_fixation", "desert"),  # far from linear
    ("990102", "crop_products", ""),
    ("_city", "tourism", ""),
    ("_city", "soil_retention", "cropland/paddy"),
    ("990103", "water_purification", ""),
    ("_city", "landscape_premium", ""),
)
STEPPES = (
    ("150782", "water_retention", ""),
    ("150784", "water_retention", "forest"),
    ("150727", "water_retention", "grassland"),
    ("_city", "water_retention", "grassland"),
    ("150702", "carbon_sequestration", ""),
    ("150721", "carbon_sequestration", "grassland"),
    ("150782", "carbon_sequestration", "forest/deciduous_broadleaf"),
    ("_city", "carbon_sequestration", "wetland"),
    ("150727", "flood_mitigation", "wetland/marsh"),
    ("_city", "flood_mitigation", "wetland/marsh"),
)


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


Run = tuple[Path, Account]


def moved_run(account: Account, folder: Path) -> Run:
    """A run that was written to one place and carried to another."""
    write_run(account, folder / "written")
    return (folder / "written").rename(folder / "years later"), account


@pytest.fixture(scope="module")
def city(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run of the sample city, whose inputs are gone."""
    inputs = tmp_path_factory.mktemp("inputs") / "city"
    account = Study.open(shutil.copytree(sample_city, inputs)).run()
    shutil.rmtree(inputs)
    return moved_run(account, tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def hulunbuir(tmp_path_factory: pytest.TempPathFactory) -> Run:
    if not (SHARED / "gep.toml").is_file():
        pytest.skip("the real rasters are not beside the checkout")
    return moved_run(Study.open(SHARED / "gep.toml").run(), tmp_path_factory.mktemp("hulunbuir"))


def counted(
    folder: Path, zone: str, service: str, ecosystem: str, measure: str = "value", **wanted: str
) -> list[float]:
    """Numbers of account.csv, read by themselves."""
    name, _, land_class = ecosystem.partition("/")
    wanted |= {"service": service, "measure": measure, "counted": "1"}
    wanted |= {} if zone == "_city" else {"area_code": zone}
    wanted |= {"ecosystem_type": name} if name else {}
    wanted |= {"land_class": land_class} if land_class else {}
    with (folder / "account.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[column] == value for column, value in wanted.items())]
    return [float(row["value"]) for row in rows if row["value"]]


def recomputes(gep: Gep, run: Run, zone: str, service: str, ecosystem: str) -> None:
    """Every printed line gives its result; the last one is the figure of account.csv, and what is printed of its parts
    adds up to it.
    """
    folder, account = run
    arguments = ("explain", folder, zone, service, *([ecosystem] if ecosystem else []))
    said = gep(*arguments, "--all")
    assert said.code == 0, said.err
    lines = printed_lines(said.out)
    assert check(lines) >= 3
    values = counted(folder, zone, service, ecosystem)
    assert lines[-1].name == "figure"
    assert lines[-1].result == math.fsum(values)
    parts = [
        line.result for line in lines if line.name in ("value", "value_cap", "value_clip") and line.result is not None
    ]
    assert math.fsum(parts) == pytest.approx(math.fsum(values), rel=1e-15)
    document = gep(*arguments, "--json").document
    assert set(document) >= CONTRACT
    assert document["figure"]["value"] == math.fsum(values)
    assert set(lines_of(document)) == set(lines)
    assert document == account.explain(service, zone=zone, ecosystem=ecosystem)


@pytest.mark.parametrize(("zone", "service", "ecosystem"), CITY)
def test_figures_of_the_sample_city_recompute(gep: Gep, city: Run, zone: str, service: str, ecosystem: str):
    recomputes(gep, city, zone, service, ecosystem)


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([("a", "3.0 * 2.5", 7.5)], 7.500000000000001),
        ([("a", "exp(0.1)", None), ("b", "1000.0 * a", 1105.1709180756477)], 1105.17091807566),
        ([("a", "exp(0.5)", None), ("b", "exp(0.499)", None), ("c", "a - b", 0.001647897184783)], 0.001647897185783),
    ],
)
def test_a_result_that_does_not_follow_is_found(lines, wrong):
    """By hand: e^0.1 = 1.1051709180756477, e^0.5 - e^0.499 = 1.648721270700 - 1.647073373515 = 0.001647897185."""
    *before, (name, expression, right) = lines
    assert check(Line(*line) for line in lines) == 1
    assert wrong != right
    with pytest.raises(AssertionError):
        check([*(Line(*line) for line in before), Line(name, expression, wrong)])


@pytest.mark.shared
@pytest.mark.parametrize(("zone", "service", "ecosystem"), STEPPES)
def test_figures_of_hulunbuir_recompute(gep: Gep, hulunbuir: Run, zone: str, service: str, ecosystem: str):
    recomputes(gep, hulunbuir, zone, service, ecosystem)


def test_the_short_form_recomputes_too(gep: Gep, city: Run):
    """Without an ecosystem the largest class of each component is taken apart, the total is that of all, and how to see
    the rest is said.
    """
    folder, _ = city
    said = gep("explain", folder, "990101", "water_retention")
    lines = printed_lines(said.out)
    check(lines)
    assert len([line for line in lines if line.name == "value"]) == 1
    assert lines[-1].result == math.fsum(counted(folder, "990101", "water_retention", ""))
    assert re.search(
        r"^\d+ more are not shown: add --all, or name an ecosystem: .*Forest, Grassland", said.out, re.MULTILINE
    )


def test_in_chinese(gep: Gep, city: Run):
    """The same arithmetic, with names understood in Chinese."""
    folder, _ = city
    said = gep("explain", folder, "甲县（合成）", "水源涵养", "森林", "--lang", "zh")
    english = gep("explain", folder, "990101", "water_retention", "forest")
    assert said.code == 0
    assert printed_lines(said.out) == printed_lines(english.out)
    assert all(
        text in said.out
        for text in ("水源涵养 (water_retention) · 甲县（合成） 990101 · 森林", "面积 × 平均密度 = 实物量", "亿元")
    )
    assert "Area" not in said.out


@pytest.mark.shared
def test_the_run_of_hulunbuir_is_read_as_it_was_written(hulunbuir: Run, tmp_path: Path):
    folder, account = hulunbuir
    read = written_and_read(account, tmp_path / "run")
    assert same_explanations(read, account) == 15 * 19  # 14 counties and the city, 19 services of the profile
    same_bytes(read, tmp_path / "run", tmp_path / "again")
    same_figures(read_run(folder), account)


# why there is nothing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("990101", "oxygen_release"), "There is no figure: off: not in the specification, whose text was not at hand"),
        (("990101", "coastal_protection"), "There is no figure: not applicable: declared not applicable: no coast"),
        (
            ("990101", "flood_mitigation", "forest"),
            "not counted: the profile ndrc-2022 counts Flood mitigation for Wetland: Lake",
        ),
        (("990101", "water_retention", "coast"), "does not occur: there is no Coast in County A"),
        (
            ("990101", "species_conservation"),
            "not in the profile: the profile ndrc-2022 does not count Species conservation",
        ),
    ],
)
def test_why_a_figure_is_empty(gep: Gep, city: Run, arguments: tuple[str, ...], said: str):
    folder, account = city
    outcome = gep("explain", folder, *arguments)
    assert outcome.code == 0
    assert said in outcome.out
    document = gep("explain", folder, *arguments, "--json").document
    assert document["figure"]["value"] is None
    assert document["figure"]["empty"]["detail"] in outcome.out
    zone, service, *ecosystem = arguments
    assert document == account.explain(service, zone, *ecosystem)


@pytest.mark.shared
def test_why_figures_of_hulunbuir_are_empty(gep: Gep, hulunbuir: Run):
    folder, _ = hulunbuir
    assert "no input: `visits` is not in the tables" in gep("explain", folder, "_city", "tourism").out
    assert "it is not made from an elevation grid of 18,538 m" in gep("explain", folder, "150702", "soil_retention").out
    said = gep("explain", folder, "150702", "carbon_sequestration").out
    assert "Not full in the whole area: too little data: valid inputs cover 28.6%" in said


def test_products_that_are_declared_not_applicable(gep: Gep, tmp_path: Path):
    study = make_study(
        np.full((2, 2), STEPPE),
        water_layers((2, 2)),
        zones(block(0, 0, 2, 2)),
        not_applicable={"fishery_products": "no water"},
    )
    text, _ = shown(study.run(), tmp_path / "run", gep, "101", "fishery_products")
    assert "not applicable: declared not applicable: no water" in text


def test_a_class_without_a_coefficient(gep: Gep, tmp_path: Path):
    """The shipped tables have no runoff coefficient for bamboo."""
    cover = np.array([[STEPPE, BAMBOO]])
    account = make_study(cover, water_layers((1, 2)), zones(block(0, 0, 2, 1)), of=["water_retention"]).run()
    text, _ = shown(account, tmp_path / "run", gep, "101", "water_retention", "forest")
    assert "no row of runoff_coefficient for Forest: Bamboo forest" in text


def test_a_class_without_its_layers(gep: Gep, tmp_path: Path):
    layers = water_layers((1, 2))
    layers["precipitation"].values[0, 0] = np.nan
    account = make_study(np.array([[STEPPE, 5]]), layers, zones(block(0, 0, 2, 1)), of=["water_retention"]).run()
    text, _ = shown(account, tmp_path / "run", gep, "101", "water_retention", "grassland/temperate_steppe")
    assert "no cell has all the layers" in text


def test_emissions_of_the_whole_city_cap_the_sum_of_its_counties(gep: Gep, tmp_path: Path):
    """Sulphur dioxide of 4 km2 of forest in two counties, of which the city emits a tenth: what is kept is shared by
    capacity.
    """
    own = own_coefficients(tmp_path, ("so2_uptake", "forest", 100.0, "kg*SO2/(hm^2*year)"))
    tables = statistics(("_city", "so2_emission", "quantity", 4, "t"), ("_city", "nox_emission", "quantity", 4, "t"))
    study = make_study(
        np.full((2, 2), FOREST),
        {},
        zones(block(0, 0, 1, 2), block(1, 0, 2, 2)),
        of=["air_purification"],
        tables={"emissions": pd.concat([tables, statistics(("_city", "dust_emission", "quantity", 4, "t"))])},
        coefficients={"own": own},
    )
    account = study.run()
    text, _ = shown(account, tmp_path / "run", gep, "101", "air_purification")
    lines = named(printed_lines(text.partition("Sulphur dioxide (so2)")[2].partition("(nox)")[0]))
    assert lines["quantity"].result == pytest.approx(20, rel=1e-6)
    assert lines["capacity"].result == pytest.approx(40, rel=1e-6)
    assert lines["kept"].result == 4
    assert lines["quantity_cap"].result == pytest.approx(-18, rel=1e-6)
    document = account.explain("air_purification")
    assert {q["component"]: q["value"] for q in document["figure"]["quantities"]}["so2"] == pytest.approx(4, rel=1e-12)
    check(lines_of(document))


def test_a_county_without_a_limit_is_not_counted(gep: Gep, tmp_path: Path):
    rows = [(zone, f"{name}_emission", "quantity", 4, "t") for name in ("so2", "nox", "dust") for zone in ("101",)]
    study = make_study(
        np.full((2, 2), FOREST),
        {},
        zones(block(0, 0, 1, 2), block(1, 0, 2, 2)),
        of=["air_purification"],
        tables={"emissions": statistics(*rows)},
    )
    text, _ = shown(study.run(), tmp_path / "run", gep, "102", "air_purification")
    assert "There is no figure: no input: County 102 report no so2_emission" in text
    assert "not counted: no limit is reported for the zone" in text


def test_a_quantity_without_a_price(gep: Gep, tmp_path: Path):
    """Under the default profile nothing gives the cost of purifying water: the quantity stays, and what is lacking is
    said.
    """
    study = make_study(
        np.full((2, 2), STEPPE),
        water_layers((2, 2)),
        zones(block(0, 0, 2, 2)),
        of=["water_retention"],
        methods={"water_retention": {"water_quality": "on"}},
        waivers={"D01": ("the tester", "to have a quantity without a price")},
    )
    text, _ = shown(study.run(), tmp_path / "run", gep, "101", "water_retention")
    assert "no price: water_purification_cost" in text


def test_a_physical_account_has_quantities(gep: Gep, tmp_path: Path):
    account = make_study(
        np.full((2, 2), STEPPE),
        water_layers((2, 2)),
        zones(block(0, 0, 2, 2)),
        profile="hj1173-2021",
        methods={"water_retention": {"precipitation": "annual"}},
    ).run()
    text, lines = shown(account, tmp_path / "run", gep, "101", "water_retention")
    assert lines["quantity"].result == pytest.approx(4 * 452_720, rel=1e-9)
    assert "There is no figure" not in text
    assert "CNY" not in text


# bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("990101", "water_retension"),
            "There is no service `water_retension` in this run. Did you mean `water_retention`",
        ),
        (("99101", "water_retention"), "There is no zone `99101` in this run. Did you mean `990101`"),
        (("nowhere at all", "water_retention"), "990101 County A (synthetic)"),
        (
            ("990101", "water_retention", "forrest"),
            "There is no ecosystem `forrest` in this run. Did you mean `forest`",
        ),
    ],
)
def test_names_that_the_run_does_not_have(gep: Gep, city: Run, arguments: tuple[str, ...], said: str):
    outcome = gep("explain", city[0], *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert said in gep("explain", city[0], *arguments, "--json").document["error"]


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def changed(name: str, text: str | None) -> Callable[[Path], Any]:
    """A folder without one of its files, or with another text in it."""
    return lambda folder: (
        (folder / name).unlink() if text is None else (folder / name).write_text(text, encoding="utf-8")
    )


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (shutil.rmtree, "There is no folder"),
        (emptied, "is not a finished run: it has no account.csv, summary.json, run.json."),
        (changed("ledger.json", None), "has no ledger.json: the run is of a version of gep that did not write down"),
        (changed("ledger.json", '{"schema": 2}'), "has schema 2; this version of gep reads schema 1"),
        (changed("ledger.json", '{"schema": 1, "run_id": "000000000000"}'), "are of different runs"),
        (changed("ledger.json", "{"), "ledger.json cannot be read"),
        (changed("run.json", "[]"), "run.json does not hold a JSON object"),
        (changed("account.csv", "area_code,value\n1,many\n"), "account.csv, line 1, cannot be read as an account"),
    ],
)
def test_folders_that_cannot_be_explained(
    gep: Gep, city: Run, tmp_path: Path, break_it: Callable[[Path], Any], said: str
):
    folder = shutil.copytree(city[0], tmp_path / "run")
    break_it(folder)
    outcome = gep("explain", folder, "990101", "water_retention")
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_a_file_is_no_run(gep: Gep, city: Run):
    outcome = gep("explain", city[0] / "run.json", "990101", "water_retention")
    assert outcome.code == 2
    assert "is a file; a finished run is a folder" in outcome.err


def test_zones_of_one_name_are_told_apart_by_code(gep: Gep, tmp_path: Path):
    counties = zones(block(0, 0, 1, 1), block(1, 0, 2, 1)).assign(name="Twin")
    account = make_study(np.full((1, 2), STEPPE), water_layers((1, 2)), counties, of=["water_retention"]).run()
    write_run(account, tmp_path / "run")
    outcome = gep("explain", tmp_path / "run", "twin", "water_retention")
    assert outcome.code == 2
    assert "Several zones are called `twin`: 101, 102. Give the code." in outcome.err


def test_an_account_of_given_quantities_has_no_ledger():
    account = account_of([{"service": "water_retention", "quantity": 1.0, "unit": "m3"}], profile="cas-2010", year=2010)
    with pytest.raises(UsageError, match="there is no ledger"):
        account.explain("water_retention")


# the ledger -----------------------------------------------------------------------------------------------------------


def test_the_ledger_is_the_same_whatever_computed_it(tmp_path: Path):
    project = projects.write(tmp_path / "project")
    folders = [tmp_path / "one", tmp_path / "deep" / "two"]
    for threads, folder in enumerate(folders, start=1):
        write_run(Study.open(project).run(threads=threads, window=512 * threads), folder)
    one, two = ((folder / "ledger.json").read_bytes() for folder in folders)
    assert one == two
    assert str(tmp_path).encode() not in one


def texts(document: Any) -> Iterator[str]:
    """Every text of a document."""
    if isinstance(document, dict):
        for value in document.values():
            yield from texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from texts(value)
    elif isinstance(document, str):
        yield document


def test_the_folder_explains_itself(city: Run, monkeypatch: pytest.MonkeyPatch):
    """A later version, which has no equation and no coefficient of today, tells the same."""
    folder, account = city
    before = read_run(folder).explain("soil_retention", "990101", "forest")
    monkeypatch.setattr("gep.services.SERVICES", {})
    monkeypatch.setattr("gep.standards.coefficients.sources", dict)
    monkeypatch.setattr("gep.core.formula.arithmetic", None)
    assert (
        read_run(folder).explain("soil_retention", "990101", "forest")
        == before
        == account.explain("soil_retention", "990101", "forest")
    )
    assert any("soil loss equation" in text for text in texts(before))
    assert json.loads(json.dumps(before)) == before


# arithmetic as text ---------------------------------------------------------------------------------------------------


def test_an_equation_as_arithmetic():
    """The wind erosion equation calls another twice; WF 20, EF 0.5, SCF 0.6, K' 0.8, C 0.2, z 50 m: 4.81991 kg/m2
    (methods.md).
    """
    numbers = dict(zip(retained_sand.arguments, (20.0, 0.5, 0.6, 0.8, 0.2, 1.0, 50.0, 109.8, 150.71, 1.0), strict=True))
    put = {name: repr(value) for name, value in numbers.items()}
    lines = arithmetic(retained_sand)
    assert len({name for name, _ in lines}) == len(lines)
    known: dict[str, float] = {}
    for name, expression in lines:
        known[name] = eval(put_in(expression, put), {"__builtins__": {}}, {"exp": math.exp, "maximum": max, **known})
    assert known["retained_sand"] == pytest.approx(4.81991, abs=5e-6)


def test_negative_numbers_keep_their_sign():
    assert put_in("a - b ** 2", {"a": "1.0", "b": "-2.0"}) == "1.0 - (-2.0) ** 2"


def test_an_account_that_was_changed_after_the_run_is_not_explained(gep: Gep, city: Run, tmp_path: Path):
    """The arithmetic of the ledger would be printed beside figures that it does not give."""
    folder = shutil.copytree(city[0], tmp_path / "run")
    lines = (folder / "account.csv").read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if ",water_retention," in line and ",value," in line)
    lines[at] = re.sub(r"\d+\.\d+(?=,CNY)", "1.0", lines[at])
    (folder / "account.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = gep("explain", folder, "990101", "water_retention")
    assert outcome.code == 2
    assert "account.csv is not as the run wrote it" in outcome.err


@pytest.mark.parametrize(
    ("ecosystem", "reason"), [("wetland", "not_supplied"), ("desert", "not_counted"), ("coast", "does_not_occur")]
)
def test_the_reason_is_of_the_ecosystem_that_was_asked_for(gep: Gep, city: Run, ecosystem: str, reason: str):
    document = gep("explain", city[0], "990101", "air_purification", ecosystem, "--json").document
    assert document["figure"]["empty"]["reason"] == reason
