"""Soil retention (土壤保持): the soil that cover keeps from being washed away, and the sediment, nitrogen and phosphorus kept with it."""

from __future__ import annotations

from gep.catalog import Component, Service, Switch, Switches
from gep.equation import equation

RUSLE = "HJ 1173-2021, equations A.2-A.4"
CAS = "doi 10.5846/stxb201607011362"


@equation(
    rainfall_erosivity="MJ*mm/(hm^2*h*year)",
    soil_erodibility="t*hm^2*h/(hm^2*MJ*mm)",
    slope_length_steepness="1",
    cover_factor="1",
    practice_factor="1",
    returns="t/(hm^2*year)",
    source=RUSLE,
)
def retained_soil(rainfall_erosivity, soil_erodibility, slope_length_steepness, cover_factor, practice_factor):
    """Soil kept in place by vegetation, by the revised universal soil loss equation.

        A = R K LS (1 - C P)

    R rainfall erosivity, K soil erodibility, LS slope length and steepness, C cover, P practice (1 in the standard).
    The difference between potential erosion R K LS and actual erosion R K LS C P.

    R 3000, K 0.03, LS 1.69629 x 4.70814, C 0.06, P 1: 675.645 t/(hm² a).
    """
    return rainfall_erosivity * soil_erodibility * slope_length_steepness * (1 - cover_factor * practice_factor)


@equation(
    retained_soil="t/(hm^2*year)",
    sedimentation_fraction="1",
    bulk_density="t/m^3",
    returns="m^3/(hm^2*year)",
    source=f"{CAS}, section on soil",
)
def kept_sediment(retained_soil, sedimentation_fraction, bulk_density):
    """Sediment that does not settle in reservoirs and rivers.

        V = lambda A / rho

    A retained soil, lambda share of eroded soil that settles, rho bulk density of soil.

    67 564.47 t, 0.24, 1.25 t/m³: 12 972.378 m³.
    """
    return sedimentation_fraction * retained_soil / bulk_density


@equation(
    retained_soil="t/(hm^2*year)", nitrogen_content="t*nitrogen/t", returns="t*nitrogen/(hm^2*year)", source=f"{CAS}, section on soil"
)
def kept_nitrogen(retained_soil, nitrogen_content):
    """Nitrogen that stays in the soil instead of polluting water.

        N = A c_N

    67 564.47 t with 0.37 % nitrogen: 249.9885 t.
    """
    return retained_soil * nitrogen_content


@equation(
    retained_soil="t/(hm^2*year)", phosphorus_content="t*phosphorus/t", returns="t*phosphorus/(hm^2*year)", source=f"{CAS}, section on soil"
)
def kept_phosphorus(retained_soil, phosphorus_content):
    """Phosphorus that stays in the soil instead of polluting water.

        P = A c_P

    67 564.47 t with 0.108 % phosphorus: 72.9696 t.
    """
    return retained_soil * phosphorus_content


@equation(sediment="m^3/year", dredging_cost="CNY/m^3", returns="CNY/year", source=f"{CAS}, table 3")
def dredging_saved(sediment, dredging_cost):
    """What dredging the same sediment would cost.

        V = Q c

    12 972.378 m³ at 19.76 CNY/m³: 256 334.19 CNY.
    """
    return sediment * dredging_cost


@equation(nitrogen="t*nitrogen/year", nitrogen_cost="CNY/(t*nitrogen)", returns="CNY/year", source=f"{CAS}, table 3")
def nitrogen_treatment_saved(nitrogen, nitrogen_cost):
    """What treating the same nitrogen would cost.

        V = Q c

    249.9885 t at 875 CNY/t: 218 739.97 CNY.
    """
    return nitrogen * nitrogen_cost


@equation(phosphorus="t*phosphorus/year", phosphorus_cost="CNY/(t*phosphorus)", returns="CNY/year", source=f"{CAS}, table 3")
def phosphorus_treatment_saved(phosphorus, phosphorus_cost):
    """What treating the same phosphorus would cost.

        V = Q c

    72.9696 t at 2800 CNY/t: 204 314.96 CNY.
    """
    return phosphorus * phosphorus_cost


def _components(switches: Switches) -> tuple[Component, ...]:
    return (
        Component("retained_soil", "soil", "t/year", density=retained_soil),
        Component("sediment", "sediment", "m^3/year", density=kept_sediment, value=dredging_saved, price="dredging_cost"),
        Component("nitrogen", "nitrogen", "t*nitrogen/year", density=kept_nitrogen, value=nitrogen_treatment_saved, price="nitrogen_cost"),
        Component(
            "phosphorus",
            "phosphorus",
            "t*phosphorus/year",
            density=kept_phosphorus,
            value=phosphorus_treatment_saved,
            price="phosphorus_cost",
        ),
    )


SOIL_RETENTION = Service(
    id="soil_retention",
    switches={
        "erosivity": Switch(
            ("best", "hj_half_month", "zhang2002", "wischmeier_monthly", "annual"),
            "rainfall erosivity where it is not given: from daily rain by the standard, else from annual rain; or by one formula only",
        ),
        "erodibility": Switch(
            ("hj_epic", "epic_only"), "soil erodibility where it is not given: with or without the correction of the standard"
        ),
        "slope_length": Switch(("hj_1d", "step_m"), "the slope-length exponent: continuous in slope, or by steps"),
        "cover": Switch(("hj_table",), "the cover factor where it is not given: by class and vegetation cover"),
        "practice": Switch(("none",), "support practice where it is not given: none, as in the standard"),
        "terrain": Switch(
            ("refuse_coarse", "accept_coarse"), "an elevation grid coarser than the limit: refused, or accepted with a warning"
        ),
    },
    components=_components,
)
