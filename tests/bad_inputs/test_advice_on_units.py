"""What is advised where all values of a layer are off by a factor: its own unit, the unit that is given, or a scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import STEPPE, block, make_study, raster, zones
from coarse_city import edited, of_code, opened

from gep.core.errors import Problem
from gep.study.sample.city import write_sample_city

LAYER = 'path = "evapotranspiration.tif"'


def test_the_unit_of_the_file_is_advised_where_it_fits(tmp_path: Path):
    """The file says mm/year; the project says m/year and its 200 to 550 cannot be."""
    city = write_sample_city(tmp_path / "city").parent
    edited(city / "gep.toml", LAYER, f'{LAYER}\nunits = "m/year"')
    (found,) = (p for p in of_code(opened(city).check(), "R01") if p.subject == "evapotranspiration")
    assert "`mm/year`" in found.do
    assert 'remove `units = "m/year"`' in found.do
    assert "scale" not in found.do


def advice(values: np.ndarray, units: str) -> Problem:
    """What is said of rain that is 500 to 800 mm a year in another unit."""
    layers = {
        "precipitation": raster(values, units),
        "evapotranspiration": raster(np.full(values.shape, 300.0), "mm/year"),
    }
    study = make_study(np.full(values.shape, STEPPE, np.uint8), layers, zones(block(0, 0, 4, 4)))
    (found,) = (p for p in study.check() if p.code in ("R01", "U03") and p.subject == "precipitation")
    return found


@pytest.mark.parametrize(
    ("dtype", "words"),
    [(np.float64, ("Check the unit `m/year`", "`scale = 0.001`")), (np.int32, ("whole numbers", "`scale = 0.001`"))],
)
def test_a_scale_is_for_whole_numbers_and_the_unit_comes_first_for_others(dtype, words):
    values = np.linspace(500, 800, 16).reshape(4, 4).astype(dtype)
    found = advice(values, "m/year")
    assert all(word in found.do for word in words)
