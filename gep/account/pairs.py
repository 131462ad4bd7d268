"""Two accounts flow by flow: quantities and prices of both years, the later value at the prices of the earlier year,
and what the change of each value comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from gep.account import growth
from gep.account.account import Account
from gep.account.alike import Alike
from gep.core.errors import UnitError
from gep.core.keys import NONE
from gep.core.units import convert


class _Flow(NamedTuple):
    """What a class of a zone provides of a component, adjustments included; its price as it was recorded."""

    quantity: float | None
    unit: str
    value: float
    price: tuple[float, str] | None


_FlowKey = tuple[str, str, str, str, str]
"""Zone, ecosystem, class, service, component."""


@dataclass(frozen=True)
class Cell:
    """A flow of two years: values, the later one at the prices of the earlier year, and effects; None where unknown."""

    key: tuple[str, str, str]
    """Zone, ecosystem, service."""
    before: float | None
    after: float | None
    at_base: float | None
    effects: tuple[float, float, float] | None
    is_other: bool
    flow: _FlowKey = ("", "", "", "", "")

    @property
    def change(self) -> float:
        return math.fsum([self.after or 0.0, -(self.before or 0.0)])


def _flows(account: Account, zones: Iterable[str]) -> dict[_FlowKey, _Flow]:
    parts: dict[_FlowKey, list[Any]] = {}
    wanted = frozenset(zones)
    for entry in account.counted():
        if entry.zone in wanted:
            key = (entry.zone, entry.ecosystem, entry.land_class or NONE, entry.service, entry.base)
            parts.setdefault(key, []).append(entry)
    found = {}
    for key, entries in parts.items():
        quantities = [entry.quantity for entry in entries]
        is_whole = all(entry.unit and entry.quantity is not None for entry in entries)
        prices = {(entry.price, entry.price_unit) for entry in entries if entry.price is not None}
        found[key] = _Flow(
            math.fsum(quantities) if is_whole else None,
            entries[0].written_unit,
            math.fsum(entry.value for entry in entries),
            prices.pop() if len(prices) == 1 else None,
        )
    return found


class _Prices:
    """The recorded prices of an account: of a flow, or the one that a component has in its zone, or everywhere."""

    def __init__(self, flows: Mapping[_FlowKey, _Flow]) -> None:
        self._found: dict[tuple[str, ...], set[tuple[float, str]]] = {}
        for (zone, *_, service, component), flow in flows.items():
            if flow.price:
                for key in ((service, component, zone), (service, component)):
                    self._found.setdefault(key, set()).add(flow.price)

    def of(self, key: _FlowKey, flow: _Flow | None) -> tuple[float, str] | None:
        if flow and flow.price:
            return flow.price
        zone, _, _, service, component = key
        prices = self._found.get((service, component, zone)) or self._found.get((service, component)) or set()
        return next(iter(prices)) if len(prices) == 1 else None


@dataclass(frozen=True)
class Pair:
    """Two accounts flow by flow."""

    first: Account
    second: Account

    @cached_property
    def alike(self) -> Alike:
        """What can be compared of them."""
        return Alike(self.first, self.second)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every flow of the zones that both have."""
        then, now = (_flows(account, self.alike.zones) for account in (self.first, self.second))
        prices, areas = (_Prices(then), _Prices(now)), (_areas(self.first), _areas(self.second))
        cells = []
        for key in dict.fromkeys([*then, *now]):
            land = _land(areas, key)
            cells.append(replace(self._cell(key, (then.get(key), now.get(key)), land, prices), flow=key))
        return tuple(cells)

    def _cell(
        self,
        key: _FlowKey,
        flows: tuple[_Flow | None, _Flow | None],
        land: tuple[float, float],
        prices: tuple[_Prices, _Prices],
    ) -> Cell:
        place, service = (key[0], key[1], key[3]), key[3]
        before, after = (flow.value if flow else 0.0 for flow in flows)
        if service in self.alike.missing:  # a figure that one account has not in full is no change of a figure
            first, second = (flow.value if flow else None for flow in flows)
            return Cell(place, first, second, None, None, is_other=True)
        factors = self._factors(key, flows, prices)
        if factors is None:
            return Cell(place, before, after, None, None, service in self.alike.other)
        quantity, price = factors
        if any(amount and not area for amount, area in zip(quantity, land, strict=True)):
            land = (1.0, 1.0)  # what tables report of land that no map has
        intensity = [amount / area if area else math.nan for amount, area in zip(quantity, land, strict=True)]
        q0, q1 = (other if math.isnan(own) else own for own, other in (intensity, intensity[::-1]))
        if math.isnan(q0):
            q0 = q1 = 0.0
        change = math.fsum([after, -before])
        per_area, area, of_price = growth.made_to_sum(growth.of_three((q0, q1), land, price), change)
        is_at_base = price[0] == price[1] or self.alike.price_year is not None
        at_base = after if is_at_base else quantity[1] * price[0]
        return Cell(place, before, after, at_base, (area, per_area, of_price), service in self.alike.other)

    def _factors(
        self, key: _FlowKey, flows: tuple[_Flow | None, _Flow | None], prices: tuple[_Prices, _Prices]
    ) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Quantities and prices of both years, whose products are the values; None where a price is not known."""
        there = [flow for flow in flows if flow]
        has_quantity = all(flow.quantity is not None and (flow.quantity or not flow.value) for flow in there)
        if not has_quantity or key[3] in self.alike.deflated:  # the quantity is the value at prices of the first year
            index = self.alike.index_of(*key[3:])
            if index is None:
                return None
            first, second = (flow.value if flow else 0.0 for flow in flows)
            return (first, growth.deflated(second, index)), (1.0, index)
        q0, q1 = (_amount(flow, there[0].unit) for flow in flows)
        if q0 is None or q1 is None:
            return None
        prices_implied = [flow.value / q if flow and q else None for flow, q in zip(flows, (q0, q1), strict=True)]
        recorded = [of.of(key, flow) for of, flow in zip(prices, flows, strict=True)]
        both = _both(prices_implied, self._ratio(key, recorded))
        return None if both is None else ((q0, q1), both)

    def _ratio(self, key: _FlowKey, recorded: Sequence[tuple[float, str] | None]) -> float | None:
        """What the recorded price of the second year is to that of the first; by the index where they are not of one
        kind.
        """
        first, second = recorded
        if first and second and first[1] == second[1] and first[0]:
            return second[0] / first[0]
        return self.alike.index_of(*key[3:])


def _both(implied: Sequence[float | None], ratio: float | None) -> tuple[float, float] | None:
    """The prices of both years, value over quantity; of a year without quantity that of the other, moved by a ratio.
    Where the ratio is 1 they are one number: quotients differ in their last digit.
    """
    first, second = implied
    if first is None and second is None:
        return 0.0, 0.0
    if ratio == 1.0 and first is not None and second is not None and math.isclose(first, second, rel_tol=1e-9):
        return first, first
    if first is None:
        return None if not ratio or second is None else (second / ratio, second)
    if second is None:
        return None if ratio is None else (first, first * ratio)
    return first, second


def _amount(flow: _Flow | None, unit: str) -> float | None:
    """A quantity in a unit; nothing where there is no such flow, None where it is of another kind."""
    if flow is None or not flow.quantity:
        return 0.0
    try:
        return flow.quantity if flow.unit == unit else convert(flow.quantity, flow.unit, unit)
    except UnitError:
        return None


def _areas(account: Account) -> dict[tuple[str, ...], float]:
    """Areas by zone, ecosystem and class, and by zone and ecosystem."""
    parts: dict[tuple[str, ...], list[float]] = {}
    for (zone, ecosystem, land_class), area in account.areas().items():
        for key in dict.fromkeys(((zone, ecosystem, land_class or NONE), (zone, ecosystem, NONE))):
            parts.setdefault(key, []).append(area)
    return {key: math.fsum(areas) for key, areas in parts.items()}


def _land(areas: Sequence[Mapping[tuple[str, ...], float]], key: _FlowKey) -> tuple[float, float]:
    """The area of a flow in both years: that of its class, or of its ecosystem where it has none; of what belongs to no
    land, or whose land is not told, the same in both.
    """
    zone, ecosystem, land_class = key[:3]
    if ecosystem == NONE or not all(areas):
        return 1.0, 1.0
    first, second = (of.get((zone, ecosystem, land_class), 0.0) for of in areas)
    return (first, second) if first or second else (1.0, 1.0)
