"""In which language gep speaks: asked for, else `GEP_LANG`, else as the project file says, else that of the locale."""

from __future__ import annotations

import locale
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from gep.core.messages import LANGUAGES, Language, say

VARIABLE = "GEP_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(asked: str | None = None, project: Path | None = None) -> Language:
    """The language to speak. Raises UsageError where GEP_LANG names another than the two there are."""
    if asked:
        return _named(asked) or "en"
    if wanted := os.environ.get(VARIABLE, "").strip():
        named = _named(wanted)
        if named is None:
            from gep.core.errors import UsageError

            raise UsageError(say("cli.no_such_language", variable=VARIABLE, found=wanted, languages=LANGUAGES))
        return named
    return _of_project(project) or of_locale()


def of_locale() -> Language:
    """The language of the locale: Chinese where that is Chinese and the console has its letters, else English."""
    tag = next((text for name in _LOCALE if (text := os.environ.get(name, ""))), "")
    if not tag and sys.platform == "win32":  # which has none of these variables
        tag = locale.getlocale()[0] or ""
    return "zh" if _named(tag) == "zh" and _has_chinese_letters() else "en"


def _has_chinese_letters() -> bool:
    """Whether what is written to the console can be Chinese: not in ASCII, where each letter would be a `?`."""
    try:
        "中".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def given(options: Sequence[str], arguments: Sequence[str]) -> str:
    """What is written after one of some options in a call, as `zh` after `--lang`; nothing where it is not there."""
    for number, argument in enumerate(arguments, start=1):
        name, equals, value = argument.partition("=")
        if name in options:
            return value if equals else "".join(arguments[number : number + 1])
    return ""


def asked_for(arguments: Sequence[str]) -> Language | None:
    """The language that a call asks for, before any command reads it: help and wrong calls speak it too."""
    return next((language for language in LANGUAGES if language == given(("--lang",), arguments)), None)


def _named(tag: str) -> Language | None:
    """The language of a tag like `zh`, `zh_CN.UTF-8`, `en-GB`, or `Chinese (Simplified)_China` as Windows has it."""
    name = re.split(r"[-_.@ ]", tag.lower())[0]
    name = {"chinese": "zh", "english": "en"}.get(name, name)
    return next((language for language in LANGUAGES if language == name), None)


def _of_project(project: Path | None) -> Language | None:
    """What `[study] lang` of a project file says. Whatever is wrong with the file is said when it is opened."""
    if project is None:
        return None
    from gep.core.data import read_toml
    from gep.core.errors import GepError

    try:
        document = read_toml(project / "gep.toml" if project.is_dir() else project)
        return _named(str(document["study"]["lang"]))
    except (GepError, KeyError, TypeError):
        return None
