"""What `gep audit` shows: what fails first, each with its arithmetic and cells, then what cannot be told, and how the
files were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console

from gep.audit.audit import Audit
from gep.audit.findings import Check

_WORDS = {
    "head": (
        "{path}：{rows} 行，{holds} 个恒等关系成立，{fails} 个不成立，{cannot_tell} 个无法判断，{warning} 个提醒。",
        "{path}: {rows} rows; {holds} identities hold, {fails} fail, {cannot_tell} cannot be told; {warning} warnings.",
    ),
    "fails": ("不成立", "Fails"),
    "warning": ("提醒", "Warning"),
    "cannot_tell": ("无法判断", "Cannot tell"),
    "off": ("偏差 {units} 个末位单位", "{units} in the last digit"),
    "cells": ("单元格", "cells"),
    "holds": ("成立的检验", "What holds"),
    "read": ("读取方式", "How it was read"),
    "unreadable": ("未能读取", "Not read"),
    "skipped": ("已跳过的文件", "Skipped"),
    "nothing": ("表中没有可相互核对的数字。", "No two figures of it check each other."),
}
_KINDS = {
    "product": ("数量 × 单价、面积 × 单位价值", "quantity × price, area × unit value"),
    "sum": ("合计与小计", "sums and subtotals"),
    "share": ("份额", "shares"),
    "density": ("单位面积与人均", "per area and per head"),
    "gdp": ("与 GDP 之比", "ratio to GDP"),
    "growth": ("增长", "growth"),
    "balance": ("期初与期末", "opening and closing"),
    "supply_use": ("供给与使用", "supply and use"),
    "npv": ("净现值", "present values"),
    "revaluation": ("重估", "revaluation"),
    "twice": ("同一数字重复出现", "the same figure twice"),
    "stoichiometry": ("碳、CO2 与氧", "carbon, CO2 and oxygen"),
    "implied_price": ("隐含单价", "implied price"),
    "run": ("账户与摘要", "account against summary"),
    "cross_table": ("表间核对", "across tables"),
}
_CELLS_SHOWN, _READINGS_SHOWN, _FILES_SHOWN = 6, 12, 8
_COLOURS = {"fails": "bold red", "warning": "yellow", "cannot_tell": "cyan"}


def word(key: str, language: str) -> str:
    """A fixed word in a language."""
    zh, en = _WORDS[key]
    return zh if language == "zh" else en


def show_audit(audit: Audit, path: str, out: Console, language: str, *, quiet: bool = False) -> None:
    """Print an audit."""
    out.print(word("head", language).format(path=path, rows=audit.rows, **audit.counts()), markup=False, soft_wrap=True)
    for number, check in enumerate(audit.findings, start=1):
        _show(check, number, out, language)
    if quiet:
        return
    for check in audit.cannot_tell:
        _show(check, 0, out, language)
    if audit.holds:
        out.print()
        out.print(f"{word('holds', language)}: {_kinds(audit.holds, language)}", markup=False, soft_wrap=True)
    elif not audit.findings and not audit.cannot_tell:
        out.print(word("nothing", language))
    _listed("read", list(audit.readings), _READINGS_SHOWN, out, language)
    _listed("unreadable", [str(problem) for problem in audit.unreadable], _READINGS_SHOWN, out, language)
    _listed("skipped", [f"{entry['file']}: {entry['reason']}" for entry in audit.skipped], _FILES_SHOWN, out, language)


def _kinds(checks: Sequence[Check], language: str) -> str:
    counted = Counter(check.kind for check in checks)
    names = {kind: _KINDS.get(kind, (kind, kind))[0 if language == "zh" else 1] for kind in counted}
    return ", ".join(f"{names[kind]} {count}" for kind, count in counted.most_common())


def _show(check: Check, number: int, out: Console, language: str) -> None:
    out.print()
    off = f" ({word('off', language).format(units=f'{check.units_off:+.4g}')})" if check.units_off else ""
    prefix = f"{number}. " if number else ""
    out.print(f"{prefix}{word(check.verdict, language)}{off}", style=_COLOURS[check.verdict], markup=False)
    first, second = (
        (check.sentence_zh, check.sentence_en) if language == "zh" else (check.sentence_en, check.sentence_zh)
    )
    for line in _lines(check, first, second, language):
        out.print(f"   {line}", markup=False, soft_wrap=True)


def _lines(check: Check, first: str, second: str, language: str) -> Iterator[str]:
    yield first
    yield second
    yield check.arithmetic
    more = len(check.cells) - _CELLS_SHOWN
    yield f"{word('cells', language)}: {'; '.join(check.cells[:_CELLS_SHOWN])}{f' … (+{more})' if more > 0 else ''}"


def _listed(key: str, lines: Sequence[str], most: int, out: Console, language: str) -> None:
    if not lines:
        return
    out.print()
    out.print(f"{word(key, language)}:", markup=False)
    for line in lines[:most]:
        out.print(f"   {line}", markup=False, soft_wrap=True)
    if len(lines) > most:
        out.print(f"   … (+{len(lines) - most})", markup=False)
