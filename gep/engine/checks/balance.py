"""What falls, evaporates and runs off, and what erodes: one layer against another where physics leaves no choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gep.core.errors import Problem, Severity, problem
from gep.engine.checks.scale import NEARLY_ALL, exceeds_nearly_everywhere
from gep.engine.checks.seen import Mask, Seen, enough
from gep.plan.cell_checks import EVAPORATES_MORE

MOSTLY = 0.5
"""A share of the cells above which a layer and not a place is in doubt."""


def evaporates_more_nearly_everywhere(seen: Seen) -> Iterator[Problem]:
    """Evapotranspiration above rain over nearly all of the area: hardly a place, mostly two layers exchanged or one in
    another unit.
    """
    if exceeds_nearly_everywhere(seen):
        tally = seen.sums.checks[EVAPORATES_MORE.message]
        share = tally.found / tally.valid
        subject = "evapotranspiration/precipitation"
        yield problem("engine.B20.nearly_everywhere", subject, place=_places(seen), share=share, part=share)


def _places(seen: Seen) -> str:
    return ", ".join(dict.fromkeys(seen.place(name) for name in ("evapotranspiration", "precipitation")))


def runs_off_and_evaporates(seen: Seen) -> Iterator[Problem]:
    """Runoff and evapotranspiration that are together more than what rains."""
    if exceeds_nearly_everywhere(seen):
        return
    fields = [seen.values(name) for name in ("surface_runoff", "evapotranspiration", "precipitation")]
    valid = enough(*fields)
    if valid is None:
        return
    runoff, evapotranspiration, rain = (field[valid] for field in fields if field is not None)
    yield from _where(seen, runoff + evapotranspiration > rain, valid, "engine.B21.more_than_rains", "surface_runoff")


def erodes_more_with_plants(seen: Seen) -> Iterator[Problem]:
    """Erosion with forest above that without."""
    fields = [seen.values(name) for name in ("erosion_modulus_with", "erosion_modulus_without")]
    valid = enough(*fields)
    if valid is None:
        return
    with_forest, without = (field[valid] for field in fields if field is not None)
    message = "engine.B22.more_with_forest"
    yield from _where(seen, with_forest > without, valid, message, "erosion_modulus_with")


def _where(seen: Seen, found: Mask, valid: Mask, message: str, subject: str) -> Iterator[Problem]:
    """A problem where something holds in most of the valid cells; an error where it does in nearly all."""
    area = seen.area[valid]
    share = float(np.sum(area[found]) / np.sum(area))
    if share > MOSTLY:
        severity: Severity = "error" if share > NEARLY_ALL else "warning"
        yield problem(message, subject, place=seen.place(subject), share=share, part=share, severity=severity)
