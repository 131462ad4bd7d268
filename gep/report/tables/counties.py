"""Counties: values (T04) and quantities (T06) by service, area and value by ecosystem type (T05), indicators (T07)."""

from __future__ import annotations

import math

from gep.core.catalog import named
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import say
from gep.core.units import linear
from gep.report.tables.facts import ANY, Facts
from gep.report.tables.model import Cell, Column, ReportTable, Row, Standing, of_text
from gep.report.tables.totals import table

CODE = Column("area_code", say("tables.column.area_code"), is_text=True)
NAME = Column("area_name", say("tables.column.area_name"), is_text=True)


def _zones_and_city(facts: Facts) -> list[tuple[str, str]]:
    """Zones with the key of their figures; the whole area last."""
    return [*((zone, zone) for zone in facts.zones if zone != CITY), (CITY, ANY)]


def _labels(facts: Facts, zone: str) -> dict[str, Cell]:
    name = facts.title_of_area if zone == CITY else facts.zone_text(zone)
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
    totals = {zone: facts.value(facts.services, zone=zone) for zone in facts.zones if zone not in (UNALLOCATED, CITY)}
    ranks = _ranks(totals)
    rows = []
    for zone, key in _zones_and_city(facts):
        cells = _labels(facts, zone)
        for category, services in facts.categories.items():
            cells[category] = _money(facts, services, zone, key)
            cells |= {service: _money(facts, [service], zone, key) for service in services}
        cells["total"] = _money(facts, facts.services, zone, key)
        cells["rank"] = Cell(ranks.get(zone), decimals=0, standing="not_applicable")
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T04", columns, rows, 2, facts.notes, facts.units.money_unit)


def _money(facts: Facts, services: list[str], zone: str, key: str) -> Cell:
    """Value of services in a zone. Of what has a value in the counties alone, nothing is left to allocate."""
    value = facts.value(services, zone=key)
    is_allocated = zone == UNALLOCATED and value is None and facts.value(services) is not None
    return facts.units.money(0.0 if is_allocated else value)


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
        columns.append(Column("density", say("tables.column.per_km2"), say("tables.unit.per_km2"), whole))
    rows = []
    for zone, key in _zones_and_city(facts):
        cells = _labels(facts, zone)
        for name in facts.ecosystems:
            size = facts.area(name, key)
            cells[f"{name}_area"] = facts.units.area(size, "not_applicable")
            standing: Standing = "not_applicable" if size is None else "missing"
            cells[f"{name}_value"] = facts.units.money(facts.value(facts.services, ecosystem=name, zone=key), standing)
        size, value = facts.area(zone=key), facts.value(facts.services, zone=key)
        cells |= {"area": facts.units.area(size, "not_applicable"), "value": _money(facts, facts.services, zone, key)}
        cells["density"] = _density(value, size)
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T05", columns, rows, 2, facts.notes)


def _density(value: float | None, area: float | None) -> Cell:
    """Value per km2, shown in 万元."""
    per_km2 = value / (area * linear("m^2", "km^2")[0]) if value is not None and area else None
    return Cell(per_km2, scale=linear("万元", "CNY")[0], standing="not_applicable" if not area else "missing")


def quantities(facts: Facts) -> ReportTable:
    """T06: quantities by county and component, the unit under each heading."""
    columns, found = [CODE, NAME], dict[str, tuple[str, str, float]]()
    for service in facts.services:
        for part in facts.components(service):
            if unit := facts.unit(service, part):
                key = f"{service}/{part}"
                scale, name = facts.units.scale_of([facts.quantity(service, part)], unit)
                found[key] = (service, part, scale)
                columns.append(Column(key, named(part), name, named(service)))
    rows = []
    for zone, of in _zones_and_city(facts):
        cells = _labels(facts, zone)
        for key, (service, part, scale) in found.items():
            amount = facts.quantity(service, part, zone=of)
            is_allocated = zone == UNALLOCATED and amount is None and facts.quantity(service, part) is not None
            cells[key] = Cell(0.0 if is_allocated else amount, scale=scale, standing="missing")
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T06", columns, rows, 2, facts.notes)


def indicators(facts: Facts) -> ReportTable:
    """T07: per square kilometre, per head and against GDP, with what these are taken from."""
    person, gdp = linear("1e4*person", "person")[0], linear("亿元", "CNY")[0]
    columns = [
        CODE,
        NAME,
        Column("area", say("tables.column.land_area"), facts.units.area_unit),
        Column("population", say("tables.column.population"), say("tables.unit.population")),
        Column("gdp", say("tables.column.gdp"), say("tables.unit.money_large")),
        Column("value", facts.column_of_total, facts.units.money_unit),
        Column("value_per_km2", say("tables.column.per_km2"), say("tables.unit.per_km2")),
        Column("value_per_head", say("tables.column.per_head"), say("tables.unit.per_head")),
        Column("value_to_gdp", say("tables.column.to_gdp")),
        Column("coverage", say("tables.column.coverage"), say("tables.unit.percent")),
    ]
    by_zone = {row["zone"]: row for row in facts.account.indicators()}
    rows = []
    for zone, _ in _zones_and_city(facts):
        row = by_zone.get(zone)
        if row is None or zone == UNALLOCATED:
            continue
        cells = _labels(facts, zone) | {
            "area": facts.units.area(row["area_m2"]),
            "population": Cell(row["population"], scale=person, standing="not_given"),
            "gdp": Cell(row["gdp"], scale=gdp, standing="not_given"),
            "value": facts.units.money(row["value"]),
            "value_per_km2": Cell(row["value_per_km2"], scale=linear("万元", "CNY")[0], standing="missing"),
            "value_per_head": Cell(row["value_per_head"], scale=linear("万元", "CNY")[0], standing="not_given"),
            "value_to_gdp": Cell(row["value_to_gdp"], standing="not_given"),
            "coverage": facts.units.share(_coverage(facts, zone), "missing"),
        }
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    return table("T07", columns, rows, 2, facts.notes)


def _coverage(facts: Facts, zone: str) -> float | None:
    """The share of the land that counts for the services computed on cells on which they have all inputs, each service
    weighing as much as the land that counts for it.
    """
    valid, counted = [], []
    for sums in facts.account.cell_sums.values():
        if zone in (CITY, sums["zone"]):
            counted.append(sums["area"])
            valid.append(sums["valid_area"])
    whole = math.fsum(counted)
    return math.fsum(valid) / whole if whole else None
