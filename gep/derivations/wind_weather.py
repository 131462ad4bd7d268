"""The weather factor of the wind erosion equation made from other layers: wind, air density, soil wetness, snow."""

from __future__ import annotations

from typing import Any

import numpy as np

from gep.core.equation import equation

HJ = "HJ 1173-2021"
RWEQ = (
    "Revised wind erosion equation, Fryrear et al. 1998, as the program pyrweq writes it; HJ 1173-2021 does not "
    "expand it"
)

_WIND: dict[str, Any] = {
    "wind_height": "m",
    "erosion_wind_height": "m",
    "wind_profile_root": "1",
    "wind_threshold": "m/s",
}


@equation(wind_speed="m/s", **_WIND, returns="m^3/s^3", source=RWEQ)
def erosive_wind(wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold):
    """How strongly a wind can carry sand: its speed times the square of what it has above the threshold.

        w = u2 (u2 - ut)^2  from ut on, else 0,  u2 = u (2 m / h)^(1/7)

    u wind speed at the height h of its measurement, u2 at 2 m by the power law, ut threshold of 5 m/s.

    10 m/s at 2 m: 10 x 25 = 250 m³/s³. 12 m/s at 10 m: u2 = 9.535169, w = 196.1170.
    """
    near_ground = wind_speed * (erosion_wind_height / wind_height) ** (1 / wind_profile_root)
    return near_ground * np.maximum(near_ground - wind_threshold, 0) ** 2


@equation(subdaily_wind_speed="m/s", **_WIND, returns="m^3/s^3", source=RWEQ)
def erosive_wind_of_steps(subdaily_wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold):
    """Mean erosive wind of a month, from wind speeds of several times a day.

        w_m = (1/N) sum_i u_i (u_i - ut)^2

    The N wind speeds of one month, at 2 m; below the threshold nothing.

    10 m/s in half of the steps and 4 m/s in the other, at 2 m: 125 m³/s³.
    """
    return np.mean(
        erosive_wind(subdaily_wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold), axis=0
    )


@equation(daily_wind_speed="m/s", **_WIND, returns="m^3/s^3", source=RWEQ)
def erosive_wind_of_days(daily_wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold):
    """Mean erosive wind of a month, from daily mean wind speeds.

        w_m = (1/N) sum_d u_d (u_d - ut)^2

    The N daily means of one month, at 2 m; below the threshold nothing. Too small: gusts within a day carry more than
    their mean does.

    7 m/s on 15 of 30 days and 3 m/s on the others, at 2 m: 0.5 x 7 x 4 = 14 m³/s³. Half of each day at 10 and half at 4
    m/s would give 125 by its steps, and 14 by its mean of 7.
    """
    return np.mean(
        erosive_wind(daily_wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold), axis=0
    )


@equation(monthly_wind_speed="m/s", **_WIND, returns="m^3/s^3", source=RWEQ)
def monthly_erosive_wind_of_means(
    monthly_wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold
):
    """Erosive wind of each month, from monthly mean wind speeds: far too small.

        w_m = u_m (u_m - ut)^2,  0 where the mean of the month is below the threshold

    The formula is convex in the wind speed, and few places have a month whose mean passes 5 m/s at 2 m (6.3 m/s at 10
    m).

    6 m/s at 2 m: 6 m³/s³.
    """
    return erosive_wind(monthly_wind_speed, wind_height, erosion_wind_height, wind_profile_root, wind_threshold)


@equation(monthly_erosive_wind="m^3/s^3", monthly_length="day", returns="m^3*day/s^3", source=RWEQ)
def monthly_wind_factor_of_mean(monthly_erosive_wind, monthly_length):
    """Wind factor of each month: its mean erosive wind over its days.

        Wf = [sum_i u_i (u_i - ut)^2 / N] Nd

    N wind speeds of the month, Nd its days.

    250 m³/s³ in a month of 31 days: 7750 m³ day/s³.
    """
    return monthly_erosive_wind * monthly_length


@equation(
    monthly_wind_factor="m^3*day/s^3",
    monthly_air_density="kg/m^3",
    monthly_soil_wetness="1",
    monthly_snow_factor="1",
    gravity="m/s^2",
    weather_time="s/day",
    per_year="1/year",
    returns="kg/(m*year)",
    source=f"{HJ}, equation A.17",
)
def weather_factor_of_months(
    monthly_wind_factor, monthly_air_density, monthly_soil_wetness, monthly_snow_factor, gravity, weather_time, per_year
):
    """Weather factor of the year: the sum of its months.

        WF = sum_m Wf (rho / g) SW SD

    Wf wind factor, rho air density, g gravity, SW soil wetness, SD snow. The formula takes a rate in kg/(m s) and a
    count of days for an amount in kg/m: the constant of 1 s per day says so.

    Twelve months of Wf 1000, rho 1.2 kg/m³, g 9.8 m/s², SW 0.5, SD 1: 734.694 kg/(m a).
    """
    monthly = monthly_wind_factor * monthly_air_density / gravity * monthly_soil_wetness * monthly_snow_factor
    return np.sum(monthly, axis=0) * weather_time * per_year


@equation(
    elevation="m",
    monthly_air_temperature="K",
    air_density_scale="kg*K/m^3",
    air_density_offset="1",
    air_density_slope="1/m",
    air_density_curve="1/m^2",
    returns="kg/m^3",
    source=RWEQ,
    points={"elevation": (0, 5000), "air_density_slope": (0.0001, 0.00012), "air_density_curve": (4e-9, 5e-9)},
)
def monthly_air_density_of_height(
    elevation, monthly_air_temperature, air_density_scale, air_density_offset, air_density_slope, air_density_curve
):
    """Air density of each month, from elevation and air temperature.

        rho = 348 (1.013 - 0.1183 EL + 0.0048 EL^2) / T

    EL elevation in km, T temperature in kelvin.

    1 km, 288.15 K: 1.086330 kg/m³.
    """
    pressure = air_density_offset - air_density_slope * elevation + air_density_curve * elevation**2
    return air_density_scale * pressure / monthly_air_temperature


@equation(
    monthly_precipitation="mm",
    monthly_potential_evapotranspiration="mm",
    monthly_rain_days="day",
    monthly_length="day",
    unit_rain="mm",
    returns="1",
    source=f"{RWEQ}; its text was not at hand",
    points={
        "monthly_precipitation": (0, 40),
        "monthly_potential_evapotranspiration": (0, 60),
        "monthly_rain_days": (0, 20),
        "monthly_length": (28, 31),
    },
)
def monthly_soil_wetness_of_potential(
    monthly_precipitation, monthly_potential_evapotranspiration, monthly_rain_days, monthly_length, unit_rain
):
    """Soil wetness factor of each month: 1 where the soil is dry, 0 where it stays wet.

        SW = [ETp - (P + I) Rd / Nd] / ETp,  between 0 and 1

    ETp potential evapotranspiration, P rain, I irrigation (taken as 0: fields that are watered in the windy season keep
    more than is counted), Rd days with rain, Nd days of the month. Where nothing can evaporate, soil is dry if no rain
    fell, and wet if any did.

    ETp 40 mm, P 20 mm on 6 of 30 days: (40 - 4) / 40 = 0.9.
    """
    wet = monthly_precipitation * monthly_rain_days / monthly_length
    rest = np.maximum(monthly_potential_evapotranspiration - wet, 0)
    most = np.maximum(monthly_potential_evapotranspiration, wet)  # where rest is more than 0 this is evapotranspiration
    return np.where(most > 0, rest / np.where(most > 0, most, unit_rain), 1 + 0 * most / unit_rain)


@equation(
    monthly_precipitation="mm",
    monthly_reference_evapotranspiration="mm",
    monthly_rain_days="day",
    monthly_length="day",
    unit_rain="mm",
    returns="1",
    source=f"{RWEQ}; its text was not at hand",
)
def monthly_soil_wetness_of_reference(
    monthly_precipitation, monthly_reference_evapotranspiration, monthly_rain_days, monthly_length, unit_rain
):
    """Soil wetness factor of each month, where only the evapotranspiration of the reference surface is known.

        SW = [ET0 - (P + I) Rd / Nd] / ET0,  between 0 and 1

    ET0 reference evapotranspiration in place of the potential one; irrigation I is taken as 0.

    ET0 40 mm, P 20 mm on 6 of 30 days: 0.9.
    """
    return monthly_soil_wetness_of_potential(
        monthly_precipitation, monthly_reference_evapotranspiration, monthly_rain_days, monthly_length, unit_rain
    )


@equation(
    daily_precipitation="mm",
    rain_day="mm",
    unit_day="day",
    returns="day",
    source="Days with rain as climate indices count them, doi 10.1002/wcc.147; the threshold is a coefficient",
    points={"rain_day": (0.9, 1.1)},
)
def rain_days_of_month(daily_precipitation, rain_day, unit_day):
    """Days with rain in a month, from the daily rain of that month.

        Rd = number of days with P_d >= rain_day

    P_d rain of a day. Missing where any day is missing.

    0, 0.4, 1, 12 mm with a threshold of 1 mm: 2 days.
    """
    is_wet = np.where(daily_precipitation >= rain_day, 1, 0) + 0 * daily_precipitation / rain_day
    return np.sum(is_wet, axis=0) * unit_day


@equation(
    daily_snow_depth="mm",
    protecting_snow="mm",
    returns="1",
    source=RWEQ,
    points={"protecting_snow": (20, 30)},
)
def snow_factor_of_days(daily_snow_depth, protecting_snow):
    """Snow factor of a month: the share of its days on which snow does not protect the soil.

        SD = 1 - share of days with a snow depth above 25.4 mm

    Missing where any day is missing.

    30 mm on 6 of 30 days, 20 mm on the others: 0.8.
    """
    is_covered = np.where(daily_snow_depth > protecting_snow, 1, 0) + 0 * daily_snow_depth / protecting_snow
    return 1 - np.mean(is_covered, axis=0)


@equation(
    monthly_snow_depth="mm",
    protecting_snow="mm",
    returns="1",
    source=RWEQ,
    points={"protecting_snow": (20, 30)},
)
def monthly_snow_factor_of_means(monthly_snow_depth, protecting_snow):
    """Snow factor of each month from its mean snow depth: a month is protected as a whole or not at all.

        SD = 0 where the mean snow depth is above 25.4 mm, else 1

    Coarse: daily snow depths give the share of days.

    30 mm: 0; 20 mm: 1.
    """
    return np.where(monthly_snow_depth > protecting_snow, 0, 1) + 0 * monthly_snow_depth / protecting_snow
