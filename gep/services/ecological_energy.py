"""Ecological energy (生态能源): electricity from the water that ecosystems bring."""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switches
from gep.core.equation import equation


@equation(
    generation="kWh/year",
    tariff="CNY/kWh",
    returns="CNY/year",
    source="Market value method: doi 10.5846/stxb201607011362, table 3",
)
def generation_value(generation, tariff):
    """Electricity generated from water power, at the tariff paid for it.

        V = Q p

    95.3 x 10⁸ kWh at 0.53 CNY/kWh: 50.509 x 10⁸ CNY.
    """
    return generation * tariff


def _components(_: Switches) -> tuple[Component, ...]:
    return (
        ReportedComponent(
            "generation",
            "generation",
            "kWh/year",
            "generation",
            money=Money(generation_value, "tariff", concept="market"),
        ),
    )


ECOLOGICAL_ENERGY = Service(id="ecological_energy", components=_components)
