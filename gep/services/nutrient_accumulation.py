"""Nutrient accumulation (林木养分固持): nitrogen, phosphorus and potassium that stands take up into their growth."""

from __future__ import annotations

from gep.core.catalog import CellComponent, Component, Money, Service, Switches
from gep.core.equation import equation
from gep.services.fertiliser import (
    nitrogen_fertiliser_cost,
    nitrogen_in_fertiliser,
    phosphorus_fertiliser_cost,
    phosphorus_in_fertiliser,
    potassium_fertiliser_cost,
    potassium_in_fertiliser,
)

FOREST = "LY/T 1721-2008 and GB/T 38582-2020, as carried by programs and papers that apply them"


@equation(
    net_productivity="t*dry_matter/(hm^2*year)",
    stand_nitrogen_content="t*nitrogen/(t*dry_matter)",
    returns="t*nitrogen/(hm^2*year)",
    source=FOREST,
)
def accumulated_nitrogen(net_productivity, stand_nitrogen_content):
    """Nitrogen that the growth of a stand takes up.

        N = B n

    B net productivity of the stand in dry matter, n nitrogen in its dry matter.

    100 hm², 10 t/hm² with 1.36 % nitrogen: 13.6 t.
    """
    return net_productivity * stand_nitrogen_content


@equation(
    net_productivity="t*dry_matter/(hm^2*year)",
    stand_phosphorus_content="t*phosphorus/(t*dry_matter)",
    returns="t*phosphorus/(hm^2*year)",
    source=FOREST,
)
def accumulated_phosphorus(net_productivity, stand_phosphorus_content):
    """Phosphorus that the growth of a stand takes up.

        P = B p

    100 hm², 10 t/hm² with 0.08 % phosphorus: 0.8 t.
    """
    return net_productivity * stand_phosphorus_content


@equation(
    net_productivity="t*dry_matter/(hm^2*year)",
    stand_potassium_content="t*potassium/(t*dry_matter)",
    returns="t*potassium/(hm^2*year)",
    source=FOREST,
)
def accumulated_potassium(net_productivity, stand_potassium_content):
    """Potassium that the growth of a stand takes up.

        K = B k

    100 hm², 10 t/hm² with 0.9 % potassium: 9 t.
    """
    return net_productivity * stand_potassium_content


_NUTRIENTS = (
    ("nitrogen", accumulated_nitrogen, nitrogen_fertiliser_cost, nitrogen_in_fertiliser),
    ("phosphorus", accumulated_phosphorus, phosphorus_fertiliser_cost, phosphorus_in_fertiliser),
    ("potassium", accumulated_potassium, potassium_fertiliser_cost, potassium_in_fertiliser),
)


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(
        CellComponent(
            f"accumulated_{nutrient}",
            nutrient,
            f"t*{nutrient}/year",
            uptake,
            money=Money(value, f"{nutrient}_price", pricing),
        )
        for nutrient, uptake, value, pricing in _NUTRIENTS
    )


NUTRIENT_ACCUMULATION = Service(id="nutrient_accumulation", components=_components)
