"""Computed figures that are known to the digits of what they are computed from: a number, all that it can be, and its
unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from gep.account.account import Account
from gep.account.entries import About, Entry
from gep.audit.printed import Interval, total
from gep.core.equation import Equation
from gep.core.keys import CITY, NONE
from gep.core.units import linear


@dataclass(frozen=True)
class Amount:
    """A figure: the number itself, all that it can be, and its unit."""

    number: float
    interval: Interval
    unit: str

    def to(self, unit: str) -> Amount:
        """The same in another unit, its ends exactly."""
        if self.unit == unit:
            return self
        scale, offset = linear(self.unit, unit)
        exact, shift = Fraction(repr(scale)), Fraction(repr(offset))
        return Amount(
            self.number * scale + offset,
            Interval(self.interval.low * exact + shift, self.interval.high * exact + shift),
            unit,
        )


def sum_of(parts: Iterable[Amount]) -> Amount:
    """The exact sum of figures, in the unit of the first: by the fold of an account, as every total of ours is made."""
    amounts = list(parts)
    unit = amounts[0].unit
    amounts = [amount.to(unit) for amount in amounts]
    entries = [
        Entry(
            CITY, "", NONE, NONE, service="part", component=f"{number:09}", value=amount.number, price_basis="current"
        )
        for number, amount in enumerate(amounts)
    ]
    added = Account(entries, About("a sum", 0)).total()
    assert added is not None
    return Amount(added, total([amount.interval for amount in amounts]), unit)


def difference(first: Amount, second: Amount) -> Amount:
    """The second less the first."""
    first = first.to(second.unit)
    return Amount(second.number - first.number, second.interval - first.interval, second.unit)


def ratio(first: Amount, second: Amount) -> Amount:
    """The first over the second. Raises ZeroDivisionError where the second may be zero."""
    unit = "1" if first.unit == second.unit else f"({first.unit})/({second.unit})"
    interval = first.interval / second.interval
    return Amount(first.number / second.number, interval, unit)


def times(first: Amount, second: Amount) -> Amount:
    """The product of two figures."""
    return Amount(first.number * second.number, first.interval * second.interval, f"({first.unit})*({second.unit})")


def growth(first: Amount, second: Amount) -> Amount:
    """The relative change from the first to the second."""
    more = ratio(second.to(first.unit), first)
    return replace(more, number=more.number - 1, interval=more.interval - Interval.exact(1))


def evaluate(equation: Equation, arguments: Mapping[str, Amount]) -> Amount:
    """An equation of figures that are known to their digits: its value, and its least and greatest at the ends of the
    arguments.

    That is all that it can be where it rises or falls all the way in each argument, as products, quotients and powers
    do.
    """
    inside = {name: arguments[name].to(unit) for name, unit in equation.units.items()}
    ends = product(*(dict.fromkeys((amount.interval.low, amount.interval.high)) for amount in inside.values()))
    corners = [{name: float(end) for name, end in zip(inside, corner, strict=True)} for corner in ends]
    number = float(equation(**{name: amount.number for name, amount in inside.items()}))
    values = [Fraction(float(equation(**corner))) for corner in corners]
    return Amount(number, Interval(min(values), max(values)), equation.returns)
