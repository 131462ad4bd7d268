"""How `gep verify` shows what it found: a line per case, or every cell of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.published import Case
from gep.units import pretty
from gep.verify import Cell, Verified

_WORDS = {
    "case": ("案例", "Case"),
    "name": ("名称", "Name"),
    "cells": ("单元数", "Cells"),
    "holds": ("相符", "holds"),
    "does_not_follow": ("公布值不成立", "published figure does not follow"),
    "fails": ("不符", "fails"),
    "cannot_tell": ("无法判断", "cannot tell"),
    "verdict": ("结论", "Verdict"),
    "cell": ("单元", "Cell"),
    "expected": ("公布值", "Expected"),
    "got": ("计算值", "Got"),
    "off": ("差（末位单位）", "Off (last digits)"),
    "unit": ("单位", "Unit"),
    "locator": ("出处", "Where"),
    "source": ("来源", "Source"),
    "why": ("公布值为何不成立", "Why published figures do not follow"),
    "failed": ("不符的单元", "What fails"),
    "counts": (
        "{cells} 个单元：{holds} 个相符，{does_not_follow} 个公布值与其自身数据不符（已说明），{fails} 个不符",
        "{cells} cells: {holds} hold, {does_not_follow} published figures do not follow (explained), {fails} fail",
    ),
}
_COLOURS = {"holds": "green", "does_not_follow": "yellow", "fails": "bold red", "cannot_tell": "cyan"}
_MOST_DECIMALS = 6


def word(key: str, language: str) -> str:
    """A fixed word in a language."""
    zh, en = _WORDS[key]
    return zh if language == "zh" else en


def case_name(case: Case, language: str) -> str:
    """What a case is called in a language."""
    return (case.name_zh if language == "zh" else "") or case.name


def show_list(cases: Sequence[Case], out: Console, language: str) -> None:
    """The cases that there are."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("case", language), no_wrap=True)
    table.add_column(word("name", language))
    for case in cases:
        table.add_row(case.id, escape(case_name(case, language)))
    out.print(table)


def show_cases(found: Sequence[Verified], out: Console, language: str) -> None:
    """A line per case with its counts, and every cell that fails."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("case", language), no_wrap=True)
    for name in ("cells", "holds", "does_not_follow", "fails"):
        table.add_column(word(name, language), justify="right")
    table.add_column(word("verdict", language))
    for one in found:
        counts = [str(one.count(verdict) or "") for verdict in ("holds", "does_not_follow", "fails")]
        table.add_row(one.case.id, str(len(one.cells)), *counts, _verdict(one.verdict, language))
    out.print(table)
    out.print("\n" + _counts([cell for one in found for cell in one.cells], language), markup=False)
    for one in found:
        _show_failures(one, out, language, f"{one.case.id} ")


def show_case(found: Verified, out: Console, language: str) -> None:
    """Every cell of a case, and why published figures do not follow from those beside them."""
    case = found.case
    out.print(f"[bold]{escape(case_name(case, language))}[/bold]")
    out.print(f"{word('source', language)}: {escape(case.citation())}", soft_wrap=True)
    out.print(f"[dim]{escape(case.about)}[/dim]\n", soft_wrap=True)
    out.print(_cells(found.cells, language))
    out.print("\n" + _counts(found.cells, language), markup=False)
    explained = [cell for cell in found.cells if cell.verdict == "does_not_follow"]
    if explained:
        out.print(f"\n[bold]{word('why', language)}[/bold]")
        reasons = dict.fromkeys(cell.note for cell in explained)
        for reason in reasons:
            names = ", ".join(cell.id for cell in explained if cell.note == reason)
            out.print(f"  {escape(names)}: [dim]{escape(reason)}[/dim]", soft_wrap=True)
    _show_failures(found, out, language)


def _show_failures(found: Verified, out: Console, language: str, prefix: str = "") -> None:
    failed = [cell for cell in found.cells if cell.verdict == "fails"]
    if not failed:
        return
    out.print(f"\n[bold red]{escape(prefix)}{word('failed', language)}[/bold red]")
    for cell in failed:
        note = f" {cell.note}" if cell.note else ""
        range_of = f"{_number(cell.low, cell.expected)} … {_number(cell.high, cell.expected)}"
        text = f"  {cell.id} ({cell.locator}): {word('expected', language)} {cell.expected}, {word('got', language)} {range_of} {cell.unit}; {cell.says}.{note}"
        out.print(text, markup=False, soft_wrap=True)


def _cells(cells: Sequence[Cell], language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("cell", language), overflow="fold")
    for name in ("expected", "got", "off"):
        table.add_column(word(name, language), justify="right", no_wrap=True)
    table.add_column(word("unit", language))
    table.add_column(word("verdict", language))
    table.add_column(word("locator", language))
    for cell in cells:
        got = _number(cell.got, cell.expected)
        table.add_row(
            escape(cell.id),
            cell.expected,
            got,
            _off(cell.digits_off),
            pretty(cell.unit),
            _verdict(cell.verdict, language),
            escape(cell.locator),
        )
    return table


def _counts(cells: Sequence[Cell], language: str) -> str:
    counts = {verdict: sum(cell.verdict == verdict for cell in cells) for verdict in ("holds", "does_not_follow", "fails")}
    return word("counts", language).format(cells=len(cells), **counts)


def _verdict(verdict: str, language: str) -> str:
    return f"[{_COLOURS[verdict]}]{word(verdict, language)}[/{_COLOURS[verdict]}]"


def _number(number: float, expected: str) -> str:
    """A computed figure with two decimals more than the printed one has."""
    decimals = len(expected.partition(".")[2])
    return f"{number:.{min(decimals + 2, max(decimals, _MOST_DECIMALS))}f}"


def _off(digits: float) -> str:
    if abs(digits) < 0.005:
        return "0"
    return f"{digits:+.2f}" if abs(digits) < 1e6 else f"{digits:+.1e}"
