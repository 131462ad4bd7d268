import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SHARED

from gep.core.data import data_folder
from gep.core.errors import CoefficientError
from gep.core.units import convert
from gep.standards.check import check_data
from gep.standards.classes import is_vegetated, land_classes, parents
from gep.standards.coefficients import (
    COLUMNS,
    OPTIONAL,
    Coefficient,
    Coefficients,
    check_same_dimension,
    fingerprint,
    read_coefficients,
    sources,
)
from gep.standards.prices import PriceIndex, moved_price, price_index
from gep.standards.profile import load_profile, profile_ids


def row(
    value,
    name="runoff_coefficient",
    ecosystem="",
    land_class="",
    region="",
    *,
    unit="1",
    from_year=None,
    price_year=None,
    place="",
):
    return Coefficient(
        name,
        ecosystem,
        land_class,
        region,
        value,
        unit,
        from_year,
        None,
        None,
        price_year,
        "gong-2017",
        "Table 2",
        "verified",
        "",
        place,
    )


HEADER = ",".join(column for column in COLUMNS if column not in OPTIONAL)


def table(tmp_path, *lines, header=HEADER):
    path = tmp_path / "table.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


GOOD = "runoff_coefficient,forest,mixed,,3.52,percent,,2.29,3.52,,gong-2017,Table 2,verified,"


# looking up -----------------------------------------------------------------------------------------------------------

LADDER = {
    "class": row(1.0, ecosystem="forest", land_class="evergreen_broadleaf"),
    "parent class": row(2.0, ecosystem="forest", land_class="broadleaf"),
    "ecosystem": row(3.0, ecosystem="forest"),
    "any": row(4.0),
}


@pytest.mark.parametrize("matched", LADDER)
def test_the_most_specific_row_wins(matched):
    """Class, broader class, ecosystem, any: each holds once the ones before it are gone."""
    kept = dict(list(LADDER.items())[list(LADDER).index(matched) :])
    found = Coefficients([(), kept.values()]).lookup("runoff_coefficient", "forest", "evergreen_broadleaf")
    assert found.row is LADDER[matched]
    assert found.matched == matched
    assert found.is_fallback == (matched in ("parent class", "ecosystem"))


def test_an_ecosystem_without_class_takes_its_own_row_and_that_is_no_fallback():
    found = Coefficients([(), LADDER.values()]).lookup("runoff_coefficient", "forest")
    assert found.row.value == 3.0
    assert not found.is_fallback


def test_a_class_never_takes_the_row_of_a_narrower_or_a_sister_class():
    rows = [row(1.0, ecosystem="forest", land_class="evergreen_broadleaf"), row(2.0, ecosystem="shrub")]
    for land_class in ("broadleaf", "deciduous_broadleaf", "needleleaf", ""):
        assert Coefficients([(), rows]).lookup("runoff_coefficient", "forest", land_class) is None


def test_nothing_is_found_under_another_name():
    assert Coefficients([(), LADDER.values()]).lookup("reservoir_cost", "forest") is None


def test_a_free_class_of_a_study_falls_back_to_its_ecosystem():
    found = Coefficients([(), LADDER.values()]).lookup("runoff_coefficient", "forest", "open_woodland")
    assert (found.row.value, found.matched) == (3.0, "ecosystem")


def test_what_a_study_says_of_an_ecosystem_holds_for_all_its_classes():
    """Decision 0004: the study knows its city; the profile's table of classes is a national mean."""
    study = [row(0.1, ecosystem="forest")]
    found = Coefficients([study, LADDER.values()]).lookup("runoff_coefficient", "forest", "evergreen_broadleaf")
    assert found.row.value == 0.1
    assert Coefficients([study, [row(0.3, ecosystem="shrub")]]).lookup("runoff_coefficient", "shrub").row.value == 0.3


def test_between_profiles_the_step_counts_before_the_table():
    """A province that gives one value for forest does not undo the classes of the standard that it extends."""
    province = [row(5.0, ecosystem="forest")]
    tables = [(), province, LADDER.values()]
    assert Coefficients(tables).lookup("runoff_coefficient", "forest", "evergreen_broadleaf").row.value == 1.0
    assert Coefficients(tables).lookup("runoff_coefficient", "forest", "mixed").row.value == 5.0


def test_a_row_of_the_region_wins_over_one_of_any_region():
    rows = [row(1.0), row(2.0, region="150700"), row(3.0, region="330000")]
    coefficients = Coefficients([(), rows])
    assert coefficients.lookup("runoff_coefficient", region="150700").row.value == 2.0
    assert coefficients.lookup("runoff_coefficient", region="110000").row.value == 1.0
    assert coefficients.lookup("runoff_coefficient").row.value == 1.0


def test_the_latest_row_in_force_holds():
    rows = [row(1.0), row(2.0, from_year=2015), row(3.0, from_year=2020)]
    coefficients = Coefficients([(), rows])
    for year, value in ((2014, 1.0), (2015, 2.0), (2019, 2.0), (2020, 3.0), (2024, 3.0)):
        assert coefficients.lookup("runoff_coefficient", year=year).row.value == value
    assert Coefficients([(), rows[1:]]).lookup("runoff_coefficient", year=2014) is None


def test_of_equals_the_region_counts_before_the_year():
    rows = [row(1.0, region="150700", from_year=2000), row(2.0, from_year=2015)]
    assert Coefficients([(), rows]).lookup("runoff_coefficient", region="150700", year=2019).row.value == 1.0


def test_parents_of_a_class():
    assert parents("grassland", "alpine_meadow") == ["meadow"]
    assert parents("wetland", "aquaculture_pond") == ["pond"]
    assert parents("forest", "mixed") == []
    assert parents("forest", "no_such_class") == []


def test_what_is_vegetated():
    assert is_vegetated("forest", "mixed") == 1
    assert is_vegetated("wetland", "lake") == 0
    assert is_vegetated("urban", "green") == 1
    assert is_vegetated("urban", "open_woodland") == 0  # a free class is as its ecosystem
    assert math.isnan(is_vegetated("_none", ""))


def test_a_value_in_another_unit():
    assert row(3.52, unit="percent").to("1") == pytest.approx(0.0352, rel=1e-15)
    assert row(88.65, unit="kg*SO2/(hm^2*year)").to("t*SO2/(km^2*year)") == pytest.approx(8.865, rel=1e-15)


def test_how_a_row_is_called():
    assert (
        row(1.0, ecosystem="forest", land_class="mixed", region="150700").id
        == "runoff_coefficient[forest/mixed]@150700"
    )
    assert row(1.0).id == "runoff_coefficient"


# reading and checking -------------------------------------------------------------------------------------------------


def test_a_good_row(tmp_path):
    rows, problems = read_coefficients(table(tmp_path, GOOD))
    assert problems == []
    assert (rows[0].value, rows[0].unit, rows[0].low, rows[0].high) == (3.52, "percent", 2.29, 3.52)
    assert rows[0].place == "table.csv, line 2"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (GOOD.replace(",3.52,percent", ",3.5x,percent"), "`value` is not a number. Found: 3.5x."),
        (GOOD.replace(",3.52,percent", ",nan,percent"), "`value` is not a number. Found: nan."),
        (GOOD.replace(",3.52,percent", ",inf,percent"), "`value` is not a number. Found: inf."),
        (GOOD.replace(",3.52,percent", ",,percent"), "There is no value."),
        (GOOD.replace("2.29,3.52", "2.29,three"), "`high` is not a number. Found: three."),
        (GOOD.replace("2.29,3.52", "4,5"), "The value lies outside its own range. Found: 3.52 of 4.0 to 5.0."),
        (GOOD.replace("2.29,3.52", "5,2"), "The low end of the range lies above its high end."),
        (GOOD.replace("percent,", "percnt,"), "there is no unit `percnt`. Did you mean `percent`"),
        (GOOD.replace("percent,", ","), "The unit is missing"),
        (GOOD.replace("percent,", "ton,"), "for the metric ton write `t`"),
        (GOOD.replace("percent,", "CNY/m^3,"), "A price needs the year in whose money it is (price_year)."),
        (GOOD.replace("percent,", "percent,2010.5"), "`from_year` is not a year. Found: 2010.5."),
        (GOOD.replace("gong-2017", "gong2017"), "The source is not in sources.toml. Did you mean `gong-2017`"),
        (GOOD.replace("gong-2017", ""), "A value needs a source and the place in it (locator)."),
        (GOOD.replace("Table 2", ""), "A value needs a source and the place in it (locator)."),
        (GOOD.replace("forest", "forrest"), "There is no ecosystem `forrest`. Did you mean `forest`?"),
        (GOOD.replace("forest", ""), "The class `mixed` stands without its ecosystem."),
        (GOOD.replace("mixed", "Mixed trees"), "A class is snake case. Found: Mixed trees."),
        (GOOD.replace("verified", "sure"), "The status is unknown. Found: sure. Needed: verified or provisional."),
        (GOOD.replace("runoff_coefficient", "Runoff coefficient"), "The name of a coefficient is snake case."),
    ],
)
def test_a_wrong_cell_is_reported_with_file_and_line(tmp_path, line, says):
    rows, problems = read_coefficients(table(tmp_path, GOOD.replace("mixed", "sparse"), line))
    assert [r.land_class for r in rows] == ["sparse"], "a row with a problem is left out, the others are kept"
    assert {p.place for p in problems} == {"table.csv, line 3"}
    assert {p.severity for p in problems} == {"error"}
    assert any(says in str(p) for p in problems), [str(p) for p in problems]


def test_missing_and_wrong_units_keep_their_codes(tmp_path):
    _, problems = read_coefficients(
        table(tmp_path, GOOD.replace("percent,", ","), GOOD.replace("percent,", "furlong,"))
    )
    assert [p.code for p in problems] == ["U01", "U02"]


def test_a_key_that_stands_twice(tmp_path):
    rows, problems = read_coefficients(
        table(tmp_path, GOOD, GOOD.replace("3.52,percent", "3,percent"), GOOD.replace("mixed", "sparse"))
    )
    assert [r.value for r in rows] == [3.52, 3.52]
    assert [(p.code, p.place) for p in problems] == [("C02", "table.csv, line 3")]
    assert "The same key stands in line 2." in str(problems[0])


def test_the_same_coefficient_of_another_region_or_year_is_no_repetition(tmp_path):
    other = GOOD.replace("mixed,,", "mixed,150700,")
    later = GOOD.replace("percent,,", "percent,2020,")
    rows, problems = read_coefficients(table(tmp_path, GOOD, other, later))
    assert (len(rows), problems) == (3, [])


def test_everything_wrong_is_said_at_once(tmp_path):
    path = table(
        tmp_path,
        GOOD.replace("3.52,percent", "abc,percnt"),
        GOOD.replace("forest", "forrest"),
        "reservoir_cost,,,,7.06,CNY/m^3,,,,,nobody-2010,Table 3,verified,",
        GOOD,
    )
    rows, problems = read_coefficients(path)
    assert [r.value for r in rows] == [3.52]
    assert [p.place for p in problems] == ["table.csv, line 2"] * 2 + ["table.csv, line 3"] + ["table.csv, line 4"] * 2


def test_an_unknown_column_and_a_missing_one(tmp_path):
    rows, problems = read_coefficients(table(tmp_path, GOOD, header=HEADER.replace("locator", "locater")))
    assert rows == []
    said = " ".join(str(p) for p in problems)
    assert "The column `locator` is missing." in said
    assert "The column `locater` is not known. Did you mean `locator`?" in said
    assert {p.code for p in problems} == {"C01"}


@pytest.mark.parametrize(
    ("line", "beyond"),
    [
        (
            GOOD.replace("mixed,,3.52", "sparse,,1,234"),
            "",
        ),  # a thousands separator without quotes moves every cell after it
        (GOOD.replace("mixed", "sparse") + "of forest, not of shrub", "not of shrub"),
    ],
)
def test_a_cell_too_many_does_not_go_unseen(tmp_path, line, beyond):
    for lines in ((GOOD, line), (line, GOOD)):
        rows, problems = read_coefficients(table(tmp_path, *lines))
        assert [r.land_class for r in rows] == ["mixed"]
        assert {p.place for p in problems} == {f"table.csv, line {2 + lines.index(line)}"}
        if beyond:
            assert [str(p).split("\n")[0].split(": ", 2)[2] for p in problems] == [
                "The row has more cells than columns. Found: not of shrub."
            ]


def test_a_study_may_leave_columns_out(tmp_path):
    path = table(
        tmp_path,
        "reservoir_cost,,8.44,CNY/m^3,2013,own survey",
        header="coefficient,ecosystem,value,unit,price_year,source",
    )
    rows, problems = read_coefficients(path, is_shipped=False)
    assert problems == []
    assert (rows[0].value, rows[0].price_year, rows[0].status) == (8.44, 2013, "provisional")


def test_a_study_still_needs_a_source(tmp_path):
    path = table(
        tmp_path, "reservoir_cost,,8.44,CNY/m^3,2013,", header="coefficient,ecosystem,value,unit,price_year,source"
    )
    _, problems = read_coefficients(path, is_shipped=False)
    assert "A value needs a source" in str(problems[0])


def test_a_file_that_is_not_there(tmp_path):
    rows, problems = read_coefficients(tmp_path / "nowhere.csv")
    assert rows == []
    assert [(p.code, p.place) for p in problems] == [("F01", "nowhere.csv")]


def test_a_table_in_gb18030_is_read(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes((HEADER + "\n" + GOOD + "全国平均\n").encode("gb18030"))
    rows, problems = read_coefficients(path)
    assert problems == []
    assert rows[0].note == "全国平均"


def test_rows_of_one_name_measure_one_thing():
    good = row(7.06, "reservoir_cost", unit="CNY/m^3", price_year=2010, place="a.csv, line 2")
    bad = row(7.06, "reservoir_cost", unit="CNY/t", price_year=2010, place="b.csv, line 5")
    also_good = row(0.0706, "reservoir_cost", unit="元/(0.01 m^3)", price_year=2010)
    problems = check_same_dimension([[good, also_good], [bad]])
    assert [(p.code, p.place) for p in problems] == [("U02", "b.csv, line 5")]
    assert "`CNY/t` does not measure the same kind of thing as `CNY/m^3` (a.csv, line 2)" in str(problems[0])


def test_fingerprint_depends_on_what_rows_say_and_not_on_their_order():
    one, other = row(0.1, ecosystem="forest"), row(0.2, ecosystem="shrub")
    assert fingerprint([one, other]) == fingerprint([other, one])
    assert fingerprint([one]) != fingerprint([row(math.nextafter(0.1, 1), ecosystem="forest")])
    assert fingerprint([one]) != fingerprint([row(0.1, ecosystem="forest", unit="percent")])


# prices ---------------------------------------------------------------------------------------------------------------


def test_consumer_prices_from_2010_to_2019():
    """Levels (2000 = 1) of reference/coefficients/13_price_indices.csv: 1.544808 in 2019, 1.235025 in 2010."""
    assert price_index("cpi_china").factor(2010, 2019) == pytest.approx(1.250831, abs=5e-7)
    assert price_index("cpi_china").factor(2010, 2019) == pytest.approx(1.544808 / 1.235025, rel=2e-6)


def test_prices_of_one_year_on():
    # 2019 over 2018: 2.89923 percent
    assert price_index("cpi_china").factor(2018, 2019) == pytest.approx(1.0289923, rel=1e-12)


years = st.integers(min(price_index("cpi_china").levels), max(price_index("cpi_china").levels))


@given(years, years, years)
def test_a_chain_of_moves_is_one_move(a, b, c):
    index = price_index("cpi_china")
    assert index.factor(a, b) * index.factor(b, c) == pytest.approx(index.factor(a, c), rel=1e-12)
    assert index.factor(a, a) == 1


@pytest.mark.parametrize(("year_from", "year_to", "year"), [(2010, 1988, 1988), (1950, 2010, 1950)])
def test_a_year_outside_the_series(year_from, year_to, year):
    with pytest.raises(
        CoefficientError, match=rf"cpi_china has no {year}: it covers 1989 to 2024\. Give a price of the year itself"
    ):
        price_index("cpi_china").factor(year_from, year_to)


def test_an_unknown_index():
    with pytest.raises(CoefficientError, match=r"There is no price index `cpi_chna`\. Did you mean `cpi_china`"):
        price_index("cpi_chna")


INDEX = PriceIndex("made_up", {2010: 1.0, 2019: 1.25}, "nobody")


def test_a_price_is_moved():
    price = row(7.06, "reservoir_cost", unit="CNY/m^3", price_year=2010)
    assert moved_price(price, INDEX, 2019).value == 7.06 * 1.25
    assert moved_price(price, INDEX, 2019).price_year == 2010, "it remains visible of which year the price was"


def test_what_is_not_moved():
    price = row(7.06, "reservoir_cost", unit="CNY/m^3", price_year=2010)
    share = row(0.0352)
    assert moved_price(price, None, 2019) is price
    assert moved_price(price, INDEX, 2010) is price
    assert moved_price(share, INDEX, 2019) is share


# the shipped data -----------------------------------------------------------------------------------------------------


def test_shipped_data_keep_their_own_rules():
    count, problems = check_data()
    assert [str(p) for p in problems] == []
    assert count == sum(len(list(csv.DictReader(p.open(encoding="utf-8")))) for p in coefficient_tables())


def coefficient_tables():
    folders = ("common", "alternatives", *profile_ids())
    return [path for name in folders for path in (data_folder() / name).glob("*.csv")]


def test_every_source_of_a_row_names_a_document():
    for profile in profile_ids():
        for table_rows in load_profile(profile).tables:
            for r in table_rows:
                document = sources()[r.source]
                assert document["title"], r.source
                assert not str(document.get("url", "")).startswith("https://github.com"), "never the address of a copy"


def test_classes_of_rows_are_known():
    """A misspelt class would never be found, and its ecosystem's value would stand in for it."""
    for profile in profile_ids():
        for table_rows in load_profile(profile).tables:
            for r in table_rows:
                if r.land_class:
                    assert (r.ecosystem, r.land_class) in land_classes(), r.place


def reference(name):
    path = SHARED / "reference" / "coefficients" / name
    if not path.is_file():
        pytest.skip("the reference coefficients are not beside this checkout")
    with path.open(encoding="utf-8") as file:
        return {r["id"]: r for r in csv.DictReader(file)}


RUNOFF = {
    ("forest", "evergreen_broadleaf"): "gong2017.forest.evergreen_broadleaf",
    ("forest", "evergreen_needleleaf"): "gong2017.forest.evergreen_needleleaf",
    ("forest", "mixed"): "gong2017.forest.mixed",
    ("forest", "deciduous_broadleaf"): "gong2017.forest.deciduous_broadleaf",
    ("forest", "deciduous_needleleaf"): "gong2017.forest.deciduous_needleleaf",
    ("forest", "sparse"): "gong2017.forest.sparse",
    ("shrub", "evergreen_broadleaf"): "gong2017.shrub.evergreen_broadleaf",
    ("shrub", "deciduous_broadleaf"): "gong2017.shrub.deciduous_broadleaf",
    ("shrub", "needleleaf"): "gong2017.shrub.needleleaf",
    ("shrub", "sparse"): "gong2017.shrub.sparse",
    ("grassland", "meadow"): "gong2017.grassland.alpine_meadow",
    ("grassland", "alpine_steppe"): "gong2017.grassland.alpine_steppe",
    ("grassland", "temperate_steppe"): "gong2017.grassland.temperate_steppe",
    ("grassland", "meadow_steppe"): "gong2017.grassland.temperate_meadow_steppe",
    ("grassland", "tussock"): "gong2017.grassland.warm_temperate_tussock",
    ("grassland", "tropical_tussock"): "gong2017.grassland.tropical_subtropical_tussock",
    ("grassland", ""): "gong2017.grassland.temperate_steppe",
    ("grassland", "sparse"): "redline2017.grassland.sparse",
    ("cropland", "orchard"): "gong2017.cropland.orchard_tree_and_shrub",
    ("wetland", "marsh"): "gong2017.wetland.marsh_and_reservoir",
    ("wetland", "reservoir"): "gong2017.wetland.marsh_and_reservoir",
    ("urban", "green"): "urban.pervious_with_tree_canopy.hsg_b",
}

AIR = {
    ("so2_uptake", "forest", "broadleaf"): "biodiv1998.so2.broadleaf",
    ("so2_uptake", "forest", "needleleaf"): "biodiv1998.so2.needleleaf",
    ("so2_uptake", "forest", "sparse"): "biodiv1998.so2.broadleaf",
    ("nox_uptake", "forest", ""): "biodiv1998.nox.forest",
    ("dust_uptake", "forest", "broadleaf"): "biodiv1998.dust.broadleaf",
    ("dust_uptake", "forest", "needleleaf"): "biodiv1998.dust.needleleaf",
    ("dust_uptake", "cropland", "dryland"): "dust.jjy.cropland",
    ("dust_uptake", "grassland", ""): "dust.jjy.grassland",
    ("so2_cost", "", ""): "cost.so2.garze",
    ("nox_cost", "", ""): "cost.nox.garze",
    ("dust_cost", "", ""): "cost.dust.garze",
}


def shipped_rows(profile, *names):
    return [r for table_rows in load_profile(profile).tables for r in table_rows if r.name in names]


UNITS = {"percent": "percent", "dimensionless": "1", "yuan / m**3": "CNY/m^3"}


def assert_same(mine, theirs, tag=""):
    """The amount and the price year. The reference leaves the substance of a mass to its note."""
    tagged = {
        "kg / ha / year": f"kg*{tag}/(ha*year)",
        "t / ha / year": f"t*{tag}/(ha*year)",
        "yuan / t": f"CNY/(t*{tag})",
    }
    unit = {**UNITS, **tagged}[theirs["unit"]]
    assert convert(mine.value, mine.unit, unit) == pytest.approx(float(theirs["value"]), rel=1e-14), mine.place
    assert mine.price_year == (int(theirs["price_year"]) if theirs["price_year"] else None), mine.place


@pytest.mark.shared
@pytest.mark.parametrize("profile", ["hj1173-2021", "ndrc-2022"])
def test_runoff_coefficients_are_those_of_the_reference(profile):
    theirs = reference("01_runoff_coefficients.csv")
    mine = shipped_rows(profile, "runoff_coefficient")
    assert len(mine) >= 18
    for r in mine:
        assert_same(r, theirs[f"runoff.{RUNOFF[r.ecosystem, r.land_class]}"])


@pytest.mark.shared
def test_air_purification_coefficients_are_those_of_the_reference():
    theirs = reference("06_air_purification.csv")
    names = {name for name, _, _ in AIR}
    mine = {(r.name, r.ecosystem, r.land_class): r for r in shipped_rows("ndrc-2022", *names)}
    tags = {"so2": "SO2", "nox": "NOx", "dust": "dust"}
    for key, identifier in AIR.items():
        assert_same(mine.pop(key), theirs[f"air.{identifier}"], tags[key[0].split("_")[0]])
    # the one row that is not printed anywhere: the mean of the two forests
    mixed = mine.pop(("so2_uptake", "forest", "mixed"))
    assert mixed.value == (88.65 + 215.6) / 2
    assert mixed.status == "provisional"
    assert mine == {}


@pytest.mark.shared
def test_the_reservoir_cost_is_that_of_garze():
    theirs = reference("09_flood_regulation.csv")["reservoir.garze"]
    (mine,) = shipped_rows("ndrc-2022", "reservoir_cost")
    assert_same(mine, theirs)


@pytest.mark.shared
def test_consumer_prices_are_those_of_the_reference():
    levels = {
        int(r["year"]): float(r["value"])
        for i, r in reference("13_price_indices.csv").items()
        if i.startswith("cpi_level.china.")
    }
    assert len(levels) == 25
    for year, level in levels.items():
        assert price_index("cpi_china").factor(2000, year) == pytest.approx(level, abs=2e-6)
