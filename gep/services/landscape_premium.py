"""Landscape premium (景观增值): what buildings are worth more for the nature that is seen from them."""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

RECALLED = "Hedonic price method; specification of 2022 (its text was not at hand)"


@equation(floor_price="CNY/m^2", premium="1", annuity="1/year", returns="CNY/(m^2*year)", source=RECALLED)
def yearly_premium(floor_price, premium, annuity):
    """The part of a floor price that is owed to landscape, as the amount of one year.

        p = P s a

    P price of floor area, s share of it that is owed to landscape, a share of a capital value that counts per year:
    rent yield, or one over the life of the building.

    8000 CNY/m², share 5 %, one seventieth per year: 5.7143 CNY/m².
    """
    return floor_price * premium * annuity


@equation(floor_price="CNY/m^2", premium="1", per_year="1/year", returns="CNY/(m^2*year)", source=RECALLED)
def whole_premium(floor_price, premium, per_year):
    """The part of a floor price that is owed to landscape, counted whole in the accounting year: a capital value, not a
    flow.

        p = P s

    P price of floor area, s share of it that is owed to landscape. Only for what was built or sold in the year; counted
    of the stock of buildings year after year, the same capital would count again each time.

    8000 CNY/m², share 5 %: 400 CNY/m².
    """
    return floor_price * premium * per_year


@equation(floor_area="m^2", premium_price="CNY/(m^2*year)", returns="CNY/year", source=RECALLED)
def landscape_value(floor_area, premium_price):
    """Value of the landscape to those who live in sight of it.

        V = A p

    A floor area that benefits, p premium per area.

    1 200 000 m² at 400 CNY/m²: 480 000 000 CNY.
    """
    return floor_area * premium_price


def _components(switches: Switches) -> tuple[Component, ...]:
    return (
        ReportedComponent(
            "floor_area",
            "floor_area",
            "m^2",
            "floor_area",
            money=Money(
                landscape_value,
                "premium_price",
                yearly_premium if switches["premium"] == "annualised" else whole_premium,
                "hedonic",
            ),
        ),
    )


LANDSCAPE_PREMIUM = Service(
    id="landscape_premium",
    switches={
        "premium": Switch(
            ("annualised", "capital"),
            "the premium of a building: its share of one year, or the whole of it in the accounting year",
        )
    },
    components=_components,
)
