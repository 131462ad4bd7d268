"""The carbon per area of every parcel and year: from the ground, the air and by satellite, and joined."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gep.assets.parcels import sampling
from gep.assets.parcels.sampling import Estimate, Joined, Sample
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.inputs.assets import ParcelsSection

LEAST_PLOTS = 2
DENSITY = "t*carbon/hm^2"


@dataclass(frozen=True)
class Source:
    """An estimate from the ground, the air or by satellite; `influence` is what each plot adds to its error, None where
    other plots made it.
    """

    name: str
    estimate: Estimate
    influence: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Measured:
    """A parcel in a year."""

    parcel: str
    year: int
    dates: tuple[str, str]
    samples: Mapping[str, Sample]
    sources: tuple[Source, ...]
    joined: Joined

    @property
    def estimate(self) -> Estimate:
        return self.joined.estimate

    @property
    def plots(self) -> int:
        """How many plots there are."""
        return sum(sample.plots for sample in self.samples.values())


def measured_of(
    strata: Sequence[Row], plots: Sequence[Row], maps: Sequence[Row], section: ParcelsSection
) -> tuple[dict[str, list[Measured]], list[Problem]]:
    """The parcels by name, their years in order, and everything that is wrong with plots and maps."""
    problems: list[Problem] = []
    areas: dict[str, dict[str, Row]] = {}
    for row in strata:
        if row.figure("area").value <= 0:
            problems.append(problem("parcels.K30.no_area", row.text("stratum"), place=row.place))
        areas.setdefault(row.text("parcel"), {})[row.text("stratum")] = row
    grouped: dict[tuple[str, int], list[Row]] = {}
    for row in plots:
        if row.text("stratum") not in areas.get(row.text("parcel"), {}):
            problems.append(problem("parcels.K30.no_stratum", row.text("plot"), place=row.place))
        elif (day := row.day("date")) is not None:
            grouped.setdefault((row.text("parcel"), day.year), []).append(row)
    of_map = {(row.text("parcel"), day.year): row for row in maps if (day := row.day("date")) is not None}
    if problems:
        return {}, problems
    found: dict[str, list[Measured]] = {}
    for (parcel, year), rows in sorted(grouped.items()):
        measured, wrong = _measured(parcel, year, areas[parcel], rows, of_map.get((parcel, year)), section)
        problems += wrong
        if measured is not None:
            found.setdefault(parcel, []).append(measured)
    problems += [
        problem("parcels.K30.not_measured", parcel) for parcel in areas if parcel not in found and not problems
    ]
    return found, problems


def _measured(
    parcel: str, year: int, areas: Mapping[str, Row], rows: Sequence[Row], of_map: Row | None, section: ParcelsSection
) -> tuple[Measured | None, list[Problem]]:
    samples: dict[str, Sample] = {}
    for name, stratum in areas.items():
        values = [row.figure("carbon_density").value for row in rows if row.text("stratum") == name]
        if len(values) < LEAST_PLOTS:
            found = problem("parcels.K30.few_plots", f"{parcel}/{name}", place=str(year), found=str(len(values)))
            return None, [found]
        possible = stratum.number("possible_plots")
        samples[name] = sampling.sample_of(values, stratum.figure("area").value, possible.value if possible else None)
    ground = Source("ground", sampling.stratified(list(samples.values())), _of_ground(samples, rows))
    sources, problems = [ground], []
    for name in section.evidence.split("+")[1:]:
        source, wrong = _other(name, rows, of_map, f"{parcel}/{year}")
        problems += wrong
        sources += [source] if source else []
    joined, wrong = _joined(sources, section.merge, f"{parcel}/{year}")
    days = sorted(str(row.day("date")) for row in rows)
    return Measured(parcel, year, (days[0], days[-1]), samples, tuple(sources), joined), [*problems, *wrong]


def _of_ground(samples: Mapping[str, Sample], rows: Sequence[Row]) -> NDArray[np.float64]:
    whole = math.fsum(sample.weight for sample in samples.values())
    found = []
    for row in rows:
        sample = samples[row.text("stratum")]
        share = sample.weight / whole * len(rows) / sample.plots
        found.append(share * (row.figure("carbon_density").value - sample.mean))
    return np.array(found)


def _other(name: str, rows: Sequence[Row], of_map: Row | None, where: str) -> tuple[Source | None, list[Problem]]:
    """The estimate of air or sky: given with its error, or from plots and what is known of the whole parcel."""
    if of_map is None:
        return None, [problem("parcels.K31.no_map", where, found=name)]
    density, error = of_map.number(f"{name}_density"), of_map.number(f"{name}_error")
    if density is not None:
        if error is None or error.value <= 0:
            return None, [problem("parcels.K31.no_error", where, place=of_map.place, found=name)]
        return Source(name, Estimate(density.value, error.value)), []
    column = "auxiliary" if name == "air" else "prediction"
    of_plots = [cell.value for row in rows if (cell := row.number(column)) is not None]
    mean, places = of_map.number(f"{column}_mean"), of_map.number("auxiliary_places")
    if len(of_plots) < len(rows) or mean is None or (name == "air" and places is None) or len(rows) <= LEAST_PLOTS:
        return None, [problem("parcels.K31.no_auxiliary", where, place=of_map.place, found=column)]
    values = np.array([row.figure("carbon_density").value for row in rows])
    x = np.array(of_plots)
    if name == "sky":
        rest = values - x
        return Source(name, sampling.model_assisted(mean.value, list(values), of_plots), rest - rest.mean()), []
    if np.ptp(x) == 0:
        return None, [problem("parcels.K31.no_auxiliary", where, place=of_map.place, found=column)]
    assert places is not None
    estimate = sampling.regression(list(values), of_plots, mean.value, places.value)
    slope = float(np.polyfit(x, values, 1)[0])
    share = len(rows) / places.value
    return Source(name, estimate, values - values.mean() - (1 - share) * slope * (x - x.mean())), []


def _joined(sources: Sequence[Source], merge: str, where: str) -> tuple[Joined, list[Problem]]:
    estimates = [source.estimate for source in sources]
    of_same_plots = [source for source in sources if source.influence is not None]
    if len(sources) == 1 or merge == "best":
        best = min(range(len(sources)), key=lambda at: estimates[at].error)
        weights = tuple(float(at == best) for at in range(len(sources)))
        return Joined(estimates[best], weights, 0.0, 0, is_single=len(sources) > 1), []
    if merge == "inverse_variance" and len(of_same_plots) > 1:
        names = ", ".join(source.name for source in of_same_plots)
        single = Joined(estimates[0], (1.0, *([0.0] * (len(sources) - 1))), 0.0, 0, is_single=True)
        return single, [problem("parcels.K31.same_plots", where, found=names)]
    covariance = np.diag([estimate.error**2 for estimate in estimates])
    for one, first in enumerate(sources):
        for other, second in enumerate(sources):
            if one != other and first.influence is not None and second.influence is not None:
                count = len(first.influence)
                covariance[one, other] = float(first.influence @ second.influence) / (count * (count - 1))
    if np.linalg.eigvalsh(covariance).min() <= 0:
        return replace(_joined(sources, "best", where)[0]), [problem("parcels.K32.not_joined", where, found="-")]
    joined = sampling.join(estimates, covariance)
    problems = []
    if not joined.agrees:
        found = f"chi² {joined.chi2:.3g}"
        problems.append(
            problem("parcels.K32.disagree", where, found=found, allowed_chi=sampling.AGREED * joined.freedom)
        )
    elif joined.is_single:
        problems.append(problem("parcels.K32.not_joined", where, found="w < 0"))
    return joined, problems
