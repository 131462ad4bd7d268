"""The ecosystem types. Every cell of a city belongs to one of them.

Each file is a table of contents: the services that an ecosystem can provide, for whatever profile. Arrays of a
notebook come in by `compute`; maps of what the ecosystem provides go out.

    forest, shrub, grassland, wetland, cropland, urban, desert, coast, other
    density   the maps of one of them, planned as a run plans them
"""

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
