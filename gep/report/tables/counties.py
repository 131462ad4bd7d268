"""Counties: values (T04) and quantities (T06) by service, area and value by ecosystem type (T05), indicators (T07)."""

from __future__ import annotations

from gep.core.catalog import named
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import say
from gep.report.tables.facts import ANY, Facts
from gep.report.tables.model import Cell, Column, ReportTable, Row, Standing, of_text
from gep.report.tables.totals import table

CODE = Column("area_code", say("tables.column.area_code"), is_text=True)
NAME = Column("area_name", say("tables.column.area_name"), is_text=True)


def _zones_and_city(facts: Facts) -> list[tuple[str, str]]:
    """Zones with the key of their figures; the whole area last."""
    return [*((zone, zone) for zone in facts.zones), (CITY, ANY)]


def _labels(facts: Facts, zone: str) -> dict[str, Cell]:
    name = facts.zone_text(zone)
    code = facts.account.about.code if zone == CITY else "" if zone == UNALLOCATED else zone
    return {"area_code": of_text(code), "area_name": of_text(name)}


def by_service(facts: Facts) -> ReportTable:
    """T04: values by county and service, under subtotals of the categories, with the rank of the total."""
    columns = [CODE, NAME]
    for category, services in facts.categories.items():
        group = named(category)
        columns.append(Column(category, say("tables.column.subtotal"), group=group))
        columns += [Column(service, named(service), group=group) for service in services]
    columns += [Column("total", say("tables.column.total")), Column("rank", say("tables.column.rank"))]
    ranks = _ranks({zone: facts.value(facts.services, zone=zone) for zone in facts.counties})
    rows = []
    for zone, key in _zones_and_city(facts):
        cells = _labels(facts, zone)
        for category, services in facts.categories.items():
            cells[category] = facts.money(services, zone=key)
            cells |= {service: facts.money(service, zone=key) for service in services}
        cells["total"] = facts.money(facts.services, zone=key)
        cells["rank"] = Cell(ranks.get(zone), decimals=0, standing="not_applicable")
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T04", columns, rows, 2, facts.notes, facts.units.money_unit)


def _ranks(totals: dict[str, float | None]) -> dict[str, int]:
    """Each county's place, the largest first; equal ones share a place."""
    given = sorted((value for value in totals.values() if value is not None), reverse=True)
    return {zone: given.index(value) + 1 for zone, value in totals.items() if value is not None}


def by_type(facts: Facts) -> ReportTable:
    """T05: area and value of every ecosystem type by county, and the value of a square kilometre."""
    area, money = say("tables.column.area"), say("tables.column.value")
    columns = [CODE, NAME]
    for name in facts.ecosystems:
        if facts.area(name) is not None:
            columns.append(Column(f"{name}_area", area, facts.units.area_unit, named(name)))
        if facts.is_monetary:
            columns.append(Column(f"{name}_value", money, facts.units.money_unit, named(name)))
    whole = say("tables.column.total")
    columns.append(Column("area", area, facts.units.area_unit, whole))
    if facts.is_monetary:
        columns.append(Column("value", money, facts.units.money_unit, whole))
        columns.append(Column("density", say("tables.column.per_km2"), facts.units.of_density.name, whole))
    rows = []
    for zone, key in _zones_and_city(facts):
        cells = _labels(facts, zone)
        for name in facts.ecosystems:
            size = facts.area(name, key)
            cells[f"{name}_area"] = facts.units.area(size, "not_applicable")
            standing: Standing = "not_applicable" if size is None else "missing"
            cells[f"{name}_value"] = facts.money(facts.services, ecosystem=name, zone=key, standing=standing)
        value = facts.money(facts.services, zone=key)
        cells |= {"area": facts.units.area(facts.area(zone=key), "not_applicable"), "value": value}
        cells["density"] = _of_area(facts, zone, value)
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T05", columns, rows, 2, facts.notes)


def _of_area(facts: Facts, zone: str, value: Cell) -> Cell:
    """The value of a square kilometre of a zone; what belongs to no county has no area."""
    row = facts.indicators.get(zone)
    density = row["value_per_km2"] if row else None
    return facts.units.per_km2(density, "missing" if row else "not_applicable", value.is_partial)


def quantities(facts: Facts) -> ReportTable:
    """T06: quantities by county and component, the unit under each heading."""
    columns, found = [CODE, NAME], list[tuple[str, str]]()
    for service in facts.services:
        for part in facts.components(service):
            if facts.unit(service, part):
                found.append((service, part))
                name = facts.scale(service, part).name
                columns.append(Column(f"{service}/{part}", named(part), name, named(service)))
    rows = []
    for zone, of in _zones_and_city(facts):
        cells = _labels(facts, zone)
        cells |= {f"{service}/{part}": facts.amount(service, part, zone=of) for service, part in found}
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T06", columns, rows, 2, facts.notes)


def indicators(facts: Facts) -> ReportTable:
    """T07: per square kilometre, per head and against GDP, with what these are taken from."""
    units = facts.units
    columns = [
        CODE,
        NAME,
        Column("area", say("tables.column.land_area"), units.area_unit),
        Column("population", say("tables.column.population"), units.of_population.name),
        Column("gdp", say("tables.column.gdp"), units.money_unit),
        Column("value", facts.column_of_total, units.money_unit),
        Column("value_per_km2", say("tables.column.per_km2"), units.of_density.name),
        Column("value_per_head", say("tables.column.per_head"), units.of_head.name),
        Column("value_to_gdp", say("tables.column.to_gdp")),
        Column("coverage", say("tables.column.coverage"), say("tables.unit.percent")),
    ]
    rows = []
    for zone in (*facts.counties, CITY):
        row = facts.indicators.get(zone)
        if row is None:
            continue
        value = facts.money(facts.services, zone=ANY if zone == CITY else zone)
        is_partial = value.is_partial
        cells = _labels(facts, zone) | {
            "area": units.area(row["area_m2"]),
            "population": units.of_population.cell(row["population"], "not_given"),
            "gdp": units.money(row["gdp"], "not_given"),
            "value": value,
            "value_per_km2": units.per_km2(row["value_per_km2"], is_partial=is_partial),
            "value_per_head": units.per_head(row["value_per_head"], "not_given", is_partial),
            "value_to_gdp": Cell(row["value_to_gdp"], standing="not_given", is_partial=is_partial),
            "coverage": units.share(facts.coverage(zone), "missing"),
        }
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T07", columns, rows, 2, (*facts.notes, say("tables.note.coverage")))
