"""Numbers added exactly as they come, and kept few however many they are.

Each addition keeps what it rounds off (Knuth's two-sum) and adds that to a next number, so that a few numbers have
exactly the sum of all that came; in the end they are rounded once, as `math.fsum` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.plan.plan import Array

Positions = NDArray[np.intp]

AT_ONCE = 2**18
"""Numbers that are rounded at a time."""


class ExactTable:
    """A table to whose columns numbers are added exactly. Of `rows`, the first `used` have had any.

    What is rounded off is kept for the columns to which something was added twice, side by side in the order in which
    they came; memory is taken by what is not zero.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.used = 0
        self._high = np.zeros((rows, columns))
        self._low: list[Array] = []
        self._is_there = np.zeros(columns, np.bool_)
        self._place = np.full(columns, -1)
        self._again: list[int] = []
        """The column of each place."""

    def __getstate__(self) -> dict[str, Any]:
        """Without the zeros."""
        there, places, shape = np.flatnonzero(self._is_there), len(self._again), self._high.shape
        high, low = self._high[: self.used, there], [part[: self.used, :places].copy() for part in self._low]
        return {"used": self.used, "shape": shape, "there": there, "again": self._again, "high": high, "low": low}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ExactTable.__init__(self, *state["shape"])
        self.used, self._again = state["used"], state["again"]
        self._is_there[state["there"]] = True
        self._place[self._again] = np.arange(len(self._again))
        self._high[: self.used, state["there"]] = state["high"]
        for low in state["low"]:
            self._low.append(np.zeros(state["shape"]))
            self._low[-1][: self.used, : len(self._again)] = low

    def add(self, columns: Positions, numbers: Array) -> None:
        """Add the numbers (rows, columns) of some columns, each once, to all rows that are used."""
        rows = np.flatnonzero(numbers.any(axis=1))
        numbers = numbers[rows]
        known = self._is_there[columns]
        fresh, again = columns[~known], columns[known]
        with np.errstate(all="ignore"):
            if fresh.size:
                self._high[rows[:, None], fresh] = numbers[:, ~known] + 0.0  # no zero has a sign
                self._is_there[fresh] = True
            if not again.size:
                return
            left = _add(self._high, rows, again, numbers[:, known])
            place = self._places(again)
            for part in self._low:
                if not left.any():
                    return
                left = _add(part, rows, place, left)
            if left.any():
                self._low.append(np.zeros(self._high.shape))
                self._low[-1][rows[:, None], place] = left

    def copy_row(self, row: int) -> int:
        """A row with the same numbers."""
        there = np.flatnonzero(self._is_there)
        self._high[self.used, there] = self._high[row, there]
        for part in self._low:
            part[self.used, : len(self._again)] = part[row, : len(self._again)]
        self.used += 1
        return self.used - 1

    def rounded(self) -> Array:
        """The sums of the rows that are used, each rounded once, to even where it lies in the middle of two numbers;
        infinite where something infinite was added. After it nothing is added.
        """
        places = len(self._again)
        step = max(1, AT_ONCE // max(1, places))
        for first in range(0, self.used if self._low else 0, step):
            rows = slice(first, min(first + step, self.used))
            there = [self._high[rows, self._again], *(part[rows, :places] for part in self._low)]
            self._high[rows, self._again] = _rounded(there)
        return self._high[: self.used]

    def _places(self, columns: Positions) -> Positions:
        """Where what is rounded off of some columns is kept."""
        fresh = columns[self._place[columns] < 0]
        self._place[fresh] = len(self._again) + np.arange(len(fresh))
        self._again += fresh.tolist()
        return self._place[columns]


def _add(table: Array, rows: Positions, columns: Positions, numbers: Array) -> Array:
    """Add numbers to a table; what the sums lack."""
    where = rows[:, None], columns
    table[where], left = _two_sum(table[where], numbers)
    if not np.isfinite(left).all():
        left[~np.isfinite(left)] = 0.0  # nothing is lacking of what is infinite
    return left


def _rounded(parts: Sequence[Array]) -> Array:
    there = list(parts)
    with np.errstate(all="ignore"):
        is_done = False
        while not is_done:  # until each is so small beside the one before it that their sum rounds to that
            is_done = True
            for i in range(len(there) - 1, 0, -1):
                high, low = _two_sum(there[i - 1], there[i])
                is_done &= bool(np.array_equal(high, there[i - 1], equal_nan=True))
                there[i - 1], there[i] = high, low
        total, low = there[0], there[1]
        if len(there) > 2:
            further = total + 2 * low
            is_half = (low * np.sign(there[2]) > 0) & (further - total == 2 * low)
            total = np.where(is_half, further, total)
        return np.where(np.isfinite(parts[0]), total, parts[0])


def _two_sum(one: Array, other: Array) -> tuple[Array, Array]:
    """The rounded sum, and what it lacks."""
    total = one + other
    of_other = total - one
    return total, (one - (total - of_other)) + (other - of_other)


def grown(parts: Sequence[float], number: float) -> list[float]:
    """Numbers of which the last is the largest, and none is rounded off another; their sum is that of all that came."""
    kept = []
    for part in parts:
        if abs(number) < abs(part):
            number, part = part, number
        total = number + part
        if low := part - (total - number):
            kept.append(low)
        number = total
    return [*kept, number]
