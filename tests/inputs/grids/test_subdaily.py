"""Layers with several steps a day: recognised in every format, refused where the steps are not those of one year, and
reduced month by month.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from pathlib import Path

import builders
import numpy as np
import pytest
import xarray as xr
from builders import NORTH, SIDE, STEPPE, WEST, block, raster, zones

from gep.core.equation import equation
from gep.core.errors import EquationError, InputError, ProjectError
from gep.inputs.grids.derived import daily_extremes, derive
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.reader import Reader
from gep.inputs.project import read_project
from gep.study.study import Study

COARSE = 4 * SIDE
STEPS = (2, 3, 4, 6, 8, 12, 24)


@equation(subdaily_wind_speed="m/s", returns="m/s", source="test", points={"subdaily_wind_speed": (0, 20)})
def mean_of_steps(subdaily_wind_speed):
    """Mean of the steps of a month.

        m = mean u

    1 and 3: 2.
    """
    return np.mean(subdaily_wind_speed, axis=0)


@equation(daily_wind_speed="m/s", returns="m/s", source="test")
def mean_of_days(daily_wind_speed):
    """Mean of the days of a month.

        m = mean u

    1 and 3: 2.
    """
    return np.mean(daily_wind_speed, axis=0)


@equation(subdaily_wind_speed="m/s", monthly_wind_speed="m/s", calendar_month="1", returns="m/s", source="test")
def mean_of_three(subdaily_wind_speed, monthly_wind_speed, calendar_month):
    """Steps, the month they are in, and its number, together.

        m = mean u + v + mean n

    1 and 3, 5, January: 8.
    """
    return np.mean(subdaily_wind_speed + 0 * calendar_month * subdaily_wind_speed, axis=0) + monthly_wind_speed


def wind(steps: int = 8, year: int = 2019, seed: int = 1, start: str = "01-01T00:00") -> xr.DataArray:
    """Invented wind in m/s on 2 x 3 coarse cells, `steps` times a day."""
    days = 366 if calendar.isleap(year) else 365
    values = np.random.default_rng(seed).weibull(2, (days * steps, 2, 3)).round(2) * 6
    return subdaily(values, steps, year, start)


def subdaily(values: np.ndarray, steps: int, year: int = 2019, start: str = "01-01T00:00") -> xr.DataArray:
    field = raster(values, "m/s", cell=COARSE).rename(month="time")
    times = np.datetime64(f"{year}-{start}", "ns") + np.arange(len(values)) * np.timedelta64(24 * 60 // steps, "m")
    return field.assign_coords(time=times)


def write_tif(array: xr.DataArray, path: Path, descriptions: Sequence[str] = ()) -> Path:
    return builders.write_tif(array.astype("float32"), path, -9999.0, descriptions)


def opened(data: object, **more: object):
    return open_layer(LayerSpec("wind_speed", data, **{"units": "m/s", **more}), unit="m/s")


def refusal(data: object, **more: object):
    with pytest.raises(InputError) as stop:
        opened(data, **more)
    return next(p for p in stop.value.problems if p.severity == "error")


# recognising ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("year", [2019, 2020])
def test_a_time_axis_of_one_year_is_its_steps(steps, year):
    given = wind(steps, year)
    layer = opened(given)
    assert layer.header.axis == "hour"
    assert layer.is_daily
    assert not layer.is_monthly
    assert layer.header.steps_per_day == steps
    assert layer.describe()["steps_per_day"] == steps
    assert "daily" not in layer.describe()
    np.testing.assert_array_equal(layer.decode(*layer.open().read(0, 2, 0, 3)[:2]), given.values)


@pytest.mark.parametrize("start", ["01-01T00:00", "01-01T01:30", "01-01T03:00"])
def test_times_may_stand_at_the_start_in_the_middle_or_at_the_end_of_a_step(start):
    assert opened(wind(8, start=start)).header.axis == "hour"


@pytest.mark.parametrize("start", ["01-01T06:00", "07-01T00:00", "01-02T00:00"])
def test_another_start_is_refused(start):
    problem = refusal(wind(8, start=start))
    assert (problem.code, problem.message) == ("F02", "The steps of days are not those of one year in their order.")
    assert problem.found.startswith(f"2019-{start.replace('T', ' ')} first, ")
    assert problem.allowed == "1 January to 31 December"


def test_turned_and_uneven_times_are_refused():
    given = wind(4)
    assert refusal(given[::-1]).found == "2019-12-31 18:00 first, 2019-01-01 00:00 last"
    times = given.time.values.copy()
    times[700] += np.timedelta64(2, "h")
    assert refusal(given.assign_coords(time=times)).code == "F02"


def test_two_years_of_days_are_no_steps():
    given = wind(2)
    given = given.assign_coords(time=np.datetime64("2019-01-01", "ns") + np.arange(730) * np.timedelta64(1, "D"))
    assert refusal(given).message == "The file has several bands and none is named."


@pytest.mark.parametrize(
    ("units", "scale", "dtype"),
    [
        ("hours since 1990-01-01", 24, "f8"),
        ("days since 1990-01-01 00:00:00", 1, "f4"),
        ("seconds since 2019-01-01", 86400, "i8"),
    ],
)
def test_netcdf_times(tmp_path, units, scale, dtype):
    since = 0 if "2019" in units else (np.datetime64("2019-01-01") - np.datetime64("1990-01-01")).astype(int)
    numbers = ((since + np.arange(365 * 8) / 8) * scale).astype(dtype)
    given = wind(8).assign_coords(time=("time", numbers, {"units": units}))
    path = tmp_path / "wind.nc"
    given.rename("wind").to_netcdf(path, engine="h5netcdf")
    assert opened(path, units=None).header.steps_per_day == 8
    assert opened(given).header.steps_per_day == 8


@pytest.mark.parametrize(
    "units", ["days since 2015-01-01", "days since 2014-12-31 12:00:00", "hours since 2015-01-01 00:00"]
)
def test_the_calendar_without_leap_days(units):
    shift = 0.5 if "12:00" in units else 0.0
    numbers = (np.arange(365 * 6) / 6 + shift + 4 * 365) * (24 if "hours" in units else 1)
    given = wind(6).assign_coords(time=("time", numbers, {"units": units, "calendar": "noleap"}))
    assert opened(given).header.steps_per_day == 6


def test_a_calendar_of_360_days_has_no_year_of_ours():
    numbers = np.arange(365 * 4) / 4
    given = wind(4).assign_coords(time=("time", numbers, {"units": "days since 2015-01-01", "calendar": "360_day"}))
    assert refusal(given).code == "F02"


def test_bands_of_a_geotiff_are_hours_where_that_is_said(tmp_path):
    given = wind(4)
    plain = write_tif(given, tmp_path / "plain.tif")
    assert refusal(plain).code == "F02"
    assert '`bands = "hour"`' in refusal(plain).do
    layer = opened(plain, bands="hour")
    assert layer.header.steps_per_day == 4
    assert layer.place == "plain.tif"
    beyond = layer.decode(*layer.open().read(-1, 2, 0, 4)[:2])
    np.testing.assert_array_equal(beyond[:, 1:, :3], given.values.astype("float32"))
    assert np.isnan(beyond[:, 0]).all()


def test_bands_described_by_dates(tmp_path):
    dates = [str(time)[:16] for time in wind(2).time.values]
    assert (
        opened(write_tif(wind(2), tmp_path / "dates.tif", [f"wind {date}" for date in dates])).header.steps_per_day == 2
    )
    turned = refusal(write_tif(wind(2), tmp_path / "turned.tif", dates[::-1]), bands="hour")
    assert (turned.code, turned.found) == ("F02", "2019-12-31 first, 2019-01-01 last")


def test_a_step_may_be_picked():
    layer = opened(wind(24), band=4380)
    assert layer.header.lead == ()


@pytest.mark.parametrize(
    ("count", "bands", "message", "do"),
    [
        (365, "hour", "These are not the hours of a year, nor runs of hours.", 'Say `bands = "day"`.'),
        (
            8760,
            "day",
            "These are not the days of a year.",
            'Say `bands = "hour"`: these are 24 for each day of a year.',
        ),
        (8761, "hour", "These are not the hours of a year, nor runs of hours.", "Give all steps of one whole year"),
        (365 * 5, "hour", "These are not the hours of a year, nor runs of hours.", "Give all steps of one whole year"),
    ],
)
def test_numbers_of_bands_that_do_not_fit(count, bands, message, do):
    problem = refusal(subdaily(np.zeros((count, 2, 3)), 24).drop_vars("time"), bands=bands)
    assert (problem.code, problem.message) == ("F02", message)
    assert problem.do.startswith(do)
    assert len(problem.found) < 1000


def test_classes_have_no_hours():
    with pytest.raises(InputError) as stop:
        open_layer(LayerSpec("land_cover", wind(2).astype("uint8"), bands="hour"), unit="1", kind="class")
    assert "Classes of single steps of days cannot be used." in [p.message for p in stop.value.problems]


# through a study ------------------------------------------------------------------------------------------------------


def study(**layers: object) -> Study:
    return builders.make_study(np.full((8, 12), STEPPE), layers, zones(block(0, 0, 12, 8)), of=("sand_fixation",))


def test_wind_is_known_by_its_axis():
    assert study(wind_speed=wind(8)).inputs.layers["subdaily_wind_speed"].is_daily
    plain = wind(8).drop_vars("time")
    assert study(subdaily_wind_speed=plain).inputs.layers["subdaily_wind_speed"].header.steps_per_day == 8
    assert study(wind_speed=LayerSpec("wind_speed", plain, bands="hour")).inputs.layers["subdaily_wind_speed"].is_daily


def test_steps_where_only_days_are_known():
    (problem,) = [
        p for p in study(snow_depth=wind(8).assign_attrs(units="mm")).inputs.problems if p.severity == "error"
    ]
    assert (problem.code, problem.subject, problem.found) == ("F02", "snow_depth", "2920 steps of days")
    assert problem.message == "This layer has no use by hour."
    assert problem.allowed == "12 months or 365 or 366 days or one value for the year"


def test_the_project_file_knows_hours(tmp_path):
    builders.write_project(tmp_path, raster(np.full((8, 12), STEPPE, dtype=np.uint8)), {}, zones(block(0, 0, 12, 8)))
    write_tif(wind(2), tmp_path / "wind.tif")
    path = tmp_path / "gep.toml"
    text = path.read_text(encoding="utf-8") + '\n[layers.wind_speed]\npath = "wind.tif"\nunits = "m/s"\n'
    path.write_text(text + 'bands = "hour"\n', encoding="utf-8")
    assert Study.open(path).inputs.layers["subdaily_wind_speed"].is_daily
    path.write_text(text + 'bands = "hours"\n', encoding="utf-8")
    with pytest.raises(ProjectError) as stop:
        read_project(path)
    assert "Did you mean `hour`?" in stop.value.problems[0].message


# months out of steps --------------------------------------------------------------------------------------------------


def months_by_hand(given: xr.DataArray, steps: int, year: int) -> np.ndarray:
    """Means of the months of steps, by the calendar."""
    expected, at = [], 0
    for month in range(1, 13):
        count = calendar.monthrange(year, month)[1] * steps
        expected.append(np.asarray(given[at : at + count].values).mean(axis=0))
        at += count
    assert at == len(given)
    return np.array(expected)


def monthly_layer(given: xr.DataArray, equation_: object = mean_of_steps):
    layer = open_layer(LayerSpec("subdaily_wind_speed", given), unit="m/s")
    return derive("monthly_wind_speed", "m/s", equation_, {"subdaily_wind_speed": layer}, {})


@pytest.mark.parametrize(("steps", "year"), [(2, 2019), (8, 2020), (24, 2019)])
def test_twelve_months_out_of_steps(steps, year):
    given = wind(steps, year)
    layer = monthly_layer(given)
    assert layer.is_monthly
    assert not layer.is_daily
    assert layer.header.lead == (12,)
    found = layer.open().read(0, 2, 0, 3).raw
    assert found.shape == (12, 2, 3)
    np.testing.assert_allclose(found, months_by_hand(given, steps, year), rtol=1e-13)


@pytest.mark.parametrize("year", [2019, 2020])
def test_twelve_months_out_of_days(year):
    given = wind(2, year)[::2]
    layer = open_layer(LayerSpec("daily_wind_speed", given), unit="m/s")
    found = (
        derive("monthly_wind_speed", "m/s", mean_of_days, {"daily_wind_speed": layer}, {}).open().read(0, 2, 0, 3).raw
    )
    np.testing.assert_allclose(found, months_by_hand(given, 1, year), rtol=1e-13)


def test_months_go_with_the_steps_that_lie_in_them():
    given = wind(4)
    months = raster(np.arange(12.0).reshape(-1, 1, 1) * np.ones((12, 2, 3)), "m/s", cell=COARSE)
    inputs = {
        "subdaily_wind_speed": open_layer(LayerSpec("subdaily_wind_speed", given), unit="m/s"),
        "monthly_wind_speed": open_layer(LayerSpec("monthly_wind_speed", months), unit="m/s"),
    }
    layer = derive("monthly_wind_speed", "m/s", mean_of_three, inputs, {"calendar_month": 0.0})
    np.testing.assert_allclose(
        layer.open().read(0, 2, 0, 3).raw, months_by_hand(given, 4, 2019) + months.values, rtol=1e-12
    )


def test_a_step_that_is_missing_makes_its_month_missing():
    given = wind(8)
    given[31 * 8 + 5, 0, 1] = np.nan
    found = monthly_layer(given).open().read(0, 2, 0, 3).raw
    assert np.isnan(found[1, 0, 1])
    assert np.isnan(found).sum() == 1


def test_strips_single_cells_and_borders_do_not_change_a_bit(monkeypatch):
    layer = monthly_layer(wind(8))
    whole = layer.open().read(0, 2, 0, 3).raw
    for i, j in np.ndindex(2, 3):
        np.testing.assert_array_equal(layer.open().read(i, i + 1, j, j + 1).raw[:, 0, 0], whole[:, i, j])
    beyond = monthly_layer(wind(8)).open().read(-1, 3, -2, 4).raw
    np.testing.assert_array_equal(beyond[:, 1:3, 2:5], whole)
    assert np.isnan(beyond[:, 0]).all()
    monkeypatch.setattr("gep.inputs.grids.derived.READ_VALUES", 20000)
    monkeypatch.setattr("gep.inputs.grids.derived.STRIP_VALUES", 9000)  # one row at a time
    np.testing.assert_array_equal(monthly_layer(wind(8)).open().read(0, 2, 0, 3).raw, whole)


def test_months_of_steps_come_to_the_grid_like_any_months():
    layer = monthly_layer(wind(8))
    layer = derive("monthly_wind_speed", "m/s", mean_of_steps, dict(layer.inputs), {})
    grid = Grid(layer.crs, WEST, NORTH, SIDE, SIDE, 0, 8, 0, 12)
    square = Square(0, 8, 0, 12)
    sample = Reader(layer, grid).square(square)
    assert sample.values.shape == (12, 8, 12)
    months = raster(layer.open().read(0, 2, 0, 3).raw, "m/s", cell=COARSE)
    given = Reader(open_layer(LayerSpec("monthly_wind_speed", months), unit="m/s"), grid).square(square)
    np.testing.assert_array_equal(sample.values, given.values)


def test_only_months_and_years_can_be_derived():
    layer = open_layer(LayerSpec("subdaily_wind_speed", wind(2)), unit="m/s")
    with pytest.raises(ValueError, match="daily_wind_speed cannot be derived"):
        derive("daily_wind_speed", "m/s", mean_of_steps, {"subdaily_wind_speed": layer}, {})


def test_extremes_of_the_steps():
    given = wind(24)
    layer = open_layer(LayerSpec("subdaily_wind_speed", given), unit="m/s")
    extremes = daily_extremes(layer)
    assert extremes.header.lead == (2,)
    np.testing.assert_array_equal(
        extremes.open().read(0, 2, 0, 3).raw, [given.values.min(axis=0), given.values.max(axis=0)]
    )
    assert extremes.describe() == layer.describe()


def test_the_proof_knows_steps():
    with pytest.raises(EquationError, match="units do not work out"):

        @equation(subdaily_wind_speed="m/s", returns="m", source="test")
        def wrong(subdaily_wind_speed):
            """Wrong.

                m = mean u

            1: 1.
            """
            return np.mean(subdaily_wind_speed, axis=0)
