"""The synthetic sample city (合成示例市): a whole project made from a seed, for `gep demo`, `gep init`, tutorials
and tests.

Nothing in it is real: no place, no measurement, no statistic. Terrain and land cover are smooth random fields; climate,
soil and vegetation follow from them. Tables, coefficients and the project file are the text files of `sample_city/`,
invented too.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import rasterio
import shapely
import xarray as xr
from affine import Affine
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from gep.core.messages import say
from gep.study.sample import landscape as land
from gep.study.sample import layers
from gep.study.sample.layers import Raster

if TYPE_CHECKING:
    from gep.account.account import Account
    from gep.engine.run import Progress
    from gep.study.study import Study

SEED = 2020
TEXT_FOLDER = Path(__file__).resolve().parent / "sample_city"
_PROFILE_LINE = 'profile = "ndrc-2022"'
_COMMENT = re.compile(r"#: (\w+)$", re.MULTILINE)
"""Where a comment of gep.toml stands: its text in each language is in the catalogue of messages."""

# of each variable of the climate file: unit in CF spelling, step of a stored number, long name
_CLIMATE = {
    "precipitation": ("mm", 0.1, "synthetic precipitation, sum of the month"),
    "mean_temperature": ("degC", 0.01, "synthetic mean air temperature of the month"),
    "maximum_temperature": ("degC", 0.01, "synthetic mean of daily maximum air temperature"),
    "potential_evapotranspiration": ("mm", 0.1, "synthetic potential evapotranspiration, sum of the month"),
    "wind_speed": ("m s-1", 0.001, "synthetic mean wind speed of the month"),
    "snow_depth": ("mm", 0.1, "synthetic mean snow depth of the month"),
    "rainfall_erosivity": ("", 0.1, "synthetic rainfall erosivity of the year, MJ mm/(hm2 h a)"),
    "water_evaporation": ("", 0.1, "synthetic evaporation of open water, mm of the year"),
    "rain_days": ("day", 0.1, "synthetic days with rain in the month"),
    "storm_runoff": ("", 0.1, "synthetic runoff of storms, mm of the year"),
    "runoff_generating_precipitation": ("", 0.1, "synthetic rain that makes runoff, mm of the year"),
}


def write_sample_city(folder: Path, seed: int = SEED, profile: str = "ndrc-2022", language: str = "en") -> Path:
    """Write the sample city's project into a folder; the path of its `gep.toml`. The same seed writes the same
    rasters; its comments and README.txt are in the language.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_maps(folder, seed)
    texts = {name: (TEXT_FOLDER / name).read_text(encoding="utf-8") for name in ("statistics.csv", "coefficients.csv")}
    texts |= {"gep.toml": project_text(profile, language), "README.txt": say("sample.readme").to(language)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / "gep.toml"


def _write_maps(folder: Path, seed: int) -> None:
    """The files that are drawn at random: zones and rasters."""
    rng = np.random.default_rng(seed)
    landscape = land.make_landscape(rng)
    _write_zones(folder / "counties.geojson", land.county_polygons(rng))
    _write_raster(folder / "land_cover.tif", {"land_cover": layers.land_cover(landscape)})
    _write_raster(folder / "elevation.tif", {"elevation": layers.terrain(landscape)})
    _write_raster(folder / "soil.tif", layers.soil(landscape, rng))
    for name, raster in layers.vegetation(landscape, rng).items():
        _write_raster(folder / f"{name}.tif", {name: raster})
    _write_climate(folder / "climate.nc", *layers.climate(landscape, rng))


def project_text(profile: str, language: str, edited: Callable[[str], str] = str) -> str:
    """The project file, with its comments in a language; before that it may be edited."""

    def comment(match: re.Match[str]) -> str:
        lines = say(f"sample.comment.{match[1]}").to(language).split("\n")
        return "\n".join(f"# {line}".rstrip() for line in lines)

    written = (TEXT_FOLDER / "gep.toml").read_text(encoding="utf-8")
    return _COMMENT.sub(comment, edited(written.replace(_PROFILE_LINE, f'profile = "{profile}"')))


def sample_accounts(profiles: Sequence[str], progress: Progress | None = None) -> list[Account]:
    """The accounts of the sample city under several profiles."""
    from dataclasses import replace

    from gep.study.study import Study

    with tempfile.TemporaryDirectory(prefix="gep-sample-") as folder:
        spec = Study.open(write_sample_city(Path(folder))).spec
        return [Study.from_spec(replace(spec, profile=profile)).run(progress=progress) for profile in profiles]


def open_sample_city(folder: str | Path | None = None, seed: int = SEED) -> Study:
    """The sample city as a study, for trials and examples: synthetic, no place, measurement or statistic in it is real.

    >>> account = gep.open_sample_city().run()                                      # doctest: +SKIP

    Args:
        folder: where its files are written; if not given, to a folder that goes when Python ends.
        seed: of what its landscape is drawn from; the same seed is the same city.
    """
    return opened(write_sample_city, folder, seed)


def opened(write: Callable[[Path, int], Path], folder: str | Path | None, seed: int) -> Study:
    """The study of a project that is written into a folder, or one that goes when Python ends."""
    from gep.study.study import Study

    if folder is None:
        temporary = tempfile.TemporaryDirectory(prefix="gep-sample-")
        _kept.append(temporary)
        folder = temporary.name
    return Study.open(write(Path(folder), seed))


_kept: list[tempfile.TemporaryDirectory[str]] = []
"""Folders that studies still read from: each is removed when it is forgotten, so not before Python ends."""


def _write_raster(path: Path, bands: Mapping[str, Raster]) -> None:
    """One GeoTIFF; what a file can say of its numbers (scale, offset, nodata, unit) it says."""
    first = next(iter(bands.values()))
    rows, cols = first.values.shape
    west, north, width, height = first.transform
    options: dict[str, Any] = {
        "driver": "GTiff",
        "width": cols,
        "height": rows,
        "count": len(bands),
        "dtype": first.values.dtype,
        "crs": first.crs,
        "transform": Affine(width, 0, west, 0, -height, north),
        "nodata": first.nodata,
        "compress": "deflate",
        "predictor": 1 if first.values.dtype.itemsize == 1 else 2,
        "tiled": max(rows, cols) > 256,
        "interleave": "band",
    }
    with rasterio.open(path, "w", **options) as file:
        for number, (name, raster) in enumerate(bands.items(), start=1):
            file.write(raster.values, number)
            file.set_band_description(number, name)
        file.scales = [raster.scale for raster in bands.values()]
        file.offsets = [raster.offset for raster in bands.values()]
        file.units = [raster.unit for raster in bands.values()]
        file.update_tags(
            TITLE="Sample City (synthetic) 示例市（合成数据）",
            COMMENT="Invented by gep for demonstration. Not a real place.",
        )


def _write_climate(path: Path, fields: Mapping[str, Any], grid: tuple[float, float, float]) -> None:
    """One NetCDF file in CF style: packed numbers, latitude from south to north, months as times."""
    west, north, step = grid
    rows, cols = fields["water_evaporation"].shape
    lon = np.round(west + (np.arange(cols) + 0.5) * step, 6)
    lat = np.round(north - (np.arange(rows) + 0.5) * step, 6)[::-1]
    middle = np.array([15, 45, 75, 106, 136, 167, 197, 228, 259, 289, 320, 350], dtype="int32")
    variables: dict[str, Any] = {}
    encoding: dict[str, Any] = {}
    for name, field in fields.items():
        unit, scale, long_name = _CLIMATE[name]
        raw = layers.stored(field, "int16", scale, 0.0)[..., ::-1, :]
        attributes = {
            "long_name": long_name,
            "scale_factor": scale,
            "add_offset": 0.0,
            "_FillValue": np.int16(-32768),
            "grid_mapping": "crs",
        }
        dims = ("time", "lat", "lon") if raw.ndim == 3 else ("lat", "lon")
        variables[name] = (dims, raw, attributes | ({"units": unit} if unit else {}))
        encoding[name] = {"zlib": True, "complevel": 6, "shuffle": True}
    dataset = xr.Dataset(
        variables,
        coords={
            "time": (
                "time",
                middle,
                {"units": "days since 2020-01-01", "calendar": "standard", "standard_name": "time"},
            ),
            "lat": ("lat", lat, {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": ("lon", lon, {"units": "degrees_east", "standard_name": "longitude"}),
            "crs": ((), np.int32(0), pyproj.CRS("EPSG:4326").to_cf()),
        },
        attrs={
            "Conventions": "CF-1.8",
            "title": "Climate of the Sample City (synthetic)",
            "comment": "Invented by gep. Not a real place.",
        },
    )
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def _write_zones(path: Path, polygons: Mapping[str, Polygon]) -> None:
    """The counties as GeoJSON, in longitude and latitude to the decimetre."""
    transformer = pyproj.Transformer.from_crs(land.CRS, "EPSG:4326", always_xy=True)
    features = []
    for code, name_zh, name_en in land.COUNTIES:
        ring = shapely.get_coordinates(orient(polygons[code]))
        corners = np.round(np.column_stack(transformer.transform(ring[:, 0], ring[:, 1])), 6).tolist()
        properties = {"code": code, "name_zh": name_zh, "name_en": name_en}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [corners]}}
        )
    document = {"type": "FeatureCollection", "name": "Sample City (synthetic)", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
