"""Land of two years, whatever became what and whatever a project says of it: the account of its extent closes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from gep.account.changes import Comparison
from gep.inputs.transitions import ANY, KINDS, Transitions
from gep.report.tables.extents import LandTables
from gep.report.tables.model import Text, Units
from gep.study.extent import BITS, LandChange, whole_units

ZONES, TYPES = ("A", "B"), ("forest", "grassland", "cropland", "urban", "_none")
AREAS = st.integers(0, 2 ** (BITS - 8)).map(lambda count: count * 2.0**-12)
"""Multiples of one power of two of a square metre, as they are counted."""
SIDE = st.sampled_from([ANY, *TYPES[:-1]])
MOVES = st.dictionaries(
    st.tuples(st.sampled_from(ZONES), st.sampled_from(TYPES), st.sampled_from(TYPES)), AREAS, min_size=1
)
RULES = st.dictionaries(st.tuples(SIDE, SIDE), st.sampled_from(KINDS))


class Years:
    """What the tables take of a comparison."""

    base_year, year = 2020, 2021

    class about:
        coverage: Mapping[str, Any] = {}

    @property
    def path(self) -> list[Any]:
        return [self]


def summed(moves: Mapping[tuple[str, str, str], float], at: int) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for key, area in moves.items():
        found[key[0], key[at]] = found.get((key[0], key[at]), 0.0) + area
    return found


@settings(max_examples=40)
@given(MOVES, RULES, st.dictionaries(st.tuples(st.sampled_from(ZONES), st.sampled_from(TYPES)), AREAS))
def test_the_extent_account_closes_to_the_last_bit(moves: Any, rules: Any, gained: Any):
    """With what the coarser land cover has more in its own account: that is a reappraisal, with the other sign."""
    opening, closing = summed(moves, 1), summed(moves, 2)
    own = {key: opening.get(key, 0.0) + gained.get(key, 0.0) for key in {**opening, **gained}}
    reappraised = {key: opening.get(key, 0.0) - area for key, area in own.items()}
    land = LandChange(own, closing, moves, None, reappraised, Text("finer", "finer"), transitions=Transitions(rules))
    tables = LandTables(cast(Comparison, Years()), land, Units("en"), lambda zone: Text(zone, zone))
    rows = {row.key: {name: cell.value for name, cell in row.cells.items()} for row in tables.extent().rows}
    for zone in (*land.zones, "_city"):
        entries = {key.partition("/")[2]: row for key, row in rows.items() if key.startswith(f"{zone}/")}
        for name in (name for name in land.ecosystems if name != "_none"):
            there = {entry: row[name] for entry, row in entries.items() if row.get(name) is not None}
            came = [there[entry] for entry in ("additions", "reductions", "upward", "downward")]
            assert math.fsum([there["opening"], *came]) == there["closing"]
            assert math.fsum(came) == there["net"]
            if rules:
                for entry in ("additions", "reductions"):
                    split = [there[f"{entry}_{kind}"] for kind in ("managed", "unmanaged", "not_split")]
                    assert math.fsum(split) == there[entry]
            assert there["additions"] >= 0 >= there["reductions"]
            assert there["upward"] >= 0 >= there["downward"]


@settings(max_examples=40)
@given(st.dictionaries(st.tuples(st.just("A"), st.sampled_from(TYPES)), st.floats(0, 1e12), min_size=1))
def test_areas_of_an_account_lose_less_than_a_unit(areas: Any):
    unit = 2.0 ** (math.ceil(math.log2(math.fsum(areas.values()) or 1.0)) - BITS)
    found = whole_units(areas, unit)
    assert all(abs(found[key] - area) <= unit / 2 for key, area in areas.items())
    assert all(area / unit == int(area / unit) for area in found.values())
