"""A small complete project on disk, made by code: two counties on 40 x 30 cells, with climate, statistics and a
`gep.toml`; and `gep` called on it.

`write(folder)` makes one that is sound; keyword arguments change sections of the project file (None removes a key), and
the helpers below write single files anew. Whatever a test breaks stands in that test.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from gep.cli.app import main

WEST, NORTH, CELL, ROWS, COLS = 100.0, 30.3, 0.01, 30, 40
COUNTIES = (("0101", "西县", "West"), ("0102", "东县", "East"))
CODES = (1, 2, 3, 4, 5, 8)
"""CLCD: cropland, forest, shrub, grassland, water, impervious."""
CLASSES = {"2": "forest/evergreen_broadleaf", "3": "shrub/evergreen_broadleaf"}
"""The codes whose class the runoff coefficients need to know."""
PRECIPITATION, EVAPOTRANSPIRATION = 1000.0, 600.0

HEADING = "zone,item,measure,value,unit,year,price_year,source"
STATISTICS = (
    "0101,so2_emission,quantity,1200,t,2020,,bulletin",
    "0102,so2_emission,quantity,800,t,2020,,bulletin",
    "0101,nox_emission,quantity,1500,t,2020,,bulletin",
    "0102,nox_emission,quantity,900,t,2020,,bulletin",
    "0101,dust_emission,quantity,2000,t,2020,,bulletin",
    "0102,dust_emission,quantity,1000,t,2020,,bulletin",
    "0101,crop_products/wheat,quantity,5.2,万t,2020,,yearbook",
    "0101,crop_products/wheat,price,2400,CNY/t,2020,2020,yearbook",
    "0102,crop_products/wheat,value,0.8,亿元,2020,2020,yearbook",
    "_city,forestry_products/timber,value,1500,万元,2020,2020,yearbook",
    "_city,livestock_products,value,3200,万元,2020,2020,yearbook",
    "_city,fishery_products,value,600,万元,2020,2020,yearbook",
)
COEFFICIENT_HEADING = "coefficient,ecosystem,class,value,unit,price_year,source"


def document() -> dict[str, Any]:
    """What the sound `gep.toml` says."""
    return {
        "study": {
            "name": "Testcity",
            "name_zh": "测试市",
            "code": "0100",
            "year": 2020,
            "profile": "ndrc-2022",
            "price_year": 2020,
        },
        "zones": {"path": "counties.geojson", "code": "code", "name": "name_zh", "name_en": "name_en"},
        "land_cover": {"path": "landcover.tif", "scheme": "clcd", "year": 2020, "map": dict(CLASSES)},
        "layers": {
            "precipitation": {"path": "precipitation.tif", "units": "mm/year", "year": 2020},
            "evapotranspiration": {"path": "evapotranspiration.tif", "units": "mm/year", "year": 2020},
        },
        "tables": {"statistics": "statistics.csv"},
    }


def write(folder: Path, **changes: Any) -> Path:
    """A project in `folder`; the path of its `gep.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    raster(folder / "landcover.tif", landscape(), dtype="uint8", nodata=0)
    raster(folder / "precipitation.tif", PRECIPITATION)
    raster(folder / "evapotranspiration.tif", EVAPOTRANSPIRATION)
    counties(folder / "counties.geojson")
    table(folder / "statistics.csv")
    return write_toml(folder / "gep.toml", merged(document(), changes))


def landscape() -> np.ndarray[Any, Any]:
    """Land cover in vertical stripes, every class in both counties."""
    return np.broadcast_to(np.array(CODES)[np.arange(COLS) % len(CODES)], (ROWS, COLS)).copy()


def raster(
    path: Path,
    values: Any,
    *,
    crs: str | None = "EPSG:4326",
    nodata: float | None = -9999.0,
    dtype: str = "float32",
    west: float = WEST,
    north: float = NORTH,
    cell: float = CELL,
    descriptions: Sequence[str] = (),
) -> Path:
    """A GeoTIFF of one band (a number or a 2-D array) or several (a 3-D array)."""
    values = np.asarray(values)
    bands = np.broadcast_to(values, (ROWS, COLS))[None] if values.ndim < 3 else values
    count, rows, cols = bands.shape
    profile = {
        "driver": "GTiff",
        "width": cols,
        "height": rows,
        "count": count,
        "dtype": dtype,
        "crs": crs,
        "nodata": nodata,
    }
    with rasterio.open(path, "w", transform=Affine(cell, 0, west, 0, -cell, north), **profile) as file:
        file.write(bands.astype(dtype))
        for band, text in enumerate(descriptions, 1):
            file.set_band_description(band, text)
    return path


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """The ring of a rectangle."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def counties(path: Path, *, shift: float = 0.0, overlap: float = 0.0, codes: Sequence[str] = ("0101", "0102")) -> Path:
    """Two counties side by side, shifted to the east or overlapping by so many degrees."""
    south, middle, east = NORTH - ROWS * CELL, WEST + COLS // 2 * CELL, WEST + COLS * CELL
    rings = (
        square(WEST + shift, south, middle + overlap + shift, NORTH),
        square(middle + shift, south, east + shift, NORTH),
    )
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name_zh": name_zh, "name_en": name_en},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for ring, code, (_, name_zh, name_en) in zip(rings, codes, COUNTIES, strict=True)
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), encoding="utf-8"
    )
    return path


def table(
    path: Path, *rows: str, heading: str = HEADING, keep: Sequence[str] = STATISTICS, encoding: str = "utf-8"
) -> Path:
    """A CSV of the usual rows and these: the first of `rows` is in line `len(keep) + 2`."""
    path.write_text("\n".join([heading, *keep, *rows]) + "\n", encoding=encoding)
    return path


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Nested tables with the changes put in; None takes a key out."""
    result = dict(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def write_toml(path: Path, tables: Mapping[str, Any]) -> Path:
    """TOML of nested tables of texts and numbers."""
    lines: list[str] = []

    def key(name: str) -> str:
        return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)

    def write_table(names: list[str], content: Mapping[str, Any]) -> None:
        if names:
            lines.append(f"\n[{'.'.join(map(key, names))}]")
        for name, value in content.items():
            if not isinstance(value, Mapping):
                lines.append(f"{key(name)} = {json.dumps(value, ensure_ascii=False)}")
        for name, value in content.items():
            if isinstance(value, Mapping):
                write_table([*names, name], value)

    write_table([], tables)
    path.write_text("\n".join(lines).lstrip() + "\n", encoding="utf-8")
    return path


class Outcome(NamedTuple):
    """How a call of `gep` ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it is."""
        return dict(json.loads(self.out))

    def of(self, code: str, severity: str = "error") -> list[dict[str, Any]]:
        """The problems of one kind."""
        return [p for p in self.document["problems"] if (p["code"], p["severity"]) == (code, severity)]


Gep = Callable[..., Outcome]


def caller(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> Gep:
    """`gep ...` in this process, called in a folder; in English, whoever runs the test."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("GEP_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["gep", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        return Outcome(int(stop.value.code or 0), *capsys.readouterr())

    return call
