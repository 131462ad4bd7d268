"""The extent account of the year (T10) and the supply and use of services (T13), as SEEA EA shows them."""

from __future__ import annotations

import math

from gep.core.catalog import named
from gep.core.messages import Text, say
from gep.report.tables.facts import Facts
from gep.report.tables.model import Column, ReportTable, Row, RowKind, of_text
from gep.report.tables.totals import table


def extent(facts: Facts) -> ReportTable:
    """T10: the extent at the end of the year by ecosystem type, and how it closes with the boundary.

    An account of one year has no opening extent and no changes: the rows of the account of changes come with the
    comparison of two years.
    """
    columns = [
        Column("entry", say("tables.column.entry"), is_text=True),
        *(
            Column(name, named(name), facts.units.area_unit)
            for name in facts.ecosystems
            if facts.area(name) is not None
        ),
        Column("total", say("tables.column.total"), facts.units.area_unit),
    ]
    types = [column.id for column in columns[1:-1]]
    coverage = facts.account.about.coverage
    whole = facts.area()
    known = [facts.area(name) for name in types]
    boundary = coverage.get("outline_m2")
    rows = [
        _row(facts, "closing", dict(zip(types, known, strict=True)), whole),
        _row(facts, "boundary", {}, boundary),
        _row(facts, "difference", {}, whole - boundary if whole is not None and boundary is not None else None),
    ]
    if whole:
        shares = {name: facts.units.share((facts.area(name) or 0.0) / whole) for name in types}
        of_all = {"entry": of_text(say("tables.extent.share")), **shares, "total": facts.units.share(1.0)}
        rows.insert(1, Row("share", "share", of_all))
    return table("T10", columns, rows, 1, (facts.notes_by_key["source"], say("tables.note.one_year")))


def _row(facts: Facts, key: str, areas: dict[str, float | None], total: float | None) -> Row:
    cells = {name: facts.units.area(area, "not_applicable") for name, area in areas.items()}
    of_row = {"entry": of_text(say(f"tables.extent.{key}")), **cells, "total": facts.units.area(total)}
    return Row("total" if key == "closing" else "item", key, of_row)


def supply_and_use(facts: Facts, measure: str) -> ReportTable:
    """T13: supply by ecosystem type and use of the services of the reference list of SEEA EA. Who uses a service is not
    in an account: all of it is use that is not allocated.
    """
    frames = {language: facts.account.supply_table(measure=measure, language=language) for language in ("zh", "en")}
    labels = 3 if measure == "value" else 4
    zh, en = frames["zh"], frames["en"]
    heads = [Text(str(e), str(c)) for e, c in zip(en.columns, zh.columns, strict=True)]
    names = ["section", "service", "unit"] if measure == "value" else ["section", "service", "indicator", "unit"]
    supply, use = say("tables.supply.supply"), say("tables.supply.use")
    unit = facts.units.money_unit if measure == "value" else Text("", "")
    columns = [Column(name, head, is_text=True) for name, head in zip(names, heads, strict=False)]
    columns += [Column(f"supply_{i}", head, unit, supply) for i, head in enumerate(heads[labels:])]
    columns += [Column("not_allocated", say("tables.supply.not_allocated"), unit, use)]
    columns += [Column("use", say("tables.column.total"), unit, use)]
    rows = []
    for at, id_ in enumerate(zh.index):
        of_zh, of_en = list(zh.iloc[at]), list(en.iloc[at])
        cells = {name: of_text(Text(_text(e), _text(c))) for name, e, c in zip(names, of_en, of_zh, strict=False)}
        numbers = [_number(value) for value in of_en[labels:]]
        if measure == "value":
            shown = [facts.units.money(number, "not_applicable") for number in numbers]
            cells["unit"] = of_text(facts.units.money_unit)
        else:
            scale = facts.units.scale_of(numbers[-1:], _text(of_en[labels - 1]) or "1")
            shown = [scale.cell(number, "not_applicable") for number in numbers]
            cells["unit"] = of_text(scale.name)
        cells |= {f"supply_{i}": cell for i, cell in enumerate(shown)}
        cells |= {"not_allocated": shown[-1], "use": shown[-1]}
        kind: RowKind = "total" if "total" in str(id_) else "item"
        rows.append(Row(kind, str(id_), cells))
    id_ = "T13_value" if measure == "value" else "T13_quantity"
    return table(id_, columns, rows, labels, (*facts.notes, say("tables.note.use")))


def _text(cell: object) -> str:
    return "" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else str(cell)


def _number(cell: float) -> float | None:
    return None if math.isnan(cell) else float(cell)
