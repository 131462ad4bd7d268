"""Slope length from upslope area after Desmet and Govers: cells worked by hand, InVEST's own numbers, limits, and the
way through a study.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from builders import (
    FOREST,
    LONLAT,
    NORTH,
    WEST,
    block,
    by_shipped,
    constant,
    make_study,
    one,
    own_coefficients,
    raster,
    zones,
)

from gep.derivations.terrain import (
    contour_length_of_aspect,
    contour_length_of_neighbours,
    inlet_of_area,
    inlet_of_root,
    length_exponent_of_rusle,
    length_factor_of_inlet,
    steepness_factor_of_rusle,
)
from gep.inputs.grids.derived import derive
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer


def slope_of(percent: float) -> float:
    return math.atan(percent / 100)


# exponent and steepness -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (0, 0.2),
        (0.99, 0.2),
        (1.01, 0.3),
        (3.49, 0.3),
        (3.51, 0.4),
        (4.99, 0.4),
        (5.01, 0.5),
        (8.99, 0.5),
        (15, 0.577381),
    ],
)
def test_the_exponent_of_rusle(percent, expected):
    found = float(by_shipped(length_exponent_of_rusle, slope=slope_of(percent)))
    assert found == pytest.approx(expected, abs=5e-7)


def test_the_exponent_on_steep_slopes_by_the_formula():
    for percent in (9.5, 12, 30, 80):
        sine = math.sin(slope_of(percent))
        beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
        assert float(by_shipped(length_exponent_of_rusle, slope=slope_of(percent))) == pytest.approx(
            beta / (1 + beta), rel=1e-12
        )


@pytest.mark.parametrize(("percent", "expected"), [(0, 0.03), (8.9, None), (9.1, None), (15, 1.992119609), (60, None)])
def test_steepness_of_rusle(percent, expected):
    sine = math.sin(slope_of(percent))
    by_formula = 10.8 * sine + 0.03 if percent < 9 else 16.8 * sine - 0.5
    found = float(by_shipped(steepness_factor_of_rusle, slope=slope_of(percent)))
    assert found == pytest.approx(by_formula, rel=1e-12)
    assert expected is None or found == pytest.approx(expected, rel=1e-9)


# length of the contour ------------------------------------------------------------------------------------------------


def test_contour_length_of_an_aspect():
    degrees = np.array([0, 30, 45, 90, 135, 180, 225, 300])
    half, root = 0.5 + math.sqrt(3) / 2, math.sqrt(2)
    assert contour_length_of_aspect(np.radians(degrees)) == pytest.approx(
        [1, half, root, 1, root, 1, root, half], rel=1e-12
    )


def contour_length(elevation: Any, **grid: Any) -> Any:
    """The factor on the grid of an elevation layer, without the frame, where it is missing."""
    layer = open_layer(LayerSpec("elevation", raster(elevation, "m", **grid)), unit="m")
    factor = derive(
        "contour_length_factor", "1", contour_length_of_neighbours, {"elevation": layer}, {}, of_neighbours=True
    )
    return factor.open().read(1, layer.lattice.rows - 1, 1, layer.lattice.cols - 1).raw


def plane(east: float, south: float, cell: float = 30.0) -> Any:
    row, col = np.mgrid[:6, :7]
    return 500 + (east * col + south * row) * cell


@pytest.mark.parametrize(
    ("east", "south", "expected"),
    [
        (0.1, 0, 1),
        (0, -0.2, 1),
        (0.1, 0.1, math.sqrt(2)),
        (-0.1, 0.1, math.sqrt(2)),
        (0.3, 0.4, 1.4),
        (-0.4, -0.3, 1.4),
        (0, 0, 1),
    ],
)
def test_contour_length_of_a_plane(east, south, expected):
    assert contour_length(plane(east, south), cell=30.0) == pytest.approx(np.full((4, 5), expected), rel=1e-6)


def test_contour_length_knows_the_true_shape_of_cells():
    """At 60 degrees a cell of equal degrees is half as wide as high: a rise by equal steps is twice as steep to the
    east.
    """
    row, col = np.mgrid[:5, :5].astype(float)
    found = contour_length(row + col, crs=LONLAT, west=100.0, north=60.0 + 2.5 / 3600, cell=1 / 3600)
    assert found[1, 1] == pytest.approx(3 / math.sqrt(5), rel=2e-3)


def test_contour_length_is_missing_beside_missing_elevation():
    elevation = plane(0.1, 0.2)
    elevation[3, 3] = np.nan
    found = contour_length(elevation, cell=30.0)
    assert np.isnan(found[1:4, 1:4]).all()
    assert np.isfinite(found).sum() == 4 * 5 - 9


# the factor -----------------------------------------------------------------------------------------------------------


def length_factor(inlet: Any, *, slope: Any, upslope_area: Any, **given: Any) -> Any:
    """The factor of a slope and an upslope area, by one of the ways to the area at the inlet."""
    exponent = by_shipped(length_exponent_of_rusle, slope=slope)
    area = by_shipped(inlet, upslope_area=upslope_area)
    return by_shipped(length_factor_of_inlet, inlet_area=area, slope_length_exponent=exponent, **given)


def test_length_factor_worked_by_hand():
    """A 900 m2, D 30 m, x 1, m 0.5: (1800^1.5 - 900^1.5) / (30^2.5 x 22.13^0.5) = (76367.53 - 27000) / (4929.503 x
    4.704253).
    """
    given = {"slope_length_exponent": 0.5, "contour_length_factor": 1.0, "upslope_cell_size": 30.0}
    found = by_shipped(length_factor_of_inlet, inlet_area=900.0, **given)
    assert found == pytest.approx((1800**1.5 - 900**1.5) / (30**2.5 * 22.13**0.5), rel=1e-12)
    assert found == pytest.approx(2.128862, abs=1e-6)


def test_ls_of_desmet_and_govers_worked_by_hand():
    """Methods R2: 8 %, x 1.2, 99 cells of 900 m2 above, D 30 m: A = sqrt(89100) = 298.496, m 0.5.

    L = (1198.496^1.5 - 298.496^1.5) / (30^2.5 x 1.2^0.5 x 22.13^0.5) = (41490.62 - 5157.14) / 25402.93 = 1.430285; S =
    10.8 x 0.0797452 + 0.03.
    """
    given = {"slope": slope_of(8), "contour_length_factor": 1.2, "upslope_cell_size": 30.0}
    length = float(length_factor(inlet_of_root, upslope_area=99 * 900.0, **given))
    a, cell, m, x = math.sqrt(89100), 30.0, 0.5, 1.2
    assert length == pytest.approx(
        ((a + cell**2) ** (m + 1) - a ** (m + 1)) / (cell ** (m + 2) * x**m * 22.13**m), rel=1e-12
    )
    assert length == pytest.approx(1.4303, abs=5e-5)
    steepness = float(by_shipped(steepness_factor_of_rusle, slope=given["slope"]))
    assert length * steepness == pytest.approx(1.4303 * 0.891249, abs=5e-5)


def test_the_numbers_of_the_docstrings():
    level = {"slope": slope_of(8), "contour_length_factor": 1.0, "upslope_cell_size": 30.0}
    assert float(by_shipped(inlet_of_root, upslope_area=99 * 900.0)) == pytest.approx(298.50, abs=5e-3)
    assert float(length_factor(inlet_of_root, upslope_area=99 * 900.0, **level)) == pytest.approx(1.567, abs=5e-4)
    assert float(length_factor(inlet_of_area, upslope_area=900.0, **level)) == pytest.approx(2.128862, abs=5e-7)


@pytest.mark.parametrize(("percent", "expected"), [(1.5, 0.253996), (4, 0.657229), (8, 1.345856), (10, 1.776729)])
def test_ls_of_the_tests_of_invest(percent, expected):
    """natcap/invest, tests/test_sdr.py, test_ls_factor: 100 cells of 30 m, the cell itself among them. It takes x from
    the slope.
    """
    slope = slope_of(percent)
    given = {"contour_length_factor": contour_length_of_aspect(slope), "upslope_cell_size": 30.0}
    length = length_factor(inlet_of_root, slope=slope, upslope_area=99 * 900.0, **given)
    assert float(length * by_shipped(steepness_factor_of_rusle, slope=slope)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("inlet", [inlet_of_root, inlet_of_area])
def test_on_the_divide_it_is_the_length_of_a_cell(inlet):
    for percent, m in ((2, 0.3), (7, 0.5)):
        given = {"slope": slope_of(percent), "upslope_area": 0.0, "upslope_cell_size": 30.0}
        assert float(length_factor(inlet, **given, contour_length_factor=1.0)) == pytest.approx(
            (30 / 22.13) ** m, rel=1e-12
        )
        assert float(length_factor(inlet, **given, contour_length_factor=1.3)) == pytest.approx(
            (30 / 22.13 / 1.3) ** m, rel=1e-12
        )


@pytest.mark.parametrize("inlet", [inlet_of_root, inlet_of_area])
def test_no_slope_is_longer_than_122_m(inlet):
    for percent, m in ((2, 0.3), (7, 0.5)):
        given = {"slope": slope_of(percent), "contour_length_factor": 1.0}
        river = length_factor(inlet, **given, upslope_area=1e12, upslope_cell_size=30.0)
        coarse = length_factor(inlet, **given, upslope_area=0.0, upslope_cell_size=900.0)
        assert float(river) == float(coarse) == pytest.approx((122 / 22.13) ** m, rel=1e-12)


@pytest.mark.parametrize("inlet", [inlet_of_root, inlet_of_area])
def test_ls_grows_with_area_and_with_slope(inlet):
    area = np.linspace(0, 2e5, 400)
    for percent in (0.5, 2, 4, 7, 12, 40):
        found = length_factor(
            inlet, slope=slope_of(percent), upslope_area=area, contour_length_factor=1.2, upslope_cell_size=30.0
        )
        assert (np.diff(found) >= -1e-12).all()
        assert found[0] < found[-1]
    slope = np.arctan(np.array([0.005, 0.02, 0.045, 0.07, 0.11, 0.2, 0.5, 1.0]))
    length = length_factor(inlet, slope=slope, upslope_area=3000.0, contour_length_factor=1.2, upslope_cell_size=30.0)
    assert (np.diff(length * by_shipped(steepness_factor_of_rusle, slope=slope)) > 0).all()


def test_a_whole_hillside_adds_up_to_the_length_of_its_slope():
    """Cells one below the other, each taking in the areas above: the mean of L is (length / 22.13)^m, as for one slope
    in one piece.
    """
    cells, side, m = 4, 30.0, 0.5
    above = np.arange(cells) * side**2
    given = {"contour_length_factor": 1.0, "upslope_cell_size": side, "longest_slope_length": 1e6}
    found = length_factor(inlet_of_area, slope=slope_of(7), upslope_area=above, **given)
    assert found.mean() == pytest.approx((cells * side / 22.13) ** m, rel=1e-12)


# through a study ------------------------------------------------------------------------------------------------------

SHAPE, CELL = (3, 4), 30.0
COUNTY = zones(block(0, 0, 4, 3, cell=CELL))


def same(value: float, unit: str) -> Any:
    return constant(value, unit, SHAPE, cell=CELL)


def length_and_steepness(tmp_path: Any, option: str, layers: dict[str, Any]) -> Any:
    """LS as a study on cells of 30 m has it, retained soil over R K (1 - C), with the entry."""
    own = own_coefficients(tmp_path, ("upslope_cell_size", "", CELL, "m"))
    given = {
        "rainfall_erosivity": same(3000, "MJ*mm/(hm^2*h*year)"),
        "soil_erodibility": same(0.03, "t*hm^2*h/(hm^2*MJ*mm)"),
        "cover_factor": same(0.06, "1"),
        **layers,
    }
    cover = raster(np.full(SHAPE, FOREST, dtype=np.uint8), cell=CELL)
    methods = {"soil_retention": {"slope_length": option}}
    account = make_study(cover, given, COUNTY, of=("soil_retention",), methods=methods, coefficients={"own": own}).run()
    entry = one(account, service="soil_retention", component="retained_soil")
    return entry.quantity / (0.09 * SHAPE[0] * SHAPE[1]) / (3000 * 0.03 * 0.94), entry


def test_the_options_of_slope_length_through_a_study(tmp_path):
    layers = {
        "slope": same(math.degrees(slope_of(8)), "degree"),
        "slope_length": same(50, "m"),
        "upslope_area": same(8.91, "hm^2"),
        "aspect": same(210, "degree"),
    }
    x, steepness, m = 0.5 + math.sqrt(3) / 2, 10.8 * math.sin(slope_of(8)) + 0.03, 0.5
    a = math.sqrt(89100)
    expected = ((a + CELL**2) ** (m + 1) - a ** (m + 1)) / (CELL ** (m + 2) * x**m * 22.13**m) * steepness
    found, entry = length_and_steepness(tmp_path, "desmet_govers", layers)
    assert found == pytest.approx(expected, rel=1e-6)
    assert {"length_exponent_of_rusle", "inlet_of_root", "length_factor_of_inlet"} < set(entry.derivations)
    assert {"contour_length_of_aspect", "steepness_factor_of_rusle"} < set(entry.derivations)
    found, entry = length_and_steepness(tmp_path, "desmet_govers_area", layers)
    assert found == pytest.approx((122 / 22.13) ** m * steepness, rel=1e-6)  # 89 100 m2 over 30 m: far beyond 122 m
    assert {"inlet_of_area", "length_factor_of_inlet"} < set(entry.derivations)
    found, entry = length_and_steepness(tmp_path, "step_m", layers)
    assert found == pytest.approx(
        (50 / 22.13) ** 0.4 * steepness, rel=1e-6
    )  # 8 % is 4.6 degrees: the first range of both
    assert "steepness_factor" in entry.derivations


def test_steep_land_is_less_steep_by_rusle(tmp_path):
    """25 degrees: 21.9 sin - 0.96 in HJ 1173-2021, 16.8 sin - 0.5 in RUSLE."""
    layers = {
        "slope": same(25, "degree"),
        "slope_length": same(30, "m"),
        "upslope_area": same(0, "m^2"),
        "aspect": same(0, "degree"),
    }
    sine = math.sin(math.radians(25))
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    found, _ = length_and_steepness(tmp_path, "desmet_govers", layers)
    assert found == pytest.approx((30 / 22.13) ** (beta / (1 + beta)) * (16.8 * sine - 0.5), rel=1e-6)
    beta = (sine / 0.089) / (3 * sine**0.8 + 0.56)
    found, _ = length_and_steepness(tmp_path, "hj_1d", layers)
    assert found == pytest.approx((30 / 22.13) ** (beta / (1 + beta)) * (21.9 * sine - 0.96), rel=1e-6)


def test_elevation_gives_slope_and_contour_length(tmp_path):
    row, col = np.mgrid[:7, :8]
    gradient, margin = 0.07, 2 * CELL  # two cells beyond the city on each side
    elevation = raster(
        500 + (0.6 * col + 0.8 * row) * gradient * CELL, "m", cell=CELL, west=WEST - margin, north=NORTH + margin
    )
    found, entry = length_and_steepness(
        tmp_path, "desmet_govers_area", {"elevation": elevation, "upslope_area": same(900, "m^2")}
    )
    steepness = 10.8 * math.sin(math.atan(gradient)) + 0.03
    expected = (1800**1.5 - 900**1.5) / (30**2.5 * 1.4**0.5 * 22.13**0.5) * steepness
    assert found == pytest.approx(expected, rel=1e-5)
    assert {"slope_of_neighbours", "contour_length_of_neighbours"} < set(entry.derivations)


@pytest.mark.parametrize("option", ["desmet_govers_area", "desmet_govers"])
def test_a_finer_terrain_is_worked_out_on_its_own_grid(option):
    """On cells of 100 m, whose area upslope is nothing and beyond the limit in turn, the factor is averaged, never the
    area.

    Nothing upslope: L = (100/22.13)^m; the limit: L = (122/22.13)^m, with m = 0.5 on a slope of 7 %.
    """
    shape, cell, gradient, around = (3, 4), 100.0, 0.07, 2
    row, col = np.mgrid[: shape[0] * 10 + 2 * around, : shape[1] * 10 + 2 * around]
    grid = {"cell": cell, "west": WEST - around * cell, "north": NORTH + around * cell}
    layers = {
        "elevation": raster(500 + col * gradient * cell, "m", **grid),
        "upslope_area": raster(np.where((row + col) % 2, 0.0, 1e12), "m^2", **grid),
        "rainfall_erosivity": constant(3000, "MJ*mm/(hm^2*h*year)", shape),
        "soil_erodibility": constant(0.03, "t*hm^2*h/(hm^2*MJ*mm)", shape),
        "cover_factor": constant(0.06, "1", shape),
    }
    county = zones(block(0, 0, 4, 3))
    study = make_study(
        np.full(shape, FOREST),
        layers,
        county,
        of=("soil_retention",),
        methods={"soil_retention": {"slope_length": option}},
    )
    entry = one(study.run(), service="soil_retention", component="retained_soil")
    steepness = 10.8 * math.sin(math.atan(gradient)) + 0.03
    expected = ((100 / 22.13) ** 0.5 + (122 / 22.13) ** 0.5) / 2 * steepness
    assert entry.quantity / 1200 / (3000 * 0.03 * 0.94) == pytest.approx(expected, rel=1e-5)
