"""A first project file for a folder of data: what was guessed of its files, written so that every guess is seen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

from gep.core.messages import Text, say
from gep.inputs.survey import TIMELESS, Doubt, Guess, Key
from gep.standards.schemes import CUSTOM

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Question:
    """Something to be confirmed: of what section of the project file, which key, and what is written there now."""

    section: str
    key: str
    question: Text
    answer: Key


@dataclass(frozen=True)
class Draft:
    """A project file in the making: what is taken for what, what is not used and why, and what the study is of."""

    study: Mapping[str, Key]
    study_doubts: tuple[Doubt, ...]
    taken: Mapping[str, Guess]
    """By section: `zones`, `land_cover`, `layers.<name>`, `tables.<name>`, `coefficients.<name>`."""
    unused: tuple[Guess, ...]
    outline: Path | None = None

    @property
    def lacks(self) -> list[str]:
        """What no account can be without, and no file was found for."""
        return [section for section in ("zones", "land_cover") if section not in self.taken]

    @property
    def questions(self) -> list[Question]:
        """All that is to be confirmed, in the order of the file."""
        found = [Question("study", d.key, d.question, self.study.get(d.key, "")) for d in self.study_doubts]
        for section, guess in self.taken.items():
            found += [Question(section, d.key, d.question, guess.keys.get(d.key, "")) for d in guess.doubts]
        return found

    def answered(self, question: Question, answer: Key) -> Draft:
        """The draft with a question answered, and so no longer in doubt."""
        if question.section == "study":
            doubts = tuple(doubt for doubt in self.study_doubts if doubt.key != question.key)
            return replace(self, study={**self.study, question.key: answer}, study_doubts=doubts)
        guess = self.taken[question.section]
        doubts = tuple(doubt for doubt in guess.doubts if doubt.question != question.question)
        keys = {**guess.keys, question.key: answer} if question.key and answer != "" else guess.keys
        return replace(self, taken={**self.taken, question.section: replace(guess, keys=keys, doubts=doubts)})


def make_draft(guesses: Sequence[Guess], *, name: str, profile: str, lang: str) -> Draft:
    """What a project file is to hold, of what was found in a folder called `name`.

    Of several files for one layer the surest is taken. The year is that of the land cover, else the latest of any.
    """
    taken: dict[str, Guess] = {}
    unused: list[Guess] = []
    outlines = [guess for guess in guesses if guess.role == "outline"]
    for guess in guesses:
        section = _section(guess, taken)
        if not section:
            unused.extend([guess] if guess.role == "unknown" else ())
        elif section not in taken:
            taken[section] = guess
        elif guess.role in ("table", "coefficients"):  # of these there may be any number
            names = (f"{section}_{number}" for number in count(2))
            taken[next(name for name in names if name not in taken)] = guess
        else:
            better, worse = sorted((taken[section], guess), key=lambda one: one.certainty, reverse=True)
            taken[section] = better
            unused.append(replace(worse, reasons=(say("survey.second", name=section.rpartition(".")[2]),)))
    if "zones" not in taken and outlines:
        taken["zones"] = replace(outlines.pop(0), role="zones")
    order = ("zones", "land_cover", "layers", "tables", "coefficients")
    in_order = sorted(taken.items(), key=lambda one: (order.index(one[0].partition(".")[0]), one[0]))
    taken = {section: _asked(section, guess) for section, guess in in_order}
    cover = taken["land_cover"].keys.get("year") if "land_cover" in taken else None
    years = [int(str(guess.keys["year"])) for guess in taken.values() if "year" in guess.keys]
    year = int(str(cover)) if cover else max(years, default=date.today().year - 1)
    study: dict[str, Key] = {"name": name, "year": year, "profile": profile, "lang": lang}
    doubts = (Doubt("name", say("survey.study.name")), Doubt("year", say("survey.study.year")))
    return Draft(study, doubts, taken, tuple(unused), outlines[0].path if outlines and "zones" in taken else None)


ASKED = (
    *("land_cover", "net_primary_production", "precipitation", "snow_depth", "soil_organic_carbon", "tables"),
    "wind_speed",
)
"""Of what is asked, whatever its values are: no other input can tell a mistake of these."""


def _asked(section: str, guess: Guess) -> Guess:
    """A guess with the question that nothing in the project answers, where there is one."""
    head, _, name = section.partition(".")
    of = re.sub(r"^(monthly|daily|subdaily)_", "", name) if head == "layers" else head
    return replace(guess, doubts=(*guess.doubts, Doubt("", say(f"survey.ask.{of}")))) if of in ASKED else guess


def _section(guess: Guess, taken: Mapping[str, Guess]) -> str:
    """Where in the project file a guess belongs; of tables there may be any number."""
    if guess.role in ("zones", "land_cover"):
        return guess.role
    if guess.role == "layer":
        return f"layers.{guess.name}"
    if guess.role in ("table", "coefficients"):
        stem = re.sub(r"\W+", "_", guess.name) or guess.role
        return f"{'tables' if guess.role == 'table' else guess.role}.{stem}"
    return ""


def project_text(draft: Draft, folder: Path, language: str) -> str:
    """The project file, for a folder from which its paths are counted; guesses and doubts stand in comments."""
    return "\n".join(_lines(draft, folder, language)) + "\n"


def _lines(draft: Draft, folder: Path, language: str) -> Iterator[str]:
    def comment(text: str) -> str:
        words = text.to(language) if isinstance(text, Text) else text
        return "# " + " ".join(words.split())

    def remarks(doubts: Sequence[Doubt], reasons: Sequence[Text] = ()) -> Iterator[str]:
        for reason in reasons:
            yield comment(say("survey.file.guessed", reason=reason))
        for doubt in doubts:
            yield comment(say("survey.file.confirm", key=doubt.key and f"`{doubt.key}`", question=doubt.question))

    def path_of(path: Path) -> str:
        return Path(os.path.relpath(path, folder)).as_posix()

    yield comment(say("survey.file.top"))
    yield ""
    yield "[study]"
    yield from remarks(draft.study_doubts)
    for key, value in draft.study.items():
        yield f"{key} = {_toml(value)}"
    yield comment(say("survey.file.last_year"))
    for section in draft.lacks:
        yield ""
        yield comment(say(f"survey.file.no_{section}"))
    heads: set[str] = set()
    for section, guess in draft.taken.items():
        head, _, name = section.partition(".")
        yield from [""] if head not in heads or head == "layers" else []
        if head in ("tables", "coefficients"):
            yield from [f"[{head}]"] if head not in heads else []
            yield from remarks(guess.doubts, guess.reasons)
            keys = {"path": path_of(guess.path), **guess.keys}
            inline = ", ".join(f"{key} = {_toml(value)}" for key, value in keys.items())
            yield f"{_toml_key(name)} = {_toml(keys['path']) if len(keys) == 1 else '{ ' + inline + ' }'}"
        else:
            yield f"[{section}]"
            yield from remarks(guess.doubts, guess.reasons)
            yield f"path = {_toml(path_of(guess.path))}"
            for key, value in guess.keys.items():
                yield f"{key} = {_toml(value)}"
            if section == "zones" and draft.outline:
                yield f"outline = {_toml(path_of(draft.outline))}"
            elif guess.keys.get("scheme") == CUSTOM:
                yield from ["", "[land_cover.map]", comment(say("survey.file.map"))]
                yield from (f'# {code} = "ecosystem/class"' for code in guess.codes)
            elif head == "layers" and "year" not in guess.keys and name not in TIMELESS:
                yield comment(say("survey.file.no_year"))
        heads.add(head)
    if draft.unused:
        yield ""
        yield comment(say("survey.file.unused"))
        for guess in draft.unused:
            reason = guess.reasons[0] if guess.reasons else say("survey.no_words")
            yield comment(say("survey.file.not_used", file=path_of(guess.path), reason=reason))


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _toml(key)


def _toml(value: Key) -> str:
    """A value as TOML writes it."""
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
