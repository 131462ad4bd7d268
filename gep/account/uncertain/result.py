"""Intervals of an account, what drives them, and what is not known.

    found = account.uncertainty()
    found.total, found.by_service, found.drivers, found.unknown

By Monte Carlo on a Latin hypercube, and beside it by the law of propagation of the GUM. Shares of variance are those of
a sum of terms where the draws show that the total is one; else they are estimated by Saltelli's sampling. The interval
is of what is known: a number without a range adds nothing to it, and is listed as unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.account.figures import Figures
from gep.account.propagation import half_widths
from gep.account.record import Key
from gep.account.uncertain.drivers import Driver, drivers_of, standard_uncertainty, swings
from gep.account.uncertain.model import FIGURE, TOTAL, Engine, Group, Model
from gep.account.uncertain.parts import Kept
from gep.account.uncertain.variables import Errors, Variable, draws_of, latin_hypercube
from gep.core.errors import UsageError
from gep.core.messages import joined, say
from gep.inputs.confusion import Row, check_confusion
from gep.inputs.correlated import LAYER, TABLE, Correlation

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

SCHEMA = 1
DRAWS, SEED, LEVEL = 10_000, 20_261, 0.95
"""What is drawn where nothing else is said: as many as guidelines have (IPCC 2006 vol. 1 ch. 3, 3.2.3), and always the
same.
"""
RUNS = 50
"""How often cells are computed again where that is needed."""
LEAST_DRAWS, MOST_DRAWS = 100, 1_000_000
SETTLED = 0.01
"""The half-width of the total has settled where twice as many draws change it by less than this share (the same)."""
AT_ONCE = 2_000
"""Draws that are held in memory at once."""
MOST_DRAWN = 10
"""Drivers in a picture."""
KINDS = ("service", "zone", "ecosystem")


Kind = Literal["coefficient", "layer", "table", "figure"]
Reason = Literal["no_range", "not_proved", "not_reproduced"]


class Interval(NamedTuple):
    """A figure in CNY between its quantiles; without ends where nothing of its uncertainty is known."""

    value: float
    lower: float | None = None
    upper: float | None = None


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
    at_ends: tuple[str, ...] = ()
    """The numbers that stand in the run at an end of their ranges, or beyond the level between them."""
    correlations: tuple[Correlation, ...] = ()
    """What was drawn together; all else is independent."""
    idle: tuple[str, ...] = ()
    """The numbers that the project says to be correlated and that no figure of the run rests on."""
    recomputed: tuple[str, ...] = ()
    """The rows for which the cells were computed again, as the sums of the run do not tell what they do."""
    runs: int = 0
    """How often."""
    swings: Mapping[str, tuple[float, float]] = field(default_factory=dict, compare=False)
    """By how much the total changes where one number alone lies at either end of its own interval, in CNY."""
    samples: Mapping[Group, Array] = field(default_factory=dict, repr=False, compare=False)
    """The draws of the total and of the services, to draw them."""
    by_figure: Mapping[Key, Interval] = field(default_factory=dict, repr=False, compare=False)
    """Where they were asked for: the figures that any number moves, by service, component, zone, ecosystem, class."""

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
            "at_ends": list(self.at_ends),
            "correlations": [{"numbers": [*of.numbers], "rho": of.rho} for of in self.correlations],
            **({"idle": list(self.idle)} if self.idle else {}),
            "recomputed": {"rows": list(self.recomputed), "runs": self.runs},
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of `uncertainty.csv`: every total with its ends."""
        groups = (("total", {"": self.total}), ("service", self.by_service))
        for kind, of in (*groups, ("zone", self.by_zone), ("ecosystem", self.by_ecosystem)):
            for name, interval in of.items():
                yield {"by": kind, "id": name, **interval._asdict(), "interval_level": self.level, "unit": "CNY"}

    def to_dataframe(self) -> pd.DataFrame:
        """Every total with its ends, as `uncertainty.csv` has them: columns by, id, value, lower, upper,
        interval_level, unit. NaN where nothing is known.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows()))

    def plot(self, kind: str = "drivers", *, ax: Axes | None = None) -> Axes:
        """Draw it, in 亿元 (10⁸ CNY). Needs the extra `report`.

        Args:
            kind: "drivers" (how far each number moves the total alone, a tornado) or "draws" (how the draws of the
                total and of the services lie, violins).
            ax: the axes of matplotlib to draw on.

        Returns:
            The axes.

        Raises:
            UsageError: for a kind that there is not, and where nothing is known.
            MissingFeatureError: without matplotlib.
        """
        from gep.account.uncertain.plots import Draws, plot

        if not self.drivers:
            raise UsageError(say("uncertainty.nothing_known", numbers=self.numbers))
        swings = {driver.name: self.swings[driver.name] for driver in self.drivers[:MOST_DRAWN]}
        of_groups: dict[Group, Interval] = {TOTAL: self.total}
        of_groups |= {("service", name): of for name, of in self.by_service.items()}
        draws = [
            Draws(group, self.samples[group] - of.value, (of.lower - of.value, of.upper - of.value))
            for group, of in of_groups.items()
            if group in self.samples and of.lower is not None and of.upper is not None
        ]
        return plot(kind, swings, draws, ax)


def uncertainty_of(
    account: Figures,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = LEVEL,
    layers: Mapping[str, Mapping[str, float]] | None = None,
    tables: Mapping[str, Mapping[str, float]] | None = None,
    correlations: Iterable[tuple[Sequence[str], float]] = (),
    confusion: Iterable[Row] = (),
    engine: Engine | None = None,
    runs: int = RUNS,
    figures: bool = False,
) -> Uncertainty:
    """How sure an account is. `layers` and `tables` say, by name, `relative_error` or `standard_error`, `correlations`
    the names of numbers and the correlation of each two of them, beside those of the project; `confusion` how many
    points that the land cover has as one class are which one, in place of those of the project. `engine` computes cells
    again on `runs` draws of what the ledger does not tell (`gep.study.redrawn.engine_of`). `figures` asks for the
    interval of each figure too. Raises UsageError for an account without values or ledger, and for what cannot be
    drawn.
    """
    errors = {"layers": layers or {}, "tables": tables or {}}
    _check(account, draws, level, errors)
    together = [Correlation(tuple(numbers), rho) for numbers, rho in correlations]
    points = tuple(confusion)
    if found := list(check_confusion(points)):
        raise UsageError(joined([wrong.message for wrong in found], "; ", "；"))
    model = Model(account, errors, engine, runs, seed, together, points)
    variables = list(model.variables.values())
    samples = _sampled(model, variables, draws, seed, (*KINDS, FIGURE) if figures else KINDS)
    ends = (1 - level) / 2, (1 + level) / 2

    def interval(group: Group, value: float) -> Interval:
        if group not in model.groups:
            return Interval(value)
        lower, upper = np.quantile(samples[group], ends)
        return Interval(value, float(lower), float(upper))

    of_total = account.total() or 0.0
    drivers, is_sum = drivers_of(model, variables, samples[TOTAL], seed)
    is_known = TOTAL in model.groups
    half = standard_uncertainty(model, variables) * half_widths(level)
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
        settling_of(samples[TOTAL], ends) if is_known else None,
        *_shares(model),
        len(variables) + max(0, len(model.redrawn) - 1),
        len({name for part in model.parts for name in part.asks}),
        is_sum,
        tuple(name for name, variable in model.drawn.items() if variable.is_at_an_end(level)),
        model.correlations,
        model.idle,
        tuple(model.redrawn),
        runs if model.redrawn else 0,
        swings(model, variables, ends),
        {group: of for group, of in samples.items() if group[0] in ("total", "service") and group in model.groups},
        {
            (part.service, part.component, *place): interval((FIGURE, part.service, part.component, *place), one.value)
            for part in model.moving
            for place, one in part.figures.items()
            if figures and (FIGURE, part.service, part.component, *place) in model.groups
        },
    )


def _check(account: Figures, draws: int, level: float, errors: Errors) -> None:
    if account.about.kind != "monetary" or account.total() is None:
        raise UsageError(say("uncertainty.no_values", profile=account.about.profile))
    if draws < LEAST_DRAWS:
        raise UsageError(say("uncertainty.few_draws", found=draws, least=LEAST_DRAWS))
    if draws > MOST_DRAWS:
        raise UsageError(say("uncertainty.many_draws", found=draws, most=MOST_DRAWS))
    if not 0 < level < 1:
        raise UsageError(say("uncertainty.no_level", found=level))
    for of in errors.values():
        for name, error in of.items():
            is_one = len(error) == 1 and set(error) <= {"relative_error", "standard_error"}
            value = next(iter(error.values())) if is_one else math.nan
            if not value > 0 or math.isinf(value):
                raise UsageError(say("uncertainty.no_error", name=name, found=str(dict(error))))


def _sampled(
    model: Model, variables: Sequence[Variable], draws: int, seed: int, kinds: Sequence[str]
) -> dict[Group, Array]:
    """The sums that move, on all draws; without the number of the run."""
    shares = model.dependence.correlated(latin_hypercube(draws, len(variables), seed))
    found: dict[Group, list[Array]] = {}
    for start in range(0, draws, AT_ONCE):
        drawn = draws_of(variables, shares[start : start + AT_ONCE])
        for group, values in model.on(drawn, kinds).items():
            if group in model.groups or group == TOTAL:
                found.setdefault(group, []).append(values[1:])
    return {group: np.concatenate(of) for group, of in found.items()}


def settling_of(values: Array, ends: tuple[float, float]) -> float:
    """How much of the half-width of an interval changes from the first half of the draws to all of them."""
    half, whole = (float(np.diff(np.quantile(of, ends))[0]) for of in (values[: len(values) // 2], values))
    return abs(whole - half) / whole if whole else 0.0


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
