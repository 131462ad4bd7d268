"""What two runs differ in, as it is printed: settings and inputs, then every figure that changed and what its change
comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.core.catalog import label, named
from gep.core.messages import Text, in_language, joined, say
from gep.core.unit_names import readable_scale
from gep.core.units import linear
from gep.report.console import rows_table
from gep.report.tables.model import number_text
from gep.study.causes import AREA, ECOSYSTEM, OF_CODE, QUANTITY, SERVICE, TOTAL, ZONE, Attribution, Unit
from gep.study.change import Change, Difference, FigureChange

_DASH = "—"
_MOST_CHANGES = 30
_HASH = 12
"""Digits of a hash that are shown: enough to tell two apart."""


def _word(key: str, language: str, **values: Any) -> str:
    return say(f"difference.{key}", **values).to(language)


def show_difference(found: Difference, zone_names: Mapping[str, str], out: Console, language: str) -> None:
    """Print what two runs differ in."""
    for letter, run in zip("AB", found.runs, strict=True):
        name = run["name_zh"] if language == "zh" and run["name_zh"] else run["name"]
        said = _word("run", language, **{**run, "name": name})
        out.print(
            f"[bold]{letter}[/bold]  {escape(run['folder'])}  [dim]{run['run_id']}[/dim]  {escape(said)}",
            soft_wrap=True,
        )
    out.print()
    if found.attribution is None:
        out.print(
            f"[bold]{_word('same', language, digest=found.runs[0]['digest'][:_HASH])}[/bold]",
            soft_wrap=True,
        )
        if not any(found.differences.values()):
            out.print(_word("same_run", language))
            return
    _show_differences(found.differences, out, language)
    if found.attribution is None:
        return
    _show_figures(found.figures, found.attribution, zone_names, out, language)
    out.print()
    _show_attribution(found.attribution, out, language)


def _show_differences(differences: Mapping[str, Sequence[Change]], out: Console, language: str) -> None:
    rows: list[tuple[str, ...]] = []
    for kind, changes in differences.items():
        shown = changes[:_MOST_CHANGES]
        rows += [
            (
                _word(f"differs_in.{kind}", language) if first else "",
                _name(change, kind, language),
                *(_said(side, kind, language) for side in (change["a"], change["b"])),
            )
            for first, change in zip([True] + [False] * len(shown), shown, strict=False)
        ]
        if len(changes) > len(shown):
            rows.append(("", _word("more", language, count=len(changes) - len(shown)), "", ""))
    out.print(f"[bold]{_word('differs' if rows else 'nothing', language)}[/bold]")
    if rows:
        out.print(rows_table((_word("kind", language), _word("what", language), "A", "B"), rows))


def _name(change: Change, kind: str, language: str) -> str:
    if kind == "missing":
        return label(change["name"], language)
    if not change["field"]:
        return change["name"]
    return say("core.titled", title=change["name"], text=change["field"]).to(language)


def _said(value: object, kind: str = "", language: str = "en") -> str:
    """A setting in few letters: of a hash only what tells it from others."""
    if kind == "missing" and value:
        return _word(f"reason.{value}", language)
    if value is None or value == "" or value == [] or value == {}:
        return _DASH
    if isinstance(value, str):
        value = in_language(value, language)
        is_hash = len(value) == 64 and not set(value) - set("0123456789abcdef")
        return f"{value[:_HASH]}…" if is_hash else value
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(part)}" for key, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


# figures --------------------------------------------------------------------------------------------------------------


def _show_figures(
    figures: Sequence[FigureChange],
    attribution: Attribution,
    zone_names: Mapping[str, str],
    out: Console,
    language: str,
) -> None:
    parts = _shown_parts(figures, attribution)
    for table in (SERVICE, ECOSYSTEM, ZONE):
        rows = [row for row in figures if row.figure.table == table]
        total = [row for row in figures if row.figure.table == TOTAL]
        if rows:
            out.print()
            out.print(_money_table(table, rows, total, parts, zone_names, language))
    if any(row.split for row in figures):
        out.print(f"[dim]{_word('split', language)}[/dim]", soft_wrap=True)
    for table in (QUANTITY, AREA):
        rows = [row for row in figures if row.figure.table == table]
        if any(row.is_changed for row in rows):
            out.print()
            out.print(_quantity_table(table, rows, parts, language))


def _shown_parts(figures: Sequence[FigureChange], attribution: Attribution) -> list[Unit]:
    """The parts that the changes are split into; not the code, where nothing comes from it."""
    is_of_code = any(row.parts.get(OF_CODE) for row in figures)
    return [part for part in attribution.units if part != OF_CODE or is_of_code]


def _columns(
    first: str, parts: Sequence[Unit], language: str, *, has_unit: bool = False, has_split: bool = False
) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(first, overflow="fold")
    if has_unit:
        table.add_column(_word("unit", language), overflow="fold")
    words = [_word(name, language) for name in ("volume", "price_level")] if has_split else []
    for column in ("A", "B", _word("change", language), "%", *words, *(part_name(part, language) for part in parts)):
        table.add_column(column, justify="right", overflow="fold")
    return table


def part_name(part: Unit, language: str) -> str:
    """A part of a study in words; of several that are told together, all of them."""
    return "+".join(say(f"study.change.part.{name}").to(language) for name in part)


def _money_table(
    kind: str,
    rows: Sequence[FigureChange],
    total: Sequence[FigureChange],
    parts: Sequence[Unit],
    zone_names: Mapping[str, str],
    language: str,
) -> Table:
    scale = linear("万元" if language == "zh" else "1e6*CNY", "CNY")[0]
    changed = [row for row in rows if row.is_changed]
    has_split = any(row.split for row in (*changed, *total))
    what = _word("money", language, what=_word(f"table.{kind}", language))
    table = _columns(what, parts, language, has_split=has_split)
    for row in changed:
        name = zone_names.get(row.figure.of, "") if kind == ZONE else ""
        cells = _cells(row, parts, scale, language, has_split=has_split)
        table.add_row(escape(name or label(row.figure.of, language)), *cells)
    if len(rows) > len(changed):
        table.add_row(f"[dim]{_word('unchanged', language, count=len(rows) - len(changed))}[/dim]")
    if total:
        table.add_section()
        cells = _cells(total[0], parts, scale, language, has_split=has_split)
        table.add_row(f"[bold]{_word('total', language)}[/bold]", *cells)
    return table


def _quantity_table(kind: str, rows: Sequence[FigureChange], parts: Sequence[Unit], language: str) -> Table:
    table = _columns(_word(f"table.{kind}", language), parts, language, has_unit=True)
    changed = [row for row in rows if row.is_changed]
    names = [row.figure.of for row in rows]
    for row in changed:
        name = label(row.figure.of, language)
        if row.figure.part and names.count(row.figure.of) > 1:
            name = say("core.titled", title=name, text=named(row.figure.part)).to(language)
        scale, unit = readable_scale(max(abs(row.a or 0.0), abs(row.b or 0.0)), row.figure.unit, language)
        table.add_row(escape(name), escape(unit), *_cells(row, parts, scale, language))
    if len(rows) > len(changed):
        table.add_row(f"[dim]{_word('unchanged', language, count=len(rows) - len(changed))}[/dim]")
    return table


def _cells(
    row: FigureChange, parts: Iterable[Unit], scale: float, language: str, *, has_split: bool = False
) -> list[str]:
    amounts = [_DASH if amount is None else number_text(amount / scale, 2, language) for amount in (row.a, row.b)]
    percent = _signed(row.percent, 1.0, language) if row.is_changed else "0"
    told = [_signed(part, scale, language) for part in (row.split or (None, None))] if has_split else []
    of_parts = [_signed(row.parts.get(part), scale, language) for part in parts]
    return [*amounts, _signed(row.change, scale, language), percent, *told, *of_parts]


def _signed(value: float | None, scale: float, language: str) -> str:
    """A change with its sign; … for one that is there and too small to be shown."""
    if value is None:
        return _DASH
    if not value:
        return "0"
    if abs(value / scale) < 0.005:
        return "…"
    return ("+" if value > 0 else "") + number_text(value / scale, 2, language)


def _show_attribution(found: Attribution, out: Console, language: str) -> None:
    named = [part for part in found.units if part != OF_CODE or found.how == "single"]
    parts = [Text(part_name(part, "en"), part_name(part, "zh")) for part in named]
    key = "sequential" if found.order == "sequential" else found.how
    notes = joined([Text("", ""), *found.notes] if len(found.notes) > 1 else found.notes, "\n  ")
    out.print(escape(_word(key, language, count=found.recomputed, parts=parts, notes=notes)), soft_wrap=True)
    if found.how == "recomputed":
        for note in found.notes:
            out.print(f"[yellow]{escape(in_language(note, language))}[/yellow]", soft_wrap=True)
