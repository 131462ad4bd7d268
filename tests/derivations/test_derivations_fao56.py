"""The worked examples of FAO Irrigation and Drainage Paper 56 that gep has equations for, by their numbers; the figures
as the paper and programs that are tested on it (pyet, nightmares) print them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from builders import FOREST, block, by_shipped, constant, make_study, one, raster, zones

from gep.derivations.penman import (
    mean_saturation_vapour_pressure,
    monthly_net_radiation_of_grass,
    monthly_reference_of_penman,
    psychrometric_constant,
    saturation_vapour_pressure,
    vapour_pressure_of_humidity,
)
from gep.derivations.radiation import monthly_radiation_above_air, monthly_reference_of_range, monthly_solar_of_range

ZERO = 273.15


def extremes(highest: float, lowest: float) -> dict[str, float]:
    return {"monthly_maximum_temperature": highest + ZERO, "monthly_minimum_temperature": lowest + ZERO}


def above_air(degrees: float, day: float) -> float:
    return float(by_shipped(monthly_radiation_above_air, latitude=math.radians(degrees), monthly_day_of_year=day))


@pytest.mark.parametrize(("elevation", "pressure"), [(1800, 81.8), (1200, 87.9)])
def test_example_2_psychrometric_constant(elevation, pressure):
    """gamma = 0.665 x 10^-3 P: 0.054 kPa per degree at 1800 m."""
    found = float(by_shipped(psychrometric_constant, elevation=float(elevation)))
    assert found / 0.000665 == pytest.approx(pressure, abs=0.05)
    assert elevation != 1800 or round(found, 3) == 0.054


def test_example_3_saturation_vapour_pressure():
    assert by_shipped(saturation_vapour_pressure, temperature=24.5 + ZERO) == pytest.approx(3.075, abs=5e-4)
    assert by_shipped(saturation_vapour_pressure, temperature=15 + ZERO) == pytest.approx(1.705, abs=5e-4)
    assert by_shipped(mean_saturation_vapour_pressure, **extremes(24.5, 15)) == pytest.approx(2.39, abs=5e-3)


def test_example_5_vapour_from_mean_humidity():
    """25 and 18 degrees, mean relative humidity 68 %: 1.78 kPa."""
    found = by_shipped(vapour_pressure_of_humidity, monthly_relative_humidity=0.68, **extremes(25, 18))
    assert found == pytest.approx(1.78, abs=5e-3)


def test_example_8_radiation_above_the_air():
    assert above_air(-20, 246) == pytest.approx(32.2, abs=0.05)


def of_grass(rs: float, ra: float, vapour: float, elevation: float, highest: float, lowest: float) -> float:
    return float(
        by_shipped(
            monthly_net_radiation_of_grass,
            monthly_solar_radiation=rs,
            monthly_extraterrestrial_radiation=ra,
            monthly_vapour_pressure=vapour,
            elevation=elevation,
            **extremes(highest, lowest),
        )
    )


def test_examples_11_and_12_net_radiation():
    """Rio de Janeiro on 15 May: Rs 14.5, clear sky 18.8, 25.1 and 19.1 degrees, e_a 2.1 kPa: 11.1 - 3.5 = 7.6."""
    found = of_grass(14.5, 18.8 / 0.75, 2.1, 0.0, 25.1, 19.1)
    assert found == pytest.approx(7.6, abs=0.05)
    assert 0.77 * 14.5 - found == pytest.approx(3.5, abs=0.05)


def test_example_15_solar_radiation_from_temperatures():
    """Lyon in July: 26.6 and 14.8 degrees, Ra 40.6 at 45 degrees 43: 0.16 x sqrt(11.8) x 40.6 = 22.3."""
    ra = above_air(45 + 43 / 60, 196)
    assert ra == pytest.approx(40.6, abs=0.05)
    found = by_shipped(monthly_solar_of_range, monthly_extraterrestrial_radiation=ra, **extremes(26.6, 14.8))
    assert found == pytest.approx(22.29, abs=0.03)


def penman(mean: float, highest: float, lowest: float, **given: float) -> float:
    usual = {"monthly_soil_heat": 0.0, "monthly_length": 1.0, "wind_height": 2.0}
    return float(
        by_shipped(
            monthly_reference_of_penman,
            monthly_air_temperature=mean + ZERO,
            **{**usual, **given},
            **extremes(highest, lowest),
        )
    )


def test_example_17_a_month_in_bangkok():
    """April: 34.8 and 25.6 degrees, e_a 2.85 kPa, 2 m/s, Rn 14.33, G 0.14, 2 m above the sea: 5.72 mm in a day."""
    given = {"monthly_net_radiation": 14.33, "monthly_soil_heat": 0.14, "monthly_vapour_pressure": 2.85}
    found = penman(30.2, 34.8, 25.6, **given, monthly_wind_speed=2.0, elevation=2.0)
    assert found == pytest.approx(5.72, abs=0.02)
    by_itself = of_grass(22.65, above_air(13 + 44 / 60, 105), 2.85, 2.0, 34.8, 25.6)
    assert by_itself == pytest.approx(14.33, abs=0.1)


def test_example_18_a_day_in_uccle():
    """6 July: 21.5 and 12.3 degrees, e_a 1.409 kPa, 2.78 m/s at 10 m, Rs 22.07, 100 m, 50 degrees 48: 3.9 mm."""
    net = of_grass(22.07, above_air(50.8, 187), 1.409, 100.0, 21.5, 12.3)
    assert net == pytest.approx(13.28, abs=0.05)
    given = {"monthly_net_radiation": net, "monthly_vapour_pressure": 1.409, "elevation": 100.0}
    found = penman(16.9, 21.5, 12.3, **given, monthly_wind_speed=2.78, wind_height=10.0)
    assert found == pytest.approx(3.88, abs=0.03)
    assert found == pytest.approx(penman(16.9, 21.5, 12.3, **given, monthly_wind_speed=2.078), rel=1e-3)


def test_example_20_temperatures_alone():
    """Lyon again, the dew point taken as the lowest temperature, 2 m/s, 200 m: 4.56 mm in a day, 5.04 by Hargreaves."""
    ra = above_air(45.72, 196)
    rs = float(by_shipped(monthly_solar_of_range, monthly_extraterrestrial_radiation=ra, **extremes(26.6, 14.8)))
    dew = float(by_shipped(saturation_vapour_pressure, temperature=14.8 + ZERO))
    net = of_grass(rs, ra, dew, 200.0, 26.6, 14.8)
    given = {"monthly_net_radiation": net, "monthly_vapour_pressure": dew, "elevation": 200.0}
    assert penman(20.7, 26.6, 14.8, **given, monthly_wind_speed=2.0) == pytest.approx(4.56, abs=0.05)
    found = by_shipped(
        monthly_reference_of_range,
        monthly_air_temperature=20.7 + ZERO,
        monthly_extraterrestrial_radiation=ra,
        monthly_length=1.0,
        **extremes(26.6, 14.8),
    )
    assert found == pytest.approx(5.04, abs=0.03)


# through a study ------------------------------------------------------------------------------------------------------

SHAPE = (2, 3)


def months(value: Any, units: str) -> Any:
    return raster(np.broadcast_to(np.asarray(value, dtype=float), (12, *SHAPE)).copy(), units)


def test_a_study_with_humidity_and_wind_takes_penman_before_hargreaves():
    """The same weather in all months: the year is 365 days of example 17, and evaporation that of Fu's curve."""
    layers = {
        "precipitation": constant(1400, "mm/year", SHAPE),
        "elevation": constant(2, "m", SHAPE),
        "monthly_maximum_temperature": months(34.8, "degC"),
        "monthly_minimum_temperature": months(25.6, "degC"),
        "monthly_relative_humidity": months(64, "percent"),
        "monthly_wind_speed": months(2.0, "m/s"),
        "monthly_net_radiation": months(14.33, "MJ/(m^2*day)"),
    }
    of = ["water_retention"]
    own = {"wind_height": "2 m", "crop_coefficient": 1.0, "runoff_coefficient": 0.0}
    study = make_study(np.full(SHAPE, FOREST), layers, zones(block(0, 0, 3, 2)), of=of, coefficients=own, methods={})
    entry = one(study.run(), service="water_retention")
    assert {"vapour_pressure_of_humidity", "monthly_reference_of_penman"} <= set(entry.derivations)
    assert "monthly_reference_of_range" not in entry.derivations
    vapour = 0.64 * float(by_shipped(mean_saturation_vapour_pressure, **extremes(34.8, 25.6)))
    given = {"monthly_net_radiation": 14.33, "monthly_vapour_pressure": vapour, "elevation": 2.0}
    pet = 365 * penman(30.2, 34.8, 25.6, **given, monthly_wind_speed=2.0)
    x = pet / 1400
    expected = 1400 - min(pet, 1400 * (1 + x - (1 + x**2.6) ** (1 / 2.6)))
    assert entry.quantity / 6e6 * 1000 == pytest.approx(expected, rel=1e-6)
