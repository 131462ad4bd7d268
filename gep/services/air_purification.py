"""Air purification (空气净化): pollutants that vegetation takes out of the air, no more than are emitted."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import Equation, equation

CAPACITY = "Capacity method: doi 10.5846/stxb201606161172; emission method: doi 10.5846/stxb201607011362"
COST = "Replacement cost: doi 10.5846/stxb201607011362, table 3"
FOREST = (
    "Forest standard LY/T 1721-2008 and GB/T 38582-2020, as open implementations write it; the text was not at hand"
)
TAX = "Environmental Protection Tax Law of China, schedules 1 and 2"


@equation(so2_uptake="kg*SO2/(hm^2*year)", returns="kg*SO2/(hm^2*year)", source=CAPACITY)
def so2_capacity(so2_uptake):
    """Sulphur dioxide that vegetation can take up per unit area.

        q = q_SO2

    88.65 kg/(hm² a) on 10 km²: 88.65 t.
    """
    return so2_uptake


@equation(nox_uptake="kg*NOx/(hm^2*year)", returns="kg*NOx/(hm^2*year)", source=CAPACITY)
def nox_capacity(nox_uptake):
    """Nitrogen oxides that vegetation can take up per unit area.

        q = q_NOx

    6 kg/(hm² a) on 10 km²: 6 t.
    """
    return nox_uptake


@equation(dust_uptake="kg*dust/(hm^2*year)", returns="kg*dust/(hm^2*year)", source=CAPACITY)
def dust_capacity(dust_uptake):
    """Dust that vegetation can retain per unit area.

        q = q_dust

    10 110 kg/(hm² a) on 10 km²: 10 110 t.
    """
    return dust_uptake


@equation(fluoride_uptake="kg*fluoride/(hm^2*year)", returns="kg*fluoride/(hm^2*year)", source=FOREST)
def fluoride_capacity(fluoride_uptake):
    """Fluoride that forest can take up per unit area; the forest standard counts it, the GEP standards do not.

        q = q_F

    4.65 kg/(hm² a) on 10 km²: 4.65 t.
    """
    return fluoride_uptake


@equation(capacity="t/year", emission="t/year", returns="t/year", source=CAPACITY)
def capped(capacity, emission):
    """What is removed in an accounting unit: the capacity, but no more than is emitted there.

        Q = min(capacity, emission)

    An accounting-unit step, never cell by cell. Both of one pollutant.

    88.65 t of capacity and 60 t emitted: 60 t.
    """
    return np.minimum(capacity, emission)


@equation(removed_so2="t*SO2/year", so2_cost="CNY/(t*SO2)", returns="CNY/year", source=COST)
def so2_treatment_cost(removed_so2, so2_cost):
    """What removing the same sulphur dioxide would cost.

        V = Q c

    60 t at 1200 CNY/t: 72 000 CNY.
    """
    return removed_so2 * so2_cost


@equation(removed_nox="t*NOx/year", nox_cost="CNY/(t*NOx)", returns="CNY/year", source=COST)
def nox_treatment_cost(removed_nox, nox_cost):
    """What removing the same nitrogen oxides would cost.

        V = Q c

    6 t at 630 CNY/t: 3780 CNY.
    """
    return removed_nox * nox_cost


@equation(removed_dust="t*dust/year", dust_cost="CNY/(t*dust)", returns="CNY/year", source=COST)
def dust_treatment_cost(removed_dust, dust_cost):
    """What removing the same dust would cost.

        V = Q c

    10 t at 150 CNY/t: 1500 CNY.
    """
    return removed_dust * dust_cost


@equation(removed_fluoride="t*fluoride/year", fluoride_cost="CNY/(t*fluoride)", returns="CNY/year", source=FOREST)
def fluoride_treatment_cost(removed_fluoride, fluoride_cost):
    """What removing the same fluoride would cost.

        V = Q c

    4.65 t at 690 CNY/t: 3208.5 CNY.
    """
    return removed_fluoride * fluoride_cost


@equation(
    air_tax_rate="CNY/pollution_equivalent",
    so2_equivalent="t*SO2/pollution_equivalent",
    returns="CNY/(t*SO2)",
    source=TAX,
)
def so2_tax_price(air_tax_rate, so2_equivalent):
    """What sulphur dioxide would have paid in environmental protection tax.

        p = t / W

    t tax per pollution equivalent (污染当量), W mass of the pollutant that makes one equivalent.

    1.2 CNY and 0.95 kg: 1.263157895 CNY/kg, 1263.157895 CNY/t.
    """
    return air_tax_rate / so2_equivalent


@equation(
    air_tax_rate="CNY/pollution_equivalent",
    nox_equivalent="t*NOx/pollution_equivalent",
    returns="CNY/(t*NOx)",
    source=TAX,
)
def nox_tax_price(air_tax_rate, nox_equivalent):
    """What nitrogen oxides would have paid in environmental protection tax.

        p = t / W

    1.2 CNY and 0.95 kg: 1263.157895 CNY/t.
    """
    return air_tax_rate / nox_equivalent


@equation(
    air_tax_rate="CNY/pollution_equivalent",
    dust_equivalent="t*dust/pollution_equivalent",
    returns="CNY/(t*dust)",
    source=TAX,
)
def dust_tax_price(air_tax_rate, dust_equivalent):
    """What dust would have paid in environmental protection tax.

        p = t / W

    1.2 CNY and 4 kg: 300 CNY/t.
    """
    return air_tax_rate / dust_equivalent


@equation(
    air_tax_rate="CNY/pollution_equivalent",
    fluoride_equivalent="t*fluoride/pollution_equivalent",
    returns="CNY/(t*fluoride)",
    source=TAX,
)
def fluoride_tax_price(air_tax_rate, fluoride_equivalent):
    """What fluoride would have paid in environmental protection tax.

        p = t / W

    1.2 CNY and 0.87 kg: 1379.310345 CNY/t.
    """
    return air_tax_rate / fluoride_equivalent


_POLLUTANTS: dict[str, tuple[str, Equation, Equation, Equation]] = {
    "so2": ("SO2", so2_capacity, so2_treatment_cost, so2_tax_price),
    "nox": ("NOx", nox_capacity, nox_treatment_cost, nox_tax_price),
    "dust": ("dust", dust_capacity, dust_treatment_cost, dust_tax_price),
    "fluoride": ("fluoride", fluoride_capacity, fluoride_treatment_cost, fluoride_tax_price),
}


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(_component(pollutant, switches) for pollutant in _POLLUTANTS)


def _component(pollutant: str, switches: Switches) -> Component:
    tag, capacity, cost, tax_price = _POLLUTANTS[pollutant]
    quantity, unit, emission = f"removed_{pollutant}", f"t*{tag}/year", f"{pollutant}_emission"
    money = (
        Money(cost, f"{pollutant}_cost", tax_price, "tax_or_fee")
        if switches["price"] == "pollution_tax"
        else Money(cost, f"{pollutant}_cost")
    )
    if switches["amount"] == "emission":
        return ReportedComponent(pollutant, quantity, unit, emission, money=money)
    limit = emission if switches["amount"] == "capped" else None
    return CellComponent(pollutant, quantity, unit, capacity, money=money, limit=limit)


AIR_PURIFICATION = Service(
    id="air_purification",
    switches={
        "amount": Switch(
            ("capped", "capacity", "emission"),
            "what is removed: the capacity up to a county's emissions, the whole capacity, or the emissions",
        ),
        "price": Switch(
            ("treatment_cost", "pollution_tax"),
            "what a tonne is worth: what removing it would cost, or the environmental protection tax that it "
            "would have paid",
        ),
    },
    components=_components,
)
