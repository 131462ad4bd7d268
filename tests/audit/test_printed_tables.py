"""Tables of papers and offices in their printed shape: what holds and what fails is that of each `case.md`."""

from collections import Counter
from pathlib import Path

import pytest

from gep.audit.audit import audit

PRINTED = Path(__file__).parent / "printed"
HOLDING = {
    "agricultural_census_2006": {"sum": 3, "share": 11},
    "changsha_transition_1991_2015": {"sum": 5},
    "euphrates_change_matrix_1987_2007": {},
    "forest_carbon_potential_2023": {"sum": 7 + 2},
    "huang_huai_hai_1980_2005": {"sum": 5 * 3, "share": 5 * 2 * 7, "growth": 5 * (7 + 6)},
    "jing_jin_ji_transfer_2000_2015": {},
    "north_central_ethiopia_1973_2024": {"sum": 2 * 5, "share": 2 * 8 * 5},
    "oasis_wetlands_unit_values": {"sum": 3},
    "shaanxi_gains_losses_2000_2015": {"sum": 6 + 5},
    "yangtze_delta_2006_2020": {"sum": 4, "share": 5 * 4, "growth": 3 * 6 - 5},
    "zhifanggou_1938_1999": {"sum": 5, "share": 10 * 5},
}
FAILING = {
    "forest_carbon_potential_2023": ["9, Dead wood and litter", "9, Living tree biomass"],
    "yangtze_delta_2006_2020": [
        f"{line}, Average annual change rate/% / 2016–2020" for line in ("10", "13", "18", "4", "7")
    ],
}
"""The cells of the totals and the rates that fail."""
UNREAD = {"shaanxi_gains_losses_2000_2015": 2}


@pytest.fixture(scope="module")
def found():
    return {case: audit(PRINTED / case / "table.csv") for case in HOLDING}


def test_every_case_is_looked_at():
    assert {path.name for path in PRINTED.iterdir()} == set(HOLDING)
    assert all((PRINTED / case / "case.md").is_file() for case in HOLDING)


@pytest.mark.parametrize("case", HOLDING)
def test_what_holds_and_what_fails(found, case):
    assert Counter(check.kind for check in found[case].holds) == HOLDING[case]
    failing = [check.cells[0].removeprefix("table.csv, line ") for check in found[case].fails]
    assert sorted(failing) == FAILING.get(case, [])
    assert found[case].tally.unread == UNREAD.get(case, 0)
