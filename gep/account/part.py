"""A part of a figure that is explained in one step, and what the ledger says of it."""

from __future__ import annotations

from dataclasses import dataclass

from gep.account.arithmetic import added
from gep.account.entries import Entry
from gep.account.figures import Figures
from gep.account.record import ComponentRecord, FigureRecord, Ledger
from gep.core.keys import NONE


@dataclass(frozen=True)
class Part:
    """The figures of one class and component that a step explains: one, or those of all zones."""

    account: Figures
    zone: str
    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        return self.entries[0]

    @property
    def ledger(self) -> Ledger:
        return self.account.ledger

    @property
    def component(self) -> ComponentRecord:
        """What the ledger says of the component."""
        return self.ledger["services"][self.first.service]["components"][self.first.component]

    @property
    def value_equation(self) -> str | None:
        """The equation that values the component; none of a product, or where quantities alone are accounted."""
        component = self.ledger["services"][self.first.service]["components"].get(self.first.component)
        return component["value"] if component else None

    @property
    def factor(self) -> float:
        """What turns a sum over cells, or what an equation gives, into the unit of the component."""
        return there(self.component["factor"], "factor")

    @property
    def cell(self) -> str:
        first = self.first
        return "/".join(name for name in (first.ecosystem, first.land_class) if name != NONE) or NONE

    @property
    def quantity(self) -> float | None:
        return added(entry.quantity for entry in self.entries)

    @property
    def value(self) -> float | None:
        return added(entry.value for entry in self.entries)

    def adjustments(self, ending: str) -> tuple[Entry, ...]:
        """What a rule on totals took off or added to these figures."""
        first = self.first
        wanted = (first.service, f"{first.component}_{ending}", first.ecosystem, first.land_class)
        zones = {entry.zone for entry in self.entries}
        return tuple(
            entry
            for entry in self.account.flows
            if entry.zone in zones and (entry.service, entry.component, entry.ecosystem, entry.land_class) == wanted
        )


def figure_of(part: Part) -> FigureRecord:
    """What the ledger has of a figure; that of all zones together for the whole area."""
    first = part.first
    wanted = (part.zone, first.ecosystem, first.land_class)
    known = {(f["zone"], f["ecosystem"], f["land_class"]): f for f in part.component["figures"]}
    return known[wanted]


def figures_of(part: Part) -> list[FigureRecord]:
    zones = {m.zone for m in part.entries}
    wanted = (part.first.ecosystem, part.first.land_class)
    return [f for f in part.component["figures"] if f["zone"] in zones and (f["ecosystem"], f["land_class"]) == wanted]


def there(number: float | None, name: str) -> float:
    """A number that the ledger has to have. Raises LookupError."""
    if number is None:
        raise LookupError(name)
    return number
