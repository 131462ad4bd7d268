"""Carbon from rasters: stocks by hand on four cells, accounts that close to the last bit, maps that are no stock."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_origin
from shapely.geometry import box
from typer.testing import CliRunner

from gep.assets.carbon.account import Rasters, carbon_account, of_project
from gep.assets.context import Context
from gep.assets.ground import open_ground
from gep.assets.parameters import Parameters, read_parameters
from gep.assets.project import accounts_of
from gep.assets.sample import add_to_sample_city
from gep.cli.app import app
from gep.core.errors import InputError
from gep.inputs.assets import CarbonSection
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.spec import StudySpec, ZoneSource
from gep.inputs.transitions import Transitions

CODES = {"1": "forest/needleleaf", "2": "grassland/steppe", "3": "cropland"}
CELL = 1000.0
"""Metres: on an equal-area grid a cell is 100 hm2."""
AREA = 100.0
FOREST, STEPPE, CROP, NOTHING = 1, 2, 3, 9


def raster(values, units=None, name="land_cover"):
    values = np.array(values, dtype="float64")
    rows, columns = values.shape
    found = xr.DataArray(
        values,
        dims=("y", "x"),
        coords={"y": CELL * (rows - 0.5 - np.arange(rows)), "x": CELL * (0.5 + np.arange(columns))},
        name=name,
    )
    found.attrs |= {"crs": "EPSG:6933", **({"units": units} if units else {})}
    return found


def zones(*shapes):
    frame = gpd.GeoDataFrame({"code": [chr(65 + at) for at in range(len(shapes))]}, geometry=list(shapes))
    return ZoneSource(frame.set_crs("EPSG:6933").to_crs("EPSG:4326"), "code")


ONE = (box(0, 0, 2 * CELL, 2 * CELL),)
TWO = (box(0, 0, CELL, 2 * CELL), box(CELL, 0, 2 * CELL, 2 * CELL))


def ground(covers, shapes=ONE, transitions=None):
    specs = {
        year: LayerSpec("land_cover", raster(codes).astype("int16"), nodata="none") for year, codes in covers.items()
    }
    first = next(iter(specs.values()))
    spec = StudySpec("four cells", 2020, zones(*shapes), first, "custom", scheme_map=CODES)
    return open_ground(spec if transitions is None else spec_with(spec, transitions), specs)


def spec_with(spec, transitions):
    return replace(spec, transitions=Transitions(transitions))


def density(pool, per_hectare, ecosystem="forest", unit="t*carbon/hm2", **more):
    return {"ecosystem": ecosystem, "pool": pool, f"carbon_density [{unit}]": per_hectare, **more}


TABLE = [
    density("vegetation", 50),
    density("vegetation", 4, "grassland"),
    density("vegetation", 2, "cropland"),
]
OPEN, CLOSED = [[FOREST, FOREST], [STEPPE, CROP]], [[FOREST, STEPPE], [STEPPE, FOREST]]


def account(covers, densities=(), maps=None, shapes=ONE, transitions=None, changes=(), **switches):
    sources = {name: pd.DataFrame(list(of)) for name, of in (("densities", densities), ("changes", changes)) if of}
    rasters = Rasters(ground(covers, shapes, transitions), maps or {})
    return carbon_account(sources, CarbonSection(**switches), rasters=rasters)


def codes_of(action):
    with pytest.raises(InputError) as error:
        action()
    return sorted(problem.code for problem in error.value.problems)


def test_a_stock_of_four_cells_by_hand():
    """Two cells of forest, one of steppe, one of cropland, each 100 hm2: 100 x (2 x 50 + 4 + 2) = 10 600 t."""
    made = account({2020: OPEN}, TABLE).account
    stock = made.table("stock")
    assert stock.figure("A/forest/forest/needleleaf/vegetation/2020", "carbon_stock").value == pytest.approx(10_000)
    assert stock.figure("A/forest/forest/needleleaf/vegetation/2020", "area").to("hm^2") == pytest.approx(2 * AREA)
    assert stock.figure("all/2020", "carbon_stock").value == pytest.approx(10_600, rel=1e-9)
    assert made.problems == ()


def test_what_became_what_closes_to_the_last_bit():
    """Forest to steppe: 100 hm2 carry 5000 t and hold 400; cropland to forest: carry 200 t and hold 5000."""
    made = account({2015: OPEN, 2020: CLOSED}, TABLE).account
    balance = made.table("balance")
    lines = {line.id.partition("/")[2]: line.figures["all"] for line in balance.lines}
    numbers = {name: figure.value for name, figure in lines.items() if figure is not None}
    assert numbers["opening"] == pytest.approx(10_600, rel=1e-9)
    assert numbers["area_in"] == pytest.approx(5_200, rel=1e-9)
    assert numbers["area_out"] == -numbers["area_in"]
    assert numbers["disturbance"] == pytest.approx(-4_600, rel=1e-9)
    assert numbers["growth"] == pytest.approx(4_800, rel=1e-9)
    assert "unexplained" not in numbers
    assert "harvest" not in numbers
    assert math.fsum(value for name, value in numbers.items() if name != "closing") == numbers["closing"]
    assert numbers["closing"] == made.table("by_zone").figure("all", "2020").value
    for of in made.table("strata").lines:
        values = [figure.value for name, figure in of.figures.items() if name != "closing" and figure is not None]
        assert math.fsum(values) == of.figures["closing"].value
    sink = made.table("sink").figure("all/2015-2020", "yearly_carbon")
    assert sink.value == pytest.approx(200 / 5, rel=1e-8)


def test_a_better_map_is_no_sink():
    """What the project calls a reappraisal is reclassified, and its difference reappraised."""
    redrawn = {("forest", "grassland"): "reappraisal"}
    made = account({2015: OPEN, 2020: CLOSED}, TABLE, transitions=redrawn).account
    lines = {line.id.partition("/")[2]: line.figures["all"] for line in made.table("balance").lines}
    assert lines["reclassified_out"].value == pytest.approx(-5_000, rel=1e-9)
    assert lines["reclassified_in"].value == pytest.approx(5_000, rel=1e-9)
    assert lines["reappraised_down"].value == pytest.approx(-4_600, rel=1e-9)
    assert lines["disturbance"] is None
    sink = made.table("sink").figure("all/2015-2020", "yearly_carbon")
    assert sink.value == pytest.approx(4_800 / 5, rel=1e-9)


def test_densities_of_a_year_of_a_class_and_of_the_ecosystem():
    """The more special row holds: 60 t/hm2 of needleleaf in 2020, 50 of any forest before."""
    rows = [*TABLE, density("vegetation", 60, land_class="needleleaf", year=2020)]
    made = account({2015: OPEN, 2020: OPEN}, rows).account
    lines = {line.id.partition("/")[2]: line.figures["all"] for line in made.table("balance").lines}
    assert lines["growth"].value == pytest.approx(2 * AREA * 10, rel=1e-9)
    assert lines["area_in"] is None


def test_own_rows_of_parameters_are_explained(tmp_path):
    path = tmp_path / "rows.csv"
    head = "coefficient,ecosystem,of,region,value,unit,from_year,low,high,price_year,source,locator,status,note"
    row = "carbon_density_vegetation,forest,needleleaf,,44,t*carbon/hm^2,,,,,ours,p. 1,verified,"
    path.write_text(f"{head}\n{row}\n")
    rows, problems = read_parameters(path, is_shipped=False)
    assert problems == []
    made = carbon_account(
        {},
        CarbonSection(density_rows=["vegetation"]),
        Parameters(rows),
        rasters=Rasters(ground({2020: [[FOREST, FOREST], [FOREST, CROP]]})),
    ).account
    document = made.explain("stock", "A/forest/forest/needleleaf/vegetation/2020", "carbon_stock")["figure"]
    assert document["arguments"]["carbon_density"]["parameter"]["source"] == "ours"
    assert document["value"] == pytest.approx(3 * AREA * 44, rel=1e-9)
    assert [found.code for found in made.problems] == ["K19"]
    assert made.table("uncovered").figure("cropland/vegetation", "2020").to("hm^2") == pytest.approx(AREA)


def test_a_map_of_densities_by_zone_and_class():
    """Means of a map over each class and zone; a cell without a value is in no stock, and said."""
    maps = {"vegetation": {2020: LayerSpec("vegetation", raster([[40, 60], [8, math.nan]]), units="t*carbon/hm^2")}}
    made = account({2020: OPEN}, maps=maps, shapes=TWO).account
    stock = made.table("stock")
    assert stock.figure("A/forest/forest/needleleaf/vegetation/2020", "carbon_stock").value == pytest.approx(4_000)
    assert stock.figure("B/forest/forest/needleleaf/vegetation/2020", "carbon_stock").value == pytest.approx(6_000)
    assert stock.figure("all/2020", "carbon_stock").value == pytest.approx(10_800, rel=1e-9)
    (told,) = made.problems
    assert (told.code, told.found) == ("K19", "25 %")


def test_a_map_in_grams_per_square_metre():
    """5 kg of carbon on a square metre are 50 t/hm2."""
    maps = {"vegetation": {2020: LayerSpec("vegetation", raster([[5, 5], [5, 5]], units="kg*carbon/m^2"))}}
    made = account({2020: OPEN}, maps=maps).account
    assert made.table("stock").figure("all/2020", "carbon_stock").value == pytest.approx(4 * AREA * 50, rel=1e-9)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ("t*carbon/(hm^2*year)", "flow"),
        ("g*carbon/(m^2*year)", "flow"),
        ("t*CO2/hm^2", "dioxide"),
        ("t*dry_matter/hm^2", "dry matter"),
    ],
)
def test_a_map_that_is_no_stock(units, said):
    maps = {"vegetation": {2020: LayerSpec("vegetation", raster([[1, 1], [1, 1]]), units=units)}}
    with pytest.raises(InputError) as error:
        account({2020: OPEN}, maps=maps)
    (found,) = error.value.problems
    assert found.code == "K18"
    assert said in found.message


def test_bad_input_is_told_at_once():
    wrong = [
        density("vegetation", 50, land_class="needle"),
        density("soil", 120),
        density("vegetation", 4, "grassland"),
        density("vegetation", 5, "grassland"),
    ]
    assert codes_of(lambda: account({2020: OPEN}, wrong)) == ["K10", "K10", "K18"]
    assert codes_of(lambda: account({2020: OPEN})) == ["K18"]
    assert codes_of(lambda: carbon_account({}, CarbonSection())) == ["K18"]
    assert codes_of(lambda: account({2020: OPEN}, TABLE, density_rows=["wood"])) == ["K03"]
    one = {"vegetation": {2015: LayerSpec("vegetation", raster([[1, 1], [1, 1]]), units="t*carbon/hm^2")}}
    assert codes_of(lambda: account({2020: OPEN}, maps=one)) == ["K18"]
    both = {"vegetation": {2020: LayerSpec("vegetation", raster([[1, 1], [1, 1]]), units="t*carbon/hm^2")}}
    assert codes_of(lambda: account({2020: OPEN}, TABLE, both)) == ["K18"]
    told = [
        {
            "zone": "A",
            "ecosystem": "forest",
            "land_class": "forest/needleleaf",
            "pool": "vegetation",
            "change": "growth",
            "year": 2018,
            "amount [t*carbon]": 5,
        }
    ]
    assert codes_of(lambda: account({2015: OPEN, 2020: CLOSED}, TABLE, changes=told)) == ["K12"]


def test_a_density_of_a_year_without_a_land_cover():
    assert codes_of(lambda: account({2020: OPEN}, [*TABLE, density("vegetation", 60, year=2015)])) == ["K18"]


def map_of(values, **place):
    found = raster(values)
    shifted = found.assign_coords(x=found.x + place.get("east", 0.0))
    shifted.attrs["crs"] = place.get("crs", "EPSG:6933")
    return {2020: LayerSpec("vegetation", shifted, units="t*carbon/hm^2")}


@pytest.mark.parametrize(
    ("of_year", "code"),
    [
        (map_of([[5, 5], [5, 5]], east=5e5), ["G02"]),
        (map_of([[5, 5], [5, 5]], crs="EPSG:32650"), ["G02"]),
        (map_of([[5, -9999], [5, 5]]), ["K18"]),
        (map_of([[math.nan, math.nan], [math.nan, math.nan]]), ["K18", "K19"]),
    ],
    ids=["elsewhere", "metres of another system", "undeclared missing value", "no value"],
)
def test_a_map_that_says_nothing_of_the_land(of_year, code):
    assert codes_of(lambda: account({2020: OPEN}, maps={"vegetation": of_year})) == code


def test_a_map_of_other_cells_and_of_another_system_is_brought_to_the_land():
    """A map of one value has it in any cells: 50 t/hm2 on 400 hm2, in degrees a hundredth apart."""
    at = np.arange(-5, 6) / 100
    wide = xr.DataArray(np.full((11, 11), 50.0), dims=("y", "x"), coords={"y": at[::-1], "x": at})
    wide.attrs |= {"crs": "EPSG:4326"}
    maps = {"vegetation": {2020: LayerSpec("vegetation", wide, units="t*carbon/hm^2")}}
    made = account({2020: OPEN}, maps=maps).account
    assert made.table("stock").figure("all/2020", "carbon_stock").value == pytest.approx(4 * AREA * 50, rel=1e-9)


@pytest.mark.parametrize(("factor", "said"), [(1 / 15, "per mu"), (44 / 12, "carbon dioxide")])
def test_a_map_of_a_year_in_another_unit_is_asked_about(factor, said):
    """A mu is a fifteenth of a hectare; 44/12 t of carbon dioxide hold one of carbon."""
    first = np.array([[60.0, 60.0], [6.0, 3.0]])
    maps = {
        "vegetation": {
            year: LayerSpec("vegetation", raster(values), units="t*carbon/hm^2")
            for year, values in ((2015, first), (2020, first * factor))
        }
    }
    made = account({2015: OPEN, 2020: OPEN}, maps=maps).account
    asked = [found for found in made.problems if found.code == "K16"]
    assert len(asked) == 3
    assert all(said in found.message for found in asked)


def test_a_class_that_the_table_lacks_is_in_no_stock():
    """200 hm2 of forest at 50 t; steppe and cropland, half of the land, have no density."""
    made = account({2020: OPEN}, TABLE[:1]).account
    assert made.table("stock").figure("all/2020", "carbon_stock").value == pytest.approx(10_000, rel=1e-9)
    (told,) = made.problems
    assert (told.code, told.found) == ("K19", "50 %")


def test_land_of_no_class_is_no_land_without_carbon():
    made = account({2015: OPEN, 2020: [[FOREST, NOTHING], [STEPPE, CROP]]}, TABLE).account
    lines = {line.id.partition("/")[2]: line.figures["all"] for line in made.table("balance").lines}
    assert lines["area_out"].value == pytest.approx(-5_000, rel=1e-9)
    assert lines["disturbance"] is None
    assert lines["closing"].value == pytest.approx(5_600, rel=1e-9)
    assert made.table("uncovered").figure("_none/vegetation", "2020").to("hm^2") == pytest.approx(AREA)


def test_the_sample_city_has_litter_on_land_of_two_years(sample_city, tmp_path):
    """Steppe that was tilled in 2015 carries 0.2 t/hm2 of litter and has 0.5 in 2020."""
    project = Path(shutil.copytree(sample_city, tmp_path / "city")) / "gep.toml"
    made = accounts_of(add_to_sample_city(project, has_maps=True), ["carbon"])[0]
    lines = {line.id: line.figures for line in made.table("balance").lines}
    growth, gained, lost = (lines[f"2015-2020/{line}"] for line in ("growth", "area_in", "area_out"))
    litter = made.table("by_pool")
    more = litter.figure("litter", "2020").value - litter.figure("litter", "2015").value
    assert gained["grassland"].value == -lost["cropland"].value > 0
    assert more == pytest.approx(gained["grassland"].value * (0.5 - 0.2) / 0.2, rel=1e-9)
    assert growth["grassland"].value > more


PROJECT = """
[study]
name = "Four cells"
year = 2020
[zones]
path = "zones.geojson"
code = "code"
[land_cover]
path = "2020.tif"
scheme = "custom"
map = { 1 = "forest/needleleaf", 2 = "grassland/steppe", 3 = "cropland" }
[extent]
reappraisal = ["forest -> grassland"]
[assets.carbon]
densities = "densities.csv"
[assets.carbon.land_cover]
2015 = "2015.tif"
2020 = { path = "2020.tif" }
[assets.carbon.density_maps.soil]
2015 = { path = "soil.tif", units = "kg*carbon/m^2", soil_depth = "100 cm" }
2020 = { path = "soil.tif", units = "kg*carbon/m^2", soil_depth = "100 cm" }
"""


def write_project(folder, text=PROJECT):
    for name, values, kind in (
        ("2015", OPEN, "uint8"),
        ("2020", CLOSED, "uint8"),
        ("soil", [[10, 10], [10, 10]], "float32"),
    ):
        place = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "crs": "EPSG:6933", "dtype": kind}
        with rasterio.open(
            folder / f"{name}.tif", "w", **place, nodata=0, transform=from_origin(0, 2 * CELL, CELL, CELL)
        ) as file:
            file.write(np.array(values, kind), 1)
    zones(*ONE).data.to_file(folder / "zones.geojson")
    pd.DataFrame(TABLE).to_csv(folder / "densities.csv", index=False)
    (folder / "gep.toml").write_text(text, encoding="utf-8")


def test_a_project_of_rasters(tmp_path):
    """Soil of 10 kg/m2 is 100 t/hm2 everywhere: 40 000 t beside the 10 600 t that stand."""
    write_project(tmp_path)
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["carbon", "account", str(tmp_path), "--out", str(out), "--lang", "zh"])
    assert result.exit_code == 0, result.output
    pools = pd.read_csv(out / "carbon_stock_by_pool.csv", index_col="pool")
    assert pools.loc["vegetation", "2015 [t*carbon]"] == pytest.approx(10_600, rel=1e-6)
    assert pools.loc["soil", ["2015 [t*carbon]", "2020 [t*carbon]"]].tolist() == pytest.approx(
        [40_000, 40_000], rel=1e-6
    )
    balance = pd.read_csv(out / "carbon_stock_balance.csv")
    assert balance["all [t*carbon]"].iloc[:-1].sum() == pytest.approx(balance["all [t*carbon]"].iloc[-1], rel=1e-12)
    figure = "stock/A/forest/forest/needleleaf/vegetation/2020/carbon_stock"
    shown = CliRunner().invoke(app, ["carbon", "account", str(tmp_path), "--explain", figure, "--lang", "en"])
    assert "densities.csv" in shown.output
    assert "2020.tif" in shown.output


def test_a_soil_of_another_depth(tmp_path):
    write_project(
        tmp_path,
        PROJECT.replace(
            '2015 = { path = "soil.tif", units = "kg*carbon/m^2", soil_depth = "100 cm" }',
            '2015 = { path = "soil.tif" }',
        ),
    )
    context = Context.of(tmp_path)
    assert codes_of(lambda: of_project(context, context.project.assets.carbon)) == ["K18"]
