"""The account as people hold it: its figures, and what is made of them on request (explanation, pictures, tables of
SEEA EA).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.account.explain import Explanation, explain
from gep.account.figures import Figures
from gep.core.front_door import public
from gep.core.keys import CITY

if TYPE_CHECKING:
    import pandas as pd

    from gep.account.uncertain.result import Uncertainty


class Account(Figures):
    """An ecosystem account, computed in this session or read from the folder of a run (`gep.read_run`). Immutable;
    every rule on totals makes a new one and leaves its adjustment visible as an entry.

    >>> account.total()                                        # CNY, None where nothing has a value    # doctest: +SKIP
    >>> account.by("zone", "service").to_frame()                                                    # doctest: +SKIP
    >>> account.by("service", "component", measure="quantity").to_frame()                           # doctest: +SKIP
    >>> account.about.missing, account.about.problems                                               # doctest: +SKIP

    `entries` are its lines, `about` what is said of it: name, year, profile, price year, what is missing and why.
    """

    def plot(self, kind: str = "composition", **options: Any) -> Any:
        """Draw the account, values in 亿元 (10⁸ CNY). Needs the extra `report`.

        Args:
            kind: "composition" (ranked services), "ecosystems", or "counties" (ranked zones, stacked by service).
            options: `language` ("en" or "zh"), and `ax`, the axes of matplotlib to draw on.

        Returns:
            The axes.

        Raises:
            AccountError: for a kind or a language that there is not, and for an account without values.
            MissingFeatureError: without matplotlib, and for Chinese without a font that has it.
        """
        from gep.account.plots import plot

        return plot(self, kind, **options)

    def explain(self, service: str, zone: str = CITY, ecosystem: str = "") -> Explanation:
        """A figure taken apart: formula, numbers put in, means of the inputs, coefficients, price, rules on totals; or
        why it is empty. The lines under `recompute` are arithmetic that anyone can compute again.

        Args:
            service: its id, or its name in English or Chinese.
            zone: the code or name of a zone; `_city` is the whole area.
            ecosystem: an ecosystem or a class of it, `forest/mixed`; all if not given.

        Returns:
            Dictionaries and lists, the document that `gep explain --json` prints.

        Raises:
            UsageError: for a name that the account does not have, with near spellings, and where there is no ledger.
        """
        return explain(self, service, zone, ecosystem)

    def supply_table(self, **options: Any) -> pd.DataFrame:
        """The account as the supply table of SEEA EA: its services in rows, ecosystem types in columns, CNY or the unit
        of each indicator. A figure that is missing is NaN.

        Args:
            options: `measure` ("value" or "quantity"), `by` ("ecosystem", or "get" for functional groups), `zone` (a
                code), `language` ("en" or "zh").
        """
        from gep.account.seea import supply_table

        return supply_table(self, **options)

    def extent_table(self, **options: Any) -> pd.DataFrame:
        """The extent account of the year by SEEA EA: the opening extent in m2.

        Args:
            options: `by` ("ecosystem", or "get" for functional groups), `zone` (a code), `language` ("en" or "zh").
        """
        from gep.account.seea import extent_table

        return extent_table(self, **options)

    def uncertainty(self, **options: Any) -> Uncertainty:
        """How sure its totals are, what drives that, and what is not known. The inputs are not read again.

        >>> found = account.uncertainty(layers={"precipitation": {"relative_error": 0.05}})       # doctest: +SKIP
        >>> found.total, found.by_zone, found.drivers, found.unknown                              # doctest: +SKIP
        >>> found.to_dataframe(), found.plot("drivers")                                           # doctest: +SKIP

        Args:
            options: `draws` (10 000), `seed`, `level` (0.95); errors of `layers` and `tables` by name, beside those of
                the project: `relative_error` or `standard_error`; `correlations`, pairs of the names of numbers and
                the correlation of each two of them; `figures`, for intervals of single figures (`with_intervals`).

        Raises:
            UsageError: for an account without values or ledger, and for what cannot be drawn.
        """
        from gep.account.uncertain.result import uncertainty_of

        return uncertainty_of(self, **options)

    def with_intervals(self, found: Uncertainty) -> Account:
        """The account with `lower`, `upper` and `interval_level` in the rows of its values, as far as any are known.
        A figure that a rule on totals limits has them in no row: they are those of what is left of it.

        Args:
            found: of this account, with figures: `account.uncertainty(figures=True)`.
        """
        keys = [(e.service, e.base, e.zone, e.ecosystem, e.land_class) for e in self.entries]
        rows = Counter(keys)
        entries = []
        for key, entry in zip(keys, self.entries, strict=True):
            of = found.by_figure.get(key)
            if of and of.lower is not None and of.upper is not None and entry.is_counted and rows[key] == 1:
                entry = replace(entry, interval=(of.lower, of.upper, found.level))
            entries.append(entry)
        return self.replace(entries)

    def report(self, folder: str | Path, *kinds: str, **options: Any) -> list[Path]:
        """Write what an office hands in, as `gep.write_report` does.

        Args:
            folder: where the files go.
            kinds: of "xlsx", "docx", "html", "bulletin", "package" and "pictures"; all that are installed if none is
                named.
            options: `lang` ("zh", "en", "zh-en"), `shares` ("as_is", "adjusted"), `template` (a folder), `pdf`.
        """
        written: list[Path] = public("write_report")(self, folder, *kinds, **options)
        return written
