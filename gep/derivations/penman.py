"""Reference evapotranspiration of months by the equation of Penman and Monteith, as FAO-56 has it, and what it is made
of: pressures of vapour and of the air, net radiation, wind near the ground.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation
from gep.derivations.radiation import FAO_56

_VAPOUR: dict[str, Any] = {
    "zero_celsius": "K",
    "vapour_at_zero": "kPa",
    "vapour_scale": "1",
    "vapour_offset": "K",
}
_EXTREMES: dict[str, Any] = {"monthly_maximum_temperature": "K", "monthly_minimum_temperature": "K"}
_WARM: dict[str, Any] = {
    "monthly_air_temperature": (280, 300),
    "monthly_maximum_temperature": (290, 310),
    "monthly_minimum_temperature": (270, 289),
    "temperature": (270, 310),
    "zero_celsius": (273.15, 273.16),
    "vapour_offset": (237, 238),
    "vapour_scale": (17, 17.5),
}


@equation(
    temperature="K",
    **_VAPOUR,
    returns="kPa",
    source=f"{FAO_56}, equation 11",
    points={key: _WARM[key] for key in ("temperature", "zero_celsius", "vapour_offset", "vapour_scale")},
)
def saturation_vapour_pressure(temperature, zero_celsius, vapour_at_zero, vapour_scale, vapour_offset):
    """Pressure of the vapour that air can hold.

        e = 0.6108 exp(17.27 T / (T + 237.3))

    T temperature in degrees Celsius.

    15 degrees: 1.705 kPa; 24.5 degrees: 3.075 kPa (example 3 of the paper).
    """
    celsius = temperature - zero_celsius
    return vapour_at_zero * np.exp(vapour_scale * celsius / (celsius + vapour_offset))


@equation(
    **_EXTREMES,
    **_VAPOUR,
    returns="kPa",
    source=f"{FAO_56}, equation 12",
    points={key: value for key, value in _WARM.items() if key not in ("temperature", "monthly_air_temperature")},
)
def mean_saturation_vapour_pressure(
    monthly_maximum_temperature, monthly_minimum_temperature, zero_celsius, vapour_at_zero, vapour_scale, vapour_offset
):
    """Pressure of the vapour that air can hold, half-way between that of the highest and of the lowest temperature:
    that of the mean temperature is too low, as the curve bends upwards.

        e_s = (e(Tmax) + e(Tmin)) / 2

    24.5 and 15 degrees: (3.075 + 1.705) / 2 = 2.39 kPa (example 3 of the paper).
    """
    highest = saturation_vapour_pressure(
        monthly_maximum_temperature, zero_celsius, vapour_at_zero, vapour_scale, vapour_offset
    )
    lowest = saturation_vapour_pressure(
        monthly_minimum_temperature, zero_celsius, vapour_at_zero, vapour_scale, vapour_offset
    )
    return (highest + lowest) / 2


@equation(
    monthly_relative_humidity="1",
    **_EXTREMES,
    **_VAPOUR,
    returns="kPa",
    source=f"{FAO_56}, equation 19",
    points={key: value for key, value in _WARM.items() if key not in ("temperature", "monthly_air_temperature")},
)
def vapour_pressure_of_humidity(
    monthly_relative_humidity,
    monthly_maximum_temperature,
    monthly_minimum_temperature,
    zero_celsius,
    vapour_at_zero,
    vapour_scale,
    vapour_offset,
):
    """Pressure of the vapour in the air, from mean relative humidity and the extremes of temperature.

        e_a = RH e_s

    RH relative humidity, e_s pressure of the vapour that air can hold. Less sure than from the dew point.

    25 and 18 degrees, 68 %: 0.68 x 2.617 = 1.78 kPa (example 5 of the paper).
    """
    return monthly_relative_humidity * mean_saturation_vapour_pressure(
        monthly_maximum_temperature,
        monthly_minimum_temperature,
        zero_celsius,
        vapour_at_zero,
        vapour_scale,
        vapour_offset,
    )


@equation(
    elevation="m",
    air_pressure_at_sea="kPa",
    standard_temperature="K",
    standard_lapse="K/m",
    air_pressure_exponent="1",
    psychrometric_scale="1/K",
    returns="kPa/K",
    source=f"{FAO_56}, equations 7 and 8",
    points={
        "elevation": (0, 3000),
        "standard_temperature": (290, 295),
        "standard_lapse": (0.006, 0.007),
        "air_pressure_exponent": (5, 5.3),
    },
)
def psychrometric_constant(
    elevation, air_pressure_at_sea, standard_temperature, standard_lapse, air_pressure_exponent, psychrometric_scale
):
    """How much drier air gets for a degree that it gives to evaporation.

        gamma = 0.665 x 10^-3 P,  P = 101.3 ((293 - 0.0065 z) / 293)^5.26

    z elevation in metres, P pressure of the air in kPa; none where the atmosphere of the fit ends.

    1800 m: P 81.8 kPa, gamma 0.054 kPa/K (example 2 of the paper).
    """
    share = np.maximum(standard_temperature - standard_lapse * elevation, 0) / standard_temperature
    return psychrometric_scale * air_pressure_at_sea * share**air_pressure_exponent


@equation(
    monthly_solar_radiation="MJ/(m^2*day)",
    monthly_extraterrestrial_radiation="MJ/(m^2*day)",
    **_EXTREMES,
    monthly_vapour_pressure="kPa",
    elevation="m",
    reference_albedo="1",
    clear_sky_share="1",
    clear_sky_rise="1/m",
    stefan_boltzmann="MJ/(K^4*m^2*day)",
    longwave_dry="1",
    longwave_vapour="1",
    unit_pressure="kPa",
    cloud_scale="1",
    cloud_offset="1",
    returns="MJ/(m^2*day)",
    source=f"{FAO_56}, equations 37-40",
    points={
        "monthly_maximum_temperature": (290, 310),
        "monthly_minimum_temperature": (270, 289),
        "elevation": (0, 3000),
        "unit_pressure": (1, 1.01),
        "clear_sky_rise": (1e-5, 2e-5),
    },
)
def monthly_net_radiation_of_grass(
    monthly_solar_radiation,
    monthly_extraterrestrial_radiation,
    monthly_maximum_temperature,
    monthly_minimum_temperature,
    monthly_vapour_pressure,
    elevation,
    reference_albedo,
    clear_sky_share,
    clear_sky_rise,
    stefan_boltzmann,
    longwave_dry,
    longwave_vapour,
    unit_pressure,
    cloud_scale,
    cloud_offset,
):
    """Net radiation of the reference grass: what it takes up of the sun less what it sends back as heat.

        Rn = (1 - 0.23) Rs - sigma (Tmax^4 + Tmin^4) / 2 (0.34 - 0.14 sqrt(e_a)) (1.35 q - 0.35)
        q = min(1, Rs / ((0.75 + 2 x 10^-5 z) Ra))

    Rs solar radiation, Ra radiation above the air, e_a vapour in kPa, z elevation in metres, temperatures in K, sigma
    4.903 x 10^-9 MJ/(K^4 m² day), q solar radiation over that of a clear sky. Where the sun does not rise no cloud can
    be told, and Rn is missing.

    Rio de Janeiro in May: Rs 14.5, Ra 25.1, 25.1 and 19.1 degrees, e_a 2.1: 11.1 - 3.5 = 7.6 (examples 11 and 12).
    """
    clear = (clear_sky_share + clear_sky_rise * elevation) * monthly_extraterrestrial_radiation
    cloud = cloud_scale * np.minimum(monthly_solar_radiation / clear, 1) - cloud_offset
    humid = longwave_dry - longwave_vapour * np.sqrt(monthly_vapour_pressure / unit_pressure)
    heat = stefan_boltzmann * (monthly_maximum_temperature**4 + monthly_minimum_temperature**4) / 2
    return (1 - reference_albedo) * monthly_solar_radiation - heat * humid * cloud


@equation(
    monthly_air_temperature="K",
    **_EXTREMES,
    monthly_net_radiation="MJ/(m^2*day)",
    monthly_soil_heat="MJ/(m^2*day)",
    monthly_vapour_pressure="kPa",
    monthly_wind_speed="m/s",
    elevation="m",
    monthly_length="day",
    **_VAPOUR,
    air_pressure_at_sea="kPa",
    standard_temperature="K",
    standard_lapse="K/m",
    air_pressure_exponent="1",
    psychrometric_scale="1/K",
    evaporation_energy="MJ/(m^2*mm)",
    penman_zero="K",
    penman_wind="K*mm*s/(kPa*m*day)",
    penman_resistance="s/m",
    wind_height="m",
    wind_log_scale="1",
    wind_log_slope="1/m",
    wind_log_offset="1",
    returns="mm",
    source=f"{FAO_56}, equations 6, 13 and 47",
    points={
        **{key: value for key, value in _WARM.items() if key != "temperature"},
        "elevation": (0, 3000),
        "standard_temperature": (290, 295),
        "standard_lapse": (0.006, 0.007),
        "air_pressure_exponent": (5, 5.3),
        "penman_zero": (273, 273.1),
        "wind_height": (2, 10),
        "wind_log_slope": (67, 68),
        "wind_log_offset": (5.4, 5.5),
    },
)
def monthly_reference_of_penman(
    monthly_air_temperature,
    monthly_maximum_temperature,
    monthly_minimum_temperature,
    monthly_net_radiation,
    monthly_soil_heat,
    monthly_vapour_pressure,
    monthly_wind_speed,
    elevation,
    monthly_length,
    zero_celsius,
    vapour_at_zero,
    vapour_scale,
    vapour_offset,
    air_pressure_at_sea,
    standard_temperature,
    standard_lapse,
    air_pressure_exponent,
    psychrometric_scale,
    evaporation_energy,
    penman_zero,
    penman_wind,
    penman_resistance,
    wind_height,
    wind_log_scale,
    wind_log_slope,
    wind_log_offset,
):
    """Reference evapotranspiration of each month, by Penman and Monteith for a short grass.

        ET0 = n (D (Rn - G) / 2.45 + gamma 900 / (T + 273) u (e_s - e_a)) / (D + gamma (1 + 0.34 u))
        D = 17.27 x 237.3 e / (T + 237.3)^2,  u = u_z 4.87 / ln(67.8 z_w - 5.42)

    n days of the month, e vapour that the air can hold at T degrees Celsius, D how it grows with T, Rn net radiation, G
    heat that the soil takes up, gamma psychrometric constant, e_s and e_a vapour that the air can hold by its extremes
    and that it has, u_z wind at the height z_w, u at 2 m. Below 0, where dew falls, it is 0. The paper prints 4098 for
    17.27 x 237.3 and 0.408 for 1 / 2.45.

    Uccle, 6 July: 21.5 and 12.3 degrees, Rn 13.28, G 0, e_a 1.409, 2.78 m/s at 10 m, 100 m: 3.9 mm in a day (example
    18 of the paper).
    """
    celsius = monthly_air_temperature - zero_celsius
    at_mean = saturation_vapour_pressure(
        monthly_air_temperature, zero_celsius, vapour_at_zero, vapour_scale, vapour_offset
    )
    slope = at_mean * vapour_scale * vapour_offset / (celsius + vapour_offset) ** 2
    gamma = psychrometric_constant(
        elevation, air_pressure_at_sea, standard_temperature, standard_lapse, air_pressure_exponent, psychrometric_scale
    )
    wind = monthly_wind_speed * wind_log_scale / np.log(wind_log_slope * wind_height - wind_log_offset)
    held = mean_saturation_vapour_pressure(
        monthly_maximum_temperature,
        monthly_minimum_temperature,
        zero_celsius,
        vapour_at_zero,
        vapour_scale,
        vapour_offset,
    )
    of_sun = slope * (monthly_net_radiation - monthly_soil_heat) / evaporation_energy
    of_air = gamma * penman_wind / (celsius + penman_zero) * wind * (held - monthly_vapour_pressure)
    daily = (of_sun + of_air) / (slope + gamma * (1 + penman_resistance * wind))
    return np.maximum(daily, 0 * daily) * monthly_length


PENMAN_DERIVATIONS = (
    Derivation(
        "monthly_vapour_pressure",
        vapour_pressure_of_humidity,
        is_provisional=True,
        note="made from relative humidity and the extremes of temperature",
    ),
    Derivation(
        "monthly_net_radiation",
        monthly_net_radiation_of_grass,
        is_provisional=True,
        note="that of the reference grass, from solar radiation, temperatures and vapour",
    ),
    Derivation(
        "monthly_reference_evapotranspiration",
        monthly_reference_of_penman,
        is_provisional=True,
        note="made from radiation, temperatures, vapour and wind by Penman and Monteith",
    ),
)
