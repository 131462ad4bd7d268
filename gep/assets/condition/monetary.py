"""What ecosystem assets are worth and what changed it: enhancement or degradation, conversion, revaluation (SEEA EA,
table T14). Rate and life are of the study: none is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gep.assets.condition.variables import Asset
from gep.assets.figures import Figure, exact, made, negative, total
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import say
from gep.services.money import net_present_value
from gep.stocks.condition import change_at_mean_prices, perpetual_value, revaluation

AtPrices = Literal["opening", "mean"]

ENTRIES = ("opening", "enhancement", "degradation", "additions", "reductions", "revaluation", "closing")


@dataclass(frozen=True)
class Worth:
    """The worth of a service of an ecosystem at both ends, and what changed it: they add up exactly as far as numbers
    of 53 bits do.
    """

    asset: Asset
    service: str
    opening: Figure
    closing: Figure
    condition: Figure
    conversion: Figure
    revaluation: Figure


def worths_of(rows: Sequence[Row], prices: AtPrices) -> tuple[list[Worth], list[Problem]]:
    """The worth of each row, and everything that is wrong with the table."""
    found: list[Worth] = []
    problems: list[Problem] = []
    seen: dict[tuple[Asset, str], Row] = {}
    for row in rows:
        asset, service = (row.text("zone"), row.text("ecosystem")), row.text("service")
        rate, life = row.figure("discount_rate"), row.number("asset_life")
        if (asset, service) in seen:
            problems.append(problem("condition.K64.twice", service, place=row.place, first=seen[asset, service].place))
        elif life is None and not rate.value:
            problems.append(problem("condition.K64.for_ever", service, place=row.place))
        elif prices == "mean" and not row.figure("closing_flow_at_opening_prices").value:
            problems.append(problem("condition.K64.no_prices", service, place=row.place))
        else:
            if rate.value > 1 / 2:
                problems.append(problem("condition.K65.rate", service, place=row.place, found=f"{rate.value:g}"))
            found.append(_worth(asset, service, row, prices))
        seen.setdefault((asset, service), row)
    return found, problems


def _worth(asset: Asset, service: str, row: Row, prices: AtPrices) -> Worth:
    before, after = row.figure("opening_flow"), row.figure("closing_flow")
    at_opening, conversions = row.figure("closing_flow_at_opening_prices"), row.figure("conversions")
    change = total([at_opening, negative(before), negative(conversions)], "CNY/year")
    if prices == "mean":
        change, conversions = (
            made(
                change_at_mean_prices,
                change_at_opening_prices=part,
                closing_flow=after,
                closing_flow_at_opening_prices=at_opening,
            )
            for part in (change, conversions)
        )
    opening, closing, condition, conversion = (present(flow, row) for flow in (before, after, change, conversions))
    rest = made(
        revaluation,
        opening_value=opening,
        closing_value=closing,
        condition_change=condition,
        conversion_value=conversion,
    )
    return Worth(asset, service, opening, closing, condition, conversion, rest)


def present(flow: Figure, row: Row) -> Figure:
    """What a yearly flow is worth at the rate and for the life of its row."""
    rate, life = row.figure("discount_rate"), row.number("asset_life")
    if life is None:
        return made(perpetual_value, yearly_value=flow, discount_rate=rate)
    return made(
        net_present_value,
        flow=flow,
        discount_rate=rate,
        asset_life=life,
        payment_interval=exact(1, "year", say("condition.yearly")),
    )


def entries_of(worths: Sequence[Worth]) -> Mapping[str, Figure]:
    """The account of several: what raised the worth and what lowered it stand apart."""

    def summed(name: str, sign: int) -> Figure:
        figures = [getattr(worth, name) for worth in worths]
        return total([figure for figure in figures if figure.value * sign > 0], "CNY")

    return {
        "opening": total([worth.opening for worth in worths], "CNY"),
        "enhancement": summed("condition", 1),
        "degradation": summed("condition", -1),
        "additions": summed("conversion", 1),
        "reductions": summed("conversion", -1),
        "revaluation": total([worth.revaluation for worth in worths], "CNY"),
        "closing": total([worth.closing for worth in worths], "CNY"),
    }
