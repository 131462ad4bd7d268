"""A pass over the cells of several years: each file is decoded once, each year is that of a pass of its own, and what
stops one year leaves the others.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import FOREST, block, make_study, raster, water_layers, write_tif, zones

from gep.core.errors import InputError
from gep.engine.windows import at_once
from gep.inputs.grids.layers import LayerSpec, Source
from gep.study.study import Study
from gep.study.years import Together

SHAPE = (600, 520)
"""Four squares."""
RAIN = {2018: 1000.0, 2019: 900.0, 2020: 1100.0}
LITTLE = 340.0
"""Megabytes: room for the sums of several years, and not for windows of more than one square."""


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Study]:
    folder = tmp_path_factory.mktemp("together")

    def layer(name: str, file: str, value: float) -> LayerSpec:
        path = folder / f"{file}.tif"
        if not path.exists():
            rows = np.arange(SHAPE[0])[:, None] / 8 + np.zeros(SHAPE)
            write_tif(raster((value + rows).astype(np.float32)), path, nodata=np.nan)
        return LayerSpec(name, path, units="mm/year")

    cover = write_tif(raster(np.full(SHAPE, FOREST, np.uint8)), folder / "cover.tif")
    counties = folder / "zones.gpkg"
    zones(block(0, 0, 260, 600), block(260, 0, 520, 600)).to_file(counties)
    layers: dict[str, Any] = {
        "precipitation": {year: layer("precipitation", f"rain_{year}", rain) for year, rain in RAIN.items()},
        "evapotranspiration": layer("evapotranspiration", "evaporation", 600.0),
    }
    price = {"reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2019}}
    given: dict[str, Any] = {"of": ["water_retention"], "price_year": 2019, "coefficients": price, "zone_code": "code"}
    return make_study(cover, layers, counties, year=list(RAIN), **given).by_year()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, Any]]:
    """How often each window of each file is decoded."""
    found: Counter[tuple[str, Any]] = Counter()
    read = Source._read_raster

    def counted(self: Source, rows: Any, cols: Any) -> Any:
        assert isinstance(self._data, Path)
        found[self._data.name, (rows, cols)] += 1
        return read(self, rows, cols)

    monkeypatch.setattr(Source, "_read_raster", counted)
    return found


def together(studies: dict[int, Study], folder: Path) -> Together:
    return Together({year: (study, folder / str(year)) for year, study in studies.items()})


def test_what_years_share_is_decoded_once_for_all(
    studies: dict[int, Study], decoded: Counter[tuple[str, Any]], tmp_path: Path
):
    """Threads apart, each of which has its windows for itself."""
    passed = together(studies, tmp_path)
    accounts = {year: passed.run(year, threads=1, memory=LITTLE) for year in studies}
    files = Counter(name for name, _ in decoded)
    assert files == dict.fromkeys(["cover.tif", "evaporation.tif", *(f"rain_{year}.tif" for year in RAIN)], 4)
    assert set(decoded.values()) == {1}
    alone = {year: study.run(threads=1, memory=LITTLE) for year, study in studies.items()}
    assert decoded["evaporation.tif", next(where for name, where in decoded if name == "evaporation.tif")] == 4
    assert {year: account.digest for year, account in accounts.items()} == {
        year: account.digest for year, account in alone.items()
    }
    assert {account.about.run_id for account in accounts.values()} == {a.about.run_id for a in alone.values()}


def test_what_stops_a_year_is_told_when_it_is_its_turn(
    studies: dict[int, Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    read = Source._read_raster

    def damaged(self: Source, rows: Any, cols: Any) -> Any:
        if getattr(self._data, "name", "") == "rain_2019.tif":
            raise OSError("a block that cannot be decoded")
        return read(self, rows, cols)

    monkeypatch.setattr(Source, "_read_raster", damaged)
    passed = together(studies, tmp_path)
    first = passed.run(2018, threads=2)
    (tmp_path / "2020").touch()  # windows of a year that is yet to come
    with pytest.raises(InputError) as stop:
        passed.run(2019, threads=2)
    assert [problem.place for problem in stop.value.problems] == ["rain_2019.tif"]
    assert not (tmp_path / "2020").exists()
    last = passed.run(2020, threads=2)
    monkeypatch.undo()
    assert (first.digest, last.digest) == (studies[2018].run().digest, studies[2020].run().digest)


def test_years_of_other_land_are_passed_over_by_themselves(studies: dict[int, Study], tmp_path: Path):
    """Of other zones here, as a file is that was written to between one year and the next."""
    counties = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
    layers = water_layers((2, 4), 1000.0, 600.0)
    other = make_study(np.full((2, 4), FOREST), layers, counties, of=["water_retention"])
    passed = together({2018: studies[2018], 2019: other}, tmp_path)
    assert passed.run(2018, threads=1).digest == studies[2018].run(threads=1).digest
    assert passed.run(2019, threads=1).digest == other.run(threads=1).digest


def test_no_more_years_at_once_than_the_memory_has_room_for(studies: dict[int, Study]):
    plan = studies[2018]._plan.plan
    assert at_once(plan, 1, 300.0)[0] == 1
    many, megabytes = at_once(plan, 1, 700.0)
    assert 1 < many <= 1 + (700 - 300) / 4 / megabytes
    assert at_once(plan, 1000)[0] == 1  # files that are open
