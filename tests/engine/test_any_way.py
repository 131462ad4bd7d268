"""One result, bit for bit, in whatever way and order squares are computed: windows, threads, workers, lost workers."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from builders import ALPHA, LAKE, block, make_study, raster, zones
from clusters import local_cluster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gep.engine import loop, run
from gep.engine.sums import Sums
from gep.engine.windows import windows
from gep.plan.plan import GridPlan
from gep.plan.planner import make_plan

ROWS, COLS = 1100, 1600
SQUARES = 12


@pytest.fixture(scope="module", params=["numpy", "compiled"])
def plan(request, tmp_path_factory) -> Iterator[GridPlan]:
    """Twelve squares: three counties along their borders, with one of their own on centres of cells, lakes across
    squares, rain with gaps.
    """
    if request.param == "compiled":
        pytest.importorskip("numba", reason="the extra `fast` is not installed")
    random_numbers = np.random.default_rng(23)
    cover = random_numbers.choice(np.array([*ALPHA], dtype=np.uint8), (ROWS, COLS))
    cover[500:530, 40:1500] = cover[1005:1038, 700] = cover[485, 3] = LAKE
    layers = {}
    for name, low, high in (("precipitation", 300, 700), ("evapotranspiration", 200, 500)):
        values = random_numbers.uniform(low, high, (ROWS, COLS)).astype(np.float32)
        values[random_numbers.random(values.shape) < 0.01] = np.nan
        layers[name] = raster(values, "mm/year")
    west = shapely.union(block(1.5, 480, 700.5, 540), block(1.5, 1000, 700.5, 1040))
    counties = zones(west, block(700.5, 480, 1599, 540), block(700.5, 1000, 1599, 1040))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(loop.CACHE, str(tmp_path_factory.mktemp("loops")))
        yield loop.choose_loop(make_plan(make_study(raster(cover), layers, counties).inputs).plan, request.param)


def digest(sums: Sums) -> str:
    """One text for all that a pass found, to the last bit."""
    found = hashlib.sha256()
    for array in sums.arrays():
        found.update(array.tobytes())
    for column in (sums.sample.row, sums.sample.col, sums.sample.area, *sums.sample.layers.values()):
        found.update(np.ascontiguousarray(column).tobytes())
    lakes = [(lake.name, lake.parts) for kind in sums.patches.values() for lake in kind]
    found.update(repr([sums.layers, sums.checks, sums.unknown, lakes]).encode())
    return found.hexdigest()


@pytest.fixture(scope="module")
def expected(plan: GridPlan) -> str:
    sums = run.run(plan, threads=1, window=512)
    lakes = [lake for kind in sums.patches.values() for lake in kind]
    assert [lake.name for lake in lakes] == ["patch_r485_c3", "patch_r500_c40", "patch_r1005_c700"]
    return digest(sums)


def shuffled(seed: int, patch: pytest.MonkeyPatch) -> None:
    """Windows are sent in any order, take any time, and come back in any order."""
    in_order, by_threads, compute = run.windows, run._by_threads, run.compute_window
    draw = random.Random(seed)

    def sent(*arguments: Any) -> list[Any]:
        tasks = in_order(*arguments)
        draw.shuffle(tasks)
        return tasks

    def come(*arguments: Any) -> Iterator[Any]:
        found = list(by_threads(*arguments))
        draw.shuffle(found)
        yield from found

    def slowly(*arguments: Any) -> Any:
        time.sleep(draw.random() * 0.01)
        return compute(*arguments)

    patch.setattr(run, "windows", sent)
    patch.setattr(run, "_by_threads", come)
    patch.setattr(run, "compute_window", slowly)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    window=st.sampled_from([512, 1024, 1536, 2048, 51_200, None]),
    threads=st.integers(1, 4),
    memory=st.sampled_from([1.0, 330.0, 700.0, 8000.0]),
    seed=st.integers(0, 2**32),
)
def test_any_window_threads_memory_and_order(plan, expected, window, threads, memory, seed):
    with pytest.MonkeyPatch.context() as patch:
        shuffled(seed, patch)
        assert digest(run.run(plan, threads=threads, window=window, memory=memory)) == expected


@pytest.fixture(scope="module", params=[1, 3])
def client(request) -> Iterator[Any]:
    """So many processes, which serve both loops; two are tried on the command line. They end with the file: while there
    is a client, dask computes whatever is lazy in this process by it.
    """
    distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    with local_cluster(request.param) as cluster, distributed.Client(cluster, set_as_default=False) as made:
        yield made


def test_any_workers_and_order(plan, expected, client, monkeypatch):
    shuffled(1, monkeypatch)
    assert digest(run.run(plan, client=client, window=512)) == expected


def test_a_worker_killed_in_the_middle(plan, expected, client):
    """The first windows are there when it is killed: what it had is computed again, by it or by others."""
    pids = client.run(os.getpid)
    killed = []

    def progress(done: int, total: int, zone: str) -> None:
        if not killed:
            killed.append(min(pids.values()))
            os.kill(killed[0], signal.SIGKILL)

    assert digest(run.run(plan, client=client, window=512, progress=progress)) == expected
    assert killed
    client.wait_for_workers(len(pids), timeout=60)  # it is started anew


def test_workers_let_go_of_their_layers(plan, client):
    run.run(plan, client=client, window=512)
    assert set(client.run(held).values()) == {0}


def held() -> int:
    """How many plans a worker holds open."""
    return len(run._AT_WORK)


def test_a_worker_opens_layers_once_for_a_plan(plan, monkeypatch):
    made = []
    squares = run.Squares
    monkeypatch.setattr(run, "Squares", lambda of: made.append(of) or squares(of))
    tasks = windows(plan.grid, 512)
    assert len(tasks) == SQUARES
    for task in tasks[:3]:
        run.compute_batch(plan, [task])
    run.let_go()
    run.compute_batch(plan, tasks[:1])
    run.let_go()
    assert len(made) == 2
