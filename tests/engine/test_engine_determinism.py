"""One result, bit for bit, however it is computed: threads, windows, formats, chunks, workers."""

from __future__ import annotations

import math
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
import shapely
import xarray as xr
from builders import (
    ALPHA,
    CLASSES,
    LAKE,
    LONLAT,
    block,
    find,
    make_study,
    raster,
    water_layers,
    write_project,
    write_tif,
    zones,
)

from gep.core.errors import UsageError
from gep.engine.gathered import Gathered
from gep.engine.run import compute_batch
from gep.engine.windows import windows
from gep.inputs.grids.layers import LayerSpec
from gep.plan.planner import make_plan

ROWS, COLS, CELL = 1100, 1300, 0.01
WEST, NORTH = 115.0, 53.0


def lonlat(values, units=None, cell=CELL, **more) -> xr.DataArray:
    return raster(values, units, crs=LONLAT, west=WEST, north=NORTH, cell=cell, **more)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    """Land cover and rain on the grid, evapotranspiration on one of 0.13 by 0.13 degrees, all with gaps.

    Every cell has a class of its own but the lakes, which are of 37 by 37 cells and lie across windows: lakes of one
    cell would be valued one by one, tens of thousands of them.
    """
    random = np.random.default_rng(20191231)
    cover = random.choice(np.array([*ALPHA], dtype=np.uint8), (ROWS, COLS))
    is_lake = random.random((-(-ROWS // 37), -(-COLS // 37))) < 0.2
    cover[np.kron(is_lake, np.ones((37, 37), bool))[:ROWS, :COLS]] = LAKE
    rain = random.uniform(300, 700, (ROWS, COLS)).astype(np.float32)
    rain[random.random(rain.shape) < 0.01] = np.nan
    gone = random.uniform(200, 500, (85, 100)).astype(np.float32)
    gone[random.random(gone.shape) < 0.02] = np.nan
    return {"land_cover": cover, "precipitation": rain, "evapotranspiration": gone}


@pytest.fixture(scope="module")
def counties():
    """Three counties with slanting borders, inside the grid and across its squares. No border meets the centre of a
    cell.
    """
    x, y = (WEST + np.array([0.3012, 3.7034, 8.1057, 12.8089])), (NORTH - np.array([0.2023, 5.1047, 10.7071]))
    west = shapely.Polygon([(x[0], y[0]), (x[1], y[0] - 0.31), (x[1] + 0.7, y[2]), (x[0] + 0.2, y[2] + 0.1)])
    middle = shapely.Polygon([(x[1], y[0] - 0.31), (x[2], y[0]), (x[2] - 1.1, y[1]), (x[2], y[2]), (x[1] + 0.7, y[2])])
    east = shapely.Polygon([(x[2], y[0]), (x[3], y[1]), (x[2], y[2]), (x[2] - 1.1, y[1])])
    return zones(west, middle, east, crs=LONLAT)


@pytest.fixture(scope="module")
def inputs(arrays) -> dict[str, xr.DataArray]:
    return {
        "land_cover": lonlat(arrays["land_cover"]),
        "precipitation": lonlat(arrays["precipitation"], "mm/year"),
        "evapotranspiration": lonlat(arrays["evapotranspiration"], "mm/year", cell=0.13),
    }


def study_of(inputs, counties, **more):
    layers = {name: data for name, data in inputs.items() if name != "land_cover"}
    return make_study(inputs["land_cover"], layers, counties, **more)


@pytest.fixture(scope="module")
def study(inputs, counties):
    return study_of(inputs, counties)


@pytest.fixture(scope="module")
def digest(study) -> str:
    account = study.run(threads=1, window=512, record=False)
    assert account.about.coverage["zones"]["mode"] == "centre"  # thousands of cells in each
    return account.digest


@pytest.fixture(scope="module")
def run_id(study) -> str:
    return study.run().about.run_id


@pytest.mark.parametrize(("threads", "window"), [(2, 512), (1, 1024), (2, 1024), (2, 2048), (3, 5120)])
def test_threads_and_windows(study, digest, threads, window):
    assert study.run(threads=threads, window=window, record=False).digest == digest


def test_fractions_do_not_depend_on_windows(inputs, counties):
    study = study_of(inputs, counties, coverage="fraction")
    assert (
        study.run(threads=1, window=512, record=False).digest == study.run(threads=2, window=2048, record=False).digest
    )


@pytest.mark.parametrize("size", [100, 0, -512, 1000])
def test_a_window_is_a_multiple_of_512(study, size):
    with pytest.raises(UsageError, match="multiple of 512"):
        study.run(window=size)


@pytest.mark.parametrize("chunks", [(512, 512), (300, 1300), (1100, 77)])
def test_dask_arrays(inputs, counties, digest, run_id, chunks):
    pytest.importorskip("dask")
    lazy = {name: data.chunk(dict(zip(data.dims, chunks, strict=True))) for name, data in inputs.items()}
    account = study_of(lazy, counties).run(threads=2)
    assert account.digest == digest
    assert account.about.run_id == run_id


def test_geotiff(tmp_path, inputs, counties, digest):
    files = {name: write_tif(data, tmp_path / f"{name}.tif") for name, data in inputs.items()}
    specs = {
        name: LayerSpec(name, path, units=None if name == "land_cover" else "mm/year") for name, path in files.items()
    }
    assert study_of(specs, counties).run(threads=2, record=False).digest == digest


def test_netcdf_with_ascending_latitudes(tmp_path, inputs, counties, digest):
    files = {}
    for name, data in inputs.items():
        files[name] = tmp_path / f"{name}.nc"
        data.sortby("lat").to_netcdf(
            files[name], engine="h5netcdf", encoding={"__xarray_dataarray_variable__": {"zlib": True}}
        )
    assert study_of(files, counties).run(threads=2, record=False).digest == digest


def test_zarr(tmp_path, inputs, counties, digest):
    files = {}
    for name, data in inputs.items():
        files[name] = tmp_path / f"{name}.zarr"
        data.to_dataset(name=name).to_zarr(files[name], consolidated=False)
    assert study_of(files, counties).run(threads=2, record=False).digest == digest


def test_a_dask_client(study, digest):
    distributed = pytest.importorskip("distributed")
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None) as client:
        assert study.run(client=client, window=512, record=False).digest == digest


def test_values_far_beyond_the_counties_do_not_matter(arrays, counties, digest):
    """Rain of squares that no county touches is not even looked at; land cover may be anything there."""
    wider = {name: values.copy() for name, values in arrays.items()}
    wider["land_cover"][:, -15:] = 77
    wider["precipitation"][:, -15:] = -1e6
    inputs = {
        "land_cover": lonlat(wider["land_cover"]),
        "precipitation": lonlat(wider["precipitation"], "mm/year"),
        "evapotranspiration": lonlat(wider["evapotranspiration"], "mm/year", cell=0.13),
    }
    assert study_of(inputs, counties).run(threads=2, record=False).digest == digest


def authalic_area(south: np.ndarray, north: np.ndarray, width: float) -> np.ndarray:
    """Area in m2 between two parallels of WGS84 (degrees), by the authalic function, in the widest floats that there
    are.
    """
    a, f = np.longdouble(6378137), 1 / np.longdouble("298.257223563")
    e = np.sqrt(f * (2 - f))

    def q(latitude):
        s = np.sin(latitude * np.pi / np.longdouble(180))
        return (1 - e**2) * (s / (1 - e**2 * s**2) + np.arctanh(e * s) / e)

    return np.asarray(a**2 / 2 * (q(north) - q(south)) * (width * np.pi / 180), dtype=np.float64)


def test_the_sums_are_those_of_plain_numpy(arrays, counties):
    """Rain and evapotranspiration on the grid; counties by shapely, areas by formula, sums by bincount."""
    random = np.random.default_rng(7)
    gone = random.uniform(200, 250, (ROWS, COLS))  # below the least rain: no sum of large numbers of both signs
    inputs = {
        "land_cover": lonlat(arrays["land_cover"]),
        "precipitation": lonlat(arrays["precipitation"], "mm/year"),
        "evapotranspiration": lonlat(gone, "mm/year"),
    }
    account = study_of(inputs, counties, coverage="centre").run(threads=2)
    lat = NORTH - CELL * (np.arange(ROWS) + 0.5)
    lon = WEST + CELL * (np.arange(COLS) + 0.5)
    edges = np.longdouble(53) - np.arange(ROWS + 1) / np.longdouble(100)
    area = np.broadcast_to(authalic_area(edges[1:], edges[:-1], CELL)[:, None], (ROWS, COLS))
    x, y = np.meshgrid(lon, lat)
    owner = np.full((ROWS, COLS), -1)
    for index, polygon in enumerate(counties.geometry):
        shapely.prepare(polygon)
        owner[shapely.contains_xy(polygon, x, y)] = index
    names = {code: where.split("/")[1] for code, where in CLASSES.items()}
    rain = arrays["precipitation"].astype(np.float64)
    checked = 0
    for index, zone in enumerate(counties["code"]):
        for code in (*ALPHA, LAKE):
            here = (owner == index) & (arrays["land_cover"] == code)
            (extent,) = [e for e in account.entries if e.is_area and (e.zone, e.land_class) == (zone, names[code])]
            assert extent.quantity == pytest.approx(area[here].sum(), rel=1e-12)
            if code == LAKE:
                continue
            valid = here & np.isfinite(rain)
            depth = (rain * (1 - ALPHA[code]) - gone) / 1000
            (entry,) = find(account, service="water_retention", zone=zone, land_class=names[code])
            assert entry.quantity == pytest.approx((depth[valid] * area[valid]).sum(), rel=1e-12)
            assert entry.coverage == pytest.approx(area[valid].sum() / area[here].sum(), rel=1e-12)
            checked += 1
    assert checked == 9


def combine(plan, partials):
    """What some squares add up to."""
    held = Gathered(plan.n_groups)
    held.add((), partials)
    return held.sums(plan)


def test_the_sums_are_exactly_rounded_over_squares(study):
    """What is added over squares is added as by `math.fsum`: the order of the windows cannot matter."""
    plan = make_plan(study.inputs).plan
    tasks = windows(plan.grid, 512)
    partials = compute_batch(plan, tasks)
    assert len(partials) > 4
    forward, backward = combine(plan, partials), combine(plan, partials[::-1])
    for table, other, *columns in zip(
        forward.arrays(), backward.arrays(), *(partial.arrays() for partial in partials), strict=True
    ):
        assert np.array_equal(table, other)
        parts = [[0.0] for _ in range(table.size)]
        for partial, column in zip(partials, columns, strict=True):
            for group, number in zip(partial.groups, column, strict=True):
                parts[group].append(float(number))
        assert table.ravel().tolist() == [math.fsum(p) for p in parts]


# interruption ---------------------------------------------------------------------------------------------------------


def interrupt(done: int, total: int, zone: str) -> None:
    raise KeyboardInterrupt


def test_an_interruption_ends_the_run(study, digest):
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        study.run(threads=2, window=512, progress=interrupt)
    assert time.perf_counter() - started < 30
    assert study.run(threads=2, record=False).digest == digest  # and the study is as good as before


def test_progress_counts_every_window(study):
    seen = []
    study.run(threads=2, window=512, progress=lambda done, total, zone: seen.append((done, total)))
    total = seen[0][1]
    assert seen == [(n, total) for n in range(1, total + 1)]
    assert total >= 6


def test_an_interrupted_command_leaves_nothing(tmp_path, monkeypatch, capsys):
    from gep.cli import app as cli
    from gep.cli import computing

    cover = raster(np.full((4, 6), LAKE, dtype=np.uint8))
    project = write_project(tmp_path / "project", cover, water_layers((4, 6)), zones(block(0, 0, 6, 4)))
    before = sorted(tmp_path.rglob("*"))

    @contextmanager
    def progress(name):
        yield interrupt

    monkeypatch.setattr(computing, "progress_bar", progress)
    monkeypatch.setattr(sys, "argv", ["gep", "run", str(project), "--out", str(tmp_path / "result")])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 130
    assert "Nothing was written" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
