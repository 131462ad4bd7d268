"""Months and days of rain that several tests of derivations take."""

from __future__ import annotations

import calendar
from typing import Any

import numpy as np
from builders import (
    by_shipped,
    raster,
)

from gep.derivations.erosion import (
    erosivity_of_daily_rain,
)
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.open import open_layer

MONTHS = np.array([month for month in range(1, 13) for _ in range(calendar.monthrange(2001, month)[1])], dtype=float)[
    :, None
]
LEAP_MONTHS = np.array(
    [month for month in range(1, 13) for _ in range(calendar.monthrange(2004, month)[1])], dtype=float
)[:, None]


def half_month(rain: Any, months: Any = MONTHS) -> Any:
    return by_shipped(erosivity_of_daily_rain, daily_precipitation=rain, calendar_month=months)


def daily(name: str, values: Any, unit: str) -> Layer:
    """A layer of the days of a year, in memory."""
    return open_layer(LayerSpec(name, raster(values, unit).rename(month="day")), unit=unit)
