"""All tables of a report in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from gep.account.account import Account
from gep.report.tables import appendix, counties, land, totals
from gep.report.tables.assets import Beside, beside
from gep.report.tables.facts import Facts
from gep.report.tables.model import Cell, Lang, ReportTable, Shares
from gep.report.tables.shares import adjusted, with_decimals
from gep.report.tables.uncertainty import sureness_of, uncertainty


class ReportModel:
    """What an account is reported with in a language: its facts, and its tables by id. Workbooks, documents, pages,
    pictures and packages are rendered from it; nothing in it is computed twice.
    """

    def __init__(self, account: Account, lang: Lang, shares: Shares = "as_is") -> None:
        self.account = account
        self.facts = Facts(account, lang, shares)

    @cached_property
    def results(self) -> Mapping[str, ReportTable]:
        """All tables but that of the arithmetic, which takes the longest."""
        return {table.id: self._with_shares(table) for table in _tables_of(self.facts)}

    @cached_property
    def tables(self) -> tuple[ReportTable, ...]:
        """The tables that an account of one year can fill: those of results, then what they rest on. What needs prices,
        a ledger or several counties is left out where there are none.
        """
        found = list(self.results.values())
        if self.account.has_ledger:
            found.insert(-1, appendix.arithmetic(self.facts))  # the record of the run comes last
        return tuple(found)

    @cached_property
    def beside(self) -> tuple[Beside, ...]:
        """The accounts beside GEP that the run has, and stocks of its services: apart from the tables of the account,
        to none of which they are added.
        """
        return beside(self.facts)

    @cached_property
    def brief_shares(self) -> Mapping[str, Cell]:
        """The shares of the summary with one decimal, as sentences and bulletins have them: by category or service."""
        table = with_decimals(self.results["T01"], "share", BRIEF_DECIMALS)
        return {row.key: row["share"] for row in self._with_shares(table).rows}

    def _with_shares(self, table: ReportTable) -> ReportTable:
        return adjusted(table) if self.facts.shares == "adjusted" else table


BRIEF_DECIMALS = 1
"""Of shares in sentences and bulletins; tables have two."""


@lru_cache(maxsize=3)
def report_model(account: Account, lang: Lang, shares: Shares = "as_is") -> ReportModel:
    """The model of a report; kept for an account, of which a page shows both languages."""
    return ReportModel(account, lang, shares)


def _tables_of(facts: Facts) -> Iterator[ReportTable]:
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
    if found := sureness_of(facts.account):
        yield uncertainty(facts, found)
    yield appendix.run_record(facts)
