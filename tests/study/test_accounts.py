"""Years, draws and scenarios as dimensions: several accounts of one study, what is made of them, and land that is
converted.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from builders import (
    ALPHA,
    CLASSES,
    DRYLAND,
    FOREST,
    KM2,
    STEPPE,
    block,
    constant,
    make_study,
    own_coefficients,
    raster,
    statistics,
    water_layers,
    write_tif,
    zones,
)

import gep
from gep.account.account import Account
from gep.account.entries import About, Entry
from gep.core.errors import AccountError, InputError, ProjectError, UsageError
from gep.plan.planner import make_plan
from gep.study import stack

SHAPE = (2, 4)
COUNTIES = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
WATER = "water_retention"
YEARS = [2018, 2019, 2020]
PRICE = {"reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2019}}
DEPTH = 1000 * (1 - ALPHA[FOREST]) - 600


def study(**given: Any) -> gep.Study:
    cover = given.pop("cover", np.full(SHAPE, FOREST))
    layers = given.pop("layers", water_layers(SHAPE, 1000.0, 600.0))
    return make_study(cover, layers, COUNTIES, **{"of": [WATER], "price_year": 2019, "coefficients": PRICE, **given})


def by_year(values: list[float], unit: str = "mm/year") -> xr.DataArray:
    fields = [constant(value, unit, SHAPE) for value in values]
    return xr.concat(fields, pd.Index(YEARS, name="year"))


def worth(depth: float) -> float:
    """Millimetres on eight square kilometres at 10 CNY/m3."""
    return depth / 1000 * 8 * KM2 * 10


# years ----------------------------------------------------------------------------------------------------------------


def test_years_of_layers_and_tables_are_a_stack_of_accounts():
    rows = [(zone, "population", "quantity", 100.0 * (at + 1), "person") for at in range(3) for zone in ("101", "102")]
    table = statistics(*rows, year=[year for year in YEARS for _ in range(2)])
    layers = {
        "precipitation": by_year([1000.0, 900.0, 1100.0]),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    accounts = study(year=YEARS, layers=layers, tables={"people": table}).accounts()
    assert accounts.dims == {"year": (2018, 2019, 2020)}
    expected = [worth(rain * (1 - ALPHA[FOREST]) - 600) for rain in (1000.0, 900.0, 1100.0)]
    np.testing.assert_allclose(accounts.total(), expected, rtol=1e-9)
    for at, year in enumerate(YEARS):
        account = accounts.sel(year=year)
        assert isinstance(account, gep.Account)
        assert account.about.year == year
        assert account.about.statistics["population"] == {"101": 100.0 * (at + 1), "102": 100.0 * (at + 1)}


def test_land_cover_by_year():
    """In 2020 all is steppe."""
    cover = xr.concat(
        [raster(np.full(SHAPE, code, np.uint8)) for code in (FOREST, FOREST, STEPPE)], pd.Index(YEARS, name="year")
    )
    accounts = study(year=[2018, 2020], cover=cover).accounts()
    frame = accounts.to_frame("ecosystem", measure="area")
    assert frame[["year", "ecosystem"]].to_numpy().tolist() == [[2018, "forest"], [2020, "grassland"]]


def test_files_and_arrays_year_by_year(tmp_path: Path):
    paths = {}
    for year, rain in ((2018, 1000.0), (2020, 1100.0)):
        paths[year] = write_tif(constant(rain, "mm/year", SHAPE), tmp_path / f"rain_{year}.tif")
    rain = {year: gep.LayerSpec("", path, units="mm/year") for year, path in paths.items()}
    cover = {2018: np.full(SHAPE, FOREST, np.uint8), 2020: np.full(SHAPE, STEPPE, np.uint8)}
    layers = {"precipitation": rain, "evapotranspiration": constant(600.0, "mm/year", SHAPE)}
    by_year = {year: raster(codes) for year, codes in cover.items()}
    totals = study(year=[2018, 2020], layers=layers, cover=by_year).accounts().total()
    np.testing.assert_allclose(totals, [worth(DEPTH), worth(1100 * (1 - ALPHA[STEPPE]) - 600)], rtol=1e-9)
    with pytest.raises(UsageError, match="has no 2019"):
        study(year=[2018, 2019], layers=layers).accounts()


def test_each_account_is_that_of_its_year_alone():
    layers = {
        "precipitation": by_year([1000.0, 900.0, 1100.0]),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    accounts = study(year=YEARS, layers=layers).accounts()
    alone = study(year=2020, layers=layers | {"precipitation": layers["precipitation"].sel(year=2020, drop=True)})
    assert accounts.sel(year=2020).digest == alone.run(record=False).digest


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"year": 2019}, r"year=\[…\]"),
        ({"year": [2018, 2031]}, "has no 2031"),
    ],
)
def test_years_that_are_not_said_or_not_there(given: dict[str, Any], said: str):
    layers = {
        "precipitation": by_year([1000.0, 900.0, 1100.0]),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    with pytest.raises(UsageError, match=said):
        study(layers=layers, **given).accounts()


def test_one_account_of_a_study_that_varies_is_refused():
    varied = study(year=[2018, 2019])
    with pytest.raises(UsageError, match="accounts"):
        varied.run()
    with pytest.raises(UsageError, match="accounts"):
        varied.maps(Path("nowhere"))
    assert len(varied.accounts()) == 2
    assert len(study().accounts()) == 1


def test_densities_of_years_lie_along_them():
    layers = {
        "precipitation": by_year([1000.0, 900.0, 1100.0]),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    found = study(year=YEARS, layers=layers).densities(measures=["quantity"])
    assert found[f"{WATER}.retained_water"].dims == ("year", "y", "x")
    assert found.area.dims == ("y", "x")
    expected = 1100 * (1 - ALPHA[FOREST]) - 600
    np.testing.assert_allclose(found[f"{WATER}.retained_water"].sel(year=2020), expected)


# draws and scenarios --------------------------------------------------------------------------------------------------


def test_draws_of_a_coefficient_are_summed_in_one_pass(monkeypatch: pytest.MonkeyPatch):
    """Each is the account that a study with that number alone has, to the last bit; the grid is gone over twice: by the
    first with its tests, and by all.
    """
    passes = []
    run = stack.run

    def counted(plan: Any, **options: Any) -> Any:
        passes.append(len(plan.flows))
        return run(plan, **options)

    monkeypatch.setattr(stack, "run", counted)
    draws = xr.DataArray([0.0, 0.1, 0.2, 0.1], dims="draw", coords={"draw": [1, 2, 3, 4]})
    accounts = study(coefficients={**PRICE, "runoff_coefficient": {"forest": draws}}).accounts()
    assert passes == [3]  # of the same number once
    np.testing.assert_allclose(accounts.total(), [worth(depth) for depth in (400.0, 300.0, 200.0, 300.0)], rtol=1e-9)
    for draw, runoff in ((1, 0.0), (3, 0.2)):
        alone = study(coefficients={**PRICE, "runoff_coefficient": {"forest": runoff}})
        assert accounts.sel(draw=draw).digest == alone.run(record=False, loop="numpy").digest
    first = accounts.sel(draw=1)
    assert isinstance(first, gep.Account)
    assert first.about.coverage == alone.run(record=False).about.coverage


def test_prices_that_vary_need_no_pass_of_their_own(monkeypatch: pytest.MonkeyPatch):
    passes = []
    run = stack.run
    monkeypatch.setattr(stack, "run", lambda plan, **options: passes.append(len(plan.flows)) or run(plan, **options))
    price = xr.DataArray(
        [10.0, 20.0], dims="scenario", coords={"scenario": ["low", "high"]}, attrs={"units": "CNY/m^3"}
    )
    accounts = study(coefficients={"reservoir_cost": {"value": price, "price_year": 2019}}).accounts()
    assert passes == [1]
    np.testing.assert_allclose(accounts.total(), [worth(DEPTH), 2 * worth(DEPTH)], rtol=1e-9)


def test_dimensions_cross():
    """Two years by three draws."""
    layers = {
        "precipitation": by_year([1000.0, 900.0, 1100.0]),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    draws = xr.DataArray([0.0, 0.1, 0.2], dims="draw")
    accounts = study(year=[2018, 2020], layers=layers, coefficients={**PRICE, "runoff_coefficient": draws}).accounts()
    assert accounts.dims == {"year": (2018, 2020), "draw": (0, 1, 2)}
    expected = [[worth(rain * (1 - runoff) - 600) for runoff in (0.0, 0.1, 0.2)] for rain in (1000.0, 1100.0)]
    np.testing.assert_allclose(accounts.total(), expected, rtol=1e-9)
    assert len(accounts.sel(year=2018)) == 3


def test_a_layer_may_have_scenarios():
    rain = xr.concat(
        [constant(v, "mm/year", SHAPE) for v in (1000.0, 1200.0)], pd.Index(["now", "wet"], name="scenario")
    )
    layers = {"precipitation": rain, "evapotranspiration": constant(600.0, "mm/year", SHAPE)}
    totals = study(layers=layers).accounts().total()
    np.testing.assert_allclose(totals, [worth(DEPTH), worth(1200 * (1 - ALPHA[FOREST]) - 600)], rtol=1e-9)


def test_numbers_of_a_layer_that_is_made_on_its_own_grid_vary_too():
    """Erosivity of coarse rain is worked out on the grid of the rain, with its constants: each draw has its own pass,
    and soil is in proportion.
    """
    layers = {
        "monthly_precipitation": raster(np.full((12, 2, 2), 100.0), "mm", cell=4000.0),
        "soil_erodibility": constant(0.03, "t*hm^2*h/(hm^2*MJ*mm)", SHAPE),
        "slope_length_steepness": constant(2.0, "1", SHAPE),
        "vegetation_cover": constant(0.5, "1", SHAPE),
    }
    base = study(layers=layers, of=["soil_retention"], coefficients={})
    assert "erosivity_annual_scale" in stack._constants(make_plan(base.inputs))["rainfall_erosivity"]
    row = base.inputs.coefficients.lookup("erosivity_annual_scale")
    assert row is not None
    scale = xr.DataArray([row.row.value, 2 * row.row.value], dims="draw", attrs={"units": row.row.unit})
    accounts = base.with_coefficients({"erosivity_annual_scale": scale}).accounts()
    soil = accounts.to_xarray("service", "component", measure="quantity").sel(component="retained_soil").squeeze()
    assert float(soil[1] / soil[0]) == pytest.approx(2.0, rel=1e-12)


def test_wrong_draws_stop_all():
    with pytest.raises(InputError):
        study(coefficients={"runoff_coefficient": xr.DataArray([0.1, 5.0], dims="draw")}).accounts()


def test_a_method_that_changes_between_years_is_told_as_of_finished_runs():
    """Rain of 2020 comes on cells of another size: another product, whose effect is no growth."""
    coarse = constant(900.0, "mm/year", (1, 2), cell=2000.0)
    rain = {2018: constant(1000.0, "mm/year", SHAPE), 2020: coarse}
    varied = study(
        year=[2018, 2020], layers={"precipitation": rain, "evapotranspiration": constant(600.0, "mm/year", SHAPE)}
    )
    found = varied.accounts().compare()
    assert list(found.other) == [WATER]
    assert "another data product (Precipitation)" in str(found.other[WATER])
    change = worth(900 * (1 - ALPHA[FOREST]) - 600) - worth(DEPTH)
    assert found.total.effects.method == pytest.approx(change, rel=1e-9)
    untold = varied.accounts(record=False).compare()
    assert not untold.other
    assert "how 2018, 2020 were computed" in str(untold.notes)
    assert "were computed" not in str(found.notes)


# what is made of them -------------------------------------------------------------------------------------------------


def accounts_of_years(**given: Any) -> gep.Accounts:
    layers = {
        "precipitation": by_year([1000.0, 900.0, 1100.0]),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    return study(year=YEARS, layers=layers, **given).accounts()


def test_a_frame_and_an_array_of_them():
    accounts = accounts_of_years()
    frame = accounts.to_frame("zone", "service")
    assert list(frame.columns) == ["year", "zone", "service", "value", "unit"]
    assert len(frame) == 6
    array = accounts.to_xarray("zone", "service")
    assert array.dims == ("year", "zone", "service")
    np.testing.assert_allclose(array.sum(["zone", "service"]), accounts.total())
    assert array.attrs["currency"] == "CNY"
    quantity = accounts.to_xarray("service", "component", measure="quantity")
    assert quantity.attrs["units"] == "m3"
    rows = array.to_dataframe().reset_index()
    merged = frame.merge(rows, on=["year", "zone", "service"])
    np.testing.assert_allclose(merged["value_x"], merged["value_y"])


def test_figures_of_several_units_are_asked_by_component():
    found = make_study(np.full(SHAPE, FOREST), water_layers(SHAPE, 1000.0, 600.0), COUNTIES, of=[]).accounts()
    with pytest.raises(AccountError, match="component"):
        found.to_xarray("zone", measure="quantity")
    units = found.to_xarray("service", "component", measure="quantity").coords["unit"]
    assert str(units.sel(service=WATER, component="retained_water").item()) == "m3"


def test_a_difference_by_county_and_service():
    found = accounts_of_years().difference(year=(2018, 2019))
    change = worth(900 * (1 - ALPHA[FOREST]) - 600) - worth(DEPTH)
    assert found["zone"].tolist() == ["101", "102"]
    np.testing.assert_allclose(found["change"], [change / 2, change / 2], rtol=1e-9)
    np.testing.assert_allclose(found["share"], change / worth(DEPTH), rtol=1e-9)


def test_a_sum_over_the_years():
    accounts = accounts_of_years()
    found = accounts.sum("service")
    np.testing.assert_allclose(found["value"], [float(accounts.total().sum())], rtol=1e-12)


def test_what_one_account_has_no_figure_of_is_missing_and_not_zero():
    """The second account lacks the figures of county 102."""
    first, second, *_ = accounts_of_years()
    lacking = second.replace([entry for entry in second.entries if entry.zone != "102"])
    both = gep.Accounts({"year": [2018, 2019]}, {(2018,): first, (2019,): lacking})
    found = both.difference().set_index("zone")
    assert np.isnan(found.loc["102", ["after", "change", "share"]].astype(float)).all()
    assert np.isfinite(found.loc["101", "change"])
    of_both = both.sum("zone").set_index("zone")["value"]
    assert np.isnan(of_both["102"])
    assert of_both["101"] == pytest.approx(worth(DEPTH) / 2 + worth(900 * (1 - ALPHA[FOREST]) - 600) / 2)


def test_the_rounding_of_a_sum_is_no_change():
    """Three tenths are not a tenth and two tenths in binary numbers; one part in a million is a change."""

    def worth_of(value: float) -> Account:
        entry = Entry("101", "", "forest", "mixed", service=WATER, value=value, price_basis="current")
        return Account([entry], About("A", 2020))

    for then, now, change in ((0.3, 0.1 + 0.2, 0.0), (0.3, 0.3 * (1 + 1e-6), 3e-7)):
        found = gep.Accounts({"of": ["then", "now"]}, {("then",): worth_of(then), ("now",): worth_of(now)}).difference()
        assert found["change"].item() == pytest.approx(change, rel=1e-6, abs=0.0)
        assert found["share"].item() == pytest.approx(change / 0.3, rel=1e-6, abs=0)


def test_prices_of_different_years_do_not_add_up():
    """Without a price year each account is at prices of its own."""
    accounts = accounts_of_years(price_year=None, coefficients={})
    for refused in (lambda: accounts.sum("service"), lambda: accounts.difference(year=(2018, 2019))):
        with pytest.raises(AccountError, match="2018"):
            refused()
    quantities = accounts.difference(year=(2018, 2019), measure="quantity")
    assert len(quantities) == 2
    assert len(accounts.to_frame()) == 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda accounts: accounts.sel(yaer=2018), "Did you mean `year`"),
        (lambda accounts: accounts.sel(year=1990), "has no `1990`"),
        (lambda accounts: accounts.difference(), "two labels"),
        (lambda accounts: accounts.difference(year=(2018,)), "two labels"),
    ],
)
def test_what_is_not_among_them(asked: Any, said: str):
    with pytest.raises(UsageError, match=said):
        asked(accounts_of_years())


def test_they_survive_a_pickle_and_show_themselves():
    accounts = accounts_of_years()
    again = pickle.loads(pickle.dumps(accounts))
    assert [one.digest for one in again] == [one.digest for one in accounts]
    assert repr(accounts) == "<Accounts Test (year: 3)>"
    assert WATER in accounts._repr_html_()
    one = next(iter(accounts))
    many = gep.Accounts({"draw": range(500)}, {(draw,): one for draw in range(500)})
    assert many._repr_html_().count("<tr>") < 20  # the first and the last of them


# with other layers and numbers ----------------------------------------------------------------------------------------


def test_with_layers():
    base = study()
    wetter = base.with_layers(precipitation=constant(1200.0, "mm/year", SHAPE))
    assert wetter.run(record=False).total() == pytest.approx(worth(1200 * (1 - ALPHA[FOREST]) - 600))
    assert base.run(record=False).total() == pytest.approx(worth(DEPTH))
    with pytest.raises(ProjectError, match="server"):
        base.with_layers(precipitation="s3://bucket/rain.tif")
    with pytest.raises(ProjectError, match="server"):
        study(year=[2018], layers={"precipitation": {2018: "s3://bucket/rain.tif"}})
    without = base.with_layers({"evapotranspiration": None})
    assert "evapotranspiration" not in without.spec.layers
    with pytest.raises(UsageError, match="DataArray"):
        base.with_layers(precipitation=5)


def test_with_coefficients(tmp_path: Path):
    """A number takes the place of a row of a file at the same place."""
    own = own_coefficients(
        tmp_path, ("runoff_coefficient", "forest", 0.3, "1"), ("reservoir_cost", "", 10.0, "CNY/m^3", 2019)
    )
    base = study(coefficients={"own": own})
    assert base.run(record=False).total() == pytest.approx(worth(100.0))
    assert base.with_coefficients({"runoff_coefficient": {"forest": 0.1}}).run(record=False).total() == pytest.approx(
        worth(300.0)
    )


# conversion -----------------------------------------------------------------------------------------------------------

MIXED = np.array([[FOREST, FOREST, STEPPE, STEPPE], [DRYLAND, FOREST, DRYLAND, STEPPE]])
"""County 101: three cells of forest, one of dryland; county 102: three of steppe, one of dryland."""
VAPOUR = np.where(MIXED == DRYLAND, 500.0, np.where(MIXED == FOREST, 600.0, 550.0))


def mixed(**given: Any) -> gep.Study:
    layers = {"precipitation": constant(1000.0, "mm/year", SHAPE), "evapotranspiration": raster(VAPOUR, "mm/year")}
    return study(cover=MIXED, layers=layers, **given)


def test_cropland_becomes_forest_in_a_polygon():
    """The cell of dryland in county 101, which has no water of its own: at the evapotranspiration of dryland, since
    that is a layer given, and at that of forest where it is moved.
    """
    west = block(0, 0, 2, 2)
    kept = mixed().convert(where=west, from_="cropland", to="forest/evergreen_needleleaf")
    assert kept.conversion.cells == 1
    assert kept.stale == ("evapotranspiration",)
    assert "evapotranspiration still belong" in kept.said
    assert "evapotranspiration 仍属原土地覆盖" in kept.said.zh
    found = kept.difference()
    of_water = found[(found.service == WATER) & (found.zone == "101")]
    depth = 1000 * (1 - ALPHA[FOREST]) - 500
    assert of_water["change"].item() == pytest.approx(depth / 1000 * KM2 * 10)
    assert found[found.zone == "102"]["change"].abs().max() == 0
    moved = mixed().convert(where=west, from_="cropland", to="forest/evergreen_needleleaf", move=["evapotranspiration"])
    assert moved.stale == ()
    of_forest = moved.difference().set_index("zone")["change"]
    assert of_forest["101"] == pytest.approx(DEPTH / 1000 * KM2 * 10)
    areas = moved.difference("zone", "ecosystem", measure="area").set_index(["zone", "ecosystem"])["change"]
    assert areas["101", "forest"] == pytest.approx(KM2, rel=1e-6)
    assert areas["101", "cropland"] == pytest.approx(-KM2, rel=1e-6)


def mask(values: Any) -> xr.DataArray:
    return raster(np.asarray(values, dtype=bool))


@pytest.mark.parametrize(
    "where",
    [
        block(0, 1, 1, 2),
        zones(block(0, 1, 1, 2)),
        zones(block(0, 1, 1, 2)).geometry,
        zones(block(0, 1, 1, 2)).to_crs(4326),
        mask([[0, 0, 0, 0], [1, 1, 0, 0]]),
        mask([[0, 0, 0, 0], [1, 1, 0, 0]])[::-1],
        mask([[0, 0, 0, 0], [1, 1, 0, 0]]).isel(x=slice(0, 2)),
    ],
    ids=["geometry", "frame", "series", "degrees", "mask", "south up", "part"],
)
def test_where(where: Any):
    conversion = mixed().convert(where, "cropland", "forest").conversion
    assert conversion.cells == 1


def test_everywhere_and_whatever():
    assert mixed().convert(from_="cropland", to="forest").conversion.cells == 2
    assert mixed().convert(where=block(2, 0, 4, 2), to="forest").conversion.cells == 4
    assert mixed().convert(from_=["cropland/dryland", "grassland"], to="forest/bamboo").conversion.cells == 5


def test_a_class_that_the_scheme_has_not_gets_a_code():
    scenario = mixed().convert(from_="cropland", to="wetland/marsh")
    new = set(scenario.after.spec.scheme_map.values()) - set(CLASSES.values())
    assert new == {"wetland/marsh"}
    assert {e.ecosystem for e in scenario.after.run(record=False).entries if e.is_area} >= {"wetland"}


def test_missing_land_cover_stays_missing():
    cover = raster(np.where(MIXED == DRYLAND, 255, MIXED).astype(np.uint8)).assign_attrs(_FillValue=np.uint8(255))
    scenario = study(cover=cover).convert(from_="forest", to="cropland/dryland")
    areas = {e.ecosystem: e.quantity for e in scenario.after.run(record=False).entries if e.is_area and e.zone == "101"}
    assert areas["_none"] == pytest.approx(KM2, rel=1e-6)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from_": "croplnd", "to": "forest"}, "Did you mean `cropland`"),
        ({"from_": "cropland", "to": "forrest"}, "Did you mean `forest`"),
        ({"from_": "cropland", "to": "forest", "move": ["evapotranspiraton"]}, "Did you mean `evapotranspiration`"),
        ({"from_": "cropland", "to": "wetland/marsh", "move": ["evapotranspiration"]}, "no mean to take"),
        ({"from_": "cropland", "to": "forest", "where": block(1, 0, 2, 1)}, "nothing is converted"),
        ({"from_": "cropland", "to": "forest", "where": [1]}, "polygons"),
        ({"from_": "cropland", "to": "forest", "where": shapely.Point(0, 0).buffer(1)}, "nothing is converted"),
    ],
)
def test_what_cannot_be_converted(asked: dict[str, Any], said: str):
    with pytest.raises(UsageError, match=said):
        mixed().convert(**asked)


def test_a_mask_that_lies_nowhere():
    with pytest.raises(InputError, match="where"):
        mixed().convert(where=xr.DataArray(np.ones(SHAPE, bool), dims=("y", "x")), from_="cropland", to="forest")


def test_products_of_the_tables_are_said_to_stay():
    rows = statistics(
        ("101", "crop_products/wheat", "quantity", 10.0, "t"), ("101", "crop_products/wheat", "price", 2000.0, "CNY/t")
    )
    scenario = mixed(of=[WATER, "crop_products"], tables={"crops": rows}).convert(from_="cropland", to="forest")
    assert "crop_products are as the tables report them" in scenario.said
