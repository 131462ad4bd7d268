"""A picture: its title, its notes, and the files that it is saved in, which are the same for the same account."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gep.account.fonts import drawable
from gep.core.letters import lines
from gep.core.messages import Text, in_language, no_formula, visible
from gep.report.tables.model import EMPTY, Column, ReportTable, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EDGE, INK, FAINT = "#37474f", "#1f2a30", "#8a979e"
WIDTH = 7.5
"""Inches: hardly more than a page of A4 has, so that words stay readable where a document shows the picture."""
DPI = 192


@dataclass(frozen=True)
class Picture:
    """A chart or map of the report: its stable id (`C1`, `M4_soil_retention`), its title, the notes below it, its
    numbers.
    """

    id: str
    title: Text
    notes: tuple[Text, ...]
    table: ReportTable


@dataclass(frozen=True)
class LeftOut:
    """A picture that is not drawn, and why."""

    id: str
    title: Text
    reason: Text


MOST_LINES = (3, 24)
"""Lines of a title and of notes that are drawn: names of any length may stand in them. The tables have them whole."""

LEAST_HEIGHT = 2.4
"""Inches that are left for the picture itself."""


def _cut(found: list[str], most: int) -> list[str]:
    return found if len(found) <= most else [*found[: most - 1], f"{found[most - 1]} …"]


def new_figure(picture: Picture, language: str, height: float) -> tuple[Figure, float, float]:
    """A figure with title and notes on it, and the part of its height between them (bottom, top)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    FigureCanvasAgg(figure)
    title = [drawable(line) for line in lines(in_language(picture.title, language), 82)]
    notes = [drawable(line) for note in picture.notes for line in lines(in_language(note, language), 144) if line]
    title, notes = _cut(title, MOST_LINES[0]), _cut(notes, MOST_LINES[1])
    height = max(height, LEAST_HEIGHT + 0.42 + 0.165 * len(notes) + 0.24 * len(title))
    for number, line in enumerate(title):
        figure.text(0.02, 1 - (0.12 + 0.24 * number) / height, line, fontsize=12, color=INK, va="top")
    for number, line in enumerate(reversed(notes)):
        figure.text(0.02, (0.09 + 0.165 * number) / height, line, fontsize=7, color="#5c6a71", va="bottom")
    return figure, (0.2 + 0.165 * len(notes)) / height, 1 - (0.22 + 0.24 * len(title)) / height


def save(figure: Figure, picture: Picture, language: str, year: int, stem: Path) -> list[Path]:
    """The picture as PNG, SVG and PDF. They hold no clock: only the last day of the accounting year."""
    title = visible(in_language(picture.title, language))
    day = datetime(min(max(year, 1), 9999), 12, 31, tzinfo=UTC)
    metadata: dict[str, dict[str, object]] = {
        "png": {"Title": title, "Software": None},
        "svg": {"Title": title, "Date": None, "Creator": None},
        "pdf": {"Title": title, "CreationDate": day, "Creator": None, "Producer": None},
    }
    paths = []
    for ending, about in metadata.items():
        path = stem.with_name(f"{stem.name}.{ending}")
        figure.savefig(path, metadata=about)
        paths.append(path)
    return paths


def write_table(table: ReportTable, path: Path) -> Path:
    """The numbers of a table as CSV: unrounded, in the units of its headings, which follow the names of the columns."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([name for name, _ in headings(table)])
        writer.writerows(values_of(table))
    return path


def headings(table: ReportTable) -> list[tuple[str, Text]]:
    """The columns of the CSV of a table, with their titles: those of words once in each language."""
    found: list[tuple[str, Text]] = [("key", Text("key", "key"))]
    for column in table.columns:
        title = Text(column.title("en"), column.title("zh"))
        if column.is_text:
            found += [(f"{column.id}_zh", title), (f"{column.id}_en", title)]
        else:
            found.append((column.id, title))
    return found


def values_of(table: ReportTable) -> list[list[str]]:
    """The rows of the CSV of a table; empty where there is no number."""
    return [
        [plain(row.key), *(text for column in table.columns for text in _texts(table, row, column))]
        for row in table.rows
    ]


def _texts(table: ReportTable, row: Row, column: Column) -> Sequence[str]:
    cell = table.cell(row, column)
    if column.is_text:
        return [plain(in_language(cell.text or EMPTY, language)) for language in ("zh", "en")]
    return ["" if cell.shown is None else repr(cell.shown)]


def plain(text: str) -> str:
    """A text of others in a cell: on one line, and no formula for a spreadsheet."""
    return no_formula(" ".join(text.split()))
