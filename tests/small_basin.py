"""A basin of 8 by 9 cells, made up by formulas: what InVEST and gep are both given.

InVEST's results for it stand in `tests/peers/invest/`; `tests/peers/make_invest_case.py` made them.
"""

from __future__ import annotations

import numpy as np

ROWS, COLS, CELL = 8, 9, 30.0
YEAR = 2019
CRS = "EPSG:3035"
LEFT, TOP = 4_321_000.0, 3_210_000.0

CLASSES = {
    1: "forest/mixed",
    2: "grassland/temperate_steppe",
    3: "cropland/dryland",
    4: "wetland/marsh",
    5: "desert/bare",
}
"""What the codes of the land cover stand for. Bare ground is the one that is not vegetated."""

OF_CLASS = {
    "crop_coefficient": {1: 1.0, 2: 0.65, 3: 0.8, 4: 1.1, 5: 0.5},
    "root_depth": {1: 3500.0, 2: 1200.0, 3: 900.0, 4: 700.0, 5: 10.0},  # mm
    "cover_factor": {1: 0.016, 2: 0.05, 3: 0.2718, 4: 0.001, 5: 1.0},
    "practice_factor": {1: 1.0, 2: 0.9, 3: 0.6, 4: 1.0, 5: 1.0},
    "carbon_above": {1: 62.5, 2: 1.9, 3: 4.25, 4: 6.5, 5: 0.25},  # t C/hm2
    "carbon_below": {1: 15.8, 2: 8.7, 3: 0.6, 4: 9.1, 5: 0.1},
    "carbon_soil": {1: 120.3, 2: 98.6, 3: 71.2, 4: 210.0, 5: 14.7},
    "carbon_dead": {1: 7.4, 2: 0.35, 3: 0.0, 4: 1.2, 5: 0.0},
}
"""Made up: round numbers in the usual range, of no place."""

SEASONALITY = 8.5

STREAM_CELLS = 12
"""A stream runs where the water of so many cells gathers, the cell itself among them."""

YEARS = 2019, 2034
CARBON_PRICE, DISCOUNT_RATE, PRICE_FALL = 180.0, 4.5, 1.5
"""CNY per t of carbon; percent a year."""

_ROW, _COL = np.mgrid[:ROWS, :COLS].astype(float)


def layers() -> dict[str, np.ndarray]:
    """The grids, the first row in the north: m, mm of the year, MJ mm/(hm2 h), t hm2 h/(hm2 MJ mm), mm, 1."""
    sides = np.abs(_COL - 3.8) ** 1.5
    return {
        "elevation": np.round(300 - 1.1 * _ROW - 0.25 * _ROW**1.6 + 2.3 * sides + 0.9 * sides * (_ROW / ROWS), 3),
        "precipitation": np.round(420 + 31.5 * _COL + 12.25 * _ROW, 2),
        "reference_evapotranspiration": np.round(1080 - 17.5 * _COL + 9.75 * _ROW, 2),
        "rainfall_erosivity": np.round(1850 + 95.5 * _ROW - 20.25 * _COL, 2),
        "soil_erodibility": np.round(0.021 + 0.0013 * ((_ROW * 3 + _COL * 5) % 7), 4),
        "soil_depth": np.round(350 + 180.0 * ((_ROW * 2 + _COL) % 9), 1),
        "plant_available_water": np.round(0.06 + 0.011 * ((_ROW + _COL * 4) % 11), 3),
    }


def land_cover(*, later: bool = False) -> np.ndarray:
    """Codes of the classes; later, where dry fields in the west have become forest and one corner bare."""
    codes = 1 + ((_ROW * 7 + _COL * 3 + (_ROW * _COL) % 4) % 5).astype(np.uint8)
    if later:
        codes = np.where((codes == 3) & (_COL < 5), 1, codes)
        codes = np.where((codes == 2) & (_ROW > 5), 5, codes)
    return codes.astype(np.uint8)
