"""Coast and sea (海岸): the services it can provide. Which of them count is a matter of the profile."""

from functools import partial

from gep.catalog import Ecosystem
from gep.densities import compute_ecosystem

COAST = Ecosystem(
    "coast",
    (),
)

compute = partial(compute_ecosystem, COAST)
