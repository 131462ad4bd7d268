"""Files of public data sets as their producers lay them out, of the land of the sample city: synthetic, every number
invented (`gep.products.sample`).

What is stored follows from the facts of the product (`coefficients/products.csv`: unit, scale, codes, what a value is
of in time), where cells lie and what files are called from `product_files.csv`. They hold the city and some cells
around it, where the real files hold a tile or the globe. Fields of HDF4 files are GeoTIFFs, as `gdal_translate` makes
of them.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage

from gep.core.catalog import layer_kinds
from gep.core.data import read_csv, read_toml
from gep.core.units import linear
from gep.inputs.products import Product, is_whole, products_called
from gep.standards.schemes import load_scheme
from gep.study.sample import landscape as land
from gep.study.sample import layers
from gep.study.sample.city import SEED, TEXT_FOLDER

Floats = NDArray[np.float64]

_SYSTEMS = {
    "modis": "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs",
    "goode": "+proj=igh +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
}
_TILE_OF_MODIS = 1111950.5197
"""Metres along a side of a tile of the sinusoidal grid."""
_AROUND = 2
"""Cells by which a file reaches beyond the city."""


@dataclass(frozen=True)
class _File:
    """A line of the table: a variable of a product, in what files and on what grid."""

    product: Product
    form: str
    name: str
    crs: str
    cell: float
    west: float
    north: float
    tile: float | None


@cache
def _files() -> tuple[_File, ...]:
    rows = (row for _, row in read_csv(Path(__file__).with_name("product_files.csv")))
    return tuple(
        _File(
            products_called(row["product"])[0],
            row["form"],
            row["file"],
            _SYSTEMS.get(row["crs"], row["crs"]),
            _number(row["cell"]),
            _number(row["west"]),
            _number(row["north"]),
            _number(row["tile"]) if row["tile"] else None,
        )
        for row in rows
    )


def _number(text: str) -> float:
    """A number, or a quotient of two."""
    over, _, under = text.partition("/")
    return float(Fraction(over) / Fraction(under or "1"))


def sampled_products() -> list[str]:
    """The data sets of which a sample can be written."""
    return list(dict.fromkeys(file.product.id for file in _files()))


def write_sample(name: str, folder: Path, year: int = 2020) -> list[Path]:
    """Write the files of a data set (`era5-land`), or of one variable of it (`era5-land/tp`), into a folder."""
    wanted = products_called(name)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    chosen = [file for file in _files() if file.product in wanted]
    for _, group in groupby(chosen, key=lambda file: file.name):
        written += [*_FORMS[chosen[0].form](list(group), folder, year)]
    return written


# what grows and falls there -------------------------------------------------------------------------------------------


@cache
def _fields() -> Mapping[str, Floats]:
    """Layers on the wide lattice of the sample city, in the unit of each: a year, or twelve months."""
    rng = np.random.default_rng(SEED)
    scene = land.make_landscape(rng)
    typical = np.zeros((256, 4))
    for code, row in layers.VEGETATION.items():
        typical[code] = row
    cover, _, curve, production = np.moveaxis(typical[scene.land_cover], -1, 0)
    lush = land.smoothstep(0.32, 0.75, scene.rain / scene.evaporation)
    aridity = scene.evaporation / scene.rain
    vapour = scene.rain * (1 + aridity - (1 + aridity**curve) ** (1 / np.maximum(curve, 1)))
    vapour = np.clip(vapour, 0, 0.9 * scene.rain)

    def by_month(shares: Sequence[float]) -> Floats:
        return np.array(shares)[:, None, None]

    warmth = 8.3 - 0.0062 * (scene.elevation - 600) + by_month(layers.MONTHLY_WARMTH)
    to_kelvin = linear("degC", "K")[1]
    return {
        "land_cover": scene.land_cover.astype(np.float64),
        "monthly_precipitation": scene.rain * by_month(layers.MONTHLY_RAIN),
        "monthly_evapotranspiration": vapour * by_month(layers.MONTHLY_RAIN),
        "evapotranspiration": vapour,
        "monthly_air_temperature": warmth + to_kelvin,
        "monthly_wind_speed": by_month(layers.MONTHLY_WIND) + 0 * scene.rain,
        "monthly_solar_radiation": 8 + by_month(layers.MONTHLY_WARMTH) / 3 + 0 * scene.rain,
        "net_primary_production": production,
        "ndvi": 0.07 + 0.0083 * cover,
        "monthly_leaf_area_index": 0.02 + 0.05 * cover,
        "elevation": scene.elevation,
        "soil_sand": 74 - 40 * lush,
        "soil_clay": 8 + 12 * lush,
        "soil_silt": 18 + 28 * lush,
        "soil_organic_carbon": 0.3 + 2.4 * lush,
        "bulk_density": 1.5 - 0.3 * lush,
        "mod11a2": warmth[6] + to_kelvin + 4,
        "hwsd-2": 11_000 + np.floor(3 * lush),
    }


@cache
def _classes() -> Mapping[int, tuple[str, str]]:
    """Ecosystem and class of the codes of the sample city."""
    own = read_toml(TEXT_FOLDER / "gep.toml")["land_cover"]["map"]
    return load_scheme("hj-1166", own).by_number()


def _codes(cover: Floats, scheme: str) -> Floats:
    """Land cover in the codes of another legend: the class itself where it has that, else one of the ecosystem."""
    legend = load_scheme(scheme).by_number()
    table: Floats = np.zeros(256)
    for code in map(int, np.unique(cover)):
        ecosystem, land_class = _classes()[code]
        same = [number for number, place in legend.items() if place == (ecosystem, land_class)]
        near = [number for number, (of, _) in legend.items() if of == ecosystem]
        table[code] = [*same[::-1], *near, *legend][0]
    return np.asarray(table[cover.astype(int)], dtype=np.float64)


# on the grid of a product ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """A part of the grid of a product, and what the file of it is called after."""

    crs: str
    cell: float
    west: float
    north: float
    shape: tuple[int, int]
    tile: str = ""

    @property
    def transform(self) -> Affine:
        return Affine(self.cell, 0, self.west, 0, -self.cell, self.north)

    def centres(self) -> tuple[Floats, Floats]:
        """Along the columns, and along the rows."""
        rows, cols = (np.arange(count, dtype=np.float64) + 0.5 for count in self.shape)
        return self.west + cols * self.cell, self.north - rows * self.cell


def _parts(file: _File) -> Iterator[_Part]:
    """The grid over the city, in tiles where the product has such."""
    to = pyproj.Transformer.from_crs(land.CRS, file.crs, always_xy=True)
    south, east = land.NORTH - land.ROWS * land.CELL, land.WEST + land.COLS * land.CELL
    left, bottom, right, top = to.transform_bounds(land.WEST, south, east, land.NORTH, densify_pts=21)
    (col0, col1), (row0, row1) = (
        (math.floor(low / file.cell) - _AROUND, math.ceil(high / file.cell) + _AROUND)
        for low, high in ((left - file.west, right - file.west), (file.north - top, file.north - bottom))
    )
    if file.tile is None:
        west, north = file.west + col0 * file.cell, file.north - row0 * file.cell
        h, v = int((west - file.west) // _TILE_OF_MODIS), int((file.north - north) // _TILE_OF_MODIS)
        tile = f"h{h:02}v{v:02}" if file.crs == _SYSTEMS["modis"] else ""
        yield _Part(file.crs, file.cell, west, north, (row1 - row0, col1 - col0), tile)
        return
    overlap = 1 if file.product.id == "srtm" else 0
    per_tile = round(file.tile / file.cell)
    for v in range(math.floor(row0 / per_tile), math.ceil(row1 / per_tile)):
        for h in range(math.floor(col0 / per_tile), math.ceil(col1 / per_tile)):
            cols = max(col0, h * per_tile), min(col1, (h + 1) * per_tile + overlap)
            rows = max(row0, v * per_tile), min(row1, (v + 1) * per_tile + overlap)
            if cols[0] < cols[1] and rows[0] < rows[1]:
                west, north = file.west + cols[0] * file.cell, file.north - rows[0] * file.cell
                lon, lat = round(file.west + h * file.tile), round(file.north - (v + 1) * file.tile)
                name = f"N{lat:02}_00_E{lon:03}_00" if "DSM_COG" in file.name else f"N{lat:02}E{lon:03}"
                yield _Part(file.crs, file.cell, west, north, (rows[1] - rows[0], cols[1] - cols[0]), name)


def _on(part: _Part, field: Floats, is_code: bool) -> Floats:
    """A field at the centres of cells: of codes the nearest, else the mean of about a cell."""
    x, y = part.centres()
    xs, ys = pyproj.Transformer.from_crs(part.crs, land.CRS, always_xy=True).transform(*np.meshgrid(x, y))
    col = (xs - (land.WEST - land.MARGIN * land.CELL)) / land.CELL - 0.5
    row = ((land.NORTH + land.MARGIN * land.CELL) - ys) / land.CELL - 0.5
    if is_code:
        found: Floats = ndimage.map_coordinates(field, [row, col], order=0, mode="nearest")
        return found
    metres = abs(float(np.median(np.diff(ys, axis=0))))
    calm = ndimage.uniform_filter(field, max(1, round(metres / land.CELL)), mode="nearest")
    smooth: Floats = ndimage.map_coordinates(calm, [row, col], order=1, mode="nearest")
    return smooth


def _values(file: _File, part: _Part, year: int) -> Floats:
    """The values of a product on its grid, in its unit: one field, months, or periods of eight days."""
    product = file.product
    name = product.layer or product.id
    field = _fields()[name]
    if product.scheme:
        return _on(part, _codes(field, product.scheme), is_code=True)
    fields = field if field.ndim == 3 else field[None]
    if product.times == "best_of_period":
        fields = fields[:1]
    values = np.stack([_on(part, one, is_code="map_of_ids" in product.traps) for one in fields])
    if not product.layer:
        return values
    days = np.array([monthrange(year, month)[1] for month in range(1, 13)])[:, None, None]
    unit = layer_kinds()[product.layer].unit
    if product.times in ("mean_of_day", "mean_rate") and "day" not in unit:
        values, unit = values / days, f"({unit})/day"
    if product.times == "sum_of_eight_days":
        of_day, lengths = np.repeat(values / days, days.ravel(), axis=0), range(0, int(days.sum()), 8)
        values = np.stack([of_day[start : start + 8].sum(axis=0) for start in lengths])
    scale, offset = linear(unit, product.unit)
    return values * scale + offset


def _stored(file: _File, part: _Part, values: Floats) -> NDArray[Any]:
    """Numbers as the files have them, with a code where a product has no values: on water and in towns."""
    product = file.product
    scale = product.scale if product.scale is not None else _PACKED
    raw = (values - product.offset) / scale
    dtype = np.dtype(product.dtype or "int16")
    if is_whole(dtype):
        raw = np.rint(raw)
    if "codes" in product.traps or "holes_in_cities" in product.traps:
        cover = _on(part, _fields()["land_cover"], is_code=True)
        bare = np.isin(cover, (*land.WATERS, land.RESIDENTIAL, land.INDUSTRIAL))
        raw = np.where(bare, product.codes[-1][0], raw)
    return raw.astype(dtype)


_PACKED = 0.1
"""The scale of files that say it by their attributes."""


# files ----------------------------------------------------------------------------------------------------------------

_SYNTHETIC = (
    "Synthetic sample made by gep, in the layout of {title}: every number is invented. 合成样例，数值均为虚构。"
)


def _write_rasters(files: Sequence[_File], folder: Path, year: int) -> Iterator[Path]:
    """GeoTIFFs (or .bil), one for each tile and each month or period."""
    (file,) = files
    product = file.product
    for part in _parts(file):
        stored = _stored(file, part, _values(file, part, year))
        for number, field in enumerate(stored if stored.ndim == 3 else stored[None]):
            name = file.name.format(year=year, month=number + 1, day=8 * number + 1, tile=part.tile)
            options: dict[str, Any] = {
                "driver": "EHdr" if file.form == "bil" else "GTiff",
                "width": part.shape[1],
                "height": part.shape[0],
                "count": 1,
                "dtype": field.dtype,
                "crs": file.crs,
                "transform": part.transform,
                "nodata": product.codes[-1][-1] if product.codes else None,
            }
            if file.form == "tif":
                options |= {"compress": "deflate", "tiled": max(part.shape) > 512}
            with rasterio.open(folder / name, "w", **options) as out:
                out.write(field, 1)
                if file.form == "tif":
                    out.update_tags(COMMENT=_SYNTHETIC.format(title=product.title))
                if product.scale is None:
                    out.scales = [_PACKED]
            yield folder / name


def _dataset(variables: Mapping[str, Any], coords: Mapping[str, Any], product: Product) -> xr.Dataset:
    return xr.Dataset(variables, coords, {"Conventions": "CF-1.7", "comment": _SYNTHETIC.format(title=product.title)})


def _lonlat(part: _Part, x: str, y: str) -> dict[str, Any]:
    lon, lat = part.centres()
    return {
        y: (y, np.round(lat, 6), {"units": "degrees_north", "standard_name": "latitude"}),
        x: (x, np.round(lon, 6), {"units": "degrees_east", "standard_name": "longitude"}),
    }


def _write_cds(files: Sequence[_File], folder: Path, year: int) -> Iterator[Path]:
    """A NetCDF file of the Climate Data Store since 2024: all variables, units without the day that they are per."""
    (part,) = _parts(files[0])
    dims = ("valid_time", "latitude", "longitude")
    variables = {}
    for file in files:
        unit = file.product.unit.replace("(m^2*day)", "m**2").removesuffix("/day")
        values = _stored(file, part, _values(file, part, year))
        variables[file.product.stored_as[0]] = (dims, values, {"units": unit, "GRIB_missingValue": 3.4e38})
    times = [np.datetime64(f"{year}-{month:02}-01", "ns") for month in range(1, 13)]
    coords = {"valid_time": ("valid_time", times), **_lonlat(part, "longitude", "latitude"), "number": 0}
    coords["expver"] = ("valid_time", ["0001"] * 12)
    path = folder / files[0].name.format(year=year)
    _dataset(variables, coords, files[0].product).to_netcdf(path, engine="h5netcdf")
    yield path


def _write_packed(files: Sequence[_File], folder: Path, year: int) -> Iterator[Path]:
    """A NetCDF file of one variable and year, whose attributes say how its whole numbers are read."""
    (file,) = files
    (part,) = _parts(file)
    values = _stored(file, part, _values(file, part, year))
    told = {"units": file.product.unit, "scale_factor": _PACKED, "add_offset": 0.0, "_FillValue": np.int16(-32768)}
    since = {"units": f"days since {year}-01-01", "calendar": "standard"}
    starts = np.cumsum([0, *(monthrange(year, month)[1] for month in range(1, 12))])
    coords = {"time": ("time", starts, since), **_lonlat(part, "lon", "lat")}
    path = folder / file.name.format(year=year)
    variables = {file.product.stored_as[0]: (("time", "lat", "lon"), values, told)}
    _dataset(variables, coords, file.product).to_netcdf(path, engine="h5netcdf")
    yield path


def _write_imerg(files: Sequence[_File], folder: Path, year: int) -> Iterator[Path]:
    """HDF5 files of a month each: the group `Grid`, longitude before latitude, from the south-west."""
    (file,) = files
    (part,) = _parts(file)
    values = _stored(file, part, _values(file, part, year))
    axes = _lonlat(part, "lon", "lat")
    axes["lat"] = ("lat", axes["lat"][1][::-1], axes["lat"][2])
    for month in range(1, 13):
        start = (np.datetime64(f"{year}-{month:02}-01") - np.datetime64("1980-01-06")).astype(int)
        time = ("time", np.array([start]), {"units": "days since 1980-01-06", "calendar": "standard"})
        told = {"units": "mm/hr", "_FillValue": np.float32(file.product.codes[0][0])}
        turned = values[month - 1, ::-1].T[None]
        variables = {"precipitation": (("time", "lon", "lat"), turned, told)}
        path = folder / file.name.format(year=year, month=month)
        _dataset(variables, {"time": time, **axes}, file.product).to_netcdf(path, engine="h5netcdf", group="Grid")
        yield path


_FORMS = {
    "tif": _write_rasters,
    "bil": _write_rasters,
    "cds": _write_cds,
    "packed": _write_packed,
    "imerg": _write_imerg,
}
