"""Months of a layer against each other and the season, and codes of a land cover against their legend, on small worlds
away from the tropics.
"""

from __future__ import annotations

import builders
import numpy as np
import pytest
import xarray as xr
from builders import block, make_study, zones

from gep.core.errors import Problem
from gep.study.study import Study

SIDE = 40
YEAR = 10 - 12 * np.cos(np.arange(12) / 6 * np.pi)
"""Degrees Celsius of the months at a place in the north: -2 in January, 22 in July."""


def temperature(months: np.ndarray, layer: str = "monthly_air_temperature") -> list[Problem]:
    """What is said of the months of a temperature that differs from cell to cell."""
    return check({layer: monthly(months + gradient(), "degC")})


def gradient() -> np.ndarray:
    return np.linspace(0, 1, SIDE * SIDE).reshape(SIDE, SIDE, 1)


def monthly(values: np.ndarray, units: str) -> xr.DataArray:
    array = builders.raster(np.zeros((SIDE, SIDE)), units).astype(float)
    months = array.expand_dims(month=12).copy(data=np.moveaxis(values, -1, 0))
    return months.assign_attrs(array.attrs)


def check(layers: dict[str, xr.DataArray], **given: object) -> list[Problem]:
    cover = np.full((SIDE, SIDE), builders.STEPPE)
    return make_study(cover, layers, zones(block(0, 0, SIDE, SIDE)), **given).check()


def of(problems: list[Problem], code: str) -> list[tuple[str, str]]:
    return [(problem.subject, problem.severity) for problem in problems if problem.code == code]


@pytest.mark.parametrize("layer", ["monthly_air_temperature", "monthly_maximum_temperature"])
@pytest.mark.parametrize(("shift", "is_told"), [(0, False), (-1, False), (2, False), (3, True), (6, True), (-3, True)])
def test_a_summer_in_another_season(layer: str, shift: int, is_told: bool):
    """July is the warmest month at 52° north; moved on by two months it is September, as by a sea."""
    found = temperature(np.roll(YEAR, shift), layer)
    assert of(found, "B32") == ([(layer, "error")] if is_told else [])
    if shift == 6:
        (told,) = [problem for problem in found if problem.code == "B32"]
        assert (told.found, told.found.zh) == ("January", "1 月")


def test_one_month_for_all_and_for_two():
    rain = np.broadcast_to(80 + 10 * gradient(), (SIDE, SIDE, 12)).copy()
    assert of(check({"monthly_precipitation": monthly(rain, "mm")}), "R25") == [("monthly_precipitation", "error")]
    rain = 80 + gradient() * (20 + 7 * (np.arange(12) % 5)) + np.arange(12)
    assert of(check({"monthly_precipitation": monthly(rain, "mm")}), "R25") == []
    rain[..., 7] = rain[..., 6]
    assert of(check({"monthly_precipitation": monthly(rain, "mm")}), "R25") == [("monthly_precipitation", "warning")]


def test_one_pattern_times_numbers_of_which_two_are_equal():
    """As a table of monthly factors over one field of wind gives: the numbers may be alike by chance."""
    wind = (3 + gradient()) * np.array([3.7, 4.2, 5.6, 6.8, 6.2, 4.6, 3.5, 3.2, 3.7, 4.4, 4.5, 3.9]) / 4
    wind = np.round(wind, 3)
    assert of(check({"monthly_wind_speed": monthly(wind, "m/s")}), "R25") == []


def test_months_without_any_are_no_copies():
    """No snow in summer."""
    snow = (5 + gradient()) * np.maximum(0, np.cos(np.arange(12) / 6 * np.pi) + np.arange(12) / 100)
    assert of(check({"monthly_snow_depth": monthly(snow, "mm")}), "R25") == []


@pytest.mark.parametrize(("own", "is_told"), [({"4": "cropland/dryland"}, True), ({"4": "grassland/meadow"}, False)])
def test_a_code_in_another_ecosystem_than_its_legend_says(own: dict[str, str], is_told: bool):
    """4 is grassland in CLCD."""
    cover = np.full((SIDE, SIDE), 4)
    scheme: dict[str, object] = {"scheme": "clcd", "scheme_map": own}
    study: Study = make_study(cover, {}, zones(block(0, 0, SIDE, SIDE)), **scheme)
    found = study.check()
    assert of(found, "L25") == ([("land_cover", "warning")] if is_told else [])
    assert not is_told or "4 from grassland to cropland/dryland" in str(found)
