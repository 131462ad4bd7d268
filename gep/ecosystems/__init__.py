"""The ecosystem types. Every cell of a city belongs to one of them.

Each file is a table of contents: the services that an ecosystem can provide, for whatever profile. Arrays of a
notebook come in by `compute`; maps of what the ecosystem provides go out.

    forest     broadleaf, needleleaf and mixed stands, bamboo
    shrub      shrubland, mosaics of woody plants and grass
    grassland  meadow, steppe, tussock, pasture
    wetland    marsh, lake, river, reservoir
    cropland   paddy, dry land, orchard
    urban      urban land and its green space
    desert     desert, sandy and saline land
    coast      coast and sea, where a study keeps them apart
    other      ice, snow and bare land
    density    the densities of one of them, planned as a run plans them
    terrain    what is made of the neighbours of a cell
"""

from functools import partial
from types import SimpleNamespace

from gep.core.catalog import Ecosystem, ecosystem_ids
from gep.ecosystems.coast import COAST
from gep.ecosystems.cropland import CROPLAND
from gep.ecosystems.density import compute_ecosystem
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


def __getattr__(name: str) -> SimpleNamespace:
    """An ecosystem from outside the package by its id, with `compute` as ours have it."""
    if name.startswith("_") or name not in ecosystem_ids():
        raise AttributeError(f"module 'gep.ecosystems' has no attribute '{name}'")
    return SimpleNamespace(compute=partial(compute_ecosystem, Ecosystem(name)))
