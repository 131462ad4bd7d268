"""Vegetation layers made from others: cover, production, respiration, net ecosystem production."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

CASA = "CASA model of net primary production (not a clause of a GEP standard)"


@equation(
    ndvi="1",
    bare_ndvi="1",
    full_ndvi="1",
    returns="1",
    source="Gutman and Ignatov 1998, doi 10.1080/014311698215333 (not a clause of a GEP standard)",
    points={"ndvi": (-0.2, 1), "bare_ndvi": (0.05, 0.1), "full_ndvi": (0.8, 0.95)},
)
def cover_of_ndvi(ndvi, bare_ndvi, full_ndvi):
    """Vegetation cover from NDVI, between bare soil and full cover.

        fc = (NDVI - NDVI_s) / (NDVI_v - NDVI_s),  between 0 and 1

    NDVI_s of bare soil, NDVI_v of full cover: parameters of the study.

    NDVI 0.5 between 0.05 and 0.95: 0.5.
    """
    return np.minimum(np.maximum((ndvi - bare_ndvi) / (full_ndvi - bare_ndvi), 0), 1)


@equation(
    monthly_leaf_area_index="1",
    months_per_year="1",
    canopy_extinction="1",
    returns="1",
    source="Nilson 1971, doi 10.1016/0002-1571(71)90092-6 (not a clause of a GEP standard)",
)
def cover_of_leaf_area(monthly_leaf_area_index, months_per_year, canopy_extinction):
    """Vegetation cover from leaf area: the share of ground that leaves hide, as the mean of twelve months.

        fc = (1/12) sum_m (1 - exp(-k LAI_m))

    LAI leaf area index, k extinction at nadir, 0.5 for leaves in all directions.

    Twelve months of LAI 2, k 0.5: 1 - exp(-1) = 0.632121.
    """
    return np.sum(1 - np.exp(0 - canopy_extinction * monthly_leaf_area_index), axis=0) / months_per_year


@equation(
    air_temperature="K",
    precipitation="mm/year",
    zero_celsius="K",
    unit_kelvin="K",
    miami_highest="g*dry_matter/(m^2*year)",
    miami_offset="1",
    miami_warmth="1",
    miami_rain="1",
    unit_annual_rain="mm/year",
    carbon_per_dry_matter="g*carbon/(g*dry_matter)",
    returns="g*carbon/(m^2*year)",
    source="Lieth 1975 (Miami model; not a clause of a GEP standard)",
    points={
        "air_temperature": (250, 300),
        "zero_celsius": (273.15, 273.16),
        "unit_kelvin": (1, 1.01),
        "miami_warmth": (0.1, 0.2),
        "miami_rain": (0.0006, 0.0007),
    },
)
def production_of_climate(
    air_temperature,
    precipitation,
    zero_celsius,
    unit_kelvin,
    miami_highest,
    miami_offset,
    miami_warmth,
    miami_rain,
    unit_annual_rain,
    carbon_per_dry_matter,
):
    """Net primary production that the climate allows, by the Miami model: a potential, of no land use and no year.

        NPP = min( 3000 / (1 + exp(1.315 - 0.119 T)),  3000 (1 - exp(-0.000664 P)) ) 72/162

    T mean annual temperature in degrees Celsius, P annual precipitation in mm; dry matter turned into carbon by 72/162.

    T 5, P 500: min(982.2, 847.5) = 847.5 g dry matter, 376.7 g C/(m² a).
    """
    warmth = miami_warmth * (air_temperature - zero_celsius) / unit_kelvin
    by_warmth = miami_highest / (1 + np.exp(miami_offset - warmth))
    by_rain = miami_highest * (1 - np.exp(0 - miami_rain * precipitation / unit_annual_rain))
    return np.minimum(by_warmth, by_rain) * carbon_per_dry_matter


@equation(
    dry_matter_production="t*dry_matter/(hm^2*year)",
    carbon_per_dry_matter="g*carbon/(g*dry_matter)",
    returns="t*carbon/(hm^2*year)",
    source="Carbon in dry matter, 72/162: six carbon atoms in C6H10O5",
)
def production_of_dry_matter(dry_matter_production, carbon_per_dry_matter):
    """Net primary production in carbon, from the same in dry matter.

        NPP = B 72/162

    1000 t dry matter: 444.444 t C.
    """
    return dry_matter_production * carbon_per_dry_matter


@equation(
    monthly_ndvi="1",
    fpar_slope="1",
    fpar_offset="1",
    fpar_highest="1",
    fpar_least_ndvi="1",
    returns="1",
    source="Wang, Liu and Li 2021, Arid Land Geography (the CASA model of the Tarim study); not a clause of a GEP "
    "standard",
    points={
        "monthly_ndvi": (-0.2, 1),
        "fpar_slope": (1.1, 1.2),
        "fpar_offset": (0.04, 0.05),
        "fpar_highest": (0.89, 0.91),
        "fpar_least_ndvi": (0.07, 0.08),
    },
)
def monthly_absorption_by_line(monthly_ndvi, fpar_slope, fpar_offset, fpar_highest, fpar_least_ndvi):
    """Share of photosynthetically active radiation that vegetation takes up in each month, by a line in NDVI.

        FPAR = min(1.16 NDVI - 0.0439, 0.9) above NDVI 0.075, else 0

    NDVI 0.5: 0.5361; 0.9: 0.9; 0.05: 0.
    """
    line = np.minimum(fpar_slope * monthly_ndvi - fpar_offset, fpar_highest)
    return np.where(monthly_ndvi > fpar_least_ndvi, line, 0 * line)


@equation(
    monthly_ndvi="1",
    lowest_ndvi="1",
    highest_ndvi="1",
    fpar_least="1",
    fpar_most="1",
    returns="1",
    source="Chen et al. 2017, doi 10.5846/stxb201512162511, and Pan et al. 2017, doi 10.5846/stxb201511012207 (not a "
    "clause of a GEP standard)",
    points={"monthly_ndvi": (-0.2, 0.98), "lowest_ndvi": (0.02, 0.06), "highest_ndvi": (0.6, 0.9)},
)
def monthly_absorption_by_two_indices(monthly_ndvi, lowest_ndvi, highest_ndvi, fpar_least, fpar_most):
    """Share of photosynthetically active radiation that vegetation takes up in each month: the mean of a line in NDVI
    and one in the simple ratio.

        FPAR = (f(NDVI) + f(SR)) / 2,  f(v) = 0.001 + (0.95 - 0.001) (v - v_min) / (v_max - v_min),  SR = (1 + NDVI)
            / (1 - NDVI)

    v_min and v_max of the vegetation type, the 5th and 95th percentiles of its NDVI: parameters of the study. NDVI
    beyond them counts as they do.

    NDVI 0.5 between 0 and 0.8: SR 3 between 1 and 9, (0.594125 + 0.23825) / 2 = 0.4161875.
    """
    ndvi = np.minimum(np.maximum(monthly_ndvi, lowest_ndvi), highest_ndvi)
    ratio, lowest, highest = (
        (1 + ndvi) / (1 - ndvi),
        (1 + lowest_ndvi) / (1 - lowest_ndvi),
        (1 + highest_ndvi) / (1 - highest_ndvi),
    )
    position = (ndvi - lowest_ndvi) / (highest_ndvi - lowest_ndvi) + (ratio - lowest) / (highest - lowest)
    return fpar_least + (fpar_most - fpar_least) * position / 2


@equation(
    monthly_ndvi="1",
    monthly_air_temperature="K",
    returns="K",
    source=f"{CASA}: doi 10.5846/stxb201512162511",
    points={"monthly_air_temperature": (250, 300), "monthly_ndvi": (0, 1)},
)
def temperature_of_peak(monthly_ndvi, monthly_air_temperature):
    """Temperature at which vegetation grows best: that of the month in which NDVI is highest; the mean over months that
    share the highest.

        Topt = T_m,  NDVI_m = max

    NDVI 0.2, 0.7 and 0.5 in months of 280, 290 and 300 K: 290 K.
    """
    is_peak = monthly_ndvi == np.max(monthly_ndvi, axis=0)
    return np.sum(np.where(is_peak, monthly_air_temperature, 0 * monthly_air_temperature), axis=0) / np.sum(
        is_peak, axis=0
    )


@equation(
    monthly_evapotranspiration="mm",
    monthly_potential_evapotranspiration="mm",
    driest_growth="1",
    unit_rain="mm",
    returns="1",
    source=f"{CASA}: doi 10.5846/stxb201512162511",
    points={"monthly_potential_evapotranspiration": (0, 50), "driest_growth": (0.4, 0.6)},
)
def monthly_growth_by_water(monthly_evapotranspiration, monthly_potential_evapotranspiration, driest_growth, unit_rain):
    """Share of growth that water leaves in each month: from a half where nothing evaporates to the whole where all that
    could does.

        W = 0.5 + 0.5 E / Ep,  E / Ep between 0 and 1

    E actual, Ep potential evapotranspiration. In a month without potential evapotranspiration the ratio counts as 0.

    E 30, Ep 60 mm: 0.75.
    """
    demand = np.where(monthly_potential_evapotranspiration > 0, monthly_potential_evapotranspiration, unit_rain)
    ratio = (
        np.where(
            monthly_potential_evapotranspiration > 0,
            monthly_evapotranspiration,
            0 * monthly_potential_evapotranspiration,
        )
        / demand
    )
    return driest_growth + (1 - driest_growth) * np.minimum(np.maximum(ratio, 0), 1)


@equation(
    monthly_solar_radiation="MJ/(m^2*day)",
    monthly_length="day",
    monthly_light_absorption="1",
    monthly_water_stress="1",
    monthly_air_temperature="K",
    optimum_temperature="K",
    light_use_efficiency="g*carbon/MJ",
    active_radiation="1",
    zero_celsius="K",
    coldest_growth="K",
    casa_cold_base="1",
    casa_cold_slope="1/K",
    casa_cold_curve="1/K^2",
    casa_scale="1",
    casa_rise="1/K",
    casa_fall="1/K",
    casa_width="K",
    per_year="1/year",
    returns="g*carbon/(m^2*year)",
    source=f"{CASA}: Potter et al. 1993, doi 10.1029/93GB02725, as given at doi 10.5846/stxb201512162511",
    points={
        "monthly_air_temperature": (255, 305),
        "optimum_temperature": (280, 300),
        "zero_celsius": (273.15, 273.16),
        "coldest_growth": (262, 264),
        "casa_cold_base": (0.8, 0.81),
        "casa_cold_slope": (0.02, 0.021),
        "casa_cold_curve": (0.0005, 0.00051),
        "casa_rise": (0.2, 0.21),
        "casa_fall": (0.3, 0.31),
        "casa_width": (10, 10.1),
    },
)
def production_of_light(
    monthly_solar_radiation,
    monthly_length,
    monthly_light_absorption,
    monthly_water_stress,
    monthly_air_temperature,
    optimum_temperature,
    light_use_efficiency,
    active_radiation,
    zero_celsius,
    coldest_growth,
    casa_cold_base,
    casa_cold_slope,
    casa_cold_curve,
    casa_scale,
    casa_rise,
    casa_fall,
    casa_width,
    per_year,
):
    """Net primary production from the light that vegetation takes up, by the CASA model.

        NPP = sum_m Rs n FPAR 0.5 T1 T2 W eps,  T1 = 0.8 + 0.02 Topt - 0.0005 Topt²
        T2 = 1.1814 / (1 + exp[0.2 (Topt - 10 - T)]) / (1 + exp[0.3 (T - Topt - 10)]),  0 at -10 degrees and below

    Rs solar radiation, n days of the month, FPAR share that is taken up, 0.5 its photosynthetically active part, W
    share that water leaves, eps carbon per radiation taken up under the best conditions, T temperature of the month and
    Topt the best one, in degrees Celsius.

    All months alike, T = Topt = 20, Rs 15 in 30 days, FPAR 0.5, W 0.8, eps 0.5: 12 x 450 x 0.5 x 0.5 x 0.8 x 0.5 x T1
    T2; T1 = 1, T2 = 1.1814 / ((1 + exp -2) (1 + exp -3)) = 0.991224; 535.26 g C/(m² a).
    """
    temperature, optimum = monthly_air_temperature - zero_celsius, optimum_temperature - zero_celsius
    cold = np.maximum(casa_cold_base + casa_cold_slope * optimum - casa_cold_curve * optimum**2, 0)
    rise = 1 + np.exp(casa_rise * (optimum - casa_width - temperature))
    fall = 1 + np.exp(casa_fall * (temperature - optimum - casa_width))
    warmth = np.where(monthly_air_temperature > coldest_growth, casa_scale / (rise * fall), 0 / (rise * fall))
    light = monthly_solar_radiation * monthly_length * active_radiation * monthly_light_absorption
    return np.sum(light * warmth * monthly_water_stress, axis=0) * cold * light_use_efficiency * per_year


@equation(
    monthly_air_temperature="K",
    monthly_precipitation="mm",
    zero_celsius="K",
    respiration_scale="g/(m^2*day)",
    respiration_warmth="1/K",
    respiration_rain="1/mm",
    respiration_days="day",
    respiration_carbon="g*carbon/g",
    per_year="1/year",
    returns="g*carbon/(m^2*year)",
    source="Soil respiration fit used in NEP studies of dry north-west China; not a clause of a GEP standard",
    points={"monthly_air_temperature": (250, 300), "zero_celsius": (273.15, 273.16), "respiration_warmth": (0.09, 0.1)},
)
def respiration_of_soil(
    monthly_air_temperature,
    monthly_precipitation,
    zero_celsius,
    respiration_scale,
    respiration_warmth,
    respiration_rain,
    respiration_days,
    respiration_carbon,
    per_year,
):
    """Heterotrophic respiration of the soil, from monthly temperature and rain.

        R_h = sum_m 0.22 [exp(0.0912 T_m) + ln(0.3145 P_m + 1)] 30 46.5 %

    T_m mean temperature of a month in degrees Celsius, P_m its rain in mm.

    T 20, P 100: 29.69655171 g C/m² in a month.
    """
    warmth = np.exp(respiration_warmth * (monthly_air_temperature - zero_celsius))
    rain = np.log(respiration_rain * monthly_precipitation + 1)
    return np.sum(respiration_scale * (warmth + rain) * respiration_days * respiration_carbon, axis=0) * per_year


@equation(
    net_primary_production="g*carbon/(m^2*year)",
    heterotrophic_respiration="g*carbon/(m^2*year)",
    returns="g*carbon/(m^2*year)",
    source="NEP method: doi 10.5846/stxb201606161172",
)
def production_less_respiration(net_primary_production, heterotrophic_respiration):
    """Net ecosystem production: what production leaves after the respiration of the soil.

        NEP = NPP - R_h

    500 - 320: 180 g C/(m² a).
    """
    return net_primary_production - heterotrophic_respiration


@equation(
    net_primary_production="g*carbon/(m^2*year)",
    nep_ratio="1",
    returns="g*carbon/(m^2*year)",
    source="Conversion of the 2020 guideline of the MEE and CAS (its text was not at hand); "
    "production already in carbon",
)
def share_of_production(net_primary_production, nep_ratio):
    """Net ecosystem production as a share of production.

        NEP = alpha NPP

    NPP in carbon: the factor 72/162 of the printed formula turns dry matter into carbon and has no place here.

    0.2 of 444.444 g C/(m² a): 88.889.
    """
    return nep_ratio * net_primary_production


@equation(carbon_rate="g*carbon/(m^2*year)", returns="g*carbon/(m^2*year)", source="Carbon sequestration rate by class")
def rate_of_class(carbon_rate):
    """Net ecosystem production as a rate that is known for the class.

        NEP = r

    24.8 g C/(m² a) for marsh on peat.
    """
    return carbon_rate


@equation(
    net_productivity="t*dry_matter/(hm^2*year)",
    co2_per_dry_matter="t*CO2/(t*dry_matter)",
    carbon_in_co2="t*carbon/(t*CO2)",
    soil_carbon_rate="t*carbon/(hm^2*year)",
    returns="t*carbon/(hm^2*year)",
    source="LY/T 1721-2008 and GB/T 38582-2020 as quoted at doi 10.5846/stxb201703280535",
)
def production_of_stands(net_productivity, co2_per_dry_matter, carbon_in_co2, soil_carbon_rate):
    """Carbon that forest stands fix, by the form of the forest standards.

        C = 1.63 R_C B + F

    B net productivity of the stand, 1.63 carbon dioxide per dry matter, R_C carbon in carbon dioxide (27.27 %), F
    carbon fixed by the soil. Production of the stand plus soil: more than net ecosystem production.

    100 hm², B 10, F 0: 444.501 t C.
    """
    return co2_per_dry_matter * carbon_in_co2 * net_productivity + soil_carbon_rate


@equation(monthly_air_temperature="K", months_per_year="1", returns="K", source="Mean over the calendar")
def annual_air_temperature(monthly_air_temperature, months_per_year):
    """Mean temperature of the year: the mean of the twelve months.

        T = (1/12) sum_m T_m

    Six months at 270 K and six at 290 K: 280 K.
    """
    return np.sum(monthly_air_temperature, axis=0) / months_per_year


VEGETATION_DERIVATIONS = (
    Derivation("air_temperature", annual_air_temperature),
    Derivation(
        "vegetation_cover", cover_of_ndvi, is_provisional=True, note="made from NDVI between bare soil and full cover"
    ),
    Derivation(
        "vegetation_cover",
        cover_of_leaf_area,
        is_provisional=True,
        note="made from leaf area, as the mean of the months",
    ),
    Derivation(
        "monthly_light_absorption",
        monthly_absorption_by_two_indices,
        is_provisional=True,
        note="made from NDVI and the simple ratio between the limits of the class",
    ),
    Derivation(
        "monthly_light_absorption", monthly_absorption_by_line, is_provisional=True, note="made from NDVI by a line"
    ),
    Derivation(
        "optimum_temperature",
        temperature_of_peak,
        is_provisional=True,
        note="taken as that of the month of the highest NDVI",
    ),
    Derivation(
        "monthly_water_stress",
        monthly_growth_by_water,
        is_provisional=True,
        note="made from actual and potential evapotranspiration",
    ),
    Derivation("net_primary_production", production_of_dry_matter, note="carbon in the production of dry matter"),
    Derivation(
        "net_primary_production",
        production_of_light,
        is_provisional=True,
        note="made from light and NDVI by the CASA model",
    ),
    Derivation(
        "net_primary_production",
        production_of_climate,
        is_provisional=True,
        note="what the climate allows (Miami model): a potential of no land use and no year",
    ),
    Derivation(
        "heterotrophic_respiration",
        respiration_of_soil,
        is_provisional=True,
        note="made from monthly temperature and rain",
    ),
    Derivation(
        "net_ecosystem_production",
        production_less_respiration,
        switch="carbon",
        options=("nep",),
        is_provisional=True,
        note="production less soil respiration",
    ),
    Derivation(
        "net_ecosystem_production",
        share_of_production,
        switch="carbon",
        options=("nep", "npp_alpha"),
        is_provisional=True,
        note="a fixed share of production",
    ),
    Derivation(
        "net_ecosystem_production",
        rate_of_class,
        switch="carbon",
        options=("nep", "rate"),
        is_provisional=True,
        note="a rate by class",
    ),
    Derivation(
        "net_ecosystem_production",
        production_of_stands,
        switch="carbon",
        options=("forest_standard",),
        is_provisional=True,
        note="production of the stand plus soil, by the forest standard",
    ),
)
