"""Radiation by latitude and season, and what temperatures alone tell of it: solar radiation and reference
evapotranspiration.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

FAO_56 = "FAO Irrigation and Drainage Paper 56 (Allen et al. 1998; not a clause of a GEP standard)"
HARGREAVES = "Hargreaves and Samani 1985, doi 10.13031/2013.26773 (not a clause of a GEP standard)"


@equation(
    latitude="rad",
    monthly_day_of_year="1",
    solar_constant="MJ/(m^2*day)",
    orbit_days="1",
    orbit_eccentricity="1",
    declination_highest="rad",
    declination_phase="rad",
    returns="MJ/(m^2*day)",
    source=f"{FAO_56}, equations 21-25",
    points={
        "latitude": (-1.57, 1.57),
        "monthly_day_of_year": (1, 365),
        "orbit_days": (365, 365.1),
        "orbit_eccentricity": (0.033, 0.034),
        "declination_highest": (0.4, 0.41),
        "declination_phase": (1.38, 1.4),
    },
)
def monthly_radiation_above_air(
    latitude,
    monthly_day_of_year,
    solar_constant,
    orbit_days,
    orbit_eccentricity,
    declination_highest,
    declination_phase,
):
    """Radiation of the sun above the air on a horizontal plane, on the middle day of each month.

        Ra = Gsc d / pi (w sin phi sin delta + cos phi cos delta sin w)
        d = 1 + 0.033 cos(2 pi J / 365),  delta = 0.409 sin(2 pi J / 365 - 1.39),  w = arccos(-tan phi tan delta)

    phi latitude, J day of the year, Gsc solar constant (0.0820 MJ/m² in a minute), d inverse distance of the sun, delta
    its declination, w hour angle of sunset: 0 where the sun does not rise, pi where it does not set.

    20 degrees south, day 246: 32.19 MJ/m² in a day, 32.2 in example 8 of the paper.
    """
    angle = 2 * np.pi * monthly_day_of_year / orbit_days
    distance = 1 + orbit_eccentricity * np.cos(angle)
    declination = declination_highest * np.sin(angle - declination_phase)
    sunset = np.arccos(np.minimum(np.maximum(0 - np.tan(latitude) * np.tan(declination), 0 - 1), 1))
    height = sunset * np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.sin(sunset)
    return solar_constant * distance * height / np.pi


@equation(monthly_maximum_temperature="K", monthly_minimum_temperature="K", returns="K", source=f"{FAO_56}, equation 9")
def monthly_mean_of_extremes(monthly_maximum_temperature, monthly_minimum_temperature):
    """Mean temperature of each month, half-way between the means of the highest and of the lowest.

        T = (Tmax + Tmin) / 2

    300 K and 280 K: 290 K.
    """
    return (monthly_maximum_temperature + monthly_minimum_temperature) / 2


@equation(
    monthly_maximum_temperature="K",
    monthly_minimum_temperature="K",
    monthly_extraterrestrial_radiation="MJ/(m^2*day)",
    radiation_adjustment="1",
    unit_kelvin="K",
    returns="MJ/(m^2*day)",
    source=f"{FAO_56}, equation 50, after Hargreaves and Samani",
    points={
        "monthly_maximum_temperature": (290, 310),
        "monthly_minimum_temperature": (250, 289),
        "unit_kelvin": (1, 1.01),
    },
)
def monthly_solar_of_range(
    monthly_maximum_temperature,
    monthly_minimum_temperature,
    monthly_extraterrestrial_radiation,
    radiation_adjustment,
    unit_kelvin,
):
    """Solar radiation on the ground, from how far temperatures swing: clear skies warm the day and cool the night.

        Rs = k sqrt(Tmax - Tmin) Ra

    Ra radiation above the air, k 0.16 inland and 0.19 on coasts. Missing where the highest temperature is below the
    lowest.

    Ra 40, range 16 K, k 0.16: 25.6 MJ/m² in a day.
    """
    swing = (monthly_maximum_temperature - monthly_minimum_temperature) / unit_kelvin
    return radiation_adjustment * np.sqrt(swing) * monthly_extraterrestrial_radiation


@equation(
    monthly_air_temperature="K",
    monthly_maximum_temperature="K",
    monthly_minimum_temperature="K",
    monthly_extraterrestrial_radiation="MJ/(m^2*day)",
    monthly_length="day",
    zero_celsius="K",
    unit_kelvin="K",
    hargreaves_offset="K",
    hargreaves_scale="1/K",
    evaporation_energy="MJ/(m^2*mm)",
    returns="mm",
    source=f"{HARGREAVES}; FAO Irrigation and Drainage Paper 56, equation 52",
    points={
        "monthly_air_temperature": (250, 300),
        "monthly_maximum_temperature": (290, 310),
        "monthly_minimum_temperature": (250, 289),
        "zero_celsius": (273.15, 273.16),
        "unit_kelvin": (1, 1.01),
        "hargreaves_offset": (17, 18),
    },
)
def monthly_reference_of_range(
    monthly_air_temperature,
    monthly_maximum_temperature,
    monthly_minimum_temperature,
    monthly_extraterrestrial_radiation,
    monthly_length,
    zero_celsius,
    unit_kelvin,
    hargreaves_offset,
    hargreaves_scale,
    evaporation_energy,
):
    """Reference evapotranspiration of each month from temperatures, by Hargreaves.

        ET0 = n 0.0023 (T + 17.8) sqrt(Tmax - Tmin) Ra / 2.45,  not below 0

    n days of the month, T its mean temperature in degrees Celsius, Ra radiation above the air, 2.45 MJ/m² to evaporate
    a millimetre. Zero in months colder than -17.8 degrees; missing where the highest temperature is below the lowest.

    T 20.7, range 11.8, Ra 40.6: 5.04 mm in a day, 151.2 mm in 30 days.
    """
    warmth = np.maximum(monthly_air_temperature - zero_celsius + hargreaves_offset, 0)
    swing = (monthly_maximum_temperature - monthly_minimum_temperature) / unit_kelvin
    daily = hargreaves_scale * warmth * np.sqrt(swing) * monthly_extraterrestrial_radiation / evaporation_energy
    return daily * monthly_length


@equation(
    monthly_air_temperature="K",
    monthly_solar_radiation="MJ/(m^2*day)",
    monthly_length="day",
    zero_celsius="K",
    hargreaves_offset="K",
    hargreaves_radiation_scale="1/K",
    evaporation_energy="MJ/(m^2*mm)",
    returns="mm",
    source=f"{HARGREAVES}, the form with solar radiation",
    points={"monthly_air_temperature": (250, 300), "zero_celsius": (273.15, 273.16), "hargreaves_offset": (17, 18)},
)
def monthly_reference_of_radiation(
    monthly_air_temperature,
    monthly_solar_radiation,
    monthly_length,
    zero_celsius,
    hargreaves_offset,
    hargreaves_radiation_scale,
    evaporation_energy,
):
    """Reference evapotranspiration of each month from mean temperature and solar radiation, by Hargreaves.

        ET0 = n 0.0135 (T + 17.8) Rs / 2.45,  not below 0

    n days of the month, T its mean temperature in degrees Celsius, Rs solar radiation on the ground, 2.45 MJ/m² to
    evaporate a millimetre.

    T 20.2, Rs 24.5: 0.0135 x 38 x 10 = 5.13 mm in a day, 153.9 mm in 30 days.
    """
    warmth = np.maximum(monthly_air_temperature - zero_celsius + hargreaves_offset, 0)
    return hargreaves_radiation_scale * warmth * monthly_solar_radiation / evaporation_energy * monthly_length


RADIATION_DERIVATIONS = (
    Derivation(
        "monthly_extraterrestrial_radiation",
        monthly_radiation_above_air,
        is_provisional=True,
        note="worked out from latitude and season",
    ),
    Derivation(
        "monthly_air_temperature",
        monthly_mean_of_extremes,
        is_provisional=True,
        note="taken half-way between the highest and the lowest temperature",
    ),
    Derivation(
        "monthly_solar_radiation",
        monthly_solar_of_range,
        is_provisional=True,
        note="made from the swing of temperatures and from latitude",
    ),
    Derivation(
        "monthly_reference_evapotranspiration",
        monthly_reference_of_range,
        is_provisional=True,
        note="made from temperatures and latitude by Hargreaves's equation",
    ),
    Derivation(
        "monthly_reference_evapotranspiration",
        monthly_reference_of_radiation,
        is_provisional=True,
        note="made from temperature and solar radiation by Hargreaves's equation",
    ),
)
