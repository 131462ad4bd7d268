"""The Chinese of texts that stand in data and in declarations: notes of coefficients, clauses of profiles, captions of
equations. They are written once, in English, where they belong; `coefficients/zh.csv` has the Chinese of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gep.core.data import data_rows, renewed
from gep.core.messages import Text

TABLE = "zh.csv"
"""Where the translations are, below the shipped data: columns `en`, `zh`."""


def translated(english: str) -> Text:
    """A text of the shipped data or of a declaration in both languages, paragraph by paragraph.

    What has no translation, like what a study writes itself, is in both languages as it is.
    """
    if isinstance(english, Text):
        return english
    return Text(english, "\n\n".join(map(_chinese, english.split("\n\n"))))


def _chinese(paragraph: str) -> str:
    return _translations().get(" ".join(paragraph.split()), paragraph)


@renewed
@cache
def _translations() -> Mapping[str, str]:
    return {row["en"]: row["zh"] for _, row in data_rows(TABLE)}
