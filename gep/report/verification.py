"""How `gep verify` shows what it found: a line per case, or every cell of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.audit.cases import COMPARISON, Case
from gep.audit.comparison import Comparison, Gap
from gep.audit.verify import Cell, Verified
from gep.core.catalog import label
from gep.core.units import pretty

_WORDS = {
    "case": ("案例", "Case"),
    "name": ("名称", "Name"),
    "cells": ("单元数", "Cells"),
    "holds": ("相符", "holds"),
    "does_not_follow": ("公布值不成立", "does not follow"),
    "fails": ("不符", "fails"),
    "cannot_tell": ("无法判断", "cannot tell"),
    "verdict": ("结论", "Verdict"),
    "cell": ("单元", "Cell"),
    "expected": ("公布值", "Expected"),
    "got": ("计算值", "Got"),
    "off": ("差", "Off"),
    "digits": (
        "差与允许均以公布值的末位为单位；允许范围只由公布值和代入数据的位数决定",
        "Off and allowed are in units of the last printed digit; what is allowed follows from the printed "
        "digits of both sides alone.",
    ),
    "allowed": ("允许", "Allowed"),
    "unit": ("单位", "Unit"),
    "locator": ("出处", "Where"),
    "source": ("来源", "Source"),
    "why": ("公布值为何不成立", "Why published figures do not follow"),
    "failed": ("不符的单元", "What fails"),
    "compared": ("已对照", "compared"),
    "needs": (
        "{case}：需要本方账户：gep verify {case} --project gep.toml（或 gep run 的结果文件夹）",
        "{case}: needs an account of ours: gep verify {case} --project gep.toml (or the folder of a finished run)",
    ),
    "beside": ("与已公布结果对照（亿元）", "Our account beside published ones (100 million CNY)"),
    "account": ("账户", "Account"),
    "year": ("年份", "Year"),
    "land": ("范围", "Land"),
    "method": ("方法", "Method"),
    "status": ("状态", "Status"),
    "total": ("合计", "Total"),
    "ours": ("本账户", "Ours"),
    "published": ("公布值", "Published"),
    "difference": ("差值", "Ours less published"),
    "our_quantity": ("本账户实物量", "Our quantity"),
    "published_quantity": ("公布实物量", "Published quantity"),
    "gap": ("对照项", "Figure"),
    "gaps": ("差距的原因", "What explains the gaps"),
    "price": ("价格", "price"),
    "extent": ("面积", "extent"),
    "per_extent": ("单位面积实物量", "amount per extent"),
    "parts": ("其中：{parts}", "of which {parts}"),
    "at_our_price": (
        "按本账户价格，公布值相当于 {quantity}",
        "At our price the published value would be {quantity}",
    ),
    "quantity_at_our_price": (
        "公布实物量按本账户价格计为 {value}",
        "the published quantity at our price would be {value}",
    ),
    "bridge": ("从 {account} 的合计到本账户", "From the total of {account} to ours"),
    "not_by_service": ("公布时未分项", "published without its services"),
    "only_ours": ("仅本账户有", "what only ours has"),
    "missing": ("本账户未核算", "Missing in ours"),
    "counts": (
        "{cells} 个单元：{holds} 个相符，{does_not_follow} 个公布值与其自身数据不符（已说明），{fails} 个不符",
        "{cells} cells: {holds} hold, {does_not_follow} published figures do not follow (explained), {fails} fail",
    ),
}
_COLOURS = {
    "holds": "green",
    "does_not_follow": "yellow",
    "fails": "bold red",
    "cannot_tell": "cyan",
    "compared": "cyan",
}
_MOST_DECIMALS = 6


def word(key: str, language: str) -> str:
    """A fixed word in a language."""
    zh, en = _WORDS[key]
    return zh if language == "zh" else en


def case_name(case: Case, language: str) -> str:
    """What a case is called in a language."""
    return (case.file.name_zh if language == "zh" else "") or case.name


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
        _show_need(one, out, language)


def show_case(found: Verified, out: Console, language: str) -> None:
    """Every cell of a case, and why published figures do not follow from those beside them."""
    case = found.case
    out.print(f"[bold]{escape(case_name(case, language))}[/bold]")
    out.print(f"{word('source', language)}: {escape(case.citation())}", soft_wrap=True)
    out.print(f"[dim]{escape(case.file.about)}[/dim]\n", soft_wrap=True)
    out.print(_cells(found.cells, language))
    out.print(f"[dim]{word('digits', language)}[/dim]")
    out.print("\n" + _counts(found.cells, language), markup=False)
    explained = [cell for cell in found.cells if cell.verdict == "does_not_follow"]
    if explained:
        out.print(f"\n[bold]{word('why', language)}[/bold]")
        reasons = dict.fromkeys(cell.note for cell in explained)
        for reason in reasons:
            names = ", ".join(cell.id for cell in explained if cell.note == reason)
            out.print(f"  {escape(names)}: [dim]{escape(reason)}[/dim]", soft_wrap=True)
    _show_failures(found, out, language)
    _show_need(found, out, language)


def show_comparison(found: Comparison, out: Console, language: str) -> None:
    """Our account beside the published ones: what each covers, service by service, what explains the gaps, and the way
    from total to total.
    """
    out.print(f"\n[bold]{word('beside', language)}[/bold]")
    out.print(_accounts(found, language))
    out.print()
    out.print(_gaps(found, language))
    out.print(f"\n[bold]{word('gaps', language)}[/bold]")
    for gap in found.gaps:
        out.print(f"  [bold]{escape(gap.id)}[/bold]: {escape(gap.says)}", soft_wrap=True)
        for line in _quantified(gap, language):
            out.print(f"    {line}", markup=False, soft_wrap=True)
    for account in dict.fromkeys(gap.account for gap in found.gaps if gap.contributions):
        out.print(f"\n[bold]{word('bridge', language).format(account=account)}[/bold]")
        out.print(_bridge(found, account, language))
    missing = (
        f"{label(m['service'], language)} ({m['reason'].replace('_', ' ')})" for m in found.ours.summary["missing"]
    )
    out.print(f"\n{word('missing', language)}: {', '.join(missing)}", markup=False, soft_wrap=True)


def _accounts(found: Comparison, language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for name in ("account", "year", "land", "method", "total", "status"):
        table.add_column(word(name, language), justify="right" if name == "total" else "left", overflow="fold")
    totals = {gap.account: gap.published for gap in found.gaps if gap.item == "ALL"}
    totals |= {gap.account: found.published_total(gap.account) for gap in found.gaps if gap.contributions}
    for row in found.case.tables["accounts"].rows:
        total = f"{totals[row['account']]:,.2f}" if row["account"] in totals else ""
        table.add_row(
            *(escape(row[name]) for name in ("account", "year", "land", "method")), total, escape(row["status"])
        )
    ours = found.ours.summary
    title = ours["title_zh"] if language == "zh" else ours["title"]
    land = f"{found.ours.area() / 1e6:,.0f} km²"
    method = f"{ours['profile']['id']} ({ours['profile']['level']})"
    table.add_row(
        f"[bold]{word('ours', language)}[/bold]",
        str(ours["year"]),
        land,
        method,
        f"{found.our_total():,.2f}",
        escape(title),
    )
    return table


def _gaps(found: Comparison, language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("gap", language))
    table.add_column(word("account", language))
    for name in ("published", "ours", "difference", "published_quantity", "our_quantity"):
        table.add_column(word(name, language), justify="right")
    for gap in found.gaps:
        ours = "—" if gap.ours is None else f"{gap.ours:,.2f}"
        quantities = (gap.published_quantity, gap.our_quantity)
        amounts = ("" if amount is None else _amount(amount, gap.quantity_unit, language) for amount in quantities)
        table.add_row(gap.id, gap.account, f"{gap.published:,.2f}", ours, f"{gap.difference:+,.2f}", *amounts)
    return table


def _quantified(gap: Gap, language: str) -> list[str]:
    """What can be said of a gap in numbers."""
    lines = []
    if gap.contributions:
        parts = ", ".join(f"{word(name, language)} {part:+,.2f}" for name, part in gap.contributions.items())
        lines.append(word("parts", language).format(parts=parts))
    if gap.at_our_price is not None:
        said = word("at_our_price", language).format(quantity=_amount(gap.at_our_price, gap.quantity_unit, language))
        if gap.quantity_at_our_price is not None:
            said += "; " + word("quantity_at_our_price", language).format(value=f"{gap.quantity_at_our_price:,.2f}")
        lines.append(said)
    return [*lines, *gap.remarks]


def _bridge(found: Comparison, account: str, language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, step in found.bridge(account):
        gap, _, factor = name.partition("/")
        shown = word(gap, language) if gap in _WORDS else gap
        table.add_row(
            f"{shown}: {word(factor, language)}" if factor else shown,
            f"{step:,.2f}" if name == "published" else f"{step:+,.2f}",
        )
    table.add_row(f"[bold]{word('ours', language)}[/bold]", f"[bold]{found.our_total():,.2f}[/bold]")
    return table


def _amount(amount: float, unit: str, language: str) -> str:
    """A large quantity in millions, or in 亿."""
    scale, name = (1e8, "亿 ") if language == "zh" else (1e6, "million ")
    return f"{amount / scale:,.2f} {name}{unit}"


def _show_need(found: Verified, out: Console, language: str) -> None:
    if found.case.kind == COMPARISON and found.beside is None:
        out.print("\n" + word("needs", language).format(case=found.case.id), markup=False, soft_wrap=True)


def _show_failures(found: Verified, out: Console, language: str, prefix: str = "") -> None:
    failed = [cell for cell in found.cells if cell.verdict == "fails"]
    if not failed:
        return
    out.print(f"\n[bold red]{escape(prefix)}{word('failed', language)}[/bold red]")
    for cell in failed:
        note = f" {cell.note}" if cell.note else ""
        range_of = f"{_number(cell.low, cell.expected)} … {_number(cell.high, cell.expected)}"
        text = (
            f"  {cell.id} ({cell.locator}): {word('expected', language)} {cell.expected}, {word('got', language)} "
            f"{range_of} {cell.unit}; {cell.says}.{note}"
        )
        out.print(text, markup=False, soft_wrap=True)


def _cells(cells: Sequence[Cell], language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("cell", language), overflow="fold")
    for name in ("expected", "got", "off", "allowed"):
        table.add_column(word(name, language), justify="right", no_wrap=True)
    table.add_column(word("unit", language))
    table.add_column(word("verdict", language))
    table.add_column(word("locator", language))
    for cell in cells:
        got = _number(cell.got, cell.expected)
        off, allowed = _off(cell.digits_off), "±" + _off(cell.digits_allowed).lstrip("+")
        verdict = _verdict(cell.verdict, language)
        table.add_row(
            escape(cell.id), cell.expected, got, off, allowed, pretty(cell.unit), verdict, escape(cell.locator)
        )
    return table


def _counts(cells: Sequence[Cell], language: str) -> str:
    counts = {
        verdict: sum(cell.verdict == verdict for cell in cells) for verdict in ("holds", "does_not_follow", "fails")
    }
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
