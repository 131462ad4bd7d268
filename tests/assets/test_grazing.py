"""Grass-livestock balance from tables: rates and classes by hand, sums not means, and what is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from typer.testing import CliRunner

from gep.assets.grazing.account import grazing_account
from gep.assets.grazing.sample import sample
from gep.assets.grazing.tables import FEED, HERDS, PASTURES, POLICY
from gep.assets.tables import read_table
from gep.audit.cases import load_case
from gep.cli.app import app
from gep.core.errors import InputError
from gep.stocks.grazing import weight_between

PASTURE = {
    "zone": "A",
    "steppe": "meadow steppe",
    "season": "growing season",
    "area [hm2]": 6000,
    "forage_yield [kg*dry_matter/(hm2*year)]": 850,
    "edible_share": 1,
    "grazing_days [day/year]": 150,
}
HERD = {"zone": "A", "animal": "sheep", "heads [head]": 9000}


def account(pastures=(PASTURE,), herds=(HERD,), feed=(), policy=(), **options):
    read = [
        read_table(pd.DataFrame(list(rows)), columns, name) if rows else None
        for rows, columns, name in (
            (pastures, PASTURES, "pastures"),
            (herds, HERDS, "herds"),
            (feed, FEED, "feed"),
            (policy, POLICY, "policy"),
        )
    ]
    return grazing_account(*read, **{"region": "xilingol", "year": 2023, **options})


def test_a_county_by_hand():
    """850 x 6000 = 5 100 000 kg; x 52.5 % / (1.8 x 150) = 9916.67; 9000 / 9916.67 - 1 = -9.244 %: in balance."""
    found = account()
    table = found.table("balance")
    assert table.figure("A", "capacity").value == pytest.approx(5_100_000 * 0.525 / 270, rel=1e-12)
    assert table.figure("A", "rate").to("percent") == pytest.approx(100 * (9000 * 270 / (5_100_000 * 0.525) - 1))
    assert table.line("A").words["class"] == "balance"
    used = {parameter.row.name for parameter in found.parameters()}
    assert {"utilisation_rate", "daily_intake", "sheep_units_per_head"} <= used


def test_a_pasture_in_mu_and_of_production():
    """90 000 mu are 6000 hm2; 250 g of carbon are 250 / (0.45 x 6.26) g of grass."""
    row = {key: value for key, value in PASTURE.items() if not key.startswith(("area", "forage"))}
    row |= {"面积（亩）": 90_000, "净初级生产力（g*carbon/(m^2*year)）": 250}
    figure = account([row]).table("balance").figure("A", "forage")
    assert figure.to("kg*dry_matter/year") == pytest.approx(250 / (0.45 * 6.26) * 10 * 6000, rel=1e-12)


def test_a_pasture_by_a_fit_with_regrowth():
    """NDVI 0.5 at 400 and 2: 100 g/m2 are 1000 kg/hm2; a tenth grows again: 1100 x 6000."""
    row = without(PASTURE, "forage") | {"ndvi": 0.5, "forage_scale [g*dry_matter/(m2*year)]": 400}
    row |= {"forage_exponent": 2, "regrowth [%]": 10}
    figure = account([row]).table("balance").figure("A", "forage")
    assert figure.to("kg*dry_matter/year") == pytest.approx(1100 * 6000, rel=1e-12)


def test_the_season_that_feeds_least_decides():
    """The vector of two seasons: 9916.67 and 5710.59 sheep units."""
    cold = {
        **PASTURE,
        "season": "cold season",
        "area [hm2]": 4000,
        "grazing_days [day/year]": 215,
        "utilisation_rate": 0.65,
    }
    found = account([PASTURE, cold]).table("balance")
    assert found.figure("A", "capacity").value == pytest.approx(5710.59431525, rel=1e-9)
    assert found.figure("A", "area").value == 4000


def test_feed_is_printed_beside():
    """3 000 000 kg x 90 % / (1.8 x 365) = 4109.589 sheep units more."""
    feed = {"zone": "A", "feed": "straw", "mass [t*dry_matter/year]": 3000, "feed_use [%]": 90}
    table = account(feed=[feed]).table("balance")
    capacity = 5_100_000 * 0.525 / 270
    assert table.figure("A", "rate").value == pytest.approx(9000 / capacity - 1)
    assert table.figure("A", "rate_with_feed").value == pytest.approx(9000 / (capacity + 2_700_000 / 657) - 1)


def test_feed_that_is_not_told_is_not_none():
    """Of two counties one says its feed: neither the other nor the whole has a rate with feed."""
    rows = [{**PASTURE, "zone": zone} for zone in "AB"], [{**HERD, "zone": zone} for zone in "AB"]
    feed = {"zone": "A", "feed": "straw", "mass [t*dry_matter/year]": 0, "feed_use [%]": 90}
    table = account(*rows, feed=[feed]).table("balance")
    assert table.figure("A", "rate_with_feed").value == table.figure("A", "rate").value
    assert [table.line(key).figures["rate_with_feed"] for key in ("B", "total")] == [None, None]


sizes = st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 9000)), min_size=1, max_size=5)


@for_any(sizes)
def test_the_whole_is_of_sums(places):
    """The rate of the whole is of its sums, whatever the counties; reversing them changes nothing."""
    pastures = [{**PASTURE, "zone": f"Z{n}", "area [hm2]": area} for n, (area, _) in enumerate(places)]
    herds = [{**HERD, "zone": f"Z{n}", "heads [head]": heads} for n, (_, heads) in enumerate(places)]
    table = account(pastures, herds).table("balance")
    capacity = sum(area for area, _ in places) * 850 * 0.525 / 270
    assert table.figure("total", "capacity").value == pytest.approx(capacity, rel=1e-12)
    assert table.figure("total", "rate").value == pytest.approx(sum(h for _, h in places) / capacity - 1)
    turned = account(pastures[::-1], herds[::-1]).table("balance")
    assert turned.figure("total", "rate").value == table.figure("total", "rate").value


def test_herders_and_policies():
    """The vector of the approved area: 5000 mu at 22.66 mu, 250 sheep units: 13.3 % above, 2934.69 CNY."""
    pasture = {**PASTURE, "herder": "B"}
    herd = {**HERD, "herder": "B", "heads [head]": 250}
    land = {
        "zone": "A",
        "herder": "B",
        "policy": "草畜平衡区",
        "area [chinese_mu]": 5000,
        "area_per_sheep_unit [chinese_mu/sheep_unit]": 22.66,
        "season": "cold season",
    }
    found = account([pasture], [herd], policy=[land], region="inner_mongolia,xilingol")
    table = found.table("policy")
    assert table.figure("A / B", "rate").to("percent") == pytest.approx(13.3)
    assert table.figure("A / B", "fine").value == pytest.approx(2934.68667255)
    assert table.figure("A / B", "reward").value == pytest.approx(12_500)
    assert table.line("A / B").words["withheld"] == "may be withheld"
    assert found.table("herders").figure("A/B", "actual").value == 250


def without(row, *names):
    return {key: value for key, value in row.items() if not key.startswith(names)}


POLICIES = {"zone": "A", "policy": "in balance", "area [hm2]": 1, "parcel": "P"}


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({"herds": [{**HERD, "animal": "llama"}]}, "K03"),
        ({"pastures": [{**PASTURE, "season": "monsoon"}]}, "K03"),
        ({"pastures": [without(PASTURE, "season")]}, "K02"),
        ({"pastures": [PASTURE, PASTURE]}, "K41"),
        ({"pastures": [without(PASTURE, "forage")]}, "K41"),
        ({"pastures": [{**PASTURE, "production [g*carbon/(m^2*year)]": 250}]}, "K41"),
        ({"pastures": [without(PASTURE, "forage") | {"ndvi": 0.5}]}, "K41"),
        ({"pastures": [PASTURE, {**PASTURE, "season": "whole_year", "utilisation_rate": 0.5}]}, "K41"),
        (
            {
                "pastures": [
                    without({**PASTURE, "season": "cold season"}, "grazing"),
                ]
            },
            "K42",
        ),
        ({"herds": [HERD, HERD]}, "K43"),
        ({"herds": [HERD, {**HERD, "zone": "B"}]}, "K43"),
        ({"pastures": [PASTURE, {**PASTURE, "zone": "B"}]}, "K43"),
        ({"policy": [POLICIES, {**POLICIES, "policy": "grazing ban"}]}, "K44"),
        ({"policy": [{**POLICIES, "area_per_sheep_unit [hm2/sheep_unit]": 2}]}, "K44"),
        ({"policy": [{**POLICIES, "season": "cold season", "area_per_sheep_unit [hm2/sheep_unit]": 0}]}, "K44"),
        ({"policy": [{**POLICIES, "policy": "grazing ban", "area_per_sheep_unit [hm2/sheep_unit]": 2}]}, "K44"),
        ({"herds": [{**HERD, "heads [head]": -1}]}, "K02"),
        ({"pastures": [{**without(PASTURE, "area"), "area": 6000}]}, "U01"),
        ({"pastures": [{**without(PASTURE, "area"), "area [m]": 6000}]}, "U02"),
    ],
)
def test_what_is_refused(tables, code):
    with pytest.raises(InputError) as error:
        account(**tables)
    assert {problem.code for problem in error.value.problems} == {code}


def test_what_is_asked():
    """A yield of one year that turns the class, and grass that is all counted as edible."""
    row = without(PASTURE, "edible") | {"mean_yield [kg*dry_matter/(hm2*year)]": 700}
    found = account([row])
    assert [problem.code for problem in found.problems] == ["K45", "K45"]
    rate = found.table("balance").figure("A", "rate_of_mean").value
    assert rate == pytest.approx(9000 * 270 / (700 * 6000 * 0.525) - 1)


@pytest.mark.parametrize(("days", "codes"), [((150, 215), []), ((150, 217), ["K45"])])
def test_seasons_longer_than_a_year_are_asked_about(days, codes):
    """150 and 217 days are 367."""
    seasons = zip(("warm_season", "cold_season"), days, strict=True)
    rows = [
        PASTURE | {"steppe": "temperate_steppe", "season": season, "grazing_days [day/year]": number}
        for season, number in seasons
    ]
    found = account(rows, region="nyt_635").problems
    assert [problem.code for problem in found if "days" in str(problem.do)] == codes


@pytest.fixture
def project(tmp_path):
    section = sample(tmp_path, ["01", "02", "03"])
    lines = [f'{key} = "{value}"' for key, value in section.model_dump().items() if value]
    head = '[study]\nname = "X"\nname_zh = "某市"\nyear = 2023\nregion = "nyt_635,inner_mongolia"\n'
    rest = '[zones]\npath = "z.gpkg"\ncode = "c"\n[land_cover]\npath = "l.tif"\nscheme = "clcd"\n'
    text = "\n".join([head, rest, "[assets.grazing]", *lines])
    (tmp_path / "gep.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command(project):
    """The synthetic sample: 500 hm2 x 900 x 80 % x 65 % / (1.8 x 215) in the cold season of the first county."""
    result = CliRunner().invoke(app, ["grazing", str(project), "--json"])
    assert result.exit_code == 0, result.output
    (table, *_) = json.loads(result.stdout)["tables"]
    rows = {row["id"]: row for row in table["rows"]}
    assert rows["01"]["values"]["capacity"] == pytest.approx(500 * 900 * 0.8 * 0.65 / (1.8 * 215))
    written = CliRunner().invoke(app, ["assets", str(project), "--out", str(project / "out"), "--lang", "zh"])
    assert written.exit_code == 0, written.output
    assert "超载率" in written.stdout
    assert (project / "out" / "grazing_balance.csv").is_file()


def test_a_figure_down_to_its_clause(project):
    result = CliRunner().invoke(app, ["grazing", str(project), "--explain", "balance/01/rate", "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "NY/T 635-2015, table of utilisation rates (provisional)" in " ".join(result.stdout.split())


def test_which_weight_pastoral_counties_have():
    """Monitoring reports of 2014 and 2015: 19.4 between 20.6 and 15.6, 17.0 between 18.2 and 13.2: 76 percent twice."""
    case = load_case("national_grassland_monitoring_2007_2016")
    groups = ("268 pastoral and semi-pastoral counties", "pastoral counties", "semi-pastoral counties")
    rates = {(row["group"], row["year"]): float(row["rate"]) for row in case.tables["overload"].rows}
    for year in ("2014", "2015"):
        assert weight_between(*(rates[group, year] for group in groups)) == pytest.approx(0.76)


def test_without_herds_there_is_a_capacity_and_no_rate():
    """Of 9916.67 sheep units that could be fed nobody knows how many are; none told is not none."""
    made = account(herds=())
    table = made.table("balance")
    assert table.figure("total", "capacity").value == pytest.approx(5_100_000 * 0.525 / 270, rel=1e-12)
    assert {table.line("A").figures[name] for name in ("actual", "rate", "excess")} == {None}
    assert table.line("A").words["class"] == "no herds told"
    assert [of.id for of in made.tables] == ["balance", "pastures"]
