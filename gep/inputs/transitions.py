"""Which changes of land people managed, which came by themselves, and which are better data alone, as a project says.

A land cover tells what became what, and not by whom. So it is declared: transitions `before -> after` of ecosystems,
`*` for any, in three lists. Of two that fit, the one that names both sides holds. What no list has is not split.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

from pydantic import Field

from gep.core.catalog import ecosystem_ids
from gep.core.errors import Problem, problem
from gep.inputs.schema import Section

Kind = Literal["managed", "unmanaged", "reappraisal"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ANY, ARROW = "*", "->"

Transition = tuple[str, str]
"""The ecosystem before and after; either may be any."""


def read_transition(text: str) -> Transition | None:
    """A transition as it is written (`cropland -> forest`); None for what is none."""
    before, arrow, after = (part.strip() for part in text.partition(ARROW))
    return (before, after) if arrow and before and after and ARROW not in after else None


@dataclass(frozen=True)
class Transitions:
    """The kinds of changes of land that a project declares, by transition."""

    of: Mapping[Transition, Kind]

    def __bool__(self) -> bool:
        return bool(self.of)

    def kind(self, before: str, after: str) -> Kind | None:
        """The kind of a change; None where nothing is said of it."""
        for rule in ((before, after), (before, ANY), (ANY, after), (ANY, ANY)):
            if rule in self.of:
                return self.of[rule]
        return None


NO_TRANSITIONS = Transitions({})


def transitions_of(lists: Mapping[Kind, Sequence[str]]) -> Transitions:
    """The transitions of three lists that were checked."""
    found = {(kind, read_transition(text)) for kind, texts in lists.items() for text in texts}
    return Transitions({transition: kind for kind, transition in found if transition})


def contradictions(lists: Mapping[Kind, Sequence[str]], ecosystems: Sequence[str]) -> Iterator[tuple[str, list[Kind]]]:
    """The changes that two lists claim with transitions that are equally precise, and the lists."""
    read = [(kind, rule) for kind, texts in lists.items() for text in texts if (rule := read_transition(text))]
    for before, after in product(ecosystems, repeat=2):
        for rules in ({(before, after)}, {(before, ANY), (ANY, after)}, {(ANY, ANY)}):
            kinds = list(dict.fromkeys(kind for kind, rule in read if rule in rules))
            if len(kinds) > 1 and before != after:
                yield f"{before} {ARROW} {after}", kinds
            if kinds:
                break


# in a project file ----------------------------------------------------------------------------------------------------


class ExtentTable(Section):
    """What changes of land are, between two years: lists of `before -> after`, with `*` for any ecosystem. It changes
    no figure of an account.
    """

    managed: list[str] = Field(default_factory=list, description='What people did, like "cropland -> forest".')
    unmanaged: list[str] = Field(default_factory=list, description='What came by itself, like "desert -> grassland".')
    reappraisal: list[str] = Field(
        default_factory=list, description='What is better data and no change of land, like "shrub -> forest".'
    )

    @property
    def lists(self) -> Mapping[Kind, Sequence[str]]:
        """The lists by their kind."""
        return {kind: getattr(self, kind) for kind in KINDS}


def check_extent(extent: ExtentTable, unknown: Callable[[str, str, str, Sequence[str]], Problem]) -> Iterator[Problem]:
    """That the transitions are some, of ecosystems that there are, and that no two lists claim the same change.
    `unknown` makes the problem of a name that does not exist: of a message, key, name and the names that there are.
    """
    known = ecosystem_ids()
    for kind, texts in extent.lists.items():
        for text in texts:
            rule = read_transition(text)
            if rule is None:
                yield problem("inputs.P02.no_transition", f"extent.{kind}", found=text)
                continue
            for name in rule:
                if name not in (ANY, *known):
                    yield unknown("inputs.P02.no_such_ecosystem", f"extent.{kind}", name, known)
    for change, kinds in contradictions(extent.lists, known):
        yield problem("inputs.P02.two_kinds", "extent", change=change, kinds=kinds)
