"""All tables of a report in their order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from gep.account.account import Account
from gep.report.tables import appendix, counties, land, totals
from gep.report.tables.facts import Facts
from gep.report.tables.model import Lang, ReportTable, Shares
from gep.report.tables.shares import adjusted


@lru_cache(maxsize=1)
def report_tables(account: Account, lang: Lang, shares: Shares = "as_is") -> tuple[ReportTable, ...]:
    """The tables that an account of one year can fill: those of results, then what they rest on. What needs prices, a
    ledger or several counties is left out where there are none. Kept for the last account: workbook, document and page
    of one report ask for the same.
    """
    tables = tables_of(Facts(account, lang))
    return tuple(map(adjusted, tables) if shares == "adjusted" else tables)


def tables_of(facts: Facts, *, with_arithmetic: bool = True) -> Iterator[ReportTable]:
    """The tables of facts; that of the arithmetic, which takes the longest, only where it is wanted."""
    yield totals.summary(facts)
    yield totals.quantities(facts)
    if facts.is_monetary:
        yield totals.values(facts)
        yield counties.by_service(facts)
    yield counties.by_type(facts)
    yield counties.quantities(facts)
    if facts.is_monetary:
        yield counties.indicators(facts)
    yield land.extent(facts)
    yield land.supply_and_use(facts, "quantity")
    if facts.is_monetary:
        yield land.supply_and_use(facts, "value")
    if facts.account.has_ledger:
        yield appendix.parameters(facts)
        yield appendix.prices(facts)
    yield appendix.data_sources(facts)
    if facts.account.record.get("study", {}).get("scheme"):  # given quantities have no land cover
        yield appendix.classes(facts)
    yield appendix.checks(facts)
    if with_arithmetic and facts.account.has_ledger:
        yield appendix.arithmetic(facts)
    yield appendix.run_record(facts)
