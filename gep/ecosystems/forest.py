"""Forest (森林): the services it can provide. Which of them count is a matter of the profile."""

from gep.core.catalog import Ecosystem
from gep.ecosystems.density import compute_of
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.biomass import FORESTRY_PRODUCTS
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.carbon_storage import CARBON_STORAGE
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.education import EDUCATION
from gep.services.flood_mitigation import FLOOD_MITIGATION
from gep.services.forest_protection import FOREST_PROTECTION
from gep.services.landscape_premium import LANDSCAPE_PREMIUM
from gep.services.negative_ions import NEGATIVE_IONS
from gep.services.noise_attenuation import NOISE_ATTENUATION
from gep.services.nutrient_accumulation import NUTRIENT_ACCUMULATION
from gep.services.oxygen_release import OXYGEN_RELEASE
from gep.services.pest_control import PEST_CONTROL
from gep.services.recreation import RECREATION
from gep.services.sand_fixation import SAND_FIXATION
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.species_conservation import SPECIES_CONSERVATION
from gep.services.tourism import TOURISM
from gep.services.water_retention import WATER_RETENTION

FOREST = Ecosystem(
    "forest",
    (
        FORESTRY_PRODUCTS,
        WATER_RETENTION,
        SOIL_RETENTION,
        SAND_FIXATION,
        FLOOD_MITIGATION,
        CARBON_SEQUESTRATION,
        CARBON_STORAGE,
        OXYGEN_RELEASE,
        AIR_PURIFICATION,
        CLIMATE_REGULATION,
        NOISE_ATTENUATION,
        PEST_CONTROL,
        SPECIES_CONSERVATION,
        NEGATIVE_IONS,
        NUTRIENT_ACCUMULATION,
        FOREST_PROTECTION,
        TOURISM,
        RECREATION,
        LANDSCAPE_PREMIUM,
        EDUCATION,
    ),
)

compute = compute_of(FOREST)
