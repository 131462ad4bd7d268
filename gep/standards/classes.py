"""Land classes: the ecosystems and classes that coefficients, crosswalks and profiles speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gep.core.data import data_rows, renewed
from gep.core.errors import did_you_mean
from gep.core.messages import Text, say
from gep.core.table_words import folded


@dataclass(frozen=True)
class LandClass:
    """A class of an ecosystem, as the coefficient tables and crosswalks name it."""

    ecosystem: str
    name: str
    parent: str
    label_zh: str
    label_en: str
    is_vegetated: bool


@renewed
@cache
def land_classes() -> Mapping[tuple[str, str], LandClass]:
    """The known land classes by (ecosystem, class)."""
    return {
        (row["ecosystem"], row["class"]): LandClass(
            row["ecosystem"], row["class"], row["parent"], row["label_zh"], row["label_en"], row["vegetated"] == "1"
        )
        for _, row in data_rows("classes.csv")
    }


@renewed
@cache
def ecosystems() -> tuple[str, ...]:
    """The ids of all ecosystems."""
    return tuple(dict.fromkeys(ecosystem for ecosystem, _ in land_classes()))


@renewed
@cache
def _ecosystems_by_name() -> Mapping[str, str]:
    known = {each.ecosystem: each for each in land_classes().values() if not each.name}
    return {folded(text): e for e, each in known.items() for text in (e, each.label_zh, each.label_en)}


def ecosystem_id(name: str) -> str:
    """The id of an ecosystem by its name in Chinese or English (`草地`); the name itself where none has it."""
    return _ecosystems_by_name().get(folded(name), name)


def class_id(ecosystem: str, name: str) -> str:
    """The id of a class of an ecosystem by its name (`阔叶林`); the name itself where none has it."""
    for (of, identifier), known in land_classes().items():
        if of == ecosystem and identifier and folded(name) in (folded(known.label_zh), folded(known.label_en)):
            return identifier
    return name


def unknown_ecosystem(ecosystem: str, land_class: str) -> Text:
    """What is wrong with where a row says that it holds; empty where nothing is. Both may be empty; a study may name
    classes of its own.
    """
    if ecosystem and ecosystem not in ecosystems():
        return say("standards.unknown_ecosystem", name=ecosystem, hint=did_you_mean(ecosystem, ecosystems()))
    if land_class and not ecosystem:
        return say("standards.class_alone", name=land_class)
    return Text("", "")


def parents(ecosystem: str, land_class: str) -> list[str]:
    """The broader classes of a class, nearest first."""
    found: list[str] = []
    known = land_classes().get((ecosystem, land_class))
    while known and known.parent and known.parent not in found:
        found.append(known.parent)
        known = land_classes().get((ecosystem, known.parent))
    return found


def is_vegetated(ecosystem: str, land_class: str) -> float:
    """1 or 0 for a known class, or what its ecosystem is as a whole; missing where neither is known."""
    for name in (land_class, *parents(ecosystem, land_class), ""):
        known = land_classes().get((ecosystem, name))
        if known:
            return float(known.is_vegetated)
    return float("nan")
