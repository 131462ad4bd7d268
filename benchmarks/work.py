"""What is done in a process, and timed there: `python -m benchmarks.work FUNCTION JSON` prints what it found as JSON.

What is timed is a job: made with all that is not its own work (a plan, the workers), then called.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import data, floor
from benchmarks.measure import Times
from benchmarks.profiles import profile_command

Clock = Callable[[], float]
Job = tuple[Callable[[], Any], Clock]
"""What is called, and the clock of the processors that it runs on."""


def made(folder: str, kind: str, **of: Any) -> dict[str, Any]:
    """The project file of a set, written where it is not there."""
    where = data.cache(Path(folder))
    if kind == "years":
        return {"project": str(data.years(data.project(where, side=of["side"]), of["count"]))}
    return {"project": str(data.city(where, **of) if kind == "city" else data.project(where, kind=kind, **of))}


# jobs -----------------------------------------------------------------------------------------------------------------


def _plan(project: Path, loop: str = "numpy") -> Any:
    from gep.engine.loop import choose_loop
    from gep.plan.planner import make_plan
    from gep.study.study import Study

    return choose_loop(make_plan(Study.open(project).inputs).plan, loop)


def _floor(project: Path, threads: int, stack: ExitStack) -> Job:
    return lambda: floor.read_all(project, threads), process_time


def _totals(project: Path, threads: int, stack: ExitStack, *, loop: str) -> Job:
    """The sums of all flows by a loop, with all that a run tests and counts in the same pass. What a process compiles
    or looks up once it did before.
    """
    from gep.engine.run import run
    from gep.engine.windows import windows

    plan = _plan(project, loop)
    run(plan, squares=windows(plan.grid, 512)[0])
    return lambda: _digest(run(plan, threads=threads)), process_time


def _arrays(project: Path, threads: int, stack: ExitStack) -> Job:
    """The same by numpy from the arrays that a Zarr store gives over dask, in its chunks."""
    from dataclasses import replace

    import xarray as xr

    from gep.engine.run import run
    from gep.plan.planner import make_plan
    from gep.study.study import Study

    def lazy(layer: Any) -> Any:
        array = xr.open_zarr(layer.data, mask_and_scale=False, decode_coords="all")["layer"]
        return replace(layer, data=array)

    spec = Study.open(project).spec
    layers = {name: lazy(layer) for name, layer in spec.layers.items()}
    plan = make_plan(Study.from_spec(replace(spec, land_cover=lazy(spec.land_cover), layers=layers)).inputs).plan
    return lambda: _digest(run(plan, threads=threads)), process_time


def _workers(project: Path, workers: int, stack: ExitStack, *, loop: str) -> Job:
    """The same by processes of dask, which have started and imported what they need."""
    from dask.distributed import Client

    from gep.engine.run import run
    from gep.engine.windows import windows

    plan = _plan(project, loop)
    client = stack.enter_context(Client(n_workers=workers, threads_per_worker=1, dashboard_address=":0"))
    for squares in windows(plan.grid, 512)[: 2 * workers]:
        run(plan, client=client, squares=squares)

    def clock() -> float:
        return process_time() + sum(client.run(process_time).values())

    return lambda: _digest(run(plan, client=client)), clock


def _peer(project: Path, threads: int, stack: ExitStack, *, is_lazy: bool) -> Job:
    from benchmarks import peers

    plan = _plan(project)
    return lambda: peers.sums(plan, project, is_lazy=is_lazy, threads=threads), process_time


def _account(project: Path, threads: int, stack: ExitStack) -> Job:
    """From the opened inputs to the account with its record."""
    from gep.study.study import Study

    return lambda: Study.open(project).run(threads=threads), process_time


def _maps(project: Path, threads: int, stack: ExitStack) -> Job:
    """Twelve maps of quantities, of an account that is there."""
    from gep.study.study import Study

    study = Study.open(project)
    account = study.run(threads=threads)
    services = ("water_retention", "soil_retention", "sand_fixation", "carbon_sequestration", "air_purification")
    services += ("climate_regulation",)

    def draw() -> int:
        with tempfile.TemporaryDirectory() as folder:
            return len(study.maps(Path(folder) / "maps", services, ("quantity",), account=account, threads=threads))

    return draw, process_time


JOBS: Mapping[str, Callable[[Path, int, ExitStack], Job]] = {
    "floor": _floor,
    "numpy": partial(_totals, loop="numpy"),
    "compiled": partial(_totals, loop="compiled"),
    "workers, numpy": partial(_workers, loop="numpy"),
    "workers, compiled": partial(_workers, loop="compiled"),
    "xarray": partial(_peer, is_lazy=False),
    "dask": partial(_peer, is_lazy=True),
    "arrays": _arrays,
    "account": _account,
    "maps": _maps,
}


def _digest(sums: Any) -> str:
    """One text for all sums to the last bit."""
    digest = hashlib.sha256()
    for array in sums.arrays():
        digest.update(array.tobytes())
    return digest.hexdigest()


# functions ------------------------------------------------------------------------------------------------------------


def alternate(jobs: Sequence[tuple[str, str, str, int]], repeats: int) -> dict[str, Any]:
    """Jobs (name, kind, project, threads) one after the other, the whole row several times: the times of each by name,
    and what each found, where that can be written down.
    """
    from gep.engine.memory import keep

    times: dict[str, list[Times]] = {name: [] for name, *_ in jobs}
    found: dict[str, Any] = {}
    keep()  # as a command does before its pass
    with ExitStack() as stack:
        ready = {name: JOBS[kind](Path(project), threads, stack) for name, kind, project, threads in jobs}
        for project in {project for _, kind, project, _ in jobs if kind == "floor"}:
            floor.read_all(Path(project), 1)  # so that no job is the one that reads from the disk
        for _ in range(repeats):
            for name, (call, clock) in ready.items():
                wall, cpu = perf_counter(), clock()
                result = call()
                times[name].append(Times(clock() - cpu, perf_counter() - wall))
                found[name] = result if isinstance(result, str | int) else None
    return {"times": times, "found": found}


def agreement(project: str) -> dict[str, float]:
    """How far the sums of the peers are from those of the engine, in parts of the largest sum of each flow."""
    import numpy as np

    from benchmarks import peers
    from gep.engine.run import run

    plan = _plan(Path(project))
    sums = run(plan)
    found = {}
    for name, is_lazy in (("xarray", False), ("dask", True)):
        others = peers.sums(plan, Path(project), is_lazy=is_lazy)
        found[name] = max(
            float(np.abs(sums.flows[key].sum - other).max() / (np.abs(other).max() or 1.0))
            for key, other in others.items()
        )
    return found


def once(project: str, threads: int, loop: str) -> dict[str, Any]:
    """The totals of a project and nothing else: for what a process needs in memory."""
    from gep.engine.run import run

    return {"digest": _digest(run(_plan(Path(project), loop), threads=threads))}


def ready(project: str) -> dict[str, Any]:
    """See that the loop of a project is compiled and kept, so that no run that is measured compiles it."""
    _totals(Path(project), 1, ExitStack(), loop="compiled")
    return {}


def sureness(folder: str, draws: int) -> dict[str, Any]:
    """A finished run with a range of 10 % on every coefficient and price without one, and 5 % on every layer and item
    of the tables: how many numbers were drawn, and what of those behind the total has none.
    """
    import copy

    from gep.account.uncertain.model import Model
    from gep.study.run import read_run

    account = read_run(folder)
    ledger = copy.deepcopy(account.ledger)
    for row in ledger["coefficients"].values():
        if row.get("low") is None or row.get("low") == row.get("high"):
            row["low"], row["high"] = sorted((0.9 * row["value"], 1.1 * row["value"]))
    ranged = account.replace(make_ledger=lambda: ledger)
    asked = {name for part in Model(ranged).parts for name in part.asks} - {"layers.land_cover"}
    errors: dict[str, dict[str, dict[str, float]]] = {"layers": {}, "tables": {}}
    for kind, _, name in (name.partition(".") for name in sorted(asked)):
        if kind in errors:
            errors[kind][name] = {"relative_error": 0.05}
    found = ranged.uncertainty(draws=draws, figures=True, **errors)
    without = [one.name for one in found.unknown if one.reason == "no_range"]
    return {"drawn": found.ranges, "without": without, "settling": found.settling}


def profile(project: str, loop: str, most: int) -> dict[str, Any]:
    """Where the time of the totals goes in one thread, by function: nanoseconds a cell with what it calls that is
    written in C, and with all that it calls. In a thread that is not the first, as the engine works: in that one memory
    comes in another way.
    """
    import cProfile
    import math
    import pstats
    from threading import Thread

    from gep.engine.gathered import Gathered
    from gep.engine.run import compute_batch
    from gep.engine.windows import windows

    _totals(Path(project), 1, ExitStack(), loop=loop)
    plan = _plan(Path(project), loop)
    profiler = cProfile.Profile(process_time, builtins=False)

    def add_up() -> None:
        gathered, tasks = Gathered(plan.n_groups), windows(plan.grid, 1024)
        gathered.add((square for task in tasks for square in task), compute_batch(plan, tasks))
        gathered.sums(plan)

    thread = Thread(target=partial(profiler.runcall, add_up))
    thread.start()
    thread.join()
    cells = math.prod(plan.grid.shape)
    rows = []
    for (file, line, name), (_, calls, own, whole, _) in pstats.Stats(profiler).stats.items():
        short = file.rpartition("/gep/")[2] if "/gep/" in file else file.rpartition("site-packages/")[2]
        rows.append([own / cells * 1e9, whole / cells * 1e9, calls, f"{short}:{line} {name}"])
    rows.sort(key=lambda row: -row[0])
    return {"total": sum(row[0] for row in rows), "rows": rows[:most]}


def ledger(folder: str, lots: int, entries: int) -> dict[str, Any]:
    """Tables of a ledger of credits: as many lots, each issued and then sold bit by bit."""
    import csv

    tables = {
        "projects": [("project", "crediting_begins", "crediting_ends"), ("P", "2018-01-01", "2077-12-31")],
        "lots": [
            (
                *("lot", "project", "product", "vintage_begins", "vintage_ends", "date", "credits [t*CO2]"),
                *("series", "first_serial", "last_serial"),
            ),
            *(
                (
                    *(f"L{n}", "P", f"product {n % 5}", "2018-01-01", "2018-12-31", "2019-06-01", 1000),
                    *("S", n * 1000 + 1, (n + 1) * 1000),
                )
                for n in range(lots)
            ),
        ],
        "entries": [
            ("date", "kind", "lot", "holder", "credits [t*CO2]", "value [CNY]"),
            *(
                (f"2020-{n // lots % 12 + 1:02d}-01", "sell", f"L{n % lots}", f"holder {n % lots % 7}", 10, 500)
                if n >= lots
                else ("2019-06-01", "issue", f"L{n}", f"holder {n % 7}", 1000, 5000)
                for n in range(entries)
            ),
        ],
    }
    for name, rows in tables.items():
        with (Path(folder) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return {}


def machine() -> dict[str, Any]:
    """What of this machine and its programs a time depends on."""
    import os
    import platform
    from importlib.util import find_spec

    import numpy as np
    import rasterio

    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.is_file() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "processor": model or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "gdal": rasterio.__gdal_version__,
        "numba": find_spec("numba") is not None,
    }


FUNCTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function
    for function in (made, alternate, agreement, once, ready, sureness, profile, profile_command, ledger, machine)
}

if __name__ == "__main__":
    print(json.dumps(FUNCTIONS[sys.argv[1]](**json.loads(sys.argv[2]))))
