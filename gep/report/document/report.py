"""What every chapter is written from: the manuscript, the facts of the account, its sentences and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gep.account.account import Account
from gep.core.messages import Text, say
from gep.report.citations import citation
from gep.report.document.manuscript import Manuscript
from gep.report.document.wording import Wording
from gep.report.tables.book import ReportModel
from gep.report.tables.facts import Facts
from gep.report.tables.model import ReportTable
from gep.standards.profile import Profile, load_profile, profile_ids


@dataclass(frozen=True)
class Report:
    """A report that is being written. `status` is the word for how far it has come."""

    manuscript: Manuscript
    model: ReportModel
    wording: Wording
    status: Text

    @property
    def account(self) -> Account:
        return self.model.account

    @property
    def facts(self) -> Facts:
        return self.model.facts

    @cached_property
    def tables(self) -> Mapping[str, ReportTable]:
        """The tables of the report by id."""
        return {table.id: table for table in self.model.tables}

    @property
    def title(self) -> Text:
        """The name of the account with its area and year; that of a partial one has neither of its own."""
        return full_title(self.facts)

    @cached_property
    def profile(self) -> Profile | None:
        """The profile, where it is one of those that are shipped."""
        name = self.account.about.profile
        return load_profile(name) if name in profile_ids() else None

    @property
    def profile_name(self) -> Text:
        """The profile as documents call it."""
        name = self.account.about.profile
        return Text(self.profile.name_en, self.profile.name_zh) if self.profile else Text(name, name)

    @property
    def services(self) -> Mapping[str, Any]:
        """The services of the ledger; none where there is no ledger."""
        return self.account.ledger["services"] if self.account.has_ledger else {}

    @cached_property
    def documents(self) -> tuple[Text, ...]:
        """The documents behind the figures as they are cited, the profile's own first: their places number them."""
        sources = self.account.ledger["sources"] if self.account.has_ledger else {}
        own = self.profile.source if self.profile else ""
        found = [sources[name] for name in sorted(sources, key=lambda name: (name != own, name)) if sources[name]]
        return tuple(Text(citation(about, "en"), citation(about, "zh")) for about in found)

    def put(self, id_: str, columns: tuple[str, ...] | None = None) -> None:
        """A table of the report, where the account has it; of some of its columns only."""
        if id_ in self.tables:
            table = self.tables[id_]
            self.manuscript.table(table, [c for c in table.columns if columns is None or c.id in columns])


def full_title(facts: Facts) -> Text:
    """The title of an account with area and year."""
    about = facts.account.about
    if facts.is_monetary and facts.account.is_complete:
        return facts.title
    return say("document.partial_title", title=facts.title, area=facts.title_of_area, year=about.year)
