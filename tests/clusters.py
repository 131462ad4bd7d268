"""Clusters of dask on this machine, whose workers have loaded what a pass needs before they begin."""

from __future__ import annotations

from typing import Any

LOADED = ("gep.study.study", "gep.engine.fused", "geopandas", "rasterio", "numba")


def local_cluster(workers: int) -> Any:
    """So many processes of one thread each, without a page to look at them: forked from one process, which loads once
    what each of them would load for itself.
    """
    from distributed import LocalCluster, utils

    context: Any = utils.get_mp_context()
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["distributed", *LOADED])
    return LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None)
