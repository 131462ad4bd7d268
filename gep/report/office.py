"""What an office adds to a report, in a folder of its own that stays through every new making.

    office.toml       header, issuer, status, date, contact: all as they are to be printed, all optional
    logo.png          (or logo.jpg) at the head of the front page
    <place>.md        what people write at a marked place, as `background.md`; `background.en.md` for one language

Prose is paragraphs with empty lines between them; `## ` begins a heading, `- ` an item of a list, `**…**` is bold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import LANGUAGES, Text, say, sentences

PLACES = (
    "background",
    "geography",
    "comment_total",
    "comment_services",
    "comment_ecosystems",
    "comment_counties",
    "reasons",
    "judgement",
    "conclusions",
    "proposals",
    "review",
    "bulletin_causes",
    "bulletin_outlook",
)
"""The places for prose, in the order of the report."""

SETTINGS = ("header", "issuer", "status", "date", "contact")
STATUSES = ("draft", "review", "approval", "published")
"""How far a report has come. Until it is published it is marked as a draft."""
FILE = "office.toml"
_LOGOS = ("logo.png", "logo.jpg", "logo.jpeg")


@dataclass(frozen=True)
class Office:
    """The settings of an office, its logo, and its prose by place and language (`""` for any)."""

    settings: Mapping[str, str] = field(default_factory=dict)
    logo: Path | None = None
    prose: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        """A setting; nothing where the office has not given it."""
        return self.settings.get(name, "").strip()

    @property
    def status(self) -> Text:
        """How far the report has come: a draft until the office says otherwise."""
        return say(f"document.status.{self.setting('status') or 'draft'}")

    @property
    def is_draft(self) -> bool:
        """Whether it is not yet published."""
        return self.setting("status") != "published"

    def written(self, place: str, language: str) -> str:
        """What people have written at a place."""
        return self.prose.get((place, language), self.prose.get((place, ""), "")).strip()


def read_office(folder: Path | None) -> Office:
    """The folder of an office. Raises UsageError for one that is not there, and for a file or a key in it that would be
    left out in silence.
    """
    if folder is None:
        return Office()
    if not folder.is_dir():
        raise UsageError(say("document.office.no_folder", folder=folder))
    wrong: list[Text] = []
    settings = _settings(folder / FILE, wrong)
    prose = {}
    for path in sorted(folder.glob("*.md")):
        place, _, language = path.stem.partition(".")
        if place not in PLACES or language not in ("", *LANGUAGES):
            hint = did_you_mean(place, PLACES) or say("document.office.places", places=list(PLACES))
            wrong.append(sentences(say("document.office.no_place", file=path.name), hint))
        elif (text := _text(path, wrong)) is not None:
            prose[place, language] = text
    if wrong:
        raise UsageError(sentences(*wrong))
    return Office(settings, next((path for name in _LOGOS if (path := folder / name).is_file()), None), prose)


def _settings(path: Path, wrong: list[Text]) -> dict[str, str]:
    text = _text(path, wrong) if path.is_file() else None
    try:
        found = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as error:
        wrong.append(say("document.office.no_toml", file=path.name, error=error))
        return {}
    for name, value in found.items():
        if name not in SETTINGS:
            hint = did_you_mean(name, SETTINGS) or say("document.office.places", places=list(SETTINGS))
            wrong.append(sentences(say("document.office.no_setting", file=path.name, name=name), hint))
        elif not isinstance(value, str):
            wrong.append(say("document.office.no_text", file=path.name, name=name))
        elif name == "status" and value.strip() not in ("", *STATUSES):
            wrong.append(say("document.office.no_status", file=path.name, given=value, known=list(STATUSES)))
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _text(path: Path, wrong: list[Text]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        wrong.append(say("document.office.unreadable", file=path.name))
        return None
