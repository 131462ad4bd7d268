"""Checks between layers: what they ask, and what they say."""

from __future__ import annotations

import numpy as np

from gep.plan.cell_checks import CELL_CHECKS, evaporates_more_than_rains, is_no_texture


def test_texture_may_miss_a_hundred_by_rounding():
    sand = np.array([40.0, 40.0, 40.0])
    assert is_no_texture(sand, 30.0, np.array([30.0, 32.0, 32.1])).tolist() == [False, False, True]


def test_evaporation_may_equal_rain():
    assert evaporates_more_than_rains(np.array([400.0, 401.0]), 400.0).tolist() == [False, True]


def test_a_check_says_over_what_share_of_the_area():
    problem = CELL_CHECKS[0].problem(0.25)
    assert (problem.code, problem.severity, problem.subject) == ("B01", "warning", "evapotranspiration/precipitation")
    assert (problem.found, problem.share) == ("25.0% of the area that has these layers", 0.25)
    assert "占两项数据齐备面积的 25.0%" in problem.in_language("zh")
