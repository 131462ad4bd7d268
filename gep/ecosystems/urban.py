"""Urban land and its green space (城市): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem
from gep.services.air_purification import AIR_PURIFICATION
from gep.services.water_retention import WATER_RETENTION

URBAN = Ecosystem("urban", (WATER_RETENTION, AIR_PURIFICATION))

compute = partial(compute_ecosystem, URBAN)
