"""How sure the areas of a land cover are, as random numbers: one for each class that points on the ground were held
against.

A class covers a multiple of the area that the map gives it: what maps confuse moves land from one class to another, so
that the multiples are correlated. All amounts of a class follow its area, as if the land that the map misses gave what
the land gives that it has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from gep.account.propagation import areas_by_confusion
from gep.account.uncertain.variables import Variable
from gep.core.keys import NONE
from gep.inputs.confusion import Row, counts_of
from gep.inputs.correlated import Correlation, land_name

Areas = Mapping[tuple[str, str, str], float]
"""By zone, ecosystem and class."""


def land_variables(rows: Sequence[Row], areas: Areas) -> tuple[dict[str, Variable], tuple[Correlation, ...]]:
    """The multiples of mapped areas by their names, and how they are correlated. A class of which no points were
    drawn is taken to be as mapped, and its area stays unknown; so does one that no point was wrong about.
    """
    if not rows:
        return {}, ()
    mapped, every, counts = counts_of(rows)
    parts: dict[str, list[float]] = {}
    for (_, ecosystem, land_class), area in areas.items():
        parts.setdefault(_named(ecosystem, land_class, every), []).append(area)
    sums = {name: math.fsum(parts.get(name, ())) for name in every}
    found = areas_by_confusion(counts, [sums[name] for name in mapped])
    known = [at for at, name in enumerate(mapped) if sums[name] > 0 and found.covariance[at, at] > 0]
    variables = {}
    for at in known:
        name, area = land_name(every[at]), sums[every[at]]
        error = math.sqrt(found.covariance[at, at]) / area
        variables[name] = Variable(name, 1.0, error=error, centre=float(found.areas[at]) / area)
    correlations = []
    for one, other in combinations(known, 2):
        spread = math.sqrt(found.covariance[one, one] * found.covariance[other, other])
        rho = max(-1.0, min(1.0, float(found.covariance[one, other]) / spread))
        correlations.append(Correlation((land_name(every[one]), land_name(every[other])), rho))
    return variables, tuple(correlations)


def _named(ecosystem: str, land_class: str, every: Sequence[str]) -> str:
    """The class of a table that a class of the map belongs to; nothing where it has none."""
    whole = f"{ecosystem}/{land_class}" if land_class not in ("", NONE) else ecosystem
    return whole if whole in every else ecosystem if ecosystem in every else ""
