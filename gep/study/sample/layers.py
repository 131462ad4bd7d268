"""Climate, soil and vegetation of the synthetic sample city, on the grids and in the storage of real products. Every
number here is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy import ndimage

from gep.study.sample import landscape as land
from gep.study.sample.landscape import CELL, COLS, CRS, MARGIN, NORTH, ROWS, WEST, Floats, Landscape

MONTHLY_RAIN = (0.010, 0.012, 0.022, 0.040, 0.075, 0.140, 0.270, 0.220, 0.110, 0.060, 0.026, 0.015)
MONTHLY_DEMAND = (0.012, 0.020, 0.050, 0.095, 0.145, 0.160, 0.156, 0.130, 0.102, 0.070, 0.038, 0.022)
"""Shares of the year's rain and of its potential evapotranspiration: a monsoon climate of the temperate zone."""
MONTHLY_WARMTH = (-18.0, -14.0, -5.5, 3.5, 10.5, 15.0, 17.2, 15.4, 9.2, 1.2, -9.0, -16.0)
MONTHLY_SWING = (5.5, 6.0, 6.4, 6.8, 6.8, 6.2, 5.4, 5.3, 6.0, 6.2, 5.8, 5.3)
"""Kelvin from the mean of the year, and from the mean of the month to its daily maximum."""
MONTHLY_WIND = (3.7, 4.2, 5.6, 6.8, 6.2, 4.6, 3.5, 3.2, 3.7, 4.4, 4.5, 3.9)
RAIN_DAYS = (0.34, 0.21, 0.15, 0.11, 0.08, 0.06, 0.05)
"""Shares of a month's rain that fall on its wettest days."""

VEGETATION: dict[int, tuple[float, float, float, float]] = {
    land.BROADLEAF: (82, 8, 3.0, 520),
    land.NEEDLELEAF: (78, 8, 2.9, 470),
    land.MIXED: (83, 7, 3.0, 540),
    land.SPARSE_FOREST: (34, 8, 2.4, 330),
    land.SHRUB: (52, 11, 2.4, 360),
    land.MEADOW: (74, 9, 2.6, 380),
    land.STEPPE: (41, 12, 2.1, 270),
    land.MARSH: (66, 10, 4.5, 430),
    land.LAKE: (1, 1, 9.0, 320),
    land.RIVER: (1, 1, 9.0, 260),
    land.RESERVOIR: (1, 1, 9.0, 290),
    land.ORCHARD: (56, 9, 2.7, 400),
    land.PADDY: (63, 8, 6.0, 480),
    land.DRYLAND: (49, 11, 2.3, 390),
    land.RESIDENTIAL: (13, 7, 1.7, 90),
    land.URBAN_GREEN: (59, 10, 2.6, 350),
    land.INDUSTRIAL: (7, 5, 1.6, 50),
    land.SAND_DESERT: (3, 2, 1.9, 35),
    land.SANDY_LAND: (14, 6, 1.9, 110),
    land.BARE: (6, 4, 1.8, 60),
}
"""By class: vegetation cover and its spread in percent, parameter of Fu's curve, net primary production in g C/(m² a).
"""


@dataclass(frozen=True)
class Raster:
    """A grid of raw numbers as a file holds them. `transform` is (west, north, width, height of a cell)."""

    values: NDArray[Any]
    crs: str
    transform: tuple[float, float, float, float]
    nodata: float | None
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""


def land_lattice(margin: int = 0) -> tuple[tuple[float, float, float, float], tuple[slice, slice]]:
    """Where the land cover with a margin lies, and the part of the wide lattice that it is."""
    rows, cols = slice(MARGIN - margin, MARGIN + ROWS + margin), slice(MARGIN - margin, MARGIN + COLS + margin)
    return (WEST - margin * CELL, NORTH + margin * CELL, CELL, CELL), (rows, cols)


def stored(values: Floats, dtype: str, scale: float, offset: float, fill: float | None = None) -> NDArray[Any]:
    """Numbers as a file holds them: raw = (value - offset) / scale, rounded; missing as the fill number."""
    raw = np.rint((values - offset) / scale)
    if fill is not None:
        raw = np.where(np.isnan(values), fill, raw)
    return raw.astype(dtype)


def sampled(
    field: Floats, crs: str, west: float, north: float, steps: tuple[float, float], shape: tuple[int, int]
) -> Floats:
    """A field of the wide lattice at the centres of another grid, averaged over about one of its cells."""
    x = west + (np.arange(shape[1]) + 0.5) * steps[0]
    y = north - (np.arange(shape[0]) + 0.5) * steps[1]
    xs, ys = np.meshgrid(x, y)
    if crs != CRS:
        xs, ys = pyproj.Transformer.from_crs(crs, CRS, always_xy=True).transform(xs, ys)
    col = (xs - (WEST - MARGIN * CELL)) / CELL - 0.5
    row = ((NORTH + MARGIN * CELL) - ys) / CELL - 0.5
    metres = steps[1] * (111_000 if crs != CRS else 1)
    calm = ndimage.gaussian_filter(field, metres / CELL / 3, mode="nearest")
    result: Floats = ndimage.map_coordinates(calm, [row, col], order=1, mode="nearest")
    return result


def degrees_around(step: float, cells_beyond: float) -> tuple[float, float, tuple[int, int]]:
    """West, north and shape of a lon/lat grid of `step` degrees that reaches so many cells beyond the land cover."""
    transformer = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    west, south, east, north = transformer.transform_bounds(
        WEST, NORTH - ROWS * CELL, WEST + COLS * CELL, NORTH, densify_pts=21
    )
    left, right = (np.floor(west / step) - cells_beyond) * step, (np.ceil(east / step) + cells_beyond) * step
    bottom, top = (np.floor(south / step) - cells_beyond) * step, (np.ceil(north / step) + cells_beyond) * step
    return float(round(left, 6)), float(round(top, 6)), (round((top - bottom) / step), round((right - left) / step))


def climate(landscape: Landscape, rng: np.random.Generator) -> tuple[dict[str, Floats], tuple[float, float, float]]:
    """The climate by name on about 1 km of longitude and latitude, north up, and that grid: west, north, step in
    degrees.
    """
    step = 0.01
    west, north, shape = degrees_around(step, 2)

    def coarse(field: Floats) -> Floats:
        return sampled(field, "EPSG:4326", west, north, (step, step), shape)

    rain, demand, height = coarse(landscape.rain), coarse(landscape.evaporation), coarse(landscape.elevation)
    breeze = coarse(land.smooth_field(rng, 50))

    def by_month(shares: tuple[float, ...]) -> Floats:
        return np.array(shares)[:, None, None]

    monthly_rain = rain * by_month(MONTHLY_RAIN)
    warmth = 8.3 - 0.0062 * (height - 600) + 0.15 * breeze + by_month(MONTHLY_WARMTH)
    return {
        "precipitation": monthly_rain,
        "mean_temperature": warmth,
        "maximum_temperature": warmth + by_month(MONTHLY_SWING),
        "potential_evapotranspiration": demand * by_month(MONTHLY_DEMAND),
        "wind_speed": by_month(MONTHLY_WIND) * (1.06 - 0.00012 * (height - 600) + 0.04 * breeze),
        "snow_depth": np.clip(1.5 - warmth, 0, 20) * rain / 120,
        "rainfall_erosivity": _erosivity(monthly_rain),
        "water_evaporation": 1.06 * demand,
        "rain_days": np.clip(1.5 + 0.13 * monthly_rain, 0, 24),
        "storm_runoff": 0.055 * rain,
        "runoff_generating_precipitation": 0.93 * rain,
    }, (west, north, step)


def _erosivity(monthly_rain: Floats) -> Floats:
    """Erosivity of the year from invented rain days, by the form of HJ 1173-2021 A.5-A.6: days of 12 mm and more, warm
    months May to September.
    """
    total = np.zeros(monthly_rain.shape[1:])
    for month, rain in enumerate(monthly_rain, start=1):
        alpha = 0.3937 if 5 <= month <= 9 else 0.3101
        for share in RAIN_DAYS:
            day = rain * share
            total += np.where(day >= 12, alpha * day**1.7265, 0)
    return np.asarray(ndimage.gaussian_filter(total, 0.7, mode="nearest"), dtype=np.float64)


def soil(landscape: Landscape, rng: np.random.Generator) -> dict[str, Raster]:
    """Texture, organic carbon, density and carbonate by layer name, on a projected grid of 250 m with its own
    origin.
    """
    side, shape = 250.0, (64, 76)
    west, north = WEST - 445.0, NORTH + 610.0
    x, _ = land.places()
    lush = land.smoothstep(0.32, 0.75, landscape.rain / landscape.evaporation)
    river = np.exp(-landscape.to_river / 700)
    fields = {
        "soil_sand": 74 - 40 * lush - 16 * river + 5 * land.smooth_field(rng, 20) + 9 * land.smoothstep(0.25, 0.0, x),
        "soil_clay": 8 + 12 * lush + 8 * river + 1.6 * land.smooth_field(rng, 26),
        "soil_organic_carbon": 3.2 + 24 * lush**1.4 + 6 * river + 1.5 * land.smooth_field(rng, 16),
        "bulk_density": 1.52 - 0.36 * lush + 0.03 * land.smooth_field(rng, 24),
        "soil_calcium_carbonate": 7.5 - 6.2 * lush + 0.8 * land.smooth_field(rng, 30),
    }
    coarse = {name: sampled(field, CRS, west, north, (side, side), shape) for name, field in fields.items()}
    sand, clay = np.clip(coarse["soil_sand"], 8, 93).round(1), np.clip(coarse["soil_clay"], 3, 42).round(1)
    clay = np.minimum(clay, 97 - sand)
    coarse |= {"soil_sand": sand, "soil_clay": clay, "soil_silt": 100 - sand - clay}
    coarse["soil_organic_carbon"] = np.clip(coarse["soil_organic_carbon"], 0.8, 60)
    coarse["soil_calcium_carbonate"] = np.clip(coarse["soil_calcium_carbonate"], 0.1, 30)
    units = {"soil_organic_carbon": ("g/kg", 0.1), "bulk_density": ("g/cm^3", 0.01)}
    made = {}
    for name in (
        "soil_sand",
        "soil_silt",
        "soil_clay",
        "soil_organic_carbon",
        "bulk_density",
        "soil_calcium_carbonate",
    ):
        unit, scale = units.get(name, ("percent", 0.1))
        values = stored(coarse[name], "int16", scale, 0.0)
        made[name] = Raster(values, CRS, (west, north, side, side), -32768, scale, 0.0, unit)
    return made


def vegetation(landscape: Landscape, rng: np.random.Generator) -> dict[str, Raster]:
    """Cover and NDVI on the land cover's cells, production on about 500 m, evapotranspiration without open water."""
    lattice, core = land_lattice()
    codes = landscape.land_cover
    table = np.zeros((256, 4))
    for code, row in VEGETATION.items():
        table[code] = row
    typical = table[codes]
    mood = 0.8 * land.smooth_field(rng, 12) + 0.6 * land.smooth_field(rng, 3)
    wet = np.clip((landscape.wetness - 0.5) / 0.5, -0.6, 0.6)
    grows = typical[..., 0] > 2
    cover = np.clip(typical[..., 0] + typical[..., 1] * (0.7 * mood + wet), 0, 97)
    ndvi = np.where(grows, 0.07 + 0.0083 * cover + 0.012 * mood, -0.02 + 0.01 * mood)
    production = typical[..., 3] * (1 + 0.22 * wet + 0.05 * mood)
    west, north, shape = degrees_around(0.005, 3)
    coarse = sampled(production, "EPSG:4326", west, north, (0.005, 0.005), shape)
    return {
        "vegetation_cover": Raster(stored(cover[core], "uint8", 1.0, 0.0), CRS, lattice, 255, 1.0, 0.0, "percent"),
        "ndvi": Raster(stored(ndvi[core], "uint8", 0.004, -0.08), CRS, lattice, 255, 0.004, -0.08, "1"),
        "net_primary_production": Raster(
            stored(coarse / 1000, "uint16", 0.0001, 0.0),
            "EPSG:4326",
            (west, north, 0.005, 0.005),
            65535,
            0.0001,
            0.0,
            "kg*carbon/(m^2*year)",
        ),
        "evapotranspiration": Raster(
            stored(_evapotranspiration(landscape, typical[..., 2])[core], "uint16", 0.1, 0.0, 65535),
            CRS,
            lattice,
            65535,
            0.1,
            0.0,
            "mm/year",
        ),
    }


def _evapotranspiration(landscape: Landscape, curve: Floats) -> Floats:
    """By Fu's curve, so below both rain and demand; missing over open water, as in satellite products."""
    rain, demand = landscape.rain, landscape.evaporation
    ratio = demand / rain
    result = np.minimum(rain * (1 + ratio - (1 + ratio**curve) ** (1 / curve)), 0.96 * rain)
    return np.where(np.isin(landscape.land_cover, land.WATERS), np.nan, result)


def terrain(landscape: Landscape) -> Raster:
    """Elevation in decimetres, wider than the land cover by 20 cells on each side."""
    lattice, part = land_lattice(20)
    return Raster(stored(landscape.elevation[part], "int16", 0.1, 0.0), CRS, lattice, -32768, 0.1, 0.0, "m")


def land_cover(landscape: Landscape) -> Raster:
    """The codes of the land cover."""
    lattice, part = land_lattice()
    return Raster(landscape.land_cover[part], CRS, lattice, 0)
