"""From a plan to sums: square by square, every cell read once, tested and integrated in the same pass.

Partial sums belong to a fixed 512-cell square of the grid and are combined by `math.fsum`, which rounds exactly and so
does not care for order: the result is the same bit for bit for every window size, thread count and worker count. See
docs/decisions/0002-exact-sums.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from gep.core.errors import UsageError
from gep.core.messages import say
from gep.engine.sample import touched_squares
from gep.engine.square import Squares
from gep.engine.sums import Partial, Sums, combine
from gep.inputs.grids.grid import SQUARE, Grid, Square
from gep.plan.plan import GridPlan

Progress = Callable[[int, int, str], None]


def check_window(size: int) -> None:
    """Raise UsageError for a read window that is no whole number of squares."""
    if size <= 0 or size % SQUARE:
        raise UsageError(say("engine.bad_window", square=SQUARE, given=size))


def windows(grid: Grid, size: int) -> list[list[Square]]:
    """The squares of the grid, grouped by read window."""
    check_window(size)
    groups: dict[tuple[int, int], list[Square]] = {}
    for square in grid.squares():
        groups.setdefault((square.row0 // size, square.col0 // size), []).append(square)
    return list(groups.values())


def around(squares: Sequence[Square]) -> Square:
    """The smallest block that holds some squares."""
    return Square(
        min(s.row0 for s in squares),
        max(s.row1 for s in squares),
        min(s.col0 for s in squares),
        max(s.col1 for s in squares),
    )


def compute_window(work: Squares, squares: Sequence[Square]) -> list[Partial]:
    """All sums of the squares of one read window."""
    work.load(around(squares))
    partials = (work.compute(square) for square in squares)
    return [partial for partial in partials if partial is not None]


def compute_batch(plan: GridPlan, batch: Sequence[Sequence[Square]]) -> list[Partial]:
    """Several windows in one task: what is sent to a worker. Takes paths and numbers, returns sums."""
    work = Squares(plan)
    return [partial for squares in batch for partial in compute_window(work, squares)]


def run(
    plan: GridPlan,
    *,
    threads: int = 1,
    window: int = 2 * SQUARE,
    client: Any = None,
    progress: Progress | None = None,
    squares: Collection[Square] | None = None,
) -> Sums:
    """One pass over the grid, or over some of its squares, by threads of this machine or by the workers of a dask
    client.
    """
    tasks = windows(plan.grid, window)
    seen = 1.0
    if squares is not None:
        chosen = set(squares)
        seen = len(chosen) / max(1, len(touched_squares(plan.grid, plan.zones)))
        tasks = [[square] for task in tasks for square in task if square in chosen]
    partials = _by_client(plan, tasks, client) if client is not None else _by_threads(plan, tasks, threads, progress)
    return combine(plan, partials, seen)


def _by_client(plan: GridPlan, tasks: list[list[Square]], client: Any) -> Iterator[Partial]:
    size = max(1, min(16, len(tasks) // (2 * max(1, len(client.ncores()))) or 1))
    batches = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    sent = client.scatter(plan, broadcast=True, hash=False)
    for result in client.gather(
        client.map(lambda batch, plan: compute_batch(plan, batch), batches, plan=sent, pure=False)
    ):
        yield from result


def _by_threads(
    plan: GridPlan, tasks: list[list[Square]], threads: int, progress: Progress | None
) -> Iterator[Partial]:
    local = threading.local()

    def work(squares: list[Square]) -> list[Partial]:
        if not hasattr(local, "squares"):
            local.squares = Squares(plan)
        return compute_window(local.squares, squares)

    done = 0
    with ThreadPoolExecutor(max(1, threads)) as pool:
        waiting: set[Future[list[Partial]]] = {pool.submit(work, squares) for squares in tasks}
        try:
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    done += 1
                    if progress:
                        progress(done, len(tasks), plan.zones.zones[result[-1].zone].name if result else "")
                    yield from result
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
