"""Shares that add to their total as they are shown: the method of the largest remainder.

Chinese tables leave rounded figures as they are and say so. Who wants shares that add asks for it, and the table says
that it was done. Only what is printed differs: a cell keeps the number that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from gep.core.messages import say
from gep.report.tables.model import Cell, ReportTable, Row, rounded


def largest_remainder(parts: Sequence[float], whole: Decimal, decimals: int) -> list[Decimal]:
    """The parts rounded to so many decimals such that they add to `whole`: all are rounded down, and those of the
    largest remainders get the last digits that are left, the first of equal ones before the others.

        19.566, 39.917, 40.517 to 100.0 with one decimal: 19.5 + 39.9 + 40.5 = 99.9; the largest remainder, 0.066, gets
        the last 0.1, so 19.6, 39.9, 40.5
    """
    step = Decimal(1).scaleb(-decimals)
    exact = [Decimal(repr(part)) for part in parts]
    down = [part.quantize(step, ROUND_FLOOR) for part in exact]
    left = int((whole - sum(down, Decimal(0))) / step)
    order = sorted(range(len(parts)), key=lambda at: down[at] - exact[at])
    for at in order[: max(left, 0)]:
        down[at] += step
    return down


def adjusted(table: ReportTable) -> ReportTable:
    """A table whose shares add as they are shown: those of categories to the whole, those of services to their
    category, those of components to their service, and those of a row to its total.
    """
    rows = list(table.rows)
    _down(table, rows)
    for at, row in enumerate(rows):
        if row.kind == "share":
            names = [column.id for column in table.columns if column.id != "total" and row[column.id].shown is not None]
            rows[at] = _with(row, names, [row[name] for name in names], row["total"])
    if rows == list(table.rows):
        return table
    note = say("tables.note.rounding_adjusted")
    return replace(table, rows=tuple(rows), notes=tuple(dict.fromkeys((*table.notes, note))))


def with_decimals(table: ReportTable, column: str, decimals: int) -> ReportTable:
    """A table of which a column has another number of decimals."""
    cells = ({**row.cells, column: replace(row[column], decimals=decimals, printed=None)} for row in table.rows)
    return replace(table, rows=tuple(replace(row, cells=of) for row, of in zip(table.rows, cells, strict=True)))


_BELOW = {"total": "category", "category": "item", "item": "component"}
"""Of which kind the parts of a row are that stand in the rows below it, or above it for the total."""


def _down(table: ReportTable, rows: list[Row]) -> None:
    """Adjust a column of shares from the total down: the rows of a kind that belong to one of the kind above."""
    if not any(column.id == "share" for column in table.columns):
        return
    total = next((row for row in rows if row.kind == "total"), None)
    if total is None:
        return
    _adjust(rows, [at for at, row in enumerate(rows) if row.kind == "category"], total)
    for kind in ("category", "item"):
        for at, row in enumerate(rows):
            if row.kind == kind:
                _adjust(rows, list(parts_of(rows, at)), row)


def parts_of(rows: Sequence[Row], at: int) -> Iterable[int]:
    """Where the parts of a row stand: the rows of the next lower kind that follow it, up to one of its own kind or a
    higher one; of a total all categories.
    """
    wanted, kind = _BELOW.get(rows[at].kind), rows[at].kind
    if kind == "total":
        yield from (number for number, row in enumerate(rows[:at]) if row.kind == wanted)
        return
    for number in range(at + 1, len(rows)):
        if rows[number].kind == wanted:
            yield number
        elif rows[number].kind != "component":
            return


def _adjust(rows: list[Row], places: Sequence[int], whole: Row) -> None:
    found = [at for at in places if rows[at]["share"].shown is not None]
    if not found:
        return
    shares = _spread([rows[at]["share"] for at in found], whole["share"])
    for at, cell in zip(found, shares, strict=True):
        rows[at] = replace(rows[at], cells={**rows[at].cells, "share": cell})


def _with(row: Row, names: Sequence[str], cells: Sequence[Cell], whole: Cell) -> Row:
    return replace(row, cells={**row.cells, **dict(zip(names, _spread(cells, whole), strict=True))})


def _spread(cells: Sequence[Cell], whole: Cell) -> list[Cell]:
    """Cells whose printed numbers add to that of the whole; as they are where they are not all of it."""
    if whole.shown is None or whole.decimals is None:
        return list(cells)
    parts = [cell.shown or 0.0 for cell in cells]
    target = rounded(whole.shown, whole.decimals) if whole.printed is None else whole.printed
    if abs(Decimal(repr(sum(parts))) - target) > Decimal(1).scaleb(-whole.decimals):
        return list(cells)
    shown = largest_remainder(parts, target, whole.decimals)
    return [
        replace(cell, printed=share) if share else cell  # one too small to show stays one
        for cell, share in zip(cells, shown, strict=True)
    ]
