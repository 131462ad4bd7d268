"""Storm layers made from others: the rain of storm days, their number, and what of that rain runs off."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

STORM_DAY = (
    "Storm (暴雨): a day with 50 mm or more, GB/T 28592-2012 (its text was not at hand); the threshold is a coefficient"
)
REGRESSION = (
    "Regression of storm runoff on storm rain by vegetation (its text was not at hand) for the guideline of 2020; its "
    "coefficients are a study input"
)
SCS = "Curve number method of the US Soil Conservation Service, in the InVEST User Guide, urban flood risk mitigation"


@equation(
    daily_precipitation="mm",
    storm_day="mm",
    per_year="1/year",
    returns="mm/year",
    source=STORM_DAY,
    points={"storm_day": (40, 60)},
)
def storm_rain_of_daily(daily_precipitation, storm_day, per_year):
    """Rain that falls on storm days in a year.

        P_h = sum_d P_d,  over days with P_d >= storm_day

    A day that reaches the threshold counts with all its rain. A year without storms has storm rain zero, which is not
    missing.

    Days of 60, 50 and 49 mm: 110 mm/year.
    """
    storms = np.where(daily_precipitation < storm_day, 0 * daily_precipitation, daily_precipitation)
    return np.sum(storms, axis=0) * per_year


@equation(
    daily_precipitation="mm",
    storm_day="mm",
    one_day="day/year",
    returns="day/year",
    source=STORM_DAY,
    points={"storm_day": (40, 60)},
)
def storm_days_of_daily(daily_precipitation, storm_day, one_day):
    """Number of storm days in a year.

        n = number of days with P_d >= storm_day

    Days of 60, 50 and 49 mm: 2.
    """
    is_storm = np.where(daily_precipitation < storm_day, 0, 1) + 0 * daily_precipitation / storm_day
    return np.sum(is_storm, axis=0) * one_day


@equation(
    storm_rain="mm/year",
    storm_runoff_coefficient="1",
    returns="mm/year",
    source="Storm runoff coefficient, an input that platforms of the CAS method ask for (not a clause of a standard "
    "that could be read)",
)
def storm_runoff_by_coefficient(storm_rain, storm_runoff_coefficient):
    """Storm runoff as a share of storm rain.

        R_f = beta P_h

    P_h storm rain, beta storm runoff over storm rain: larger than the runoff coefficient of the whole year.

    80 mm, 0.15: 12 mm.
    """
    return storm_rain * storm_runoff_coefficient


@equation(
    event_rain="mm",
    storm_runoff_slope="mm",
    storm_runoff_offset="mm",
    unit_rain="mm",
    returns="mm",
    source=REGRESSION,
    points={"event_rain": (0, 0.5, 20, 50, 200), "storm_runoff_slope": (2, 30), "storm_runoff_offset": (5, 60)},
)
def log_runoff(event_rain, storm_runoff_slope, storm_runoff_offset, unit_rain):
    """Runoff of one storm, by a regression on its rain.

        R = a ln(P / 1 mm) - b,  between 0 and P

    P rain of the storm, a and b by vegetation class.

    a 8 mm, b 20 mm, P 80 mm: 8 x 4.382026635 - 20 = 15.05621308 mm; P 10 mm: -1.579, counted as 0.
    """
    runoff = storm_runoff_slope * np.log(np.maximum(event_rain, unit_rain) / unit_rain) - storm_runoff_offset
    return np.minimum(np.maximum(runoff, 0 * event_rain), event_rain)


@equation(
    event_rain="mm",
    curve_number="1",
    curve_number_scale="mm",
    curve_number_offset="mm",
    initial_abstraction="1",
    returns="mm",
    source=SCS,
    points={
        "event_rain": (0, 5, 50, 100, 200),
        "curve_number": (30, 100),
        "curve_number_scale": (25400, 25401),
        "curve_number_offset": (253, 254),
        "initial_abstraction": (0.05, 0.2),
    },
)
def scs_cn_runoff(event_rain, curve_number, curve_number_scale, curve_number_offset, initial_abstraction):
    """Runoff of one storm, by the curve number method.

        Q = (P - 0.2 S)² / (P + 0.8 S)  where P > 0.2 S, else 0;  S = 25400 / CN - 254 mm

    P rain of the storm, S what the ground can take up at most, 0.2 the share of S that must be taken up before anything
    runs off, CN curve number of land cover and soil group, up to 100 (all runs off).

    CN 70, P 100 mm: S = 108.8571429 mm, Q = 32.71072519 mm; on 1 km² 67 289.27481 m³ are kept.
    """
    retention = curve_number_scale / curve_number - curve_number_offset
    initial = initial_abstraction * retention
    excess = np.maximum(event_rain - initial, 0 * event_rain)
    return np.where(excess > 0 * excess, excess**2 / (excess + retention), 0 * excess)


@equation(
    storm_rain="mm/year",
    storm_days="day/year",
    storm_runoff_slope="mm",
    storm_runoff_offset="mm",
    unit_rain="mm",
    one_day="day/year",
    per_year="1/year",
    returns="mm/year",
    source=REGRESSION,
    points={
        "storm_rain": (0, 100, 400),
        "storm_days": (0, 1, 5),
        "storm_runoff_slope": (2, 30),
        "storm_runoff_offset": (5, 60),
        "one_day": (1, 1.1),
        "per_year": (1, 1.1),
    },
)
def storm_runoff_by_regression(
    storm_rain, storm_days, storm_runoff_slope, storm_runoff_offset, unit_rain, one_day, per_year
):
    """Storm runoff of the year by a regression on the rain of a storm: that of the mean storm day, times the number of
    storm days.

        R_f = n R(P_h / n)

    n storm days, P_h storm rain, R runoff of one storm. Where R is concave, as it is above the point where runoff
    begins, the mean storm runs off more than storms do on the mean: the runoff is then too large and what vegetation
    keeps too small, unless all storms are alike. Zero without storms.

    160 mm on 2 days, a 8 mm, b 20 mm: 2 x 15.05621308 = 30.11242616 mm.
    """
    storms = storm_days / one_day * per_year
    event = storm_rain / np.where(storms > 0 * per_year, storms, per_year)
    return log_runoff(event, storm_runoff_slope, storm_runoff_offset, unit_rain) * storms


@equation(
    storm_rain="mm/year",
    storm_days="day/year",
    curve_number="1",
    curve_number_scale="mm",
    curve_number_offset="mm",
    initial_abstraction="1",
    one_day="day/year",
    per_year="1/year",
    returns="mm/year",
    source=SCS,
    points={
        "storm_rain": (0, 100, 400),
        "storm_days": (0, 1, 5),
        "curve_number": (30, 100),
        "curve_number_scale": (25400, 25401),
        "curve_number_offset": (253, 254),
        "initial_abstraction": (0.05, 0.2),
        "one_day": (1, 1.1),
        "per_year": (1, 1.1),
    },
)
def storm_runoff_by_curve_number(
    storm_rain,
    storm_days,
    curve_number,
    curve_number_scale,
    curve_number_offset,
    initial_abstraction,
    one_day,
    per_year,
):
    """Storm runoff of the year by curve numbers: that of the mean storm day, times the number of storm days.

        R_f = n Q(P_h / n)

    n storm days, P_h storm rain, Q runoff of one storm. Q is convex in rain: storms of different size run off more than
    as many mean storms, so the runoff is too small and what vegetation keeps too large, unless all storms are alike.
    Zero without storms.

    200 mm on 2 days, CN 70: 2 x 32.71072519 = 65.42145038 mm.
    """
    storms = storm_days / one_day * per_year
    event = storm_rain / np.where(storms > 0 * per_year, storms, per_year)
    return scs_cn_runoff(event, curve_number, curve_number_scale, curve_number_offset, initial_abstraction) * storms


STORM_DERIVATIONS = (
    Derivation(
        "storm_rain", storm_rain_of_daily, is_provisional=True, note="rain of the days that reach the storm threshold"
    ),
    Derivation("storm_days", storm_days_of_daily, is_provisional=True, note="days that reach the storm threshold"),
    Derivation(
        "storm_runoff",
        storm_runoff_by_coefficient,
        switch="vegetation",
        options=("runoff_coefficient",),
        is_provisional=True,
        note="a share of storm rain",
    ),
    Derivation(
        "storm_runoff",
        storm_runoff_by_regression,
        switch="vegetation",
        options=("log_regression",),
        is_provisional=True,
        note="by a regression on the mean storm day",
    ),
    Derivation(
        "storm_runoff",
        storm_runoff_by_curve_number,
        switch="vegetation",
        options=("scs_cn",),
        is_provisional=True,
        note="by curve numbers on the mean storm day",
    ),
)
