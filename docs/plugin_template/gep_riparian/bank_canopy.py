"""The canopy on banks, made from vegetation cover where no map of it is given."""

from __future__ import annotations

from gep import catalog, equation


@equation(vegetation_cover="1", canopy_of_cover="1", returns="1", source="A made-up specification, equation 1")
def bank_canopy_of_cover(vegetation_cover, canopy_of_cover):
    """Share of the bank under canopy, as a share of vegetation cover.

        c = k f

    f vegetation cover, k canopy in it.

    0.6 and 0.5: 0.3.
    """
    return vegetation_cover * canopy_of_cover


BANK_CANOPY = catalog.Derivation(
    "bank_canopy",
    bank_canopy_of_cover,
    is_provisional=True,
    note="made from vegetation cover by one share for all banks",
)
