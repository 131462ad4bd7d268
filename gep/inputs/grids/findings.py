"""The problems of one layer, or of the zones, as they are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gep.core.errors import Problem, problem


@dataclass
class Findings:
    """Problems in the order in which they were found, each of `subject` at `place` where nothing else is said."""

    subject: str
    place: str
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self,
        key: str,
        *,
        subject: str = "",
        found: str | None = None,
        allowed: str | None = None,
        do: str | None = None,
        share: float | None = None,
        **values: Any,
    ) -> None:
        """Add a problem, with the texts of the catalogue."""
        about = subject or self.subject
        self.problems.append(
            problem(key, about, place=self.place, found=found, allowed=allowed, do=do, share=share, **values)
        )

    @property
    def errors(self) -> list[Problem]:
        """Those that stop the work."""
        return [found for found in self.problems if found.severity == "error"]
