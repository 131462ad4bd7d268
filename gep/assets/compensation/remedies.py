"""How a loss may be made up for: credits for its tonnes and money for the other services; credits of the value of all
services; money for all services. Each makes up for all that was lost, once: none is added to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from gep.assets.compensation.damage import MONEY, Damage
from gep.assets.figures import Figure, by_rule, made, total
from gep.stocks import compensation as equations
from gep.stocks.credits import credit_value, credits_of_value

Route = Literal["tonnes", "value", "money"]
ROUTES: tuple[Route, ...] = get_args(Route)


@dataclass(frozen=True)
class Remedy:
    """One way to make up for a loss: whole credits and what they cost, money beside them, and both together. None where
    a price or the services lost are not known.
    """

    route: Route
    credits: Figure | None
    cost: Figure | None
    money: Figure | None
    total: Figure | None


def remedies(damage: Damage) -> list[Remedy]:
    """The ways to make up for a damage, each alone."""
    return [_by_tonnes(damage), _by_value(damage), Remedy("money", None, None, damage.services, damage.services)]


def _by_tonnes(damage: Damage) -> Remedy:
    raw = made(
        equations.credits_to_buy,
        lost_carbon_dioxide=damage.lost,
        margin=damage.margin,
        buffer_share=damage.buffer,
    )
    credits = _whole(raw)
    cost = _cost(credits, damage.price)
    both = None if cost is None or damage.other_services is None else total([cost, damage.other_services], MONEY)
    return Remedy("tonnes", credits, cost, damage.other_services, both)


def _by_value(damage: Damage) -> Remedy:
    if damage.services is None or damage.price is None or damage.price.value == 0:
        return Remedy("value", None, None, None, None)
    credits = _whole(made(credits_of_value, value=damage.services, credit_price=damage.price))
    cost = _cost(credits, damage.price)
    return Remedy("value", credits, cost, None, cost)


def _whole(raw: Figure) -> Figure:
    return by_rule("whole_up", raw)


def _cost(credits: Figure, price: Figure | None) -> Figure | None:
    return None if price is None else made(credit_value, credits=credits, credit_price=price)
