"""How accounts of credits are laid out: units, headings, tables, sums."""

from __future__ import annotations

from collections.abc import Sequence

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.figures import Figure, total
from gep.core.errors import Problem
from gep.core.messages import Text, say

CREDITS, MONEY, PRICE = "t*CO2", "CNY", "CNY/(t*CO2)"


def measure(id_: str, unit: str, decimals: int = 0) -> Measure:
    """A column of figures."""
    return Measure(id_, say(f"credits.measure.{id_}"), unit, decimals)


def _label(id_: str) -> tuple[str, Text]:
    return id_, say(f"credits.label.{id_}")


def account_of(
    id_: str, name: Text, tables: Sequence[AssetTable], year: int | None, problems: Sequence[Problem] = ()
) -> AssetAccount:
    """An account of the tables that have rows."""
    titles = say(f"credits.account.{id_}")
    never = say("credits.never_added")
    return AssetAccount(
        id_, titles, name, tuple(table for table in tables if table.lines), never, year, tuple(problems)
    )


def table_of(
    id_: str, labels: Sequence[str], measures: Sequence[Measure], lines: Sequence[Line], *notes: Text
) -> AssetTable:
    """A table with its title from the catalogue."""
    title = say(f"credits.table.{id_}")
    return AssetTable(id_, title, tuple(_label(name) for name in labels), tuple(measures), tuple(lines), notes)


def sums(lines: Sequence[Line], names: Sequence[str], unit: str) -> list[Line]:
    """A row of sums for each product that has several rows. Products are not added: a ticket is no CCER."""
    found = []
    for product in dict.fromkeys(line.labels["product"] for line in lines):
        of = [line for line in lines if line.labels["product"] == product]
        if len(of) < 2:
            continue
        figures: dict[str, Figure | None] = {
            name: total([f for line in of if (f := line.figures[name]) is not None], unit) for name in names
        }
        last = list(of[0].labels)[-1]
        labels = {"product": product, last: say("credits.total")}
        found.append(Line(labels, figures, kind="total", key=f"total/{product}"))
    return found
