"""How sure an account is, as it is printed and written: intervals of the total and its parts, what drives them, what is
not known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account.account import Account
from gep.account.uncertain.drivers import TOGETHER
from gep.account.uncertain.result import Interval, Uncertainty, Unknown
from gep.core.catalog import label
from gep.core.messages import Text, in_language, listed, say
from gep.inputs.correlated import LAYER, OF_PRICE, TABLE
from gep.report.console import rows_table
from gep.report.names import called
from gep.report.tables.facts import Facts
from gep.report.tables.model import Units, text_of
from gep.study.choices import Choice, Choices

COLUMNS = ("by", "id", "value", "lower", "upper", "interval_level", "unit")
ENDS = ("lower", "upper")
MOST_DRIVERS, MOST_UNKNOWN = 10, 15
_DASH = "—"


def _word(key: str, language: str, **values: Any) -> str:
    return say(f"uncertainty.{key}", **values).to(language)


def name_of(name: str) -> Text:
    """What people call a variable: `runoff_coefficient[forest/mixed]` by the name of the coefficient, with where it
    holds; layers and items by theirs.
    """
    kind = LAYER if name.startswith(LAYER) else TABLE if name.startswith(TABLE) else ""
    plain = name.removeprefix(kind)
    if plain.endswith(OF_PRICE):
        return say("uncertainty.of_price", name=name_of(name.removesuffix(OF_PRICE)))
    base, bracket, rest = plain.partition("[")
    if not bracket:
        base, at, rest = plain.partition("@")
        bracket = at
    known = called(base) or called(base.partition("/")[0]) or Text(base, base)
    named = say("uncertainty.named", name=known, where=f"{bracket}{rest}") if rest else known
    return say(f"uncertainty.of_{'layer' if kind == LAYER else 'table'}", name=named) if kind else named


def write_uncertainty(found: Uncertainty, path: Path) -> None:
    """Every total with the ends of its interval, as CSV; empty where nothing is known."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in found.rows():
            writer.writerow({key: repr(cell) if isinstance(cell, float) else cell for key, cell in row.items()})


def show_uncertainty(account: Account, found: Uncertainty, out: Console, language: str) -> None:
    """Print intervals, drivers and what is unknown."""
    about = account.about
    name = (about.name_zh or about.name) if language == "zh" else about.name
    out.print(f"[bold]{escape(_word('heading', language, name=name, year=about.year))}[/bold]")
    out.print(summary_of(account, found, language), markup=False, soft_wrap=True)
    out.print()
    units = Facts(account, "zh" if language == "zh" else "en").units
    names = {code: account.zone_name(code, "zh" if language == "zh" else "en") for code in found.by_zone}
    parts: tuple[tuple[str, Mapping[str, Interval], Mapping[str, str]], ...] = (
        ("service", found.by_service, {id_: label(id_, language) for id_ in found.by_service}),
        ("ecosystem", found.by_ecosystem, {id_: label(id_, language) for id_ in found.by_ecosystem}),
        ("zone", found.by_zone, names),
    )
    for kind, of, called_so in parts:
        out.print(_intervals(kind, {called_so[id_]: interval for id_, interval in of.items()}, units, language))
        out.print()
    if found.drivers:
        out.print(f"[bold]{_word('drivers', language)}[/bold]")
        headings = [_word(f"column.{name}", language) for name in ("number", "first", "with_others")]
        rows = [
            (driver_of(driver.name).to(language), f"{driver.first:.1%}", f"{driver.total:.1%}")
            for driver in found.drivers[:MOST_DRIVERS]
        ]
        out.print(rows_table(headings, rows, right=headings[1:]))
        out.print(f"[dim]{_word('shares_of_sum' if found.is_sum else 'shares_sampled', language)}[/dim]\n")
    _show_unknown(found, out, language)


def show_choices(account: Account, found: Choices, out: Console, language: str) -> None:
    """Print the totals under other choices, the greatest change first, and those that give no figure."""
    units = Facts(account, "zh" if language == "zh" else "en").units
    unit, total = units.money_unit, text_of(units.money(found.total), language)
    out.print(f"[bold]{escape(_word('choices', language, total=total, unit=unit))}[/bold]")
    headings = [_word(f"column.{name}", language, unit=unit) for name in ("choice", "option", "value", "change")]
    headings += [_word(f"column.{name}", language) for name in ("meaning", "behind")]
    rows = [
        (
            _choice(choice, language),
            choice.option,
            text_of(units.money(choice.total), language),
            f"{choice.change / found.total:+.1%}",
            in_language(choice.meaning, language),
            in_language(choice.behind, language),
        )
        for choice in found.found
        if choice.change is not None
    ]
    if rows:
        out.print(rows_table(headings, rows, right=headings[2:4]))
    out.print(_word("unchanged", language, count=found.unchanged), markup=False)
    without = [choice for choice in found.found if choice.change is None]
    if without:
        out.print(f"\n[bold]{_word('without_figure', language)}[/bold]")
        lines = [(_choice(one, language), one.option, in_language(one.reason, language)) for one in without]
        out.print(rows_table([*headings[:2], _word("column.reason", language)], lines))


def driver_of(name: str) -> Text:
    """A variable by its name; of those that were drawn together both, or the first and how many more."""
    first, *others = name.split(TOGETHER)
    if len(others) <= 1:
        return listed(map(name_of, (first, *others)))
    return say("uncertainty.together", name=name_of(first), count=len(others))


def _choice(choice: Choice, language: str) -> str:
    """A switch as a project writes it; a coefficient by its name."""
    if choice.kind == "profile":
        return _word("profile", language)
    return choice.name if choice.kind == "switch" else name_of(choice.name).to(language)


def summary_of(account: Account, found: Uncertainty, language: str) -> str:
    """The total with its interval, how it was made, and where the value lies outside of it."""
    if found.total.lower is None or found.total.upper is None:
        return _word("nothing_known", language, numbers=found.numbers)
    units = Facts(account, "zh" if language == "zh" else "en").units
    unit = units.money_unit
    cells = zip(Interval._fields, units.interval(found.total), strict=True)
    shown = {name: text_of(cell, language) for name, cell in cells}
    gum = found.gum
    lines = [
        _word(
            "total",
            language,
            unit=unit,
            level=f"{found.level:.0%}",
            median=text_of(units.money(found.median), language),
            **shown,
        ),
        _word("made", language, draws=found.draws, seed=found.seed, ranges=found.ranges, numbers=found.numbers),
        _word("gum", language, unit=unit, **{end: text_of(units.money(getattr(gum, end)), language) for end in ENDS}),
        _word("settled" if found.has_settled else "unsettled", language, change=f"{found.settling or 0:.2%}"),
    ]
    if found.recomputed:
        lines.append(_word("recomputed", language, count=len(found.recomputed), runs=found.runs))
    if layers := said_of_layers(driver.name for driver in found.drivers):
        lines.append(layers.to(language))
    if found.idle:
        lines.append(_word("idle", language, names=listed(name_of(name) for name in found.idle)))
    if any(one.reason == "not_proved" for one in found.unknown):
        lines.append(_word("not_recomputed", language))
    if not found.total.lower <= found.total.value <= found.total.upper:
        names = [driver.name for driver in found.drivers]
        lines.append(said_of_ends(found.total.value, found.median, names, found.at_ends).to(language))
    return "\n".join(lines)


def said_of_ends(value: float, median: float | None, drivers: Iterable[str], at_ends: Iterable[str]) -> Text:
    """Why a value lies outside of its own interval: which of its drivers stand at an end of their ranges, and by how
    much the median of the draws differs from it.
    """
    ends = {*at_ends}
    names = listed(driver_of(name) for name in drivers if not ends.isdisjoint(name.split(TOGETHER)))
    share = f"{median / value - 1:+.1%}" if value and median is not None else _DASH
    return say("uncertainty.at_an_end", names=names, share=share)


def said_of_layers(drivers: Iterable[str]) -> Text | None:
    """How the error of layers is drawn, which of them drive the total; None where none does."""
    parts = (name for driver in drivers for name in driver.split(TOGETHER))
    layers = [name for name in parts if name.startswith(LAYER) and not name.startswith(f"{LAYER}land_cover")]
    return say("uncertainty.of_one_layer", names=listed(name_of(name) for name in layers)) if layers else None


def _intervals(kind: str, of: Mapping[str, Interval], units: Units, language: str) -> Table:
    headings = [_word(f"by.{kind}", language)]
    headings += [_word(f"column.{name}", language, unit=units.money_unit) for name in ("value", *ENDS)]
    rows: Sequence[Sequence[str]] = [
        (name, *(_DASH if cell.value is None else text_of(cell, language) for cell in units.interval(interval)))
        for name, interval in sorted(of.items(), key=lambda item: -item[1].value)
    ]
    return rows_table(headings, rows, right=headings[1:])


def _show_unknown(found: Uncertainty, out: Console, language: str) -> None:
    share, without = f"{found.share_unknown:.1%}", f"{found.share_without:.1%}"
    out.print(f"[bold]{_word('unknown', language, count=len(found.unknown))}[/bold]")
    out.print(_word("resting", language, share=share, without=without), markup=False, soft_wrap=True)
    headings = [_word(f"column.{name}", language) for name in ("number", "share", "reason", "services")]
    rows = [_row_of(one, language) for one in found.unknown[:MOST_UNKNOWN]]
    if rows:
        out.print(rows_table(headings, rows, right=headings[1:2]))
    if len(found.unknown) > MOST_UNKNOWN:
        out.print(_word("more", language, count=len(found.unknown) - MOST_UNKNOWN))


def _row_of(one: Unknown, language: str) -> tuple[str, ...]:
    services = listed(label(service, language) for service in one.services).to(language)
    name = one.name if one.kind == "figure" else name_of(one.name).to(language)
    return name, f"{one.share:.1%}", _word(f"reason.{one.reason}", language), services
