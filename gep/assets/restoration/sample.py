"""Synthetic projects of the sample city: no place, no measurement, no certificate. Numbers are round; two projects
share a strip of land, one has a control, one has none.
"""

from __future__ import annotations

import json
from pathlib import Path

from gep.inputs.assets import RestorationSection

_TABLES = {
    "projects": """project,year,treatment,treated_area [hm2],survival [%],sequestration_rate [t*carbon/(hm2*year)],note
north,2018,planted,60,85,1.4,synthetic
north,2019,planted,50,90,1.4,synthetic
south,2019,sown grass,95,80,,synthetic
""",
    "states": """project,variable,variable_unit,treated_before,treated_after,control_before,control_after,\
treated_before_u,treated_after_u,control_before_u,control_after_u,note
north,plant cover,percent,40,52,41,46,1,1,1,1,synthetic
south,plant cover,percent,35,44,,,1,1,,,synthetic
south,yield,g/m2,,120,,95,,5,,5,synthetic
""",
    "degradation": """parcel,ecosystem,area [hm2],state_before,state_after,undegraded_state,note
N1,forest,60,50,70,90,synthetic
N2,forest,50,70,82,90,synthetic
S1,grassland,70,35,44,55,synthetic
S2,grassland,25,46,43,55,synthetic
""",
    "services": """project,service,service_change [1e4*CNY/year],price_year,note
north,water_retention,30,2020,synthetic
north,carbon_sequestration,4,2020,synthetic
south,soil_retention,6,2020,synthetic
""",
    "costs": """project,cost [1e4*CNY],note
north,180,synthetic
south,45,synthetic
""",
    "attribution": """parcel,project,effect,variable_unit,cost [1e4*CNY],note
strip,north,7,percent,12,synthetic
strip,south,7,percent,4,synthetic
""",
}


def sample(folder: Path, west: float = 117.0, south: float = 42.0) -> RestorationSection:
    """Write tables and polygons into a folder; the section that names them.

    Args:
        folder: where to.
        west: the western edge of the polygons, degrees.
        south: their southern edge, degrees.
    """
    for name, text in _TABLES.items():
        (folder / f"restoration_{name}.csv").write_text(text, encoding="utf-8")
    squares = {"north": (0.0, 0.008), "south": (0.0, 0.0), "control": (0.03, 0.0)}
    features = {
        name: {
            "type": "Feature",
            "properties": {"project": name},
            "geometry": {"type": "Polygon", "coordinates": [_square(west + x, south + y)]},
        }
        for name, (x, y) in squares.items()
    }
    _write(folder / "restoration.geojson", [features["north"], features["south"]])
    _write(folder / "restoration_controls.geojson", [features["control"]])
    tables = {name: f"restoration_{name}.csv" for name in _TABLES}
    drawn = {"polygons": "restoration.geojson", "controls": "restoration_controls.geojson"}
    return RestorationSection.model_validate({**tables, **drawn, "attribute_by": "cost"})


def _square(west: float, south: float, width: float = 0.0135, height: float = 0.009) -> list[list[float]]:
    """About a kilometre on each side."""
    east, north = west + width, south + height
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _write(path: Path, features: list[object]) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}) + "\n", encoding="utf-8")
