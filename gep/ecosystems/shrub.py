"""Shrubland (灌丛): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.oxygen_release import OXYGEN_RELEASE
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.water_retention import WATER_RETENTION

SHRUB = Ecosystem(
    "shrub",
    (
        WATER_RETENTION,
        SOIL_RETENTION,
        CARBON_SEQUESTRATION,
        OXYGEN_RELEASE,
        AIR_PURIFICATION,
        CLIMATE_REGULATION,
    ),
)

compute = partial(compute_ecosystem, SHRUB)
