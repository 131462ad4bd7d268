"""Equations that make a layer that is not given, from layers that are."""

from gep.derivations.climate import CLIMATE_DERIVATIONS
from gep.derivations.erosion import EROSION_DERIVATIONS
from gep.derivations.terrain import TERRAIN_DERIVATIONS
from gep.derivations.vegetation import VEGETATION_DERIVATIONS
from gep.derivations.water import WATER_DERIVATIONS

DERIVATIONS = (*WATER_DERIVATIONS, *TERRAIN_DERIVATIONS, *EROSION_DERIVATIONS, *VEGETATION_DERIVATIONS, *CLIMATE_DERIVATIONS)
