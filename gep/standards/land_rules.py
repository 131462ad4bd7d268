"""What land becomes in a scenario: rules of classes, those that are shipped and those of a project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gep.core.catalog import ecosystem_ids
from gep.core.data import data_sections, renewed
from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import Text, joined, say
from gep.standards.classes import land_classes, parents

Cell = tuple[str, str]
"""An ecosystem and a class; the class is empty for the ecosystem as a whole."""

ANY = "any"
"""What stands for every class."""


@dataclass(frozen=True)
class LandRule:
    """What classes become, `becomes`, by class (`forest/sparse`), ecosystem or `any`; of several targets the first that
    the legend of a land cover has is meant.
    """

    id: str
    name: Text
    becomes: Mapping[str, tuple[str, ...]]

    def target(self, cell: Cell, known: Collection[Cell]) -> Cell | None:
        """What a class becomes where the legend has the classes `known`; None where it stays what it is."""
        ecosystem, land_class = cell
        broader = [f"{ecosystem}/{name}" for name in parents(ecosystem, land_class)]
        names = (written(cell), *broader, ecosystem, ANY)
        found = next((self.becomes[name] for name in names if name in self.becomes), ())
        targets = [cell_of(name) for name in found]
        target = next((one for one in targets if one in known), targets[0] if targets else None)
        return None if target == cell else target

    def check(self, known: Collection[Cell]) -> None:
        """Raise UsageError with every class that it names and that neither the shipped classes nor `known` have."""
        named = [name for name in self.becomes if name != ANY]
        named += [target for targets in self.becomes.values() for target in targets]
        check_classes(named, known, say("scenario.of_rule", rule=self.id))


def check_classes(names: Iterable[str], known: Collection[Cell], place: Text) -> None:
    """Raise UsageError with every name that is no class."""
    cells = {*land_classes(), *known, *((ecosystem, "") for ecosystem in ecosystem_ids())}
    texts = sorted(map(written, cells))
    wrong = [
        say("scenario.no_class", place=place, name=name, hint=did_you_mean(name, texts))
        for name in dict.fromkeys(names)
        if cell_of(name) not in cells
    ]
    if wrong:
        raise UsageError(joined(wrong, "\n"))


def cell_of(name: str) -> Cell:
    """The ecosystem and the class that a text like `forest/mixed` names."""
    ecosystem, _, land_class = name.partition("/")
    return ecosystem, land_class


def written(cell: Cell) -> str:
    """The same as text."""
    return "/".join(filter(None, cell))


def rule_of(id_: str, about: Mapping[str, Any]) -> LandRule:
    """A rule from its table: `becomes`, and its names in `en` and `zh`."""
    becomes = {
        name: (targets,) if isinstance(targets, str) else tuple(targets) for name, targets in about["becomes"].items()
    }
    name = about.get("en") or id_
    return LandRule(id_, Text(name, about.get("zh") or name), becomes)


@renewed
@cache
def shipped_rules() -> Mapping[str, LandRule]:
    """The rules of the package by id."""
    return {id_: rule_of(id_, about) for id_, about in data_sections("scenarios.toml").items()}


def find_rule(id_: str, own: Mapping[str, LandRule]) -> LandRule:
    """A rule of the project or of the package. Raises UsageError where there is none."""
    rules = {**shipped_rules(), **own}
    if id_ not in rules:
        known = [Text(f"{name} ({rule.name})", f"{name}（{rule.name.zh}）") for name, rule in rules.items()]
        raise UsageError(say("scenario.no_rule", name=id_, hint=did_you_mean(id_, rules), known=known))
    return rules[id_]
