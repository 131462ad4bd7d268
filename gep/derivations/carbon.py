"""Carbon that stands and soils fix, made from other layers: the net productivity of stands, and rates that hold the
soil too.
"""

from __future__ import annotations

from gep.core.catalog import Derivation
from gep.core.equation import equation


@equation(
    net_primary_production="g*carbon/(m^2*year)",
    carbon_per_dry_matter="g*carbon/(g*dry_matter)",
    returns="g*dry_matter/(m^2*year)",
    source="Ratio of molar masses; what the forest standards call net productivity is measured in stands",
)
def productivity_of_production(net_primary_production, carbon_per_dry_matter):
    """Net productivity of a stand in dry matter, from net primary production in carbon.

        B = NPP / (72/162)

    NPP net primary production in carbon, 72/162 carbon in dry matter.

    600 g C/(m² a): 1350 g, 13.5 t of dry matter per hm².
    """
    return net_primary_production / carbon_per_dry_matter


@equation(
    carbon_rate="g*carbon/(m^2*year)",
    soil_carbon_factor="1",
    returns="g*carbon/(m^2*year)",
    source="Rate method of the 2020 guideline of the MEE and CAS (its text was not at hand)",
)
def rate_with_soil(carbon_rate, soil_carbon_factor):
    """Net ecosystem production as the rate of the vegetation of a class, raised by what its soil fixes beside it.

        NEP = FCSR (1 + beta)

    FCSR carbon that the vegetation fixes, beta carbon fixed by the soil per carbon fixed by the vegetation. Only where
    the rate is of vegetation alone.

    92 g C/(m² a), beta 0.040816: 95.755.
    """
    return carbon_rate * (1 + soil_carbon_factor)


CARBON_DERIVATIONS = (
    Derivation(
        "net_productivity",
        productivity_of_production,
        is_provisional=True,
        note="net primary production as dry matter, not measured in stands",
    ),
    Derivation(
        "net_ecosystem_production",
        rate_with_soil,
        switch="carbon",
        options=("rate",),
        is_provisional=True,
        note="a rate by class, raised by what the soil fixes",
    ),
)
"""The rate with soil stands before the plain rate: it is taken where a class has a factor for its soil."""
