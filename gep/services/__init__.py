"""The services that have equations, one file each. A service that a profile counts and that is not here is reported as
having no equation yet.

Layers, statistics, coefficients and prices come in by the names of an equation's arguments, as numbers, arrays or
quantities alike; quantities and values go out. No files, no zones, no profile: which of the equations are used, and
with which numbers, is said by the rooms above.

    biomass               products of crops, forests, livestock and fish, as statistics report them
    ecological_energy     electricity from the water that ecosystems bring
    water_supply          water that ecosystems provide for use
    water_retention       rain that ecosystems hold back
    soil_retention        soil that cover keeps from being washed away, and what it would have carried along
    sand_fixation         sand that plant cover keeps from being blown away
    coastal_protection    coast that is kept from the sea
    flood_mitigation      flood water that is held, storm rain that does not run off
    carbon_sequestration  carbon dioxide taken out of the air
    carbon_storage        carbon that stands in plants and soil: a stock
    oxygen_release        oxygen that goes with the carbon that is fixed
    climate_regulation    heat taken up, as electricity that cooling does not need
    air_purification      pollutants taken out of the air
    water_purification    pollutants taken out of the water
    noise_attenuation     noise kept from those who live behind green belts
    pest_control          vegetation where pests stay in check
    species_conservation  forest by the diversity of its species
    negative_ions         ions that stands give to the air
    nutrient_accumulation nutrients that stands take up into their growth
    forest_protection     harvest gained in the shelter of forest belts
    tourism               visits to nature, at what visitors spend to make them
    recreation            visits of residents to green space
    landscape_premium     what buildings are worth more for the nature around
    education             visits for learning, land that serves research
    money                 equations of money that belong to no one service
    fertiliser            nutrients at the price of fertiliser
"""

from gep.core.catalog import Service
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.biomass import CROP_PRODUCTS, FISHERY_PRODUCTS, FORESTRY_PRODUCTS, LIVESTOCK_PRODUCTS
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.carbon_storage import CARBON_STORAGE
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.coastal_protection import COASTAL_PROTECTION
from gep.services.ecological_energy import ECOLOGICAL_ENERGY
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
from gep.services.water_purification import WATER_PURIFICATION
from gep.services.water_retention import WATER_RETENTION
from gep.services.water_supply import WATER_SUPPLY

SERVICES: dict[str, Service] = {
    service.id: service
    for service in (
        CROP_PRODUCTS,
        FORESTRY_PRODUCTS,
        LIVESTOCK_PRODUCTS,
        FISHERY_PRODUCTS,
        ECOLOGICAL_ENERGY,
        WATER_SUPPLY,
        WATER_RETENTION,
        SOIL_RETENTION,
        SAND_FIXATION,
        COASTAL_PROTECTION,
        FLOOD_MITIGATION,
        CARBON_SEQUESTRATION,
        CARBON_STORAGE,
        OXYGEN_RELEASE,
        CLIMATE_REGULATION,
        AIR_PURIFICATION,
        WATER_PURIFICATION,
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
    )
}
