"""What goes to another process and comes back is what it was: accounts, studies, what is lazy; and runs read again."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from builders import FOREST, block, constant, make_study, raster, water_layers, write_project, zones

import gep
from gep.study.folder import write_run

SHAPE = (2, 4)
COUNTIES = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
WATER = "water_retention"


def back(what: Any) -> Any:
    return pickle.loads(pickle.dumps(what))


def in_memory() -> gep.Study:
    return make_study(np.full(SHAPE, FOREST), water_layers(SHAPE, 1000.0, 600.0), COUNTIES, of=[WATER])


@pytest.fixture
def on_disk(tmp_path: Path) -> gep.Study:
    cover = raster(np.full(SHAPE, FOREST, dtype=np.uint8))
    return gep.Study.open(write_project(tmp_path / "city", cover, water_layers(SHAPE, 1000.0, 600.0), COUNTIES))


def test_a_study_of_paths_before_and_after_it_was_opened(on_disk: gep.Study):
    first = back(on_disk)
    digest = on_disk.run(record=False).digest
    assert first.run(record=False).digest == digest
    assert back(on_disk).run(record=False).digest == digest


def test_a_study_of_arrays():
    assert back(in_memory()).run(record=False).digest == in_memory().run(record=False).digest


def test_an_account_with_its_ledger_and_its_shapes():
    account = in_memory().run()
    again = back(account)
    assert again.digest == account.digest
    assert again.about.run_id == account.about.run_id
    assert again.explain(WATER) == account.explain(WATER)
    assert again.shapes.keys() == account.shapes.keys()
    assert back(again).to_frame().equals(account.to_frame())


def test_what_is_lazy(on_disk: gep.Study):
    densities = on_disk.densities([WATER])
    xr.testing.assert_identical(back(densities).compute(), densities.compute())
    layers = xr.Dataset(
        {"precipitation": constant(1000.0, "mm/year", SHAPE), "evapotranspiration": constant(600.0, "mm/year", SHAPE)}
    )
    lazy = gep.ecosystems.forest.compute(layers.chunk(x=2), land_class="mixed", year=2019)
    assert all(array.chunks for array in lazy.values())
    xr.testing.assert_identical(back(lazy).compute(), lazy.compute())
    slope = xr.Dataset({"elevation": constant(100.0, "m", SHAPE).assign_coords(x=[0, 30, 60, 90], y=[30, 0])})
    made = gep.ecosystems.forest.compute(slope.chunk(x=2), land_class="mixed", year=2019)
    xr.testing.assert_identical(back(made).compute(), made.compute())


def test_accounts_and_a_scenario():
    draws = xr.DataArray([0.1, 0.2], dims="draw")
    accounts = in_memory().with_coefficients({"runoff_coefficient": draws}).accounts()
    assert back(accounts).to_frame().equals(accounts.to_frame())
    scenario = in_memory().convert(from_="forest", to="grassland")
    assert back(scenario).difference().equals(scenario.difference())


def test_runs_that_are_read_are_accounts_everywhere(tmp_path: Path):
    """Of a folder as of a session: pickled, side by side, taken apart and in difference."""
    runs = {}
    for name, rain in (("dry", 1000.0), ("wet", 1200.0)):
        study = in_memory().with_layers(precipitation=constant(rain, "mm/year", SHAPE))
        write_run(study.run(), tmp_path / name)
        runs[name,] = gep.read_run(tmp_path / name)
        assert back(runs[name,]).digest == study.run().digest
        assert runs[name,].explain(WATER)["figure"]["value"] == study.run().total()
    accounts = gep.Accounts({"rain": ["dry", "wet"]}, runs)
    found = accounts.difference()
    assert found["change"].sum() == pytest.approx(float(accounts.total()[1] - accounts.total()[0]))
