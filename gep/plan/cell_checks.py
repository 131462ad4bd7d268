"""Checks between layers that are made on every cell, in the same pass as the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gep.core.errors import Problem, problem

TEXTURE_TOLERANCE = 2.0
"""Percent points by which sand, silt and clay may miss 100 before it is said: products are rounded to a percent each.
"""


@dataclass(frozen=True)
class CellCheck:
    """A question asked of every cell where all its layers are given: where is the answer yes? `message` is the key of
    what is then said, and what the check is known by.
    """

    message: str
    layers: tuple[str, ...]
    test: Callable[..., Any]

    def problem(self, share: float) -> Problem:
        """What is reported where the answer is yes over a share of the area."""
        return problem(self.message, "/".join(self.layers), share=share, part=share)


def evaporates_more_than_rains(evapotranspiration: Any, precipitation: Any) -> Any:
    """Whether actual evapotranspiration exceeds precipitation."""
    return evapotranspiration > precipitation


def is_no_texture(sand: Any, silt: Any, clay: Any) -> Any:
    """Whether sand, silt and clay (in percent) miss 100 by more than rounding explains."""
    return np.abs(sand + silt + clay - 100) > TEXTURE_TOLERANCE


EVAPORATES_MORE = CellCheck(
    "plan.B01.evaporates_more_than_rains", ("evapotranspiration", "precipitation"), evaporates_more_than_rains
)

CELL_CHECKS = (
    EVAPORATES_MORE,
    CellCheck("plan.B02.no_texture", ("soil_sand", "soil_silt", "soil_clay"), is_no_texture),
)
