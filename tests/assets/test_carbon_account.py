"""Account of carbon from tables: identities, published numbers, and what is wrong with tables, all at once."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from gep.assets.carbon.account import carbon_account
from gep.assets.carbon.density import Densities, kind_id
from gep.assets.carbon.feed import sink_rows
from gep.assets.carbon.sample import sample
from gep.assets.figures import given
from gep.assets.parameters import Parameters
from gep.core.errors import InputError, UnitError
from gep.core.messages import Text
from gep.inputs.assets import CarbonSection

HERE = Text("here", "此处")
LARCH = {"zone": "A", "ecosystem": "forest", "land_class": "larch", "pool": "tree"}
BIRCH = {**LARCH, "land_class": "birch"}
SOIL = {**LARCH, "pool": "soil", "depth [cm]": 100}


def account(stocks, changes=(), **more):
    tables = {name: pd.DataFrame(list(rows)) for name, rows in more.items() if isinstance(rows, list)}
    switches = {name: value for name, value in more.items() if not isinstance(value, list)}
    region = switches.pop("of_region", "")
    tables["stocks"] = pd.DataFrame(list(stocks))
    if changes:
        tables["changes"] = pd.DataFrame(list(changes))
    return carbon_account(tables, CarbonSection(stocks="-", **switches), region=region)


def stand(volume, area=1000, year=2020, **more):
    cells = {"area [hm2]": area, "type": "boreal/larch", "growing stock [m3/hm2]": volume}
    return {**LARCH, "year": year, **cells, **more}


def dense(where, year, area, density):
    return {**where, "year": year, "area [hm2]": area, "density [t*carbon/hm2]": density}


def stock(where, year, amount):
    return {**where, "year": year, "stock [t*carbon]": amount}


def wrong(stocks, changes=(), **more):
    with pytest.raises(InputError) as error:
        account(stocks, changes, **more)
    return sorted(problem.code for problem in error.value.problems)


def warned(made):
    return sorted(problem.code for problem in made.account.problems)


# factors -------------------------------------------------------------------------------------------------------------


def test_factors_are_of_the_stratum_and_not_of_the_mean():
    """Strata of 90 and 110 m³/hm²: 45 273.69 and 49 363.16 t, vectors a.stand_v90 and a.stand_v110. A regional mean of
    100 m³/hm² would have 0.77 x 100 = 77 t/hm², R = 0.24: 44.88 t/hm² and thus less than the smaller of both.
    """
    made = account([stand(90), {**stand(110), "land_class": "old larch"}])
    whole = made.account.table("by_ecosystem").figure("forest", "2020").value
    assert whole == pytest.approx(45273.69 + 49363.16, rel=1e-12)


def test_between_the_middles_of_classes():
    """35.5 m³/hm² at 0.78 and 75.5 at 0.77 are the middles of 21-50 (20, 50] and 51-100 (50, 100]: 35 and 75."""
    densities = Densities(CarbonSection(stocks="-", class_lookup="interpolate"), Parameters())
    factor = densities.factor("bcef_stock", "boreal/larch", given(55, "m^3/hm^2", HERE))
    assert factor.value == pytest.approx(0.775, rel=1e-12)
    assert densities.factor("bcef_stock", "boreal/larch", given(150, "m^3/hm^2", HERE)).value == 0.77


@pytest.mark.parametrize(
    ("switches", "density"),
    [
        ({"root": "fixed"}, 69.3 * 1.25 * 0.47),
        ({"root": "tool14_function"}, 69.3 * (1 + 0.24651306101994) * 0.47),
        ({"volume": "wood_density", "root": "fixed"}, 90 * 0.46 * 1.15 * 1.25 * 0.47),
    ],
)
def test_switches_of_biomass(switches, density):
    made = account([stand(90)], **switches)
    found = made.account.table("stock").figure("A/forest/larch/tree/2020", "carbon_density").value
    assert found == pytest.approx(density, rel=1e-12)


def test_continuous_function_with_roots_in_it():
    """0.6726 x 40 + 0.5592 = 27.4632 t/hm², once for every hectare."""
    row = {**stand(40), "type": "larch/young_and_middle_aged"}
    switches = {"volume": "continuous_function", "roots_in_biomass": "yes", "of_region": "great_khingan"}
    made = account([row], **switches)
    found = made.account.table("stock").figure("A/forest/larch/tree/2020", "carbon_density").value
    assert found == pytest.approx(27.4632 * 0.47, rel=1e-12)


def test_names_in_chinese():
    assert kind_id("寒温带/落叶松") == "boreal/larch"
    made = account([{**stand(90), "ecosystem": "森林", "type": "寒温带/落叶松"}])
    assert made.account.table("by_ecosystem").line("forest")


def test_trees_of_plots():
    """Vector a.allometric_birch: 81.1550777642 kg; at 0.47, on 600 m², 10 stems: 6.3571 t/hm²."""
    trees = [{"plot": "1", "species": "白桦", "dbh [cm]": 15, "height [m]": 12, "stems": 10}]
    plots = [
        {
            "plot": "1",
            **{k: BIRCH[k] for k in ("zone", "ecosystem", "land_class")},
            "year": 2020,
            "plot area [m^2]": 600,
        }
    ]
    rows = [{**BIRCH, "year": 2020, "area [hm2]": 100}]
    made = account(rows, plots=plots, trees=trees, of_region="inner_mongolia")
    found = made.account.table("stock").figure("A/forest/birch/tree/2020", "carbon_density")
    assert found.to("t*carbon/hm^2") == pytest.approx(81.1550777642 * 10 * 0.47 / 600 * 10, rel=1e-9)


def test_pools_and_changes_in_chinese():
    """4000 t and 30 t of growth."""
    where = {"地区": "甲", "生态系统": "森林", "类别": "落叶松", "碳库": "乔木"}
    changes = [{**where, "变动类型": "生长", "年份": 2021, "变动量（吨碳）": 30}]
    made = account([{**where, "年份": 2020, "碳储量（万吨碳）": 0.4}], changes)
    assert made.account.table("balance").figure("2020-2021/closing", "all").value == pytest.approx(4030, rel=1e-12)
    assert wrong([{**where, "碳库": "树", "年份": 2020, "碳储量（万吨碳）": 0.4}]) == ["K03"]


def test_a_plot_on_a_slope():
    """cos 60 degrees is a half: half the area, twice the carbon per area."""
    trees = [{"plot": "1", "species": "白桦", "dbh [cm]": 15, "height [m]": 12}]
    where = {key: BIRCH[key] for key in ("zone", "ecosystem", "land_class")}
    plot = {"plot": "1", **where, "year": 2020, "plot area [m^2]": 600}
    rows = [{**BIRCH, "year": 2020, "area [hm2]": 100}]
    flat, steep = (
        account(rows, plots=[{**plot, "slope [degree]": slope}], trees=trees, of_region="inner_mongolia")
        for slope in (0, 60)
    )
    first, second = (made.account.table("by_pool").figure("tree", "2020").value for made in (flat, steep))
    assert second == pytest.approx(2 * first, rel=1e-12)


def test_shrubs_by_their_cover():
    """0.10 x 60 x 0.3 x 1.4 x 0.47 = 1.1844 t/hm²; below 5 % nothing."""
    shrubs = {**LARCH, "pool": "shrub", "year": 2020, "area [hm2]": 100, "forest biomass [t*dry_matter/hm2]": 60}
    for cover, expected in ((0.3, 118.44), (0.04, 0)):
        table = account([{**shrubs, "shrub cover": cover}]).account.table("by_pool")
        assert table.figure("shrub", "2020").value == pytest.approx(expected, rel=1e-12)
    assert wrong([{**shrubs, "pool": "tree", "shrub cover": 0.3}]) == ["K10"]


def test_layers_of_soil():
    """1.2 g/cm³ x 20 g/kg x 100 cm: 240 t/hm²."""
    layers = [
        {
            "plot": "1",
            "zone": "A",
            "ecosystem": "forest",
            "land_class": "larch",
            "year": 2020,
            "thickness [cm]": depth,
            "bulk density [g/cm^3]": 1.2,
            "organic carbon [g*carbon/kg]": 20,
        }
        for depth in (30, 70)
    ]
    made = account([{**LARCH, "pool": "soil", "year": 2020, "area [hm2]": 10}], soil=layers)
    assert made.account.table("by_pool").figure("soil", "2020").value == pytest.approx(2400, rel=1e-12)
    assert wrong([{**LARCH, "pool": "soil", "year": 2020, "area [hm2]": 10}], soil=layers[:1]) == ["K10"]


def test_a_published_density_where_nothing_else_is():
    """Soil to 1 m under black birch of Inner Mongolia: 252.7 t/hm² (Huang et al. 2016)."""
    row = {**SOIL, "land_class": "黑桦", "year": 2013, "area [hm2]": 10}
    row.pop("depth [cm]")
    made = account([row], of_region="inner_mongolia")
    assert made.account.table("by_pool").figure("soil", "2013").value == pytest.approx(2527, rel=1e-12)


# the account ---------------------------------------------------------------------------------------------------------

AMOUNTS = st.floats(0, 1e9)


@examples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_the_account_closes_to_the_last_bit(opening, growth, harvest, reappraised):
    changes = [
        {**LARCH, "change": change, "year": 2021, "amount [t*carbon]": amount}
        for change, amount in (("growth", growth), ("harvest", harvest), ("reappraisal", reappraised))
    ]
    table = account([stock(LARCH, 2020, opening)], changes).account.table("balance")
    values = {line.id.rpartition("/")[2]: line.figures["all"].value for line in table.lines if line.figures["all"]}
    assert math.fsum(value for line, value in values.items() if line != "closing") == values["closing"]


@examples(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=4))
def test_columns_of_two_inventories_close_to_the_last_bit(strata):
    places = [{**LARCH, "land_class": str(number)} for number in range(len(strata))]
    stocks = [
        stock(place, year, amount)
        for place, (first, last, _) in zip(places, strata, strict=True)
        for year, amount in ((2015, first), (2020, last))
    ]
    changes = [
        {**place, "change": "growth", "amount [t*carbon]": grown}
        for place, (*_, grown) in zip(places, strata, strict=True)
    ]
    table = account(stocks, changes).account.table("balance")
    values = {line.id.rpartition("/")[2]: line.figures["all"].value for line in table.lines if line.figures["all"]}
    assert math.fsum(value for line, value in values.items() if line != "closing") == values["closing"]
    whole = math.fsum(last for _, last, _ in strata)
    assert values["closing"] == pytest.approx(whole, rel=1e-12, abs=1e-6)


def test_two_inventories_that_lines_do_not_close():
    stocks = [dense(LARCH, 2015, 100, 40), dense(LARCH, 2020, 100, 42)]
    made = account(stocks, [{**LARCH, "change": "growth", "amount per year [t*carbon/year]": 30}])
    table = made.account.table("balance")
    assert table.figure("2015-2020/unexplained", "all").value == pytest.approx(200 - 150, rel=1e-12)
    assert warned(made) == ["K13"]
    sink = made.account.table("sink").figure("all/2015-2020", "sink").value
    assert sink == pytest.approx(30 * 44 / 12, rel=1e-12)


def test_the_difference_of_stocks_keeps_area_apart():
    """100 to 110 hm², 40 to 42 t/hm²: land at the opening density 400 t, growth 220 t, 44 t a year."""
    stocks = [dense(LARCH, 2015, 100, 40), dense(LARCH, 2020, 110, 42)]
    made = account(stocks, sink="stock_difference")
    table = made.account.table("balance")
    assert table.figure("2015-2020/area_in", "all").value == pytest.approx(400, rel=1e-12)
    assert table.figure("2015-2020/growth", "all").value == pytest.approx(220, rel=1e-12)
    assert made.account.table("sink").figure("all/2015-2020", "yearly_carbon").value == pytest.approx(44, rel=1e-12)
    effects = made.account.table("effects")
    key = "A/forest/larch/tree/2015-2020"
    parts = [effects.figure(key, name).value for name in ("area_effect", "density_effect")]
    assert parts == pytest.approx([410, 210], rel=1e-12)
    assert warned(made) == ["K14"]


def test_land_carries_the_density_of_the_class_that_it_comes_from():
    stocks = [dense(LARCH, 2020, 100, 40), dense(BIRCH, 2020, 100, 25)]
    change = {**LARCH, "change": "area", "year": 2021, "from class": "birch", "area [hm2]": 10}
    table = account(stocks, [change]).account.table("strata")
    assert table.figure("A/forest/larch/tree/2020-2021", "area_in").value == 250
    assert table.figure("A/forest/birch/tree/2020-2021", "area_out").value == -250
    assert account(stocks, [change]).account.table("sink").line("A/forest/2020-2021").figures == {}


def test_another_method_is_no_sink():
    change = {**LARCH, "change": "reappraisal", "year": 2021, "amount [t*carbon]": 500}
    made = account([stock(LARCH, 2020, 4000)], [change])
    assert made.account.table("balance").figure("2020-2021/closing", "all").value == 4500
    line = made.account.table("sink").line("A/forest/2020-2021")
    assert line.figures == {}
    assert str(line.words["sink"]) == "not told"


def test_gain_and_loss_by_the_factors_of_the_stratum():
    """10 000 hm² at 110 m³/hm², R 0.24: growth 8975.12 t, as in vector a.gain_loss; harvest of 5000 m³ 2476.9 t."""
    changes = [
        {**LARCH, "change": "growth", "year": 2021, "increment [m3/(hm2*year)]": 2},
        {**LARCH, "change": "harvest", "year": 2021, "harvest [m3/year]": 5000},
        {**LARCH, "change": "disturbance", "year": 2021, "disturbed area [hm2/year]": 100, "lost share": 0.5},
    ]
    table = account([stand(110, area=10000)], changes).account.table("balance")
    assert table.figure("2020-2021/growth", "all").value == pytest.approx(8975.12, rel=1e-12)
    assert table.figure("2020-2021/harvest", "all").value == pytest.approx(-2476.9, rel=1e-12)
    disturbed = -100 * 110 * 0.77 * 1.24 * 0.47 * 0.5
    assert table.figure("2020-2021/disturbance", "all").value == pytest.approx(disturbed, rel=1e-12)


def test_soil_under_another_use():
    """Vector a.soc: 4750 t a year; the other way round it is a loss."""
    where = {**SOIL, "ecosystem": "grassland", "land_class": "steppe"}
    uses = ("moderately_degraded/temperate", "improved/temperate")
    for line, (before, after) in (("growth", uses), ("disturbance", uses[::-1])):
        change = {
            **{k: v for k, v in where.items() if "depth" not in k},
            "change": "growth",
            "year": 2021,
            "soil type": "high_activity_clay/temperate_cool_dry",
            "use before": before,
            "use after": after,
        }
        made = account([dense(where, 2020, 10000, 50)], [change])
        found = made.account.table("balance").figure("2020-2021/" + line, "all").value
        assert found == pytest.approx(4750 if line == "growth" else -4750, rel=1e-12)


def test_methane_stands_beside_the_sink():
    gases = [{"zone": "A", "ecosystem": "wetland", "gas": "methane", "year": 2021, "emission [t/year]": 100}]
    changes = [{**LARCH, "change": "growth", "year": 2021, "amount [t*carbon]": 3}]
    made = account([stock(LARCH, 2020, 1000)], changes, gases=gases)
    assert made.account.table("gases").figure("A/wetland/methane/2021", "as_co2_yearly").value == 2800
    assert made.account.table("sink").figure("all/2020-2021", "sink").value == pytest.approx(11, rel=1e-12)
    without = account([stock(LARCH, 2020, 1000)], changes, gases=gases, ch4_n2o="exclude")
    assert "gases" not in [table.id for table in without.account.tables]


def test_carbon_and_carbon_dioxide_never_add():
    table = account([stock(LARCH, 2020, 1000)]).account.table("stock")
    with pytest.raises(UnitError):
        table.figure("all/2020", "as_co2").to("t*carbon")


def test_the_sink_as_a_table_for_gep():
    changes = [{**LARCH, "change": "growth", "year": 2021, "amount [t*carbon]": 30}]
    made = account([stock(LARCH, 2020, 1000)], changes)
    (row,) = sink_rows(made.balances, Parameters(), 2021, "account")
    assert row == ("A", "carbon_sink/forest", "quantity", repr(30 * 3.6666666666666665), "t*CO2/year", 2021, "account")
    assert sink_rows(made.balances, Parameters(), 2030, "account") == []


def test_the_sample_explains_its_sink(tmp_path):
    sample(tmp_path)
    sources = {name: tmp_path / f"carbon_{name}.csv" for name in ("stocks", "changes", "gases")}
    made = carbon_account(sources, CarbonSection(stocks="-"))
    explained = made.account.explain("sink", "all/2015-2020", "sink")
    assert explained["figure"]["equation"]["name"] == "yearly_sink"
    assert {"bcef_increment", "root_shoot"} <= {row.row.name for row in made.account.parameters()}
    assert {row.row.name for row in made.account.provisional} == {"methane_warming", "nitrous_oxide_warming"}


# what is wrong -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([{**LARCH, "year": 2020, "stock [t*CO2]": 1}], ["U02"]),
        ([{**LARCH, "year": 2020, "stock [t*carbon/year]": 1}], ["U02"]),
        ([{**LARCH, "year": 2020, "stock": 1}], ["U01"]),
        ([stock(LARCH, 2020, -1)], ["K02"]),
        ([stand(90), stand(90)], ["K10"]),
        ([stand(90, ecosystem="forrest")], ["K10"]),
        ([stand(90, **{"density [t*carbon/hm2]": 40})], ["K10"]),
        ([stand(90, area=None)], ["K10"]),
        ([stand(90, pool="shrub")], ["K10"]),
        ([stand(90, type="boreal/palms")], ["K01"]),
        ([{**LARCH, "year": 2020, "area [hm2]": 10}], ["K10"]),
        ([dense({**SOIL, "depth [cm]": 30}, 2020, 10, 50)], ["K10"]),
        ([dense({**LARCH, "pool": "soil"}, 2020, 10, 50)], ["K10"]),
        ([stock(LARCH, 2020, 1), stock({**LARCH, "pool": "vegetation"}, 2020, 2)], ["K10"]),
        ([stock(LARCH, 2020, 1), stock(BIRCH, 2020, 1), stock(LARCH, 2021, 1)], ["K10"]),
        ([stand(90, area=None), stand(90, pool="shrub", year=2021)], ["K10", "K10"]),
    ],
)
def test_a_stock_that_cannot_be_told(rows, codes):
    assert wrong(rows) == codes


PLOT = {"plot": "1", "zone": "A", "ecosystem": "forest", "land_class": "birch", "year": 2020}
TREE = {"plot": "1", "species": "Betula platyphylla", "dbh [cm]": 15, "height [m]": 12}


@pytest.mark.parametrize(
    ("plots", "trees", "code"),
    [
        ([{**PLOT, "plot area [m^2]": 0}], [TREE], "K11"),
        ([PLOT], [TREE], "K02"),
        ([{**PLOT, "plot area [m^2]": 600}], [{**TREE, "plot": "2"}], "K11"),
        ([{**PLOT, "plot area [m^2]": 600}], [{**TREE, "species": "palm"}], "K11"),
        ([{**PLOT, "plot area [m^2]": 600}] * 2, [TREE], "K11"),
    ],
)
def test_plots_that_cannot_be_used(plots, trees, code):
    rows = [{**BIRCH, "year": 2020, "area [hm2]": 100}]
    assert code in wrong(rows, plots=plots, trees=trees, of_region="inner_mongolia")


@pytest.mark.parametrize(
    "change",
    [
        {"change": "growth", "year": 2021, "increment [m3/(hm2*year)]": -2},
        {"change": "growth", "year": 2021, "amount [t*carbon]": -2},
        {"change": "growth", "year": 2021},
        {"change": "growth", "year": 2021, "amount [t*carbon]": 2, "amount per year [t*carbon/year]": 2},
        {"change": "growth", "year": 2020, "amount [t*carbon]": 2},
        {"change": "growth", "year": 2021, "land_class": "palm", "amount [t*carbon]": 2},
        {"change": "area", "year": 2021, "from class": "palm", "area [hm2]": 2},
        {"change": "area", "year": 2021, "from class": "birch"},
        {"change": "harvest", "year": 2021, "increment [m3/(hm2*year)]": 2},
    ],
)
def test_a_change_that_cannot_be_told(change):
    later = {**BIRCH, "change": "growth", "year": 2021, "amount [t*carbon]": 1}
    assert wrong([dense(LARCH, 2020, 10, 40), dense(BIRCH, 2020, 10, 40)], [{**LARCH, **change}, later]) == ["K12"]


def test_growth_is_not_told_twice():
    stocks = [dense(LARCH, 2015, 100, 40), dense(LARCH, 2020, 100, 42)]
    assert wrong(stocks, [{**LARCH, "change": "growth", "amount [t*carbon]": 1}], sink="stock_difference") == ["K12"]


@pytest.mark.parametrize(("factor", "code"), [(15, "K16"), (1 / 15, "K16"), (44 / 12, "K16"), (1.2, "")])
def test_a_density_that_is_off_by_a_factor_of_units(factor, code):
    made = account([dense(LARCH, 2015, 100, 40), dense(LARCH, 2020, 100, 40 * factor)], sink="stock_difference")
    assert ("K16" in warned(made)) == bool(code)


def test_a_sink_that_is_larger_than_forests_are():
    """A stock given as what a year brought: 30 % of the stock."""
    made = account([stock(LARCH, 2020, 1000)], [{**LARCH, "change": "growth", "year": 2021, "amount [t*carbon]": 300}])
    assert warned(made) == ["K15"]
