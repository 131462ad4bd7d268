"""The numbers of the package, worked by hand; and all of it as gep takes it."""

import numpy as np
import pytest
import xarray as xr
from gep_riparian import PARTS
from gep_riparian.bank_buffer import bank_nitrogen_saved, held_nitrogen
from gep_riparian.bank_canopy import bank_canopy_of_cover

import gep


def test_canopy_of_a_cover_of_60_percent():
    assert bank_canopy_of_cover(0.6, 0.5) == pytest.approx(0.3)


def test_nitrogen_of_a_hectare_and_its_value():
    assert held_nitrogen(0.3, 20) == pytest.approx(6)
    assert bank_nitrogen_saved(6, 8) == pytest.approx(48)


def test_it_passes_every_check_and_counts_on_arrays():
    cover = xr.DataArray(np.full((2, 2), 0.6), dims=("y", "x"), attrs={"units": "1"})
    with gep.register(PARTS, name="riparian"):
        found = gep.ecosystems.forest.compute(
            xr.Dataset({"vegetation_cover": cover}), "riparian-2024", land_class="riparian", year=2020
        )
    assert float(found["bank_buffer.bank_nitrogen"].mean()) == pytest.approx(6)  # kg/(hm2 year)
    assert float(found["bank_buffer.value"].mean()) == pytest.approx(48 / 10_000)  # CNY/(m2 year)
