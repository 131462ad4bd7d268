"""Which cells of a table add to which: rows of parts to their total, columns of parts to theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gep.core.messages import Text
from gep.report.tables.model import EMPTY, Column, ReportTable, Row
from gep.report.tables.shares import parts_of

At = tuple[int, int]
"""A cell of a table by the places of its row and its column."""


@dataclass(frozen=True)
class Sum:
    """A total and the cells that add to it; `of` is the row and `by` the column that it stands in."""

    of: Text
    by: Text
    total: At
    parts: tuple[At, ...]


def sums_of(table: ReportTable) -> tuple[Sum, ...]:
    """The sums of a table; those only whose total and parts are numbers."""
    found = [*_of_rows(table), *_of_columns(table)]
    return tuple(sum_ for sum_ in found if _number(table, sum_.total) is not None and sum_.parts)


def _number(table: ReportTable, at: At) -> float | None:
    row, column = at
    return table.cell(table.rows[row], table.columns[column]).shown


def _sum(table: ReportTable, total: At, parts: Sequence[At]) -> Sum:
    row, column = table.rows[total[0]], table.columns[total[1]]
    return Sum(_label(table, row), _heading(column), total, tuple(at for at in parts if _number(table, at) is not None))


def _label(table: ReportTable, row: Row) -> Text:
    """What names a row: the last of its labels that says something; a unit names none."""
    labels = [column for column in table.columns[: table.labels] if column.id != "unit"]
    texts = [row.cells[column.id].text for column in labels if column.id in row.cells]
    said = [text for text in texts if text]
    return said[-1] if said else EMPTY


def _heading(column: Column) -> Text:
    return Text(
        " ".join(filter(None, (str(column.group), str(column.heading)))), "".join((column.group.zh, column.heading.zh))
    )


# rows that add --------------------------------------------------------------------------------------------------------


_NO_SUMS = ("share", "rank", "density", "quantity", "price")
"""Columns whose rows do not add: shares may be adjusted, others have no sum."""


def _of_rows(table: ReportTable) -> Iterator[Sum]:
    columns = [at for at, column in enumerate(table.columns) if not column.is_text and column.id not in _NO_SUMS]
    if table.id in ("T01", "T03"):
        for at, row in enumerate(table.rows):
            if row.kind in ("total", "category", "item"):
                parts = list(parts_of(table.rows, at))
                yield from (_sum(table, (at, column), [(part, column) for part in parts]) for column in columns)
    if table.id in ("T04", "T05", "T06"):
        *counties, city = range(len(table.rows))
        yield from (_sum(table, (city, column), [(county, column) for county in counties]) for column in columns)


# columns that add -----------------------------------------------------------------------------------------------------


def _of_columns(table: ReportTable) -> Iterator[Sum]:
    place = {column.id: at for at, column in enumerate(table.columns)}
    for total, parts in _wholes(table):
        for row, of in enumerate(table.rows):
            if of.kind != "share":
                yield _sum(table, (row, place[total]), [(row, place[part]) for part in parts])


def _wholes(table: ReportTable) -> Iterator[tuple[str, list[str]]]:
    """Columns of totals with those of their parts."""
    ids = [column.id for column in table.columns]
    if table.id in ("T02", "T03"):
        yield "total", [column.id for column in table.columns if column.group]
    if table.id == "T10":
        yield "total", [column.id for column in table.columns if not column.is_text and column.id != "total"]
    if table.id == "T04":
        groups: dict[str, list[str]] = {}
        for column in table.columns:
            if column.group:
                groups.setdefault(column.group, []).append(column.id)
        for subtotal, *services in groups.values():
            yield subtotal, services
        yield "total", [subtotal for subtotal, *_ in groups.values()]
    if table.id == "T05":
        for measure in ("area", "value"):
            if measure in ids:
                yield measure, [id_ for id_ in ids if id_.endswith(f"_{measure}")]
