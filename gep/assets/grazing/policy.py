"""Land under a grazing ban or in balance: rewards, capacities that a banner approves, what may be fined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, made, total
from gep.assets.grazing.pasture import Place
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.parameters import Parameters
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text
from gep.stocks.grazing import (
    approved_capacity,
    excess_stocking,
    fine_for_overload,
    overload_rate,
    reward_for_grassland,
)

BAN, IN_BALANCE = "grazing_ban", "in_balance"


@dataclass(frozen=True)
class Policy:
    """What policies mean for a place: land under each, the reward of a year, the approved capacity, and what goes
    beyond it. None where nothing is approved or no herd is known.
    """

    banned: Figure
    balanced: Figure
    reward: Figure | None
    approved: Figure | None
    rate: Figure | None
    excess: Figure | None
    is_withheld: bool | None
    fine: Figure | None


def policies_of(
    rows: Sequence[Row],
    herds: Mapping[Place, Figure],
    parameters: Parameters,
    region: str,
    year: int | None,
) -> tuple[dict[Place, Policy], list[Problem]]:
    """The policies of each place, and everything that is wrong with the table."""
    found: dict[Place, list[tuple[str, Row]]] = {}
    problems: list[Problem] = []
    parcels: dict[str, Text] = {}
    for row in rows:
        policy = kind_of(row.text("policy"), (BAN, IN_BALANCE))
        if not policy:
            problems.append(unknown_kind("policy", row.text("policy"), (BAN, IN_BALANCE), row.place))
            continue
        approved = row.number("area_per_sheep_unit")
        if approved is not None and (policy == BAN or not row.text("season") or not approved.value):
            key = "approved_under_ban" if policy == BAN else "approved_without_season" if approved.value else "nothing"
            problems.append(problem(f"grazing.K44.{key}", row.text("zone"), place=row.place))
            continue
        parcel = row.text("parcel")
        if parcel and parcel in parcels:
            problems.append(problem("grazing.K44.parcel_twice", parcel, place=row.place, first=parcels[parcel]))
            continue
        if parcel:
            parcels[parcel] = row.place
        found.setdefault((row.text("zone"), row.text("herder")), []).append((policy, row))
    return {place: _policy(kept, herds.get(place), parameters, region, year) for place, kept in found.items()}, problems


def _policy(
    rows: Sequence[tuple[str, Row]], herd: Figure | None, parameters: Parameters, region: str, year: int | None
) -> Policy:
    def find(name: str, of: str = "") -> Figure | None:
        return parameters.lookup(name, ecosystem="grassland", of=of, region=region, year=year)

    areas = {
        of: total([row.figure("area") for policy, row in rows if policy == of], "hm^2") for of in (BAN, IN_BALANCE)
    }
    rewards = [
        made(reward_for_grassland, policy_area=area, grass_reward=rate)
        for of, area in areas.items()
        if area.value and (rate := find("grass_reward", of)) is not None
    ]
    is_whole = len(rewards) == sum(area.value > 0 for area in areas.values())
    capacities = [
        made(approved_capacity, approved_area=row.figure("area"), area_per_sheep_unit=row.figure("area_per_sheep_unit"))
        for _, row in rows
        if row.number("area_per_sheep_unit") is not None
    ]
    approved = total(capacities, "sheep_unit") if capacities else None
    if approved is None or herd is None or not approved.value:
        reward = total(rewards, "CNY/year") if rewards and is_whole else None
        return Policy(areas[BAN], areas[IN_BALANCE], reward, approved, None, None, None, None)
    rate = made(overload_rate, actual_stocking=herd, proper_capacity=approved)
    excess = made(excess_stocking, actual_stocking=herd, proper_capacity=approved)
    allowed, fine = find("allowed_overload"), find("overload_fine")
    return Policy(
        areas[BAN],
        areas[IN_BALANCE],
        total(rewards, "CNY/year") if rewards and is_whole else None,
        approved,
        rate,
        excess,
        None if allowed is None else rate.value > allowed.to("1"),
        made(fine_for_overload, excess=excess, overload_fine=fine) if fine is not None else None,
    )
