"""What the account of Garzê Prefecture for 2010 (doi 10.5846/stxb201607011362) shows beyond the figures that `gep
verify garze_2010` recomputes.
"""

from __future__ import annotations

import pytest

import gep
from gep.audit.cases import load_case
from gep.audit.verify import account, verify

CASE = load_case("garze_2010")


def test_the_published_account_is_a_complete_gep_of_verified_parts():
    made = account(CASE, "account")
    assert made.about.level == "verified"
    assert (made.title(), made.about.missing) == ("GEP of Garzê 2010", ())
    assert not any(e.is_provisional for e in made.entries)


def test_every_indicator_with_a_quantity_is_put_in():
    """Table 3 has 24 indicators with a quantity and 4 branches with their net output only."""
    rows = CASE.tables["services"].rows
    assert len([row for row in rows if row["input"] == "quantity"]) == 24
    assert len([row for row in rows if row["input"] == "value"]) == 4


def test_every_printed_price_is_that_of_the_profile():
    """Tourism has none: the paper prints only the value of all visits."""
    prices = [cell for cell in verify(CASE).cells if cell.id.startswith("account/") and cell.id.endswith("/price")]
    assert len(prices) == 23
    assert all(cell.got == pytest.approx(float(cell.expected), rel=1e-12) for cell in prices)


def test_the_published_cooling_follows_from_its_areas():
    """Forest, shrubland and grassland of table 1 at the electricity per area that the profile has: 2799.10e8 kWh."""
    areas = {row["ecosystem"]: float(row["area"]) for row in CASE.tables["extent"].rows}
    rows = gep.load_profile("cas-2010").tables[0]
    per_area = {row.ecosystem: row.value for row in rows if row.name == "transpiration_electricity"}
    total = sum(areas[name] * 1e6 * per_area[name] for name in ("forest", "shrub", "grassland")) / 1e8
    # half of the last digit of the coefficients (0.00005 of forest and shrubland, 0.0005 of grassland) on their areas
    allowed = (5e-5 * (areas["forest"] + areas["shrub"]) + 5e-4 * areas["grassland"]) * 1e6 / 1e8
    assert total == pytest.approx(2799.10, abs=allowed)
