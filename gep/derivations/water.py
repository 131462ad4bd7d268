"""Water layers made from others: actual evapotranspiration from potential, and yearly totals of monthly and daily
layers.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

FU = "Fu 1981, in Zhang et al. 2004, doi 10.1029/2003WR002710 (not a clause of a GEP standard)"
FU_AWC = (
    "Donohue et al. 2012, doi 10.1016/j.jhydrol.2012.02.033, as used by InVEST (User Guide, annual water yield); "
    "not a clause of a GEP standard"
)
ZHANG = "Zhang, Dawes and Walker 2001, doi 10.1029/2000WR900325 (not a clause of a GEP standard)"
FAO_56 = "FAO Irrigation and Drainage Paper 56 (Allen et al. 1998; not a clause of a GEP standard)"


@equation(monthly_precipitation="mm", per_year="1/year", returns="mm/year", source="Sum over the calendar")
def annual_precipitation(monthly_precipitation, per_year):
    """Precipitation of the year: the sum of the twelve months.

        P = sum_m P_m

    Twelve months of 50 mm: 600 mm/year. Missing where any month is missing.
    """
    return np.sum(monthly_precipitation, axis=0) * per_year


@equation(daily_precipitation="mm", per_year="1/year", returns="mm/year", source="Sum over the calendar")
def annual_precipitation_of_daily(daily_precipitation, per_year):
    """Precipitation of the year: the sum of its days.

        P = sum_d P_d

    73 days of 10 mm among 365: 730 mm/year. Missing where any day is missing.
    """
    return np.sum(daily_precipitation, axis=0) * per_year


@equation(daily_precipitation="mm", returns="mm", source="Sum over the calendar")
def monthly_precipitation_of_daily(daily_precipitation):
    """Precipitation of a month: the sum of its days.

        P_m = sum_d P_d

    Worked out month by month. Six days of 10 mm in a month: 60 mm. Missing where any day is missing.
    """
    return np.sum(daily_precipitation, axis=0)


@equation(monthly_evapotranspiration="mm", per_year="1/year", returns="mm/year", source="Sum over the calendar")
def annual_evapotranspiration(monthly_evapotranspiration, per_year):
    """Actual evapotranspiration of the year: the sum of the twelve months.

        ET = sum_m ET_m

    Twelve months of 40 mm: 480 mm/year.
    """
    return np.sum(monthly_evapotranspiration, axis=0) * per_year


@equation(
    monthly_potential_evapotranspiration="mm", per_year="1/year", returns="mm/year", source="Sum over the calendar"
)
def annual_potential_evapotranspiration(monthly_potential_evapotranspiration, per_year):
    """Potential evapotranspiration of the year: the sum of the twelve months.

        PET = sum_m PET_m

    Twelve months of 75 mm: 900 mm/year.
    """
    return np.sum(monthly_potential_evapotranspiration, axis=0) * per_year


@equation(
    reference_evapotranspiration="mm/year",
    crop_coefficient="1",
    returns="mm/year",
    source=FAO_56,
)
def potential_of_reference(reference_evapotranspiration, crop_coefficient):
    """Potential evapotranspiration of a class from that of the reference surface.

        PET = Kc ET0

    ET0 evapotranspiration of the reference grass, Kc crop coefficient of the class.

    ET0 800 mm, Kc 0.85: 680 mm.
    """
    return reference_evapotranspiration * crop_coefficient


@equation(
    monthly_leaf_area_index="1",
    monthly_reference_evapotranspiration="mm",
    full_leaf_area="1",
    is_vegetated="1",
    returns="1",
    source="FAO Irrigation and Drainage Paper 56, chapter 6, as given by the InVEST User Guide, data sources (not a "
    "clause of a GEP standard)",
    points={"is_vegetated": (0, 1), "full_leaf_area": (2.9, 3.1), "monthly_leaf_area_index": (0.01, 8)},
)
def crop_coefficient_of_leaf_area(
    monthly_leaf_area_index, monthly_reference_evapotranspiration, full_leaf_area, is_vegetated
):
    """Crop coefficient of the year from leaf area: that of each month, weighted with the reference evapotranspiration
    of the month.

        Kc = sum_m Kc_m ET0_m / sum_m ET0_m,  Kc_m = min(LAI_m / 3, 1)

    LAI leaf area index, ET0 reference evapotranspiration. Missing where the class is not vegetated: bare ground and
    water evaporate without leaves.

    Six months of LAI 1.5 and ET0 100 mm, six of LAI 0 and 50 mm: 0.5 x 600 / 900 = 0.333333.
    """
    monthly = np.minimum(monthly_leaf_area_index / full_leaf_area, 1)
    weighted = np.sum(monthly * monthly_reference_evapotranspiration, axis=0) / np.sum(
        monthly_reference_evapotranspiration, axis=0
    )
    return np.where(is_vegetated > 0, weighted, np.nan)


@equation(
    monthly_reference_evapotranspiration="mm", per_year="1/year", returns="mm/year", source="Sum over the calendar"
)
def annual_reference_evapotranspiration(monthly_reference_evapotranspiration, per_year):
    """Reference evapotranspiration of the year: the sum of the twelve months.

        ET0 = sum_m ET0_m

    Twelve months of 60 mm: 720 mm/year.
    """
    return np.sum(monthly_reference_evapotranspiration, axis=0) * per_year


@equation(
    precipitation="mm/year",
    potential_evapotranspiration="mm/year",
    budyko_omega="1",
    is_vegetated="1",
    returns="mm/year",
    source=FU,
    points={"is_vegetated": (0, 1), "budyko_omega": (1.5, 4.5), "precipitation": (0, 50)},
)
def evapotranspiration_fu(precipitation, potential_evapotranspiration, budyko_omega, is_vegetated):
    """Actual evapotranspiration from potential, by Fu's curve.

        ET = P (1 + x - (1 + x^w)^(1/w)),  x = PET / P,  never above PET;  min(P, PET) where the class is not vegetated

    P precipitation, PET potential evapotranspiration, w Fu's parameter. Zero where there is no rain.

    P 600 mm, PET 900 mm, w 2.6: ET / P = 0.817210, ET = 490.326 mm.
    """
    x = potential_evapotranspiration / np.where(precipitation > 0, precipitation, potential_evapotranspiration)
    curve = precipitation * (1 + x - (1 + x**budyko_omega) ** (1 / budyko_omega))
    bound = np.minimum(precipitation, potential_evapotranspiration)
    return np.where((is_vegetated > 0) & (precipitation > 0), np.minimum(curve, bound), bound)


@equation(
    precipitation="mm/year",
    potential_evapotranspiration="mm/year",
    soil_depth="mm",
    root_depth="mm",
    plant_available_water="1",
    seasonality="1",
    budyko_lowest="1",
    budyko_highest="1",
    per_year="1/year",
    is_vegetated="1",
    returns="mm/year",
    source=FU_AWC,
    points={
        "is_vegetated": (0, 1),
        "precipitation": (0, 50),
        "budyko_lowest": (1.2, 1.3),
        "budyko_highest": (4.9, 5.1),
    },
)
def evapotranspiration_fu_awc(
    precipitation,
    potential_evapotranspiration,
    soil_depth,
    root_depth,
    plant_available_water,
    seasonality,
    budyko_lowest,
    budyko_highest,
    per_year,
    is_vegetated,
):
    """Actual evapotranspiration from potential, by Fu's curve with a parameter that follows from the water the soil can
    hold.

        ET = P (1 + x - (1 + x^w)^(1/w)),  x = PET / P,  w = min(5, 1.25 + Z AWC / P),  AWC = min(soil_depth,
            root_depth) PAWC

    P precipitation, PET potential evapotranspiration (Kc ET0 where it is derived), Z seasonality, about a fifth of the
    rain events of a year, AWC plant-available water as a depth, PAWC the same as a share of the soil. Never above P nor
    PET; min(P, PET) where the class is not vegetated. P - ET is the water yield of InVEST, cell by cell, but for cells
    without rain: they are missing there, and have neither ET nor yield here.

    Z 8, soil 1500 mm, roots 2000 mm, PAWC 0.12, P 900 mm: AWC 180 mm, w = 2.85; with PET 900 mm ET / P = 2 - 2^(1/2.85)
    = 0.724664.
    """
    water = np.minimum(soil_depth, root_depth) * plant_available_water
    omega = np.minimum(budyko_lowest + seasonality * water * per_year / precipitation, budyko_highest)
    return evapotranspiration_fu(precipitation, potential_evapotranspiration, omega, is_vegetated)


@equation(
    precipitation="mm/year",
    potential_evapotranspiration="mm/year",
    plant_water_coefficient="1",
    is_vegetated="1",
    returns="mm/year",
    source=ZHANG,
    points={"is_vegetated": (0, 1)},
)
def evapotranspiration_zhang(precipitation, potential_evapotranspiration, plant_water_coefficient, is_vegetated):
    """Actual evapotranspiration from potential, by the curve of Zhang, Dawes and Walker.

        ET = P (1 + w x) / (1 + w x + 1/x),  x = PET / P,  never above PET;
            min(P, PET) where the class is not vegetated

    P precipitation, PET potential evapotranspiration, w plant-available water coefficient. Written with x = PET/P
    multiplied out, so that no division by zero PET arises. Zero where there is no rain.

    x 1.5: ET / P = 0.857143 for w 2.0, 0.724138 for w 0.5.
    """
    wet = precipitation + plant_water_coefficient * potential_evapotranspiration
    curve = np.divide(
        precipitation * potential_evapotranspiration * wet, potential_evapotranspiration * wet + precipitation**2
    )
    bound = np.minimum(precipitation, potential_evapotranspiration)
    return np.where((is_vegetated > 0) & (precipitation > 0), np.minimum(curve, bound), bound)


WATER_DERIVATIONS = (
    Derivation("precipitation", annual_precipitation),
    Derivation("precipitation", annual_precipitation_of_daily),
    Derivation("monthly_precipitation", monthly_precipitation_of_daily),
    Derivation("evapotranspiration", annual_evapotranspiration),
    Derivation("potential_evapotranspiration", annual_potential_evapotranspiration),
    Derivation("reference_evapotranspiration", annual_reference_evapotranspiration),
    Derivation(
        "potential_evapotranspiration",
        potential_of_reference,
        is_provisional=True,
        note="the reference one times the coefficient of the class",
    ),
    Derivation(
        "crop_coefficient",
        crop_coefficient_of_leaf_area,
        is_provisional=True,
        note="made from the leaf area of the months",
    ),
    Derivation(
        "evapotranspiration",
        evapotranspiration_fu,
        options=("fu",),
        is_provisional=True,
        note="derived from potential by Fu's curve",
    ),
    Derivation(
        "evapotranspiration",
        evapotranspiration_fu_awc,
        options=("fu_awc",),
        is_provisional=True,
        note="derived from potential by Fu's curve with a parameter from soil water and seasonality",
    ),
    Derivation(
        "evapotranspiration",
        evapotranspiration_zhang,
        options=("zhang",),
        is_provisional=True,
        note="derived from potential by Zhang's curve",
    ),
)
