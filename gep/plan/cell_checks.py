"""Checks between layers that are made on every cell, in the same pass as the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gep.core.errors import Problem, Severity

TEXTURE_TOLERANCE = 2.0
"""Percent points by which sand, silt and clay may miss 100 before it is said: products are rounded to a percent each.
"""


@dataclass(frozen=True)
class CellCheck:
    """A question asked of every cell where all its layers are given: where is the answer yes?"""

    code: str
    severity: Severity
    layers: tuple[str, ...]
    test: Callable[..., Any]
    message: str
    do: str

    def problem(self, share: float) -> Problem:
        """What is reported where the answer is yes over a share of the area."""
        return Problem(
            self.code,
            self.severity,
            "/".join(self.layers),
            self.message,
            "",
            f"{share:.1%} of the area that has these layers",
            "",
            self.do,
            share,
        )


def evaporates_more_than_rains(evapotranspiration: Any, precipitation: Any) -> Any:
    """Whether actual evapotranspiration exceeds precipitation."""
    return evapotranspiration > precipitation


def is_no_texture(sand: Any, silt: Any, clay: Any) -> Any:
    """Whether sand, silt and clay (in percent) miss 100 by more than rounding explains."""
    return np.abs(sand + silt + clay - 100) > TEXTURE_TOLERANCE


CELL_CHECKS = (
    CellCheck(
        "B01",
        "warning",
        ("evapotranspiration", "precipitation"),
        evaporates_more_than_rains,
        "Actual evapotranspiration exceeds precipitation: the two products contradict each other, or water "
        "flows in from elsewhere.",
        "Use both from one product, or choose what happens to negative balances with water_retention.negative.",
    ),
    CellCheck(
        "B02",
        "warning",
        ("soil_sand", "soil_silt", "soil_clay"),
        is_no_texture,
        "Sand, silt and clay do not add to 100 %.",
        "Use the three from one product, with the same size limits.",
    ),
)
