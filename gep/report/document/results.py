"""Chapters 5 to 9: the total and its composition, services, ecosystem types, counties, change."""

from __future__ import annotations

from gep.core.catalog import named
from gep.core.keys import CITY
from gep.core.messages import say
from gep.report.document.grid import Grid, GridCell, GridRow, both, number_cell
from gep.report.document.report import Report
from gep.report.document.wording import said_of_all
from gep.report.tables.model import Column

_REGULATING = "regulating"


def total(report: Report) -> None:
    """Chapter 5."""
    m, wording = report.manuscript, report.wording
    is_whole = report.account.is_complete
    m.heading(say("document.heading.total" if is_whole else "document.heading.total_partial"))
    m.paragraph(wording.total(), *said_of_all([wording.ratios]))
    m.paragraph(*said_of_all([wording.parts, wording.main_services]))
    m.paragraph(*said_of_all([wording.equivalents]))
    if report.facts.is_monetary:
        m.picture("C1", say("document.picture.C1"))
        m.picture("C2", say("document.picture.C2"))
    m.place("comment_total")
    report.put("T01")


def services(report: Report) -> None:
    """Chapter 6: sentence, table and map of every service that has a figure."""
    m, facts = report.manuscript, report.facts
    m.heading(say("document.heading.by_service"))
    for service in facts.services:
        if not facts.components(service):
            continue
        m.heading(named(service), 2)
        m.paragraph(*report.wording.service(service))
        _of_counties(report, service)
        if facts.category(service) == _REGULATING and service in facts.coverage_of_services:  # else it is of no land
            caption = say("document.picture.M4", service=named(service))
            if f"M4_{service}" in m.pictures:
                m.picture(f"M4_{service}", caption)
            else:  # of one colour, as where a table's value is times one number: nothing is to be put in its place
                m.note(say("document.no_map", caption=caption))
    m.heading(say("document.heading.comment"), 2)
    m.place("comment_services")


def _of_counties(report: Report, service: str) -> None:
    """The columns of one service of the tables of counties, side by side."""
    m = report.manuscript
    columns: list[tuple[str, Column]] = []
    quantities, values = report.tables.get("T06"), report.tables.get("T04")
    if quantities:
        columns += [("T06", column) for column in quantities.columns if column.id.partition("/")[0] == service]
    if values:
        columns += [("T04", column) for column in values.columns if column.id == service]
    if not columns or len(report.wording.counties) < 2:
        return
    rows = []
    for row in (values or quantities).rows:  # type: ignore[union-attr]  # one of them has columns
        of = {id_: {r.key: r for r in report.tables[id_].rows}[row.key] for id_, _ in columns}
        cells = [GridCell(both(row["area_name"].text or "", m.languages))]
        cells += [number_cell(of[id_][column.id], m.languages) for id_, column in columns]
        rows.append(GridRow(tuple(cells), "total" if row.key == CITY else "item"))
    heads = [both(say("tables.column.area_name"), m.languages), *(_head(report, id_, c) for id_, c in columns)]
    title = say("document.table.service", service=named(service))
    m.own_table(title, Grid(tuple(heads), ("",) * len(heads), tuple(rows)))


def _head(report: Report, id_: str, column: Column) -> str:
    languages = report.manuscript.languages
    if id_ == "T06":
        return "\n".join(dict.fromkeys(column.title(language) for language in languages))
    heading = say("tables.heading_with_unit", heading=say("tables.column.value"), unit=report.facts.units.money_unit)
    return both(heading, languages)


def ecosystems(report: Report) -> None:
    """Chapter 7."""
    m = report.manuscript
    m.heading(say("document.heading.by_ecosystem"))
    m.paragraph(*said_of_all([report.wording.main_ecosystems]))
    if report.facts.is_monetary:
        m.picture("C3", say("document.picture.C3"))
        m.picture("C7", say("document.picture.C7"))
        m.picture("M3", say("document.picture.M3"))
    m.place("comment_ecosystems")
    m.turn(is_landscape=True)
    report.put("T02")
    report.put("T03")
    m.heading(say("document.heading.supply"), 2)
    report.put("T13_quantity")
    report.put("T13_value")
    m.turn(is_landscape=False)


def counties(report: Report) -> None:
    """Chapter 8."""
    m = report.manuscript
    m.heading(say("document.heading.by_county"))
    m.paragraph(say("document.said.counties", count=len(report.wording.counties)), *report.wording.main_counties())
    if report.facts.is_monetary:
        m.picture("M5", say("document.picture.M5"))
        m.picture("C4", say("document.picture.C4"))
    m.place("comment_counties")
    m.turn(is_landscape=True)
    for id_ in ("T07", "T04", "T05", "T06"):
        report.put(id_)
    m.turn(is_landscape=False)


def change(report: Report) -> None:
    """Chapter 9: what a single year cannot say."""
    m = report.manuscript
    m.heading(say("document.heading.change"))
    m.paragraph(say("document.said.one_year"), say("document.said.revisions"))
    m.place("reasons")
