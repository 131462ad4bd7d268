"""The last chapter: accounts beside GEP, where the run has some. No other chapter speaks of them."""

from __future__ import annotations

from gep.core.messages import say
from gep.report.document.report import Report
from gep.report.tables.overload import GRAZING, MAP, overload


def beside(report: Report) -> None:
    """Each account with what it is never added to, its tables, and what is said of it."""
    m = report.manuscript
    if not report.model.beside:
        return
    m.turn(is_landscape=True)
    m.heading(say("beside.title"))
    m.paragraph(say("beside.never"), is_bold=True)
    for account in report.model.beside:
        m.heading(say("beside.account", title=account.title, about=account.about), 2)
        m.paragraph(account.never_added)
        for text in account.said:
            m.bullet(text)
        if account.id == GRAZING and (found := overload(report.account)):
            m.picture(MAP, found.table.name)
        for table in account.tables:
            m.table(table)
    m.turn(is_landscape=False)
