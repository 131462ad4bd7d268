"""The change between two accounts, and over the years of a comparison, with what is common to them cancelling.

What is one number in several accounts is wrong by the same in all of them (`gep.account.uncertain.together`). So a
change is better known than the levels that it is between (IPCC 2006 vol. 1 ch. 3, types A and B). Chained and linked
volumes are computed of every draw: C = V_0 l_1 ... l_n with both ends of every link l drawn, and the same draw for all
years.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.account.changes import NOISE, Comparison, settled
from gep.account.figures import Figures
from gep.account.pairs import Pair
from gep.account.record import Key
from gep.account.uncertain.model import TOTAL, Group
from gep.account.uncertain.result import DRAWS, KINDS, LEVEL, SEED, Interval
from gep.account.uncertain.together import Moved, Step, Together
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
    """The change of services, zones and ecosystems; of those that have a chain, where prices are chained."""
    levels: tuple[Interval, Interval]
    """The totals themselves, of what is compared."""
    gap: Interval | None = None
    """Of chained or linked prices, what the volumes of services lack of that of the whole."""
    broken: tuple[Group, ...] = ()
    """What has a chain in the run and none on some draws, on which a volume between is not above zero."""

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
    step = Step(0, 1, factors, is_at_first_prices=factors is not None)
    return _Paths((before, after), [step], [[0]], draws, seed, level).change()


@dataclass(frozen=True)
class _Followed:
    """A sum at both ends of a path: in the run, and what draws move of it, if any number does."""

    before: float
    after: float
    first: Array | None = None
    last: Array | None = None
    is_broken: bool = False

    @property
    def moved(self) -> Array | None:
        """What draws move of its change."""
        parts = [self.last, None if self.first is None else -self.first]
        there = [part for part in parts if part is not None]
        return np.asarray(np.sum(there, axis=0)) if there else None

    @property
    def change(self) -> float:
        """Its change in the run."""
        return settled(self.after, self.before) - self.before


class _Paths:
    """Ways from an account to another over steps, all on the same draws; behind its first step a way is a chain. Of the
    last way all sums are followed, of the others the total.
    """

    def __init__(
        self,
        accounts: Sequence[Figures],
        steps: Sequence[Step],
        paths: Sequence[Sequence[int]],
        draws: int,
        seed: int,
        level: float,
    ) -> None:
        for account in accounts:
            if account.about.kind != "monetary" or account.total() is None:
                raise UsageError(say("uncertainty.no_values", profile=account.about.profile))
        self.together, self.steps, self.paths = Together(accounts), steps, paths
        self.draws, self.seed, self.ends = draws, seed, ((1 - level) / 2, (1 + level) / 2)
        self.values = [tuple(self.together.values(step, is_second=of) for of in (False, True)) for step in steps]

    @cached_property
    def followed(self) -> list[dict[Group, _Followed]]:
        """The sums of every path."""
        return self._follow(self.paths)

    def change(self) -> ChangeInterval:
        """The change over the last path, of the total and by service, zone and ecosystem."""
        path, found = self.paths[-1], self.followed[-1]
        (alone,) = self._follow([path], is_apart=True)
        by = {kind: {group[1]: self._change(of) for group, of in found.items() if group[0] == kind} for kind in KINDS}
        return ChangeInterval(
            self._change(found[TOTAL]),
            self._change(alone[TOTAL]),
            self.together.common(self.steps[path[0]].first, self.steps[path[-1]].second),
            by,
            self.levels(-1),
            self._gap(found) if len(path) > 1 else None,
            tuple(group for group, of in found.items() if of.is_broken),
        )

    def levels(self, path: int) -> tuple[Interval, Interval]:
        """The totals at both ends of a path."""
        total = self.followed[path][TOTAL]
        return self._interval(total.first, total.before, 1.0), self._interval(total.last, total.after, 1.0)

    def _change(self, of: _Followed) -> Interval:
        return self._interval(of.moved, of.change, max(abs(of.before), abs(of.after)))

    def _gap(self, found: Mapping[Group, _Followed]) -> Interval | None:
        """Of the total less its services, where all of them have a chain."""
        services = [of for group, of in found.items() if group[0] == "service"]
        every = {group for values in self._values_of(self.paths[-1]) for of in values for group in of}
        if len(services) < sum(group[0] == "service" for group in every) or any(of.is_broken for of in services):
            return None
        whole = found[TOTAL]
        moved = [of.last if of is whole else -of.last for of in (whole, *services) if of.last is not None]
        value = math.fsum([whole.after, *(-of.after for of in services)])
        return self._interval(np.sum(moved, axis=0) if moved else None, value, abs(whole.after))

    def _interval(self, moved: Array | None, value: float, size: float) -> Interval:
        if moved is None:
            return Interval(value)
        lower, upper = np.quantile(moved, self.ends)
        if upper - lower <= NOISE * size:  # what moves it is the same in both
            return Interval(value)
        return Interval(value, value + float(lower), value + float(upper))

    # on draws ---------------------------------------------------------------------------------------------------------

    def _values_of(self, path: Sequence[int]) -> list[tuple[Mapping[Group, float], ...]]:
        return [self.values[at] for at in path]

    def _follow(self, paths: Sequence[Sequence[int]], *, is_apart: bool = False) -> list[dict[Group, _Followed]]:
        """The sums of some paths. Raises UsageError where the total has no chain, in the run or on a draw."""
        found = [self._of_run(path, is_whole=path is self.paths[-1] and not is_apart) for path in paths]
        drawn: list[dict[Group, list[tuple[Array, Array]]]] = [{} for _ in paths]
        for moved in self.together.moved(self.steps, self.draws, self.seed, is_apart=is_apart):
            for path, of_run, of_path in zip(paths, found, drawn, strict=True):
                for group, of in of_run.items():
                    ends = self._ends_of(path, group, moved)
                    if of.is_broken or not any(isinstance(end, np.ndarray) for pair in ends for end in pair):
                        continue
                    if any(np.any(before <= 0) for before, _ in ends[1:]):
                        of_run[group] = replace(of, is_broken=True)
                        self._check_total(path, group)
                        continue
                    of_path.setdefault(group, []).append((ends[0][0] - of.before, _volume(ends) - of.after))
        return [
            {group: of if of.is_broken else _on_draws(of, of_path.get(group, ())) for group, of in of_run.items()}
            for of_run, of_path in zip(found, drawn, strict=True)
        ]

    def _of_run(self, path: Sequence[int], *, is_whole: bool) -> dict[Group, _Followed]:
        """The sums of a path in the run: all, or the total; those that have a chain."""
        values = self._values_of(path)
        groups = dict.fromkeys([TOTAL, *(group for pair in values for of in pair for group in of if is_whole)])
        found = {}
        for group in groups:
            ends = [(first.get(group, 0.0), second.get(group, 0.0)) for first, second in values]
            if len(ends) > 1 and any(before <= 0 for before, _ in ends):
                self._check_total(path, group)
            else:
                found[group] = _Followed(ends[0][0], _volume(ends))
        return found

    def _ends_of(self, path: Sequence[int], group: Group, moved: Sequence[Moved]) -> list[tuple[Any, Any]]:
        return [
            (values[0].get(group, 0.0) + moved[at].first.get(group, 0.0),
             values[1].get(group, 0.0) + moved[at].second.get(group, 0.0))
            for at, values in zip(path, self._values_of(path), strict=True)
        ]  # fmt: skip

    def _check_total(self, path: Sequence[int], group: Group) -> None:
        if group == TOTAL:
            years = [self.together.models[self.steps[at].first].account.about.year for at in path]
            raise UsageError(say("uncertainty.no_chain", years=years))


def _volume(ends: Sequence[tuple[Any, Any]]) -> Any:
    """The end of a chain in the money of its beginning, of both ends of its links; of one link its own end."""
    found = ends[0][1]
    for before, after in ends[1:]:
        found = found / before * after
    return found


def _on_draws(of: _Followed, drawn: Sequence[tuple[Any, Any]]) -> _Followed:
    if not drawn:
        return of
    first, last = zip(*drawn, strict=True)
    moves = [np.concatenate(end) if all(np.ndim(part) for part in end) else None for end in (first, last)]
    return replace(of, first=moves[0], last=moves[1])


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
        gap = self.change.gap
        return {
            "level": self.level,
            "draws": self.draws,
            "seed": self.seed,
            "total": self.change.change._asdict(),
            "if_independent": self.change.if_independent._asdict(),
            "is_significant": self.change.is_significant,
            **{f"by_{kind}": {name: of._asdict() for name, of in self.change.by[kind].items()} for kind in KINDS},
            "series": [{"year": year, **of._asdict()} for year, of in self.series.items()],
            **({"gap": gap._asdict()} if gap else {}),
            "common": list(self.change.common),
        }


def uncertainty_of_comparison(
    comparison: Comparison, *, draws: int = DRAWS, seed: int = SEED, level: float = LEVEL
) -> ChangesUncertainty:
    """How sure the changes of a comparison are, at its prices. What growth is not told of (services computed in another
    way, prices that are not known) is left out. Raises UsageError where chained or linked prices have no meaning: the
    total of a year between is not above zero, in the run or on a draw.
    """
    accounts = sorted(comparison.accounts, key=lambda account: account.about.year)
    base, last = comparison.path[0], comparison.path[-1]
    others = [account for account in accounts if account not in (base, last)]
    known: dict[tuple[int, int], int] = {}
    steps, paths = list[Step](), list[list[int]]()
    for account in (*others, last):
        path = []
        for pair in comparison.to(account).pairs:
            years = pair.first.about.year, pair.second.about.year
            if years not in known:
                known[years] = len(steps)
                steps.append(_step(pair, accounts, is_current=comparison.prices == "current"))
            path.append(known[years])
        paths.append(path)
    found = _Paths(accounts, steps, paths, draws, seed, level)
    change = found.change()
    if comparison.gap is None or comparison.other:  # which has services that are not among these
        change = replace(change, gap=None)
    series = {account.about.year: found.levels(at)[1] for at, account in enumerate((*others, last))}
    series[base.about.year] = change.levels[0]
    return ChangesUncertainty(level, draws, seed, change, dict(sorted(series.items())))


def _step(pair: Pair, accounts: Sequence[Figures], *, is_current: bool) -> Step:
    """A pair of accounts, with what turns figures of the later one into prices of the earlier one, of the figures that
    growth is told of.
    """
    found: dict[Key, float] = {}
    for cell in pair.cells:
        if cell.is_other or (cell.at_base is None and not is_current):
            continue
        zone, ecosystem, land_class, service, component = cell.flow
        factor = cell.at_base / cell.after if cell.after and cell.at_base is not None and not is_current else 1.0
        for name in {land_class, "" if land_class == NONE else land_class}:
            found[service, component, zone, ecosystem, name] = factor
    first, second = accounts.index(pair.first), accounts.index(pair.second)
    is_at_first_prices = not is_current and pair.alike.price_year is None
    return Step(first, second, found, is_at_first_prices, pair.alike.deflated)
