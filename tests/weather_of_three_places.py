"""The weather of three places in the middle of each month of a year, made up by formulas: what pyet, xclim and gep are
all given. Their results stand in `tests/peers/evaporation/`; `tests/peers/make_weather_case.py` made them.
"""

from __future__ import annotations

import math

YEAR = 2019
DAYS = (16, 45, 75, 105, 136, 166, 197, 228, 258, 289, 319, 350)
"""The day of the year in the middle of each month, as gep takes it."""

PLACES = {"north": (49.2, 620.0), "valley": (30.7, 1500.0), "south": (-20.0, 5.0)}
"""Latitude in degrees, elevation in metres."""

WIND_HEIGHT = 10.0


def weather(place: str, month: int) -> dict[str, float]:
    """Degrees Celsius, a share, m/s at 10 m, and the share of the radiation above the air that reaches the ground."""
    latitude, elevation = PLACES[place]
    season = -math.cos(2 * math.pi * (month - 0.5) / 12) * (1 if latitude > 0 else -1)
    mean = 25 - 0.35 * abs(latitude) - 0.0055 * elevation + season * (3 + 0.38 * abs(latitude))
    swing = 9 + 3 * math.sin(1.3 * month + latitude)
    return {
        "highest": round(mean + swing / 2, 2),
        "lowest": round(mean - swing / 2, 2),
        "humidity": round(0.6 + 0.2 * math.sin(0.9 * month + elevation / 500), 3),
        "wind": round(2.6 + 1.1 * math.cos(0.7 * month), 2),
        "sun": round(0.5 + 0.12 * math.sin(1.1 * month + latitude / 20), 3),
    }
