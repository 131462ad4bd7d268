"""How `gep verify` shows what it found: a line per case, or every cell of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.audit.cases import COMPARISON, Case
from gep.audit.comparison import Comparison, Gap, area_of
from gep.audit.verify import Cell, Verified
from gep.core.catalog import label
from gep.core.messages import Text, in_language, listed, say
from gep.core.unit_names import shown_quantity, unit_text
from gep.core.units import convert

_COLOURS = {
    "holds": "green",
    "does_not_follow": "yellow",
    "fails": "bold red",
    "cannot_tell": "cyan",
    "compared": "cyan",
}
_MOST_DECIMALS = 6
_STEPS = ("published", "not_by_service", "only_ours")
"""Steps of a bridge that are no gap of a case."""


def word(key: str, language: str) -> str:
    """A fixed word in a language."""
    return say(f"audit.verification.{key}").to(language)


def show_list(cases: Sequence[Case], out: Console, language: str) -> None:
    """The cases that there are."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(word("case", language), no_wrap=True)
    table.add_column(word("name", language))
    for case in cases:
        table.add_row(case.id, escape(case.name.to(language)))
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
        _show_failures(one, out, language, one.case.id)
        _show_need(one, out, language)


def show_case(found: Verified, out: Console, language: str) -> None:
    """Every cell of a case, and why published figures do not follow from those beside them."""
    case = found.case
    out.print(f"[bold]{escape(case.name.to(language))}[/bold]")
    source = say("audit.verification.titled", title=say("audit.verification.source"), text=case.citation())
    out.print(source.to(language), markup=False, soft_wrap=True)
    out.print(f"[dim]{escape(case.file.about.to(language))}[/dim]\n", soft_wrap=True)
    out.print(_cells(case, found.cells, language))
    out.print(f"[dim]{word('digits', language)}[/dim]")
    out.print("\n" + _counts(found.cells, language), markup=False)
    explained = [cell for cell in found.cells if cell.verdict == "does_not_follow"]
    if explained:
        out.print(f"\n[bold]{word('why', language)}[/bold]")
        for reason in dict.fromkeys(cell.note for cell in explained):
            names = listed(cell.id for cell in explained if cell.note == reason)
            said = say("audit.verification.titled", title=names, text=reason)
            out.print(f"  {said.to(language)}", markup=False, soft_wrap=True)
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
        said = say("audit.verification.titled", title=gap.id, text=gap.says)
        out.print(f"  {said.to(language)}", markup=False, soft_wrap=True)
        for line in _quantified(gap, language):
            out.print(f"    {line}", markup=False, soft_wrap=True)
    for account in dict.fromkeys(gap.account for gap in found.gaps if gap.contributions):
        bridge = say("audit.verification.bridge", account=account).to(language)
        out.print(f"\n[bold]{escape(bridge)}[/bold]")
        out.print(_bridge(found, account, language))
    missing = (
        f"{label(m.service, language)} ({say(f'comparison.reason.{m.reason}').to(language)})"
        for m in found.ours.about.missing
    )
    said = say("audit.verification.titled", title=say("audit.verification.missing"), text=listed(missing))
    out.print("\n" + said.to(language), markup=False, soft_wrap=True)


def _accounts(found: Comparison, language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for name in ("account", "year", "land", "method", "total", "status"):
        table.add_column(word(name, language), justify="right" if name == "total" else "left", overflow="fold")
    totals = {gap.account: gap.published for gap in found.gaps if gap.item == "ALL"}
    totals |= {gap.account: found.published_total(gap.account) for gap in found.gaps if gap.contributions}
    for row in found.case.tables["accounts"].rows:
        total = f"{totals[row['account']]:,.2f}" if row["account"] in totals else ""
        told = [escape(row.said(name).to(language)) for name in ("account", "year", "land", "method", "status")]
        table.add_row(*told[:-1], total, told[-1])
    ours, about = found.ours, found.ours.about
    land = f"{convert(area_of(ours), 'm^2', 'km^2'):,.0f} {unit_text('km^2').to(language)}"
    method = f"{about.profile} ({about.level})"
    table.add_row(
        f"[bold]{word('ours', language)}[/bold]",
        str(about.year),
        land,
        method,
        f"{found.our_total():,.2f}",
        escape(ours.title(language)),
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
        parts = listed(f"{word(name, language)} {part:+,.2f}" for name, part in gap.contributions.items())
        lines.append(say("audit.verification.parts", parts=parts).to(language))
    if gap.at_our_price is not None:
        quantity = _amount(gap.at_our_price, gap.quantity_unit, language)
        said = say("audit.verification.at_our_price", quantity=quantity)
        if gap.quantity_at_our_price is not None:
            more = say("audit.verification.quantity_at_our_price", value=f"{gap.quantity_at_our_price:,.2f}")
            said = say("audit.verification.in_money", said=said, more=more)
        lines.append(said.to(language))
    return [*lines, *(in_language(remark, language) for remark in gap.remarks)]


def _bridge(found: Comparison, account: str, language: str) -> Table:
    table = Table(show_edge=False, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, step in found.bridge(account):
        gap, _, factor = name.partition("/")
        shown = say(f"audit.verification.{gap}") if gap in _STEPS else Text(gap, gap)
        if factor:
            shown = say("audit.verification.titled", title=shown, text=say(f"audit.verification.{factor}"))
        table.add_row(shown.to(language), f"{step:,.2f}" if name == "published" else f"{step:+,.2f}")
    table.add_row(f"[bold]{word('ours', language)}[/bold]", f"[bold]{found.our_total():,.2f}[/bold]")
    return table


def _amount(amount: float, unit: str, language: str) -> str:
    """A large quantity at the scale that people read it at."""
    return " ".join(shown_quantity(amount, unit, language))


def _show_need(found: Verified, out: Console, language: str) -> None:
    if found.case.kind == COMPARISON and found.beside is None:
        out.print("\n" + say("audit.verification.needs", case=found.case.id).to(language), markup=False, soft_wrap=True)


def _show_failures(found: Verified, out: Console, language: str, case: str = "") -> None:
    failed = [cell for cell in found.cells if cell.verdict == "fails"]
    if not failed:
        return
    title = say("audit.verification.failed_of", case=case) if case else say("audit.verification.failed")
    out.print(f"\n[bold red]{escape(title.to(language))}[/bold red]")
    for cell in failed:
        said = say(
            "audit.verification.failure",
            cell=cell.id,
            locator=cell.locator,
            expected=cell.expected,
            low=_number(cell.low, cell.expected),
            high=_number(cell.high, cell.expected),
            unit=unit_text(cell.unit),
            says=cell.says,
        )
        if cell.note:
            said = say("audit.with_reason", said=said, why=cell.note)
        out.print(f"  {said.to(language)}", markup=False, soft_wrap=True)


def _cells(case: Case, cells: Sequence[Cell], language: str) -> Table:
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
            escape(cell.id),
            cell.expected,
            got,
            off,
            allowed,
            case.shown_unit(cell.unit).to(language),
            verdict,
            escape(cell.locator.to(language)),
        )
    return table


def _counts(cells: Sequence[Cell], language: str) -> str:
    counts = {
        verdict: sum(cell.verdict == verdict for cell in cells) for verdict in ("holds", "does_not_follow", "fails")
    }
    return say("audit.verification.counts", cells=len(cells), **counts).to(language)


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
