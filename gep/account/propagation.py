"""How uncertain figures add up: the equations of IPCC approach 1, of the GUM, and of shares of variance.

Plain functions of numbers and arrays. u is a standard uncertainty, U the half-width of the interval at a level,
relative ones are shares of the figure. Sources: IPCC 2006 Guidelines vol. 1 ch. 3 (equations 3.1, 3.2, table 3.2);
JCGM 100:2008 (the GUM) 5.2.2 and JCGM 101:2008 6.4; Sobol 2001, doi 10.1016/S0378-4754(00)00270-6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from gep.core.errors import UsageError
from gep.core.messages import say
from gep.inputs.correlated import can_be

Array = NDArray[np.float64]
RANGE_LEVEL = 0.95
"""What the range of a normal or lognormal distribution holds of its probability, as documents print it."""


def half_widths(level: float) -> float:
    """Standard uncertainties in the half-width of a normal interval: z((1 + level) / 2), 1.96 at 95 %."""
    return float(ndtri((1 + level) / 2))


def relative_of_product(relative: ArrayLike) -> float:
    """U = sqrt(sum U_i^2): relative uncertainty of a product of independent factors (IPCC equation 3.1).

    5, 20 and 10 %: 22.9 %.
    """
    return float(np.sqrt(np.sum(np.square(_not_negative(relative)))))


def half_width_of_sum(figures: ArrayLike, relative: ArrayLike) -> float:
    """U = sqrt(sum (U_i x_i)^2): half-width of a sum of independent figures (IPCC equation 3.2, times the sum).

    100, 50, 20 with 10, 20, 50 %: 17.3.
    """
    return relative_of_product(_not_negative(relative) * np.abs(np.asarray(figures, float)))


def combined(sensitivities: ArrayLike, uncertainties: ArrayLike, correlations: ArrayLike | None = None) -> float:
    """u(y)^2 = sum_i sum_j c_i c_j u_i u_j rho_ij, by the GUM; independent where no correlations are given.

    c partial derivatives, u standard uncertainties. Raises UsageError for negative uncertainties and for correlations
    that are none.
    """
    parts = np.asarray(sensitivities, float) * _not_negative(uncertainties)
    if correlations is None:
        return float(np.sqrt(np.sum(parts**2)))
    return math.sqrt(max(0.0, float(parts @ correlation_matrix(correlations) @ parts)))


def correlation_matrix(correlations: ArrayLike) -> Array:
    """A matrix of correlations. Raises UsageError where it is none: not square and symmetric, its diagonal not 1, or
    more than random numbers can be correlated (an eigenvalue below zero).
    """
    matrix = np.asarray(correlations, float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise UsageError(say("uncertainty.not_square", shape=str(matrix.shape)))
    if not can_be(matrix):
        raise UsageError(say("uncertainty.no_correlations"))
    return matrix


def of_change(before: float, after: float, correlation: float) -> float:
    """u(after - before)^2 = u_0^2 + u_1^2 - 2 rho u_0 u_1: what is common to both years cancels."""
    return combined((-1, 1), (before, after), ((1, correlation), (correlation, 1)))


def of_trend(first: ArrayLike, last: ArrayLike, correlated: ArrayLike, uncorrelated: ArrayLike) -> float:
    """U(T)^2 = sum_i (A_i U_Ai)^2 + (B_i U_Bi)^2, of the trend T = sum last / sum first - 1 (IPCC table 3.2).

    `correlated` relative uncertainties are those of both years together, `uncorrelated` those of each year. The
    sensitivity to the first is A_i = (last_i sum first - first_i sum last) / (sum first)^2, to a change of the last
    year alone B_i = last_i / sum first, which counts twice for two years: B_i sqrt(2). Both are derivatives; the table
    has them for a change of one percent.
    """
    x, y = np.asarray(first, float), np.asarray(last, float)
    both, alone = (y * x.sum() - x * y.sum()) / x.sum() ** 2, y / x.sum() * math.sqrt(2)
    return float(np.hypot(combined(both, correlated), combined(alone, uncorrelated)))


def uncertainty_of_range(low: float, high: float, spread: str) -> float:
    """Standard uncertainty of a number between two: (high - low) / sqrt(12) uniform, / sqrt(24) triangular with its
    mode in the middle, / (2 z) normal or lognormal, with z of 95 %; of the lognormal that of the logarithm:
    ln(high / low) / (2 z).

    40 to 60: 5.77, 4.08, 5.10.
    """
    if spread == "lognormal":
        return uncertainty_of_range(math.log(low), math.log(high), "normal")
    of_spread = {"uniform": math.sqrt(12), "triangular": math.sqrt(24), "normal": 2 * half_widths(RANGE_LEVEL)}
    return (high - low) / of_spread[spread]


class Lognormal(NamedTuple):
    """A lognormal distribution: mean and standard deviation of the logarithm."""

    mu: float
    sigma: float

    def quantile(self, share: ArrayLike) -> Array:
        """exp(mu + sigma z(share))."""
        return np.asarray(np.exp(self.mu + self.sigma * ndtri(share)))


def lognormal_of(mean: float, variation: float) -> Lognormal:
    """The lognormal distribution of a mean m and a coefficient of variation c: sigma^2 = ln(1 + c^2) and
    mu = ln m - sigma^2 / 2.

    100 with 0.5: sigma 0.472, median 89.4.
    """
    variance = math.log1p(variation**2)
    return Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


class Shares(NamedTuple):
    """Shares of a variance by its sources: alone, and with all that they do together with others."""

    first: Array
    total: Array


def shares_of_sum(uncertainties: ArrayLike) -> Array:
    """S_i = u_i^2 / sum u^2, of a sum of independent terms: first and total order are the same."""
    variances = np.square(_not_negative(uncertainties))
    return np.asarray(variances / variances.sum())


def variance_of_product(means: ArrayLike, variations: ArrayLike) -> float:
    """Var = prod m_i^2 (prod (1 + c_i^2) - 1), of a product of independent factors."""
    return float(np.prod(np.square(means)) * (np.prod(1 + np.square(_not_negative(variations))) - 1))


def shares_of_product(variations: ArrayLike) -> Shares:
    """S_i = c_i^2 / (prod (1 + c_j^2) - 1) and S_Ti = c_i^2 prod_{j != i} (1 + c_j^2) / (the same), of a product of
    independent factors with coefficients of variation c.
    """
    squares = np.square(_not_negative(variations))
    whole = np.prod(1 + squares)
    return Shares(squares / (whole - 1), squares * whole / (1 + squares) / (whole - 1))


class Areas(NamedTuple):
    """Areas of classes, and their covariances."""

    areas: Array
    covariance: Array


def areas_by_confusion(counts: ArrayLike, mapped: ArrayLike) -> Areas:
    """The areas of classes on the ground, by points of which it is known what they are and what a map says.

        A_j = A sum_i W_i n_ij / n_i
        cov(A_j, A_k) = A^2 sum_i W_i^2 (p_ij [j = k] - p_ij p_ik) / (n_i - 1),  p_ij = n_ij / n_i

    n_ij points of the map class i that are j (map class, class), n_i all of i, drawn at random within it; W_i share of
    the area A that the map gives to i, of which `mapped` are the areas. A stratified estimator (Olofsson et al. 2014,
    doi 10.1016/j.rse.2014.02.015, equations 9 and 10); covariances follow from the multinomial of each stratum.
    A class with less than two points, negative counts and areas: UsageError.

    Of 2 % mapped as deforested, with the points of that paper: 235 086 of 10 million pixels, u 34 907.
    """
    n, areas = np.asarray(counts, float), np.asarray(mapped, float)
    points = n.sum(axis=1)
    if (n < 0).any() or (areas < 0).any() or (points < 2).any():
        raise UsageError(say("uncertainty.no_confusion"))
    shares = n / points[:, None]
    spread = [np.diag(p) - np.outer(p, p) for p in shares]
    weights = areas**2 / (points - 1)
    return Areas(areas @ shares, np.asarray(np.tensordot(weights, spread, axes=1)))


def of_value(quantity: float, u_quantity: float, price: float, u_price: float) -> tuple[float, float]:
    """u(V)^2 = (p u_Q)^2 + (Q u_p)^2 of V = Q p, and the share of the quantity in it.

    1000 (100) at 50 (5): 7071, one half.
    """
    parts = combined((price, quantity), (u_quantity, u_price)), abs(price * u_quantity)
    return parts[0], (parts[1] / parts[0]) ** 2 if parts[0] else math.nan


def _not_negative(uncertainties: ArrayLike | Sequence[float]) -> Array:
    """Uncertainties as an array. Raises UsageError for one below zero, as a variance is none then."""
    found = np.asarray(uncertainties, float)
    if not (found >= 0).all():
        raise UsageError(say("uncertainty.negative", found=float(found[~(found >= 0)].ravel()[0])))
    return found
