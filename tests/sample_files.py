"""The files of the sample city, its statistics and the shipped coefficients, read without gep; how close two ways to
read them can come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely
from places import ROOT

COEFFICIENTS = ROOT / "coefficients"

TABLE = 1e-12
"""Arithmetic on a few numbers of tables: rounding only."""

AREA = 1e-8
"""Areas of cells. gep interpolates the areal scale k0² (1 + x²/R²) of UTM between nodes h = 32 cells = 960 m apart. A
chord lies above such a curve by at most h²/(4 R²) = 5.7e-9, and by 3.8e-9 on average, so that its areas are 3.8e-9 too
small. Here cells are polygons of an equal-area projection.
"""

LAKE = AREA
"""As areas, to the power of 0.68 and then shared by area."""

LAYER = 1e-5
"""Interpolated layers. gep interpolates the longitudes and latitudes of cell centres on the same mesh, and is off by up
to h²/(8 R) tan(latitude) = 1.6 cm. That is 1.5e-5 of a cell of the climate and 3e-5 of one of production, so the error
of a sum is below 1e-5 as long as neighbouring cells differ by a third on average, all with the same sign. Of a county
it was 3.4e-6 at most (wind, steep at its threshold), and 2e-8 with the same mesh here. What is evaluated before
interpolation and what after follows decision 0009; the other order would differ by 1e-4 (respiration), 2e-4
(erodibility), 5e-4 (erodible fraction) and 1e-2 (wind): all are seen.
"""

LEAST = 1e-9
"""Of a county's amount, what a class may be off in any case: where wind barely passes its threshold a class keeps a few
kilograms of sand, with any relative error.
"""

STRIDE = 256
CLASSES = {
    11: ("forest", "deciduous_broadleaf"),
    12: ("forest", "evergreen_needleleaf"),
    13: ("forest", "mixed"),
    14: ("forest", "sparse"),
    21: ("shrub", "deciduous_broadleaf"),
    31: ("grassland", "meadow"),
    32: ("grassland", "temperate_steppe"),
    41: ("wetland", "marsh"),
    42: ("wetland", "lake"),
    43: ("wetland", "river"),
    44: ("wetland", "reservoir"),
    52: ("cropland", "tree_orchard"),
    53: ("cropland", "paddy"),
    54: ("cropland", "dryland"),
    61: ("urban", "residential"),
    62: ("urban", "green"),
    63: ("urban", "industrial_mining_transport"),
    71: ("desert", "sand_desert"),
    72: ("desert", "sandy_land"),
    82: ("other", "bare"),
}
"""What the codes of the sample's land cover stand for: HJ 1166-2021 and the map in its gep.toml."""

FOREST, SHRUB, GRASS, WETLAND, CROPLAND = (11, 12, 13, 14), (21,), (31, 32), (41, 42, 43, 44), (52, 53, 54)
PLANTS = FOREST + SHRUB + GRASS

REGION, YEAR = "mongolia_xinjiang", 2020
WINDIER = 1.5
"""Factor on the wind of the second city: February and months with snow then pass the threshold, and the equation of
wind erosion is past its peak in a third of the cells.
"""

PRODUCTS = ("crop_products", "forestry_products", "livestock_products", "fishery_products")
OTHERS = (
    "air_purification",
    "carbon_sequestration",
    "climate_regulation",
    "landscape_premium",
    "noise_attenuation",
    "recreation",
)
OTHERS += ("soil_retention", "tourism", "water_purification", "water_retention")


@dataclass
class City:
    """The cells of the sample city that lie in a county: one value each."""

    folder: Path
    wind: float
    at: tuple[np.ndarray, np.ndarray]  # row and column on the land cover
    code: np.ndarray
    zone: np.ndarray
    zones: list[str]
    area: np.ndarray  # m2
    x: np.ndarray
    y: np.ndarray
    lon: np.ndarray
    lat: np.ndarray

    def every(self, step: int) -> City:
        """A part of the cells; not for lakes."""
        cells = {name: getattr(self, name)[::step] for name in ("code", "zone", "area", "x", "y", "lon", "lat")}
        return replace(self, at=(self.at[0][::step], self.at[1][::step]), **cells)

    def own(self, name: str) -> np.ndarray:
        """A layer on the grid of the land cover."""
        return read(self.folder / name)[0][0][self.at]

    def climate(self, variable: str, of: Callable[..., np.ndarray] = lambda values: values) -> np.ndarray:
        """A variable of the climate, changed cell by cell on its own grid, at cell centres: (month, cell) or (cell)."""
        values, transform = read(f"netcdf:{self.folder}/climate.nc:{variable}")
        if variable == "wind_speed":
            values = values * self.wind
        return np.squeeze(bilinear(of(values), transform, self.lon, self.lat))

    def soil(self, of: Callable[..., np.ndarray]) -> np.ndarray:
        """A function of sand, silt, clay, organic carbon (percent), bulk density and carbonate on their own grid, at
        cell centres.
        """
        values, transform = read(self.folder / "soil.tif")
        sand, silt, clay, carbon, density, carbonate = values
        return bilinear(of(sand, silt, clay, carbon / 10, density, carbonate), transform, self.x, self.y)

    def production(self) -> np.ndarray:
        """Net primary production in g of carbon per m2."""
        values, transform = read(self.folder / "net_primary_production.tif")
        return 1000 * bilinear(values[0], transform, self.lon, self.lat)

    def neighbours(self) -> np.ndarray:
        """Elevation in m of each cell and its eight neighbours: (north to south, west to east, cell)."""
        values, transform = read(self.folder / "elevation.tif")
        row = np.round((self.y - transform.f) / transform.e - 0.5).astype(int)
        col = np.round((self.x - transform.c) / transform.a - 0.5).astype(int)
        return np.array([[values[0][row + down, col + right] for right in (-1, 0, 1)] for down in (-1, 0, 1)])

    @property
    def side(self) -> np.ndarray:
        """Side of a cell on the ground in m: 30 m of UTM are 30.012 m near its meridian. UTM is conformal: both sides
        are alike.
        """
        return np.sqrt(self.area)

    def statistic(self, item: str) -> np.ndarray:
        """Figures of one item by county, without 万 (10⁴) and percent."""
        return np.array([figure(self.folder, zone, item, ("quantity", "price", "value")) for zone in self.zones])


def read(path: Any) -> tuple[np.ndarray, Any]:
    """Bands of a raster in physical units, NaN where missing, and where its cells lie."""
    with rasterio.open(path) as file:
        raw = file.read()
        scale, offset = np.array(file.scales)[:, None, None], np.array(file.offsets)[:, None, None]
        values = raw * scale + offset
        return (values if file.nodata is None else np.where(raw == file.nodata, np.nan, values)), file.transform


def bilinear(values: np.ndarray, transform: Any, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values at points, from the centres of the four cells around each. The coarse layers have no holes and are wider
    than the city.
    """
    col, row = (x - transform.c) / transform.a - 0.5, (y - transform.f) / transform.e - 0.5
    left, top = np.floor(col).astype(int), np.floor(row).astype(int)
    assert left.min() >= 0
    assert top.min() >= 0
    right, down = col - left, row - top
    upper = values[..., top, left] * (1 - right) + values[..., top, left + 1] * right
    lower = values[..., top + 1, left] * (1 - right) + values[..., top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def read_city(folder: Path, wind: float = 1.0) -> City:
    """Cells by county: that of the centre, on edges that are straight in longitude and latitude, as GeoJSON has them
    (RFC 7946).
    """
    values, transform = read(folder / "land_cover.tif")
    rows, cols = values[0].shape
    x, y = transform.c + (np.arange(cols) + 0.5) * transform.a, transform.f + (np.arange(rows) + 0.5) * transform.e
    x, y = np.meshgrid(x, y)
    lon, lat = pyproj.Transformer.from_crs("EPSG:32650", "EPSG:4326", always_xy=True).transform(x, y)
    counties = gpd.read_file(folder / "counties.geojson")
    zone = np.full(x.shape, -1)
    for number, polygon in enumerate(counties.geometry):
        shapely.prepare(polygon)
        zone[shapely.contains_xy(polygon, lon, lat)] = number
    at = np.nonzero(zone >= 0)
    corners = np.meshgrid(
        transform.c + np.arange(cols + 1) * transform.a, transform.f + np.arange(rows + 1) * transform.e
    )
    area = polygon_areas(*pyproj.Transformer.from_crs("EPSG:32650", "EPSG:6933", always_xy=True).transform(*corners))
    cells = [array[at] for array in (area, x, y, lon, lat)]
    return City(folder, wind, at, values[0].astype(int)[at], zone[at], list(counties["code"]), *cells)


def polygon_areas(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Area of each cell between corners of an equal-area projection (shoelace formula)."""
    ring = [(x[a, b] - x[:-1, :-1], y[a, b] - y[:-1, :-1]) for a, b in CORNERS]
    return abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


FIRST, LAST = slice(None, -1), slice(1, None)
CORNERS = ((FIRST, FIRST), (FIRST, LAST), (LAST, LAST), (LAST, FIRST))


@cache
def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"zone": str, "region": str}, keep_default_na=False, na_values={"price_year": [""]})


@cache
def coefficient_tables(folder: Path) -> list[dict[tuple[str, str, str], Any]]:
    """The study's own rows, then those of the profile, of what it extends, and the common ones, by name, ecosystem and
    class.
    """
    names = ("ndrc-2022", "cas-2010", "hj1173-2021", "common")
    files = [[folder / "coefficients.csv"], *(sorted((COEFFICIENTS / name).glob("*.csv")) for name in names)]
    indexed = []
    for paths in files:
        rows = pd.concat(table(path).rename(columns={"class": "land_class"}) for path in paths)
        rows = rows[rows.region.isin(("", REGION))].sort_values(
            "region", kind="stable"
        )  # a row of the region replaces one of everywhere
        indexed.append({(row.coefficient, row.ecosystem, row.land_class): row for row in rows.itertuples()})
    return indexed


@cache
def places(code: int | None) -> list[tuple[str, str]]:
    """Class, broader classes, ecosystem, anything."""
    ecosystem, land_class = CLASSES[code] if code else ("", "")
    classes = table(COEFFICIENTS / "classes.csv").set_index(["ecosystem", "class"]).parent
    found = []
    while land_class:
        found.append((ecosystem, land_class))
        land_class = classes[ecosystem, land_class]
    return list(dict.fromkeys([*found, (ecosystem, ""), ("", "")]))


@cache
def coefficient(folder: Path, name: str, code: int | None = None) -> Any:
    """The row that holds for a class: the study's own first, then the most specific place, then the nearest table
    (decision 0004).
    """
    own, *shipped = coefficient_tables(folder)
    candidates = [rows.get((name, *place)) for tables in ([own], shipped) for place in places(code) for rows in tables]
    return next(row for row in candidates if row is not None)


def number(folder: Path, name: str, unit: str, code: int | None = None) -> float:
    row = coefficient(folder, name, code)
    assert row.unit == unit
    return float(row.value)


def share(folder: Path, name: str, code: int) -> float:
    row = coefficient(folder, name, code)
    return float(row.value) * {"percent": 0.01, "1": 1.0}[row.unit.split("*")[0]]


def tonnes_per_m2(folder: Path, name: str, code: int) -> float:
    """A yearly rate per area in t/m2."""
    row = coefficient(folder, name, code)
    mass, area = re.fullmatch(r"(g|kg|t)\*\w+/\((m\^2|hm\^2|km\^2)\*year\)", row.unit).groups()
    return float(row.value) * {"g": 1e-6, "kg": 1e-3, "t": 1.0}[mass] / {"m^2": 1.0, "hm^2": 1e4, "km^2": 1e6}[area]


def price(folder: Path, name: str, unit: str, moves: bool = True) -> float:
    """A unit cost in money of the price year, by chained consumer prices; tariffs are regulated and stay as
    they are.
    """
    value, year = number(folder, name, unit), int(coefficient(folder, name).price_year)
    changes = table(COEFFICIENTS / "prices" / "cpi_china.csv").set_index("year").value
    for later in range(min(year, YEAR) + 1, max(year, YEAR) + 1) if moves else ():
        value = value * (1 + changes[later] / 100) if year < YEAR else value / (1 + changes[later] / 100)
    return value


def figure(folder: Path, zone: str, item: str, measures: Iterable[str]) -> float | None:
    """One figure of the statistics, without 万 (10⁴) and percent; None where it is not given."""
    rows = table(folder / "statistics.csv")
    found = rows[(rows.zone == zone) & (rows["item"] == item) & rows.measure.isin(list(measures))]
    if found.empty:
        return None
    value, unit = float(found.value.item()), found.unit.item()
    return value * (1e4 if unit.startswith("万") else 0.01 if unit == "percent" else 1.0)
