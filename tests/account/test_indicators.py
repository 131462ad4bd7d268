"""Slips of tables on the sample city, each told with the factor that was put in, and accounts that no place has.

The expected factors are those by which a column is multiplied here; values per head, per area and their ratios are
counted by hand from the rows of `statistics.csv`.
"""

from dataclasses import replace

import builders
import numpy as np
import pandas as pd
import pytest
from places import DATA

from gep.account.account import Account
from gep.account.checks import indicators as of_accounts
from gep.account.checks.made import Made
from gep.account.entries import About, Entry, Missing
from gep.core.errors import InputError
from gep.core.units import linear
from gep.engine.checks import cooling, fellows, indicators, products
from gep.engine.checks.seen import Seen
from gep.engine.run import run
from gep.inputs.tables import read_tables
from gep.plan.planner import make_plan
from gep.standards.ranges import ranges
from gep.study.study import Study

CODES = {"O10", "O11", "O20", "O21", "O22", "O23", "O24", "P10", "P11", "B40", "B41"}

FINDERS = (
    cooling.cooled_when_cold,
    indicators.unlike_any_place,
    products.prices_and_yields,
    products.smaller_than_printed,
    fellows.unlike_their_fellows,
)


class City:
    """The sample city after a pass over its grid, whose tables can be changed."""

    def __init__(self, study: Study) -> None:
        self.inputs = study.inputs
        self.plan = make_plan(study.inputs, all_layers=True).plan
        self.sums = run(replace(self.plan, flows=()), threads=2)
        (source,) = study.spec.tables.values()
        self.table = pd.read_csv(source, dtype=str, keep_default_na=False)

    def look(self, table=None, **more):
        """What checks find in the tables."""
        names = {zone.code: zone.name for zone in self.plan.zones.zones}
        rows, problems = read_tables({"statistics": self.table if table is None else table}, names, 2020)
        assert [found for found in problems if found.severity == "error"] == []
        seen = Seen(replace(self.inputs, statistics=tuple(rows)), self.plan, self.sums)
        return [found for find in FINDERS for found in find(seen)]

    def times(self, item, measure, factor, zone=None):
        """The tables with a column, or a figure of one zone, multiplied."""
        table = self.table.copy()
        here = (table["item"] == item) & (table["measure"] == measure)
        here &= (table["zone"] == zone) if zone else True
        assert here.any()
        table.loc[here, "value"] = [f"{float(value) * factor:.12g}" for value in table.loc[here, "value"]]
        return table


@pytest.fixture(scope="module")
def city(sample_study):
    return City(sample_study)


def of(problems, code, subject):
    """The one problem of a code and a subject."""
    found = [problem for problem in problems if (problem.code, problem.subject) == (code, subject)]
    assert len(found) == 1, [(problem.code, problem.subject) for problem in problems]
    return found[0]


# the sample city as it is ---------------------------------------------------------------------------------------------


def test_nothing_is_told_of_the_clean_city(city, sample_account):
    assert city.look() == []
    assert CODES & builders.codes_of(sample_account) == set()


@pytest.mark.skipif(
    not (DATA / "hulunbuir" / "gep.toml").is_file(), reason="the real rasters are not beside the checkout"
)
@pytest.mark.parametrize("folder", ["hulunbuir", "rhine"])
def test_nothing_is_told_of_real_places(folder):
    assert CODES & builders.codes_of(Study.open(DATA / folder / "gep.toml").run(record=False)) == set()


# slips ----------------------------------------------------------------------------------------------------------------

SLIPS = [
    ("population", "quantity", 1e-4, "O20", "population", "population were 10,000 times too small"),
    ("population", "quantity", 1e4, "O20", "population", "population were 10,000 times too large"),
    (
        "gdp",
        "value",
        1e-4,
        "O20",
        "gdp",
        "product were 10,000 times too small (`万元` given as `元`, or `亿元` as `万元`)",
    ),
    (
        "gdp",
        "value",
        1e4,
        "O20",
        "gdp",
        "product were 10,000 times too large (`元` given as `万元`, or `万元` as `亿元`)",
    ),
    ("crop_products/vegetables", "value", 1e4, "O20", "crop_products", "products were 10,000 times too large"),
    ("crop_products/wheat", "quantity", 1000, "O20", "crop_products/wheat", "1,000 times too large (kilograms given"),
    ("crop_products/wheat", "price", 1e-3, "P10", "crop_products/wheat", "1,000 times too small (a price per kilogram"),
    ("crop_products/rice", "price", 1e4, "P10", "crop_products/rice", "10,000 times too large (`元` given as `万元`)"),
    ("forestry_products/timber", "price", 1e4, "P10", "forestry_products/timber", "10,000 times too large"),
    ("forestry_products/timber", "quantity", 1e4, "O20", "forestry_products", "10,000 times too large"),
    ("livestock_products/sheep", "quantity", 1e4, "O20", "livestock_products", "10,000 times too large"),
    ("livestock_products/sheep", "price", 1e-4, "P10", "livestock_products/sheep", "10,000 times too small"),
    ("fishery_products/fish", "quantity", 1e4, "O20", "fishery_products", "10,000 times too large"),
    ("visits", "quantity", 1e4, "O20", "visits_per_head", "nature were 10,000 times too large"),
    ("visits", "quantity", 1e-4, "O20", "visits_per_head", "nature were 10,000 times too small"),
    ("travel_cost", "price", 1e4, "P10", "travel_cost", "10,000 times too large (`元` given as `万元`)"),
    ("recreation_visits", "quantity", 1e4, "O20", "recreation_per_head", "10,000 times too large"),
    ("tariff", "price", 1e4, "P10", "tariff", "10,000 times too large"),
    ("floor_price", "price", 1e4, "P10", "floor_price", "10,000 times too large"),
    ("so2_emission", "quantity", 1000, "O20", "so2_emission", "1,000 times too large (kilograms given as tonnes"),
    ("cod_load", "quantity", 1e-4, "O20", "cod_load", "10,000 times too small"),
    ("reservoir_capacity", "quantity", 1e-4, "O20", "reservoir_depth", "10,000 times too small"),
    ("barrier_length", "quantity", 1000, "O20", "barrier_per_km2", "metres as kilometres"),
    ("generation", "quantity", 1e4, "O20", "generation_per_head", "10,000 times too large"),
]


@pytest.mark.parametrize(("item", "measure", "factor", "code", "subject", "cause"), SLIPS)
def test_a_slip_is_an_error_that_names_its_factor(city, item, measure, factor, code, subject, cause):
    problem = of(city.look(city.times(item, measure, factor)), code, subject)
    assert problem.severity == "error"
    assert cause in problem.message
    assert f'"{code}/{subject}"' in problem.do
    assert problem.allowed
    assert problem.place


def test_what_is_told_of_persons_given_as_ten_thousands(city):
    """Zone 990101: 23.4e8 CNY over 4.6 persons is 508,695,652 CNY per head, beyond 350,000 CNY."""
    problem = of(city.look(city.times("population", "quantity", 1e-4)), "O20", "population")
    assert "508.7 million CNY/(person·year)" in problem.found
    assert "350 thousand CNY/(person·year)" in problem.allowed
    assert problem.message.startswith("Gross domestic product / Resident population: ")
    said = problem.in_language("zh")
    assert "地区生产总值 / 常住人口" in said
    assert "常住人口小了 10,000 倍（将万人当作人" in said
    assert "5.087 亿元/(人·年)" in said
    assert "界限为专业判断" in said


def monetary_and_of_people(table):
    """The columns that are of money, persons or visits, with a figure above zero."""
    for (item, measure), rows in table.groupby(["item", "measure"], sort=False):
        units = " ".join(rows["unit"])
        if any(word in units for word in ("元", "CNY", "人", "person", "visit")) and any(map(float, rows["value"])):
            yield item, measure


def test_no_column_of_money_or_people_is_off_by_ten_thousand_in_silence(city):
    """Finding F15."""
    columns = list(monetary_and_of_people(city.table))
    assert len(columns) == 38
    silent = [
        (item, measure, factor)
        for item, measure in columns
        for factor in (1e4, 1e-4)
        if not [found for found in city.look(city.times(item, measure, factor)) if found.severity != "information"]
    ]
    assert silent == []


def test_one_county_a_hundredfold_is_told(city):
    """6900 t x 100 on 26.3 km2 of cropland is 262 t/hm2, and 37 times what the others have per head: 690,000 t over
    158,000 people against the mean of 5200 / 46,000 and 4800 / 39,000.
    """
    problems = city.look(city.times("crop_products/wheat", "quantity", 100, "990102"))
    (of_yield,) = [found for found in problems if found.code == "O20"]
    assert "262.4 t/(hm²·year)" in of_yield.found
    others = (5200 / 46_000 + 4800 / 39_000) / 2
    of_fellows = of(problems, "O23", "crop_products/wheat")
    assert of_fellows.found == f"{690_000 / 158_000 / others:.0f} times the median of the others"


def test_one_county_with_another_unit_is_an_error_by_its_fellows(city):
    problem = of(city.look(city.times("travel_cost", "price", 1e4, "990101")), "O22", "travel_cost")
    assert (problem.severity, '"O22/travel_cost"' in problem.do) == ("error", True)


def test_what_is_smaller_than_statistics_print_is_told(city):
    """Vegetables for 5300 CNY instead of 5300 万元; 0.91 t of maize at 2150 CNY."""
    vegetables = of(city.look(city.times("crop_products/vegetables", "value", 1e-4)), "O24", "crop_products/vegetables")
    assert (vegetables.severity, "5,300 CNY" in vegetables.found) == ("warning", True)
    assert (
        "1,956 CNY"
        in of(city.look(city.times("crop_products/maize", "quantity", 1e-4)), "O24", "crop_products/maize").found
    )


def test_what_no_figure_rests_on_is_a_warning(city):
    """The profile does not count education: its price is asked after, and stops nothing."""
    problem = of(city.look(city.times("education_visit_value", "price", 1e4)), "P11", "education_visit_value")
    assert problem.severity == "warning"


def test_a_price_is_implied_by_value_and_quantity(city):
    """5300 万元 for 5300 t of vegetables is 10,000 CNY/t; for 0.53 t it is 1e8 CNY/t, above 15,000."""
    tonnes = city.table[city.table["item"] == "crop_products/vegetables"].assign(
        measure="quantity", unit="t", price_year=""
    )
    assert city.look(pd.concat([city.table, tonnes])) == []
    few = tonnes.assign(value=[f"{float(value) * 1e-4:g}" for value in tonnes["value"]])
    problem = of(city.look(pd.concat([city.table, few])), "P10", "crop_products/vegetables")
    assert "100 million CNY/t" in problem.found


@pytest.mark.parametrize(("value", "quantity", "codes"), [("1", "0.4", set()), ("10", "4", {"P11"})])
def test_an_implied_price_is_known_only_as_far_as_its_figures_are_printed(city, value, quantity, codes):
    """Vegetables cost at most 15,000 CNY/t. 1 万元 for 0.4 t may be 0.5 for 0.45, 11,111 CNY/t; 10 万元 for 4 t are no
    less than 9.5 for 4.5, 21,111 CNY/t.
    """
    table = city.table.copy()
    here = table["item"] == "crop_products/vegetables"
    table.loc[here, "value"] = value
    tonnes = table[here].assign(measure="quantity", unit="t", price_year="", value=quantity)
    told = {problem.code for problem in city.look(pd.concat([table, tonnes])) if "vegetables" in problem.subject}
    assert told - {"O24"} == codes


def test_a_product_is_known_by_its_chinese_name(city):
    table = city.times("crop_products/wheat", "price", 10)
    table["item"] = table["item"].replace("crop_products/wheat", "crop_products/冬小麦")
    problem = of(city.look(table), "P11", "crop_products/wheat")  # of which it is a name
    assert "900 to 5,000 CNY/t" in problem.allowed
    assert products.names_of("beef_cattle") is products.names_of("肉牛")
    assert products.names_of("海带") is None


def test_no_more_days_are_cooled_than_are_warm(city):
    """April to September have a mean above 10 °C there: 30 + 31 + 30 + 31 + 31 + 30 = 183 days."""
    table = city.table.copy()
    table.loc[table["item"] == "cooling_days", "value"] = "365"
    problem = of(city.look(table), "B41", "cooling_days")
    assert (problem.severity, problem.allowed) == ("error", "at most 183 days")
    table.loc[table["item"] == "cooling_days", "value"] = "183"
    assert city.look(table) == []


def test_every_indicator_has_a_band_in_a_unit_of_its_own():
    for indicator in indicators.INDICATORS:
        assert indicator.bands.rows, indicator.id
        over, under = indicator.over.unit, indicator.under.unit if indicator.under else "1"
        assert linear(f"({over})/({under})", indicator.bands.unit)[0] > 0
    for known in products._known():
        for quantity in (*known.prices, *known.yields):
            assert ranges(quantity), quantity


# check, run and waivers -----------------------------------------------------------------------------------------------

ROWS = [("101", "population", "quantity", 1.0, "person"), ("101", "gdp", "value", 1e4, "亿元")]
"""1e12 CNY of one person: ten thousand times 350,000, three times that in a county, and more."""


def small_world(waivers):
    counties = builders.zones(builders.block(0, 0, 4, 4))
    return builders.make_study(
        np.full((4, 4), builders.FOREST),
        builders.water_layers((4, 4)),
        counties,
        of=("water_retention",),
        tables={"statistics": builders.statistics(*ROWS)},
        waivers=waivers,
    )


def errors_of(problems):
    return {(problem.code, problem.subject) for problem in problems if problem.severity == "error"}


ROUND = dict.fromkeys(("B20", "U20", "U24", "U25"), ("the test", "round numbers"))


def test_check_and_run_refuse_the_same():
    study = small_world(ROUND)
    checked = errors_of(study.check())
    assert {code for code, _ in checked} == {"O20"}
    with pytest.raises(InputError) as refused:
        study.run()
    assert errors_of(refused.value.problems) == checked


def test_a_waiver_is_of_a_code_or_of_one_subject_of_it():
    subjects = {subject for _, subject in errors_of(small_world(ROUND).check())}
    one = min(subjects)
    by = ("Li Ming", "a tax haven")
    for waivers in ({"O20": by}, {f"O20/{subject}": by for subject in subjects}):
        problems = small_world({**ROUND, **waivers}).check()
        assert errors_of(problems) == set()
        waived = [problem for problem in problems if problem.code == "O20"]
        assert len(waived) == len(subjects)
        assert all("Waived by Li Ming: a tax haven" in problem.message for problem in waived)
    left = errors_of(small_world({**ROUND, f"O20/{one}x": by}).check())
    assert {subject for _, subject in left} == subjects


def test_only_a_code_that_may_be_waived_is_taken():
    problems = small_world({**ROUND, "O21/gdp": ("Li Ming", "right")}).check()
    assert ("W01", "O21/gdp") in {(problem.code, problem.subject) for problem in problems}


# accounts -------------------------------------------------------------------------------------------------------------


def account(value, *, service="water_retention", area=1e9, population=1e5, gdp=1e10, missing=(), **entry):
    """A city of 1000 km2 and 100,000 people in one zone, with one service."""
    place = ("101", "County 101", "forest", "_none")
    priced = Entry(
        *place, "regulating", service, "retained_water", value=value, price_basis="current", unit="m^3/year", **entry
    )
    statistics = {"population": {"101": population}, "gdp": {"101": gdp}}
    about = About("Test", 2020, statistics=statistics, zone_names={"101": {"zh": "甲县", "en": "A"}}, missing=missing)
    return Account([Entry(*place, quantity=area, unit="m^2"), priced], about)


def told(of_account, *finders):
    made = Made(of_account, None, None, ())
    return [found for find in finders for found in find(made)]


def test_a_usual_account_is_silent():
    """1e9 CNY: 1e6 CNY/km2, 10,000 CNY per head, 0.1 of GDP."""
    assert told(account(1e9), of_accounts.values, of_accounts.densities) == []


def test_a_total_that_no_place_has_is_an_error():
    """1.9e14 CNY of 100,000 people is 1.9 billion per head, 380 times above 5e6; 1.9e11 CNY/km2, 38 times above 5e9;
    19,000 times GDP, 190 times above 100.
    """
    problems = told(account(1.9e14), of_accounts.values)
    assert {(problem.code, problem.subject) for problem in problems} == {
        ("O10", "value_per_km2"),
        ("O10", "value_per_head"),
        ("O10", "value_to_gdp"),
    }
    head = of(problems, "O10", "value_per_head")
    assert head.message.startswith("value / resident population: 380 times above any that is known.")
    assert "1.9 billion CNY/(person·year)" in head.found
    assert "人均" not in head.message
    assert "价值 / 常住人口超出已知范围，为已知上限的 380 倍" in head.message.zh
    assert "19 亿元/(人·年)" in head.found.zh


def test_a_total_beyond_others_by_little_is_a_warning():
    """1e12 CNY is 100 times GDP (the limit), 1e9 CNY/km2; 1.01e12 is beyond, by a hundredth."""
    assert told(account(1.0e12, population=1e6), of_accounts.values) == []
    (problem,) = told(account(1.01e12, population=1e6), of_accounts.values)
    assert (problem.code, problem.severity, problem.subject) == ("O11", "warning", "value_to_gdp")


def test_a_total_beyond_every_measure_is_an_error_however_little():
    """5.1e12 CNY of a million people and 5e10 of GDP on 1000 km2: 5.1e9 CNY/km2 (of at most 5e9), 5.1e6 per head (5e6),
    102 times GDP (100). With two million people it is beyond two of the three.
    """
    found = told(account(5.1e12, population=1e6, gdp=5e10), of_accounts.values)
    assert {problem.code for problem in found} == {"O10"}
    assert len(found) == 3
    fewer = told(account(5.1e12, population=2e6, gdp=5e10), of_accounts.values)
    assert [problem.code for problem in fewer] == ["O11", "O11"]


def test_a_partial_account_may_be_small():
    """1e5 CNY on 1000 km2 is 100 CNY/km2, 500 times below any: of a complete account only."""
    assert of(told(account(1e5), of_accounts.values), "O10", "value_per_km2").severity == "error"
    lacking = (Missing("tourism", "no_input", "", is_required=True),)
    assert told(account(1e5, missing=lacking), of_accounts.values) == []


def test_more_water_than_any_land_retains_is_told():
    """1e12 m3 on 1e9 m2 is 1e6 mm, 133 times above three times 2500 mm."""
    problem = of(told(account(1e9, quantity=1e12), of_accounts.densities), "O10", "water_retention/retained_water")
    assert "133 times above" in problem.message
    assert told(account(1e9, quantity=7e9), of_accounts.densities) == []


def test_one_service_that_eats_the_account_is_told():
    """Water retention is all of it; no published account has more than 0.8."""
    (problem,) = told(account(1e9), of_accounts.shares)
    assert (problem.code, problem.subject, problem.found) == ("O11", "water_retention", "100%")


def test_more_purified_than_emitted_is_told():
    """100 t of SO2 a year on 16 cells of a forest that takes up far more, not capped by what is emitted."""
    counties = builders.zones(builders.block(0, 0, 4, 4))
    tables = {"emissions": builders.emissions(**{name: {"101": 1e-6} for name in ("so2", "nox", "dust")})}
    methods = {"air_purification": {"amount": "capacity"}}
    study = builders.make_study(
        np.full((4, 4), builders.FOREST), {}, counties, of=("air_purification",), tables=tables, methods=methods
    )
    problems = [problem for problem in study.run().about.problems if problem.code == "B40"]
    assert {problem.subject for problem in problems} >= {"air_purification/so2", "air_purification/nox"}
    assert {problem.severity for problem in problems} == {"warning"}
    capped = replace(study.spec, methods={"air_purification": {"amount": "capped"}})
    assert "B40" not in builders.codes_of(Study.from_spec(capped).run())
