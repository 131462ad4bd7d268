"""Factors of the wind erosion equation made from other layers: weather, erodible fraction, crust, roughness, cover."""

from __future__ import annotations

from typing import Any

import numpy as np

from gep.core.catalog import Derivation
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


# weather --------------------------------------------------------------------------------------------------------------


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
    source=f"{RWEQ}; form recalled",
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
    source=f"{RWEQ}; form recalled",
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


# soil -----------------------------------------------------------------------------------------------------------------

_SOIL_POINTS = {
    "soil_sand": (5, 90),
    "soil_silt": (5, 60),
    "soil_clay": (0, 50),
    "soil_organic_matter": (0.5, 5),
    "whole": (100, 101),
}


@equation(
    soil_sand="percent",
    soil_silt="percent",
    soil_clay="percent",
    soil_organic_matter="percent",
    erodible_base="percent",
    erodible_sand="1",
    erodible_silt="1",
    erodible_sand_by_clay="percent",
    erodible_organic="1",
    whole="percent",
    returns="1",
    source=f"{HJ}, equation A.18, without calcium carbonate",
    points=_SOIL_POINTS,
)
def erodible_fraction(
    soil_sand,
    soil_silt,
    soil_clay,
    soil_organic_matter,
    erodible_base,
    erodible_sand,
    erodible_silt,
    erodible_sand_by_clay,
    erodible_organic,
    whole,
):
    """Erodible fraction of the soil, from texture and organic matter; calcium carbonate may be left out, says the
    standard.

        EF = (29.09 + 0.31 sa + 0.17 si + 0.33 sa/cl - 2.59 OM) / 100,  between 0 and 1

    sa, si, cl sand, silt and clay and OM organic matter in per cent. Missing where there is no clay at all.

    Sand 60, silt 25, clay 15, organic matter 1.2 %: 0.50152.
    """
    by_clay = soil_sand / np.where(soil_clay > 0, soil_clay, np.nan * soil_clay)
    by_texture = erodible_base + erodible_sand * soil_sand + erodible_silt * soil_silt + erodible_sand_by_clay * by_clay
    return np.minimum(np.maximum((by_texture - erodible_organic * soil_organic_matter) / whole, 0), 1)


@equation(
    soil_sand="percent",
    soil_silt="percent",
    soil_clay="percent",
    soil_organic_matter="percent",
    soil_calcium_carbonate="percent",
    erodible_base="percent",
    erodible_sand="1",
    erodible_silt="1",
    erodible_sand_by_clay="percent",
    erodible_organic="1",
    erodible_carbonate="1",
    whole="percent",
    returns="1",
    source=f"{HJ}, equation A.18",
    points=_SOIL_POINTS,
)
def erodible_fraction_with_carbonate(
    soil_sand,
    soil_silt,
    soil_clay,
    soil_organic_matter,
    soil_calcium_carbonate,
    erodible_base,
    erodible_sand,
    erodible_silt,
    erodible_sand_by_clay,
    erodible_organic,
    erodible_carbonate,
    whole,
):
    """Erodible fraction of the soil, from texture, organic matter and calcium carbonate.

        EF = (29.09 + 0.31 sa + 0.17 si + 0.33 sa/cl - 2.59 OM - 0.95 CaCO3) / 100,  between 0 and 1

    sa, si, cl sand, silt and clay, OM organic matter and CaCO3 calcium carbonate in per cent. Missing where there is no
    clay at all.

    Sand 60, silt 25, clay 15, organic matter 1.2, calcium carbonate 2 %: 0.48252.
    """
    by_clay = soil_sand / np.where(soil_clay > 0, soil_clay, np.nan * soil_clay)
    by_texture = erodible_base + erodible_sand * soil_sand + erodible_silt * soil_silt + erodible_sand_by_clay * by_clay
    bound = erodible_organic * soil_organic_matter + erodible_carbonate * soil_calcium_carbonate
    return np.minimum(np.maximum((by_texture - bound) / whole, 0), 1)


@equation(
    soil_clay="percent",
    soil_organic_matter="percent",
    crust_clay="1/percent^2",
    crust_organic="1/percent^2",
    returns="1",
    source=f"{HJ}, equation A.19",
)
def crust_factor(soil_clay, soil_organic_matter, crust_clay, crust_organic):
    """Soil crust factor (土壤结皮因子), from clay and organic matter.

        SCF = 1 / (1 + 0.0066 cl^2 + 0.021 OM^2)

    cl clay and OM organic matter in per cent.

    Clay 15, organic matter 1.2 %: 1 / 2.51524 = 0.3975763744.
    """
    return 1 / (1 + crust_clay * soil_clay**2 + crust_organic * soil_organic_matter**2)


# roughness ------------------------------------------------------------------------------------------------------------


@equation(
    centre="m",
    north_west="m",
    north="m",
    north_east="m",
    west="m",
    east="m",
    south_west="m",
    south="m",
    south_east="m",
    cell_width="m",
    cell_height="m",
    returns="m",
    source=f"{HJ}, equation A.22; the window is a choice of gep",
)
def squared_relief_of_neighbours(
    centre, north_west, north, north_east, west, east, south_west, south, south_east, cell_width, cell_height
):
    """Relief of the terrain as the ridge roughness takes it: the squared range of elevation over the distance in which
    it is found.

        R = dH^2 / L

    dH range of elevation among a cell and its eight neighbours, L the distance between the outer centres: two cells.
    Computed on the grid of the elevation layer; missing where a neighbour is missing.

    A plane that rises 1 m per 10 m to the east, cells of 30 m: 6² / 60 = 0.6 m.
    """
    row_highest = np.maximum(np.maximum(west, east), centre)
    row_lowest = np.minimum(np.minimum(west, east), centre)
    above_highest = np.maximum(np.maximum(north_west, north_east), north)
    above_lowest = np.minimum(np.minimum(north_west, north_east), north)
    below_highest = np.maximum(np.maximum(south_west, south_east), south)
    below_lowest = np.minimum(np.minimum(south_west, south_east), south)
    highest = np.maximum(np.maximum(above_highest, below_highest), row_highest)
    lowest = np.minimum(np.minimum(above_lowest, below_lowest), row_lowest)
    return (highest - lowest) ** 2 / (cell_width + cell_height)


@equation(squared_relief="m", ridge_factor="cm/m", returns="cm", source=f"{HJ}, equation A.22")
def ridge_of_relief(squared_relief, ridge_factor):
    """Ridge roughness of the terrain, by the equation of Smith and Carson.

        Kr = 0.2 dH^2 / L

    dH range of elevation within the distance L. Elevation and distance are in metres and Kr is taken in cm: the factor
    carries the mixture.

    A range of 20 m within 500 m: 0.8 m, Kr = 0.16 cm.
    """
    return ridge_factor * squared_relief


@equation(
    terrain_roughness_ridge="cm",
    random_roughness="cm",
    roughness_growth="1",
    roughness_decline="1",
    roughness_random="1",
    unit_ridge="cm",
    returns="1",
    source=f"{HJ}, equation A.21",
)
def roughness_of_ridges(
    terrain_roughness_ridge, random_roughness, roughness_growth, roughness_decline, roughness_random, unit_ridge
):
    """Surface roughness factor (地表糙度因子), from the ridge roughness of the terrain.

        K' = exp(1.86 Kr - 2.41 Kr^0.934 - 0.127 Crr),  at most 1

    Kr ridge roughness and Crr random roughness in cm, the latter 0 in the standard. The fit passes 1 at Kr 50.6 cm and
    then grows without bound, where relief is far beyond what it was made for: it is cut at 1.

    Kr 0.16: 0.8714679671.
    """
    ridge, random = terrain_roughness_ridge / unit_ridge, random_roughness / unit_ridge
    return np.minimum(
        np.exp(roughness_growth * ridge - roughness_decline * ridge**0.934 - roughness_random * random), 1
    )


@equation(
    slope="rad",
    returns="1",
    source="A simplification that programs use; not a clause of a standard",
    points={"slope": (0, 1.5)},
)
def roughness_of_slope(slope):
    """Surface roughness factor taken as the cosine of the slope.

        K' = cos theta

    theta slope. Near 1 but on the steepest ground: hardly a roughness.

    60 degrees: 0.5.
    """
    return np.cos(slope)


# cover ----------------------------------------------------------------------------------------------------------------


@equation(
    vegetation_cover="1",
    wind_cover_coefficient="1",
    returns="1",
    source=f"{HJ}, equation A.20",
    points={"vegetation_cover": (0, 1), "wind_cover_coefficient": (4, 16)},
)
def cover_factor_of_class(vegetation_cover, wind_cover_coefficient):
    """Cover factor of wind erosion, by a coefficient of the class.

        C = exp(-a SC)

    SC vegetation cover and a the coefficient of the class. The standard has SC in per cent and a per per cent, so that
    a is 100 times larger where the cover is a fraction; with the printed a and a fraction C never falls below 0.86, and
    the service all but vanishes.

    Grass (a 0.1151 per per cent) with a cover of 50 %: exp(-5.755) = 0.003166907.
    """
    return np.exp(0 - wind_cover_coefficient * vegetation_cover)


@equation(
    vegetation_cover="1",
    canopy_decay="1",
    returns="1",
    source="Canopy cover of the revised wind erosion equation, Fryrear et al. 1998, as programs write it; not a clause "
    "of HJ 1173",
    points={"vegetation_cover": (0, 1)},
)
def cover_factor_of_canopy(vegetation_cover, canopy_decay):
    """Cover factor of wind erosion, by one curve of the canopy for all classes.

        C = exp(-5.614 c^0.7366)

    c vegetation cover as a fraction.

    c 0.5: exp(-5.614 x 0.600152) = 0.034415.
    """
    return np.exp(0 - canopy_decay * vegetation_cover**0.7366)


WIND_DERIVATIONS = (
    Derivation(
        "monthly_erosive_wind",
        erosive_wind_of_steps,
        switch="wind",
        options=("best", "subdaily"),
        is_provisional=True,
        note="from wind speeds of several times a day",
    ),
    Derivation(
        "monthly_erosive_wind",
        erosive_wind_of_days,
        switch="wind",
        options=("best", "daily"),
        is_provisional=True,
        note="from daily mean wind speeds: too small, since what wind carries grows faster than its speed and gusts "
        "within a day are lost",
    ),
    Derivation(
        "monthly_erosive_wind",
        monthly_erosive_wind_of_means,
        switch="wind",
        options=("best", "monthly"),
        is_provisional=True,
        note="from monthly mean wind speeds: far too small, and 0 in every month whose mean is below the threshold",
        is_rough=True,
    ),
    Derivation("monthly_wind_factor", monthly_wind_factor_of_mean),
    Derivation("weather_factor", weather_factor_of_months),
    Derivation(
        "monthly_air_density", monthly_air_density_of_height, is_provisional=True, note="from elevation and temperature"
    ),
    Derivation(
        "monthly_soil_wetness",
        monthly_soil_wetness_of_potential,
        is_provisional=True,
        note="from rain, days with rain and potential evapotranspiration",
    ),
    Derivation(
        "monthly_soil_wetness",
        monthly_soil_wetness_of_reference,
        is_provisional=True,
        note="from rain, days with rain and reference evapotranspiration",
    ),
    Derivation("monthly_rain_days", rain_days_of_month, is_provisional=True, note="counted from daily rain"),
    Derivation(
        "monthly_snow_factor",
        snow_factor_of_days,
        is_provisional=True,
        note="the share of days without protecting snow",
    ),
    Derivation(
        "monthly_snow_factor",
        monthly_snow_factor_of_means,
        is_provisional=True,
        note="taken by whole months: 0 where the mean snow depth protects the soil, else 1",
    ),
    Derivation(
        "wind_erodible_fraction",
        erodible_fraction_with_carbonate,
        note="from texture, organic matter and calcium carbonate",
    ),
    Derivation("wind_erodible_fraction", erodible_fraction, note="from texture and organic matter"),
    Derivation("soil_crust_factor", crust_factor, note="from clay and organic matter"),
    Derivation(
        "squared_relief",
        squared_relief_of_neighbours,
        is_provisional=True,
        note="the range of elevation among each cell and its neighbours, over two cells of the elevation grid",
        of_neighbours="elevation",
    ),
    Derivation("terrain_roughness_ridge", ridge_of_relief, note="from the relief of the terrain, by Smith and Carson"),
    Derivation(
        "surface_roughness_factor",
        roughness_of_ridges,
        switch="roughness",
        options=("smith_carson",),
        note="from the relief of the terrain",
    ),
    Derivation(
        "surface_roughness_factor",
        roughness_of_slope,
        switch="roughness",
        options=("cos_slope",),
        is_provisional=True,
        note="taken as the cosine of the slope",
    ),
    Derivation(
        "wind_cover_factor",
        cover_factor_of_class,
        switch="cover",
        options=("exponential",),
        note="by class and vegetation cover",
    ),
    Derivation(
        "wind_cover_factor",
        cover_factor_of_canopy,
        switch="cover",
        options=("canopy",),
        is_provisional=True,
        note="by vegetation cover, one curve for all classes",
    ),
)
