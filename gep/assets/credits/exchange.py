"""A ledger as tables and back: a folder of CSV files or a workbook, from which the same balances are made again."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gep.assets.credits.ledger import Ledger, Posted
from gep.assets.credits.tables import CORRECT, ENTRIES, LOTS, PROJECTS, Entry
from gep.assets.tables import Column
from gep.core.errors import InputError, problem
from gep.core.folders import atomic_file, files_into
from gep.core.messages import say
from gep.inputs.workbooks import headings_of_sheets, is_workbook

TABLES: dict[str, Sequence[Column]] = {"projects": PROJECTS, "lots": LOTS, "entries": ENTRIES}
"""The tables of an export, in the order in which they are taken back."""

Cells = Sequence[Any]


def export_ledger(ledger: Ledger, target: Path) -> list[Path]:
    """Write all that a ledger holds, to a folder of CSV files or to one workbook (`.xlsx`); the files."""
    tables = {
        name: (_headings(columns), rows) for name, columns in TABLES.items() if (rows := list(_rows(ledger, name)))
    }
    if is_workbook(target):
        with atomic_file(target) as place:
            _write_book(tables, place)
        return [target]
    target.mkdir(parents=True, exist_ok=True)
    with files_into(target) as place:
        for name, (headings, rows) in tables.items():
            with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(headings)
                writer.writerows(rows)
    return [target / f"{name}.csv" for name in tables]


def import_ledger(source: Path, path: Path) -> Posted:
    """Begin a ledger with what another one exported. Raises InputError where there is a ledger already."""
    if path.exists():
        raise InputError(say("credits.unusable", file=path.name), [problem("credits.K29.there_already", path.name)])
    if is_workbook(source):
        there = set(headings_of_sheets(source)) if source.is_file() else set()
        given = {name: source for name in TABLES if name in there}
    else:
        given = {name: file for name in TABLES if (file := source / f"{name}.csv").is_file()}
    if not given:
        raise InputError(say("credits.unusable", file=source.name), [problem("credits.K29.no_export", source.name)])
    try:
        with Ledger(path, may_write=True) as ledger:
            return ledger.post(**given)
    except InputError:
        path.unlink(missing_ok=True)  # it was begun here, and holds nothing
        raise


def _headings(columns: Sequence[Column]) -> list[str]:
    return [f"{column.id} [{column.unit}]" if column.kind == "number" else column.id for column in columns]


def _rows(ledger: Ledger, table: str) -> Iterator[Cells]:
    if table == "projects":
        yield from ledger.projects()
    elif table == "lots":
        yield from ledger.lots().values()
    else:
        for entry in sorted(ledger.entries(), key=lambda each: each.entry):
            yield _entry_row(entry)


def _entry_row(entry: Entry) -> Cells:
    is_correction = entry.kind == CORRECT
    holder = entry.from_holder or entry.to_holder
    return (
        entry.entry,
        entry.date,
        entry.kind,
        entry.lot,
        "" if is_correction else holder,
        entry.to_holder if entry.kind == "transfer" else "",
        entry.quantity,
        entry.value,
        entry.party,
        entry.purpose,
        entry.register,
        entry.reference,
        entry.corrects,
        entry.note,
    )


def _write_book(tables: dict[str, tuple[list[str], list[Cells]]], path: Path) -> None:
    from xlsxwriter.workbook import Workbook

    with Workbook(str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, (headings, rows) in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for at, cells in enumerate((headings, *rows)):
                for column, cell in enumerate(cells):
                    if isinstance(cell, int):
                        sheet.write_number(at, column, cell)
                    elif cell is not None:  # a text keeps the last digit of a value, where a number keeps 16
                        sheet.write_string(at, column, str(cell))
