"""Means, maxima and minima that a line prints of the others: 平均, Max, by words that say no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gep.audit.figures import Figure
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid, Line
from gep.audit.grids.totals import AXES, View
from gep.audit.grids.unsaid import SHARE_OF_LINES
from gep.audit.grids.words import is_just, split_unit
from gep.audit.printed import Interval, total
from gep.core.messages import say

_KINDS = ("mean", "max", "min")
_SEVERAL = 2


def extreme_checks(grid: Grid) -> Iterator[Check]:
    """A mean of others may be weighted, and a maximum be of what is not printed: one fails only where most lines across
    keep it, under each reading of what it is of.
    """
    for axis in AXES:
        view = View(grid, axis)
        for number, line in enumerate(view.lines):
            kind = _kind_of(line)
            readings = _readings(view, number) if kind else []
            found = [
                ways
                for across in range(len(view.across))
                if (ways := [made for parts in readings if (made := _comparison(view, number, parts, across, kind))])
            ]
            held = [any(way.holds for way in ways) for ways in found]
            is_kept = sum(held) >= _SEVERAL and sum(held) >= len(held) * SHARE_OF_LINES
            for ways in found:
                nearest = min(ways, key=lambda way: abs(way.units_off))
                if nearest.holds or (is_kept and not nearest.figure.unit.is_intensive):
                    yield nearest.check()


def _kind_of(line: Line) -> str:
    """Whether a line is a mean, a maximum or a minimum, and says no more than that."""
    last = split_unit(line.label.split(" / ")[-1])[0]
    return next((kind for kind in _KINDS if line.role == "statistic" and is_just("extreme", kind, last)), "")


def _readings(view: View, number: int) -> list[tuple[int, ...]]:
    """What a line may be of: all amounts of its group, or those before it since another of its kind."""
    own = view.lines[number]
    outer = tuple(name.text for name in own.names[:-1])
    alike = [
        at
        for at, line in enumerate(view.lines)
        if not (line.role or line.total)
        and (line.names or line.times)
        and _is_within(outer, line)
        and (line.measure == own.measure or {line.measure, own.measure} <= {"", "value"})
    ]
    since: list[int] = []
    for at in range(number):
        since = [*since, at] if at in alike else since if _kind_of(view.lines[at]) else []
    return list(dict.fromkeys(tuple(parts) for parts in (alike, since) if len(parts) >= _SEVERAL))


def _is_within(outer: Sequence[str], line: Line) -> bool:
    return tuple(name.text for name in line.names[: len(outer)]) == tuple(outer)


def _comparison(view: View, number: int, parts: Sequence[int], across: int, kind: str) -> Comparison | None:
    figure = view.figure(number, across)
    printed = [view.figure(part, across) for part in parts]
    figures = [each for each in printed if each is not None]
    if figure is None or len(figures) < len(parts) or view.across[across].role:
        return None
    if any(each.unit.kind != figure.unit.kind for each in figures):
        return None
    row = view.grid.address(*view.at(number, across))
    formula = f"{kind}({', '.join(each.printed.text for each in figures)})"
    what = say(f"audit.extreme.{kind}", count=len(figures))
    return Comparison("extreme", row, figure, _made(kind, figures), tuple(figures), formula, what)


def _made(kind: str, figures: Sequence[Figure]) -> Interval:
    if kind == "mean":
        whole = total([figure.interval for figure in figures])
        return Interval(whole.low / len(figures), whole.high / len(figures))
    pick = max if kind == "max" else min
    return Interval(pick(figure.interval.low for figure in figures), pick(figure.interval.high for figure in figures))
