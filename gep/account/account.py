"""The account as people hold it: its figures, and what is made of them on request (explanation, pictures, tables of
SEEA EA).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.account.explain import Explanation, explain
from gep.account.figures import Figures
from gep.core.front_door import public
from gep.core.keys import CITY

if TYPE_CHECKING:
    import pandas as pd


class Account(Figures):
    """An ecosystem account, computed in this session or read from the folder of a run (`gep.read_run`). Immutable;
    every rule on totals makes a new one and leaves its adjustment visible as an entry.
    """

    def plot(self, kind: str = "composition", **options: Any) -> Any:
        """Draw the account: `composition`, `ecosystems` or `counties`; options `language` and `ax`. Needs the extra
        `report`.
        """
        from gep.account.plots import plot

        return plot(self, kind, **options)

    def explain(self, service: str, zone: str = CITY, ecosystem: str = "") -> Explanation:
        """A figure taken apart: formula, numbers put in, means of the inputs, coefficients, price, rules on totals; or
        why it is empty.

        The document that `gep explain --json` prints: see `gep.account.explain`.
        """
        return explain(self, service, zone, ecosystem)

    def supply_table(self, **options: Any) -> pd.DataFrame:
        """The account as the supply table of SEEA EA; options `measure`, `by`, `zone`, `language`: see
        `gep.account.seea.supply_table`.
        """
        from gep.account.seea import supply_table

        return supply_table(self, **options)

    def extent_table(self, **options: Any) -> pd.DataFrame:
        """The extent account of the year by SEEA EA; options `by`, `zone`, `language`: see
        `gep.account.seea.extent_table`.
        """
        from gep.account.seea import extent_table

        return extent_table(self, **options)

    def report(self, folder: str | Path, *kinds: str, **options: Any) -> list[Path]:
        """Write what an office hands in to a folder: `xlsx`, `docx`, `html`, `bulletin`, `package`, `pictures`, or all
        of these that are installed where none is named. Options `lang` ("zh", "en", "zh-en"), `shares` ("as_is",
        "adjusted"), `template` (a folder), `pdf`: see `gep.write_report`.
        """
        written: list[Path] = public("write_report")(self, folder, *kinds, **options)
        return written
