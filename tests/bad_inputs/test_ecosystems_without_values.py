"""A layer that covers the area and leaves out one ecosystem of some zones is told in one line, if figures rest on it.

The world is 40 x 40 km of forest in two counties; in each a block of 8 x 5 km is steppe, 2.5 % of the land.
"""

from __future__ import annotations

import numpy as np
import pytest
from builders import DRYLAND, FOREST, STEPPE, block, make_study, raster, water_layers, zones

from gep.core.errors import Problem
from gep.core.messages import Text
from gep.study.study import Study

SIDE = 40
WEST_STEPPE, EAST_STEPPE = (slice(0, 5), slice(0, 8)), (slice(0, 5), slice(32, 40))


def study(*without: tuple[slice, slice], land: int = STEPPE, layer: str = "precipitation") -> Study:
    cover = np.full((SIDE, SIDE), FOREST)
    cover[WEST_STEPPE] = cover[EAST_STEPPE] = land
    layers = water_layers((SIDE, SIDE))
    values = layers[layer].values.copy()
    for place in without:
        values[place] = np.nan
    layers[layer] = raster(values, "mm/year")
    counties = zones(block(0, 0, 20, SIDE), block(20, 0, SIDE, SIDE))
    return make_study(cover, layers, counties, of=("water_retention",))


def told(of: Study) -> list[Problem]:
    return [found for found in of.check() if found.code == "N23"]


def test_layers_that_cover_all_are_silent():
    assert told(study()) == []


@pytest.mark.parametrize("layer", ["precipitation", "evapotranspiration"])
def test_the_steppe_of_one_county_without_values(layer: str):
    (found,) = told(study(WEST_STEPPE, layer=layer))
    assert (found.subject, found.severity) == (layer, "warning")
    assert found.share == pytest.approx(40 / 1600)
    assert "County 101" in found.message
    assert "102" not in found.message
    assert isinstance(found.message, Text)
    assert "草地" in found.message.zh


def test_of_two_counties_it_is_one_line():
    (found,) = told(study(WEST_STEPPE, EAST_STEPPE))
    assert "of 2 zones" in found.message
    assert found.share == pytest.approx(80 / 1600)


def test_check_and_run_say_the_same():
    of = study(WEST_STEPPE)
    assert told(of) == [found for found in of.run().about.problems if found.code == "N23"]


def test_a_few_missing_cells_are_none_of_it():
    assert told(study((slice(0, 2), slice(0, 8)))) == []


def test_land_whose_figures_do_not_rest_on_it_may_be_empty():
    """Cropland retains no water by the profile: what it lacks is no gap."""
    assert told(study(WEST_STEPPE, land=DRYLAND)) == []


def test_less_than_a_hundredth_is_a_note():
    cover_of_nothing = (slice(0, 5), slice(0, 3))
    of = study(cover_of_nothing)
    assert told(of) == []  # 15 of 40 cells
    small = np.full((SIDE * 3, SIDE), FOREST)
    small[WEST_STEPPE] = STEPPE
    layers = water_layers(small.shape)
    values = layers["precipitation"].values.copy()
    values[WEST_STEPPE] = np.nan
    layers["precipitation"] = raster(values, "mm/year")
    of = make_study(small, layers, zones(block(0, 0, SIDE, SIDE * 3)), of=("water_retention",))
    (found,) = told(of)
    assert (found.severity, found.share) == ("information", pytest.approx(40 / 4800))
