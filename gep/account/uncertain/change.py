"""The change between two accounts, with what is common to both cancelling.

A row of coefficients with one name, value and range in both is one number, drawn once: what it is wrong by, it is wrong
by in both years. What differs is drawn for each. So a change is better known than the levels that it is between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gep.account.changes import NOISE, settled
from gep.account.figures import Figures
from gep.account.uncertain.model import TOTAL, Group, Model
from gep.account.uncertain.result import DRAWS, LEVEL, SEED, Interval
from gep.account.uncertain.variables import Variable, draws_of, latin_hypercube
from gep.core.errors import UsageError
from gep.core.messages import say


@dataclass(frozen=True)
class ChangeInterval:
    """The change of the total, as it is and as it would seem if the errors of both accounts had nothing in common."""

    change: Interval
    if_independent: Interval
    common: tuple[str, ...]
    """The numbers that are the same in both."""
    parts: Mapping[Group, Interval] = field(default_factory=dict)
    """The changes of what it was asked by, `("service", "water_retention")`."""

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
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = LEVEL,
    by: Sequence[str] = (),
) -> ChangeInterval:
    """How sure the change from one account to another is, at the prices of each, and that of its parts `by` service,
    zone, ecosystem. Raises UsageError for accounts at prices of different years, or without values.
    """
    years = sorted({account.about.price_year or account.about.year for account in (before, after)})
    totals = before.total(), after.total()
    if len(years) > 1:
        raise UsageError(say("account.mixed_prices", years=years))
    if totals[0] is None or totals[1] is None:
        raise UsageError(say("uncertainty.no_values", profile=before.about.profile))
    models = Model(before), Model(after)
    of_both = [name for name, of in models[0].variables.items() if models[1].variables.get(name) == of]
    values = {TOTAL: (totals[0], totals[1])}
    for kind in by:
        of_kind = [account.totals(kind) for account in (before, after)]
        names = dict.fromkeys((*of_kind[0], *of_kind[1]))
        values |= {(kind, name): (of_kind[0].get(name, 0.0), of_kind[1].get(name, 0.0)) for name in names}
    changes = {group: settled(now, then) - then for group, (then, now) in values.items()}

    def intervals(common: Sequence[str], by: Sequence[str] = ()) -> dict[Group, Interval]:
        own = [[of for name, of in m.variables.items() if name not in common] for m in models]
        shared = [models[0].variables[name] for name in common]
        lists: list[list[Variable]] = [shared, *own]
        if not any(lists):
            return {group: Interval(change) for group, change in changes.items()}
        shares = latin_hypercube(draws, sum(map(len, lists)), seed)
        at = np.cumsum([0, *map(len, lists)])
        drawn = [draws_of(of, shares[:, at[n] : at[n + 1]]) for n, of in enumerate(lists)]
        first, second = (model.on({**drawn[0], **drawn[n]}, by) for n, model in enumerate(models, start=1))
        found = {}
        for group in [TOTAL, *(group for group in changes if group[0] in by)]:
            found[group] = Interval(changes[group])
            if not any(group in model.groups for model in models):
                continue
            change = np.asarray(second.get(group, 0.0) - first.get(group, 0.0))
            lower, upper = np.quantile(change[1:], ((1 - level) / 2, (1 + level) / 2))
            if upper - lower > NOISE * max(map(abs, values[group])):  # else what moves it is the same in both
                found[group] = Interval(changes[group], float(lower), float(upper))
        return found

    found = intervals(of_both, by)
    return ChangeInterval(found[TOTAL], intervals(())[TOTAL], tuple(of_both), found)
