"""Daily layers: recognised in every format, used on their own grid only, and every day of them tested."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path

import builders
import numpy as np
import pytest
import rasterio
import xarray as xr
from builders import DRYLAND, FOREST, SIDE, block, constant, find, raster, zones

from gep.core.errors import InputError, ProjectError
from gep.engine.run import run
from gep.inputs.grids.derived import daily_extremes
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.project import read_project
from gep.plan.planner import make_plan
from gep.study.study import Study

COARSE = 4 * SIDE
"""Side of a daily cell: 2 x 3 of them over 8 x 12 cells of the study."""
SHAPE = (8, 12)
COUNTY = zones(block(0, 0, 12, 8))


def rain(year: int = 2019, seed: int = 1) -> xr.DataArray:
    """Invented rain in mm on 2 x 3 coarse cells, mostly none, some days heavy."""
    days = 366 if calendar.isleap(year) else 365
    values = np.maximum(np.random.default_rng(seed).gamma(0.3, 12, (days, 2, 3)) - 2, 0).round(1)
    return daily(values, "mm", year)


def daily(values: np.ndarray, units: str, year: int = 2019, start: str = "01-01") -> xr.DataArray:
    field = raster(values, units, cell=COARSE).rename(month="time")
    times = np.datetime64(f"{year}-{start}", "ns") + np.arange(len(values)) * np.timedelta64(1, "D")
    return field.assign_coords(time=times)


def write_tif(array: xr.DataArray, path: Path, descriptions: Sequence[str] = ()) -> Path:
    return builders.write_tif(array.astype("float32"), path, -9999.0, descriptions)


def write_netcdf(array: xr.DataArray, path: Path, **encoding: object) -> Path:
    array.rename("rain").to_netcdf(
        path, engine="h5netcdf", encoding={"time": {"units": "days since 1990-01-01", **encoding}}
    )
    return path


def opened(data: object, **more: object):
    return open_layer(
        LayerSpec("precipitation", data, **{"units": "mm", **more}), unit="mm/year", monthly_unit="mm", daily_unit="mm"
    )


def refusal(data: object, **more: object):
    with pytest.raises(InputError) as stop:
        opened(data, **more)
    return next(p for p in stop.value.problems if p.severity == "error")


# recognising ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2019, 2020])
def test_a_time_axis_of_one_year_is_its_days(tmp_path, year):
    given = rain(year)
    for data in (given, write_netcdf(given, tmp_path / "rain.nc")):
        layer = opened(data, units=None if isinstance(data, xr.DataArray) else "mm")
        assert layer.is_daily
        assert not layer.is_monthly
        assert layer.unit == "mm"
        block_ = layer.open().read(0, 2, 0, 3)
        np.testing.assert_array_equal(layer.decode(*block_[:2]), given.values)
    assert layer.describe()["daily"] is True


@pytest.mark.parametrize("year", [2019, 2020])
def test_bands_of_a_geotiff_are_days_where_that_is_said(tmp_path, year):
    given = rain(year)
    plain = write_tif(given, tmp_path / "plain.tif")
    assert refusal(plain).code == "F02"
    assert 'bands = "day"' in refusal(plain).do
    layer = opened(plain, bands="day")
    assert layer.is_daily
    beyond = layer.decode(*layer.open().read(-1, 2, 0, 4)[:2])
    np.testing.assert_array_equal(beyond[:, 1:, :3], given.values.astype("float32"))
    assert np.isnan(beyond[:, 0]).all()
    assert np.isnan(beyond[:, :, 3]).all()


def test_bands_described_by_dates_or_numbers_are_days(tmp_path):
    dates = [str(day)[:10] for day in rain().time.values]
    assert opened(write_tif(rain(), tmp_path / "dates.tif", [f"rain {day}" for day in dates])).is_daily
    assert opened(write_tif(rain(), tmp_path / "numbers.tif", [f"day_{n:03d}" for n in range(1, 366)])).is_daily
    assert opened(write_tif(rain(), tmp_path / "compact.tif", [day.replace("-", "") for day in dates])).is_daily
    turned = refusal(write_tif(rain(), tmp_path / "turned.tif", dates[::-1]), bands="day")
    assert (turned.code, turned.found) == ("F02", "2019-12-31 first, 2019-01-01 last")


@pytest.mark.parametrize(
    ("units", "values"),
    [
        ("days since 2015-01-01", np.arange(365) + 4 * 365),
        ("days since 2015-07-01 00:00:00", np.arange(365) + 4 * 365 - 181 + 0.5),
        ("hours since 2015-01-01", 24 * (np.arange(365.0) + 4 * 365) + 12),
    ],
)
def test_the_calendar_without_leap_days_of_climate_models(units, values):
    given = rain().assign_coords(time=("time", values, {"units": units, "calendar": "noleap"}))
    assert opened(given).is_daily


def test_days_by_their_number():
    given = rain(2020).drop_vars("time").rename(time="dayofyear")
    assert opened(given).is_daily
    assert opened(given.assign_coords(dayofyear=np.arange(1, 367))).is_daily
    assert refusal(given.assign_coords(dayofyear=np.arange(366, 0, -1))).found == "day 366 first, day 1 last"


def test_one_day_may_be_picked():
    assert not opened(rain(), band=200, units="mm/year").is_daily


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            daily(np.zeros((365, 2, 3)), "mm", 2019, "07-01"),
            "2019-07-01 first, 2020-06-29 last",
        ),  # the year 2020 has a leap day
        (daily(np.zeros((365, 2, 3)), "mm", 2020), "2020-01-01 first, 2020-12-30 last"),
        (daily(np.zeros((365, 2, 3)), "mm", 2019)[::-1], "2019-12-31 first, 2019-01-01 last"),
    ],
)
def test_other_years_and_orders_are_refused(given, found):
    for more in ({}, {"bands": "day"}):
        problem = refusal(given, **more)
        assert (problem.code, problem.found) == ("F02", found)
        assert "1 January" in problem.allowed


@pytest.mark.parametrize("days", [1, 12, 360, 364, 367, 730])
def test_a_wrong_number_of_days(days):
    problem = refusal(daily(np.zeros((days, 2, 3)), "mm"), bands="day")
    assert problem.code == "F02"
    assert "365 or 366" in problem.allowed
    assert len(problem.found) < 1000


def test_365_years_are_not_days():
    given = rain().assign_coords(
        time=np.datetime64("1650", "Y").astype("M8[s]") + np.arange(365) * np.timedelta64(365 * 86400, "s")
    )
    assert refusal(given).message == "The file has several bands and none is named."


def test_months_stay_months():
    monthly = raster(np.ones((12, 2, 3)), "mm", cell=COARSE)
    assert opened(monthly).is_monthly
    assert refusal(monthly, bands="day").code == "F02"


# through a study ------------------------------------------------------------------------------------------------------


def soil(given: object, **more: object) -> Study:
    """A study in which retained soil is erosivity times 0.03 on forest."""
    layers = {
        "precipitation": given,
        "soil_erodibility": constant(0.03, "t*hm^2*h/(hm^2*MJ*mm)", SHAPE),
        "slope_length_steepness": constant(1, "1", SHAPE),
        "cover_factor": constant(0, "1", SHAPE),
        **more.pop("layers", {}),
    }
    return builders.make_study(np.full(SHAPE, FOREST), layers, COUNTY, of=("soil_retention",), **more)


def nearest(array: xr.DataArray, name: str = "precipitation") -> LayerSpec:
    """The layer without interpolation, so that a cell of the study is in one coarse cell."""
    return LayerSpec(name, array, resampling="nearest")


def cells(study: Study, folder: Path, service: str, component: str) -> np.ndarray:
    study.maps(folder, [service], ["quantity"])
    with rasterio.open(folder / f"{service}.{component}.tif") as file:
        return np.asarray(file.read(1), dtype=np.float64)


def on_cells(coarse: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(coarse, 4, axis=0), 4, axis=1)


@pytest.mark.parametrize("year", [2019, 2020])
def test_erosivity_by_hand(tmp_path, year):
    """HJ 1173-2021 A.5-A.6, day by day: from 12 mm on, alpha 0.3937 from May to September and 0.3101 otherwise."""
    given = rain(year)
    expected = np.zeros((2, 3))
    for n, of_day in enumerate(given.values):
        month = (dt.date(year, 1, 1) + dt.timedelta(n)).month
        alpha = 0.3937 if 5 <= month <= 9 else 0.3101
        for cell, depth in np.ndenumerate(of_day):
            if depth >= 12:
                expected[cell] += alpha * depth**1.7265
    assert len(np.unique(expected)) == 6
    study = soil(nearest(given))
    found = cells(study, tmp_path / "maps", "soil_retention", "retained_soil")
    np.testing.assert_allclose(found, on_cells(expected) * 0.03, rtol=1e-6)
    account = study.run()
    total = math.fsum(e.quantity for e in find(account, component="retained_soil"))
    assert total == pytest.approx(expected.sum() * 0.03 * 16 * 100, rel=1e-9)  # 16 cells of 100 hm2 in a coarse one
    assert {d for e in find(account, component="retained_soil") for d in e.derivations} == {"erosivity_of_daily_rain"}


def test_erosivity_of_2002_by_hand(tmp_path):
    given = rain()
    expected = np.zeros((2, 3))
    for cell in np.ndindex(2, 3):
        depths = [depth for depth in given.values[:, *cell].tolist() if depth >= 12]
        b = 0.8363 + 18.144 / (sum(depths) / len(depths)) + 24.455 / sum(depths)
        expected[cell] = 21.586 * b**-7.1891 * sum(depth**b for depth in depths)
    study = soil(nearest(given), methods={"soil_retention": {"erosivity": "zhang2002"}})
    found = cells(study, tmp_path / "maps", "soil_retention", "retained_soil")
    np.testing.assert_allclose(found, on_cells(expected) * 0.03, rtol=1e-6)


def test_cooling_days_by_hand(tmp_path):
    """Days warmer than 26 degC, one by one; 2837.27 kJ/(m2 d) for forest and a ratio of 3."""
    values = np.random.default_rng(5).normal(20, 8, (365, 2, 3)).round(1)
    days = np.array([[sum(t > 26 for t in values[:, i, j].tolist()) for j in range(3)] for i in range(2)])
    given = {"maximum_temperature": nearest(daily(values, "degC"), "maximum_temperature")}
    study = builders.make_study(np.full(SHAPE, FOREST), given, COUNTY, of=("climate_regulation",))
    found = cells(study, tmp_path / "maps", "climate_regulation", "transpiration")
    np.testing.assert_allclose(found, on_cells(2837.27 * days / 3), rtol=1e-6)
    assert "daily_maximum_temperature" in study.inputs.layers


def test_the_year_of_daily_rain(tmp_path):
    """Daily rain alone also gives the rain of the year."""
    given = rain()
    layers = {"precipitation": nearest(given), "evapotranspiration": constant(100, "mm/year", SHAPE)}
    study = builders.make_study(np.full(SHAPE, FOREST), layers, COUNTY, of=("water_retention",))
    found = cells(study, tmp_path / "maps", "water_retention", "retained_water")
    np.testing.assert_allclose(found, on_cells(given.values.sum(axis=0)) * (1 - 0.0452) - 100, rtol=1e-6)


def test_the_months_of_daily_rain(tmp_path):
    """17.02 10^-0.8188 sum_i (P_i^2 / P)^1.5 of the sums of the months, cell by cell."""
    given = rain()
    first_days = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    by_month = np.add.reduceat(given.values, first_days, axis=0)
    expected = 17.02 * 10**-0.8188 * ((by_month**2 / given.values.sum(axis=0)) ** 1.5).sum(axis=0)
    study = soil(nearest(given), methods={"soil_retention": {"erosivity": "wischmeier_monthly"}})
    found = cells(study, tmp_path / "maps", "soil_retention", "retained_soil")
    np.testing.assert_allclose(found, on_cells(expected) * 0.03, rtol=1e-6)


def test_a_day_that_is_missing_makes_the_year_missing(tmp_path):
    given = rain()
    given[200, 0, 0] = np.nan
    found = cells(soil(nearest(given)), tmp_path / "maps", "soil_retention", "retained_soil")
    np.testing.assert_array_equal(np.isnan(found), on_cells(np.array([[True, False, False], [False, False, False]])))


def test_days_are_worked_out_on_their_own_grid():
    """Between coarse cells the erosivity is interpolated, not the rain; and no day ever comes to the grid."""
    study = soil(rain())
    plan = make_plan(study.inputs).plan
    assert plan.layers["rainfall_erosivity"].header.lead == ()
    assert plan.layers["daily_precipitation"].header.lead == (2,)  # the lowest and the highest day, to be tested
    assert not any(layer == "daily_precipitation" for flow in plan.flows for layer in plan.layer_names_of(flow))
    checked = make_plan(study.inputs, all_layers=True).plan
    assert checked.layers["daily_precipitation"].header.lead == (2,)


def test_windows_and_strips_do_not_change_a_bit(monkeypatch):
    study = soil(rain())
    first = run(make_plan(study.inputs).plan)
    monkeypatch.setattr("gep.inputs.grids.derived.READ_VALUES", 5000)
    monkeypatch.setattr("gep.inputs.grids.derived.STRIP_VALUES", 400)  # one row at a time
    second = run(make_plan(study.inputs).plan, threads=2, window=512)
    assert [table.tobytes() for table in first.arrays()] == [table.tobytes() for table in second.arrays()]


def test_a_single_cell_is_summed_like_many():
    plan = make_plan(soil(rain()).inputs).plan
    layer = plan.layers["rainfall_erosivity"]
    whole = layer.open().read(0, 2, 0, 3).raw
    for i, j in np.ndindex(2, 3):
        assert layer.open().read(i, i + 1, j, j + 1).raw[0, 0] == whole[i, j]


# testing the days -----------------------------------------------------------------------------------------------------


def test_extremes_of_the_days():
    layer = open_layer(LayerSpec("daily_precipitation", rain()), unit="mm", daily_unit="mm")
    found = daily_extremes(layer).open().read(0, 2, 0, 3).raw
    np.testing.assert_array_equal(found, [rain().values.min(axis=0), rain().values.max(axis=0)])
    assert daily_extremes(layer).fingerprint() == layer.fingerprint()


@pytest.mark.parametrize("how", ["run", "check", "maps"])
def test_a_fill_number_in_one_day_is_an_error(how, tmp_path):
    """-9999 mm would be taken for a day without erosive rain, and the figure would be too small in silence."""
    given = rain()
    given[17, 1, 1] = -9999.0
    study = soil(given)
    if how == "check":
        problems = study.check()
    else:
        with pytest.raises(InputError) as stop:
            study.run() if how == "run" else study.maps(tmp_path / "maps")
        problems = stop.value.problems
    (problem,) = [p for p in problems if p.severity == "error"]
    assert (problem.code, problem.subject) == ("N02", "daily_precipitation")
    assert "-9999" in problem.message


def test_a_day_outside_of_what_is_possible_is_an_error():
    given = rain()
    given[17] = 2500.0
    found = {(p.code, p.subject): p for p in soil(given).check() if p.severity == "error"}
    problem = found["R01", "daily_precipitation"]  # and what follows from it, that the erosivity is impossible
    assert problem.place.startswith("DataArray")
    assert problem.allowed == "0 to 2000 mm"


def test_the_run_record_names_the_daily_file(tmp_path):
    account = soil(write_netcdf(rain(), tmp_path / "rain.nc"), layers={}).run()
    record = account.record["inputs"]["daily_precipitation"]
    assert record["file"] == "rain.nc"
    assert record["daily"]
    assert record["bands"] == [1, 365]


# what cannot be -------------------------------------------------------------------------------------------------------


def test_days_where_only_the_year_is_known():
    study = soil(rain(), layers={"cover_factor": daily(np.zeros((365, 2, 3)), "1")})
    (problem,) = [p for p in study.inputs.problems if p.severity == "error"]
    assert (problem.code, problem.subject, problem.found) == ("F02", "cover_factor", "365 days")
    assert problem.message == "This layer has no use by day."
    assert problem.allowed == "one value for the year"


def test_one_value_where_days_are_needed():
    for name in ("daily_precipitation", "maximum_temperature"):
        study = soil(rain(), layers={name: constant(300, "K" if "temp" in name else "mm", SHAPE)})
        (problem,) = [p for p in study.inputs.problems if p.severity == "error"]
        assert (problem.code, problem.subject) == ("F02", name)
    assert problem.message == "This layer is needed by month or day."


def test_the_name_may_say_it(tmp_path):
    plain = write_tif(rain(), tmp_path / "rain.tif")
    study = soil(
        constant(800, "mm/year", SHAPE),
        layers={"daily_precipitation": LayerSpec("daily_precipitation", plain, units="mm")},
    )
    assert study.inputs.layers["daily_precipitation"].is_daily
    assert not study.inputs.layers["precipitation"].is_daily
    assert {d for e in study.run().entries for d in e.derivations} == {"erosivity_of_daily_rain"}


def test_a_threshold_by_class_cannot_be_applied_to_days(tmp_path):
    own = builders.own_coefficients(tmp_path, ("erosive_day", "forest", 10, "mm"), ("erosive_day", "", 12, "mm"))
    study = soil(rain(), coefficients={"own": own}, methods={"soil_retention": {"erosivity": "hj_half_month"}})
    service = next(s for s in make_plan(study.inputs).services if s.id == "soil_retention")
    assert service.reason == "no_input"
    assert "`daily_precipitation` would give it with coefficients that are the same for every class" in service.detail


def test_the_project_file_knows_days(tmp_path):
    builders.write_project(tmp_path, raster(np.full(SHAPE, DRYLAND, dtype=np.uint8)), {}, COUNTY)
    write_tif(rain(), tmp_path / "rain.tif")
    path = tmp_path / "gep.toml"
    text = path.read_text(encoding="utf-8") + '\n[layers.precipitation]\npath = "rain.tif"\nunits = "mm"\n'
    path.write_text(text + 'bands = "day"\n', encoding="utf-8")
    assert Study.open(path).inputs.layers["daily_precipitation"].is_daily
    path.write_text(text + 'bands = "days"\n', encoding="utf-8")
    with pytest.raises(ProjectError) as stop:
        read_project(path)
    assert "Did you mean `day`?" in stop.value.problems[0].message
