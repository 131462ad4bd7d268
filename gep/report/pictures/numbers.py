"""What the charts show, as tables: of the account's own figures, in the unit of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gep.core.catalog import named
from gep.core.keys import UNALLOCATED
from gep.core.messages import Text, listed, say
from gep.report.tables.book import ReportModel
from gep.report.tables.facts import Facts
from gep.report.tables.model import Column, ReportTable, Row, figure_of, of_text, total_of

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


def table_of(
    id_: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    notes: tuple[Text, ...] = (),
    name: Text | None = None,
) -> ReportTable:
    """The table of a picture, under the name of pictures of its id where none is given."""
    number = Text(id_, id_)
    name = name or say(f"pictures.name.{id_.partition('_')[0]}")
    return ReportTable(id_, number, name, tuple(columns), tuple(rows), notes=notes)


def services(model: ReportModel, id_: str) -> ReportTable:
    """Value and share of each service that has a value, the largest first (C1, C2), as the summary has them."""
    facts = model.facts
    found = [row for row in model.results["T01"].rows if row.kind == "item" and row["value"].value is not None]
    found.sort(key=lambda row: -(row["value"].value or 0.0))
    columns = [NAME, Column("value", say("tables.column.value"), facts.units.money_unit)]
    columns.append(Column("share", say("pictures.column.share"), say("tables.unit.percent")))
    rows = [
        Row("item", row.key, {"name": of_text(named(row.key)), "value": row["value"], "share": row["share"]})
        for row in found
    ]
    return table_of(id_, columns, rows, facts.notes)


def by_ecosystem(facts: Facts, id_: str) -> ReportTable:
    """Value of each service in each ecosystem type, in rows of types (C3, C7)."""
    services = [service for service in facts.services if facts.value(service) is not None]
    unit = facts.units.money_unit
    columns = [NAME, *(Column(service, named(service), unit) for service in services)]
    columns.append(Column("total", say("tables.column.total"), unit))
    rows = []
    for name in facts.ecosystems:
        total = facts.money(services, ecosystem=name)
        if total.value is None:
            continue
        cells = {"name": of_text(named(name)), "total": total}
        for service in services:
            cells[service] = facts.money(service, ecosystem=name, standing=facts.standing(service, name))
        rows.append(Row("item", name, cells))
    return table_of(id_, columns, rows, facts.notes)


def counties(facts: Facts, id_: str) -> ReportTable:
    """Total, value per km2 and per head of each county, the largest total first (C4, M5)."""
    columns = [
        NAME,
        Column("value", facts.column_of_total, facts.units.money_unit),
        Column("value_per_km2", say("tables.column.per_km2"), facts.units.of_density.name),
        Column("value_per_head", say("tables.column.per_head"), facts.units.of_head.name),
    ]
    rows = []
    for zone in facts.counties:
        of, value = facts.indicators.get(zone), facts.money(facts.services, zone=zone)
        cells = {
            "name": of_text(facts.zone_text(zone)),
            "value": value,
            "value_per_km2": facts.units.per_km2(of["value_per_km2"] if of else None, is_partial=value.is_partial),
            "value_per_head": facts.units.per_head(of["value_per_head"] if of else None, "not_given", value.is_partial),
        }
        rows.append(Row("item", zone, cells))
    rows.sort(key=lambda row: (row["value"].value is None, -(row["value"].value or 0.0), row.key))
    return table_of(id_, columns, rows, facts.notes)


def unallocated_note(facts: Facts) -> tuple[Text, ...]:
    """That some value belongs to no county, where it does."""
    value = facts.value(facts.services, zone=UNALLOCATED)
    if not value:
        return ()
    cell = facts.units.money(value)
    said = Text(*(figure_of(cell, language) for language in ("en", "zh")))
    return (say("pictures.unallocated", value=said, unit=facts.units.money_unit),)
