"""Factors of the wind erosion equation that several tests take."""

from __future__ import annotations

import math


def eroded(product: float, distance: float = 50.0) -> float:
    """HJ 1173-2021, A.15 and A.16, as printed, in kg/m2."""
    if product <= 0:
        return 0.0
    transport, length = 109.8 * product, 150.71 * product**-0.3711
    return 2 * distance / length**2 * transport * math.exp(-((distance / length) ** 2))


def carries(speed: float, height: float = 10.0) -> float:
    """u (u - ut)^2 at 2 m of a wind speed at a height."""
    low = speed * (2 / height) ** (1 / 7)
    return low * (low - 5) ** 2 if low >= 5 else 0.0


FACTORS = {
    "weather_factor": 20.0,
    "wind_erodible_fraction": 0.5,
    "soil_crust_factor": 0.6,
    "surface_roughness_factor": 0.8,
    "wind_cover_factor": 0.2,
}
