"""Sand fixation (防风固沙): the sand that plant cover keeps from being blown away, and the land that is not
buried by it.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, Service, Switch, Switches
from gep.core.equation import equation

RWEQ = "HJ 1173-2021, equations A.14-A.16"
CLOSED = (
    "Closed form of the revised wind erosion equation, as programs for the 2020 guideline of the MEE and CAS write "
    "it; not a clause of HJ 1173"
)
CAS = "doi 10.5846/stxb201607011362"


@equation(
    wind_erosion_forcing="kg/(m*year)",
    downwind_distance="m",
    qmax_factor="1",
    field_length_factor="m",
    unit_transport="kg/(m*year)",
    returns="kg/(m^2*year)",
    source=RWEQ,
)
def wind_erosion(wind_erosion_forcing, downwind_distance, qmax_factor, field_length_factor, unit_transport):
    """Wind erosion (风力侵蚀量) from the product of its factors, by the revised wind erosion equation.

        S_L = (2 z / s^2) Qmax exp(-(z/s)^2),  Qmax = 109.8 x,  s = 150.71 x^-0.3711

    x the product of weather, soil, crust, roughness and cover factors, z downwind distance of the largest erosion, Qmax
    the largest transport, s the critical field length. A product of zero or less erodes nothing: z/s is written as z
    x^0.3711 / 150.71, which is then 0. The standard labels the result t/(km² a); by its own symbols it is kg/m², and
    the two differ by 1000.

    x 4.8, z 50 m: Qmax 527.04, s 84.204, S_L = 5.22454 kg/(m² a).
    """
    forcing = np.maximum(wind_erosion_forcing, 0)
    reach = downwind_distance * (forcing / unit_transport) ** 0.3711 / field_length_factor
    return 2 * reach**2 / downwind_distance * qmax_factor * forcing * np.exp(0 - reach**2)


@equation(
    weather_factor="kg/(m*year)",
    wind_erodible_fraction="1",
    soil_crust_factor="1",
    surface_roughness_factor="1",
    wind_cover_factor="1",
    wind_erosion_region="1",
    downwind_distance="m",
    qmax_factor="1",
    field_length_factor="m",
    unit_transport="kg/(m*year)",
    returns="kg/(m^2*year)",
    source=RWEQ,
)
def retained_sand(
    weather_factor,
    wind_erodible_fraction,
    soil_crust_factor,
    surface_roughness_factor,
    wind_cover_factor,
    wind_erosion_region,
    downwind_distance,
    qmax_factor,
    field_length_factor,
    unit_transport,
):
    """Sand kept in place by plant cover: wind erosion without it less wind erosion with it.

        SR = S_L(WF EF SCF K') - S_L(WF EF SCF K' C);  0 outside the regions of wind erosion

    WF weather, EF erodible fraction of the soil, SCF soil crust, K' roughness, C cover. At a fixed distance z the
    equation falls again where the product is very large (with z = 50 m, above 62 kg/m), so that the difference can turn
    negative there: the service counts such cells as zero and says how many there are. Without wind no sand is kept;
    that is no missing value.

    WF 20, EF 0.5, SCF 0.6, K' 0.8, C 0.2, z 50 m: 5.22454 - 0.40463 = 4.81991 kg/(m² a).
    """
    bare = weather_factor * wind_erodible_fraction * soil_crust_factor * surface_roughness_factor
    potential = wind_erosion(bare, downwind_distance, qmax_factor, field_length_factor, unit_transport)
    actual = wind_erosion(bare * wind_cover_factor, downwind_distance, qmax_factor, field_length_factor, unit_transport)
    return wind_erosion_region * (potential - actual)


@equation(
    weather_factor="kg/(m*year)",
    wind_erodible_fraction="1",
    soil_crust_factor="1",
    surface_roughness_factor="1",
    wind_cover_factor="1",
    wind_erosion_region="1",
    closed_form_factor="kg/(m^2*year)",
    unit_transport="kg/(m*year)",
    returns="kg/(m^2*year)",
    source=CLOSED,
)
def retained_sand_closed(
    weather_factor,
    wind_erodible_fraction,
    soil_crust_factor,
    surface_roughness_factor,
    wind_cover_factor,
    wind_erosion_region,
    closed_form_factor,
    unit_transport,
):
    """Sand kept in place by plant cover, by the closed form without a downwind distance.

        Q = 0.1699 (WF EF SCF K')^1.3711 (1 - C^1.3711),  not below 0;  0 outside the regions of wind erosion

    WF weather, EF erodible fraction of the soil, SCF soil crust, K' roughness, C cover. Not the full form in other
    words: at z = 50 m that gives almost four times as much for the same factors.

    WF EF SCF K' 4.8, C 0.2: 1.29898 kg/(m² a).
    """
    bare = np.maximum(weather_factor * wind_erodible_fraction * soil_crust_factor * surface_roughness_factor, 0)
    kept = np.maximum(1 - np.maximum(wind_cover_factor, 0) ** 1.3711, 0)
    return wind_erosion_region * closed_form_factor * (bare / unit_transport) ** 1.3711 * kept


@equation(
    retained_sand="kg/(m^2*year)",
    sand_density="kg/m^3",
    sand_depth="m",
    returns="1/year",
    source=f"{CAS}, section 3.2.3",
)
def restored_area(retained_sand, sand_density, sand_depth):
    """Land that the kept sand would have buried, as a share of the land that keeps it.

        a = SR / (rho h)

    SR kept sand, rho bulk density of sand, h depth of sand from which land counts as desertified (覆沙厚度).

    5000 t, 1.28 t/m³, 0.1 m: 39 062.5 m².
    """
    return retained_sand / (sand_density * sand_depth)


@equation(restored_area="m^2/year", restoration_cost="CNY/m^2", returns="CNY/year", source=f"{CAS}, table 3")
def restoration_saved(restored_area, restoration_cost):
    """What winning back the same area from the sand would cost.

        V = A c

    39 062.5 m² at 3.75 CNY/m²: 146 484.375 CNY.
    """
    return restored_area * restoration_cost


def _components(switches: Switches) -> tuple[Component, ...]:
    return (
        CellComponent(
            "retained_sand",
            "sand",
            "t/year",
            retained_sand_closed if switches["equation"] == "closed" else retained_sand,
            clip="cell",
        ),
        CellComponent(
            "restored_area",
            "restored_area",
            "m^2/year",
            restored_area,
            money=Money(restoration_saved, "restoration_cost"),
            clip="cell",
        ),
    )


SAND_FIXATION = Service(
    id="sand_fixation",
    switches={
        "equation": Switch(
            ("full", "closed"),
            "wind erosion by the full equation with its downwind distance, or by the closed form without one",
        ),
        "cover": Switch(
            ("exponential", "canopy"),
            "the cover factor where it is not given: by class and cover in per cent, or one curve for all classes",
        ),
        "roughness": Switch(
            ("smith_carson", "cos_slope"),
            "the roughness factor where it is not given: by the relief of the terrain, or the cosine of the slope",
        ),
        "wind": Switch(
            ("best", "subdaily", "daily", "monthly"),
            "which wind speed the weather factor is worked out from: the finest that is given, or one only",
        ),
        "terrain": Switch(
            ("refuse_coarse", "accept_coarse"),
            "relief from an elevation grid coarser than the limit: refused, or accepted with a warning",
        ),
    },
    components=_components,
)
