"""Terrain layers made from elevation: slope from the eight neighbours, slope length and steepness of the soil loss equation."""

from __future__ import annotations

import numpy as np

from gep.catalog import Derivation
from gep.equation import equation

HORN = "Horn 1981, doi 10.1109/PROC.1981.11918 (not a clause of a GEP standard)"


@equation(
    north_west="m",
    north="m",
    north_east="m",
    west="m",
    east="m",
    south_west="m",
    south="m",
    south_east="m",
    cell_width="m",
    cell_height="m",
    returns="rad",
    source=HORN,
)
def slope_of_neighbours(north_west, north, north_east, west, east, south_west, south, south_east, cell_width, cell_height):
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
    source="Step exponents of Liu and Zhang as used by Chen et al. 2016, Chinese Journal of Eco-Agriculture 24(2):244-255",
    points={"slope": (0, 0.02, 0.05, 0.3), "step_low": (0.01, 0.011), "step_middle": (0.03, 0.031), "step_high": (0.09, 0.091)},
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
    points={"slope": (0, 0.03, 0.12, 0.3, 0.9), "steep_1": (0.0897, 0.09), "steep_2": (0.178, 0.179), "steep_3": (0.5028, 0.503)},
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


TERRAIN_DERIVATIONS = (
    Derivation("slope", slope_of_neighbours, note="made from elevation by Horn's method", of_neighbours="elevation"),
    Derivation("slope_length", slope_length_of_cell, is_provisional=True, note="taken as the side of an elevation cell, at most 122 m"),
    Derivation("slope_length_factor", length_factor, switch="slope_length", options=("hj_1d",)),
    Derivation("slope_length_factor", length_factor_by_steps, switch="slope_length", options=("step_m",)),
    Derivation("slope_steepness_factor", steepness_factor),
    Derivation("slope_length_steepness", length_times_steepness),
)
