"""Figures of an account made again on draws of what they rest on: rows of parameters with a range, cells of tables with
an error.

A row is one random number wherever it is used, and so is a cell: what two figures have in common is wrong in both of
them by the same, and cancels in their difference. What has neither range nor error stays what it is, and is told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.account.uncertain.dependence import Dependence, dependence_of
from gep.account.uncertain.model import TOTAL, Draws
from gep.account.uncertain.numbers import EXACT
from gep.account.uncertain.variables import Variable
from gep.assets.figures import RULES, Figure
from gep.core.messages import Text
from gep.core.units import convert
from gep.inputs.correlated import Correlation

Array = NDArray[np.float64]
Number = Array | float

Reason = Literal["no_range", "not_reproduced"]

SAME = 1e-9
"""How far, as a share, what is made again may be from the figure of the account."""


class Leaf(NamedTuple):
    """A number that figures rest on: its name, what people call it, and with which others it is told together."""

    name: str
    called: Text
    group: str


class Unmoved(NamedTuple):
    """What figures rest on and no draw moves, and why."""

    called: Text
    reason: Reason


class Tree:
    """All that some figures are made of, with the numbers that each of it follows."""

    def __init__(self, figures: Sequence[Figure], correlations: Iterable[Correlation] = ()) -> None:
        self.figures = tuple(figures)
        self.variables: dict[str, Variable] = {}
        self.leaves: dict[str, Leaf] = {}
        self._follows: dict[int, frozenset[str]] = {}
        self._rests: dict[int, frozenset[Unmoved]] = {}
        self._users: Counter[int] = Counter(id(figure) for figure in self.figures)
        for figure in self.figures:
            self._walk(figure)
        self.variables = dict(sorted(self.variables.items()))
        self.correlations = tuple(correlations)
        self.dependence = dependence_of(list(self.variables), self.correlations, self.variables, {})

    def follows(self, figure: Figure) -> frozenset[str]:
        """The numbers that move a figure."""
        return self._follows[id(figure)]

    def rests_on(self, figure: Figure) -> frozenset[Unmoved]:
        """What of unknown uncertainty it rests on."""
        return self._rests[id(figure)]

    def _walk(self, figure: Figure) -> None:
        if id(figure) in self._follows:
            return
        for _, part in figure.parts:
            self._users[id(part)] += 1
            self._walk(part)
        follows: frozenset[str] = frozenset()
        rests: frozenset[Unmoved] = frozenset()
        if not figure.parts:
            if leaf := _leaf_of(figure):
                variable, told = leaf
                if variable is None:
                    rests = frozenset((Unmoved(told.called, "no_range"),))
                else:
                    self.variables[told.name], self.leaves[told.name] = variable, told
                    follows = frozenset((told.name,))
        else:
            follows = follows.union(*(self._follows[id(part)] for _, part in figure.parts))
            rests = rests.union(*(self._rests[id(part)] for _, part in figure.parts))
            if follows and not _is_same(_made_again(figure, [part.value for _, part in figure.parts]), figure.value):
                rests |= {Unmoved(self.leaves[name].called, "not_reproduced") for name in follows}
                follows = frozenset()
        self._follows[id(figure)], self._rests[id(figure)] = follows, rests

    def on(self, figures: Sequence[Figure], drawn: Draws) -> Iterable[Number]:
        """Figures on draws, in their units, one after the other: an array, or a number where no draw moves it. Of what
        they are made of, that is kept for as long as another asks for it.
        """
        made: dict[int, Number] = {}
        left = Counter(self._users)
        with np.errstate(all="ignore"):
            for figure in figures:
                yield self._on(figure, drawn, made, left)

    def _on(self, figure: Figure, drawn: Draws, made: dict[int, Number], left: Counter[int]) -> Number:
        key = id(figure)
        left[key] -= 1
        if not self._follows[key]:
            return figure.value
        if key in made:
            return made[key] if left[key] > 0 else made.pop(key)
        if figure.parts:
            found: Number = _made_again(figure, [self._on(part, drawn, made, left) for _, part in figure.parts])
        else:
            leaf, _ = _variable_of(figure)
            found = drawn[leaf]
        if left[key] > 0:
            made[key] = found
        return found


def _made_again(figure: Figure, values: Sequence[Number]) -> Any:
    """A figure of other numbers in place of its parts, each in the unit of its part."""
    if figure.equation is not None:
        units = figure.equation.units
        return figure.equation(
            **{
                name: convert(value, part.unit, units[name])  # type: ignore[arg-type]  # linear, of arrays too
                for (name, part), value in zip(figure.parts, values, strict=True)
            }
        )
    terms = [
        convert(value, part.unit, figure.unit)  # type: ignore[arg-type]  # as above
        for (_, part), value in zip(figure.parts, values, strict=True)
    ]
    return RULES[figure.rule](reduce(np.add, terms))


def _is_same(again: Any, value: float) -> bool:
    return bool(np.ndim(again) == 0 and math.isclose(float(again), value, rel_tol=SAME, abs_tol=SAME**2))


def _leaf_of(figure: Figure) -> tuple[Variable | None, Leaf] | None:
    """The number that a figure is, and how it is distributed if somebody said so; None of what is so by definition."""
    row = figure.row
    if figure.is_exact or (row is not None and row.row.source == EXACT):
        return None
    name, variable = _variable_of(figure)
    if row is not None:
        return variable, Leaf(name, row.called(), name)
    place = figure.place if figure.place is not None else Text(name, name)
    called = figure.column or place
    return variable, Leaf(name, called, str(called))


def _variable_of(figure: Figure) -> tuple[str, Variable | None]:
    """The name of the random number that a leaf is, and its distribution: of a row by its range, where the figure is
    the number of the row; of a cell by its error.
    """
    if figure.row is not None:
        row = figure.row.row
        if row.low is None or row.high is None or not row.low < row.high or figure.value != row.value:
            return figure.row.id, None
        return figure.row.id, Variable(figure.row.id, row.value, row.low, row.high, row.spread or "uniform")
    name = str(figure.place)
    if figure.error is None:
        return name, None
    standard, may_be_negative = figure.error
    return name, Variable(name, figure.value, error=standard, is_shift=may_be_negative)


# one figure, for what drives it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grouped(Dependence):
    """Numbers of which some are told together: those of one group, and those that are correlated."""

    kinds: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The positions of numbers that are told together."""
        from scipy.sparse.csgraph import connected_components

        kinds = np.array(self.kinds)
        count, labels = connected_components((self.matrix != 0) | (kinds[:, None] == kinds), directed=False)
        return tuple(tuple(int(at) for at in np.flatnonzero(labels == label)) for label in range(count))

    def correlated(self, shares: Array) -> Array:
        """As of numbers that are not told together."""
        return Dependence(self.names, self.matrix).correlated(shares)


class OneFigure:
    """A figure as `gep.account.uncertain.drivers` asks for it: a total of one part."""

    def __init__(self, tree: Tree, figure: Figure) -> None:
        self.tree, self.figure = tree, figure
        follows = tree.follows(figure)
        self.variables: Mapping[str, Variable] = {name: of for name, of in tree.variables.items() if name in follows}
        names = tuple(self.variables)
        at = [tree.dependence.names.index(name) for name in names]
        kinds = tuple(tree.leaves[name].group for name in names)
        self.dependence = Grouped(names, tree.dependence.matrix[np.ix_(at, at)], kinds)
        self.moving = (figure,)

    def follows(self, part: Figure) -> frozenset[str]:
        """The numbers that move it."""
        return self.tree.follows(part)

    def total_of(self, part: Figure, drawn: Draws) -> Array:
        """The figure on some draws."""
        (found,) = self.tree.on((part,), drawn)
        return np.asarray(found, np.float64)

    def on(self, drawn: Draws) -> Mapping[tuple[str, ...], Array]:
        """The same as a total."""
        return {TOTAL: self.total_of(self.figure, drawn)}
