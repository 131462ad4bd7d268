"""Made-up tables of the account of carbon for the sample city: no number of them is of a real place. Closings are what
opening and changes come to by the factors of the classes, so that nothing is left unexplained.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import rasterio

from gep.inputs.assets import CarbonSection

ZONES = ("990101", "990102", "990103")
SYNTHETIC = "synthetic"

STOCKS = (
    "zone,ecosystem,class,pool,year,area [hm^2],forest_type,growing_stock [m^3/hm^2],carbon_density [t*carbon/hm^2],"
    "soil_depth [cm],growing_stock_relative_error [%],carbon_density_relative_error [%],source"
)
_STANDS = (
    ("990101", "larch", "boreal/larch", 2600, 2625, 84, 87),
    ("990101", "birch", "boreal/hardwoods", 1600, 1575, 61, 63.8),
    ("990102", "pine", "temperate/pines", 1990, 1990, 73, 78.2),
    ("990103", "broadleaf", "temperate/hardwoods", 1150, 1150, 96, 98.25),
)
_SOILS = (
    ("990101", "forest", "larch", 2600, 2600, 118, 118.4),
    ("990102", "grassland", "temperate_steppe", 2700, 2650, 74, 74.27),
    ("990103", "wetland", "marsh", 1250, 1250, 182, 182.8),
)
CHANGES = (
    "zone,ecosystem,class,pool,change,year,from_class,area [hm^2],increment [m^3/(hm^2*year)],harvest [m^3/year],"
    "rate [t*carbon/(hm^2*year)],disturbed_area [hm^2/year],lost_share,amount [t*carbon],source"
)
_CHANGES = (
    ("990101", "forest", "larch", "tree", "growth", 2020, "", "", 0.9, "", "", "", "", ""),
    ("990101", "forest", "larch", "tree", "harvest", 2020, "", "", "", 535, "", "", "", ""),
    ("990101", "forest", "birch", "tree", "growth", 2020, "", "", 0.93, "", "", "", "", ""),
    ("990101", "forest", "birch", "tree", "disturbance", 2020, "", "", "", "", "", 12, 0.5, ""),
    ("990102", "forest", "pine", "tree", "growth", 2020, "", "", 1.3, "", "", "", "", ""),
    ("990103", "forest", "broadleaf", "tree", "growth", 2020, "", "", 0.7, "", "", "", "", ""),
    ("990101", "forest", "larch", "soil", "growth", 2020, "", "", "", "", 0.08, "", "", ""),
    ("990102", "grassland", "temperate_steppe", "soil", "growth", 2020, "", "", "", "", 0.053, "", "", ""),
    ("990103", "wetland", "marsh", "soil", "growth", 2020, "", "", "", "", 0.16, "", "", ""),
    ("990101", "forest", "larch", "tree", "area", 2020, "birch", 25, "", "", "", "", "", ""),
    ("990102", "grassland", "temperate_steppe", "soil", "area", 2020, "", "", "", "", "", "", "", -3700),
)
GASES = "zone,ecosystem,gas,year,emission [t/year],source"
_GASES = (
    ("990103", "wetland", "methane", 2020, 210, SYNTHETIC),
    ("990103", "wetland", "nitrous_oxide", 2020, 1.4, SYNTHETIC),
)


def sample(folder: Path) -> CarbonSection:
    """Write the tables into a folder; the section that names them."""
    stocks: list[Sequence[object]] = []
    for position, year in enumerate((2015, 2020)):
        stocks += [
            (zone, "forest", name, "tree", year, areas[position], of, volumes[position], "", "", 4, "", SYNTHETIC)
            for zone, name, of, *numbers in _STANDS
            for areas, volumes in [(numbers[:2], numbers[2:])]
        ]
        stocks += [
            (zone, ecosystem, name, "soil", year, areas[position], "", "", densities[position], 100, "", 7, SYNTHETIC)
            for zone, ecosystem, name, *numbers in _SOILS
            for areas, densities in [(numbers[:2], numbers[2:])]
        ]
    _write(folder / "carbon_stocks.csv", STOCKS, stocks)
    _write(folder / "carbon_changes.csv", CHANGES, [(*row, SYNTHETIC) for row in _CHANGES])
    _write(folder / "carbon_gases.csv", GASES, _GASES)
    return CarbonSection(stocks="carbon_stocks.csv", changes="carbon_changes.csv", gases="carbon_gases.csv")


DENSITIES = "ecosystem,pool,density [t*carbon/hm^2],source"
_LITTER = {
    "forest": 3,
    "shrub": 1.5,
    "grassland": 0.5,
    "wetland": 0.8,
    "cropland": 0.2,
    "desert": 0.1,
    "urban": 0,
    "other": 0,
}
STEPPE, DRYLAND = 32, 54
"""Codes of the land cover of the sample city."""


def sample_on_land(folder: Path, cover: Path) -> dict[str, object]:
    """Write a land cover of 2015, when the north-west of the city's steppe was still tilled, and densities of litter;
    what the section says of them.
    """
    before = folder / "land_cover_2015.tif"
    with rasterio.open(cover) as file:
        codes, profile = file.read(1), file.profile
    corner = codes[: codes.shape[0] // 2, : codes.shape[1] // 2]
    corner[corner == STEPPE] = DRYLAND
    with rasterio.open(before, "w", **profile) as file:
        file.write(codes, 1)
    _write(
        folder / "carbon_densities.csv",
        DENSITIES,
        [(ecosystem, "litter", density, SYNTHETIC) for ecosystem, density in _LITTER.items()],
    )
    covers = {2015: before.relative_to(cover.parent).as_posix(), 2020: cover.name}
    return {"densities": "carbon_densities.csv", "land_cover": covers}


def _write(path: Path, head: str, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)
