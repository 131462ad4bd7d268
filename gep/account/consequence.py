"""What an account would become if a suspicion about its inputs is true.

The account is made twice of the squares that a check looks at, as the inputs are and as they would be: no square more
is read, and nothing at all where nothing is suspected. It is told as a quotient, and decides how severe a suspicion is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.account.account import Account
from gep.account.entries import About
from gep.account.last_year import Amount, Of, figures_of
from gep.account.valuation import make_account
from gep.core.catalog import named
from gep.core.errors import GepError, Problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.engine.checks.suspicion import Suspicion
from gep.engine.checks.words import shown
from gep.engine.loop import LOOP
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
        loop=LOOP if study_plan.plan.is_compiled else "",
        zone_names={zone.code: {"zh": zone.name_zh, "en": zone.name_en} for zone in study_plan.plan.zones.zones},
    )


TRACE = 0.01
"""A share of the value of a zone below which its changes do not matter; of all that a sum is made of, below which it is
what is left of sources and sinks, and no quotient of it says anything."""


@dataclass(frozen=True)
class Amounts:
    """The figures of an account by place: values of services, quantities of components where a service has no value."""

    of: Mapping[Of, Mapping[str, Amount]]
    total: float | None
    zone_names: Mapping[str, Text]
    lacking: frozenset[str]
    """Services without a figure, or a full one."""

    def at(self, of: Of, place: str) -> float:
        """A figure in a zone, or in all; none is there where a service is of no land of it."""
        amount = self.of.get(of, {}).get(place)
        return amount.value if amount else 0.0

    def spread(self, of: Of) -> float:
        """A figure in all zones, whether a source or a sink."""
        return math.fsum(abs(amount.value) for place, amount in self.of.get(of, {}).items() if place != CITY)

    def values(self, place: str) -> float:
        """The values of a place together, whether above or below zero."""
        return math.fsum(abs(self.at(of, place)) for of in self.of if is_value(of))

    def matters(self, of: Of, zone: str) -> bool:
        """Whether a figure is no mere trace: of the value of its zone, or of its like in all zones."""
        whole = self.values(zone) if is_value(of) else self.spread(of)
        return abs(self.at(of, zone)) > TRACE * whole


def is_value(of: Of) -> bool:
    """Whether a figure is the value of a service."""
    return not of[1]


class Change(NamedTuple):
    """A figure as it is and as it would be; a quotient of the two says something where neither is next to nothing of
    what it is made of.
    """

    what: Text
    now: float
    then: float
    unit: str
    is_quotient: bool

    @property
    def size(self) -> float:
        """By how much it changes, as a share of the smaller; infinite where it turns its sign, or is nothing."""
        if self.now == self.then:
            return 0.0
        times = self.then / self.now if self.now else 0.0
        return max(times, 1 / times) - 1 if times > 0 else math.inf

    @property
    def says(self) -> Text:
        if self.is_quotient and self.size < math.inf:
            return say("account.if_so.times", what=self.what, times=self.then / self.now)
        return say(
            "account.if_so.instead", what=self.what, now=shown(self.now, self.unit), then=shown(self.then, self.unit)
        )


@dataclass(frozen=True)
class Consequence:
    """What would change of the total, of services, and of those in zones."""

    total: Change | None
    services: Sequence[Change]
    in_zones: Sequence[Change]

    @property
    def most(self) -> float:
        """The greatest change of a service, anywhere."""
        return max((change.size for change in (*self.services, *self.in_zones)), default=0.0)

    @property
    def says(self) -> Text:
        """It in words."""
        if not self.services and not self.in_zones:
            return say("account.if_so.nothing")
        services, in_zones = (sorted(of, key=lambda change: -change.size) for of in (self.services, self.in_zones))
        told = [] if self.total is None else [self.total]
        told += services[:MOST_SERVICES]
        if in_zones and in_zones[0].size > max((change.size for change in services), default=0.0):
            told.append(in_zones[0])
        return say("account.if_so.changes", parts=[change.says for change in told])


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
    consequence = consequence_of(now, then)
    is_error = suspicion.is_strong and consequence.most > TOLERANCE
    message = say("account.if_so.whole", message=suspicion.message, consequence=consequence.says)
    severity = "error" if is_error else suspicion.severity
    return replace(suspicion.alone, message=message, severity=severity)


def consequence_of(now: Amounts, then: Amounts) -> Consequence:
    """What would change from some amounts to others."""
    services, in_zones = [], []
    for of in dict.fromkeys((*now.of, *then.of)):
        if of[0] in now.lacking ^ then.lacking:
            continue  # what is missing of one is not zero
        unit = next(iter((now.of.get(of) or then.of[of]).values())).unit
        for place in dict.fromkeys((*now.of.get(of, ()), *then.of.get(of, ()))):
            change = Change(_said(of, place, now), now.at(of, place), then.at(of, place), unit, is_quotient=True)
            if change.size <= ROUNDING:
                continue
            if place != CITY and (now.matters(of, place) or then.matters(of, place)):
                in_zones.append(change)
            elif place == CITY and _is_told(of, now, then):
                services.append(change)
    total = None
    if now.total is not None and then.total is not None:
        is_quotient = abs(now.total) > TRACE * now.values(CITY)
        total = Change(say("account.if_so.total"), now.total, then.total, "CNY", is_quotient)
    return Consequence(total, services, in_zones)


def _is_told(of: Of, now: Amounts, then: Amounts) -> bool:
    """Whether a figure in all zones says something: it is no rest of sources and sinks, and what comes from nothing, or
    comes to nothing, is no trace of all values.
    """
    if all(abs(each.at(of, CITY)) <= TRACE * each.spread(of) for each in (now, then)):
        return False
    ends = [each.at(of, CITY) for each in (now, then)]
    least = ROUNDING * max(now.values(CITY), then.values(CITY)) if is_value(of) else 0.0
    return all(ends) or max(map(abs, ends)) > least


def _said(of: Of, place: str, amounts: Amounts) -> Text:
    service, component = of
    what = named(service)
    if component and sum(name == service for name, _ in amounts.of) > 1:
        what = say("account.if_so.component", service=what, component=named(component))
    zone = amounts.zone_names.get(place, place)
    return what if place == CITY else say("account.if_so.in_zone", what=what, zone=zone)


def _amounts(inputs: Inputs, threads: int) -> Amounts | None:
    """The figures of the squares that a check looks at; None where there can be none."""
    account = _account(inputs, threads)
    if account is None:
        return None
    names = {
        code: Text(of["en"] or of["zh"] or code, of["zh"] or of["en"] or code)
        for code, of in account.about.zone_names.items()
    }
    figures = figures_of(account, with_values=account.about.kind != "physical")
    valued = {service for service, component in figures if not component}
    chosen = {of: by_place for of, by_place in figures.items() if is_value(of) or of[0] not in valued}
    return Amounts(chosen, account.total(), names, frozenset(missing.service for missing in account.about.missing))


def _account(inputs: Inputs, threads: int) -> Account | None:
    """The account of the squares that a check looks at; None where there can be none."""
    try:
        study_plan = make_plan(inputs)
        plan = replace(study_plan.plan, beside={}, checks=())
        sums = run(plan, threads=threads, squares=chosen_squares(plan.grid, plan.zones))
        if not sums.area.any():
            return None
        account, _ = make_account(
            study_plan, inputs, as_of_whole_zones(sums, plan.zones.areas), about_study(inputs, study_plan)
        )
    except GepError:
        return None  # why there is none is a finding of its own
    return account


def as_of_whole_zones(sums: Sums, areas: Sequence[float]) -> Sums:
    """The sums of some squares as those of whole zones, to whose figures of tables they are added: each zone by the
    part of it that was seen, and one of which nothing was seen as all that was seen together.
    """
    if sums.seen >= 1:
        return sums
    of_zones, seen = np.asarray(areas), sums.area.sum(axis=1)
    times = np.divide(of_zones, seen, out=np.zeros_like(of_zones), where=seen > 0)[:, np.newaxis]
    unseen = np.where(seen > 0, 0.0, of_zones / seen.sum())[:, np.newaxis]

    def enlarged(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values * times + unseen * values.sum(axis=0))

    flows = {
        key: FlowSums(
            sum=enlarged(of.sum),
            valid=enlarged(of.valid),
            cells=of.cells,
            inputs=enlarged(of.inputs),
            negative=enlarged(of.negative),
            negative_area=enlarged(of.negative_area),
            of_inputs={name: enlarged(values) for name, values in of.of_inputs.items()},
        )
        for key, of in sums.flows.items()
    }
    return replace(sums, area=enlarged(sums.area), flows=flows)
