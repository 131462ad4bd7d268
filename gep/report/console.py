"""What the command line shows: compact tables and messages, in Chinese or English."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from gep.core.errors import SEVERITIES, Problem, count_problems
from gep.core.messages import in_language, listed, say, visible

_COLOURS = {"error": "red", "warning": "yellow", "information": "cyan"}


def word(key: str, language: str, **values: Any) -> str:
    """A word or a sentence of the tables in a language."""
    return say(f"report.{key}", **values).to(language)


class _Console(Console):
    """A console that stops in silence where nobody reads on, as behind `| head`, and that shows the control letters in
    texts of others instead of sending them to the terminal.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        raise SystemExit(0)


def console(*, on_error: bool = False, quiet: bool = False) -> Console:
    """A console that honours NO_COLOR and does not wrap tables that go to a file."""
    made = _Console(stderr=on_error, quiet=quiet, highlight=False, emoji=False)
    if not made.is_terminal:
        made = _Console(stderr=on_error, quiet=quiet, highlight=False, emoji=False, width=160)
    return made


def number_of_bytes(size: int) -> str:
    """The size of a file as people read it."""
    from rich.filesize import decimal

    return decimal(size)


def show_problems(
    problems: Sequence[Problem],
    out: Console,
    *,
    least: str = "information",
    hidden: Collection[str] = (),
    remark: str = "",
    language: str = "en",
) -> None:
    """Problems with what to do about each, errors first; what is the same for several subjects, once. Then how many
    there are.
    """
    shown = [p for p in problems if SEVERITIES.index(p.severity) <= SEVERITIES.index(least) and p.code not in hidden]
    subjects: dict[Problem, list[str]] = {}
    for problem in shown:
        subjects.setdefault(replace(problem, subject="", share=None), []).append(problem.subject)
    for problem, names in subjects.items():
        colour = _COLOURS[problem.severity]
        severity = word(f"severity.{problem.severity}", language)
        what = escape(listed(dict.fromkeys(names)).to(language))
        out.print(
            f"[{colour}]{problem.code} {severity}[/{colour}] [bold]{what}[/bold]{escape(_details(problem, language))}",
            soft_wrap=True,
        )
    counted = word("counted", language, **count_problems(problems)) if problems else word("no_problems", language)
    out.print(
        word("counted_with", language, counted=counted, remark=remark) if remark and problems else counted, markup=False
    )


def _details(problem: Problem, language: str) -> str:
    """Everything about a problem after its subject, as sentences."""

    def part(name: str) -> str:
        text = in_language(getattr(problem, name), language)
        text = text.rstrip(".。") if name in ("found", "allowed") else text
        return say(f"core.problem.{name}", text=text).to(language) if text else ""

    parts = {name: part(name) for name in ("place", "found", "allowed", "do")}
    message = in_language(problem.message, language)
    message = re.sub(r"([.?!])\.+(?=\s|$)", r"\1", message)  # a sentence put into another keeps its own full stop
    return word("details", language, message=message, **parts)


def rows_table(columns: Iterable[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()) -> Table:
    """A plain table of texts."""
    table = Table(show_edge=False, pad_edge=False)
    right = set(right)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    return table
