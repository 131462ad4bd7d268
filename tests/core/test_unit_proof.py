"""The unit proof: equations whose units do not work out are refused when they are declared."""

import numpy as np
import pytest
from declared import part_of

from gep.core.equation import equation
from gep.core.errors import EquationError

# the unit proof -------------------------------------------------------------------------------------------------------


def test_a_conversion_by_hand_is_rejected():
    """1 mm over 1 m2 is 0.001 m3: the units convert by themselves, and the hand's factor does it a second time."""
    with pytest.raises(
        EquationError,
        match=r"the result is 0\.001 times that of plain numbers.*or a conversion is missing or made by hand",
    ):

        @equation(depth="mm/year", area="m^2", factor="1", returns="m^3/year")
        def volume(depth, area, factor):
            """A volume."""
            return depth * area * factor


def test_a_sum_of_metres_and_millimetres_is_rejected():
    with pytest.raises(EquationError, match="two units of one kind are mixed"):

        @equation(rain="mm/year", snow="m/year", returns="mm/year")
        def water(rain, snow):
            """Rain and snow."""
            return rain + snow


def test_a_missing_year_is_rejected():
    with pytest.raises(
        EquationError, match=r"sold: the units do not work out.*Declared: amount t, price CNY/t -> CNY/year"
    ):

        @equation(amount="t", price="CNY/t", returns="CNY/year")
        def sold(amount, price):
            """A value."""
            return amount * price


def test_carbon_taken_for_co2_is_rejected():
    with pytest.raises(EquationError, match="the units do not work out"):

        @equation(carbon_flow="t*carbon/year", carbon_price="CNY/(t*CO2)", returns="CNY/year")
        def carbon_value(carbon_flow, carbon_price):
            """A value."""
            return carbon_flow * carbon_price


def test_carbon_with_its_ratio_is_proved():
    @equation(carbon_flow="t*carbon/year", ratio="t*CO2/(t*carbon)", carbon_price="CNY/(t*CO2)", returns="CNY/year")
    def carbon_value(carbon_flow, ratio, carbon_price):
        """A value."""
        return carbon_flow * ratio * carbon_price

    assert carbon_value.is_proved


@pytest.mark.parametrize("where", ["argument", "result"])
def test_a_scale_with_an_offset_is_rejected(where):
    units = {"argument": ("degC", "K"), "result": ("K", "degC")}[where]
    with pytest.raises(EquationError, match="is declared in degC, a scale with an offset; use K"):

        @equation(temperature=units[0], returns=units[1])
        def warmth(temperature):
            """A temperature."""
            return temperature


def test_percent_under_an_exponential_is_rejected():
    """exp(50 percent) is exp(0.5), and exp(50) is not."""
    with pytest.raises(EquationError, match="with units"):

        @equation(cover="percent", returns="1")
        def bare(cover):
            """A share."""
            return np.exp(-cover)


def test_percent_with_a_coefficient_per_percent_is_proved():
    @equation(cover="percent", decay="1/percent", returns="1", points={"cover": (0, 100), "decay": (0, 0.2)})
    def bare(cover, decay):
        """A share."""
        return np.exp(-decay * cover)

    assert bare(50.0, 0.1151) == pytest.approx(0.003166906611, rel=1e-9)  # vector R3.C_grass


def test_a_power_of_a_dimension_is_rejected():
    with pytest.raises(EquationError, match="the units do not work out"):

        @equation(area="km^2", exponent="1", returns="km^2")
        def lake(area, exponent):
            """A power."""
            return area**exponent


def test_the_proof_sees_through_another_equation():
    @equation(depth="mm/year", share="1", area="m^2", returns="mm/year*m^2")
    def litres(depth, share, area):
        """A share of a depth, over an area."""
        return part_of(depth, share) * area

    assert litres(500.0, 0.0352, 2.0) == pytest.approx(500 * 0.0352 * 2)
    with pytest.raises(
        EquationError,
        match="of_a_month: the units do not work out: part_of: `depth` is in millimeter; it needs mm/year",
    ):

        @equation(depth="mm", share="1", returns="mm")
        def of_a_month(depth, share):
            """The same, of a depth that is not per year."""
            return part_of(depth, share)

    with pytest.raises(EquationError, match="two units of one kind are mixed"):

        @equation(depth="m/year", share="1", returns="mm/year")
        def of_metres(depth, share):
            """The same, of metres: with units they are converted on the way in, plain numbers are not."""
            return part_of(depth, share)


def test_a_branch_that_the_proof_never_takes_is_refused():
    with pytest.raises(
        EquationError, match=r"steep: a branch of `where` number 1 is never taken in the proof; give `points`"
    ):

        @equation(slope="rad", limit="rad", returns="1", points={"limit": (1000, 2000)})
        def steep(slope, limit):
            """Whether a slope is steep."""
            return np.where(slope > limit, 1, 0)


def test_points_make_the_proof_take_the_branch():
    @equation(slope="rad", limit="rad", returns="1", points={"slope": (0, 1.5), "limit": (0.5, 0.6)})
    def steep(slope, limit):
        """Whether a slope is steep."""
        return np.where(slope > limit, 1, 0)

    assert steep(1.0, 0.5) == 1
    assert steep(0.1, 0.5) == 0


def test_units_are_proved_in_every_branch():
    with pytest.raises(EquationError, match="two units of one kind are mixed"):

        @equation(depth="mm", other="m", returns="mm")
        def either(depth, other):
            """One or the other."""
            return np.where(depth > depth / 2, other, depth)


def test_a_formula_that_is_never_finite_is_refused():
    with pytest.raises(EquationError, match="gives no finite number at any point of the proof"):

        @equation(share="1", returns="1")
        def root(share):
            """A root of something negative."""
            return np.sqrt(-share)


def test_a_declared_unit_is_a_plain_one():
    """With a factor inside, values would be converted by it at the border but not in the proof."""
    with pytest.raises(EquationError, match=r"`10\^4 m\^3/year` multiplies a unit"):

        @equation(water="10^4 m^3/year", returns="10^4 m^3/year")
        def same(water):
            """The same."""
            return water
