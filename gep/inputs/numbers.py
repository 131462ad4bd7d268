"""Equations on totals of an accounting unit: where their numbers come from, and what a unit of a component is worth.

A number is looked for among the figures that the tables report for the feature, then for the zone, then for the whole
area, and then among the coefficients. Money is moved to the price year wherever it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gep.core.catalog import Component
from gep.core.equation import Equation
from gep.core.errors import CoefficientError, InputError, problem
from gep.core.keys import CITY
from gep.core.messages import say
from gep.core.units import linear
from gep.inputs.items import in_unit, item_measures, item_unit
from gep.inputs.tables import Statistic
from gep.standards.coefficients import Coefficient, Coefficients, Found
from gep.standards.prices import OwnIndices, PriceIndex, moved_price, price_index
from gep.standards.profile import Profile

SHARES_ADD_WITHIN = 0.01
"""How far the shares of a feature's parts may be from the whole, as they are rounded in tables."""


class Place(NamedTuple):
    """For what a number is wanted: a zone, a feature in it, an ecosystem and a class. What is empty is not
    asked for.
    """

    zone: str = ""
    ecosystem: str = ""
    land_class: str = ""
    feature: str = ""


@dataclass(frozen=True)
class Number:
    """A number and where it comes from: a row of coefficients or a figure of the tables.

    `index_factor` is what money was multiplied by to be in that of the price year.
    """

    amount: float
    found: Found | None = None
    price_year: int | None = None
    reported: Statistic | None = None
    index_factor: float = 1.0


class Result(NamedTuple):
    """What an equation gives, the coefficient rows that it rests on, the newest price year among its money, and the
    numbers put in by argument, but for those that were given.
    """

    amount: float
    found: tuple[Found, ...] = ()
    price_year: int | None = None
    arguments: tuple[tuple[str, Number], ...] = ()


@dataclass(frozen=True)
class Numbers:
    """Everything that equations on totals may draw on in one study."""

    profile: Profile
    coefficients: Coefficients
    statistics: Sequence[Statistic]
    region: str
    year: int
    price_year: int
    own_indices: OwnIndices = field(default_factory=OwnIndices)

    @cached_property
    def price_index(self) -> PriceIndex | None:
        """The general index of prices: the study's own, or that of the profile, if it has one."""
        name = self.profile.price_index
        return self.own_indices.general or (price_index(name) if name else None)

    def index_of(self, name: str) -> PriceIndex | None:
        """The index that a price or an item (`crop_products/wheat`) follows: that of its group, else the general one;
        None where it follows none.
        """
        own = self.own_indices.of_group(name)
        return own or (None if name.split("/")[0] in self.profile.unmoved_prices else self.price_index)

    @cached_property
    def _items(self) -> Mapping[tuple[str, str], Statistic]:
        """The figures of the tables by item (with its part) and zone."""
        return {
            (s.item, s.zone): s
            for s in self.statistics
            if s.value is not None and (unit := item_unit(s.item)) and s.measure in item_measures(s.item) and unit
        }

    @cached_property
    def _features(self) -> frozenset[str]:
        """The features that the tables know: all ends of their items."""
        return frozenset(
            item[position + 1 :] for item, _ in self._items for position, sign in enumerate(item) if sign == "/"
        )

    def settled(self, place: Place) -> Place:
        """The place without a feature that the tables do not know: thousands of lakes then ask for the same numbers."""
        return place._replace(feature="") if place.feature and place.feature not in self._features else place

    def reported(self, name: str, unit: str, place: Place) -> Number | None:
        """A number of the tables in a unit, or None where they do not give it."""
        for item in (f"{name}/{place.feature}" if place.feature else "", name):
            for zone in (place.zone, CITY):
                reported = self._items.get((item, zone)) if item else None
                if reported is not None:
                    return self._reported(reported, unit)
        return None

    def number(self, name: str, unit: str, place: Place) -> Number | None:
        """A number in a unit, of the tables or of the coefficients, or None where nothing gives it."""
        key = (name, unit, place)
        if key not in self._known:
            self._known[key] = self.reported(*key)
            if self._known[key] is None:
                of_class = (name, unit, Place("", place.ecosystem, place.land_class))
                if of_class not in self._coefficients_known:
                    found = self._of_coefficients(name, unit, place.ecosystem, place.land_class)
                    self._coefficients_known[of_class] = found
                self._known[key] = self._coefficients_known[of_class]
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[str, str, Place], Number | None]:
        return {}

    @cached_property
    def _coefficients_known(self) -> dict[tuple[str, str, Place], Number | None]:
        return {}

    def _of_coefficients(self, name: str, unit: str, ecosystem: str, land_class: str) -> Number | None:
        found = self.coefficients.lookup(name, ecosystem, land_class, self.region, self.year)
        if found is None:
            return None
        index = self._index(found.row)
        row = moved_price(found.row, index, self.price_year)
        factor = index.factor(found.row.price_year or 0, self.price_year) if index else 1.0
        return Number(row.to(unit), found, found.row.price_year, index_factor=factor)

    def series(self, equation: Equation, feature: str) -> float | None:
        """What an equation makes of the parts of a feature; None where there are none, NaN where shares do not add to
        the whole.
        """
        ((argument, unit),) = equation.units.items()
        item = f"{argument}/{feature}/"
        parts = [
            in_unit(s.value, s.unit, unit) for s in self.statistics if s.item.startswith(item) and s.value is not None
        ]
        if not parts:
            return None
        if abs(math.fsum(parts) - 1) > SHARES_ADD_WITHIN:
            return math.nan
        return float(equation.fn(np.array(parts)))

    def _reported(self, row: Statistic, unit: str) -> Number:
        assert row.value is not None
        of_item = item_unit(row.item)
        scale, offset = linear(of_item, unit)
        amount = in_unit(row.value, row.unit, of_item) * scale + offset
        if item_measures(row.item)[0] == "quantity":
            return Number(amount, reported=row)
        return Number(
            self.moved(amount, row), None, row.price_year or row.year or self.year, row, self.index_factor(row)
        )

    def moved(self, amount: float, row: Statistic) -> float:
        """A reported price or value in the money of the price year; taken as of the accounting year where the table
        does not say.
        """
        return amount * self.index_factor(row)

    def index_factor(self, row: Statistic) -> float:
        """What reported money is multiplied by to be in that of the price year; 1 where it is, or does not follow an
        index.
        """
        from_year = row.price_year or row.year or self.year
        index = self.index_of(row.item)
        if from_year == self.price_year or index is None:
            return 1.0
        try:
            return index.factor(from_year, self.price_year)
        except CoefficientError as error:
            raise _cannot_move(row.item, error, row.place) from error

    def _index(self, row: Coefficient) -> PriceIndex | None:
        """The index that moves a price, or None where it stays as it is."""
        index = self.index_of(row.name)
        if not row.is_price or index is None or row.price_year == self.price_year:
            return None
        try:
            index.factor(row.price_year or 0, self.price_year)
        except CoefficientError as error:
            raise _cannot_move(row.name, error, row.place) from error
        return index

    def result(
        self,
        equation: Equation,
        place: Place,
        given: Mapping[str, float] | None = None,
        renames: Mapping[str, str] | None = None,
    ) -> tuple[Result | None, list[str]]:
        """An equation on totals: its result, or what is lacking. `given` are numbers that are known, in the units the
        equation declares.
        """
        key = (equation.name, place, tuple(given or ()), tuple((renames or {}).items()))
        if key not in self._arguments:
            self._arguments[key] = self._looked_up(equation, place, given or {}, renames or {})
        amounts, template, lacking = self._arguments[key]
        if lacking:
            return None, lacking
        amount = float(equation.fn(**{**amounts, **given} if given else amounts))
        return template._replace(amount=amount), []

    @cached_property
    def _arguments(self) -> dict[Hashable, tuple[dict[str, float], Result, list[str]]]:
        """What `_looked_up` found: thousands of lakes ask for the same."""
        return {}

    def _looked_up(
        self, equation: Equation, place: Place, given: Collection[str], renames: Mapping[str, str]
    ) -> tuple[dict[str, float], Result, list[str]]:
        """The amounts of the arguments of an equation in its order, with room for those that are given; the result with
        all but its amount; and what is lacking.
        """
        arguments: dict[str, Number] = {}
        lacking = []
        for argument, unit in equation.units.items():
            name = renames.get(argument, argument)
            number = Number(math.nan) if argument in given else self.number(name, unit, place)
            if number is None:
                lacking.append(name)
            else:
                arguments[argument] = number
        found = tuple(number.found for number in arguments.values() if number.found)
        years = [number.price_year for number in arguments.values() if number.price_year]
        amounts = {argument: number.amount for argument, number in arguments.items()}
        looked_up = tuple((argument, number) for argument, number in arguments.items() if argument not in given)
        return amounts, Result(math.nan, found, max(years, default=None), looked_up), lacking

    def price(self, component: Component, place: Place) -> tuple[Result | None, list[str]]:
        """What a unit of a component is worth, in the unit that its value equation declares, or what is lacking."""
        money = component.money
        assert money is not None
        if money.pricing is None:
            name = component.looked_up(money.price)
            number = self.number(name, money.price_unit, place)
            if number is None:
                return None, [name]
            found = (number.found,) if number.found else ()
            return Result(number.amount, found, number.price_year, ((money.price, number),)), []
        result, lacking = self.result(money.pricing, place, renames=component.wiring)
        if result is None:
            return None, lacking
        scale, offset = linear(money.pricing.returns, money.price_unit)
        return result._replace(amount=result.amount * scale + offset), []


def _cannot_move(subject: str, error: CoefficientError, place: str) -> InputError:
    found = problem("inputs.C05.cannot_move", subject, place=place, message=error.message)
    return InputError(say("inputs.cannot_move_price"), [found])
