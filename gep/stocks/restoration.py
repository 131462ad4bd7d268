"""Restoration of land (生态修复): what was treated and lives, what it did beside land that was left alone, what it
takes up, what it cost, and how land is degraded before and after. Effects of projects: nothing of it is added to a GEP.
"""

from __future__ import annotations

import numpy as np

from gep.core.equation import equation

AREA = "Survey of survival of planted and sown land"
IMPACT = "Before-after-control-impact design: difference of differences"
WEATHER = "Regression of an index on rain, of the study"
COHORT = "Cohorts of planted land: sequestration rate with a linear ramp"
DEGRADED = "HJ 1174-2021, Tables A.4, A.5 and A.6"
COST = "Unit cost of a project"


@equation(treated_area="hm^2", survival="1", returns="hm^2", source=AREA)
def surviving_area(treated_area, survival):
    """The treated land that counts: what lives on it was certified.

        A_eff = A s

    A treated area, s share that lives by its certificate.

    1000 hm² at 85 percent: 850 hm².
    """
    return treated_area * survival


@equation(claimed_area="hm^2", union_area="hm^2", returns="hm^2", source="Union of polygons of projects")
def overlap_of_claims(claimed_area, union_area):
    """Land that is claimed beyond the land that there is: drawn more than once, or reported and not drawn.

        O = A - U

    A sum of what is claimed, U union of the polygons. Negative where less is claimed.

    300 and 200 mu whose union is 450 mu: 50 mu.
    """
    return claimed_area - union_area


@equation(earlier_state="1", later_state="1", returns="1", source=IMPACT)
def change_of_state(earlier_state, later_state):
    """What changed on land between two times. Weather and everything else is in it: it is no effect of a project.

        D = x_1 - x_0

    x_0 state before, x_1 state after, in the unit of the variable.

    From 40 to 52: 12.
    """
    return later_state - earlier_state


@equation(treated_change="1", control_change="1", returns="1", source=IMPACT)
def effect_beside_control(treated_change, control_change):
    """What a project did: the change on its land less that on like land that was left alone.

        E = (T_1 - T_0) - (C_1 - C_0)

    T treated land, C control: of the same type and zone, in the same state before.

    12 beside 5: 7.
    """
    return treated_change - control_change


@equation(inside_state="1", outside_state="1", returns="1", source=IMPACT)
def gap_of_a_year(inside_state, outside_state):
    """How land inside a project differs from land outside in one year. Whether it did before is not known: it is no
    effect, and no change.

        G = I - O

    I state inside, O state outside.

    65 beside 54: 11.
    """
    return inside_state - outside_state


@equation(
    treated_before_u="1",
    treated_after_u="1",
    control_before_u="1",
    control_after_u="1",
    treated_covariance="1",
    control_covariance="1",
    returns="1",
    source=IMPACT,
    points={"treated_covariance": (0, 0.001), "control_covariance": (0, 0.001)},
)
def uncertainty_of_effect(
    treated_before_u, treated_after_u, control_before_u, control_after_u, treated_covariance, control_covariance
):
    """Standard uncertainty of a difference of differences.

        u(E) = sqrt(u(T_0)^2 + u(T_1)^2 + u(C_0)^2 + u(C_1)^2 - 2 cov(T_0, T_1) - 2 cov(C_0, C_1))

    u standard uncertainties of the four means, cov covariances where the same plots were measured twice.

    Four of 1 without covariances: 2; with covariances of 0.5 each: 1.414.
    """
    squares = treated_before_u**2 + treated_after_u**2 + control_before_u**2 + control_after_u**2
    return np.sqrt(np.maximum(squares - 2 * treated_covariance - 2 * control_covariance, 0))


@equation(
    observed_state="1",
    rain_intercept="1",
    rain_slope="year/mm",
    index_rain="mm/year",
    returns="1",
    source=WEATHER,
)
def state_beside_rain(observed_state, rain_intercept, rain_slope, index_rain):
    """A state beside what the rain of its year lets expect; all years are corrected by the same regression.

        R = x / (a + b P)

    x state, a and b of the regression of the study, P rain.

    60 at a = 10, b = 0.1 a/mm and 400 mm/a: 60 / 50 = 1.2.
    """
    return observed_state / (rain_intercept + rain_slope * index_rain)


@equation(effect_per_area="1", treated_area="km^2", returns="km^2", source=IMPACT)
def effect_on_land(effect_per_area, treated_area):
    """An effect or change on all of the land, in the unit of the variable times km².

        E_A = E A

    E effect, A area.

    7 on 100 km²: 700.
    """
    return effect_per_area * treated_area


@equation(
    surviving_area="hm^2",
    sequestration_rate="t*carbon/(hm^2*year)",
    cohort_age="year",
    ramp_time="year",
    returns="t*carbon/year",
    source=COHORT,
)
def carbon_of_cohort(surviving_area, sequestration_rate, cohort_age, ramp_time):
    """What land that was treated in one year takes up in another, as carbon.

        F = A_eff g min((y - c) / T, 1), none before the treatment

    A_eff area that lives, g rate of grown stands, y - c years since the treatment, T years until the rate is reached.

    850 hm² at 1.41 t/(hm² a), one year of five: 239.7 t a year.
    """
    share = np.minimum(np.maximum(cohort_age / ramp_time, 0), 1)
    return surviving_area * sequestration_rate * share


@equation(project_cost="CNY", purpose_share="1", returns="CNY", source=COST)
def cost_of_purpose(project_cost, purpose_share):
    """The part of a cost that is borne for one of several effects.

        C_i = w_i C

    C cost, w_i weight of the effect; the weights add up to 1.

    1 200 000 CNY at a quarter: 300 000 CNY.
    """
    return project_cost * purpose_share


@equation(project_cost="CNY", treated_area="hm^2", returns="CNY/hm^2", source=COST)
def cost_per_area(project_cost, treated_area):
    """What a hectare cost.

        c = C / A

    C cost, A area.

    1 200 000 CNY for 1000 hm²: 1200 CNY/hm².
    """
    return project_cost / treated_area


@equation(project_cost="CNY", carbon_dioxide="t*CO2", returns="CNY/(t*CO2)", source=COST)
def cost_per_carbon_dioxide(project_cost, carbon_dioxide):
    """What a tonne of carbon dioxide cost that was taken up until a year.

        c = C / Q

    C cost, Q carbon dioxide since the treatment.

    1 200 000 CNY for 3000 t: 400 CNY/t.
    """
    return project_cost / carbon_dioxide


@equation(project_cost="CNY", service_change="CNY/year", returns="year", source=COST)
def cost_per_service(project_cost, service_change):
    """What one CNY of services a year cost: after how many years of them the cost is reached, undiscounted.

        n = C / V

    C cost, V yearly value of services more than without the project, at constant prices.

    1 200 000 CNY for 600 000 CNY a year: 2 years.
    """
    return project_cost / service_change


@equation(service_change="CNY/year", project_cost="CNY", returns="1/year", source=COST)
def services_per_cost(service_change, project_cost):
    """Yearly services for each CNY of cost.

        b = V / C

    V yearly value of services more than without the project, C cost.

    1 800 000 CNY a year for 1 200 000 CNY: 1.5 a year.
    """
    return service_change / project_cost


@equation(present_state="1", undegraded_state="1", returns="1", source=DEGRADED)
def degradation_index(present_state, undegraded_state):
    """How near land is to its undegraded state: biomass beside climax biomass, cover beside that of undegraded land of
    the same zone.

        I = x / x_0

    x state, x_0 undegraded state, in one unit.

    55 of 80 percent cover: 0.6875.
    """
    return present_state / undegraded_state


@equation(present_extent="1", earlier_extent="1", returns="1", source=DEGRADED)
def wetland_shrinkage(present_extent, earlier_extent):
    """By how much a wetland shrank.

        S = (W_0 - W) / W_0

    W area, W_0 area of reference, in one unit.

    From 100 to 92: 0.08.
    """
    return (earlier_extent - present_extent) / earlier_extent


@equation(effect_value="1", purpose_share="1", returns="1", source="Attribution of an effect to projects on one parcel")
def attributed_effect(effect_value, purpose_share):
    """What of an effect on a parcel is told of one of its projects.

        E_i = s_i E

    E effect on the parcel, s_i share of the project; the shares add up to 1.

    10 at 0.3: 3.
    """
    return effect_value * purpose_share


@equation(own_cost="CNY", all_costs="CNY", returns="1", source="Attribution of an effect to projects on one parcel")
def share_of_cost(own_cost, all_costs):
    """The share of a project by its cost.

        s_i = C_i / C

    C_i its cost, C costs of all projects on the parcel.

    300 of 1000 CNY: 0.3.
    """
    return own_cost / all_costs
