"""The change between two accounts, with what is common to both cancelling.

A row of coefficients with one name, value and range in both is one number, drawn once: what it is wrong by, it is wrong
by in both years. So is a layer that is the same file in both. Layers and statistics of each year are numbers of their
own; of one year, as in a scenario, they are the same. So a change is better known than the levels that it is between
(IPCC 2006 vol. 1 ch. 3, types A and B).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.account.changes import NOISE, Comparison, settled
from gep.account.figures import Figures
from gep.account.pairs import Pair
from gep.account.record import Key, content_of
from gep.account.uncertain.dependence import Dependence
from gep.account.uncertain.model import FIGURE, TOTAL, Draws, Group, Model
from gep.account.uncertain.result import AT_ONCE, DRAWS, KINDS, LEVEL, SEED, Interval
from gep.account.uncertain.variables import LAYER, TABLE, Variable, draws_of, latin_hypercube
from gep.core.errors import UsageError
from gep.core.keys import NONE
from gep.core.messages import say

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ChangeInterval:
    """The change of the total, as it is and as it would seem if the errors of both accounts had nothing in common."""

    change: Interval
    if_independent: Interval
    common: tuple[str, ...]
    """The numbers that are the same in both."""
    by: Mapping[str, Mapping[str, Interval]]
    """The change of services, zones and ecosystems."""
    levels: tuple[Interval, Interval]
    """The totals themselves, of what is compared."""

    @property
    def parts(self) -> dict[Group, Interval]:
        """The changes by what they are of, `("service", "water_retention")`."""
        return {(kind, name): interval for kind, of in self.by.items() for name, interval in of.items()}

    @property
    def is_significant(self) -> bool | None:
        """Whether the interval leaves out zero; None where nothing of the uncertainty is known."""
        if self.change.lower is None or self.change.upper is None:
            return None
        return self.change.lower > 0 or self.change.upper < 0


def uncertainty_of_change(
    before: Figures,
    after: Figures,
    *,
    factors: Mapping[Key, float] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = LEVEL,
) -> ChangeInterval:
    """How sure the change from one account to another is, at the prices of each. `factors` say, by service, component,
    zone, ecosystem and class, which figures are compared, and what turns the later one into prices of the earlier year.
    Raises UsageError for accounts without values, and without factors for accounts at prices of different years.
    """
    years = sorted({account.about.price_year or account.about.year for account in (before, after)})
    if factors is None and len(years) > 1:
        raise UsageError(say("account.mixed_prices", years=years))
    for account in (before, after):
        if account.about.kind != "monetary" or account.total() is None:
            raise UsageError(say("uncertainty.no_values", profile=account.about.profile))
    models = Model(before), Model(after)
    ends = (1 - level) / 2, (1 + level) / 2
    drawn = _Drawn(models, factors)
    shared = [name for name, of in models[0].variables.items() if _is_common(name, of, models)]
    values = [drawn.values(number) for number in (0, 1)]
    first, second = drawn.sums(shared, draws, seed)

    def interval(moved: Array | None, value: float, size: float) -> Interval:
        if moved is None:
            return Interval(value)
        lower, upper = np.quantile(moved, ends)
        if upper - lower <= NOISE * size:  # what moves it is the same in both
            return Interval(value)
        return Interval(value, value + float(lower), value + float(upper))

    def change(group: Group, of: tuple[Mapping[Group, Array], Mapping[Group, Array]]) -> Interval:
        then, now = (of_account.get(group, 0.0) for of_account in values)
        value = settled(now, then) - then
        parts = [one for one in (of[1].get(group), _negative(of[0].get(group))) if one is not None]
        return interval(np.sum(parts, axis=0) if parts else None, value, max(abs(then), abs(now)))

    groups = dict.fromkeys([*values[0], *values[1]])
    return ChangeInterval(
        change(TOTAL, (first, second)),
        change(TOTAL, drawn.sums((), draws, seed)),
        tuple(shared),
        {kind: {group[1]: change(group, (first, second)) for group in groups if group[0] == kind} for kind in KINDS},
        (
            interval(first.get(TOTAL), values[0].get(TOTAL, 0.0), 1.0),
            interval(second.get(TOTAL), values[1].get(TOTAL, 0.0), 1.0),
        ),
    )


def _negative(of: Array | None) -> Array | None:
    return None if of is None else -of


def _is_common(name: str, of: Variable, models: tuple[Model, Model]) -> bool:
    """Whether a number of the first account is that of the second too."""
    years = {model.account.about.year for model in models}
    if models[1].variables.get(name) != of or (name.startswith(TABLE) and len(years) > 1):
        return False
    if not name.startswith(LAYER) or len(years) == 1:
        return True
    layer = name.removeprefix(LAYER).partition("[")[0]
    first, second = (model.account.record.get("inputs", {}).get(layer) for model in models)
    known = content_of(first) if first else None
    return known is not None and second is not None and content_of(second) == known


class _Drawn:
    """The figures that are compared of both accounts, the later ones by their factors."""

    def __init__(self, models: tuple[Model, Model], factors: Mapping[Key, float] | None) -> None:
        self.models, self.factors = models, factors

    def factor(self, number: int, key: Key) -> float:
        """What a figure is multiplied by; 0 where it is not compared."""
        if self.factors is None:
            return 1.0
        return self.factors.get(key, 0.0) if number or key not in self.factors else 1.0

    def values(self, number: int) -> dict[Group, float]:
        """The sums of the run that are compared."""
        found: dict[Group, float] = {}
        for part, figure in self.models[number].figures():
            key = part.service, part.component, *figure.place
            for group in _groups_of(key):
                found[group] = found.get(group, 0.0) + figure.value * self.factor(number, key)
        return found

    def sums(self, shared: Sequence[str], draws: int, seed: int) -> tuple[Mapping[Group, Array], Mapping[Group, Array]]:
        """What draws move of the sums of both accounts; `shared` are drawn once for both."""
        variables: list[Variable] = [self.models[0].variables[name] for name in shared]
        at: list[dict[str, int]] = []
        for model in self.models:
            places = {name: number for number, name in enumerate(shared)}
            for name, variable in model.variables.items():
                if name not in places:
                    places[name] = len(variables)
                    variables.append(variable)
            at.append(places)
        if not variables:
            return {}, {}
        matrix = np.eye(len(variables))
        for model, places in zip(self.models, at, strict=True):
            where = [places[name] for name in model.variables]
            matrix[np.ix_(where, where)] = model.dependence.matrix
        names = tuple(variable.name for variable in variables)
        shares = Dependence(names, matrix).correlated(latin_hypercube(draws, len(variables), seed))
        found: tuple[dict[Group, list[Array]], dict[Group, list[Array]]] = ({}, {})
        for start in range(0, draws, AT_ONCE):
            of_all = _columns(variables, shares[start : start + AT_ONCE])
            for number, (model, places) in enumerate(zip(self.models, at, strict=True)):
                drawn = {name: of_all[place] for name, place in places.items() if name in model.variables}
                for group, moved in self._moved(number, drawn).items():
                    found[number].setdefault(group, []).append(moved)
        first, second = ({group: np.concatenate(of) for group, of in one.items()} for one in found)
        return first, second

    def _moved(self, number: int, drawn: Draws) -> dict[Group, Array]:
        moved: dict[Group, Array] = {}
        model = self.models[number]
        if not drawn:
            return moved
        for figure, values in model.on(drawn, (FIGURE,)).items():
            if figure[0] != FIGURE or figure not in model.groups:
                continue
            _, service, component, zone, ecosystem, land_class = figure
            key = service, component, zone, ecosystem, land_class
            if factor := self.factor(number, key):
                for group in _groups_of(key):
                    moved[group] = moved.get(group, 0.0) + (values[1:] - values[0]) * factor
        return moved


def _columns(variables: Sequence[Variable], shares: Array) -> list[Array]:
    """The draws of numbers, of which two may have one name, in their order."""
    return [draws_of([of], shares[:, [number]])[of.name] for number, of in enumerate(variables)]


def _groups_of(key: Key) -> tuple[Group, ...]:
    service, _, zone, ecosystem, _ = key
    return TOTAL, ("service", service), ("zone", zone), ("ecosystem", ecosystem)


# several years --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChangesUncertainty:
    """How sure the changes of a comparison are, and the totals of its years, at its prices."""

    level: float
    draws: int
    seed: int
    change: ChangeInterval
    series: Mapping[int, Interval]

    def document(self) -> dict[str, Any]:
        """What `gep compare --uncertainty --json` has under `uncertainty`."""
        return {
            "level": self.level,
            "draws": self.draws,
            "seed": self.seed,
            "total": self.change.change._asdict(),
            "if_independent": self.change.if_independent._asdict(),
            "is_significant": self.change.is_significant,
            **{f"by_{kind}": {name: of._asdict() for name, of in self.change.by[kind].items()} for kind in KINDS},
            "series": [{"year": year, **of._asdict()} for year, of in self.series.items()],
            "common": list(self.change.common),
        }


def uncertainty_of_comparison(
    comparison: Comparison, *, draws: int = DRAWS, seed: int = SEED, level: float = LEVEL
) -> ChangesUncertainty:
    """How sure the changes of a comparison are: at prices of the base year, or at current ones. What growth is not told
    of (services computed in another way, prices that are not known) is left out. Raises UsageError for chained or
    linked prices, whose ends rest on years between.
    """
    if comparison.prices == "chain" or comparison.links:
        raise UsageError(say("uncertainty.no_chain"))
    base, last = comparison.path[0], comparison.path[-1]
    options: dict[str, Any] = {"draws": draws, "seed": seed, "level": level}
    series: dict[int, Interval] = {}
    of_last = None
    for account in sorted(comparison.accounts, key=lambda account: account.about.year):
        if account is base:
            continue
        factors = _factors(Pair(base, account), is_current=comparison.prices == "current")
        found = uncertainty_of_change(base, account, factors=factors, **options)
        series[account.about.year] = found.levels[1]
        if account is last:
            of_last, series[base.about.year] = found, found.levels[0]
    assert of_last is not None
    return ChangesUncertainty(level, draws, seed, of_last, dict(sorted(series.items())))


def _factors(pair: Pair, *, is_current: bool) -> dict[Key, float]:
    """What turns figures of the later year into prices of the earlier one, of the figures that growth is told of."""
    found: dict[Key, float] = {}
    for cell in pair.cells:
        if cell.is_other or (cell.at_base is None and not is_current):
            continue
        zone, ecosystem, land_class, service, component = cell.flow
        factor = cell.at_base / cell.after if cell.after and cell.at_base is not None and not is_current else 1.0
        for name in {land_class, "" if land_class == NONE else land_class}:
            found[service, component, zone, ecosystem, name] = factor
    return found
