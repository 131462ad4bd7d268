"""Sums of classes that take turns are those of the cells one after the other, to the last bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gep.engine.flows import Groups, _Counted
from gep.engine.pieces import Part, Pieces


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 3), st.booleans(), st.booleans())
def test_sums_are_those_of_cells_one_after_the_other(seed, n_classes, n_zones, some_missing, goes_on):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 400))
    often = rng.random(n_classes) ** 4 + 1e-9  # some classes are rare, some not there
    land_class = rng.choice(n_classes, size, p=often / often.sum())
    zone = rng.integers(0, n_zones, size)
    area = rng.uniform(1, 900, size)
    pieces = Pieces(np.arange(size), zone, land_class, area, n_classes)
    chosen = rng.random(n_classes) < 0.7
    chosen[land_class[0]] = True
    part, groups = Part(pieces, chosen), Groups(pieces, n_zones * n_classes)
    density = rng.normal(size=part.size) * 10.0 ** rng.integers(-12, 12, part.size)
    where = rng.random(part.size) < 0.8 if some_missing else None
    before = rng.normal(size=groups.count) if goes_on else None
    is_meant = np.ones(part.size, bool) if where is None else where
    density[~is_meant] = np.nan  # what is not meant may be anything

    counted = _Counted(part, groups, where)
    found = counted.sum(counted.weighted(density), before)
    cells, negative = counted.cells(None), counted.some(density < 0, density, before)

    expected = np.zeros(groups.count) if before is None else before.copy()
    expected_cells, expected_negative = np.zeros(groups.count), expected.copy()
    of_cell = dict(zip(part.cell.tolist(), range(part.size), strict=True))
    for cell in range(size):
        if cell in of_cell and is_meant[of_cell[cell]]:
            group = groups.there.tolist().index(zone[cell] * n_classes + land_class[cell])
            amount = density[of_cell[cell]] * area[cell]
            expected[group] += amount
            expected_cells[group] += 1
            expected_negative[group] += min(amount, 0.0)
    assert found.tobytes() == expected.tobytes()
    assert cells.tolist() == expected_cells.tolist()
    assert (negative == expected_negative).all()


def test_each_piece_is_put_once_and_classes_in_their_order():
    land_class = np.repeat([3, 0, 2, 0, 1, 2], [5, 40, 7, 30, 1, 20])
    pieces = Pieces(np.arange(103), np.zeros(103, int), land_class, np.ones(103), 5)
    part = Part(pieces, np.array([True, True, True, False, True]))
    put = part.by_turns(part.cell)
    assert sorted(put.tolist()) == np.flatnonzero(land_class != 3).tolist()
    for number in (0, 1, 2):
        assert (np.diff(put[land_class[put] == number]) > 0).all()
    assert len(set(land_class[put[:4]].tolist())) > 1  # they do take turns
