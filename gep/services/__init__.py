"""The services that have equations, one file each. A service that a profile counts and that is not here is reported as having no equation yet."""

from gep.catalog import Service
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.biomass import CROP_PRODUCTS, FISHERY_PRODUCTS, FORESTRY_PRODUCTS, LIVESTOCK_PRODUCTS
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.climate_regulation import CLIMATE_REGULATION
from gep.services.oxygen_release import OXYGEN_RELEASE
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.water_retention import WATER_RETENTION

SERVICES: dict[str, Service] = {
    service.id: service
    for service in (
        CROP_PRODUCTS,
        FORESTRY_PRODUCTS,
        LIVESTOCK_PRODUCTS,
        FISHERY_PRODUCTS,
        WATER_RETENTION,
        SOIL_RETENTION,
        CARBON_SEQUESTRATION,
        OXYGEN_RELEASE,
        CLIMATE_REGULATION,
        AIR_PURIFICATION,
    )
}
