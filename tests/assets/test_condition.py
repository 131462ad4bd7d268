"""Condition, quality, pattern and worth from tables: figures by hand, accounts that close, what is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from typer.testing import CliRunner

from gep.assets.condition.account import condition_account
from gep.assets.condition.sample import sample
from gep.assets.condition.tables import DENSITIES, QUALITY, TRANSITIONS, VARIABLES, WORTH
from gep.assets.tables import read_table
from gep.cli.app import app
from gep.core.errors import GepError, InputError

COLUMNS = {
    "variables": VARIABLES,
    "quality": QUALITY,
    "densities": DENSITIES,
    "transitions": TRANSITIONS,
    "worth": WORTH,
}
VARIABLE = {
    "ecosystem": "forest",
    "condition_class": "structural state",
    "variable": "cover",
    "variable_unit": "percent",
    "opening": 60,
    "closing": 64,
    "reference_low": 0,
    "reference_high": 80,
    "weight": 1,
    "area [km2]": 100,
}
GRADED = {"ecosystem": "forest", "grade": "优", "opening_area [km2]": 100, "closing_area [km2]": 100}
DENSITY = {"ecosystem": "forest", "year": 2020, "leaf_area": 0.8, "cover": 0.7, "gpp": 0.6, "reference": "fixed"}
MOVE = {"from_type": "forest", "to_type": "cropland", "area [km2]": 5}
WORTHY = {
    "ecosystem": "forest",
    "service": "water retention",
    "opening_flow [CNY/year]": 1000,
    "closing_flow [CNY/year]": 1100,
    "closing_flow_at_opening_prices [CNY/year]": 1040,
    "conversions [CNY/year]": -10,
    "discount_rate [%/year]": 4,
}


def account(options=None, **tables):
    read = {name: read_table(pd.DataFrame(rows), COLUMNS[name], name) for name, rows in tables.items()}
    return condition_account(**read, **(options or {}))


def test_condition_by_hand():
    """60 of 80 and 30 between 100 and 0: 0.75 and 0.7; at one half each 0.725; over 100 and 300 km2 with a grassland of
    0.5: (100 x 0.725 + 300 x 0.5) / 400 = 0.55625.
    """
    acid = VARIABLE | {"variable": "acid", "opening": 30, "closing": 30, "reference_low": 100, "reference_high": 0}
    grass = VARIABLE | {"ecosystem": "grassland", "opening": 40, "closing": 40, "area [km2]": 300}
    rows = [VARIABLE | {"weight": 0.5}, acid | {"weight": 0.5}, grass]
    table = account(variables=rows).table("index")
    assert table.figure("forest", "opening").value == pytest.approx(0.725)
    assert table.figure("total", "opening").value == pytest.approx(0.55625)


def test_what_lies_beyond_the_levels_counts_as_the_level():
    table = account(variables=[VARIABLE | {"opening": 95, "closing": -5}]).table("index")
    assert (table.figure("forest", "opening").value, table.figure("forest", "closing").value) == (1, 0)


def test_the_index_of_assets():
    """300 km2 excellent, 100 poor: (5 x 300 + 1 x 100) / (5 x 400) = 80 %: excellent; beside all land the parts add."""
    rows = [
        GRADED | {"opening_area [km2]": 300, "closing_area [km2]": 300},
        GRADED | {"grade": "差"},
        GRADED | {"ecosystem": "grassland", "grade": "中"},
    ]
    own = account(quality=rows).table("grades")
    assert own.figure("forest/opening", "index").to("percent") == pytest.approx(80)
    assert own.line("forest/opening").words["grade"] == "excellent"
    beside = account({"denominator": "total"}, quality=rows).table("grades")
    parts = [beside.figure(f"{name}/closing", "index").value for name in ("forest", "grassland")]
    assert sum(parts) == pytest.approx(beside.figure("total/closing", "index").value, rel=1e-15)
    assert beside.line("forest/closing").words["grade"] == "part of the whole"
    assert beside.line("total/closing").figures.get("good") is None  # which no ecosystem tells of


def test_quality_of_vegetation():
    table = account(densities=[DENSITY]).table("quality")
    assert table.figure("forest/2020", "index").to("percent") == pytest.approx(70)
    assert table.line("forest/2020").words["grade"] == "good"


areas = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), st.floats(0, 1e6), min_size=1, max_size=16
)


@for_any(areas)
def test_extents_close(moves):
    """Opening plus additions less reductions is closing for any matrix, and what comes somewhere left somewhere."""
    rows = [{"from_type": one, "to_type": other, "area [km2]": area} for (one, other), area in moves.items()]
    table = account(transitions=rows).table("extent")
    for line in table.lines:
        value = {name: figure.value for name, figure in line.figures.items() if figure is not None}
        closing = value["opening"] + value["additions"] - value["reductions"]
        assert closing == pytest.approx(value["closing"], rel=1e-12, abs=1e-6)


def test_worth_by_hand():
    """For ever at 4 %: 1000 / 0.04 = 25 000 and 1100 / 0.04 = 27 500; 1040 - 1000 + 10 = 50 by condition: 1250, -10 by
    conversion: -250; the rest is 1500.
    """
    table = account(worth=[WORTHY]).table("worth")
    values = {line.id: line.figures["total"].value for line in table.lines}
    assert values == pytest.approx(
        {
            "opening": 25_000,
            "enhancement": 1250,
            "degradation": 0,
            "additions": 0,
            "reductions": -250,
            "revaluation": 1500,
            "closing": 27_500,
        }
    )


def test_worth_at_mean_prices_and_for_a_life():
    """Prices up by 1100/1040: changes at the mean of both. A life of 3 years: 2.7751 years of flow at 4 %."""
    mean = account({"prices": "mean"}, worth=[WORTHY]).table("worth")
    assert mean.figure("enhancement", "total").value == pytest.approx(1250 * (1 + 1100 / 1040) / 2)
    lasting = account(worth=[WORTHY | {"asset_life [year]": 3}]).table("worth")
    assert lasting.figure("opening", "total").value == pytest.approx(1000 * (1 / 1.04 + 1.04**-2 + 1.04**-3))


flows = st.integers(1, 10**6)


@for_any(flows, flows, flows, st.integers(-1000, 1000))
def test_worth_closes(before, after, at_opening, conversions):
    row = WORTHY | {
        "opening_flow [CNY/year]": before,
        "closing_flow [CNY/year]": after,
        "closing_flow_at_opening_prices [CNY/year]": at_opening,
        "conversions [CNY/year]": conversions,
    }
    values = {line.id: line.figures["total"].value for line in account(worth=[row]).table("worth").lines}
    closing = values.pop("closing")
    assert sum(values.values()) == pytest.approx(closing, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({"variables": [VARIABLE | {"condition_class": "mood"}]}, "K03"),
        ({"variables": [VARIABLE, VARIABLE]}, "K61"),
        ({"variables": [VARIABLE | {"reference_high": 0}]}, "K61"),
        ({"variables": [VARIABLE | {"weight": 0.5}]}, "K61"),
        (
            {
                "variables": [
                    VARIABLE | {"weight": 0.5},
                    VARIABLE | {"variable": "x", "weight": 0.5, "area [km2]": 99},
                ]
            },
            "K61",
        ),
        ({"quality": [GRADED, GRADED]}, "K62"),
        ({"quality": [GRADED | {"grade": "superb"}]}, "K03"),
        ({"densities": [DENSITY, DENSITY]}, "K62"),
        ({"densities": [DENSITY | {"cover": 70}]}, "K02"),
        ({"transitions": [MOVE, MOVE]}, "K63"),
        ({"transitions": [MOVE | {"area [km2]": -1}]}, "K02"),
        ({"worth": [WORTHY, WORTHY]}, "K64"),
        ({"worth": [WORTHY | {"discount_rate [%/year]": 0}]}, "K64"),
    ],
)
def test_what_is_refused(tables, code):
    with pytest.raises(InputError) as error:
        account(**tables)
    assert {problem.code for problem in error.value.problems} == {code}


def test_what_is_asked():
    """Indices of several years with the maximum of each; land that changed; a rate that may be percent."""
    of_year = [DENSITY | {"reference": "year", "year": year} for year in (2020, 2021)]
    assert [p.code for p in account(densities=of_year).problems] == ["K65"]
    assert [p.code for p in account(quality=[GRADED | {"closing_area [km2]": 90}]).problems] == ["K65"]
    row = {key: value for key, value in WORTHY.items() if not key.startswith("discount")}
    assert [p.code for p in account(worth=[row | {"discount_rate [1/year]": 4}]).problems] == ["K65"]
    with pytest.raises(InputError):
        account({"prices": "mean"}, worth=[WORTHY | {"closing_flow_at_opening_prices [CNY/year]": 0}])


@pytest.mark.parametrize(("name", "hint"), [("grasland", "grassland"), ("第七片区", None), ("plot 7", None)])
def test_a_name_that_is_nearly_that_of_an_ecosystem_is_asked_about(name, hint):
    found = account(variables=[VARIABLE | {"ecosystem": name}]).problems
    assert [(p.code, p.subject) for p in found] == ([("K65", name)] if hint else [])
    assert all(hint in str(p.do) for p in found)


def test_an_area_that_changes_of_land_tell_is_not_asked_about():
    graded = GRADED | {"opening_area [km2]": 100, "closing_area [km2]": 90}
    moves = [("forest", "forest", 90), ("forest", "cropland", 10)]
    rows = [{"from_type": one, "to_type": other, "area [km2]": area} for one, other, area in moves]
    eco = graded["ecosystem"]
    rows = [{k: eco if v == "forest" else v for k, v in row.items()} for row in rows]
    assert account(quality=[graded], transitions=rows).problems == ()


@pytest.fixture
def project(tmp_path):
    section = sample(tmp_path)
    lines = [f"{key} = {json.dumps(value)}" for key, value in section.model_dump().items() if value]
    head = '[study]\nname = "X"\nname_zh = "某市"\nyear = 2023\n'
    rest = '[zones]\npath = "z.gpkg"\ncode = "c"\n[land_cover]\npath = "l.tif"\nscheme = "clcd"\n'
    (tmp_path / "gep.toml").write_text("\n".join([head, rest, "[assets.condition]", *lines]), encoding="utf-8")
    return tmp_path


def test_the_command(project):
    """The sample: cover from 45 to 50 between 10 and 90; T14 in both languages."""
    result = CliRunner().invoke(app, ["assets", str(project), "--json"])
    assert result.exit_code == 0, result.output
    (document,) = json.loads(result.stdout)["accounts"]
    rows = {row["id"]: row["values"] for table in document["tables"] for row in table["rows"] if table["id"] == "index"}
    assert rows["grassland"]["closing"] == pytest.approx(0.5)
    shown = CliRunner().invoke(app, ["assets", str(project), "--lang", "zh"])
    assert {"转移矩阵", "资产价值账户"} <= set(shown.stdout.split())


def test_a_section_without_tables(project):
    text = (project / "gep.toml").read_text(encoding="utf-8").partition("[assets.condition]")[0]
    (project / "gep.toml").write_text(text + "[assets.condition]\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["assets", str(project)])
    assert isinstance(result.exception, GepError)
    assert [problem.code for problem in result.exception.problems] == ["K60"]
