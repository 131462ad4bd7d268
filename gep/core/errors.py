"""What went wrong, said so that it can be acted on.

A `Problem` is one finding about an input, a coefficient or a result; problems are collected and shown together.
A `GepError` stops the work; its `exit_code` is the one of the command line, and it carries the problems that caused it.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "information"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information")


@dataclass(frozen=True)
class Problem:
    """One finding: what was found where, what is allowed, and what to do about it.

    `code` is stable (scripts rely on it), `subject` the id of a layer, table, coefficient, service or zone, `share` the
    share (0 to 1) of the area or of the rows concerned, None where that has no meaning.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    place: str = ""
    found: str = ""
    allowed: str = ""
    do: str = ""
    share: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The problem as the JSON object of the command line."""
        return asdict(self)

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        found = f" Found: {self.found}." if self.found else ""
        allowed = f" Needed: {self.allowed}." if self.allowed else ""
        do = f"\n  {self.do}" if self.do else ""
        return f"{self.code} {self.severity}: {self.subject}{where}: {self.message}{found}{allowed}{do}"


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first, then warnings, then information; by code and subject within each; exact repeats once."""
    return sorted(
        dict.fromkeys(problems), key=lambda p: (SEVERITIES.index(p.severity), p.code, p.subject, p.place, p.message)
    )


def count_problems(problems: Iterable[Problem]) -> dict[str, int]:
    """How many problems there are of each severity."""
    counted = Counter(p.severity for p in problems)
    return {severity: counted[severity] for severity in SEVERITIES}


class GepError(Exception):
    """Anything that stops the work for a reason that its user can mend."""

    exit_code = 1

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(str(p) for p in self.problems)])


class UsageError(GepError):
    """The call itself is wrong: an option, a folder, a name on the command line."""

    exit_code = 2


class ProjectError(GepError):
    """`gep.toml` cannot be read or breaks its schema: syntax, unknown key, profile, scheme or method."""

    exit_code = 3


class InputError(GepError):
    """What the project points to cannot be used: a file, a unit, a class, a value."""

    exit_code = 4


class UnitError(GepError):
    """A unit is missing (code U01), not understood, ambiguous, or of the wrong dimension (code U02)."""

    exit_code = 4

    def __init__(self, message: str, problems: Sequence[Problem] = (), *, code: str = "U02") -> None:
        super().__init__(message, problems)
        self.code = code


class CoefficientError(GepError):
    """A row of coefficient data breaks a rule."""

    exit_code = 4


class EquationError(GepError):
    """An equation fails its unit proof or the literal rule: it cannot be imported."""

    exit_code = 1


class AccountError(GepError):
    """Figures that may not be put together: different price bases, quantities of different units."""

    exit_code = 1


class MissingFeatureError(GepError):
    """An optional feature whose extra is not installed."""

    exit_code = 6

    @classmethod
    def of(cls, feature: str, extra: str) -> MissingFeatureError:
        """The error that names the extra to install."""
        return cls(
            f'{feature} needs an optional part that is not installed. Install it with: pip install "gep[{extra}]"'
        )


def near(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names that are spelled most like `name`."""
    options = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, options, n=count, cutoff=0.6)
    folded = {option.lower().replace("-", "_"): option for option in options}
    same = folded.get(name.lower().replace("-", "_"))
    return list(dict.fromkeys(([same] if same else []) + close))[:count]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence with the near spellings, empty where there are none."""
    options = near(name, known)
    return f"Did you mean {' or '.join(f'`{option}`' for option in options)}?" if options else ""
