"""How often a land cover says one class where points on the ground are another: a table (mapped, reference, count).

One row for each pair of classes that was found; `count` are sample points, drawn at random within each mapped class.
Classes are ecosystems (`forest`) or classes of one (`forest/mixed`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from gep.core.data import line_of, read_csv
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.standards.classes import unknown_ecosystem

Row = tuple[str, str, float]
"""A class of the map, the class on the ground, and how many points."""

COLUMNS = ("mapped", "reference", "count")
KEY = "uncertainty.confusion"
LEAST_POINTS = 2
"""Of a mapped class: of one point no variance can be told."""


def read_confusion(path: Path) -> tuple[tuple[Row, ...], list[Problem]]:
    """The rows of a table, with everything that is wrong with it. Raises InputError where it is no table."""
    if not path.is_file():
        return (), [problem("inputs.F01.no_confusion", KEY, place=path.name)]
    read = list(read_csv(path))
    if lacking := [column for column in COLUMNS if not read or column not in read[0][1]]:
        names = [f"`{column}`" for column in lacking]
        return (), [problem("inputs.P02.confusion_columns", KEY, place=path.name, columns=names)]
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in read:
        try:
            count = float(cells["count"])
        except ValueError:
            count = math.nan
        rows.append((cells["mapped"], cells["reference"], count))
        problems += [
            problem("inputs.P02.confusion_row", KEY, place=line_of(path, line), written=cells[column], why=why)
            for column, why in _faults_of(rows[-1])
        ]
    if not problems:
        problems = list(check_confusion(rows))
    return tuple(rows), problems


def check_confusion(rows: Sequence[Row]) -> Iterator[Problem]:
    """What is wrong with a table of confusion: with single rows, and with all of them together."""
    points: dict[str, float] = {}
    pairs: dict[tuple[str, str], None] = {}
    for mapped, reference, count in rows:
        for column, why in _faults_of((mapped, reference, count)):
            written = {"mapped": mapped, "reference": reference, "count": str(count)}[column]
            yield problem("inputs.P02.confusion_row", KEY, written=written, why=why)
        if (mapped, reference) in pairs:
            yield problem("inputs.P02.confusion_twice", KEY, mapped=mapped, reference=reference)
        pairs[mapped, reference] = None
        points[mapped] = points.get(mapped, 0.0) + count
    for mapped, count in points.items():
        if count < LEAST_POINTS:
            yield problem("inputs.P02.confusion_few", KEY, mapped=mapped, points=f"{count:g}", least=LEAST_POINTS)


def _faults_of(row: Row) -> Iterator[tuple[str, Text]]:
    """The columns of a row that say what cannot be, and why."""
    for column, name in zip(COLUMNS, row[:2], strict=False):
        ecosystem, _, land_class = name.partition("/")
        if why := unknown_ecosystem(ecosystem or "?", land_class):
            yield column, why
    if not (row[2] >= 0 and float(row[2]).is_integer()):
        yield "count", say("inputs.confusion_count")


def counts_of(rows: Sequence[Row]) -> tuple[tuple[str, ...], tuple[str, ...], list[list[float]]]:
    """The mapped classes, all classes (the mapped ones first), and the points of each pair."""
    mapped = tuple(dict.fromkeys(row[0] for row in rows))
    every = tuple(dict.fromkeys([*mapped, *(row[1] for row in rows)]))
    counts = [[0.0] * len(every) for _ in mapped]
    for one, other, count in rows:
        counts[mapped.index(one)][every.index(other)] += count
    return mapped, every, counts
