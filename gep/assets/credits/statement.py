"""Statements on credits: that they were cancelled and for whom, and which of a holder's would offset an event."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gep.assets.credits.holdings import serials_moved
from gep.assets.credits.ledger import Ledger
from gep.assets.credits.tables import HELD, Entry, Lot
from gep.assets.figures import Figure, by_rule, exact, made, total
from gep.core.errors import InputError, problem
from gep.core.messages import Text, joined, say
from gep.core.unit_names import unit_name
from gep.stocks import credits as equations

Fact = tuple[Text, Text]
"""What is said, and what of it."""


@dataclass(frozen=True)
class Statement:
    """A document of one page: what it certifies, its facts, and what it does not say."""

    title: Text
    opening: Text
    facts: tuple[Fact, ...]
    notes: tuple[Text, ...] = ()
    parts: tuple[tuple[Text, tuple[Fact, ...]], ...] = ()
    """Further facts, each under a heading."""

    def document(self) -> dict[str, object]:
        """The statement as JSON."""
        return {
            "schema": "gep.statement/1",
            "title": self.title,
            "opening": self.opening,
            "facts": [{"name": name, "value": value} for name, value in self.facts],
            "parts": [
                {"title": title, "facts": [{"name": name, "value": value} for name, value in facts]}
                for title, facts in self.parts
            ],
            "notes": list(self.notes),
        }


def plain_text(text: object) -> Text:
    """A name or a number, which is the same in both languages."""
    return Text(str(text), str(text))


def amount(figure: Figure, decimals: int = 0) -> Text:
    """A figure with its unit."""
    unit = Text(unit_name(figure.unit, "en"), unit_name(figure.unit, "zh"))
    return joined([plain_text(f"{figure.value:,.{decimals}f}"), unit], " ")


def cancellation(ledger: Ledger, number: int, price: Figure | None = None) -> Statement:
    """The statement on an entry that cancelled credits: serial numbers, project, vintage, quantity, date, holder,
    beneficiary, purpose, register.

    Args:
        ledger: where the entry is.
        number: the entry.
        price: a price that the value is told at for reference; a gift has a value, and no proceeds.

    Raises:
        InputError: where there is no such entry, it cancels nothing, or was corrected.
    """
    entry = ledger.entry(number)
    if entry is None or entry.kind != "cancel":
        key = "credits.K28.no_such_entry" if entry is None else "credits.K28.cancels_nothing"
        raise InputError(say("credits.no_statement"), [problem(key, str(number), found=entry.kind if entry else "")])
    of_lot = ledger.entries_of(entry.lot)
    if any(other.corrects == number for other in of_lot):
        raise InputError(say("credits.no_statement"), [problem("credits.K28.was_corrected", str(number))])
    lot = ledger.lots()[entry.lot]
    title, register = _project(ledger, lot)
    facts = [
        (say("credits.fact.entry"), plain_text(number)),
        (say("credits.fact.date"), plain_text(entry.date)),
        (say("credits.fact.quantity"), amount(_tonnes(entry))),
        (say("credits.fact.product"), plain_text(lot.product)),
        (say("credits.fact.project"), title),
        (say("credits.fact.vintage"), plain_text(f"{lot.vintage_begins} – {lot.vintage_ends}")),
        (say("credits.fact.lot"), plain_text(lot.lot)),
        (say("credits.fact.serials"), serials_text(of_lot, lot, number)),
        (say("credits.fact.holder"), plain_text(entry.from_holder)),
        (say("credits.fact.beneficiary"), plain_text(entry.party)),
        (say("credits.fact.purpose"), plain_text(entry.purpose)),
        (say("credits.fact.register"), plain_text(entry.register) if entry.register else register),
    ]
    notes = [say("credits.statement.final"), say("credits.statement.serials"), say("credits.statement.not_gep")]
    if price is not None:
        value = made(equations.credit_value, credits=_tonnes(entry), credit_price=price)
        facts.append((say("credits.fact.reference_value"), amount(value, 2)))
        notes.append(say("credits.statement.reference_value", price=amount(price, 2)))
    return Statement(say("credits.statement.title"), say("credits.statement.opening"), tuple(facts), tuple(notes))


def _tonnes(entry: Entry) -> Figure:
    return exact(entry.quantity, "t*CO2", say("credits.place.entry", entry=entry.entry))


def _project(ledger: Ledger, lot: Lot) -> tuple[Text, Text]:
    """What the project of a lot is called, and its standard."""
    of = next(each for each in ledger.projects() if each.project == lot.project)
    name = f"{of.project} {of.title}" if of.title else of.project
    return plain_text(name), plain_text(of.standard) if of.standard else say("credits.not_known")


def serials_text(of_lot: list[Entry], lot: Lot, number: int) -> Text:
    """The serial numbers that an entry moved, in words."""
    blocks = serials_moved(of_lot, lot, number)
    if not blocks:
        return say("credits.no_serials")
    return plain_text("; ".join(f"{lot.series}-{first} – {lot.series}-{last}" for first, last in blocks))


@dataclass(frozen=True)
class Offset:
    """How an event may be offset: whole tonnes, rounded up, and the lots that they would be of."""

    emissions: Figure
    needed: Figure
    lots: tuple[tuple[Lot, int], ...]


def offset(
    ledger: Ledger,
    holder: str,
    emissions: Figure,
    *,
    products: Collection[str] = (),
    vintages: tuple[int, int] | None = None,
) -> Offset:
    """Which of a holder's free credits would offset an event, the oldest first. Nothing is posted.

    Args:
        ledger: where they lie.
        holder: who cancels them.
        emissions: of the event, in CO2.
        products: those that are accepted; all where none is named.
        vintages: the first and the last year that are accepted.

    Raises:
        InputError: where there are too few.
    """
    needed = by_rule("whole_up", total([emissions], "t*CO2"))
    lots = ledger.lots()
    left, found = int(needed.value), []
    there = [
        (lots[name], free) for (name, who, state), free in ledger.balances().items() if who == holder and state == HELD
    ]
    for lot, free in sorted(there, key=lambda each: (each[0].vintage_begins, each[0].lot)):
        is_accepted = not products or lot.product in products
        year = int(lot.vintage_begins[:4])
        if not is_accepted or (vintages is not None and not vintages[0] <= year <= vintages[1]) or not left:
            continue
        part = min(free, left)
        found.append((lot, part))
        left -= part
    if left:
        found_ones = f"{needed.value - left:.0f} t CO2"
        short = problem("credits.K24.too_few_to_offset", holder, found=found_ones, needed=int(needed.value))
        raise InputError(say("credits.no_offset"), [short])
    return Offset(emissions, needed, tuple(found))
