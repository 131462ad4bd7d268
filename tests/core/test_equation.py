import math
import pickle
import re

import numpy as np
import pint
import pytest
import xarray as xr
from declared import part_of, shipped

from gep.core.catalog import layer_kinds
from gep.core.equation import equation
from gep.core.errors import EquationError, UnitError
from gep.core.units import linear, same_dimension
from gep.derivations import DERIVATIONS
from gep.services.water_retention import positive_retained_water, reservoir_storage_cost, retained_water

SEVEN = 7


def helper(depth):
    return depth


@equation(monthly_depth="mm", per_year="1/year", returns="mm/year", source="made up")
def summed(monthly_depth, per_year):
    """The sum of twelve months.

        P = sum_m P_m

    Twelve months of 50 mm: 600 mm/year.
    """
    return np.sum(monthly_depth, axis=0) * per_year


@equation(
    temperature="degC", rain="mm", returns="g*carbon/m^2", source="made up", proof=False, reason="a fit in degC and mm"
)
def breath(temperature, rain):
    """Soil respiration of a month, a fit: exponential in degC, logarithmic in mm.

        R = 0.22 (exp(0.0912 T) + ln(0.3145 P + 1)) 30 0.465

    20 degC and 100 mm: 29.6966 g of carbon per m² (methods.md, vector R8.Rh).
    """
    return 0.22 * (np.exp(0.0912 * temperature) + np.log(0.3145 * rain + 1)) * 30 * 0.465


# the literal rule -----------------------------------------------------------------------------------------------------


def test_a_planted_thousand_is_rejected():
    """The units are coherent: a pure number is invisible to them."""
    with pytest.raises(EquationError, match=r"planted, line \d+: the number 1000 is not 0, 1, 2 or an exponent"):

        @equation(depth="mm/year", returns="mm/year")
        def planted(depth):
            """A depth."""
            return depth * 1000


def test_a_number_in_a_default_argument_is_rejected():
    with pytest.raises(EquationError, match="a default value is a number without a source: make it a coefficient"):

        @equation(depth="mm/year", share="1", returns="mm/year")
        def defaulted(depth, share=0.24):
            """A depth."""
            return depth * share


def test_a_number_in_a_keyword_default_is_rejected():
    with pytest.raises(EquationError, match="a default value is a number without a source"):

        @equation(depth="mm/year", share="1", returns="mm/year")
        def defaulted(depth, *, share=0.24):
            """A depth."""
            return depth * share


def test_a_constant_of_the_module_is_rejected():
    with pytest.raises(EquationError, match="`SEVEN` is neither an argument, numpy, nor an equation"):

        @equation(depth="mm/year", returns="mm/year")
        def outside(depth):
            """A depth."""
            return depth * SEVEN


def test_a_helper_that_is_no_equation_is_rejected():
    with pytest.raises(EquationError, match="`helper` is neither an argument, numpy, nor an equation"):

        @equation(depth="mm/year", returns="mm/year")
        def helped(depth):
            """A depth."""
            return helper(depth)


def test_builtins_are_rejected():
    with pytest.raises(EquationError, match="`float` is neither an argument"):

        @equation(share="1", returns="1")
        def parsed(share):
            """A share."""
            return share * float("1000")


def test_a_loop_is_rejected():
    with pytest.raises(EquationError, match="an equation holds no loops and no functions of its own"):

        @equation(depth="mm/year", returns="mm/year")
        def looped(depth):
            """A depth."""
            total = depth
            for step in (depth, depth):
                total = total + step
            return total


def test_a_lambda_is_rejected():
    with pytest.raises(EquationError, match="no functions of its own"):

        @equation(depth="mm/year", returns="mm/year")
        def inner(depth):
            """A depth."""
            return (lambda d: d)(depth)


def test_zero_one_two_and_exponents_are_fine():
    @equation(length="m", width="m", returns="m^2")
    def surface(length, width):
        """A made-up area."""
        square = length**2 / 2 + 0 * width**2
        return square * (1 + (width / length) ** 3 + (width / length) ** -1.5 + (width / length) ** 0.5)

    # length = width = 2: (4 / 2) (1 + 1 + 1 + 1)
    assert surface(2.0, 2.0) == 8


# the declaration ------------------------------------------------------------------------------------------------------


def test_an_argument_without_a_unit():
    with pytest.raises(EquationError, match="no unit is declared for share"):

        @equation(depth="mm/year", returns="mm/year")
        def half(depth, share):
            """A depth."""
            return depth * share


def test_a_unit_without_an_argument():
    with pytest.raises(EquationError, match="shar is declared but is no argument"):

        @equation(depth="mm/year", share="1", shar="1", returns="mm/year")
        def half(depth, share):
            """A depth."""
            return depth * share


def test_an_unknown_unit():
    with pytest.raises(UnitError, match="there is no unit `furlong`"):

        @equation(depth="furlong", returns="m")
        def far(depth):
            """A distance."""
            return depth


def test_an_equation_without_a_docstring():
    with pytest.raises(EquationError, match="an equation needs a docstring with its formula and source"):

        @equation(depth="mm", returns="mm")
        def silent(depth):
            return depth


def test_no_proof_needs_a_reason():
    with pytest.raises(EquationError, match="proof=False needs a reason"):

        @equation(temperature="degC", returns="1", proof=False)
        def fit(temperature):
            """A fit."""
            return np.exp(0.0912 * temperature)


def test_no_proof_with_a_reason_may_hold_numbers():
    assert not breath.is_proved
    assert breath.reason == "a fit in degC and mm"
    assert breath(20.0, 100.0) == pytest.approx(29.69655171, rel=1e-9)  # vector R8.Rh


def test_without_a_proof_the_same_data_in_other_units_gives_the_same_result():
    temperature = xr.DataArray([20.0, -5.0, 0.0], dims="cell", attrs={"units": "degC"})
    rain = xr.DataArray([100.0, 0.0, 12.5], dims="cell", attrs={"units": "mm"})
    kelvin = (temperature + 273.15).assign_attrs(units="K")
    metres = (rain / 1000).assign_attrs(units="m")
    expected = breath(temperature, rain)
    assert float(expected[0]) == pytest.approx(29.69655171, rel=1e-9)
    np.testing.assert_allclose(breath(kelvin, metres), expected, rtol=1e-12)


# the shipped equations ------------------------------------------------------------------------------------------------


SHIPPED = shipped()


def test_there_are_equations():
    names = {e.name for e in SHIPPED}
    assert {"retained_water", "capped", "product_value", "evapotranspiration_fu"} <= names
    assert len(names) == len(SHIPPED), "two equations share a name"


def test_a_shipped_equation_is_documented():
    for shipped_equation in SHIPPED:
        assert shipped_equation.summary.endswith("."), (shipped_equation.name, "the first line is a sentence")
        assert "=" in shipped_equation.formula, shipped_equation.name
        assert shipped_equation.source, shipped_equation.name
        assert re.search(r"\d", shipped_equation.symbols), (shipped_equation.name, "one number is worked by hand")
        assert shipped_equation.is_proved or len(shipped_equation.reason.split()) > 2, shipped_equation.name


def test_a_shipped_equation_travels_by_name():
    assert [one.name for one in SHIPPED if pickle.loads(pickle.dumps(one)) is not one] == []


OTHER_UNITS = {
    (
        "erodibility_epic",
        "soil_sand",
    ): "1",  # texture as fractions: 100 is no number of a proved equation (design section 3)
    ("erodibility_epic", "soil_silt"): "1",
    ("erodibility_epic", "soil_clay"): "1",
    ("erodibility_epic", "soil_organic_carbon"): "1",
    ("sand_of_the_rest", "soil_silt"): "1",
    ("sand_of_the_rest", "soil_clay"): "1",
    ("silt_of_the_rest", "soil_sand"): "1",
    ("silt_of_the_rest", "soil_clay"): "1",
    ("clay_of_the_rest", "soil_sand"): "1",
    ("clay_of_the_rest", "soil_silt"): "1",
    (
        "negative_ions",
        "ion_concentration",
    ): "count/m^3",  # coherent units: a height in m and an area meet it without a factor
    ("ions_above_background", "ion_concentration"): "count/m^3",
    ("oxygen_of_stands", "o2_per_dry_matter"): "t*O2/(t*dry_matter)",  # the same number: a ratio of masses
    ("price_of_elemental_carbon", "co2_per_carbon"): "t*CO2/(t*carbon)",
}
"""Arguments whose unit is not the usual text of their name. The engine converts; a call with plain numbers does not, so
keep these few.
"""


def test_an_argument_has_one_unit_everywhere():
    units = {name: kind.unit for name, kind in layer_kinds().items()}
    other_dimension, other_text = {}, {}
    for e in SHIPPED:
        for name, unit in e.units.items():
            usual = units.setdefault(name, unit)
            if not same_dimension(unit, usual):
                other_dimension[e.name, name] = (unit, usual)
            elif unit != usual:
                other_text[e.name, name] = unit
    assert other_dimension == {}
    assert other_text == OTHER_UNITS


def test_a_derivation_makes_what_its_layer_measures():
    layers = layer_kinds()
    for derivation in DERIVATIONS:
        assert same_dimension(derivation.equation.returns, layers[derivation.makes].unit), derivation.equation.name


# calls: plain numbers and quantities ----------------------------------------------------------------------------------


def test_plain_numbers_are_in_the_declared_units():
    # vector R1.water_retention: 1200 - 54.24 - 700
    assert retained_water(1200.0, 700.0, 0.0452) == pytest.approx(445.76, rel=1e-12)
    result = retained_water(np.array([1200.0, 500.0]), np.array([700.0, 520.0]), np.array([0.0452, 0.0394]))
    assert isinstance(result, np.ndarray)
    np.testing.assert_allclose(result, [445.76, -39.7], rtol=1e-12)


def test_arguments_by_name_in_any_order():
    assert retained_water(runoff_coefficient=0.5, evapotranspiration=1.0, precipitation=10.0) == 4.0


def test_arguments_are_checked():
    with pytest.raises(
        TypeError, match=r"retained_water also needs `evapotranspiration` \(mm/year\), `runoff_coefficient` \(1\)"
    ):
        retained_water(1.0)
    with pytest.raises(TypeError, match=r"has no argument `precipitations`\. Did you mean `precipitation`\?"):
        retained_water(1.0, 1.0, 1.0, precipitations=2.0)
    with pytest.raises(TypeError, match="`precipitation` was given twice"):
        retained_water(1.0, 1.0, 1.0, precipitation=2.0)
    with pytest.raises(TypeError, match="takes 3 arguments, 4 were given"):
        retained_water(1.0, 1.0, 1.0, 1.0)


def test_quantities_of_a_foreign_registry():
    foreign = pint.UnitRegistry()
    result = retained_water(
        foreign.Quantity(1.2, "m/year"), foreign.Quantity(70.0, "cm/year"), foreign.Quantity(4.52, "percent")
    )
    assert result.magnitude == pytest.approx(445.76, rel=1e-12)
    assert str(result.units) == "millimeter / year"


def test_a_quantity_of_the_wrong_dimension_names_the_argument_and_what_to_do():
    foreign = pint.UnitRegistry()
    with pytest.raises(
        UnitError, match=r"retained_water: `precipitation` is in millimeter; it needs mm/year"
    ) as caught:
        retained_water(foreign.Quantity(1200.0, "mm"), foreign.Quantity(700.0, "mm/year"), 0.0452)
    assert caught.value.code == "U02"
    assert "If this is the total of the accounting year" in str(caught.value)


def test_a_bare_number_among_quantities_is_a_pure_number_or_an_error():
    foreign = pint.UnitRegistry()
    depth = foreign.Quantity(500.0, "mm/year")
    assert part_of(depth, 0.0352).magnitude == pytest.approx(17.6)
    with pytest.raises(
        UnitError, match=r'`evapotranspiration` is a bare number; it needs a unit, like "700.0 mm/year"'
    ) as caught:
        retained_water(depth, 700.0, 0.0452)
    assert caught.value.code == "U01"


# calls: one worked number ---------------------------------------------------------------------------------------------


def test_at_shows_formula_numbers_and_units():
    worked = retained_water.at(
        precipitation="1200 mm/year", evapotranspiration="0.7 m/year", runoff_coefficient="4.52 percent"
    )
    assert worked.value == pytest.approx(445.76, rel=1e-12)
    text = str(worked)
    assert "Q = P - alpha P - ET" in text
    assert "precipitation = 1200 mm/year" in text
    assert "evapotranspiration = 0.7 m/year" in text
    assert "runoff_coefficient = 4.52 percent" in text
    assert "retained_water = 445.76 mm/year" in text
    assert worked.to("m/year").magnitude == pytest.approx(0.44576)
    assert "<pre>" in worked._repr_html_()


def test_at_takes_chinese_units():
    worked = reservoir_storage_cost.at(water="0.42591 万立方米/年", reservoir_cost="6.11 元/立方米")
    # vector R1.water_retention: 425 910 m3 at 6.11 are 2 602 310.1 yuan; here a hundredth of the volume
    assert worked.value == pytest.approx(26_023.101, rel=1e-12)
    assert worked.to("万元/year").magnitude == pytest.approx(26_023.101, rel=1e-12)  # a unit, not its multiple


def test_at_refuses_what_is_no_number():
    with pytest.raises(UnitError, match="`much` is not a number with a unit, like `500 mm/year`"):
        part_of.at(depth="much", share=1)


def test_html_repr_holds_what_is_declared():
    text = retained_water._repr_html_()
    for part in (
        "retained_water",
        "Q = P - alpha P - ET",
        "alpha surface runoff over precipitation",
        "mm/year",
        "HJ 1173-2021",
        "proved",
    ):
        assert part in text
    assert "not proved: a fit in degC and mm" in breath._repr_html_()
    assert "-&gt;" not in text
    assert "precipitation [mm/year]" in repr(retained_water)


# calls: DataArrays ----------------------------------------------------------------------------------------------------


def grid(values, units, name=None):
    values = np.asarray(values, dtype=float)
    coords = {"y": np.arange(values.shape[-2], dtype=float), "x": np.arange(values.shape[-1], dtype=float)}
    dims = ("month", "y", "x")[-values.ndim :]
    return xr.DataArray(values, dims=dims, coords=coords, attrs={"units": units} if units else {}, name=name)


def test_dataarrays_are_converted_and_labelled():
    precipitation = grid([[1.2, 0.5]], "m/year")
    evapotranspiration = grid([[700, 520]], "mm a-1")
    runoff = grid([[4.52, 3.94]], "%")
    result = retained_water(precipitation, evapotranspiration, runoff)
    np.testing.assert_allclose(result, [[445.76, -39.7]], rtol=1e-12)
    assert result.attrs["units"] == "mm/year"
    assert result.name == "retained_water"
    assert result.attrs["long_name"] == retained_water.summary
    assert result.dims == ("y", "x")
    np.testing.assert_array_equal(result.x, precipitation.x)
    assert precipitation.attrs == {"units": "m/year"}


def test_a_text_or_number_beside_dataarrays():
    precipitation, evapotranspiration = grid([[1200.0]], "mm/year"), grid([[700.0]], "mm/year")
    for alpha in (0.0452, "4.52 percent", "0.0452 1"):
        assert float(retained_water(precipitation, evapotranspiration, alpha)[0, 0]) == pytest.approx(445.76, rel=1e-12)
    with pytest.raises(UnitError, match="`evapotranspiration` is a bare number"):
        retained_water(precipitation, 700.0, 0.0452)


def test_missing_cells_stay_missing():
    result = positive_retained_water(
        grid([[np.nan, 1200.0, 1200.0]], "mm/year"), grid([[700, np.nan, 700]], "mm/year"), 0.0452
    )
    np.testing.assert_allclose(result, [[np.nan, np.nan, 445.76]], rtol=1e-12)


def test_single_precision_is_computed_in_double():
    precipitation = grid([[1200.0]], "mm/year").astype("float32")
    assert retained_water(precipitation, grid([[700.0]], "mm/year"), 0.0452).dtype == np.float64


def test_lazy_stays_lazy():
    dask = pytest.importorskip("dask.array")
    values = np.arange(12, dtype=float).reshape(3, 4) * 100
    precipitation = grid(values, "mm/year").chunk({"y": 1})
    evapotranspiration = grid(np.full((3, 4), 0.1), "m/year").chunk({"y": 1})
    result = retained_water(precipitation, evapotranspiration, 0.1)
    assert isinstance(result.data, dask.Array)
    np.testing.assert_allclose(result.compute(), values * 0.9 - 100, rtol=1e-12, atol=1e-9)


def test_grids_that_do_not_meet_are_refused():
    precipitation = grid(np.ones((2, 2)), "mm/year")
    shifted = grid(np.ones((2, 2)), "mm/year").assign_coords(x=[0.5, 1.5])
    with pytest.raises(
        EquationError, match=r"the grids of precipitation, evapotranspiration do not meet exactly.*Align them first"
    ):
        retained_water(precipitation, shifted, 0.1)


def test_a_dataarray_without_units_is_refused():
    with pytest.raises(
        UnitError, match=r"`precipitation` has no `units` attribute; it needs mm/year\. Set precipitation\.attrs"
    ) as caught:
        retained_water(grid([[1.0]], None), grid([[1.0]], "mm/year"), 0.1)
    assert caught.value.code == "U01"


def test_a_dataarray_of_the_wrong_dimension_says_what_to_write():
    with pytest.raises(UnitError, match=r"`precipitation` is in mm; it needs mm/year.*\n.*units = \"mm/year\""):
        retained_water(grid([[1.0]], "mm"), grid([[1.0]], "mm/year"), 0.1)


def test_the_month_axis_is_summed_wherever_it_stands():
    monthly = np.stack([np.full((2, 3), float(m)) for m in range(1, 13)])
    for array in (grid(monthly, "mm"), grid(monthly, "mm").transpose("y", "x", "month")):
        result = summed(array, "1 1/year")
        assert result.dims == ("y", "x")
        np.testing.assert_allclose(result, np.full((2, 3), 78.0))  # 1 + 2 + ... + 12
    centimetres = grid(monthly / 10, "cm")
    np.testing.assert_allclose(summed(centimetres, "1 1/year"), np.full((2, 3), 78.0))


def test_a_lazy_month_axis_may_be_chunked():
    pytest.importorskip("dask.array")
    monthly = grid(np.full((12, 2, 2), 50.0), "mm").chunk({"month": 1, "y": 1})
    np.testing.assert_allclose(summed(monthly, "1 1/year").compute(), np.full((2, 2), 600.0))


@pytest.mark.parametrize("months", [None, 11, 24])
def test_a_month_axis_of_another_length_is_refused(months):
    values = np.ones((2, 2)) if months is None else np.ones((months, 2, 2))
    with pytest.raises(EquationError, match="`monthly_depth` needs a dimension `month` of length 12; it has"):
        summed(grid(values, "mm"), "1 1/year")


def test_units_of_results_are_those_declared_and_not_those_of_inputs():
    """xarray may keep attributes through arithmetic: mm * mm would still say mm."""
    with xr.set_options(keep_attrs=True):
        result = reservoir_storage_cost(grid([[425_910.0]], "m^3/year"), "6.11 CNY/m^3")
    assert result.attrs["units"] == "CNY/year"
    assert float(result[0, 0]) == pytest.approx(2_602_310.1, rel=1e-12)
    assert linear(result.attrs["units"], "亿元/year") == (1e-8, 0.0)


def test_a_pickled_equation_computes():
    copy = pickle.loads(pickle.dumps(part_of))
    assert copy(500.0, 0.0352) == pytest.approx(17.6)
    assert math.isclose(pickle.loads(pickle.dumps(retained_water))(1200.0, 700.0, 0.0452), 445.76)
