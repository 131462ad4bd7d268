"""What the command line shows: compact tables and messages, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account import Account
from gep.catalog import label
from gep.errors import Problem, count_problems
from gep.units import linear

_WORDS = {
    "service": ("核算项目", "Service"),
    "ecosystem": ("生态系统类型", "Ecosystem"),
    "area": ("面积 (km²)", "Area (km²)"),
    "quantity": ("实物量", "Quantity"),
    "unit": ("单位", "Unit"),
    "value": ("价值量 (亿元)", "Value (亿元)"),
    "share": ("占比 (%)", "Share (%)"),
    "coverage": ("数据覆盖率 (%)", "Coverage (%)"),
    "missing": ("未核算或核算不全", "Not or not fully accounted"),
    "provisional": ("本规范文件含暂定内容，结果仅供参考", "This profile is provisional: see `gep profiles show`"),
    "problems": (
        "问题：{error} 错误，{warning} 警告，{information} 提示",
        "Problems: {error} errors, {warning} warnings, {information} notes",
    ),
    "no_input": ("缺少输入", "no input"),
    "no_coefficient": ("缺少参数", "no coefficient"),
    "off": ("未启用", "off"),
    "low_coverage": ("覆盖率不足", "low coverage"),
    "no_equation": ("尚无算法", "no equation yet"),
    "written": ("结果写入 {folder}", "Written to {folder}"),
    "prices": ("价格年份 {year}", "Prices of {year}"),
    "current": ("当年价", "current prices"),
}
ECOSYSTEMS = ("forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "coast", "other")
"""Ecosystem types in the order of report tables."""

_DASH = "—"
_COLOURS = {"error": "red", "warning": "yellow", "information": "cyan"}


def word(key: str, language: str) -> str:
    """A word of the tables in a language."""
    zh, en = _WORDS[key]
    return zh if language == "zh" else en


def console(*, on_error: bool = False, quiet: bool = False) -> Console:
    """A console that honours NO_COLOR and does not wrap tables that go to a file."""
    made = Console(stderr=on_error, quiet=quiet, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made = Console(stderr=on_error, quiet=quiet, highlight=False, width=160)
    return made


def _money(value: float | None) -> str:
    if value is None:
        return ""
    shown = value / linear("亿元", "CNY")[0]
    return "…" if value and abs(shown) < 0.005 else f"{shown:,.2f}"


def _quantity(value: float, unit: str, language: str) -> tuple[str, str]:
    """A quantity at the scale people read: 亿 and 万 in Chinese, thousands and millions in English."""
    scales = ((1e8, "亿"), (1e4, "万"), (1.0, "")) if language == "zh" else ((1e9, "10⁹ "), (1e6, "10⁶ "), (1e3, "10³ "), (1.0, ""))
    for scale, name in scales:
        if abs(value) >= scale or scale == 1.0:
            return f"{value / scale:,.2f}", f"{name}{unit}"
    return f"{value:,.2f}", unit


def show_account(account: Account, out: Console, language: str) -> None:
    """The result by service and by ecosystem, what is missing, and what it may be called."""
    about = account.about
    name = (about.name_zh or about.name) if language == "zh" else about.name
    total = account.total()
    basis = word("current", language) if about.price_year == about.year else word("prices", language).format(year=about.price_year)
    head = f"[bold]{escape(name)} {about.year}[/bold]  ·  {escape(about.profile)}" + (f"  ·  {basis}" if total is not None else "")
    out.print(head)
    if about.level == "provisional":
        out.print(f"[yellow]{escape(word('provisional', language))}[/yellow]")
    out.print(_by_service(account, language, total))
    out.print(_by_ecosystem(account, language, total))
    if about.missing:
        out.print(f"[bold]{word('missing', language)}[/bold]")
    for reason in dict.fromkeys(missing.reason for missing in about.missing):
        members = [missing for missing in about.missing if missing.reason == reason]
        if reason == "no_equation":
            comma = "、" if language == "zh" else ", "
            out.print(f"  {word(reason, language)}: {escape(comma.join(label(m.service, language) for m in members))}")
            continue
        for missing in members:
            out.print(f"  {word(reason, language)}: {escape(label(missing.service, language))}  [dim]{escape(missing.detail)}[/dim]")


def _by_service(account: Account, language: str, total: float | None) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("service", language))
    table.add_column(word("quantity", language), justify="right")
    table.add_column(word("unit", language))
    if total is not None:
        table.add_column(word("value", language), justify="right")
        table.add_column(word("share", language), justify="right")
    table.add_column(word("coverage", language), justify="right")
    values = account.totals("service") if total is not None else {}
    coverage = account.about.coverage.get("services", {})
    quantities = account.quantities()
    services = [
        s
        for s in dict.fromkeys([*coverage, *(q.partition("/")[0] for q in quantities)])
        if s in values or any(q.partition("/")[0] == s for q in quantities)
    ]
    for service in services:
        parts = {name: amount for name, amount in quantities.items() if name.partition("/")[0] == service}
        share = coverage.get(service, {}).get("share")
        covered = _DASH if share is None else f"{share * 100:.1f}"
        money = [_money(values.get(service)), _share(values.get(service), total)] if total is not None else []
        if len(parts) == 1:
            (amount,) = parts.values()
            table.add_row(label(service, language), *_quantity(amount["value"], amount["unit"], language), *money, covered)
        else:
            table.add_row(label(service, language), "", "", *money, covered)
            for name, amount in parts.items():
                cells = _quantity(amount["value"], amount["unit"], language)
                table.add_row(f"  {label(name.partition('/')[2], language)}", *cells, *([""] * len(money)), "", style="dim")
    if total is not None:
        table.add_section()
        table.add_row(f"[bold]{escape(account.title(language))}[/bold]", "", "", f"[bold]{_money(total)}[/bold]", "", "")
    return table


def _order(ecosystem: str) -> int:
    return ECOSYSTEMS.index(ecosystem) if ecosystem in ECOSYSTEMS else len(ECOSYSTEMS)


def _share(value: float | None, total: float | None) -> str:
    return "" if value is None or not total else f"{value / total * 100:.2f}"


def _by_ecosystem(account: Account, language: str, total: float | None) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("ecosystem", language))
    table.add_column(word("area", language), justify="right")
    if total is not None:
        table.add_column(word("value", language), justify="right")
        table.add_column(word("share", language), justify="right")
    areas = {names[0]: area for names, area, _ in account.by("ecosystem", measure="area")}
    values = account.totals("ecosystem") if total is not None else {}
    is_share_meant = all(value >= 0 for value in values.values())
    for ecosystem in sorted({*areas, *values}, key=_order):
        area = f"{areas[ecosystem] * linear('m^2', 'km^2')[0]:,.2f}" if ecosystem in areas else _DASH
        share = _share(values.get(ecosystem), total) if is_share_meant else _DASH
        money = [_money(values[ecosystem]) if ecosystem in values else _DASH, share] if total is not None else []
        table.add_row(label(ecosystem, language), area, *money)
    return table


def show_problems(problems: Sequence[Problem], out: Console, *, least: str = "information") -> None:
    """Problems with what to do about each, errors first."""
    order = ("error", "warning", "information")
    shown = [p for p in problems if order.index(p.severity) <= order.index(least)]
    for problem in shown:
        colour = _COLOURS[problem.severity]
        out.print(
            f"[{colour}]{problem.code} {problem.severity}[/{colour}] [bold]{escape(problem.subject)}[/bold]{escape(_details(problem))}",
            soft_wrap=True,
        )
    counts = count_problems(problems)
    out.print(_WORDS["problems"][1].format(**counts))


def _details(problem: Problem) -> str:
    text = str(problem).split(": ", 2)
    body = text[2] if len(text) == 3 else problem.message
    place = f" ({problem.place})" if problem.place else ""
    return f"{place}: {body}"


def rows_table(columns: Iterable[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()) -> Table:
    """A plain table of texts."""
    table = Table(show_edge=False, pad_edge=False)
    right = set(right)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    return table
