"""What an office leaves lying in its project: numbers of the sample city, rows that nothing takes, numbers that cannot
be, figures that contradict each other.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from coarse_city import added, checked_and_run, edited, of_code, opened, without_rows

from gep.core.errors import Problem
from gep.study.sample.city import write_sample_city

pytestmark = pytest.mark.usefixtures("one_pass")

REAL, ROW = 'code = "330700"', 'code = "990000"'


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The files of the sample city."""
    return write_sample_city(tmp_path / "city").parent


def checked(folder: Path, code: str) -> list[Problem]:
    return of_code(opened(folder).check(), code)


def renumbered(folder: Path, prefix: str) -> None:
    """The zones under other codes, in their file and in the table."""
    for name in ("counties.geojson", "statistics.csv"):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace("9901", prefix), encoding="utf-8")


def test_the_sample_city_is_declared_invented_and_has_no_error(city: Path):
    found = opened(city).check()
    assert [p for p in found if p.severity == "error"] == []
    assert not {p.code for p in found} & {"C10", "C17", "C18", "O03", "T07", "Z08"}
    assert {p.subject for p in of_code(found, "P04")} == {"electricity_price"}  # the shipped tariff of 2010


def test_numbers_of_the_sample_city_in_a_real_study_are_an_error_that_a_person_may_waive(city: Path):
    """Finding F17."""
    renumbered(city, "3307")
    edited(city / "gep.toml", ROW, REAL)
    found = checked(city, "C18")
    # 45 rows of coefficients and 207 of statistics are in the files that `gep init` writes
    assert [(p.subject, p.severity, p.message.split()[0]) for p in found] == [
        ("coefficients", "error", "45"),
        ("tables", "error", "207"),
    ]
    _, ran, account = checked_and_run(opened(city))
    assert account is None
    assert of_code(ran, "C18") == found
    with (city / "gep.toml").open("a", encoding="utf-8") as file:
        file.write('\n[waivers.C18]\nby = "Li"\nreason = "an exercise"\n')
    assert {p.severity for p in checked(city, "C18")} == {"warning"}


def test_a_study_code_of_another_place_is_told(city: Path):
    """Finding F18."""
    renumbered(city, "3311")
    edited(city / "gep.toml", ROW, REAL)
    (found,) = checked(city, "Z08")
    assert (found.severity, found.found) == ("warning", "330700")
    assert "331100" in found.allowed


@pytest.mark.parametrize("code", ["331100", "330000", "331101"])
def test_a_study_code_of_the_prefecture_province_or_county_of_its_zones_is_right(city: Path, code: str):
    renumbered(city, "3311")
    edited(city / "gep.toml", ROW, f'code = "{code}"')
    assert checked(city, "Z08") == []


SLOPE = "slope_length,,,{region},80,m,{year},,,,survey,,,"


@pytest.mark.parametrize(
    ("region", "year", "said"), [("", "2021", "from 2021 on"), ("northeast", "", "of the region northeast")]
)
def test_a_row_that_is_not_in_force_is_told_as_a_misspelt_name_is(city: Path, region: str, year: str, said: str):
    """Finding F9."""
    without_rows(city / "coefficients.csv", "^slope_length,")
    added(city / "coefficients.csv", SLOPE.format(region=region, year=year))
    (found,) = checked(city, "C10")
    assert (found.subject, found.severity) == ("slope_length", "warning")
    assert said in found.message


def test_a_table_over_years_and_regions_has_one_row_in_force_and_nothing_to_tell(city: Path):
    later = (SLOPE.format(region="", year=2021), SLOPE.format(region="northeast", year=""))
    added(city / "coefficients.csv", *later)
    assert checked(city, "C10") == []


@pytest.mark.parametrize(
    ("row", "allowed"),
    [
        ("runoff_coefficient,forest,,,5,1,,,,,survey,,,", "0 to 1"),
        ("runoff_coefficient,forest,,,500,percent,,,,,survey,,,", "0 to 100 percent"),
        ("sedimentation_fraction,,,,-0.2,1,,,,,survey,,,", "0 to 1"),
        ("bulk_density,,,,1300,t/m^3,,,,,survey,,,", "t/m^3"),
        ("carbon_price,,,,-30,CNY/(t*CO2),,,,2020,survey,,,", "0 CNY/(t*CO2) or more"),
    ],
)
def test_a_coefficient_that_cannot_be_is_refused(city: Path, row: str, allowed: str):
    """Finding F14."""
    added(city / "coefficients.csv", row)
    _, ran, account = checked_and_run(opened(city))
    assert account is None
    (found,) = of_code(ran, "C17")
    assert (found.severity, found.subject) == ("error", row.partition(",")[0])
    assert allowed in found.allowed


WHEAT = "990101,crop_products/wheat,{measure},"


def reported_wheat(folder: Path, quantity: float, price: float, value: float) -> None:
    without_rows(folder / "statistics.csv", "^990101,crop_products/wheat,")
    rows = (("quantity", quantity, "t"), ("price", price, "CNY/t"), ("value", value, "CNY"))
    written = [f"990101,crop_products/wheat,{measure},{number},{unit},2020,2020,y" for measure, number, unit in rows]
    added(folder / "statistics.csv", *written)


@pytest.mark.parametrize(
    ("value", "severity"),
    [(24_000_000, None), (23_900_000, None), (20_000_000, "warning"), (240_000, "error"), (240_000_000, "error")],
)
def test_a_reported_value_is_quantity_times_price(city: Path, value: float, severity: str | None):
    reported_wheat(city, 10_000, 2400, value)  # 10 000 t at 2 400 CNY/t are 24 000 000 CNY
    assert [p.severity for p in checked(city, "T07")] == ([severity] if severity else [])


def test_a_value_a_hundredth_of_quantity_times_price_stops_the_run(city: Path):
    """Finding F13."""
    reported_wheat(city, 10_000, 2400, 240_000)
    found, ran, account = checked_and_run(opened(city))
    assert account is None
    assert of_code(ran, "T07") == of_code(found, "T07")
    assert "100 times" in of_code(ran, "T07")[0].found


def test_a_tariff_of_the_tables_in_money_of_another_year_is_told(city: Path):
    """Finding F12."""
    without_rows(city / "statistics.csv", "^[^,]*,tariff,")
    added(city / "statistics.csv", "_city,tariff,price,0.4,CNY/kWh,2020,2015,grid company")
    shipped, found = sorted(checked(city, "P04"), key=lambda problem: problem.subject)
    assert shipped.subject == "electricity_price"
    assert (found.subject, found.severity, found.allowed) == ("tariff", "warning", "2020")
    assert "2015" in found.message


def test_rows_that_the_profile_does_not_take_are_told_with_the_method_that_does(city: Path):
    """Finding F10."""
    rows = {p.subject: p for p in checked(city, "T25")}
    assert 'valuation_basis = "value_added"' in rows["intermediate_consumption"].message
    assert "`pest_recovered_forest`" in rows["tables"].message
    assert {p.severity for p in rows.values()} == {"information"}
    edited(city / "gep.toml", 'profile = "ndrc-2022"', 'profile = "cas-2010"')
    of_other = {p.subject: p for p in checked(city, "T25")}
    assert 'tourism.method = "travel_cost"' in of_other["travel_cost"].message
