"""One sink, one claim: whatever was sold, ticketed or bought by order of a court on a parcel in a year may not be more
than was measured there, and no ground is in two projects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gep.assets.figures import Figure, negative, total
from gep.assets.tables import Column, Row
from gep.core.errors import Problem, problem

if TYPE_CHECKING:
    from geopandas.geodataframe import GeoDataFrame

CLAIMS = (
    Column("parcel"),
    Column("year", "year"),
    Column("product"),
    Column("credits", "number", "t*CO2", least=0),
    Column("document", is_needed=False),
)
"""What was claimed: CCER, VCS, tickets, offsets of courts and of events, all of them."""

SINKS = (
    Column("parcel"),
    Column("year", "year"),
    Column("removal", "number", "t*CO2"),
    Column("source"),
)
"""What was measured."""


@dataclass(frozen=True)
class Claimed:
    """What is claimed of a parcel in a year, beside what was measured. `left` is negative where too much is claimed."""

    parcel: str
    year: int
    sink: Figure
    claimed: Figure
    left: Figure
    products: tuple[str, ...]


def claims_of(claims: Iterable[Row], sinks: Iterable[Row]) -> tuple[list[Claimed], list[Problem]]:
    """Claims by parcel and year beside the sink; more than that, a sink that is not known and a sink given twice are
    errors.
    """
    problems: list[Problem] = []
    measured: dict[tuple[str, int], Figure] = {}
    for row in sinks:
        key = row.text("parcel"), row.whole("year") or 0
        if key in measured:
            problems.append(problem("credits.K26.sink_twice", key[0], place=row.place, found=str(key[1])))
        measured[key] = row.figure("removal")
    by_key: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in claims:
        by_key[row.text("parcel"), row.whole("year") or 0].append(row)
    found = []
    for key, rows in sorted(by_key.items()):
        sink = measured.get(key)
        products = tuple(dict.fromkeys(row.text("product") for row in rows))
        claimed = total([row.figure("credits") for row in rows], "t*CO2")
        if sink is None:
            problems.append(problem("credits.K26.no_sink", key[0], place=rows[0].place, found=str(key[1])))
            continue
        left = total([sink, negative(claimed)], "t*CO2")
        if left.value < 0:
            problems.append(
                problem(
                    "credits.K26.too_much",
                    key[0],
                    place=rows[-1].place,
                    found=f"{claimed.value:g} t CO2",
                    sink=f"{sink.value:g}",
                    excess=f"{-left.value:g}",
                    year=key[1],
                    products=list(products),
                )
            )
        found.append(Claimed(*key, sink, claimed, left, products))
    return found, problems


def same_ground(parcels: GeoDataFrame, *, least: float) -> list[Problem]:
    """Parcels of different projects that lie on each other, each pair once.

    Args:
        parcels: polygons with the columns `parcel` and `project`, in a projected system or in degrees.
        least: the overlap from which on it is one, in m2; borders that were drawn twice overlap a little.
    """
    frame = parcels.reset_index(drop=True)
    if frame.crs is not None and frame.crs.is_geographic:
        frame = frame.to_crs(frame.estimate_utm_crs())
    left, right = frame.sindex.query(frame.geometry, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b)
    found = []
    for one, other in pairs:
        projects = frame["project"].iloc[one], frame["project"].iloc[other]
        if projects[0] == projects[1]:
            continue
        area = float(frame.geometry.iloc[one].intersection(frame.geometry.iloc[other]).area)
        if np.isfinite(area) and area > least:
            names = [str(frame["parcel"].iloc[at]) for at in (one, other)]
            hm2 = Figure(area, "m^2").to("hm^2")
            found.append(
                problem(
                    "credits.K27.same_ground",
                    names[1],
                    found=f"{hm2:.4g} hm²",
                    other=names[0],
                    projects=[str(name) for name in projects],
                )
            )
    return found
