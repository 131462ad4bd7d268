"""Arrays that are yet to be computed, for one window of several layers at once: what layers share is computed once."""

from __future__ import annotations

from collections.abc import Sequence

from gep.inputs.grids.grid import Square
from gep.inputs.grids.reader import Reader


def load_together(readers: Sequence[Reader], window: Square) -> None:
    """Read what the squares of a window need of some layers. Of arrays over dask all of it is one task, which this
    thread computes; where that fails each layer is read by itself, so that the one at fault says so.
    """
    pending = {reader: part for reader in readers if (part := reader.pending(window)) is not None}
    if len(pending) > 1:
        from dask.base import compute

        parts = [part.data for part in pending.values()]
        try:
            found = compute(*parts, scheduler="synchronous")  # type: ignore[no-untyped-call]  # dask declares no types
        except Exception:  # whatever an expression raises; it does so again below, and is named there
            found = ()
        for reader, values in zip(pending, found, strict=False):
            reader.take(window, values)
    for reader in readers:
        reader.load(window)
