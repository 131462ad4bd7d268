"""JSON that is the same for the same content. Texts are written in English; `with_chinese` keeps their Chinese beside
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from gep.core.messages import Text

D = TypeVar("D", bound=Mapping[str, Any])


def write_json(document: Any, path: Path, *, for_people: bool = True) -> None:
    """JSON that is the same for the same content."""
    path.write_text(to_json(document, for_people=for_people) + "\n", encoding="utf-8")


def to_json(document: Any, *, for_people: bool = True) -> str:
    """A document as JSON text; a number that JSON cannot hold is an error, not a NaN. What is not for people is written
    in one line, five times as fast.
    """
    layout: dict[str, Any] = {"indent": 2} if for_people else {"separators": (",", ":")}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, **layout)


def with_chinese(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with the Chinese of its texts under `zh`, by their English, where there is any."""
    zh = {str(text): text.zh for text in _texts(document) if text.zh != str(text)}
    return {**document, **({"zh": zh} if zh else {})}


def in_both_languages(document: D) -> D:
    """The document again, with its texts in both languages: the inverse of `with_chinese`."""
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
