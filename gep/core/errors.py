"""What went wrong, said so that it can be acted on.

A `Problem` is one finding about an input, a coefficient or a result; problems are collected and shown together.
A `GepError` stops the work; its `exit_code` is the one of the command line, and it carries the problems that caused it.
"""

from __future__ import annotations

import difflib
import errno
import json
import lzma
import struct
import zlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypedDict
from zipfile import BadZipFile

from gep.core.messages import Text, catalogue, code_texts, in_language, joined, listed, message, part, say

Severity = Literal["error", "warning", "information"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information")


class ProblemDocument(TypedDict):
    """A problem as a JSON object: English, and what differs in Chinese under `zh`."""

    code: str
    severity: Severity
    subject: str
    message: str
    place: str
    found: str
    allowed: str
    do: str
    share: float | None
    zh: dict[str, str]


@dataclass(frozen=True)
class Problem:
    """One finding: what was found where, what is allowed, and what to do about it.

    `code` is stable (scripts rely on it), `subject` the id of a layer, table, coefficient, service or zone, `share` the
    share (0 to 1) of the area or of the rows concerned, None where that has no meaning. What is said for people is a
    `gep.core.messages.Text`: English as it stands, Chinese on request. Problems are made by `problem`, from the
    catalogue of messages.
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
    key: str = field(default="", compare=False, repr=False)
    """The key of its message, where it was made from one."""

    def as_dict(self) -> ProblemDocument:
        """The problem as the JSON object of the command line: English, and what differs in Chinese under `zh`."""
        words = {name: getattr(self, name) for name in _SAID}
        return {
            "code": self.code,
            "severity": self.severity,
            "subject": self.subject,
            "message": self.message,
            "place": self.place,
            "found": self.found,
            "allowed": self.allowed,
            "do": self.do,
            "share": self.share,
            "zh": {name: text.zh for name, text in words.items() if isinstance(text, Text)},
        }

    @classmethod
    def of_dict(cls, document: Mapping[str, Any]) -> Problem:
        """The problem that a JSON object describes."""
        zh = document.get("zh", {})
        said = {name: Text(document[name], zh[name]) if name in zh else document[name] for name in _SAID}
        return cls(document["code"], document["severity"], document["subject"], **said, share=document.get("share"))

    @property
    def alone(self) -> Problem:
        """The problem without what a kind of problem may know beside it."""
        return Problem(**{each.name: getattr(self, each.name) for each in fields(Problem)})

    def in_language(self, language: str) -> str:
        """All of it as text."""
        return str(say("core.problem.whole", **self._words(language)).to(language)).rstrip()

    def _words(self, language: str) -> dict[str, Any]:
        def there(name: str) -> str | Text:
            text = getattr(self, name)
            return say(f"core.problem.{name}", text=text) if text else ""

        severity = say(f"core.severity.{self.severity}")
        words = {name: there(name) for name in ("place", "found", "allowed", "do")}
        return {"code": self.code, "severity": severity, "subject": self.subject, "message": self.message, **words}

    def __str__(self) -> str:
        return self.in_language("en")


_SAID = ("message", "place", "found", "allowed", "do")
"""The fields of a problem that people read."""


def problem(
    key: str,
    subject: str,
    *,
    place: str = "",
    found: str | None = None,
    allowed: str | None = None,
    do: str | None = None,
    share: float | None = None,
    severity: Severity | None = None,
    **values: Any,
) -> Problem:
    """A problem with the texts of the catalogue, `<file>.<code>.<name>`, and `values` in their fields.

    What the catalogue has no text for (what was found, mostly) is given here. The severity is that of the message, else
    that of the code, unless another is given.
    """
    _, code, *_ = key.split(".")
    written = message(key)

    def text(name: str, given: str | None) -> str:
        if given is not None:
            return given
        return part(key, name, **values) or ""

    return Problem(
        code,
        severity or written.get("severity") or code_texts(code)["severity"],
        subject,
        say(key, **values),
        place,
        text("found", found),
        text("allowed", allowed),
        text("do", do),
        share,
        key,
    )


def waivable() -> list[str]:
    """The codes of errors that a named person may let pass: the figures can be computed, whether they are right is that
    person's word.
    """
    return [code for code, about in catalogue("codes").items() if about.get("waivable")]


def waived(problems: Iterable[Problem], waivers: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Errors that a named person lets pass become warnings that say who does, and why: those of a code, or of a code
    and a subject.
    """
    can_be, result = waivable(), []
    for found in problems:
        waiver = waivers.get(f"{found.code}/{found.subject}") or waivers.get(found.code)
        if waiver and found.severity == "error" and found.code in can_be:
            name, reason = waiver
            said = say("core.problem.waived", message=found.message, name=name, reason=reason)
            found = replace(found, severity="warning", message=said)
        result.append(found)
    return result


def check_waivers(waivers: Iterable[str]) -> list[Problem]:
    """An error for each code that nobody can answer for."""
    known = waivable()
    return [
        problem("core.W01.not_waivable", code, place="[waivers]", allowed=listed(known))
        for code in waivers
        if code.partition("/")[0] not in known
    ]


def idle_waivers(problems: Sequence[Problem], waivers: Iterable[str], unseen: Container[str] = ()) -> Iterator[Problem]:
    """Waivers that let nothing pass: misspelt, or left behind when the data were mended. Of codes that were not looked
    for (`unseen`) nothing is said.
    """
    known = waivable()
    for waiver in waivers:
        code, _, subject = waiver.partition("/")
        of_code = [found.subject for found in problems if found.code == code]
        if code in known and code not in unseen and not (subject in of_code or (of_code and not subject)):
            there = listed(f'"{code}/{each}"' for each in dict.fromkeys(of_code)) or say("core.none_of_code")
            yield problem("core.W02.waives_nothing", waiver, place="[waivers]", found=there)


_FAILURES = {
    errno.ENOENT: "missing",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "read_only",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EISDIR: "folder",
    errno.ENOTDIR: "no_folder",
    errno.ENAMETOOLONG: "long_name",
    errno.EMFILE: "many_files",
}


BROKEN_FILE = (
    *(OSError, EOFError, ImportError, MemoryError, RuntimeError, ArithmeticError, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
"""What libraries that read files (workbooks, NetCDF, Zarr, zip, XML) raise of a broken one: none of them publishes a
list, broken bytes showed these. An assertion or a name that is not there is a fault of ours and no file's.
"""


_FOREIGN = (
    ("not recognized as being in a supported file format", "no_format"),
    ("file signature not found", "no_format"),
    ("No such file", "missing"),
    ("Permission denied", "permission"),
    ("No space left", "full"),
    ("truncated", "cut_off"),
    ("checksum", "cut_off"),
    ("Read failed", "cut_off"),
    ("IReadBlock failed", "cut_off"),
    ("TIFFReadDirectory", "cut_off"),
    ("TIFFFillTile", "cut_off"),
    ("TIFFFillStrip", "cut_off"),
    ("TIFFReadEncodedTile", "cut_off"),
    ("TIFFReadEncodedStrip", "cut_off"),
)
"""What GDAL, HDF5 and the system say in English of a file, and of which kind of failure that is."""


def failure(error: BaseException, path: Path | str | None = None) -> Text:
    """Why something could not be read or written, in our words where the kind of failure is known; else what the
    library said of it, as a quotation, without the folders of a path.
    """
    if isinstance(error, OSError) and error.errno in _FAILURES:
        return say(f"core.failure.{_FAILURES[error.errno]}")
    if isinstance(error, UnicodeDecodeError):
        return say("core.failure.not_utf8", byte=error.start)
    if isinstance(error, json.JSONDecodeError):
        return say("core.failure.no_json", line=error.lineno, column=error.colno)
    if isinstance(error, BadZipFile):
        return say("core.failure.no_archive")
    if isinstance(error, MemoryError):
        return say("core.failure.memory")
    if error.args and isinstance(error.args[0], Text):
        return error.args[0]
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    first = next(iter(said.splitlines()), "") or type(error).__name__
    for words, kind in _FOREIGN:
        if words in first:
            return say(f"core.failure.{kind}")
    if path is not None:
        first = first.replace(str(path), Path(path).name)
    if isinstance(path, Path):
        first = first.replace(f"{path.parent}", "")
    return say("core.failure.other", said=first[:LONGEST_FOREIGN])


LONGEST_FOREIGN = 200
"""Letters of what a library says that are passed on."""


SEVERAL = 3
"""So many problems of rows that differ only in what they name are told one by one."""

_OF_ROWS = ("inputs", "standards")
"""The catalogues whose problems are of rows of tables: hundreds of them have one cause."""


def one_line_a_cause(problems: Iterable[Problem]) -> list[Problem]:
    """The same in several places as one problem, and many rows of one table with one kind of fault as the first of them
    with a count.
    """
    places: dict[Problem, list[Problem]] = {}
    for found in dict.fromkeys(problems):
        places.setdefault(replace(found, place="", share=None), []).append(found)
    once = [_in_places(members) for members in places.values()]
    kinds: dict[tuple[str, ...], list[tuple[Problem, int]]] = {}
    for one, members in zip(once, places.values(), strict=True):
        of_rows = one.key.partition(".")[0] in _OF_ROWS and one.place
        kind = (one.key, one.subject, one.severity) if of_rows else (str(id(one)),)
        kinds.setdefault(kind, []).append((one, len(members)))
    told: list[Problem] = []
    for of_kind in kinds.values():
        if len(of_kind) <= SEVERAL:
            told += [one for one, _ in of_kind]
            continue
        first, rows = of_kind[0][0], sum(count for _, count in of_kind)
        told.append(replace(first, message=say("core.problem.and_others", message=first.message, count=rows - 1)))
    return told


def _in_places(members: Sequence[Problem]) -> Problem:
    """Problems that differ only in their place as one."""
    first, *others = members
    if not others:
        return first
    shares = [found.share for found in members]
    share = first.share if len(set(shares)) == 1 else None
    return replace(first, place=say("core.problem.places", first=first.place, count=len(others)), share=share)


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first, then warnings, then information; by code and subject within each; what has one cause once."""
    return sorted(
        one_line_a_cause(problems), key=lambda p: (SEVERITIES.index(p.severity), p.code, p.subject, p.place, p.message)
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

    def in_language(self, language: str) -> str:
        """The message with its problems, in a language."""
        said = [in_language(self.message, language), *(p.in_language(language) for p in self.problems)]
        return "\n".join(said)

    def __str__(self) -> str:
        return self.in_language("en")


class UsageError(GepError):
    """The call itself is wrong: an option, a folder, a name on the command line."""

    exit_code = 2


class ProjectError(GepError):
    """`gep.toml` cannot be read or breaks its schema: syntax, unknown key, profile, scheme or method."""

    exit_code = 3


class PartsError(ProjectError):
    """Parts from outside the package that are refused, cannot be loaded, or claim what others have: `claimed` names
    these.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = (), *, claimed: Sequence[str] = ()) -> None:
        super().__init__(message, problems)
        self.claimed = tuple(claimed)


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
        return cls(say("core.missing_feature", feature=feature, extra=extra))


def near(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names that are spelled most like `name`."""
    options = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, options, n=count, cutoff=0.6)
    folded = {option.lower().replace("-", "_"): option for option in options}
    same = folded.get(name.lower().replace("-", "_"))
    return list(dict.fromkeys(([same] if same else []) + close))[:count]


def did_you_mean(name: str, known: Iterable[str]) -> Text:
    """A sentence with the near spellings, empty where there are none."""
    options = near(name, known)
    if not options:
        return Text("", "")
    return say("core.did_you_mean", options=joined([f"`{option}`" for option in options], " or ", "、"))
