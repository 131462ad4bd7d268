"""Numbers with a range or an error, and draws of them.

A row of coefficients with `low` and `high` is one random number, whatever zones, classes, services and years use it.
A layer or an item of the tables with an error is one too: all its cells or figures are wrong together, which no zone
evens out. What has neither is no variable: its uncertainty is unknown, not zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.account.propagation import lognormal_of, uncertainty_of_range
from gep.account.record import Ledger, RunRecord
from gep.inputs.correlated import LAYER, TABLE, Correlation

Array = NDArray[np.float64]
Errors = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Of `layers` and `tables`, by name: `relative_error` or `standard_error`."""

MOST_OF_NORMAL = 0.3
"""From this relative error on a number that cannot be negative is lognormal (IPCC 2006 vol. 1 ch. 3, 3.2.2.4)."""
SHARE_OF_EXTREMES = 1e-12
"""What is left out at either end of a distribution that has none."""


@dataclass(frozen=True)
class Variable:
    """A random number: what it was in the run, and how it is distributed.

    That of a layer or an item is what its values are multiplied by, or with `is_shift` what is added to them.
    """

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    spread: str = "normal"
    error: float = math.nan
    is_shift: bool = False
    centre: float = math.nan
    """Where its error lies around, if not around what it was in the run."""

    @cached_property
    def distribution(self) -> Any:
        """As scipy has it."""
        from scipy import stats

        if not math.isnan(self.error):
            mean = self.value if math.isnan(self.centre) else self.centre
            if self.is_shift or self.error < MOST_OF_NORMAL * mean:
                return stats.norm(mean, self.error)
            of = lognormal_of(mean, self.error / mean)
            return stats.lognorm(of.sigma, scale=math.exp(of.mu))
        width = self.high - self.low
        if self.spread == "triangular":
            return stats.triang((self.value - self.low) / width, self.low, width)
        if self.spread == "normal":
            return stats.norm(self.value, uncertainty_of_range(self.low, self.high, "normal"))
        if self.spread == "lognormal":
            sigma = uncertainty_of_range(self.low, self.high, "lognormal")
            return stats.lognorm(sigma, scale=self.value * math.exp(-(sigma**2) / 2))
        return stats.uniform(self.low, width)

    @property
    def standard_uncertainty(self) -> float:
        """Its standard deviation."""
        return float(self.distribution.std())

    def is_at_an_end(self, level: float) -> bool:
        """Whether what it was in the run lies outside of what it is between, at a level."""
        beyond = (1 - level) / 2
        return not beyond <= float(self.distribution.cdf(self.value)) <= 1 - beyond

    def quantile(self, shares: Array) -> Array:
        """Its numbers at shares of its probability."""
        inside = np.clip(shares, SHARE_OF_EXTREMES, 1 - SHARE_OF_EXTREMES)
        return np.asarray(self.distribution.ppf(inside), np.float64)


@dataclass(frozen=True)
class Again(Variable):
    """The number of one of so many runs that were computed again: 0 is the run itself. It stands for the rows that were
    drawn for them, together.
    """

    runs: int = 0

    @property
    def standard_uncertainty(self) -> float:
        """Of a number that only counts there is none."""
        return 0.0

    def quantile(self, shares: Array) -> Array:
        """Each run for an equal part of the probability."""
        return np.minimum(np.floor(shares * self.runs), self.runs - 1) + 1.0


def variables_of(ledger: Ledger, record: RunRecord, errors: Errors | None = None) -> dict[str, Variable]:
    """The random numbers of a run by name: rows of coefficients with a range, layers and items with an error that the
    project says, or that `errors` say. A range of no width is none: that two documents print one number does not make
    it certain.
    """
    found = {}
    for name, row in sorted(ledger["coefficients"].items()):
        low, high = row.get("low"), row.get("high")
        if low is not None and high is not None and low < high:
            found[name] = Variable(name, row["value"], low, high, row.get("spread", "") or "uniform")
    said = record.get("study", {}).get("uncertainty", {})
    for kind, beginning in (("layers", LAYER), ("tables", TABLE)):
        for name, error in sorted({**said.get(kind, {}), **(errors or {}).get(kind, {})}.items()):
            if "standard_error" in error:
                found[beginning + name] = Variable(beginning + name, 0.0, error=error["standard_error"], is_shift=True)
            else:
                found[beginning + name] = Variable(beginning + name, 1.0, error=error["relative_error"])
    return found


def correlations_of(record: RunRecord) -> tuple[Correlation, ...]:
    """What the project of a run says to be wrong together."""
    said = record.get("study", {}).get("correlations", ())
    return tuple(Correlation(tuple(numbers), rho) for numbers, rho in said)


def draws_of(variables: Sequence[Variable], shares: Array) -> dict[str, Array]:
    """The numbers of variables at shares of their probabilities (draw, variable); before the draws what the run had."""
    return {
        variable.name: np.concatenate(([variable.value], variable.quantile(shares[:, number])))
        for number, variable in enumerate(variables)
    }


def latin_hypercube(draws: int, variables: int, seed: int) -> Array:
    """Shares of probabilities, each of `draws` slices of every variable once (draw, variable)."""
    from scipy.stats.qmc import LatinHypercube

    if not variables:
        return np.empty((draws, 0))
    return np.asarray(LatinHypercube(variables, seed=seed).random(draws), np.float64)
