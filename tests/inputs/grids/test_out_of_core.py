"""Arrays that are larger than memory: the figures of the same files, each chunk once, and never the whole."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from builders import EQUAL_AREA, FOREST, NORTH, SIDE, STEPPE, WEST, block, make_study, raster, zones

from gep.core.errors import InputError
from gep.engine.windows import choose_reading, decoded_again
from gep.inputs.grids import layers as module
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.plan.planner import make_plan

da = pytest.importorskip("dask.array", reason="the extra `dask` is not installed")
distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")

ROWS, COLS = 1030, 1040
COUNTIES = zones(block(0, 0, 700, ROWS), block(700, 0, COLS, ROWS))


def world() -> dict[str, xr.DataArray]:
    random = np.random.default_rng(11)
    cover = random.choice(np.array([FOREST, STEPPE], dtype=np.uint8), (ROWS, COLS))
    rain = random.uniform(300, 700, (ROWS, COLS)).astype(np.float32)
    rain[200:300, 200:300] = np.nan
    gone = random.uniform(150, 250, (ROWS, COLS)).astype(np.float32)
    return {
        "land_cover": raster(cover),
        "precipitation": raster(rain, "mm/year"),
        "evapotranspiration": raster(gone, "mm/year"),
    }


def study_of(data: dict[str, Any], counties: Any = COUNTIES):
    layers = {name: field for name, field in data.items() if name != "land_cover"}
    return make_study(data["land_cover"], layers, counties)


@pytest.fixture(scope="module")
def arrays() -> dict[str, xr.DataArray]:
    return world()


@pytest.fixture(scope="module")
def digest(arrays) -> str:
    return study_of(arrays).run(threads=1, record=False).digest


def on_disk(arrays: dict[str, xr.DataArray], folder: Path, form: str, chunks: tuple[int, int]) -> dict[str, Path]:
    paths = {}
    for name, array in arrays.items():
        paths[name] = folder / f"{name}.{form}"
        held = array.rename(name).to_dataset()
        if form == "zarr":
            held.to_zarr(paths[name], encoding={name: {"chunks": chunks}}, zarr_format=2)
        else:
            held.to_netcdf(paths[name], engine="h5netcdf", encoding={name: {"chunksizes": chunks, "zlib": True}})
    return paths


# the same figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["nc", "zarr"])
@pytest.mark.parametrize("chunks", [(512, 512), (333, COLS), (ROWS, 77)], ids=str)
def test_files_of_any_chunks_and_arrays_over_them(form, chunks, arrays, digest, tmp_path):
    paths = on_disk(arrays, tmp_path, form, chunks)
    assert study_of(paths).run(threads=2, record=False).digest == digest
    lazy = {name: xr.open_dataset(path, chunks={}, mask_and_scale=False)[name] for name, path in paths.items()}
    assert all(array.chunks is not None for array in lazy.values())
    assert study_of(lazy).run(threads=2, memory=1.0, record=False).digest == digest


def test_expressions_are_computed_window_by_window(arrays, digest):
    """What is given may be anything that dask computes: here each layer is made from another."""
    chunked = {name: array.chunk(y=256, x=300) for name, array in arrays.items()}
    doubled = (chunked["precipitation"] * np.float32(2)).assign_attrs(chunked["precipitation"].attrs)
    halved = (doubled / np.float32(2)).assign_attrs(doubled.attrs)
    study = study_of({**chunked, "precipitation": halved})
    for threads, window in ((1, 512), (3, 1024)):
        assert study.run(threads=threads, window=window, record=False).digest == digest


def test_workers_compute_their_windows_themselves(arrays, digest):
    chunked = {name: array.chunk(y=512, x=512) for name, array in arrays.items()}
    with distributed.Client(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as client:
        assert study_of(chunked).run(client=client, record=False).digest == digest


# once, and in parts ---------------------------------------------------------------------------------------------------


class Counted:
    """Arrays whose chunks are counted as they are computed."""

    def __init__(self) -> None:
        self.chunks: Counter[tuple[str, tuple[int, ...]]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, name: str, array: xr.DataArray, rows: int, cols: int) -> xr.DataArray:
        def seen(values: np.ndarray, block_info: Any = None) -> np.ndarray:
            with self._lock:
                self.chunks[name, tuple(block_info[0]["chunk-location"])] += 1
            return values

        lazy = da.from_array(array.values, chunks=(rows, cols)).map_blocks(seen, dtype=array.dtype)
        return array.copy(data=lazy)

    @property
    def most(self) -> int:
        return max(self.chunks.values())


@pytest.mark.parametrize(("rows", "cols"), [(512, 512), (1024, 256), (100, COLS)])
def test_a_pass_computes_each_chunk_once(rows, cols, arrays, digest):
    count = Counted()
    study = study_of({name: count(name, array, rows, cols) for name, array in arrays.items()})
    plan = make_plan(study.inputs).plan
    count.chunks.clear()
    assert study.run(threads=1, record=False).digest == digest
    fits = decoded_again(plan) == [] and choose_reading(plan, 1).rows % rows == 0
    assert len(count.chunks) == 3 * -(-ROWS // rows) * -(-COLS // cols)
    assert count.most == 1 if fits else count.most <= 2


def test_what_two_layers_share_is_computed_once(arrays):
    """A window is one task: rain and what evaporates come from one array, of which each chunk is computed once."""
    count = Counted()
    rain = count("rain", arrays["precipitation"], 512, 512)
    shared = {**arrays, "precipitation": rain, "evapotranspiration": (rain * 0.5).assign_attrs(rain.attrs)}
    plain = arrays["precipitation"]
    apart = {**arrays, "evapotranspiration": (plain * 0.5).assign_attrs(plain.attrs)}
    found = study_of(shared).run(threads=2, record=False)
    assert (len(count.chunks), count.most) == (9, 1)
    assert found.digest == study_of(apart).run(record=False).digest


def test_the_layer_that_cannot_be_computed_is_named(arrays):
    def fails(values: np.ndarray) -> np.ndarray:
        raise ValueError("a disk that is gone")

    rain = arrays["precipitation"].chunk(y=512, x=512)
    broken = rain.copy(data=rain.data.map_blocks(fails, dtype=rain.dtype, meta=np.empty((0, 0), rain.dtype)))
    study = study_of({**arrays, "precipitation": broken, "evapotranspiration": (rain * 0.5).assign_attrs(rain.attrs)})
    with pytest.raises(InputError) as stopped:
        study.run(record=False)
    (found,) = stopped.value.problems
    assert (found.code, found.subject) == ("F01", "precipitation")
    assert "a disk that is gone" in str(found)


@pytest.mark.parametrize(("rows", "cols"), [(512, 512), (ROWS, 100), (100, COLS)])
def test_the_hash_computes_each_chunk_about_once_and_holds_few(rows, cols, arrays, monkeypatch):
    """Whatever the chunks the hash is that of the plain array. Chunks that fit the squares are computed once; others at
    most once for each square that they touch.
    """
    count, sizes = Counted(), []
    monkeypatch.setattr(module, "HASHED_AT_ONCE", 3 * 2**20)
    computed = module.computed
    monkeypatch.setattr(module, "computed", lambda part: (sizes.append(part.nbytes), computed(part))[1])
    plain, lazy = arrays["precipitation"], count("rain", arrays["precipitation"], rows, cols)
    found = [open_layer(LayerSpec("precipitation", array), unit="m/year").fingerprint() for array in (plain, lazy)]
    assert found[0] == found[1]
    assert len(count.chunks) == -(-ROWS // rows) * -(-COLS // cols)
    assert count.most == 1 if (rows, cols) == (512, 512) else count.most <= 3
    assert max(sizes) <= 3 * 2**20


def test_months_in_one_chunk_are_hashed_with_it():
    count = Counted()
    values = np.random.default_rng(2).random((12, 600, 600), dtype=np.float32)
    plain = raster(values, "mm")
    lazy = plain.copy(data=da.from_array(values, chunks=(12, 512, 512)).map_blocks(count_of(count), dtype=np.float32))
    assert monthly(plain).fingerprint() == monthly(lazy).fingerprint()
    assert (len(count.chunks), count.most) == (4, 1)
    turned = plain.transpose("y", "x", "month")
    assert monthly(turned).fingerprint() != monthly(plain).fingerprint(), "its dimensions are named with it"


def monthly(array: xr.DataArray):
    return open_layer(LayerSpec("x", array), unit="m/year", monthly_unit="mm")


def count_of(count: Counted):
    def seen(values: np.ndarray, block_info: Any = None) -> np.ndarray:
        count.chunks["x", tuple(block_info[0]["chunk-location"])] += 1
        return values

    return seen


def test_of_an_array_that_no_memory_holds_what_is_needed_is_computed():
    """10 billion cells of a country, and an account of one corner: chunks elsewhere are never asked for."""
    side, count = 100_000, Counted()
    x, y = WEST + SIDE * (np.arange(side) + 0.5), NORTH - SIDE * (np.arange(side) + 0.5)

    def lazy(name: str, value: float, dtype: type, units: str | None = None) -> xr.DataArray:
        def made(block_info: Any = None) -> np.ndarray:
            place = block_info[None]
            count.chunks[name, tuple(place["chunk-location"])] += 1
            return np.full(place["chunk-shape"], value, dtype)

        chunks = da.core.normalize_chunks((1024, 1024), (side, side))
        about = {"crs": EQUAL_AREA, **({"units": units} if units else {})}
        return xr.DataArray(da.map_blocks(made, chunks=chunks, dtype=dtype), {"y": y, "x": x}, ("y", "x"), attrs=about)

    study = study_of(
        {
            "land_cover": lazy("land_cover", FOREST, np.uint8),
            "precipitation": lazy("precipitation", 600.0, np.float32, "mm/year"),
            "evapotranspiration": lazy("evapotranspiration", 200.0, np.float32, "mm/year"),
        },
        zones(block(0, 0, 700, 600)),
    )
    count.chunks.clear()
    study.run(threads=2, record=False)
    assert {location for _, location in count.chunks} == {(0, 0)}
    assert count.most <= 2


# what does not fit ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["nc", "zarr", "dask"])
def test_chunks_that_fit_no_window_are_told(form, arrays, tmp_path):
    """Chunks of 1030 x 77 in windows of one square: 1040 columns are 14 chunks, of which squares touch 7 + 8 + 1 (from
    0 to 511, 512 to 1023 and 1024 to 1039), and each of three rows of squares touches all of them again.
    """
    data: dict[str, Any] = dict(arrays)
    if form == "dask":
        data["precipitation"] = arrays["precipitation"].chunk(y=ROWS, x=77)
    else:
        only = {"precipitation": arrays["precipitation"]}
        data |= on_disk(only, tmp_path, form, (ROWS, 77))
    plan = make_plan(study_of(data).inputs).plan
    (found,) = decoded_again(plan, memory=1.0)
    assert (found.code, found.subject) == ("G22", "precipitation")
    assert f"{3 * 16 / 14:.1f} times" in found.message
    assert decoded_again(plan) == []


def test_the_hash_is_of_the_values_whatever_their_order_of_bytes(arrays):
    rain = arrays["precipitation"]
    other = rain.copy(data=rain.values.astype(">f4"))
    layer = open_layer(LayerSpec("precipitation", rain), unit="m/year")
    swapped = replace(layer, spec=LayerSpec("precipitation", other))
    assert swapped.fingerprint() == layer.fingerprint()
