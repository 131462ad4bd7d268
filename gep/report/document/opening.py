"""Front page, contents, summary, introduction and description of the area."""

from __future__ import annotations

from collections.abc import Iterable

from gep.core.catalog import named
from gep.core.errors import UsageError
from gep.core.messages import Text, listed, say
from gep.report.document.elements import Element, paragraph, run
from gep.report.document.grid import both, flow, simple
from gep.report.document.layout import MARKED, text_width
from gep.report.document.report import Report
from gep.report.document.wording import said_of_all
from gep.report.tables.uncertainty import interval_of, sureness_of


def front(report: Report) -> None:
    """The front page: what it is, of whom, and how far it has come."""
    m, office, about = report.manuscript, report.manuscript.office, report.account.about
    if office.logo is not None:
        try:
            logo = m.layout.picture(office.logo, text_width(False) // 4, "logo")
        except ValueError:
            raise UsageError(say("document.office.no_picture", file=office.logo.name)) from None
        m.add(paragraph(logo, align="center"))
    m.add(*(paragraph(style="Normal") for _ in range(3 if office.logo is None else 1)))
    for language in m.languages:
        title = say("document.report_title", title=report.title).to(language)
        m.add(paragraph(run(title, language), style="Title", align="center"))
    status = both(report.status, m.languages).replace("\n", " / ")
    m.add(paragraph(run(f"（{status}）", m.languages[0], is_bold=True, half_points=32, color=MARKED), align="center"))
    if report.facts.is_monetary and not report.account.is_complete:
        for language in m.languages:
            m.add(paragraph(run(say("document.front.partial").to(language), language, color=MARKED), align="center"))
    m.add(*(paragraph(style="Normal") for _ in range(4)))
    profile = say(
        "document.front.level",
        name=report.profile_name,
        id=about.profile,
        level=say(f"report.level.{about.level}"),
    )
    lines: list[tuple[Text, str]] = [
        (say("document.front.area"), report.facts.title_of_area),
        (say("document.front.year"), str(about.year)),
        (say("document.front.profile"), profile),
        *((say(f"document.front.{name}"), _setting(report, name)) for name in ("issuer", "date", "contact")),
        (say("document.front.run"), about.run_id),
    ]
    grid = simple([Text("", "")] * 2, [(both(a, m.languages), both(b, m.languages)) for a, b in lines], m.languages)
    for row in grid.rows:
        name, value = (cell.text.replace("\n", " / ") for cell in row.cells)
        lead = say("document.front.line", name=name).to(m.languages[0])
        runs = [run(lead, m.languages[0], is_bold=True)]
        m.add(paragraph(*runs, run(value, m.languages[0]), style="Normal", align="center"))
    m.end_front()


def _setting(report: Report, name: str) -> str:
    """What the office has given, or that it is to be filled in."""
    return report.manuscript.office.setting(name) or say("document.front.to_be_filled", name=name)


def contents_heading(report: Report) -> Element:
    """The heading above the table of contents, which is none of its entries."""
    m = report.manuscript
    return paragraph(*m.runs(both(say("document.contents"), m.languages)), style="Title", align="center")


def summary(report: Report) -> None:
    """All that a reader must know: the headline, the three parts, the main services and counties, what is missing."""
    m, wording = report.manuscript, report.wording
    m.heading(say("document.heading.summary"), is_numbered=False)
    m.paragraph(wording.total(), *said_of_all([wording.ratios]))
    m.paragraph(*said_of_all([wording.parts, wording.main_services, wording.main_ecosystems]))
    m.paragraph(*wording.main_counties()[:2])
    m.paragraph(*said_of_all([wording.equivalents]))
    rows = list(_headlines(report))
    if rows:
        heads = [say("document.column.indicator"), say("document.column.figure")]
        m.own_table(say("document.table.headline"), simple(heads, rows, m.languages), say("document.box"))
    for about, note in report.facts.notes_by_key.items():
        if about != "source":  # the front page names both
            m.note(say("document.note", note=note))


def _headlines(report: Report) -> Iterable[tuple[str, str]]:
    facts, wording, total = report.facts, report.wording, report.account.total()
    if total is None:
        return
    yield report.facts.title, wording.money(total)
    found = sureness_of(report.account)
    if found and (interval := interval_of(facts, found)):
        yield say("document.headline.interval", level=f"{found['level']:.0%}"), interval
    for category, services in facts.categories.items():
        value = facts.value(services)
        if value is None:
            continue
        share, money = wording.share_of(category), wording.money(value)
        shown = say("document.headline.with_share", value=money, share=share) if share else money
        yield say("document.headline.category", name=named(category)), shown
    city = wording.city
    if city is None:
        return
    yield say("document.headline.area"), wording.area(city["area_m2"])
    if city["value_per_km2"] is not None:
        yield say("document.headline.per_km2"), wording.per_km2(city["value_per_km2"])
    if city["value_per_head"] is not None:
        yield say("document.headline.per_head"), wording.per_head(city["value_per_head"])
    if city["value_to_gdp"] is not None:
        yield say("document.headline.to_gdp"), wording.ratio(city["value_to_gdp"])


def introduction(report: Report) -> None:
    """Chapter 1: why, by what, of what area and year, what is left out, and the course of the work."""
    m, about, record = report.manuscript, report.account.about, report.account.record
    m.heading(say("document.heading.introduction"))
    m.heading(say("document.heading.background"), 2)
    m.place("background")
    m.heading(say("document.heading.basis"), 2)
    m.paragraph(say("document.said.basis", name=report.profile_name, id=about.profile))
    if report.account.has_ledger:
        rows = [(str(at), document) for at, document in enumerate(report.documents, 1)]
        heads = [say("document.column.number"), say("document.column.title")]
        m.own_table(say("document.table.standards"), simple(heads, rows, m.languages))
    m.heading(say("document.heading.scope"), 2)
    is_current = about.price_year == about.year
    basis = "document.said.price_current" if is_current else "document.said.price_constant"
    m.paragraph(
        say(
            "document.said.scope",
            area=report.facts.title_of_area,
            year=about.year,
            basis=say(basis, year=about.price_year),
        )
        if report.facts.is_monetary
        else report.wording.total()
    )
    m.heading(say("document.heading.not_counted"), 2)
    m.paragraph(report.facts.notes_by_key.get("partial") or say("document.said.all_counted"))
    for missing in about.missing:
        reason = say(f"report.reason.{missing.reason}")
        m.bullet(say("document.said.not_counted", service=named(missing.service), reason=reason))
    for service, detail in record.get("study", {}).get("not_applicable", {}).items():
        m.bullet(say("document.said.not_applicable", service=named(service), detail=detail))
    outside = report.account.ledger["from_outside"] if report.account.has_ledger else []
    names = listed(dict.fromkeys(named(row["service"]) for row in outside))
    key = "document.said.from_outside" if outside else "document.said.none_from_outside"
    m.paragraph(say(key, parts=names))
    m.heading(say("document.heading.route"), 2)
    _route(report)


_STEPS = ("data", "checks", "quantity", "value", "total", "report")


def _route(report: Report) -> None:
    """The steps of the accounting, one after the other."""
    m = report.manuscript
    steps = [say(f"document.route.{step}") for step in _STEPS if step != "value" or report.facts.is_monetary]
    m.add(flow([both(step, m.languages) for step in steps], text_width(False), m.languages))
    m.add(paragraph(style="Note"))


def area(report: Report) -> None:
    """Chapter 2: where, how large, who lives there, which ecosystems."""
    m, facts, wording, about = report.manuscript, report.facts, report.wording, report.account.about
    m.heading(say("document.heading.area"))
    m.heading(say("document.heading.geography"), 2)
    m.place("geography")
    said = []
    if wording.city and wording.city["population"] is not None:
        said.append(say("document.said.population", value=wording.population(wording.city["population"])))
    if wording.city and wording.city["gdp"] is not None:
        said.append(say("document.said.gdp", value=wording.money(wording.city["gdp"])))
    if said:
        m.paragraph(say("document.said.statistics", parts=listed(said)))
    m.picture("M1", say("document.picture.M1"))
    m.heading(say("document.heading.extent"), 2)
    whole = facts.area()
    if whole:
        parts = []
        for name in facts.ecosystems:
            if size := facts.area(name):
                share = wording.share_of_area(size)
                parts.append(say("document.said.item", name=named(name), value=wording.area(size), share=share))
        m.paragraph(say("document.said.extent", area=wording.area(whole), year=about.year, parts=listed(parts)))
    layer = report.account.record.get("inputs", {}).get("land_cover")
    if layer and layer.get("file"):
        year = layer.get("year") or layer.get("period")
        key = "document.said.land_cover" if year else "document.said.land_cover_without_year"
        m.paragraph(say(key, file=layer["file"], year=year))
    m.picture("M2", say("document.picture.M2"))
    report.put("T10")
