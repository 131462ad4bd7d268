"""Flood mitigation (洪水调蓄): the flood water that lakes, reservoirs and marshes hold, and the storm rain that
vegetation keeps from running off.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import (
    CellComponent,
    Component,
    Money,
    Per,
    ReportedComponent,
    Service,
    Switch,
    Switches,
    UnitComponent,
)
from gep.core.equation import equation

CAS = "doi 10.5846/stxb201607011362"
BAIYANGDIAN = "doi 10.5846/stxb201410091984"
STORM = (
    "Storm rain less storm runoff, as programs of the CAS method ask for it (not a clause of a standard that could "
    "be read)"
)


@equation(
    lake_area="km^2",
    lake_intercept="1",
    lake_exponent="1",
    unit_lake_area="km^2",
    lake_volume_unit="m^3",
    exchanges="1/year",
    returns="m^3/year",
    source=f"Lakes: {CAS}",
    points={"lake_intercept": (4, 7), "lake_exponent": (0.6, 1.2)},
)
def lake_storage(lake_area, lake_intercept, lake_exponent, unit_lake_area, lake_volume_unit, exchanges):
    """Flood water that a lake can hold back, by a regression on its surface area.

        C = e^b (A / 1 km²)^k T 10⁴ m³

    A area of the lake, b and k intercept and exponent of the lake region, T exchanges of water per year. A power of the
    area is not additive: one lake of 100 km² holds less than two of 50 km². The switch `lake_unit` says what A is the
    area of.

    100 km² on the Qinghai-Tibet plateau (b 6.636, k 0.678), T 1: 172 972 945.9 m³; two of 50 km²: 216 226 959 m³
    together.
    """
    return lake_volume_unit * np.exp(lake_intercept) * (lake_area / unit_lake_area) ** lake_exponent * exchanges


@equation(reservoir_capacity="m^3", flood_share="1/year", returns="m^3/year", source=f"Reservoirs: {CAS}")
def reservoir_storage(reservoir_capacity, flood_share):
    """Flood water that reservoirs can hold back, as a share of their total capacity, once a year.

        C = 0.35 C_t

    C_t total capacity.

    5000 x 10⁴ m³: 17 500 000 m³.
    """
    return reservoir_capacity * flood_share


@equation(ponding_depth="m", fillings="1/year", returns="m/year", source=f"Marshes: {CAS}")
def marsh_storage(ponding_depth, fillings):
    """Flood water that stands on a marsh.

        C = H n

    H depth of the water that can stand on the surface, n fillings per year.

    0.3 m once a year on 20 km²: 6 000 000 m³.
    """
    return ponding_depth * fillings


@equation(
    marsh_soil_depth="m",
    marsh_bulk_density="kg/m^3",
    saturated_moisture="1",
    natural_moisture="1",
    water_density="kg/m^3",
    ponding_depth="m",
    fillings="1/year",
    returns="m/year",
    source="Two-part form of storage in soil and on the surface, text not at hand: no clause of a standard that could "
    "be read",
)
def marsh_storage_of_soil_and_surface(
    marsh_soil_depth, marsh_bulk_density, saturated_moisture, natural_moisture, water_density, ponding_depth, fillings
):
    """Flood water that a marsh takes up in its soil and that stands on it (switch `marsh = "two_part"`).

        C = [h rho (F - E) / rho_w + H] n

    h depth of the soil, rho its bulk density, F and E mass of water per mass of dry soil when saturated and as it is,
    rho_w density of water, H depth of the water on the surface, n fillings per year. F rho / rho_w is a share of the
    volume: it cannot pass 1, so that the bulk density of mineral soil does not go with the moisture of peat.

    h 0.4 m, rho 300 kg/m³, F 2.4, E 1.9, H 0.3 m, once a year: 0.06 + 0.3 = 0.36 m, on 20 km² 7 200 000 m³.
    """
    soil_storage = marsh_soil_depth * marsh_bulk_density * (saturated_moisture - natural_moisture) / water_density
    return (soil_storage + ponding_depth) * fillings


@equation(storm_rain="mm/year", storm_runoff="mm/year", returns="mm/year", source=STORM)
def storm_retention(storm_rain, storm_runoff):
    """Rain of storms that vegetation keeps from running off at once.

        C = P_h - R_f

    P_h rain of the storm days of the year, R_f what of it runs off. The same rain is in the water balance of water
    retention: it counts twice unless that takes other rain.

    80 mm of storm rain and 12 mm of runoff on 10 km²: 680 000 m³.
    """
    return storm_rain - storm_runoff


@equation(
    flood_storage="m^3/year",
    reservoir_cost="CNY/m^3",
    returns="CNY/year",
    source=f"Shadow project method: {CAS}, table 3; {BAIYANGDIAN}",
)
def flood_storage_cost(flood_storage, reservoir_cost):
    """What it would cost to hold the same volume in reservoirs.

        V = C c

    C flood water held back, c cost of building a reservoir per unit of capacity.

    197 152 945.9 m³ at 6.11 CNY/m³: 1 204 604 499 CNY.
    """
    return flood_storage * reservoir_cost


_FLOW = "flood_storage", "m^3/year"
_MONEY = Money(flood_storage_cost, "reservoir_cost")


def _components(switches: Switches) -> tuple[Component, ...]:
    per: Per = "all" if switches["lake_unit"] == "region_total" else "feature"
    lakes: dict[str, Component] = {
        "regression": UnitComponent(
            "lake", *_FLOW, "lake_area", lake_storage, per=per, patches=("wetland/lake",), money=_MONEY
        ),
        "gauge": ReportedComponent("lake", *_FLOW, "lake_flood_storage", money=_MONEY),
    }
    reservoirs: dict[str, Component] = {
        "capacity_share": UnitComponent("reservoir", *_FLOW, "reservoir_capacity", reservoir_storage, money=_MONEY),
        "flood_storage": ReportedComponent("reservoir", *_FLOW, "reservoir_flood_storage", money=_MONEY),
    }
    marshes = {
        "ponding_depth": CellComponent("marsh", *_FLOW, marsh_storage, money=_MONEY),
        "two_part": CellComponent("marsh", *_FLOW, marsh_storage_of_soil_and_surface, money=_MONEY),
    }
    wetlands = lakes[switches["lake"]], reservoirs[switches["reservoir"]], marshes[switches["marsh"]]
    if switches["vegetation"] == "off":
        return wetlands
    return (*wetlands, CellComponent("vegetation", *_FLOW, storm_retention, money=_MONEY))


FLOOD_MITIGATION = Service(
    id="flood_mitigation",
    switches={
        "lake": Switch(
            ("regression", "gauge"),
            "what lakes hold: by a regression on their area, or as gauges tell, summed over the floods of the year",
        ),
        "lake_unit": Switch(
            ("per_lake", "region_total"),
            "the area that the regression is on: of each lake, or of all lakes together as it is printed",
        ),
        "reservoir": Switch(
            ("capacity_share", "flood_storage"),
            "what reservoirs hold: a share of their total capacity, or their registered flood storage",
        ),
        "marsh": Switch(
            ("ponding_depth", "two_part"),
            "what marshes hold: the water that stands on them, or that and what their soil takes up",
        ),
        "vegetation": Switch(
            ("off", "runoff_coefficient", "log_regression", "scs_cn"),
            "whether vegetation counts, and how storm runoff is derived where it is not given: a share of storm "
            "rain, a regression, or curve numbers",
        ),
    },
    components=_components,
)
