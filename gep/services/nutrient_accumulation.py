"""Nutrient accumulation (林木养分固持): nitrogen, phosphorus and potassium that stands take up into their growth."""

from __future__ import annotations

from gep.catalog import Component, Service, Switches
from gep.equation import equation

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


@equation(
    diammonium_phosphate_price="CNY/t", diammonium_phosphate_nitrogen="t*nitrogen/t", returns="CNY/(t*nitrogen)", source=f"{FOREST}: C1/R1"
)
def nitrogen_in_fertiliser(diammonium_phosphate_price, diammonium_phosphate_nitrogen):
    """Price of nitrogen as diammonium phosphate.

        p = C1 / R1

    C1 price of the fertiliser, R1 nitrogen in it.

    2400 CNY/t with 14 % nitrogen: 17 142.857 CNY/t.
    """
    return diammonium_phosphate_price / diammonium_phosphate_nitrogen


@equation(
    diammonium_phosphate_price="CNY/t",
    diammonium_phosphate_phosphorus="t*phosphorus/t",
    returns="CNY/(t*phosphorus)",
    source=f"{FOREST}: C1/R2",
)
def phosphorus_in_fertiliser(diammonium_phosphate_price, diammonium_phosphate_phosphorus):
    """Price of phosphorus as diammonium phosphate.

        p = C1 / R2

    C1 price of the fertiliser, R2 phosphorus in it.

    2400 CNY/t with 15.01 % phosphorus: 15 989.34 CNY/t.
    """
    return diammonium_phosphate_price / diammonium_phosphate_phosphorus


@equation(
    potassium_chloride_price="CNY/t", potassium_chloride_potassium="t*potassium/t", returns="CNY/(t*potassium)", source=f"{FOREST}: C2/R3"
)
def potassium_in_fertiliser(potassium_chloride_price, potassium_chloride_potassium):
    """Price of potassium as potassium chloride.

        p = C2 / R3

    C2 price of the fertiliser, R3 potassium in it. One program takes the price of organic matter here: a mistake.

    2200 CNY/t with 50 % potassium: 4400 CNY/t.
    """
    return potassium_chloride_price / potassium_chloride_potassium


@equation(nitrogen="t*nitrogen/year", nitrogen_price="CNY/(t*nitrogen)", returns="CNY/year", source=FOREST)
def accumulated_nitrogen_value(nitrogen, nitrogen_price):
    """What the same nitrogen would cost as fertiliser.

        V = N p

    13.6 t at 17 142.857 CNY/t: 233 142.86 CNY.
    """
    return nitrogen * nitrogen_price


@equation(phosphorus="t*phosphorus/year", phosphorus_price="CNY/(t*phosphorus)", returns="CNY/year", source=FOREST)
def accumulated_phosphorus_value(phosphorus, phosphorus_price):
    """What the same phosphorus would cost as fertiliser.

        V = P p

    0.8 t at 15 989.34 CNY/t: 12 791.47 CNY.
    """
    return phosphorus * phosphorus_price


@equation(potassium="t*potassium/year", potassium_price="CNY/(t*potassium)", returns="CNY/year", source=FOREST)
def accumulated_potassium_value(potassium, potassium_price):
    """What the same potassium would cost as fertiliser.

        V = K p

    9 t at 4400 CNY/t: 39 600 CNY.
    """
    return potassium * potassium_price


_NUTRIENTS = (
    ("nitrogen", accumulated_nitrogen, accumulated_nitrogen_value, nitrogen_in_fertiliser),
    ("phosphorus", accumulated_phosphorus, accumulated_phosphorus_value, phosphorus_in_fertiliser),
    ("potassium", accumulated_potassium, accumulated_potassium_value, potassium_in_fertiliser),
)


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(
        Component(
            f"accumulated_{nutrient}",
            nutrient,
            f"t*{nutrient}/year",
            density=uptake,
            value=value,
            price=f"{nutrient}_price",
            pricing=pricing,
        )
        for nutrient, uptake, value, pricing in _NUTRIENTS
    )


NUTRIENT_ACCUMULATION = Service(id="nutrient_accumulation", components=_components)
