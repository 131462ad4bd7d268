"""Forest protection (森林防护): the harvest that farmland and pasture gain in the shelter of forest belts."""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switches
from gep.core.equation import equation

FOREST = "GB/T 38582-2020, as carried by programs that apply it"


@equation(
    yield_gain="t/(hm^2*year)",
    product_price="CNY/t",
    protection_correction="1",
    returns="CNY/(hm^2*year)",
    source=FOREST,
)
def worth_of_shelter(yield_gain, product_price, protection_correction):
    """What sheltered land yields more in a year than open land, in money per area.

        c = g p k

    g yield gained, p price of the product, k correction for how well the belts shelter. All three are inputs of the
    study.

    0.45 t/hm² at 2400 CNY/t, correction 0.8: 864 CNY/hm².
    """
    return yield_gain * product_price * protection_correction


@equation(sheltered_area="hm^2", shelter_price="CNY/(hm^2*year)", returns="CNY/year", source=FOREST)
def shelter_value(sheltered_area, shelter_price):
    """Value of the shelter that forest gives to farmland or pasture.

        V = A c

    A sheltered area, c worth of shelter per area.

    500 hm² at 864 CNY/hm²: 432 000 CNY.
    """
    return sheltered_area * shelter_price


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(
        ReportedComponent(
            f"protected_{land}",
            "sheltered_area",
            "hm^2",
            f"protected_{land}",
            money=Money(shelter_value, "shelter_price", worth_of_shelter, "market"),
            wiring={"yield_gain": f"{land}_yield_gain", "product_price": f"{land}_product_price"},
        )
        for land in ("farmland", "pasture")
    )


FOREST_PROTECTION = Service(id="forest_protection", components=_components)
