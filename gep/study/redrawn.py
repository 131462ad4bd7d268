"""The cells of a run computed again on draws of coefficients, where its sums do not tell what these would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Protocol, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gep.account.account import Account
from gep.account.accounts import Accounts
from gep.account.record import Key
from gep.account.uncertain.model import Engine
from gep.account.uncertain.parts import CLOSE
from gep.core.errors import GepError
from gep.engine.loop import Loop
from gep.engine.run import Progress
from gep.inputs.open import Inputs
from gep.inputs.spec import StudySpec
from gep.standards.coefficients import Coefficient
from gep.study.given import with_more

Array = NDArray[np.float64]
DRAW = "draw"


class Varying(Protocol):
    """What an engine needs of a study."""

    spec: StudySpec

    @property
    def inputs(self) -> Inputs:
        """Its inputs."""

    @classmethod
    def from_spec(cls, spec: StudySpec) -> Self:
        """Another one."""

    def accounts(self, *, threads: int | None, progress: Progress | None, loop: Loop) -> Accounts:
        """An account for every draw."""


def engine_of(
    account: Account,
    found: Callable[[], Varying | None],
    threads: int | None = None,
    progress: AbstractContextManager[Progress | None] | None = None,
) -> Engine:
    """What computes the cells of a run again, of the study that is `found` if that is needed.

    >>> account.uncertainty(engine=engine_of(account, lambda: study))              # doctest: +SKIP
    """

    def quantities(drawn: Mapping[str, Array]) -> Mapping[Key, Array] | None:
        study = found()
        varied = study and _varied(study, account, drawn)
        if not varied:
            return None
        try:
            with progress or nullcontext() as report:
                accounts = list(varied.accounts(threads=threads, progress=report, loop="numpy"))
        except GepError:  # rows of a published set that cannot be given again
            return None
        of_run, *_ = amounts = [_quantities(one) for one in (account, *accounts)]
        together = {key: np.array([of.get(key, np.nan) for of in amounts[1:]]) for key in of_run}
        is_same = all(abs(of[0] - of_run[key]) <= CLOSE * abs(of_run[key]) for key, of in together.items())
        return {key: of for key, of in together.items() if np.isfinite(of).all()} if is_same else None

    return quantities


def _quantities(account: Account) -> dict[Key, float]:
    """The quantities of an account before rules on totals."""
    return {
        (e.service, e.component, e.zone, e.ecosystem, e.land_class): e.quantity
        for e in account.flows
        if e.quantity is not None and not e.is_adjustment
    }


def _varied(study: Varying, account: Account, drawn: Mapping[str, Array]) -> Varying | None:
    """The study with some rows drawn. All rows of the same names that the run used are among its own then, so that a
    drawn row of an ecosystem wins over none of a class; None where they are not those of the run.
    """
    used = account.ledger["coefficients"]
    names = {used[name]["name"] for name in drawn}
    rows: dict[str, Coefficient] = {}
    for row in study.inputs.coefficients.rows:
        about = used.get(row.id)
        if row.name in names and about and (about["value"], about["unit"]) == (row.value, row.unit):
            rows.setdefault(row.id, row)
    if len(rows) < sum(row["name"] in names for row in used.values()):
        return None
    arrays = {rows[name].key: xr.DataArray(numbers, dims=DRAW) for name, numbers in drawn.items()}
    spec = with_more(study.spec, list(rows.values()))
    return type(study).from_spec(replace(spec, arrays={**spec.arrays, **arrays}))
