"""Several accounts on the same draws: what is one number in some of them is drawn once for these.

A row of coefficients with one name, value and range is one number, and so is a layer that is the same file; layers and
statistics of each year are numbers of their own, of one year they are the same. A figure at the prices of an earlier
account is wrong by what those prices are wrong by, and not by the error of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gep.account.figures import Figures
from gep.account.record import Key, content_of
from gep.account.uncertain.dependence import Dependence
from gep.account.uncertain.model import FIGURE, TOTAL, Draws, Group, Model
from gep.account.uncertain.result import AT_ONCE
from gep.account.uncertain.variables import Variable, draws_of, latin_hypercube
from gep.inputs.correlated import LAYER, OF_PRICE, TABLE

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """An account and a later one beside it, by their positions, and which of their figures are compared."""

    first: int
    second: int
    factors: Mapping[Key, float] | None = None
    """By figure, what turns the later one into prices of the earlier account; all are as they are where it is None."""
    is_at_first_prices: bool = False
    deflated: frozenset[str] = frozenset()
    """The services that an index turns into them: the prices behind these are those of the later account."""

    def factor(self, key: Key, *, is_second: bool) -> float:
        """What a figure is multiplied by; 0 where it is not compared."""
        if self.factors is None:
            return 1.0
        return self.factors.get(key, 0.0) if is_second or key not in self.factors else 1.0


@dataclass(frozen=True)
class Moved:
    """What some draws move of the sums of both accounts of a step."""

    first: Mapping[Group, Array]
    second: Mapping[Group, Array]


@dataclass(frozen=True)
class _Columns:
    """The numbers that are drawn, and where each account has its own of them."""

    variables: list[Variable]
    places: list[dict[str, int]]
    matrix: Array


class Together:
    """Accounts whose common numbers are drawn once; with `is_apart` as if they had none."""

    def __init__(self, accounts: Sequence[Figures]) -> None:
        self.models = [Model(account) for account in accounts]

    def common(self, first: int, second: int) -> tuple[str, ...]:
        """The numbers that are the same in two accounts."""
        of_first = self.models[first].variables
        return tuple(name for name in of_first if self._is_common(name, first, second))

    def _is_common(self, name: str, first: int, second: int) -> bool:
        models = self.models[first], self.models[second]
        years = {model.account.about.year for model in models}
        if models[0].variables.get(name) != models[1].variables.get(name):
            return False
        if len(years) == 1:
            return True
        if not name.startswith(LAYER):
            return not name.startswith(TABLE)
        layer = name.removeprefix(LAYER).partition("[")[0]
        one, other = (model.account.record.get("inputs", {}).get(layer) for model in models)
        known = content_of(one) if one else None
        return known is not None and other is not None and content_of(other) == known

    # numbers ----------------------------------------------------------------------------------------------------------

    def _columns(self, *, is_apart: bool) -> _Columns:
        """The numbers of all accounts, those that several of them have before the others."""
        owner: list[dict[str, int]] = []
        for number, model in enumerate(self.models):
            before = () if is_apart else range(number)
            owner.append({
                name: next((one for one in before if self._is_common(name, one, number)), number)
                for name in model.variables
            })  # fmt: skip
        shared = {(of[name], name) for number, of in enumerate(owner) for name in of if of[name] != number}
        every = dict.fromkeys((of[name], name) for of in owner for name in of)
        ordered = sorted(every, key=lambda one: one not in shared)
        at = {one: place for place, one in enumerate(ordered)}
        places = [{name: at[of[name], name] for name in of} for of in owner]
        matrix = np.eye(len(ordered))
        for model, of_model in zip(self.models, places, strict=True):
            where = [of_model[name] for name in model.variables]
            matrix[np.ix_(where, where)] = model.dependence.matrix
        return _Columns([self.models[number].variables[name] for number, name in ordered], places, matrix)

    # sums -------------------------------------------------------------------------------------------------------------

    def values(self, step: Step, *, is_second: bool) -> dict[Group, float]:
        """The sums of the run that a step compares."""
        found: dict[Group, float] = {}
        for part, figure in self.models[step.second if is_second else step.first].figures():
            key = part.service, part.component, *figure.place
            for group in _groups_of(key):
                found[group] = found.get(group, 0.0) + figure.value * step.factor(key, is_second=is_second)
        return found

    def moved(self, steps: Sequence[Step], draws: int, seed: int, *, is_apart: bool = False) -> Iterator[list[Moved]]:
        """What draws move of the sums of every step, so many draws at once; the same draws in all steps."""
        columns = self._columns(is_apart=is_apart)
        if not columns.variables:
            return
        names = tuple(variable.name for variable in columns.variables)
        dependence = Dependence(names, columns.matrix)
        shares = dependence.correlated(latin_hypercube(draws, len(names), seed))
        for start in range(0, draws, AT_ONCE):
            rows = shares[start : start + AT_ONCE]
            of_all = [draws_of([of], rows[:, [at]])[of.name] for at, of in enumerate(columns.variables)]
            drawn = [{name: of_all[place] for name, place in of.items()} for of in columns.places]
            figures = [self._figures(number, of) for number, of in enumerate(drawn)]
            yield [self._step(step, drawn, figures, is_apart=is_apart) for step in steps]

    def _step(
        self, step: Step, drawn: Sequence[Draws], figures: Sequence[Mapping[Key, Array]], *, is_apart: bool
    ) -> Moved:
        second = figures[step.second]
        at_first = self._at_first_prices(step, drawn) if step.is_at_first_prices and not is_apart else None
        if at_first is not None:
            kept = {key: of for key, of in second.items() if key[0] in step.deflated}
            second = {**self._figures(step.second, at_first), **kept}
        return Moved(_summed(figures[step.first], step, is_second=False), _summed(second, step, is_second=True))

    def _at_first_prices(self, step: Step, drawn: Sequence[Draws]) -> Draws | None:
        """The draws of the later account, with the prices of the earlier one in parts of what each is: where that has
        one without a range, its own is of no matter. None where all prices are the same numbers in both.
        """
        first, second = self.models[step.first], self.models[step.second]
        found = dict(drawn[step.second])
        prices = [name for name in found if _is_price(second, name) and found[name] is not drawn[step.first].get(name)]
        for name in prices:
            other = first.variables.get(name)
            if other:
                by = second.variables[name].value / other.value if other.value else 1.0
                found[name] = drawn[step.first][name] * by
            elif name in self._asked[step.first]:
                del found[name]
        return found if prices else None

    @cached_property
    def _asked(self) -> list[frozenset[str]]:
        """All numbers of each account, those without a range too."""
        return [frozenset(name for part in model.parts for name in part.asks) for model in self.models]

    def _figures(self, number: int, drawn: Draws) -> dict[Key, Array]:
        """What draws move of each figure of an account."""
        model = self.models[number]
        if not drawn:
            return {}
        found: dict[Key, Array] = {}
        for group, values in model.on(drawn, (FIGURE,)).items():
            if group[0] == FIGURE and group in model.groups:
                _, service, component, zone, ecosystem, land_class = group
                found[service, component, zone, ecosystem, land_class] = values[1:] - values[0]
        return found


def _is_price(model: Model, name: str) -> bool:
    """Whether a number is a price: a row with a year of prices, or the prices of an item."""
    if name.startswith(TABLE):
        return name.endswith(OF_PRICE)
    return "price_year" in model.account.ledger["coefficients"].get(name, {})


def _summed(figures: Mapping[Key, Array], step: Step, *, is_second: bool) -> dict[Group, Array]:
    found: dict[Group, Array] = {}
    for key, moved in figures.items():
        if factor := step.factor(key, is_second=is_second):
            for group in _groups_of(key):
                found[group] = found.get(group, 0.0) + moved * factor
    return found


def _groups_of(key: Key) -> tuple[Group, ...]:
    service, _, zone, ecosystem, _ = key
    return TOTAL, ("service", service), ("zone", zone), ("ecosystem", ecosystem)
