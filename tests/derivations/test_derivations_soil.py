"""Texture completed from two size classes, organic carbon and organic matter: both ways, never in a circle."""

from __future__ import annotations

import numpy as np
import pytest
from builders import FOREST, block, constant, make_study, missing, one, zones

from gep.derivations.soil import carbon_of_matter, clay_of_the_rest, matter_of_carbon, silt_of_the_rest
from gep.standards.coefficients import Coefficients
from gep.standards.profile import load_profile


def test_the_third_size_class_is_what_two_leave():
    first, second = np.array([0.4, 0.0, 0.7, np.nan]), np.array([0.2, 0.0, 0.4, 0.1])
    for equation in (silt_of_the_rest, clay_of_the_rest):
        found = equation(first, second)
        assert found[:3] == pytest.approx([0.4, 1.0, 0.0])
        assert np.isnan(found[3])


def test_organic_matter_and_carbon_are_inverse():
    row = Coefficients([(), *load_profile("ndrc-2022").tables]).lookup("matter_per_carbon")
    assert row is not None
    assert row.row.value == 1.724  # methods.md R2: orgC = OM / 1.724
    assert carbon_of_matter(2.586, 1.724) == pytest.approx(1.5)
    assert matter_of_carbon(1.5, 1.724) == pytest.approx(2.586)
    assert carbon_of_matter(matter_of_carbon(7.3, 1.724), 1.724) == pytest.approx(7.3)


SHAPE = (3, 4)
COUNTY = zones(block(0, 0, 4, 3))
TEXTURE = {"soil_sand": 40.0, "soil_silt": 40.0, "soil_clay": 20.0}
RETAINED = 3000 * 0.01586876185 * 7.98635 * (1 - 0.06)
"""R, K of the vector of methods.md for texture 40, 40, 20 and 1.5 % carbon, LS and C."""


def account(**percent):
    layers = {
        "rainfall_erosivity": constant(3000, "MJ*mm/(hm^2*h*year)", SHAPE),
        "slope_length_steepness": constant(7.98635, "1", SHAPE),
        "cover_factor": constant(0.06, "1", SHAPE),
        **{name: constant(value, "percent", SHAPE) for name, value in percent.items()},
    }
    return make_study(np.full(SHAPE, FOREST), layers, COUNTY, of=("soil_retention",)).run()


def retained(**percent):
    entry = one(account(**percent), service="soil_retention", component="retained_soil")
    return entry.quantity / (100 * SHAPE[0] * SHAPE[1]), set(entry.derivations)


@pytest.mark.parametrize("absent", [None, *TEXTURE])
@pytest.mark.parametrize("organic", [{"soil_organic_carbon": 1.5}, {"soil_organic_matter": 1.5 * 1.724}])
def test_any_two_size_classes_and_either_organic_layer_will_do(absent, organic):
    texture = {name: value for name, value in TEXTURE.items() if name != absent}
    found, derivations = retained(**texture, **organic)
    assert found == pytest.approx(RETAINED, rel=1e-9)
    assert ("carbon_of_matter" in derivations) == ("soil_organic_matter" in organic)
    assert (f"{str(absent).removeprefix('soil_')}_of_the_rest" in derivations) == (absent is not None)


@pytest.mark.parametrize("given", TEXTURE)
def test_one_size_class_is_too_few_and_goes_round_in_no_circle(given):
    assert missing(account(**{given: 40.0}, soil_organic_carbon=1.5))["soil_retention"] == "no_input"
    assert missing(account(**TEXTURE))["soil_retention"] == "no_input"  # neither carbon nor matter
