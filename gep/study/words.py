"""Messages in terms of arguments: what a project file calls [layers.x] is `layers["x"]` where nobody wrote one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from gep.core.errors import Problem, ProjectError
from gep.core.messages import Text, in_language

_ARGUMENTS: tuple[tuple[str, str, str], ...] = (
    (r"\[layers\.(\w+)\]", r'`layers["\1"]`', r'`layers["\1"]`'),
    (r"\[land_cover\.map\]", "`scheme_map`", "`scheme_map`"),
    (r"\[services\]", "`off`, `not_applicable` or `does_not_occur`", "`off`、`not_applicable` 或 `does_not_occur`"),
    (r"`index` under \[prices\]", "`price_index`", "`price_index`"),
    (r"\[prices\] ?中的 `index`", "`price_index`", "`price_index`"),
    (r"\[prices\]", "`price_index`", "`price_index`"),
    (r"\[study\]", "the arguments of `Study`", "`Study` 的参数"),
    (r"\[(zones|land_cover|coefficients|tables|methods|waivers|products)\]", r"`\1`", r"`\1`"),
    (r"; it is relative to gep\.toml|；路径相对于 gep\.toml", "", ""),
    (r"gep\.toml", "the arguments", "参数"),
)
"""What a project file calls something, and what it is as an argument, in English and Chinese."""

_SIGNS = ("[", "gep.toml")
"""One of which each of them has: most texts have none."""


def in_arguments(problems: Iterable[Problem]) -> list[Problem]:
    """Problems as they are said of a study that no file describes."""
    return [
        replace(
            found,
            message=_said(found.message),
            place=_said(found.place),
            found=_said(found.found),
            allowed=_said(found.allowed),
            do=_said(found.do),
        )
        for found in problems
    ]


@contextmanager
def as_arguments(*, is_of_project: bool) -> Iterator[None]:
    """What is wrong with settings, said in terms of arguments where no project file has them."""
    try:
        yield
    except ProjectError as error:
        if is_of_project or error.problems:
            raise
        raise ProjectError(_said(error.message)) from error


def _said(text: str) -> Text:
    english, chinese = str(text), in_language(text, "zh")
    if not any(sign in of for sign in _SIGNS for of in (english, chinese)):
        return Text(english, chinese)
    for pattern, en, zh in _ARGUMENTS:
        english, chinese = re.sub(pattern, en, english), re.sub(pattern, zh, chinese)
    return Text(english, chinese)
