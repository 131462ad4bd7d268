"""A document as it is cited: authors, year, title, and where it was published; and which documents a text names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gep.core.messages import Text, joined, say
from gep.standards.coefficients import sources


def cited(identifier: str, language: str = "en") -> str:
    """A document of the shipped sources in one line."""
    return citation(sources()[identifier], language)


def citation(about: Mapping[str, Any], language: str) -> str:
    """A document in one line, with its Chinese title in Chinese. What has no Chinese title is cited as it is."""
    reference = f"doi {about['doi']}" if about.get("doi") else about.get("number")
    published = joined(
        [str(part) for part in (about.get("journal") or about.get("publisher"), reference) if part], ", ", "，"
    )
    title = str(about.get("title"))
    said = say(
        "data.cited",
        authors=about.get("authors"),
        year=about.get("year"),
        title=Text(title, str(about.get("title_zh", title))),
        published=published,
    )
    return said.to(language if "title_zh" in about else "en")


DOI = re.compile(r"\b10\.\d{4,}/[^\s,;{}，；。）]*[^\s,;.){}，；。）]")


def named_in(text: str) -> list[str]:
    """The shipped documents that a text names: by DOI, by number, or as `sources.toml` says that they are called."""
    dois = {doi.lower() for doi in DOI.findall(text)}
    return [
        identifier
        for identifier, about in sources().items()
        if str(about.get("doi", "")).lower() in dois or any(words in text for words in _words_for(about))
    ]


def _words_for(about: Mapping[str, Any]) -> list[str]:
    number = about.get("number")
    return [*([str(number)] if number else []), *about.get("called", ())]
