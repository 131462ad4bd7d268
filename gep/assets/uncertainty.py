"""How sure the figures of an account beside GEP are: between what each lies, what drives those of the whole, what is
not known.

    found = account.uncertainty()
    found.by_figure, found.heads, found.unknown

By the draws, distributions and shares of variance that the account of GEP has (`gep.account.uncertain`); the law of
propagation stands beside. The interval is of what is known: a number without a range adds nothing to it, and is listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.account.propagation import half_widths
from gep.account.uncertain.drivers import TOGETHER, drivers_of, standard_uncertainty
from gep.account.uncertain.result import DRAWS, LEAST_DRAWS, LEVEL, SEED, SETTLED, Interval, settling_of
from gep.account.uncertain.variables import draws_of, latin_hypercube
from gep.assets.draws import OneFigure, Reason, Tree
from gep.assets.figures import Figure
from gep.core.errors import UsageError
from gep.core.messages import Text, listed, say
from gep.core.units import convert
from gep.inputs.correlated import Correlation

Array = NDArray[np.float64]
Place = tuple[str, int, str]
"""A figure: its table, the position of its row, its measure."""

MOST_HEADS = 3
"""Figures of the whole of which it is told what drives them."""


class Driver(NamedTuple):
    """A number, or the cells of a column, with what it adds to the variance: alone, and with others. Shares."""

    name: Text
    first: float
    total: float


class Unknown(NamedTuple):
    """What has no range and no error, or does not move its figure provably: how many figures rest on it, of all."""

    name: Text
    reason: Reason
    figures: int
    share: float


class Shown(NamedTuple):
    """A figure where an account shows it: table, position and id of the row, measure with its unit, what it is called,
    and whether the row is of the whole.
    """

    table: str
    at: int
    line: str
    measure: str
    unit: str
    called: Text
    is_whole: bool
    figure: Figure

    @property
    def place(self) -> Place:
        """Which figure it is."""
        return self.table, self.at, self.measure


@dataclass(frozen=True)
class Head:
    """A figure of the whole, in the unit of its measure: its interval, and what drives it."""

    shown: Shown
    interval: Interval
    median: float
    gum: Interval
    """By the law of propagation: the figure, less and more its expanded uncertainty."""
    settling: float
    """By what share half of the draws would change the half-width of the interval."""
    drivers: tuple[Driver, ...]
    is_sum: bool
    """Whether it is a sum of what each of them does, so that shares are exact."""

    @property
    def has_settled(self) -> bool:
        """Whether more draws would change little."""
        return self.settling < SETTLED

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "figure": self.shown.called,
            "table": self.shown.table,
            "line": self.shown.line,
            "measure": self.shown.measure,
            "unit": self.shown.unit,
            **self.interval._asdict(),
            "median": self.median,
            "gum": {"lower": self.gum.lower, "upper": self.gum.upper},
            "settling": self.settling,
            "shares": "sum" if self.is_sum else "saltelli",
            "drivers": [driver._asdict() for driver in self.drivers],
        }


@dataclass(frozen=True)
class AssetUncertainty:
    """How sure the figures of an account beside GEP are."""

    level: float
    draws: int
    seed: int
    by_figure: Mapping[Place, Interval]
    """Of every figure that a known uncertainty moves, in the unit of its measure."""
    heads: tuple[Head, ...]
    unknown: tuple[Unknown, ...]
    ranges: int
    """How many numbers have a range or an error; each cell of a table is one."""
    figures: int
    """How many figures the account has."""
    at_ends: tuple[Text, ...]
    """Rows of parameters that stand in the account at an end of their range."""
    correlations: tuple[Correlation, ...]

    def document(self) -> dict[str, Any]:
        """All but the intervals of figures, which stand beside these, as JSON."""
        return {
            "level": self.level,
            "draws": self.draws,
            "seed": self.seed,
            "figures": self.figures,
            "with_interval": len(self.by_figure),
            "ranges": self.ranges,
            "heads": [head.document() for head in self.heads],
            "unknown": [one._asdict() for one in self.unknown],
            "at_ends": list(self.at_ends),
            "correlations": [{"numbers": [*of.numbers], "rho": of.rho} for of in self.correlations],
        }


def uncertainty_of(
    shown: Sequence[Shown],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = LEVEL,
    correlations: Iterable[tuple[Sequence[str], float]] = (),
) -> AssetUncertainty:
    """How sure the figures of an account are; as `AssetAccount.uncertainty`, which says what the arguments are."""
    if draws < LEAST_DRAWS:
        raise UsageError(say("uncertainty.few_draws", found=draws, least=LEAST_DRAWS))
    if not 0 < level < 1:
        raise UsageError(say("uncertainty.no_level", found=level))
    figures = list({id(one.figure): one.figure for one in shown}.values())
    together = [Correlation(tuple(numbers), rho) for numbers, rho in correlations]
    tree = Tree(figures, together)
    ends = (1 - level) / 2, (1 + level) / 2
    variables = list(tree.variables.values())
    drawn = draws_of(variables, tree.dependence.correlated(latin_hypercube(draws, len(variables), seed)))
    moving = [figure for figure in figures if tree.follows(figure)]
    heads = _heads(shown, tree)
    kept = {id(one.figure) for one in heads}
    between: dict[int, tuple[float, float]] = {}
    samples: dict[int, Array] = {}
    for figure, values in zip(moving, tree.on(moving, drawn), strict=True):
        sample = np.asarray(values, np.float64)[1:]
        if not np.isfinite(sample).all():
            continue
        lower, upper = np.quantile(sample, ends)
        between[id(figure)] = float(lower), float(upper)
        if id(figure) in kept:
            samples[id(figure)] = sample
    return AssetUncertainty(
        level,
        draws,
        seed,
        {
            one.place: _interval(one.figure, between[id(one.figure)], one.unit)
            for one in shown
            if id(one.figure) in between
        },
        tuple(_head(tree, one, samples[id(one.figure)], ends, seed) for one in heads if id(one.figure) in samples),
        tuple(_unknown(tree, [one.figure for one in shown])),
        len(variables),
        len(shown),
        tuple(
            tree.leaves[name].called
            for name, variable in tree.variables.items()
            if not math.isnan(variable.low) and variable.is_at_an_end(level)
        ),
        tree.correlations,
    )


def _interval(figure: Figure, between: tuple[float, float], unit: str) -> Interval:
    return Interval(figure.to(unit), *(convert(end, figure.unit, unit) for end in between))


def _heads(shown: Sequence[Shown], tree: Tree) -> list[Shown]:
    """The figures of the whole that something moves, of the first table that has some and its last such row (of years
    the last); where no row is of the whole, of the last row.
    """
    moved = [one for one in shown if tree.follows(one.figure)]
    moved = [one for one in moved if one.is_whole] or moved
    of_table = [one for one in moved if one.table == moved[0].table]
    return [one for one in of_table if one.at == of_table[-1].at][:MOST_HEADS]


def _head(tree: Tree, shown: Shown, sample: Array, ends: tuple[float, float], seed: int) -> Head:
    figure = shown.figure
    one = OneFigure(tree, figure)
    variables = list(one.variables.values())
    half = standard_uncertainty(one, variables) * half_widths(ends[1] - ends[0])
    drivers, is_sum = drivers_of(one, variables, sample, seed)
    lower, upper = np.quantile(sample, ends)
    return Head(
        shown,
        _interval(figure, (float(lower), float(upper)), shown.unit),
        convert(float(np.median(sample)), figure.unit, shown.unit),
        _interval(figure, (figure.value - half, figure.value + half), shown.unit),
        settling_of(sample, ends),
        tuple(
            Driver(_called(tree, driver.name.split(TOGETHER)), driver.first, driver.total)
            for driver in drivers
            if driver.total > 0
        ),
        is_sum,
    )


def _called(tree: Tree, names: Sequence[str]) -> Text:
    """What numbers that are told together are called; the cells of a column by the column."""
    called = {tree.leaves[name].group: tree.leaves[name].called for name in names}
    return listed(called.values())


def _unknown(tree: Tree, figures: Sequence[Figure]) -> Iterator[Unknown]:
    """What of unknown uncertainty the figures rest on; what most of them rest on comes first."""
    counts: dict[tuple[Text, Reason], int] = {}
    for figure in figures:
        for one in tree.rests_on(figure):
            counts[one.called, one.reason] = counts.get((one.called, one.reason), 0) + 1
    for (name, reason), count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0][0]), item[0][1])):
        yield Unknown(name, reason, count, count / len(figures))
