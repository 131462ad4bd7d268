"""Coast and sea (海岸): the services it can provide. Which of them count is a matter of the profile."""

from gep.core.catalog import Ecosystem
from gep.ecosystems.density import compute_of
from gep.services.carbon_sequestration import CARBON_SEQUESTRATION
from gep.services.carbon_storage import CARBON_STORAGE
from gep.services.coastal_protection import COASTAL_PROTECTION
from gep.services.education import EDUCATION
from gep.services.landscape_premium import LANDSCAPE_PREMIUM
from gep.services.recreation import RECREATION
from gep.services.species_conservation import SPECIES_CONSERVATION
from gep.services.tourism import TOURISM

COAST = Ecosystem(
    "coast",
    (
        COASTAL_PROTECTION,
        CARBON_SEQUESTRATION,
        CARBON_STORAGE,
        SPECIES_CONSERVATION,
        TOURISM,
        RECREATION,
        LANDSCAPE_PREMIUM,
        EDUCATION,
    ),
)

compute = compute_of(COAST)
