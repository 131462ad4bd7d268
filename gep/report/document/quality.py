"""Chapters 4, 10 and 11: what the figures rest on, how good they are, what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gep.core.catalog import named
from gep.core.errors import SEVERITIES
from gep.core.messages import Text, listed, say
from gep.core.translation import translated
from gep.report.document.grid import simple
from gep.report.document.report import Report
from gep.report.document.wording import said_of_all
from gep.report.names import called
from gep.report.tables.model import figure_of, rounded, text_of
from gep.report.tables.uncertainty import of_ends, sureness_of, unknown_of
from gep.report.uncertainty import driver_of

MOST_NAMED = 5
"""Drivers, and numbers of unknown uncertainty, in a sentence; the annex has more."""


def data(report: Report) -> None:
    """Chapter 4: data and their coverage, parameters and prices, what the checks found."""
    m, account = report.manuscript, report.account
    record, about = account.record, account.about
    m.heading(say("document.heading.data"))
    m.heading(say("document.heading.sources"), 2)
    layers = record.get("inputs", {})
    derived = sum(1 for layer in layers.values() if layer.get("derived_by"))
    tables = len(record.get("tables", {}))
    m.paragraph(
        say(
            "document.said.data",
            layers=len(layers),
            derived=derived,
            tables=tables,
            table=say("tables.number.A3"),
        )
    )
    others = [
        say("document.said.other_year", name=_layer(name), year=layer["year"])
        for name, layer in layers.items()
        if layer.get("year") and layer["year"] != about.year
    ]
    m.paragraph(say("document.said.other_years", parts=listed(others)) if others else say("document.said.same_years"))
    m.heading(say("document.heading.coverage"), 2)
    _coverage(report)
    m.heading(say("document.heading.parameters"), 2)
    _parameters(report)
    m.heading(say("document.heading.checks"), 2)
    _checks(report)


def _layer(name: str) -> str:
    return called(name) or name


def _coverage(report: Report) -> None:
    """How much of the land that counts for a service has all inputs, and how much of the area a layer has values on."""
    m, facts, language = report.manuscript, report.facts, report.manuscript.languages[0]
    if facts.coverage_of_services:
        m.paragraph(say("document.said.coverage"))
        rows = [
            [
                named(name),
                text_of(facts.units.area(about["counted_m2"]), language),
                text_of(facts.units.share(about["share"]), language),
            ]
            for name, about in facts.coverage_of_services.items()
        ]
        heads = [say("tables.column.service"), say("document.column.land"), say("document.column.share_covered")]
        m.own_table(say("document.table.coverage"), simple(heads, rows, m.languages))
    layers = report.account.about.coverage.get("layers", {})
    shares = {name: facts.units.share(layer["share"]) for name, layer in layers.items()}
    lacking = [
        say("document.said.quantity", name=_layer(name), value=f"{figure_of(share, language)}%")
        for name, share in shares.items()
        if layers[name]["share"] < 1 and rounded(share.shown or 0.0, 2) < rounded(100, 2)
    ]
    if layers:
        key = "document.said.incomplete_layers" if lacking else "document.said.complete_layers"
        m.paragraph(say(key, parts=listed(lacking)))


def _parameters(report: Report) -> None:
    m, account = report.manuscript, report.account
    if not account.has_ledger:
        return
    rows = account.ledger["coefficients"].values()
    statuses = Counter(row["status"] for row in rows)
    own = sum(1 for row in rows if not account.ledger["sources"].get(row["source"]))
    about = {"verified": statuses["verified"], "provisional": statuses["provisional"]}
    of_groups = sorted(set(account.ledger.get("followed", {}).values()))
    indices = [name for name in (account.ledger["price_index"], *of_groups) if name]
    m.paragraph(
        say("document.said.parameters", rows=len(rows), own=own, table=say("tables.number.A1"), **about),
        say(
            "document.said.prices",
            indices=listed(indices),
            count=len(indices),
            year=account.ledger["price_year"],
            table=say("tables.number.A2"),
        )
        if report.facts.is_monetary and indices
        else "",
    )


def _checks(report: Report) -> None:
    m, problems = report.manuscript, report.account.about.problems
    counts = Counter(problem.severity for problem in problems)
    waived = Counter(problem.severity for problem in problems if report.facts.waiver(problem))
    about = {"errors": counts["error"], "warnings": counts["warning"], "notes": counts["information"]}
    m.paragraph(say("document.said.checks", table=say("tables.number.A6"), **about))
    rows = [[say(f"report.severity.{name}"), str(counts[name]), str(waived[name])] for name in SEVERITIES]
    heads = [say("tables.a6.severity"), say("document.column.count"), say("document.column.waived")]
    m.own_table(say("document.table.checks"), simple(heads, rows, m.languages))


def quality(report: Report) -> None:
    """Chapter 10: what is missing, what is provisional, what was waived, how sure it is, how to read it."""
    m, account = report.manuscript, report.account
    m.heading(say("document.heading.quality"))
    m.heading(say("document.heading.missing"), 2)
    _missing(report)
    m.heading(say("document.heading.provisional"), 2)
    lines = account.record.get("provisional", [])
    if lines:
        m.paragraph(say("document.said.provisional", level=say(f"report.level.{account.about.level}")))
        for line in lines:
            m.bullet(translated(line))
    else:
        m.paragraph(say("document.said.no_provisional"))
    m.heading(say("document.heading.waivers"), 2)
    waivers = report.facts.waivers
    if waivers:
        heads = [say("tables.a6.code"), say("document.column.by"), say("document.column.reason")]
        rows = [[code, by, reason] for code, (by, reason) in waivers.items()]
        m.own_table(say("document.table.waivers"), simple(heads, rows, m.languages))
    else:
        m.paragraph(say("document.said.no_waivers"))
    m.heading(say("document.heading.uncertainty"), 2)
    _sureness(report)
    m.heading(say("document.heading.limits"), 2)
    for name in ("worth", "scale", "change", "prices", "preliminary"):
        if report.facts.is_monetary or name in ("scale", "change", "preliminary"):
            m.bullet(say(f"document.said.limit_{name}"))
    m.heading(say("document.heading.judgement"), 2)
    m.place("judgement")


def _sureness(report: Report) -> None:
    """The interval of the total and what it leaves out, where it was asked for."""
    m, found = report.manuscript, sureness_of(report.account)
    if found is None:
        m.paragraph(say("document.said.no_interval", table=say("tables.number.A1")))
        return
    units, total, about = report.facts.units, found["total"], {"table": say("tables.number.A7")}
    if total["lower"] is None or total["upper"] is None:
        m.paragraph(say("document.said.nothing_sure", **about))
        return
    cells = {"lower": units.money(total["lower"]), "upper": units.money(total["upper"])}
    ends = {end: Text(text_of(cell, "en"), text_of(cell, "zh")) for end, cell in cells.items()}
    shares = {name: f"{found[name]:.0%}" for name in ("share_unknown", "share_without")}
    level = f"{found['level']:.0%}"
    m.paragraph(say("document.said.interval", level=level, unit=units.money_unit, **ends, **shares, **about))
    if outside := of_ends(found):
        m.paragraph(outside)
    drivers = [(driver_of(driver["name"]), driver["first"]) for driver in found["drivers"][:MOST_NAMED]]
    m.paragraph(say("document.said.drivers", parts=_with_shares(drivers)))
    unknown = [(unknown_of(one), one["share"]) for one in found["unknown"][:MOST_NAMED]]
    if unknown:
        parts = _with_shares(unknown)
        m.paragraph(say("document.said.of_unknown", parts=parts, count=len(found["unknown"])))


def _with_shares(named: Iterable[tuple[Text, float]]) -> Text:
    return listed(say("document.said.of_number", name=name, share=f"{share:.1%}") for name, share in named)


def _missing(report: Report) -> None:
    m, missing = report.manuscript, report.account.about.missing
    if not any(one.is_required for one in missing):
        m.paragraph(say("document.said.no_missing"))
    if not missing:
        return
    names = ("required", "reason", "detail")
    heads = [say("tables.column.service"), *(say(f"document.column.{name}") for name in names)]
    rows = [
        [
            named(one.service),
            say("document.yes" if one.is_required else "document.no"),
            say(f"report.reason.{one.reason}"),
            one.detail,
        ]
        for one in missing
    ]
    m.own_table(say("document.table.missing"), simple(heads, rows, m.languages))


def conclusions(report: Report) -> None:
    """Chapter 11: the main results once more; what follows from them people write."""
    m, wording = report.manuscript, report.wording
    m.heading(say("document.heading.conclusions"))
    m.heading(say("document.heading.results_in_brief"), 2)
    m.paragraph(wording.total(), *said_of_all([wording.ratios]))
    m.paragraph(*said_of_all([wording.parts, wording.main_services]))
    m.place("conclusions")
    m.heading(say("document.heading.proposals"), 2)
    m.place("proposals")
