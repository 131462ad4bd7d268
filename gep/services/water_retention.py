"""Water retention (水源涵养): the water that ecosystems hold back of the rain, by water balance."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, Service, Switch, Switches
from gep.core.equation import Equation, equation

HJ_A1 = "HJ 1173-2021, equation A.1"


@equation(
    precipitation="mm/year",
    evapotranspiration="mm/year",
    runoff_coefficient="1",
    returns="mm/year",
    source=f"{HJ_A1}; runoff as a share of precipitation: Gong et al. 2017, doi 10.5846/stxb201512012406",
)
def retained_water(precipitation, evapotranspiration, runoff_coefficient):
    """Water retained, by water balance with surface runoff as a share of precipitation.

        Q = P - alpha P - ET

    P precipitation, alpha surface runoff over precipitation, ET actual evapotranspiration.
    Negative where runoff and evapotranspiration exceed precipitation; the switch `negative` says what becomes of that.

    P 1200 mm, alpha 4.52 %, ET 700 mm: 1200 - 54.24 - 700 = 445.76 mm.
    """
    return precipitation - precipitation * runoff_coefficient - evapotranspiration


@equation(
    precipitation="mm/year", evapotranspiration="mm/year", surface_runoff="mm/year", returns="mm/year", source=HJ_A1
)
def retained_water_of_runoff(precipitation, evapotranspiration, surface_runoff):
    """Water retained, by water balance with a map of surface or storm runoff.

        Q = P - R - ET

    P precipitation, R runoff, ET actual evapotranspiration.

    P 1200 mm, R 54.24 mm, ET 700 mm: 445.76 mm.
    """
    return precipitation - surface_runoff - evapotranspiration


@equation(
    precipitation="mm/year", evapotranspiration="mm/year", runoff_coefficient="1", returns="mm/year", source=HJ_A1
)
def positive_retained_water(precipitation, evapotranspiration, runoff_coefficient):
    """Water retained, with cells that lose water counted as zero (switch `negative = "clip_cell"`).

        Q = max(0, P - alpha P - ET)

    P 500 mm, alpha 3.94 %, ET 520 mm: 500 - 19.7 - 520 = -39.7 mm, counted as 0.
    """
    return np.maximum(retained_water(precipitation, evapotranspiration, runoff_coefficient), 0)


@equation(
    precipitation="mm/year", evapotranspiration="mm/year", surface_runoff="mm/year", returns="mm/year", source=HJ_A1
)
def positive_retained_water_of_runoff(precipitation, evapotranspiration, surface_runoff):
    """Water retained with a map of runoff, with cells that lose water counted as zero.

        Q = max(0, P - R - ET)

    P 500 mm, R 19.7 mm, ET 520 mm: -39.7 mm, counted as 0.
    """
    return np.maximum(retained_water_of_runoff(precipitation, evapotranspiration, surface_runoff), 0)


@equation(
    water="m^3/year",
    reservoir_cost="CNY/m^3",
    returns="CNY/year",
    source="Shadow project method: doi 10.5846/stxb201607011362, table 3",
)
def reservoir_storage_cost(water, reservoir_cost):
    """What it would cost to store the same volume in reservoirs.

        V = Q c

    Q retained water, c cost of building a reservoir per unit of capacity.

    425 910 m³ at 6.11 CNY/m³: 2 602 310.1 CNY.
    """
    return water * reservoir_cost


@equation(
    water="m^3/year",
    water_purification_cost="CNY/m^3",
    returns="CNY/year",
    source="LY/T 1721-2008 and GB/T 38582-2020, as carried by programs and papers that apply them",
)
def purification_saved(water, water_purification_cost):
    """What it would cost to purify the same volume (switch `water_quality = "on"`).

        V = Q K

    Q retained water, K cost of purifying a volume of water. The forest standards count it beside the cost of storing
    the same water; accounts of gross ecosystem product do not.

    445 760 m³ at 2.09 CNY/m³: 931 638.4 CNY.
    """
    return water * water_purification_cost


def _components(switches: Switches) -> tuple[Component, ...]:
    densities: dict[tuple[bool, bool], Equation] = {
        (True, False): retained_water,
        (True, True): positive_retained_water,
        (False, False): retained_water_of_runoff,
        (False, True): positive_retained_water_of_runoff,
    }
    wiring = {}
    if switches["precipitation"] == "runoff_generating":
        wiring["precipitation"] = "runoff_generating_precipitation"
    if switches["runoff"] == "storm":
        wiring["surface_runoff"] = "storm_runoff"

    def component(name: str, value: Equation, price: str) -> Component:
        return CellComponent(
            name,
            "water",
            "m^3/year",
            densities[switches["runoff"] == "coefficient", switches["negative"] == "clip_cell"],
            money=Money(value, price),
            clip="ecosystem" if switches["negative"] == "clip_type" else None,
            wiring=wiring,
        )

    retained = component("retained_water", reservoir_storage_cost, "reservoir_cost")
    purified = component("water_quality", purification_saved, "water_purification_cost")
    return (retained, purified) if switches["water_quality"] == "on" else (retained,)


WATER_RETENTION = Service(
    id="water_retention",
    switches={
        "precipitation": Switch(
            ("annual", "runoff_generating"), "which rain is meant: all of the year, or only the rain that makes runoff"
        ),
        "runoff": Switch(
            ("coefficient", "raster", "storm"),
            "surface runoff from a share of rain by class, from a map, or from a map of storm runoff",
        ),
        "negative": Switch(
            ("keep", "clip_cell", "clip_type"),
            "negative balances: kept, set to zero cell by cell, or set to zero by county and ecosystem",
        ),
        "water_quality": Switch(
            ("off", "on"),
            "whether the same water counts a second time at the cost of purifying it, as in the forest standards",
        ),
        "evapotranspiration": Switch(
            ("fu", "fu_awc", "zhang"),
            "how actual evapotranspiration is derived where it is not given: by Fu's curve with one parameter, "
            "by Fu's curve with a parameter from soil water "
            "and seasonality, or by Zhang's curve",
        ),
    },
    components=_components,
)
