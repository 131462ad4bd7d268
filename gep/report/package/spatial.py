"""Zones with results as GeoPackage, and the maps of the run as Cloud Optimized GeoTIFF with styles of QGIS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from gep.account.account import Account
from gep.core.messages import Text, say
from gep.engine.cog import make_cog
from gep.engine.drawn import ECOSYSTEMS
from gep.report.package.tables import Resource
from gep.report.pictures.rasters import maps_folder, read_map
from gep.report.pictures.styles import write_style
from gep.report.tables.facts import Facts

_pyogrio: Any = pyogrio  # it declares no types


def zones(facts: Facts, folder: Path) -> Iterator[Resource]:
    """`zones.gpkg`: polygons (simplified, EPSG:4326) with area in m2, value in CNY, per km2 and per head, and the value
    of each service; nothing where the run has no polygons. Its times are the last day of the accounting year.
    """
    account = facts.account
    if not account.shapes:
        return

    services = [service for service in facts.services if facts.value(service) is not None] if facts.is_monetary else []
    rows = []
    for code in sorted(account.shapes):
        row = facts.indicators.get(code)
        about: dict[str, object] = {
            "code": code,
            "name_zh": account.zone_name(code, "zh"),
            "name_en": account.zone_name(code, "en"),
            "area_m2": facts.area(zone=code),
            "value_cny": row["value"] if row else None,
            "value_per_km2_cny": row["value_per_km2"] if row else None,
            "value_per_head_cny": row["value_per_head"] if row else None,
        }
        rows.append(about | {f"{service}_cny": facts.value(service, zone=code) for service in services})
    frame = gpd.geodataframe.GeoDataFrame(
        rows, geometry=[account.shapes[code] for code in sorted(account.shapes)], crs="EPSG:4326"
    )
    numbers = [name for name in frame.columns if name.endswith(("_m2", "_cny"))]
    frame[numbers] = frame[numbers].astype("float64")
    old = _pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    try:
        _pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{account.about.year:04d}-12-31T00:00:00.000Z"})
        _pyogrio.write_dataframe(
            frame, folder / "zones.gpkg", layer="zones", driver="GPKG", geometry_type="MultiPolygon"
        )
    finally:
        _pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": old})
    yield Resource("zones.gpkg", say("package.zones"))


def maps(account: Account, folder: Path, language: str) -> Iterator[Resource]:
    """`maps/<name>.tif` with its `.qml`, for every map of the run."""
    source = maps_folder(account)
    if source is None:
        return
    target = folder / "maps"
    target.mkdir()
    for path in sorted(source.glob("*.tif")):
        is_of_classes = path.stem == ECOSYSTEMS
        make_cog(path, target / path.name, is_of_classes=is_of_classes, compress="DEFLATE", level=6)
        of = read_map(path, account)
        write_style(of, target / f"{path.stem}.qml", language)
        yield Resource(f"maps/{path.name}", of.title)
        yield Resource(f"maps/{path.stem}.qml", Text(f"{of.title} (QGIS)", f"{of.title.zh}（QGIS 样式）"))
