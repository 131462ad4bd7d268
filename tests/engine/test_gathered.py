"""Sums put together as squares come are those of all squares, rounded once."""

from __future__ import annotations

import math
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
from builders import CLASSES, LAKE, block, make_study, raster, water_layers, zones
from hypothesis import given
from hypothesis import strategies as st

from gep.engine import gathered
from gep.engine.exact import ExactTable, grown
from gep.engine.gathered import Gathered
from gep.engine.run import compute_batch
from gep.engine.sample import joined
from gep.engine.windows import windows
from gep.plan.planner import make_plan

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
HALVES = st.sampled_from([1.0, -1.0, 2.0**53, -(2.0**53), 2.0**-53, -(2.0**-53), 2.0**-106, 0.1, -0.1, 1e100, -1e100])
"""Numbers whose sums lie in the middle of two others."""


def added(columns: int, rows: int, *come: tuple[list[int], list[list[float]]]) -> ExactTable:
    """A table to which numbers (rows, columns) were added at some columns."""
    table = ExactTable(rows, columns)
    table.used = rows
    for where, numbers in come:
        table.add(np.array(where, np.intp), np.array(numbers))
    return table


@given(st.lists(st.lists(st.one_of(NUMBERS, HALVES), min_size=3, max_size=3), min_size=1, max_size=20))
def test_sums_are_rounded_once(rows):
    table = added(3, 2, *(([0, 1, 2], [row, row[::-1]]) for row in rows))
    expected = [math.fsum(column) for column in zip(*rows, strict=True)]
    assert table.rounded().tolist() == [expected, expected[::-1]]


PLACES = st.lists(st.sampled_from(range(5)), min_size=1, max_size=5, unique=True)


@given(st.lists(st.tuples(PLACES, st.lists(HALVES, min_size=10, max_size=10)), min_size=1, max_size=12), st.booleans())
def test_sums_of_some_columns_are_rounded_once(come, is_pickled):
    expected: list[list[list[float]]] = [[[] for _ in range(5)] for _ in range(2)]
    table = added(5, 2)
    for number, (where, numbers) in enumerate(come):
        of_rows = [numbers[: len(where)], numbers[5 : 5 + len(where)]]
        for row, of_row in zip(expected, of_rows, strict=True):
            for place, value in zip(where, of_row, strict=True):
                row[place].append(value)
        table.add(np.array(where, np.intp), np.array(of_rows))
        if is_pickled and number == len(come) // 2:
            table = pickle.loads(pickle.dumps(table))
    assert table.rounded().tolist() == [[math.fsum(values) for values in row] for row in expected]


@given(st.lists(HALVES, min_size=1, max_size=400))
def test_few_numbers_stand_for_many(numbers):
    parts: list[float] = []
    for number in numbers:
        parts = grown(parts, number)
    assert len(parts) < 10  # 439 bits lie between the largest and the smallest, and each has 53
    assert math.fsum(parts) == math.fsum(numbers)


def test_what_is_infinite_stays_so():
    table = added(2, 1, ([0, 1], [[1.0, math.inf]]), ([0, 1], [[2.0, 5.0]]))
    assert table.rounded().tolist() == [[3.0, math.inf]]


def test_nothing_adds_up_to_nothing():
    assert added(2, 1).rounded().tolist() == [[0.0, 0.0]]


def test_a_row_of_its_own_goes_on_from_what_it_had_in_common():
    table = ExactTable(2, 1)
    table.used = 1
    for number in (0.1, 0.2):
        table.add(np.array([0]), np.array([[number]]))
    assert table.copy_row(0) == 1
    table.add(np.array([0]), np.array([[0.3], [-0.3]]))
    assert table.rounded().tolist() == [[math.fsum([0.1, 0.2, 0.3])], [math.fsum([0.1, 0.2, -0.3])]]


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


def combine(plan, partials):
    """What some squares add up to."""
    held = Gathered(plan.n_groups)
    held.add((), partials)
    return held.sums(plan)


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
def test_squares_that_come_in_any_order_add_up_to_the_same(pass_over_cells, seed, monkeypatch):
    plan, partials = pass_over_cells
    assert len(partials) == 12
    expected = combine(plan, partials)
    monkeypatch.setattr(gathered, "MOST_APART", 3)  # put together in between
    monkeypatch.setattr(gathered, "SEEN", 1 + 2 * seed)  # arrays that begin alike are not all alike
    random = np.random.default_rng(seed)
    held = Gathered(plan.n_groups)
    for index in random.permutation(len(partials)):
        held.add([partials[index].square], [partials[index]])
        if random.random() < 0.3:
            held = pickle.loads(pickle.dumps(held))
    assert len(held.squares) == 12
    found = held.sums(plan)
    for f in fields(expected):
        if f.name != "patches":
            assert _alike(getattr(found, f.name), getattr(expected, f.name)), f.name
    lakes = expected.patches[("wetland/lake",)]
    assert list(lakes) == list(found.patches[("wetland/lake",)])
    assert sum(lake.area for lake in lakes) == pytest.approx(30 * 1600 * 1e6)  # one lake of cells of 1 km2
    assert len(lakes) == 1


def test_sums_are_those_of_fsum(pass_over_cells):
    """What is rounded once, added by another way: number by number."""
    plan, partials = pass_over_cells
    found = combine(plan, partials)
    for key, flow in found.flows.items():
        of_groups: dict[int, list[float]] = {}
        for partial in partials:
            for group, amount in zip(partial.groups.tolist(), partial.flows[key].sum.tolist(), strict=True):
                of_groups.setdefault(group, []).append(amount)
        expected = np.zeros(plan.n_groups)
        for group, amounts in of_groups.items():
            expected[group] = math.fsum(amounts)
        assert flow.sum.ravel().tolist() == expected.tolist()


def test_sums_of_many_squares_take_little_memory(pass_over_cells):
    """However many squares came, what is kept of them is as large."""
    plan, partials = pass_over_cells
    held, sizes = Gathered(plan.n_groups), []
    for time in range(60):
        for partial in partials:
            held.add([partial.square], [replace(partial, sample=joined([]), patches={})])
        if time in (20, 59):
            sizes.append(len(pickle.dumps(held)))
    assert sizes[1] < 1.2 * sizes[0]
