"""What is measured, and the targets."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.levels import Level
from benchmarks.measure import ROOT, Process, ProcessFailed, Times, ratio, run_process, typical

THREADS, GROWN = 2, 10_000


@dataclass(frozen=True)
class Target:
    """A bound, and of what."""

    key: str
    name: str
    limit: float
    is_least: bool = False
    is_of_size: bool = True
    """Whether it is about grids of a certain size."""
    is_of_wall: bool = False
    """Whether it is of the clock on the wall, on which the work of others shows."""


YEARS = 5
BUSY = 0.5
"""A load of others from which times by the wall mean little."""
NO_NUMBA = "numba is not installed (extra fast)"
NOT_FULL = "python -m benchmarks --full goes to 100 million"
NO_PROCESSES = "whole processes are no part of this run"
TARGETS = (
    Target("totals_compiled", "totals, compiled, 25 million cells: times the read floor", 1.35),
    Target("totals", "totals, numpy, 25 million cells: times the read floor", 2.2),
    Target("coarse_compiled", "the same with 4 of 12 layers coarse, compiled: times the floor of 12 fine ones", 1.35),
    Target("coarse", "the same with 4 of 12 layers coarse, numpy: times the floor of 12 fine ones", 2.2),
    Target("whole_compiled", "whole process, compiled, 25 million cells: times the floor's process", 1.6),
    Target("city_compiled", "all services with monthly layers, compiled: ns a cell", 900),
    Target("city", "all services with monthly layers, numpy: ns a cell", 2000),
    Target("threads", "2 threads: times as fast as 1 by the wall, at least", 1.7, is_least=True, is_of_wall=True),
    Target("workers", "2 workers, start-up apart: times as long as 2 threads by the wall", 1.2, is_of_wall=True),
    Target("xarray", "xarray in memory, 4 million cells: times as long as gep, at least", 3, is_least=True),
    Target("dask", "dask expressions, 25 million cells: times as long as gep, at least", 2, is_least=True),
    Target("growth", "growth exponent of totals, 4 to 100 million cells", 1.02),
    Target("peak", "peak memory of gep run at every size: MB", 700),
    Target("peak_growth", "peak memory at 100 million cells: times that at 25", 1.1),
    Target("demo_peak", "gep demo: MB", 400, is_of_size=False),
    Target("demo", "gep demo: s", 3, is_of_size=False),
    Target("sureness", "uncertainty, 10,000 draws of every number, sample city or Hulunbuir: s", 20, is_of_size=False),
    Target("sureness_peak", "the same: MB", 700, is_of_size=False),
    Target("years", "gep run of five years, 25 million cells: times that of one", 5.2),
    Target("ledger", "10,000 lots and 100,000 entries of a ledger posted and reported: s", 10, is_of_size=False),
    Target("zones", "3,000 zones: times as long as 13", 1.3),
    Target("zones_peak", "3,000 zones: times the memory of 13", 1.3),
    Target("maps", "twelve maps: times the account's own time, on top of it", 1.0),
    Target("check", "gep check, 25 million cells: times a tenth of gep run, or times 3 s where that is more", 1.0),
    Target("hulunbuir", "gep run on Hulunbuir: s", 2, is_of_size=False),
    Target("help", "gep --help: s by the wall, the fastest of five", 0.3, is_of_size=False, is_of_wall=True),
)
"""All of processor time (user and system) where nothing else is said."""


@dataclass(frozen=True)
class Row:
    """Something that was measured."""

    name: str
    times: Times
    cells: int = 0
    floors: float | None = None
    """Times the read floor that was measured beside it, in processor time."""
    peak: float | None = None


@dataclass
class Bench:
    """One run of the benchmarks: what it measures on, and what was found."""

    level: Level
    folder: Path
    rows: list[Row] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    """Why a target has no value."""
    failed: dict[str, str] = field(default_factory=dict)
    """Cases that could not be measured, and why."""
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    """How many processes others had at work when it began."""
    projects: dict[str, str] = field(default_factory=dict)
    """Project files that are known to be there."""
    digests: dict[str, set[str]] = field(default_factory=dict)
    """By grid, of the sums of all ways to compute them."""

    @property
    def loops(self) -> tuple[str, ...]:
        """The loops that cells are added up by: numpy, and the compiled one where it can be had and is wanted."""
        return ("numpy", "compiled") if self.level.may_compile and find_spec("numba") else ("numpy",)

    @property
    def loop(self) -> str:
        """The fastest."""
        return self.loops[-1]

    def call(self, name: str, **of: Any) -> dict[str, Any]:
        """A function of `work`, in a process of its own where the level has such."""
        if self.level.is_apart:
            return self.call_apart(name, **of)
        from benchmarks import work  # it is heavy: see run_process

        return work.FUNCTIONS[name](**of)

    def call_apart(self, name: str, **of: Any) -> dict[str, Any]:
        """A function of `work` in a process of its own."""
        printed = self.process("-m", "benchmarks.work", name, json.dumps(of)).printed
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return found

    def process(self, *arguments: str) -> Process:
        """Python with some arguments, in the checkout."""
        return run_process(sys.executable, *arguments)

    def project(self, kind: str = "fine", **of: Any) -> str:
        """The project file of a set."""
        key = json.dumps([kind, of])
        if key not in self.projects:
            call = self.call_apart if self.level.has_processes else self.call
            self.projects[key] = call("made", folder=str(self.folder), kind=kind, **of)["project"]
        return self.projects[key]

    def alternate(self, jobs: list[tuple[str, str, str, int]], repeats: int) -> tuple[dict[str, list[Times]], Any]:
        """The times of jobs by name, and what they found."""
        found = self.call("alternate", jobs=jobs, repeats=repeats)
        times = {name: [Times(*pair) for pair in pairs] for name, pairs in found["times"].items()}
        return times, found["found"]

    def add(self, name: str, times: list[Times], side: int, floor: list[Times] | None = None) -> None:
        """A row of what alternated, with the floor beside it."""
        floors = ratio(times, floor) if floor else None
        self.rows.append(Row(f"{name}, {millions(side**2)}", typical(times), side**2, floors))


def millions(cells: int) -> str:
    """A number of cells for people."""
    return f"{cells / 1e6:.3g} million cells"


# cases ----------------------------------------------------------------------------------------------------------------


def totals(bench: Bench) -> None:
    """The read floor, the sums of all flows, by loops, threads and workers, and the peers, at every size."""
    level, best = bench.level, bench.loop
    taken: dict[int, float] = {}
    for side in level.growth:
        fine = bench.project(side=side)
        jobs = [("floor, 2 threads", "floor", fine, 2)]
        loops = bench.loops if side <= level.large else (best,)
        jobs += [(f"totals, {loop}, 2 threads", loop, fine, 2) for loop in loops]
        if side == level.middle:
            jobs += [("floor, 1 thread", "floor", fine, 1), ("totals, numpy, 1 thread", "numpy", fine, 1)]
            jobs += [("xarray in memory, 1 thread", "xarray", fine, 1)]
            jobs += [(f"totals, {best}, 2 workers", f"workers, {best}", fine, 2)]
        if side == level.large:
            coarse = bench.project("coarse", side=side)
            jobs += [(f"totals, {best}, 1 thread", best, fine, 1)]
            jobs += [(f"4 of 12 layers coarse, {loop}, 2 threads", loop, coarse, 2) for loop in bench.loops]
            jobs += [("dask expressions, 2 threads", "dask", fine, 2)]
        times, found = bench.alternate(jobs, level.repeats if side <= level.middle else level.repeats_of_large)
        two = times["floor, 2 threads"]
        for name, of in times.items():
            floor = times.get("floor, 1 thread", two) if name.endswith("1 thread") else two
            bench.add(name, of, side, None if name.startswith("floor") else floor)
        for loop in bench.loops:
            kinds = (loop, f"workers, {loop}")
            digests = {found[name] for name, kind, project, _ in jobs if kind in kinds and project == fine}
            bench.digests |= {f"{millions(side**2)}, {loop}": digests} if digests else {}
        fast = times[f"totals, {best}, 2 threads"]
        taken[side] = typical(fast).cpu
        if side == level.middle:
            bench.values["xarray"] = ratio(times["xarray in memory, 1 thread"], times["totals, numpy, 1 thread"])
            bench.values["workers"] = ratio(times[f"totals, {best}, 2 workers"], fast, "wall")
        if side == level.large:
            for loop in bench.loops:
                suffix = "" if loop == "numpy" else f"_{loop}"
                bench.values[f"totals{suffix}"] = ratio(times[f"totals, {loop}, 2 threads"], two)
                bench.values[f"coarse{suffix}"] = ratio(times[f"4 of 12 layers coarse, {loop}, 2 threads"], two)
            bench.values["threads"] = ratio(times[f"totals, {best}, 1 thread"], fast, "wall")
            bench.values["dask"] = ratio(times["dask expressions, 2 threads"], fast)
    _growth(bench, taken)


def _growth(bench: Bench, taken: dict[int, float]) -> None:
    """How time grows from the middle size on."""
    small, big = bench.level.middle, GROWN if GROWN in taken else max(taken)
    exponent = math.log(taken[big] / taken[small]) / math.log(big**2 / small**2)
    if big == GROWN:
        bench.values["growth"] = exponent
    else:
        between = f"{exponent:.2f} from {millions(small**2)} to {millions(big**2)}"
        bench.reasons["growth"] = f"{between}; {NOT_FULL}"


def whole(bench: Bench) -> None:
    """`gep run` beside the process that only reads; `gep check`."""
    level = bench.level
    peaks: dict[int, float] = {}
    for side in level.growth if level.is_apart else (level.large,):
        project = bench.project(side=side)
        if bench.loop == "compiled":
            bench.call_apart("ready", project=project)
        runs: list[Process] = []
        floors: list[Process] = []
        for _ in range(level.repeats if side <= level.middle else 1):
            floors.append(bench.process("-m", "benchmarks.floor", project, str(THREADS)))
            runs.append(_run(bench, project))
        took, floor = [one.times for one in runs], [one.times for one in floors]
        peaks[side] = max(one.peak for one in runs)
        size = millions(side**2)
        floor_peak = max(one.peak for one in floors)
        bench.rows.append(Row(f"process: read floor, {size}", typical(floor), side**2, None, floor_peak))
        bench.rows.append(Row(f"process: gep run, {size}", typical(took), side**2, ratio(took, floor), peaks[side]))
        if side == level.large:
            if bench.loop == "compiled":  # as of itself it is on large grids
                bench.values["whole_compiled"] = ratio(took, floor)
            checked = bench.process("-m", "gep", "check", project, "--threads", str(THREADS), "--quiet")
            bench.rows.append(Row(f"process: gep check, {size}", checked.times, side**2, None, checked.peak))
            bench.values["check"] = checked.times.cpu / max(3.0, typical(took).cpu / 10)
    bench.values["peak"] = max(peaks.values())
    if GROWN in peaks:
        bench.values["peak_growth"] = peaks[GROWN] / peaks[level.large]
    else:
        bench.reasons["peak_growth"] = f"{max(peaks.values()) / min(peaks.values()):.2f} from least to most; {NOT_FULL}"


def _run(bench: Bench, project: str) -> Process:
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("--out", f"{folder}/run", "--threads", str(THREADS), "--quiet")
        return bench.process("-m", "gep", "run", project, *arguments)


def years(bench: Bench) -> None:
    """`gep run` of five years beside that of one: at 25 million cells where all is measured, else at 4."""
    side = bench.level.large if GROWN in bench.level.growth else bench.level.middle
    one, five = bench.project(side=side), bench.project("years", side=side, count=YEARS)
    if bench.loop == "compiled":
        bench.call_apart("ready", project=one)
    runs = [(_run(bench, one), _run(bench, five)) for _ in range(bench.level.repeats_of_large)]
    of_one, of_five = ([pair[at].times for pair in runs] for at in (0, 1))
    times = ratio(of_five, of_one)
    size = millions(side**2)
    peak = max(pair[1].peak for pair in runs)
    bench.rows.append(Row(f"process: gep run of one year, {size}", typical(of_one), side**2))
    bench.rows.append(Row(f"process: gep run of {YEARS} years, {size}", typical(of_five), YEARS * side**2, None, peak))
    if side == bench.level.large:
        bench.values["years"] = times
    else:
        bench.reasons["years"] = f"{times:.2f} at {size}; python -m benchmarks --full goes to 25 million"


def variants(bench: Bench) -> None:
    """Totals by the number of zones and of classes, by one thread."""
    level, loop = bench.level, bench.loop
    names = {zones: f"{zones:,} zones" if zones > 1 else "1 zone" for zones in level.zones}
    sets = {names[zones]: bench.project(side=level.middle, zones=zones) for zones in level.zones}
    few, many = names[13], names[max(level.zones)]
    sets["250 classes"] = bench.project(side=level.middle, classes=250)
    jobs = [(name, loop, project, 1) for name, project in sets.items()]
    times, _ = bench.alternate([("floor", "floor", sets[few], 1), *jobs], level.repeats)
    for name in sets:
        bench.add(f"totals, {loop}, 1 thread, {name}", times[name], level.middle, times["floor"])
    bench.values["zones"] = ratio(times[many], times[few])


def water(bench: Bench) -> None:
    """A water yield alone, by Fu's curve, in nine sub-basins, on five layers."""
    side = bench.level.middle
    project = bench.project("water", side=side, zones=9)
    jobs = [("floor of 5 layers", "floor", project, 1), *((loop, loop, project, 1) for loop in bench.loops)]
    times, _ = bench.alternate(jobs, bench.level.repeats)
    floor = times.pop("floor of 5 layers")
    bench.add("water yield alone, floor of 5 layers, 1 thread", floor, side)
    for loop, of in times.items():
        bench.add(f"water yield alone, {loop}, 1 thread", of, side, floor)


def city(bench: Bench) -> None:
    """All services of the sample city with its monthly layers, by one thread."""
    project = bench.project("city", times=bench.level.city)
    times, _ = bench.alternate([(loop, loop, project, 1) for loop in bench.loops], bench.level.repeats)
    cells = 500 * 600 * bench.level.city**2
    for loop, of in times.items():
        took = typical(of)
        bench.rows.append(Row(f"all services, monthly layers, {loop}, 1 thread, {millions(cells)}", took, cells))
        bench.values["city" if loop == "numpy" else f"city_{loop}"] = took.cpu / cells * 1e9


def memory_by_zones(bench: Bench) -> None:
    """The memory of the totals with few zones and with many."""
    peaks = []
    for zones in (13, max(bench.level.zones)):
        project = bench.project(side=bench.level.middle, zones=zones)
        arguments = json.dumps({"project": project, "threads": THREADS, "loop": bench.loop})
        alone = bench.process("-m", "benchmarks.work", "once", arguments)
        peaks.append(alone.peak)
        name = f"process: totals, {bench.loop}, {zones:,} zones, {millions(bench.level.middle**2)}"
        bench.rows.append(Row(name, alone.times, bench.level.middle**2, None, alone.peak))
    bench.values["zones_peak"] = peaks[1] / peaks[0]


def maps(bench: Bench) -> None:
    """An account, and twelve maps of it."""
    side = bench.level.middle
    project = bench.project(side=side)
    jobs = [("account", "account", project, THREADS), ("maps", "maps", project, THREADS)]
    times, found = bench.alternate(jobs, bench.level.repeats)
    bench.add("account with its record, 2 threads", times["account"], side)
    bench.add(f"{found['maps']} maps on top of it, 2 threads", times["maps"], side)
    bench.values["maps"] = ratio(times["maps"], times["account"])


def forms(bench: Bench) -> None:
    """The same rasters as GeoTIFF, as Zarr and as NetCDF-4, by one thread; as arrays over dask too."""
    side = bench.level.middle
    fine = bench.project(side=side)
    named = {"GeoTIFF": fine, "Zarr": bench.project("zarr", side=side), "NetCDF-4": bench.project("nc", side=side)}
    jobs = [(f"totals, numpy, 1 thread, {name}", "numpy", project, 1) for name, project in named.items()]
    jobs.append(("totals, numpy, 1 thread, arrays over dask", "arrays", named["Zarr"], 1))
    times, found = bench.alternate([("floor", "floor", fine, 1), *jobs], bench.level.repeats)
    for name, *_ in jobs:
        bench.add(name, times[name], side, times["floor"])
    bench.digests[f"{millions(side**2)}, whatever the form of the rasters"] = {found[name] for name, *_ in jobs}


HULUNBUIR = ROOT.parent / "shared" / "data" / "hulunbuir" / "gep.toml"


def _sureness(bench: Bench, name: str, folder: str) -> None:
    """A finished run on draws: by the command as it is, and with a range on every number; the worst counts."""
    command = bench.process("-m", "gep", "uncertainty", folder, "--draws", "10000", "--runs", "0", "--quiet")
    every = bench.process("-m", "benchmarks.work", "sureness", json.dumps({"folder": folder, "draws": 10_000}))
    for what, made in ((f"gep uncertainty, {name}", command), (f"uncertainty of every number, {name}", every)):
        bench.rows.append(Row(f"process: {what}, 10,000 draws", made.times, peak=made.peak))
        for key, value in (("sureness", made.times.cpu), ("sureness_peak", made.peak or math.inf)):
            bench.values[key] = max(bench.values.get(key, 0.0), value)


def start_up(bench: Bench) -> None:
    """What starts: the package, the command line, the sample city, a real study."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "empty interpreter": ("-c", "pass"),
            "import gep": ("-c", "import gep"),
            "gep --help": ("-m", "gep", "--help"),
            "from gep.study.study import Study": ("-c", "from gep.study.study import Study"),
        }
        for name, command in commands.items():
            tries = [bench.process(*command) for _ in range(bench.level.starts)]
            fastest = min(tries, key=lambda one: one.times.wall)
            bench.rows.append(Row(f"process: {name}, the fastest", fastest.times, peak=fastest.peak))
            if name == "gep --help":
                bench.values["help"] = fastest.times.wall
        demos = [
            bench.process("-m", "gep", "demo", "--out", f"{folder}/{n}", "--quiet") for n in range(bench.level.repeats)
        ]
        demo = Row("process: gep demo", typical([one.times for one in demos]), peak=max(one.peak for one in demos))
        bench.rows.append(demo)
        bench.values |= {"demo": demo.times.cpu, "demo_peak": demo.peak or math.inf}
        _sureness(bench, "sample city", f"{folder}/0")
        if HULUNBUIR.is_file():
            bench.process("-m", "gep", "run", str(HULUNBUIR), "--out", f"{folder}/hulunbuir", "--quiet")
            _sureness(bench, "Hulunbuir", f"{folder}/hulunbuir")
    project = HULUNBUIR
    if not project.is_file():
        bench.reasons["hulunbuir"] = "its rasters are not beside the checkout"
        return
    runs = [_run(bench, str(project)) for _ in range(bench.level.repeats)]
    hulunbuir = Row("process: gep run on Hulunbuir", typical([one.times for one in runs]), peak=runs[-1].peak)
    bench.rows.append(hulunbuir)
    bench.values["hulunbuir"] = hulunbuir.times.cpu


def ledger(bench: Bench) -> None:
    """Tables of a ledger posted by `gep credits post`, and what it comes to by `gep credits show`."""
    with tempfile.TemporaryDirectory() as folder:
        bench.call_apart("ledger", folder=folder, lots=10_000, entries=100_000)
        tables = [part for name in ("projects", "lots", "entries") for part in (f"--{name}", f"{folder}/{name}.csv")]
        book, period = f"{folder}/city.ledger", ("--begins", "2020-01-01", "--ends", "2020-12-31", "--quiet")
        posted = bench.process("-m", "gep", "credits", "post", book, *tables)
        shown = bench.process("-m", "gep", "credits", "show", book, *period)
    bench.rows.append(Row("process: gep credits post, 100,000 entries", posted.times, peak=posted.peak))
    bench.rows.append(Row("process: gep credits show of them", shown.times, peak=shown.peak))
    bench.values["ledger"] = posted.times.cpu + shown.times.cpu


OF_PROCESSES = (
    "ledger",
    "peak",
    "peak_growth",
    "demo",
    "demo_peak",
    "sureness",
    "sureness_peak",
    "zones_peak",
    "years",
    "check",
    "hulunbuir",
    "help",
)
CASES: dict[str, tuple[Callable[[Bench], None], bool]] = {
    "start-up": (start_up, True),
    "whole processes": (whole, True),
    "years": (years, True),
    "memory by zones": (memory_by_zones, True),
    "ledger": (ledger, True),
    "totals": (totals, False),
    "variants": (variants, False),
    "water yield": (water, False),
    "all services": (city, False),
    "maps": (maps, False),
    "forms": (forms, False),
}
"""With whether the case is of whole processes, as some targets are: they come first, while this process is small."""


def measure(level: Level, folder: Path, chosen: Collection[str], tell: Callable[[str], None]) -> Bench:
    """The chosen cases; one that fails says so, and its targets are not met."""
    bench = Bench(level, folder)
    if "compiled" not in bench.loops:
        bench.reasons |= {target.key: NO_NUMBA for target in TARGETS if target.key.endswith("_compiled")}
    if not level.has_processes:
        bench.reasons |= dict.fromkeys(OF_PROCESSES, NO_PROCESSES)
    for name, (case, is_of_processes) in CASES.items():
        if name not in chosen or (is_of_processes and not level.has_processes):
            continue
        tell(name)
        try:
            case(bench)
        except ProcessFailed as error:
            tell(f"{name}: {error}")
            bench.failed[name] = str(error)
    return bench
