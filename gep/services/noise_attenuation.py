"""Noise attenuation (噪声消减): the noise that green belts along roads keep from those who live behind them."""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

FOREST = (
    "Forest standard LY/T 1721-2008 and GB/T 38582-2020, as open implementations write it; the text was not at hand"
)


@equation(barrier_length="km", noise_cost="CNY/(km*year)", returns="CNY/year", source=FOREST)
def barrier_spared(barrier_length, noise_cost):
    """What noise barriers along the same roads would cost.

        V = A K

    A length of green belt that stands for a noise barrier, K cost of a barrier per length and year.

    30 km at 400 000 CNY/(km a): 12 000 000 CNY.
    """
    return barrier_length * noise_cost


@equation(
    noise_reduction="dBA",
    noise_price="CNY/(dBA*year)",
    returns="CNY/year",
    source="Price of a decibel, as in a study of Xi'an (Liu et al. 2021, Arid Land Geography); no clause of a standard "
    "that could be read",
)
def quiet_value(noise_reduction, noise_price):
    """What the noise that is taken away is worth, by the decibel.

        V = L p

    L sound level taken away, summed over the places that the price is of; p price of a decibel at one such place in a
    year.

    100 places quieter by 5 dB(A) each, 500 dB(A), at 8 CNY/(dB(A) a), made up: 4000 CNY.
    """
    return noise_reduction * noise_price


def _components(switches: Switches) -> tuple[Component, ...]:
    if switches["method"] == "decibel":
        return (
            ReportedComponent(
                "decibel", "noise_reduction", "dBA", "noise_reduction", money=Money(quiet_value, "noise_price")
            ),
        )
    return (
        ReportedComponent(
            "barrier", "barrier_length", "km", "barrier_length", money=Money(barrier_spared, "noise_cost")
        ),
    )


NOISE_ATTENUATION = Service(
    id="noise_attenuation",
    switches={
        "method": Switch(
            ("barrier", "decibel"),
            "what is counted: the length of green belts that stand for noise barriers, or decibels that are taken away",
        )
    },
    components=_components,
)
