"""Oxygen release (氧气提供): the oxygen that goes with the carbon that ecosystems fix."""

from __future__ import annotations

from gep.core.catalog import CellComponent, Component, Money, Service, Switch, Switches
from gep.core.equation import Equation, equation

MOLAR = "Ratio of molar masses; which flow it is linked to differs by standard (decision 0010)"


@equation(carbon_dioxide="g*CO2/(m^2*year)", o2_per_co2="g*O2/(g*CO2)", returns="g*O2/(m^2*year)", source=MOLAR)
def oxygen_of_carbon(carbon_dioxide, o2_per_co2):
    """Oxygen released, linked to the carbon dioxide fixed net of respiration.

        Q = 32/44 Q_CO2

    660 t CO2: 480 t O2.
    """
    return carbon_dioxide * o2_per_co2


@equation(
    net_primary_production="g*carbon/(m^2*year)",
    carbon_per_dry_matter="g*carbon/(g*dry_matter)",
    o2_per_dry_matter="g*O2/(g*dry_matter)",
    returns="g*O2/(m^2*year)",
    source="Forest standard form, 1.19 t of oxygen per t of dry matter: doi 10.5846/stxb201703280535",
)
def oxygen_of_production(net_primary_production, carbon_per_dry_matter, o2_per_dry_matter):
    """Oxygen released, linked to net primary production.

        Q = 1.19 NPP / (72/162)

    NPP net primary production in carbon, 72/162 carbon in dry matter, 1.19 oxygen per dry matter.

    600 g C/(m² a) on 1 km²: 1606.5 t O2.
    """
    return o2_per_dry_matter * net_primary_production / carbon_per_dry_matter


@equation(
    net_productivity="t*dry_matter/(hm^2*year)",
    o2_per_dry_matter="t*O2/(t*dry_matter)",
    returns="t*O2/(hm^2*year)",
    source="LY/T 1721-2008 and GB/T 38582-2020 as quoted at doi 10.5846/stxb201703280535",
)
def oxygen_of_stands(net_productivity, o2_per_dry_matter):
    """Oxygen that forest stands release, by the form of the forest standards.

        Q = 1.19 B

    B net productivity of the stand in dry matter, 1.19 oxygen per dry matter. One program has 1.91 in its physical
    account: a misprint.

    100 hm², 10 t/hm²: 1190 t.
    """
    return o2_per_dry_matter * net_productivity


@equation(
    oxygen="t*O2/year",
    oxygen_price="CNY/(t*O2)",
    returns="CNY/year",
    source="Industrial oxygen: doi 10.5846/stxb201607011362, table 3",
)
def oxygen_value(oxygen, oxygen_price):
    """What the same oxygen would cost from industry.

        V = Q p

    480 t at 1000 CNY/t: 480 000 CNY.
    """
    return oxygen * oxygen_price


_DENSITIES: dict[str, Equation] = {
    "nep_linked": oxygen_of_carbon,
    "npp_linked": oxygen_of_production,
    "forest_standard": oxygen_of_stands,
}


def _components(switches: Switches) -> tuple[Component, ...]:
    return (
        CellComponent(
            "oxygen",
            "oxygen",
            "t*O2/year",
            _DENSITIES[switches["oxygen"]],
            money=Money(oxygen_value, "oxygen_price"),
        ),
    )


OXYGEN_RELEASE = Service(
    id="oxygen_release",
    switches={
        "oxygen": Switch(
            ("nep_linked", "npp_linked", "forest_standard"),
            "the flow that oxygen goes with: carbon fixed net of respiration, all production, or the growth of "
            "stands as forest surveys give it",
        )
    },
    components=_components,
)
