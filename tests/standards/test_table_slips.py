"""Which slip explains a value: counted by hand from the band it is held to."""

from dataclasses import replace

import pytest

from gep.core.messages import say
from gep.standards.ranges import Bands, Range
from gep.standards.table_slips import kind_of, slips_between, table_slips

BAND = Range("x", "1", "city", 2.0, 10.0, 40.0, 200.0, "", "", "", "judgement", "reasoned")
"""Its middle is 20: the root of 10 times 40."""


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("CNY/year", "money"),
        ("CNY/t", "price of mass"),
        ("CNY/visit", "price"),
        ("CNY/kWh", "price"),
        ("person", "count"),
        ("visit/year", "count"),
        ("head/year", "count"),
        ("t/year", "amount"),
        ("m^3", "amount"),
    ],
)
def test_the_kind_of_a_figure_is_told_by_its_unit(unit, kind):
    assert kind_of(unit) == kind


@pytest.mark.parametrize(
    ("value", "kind", "factors"),
    [
        (200_000.0, "count", [10_000.0]),
        (0.002, "money", [10_000.0]),
        (2e9, "money", [100_000_000.0]),
        (20_000.0, "amount", [1000.0]),
        (20_000.0, "price of mass", [1000.0, 2000.0]),
        (200_000.0, "price", [10_000.0]),
        (200.0, "count", [10.0]),
        (1e15, "count", []),
        (200_000.0, "land", []),
    ],
)
def test_the_factor_that_leads_to_the_middle_comes_first(value, kind, factors):
    assert [slip.factor for slip in slips_between(value, (10.0, 40.0), kind)] == factors


def test_every_slip_is_said_both_ways_in_both_languages():
    for slip in table_slips():
        for size in ("large", "small"):
            text = say(f"indicators.slip.{slip.cause}.{size}")
            assert text.strip()
            assert text.zh.strip()


def test_at_a_limit_a_value_is_inside():
    bands = Bands((BAND,), "1")
    assert bands.beyond(200.0) is None
    assert bands.beyond(2.0) is None
    assert bands.beyond(0.0) is None
    above, below = bands.beyond(400.0), bands.beyond(0.5)
    assert (above.times, above.is_above, above.limit) == (2.0, True, 200.0)
    assert (below.times, below.is_above, below.limit) == (4.0, False, 2.0)


def test_a_margin_moves_both_limits_out():
    bands = Bands((BAND,), "1")
    assert bands.beyond(600.0, margin=3.0) is None
    assert bands.beyond(1200.0, margin=3.0).times == 2.0
    assert bands.beyond(0.5, margin=4.0) is None


def test_a_judgement_is_certain_far_beyond_and_what_was_read_sooner():
    bands = Bands((BAND,), "1")
    assert not bands.beyond(1999.0).is_certain
    assert bands.beyond(2000.0).is_certain
    assert not bands.beyond(0.21).is_certain
    assert bands.beyond(0.2).is_certain
    read = Bands((replace(BAND, status="verified"),), "1")
    assert not read.beyond(399.0).is_certain
    assert read.beyond(400.0).is_certain


def test_bands_of_several_scopes_hold_together_and_an_open_side_stays_open():
    town = replace(BAND, scope="town", low=1.0, high=None)
    both = Bands((BAND, town), "1")
    assert (both.low, both.high, both.typical) == (1.0, None, (10.0, 40.0))
    assert both.beyond(1e9) is None
