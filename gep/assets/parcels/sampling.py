"""Estimates of a mean from samples, as AR-TOOL14 section 8.1 and its appendices have them; how many plots are needed;
how estimates of one parcel join; what changed between two times.

Plain numbers in, in any unit that is the same throughout; standard errors are of the mean. Only the error of sampling
is told: that of biomass equations is none of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AGREED = 3.84
"""What chi-square may be for each degree of freedom before estimates are not joined: 95 % of one degree."""


@dataclass(frozen=True)
class Sample:
    """The plots of a stratum: its area or weight, plots, mean, standard deviation, and how many plots it could have."""

    weight: float
    plots: int
    mean: float
    deviation: float
    possible: float | None = None


@dataclass(frozen=True)
class Estimate:
    """A mean, its standard error, and degrees of freedom; None where the error was given."""

    mean: float
    error: float
    freedom: int | None = None

    def half_width(self, level: float, t: float | None = None) -> float:
        """Half of the two-sided interval that holds a share `level`; `t` in place of Student's own."""
        return (student(level, self.freedom) if t is None else t) * self.error


def student(level: float, freedom: int | None) -> float:
    """The two-sided quantile of Student's t, or of the normal distribution where no degrees of freedom are known.

    0.9 and 16: 1.745884.
    """
    from scipy import stats

    share = (1 + level) / 2
    return float(stats.norm.ppf(share) if freedom is None else stats.t.ppf(share, freedom))


def sample_of(values: Sequence[float], weight: float, possible: float | None = None) -> Sample:
    """The sample of a stratum from the values of its plots, of which there must be two."""
    return Sample(weight, len(values), float(np.mean(values)), float(np.std(values, ddof=1)), possible)


def stratified(samples: Sequence[Sample]) -> Estimate:
    """The mean of strata of known area, AR-TOOL14 equations 9 to 11.

        m = sum w m_h,  u² = sum w² s² / n (1 - n / N)

    The last factor where the number of possible plots N is known; df = plots - strata.
    """
    whole = math.fsum(sample.weight for sample in samples)
    shares = [sample.weight / whole for sample in samples]
    mean = math.fsum(share * sample.mean for share, sample in zip(shares, samples, strict=True))
    square = math.fsum(
        (share * sample.deviation) ** 2 / sample.plots * (1 - sample.plots / sample.possible if sample.possible else 1)
        for share, sample in zip(shares, samples, strict=True)
    )
    return Estimate(mean, math.sqrt(square), sum(sample.plots for sample in samples) - len(samples))


def plots_needed(
    weights: Sequence[float], deviations: Sequence[float], error: float, t: float, *, are_plots: bool = False
) -> float:
    """How many plots hold the half-width to `error`, not rounded.

        n = (t / E)² (sum w s)²;  of few possible plots  n = (sum N s)² / (N² E² / t² + sum N s²)

    `weights` are areas or shares, or (`are_plots`) the numbers of possible plots.
    """
    whole = math.fsum(weights)
    spread = math.fsum(w * s for w, s in zip(weights, deviations, strict=True))
    if not are_plots:
        return (t / error * spread / whole) ** 2
    square = math.fsum(w * s**2 for w, s in zip(weights, deviations, strict=True))
    return spread**2 / ((whole * error / t) ** 2 + square)


def allocation(weights: Sequence[float], deviations: Sequence[float]) -> list[float]:
    """The share of plots that each stratum gets at equal cost: as its area times its deviation."""
    parts = [w * s for w, s in zip(weights, deviations, strict=True)]
    whole = math.fsum(parts)
    return [part / whole for part in parts]


def double_sampling(
    plots: int,
    mean: float,
    auxiliary: float,
    auxiliary_of_all: float,
    slope: float,
    square: float,
    r2: float,
    of: float,
) -> Estimate:
    """A mean corrected by an auxiliary that is known on many more places, AR-TOOL14 equations 18 and 19.

        y = m + b (X - x),  u² = s² / n (1 - (1 - a) r²),  a = n / N

    s² variance between plots, r² of plot and auxiliary, N (`of`) the places at which the auxiliary is known.
    """
    share = plots / of
    error = math.sqrt(square / plots * (1 - (1 - share) * r2))
    return Estimate(mean + slope * (auxiliary_of_all - auxiliary), error, plots - 2)


def regression(values: Sequence[float], auxiliary: Sequence[float], auxiliary_of_all: float, of: float) -> Estimate:
    """`double_sampling` from plots: the slope is r s_y / s_x."""
    y, x = np.asarray(values, float), np.asarray(auxiliary, float)
    r = float(np.corrcoef(x, y)[0, 1])
    slope = r * float(np.std(y, ddof=1)) / float(np.std(x, ddof=1))
    arguments = (float(x.mean()), auxiliary_of_all, slope, float(np.var(y, ddof=1)), r**2, of)
    return double_sampling(len(y), float(y.mean()), *arguments)


def model_assisted(predicted_of_all: float, values: Sequence[float], predicted: Sequence[float]) -> Estimate:
    """The mean of a map of predictions, put right by what plots say of it.

    y = mean of predictions + mean of residuals,  u² = s² of residuals / n
    """
    rest = np.asarray(values, float) - np.asarray(predicted, float)
    error = float(np.std(rest, ddof=1)) / math.sqrt(len(rest))
    return Estimate(predicted_of_all + float(rest.mean()), error, len(rest) - 1)


@dataclass(frozen=True)
class Joined:
    """Several estimates as one. `agrees` says whether they may be joined at all; where they may not, or a weight is
    negative, it is the best single one.
    """

    estimate: Estimate
    weights: tuple[float, ...]
    chi2: float
    freedom: int
    is_single: bool = False

    @property
    def agrees(self) -> bool:
        return self.freedom == 0 or self.chi2 <= AGREED * self.freedom


def join(estimates: Sequence[Estimate], covariance: NDArray[np.float64] | None = None) -> Joined:
    """Estimates of one parcel as one: weights by inverse variance, or by generalised least squares of a covariance.

        w = S⁻¹ 1 / (1' S⁻¹ 1),  u² = 1 / (1' S⁻¹ 1),  chi² = (x - m)' S⁻¹ (x - m)

    The best single one where they do not agree, or where a weight is negative: that says that S is no good guide.
    """
    x = np.array([estimate.mean for estimate in estimates])
    s = np.diag([estimate.error**2 for estimate in estimates]) if covariance is None else covariance
    one = np.ones(len(x))
    solved = np.linalg.solve(s, one)
    weights = solved / (one @ solved)
    mean = float(weights @ x)
    away = x - mean
    chi2 = float(away @ np.linalg.solve(s, away))
    known = [estimate.freedom for estimate in estimates if estimate.freedom is not None]
    error = math.sqrt(1 / float(one @ solved))
    found = Joined(Estimate(mean, error, min(known) if known else None), tuple(map(float, weights)), chi2, len(x) - 1)
    if found.agrees and weights.min() >= 0:
        return found
    best = min(range(len(x)), key=lambda at: estimates[at].error)
    alone = tuple(float(at == best) for at in range(len(x)))
    return Joined(estimates[best], alone, chi2, len(x) - 1, is_single=True)


def change(first: Estimate, last: Estimate, correlation: float) -> Estimate:
    """What changed between two times.

        d = x_2 - x_1,  u² = u_1² + u_2² - 2 rho u_1 u_2

    rho is near 1 for permanent plots under one model, near 0 for two maps of different years.
    """
    square = first.error**2 + last.error**2 - 2 * correlation * first.error * last.error
    known = [estimate.freedom for estimate in (first, last) if estimate.freedom is not None]
    return Estimate(last.mean - first.mean, math.sqrt(max(square, 0.0)), min(known) if known else None)
