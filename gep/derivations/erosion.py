"""Factors of the soil loss equation made from other layers: rainfall erosivity, soil erodibility, cover."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

HJ = "HJ 1173-2021"
ZHANG_2002 = "Model of Zhang et al. 2002 as used by Chen et al. 2016, Chinese Journal of Eco-Agriculture 24(2):244-255"


@equation(
    daily_precipitation="mm",
    erosive_day="mm",
    calendar_month="1",
    warm_season_start="1",
    warm_season_end="1",
    erosivity_warm="MJ*mm/(hm^2*h*year)",
    erosivity_cold="MJ*mm/(hm^2*h*year)",
    unit_rain="mm",
    returns="MJ*mm/(hm^2*h*year)",
    source=f"{HJ}, equations A.5-A.6",
    points={
        "calendar_month": (1, 12),
        "warm_season_start": (5, 5.1),
        "warm_season_end": (9, 9.1),
        "erosive_day": (10, 14),
    },
)
def erosivity_of_daily_rain(
    daily_precipitation,
    erosive_day,
    calendar_month,
    warm_season_start,
    warm_season_end,
    erosivity_warm,
    erosivity_cold,
    unit_rain,
):
    """Rainfall erosivity of a year of daily rain, half-month by half-month.

        R = sum_k alpha_k sum_d (P_d / 1 mm)^1.7265,  over days with P_d >= erosive_day

    P_d rain of a day; alpha 0.3937 in the warm season, 0.3101 in the cold one. The sum over half-months is the sum over
    days with the alpha of their season. Rain below the threshold counts nothing; a year without erosive days has
    erosivity zero, which is not missing.

    Days of 15, 30 and 50 mm: 519.6337917 in the warm season, 409.2924531 in the cold.
    """
    is_warm = (calendar_month >= warm_season_start) & (calendar_month <= warm_season_end)
    alpha = np.where(is_warm, erosivity_warm, erosivity_cold)
    erosive = np.where(daily_precipitation < erosive_day, 0 * daily_precipitation, daily_precipitation)
    return np.sum(alpha * (erosive / unit_rain) ** 1.7265, axis=0)


@equation(
    daily_precipitation="mm",
    erosive_day="mm",
    erosivity_2002_offset="1",
    erosivity_2002_day="mm",
    erosivity_2002_year="mm",
    erosivity_2002_scale="MJ*mm/(hm^2*h*year)",
    unit_rain="mm",
    returns="MJ*mm/(hm^2*h*year)",
    source=ZHANG_2002,
    points={"erosive_day": (10, 14)},
)
def erosivity_zhang_2002(
    daily_precipitation,
    erosive_day,
    erosivity_2002_offset,
    erosivity_2002_day,
    erosivity_2002_year,
    erosivity_2002_scale,
    unit_rain,
):
    """Rainfall erosivity of a year of daily rain, by the model of 2002.

        R = lambda sum_d D_d^b,  b = 0.8363 + 18.144 / P_d + 24.455 / P_y,  lambda = 21.586 b^-7.1891

    D_d erosive daily rain, P_d its mean over erosive days, P_y its sum over the year. Zero without erosive days.

    Days of 15, 30 and 50 mm (mean 31.6667, sum 95): b = 1.666689, lambda = 0.548576, R = 581.26.
    """
    is_erosive = daily_precipitation >= erosive_day
    erosive = np.where(is_erosive, daily_precipitation, 0 * daily_precipitation)
    total = np.sum(erosive, axis=0)
    rain, days = (
        np.maximum(total, unit_rain),
        np.maximum(np.sum(is_erosive, axis=0), 1),
    )  # without erosive days the sum below is 0
    b = erosivity_2002_offset + erosivity_2002_day * days / rain + erosivity_2002_year / rain
    return erosivity_2002_scale * b**-7.1891 * np.sum((erosive / unit_rain) ** b, axis=0)


@equation(
    monthly_precipitation="mm",
    erosivity_monthly_scale="MJ*mm/(hm^2*h*year)",
    erosivity_monthly_exponent="1",
    base_ten="1",
    unit_rain="mm",
    returns="MJ*mm/(hm^2*h*year)",
    source="Wischmeier and Smith 1978, USDA Agriculture Handbook 537; units: decision 0008",
)
def erosivity_of_monthly_rain(
    monthly_precipitation, erosivity_monthly_scale, erosivity_monthly_exponent, base_ten, unit_rain
):
    """Rainfall erosivity from twelve months of rain.

        R = k sum_i 10^(1.5 lg(P_i^2 / P) - 0.8188) = k 10^-0.8188 sum_i (P_i^2 / P)^1.5

    P_i rain of a month, P of the year, in mm. k is 17.02 for the result in MJ mm/(hm² h a); the 1.735 that papers print
    gives a metric unit that is 9.81 times larger (decision 0008). Zero without rain.

    5, 10, 20, 40, 80, 120, 150, 130, 90, 40, 15, 5 mm with k = 1.735: 122.1284447.
    """
    year = np.maximum(np.sum(monthly_precipitation, axis=0), unit_rain)  # a year without rain gives 0, not 0/0
    months = np.sum((monthly_precipitation**2 / year / unit_rain) ** 1.5, axis=0)
    return erosivity_monthly_scale * base_ten ** (0 - erosivity_monthly_exponent) * months


@equation(
    precipitation="mm/year",
    erosivity_annual_scale="MJ*mm/(hm^2*h*year)",
    unit_annual_rain="mm/year",
    returns="MJ*mm/(hm^2*h*year)",
    source="Zhang and Fu 2003, Resources Science (in Chinese); not a clause of a GEP standard",
)
def erosivity_of_annual_rain(precipitation, erosivity_annual_scale, unit_annual_rain):
    """Rainfall erosivity from annual rain, for regions without daily rain.

        R = 0.0534 P^1.6548

    P annual precipitation in mm.

    P 500 mm: 1562.416 MJ mm/(hm² h a).
    """
    return erosivity_annual_scale * (precipitation / unit_annual_rain) ** 1.6548


@equation(
    soil_sand="1",
    soil_silt="1",
    soil_clay="1",
    soil_organic_carbon="1",
    one_percent="1",
    epic_base="1",
    epic_sand="1",
    epic_sand_decay="1",
    epic_carbon="1",
    epic_carbon_offset="1",
    epic_carbon_slope="1",
    epic_fines="1",
    epic_fines_offset="1",
    epic_fines_slope="1",
    returns="1",
    source=f"{HJ}, equation A.7",
    points={
        "soil_sand": (0.05, 0.9),
        "soil_silt": (0.05, 0.6),
        "soil_clay": (0.05, 0.5),
        "soil_organic_carbon": (0.001, 0.05),
        "one_percent": (0.01, 0.0101),
        "epic_sand_decay": (0.02, 0.03),
    },
)
def erodibility_epic(
    soil_sand,
    soil_silt,
    soil_clay,
    soil_organic_carbon,
    one_percent,
    epic_base,
    epic_sand,
    epic_sand_decay,
    epic_carbon,
    epic_carbon_offset,
    epic_carbon_slope,
    epic_fines,
    epic_fines_offset,
    epic_fines_slope,
):
    """Soil erodibility of the EPIC model, in US customary units as its fit gives it.

        K = {0.2 + 0.3 exp[-0.0256 sa (1 - si/100)]} [si/(cl + si)]^0.3 {1 - 0.25 C/[C + exp(3.72 - 2.95 C)]} {1 -
            0.7 sn/[sn + exp(-5.51 + 22.9 sn)]}

    sa, si, cl sand, silt and clay and C organic carbon in per cent; sn = 1 - sa/100.

    Sand 40, silt 40, clay 20, carbon 1.5 %: 0.2604396271.
    """
    sand, carbon = soil_sand / one_percent, soil_organic_carbon / one_percent
    rest = 1 - soil_sand
    texture = epic_base + epic_sand * np.exp(0 - epic_sand_decay * sand * (1 - soil_silt))
    silt = (soil_silt / (soil_clay + soil_silt)) ** 0.3
    organic = 1 - epic_carbon * carbon / (carbon + np.exp(epic_carbon_offset - epic_carbon_slope * carbon))
    fines = 1 - epic_fines * rest / (rest + np.exp(epic_fines_slope * rest - epic_fines_offset))
    return texture * silt * organic * fines


@equation(
    erodibility_us="1",
    erodibility_offset="1",
    erodibility_slope="1",
    erodibility_unit="t*hm^2*h/(hm^2*MJ*mm)",
    returns="t*hm^2*h/(hm^2*MJ*mm)",
    source=f"{HJ}, equation A.8",
)
def erodibility_hj(erodibility_us, erodibility_offset, erodibility_slope, erodibility_unit):
    """Soil erodibility, from that of EPIC by the correction of the standard, in SI units.

        K = max(0, -0.01383 + 0.51575 K_EPIC) 0.1317

    K_EPIC 0.2604396271: 0.01586876185 t hm² h/(hm² MJ mm). Below 0.0268 the correction would be negative; it is taken
    as zero.
    """
    return np.maximum(erodibility_slope * erodibility_us - erodibility_offset, 0) * erodibility_unit


@equation(
    erodibility_us="1",
    erodibility_unit="t*hm^2*h/(hm^2*MJ*mm)",
    returns="t*hm^2*h/(hm^2*MJ*mm)",
    source=f"{HJ}, equation A.7, without A.8",
)
def erodibility_uncorrected(erodibility_us, erodibility_unit):
    """Soil erodibility of EPIC in SI units, without the correction of the standard: about twice as large.

        K = 0.1317 K_EPIC

    K_EPIC 0.2604396271: 0.03429989889 t hm² h/(hm² MJ mm).
    """
    return erodibility_us * erodibility_unit


@equation(soil_silt="1", soil_clay="1", returns="1", source="The three size classes add to the whole")
def sand_of_the_rest(soil_silt, soil_clay):
    """Sand where it is not given: what silt and clay leave.

        sa = 1 - si - cl,  not below 0

    Silt 40 %, clay 20 %: 40 %.
    """
    return np.maximum(1 - soil_silt - soil_clay, 0)


@equation(
    vegetation_cover="1",
    cover_rounding="1",
    cover_10="1",
    cover_30="1",
    cover_50="1",
    cover_70="1",
    cover_90="1",
    cover_factor_lt10="1",
    cover_factor_10_30="1",
    cover_factor_30_50="1",
    cover_factor_50_70="1",
    cover_factor_70_90="1",
    cover_factor_ge90="1",
    returns="1",
    source=f"{HJ}, table A.1",
    points={
        "vegetation_cover": (0, 0.05, 0.2, 0.4, 0.6, 0.8, 1),
        "cover_rounding": (0.000001, 0.0000011),
        "cover_10": (0.1, 0.11),
        "cover_30": (0.3, 0.31),
        "cover_50": (0.5, 0.51),
        "cover_70": (0.7, 0.71),
        "cover_90": (0.9, 0.91),
    },
)
def cover_factor_by_bands(
    vegetation_cover,
    cover_rounding,
    cover_10,
    cover_30,
    cover_50,
    cover_70,
    cover_90,
    cover_factor_lt10,
    cover_factor_10_30,
    cover_factor_30_50,
    cover_factor_50_70,
    cover_factor_70_90,
    cover_factor_ge90,
):
    """Cover factor from a table by class and vegetation cover.

        C = table(class, cover),  in bands below 10, 10-30, 30-50, 50-70, 70-90 and from 90 %

    A band holds its lower limit: a cover of exactly 30 % is in 30-50. What a raster in single precision writes for 70 %
    lies a hair below it, and is taken as 70 %: that is what `cover_rounding` is for.

    Forest with 60 % cover: 0.02.
    """
    cover = vegetation_cover + cover_rounding
    upper = np.where(cover < cover_90, cover_factor_70_90, cover_factor_ge90)
    dense = np.where(cover < cover_70, cover_factor_50_70, upper)
    middle = np.where(cover < cover_50, cover_factor_30_50, dense)
    low = np.where(cover < cover_30, cover_factor_10_30, middle)
    return np.where(cover < cover_10, cover_factor_lt10, low) + 0 * vegetation_cover


@equation(
    vegetation_cover="1",
    cover_dryland_a="1",
    cover_dryland_b="1",
    least_cover="1",
    returns="1",
    source=f"{HJ}, equation A.13",
    points={
        "vegetation_cover": (0, 0.03, 0.5, 1),
        "least_cover": (0.0001, 0.00011),
        "cover_dryland_a": (0.2, 0.3),
        "cover_dryland_b": (0.5, 0.6),
    },
)
def cover_factor_of_dryland(vegetation_cover, cover_dryland_a, cover_dryland_b, least_cover):
    """Cover factor of dry land from vegetation cover.

        C = 0.221 - 0.595 lg c,  between 0 and 1

    c vegetation cover as a fraction; 1 where it is 0, since the formula passes 1 below c = 0.049.

    c 0.5: 0.4001128474; c 0.03: 1.127, counted as 1.
    """
    logarithm = np.log10(np.maximum(vegetation_cover, least_cover))
    return np.minimum(np.maximum(cover_dryland_a - cover_dryland_b * logarithm, 0), 1)


EROSION_DERIVATIONS = (
    Derivation(
        "rainfall_erosivity",
        erosivity_of_daily_rain,
        switch="erosivity",
        options=("best", "hj_half_month"),
        note="from daily rain",
    ),
    Derivation(
        "rainfall_erosivity",
        erosivity_zhang_2002,
        switch="erosivity",
        options=("zhang2002",),
        is_provisional=True,
        note="from daily rain",
    ),
    Derivation(
        "rainfall_erosivity",
        erosivity_of_annual_rain,
        switch="erosivity",
        options=("best", "annual"),
        is_provisional=True,
        note="estimated from annual rain only",
    ),
    Derivation(
        "rainfall_erosivity",
        erosivity_of_monthly_rain,
        switch="erosivity",
        options=("wischmeier_monthly",),
        is_provisional=True,
        note="estimated from monthly rain",
    ),
    Derivation("erodibility_us", erodibility_epic, note="from texture and organic carbon"),
    Derivation(
        "soil_erodibility",
        erodibility_hj,
        switch="erodibility",
        options=("hj_epic",),
        note="from texture and organic carbon",
    ),
    Derivation(
        "soil_erodibility",
        erodibility_uncorrected,
        switch="erodibility",
        options=("epic_only",),
        note="from texture and organic carbon",
    ),
    Derivation("soil_sand", sand_of_the_rest, note="what silt and clay leave"),
    Derivation("cover_factor", cover_factor_by_bands, note="by class and vegetation cover"),
    Derivation("cover_factor", cover_factor_of_dryland, note="by vegetation cover"),
)
