"""The same basin in InVEST and in gep: what InVEST 3.20.2 gave stands in `invest/`, cell by cell.

InVEST keeps its grids in single precision, so that numbers of both are alike to some 1e-7; 1e-6 is asked for.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_basin as basin
from builders import block, raster, zones

import gep
from gep.services.carbon_storage import present_value_of_stock_change

HERE = Path(__file__).parent / "invest"
COUNTY = zones(block(0, 0, basin.COLS, basin.ROWS, cell=basin.CELL))
LAYERS = {
    "elevation": "m",
    "precipitation": "mm/year",
    "reference_evapotranspiration": "mm/year",
    "rainfall_erosivity": "MJ*mm/(hm^2*h*year)",
    "soil_erodibility": "t*hm^2*h/(hm^2*MJ*mm)",
    "soil_depth": "mm",
    "plant_available_water": "1",
}
PROFILE = """
id = "{id}"
name_zh = "对照"
name_en = "As InVEST"
extends = "hj1173-2021"
level = "provisional"
provisional = ["The readings of InVEST."]

[services.water_retention]
counts = ["forest", "grassland", "cropland", "wetland", "desert"]
[services.water_retention.methods]
evapotranspiration = "fu_awc"

[services.soil_retention]
counts = ["forest", "grassland", "cropland", "wetland", "desert"]
[services.soil_retention.methods]
slope_length = "invest"
streams = "mask"

[services.carbon_storage]
category = "regulating"
required = false
counts = ["forest", "grassland", "cropland", "wetland", "desert"]
"""


def cells() -> dict[str, np.ndarray]:
    """What InVEST gave, by output; missing where it has no number."""
    with (HERE / "cells.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shape = basin.ROWS, basin.COLS
    return {name: np.array([float(row[name] or "nan") for row in rows]).reshape(shape) for name in rows[0]}


INVEST = cells()


def grid(values: Any, units: str) -> Any:
    return raster(values, units, cell=basin.CELL)


def study(profile: Path, layers: Mapping[str, Any], numbers: Mapping[str, Any] | None = None, **more: Any) -> Any:
    given = basin.layers()
    known = {name: grid(given[name], unit) for name, unit in LAYERS.items()}
    by_class = {name: {basin.CLASSES[code]: value for code, value in of.items()} for name, of in basin.OF_CLASS.items()}
    for name, unit in (("root_depth", "mm"), *((name, "t*carbon/hm^2") for name in by_class if "carbon" in name)):
        by_class[name] = {cell: f"{value} {unit}" for cell, value in by_class[name].items()}
    own = {**by_class, "runoff_coefficient": 0.0, "seasonality": basin.SEASONALITY, **(numbers or {})}
    return gep.Study(
        {name: layer for name, layer in {**known, **layers}.items() if layer is not None},
        raster(basin.land_cover(), cell=basin.CELL),
        COUNTY,
        profile=profile,
        year=basin.YEAR,
        scheme="custom",
        scheme_map=basin.CLASSES,
        coefficients=own,
        **more,
    )


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profiles") / "as-invest"
    folder.mkdir()
    (folder / "profile.toml").write_text(PROFILE.format(id=folder.name), encoding="utf-8")
    return folder


def same(found: Any, expected: np.ndarray, of: Any = None) -> None:
    """Equal to 1e-6 wherever InVEST has a number, of itself or `of` what it is a small rest of."""
    where = np.isfinite(expected)
    assert where.any()
    whole = np.abs(expected if of is None else np.broadcast_to(of, expected.shape))[where]
    assert (np.abs(np.asarray(found)[where] - expected[where]) <= 1e-6 * whole).all()


def test_the_case_is_that_of_the_version_that_is_told():
    versions = dict(csv.reader((HERE / "versions.csv").open(encoding="utf-8")))
    assert versions["natcap.invest"] == "3.20.2"
    assert all(values.shape == (basin.ROWS, basin.COLS) for values in INVEST.values())


# annual water yield ---------------------------------------------------------------------------------------------------


def test_annual_water_yield(profile):
    """P - AET: retained water without the share that runs off at once."""
    found = study(profile, {}).densities(["water_retention"])["water_retention.retained_water"]
    same(found, INVEST["wyield"], of=basin.layers()["precipitation"])
    same(basin.layers()["precipitation"] - found, INVEST["aet"])
    assert (basin.land_cover() == 5).any()  # bare ground, by the other equation


# soil loss ------------------------------------------------------------------------------------------------------------


def terrain(way: str) -> dict[str, Any]:
    """Slope and upslope area as InVEST has them: per cent, and cells with the cell itself among them."""
    return {
        "slope": grid(np.arctan(INVEST["slope"] / 100), "rad"),
        "upslope_area": grid((INVEST[f"flow_accumulation_{way}"] - 1) * basin.CELL**2, "m^2"),
    }


LIMITS = {"d8": 1.3, "mfd": 122.0}


def avoided(profile: Path, way: str, layers: Mapping[str, Any], numbers: Mapping[str, Any] | None = None) -> Any:
    own = {"highest_length_factor": LIMITS[way], "upslope_cell_size": f"{basin.CELL} m", **(numbers or {})}
    found = study(profile, {**terrain(way), **layers}, own).densities(["soil_retention"])
    return found["soil_retention.retained_soil"].values


def streams(way: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Streams by D8 are made from the upslope area; those that InVEST traces along several directions are given."""
    if way == "d8":
        return {}, {"stream_threshold": f"{basin.STREAM_CELLS * basin.CELL**2} m^2"}
    return {"stream_share": grid(INVEST["stream_mfd"], "1")}, {}


@pytest.mark.parametrize("way", LIMITS)
def test_ls_factor_with_its_limit(profile, way):
    """Retained soil over R K (1 - C P), with no stream left out."""
    layers, of = basin.layers(), basin.OF_CLASS
    cover = basin.land_cover()
    practice = np.vectorize(lambda code: of["cover_factor"][code] * of["practice_factor"][code])(cover)
    found = avoided(profile, way, {"stream_share": grid(np.zeros(cover.shape), "1")})
    has_cover = practice < 1  # bare ground keeps nothing
    ls = found[has_cover] / (layers["rainfall_erosivity"] * layers["soil_erodibility"] * (1 - practice))[has_cover]
    assert ls == pytest.approx(INVEST[f"ls_{way}"][has_cover], rel=1e-6)


def test_the_limit_is_reached_by_some_cells():
    sine = np.sin(np.arctan(INVEST["slope"] / 100))
    share = INVEST["ls_d8"] / np.where(INVEST["slope"] < 9, 10.8 * sine + 0.03, 16.8 * sine - 0.5)
    assert np.nanmax(share) == pytest.approx(1.3, rel=1e-6)
    assert np.nanmin(share) < 1.29


@pytest.mark.parametrize("way", LIMITS)
def test_potential_and_actual_soil_loss_beside_streams(profile, way):
    """RKLS is what is kept where nothing is lost; USLE what a cover that loses something keeps less."""
    layers, numbers = streams(way)
    kept = avoided(profile, way, layers, numbers)
    everything = avoided(profile, way, layers, {**numbers, "practice_factor": 0.0})
    is_stream = INVEST[f"stream_{way}"] == 1
    assert is_stream.any()
    assert (everything[is_stream] == 0).all()
    assert np.isnan(INVEST[f"rkls_{way}"][is_stream]).all()
    same(everything, INVEST[f"rkls_{way}"])
    same(everything - kept, INVEST[f"usle_{way}"])
    same(kept, INVEST[f"avoided_erosion_{way}"])


def test_slope_from_elevation_is_that_of_invest_where_a_cell_has_neighbours(profile):
    of = study(profile, {**terrain("d8"), "slope": None}, {"highest_length_factor": LIMITS["d8"], **streams("d8")[1]})
    made = of.densities(["soil_retention"])["soil_retention.retained_soil"].values
    inner = (slice(1, -1), slice(1, -1))
    expected = np.nan_to_num(INVEST["avoided_erosion_d8"])
    assert made[inner] == pytest.approx(expected[inner], rel=1e-6)
    assert np.isnan(made[0]).all()  # InVEST goes on with the sides that are left; gep has no slope there


def test_the_raster_of_invest_is_taken_as_it_is(profile):
    """Cells with the cell itself among them, by a scale and an offset of the layer, as the page on InVEST has it."""
    area = basin.CELL**2
    cells = grid(INVEST["flow_accumulation_d8"], "1")
    layer = gep.LayerSpec("upslope_area", cells, units="m^2", scale=area, offset=-area)
    _, numbers = streams("d8")
    same(avoided(profile, "d8", {"upslope_area": layer}, numbers), INVEST["avoided_erosion_d8"])


def test_the_default_readings_are_others(profile):
    """Without the switches streams keep soil and the limit is one of the slope."""
    methods = {"soil_retention": {"streams": "keep", "slope_length": "desmet_govers"}}
    aspect = {"aspect": grid(np.full(INVEST["slope"].shape, np.pi / 4), "rad")}
    found = study(profile, {**terrain("mfd"), **aspect}, methods=methods).densities(["soil_retention"])
    kept = found["soil_retention.retained_soil"].values
    assert (kept[INVEST["stream_mfd"] == 1] > 0).any()
    assert not np.allclose(kept, np.nan_to_num(INVEST["avoided_erosion_mfd"]), rtol=0.01)


# carbon ---------------------------------------------------------------------------------------------------------------

POOLS = ("above_ground_carbon", "below_ground_carbon", "soil_carbon", "dead_carbon")


def totals() -> dict[str, float]:
    with (HERE / "carbon_totals.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"].removesuffix(".tif"): float(row["total"]) for row in csv.DictReader(file)}


def stored(account: Any) -> float:
    return sum(value for _, value, unit in account.by("component", measure="stock") if unit == "t{carbon}")


def test_carbon_of_four_pools(profile):
    of = study(profile, {})
    found = of.densities(["carbon_storage"])
    same(sum(found[f"carbon_storage.{pool}"] for pool in POOLS), INVEST["c_storage_bas"])
    assert found["carbon_storage.soil_carbon"].attrs["units"] == "t hm-2"
    assert found["carbon_storage.soil_carbon"].attrs["substance"] == "carbon"
    account = of.run()
    assert stored(account) == pytest.approx(totals()["c_storage_bas"], rel=1e-6)


def test_change_of_carbon_with_the_land_cover_and_what_it_is_worth(profile):
    now, col = study(profile, {}), np.arange(basin.COLS)[None, :]
    west = grid(np.broadcast_to(col < 5, (basin.ROWS, basin.COLS)).copy(), "1").astype(bool)
    half = now.convert(where=west, from_="cropland", to="forest/mixed").after
    south = grid(np.broadcast_to(np.arange(basin.ROWS)[:, None] > 5, west.shape).copy(), "1").astype(bool)
    later = half.convert(where=south, from_="grassland", to="desert/bare").after
    change = gep.Accounts({"cover": ["now", "later"]}, {("now",): now.run(), ("later",): later.run()})
    rows = change.difference("service", measure="stock")
    assert rows["service"].tolist() == ["carbon_storage"]
    assert rows["change"].sum() == pytest.approx(totals()["c_change_bas_alt"], rel=1e-6)
    worth = present_value_of_stock_change(
        stock_change=rows["change"].sum(),
        carbon_stock_price=basin.CARBON_PRICE,
        discount_rate=basin.DISCOUNT_RATE / 100,
        price_fall=basin.PRICE_FALL / 100,
        change_years=basin.YEARS[1] - basin.YEARS[0],
        payment_interval=1.0,
    )
    assert worth == pytest.approx(totals()["npv_alt"], rel=1e-6)
