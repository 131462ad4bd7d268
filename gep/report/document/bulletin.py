"""The bulletin: what was accounted, on one page."""

from __future__ import annotations

from collections.abc import Iterator

from gep.core.catalog import named
from gep.core.messages import Text, say
from gep.report.document.elements import paragraph, run
from gep.report.document.grid import Grid, GridCell, GridRow, both, word_table
from gep.report.document.layout import MARKED, text_width
from gep.report.document.report import Report
from gep.report.document.wording import said_of_all
from gep.report.tables.model import text_of

_MOST_SERVICES = 8
"""How many services the table of one page names."""


def bulletin(report: Report) -> None:
    """Title, what was accounted by what, the figures in sentences and in one table, notes."""
    m, office, wording = report.manuscript, report.manuscript.office, report.wording
    for language in m.languages:
        title = say(bulletin_title(report), title=report.title).to(language)
        m.add(paragraph(run(title, language, is_bold=True, half_points=32), style="Caption", align="center"))
    date = office.setting("date")
    first = m.languages[0]
    parts = [say("document.bulletin.by", date=date).to(first) if date else ""]
    parts.append(both(report.status, m.languages).replace("\n", " / ") if wording.is_draft else "")
    if any(parts):
        line = run("　".join(part for part in parts if part), first, color=MARKED if wording.is_draft else "")
        m.add(paragraph(line, style="Note", align="center"))
    issuer = office.setting("issuer")
    about = {"profile": report.profile_name, "area": report.facts.title_of_area, "year": report.account.about.year}
    basis = (
        say("document.bulletin.basis_issued", issuer=issuer, **about)
        if issuer
        else say("document.bulletin.basis", **about)
    )
    _tight(report, basis)
    _tight(report, wording.total(), *said_of_all([wording.ratios]))
    _tight(report, *said_of_all([wording.parts, wording.main_services]))
    _tight(report, *wording.main_counties()[:2], *said_of_all([wording.equivalents]))
    for place in ("bulletin_causes", "bulletin_outlook"):
        m.place(place)
    if report.account.total() is not None:
        _table(report)
    about_figures = report.facts.notes_by_key
    notes = [
        about_figures.get("prices"),
        say("document.bulletin.growth"),
        say(f"document.bulletin.rounding_{report.facts.shares}"),
        about_figures.get("partial"),
        about_figures.get("provisional"),
        say("document.bulletin.revision", run=report.account.about.run_id),
    ]
    for note in filter(None, notes):
        m.note(say("document.note", note=note))


def bulletin_title(report: Report) -> str:
    """The key of its title. It is a bulletin (公报) only where an office issues a complete account."""
    is_issued = report.manuscript.office.setting("issuer") and report.account.is_complete
    return "document.bulletin_title.issued" if is_issued else "document.bulletin_title.summary"


def _tight(report: Report, *texts: Text) -> None:
    """A paragraph with little space around it."""
    report.manuscript.paragraph(*texts, style="Tight")


def _table(report: Report) -> None:
    m, facts = report.manuscript, report.facts
    value = say("document.bulletin.value", year=report.account.about.year, unit=facts.units.money_unit)
    heads = (
        both(say("document.bulletin.item"), m.languages),
        both(value, m.languages),
        both(say("document.bulletin.share"), m.languages),
    )
    grid = Grid(tuple(both(head, m.languages) for head in heads), ("",) * 3, tuple(_rows(report)))
    width = text_width(False)
    m.add(word_table(grid, [width // 2, width // 4, width // 4], m.languages, heads[0]))


def _rows(report: Report) -> Iterator[GridRow]:
    facts, wording = report.facts, report.wording
    yield _row(report, facts.title, facts.services, "total", "total")
    main = {item.id for item in wording.services()[:_MOST_SERVICES]}
    for category, services in facts.categories.items():
        yield _row(report, named(category), services, category, "category")
        for service in services:
            if service in main:
                name = say("document.bulletin.main", name=named(service))
                yield _row(report, name, [service], service, "item")


def _row(report: Report, name: Text, services: list[str], key: str, kind: str) -> GridRow:
    """Value of services, and the share that has a key in the summary."""
    m = report.manuscript
    cells = (
        GridCell(both(name, m.languages)),
        GridCell(text_of(report.facts.money(services), m.languages[0]), is_number=True),
        GridCell(text_of(report.model.brief_shares[key], m.languages[0]), is_number=True),
    )
    return GridRow(cells, kind)
