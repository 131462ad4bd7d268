"""Coastal protection (海岸带防护): the coast that mangroves, marshes, seagrass, reefs and natural shores keep from
the sea, as the sea wall it spares.

Protection by length. Ranks of exposure, as in the coastal vulnerability model of InVEST, have no price and are not
here.
"""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

SEAWALL = "Replacement cost by length of coast, of the national specification: its text was not at hand"


@equation(coast_length="km", seawall_cost="CNY/(km*year)", returns="CNY/year", source=SEAWALL)
def seawall_spared(coast_length, seawall_cost):
    """What building and keeping up a sea wall along the same coast would cost.

        V = D c

    D length of coast that an ecosystem protects, c cost of a sea wall per length and year.

    12.5 km at 2 000 000 CNY/(km a): 25 000 000 CNY.
    """
    return coast_length * seawall_cost


@equation(seawall_capital_cost="CNY/km", per_year="1/year", returns="CNY/(km*year)", source=SEAWALL)
def seawall_price_of_capital(seawall_capital_cost, per_year):
    """The whole cost of building a sea wall, counted in the year of the account (switch `cost_basis = "capital"`).

        c = C / 1 year

    C cost of building per length, once. It is larger than a yearly cost by the life of the wall, and an account of
    every year counts it again.

    40 000 000 CNY/km: 40 000 000 CNY/(km a).
    """
    return seawall_capital_cost * per_year


COASTS = ("mangrove", "salt_marsh", "seagrass", "reef", "natural_shore")


def _components(switches: Switches) -> tuple[Component, ...]:
    is_capital = switches["cost_basis"] == "capital"
    money = Money(seawall_spared, "seawall_cost", seawall_price_of_capital if is_capital else None)
    return tuple(
        ReportedComponent(coast, "coast_length", "km", f"{coast}_coast_length", money=money) for coast in COASTS
    )


COASTAL_PROTECTION = Service(
    id="coastal_protection",
    switches={
        "cost_basis": Switch(
            ("annual", "capital"),
            "the cost of a sea wall: of a year of its life with its upkeep, or of building it, all counted in the year",
        )
    },
    components=_components,
)
