"""Vegetation layers made from others: cover, production, respiration, net ecosystem production."""

from __future__ import annotations

import numpy as np

from gep.catalog import Derivation
from gep.equation import equation


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
    source="Conversion of the 2020 guideline of the MEE and CAS, as recalled; production already in carbon",
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

    B net productivity of the stand, 1.63 carbon dioxide per dry matter, R_C carbon in carbon dioxide (27.27 %), F carbon fixed by the soil.
    Production of the stand plus soil: more than net ecosystem production.

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
    Derivation("vegetation_cover", cover_of_ndvi, is_provisional=True, note="made from NDVI between bare soil and full cover"),
    Derivation("vegetation_cover", cover_of_leaf_area, is_provisional=True, note="made from leaf area, as the mean of the months"),
    Derivation(
        "net_primary_production",
        production_of_climate,
        is_provisional=True,
        note="what the climate allows (Miami model): a potential of no land use and no year",
    ),
    Derivation("heterotrophic_respiration", respiration_of_soil, is_provisional=True, note="made from monthly temperature and rain"),
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
        "net_ecosystem_production", rate_of_class, switch="carbon", options=("nep", "rate"), is_provisional=True, note="a rate by class"
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
