"""The terrain, waters, counties and land cover of the synthetic sample city, made from a seed. Every number here is
invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

CRS = "EPSG:32650"
CELL, ROWS, COLS = 30.0, 500, 600
MARGIN = 100
"""Cells by which everything is made wider than the land cover, so that slopes and coarse grids exist at its border."""
WEST, NORTH = 491_000.0, 4_655_000.0
SHAPE = (ROWS + 2 * MARGIN, COLS + 2 * MARGIN)

BROADLEAF, NEEDLELEAF, MIXED, SPARSE_FOREST, SHRUB, MEADOW, STEPPE = 11, 12, 13, 14, 21, 31, 32
MARSH, LAKE, RIVER, RESERVOIR = 41, 42, 43, 44
ORCHARD, PADDY, DRYLAND, RESIDENTIAL, URBAN_GREEN, INDUSTRIAL = 52, 53, 54, 61, 62, 63
SAND_DESERT, SANDY_LAND, BARE = 71, 72, 82
WATERS = (LAKE, RIVER, RESERVOIR)
CLASSES = (
    *(BROADLEAF, NEEDLELEAF, MIXED, SPARSE_FOREST, SHRUB, MEADOW, STEPPE, MARSH, *WATERS),
    *(ORCHARD, PADDY, DRYLAND, RESIDENTIAL, URBAN_GREEN, INDUSTRIAL, SAND_DESERT, SANDY_LAND, BARE),
)
"""Codes of HJ 1166-2021, level II, and three of our own (44, 53, 54) that the project file explains."""

COUNTIES = (
    ("990101", "甲县（合成）", "County A (synthetic)"),
    ("990102", "乙县（合成）", "County B (synthetic)"),
    ("990103", "丙县（合成）", "County C (synthetic)"),
)
_TOWNS = ((0.53, 0.83, 900.0), (0.55, 0.50, 1500.0), (0.53, 0.16, 750.0))
"""East and north (0 to 1), radius in metres: one town in each county."""


@dataclass(frozen=True)
class Landscape:
    """The lie of the land on the wide lattice, north up."""

    elevation: Floats
    land_cover: NDArray[np.uint8]
    wetness: Floats
    rain: Floats
    evaporation: Floats
    to_river: Floats


def smooth_field(rng: np.random.Generator, cells: float) -> Floats:
    """A random field with hills of about so many cells, of mean 0 and deviation 1."""
    waves = np.fft.rfft2(rng.standard_normal(SHAPE))
    field: Floats = np.fft.irfft2(ndimage.fourier_gaussian(waves, cells, n=SHAPE[1]), s=SHAPE)
    field -= field.mean()
    return np.asarray(field / field.std(), dtype=np.float64)


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """From 0 at `low` to 1 at `high` without a bend."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def places() -> tuple[Floats, Floats]:
    """East and north of the cells, 0 to 1 over the land cover and beyond on the margin."""
    east = (np.arange(SHAPE[1]) - MARGIN + 0.5) / COLS
    north = 1 - (np.arange(SHAPE[0]) - MARGIN + 0.5) / ROWS
    x, y = np.meshgrid(east, north)
    return x, y


def make_landscape(rng: np.random.Generator) -> Landscape:
    """Sand in the west, fields and towns in the middle, wooded mountains in the east; two rivers and three standing
    waters.
    """
    x, y = places()
    elevation = _terrain(rng, x)
    lake = _around(0.36, 0.665, x, y) / 1050 + 0.22 * smooth_field(rng, 22) < 1
    second = _around(0.30, 0.20, x, y) / 720 + 0.20 * smooth_field(rng, 18) < 1
    reservoir = (
        np.hypot((x - 0.735) * COLS * CELL / 2.2, (y - 0.215) * ROWS * CELL) / 330 + 0.16 * smooth_field(rng, 9) < 1
    )
    courses = (
        (
            _course(rng, ((1.17, 0.60), (0.86, 0.56), (0.60, 0.57), (0.36, 0.665), (0.10, 0.60), (-0.17, 0.66))),
            ((lake, 0.36),),
        ),
        (
            _course(rng, ((1.17, 0.16), (0.735, 0.215), (0.52, 0.24), (0.30, 0.20))),
            ((reservoir, 0.735), (second, 0.30)),
        ),
    )
    river = np.zeros(SHAPE, bool)
    to_river = np.full(SHAPE, np.inf)
    height_over_river = np.full(SHAPE, np.inf)
    for course, still in courses:
        elevation, distance, level = _carved(elevation, course, still)
        river |= distance < np.where(x > 0.75, 32, 48)
        nearer = distance < to_river
        height_over_river = np.where(nearer, elevation - level, height_over_river)
        to_river = np.minimum(to_river, distance)
    elevation += 2.5 * smooth_field(rng, 4) * smoothstep(0.38, 0.18, x) * smoothstep(100, 500, to_river)  # dunes
    for water in (lake, second, reservoir):
        elevation = _flattened(elevation, water)
    waters = np.select([reservoir, lake | second, river], [RESERVOIR, LAKE, RIVER], 0)
    broad = ndimage.gaussian_filter(elevation, 12)
    rain = 255 + 250 * smoothstep(-0.15, 1.1, x) + 0.33 * (broad - 600) + 12 * smooth_field(rng, 60)
    evaporation = 985 - 0.30 * (broad - 600) + 8 * smooth_field(rng, 60)
    to_standing = ndimage.distance_transform_edt(~(lake | second)) * CELL
    wetness = rain / evaporation + 0.10 * np.exp(-to_river / 350) + 0.035 * smooth_field(rng, 16)
    land_cover = _land_cover(rng, (x, y), elevation, waters, wetness, to_river, height_over_river, to_standing)
    return Landscape(elevation, land_cover, wetness, rain, evaporation, to_river)


def slope_of(elevation: Floats) -> Floats:
    """Slope in degrees, by central differences."""
    down, right = np.gradient(elevation, CELL)
    return np.asarray(np.degrees(np.arctan(np.hypot(down, right))), dtype=np.float64)


def _around(east: float, north: float, x: Floats, y: Floats) -> Floats:
    """Distance in metres from a place."""
    return np.hypot((x - east) * COLS * CELL, (y - north) * ROWS * CELL)


def _terrain(rng: np.random.Generator, x: Floats) -> Floats:
    mountain = smoothstep(0.50, 1.02, x + 0.045 * smooth_field(rng, 60))
    ridges = sum(
        a * np.exp(-1.3 * np.abs(smooth_field(rng, s))) for a, s in ((1.0, 44), (0.6, 22), (0.26, 11), (0.09, 5))
    )
    plain = 9 * smooth_field(rng, 55) + 3.5 * smooth_field(rng, 14)
    foothills = smoothstep(0.42, 0.66, x) * (16 * smooth_field(rng, 20) + 7 * smooth_field(rng, 9))
    relief: Floats = 585 + 95 * x + plain + foothills + mountain * (60 + 470 * ridges)
    return relief


def _course(
    rng: np.random.Generator, anchors: Sequence[tuple[float, float]]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Rows, columns and easting of the cells along a winding line through the anchors, from the spring down."""
    points = np.array(anchors)
    legs = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    at = np.linspace(0, legs[-1], 6000)
    east, north = np.interp(at, legs, points[:, 0]), np.interp(at, legs, points[:, 1])
    east, north = (
        ndimage.gaussian_filter1d(east, 150, mode="nearest"),
        ndimage.gaussian_filter1d(north, 150, mode="nearest"),
    )
    for wave, size in ((0.19, 0.016), (0.083, 0.009), (0.036, 0.004)):
        north = north + size * np.sin(2 * np.pi * at / wave + rng.uniform(0, 2 * np.pi))
    col = np.clip(np.floor(east * COLS).astype(np.intp) + MARGIN, 0, SHAPE[1] - 1)
    row = np.clip(np.floor((1 - north) * ROWS).astype(np.intp) + MARGIN, 0, SHAPE[0] - 1)
    return row, col, east


def _carved(
    elevation: Floats, course: tuple[NDArray[np.intp], NDArray[np.intp], Floats], still: Sequence[tuple[Mask, float]]
) -> tuple[Floats, Floats, Floats]:
    """The terrain with a valley, the distance to its river, and the level of the nearest stretch. Water never runs
    uphill.
    """
    row, col, east = course
    low = ndimage.gaussian_filter(ndimage.minimum_filter(elevation, 41), 10)[row, col]
    bed = np.minimum.accumulate(ndimage.gaussian_filter1d(low, 250, mode="nearest") - 3)
    for water, where in still:  # a standing water has one level
        inside = water[row, col]
        level = bed[np.argmin(np.abs(east - where))]
        first = int(np.argmax(inside)) if inside.any() else int(np.argmin(np.abs(east - where)))
        bed = np.where(np.arange(bed.size) < first, np.maximum(bed, level), np.minimum(bed, level))
        bed = np.where(inside, level, bed)
    levels = np.full(SHAPE, np.nan)
    levels[row[::-1], col[::-1]] = bed[::-1]
    steps, nearest = ndimage.distance_transform_edt(np.isnan(levels), return_indices=True)
    distance = steps * CELL
    level = ndimage.gaussian_filter(levels[tuple(nearest)], 4)
    x, _ = places()
    width = 900 + 700 * smoothstep(0.55, 0.85, x)
    floor = 40 + 120 * smoothstep(0.7, 0.5, x)
    rise = smoothstep(0, 1, (distance - floor) / (width - floor))
    return level + (elevation - level) * rise + 0.4 * (distance > floor), distance, level


def _flattened(elevation: Floats, water: Mask) -> Floats:
    """The terrain with a level water: its shore rises from it."""
    level = float(np.quantile(elevation[water], 0.25))
    shore = ndimage.distance_transform_edt(~water) * CELL
    land = level + 0.4 + (elevation - level - 0.4) * smoothstep(0, 600, shore)
    return np.where(water, level, land)


def _land_cover(
    rng: np.random.Generator,
    where: tuple[Floats, Floats],
    elevation: Floats,
    waters: NDArray[np.int_],
    wetness: Floats,
    to_river: Floats,
    height_over_river: Floats,
    to_standing: Floats,
) -> NDArray[np.uint8]:
    """What grows or stands where: by water, slope, height, aspect and distance to towns, in shares that do not depend
    on the seed.
    """
    x, y = where
    calm = ndimage.gaussian_filter(elevation, 2)
    slope = slope_of(calm)
    northness = np.gradient(calm, CELL, axis=0)  # rows run south: a slope that falls to the north rises southward
    patches, spots, stripes = smooth_field(rng, 14), smooth_field(rng, 6), smooth_field(rng, 10)
    cover = waters.astype(np.int64)

    def take(code: int, mask: Mask) -> None:
        cover[mask & (cover == 0)] = code

    def top(score: Floats, share: float, among: Mask) -> Mask:
        """The cells with the highest score, a share of those among which they are."""
        free = among & (cover == 0)
        return np.asarray(free & (score >= np.quantile(score[free], 1 - share)) if free.any() else free, dtype=bool)

    everywhere = np.ones(SHAPE, bool)
    take(MARSH, (to_standing < 330 + 130 * patches) & (slope < 4) & (stripes + 0.8 * spots > -0.2))
    take(MARSH, (to_river < 190) & (slope < 2.5) & (stripes > 0.9) & (x < 0.55))
    near = np.minimum.reduce([_around(e, n, x, y) / radius for e, n, radius in _TOWNS])
    town = (near + 0.22 * spots + 0.14 * patches < 1) & (slope < 9)
    works = (np.abs(near - 1.75) < 0.5) & (patches + 0.6 * spots > 2.1) & (slope < 6)
    take(URBAN_GREEN, town & ((spots + 0.5 * stripes > 1.35) | ((to_river < 130) & (stripes > -0.6))))
    take(INDUSTRIAL, works | (town & (patches - 0.4 * spots > 1.5)))
    take(RESIDENTIAL, town)
    take(SANDY_LAND, top(-wetness + 0.05 * patches - 0.3 * np.exp(-to_river / 500), 0.13, everywhere))
    sand = (cover == SANDY_LAND) & (smoothstep(0.30, 0.05, x) + 0.35 * patches + 0.1 * spots > 0.62)
    cover[sand] = SAND_DESERT
    field = (
        -np.abs(x - 0.47) / 0.16
        - slope / 4.5
        - to_river / 3500
        - np.maximum(near - 1, 0) / 7
        + 0.6 * patches
        + 0.25 * spots
        + 0.3 * stripes
    )
    farm = top(field, 0.27, slope < 11)
    take(PADDY, top(-height_over_river / 6 - to_river / 700 + 0.25 * stripes, 0.17, farm))
    take(ORCHARD, top(slope / 4 + 0.5 * stripes + 0.4 * patches, 0.13, farm))
    take(DRYLAND, farm)
    take(BARE, top(slope / 9 + elevation / 300 + 0.5 * spots, 0.012, x > 0.7))
    take(BARE, top(stripes + spots - 3 * np.abs(x - 0.2), 0.006, x < 0.4))
    growth = wetness + 0.12 * np.clip(northness, -0.6, 0.6) + 0.03 * spots + 0.02 * patches
    take(MEADOW, top(elevation / 110 - slope / 8 + 0.5 * patches, 0.045, x > 0.72))
    take(
        MEADOW,
        (to_river < 420 + 110 * stripes) & (slope < 6) & (wetness > np.quantile(wetness, 0.35)) & (patches > -0.2),
    )
    forest = top(growth, 0.60, everywhere)
    high = elevation / 210 + 1.1 * np.clip(northness, -0.6, 0.6) + 0.22 * patches
    take(NEEDLELEAF, top(high, 0.34, forest))
    take(MIXED, top(high, 0.40, forest))
    take(BROADLEAF, forest)
    take(SPARSE_FOREST, top(growth - 0.02 * stripes, 0.10, everywhere))
    take(SHRUB, top(growth + slope / 120 + 0.03 * stripes, 0.30, everywhere))
    take(STEPPE, everywhere)
    return _generalised(cover)


def _generalised(cover: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Without single cells: every cell takes the class that is most around it; waters and the land beside them stay."""
    most = np.zeros(SHAPE, dtype=np.float32)
    chosen = np.zeros(SHAPE, dtype=np.int64)
    for code in CLASSES:  # one after the other: twenty maps of votes would be half of the memory
        votes = ndimage.gaussian_filter(ndimage.uniform_filter((cover == code).astype(np.float32), 3), 0.7)
        chosen[votes > most] = code
        np.maximum(most, votes, out=most)
    is_water = np.isin(cover, WATERS)
    return np.where(is_water | np.isin(chosen, WATERS), cover, chosen).astype(np.uint8)


def county_polygons(rng: np.random.Generator) -> Mapping[str, Polygon]:
    """The three counties, one above the other from north to south, by code, in the CRS of the land cover."""
    t = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    wobble = 1 + sum(a * np.sin(k * t + rng.uniform(0, 2 * np.pi)) for k, a in ((5, 0.008), (11, 0.006), (23, 0.004)))
    corner = 1 / 3  # a rectangle with round corners
    east = 0.5 + 0.475 * wobble * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** corner
    north = 0.5 + 0.475 * wobble * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** corner
    lines: list[shapely.LineString] = [shapely.LinearRing(_metres(east, north))]
    along = np.linspace(-0.05, 1.05, 120)
    for middle, tilt in ((0.665, 0.02), (0.345, -0.03)):
        sway = sum(
            a * np.sin(2 * np.pi * along / w + rng.uniform(0, 2 * np.pi))
            for w, a in ((0.7, 0.014), (0.27, 0.008), (0.09, 0.003))
        )
        lines.append(shapely.LineString(_metres(along, middle + tilt * (along - 0.5) + sway)))
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    from_north = sorted((piece for piece in pieces if piece.area > 1e6), key=lambda piece: -piece.centroid.y)
    return {code: piece for (code, _, _), piece in zip(COUNTIES, from_north, strict=True)}


def _metres(east: Floats, north: Floats) -> Floats:
    corners = np.column_stack([WEST + east * COLS * CELL, NORTH - (1 - north) * ROWS * CELL])
    return np.asarray(np.round(corners), dtype=np.float64)
