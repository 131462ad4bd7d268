"""Equations that make a layer that is not given, from layers that are.

Layers of measurements come in (rain, temperature, elevation, land cover), with coefficients where an equation has some;
layers go out that equations of services ask for. A layer that is given is never made.

    water         actual evapotranspiration, yearly totals of months and days
    terrain       slope, its length and steepness, from elevation
    erosion       factors of the soil loss equation: rainfall erosivity, soil erodibility, cover
    carbon        carbon that stands and soils fix
    vegetation    cover, production, respiration
    climate       days that need cooling, evaporation of the cooling season
    storm         rain of storm days, and what of it runs off
    penman        reference evapotranspiration by Penman and Monteith
    radiation     solar radiation, and reference evapotranspiration from temperatures
    soil          size classes and organic carbon
    wind          factors of the wind erosion equation: soil, crust, roughness, cover
    wind_weather  its weather factor: wind, air density, wetness, snow
"""

from gep.derivations.carbon import CARBON_DERIVATIONS
from gep.derivations.climate import CLIMATE_DERIVATIONS
from gep.derivations.erosion import EROSION_DERIVATIONS
from gep.derivations.penman import PENMAN_DERIVATIONS
from gep.derivations.radiation import RADIATION_DERIVATIONS
from gep.derivations.soil import SOIL_DERIVATIONS
from gep.derivations.storm import STORM_DERIVATIONS
from gep.derivations.terrain import TERRAIN_DERIVATIONS
from gep.derivations.vegetation import VEGETATION_DERIVATIONS
from gep.derivations.water import WATER_DERIVATIONS
from gep.derivations.wind import WIND_DERIVATIONS

DERIVATIONS = (
    *WATER_DERIVATIONS,
    *TERRAIN_DERIVATIONS,
    *EROSION_DERIVATIONS,
    *CARBON_DERIVATIONS,
    *VEGETATION_DERIVATIONS,
    *CLIMATE_DERIVATIONS,
    *STORM_DERIVATIONS,
    *PENMAN_DERIVATIONS,
    *RADIATION_DERIVATIONS,
    *SOIL_DERIVATIONS,
    *WIND_DERIVATIONS,
)
