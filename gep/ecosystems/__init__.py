"""The ecosystem types, one file each. Every cell of a city belongs to one of them."""

from gep.core.catalog import Ecosystem
from gep.ecosystems.coast import COAST
from gep.ecosystems.cropland import CROPLAND
from gep.ecosystems.desert import DESERT
from gep.ecosystems.forest import FOREST
from gep.ecosystems.grassland import GRASSLAND
from gep.ecosystems.other import OTHER
from gep.ecosystems.shrub import SHRUB
from gep.ecosystems.urban import URBAN
from gep.ecosystems.wetland import WETLAND

ECOSYSTEMS: dict[str, Ecosystem] = {
    ecosystem.id: ecosystem for ecosystem in (FOREST, SHRUB, GRASSLAND, WETLAND, CROPLAND, URBAN, DESERT, COAST, OTHER)
}
