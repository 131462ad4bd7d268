"""Wooded banks for gep: a service, the derivation of its layer, a profile that counts it, and a legend."""

from pathlib import Path

import gep
from gep_riparian.bank_buffer import BANK_BUFFER
from gep_riparian.bank_canopy import BANK_CANOPY

PARTS = gep.Parts(
    services=(BANK_BUFFER,),
    derivations=(BANK_CANOPY,),
    ecosystems={"forest": (BANK_BUFFER,), "wetland": (BANK_BUFFER,)},
    data=Path(__file__).parent / "data",
)
