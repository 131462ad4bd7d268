"""The cells of a run computed again on draws of coefficients, where its sums do not tell what these would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gep.account.account import Account
from gep.account.record import Key
from gep.account.uncertain.model import Engine
from gep.account.uncertain.parts import CLOSE
from gep.core.errors import GepError, UsageError
from gep.core.messages import joined, say
from gep.engine.run import Progress
from gep.standards.coefficients import Coefficient
from gep.study.causes import departures
from gep.study.given import with_more
from gep.study.run import place_of, project_of, zones_of
from gep.study.study import Study

Array = NDArray[np.float64]
DRAW = "draw"


def study_of(account: Account, given: Path | None) -> Study:
    """The study of a run with the inputs that it had. Raises UsageError where there is none."""
    folder, path = place_of(account), given or project_of(account)
    if path is None:
        raise UsageError(say("study.change.not_at_hand", folder=folder, option="--project"))
    study = Study.open(path)
    study = study.by_year().get(account.about.year, study)
    if zones := zones_of(account):
        sharing = account.record["zones"].get("of_tables", {}).get("sharing")
        study = study.with_zones(zones, "area" if sharing == "area" else "")
    if found := departures(account, study):
        raise UsageError(say("study.change.departed", folder=folder, path=path, found=joined(found, "; ", "；")))
    return study


def at_hand(account: Account, given: Path | None) -> Study | None:
    """The same; None where there is none and no project file is named."""
    try:
        return study_of(account, given)
    except GepError:
        if given is not None:
            raise
        return None


def engine_of(
    account: Account,
    found: Callable[[], Study | None],
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


def _varied(study: Study, account: Account, drawn: Mapping[str, Array]) -> Study | None:
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
    return Study.from_spec(replace(spec, arrays={**spec.arrays, **arrays}))
