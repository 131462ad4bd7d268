"""What a run shows of its account: tables of the terminal, with the figures as all tables of a report have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account.account import Account
from gep.core.catalog import label
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import in_language, listed, say
from gep.report.console import word
from gep.report.tables.facts import Facts
from gep.report.tables.model import Cell, Column, text_of

Language = Literal["zh", "en"]

_MOST_ZONES = 30


def show_account(account: Account, out: Console, language: Language) -> None:
    """The result by service, ecosystem and zone, what is missing, and what it may be called."""
    about, facts = account.about, Facts(account, language)
    name = (about.name_zh or about.name) if language == "zh" else about.name
    has_total = account.total() is not None
    basis = "current" if about.price_year == about.year else "constant"
    head = f"[bold]{escape(word('heading', language, name=name, year=about.year))}[/bold]  ·  {escape(about.profile)}"
    out.print(f"{head}  ·  {word(f'basis.{basis}', language, year=about.price_year)}" if has_total else head)
    if not account.has_figures:
        out.print(f"[yellow]{escape(word('nothing', language))}[/yellow]")
    if about.level == "provisional":
        out.print(f"[yellow]{escape(word('provisional', language, profile=about.profile))}[/yellow]")
    for table in (_by_service(facts, language), _by_ecosystem(facts, language), _by_zone(facts, language)):
        if table.row_count:
            out.print()
            out.print(table)
    if has_total and any(value < 0 for value in account.totals("ecosystem").values()):
        out.print(f"[dim]{escape(word('negative', language))}[/dim]")
    if has_total and facts.money(facts.services).is_partial:
        out.print(f"[dim]{escape(word('partial_mark', language))}[/dim]")
    if has_total:
        out.print(_indicators(facts, language), markup=False)
    _show_stocks(facts, out, language)
    _show_missing(account, out, language)
    out.print()


def _indicators(facts: Facts, language: Language) -> str:
    """Value per area, per head and against GDP of the whole area, as far as the tables allow."""
    whole, is_partial = facts.indicators[CITY], facts.money(facts.services).is_partial
    cells = {
        "per_km2": facts.units.per_km2(whole["value_per_km2"], is_partial=is_partial),
        "per_head": facts.units.per_head(whole["value_per_head"], is_partial=is_partial),
        "to_gdp": Cell(whole["value_to_gdp"], is_partial=is_partial),
    }
    parts = [
        word(key, language, value=text_of(cell, language)) for key, cell in cells.items() if cell.value is not None
    ]
    return "\n" + ("；" if language == "zh" else "; ").join(parts)


def _show_stocks(facts: Facts, out: Console, language: Language) -> None:
    """What stands on the land, which no total holds."""
    stocks = facts.account.by("service", "component", measure="stock")
    if not len(stocks):
        return
    out.print(f"\n[bold]{word('stocks', language)}[/bold]")
    for (service, component), amount, unit in stocks:
        scale = facts.units.scale_of([amount], unit)
        shown = f"{text_of(scale.cell(amount), language)} {in_language(scale.name, language)}"
        name = word("missing_service", language, service=label(service, language), reason=label(component, language))
        out.print(f"  {escape(word('missing_detail', language, service=name, detail=shown))}", soft_wrap=True)


def _show_missing(account: Account, out: Console, language: Language) -> None:
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


# tables ---------------------------------------------------------------------------------------------------------------


def _table(facts: Facts, language: Language, *columns: tuple[str, bool]) -> Table:
    """A table with columns of words and, where the second is true, of numbers; those of money where there is any."""
    table = Table(show_edge=False, pad_edge=False)
    value = Column("value", say("tables.column.value"), facts.units.money_unit).title(language)
    for key, is_number in columns:
        if key in ("value", "share") and not _has_total(facts):
            continue
        heading = value if key == "value" else word(key, language)
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    return table


def _has_total(facts: Facts) -> bool:
    return facts.account.total() is not None


def _money(facts: Facts, language: Language, cell: Cell, among: Iterable[float | None] = ()) -> list[str]:
    """A value and its share, where the account has values."""
    if not _has_total(facts):
        return []
    share = (
        facts.units.share(facts.share(cell.value, among)) if cell.value is not None else Cell(standing="not_applicable")
    )
    return [text_of(cell, language), text_of(share, language)]


def _by_service(facts: Facts, language: Language) -> Table:
    columns = (("service", False), ("quantity", True), ("unit", False), ("value", True), ("share", True))
    table = _table(facts, language, *columns, ("coverage", True))
    for category, services in facts.categories.items():
        members = [service for service in services if facts.components(service)]
        if _has_total(facts) and members:
            subtotal = _money(facts, language, facts.money(services))
            table.add_row(label(category, language), "", "", *subtotal, "", style="bold")
        for service in members:
            _add_service(table, facts, service, language, "  " if _has_total(facts) else "")
    if _has_total(facts):
        table.add_section()
        total = text_of(facts.money(facts.services), language)
        title = escape(facts.account.title(language))
        table.add_row(f"[bold]{title}[/bold]", "", "", f"[bold]{total}[/bold]", "", "")
    return table


def _add_service(table: Table, facts: Facts, service: str, language: Language, lead: str) -> None:
    """A service on one row with its only quantity, or with a row below for each of several."""
    of_land = facts.account.about.coverage.get("services", {}).get(service)
    covered = text_of(facts.units.share(of_land["share"] if of_land else None, decimals=1), language)
    money = _money(facts, language, facts.money(service))
    parts = [part for part in facts.components(service) if facts.quantity(service, part) is not None]
    amounts = {part: _amount(facts, service, part, language) for part in parts}
    name = f"{lead}{label(service, language)}"
    if len(parts) == 1:
        table.add_row(name, *amounts[parts[0]], *money, covered)
        return
    table.add_row(name, "", "", *money, covered)
    for part, amount in amounts.items():
        table.add_row(f"{lead}  {label(part, language)}", *amount, *([""] * len(money)), "", style="dim")


def _amount(facts: Facts, service: str, component: str, language: Language) -> tuple[str, str]:
    """A quantity and its unit."""
    name = facts.scale(service, component).name
    return text_of(facts.amount(service, component), language), in_language(name, language)


def _by_ecosystem(facts: Facts, language: Language) -> Table:
    rows = [
        (label(name, language), facts.area(name), facts.money(facts.services, ecosystem=name))
        for name in facts.ecosystems
    ]
    return _areas_and_values(facts, "ecosystem", rows, language)


def _by_zone(facts: Facts, language: Language) -> Table:
    """The zones in the order of their codes, and what belongs to none; nothing where there is only one."""
    rows = [
        (in_language(facts.zone_text(zone), language), facts.area(zone=zone), facts.money(facts.services, zone=zone))
        for zone in facts.zones
    ]
    rows = [row for row, zone in zip(rows, facts.zones, strict=True) if zone != UNALLOCATED or row[1] or row[2].value]
    more = len(rows) - _MOST_ZONES
    table = _areas_and_values(facts, "zone", rows[:_MOST_ZONES] if len(rows) > 1 else [], language)
    if more > 0:
        table.add_row(escape(word("more_zones", language, count=more)), "", *[""] * (2 * _has_total(facts)))
    return table


def _areas_and_values(
    facts: Facts, key: str, rows: Sequence[tuple[str, float | None, Cell]], language: Language
) -> Table:
    table = _table(facts, language, (key, False), ("area", True), ("value", True), ("share", True))
    values = [value.value for _, _, value in rows]
    for name, area, value in rows:
        surface = text_of(facts.units.area(area, "not_applicable"), language)
        table.add_row(escape(name), surface, *_money(facts, language, value, values))
    return table
