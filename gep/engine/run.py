"""From a plan to sums: square by square, every cell read once, tested and integrated in the same pass.

Partial sums belong to a fixed 512-cell square of the grid and are added exactly and rounded once, which does not care
for order: the result is the same bit for bit for every window size, thread count and worker count. See
docs/decisions/0002-exact-sums.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import cycle, islice
from typing import Any, TypeVar

from gep.engine.gathered import Gathered
from gep.engine.kept import Kept
from gep.engine.memory import give_back, keep
from gep.engine.sample import touched_squares
from gep.engine.square import Squares
from gep.engine.sums import Partial, Sums
from gep.engine.windows import MEMORY, Reading, around, choose_reading, windows
from gep.inputs.grids.files import gdal
from gep.inputs.grids.grid import Square
from gep.inputs.grids.zones import OUTSIDE, sole_zone
from gep.plan.plan import GridPlan

Progress = Callable[[int, int, str], None]

Window = Sequence[Square]


def compute_window(plan: GridPlan, work: Squares, squares: Window) -> list[Partial]:
    """All sums of the squares of one read window."""
    there = [square for square in squares if sole_zone(plan.zones, plan.grid, square) != OUTSIDE]
    if not there:
        return []
    work.load(around(there))
    partials = (work.compute(square) for square in there)
    return [partial for partial in partials if partial is not None]


_AT_WORK: dict[int, tuple[GridPlan, Squares]] = {}
"""The open layers of a worker, by thread: they serve all its tasks of a plan."""


def compute_batch(plan: GridPlan, batch: Sequence[Window]) -> list[Partial]:
    """Several windows in one task: what is sent to a worker. Takes paths and numbers, returns sums."""
    of_plan, work = _AT_WORK.get(threading.get_ident(), (None, None))
    if work is None or of_plan is not plan:
        keep()
        work = Squares(plan)
        _AT_WORK[threading.get_ident()] = plan, work
    return [partial for squares in batch for partial in compute_window(plan, work, squares)]


def _as_it_is(plan: GridPlan) -> GridPlan:
    return plan


def let_go() -> None:
    """Close what a worker holds open: nothing more of its plan is asked for."""
    _AT_WORK.clear()


def run(
    plan: GridPlan,
    *,
    threads: int = 1,
    window: int | None = None,
    memory: float = MEMORY,
    client: Any = None,
    progress: Progress | None = None,
    squares: Collection[Square] | None = None,
    kept: Kept | None = None,
) -> Sums:
    """One pass over the grid, or over some of its squares, by threads of this machine or by the workers of a dask
    client.

    Without a `window` (its rows and columns of cells) it is chosen with the number of threads, at most those given,
    from the megabytes of `memory`. What was `kept` of an earlier pass is not computed again.
    """
    reading = Reading(threads, window, window) if window is not None else choose_reading(plan, threads, memory)
    tasks: list[Window] = list(windows(plan.grid, reading.rows, reading.cols))
    seen = 1.0
    if squares is not None:
        chosen = set(squares)
        seen = len(chosen) / max(1, len(touched_squares(plan.grid, plan.zones)))
        tasks = [[square] for task in tasks for square in task if square in chosen]
    gathered = (kept.load() if kept else None) or Gathered(plan.n_groups)
    if gathered.squares:
        rest = ([square for square in task if square not in gathered.squares] for task in tasks)
        tasks = [task for task in rest if task]
    found = _by_client(plan, tasks, client) if client is not None else _by_threads(plan, tasks, reading.threads)
    done = 0
    for batch, partials in found:
        gathered.add((square for task in batch for square in task), partials)
        done += len(batch)
        if progress:
            progress(done, len(tasks), plan.zones.zones[partials[-1].zone].name if partials else "")
        del partials  # while the next come
        if kept:
            kept.keep(gathered)
    sums = gathered.sums(plan, seen)
    give_back()
    return sums


_Found = Iterator[tuple[Sequence[Window], list[Partial]]]
"""Windows, and all that they come to, in whatever order they are done."""


def _by_client(plan: GridPlan, tasks: Sequence[Window], client: Any) -> _Found:
    from dask.distributed import as_completed

    workers = sorted(client.ncores().items())
    size = max(1, min(16, len(tasks) // (2 * max(1, len(workers))) or 1))
    batches = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    sent = client.submit(_as_it_is, plan, pure=False)  # of a task, unlike data, more is made where a worker is lost
    # by turns, as dask gives tasks to the worker that holds the plan until others have long been idle
    places: list[list[str] | None] = [[address] for address, threads in workers for _ in range(threads)] or [None]
    futures = [
        client.submit(compute_batch, sent, batch, workers=place, allow_other_workers=place is not None, pure=False)
        for batch, place in zip(batches, cycle(places))
    ]
    by_key = {future.key: batch for future, batch in zip(futures, batches, strict=True)}
    done = as_completed(futures, client.loop, with_results=True)  # type: ignore[no-untyped-call]  # dask declares no types
    for future, result in done:
        yield by_key[future.key], result
        future.release()
    client.run(let_go, on_error="ignore")


AHEAD = 4
"""Windows for each thread that wait for it: so few that what they come to does not pile up."""


def _by_threads(plan: GridPlan, tasks: Sequence[Window], threads: int) -> _Found:
    local = threading.local()

    def work(squares: Window) -> tuple[Sequence[Window], list[Partial]]:
        with gdal():  # once: what opens and reads within need not look for GDAL's own files each time
            if not hasattr(local, "squares"):
                local.squares = Squares(plan)
            return [squares], compute_window(plan, local.squares, squares)

    return in_threads(work, tasks, threads, AHEAD)


T = TypeVar("T")


def in_threads(work: Callable[[Window], T], tasks: Sequence[Window], threads: int, ahead: int) -> Iterator[T]:
    """What windows come to, in whatever order they are done; of each thread so many wait or are done `ahead`."""
    threads = max(1, threads)
    coming = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        waiting: set[Future[T]] = set()
        try:
            while True:
                waiting |= {pool.submit(work, task) for task in islice(coming, ahead * threads - len(waiting))}
                if not waiting:
                    return
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                while finished:
                    yield finished.pop().result()  # so that nothing keeps what was taken
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
