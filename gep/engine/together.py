"""Passes over one grid by several plans at once, as those of the years of a project: what they have in common is read
once for all.

In each window the plans take turns, so no more is in memory than the layers of one, and the sums of all.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from gep.core.errors import GepError
from gep.engine.gathered import Gathered
from gep.engine.kept import Kept
from gep.engine.memory import give_back
from gep.engine.run import AHEAD, Progress, Window, compute_window, in_threads
from gep.engine.square import Squares
from gep.engine.sums import Partial, Sums
from gep.engine.windows import MEMORY, at_once, choose_reading, windows
from gep.inputs.grids.files import gdal
from gep.inputs.grids.reader import Shared
from gep.plan.plan import GridPlan


def is_same_land(one: GridPlan, other: GridPlan) -> bool:
    """Whether two plans can be passed over together: they have the same cells in the same zones."""
    return one.grid == other.grid and one.zones is other.zones


def run_together(
    plans: Sequence[GridPlan],
    *,
    threads: int = 1,
    memory: float = MEMORY,
    progress: Progress | None = None,
    kept: Sequence[Kept | None],
) -> list[Sums | GepError]:
    """The sums of each plan, to the bits of `run`. What stops one of them stands in place of its sums; the others go
    on.
    """
    first = plans[0]
    _, of_more = at_once(first, threads, memory)
    reading = choose_reading(first, threads, memory - (len(plans) - 1) * of_more)
    tasks: list[Window] = list(windows(first.grid, reading.rows, reading.cols))
    found = [_begun(plan, of_plan) for plan, of_plan in zip(plans, kept, strict=True)]
    done = {number: frozenset(one.squares) for number, one in enumerate(found) if isinstance(one, Gathered)}
    stopped = set(range(len(plans))) - set(done)
    tasks = [task for task in tasks if any(not squares.issuperset(task) for squares in done.values())]
    local = threading.local()

    def work(window: Window) -> list[_OfPlan]:
        with gdal():
            if not hasattr(local, "squares"):
                shared = Shared()
                local.squares = {number: _opened(plans[number], shared) for number in done}
            return [
                (
                    number,
                    *_computed(plans[number], local.squares[number], [one for one in window if one not in squares]),
                )
                for number, squares in done.items()
                if number not in stopped
            ]

    for count, of_window in enumerate(in_threads(work, tasks, reading.threads, max(1, AHEAD // len(plans))), 1):
        zone = ""
        for number, squares, came in of_window:
            gathered, of_plan = found[number], kept[number]
            if not isinstance(gathered, Gathered):
                continue
            if isinstance(came, GepError):
                found[number] = came
                stopped.add(number)
                continue
            gathered.add(squares, came)
            zone = first.zones.zones[came[-1].zone].name if came else zone
            if of_plan:
                of_plan.keep(gathered)
        if progress:
            progress(count, len(tasks), zone)
    sums = [one.sums(plan) if isinstance(one, Gathered) else one for plan, one in zip(plans, found, strict=True)]
    give_back()
    return sums


_OfPlan = tuple[int, Window, list[Partial] | GepError]
"""What a window came to by one of the plans: the number of the plan, the squares, their sums."""


def _begun(plan: GridPlan, kept: Kept | None) -> Gathered | GepError:
    try:
        return (kept.load() if kept else None) or Gathered(plan.n_groups)
    except GepError as error:
        return error


def _opened(plan: GridPlan, shared: Shared) -> Squares | GepError:
    """The open layers of a plan: of all plans before any reads, so that what is shared is known."""
    try:
        return Squares(plan, shared)
    except GepError as error:
        return error


def _computed(plan: GridPlan, work: Squares | GepError, squares: Window) -> tuple[Window, list[Partial] | GepError]:
    if isinstance(work, GepError) or not squares:
        return squares, work if isinstance(work, GepError) else []
    try:
        came = compute_window(plan, work, squares)
    except GepError as error:
        return squares, error
    work.let_go()
    return squares, came
