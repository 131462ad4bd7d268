"""What a yearly loss or gain comes to over years: the worked vectors of `accounts2.md`, sections e and g."""

from __future__ import annotations

import pytest

from gep.account.course import check_course, lost, present_value, reached
from gep.core.errors import UsageError
from gep.core.units import convert


def test_a_loss_that_recovers_in_a_line():
    """Vector e.linear_recovery: 1.41 t C/hm2 on 2 hm2, recovered after 20 years."""
    assert 1.41 * 2 * sum(lost(20, "linear")) == pytest.approx(28.2, rel=1e-12)
    assert lost(20, "linear")[:2] == pytest.approx((0.975, 0.925))
    assert lost(4, "step") == (1, 1, 1, 1)


def test_money_is_discounted_and_amounts_are_not():
    """Vector e.discounted_loss: 10 t CO2 a year for five years, at 50 CNY and 3 %."""
    shares = lost(5, "step")
    assert 10 * sum(shares) == 50
    assert present_value(10 * 50, shares, 0.03) == pytest.approx(2289.8535936, rel=1e-9)
    assert present_value(10 * 50, shares) == 2500


def test_a_project_that_grows_into_its_effect():
    """Vector g.cohorts: three years of planting, of which 85 % survive, reach 1.41 t C/hm2 after five years."""
    for year, expected in ((2023, 239.7), (2025, 1558.05), (2029, 3595.5)):
        carbon = sum(
            area * 0.85 * 1.41 * reached(year - planted, 5)[-1]
            for planted, area in ((2022, 1000), (2023, 1500), (2024, 500))
            if year > planted
        )
        assert carbon == pytest.approx(expected, rel=1e-9)
    assert reached(3) == (1, 1, 1)


def test_areas_in_ten_thousand_mu():
    """Vector g.areas."""
    assert [convert(of, "万亩", "hm^2") for of in (662, 476.6, 8826.15)] == pytest.approx(
        [441333.333333, 317733.333333, 5884100.0], rel=1e-9
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((-1, "step", None), "counts years"),
        ((0, "step", None), "counts years"),
        ((5, "steps", None), "Did you mean `step`"),
        ((5, "step", 5.0), "Is 0.05 meant, 5 percent"),
        ((5, "step", -0.03), "not between 0 and 1"),
        ((5, "step", float("nan")), "not between 0 and 1"),
        ((None, "step", 0.03), "needs the years"),
    ],
)
def test_what_is_asked_about(given, said):
    with pytest.raises(UsageError, match=said):
        check_course(*given)


def test_all_at_once():
    with pytest.raises(UsageError) as stopped:
        check_course(-2, "slow", 3.0, -1)
    assert len(stopped.value.message.splitlines()) == 4
