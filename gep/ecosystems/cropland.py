"""Cropland: paddy, dry land, orchard (农田): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.biomass import CROP_PRODUCTS
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.water_retention import WATER_RETENTION

CROPLAND = Ecosystem(
    "cropland",
    (
        CROP_PRODUCTS,
        WATER_RETENTION,
        SOIL_RETENTION,
        AIR_PURIFICATION,
        CLIMATE_REGULATION,
    ),
)

compute = partial(compute_ecosystem, CROPLAND)
