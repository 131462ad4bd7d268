"""What the commands of the command line share: options that mean the same everywhere, exit codes, one way to print
JSON, one progress bar.

An option is declared without its help: that stands in the catalogue of messages (`cli.option.<name>`, or
`cli.help.<command>.<name>` where a command means something of its own).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gep.cli.language import language_of
from gep.core.messages import Language, Text, of_document, say, visible

if TYPE_CHECKING:
    from gep.engine.run import Progress
    from gep.inputs.spec import StudySpec

T = TypeVar("T")

UNWRITTEN, INPUT, MISMATCH, INTERRUPTED = 2, 4, 5, 130
"""The exit codes where the output cannot be written, where an input has an error, where a published figure or an
identity does not hold, after Ctrl-C.
"""


class LoopName(StrEnum):
    """What `--loop` takes."""

    auto = "auto"
    numpy = "numpy"
    compiled = "compiled"


class LanguageName(StrEnum):
    """What `--lang` takes."""

    zh = "zh"
    en = "en"


class SharingName(StrEnum):
    """What `--share-statistics` takes."""

    area = "area"


@dataclass
class Options:
    """What is said once for the whole call; `asked` is what `--lang` says, if it is there. `left` is what the call has
    written so far: whatever stops it later says so.
    """

    language: Language = "en"
    asked: Language | None = None
    quiet: bool = False
    as_json: bool = False
    left: Text | None = None


options = Options()

JsonOption = Annotated[bool, typer.Option("--json")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q")]
LanguageOption = Annotated[LanguageName | None, typer.Option("--lang", metavar="zh|en", show_default=False)]
ProfileOption = Annotated[str, typer.Option("--profile", "-p", metavar="ID")]
EcosystemOption = Annotated[str, typer.Option("--ecosystem", "-e", metavar="ID", show_default=False)]
ThreadsOption = Annotated[int | None, typer.Option("--threads", min=1, metavar="N", show_default=False)]
LoopOption = Annotated[LoopName, typer.Option("--loop", metavar="auto|numpy|compiled")]
MemoryOption = Annotated[float | None, typer.Option("--memory", min=1, metavar="MB", show_default=False)]
MapsOption = Annotated[bool, typer.Option("--maps")]
CogOption = Annotated[bool, typer.Option("--cog")]
ReportOption = Annotated[bool, typer.Option("--report")]
EveryCellOption = Annotated[bool, typer.Option("--every-cell")]
ProjectArgument = Annotated[Path, typer.Argument(metavar="PROJECT")]
RunArgument = Annotated[Path, typer.Argument(metavar="DIR", show_default=False)]
CoefficientArgument = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def begin(
    lang: LanguageName | None, *, as_json: bool = False, quiet: bool = False, project: Path | None = None
) -> Language:
    """Take what is said for the whole call; the language to speak, that of the project where nothing else is said."""
    options.as_json, options.quiet = as_json, quiet
    options.asked = ("zh" if lang == "zh" else "en") if lang else options.asked
    options.language = language_of(options.asked, project)
    return options.language


def print_json(document: Any) -> None:
    """One document on standard output, in plain ASCII where that is not written in UTF-8.

    Its texts are English, whatever the locale, for scripts rely on them; in Chinese where `--lang zh` asks for it.
    """
    import json

    from gep.core.json_text import to_json

    said = of_document(document, options.asked or "en")
    is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")
    sys.stdout.write((to_json(said) if is_utf8 else json.dumps(said, indent=2, allow_nan=False)) + "\n")


def tell(key: str, **values: Any) -> None:
    """Say a sentence of the catalogue on standard error."""
    sys.stderr.write(f"{visible(say(key, **values).to(options.language))}\n")


def of_year(by_year: Mapping[int, T], year: int | None, path: Path) -> T:
    """What is of the year that is meant, or of the only one. Raises UsageError where it is not said or not there."""
    from gep.core.errors import UsageError

    if year is None and len(by_year) > 1:
        raise UsageError(say("cli.which_year", path=path, years=list(by_year)))
    if year is not None and year not in by_year:
        raise UsageError(say("cli.no_such_year", path=path, year=year, years=list(by_year)))
    return by_year[next(iter(by_year)) if year is None else year]


def study_name(spec: StudySpec) -> str:
    """What a study is called in the language of the call."""
    return (spec.name_zh or spec.name) if options.language == "zh" else spec.name


@contextmanager
def told_where_unwritten(path: Path, *also: type[Exception]) -> Iterator[None]:
    """That something cannot be written, as an error of the call and not of the program; `also` names what a library
    raises of a disk that takes no more.
    """
    from gep.core.errors import UsageError, failure

    kinds: tuple[type[Exception], ...] = (OSError, *also)
    try:
        yield
    except kinds as error:
        raise UsageError(say("cli.cannot_write", path=path, reason=failure(error))) from error


@contextmanager
def progress_bar(name: str) -> Iterator[Progress | None]:
    """A bar on standard error that names the window and the zone, on a terminal; nothing elsewhere."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from gep.report.console import console

    columns = (
        TextColumn("{task.description}", markup=False),  # a name in square brackets is a name
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[zone]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(on_error=True), transient=True) as bar:
        task = bar.add_task(say("cli.progress", name=name).to(options.language), total=None, zone="")

        def report(done: int, total: int, zone: str) -> None:
            bar.update(task, completed=done, total=total, zone=zone)

        yield report
