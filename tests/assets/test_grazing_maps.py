"""Pastures from rasters: capacity by hand on four cells, what a table adds, and maps that tell no pasture."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from rasterio.transform import Affine
from shapely.geometry import box

from gep.assets.context import Context
from gep.assets.grazing.account import accounts, grazing_account
from gep.assets.grazing.maps import grass_of
from gep.assets.grazing.tables import HERDS, PASTURES_ON_A_MAP
from gep.assets.ground import open_ground
from gep.assets.tables import read_table
from gep.core.errors import InputError
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.spec import StudySpec, ZoneSource

CELL, AREA = 1000.0, 100.0
COVER = [[1, 2], [1, 3]]
"""Meadow, steppe; meadow, forest: a county each side."""
TYPES = {"grassland/meadow": "meadow_steppe", "grassland": "typical steppe"}
COUNTIES = (box(0, 0, CELL, 2 * CELL), box(CELL, 0, 2 * CELL, 2 * CELL))


def raster(values):
    at = np.array([0.5, 1.5]) * CELL
    coords = {"y": at[::-1], "x": at}
    return xr.DataArray(np.array(values), dims=("y", "x"), coords=coords, attrs={"crs": "EPSG:6933"})


def counties():
    frame = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=list(COUNTIES))
    return frame.set_crs("EPSG:6933").to_crs("EPSG:4326")


def grass(values, units, of="forage_yield", types=None, east=0.0):
    cover = LayerSpec("land_cover", raster(np.array(COVER, "int16")), nodata="none")
    scheme = {"1": "grassland/meadow", "2": "grassland/steppe", "3": "forest"}
    spec = StudySpec("counties", 2020, ZoneSource(counties(), "code"), cover, "custom", scheme_map=scheme)
    ground = open_ground(spec, {2020: cover})
    there = raster(values)
    there = there.assign_coords(x=there.x + east)
    return grass_of(ground, LayerSpec(of, there, units=units), of, TYPES if types is None else types)


def balance(pastures, heads=1000):
    herds = pd.DataFrame([{"zone": zone, "animal": "sheep", "heads [head]": heads} for zone in "AB"])
    return grazing_account(pastures, read_table(herds, HERDS, "herds"), region="xilingol,nyt_635,inner_mongolia")


def refused(action):
    with pytest.raises(InputError) as error:
        action()
    return sorted(f"{found.code} {found.subject}" for found in error.value.problems)


def test_a_table_tells_season_and_days_and_the_map_the_rest():
    """A: 200 hm2 at the mean of 800 and 900 kg: 170 000 kg x 52.5 % / (1.8 x 150) = 330.56 sheep units."""
    table = pd.DataFrame(
        [
            {
                "zone": zone,
                "steppe": steppe,
                "season": "growing_season",
                "grazing_days [day/year]": 150,
                "edible_share": 1,
            }
            for zone, steppe in (("A", "meadow_steppe"), ("B", "typical_steppe"))
        ]
    )
    found = grass([[800, 600], [900, 5000]], "kg*dry_matter/(hm^2*year)")
    made = balance(found.pastures(read_table(table, PASTURES_ON_A_MAP, "pastures")))
    rows = made.table("balance")
    assert rows.figure("A", "area").to("hm^2") == pytest.approx(2 * AREA, rel=1e-6)
    assert rows.figure("A", "forage").to("kg*dry_matter/year") == pytest.approx(170_000, rel=1e-6)
    assert rows.figure("A", "capacity").value == pytest.approx(170_000 * 0.525 / 270, rel=1e-6)
    assert rows.figure("B", "forage").to("kg*dry_matter/year") == pytest.approx(60_000, rel=1e-6)
    assert made.problems == ()


def test_production_becomes_grass_of_the_whole_year():
    """250 g of carbon are 250 / (0.45 x 6.26) = 88.75 g/m2 of meadow, 887.5 kg/hm2; forest grows no grass."""
    read = grass([[250, 200], [250, 999]], "g*carbon/(m^2*year)", "production").pastures()
    cells = {(row.text("zone"), row.text("steppe")): row for row in read.rows}
    assert set(cells) == {("A", "meadow_steppe"), ("B", "typical_steppe")}
    assert all(row.text("season") == "whole_year" for row in read.rows)
    assert cells["A", "meadow_steppe"].figure("production").value == pytest.approx(250)
    assert cells["B", "typical_steppe"].figure("production").value == pytest.approx(200)


def test_grass_without_a_value_feeds_nothing_and_is_told():
    read = grass([[800, 600], [math.nan, 0]], "kg*dry_matter/(hm^2*year)").pastures()
    (told,) = read.problems
    assert (told.code, told.subject, told.found) == ("K47", "meadow_steppe", "50 %")
    area = next(row for row in read.rows if row.text("zone") == "A").figure("area")
    assert area.to("hm^2") == pytest.approx(AREA, rel=1e-6)


@pytest.mark.parametrize(
    ("of", "units", "said"),
    [
        ("forage_yield", "g*carbon/(m^2*year)", "carbon"),
        ("forage_yield", "t*dry_matter/hm^2", "what stands"),
        ("production", "kg*dry_matter/(hm^2*year)", "dry matter"),
        ("production", "t*carbon/hm^2", "what stands"),
    ],
)
def test_a_map_of_another_thing(of, units, said):
    with pytest.raises(InputError) as error:
        grass([[1.0, 1.0], [1.0, 1.0]], units, of)
    (found,) = error.value.problems
    assert found.code == "K46"
    assert said in found.message


def test_a_map_of_other_land_or_below_zero():
    unit = "kg*dry_matter/(hm^2*year)"
    assert refused(lambda: grass([[1.0, 1.0], [1.0, 1.0]], unit, east=5e5)) == ["G02 forage_yield"]
    assert refused(lambda: grass([[1.0, -1.0], [1.0, 1.0]], unit).pastures()) == ["K18 forage_yield"]


def test_types_and_parts_that_cannot_be():
    unit = "kg*dry_matter/(hm^2*year)"
    assert refused(lambda: grass([[1.0, 1.0], [1.0, 1.0]], unit, types={})) == ["K46 steppes"]
    wrong = {"grassland/medow": "meadow_steppe", "grassland": "prairie"}
    assert refused(lambda: grass([[1.0, 1.0], [1.0, 1.0]], unit, types=wrong)) == [
        "K03 steppes.grassland",
        "K46 grassland/medow",
    ]
    rows = [
        {"zone": "A", "steppe": "meadow_steppe", "season": "warm_season"},
        {"zone": "A", "steppe": "meadow_steppe", "season": "cold_season"},
        {"zone": "B", "steppe": "desert_steppe", "season": "warm_season"},
    ]
    read = grass([[1.0, 1.0], [1.0, 1.0]], unit).pastures(read_table(pd.DataFrame(rows), PASTURES_ON_A_MAP, "pastures"))
    assert [found.subject for found in read.problems if found.code == "K46"] == ["A", "A", "B"]


PROJECT = """
[study]
name = "Two counties"
year = 2020
[zones]
path = "zones.geojson"
code = "code"
[land_cover]
path = "cover.tif"
scheme = "custom"
map = { 1 = "grassland/meadow", 2 = "grassland/steppe", 3 = "forest" }
[layers.net_primary_production]
path = "npp.tif"
units = "g*carbon/(m^2*year)"
[assets.grazing]
production_map = "net_primary_production"
herds = "herds.csv"
region = "xilingol,nyt_635"
[assets.grazing.steppes]
grassland = "temperate_steppe"
"""


def project(folder, text=PROJECT):
    for name, values in (("cover", np.array(COVER, "uint8")), ("npp", np.array([[250, 200], [250, 999]], "float32"))):
        place = {"crs": "EPSG:6933", "transform": Affine(CELL, 0, 0, 0, -CELL, 2 * CELL), "dtype": values.dtype}
        with rasterio.open(folder / f"{name}.tif", "w", "GTiff", 2, 2, 1, **place, nodata=0) as file:
            file.write(values, 1)
    counties().to_file(folder / "zones.geojson")
    (folder / "herds.csv").write_text("zone,animal,heads [head]\nA,sheep,100\nB,sheep,100\n", encoding="utf-8")
    (folder / "gep.toml").write_text(text, encoding="utf-8")
    return Context.of(folder)


def test_a_project_feeds_its_balance_from_its_own_layer(tmp_path):
    """Which rates hold is of the parameters; what is grazed is the grassland of the map."""
    types = 'grassland = "typical_steppe"'
    own = "coefficient,ecosystem,of,region,value,unit,from_year,low,high,price_year,source,locator,status,note\n"
    own += "utilisation_rate,grassland,typical_steppe/whole_year,,45,percent,,,,,ours,p. 1,verified,\n"
    own += "grazing_days,grassland,whole_year,,365,day/year,,,,,ours,p. 1,verified,\n"
    (tmp_path / "own.csv").write_text(own, encoding="utf-8")
    text = PROJECT.replace('grassland = "temperate_steppe"', types).replace(
        "herds =", 'parameters = "own.csv"\nherds ='
    )
    (made,) = accounts(project(tmp_path, text))
    grown = 250 / (0.45 * (1 + 4.25)) * 10
    capacity = made.table("balance").figure("A", "capacity").value
    assert capacity == pytest.approx(grown * 2 * AREA * 0.45 / (1.8 * 365), rel=1e-6)
    document = made.explain("balance", "A", "capacity")["figure"]
    assert "npp.tif" in str(document)
    assert "cover.tif" in str(document)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (PROJECT.replace('production_map = "net_primary_production"', ""), "pastures"),
        (
            PROJECT.replace(
                "[assets.grazing.steppes]", '[assets.grazing.forage_map]\npath = "npp.tif"\n[assets.grazing.steppes]'
            ),
            "pastures",
        ),
        (PROJECT.replace("[layers.net_primary_production]", "[layers.precipitation]"), "production_map"),
    ],
)
def test_a_project_that_tells_no_pasture(tmp_path, text, subject):
    assert refused(lambda: accounts(project(tmp_path, text))) == [f"K46 {subject}"]
