"""Wetland: marsh, lake, river, reservoir (湿地): the services it can provide. Which of them count is a matter of the
profile.
"""

from gep.core.catalog import Ecosystem
from gep.ecosystems.density import compute_of
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.biomass import FISHERY_PRODUCTS
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.carbon_storage import CARBON_STORAGE
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.coastal_protection import COASTAL_PROTECTION
from gep.services.ecological_energy import ECOLOGICAL_ENERGY
from gep.services.education import EDUCATION
from gep.services.flood_mitigation import FLOOD_MITIGATION
from gep.services.landscape_premium import LANDSCAPE_PREMIUM
from gep.services.oxygen_release import OXYGEN_RELEASE
from gep.services.recreation import RECREATION
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.species_conservation import SPECIES_CONSERVATION
from gep.services.tourism import TOURISM
from gep.services.water_purification import WATER_PURIFICATION
from gep.services.water_retention import WATER_RETENTION
from gep.services.water_supply import WATER_SUPPLY

WETLAND = Ecosystem(
    "wetland",
    (
        FISHERY_PRODUCTS,
        ECOLOGICAL_ENERGY,
        WATER_SUPPLY,
        WATER_RETENTION,
        SOIL_RETENTION,
        COASTAL_PROTECTION,
        FLOOD_MITIGATION,
        CARBON_SEQUESTRATION,
        CARBON_STORAGE,
        OXYGEN_RELEASE,
        AIR_PURIFICATION,
        WATER_PURIFICATION,
        CLIMATE_REGULATION,
        SPECIES_CONSERVATION,
        TOURISM,
        RECREATION,
        LANDSCAPE_PREMIUM,
        EDUCATION,
    ),
)

compute = compute_of(WETLAND)
