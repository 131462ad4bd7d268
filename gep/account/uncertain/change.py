"""The change between two accounts, with what is common to both cancelling.

A row of coefficients with one name, value and range in both is one number, drawn once: what it is wrong by, it is wrong
by in both years. What differs is drawn for each. So a change is better known than the levels that it is between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gep.account.figures import Figures
from gep.account.uncertain.model import TOTAL, Model
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

    @property
    def is_significant(self) -> bool | None:
        """Whether the interval leaves out zero; None where nothing of the uncertainty is known."""
        if self.change.lower is None or self.change.upper is None:
            return None
        return self.change.lower > 0 or self.change.upper < 0


def uncertainty_of_change(
    before: Figures, after: Figures, *, draws: int = DRAWS, seed: int = SEED, level: float = LEVEL
) -> ChangeInterval:
    """How sure the change from one account to another is, at the prices of each. Raises UsageError for accounts at
    prices of different years, or without values.
    """
    years = sorted({account.about.price_year or account.about.year for account in (before, after)})
    totals = before.total(), after.total()
    if len(years) > 1:
        raise UsageError(say("account.mixed_prices", years=years))
    if totals[0] is None or totals[1] is None:
        raise UsageError(say("uncertainty.no_values", profile=before.about.profile))
    models = Model(before), Model(after)
    of_both = [name for name, of in models[0].variables.items() if models[1].variables.get(name) == of]
    value = totals[1] - totals[0]

    def interval(common: Sequence[str]) -> Interval:
        own = [[of for name, of in m.variables.items() if name not in common] for m in models]
        shared = [models[0].variables[name] for name in common]
        lists: list[list[Variable]] = [shared, *own]
        if not any(lists):
            return Interval(value)
        shares = latin_hypercube(draws, sum(map(len, lists)), seed)
        at = np.cumsum([0, *map(len, lists)])
        drawn = [draws_of(of, shares[:, at[n] : at[n + 1]]) for n, of in enumerate(lists)]
        first, second = (model.on({**drawn[0], **drawn[n]})[TOTAL] for n, model in enumerate(models, start=1))
        lower, upper = np.quantile((second - first)[1:], ((1 - level) / 2, (1 + level) / 2))
        return Interval(value, float(lower), float(upper))

    return ChangeInterval(interval(of_both), interval(()), tuple(of_both))
