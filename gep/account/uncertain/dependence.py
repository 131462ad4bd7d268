"""Which random numbers are wrong together: draws that obey correlations, and the groups that what is correlated forms.

Correlations are those of the normal scores of the numbers (a Gaussian copula): of normal numbers their own, of uniform
ones a correlation of 6/pi asin(rho/2), which is 0.48 for 0.5. Every number keeps its distribution, and every slice of
it its one draw (Iman and Conover 1982, doi 10.1080/03610918208812265).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import say, sentences
from gep.inputs.correlated import Correlation, can_be, contradiction, matrix_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Dependence:
    """Random numbers in an order, with the matrix of their correlations."""

    names: tuple[str, ...]
    matrix: Array

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The positions of numbers that are correlated, directly or through others; most stand alone."""
        from scipy.sparse.csgraph import connected_components

        count, labels = connected_components(self.matrix != 0, directed=False)
        return tuple(tuple(int(at) for at in np.flatnonzero(labels == label)) for label in range(count))

    def correlated(self, shares: Array) -> Array:
        """Shares of probabilities (draw, number) put in an order in which they are correlated."""
        made = shares.copy()
        for group in (list(group) for group in self.groups if len(group) > 1):
            values, vectors = np.linalg.eigh(self.matrix[np.ix_(group, group)])
            root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
            scores = np.round(ndtri(shares[:, group]) @ root, DIGITS)
            ranks = np.argsort(np.argsort(scores, axis=0, kind="stable"), axis=0)
            made[:, group] = np.take_along_axis(np.sort(shares[:, group], axis=0), ranks, axis=0)
        return made


DIGITS = 9
"""Of normal scores: what is fully correlated has the same ones, whose last digits differ."""


def dependence_of(
    names: Sequence[str], correlations: Iterable[Correlation], known: Iterable[str], again: Mapping[str, object]
) -> Dependence:
    """How numbers depend on each other. Those that move nothing of an account are left out. Raises UsageError for names
    that are no uncertain numbers (`known`), for correlations that contradict each other, and where one number is drawn
    with the cells computed `again` and the other is not.
    """
    given, there = tuple(correlations), {*known}
    for numbers, rho in given:
        if not -1 <= rho <= 1 or len(numbers) < 2:
            raise UsageError(say("uncertainty.no_correlation", numbers=list(numbers), rho=rho))
        if lost := [name for name in numbers if name not in there]:
            hint = did_you_mean(lost[0], there)
            what = say("uncertainty.correlated_unknown", name=lost[0])
            raise UsageError(sentences(what, hint, say("uncertainty.correlated_known")))
        if again and 0 < sum(name in again for name in numbers) < len(numbers):
            apart = next(name for name in numbers if name in again), next(n for n in numbers if n not in again)
            raise UsageError(say("uncertainty.correlated_apart", first=apart[0], second=apart[1]))
    if pair := contradiction(given):
        raise UsageError(say("uncertainty.contradiction", first=pair[0], second=pair[1]))
    every = sorted({name for numbers, _ in given for name in numbers})
    if every and not can_be(matrix_of(every, given)):
        raise UsageError(say("uncertainty.no_correlations"))
    return Dependence(tuple(names), matrix_of(names, given))
