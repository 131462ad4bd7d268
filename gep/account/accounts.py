"""Several accounts along dimensions: years, scenarios, draws of a number. Tables, arrays and differences of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.account.account import Account
from gep.account.changes import Comparison, compare_years, settled
from gep.account.entries import Asked
from gep.core.errors import AccountError, UsageError, did_you_mean
from gep.core.messages import say
from gep.core.units import cf_attributes

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Labels = tuple[Any, ...]
"""Where an account stands: a label of each dimension."""


class Accounts:
    """Accounts by the labels of their dimensions, in the order of `dims`, as `Study.accounts` makes them. Immutable.
    Those of several runs are put together by hand:

    >>> two = gep.Accounts({"year": [2019, 2020]}, {(2019,): first, (2020,): second})       # doctest: +SKIP

    >>> accounts = study.accounts()                          # doctest: +SKIP
    >>> accounts.sel(year=2020).total()                      # doctest: +SKIP
    >>> accounts.to_xarray("service").quantile([0.05, 0.95], "draw")          # doctest: +SKIP

    Args:
        dims: the labels of each dimension.
        accounts: each account by its labels, one of every dimension.
    """

    def __init__(self, dims: Mapping[str, Sequence[Any]], accounts: Mapping[Labels, Account]) -> None:
        self.dims: dict[str, tuple[Any, ...]] = {name: tuple(labels) for name, labels in dims.items()}
        self._accounts = {labels: accounts[labels] for labels in product(*self.dims.values())}

    def __len__(self) -> int:
        return len(self._accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def items(self) -> Iterator[tuple[dict[str, Any], Account]]:
        """The accounts with the labels of each by dimension."""
        return ((dict(zip(self.dims, labels, strict=True)), account) for labels, account in self._accounts.items())

    def sel(self, **labels: Any) -> Account | Accounts:
        """The account at a label of every dimension; the accounts at labels of some of them.

        Args:
            labels: a label by the name of its dimension, `year=2020`.

        Raises:
            UsageError: for a dimension or a label that is not there.
        """
        for name, label in labels.items():
            if name not in self.dims:
                raise UsageError(
                    say("account.no_dimension", name=name, hint=did_you_mean(name, self.dims), known=list(self.dims))
                )
            if label not in self.dims[name]:
                known = [str(one) for one in self.dims[name]]
                raise UsageError(say("account.no_label", name=name, label=label, hint=did_you_mean(str(label), known)))
        rest = {name: of for name, of in self.dims.items() if name not in labels}
        here = {
            tuple(at[name] for name in rest): account
            for at, account in self.items()
            if all(at[name] == label for name, label in labels.items())
        }
        return Accounts(rest, here) if rest else here[()]

    # figures ----------------------------------------------------------------------------------------------------------

    def to_frame(self, *keys: str, measure: Asked = "value") -> pd.DataFrame:
        """The figures of all accounts, one row for each, with the labels of the account before it.

        Args:
            keys: what they are by, as in `Account.by`; service if none is named.
            measure: "value" (CNY), "quantity", "area" (m2) or "stock"; the unit stands in a column.
        """
        import pandas as pd

        keys = keys or ("service",)
        rows = [
            (*at.values(), *key, value, unit)
            for at, account in self.items()
            for key, value, unit in account.by(*keys, measure=measure)
        ]
        return pd.DataFrame(rows, columns=[*self.dims, *keys, measure, "unit"])

    def to_xarray(self, *keys: str, measure: Asked = "value") -> xr.DataArray:
        """The same as an array; NaN where an account has no such figure.

        Args:
            keys: what the figures are by, as in `Account.by`; service if none is named.
            measure: "value" (CNY), "quantity", "area" (m2) or "stock".

        Returns:
            Dimensions are those of the accounts and then the keys. One unit stands in the attributes, several in the
            coordinate `unit`.

        Raises:
            AccountError: where one key has figures of several units: ask by component too.
        """
        import xarray as xr

        keys = keys or ("service",)
        tables = [account.by(*keys, measure=measure) for account in self]
        labels = [list(dict.fromkeys(key[n] for table in tables for key, _, _ in table)) for n in range(len(keys))]
        position = [{label: at for at, label in enumerate(of)} for of in labels]
        shape = tuple(map(len, labels))
        values = np.full((len(tables), *shape), np.nan)
        units = np.full(shape, "", dtype=object)
        for number, table in enumerate(tables):
            for key, value, unit in table:
                where = tuple(of[label] for of, label in zip(position, key, strict=True))
                if units[where] not in ("", unit):
                    raise AccountError(say("account.several_units", key="/".join(key), units=[units[where], unit]))
                units[where] = unit
                values[(number, *where)] = value
        found = xr.DataArray(
            values.reshape(*map(len, self.dims.values()), *shape),
            dims=(*self.dims, *keys),
            coords={**{name: list(of) for name, of in self.dims.items()}, **dict(zip(keys, labels, strict=True))},
            name=measure,
        )
        different = [unit for unit in dict.fromkeys(units.ravel().tolist()) if unit]
        if len(different) == 1:
            return found.assign_attrs(cf_attributes(different[0]))
        return found.assign_coords(unit=(keys, units))

    def total(self) -> xr.DataArray:
        """The total of every account in CNY; NaN where one has none."""
        import xarray as xr

        totals = [account.total() for account in self]
        values = np.array([np.nan if total is None else total for total in totals], dtype=np.float64)
        shape = tuple(map(len, self.dims.values()))
        coords = {name: list(of) for name, of in self.dims.items()}
        return xr.DataArray(values.reshape(shape), coords, tuple(self.dims), "total", attrs=cf_attributes("CNY"))

    def sum(self, *keys: str) -> pd.DataFrame:
        """The counted values of all accounts together, in CNY; NaN where one of them has no figure.

        Args:
            keys: what they are by, as in `Account.by`; service if none is named.

        Raises:
            AccountError: where the accounts are at prices of different years.
        """
        import pandas as pd

        self._check_prices()
        keys = keys or ("service",)
        parts: dict[Labels, list[float]] = {}
        for account in self:
            for key, value, _ in account.by(*keys):
                parts.setdefault(key, []).append(value)
        sums = {key: math.fsum(of) if len(of) == len(self) else math.nan for key, of in parts.items()}
        return pd.DataFrame([(*key, value) for key, value in sums.items()], columns=[*keys, "value"])

    def difference(self, *keys: str, measure: Asked = "value", **between: tuple[Any, Any]) -> pd.DataFrame:
        """What changes from one account to another: before, after, the change and its share; NaN where one of them has
        no figure. Land that is not there has an area of 0. What differs by the rounding of its sum is no change.

        Args:
            keys: what it is by, as in `Account.by`; zone and service if none are named.
            measure: "value" (CNY), "quantity", "area" (m2) or "stock".
            between: a dimension with two labels, `scenario=("before", "after")`; needed of more than two accounts.

        Raises:
            AccountError: where values are at prices of different years.
            UsageError: where it is not clear which two accounts are meant.
        """
        import pandas as pd

        keys = keys or ("zone", "service")
        if not between and len(self) == 2:
            ((name, labels),) = [(name, of) for name, of in self.dims.items() if len(of) == 2]
            between = {name: (labels[0], labels[1])}
        if len(between) != 1 or any(len(labels) != 2 for labels in between.values()):
            raise UsageError(say("account.between_what", known=list(self.dims)))
        ((name, labels),) = between.items()
        before, after = (self.sel(**{name: label}) for label in labels)
        if not (isinstance(before, Account) and isinstance(after, Account)):
            raise UsageError(say("account.choose_first", known=[of for of in self.dims if of != name]))
        if measure == "value":
            Accounts({name: labels}, {(labels[0],): before, (labels[1],): after})._check_prices()
        first, second = (
            {(key, unit): value for key, value, unit in account.by(*keys, measure=measure)}
            for account in (before, after)
        )
        rows = []
        absent = 0.0 if measure == "area" else math.nan
        for key, unit in dict.fromkeys([*first, *second]):
            then, now = first.get((key, unit), absent), second.get((key, unit), absent)
            change = settled(now, then) - then  # what one of them has no figure of has no known change
            rows.append((*key, then, now, change, change / then if then else math.nan, unit))
        return pd.DataFrame(rows, columns=[*keys, "before", "after", "change", "share", "unit"])

    def compare(self, base: int | None = None, prices: str = "constant", links: Sequence[int] = ()) -> Comparison:
        """Accounts of several years beside each other: growth at current and at constant prices, what each zone,
        ecosystem and service adds to it, and what changes of value come from, as `gep compare` tells it.

        >>> accounts = gep.read_runs(["gep-2020", "gep-2021", "gep-2022"])        # doctest: +SKIP
        >>> accounts.compare(2020, "chain").to_frame("service")                  # doctest: +SKIP

        Args:
            base: the base year; the first if none is named.
            prices: "current", "constant" (those of the base year) or "chain" (those of each year before).
            links: with "constant", years whose prices are those of a new base from then on, linked to the one before:
                growth is kept, and parts do not add up to the total.

        Raises:
            UsageError: for accounts that cannot be compared, with every reason.
        """
        if len(self.dims) != 1:
            raise UsageError(say("account.choose_first", known=list(self.dims)))
        return compare_years(tuple(self), base, prices, links)

    def _check_prices(self) -> None:
        """Raise AccountError for accounts at prices of different years: their values do not add up."""
        years = sorted({account.about.price_year or account.about.year for account in self})
        if len(years) > 1:
            raise AccountError(say("account.mixed_prices", years=years))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(labels)}" for name, labels in self.dims.items())
        return f"<Accounts {next(iter(self)).about.name if self._accounts else ''} ({sizes})>"

    def _repr_html_(self) -> str:
        import html

        head = f"<b>{html.escape(repr(self)[1:-1])}</b>"
        if len(self) <= _SHOWN:
            return f"<div>{head}{self.to_frame().to_html(index=False)}</div>"
        return f"<div>{head}{self.total().to_series().to_frame().to_html(max_rows=_SHOWN)}</div>"


_SHOWN = 12
"""So many accounts are shown service by service; of more the totals of so many, the first and the last."""
