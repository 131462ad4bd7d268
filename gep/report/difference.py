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
from gep.study.change import Change, Changed, Difference

_DASH = "—"
_MOST_CHANGES = 30
_HASH = 12
"""Digits of a hash that are shown: enough to tell two apart."""


def _word(key: str, language: str, **values: Any) -> str:
    return say(f"difference.{key}", **values).to(language)


def show_difference(document: Difference, zone_names: Mapping[str, str], out: Console, language: str) -> None:
    """Print the document of `gep diff`."""
    for letter, run in zip("AB", document["runs"], strict=True):
        name = run["name_zh"] if language == "zh" and run["name_zh"] else run["name"]
        said = _word("run", language, **{**run, "name": name})
        out.print(
            f"[bold]{letter}[/bold]  {escape(run['folder'])}  [dim]{run['run_id']}[/dim]  {escape(said)}",
            soft_wrap=True,
        )
    out.print()
    if document["identical"]:
        out.print(
            f"[bold]{_word('same', language, digest=document['runs'][0]['digest'][:_HASH])}[/bold]",
            soft_wrap=True,
        )
        if not any(document["differences"].values()):
            out.print(_word("same_run", language))
            return
    _show_differences(document["differences"], out, language)
    if document["identical"]:
        return
    _show_figures(document, zone_names, out, language)
    out.print()
    _show_attribution(document["attribution"], out, language)


def _show_differences(differences: Mapping[str, Sequence[Change]], out: Console, language: str) -> None:
    rows: list[tuple[str, ...]] = []
    for kind, changes in differences.items():
        shown = changes[:_MOST_CHANGES]
        rows += [
            (
                _word(f"differs_in.{kind}", language) if first else "",
                _name(change, kind, language),
                *(_said(value, kind, language) for value in (change["a"], change["b"])),
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


def _said(value: Any, kind: str = "", language: str = "en") -> str:
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


def _show_figures(document: Difference, zone_names: Mapping[str, str], out: Console, language: str) -> None:
    parts = _shown_parts(document)
    for table in ("service", "ecosystem", "zone"):
        rows = [figure for figure in document["figures"] if figure["table"] == table]
        total = [figure for figure in document["figures"] if figure["table"] == "total"]
        if rows:
            out.print()
            out.print(_money_table(table, rows, total, parts, zone_names, language))
    for table in ("quantity", "area"):
        rows = [figure for figure in document["figures"] if figure["table"] == table]
        if any(row["change"] or any(row["parts"].values()) for row in rows):
            out.print()
            out.print(_quantity_table(table, rows, parts, language))


def _shown_parts(document: Difference) -> list[str]:
    """The parts that the changes are split into; not the code, where nothing comes from it."""
    named = document["attribution"]["parts"]
    return [
        part for part in named if part != "code" or any(figure["parts"].get("code") for figure in document["figures"])
    ]


def _columns(first: str, parts: Sequence[str], language: str, *, has_unit: bool = False) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(first)
    if has_unit:
        table.add_column(_word("unit", language))
    for column in ("A", "B", _word("change", language), *(part_name(part, language) for part in parts)):
        table.add_column(column, justify="right")
    return table


def part_name(part: str, language: str) -> str:
    """A part of a study in words; of several that are told together, all of them."""
    return "+".join(say(f"study.change.part.{name}").to(language) for name in part.split("+"))


def _money_table(
    kind: str,
    rows: Sequence[Changed],
    total: Sequence[Changed],
    parts: Sequence[str],
    zone_names: Mapping[str, str],
    language: str,
) -> Table:
    scale = linear("万元" if language == "zh" else "1e6*CNY", "CNY")[0]
    table = _columns(_word("money", language, what=_word(f"table.{kind}", language)), parts, language)
    changed = [row for row in rows if _is_changed(row)]
    for row in changed:
        name = zone_names.get(row["key"], "") if kind == "zone" else ""
        table.add_row(escape(name or label(row["key"], language)), *_cells(row, parts, scale))
    if len(rows) > len(changed):
        table.add_row(f"[dim]{_word('unchanged', language, count=len(rows) - len(changed))}[/dim]")
    if total:
        table.add_section()
        table.add_row(f"[bold]{_word('total', language)}[/bold]", *_cells(total[0], parts, scale))
    return table


def _quantity_table(kind: str, rows: Sequence[Changed], parts: Sequence[str], language: str) -> Table:
    table = _columns(_word(f"table.{kind}", language), parts, language, has_unit=True)
    changed = [row for row in rows if _is_changed(row)]
    services = [row["of"] for row in rows]
    for row in changed:
        service, component = row["of"], row["part"]
        is_one = services.count(service) == 1
        name = (
            label(service, language)
            if is_one or not component
            else say("core.titled", title=named(service), text=named(component)).to(language)
        )
        scale, unit = readable_scale(max(abs(row["a"] or 0.0), abs(row["b"] or 0.0)), row["unit"], language)
        table.add_row(escape(name), escape(unit), *_cells(row, parts, scale))
    if len(rows) > len(changed):
        table.add_row(f"[dim]{_word('unchanged', language, count=len(rows) - len(changed))}[/dim]")
    return table


def _is_changed(row: Changed) -> bool:
    return row["a"] != row["b"] or any(row["parts"].values())


def _cells(row: Changed, parts: Iterable[str], scale: float) -> list[str]:
    amounts = [_DASH if amount is None else f"{amount / scale:,.2f}" for amount in (row["a"], row["b"])]
    return [*amounts, _signed(row["change"], scale), *(_signed(row["parts"].get(part), scale) for part in parts)]


def _signed(value: float | None, scale: float) -> str:
    """A change with its sign; … for one that is there and too small to be shown."""
    if value is None:
        return _DASH
    if not value:
        return "0"
    return "…" if abs(value / scale) < 0.005 else f"{value / scale:+,.2f}"


def _show_attribution(how: Mapping[str, Any], out: Console, language: str) -> None:
    named = [part for part in how["parts"] if part != "code" or how["how"] == "single"]
    parts = [Text(part_name(part, "en"), part_name(part, "zh")) for part in named]
    key = "sequential" if how["order"] == "sequential" else how["how"]
    notes = joined([Text("", ""), *how["notes"]] if len(how["notes"]) > 1 else how["notes"], "\n  ")
    out.print(escape(_word(key, language, count=how["recomputed"], parts=parts, notes=notes)), soft_wrap=True)
    if how["how"] == "recomputed":
        for note in how["notes"]:
            out.print(f"[yellow]{escape(in_language(note, language))}[/yellow]", soft_wrap=True)
