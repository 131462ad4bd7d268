"""Processes and what they took; ratios of what alternates."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Times(NamedTuple):
    """What something took: seconds of the processors (user and system), and of the clock on the wall."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Process:
    """What a process took with those that it started and waited for, the most memory that one of them had (MB, of a
    million bytes), and what it printed.
    """

    times: Times
    peak: float
    printed: str


class ProcessFailed(Exception):
    """A process that is measured did not end well."""


def run_process(*command: str) -> Process:
    """One process, from its start to its end. This one imports little: what it holds when it starts another would count
    as memory of that.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as errors:
        start = perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (printed, errors):
            file.seek(0)
        if process.returncode:
            said = errors.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise ProcessFailed(f"{' '.join(command[1:4])}: exit {process.returncode}, {said[-1]}")
        unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
        peak = usage.ru_maxrss * unit / 1e6
        return Process(Times(usage.ru_utime + usage.ru_stime, wall), peak, printed.read().decode(errors="replace"))


def typical(times: Sequence[Times]) -> Times:
    """The median of each clock."""
    return Times(*(median(column) for column in zip(*times, strict=True)))


def ratio(of: Sequence[Times], to: Sequence[Times], clock: str = "cpu") -> float:
    """How many times as long: the median over pairs that were measured one after the other."""
    return median(getattr(one, clock) / getattr(other, clock) for one, other in zip(of, to, strict=True))
