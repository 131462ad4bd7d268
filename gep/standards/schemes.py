"""From the codes of a land-cover product to ecosystems and classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from gep.core.data import data_files, data_sections, owner_of, pick, read_csv, renewed, written
from gep.core.errors import ProjectError, did_you_mean
from gep.core.messages import say
from gep.core.parts import found_with
from gep.standards.classes import land_classes

CUSTOM = "custom"
ABOUT = "crosswalks/schemes.toml"
_CLASS = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Scheme:
    """A classification: its codes, and the ecosystem and class that each stands for. Codes are text, since some have
    leading zeros. `approximate` are the shipped codes whose land may be of another class, or of several: their notes
    say why. `source` is the document of the legend.
    """

    id: str
    classes: Mapping[str, tuple[str, str]]
    labels: Mapping[str, tuple[str, str]]
    no_data: tuple[int, ...] = ()
    assigned: tuple[str, ...] = ()
    approximate: frozenset[str] = frozenset()
    source: str = ""

    def approximate_classes(self) -> set[tuple[str, str]]:
        """The classes that no other than approximate codes are of, without those that the study assigns."""
        is_exact = {code: code not in self.approximate or code in self.assigned for code in self.classes}
        exact = {self.classes[code] for code, exactly in is_exact.items() if exactly}
        return set(self.classes.values()) - exact

    def by_number(self) -> dict[int, tuple[str, str]]:
        """Ecosystem and class by the number that stands in a raster.

        Codes with letters cannot stand in a raster. A number that two codes read as (0201 and 201) is left out, unless
        the study assigns it: that a raster holds it is then an error which lists it.
        """
        numbers: dict[int, tuple[str, str]] = {}
        ambiguous = self.ambiguous()
        for code in (*self.assigned, *self.classes):
            if _is_number(code) and int(code) not in ambiguous:
                numbers.setdefault(int(code), self.classes[code])
        return numbers

    def ambiguous(self) -> dict[int, tuple[str, ...]]:
        """Numbers that several codes of different classes read as, and that the study does not assign, with those
        codes.
        """
        spellings: dict[int, list[str]] = {}
        for code in self.classes:
            if _is_number(code):
                spellings.setdefault(int(code), []).append(code)
        settled = {int(code) for code in self.assigned if _is_number(code)}
        return {
            number: tuple(codes)
            for number, codes in spellings.items()
            if number not in settled and len({self.classes[code] for code in codes}) > 1
        }


def _is_number(code: str) -> bool:
    return bool(re.fullmatch(r"\d+", code))


def scheme_ids() -> list[str]:
    """The schemes that there are, and `custom`."""
    return [*sorted(_tables()), CUSTOM]


def find_scheme(identifier: str) -> None:
    """Raise ProjectError for a scheme that there is not."""
    pick(identifier, list(found_with(identifier, scheme_ids)), "scheme")


def _tables() -> dict[str, Path]:
    return {path.stem: path for path in data_files("crosswalks/*.csv")}


def load_scheme(identifier: str, overrides: Mapping[str, str] | None = None) -> Scheme:
    """A scheme by id, with the study's own assignments (`code -> "ecosystem/class"`) in place of the shipped ones."""
    find_scheme(identifier)
    if identifier == CUSTOM and not overrides:
        raise ProjectError(say("standards.map.empty"))
    given = Scheme(CUSTOM, {}, {}) if identifier == CUSTOM else _given(identifier, _as_written(identifier))
    classes = dict(given.classes)
    own = {_known_spelling(str(code), classes): where for code, where in (overrides or {}).items()}
    for code in own:
        if not _is_number(code) and code not in classes:
            raise ProjectError(say("standards.map.code", code=code))
    classes.update({code: _read_class(where, code) for code, where in own.items()})
    return replace(given, classes=classes, assigned=tuple(own))


def _as_written(identifier: str) -> tuple[tuple[Path, tuple[int, int, int]], ...]:
    return tuple((path, written(path)) for path in (_tables()[identifier], *data_files(ABOUT)))


@renewed
@lru_cache(maxsize=16)
def _given(identifier: str, files: tuple[tuple[Path, tuple[int, int, int]], ...]) -> Scheme:
    """A scheme as it is in these files, read once."""
    (table, _), *_ = files
    rows = [row for _, row in read_csv(table)]
    about = data_sections(ABOUT).get(identifier, {})
    return Scheme(
        identifier,
        {row["code"]: (row["ecosystem"], row["class"]) for row in rows},
        {row["code"]: (row["label_zh"], row["label_en"]) for row in rows},
        no_data=tuple(about.get("no_data", ())),
        approximate=frozenset(row["code"] for row in rows if row["fit"]),
        source=str(about.get("source", "")),
    )


def scheme_parts(identifier: str) -> str:
    """The name of the parts from outside that a scheme is of; empty where it is shipped, or the study's own."""
    return owner_of(_tables()[identifier]) if identifier in _tables() else ""


def _known_spelling(code: str, classes: Mapping[str, tuple[str, str]]) -> str:
    """The spelling of a code in the scheme: 101 is 0101 where that is how the scheme writes it."""
    if code in classes or not _is_number(code):
        return code
    same = [known for known in classes if _is_number(known) and int(known) == int(code)]
    return same[0] if same else code


def _read_class(where: str, code: str) -> tuple[str, str]:
    ecosystem, _, land_class = str(where).partition("/")
    ecosystems = sorted({known for known, _ in land_classes()})
    if ecosystem not in ecosystems:
        hint = did_you_mean(ecosystem, ecosystems)
        given = {"code": code, "where": where, "ecosystem": ecosystem}
        raise ProjectError(say("standards.map.ecosystem", hint=hint, known=ecosystems, **given))
    if land_class and not _CLASS.fullmatch(land_class):
        raise ProjectError(say("standards.map.class", code=code, where=where))
    return ecosystem, land_class
