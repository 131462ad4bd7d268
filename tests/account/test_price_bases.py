"""Years in money of one year, and new bases linked to old ones: worked by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import gep
from gep.account.changes import Comparison, compare_years
from gep.account.entries import About, Entry
from gep.core.errors import UsageError
from gep.report.tables.changes import ChangeTables
from gep.report.tables.model import text_of
from gep.report.years import show_comparison

VECTORS = json.loads(Path(__file__).with_name("growth_vectors.json").read_text(encoding="utf-8"))


def value_of(year: int, value: float, levels: dict[int, float]) -> gep.Account:
    """A value without a quantity, and the index of its prices."""
    of_years = {str(at): level for at, level in levels.items()}
    ledger: Any = {"price_index": "cpi", "price_levels": {"cpi": of_years}, "coefficients": {}, "services": {}}
    record: Any = {"price_index": {"file": "cpi.csv"}}
    about = About("City", year, price_year=year, profile="ndrc-2022", record=record, make_ledger=lambda: ledger)
    return gep.Account(
        (Entry("A", "A", "_none", "", "cultural", "tourism", "visits", value=value, price_basis="current"),), about
    )


def of_water(year: int, amount: float, price: float, price_year: int | None = None) -> gep.Account:
    """Water of the forest of one county, at prices of a year."""
    basis = "current" if price_year in (None, year) else f"constant:{price_year}"
    about = {"quantity": amount, "unit": "m3", "price": price, "price_unit": "CNY/m3", "price_basis": basis}
    water = Entry("A", "A", "forest", "", "regulating", "water_retention", "amount", value=amount * price, **about)
    land = Entry("A", "A", "forest", "", quantity=10.0, unit="m^2")
    return gep.Account((land, water), About("City", year, price_year=price_year or year, profile="ndrc-2022"))


def printed(comparison: Comparison, language: str) -> str:
    out = Console(file=StringIO(), width=200)
    show_comparison(comparison, out, language)
    return out.file.getvalue()


# a new base -----------------------------------------------------------------------------------------------------------


def test_the_vector_of_a_new_base():
    vector = next(vector for vector in VECTORS if vector["id"] == "h.cpi_rebase")
    given, expected = vector["inputs"], vector["expected"]
    levels = {2015: 1.0, 2020: given["index_2015_2020"]}
    levels[2024] = levels[2020] * given["index_2020_2024"]
    values = {2015: given["V2015"], 2020: given["V2020_current"], 2024: given["V2024_current"]}
    years = [value_of(year, value, levels) for year, value in values.items()]
    found = compare_years(years, 2015, links=[2020])
    assert found.total.value_at_base_prices == pytest.approx(expected["V2024_at2015"])
    assert 100 * found.total.growth_constant == pytest.approx(expected["real_growth_2015_2024_pct"])
    assert [row.constant for row in found.series] == pytest.approx([100, expected["V2020_at2015"], 148.80952381])
    new = compare_years(years[1:])
    assert new.total.value_at_base_prices == pytest.approx(expected["V2024_at2020"])
    assert math.fsum(found.total.effects.known) == pytest.approx(80)


def test_growth_of_parts_is_kept_and_their_sum_is_not():
    """Water is 100, 100 and 200 m3 at 1, 3 and 3 yuan, carbon 100, 200 and 200 t at 1 yuan: at prices of 2015 100 + 200
    in 2020; from then on at prices of 2020 (500 to 800) the whole grows by 1.6, water by 2 and carbon by 1.
    """

    def year(of: int, water: float, price: float, carbon: float) -> gep.Account:
        account = of_water(of, water, price)
        about = {"quantity": carbon, "unit": "t", "price": 1.0, "price_unit": "CNY/t", "price_basis": "current"}
        other = Entry("A", "A", "forest", "", "regulating", "carbon_sequestration", "c", value=carbon, **about)
        return gep.Account((*account.entries, other), account.about)

    years = [year(2015, 100, 1, 100), year(2020, 100, 3, 200), year(2021, 200, 3, 200)]
    found = compare_years(years, 2015, links=[2020])
    assert found.total.value_at_base_prices == pytest.approx(300 * 1.6)
    by_service = {row.key[0]: row.value_at_base_prices for row in found.by("service")}
    assert by_service == pytest.approx({"water_retention": 200, "carbon_sequestration": 200})
    assert found.gap == pytest.approx(80)
    assert math.fsum(row.points for row in found.by("service")) == pytest.approx(found.total.growth_constant)
    assert "Gap of the link" in printed(found, "en")
    assert "链接缺口" in printed(found, "zh")
    assert found.document()["links"] == [2020]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"links": [2019]}, "none of the years between"),
        ({"links": [2020]}, "none of the years between"),
        ({"links": [2021], "prices": "chain"}, "A new base is linked at constant prices"),
    ],
)
def test_a_link_that_cannot_be_is_told(options: dict[str, Any], said: str):
    years = [of_water(2020 + n, 100, 1 + n) for n in range(3)]
    with pytest.raises(UsageError, match=said):
        compare_years(years, 2020, **options)


# money of one year ----------------------------------------------------------------------------------------------------

FIXED = [of_water(2019, 100, 2, 2019), of_water(2020, 110, 2, 2019), of_water(2021, 121, 2, 2019)]


def test_years_in_money_of_one_year_are_at_constant_prices():
    """From 200 to 242 yuan of 2019: 21 %, all of it amount. What that is at current prices nobody can know."""
    found = compare_years(FIXED)
    total = found.total
    assert (total.base_value, total.value, total.value_at_base_prices) == (200, None, 242)
    assert total.growth_current is None
    assert (total.growth_constant, total.points) == pytest.approx((0.21, 0.21))
    assert (total.effects.intensity, total.effects.price) == (42, 0)
    assert [row.constant for row in found.series] == [200, 220, 242]
    assert [row.value for row in found.series] == [200, None, None]
    document = found.document()
    assert (document["price_year"], document["total"]["value"]) == (2019, None)
    assert "All years were accounted in money of 2019" in document["notes"][0]


def test_money_of_a_year_that_is_not_the_base():
    found = compare_years(FIXED, 2020)
    assert (found.total.base_value, found.total.value_at_base_prices) == (220, 242)
    assert found.total.growth_constant == pytest.approx(0.1)
    table = ChangeTables(found, "zh").change("service")
    headings = [column.heading for column in table.columns[1:4]]
    assert headings == ["Value 2020 at prices of 2019", "Value 2021", "Value 2021 at prices of 2019"]
    assert headings[0].zh == "2020年按2019年价格"
    assert text_of(table.cell(table.rows[0], table.columns[2]), "zh") == "—"


def test_contributions_at_current_prices_are_not_known():
    found = compare_years(FIXED, prices="current").total
    assert (found.share, found.points, found.growth_current) == (None, None, None)
    assert found.growth_constant == pytest.approx(0.21)


def test_prices_that_did_more_than_the_index_are_a_price_effect():
    """Prices that tables report are moved by the index: 2.1 in money of 2019 is 5 % above what it was."""
    total = compare_years([FIXED[0], of_water(2021, 100, 2.1, 2019)]).total
    assert total.value_at_base_prices == pytest.approx(210)
    assert (total.effects.intensity, total.effects.price) == pytest.approx((0, 10))


@pytest.mark.parametrize("options", [{"prices": "chain"}, {"links": [2020]}])
def test_there_is_no_chain_of_one_money(options: dict[str, Any]):
    with pytest.raises(UsageError, match="nothing is known of the prices of the others"):
        compare_years(FIXED, **options)


def test_years_in_money_of_different_years_are_not_compared():
    other = of_water(2021, 121, 2, 2020)
    with pytest.raises(UsageError, match="Run every year in its own money"):
        compare_years([*FIXED[:2], other])
    own = replace(FIXED[1].about, price_year=2020)
    with pytest.raises(UsageError, match="price bases"):
        compare_years([FIXED[0], gep.Account(FIXED[1].entries, own)])


# what a profile chooses -----------------------------------------------------------------------------------------------


def test_a_profile_may_deflate_what_has_a_quantity():
    """From 100 m3 at 2 to 110 m3 at 2.1 yuan, of which the index of consumer prices of 2019 to 2020 is 1.0242."""
    years = [of_water(2019, 100, 2), of_water(2020, 110, 2.1)]
    assert compare_years(years).total.value_at_base_prices == pytest.approx(220)
    record: Any = {"deflated": ["water_retention"]}
    chosen = [gep.Account(account.entries, replace(account.about, record=record)) for account in years]
    found = compare_years(chosen)
    assert found.total.value_at_base_prices == pytest.approx(231 / 1.0241942, rel=1e-7)
    assert math.fsum(found.total.effects.known) == pytest.approx(31)
    assert "divided by their price index" in found.notes[0]
    assert "水源涵养" in found.notes[0].zh
