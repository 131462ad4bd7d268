"""Local climate regulation (局部气候调节): the heat that transpiration and evaporation take up, as electricity that
cooling does not need.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, Service, Switch, Switches
from gep.core.equation import Equation, equation

CAS = "doi 10.5846/stxb201607011362; heat and efficiency: doi 10.5846/stxb201606161172"


@equation(
    transpiration_heat="kJ/(m^2*day)",
    cooling_days="day/year",
    efficiency_ratio="1",
    returns="kJ/(m^2*year)",
    source=f"Transpiration table: {CAS}",
)
def transpiration_cooling(transpiration_heat, cooling_days, efficiency_ratio):
    """Electricity that the transpiration of vegetation saves on days when cooling is needed.

        E = g d / r

    g heat taken up by transpiration per area and day, d days on which cooling is needed, r energy-efficiency ratio of
    air conditioners. Proportional to the days and to the heat.

    119.1 kJ/(m² d) on 10 km², 90 days, r 3: 9 925 000 kWh.
    """
    return transpiration_heat * cooling_days / efficiency_ratio


@equation(
    transpiration_electricity="kWh/(m^2*year)",
    returns="kWh/(m^2*year)",
    source="Values per area that the printed values, areas and price of the CAS account imply: doi "
    "10.5846/stxb201607011362, tables 1 and 4",
)
def known_cooling(transpiration_electricity):
    """Electricity that the transpiration of vegetation saves, known per area and year (switch `method =
    "electricity_table"`).

        E = e

    3.9407 kWh/(m² a) of forest on 10 km²: 39 407 000 kWh.
    """
    return transpiration_electricity


@equation(
    temperature_difference="K",
    returns="K",
    source="Cooling of green space by its air temperature: Liu et al. 2021, Arid Land Geography, on Xi'an",
)
def cooled_area(temperature_difference):
    """Area times the degrees by which vegetation cools the air above it (switch `method = "temperature_difference"`).

        Q = dT

    dT difference to the warmest air of the built-up area, not below zero: a map of the study.

    2 K on 10 km²: 20 000 000 K m².
    """
    return np.maximum(temperature_difference, 0 * temperature_difference)


@equation(
    cooled="K*m^2",
    cooling_cost="CNY/(K*m^2*year)",
    returns="CNY/year",
    source="Liu et al. 2021, Arid Land Geography, on Xi'an",
)
def cooling_value(cooled, cooling_cost):
    """What cooling the same area by as many degrees would cost.

        V = Q c

    20 000 000 K m² at 0.3 CNY/(K m² a): 6 000 000 CNY.
    """
    return cooled * cooling_cost


@equation(
    evaporation="m/year",
    water_density="kg/m^3",
    latent_heat="kJ/kg",
    efficiency_ratio="1",
    returns="kJ/(m^2*year)",
    source=f"Water surface: {CAS}",
)
def evaporation_cooling(evaporation, water_density, latent_heat, efficiency_ratio):
    """Electricity that the evaporation of water surfaces saves, divided by the efficiency of air conditioners like
    transpiration.

        E = E_w rho q / r

    E_w evaporated depth, rho density of water, q latent heat, r energy-efficiency ratio.

    1 000 000 m³, 2450 kJ/kg, r 3: 226 851 851.9 kWh.
    """
    return evaporation * water_density * latent_heat / efficiency_ratio


@equation(
    evaporation="m/year",
    water_density="kg/m^3",
    latent_heat="kJ/kg",
    returns="kJ/(m^2*year)",
    source=f"Water surface as in the CAS text: {CAS}",
)
def evaporation_heat(evaporation, water_density, latent_heat):
    """Heat that the evaporation of water surfaces takes up, not divided by an efficiency ratio (switch `water_eer =
    "off"`).

        E = E_w rho q

    1 000 000 m³, 2450 kJ/kg: 680 555 555.6 kWh.
    """
    return evaporation * water_density * latent_heat


@equation(evaporation="m/year", humidifier_energy="kWh/m^3", returns="kWh/(m^2*year)", source=CAS)
def humidification(evaporation, humidifier_energy):
    """Electricity that humidifiers would need to evaporate the same water (switch `humidify = "on"`).

        E = E_w gamma

    Prices the same water a second time, beside cooling.

    1 000 000 m³ at 120 kWh/m³: 120 000 000 kWh.
    """
    return evaporation * humidifier_energy


@equation(
    electricity="kWh/year",
    electricity_price="CNY/kWh",
    returns="CNY/year",
    source="doi 10.5846/stxb201607011362, table 3",
)
def electricity_value(electricity, electricity_price):
    """What the electricity that is not needed would cost.

        V = E p

    810 480 555.6 kWh at 0.52 CNY/kWh: 421 449 888.9 CNY.
    """
    return electricity * electricity_price


def _components(switches: Switches) -> tuple[Component, ...]:
    season = "cooling_season" if switches["season"] == "cooling" else "annual"
    water = {"evaporation": "cooling_season_evaporation" if season == "cooling_season" else "water_evaporation"}

    def component(name: str, density: Equation, wiring: dict[str, str]) -> Component:
        money = Money(electricity_value, "electricity_price")
        return CellComponent(name, "electricity", "kWh/year", density, money=money, wiring=wiring)

    if switches["method"] == "et_raster":
        seasonal = "cooling_season_evapotranspiration" if season == "cooling_season" else "evapotranspiration"
        vegetation = component("transpiration", evaporation_cooling, {"evaporation": seasonal})
    elif switches["method"] == "electricity_table":
        vegetation = component("transpiration", known_cooling, {})
    elif switches["method"] == "temperature_difference":
        vegetation = CellComponent(
            "cooled_area", "cooled", "K*m^2", cooled_area, money=Money(cooling_value, "cooling_cost")
        )
    else:
        vegetation = component("transpiration", transpiration_cooling, {})
    surface = component(
        "evaporation", evaporation_heat if switches["water_eer"] == "off" else evaporation_cooling, water
    )
    humid = component("humidification", humidification, water)
    return (vegetation, surface, humid) if switches["humidify"] == "on" else (vegetation, surface)


CLIMATE_REGULATION = Service(
    id="climate_regulation",
    switches={
        "method": Switch(
            ("transpiration_table", "et_raster", "electricity_table", "temperature_difference"),
            "the cooling by vegetation: by a table of heat per area and day, from an evapotranspiration map, by "
            "a table of electricity per area and "
            "year, or from a map of how much cooler the air is",
        ),
        "water_eer": Switch(
            ("on", "off"),
            "whether the heat of evaporating water is divided by the efficiency of air conditioners, as that of "
            "vegetation is",
        ),
        "humidify": Switch(("off", "on"), "whether the evaporated water counts a second time as humidification"),
        "season": Switch(("cooling", "annual"), "the evaporation that counts: of the cooling season, or of the year"),
    },
    components=_components,
)
