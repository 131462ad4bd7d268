"""Systems whose plane has other areas than the ellipsoid: told as information, for no figure rests on the plane."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from coarse_city import of_code, opened

E2 = 0.00669437999014
"""Squared eccentricity of WGS84."""


def middle(city: Path) -> tuple[float, float]:
    """Longitude and latitude of the middle of the city, in radians."""
    west, south, east, north = gpd.read_file(city / "counties.geojson").to_crs("EPSG:4326").total_bounds
    return math.radians((west + east) / 2), math.radians((south + north) / 2)


def web_mercator(_: float, lat: float) -> float:
    """a^2 / (M N cos^2): a sphere of the larger axis drawn with latitudes of the ellipsoid."""
    squeezed = 1 - E2 * math.sin(lat) ** 2
    return squeezed**2 / ((1 - E2) * math.cos(lat) ** 2)


def far_utm(lon: float, lat: float) -> float:
    """Squared scale of a transverse Mercator on the sphere, of zone 46 (meridian 93 degrees east)."""
    away = math.cos(lat) * math.sin(lon - math.radians(93))
    return 0.9996**2 / (1 - away**2)


def test_the_formula_has_the_factor_of_49_degrees():
    """By hand: (1 - 0.00669438 x 0.56959)^2 / (0.99330562 x 0.43041) = 0.992389 / 0.427529 = 2.3212."""
    assert web_mercator(0, math.radians(49)) == pytest.approx(2.3212, rel=1e-4)


@pytest.mark.parametrize(("crs", "scale"), [("EPSG:3857", web_mercator), ("EPSG:32646", far_utm)])
def test_a_plane_of_other_areas_is_told_by_its_factor_and_changes_no_figure(sample_city: Path, crs, scale):
    spec = opened(sample_city).spec
    expected = scale(*middle(sample_city))
    assert expected > 1.02
    study = replace(spec, grid=(crs, 300.0 * math.sqrt(expected)))
    (found,) = of_code(type(opened(sample_city)).from_spec(study).check(), "G23")
    assert found.severity == "information"
    factor = float(re.match(r"[\d.]+", found.found)[0])
    assert factor == pytest.approx(expected, rel=0.005)
    assert "ellipsoid" in found.allowed
    assert "椭球面" in found.allowed.zh


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:6933", "EPSG:4326"])
def test_its_own_zone_an_equal_area_system_and_degrees_say_nothing(sample_city: Path, crs):
    spec = opened(sample_city).spec
    study = replace(spec, grid=(crs, 0.003 if crs == "EPSG:4326" else 300.0))
    assert of_code(type(opened(sample_city)).from_spec(study).check(), "G23") == []
