"""The total and what it is made of: T01 (summary), T02 (quantities) and T03 (values) by ecosystem type."""

from __future__ import annotations

from collections.abc import Iterator

from gep.account.rules import FROM_OUTSIDE
from gep.core.catalog import named
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text
from gep.report.tables.facts import ANY, Facts
from gep.report.tables.model import EMPTY, Cell, Column, ReportTable, Row, RowKind, Standing, of_text, total_of


def _word(key: str) -> Text:
    return say(f"tables.column.{key}")


def _number_of(id_: str) -> Text:
    return say(f"tables.number.{id_}")


def table(
    id_: str, columns: list[Column], rows: list[Row], labels: int, notes: tuple[Text, ...] = (), unit: Text = EMPTY
) -> ReportTable:
    """A table with the number and the name that the catalogue has for it, and the key to its marks."""
    if any(cell.is_partial and cell.value is not None for row in rows for cell in row.cells.values()):
        notes = (*notes, say("tables.note.lacks_part"))
    name = say(f"tables.name.{id_}")
    return ReportTable(id_, _number_of(id_), name, tuple(columns), tuple(rows), labels, unit, notes)


def summary(facts: Facts) -> ReportTable:
    """T01: categories, services and their components with quantity, price, value and share. Subtotals come first, as in
    every bulletin.
    """
    group_quantity, group_price = _word("quantity"), _word("price")
    columns = [
        Column("category", _word("category"), is_text=True),
        Column("service", _word("service"), is_text=True),
        Column("component", _word("component"), is_text=True),
        Column("quantity", _word("number"), group=group_quantity),
        Column("quantity_unit", _word("unit"), group=group_quantity, is_text=True),
    ]
    if facts.is_monetary:
        columns += [
            Column("price", _word("number"), group=group_price),
            Column("price_unit", _word("unit"), group=group_price, is_text=True),
            Column("value", _word("value"), facts.units.money_unit),
            Column("share", _word("share_of_total"), say("tables.unit.percent")),
        ]
    rows = [row for category in facts.categories for row in _rows_of_category(facts, category)]
    if facts.is_monetary:
        rows.append(_total_row(facts))
    rows += _memo_rows(facts)
    return table("T01", columns, rows, 3, facts.notes)


def _rows_of_category(facts: Facts, category: str) -> Iterator[Row]:
    services = facts.categories[category]
    if facts.is_monetary:
        yield Row("category", category, {"category": of_text(named(category)), **_money(facts, services)})
    for service in services:
        yield from _rows_of_service(facts, category, service)


def _rows_of_service(facts: Facts, category: str, service: str) -> Iterator[Row]:
    """A service on one row with its only component, or with a row below for each of several."""
    parts = facts.components(service)
    names = {"category": of_text(named(category)), "service": of_text(named(service))}
    money = _money(facts, [service]) if facts.is_monetary else {}
    if len(parts) == 1:
        (part,) = parts
        component = of_text(named(part) if part != service else EMPTY)
        yield Row("item", service, {**names, "component": component, **_quantity(facts, service, part), **money}, 1)
        return
    yield Row(
        "item", service, {**names, "quantity": Cell(standing="missing" if not parts else "not_applicable"), **money}, 1
    )
    for part in parts:
        money = _money(facts, [service], part, facts.standing_of_value(service, part)) if facts.is_monetary else {}
        of_part = {**names, "component": of_text(named(part)), **_quantity(facts, service, part), **money}
        yield Row("component", f"{service}/{part}", of_part, 2)


def _quantity(facts: Facts, service: str, component: str) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    if facts.unit(service, component):
        unit = facts.scale(service, component).name
        cells |= {"quantity": facts.amount(service, component), "quantity_unit": of_text(unit)}
    if price := facts.price(service, component):
        decimals = 2 if abs(price[0]) >= 1 else 4
        cells |= {"price": Cell(price[0], decimals=decimals), "price_unit": of_text(unit_text(price[1]))}
    elif facts.has_price(service, component):
        cells["price"] = of_text(say("tables.several_prices"))
    return cells


def _money(facts: Facts, services: list[str], component: str = ANY, standing: Standing = "missing") -> dict[str, Cell]:
    """Value of services and its share of the total."""
    value = facts.money(services, component, standing=standing)
    return {"value": value, "share": facts.units.share(facts.share(value.value))}


def _total_row(facts: Facts) -> Row:
    """The total under the name that it may bear."""
    return Row("total", "total", {"category": of_text(facts.title), **_money(facts, facts.services)})


def _memo_rows(facts: Facts) -> Iterator[Row]:
    """Below the total, and in no sum above or beside it: what could be provided and is not counted, and what was taken
    off for it comes from outside the area.
    """
    for (service, component), entries in facts.potential.items():
        amount, unit = total_of(entry.quantity for entry in entries), facts.unit_of(entries)
        cells = {"category": of_text(say("tables.memo.potential")), "service": of_text(named(service))}
        cells["component"] = of_text(named(component) if component != service else EMPTY)
        if unit:
            scale = facts.units.scale_of([amount], unit)
            cells |= {"quantity": scale.cell(amount), "quantity_unit": of_text(scale.name)}
        if facts.is_monetary:
            value = total_of(entry.value for entry in entries)
            cells["value"] = facts.units.money(value, "not_applicable")
        yield Row("memo", f"potential/{service}/{component}", cells)
    for service in facts.services if facts.is_monetary else ():
        taken_off = facts.value(service, FROM_OUTSIDE)
        if taken_off is not None:
            cells = {"category": of_text(say("tables.memo.from_outside")), "service": of_text(named(service))}
            yield Row("memo", f"{FROM_OUTSIDE}/{service}", {**cells, "value": facts.units.money(0.0 - taken_off)})


def quantities(facts: Facts) -> ReportTable:
    """T02: quantities of every component by ecosystem type, each row in its own unit; nothing is added over rows."""
    types = say("tables.column.types")
    columns = [
        Column("service", _word("service"), is_text=True),
        Column("component", _word("component"), is_text=True),
        Column("unit", _word("unit"), is_text=True),
        *(Column(name, named(name), group=types) for name in facts.ecosystems),
        Column("total", _word("total")),
    ]
    rows = []
    for service in facts.services:
        for part in facts.components(service):
            if not facts.unit(service, part):
                continue
            unit = facts.scale(service, part).name
            cells = {"service": of_text(named(service)), "component": of_text(named(part)), "unit": of_text(unit)}
            for ecosystem in facts.ecosystems:
                standing = facts.standing(service, ecosystem, part)
                cells[ecosystem] = facts.amount(service, part, ecosystem, standing=standing)
            rows.append(Row("item", f"{service}/{part}", {**cells, "total": facts.amount(service, part)}, 1))
    return table("T02", columns, rows, 3, facts.notes)


def values(facts: Facts) -> ReportTable:
    """T03: values of every service by ecosystem type, with subtotals of the categories, totals and shares."""
    types = say("tables.column.types")
    columns = [
        Column("service", _word("service"), is_text=True),
        *(Column(name, named(name), group=types) for name in facts.ecosystems),
        Column("total", _word("total")),
        Column("share", _word("share"), say("tables.unit.percent")),
    ]
    rows = []
    for category, services in facts.categories.items():
        rows.append(_value_row(facts, "category", category, named(category), services))
        rows += [_value_row(facts, "item", service, named(service), [service]) for service in services]
    rows.append(_value_row(facts, "total", "total", facts.title, facts.services))
    of_types = [facts.value(facts.services, ecosystem=name) for name in facts.ecosystems]
    shares = {
        name: facts.units.share(facts.share(value, among=of_types))
        for name, value in zip(facts.ecosystems, of_types, strict=True)
    }
    whole = facts.units.share(facts.share(facts.account.total(), among=of_types))
    rows.append(Row("share", "share", {"service": of_text(_word("share_of_types")), **shares, "total": whole}))
    return table("T03", columns, rows, 1, facts.notes, facts.units.money_unit)


def _value_row(facts: Facts, kind: RowKind, key: str, name: Text, services: list[str]) -> Row:
    cells = {"service": of_text(name)}
    for ecosystem in facts.ecosystems:
        standings = {facts.standing(service, ecosystem) for service in services}
        standing: Standing = "missing" if "missing" in standings else "not_applicable"
        cells[ecosystem] = facts.money(services, ecosystem=ecosystem, standing=standing)
    money = _money(facts, services)
    cells |= {"total": money["value"], "share": money["share"]}
    return Row(kind, key, cells, 1 if kind == "item" else 0)
