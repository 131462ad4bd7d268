"""What a person may choose about a report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gep.report.office import Office, read_office
from gep.report.tables.model import Lang, Shares


@dataclass(frozen=True)
class ReportOptions:
    """`lang` is the language, `zh-en` Chinese with English below. `shares` may be adjusted so that they add to 100 as
    they are shown; Chinese tables leave them as they are. `template` is a folder of the office's own: header, logo,
    prose, which stays through every new making. `has_pdf` prints documents to PDF as well.
    """

    lang: Lang = "zh"
    shares: Shares = "as_is"
    template: Path | None = None
    has_pdf: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the report says everything in."""
        return ("zh", "en") if self.lang == "zh-en" else (self.lang,)

    @cached_property
    def office(self) -> Office:
        """What the office adds. Raises UsageError where its folder has something that would be left out."""
        return read_office(self.template)
