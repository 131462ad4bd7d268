"""`gep compare`: three years of a small city whose growth can be worked out by hand.

24 cells of one square kilometre, a column of steppe and the rest needle-leaved forest. Water retention is
Q = P (1 - alpha) - ET at a cost of reservoirs. In 2020 two cells of forest in the west are steppe, and the cost rises
from 8 to 9; in 2021 it rains 1300 mm and no longer 1200.
"""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from builders import ALPHA, FOREST, STEPPE, block, own_coefficients, raster, services_but, write_project, zones
from openpyxl import load_workbook
from projects import Gep
from rich.console import Console

from gep.account.changes import Comparison
from gep.core.messages import in_language
from gep.report.options import ReportOptions
from gep.report.pictures.canvas import write_table
from gep.report.tables.changes import ChangeTables
from gep.report.tables.model import text_of
from gep.report.workbook.years import write_years
from gep.report.years import print_table
from gep.study.run import read_runs

SHAPE = (4, 6)
COUNTIES = zones(block(0, 0, 3, 4), block(3, 0, 6, 4))
GONE = 700.0
YEARS = {2019: (0, 8.0, 1200.0), 2020: (2, 9.0, 1200.0), 2021: (2, 9.0, 1300.0)}
"""Cells that became steppe, cost, rain."""


def depth(code: int, rain: float) -> float:
    return (rain * (1 - ALPHA[code]) - GONE) / 1000


def volume(year: int) -> float:
    became, _, rain = YEARS[year]
    return 1e6 * ((20 - became) * depth(FOREST, rain) + (4 + became) * depth(STEPPE, rain))


def value(year: int, cost: float | None = None) -> float:
    return volume(year) * (cost or YEARS[year][1])


def project(folder: Path, year: int, counties: Any = COUNTIES, *own: Any, cell: float = 1000.0) -> Path:
    became, cost, rain = YEARS[year]
    codes = np.full(SHAPE, FOREST, dtype=np.uint8)
    codes[:, 0] = STEPPE
    codes[:became, 1] = STEPPE
    layers = {
        "precipitation": raster(np.full((int(4000 / cell), int(6000 / cell)), rain), "mm/year", cell=cell),
        "evapotranspiration": raster(np.full(SHAPE, GONE), "mm/year"),
    }
    path = write_project(folder, raster(codes), layers, counties)
    own_coefficients(folder, ("reservoir_cost", "", cost, "CNY/m^3", year), *own)
    text = path.read_text(encoding="utf-8").replace("year = 2019", f"year = {year}")
    off = "\n".join(f'{name} = {{ off = "not what is tested" }}' for name in services_but("water_retention"))
    path.write_text(f'{text}\n[coefficients]\noverride = "own.csv"\n[services]\n{off}\n', encoding="utf-8")
    return path


OTHERWISE = {
    "legend": ('"grassland/temperate_steppe"', '"grassland/savanna"'),
    "grid": ("[zones]", 'grid = { crs = "EPSG:3035", resolution = 500 }\n[zones]'),
    "money": ("price_year = 2020", "price_year = 2015"),
    "study": ('code = "0100"', 'code = "0200"'),
}
"""What else may differ in 2020: by the name of the run, what its project says in place of what."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of the three years, and of a year with other counties."""
    home = tmp_path_factory.mktemp("years")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OGR_CURRENT_DATE", "2020-01-01T00:00:00Z")
        for year in YEARS:
            project(home / f"p{year}", year)
        project(home / "other", 2020, zones(block(0, 0, 2, 4), block(2, 0, 6, 4)))
        project(home / "runoff", 2020, COUNTIES, ("runoff_coefficient", "forest/evergreen_needleleaf", 0.1, "1"))
        project(home / "product", 2020, cell=500.0)
        for name, (old, new) in OTHERWISE.items():
            path = project(home / f"p{name}", 2020)
            path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    from gep.study.folder import write_run
    from gep.study.study import Study

    for name, run in (
        *((f"p{year}", str(year)) for year in YEARS),
        ("other", "others"),
        ("runoff", "other_runoff"),
        ("product", "fine_rain"),
        *((f"p{name}", name) for name in OTHERWISE),
    ):
        write_run(Study.open(home / name / "gep.toml").run(), home / run, [f"project {home / name / 'gep.toml'}"])
    return home


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, runs)


def near(number: float) -> Any:
    """Equal but for rounding: the areas of the cells are those of the projection to a few parts in 1e8."""
    return pytest.approx(number, rel=1e-6, abs=1e-9)


def test_two_years_as_json(gep: Gep):
    said = gep("compare", "2019", "2020", "--base", "2019", "--json")
    document = said.document
    assert set(document) == {"schema", "base_year", "prices", "price_year", "links", "other", "notes", "total", "rows"}
    assert (document["schema"], document["base_year"], document["prices"]) == (1, 2019, "constant")
    keys = {"base_value", "value", "value_at_base_prices", "growth_current", "growth_constant", "share", "points"}
    assert set(document["total"]) == {*keys, "effects"}
    assert {frozenset(row) for row in document["rows"]} == {
        frozenset({*keys, "effects", "zone", "ecosystem", "service"})
    }
    total = document["total"]
    assert total["base_value"] == near(value(2019))
    assert total["value"] == near(value(2020))
    assert total["value_at_base_prices"] == near(value(2020, 8))
    assert total["growth_current"] == near(value(2020) / value(2019) - 1)
    assert total["growth_constant"] == near(value(2020, 8) / value(2019) - 1)
    effects = total["effects"]
    # two square kilometres from forest to steppe at the mean cost; the cost on the mean volume
    assert effects["area"] == near(2e6 * (depth(STEPPE, 1200) - depth(FOREST, 1200)) * 8.5)
    assert effects["price"] == near((volume(2019) + volume(2020)) / 2)
    assert effects["intensity"] == pytest.approx(0, abs=1)
    assert effects["method"] == 0
    for row in (total, *document["rows"]):
        assert math.fsum(row["effects"].values()) == row["value"] - row["base_value"]
    assert math.fsum(row["points"] for row in document["rows"]) == near(total["points"])


def test_a_chain_of_three_years(gep: Gep):
    said = gep("compare", "2021", "2019", "2020", "--prices", "chain", "--json").document["total"]
    first, second = value(2020, 8) / value(2019), volume(2021) / volume(2020)
    assert said["growth_constant"] == near(first * second - 1)
    assert said["value_at_base_prices"] == near(value(2019) * first * second)
    assert math.fsum(said["effects"].values()) == said["value"] - said["base_value"]


def test_tables_in_both_languages(gep: Gep):
    english, chinese = gep("compare", "2019", "2020", "2021"), gep("compare", "2019", "2020", "2021", "--lang", "zh")
    assert english.code == chinese.code == 0
    assert "Change from 2019 to 2021 by service" in english.out
    assert "2019—2021年变化（按核算项目）" in chinese.out
    assert "Shapley" in chinese.out


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def write_tables(comparison: Comparison, folder: Path) -> Path:
    return write_table(ChangeTables(comparison, "en").change("service"), folder / "T08.csv")


def rows_of_list(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row["state"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_heading_and_no_number_is_cut_where_there_is_little_room(runs: Path, language: str):
    """Eleven columns in eighty characters: what is broken over lines reads on, letter by letter."""
    table = ChangeTables(read_runs([runs / "2019", runs / "2020"]).compare(2019), language).change("service")
    screen = Console(width=80, file=io.StringIO())
    print_table(table, screen, language)
    lines = screen.file.getvalue().splitlines()
    rule = next(number for number, line in enumerate(lines) if line.startswith("━"))
    cells = [[cell.strip() for cell in line.split("┃")] for line in lines[:rule]]
    for place, column in enumerate(table.columns):
        whole = in_language(column.heading if column.unit == table.unit else column.title(language), language)
        assert "".join(row[place] for row in cells).replace(" ", "") == whole.replace(" ", "")
    total = [cell.strip() for cell in next(line for line in lines if "│" in line and "." in line).split("│")]
    assert total[1:] == [text_of(table.cell(table.rows[0], column), language) for column in table.columns[1:]]


def test_files_close_to_the_last_bit(gep: Gep, runs: Path, tmp_path: Path):
    said = gep("compare", "2019", "2021", "--out", tmp_path / "out")
    assert said.code == 0, said.err
    document = json.loads((tmp_path / "out" / "compare.json").read_text(encoding="utf-8"))
    assert document == gep("compare", "2019", "2021", "--json").document
    extent, moves = rows_of(tmp_path / "out" / "T10.csv"), rows_of(tmp_path / "out" / "T11.csv")
    types = ("forest", "grassland")
    for zone in ("101", "102", "_city"):
        entries = {name: extent[f"{zone}/{name}"] for name in ("opening", "additions", "reductions", "net", "closing")}
        numbers = {name: [float(row[of]) for of in types] for name, row in entries.items()}
        for opening, more, less, net, closing in zip(*numbers.values(), strict=True):
            assert opening + more + less == closing
            assert net == more + less
        for at, of in enumerate(types):
            assert math.fsum(float(moves[f"{zone}/{of}"][name]) for name in types) == numbers["opening"][at]
            assert math.fsum(float(moves[f"{zone}/{name}"][of]) for name in types) == numbers["closing"][at]
    assert float(moves["101/forest"]["grassland"]) == near(2e6)
    assert float(moves["102/forest"]["grassland"]) == 0
    drawn = rows_of_list(tmp_path / "out" / "pictures" / "pictures.csv")
    assert drawn == {"C5": "drawn", "C8": "drawn", "M6": "drawn", "M6_cells": "left_out"}
    of_zones = rows_of(tmp_path / "out" / "pictures" / "M6.csv")
    changes = dict.fromkeys(of_zones, 0.0)
    for row in document["rows"]:
        changes[row["zone"]] += row["value"] - row["base_value"]
    assert {zone: float(row["value"]) * 1e8 for zone, row in of_zones.items()} == near(changes)
    points = rows_of(tmp_path / "out" / "pictures" / "C5.csv")
    assert float(points["total"]["points"]) == near(100 * document["total"]["points"])
    book = load_workbook(tmp_path / "out" / "compare.xlsx", read_only=True)
    tables = ["T08", "T08_ecosystem", "T08_zone", "T08_zone_ecosystem_service", "T10", "T11"]
    assert book.sheetnames == [*tables, "C5", "C8", "M6"]
    into_a_run = gep("compare", "2019", "2021", "--out", runs / "2019")
    assert into_a_run.code == 2
    assert "--out" in into_a_run.err
    total = rows_of(tmp_path / "out" / "T08.csv")["total"]
    parts = math.fsum(float(total[name]) for name in ("area", "intensity", "price", "method"))
    assert parts == pytest.approx(float(total["value"]) - float(total["base_value"]))


def test_the_map_of_change_has_every_cell(gep: Gep, runs: Path, tmp_path: Path):
    """Two square kilometres of forest became steppe; all else gained by the cost of reservoirs, 8 and then 9 CNY/m3."""
    from gep.study.folder import write_run
    from gep.study.study import Study

    for year in ("2019", "2020"):
        study = Study.open(runs / f"p{year}" / "gep.toml")
        account = study.run()
        write_run(account, tmp_path / year, add=lambda fresh, s=study, a=account: s.maps(fresh / "maps", account=a))
    said = gep("compare", tmp_path / "2019", tmp_path / "2020", "-o", tmp_path / "out")
    assert said.code == 0, said.err
    classes = list(rows_of(tmp_path / "out" / "pictures" / "M6_cells.csv").values())
    per_hm2 = {
        1e4 * depth(FOREST, 1200): 18,
        1e4 * depth(STEPPE, 1200): 4,
        1e4 * (9 * depth(STEPPE, 1200) - 8 * depth(FOREST, 1200)): 2,
    }
    assert sum(int(float(row["cells"])) for row in classes) == 24
    for change, cells in per_hm2.items():
        (own,) = [row for row in classes if float(row["low"]) <= change <= float(row["high"])]
        together = sum(n for c, n in per_hm2.items() if float(own["low"]) <= c <= float(own["high"]))
        assert float(own["cells"]) == together >= cells


@pytest.mark.parametrize(
    ("run", "words"),
    [("other_runoff", "other coefficients ("), ("fine_rain", "another data product (Precipitation)")],
)
def test_what_was_computed_in_another_way_is_no_growth(gep: Gep, runs: Path, run: str, words: str, tmp_path: Path):
    found = read_runs([runs / "2019", runs / run]).compare()
    (why,) = found.other["water_retention"]
    assert words.lower() in why.lower()
    document = gep("compare", "2019", run, "--json").document
    assert document["other"] == [{"service": "water_retention", "why": [str(why)]}]
    total = document["total"]
    assert total["growth_current"] is total["growth_constant"] is total["points"] is None
    assert total["effects"]["intensity"] is None
    told = [part for part in total["effects"].values() if part is not None]
    assert math.fsum(told) == total["value"] - total["base_value"]
    assert words.lower()[:15] in gep("compare", "2019", run).out.lower()
    row = rows_of(write_tables(read_runs([runs / "2019", runs / run]).compare(), tmp_path))["water_retention"]
    assert row["remark_en"] == why
    tables = ChangeTables(found, "en")
    book = load_workbook(write_years(tables, [tables.change("service")], tmp_path / "t.xlsx", ReportOptions("en")))
    cells = [str(cell.value) for cells in book["T08"].iter_rows() for cell in cells]
    assert why in cells
    assert any("Computed in another way, so without growth" in cell for cell in cells)
    assert row["growth_constant"] == ""


def test_without_the_land_covers_there_are_opening_and_closing_alone(gep: Gep, runs: Path, tmp_path: Path):
    folder = tmp_path / "2019"
    shutil.copytree(runs / "2019", folder)
    (folder / "run.log").write_text("", encoding="utf-8")
    said = gep("compare", folder, "2020", "-o", tmp_path / "out")
    assert said.code == 0, said.err
    assert not (tmp_path / "out" / "T11.csv").exists()
    extent = rows_of(tmp_path / "out" / "T10.csv")
    assert "101/additions" not in extent
    assert float(extent["101/net"]["forest"]) == near(-2e6)
    named = gep("compare", folder, "2020", "-o", tmp_path / "named", "--project-a", runs / "p2019" / "gep.toml")
    assert named.code == 0
    assert (tmp_path / "named" / "T11.csv").exists()


def test_a_new_base_is_linked_to_the_old_one(gep: Gep):
    """Until 2020 at the cost of 2019, then at that of 2020."""
    document = gep("compare", "2019", "2020", "2021", "--link", "2020", "--json").document
    linked = value(2020, 8) * value(2021, 9) / value(2020)
    assert document["total"]["value_at_base_prices"] == near(linked)
    assert document["links"] == [2020]
    assert "the gap is told and not spread" in gep("compare", "2019", "2020", "2021", "--link", "2020").out


def test_other_counties_are_not_compared(gep: Gep):
    said = gep("compare", "2019", "others")
    assert said.code == 2
    assert "no zone in common" in said.err


@pytest.mark.parametrize(
    ("run", "code", "words", "chinese"),
    [
        ("legend", 0, "another legend of the land cover", "土地覆盖图例不同"),
        ("grid", 0, "other cells", "计算网格不同"),
        ("study", 0, "of two studies (Test, 0100; Test, 0200)", "不同的研究"),
        ("money", 2, "(2019 in money of 2019, its own, money in money of 2015)", "money 按2015年价格"),
    ],
)
def test_years_that_differ_are_compared_only_where_they_can_be(gep: Gep, run: str, code: int, words: str, chinese: str):
    said, zh = gep("compare", "2019", run), gep("compare", "2019", run, "--lang", "zh")
    assert said.code == zh.code == code
    assert words in said.out + said.err
    assert chinese in zh.out + zh.err
    if run in ("legend", "grid"):
        assert gep("compare", "2019", run, "--json").document["total"]["growth_constant"] is None


def test_what_is_wrong_is_said_and_nothing_written(gep: Gep, runs: Path, tmp_path: Path):
    damaged = tmp_path / "damaged"
    shutil.copytree(runs / "2020", damaged)
    (damaged / "account.csv").write_text("", encoding="utf-8")
    for arguments, words in (
        (("2019",), "needs two or more"),
        (("2019", "2019"), "same run"),
        (("2019", "2020", "--base", "2018"), "2018"),
        (("2019", damaged, tmp_path / "nowhere"), "nowhere"),
        (("2019", "2020", "--prices", "fixed"), "--prices"),
        (("2019", "2021", "--link", "2020"), "no year between"),
        (
            ("2019", "2020", "2021", "--link", "2019"),
            "none of the years between the base year and the other end (2020)",
        ),
    ):
        said = gep("compare", *arguments, "-o", tmp_path / "out", "--lang", "en")
        assert said.code == 2, arguments
        assert words in said.err, said.err
        assert "Traceback" not in said.err
        assert not (tmp_path / "out").exists()


def test_read_runs_puts_years_in_order(runs: Path):
    accounts = read_runs([runs / "2021", runs / "2019"])
    assert accounts.dims == {"year": (2019, 2021)}
    assert accounts.compare().total.growth_constant == near(value(2021, 8) / value(2019) - 1)


def test_the_boundary_between_compare_and_diff(gep: Gep):
    """Diff tells which input or coefficient moved a figure, compare what it is made of; both tell the same change."""
    years = gep("compare", "2019", "2020", "--json").document["total"]
    said = gep("diff", "2019", "2020", "--json").document
    (total,) = [figure for figure in said["figures"] if figure["table"] == "total"]
    assert total["change"] == years["value"] - years["base_value"]
    assert set(total["parts"]) <= {"boundary", "inputs", "coefficients", "method", "code"}
    assert set(years["effects"]) == {"area", "intensity", "price", "method"}
    # only the cost of reservoirs is a coefficient that changed, and only land an input: here both agree
    assert total["parts"]["coefficients"] == pytest.approx(years["effects"]["price"], rel=1e-9)
    assert total["parts"]["inputs"] == pytest.approx(years["effects"]["area"] + years["effects"]["intensity"], rel=1e-9)
    # of land that became other land, which is an input, the volume; of the cost, a coefficient, the price level
    assert total["volume"] == pytest.approx(total["parts"]["inputs"], rel=1e-9)
    assert total["price"] == pytest.approx(total["parts"]["coefficients"], rel=1e-9)
    assert "gep compare" in gep("diff", "--help").out
    assert "gep diff" in gep("compare", "--help").out
