"""Air purification (空气净化): pollutants that vegetation takes out of the air, no more than are emitted."""

from __future__ import annotations

import numpy as np

from gep.catalog import Component, Service, Switch, Switches
from gep.equation import Equation, equation

CAPACITY = "Capacity method: doi 10.5846/stxb201606161172; emission method: doi 10.5846/stxb201607011362"
COST = "Replacement cost: doi 10.5846/stxb201607011362, table 3"


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


_POLLUTANTS: dict[str, tuple[str, Equation, Equation]] = {
    "so2": ("SO2", so2_capacity, so2_treatment_cost),
    "nox": ("NOx", nox_capacity, nox_treatment_cost),
    "dust": ("dust", dust_capacity, dust_treatment_cost),
}


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(
        Component(
            id=pollutant,
            density=None if switches["amount"] == "emission" else capacity,
            quantity=f"removed_{pollutant}",
            unit=f"t*{tag}/year",
            value=cost,
            price=f"{pollutant}_cost",
            limit="" if switches["amount"] == "capacity" else f"{pollutant}_emission",
        )
        for pollutant, (tag, capacity, cost) in _POLLUTANTS.items()
    )


AIR_PURIFICATION = Service(
    id="air_purification",
    switches={
        "amount": Switch(
            ("capped", "capacity", "emission"),
            "what is removed: the capacity up to a county's emissions, the whole capacity, or the emissions",
        ),
    },
    components=_components,
)
