"""Water purification (水质净化): pollutants that wetlands take out of the water, no more than are
discharged into it.
"""

from __future__ import annotations

from gep.core.catalog import CellComponent, Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import Equation, equation

CAPACITY = (
    "Capacity of wetlands per unit area: method of the guideline of 2020 (its text was not at hand); discharged "
    "load: doi 10.5846/stxb201607011362"
)
COST = "Replacement cost: doi 10.5846/stxb201607011362, table 3"


@equation(cod_removal="t*COD/(km^2*year)", returns="t*COD/(km^2*year)", source=CAPACITY)
def cod_capacity(cod_removal):
    """Chemical oxygen demand (化学需氧量) that wetlands can take out of the water per unit area.

        q = q_COD

    20 t/(km² a), made up, on 30 km²: 600 t.
    """
    return cod_removal


@equation(nh3n_removal="t*NH3_N/(km^2*year)", returns="t*NH3_N/(km^2*year)", source=CAPACITY)
def nh3n_capacity(nh3n_removal):
    """Ammonia nitrogen (氨氮) that wetlands can take out of the water per unit area.

        q = q_NH3-N

    2 t/(km² a), made up, on 30 km²: 60 t.
    """
    return nh3n_removal


@equation(tn_removal="t*nitrogen/(km^2*year)", returns="t*nitrogen/(km^2*year)", source=CAPACITY)
def tn_capacity(tn_removal):
    """Total nitrogen (总氮) that wetlands can take out of the water per unit area. It holds the ammonia nitrogen: never
    both.

        q = q_TN

    3 t/(km² a), made up, on 30 km²: 90 t.
    """
    return tn_removal


@equation(tp_removal="t*phosphorus/(km^2*year)", returns="t*phosphorus/(km^2*year)", source=CAPACITY)
def tp_capacity(tp_removal):
    """Total phosphorus (总磷) that wetlands can take out of the water per unit area.

        q = q_TP

    0.5 t/(km² a), made up, on 30 km²: 15 t.
    """
    return tp_removal


@equation(removed_cod="t*COD/year", cod_cost="CNY/(t*COD)", returns="CNY/year", source=COST)
def cod_treatment_cost(removed_cod, cod_cost):
    """What treating the same chemical oxygen demand would cost.

        V = Q c

    5424 t at 700 CNY/t: 3 796 800 CNY.
    """
    return removed_cod * cod_cost


@equation(removed_nh3n="t*NH3_N/year", nh3n_cost="CNY/(t*NH3_N)", returns="CNY/year", source=COST)
def nh3n_treatment_cost(removed_nh3n, nh3n_cost):
    """What treating the same ammonia nitrogen would cost.

        V = Q c

    625 t at 875 CNY/t: 546 875 CNY.
    """
    return removed_nh3n * nh3n_cost


@equation(removed_tn="t*nitrogen/year", tn_cost="CNY/(t*nitrogen)", returns="CNY/year", source=COST)
def tn_treatment_cost(removed_tn, tn_cost):
    """What treating the same total nitrogen would cost.

        V = Q c

    90 t at, made up, 1500 CNY/t: 135 000 CNY.
    """
    return removed_tn * tn_cost


@equation(removed_tp="t*phosphorus/year", tp_cost="CNY/(t*phosphorus)", returns="CNY/year", source=COST)
def tp_treatment_cost(removed_tp, tp_cost):
    """What treating the same total phosphorus would cost.

        V = Q c

    15 t at 2800 CNY/t: 42 000 CNY.
    """
    return removed_tp * tp_cost


_POLLUTANTS: dict[str, tuple[str, Equation, Equation]] = {
    "cod": ("COD", cod_capacity, cod_treatment_cost),
    "nh3n": ("NH3_N", nh3n_capacity, nh3n_treatment_cost),
    "tn": ("nitrogen", tn_capacity, tn_treatment_cost),
    "tp": ("phosphorus", tp_capacity, tp_treatment_cost),
}


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(
        _component(pollutant, switches["amount"])
        for pollutant in _POLLUTANTS
        if pollutant in ("cod", switches["nitrogen"], "tp")
    )


def _component(pollutant: str, amount: str) -> Component:
    tag, capacity, cost = _POLLUTANTS[pollutant]
    quantity, unit, load = f"removed_{pollutant}", f"t*{tag}/year", f"{pollutant}_load"
    money = Money(cost, f"{pollutant}_cost")
    if amount == "load":
        return ReportedComponent(pollutant, quantity, unit, load, money=money)
    return CellComponent(pollutant, quantity, unit, capacity, money=money, limit=load if amount == "capped" else None)


WATER_PURIFICATION = Service(
    id="water_purification",
    switches={
        "amount": Switch(
            ("capped", "capacity", "load"),
            "what is removed: the capacity up to the load that a county discharges, the whole capacity, or the "
            "load where the water meets its target",
        ),
        "nitrogen": Switch(
            ("nh3n", "tn"), "which nitrogen counts: ammonia nitrogen, or total nitrogen, which holds it"
        ),
    },
    components=_components,
)
