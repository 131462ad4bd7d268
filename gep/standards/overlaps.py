"""Flows that count the same thing twice: which they are, and which of them an account counts together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from gep.core.data import data_folder, read_toml
from gep.core.errors import Problem


@dataclass(frozen=True)
class Overlap:
    """Flows that must not stand in one total without a reason. A flow is a service or one of its components
    (`service/component`).
    """

    id: str
    flows: tuple[str, ...]
    why: str
    rule: str
    source: str


@cache
def overlaps() -> Mapping[str, Overlap]:
    """All overlaps by id."""
    return {
        name: Overlap(name, tuple(table["flows"]), table["why"], table["rule"], table["source"])
        for name, table in read_toml(data_folder() / "overlaps.toml").items()
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
        what = "Counted though it is a supporting service" if len(overlap.flows) == 1 else "Counted together"
        message = f"{what}: {overlap.why}."
        if overlap.id in explained:
            problems.append(
                Problem("D02", "information", subject, f"{message} The profile says: {explained[overlap.id]}.")
            )
            continue
        do = (
            f"The rule is: {overlap.rule}. Switch one off under [services], or let a named person answer for it "
            "under [waivers] (D01); "
            f"a profile of your own may explain it under [overlaps] as {overlap.id}."
        )
        problems.append(Problem("D01", "error", subject, message, "the services that are counted", do=do))
    return problems
