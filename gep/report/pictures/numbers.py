"""What the charts show, as tables: of the account's own figures, in the unit of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gep.core.catalog import named
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.core.messages import Text, listed, say
from gep.core.units import linear
from gep.report.tables.facts import Facts
from gep.report.tables.model import Cell, Column, ReportTable, Row, of_text, total_of

GATHERED = "_gathered"
SMALL_SHARE = 0.02
"""What a slice needs of the total to have its own place and label: a judgement of what can be read."""
SMALL_FLOW = 0.005

NAME = Column("name", say("pictures.column.name"), is_text=True)


@dataclass(frozen=True)
class Gathered:
    """Items with their values, the small ones together at the end under `_gathered`, and which these are."""

    items: tuple[tuple[str, float], ...]
    small: tuple[str, ...] = ()

    @property
    def note(self) -> tuple[Text, ...]:
        if not self.small:
            return ()
        return (say("pictures.gathered", count=len(self.small), names=listed(named(name) for name in self.small)),)


def gathered(values: Sequence[tuple[str, float]], least: float) -> Gathered:
    """Values of less than a share of all put together, where there are at least two of them."""
    whole = total_of(abs(value) for _, value in values) or 0.0
    small = tuple(name for name, value in values if abs(value) < least * whole)
    if len(small) < 2:
        return Gathered(tuple(values))
    rest = total_of(value for name, value in values if name in small) or 0.0
    return Gathered((*((n, v) for n, v in values if n not in small), (GATHERED, rest)), small)


def name_of(identifier: str) -> Text:
    """The name of a service, ecosystem or category, or of what is put together."""
    return say("pictures.others") if identifier == GATHERED else named(identifier)


def table_of(id_: str, columns: Sequence[Column], rows: Sequence[Row], notes: tuple[Text, ...] = ()) -> ReportTable:
    """The table of a picture."""
    number = Text(id_, id_)
    name = say(f"pictures.name.{id_.partition('_')[0]}")
    return ReportTable(id_, number, name, tuple(columns), tuple(rows), notes=notes)


def services(facts: Facts, id_: str) -> ReportTable:
    """Value and share of each service that has a value, the largest first (C1, C2)."""
    found = [(service, value) for service in facts.services if (value := facts.value(service)) is not None]
    found.sort(key=lambda item: -item[1])
    whole = facts.account.total()
    has_shares = bool(whole) and all(value >= 0 for _, value in found)
    columns = [NAME, Column("value", say("tables.column.value"), facts.units.money_unit)]
    columns.append(Column("share", say("pictures.column.share"), say("tables.unit.percent")))
    rows = []
    for service, value in found:
        share = value / whole if has_shares and whole else None
        cells = {"name": of_text(named(service)), "value": facts.units.money(value), "share": facts.units.share(share)}
        rows.append(Row("item", service, cells))
    return table_of(id_, columns, rows, facts.notes)


def by_ecosystem(facts: Facts, id_: str) -> ReportTable:
    """Value of each service in each ecosystem type, in rows of types (C3, C7)."""
    services = [service for service in facts.services if facts.value(service) is not None]
    unit = facts.units.money_unit
    columns = [NAME, *(Column(service, named(service), unit) for service in services)]
    columns.append(Column("total", say("tables.column.total"), unit))
    rows = []
    for name in facts.ecosystems:
        total = facts.value(services, ecosystem=name)
        if total is None:
            continue
        cells = {"name": of_text(named(name)), "total": facts.units.money(total)}
        for service in services:
            cells[service] = facts.units.money(facts.value(service, ecosystem=name), "not_applicable")
        rows.append(Row("item", name, cells))
    return table_of(id_, columns, rows, facts.notes)


def counties(facts: Facts, id_: str) -> ReportTable:
    """Total, value per km2 and per head of each county, the largest total first (C4, M5)."""
    ten_thousand = linear("万元", "CNY")[0]
    columns = [
        NAME,
        Column("value", facts.column_of_total, facts.units.money_unit),
        Column("value_per_km2", say("tables.column.per_km2"), say("tables.unit.per_km2")),
        Column("value_per_head", say("tables.column.per_head"), say("tables.unit.per_head")),
    ]
    by_zone = {row["zone"]: row for row in facts.account.indicators()}
    rows = []
    for zone in facts.zones:
        row = by_zone.get(zone)
        if zone in (CITY, UNALLOCATED):
            continue
        cells = {"name": of_text(facts.zone_text(zone)), "value": facts.units.money(row["value"] if row else None)}
        for key in ("value_per_km2", "value_per_head"):
            value = None if row is None else row["value_per_km2"] if key == "value_per_km2" else row["value_per_head"]
            cells[key] = Cell(value, scale=ten_thousand, standing="missing")
        rows.append(Row("item", zone, cells))
    rows.sort(key=lambda row: (row["value"].value is None, -(row["value"].value or 0.0), row.key))
    return table_of(id_, columns, rows, facts.notes)


def unallocated_note(facts: Facts) -> tuple[Text, ...]:
    """That some value belongs to no county, where it does."""
    value = total_of(facts.value(facts.services, zone=zone) for zone in (UNALLOCATED, CITY, NONE))
    if not value:
        return ()
    cell = facts.units.money(value)
    return (say("pictures.unallocated", value=f"{cell.shown:,.2f}", unit=facts.units.money_unit),)
