"""Made-up tables of two parcels, plots in two years: no number of them is of a real place."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from gep.inputs.assets import ParcelsSection

PARCELS = "parcel,holder,forest_type,origin,planted,model,fire_emission [t*CO2],machine_emission [t*CO2]"
_PARCELS = (
    ("P-01", "Village of the west (synthetic)", "larch", "planted", 1998, "synthetic 1", 0, 12),
    ("P-02", "Forest farm (synthetic)", "pine", "planted", 2004, "synthetic 1", 45, 0),
)
STRATA = "parcel,stratum,area [hm2]"
_STRATA = (("P-01", "dense", 60), ("P-01", "open", 40), ("P-02", "all", 85))
PLOTS = "parcel,stratum,plot,date,carbon density [t*carbon/hm2],auxiliary"
_FIRST = {
    ("P-01", "dense"): (71.2, 80.4, 76.9, 84.3, 79.8, 73.5),
    ("P-01", "open"): (44.1, 52.6, 49.0, 47.7, 55.2),
    ("P-02", "all"): (31.4, 36.8, 28.9, 34.0, 38.1, 30.2, 33.3),
}
_GROWN = (5.8, 6.4, 7.1, 6.0, 6.6, 5.5, 6.9)
_METRES_PER_TONNE = 0.16
CLAIMS = "parcel,year,product,credits [t*CO2],document"
_CLAIMS = (("P-02", 2020, "court (synthetic)", 120, "synthetic"),)
CORNERS = {"P-01": (116.940, 42.015), "P-02": (116.960, 42.015)}
_SIDES = {"P-01": (0.0120777, 0.009), "P-02": (0.0102660, 0.009)}
"""Degrees to east and north: 100 and 85 hm² at 42 degrees north, in the north of the sample city."""


def sample(folder: Path) -> ParcelsSection:
    """Write the tables into a folder; the section that names them."""
    plots = [
        (*place, number, f"{year}-07-{number + 10}", round(carbon + later, 2), round(_height(carbon + later), 2))
        for place, values in _FIRST.items()
        for number, (carbon, grown) in enumerate(zip(values, _GROWN, strict=False), 1)
        for year, later in ((2015, 0.0), (2020, grown))
    ]
    _write(folder / "parcels.csv", PARCELS, _PARCELS)
    _write(folder / "parcel_strata.csv", STRATA, _STRATA)
    _write(folder / "parcel_plots.csv", PLOTS, plots)
    _write(folder / "parcel_claims.csv", CLAIMS, _CLAIMS)
    features = [
        {"type": "Feature", "properties": {"parcel": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in ((name, _ring(name)) for name in CORNERS)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "parcels.geojson").write_text(text + "\n", encoding="utf-8")
    return ParcelsSection(
        parcels="parcels.csv",
        strata="parcel_strata.csv",
        plots="parcel_plots.csv",
        claims="parcel_claims.csv",
        polygons="parcels.geojson",
    )


def _height(carbon: float) -> float:
    return 2 + _METRES_PER_TONNE * carbon


def _ring(name: str) -> list[list[float]]:
    (west, south), (wide, high) = CORNERS[name], _SIDES[name]
    east, north = west + wide, south + high
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _write(path: Path, head: str, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)
