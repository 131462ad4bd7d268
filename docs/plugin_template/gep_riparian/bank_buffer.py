"""Bank buffer (岸带截留): nitrogen that wooded banks hold back before it reaches the water."""

from __future__ import annotations

from gep import catalog, equation

SOURCE = "A made-up specification, equation 3"


@equation(
    bank_canopy="1", bank_nitrogen_uptake="kg/(hm^2*year)", returns="kg/(hm^2*year)", source="A made-up specification"
)
def held_nitrogen(bank_canopy, bank_nitrogen_uptake):
    """Nitrogen held back by the canopy on banks.

        N = c u

    c share of the bank under canopy, u uptake under a closed canopy.

    0.3 and 20 kg/(hm²·year): 6 kg/(hm²·year).
    """
    return bank_canopy * bank_nitrogen_uptake


@equation(bank_nitrogen="kg/year", bank_nitrogen_cost="CNY/kg", returns="CNY/year", source=SOURCE)
def bank_nitrogen_saved(bank_nitrogen, bank_nitrogen_cost):
    """What it would cost to take the same nitrogen out of the water.

        V = N p

    N nitrogen held back, p cost of treating a kilogram.

    6 kg at 8 CNY/kg: 48 CNY.
    """
    return bank_nitrogen * bank_nitrogen_cost


def _components(_: catalog.Switches) -> tuple[catalog.Component, ...]:
    money = catalog.Money(bank_nitrogen_saved, "bank_nitrogen_cost")
    return (catalog.CellComponent("bank_nitrogen", "bank_nitrogen", "kg/year", held_nitrogen, money=money),)


BANK_BUFFER = catalog.Service(id="bank_buffer", components=_components)
