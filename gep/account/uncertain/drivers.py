"""What drives an interval: the shares of variance of the numbers behind a total, and how far each moves it alone.

Numbers that are correlated have no share each: they are told together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gep.account.propagation import combined, shares_of_sum
from gep.account.uncertain.dependence import Dependence
from gep.account.uncertain.model import TOTAL, Draws
from gep.account.uncertain.variables import Again, Variable, draws_of, latin_hypercube

Array = NDArray[np.float64]

BASE_OF_SALTELLI = 10
"""Twice as often doubled is the number of draws that shares of variance are estimated from."""
ADDS_UP = 1e-9
"""How far in parts a total may be from the sum of what its variables do alone, to be a sum of terms."""
TOGETHER = " + "
"""What stands between the names of numbers that are told together."""


class Driver(NamedTuple):
    """A number with what it adds to the variance of the total: alone, and with others. Shares."""

    name: str
    first: float
    total: float


Group = tuple[str, ...]
"""The names of numbers that are drawn together; mostly one."""


class Drawn(Protocol):
    """What is drawn: a total of parts, each of which follows some numbers. The first number of draws is that of the
    account. A whole account (`Model`), or one figure of an account beside GEP.
    """

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The numbers that move it, in an order."""

    @property
    def dependence(self) -> Dependence:
        """How these depend on each other."""

    @property
    def moving(self) -> Sequence[Any]:
        """The parts that one of them moves."""

    def follows(self, part: Any) -> frozenset[str]:
        """The numbers that move a part."""

    def total_of(self, part: Any, drawn: Draws) -> Array:
        """What a part is on some draws."""

    def on(self, drawn: Draws) -> Mapping[tuple[str, ...], Array]:
        """The total on some draws, as `TOTAL`."""


def groups_of(model: Drawn) -> list[Group]:
    """The numbers of a model, those together that are correlated."""
    names = list(model.variables)
    return [tuple(names[at] for at in group) for group in model.dependence.groups]


def standard_uncertainty(model: Drawn, variables: Sequence[Variable]) -> float:
    """The standard uncertainty of the total by the law of propagation: c_i u_i by half the difference of the totals at
    u_i on either side, with the correlations of the numbers.
    """
    if not variables:
        return 0.0
    sides = np.zeros((len(variables), 1 + 2 * len(variables)))
    for number, variable in enumerate(variables):
        sides[number, 1 + 2 * number : 3 + 2 * number] = variable.standard_uncertainty, -variable.standard_uncertainty
    drawn = {variable.name: variable.value + of for variable, of in zip(variables, sides, strict=True)}
    totals = model.on(drawn)[TOTAL][1:].reshape(-1, 2)
    parts = (totals[:, 0] - totals[:, 1]) / 2
    for number, variable in enumerate(variables):
        if isinstance(variable, Again):
            parts[number] = model.on({variable.name: np.arange(variable.runs + 1.0)})[TOTAL][1:].std()
    signs = np.where(parts < 0, -1.0, 1.0)
    return combined(signs, np.abs(parts), model.dependence.matrix)


def swings(model: Drawn, variables: Sequence[Variable], ends: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """The least and the greatest change of the total by each number alone, in the order of the numbers; by those that
    are drawn together, between quantiles of their draws.
    """
    found = {}
    base = draws_of(variables, model.dependence.correlated(latin_hypercube(2**BASE_OF_SALTELLI, len(variables), 0)))
    by_name = {variable.name: variable for variable in variables}
    for group in groups_of(model):
        variable = by_name[group[0]]
        if isinstance(variable, Again):
            drawn: Draws = {variable.name: np.arange(variable.runs + 1.0)}
        elif len(group) == 1:
            drawn = {variable.name: np.array([variable.value, *variable.quantile(np.array(ends))])}
        else:
            drawn = {name: base[name] for name in group}
        totals = model.on(drawn)[TOTAL]
        changes = totals[1:] - totals[0]
        is_drawn = isinstance(variable, Again) or len(group) > 1
        low, high = np.quantile(changes, ends) if is_drawn else (changes.min(), changes.max())
        found[TOGETHER.join(group)] = float(low), float(high)
    return found


def drivers_of(model: Drawn, variables: Sequence[Variable], total: Array, seed: int) -> tuple[list[Driver], bool]:
    """The shares of variance of all numbers, the largest first, and whether the total is a sum of terms."""
    if not variables or not np.var(total):
        return [], True
    groups = groups_of(model)
    shares = model.dependence.correlated(latin_hypercube(2**BASE_OF_SALTELLI, len(variables), seed))
    base = draws_of(variables, shares)
    terms = np.array([_alone(model, group, base) for group in groups])
    whole = model.on(base)[TOTAL]
    is_sum = bool(np.abs(whole - whole[0] - terms.sum(axis=0)).max() <= ADDS_UP * np.abs(whole).max())
    if is_sum:
        first = both = shares_of_sum(terms[:, 1:].std(axis=1))
    else:
        first, both = _by_saltelli(model, variables, groups, seed)
    names = [TOGETHER.join(group) for group in groups]
    found = [Driver(name, *shares) for name, *shares in zip(names, first.tolist(), both.tolist(), strict=True)]
    return sorted(found, key=lambda driver: (-driver.total, driver.name)), is_sum


def _alone(model: Drawn, group: Group, base: Draws) -> Array:
    """What numbers change of the total while all others are what they were in the run."""
    drawn = {name: of if name in group else np.full_like(of, of[0]) for name, of in base.items()}
    found = np.zeros(len(base[group[0]]))
    for part in model.moving:
        if not model.follows(part).isdisjoint(group):
            of_part = model.total_of(part, drawn)
            found += of_part - of_part[0]
    return found


def _by_saltelli(
    model: Drawn, variables: Sequence[Variable], groups: Sequence[Group], seed: int
) -> tuple[Array, Array]:
    """First and total order by Saltelli's sampling (scipy.stats.sobol_indices). What a group does not move is not
    computed again.
    """
    from scipy.stats import sobol_indices
    from scipy.stats.qmc import Sobol

    count = len(variables)
    shares = Sobol(2 * count, seed=seed).random_base2(BASE_OF_SALTELLI)
    correlated = model.dependence.correlated
    a, b = (draws_of(variables, correlated(of)) for of in (shares[:, :count], shares[:, count:]))
    parts = [model.total_of(part, a) for part in model.moving]
    of_a = np.sum(parts, axis=0)
    of_ab = np.empty((len(groups), 1, len(shares)))
    for number, group in enumerate(groups):
        mixed = {**a, **{name: b[name] for name in group}}
        change = np.zeros_like(of_a)
        for part, before in zip(model.moving, parts, strict=True):
            if not model.follows(part).isdisjoint(group):
                change += model.total_of(part, mixed) - before
        of_ab[number, 0] = (of_a + change)[1:]
    of_b = np.sum([model.total_of(part, b) for part in model.moving], axis=0)
    centre = of_a[1:].mean()  # of numbers that differ little from each other the difference is what counts
    given = {"f_A": of_a[None, 1:] - centre, "f_B": of_b[None, 1:] - centre, "f_AB": of_ab - centre}
    found = sobol_indices(func=given, n=len(shares))
    first, total = (np.clip(np.ravel(of), 0.0, 1.0) for of in (found.first_order, found.total_order))
    return first, np.maximum(first, total)  # two estimates of which the second is never less
