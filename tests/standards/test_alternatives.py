"""Published values beside the defaults: the sets, how a study takes one, and how they are compared."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import projects
import pytest
from builders import FOREST, STEPPE, block, make_study, one, own_coefficients, water_layers, write_project, zones
from other_data import data_in
from places import REFERENCE
from projects import Gep

from gep.core.data import data_folder
from gep.core.errors import InputError, ProjectError
from gep.core.units import convert, same_dimension
from gep.standards.check import argument_units, check_data
from gep.standards.coefficients import Coefficient, chosen_alternatives, load_alternatives
from gep.standards.prices import price_index
from gep.standards.profile import load_profile, profile_ids
from gep.study.study import Study

REFERENCE = REFERENCE / "coefficients"

WATER = "water_retention"
REDLINE = {"runoff": "@redline-2017"}


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def rows() -> list[tuple[str, Coefficient]]:
    return [(name, row) for name, table in load_alternatives().items() for row in table]


def study(**more: object) -> Study:
    """A square kilometre of forest and one of steppe with 1200 mm of rain and 700 mm of evapotranspiration, of 2019."""
    return make_study([[FOREST, STEPPE]], water_layers((1, 2)), zones(block(0, 0, 2, 1)), of=[WATER], **more)


# the sets -------------------------------------------------------------------------------------------------------------


def test_every_set_loads():
    some = {"redline-2017", "lhasa", "youyang-2023", "weihe", "xian-2018", "blue-carbon-global", "rweq-code"}
    assert some <= set(load_alternatives())
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) and table for name, table in load_alternatives().items())


def test_no_set_is_named_like_a_profile():
    """Both are chosen by `@name`."""
    assert not set(load_alternatives()) & set(profile_ids())


def test_the_check_of_shipped_data_reads_them():
    count, problems = check_data()
    assert [
        p
        for p in problems
        if "alternatives" in p.place or p.place.partition(",")[0].removesuffix(".csv") in load_alternatives()
    ] == []
    assert count > len(rows())


def test_what_was_not_read_says_so():
    recalled = [f"{name}: {row.id}" for name, row in rows() if row.status == "verified" and "not at hand" in row.note]
    silent = [f"{name}: {row.id}" for name, row in rows() if row.status == "provisional" and not row.note]
    assert (recalled, silent) == ([], [])


def test_an_alternative_is_not_the_default():
    """The same value at the same place from the same document would be the row itself."""
    defaults = {
        (row.name, row.ecosystem, row.land_class, row.region, row.source): row
        for identifier in profile_ids()
        for table in load_profile(identifier).tables
        for row in table
    }
    for name, row in rows():
        default = defaults.get((row.name, row.ecosystem, row.land_class, row.region, row.source))
        if default:
            assert convert(row.value, row.unit, default.unit) != pytest.approx(default.value), f"{name}: {row.id}"


def test_cover_coefficients_of_wind_erosion_are_positive():
    values = [row.value for _, row in rows() if row.name == "wind_cover_coefficient"]
    assert values
    assert min(values) > 0


def test_an_alternative_that_nothing_uses_is_found(tmp_path: Path):
    """A name that no equation takes, and a price of another basis than the rows of that name."""
    shutil.copytree(data_folder(), tmp_path, dirs_exist_ok=True)
    path = tmp_path / "alternatives" / "odd-2020.csv"
    heading = (data_folder() / "alternatives" / "lhasa.csv").read_text(encoding="utf-8").splitlines()[0]
    lines = [
        "runof_coefficient,,,,5,percent,,,,,lhasa-greening-manual,page 1,provisional,",
        "carbon_price,,,,1200,CNY/(t*carbon),,,,2005,zhang-c-2018,page 1,provisional,",
        "ion_lifetime,,,,10,m,,,,,lhasa-greening-manual,page 1,provisional,",
    ]
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    with data_in(tmp_path):
        _, problems = check_data()
    mine = {(p.code, p.subject, p.place) for p in problems if p.place.startswith("odd-2020.csv")}
    assert mine == {
        ("C10", "runof_coefficient", "odd-2020.csv, line 2"),
        ("U02", "carbon_price", "odd-2020.csv, line 3"),
        ("U02", "ion_lifetime", "odd-2020.csv, line 4"),
    }
    assert any("`runoff_coefficient`" in p.message for p in problems if p.subject == "runof_coefficient")


def test_argument_units_know_prices_made_of_others():
    """`pricing` and totals are looked up too: the price of a tonne of carbon, and the volume unit of the lake
    regression.
    """
    units = argument_units()
    assert same_dimension(units["elemental_carbon_price"], "CNY/(t*carbon)")
    assert same_dimension(units["lake_volume_unit"], "m^3")


# a study takes one ----------------------------------------------------------------------------------------------------


def test_a_set_changes_water_retention():
    """Forest: 1200 (1 - 0.0452) - 700 = 445.76 mm by default, 1200 (1 - 0.0302) - 700 = 463.76 mm by the red-line
    guide.

    Its steppe is one class, 4.78 %: 1200 (1 - 0.0478) - 700 = 442.64 mm where the default for temperate steppe, 3.94 %,
    leaves 452.72 mm.
    """
    default, chosen = study().run(), study(coefficients=REDLINE).run()
    for ecosystem, before, after in (("forest", 445_760.0, 463_760.0), ("grassland", 452_720.0, 442_640.0)):
        assert one(default, service=WATER, ecosystem=ecosystem).quantity == pytest.approx(before, rel=1e-9)
        assert one(chosen, service=WATER, ecosystem=ecosystem).quantity == pytest.approx(after, rel=1e-9)


def test_the_record_says_which_set():
    default, chosen = study().run().record, study(coefficients=REDLINE).run().record
    assert default["coefficients_sha256"] != chosen["coefficients_sha256"]
    assert default["run_id"] != chosen["run_id"]
    used = {row["id"]: row for row in chosen["coefficients"]}
    row = used["runoff_coefficient[forest/evergreen_needleleaf]"]
    assert (row["value"], row["source"]) == (3.02, "ecological-redline-2017")
    assert row["file"].startswith("redline-2017.csv, line ")


def test_a_project_file_takes_a_set(tmp_path: Path):
    """`@set` is a name, not a path beside gep.toml."""
    own = study()
    path = write_project(tmp_path / "city", own.spec.land_cover.data, water_layers((1, 2)), zones(block(0, 0, 2, 1)))
    path.write_text(path.read_text(encoding="utf-8") + '\n[coefficients]\nrunoff = "@redline-2017"\n', encoding="utf-8")
    opened = Study.open(path)
    assert opened.spec.coefficients == REDLINE
    assert one(opened.run(), service=WATER, ecosystem="forest").quantity == pytest.approx(463_760.0, rel=1e-6)


def test_one_coefficient_of_a_set():
    """The form of Youyang has eight coefficients; a study may want its tariff and not its 82.18 CNY per cubic metre of
    reservoir.
    """
    (row,) = chosen_alternatives("@youyang-2023/electricity_price")
    assert (row.value, row.unit, row.price_year) == (0.52, "CNY/kWh", 2023)
    assert len(chosen_alternatives("@youyang-2023")) == 8
    account = study(coefficients={"tariff": "@youyang-2023/electricity_price"}).run()
    forest = one(account, service=WATER, ecosystem="forest")
    assert forest.value / forest.quantity == pytest.approx(7.06 * 1.250831, rel=1e-6)  # 2010 to 2019 by consumer prices


def test_a_set_without_a_row_for_the_year_says_that_it_changes_nothing():
    """The yearly prices of the carbon market begin with 2021; the study is of 2019."""
    told = [p for p in study(coefficients={"carbon": "@national-ets-yearly"}).run().about.problems if p.code == "C15"]
    assert [(p.severity, p.subject) for p in told] == [("warning", "coefficients.carbon")]
    assert "No row of @national-ets-yearly holds for 2019" in told[0].message
    assert not [p for p in study(coefficients={"runoff": "@redline-2017"}).run().about.problems if p.code == "C15"]


def test_the_rows_of_another_profile():
    """What one profile uses is an alternative to another: the forest standard has 6.1107 CNY per cubic metre in prices
    of 2005.
    """
    (row,) = chosen_alternatives("@forest-gbt38582/reservoir_cost")
    assert (row.value, row.price_year, row.source) == (6.1107, 2005, "lyt-1721-2008")
    index = price_index("cpi_china")
    entry = one(
        study(coefficients={"cost": "@forest-gbt38582/reservoir_cost"}).run(), service=WATER, ecosystem="forest"
    )
    assert entry.value / entry.quantity == pytest.approx(6.1107 * index.levels[2019] / index.levels[2005], rel=1e-9)


def test_a_row_of_the_study_wins_over_its_set(tmp_path: Path):
    """3.02 % is the set's; the study measured 10 %: 1200 x 0.9 - 700 = 380 mm. Steppe stays with the set."""
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest/evergreen_needleleaf", 10.0, "percent"))
    account = study(coefficients={**REDLINE, "measured": own}).run()
    assert one(account, service=WATER, ecosystem="forest").quantity == pytest.approx(380_000.0, rel=1e-9)
    assert one(account, service=WATER, ecosystem="grassland").quantity == pytest.approx(442_640.0, rel=1e-9)


def test_two_sets_that_say_different_things():
    """Nothing would say which of the two reservoir costs holds."""
    choices = {"a": "@weihe/nitrogen_cost", "b": "@jiaozhou-bay-2015", "c": "@lancang-2010/reservoir_cost"}
    problems = [p for p in study(coefficients=choices).check() if p.code == "C02"]
    assert {p.subject for p in problems} == {"nitrogen_cost", "reservoir_cost"}
    assert all(p.severity == "error" and "jiaozhou-bay-2015.csv, line " in p.message + p.place for p in problems)
    with pytest.raises(InputError):
        study(coefficients=choices).run()


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        ("@redline-2071", "Did you mean `redline-2017`"),
        ("@nowhere", "There are: "),
        ("@redline-2017/runof_coefficient", "Did you mean `runoff_coefficient`?"),
        ("@redline-2017/reservoir_cost", "It has: runoff_coefficient."),
    ],
)
def test_an_unknown_set(choice: str, hint: str):
    with pytest.raises(ProjectError, match=re.escape(hint)) as stopped:
        study(coefficients={"runoff": choice}).run()
    (problem,) = stopped.value.problems
    assert (problem.code, problem.subject, problem.found) == ("P02", "coefficients.runoff", choice)


def test_an_unknown_set_in_a_project_file(gep: Gep, tmp_path: Path):
    said = gep("check", projects.write(tmp_path / "project", coefficients={"runoff": "@redline-2071"}))
    assert said.code == 3
    assert "Did you mean `redline-2017`" in said.err
    assert "coefficients.runoff" in said.err


# compare --------------------------------------------------------------------------------------------------------------


def compared(gep: Gep, *arguments: str) -> dict[str, list[dict[str, object]]]:
    """The rows of a comparison by place."""
    said = gep("coefficients", "compare", *arguments, "--json")
    assert said.code == 0, said.err
    assert said.document["schema"] == 1
    named = {}
    for place in said.document["places"]:
        where = "/".join(part for part in (place["ecosystem"], place["class"]) if part)
        named["@".join(part for part in (where, place["region"]) if part)] = place["rows"]
    return named


def test_compare_by_place(gep: Gep):
    """4.65 % in the national table, 2.67 % in the red-line guide: 0.574 of it."""
    places = compared(gep, "runoff_coefficient", "-e", "forest")
    assert all(place.startswith("forest") for place in places)
    default, alternative = places["forest/evergreen_broadleaf"]
    assert (default["kind"], default["value"], default["source"], default["ratio"]) == (
        "default",
        4.65,
        "gong-2017",
        [1.0, 1.0],
    )
    assert {"ndrc-2022", "cas-2010", "hj1173-2021"} <= set(default["used_by"])
    assert (alternative["kind"], alternative["used_by"], alternative["value"]) == (
        "alternative",
        ["redline-2017"],
        2.67,
    )
    assert alternative["ratio"] == pytest.approx([2.67 / 4.65] * 2)


def test_compare_in_one_unit(gep: Gep):
    """0.15 of the rain is 15 %; forest as a whole has no default, so it is set against those of its classes, 0.88 to
    19.2 %.
    """
    (row,) = (row for row in compared(gep, "runoff_coefficient")["forest"] if row["used_by"] == ["lhasa"])
    assert (row["printed"], row["printed_unit"], row["value"]) == (0.15, "1", pytest.approx(15.0))
    assert row["ratio"] == pytest.approx([15 / 19.2, 15 / 0.88])
    (row,) = (row for row in compared(gep, "nitrogen_content")["cropland"] if row["used_by"] == ["huanghua-2014"])
    assert row["value"] == pytest.approx(0.067)  # 0.67 g/kg in per cent


def test_compare_prices_in_one_year(gep: Gep):
    """Consumer prices of 2019 are 1.250831 times those of 2010; 7.06 CNY of 2010 and 6.11 of 2005 are then the same to
    0.1 %, about 8.84.
    """
    (rows_of,) = compared(gep, "reservoir_cost", "--price-year", "2019").values()
    by_set = {tuple(row["used_by"]): row for row in rows_of}
    (default,) = (row for names, row in by_set.items() if "ndrc-2022" in names)
    assert (default["value"], default["price_year"]) == (7.06, 2010)
    assert default["moved"] == pytest.approx(7.06 * 1.250831, rel=1e-6)
    older = by_set["baiyangdian-2011",]
    assert (older["value"], older["price_year"], older["moved"]) == (6.11, 2005, pytest.approx(8.84, abs=0.01))
    assert older["ratio"] == pytest.approx([1.0, 1.0], abs=1.5e-3)
    (plain,) = compared(gep, "reservoir_cost").values()
    assert all(row["moved"] is None for row in plain)
    (older,) = (row for row in plain if row["used_by"] == ["baiyangdian-2011"])
    assert older["ratio"] == pytest.approx([6.11 / 7.06] * 2)


def test_compare_a_price_that_the_index_does_not_reach(gep: Gep):
    """1988 is before the index begins: no figure and no ratio, and no failure."""
    (row,) = (
        row
        for row in compared(gep, "cod_cost", "--price-year", "2019")[""]
        if row["used_by"] == ["provincial-pollution-1988"]
    )
    assert (row["value"], row["moved"], row["ratio"]) == (1116.63, None, None)


def test_compare_a_price_that_follows_no_index(gep: Gep):
    """Tariffs are regulated: the profile says that they are not moved."""
    places = compared(gep, "electricity_price", "--price-year", "2020", "--region", "beijing")
    assert set(places) == {"", "beijing"}
    (default,) = (row for row in places[""] if "ndrc-2022" in row["used_by"])
    assert default["moved"] == default["value"] == 0.53
    (beijing,) = (row for row in places["beijing"] if row["kind"] == "alternative")
    assert (beijing["value"], beijing["status"]) == (0.4883, "provisional")
    assert beijing["ratio"] == pytest.approx([0.4883 / 0.53] * 2)


def test_compare_values_of_several_years(gep: Gep):
    years = [row["from_year"] for row in compared(gep, "carbon_price")[""] if row["used_by"] == ["national-ets-yearly"]]
    assert years == [2021, 2022, 2023, 2024]


def test_compare_for_people(gep: Gep):
    said = gep("coefficients", "compare", "reservoir_cost", "--price-year", "2019")
    assert said.code == 0
    (line,) = [line for line in said.out.splitlines() if "@youyang-2023" in line]
    assert all(text in line for text in ("82.18", "2023", "provisional"))
    assert "in 2019 prices" in said.out
    assert '[coefficients] any_name = "@set"' in said.out
    assert "garze-2017: Pema Dolkar" in said.out
    assert "from" not in said.out.splitlines()[2]  # a column that is empty is left out


def test_compare_a_name_without_alternatives(gep: Gep):
    said = gep("coefficients", "compare", "unit_plot_length")
    assert said.code == 0
    assert "22.13" in said.out
    assert "No alternatives to unit_plot_length are recorded here." in said.out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("runof_coefficient",), "Did you mean `runoff_coefficient`"),
        (("runoff_coefficient", "--ecosystem", "forrest"), "Did you mean `forest`?"),
        (("reservoir_cost", "--price-year", "1950"), "covers 1989 to 2024, not 1950"),
    ],
)
def test_compare_with_a_slip(gep: Gep, arguments: tuple[str, ...], hint: str):
    said = gep("coefficients", "compare", *arguments)
    assert (said.code, said.out) == (2, "")
    assert hint in said.err


# against the collection -----------------------------------------------------------------------------------------------

SPOTS = (
    ("redline-2017", "runoff_coefficient[grassland/steppe]", "runoff.redline2017.grassland.steppe"),
    ("lhasa", "runoff_coefficient[desert]", "runoff.lhasa.desert"),
    ("huanghua-2014", "phosphorus_content[cropland/orchard]", "soil.content.huanghua.cropland.orchard.p"),
    ("huanghua-2014", "practice_factor[desert/saline]", "rusle.p.huanghua.desert.saline_land"),
    ("ansai-2012", "cover_factor[forest]", "rusle.c.ansai.forest"),
    ("invest-sediment-database", "cover_factor[cropland]", "rusle.c.invest_db.croplands"),
    ("weihe", "phosphorus_cost", "water.cost.tp.weihe"),
    ("weihe", "nitrogen_content", "soil.content.weihe.n"),
    ("blue-carbon-global", "carbon_rate[coast/mangrove]", "cburial.blue.mangrove"),
    ("ipcc-2013", "carbon_rate[wetland/salt_marsh]", "ipcc.blue_soil.tidal_marsh"),
    ("jiajiyu-2012", "carbon_price", "price.c.afforestation_2609_co2"),
    ("lancang-2010", "elemental_carbon_price", "price.c.afforestation_2609_c"),
    ("national-ets-2022-12-28", "carbon_price", "price.co2.cea_20221228"),
    ("forest-social-data-2013", "oxygen_price", "price.o2.lk_129907"),
    ("forest-social-data-2013", "so2_cost[forest]", "air.cost.lk2014.so2"),
    ("provincial-pollution-1988", "dust_cost", "air.cost.dust.sunk"),
    ("jiaozhou-bay-2015", "cod_cost", "water.cost.cod.jzb"),
    ("residential-tariffs-2022", "electricity_price@sichuan", "elec.res.sichuan"),
    ("baiyangdian-2011", "consumer_surplus", "leisure.byd.cs"),
    ("rweq-code", "field_length_factor", "rweq.s_k_code"),
    ("invest-curve-numbers-c", "curve_number[forest]", "cn.gura.forest.hsg_c"),
    ("lhasa", "crop_coefficient[shrub]", "kc.lhasa.shrub"),
    ("tianshan-2017", "seasonality", "et.zhang_z.tianshan"),
    ("youyang-2023", "humidifier_energy", "clim.humidifier.120"),
    ("green-gdp-2013", "premium", "hedonic.trees"),
)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the collection of published values is not beside the checkout")
@pytest.mark.parametrize(("name", "identifier", "reference"), SPOTS, ids=[spot[2] for spot in SPOTS])
def test_a_row_is_as_the_collection_has_it(name: str, identifier: str, reference: str):
    collected = {
        row["id"]: row for path in REFERENCE.glob("*.csv") for row in csv.DictReader(path.open(encoding="utf-8"))
    }
    (row,) = (row for row in load_alternatives()[name] if row.id == identifier)
    wanted = collected[reference]
    assert row.value == float(wanted["value"])
    assert (row.low, row.high) == tuple(float(wanted[side]) if wanted[side] else None for side in ("low", "high"))
    assert row.price_year == (int(wanted["price_year"]) if row.is_price else None)
    assert row.status == ("verified" if wanted["confirmed"] == "yes" else "provisional") or name == "redline-2017"
