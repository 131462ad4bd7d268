"""`gep diff`: what differs between two runs, and the change of each figure by what it comes from, worked out by hand.

The city has 24 cells of one square kilometre, all needle-leaved forest but for a column of steppe where more evaporates
than falls. Water retention is Q = P (1 - alpha) - ET, and its value Q times a reservoir cost of 8 CNY/m3, given for
2019.
"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from builders import ALPHA, FOREST, STEPPE, block, own_coefficients, raster, services_but, write_project, zones
from projects import Gep
from reading import seal

from gep.account.entries import digest_of
from gep.study.causes import Figure, figures_of, hybrid
from gep.study.change import FigureChange
from gep.study.documents import read_rows
from gep.study.run import read_run
from gep.study.study import Study

SHAPE = (4, 6)
COST = 8.0
WEST, EAST = block(0, 0, 3, 4), block(3, 0, 6, 4)
DRY = 1300.0
"""mm that evaporate from the steppe of the first column."""

pytestmark = pytest.mark.usefixtures("one_pass")


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    monkeypatch.setenv(
        "OGR_CURRENT_DATE", "2020-01-01T00:00:00Z"
    )  # or the same counties would be another GeoPackage a moment later
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def city(
    folder: Path, rain: float = 1200.0, cost: float = COST, counties: Any = None, **sections: dict[str, str]
) -> Path:
    """The project of the city, with other rain, cost, counties, or more lines in sections of its file."""
    codes = np.full(SHAPE, FOREST, dtype=np.uint8)
    codes[:, 0] = STEPPE
    gone = np.full(SHAPE, 700.0)
    gone[:, 0] = DRY
    layers = {"precipitation": raster(np.full(SHAPE, rain), "mm/year"), "evapotranspiration": raster(gone, "mm/year")}
    path = write_project(folder, raster(codes), layers, zones(WEST, EAST) if counties is None else counties)
    own_coefficients(folder, ("reservoir_cost", "", cost, "CNY/m^3", 2019))
    off = dict.fromkeys(services_but("water_retention"), '{ off = "not what is tested" }')
    tables = {"coefficients": {"override": '"own.csv"'}, "services": off, **sections}
    lines = [
        line
        for name, keys in tables.items()
        for line in (f"[{name}]", *(f"{key} = {value}" for key, value in keys.items()))
    ]
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(["", *lines, ""]), encoding="utf-8")
    return path


def depth(code: int, rain: float, gone: float) -> float:
    """m of water retained in a year."""
    return (rain * (1 - ALPHA[code]) - gone) / 1000


def volume(rain: float = 1200.0, forests: int = 20, steppes: int = 4) -> float:
    """m3 retained by so many square kilometres of each."""
    return 1e6 * (forests * depth(FOREST, rain, 700.0) + steppes * depth(STEPPE, rain, DRY))


def total(document: dict[str, Any]) -> dict[str, Any]:
    return figure(document, "total", "")


def figure(document: dict[str, Any], table: str, key: str) -> dict[str, Any]:
    (found,) = [f for f in document["figures"] if (f["table"], f["key"]) == (table, key)]
    return dict(found)


def near(value: float) -> Any:
    """Equal but for rounding: the areas of the cells are those of the projection to a few parts in 1e8."""
    return pytest.approx(value, rel=1e-6, abs=1e-3)


def compare(gep: Gep, first: Path, second: Path, *options: object) -> dict[str, Any]:
    """Both projects run, and what `gep diff` says of the runs."""
    for name, project in (("a", first), ("b", second)):
        assert gep("run", project, "-o", name, "--quiet").code == 0
    said = gep("diff", "a", "b", "--json", *options)
    assert said.code == 0, said.err
    assert_it_adds_up(said.document)
    return said.document


def assert_it_adds_up(document: dict[str, Any]) -> None:
    """The parts of every figure make its change."""
    if document["attribution"]["how"] == "none":
        return
    for entry in document["figures"]:
        assert entry["change"] == (entry["b"] or 0.0) - (entry["a"] or 0.0)
        size = max(abs(entry["a"] or 0.0), abs(entry["b"] or 0.0), 1e-9)
        assert math.isclose(math.fsum(entry["parts"].values()), entry["change"], rel_tol=0, abs_tol=1e-15 * size), entry


def names(document: dict[str, Any], kind: str) -> set[str]:
    return {change["name"] for change in document["differences"][kind]}


# one thing differs ----------------------------------------------------------------------------------------------------


def test_only_rain(gep: Gep, tmp_path: Path):
    document = compare(gep, city(tmp_path / "first"), city(tmp_path / "second", rain=1300))
    change = COST * (volume(1300) - volume(1200))
    assert total(document)["change"] == near(change)
    assert total(document)["parts"] == {"inputs": total(document)["change"]}
    assert document["attribution"]["how"] == "single"
    assert names(document, "inputs") == {"precipitation"}
    assert [kind for kind, changes in document["differences"].items() if changes] == ["inputs"]
    assert figure(document, "quantity", "water_retention/retained_water")["change"] == near(volume(1300) - volume(1200))


def test_only_a_coefficient(gep: Gep, tmp_path: Path):
    document = compare(gep, city(tmp_path / "first"), city(tmp_path / "second", cost=9.0))
    assert total(document)["change"] == near(volume())
    assert total(document)["parts"] == {"coefficients": total(document)["change"]}
    assert {"name": "reservoir_cost", "field": "value", "a": 8.0, "b": 9.0} in document["differences"]["coefficients"]
    assert figure(document, "quantity", "water_retention/retained_water")["change"] == 0


def test_only_zones(gep: Gep, tmp_path: Path):
    """The eastern county leaves the account: twelve square kilometres of forest less."""
    document = compare(gep, city(tmp_path / "first"), city(tmp_path / "second", counties=zones(WEST)))
    assert total(document)["change"] == near(-COST * volume(forests=12, steppes=0))
    assert total(document)["parts"] == {"boundary": total(document)["change"]}
    gone = figure(document, "zone", "102")
    assert gone["a"] == near(COST * volume(forests=12, steppes=0))
    assert gone["b"] is None
    assert figure(document, "area", "forest")["change"] == near(-12e6)


def test_only_a_switch(gep: Gep, tmp_path: Path):
    """Cells with a negative balance count as zero: the steppe no longer takes anything off."""
    method = {"methods": {"water_retention.negative": '"clip_cell"'}}
    document = compare(gep, city(tmp_path / "first"), city(tmp_path / "second", **method))
    assert total(document)["change"] == near(-COST * 4e6 * depth(STEPPE, 1200, DRY))
    assert total(document)["parts"] == {"method": total(document)["change"]}
    assert document["differences"]["methods"] == [
        {"name": "water_retention.negative", "field": "", "a": "keep", "b": "clip_cell"}
    ]


# several --------------------------------------------------------------------------------------------------------------


def test_rain_and_cost_share_what_they_do_together(gep: Gep, tmp_path: Path):
    """V = Q c. The mean over both orders gives (Q2 - Q1) (c1 + c2) / 2 to the rain and (c2 - c1) (Q1 + Q2) / 2 to the
    cost.
    """
    document = compare(gep, city(tmp_path / "first"), city(tmp_path / "second", rain=1300, cost=10.0))
    before, after = volume(1200), volume(1300)
    assert total(document)["a"] == near(8 * before)
    assert total(document)["b"] == near(10 * after)
    assert total(document)["parts"] == {
        "inputs": near((after - before) * 9),
        "coefficients": near(2 * (before + after) / 2),
        "code": 0.0,
    }
    how = document["attribution"]
    assert (how["how"], how["order"], how["parts"], how["recomputed"]) == (
        "recomputed",
        "average",
        ["inputs", "coefficients", "code"],
        4,
    )
    assert total(document)["volume"] == near((after - before) * 9)
    assert total(document)["price"] == near(before + after)
    east = figure(document, "zone", "102")["parts"]
    assert east["inputs"] == near((volume(1300, 12, 0) - volume(1200, 12, 0)) * 9)


def test_one_after_the_other(gep: Gep, tmp_path: Path):
    """In the fixed order rain comes first, at the old cost; the cost then meets the new rain."""
    document = compare(gep, city(tmp_path / "first"), city(tmp_path / "second", rain=1300, cost=10.0), "--sequential")
    before, after = volume(1200), volume(1300)
    assert total(document)["parts"] == {
        "inputs": near((after - before) * 8),
        "coefficients": near(2 * after),
        "code": 0.0,
    }
    assert (document["attribution"]["order"], document["attribution"]["recomputed"]) == ("sequential", 3)


def test_all_four_parts_add_up(gep: Gep, tmp_path: Path):
    method = {"methods": {"water_retention.negative": '"clip_cell"'}}
    second = city(tmp_path / "second", rain=1300, cost=10.0, counties=zones(WEST), **method)
    document = compare(gep, city(tmp_path / "first"), second)
    assert total(document)["b"] == near(10 * volume(1300, forests=8, steppes=0))
    assert document["attribution"]["parts"] == ["boundary", "inputs", "coefficients", "method", "code"]
    assert document["attribution"]["recomputed"] == 16
    # what leaves with the eastern county is linear in rain and cost: the mean over orders of three parts, as 1/3, 1/6,
    # 1/6, 1/3 of the corners
    corners = [c * volume(p, 12, 0) for c, p in ((8, 1200), (10, 1200), (8, 1300), (10, 1300))]
    assert total(document)["parts"]["boundary"] == near(-np.dot([1 / 3, 1 / 6, 1 / 6, 1 / 3], corners))
    # the switch lifts the steppe, which the boundary does not touch
    lifts = [-c * 4e6 * depth(STEPPE, p, DRY) for c, p in ((8, 1200), (10, 1200), (8, 1300), (10, 1300))]
    assert total(document)["parts"]["method"] == near(np.dot([1 / 3, 1 / 6, 1 / 6, 1 / 3], lifts))


def test_parts_that_stand_in_each_others_way_are_told_together(gep: Gep, tmp_path: Path):
    """Parks in place of counties, and a table without counties: with the table of the counties the parks cannot be
    computed.
    """
    first = projects.write(tmp_path / "first")
    second = projects.write(tmp_path / "second")
    projects.counties(second.parent / "counties.geojson", codes=("P1", "P2"))
    projects.table(
        second.parent / "statistics.csv", keep=[row for row in projects.STATISTICS if row.startswith("_city")]
    )
    document = compare(gep, first, second)
    assert document["attribution"]["parts"] == ["boundary+inputs", "code"]
    (note,) = document["attribution"]["notes"]
    assert "boundary and inputs are told together" in note
    assert "With boundary of the second run alone: T04" in note
    assert "There is no zone `010" in note
    assert total(document)["parts"]["boundary+inputs"] == total(document)["change"] < 0


def test_a_profile_is_numbers_and_rules(tmp_path: Path):
    """A hybrid may have the coefficients of one profile and the rules of another."""
    first = Study.open(projects.write(tmp_path / "first")).spec
    second = Study.open(projects.write(tmp_path / "second", study={"profile": "cas-2010"})).spec
    mixed = Study.from_spec(hybrid(first, second, frozenset({"coefficients"}))).inputs
    own = [Study.from_spec(spec).inputs for spec in (first, second)]
    assert mixed.profile.rules == own[0].profile.rules != own[1].profile.rules
    assert mixed.coefficients.rows == own[1].coefficients.rows != own[0].coefficients.rows


# the code -------------------------------------------------------------------------------------------------------------


def as_of_another_version(folder: Path, factor: float) -> None:
    """A run as an older program would have written it: every value larger by a factor, its own version recorded."""
    account = folder / "account.csv"
    lines = account.read_text(encoding="utf-8").splitlines()
    column, measure = (lines[0].split(",").index(name) for name in ("value", "measure"))
    for number, line in enumerate(lines[1:], start=1):
        cells = line.split(",")
        if cells[measure] == "value" and cells[column]:
            cells[column] = repr(float(cells[column]) * factor)
            lines[number] = ",".join(cells)
    account.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, change in (
        ("summary.json", {"digest": digest_of(read_rows(account))}),
        ("run.json", {"gep": "0.0.9", "code_sha256": "0" * 64}),
    ):
        document = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps({**document, **change}), encoding="utf-8")
    seal(folder)


def test_only_the_code(gep: Gep, tmp_path: Path):
    assert gep("run", city(tmp_path / "city"), "-o", "a").code == 0
    shutil.copytree("a", "b")
    as_of_another_version(Path("a"), 1.25)
    document = gep("diff", "a", "b", "--json").document
    assert total(document)["change"] == near(-0.25 * COST * volume())
    assert total(document)["parts"] == {"code": total(document)["change"]}
    assert names(document, "code") == {"gep", "code_sha256"}


def test_the_code_and_the_rain(gep: Gep, tmp_path: Path):
    """What the present program makes of the inputs of A, less what A recorded, is the code's; the rest the rain's."""
    for name, rain in (("a", 1200.0), ("b", 1300.0)):
        assert gep("run", city(tmp_path / name, rain=rain), "-o", name).code == 0
    as_of_another_version(Path("a"), 1.25)
    document = gep("diff", "a", "b", "--json").document
    assert_it_adds_up(document)
    assert total(document)["parts"] == {
        "inputs": near(COST * (volume(1300) - volume(1200))),
        "code": near(-0.25 * COST * volume(1200)),
    }


# identical ------------------------------------------------------------------------------------------------------------


def test_the_same_run_twice(gep: Gep, tmp_path: Path):
    project = city(tmp_path / "city")
    for name in ("a", "b"):
        assert gep("run", project, "-o", name).code == 0
    said = gep("diff", "a", "b")
    assert (said.code, said.err) == (0, "")
    assert "identical, bit for bit" in said.out
    assert "全部数值相同" in gep("diff", "a", "b", "--lang", "zh").out
    document = gep("diff", "a", "b", "--json").document
    assert document["identical"] is True
    assert not any(document["differences"].values())
    assert "figures" not in document


# whether the inputs are at hand ---------------------------------------------------------------------------------------


@pytest.fixture
def two_runs(gep: Gep, tmp_path: Path) -> tuple[Path, Path]:
    """Runs of two cities that differ in rain and cost; their project files."""
    found = city(tmp_path / "first"), city(tmp_path / "second", rain=1300, cost=10.0)
    for name, project in zip("ab", found, strict=True):
        assert gep("run", project, "-o", name).code == 0
    return found


def test_inputs_that_have_changed_since_are_not_taken_for_those_of_the_run(gep: Gep, two_runs: tuple[Path, Path]):
    city(two_runs[1].parent, rain=1301, cost=11.0)
    document = gep("diff", "a", "b", "--json").document
    assert document["attribution"]["how"] == "none"
    (note,) = document["attribution"]["notes"]
    assert "precipitation.tif of the layer precipitation is another file now" in note
    assert "the coefficient table override is another one now" in note
    assert total(document)["parts"] == {}
    assert total(document)["change"] == near(10 * volume(1300) - 8 * volume(1200))
    assert "The change is not split" in gep("diff", "a", "b").out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('units = "mm/year"', 'units = "mm/year"\nscale = 2.0', "is read with scale 2.0, then with 1.0"),
        ("price_year = 2019", "price_year = 2018", "price_year of the study is now 2018, then 2019"),
        (
            "[services]",
            '[methods]\nwater_retention.negative = "clip_cell"\n[services]',
            "water_retention.negative is now clip_cell",
        ),
        ('code = "code"', 'code = "name"', "other columns of the zones"),
    ],
)
def test_a_project_file_that_says_something_else_now(
    gep: Gep, two_runs: tuple[Path, Path], old: str, new: str, said: str
):
    text = two_runs[0].read_text(encoding="utf-8")
    assert old in text
    two_runs[0].write_text(text.replace(old, new), encoding="utf-8")
    (note,) = gep("diff", "a", "b", "--json").document["attribution"]["notes"]
    assert said in note


def test_project_files_can_be_named(gep: Gep, two_runs: tuple[Path, Path], tmp_path: Path):
    """Moved away since, they are not at hand until it is said where they are."""
    for name in ("first", "second"):
        (tmp_path / name).rename(tmp_path / f"moved-{name}")
    notes = gep("diff", "a", "b", "--json").document["attribution"]["notes"]
    assert "--project-a" in notes[0]
    assert "--project-b" in notes[1]
    said = gep(
        "diff",
        "a",
        "b",
        "--json",
        "--project-a",
        tmp_path / "moved-first",
        "--project-b",
        tmp_path / "moved-second" / "gep.toml",
    )
    assert said.document["attribution"]["how"] == "recomputed"
    missing = gep("diff", "a", "b", "--project-a", tmp_path / "nowhere.toml")
    assert missing.code == 3
    assert "nowhere.toml" in missing.err


def test_without_recomputation(gep: Gep, two_runs: tuple[Path, Path]):
    document = gep("diff", "a", "b", "--json", "--no-recompute").document
    assert document["attribution"]["how"] == "none"
    assert names(document, "inputs") == {"precipitation"}
    assert names(document, "coefficients") == {"reservoir_cost"}


def test_what_is_printed(gep: Gep, two_runs: tuple[Path, Path]):
    said = gep("diff", "a", "b")
    assert said.code == 0
    shown = [line for line in said.out.splitlines() if line.startswith("Total")]
    change = 10 * volume(1300) - 8 * volume(1200)
    assert all(f"{change / 1e6:+,.2f}" in line for line in shown)
    assert all(
        text in said.out
        for text in (
            *("What differs", "precipitation: sha256", "reservoir_cost: value", "add up to its change"),
            *("volume", "price level", f"{(volume(1300) - volume(1200)) * 9 / 1e6:+,.2f}"),
        )
    )
    assert "code version" not in said.out  # nothing comes from it
    chinese = gep("diff", "a", "b", "--lang", "zh").out
    assert all(text in chinese for text in ("差异", "参数", "输入数据", "水源涵养", "变化的分解", "物量", "价格水平"))
    assert "Water retention" not in chinese


# folders that cannot be compared --------------------------------------------------------------------------------------


def refused(gep: Gep, *arguments: object) -> str:
    said = gep("diff", *arguments)
    assert said.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


def test_what_is_no_finished_run(gep: Gep, tmp_path: Path):
    project = city(tmp_path / "city")
    assert gep("run", project, "-o", "a").code == 0
    assert "There is no folder nowhere" in refused(gep, "a", "nowhere")
    assert "is a file" in refused(gep, project, "a")
    assert "is not a finished run: it has no account.csv, summary.json, run.json" in refused(gep, "a", project.parent)
    shutil.copytree("a", "half")
    Path("half/summary.json").unlink()
    assert "only a part of a run: it has no summary.json" in refused(gep, "half", "a")
    for name, content, message in (
        ("summary.json", "{", "cannot be read"),
        ("run.json", '{"schema": 2}', "reads schema 1"),
        ("account.csv", "a,b\n1,2\n", "cannot be read as an account"),
    ):
        shutil.copytree("a", f"broken-{name}")
        Path(f"broken-{name}", name).write_text(content, encoding="utf-8")
        assert message in refused(gep, "a", f"broken-{name}")


def test_an_account_that_was_edited(gep: Gep, tmp_path: Path):
    assert gep("run", city(tmp_path / "city"), "-o", "a").code == 0
    path = Path("a/account.csv")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",CNY,", ",USD,"), encoding="utf-8")
    assert "account.csv is not as the run wrote it" in refused(gep, "a", "a")


def test_money_and_quantities_are_not_compared(gep: Gep, tmp_path: Path):
    method = {"methods": {"water_retention": {"precipitation": "annual"}}}
    assert gep("run", projects.write(tmp_path / "first"), "-o", "a").code == 0
    assert (
        gep(
            "run",
            projects.write(tmp_path / "second", study={"profile": "hj1173-2021"}, tables=None, **method),
            "-o",
            "b",
        ).code
        == 0
    )
    said = refused(gep, "a", "b")
    assert "a is a monetary account and b a physical one" in said
    assert "gep profiles diff ndrc-2022 hj1173-2021" in said


def test_two_physical_accounts(gep: Gep, tmp_path: Path):
    """Quantities and no money."""
    physical = {
        "study": {"profile": "hj1173-2021"},
        "tables": None,
        "methods": {"water_retention": {"precipitation": "annual"}},
    }
    first, second = (projects.write(tmp_path / name, **physical) for name in ("first", "second"))
    projects.raster(second.parent / "precipitation.tif", 1100.0)
    document = compare(gep, first, second)
    assert {entry["table"] for entry in document["figures"]} == {"quantity", "area"}
    retained = figure(document, "quantity", "water_retention/retained_water")
    assert retained["parts"] == {"inputs": retained["change"]}
    assert retained["change"] > 0
    assert "million m³" in gep("diff", "a", "b").out


# figures --------------------------------------------------------------------------------------------------------------


def test_figures_of_a_run_are_those_of_its_summary(gep: Gep, tmp_path: Path):
    assert gep("run", projects.write(tmp_path / "city"), "-o", "a").code == 0
    summary = json.loads(Path("a/summary.json").read_text(encoding="utf-8"))
    figures = {(f.table, f.key): value for f, value in figures_of(read_run("a")).items()}
    assert figures["total", ""] == summary["total"]["value"]
    for table in ("service", "ecosystem", "zone"):
        assert {key: value for (of, key), value in figures.items() if of == table} == summary[f"by_{table}"]
    assert figures["quantity", "water_retention/retained_water"] == summary["quantities"]["water_retention"]["value"]


# how much -------------------------------------------------------------------------------------------------------------


def test_changes_in_percent():
    money = Figure("total", "", "", "CNY")
    assert FigureChange(money, 80.0, 100.0, {}).percent == 25
    assert FigureChange(money, -80.0, -100.0, {}).percent == -25
    assert FigureChange(money, None, 100.0, {}).percent is None


def test_the_rounding_of_sums_is_no_change():
    money = Figure("total", "", "", "CNY")
    assert not FigureChange(money, 0.1 + 0.2, 0.3, {("inputs",): 5e-17}).is_changed
    assert FigureChange(money, 0.3, 0.3, {("inputs",): 1e-3, ("method",): -1e-3}).is_changed
    assert FigureChange(money, None, 0.0, {}).is_changed
