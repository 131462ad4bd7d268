"""Small studies built in memory: what the end-to-end tests have in common.

The projected grid is EPSG:3035 at its origin: it keeps areas, so a cell of 1000 m is a square kilometre and a figure
can be worked out by hand, and there it keeps lengths to a few parts in 1e8, so that a slope can be too.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from rasterio.transform import from_origin

from gep.account.account import Account
from gep.account.entries import Entry
from gep.standards.coefficients import Coefficients
from gep.standards.profile import load_profile
from gep.study.study import Study

EQUAL_AREA, LONLAT = "EPSG:3035", "EPSG:4326"
WEST, NORTH, SIDE = 4_321_000.0, 3_210_000.0, 1000.0
KM2 = 1e6

FOREST, STEPPE, DRYLAND, LAKE, SAVANNA, BAMBOO = 1, 2, 3, 4, 5, 6
CLASSES = {
    FOREST: "forest/evergreen_needleleaf",
    STEPPE: "grassland/temperate_steppe",
    DRYLAND: "cropland/dryland",
    LAKE: "wetland/lake",
    SAVANNA: "grassland/savanna",
    BAMBOO: "forest/bamboo",
}
"""The shipped tables have a runoff coefficient for forest (4.52 %) and steppe (3.94 %), for savanna that of grassland,
none for bamboo.
"""

ALPHA = {FOREST: 0.0452, STEPPE: 0.0394, SAVANNA: 0.0394}
"""Those coefficients, as methods.md R1 prints them."""

COEFFICIENT_COLUMNS = (
    *("coefficient", "ecosystem", "class", "region", "value", "unit", "from_year"),
    *("low", "high", "price_year", "source", "locator", "status", "note"),
)


# the shipped numbers --------------------------------------------------------------------------------------------------


@cache
def rows_of(profile: str = "ndrc-2022") -> Coefficients:
    """The tables of a shipped profile, with those of the profiles that it extends."""
    return Coefficients([(), *load_profile(profile).tables])


@cache
def shipped(name: str, unit: str, where: str = "", *, region: str = "", profile: str = "ndrc-2022") -> float:
    """The number that a profile has for a class ("ecosystem/class"), in the unit that an equation wants."""
    ecosystem, _, land_class = where.partition("/")
    found = rows_of(profile).lookup(name, ecosystem, land_class, region)
    assert found, f"nothing is shipped for {name} of {where or 'anything'}"
    return found.row.to(unit)


def by_shipped(equation: Any, where: str = "", *, region: str = "", profile: str = "ndrc-2022", **given: Any) -> Any:
    """An equation with what is given, and the shipped number for every other argument."""
    rest = {
        name: shipped(name, unit, where, region=region, profile=profile)
        for name, unit in equation.units.items()
        if name not in given
    }
    return equation(**given, **rest)


def exactly(value: Any) -> Any:
    """Equal but for rounding."""
    return pytest.approx(value, rel=1e-12)


def printed(value: Any) -> Any:
    """Equal to the ten digits that the vectors print."""
    return pytest.approx(value, rel=1e-9)


# rasters --------------------------------------------------------------------------------------------------------------


def raster(
    values: Any,
    units: str | None = None,
    *,
    crs: str = EQUAL_AREA,
    west: float = WEST,
    north: float = NORTH,
    cell: float = SIDE,
    ascending: bool = False,
    **attrs: Any,
) -> xr.DataArray:
    """Values, the first row in the north, as a DataArray with cell centres; with a month axis if they have three
    dimensions.
    """
    values = np.asarray(values)
    rows, cols = values.shape[-2:]
    y = north - cell * (np.arange(rows) + 0.5)
    x = west + cell * (np.arange(cols) + 0.5)
    if ascending:
        values, y = values[..., ::-1, :], y[::-1]
    dims = ("lat", "lon") if crs == LONLAT else ("y", "x")
    about = {"crs": crs, **({} if units is None else {"units": units}), **attrs}
    return xr.DataArray(
        values, dims=(*(("month",) * (values.ndim - 2)), *dims), coords={dims[0]: y, dims[1]: x}, attrs=about
    )


def constant(value: float, units: str, shape: tuple[int, int], **more: Any) -> xr.DataArray:
    """The same number everywhere."""
    return raster(np.full(shape, float(value)), units, **more)


def write_tif(array: xr.DataArray, path: Path, nodata: float | None = None, descriptions: Sequence[str] = ()) -> Path:
    """The array of `raster` as GeoTIFF, its bands described."""
    y, x = (array[dim].values for dim in array.dims[-2:])
    cell = float(abs(x[1] - x[0])) if len(x) > 1 else SIDE
    profile = {
        "driver": "GTiff",
        "count": array.sizes[array.dims[0]] if array.ndim > 2 else 1,
        "height": len(y),
        "width": len(x),
        "dtype": array.dtype,
        "nodata": nodata,
        "crs": array.attrs["crs"],
        "transform": from_origin(x[0] - cell / 2, y[0] + cell / 2, cell, cell),
    }
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256} if min(len(x), len(y)) > 256 else {}
    with rasterio.open(path, "w", **profile, **tiles) as file:
        file.write(array.values.reshape(-1, len(y), len(x)))
        for band, text in enumerate(descriptions, 1):
            file.set_band_description(band, text)
    return path


# zones ----------------------------------------------------------------------------------------------------------------


def block(
    col0: float, row0: float, col1: float, row1: float, *, west: float = WEST, north: float = NORTH, cell: float = SIDE
) -> shapely.Polygon:
    """The rectangle from one column and row of the grid to another."""
    return shapely.box(west + col0 * cell, north - row1 * cell, west + col1 * cell, north - row0 * cell)


def zones(*polygons: Any, codes: Sequence[str] | None = None, crs: str = EQUAL_AREA) -> gpd.GeoDataFrame:
    """Counties 101, 102, … with a name each."""
    codes = codes or [str(101 + i) for i in range(len(polygons))]
    return gpd.GeoDataFrame(
        {"code": list(codes), "name": [f"County {c}" for c in codes]}, geometry=list(polygons), crs=crs
    )


# tables ---------------------------------------------------------------------------------------------------------------


def statistics(*rows: tuple[str, str, str, float | None, str], **more: Any) -> pd.DataFrame:
    """Rows of (zone, item, measure, value, unit)."""
    frame = pd.DataFrame(rows, columns=["zone", "item", "measure", "value", "unit"])
    return frame.assign(**more)


def emissions(**by_zone: Mapping[str, float]) -> pd.DataFrame:
    """Emissions in t by pollutant and zone: emissions(so2={"101": 40, "102": 120})."""
    rows = [
        (zone, f"{name}_emission", "quantity", float(amount), "t")
        for name, of in by_zone.items()
        for zone, amount in of.items()
    ]
    return statistics(*rows)


def own_coefficients(
    folder: Path, *rows: tuple[str, str, float, str] | tuple[str, str, float, str, int], name: str = "own"
) -> Path:
    """A table of the study's own: rows of (coefficient, "ecosystem/class" or "", value, unit, and the price year of a
    price).
    """
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COEFFICIENT_COLUMNS)
        writer.writeheader()
        for coefficient, where, value, unit, *year in rows:
            ecosystem, _, land_class = where.partition("/")
            cells = {
                "coefficient": coefficient,
                "ecosystem": ecosystem,
                "class": land_class,
                "value": repr(value),
                "unit": unit,
            }
            writer.writerow(
                {**cells, "price_year": year[0] if year else "", "source": "own survey", "status": "verified"}
            )
    return path


# studies --------------------------------------------------------------------------------------------------------------


LET_PASS = ("B20", "B41", "O10", "O20", "O22", "P10", "U20", "U24", "U25")
"""Codes of what places cannot have, which worlds of round numbers do."""


def make_study(
    cover: Any, layers: Mapping[str, Any], counties: gpd.GeoDataFrame, *, of: Sequence[str] = (), **more: Any
) -> Study:
    """A study of 2019 at prices of 2019 with the classes above; `cover` are codes, or what a Study takes.

    `of` are the services it is about (all, if none are named): the others are off. Its numbers are round ones that are
    counted by hand, of no real place: what places cannot have is let pass.
    """
    land_cover = raster(np.asarray(cover, dtype=np.uint8)) if isinstance(cover, list | np.ndarray) else cover
    usual = {
        "year": 2019,
        "scheme": "custom",
        "scheme_map": CLASSES,
        "name": "Test",
        "name_zh": "试验市",
        "zone_name": "name",
        "waivers": dict.fromkeys(LET_PASS, ("the test", "round numbers, of no place")),
    }
    off = {**(dict.fromkeys(services_but(*of), "not what is tested") if of else {}), **more.pop("off", {})}
    return Study(layers, land_cover, counties, off=off, **{**usual, **more})


def services_but(*some: str) -> list[str]:
    """Every service of the default profile except some."""
    return [service for service in load_profile("ndrc-2022").rules if service not in some]


def water_layers(
    shape: tuple[int, int], precipitation: float = 1200.0, evapotranspiration: float = 700.0
) -> dict[str, xr.DataArray]:
    """Constant rain and evapotranspiration in mm/year."""
    return {
        "precipitation": constant(precipitation, "mm/year", shape),
        "evapotranspiration": constant(evapotranspiration, "mm/year", shape),
    }


def write_project(
    folder: Path, cover: xr.DataArray, layers: Mapping[str, xr.DataArray], counties: gpd.GeoDataFrame
) -> Path:
    """The same study as a folder with GeoTIFFs, a GeoJSON of zones and a `gep.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_tif(cover, folder / "cover.tif")
    for name, array in layers.items():
        write_tif(array, folder / f"{name}.tif")
    counties.to_file(folder / "counties.gpkg", layer="counties")
    lines = ["[study]", 'name = "Test"', 'name_zh = "试验市"', 'code = "0100"', "year = 2019", "price_year = 2019", ""]
    lines += ["[zones]", 'path = "counties.gpkg"', 'code = "code"', 'name = "name"', ""]
    lines += ["[land_cover]", 'path = "cover.tif"', 'scheme = "custom"', "[land_cover.map]"]
    lines += [f"{code} = {json.dumps(where)}" for code, where in CLASSES.items()]
    for name, array in layers.items():
        lines += ["", f"[layers.{name}]", f'path = "{name}.tif"', f"units = {json.dumps(array.attrs['units'])}"]
    path = folder / "gep.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# looking at accounts --------------------------------------------------------------------------------------------------


def find(account: Account, **wanted: Any) -> list[Entry]:
    """The entries that are as said: find(account, service="water_retention", zone="101")."""
    return [e for e in account.entries if all(getattr(e, name) == value for name, value in wanted.items())]


def one(account: Account, **wanted: Any) -> Entry:
    """The only such entry."""
    found = find(account, **wanted)
    assert len(found) == 1, found
    return found[0]


def codes_of(account_or_problems: Account | Iterable[Any]) -> set[str]:
    """The codes of the problems."""
    problems = account_or_problems.about.problems if isinstance(account_or_problems, Account) else account_or_problems
    return {p.code for p in problems}


def missing(account: Account) -> dict[str, str]:
    """Why each service that is missing is missing."""
    return {m.service: m.reason for m in account.about.missing}
