"""What the command line shows: compact tables and messages, in Chinese or English."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account.account import Account
from gep.core.catalog import label, service_ids
from gep.core.errors import Problem, count_problems
from gep.core.keys import CITY, UNALLOCATED
from gep.core.units import linear

_WORDS = {
    "per_km2": ("单位面积 {value} 万元/km²", "{value} million CNY per km²"),
    "per_head": ("人均 {value} 元", "{value} CNY per head"),
    "to_gdp": ("与GDP之比 {value}", "{value} of GDP"),
    "service": ("核算项目", "Service"),
    "ecosystem": ("生态系统类型", "Ecosystem"),
    "zone": ("核算区域", "Zone"),
    "area": ("面积 (km²)", "Area (km²)"),
    "quantity": ("实物量", "Quantity"),
    "unit": ("单位", "Unit"),
    "value": ("价值量 (亿元)", "Value (100 million CNY)"),
    "share": ("占比 (%)", "Share (%)"),
    "coverage": ("数据覆盖率 (%)", "Coverage (%)"),
    "total": ("合计", "Total"),
    "more_zones": ("另有 {count} 个区域，见 account.csv", "{count} more zones: see account.csv"),
    "negative": (
        "有负值，故不列占比；原因见 run.log",
        "Some values are negative, so no shares are given; run.log says why",
    ),
    "missing": ("未核算或核算不全", "Not or not fully accounted"),
    "provisional": (
        "核算规范含暂定内容，结果仅供参考：见 gep profiles show {profile}",
        "Provisional: the profile rests on parts not yet read in their source, see `gep profiles show {profile}`",
    ),
    "problems": ("{error} 个错误，{warning} 个警告，{information} 条提示", ""),
    "remark": (
        "未核算项目列于结果之后，全部记录见 run.log",
        "what is missing stands below the result, everything in run.log",
    ),
    "no_problems": ("未发现问题", "No problems found."),
    "no_input": ("缺少输入", "no input"),
    "no_coefficient": ("缺少参数", "no coefficient"),
    "off": ("未启用", "off"),
    "low_coverage": ("覆盖率不足", "too little data"),
    "no_equation": ("尚无算法", "no equation yet"),
    "written": ("结果写入 {folder}", "Written to {folder}"),
    "prices": ("{year} 年价格", "prices of {year}"),
    "current": ("当年价格", "current prices"),
}
ECOSYSTEMS = ("forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "coast", "other")
"""Ecosystem types in the order of report tables."""

_DASH = "—"
_COLOURS = {"error": "red", "warning": "yellow", "information": "cyan"}
_SEVERITY = {"error": "error", "warning": "warning", "information": "note"}
_MOST_ZONES = 30


def word(key: str, language: str) -> str:
    """A word of the tables in a language."""
    zh, en = _WORDS[key]
    return zh if language == "zh" else en


class _Console(Console):
    """A console that stops in silence where nobody reads on, as behind `| head`."""

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        raise SystemExit(0)


def console(*, on_error: bool = False, quiet: bool = False) -> Console:
    """A console that honours NO_COLOR and does not wrap tables that go to a file."""
    made = _Console(stderr=on_error, quiet=quiet, highlight=False, emoji=False)
    if not made.is_terminal:
        made = _Console(stderr=on_error, quiet=quiet, highlight=False, emoji=False, width=160)
    return made


def _money(value: float | None) -> str:
    if value is None:
        return ""
    shown = value / linear("亿元", "CNY")[0]
    return "…" if value and abs(shown) < 0.005 else f"{shown:,.2f}"


def readable_scale(value: float, unit: str, language: str) -> tuple[float, str]:
    """The scale people read a quantity at: 亿 and 万 in Chinese, thousands and millions in English, and of what: carbon
    is not CO2.
    """
    scales = (
        ((1e8, "亿 "), (1e4, "万 "), (1.0, ""))
        if language == "zh"
        else ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, ""))
    )
    plain = re.sub(r"\{([^}]*)\}", r" \1", unit).replace("m3", "m³").replace("m2", "m²")
    scale, name = next(((scale, name) for scale, name in scales if abs(value) >= scale), scales[-1])
    return scale, f"{name}{plain}"


def _quantity(value: float, unit: str, language: str) -> tuple[str, str]:
    scale, name = readable_scale(value, unit, language)
    return f"{value / scale:,.2f}", name


def show_account(account: Account, out: Console, language: str) -> None:
    """The result by service, ecosystem and zone, what is missing, and what it may be called."""
    about = account.about
    name = (about.name_zh or about.name) if language == "zh" else about.name
    total = account.total()
    basis = (
        word("current", language)
        if about.price_year == about.year
        else word("prices", language).format(year=about.price_year)
    )
    head = f"[bold]{escape(name)} {about.year}[/bold]  ·  {escape(about.profile)}" + (
        f"  ·  {basis}" if total is not None else ""
    )
    out.print(head)
    if about.level == "provisional":
        out.print(f"[yellow]{escape(word('provisional', language).format(profile=about.profile))}[/yellow]")
    for table in (
        _by_service(account, language, total),
        _by_ecosystem(account, language, total),
        _by_zone(account, language, total),
    ):
        if table.row_count:
            out.print()
            out.print(table)
    if total is not None and any(value < 0 for value in account.totals("ecosystem").values()):
        out.print(f"[dim]{escape(word('negative', language))}[/dim]")
    if total is not None:
        out.print(_indicators(account, language), markup=False)
    _show_missing(account, out, language)
    out.print()


def _indicators(account: Account, language: str) -> str:
    """Value per area, per head and against GDP of the whole area, as far as the tables allow."""
    whole = next(row for row in account.indicators() if row["zone"] == CITY)
    parts = []
    if whole["value_per_km2"] is not None:
        scale = linear("万元" if language == "zh" else "1e6*CNY", "CNY")[0]
        parts.append(word("per_km2", language).format(value=f"{whole['value_per_km2'] / scale:,.2f}"))
    if whole["value_per_head"] is not None:
        parts.append(word("per_head", language).format(value=f"{whole['value_per_head']:,.0f}"))
    if whole["value_to_gdp"] is not None:
        parts.append(word("to_gdp", language).format(value=f"{whole['value_to_gdp']:.2f}"))
    return "\n" + ("；" if language == "zh" else "; ").join(parts)


def _show_missing(account: Account, out: Console, language: str) -> None:
    """The services without a full figure, by reason: what an account of this kind would have to hold and does not."""
    missing = account.about.missing
    if not missing:
        return
    comma, colon = ("、", "：") if language == "zh" else (", ", ": ")
    out.print(f"\n[bold]{word('missing', language)}[/bold]")
    for reason in dict.fromkeys(m.reason for m in missing):
        members = [m for m in missing if m.reason == reason]
        if reason == "no_equation":
            names = comma.join(label(m.service, language) for m in members)
            out.print(f"  {escape(f'{word(reason, language)}{colon}{names}')}", soft_wrap=True)
            continue
        for member in members:
            text = f"{escape(label(member.service, language))} ({word(reason, language)})"
            detail = member.detail.replace(".;", ";").rstrip(".")
            out.print(f"  {text}{colon}[dim]{escape(detail)}[/dim]" if detail else f"  {text}", soft_wrap=True)


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
    services = [s for s in service_ids() if s in values or any(q.partition("/")[0] == s for q in quantities)]
    for service in services:
        parts = {name: amount for name, amount in quantities.items() if name.partition("/")[0] == service}
        share = coverage.get(service, {}).get("share")
        covered = _DASH if share is None else f"{share * 100:.1f}"
        money = [_money(values.get(service)), _share(values.get(service), total)] if total is not None else []
        if len(parts) == 1:
            (amount,) = parts.values()
            table.add_row(
                label(service, language), *_quantity(amount["value"], amount["unit"], language), *money, covered
            )
        else:
            table.add_row(label(service, language), "", "", *money, covered)
            for name, amount in parts.items():
                cells = _quantity(amount["value"], amount["unit"], language)
                table.add_row(
                    f"  {label(name.partition('/')[2], language)}", *cells, *([""] * len(money)), "", style="dim"
                )
    if total is not None:
        table.add_section()
        table.add_row(
            f"[bold]{escape(account.title(language))}[/bold]", "", "", f"[bold]{_money(total)}[/bold]", "", ""
        )
    return table


def _order(ecosystem: str) -> int:
    return ECOSYSTEMS.index(ecosystem) if ecosystem in ECOSYSTEMS else len(ECOSYSTEMS)


def _share(value: float | None, total: float | None) -> str:
    return "" if value is None or not total else f"{value / total * 100:.2f}"


def _by_ecosystem(account: Account, language: str, total: float | None) -> Table:
    areas = {names[0]: area for names, area, _ in account.by("ecosystem", measure="area")}
    values = account.totals("ecosystem") if total is not None else {}
    rows = [
        (label(name, language), areas.get(name), values.get(name)) for name in sorted({*areas, *values}, key=_order)
    ]
    return _areas_and_values("ecosystem", rows, language, total)


def _by_zone(account: Account, language: str, total: float | None) -> Table:
    """The zones in the order of their codes, those of no name of their own last; nothing where there is only one."""
    areas = {names[0]: area for names, area, _ in account.by("zone", measure="area")}
    values = account.totals("zone") if total is not None else {}
    names = {zone: account.zone_name(zone, language) for zone in areas}
    special = (UNALLOCATED, CITY)
    codes = sorted({*areas, *values}, key=lambda code: (code in special, code))
    if len(codes) < 2:
        return _areas_and_values("zone", [], language, total)
    rows = [
        (label(code, language) if code in special else names.get(code) or code, areas.get(code), values.get(code))
        for code in codes[:_MOST_ZONES]
    ]
    if more := len(codes) - _MOST_ZONES:
        rows += [(word("more_zones", language).format(count=more), None, None)] if more > 0 else []
    return _areas_and_values("zone", rows, language, total)


def _areas_and_values(
    key: str, rows: Sequence[tuple[str, float | None, float | None]], language: str, total: float | None
) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word(key, language))
    table.add_column(word("area", language), justify="right")
    if total is not None:
        table.add_column(word("value", language), justify="right")
        table.add_column(word("share", language), justify="right")
    is_share_meant = all(value >= 0 for _, _, value in rows if value is not None)
    for name, area, value in rows:
        money = [
            _DASH if value is None else _money(value),
            _share(value, total) if is_share_meant and value is not None else _DASH,
        ]
        surface = _DASH if area is None else f"{area * linear('m^2', 'km^2')[0]:,.2f}"
        table.add_row(escape(name), surface, *(money if total is not None else []))
    return table


def show_problems(
    problems: Sequence[Problem],
    out: Console,
    *,
    least: str = "information",
    hidden: Collection[str] = (),
    remark: str = "",
    language: str = "en",
) -> None:
    """Problems with what to do about each, errors first; what is the same for several subjects, once. Then how many
    there are.
    """
    order = ("error", "warning", "information")
    shown = [p for p in problems if order.index(p.severity) <= order.index(least) and p.code not in hidden]
    subjects: dict[Problem, list[str]] = {}
    for problem in shown:
        subjects.setdefault(replace(problem, subject="", share=None), []).append(problem.subject)
    for problem, names in subjects.items():
        colour = _COLOURS[problem.severity]
        what = (
            f"[{colour}]{problem.code} {_SEVERITY[problem.severity]}[/{colour}] "
            f"[bold]{escape(', '.join(dict.fromkeys(names)))}[/bold]"
        )
        out.print(f"{what}{escape(_details(problem))}", soft_wrap=True)
    out.print(_counted(problems, language) + (f" ({remark})" if remark and problems else ""), markup=False)


def _counted(problems: Sequence[Problem], language: str) -> str:
    counts = count_problems(problems)
    if not problems:
        return word("no_problems", language)
    if language == "zh":
        return word("problems", language).format(**counts)
    return ", ".join(f"{count} {_SEVERITY[severity]}{'' if count == 1 else 's'}" for severity, count in counts.items())


def _details(problem: Problem) -> str:
    """Everything about a problem after its subject, as sentences."""
    place = f" ({problem.place})" if problem.place else ""
    found = f" Found: {problem.found.rstrip('.')}." if problem.found else ""
    allowed = f" Needed: {problem.allowed.rstrip('.')}." if problem.allowed else ""
    do = f"\n  {problem.do}" if problem.do else ""
    message = re.sub(
        r"([.?!])\.+(?=\s|$)", r"\1", problem.message
    )  # a sentence put into another keeps its own full stop
    return f"{place}: {message}{found}{allowed}{do}"


def rows_table(columns: Iterable[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()) -> Table:
    """A plain table of texts."""
    table = Table(show_edge=False, pad_edge=False)
    right = set(right)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    return table
