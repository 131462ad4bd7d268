"""Equations that make a layer that is not given, from layers that are."""

from gep.derivations.carbon import CARBON_DERIVATIONS
from gep.derivations.climate import CLIMATE_DERIVATIONS
from gep.derivations.erosion import EROSION_DERIVATIONS
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
    *RADIATION_DERIVATIONS,
    *SOIL_DERIVATIONS,
    *WIND_DERIVATIONS,
)
