"""Flows that count the same thing twice: which they are, and which of them an account counts together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from gep.core.data import data_sections, renewed
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.core.translation import translated


@dataclass(frozen=True)
class Overlap:
    """Flows that must not stand in one total without a reason. A flow is a service or one of its components
    (`service/component`).
    """

    id: str
    flows: tuple[str, ...]
    why: Text
    rule: Text
    source: str


@renewed
@cache
def overlaps() -> Mapping[str, Overlap]:
    """All overlaps by id."""
    return {
        name: Overlap(name, tuple(table["flows"]), translated(table["why"]), translated(table["rule"]), table["source"])
        for name, table in data_sections("overlaps.toml").items()
    }


def counted_together(flows: Collection[str]) -> list[Overlap]:
    """The overlaps whose flows are all among those that are counted."""
    counted = {*flows, *(flow.partition("/")[0] for flow in flows)}
    return [overlap for overlap in overlaps().values() if set(overlap.flows) <= counted]


def check_overlaps(flows: Iterable[str], explained: Mapping[str, str]) -> list[Problem]:
    """An error for every overlap that the profile does not explain, an information for those that it does."""
    problems = []
    for overlap in counted_together(list(flows)):
        subject = " + ".join(overlap.flows)
        kind = "supporting" if len(overlap.flows) == 1 else "together"
        if overlap.id in explained:
            reason = translated(explained[overlap.id])
            problems.append(problem(f"standards.D02.{kind}", subject, why=overlap.why, reason=reason))
            continue
        problems.append(
            problem(
                f"standards.D01.{kind}",
                subject,
                place=say("standards.counted_services"),
                why=overlap.why,
                rule=overlap.rule,
                overlap=overlap.id,
            )
        )
    return problems
