"""What a field says of cells is what the cells do: held against cells that are there, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.account.uncertain.fields import Field, NotKnownError
from gep.services.air_purification import capped
from gep.services.water_retention import retained_water

CELLS = np.array([120.0, 430.0, 910.0])
OTHERS = np.array([90.0, 510.0, 300.0])
DRAWN = np.array([0.05, 0.02, 0.07, 0.2])
"""The first is that of the run."""
ONE = np.ones(1)


def of(cells):
    return Field(ONE, np.array([cells.mean()]))


def by_hand(function, *arguments):
    """The means over the cells on each draw, and how many times what it was each cell is."""
    made = np.array([function(*(a if np.ndim(a) == 0 or len(a) == 3 else a[n] for a in arguments)) for n in range(4)])
    return made.mean(axis=1), made / made[0]


@pytest.mark.parametrize(
    ("function", "has_mean", "has_ratio"),
    [
        (lambda p, e, c: p - e - p * c, True, False),
        (lambda p, e, c: p * (1 - c), True, True),
        (lambda p, e, c: p * e * c, False, True),
        (lambda p, e, c: (p + e) / c, True, True),
        (lambda p, e, c: np.sqrt(p * c) * np.where(e > 100, e, 2.0), False, True),
        (lambda p, e, c: np.exp(p / 1000) * c**2, False, True),
        (lambda p, e, c: p * c + e * c, True, True),
        (lambda p, e, c: c - p, True, False),
        (lambda p, e, c: np.minimum(p, e) * c, False, True),
        (lambda p, e, c: -(p * c), True, True),
        (lambda p, e, c: (p * c) ** 2, False, True),
    ],
)
def test_what_is_known_is_what_the_cells_do(function, has_mean, has_ratio):
    made = function(of(CELLS), of(OTHERS), DRAWN)
    means, ratios = by_hand(function, CELLS, OTHERS, DRAWN)
    assert (made.mean is not None, made.ratio is not None) == (has_mean, has_ratio)
    if has_mean:
        assert made.mean == pytest.approx(means)
    if has_ratio:
        assert np.broadcast_to(made.ratio[:, None], (4, 3)) == pytest.approx(ratios)


@pytest.mark.parametrize(
    "function",
    [
        lambda p, e, c: np.exp(p * c),
        lambda p, e, c: np.minimum(p, c * 1000),
        lambda p, e, c: np.maximum(0.0, p - e * c),
        lambda p, e, c: np.where(p * c > 20, p, 0.0),
        lambda p, e, c: p**c,
        lambda p, e, c: (p + c) * (e - c),
        lambda p, e, c: p * e + e * c,
        lambda p, e, c: c / (p + c),
        lambda p, e, c: np.asarray(p) * c,
        lambda p, e, c: p * c if p > c else p,
        lambda p, e, c: float(p) * c,
    ],
)
def test_what_cells_do_each_in_its_own_way_is_not_known(function):
    with pytest.raises(NotKnownError):
        function(of(CELLS), of(OTHERS), DRAWN)


def test_equations_of_services():
    """Water that is kept is P - E - P c: its mean is known, and no ratio. Of a lesser of two nothing is."""
    water = retained_water.fn(of(CELLS), of(OTHERS), DRAWN)
    assert water.ratio is None
    assert water.mean == pytest.approx([(CELLS - OTHERS - CELLS * c).mean() for c in DRAWN])
    with pytest.raises(NotKnownError):
        capped.fn(of(CELLS), DRAWN)


@given(
    st.lists(st.floats(1, 1e3), min_size=2, max_size=2),
    st.lists(st.sampled_from(["+", "-", "*", "/", "e", "n"]), min_size=1, max_size=6),
)
def test_whatever_is_done_with_fields_holds_of_cells_or_is_refused(numbers, steps):
    drawn = np.array([numbers[0], numbers[1], 3.0, 7.0])

    def function(p, e, c):
        made = p
        for step in steps:
            if step in "+-":
                made = made + c if step == "+" else e - made
            elif step in "*/":
                made = made * c if step == "*" else made / c
            else:
                made = made * e if step == "e" else -made
        return made

    try:
        made = function(of(CELLS), of(OTHERS), drawn)
    except NotKnownError:
        return
    means, ratios = by_hand(function, CELLS, OTHERS, drawn)
    scale = np.abs(means).max() + np.abs(CELLS).max() * drawn.max() ** len(steps)
    if made.mean is not None:
        assert np.broadcast_to(made.mean, 4) == pytest.approx(means, abs=1e-9 * scale, rel=1e-6)
    if made.ratio is not None:
        assert np.broadcast_to(np.atleast_1d(made.ratio)[:, None], (4, 3)) == pytest.approx(ratios, rel=1e-6)
