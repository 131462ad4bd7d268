"""Densities as lazy arrays: that they add up to the account, and are what tools for arrays expect."""

from __future__ import annotations

import math
import pickle
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import builders
import cf_units
import dask
import numpy as np
import pyproj
import pytest
import rioxarray
import xarray as xr
from builders import (
    ALPHA,
    DRYLAND,
    EQUAL_AREA,
    FOREST,
    KM2,
    LAKE,
    LONLAT,
    NORTH,
    SIDE,
    STEPPE,
    block,
    constant,
    own_coefficients,
    raster,
    statistics,
    zones,
)
from coarse_city import opened

import gep
from gep.account.account import Account
from gep.core.catalog import CellComponent
from gep.core.errors import InputError, MissingFeatureError, UnitError, UsageError
from gep.core.units import cf_attributes, convert, linear, product, unit_of_attributes
from gep.engine.densities import Drawing
from gep.plan.planner import make_plan
from gep.services import SERVICES
from gep.services.oxygen_release import oxygen_of_carbon
from gep.standards.profile import load_profile, profile_ids
from gep.study.study import Study

make_study = partial(builders.make_study, of=("water_retention",))
SHAPE = (4, 6)
COUNTIES = zones(block(0, 0, 3, 4), block(3, 0, 6, 4))
WATER, VALUE = "water_retention.retained_water", "water_retention.value"


def cover() -> xr.DataArray:
    codes = np.full(SHAPE, FOREST, dtype=np.uint8)
    codes[2:, :4], codes[0, 5], codes[3, 5] = STEPPE, LAKE, DRYLAND
    return raster(codes)


def layers() -> dict[str, xr.DataArray]:
    found = builders.water_layers(SHAPE)
    found["precipitation"] = raster(np.linspace(500, 1700, 24).reshape(SHAPE), "mm/year")
    found["precipitation"][0, 0] = np.nan
    return found


def small() -> Study:
    return make_study(cover(), layers(), COUNTIES)


def integral(density: xr.DataArray, area: xr.DataArray) -> float:
    """What a density adds up to, in its own unit times m2."""
    return math.fsum((density * area).values[np.isfinite(density.values)].tolist())


def agrees(densities: xr.Dataset, account: Account) -> int:
    """Each density times the area of its cells against the entries of the account; how many were compared."""
    loaded = densities.compute(scheduler="synchronous")
    for name, density in loaded.items():
        if name == "area":
            continue
        service, _, component = str(name).partition(".")
        entries = [e for e in account.entries if e.service == service and not e.is_area]
        if component == "value":
            components = density.attrs["components"].split(", ")
            expected = math.fsum(e.value for e in entries if e.component in components and e.value is not None)
            found = integral(density, loaded.area)
        else:
            of_component = [e for e in entries if e.component == component and e.quantity is not None]
            expected = math.fsum(e.quantity or 0.0 for e in of_component)
            unit = product(unit_of_attributes(density.attrs) or "", "m^2")
            found = convert(integral(density, loaded.area), unit, of_component[0].unit) if of_component else 0.0
        assert found == pytest.approx(expected, rel=1e-12), name
    return len(loaded) - 1


# they add up to the account -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", profile_ids())
def test_densities_integrate_to_the_account(sample_city: Path, profile: str):
    """On cells of 300 m, which counties and classes of 30 m share."""
    study = Study.from_spec(replace(opened(sample_city).spec, profile=profile))
    densities, account = study.densities(), study.run(record=False)
    on_cells = {
        f"{service.id}.{part.component.id}"
        for service in make_plan(study.inputs).services
        for part in service.components
        if isinstance(part.component, CellComponent)
    }
    computed = {f"{e.service}.{e.component}" for e in account.entries if e.quantity is not None}
    assert set(densities) >= on_cells & computed
    assert agrees(densities, account) >= 3
    areas = [e.quantity for e in account.entries if e.is_area]
    assert math.fsum(densities.area.values.ravel().tolist()) == pytest.approx(math.fsum(areas), rel=1e-12)


def test_what_is_on_cells_by_hand(tmp_path: Path):
    """Rain less 4.52 or 3.94 % runoff less 700 mm; a cubic metre at 10 CNY."""
    own = own_coefficients(tmp_path, ("reservoir_cost", "", 10.0, "CNY/m^3", 2019))
    found = make_study(cover(), layers(), COUNTIES, coefficients={"own": own}).densities().compute()
    rain = np.linspace(500, 1700, 24).reshape(SHAPE)
    forest, steppe = (rain * (1 - ALPHA[of]) - 700 for of in (FOREST, STEPPE))
    assert found[WATER].values[0, 1] == pytest.approx(forest[0, 1], rel=1e-12)
    assert found[WATER].values[3, 2] == pytest.approx(steppe[3, 2], rel=1e-12)
    assert found[VALUE].values[3, 2] == pytest.approx(steppe[3, 2] / 1000 * 10, rel=1e-12)
    missing = {tuple(cell) for cell in np.argwhere(np.isnan(found[WATER].values)).tolist()}
    assert missing == {(0, 0), (0, 5), (3, 5)}  # no rain given; lake and dryland are not counted
    np.testing.assert_allclose(found.area, KM2, rtol=1e-6)


def test_a_cell_at_the_border_has_the_area_inside():
    """Half of the first column is outside; of the last cell that counts, a quarter is steppe and the rest a lake."""
    codes = np.full((2, 4), FOREST, dtype=np.uint8)
    codes[0, 2], codes[:, 3], codes[1, 2] = LAKE, LAKE, LAKE
    fine = raster(codes, cell=SIDE / 2)
    water = {
        name: raster(np.full((2, 4), depth), "mm/year", cell=SIDE / 2)
        for name, depth in (("precipitation", 1200.0), ("evapotranspiration", 700.0))
    }
    codes[0, 2] = STEPPE
    study = make_study(
        raster(codes, cell=SIDE / 2),
        water,
        zones(block(0.5, 0, 2, 1)),
        grid=(EQUAL_AREA, SIDE),
        coverage="fraction",
    )
    assert fine.shape == (2, 4)
    found = study.densities().compute()
    np.testing.assert_allclose(found.area, [[KM2 / 2, KM2]], rtol=1e-6)
    forest, steppe = (1200 * (1 - ALPHA[of]) - 700 for of in (FOREST, STEPPE))
    np.testing.assert_allclose(found[WATER], [[forest, steppe / 4]], rtol=1e-12)
    assert agrees(study.densities(), study.run(record=False)) == 2


def test_a_price_of_one_county_is_that_of_its_cells(tmp_path: Path):
    """10 000 CNY/hm² of forest of the highest diversity, raised by a tenth for each of three points of rarity in county
    101: 1.3 and 1 CNY/m².
    """
    own = own_coefficients(
        tmp_path,
        ("shannon_index", "forest", 6.2, "1"),
        ("index_weight", "", 0.1, "1"),
        ("species_price_1", "", 10_000.0, "CNY/(hm^2*year)", 2019),
    )
    rarity = [("101", "endangered_index", 3.0), ("102", "endangered_index", 0.0)]
    rarity += [("_city", item, 0.0) for item in ("endemic_index", "old_tree_index")]
    study = builders.make_study(
        np.full(SHAPE, FOREST),
        {},
        COUNTIES,
        off=dict.fromkeys(set(load_profile("forest-gbt38582").rules) - {"species_conservation"}, "not tested"),
        coefficients={"own": own},
        profile="forest-gbt38582",
        tables={"rarity": statistics(*((zone, item, "quantity", value, "1") for zone, item, value in rarity))},
    )
    found = study.densities(measures=["value"])["species_conservation.value"].values
    np.testing.assert_allclose(found, np.repeat([[1.3, 1.3, 1.3, 1.0, 1.0, 1.0]], 4, axis=0), rtol=1e-12)
    assert agrees(study.densities(), study.run(record=False)) > 1


def test_a_grid_of_several_squares_and_its_chunks():
    """Nine squares of 512 cells, on degrees, with coarse layers: any chunk gives the same bits, each drawn once."""
    study = large()
    found = study.densities(measures=["quantity"])
    assert [len(sizes) for sizes in found[WATER].chunks] == [3, 3]
    drawn: list[Any] = []
    draw = Drawing.draw

    def counted(self: Drawing, block: Any) -> Any:
        drawn.append(block)
        return draw(self, block)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Drawing, "draw", counted)
        loaded = found.compute()
    assert len(drawn) == 9
    wide = study.densities(measures=["quantity"], chunk=1024).compute(scheduler="synchronous")
    xr.testing.assert_identical(loaded, wide)
    assert agrees(found, study.run(record=False)) == 1
    with pytest.raises(UsageError, match="multiple of 512"):
        study.densities(chunk=100)


def large() -> Study:
    rng = np.random.default_rng(3)
    shape, cell = (1100, 1200), 0.01
    codes = raster(
        rng.choice([FOREST, STEPPE, LAKE], shape).astype(np.uint8), crs=LONLAT, west=100, north=40, cell=cell
    )
    at = {"crs": LONLAT, "west": 99, "north": 41}
    coarse = {
        "precipitation": raster(rng.uniform(600, 1500, (30, 30)), "mm/year", cell=0.5, **at),
        "evapotranspiration": raster(rng.uniform(300, 900, (140, 140)), "mm/year", cell=0.1, **at),
    }
    county = block(7.3, 13.8, 1180.2, 1090.1, west=100, north=40, cell=cell)
    return make_study(codes, coarse, zones(county, crs=LONLAT))


# they are lazy --------------------------------------------------------------------------------------------------------


def test_nothing_is_computed_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    def refused(*_: Any) -> Any:
        raise AssertionError("drawn")

    monkeypatch.setattr(Drawing, "draw", refused)
    found = small().densities()
    assert all(dask.is_dask_collection(density.data) for density in found.values())
    with pytest.raises(AssertionError, match="drawn"):
        found[WATER].compute(scheduler="synchronous")


def test_lazy_densities_travel_by_pickle():
    found = small().densities()
    xr.testing.assert_identical(pickle.loads(pickle.dumps(found)).compute(), found.compute())


def test_an_input_that_cannot_be_read_stops_at_once(tmp_path: Path):
    study = make_study(cover(), {**layers(), "precipitation": tmp_path / "no.tif"}, COUNTIES)
    with pytest.raises(InputError):
        study.densities()


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(MissingFeatureError, match=r"gep\[dask\]") as refused:
        small().densities()
    assert "gep[dask]" in refused.value.message.zh


# which, and what they say ---------------------------------------------------------------------------------------------


def test_services_and_measures_are_chosen_and_misspelt():
    study = builders.make_study(cover(), layers(), COUNTIES, of=("water_retention", "soil_retention"))
    assert set(study.densities(["water_retention"])) == {"area", WATER, VALUE}
    assert set(study.densities(["water_retention"], ["value"])) == {"area", VALUE}
    assert "soil_retention: " in study.densities().attrs["missing"]
    assert "missing" not in study.densities(["water_retention"]).attrs
    with pytest.raises(UsageError, match="Did you mean `water_retention`"):
        study.densities(["water_retenton"])
    with pytest.raises(UsageError, match="given as a list"):
        study.densities(measures=["values"])  # type: ignore[list-item]  # what is tried


def test_what_emissions_limit_has_no_value_on_cells():
    """What counts of it is known by county only."""
    of = ("so2", "nox", "dust")
    tables = {"emissions": builders.emissions(**{name: {"101": 1e9, "102": 1e9} for name in of})}
    found = builders.make_study(
        np.full(SHAPE, FOREST), {}, COUNTIES, of=("air_purification",), tables=tables
    ).densities()
    assert set(found) == {"area", *(f"air_purification.{name}" for name in of)}
    assert "before caps at emissions" in found["air_purification.so2"].attrs["rules_on_totals"]
    assert found["air_purification.so2"].attrs["substance"] == "SO2"


def test_nothing_but_what_they_are_is_said_of_them():
    """Scale, missing value, range and names of an input are those of its file."""
    packed = layers()
    packed["precipitation"].attrs |= {"scale_factor": 1.0, "valid_max": 9.0, "history": "ours", "_FillValue": -1.0}
    found = make_study(cover(), packed, COUNTIES).densities()
    assert set(found[WATER].attrs) == {
        *("units", "ucum", "long_name", "long_name_zh", "cell_methods", "measure", "components", "equation")
    }
    assert found[WATER].attrs["long_name"] == "Water retention: Retained water"
    assert found[WATER].attrs["units"] == "mm year-1"
    value = found[VALUE].attrs
    assert (value["units"], value["currency"], value["price_year"]) == ("m-2 year-1", "CNY", "2019")
    assert value["long_name"] == "Water retention: value, CNY at prices of 2019"
    assert value["long_name_zh"] == "水源涵养：价值量（元，2019 年价格）"
    assert found.area.attrs["units"] == "m2"
    for axis, name in (("x", "projection_x_coordinate"), ("y", "projection_y_coordinate")):
        assert found[axis].attrs["standard_name"] == name
    on_degrees = large().densities()
    assert (on_degrees.lat.attrs["standard_name"], on_degrees.lon.attrs["units"]) == ("latitude", "degrees_east")


CELL_UNITS = sorted(
    {c.density.returns for s in SERVICES.values() for c in s.variants if isinstance(c, CellComponent)}
    | {"CNY/(m^2*year)", "10^4 m^3", "person/km^2", "percent", "degC", "kWh"}
)


@pytest.mark.parametrize("unit", CELL_UNITS)
def test_units_are_those_of_cf(unit: str):
    """UDUNITS reads each; what it makes of the areas and masses is what gep makes of them, and gep reads it again."""
    told = cf_attributes(unit)
    parsed = cf_units.Unit(told["units"])
    assert not parsed.is_unknown()
    if "hm-2" in told["units"]:
        coarse = cf_units.Unit(told["units"].replace("hm-2", "m-2"))
        assert parsed.convert(1.0, coarse) == pytest.approx(1e-4)
    counted = {"count", "person"} & set(unit.replace("/", " ").replace("(", " ").split())
    if not counted:
        assert linear(unit_of_attributes(told) or "", unit) == (1.0, 0.0)


# files ----------------------------------------------------------------------------------------------------------------


def same(found: xr.Dataset, again: xr.Dataset) -> None:
    for name, density in found.items():
        np.testing.assert_array_equal(again[name], density)
        assert {key: again[name].attrs[key] for key in density.attrs} == density.attrs
    for axis in found.dims:
        np.testing.assert_array_equal(again[axis], found[axis])


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_a_netcdf_file_holds_all_of_it(tmp_path: Path, engine: Any):
    found = small().densities()
    found.to_netcdf(tmp_path / "densities.nc", engine=engine)
    with xr.open_dataset(tmp_path / "densities.nc", engine=engine, decode_coords="all") as again:
        same(found.compute(), again)
        assert again[WATER].encoding["grid_mapping"] == "spatial_ref"
        assert pyproj.CRS(again.rio.crs) == pyproj.CRS(EQUAL_AREA)
        assert pyproj.CRS.from_cf(again.spatial_ref.attrs) == pyproj.CRS(EQUAL_AREA)
        assert again.attrs["Conventions"] == "CF-1.11"


def test_a_zarr_store_holds_all_of_it(tmp_path: Path):
    found = large().densities()
    found.to_zarr(tmp_path / "densities.zarr", consolidated=False)
    again = xr.open_zarr(tmp_path / "densities.zarr", consolidated=False, decode_coords="all")
    same(found.compute(), again.compute())
    assert again[WATER].chunks == found[WATER].chunks
    assert again.rio.crs == LONLAT


def test_a_geotiff_lies_where_it_should(tmp_path: Path):
    found = small().densities()
    found[WATER].rio.to_raster(tmp_path / "water.tif")
    again = rioxarray.open_rasterio(tmp_path / "water.tif", masked=True).squeeze("band")
    np.testing.assert_array_equal(again.values, found[WATER].values)
    assert pyproj.CRS(again.rio.crs) == pyproj.CRS(EQUAL_AREA)
    assert tuple(again.rio.transform())[:6] == (SIDE, 0, builders.WEST, 0, -SIDE, NORTH)
    on_degrees = large().densities()[WATER][:20, :30]
    on_degrees.rio.to_raster(tmp_path / "degrees.tif")
    assert rioxarray.open_rasterio(tmp_path / "degrees.tif").rio.bounds() == pytest.approx(on_degrees.rio.bounds())


def test_a_density_is_an_input_again(tmp_path: Path):
    """Read from its file with its unit, substance and place, as a layer and as an argument of an equation."""
    found = small().densities()
    found[[WATER]].to_netcdf(tmp_path / "water.nc", engine="h5netcdf")
    again = make_study(
        cover(),
        {
            "precipitation": gep.LayerSpec("", tmp_path / "water.nc", variable=WATER),
            "evapotranspiration": constant(0, "mm/year", SHAPE),
        },
        COUNTIES,
    )
    assert again.inputs.layers["precipitation"].unit == "mm/year"
    assert not [p for p in again.inputs.problems if p.severity == "error"]


def test_a_density_is_an_argument_again():
    """2 g of CO2, half a gram of oxygen for each: 1 g, of `g m-2 year-1` with the substance beside it."""
    carbon = constant(2.0, "", (1, 1)).assign_attrs(cf_attributes("g*CO2/(m^2*year)"))
    assert carbon.attrs["units"] == "g m-2 year-1"
    found = oxygen_of_carbon(carbon, "0.5 g*O2/(g*CO2)")
    np.testing.assert_allclose(found, [[1.0]])
    with pytest.raises(UnitError, match="CO2"):
        oxygen_of_carbon(carbon.assign_attrs(substance="SO2"), "0.5 g*O2/(g*CO2)")


def test_own_coefficients_and_switches_are_those_of_the_run(tmp_path: Path):
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest/evergreen_needleleaf", 0.1, "1"))
    study = make_study(cover(), layers(), COUNTIES, coefficients={"own": own})
    rain = np.linspace(500, 1700, 24)[1]
    assert study.densities()[WATER].values[0, 1] == pytest.approx(rain * 0.9 - 700, rel=1e-12)
    clipped = make_study(cover(), layers(), COUNTIES, methods={"water_retention": {"negative": "clip_cell"}})
    assert float(clipped.densities()[WATER].min()) == 0
    assert agrees(clipped.densities(), clipped.run(record=False)) == 2
