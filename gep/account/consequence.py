"""What an account would become if a suspicion about its inputs is true.

The account is made twice of the squares that a check looks at, as the inputs are and as they would be: no square more
is read, and nothing at all where nothing is suspected. It is told as a quotient, and decides how severe a suspicion is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gep.account.account import Account
from gep.account.entries import About
from gep.account.valuation import make_account
from gep.core.catalog import named
from gep.core.errors import GepError, Problem
from gep.core.messages import Text, say
from gep.engine.checks.suspicion import Suspicion
from gep.engine.run import run
from gep.engine.sample import chosen_squares
from gep.engine.sums import FlowSums, Sums
from gep.inputs.open import Inputs
from gep.plan.planner import StudyPlan, make_plan

TOLERANCE = 0.1
"""Share by which a service may change before the data behind it are said to be wrong: two products of one quantity
differ by as much. A judgement.
"""

ROUNDING = 0.005
"""Share below which a change is not told."""

MOST_SERVICES = 3
"""So many services are told, those that change most."""


def about_study(inputs: Inputs, study_plan: StudyPlan) -> About:
    """What an account of a study says beside its figures before there are any."""
    spec, profile = inputs.spec, inputs.profile
    return About(
        spec.name,
        spec.year,
        profile=profile.id,
        level=profile.level,
        kind=profile.kind,
        price_year=inputs.price_year,
        name_zh=spec.name_zh,
        code=spec.code,
        zone_names={zone.code: {"zh": zone.name_zh, "en": zone.name_en} for zone in study_plan.plan.zones.zones},
    )


@dataclass(frozen=True)
class Amounts:
    """The figures of an account by zone and service: values, or quantities where nothing has a value."""

    cells: Mapping[tuple[str, str], float]
    zone_names: Mapping[str, Text]
    is_of_money: bool

    def of(self, service: str) -> float:
        """A service in all zones."""
        return math.fsum(amount for (_, name), amount in self.cells.items() if name == service)

    @property
    def services(self) -> list[str]:
        return sorted({service for _, service in self.cells})

    @property
    def total(self) -> float:
        return math.fsum(self.cells.values())

    def matters(self, zone: str, service: str) -> bool:
        """Whether a service is no mere trace of the value of a zone."""
        whole = math.fsum(abs(amount) for (code, _), amount in self.cells.items() if code == zone)
        return not self.is_of_money or abs(self.cells[zone, service]) > TRACE * whole


TRACE = 0.01
"""A share of the value of a zone below which its changes do not matter."""


@dataclass(frozen=True)
class Consequence:
    """By what the total, the services, and those of zones would have to be multiplied, where they would change."""

    total: float | None
    services: Mapping[str, float]
    in_zones: Mapping[tuple[str, str], float]
    zone_names: Mapping[str, Text]

    @property
    def most(self) -> float:
        """The greatest change of a service, anywhere, as a share of the smaller of its values; infinite where its sign
        turns.
        """
        return max((_change(times) for times in (*self.services.values(), *self.in_zones.values())), default=0.0)

    @property
    def says(self) -> Text:
        """It in words."""
        if not self.services and not self.in_zones:
            return say("account.if_so.nothing")
        parts: list[Text] = [] if self.total is None else [say("account.if_so.total", times=self.total)]
        order = sorted(self.services.items(), key=lambda item: (-_change(item[1]), item[0]))[:MOST_SERVICES]
        parts += [say("account.if_so.service", service=named(of), times=times) for of, times in order]
        if self.in_zones:
            (zone, service), times = max(self.in_zones.items(), key=lambda item: (_change(item[1]), item[0]))
            if _change(times) > max((_change(each) for each in self.services.values()), default=0.0):
                name = self.zone_names.get(zone, zone)
                parts.append(say("account.if_so.in_zone", zone=name, service=named(service), times=times))
        return say("account.if_so.changes", parts=parts)


def _change(times: float) -> float:
    return max(times, 1 / times) - 1 if times > 0 else math.inf


def with_consequences(found: Iterable[Problem], inputs: Inputs, threads: int) -> list[Problem]:
    """Problems with what would become of the account in their message where they say what would be right, and errors
    among them that were suspicions, where these are strong and the consequence is beyond the tolerance of data.
    """
    told = list(found)
    now = _amounts(inputs, threads) if any(isinstance(one, Suspicion) for one in told) else None
    if now is None:
        return [one.alone if isinstance(one, Suspicion) else one for one in told]
    return [_decided(one, now, threads) if isinstance(one, Suspicion) else one for one in told]


def _decided(suspicion: Suspicion, now: Amounts, threads: int) -> Problem:
    then = _amounts(suspicion.corrected, threads)
    if then is None:
        return suspicion.alone
    consequence = _consequence(now, then)
    is_error = suspicion.is_strong and consequence.most > TOLERANCE
    message = say("account.if_so.whole", message=suspicion.message, consequence=consequence.says)
    severity = "error" if is_error else suspicion.severity
    return replace(suspicion.alone, message=message, severity=severity)


def _consequence(now: Amounts, then: Amounts) -> Consequence:
    services = {of: then.of(of) / now.of(of) for of in now.services if now.of(of) and then.of(of)}
    cells = {key: then.cells[key] / amount for key, amount in now.cells.items() if amount and then.cells.get(key)}
    has_total = now.is_of_money and then.is_of_money and now.total
    return Consequence(
        then.total / now.total if has_total else None,
        {of: times for of, times in services.items() if abs(times - 1) > ROUNDING},
        {key: times for key, times in cells.items() if abs(times - 1) > ROUNDING and now.matters(*key)},
        now.zone_names,
    )


def _amounts(inputs: Inputs, threads: int) -> Amounts | None:
    """The figures of the squares that a check looks at; None where there can be none."""
    account = _account(inputs, threads)
    if account is None:
        return None
    is_of_money = account.total() is not None
    names = {
        code: Text(of["en"] or of["zh"] or code, of["zh"] or of["en"] or code)
        for code, of in account.about.zone_names.items()
    }
    if is_of_money:
        cells = {(zone, service): value for (zone, service), value, _ in account.by("zone", "service")}
        return Amounts(cells, names, is_of_money)
    quantities: dict[tuple[str, str], list[float]] = {}
    for (zone, service, _), amount, _ in account.by("zone", "service", "component", measure="quantity"):
        quantities.setdefault((zone, service), []).append(amount)
    return Amounts({key: found[0] for key, found in quantities.items() if len(found) == 1}, names, is_of_money)


def _account(inputs: Inputs, threads: int) -> Account | None:
    """The account of the squares that a check looks at; None where there can be none."""
    try:
        study_plan = make_plan(inputs)
        plan = replace(study_plan.plan, beside={}, checks=())
        sums = run(plan, threads=threads, squares=chosen_squares(plan.grid, plan.zones))
        if not sums.area.any():
            return None
        account, _ = make_account(
            study_plan, inputs, _of_all(sums, plan.zones.outline_area), about_study(inputs, study_plan)
        )
    except GepError:
        return None  # why there is none is a finding of its own
    return account


def _of_all(sums: Sums, area: float) -> Sums:
    """The sums of some squares as those of the whole area: they are added to figures of tables, which are of all."""
    if sums.seen >= 1:
        return sums
    scale = area / float(sums.area.sum())

    def enlarged(of: FlowSums) -> FlowSums:
        return FlowSums(
            sum=of.sum * scale,
            valid=of.valid * scale,
            cells=of.cells,
            inputs=of.inputs * scale,
            negative=of.negative * scale,
            negative_area=of.negative_area * scale,
            of_inputs={name: values * scale for name, values in of.of_inputs.items()},
        )

    flows = {key: enlarged(of) for key, of in sums.flows.items()}
    return replace(sums, area=sums.area * scale, flows=flows)
