"""Sums put together as squares come are those of all squares, rounded once."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from builders import CLASSES, LAKE, block, make_study, raster, water_layers, zones
from hypothesis import given
from hypothesis import strategies as st

from gep.engine import gathered
from gep.engine.gathered import Gathered, combine, exact, put_together, rounded
from gep.engine.run import compute_batch
from gep.engine.sums import Partial
from gep.engine.windows import windows
from gep.plan.planner import make_plan

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
HALVES = st.sampled_from([1.0, -1.0, 2.0**53, -(2.0**53), 2.0**-53, -(2.0**-53), 2.0**-106, 0.1, -0.1, 1e100, -1e100])
"""Numbers whose sums lie in the middle of two others."""


@given(st.lists(st.lists(st.one_of(NUMBERS, HALVES), min_size=3, max_size=3), min_size=1, max_size=20))
def test_sums_are_rounded_once(rows):
    everywhere = np.arange(3)
    parts = exact(3, [(everywhere, np.array(row)) for row in rows])
    assert rounded(3, parts).tolist() == [math.fsum(column) for column in zip(*rows, strict=True)]


@given(st.lists(HALVES, min_size=1, max_size=30))
def test_few_numbers_stand_for_many(numbers):
    column = [(np.array([1]), np.array([number])) for number in numbers]
    parts = exact(2, column)
    assert math.fsum(part[1] for part in parts) == math.fsum(numbers)
    assert not any(part[0] for part in parts)


def test_what_is_infinite_stays_so():
    parts = exact(2, [(np.array([0, 1]), np.array([1.0, math.inf])), (np.array([0, 1]), np.array([2.0, 5.0]))])
    assert rounded(2, parts).tolist() == [3.0, math.inf]


def test_nothing_adds_up_to_nothing():
    assert rounded(2, exact(2, [])).tolist() == [0.0, 0.0]


ROWS, COLS = 1300, 1800


@pytest.fixture(scope="module")
def pass_over_cells():
    """A plan, and the sums of its twelve squares: rain with gaps, lakes across squares, two counties."""
    random = np.random.default_rng(11)
    cover = random.choice(np.array([*CLASSES], dtype=np.uint8), (ROWS, COLS))
    cover[cover == LAKE] = 1
    cover[500:530, 100:1700] = LAKE
    layers = water_layers((ROWS, COLS))
    rain = layers["precipitation"]
    rain.values[:] = random.uniform(300, 700, (ROWS, COLS))
    rain.values[:40, :50] = np.nan
    counties = zones(block(0, 0, 700, ROWS), block(700, 0, COLS, ROWS))
    plan = make_plan(make_study(raster(cover), layers, counties).inputs).plan
    return plan, compute_batch(plan, windows(plan.grid, 512))


def _alike(one, other) -> bool:
    """Whether two things are the same to the last bit."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return list(one) == list(other) and all(_alike(one[key], other[key]) for key in one)
    if hasattr(one, "__dataclass_fields__"):
        return all(_alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


@pytest.mark.parametrize("seed", range(4))
def test_squares_put_together_in_any_order_add_up_to_the_same(pass_over_cells, seed):
    plan, partials = pass_over_cells
    assert len(partials) == 12
    expected = combine(plan, partials)
    random = np.random.default_rng(seed)
    held: list[Partial] = []
    for index in random.permutation(len(partials)):
        held.append(partials[index])
        if random.random() < 0.4:
            held = put_together(held)
    held = put_together(held)
    assert len(held) < 5
    found = combine(plan, held)
    for f in fields(expected):
        assert _alike(getattr(found, f.name), getattr(expected, f.name)), f.name
    lakes = expected.patches[("wetland/lake",)]
    assert sum(lake.area for lake in lakes) == pytest.approx(30 * 1600 * 1e6)  # one lake of cells of 1 km2
    assert len(lakes) == 1


def test_sums_of_many_squares_take_little_memory(pass_over_cells, monkeypatch):
    _, partials = pass_over_cells
    monkeypatch.setattr(gathered, "MOST_APART", 1)
    kept = Gathered()
    for count, partial in enumerate(partials, start=1):
        kept.add([partial.square], [partial])
        assert len(kept.squares) == count
        assert len(kept.sums) < 5
