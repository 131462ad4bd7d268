"""What the command line shows: compact tables and messages, in Chinese or English."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from gep.account.account import Account
from gep.core.catalog import CATEGORIES, label, service_ids
from gep.core.errors import SEVERITIES, Problem, count_problems
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import in_language, listed, say, visible
from gep.core.unit_names import shown_quantity
from gep.core.units import linear

ECOSYSTEMS = ("forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "coast", "other")
"""Ecosystem types in the order of report tables."""

_DASH = "—"
_COLOURS = {"error": "red", "warning": "yellow", "information": "cyan"}
_MOST_ZONES = 30


def word(key: str, language: str, **values: Any) -> str:
    """A word or a sentence of the tables in a language."""
    return say(f"report.{key}", **values).to(language)


class _Console(Console):
    """A console that stops in silence where nobody reads on, as behind `| head`, and that shows the control letters in
    texts of others instead of sending them to the terminal.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        raise SystemExit(0)


def console(*, on_error: bool = False, quiet: bool = False) -> Console:
    """A console that honours NO_COLOR and does not wrap tables that go to a file."""
    made = _Console(stderr=on_error, quiet=quiet, highlight=False, emoji=False)
    if not made.is_terminal:
        made = _Console(stderr=on_error, quiet=quiet, highlight=False, emoji=False, width=160)
    return made


def number_of_bytes(size: int) -> str:
    """The size of a file as people read it."""
    from rich.filesize import decimal

    return decimal(size)


def _money(value: float | None) -> str:
    if value is None:
        return ""
    shown = value / linear("亿元", "CNY")[0]
    return "…" if value and abs(shown) < 0.005 else f"{shown:,.2f}"


def show_account(account: Account, out: Console, language: str) -> None:
    """The result by service, ecosystem and zone, what is missing, and what it may be called."""
    about = account.about
    name = (about.name_zh or about.name) if language == "zh" else about.name
    total = account.total()
    basis = "current" if about.price_year == about.year else "constant"
    head = f"[bold]{escape(word('heading', language, name=name, year=about.year))}[/bold]  ·  {escape(about.profile)}"
    out.print(head if total is None else f"{head}  ·  {word(f'basis.{basis}', language, year=about.price_year)}")
    if not account.has_figures:
        out.print(f"[yellow]{escape(word('nothing', language))}[/yellow]")
    if about.level == "provisional":
        out.print(f"[yellow]{escape(word('provisional', language, profile=about.profile))}[/yellow]")
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
        parts.append(word("per_km2", language, value=f"{whole['value_per_km2'] / scale:,.2f}"))
    if whole["value_per_head"] is not None:
        parts.append(word("per_head", language, value=f"{whole['value_per_head']:,.0f}"))
    if whole["value_to_gdp"] is not None:
        parts.append(word("to_gdp", language, value=f"{whole['value_to_gdp']:.2f}"))
    return "\n" + ("；" if language == "zh" else "; ").join(parts)


def _show_missing(account: Account, out: Console, language: str) -> None:
    """The services without a full figure, by reason: what an account of this kind would have to hold and does not."""
    missing = account.about.missing
    if not missing:
        return
    out.print(f"\n[bold]{word('missing', language)}[/bold]")
    for reason in dict.fromkeys(m.reason for m in missing):
        members = [m for m in missing if m.reason == reason]
        said = word(f"reason.{reason}", language)
        if reason == "no_equation":
            names = listed(label(m.service, language) for m in members).to(language)
            out.print(f"  {escape(word('missing_detail', language, service=said, detail=names))}", soft_wrap=True)
            continue
        for member in members:
            service = word("missing_service", language, service=label(member.service, language), reason=said)
            detail = in_language(member.detail, language).replace(".;", ";").rstrip(".。")
            line = f"[dim]{escape(detail)}[/dim]"
            text = word("missing_detail", language, service=escape(service), detail=line) if detail else escape(service)
            out.print(f"  {text}", soft_wrap=True)


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
    quantities = account.quantities()
    services = [s for s in service_ids() if s in values or any(of.service == s for of in quantities)]
    category_of = {entry.service: entry.category for entry in account.flows if entry.is_counted}
    for category in dict.fromkeys((*CATEGORIES, *category_of.values())) if total is not None else ("",):
        members = [service for service in services if not category or category_of.get(service) == category]
        if category and members:
            subtotal = account.totals("category").get(category)
            money = [_money(subtotal), _share(subtotal, total), ""]
            table.add_row(label(category, language), "", "", *money, style="bold")
        for service in members:
            _add_service(table, account, service, language, total, "  " if category else "")
    if total is not None:
        table.add_section()
        table.add_row(
            f"[bold]{escape(account.title(language))}[/bold]", "", "", f"[bold]{_money(total)}[/bold]", "", ""
        )
    return table


def _add_service(table: Table, account: Account, service: str, language: str, total: float | None, lead: str) -> None:
    """A service on one row with its only quantity, or with a row below for each of several."""
    parts = {of.component: amount for of, amount in account.quantities().items() if of.service == service}
    coverage = account.about.coverage.get("services", {})
    share = coverage[service]["share"] if service in coverage else None
    covered = _DASH if share is None else f"{share * 100:.1f}"
    value = account.totals("service").get(service) if total is not None else None
    money = [_money(value), _share(value, total)] if total is not None else []
    name = f"{lead}{label(service, language)}"
    if len(parts) == 1:
        (amount,) = parts.values()
        table.add_row(name, *shown_quantity(amount["value"], amount["unit"], language), *money, covered)
        return
    table.add_row(name, "", "", *money, covered)
    for component, amount in parts.items():
        cells = shown_quantity(amount["value"], amount["unit"], language)
        table.add_row(f"{lead}  {label(component, language)}", *cells, *([""] * len(money)), "", style="dim")


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
        rows += [(word("more_zones", language, count=more), None, None)] if more > 0 else []
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
    shown = [p for p in problems if SEVERITIES.index(p.severity) <= SEVERITIES.index(least) and p.code not in hidden]
    subjects: dict[Problem, list[str]] = {}
    for problem in shown:
        subjects.setdefault(replace(problem, subject="", share=None), []).append(problem.subject)
    for problem, names in subjects.items():
        colour = _COLOURS[problem.severity]
        severity = word(f"severity.{problem.severity}", language)
        what = escape(listed(dict.fromkeys(names)).to(language))
        out.print(
            f"[{colour}]{problem.code} {severity}[/{colour}] [bold]{what}[/bold]{escape(_details(problem, language))}",
            soft_wrap=True,
        )
    counted = word("counted", language, **count_problems(problems)) if problems else word("no_problems", language)
    out.print(
        word("counted_with", language, counted=counted, remark=remark) if remark and problems else counted, markup=False
    )


def _details(problem: Problem, language: str) -> str:
    """Everything about a problem after its subject, as sentences."""

    def part(name: str) -> str:
        text = in_language(getattr(problem, name), language)
        text = text.rstrip(".。") if name in ("found", "allowed") else text
        return say(f"core.problem.{name}", text=text).to(language) if text else ""

    parts = {name: part(name) for name in ("place", "found", "allowed", "do")}
    message = in_language(problem.message, language)
    message = re.sub(r"([.?!])\.+(?=\s|$)", r"\1", message)  # a sentence put into another keeps its own full stop
    return word("details", language, message=message, **parts)


def rows_table(columns: Iterable[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()) -> Table:
    """A plain table of texts."""
    table = Table(show_edge=False, pad_edge=False)
    right = set(right)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    return table
