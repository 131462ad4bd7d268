"""Processes that compute windows: some of this machine, or those of a dask cluster that is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gep.core.errors import MissingFeatureError, UsageError
from gep.core.messages import say

SECONDS_TO_CONNECT = 10


@contextmanager
def client_of(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """A dask client with some processes of this machine, or of the cluster at an address; None where neither is given.

    Raises UsageError for both, or an address where no scheduler answers.
    """
    if workers is None and scheduler is None:
        yield None
        return
    if workers is not None and scheduler is not None:
        raise UsageError(say("cli.workers_and_scheduler"))
    try:
        from dask.distributed import Client
    except ImportError:
        raise MissingFeatureError.of("--workers" if workers else "--scheduler", "dask") from None
    if scheduler is None:
        made = Client(  # type: ignore[no-untyped-call]  # dask declares no types of it
            n_workers=workers, threads_per_worker=1, dashboard_address=None, set_as_default=False
        )
    else:
        try:
            made = Client(  # type: ignore[no-untyped-call]  # dask declares no types of it
                scheduler, timeout=SECONDS_TO_CONNECT, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise UsageError(say("cli.no_scheduler", address=scheduler)) from error
    with made as client:  # which leaves a cluster that was there as it was
        if not client.ncores():
            raise UsageError(say("cli.no_workers", address=scheduler or ""))
        yield client
