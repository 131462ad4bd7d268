"""Small studies of a forest, of which services are worked by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

import builders
import numpy as np
import pytest
import xarray as xr
from builders import block, constant, find, raster, statistics, zones

from gep.account.account import Account

CLASSES = {
    1: "forest/evergreen_needleleaf",
    2: "grassland/temperate_steppe",
    3: "cropland/dryland",
    4: "wetland/lake",
    5: "wetland/marsh",
    6: "cropland/paddy",
    7: "urban/green",
    8: "desert/gobi",
    9: "shrub/open",
    10: "cropland/shrub_orchard",
    11: "wetland/reservoir",
}
CODE = {where.partition("/")[2]: code for code, where in CLASSES.items()}
make_study = partial(builders.make_study, scheme_map=CLASSES)

SOIL, CARBON, OXYGEN, CLIMATE = "soil_retention", "carbon_sequestration", "oxygen_release", "climate_regulation"


def printed(value: Any) -> Any:
    """Equal to the digits that the vectors print."""
    return pytest.approx(value, rel=1e-9)


def approx(value: Any) -> Any:
    """Equal but for rounding: the area of a cell is known to a few parts in 10^12."""
    return pytest.approx(value, rel=2e-11)


def row_of(*classes: str) -> Any:
    """Land cover in one row of square kilometres."""
    return np.array([[CODE[name] for name in classes]], dtype=np.uint8)


def everywhere(cover: Any, **layers: tuple[float, str]) -> dict[str, Any]:
    """The same number of every layer on all cells."""
    return {name: constant(*pair, cover.shape) for name, pair in layers.items()}


def widened(values: Any) -> Any:
    """With a column more in the east, outside every county: the side of a cell cannot be told from one cell."""
    return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, 1)], mode="edge")


def widened_layer(layer: xr.DataArray) -> xr.DataArray:
    wide = raster(widened(layer.values), layer.attrs["units"])
    return wide.rename(dict(zip(wide.dims, layer.dims, strict=True)))


def account_of(
    service: str | tuple[str, ...], cover: Any, layers: dict[str, Any], counties: Any = None, **more: Any
) -> Account:
    rows, cols = cover.shape
    counties = zones(block(0, 0, cols, rows)) if counties is None else counties
    given = {name: widened_layer(layer) if layer.shape[-2:] == cover.shape else layer for name, layer in layers.items()}
    of = (service,) if isinstance(service, str) else service
    return make_study(widened(cover), given, counties, of=of, **more).run()


def amounts(account: Account, component: str) -> dict[str, float | None]:
    return {e.land_class: e.quantity for e in find(account, component=component)}


ONE_FOREST = row_of("evergreen_needleleaf")


KWH = 3600.0
"""kJ per kWh."""


def carbon(layers: dict[str, Any], cover: Any = ONE_FOREST, **more: Any) -> Account:
    return account_of(CARBON, cover, layers, **more)


NEP, NPP, DRY = "g*carbon/(m^2*year)", "g*carbon/(m^2*year)", "g*dry_matter/(m^2*year)"


TEN_FORESTS_AND_A_LAKE = row_of(*["evergreen_needleleaf"] * 10, "lake")


def days(**by_zone: float) -> dict[str, Any]:
    """Cooling days by zone: days(z101=90)."""
    rows = [(zone.removeprefix("z"), "cooling_days", "quantity", number, "day") for zone, number in by_zone.items()]
    return {"statistics": statistics(*rows)}


def water(cover: Any = TEN_FORESTS_AND_A_LAKE) -> dict[str, Any]:
    return everywhere(cover, water_evaporation=(1.0, "m/year"))
