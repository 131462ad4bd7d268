"""The statement of a case: what was lost, by component, and the ways to make up for it."""

from __future__ import annotations

from collections.abc import Sequence

from gep.assets.compensation.damage import Damage
from gep.assets.compensation.remedies import Remedy, remedies
from gep.assets.credits.statement import Fact, Statement, amount, plain_text
from gep.assets.figures import Figure
from gep.core.errors import InputError, did_you_mean, problem
from gep.core.messages import Text, say


def statement_of(damages: Sequence[Damage], case: str) -> Statement:
    """The statement of a case of all its parcels. Raises InputError where there is no such case."""
    of_case = [damage for damage in damages if damage.case == case]
    if not of_case:
        known = list(dict.fromkeys(damage.case for damage in damages))
        hint = did_you_mean(case, known)
        found = problem("compensation.K36.no_case", case, found=case, hint=hint, known=known)
        raise InputError(say("compensation.no_statement"), [found])
    first = of_case[0]
    facts = [
        (say("compensation.fact.case"), plain_text(case)),
        (say("compensation.fact.court"), plain_text(first.court) if first.court else say("credits.not_known")),
        (say("compensation.fact.date"), plain_text(first.day)),
    ]
    parts: list[tuple[Text, tuple[Fact, ...]]] = []
    for damage in of_case:
        parts.append((say("compensation.part.loss", parcel=damage.parcel), _loss(damage)))
        parts += [(say(f"compensation.route.{remedy.route}"), _remedy(damage, remedy)) for remedy in remedies(damage)]
    notes = tuple(say(f"compensation.note.{name}") for name in ("article", "once", "ledger", "tonnes", "judgement"))
    return Statement(say("compensation.title"), say("compensation.opening"), tuple(facts), notes, tuple(parts))


def _loss(damage: Damage) -> tuple[Fact, ...]:
    facts = [(say("compensation.measure.area"), amount(damage.area, 2))]
    for name in ("biomass", "forgone", "soil"):
        part = getattr(damage, name)
        shown = say("compensation.not_counted") if part is None else amount(part, 2)
        facts.append((say(f"compensation.measure.{name}"), shown))
    facts.append((say("compensation.measure.lost"), amount(damage.lost, 2)))
    if damage.is_appraised:
        facts.append((say("compensation.fact.components"), say("compensation.not_named")))
    facts.append((say("compensation.measure.services"), _shown(damage.services, 2)))
    facts.append((say("compensation.fact.source"), plain_text(damage.source)))
    return tuple(facts)


def _remedy(damage: Damage, remedy: Remedy) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    if remedy.route != "money":
        facts = [
            (say("compensation.measure.credits"), _shown(remedy.credits)),
            (say("compensation.measure.price"), _shown(damage.price, 2)),
            (say("compensation.measure.cost"), _shown(remedy.cost, 2)),
        ]
    if remedy.route != "value":
        facts.append((say(f"compensation.measure.money_{remedy.route}"), _shown(remedy.money, 2)))
    facts.append((say("compensation.measure.total"), _shown(remedy.total, 2)))
    return tuple(facts)


def _shown(figure: Figure | None, decimals: int = 0) -> Text:
    return say("credits.not_known") if figure is None else amount(figure, decimals)
