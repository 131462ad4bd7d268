"""Negative air ions (负离子): the ions that stands give to the air, and the value of those above the background."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, Service, Switches
from gep.core.equation import equation

FOREST = "LY/T 1721-2008 and GB/T 38582-2020, as carried by programs and papers that apply them"


@equation(
    ion_concentration="count/m^3",
    stand_height="m",
    ion_lifetime="min",
    minutes_per_year="min/year",
    returns="count/(m^2*year)",
    source=FOREST,
)
def negative_ions(ion_concentration, stand_height, ion_lifetime, minutes_per_year):
    """Negative ions that a stand gives to the air in a year.

        n = Q H t / L

    Q concentration in the stand, H its height, L lifetime of an ion, t minutes of the year. The standards print t with
    the conversions of area and volume as one number, 5.256e15 = 1e4 m²/hm² 1e6 cm³/m³ 525 600 min: here the units
    convert.

    10 hm², 1800 per cm³, 10 m, 10 min: 9.4608e19 ions.
    """
    return ion_concentration * stand_height * minutes_per_year / ion_lifetime


@equation(
    ion_concentration="count/m^3",
    ion_background="count/m^3",
    stand_height="m",
    ion_lifetime="min",
    minutes_per_year="min/year",
    returns="count/(m^2*year)",
    source=FOREST,
)
def ions_above_background(ion_concentration, ion_background, stand_height, ion_lifetime, minutes_per_year):
    """Negative ions above the concentration from which they are of use to health.

        n = max(0, Q - Q_0) H t / L

    Q_0 background concentration. Zero where the stand has no more than that.

    10 hm², 1800 per cm³ over a background of 600, 10 m, 10 min: 6.3072e19 ions.
    """
    return negative_ions(
        np.maximum(ion_concentration - ion_background, 0), stand_height, ion_lifetime, minutes_per_year
    )


@equation(ions="count/year", ion_cost="CNY/count", returns="CNY/year", source=FOREST)
def ion_production_cost(ions, ion_cost):
    """What it would cost to produce the same ions.

        V = n K

    n ions above the background, K cost of producing one.

    6.3072e19 ions at 5.82e-18 CNY: 367.079 CNY.
    """
    return ions * ion_cost


def _components(switches: Switches) -> tuple[Component, ...]:
    return (
        CellComponent("ions", "ions", "count/year", negative_ions),
        CellComponent(
            "ions_of_use", "ions", "count/year", ions_above_background, money=Money(ion_production_cost, "ion_cost")
        ),
    )


NEGATIVE_IONS = Service(id="negative_ions", components=_components)
