"""What the commands of the command line share: options that mean the same everywhere, one way to print JSON, one
progress bar.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gep.engine.run import Progress


class Language(StrEnum):
    """Language of what is printed."""

    zh = "zh"
    en = "en"


@dataclass
class Options:
    """What is said once for the whole call."""

    quiet: bool = False
    as_json: bool = False


options = Options()

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else there.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result and errors.")]
LanguageOption = Annotated[Language, typer.Option("--lang", help="Language of the tables.")]
ProfileOption = Annotated[str, typer.Option("--profile", "-p", help="The profile whose rows are meant.")]


def print_json(document: Any) -> None:
    """One document on standard output, in plain ASCII where that is not written in UTF-8."""
    import json

    from gep.core.json_text import to_json

    is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")
    sys.stdout.write((to_json(document) if is_utf8 else json.dumps(document, indent=2, allow_nan=False)) + "\n")


@contextmanager
def progress_bar(name: str) -> Iterator[Progress | None]:
    """A bar on standard error that names the window and the zone, on a terminal; nothing elsewhere."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[zone]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{name}: window", total=None, zone="")

        def report(done: int, total: int, zone: str) -> None:
            bar.update(task, completed=done, total=total, zone=zone)

        yield report
