"""The projects that are measured, made by code: the same files for the same seed, kept in a folder between runs.

A set has land cover and eleven float32 layers of smooth fields with noise, in steps as products have them, deflated
with the predictor of floats in tiles of 512, on 30 m cells of UTM. One cell in a hundred is missing, in blobs.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window
from shapely import affinity

CRS, CELL, WEST, NORTH = "EPSG:32650", 30.0, 400_000.0, 5_000_000.0
STRIP, COARSE, NODATA, SEED = 1024, 16, -9999.0, 14


@dataclass(frozen=True)
class Field:
    """A synthetic layer: its unit, between which numbers it lies, how rough it is, and in which steps it is written."""

    unit: str
    low: float
    high: float
    noise: float
    step: float


WATER = {
    "precipitation": Field("mm/year", 400, 950, 12, 0.1),
    "potential_evapotranspiration": Field("mm/year", 500, 1300, 15, 0.1),
    "soil_depth": Field("mm", 200, 2000, 60, 10),
    "plant_available_water": Field("1", 0.05, 0.25, 0.01, 0.001),
}
"""With land cover the five layers of a water yield by Fu's curve."""
FIELDS = {
    "precipitation": WATER["precipitation"],
    "evapotranspiration": Field("mm/year", 150, 520, 18, 0.1),
    "rainfall_erosivity": Field("MJ*mm/(hm^2*h*year)", 400, 4200, 35, 1),
    "soil_erodibility": Field("t*hm^2*h/(hm^2*MJ*mm)", 0.01, 0.06, 0.003, 0.0005),
    "slope_length_steepness": Field("1", 0.05, 22, 1.2, 0.01),
    "vegetation_cover": Field("1", 0.02, 0.98, 0.05, 0.001),
    "net_ecosystem_production": Field("g*carbon/(m^2*year)", 15, 320, 14, 0.1),
    "weather_factor": Field("kg/(m*year)", 1, 70, 2, 0.01),
    "wind_erodible_fraction": Field("1", 0.1, 0.9, 0.03, 0.001),
    "soil_crust_factor": Field("1", 0.1, 1, 0.03, 0.001),
    "surface_roughness_factor": Field("1", 0.2, 1, 0.03, 0.001),
}
"""With land cover twelve layers that feed six services on cells of ndrc-2022."""
CLIMATE = ("precipitation", "evapotranspiration", "rainfall_erosivity", "weather_factor")
"""Layers that come on a coarse grid of their own, in the set that has such."""

CLASSES = (
    *("forest/deciduous_broadleaf", "forest/evergreen_needleleaf", "forest/mixed", "forest/sparse"),
    *("shrub/deciduous_broadleaf", "grassland/meadow", "grassland/temperate_steppe", "grassland/sparse"),
    *("wetland/marsh", "wetland/lake", "wetland/river", "wetland/reservoir"),
    *("cropland/tree_orchard", "cropland/paddy", "cropland/dryland"),
    *("urban/built_up", "urban/green", "desert/sand_desert", "desert/sandy_land", "desert/bare"),
)
COEFFICIENTS = """coefficient,ecosystem,class,region,value,unit,from_year,low,high,price_year,source,locator,status,note
practice_factor,,,,1,1,,,,,synthetic,,provisional,
cooling_days,,,,60,day/year,,,,,synthetic,,provisional,
downwind_distance,,,,50,m,,,,,synthetic,,provisional,
seasonality,,,,8,1,,,,,synthetic,,provisional,
root_depth,,,,1500,mm,,,,,synthetic,,provisional,
dust_uptake,forest,mixed,,21,t*dust/(hm^2*year),,,,,synthetic,,provisional,
dust_uptake,forest,sparse,,6,t*dust/(hm^2*year),,,,,synthetic,,provisional,
dust_uptake,forest,,,12,t*dust/(hm^2*year),,,,,synthetic,,provisional,
so2_uptake,forest,,,110,kg*SO2/(hm^2*year),,,,,synthetic,,provisional,
runoff_coefficient,forest,,,5,percent,,,,,synthetic,,provisional,
runoff_coefficient,shrub,,,5,percent,,,,,synthetic,,provisional,
wind_cover_coefficient,desert,sand_desert,,0.0658,1/percent,,,,,synthetic,,provisional,
"""
"""What has no default in the package, invented as the rasters are."""


# files ----------------------------------------------------------------------------------------------------------------


def kept(path: Path, write: Callable[..., Any], *of: Any) -> Path:
    """A file or folder that is written once, whole or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
        write(fresh, *of)
        fresh.replace(path)
    return path


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def cache(folder: Path) -> Path:
    """Where data of this state of the code are kept."""
    code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    return folder / f"gep-benchmarks-{code}"


# rasters --------------------------------------------------------------------------------------------------------------


def _waves(seed: tuple[int, ...], side: int, rows: range, scale: int = 1) -> np.ndarray:
    """A smooth field with hills of several sizes, about -2 to 2, on some rows of a grid of so many fine cells."""
    rng = np.random.default_rng(seed)
    y = (np.arange(rows.start, rows.stop) + 0.5) * scale / side
    x = (np.arange(side // scale) + 0.5) * scale / side
    total = np.zeros((len(y), len(x)), np.float32)
    for hills in (1, 2, 5, 11, 23):
        across, along = rng.uniform(0.6, 1.4, 2) * 2 * np.pi * hills
        start, begin = rng.uniform(0, 2 * np.pi, 2)
        columns = np.sin(across * x + start).astype(np.float32)
        total += (np.cos(along * y + begin) / np.sqrt(hills)).astype(np.float32)[:, None] * columns
    return total


def _layer(name: str, field: Field, side: int, rows: range, scale: int = 1) -> np.ndarray:
    number = sorted({*FIELDS, *WATER}).index(name)
    rng = np.random.default_rng((SEED, number, rows.start, scale))
    values = (_waves((SEED, number), side, rows, scale) + 2) / 4 * (field.high - field.low) + field.low
    values += field.noise * rng.standard_normal(values.shape, dtype=np.float32)
    values = np.clip(np.rint(values / field.step) * field.step, field.low, field.high).astype(np.float32)
    if scale == 1:
        values[_waves((SEED, 99), side, rows) > 2.4] = NODATA
    return values


def _land_cover(classes: int, side: int, rows: range) -> np.ndarray:
    """Codes from 1 on, in belts of patches of 16 cells, with single cells strewn in."""
    rng = np.random.default_rng((SEED, 98, rows.start))
    patches = rng.random((-(-len(rows) // 16), -(-side // 16)), dtype=np.float32)
    patches = patches.repeat(16, axis=0).repeat(16, axis=1)[: len(rows), :side]
    place = (_waves((SEED, 97), side, rows) + 2) / 4 * 0.7 + patches * 0.3
    codes = np.clip(place * classes, 0, classes - 1).astype(np.uint8)
    strewn = rng.random(codes.shape, dtype=np.float32) < 0.03
    codes[strewn] = rng.integers(0, classes, int(strewn.sum()))
    return codes + np.uint8(1)


def _write_layer(path: Path, name: str, field: Field, side: int, scale: int = 1) -> None:
    _write(path, side // scale, CELL * scale, "float32", lambda rows: _layer(name, field, side, rows, scale))


def _write_land_cover(path: Path, classes: int, side: int) -> None:
    _write(path, side, CELL, "uint8", lambda rows: _land_cover(classes, side, rows))


def _write(path: Path, side: int, cell: float, kind: str, values: Callable[[range], np.ndarray]) -> None:
    """One GeoTIFF, strip by strip."""
    form: dict[str, Any] = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": kind, "crs": CRS}
    form |= {"transform": Affine(cell, 0, WEST, 0, -cell, NORTH), "bigtiff": "if_safer"}
    form |= {"compress": "deflate", "predictor": 3 if kind == "float32" else 2, "num_threads": 2}
    form |= {"nodata": NODATA if kind == "float32" else 0}
    form |= {"tiled": True, "blockxsize": 512, "blockysize": 512} if side >= 512 else {}
    with rasterio.open(path, "w", **form) as file:
        for start in range(0, side, STRIP):
            rows = range(start, min(start + STRIP, side))
            file.write(values(rows), 1, window=Window(0, start, side, len(rows)))


FORMS = ("zarr", "nc")


def _write_array(path: Path, raster: Path) -> None:
    """A raster as Zarr store or NetCDF-4 file, in chunks of the size of its tiles, deflated in both, with shuffled
    bytes in NetCDF: as these libraries do by themselves or are mostly told.
    """
    import xarray as xr

    with rasterio.open(raster) as file:
        values, crs, nodata = file.read(1), file.crs, file.nodata
        centres = [file.xy(row, col) for row, col in ((0, 0), (file.height - 1, file.width - 1))]
    (x0, y0), (x1, y1) = centres
    axes = {"y": np.linspace(y0, y1, values.shape[0]), "x": np.linspace(x0, x1, values.shape[1])}
    about = {"_FillValue": values.dtype.type(nodata), "grid_mapping": "spatial_ref"}
    field = xr.DataArray(values, axes, ("y", "x"), attrs=about)
    dataset = xr.Dataset({"layer": field}, {"spatial_ref": ((), 0, {"crs_wkt": crs.to_wkt()})})
    chunks = tuple(min(512, length) for length in values.shape)
    if path.suffix == ".zarr":
        from zarr.codecs import GzipCodec

        dataset.to_zarr(path, encoding={"layer": {"chunks": chunks, "compressors": [GzipCodec(level=1)]}})
    else:
        packed = {"chunksizes": chunks, "zlib": True, "complevel": 1, "shuffle": True}
        dataset.to_netcdf(path, engine="h5netcdf", encoding={"layer": packed})


# zones ----------------------------------------------------------------------------------------------------------------


def counties(count: int, side: int) -> list[shapely.Polygon]:
    """Counties with rough borders that fill a rectangle just inside the grid: Voronoi cells on a plane that is bent, so
    that neighbours keep their common border and nothing crosses.
    """
    size = side * CELL
    inset = 0.01 * size
    box = shapely.box(inset, inset, size - inset, size - inset)
    borders = box.boundary
    if count > 1:
        points = np.random.default_rng((SEED, count)).uniform(inset, size - inset, (count, 2))
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=box))
        borders = shapely.union_all([borders, *shapely.boundary(shapely.intersection(cells, box))])
    lines = shapely.get_parts(shapely.segmentize(borders, max(CELL * 4, size / np.sqrt(count) / 150)))
    bent = shapely.transform(lines, lambda places: _bent(places, count, size, inset))
    found = shapely.get_parts(shapely.polygonize(bent))
    return [affinity.translate(polygon, WEST, NORTH - size) for polygon in found]


def _bent(places: np.ndarray, count: int, size: float, inset: float) -> np.ndarray:
    """Places moved by waves of several lengths, at most so steep that none overtakes another; the rim stays."""
    rim = np.clip((np.minimum(places, size - places) - inset).min(axis=1) / (0.05 * size), 0, 1)
    rng = np.random.default_rng((SEED, 96))
    moved = np.zeros_like(places)
    for waves in (1, 3, 9, 27):
        length = size / np.sqrt(count) / waves
        turned = places[:, ::-1] * 2 * np.pi / length + rng.uniform(0, 2 * np.pi, 2)
        moved += 0.12 * length / (2 * np.pi) * np.sin(turned)
    return np.round(places + moved * rim[:, None], 2)


def _write_zones(path: Path, count: int, side: int) -> None:
    import geopandas as gpd

    polygons = counties(count, side)
    codes = [f"{990000 + number}" for number in range(len(polygons))]
    frame = gpd.GeoDataFrame({"code": codes, "name": [f"County {code}" for code in codes]}, geometry=polygons, crs=CRS)
    frame.to_file(path, driver="GPKG", engine="pyogrio")


# projects -------------------------------------------------------------------------------------------------------------


def project(folder: Path, side: int, zones: int = 13, classes: int = 20, kind: str = "fine") -> Path:
    """A project file with all that it names: kind `fine`, `coarse` (four of the twelve layers on a grid of one
    sixteenth of the resolution), `water` (the water yield alone), `zarr` or `nc` (all rasters of `fine` in that form).
    """
    folder = folder / f"side-{side}"
    fields = WATER if kind == "water" else FIELDS
    layers: dict[str, tuple[str, str]] = {}
    for name, field in fields.items():
        scale = COARSE if kind == "coarse" and name in CLIMATE else 1
        path = folder / f"{name}{'_coarse' if scale > 1 else ''}.tif"
        layers[name] = kept(path, _write_layer, name, field, side, scale).name, field.unit
    cover = kept(folder / f"land_cover_{classes}.tif", _write_land_cover, classes, side)
    if kind in FORMS:
        cover = kept(cover.with_suffix(f".{kind}"), _write_array, cover)
        layers = {
            name: (kept((folder / path).with_suffix(f".{kind}"), _write_array, folder / path).name, unit)
            for name, (path, unit) in layers.items()
        }
    outlines = kept(folder / f"zones_{zones}.gpkg", _write_zones, zones, side)
    tonnes = 5 * (side * CELL / 1000) ** 2 / zones
    emitted = [
        f"{990000 + zone},{item}_emission,quantity,{tonnes},t,2020,,synthetic"
        for zone in range(zones)
        for item in ("so2", "nox", "dust")
    ]
    head = "zone,item,measure,value,unit,year,price_year,source"
    table = kept(folder / f"statistics_{zones}.csv", _write_text, "\n".join([head, *emitted, ""]))
    kept(folder / "coefficients.csv", _write_text, COEFFICIENTS)
    named = {code: CLASSES[code - 1] for code in range(1, 21)}
    named |= {code: f"{CLASSES[code % 20].partition('/')[0]}/kind_{code}" for code in range(21, classes + 1)}
    study = {"name": "Benchmark", "code": "990000", "year": 2020, "profile": "ndrc-2022", "price_year": 2020}
    document = {
        "study": {**study, "region": "mongolia_xinjiang"},
        "zones": {"path": outlines.name, "code": "code", "name": "name", "coverage": "centre"},
        "land_cover": {"path": cover.name, "scheme": "custom", "year": 2020},
        "land_cover.map": {str(code): name for code, name in named.items()},
        **{f"layers.{name}": {"path": path, "units": unit, "year": 2020} for name, (path, unit) in layers.items()},
        "tables": {"statistics": table.name},
        "coefficients": {"override": "coefficients.csv"},
        **({"methods.water_retention": {"evapotranspiration": "fu_awc"}} if kind == "water" else {}),
        "services": {},
    }
    text = _toml(document) + 'coastal_protection = { not_applicable = "no coast" }\n'
    return kept(folder / f"{kind}-{zones}-{classes}.toml", _write_text, text)


def years(project: Path, count: int) -> Path:
    """A project of several years beside one of a year: land cover and climate have a file for each, of the same content
    and so of the same work, all else is one for all.
    """
    document = tomllib.loads(project.read_text(encoding="utf-8"))
    first = document["study"].pop("year")
    listed = list(range(first, first + count))
    del document["study"]["price_year"]
    of_year = {name: table for name, table in document["layers"].items() if name in CLIMATE}
    for table in (document["land_cover"], *of_year.values()):
        path = project.parent / table["path"]
        for year in listed:
            kept(path.with_name(f"{path.stem}_{year}{path.suffix}"), _link, path)
        table["path"] = f"{path.stem}_{{year}}{path.suffix}"
        del table["year"]
    for name in document["layers"].keys() - of_year.keys():
        document["layers"][name]["period"] = f"{listed[0]}-{listed[-1]}"
        del document["layers"][name]["year"]
    statistics = project.parent / document["tables"]["statistics"]
    head, *rows = statistics.read_text(encoding="utf-8").splitlines()
    of_all = [row.replace(f",{listed[0]},", f",{year},") for year in listed for row in rows]
    document["tables"]["statistics"] = f"{statistics.stem}_years.csv"
    kept(project.parent / document["tables"]["statistics"], _write_text, "\n".join([head, *of_all, ""]))
    cover = document["land_cover"]
    flat = {
        "study": document["study"],
        "years": {"list": listed},
        "zones": document["zones"],
        "land_cover": {key: value for key, value in cover.items() if key != "map"},
        "land_cover.map": cover["map"],
        **{f"layers.{name}": table for name, table in document["layers"].items()},
        "tables": document["tables"],
        "coefficients": document["coefficients"],
    }
    text = _toml(flat) + '\n[services]\ncoastal_protection = { not_applicable = "no coast" }\n'
    return kept(project.with_name(f"{project.stem}-{count}-years.toml"), _write_text, text)


def _link(path: Path, to: Path) -> None:
    os.link(to, path)


def _toml(document: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables of plain values as TOML."""
    tables = []
    for name, table in document.items():
        lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        tables.append("\n".join([f"[{name}]", *lines, ""]))
    return "\n".join(tables)


# the sample city, laid side by side -----------------------------------------------------------------------------------


def city(folder: Path, times: int) -> Path:
    """The project file of the sample city with every service, as many times as wide and as high: its rasters mirrored
    side by side on their own grids, its counties stretched.
    """
    return kept(folder / f"city-{times}", _write_city, times) / "gep.toml"


def _write_city(folder: Path, times: int) -> None:
    import geopandas as gpd

    from gep.study.sample.city import write_sample_city

    write_sample_city(folder)
    for path in folder.glob("*.tif"):
        _mirror(path, times)
    _mirror_climate(folder / "climate.nc", times)
    frame = gpd.read_file(folder / "counties.geojson").to_crs(CRS)
    with rasterio.open(folder / "land_cover.tif") as file:
        origin = (file.bounds.left, file.bounds.top)
    frame["geometry"] = frame.geometry.scale(times, times, origin=origin)
    frame.to_crs("EPSG:4326").to_file(folder / "counties.geojson", driver="GeoJSON")


def mirrored(values: np.ndarray, times: int) -> np.ndarray:
    """Fields, rows and columns last, with mirror images beside and below, so that neighbours fit."""
    wide = np.concatenate([values, values[..., ::-1]] * times, axis=-1)[..., : values.shape[-1] * times]
    return np.concatenate([wide, wide[..., ::-1, :]] * times, axis=-2)[..., : values.shape[-2] * times, :]


def _mirror(path: Path, times: int) -> None:
    with rasterio.open(path) as file:
        profile, values = file.profile, mirrored(file.read(), times)
        said = {"scales": file.scales, "offsets": file.offsets, "units": file.units}
    size = {"height": values.shape[1], "width": values.shape[2]}
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512} if min(size.values()) >= 512 else {}
    with rasterio.open(path, "w", **{**profile, **size, **tiles, "num_threads": 2}) as file:
        file.write(values)
        for key, value in said.items():
            setattr(file, key, value)


def _mirror_climate(path: Path, times: int) -> None:
    """The climate: its rows run from south to north, and the north stays where it is."""
    import xarray as xr

    with xr.open_dataset(path, mask_and_scale=False, decode_times=False) as file:
        source = file.load()
    lon, lat = source["lon"].values, source["lat"].values
    east = lon[0] + np.arange(lon.size * times) * (lon[-1] - lon[0]) / (lon.size - 1)
    north = lat[-1] - np.arange(lat.size * times)[::-1] * (lat[-1] - lat[0]) / (lat.size - 1)
    found = {}
    for name, field in source.data_vars.items():
        values = field.values
        if "lat" in field.dims:
            values = mirrored(values[..., ::-1, :], times)[..., ::-1, :]
        found[name] = (field.dims, values, field.attrs)
    beside = {name: value for name, value in source.coords.items() if name not in ("lon", "lat")}
    axes = {
        "lon": ("lon", np.round(east, 6), source["lon"].attrs),
        "lat": ("lat", np.round(north, 6), source["lat"].attrs),
    }
    xr.Dataset(found, {**beside, **axes}, source.attrs).to_netcdf(path, engine="h5netcdf")
