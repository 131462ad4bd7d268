"""Soil layers made from others: the third size class from two, organic carbon from organic matter and the other way
round.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

WHOLE = "The three size classes add to the whole"
MATTER = (
    "Customary factor of organic matter, in Pribyl 2010, doi 10.1016/j.geoderma.2010.02.003 (not a clause of a GEP "
    "standard)"
)


@equation(soil_sand="1", soil_clay="1", returns="1", source=WHOLE)
def silt_of_the_rest(soil_sand, soil_clay):
    """Silt where it is not given: what sand and clay leave.

        si = 1 - sa - cl,  not below 0

    Sand 40 %, clay 20 %: 40 %.
    """
    return np.maximum(1 - soil_sand - soil_clay, 0)


@equation(soil_sand="1", soil_silt="1", returns="1", source=WHOLE)
def clay_of_the_rest(soil_sand, soil_silt):
    """Clay where it is not given: what sand and silt leave.

        cl = 1 - sa - si,  not below 0

    Sand 40 %, silt 40 %: 20 %.
    """
    return np.maximum(1 - soil_sand - soil_silt, 0)


@equation(soil_organic_matter="percent", matter_per_carbon="1", returns="percent", source=MATTER)
def carbon_of_matter(soil_organic_matter, matter_per_carbon):
    """Organic carbon of the soil from its organic matter.

        C = OM / 1.724

    Organic matter 2.586 %: 1.5 %.
    """
    return soil_organic_matter / matter_per_carbon


@equation(soil_organic_carbon="percent", matter_per_carbon="1", returns="percent", source=MATTER)
def matter_of_carbon(soil_organic_carbon, matter_per_carbon):
    """Organic matter of the soil from its organic carbon.

        OM = 1.724 C

    Organic carbon 1.5 %: 2.586 %.
    """
    return soil_organic_carbon * matter_per_carbon


SOIL_DERIVATIONS = (
    Derivation("soil_silt", silt_of_the_rest, note="what sand and clay leave"),
    Derivation("soil_clay", clay_of_the_rest, note="what sand and silt leave"),
    Derivation(
        "soil_organic_carbon", carbon_of_matter, is_provisional=True, note="organic matter by the customary factor"
    ),
    Derivation(
        "soil_organic_matter", matter_of_carbon, is_provisional=True, note="organic carbon by the customary factor"
    ),
)
"""Two of texture, carbon or matter have to be given: nothing is made from what is itself made from it."""
