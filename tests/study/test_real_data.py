"""The two real data packs as they stand: what is found, and the same figures by other programs."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from builders import codes_of, find, missing
from places import DATA as SHARED

from gep.study.folder import write_run
from gep.study.study import Study

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not (SHARED / "hulunbuir" / "gep.toml").is_file(), reason="the real rasters are not beside the checkout"
    ),
]

HULUNBUIR, RHINE = SHARED / "hulunbuir", SHARED / "rhine"

ALPHA = {1: 4.52, 3: 0.88, 4: 2.70, 5: 3.52, 8: 3.52, 9: 3.94, 10: 3.94, 11: 0.0}
"""Runoff in percent of rain by IGBP class, from methods.md R1: evergreen needleleaf, deciduous needleleaf, deciduous
broadleaf, mixed, woody savanna (taken as mixed), savanna and grassland (taken as temperate steppe), marsh. Shrub
without leaf type has none.
"""

IGBP_KM2 = {10: 82_400, 8: 75_100, 12: 32_300, 9: 29_500, 4: 20_600, 3: 6_300, 5: 2_100, 0: 2_100, 11: 20, 13: 300}
"""Areas that data.md prints, counted there by cell centres."""

CLASS_OF = {
    10: ("grassland", "_none"),
    8: ("forest", "mixed"),
    12: ("cropland", "_none"),
    9: ("grassland", "savanna"),
    4: ("forest", "deciduous_broadleaf"),
    3: ("forest", "deciduous_needleleaf"),
    5: ("forest", "mixed"),
    0: ("wetland", "lake"),
    11: ("wetland", "marsh"),
    13: ("urban", "built_up"),
}


@pytest.fixture(scope="module")
def hulunbuir():
    return Study.open(HULUNBUIR / "gep.toml").run()


@pytest.fixture(scope="module")
def rhine():
    return Study.open(RHINE / "gep.toml").run()


@pytest.fixture(scope="module")
def rows(hulunbuir, tmp_path_factory) -> list[dict[str, str]]:
    folder = tmp_path_factory.mktemp("out") / "run"
    write_run(hulunbuir, folder)
    with (folder / "account.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def geodesic_areas(path: Path, code: str) -> dict[str, float]:
    """Area in m2 of each polygon of a lon/lat GeoJSON on WGS84; an edge that is drawn along a parallel is taken in
    pieces of 0.01 degrees.
    """
    geod = pyproj.Geod(ellps="WGS84")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = {
        str(f["properties"][code]): shapely.segmentize(shapely.geometry.shape(f["geometry"]), 0.01) for f in features
    }
    return {name: abs(geod.geometry_area_perimeter(shapely.normalize(shape))[0]) for name, shape in shapes.items()}


# what is found --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [HULUNBUIR, RHINE], ids=["hulunbuir", "rhine"])
def test_nothing_that_the_data_give_is_an_error(folder):
    problems = Study.open(folder / "gep.toml").check()
    assert problems
    assert not [p for p in problems if p.severity == "error"]
    assert not {p.code for p in problems} & {"B44", "C21", "G23", "O20", "O21", "P10", "P11", "T21", "W02"}


def test_check_says_what_run_says_of_the_inputs(hulunbuir):
    of_inputs = {"B01", "G05", "T01", "G04"}
    checked = {(p.code, p.subject) for p in Study.open(HULUNBUIR / "gep.toml").check() if p.code in of_inputs}
    assert {(p.code, p.subject) for p in hulunbuir.about.problems if p.code in of_inputs} == checked


def test_it_evaporates_more_than_it_rains_on_a_quarter(hulunbuir):
    (found,) = [p for p in hulunbuir.about.problems if p.code == "B01"]
    assert found.severity == "warning"
    assert 0.2 < found.share < 0.3  # data.md: 26 %
    (negative,) = [p for p in hulunbuir.about.problems if p.code == "B03" and p.subject == "water_retention"]
    assert negative.severity == "warning"
    assert negative.share > found.share


def test_small_counties_are_named(hulunbuir):
    assert {p.subject for p in hulunbuir.about.problems if p.code == "G05"} == {"150703", "150781"}


def test_npp_covers_its_farmland_zone_only():
    (found,) = [
        p
        for p in Study.open(HULUNBUIR / "gep.toml").check()
        if (p.code, p.subject) == ("N03", "net_primary_production")
    ]
    assert found.severity == "warning"
    assert 0.36 < 1 - found.share < 0.40  # data.md: 38 %


def test_lakes_have_no_evapotranspiration(hulunbuir):
    assert 0.985 < hulunbuir.about.coverage["layers"]["evapotranspiration"]["share"] < 0.999
    assert hulunbuir.about.coverage["layers"]["precipitation"]["share"] == pytest.approx(1, abs=1e-9)
    assert not find(hulunbuir, service="water_retention", land_class="lake")
    assert hulunbuir.about.coverage["services"]["water_retention"]["share"] > 0.99


@pytest.mark.parametrize("account", ["hulunbuir", "rhine"])
def test_the_account_is_partial_and_says_so(account, request):
    account = request.getfixturevalue(account)
    assert not account.is_complete
    assert account.title() == "Sum of accounted services (partial)"
    assert account.title("zh") == "已核算服务价值合计（部分）"
    assert {"crop_products", "air_purification", "tourism"} <= set(missing(account))
    assert "water_retention" not in missing(account)
    content = account.summary()
    assert content["counts"]["error"] == 0
    assert content["complete"] is False


# areas and totals -----------------------------------------------------------------------------------------------------


def test_every_county_has_the_area_of_its_polygon(hulunbuir, rows):
    expected = geodesic_areas(HULUNBUIR / "boundary" / "hulunbuir_counties.geojson", "adcode")
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["measure"] == "area":
            found.setdefault(row["area_code"], []).append(float(row["value"]))
    assert len(expected) == 14
    assert set(found) - {"_unallocated"} == set(expected)
    for code, area in expected.items():
        assert math.fsum(found[code]) == pytest.approx(area, rel=1e-3)
        assert math.fsum(found[code]) == pytest.approx(
            area, rel=1e-5
        )  # shares of a cell are shares of the plane: within it all land weighs alike
    assert math.fsum(found.get("_unallocated", [])) < 1e-6 * math.fsum(expected.values())
    assert hulunbuir.about.coverage["area_m2"] == pytest.approx(252_781e6, rel=1e-5)  # data.md
    assert hulunbuir.about.coverage["zones"]["mode"] == "fraction"  # centres would give Manzhouli 564 of 488 km2
    assert hulunbuir.about.coverage["zones"]["centre_misstatement"]["150781"] == pytest.approx(564 / 488 - 1, abs=0.005)


def test_the_total_is_the_sum_of_the_rows(hulunbuir, rows):
    values = [float(r["value"]) for r in rows if r["measure"] == "value" and r["counted"] == "1" and r["value"]]
    assert math.fsum(values) == hulunbuir.total()
    for name, column in (("zone", "area_code"), ("ecosystem", "ecosystem_type"), ("service", "service")):
        parts: dict[str, list[float]] = {}
        for r in rows:
            if r["measure"] == "value" and r["counted"] == "1" and r["value"]:
                parts.setdefault(r[column], []).append(float(r["value"]))
        assert hulunbuir.totals(name) == {key: math.fsum(numbers) for key, numbers in parts.items()}


def test_names_and_codes_are_those_of_the_file(rows):
    names = {r["area_code"]: r["area_name"] for r in rows}
    assert names["150702"] == "海拉尔区"
    assert all(len(code) == 6 and code.isdigit() for code in names if not code.startswith("_"))


def test_class_areas_are_those_of_the_data_description(hulunbuir):
    areas: dict[tuple[str, str], float] = {}
    for (_, ecosystem, land_class), area in hulunbuir.areas().items():
        areas[ecosystem, land_class] = areas.get((ecosystem, land_class), 0.0) + area
    expected: dict[tuple[str, str], float] = {}
    for code, km2 in IGBP_KM2.items():
        expected[CLASS_OF[code]] = expected.get(CLASS_OF[code], 0.0) + km2
    for pair, km2 in expected.items():
        printed = 50 if km2 >= 1000 else 5  # half of the last digit that is printed
        assert areas[pair] / 1e6 == pytest.approx(km2, abs=0.01 * km2 + printed), pair


# the same by other programs -------------------------------------------------------------------------------------------


def read(path: Path, scale: float = 1.0) -> tuple[np.ndarray, rasterio.Affine]:
    """Values as float64 with NaN for nodata, and the transform."""
    with rasterio.open(path) as file:
        raw = file.read(1)
        values = raw.astype(np.float64) * scale
        if file.nodata is not None:
            values[raw == np.array(file.nodata, raw.dtype)] = np.nan
        return values, file.transform


def bilinear(values: np.ndarray, transform: rasterio.Affine, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values between the centres of four cells; missing where the cell around the point is, else the valid ones share
    the weight.
    """
    col, row = (x - transform.c) / transform.a, (y - transform.f) / transform.e
    rows, cols = values.shape
    total, weight = np.zeros(x.shape), np.zeros(x.shape)
    for up in (0, 1):
        for left in (0, 1):
            i, j = np.floor(row - 0.5).astype(int) + up, np.floor(col - 0.5).astype(int) + left
            w = (1 - np.abs(row - 0.5 - i)) * (1 - np.abs(col - 0.5 - j))
            inside = (i >= 0) & (i < rows) & (j >= 0) & (j < cols)
            value = np.where(inside, values[np.clip(i, 0, rows - 1), np.clip(j, 0, cols - 1)], np.nan)
            total += np.where(np.isnan(value), 0.0, w * value)
            weight += np.where(np.isnan(value), 0.0, w)
    own = values[np.floor(row).astype(int), np.floor(col).astype(int)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(own), np.nan, total / weight)


def overlay(polygon: shapely.Geometry, west: np.ndarray, north: np.ndarray, side: float) -> np.ndarray:
    """The share of each cell in a polygon, by GEOS: one cut per cell on the border."""
    cells = shapely.box(west, north - side, west + side, north)
    shapely.prepare(polygon)
    share = shapely.contains_properly(polygon, cells).astype(np.float64)
    border = shapely.intersects(polygon, cells) & (share == 0)
    strips = {
        top: shapely.clip_by_rect(polygon, west.min(), top - side, west.max() + side, top)
        for top in np.unique(north[border])
    }
    cut = [
        shapely.area(shapely.intersection(strips[top], cell))
        for top, cell in zip(north[border], cells[border], strict=True)
    ]
    share[border] = np.array(cut) / side**2
    return share


def test_water_retention_of_the_whole_city_by_plain_numpy(hulunbuir):
    codes, grid = read(HULUNBUIR / "landcover" / "mcd12c1_2019_igbp_0p05deg.tif")
    row, col = np.indices(codes.shape)
    side = 0.05
    west, north = grid.c + col * side, grid.f - row * side
    x, y = west + side / 2, north - side / 2
    rain = bilinear(*read(HULUNBUIR / "climate" / "worldclim14_bio12_10arcmin.tif"), x, y)
    gone = bilinear(*read(HULUNBUIR / "et" / "aet_mep_annual_mean_1978_2018_0p25deg.tif"), x, y)
    city = gpd.read_file(HULUNBUIR / "boundary" / "hulunbuir_city.geojson").geometry.union_all()
    share = overlay(city, west.ravel(), north.ravel(), side).reshape(codes.shape)
    # a cell of each row, its parallels as polygons of many short geodesics
    geod = pyproj.Geod(ellps="WGS84")
    along = np.linspace(0, side, 21)
    cells = [
        (np.concatenate([along, along[::-1]]), np.concatenate([np.full(21, top - side), np.full(21, top)]))
        for top in grid.f - side * np.arange(codes.shape[0])
    ]
    area = np.array([abs(geod.polygon_area_perimeter(lon, lat)[0]) for lon, lat in cells])[:, None] * share
    assert area.sum() == pytest.approx(hulunbuir.about.coverage["area_m2"], rel=1e-7)
    extent: dict[tuple[str, str], float] = {}
    for (_, ecosystem, land_class), size in hulunbuir.areas().items():
        extent[ecosystem, land_class] = extent.get((ecosystem, land_class), 0.0) + size
    for pair in {*CLASS_OF.values()}:
        own = [code for code, other in CLASS_OF.items() if other == pair]
        assert extent[pair] == pytest.approx(area[np.isin(codes, own)].sum(), rel=1e-6), pair

    amounts, kept, counted = {}, 0.0, 0.0
    for code, percent in ALPHA.items():
        depth = (rain * (1 - percent / 100) - gone) / 1000
        here = codes == code
        valid = here & np.isfinite(depth)
        amounts[code] = math.fsum((depth[valid] * area[valid]).tolist())
        kept += area[valid].sum()
        counted += area[here].sum()
    counted += area[(codes == 6) | (codes == 7)].sum()  # shrub counts, and has no coefficient
    total = hulunbuir.quantities()["water_retention", "retained_water"]["value"]
    assert total == pytest.approx(math.fsum(amounts.values()), rel=1e-6)
    assert hulunbuir.about.coverage["services"]["water_retention"]["share"] == pytest.approx(kept / counted, rel=1e-6)
    by_class: dict[tuple[str, str], float] = {}
    for entry in find(hulunbuir, service="water_retention"):
        if entry.quantity is not None:
            by_class[entry.ecosystem, entry.land_class] = (
                by_class.get((entry.ecosystem, entry.land_class), 0.0) + entry.quantity
            )
    assert by_class["grassland", "_none"] == pytest.approx(amounts[10], rel=1e-6)
    assert by_class["grassland", "savanna"] == pytest.approx(amounts[9], rel=1e-6)
    assert by_class["forest", "mixed"] == pytest.approx(amounts[5] + amounts[8], rel=1e-6)
    assert by_class["forest", "deciduous_needleleaf"] == pytest.approx(amounts[3], rel=1e-6)


# the Rhine ------------------------------------------------------------------------------------------------------------


def test_the_rhine_derives_evapotranspiration_and_names_it(rhine):
    entries = find(rhine, service="water_retention")
    assert {e.derivations for e in entries} == {("evapotranspiration_fu",)}
    assert all(e.is_estimated for e in entries)
    assert {r["derivation_id"] for r in rhine.rows() if r["service"] == "water_retention"} == {"evapotranspiration_fu"}
    assert {"P01", "P03"} <= codes_of(rhine)
    # by Fu, less evaporates than rains: nothing is negative before runoff, and P - ET is between nothing and the mean
    # rain of 913 mm
    quantity = rhine.quantities()["water_retention", "retained_water"]["value"]
    assert 0 < quantity < 0.913 * rhine.about.coverage["services"]["water_retention"]["counted_m2"]


def test_coarse_terrain_is_refused_unless_the_project_accepts_it(hulunbuir, rhine):
    # a DEM of 10 minutes, and one of 30 seconds which the project of the Rhine accepts in words
    assert missing(hulunbuir)["soil_retention"] == "no_input"
    assert not find(hulunbuir, service="soil_retention")
    assert find(rhine, service="soil_retention")
    (found,) = [p for p in rhine.about.problems if p.code == "G09"]
    assert "927 m" in found.found  # 30 seconds of a meridian


def test_the_codes_of_the_rhine_are_text(rhine):
    codes = {r["area_code"] for r in rhine.rows()}
    assert codes == {str(number) for number in range(1, 15)}


def test_the_rhine_counts_by_centres_and_says_what_that_costs(rhine):
    assert rhine.about.coverage["zones"]["mode"] == "centre"
    (found,) = [p for p in rhine.about.problems if p.code == "G08"]
    assert found.severity == "warning"
    expected = geodesic_areas(RHINE / "boundary" / "rhine_subbasins.geojson", "zone")
    areas: dict[str, float] = {}
    for (zone, _, _), area in rhine.areas().items():
        areas[zone] = areas.get(zone, 0.0) + area
    for zone, misstated in rhine.about.coverage["zones"]["centre_misstatement"].items():
        assert areas[zone] / expected[zone] - 1 == pytest.approx(misstated, abs=2e-5)
    assert sum(areas.values()) == pytest.approx(171_771e6, rel=1e-3)  # data.md
