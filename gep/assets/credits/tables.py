"""The tables that a ledger is made of, as people write them and as it gives them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from gep.assets.tables import Column, Row
from gep.core.messages import Text, say

OUTSIDE, HELD, VOID = "outside", "held", "void"
OWNED = (HELD, "frozen", "pledged")
"""The states of credits that a holder owns and could still sell, once they are free."""

STATES = (OUTSIDE, HELD, "frozen", "pledged", "buffer", "retired", "cancelled", "reversed", VOID)

MOVES: Mapping[str, tuple[str, str]] = {
    "issue": (OUTSIDE, HELD),
    "buy": (OUTSIDE, HELD),
    "sell": (HELD, OUTSIDE),
    "transfer": (HELD, HELD),
    "retire": (HELD, "retired"),
    "cancel": (HELD, "cancelled"),
    "to_buffer": (HELD, "buffer"),
    "from_buffer": ("buffer", HELD),
    "reverse": (HELD, "reversed"),
    "reverse_buffer": ("buffer", "reversed"),
    "freeze": (HELD, "frozen"),
    "unfreeze": ("frozen", HELD),
    "pledge": (HELD, "pledged"),
    "release": ("pledged", HELD),
    "void": (OUTSIDE, VOID),
}
"""What each kind of entry moves credits from and to; `correct` moves back what another entry moved."""

CORRECT = "correct"
KINDS = (*MOVES, CORRECT)


class Project(NamedTuple):
    """A crediting period of a project."""

    project: str
    title: str | None
    standard: str | None
    ecosystem: str | None
    zone: str | None
    begins: str
    ends: str


class Lot(NamedTuple):
    """A block of credits of one project and vintage, with its serial numbers where they are known."""

    lot: str
    project: str
    product: str
    vintage_begins: str
    vintage_ends: str
    date: str
    quantity: int
    series: str | None
    first_serial: int | None
    last_serial: int | None

    @property
    def vintage(self) -> str:
        """The year or years of its vintage."""
        first, last = self.vintage_begins[:4], self.vintage_ends[:4]
        return first if first == last else f"{first}-{last}"


class Entry(NamedTuple):
    """What moved credits of a lot from one balance to another. `value` is what was paid, in CNY."""

    entry: int
    date: str
    kind: str
    lot: str
    from_holder: str
    from_state: str
    to_holder: str
    to_state: str
    quantity: int
    value: float | None = None
    party: str | None = None
    purpose: str | None = None
    register: str | None = None
    reference: str | None = None
    corrects: int | None = None
    note: str | None = None

    @property
    def source(self) -> tuple[str, str]:
        """The balance that it takes from."""
        return self.from_holder, self.from_state

    @property
    def target(self) -> tuple[str, str]:
        """The balance that it adds to."""
        return self.to_holder, self.to_state


PROJECTS = (
    Column("project"),
    Column("title", is_needed=False),
    Column("standard", is_needed=False),
    Column("ecosystem", is_needed=False),
    Column("zone", is_needed=False),
    Column("crediting_begins", "date"),
    Column("crediting_ends", "date"),
)

LOTS = (
    Column("lot"),
    Column("project"),
    Column("product"),
    Column("vintage_begins", "date"),
    Column("vintage_ends", "date"),
    Column("date", "date"),
    Column("credits", "number", "t*CO2", least=0),
    Column("series", is_needed=False),
    Column("first_serial", "whole", is_needed=False),
    Column("last_serial", "whole", is_needed=False),
)

ENTRIES = (
    Column("entry", "whole", is_needed=False),
    Column("date", "date"),
    Column("kind", among=KINDS),
    Column("lot", is_needed=False),
    Column("holder", is_needed=False),
    Column("new_holder", is_needed=False),
    Column("credits", "number", "t*CO2", is_needed=False, least=0),
    Column("value", "number", "CNY", is_needed=False, least=0),
    Column("party", is_needed=False),
    Column("purpose", is_needed=False),
    Column("register", is_needed=False),
    Column("voucher", is_needed=False),
    Column("corrects", "whole", is_needed=False),
    Column("note", is_needed=False),
)


class Asked(NamedTuple):
    """A row of entries as somebody wrote it: what is to be posted, once the ledger says that it can be."""

    place: Text
    date: str
    kind: str
    lot: str
    holder: str
    new_holder: str
    quantity: float | None
    value: float | None = None
    party: str | None = None
    purpose: str | None = None
    register: str | None = None
    reference: str | None = None
    corrects: int | None = None
    note: str | None = None


def day(row: Row, column: str) -> str:
    """A date of a row as the ledger has it."""
    found = row.day(column)
    assert isinstance(found, date), column
    return found.isoformat()


def project_of(row: Row) -> Project:
    """A row of projects."""
    title, standard, ecosystem, zone = (row.text(name) or None for name in ("title", "standard", "ecosystem", "zone"))
    begins, ends = day(row, "crediting_begins"), day(row, "crediting_ends")
    return Project(row.text("project"), title, standard, ecosystem, zone, begins, ends)


def asked_of(row: Row) -> Asked:
    """A row of entries."""
    return Asked(
        row.place,
        day(row, "date"),
        row.text("kind"),
        row.text("lot"),
        row.text("holder"),
        row.text("new_holder"),
        row.amount("credits"),
        row.amount("value"),
        row.text("party") or None,
        row.text("purpose") or None,
        row.text("register") or None,
        row.text("voucher") or None,
        row.whole("corrects"),
        row.text("note") or None,
    )


def kind_named(kind: str) -> Text:
    """What a kind of entry is called."""
    return say(f"credits.kind.{kind}")


def state_named(state: str) -> Text:
    """What a state of credits is called."""
    return say(f"credits.state.{state}")


@cache
def schema() -> str:
    """The tables and rules of a ledger as SQL."""
    return (files("gep.assets.credits") / "ledger.sql").read_text(encoding="utf-8")
