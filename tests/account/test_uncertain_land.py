"""Areas of a land cover by points on the ground: the published example, and a small land worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import DRYLAND, STEPPE, block, make_study, water_layers, zones
from hypothesis import given
from hypothesis import strategies as st

from gep.account.propagation import areas_by_confusion
from gep.core.errors import UsageError

POINTS = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
PIXELS = [200_000, 150_000, 3_200_000, 6_450_000]
HECTARES = 0.09
"""Of a pixel of 30 m."""


def test_the_example_of_olofsson_2014():
    """Deforestation, forest gain, stable forest, stable other land: hectares with 95 % as printed in section 5, and the
    standard error of the first in pixels.
    """
    found = areas_by_confusion(POINTS, PIXELS)
    assert (found.areas * HECTARES).round().tolist() == [21_158, 11_686, 285_770, 581_386]
    half = 1.96 * np.sqrt(np.diag(found.covariance)) * HECTARES
    assert half.round().tolist() == [6_158, 3_756, 15_510, 16_282]


counts = st.lists(
    st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(lambda row: sum(row) >= 2), min_size=3, max_size=3
)


@given(counts, st.lists(st.floats(0, 1e9), min_size=3, max_size=3))
def test_the_areas_add_up_to_the_whole_and_so_the_covariances_to_nothing(points, mapped):
    found = areas_by_confusion(points, mapped)
    assert found.areas.sum() == pytest.approx(sum(mapped), rel=1e-9, abs=1e-6)
    assert found.covariance.sum() == pytest.approx(0, abs=1e-9 * max(1.0, np.abs(found.covariance).max()))
    assert np.linalg.eigvalsh(found.covariance).min() >= -1e-9 * max(1.0, np.abs(found.covariance).max())


@pytest.mark.parametrize("points", [[[1, 0], [5, 5]], [[-1, 5], [5, 5]]])
def test_points_that_tell_nothing(points):
    with pytest.raises(UsageError, match="two points"):
        areas_by_confusion(points, [1, 1])


STEPPES = [("grassland", "grassland", 45), ("grassland", "cropland", 5)]
FIELDS = [("cropland", "cropland", 18), ("cropland", "grassland", 2)]


@pytest.fixture(scope="module")
def land():
    """Four square kilometres of steppe, two of dry land, which gives no water; 380 mm are kept at 10 CNY/m3."""
    return make_study(
        np.array([[STEPPE, STEPPE, DRYLAND]] * 2),
        water_layers((2, 3), 1200.0),
        zones(block(0, 0, 2, 2), block(2, 0, 3, 2)),
        of=["water_retention"],
        coefficients={
            "runoff_coefficient": {"grassland": {"value": 0.1, "unit": "1"}},
            "reservoir_cost": {"value": 10.0, "unit": "CNY/m^3", "price_year": 2019},
        },
    ).run()


def test_a_value_follows_the_area_of_its_class(land):
    """A tenth of the steppe is none, a tenth of the fields is: 4 x 0.9 + 2 x 0.1 = 3.8 km2, and
    u^2 = 16 x 0.9 x 0.1 / 49 + 4 x 0.1 x 0.9 / 19.
    """
    found = land.uncertainty(draws=4000, confusion=[*STEPPES, *FIELDS])
    each = 0.38e6 * 10
    u = math.sqrt(16 * 0.09 / 49 + 4 * 0.09 / 19)
    assert found.total.value == pytest.approx(4 * each)
    assert found.mean == pytest.approx(3.8 * each, rel=1e-3)
    assert (found.total.lower, found.total.upper) == pytest.approx(
        ((3.8 - 1.96 * u) * each, (3.8 + 1.96 * u) * each), rel=2e-3
    )
    assert [driver.name for driver in found.drivers] == ["layers.land_cover[grassland]"]
    assert "layers.land_cover" not in {one.name for one in found.unknown}


def test_a_land_cover_without_points_stays_unknown(land):
    found = land.uncertainty(draws=200)
    assert found.total.lower is None
    assert "layers.land_cover" in {one.name for one in found.unknown}
    found = land.uncertainty(draws=200, confusion=FIELDS)  # which say of steppe only what fields add to it
    assert found.total.lower is None


def test_points_of_a_map_that_is_right_make_no_area_certain(land):
    """None of fifty was wrong: that says nothing of how sure the area is."""
    found = land.uncertainty(draws=200, confusion=[("grassland", "grassland", 50)])
    assert found.total.lower is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("grass", "grassland", 5)], "grassland"),
        ([("grassland", "grassland", -5)], "whole number"),
        ([("grassland", "grassland", 1)], "less than 2"),
        ([*STEPPES, STEPPES[0]], "twice"),
    ],
)
def test_what_is_no_table_of_confusion(land, rows, words):
    with pytest.raises(UsageError, match=words):
        land.uncertainty(draws=200, confusion=rows)
