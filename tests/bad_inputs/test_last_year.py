"""The finished run of an earlier year beside this year's study: slips of units are errors, what is new is no fault."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from coarse_city import checked_and_run, edited, land_cover, of_code, opened

from gep.account.account import Account
from gep.account.basis import Basis
from gep.account.checks.since import comparable, figures, land, rows, statistics
from gep.account.last_year import Amount, LastYear, amount_of
from gep.core.errors import InputError, Problem
from gep.core.messages import Text
from gep.engine.run import run
from gep.inputs.tables import Statistic
from gep.plan.planner import make_plan
from gep.study.folder import write_run
from gep.study.last_year import read_last_year
from gep.study.run import read_run
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

pytestmark = pytest.mark.usefixtures("one_pass")

FOREST = 11
CODES = ("O25", "O26", "O27", "O28", "L23")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the sample city."""
    return write_sample_city(tmp_path_factory.mktemp("files") / "city").parent


@pytest.fixture(scope="module")
def last(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of 2019 of the sample city, the same but for its year."""
    folder = tmp_path_factory.mktemp("last") / "run"
    write_run(Study.from_spec(replace(opened(files).spec, year=2019)).run(), folder)
    return folder


@pytest.fixture(scope="module")
def now(files: Path, last: Path) -> LastYear:
    """This year's study after the pass over its cells, beside that run."""
    study = opened(files)
    plan = make_plan(study.inputs)
    return LastYear(Basis(plan, study.inputs, run(plan.plan)), read_run(last))


@pytest.fixture
def city(files: Path, tmp_path: Path) -> Path:
    """The files, to be changed."""
    return shutil.copytree(files, tmp_path / "city")


def beside(city: Path, last: Path) -> Study:
    """This year's study beside the run of last year."""
    return Study.from_spec(replace(opened(city).spec, last_year=last))


def since(problems: Iterable[Problem]) -> list[Problem]:
    return [found for found in problems if found.code in CODES]


def times(now: LastYear, **factors: float) -> LastYear:
    """The study with the rows of some items and measures times a factor: item__measure, or an item."""
    inputs = now.basis.inputs

    def factor(row: Statistic) -> float:
        return factors.get(f"{row.item.partition('/')[0]}__{row.measure}", factors.get(row.base, 1.0))

    rows = [row if row.value is None else replace(row, value=row.value * factor(row)) for row in inputs.statistics]
    return LastYear(replace(now.basis, inputs=replace(inputs, statistics=rows)), now.then)


def test_the_same_figures_a_year_later_are_silent(city: Path, last: Path):
    checked, ran, account = checked_and_run(beside(city, last))
    assert account is not None
    assert since(checked) == since(ran) == []


def test_neither_digest_nor_run_id_knows_of_it(city: Path, last: Path):
    alone, compared = (study.run() for study in (opened(city), beside(city, last)))
    assert (alone.digest, alone.about.run_id) == (compared.digest, compared.about.run_id)


def test_growth_of_a_year_is_silent(now: LastYear):
    grown = times(now, population=1.03, gdp=1.12, crop_products__price=1.2, visits=0.6)
    assert list(statistics(grown)) == []


@pytest.mark.parametrize(
    ("item", "factor", "subject"),
    [
        ("crop_products__quantity", 10, "crop_products/quantity"),
        ("crop_products__price", 0.1, "crop_products/price"),
        ("livestock_products__quantity", 1e4, "livestock_products/quantity"),
        ("crop_products__value", 1e-4, "crop_products/vegetables/value"),
        ("fishery_products__quantity", 100, "fishery_products/fish/quantity"),
        ("visits", 1000, "visits"),
        ("population", 1e4, "population"),
        ("gdp", 1e-4, "gdp"),
        ("gdp", 1e8, "gdp"),
        ("travel_cost", 0.1, "travel_cost"),
        ("so2_emission", 10.4, "so2_emission"),
        ("tariff", 100, "tariff"),
    ],
)
def test_a_power_of_ten_is_an_error_and_one_line(now: LastYear, item: str, factor: float, subject: str):
    (found,) = statistics(times(now, **{item: factor}))
    assert (found.code, found.subject, found.severity) == ("O25", subject, "error")
    assert "2019" in found.message
    assert f'"O25/{subject}"' in found.do
    assert isinstance(found.message, Text)
    assert "2019 年" in found.message.zh


def of_rows(now: LastYear, *factors: tuple[str, str, float], then: tuple[tuple[str, str, float], ...] = ()) -> LastYear:
    """This year's rows of items in zones times a factor (of all zones where none is named), and the rows of items as
    they were last year times another.
    """

    def changed(rows: Iterable[Statistic], factors: Iterable[tuple[str, str, float]]) -> list[Statistic]:
        found = list(rows)
        for item, zone, factor in factors:
            here = [
                row.item == item and zone in ("", row.zone) and row.measure != "price" and row.value is not None
                for row in found
            ]
            assert any(here)
            found = [
                replace(row, value=(row.value or 0) * factor) if is_here else row
                for row, is_here in zip(found, here, strict=True)
            ]
        return found

    inputs = now.basis.inputs
    before = changed(inputs.statistics, then)
    beside = LastYear(replace(now.basis, inputs=replace(inputs, statistics=changed(before, factors))), now.then)
    earlier = LastYear(replace(now.basis, inputs=replace(inputs, statistics=before)), now.then)
    vars(beside)["rows_then"] = {row: amount for row, amount in earlier.rows_now.items() if row in now.rows_then}
    return beside


SMALL = (("crop_products/rice", "", 0.1),)
"""Rice that is 0.8 % of the crops: 1010 t at 2900 CNY/t, 2.9 million CNY of 361 million."""


@pytest.mark.parametrize("factor", [6.7, 8, 10, 15, 1 / 8, 1 / 12])
def test_one_small_product_may_grow_tenfold(now: LastYear, factor: float):
    (found,) = statistics(of_rows(now, ("crop_products/rice", "", factor), then=SMALL))
    assert (found.code, found.severity) == ("O26", "warning")


@pytest.mark.parametrize("factor", [1000, 1e4, 1e8, 700])
def test_no_product_grows_a_thousandfold(now: LastYear, factor: float):
    (found,) = statistics(of_rows(now, ("crop_products/rice", "", factor), then=SMALL))
    assert (found.code, found.subject) == ("O25", "crop_products/rice/quantity")


@pytest.mark.parametrize(
    ("item", "factor"),
    [
        ("crop_products/maize", 10),  # 62.1 of 387 million CNY: all crops would be 2.4 times as much
        ("crop_products/maize", 1e-4),
        ("crop_products/fruit", 0.1),
        ("crop_products/rice", 1e-4),
        ("crop_products/rice", 1e-3),
    ],
)
def test_a_product_that_moves_all_of_its_kind_is_an_error(now: LastYear, item: str, factor: float):
    (found,) = statistics(of_rows(now, (item, "", factor)))
    assert (found.code, found.subject) == ("O25", f"{item}/quantity")


@pytest.mark.parametrize(("factor", "code"), [(8, "O26"), (1000, "O25")])
def test_a_county_of_few_visits_may_have_tenfold(now: LastYear, factor: float, code: str):
    """1.85 of 80.35 万 visits: eight times as many are 1.16 times those of the city, a thousand times 24."""
    small = (("visits", "990101", 0.1),)
    (found,) = statistics(of_rows(now, ("visits", "990101", factor), then=small))
    assert (found.code, found.subject) == (code, "visits")


def test_a_flow_that_is_a_trifle_of_its_zones_is_silent(now: LastYear, last: Path):
    """Up to a hundredth of the sand that all counties fix is a trifle in both years; a hundred times the sand of
    a county that had four hundredths is an error, for the whole would be five times as much.
    """
    account = read_run(last)
    of_sand = [entry for entry in account.entries if entry.service == "sand_fixation" and entry.quantity]
    whole = sum(entry.quantity or 0.0 for entry in of_sand)
    here = sum(entry.quantity or 0.0 for entry in of_sand if entry.zone == "990101")

    def with_share(share: float) -> Account:
        """The account with another share of the sand in county A, the others as they are."""
        factor = share / (1 - share) * (whole - here) / here
        return account.replace(
            replace(entry, quantity=entry.quantity * factor)
            if entry in of_sand and entry.zone == "990101" and entry.quantity
            else entry
            for entry in account.entries
        )

    def told(then: float, at_present: float) -> list[str]:
        return [found.code for found in figures(LastYear(now.basis, with_share(then)), with_share(at_present))]

    assert told(0.0001, 0.007) == []
    assert told(0.007, 0.0001) == []
    assert told(0.0009, 0.011) == ["O26"]
    assert told(0.04, 4 / 4.96) == ["O25"]


def test_all_products_of_a_zone_times_ten_are_one_error_of_that_zone(now: LastYear):
    crops = {
        row.item for row in now.basis.inputs.statistics if row.base == "crop_products" and row.measure == "quantity"
    }
    (found,) = statistics(of_rows(now, *((item, "990102", 10.0) for item in sorted(crops))))
    assert (found.code, found.subject) == ("O25", "crop_products/990102/quantity")
    assert "in 乙县（合成）" in found.message
    assert '"O25/crop_products/990102/quantity"' in found.do


def test_a_waiver_of_one_product_lets_no_other_pass(now: LastYear):
    """What is waived is one subject; maize and fruit are two."""
    found = list(statistics(of_rows(now, ("crop_products/maize", "", 1000.0), ("crop_products/fruit", "", 10.0))))
    assert [(p.code, p.subject) for p in found] == [
        ("O25", "crop_products/maize/quantity"),
        ("O25", "crop_products/fruit/quantity"),
    ]


# what has no quotient -------------------------------------------------------------------------------------------------


def test_rows_that_cannot_be_put_beside_last_year_are_said(now: LastYear):
    inputs = now.basis.inputs

    def beside(*changed: tuple[str, dict[str, object]], drop: str = "") -> list[Problem]:
        found = [row for row in inputs.statistics if row.item != drop]
        for item, other in changed:
            found = [replace(row, **other) if row.item == item and row.measure != "price" else row for row in found]
        return list(rows(LastYear(replace(now.basis, inputs=replace(inputs, statistics=found)), now.then)))

    assert beside() == []
    (found,) = beside(drop="crop_products/fruit")
    assert (found.key, found.severity) == ("last_year.O27.row_gone", "information")
    assert "`crop_products/fruit`" in found.message
    (found,) = beside(("crop_products/rice", {"value": 0.0}))
    assert (found.code, found.severity) == ("O26", "warning")
    assert "rice" in found.message
    (found,) = beside(("livestock_products/sheep", {"unit": "t"}))
    assert found.key == "last_year.O27.row_of_another_unit"
    was_zero = LastYear(now.basis, now.then)
    vars(was_zero)["rows_then"] = {
        row: amount._replace(value=0.0) if row[0] == "visits" else amount for row, amount in now.rows_then.items()
    }
    assert [found.key for found in rows(was_zero)] == ["last_year.O27.row_from_zero"]
    assert list(statistics(was_zero)) == []


def test_an_account_of_twenty_years_before_says_what_it_cannot_tell(now: LastYear):
    """1.25 to the 19th is 69: three times that, and twice as much again, is 416."""
    (found,) = comparable(LastYear(now.basis, now.then.replace(year=2000)))
    assert found.code == "O27"
    assert "20 years before" in found.message
    assert "416 times" in found.message


def test_the_unit_that_explains_it_is_named(now: LastYear):
    (found,) = statistics(times(now, gdp=1e4))
    assert "`元` given as `万元`" in found.message
    (found,) = statistics(times(now, population=1e-4))
    assert "`万人` given as persons" in found.message


def test_a_change_that_no_unit_explains_is_a_warning(now: LastYear):
    (found,) = statistics(times(now, visits=5))
    assert (found.code, found.severity, found.subject) == ("O26", "warning", "visits")


def test_five_years_bring_more_than_one(now: LastYear):
    def years_before(year: int) -> LastYear:
        return LastYear(times(now, visits=5).basis, now.then.replace(year=year))

    assert [found.code for found in statistics(years_before(2019))] == ["O26"]
    assert list(statistics(years_before(2015))) == []
    thousandfold = LastYear(times(now, visits=1000).basis, now.then.replace(year=2015))
    assert [found.code for found in statistics(thousandfold)] == ["O25"]


def test_figures_are_compared_where_no_table_tells(now: LastYear, last: Path):
    """Sand fixation rests on no item of the tables: only its figure tells."""
    account = read_run(last)
    assert list(figures(now, account)) == []

    def all_times(factor: float) -> Account:
        return account.replace(
            [
                replace(entry, quantity=entry.quantity * factor, value=entry.value * factor)
                if entry.service == "sand_fixation" and entry.quantity is not None and entry.value is not None
                else entry
                for entry in account.entries
            ]
        )

    (found,) = figures(now, all_times(100))
    assert (found.code, found.subject) == ("O25", "sand_fixation/quantity")
    (found,) = figures(now, all_times(9))  # the winds of one year may do 8 times those of another
    assert (found.code, found.subject) == ("O26", "sand_fixation/quantity")
    assert list(figures(now, all_times(5))) == []


def test_a_price_of_a_service_that_is_a_hundred_times_as_much(now: LastYear, last: Path):
    account = read_run(last)
    dear = account.replace(
        replace(entry, value=entry.value * 100)
        if entry.service == "carbon_sequestration" and entry.value is not None
        else entry
        for entry in account.entries
    )
    (found,) = figures(now, dear)
    assert (found.code, found.subject) == ("O25", "carbon_sequestration/value")
    assert "value of" in found.message


def test_a_total_is_told_where_no_service_explains_it(now: LastYear, last: Path):
    """Every service at three times: within what one of them can do, and not of all of them."""
    account = read_run(last)
    more = account.replace(
        replace(entry, value=entry.value * 2.9) if entry.value is not None else entry for entry in account.entries
    )
    assert [(found.code, found.subject) for found in figures(now, more)] == [("O26", "total")]


def test_the_consequence_of_a_row_is_not_told_again(now: LastYear, last: Path):
    account = read_run(last)
    visited = account.replace(
        replace(entry, quantity=entry.quantity * 5) if entry.service == "tourism" and entry.quantity else entry
        for entry in account.entries
    )
    assert [found.subject for found in figures(now, visited)] == ["tourism/quantity"]
    assert list(figures(times(now, visits=5), visited)) == []


def test_a_named_person_may_answer_for_it(city: Path, last: Path):
    path = city / "statistics.csv"
    path.write_text(re.sub(r"(,visits,quantity,)", r"\g<1>1000", path.read_text(encoding="utf-8")), encoding="utf-8")
    spec = beside(city, last).spec
    assert {found.severity for found in of_code(Study.from_spec(spec).check(), "O25")} == {"error"}
    waived = replace(spec, waivers={**spec.waivers, "O25/visits": ("Li", "a new count")})
    assert {found.severity for found in of_code(Study.from_spec(waived).check(), "O25")} == {"warning"}


def test_a_service_that_is_new_or_gone_is_information(city: Path, last: Path):
    edited(city / "gep.toml", "[coefficients] ", '[services.recreation]\noff = "not this year"\n\n[coefficients] ')
    _, ran, account = checked_and_run(beside(city, last))
    assert account is not None
    (found,) = since(ran)
    assert (found.code, found.severity) == ("O27", "information")
    assert "2019" in found.message


def test_a_product_that_is_new_or_gone_is_silent(now: LastYear):
    inputs = now.basis.inputs
    kept = [row for row in inputs.statistics if row.item != "crop_products/fruit"]
    cotton = replace(kept[0], item="crop_products/cotton")
    basis = replace(now.basis, inputs=replace(inputs, statistics=[*kept, cotton]))
    assert list(statistics(LastYear(basis, now.then))) == []


def test_what_is_of_another_kind_is_said_once(now: LastYear):
    about = now.then.about
    switches = {**now.then.record["switches"], "carbon_sequestration": {"carbon": "rate"}}
    for then in (
        now.then.replace(profile="hj1173-2021"),
        now.then.replace(price_year=2010),
        now.then.replace(price_year=2022),
        now.then.replace(make_ledger=None),
        now.then.replace(record={**now.then.record, "switches": switches}),
    ):
        (found,) = comparable(LastYear(now.basis, then))
        assert (found.code, found.severity) == ("O27", "information")
    assert about.price_year == 2020
    assert list(comparable(now)) == []


def test_without_a_ledger_population_and_output_of_the_place_are_compared(now: LastYear):
    bare = LastYear(times(now, population=1e4, visits=1e4).basis, now.then.replace(make_ledger=None))
    assert [found.subject for found in statistics(bare)] == ["population"]


def test_a_zone_of_another_size_is_not_compared(now: LastYear):
    """The third county was a tenth smaller, and so was the whole."""
    smaller = now.then.replace(
        replace(entry, quantity=entry.quantity * 0.8)
        if entry.is_area and entry.zone == "990103" and entry.quantity
        else entry
        for entry in now.then.entries
    )
    of = LastYear(times(now, population=1e4).basis, smaller)
    assert of.places == {"990101", "990102"}
    (found,) = comparable(of)
    assert "丙县" in found.message
    (found,) = statistics(of)
    assert "丙县" not in found.found
    assert list(land(of)) == []


def test_forest_that_doubles_over_fields_that_halve(city: Path, last: Path):
    def changed(codes: np.ndarray) -> np.ndarray:
        codes, half = codes.copy(), np.indices(codes.shape)[-1] % 2 == 0
        codes[np.isin(codes, (31, 32, 33, 34, 51, 52, 53, 54)) & half] = FOREST
        return codes

    land_cover(city, changed)
    (found,) = of_code(beside(city, last).check(every_cell=True), "L23")
    assert (found.severity, found.subject) == ("warning", "land_cover")
    assert {"forest", "cropland", "grassland"} <= set(re.findall("[a-z]+", found.found))
    assert "km²" in found.found


def test_land_of_another_legend_is_not_compared(city: Path, last: Path):
    edited(city / "gep.toml", '53 = "cropland/paddy" ', '53 = "cropland/dryland" ')
    found = since(beside(city, last).check(every_cell=True))
    assert [p.code for p in found] == ["O27"]


# a run that cannot be used --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2019, 2018])
def test_a_run_of_the_same_or_a_later_year(files: Path, last: Path, year: int):
    account, (found,) = read_last_year(replace(beside(files, last).spec, year=year))
    assert account is None
    assert (found.code, found.found, found.severity) == ("O28", "2019", "error")


def test_check_and_run_both_stop_at_it(files: Path, tmp_path: Path):
    study = beside(files, tmp_path / "nowhere")
    assert [found.severity for found in of_code(study.check(), "O28")] == ["error"]
    with pytest.raises(InputError) as caught:
        study.run()
    assert "O28" in {found.code for found in caught.value.problems}


def test_maps_stop_where_a_run_does(files: Path, city: Path, last: Path, tmp_path: Path):
    """No run of last year, and a figure a thousand times that of last year."""
    with pytest.raises(InputError) as caught:
        beside(files, tmp_path / "nowhere").maps(tmp_path / "maps")
    assert "O28" in {found.code for found in caught.value.problems}
    path = city / "statistics.csv"
    path.write_text(re.sub(r"(,visits,quantity,)", r"\g<1>1000", path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        beside(city, last).maps(tmp_path / "maps")
    assert "O25" in {found.code for found in caught.value.problems}
    assert not (tmp_path / "maps").exists()


@pytest.mark.parametrize("mode", ["centre", "fraction"])
def test_a_check_of_some_squares_and_a_run_compare_the_same_places(files: Path, last: Path, mode: Literal["centre"]):
    """On cells of 3 km the centres misstate the counties by some percent."""
    spec = replace(opened(files).spec, grid=("EPSG:32650", 3000.0))
    study = Study.from_spec(replace(spec, zones=replace(spec.zones, coverage=mode)))
    plan = make_plan(study.inputs)
    basis, then = Basis(plan, study.inputs, run(plan.plan)), read_run(last)
    seen_in_part = replace(basis, sums=replace(basis.sums, seen=0.5))
    areas = [LastYear(each, then).areas_now for each in (basis, seen_in_part)]
    assert areas[0] == areas[1]
    for zone, by_cells in zip(plan.plan.zones.zones, basis.sums.area.sum(axis=1).tolist(), strict=True):
        assert areas[0][zone.code] == pytest.approx(by_cells, rel=1e-4)


def test_a_folder_that_is_no_run(files: Path):
    account, (found,) = read_last_year(beside(files, files).spec)
    assert (account, found.code, found.severity) == (None, "O28", "error")


@pytest.mark.parametrize("name", ["account.csv", "ledger.json", "summary.json", "run.json"])
def test_a_run_that_was_edited(files: Path, last: Path, tmp_path: Path, name: str):
    for path in last.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_text((tmp_path / name).read_text(encoding="utf-8").replace("9", "8"), encoding="utf-8")
    account, (found,) = read_last_year(beside(files, tmp_path).spec)
    assert (account, found.code) == (None, "O28")


def test_a_run_of_another_place(now: LastYear):
    elsewhere = now.then.replace(
        replace(entry, zone=entry.zone.replace("9901", "1101"), quantity=entry.quantity and entry.quantity * 2)
        for entry in now.then.entries
    )
    (found,) = comparable(LastYear(now.basis, elsewhere))
    assert (found.code, found.severity) == ("O28", "error")
    assert list(land(LastYear(now.basis, elsewhere))) == []


def test_a_row_of_a_ledger_that_is_none_of_ours():
    assert amount_of("crop_products/wheat", "quantity", 1.0, "furlong") is None
    assert amount_of("no_such_item", "quantity", 1.0, "t") is None
    assert amount_of("population", "quantity", 2.0, "万人") == Amount(2e4, "person")


def test_the_project_file_names_it(city: Path, last: Path):
    edited(city / "gep.toml", "year = 2020                              #", f'last_year = "{last}"\nyear = 2020 #')
    assert Study.open(city / "gep.toml").spec.last_year == last
