"""Three years of the synthetic sample city: what is known to change comes out as the numbers that it must be."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
import rasterio

from gep.account.account import Account
from gep.account.changes import Comparison
from gep.inputs.project import read_project
from gep.report.console import console
from gep.report.years import show_comparison
from gep.standards.prices import price_index
from gep.standards.profile import load_profile
from gep.study.run import read_runs
from gep.study.sample.years import changes, write_sample_years

DRYLAND, MIXED, RESIDENTIAL, SANDY, STEPPE = 54, 13, 61, 72, 32
TIMBER, WALNUTS = (6100 + 4200 + 5300) * 820, (140 + 90 + 210) * 21000
"""What statistics.csv has of 2020, in CNY."""


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of one call of `gep demo --years`, and its document."""
    home = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        import io

        out = io.StringIO()
        patch.chdir(home)
        patch.setenv("GEP_LANG", "en")
        patch.setattr("sys.argv", ["gep", "demo", "--years", "--json", "--threads", "1"])
        patch.setattr("sys.stdout", out)
        from gep.cli.app import main

        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    return home / "gep-demo-years", json.loads(out.getvalue())


@pytest.fixture(scope="module")
def years(called: tuple[Path, dict[str, Any]]) -> dict[int, Account]:
    return {account.about.year: account for account in read_runs(called[0])}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample_years(tmp_path_factory.mktemp("project")).parent


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def codes(folder: Path, year: int) -> np.ndarray:
    with rasterio.open(folder / f"land_cover_{year}.tif") as file:
        return file.read(1)


def between(years: dict[int, Account], first: int, second: int) -> Comparison:
    return read_runs([years[first].about.folder, years[second].about.folder]).compare()


def test_the_first_year_is_the_sample_city(called: tuple[Path, dict[str, Any]], sample_account: Account):
    folder, document = called
    assert document["years"] == [2020, 2021, 2022]
    assert document["runs"][0]["digest"] == sample_account.digest
    assert sorted(path.name for path in folder.iterdir()) == ["2020", "2021", "2022", "compare"]
    assert document["comparison"] == json.loads((folder / "compare" / "compare.json").read_text(encoding="utf-8"))


def test_as_many_cells_change_as_is_said_and_no_other(project: Path):
    before = codes(project, 2020)
    for change in changes():
        after = codes(project, change.year)
        found = {(int(a), int(b)): 0 for a, b in zip(before.flat, after.flat, strict=True) if a != b}
        for pair in found:
            found[pair] = int(((before == pair[0]) & (after == pair[1])).sum())
        assert found == {(part.before, part.after): part.cells for part in change.land}
        before = after
    assert {(part.before, part.after) for change in changes() for part in change.land} == {
        (DRYLAND, MIXED),
        (DRYLAND, RESIDENTIAL),
        (SANDY, STEPPE),
    }


def test_the_land_that_moved_is_in_t11_to_the_last_bit(called: tuple[Path, dict[str, Any]]):
    """4000, 1000 and 2500 cells of 900 m2, on the ground 0.08 % larger than on the map (scale 0.9996 squared)."""
    extent, moves = (rows_of(called[0] / "compare" / f"{name}.csv") for name in ("T10", "T11"))
    moved = {
        ("cropland", "forest"): 4000 * 900.0,
        ("cropland", "urban"): 1000 * 900.0,
        ("desert", "grassland"): 2500 * 900.0,
    }
    types = [name for name in moves["_city/forest"] if name in ("other", "wetland", "shrub", *sum(moved, ()))]
    for before in types:
        for after in types:
            area = float(moves[f"_city/{before}"][after])
            if before != after:
                assert area == pytest.approx(moved.get((before, after), 0.0) / 0.9996**2, rel=1e-4)
        assert math.fsum(float(moves[f"_city/{before}"][name]) for name in types) == float(
            extent["_city/opening"][before]
        )
        assert math.fsum(float(moves[f"_city/{name}"][before]) for name in types) == float(
            extent["_city/closing"][before]
        )
    lost = float(extent["_city/opening"]["cropland"]) - float(extent["_city/closing"]["cropland"])
    assert lost == float(moves["_city/cropland"]["forest"]) + float(moves["_city/cropland"]["urban"])


def test_water_follows_the_rain(years: dict[int, Account]):
    """Q = P (1 - alpha) - ET is linear in P: with 10 % more rain a forest whose land stays gains twice what it gains
    with 5 %.
    """

    def water(year: int) -> float:
        return math.fsum(
            entry.quantity
            for entry in years[year].counted()
            if (entry.service, entry.land_class) == ("water_retention", "evergreen_needleleaf")
        )

    assert water(2021) - water(2020) == pytest.approx(2 * (water(2022) - water(2020)), rel=1e-9)
    assert water(2021) > water(2020)


def test_the_doubled_price_leaves_growth_at_constant_prices(years: dict[int, Account]):
    (row,) = [row for row in between(years, 2021, 2022).by("service") if row.key == ("forestry_products",)]
    assert row.growth_constant == pytest.approx(0, abs=1e-12)
    assert row.growth_current == pytest.approx(WALNUTS / (TIMBER + WALNUTS))
    assert row.effects.price == pytest.approx(WALNUTS)
    # land that became other land has still the harvest of before: what more land adds, less on each takes away
    assert math.fsum([row.effects.area, row.effects.intensity]) == pytest.approx(0, abs=1e-3)


def test_a_year_of_land_and_rain_alone_has_the_prices_of_the_index(years: dict[int, Account]):
    """What is valued at a cost that the index moves, and what grows where nothing else changed: noise barriers."""
    index = price_index(load_profile("ndrc-2022").price_index)
    rows = {row.key[0]: row for row in between(years, 2020, 2021).by("service")}
    noise = rows["noise_attenuation"]
    assert noise.growth_current == pytest.approx(index.factor(2020, 2021) - 1)
    assert noise.growth_constant == 0
    assert rows["tourism"].growth_current == pytest.approx(0, abs=1e-12)


def test_another_product_is_told_and_is_no_growth(years: dict[int, Account]):
    assert not between(years, 2020, 2021).other
    found = between(years, 2021, 2022)
    assert list(found.other) == ["carbon_sequestration"]
    (why,) = found.other["carbon_sequestration"]
    assert "net primary production" in why.lower()
    assert "净初级生产力" in why.zh
    (row,) = [row for row in found.by("service") if row.key == ("carbon_sequestration",)]
    assert row.growth_constant is None
    assert row.effects.method


def test_effects_add_up_everywhere(called: tuple[Path, dict[str, Any]]):
    document = called[1]["comparison"]
    for row in (document["total"], *document["rows"]):
        told = [part for part in row["effects"].values() if part is not None]
        change = (row["value"] or 0.0) - (row["base_value"] or 0.0)
        assert math.fsum(told) == pytest.approx(change, rel=1e-12, abs=1e-9)


def test_it_is_printed_in_both_languages(years: dict[int, Account], capsys: pytest.CaptureFixture[str]):
    comparison = read_runs([account.about.folder for account in years.values()]).compare()
    for language, words in (("en", ("Change from 2020 to 2022", "2021 │")), ("zh", ("2020—2022年变化", "2021 │"))):
        show_comparison(comparison, console(), language)
        said = capsys.readouterr().out
        assert all(word in said for word in words)
        assert "…（" not in said.split("\n")[1]


def test_everything_says_that_it_is_synthetic(called: tuple[Path, dict[str, Any]], project: Path):
    assert {run["study"]["name"] for run in called[1]["runs"]} == {"Sample City (synthetic)"}
    for year in (2021, 2022):
        with rasterio.open(project / f"land_cover_{year}.tif") as file:
            assert "synthetic" in file.tags()["TITLE"]
    assert "invented" in (project / "README.txt").read_text(encoding="utf-8").split("THREE YEARS")[1]
    assert read_project(project).years.list == [2020, 2021, 2022]


def test_the_project_in_chinese_and_a_folder_of_one_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    gep = projects.caller(monkeypatch, capsys, tmp_path)
    assert gep("init", "there", "--years", "--lang", "zh").code == 0
    assert "核桃价格为上年的 2 倍" in Path("there/README.txt").read_text(encoding="utf-8")
    assert "{year}" in Path("there/gep.toml").read_text(encoding="utf-8")
    Path("run").mkdir()
    Path("run/run.json").write_text("{}", encoding="utf-8")
    said = gep("demo", "--years", "--out", "run")
    assert said.code == 2
    assert "--out" in said.err
    assert gep("init", "new", "--from", "there", "--years").code == 2
