"""Restoration from tables and polygons: figures by hand, what a figure may be called, what is refused or asked."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from gep.assets.parameters import Parameters
from gep.assets.restoration.account import TABLES, restoration_account
from gep.assets.restoration.decline import class_of, index_of
from gep.assets.restoration.sample import sample
from gep.assets.tables import read_table
from gep.cli.app import app
from gep.core.errors import GepError, InputError

EQUAL_AREA = "EPSG:6933"
PROJECT = {"project": "A", "year": 2020, "treated_area [hm2]": 100, "survival [%]": 85}
GROWING = PROJECT | {"sequestration_rate [t*carbon/(hm2*year)]": 1.41, "ramp_time [year]": 5}
BEFORE_AFTER = {"project": "A", "variable": "cover", "variable_unit": "percent", "treated_before": 40} | {
    "treated_after": 52
}
STATE = BEFORE_AFTER | {"control_before": 41, "control_after": 46}
UNCERTAIN = STATE | {f"{end}_u": 1 for end in ("treated_before", "treated_after", "control_before", "control_after")}
RAIN = {"rain_before [mm/year]": 300, "rain_after [mm/year]": 400, "rain_intercept": 10, "rain_slope [year/mm]": 0.1}
PLOT = {"project": "A", "variable": "cover", "variable_unit": "percent", "land": "治理区", "time": "before"} | {
    "plot": "1",
    "state": 40,
    "plot_area [m2]": 100,
}
PARCEL = {"parcel": "P", "ecosystem": "grassland", "area [hm2]": 10, "state_before": 35, "state_after": 44} | {
    "undegraded_state": 55
}
SERVICE = {"project": "A", "service": "water_retention", "service_change [CNY/year]": 600_000, "price_year": 2020}
COST = {"project": "A", "cost [CNY]": 1_200_000}
SHARED = {"parcel": "P", "project": "A", "effect": 10, "variable_unit": "percent", "cost [CNY]": 300, "share": 0.4}
OTHER = SHARED | {"project": "B", "cost [CNY]": 700, "share": 0.6}


def account(options=None, **tables):
    read = {name: read_table(pd.DataFrame(rows), TABLES[name], name) for name, rows in tables.items()}
    return restoration_account(**read, **({"year": 2022} | (options or {})))


def codes(options=None, **tables):
    with pytest.raises(InputError) as error:
        account(options, **tables)
    return [problem.code for problem in error.value.problems]


def frame(*projects, crs=EQUAL_AREA):
    """Rectangles in an equal-area system, kilometres: project, west, south, east, north."""
    shapes = [shapely.box(*(1000 * each for each in corners)) for _, *corners in projects]
    return gpd.GeoDataFrame({"project": [name for name, *_ in projects]}, geometry=shapes, crs=crs)


def test_land_is_counted_once():
    """Two squares of 1 km2 that share a fifth: 200 drawn, 180 hm2 of land, 20 twice; 215 reported are 35 beyond."""
    rows = [PROJECT | {"treated_area [hm2]": 110}, PROJECT | {"project": "B", "treated_area [hm2]": 105}]
    drawn = frame(("A", 0, 0, 1, 1), ("B", 0.8, 0, 1.8, 1))
    found = account({"polygons": drawn}, projects=rows)
    table = found.table("areas")
    values = {name: figure.value for name, figure in table.line("total").figures.items()}
    assert values == pytest.approx(
        {"claimed": 215, "drawn": 180, "overlap": 20, "beyond": 35, "surviving": 182.75}, rel=1e-4
    )
    assert [problem.code for problem in found.problems] == ["K52"]
    assert "share 20 hm²" in table.notes[-1]


def test_land_that_one_project_drew_twice_is_in_no_sum():
    drawn = frame(("A", 0, 0, 1, 1), ("A", 0.8, 0, 1.8, 1))
    table = account({"polygons": drawn}, projects=[PROJECT]).table("areas")
    assert table.figure("A", "overlap").value == pytest.approx(20, rel=1e-4)
    assert len(table.notes) == 1


def test_a_polygon_in_two_projects_is_asked_and_counted_once():
    drawn = frame(("A", 0, 0, 1, 1), ("B", 0, 0, 1, 1))
    rows = [PROJECT, PROJECT | {"project": "B"}]
    found = account({"polygons": drawn}, projects=rows)
    assert found.table("areas").figure("total", "drawn").value == pytest.approx(100, rel=1e-4)
    assert ["same polygon" in problem.message for problem in found.problems] == [True]


def test_mu_for_hectares_is_asked():
    """1500 mu reported as hectares, on 100 hm2; with the unit in the heading it is the same land."""
    drawn = frame(("A", 0, 0, 1, 1))
    wrong = PROJECT | {"treated_area [hm2]": 1500}
    assert [p.code for p in account({"polygons": drawn}, projects=[wrong]).problems] == ["K52"]
    right = {"project": "A", "year": 2020, "治理面积（亩）": 1500}
    found = account({"polygons": drawn}, projects=[right])
    assert found.problems == ()
    assert found.table("areas").figure("A", "claimed").to("hm^2") == pytest.approx(100)


def test_without_a_certificate_no_land_lives():
    found = account(projects=[PROJECT, PROJECT | {"year": 2021, "survival [%]": None}]).table("areas")
    assert found.line("A").figures["surviving"] is None
    assert found.line("A").words["surviving"] == "no certificate of survival"


def test_an_effect_by_hand():
    """12 beside 5: 7, on 0.85 km2 5.95; four uncertainties of 1: 2, and with covariances of 0.5 the root of 2."""
    table = account(projects=[PROJECT], states=[UNCERTAIN]).table("states")
    line = table.line("A/cover")
    assert line.labels["called"] == "effect"
    assert table.figure("A/cover", "result").value == 7
    assert table.figure("A/cover", "uncertainty").value == pytest.approx(2)
    assert table.figure("A/cover", "on_land").to("km^2") == pytest.approx(5.95)
    same_plots = UNCERTAIN | {"treated_covariance": 0.5, "control_covariance": 0.5}
    paired = account(states=[same_plots]).table("states").figure("A/cover", "uncertainty")
    assert paired.value == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize(
    ("row", "called", "zh", "result"),
    [
        (STATE, "effect", "成效", 7),
        (BEFORE_AFTER, "change", "变化", 12),
        ({**BEFORE_AFTER, "treated_before": None, "control_after": 46}, "gap of one year", "单年内外差距", 6),
    ],
)
def test_what_a_figure_is_called(row, called, zh, result):
    found = account(states=[row])
    line = found.table("states").line("A/cover")
    assert (line.labels["called"], line.labels["called"].zh) == (called, zh)
    assert line.figures["result"].value == result
    assert [problem.code for problem in found.problems] == ([] if called == "effect" else ["K55"])
    assert called == "effect" or not any("成效" in str(line.labels[label].zh) for label in line.labels)


def test_a_correction_by_rain():
    """40 of 40 expected at 300 mm, 52 of 50 at 400 mm: 1 and 1.04, a change of 0.04 where 12 was seen."""
    table = account(states=[BEFORE_AFTER | RAIN]).table("states")
    assert table.figure("A/cover", "result").value == pytest.approx(0.04)
    assert table.line("A/cover").labels["called"] == "change"
    assert table.line("A/cover").labels["unit"] == "ratio to what rain lets expect"


def test_plots_by_hand():
    """Plots of one size: 38, 40, 42 have the mean 40 and u = 2 / sqrt(3); the same plots later, each 12 higher: 52, and
    the change has no uncertainty at all. A plot of triple size counts three times: (38 + 3 x 42) / 4 = 41.
    """
    rows = [PLOT | {"plot": n, "state": x} for n, x in enumerate((38, 40, 42), 1)]
    rows += [row | {"time": "after", "state": row["state"] + 12} for row in rows]
    table = account(plots=rows).table("states")
    assert table.figure("A/cover", "treated_before").value == pytest.approx(40)
    assert table.figure("A/cover", "result").value == pytest.approx(12)
    assert table.figure("A/cover", "uncertainty").value == pytest.approx(0, abs=1e-6)
    others = [row | {"plot": f"{row['plot']} {row['time']}"} for row in rows]
    apart = account(plots=others).table("states").figure("A/cover", "uncertainty")
    assert apart.value == pytest.approx(math.sqrt(2 * 4 / 3))
    large = [PLOT | {"state": 38}, PLOT | {"plot": "2", "state": 42, "plot_area [m2]": 300}]
    large += [row | {"time": "after"} for row in large]
    assert account(plots=large).table("states").figure("A/cover", "treated_after").value == pytest.approx(41)


def test_carbon_by_hand():
    """85 hm2 at 1.41: two of five years in 2022, 47.94 t C; one and two fifths since: 71.91 t C, 263.67 t CO2."""
    table = account(projects=[GROWING]).table("carbon")
    assert table.figure("A/2020", "carbon").value == pytest.approx(47.94)
    assert table.figure("total", "sink").value == pytest.approx(47.94 * 44 / 12)
    assert table.figure("total", "since").value == pytest.approx(71.91 * 44 / 12)
    assert len(table.notes) == 1


def test_a_ramp_of_nobody_is_said():
    rows = [{key: value for key, value in GROWING.items() if "ramp" not in key}]
    found = account(projects=rows)
    assert [parameter.row.name for parameter in found.provisional] == ["ramp_time"]
    assert "provisional" in found.table("carbon").notes[-1]


def test_costs_by_hand():
    """1.2 million for 85 hm2, 263.67 t and 600 000 a year: 14 117.65, 4551.14, 2 years; a fifth for carbon: 910.23."""
    tables = {"projects": [GROWING], "services": [SERVICE]}
    table = account(costs=[COST], **tables).table("costs")
    assert table.figure("A", "per_area").value == pytest.approx(1_200_000 / 85)
    assert table.figure("A", "per_carbon").value == pytest.approx(1_200_000 / 263.67)
    assert table.figure("A", "per_service").value == pytest.approx(2)
    assert table.figure("A", "services_per_cost").value == pytest.approx(0.5)
    assert "never added" in table.notes[-1]
    divided = COST | {"land_weight": 0.5, "carbon_weight": 0.2, "value_weight": 0.3}
    parts = account(costs=[divided], **tables).table("costs")
    assert parts.figure("A", "per_carbon").value == pytest.approx(240_000 / 263.67)
    assert sum(parts.figure("A", f"{name}_cost").value for name in ("land", "carbon", "value")) == 1_200_000


@pytest.fixture
def scenario(tmp_path):
    """A document as `gep scenario` writes it, as far as it is read: reforested, 30 and 4 more a year."""
    services = {"water_retention": {"change": 30.0}, "carbon_sequestration": {"change": 4.0}}
    document = {"schema": "gep.scenario.v1", "price_year": 2020, "by_service": services}
    (tmp_path / "scenario.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("side", "sign"), [("after", 1), ("治理前", -1)])
def test_services_of_a_scenario(scenario, side, sign):
    """With the project less without it: of a scenario of what would be without it the account before has it."""
    rows = [{"project": "A", "scenario": name, "project_in": side} for name in ("scenario.json",)]
    table = account({"folder": scenario}, services=rows).table("services")
    assert table.figure("total", "change").value == 34 * sign
    assert table.line("A/water_retention").labels["service"].zh == "水源涵养"


def test_classes_and_the_matrix():
    """35 and 44 of 55 percent: 63.6 severe, 80 light; a second parcel from 83.6 to 78.2 is worse."""
    rows = [PARCEL, PARCEL | {"parcel": "Q", "area [hm2]": 4, "state_before": 46, "state_after": 43}]
    found = account(degradation=rows)
    assert found.table("degradation").line("P").words["class_before"].zh == "重度"
    table = found.table("classes")
    assert table.figure("severe", "light").value == 10
    assert (table.figure("improved", "area").value, table.figure("worsened", "area").value) == (10, 4)


@pytest.mark.parametrize(
    ("ecosystem", "state", "undegraded", "expected"),
    [
        ("forest", 90, 100, "not_degraded"),
        ("forest", 75, 100, "light"),
        ("forest", 29.9, 100, "very_severe"),
        ("grassland", 50, 100, "severe"),
        ("wetland", 96, 100, "not_degraded"),
        ("wetland", 95, 100, "light"),
        ("wetland", 40, 100, "very_severe"),
        ("desert", 0.5, None, "moderate"),
        ("desert", 0.51, None, "light"),
        ("desert", 0.1, None, "very_severe"),
    ],
)
def test_limits_of_classes(ecosystem, state, undegraded, expected):
    """HJ 1174-2021: from a value up, of wetland from a loss up, of sand over a cover."""
    from gep.assets.figures import given
    from gep.core.messages import Text

    state, undegraded = (None if x is None else given(x, "1", Text("x", "x")) for x in (state, undegraded))
    assert class_of(ecosystem, index_of(ecosystem, state, undegraded), Parameters()) == expected


parts = st.lists(st.floats(0, 1e9), min_size=2, max_size=6).filter(lambda costs: sum(costs) > 1)


@for_any(parts)
@settings(max_examples=25)
def test_shares_by_cost_add_up(costs):
    rows = [SHARED | {"project": str(n), "cost [CNY]": cost} for n, cost in enumerate(costs)]
    lines = account({"attribute_by": "cost"}, attribution=rows).table("shares").lines
    assert sum(line.figures["share"].value for line in lines) == pytest.approx(1)
    assert sum(line.figures["effect"].value for line in lines) == pytest.approx(10)


def test_an_effect_told_of_several():
    """10 by cost: 3 and 7; as given: 4 and 6; jointly once, of both."""
    for by, expected in (("cost", [3, 7]), ("given", [4, 6]), ("joint", [10])):
        lines = account({"attribute_by": by}, attribution=[SHARED, OTHER]).table("shares").lines
        assert [line.figures["effect"].value for line in lines] == pytest.approx(expected)
    assert lines[0].labels["projects"].zh == "A、B"


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({"projects": [PROJECT | {"survival [%]": 120}]}, "K02"),
        ({"projects": [PROJECT | {"treated_area [hm2]": -1}]}, "K02"),
        ({"projects": [PROJECT, PROJECT]}, "K51"),
        ({"projects": [{"project": "A", "year": 2020, "treated_area": 100}]}, "U01"),
        ({"projects": [GROWING | {"year": 2030}]}, "K56"),
        ({"projects": [GROWING | {"survival [%]": None}]}, "K56"),
        ({"projects": [GROWING | {"ramp_time [year]": 0}]}, "K56"),
        ({"states": [STATE, STATE]}, "K54"),
        ({"states": [STATE | {"control_before": None}]}, "K54"),
        ({"states": [STATE | RAIN | {"rain_intercept": None}]}, "K54"),
        ({"states": [STATE | RAIN | {"rain_intercept": -100}]}, "K54"),
        ({"states": [UNCERTAIN | {"treated_covariance": 2}]}, "K54"),
        ({"plots": [PLOT | {"plot_area [m2]": 0}]}, "K54"),
        ({"plots": [{key: value for key, value in PLOT.items() if key != "plot_area [m2]"}]}, "K02"),
        ({"plots": [PLOT, PLOT]}, "K54"),
        ({"plots": [PLOT | {"land": "meadow"}]}, "K03"),
        ({"plots": [PLOT, PLOT | {"time": "after"}]}, "K54"),
        ({"degradation": [PARCEL, PARCEL]}, "K59"),
        ({"degradation": [PARCEL | {"undegraded_state": None}]}, "K59"),
        ({"degradation": [PARCEL | {"undegraded_state": 0}]}, "K59"),
        ({"degradation": [PARCEL | {"ecosystem": "desert", "undegraded_state": None}]}, "K59"),
        ({"degradation": [PARCEL | {"ecosystem": "desert"}]}, "K59"),
        ({"degradation": [PARCEL | {"ecosystem": "sea"}]}, "K03"),
        ({"services": [SERVICE | {"price_year": None}]}, "K58"),
        ({"services": [SERVICE | {"scenario": "x.json"}]}, "K58"),
        ({"services": [SERVICE, SERVICE | {"service": "flood", "price_year": 2021}]}, "K58"),
        ({"services": [SERVICE, SERVICE | {"service": None}]}, "K58"),
        ({"services": [SERVICE, SERVICE]}, "K58"),
        ({"services": [{"project": "A", "scenario": "x.json", "project_in": "after"}]}, "K58"),
        ({"services": [{"project": "A", "scenario": "x.json", "project_in": "?"}]}, "K03"),
        ({"costs": [COST | {"land_weight": 0.5}]}, "K57"),
        ({"costs": [COST, COST]}, "K57"),
    ],
)
def test_what_is_refused(tables, code):
    assert set(codes(**tables)) == {code}


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("given", [SHARED, OTHER | {"share": 0.7}]),
        ("given", [SHARED, OTHER | {"share": None}]),
        ("cost", [SHARED | {"cost [CNY]": 0}]),
        ("joint", [SHARED, OTHER | {"effect": 11}]),
        ("joint", [SHARED, SHARED]),
    ],
)
def test_shares_that_are_refused(by, rows):
    assert codes({"attribute_by": by}, attribution=rows) == ["K57"]


def test_polygons_that_are_refused():
    """No system, an open ring, no such column, no name, no row, no polygon; all of them without a traceback."""
    good = ("A", 0, 0, 1, 1)
    empty = gpd.GeoDataFrame({"project": ["A"]}, geometry=[shapely.Point(0, 0)], crs=EQUAL_AREA)
    assert codes({"polygons": frame(good, crs=None)}) == ["G01"]
    assert codes({"polygons": empty}) == ["Z03"]
    assert codes({"polygons": frame(good), "polygon_project": "owner"}) == ["Z01"]
    assert codes({"polygons": frame(("", 0, 0, 1, 1))}) == ["K51"]
    assert codes({"polygons": frame(good)}, projects=[PROJECT | {"project": "B"}]) == ["K51", "K51"]


def test_a_file_whose_ring_is_broken(tmp_path):
    ring = [[0, 0], [1, 0], [1, 1]]
    feature = {
        "type": "Feature",
        "properties": {"project": "A"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert codes({"polygons": tmp_path / "p.geojson"}) == ["Z03"]
    assert codes({"polygons": tmp_path / "none.geojson"}) == ["F01"]


def test_a_control_on_treated_land_is_refused():
    drawn, beside = frame(("A", 0, 0, 1, 1)), frame(("A", 2, 0, 3, 1))
    assert account({"polygons": drawn, "controls": beside}).table("areas").figure("A", "drawn").value > 0
    overlapping = frame(("A", 0.9, 0, 2, 1)).to_crs("EPSG:4326")
    assert codes({"polygons": drawn, "controls": overlapping}) == ["K53"]
    assert codes({"controls": beside}) == ["K53"]


def test_a_project_that_treated_no_land_is_refused():
    assert codes(projects=[PROJECT], costs=[COST | {"project": "a"}], states=[STATE]) == ["K51"]


states = st.lists(st.floats(0, 100), min_size=2, max_size=5)


@for_any(states, st.floats(0, 10))
@settings(max_examples=25)
def test_the_same_shift_of_all_plots_is_certain(values, shift):
    """Plots that all change alike leave no doubt of the change, whatever they are."""
    rows = [PLOT | {"plot": n, "state": x} for n, x in enumerate(values)]
    rows += [row | {"time": "after", "state": row["state"] + shift} for row in rows]
    table = account(plots=rows).table("states")
    assert table.figure("A/cover", "result").value == pytest.approx(shift, abs=1e-9)
    assert table.figure("A/cover", "uncertainty").value == pytest.approx(0, abs=1e-5)


def test_everything_that_is_wrong_is_told_at_once():
    found = codes(
        states=[STATE | {"control_before": None}], costs=[COST | {"land_weight": 0.5}], degradation=[PARCEL] * 2
    )
    assert sorted(found) == ["K54", "K57", "K59"]


@pytest.fixture
def project(tmp_path):
    section = sample(tmp_path)
    lines = [f"{key} = {json.dumps(value)}" for key, value in section.model_dump().items() if value]
    head = '[study]\nname = "X"\nname_zh = "某市"\nyear = 2023\n'
    rest = '[zones]\npath = "z.gpkg"\ncode = "c"\n[land_cover]\npath = "l.tif"\nscheme = "clcd"\n'
    (tmp_path / "gep.toml").write_text("\n".join([head, rest, "[assets.restoration]", *lines]), encoding="utf-8")
    return tmp_path


def test_the_command(project):
    """The sample: an effect of 7, two squares that share a strip, both languages, a figure taken apart, files."""
    out = project / "out"
    result = CliRunner().invoke(app, ["restoration", str(project), "--json", "--out", str(out)])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    rows = {(table["id"], row["id"]): row["values"] for table in document["tables"] for row in table["rows"]}
    assert rows["states", "north/plant cover"]["result"] == 7
    assert rows["areas", "total"]["overlap"] == pytest.approx(rows["areas", "north"]["drawn"] / 9, rel=1e-3)
    assert {"restoration.json", "restoration_states.csv"} <= {path.name for path in out.iterdir()}
    shown = CliRunner().invoke(app, ["restoration", str(project), "--lang", "zh"])
    assert {"治理面积", "成效、变化与差距"} <= set(shown.stdout.split())
    apart = CliRunner().invoke(app, ["restoration", str(project), "--explain", "costs/north/per_carbon", "--json"])
    assert json.loads(apart.stdout)["figure"]["equation"]["name"] == "cost_per_carbon_dioxide"


def test_a_section_of_restoration_without_tables(project):
    text = (project / "gep.toml").read_text(encoding="utf-8").partition("[assets.restoration]")[0]
    (project / "gep.toml").write_text(text + "[assets.restoration]\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["restoration", str(project)])
    assert isinstance(result.exception, GepError)
    assert [problem.code for problem in result.exception.problems] == ["K50"]
