"""What every raster says of itself, whatever its format: where its cells lie, and how they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np
import pyproj

from gep.core.errors import failure
from gep.core.messages import say
from gep.inputs.grids.bands import STEPS_OF_YEAR, Axis
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.transform import system


class Lattice(NamedTuple):
    """A north-up lattice of `rows` × `cols` cells; x0, y0 is its north-west corner, dx and dy are positive."""

    x0: float
    y0: float
    dx: float
    dy: float
    rows: int
    cols: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north."""
        return self.x0, self.y0 - self.rows * self.dy, self.x0 + self.cols * self.dx, self.y0


@dataclass(frozen=True)
class Header:
    """What a file or DataArray says about itself; `crs` and `lattice` are None where that was an error.

    `pick` counts from zero along the bands or along the dimension `dims[2]`; with an axis January, or its first day or
    hour, comes first. `by_field` has scale and offset of each field where they are not the same for all, `times` year
    and month of each as far as the file tells them, `valid` the least and the greatest raw value that is no code for
    missing, `block` the rows and columns that are decoded together (None: each cell can be had by itself, or the file
    does not tell).
    """

    family: Literal["raster", "array"]
    crs: pyproj.CRS | None
    lattice: Lattice | None
    flip_rows: bool
    flip_cols: bool
    dtype: np.dtype[Any]
    axis: Axis | None
    pick: tuple[int, ...]
    scale: float
    offset: float
    nodata: tuple[float, ...]
    unit: str | None
    by_field: tuple[tuple[float, float], ...] = ()
    valid: tuple[float, float] | None = None
    times: tuple[tuple[int, int], ...] = ()
    is_masked: bool = False
    variable: str | None = None
    dims: tuple[str, str, str | None] = ("", "", None)
    is_crs_assumed: bool = False
    is_fill_unclear: bool = False
    block: tuple[int, int] | None = None

    @property
    def is_monthly(self) -> bool:
        return self.axis == "month"

    @property
    def is_daily(self) -> bool:
        """Whether it holds the days of a year, or several steps of each."""
        return self.axis in ("day", "hour")

    @property
    def steps_per_day(self) -> int:
        """How many fields a day has; 0 where there are no days."""
        return STEPS_OF_YEAR.get(len(self.pick), (0, 0))[1] if self.is_daily else 0

    @property
    def lead(self) -> tuple[int, ...]:
        """The shape of a block before its rows and columns: twelve months, the days of a year or their steps, or
        nothing.
        """
        return (len(self.pick),) if self.axis else ()


def usable_crs(definition: Any, findings: Findings) -> pyproj.CRS | None:
    """The horizontal CRS, or None and error G01."""
    try:
        is_said = isinstance(definition, str) or not definition
        said = definition if is_said else pyproj.CRS.from_user_input(definition).srs
        crs = system(said) if said else None
    except pyproj.exceptions.CRSError as error:
        findings.problem("grids.G01.not_understood", error=failure(error), found=str(definition)[:80])
        return None
    if crs is not None and crs.is_compound:
        crs = system(crs.sub_crs_list[0].srs)
    if crs is None or not (crs.is_geographic or crs.is_projected):
        findings.problem("grids.G01.none_in_raster", found=say("grids.none") if crs is None else crs.name)
        return None
    return crs


def _tidy(value: float, tolerance: float) -> float:
    """The simple ratio or decimal that a number stands for, within the tolerance; else the number."""
    for limit in (1, 10, 100, 1000, 14400):
        candidate = float(Fraction(value).limit_denominator(limit))
        if abs(candidate - value) <= tolerance:
            return candidate
    return next(
        (rounded for digits in range(3, 15) if abs((rounded := round(value, digits)) - value) <= tolerance), value
    )


def tidied(
    west: float, north: float, dx: float, dy: float, rows: int, cols: int, noise: tuple[float, float] = (0.0, 0.0)
) -> Lattice:
    """The lattice in plain numbers, so that the same grid in two formats (edges here, float32 centres there) is the
    same to the last bit.

    Nothing moves by more than a billionth of a cell, or by the rounding of the coordinates themselves (`noise`).
    """

    def axis(edge: float, step: float, count: int, rounding: float) -> tuple[float, float]:
        slack = max(1e-9 * step, rounding, 4 * float(np.spacing(abs(edge) + step * count)))
        return _tidy(edge, slack), _tidy(step, slack / count)

    (x0, dx), (y0, dy) = axis(west, dx, cols, noise[0]), axis(north, dy, rows, noise[1])
    return Lattice(x0, y0, dx, dy, rows, cols)
