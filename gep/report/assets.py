"""Accounts beside GEP as they are printed and written: tables, files, a figure taken apart."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from gep.assets.account import ENDS, AssetAccount, AssetTable, Line, Measure, ends_of, file_name
from gep.assets.figures import Figure, origin_of
from gep.core.json_text import write_with_chinese
from gep.core.messages import Text, joined, say
from gep.core.unit_names import unit_name, unit_said
from gep.report.console import rows_table, show_problems
from gep.report.tables.model import number_text, text_of

if TYPE_CHECKING:
    from gep.assets.uncertainty import AssetUncertainty
    from gep.report.tables.assets import SureRecord


def show_accounts(accounts: Sequence[AssetAccount], out: Console, language: str) -> None:
    """Print accounts: their tables, what is said of them, and what they are never added to."""
    for account in accounts:
        year = f" {account.year}" if account.year else ""
        out.print(f"[bold]{escape(account.title.to(language))}[/bold] {escape(account.name.to(language))}{year}")
        for table in account.tables:
            _show_table(table, out, language)
        rows = account.parameters()
        if account.provisional:
            text = say("assets.provisional", count=len(account.provisional), all=len(rows))
            out.print(f"[dim]{escape(text.to(language))}[/dim]", soft_wrap=True)
        if account.sureness is not None:
            _show_sureness(account.sureness, out, language)
        out.print(f"[dim]{escape(account.never_added.to(language))}[/dim]\n", soft_wrap=True)
        show_problems(account.problems, out, language=language)


_IN_SHORT = 3
"""Figures of an account that are said in a line."""


def show_in_short(accounts: Sequence[AssetAccount], out: Console, language: str) -> None:
    """Print a line for each account: the first figures of the whole, of the first table that has a row for that."""
    out.print(f"\n[bold]{escape(say('beside.title').to(language))}[/bold]")
    for account in accounts:
        of_whole = [
            (table, at, line)
            for table in account.tables
            for at, line in reversed([*enumerate(table.lines)])
            if line.kind == "total"
        ]
        first = account.tables[0]
        table, at, line = next(iter(of_whole), (first, len(first.lines) - 1, first.lines[-1]))
        figures = [
            f"{_heading(measure, language)} {_shown(table, at, line, measure, language)}"
            for measure in table.measures
            if line.figures.get(measure.id) is not None
        ]
        said = say("beside.account", title=account.title, about=joined(list(line.labels.values()), " · "))
        figures = figures[:_IN_SHORT]
        colon, between = ("：", "；") if language == "zh" else (": ", "; ")
        out.print(f"  {escape(said.to(language))}{colon}{escape(between.join(figures))}", soft_wrap=True)


def _show_sureness(found: AssetUncertainty, out: Console, language: str) -> None:
    """Print how intervals were made, what drives figures of the whole, and what is not known."""
    from gep.report.tables.assets import sure_said, sure_tables

    record = cast("SureRecord", found.document())
    for text in sure_said(record):
        out.print(text.to(language), markup=False, soft_wrap=True)
    for table in sure_tables(record):
        out.print(f"[bold]{escape(table.name.to(language))}[/bold]", soft_wrap=True)
        headings = [column.title(language) for column in table.columns]
        rows = [[text_of(table.cell(row, column), language) for column in table.columns] for row in table.rows]
        right = [name for name, column in zip(headings, table.columns, strict=True) if not column.is_text]
        out.print(rows_table(headings, rows, right=right))


def _show_table(table: AssetTable, out: Console, language: str) -> None:
    out.print(escape(table.title.to(language)))
    headings = [heading.to(language) for _, heading in table.labels]
    numbers = [_heading(measure, language) for measure in table.measures]
    rows = [
        (
            *(line.labels[id_].to(language) if id_ in line.labels else "" for id_, _ in table.labels),
            *(_shown(table, at, line, measure, language) for measure in table.measures),
        )
        for at, line in enumerate(table.lines)
    ]
    out.print(rows_table([*headings, *numbers], rows, right=numbers))
    for note in table.notes:
        out.print(f"[dim]{escape(note.to(language))}[/dim]", soft_wrap=True)
    out.print()


def _heading(measure: Measure, language: str) -> str:
    unit = unit_said(measure.unit).to(language)
    heading = measure.heading.to(language)
    return say("tables.heading_with_unit", heading=heading, unit=unit).to(language) if unit else heading


def _between(table: AssetTable, at: int, measure: Measure, language: str) -> str:
    """The interval of a figure behind it; nothing where it has none."""
    found = table.intervals.get((at, measure.id))
    if found is None:
        return ""
    lower, upper = (number_text(end, measure.decimals, language) for end in found)
    return say("assets.sure.between", lower=lower, upper=upper).to(language)


def _shown(table: AssetTable, at: int, line: Line, measure: Measure, language: str) -> str:
    value = table.shown(line, measure)
    if value is not None:
        return number_text(value, measure.decimals, language) + _between(table, at, measure, language)
    return line.words[measure.id].to(language) if measure.id in line.words else "—"


def show_figure(account: AssetAccount, table: str, line: str, measure: str, out: Console, language: str) -> None:
    """Print a figure down to its rows and clauses."""
    of = account.table(table)
    heading = next((m.heading for m in of.measures if m.id == measure), Text(measure, measure))
    labels = of.line(line).labels.values()
    name = " · ".join(text.to(language) for text in labels)
    title = say("assets.explained.heading", measure=heading, line=name).to(language)
    tree = Tree(f"[bold]{escape(title)}[/bold]")
    _branch(tree, "", of.figure(line, measure), language)
    out.print(tree)


def _branch(tree: Tree, name: str, figure: Figure, language: str) -> None:
    from gep.report.names import called  # knows all services, which is long to load

    word = called(name)
    label = f"{word.to(language)} = " if word is not None else f"{name} = " if name else ""
    unit = unit_name(figure.unit, language) if figure.unit != "1" else ""
    text = f"{label}{figure.value:.10g} {unit}".rstrip()
    branch = tree.add(f"{escape(text)}  [dim]{escape(origin_of(figure).to(language))}[/dim]")
    for part_name, part in figure.parts:
        _branch(branch, part_name, part, language)


def write_accounts(accounts: Iterable[AssetAccount], folder: Path) -> list[Path]:
    """Write each account as JSON and its tables as CSV, in the units of their headings; the files, in order."""
    written: list[Path] = []
    for account in accounts:
        stem = file_name(account)
        path = folder / f"{stem}.json"
        write_with_chinese(account.document(), path)
        written.append(path)
        for table in account.tables:
            path = folder / f"{stem}_{table.id}.csv"
            _write_table(table, path)
            written.append(path)
    return written


def _write_table(table: AssetTable, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        sure = {measure.id: table.has_intervals(measure) for measure in table.measures}
        headings = [id_ for id_, _ in table.labels]
        for measure in table.measures:
            names = (measure.id, *(ends_of(measure) if sure[measure.id] else ()))
            headings += [f"{name} [{measure.unit}]" for name in names]
        writer.writerow(headings)
        for at, line in enumerate(table.lines):
            cells: list[str] = [line.labels.get(id_, "") for id_, _ in table.labels]
            for measure in table.measures:
                number = table.shown(line, measure)
                cells.append(str(line.words.get(measure.id, "")) if number is None else repr(number))
                if sure[measure.id]:
                    ends = table.intervals.get((at, measure.id))
                    cells += [repr(end) for end in ends] if ends else [""] * len(ENDS)
            writer.writerow(cells)
