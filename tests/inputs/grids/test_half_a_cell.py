"""Two grids of one cell that lie half a cell off each other, as where centres were taken for corners."""

import numpy as np
import pytest
from builders import NORTH, SIDE, STEPPE, WEST, block, make_study, raster, water_layers, zones

COUNTIES = zones(block(0, 0, 4, 4))


def found(west=0.0, north=0.0, cell=SIDE):
    """The problems of a study whose rain lies so many cells beside the land cover."""
    rain = raster(np.full((6, 6), 700.0), "mm/year", west=WEST + west * SIDE, north=NORTH + north * SIDE, cell=cell)
    layers = {**water_layers((4, 4)), "precipitation": rain}
    problems = make_study(np.full((4, 4), STEPPE, np.uint8), layers, COUNTIES).inputs.problems
    return [problem for problem in problems if problem.code == "G21"]


@pytest.mark.parametrize(("west", "north"), [(0.5, 0.5), (-0.5, 0.5), (-1.5, 0.5)])
def test_half_a_cell_is_told(west, north):
    (problem,) = found(west, north)
    assert (problem.severity, problem.subject) == ("warning", "precipitation")
    assert "`land_cover`" in problem.message
    assert "半个像元" in problem.in_language("zh")


@pytest.mark.parametrize(
    ("west", "north", "cell"), [(0, 0, SIDE), (-1, 1, SIDE), (0.5, 0, SIDE), (-0.3, 0.5, SIDE), (-0.5, 0.5, SIDE / 2)]
)
def test_other_offsets_and_cells_are_not(west, north, cell):
    assert found(west, north, cell) == []
