"""A price index of the study's own: what it may be, and what it makes of prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import DRYLAND, block, codes_of, make_study, statistics, zones

from gep.account.accounts import Accounts
from gep.core.errors import CoefficientError, Problem
from gep.standards.index_tables import read_indices
from gep.standards.prices import PriceIndex, price_index

HEADING = "year,value,unit,source\n"
PROVINCE = "Zhejiang statistical yearbook"


def table(folder: Path, *rows: str, heading: str = HEADING) -> Path:
    path = folder / "cpi.csv"
    path.write_text(heading + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def read_index(path: Path, behind: PriceIndex | None) -> tuple[PriceIndex | None, list[Problem]]:
    found, problems = read_indices(path, behind)
    return found.get(""), problems


def test_it_extends_the_index_of_the_profile(tmp_path: Path):
    index, (told,) = read_index(table(tmp_path, f"2025,2,percent,{PROVINCE}"), price_index("cpi_china"))
    assert index is not None
    assert index.factor(2024, 2025) == pytest.approx(1.02)
    # 0.21813 % from 2023 to 2024 (World Bank), and then 2 %
    assert index.factor(2023, 2025) == pytest.approx(1.0021813 * 1.02)
    assert (told.code, told.severity) == ("C19", "information")
    assert PROVINCE in told.message
    assert "cpi_china" in told.message


def test_its_years_come_before_those_of_the_profile(tmp_path: Path):
    index, _ = read_index(table(tmp_path, f"2019,10,percent,{PROVINCE}"), price_index("cpi_china"))
    assert index is not None
    assert index.factor(2018, 2019) == pytest.approx(1.10)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2025,102.9,percent,x", "`percent`"),  # a level for a change
        ("2025,much,percent,x", "no number"),
        ("2025,2,CNY,x", "a share"),
        ("25,2,percent,x", "The year is not one"),
        ("2025,2,percent,", "source of the change is missing"),
        ("2027,2,percent,x", "has no change for 2025, 2026"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, row: str, said: str):
    index, (found,) = read_index(table(tmp_path, row), price_index("cpi_china"))
    assert index is None
    assert (found.code, found.severity) == ("C20", "error")
    assert said in f"{found.message} {found.do}"
    if "102.9" in row:
        assert found.do.startswith("Write the change on the year before: 2.9 ")


def test_columns_that_are_missing_are_named(tmp_path: Path):
    _, (found,) = read_index(table(tmp_path, "2025,2", heading="year,value\n"), None)
    assert (found.code, found.message) == (
        "C20",
        "The table of the price index lacks `unit`, `source`, or has no rows.",
    )


def sold(year: int, **more):
    """The account of wheat sold in one year, in money of the next."""
    rows = statistics(("_city", "crop_products/wheat", "value", 1e6, "CNY"), price_year=year)
    cover, county = np.full((4, 6), DRYLAND), zones(block(0, 0, 6, 4))
    return make_study(cover, {}, county, of=["crop_products"], tables={"t": rows}, year=year + 1, **more).run()


def test_a_year_that_is_not_shipped_is_computed_with_an_own_index(tmp_path: Path):
    """Finding F20."""
    assert sold(2024).total() == 1e6
    account = sold(2024, price_index=table(tmp_path, f"2025,2,percent,{PROVINCE}"))
    assert account.total() == pytest.approx(1e6 * 1.02)
    assert "C19" in codes_of(account)
    assert account.record["price_index"]["file"] == "cpi.csv"
    assert account.ledger["price_index"] == "cpi.csv + cpi_china"
    assert "C05" not in codes_of(account)


def test_behind_its_last_year_an_index_stays_where_it_is():
    index = PriceIndex("made_up", {2010: 1.0, 2024: 1.25}, "nobody")
    assert (index.factor(2010, 2030), index.factor(2024, 2026), index.factor(2031, 2010)) == (1.25, 1.0, 0.8)
    with pytest.raises(CoefficientError, match="has no 2009"):
        index.factor(2009, 2030)


def test_prices_behind_the_index_are_those_of_its_last_year_and_named():
    """Of 2023, moved by the change of 2024 over 2023 (0.21813 percent) and no further."""
    account = sold(2023, price_year=2030)
    assert account.total() == pytest.approx(1e6 * 1.0021813)
    (told,) = [found for found in account.about.problems if found.code == "C05"]
    assert told.severity == "warning"
    assert (told.found, told.subject) == ("crop_products/wheat (2023)", "study.price_year")
    assert "ends with 2024" in told.message
    assert "until 2030" in told.message


def test_growth_at_constant_prices_is_not_known_behind_the_index():
    """Values without quantities of one million, each in money of the year before: 2023 has 0.23484 percent on it, and
    2024 is one million in prices of 2023. That prices are taken to have stayed until 2026 is no deflator.
    """
    accounts = Accounts({"year": [2023, 2024, 2026]}, {(year,): sold(year - 1) for year in (2023, 2024, 2026)})

    def growth(year: int) -> float | None:
        pair = {(of,): accounts.sel(year=of) for of in (2023, year)}
        return Accounts({"year": [2023, year]}, pair).compare(2023).total.growth_constant

    assert growth(2024) == pytest.approx(1 / 1.0023484 - 1, rel=1e-9)
    assert growth(2026) is None


def test_a_price_of_a_year_behind_the_index_counts_as_of_its_last():
    account = sold(2030, price_year=2023)
    assert account.total() == pytest.approx(1e6 / 1.0021813)
    (told,) = [found for found in account.about.problems if found.code == "C05"]
    assert (told.severity, told.found) == ("warning", "crop_products/wheat (2030)")


def test_an_index_that_changes_is_another_run(tmp_path: Path):
    first = sold(2024, price_index=table(tmp_path, "2025,2,percent,x")).about.run_id
    assert sold(2024, price_index=table(tmp_path, "2025,3,percent,x")).about.run_id != first
