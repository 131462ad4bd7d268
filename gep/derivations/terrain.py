"""Terrain layers made from elevation and upslope area: slope from the eight neighbours, slope length and steepness of
the soil loss equation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gep.core.catalog import Derivation
from gep.core.equation import equation

HORN = "Horn 1981, doi 10.1109/PROC.1981.11918 (not a clause of a GEP standard)"
DESMET = "Desmet and Govers 1996, Journal of Soil and Water Conservation 51(5):427-433"
INVEST = "InVEST User Guide, sediment delivery ratio (not a clause of a GEP standard)"

_ALL_AROUND = ("north_west", "north", "north_east", "west", "east", "south_west", "south", "south_east")
_NEIGHBOURS: dict[str, Any] = dict.fromkeys((*_ALL_AROUND, "cell_width", "cell_height"), "m")


@equation(**_NEIGHBOURS, returns="rad", source=HORN)
def slope_of_neighbours(
    north_west, north, north_east, west, east, south_west, south, south_east, cell_width, cell_height
):
    """Slope from the elevation of the eight neighbours of a cell.

        theta = arctan sqrt( ((c + 2 f + i - a - 2 d - g) / (8 dx))^2 + ((g + 2 h + i - a - 2 b - c) / (8 dy))^2 )

    a b c the row above, d f left and right, g h i the row below; dx, dy cell width and height in metres.
    Computed on the grid of the elevation layer; missing where a neighbour is missing.

    A plane that rises 1 m per 10 m to the east: arctan 0.1 = 0.0996687 rad.
    """
    across = north_east + 2 * east + south_east - north_west - 2 * west - south_west
    down = south_west + 2 * south + south_east - north_west - 2 * north - north_east
    return np.arctan(np.sqrt((across / (2**3 * cell_width)) ** 2 + (down / (2**3 * cell_height)) ** 2))


@equation(
    slope="rad",
    slope_length="m",
    unit_plot_length="m",
    rill_sine="1",
    rill_scale="1",
    rill_offset="1",
    returns="1",
    source="HJ 1173-2021, equations A.9-A.11",
    points={"slope": (0, 1.2)},
)
def length_factor(slope, slope_length, unit_plot_length, rill_sine, rill_scale, rill_offset):
    """Slope-length factor, with an exponent that grows with the slope.

        L = (lambda / 22.13)^m,  m = beta / (1 + beta),  beta = (sin theta / 0.089) / (3.0 sin(theta)^0.8 + 0.56)

    lambda slope length, theta slope. On level ground beta and m are 0 and L is 1.

    lambda 50 m, theta 15 degrees: beta 1.843517614, m 0.6483229099, L 1.696285357.
    """
    sine = np.sin(slope)
    beta = (sine / rill_sine) / (rill_scale * sine**0.8 + rill_offset)
    return (slope_length / unit_plot_length) ** (beta / (1 + beta))


@equation(
    slope="rad",
    slope_length="m",
    unit_plot_length="m",
    step_low="1",
    step_middle="1",
    step_high="1",
    step_exponent_1="1",
    step_exponent_2="1",
    step_exponent_3="1",
    step_exponent_4="1",
    returns="1",
    source="Step exponents of Liu and Zhang as used by Chen et al. 2016, Chinese Journal of Eco-Agriculture "
    "24(2):244-255",
    points={
        "slope": (0, 0.02, 0.05, 0.3),
        "step_low": (0.01, 0.011),
        "step_middle": (0.03, 0.031),
        "step_high": (0.09, 0.091),
    },
)
def length_factor_by_steps(
    slope,
    slope_length,
    unit_plot_length,
    step_low,
    step_middle,
    step_high,
    step_exponent_1,
    step_exponent_2,
    step_exponent_3,
    step_exponent_4,
):
    """Slope-length factor, with an exponent that steps up with the slope.

        L = (lambda / 22.13)^m,  m = 0.2 below 1 %, 0.3 below 3 %, 0.4 below 9 %, 0.5 above

    lambda slope length; the slope in per cent is its tangent.

    lambda 50 m, slope 5 %: (50 / 22.13)^0.4 = 1.385398.
    """
    tangent = np.tan(slope)
    steep = np.where(tangent < step_high, step_exponent_3, step_exponent_4)
    exponent = np.where(tangent < step_low, step_exponent_1, np.where(tangent < step_middle, step_exponent_2, steep))
    return (slope_length / unit_plot_length) ** exponent


@equation(
    slope="rad",
    steep_1="rad",
    steep_2="rad",
    steep_3="rad",
    steepness_slope_1="1",
    steepness_offset_1="1",
    steepness_slope_2="1",
    steepness_offset_2="1",
    steepness_slope_3="1",
    steepness_offset_3="1",
    steepness_highest="1",
    returns="1",
    source="HJ 1173-2021, equation A.12",
    points={
        "slope": (0, 0.03, 0.12, 0.3, 0.9),
        "steep_1": (0.0897, 0.09),
        "steep_2": (0.178, 0.179),
        "steep_3": (0.5028, 0.503),
    },
)
def steepness_factor(
    slope,
    steep_1,
    steep_2,
    steep_3,
    steepness_slope_1,
    steepness_offset_1,
    steepness_slope_2,
    steepness_offset_2,
    steepness_slope_3,
    steepness_offset_3,
    steepness_highest,
):
    """Slope-steepness factor, by four ranges of slope.

        S = 10.8 sin theta + 0.03           theta < 5.14 degrees
            16.8 sin theta - 0.5            below 10.20
            21.9 sin theta - 0.96           below 28.81
            9.5988                          above

    theta slope.

    15 degrees: 21.9 x 0.258819 - 0.96 = 4.708137.
    """
    sine = np.sin(slope)
    gentle = steepness_slope_1 * sine + steepness_offset_1
    middle = steepness_slope_2 * sine - steepness_offset_2
    steep = steepness_slope_3 * sine - steepness_offset_3
    upper = np.where(slope < steep_3, steep, steepness_highest + 0 * sine)
    return np.where(slope < steep_1, gentle, np.where(slope < steep_2, middle, upper))


@equation(slope_length_factor="1", slope_steepness_factor="1", returns="1", source="HJ 1173-2021, equation A.2")
def length_times_steepness(slope_length_factor, slope_steepness_factor):
    """Slope length and steepness as one factor.

        LS = L S

    1.69629 x 4.70814: 7.98636.
    """
    return slope_length_factor * slope_steepness_factor


@equation(
    terrain_cell_size="m",
    longest_slope_length="m",
    returns="m",
    source="Longest slope length: Renard et al. 1997, USDA Agriculture Handbook 703",
)
def slope_length_of_cell(terrain_cell_size, longest_slope_length):
    """Slope length where none is given: the side of an elevation cell, but no more than slopes are long.

        lambda = min(cell size, 122 m)

    A stand-in for a slope length that a study should give: water is taken to gather over one cell.

    30 m cells: 30 m; 900 m cells: 122 m.
    """
    return np.minimum(terrain_cell_size, longest_slope_length)


@equation(**_NEIGHBOURS, returns="1", source=f"{DESMET}; gradients by {HORN}")
def contour_length_of_neighbours(
    north_west, north, north_east, west, east, south_west, south, south_east, cell_width, cell_height
):
    """Length of the contour that water crosses in a cell over the side of the cell, from the elevation of the eight
    neighbours.

        x = |sin a| + |cos a| = (|p| + |q|) / sqrt(p^2 + q^2)

    a aspect; p, q gradients to the east and to the south by Horn's method. 1 where water leaves by a side and on level
    ground, 1.414 by a corner.

    A plane that rises by 0.3 to the east and by 0.4 to the south: 0.7 / 0.5 = 1.4.
    """
    across = (north_east + 2 * east + south_east - north_west - 2 * west - south_west) / cell_width
    down = (south_west + 2 * south + south_east - north_west - 2 * north - north_east) / cell_height
    steepest = np.sqrt(across**2 + down**2)
    is_level = steepest == 0
    return (np.abs(across) + np.abs(down) + is_level) / (steepest + is_level)


@equation(aspect="rad", returns="1", source=DESMET)
def contour_length_of_aspect(aspect):
    """Length of the contour that water crosses in a cell over the side of the cell, from the aspect.

        x = |sin a| + |cos a|

    30 degrees: 0.5 + 0.866025 = 1.366025.
    """
    return np.abs(np.sin(aspect)) + np.abs(np.cos(aspect))


@equation(
    slope="rad",
    rusle_slope_1="1",
    rusle_slope_2="1",
    rusle_slope_3="1",
    rusle_slope_4="1",
    rusle_exponent_1="1",
    rusle_exponent_2="1",
    rusle_exponent_3="1",
    rusle_exponent_4="1",
    rusle_rill_sine="1",
    rill_scale="1",
    rill_offset="1",
    returns="1",
    source=INVEST,
    points={
        "slope": (0.005, 0.02, 0.04, 0.07, 0.3),
        "rusle_slope_1": (0.01, 0.011),
        "rusle_slope_2": (0.035, 0.036),
        "rusle_slope_3": (0.05, 0.051),
        "rusle_slope_4": (0.09, 0.091),
    },
)
def length_exponent_of_rusle(
    slope,
    rusle_slope_1,
    rusle_slope_2,
    rusle_slope_3,
    rusle_slope_4,
    rusle_exponent_1,
    rusle_exponent_2,
    rusle_exponent_3,
    rusle_exponent_4,
    rusle_rill_sine,
    rill_scale,
    rill_offset,
):
    """Exponent of slope length: by steps on gentle slopes, continuous on steep ones.

        m = 0.2 to 1 %, 0.3 to 3.5 %, 0.4 to 5 %, 0.5 to 9 %, above beta / (1 + beta),
            beta = (sin theta / 0.0896) / (3.0 sin(theta)^0.8 + 0.56)

    theta slope; in per cent its tangent.

    15 %: sine 0.148340, beta 1.366195, m 0.577381.
    """
    sine, tangent = np.sin(slope), np.tan(slope)
    beta = (sine / rusle_rill_sine) / (rill_scale * sine**0.8 + rill_offset)
    steep = np.where(tangent <= rusle_slope_4, rusle_exponent_4, beta / (1 + beta))
    middle = np.where(tangent <= rusle_slope_3, rusle_exponent_3, steep)
    return np.where(
        tangent <= rusle_slope_1, rusle_exponent_1, np.where(tangent <= rusle_slope_2, rusle_exponent_2, middle)
    )


@equation(upslope_area="m^2", unit_contour="m", returns="m^2", source=f"{DESMET}, in the form of the {INVEST}")
def inlet_of_root(upslope_area, unit_contour):
    """Area at the inlet of a cell, with the root of the upslope area as the area that each metre of contour takes in.

        A = sqrt(A_up) 1 m

    A_up area upslope of the cell, without the cell itself.

    99 cells of 900 m²: A = 298.50 m².
    """
    return np.sqrt(upslope_area) * unit_contour


@equation(upslope_area="m^2", returns="m^2", source=DESMET)
def inlet_of_area(upslope_area):
    """Area at the inlet of a cell, with the upslope area as it is.

        A = A_up

    A_up area upslope of the cell, without the cell itself. A few cells below the divide the longest slope is reached:
    most of a hill is at the cap.

    A_up 900 m²: A = 900 m².
    """
    return upslope_area


@equation(slope="rad", returns="1", source=INVEST)
def contour_length_of_slope(slope):
    """Length of the contour that water crosses in a cell over the side of the cell, as InVEST has it: with the slope in
    the place of the aspect.

        x = |sin theta| + |cos theta|

    theta slope.

    30 degrees: 0.5 + 0.866025 = 1.366025.
    """
    return contour_length_of_aspect(slope)


_INLET: dict[str, Any] = {
    "inlet_area": "m^2",
    "slope_length_exponent": "1",
    "contour_length_factor": "1",
    "upslope_cell_size": "m",
    "unit_plot_length": "m",
}
"""Units of what a length factor is made of."""

_HILLS: dict[str, Any] = {
    "slope_length_exponent": (0.2, 0.7),
    "unit_plot_length": (22, 23),
    "contour_length_factor": (1, 1.4),
}
"""Between which values it is proved."""


@equation(
    **_INLET,
    returns="1",
    source=f"{DESMET}, in the form of the {INVEST}",
    points=_HILLS,
)
def unlimited_length_factor(
    inlet_area, slope_length_exponent, contour_length_factor, upslope_cell_size, unit_plot_length
):
    """Slope-length factor after Desmet and Govers, of a cell that takes in the water of an area.

        L = [(A + D^2)^(m+1) - A^(m+1)] / (D^(m+2) x^m 22.13^m)

    A area at the inlet, D side of the cells of the upslope area, x contour length factor, m exponent of slope length.
    Without an inlet it is (D / (22.13 x))^m. It grows without end: what takes it sets a limit.

    A 900 m², D 30 m, x 1, m 0.5: (1800^1.5 - 900^1.5) / (30^2.5 x 22.13^0.5) = 2.128862; A 298.50 m²: 1.567.
    """
    before = inlet_area / upslope_cell_size / unit_plot_length
    after = before + upslope_cell_size / unit_plot_length
    grown = after ** (slope_length_exponent + 1) - before ** (slope_length_exponent + 1)
    return grown * unit_plot_length / (upslope_cell_size * contour_length_factor**slope_length_exponent)


@equation(
    **_INLET,
    longest_slope_length="m",
    returns="1",
    source=f"{DESMET}, in the form of the {INVEST}",
    points={**_HILLS, "longest_slope_length": (100, 130)},
)
def length_factor_of_inlet(
    inlet_area, slope_length_exponent, contour_length_factor, upslope_cell_size, unit_plot_length, longest_slope_length
):
    """Slope-length factor after Desmet and Govers, no larger than that of the longest slope that counts.

        L = min(L_D, (122 / 22.13)^m)

    L_D factor without a limit, m exponent of slope length. A slope as long as 122 m is the longest that counts. It is
    meant for the grid of the upslope area, of up to 100 m or so: on a coarser grid the mean of unlike areas would stand
    for them.

    A 900 m², D 30 m, x 1, m 0.5: 2.128862, below (122 / 22.13)^0.5 = 2.347957.
    """
    factor = unlimited_length_factor(
        inlet_area, slope_length_exponent, contour_length_factor, upslope_cell_size, unit_plot_length
    )
    return np.minimum(factor, (longest_slope_length / unit_plot_length) ** slope_length_exponent)


@equation(
    **_INLET,
    highest_length_factor="1",
    returns="1",
    source=INVEST,
    points={**_HILLS, "highest_length_factor": (100, 130)},
)
def length_factor_of_invest(
    inlet_area, slope_length_exponent, contour_length_factor, upslope_cell_size, unit_plot_length, highest_length_factor
):
    """Slope-length factor after Desmet and Govers with the limit of InVEST, which is one of the factor and not of the
    slope.

        L = min(L_D, 122)

    L_D factor without a limit; 122 its default in InVEST (`l_max`), a number without a unit. No hill reaches it: at m
    0.5 it is the factor of a slope of 122^2 x 22.13 m, 329 km.

    A 900 m², D 30 m, x 1, m 0.5: 2.128862.
    """
    factor = unlimited_length_factor(
        inlet_area, slope_length_exponent, contour_length_factor, upslope_cell_size, unit_plot_length
    )
    return np.minimum(factor, highest_length_factor)


@equation(
    upslope_area="m^2",
    stream_threshold="m^2",
    returns="1",
    source=INVEST,
    points={"upslope_area": (0, 2e6), "stream_threshold": (9e5, 1e6)},
)
def stream_of_area(upslope_area, stream_threshold):
    """Which cells are streams: those that the water of a large enough area flows into.

        f = 1 where A_up >= A_s, 0 elsewhere

    A_up area upslope of the cell, without the cell itself, A_s area from which a stream runs. It is chosen so that the
    streams are those of a map: the study gives it. InVEST has it as a number of cells.

    1000 cells of 900 m² above and a threshold of 90 hm²: 1; 999: 0.
    """
    drained = upslope_area / stream_threshold
    return np.where(drained < 1, 0 * drained, 1 + 0 * drained)


@equation(
    slope="rad",
    rusle_slope_4="1",
    steepness_slope_1="1",
    steepness_offset_1="1",
    steepness_slope_2="1",
    steepness_offset_2="1",
    returns="1",
    source=INVEST,
    points={"slope": (0, 0.05, 0.12, 0.9), "rusle_slope_4": (0.09, 0.091)},
)
def steepness_factor_of_rusle(
    slope, rusle_slope_4, steepness_slope_1, steepness_offset_1, steepness_slope_2, steepness_offset_2
):
    """Slope-steepness factor of RUSLE, by two ranges of slope.

        S = 10.8 sin theta + 0.03 below 9 %,  16.8 sin theta - 0.5 above

    theta slope; in per cent its tangent. The third and the fourth range of HJ 1173-2021 are not in it.

    15 %: 16.8 x 0.148340 - 0.5 = 1.992120.
    """
    sine = np.sin(slope)
    gentle = steepness_slope_1 * sine + steepness_offset_1
    return np.where(np.tan(slope) < rusle_slope_4, gentle, steepness_slope_2 * sine - steepness_offset_2)


_DESMET = ("desmet_govers", "desmet_govers_area")
"""Options of `slope_length` after Desmet and Govers as they wrote it."""

TERRAIN_DERIVATIONS = (
    Derivation("slope", slope_of_neighbours, note="made from elevation by Horn's method", of_neighbours="elevation"),
    Derivation(
        "slope_length",
        slope_length_of_cell,
        is_provisional=True,
        note="taken as the side of an elevation cell, at most 122 m",
        is_rough=True,
    ),
    Derivation("slope_length_factor", length_factor, switch="slope_length", options=("hj_1d",)),
    Derivation("slope_length_factor", length_factor_by_steps, switch="slope_length", options=("step_m",)),
    Derivation(
        "contour_length_factor",
        contour_length_of_aspect,
        switch="slope_length",
        options=_DESMET,
        note="made from aspect",
        on_own_grid=True,
    ),
    Derivation(
        "contour_length_factor",
        contour_length_of_neighbours,
        switch="slope_length",
        options=_DESMET,
        note="made from elevation by Horn's method",
        of_neighbours="elevation",
    ),
    Derivation(
        "contour_length_factor",
        contour_length_of_slope,
        switch="slope_length",
        options=("invest",),
        note="made from slope, as InVEST has it",
        on_own_grid=True,
    ),
    Derivation("slope_length_exponent", length_exponent_of_rusle, note="by the steps of RUSLE", on_own_grid=True),
    Derivation(
        "inlet_area",
        inlet_of_root,
        switch="slope_length",
        options=("desmet_govers", "invest"),
        is_provisional=True,
        note="taken as the root of the upslope area",
        on_own_grid=True,
    ),
    Derivation(
        "inlet_area",
        inlet_of_area,
        switch="slope_length",
        options=("desmet_govers_area",),
        is_provisional=True,
        note="taken as the upslope area",
        on_own_grid=True,
    ),
    Derivation(
        "slope_length_factor",
        length_factor_of_inlet,
        switch="slope_length",
        options=_DESMET,
        is_provisional=True,
        note="made from slope and the area at the inlet",
        on_own_grid=True,
    ),
    Derivation(
        "slope_length_factor",
        length_factor_of_invest,
        switch="slope_length",
        options=("invest",),
        is_provisional=True,
        note="made from slope and the area at the inlet, with the limit of InVEST",
        on_own_grid=True,
    ),
    Derivation("slope_steepness_factor", steepness_factor, switch="slope_length", options=("hj_1d", "step_m")),
    Derivation(
        "slope_steepness_factor",
        steepness_factor_of_rusle,
        switch="slope_length",
        options=(*_DESMET, "invest"),
        is_provisional=True,
        note="by the two ranges of RUSLE",
        on_own_grid=True,
    ),
    Derivation("slope_length_steepness", length_times_steepness, switch="slope_length", options=("hj_1d", "step_m")),
    Derivation(
        "slope_length_steepness",
        length_times_steepness,
        switch="slope_length",
        options=(*_DESMET, "invest"),
        on_own_grid=True,
    ),
    Derivation(
        "stream_share",
        stream_of_area,
        is_provisional=True,
        note="cells that take in the water of a large enough area",
        on_own_grid=True,
    ),
)
