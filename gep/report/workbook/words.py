"""Texts of a report in its language, or in Chinese with English below, and how wide they are."""

from __future__ import annotations

from gep.core.letters import width
from gep.core.messages import Text, in_language, say
from gep.report.options import ReportOptions
from gep.report.tables.model import Cell, Column, symbol

_LONG = 24
"""Columns beyond which the English of a cell goes to a line of its own."""


class Words:
    """Says texts in the language of the report; `zh-en` says them in both."""

    def __init__(self, options: ReportOptions) -> None:
        self.languages = options.languages
        self.first = options.languages[0]
        self.is_both = len(options.languages) > 1

    def of(self, text: str, between: str = "\n") -> str:
        """A text; in both languages with `between` where it differs."""
        said = dict.fromkeys(in_language(text, language) for language in self.languages)
        return between.join(part for part in said if part)

    def say(self, key: str, between: str = "\n", /, **values: object) -> str:
        """A message of the catalogue."""
        return self.of(say(key, **values), between)

    def cell(self, text: str) -> str:
        """A text of a body: both languages in a line where they are short."""
        is_long = any(width(in_language(text, language)) > _LONG for language in self.languages)
        return self.of(text, "\n" if is_long else " ")

    def heading(self, column: Column, between: str = "\n") -> str:
        """The heading of a column with its unit."""
        return self.of(Text(column.title("en"), column.title("zh")), between)

    def standing(self, cell: Cell, between: str = " ") -> str:
        """What stands in place of a number that there is not."""
        return self.of(Text(symbol(cell.standing, "en"), symbol(cell.standing, "zh")), between)

    @property
    def tag(self) -> str:
        """The language of the document as documents name it."""
        return {"zh": "zh-CN", "en": "en-GB"}[self.first]
