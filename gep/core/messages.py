"""What is said to people, as data: every sentence in English and in Chinese, from `texts/*.toml`.

    say("inputs.F01.no_such_file", file="rain.tif")        a Text: reads as English, knows its Chinese
    say("inputs.F01.no_such_file", file="rain.tif").zh     the Chinese

The first part of a key is the file below `texts/`. A message has `en` and `zh`, templates with named fields. A field is
formatted as by `str.format`; what differs by language does so by itself: another Text is put in in the language of the
sentence, a list is joined by its comma, and `{count:zone|zones}` is the word for one or for several in English, for all
in Chinese (`{count:zone|zones}` is written `个区域` there). An empty field, like a hint that there is not, takes the
space before it along. A sentence that describes a problem stands below its code
and may also have `do`, `found` and `allowed`, each with `en` and `zh`.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_COMMA = {"en": ", ", "zh": "、"}


class Text(str):
    """A text in both languages: it is its English, so that it can stand wherever a string does, and has its Chinese."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str) -> Text:
        """The two texts, which say the same."""
        made = super().__new__(cls, en)
        made.zh = zh
        return made

    def __reduce__(self) -> tuple[type[Text], tuple[str, str]]:
        return type(self), (str(self), self.zh)

    def to(self, language: str) -> str:
        """The text in a language, "zh" or "en"."""
        return self.zh if language == "zh" else str(self)

    @property
    def both(self) -> str:
        """Both texts, where nothing says which one is wanted: in the pages of a notebook, in metadata."""
        return str(self) if self.zh == str(self) else f"{self} {self.zh}"


def in_language(value: str, language: str) -> str:
    """A text in a language; as it is where it is only a name or a number."""
    return value.to(language) if isinstance(value, Text) else value


def of_document(document: Any, language: str) -> Any:
    """A document of dictionaries and lists with its texts in a language."""
    if isinstance(document, Mapping):
        return {key: of_document(value, language) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [of_document(value, language) for value in document]
    return in_language(document, language) if isinstance(document, str) else document


def listed(items: Iterable[Any]) -> Text:
    """Names with commas between them, those of each language."""
    found = [item if isinstance(item, str) else str(item) for item in items]
    return Text(*(_COMMA[language].join(in_language(item, language) for item in found) for language in LANGUAGES))


def joined(parts: Sequence[str], en: str, zh: str | None = None) -> Text:
    """Texts one after the other, with `en` and `zh` between them."""
    return Text(en.join(parts), (en if zh is None else zh).join(in_language(part, "zh") for part in parts))


def sentences(*parts: str) -> Text:
    """Whole sentences one after the other, without those that are empty."""
    return joined([part for part in parts if part], " ", "")


def say(key: str, /, **values: Any) -> Text:
    """A message of the catalogue with its fields filled in. Raises KeyError for a key or a field that is not there."""
    return _filled(message(key), values)


def part(key: str, name: str, /, **values: Any) -> Text | None:
    """A part of a message, as `do`, filled in; None where the message has none."""
    found = message(key).get(name)
    return None if found is None else _filled(found, values)


@cache
def message(key: str) -> Mapping[str, Any]:
    """A message of the catalogue as it is written. Raises KeyError where there is none."""
    file, _, rest = key.partition(".")
    found: Any = catalogue(file)
    for name in rest.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or "en" not in found:
        raise KeyError(f"There is no message `{key}`.")
    return found


@cache
def catalogue(file: str) -> Mapping[str, Any]:
    """All messages of one file below `texts/`."""
    return tomllib.loads((files("gep.core") / "texts" / f"{file}.toml").read_text(encoding="utf-8"))


@cache
def catalogues() -> tuple[str, ...]:
    """The files of messages."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in (files("gep.core") / "texts").iterdir()))


@cache
def code_texts(code: str) -> Mapping[str, Any]:
    """What the catalogue says of a problem code: severity, title, and why it matters."""
    found: Mapping[str, Any] = catalogue("codes")[code]
    return found


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Letters that steer a terminal, turn the direction of a line or are halves: all but the end of a line and tabs."""


def visible(text: str) -> str:
    r"""A text whose control letters are shown and not obeyed: `\x1b` for an escape.

    What comes from the files of others may clear a screen, set its title or write the clipboard.
    """
    return _CONTROL.sub(lambda letter: letter[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)


def is_plain(text: str) -> bool:
    """Whether a name can stand in a table as it is: no control letter in it, no beginning that a spreadsheet takes for
    that of a formula.
    """
    return not text.startswith(("=", "+", "-", "@")) and visible(text) == text and not set("\t\n") & set(text)


def no_formula(text: str) -> str:
    """A text of others that no spreadsheet takes for a formula and no terminal for an order: an apostrophe says that it
    is none. Numbers stay numbers.
    """
    shown = visible(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) and not _is_number(shown) else shown


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_EMPTY = "\0"


def _filled(found: Mapping[str, Any], values: Mapping[str, Any]) -> Text:
    given = {name: _EMPTY if value == "" else value for name, value in values.items()} if values else values
    said = (_FORMATTERS[language].vformat(found[language], (), given) for language in LANGUAGES)
    return Text(*(text.replace(f" {_EMPTY}", "").replace(_EMPTY, "") for text in said))


_Pieces = tuple[tuple[str, str | None, str], ...]
"""The parts of a template: words, then the name of a field, if any, with its form."""


@cache
def _pieces(template: str) -> _Pieces | None:
    """A template taken apart, once; None where a field is more than a name."""
    found = [(words, field, form or "", how) for words, field, form, how in string.Formatter().parse(template)]
    if any(field is not None and (how or "{" in form or not field.isidentifier()) for _, field, form, how in found):
        return None
    return tuple((words, field, form) for words, field, form, _ in found)


class _Formatter(string.Formatter):
    """`str.format` in a language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def vformat(self, format_string: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        pieces = _pieces(format_string)
        if pieces is None:
            return super().vformat(format_string, args, kwargs)
        return "".join(
            words if field is None else words + self.format_field(kwargs[field], form) for words, field, form in pieces
        )

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, _, several = format_spec.partition("|")
            return one if value == 1 else several
        if isinstance(value, Text):
            value = value.to(self.language)
        elif isinstance(value, list | tuple):
            value = listed(value).to(self.language)
        return str(super().format_field(value, format_spec))


_FORMATTERS = {language: _Formatter(language) for language in LANGUAGES}
