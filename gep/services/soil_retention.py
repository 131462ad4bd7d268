"""Soil retention (土壤保持): the soil that cover keeps from being washed away, and the sediment, nitrogen and
phosphorus kept with it.
"""

from __future__ import annotations

from gep.core.catalog import CellComponent, Component, Money, Service, Switch, Switches
from gep.core.equation import equation
from gep.services.fertiliser import (
    nitrogen_fertiliser_cost,
    nitrogen_in_fertiliser,
    phosphorus_fertiliser_cost,
    phosphorus_in_fertiliser,
    potassium_fertiliser_cost,
    potassium_in_fertiliser,
)

RUSLE = "HJ 1173-2021, equations A.2-A.4"
CAS = "doi 10.5846/stxb201607011362"
INVEST = "InVEST User Guide, sediment delivery ratio (not a clause of a GEP standard)"
FOREST = "LY/T 1721-2008 and GB/T 38582-2020, as carried by programs and papers that apply them"


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
    rainfall_erosivity="MJ*mm/(hm^2*h*year)",
    soil_erodibility="t*hm^2*h/(hm^2*MJ*mm)",
    slope_length_steepness="1",
    cover_factor="1",
    practice_factor="1",
    stream_share="1",
    returns="t/(hm^2*year)",
    source=INVEST,
)
def retained_soil_beside_streams(
    rainfall_erosivity, soil_erodibility, slope_length_steepness, cover_factor, practice_factor, stream_share
):
    """Soil kept in place by vegetation, with nothing washed away from streams (switch `streams = "mask"`).

        A = R K LS (1 - C P) (1 - f)

    R rainfall erosivity, K soil erodibility, LS slope length and steepness, C cover, P practice, f share of the cell
    that is a stream, 0 or 1 on the grid of the streams. The soil loss equation is one of slopes: where water gathers in
    a channel it says nothing. InVEST leaves such cells empty, which adds up to the same.

    675.645 t/(hm² a) in a cell a quarter of which is a stream: 506.734 t/(hm² a).
    """
    retained = retained_soil(
        rainfall_erosivity, soil_erodibility, slope_length_steepness, cover_factor, practice_factor
    )
    return retained * (1 - stream_share)


@equation(
    erosion_modulus_without="t/(hm^2*year)",
    erosion_modulus_with="t/(hm^2*year)",
    returns="t/(hm^2*year)",
    source=FOREST,
)
def retained_soil_of_moduli(erosion_modulus_without, erosion_modulus_with):
    """Soil kept in place, as the difference of two measured rates of erosion (固土).

        A = X_2 - X_1

    X_2 erosion modulus of the land without its cover, X_1 with it. Moduli are often printed per km²: 100 t/km² are 1
    t/hm². One program multiplies the difference by ten: a mistake.

    100 hm², 30 and 2.5 t/hm²: 2750 t.
    """
    return erosion_modulus_without - erosion_modulus_with


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
    retained_soil="t/(hm^2*year)",
    nitrogen_content="t*nitrogen/t",
    returns="t*nitrogen/(hm^2*year)",
    source=f"{CAS}, section on soil",
)
def kept_nitrogen(retained_soil, nitrogen_content):
    """Nitrogen that stays in the soil instead of polluting water.

        N = A c_N

    67 564.47 t with 0.37 % nitrogen: 249.9885 t.
    """
    return retained_soil * nitrogen_content


@equation(
    retained_soil="t/(hm^2*year)",
    phosphorus_content="t*phosphorus/t",
    returns="t*phosphorus/(hm^2*year)",
    source=f"{CAS}, section on soil",
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


@equation(
    phosphorus="t*phosphorus/year", phosphorus_cost="CNY/(t*phosphorus)", returns="CNY/year", source=f"{CAS}, table 3"
)
def phosphorus_treatment_saved(phosphorus, phosphorus_cost):
    """What treating the same phosphorus would cost.

        V = Q c

    72.9696 t at 2800 CNY/t: 204 314.96 CNY.
    """
    return phosphorus * phosphorus_cost


@equation(retained_soil="t/(hm^2*year)", bulk_density="t/m^3", returns="m^3/(hm^2*year)", source=FOREST)
def volume_of_soil(retained_soil, bulk_density):
    """Volume of the soil kept in place.

        V = A / rho

    A retained soil, rho bulk density of soil. One program leaves rho out and prices tonnes as cubic metres: a mistake.

    2750 t at 1.25 t/m³: 2200 m³.
    """
    return retained_soil / bulk_density


@equation(
    retained_soil="t/(hm^2*year)", potassium_content="t*potassium/t", returns="t*potassium/(hm^2*year)", source=FOREST
)
def kept_potassium(retained_soil, potassium_content):
    """Potassium that stays in the soil with it.

        K = A c_K

    2750 t with 1.8 % potassium: 49.5 t.
    """
    return retained_soil * potassium_content


@equation(
    retained_soil="t/(hm^2*year)",
    organic_matter_content="t*organic_matter/t",
    returns="t*organic_matter/(hm^2*year)",
    source=FOREST,
)
def kept_organic_matter(retained_soil, organic_matter_content):
    """Organic matter that stays in the soil with it.

        M = A c_M

    2750 t with 2.4 % organic matter: 66 t.
    """
    return retained_soil * organic_matter_content


@equation(soil_volume="m^3/year", earthwork_cost="CNY/m^3", returns="CNY/year", source=FOREST)
def earthwork_saved(soil_volume, earthwork_cost):
    """What digging out and hauling the same soil would cost.

        V = Q c

    2200 m³ at 12.6 CNY/m³: 27 720 CNY.
    """
    return soil_volume * earthwork_cost


@equation(
    organic_matter="t*organic_matter/year",
    organic_matter_price="CNY/(t*organic_matter)",
    returns="CNY/year",
    source=f"{FOREST}: C3",
)
def organic_matter_fertility_value(organic_matter, organic_matter_price):
    """What the organic matter kept in the soil would cost.

        V = M C3

    66 t at 320 CNY/t: 21 120 CNY.
    """
    return organic_matter * organic_matter_price


_NITROGEN = "nitrogen", "t*nitrogen/year", kept_nitrogen
_PHOSPHORUS = "phosphorus", "t*phosphorus/year", kept_phosphorus
_POTASSIUM = "potassium", "t*potassium/year", kept_potassium

_POLLUTION = (
    CellComponent("sediment", "sediment", "m^3/year", kept_sediment, money=Money(dredging_saved, "dredging_cost")),
    CellComponent("nitrogen", *_NITROGEN, money=Money(nitrogen_treatment_saved, "nitrogen_cost")),
    CellComponent("phosphorus", *_PHOSPHORUS, money=Money(phosphorus_treatment_saved, "phosphorus_cost")),
)

_FERTILITY = (
    CellComponent(
        "earthwork", "soil_volume", "m^3/year", volume_of_soil, money=Money(earthwork_saved, "earthwork_cost")
    ),
    CellComponent(
        "nitrogen_fertility",
        *_NITROGEN,
        money=Money(nitrogen_fertiliser_cost, "nitrogen_price", nitrogen_in_fertiliser),
    ),
    CellComponent(
        "phosphorus_fertility",
        *_PHOSPHORUS,
        money=Money(phosphorus_fertiliser_cost, "phosphorus_price", phosphorus_in_fertiliser),
    ),
    CellComponent(
        "potassium_fertility",
        *_POTASSIUM,
        money=Money(potassium_fertiliser_cost, "potassium_price", potassium_in_fertiliser),
    ),
    CellComponent(
        "organic_matter_fertility",
        "organic_matter",
        "t*organic_matter/year",
        kept_organic_matter,
        money=Money(organic_matter_fertility_value, "organic_matter_price"),
    ),
)


def _components(switches: Switches) -> tuple[Component, ...]:
    of_equation = retained_soil_beside_streams if switches["streams"] == "mask" else retained_soil
    density = retained_soil_of_moduli if switches["retention"] == "moduli" else of_equation
    soil = CellComponent("retained_soil", "soil", "t/year", density)
    return (soil, *(_FERTILITY if switches["valuation"] == "fertility" else _POLLUTION))


SOIL_RETENTION = Service(
    id="soil_retention",
    switches={
        "retention": Switch(
            ("rusle", "moduli"),
            "the soil that is kept: by the soil loss equation, or as the difference of erosion moduli without "
            "and with cover",
        ),
        "valuation": Switch(
            ("pollution", "fertility"),
            "what kept soil is worth: sediment and pollution that do not arise, or earthwork and the fertiliser "
            "that the soil holds; both price "
            "the same nitrogen and phosphorus",
        ),
        "erosivity": Switch(
            ("best", "hj_half_month", "zhang2002", "wischmeier_monthly", "annual"),
            "rainfall erosivity where it is not given: from daily rain by the standard, else from annual rain; "
            "or by one formula only",
        ),
        "erodibility": Switch(
            ("hj_epic", "epic_only"),
            "soil erodibility where it is not given: with or without the correction of the standard",
        ),
        "slope_length": Switch(
            ("hj_1d", "step_m", "desmet_govers", "desmet_govers_area", "invest"),
            "the slope-length factor where it is not given: from slope length with an exponent that is "
            "continuous in slope, or goes by steps; or from upslope "
            "area after Desmet and Govers, by its root, or as it is; or as InVEST has it, by its root, with the "
            "contour from the slope and a limit of the factor, not of the slope",
        ),
        "streams": Switch(
            ("keep", "mask"),
            "cells that take in the water of so large an area that they are streams: like others, or without erosion, "
            "as in InVEST",
        ),
        "cover": Switch(("hj_table",), "the cover factor where it is not given: by class and vegetation cover"),
        "practice": Switch(("none",), "support practice where it is not given: none, as in the standard"),
        "terrain": Switch(
            ("refuse_coarse", "accept_coarse"),
            "an elevation grid coarser than the limit: refused, or accepted with a warning",
        ),
    },
    components=_components,
)
