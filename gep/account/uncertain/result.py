"""Intervals of an account, what drives them, and what is not known.

    found = account.uncertainty()
    found.total, found.by_service, found.drivers, found.unknown

By Monte Carlo on a Latin hypercube, and beside it by the law of propagation of the GUM. Shares of variance are those of
a sum of terms where the draws show that the total is one; else they are estimated by Saltelli's sampling. The interval
is of what is known: a number without a range adds nothing to it, and is listed as unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.account.figures import Figures
from gep.account.propagation import combined, half_widths, shares_of_sum
from gep.account.uncertain.model import TOTAL, Draws, Engine, Group, Model
from gep.account.uncertain.parts import Kept
from gep.account.uncertain.variables import LAYER, TABLE, Again, Errors, Variable, draws_of, latin_hypercube
from gep.core.errors import UsageError
from gep.core.messages import say

Array = NDArray[np.float64]

SCHEMA = 1
DRAWS, SEED, LEVEL = 10_000, 20_261, 0.95
"""What is drawn where nothing else is said: as many as guidelines have (IPCC 2006 vol. 1 ch. 3, 3.2.3), and always the
same.
"""
RUNS = 50
"""How often cells are computed again where that is needed."""
LEAST_DRAWS = 100
SETTLED = 0.01
"""The half-width of the total has settled where twice as many draws change it by less than this share (the same)."""
AT_ONCE = 2_000
"""Draws that are held in memory at once."""
BASE_OF_SALTELLI = 10
"""Twice as often doubled is the number of draws that shares of variance are estimated from."""
KINDS = ("service", "zone", "ecosystem")
ADDS_UP = 1e-9
"""How far in parts a total may be from the sum of what its variables do alone, to be a sum of terms."""


Kind = Literal["coefficient", "layer", "table", "figure"]
Reason = Literal["no_range", "not_proved", "not_reproduced"]


class Interval(NamedTuple):
    """A figure in CNY between its quantiles; without ends where nothing of its uncertainty is known."""

    value: float
    lower: float | None = None
    upper: float | None = None


class Driver(NamedTuple):
    """A number with what it adds to the variance of the total: alone, and with others. Shares."""

    name: str
    first: float
    total: float


class Unknown(NamedTuple):
    """A number whose uncertainty is not in the interval: why, and what share of the value rests on it."""

    name: str
    kind: Kind
    reason: Reason
    share: float
    services: tuple[str, ...]


@dataclass(frozen=True)
class Uncertainty:
    """How sure the total of an account and its parts are, in CNY at the prices of the account."""

    run_id: str
    level: float
    draws: int
    seed: int
    total: Interval
    by_service: Mapping[str, Interval]
    by_zone: Mapping[str, Interval]
    by_ecosystem: Mapping[str, Interval]
    drivers: tuple[Driver, ...]
    unknown: tuple[Unknown, ...]
    median: float | None
    mean: float | None
    gum: Interval
    """By the law of propagation: the total, less and more its expanded uncertainty."""
    settling: float | None
    """By what share half of the draws would change the half-width of the interval of the total."""
    share_unknown: float
    """Of the value (each figure by its amount): what rests on at least one number of unknown uncertainty."""
    share_without: float
    """What rests on no number of known uncertainty at all."""
    ranges: int
    """How many numbers with a range or an error went in."""
    numbers: int
    """How many numbers there are, with and without."""
    is_sum: bool
    """Whether the total is a sum of what each of them does, so that shares are exact."""
    recomputed: tuple[str, ...] = ()
    """The rows for which the cells were computed again, as the sums of the run do not tell what they do."""
    runs: int = 0
    """How often."""
    swings: Mapping[str, tuple[float, float]] = field(default_factory=dict, compare=False)
    """By how much the total changes where one number alone lies at either end of its own interval, in CNY."""
    samples: Mapping[Group, Array] = field(default_factory=dict, repr=False, compare=False)
    """The draws of the total and of the services, to draw them."""

    @property
    def has_settled(self) -> bool:
        """Whether more draws would hardly change the interval."""
        return self.settling is None or self.settling < SETTLED

    def document(self) -> dict[str, Any]:
        """What `gep uncertainty --json` prints."""
        return {
            "schema": SCHEMA,
            "run_id": self.run_id,
            "level": self.level,
            "draws": self.draws,
            "seed": self.seed,
            "total": self.total._asdict(),
            "by_service": {name: of._asdict() for name, of in self.by_service.items()},
            "by_zone": {name: of._asdict() for name, of in self.by_zone.items()},
            "by_ecosystem": {name: of._asdict() for name, of in self.by_ecosystem.items()},
            "drivers": [driver._asdict() for driver in self.drivers],
            "unknown": [{**one._asdict(), "services": list(one.services)} for one in self.unknown],
            "median": self.median,
            "mean": self.mean,
            "gum": self.gum._asdict(),
            "settling": self.settling,
            "share_unknown": self.share_unknown,
            "share_without": self.share_without,
            "ranges": self.ranges,
            "numbers": self.numbers,
            "shares": "sum" if self.is_sum else "saltelli",
            "recomputed": {"rows": list(self.recomputed), "runs": self.runs},
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of `uncertainty.csv`: every total with its ends."""
        groups = (("total", {"": self.total}), ("service", self.by_service))
        for kind, of in (*groups, ("zone", self.by_zone), ("ecosystem", self.by_ecosystem)):
            for name, interval in of.items():
                yield {"by": kind, "id": name, **interval._asdict(), "interval_level": self.level, "unit": "CNY"}


def uncertainty_of(
    account: Figures,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = LEVEL,
    layers: Mapping[str, Mapping[str, float]] | None = None,
    tables: Mapping[str, Mapping[str, float]] | None = None,
    engine: Engine | None = None,
    runs: int = RUNS,
) -> Uncertainty:
    """How sure an account is. `layers` and `tables` say, by name, `relative_error` or `standard_error` beside those of
    the project. `engine` computes cells again on `runs` draws of what the ledger does not tell
    (`gep.study.again.engine_of`). Raises UsageError for an account without values or ledger, and for what cannot be
    drawn.
    """
    errors = {"layers": layers or {}, "tables": tables or {}}
    _check(account, draws, level, errors)
    model = Model(account, errors, engine, runs, seed)
    variables = list(model.variables.values())
    samples = _sampled(model, variables, draws, seed)
    ends = (1 - level) / 2, (1 + level) / 2

    def interval(group: Group, value: float) -> Interval:
        if group not in model.groups:
            return Interval(value)
        lower, upper = np.quantile(samples[group], ends)
        return Interval(value, float(lower), float(upper))

    of_total = account.total() or 0.0
    drivers, is_sum = _drivers(model, variables, samples[TOTAL], seed)
    is_known = TOTAL in model.groups
    u = _by_gum(model, variables)
    half = u * half_widths(level)
    by = {kind: {name: interval((kind, name), value) for name, value in account.totals(kind).items()} for kind in KINDS}
    return Uncertainty(
        account.about.run_id,
        level,
        draws,
        seed,
        interval(TOTAL, of_total),
        by["service"],
        by["zone"],
        by["ecosystem"],
        tuple(drivers),
        tuple(_unknown(model)),
        float(np.median(samples[TOTAL])) if is_known else None,
        float(np.mean(samples[TOTAL])) if is_known else None,
        Interval(of_total, of_total - half, of_total + half) if is_known else Interval(of_total),
        _settling(samples[TOTAL], ends) if is_known else None,
        *_shares(model),
        len(variables) + max(0, len(model.redrawn) - 1),
        len({name for part in model.parts for name in part.asks}),
        is_sum,
        tuple(model.redrawn),
        runs if model.redrawn else 0,
        _swings(model, variables, ends),
        {group: of for group, of in samples.items() if group[0] in ("total", "service") and group in model.groups},
    )


def _check(account: Figures, draws: int, level: float, errors: Errors) -> None:
    if account.about.kind != "monetary" or account.total() is None:
        raise UsageError(say("uncertainty.no_values", profile=account.about.profile))
    if draws < LEAST_DRAWS:
        raise UsageError(say("uncertainty.few_draws", found=draws, least=LEAST_DRAWS))
    if not 0 < level < 1:
        raise UsageError(say("uncertainty.no_level", found=level))
    for of in errors.values():
        for name, error in of.items():
            is_one = len(error) == 1 and set(error) <= {"relative_error", "standard_error"}
            value = next(iter(error.values())) if is_one else math.nan
            if not value > 0 or math.isinf(value):
                raise UsageError(say("uncertainty.no_error", name=name, found=str(dict(error))))


def _sampled(model: Model, variables: Sequence[Variable], draws: int, seed: int) -> dict[Group, Array]:
    """The sums that move, on all draws; without the number of the run."""
    shares = latin_hypercube(draws, len(variables), seed)
    found: dict[Group, list[Array]] = {}
    for start in range(0, draws, AT_ONCE):
        drawn = draws_of(variables, shares[start : start + AT_ONCE])
        for group, values in model.on(drawn, KINDS).items():
            if group in model.groups or group == TOTAL:
                found.setdefault(group, []).append(values[1:])
    return {group: np.concatenate(of) for group, of in found.items()}


def _settling(values: Array, ends: tuple[float, float]) -> float:
    """How much of the half-width of an interval changes from the first half of the draws to all of them."""
    half, whole = (float(np.diff(np.quantile(of, ends))[0]) for of in (values[: len(values) // 2], values))
    return abs(whole - half) / whole if whole else 0.0


def _by_gum(model: Model, variables: Sequence[Variable]) -> float:
    """The standard uncertainty of the total: c_i u_i by half the difference of the totals at u_i on either side."""
    if not variables:
        return 0.0
    sides = np.zeros((len(variables), 1 + 2 * len(variables)))
    for number, variable in enumerate(variables):
        sides[number, 1 + 2 * number : 3 + 2 * number] = variable.standard_uncertainty, -variable.standard_uncertainty
    drawn = {variable.name: variable.value + of for variable, of in zip(variables, sides, strict=True)}
    totals = model.on(drawn)[TOTAL][1:].reshape(-1, 2)
    parts = np.abs(totals[:, 0] - totals[:, 1]) / 2
    for number, variable in enumerate(variables):
        if isinstance(variable, Again):
            parts[number] = model.on({variable.name: np.arange(variable.runs + 1.0)})[TOTAL][1:].std()
    return combined(np.ones(len(variables)), parts)


def _swings(model: Model, variables: Sequence[Variable], ends: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """The least and the greatest change of the total by each variable alone, in the order of the variables."""
    found = {}
    for variable in variables:
        at = np.array([*variable.quantile(np.array(ends))])
        if isinstance(variable, Again):
            at = np.arange(1.0, variable.runs + 1)
        totals = model.on({variable.name: np.array([variable.value, *at])})[TOTAL]
        changes = totals[1:] - totals[0]
        low, high = np.quantile(changes, ends) if isinstance(variable, Again) else (changes.min(), changes.max())
        found[variable.name] = float(low), float(high)
    return found


# what drives it -------------------------------------------------------------------------------------------------------


def _drivers(model: Model, variables: Sequence[Variable], total: Array, seed: int) -> tuple[list[Driver], bool]:
    """The shares of variance of all variables, the largest first, and whether the total is a sum of terms."""
    if not variables or not np.var(total):
        return [], True
    size = 2**BASE_OF_SALTELLI
    base = draws_of(variables, latin_hypercube(size, len(variables), seed))
    terms = np.array([_alone(model, variable, base) for variable in variables])
    whole = model.on(base)[TOTAL]
    is_sum = bool(np.abs(whole - whole[0] - terms.sum(axis=0)).max() <= ADDS_UP * np.abs(whole).max())
    if is_sum:
        first = both = shares_of_sum(terms[:, 1:].std(axis=1))
    else:
        first, both = _by_saltelli(model, variables, seed)
    found = [Driver(of.name, *shares) for of, *shares in zip(variables, first.tolist(), both.tolist(), strict=True)]
    return sorted(found, key=lambda driver: (-driver.total, driver.name)), is_sum


def _alone(model: Model, variable: Variable, base: Draws) -> Array:
    """What a variable changes of the total while all others are what they were in the run."""
    drawn = {name: of if name == variable.name else np.full_like(of, of[0]) for name, of in base.items()}
    found = np.zeros(len(base[variable.name]))
    for part in model.moving:
        if variable.name in model.follows(part):
            of_part = model.total_of(part, drawn)
            found += of_part - of_part[0]
    return found


def _by_saltelli(model: Model, variables: Sequence[Variable], seed: int) -> tuple[Array, Array]:
    """First and total order by Saltelli's sampling (scipy.stats.sobol_indices). What a variable does not move is not
    computed again.
    """
    from scipy.stats import sobol_indices
    from scipy.stats.qmc import Sobol

    count = len(variables)
    shares = Sobol(2 * count, seed=seed).random_base2(BASE_OF_SALTELLI)
    a, b = draws_of(variables, shares[:, :count]), draws_of(variables, shares[:, count:])
    parts = [model.total_of(part, a) for part in model.moving]
    of_a = np.sum(parts, axis=0)
    of_ab = np.empty((count, 1, len(shares)))
    for number, variable in enumerate(variables):
        mixed = {**a, variable.name: b[variable.name]}
        change = np.zeros_like(of_a)
        for part, before in zip(model.moving, parts, strict=True):
            if variable.name in model.follows(part):
                change += model.total_of(part, mixed) - before
        of_ab[number, 0] = (of_a + change)[1:]
    of_b = np.sum([model.total_of(part, b) for part in model.moving], axis=0)
    centre = of_a[1:].mean()  # of numbers that differ little from each other the difference is what counts
    given = {"f_A": of_a[None, 1:] - centre, "f_B": of_b[None, 1:] - centre, "f_AB": of_ab - centre}
    found = sobol_indices(func=given, n=len(shares))
    first, total = (np.clip(np.ravel(of), 0.0, 1.0) for of in (found.first_order, found.total_order))
    return first, total


# what is not known ----------------------------------------------------------------------------------------------------


def _kind_of(name: str) -> Kind:
    return "layer" if name.startswith(LAYER) else "table" if name.startswith(TABLE) else "coefficient"


def _unknown(model: Model) -> list[Unknown]:
    """Numbers without a range, numbers that a figure does not follow, and figures that are not made again; by the share
    of the value that rests on each.
    """
    resting: dict[tuple[str, Kind, Reason], float] = {}
    services: dict[tuple[str, Kind, Reason], dict[str, None]] = {}
    whole = math.fsum(abs(figure.value) for _, figure in model.figures()) or 1.0
    for part, figure in model.figures():
        lost: list[tuple[str, Kind, Reason]] = [
            (name, _kind_of(name), "no_range")
            for name in sorted(figure.asks)
            if name not in {*model.variables, *model.redrawn, *part.held}
        ]
        lost += [(name, _kind_of(name), "not_proved") for name in sorted(figure.asks & (part.held - part.redrawn))]
        if isinstance(part, Kept):
            lost.append((f"{part.service}/{part.component}", "figure", "not_reproduced"))
        for key in lost:
            resting[key] = resting.get(key, 0.0) + abs(figure.value) / whole
            services.setdefault(key, {})[part.service] = None
    found = [Unknown(*key, share, tuple(sorted(services[key]))) for key, share in resting.items()]
    return sorted(found, key=lambda one: (-one.share, one.name))


def _shares(model: Model) -> tuple[float, float]:
    """The shares of the value that rest on something unknown, and on nothing known."""
    whole = math.fsum(abs(figure.value) for _, figure in model.figures()) or 1.0
    unknown, without = [], []
    for part, figure in model.figures():
        known = figure.asks & (model.variables.keys() | model.redrawn.keys()) - (part.held - part.redrawn)
        if isinstance(part, Kept) or figure.asks - known:
            unknown.append(abs(figure.value))
        if not known:
            without.append(abs(figure.value))
    return math.fsum(unknown) / whole, math.fsum(without) / whole
