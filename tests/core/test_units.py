import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.core.errors import UnitError
from gep.core.units import TAGS, convert, linear, normalise, parse, pretty, product, same_dimension, ucum


def factor(unit_from, unit_to):
    """The factor between two units that differ by no offset."""
    scale, offset = linear(unit_from, unit_to)
    assert offset == 0
    return scale


# texts as climate files write them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("m s-1", "m/s"),
        ("W m-2", "W/m^2"),
        ("kg m-2 s-1", "kg/(m^2*s)"),
        ("mm d-1", "mm/day"),
        ("J kg-1", "J/kg"),
        ("kg.m-2.s-1", "kg/(m^2*s)"),
        ("m**2", "m^2"),
        ("mm year**-1", "mm/year"),
        ("mm a-1", "mm/year"),
        ("mm yr^-1", "mm/year"),
        ("m2 s-1", "m^2/s"),
        ("m 2", "m^2"),
        ("m²", "m^2"),
        ("µg m⁻³", "µg/m^3"),
        ("ug m-3", "µg/m^3"),
        ("t/hm2/a", "t/(hm^2*year)"),
        ("t·hm⁻²·a⁻¹", "t/(hm^2*year)"),
        ("kJ/(m2 d)", "kJ/(m^2*day)"),
        ("MJ mm hm-2 h-1 a-1", "MJ*mm/(hm^2*h*year)"),
        ("kW·h", "kWh"),
        ("°C", "degC"),
        ("℃", "degC"),
        ("degrees_C", "degC"),
        ("％", "percent"),
        ("%", "percent"),
        ("t{CO2}", "t*CO2"),
        ("CNY/t{CO2}", "CNY/(t*CO2)"),
    ],
)
def test_texts_that_mean_the_same(text, plain):
    assert linear(text, plain) == (1.0, 0.0)


@pytest.mark.parametrize(
    "text", ["-", "1", "none", "dimensionless", "fraction", "m3/m3", "m3 m-3", "m³/m³", "m³ m⁻³", "kg kg-1"]
)
def test_texts_of_a_pure_number(text):
    assert linear(text, "1") == (1.0, 0.0)


@pytest.mark.parametrize(
    ("unit_from", "unit_to", "scale"),
    [
        ("mm", "m", 0.001),
        ("cm", "mm", 10.0),
        ("hm2", "m2", 10_000.0),
        ("ha", "hm^2", 1.0),
        ("km2", "hm2", 100.0),
        ("g/m^2", "t/km^2", 1.0),  # methods.md section 1: 1 g/m2 = 1 t/km2 = 0.01 t/hm2
        ("g/m^2", "t/hm^2", 0.01),
        ("kg/m^2", "t/hm^2", 10.0),
        ("kg/hm^2", "t/km^2", 0.1),
        ("mm*km^2", "m^3", 1000.0),
        ("mm*hm^2", "m^3", 10.0),
        ("kWh", "kJ", 3600.0),
        ("kWh", "J", 3.6e6),
        ("kJ/kg", "J/g", 1.0),
        ("g/kg", "1", 0.001),
        ("0.1 mm", "mm", 0.1),
        ("10^4 m3", "m3", 10_000.0),
        ("1e6 m^3", "m^3", 1_000_000.0),
        ("10⁴ m³", "m3", 10_000.0),
        ("10⁸m³", "m3", 100_000_000.0),
        ("h", "min", 60.0),
        ("day", "h", 24.0),
    ],
)
def test_factors(unit_from, unit_to, scale):
    assert factor(unit_from, unit_to) == scale


# texts as Chinese tables write them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit_from", "unit_to", "scale"),
    [
        ("元", "CNY", 1.0),
        ("yuan", "CNY", 1.0),
        ("千元", "CNY", 1e3),
        ("万元", "CNY", 1e4),
        ("百万元", "CNY", 1e6),
        ("亿元", "CNY", 1e8),
        ("万亿元", "CNY", 1e12),
        ("公顷", "m^2", 1e4),
        ("千公顷", "hm^2", 1e3),
        ("万公顷", "hm^2", 1e4),
        ("万hm²", "hm^2", 1e4),
        ("平方公里", "m^2", 1e6),
        ("万平方千米", "km^2", 1e4),
        ("立方米", "m^3", 1.0),
        ("万立方米", "m^3", 1e4),
        ("亿立方米", "m^3", 1e8),
        ("万人次", "visit", 1e4),
        ("万人", "person", 1e4),
        ("万头", "head", 1e4),
        ("吨", "t", 1.0),
        ("万吨", "t", 1e4),
        ("亿吨", "t", 1e8),
        ("公斤", "kg", 1.0),
        ("千克", "kg", 1.0),
        ("千瓦时", "kWh", 1.0),
        ("亿千瓦时", "kWh", 1e8),
        ("亿kWh", "kWh", 1e8),
        ("毫米", "mm", 1.0),
        ("元/立方米", "CNY/m^3", 1.0),
        ("元/万吨", "CNY/t", 1e-4),
        ("元/万m³", "CNY/m^3", 1e-4),
        ("万元/平方公里", "CNY/km^2", 1e4),
        ("万t{CO2}", "t*CO2", 1e4),
        ("吨/年", "t/year", 1.0),
    ],
)
def test_chinese_units(unit_from, unit_to, scale):
    assert factor(unit_from, unit_to) == pytest.approx(scale, rel=1e-15)


@pytest.mark.parametrize("text", ["亿m³", "亿m3", "亿 m³", "亿m^3", "亿立方米", "1e8 m^3"])
def test_a_chinese_multiple_is_a_factor_and_no_prefix(text):
    assert factor(text, "m^3") == 1e8  # as a prefix it would be the cube of 1e8 m: 1e24 m3


def test_mu_is_a_fifteenth_of_a_hectare():
    assert factor("亩", "m^2") == pytest.approx(10_000 / 15, rel=1e-15)
    assert factor("万亩", "hm^2") == pytest.approx(10_000 / 15, rel=1e-15)
    assert factor("hm^2", "chinese_mu") == pytest.approx(15, rel=1e-15)


# substances, years, percent -------------------------------------------------------------------------------------------


def test_no_substance_turns_into_another_or_into_plain_mass():
    for one in TAGS:
        assert not same_dimension(f"t*{one}", "t")
        for other in TAGS:
            assert same_dimension(f"t*{one}", f"kg*{other}") == (one == other)


def test_carbon_for_co2_names_both():
    with pytest.raises(
        UnitError, match=r"One is carbon, the other CO2: they differ by a ratio of molar masses, which is a coefficient"
    ):
        linear("t*carbon", "t*CO2")


def test_a_mass_of_nothing_in_particular():
    with pytest.raises(UnitError, match=r"It does not say of what: `t\*SO2/year` is a mass of SO2"):
        linear("t/year", "t*SO2/year")


@pytest.mark.parametrize("wrong", ["mm", "m/s", "mm/day", "kg m-2 s-1", "mm/h"])
def test_nothing_becomes_per_year_by_a_unit(wrong):
    with pytest.raises(UnitError, match="cannot be turned into"):
        linear(wrong, "mm/year")


def test_year_is_its_own_dimension():
    assert not same_dimension("year", "day")
    assert not same_dimension("1/year", "1/s")
    assert same_dimension("a", "年")


def test_a_total_without_its_year_says_how_to_write_it():
    with pytest.raises(
        UnitError, match=r"If this is the total of the accounting year, write it per year: `mm/year`"
    ) as caught:
        linear("mm", "mm/year")
    assert caught.value.code == "U02"


def test_a_rate_is_to_be_summed_over_the_calendar():
    with pytest.raises(
        UnitError,
        match="A rate per second or per day is not a total of the accounting year: sum it over the calendar first",
    ):
        linear("mm/day", "mm/year")


def test_per_year_where_no_year_belongs():
    with pytest.raises(UnitError, match="One is per accounting year, the other is not"):
        linear("mm/year", "mm")


def test_units_that_have_nothing_in_common_get_no_hint():
    with pytest.raises(UnitError, match=r"^`m` cannot be turned into `kg`\.$") as caught:
        linear("m", "kg")
    assert caught.value.code == "U02"


def test_a_unit_is_refused_in_both_languages():
    with pytest.raises(UnitError) as caught:
        linear("mm", "mm/year")
    assert caught.value.in_language("zh") == ("`mm` 不能换算为 `mm/year`。如为核算年度的总量，请写成每年：`mm/year`。")


def test_percent_is_a_hundredth():
    assert linear("percent", "1") == (0.01, 0.0)
    assert linear("1", "%") == (100.0, 0.0)
    assert linear("‰", "1") == (0.001, 0.0)
    assert linear("1/percent", "1") == (100.0, 0.0)


def test_currencies_do_not_convert():
    assert not same_dimension("CNY", "USD")


# what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("mu", "for the Chinese area unit write `亩` or `chinese_mu`, for a micrometre `µm`"),
        ("kg/mu", "for the Chinese area unit write `亩` or `chinese_mu`"),
        ("C", "for degrees Celsius write `degC`, for carbon `carbon` as in `t*carbon`"),
        ("g C m-2", "for carbon `carbon` as in `t*carbon`"),
        ("ton", "for the metric ton write `t`; other tons differ by up to 10 %"),
        ("tons", "for the metric ton write `t`"),
        ("month", 'months differ in length: give the amount of each month (like `mm`) with `bands = "month"`'),
        ("mm/month", "months differ in length"),
        ("tC", "write `t*carbon`"),
        ("gC/m2", "write `g*carbon`"),
        ("tCO2", "write `t*CO2`"),
        ("Mm3", "for a million cubic metres write `1e6 m^3`"),
        ("Mm³", "for a million cubic metres `1e6 m^3`"),
        ("Mm^3", "for a million cubic metres `1e6 m^3`"),
        ("N", "for nitrogen write `nitrogen` as in `t*nitrogen`, for the force `newton`"),
        ("P", "for phosphorus write `phosphorus`, as in `t*phosphorus`"),
        ("dB", "for a sound level write `dBA`"),
        ("deg", "for an angle write `degree`, for a temperature `degC`"),
        ("ppm", "say of what by what"),
        ("kJ/m2 d", "Write it with parentheses, like `kJ/(m^2*day)`"),
        ("t/hm2 a", "Write it with parentheses"),
        ("元/万 m3", "Write it with parentheses"),
    ],
)
def test_ambiguous_texts_are_refused_with_what_to_write_instead(text, suggestion):
    with pytest.raises(UnitError, match=re.escape(suggestion)) as caught:
        parse(text)
    assert "ambiguous" in str(caught.value)
    assert f"`{text}`" in str(caught.value)


@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_an_empty_unit_is_a_missing_one(text):
    with pytest.raises(UnitError, match=r"The unit is missing \(empty text\). For a pure number write `1`") as caught:
        parse(text)
    assert caught.value.code == "U01"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("percnt", "Did you mean `percent`"),
        ("kwh", "Did you mean `kWh`"),
        ("t{co2}", "Did you mean `CO2`"),
        ("inch", "there is no unit `inch`"),
        ("m)", r"has a `)` too many"),
        ("(m", r"lacks a `)`"),
        ("m/", "ends in the middle"),
        ("m^0.5", "an exponent is a whole number"),
        ("m2.5", "an exponent is a whole number"),
        ("m--2", "an exponent must be a whole number"),
        ("m^-", "an exponent must be a whole number"),
        ("10 4 m3", "a number stands before its unit"),  # 10⁴ with its superscript lost
        ("mm 10", "a number stands before its unit"),
        ("mm/$", r"not understood near `$`"),
        ("0", "a unit is more than zero"),
        ("0 m", "a unit is more than zero"),
        ("m/0", "not understood"),
        ("2 degC", "not understood"),
    ],
)
def test_texts_that_are_not_understood(text, why):
    with pytest.raises(UnitError, match=re.escape(why)) as caught:
        parse(text)
    assert caught.value.code == "U02"


# conversion -----------------------------------------------------------------------------------------------------------


def test_celsius_to_kelvin():
    assert linear("degC", "K") == (1.0, 273.15)
    assert linear("K", "degC") == (1.0, -273.15)
    assert convert(-40.0, "degC", "K") == pytest.approx(233.15, rel=1e-15)


@pytest.mark.parametrize("unit", ["mm/year", "CNY/(t*CO2)", "degC", "percent", "亿元", "MJ*mm/(hm^2*h*year)", "1"])
def test_a_unit_to_itself_changes_nothing(unit):
    assert linear(unit, unit) == (1.0, 0.0)


def test_decimal_factors_are_exact():
    """A chain of products in floats would leave 0.0009999999999999998 and the like; converted data then would not equal
    themselves.
    """
    assert linear("mm/year*m^2", "m^3/year") == (0.001, 0.0)
    assert linear("kg/(hm^2*year)", "t/(km^2*year)") == (0.1, 0.0)
    assert linear("(kg*SO2/(hm^2*year))*m^2", "t*SO2/year") == (1e-7, 0.0)
    assert linear("CNY", "亿元") == (1e-8, 0.0)


def test_product_is_read_as_a_product():
    # 1 mm over 1 m2 is a litre
    assert factor(product("mm/year", "m^2"), "L/year") == 1.0
    assert factor(product("kg/(hm^2*year)", "hm^2"), "kg/year") == 1.0


FAMILIES = [
    ["m", "mm", "cm", "km", "千米", "公里", "hm"],
    ["m^2", "hm^2", "km2", "亩", "公顷", "万亩", "万km²"],
    ["m^3/year", "L/year", "10^4 m3/a", "亿立方米/year", "mm*km^2/year"],
    ["g", "kg", "t", "万吨", "公斤"],
    ["CNY/(t*CO2)", "元/(kg*CO2)", "万元/(t*CO2)"],
    ["K", "degC"],
    ["1", "percent", "‰", "g/kg"],
    ["J", "kJ", "kWh", "MJ", "亿千瓦时"],
    ["rad", "degree"],
]


@st.composite
def unit_pairs(draw):
    family = draw(st.sampled_from(FAMILIES))
    return draw(st.sampled_from(family)), draw(st.sampled_from(family))


@given(unit_pairs(), st.floats(-1e9, 1e9, allow_nan=False))
def test_there_and_back_again(pair, value):
    one, other = pair
    back = convert(convert(value, one, other), other, one)
    assert back == pytest.approx(value, rel=1e-12, abs=1e-9)  # absolute: an offset of 273.15 swallows what is smaller


@given(unit_pairs(), st.sampled_from(range(len(FAMILIES))))
def test_a_third_unit_on_the_way_changes_nothing(pair, index):
    one, other = pair
    middle = next(family for family in FAMILIES if one in family)
    via = middle[index % len(middle)]
    assert convert(convert(7.25, one, via), via, other) == pytest.approx(convert(7.25, one, other), rel=1e-12, abs=1e-9)


@given(
    st.sampled_from(
        [unit for family in FAMILIES for unit in family] + ["kg m-2 s-1", "t/hm2/a", "t{CO2}", "元/万m3", "10⁸m³"]
    )
)
def test_normalise_keeps_the_meaning(unit):
    once = normalise(unit)
    assert parse(normalise(once)) == parse(once) == parse(unit)


# how units are written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("m^2", "m2"),
        ("m^3/year", "m3"),
        ("t/year", "t"),
        ("t*CO2/year", "t{CO2}"),
        ("kWh/year", "kWh"),
        ("CNY/year", "CNY"),
        ("CNY/(t*CO2)", "CNY/t{CO2}"),
        ("CNY/m^3", "CNY/m3"),
        ("kg*SO2/(hm^2*year)", "kg{SO2}/hm2"),
        ("percent", "%"),
        ("1", "1"),
    ],
)
def test_ucum(unit, written):
    """Design section 7: UCUM-like ASCII; flows are per accounting year, and the unit does not repeat it."""
    assert ucum(unit) == written
    assert written.isascii()


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("mm/year", "mm/year"),
        ("t*CO2/(hm^2*year)", "t·CO2/(hm²·year)"),
        ("kJ/(day*m^2)", "kJ/(day·m²)"),
        ("kg m-2", "kg·m⁻²"),
        ("万元", "10⁴·元"),
    ],
)
def test_pretty(unit, written):
    assert pretty(unit) == written
