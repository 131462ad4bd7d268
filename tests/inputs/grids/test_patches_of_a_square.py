"""Labels of patches within a square, against those of scipy."""

import numpy as np
import pytest
from scipy import ndimage

from gep.inputs.grids.grid import Square
from gep.inputs.grids.patches import patches_of_square


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 1])
def test_patches_are_those_that_touch_by_a_side_or_a_corner(share):
    rng = np.random.default_rng(7)
    for height, width in rng.integers(1, 40, (50, 2)).tolist():
        mask = rng.random((height, width)) < share
        mask[0, 0] = True
        cell = np.flatnonzero(mask)
        ones = np.ones(len(cell))
        found = patches_of_square(Square(0, height, 0, width), ones > 0, cell, np.zeros(len(cell), np.intp), ones)
        labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
        firsts = [np.argwhere(labels == number)[0].tolist() for number in range(1, count + 1)]
        assert found.first.tolist() == firsts
        assert found.area.tolist() == np.bincount(labels.ravel())[1:].tolist()
        assert [labels[row, col] - 1 for row, col, _ in found.border.tolist()] == found.border[:, 2].tolist()


def test_a_winding_patch_is_one():
    mask = np.zeros((41, 41), dtype=bool)
    mask[::2] = mask[1::4, -1] = mask[3::4, 0] = True
    cell = np.flatnonzero(mask)
    ones = np.ones(len(cell))
    found = patches_of_square(Square(0, 41, 0, 41), ones > 0, cell, np.zeros(len(cell), np.intp), ones)
    assert found.first.tolist() == [[0, 0]]
    assert found.area.tolist() == [mask.sum()]
