"""Desert, sandy and saline land (荒漠): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem
from gep.services.soil_retention import SOIL_RETENTION
from gep.services.water_retention import WATER_RETENTION

DESERT = Ecosystem(
    "desert",
    (
        WATER_RETENTION,
        SOIL_RETENTION,
    ),
)

compute = partial(compute_ecosystem, DESERT)
