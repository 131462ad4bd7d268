"""The classes of a map of change: the same limits on both sides, named, in colours that every eye tells apart."""

from __future__ import annotations

import pytest

from gep.report.pictures.change_maps import LESS, MORE, SAME, change_classes


def test_the_limits_are_the_same_on_both_sides():
    """Half a percent of 1000 is 5. Of the changes beyond it, 10 to 40 on both sides, half are below 25 and 85 percent
    at most 40.
    """
    changes = [sign * size for sign in (-1, 1) for size in (1, 10, 20, 30, 40)]
    classes = change_classes(changes, [1000.0] * len(changes))
    limits = [(c.low, c.high) for c in classes]
    assert limits == [(-high, -low) for low, high in reversed(limits)]
    middle = classes[len(classes) // 2]
    assert (middle.low, middle.high, middle.colour) == (-5, 5, SAME)
    assert (limits[0][0], limits[-1][1]) == (-40, 40)
    assert (5, 25) in limits
    assert classes[0].name == "less by 25 to 40"
    assert classes[-1].name.zh == "增加 25～40"
    assert [c.colour for c in classes] == [*LESS[: len(classes) // 2], SAME, *MORE[-(len(classes) // 2) :]]


def test_classes_that_nothing_belongs_to_are_left_out_at_the_ends():
    classes = change_classes([10.0, 20.0, 40.0], [100.0] * 3)
    assert all(c.low > 0 for c in classes)
    assert classes[-1].high == 40


@pytest.mark.parametrize(("changes", "before"), [([0.0, 0.0], [5.0, 5.0]), ([0.0], [0.0]), ([0.01], [100.0])])
def test_what_hardly_changes_is_one_class(changes, before):
    (only,) = change_classes(changes, before)
    assert only.colour == SAME


def test_without_a_base_the_limit_is_a_part_of_the_largest_change():
    classes = change_classes([4.0, -2.0], [0.0, 0.0])
    assert (classes[0].colour, classes[-1].colour) == (LESS[-1], MORE[-1])
    assert next(c for c in classes if c.colour == SAME).high == pytest.approx(4.0 * 0.005)
    assert change_classes([], []) == []
