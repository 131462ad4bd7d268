"""Carbon sequestration (固碳): the carbon dioxide that ecosystems take out of the air, net of what they respire."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

NEP = "NEP method: doi 10.5846/stxb201606161172"


@equation(
    net_ecosystem_production="g*carbon/(m^2*year)",
    co2_per_carbon="g*CO2/(g*carbon)",
    returns="g*CO2/(m^2*year)",
    source=NEP,
)
def fixed_carbon_dioxide(net_ecosystem_production, co2_per_carbon):
    """Carbon dioxide fixed, from net ecosystem production.

        Q = 44/12 NEP

    NEP net ecosystem production in carbon; 44/12 ratio of molar masses. Negative where an ecosystem is a source: a real
    emission, kept.

    180 g C/(m² a) on 1 km²: 180 t C, 660 t CO2.
    """
    return net_ecosystem_production * co2_per_carbon


@equation(
    net_ecosystem_production="g*carbon/(m^2*year)",
    co2_per_carbon="g*CO2/(g*carbon)",
    returns="g*CO2/(m^2*year)",
    source=NEP,
)
def positive_fixed_carbon_dioxide(net_ecosystem_production, co2_per_carbon):
    """Carbon dioxide fixed, with cells that are a source counted as zero (switch `negative = "clip"`).

        Q = max(0, 44/12 NEP)

    -50 g C/(m² a): counted as 0.
    """
    return np.maximum(fixed_carbon_dioxide(net_ecosystem_production, co2_per_carbon), 0)


@equation(
    carbon_dioxide_fixed="t*CO2/year",
    carbon_price="CNY/(t*CO2)",
    returns="CNY/year",
    source="Market or afforestation cost, per t of CO2",
)
def carbon_value(carbon_dioxide_fixed, carbon_price):
    """Value of the carbon dioxide fixed.

        V = Q p

    The price says its basis: per t of CO2, not per t of carbon.

    660 t at 29.57 CNY/t CO2: 19 516.2 CNY.
    """
    return carbon_dioxide_fixed * carbon_price


@equation(
    elemental_carbon_price="CNY/(t*carbon)",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="CNY/(t*CO2)",
    source="Ratio of molar masses; a price per t of carbon: doi 10.5846/stxb201703280535",
)
def price_of_elemental_carbon(elemental_carbon_price, co2_per_carbon):
    """Price of carbon dioxide from a price that is per t of carbon (switch `price_basis = "carbon"`).

        p = p_C / (44/12)

    p_C price per t of carbon, 44/12 ratio of molar masses: the same by which carbon became carbon dioxide, so that
    quantity times price is what the carbon is worth.

    1200 CNY/t C: 327.27 CNY/t CO2.
    """
    return elemental_carbon_price / co2_per_carbon


_FLOW = ("carbon_dioxide", "carbon_dioxide_fixed", "t*CO2/year")


def _components(switches: Switches) -> tuple[Component, ...]:
    pricing = price_of_elemental_carbon if switches["price_basis"] == "carbon" else None
    money = Money(carbon_value, "carbon_price", pricing)
    if switches["carbon"] == "inventory":
        return (ReportedComponent(*_FLOW, "carbon_sink", parts_are_ecosystems=True, money=money),)
    density = positive_fixed_carbon_dioxide if switches["negative"] == "clip" else fixed_carbon_dioxide
    return (CellComponent(*_FLOW, density, money=money),)


CARBON_SEQUESTRATION = Service(
    id="carbon_sequestration",
    switches={
        "carbon": Switch(
            ("nep", "npp_alpha", "rate", "forest_standard", "inventory"),
            "net ecosystem production where it is not given: production less respiration, else a share of "
            "production, else a rate by class; "
            "or a share of production; or a rate; or the form of the forest standard; or the yearly sink of an account "
            "of carbon stocks, as tables report it",
        ),
        "negative": Switch(("keep", "clip"), "cells that are a source of carbon: kept, or counted as zero"),
        "price_basis": Switch(
            ("co2", "carbon"), "what the price is of: a tonne of carbon dioxide, or a tonne of carbon"
        ),
    },
    components=_components,
)
