"""Means of sample plots of any size, and what is known of them.

    m = sum(a x) / sum(a)
    cov(m_0, m_1) = n / (n - 1) sum(a_0 (x_0 - m_0) a_1 (x_1 - m_1)) / (sum(a_0) sum(a_1)),  u(m)^2 = cov(m, m)

x the state of a plot, a its area; plots of one size give the mean and s / sqrt(n). Covariances are of the plots that
were measured at both times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, given
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.restoration.effect import State
from gep.assets.restoration.tables import ENDS
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say

LANDS = ("treated", "control")
TIMES = ("before", "after")


@dataclass(frozen=True)
class Sample:
    """Plots at one end: their states and areas by plot."""

    states: Mapping[str, float]
    areas: Mapping[str, float]

    @property
    def mean(self) -> float:
        """The mean by area."""
        return math.fsum(self.areas[plot] * x for plot, x in self.states.items()) / math.fsum(self.areas.values())

    def covariance(self, other: Sample) -> float:
        """That of two means, of the plots in both; 0 without two such plots."""
        both = [plot for plot in self.states if plot in other.states]
        if len(both) < 2:
            return 0.0
        products = (self._residual(plot) * other._residual(plot) for plot in both)
        areas = math.fsum(self.areas.values()) * math.fsum(other.areas.values())
        return len(both) / (len(both) - 1) * math.fsum(products) / areas

    def _residual(self, plot: str) -> float:
        return self.areas[plot] * (self.states[plot] - self.mean)


def states_of_plots(rows: Sequence[Row]) -> tuple[list[State], list[Problem]]:
    """Variables as means of plots with their uncertainties, and everything that is wrong with the table."""
    found: dict[tuple[str, str, str], dict[str, dict[str, Row]]] = {}
    problems: list[Problem] = []
    for row in rows:
        land, time = kind_of(row.text("land"), LANDS), kind_of(row.text("time"), TIMES)
        wrong = [
            unknown_kind(column, row.text(column), among, row.place)
            for column, kind, among in (("land", land, LANDS), ("time", time, TIMES))
            if not kind
        ]
        key = row.text("project"), row.text("variable"), row.text("variable_unit")
        of_end = found.setdefault(key, {}).setdefault(f"{land}_{time}", {}) if not wrong else {}
        if not row.figure("plot_area").value:
            wrong.append(problem("restoration.K54.no_area", row.text("plot"), place=row.place))
        if (first := of_end.get(row.text("plot"))) is not None:
            wrong.append(problem("restoration.K54.plot_twice", row.text("plot"), place=row.place, first=first.place))
        of_end.setdefault(row.text("plot"), row)
        problems += wrong
    if problems:
        return [], problems
    states = []
    for key, ends in found.items():
        name = " / ".join(key[:2])
        if set(ends) not in ({*ENDS}, {"treated_before", "treated_after"}, {"treated_after", "control_after"}):
            problems.append(problem("restoration.K54.values", name, found=listed([f"`{end}`" for end in ends])))
        few = [end for end, plots in ends.items() if len(plots) < 2]
        problems += [problem("restoration.K54.few_plots", name, found=f"`{end}`") for end in few]
        if not few:
            states.append(_state(key, {end: _sample(plots) for end, plots in ends.items()}))
    return states, problems


def _sample(plots: Mapping[str, Row]) -> Sample:
    return Sample(
        {plot: row.figure("state").value for plot, row in plots.items()},
        {plot: row.figure("plot_area").value for plot, row in plots.items()},
    )


def _state(key: tuple[str, str, str], ends: Mapping[str, Sample]) -> State:
    def figure(value: float, count: int) -> Figure:
        return given(value, "1", _of_plots(count))

    values = {end: figure(sample.mean, len(sample.states)) for end, sample in ends.items()}
    uncertainties = {
        end: figure(math.sqrt(sample.covariance(sample)), len(sample.states)) for end, sample in ends.items()
    }
    covariances = {
        land: figure(ends[f"{land}_before"].covariance(ends[f"{land}_after"]), len(ends[f"{land}_after"].states))
        for land in LANDS
        if f"{land}_before" in ends
    }
    return State(*key, values, uncertainties, covariances)


def _of_plots(count: int) -> Text:
    return say("restoration.of_plots", count=count)
