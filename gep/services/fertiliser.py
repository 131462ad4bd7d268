"""Nutrients at the price of fertiliser, as the forest standards value them: in retained soil and in growing stands."""

from __future__ import annotations

from gep.core.equation import equation

FOREST = "LY/T 1721-2008 and GB/T 38582-2020, as carried by programs and papers that apply them"


@equation(
    diammonium_phosphate_price="CNY/t",
    diammonium_phosphate_nitrogen="t*nitrogen/t",
    returns="CNY/(t*nitrogen)",
    source=f"{FOREST}: C1/R1",
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
    potassium_chloride_price="CNY/t",
    potassium_chloride_potassium="t*potassium/t",
    returns="CNY/(t*potassium)",
    source=f"{FOREST}: C2/R3",
)
def potassium_in_fertiliser(potassium_chloride_price, potassium_chloride_potassium):
    """Price of potassium as potassium chloride.

        p = C2 / R3

    C2 price of the fertiliser, R3 potassium in it. One program takes the price of organic matter here: a mistake.

    2200 CNY/t with 50 % potassium: 4400 CNY/t.
    """
    return potassium_chloride_price / potassium_chloride_potassium


@equation(nitrogen="t*nitrogen/year", nitrogen_price="CNY/(t*nitrogen)", returns="CNY/year", source=FOREST)
def nitrogen_fertiliser_cost(nitrogen, nitrogen_price):
    """What the same nitrogen would cost as fertiliser.

        V = N p

    13.6 t at 17 142.857 CNY/t: 233 142.86 CNY.
    """
    return nitrogen * nitrogen_price


@equation(phosphorus="t*phosphorus/year", phosphorus_price="CNY/(t*phosphorus)", returns="CNY/year", source=FOREST)
def phosphorus_fertiliser_cost(phosphorus, phosphorus_price):
    """What the same phosphorus would cost as fertiliser.

        V = P p

    0.8 t at 15 989.34 CNY/t: 12 791.47 CNY.
    """
    return phosphorus * phosphorus_price


@equation(potassium="t*potassium/year", potassium_price="CNY/(t*potassium)", returns="CNY/year", source=FOREST)
def potassium_fertiliser_cost(potassium, potassium_price):
    """What the same potassium would cost as fertiliser.

        V = K p

    9 t at 4400 CNY/t: 39 600 CNY.
    """
    return potassium * potassium_price
