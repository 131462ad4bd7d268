"""What each code of a problem means, why it matters, how to mend it, and what it may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from rich.console import Console

from gep.core.errors import Severity, UsageError, did_you_mean
from gep.core.messages import LANGUAGES, Text, catalogue, catalogues, code_texts, say
from gep.report.console import rows_table, word

_FIELDS = re.compile(r"(\{[^{}]*\}\s*)+(?=\W|\Z)|\{[^{}]*\}")
_LEFT_OPEN = "…"


class MessageDocument(TypedDict):
    """A sentence of a code, with `…` for what is filled in, and what to do."""

    key: str
    message: Text
    do: Text | None


class CodeDocument(TypedDict):
    """A code of the catalogue. `waivable` are codes that a named person may let pass."""

    code: str
    group: Text
    severity: Severity
    waivable: bool
    title: Text
    why: Text
    messages: list[MessageDocument]


def known_codes() -> list[str]:
    """Every code, by group and number."""
    return sorted(catalogue("codes"))


def code_document(code: str) -> CodeDocument:
    """What the catalogue says of a code. Raises UsageError where there is none."""
    code = code.upper()
    if code not in catalogue("codes"):
        raise UsageError(say("report.code.unknown", code=code, hint=did_you_mean(code, known_codes())))
    about = code_texts(code)
    return {
        "code": code,
        "group": say(f"report.code.group.{code[0]}"),
        "severity": about["severity"],
        "waivable": bool(about.get("waivable")),
        "title": Text(about["en"], about["zh"]),
        "why": Text(about["why"]["en"], about["why"]["zh"]),
        "messages": list(_messages(code)),
    }


def _messages(code: str) -> Iterator[MessageDocument]:
    """The sentences of a code in all rooms, each once."""
    said: set[str] = set()
    for file in catalogues():
        for key, found in _sentences(f"{file}.{code}", catalogue(file).get(code, {}) if file != "codes" else {}):
            if (sentence := _left_open(found)) not in said and sentence != _LEFT_OPEN:
                said.add(sentence)
                do = found.get("do")
                yield {"key": key, "message": sentence, "do": _left_open(do) if do else None}


def _sentences(key: str, found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The messages below a key, as they are written."""
    if "en" in found:
        yield key, found
        return
    for name, inner in found.items():
        yield from _sentences(f"{key}.{name}", inner)


def _left_open(found: Mapping[str, str]) -> Text:
    """A sentence of the catalogue with `…` for what is filled in."""
    return Text(*(_FIELDS.sub(_LEFT_OPEN, found[language].replace("{hint}", "")).strip() for language in LANGUAGES))


def show_code(document: CodeDocument, out: Console, language: str) -> None:
    """Print what a code means, why, how to mend it, and whether it may be waived."""

    def line(text: Text, indent: str = "", style: str | None = None) -> None:
        out.print(indent + text.to(language), style=style, markup=False, soft_wrap=True)

    severity = say(f"core.severity.{document['severity']}")
    line(say("core.titled", title=document["code"], text=document["title"]), style="bold")
    line(say("report.code.about", group=document["group"], severity=severity), style="dim")
    out.print()
    line(document["why"])
    if document["messages"]:
        out.print()
        line(say("report.code.says"))
        for message in document["messages"]:
            line(message["message"], "  - ")
            if message["do"]:
                line(message["do"], "    → ", style="dim")
    out.print()
    if document["waivable"]:
        line(say("report.code.waivable"))
        line(say("report.code.waiver", code=document["code"]), "  ")
    elif document["severity"] == "error":
        line(say("report.code.not_waivable"))
    else:
        line(say("report.code.does_not_stop"))


def show_codes(out: Console, language: str) -> None:
    """Print all codes, a line each."""
    documents = [code_document(code) for code in known_codes()]
    rows = [
        (
            document["code"],
            say(f"core.severity.{document['severity']}").to(language),
            say("data.yes").to(language) if document["waivable"] else "",
            document["title"].to(language),
        )
        for document in documents
    ]
    out.print(
        rows_table([word(f"code.{name}", language) for name in ("code", "severity", "may_be_waived", "title")], rows)
    )
