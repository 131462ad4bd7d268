"""Degradation classes before and after (HJ 1174-2021), and land that became better or worse by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, made, total
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.parameters import Parameters
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text
from gep.stocks.restoration import degradation_index, wetland_shrinkage

CLASSES = ("not_degraded", "light", "moderate", "severe", "very_severe")
"""From the best to the worst."""

LIMITS = {
    "forest": "forest_degradation_limit",
    "grassland": "grassland_degradation_limit",
    "wetland": "wetland_shrinkage_limit",
    "desert": "sand_degradation_limit",
}


@dataclass(frozen=True)
class Parcel:
    """Land with its indices and classes at both ends."""

    name: str
    ecosystem: str
    area: Figure
    indices: Mapping[str, Figure]
    classes: Mapping[str, str]


def parcels_of(rows: Sequence[Row], parameters: Parameters) -> tuple[list[Parcel], list[Problem]]:
    """The parcels of a table, and everything that is wrong with it."""
    found: list[Parcel] = []
    problems: list[Problem] = []
    seen: dict[str, Text] = {}
    for row in rows:
        name, ecosystem = row.text("parcel"), kind_of(row.text("ecosystem"), list(LIMITS))
        undegraded = row.number("undegraded_state")
        wrong = []
        if not ecosystem:
            wrong.append(unknown_kind("ecosystem", row.text("ecosystem"), list(LIMITS), row.place))
        if name in seen:
            wrong.append(problem("restoration.K59.twice", name, place=row.place, first=seen[name]))
        seen.setdefault(name, row.place)
        if ecosystem and (undegraded is None) != (ecosystem == "desert"):
            key = "no_reference" if undegraded is None else "no_reference_needed"
            wrong.append(problem(f"restoration.K59.{key}", name, place=row.place))
        elif undegraded is not None and not undegraded.value:
            wrong.append(problem("restoration.K59.nought", name, place=row.place))
        states = {time: row.figure(f"state_{time}") for time in ("before", "after")}
        if ecosystem == "desert" and (most := max(state.value for state in states.values())) > 1:
            wrong.append(problem("restoration.K59.cover", name, place=row.place, found=f"{most:g}"))
        problems += wrong
        if not wrong:
            indices = {time: index_of(ecosystem, state, undegraded) for time, state in states.items()}
            classes = {time: class_of(ecosystem, index, parameters) for time, index in indices.items()}
            found.append(Parcel(name, ecosystem, row.figure("area"), indices, classes))
    return found, problems


def index_of(ecosystem: str, state: Figure, undegraded: Figure | None) -> Figure:
    """The index by which land of an ecosystem is classed: of desert its cover itself."""
    if undegraded is None:
        return state
    if ecosystem == "wetland":
        return made(wetland_shrinkage, present_extent=state, earlier_extent=undegraded)
    return made(degradation_index, present_state=state, undegraded_state=undegraded)


def class_of(ecosystem: str, index: Figure, parameters: Parameters) -> str:
    """The class of an index. Forest and grassland are of the best class whose limit they reach, wetland of the worst;
    sand is of the best class whose limit its cover is over.
    """
    limits = {
        name: limit.to("1")
        for name in CLASSES
        if (limit := parameters.lookup(LIMITS[ecosystem], ecosystem=ecosystem, of=name, region="china")) is not None
    }
    if ecosystem == "wetland":
        reached = [name for name, limit in limits.items() if index.value >= limit]
        return reached[-1] if reached else CLASSES[0]
    for name, least in limits.items():
        if index.value > least or (index.value == least and ecosystem != "desert"):
            return name
    return CLASSES[-1]


def moves_of(parcels: Sequence[Parcel]) -> dict[tuple[str, str], Figure]:
    """The area of each class before that is of each class after."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for parcel in parcels:
        found.setdefault((parcel.classes["before"], parcel.classes["after"]), []).append(parcel.area)
    return {pair: total(areas, "hm^2") for pair, areas in found.items()}


def area_where(moves: Mapping[tuple[str, str], Figure], *, better: bool) -> Figure:
    """The land below the diagonal, of a better class than before; or above it."""
    parts = [
        area
        for (before, after), area in moves.items()
        if before != after and (CLASSES.index(after) < CLASSES.index(before)) == better
    ]
    return total(parts, "hm^2")
