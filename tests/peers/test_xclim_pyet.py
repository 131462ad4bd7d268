"""The weather of three places in pyet, xclim and gep: where they differ, the reason worked out and its size."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import weather_of_three_places as case
from builders import by_shipped

from gep.derivations.penman import (
    monthly_net_radiation_of_grass,
    monthly_reference_of_penman,
    psychrometric_constant,
    vapour_pressure_of_humidity,
)
from gep.derivations.radiation import monthly_radiation_above_air, monthly_reference_of_range
from gep.plan.wiring import months_of

HERE = Path(__file__).parent / "evaporation"
ZERO = 273.15


def days() -> dict[str, np.ndarray]:
    with (HERE / "days.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    peers = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "place"}
    places = [row["place"] for row in rows]
    weather = [case.weather(place, 1 + number % 12) for number, place in enumerate(places)]
    given = {name: np.array([of[name] for of in weather]) for name in weather[0]}
    latitude, elevation = (np.array([case.PLACES[place][at] for place in places]) for at in (0, 1))
    return {**peers, **given, "latitude": latitude, "elevation": elevation}


D = days()
EXTREMES = {
    "monthly_maximum_temperature": D["highest"] + ZERO,
    "monthly_minimum_temperature": D["lowest"] + ZERO,
}
MEAN = (D["highest"] + D["lowest"]) / 2
RA = by_shipped(monthly_radiation_above_air, latitude=np.radians(D["latitude"]), monthly_day_of_year=D["day"])
VAPOUR = by_shipped(vapour_pressure_of_humidity, monthly_relative_humidity=D["humidity"], **EXTREMES)
NET = by_shipped(
    monthly_net_radiation_of_grass,
    monthly_solar_radiation=D["sun"] * RA,
    monthly_extraterrestrial_radiation=RA,
    monthly_vapour_pressure=VAPOUR,
    elevation=D["elevation"],
    **EXTREMES,
)


def off(found: np.ndarray, other: np.ndarray) -> float:
    """By how much of it one is off another at most."""
    return float(np.max(np.abs(found / other - 1)))


def penman(**other: float) -> np.ndarray:
    return by_shipped(
        monthly_reference_of_penman,
        monthly_air_temperature=MEAN + ZERO,
        monthly_net_radiation=NET,
        monthly_soil_heat=0.0,
        monthly_vapour_pressure=VAPOUR,
        monthly_wind_speed=D["wind"],
        monthly_length=1.0,
        wind_height=case.WIND_HEIGHT,
        **{"elevation": D["elevation"], **other},
        **EXTREMES,
    )


def hargreaves(**other: float) -> np.ndarray:
    return by_shipped(
        monthly_reference_of_range,
        monthly_air_temperature=MEAN + ZERO,
        monthly_extraterrestrial_radiation=RA,
        monthly_length=1.0,
        **other,
        **EXTREMES,
    )


def test_the_versions_and_the_days():
    versions = dict(csv.reader((HERE / "versions.csv").open(encoding="utf-8")))
    assert versions == {"package": "version", "pyet": "1.5.0", "xclim": "0.62.0"}
    assert list(case.DAYS) == months_of(case.YEAR)["monthly_day_of_year"]


# radiation above the air ----------------------------------------------------------------------------------------------


def test_ra_is_that_of_pyet():
    """The same equations and constants; pyet writes pi with ten digits."""
    assert pytest.approx(D["pyet_ra"], rel=1e-8) == RA


def test_ra_of_xclim_has_another_sun():
    """1361 W/m2 where FAO-56 has 0.0820 MJ/m2 in a minute, 1366.7 W/m2; and the way of the sun by Spencer's series,
    from January 1 on, instead of a sine and a cosine. Nothing else.
    """
    angle, phi = 2 * np.pi * (D["day"] - 1) / 365, np.radians(D["latitude"])
    once, twice, thrice = (np.array([np.cos(n * angle), np.sin(n * angle)]) for n in (1, 2, 3))
    distance = 1.000110 + np.array([0.034221, 0.001280]) @ once + np.array([0.000719, 0.000077]) @ twice
    declination = 0.006918 + np.array([-0.399912, 0.070257]) @ once + np.array([-0.006758, 0.000907]) @ twice
    declination += np.array([-0.002697, 0.001480]) @ thrice
    sunset = np.arccos(-np.tan(phi) * np.tan(declination))
    height = sunset * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(sunset)
    assert pytest.approx(1361 * 86_400 / 1e6 / np.pi * distance * height, rel=1e-5) == D["xclim_ra"]
    assert 0.05 < off(D["xclim_ra"], RA) < 0.06
    assert off(D["xclim_ra_simple"], RA) < 0.021


# Hargreaves -----------------------------------------------------------------------------------------------------------


def test_hargreaves_of_pyet_has_a_latent_heat_that_falls_with_temperature():
    by_temperature = 2.501 - 0.002361 * MEAN
    assert off(hargreaves() * 2.45 / by_temperature, D["pyet_hargreaves"]) < 1e-7
    assert 0.03 < off(hargreaves(), D["pyet_hargreaves"]) < 0.04


def test_hargreaves_of_xclim_has_its_own_sun_and_a_rounded_latent_heat():
    assert off(hargreaves() * (D["xclim_ra"] / RA) * 0.408 * 2.45, D["xclim_hargreaves"]) < 1e-6
    assert 0.05 < off(hargreaves(), D["xclim_hargreaves"]) < 0.06


# Penman and Monteith --------------------------------------------------------------------------------------------------


def test_net_radiation_of_pyet_has_another_zero():
    """273.16 K for 0 degrees in the heat sent back, where FAO-56 has it so too, and gep the 273.15 of the scale."""
    heat = 4.903e-9 * ((D["highest"] + 273.16) ** 4 + (D["lowest"] + 273.16) ** 4) / 2
    cloud = 1.35 * np.minimum(D["sun"] / (0.75 + 2e-5 * D["elevation"]), 1) - 0.35
    other = 0.77 * D["sun"] * RA - heat * (0.34 - 0.14 * np.sqrt(VAPOUR)) * cloud
    assert pytest.approx(D["pyet_net_radiation"], abs=1e-6) == other
    assert np.max(np.abs(NET - D["pyet_net_radiation"])) < 0.001  # MJ/m2 in a day


def test_penman_of_pyet():
    """0.408 for 1 / 2.45, and the zero of the radiation."""
    assert off(penman(), D["pyet_penman"]) < 5e-4
    assert off(penman(evaporation_energy=1 / 0.408), D["pyet_penman"]) < off(penman(), D["pyet_penman"])


def test_penman_of_xclim_is_at_sea_level_and_of_another_vapour():
    """xclim takes the air of sea level whatever the elevation, the vapour that air can hold by the fit of Sonntag 1990,
    the slope of that curve from the mean of two pressures, and 273.15 for 273; all else is FAO-56, with 0.408 for
    1 / 2.45.
    """

    def written_out(net: np.ndarray, gamma: np.ndarray, e_s: np.ndarray, e_mean: np.ndarray, zero: float) -> np.ndarray:
        slope = 4098 * e_mean / (MEAN + 237.3) ** 2
        wind = D["wind"] * 4.87 / math.log(67.8 * 10 - 5.42)
        air = gamma * 900 / (MEAN + zero) * wind * e_s * (1 - D["humidity"])
        return (0.408 * slope * net + air) / (slope + gamma * (1 + 0.34 * wind))

    def sonntag(celsius: np.ndarray) -> np.ndarray:
        kelvin = celsius + ZERO
        fit = -6096.9385 / kelvin + 16.635794 - 2.711193e-2 * kelvin + 1.673952e-5 * kelvin**2
        return 0.1 * np.exp(fit + 2.433502 * np.log(kelvin))

    def tetens(celsius: np.ndarray) -> np.ndarray:
        return 0.6108 * np.exp(17.27 * celsius / (celsius + 237.3))

    e_s = 0.5 * (sonntag(D["highest"]) + sonntag(D["lowest"]))
    given = D["pyet_net_radiation"]  # xclim makes none
    assert (
        off(written_out(given, np.array(0.665e-3 * 101.325), e_s, e_s, ZERO), D["xclim_penman"]) < 2e-4
    )  # 4.87 rounds ln(67.8 x 2 - 5.42)
    gamma = by_shipped(psychrometric_constant, elevation=D["elevation"])
    ours = written_out(NET, gamma, 0.5 * (tetens(D["highest"]) + tetens(D["lowest"])), tetens(MEAN), 273)
    assert off(ours, penman()) < 5e-4
    low = D["elevation"] < 10
    assert off(penman()[low], D["xclim_penman"][low]) < 0.011
    assert 0.04 < off(penman(), D["xclim_penman"]) < 0.05  # 1500 m
