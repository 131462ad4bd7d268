"""Urban land and its green space (城市): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.water_retention import WATER_RETENTION

URBAN = Ecosystem(
    "urban",
    (
        WATER_RETENTION,
        SOIL_RETENTION,
        CARBON_SEQUESTRATION,
        AIR_PURIFICATION,
        CLIMATE_REGULATION,
    ),
)

compute = partial(compute_ecosystem, URBAN)
