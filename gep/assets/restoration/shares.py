"""An effect on a parcel that several projects treated: told of each by its cost, as shares are given, or of all
jointly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gep.assets.figures import Figure, exact, is_whole, made, total
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import listed, say
from gep.stocks.restoration import attributed_effect, share_of_cost

By = Literal["cost", "given", "joint"]


@dataclass(frozen=True)
class Attributed:
    """What of the effect on a parcel is told of a project; of several projects, jointly."""

    parcel: str
    projects: tuple[str, ...]
    unit: str
    share: Figure
    effect: Figure


def attributed_of(rows: Sequence[Row], by: By) -> tuple[list[Attributed], list[Problem]]:
    """The shares of projects in the effects on parcels, and everything that is wrong with the table."""
    parcels: dict[str, list[Row]] = {}
    for row in rows:
        parcels.setdefault(row.text("parcel"), []).append(row)
    found: list[Attributed] = []
    problems: list[Problem] = []
    for parcel, of in parcels.items():
        wrong = _wrong(parcel, of, by)
        problems += wrong
        if not wrong:
            found += _attributed(parcel, of, by)
    return found, problems


def _wrong(parcel: str, rows: Sequence[Row], by: By) -> list[Problem]:
    first, projects = rows[0], [row.text("project") for row in rows]
    found = []
    if len(set(projects)) < len(projects):
        found.append(problem("restoration.K57.project_twice", parcel, place=first.place, found=listed(projects)))
    if len({(row.figure("effect").value, row.text("variable_unit")) for row in rows}) > 1:
        found.append(problem("restoration.K57.effects", parcel, place=first.place))
    if by == "joint":
        return found
    column = "cost" if by == "cost" else "share"
    values = [row.number(column) for row in rows]
    whole = math.fsum(value.value for value in values if value is not None)
    if None in values:
        found.append(problem("restoration.K57.lacks", parcel, place=first.place, column=column))
    elif by == "cost" and not whole:
        found.append(problem("restoration.K57.no_cost", parcel, place=first.place))
    elif by == "given" and not is_whole(whole):
        found.append(problem("restoration.K57.shares", parcel, place=first.place, found=f"{whole:g}"))
    return found


def _attributed(parcel: str, rows: Sequence[Row], by: By) -> list[Attributed]:
    unit = rows[0].text("variable_unit")
    if by == "joint":
        whole = exact(1, "1", say("restoration.jointly"))
        projects = tuple(row.text("project") for row in rows)
        return [Attributed(parcel, projects, unit, whole, rows[0].figure("effect"))]
    costs = total([row.figure("cost") for row in rows], "CNY") if by == "cost" else None
    found = []
    for row in rows:
        share = (
            row.figure("share") if costs is None else made(share_of_cost, own_cost=row.figure("cost"), all_costs=costs)
        )
        effect = made(attributed_effect, effect_value=row.figure("effect"), purpose_share=share)
        found.append(Attributed(parcel, (row.text("project"),), unit, share, effect))
    return found
