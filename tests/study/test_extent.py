"""Land of two years: what became what on grids that differ, what people managed, the official area.

Two counties, six by four kilometres together, with steppe in the west and forest in the rest. In 2019 the steppe is one
kilometre wide, later a kilometre and a half: two square kilometres of forest became steppe.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import (
    DRYLAND,
    FOREST,
    KM2,
    LONLAT,
    NORTH,
    STEPPE,
    WEST,
    block,
    own_coefficients,
    raster,
    services_but,
    write_project,
    zones,
)
from pyproj import Transformer

from gep.account.changes import Comparison
from gep.core.errors import ProjectError
from gep.inputs.transitions import Transitions, contradictions, read_transition, transitions_of
from gep.report.tables.changes import ChangeTables
from gep.study.extent import LandChange, land_change
from gep.study.folder import write_run
from gep.study.run import read_runs
from gep.study.study import Study

COUNTIES = zones(block(0, 0, 3, 4), block(3, 0, 6, 4))
RULES = """
[extent]
managed = ["forest -> *", "* -> cropland"]
unmanaged = ["forest -> grassland"]
reappraisal = ["forest -> wetland"]
"""
Made = tuple[Path, Path]
"""The folder of a run, and its project."""


def strip(width: float, cell: float, west: float = 0.0, columns: int | None = None) -> np.ndarray:
    """Codes of cells of so many metres from so far west of the counties: steppe up to a width, then forest."""
    count = columns or math.ceil((6000 - west) / cell)
    middle = west + cell * (np.arange(count) + 0.5)
    return np.tile(np.where(middle < width, STEPPE, FOREST).astype(np.uint8), (math.ceil(4000 / cell), 1))


def made(
    home: Path, name: str, year: int, cover: Any, more: str = "", counties: Any = COUNTIES, coverage: str = "auto"
) -> Made:
    folder = home / f"{name}-project"
    shape = (4, 6)
    layers = {
        "precipitation": raster(np.full(shape, 1200.0), "mm/year"),
        "evapotranspiration": raster(np.full(shape, 700.0), "mm/year"),
    }
    path = write_project(folder, cover, layers, counties)
    own_coefficients(folder, ("reservoir_cost", "", 8.0, "CNY/m^3", 2019))
    (folder / "areas.csv").write_text(
        "zone,item,measure,value,unit\n101,land_area,quantity,12.5,km^2\n102,land_area,quantity,1200,hm^2\n",
        encoding="utf-8",
    )
    text = path.read_text(encoding="utf-8").replace("year = 2019\nprice", f"year = {year}\nprice")
    text = text.replace("[zones]", f'[zones]\ncoverage = "{coverage}"')
    off = "\n".join(f'{service} = {{ off = "not what is tested" }}' for service in services_but("water_retention"))
    own = f'[coefficients]\noverride = "own.csv"\n[tables]\nareas = "areas.csv"\n[services]\n{off}\n'
    path.write_text(f"{text}\n{own}{more}", encoding="utf-8")
    write_run(Study.open(path).run(), home / name)
    return home / name, path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("extent")


@pytest.fixture(scope="module")
def make(home: Path) -> Callable[..., Made]:
    """Runs by name, each made once."""
    done: dict[str, Made] = {}

    def once(name: str, *given: Any, **more: Any) -> Made:
        if name not in done:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("OGR_CURRENT_DATE", "2020-01-01T00:00:00Z")
                done[name] = made(home, name, *given, **more)
        return done[name]

    return once


@pytest.fixture(scope="module")
def first(make: Callable[..., Made]) -> Made:
    return make("2019", 2019, raster(strip(1000, 1000)))


def followed(one: Made, other: Made, base: int | None = None) -> tuple[Comparison, LandChange]:
    comparison = read_runs([one[0], other[0]]).compare(base)
    runs = (one, other) if base is None or comparison.path[0].about.folder == one[0] else (other, one)
    return comparison, land_change(comparison, (runs[0][1], runs[1][1]))


def entries(comparison: Comparison, land: LandChange, zone: str = "_city") -> dict[str, dict[str, float]]:
    """T10 of a zone: by entry and ecosystem, m2."""
    table = next(table for table in ChangeTables(comparison, "en", land).all() if table.id == "T10")
    found = {}
    for row in table.rows:
        of, _, entry = row.key.partition("/")
        if of == zone:
            found[entry] = {name: cell.value for name, cell in row.cells.items() if cell.value is not None}
    return found


def check_that_it_closes(comparison: Comparison, land: LandChange) -> None:
    """Opening, what came and went, reappraisals and closing; rows and columns of T11: to the last bit."""
    assert land.moves is not None
    for zone in (*land.zones, "_city"):
        t10 = entries(comparison, land, zone)
        for name in t10["opening"]:
            parts = [
                t10[entry].get(name, 0.0)
                for entry in ("opening", "additions", "reductions", "upward", "downward")
                if entry in t10
            ]
            assert math.fsum(parts) == t10["closing"][name]
            if name == "total":
                continue
            rows = math.fsum(a for (z, b, _), a in land.moves.items() if b == name and zone in (z, "_city"))
            cols = math.fsum(a for (z, _, c), a in land.moves.items() if c == name and zone in (z, "_city"))
            reappraised = math.fsum(a for (z, e), a in land.reappraised.items() if e == name and zone in (z, "_city"))
            assert (rows - t10["opening"][name]) + (t10["closing"][name] - cols) == reappraised


def near(area: float, of: float = 1e-6) -> Any:
    return pytest.approx(area, rel=of, abs=1.0)


# other cells ----------------------------------------------------------------------------------------------------------


def test_half_the_cell_of_the_year_before(first: Made, make: Callable[..., Made]):
    comparison, land = followed(first, make("fine", 2020, raster(strip(1500, 500), cell=500)))
    check_that_it_closes(comparison, land)
    assert land.moves["101", "forest", "grassland"] == near(2 * KM2)
    assert math.fsum(map(abs, land.reappraised.values())) < 1  # each coarse cell is four fine ones
    assert "2020" in land.rule
    assert "no change of land" in land.rule
    changed = {key for key, area in land.moves.items() if area > 1 and key[1] != key[2]}
    assert changed == {("101", "forest", "grassland")}


def test_the_finer_one_may_be_the_earlier(first: Made, make: Callable[..., Made]):
    """A kilometre and a half of steppe on cells of 500 m in 2020, a kilometre on those of 1000 m in 2021."""
    fine = make("fine", 2020, raster(strip(1500, 500), cell=500))
    comparison, land = followed(fine, make("2021", 2021, raster(strip(1000, 1000))))
    check_that_it_closes(comparison, land)
    assert land.moves["101", "grassland", "forest"] == near(2 * KM2)


def test_cells_that_are_offset(make: Callable[..., Made]):
    """Cells from 300 m west of the counties: the centres of their columns are at 200 m, 1200 m, … of the counties. So
    700 of the 1000 m of steppe of 2019 are found on them, and 1.2 km2 are reappraised. In 2020 steppe is two of these
    columns wide, 1700 m: 4 km2 of forest became steppe, of the 700 m from 700 to 1700 m.
    """
    shifted = raster(strip(1700, 1000, west=-300, columns=7), west=WEST - 300)
    wide = make("wide", 2019, raster(strip(1000, 1000, columns=8)))
    comparison, land = followed(wide, make("offset", 2020, shifted, coverage="fraction"))
    check_that_it_closes(comparison, land)
    t10 = entries(comparison, land)
    assert t10["opening"]["grassland"] == near(4 * KM2)
    assert t10["downward"]["grassland"] == near(-1.2 * KM2)
    assert t10["upward"]["forest"] == near(1.2 * KM2)
    assert t10["additions"]["grassland"] == near(4 * KM2)
    assert t10["closing"]["grassland"] == near(6.8 * KM2)


def test_cells_in_another_reference_system(first: Made, make: Callable[..., Made]):
    """Cells of 0.002 degrees. Their sides are 0.15 and 0.22 km; steppe ends within one of its 1.5 km."""
    to_plane = Transformer.from_crs(LONLAT, "EPSG:3035", always_xy=True)
    west, south, east, north = Transformer.from_crs("EPSG:3035", LONLAT, always_xy=True).transform_bounds(
        WEST - 500, NORTH - 4500, WEST + 6500, NORTH + 500
    )
    cols, rows = math.ceil((east - west) / 0.002), math.ceil((north - south) / 0.002)
    lon, lat = np.meshgrid(west + 0.002 * (np.arange(cols) + 0.5), north - 0.002 * (np.arange(rows) + 0.5))
    x, _ = to_plane.transform(lon, lat)
    codes = np.where(x < WEST + 1500, STEPPE, FOREST).astype(np.uint8)
    cover = raster(codes, crs=LONLAT, west=west, north=north, cell=0.002)
    comparison, land = followed(first, make("lonlat", 2020, cover))
    check_that_it_closes(comparison, land)
    assert land.moves["101", "forest", "grassland"] == pytest.approx(2 * KM2, abs=0.15e3 * 4e3 / 2)
    t10 = entries(comparison, land)
    assert t10["opening"]["grassland"] == near(4 * KM2)
    assert abs(t10["downward"].get("grassland", 0.0) + t10["upward"].get("grassland", 0.0)) < 0.15e3 * 4e3 / 2


def test_a_cover_finer_than_the_study_is_not_followed(first: Made, make: Callable[..., Made]):
    cover = raster(strip(1500, 250), cell=250)
    coarse = make("coarse", 2020, cover)
    path = coarse[1]
    grid = path.read_text(encoding="utf-8").replace(
        "[zones]", 'grid = { crs = "EPSG:3035", resolution = 1000 }\n[zones]', 1
    )
    path.write_text(grid, encoding="utf-8")
    write_run(Study.open(path).run(), coarse[0])
    _, land = followed(first, coarse)
    assert land.moves is None
    assert "shares of classes" in land.why


def test_other_borders_are_not_followed(first: Made, make: Callable[..., Made]):
    moved = zones(block(0, 0, 3.05, 4), block(3.05, 0, 6, 4))
    _, land = followed(first, make("moved", 2020, raster(strip(1500, 500), cell=500), counties=moved))
    assert land.moves is None
    assert "borders" in land.why


# who did it -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ruled(first: Made, make: Callable[..., Made]) -> tuple[Comparison, LandChange]:
    """In 2020 a column of forest each is steppe, field and water; and a kilometre of steppe is field."""
    codes = strip(1000, 1000)
    codes[:, 1], codes[:, 2], codes[:, 3], codes[0, 0] = STEPPE, DRYLAND, 4, DRYLAND
    return followed(first, make("ruled", 2020, raster(codes), RULES))


def test_what_is_declared_is_split(ruled: tuple[Comparison, LandChange]):
    """Forest to fields is managed by two lists, to steppe unmanaged, since that is said of both sides; to water it is
    better data.
    """
    comparison, land = ruled
    check_that_it_closes(comparison, land)
    t10 = entries(comparison, land)
    assert t10["additions"]["grassland"] == t10["additions_unmanaged"]["grassland"] == near(4 * KM2)
    assert t10["additions_managed"]["cropland"] == near(5 * KM2)
    assert t10["reductions_managed"]["forest"] == near(-4 * KM2)
    assert t10["reductions_unmanaged"]["forest"] == near(-4 * KM2)
    assert t10["reductions_managed"]["grassland"] == near(-1 * KM2)
    assert t10["upward"]["wetland"] == near(4 * KM2)
    assert t10["downward"]["forest"] == near(-4 * KM2)
    assert t10["additions"]["wetland"] == 0
    for entry in ("additions", "reductions"):
        for name in t10[entry]:
            parts = [t10[f"{entry}_{kind}"][name] for kind in ("managed", "unmanaged", "not_split")]
            assert math.fsum(parts) == t10[entry][name]


def test_years_the_other_way_round_have_the_other_signs(first: Made, ruled: tuple[Comparison, LandChange], home: Path):
    there = entries(*ruled)
    back = entries(*followed(first, (home / "ruled", home / "ruled-project" / "gep.toml"), base=2020))
    for entry, other in (("additions_managed", "reductions_managed"), ("additions_unmanaged", "reductions_unmanaged")):
        assert {name: -area + 0.0 for name, area in there[entry].items()} == back[other]
    assert {name: -area + 0.0 for name, area in there["upward"].items()} == back["downward"]


def test_what_is_not_declared_is_not_split(first: Made, make: Callable[..., Made]):
    comparison, land = followed(first, make("fine", 2020, raster(strip(1500, 500), cell=500)))
    assert not {entry for entry in entries(comparison, land) if "managed" in entry or "split" in entry}
    rule = transitions_of({"managed": ["* -> urban"], "unmanaged": [], "reappraisal": []})
    assert (rule.kind("forest", "urban"), rule.kind("forest", "grassland")) == ("managed", None)


def test_the_official_area_with_its_difference(ruled: tuple[Comparison, LandChange]):
    """12.5 km2 and 1200 hm2 are reported of two counties of 12 km2 each."""
    t10, of_one = entries(*ruled), entries(*ruled, zone="101")
    assert of_one["official"]["total"] == 12.5 * KM2
    assert of_one["official_difference"]["total"] == near(-0.5 * KM2)
    assert of_one["official_share"]["total"] == pytest.approx(-0.5 / 12.5, rel=1e-4)
    assert t10["official"]["total"] == 24.5 * KM2


# rules as they are written --------------------------------------------------------------------------------------------


def test_transitions_are_read_and_the_more_precise_holds():
    assert read_transition(" forest->cropland ") == ("forest", "cropland")
    assert [read_transition(text) for text in ("forest", "-> urban", "a -> b -> c")] == [None] * 3
    rule = Transitions({("forest", "*"): "managed", ("forest", "desert"): "unmanaged", ("*", "*"): "reappraisal"})
    assert [rule.kind("forest", to) for to in ("urban", "desert")] == ["managed", "unmanaged"]
    assert rule.kind("urban", "forest") == "reappraisal"
    claimed = {"managed": ["forest -> *"], "unmanaged": ["* -> desert"], "reappraisal": []}
    assert list(contradictions(claimed, ("forest", "desert"))) == [("forest -> desert", ["managed", "unmanaged"])]
    settled = {**claimed, "reappraisal": ["forest -> desert"]}
    assert list(contradictions(settled, ("forest", "desert"))) == []


def test_wrong_rules_are_told_together(first: Made, tmp_path: Path):
    text = first[1].read_text(encoding="utf-8")
    wrong = '[extent]\nmanaged = ["forest to urban", "forrest -> urban", "forest -> *"]\nunmanaged = ["* -> desert"]\n'
    path = tmp_path / "gep.toml"
    path.write_text(f"{text}\n{wrong}", encoding="utf-8")
    with pytest.raises(ProjectError) as raised:
        Study.open(path)
    said = " ".join(str(problem) for problem in raised.value.problems)
    for word in ("forest to urban", "`forest`", "forest -> desert"):
        assert word in said
