"""JSON that is the same for the same content. Texts are written in English; `write_with_chinese` keeps their Chinese
beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from gep.core.each import Each
from gep.core.messages import Text

D = TypeVar("D", bound=Mapping[str, Any])


def write_json(document: Any, path: Path) -> None:
    """JSON that is the same for the same content."""
    path.write_text(to_json(document) + "\n", encoding="utf-8")


def to_json(document: Any) -> str:
    """A document as JSON text; a number that JSON cannot hold is an error, not a NaN."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)


AT_ONCE = 4096
"""So many items of an `Each` are made and written at a time."""

_STAND_IN = "\0each\0"
"""Where the items of an `Each` go, in the text of what they are part of."""


def write_with_chinese(document: Mapping[str, Any], path: Path) -> None:
    """A long document in one line, five times as fast as one for people, with the Chinese of its texts under `zh`, by
    their English, where there is any. Items of an `Each` never are in memory together.
    """
    zh: dict[str, str] = {}
    last = ""
    with path.open("w", encoding="utf-8") as file:
        for piece in _pieces(document, zh):
            file.write(last)
            last = piece
        chinese = f',"zh":{_in_a_line(zh)}' if zh else ""
        file.write(f"{last[:-1]}{chinese}}}\n")


def _pieces(document: Any, zh: dict[str, str]) -> Iterator[str]:
    """The text of a document in pieces; meanwhile its texts are put to their Chinese."""
    parts: list[Each[Any]] = []

    def stand_in(part: object) -> str:
        if not isinstance(part, Each):
            raise TypeError(type(part))
        parts.append(part)
        return _STAND_IN

    zh.update((str(text), text.zh) for text in _texts(document) if text.zh != str(text))
    first, *others = _in_a_line(document, stand_in).split(_in_a_line(_STAND_IN))
    yield first
    for part, after in zip(parts, others, strict=True):
        yield "["
        for start in range(0, len(part), AT_ONCE):
            some = part[start : start + AT_ONCE]
            zh.update((str(text), text.zh) for text in _texts(some) if text.zh != str(text))
            yield "," * bool(start) + _in_a_line(some)[1:-1]
        yield "]" + after


def _in_a_line(document: Any, default: Callable[[Any], Any] | None = None) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=default)


def in_both_languages(document: D) -> D:
    """The document again, with its texts in both languages: as they were before `write_with_chinese`."""
    zh = document.get("zh", {})

    def restored(value: Any) -> Any:
        if isinstance(value, str):
            return Text(value, zh[value]) if value in zh else value
        if isinstance(value, dict):
            return {key: restored(part) for key, part in value.items()}
        return [restored(part) for part in value] if isinstance(value, list) else value

    return cast(D, {key: restored(value) for key, value in document.items() if key != "zh"})


def _texts(document: Any) -> Iterator[Text]:
    """The texts of a document, in its order."""
    if isinstance(document, Text):
        yield document
    elif isinstance(document, Mapping | list | tuple):
        for value in document.values() if isinstance(document, Mapping) else document:
            if not isinstance(value, int | float):  # which most of a long document is
                yield from _texts(value)
