"""Factors of the wind erosion equation made from other layers: erodible fraction, crust, roughness, cover; the weather
factor is made in `wind_weather`.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation
from gep.derivations.wind_weather import (
    HJ,
    erosive_wind_of_days,
    erosive_wind_of_steps,
    monthly_air_density_of_height,
    monthly_erosive_wind_of_means,
    monthly_snow_factor_of_means,
    monthly_soil_wetness_of_potential,
    monthly_soil_wetness_of_reference,
    monthly_wind_factor_of_mean,
    rain_days_of_month,
    snow_factor_of_days,
    weather_factor_of_months,
)

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
