"""Climate layers made from others: days that need cooling, evaporation of the cooling season."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

DAYS = "Days above a threshold temperature, as platforms of the CAS method ask for; the threshold is a coefficient"


@equation(
    daily_maximum_temperature="K",
    cooling_threshold="K",
    one_day="day/year",
    returns="day/year",
    source=DAYS,
    points={"daily_maximum_temperature": (280, 310), "cooling_threshold": (298, 300)},
)
def cooling_days_of_daily(daily_maximum_temperature, cooling_threshold, one_day):
    """Days on which cooling is needed: those whose highest temperature is above the threshold.

        d = number of days with Tmax > 26 degC

    30 days at 27 degC and 335 at 20: 30.
    """
    is_hot = (
        np.where(daily_maximum_temperature > cooling_threshold, 1, 0)
        + 0 * daily_maximum_temperature / cooling_threshold
    )
    return np.sum(is_hot, axis=0) * one_day


@equation(
    monthly_maximum_temperature="K",
    cooling_threshold="K",
    days_per_year="day/year",
    months_per_year="1",
    returns="day/year",
    source=DAYS,
    points={"monthly_maximum_temperature": (280, 310), "cooling_threshold": (298, 300)},
)
def cooling_days_of_monthly(monthly_maximum_temperature, cooling_threshold, days_per_year, months_per_year):
    """Days on which cooling is needed, from monthly means of the daily highest temperature: all days of the months that
    are above the threshold.

        d = D/12 (number of months with Tmax > 26 degC)

    D days of the year. Coarse: a month counts whole or not at all. Daily temperatures are better.

    Two months at 28 degC, ten below, in a year of 365 days: 60.83 days.
    """
    is_hot = (
        np.where(monthly_maximum_temperature > cooling_threshold, 1, 0)
        + 0 * monthly_maximum_temperature / cooling_threshold
    )
    return np.sum(is_hot, axis=0) * days_per_year / months_per_year


@equation(
    water_evaporation="m/year",
    cooling_days="day/year",
    days_per_year="day/year",
    returns="m/year",
    source="Evaporation spread evenly over the days of the year (not a clause of a standard)",
)
def evaporation_of_cooling_days(water_evaporation, cooling_days, days_per_year):
    """Evaporation of water surfaces on the days that need cooling, taken as their share of the year.

        E = E_w d / D

    D days of the year. Too low, since hot days evaporate more than others; give `cooling_season_evaporation` where it
    is known.

    1 m/year and 73 days of 365: 0.2 m/year.
    """
    return water_evaporation * cooling_days / days_per_year


@equation(
    evapotranspiration="mm/year",
    cooling_days="day/year",
    days_per_year="day/year",
    returns="mm/year",
    source="Evapotranspiration spread evenly over the days of the year (not a clause of a standard)",
)
def evapotranspiration_of_cooling_days(evapotranspiration, cooling_days, days_per_year):
    """Evapotranspiration on the days that need cooling, taken as their share of the year.

        ET_c = ET d / D

    D days of the year.

    500 mm/year and 73 days of 365: 100 mm/year.
    """
    return evapotranspiration * cooling_days / days_per_year


CLIMATE_DERIVATIONS = (
    Derivation(
        "cooling_days", cooling_days_of_daily, is_provisional=True, note="counted from daily highest temperature"
    ),
    Derivation(
        "cooling_days",
        cooling_days_of_monthly,
        is_provisional=True,
        note="counted in whole months from monthly highest temperature",
        is_rough=True,
    ),
    Derivation(
        "cooling_season_evaporation",
        evaporation_of_cooling_days,
        is_provisional=True,
        note="evaporation of the year by the share of cooling days",
    ),
    Derivation(
        "cooling_season_evapotranspiration",
        evapotranspiration_of_cooling_days,
        is_provisional=True,
        note="evapotranspiration of the year by the share of cooling days",
    ),
)
