"""How the numbers of an audit ended: read, no figures, unread; how many take part in a check, and which do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gep.audit.cells import Read
from gep.audit.figures import MEASURES
from gep.audit.findings import Check
from gep.audit.grids.grid import Grid
from gep.core.messages import Text, say


@dataclass(frozen=True)
class Tally:
    """How the numbers of the files ended: read as figures, no figures (headings, years), unread; and how many of the
    figures take part in a check.
    """

    read: int = 0
    checked: int = 0
    no_figures: int = 0
    unread: int = 0


@dataclass(frozen=True)
class Unchecked:
    """Figures that take part in no check. `kind`: all of a `table`, a `column`, a `row`, or single `cells`."""

    table: str
    kind: str
    name: str
    cells: tuple[str, ...]

    def said(self) -> Text:
        """What they are, in a few words."""
        return say(f"audit.unchecked.{self.kind}", table=self.table, name=self.name, count=len(self.cells))

    def as_dict(self) -> dict[str, object]:
        """It as a JSON object."""
        return {"table": self.table, "kind": self.kind, "name": self.name, "cells": list(self.cells)}


@dataclass(frozen=True)
class _Figure:
    """Where a figure stands: its table, its row and its column, with their names."""

    table: str
    row: tuple[int, str]
    column: tuple[int, str]
    place: str


def tally_of(read: Read, grids: Sequence[Grid], checks: Sequence[Check]) -> tuple[Tally, tuple[Unchecked, ...]]:
    """The counts, and what takes part in no check."""
    used = {place for check in checks for place in check.cells}
    figures = list({figure.place: figure for figure in (*_of_rows(read), *_of_grids(grids))}.values())
    tally = Tally(
        read=len(figures),
        checked=sum(figure.place in used for figure in figures),
        no_figures=sum(grid.no_figures for grid in grids),
        unread=len(read.unreadable),
    )
    tables = _grouped(figures, lambda figure: figure.table)
    return tally, tuple(found for group in tables for found in _unchecked(group, used))


def _of_rows(read: Read) -> Iterator[_Figure]:
    for row in read.rows:
        for number, measure in enumerate(MEASURES):
            if figure := row.figure(measure):
                column = number, say(f"audit.measure.{measure}")
                yield _Figure(row.table, (row.position, row.label()), column, figure.place)


def _of_grids(grids: Sequence[Grid]) -> Iterator[_Figure]:
    for grid in grids:
        for row, column, figure in grid.cells_read():
            lines = grid.rows[row], grid.columns[column]
            yield _Figure(grid.table, (row, lines[0].label), (column, lines[1].label), figure.place)


def _grouped(figures: Iterable[_Figure], key: Callable[[_Figure], Hashable]) -> list[list[_Figure]]:
    groups: dict[Hashable, list[_Figure]] = defaultdict(list)
    for figure in figures:
        groups[key(figure)].append(figure)
    return list(groups.values())


def _unchecked(figures: Sequence[_Figure], used: set[str]) -> Iterator[Unchecked]:
    """What of a table takes part in no check: whole columns first, then whole rows, then what is left."""
    left = [figure for figure in figures if figure.place not in used]
    if len(left) == len(figures):
        yield _named("table", left, left[0].table)
        return
    keys: dict[str, Callable[[_Figure], tuple[int, str]]] = {"column": lambda f: f.column, "row": lambda f: f.row}
    for kind, key in keys.items():
        whole = [group for group in _grouped(figures, key) if all(figure.place not in used for figure in group)]
        for group in whole:
            if mine := [figure for figure in group if figure in left]:
                yield _named(kind, mine, key(mine[0])[1])
        taken = {figure.place for group in whole for figure in group}
        left = [figure for figure in left if figure.place not in taken]
    if left:
        yield _named("cells", left, left[0].place)


def _named(kind: str, figures: Sequence[_Figure], name: str) -> Unchecked:
    return Unchecked(figures[0].table, kind, name, tuple(figure.place for figure in figures))
