"""The account as people hold it: its figures, and what is made of them on request (explanation, pictures, tables of
SEEA EA).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gep.account.explain import explain
from gep.account.figures import Figures
from gep.account.record import Document, Finished
from gep.core.errors import UsageError
from gep.core.keys import CITY

if TYPE_CHECKING:
    import pandas as pd


class Account(Figures):
    """An ecosystem account. Immutable; every rule on totals makes a new one and leaves its adjustment visible as an
    entry.
    """

    def plot(self, kind: str = "composition", **options: Any) -> Any:
        """Draw the account: `composition`, `ecosystems` or `counties`; options `language` and `ax`. Needs the extra
        `report`.
        """
        from gep.account.plots import plot

        return plot(self, kind, **options)

    def explain(self, service: str, zone: str = CITY, ecosystem: str = "") -> Document:
        """A figure taken apart: formula, numbers put in, means of the inputs, coefficients, price, rules on totals; or
        why it is empty.

        The document that `gep explain --json` prints: see `gep.account.explain`.
        """
        return explain(self.finished(), service, zone, ecosystem)

    def supply_table(self, **options: Any) -> pd.DataFrame:
        """The account as the supply table of SEEA EA; options `measure`, `by`, `zone`, `language`: see
        `gep.account.seea.supply_table`.
        """
        from gep.account.seea import supply_table

        return supply_table(self, **options)

    def finished(self) -> Finished:
        """The account as a finished run: rows, record, summary and ledger."""
        if not self.ledger:
            raise UsageError(
                f"{self.about.name}: there is no ledger of this account: only what a study computes can be explained."
            )
        return Finished(tuple(self.rows()), self.about.records, self.summary(), self.ledger)
