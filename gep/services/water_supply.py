"""Water supply (水资源): the water that ecosystems provide for use, by what is used or by the balance of a
water body.
"""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switch, Switches, UnitComponent
from gep.core.equation import equation

MARKET = "Market value method: doi 10.5846/stxb201607011362, table 3"
BALANCE = "Water balance of a lake: doi 10.5846/stxb201410091984, section 2.1.3"


@equation(domestic_water_use="m^3/year", domestic_water_price="CNY/m^3", returns="CNY/year", source=MARKET)
def domestic_water_value(domestic_water_use, domestic_water_price):
    """Water for households (生活用水), at its price.

        V = Q p

    1.36 x 10⁸ m³ at 2.6 CNY/m³: 3.536 x 10⁸ CNY.
    """
    return domestic_water_use * domestic_water_price


@equation(industrial_water_use="m^3/year", industrial_water_price="CNY/m^3", returns="CNY/year", source=MARKET)
def industrial_water_value(industrial_water_use, industrial_water_price):
    """Water for industry (工业用水), at its price.

        V = Q p

    150.17 x 10⁸ m³ at 3.6 CNY/m³: 540.612 x 10⁸ CNY.
    """
    return industrial_water_use * industrial_water_price


@equation(agricultural_water_use="m^3/year", agricultural_water_price="CNY/m^3", returns="CNY/year", source=MARKET)
def agricultural_water_value(agricultural_water_use, agricultural_water_price):
    """Water for farming (农业用水), at its price.

        V = Q p

    17.31 x 10⁸ m³ at 0.07 CNY/m³: 1.2117 x 10⁸ CNY.
    """
    return agricultural_water_use * agricultural_water_price


@equation(
    water_inflow="m^3/year",
    precipitation_volume="m^3/year",
    water_outflow="m^3/year",
    evaporation_volume="m^3/year",
    storage_start="m^3",
    storage_end="m^3",
    per_year="1/year",
    returns="m^3/year",
    source=BALANCE,
)
def supplied_water(
    water_inflow, precipitation_volume, water_outflow, evaporation_volume, storage_start, storage_end, per_year
):
    """Water that is taken from a water body for use, by its balance.

        Q = I + P - O - E - (S_2 - S_1)

    I inflow, P rain on the water, O outflow, E evaporation, S_1 and S_2 water stored at the start and at the end of the
    year. Negative where the figures do not fit together: it is not counted as zero.

    In 10⁶ m³: 300 + 50 - 120 - 90 - (95 - 80) = 125.
    """
    return (
        water_inflow
        + precipitation_volume
        - water_outflow
        - evaporation_volume
        - (storage_end - storage_start) * per_year
    )


@equation(water_taken="m^3/year", water_price="CNY/m^3", returns="CNY/year", source=BALANCE)
def taken_water_value(water_taken, water_price):
    """Water taken from a water body, at the price of water.

        V = Q p

    0.98 x 10⁸ m³ at 0.5 CNY/m³: 0.49 x 10⁸ CNY.
    """
    return water_taken * water_price


_USES = {
    "domestic": domestic_water_value,
    "industrial": industrial_water_value,
    "agricultural": agricultural_water_value,
}


def _components(switches: Switches) -> tuple[Component, ...]:
    if switches["method"] == "balance":
        return (
            UnitComponent(
                "water_taken",
                "water_taken",
                "m^3/year",
                "water_inflow",
                supplied_water,
                money=Money(taken_water_value, "water_price", concept="market"),
            ),
        )
    return tuple(
        ReportedComponent(
            use,
            f"{use}_water_use",
            "m^3/year",
            f"{use}_water_use",
            money=Money(value, f"{use}_water_price", concept="market"),
        )
        for use, value in _USES.items()
    )


WATER_SUPPLY = Service(
    id="water_supply",
    switches={
        "method": Switch(
            ("use", "balance"),
            "the water that counts: what households, industry and farming use, or what the balance of water "
            "bodies leaves",
        )
    },
    components=_components,
)
