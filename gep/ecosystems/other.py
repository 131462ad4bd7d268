"""Ice, snow and bare land (其他): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem
from gep.services.water_retention import WATER_RETENTION

OTHER = Ecosystem(
    "other",
    (WATER_RETENTION,),
)

compute = partial(compute_ecosystem, OTHER)
